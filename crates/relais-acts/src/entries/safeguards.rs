//! What organisations signed before entries of them are published, and the
//! publishing of what waited for it. The rule is [`relais_network::gate`]; the
//! coordination unit notes papers here, whoever runs the deployment by the command
//! line. What an organisation known for nothing but a shelter signed is noted by
//! the command line alone.

mod gate;
mod read;

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use relais_casework::calendar::local_date;
use relais_network::agreement::{AgreementKind, CoverageState};
use relais_network::gate::Lack;
use relais_network::life::{self, Hand, LifeAct};
use relais_network::{EntryChangeId, Missing, Organisation, OrganisationId, Safeguard, Safeguards, ServiceId, Signed};
use relais_store::rows::directory::{self, OrganisationRecord};
use relais_store::{Store, StoreError, Tx, ids};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::keep::{self, Maker, New, Said, Value2};
use super::read::keeps;
use super::{Author, CHANGE, ChangeState, ChangeView, EntryRow, LONGEST, once};
use crate::desk::{Desk, Viewer};
use crate::directory::{By, closed, note, organisation_record, stream};
use crate::network::Network;
use crate::problem::{ActError, FieldProblem};
use crate::views::Made;

pub(super) use gate::{Gate, unsigned};
pub use read::view;
use read::{may_note, seen};

/// Most entries that one step publishes; what is left waits for the next.
pub const MOST_PUBLISHED: usize = 500;

/// What the field of an organisation's record is called in a change; the code of
/// the paper follows.
pub(super) const FIELD: &str = "safeguards.";

/// One paper, as it is noted. Without a day of signature nothing of it is noted
/// any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paper {
    /// Which.
    pub safeguard: Safeguard,
    /// The day of the signature.
    #[serde(default)]
    pub on: Option<NaiveDate>,
    /// Its last day.
    #[serde(default)]
    pub until: Option<NaiveDate>,
    /// The day on which it was withdrawn, for cause.
    #[serde(default)]
    pub withdrawn_on: Option<NaiveDate>,
    /// The reference of the paper.
    #[serde(default)]
    pub paper: String,
}

/// Note what an organisation signed; a paper that is left out stays as it is.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoteSafeguards {
    /// Id of the act, made by its maker.
    pub id: Uuid,
    /// Version of the organisation that the maker saw.
    pub version: i64,
    /// The papers.
    pub papers: Vec<Paper>,
}

/// Publish what an organisation's entries, and those under it, waited for.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishHeld {
    /// Id of the act, made by its maker.
    pub id: Uuid,
}

/// An organisation that is named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Above {
    /// Organisation.
    pub id: OrganisationId,
    /// Its name.
    pub name: String,
}

/// A paper of an organisation, for the coordination unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PaperView {
    /// Which.
    pub safeguard: Safeguard,
    /// What it is called.
    pub name: String,
    /// What the organisation itself signed.
    pub own: Option<Signed>,
    /// Who noted it.
    pub noted_by: String,
    /// Why none holds; none where one does.
    pub lack: Option<Lack>,
    /// The tutelle whose paper holds, where it is not the organisation's own.
    pub through: Option<String>,
}

/// The agreement under which data go to an organisation (F6.42, F6.46).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DataAgreement {
    /// How it stands.
    pub state: CoverageState,
    /// Number on the paper; empty for none.
    pub reference: String,
    /// What kind of paper.
    pub kind: Option<AgreementKind>,
    /// Who signed it, where it is not the organisation itself.
    pub through: Option<String>,
    /// Last day of its term.
    pub until: Option<NaiveDate>,
}

/// What an organisation signed, and what waits for it.
#[derive(Debug, Clone, Serialize)]
pub struct SafeguardsView {
    /// Now.
    pub now: DateTime<Utc>,
    /// Organisation.
    pub organisation: OrganisationId,
    /// Its name.
    pub name: String,
    /// Its tutelles, nearest first.
    pub tutelles: Vec<Above>,
    /// The papers.
    pub papers: Vec<PaperView>,
    /// The agreement.
    pub agreement: DataAgreement,
    /// Whether the viewer may note papers of it.
    pub may_note: bool,
    /// Entries of it and under it that wait for a paper.
    pub waiting: usize,
    /// Of those that a list brought, the entries that wait for nothing any more.
    pub ready: usize,
    /// Entries that are published while a paper is missing.
    pub exposed: usize,
    /// The first that wait.
    pub waiting_rows: Vec<EntryRow>,
    /// The first that are published all the same.
    pub exposed_rows: Vec<EntryRow>,
    /// What was noted, newest first.
    pub history: Vec<ChangeView>,
    /// Version of the organisation.
    pub version: i64,
}

/// Who is to sign, and what waits for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unsigned {
    /// The organisation, or the tutelle whose signature covers it.
    pub organisation: OrganisationId,
    /// Its name.
    pub name: String,
    /// What is missing.
    pub missing: BTreeSet<Missing>,
    /// Entries that wait.
    pub waiting: usize,
    /// Entries that are published all the same.
    pub exposed: usize,
}

/// The refusal to publish, naming what is missing.
pub(super) fn unless_signed(missing: &[Missing]) -> Result<(), ActError> {
    if missing.is_empty() {
        return Ok(());
    }
    let why = relais_network::gate::waits(missing);
    Err(ActError::refused(
        "safeguards_missing",
        (&why.fr, &why.en),
        (
            "Faites signer l’organisation ou sa tutelle, et notez-le à la page « Ce qui est signé ». Pour un besoin P1, la fiche vérifiée est proposée sans attendre.",
            "Have the organisation or its tutelle sign, and note it on the page “What is signed”. For a P1 need the checked entry is offered without waiting.",
        ),
    ))
}

/// Notes what an organisation signed.
///
/// # Errors
/// [`ActError::NotFound`] for whoever is not of the coordination unit that keeps it;
/// [`ActError::Stale`], [`ActError::Invalid`]; a refusal where nothing is new.
pub async fn record(
    desk: &Arc<Desk>,
    viewer: &Viewer,
    organisation: OrganisationId,
    command: NoteSafeguards,
) -> Result<Made, ActError> {
    let id = command.id;
    once(desk, viewer, ("safeguards", id), (organisation, command), record_in).await
}

fn record_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    (id, command): &(OrganisationId, NoteSafeguards),
) -> Result<Made, ActError> {
    let network = desk.network_now(tx)?;
    let known = seen(&network, viewer, *id)?;
    if !may_note(viewer, known) {
        return Err(ActError::NotFound);
    }
    let record = OrganisationRecord::find(tx, *id)?.ok_or(ActError::NotFound)?;
    ActError::unless_current(command.version, record.version)?;
    let maker = Maker {
        author: Author::Office,
        user: Some(viewer.user),
    };
    let version = sign(tx, &record, &command.papers, maker, By::User(viewer.user))?.ok_or_else(|| {
        ActError::refused(
            "safeguards_unchanged",
            ("Rien de nouveau n’est noté.", "Nothing new is noted."),
            (
                "Écrivez une date de signature, de fin ou de retrait.",
                "Write a day of signature, of end or of withdrawal.",
            ),
        )
    })?;
    Ok(Made {
        id: id.0,
        code: String::new(),
        version,
    })
}

/// The mistakes of a paper.
fn wrong(paper: &Paper, today: NaiveDate) -> Vec<FieldProblem> {
    let field = |part: &str| format!("{}_{part}", paper.safeguard);
    let mut wrong: Vec<FieldProblem> = FieldProblem::too_long(&field("paper"), paper.paper.trim(), LONGEST)
        .into_iter()
        .collect();
    let Some(on) = paper.on else {
        if paper.until.is_some() || paper.withdrawn_on.is_some() || !paper.paper.trim().is_empty() {
            wrong.push(FieldProblem::new(
                &field("on"),
                "required",
                ("Écrivez le jour de la signature.", "Write the day of the signature."),
            ));
        }
        return wrong;
    };
    if on > today {
        wrong.push(FieldProblem::new(
            &field("on"),
            "in_future",
            (
                "Cette signature est à venir\u{a0}: notez-la le jour venu.",
                "This signature is still to come: note it on its day.",
            ),
        ));
    }
    for (part, day) in [("until", paper.until), ("withdrawn_on", paper.withdrawn_on)] {
        if day.is_some_and(|day| day < on) {
            wrong.push(FieldProblem::new(
                &field(part),
                "before_from",
                (
                    "Ce jour précède la signature\u{a0}: corrigez une des deux dates.",
                    "This day is before the signature: correct one of the two dates.",
                ),
            ));
        }
    }
    wrong
}

/// Writes papers down; the new version, or none where all of it was so already.
fn sign(
    tx: &mut Tx<'_>,
    known: &OrganisationRecord,
    papers: &[Paper],
    maker: Maker,
    by: By,
) -> Result<Option<i64>, ActError> {
    let today = local_date(tx.now()?);
    let mistakes: Vec<FieldProblem> = papers.iter().flat_map(|p| wrong(p, today)).collect();
    if !mistakes.is_empty() {
        return Err(ActError::Invalid(mistakes));
    }
    let mut organisation: Organisation = serde_json::from_str(&closed::text(tx, known)?)
        .map_err(|e| StoreError::Schema(format!("organisation {}: {e}", known.code)))?;
    let mut values = Vec::new();
    for paper in papers {
        let before = organisation.safeguards.0.get(&paper.safeguard).cloned();
        let noted = paper.on.map(|on| Signed {
            on,
            until: paper.until,
            withdrawn_on: paper.withdrawn_on,
            paper: paper.paper.trim().to_owned(),
            noted_by: maker.user,
            noted_on: today,
        });
        // Who noted it, and when, is of the change and not of the paper.
        let same = match (&before, &noted) {
            (Some(before), Some(noted)) => {
                *noted
                    == Signed {
                        noted_by: noted.noted_by,
                        noted_on: noted.noted_on,
                        ..before.clone()
                    }
            }
            (before, noted) => before.is_none() && noted.is_none(),
        };
        if same {
            continue;
        }
        values.push(Value2 {
            field: format!("{FIELD}{}", paper.safeguard),
            old: json!(before),
            new: json!(noted),
        });
        let Safeguards(all) = &mut organisation.safeguards;
        match noted {
            Some(noted) => all.insert(paper.safeguard, noted),
            None => all.remove(&paper.safeguard),
        };
    }
    if values.is_empty() {
        return Ok(None);
    }
    let mut record = organisation_record(&organisation, known.content_hash.as_deref())?;
    record.version = known.version + 1;
    record.slot = known.slot;
    closed::seal(&tx.sealer(), known.slot, &mut record)?;
    record.update(tx)?;
    let id = EntryChangeId(ids::new_v7(tx.now()?));
    let (kind, state) = (CHANGE, ChangeState::Done);
    keep::keep(
        tx,
        known.slot,
        New {
            id,
            organisation: organisation.id,
            entry: (keep::ORGANISATION, organisation.id.0),
            kind,
            state,
            maker,
            said: Said {
                values,
                ..Said::default()
            },
        },
    )?;
    let facts = json!({ "hand": maker.author, "kind": kind, "state": state });
    note(tx, by, stream(), id.0, "entry_changed", facts)?;
    directory::directory_changed(tx)?;
    Ok(Some(record.version))
}

/// Publishes the entries of an organisation, and of those under it, that a list
/// brought and that wait for nothing any more; [`MOST_PUBLISHED`] at most.
///
/// # Errors
/// [`ActError::NotFound`] for whoever is not of the coordination unit that keeps
/// them; a refusal where nothing is ready.
pub async fn publish(
    desk: &Arc<Desk>,
    viewer: &Viewer,
    organisation: OrganisationId,
    command: PublishHeld,
) -> Result<Made, ActError> {
    let id = command.id;
    once(desk, viewer, ("held_publish", id), (organisation, command), publish_in).await
}

fn publish_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    (id, _): &(OrganisationId, PublishHeld),
) -> Result<Made, ActError> {
    let network = desk.network_now(tx)?;
    seen(&network, viewer, *id)?;
    let today = local_date(tx.now()?);
    let mut ready = ready(&network, *id, today, |s| keeps(viewer, &network, &network.services[&s]));
    ready.truncate(MOST_PUBLISHED);
    let maker = Maker {
        author: Author::Office,
        user: Some(viewer.user),
    };
    if publish_all(tx, &ready, maker)? == 0 {
        return Err(ActError::refused(
            "nothing_held",
            (
                "Aucune fiche n’attend plus que d’être publiée.",
                "No entry waits for nothing but to be published.",
            ),
            (
                "Relisez la page\u{a0}: quelqu’un l’a peut-être fait entre-temps.",
                "Read the page again: somebody may have done it meanwhile.",
            ),
        ));
    }
    Ok(Made {
        id: id.0,
        code: String::new(),
        version: 0,
    })
}

/// The entries of an organisation and of those under it that a list brought as
/// published and that nothing holds any more, in the order of their ids.
fn ready(
    network: &Network,
    id: OrganisationId,
    on: NaiveDate,
    mut own: impl FnMut(ServiceId) -> bool,
) -> Vec<ServiceId> {
    let mut gate = Gate::new(network, on);
    let mut ready: Vec<ServiceId> = network
        .services
        .values()
        .filter(|s| s.held && gate.is_under(s, id) && gate.before(s).is_empty())
        .map(|s| s.id)
        .filter(|s| own(*s))
        .collect();
    ready.sort_unstable();
    ready
}

/// Publishes these entries where the gate held them; how many.
fn publish_all(tx: &mut Tx<'_>, services: &[ServiceId], maker: Maker) -> Result<usize, ActError> {
    let mut done = 0;
    for id in services {
        let (record, service) = keep::load(tx, *id)?;
        // Somebody else moved it meanwhile.
        if !service.held {
            continue;
        }
        let published = life::moved(&service, LifeAct::Publish, Hand::Office)?;
        keep::write(tx, &record, (&service, &published), Some(LifeAct::Publish), maker, "")?;
        done += 1;
    }
    Ok(done)
}

/// What came of noting papers by the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Noted {
    /// Organisations of which something new is noted.
    pub noted: usize,
    /// Entries that were published.
    pub published: usize,
}

/// Notes papers of organisations by their codes, for whoever runs the deployment,
/// and publishes, where that is wished, what nothing holds any more.
///
/// # Errors
/// A code that no organisation bears: nothing is noted then; [`ActError::Invalid`].
pub fn sign_by_code(
    store: &Store,
    mechanism: &relais_mechanism::Mechanism,
    codes: &[String],
    papers: &[Paper],
    publishes: bool,
) -> Result<Noted, ActError> {
    let (codes, papers) = (codes.to_vec(), papers.to_vec());
    let (all, noted) = store.write_blocking(move |tx| -> Result<_, ActError> {
        let (mut all, mut noted) = (Vec::new(), 0);
        for code in &codes {
            let id = crate::agreements::organisation(tx, code)?;
            let record = OrganisationRecord::find(tx, id)?.ok_or(ActError::NotFound)?;
            noted += usize::from(sign(tx, &record, &papers, Maker::LIST, By::CommandLine)?.is_some());
            all.push(id);
        }
        Ok((all, noted))
    })?;
    let mut done = Noted { noted, published: 0 };
    if !publishes {
        return Ok(done);
    }
    let (rows, now) = store.read_blocking(|tx| Ok::<_, ActError>((Network::read_rows(tx)?, tx.now()?)))?;
    let network = Network::build(rows, mechanism)?;
    let held: BTreeSet<ServiceId> = all
        .into_iter()
        .flat_map(|id| ready(&network, id, local_date(now), |_| true))
        .collect();
    let held: Vec<ServiceId> = held.into_iter().collect();
    for batch in held.chunks(MOST_PUBLISHED) {
        let batch = batch.to_vec();
        done.published += store.write_blocking(move |tx| publish_all(tx, &batch, Maker::LIST))?;
    }
    Ok(done)
}

/// How an organisation stands at the gate, for the command line.
#[derive(Debug, Clone, Serialize)]
pub struct Standing {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// What is missing.
    pub missing: Vec<Missing>,
    /// Entries that wait for it.
    pub waiting: usize,
    /// Entries that are published all the same.
    pub exposed: usize,
}

/// Who is to sign, those that most entries wait for first; every organisation, also
/// one of a shelter: for whoever runs the deployment.
///
/// # Errors
/// What the store refuses.
pub fn unsigned_by_code(
    store: &Store,
    mechanism: &relais_mechanism::Mechanism,
    lang: relais_mechanism::Lang,
) -> Result<Vec<Standing>, ActError> {
    let (rows, now) = store.read_blocking(|tx| Ok::<_, ActError>((Network::read_rows(tx)?, tx.now()?)))?;
    let network = Network::build(rows, mechanism)?;
    let all = gate::unsigned(&network, local_date(now), lang, |_| true);
    Ok(all
        .into_iter()
        .map(|u| Standing {
            code: network
                .organisations
                .get(&u.organisation)
                .map_or_else(String::new, |o| o.code.clone()),
            name: u.name,
            missing: u.missing.into_iter().collect(),
            waiting: u.waiting,
            exposed: u.exposed,
        })
        .collect())
}

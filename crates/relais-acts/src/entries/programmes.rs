//! Programmes and what hangs on them: read by everybody who is signed in, since
//! who gives the money is internal (F6.34, S1); added and corrected by the
//! mechanism's office for the whole country.
//!
//! What hangs on a programme is counted over what everybody may see: a confidential
//! service changes no count here. A programme carried by whoever is known for
//! nothing else looks as if it did not exist.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use relais_casework::calendar::local_date;
use relais_mechanism::{Label, Lang};
use relais_network::directory::Entry;
use relais_network::programme::{Donor, Paying, Programme, programme_id};
use relais_network::{OrganisationId, ProgrammeId, PublicationStatus, ServiceId};
use relais_store::Tx;
use relais_store::rows::directory::ProgrammeRecord;
use relais_store::rows::entries as rows;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::correct::trimmed;
use super::keep::{Maker, differences, values_of};
use super::own::once;
use super::read::Reader;
use super::words::donor_says;
use super::{Author, ChangeView, HISTORY, LONGEST, funding, unless_national};
use crate::desk::{Desk, Viewer};
use crate::directory::put_programme;
use crate::network::Network;
use crate::problem::{ActError, FieldProblem};
use crate::views::Made;

/// Programmes on one page of the list.
pub const ROWS: usize = 20;
/// Services that the page of a programme shows.
pub const SERVICES: usize = 20;

/// What is asked of the list; a blank asks nothing.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct ProgrammesAsked {
    /// How they stand: planned, running, soon or ended.
    #[serde(default)]
    pub state: Option<String>,
    /// Number of the page, from 1.
    #[serde(default)]
    pub page: Option<usize>,
}

/// A programme, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProgrammeRow {
    /// Programme.
    pub id: ProgrammeId,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Who carries it.
    pub carrier: String,
    /// Who gives the money.
    pub donors: Vec<String>,
    /// First day.
    pub from: Option<NaiveDate>,
    /// Last day; none where no end is known.
    pub until: Option<NaiveDate>,
    /// How it stands today.
    pub state: Paying,
    /// Published services that it pays for.
    pub services: usize,
    /// Of those, the ones that nobody else pays for.
    pub alone: usize,
    /// Made for a demonstration.
    pub demonstration: bool,
}

/// The list.
#[derive(Debug, Clone, Serialize)]
pub struct ProgrammesView {
    /// Now.
    pub now: DateTime<Utc>,
    /// Those whose end leaves services behind first, then by their end.
    pub rows: Vec<ProgrammeRow>,
    /// How many there are in each state, whatever is asked.
    pub counts: Vec<(Paying, usize)>,
    /// Which state is asked for.
    pub state: Option<Paying>,
    /// Number of the page.
    pub page: usize,
    /// Whether there is another.
    pub more: bool,
    /// Days before its end at which a programme counts as ending soon.
    pub days: u32,
    /// Whether the viewer may add one.
    pub may_add: bool,
}

/// A service that a programme pays for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PaidService {
    /// Service.
    pub id: ServiceId,
    /// Its name.
    pub name: String,
    /// Who offers it.
    pub organisation: String,
    /// Where.
    pub place: String,
    /// The last day on which anybody pays for it; none where somebody goes on.
    pub paid_until: Option<NaiveDate>,
    /// How that stands.
    pub state: Paying,
    /// Whether the viewer may open its entry.
    pub opens: bool,
}

/// The values of a programme as a form has them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ProgrammeValues {
    /// Name.
    pub name: Label,
    /// Code of whoever carries it.
    pub organisation: String,
    /// Donors: codes of organisations, or names.
    pub donors: Vec<String>,
    /// First day.
    pub from: Option<NaiveDate>,
    /// Last day.
    pub until: Option<NaiveDate>,
}

/// A programme with what it pays for.
#[derive(Debug, Clone, Serialize)]
pub struct ProgrammeView {
    /// Now.
    pub now: DateTime<Utc>,
    /// The programme.
    pub row: ProgrammeRow,
    /// Services, those first that nobody pays for soonest; at most [`SERVICES`].
    pub services: Vec<PaidService>,
    /// Days before the end at which it counts as soon.
    pub days: u32,
    /// What the office corrects; none for the others.
    pub values: Option<ProgrammeValues>,
    /// Its changes, newest first; for the office.
    pub history: Vec<ChangeView>,
    /// Version.
    pub version: i64,
}

/// What is said of a programme.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SaidOfProgramme {
    /// Name, in both languages; one where the other says nothing.
    pub name: Label,
    /// Code of the organisation that carries it.
    pub organisation: String,
    /// Donors: codes of organisations, or names.
    #[serde(default)]
    pub donors: Vec<String>,
    /// First day.
    #[serde(default)]
    pub from: Option<NaiveDate>,
    /// Last day.
    #[serde(default)]
    pub until: Option<NaiveDate>,
}

/// Add a programme.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddProgramme {
    /// Id of the act, made by its maker.
    pub id: Uuid,
    /// Code, which stays.
    pub code: String,
    /// What is said of it.
    pub said: SaidOfProgramme,
}

/// Correct a programme, or end it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CorrectProgramme {
    /// Id of the act, made by its maker.
    pub id: Uuid,
    /// Version that the maker saw.
    pub version: i64,
    /// What is said of it now.
    pub said: SaidOfProgramme,
    /// Why, in words.
    #[serde(default)]
    pub note: String,
}

/// Services that each programme pays for, of what everybody may see, and how many
/// of them nobody else pays for.
fn hanging(network: &Network) -> HashMap<ProgrammeId, (Vec<Entry<'_>>, usize)> {
    let mut found: HashMap<ProgrammeId, (Vec<Entry<'_>>, usize)> = HashMap::new();
    for entry in network.directory.entries() {
        let alone = usize::from(entry.service.programmes.len() == 1);
        for id in &entry.service.programmes {
            let (services, alone_all) = found.entry(*id).or_default();
            services.push(entry);
            *alone_all += alone;
        }
    }
    found
}

fn row(
    network: &Network,
    programme: &Programme,
    (services, alone): (usize, usize),
    (today, days): (NaiveDate, u32),
    lang: Lang,
) -> ProgrammeRow {
    ProgrammeRow {
        id: programme.id,
        code: programme.code.clone(),
        name: programme.name.get(lang).to_owned(),
        carrier: network.name(network.carrier(programme), lang),
        donors: programme.donors.iter().map(|d| donor_says(network, d, lang)).collect(),
        from: programme.from,
        until: programme.until,
        state: programme.paying(today, days),
        services,
        alone,
        demonstration: programme.demonstration,
    }
}

/// What wants somebody first: an end that left services behind, one that comes
/// soon; then what runs by its end, what has not begun, what ended long ago.
fn order(row: &ProgrammeRow) -> (u8, bool, Option<NaiveDate>, String) {
    let rank = match row.state {
        Paying::Ended if row.services > 0 => 0,
        Paying::Soon => 1,
        Paying::Running => 2,
        Paying::Planned => 3,
        Paying::Ended => 4,
    };
    (rank, row.until.is_none(), row.until, row.name.clone())
}

/// The programmes.
///
/// # Errors
/// [`ActError::Invalid`] for a state that is none.
pub async fn list(desk: &Arc<Desk>, viewer: &Viewer, asked: ProgrammesAsked) -> Result<ProgrammesView, ActError> {
    let state = match asked.state.as_deref().filter(|s| !s.is_empty()) {
        None => None,
        Some(code) => Some(Paying::from_code(code).ok_or_else(|| {
            ActError::field(
                "state",
                "unknown_option",
                ("Choisissez dans la liste.", "Choose from the list."),
            )
        })?),
    };
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    let page = asked.page.unwrap_or(1).max(1);
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let now = tx.now()?;
        let (mechanism, network) = (desk_.mechanism(), desk_.network_now(tx)?);
        let days = mechanism.rules().funding_reminder_days;
        let hanging = hanging(&network);
        let count = |id: ProgrammeId| {
            hanging
                .get(&id)
                .map_or((0, 0), |(services, alone)| (services.len(), *alone))
        };
        let mut all: Vec<ProgrammeRow> = network
            .programmes()
            .map(|p| row(&network, p, count(p.id), (local_date(now), days), viewer_.lang))
            .collect();
        all.sort_by_cached_key(order);
        let of = |state: Paying| all.iter().filter(|r| r.state == state).count();
        let counts = Paying::ALL.iter().map(|s| (*s, of(*s))).collect();
        all.retain(|r| state.is_none_or(|s| r.state == s));
        let first = (page - 1).saturating_mul(ROWS).min(all.len());
        let more = all.len() > first.saturating_add(ROWS);
        Ok((
            ProgrammesView {
                now,
                rows: all.into_iter().skip(first).take(ROWS).collect(),
                counts,
                state,
                page,
                more,
                days,
                may_add: viewer_.is_national(),
            },
            Vec::new(),
        ))
    })
    .await
}

/// One programme with what it pays for.
///
/// # Errors
/// [`ActError::NotFound`] where there is none, or nobody may see who carries it.
pub async fn view(desk: &Arc<Desk>, viewer: &Viewer, id: ProgrammeId) -> Result<ProgrammeView, ActError> {
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let now = tx.now()?;
        let (mechanism, network) = (desk_.mechanism(), desk_.network_now(tx)?);
        let programme = network.programme(id).ok_or(ActError::NotFound)?;
        let (record, _) = funding::load(tx, id)?;
        let days = mechanism.rules().funding_reminder_days;
        let (today, lang) = (local_date(now), viewer_.lang);
        let mut hanging = hanging(&network);
        let (entries, alone) = hanging.remove(&id).unwrap_or_default();
        let mut services: Vec<PaidService> = entries
            .iter()
            .map(|entry| {
                let paid_until = network.paid_until(entry.service);
                PaidService {
                    id: entry.service.id,
                    name: entry.service.name.get(lang).to_owned(),
                    organisation: entry.organisation.name.get(lang).to_owned(),
                    place: network.said(entry.place.id, lang).to_owned(),
                    paid_until,
                    state: relais_network::programme::paying(paid_until, today, days),
                    opens: super::read::hand(&viewer_, &network, entry.service).is_some(),
                }
            })
            .collect();
        services.sort_by(|a, b| {
            let key = |s: &PaidService| (s.paid_until.is_none(), s.paid_until);
            (key(a), &a.name, a.id).cmp(&(key(b), &b.name, b.id))
        });
        let row = row(&network, programme, (services.len(), alone), (today, days), lang);
        services.truncate(SERVICES);
        let (mut values, mut history) = (None, Vec::new());
        if viewer_.is_national() {
            values = Some(values_as_typed(&network, programme));
            let mut reader = Reader::new(tx, &mechanism, &network, &viewer_)?;
            for change in rows::history(tx, id.0, HISTORY)? {
                history.push(reader.change(tx, &change)?);
            }
        }
        Ok((
            ProgrammeView {
                now,
                row,
                services,
                days,
                values,
                history,
                version: record.version,
            },
            Vec::new(),
        ))
    })
    .await
}

fn values_as_typed(network: &Network, programme: &Programme) -> ProgrammeValues {
    let code = |id: OrganisationId| network.known(id).map(|o| o.code.clone());
    ProgrammeValues {
        name: programme.name.clone(),
        organisation: code(network.carrier(programme)).unwrap_or_default(),
        donors: programme
            .donors
            .iter()
            .filter_map(|d| match d {
                Donor::Organisation(id) => code(*id),
                Donor::Named(name) => Some(name.clone()),
            })
            .collect(),
        from: programme.from,
        until: programme.until,
    }
}

/// The organisation that bears a code, of those that are known and stand.
pub(crate) fn by_code(network: &Network, code: &str) -> Option<OrganisationId> {
    let bears = |o: &&relais_network::Organisation| o.code.eq_ignore_ascii_case(code);
    let stands = |o: &&relais_network::Organisation| {
        o.merged_into.is_none() && o.status != PublicationStatus::Archived && network.known(o.id).is_some()
    };
    network.organisations.values().filter(bears).find(stands).map(|o| o.id)
}

/// The programme as it is said, all mistakes together.
fn read(network: &Network, mut programme: Programme, said: &SaidOfProgramme) -> Result<Programme, ActError> {
    let mut wrong: Vec<FieldProblem> = Vec::new();
    let mut name = trimmed(&said.name);
    if name.en.is_empty() {
        name.en.clone_from(&name.fr);
    } else if name.fr.is_empty() {
        name.fr.clone_from(&name.en);
    }
    programme.name = name;
    match by_code(network, said.organisation.trim()) {
        // Who carries it stays written as it was, where it only went up in another since.
        Some(id) if id == network.carrier(&programme) => {}
        Some(id) => programme.organisation = id,
        None => wrong.push(FieldProblem::new(
            "organisation",
            "unknown_organisation",
            (
                "Aucune organisation de l’annuaire ne porte ce code.",
                "No organisation of the directory bears this code.",
            ),
        )),
    }
    programme.donors = said
        .donors
        .iter()
        .map(|d| d.trim())
        .filter(|d| !d.is_empty())
        .map(|d| by_code(network, d).map_or_else(|| Donor::Named(d.to_owned()), Donor::Organisation))
        .collect();
    (programme.from, programme.until) = (said.from, said.until);
    for error in programme.check() {
        if !wrong.iter().any(|w| w.field == error.field) {
            wrong.push(FieldProblem {
                field: error.field.to_owned(),
                code: error.problem.to_string(),
                message: error.problem.remedy(),
            });
        }
    }
    if wrong.is_empty() {
        Ok(programme)
    } else {
        Err(ActError::Invalid(wrong))
    }
}

fn made(programme: &Programme, version: i64) -> Made {
    Made {
        id: programme.id.0,
        code: programme.code.clone(),
        version,
    }
}

/// Adds a programme.
///
/// # Errors
/// [`ActError::Forbidden`] for whoever is not of the office; [`ActError::Invalid`],
/// also for a code that another programme bears.
pub async fn add(desk: &Arc<Desk>, viewer: &Viewer, command: AddProgramme) -> Result<Made, ActError> {
    unless_national(viewer, "programmes")?;
    once(desk, viewer, ("programme_add", command.id), command, add_in).await
}

fn add_in(tx: &mut Tx<'_>, desk: &Desk, viewer: &Viewer, command: &AddProgramme) -> Result<Made, ActError> {
    let network = desk.network_now(tx)?;
    let code = command.code.trim().to_uppercase();
    let id = programme_id(&code);
    if ProgrammeRecord::find(tx, id)?.is_some() {
        return Err(ActError::field(
            "code",
            "code_taken",
            (
                "Ce code est celui d’un autre programme.",
                "This code is another programme’s.",
            ),
        ));
    }
    let new = Programme {
        id,
        code,
        name: Label::default(),
        organisation: OrganisationId(Uuid::nil()),
        donors: Vec::new(),
        from: None,
        until: None,
        origin: None,
        demonstration: false,
    };
    let programme = read(&network, new, &command.said)?;
    put_programme(tx, &programme)?;
    let values = differences(&serde_json::json!({}), &values_of(&programme)?);
    funding::kept(tx, &programme, values, maker(viewer), "")?;
    Ok(made(&programme, 1))
}

fn maker(viewer: &Viewer) -> Maker {
    Maker {
        author: Author::Office,
        user: Some(viewer.user),
    }
}

/// Corrects a programme; services that it pays for again lose the doubt about the
/// money at once, those that it leaves behind come into doubt the day after it ends.
///
/// # Errors
/// [`ActError::NotFound`], also for whoever is not of the office;
/// [`ActError::Stale`], [`ActError::Invalid`].
pub async fn correct(
    desk: &Arc<Desk>,
    viewer: &Viewer,
    programme: ProgrammeId,
    command: CorrectProgramme,
) -> Result<Made, ActError> {
    // Whoever may not correct it learns nothing of it by trying.
    unless_national(viewer, "programmes").map_err(|_| ActError::NotFound)?;
    let id = command.id;
    once(
        desk,
        viewer,
        ("programme_correct", id),
        (programme, command),
        correct_in,
    )
    .await
}

fn correct_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    (id, command): &(ProgrammeId, CorrectProgramme),
) -> Result<Made, ActError> {
    let network = desk.network_now(tx)?;
    network.programme(*id).ok_or(ActError::NotFound)?;
    let (record, known) = funding::load(tx, *id)?;
    ActError::unless_current(command.version, record.version)?;
    let note = command.note.trim();
    ActError::unless_within("note", note, LONGEST)?;
    let programme = read(&network, known, &command.said)?;
    let version = funding::write(tx, &network, &programme, None, maker(viewer), note)?;
    Ok(made(&programme, version))
}

//! The steering committee's part in the directory: *validated* means validated by
//! the secretariat and ratified by the committee at its next session (DOMAIN §2.9
//! rule 6). The office for the whole country draws up the list of what was
//! published, or changed in what the committee answers for, since it was last
//! ratified; the list is printed for the session's papers; afterwards the session
//! is noted: its day, its minutes, and of the list the entries that were set apart,
//! each with the reason. The rule is [`relais_network::ratification`].
//!
//! What stands on the list is what everybody may see. Nothing confidential is put
//! before the committee, counted or printed, and between list and session the list
//! lies sealed: no row tells of an entry that it is to be hidden from then on.

mod list;

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use relais_casework::calendar::local_date;
use relais_mechanism::Role;
use relais_network::life::{LifeAct, Line};
use relais_network::ratification::{self, Outcome, Ratification, Ratified};
use relais_network::{OrganisationId, Service, ServiceId};
use relais_store::rows::directory;
use relais_store::rows::ratifications::{self as rows, RatificationRecord};
use relais_store::{StoreError, Tx};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::keep::{self, Maker, Said, Value2};
use super::own::once;
use super::{Author, DECIDED_NOTICE, LONGEST, unless_national};
use crate::desk::{Desk, Viewer};
use crate::directory::{By, note, shown_entry, stream};
use crate::network::Network;
use crate::problem::{ActError, FieldProblem};
use crate::views::Made;
use crate::write;

pub(super) use list::{of_entry, waiting};
pub use list::{sheet, view};

/// Most entries of one list: one session is one unit of work. What is beyond waits
/// for the next list.
pub const MOST_LISTED: usize = 5000;
/// Entries on one page of the list.
pub const ROWS: usize = 15;
/// Sessions that are shown.
pub const SESSIONS: i64 = 8;
/// Longest reference of minutes, in characters.
pub const LONGEST_MINUTES: usize = 100;

/// The kind of a change by which an entry was ratified.
pub const RATIFIED: &str = "ratify";
/// What it is called among the values of a change.
pub(super) const FIELD: &str = "ratified";

/// What whoever may not is refused.
const REFUSAL: &str = "ratification";

/// A list that waits for its session.
const PREPARED: &str = "prepared";
/// A session that was noted.
const NOTED: &str = "noted";

/// What is asked of the list; a blank asks nothing.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct RatificationAsked {
    /// Number of the page, from 1.
    #[serde(default)]
    pub page: Option<usize>,
}

/// Draw up the list for the next session, in place of one that waits.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrepareList {
    /// Id of the act, made by its maker.
    pub id: Uuid,
    /// Version of the list that waits, as its maker saw it; 0 where none does.
    pub version: i64,
}

/// An entry that the committee set apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetApart {
    /// Its number on the list, from 1.
    pub number: usize,
    /// Why; its provider reads it.
    pub reason: String,
}

/// Note the session: all that stands on the list is ratified, but what was set apart.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoteSession {
    /// Id of the act, made by its maker.
    pub id: Uuid,
    /// Version of the list that the maker saw.
    pub version: i64,
    /// Day of the session.
    #[serde(default)]
    pub held_on: Option<NaiveDate>,
    /// Reference of its minutes.
    pub minutes: String,
    /// The entries that were set apart.
    #[serde(default)]
    pub apart: Vec<SetApart>,
}

/// How many entries came to what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// On the list.
    pub listed: usize,
    /// Ratified.
    #[serde(default)]
    pub ratified: usize,
    /// Set apart.
    #[serde(default)]
    pub apart: usize,
    /// Changed or not offered any more since the list was drawn up.
    #[serde(default)]
    pub left: usize,
}

/// The list that waits for its session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Prepared {
    /// Its id.
    pub id: Uuid,
    /// When it was drawn up.
    pub at: DateTime<Utc>,
    /// By whom.
    pub by: String,
}

/// Entries of a region or a category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Counted {
    /// Its code; empty for entries that lie in no region that is known.
    pub code: String,
    /// Its name.
    pub name: String,
    /// How many.
    pub entries: usize,
}

/// An entry of the list, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListedEntry {
    /// Its number on the list, by which the minutes name it.
    pub number: usize,
    /// Service.
    pub id: ServiceId,
    /// Its name.
    pub name: String,
    /// Who offers it.
    pub organisation_id: OrganisationId,
    /// The name of that.
    pub organisation: String,
    /// Where.
    pub place: String,
    /// Service of the taxonomy.
    pub kind: String,
    /// For whom; empty for everyone.
    pub targets: String,
    /// Area served.
    pub area: String,
    /// When the committee ratified it, where it has changed since.
    pub ratified_on: Option<NaiveDate>,
    /// The lines that have changed since then.
    pub changed: Vec<String>,
    /// Whether it changed after the list was drawn up: the next session's.
    pub moved: bool,
    /// When the secretariat last found it right; on the sheet alone.
    pub validated_on: Option<NaiveDate>,
}

/// A session that was noted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Session {
    /// Its id.
    pub id: Uuid,
    /// Its day.
    pub held_on: Option<NaiveDate>,
    /// Reference of its minutes.
    pub minutes: String,
    /// What came of it.
    pub figures: Figures,
    /// Who noted it.
    pub noted_by: String,
    /// When.
    pub noted_at: Option<DateTime<Utc>>,
}

/// What goes before the committee, and what came of it so far.
#[derive(Debug, Clone, Serialize)]
pub struct RatificationView {
    /// Now.
    pub now: DateTime<Utc>,
    /// The list that waits; none where the entries are those of today.
    pub prepared: Option<Prepared>,
    /// Version of that list; 0 where there is none.
    pub version: i64,
    /// Entries on the list.
    pub total: usize,
    /// Of those, the ones that changed after it was drawn up.
    pub moved: usize,
    /// Entries that wait and are not on it: published or changed since, or beyond
    /// [`MOST_LISTED`].
    pub later: usize,
    /// Entries that are not ratified and in doubt: not put before the committee.
    pub doubtful: usize,
    /// Entries that are ratified as they stand.
    pub ratified: usize,
    /// Entries that everybody may see.
    pub shown: usize,
    /// The list by region, in the order of the regions.
    pub regions: Vec<Counted>,
    /// The list by category, in the order of the taxonomy.
    pub categories: Vec<Counted>,
    /// The entries of the page, or all of them.
    pub rows: Vec<ListedEntry>,
    /// Number of the page.
    pub page: usize,
    /// Whether there is another.
    pub more: bool,
    /// The last sessions, newest first.
    pub sessions: Vec<Session>,
}

/// How an entry stands before the committee, for its provider and the coordination
/// unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EntryRatification {
    /// How.
    pub standing: Ratification,
    /// The day of the session that ratified it last.
    pub on: Option<NaiveDate>,
    /// Reference of that session's minutes.
    pub minutes: String,
    /// The lines that have changed since.
    pub changed: Vec<Line>,
}

/// An entry of a list as it is kept: which, and the sign of what it said.
pub(super) type Put = (ServiceId, Uuid);

fn schema(e: impl std::fmt::Display) -> StoreError {
    StoreError::Schema(format!("ratification: {e}"))
}

/// Draws up the list for the next session, as the directory is now.
///
/// # Errors
/// [`ActError::Forbidden`] for whoever is not of the office for the whole country;
/// [`ActError::Stale`]; a refusal where nothing waits for the committee.
pub async fn prepare(desk: &Arc<Desk>, viewer: &Viewer, command: PrepareList) -> Result<Made, ActError> {
    unless_national(viewer, REFUSAL)?;
    once(desk, viewer, ("ratification_list", command.id), command, prepare_in).await
}

fn prepare_in(tx: &mut Tx<'_>, desk: &Desk, viewer: &Viewer, command: &PrepareList) -> Result<Made, ActError> {
    let (mechanism, network) = (desk.mechanism(), desk.network_now(tx)?);
    let known = rows::prepared(tx)?;
    ActError::unless_current(command.version, known.as_ref().map_or(0, |r| r.version))?;
    let put: Vec<Put> = list::candidates(list::seen(&network, &mechanism))
        .into_iter()
        .take(MOST_LISTED)
        .map(|e| (e.service.id, ratification::Material::of(e.service, e.place).sign()))
        .collect();
    if put.is_empty() {
        return Err(ActError::refused(
            "ratification_nothing",
            (
                "Aucune fiche n’attend le comité de pilotage.",
                "No entry waits for the steering committee.",
            ),
            (
                "Les fiches y viennent une fois publiées, ou quand elles changent.",
                "Entries come here once they are published, or when they change.",
            ),
        ));
    }
    let now = tx.now()?;
    let (id, slot) = match &known {
        Some(known) => (known.id, known.slot),
        None => (command.id, tx.new_slot()?),
    };
    let text = serde_json::to_vec(&put).map_err(schema)?;
    let sealed = tx
        .sealer()
        .seal(&list::cell(id), slot, &text)
        .map_err(StoreError::from)?;
    let figures = Figures {
        listed: put.len(),
        ..Figures::default()
    };
    let record = RatificationRecord {
        id,
        state: PREPARED.to_owned(),
        prepared_at: now,
        prepared_by: viewer.user,
        slot,
        list: Some(sealed),
        held_on: None,
        minutes: None,
        noted_at: None,
        noted_by: None,
        figures: serde_json::to_string(&figures).map_err(schema)?,
        version: known.as_ref().map_or(1, |r| r.version + 1),
    };
    if known.is_some() {
        record.update(tx)?;
    } else {
        record.insert(tx)?;
    }
    let by = By::User(viewer.user);
    note(tx, by, stream(), id, "ratification_listed", json!(figures))?;
    Ok(made(&record))
}

fn made(record: &RatificationRecord) -> Made {
    Made {
        id: record.id,
        code: String::new(),
        version: record.version,
    }
}

/// Notes the session for which the list was drawn up: what stands on it is
/// ratified, as it was put before the committee; what was set apart is in doubt,
/// with the reason in its history, and its provider is told.
///
/// # Errors
/// [`ActError::Forbidden`] for whoever is not of the office for the whole country;
/// [`ActError::Stale`], [`ActError::Invalid`]; a refusal where no list waits.
pub async fn record(desk: &Arc<Desk>, viewer: &Viewer, command: NoteSession) -> Result<Made, ActError> {
    unless_national(viewer, REFUSAL)?;
    once(desk, viewer, ("ratification_session", command.id), command, record_in).await
}

fn record_in(tx: &mut Tx<'_>, desk: &Desk, viewer: &Viewer, command: &NoteSession) -> Result<Made, ActError> {
    let network = desk.network_now(tx)?;
    let Some(mut record) = rows::prepared(tx)? else {
        return Err(ActError::refused(
            "ratification_no_list",
            ("Aucune liste n’attend sa session.", "No list waits for its session."),
            (
                "Arrêtez d’abord la liste : le comité ratifie ce qu’il a eu sous les yeux.",
                "Draw up the list first: the committee ratifies what it had before it.",
            ),
        ));
    };
    ActError::unless_current(command.version, record.version)?;
    let put = list::opened(tx, &record)?;
    let now = tx.now()?;
    let (held_on, minutes, apart) = read(command, &network, &record, &put, local_date(now))?;
    let maker = Maker {
        author: Author::Office,
        user: Some(viewer.user),
    };
    let mut figures = Figures {
        listed: put.len(),
        ..Figures::default()
    };
    for (number, (id, sign)) in (1..).zip(&put) {
        let entry = shown_entry(&network, *id);
        let reason = apart.get(&number);
        let seen = entry.as_ref().map(|e| (e.service, e.place));
        let outcome = ratification::decide(*sign, seen, reason.is_some());
        match (outcome, entry, reason) {
            (Outcome::Ratified, Some(entry), _) => {
                let (known, service) = keep::load(tx, *id)?;
                let new = ratification::ratified(&service, entry.place, record.id, held_on, minutes);
                keep::overwrite(tx, &known, &new)?;
                keep_ratified(tx, service.ratified.as_deref(), &new, maker)?;
                figures.ratified += 1;
            }
            (Outcome::SetApart, _, Some(reason)) => {
                let (known, service) = keep::load(tx, *id)?;
                let new = ratification::set_apart(&service, held_on)?;
                keep::write(tx, &known, (&service, &new), Some(LifeAct::Doubt), maker, reason)?;
                let provider = service.organisation;
                if network.with_account.contains(&provider) {
                    write::notice(tx, DECIDED_NOTICE, Some(provider), Role::FocalPoint, id.0)?;
                }
                figures.apart += 1;
            }
            _ => figures.left += 1,
        }
    }
    record.state = NOTED.to_owned();
    record.list = None;
    record.held_on = Some(held_on);
    record.minutes = Some(minutes.to_owned());
    record.noted_at = Some(now);
    record.noted_by = Some(viewer.user);
    record.figures = serde_json::to_string(&figures).map_err(schema)?;
    record.version += 1;
    record.update(tx)?;
    directory::directory_changed(tx)?;
    let facts = json!({ "held_on": held_on, "minutes": minutes, "figures": figures });
    note(
        tx,
        By::User(viewer.user),
        stream(),
        record.id,
        "ratification_noted",
        facts,
    )?;
    Ok(made(&record))
}

/// Keeps in the history of an entry that it was ratified. The session has one event
/// for all of them.
fn keep_ratified(tx: &mut Tx<'_>, was: Option<&Ratified>, service: &Service, maker: Maker) -> Result<(), ActError> {
    // What was ratified is the entry itself: its lines need not be said again.
    let said = |of: Option<&Ratified>| of.map(|r| json!({ "on": r.on, "minutes": r.minutes }));
    let said = Said {
        values: vec![Value2 {
            field: FIELD.to_owned(),
            old: json!(said(was)),
            new: json!(said(service.ratified.as_deref())),
        }],
        ..Said::default()
    };
    let entry = (keep::SERVICE, service.id.0);
    keep::done(tx, service.organisation, entry, (RATIFIED, maker), said).map(drop)
}

/// What is said of a session: its day, its minutes, and why entries were set apart,
/// by their numbers.
type SaidOfSession<'c> = (NaiveDate, &'c str, BTreeMap<usize, &'c str>);

/// The session as it is said, all mistakes together.
fn read<'c>(
    command: &'c NoteSession,
    network: &Network,
    list: &RatificationRecord,
    put: &[Put],
    today: NaiveDate,
) -> Result<SaidOfSession<'c>, ActError> {
    let mut wrong = Vec::new();
    let day = match command.held_on {
        None => Some((
            "required",
            ("Écrivez le jour de la session.", "Write the day of the session."),
        )),
        Some(on) if on > today => Some((
            "in_future",
            (
                "Cette session est à venir\u{a0}: notez-la le jour venu.",
                "This session is still to come: note it on its day.",
            ),
        )),
        Some(on) if on < local_date(list.prepared_at) => Some((
            "before_list",
            (
                "La liste a été arrêtée après ce jour\u{a0}: le comité n’a pas pu la ratifier.",
                "The list was drawn up after this day: the committee could not have ratified it.",
            ),
        )),
        Some(_) => None,
    };
    wrong.extend(day.map(|(code, message)| FieldProblem::new("held_on", code, message)));
    let minutes = command.minutes.trim();
    if minutes.is_empty() {
        wrong.push(FieldProblem::new(
            "minutes",
            "required",
            (
                "Écrivez la référence du procès-verbal.",
                "Write the reference of the minutes.",
            ),
        ));
    }
    wrong.extend(FieldProblem::too_long("minutes", minutes, LONGEST_MINUTES));
    let mut apart = BTreeMap::new();
    let mut said: Vec<(String, String)> = Vec::new();
    for SetApart { number, reason } in &command.apart {
        let reason = reason.trim();
        let on_the_list = number
            .checked_sub(1)
            .and_then(|at| put.get(at))
            .is_some_and(|(id, _)| shown_entry(network, *id).is_some());
        if !on_the_list {
            said.push((
                format!("La liste n’a pas, ou plus, de fiche n°\u{a0}{number}."),
                format!("The list has no entry number {number}, or no longer."),
            ));
        } else if reason.is_empty() {
            said.push((
                format!("Dites pourquoi la fiche n°\u{a0}{number} est mise à part\u{a0}: le prestataire le lira."),
                format!("Say why entry number {number} was set apart: its provider will read it."),
            ));
        } else if reason.chars().count() > LONGEST {
            said.push((
                format!("Le motif de la fiche n°\u{a0}{number} dépasse {LONGEST} signes."),
                format!("The reason for entry number {number} is longer than {LONGEST} characters."),
            ));
        } else if apart.insert(*number, reason).is_some() {
            said.push((
                format!("La fiche n°\u{a0}{number} est citée deux fois."),
                format!("Entry number {number} stands there twice."),
            ));
        }
    }
    if !said.is_empty() {
        let (fr, en): (Vec<_>, Vec<_>) = said.into_iter().unzip();
        wrong.push(FieldProblem::new("apart", "set_apart", (&fr.join(" "), &en.join(" "))));
    }
    match command.held_on {
        Some(held_on) if wrong.is_empty() => Ok((held_on, minutes, apart)),
        _ => Err(ActError::Invalid(wrong)),
    }
}

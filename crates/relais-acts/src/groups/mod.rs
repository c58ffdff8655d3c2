//! Arrivals of many: a list becomes a queue, several officers register from
//! it at once, whoever did not come is erased.
//!
//! ```text
//! make ── list uploaded, sealed ── looked at, columns corrected ── queue: one row for each person, sealed under a key
//!                                                                    │ take next → F1E prefilled → register → case
//!                                                                    └ nobody came: row emptied, key erased
//! ```

mod bracelets;
mod end;
mod list;
mod page;
mod register;
mod row;
mod take;

use chrono::{DateTime, NaiveDate, Utc};
use relais_casework::queue::{Place, QueueRefusal, Standing};
use relais_interchange::manifest::{Column, Listed, What};
use relais_interchange::{Grid, ReadAs};
use relais_mechanism::{Mechanism, Role};
use relais_network::{CaseId, ExpectedId, GroupId, UserId};
use relais_store::rows::groups::{self as rows, ExpectedRecord, GroupRecord, PlaceRow};
use relais_store::{StoreError, Tx};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use bracelets::{Bracelets, bracelets};
pub(crate) use end::{END, LIST, end_due, list_due};
pub use end::{KEPT_DAYS, close};
pub use list::{make, preview, queue, read_list, upload};
pub use page::{list, open_of, view};
pub use register::{add, register};
pub use row::{keep, row};
pub use take::{act, take_next};

use crate::commands::RawAnswers;
use crate::desk::Viewer;
use crate::problem::ActError;

relais_mechanism::closed_enum! {
    /// How an arrival of many travels.
    GroupKind {
        /// Aeroplane.
        Flight = "flight",
        /// Bus.
        Bus = "bus",
        /// Boat.
        Boat = "boat",
        /// On foot, in several vehicles.
        Other = "other",
    }
}

relais_mechanism::closed_enum! {
    /// What became of an expected person.
    RowState {
        /// Nobody has begun.
        Waiting = "waiting",
        /// An officer has the row.
        Taken = "taken",
        /// Registered.
        Registered = "registered",
        /// Did not come.
        Absent = "absent",
        /// Did not come, and nothing is kept.
        Erased = "erased",
    }
}

relais_mechanism::closed_enum! {
    /// What an officer does with a row beside registering.
    RowCommand {
        /// Takes it.
        Take = "take",
        /// Gives it back.
        Release = "release",
        /// Says that the person did not come.
        Absent = "absent",
    }
}

/// Prepare an arrival of many.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MakeGroup {
    /// Id of the arrival, made by its maker.
    pub id: Uuid,
    /// How they travel.
    pub kind: GroupKind,
    /// Number of the flight or bus, as it is announced; never a name.
    #[serde(default)]
    pub label: String,
    /// Code of the entry point.
    pub entry_point: String,
    /// Day on which they are expected.
    pub on: NaiveDate,
}

/// Make the queue from the list that was looked at.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MakeQueue {
    /// Id of the act, made by its maker.
    pub id: Uuid,
    /// Version of the arrival that the maker saw.
    pub version: i64,
    /// Line of the file that holds the header.
    pub header: usize,
    /// Which column of the file, from 0, holds what.
    pub columns: std::collections::BTreeMap<Column, usize>,
}

/// Do something with a row beside registering.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActOnRow {
    /// What.
    pub command: RowCommand,
}

/// Add somebody who is not on the list.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddExpected {
    /// Id of the row, made by its maker.
    pub id: Uuid,
    /// Number of the bracelet of somebody of the same family.
    #[serde(default)]
    pub family_of: String,
}

/// Keep what is typed and not yet registered.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeepAnswers {
    /// Answers of form F1E as typed so far, by field code.
    pub answers: RawAnswers,
}

/// Register an expected person.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterExpected {
    /// Id of the case, made by its maker.
    pub id: Uuid,
    /// Answers of form F1E as typed, by field code; the bracelet's number is the row's.
    pub answers: RawAnswers,
    /// Whether the person agrees that the family link be noted; silence is refusal.
    #[serde(default)]
    pub family: bool,
    /// When it happened, if not now.
    #[serde(default)]
    pub happened_at: Option<DateTime<Utc>>,
}

/// An arrival in a list.
#[derive(Debug, Clone, Serialize)]
pub struct GroupRow {
    /// Arrival.
    pub id: GroupId,
    /// Version.
    pub version: i64,
    /// Number, from which the bracelets' numbers are made.
    pub number: i64,
    /// How they travel.
    pub kind: GroupKind,
    /// Number of the flight or bus.
    pub label: String,
    /// Entry point, in words.
    pub place: String,
    /// Expected on.
    pub on: NaiveDate,
    /// draft, open, closed.
    pub state: String,
    /// Who prepared it.
    pub lead: String,
    /// How many are where.
    pub counts: Counts,
}

/// How many are where.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// On the list, and added since.
    pub expected: u32,
    /// Registered.
    pub registered: u32,
    /// With an officer.
    pub taken: u32,
    /// Waiting.
    pub waiting: u32,
    /// Did not come.
    pub absent: u32,
}

/// The list of arrivals.
#[derive(Debug, Clone, Serialize)]
pub struct GroupList {
    /// Newest first.
    pub rows: Vec<GroupRow>,
    /// Cursor of the next page.
    pub next: Option<String>,
}

/// What is wrong with a line of the list, in words.
#[derive(Debug, Clone, Serialize)]
pub struct ListProblem {
    /// Line of the file.
    pub line: usize,
    /// Column of the file, from 0.
    pub column: Option<usize>,
    /// Stable code.
    pub code: What,
    /// What is wrong and what becomes of the line.
    pub message: String,
    /// Whether the line gives no person.
    pub left_out: bool,
}

/// An uploaded list, before its queue is made.
#[derive(Debug, Clone, Serialize)]
pub struct ListView {
    /// The arrival.
    pub group: GroupRow,
    /// How the file was read; none when there is no list.
    pub read_as: Option<ReadAs>,
    /// Line of the file that holds the header.
    pub header: usize,
    /// Lines among which the header is, with their first cells.
    pub headers: Vec<(usize, String)>,
    /// The header's cells.
    pub columns: Vec<String>,
    /// Which column holds what.
    pub mapping: std::collections::BTreeMap<Column, usize>,
    /// The first persons.
    pub sample: Vec<Listed>,
    /// How many persons.
    pub persons: usize,
    /// How many families of two or more.
    pub families: usize,
    /// What is wrong, the first of it.
    pub problems: Vec<ListProblem>,
    /// How many lines give no person.
    pub left_out: usize,
    /// How many problems in all.
    pub problem_count: usize,
}

/// A row of the queue, as an officer sees it.
#[derive(Debug, Clone, Serialize)]
pub struct QueueRow {
    /// Row.
    pub id: ExpectedId,
    /// Number of the bracelet.
    pub bracelet: String,
    /// Name as listed; none once registered.
    pub name: Option<String>,
    /// Age as listed.
    pub age: Option<u8>,
    /// Number of the family within the arrival.
    pub family: Option<u32>,
    /// State.
    pub state: RowState,
    /// Who has or had it.
    pub officer: Option<String>,
    /// Whether it is the viewer's.
    pub yours: bool,
    /// Until when it is that officer's alone.
    pub until: Option<DateTime<Utc>>,
    /// The case, where the viewer sees it.
    pub case_id: Option<CaseId>,
}

/// What an officer has done.
#[derive(Debug, Clone, Serialize)]
pub struct OfficerRow {
    /// Name of the member of staff.
    pub name: String,
    /// Registered.
    pub registered: u32,
    /// Bracelet of the row that they have now.
    pub has: Option<String>,
}

/// How fast it goes.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Pace {
    /// Registered in the last quarter of an hour.
    pub last_quarter: u32,
    /// When all who wait would be registered at this pace.
    pub done_at: DateTime<Utc>,
}

/// The page of an arrival.
#[derive(Debug, Clone, Serialize)]
pub struct QueueView {
    /// Now, by the deployment clock.
    pub now: DateTime<Utc>,
    /// The arrival.
    pub group: GroupRow,
    /// Which rows are shown: waiting, registered, absent.
    pub show: String,
    /// Rows.
    pub rows: Vec<QueueRow>,
    /// Cursor of the next page.
    pub next: Option<String>,
    /// Officers, most registered first.
    pub officers: Vec<OfficerRow>,
    /// How fast it goes, where anybody was registered in the last quarter of an hour.
    pub pace: Option<Pace>,
    /// The row that the viewer has now.
    pub mine: Option<ExpectedId>,
    /// When what is left of the list is erased.
    pub erased_on: NaiveDate,
}

/// Another member of the same family in the same arrival.
#[derive(Debug, Clone, Serialize)]
pub struct Relative {
    /// Row.
    pub id: ExpectedId,
    /// Number of the bracelet.
    pub bracelet: String,
    /// State.
    pub state: RowState,
}

/// A row with its form.
#[derive(Debug, Clone, Serialize)]
pub struct RowView {
    /// Now, by the deployment clock.
    pub now: DateTime<Utc>,
    /// The arrival.
    pub group: GroupRow,
    /// The row.
    pub row: QueueRow,
    /// Whether the viewer may write on it now.
    pub yours: bool,
    /// Answers to begin with: from the list, or as they were kept.
    pub answers: RawAnswers,
    /// Whether they were kept, and not from the list.
    pub kept: bool,
    /// The other members of the family.
    pub relatives: Vec<Relative>,
}

/// The uploaded list, sealed under the arrival's key.
#[derive(Debug, Serialize, Deserialize)]
struct SealedList {
    grid: Grid,
}

/// Who registers arrivals.
fn registers(viewer: &Viewer) -> bool {
    viewer.is(Role::CaseManager) || viewer.is(Role::Supervisor)
}

/// The arrival, for whoever registers for the organisation that receives it;
/// for anybody else it is not there.
fn load(tx: &mut Tx<'_>, viewer: &Viewer, id: GroupId) -> Result<GroupRecord, ActError> {
    let found = GroupRecord::find(tx, id)?;
    found
        .filter(|group| group.organisation_id == viewer.organisation && registers(viewer))
        .ok_or(ActError::NotFound)
}

/// As [`load`], locked for the rest of the unit of work.
fn lock(tx: &mut Tx<'_>, viewer: &Viewer, id: GroupId) -> Result<GroupRecord, ActError> {
    load(tx, viewer, id)?;
    rows::lock(tx, id)?;
    load(tx, viewer, id)
}

/// The row and its arrival.
fn load_row(tx: &mut Tx<'_>, viewer: &Viewer, id: ExpectedId) -> Result<(GroupRecord, ExpectedRecord), ActError> {
    let row = ExpectedRecord::find(tx, id)?.ok_or(ActError::NotFound)?;
    Ok((load(tx, viewer, row.group_id)?, row))
}

/// As [`load_row`], the arrival locked: the row is read after the lock.
fn lock_row(tx: &mut Tx<'_>, viewer: &Viewer, id: ExpectedId) -> Result<(GroupRecord, ExpectedRecord), ActError> {
    let (group, _) = load_row(tx, viewer, id)?;
    rows::lock(tx, group.id)?;
    load_row(tx, viewer, id)
}

/// The organisation's arrival a row or an arrival belongs to is open.
fn unless_open(group: &GroupRecord) -> Result<(), ActError> {
    if group.state == "draft" {
        return Err(ActError::refused(
            "group_not_ready",
            ("La file n’est pas encore faite.", "The queue is not made yet."),
            (
                "Vérifiez la liste, ou commencez sans liste.",
                "Check the list, or begin without one.",
            ),
        ));
    }
    Ok(())
}

fn standing(state: &str, officer: Option<UserId>, until: Option<DateTime<Utc>>) -> Result<Standing, StoreError> {
    let broken = || StoreError::Schema("expected_person: state without its officer".to_owned());
    Ok(match RowState::from_code(state).ok_or_else(broken)? {
        RowState::Waiting => Standing::Waiting,
        RowState::Taken => Standing::Taken {
            by: officer.ok_or_else(broken)?,
            until: until.ok_or_else(broken)?,
        },
        RowState::Registered => Standing::Registered {
            by: officer.ok_or_else(broken)?,
        },
        RowState::Absent => Standing::Absent,
        RowState::Erased => Standing::Erased,
    })
}

fn place_of(row: &PlaceRow) -> Result<Place, StoreError> {
    Ok(Place {
        id: row.id,
        number: row.number,
        family: row.family,
        standing: standing(&row.state, row.officer, row.until)?,
    })
}

fn place(row: &ExpectedRecord) -> Result<Place, StoreError> {
    Ok(Place {
        id: row.id,
        number: row.number,
        family: row.family,
        standing: standing(&row.state, row.officer_id, row.until_at)?,
    })
}

fn refused(refusal: QueueRefusal) -> ActError {
    ActError::Refused {
        code: refusal.code().to_owned(),
        why: refusal.message(),
        remedy: refusal.remedy(),
    }
}

/// Gives the row to the officer for a while.
fn hand_to(row: &mut ExpectedRecord, officer: UserId, now: DateTime<Utc>) {
    RowState::Taken.code().clone_into(&mut row.state);
    row.officer_id = Some(officer);
    row.until_at = Some(now + relais_casework::queue::CLAIM);
    row.version += 1;
}

fn entry_point(mechanism: &Mechanism, code: &str, lang: relais_mechanism::Lang) -> String {
    mechanism
        .entry_points()
        .iter()
        .find(|e| e.code == code)
        .map_or_else(|| code.to_owned(), |e| e.label.get(lang).to_owned())
}

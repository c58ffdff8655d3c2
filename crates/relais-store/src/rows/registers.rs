//! Lines of the institution's registers, what they link to, and how they changed.
//! The links of a sealed register stand in its lines alone.

use chrono::{DateTime, Utc};
use relais_network::UserId;
use uuid::Uuid;

use super::coordination::{answers, late};
use super::{record, statements};
use crate::{StoreError, Tx, Value};

record! {
    /// A line as it stands.
    RegisterLineRecord in "register_line" key id: Uuid {
        /// Id, made by its maker.
        id: Uuid,
        /// Code of its register.
        register: String,
        /// Where it stands.
        state: String,
        /// What it says, as JSON; empty where it lies sealed.
        body: String,
        /// Key of a sealed line.
        slot: Option<i64>,
        /// What a sealed line says.
        hidden: Option<Vec<u8>>,
        /// When it was added.
        made_at: DateTime<Utc>,
        /// By whom.
        made_by: UserId,
        /// When it last changed.
        changed_at: DateTime<Utc>,
        /// By whom.
        changed_by: UserId,
        /// Version.
        version: i64,
    }
}

record! {
    /// What a line said from one change to the next.
    RegisterChangeRecord in "register_change" key id: Uuid {
        /// Change.
        id: Uuid,
        /// Line.
        line_id: Uuid,
        /// When.
        at: DateTime<Utc>,
        /// By whom.
        by_user: UserId,
        /// Version of the line from then on.
        version: i64,
        /// Where it stood from then on.
        state: String,
        /// What it said from then on, as JSON; empty where it lies sealed.
        body: String,
        /// Why; empty where it lies sealed.
        note: String,
        /// Key of a sealed line.
        slot: Option<i64>,
        /// What a sealed line said, and why it changed.
        hidden: Option<Vec<u8>>,
    }
}

statements! {
    /// The lines of a register, in the order in which they were added.
    LINES_OF = "SELECT id, register, state, body, slot, hidden, made_at, made_by, changed_at, changed_by, version FROM register_line WHERE register = $1 ORDER BY seq";
    /// How many lines of each register stand where.
    COUNTED = "SELECT register, state, COUNT(*) AS n FROM register_line GROUP BY register, state ORDER BY register, state";
    /// The lines that link to a line, in the order in which they were added.
    LINKED_TO = "SELECT l.id, l.register, l.state, l.body, l.slot, l.hidden, l.made_at, l.made_by, l.changed_at, l.changed_by, l.version FROM register_line l WHERE l.id IN (SELECT from_id FROM register_link WHERE to_id = $1) ORDER BY l.seq";
    /// The last changes of a line, newest first.
    CHANGES_OF = "SELECT id, line_id, at, by_user, version, state, body, note, slot, hidden FROM register_change WHERE line_id = $1 ORDER BY seq DESC LIMIT $2";
    /// Requests sent in a window, none above S3, none of a protected case: whose answer was due, late, never came; whose receipt was due, was late.
    ANSWERS = concat!(
        "SELECT COALESCE(SUM(CASE WHEN f.answered = 1 OR f.late = 1 THEN 1 ELSE 0 END), 0) AS due, COALESCE(SUM(f.late), 0) AS late, ",
        "COALESCE(SUM(CASE WHEN f.state = 'expired' THEN 1 ELSE 0 END), 0) AS silent, ",
        "COALESCE(SUM(CASE WHEN f.received = 1 OR f.unheard = 1 THEN 1 ELSE 0 END), 0) AS heard_due, COALESCE(SUM(f.unheard), 0) AS unheard FROM (",
        "SELECT r.state, ",
        "CASE WHEN EXISTS (SELECT 1 FROM event e WHERE e.subject = r.id AND e.kind IN ", answers!(), ") THEN 1 ELSE 0 END AS answered, ",
        "CASE WHEN EXISTS (SELECT 1 FROM event e WHERE e.subject = r.id AND (e.kind = 'received' OR e.kind IN ", answers!(), ")) THEN 1 ELSE 0 END AS received, ",
        "CASE WHEN ", late!(), " THEN 1 ELSE 0 END AS late, ",
        "CASE WHEN EXISTS (SELECT 1 FROM event e WHERE e.subject = r.id AND e.kind = 'reminded' AND e.meta LIKE '%\"percent\":100,%' ",
        "AND NOT EXISTS (SELECT 1 FROM event a WHERE a.subject = r.id AND (a.kind = 'received' OR a.kind IN ", answers!(), ") AND a.happened_at <= e.happened_at)) THEN 1 ELSE 0 END AS unheard ",
        "FROM referral r WHERE r.sent_at > $1 AND r.sent_at <= $2 AND r.restricted = 0 AND r.state <> 'voided' ",
        "AND r.case_id NOT IN (SELECT id FROM case_file WHERE regime <> 'ordinary')",
        ") f WHERE f.state NOT IN ('cancelled', 'withdrawn', 'ended') OR f.answered = 1 OR f.late = 1",
    );
    /// A line links no more.
    UNLINK = "DELETE FROM register_link WHERE from_id = $1";
    /// A line links to another.
    LINK = "INSERT INTO register_link (from_id, field, to_id) VALUES ($1, $2, $3)";
}

pub(crate) fn all_statements() -> Vec<&'static str> {
    [
        RegisterLineRecord::statements(),
        RegisterChangeRecord::statements(),
        statements(),
    ]
    .concat()
}

fn lines(
    tx: &mut Tx<'_>,
    statement: &'static str,
    value: impl Into<Value>,
) -> Result<Vec<RegisterLineRecord>, StoreError> {
    tx.query(statement, &[value.into()])?
        .iter()
        .map(RegisterLineRecord::read)
        .collect()
}

/// The lines of a register, in the order in which they were added.
///
/// # Errors
/// When the store fails.
pub fn lines_of(tx: &mut Tx<'_>, register: &str) -> Result<Vec<RegisterLineRecord>, StoreError> {
    lines(tx, LINES_OF, register)
}

/// The lines that link to this one, in the order in which they were added.
///
/// # Errors
/// When the store fails.
pub fn linked_to(tx: &mut Tx<'_>, line: Uuid) -> Result<Vec<RegisterLineRecord>, StoreError> {
    lines(tx, LINKED_TO, line)
}

/// How many lines of a register stand in one state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateCount {
    /// Code of the register.
    pub register: String,
    /// State.
    pub state: String,
    /// How many.
    pub count: i64,
}

/// How many lines of each register stand where.
///
/// # Errors
/// When the store fails.
pub fn counted(tx: &mut Tx<'_>) -> Result<Vec<StateCount>, StoreError> {
    tx.query(COUNTED, &[])?
        .iter()
        .map(|row| {
            Ok(StateCount {
                register: row.get("register")?,
                state: row.get("state")?,
                count: row.get("n")?,
            })
        })
        .collect()
}

/// The last changes of a line, newest first.
///
/// # Errors
/// When the store fails.
pub fn changes_of(tx: &mut Tx<'_>, line: Uuid, most: i64) -> Result<Vec<RegisterChangeRecord>, StoreError> {
    tx.query(CHANGES_OF, &[Value::from(line), Value::from(most)])?
        .iter()
        .map(RegisterChangeRecord::read)
        .collect()
}

/// Keeps what a line links to, in place of what it linked to before.
///
/// # Errors
/// When the store fails.
pub fn link<'f>(
    tx: &mut Tx<'_>,
    line: Uuid,
    links: impl IntoIterator<Item = (&'f str, Uuid)>,
) -> Result<(), StoreError> {
    tx.execute(UNLINK, &[Value::from(line)])?;
    for (field, to) in links {
        tx.execute_one(LINK, &[Value::from(line), Value::from(field), Value::from(to)])?;
    }
    Ok(())
}

/// What became of the requests to all providers together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Answers {
    /// Requests that were answered or whose limit to answer passed.
    pub due: i64,
    /// Of these, whose limit passed before an answer.
    pub late: i64,
    /// Of these, to which nobody answered in twice the time.
    pub silent: i64,
    /// Requests that were acknowledged or whose limit to acknowledge passed.
    pub heard_due: i64,
    /// Of these, whose limit passed before anybody acknowledged.
    pub unheard: i64,
}

/// What became of the requests sent in a window; none above S3, none of a protected
/// case.
///
/// # Errors
/// When the store fails.
pub fn answered(tx: &mut Tx<'_>, from: DateTime<Utc>, until: DateTime<Utc>) -> Result<Answers, StoreError> {
    let row = tx.query_one(ANSWERS, &[Value::from(from), Value::from(until)])?;
    Ok(Answers {
        due: row.get("due")?,
        late: row.get("late")?,
        silent: row.get("silent")?,
        heard_due: row.get("heard_due")?,
        unheard: row.get("unheard")?,
    })
}

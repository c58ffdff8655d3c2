//! Complaints, and the members of staff whom the deployment names to receive
//! those that the secretariat must not see.

use chrono::{DateTime, Utc};
use relais_network::{ComplaintId, UserId};

use super::accounts::UserRecord;
use super::{record, statements};
use crate::{StoreError, Tx, Value};

record! {
    /// A complaint. What it says, and who may read it, is sealed.
    ComplaintRecord in "complaint" key id: ComplaintId {
        /// Complaint.
        id: ComplaintId,
        /// Slot of its own key.
        slot: i64,
        /// Number told to the complainant.
        number: String,
        /// Keyed digest of the code.
        code: Vec<u8>,
        /// State.
        state: String,
        /// Received.
        received_at: DateTime<Utc>,
        /// Limit that runs.
        due_at: Option<DateTime<Utc>>,
        /// Kind, facts, readers, words; sealed.
        detail: Vec<u8>,
        /// Version.
        version: i64,
    }
}

record! {
    /// A member of staff named to receive complaints.
    RecipientRecord in "complaint_recipient" key user_id: UserId {
        /// User.
        user_id: UserId,
        /// List.
        list: String,
        /// Order in it.
        rank: u32,
        /// Named on.
        set_at: DateTime<Utc>,
    }
}

statements! {
    COMPLAINT_BY_NUMBER = "SELECT id, slot, number, code, state, received_at, due_at, detail, version FROM complaint WHERE number = $1";
    COMPLAINTS = "SELECT id, slot, number, code, state, received_at, due_at, detail, version FROM complaint ORDER BY seq DESC LIMIT $1";
    COMPLAINTS_BEFORE = "SELECT id, slot, number, code, state, received_at, due_at, detail, version FROM complaint WHERE seq < (SELECT seq FROM complaint WHERE id = $1) ORDER BY seq DESC LIMIT $2";
    COMPLAINTS_OPEN = "SELECT id, slot, number, code, state, received_at, due_at, detail, version FROM complaint WHERE state <> 'closed' ORDER BY seq";
    RECIPIENTS = "SELECT user_id, list, rank, set_at FROM complaint_recipient ORDER BY list, rank";
    NO_RECIPIENTS = "DELETE FROM complaint_recipient";
    // Whoever may have to do with complaints at all; the rule decides who does.
    READERS = "SELECT id, organisation_id, login, display_name, roles, regions, language, password_hash, trained, active, demonstration, version FROM user_account WHERE active = 1 AND (roles LIKE '%secretariat%' OR roles LIKE '%data_protection_officer%' OR roles LIKE '%complaint_recipient%') ORDER BY seq";
}

pub(crate) fn all_statements() -> Vec<&'static str> {
    [
        ComplaintRecord::statements(),
        RecipientRecord::statements(),
        statements(),
    ]
    .concat()
}

fn read(rows: &[crate::Row]) -> Result<Vec<ComplaintRecord>, StoreError> {
    rows.iter().map(ComplaintRecord::read).collect()
}

/// The complaint with this number, or none.
///
/// # Errors
/// When the store fails.
pub fn by_number(tx: &mut Tx<'_>, number: &str) -> Result<Option<ComplaintRecord>, StoreError> {
    tx.query_opt(COMPLAINT_BY_NUMBER, &[Value::from(number)])?
        .as_ref()
        .map(ComplaintRecord::read)
        .transpose()
}

/// Complaints, newest first, from the newest or older than one of them.
///
/// # Errors
/// When the store fails.
pub fn before(tx: &mut Tx<'_>, complaint: Option<ComplaintId>, limit: i64) -> Result<Vec<ComplaintRecord>, StoreError> {
    let rows = match complaint {
        None => tx.query(COMPLAINTS, &[Value::from(limit)])?,
        Some(id) => tx.query(COMPLAINTS_BEFORE, &[Value::from(id), Value::from(limit)])?,
    };
    read(&rows)
}

/// Complaints that are not closed, oldest first.
///
/// # Errors
/// When the store fails.
pub fn open(tx: &mut Tx<'_>) -> Result<Vec<ComplaintRecord>, StoreError> {
    read(&tx.query(COMPLAINTS_OPEN, &[])?)
}

/// The members of staff named, by list and rank.
///
/// # Errors
/// When the store fails.
pub fn recipients(tx: &mut Tx<'_>) -> Result<Vec<RecipientRecord>, StoreError> {
    tx.query(RECIPIENTS, &[])?.iter().map(RecipientRecord::read).collect()
}

/// Names nobody any more.
///
/// # Errors
/// When the store fails.
pub fn forget_recipients(tx: &mut Tx<'_>) -> Result<u64, StoreError> {
    tx.execute(NO_RECIPIENTS, &[])
}

/// Open accounts with a role that has to do with complaints.
///
/// # Errors
/// When the store fails.
pub fn readers(tx: &mut Tx<'_>) -> Result<Vec<UserRecord>, StoreError> {
    tx.query(READERS, &[])?.iter().map(UserRecord::read).collect()
}

//! What becomes of the entries of the directory: each change with old and new
//! values, those that wait for the coordination unit, and providers that leave
//! referrals unanswered.

use chrono::{DateTime, Utc};
use relais_network::{EntryChangeId, OrganisationId, UserId};
use uuid::Uuid;

use super::{record, statements};
use crate::params;
use crate::{Row, StoreError, Tx};

record! {
    /// A change of an entry, made or proposed.
    EntryChangeRecord in "entry_change" key id: EntryChangeId {
        /// Change.
        id: EntryChangeId,
        /// Organisation.
        organisation_id: OrganisationId,
        /// Organisation, place or service.
        entry_kind: String,
        /// Entry.
        entry_id: Uuid,
        /// What was done.
        kind: String,
        /// Done, waiting, accepted, refused, replaced.
        state: String,
        /// Provider, office, clock, evidence, list.
        hand: String,
        /// Member of staff.
        made_by: Option<UserId>,
        /// When.
        at: DateTime<Utc>,
        /// Who decided.
        decided_by: Option<UserId>,
        /// When.
        decided_at: Option<DateTime<Utc>>,
        /// Old and new values as JSON; empty where they are sealed.
        body: String,
        /// The same, sealed.
        hidden: Option<Vec<u8>>,
        /// Version.
        version: i64,
    }
}

record! {
    /// A provider that leaves referrals unanswered.
    SilenceRecord in "provider_silence" key organisation_id: OrganisationId {
        /// Provider.
        organisation_id: OrganisationId,
        /// Referrals left unanswered since its last answer.
        unanswered: u32,
        /// Since when it is not offered.
        withheld_at: Option<DateTime<Utc>>,
    }
}

/// The columns of a change.
macro_rules! change_columns {
    () => {
        "id, organisation_id, entry_kind, entry_id, kind, state, hand, made_by, at, decided_by, decided_at, body, hidden, version"
    };
}

statements! {
    HISTORY = concat!("SELECT ", change_columns!(), " FROM entry_change WHERE entry_id = $1 ORDER BY seq DESC LIMIT $2");
    LAST_OF_KIND = concat!("SELECT ", change_columns!(), " FROM entry_change WHERE entry_id = $1 AND kind = $2 AND state = 'done' ORDER BY seq DESC LIMIT 1");
    WAITING = concat!("SELECT ", change_columns!(), " FROM entry_change WHERE state = 'waiting' ORDER BY seq LIMIT $1");
    WAITING_OF = concat!("SELECT ", change_columns!(), " FROM entry_change WHERE state = 'waiting' AND organisation_id = $1 ORDER BY seq");
    OF_ORGANISATION = concat!("SELECT ", change_columns!(), " FROM entry_change WHERE organisation_id = $1 ORDER BY seq");
    UNANSWERED = "INSERT INTO provider_silence (organisation_id, unanswered, withheld_at) VALUES ($1, 1, NULL) ON CONFLICT (organisation_id) DO UPDATE SET unanswered = provider_silence.unanswered + 1";
    WITHHELD = "SELECT organisation_id, unanswered, withheld_at FROM provider_silence WHERE withheld_at IS NOT NULL ORDER BY withheld_at, organisation_id";
    // Each by its own index.
    WAITS_ON = "SELECT (SELECT COUNT(*) FROM referral WHERE provider_id = $1 AND ended_at IS NULL) AS referrals, (SELECT COUNT(*) FROM case_file WHERE holder_id = $1 AND closed_at IS NULL) AS cases, (SELECT COUNT(*) FROM stop_request WHERE recipient_id = $1 AND confirmed_at IS NULL) AS stops";
    SENT_SINCE = "SELECT COUNT(*) AS referrals FROM referral WHERE provider_id = $1 AND ended_at IS NULL AND sent_at >= $2";
    BROKEN = "DELETE FROM provider_silence WHERE organisation_id = $1";
}

pub(crate) fn all_statements() -> Vec<&'static str> {
    [
        EntryChangeRecord::statements(),
        SilenceRecord::statements(),
        statements(),
    ]
    .concat()
}

fn changes(rows: &[Row]) -> Result<Vec<EntryChangeRecord>, StoreError> {
    rows.iter().map(EntryChangeRecord::read).collect()
}

/// The changes of an entry, newest first, at most `limit`.
///
/// # Errors
/// When the store fails.
pub fn history(tx: &mut Tx<'_>, entry: Uuid, limit: i64) -> Result<Vec<EntryChangeRecord>, StoreError> {
    changes(&tx.query(HISTORY, &params![entry, limit])?)
}

/// The last change of a kind that was made to an entry.
///
/// # Errors
/// When the store fails.
pub fn last_of_kind(tx: &mut Tx<'_>, entry: Uuid, kind: &str) -> Result<Option<EntryChangeRecord>, StoreError> {
    Ok(changes(&tx.query(LAST_OF_KIND, &params![entry, kind])?)?.pop())
}

/// The changes that wait to be decided, oldest first, at most `limit`.
///
/// # Errors
/// When the store fails.
pub fn waiting(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<EntryChangeRecord>, StoreError> {
    changes(&tx.query(WAITING, &params![limit])?)
}

/// The same of one organisation, all of them.
///
/// # Errors
/// When the store fails.
pub fn waiting_of(tx: &mut Tx<'_>, organisation: OrganisationId) -> Result<Vec<EntryChangeRecord>, StoreError> {
    changes(&tx.query(WAITING_OF, &params![organisation])?)
}

/// Every change of an organisation's entries, oldest first.
///
/// # Errors
/// When the store fails.
pub fn changes_of(tx: &mut Tx<'_>, organisation: OrganisationId) -> Result<Vec<EntryChangeRecord>, StoreError> {
    changes(&tx.query(OF_ORGANISATION, &params![organisation])?)
}

/// One more referral that a provider left unanswered; how it stands.
///
/// # Errors
/// When the store fails.
pub fn unanswered(tx: &mut Tx<'_>, provider: OrganisationId) -> Result<SilenceRecord, StoreError> {
    tx.execute_one(UNANSWERED, &params![provider])?;
    SilenceRecord::find(tx, provider)?
        .ok_or_else(|| StoreError::Schema(format!("provider_silence {provider}: not kept")))
}

/// The providers that are not offered, the longest silent first.
///
/// # Errors
/// When the store fails.
pub fn withheld(tx: &mut Tx<'_>) -> Result<Vec<SilenceRecord>, StoreError> {
    tx.query(WITHHELD, &[])?.iter().map(SilenceRecord::read).collect()
}

/// What is under way with an organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnderWay {
    /// Referrals to it that have not ended.
    pub referrals: i64,
    /// Cases that it holds.
    pub cases: i64,
    /// Requests to stop using data that it has not confirmed.
    pub stops: i64,
}

/// What is under way with an organisation.
///
/// # Errors
/// When the store fails.
pub fn under_way(tx: &mut Tx<'_>, organisation: OrganisationId) -> Result<UnderWay, StoreError> {
    let row = tx.query_one(WAITS_ON, &params![organisation])?;
    Ok(UnderWay {
        referrals: row.get("referrals")?,
        cases: row.get("cases")?,
        stops: row.get("stops")?,
    })
}

/// How many open referrals were sent to a provider since a time.
///
/// # Errors
/// When the store fails.
pub fn sent_since(tx: &mut Tx<'_>, provider: OrganisationId, since: DateTime<Utc>) -> Result<i64, StoreError> {
    tx.query_one(SENT_SINCE, &params![provider, since])?.get("referrals")
}

/// A provider answered: nothing of it is counted any more.
///
/// # Errors
/// When the store fails.
pub fn broken(tx: &mut Tx<'_>, provider: OrganisationId) -> Result<(), StoreError> {
    tx.execute(BROKEN, &params![provider])?;
    Ok(())
}

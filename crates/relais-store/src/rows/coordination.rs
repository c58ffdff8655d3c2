//! What the secretariat and the regions look after: calls about late work,
//! providers' figures with their right of reply.

use chrono::{DateTime, Utc};
use relais_network::{CaseId, FigureId, LateCallId, OrganisationId, UserId};
use uuid::Uuid;

use super::{record, statements};
use crate::{Row, StoreError, Tx, Value};

record! {
    /// A call about late work, or a letter handed over.
    LateCallRecord in "late_call" key id: LateCallId {
        /// Call.
        id: LateCallId,
        /// Need or referral that was late.
        subject: Uuid,
        /// Case, under whose key the words lie.
        case_id: CaseId,
        /// Organisation called.
        organisation_id: OrganisationId,
        /// telephone or letter.
        channel: String,
        /// Who called.
        by_user: UserId,
        /// When.
        at: DateTime<Utc>,
        /// The date promised.
        promised_on: Option<String>,
        /// Sealed: who answered, what was promised.
        words: Vec<u8>,
    }
}

record! {
    /// A provider's figures of one window, as they were put before it.
    FigureRecord in "provider_figure" key id: FigureId {
        /// Figures.
        id: FigureId,
        /// Provider.
        organisation_id: OrganisationId,
        /// Requests sent after.
        from_at: DateTime<Utc>,
        /// Requests sent until.
        until_at: DateTime<Utc>,
        /// Requests.
        asked: i64,
        /// Answered.
        answered: i64,
        /// Late.
        late: i64,
        /// Who put them before it.
        put_by: UserId,
        /// When.
        put_at: DateTime<Utc>,
        /// Until when it may reply before they are shown by name.
        reply_until: DateTime<Utc>,
        /// When it replied.
        replied_at: Option<DateTime<Utc>>,
        /// Who replied.
        replied_by: Option<UserId>,
        /// Key under which the reply lies.
        slot: i64,
        /// Sealed reply.
        reply: Option<Vec<u8>>,
        /// Version.
        version: i64,
    }
}

/// What counts as an answer of the provider.
macro_rules! answers {
    () => {
        "('accepted', 'declined', 'waitlisted', 'info_asked')"
    };
}
pub(super) use answers;

/// A request `r` is late by a limit that passed before any answer: a later
/// reminder is about something else.
macro_rules! late {
    () => {
        concat!(
            "EXISTS (SELECT 1 FROM event e WHERE e.subject = r.id AND (e.kind = 'expired' OR (e.kind = 'reminded' AND e.meta LIKE '%\"percent\":100,%' ",
            "AND NOT EXISTS (SELECT 1 FROM event a WHERE a.subject = r.id AND a.kind IN ", answers!(), " AND a.happened_at <= e.happened_at))))",
        )
    };
}
pub(super) use late;

/// What was asked. A request that was taken back in time, before the provider
/// answered and before it was late, tells nothing of it.
macro_rules! figures {
    ($of:literal) => {
        concat!(
            "SELECT f.provider_id AS provider_id, COUNT(*) AS asked, SUM(f.answered) AS answered, SUM(f.late) AS late FROM (",
            "SELECT r.provider_id, r.state, ",
            "CASE WHEN EXISTS (SELECT 1 FROM event e WHERE e.subject = r.id AND e.kind IN ", answers!(), ") THEN 1 ELSE 0 END AS answered, ",
            "CASE WHEN ", late!(), " THEN 1 ELSE 0 END AS late ",
            "FROM referral r WHERE r.sent_at > $1 AND r.sent_at <= $2 AND r.restricted = 0 AND r.state <> 'voided' ",
            "AND r.case_id NOT IN (SELECT id FROM case_file WHERE regime <> 'ordinary')", $of,
            ") f WHERE f.state NOT IN ('cancelled', 'withdrawn', 'ended') OR f.answered = 1 OR f.late = 1 GROUP BY f.provider_id ORDER BY f.provider_id",
        )
    };
}

statements! {
    /// Needs recorded since, by region and group; none of a protected case.
    NEEDS_RECORDED = "SELECT c.region AS region, n.group_code AS group_code, COUNT(*) AS n FROM need n JOIN case_file c ON c.id = n.case_id WHERE n.recorded_at >= $1 AND c.regime = 'ordinary' GROUP BY c.region, n.group_code";
    /// Referrals sent since, likewise.
    REFERRALS_SENT = "SELECT r.region AS region, n.group_code AS group_code, COUNT(*) AS n FROM referral r JOIN need n ON n.id = r.need_id JOIN case_file c ON c.id = r.case_id WHERE r.sent_at >= $1 AND c.regime = 'ordinary' GROUP BY r.region, n.group_code";
    /// Calls about one need or referral, newest first.
    CALLS_OF = "SELECT id, subject, case_id, organisation_id, channel, by_user, at, promised_on, words FROM late_call WHERE subject = $1 ORDER BY seq DESC LIMIT $2";
    /// Calls since, newest first, of one region or, where none is named, of all; none about a protected case.
    CALLS_SINCE = "SELECT l.id, l.subject, l.case_id, l.organisation_id, l.channel, l.by_user, l.at, l.promised_on, l.words, c.slot AS slot FROM late_call l JOIN case_file c ON c.id = l.case_id WHERE l.at > $1 AND c.regime = 'ordinary' AND c.state <> 'ended' AND ($2 = '' OR c.region = $2) ORDER BY l.at DESC, l.seq DESC LIMIT $3";
    /// Requests by provider: asked, answered, late. Needs above S3 and protected cases are not in it.
    FIGURES = figures!("");
    /// The same of one provider.
    FIGURES_OF = figures!(" AND r.provider_id = $3");
    /// Figures put before providers since, newest first.
    PUT_SINCE = "SELECT id, organisation_id, from_at, until_at, asked, answered, late, put_by, put_at, reply_until, replied_at, replied_by, slot, reply, version FROM provider_figure WHERE put_at > $1 ORDER BY seq DESC LIMIT $2";
    /// Figures put before one provider, newest first.
    PUT_BEFORE = "SELECT id, organisation_id, from_at, until_at, asked, answered, late, put_by, put_at, reply_until, replied_at, replied_by, slot, reply, version FROM provider_figure WHERE organisation_id = $1 ORDER BY seq DESC LIMIT 1";
}

pub(crate) fn all_statements() -> Vec<&'static str> {
    [LateCallRecord::statements(), FigureRecord::statements(), statements()].concat()
}

/// A call with what is needed to read it.
#[derive(Debug, Clone)]
pub struct CallLine {
    /// Call.
    pub call: LateCallRecord,
    /// Subject key of the case.
    pub slot: i64,
}

/// What was asked of one provider, and what came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    /// Provider.
    pub provider: OrganisationId,
    /// Requests sent.
    pub asked: i64,
    /// Of these, answered: accepted, declined, waiting list, a question.
    pub answered: i64,
    /// Of these, whose limit passed without an answer.
    pub late: i64,
}

/// Calls about one need or referral, newest first.
///
/// # Errors
/// When the store fails.
pub fn calls_of(tx: &mut Tx<'_>, subject: Uuid, limit: i64) -> Result<Vec<LateCallRecord>, StoreError> {
    tx.query(CALLS_OF, &[Value::from(subject), Value::from(limit)])?
        .iter()
        .map(LateCallRecord::read)
        .collect()
}

/// Calls since an instant, newest first, about cases of one region or of all.
///
/// # Errors
/// When the store fails.
pub fn calls_since(
    tx: &mut Tx<'_>,
    since: DateTime<Utc>,
    region: Option<&str>,
    limit: i64,
) -> Result<Vec<CallLine>, StoreError> {
    let values = [
        Value::from(since),
        Value::from(region.unwrap_or_default()),
        Value::from(limit),
    ];
    tx.query(CALLS_SINCE, &values)?
        .iter()
        .map(|row| {
            Ok(CallLine {
                call: LateCallRecord::read(row)?,
                slot: row.get("slot")?,
            })
        })
        .collect()
}

/// The figures of all providers, or of one, over requests sent in a window.
///
/// # Errors
/// When the store fails.
pub fn figures(
    tx: &mut Tx<'_>,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    of: Option<OrganisationId>,
) -> Result<Vec<Figures>, StoreError> {
    let rows = match of {
        None => tx.query(FIGURES, &[Value::from(from), Value::from(until)])?,
        Some(one) => tx.query(FIGURES_OF, &[Value::from(from), Value::from(until), Value::from(one)])?,
    };
    rows.iter()
        .map(|row| {
            Ok(Figures {
                provider: row.get("provider_id")?,
                asked: row.get("asked")?,
                answered: row.get("answered")?,
                late: row.get("late")?,
            })
        })
        .collect()
}

/// Figures put before providers since an instant, newest first.
///
/// # Errors
/// When the store fails.
pub fn put_since(tx: &mut Tx<'_>, since: DateTime<Utc>, limit: i64) -> Result<Vec<FigureRecord>, StoreError> {
    tx.query(PUT_SINCE, &[Value::from(since), Value::from(limit)])?
        .iter()
        .map(FigureRecord::read)
        .collect()
}

/// The figures last put before one provider.
///
/// # Errors
/// When the store fails.
pub fn put_before(tx: &mut Tx<'_>, organisation: OrganisationId) -> Result<Option<FigureRecord>, StoreError> {
    tx.query(PUT_BEFORE, &[Value::from(organisation)])?
        .first()
        .map(FigureRecord::read)
        .transpose()
}

/// How many of a group of needs in a region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupCount {
    /// Region.
    pub region: String,
    /// Group of the needs, or "restricted".
    pub group: String,
    /// How many.
    pub count: i64,
}

fn asked(tx: &mut Tx<'_>, statement: &'static str, since: DateTime<Utc>) -> Result<Vec<GroupCount>, StoreError> {
    let cell = |row: &Row| {
        Ok(GroupCount {
            region: row.get("region")?,
            group: row.get("group_code")?,
            count: row.get("n")?,
        })
    };
    tx.query(statement, &[Value::from(since)])?.iter().map(cell).collect()
}

/// Needs recorded since, by the region of their case; never those of protected
/// cases.
///
/// # Errors
/// When the store fails.
pub fn needs_recorded(tx: &mut Tx<'_>, since: DateTime<Utc>) -> Result<Vec<GroupCount>, StoreError> {
    asked(tx, NEEDS_RECORDED, since)
}

/// Referrals sent since, by the region of the service; never those of protected
/// cases.
///
/// # Errors
/// When the store fails.
pub fn referrals_sent(tx: &mut Tx<'_>, since: DateTime<Utc>) -> Result<Vec<GroupCount>, StoreError> {
    asked(tx, REFERRALS_SENT, since)
}

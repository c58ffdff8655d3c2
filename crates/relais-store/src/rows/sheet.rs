//! Counts of the monthly sheet and of a provider's statement: what was opened, sent,
//! answered and served between two instants. Protected cases and needs above S3 are
//! not in them.

use chrono::{DateTime, Utc};
use relais_network::OrganisationId;

use super::coordination::{answers, late};
use super::statements;
use crate::{Row, StoreError, Tx, Value};

/// Referrals sent in a time, by the region of the service. One that was taken back
/// before the provider answered and before it was late tells nothing of it.
macro_rules! sheet {
    ($of:literal) => {
        concat!(
            "SELECT f.region AS region, COUNT(*) AS sent, SUM(f.answered) AS answered, ",
            "SUM(CASE WHEN f.answered = 1 AND f.late = 0 THEN 1 ELSE 0 END) AS in_time, ",
            "SUM(CASE WHEN f.answered = 1 OR f.late = 1 THEN 1 ELSE 0 END) AS settled, ",
            "SUM(CASE WHEN f.taken = 1 AND f.late = 0 THEN 1 ELSE 0 END) AS taken_in_time, ",
            "SUM(CASE WHEN f.taken = 1 OR f.declined = 1 THEN 1 ELSE 0 END) AS decided, ",
            "SUM(f.declined) AS declined, ",
            "SUM(CASE WHEN f.decline_code IN ('no_capacity', 'no_funding', 'suspended') OR f.outcome = 'no_capacity' THEN 1 ELSE 0 END) AS without_means, ",
            "SUM(f.expired) AS expired, ",
            "SUM(CASE WHEN f.outcome IS NOT NULL THEN 1 ELSE 0 END) AS reported, ",
            "SUM(CASE WHEN f.outcome IN ('served', 'partly_served') THEN 1 ELSE 0 END) AS served, ",
            "SUM(CASE WHEN f.confirmation IN ('person', 'person_through_sender') THEN 1 ELSE 0 END) AS confirmed FROM (",
            "SELECT r.region, r.state, r.outcome, r.confirmation, r.decline_code, ",
            "CASE WHEN EXISTS (SELECT 1 FROM event e WHERE e.subject = r.id AND e.kind IN ", answers!(), ") THEN 1 ELSE 0 END AS answered, ",
            "CASE WHEN EXISTS (SELECT 1 FROM event e WHERE e.subject = r.id AND e.kind IN ('accepted', 'waitlisted')) THEN 1 ELSE 0 END AS taken, ",
            "CASE WHEN EXISTS (SELECT 1 FROM event e WHERE e.subject = r.id AND e.kind = 'declined') THEN 1 ELSE 0 END AS declined, ",
            "CASE WHEN EXISTS (SELECT 1 FROM event e WHERE e.subject = r.id AND e.kind = 'expired') THEN 1 ELSE 0 END AS expired, ",
            "CASE WHEN ", late!(), " THEN 1 ELSE 0 END AS late ",
            "FROM referral r WHERE r.sent_at >= $1 AND r.sent_at < $2 AND r.restricted = 0 AND r.state <> 'voided' ",
            "AND r.case_id NOT IN (SELECT id FROM case_file WHERE regime <> 'ordinary')", $of,
            ") f WHERE f.state NOT IN ('cancelled', 'withdrawn', 'ended') OR f.answered = 1 OR f.late = 1 GROUP BY f.region ORDER BY f.region",
        )
    };
}

statements! {
    /// Cases opened, by region.
    CASES_OPENED = "SELECT region, COUNT(*) AS n FROM case_file WHERE opened_at >= $1 AND opened_at < $2 AND regime = 'ordinary' GROUP BY region ORDER BY region";
    /// Referrals of everybody.
    SENT = sheet!("");
    /// Those of one provider.
    SENT_TO = sheet!(" AND r.provider_id = $3");
    /// Needs that have waited since before an instant, and of these the ones that no provider ever accepted.
    WAITING = "SELECT f.region AS region, COUNT(*) AS waiting, SUM(f.unmet) AS unmet FROM (SELECT c.region, CASE WHEN EXISTS (SELECT 1 FROM referral r JOIN event e ON e.subject = r.id AND e.kind = 'accepted' WHERE r.case_id = n.case_id AND r.need_id = n.id) THEN 0 ELSE 1 END AS unmet FROM need n JOIN case_file c ON c.id = n.case_id WHERE n.state IN ('open', 'referred') AND n.recorded_at <= $1 AND n.group_code <> 'restricted' AND c.regime = 'ordinary' AND c.state <> 'ended') f GROUP BY f.region ORDER BY f.region";
}

/// A count of one region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegionCount {
    /// Region.
    pub region: String,
    /// How many.
    pub count: i64,
}

/// What came of the referrals sent in a time, in one region.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SentCount {
    /// Region of the service.
    pub region: String,
    /// Sent.
    pub sent: i64,
    /// Answered: accepted, declined, waiting list, a question.
    pub answered: i64,
    /// Answered before the limit.
    pub in_time: i64,
    /// Answered, or whose limit passed.
    pub settled: i64,
    /// Accepted or put on the waiting list before the limit.
    pub taken_in_time: i64,
    /// Accepted, put on the waiting list or declined.
    pub decided: i64,
    /// Declined.
    pub declined: i64,
    /// Declined, or not served, for want of room or money.
    pub without_means: i64,
    /// Expired without an answer.
    pub expired: i64,
    /// Of which the provider said how they ended.
    pub reported: i64,
    /// Served, in whole or in part.
    pub served: i64,
    /// Confirmed by the person.
    pub confirmed: i64,
}

/// Needs that wait for long, in one region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingCount {
    /// Region.
    pub region: String,
    /// That wait.
    pub waiting: i64,
    /// Of these, never accepted by anybody.
    pub unmet: i64,
}

/// Cases opened from an instant to before another.
///
/// # Errors
/// When the store fails.
pub fn cases_opened(
    tx: &mut Tx<'_>,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Vec<RegionCount>, StoreError> {
    let read = |row: &Row| {
        Ok(RegionCount {
            region: row.get("region")?,
            count: row.get("n")?,
        })
    };
    let values = [Value::from(from), Value::from(until)];
    tx.query(CASES_OPENED, &values)?.iter().map(read).collect()
}

/// Referrals sent from an instant to before another: of all, or to one provider.
///
/// # Errors
/// When the store fails.
pub fn sent(
    tx: &mut Tx<'_>,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    to: Option<OrganisationId>,
) -> Result<Vec<SentCount>, StoreError> {
    let rows = match to {
        None => tx.query(SENT, &[Value::from(from), Value::from(until)])?,
        Some(one) => tx.query(SENT_TO, &[Value::from(from), Value::from(until), Value::from(one)])?,
    };
    rows.iter()
        .map(|row| {
            Ok(SentCount {
                region: row.get("region")?,
                sent: row.get("sent")?,
                answered: row.get("answered")?,
                in_time: row.get("in_time")?,
                settled: row.get("settled")?,
                taken_in_time: row.get("taken_in_time")?,
                decided: row.get("decided")?,
                declined: row.get("declined")?,
                without_means: row.get("without_means")?,
                expired: row.get("expired")?,
                reported: row.get("reported")?,
                served: row.get("served")?,
                confirmed: row.get("confirmed")?,
            })
        })
        .collect()
}

/// Needs that are open and were recorded before an instant.
///
/// # Errors
/// When the store fails.
pub fn waiting(tx: &mut Tx<'_>, recorded_before: DateTime<Utc>) -> Result<Vec<WaitingCount>, StoreError> {
    let read = |row: &Row| {
        Ok(WaitingCount {
            region: row.get("region")?,
            waiting: row.get("waiting")?,
            unmet: row.get("unmet")?,
        })
    };
    tx.query(WAITING, &[Value::from(recorded_before)])?
        .iter()
        .map(read)
        .collect()
}

//! The short reintegration plan of a case, as it stands; what it was before is
//! in the case's chain.

use chrono::{DateTime, Utc};
use relais_network::{CaseId, OrganisationId, UserId};

use super::lists::{CaseBeside, beside};
use super::{record, statements};
use crate::{Row, StoreError, Tx, Value};

record! {
    /// A plan.
    PlanRecord in "case_plan" key case_id: CaseId {
        /// Case.
        case_id: CaseId,
        /// Where it stands.
        status: String,
        /// When it is looked at again; none once it is over.
        review_at: Option<DateTime<Utc>>,
        /// Last written.
        written_at: DateTime<Utc>,
        /// By whom.
        written_by: UserId,
        /// Sealed: wish, goals, steps, who does them.
        detail: Vec<u8>,
        /// Version of the mechanism.
        mechanism_hash: String,
        /// Version.
        version: i64,
    }
}

statements! {
    PLANS_DUE_OF_USER = "SELECT p.case_id, p.review_at, c.seq AS case_seq, c.year AS case_year, c.region AS case_region, c.slot AS case_slot, c.card AS case_card, c.holder_id AS case_holder, c.regime AS case_regime FROM case_plan p JOIN case_file c ON c.id = p.case_id WHERE c.assigned_user_id = $1 AND c.state = 'open' AND p.review_at <= $2 AND EXISTS (SELECT 1 FROM grant_row g WHERE g.holder_id = $1 AND g.case_id = c.id AND g.from_at <= $2 AND (g.until_at IS NULL OR g.until_at > $2)) ORDER BY p.review_at, c.seq LIMIT $3";
    PLANS_DUE_OF_HOLDER = "SELECT p.case_id, p.review_at, c.seq AS case_seq, c.year AS case_year, c.region AS case_region, c.slot AS case_slot, c.card AS case_card, c.holder_id AS case_holder, c.regime AS case_regime FROM case_plan p JOIN case_file c ON c.id = p.case_id WHERE c.holder_id = $1 AND c.state = 'open' AND p.review_at <= $2 AND EXISTS (SELECT 1 FROM grant_row g WHERE g.holder_id = $1 AND g.case_id = c.id AND g.from_at <= $2 AND (g.until_at IS NULL OR g.until_at > $2)) ORDER BY p.review_at, c.seq LIMIT $3";
}

pub(crate) fn all_statements() -> Vec<&'static str> {
    [PlanRecord::statements(), statements()].concat()
}

/// A plan that is to be looked at again.
#[derive(Debug, Clone)]
pub struct PlanDue {
    /// Case.
    pub case_id: CaseId,
    /// Since when.
    pub review_at: DateTime<Utc>,
    /// What its list shows of the case.
    pub case: CaseBeside,
}

fn line(row: &Row) -> Result<PlanDue, StoreError> {
    Ok(PlanDue {
        case_id: row.get("case_id")?,
        review_at: row.get("review_at")?,
        case: beside(row)?,
    })
}

/// Plans to be looked at again, of the cases that a user works on.
///
/// # Errors
/// When the store fails.
pub fn due_of_user(tx: &mut Tx<'_>, user: UserId, now: DateTime<Utc>, limit: i64) -> Result<Vec<PlanDue>, StoreError> {
    let values = [Value::from(user), Value::from(now), Value::from(limit)];
    tx.query(PLANS_DUE_OF_USER, &values)?.iter().map(line).collect()
}

/// Plans to be looked at again, of the cases that an organisation holds, for
/// its supervisors.
///
/// # Errors
/// When the store fails.
pub fn due_of_holder(
    tx: &mut Tx<'_>,
    holder: OrganisationId,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<PlanDue>, StoreError> {
    let values = [Value::from(holder), Value::from(now), Value::from(limit)];
    tx.query(PLANS_DUE_OF_HOLDER, &values)?.iter().map(line).collect()
}

//! The short reintegration plan of a case, as it stands; what it was before is
//! in the case's chain.

use chrono::{DateTime, Utc};
use relais_mechanism::ClassSet;
use relais_network::{CaseId, OrganisationId, UserId};

use super::lists::{CaseBeside, beside};
use super::{plan_columns, plan_granted, record, statements};
use crate::{Row, StoreError, Tx, Value};

record! {
    /// A plan.
    PlanRecord in "case_plan" key case_id: CaseId {
        /// Case.
        case_id: CaseId,
        /// Where it stands.
        status: String,
        /// When it is looked at again; none once it is over, or rests with a
        /// holder who may not read it.
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
    PLANS_DUE_OF_USER = concat!("SELECT ", plan_columns!(), " FROM case_plan p JOIN case_file c ON c.id = p.case_id WHERE c.assigned_user_id = $1 AND c.state = 'open' AND p.review_at <= $2 AND ", plan_granted!(), " ORDER BY p.review_at, c.seq LIMIT $4");
    PLANS_DUE_OF_HOLDER = concat!("SELECT ", plan_columns!(), " FROM case_plan p JOIN case_file c ON c.id = p.case_id WHERE c.holder_id = $1 AND c.state = 'open' AND p.review_at <= $2 AND ", plan_granted!(), " ORDER BY p.review_at, c.seq LIMIT $4");
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

/// Plans to be looked at again, of the cases that a user works on and of which
/// they may read one of the classes.
///
/// # Errors
/// When the store fails.
pub fn due_of_user(
    tx: &mut Tx<'_>,
    user: UserId,
    now: DateTime<Utc>,
    classes: ClassSet,
    limit: i64,
) -> Result<Vec<PlanDue>, StoreError> {
    let values = [
        Value::from(user),
        Value::from(now),
        Value::from(classes),
        Value::from(limit),
    ];
    tx.query(PLANS_DUE_OF_USER, &values)?.iter().map(line).collect()
}

/// The same of the cases that an organisation holds, for its supervisors.
///
/// # Errors
/// When the store fails.
pub fn due_of_holder(
    tx: &mut Tx<'_>,
    holder: OrganisationId,
    now: DateTime<Utc>,
    classes: ClassSet,
    limit: i64,
) -> Result<Vec<PlanDue>, StoreError> {
    let values = [
        Value::from(holder),
        Value::from(now),
        Value::from(classes),
        Value::from(limit),
    ];
    tx.query(PLANS_DUE_OF_HOLDER, &values)?.iter().map(line).collect()
}

//! The short reintegration plan of a case (DOMAIN F9): written by its team with
//! the person, looked at again every three months at the latest.

use std::sync::Arc;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use relais_casework::calendar::{douala, local_date};
use relais_casework::plan::{Plan, PlanStatus, REVIEW_DAYS};
use relais_casework::visible::{CaseState, FileScope, Shown, View, visible_need};
use relais_mechanism::{ActingFor, DataClass, Role};
use relais_network::{CaseId, NeedId};
use relais_store::due::{self, Due};
use relais_store::rows::accounts::UserRecord;
use relais_store::rows::cases::{self, CaseRecord};
use relais_store::rows::plans::{self, PlanRecord};
use relais_store::{StoreError, Tx};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::codes::case_code;
use crate::desk::{Desk, Viewer};
use crate::file::{Card, CaseFile, open_unless_erased, seal};
use crate::needs::may_write;
use crate::problem::{ActError, FieldProblem};
use crate::share;
use crate::views::{EndedRow, Made};
use crate::write::{self, Doer, Stream};

/// Kind of the due work: a plan is to be looked at again.
pub const DUE: &str = "plan";
/// Plans to be looked at again, on a day at most.
const ROWS: i64 = 50;

/// Write the plan of a case, in place of the one before.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WritePlan {
    /// Id of the act, made by its maker.
    pub id: Uuid,
    /// Version of the plan that the maker saw; 0 where there was none.
    pub version: i64,
    /// The plan.
    pub plan: Plan,
}

/// A need to which a goal may be linked.
#[derive(Debug, Clone, Serialize)]
pub struct PlanNeed {
    /// Need.
    pub id: NeedId,
    /// As the viewer may read it.
    pub label: String,
}

/// The plan as the case's team reads it.
#[derive(Debug, Clone, Serialize)]
pub struct PlanView {
    /// Case.
    pub case_id: CaseId,
    /// Its code.
    pub case_code: String,
    /// Version of the plan; 0 where there is none.
    pub version: i64,
    /// The plan.
    pub plan: Option<Plan>,
    /// Last written.
    pub written_at: Option<DateTime<Utc>>,
    /// By whom.
    pub written_by: Option<String>,
    /// The latest day for the next review.
    pub review_by: NaiveDate,
    /// Needs of the case.
    pub needs: Vec<PlanNeed>,
    /// Whether the viewer may write it now.
    pub may_write: bool,
}

/// Whether the viewer reads plans: of the case's team, which after a transfer
/// may lack the class.
fn reads(view: &View) -> bool {
    matches!(
        view,
        View::File {
            scope: FileScope::Whole,
            classes,
            ..
        } if classes.contains(DataClass::Plan)
    )
}

fn open(tx: &Tx<'_>, file: &CaseFile, record: &PlanRecord) -> Result<Plan, StoreError> {
    let (sealer, id) = (tx.sealer(), record.case_id.0);
    crate::file::open(&sealer, "case_plan", "detail", id, file.record.slot, &record.detail)
}

/// The plan of a case.
///
/// # Errors
/// [`ActError::NotFound`] for whoever is not of the case's team.
pub async fn view(desk: &Arc<Desk>, viewer: &Viewer, case: CaseId) -> Result<PlanView, ActError> {
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let (file, sight, _) = CaseFile::load_for(tx, &desk_, &viewer_, case)?;
        if !reads(&sight) {
            return Err(ActError::NotFound);
        }
        let mechanism = desk_.version(tx, &file.record.mechanism_hash)?;
        let record = PlanRecord::find(tx, case)?;
        let (plan, by) = match &record {
            Some(record) => (
                Some(open(tx, &file, record)?),
                UserRecord::find(tx, record.written_by)?.map(|u| u.display_name),
            ),
            None => (None, None),
        };
        let today = local_date(tx.now()?);
        let needs = file
            .needs
            .iter()
            .filter_map(|n| {
                let labels = share::labels(&mechanism, &n.detail.service);
                visible_need(&labels, &sight, true, true, Shown::File).map(|l| PlanNeed {
                    id: n.record.id,
                    label: l.get(viewer_.lang).to_owned(),
                })
            })
            .collect();
        let view = PlanView {
            case_id: case,
            case_code: case_code(&mechanism, file.seq),
            version: record.as_ref().map_or(0, |r| r.version),
            plan,
            written_at: record.as_ref().map(|r| r.written_at),
            written_by: by,
            review_by: today.checked_add_days(Days::new(REVIEW_DAYS)).unwrap_or(today),
            needs,
            may_write: may_write(&sight, &file, &viewer_).is_ok(),
        };
        Ok((view, vec![case]))
    })
    .await
}

/// Writes the plan.
///
/// # Errors
/// [`ActError::NotFound`], [`ActError::Forbidden`], [`ActError::Stale`],
/// [`ActError::Invalid`] with each field that is wrong.
pub async fn write(desk: &Arc<Desk>, viewer: &Viewer, case: CaseId, command: WritePlan) -> Result<Made, ActError> {
    let (desk_, viewer) = (Arc::clone(desk), viewer.clone());
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            write::once(tx, &viewer, "plan", command.id, &(case, &command), |tx| {
                write_in(tx, &desk_, &viewer, case, &command)
            })
        })
        .await
}

/// The morning of a day in Douala.
fn morning(day: NaiveDate) -> DateTime<Utc> {
    let at = day.and_time(NaiveTime::from_hms_opt(8, 0, 0).unwrap_or(NaiveTime::MIN));
    at.and_local_timezone(douala())
        .single()
        .map_or_else(|| at.and_utc(), |t| t.with_timezone(&Utc))
}

fn write_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    case: CaseId,
    command: &WritePlan,
) -> Result<Made, ActError> {
    cases::lock_case(tx, case)?;
    let (file, view, _) = CaseFile::load_for(tx, desk, viewer, case)?;
    may_write(&view, &file, viewer)?;
    if !reads(&view) {
        return Err(ActError::Forbidden { code: "write_plan" });
    }
    let before = PlanRecord::find(tx, case)?;
    let current = before.as_ref().map_or(0, |r| r.version);
    if current != command.version {
        return Err(ActError::Stale {
            base: command.version,
            current,
        });
    }
    let now = tx.now()?;
    let needs: Vec<NeedId> = file.needs.iter().map(|n| n.record.id).collect();
    let wrong: Vec<FieldProblem> = command
        .plan
        .problems(&needs, local_date(now))
        .into_iter()
        .map(|(field, problem)| FieldProblem {
            field,
            code: problem.code().to_owned(),
            message: problem.message(),
        })
        .collect();
    if !wrong.is_empty() {
        return Err(ActError::Invalid(wrong));
    }
    let plan = &command.plan;
    let review_at = plan.status.is_reviewed().then(|| morning(plan.review_on));
    let (sealer, slot, mechanism) = (tx.sealer(), file.record.slot, desk.mechanism());
    let record = PlanRecord {
        case_id: case,
        status: plan.status.code().to_owned(),
        review_at,
        written_at: now,
        written_by: viewer.user,
        detail: seal(&sealer, "case_plan", "detail", case.0, slot, plan)?,
        mechanism_hash: mechanism.hash().to_owned(),
        version: current + 1,
    };
    if before.is_some() {
        record.update(tx)?;
    } else {
        record.insert(tx)?;
    }
    set_due(tx, &record)?;
    let mut stream = Stream::lock(tx, case, slot, Doer::of(viewer, ActingFor::Sender), mechanism.hash())?;
    let words = serde_json::to_string(plan).map_err(|e| StoreError::Schema(e.to_string()))?;
    let facts = json!({ "status": plan.status, "goals": plan.goals.len(), "review": review_at });
    stream.add(tx, case.0, "plan_written", &facts, now, &words)?;
    Ok(Made {
        id: command.id,
        code: case_code(&mechanism, file.seq),
        version: record.version,
    })
}

fn set_due(tx: &mut Tx<'_>, record: &PlanRecord) -> Result<(), StoreError> {
    let (subject, kind) = (record.case_id.0, format!("{DUE}@100"));
    match record.review_at {
        Some(due_at) => due::move_to(
            tx,
            &Due {
                subject,
                kind,
                due_at,
                state_version: record.version,
            },
        ),
        None => due::clear_kind(tx, subject, &kind).map(|_| ()),
    }
}

/// The day of the review has come: the case's team is told, once.
///
/// # Errors
/// When the store fails.
pub fn time_passes(tx: &mut Tx<'_>, case: CaseId) -> Result<bool, ActError> {
    let (Some(file), Some(plan)) = (CaseRecord::find(tx, case)?, PlanRecord::find(tx, case)?) else {
        return Ok(false);
    };
    let now = tx.now()?;
    if file.state != CaseState::Open.code() || plan.review_at.is_none_or(|at| at > now) {
        return Ok(false);
    }
    let mut stream = Stream::lock(tx, case, file.slot, Doer::clock(), &plan.mechanism_hash)?;
    stream.add(tx, case.0, "plan_review_due", &json!({}), now, "")?;
    write::notice(tx, "plan_review", Some(file.holder_id), Role::CaseManager, case.0)?;
    Ok(true)
}

/// What is due of a plan, again, once its case is reopened.
///
/// # Errors
/// When the store fails.
pub(crate) fn resume(tx: &mut Tx<'_>, case: CaseId) -> Result<(), ActError> {
    match PlanRecord::find(tx, case)? {
        Some(record) if PlanStatus::from_code(&record.status).is_some_and(PlanStatus::is_reviewed) => {
            Ok(set_due(tx, &record)?)
        }
        _ => Ok(()),
    }
}

/// Plans of the viewer's cases that are to be looked at again.
pub(crate) fn to_review(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    lets: &dyn Fn(&str, relais_network::OrganisationId) -> bool,
) -> Result<Vec<EndedRow>, ActError> {
    let now = tx.now()?;
    let lines = if viewer.is(Role::Supervisor) {
        plans::due_of_holder(tx, viewer.organisation, now, ROWS)?
    } else if viewer.is(Role::CaseManager) {
        plans::due_of_user(tx, viewer.user, now, ROWS)?
    } else {
        Vec::new()
    };
    let (sealer, mechanism) = (tx.sealer(), desk.mechanism());
    let mut rows = Vec::new();
    for line in lines.iter().filter(|l| lets(&l.case.regime, l.case.holder)) {
        let (id, slot) = (line.case_id.0, line.case.slot);
        let card: Option<Card> = open_unless_erased(&sealer, "case_file", "card", id, slot, &line.case.card)?;
        if let Some(card) = card {
            rows.push(EndedRow {
                case_id: line.case_id,
                case_code: case_code(&mechanism, line.case.seq),
                initials: card.initials,
                at: line.review_at,
            });
        }
    }
    Ok(rows)
}

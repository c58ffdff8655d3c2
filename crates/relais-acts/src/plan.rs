//! The short reintegration plan of a case (DOMAIN F9): written by its team with
//! the person, looked at again every three months at the latest.

use std::sync::Arc;

use chrono::{DateTime, Days, NaiveDate, Utc};
use relais_casework::calendar::local_date;
use relais_casework::plan::{Plan, REVIEW_DAYS};
use relais_casework::visible::{CaseState, Shown, View, visible_need};
use relais_mechanism::{ActingFor, ClassSet, DataClass, Lang, Mechanism, Role};
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
use crate::day::Circuit;
use crate::desk::{Desk, Viewer};
use crate::file::{Card, CaseFile, open_unless_erased, seal};
use crate::needs::may_write;
use crate::problem::{ActError, FieldProblem};
use crate::share;
use crate::times;
use crate::views::{EndedRow, Made};
use crate::write::{self, Doer, Stream};

/// Kind of the due work: a plan is to be looked at again.
pub const DUE: &str = "plan";
/// The list of states of a plan (DOMAIN F9.07).
pub const STATES: &str = "plan_status";
/// Days after which the supervisor is told of a review that nobody made.
const LATE_DAYS: u64 = 14;
/// Its steps: when the review is due, and when it is late.
const STEPS: [(&str, u64); 2] = [("plan@100", 0), ("plan@200", LATE_DAYS)];
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
    /// Today, where the case is.
    pub today: NaiveDate,
    /// The latest day for the next review.
    pub review_by: NaiveDate,
    /// Needs of the case.
    pub needs: Vec<PlanNeed>,
    /// Whether the viewer may write it now.
    pub may_write: bool,
}

impl PlanView {
    /// The day that is proposed for the next review: the one agreed while it
    /// lies ahead, else the latest.
    #[must_use]
    pub fn review_on(&self) -> NaiveDate {
        let agreed = self.plan.as_ref().map(|p| p.review_on);
        agreed.filter(|on| *on > self.today).unwrap_or(self.review_by)
    }
}

/// That a case has a plan, or none, for whoever may read it.
#[derive(Debug, Clone, Serialize)]
pub struct PlanNote {
    /// Where it stands, in words; none where it was never written.
    pub status: Option<String>,
    /// When it is looked at again.
    pub review_at: Option<DateTime<Utc>>,
}

/// Whether the viewer reads plans: of the case's team, which after a transfer
/// may lack the class. Emergency access reads what saves life, not plans.
fn reads(view: &View) -> bool {
    view.is_of_team() && view.classes().contains(DataClass::Plan)
}

/// What the page of the case says of the plan, to whoever may read it.
pub(crate) fn of_case(
    tx: &mut Tx<'_>,
    mechanism: &Mechanism,
    view: &View,
    case: CaseId,
    lang: Lang,
) -> Result<Option<PlanNote>, StoreError> {
    if !reads(view) {
        return Ok(None);
    }
    let record = PlanRecord::find(tx, case)?;
    Ok(Some(PlanNote {
        status: record.as_ref().map(|r| {
            let label = mechanism.option_label(STATES, &r.status, lang);
            label.unwrap_or(&r.status).to_owned()
        }),
        review_at: record.and_then(|r| r.review_at),
    }))
}

fn open(tx: &Tx<'_>, file: &CaseFile, record: &PlanRecord) -> Result<Plan, StoreError> {
    let (sealer, id) = (tx.sealer(), record.case_id.0);
    crate::file::open(&sealer, "case_plan", "detail", id, file.record.slot, &record.detail)
}

/// The goals of the plan, each with whether it is reached, for whoever may read
/// them.
pub(crate) fn goals(tx: &mut Tx<'_>, file: &CaseFile, view: &View) -> Result<Vec<(String, bool)>, StoreError> {
    let record = PlanRecord::find(tx, file.record.id)?.filter(|_| reads(view));
    let plan = record.map(|record| open(tx, file, &record)).transpose()?;
    let goals = plan.into_iter().flat_map(|plan| plan.goals);
    Ok(goals.map(|g| (g.goal, g.done)).collect())
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
            today,
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
    ActError::unless_current(command.version, current)?;
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
    let review_at = plan.status.is_reviewed().then(|| times::morning(plan.review_on));
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
    for (kind, after) in STEPS {
        due::clear_kind(tx, record.case_id.0, kind)?;
        if let Some(due_at) = record.review_at.and_then(|at| at.checked_add_days(Days::new(after))) {
            let due = Due {
                subject: record.case_id.0,
                kind: kind.to_owned(),
                due_at,
                state_version: record.version,
            };
            due::set(tx, &due)?;
        }
    }
    Ok(())
}

/// The day of the review has come: the case's team is told, once; where nobody
/// made it in two weeks, the supervisor.
///
/// # Errors
/// When the store fails.
pub fn time_passes(tx: &mut Tx<'_>, case: CaseId, percent: u32) -> Result<bool, ActError> {
    cases::lock_case(tx, case)?;
    let (Some(file), Some(plan)) = (CaseRecord::find(tx, case)?, PlanRecord::find(tx, case)?) else {
        return Ok(false);
    };
    let now = tx.now()?;
    if file.state != CaseState::Open.code() || plan.review_at.is_none_or(|at| at > now) {
        return Ok(false);
    }
    let mut stream = Stream::lock(tx, case, file.slot, Doer::clock(), &plan.mechanism_hash)?;
    let (kind, role) = if percent > 100 {
        ("plan_review_late", Role::Supervisor)
    } else {
        ("plan_review_due", Role::CaseManager)
    };
    stream.add(tx, case.0, kind, &json!({}), now, "")?;
    write::notice(tx, kind, Some(file.holder_id), role, case.0)?;
    Ok(true)
}

/// What is due of a plan, again, once its case is reopened. A review that fell
/// while nobody could make it is due now: it is late in two weeks, not at once.
///
/// # Errors
/// When the store fails.
pub(crate) fn resume(tx: &mut Tx<'_>, case: CaseId) -> Result<(), StoreError> {
    let Some(mut record) = PlanRecord::find(tx, case)? else {
        return Ok(());
    };
    let now = tx.now()?;
    record.review_at = record.review_at.map(|at| at.max(now));
    record.update(tx)?;
    set_due(tx, &record)
}

/// Nothing of the plan is due any more: its case is closed.
///
/// # Errors
/// When the store fails.
pub(crate) fn silence(tx: &mut Tx<'_>, case: CaseId) -> Result<(), StoreError> {
    for (kind, _) in STEPS {
        due::clear_kind(tx, case.0, kind)?;
    }
    Ok(())
}

/// The case has moved to a holder who may read these classes. A plan that the
/// new team may not read is not theirs to review: it rests as it is.
///
/// # Errors
/// When the store fails.
pub(crate) fn follow(tx: &mut Tx<'_>, case: CaseId, classes: ClassSet) -> Result<(), StoreError> {
    match PlanRecord::find(tx, case)? {
        Some(record) if !classes.contains(DataClass::Plan) => {
            let resting = PlanRecord {
                review_at: None,
                ..record
            };
            resting.update(tx)?;
            set_due(tx, &resting)
        }
        _ => Ok(()),
    }
}

/// Plans of the viewer's cases that are to be looked at again.
pub(crate) fn to_review(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    circuit: &Circuit,
) -> Result<Vec<EndedRow>, ActError> {
    let now = tx.now()?;
    let classes: ClassSet = [DataClass::Plan].into_iter().collect();
    let lines = if viewer.is(Role::Supervisor) {
        plans::due_of_holder(tx, viewer.organisation, now, classes, ROWS)?
    } else if viewer.is(Role::CaseManager) {
        plans::due_of_user(tx, viewer.user, now, classes, ROWS)?
    } else {
        Vec::new()
    };
    let (sealer, mechanism) = (tx.sealer(), desk.mechanism());
    let mut rows = Vec::new();
    for line in lines.iter().filter(|l| circuit.lets(&l.case.regime, l.case.holder)) {
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

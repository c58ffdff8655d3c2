//! The closure of a case on which nothing waits any more (DOMAIN F7): whoever
//! works on it writes what was reached and what the person says, a supervisor
//! who did not write it confirms it or sends it back. The proposal has an owner
//! and a limit like every wait; what happens in the case meanwhile overtakes it.

mod answer;
mod follow_up;
mod show;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use relais_casework::calendar::{Due, local_date};
use relais_casework::closing::{Closing, ClosingFacts, ClosingProblem, ClosingRefusal, ClosureState, Proposal};
use relais_casework::need::NeedState;
use relais_casework::referral::DueTimes as _;
use relais_casework::visible::{CaseState, Shown, View, restricted_need, visible_need};
use relais_mechanism::limits::LimitFacts;
use relais_mechanism::{ActingFor, Label, Lang, Mechanism, Priority, Role};
use relais_network::{CaseId, NeedId, OrganisationId, UserId};
use relais_store::due::{self, Due as DueWork};
use relais_store::rows::accounts;
use relais_store::rows::cases::{self, CaseRecord};
use relais_store::rows::closures::ClosureRecord;
use relais_store::{StoreError, Tx};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::accounts::roles_of;
use crate::codes::case_code;
use crate::desk::{Desk, Viewer};
use crate::ending;
use crate::file::{CaseFile, OpenNeed, open, seal};
use crate::needs::may_write;
use crate::network::Network;
use crate::problem::{ActError, FieldProblem};
use crate::protection;
use crate::rules::Rulebook;
use crate::say::label;
use crate::share;
use crate::transfers;
use crate::views::Made;
use crate::write::{self, Doer, Stream};

pub use answer::{AnswerClosure, ClosureAnswer, answer};
pub use follow_up::{FollowUp, FollowUpView, NoteFollowUp, follow_up, follow_up_view};
pub use show::{ClosingNote, ClosureRow, ClosureView, NeedToClose, view};
pub(crate) use show::{confirmed_says, contact_says, follow_ups, of_case, of_day};

/// Kind of the due work: a closure waits.
pub const DUE: &str = "closure";
/// Kind of the due work: a person is to be contacted once more.
pub const FOLLOW_UP: &str = "follow_up";
/// The list of reasons (DOMAIN §2.8).
pub const REASONS: &str = "closure_reason";
/// The list of how satisfied somebody is.
pub const SATISFACTION: &str = "sat5";
/// Longest words of a supervisor, in characters.
pub const WORDS: usize = 500;
/// The steps of its limit, in hundredths.
const STEPS: [u32; 2] = [100, 200];

/// Propose the closure of a case.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CloseCase {
    /// Id of the act, made by its maker.
    pub id: Uuid,
    /// Version of the case that the maker saw.
    pub version: i64,
    /// What is written.
    pub closing: Closing,
}

/// What is kept of a closure, sealed under the case's key.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Detail {
    closing: Closing,
    /// Why a supervisor sent it back.
    #[serde(default)]
    answer: String,
}

/// Why a case cannot be closed now, if it cannot.
pub(crate) fn close_blocked(file: &CaseFile, transfer_waits: bool) -> Option<Label> {
    if file.record.state != "open" {
        Some(label("Ce dossier n’est plus ouvert.", "This case is no longer open."))
    } else if file.referrals.iter().any(|r| !r.machine.state.is_terminal()) {
        Some(label(
            "Un référencement attend encore : menez-le à sa fin ou annulez-le.",
            "A referral is still waiting: bring it to its end or cancel it.",
        ))
    } else if transfer_waits {
        Some(label(
            "Un transfert attend une réponse : attendez-la ou annulez la proposition.",
            "A transfer is waiting for an answer: wait for it or cancel the proposal.",
        ))
    } else if file.needs.iter().any(|n| n.detail.machine.state.is_live()) {
        Some(label(
            "Un besoin n’a pas de réponse : trouvez un service ou notez-le non couvert.",
            "A need has no answer: find a service or record it as unmet.",
        ))
    } else {
        None
    }
}

fn unless_blocked(tx: &mut Tx<'_>, file: &CaseFile) -> Result<(), ActError> {
    let waits = transfers::waiting(tx, file.record.id)?.is_some();
    close_blocked(file, waits).map_or(Ok(()), |why| {
        Err(ActError::Refused {
            code: "case_waits".to_owned(),
            why,
            remedy: label(
                "Réglez d’abord ce qui attend, puis revenez ici.",
                "Settle what waits first, then come back here.",
            ),
        })
    })
}

fn refused(refusal: ClosingRefusal) -> ActError {
    ActError::Refused {
        code: refusal.code().to_owned(),
        why: refusal.message(),
        remedy: refusal.remedy(),
    }
}

fn state_of(record: &ClosureRecord) -> Result<ClosureState, StoreError> {
    ClosureState::from_code(&record.state).ok_or_else(|| StoreError::Schema("case_closure.state".to_owned()))
}

/// Whether what a proposal said serves the next one: it was taken back or
/// overtaken before the case was closed, and whoever holds the case wrote it.
fn serves_again(record: &ClosureRecord, file: &CaseFile) -> bool {
    record.confirmed.is_none() && record.holder_id == file.record.holder_id
}

fn opened(tx: &Tx<'_>, file: &CaseFile, record: &ClosureRecord) -> Result<Detail, StoreError> {
    let (id, slot) = (record.case_id.0, file.record.slot);
    open(&tx.sealer(), "case_closure", "detail", id, slot, &record.detail)
}

/// The rules for the time of a closure, on the calendar of the case's region.
fn rulebook(desk: &Desk, mechanism: &Arc<Mechanism>, region: &str) -> Result<Rulebook, ActError> {
    let facts = LimitFacts::default();
    Rulebook::new(desk, Arc::clone(mechanism), Priority::P3, "", region, false, facts)
}

/// When somebody must have moved at the latest, and from when it counts as unanswered.
fn limit(
    desk: &Desk,
    mechanism: &Arc<Mechanism>,
    region: &str,
    now: DateTime<Utc>,
) -> Result<(Due, DateTime<Utc>), ActError> {
    let rules = rulebook(desk, mechanism, region)?;
    let span = mechanism.rules().closure_review;
    let due = rules
        .times
        .calendar
        .due(span, now, Priority::P3, false, None)
        .unwrap_or_else(|| rules.times.need(Priority::P3, now));
    let lapses_at = rules.times.at_percent(&due, 200);
    Ok((due, lapses_at))
}

/// What a limit waits for, in place of what was due of the closure before.
fn set_due(tx: &mut Tx<'_>, record: &ClosureRecord) -> Result<(), StoreError> {
    let case = record.case_id.0;
    clear(tx, record.case_id)?;
    let (kind, steps) = match state_of(record)? {
        ClosureState::Proposed => (DUE, vec![(100, record.due_at), (200, record.lapses_at)]),
        ClosureState::Returned => (DUE, vec![(100, record.due_at)]),
        ClosureState::Closed => (FOLLOW_UP, record.follow_up_at.iter().map(|at| (100, *at)).collect()),
        ClosureState::Dropped => return Ok(()),
    };
    for (percent, due_at) in steps {
        let work = DueWork {
            subject: case,
            kind: format!("{kind}@{percent}"),
            due_at,
            state_version: record.version,
        };
        due::set(tx, &work)?;
    }
    Ok(())
}

fn clear(tx: &mut Tx<'_>, case: CaseId) -> Result<(), StoreError> {
    for percent in STEPS {
        due::clear_kind(tx, case.0, &format!("{DUE}@{percent}"))?;
    }
    due::clear_kind(tx, case.0, &format!("{FOLLOW_UP}@100"))?;
    Ok(())
}

/// The supervisors of an organisation with an open account, each with whether
/// they are of the mechanism's office too.
struct Supervisors(Vec<(UserId, bool)>);

impl Supervisors {
    fn of(tx: &mut Tx<'_>, organisation: OrganisationId) -> Result<Self, StoreError> {
        let mut users = accounts::users_of(tx, organisation)?;
        users.retain(|u| u.active && roles_of(&u.roles).contains(&Role::Supervisor));
        Ok(Self(users.iter().map(|u| (u.id, protection::of_office(u))).collect()))
    }

    /// Whether somebody beside the author may look: the protected circuit is
    /// closed to the office.
    fn beside(&self, author: UserId, protected: bool) -> bool {
        self.0
            .iter()
            .any(|(id, office)| *id != author && !(protected && *office))
    }
}

/// Whether the holder has a supervisor beside the author who may look.
fn others(tx: &mut Tx<'_>, file: &CaseFile, author: UserId) -> Result<bool, StoreError> {
    Ok(Supervisors::of(tx, file.record.holder_id)?.beside(author, file.is_protected()))
}

/// The closure that waits, as whoever looks may act on it.
fn proposal(
    tx: &mut Tx<'_>,
    file: &CaseFile,
    view: &View,
    viewer: &Viewer,
    record: &ClosureRecord,
) -> Result<Proposal, StoreError> {
    Ok(Proposal {
        state: state_of(record)?,
        author: record.proposed_by,
        others: others(tx, file, record.proposed_by)?,
        lapses_at: record.lapses_at,
        by: viewer.user,
        supervises: ending::supervises(view, file, viewer),
    })
}

/// The words under which the viewer may read a need; with it, whether what was
/// written of it may be read too.
fn need_says(mechanism: &Mechanism, view: &View, need: &OpenNeed) -> (Label, bool) {
    let labels = share::labels(mechanism, &need.detail.service);
    let words = visible_need(&labels, view, true, true, Shown::File).unwrap_or_else(restricted_need);
    let told = words != restricted_need();
    (words, told)
}

/// The needs of which the viewer may read and write what was reached.
fn told(mechanism: &Mechanism, file: &CaseFile, view: &View) -> Vec<NeedId> {
    let told = file.needs.iter().filter(|n| need_says(mechanism, view, n).1);
    told.map(|n| n.record.id).collect()
}

/// Whether why it stayed so must be said.
const fn to_explain(state: NeedState) -> bool {
    matches!(state, NeedState::Unmet | NeedState::PartlyMet)
}

fn check(
    mechanism: &Mechanism,
    file: &CaseFile,
    view: &View,
    no_contact: bool,
    closing: &Closing,
    now: DateTime<Utc>,
) -> Result<(), ActError> {
    let needs = told(mechanism, file, view);
    let state = |id: &NeedId| file.need(*id).map(|n| n.detail.machine.state);
    let explain: Vec<NeedId> = needs
        .iter()
        .filter(|id| state(id).is_some_and(to_explain))
        .copied()
        .collect();
    let facts = ClosingFacts {
        needs: &needs,
        explain: &explain,
        no_contact,
        today: local_date(now),
    };
    let mut wrong: Vec<FieldProblem> = closing.problems(&facts).into_iter().map(said).collect();
    let listed = |list: &str, code: &str| mechanism.option_label(list, code, Lang::Fr).is_some();
    if !listed(REASONS, &closing.reason) {
        wrong.push(unlisted("reason"));
    }
    if closing
        .satisfaction
        .as_deref()
        .is_some_and(|code| !listed(SATISFACTION, code))
    {
        wrong.push(unlisted("satisfaction"));
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(ActError::Invalid(wrong))
    }
}

fn said((field, problem): (String, ClosingProblem)) -> FieldProblem {
    FieldProblem {
        field,
        code: problem.code().to_owned(),
        message: problem.message(),
    }
}

fn unlisted(field: &str) -> FieldProblem {
    FieldProblem::new(
        field,
        "unknown_option",
        ("Choisissez une réponse de la liste.", "Choose an answer from the list."),
    )
}

/// Proposes the closure of a case on which nothing waits any more; where the
/// holder has no other supervisor than the author, closes it at once.
///
/// # Errors
/// [`ActError::Refused`] while something waits or a closure is proposed,
/// [`ActError::Stale`], [`ActError::Invalid`] with each field that is wrong.
pub async fn propose(desk: &Arc<Desk>, viewer: &Viewer, case: CaseId, command: CloseCase) -> Result<Made, ActError> {
    let (desk_, viewer) = (Arc::clone(desk), viewer.clone());
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            write::once(tx, &viewer, "close", command.id, &(case, &command), |tx| {
                propose_in(tx, &desk_, &viewer, case, &command)
            })
        })
        .await
}

fn propose_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    case: CaseId,
    command: &CloseCase,
) -> Result<Made, ActError> {
    // Locked first, which counts the version up by one.
    cases::lock_case(tx, case)?;
    let (mut file, view, _) = CaseFile::load_for(tx, desk, viewer, case)?;
    may_write(&view, &file, viewer)?;
    file.unless_stale(command.version)?;
    let before = ClosureRecord::find(tx, case)?;
    let state = before.as_ref().map(state_of).transpose()?;
    if state == Some(ClosureState::Proposed) {
        return Err(refused(ClosingRefusal::Already));
    }
    let waits_again = state == Some(ClosureState::Returned);
    unless_blocked(tx, &file)?;
    let now = tx.now()?;
    let mechanism = desk.version(tx, &file.record.mechanism_hash)?;
    let no_contact = file.person(tx)?.1.is_refused();
    check(&mechanism, &file, &view, no_contact, &command.closing, now)?;
    let mut closing = command.closing.clone();
    if let Some(record) = before.as_ref().filter(|_| waits_again) {
        // What the author may not read of the proposal before stays as it was.
        let own = told(&mechanism, &file, &view);
        let kept = opened(tx, &file, record)?.closing.reached;
        closing
            .reached
            .extend(kept.into_iter().filter(|r| !own.contains(&r.need)));
    }
    let closing = &closing;

    let (due, lapses_at) = limit(desk, &mechanism, &file.record.region, now)?;
    let (sealer, slot) = (tx.sealer(), file.record.slot);
    let detail = Detail {
        closing: closing.clone(),
        answer: String::new(),
    };
    let mut record = ClosureRecord {
        case_id: case,
        holder_id: file.record.holder_id,
        state: ClosureState::Proposed.code().to_owned(),
        proposed_by: viewer.user,
        proposed_at: now,
        due_from: due.start,
        due_at: due.at,
        clock: due.clock.code().to_owned(),
        calendar: due.calendar.clone(),
        lapses_at,
        confirmed: None,
        decided_by: None,
        decided_at: None,
        follow_up_at: None,
        detail: seal(&sealer, "case_closure", "detail", case.0, slot, &detail)?,
        mechanism_hash: mechanism.hash().to_owned(),
        version: before.as_ref().map_or(1, |r| r.version + 1),
    };
    if before.is_some() {
        record.update(tx)?;
    } else {
        record.insert(tx)?;
    }
    let doer = Doer::of(viewer, ActingFor::Sender);
    let mut stream = Stream::lock(tx, case, slot, doer, mechanism.hash())?;
    let words = serde_json::to_string(closing).map_err(|e| StoreError::Schema(e.to_string()))?;
    stream.add(tx, case.0, "closure_proposed", &json!({ "due": due.at }), now, &words)?;
    let version = if others(tx, &file, viewer.user)? {
        set_due(tx, &record)?;
        let holder = Some(file.record.holder_id);
        write::notice(tx, "closure_proposed", holder, Role::Supervisor, case.0)?;
        file.record.version
    } else {
        let how = relais_casework::closing::Confirmed::Alone;
        answer::complete(tx, &mut file, &mut record, viewer, how, closing, &mut stream, now)?
    };
    Ok(Made {
        id: command.id,
        code: case_code(&mechanism, file.seq),
        version,
    })
}

/// A limit of a closure is reached, or the day of the follow-up has come;
/// whether it made an event.
///
/// # Errors
/// When the store fails.
pub fn time_passes(tx: &mut Tx<'_>, case: CaseId, kind: &str, percent: u32) -> Result<bool, ActError> {
    cases::lock_case(tx, case)?;
    let (Some(file), Some(record)) = (CaseRecord::find(tx, case)?, ClosureRecord::find(tx, case)?) else {
        return Ok(false);
    };
    let (now, state) = (tx.now()?, state_of(&record)?);
    let what = match (kind, state, CaseState::from_code(&file.state)) {
        (DUE, ClosureState::Proposed, Some(CaseState::Open)) if percent >= 200 => "closure_unanswered",
        (DUE, ClosureState::Proposed | ClosureState::Returned, Some(CaseState::Open)) => "closure_reminded",
        (FOLLOW_UP, ClosureState::Closed, Some(CaseState::Closed)) if record.follow_up_at.is_some() => "follow_up_due",
        _ => return Ok(false),
    };
    let mut stream = Stream::lock(tx, case, file.slot, Doer::clock(), &record.mechanism_hash)?;
    stream.add(tx, case.0, what, &json!({}), now, "")?;
    let holder = Some(file.holder_id);
    write::notice(tx, what, holder, Role::CaseManager, case.0)?;
    if kind == DUE {
        write::notice(tx, what, holder, Role::Supervisor, case.0)?;
    }
    Ok(true)
}

/// What happens in the case overtakes a closure that waits: a new need, a
/// transfer, the end.
///
/// # Errors
/// When the store fails.
pub(crate) fn overtaken(
    tx: &mut Tx<'_>,
    case: CaseId,
    stream: &mut Stream<'_>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let Some(mut record) = ClosureRecord::find(tx, case)? else {
        return Ok(());
    };
    if state_of(&record)?.waits() {
        drop_it(tx, &mut record)?;
        stream.add(tx, case.0, "closure_dropped", &json!({}), now, "")?;
    }
    Ok(())
}

/// The case is open again: nothing of its closure is to be done any more.
///
/// # Errors
/// When the store fails.
pub(crate) fn undone(tx: &mut Tx<'_>, case: CaseId) -> Result<(), StoreError> {
    match ClosureRecord::find(tx, case)? {
        Some(mut record) => drop_it(tx, &mut record),
        None => Ok(()),
    }
}

fn drop_it(tx: &mut Tx<'_>, record: &mut ClosureRecord) -> Result<(), StoreError> {
    record.state = ClosureState::Dropped.code().to_owned();
    record.follow_up_at = None;
    record.version += 1;
    record.update(tx)?;
    clear(tx, record.case_id)
}

/// The closure for whoever works on the case for its holder.
fn load_team(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    case: CaseId,
) -> Result<(CaseFile, View, Arc<Network>), ActError> {
    let seen = CaseFile::load_for(tx, desk, viewer, case)?;
    if seen.1.is_of_team() && seen.0.record.holder_id == viewer.organisation {
        Ok(seen)
    } else {
        Err(ActError::NotFound)
    }
}

//! What is shown of a closure: its page, the case's own, the day.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use relais_casework::calendar::local_date;
use relais_casework::closing::{Closing, ClosureState, Confirmed, Proposal, Reached};
use relais_casework::need::NeedState;
use relais_casework::referral::DueKind;
use relais_casework::visible::{CaseState, View};
use relais_mechanism::{Lang, Role};
use relais_network::{CaseId, NeedId, UserId};
use relais_store::rows::accounts::UserRecord;
use relais_store::rows::closures::{self, ClosureLine, ClosureRecord};
use relais_store::{StoreError, Tx};
use serde::Serialize;

use super::follow_up::FollowUp;
use super::{
    REASONS, SATISFACTION, Supervisors, close_blocked, load_team, need_says, opened, others, proposal, serves_again,
    state_of, to_explain,
};
use crate::case::{clock, need_state_says};
use crate::codes::case_code;
use crate::day::Circuit;
use crate::desk::{Desk, Viewer};
use crate::file::{Card, CaseFile, open_unless_erased};
use crate::needs::may_write;
use crate::plan;
use crate::problem::ActError;
use crate::protection::PROTECTED;
use crate::say::say;
use crate::transfers;
use crate::views::{ClockView, EndedRow};

/// Closures on a day at most.
const ROWS: i64 = 100;

/// A need as the closure speaks of it.
#[derive(Debug, Clone, Serialize)]
pub struct NeedToClose {
    /// Need.
    pub id: NeedId,
    /// As the viewer may read it.
    pub label: String,
    /// Where it stands.
    pub state: NeedState,
    /// The same in words.
    pub state_label: String,
    /// Whether the viewer may read and write what was reached.
    pub told: bool,
    /// Whether why it stayed so must be said.
    pub explain: bool,
}

/// The closure of a case, for its team.
#[derive(Debug, Clone, Serialize)]
pub struct ClosureView {
    /// Case.
    pub case_id: CaseId,
    /// Its code.
    pub case_code: String,
    /// Version of the case.
    pub version: i64,
    /// Today, where the case is.
    pub today: NaiveDate,
    /// Now.
    #[serde(serialize_with = "crate::instant::write")]
    pub now: DateTime<Utc>,
    /// Where the closure stands; none while none is written.
    pub state: Option<ClosureState>,
    /// Version of the closure; 0 while none is written.
    pub closure_version: i64,
    /// Who wrote it.
    pub proposed_by: Option<String>,
    /// When.
    pub proposed_at: Option<DateTime<Utc>>,
    /// Until when somebody must move.
    pub clock: Option<ClockView>,
    /// Who confirmed it or sent it back.
    pub decided_by: Option<String>,
    /// When.
    pub decided_at: Option<DateTime<Utc>>,
    /// By whose eyes the case was closed.
    pub confirmed: Option<Confirmed>,
    /// What is written, as far as the viewer may read it; where none stands, what
    /// the one said that was taken back.
    pub closing: Option<Closing>,
    /// The reason in words.
    pub reason_label: String,
    /// How satisfied the person is, in words.
    pub satisfaction_label: String,
    /// Why it was sent back.
    pub answer: String,
    /// When the person is to be contacted once more.
    pub follow_up_at: Option<DateTime<Utc>>,
    /// Needs of the case.
    pub needs: Vec<NeedToClose>,
    /// Goals of its plan, for whoever may read it: (goal, whether it is reached).
    pub goals: Vec<(String, bool)>,
    /// Whether the person wants no contact at all.
    pub no_contact: bool,
    /// Why it cannot be closed now, in words.
    pub blocked: Option<String>,
    /// Whether it would be closed at once: nobody else could confirm it.
    pub at_once: bool,
    /// Whether the viewer may propose it now.
    pub may_propose: bool,
    /// Whether the viewer may confirm it now, and by whose eyes it is closed then.
    pub may_confirm: Option<Confirmed>,
    /// Whether the viewer may send it back now.
    pub may_return: bool,
    /// Whether the viewer may take it back now.
    pub may_withdraw: bool,
}

/// What the page of a case says of its closure.
#[derive(Debug, Clone, Serialize)]
pub struct ClosingNote {
    /// Where it stands.
    pub state: ClosureState,
    /// Who wrote it, or sent it back.
    pub by: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
    /// Until when somebody must move.
    pub clock: Option<ClockView>,
    /// When the person is to be contacted once more.
    pub follow_up_at: Option<DateTime<Utc>>,
}

/// A closure in a day.
#[derive(Debug, Clone, Serialize)]
pub struct ClosureRow {
    /// Case.
    pub case_id: CaseId,
    /// Its code.
    pub case_code: String,
    /// Initials.
    pub initials: String,
    /// Where it stands.
    pub state: ClosureState,
    /// Whether the viewer must move.
    pub yours: bool,
    /// Who must: the role.
    pub role: Role,
    /// Until when.
    pub clock: ClockView,
}

fn name(tx: &mut Tx<'_>, user: Option<UserId>) -> Result<Option<String>, StoreError> {
    match user {
        Some(user) => Ok(UserRecord::find(tx, user)?.map(|u| u.display_name)),
        None => Ok(None),
    }
}

fn running(record: &ClosureRecord, now: DateTime<Utc>) -> ClockView {
    clock(DueKind::Decide, record.due_from, record.due_at, now)
}

/// The closure of a case, as it was written last.
fn last(tx: &mut Tx<'_>, case: CaseId) -> Result<Option<(ClosureRecord, ClosureState)>, StoreError> {
    let record = ClosureRecord::find(tx, case)?;
    record.map(|r| state_of(&r).map(|state| (r, state))).transpose()
}

/// Whether a closure stands: what was dropped is in the history.
fn stands((_, state): &(ClosureRecord, ClosureState)) -> bool {
    *state != ClosureState::Dropped
}

/// The closure of a case: to be proposed, answered, or read.
///
/// # Errors
/// [`ActError::NotFound`] for whoever is not of the case's team.
pub async fn view(desk: &Arc<Desk>, viewer: &Viewer, case: CaseId) -> Result<ClosureView, ActError> {
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let (file, sight, _) = load_team(tx, &desk_, &viewer_, case)?;
        Ok((shown(tx, &desk_, &viewer_, &file, &sight)?, vec![case]))
    })
    .await
}

fn shown(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    file: &CaseFile,
    sight: &View,
) -> Result<ClosureView, ActError> {
    let (case, lang, now) = (file.record.id, viewer.lang, tx.now()?);
    let mechanism = desk.version(tx, &file.record.mechanism_hash)?;
    let needs: Vec<NeedToClose> = file
        .needs
        .iter()
        .map(|need| {
            let (words, told) = need_says(&mechanism, sight, need);
            let state = need.detail.machine.state;
            NeedToClose {
                id: need.record.id,
                label: words.get(lang).to_owned(),
                state,
                state_label: need_state_says(state, lang).to_owned(),
                told,
                explain: told && to_explain(state),
            }
        })
        .collect();
    let found = last(tx, case)?;
    let detail = match &found {
        Some(last) if stands(last) || serves_again(&last.0, file) => Some(opened(tx, file, &last.0)?),
        _ => None,
    };
    let found = found.filter(stands);
    let answer = detail.as_ref().filter(|_| found.is_some()).map(|d| d.answer.clone());
    let closing = detail.map(|d| {
        let told = |reached: &Reached| needs.iter().any(|n| n.id == reached.need && n.told);
        let mut closing = d.closing;
        closing.reached.retain(told);
        closing
    });
    let label = |list: &str, code: Option<&str>| {
        code.map(|code| mechanism.option_label(list, code, lang).unwrap_or(code).to_owned())
            .unwrap_or_default()
    };
    let writes = may_write(sight, file, viewer).is_ok();
    let blocked = close_blocked(file, transfers::waiting(tx, case)?.is_some());
    let (record, state) = match &found {
        Some((record, state)) => (Some(record), Some(*state)),
        None => (None, None),
    };
    let acts = match record {
        Some(record) if writes => Some(proposal(tx, file, sight, viewer, record)?),
        _ => None,
    };
    let waits = state.is_some_and(ClosureState::waits);
    Ok(ClosureView {
        case_id: case,
        case_code: case_code(&mechanism, file.seq),
        version: file.record.version,
        today: local_date(now),
        now,
        state,
        closure_version: record.map_or(0, |r| r.version),
        proposed_by: name(tx, record.map(|r| r.proposed_by))?,
        proposed_at: record.map(|r| r.proposed_at),
        clock: record.filter(|_| waits).map(|r| running(r, now)),
        decided_by: name(tx, record.and_then(|r| r.decided_by))?,
        decided_at: record.and_then(|r| r.decided_at),
        confirmed: record.and_then(|r| Confirmed::from_code(r.confirmed.as_deref()?)),
        reason_label: label(REASONS, closing.as_ref().map(|c| c.reason.as_str())),
        satisfaction_label: label(SATISFACTION, closing.as_ref().and_then(|c| c.satisfaction.as_deref())),
        answer: answer.unwrap_or_default(),
        follow_up_at: record.and_then(|r| r.follow_up_at),
        needs,
        goals: plan::goals(tx, file, sight)?,
        no_contact: file.person(tx)?.1.is_refused(),
        at_once: writes && !others(tx, file, viewer.user)?,
        may_propose: writes && blocked.is_none() && state != Some(ClosureState::Proposed),
        may_confirm: acts.filter(|_| blocked.is_none()).and_then(|p| p.may_confirm(now).ok()),
        may_return: acts.is_some_and(|p| p.may_return().is_ok()),
        may_withdraw: writes && waits,
        blocked: blocked.filter(|_| writes).map(|l| l.get(lang).to_owned()),
        closing,
    })
}

/// What the page of the case says of its closure, to its team.
pub(crate) fn of_case(
    tx: &mut Tx<'_>,
    view: &View,
    file: &CaseFile,
    now: DateTime<Utc>,
) -> Result<Option<ClosingNote>, StoreError> {
    if !view.is_of_team() || file.erased {
        return Ok(None);
    }
    let case_state = CaseState::from_code(&file.record.state);
    let Some((record, state)) = last(tx, file.record.id)?.filter(stands) else {
        return Ok(None);
    };
    // A case that ended says that it ended.
    if case_state == Some(CaseState::Ended) {
        return Ok(None);
    }
    let decided = state != ClosureState::Proposed;
    let (by, at) = if decided {
        (record.decided_by, record.decided_at.unwrap_or(record.proposed_at))
    } else {
        (Some(record.proposed_by), record.proposed_at)
    };
    Ok(Some(ClosingNote {
        state,
        by: name(tx, by)?,
        at,
        clock: state.waits().then(|| running(&record, now)),
        follow_up_at: record.follow_up_at,
    }))
}

/// What a list may show of the case beside a closure: its code and initials.
fn beside(tx: &mut Tx<'_>, desk: &Desk, line: &ClosureLine) -> Result<Option<(String, String)>, ActError> {
    let (id, slot) = (line.closure.case_id.0, line.case.slot);
    let card: Option<Card> = open_unless_erased(&tx.sealer(), "case_file", "card", id, slot, &line.case.card)?;
    Ok(card.map(|card| (case_code(&desk.mechanism(), line.case.seq), card.initials)))
}

/// A list of closures.
type List = fn(&mut Tx<'_>, closures::Reader, DateTime<Utc>, i64) -> Result<Vec<ClosureLine>, StoreError>;

/// The lines of one list that are for the viewer: all of the holder for its
/// supervisors, the own cases for a case manager.
fn lines(tx: &mut Tx<'_>, viewer: &Viewer, circuit: &Circuit, read: List) -> Result<Vec<ClosureLine>, ActError> {
    let organisation = viewer.organisation;
    let (by, all) = if viewer.is(Role::Supervisor) {
        (organisation.0, true)
    } else if viewer.is(Role::CaseManager) {
        (viewer.user.0, false)
    } else {
        return Ok(Vec::new());
    };
    let now = tx.now()?;
    let mut lines = read(tx, closures::Reader { by, organisation }, now, ROWS)?;
    lines.retain(|l| (all || l.assigned == Some(viewer.user)) && circuit.lets(&l.case.regime, l.case.holder));
    Ok(lines)
}

/// Closures of the viewer's cases that wait: for a supervisor, or sent back.
pub(crate) fn of_day(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    circuit: &Circuit,
) -> Result<Vec<ClosureRow>, ActError> {
    let now = tx.now()?;
    let lines = lines(tx, viewer, circuit, closures::waiting)?;
    if lines.is_empty() {
        return Ok(Vec::new());
    }
    let supervisors = Supervisors::of(tx, viewer.organisation)?;
    let mut rows = Vec::new();
    for line in lines {
        let Some((case_code, initials)) = beside(tx, desk, &line)? else {
            continue;
        };
        let state = state_of(&line.closure)?;
        let proposed = state == ClosureState::Proposed;
        let author = line.closure.proposed_by;
        let standing = Proposal {
            state,
            author,
            others: supervisors.beside(author, line.case.regime == PROTECTED),
            lapses_at: line.closure.lapses_at,
            by: viewer.user,
            supervises: viewer.is(Role::Supervisor),
        };
        rows.push(ClosureRow {
            case_id: line.closure.case_id,
            case_code,
            initials,
            state,
            // Where no supervisor can answer, or none did, whoever works on it moves.
            yours: if proposed {
                standing.may_confirm(now).is_ok()
            } else {
                line.assigned == Some(viewer.user)
            },
            role: if proposed { Role::Supervisor } else { Role::CaseManager },
            clock: running(&line.closure, now),
        });
    }
    Ok(rows)
}

/// Persons to be contacted once more, of the viewer's closed cases.
pub(crate) fn follow_ups(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    circuit: &Circuit,
) -> Result<Vec<EndedRow>, ActError> {
    let mut rows = Vec::new();
    for line in lines(tx, viewer, circuit, closures::follow_ups)? {
        let Some(at) = line.closure.follow_up_at else { continue };
        if let Some((case_code, initials)) = beside(tx, desk, &line)? {
            rows.push(EndedRow {
                case_id: line.closure.case_id,
                case_code,
                initials,
                at,
            });
        }
    }
    Ok(rows)
}

/// What came of a follow-up contact, in words for the history.
#[must_use]
pub(crate) fn contact_says(code: &str, lang: Lang) -> Option<&'static str> {
    Some(match FollowUp::from_code(code)? {
        FollowUp::Reached => say(lang, "personne jointe", "person reached"),
        FollowUp::NotReached => say(lang, "personne non jointe", "person not reached"),
        FollowUp::Refused => say(lang, "plus de contact souhaité", "no more contact wanted"),
    })
}

/// By whose eyes a case was closed, in words for the history.
#[must_use]
pub(crate) fn confirmed_says(code: &str, lang: Lang) -> Option<&'static str> {
    Some(match Confirmed::from_code(code)? {
        Confirmed::Reviewed => say(lang, "confirmé par un superviseur", "confirmed by a supervisor"),
        Confirmed::Alone => say(
            lang,
            "sans relecture, l’organisation n’a pas d’autre superviseur",
            "not reviewed, the organisation has no other supervisor",
        ),
        Confirmed::Unanswered => say(
            lang,
            "sans relecture, aucun superviseur n’a répondu dans le double du délai",
            "not reviewed, no supervisor answered in twice the time",
        ),
    })
}

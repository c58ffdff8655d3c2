//! The answer to a proposed closure: confirmed, sent back, taken back; and what
//! closing a case does.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use relais_casework::closing::{Closing, ClosingRefusal, ClosureState, Confirmed};
use relais_casework::visible::CaseState;
use relais_mechanism::{ActingFor, Role, closed_enum};
use relais_network::CaseId;
use relais_store::Tx;
use relais_store::rows::cases::{self, CaseRecord};
use relais_store::rows::closures::ClosureRecord;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::{WORDS, limit, opened, proposal, refused, set_due, state_of, unless_blocked};
use crate::codes::case_code;
use crate::desk::{Desk, Viewer};
use crate::file::{CaseFile, seal};
use crate::needs::may_write;
use crate::plan;
use crate::problem::ActError;
use crate::times;
use crate::views::Made;
use crate::write::{self, Doer, Stream};

closed_enum! {
    /// What is done with a proposed closure.
    ClosureAnswer {
        /// The case is closed.
        Confirm = "confirm",
        /// It goes back, with a reason.
        Return = "return",
        /// It is taken back by whoever works on the case.
        Withdraw = "withdraw",
    }
}

/// Answer a proposed closure.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerClosure {
    /// Id of the act, made by its maker.
    pub id: Uuid,
    /// Version of the closure that the maker saw.
    pub version: i64,
    /// What is done.
    pub answer: ClosureAnswer,
    /// Why it goes back.
    #[serde(default)]
    pub reason: String,
}

/// Answers a proposed closure.
///
/// # Errors
/// [`ActError::NotFound`], [`ActError::Forbidden`], [`ActError::Stale`],
/// [`ActError::Invalid`] without a reason, [`ActError::Refused`] where nothing
/// is proposed, somebody else must look, or something waits again.
pub async fn answer(desk: &Arc<Desk>, viewer: &Viewer, case: CaseId, command: AnswerClosure) -> Result<Made, ActError> {
    let (desk_, viewer) = (Arc::clone(desk), viewer.clone());
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            write::once(tx, &viewer, "answer_closure", command.id, &(case, &command), |tx| {
                answer_in(tx, &desk_, &viewer, case, &command)
            })
        })
        .await
}

fn answer_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    case: CaseId,
    command: &AnswerClosure,
) -> Result<Made, ActError> {
    cases::lock_case(tx, case)?;
    let (mut file, view, _) = CaseFile::load_for(tx, desk, viewer, case)?;
    may_write(&view, &file, viewer)?;
    let mut record = ClosureRecord::find(tx, case)?.ok_or_else(|| refused(ClosingRefusal::NotProposed))?;
    ActError::unless_current(command.version, record.version)?;
    let now = tx.now()?;
    let standing = proposal(tx, &file, &view, viewer, &record)?;
    let mechanism = desk.version(tx, &record.mechanism_hash)?;
    let doer = Doer::of(viewer, ActingFor::Sender);
    let slot = file.record.slot;
    let version = match command.answer {
        ClosureAnswer::Confirm => {
            let how = standing.may_confirm(now).map_err(refused)?;
            unless_blocked(tx, &file)?;
            let closing = opened(tx, &file, &record)?.closing;
            let mut stream = Stream::lock(tx, case, slot, doer, mechanism.hash())?;
            complete(tx, &mut file, &mut record, viewer, how, &closing, &mut stream, now)?
        }
        ClosureAnswer::Return => {
            standing.may_return().map_err(refused)?;
            let reason = command.reason.trim();
            if reason.is_empty() {
                let words = ("Écrivez ce qui manque encore.", "Write what is still missing.");
                return Err(ActError::field("reason", "required", words));
            }
            ActError::unless_within("reason", reason, WORDS)?;
            let mut detail = opened(tx, &file, &record)?;
            reason.clone_into(&mut detail.answer);
            record.detail = seal(&tx.sealer(), "case_closure", "detail", case.0, slot, &detail)?;
            let (due, lapses_at) = limit(desk, &mechanism, &file.record.region, now)?;
            record.state = ClosureState::Returned.code().to_owned();
            (record.due_from, record.due_at, record.lapses_at) = (due.start, due.at, lapses_at);
            (record.clock, record.calendar) = (due.clock.code().to_owned(), due.calendar);
            (record.decided_by, record.decided_at) = (Some(viewer.user), Some(now));
            record.version += 1;
            record.update(tx)?;
            set_due(tx, &record)?;
            let mut stream = Stream::lock(tx, case, slot, doer, mechanism.hash())?;
            let facts = json!({ "due": record.due_at });
            stream.add(tx, case.0, "closure_returned", &facts, now, reason)?;
            let holder = Some(file.record.holder_id);
            write::notice(tx, "closure_returned", holder, Role::CaseManager, case.0)?;
            record.version
        }
        ClosureAnswer::Withdraw => {
            if !state_of(&record)?.waits() {
                return Err(refused(ClosingRefusal::NotProposed));
            }
            super::drop_it(tx, &mut record)?;
            let mut stream = Stream::lock(tx, case, slot, doer, mechanism.hash())?;
            stream.add(tx, case.0, "closure_withdrawn", &json!({}), now, "")?;
            record.version
        }
    };
    Ok(Made {
        id: command.id,
        code: case_code(&mechanism, file.seq),
        version,
    })
}

/// Closes the case; the version that it has then.
#[expect(clippy::too_many_arguments, reason = "the parts of one unit of work")]
pub(super) fn complete(
    tx: &mut Tx<'_>,
    file: &mut CaseFile,
    record: &mut ClosureRecord,
    viewer: &Viewer,
    how: Confirmed,
    closing: &Closing,
    stream: &mut Stream<'_>,
    now: DateTime<Utc>,
) -> Result<i64, ActError> {
    let case = file.record.id;
    crate::handovers::withdraw_standing(tx, file)?;
    let closed = CaseRecord {
        state: CaseState::Closed.code().to_owned(),
        closed_at: Some(now),
        close_reason: Some(closing.reason.clone()),
        ..file.record.clone()
    };
    closed.update(tx)?;
    file.record = closed;
    record.state = ClosureState::Closed.code().to_owned();
    record.confirmed = Some(how.code().to_owned());
    (record.decided_by, record.decided_at) = (Some(viewer.user), Some(now));
    // A day that passed while the proposal waited is today.
    record.follow_up_at = closing.follow_up.map(|day| times::morning(day).max(now));
    record.version += 1;
    record.update(tx)?;
    set_due(tx, record)?;
    plan::silence(tx, case)?;
    let facts = json!({ "reason": closing.reason, "confirmed": how, "follow_up": record.follow_up_at });
    stream.add(tx, case.0, "case_closed", &facts, now, "")?;
    write::count(tx, file, &file.record.region, "all", "cases_closed")?;
    if how == Confirmed::Reviewed {
        let holder = Some(file.record.holder_id);
        write::notice(tx, "closure_confirmed", holder, Role::CaseManager, case.0)?;
    }
    Ok(file.record.version)
}

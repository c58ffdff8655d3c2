//! Samples of a closure and of the contact after it.

use chrono::{NaiveDate, TimeDelta};
use relais_acts::closing::{ClosingNote, ClosureRow, ClosureView, FollowUpView, NeedToClose};
use relais_casework::closing::{Closing, ClosureState, Confirmed, Reached};
use relais_casework::need::NeedState;
use relais_casework::referral::DueKind;
use relais_mechanism::words::{Lang, Role};
use relais_network::{CaseId, NeedId};

use super::{case, clock, fact, id, now};

/// What the page of a case says of its closure: waiting, or closed.
pub(crate) fn note(closed: bool) -> ClosingNote {
    ClosingNote {
        state: if closed {
            ClosureState::Closed
        } else {
            ClosureState::Proposed
        },
        by: Some("J. Ebongué".to_owned()),
        at: now() - TimeDelta::days(1),
        clock: (!closed).then(|| clock(DueKind::Decide, 3 * 1440, 40)),
        follow_up_at: closed.then(|| now() + TimeDelta::days(40)),
    }
}

/// A closure in a day: the viewer's to confirm, or with somebody else.
pub(crate) fn row(yours: bool) -> ClosureRow {
    ClosureRow {
        case_id: CaseId(id(if yours { 26 } else { 27 })),
        case_code: if yours { "LT-000039-B" } else { "LT-000041-F" }.to_owned(),
        initials: "C. E.".to_owned(),
        state: ClosureState::Proposed,
        yours,
        role: Role::Supervisor,
        clock: clock(DueKind::Decide, 3 * 1440, 40),
    }
}

/// The page of a closure: none yet, or where it stands.
pub(crate) fn closure(lang: Lang, state: Option<ClosureState>) -> ClosureView {
    let fr = lang == Lang::Fr;
    let say = |a: &str, b: &str| if fr { a.to_owned() } else { b.to_owned() };
    let case = case(lang);
    let need = |n: u128, label: String, state, state_label: String, explain| NeedToClose {
        id: NeedId(id(n)),
        label,
        state,
        state_label,
        told: true,
        explain,
    };
    let waits = state.is_some_and(ClosureState::waits);
    let decided = waits && state != Some(ClosureState::Proposed) || state == Some(ClosureState::Closed);
    ClosureView {
        case_id: case.id,
        case_code: case.code,
        version: 9,
        today: NaiveDate::from_ymd_opt(2026, 11, 23).expect("a date"),
        now: now(),
        state,
        closure_version: i64::from(state.is_some()),
        proposed_by: state.map(|_| "J. Ebongué".to_owned()),
        proposed_at: state.map(|_| now() - TimeDelta::days(2)),
        clock: waits.then(|| clock(DueKind::Decide, 3 * 1440, 40)),
        decided_by: decided.then(|| "P. Exemple".to_owned()),
        decided_at: decided.then(|| now() - TimeDelta::days(1)),
        confirmed: (state == Some(ClosureState::Closed)).then_some(Confirmed::Reviewed),
        closing: state.map(|_| Closing {
            reason: "GOAL".to_owned(),
            reached: vec![Reached {
                need: NeedId(id(13)),
                words: say(
                    "Acte demandé deux fois, la mairie n’a pas répondu.",
                    "Asked for twice, the town hall did not answer.",
                ),
            }],
            interview: true,
            no_interview: String::new(),
            satisfaction: Some("4".to_owned()),
            remarks: say("On m’a bien écoutée.", "They listened to me."),
            told_contacts: true,
            told_complaint: true,
            told_reopening: false,
            follow_up: NaiveDate::from_ymd_opt(2027, 1, 4),
        }),
        reason_label: say("Objectifs du plan atteints", "Plan goals achieved"),
        satisfaction_label: say("Satisfait(e)", "Satisfied"),
        answer: if state == Some(ClosureState::Returned) {
            say(
                "Dites-lui que le dossier peut être rouvert.",
                "Tell them that the case can be reopened.",
            )
        } else {
            String::new()
        },
        follow_up_at: None,
        needs: vec![
            need(
                11,
                say("Suite de traitement", "Treatment follow-up"),
                NeedState::Met,
                say("Couvert", "Met"),
                false,
            ),
            need(
                13,
                say("Acte de naissance de l’enfant", "Birth certificate for the child"),
                NeedState::Unmet,
                say("Non couvert", "Unmet"),
                true,
            ),
        ],
        goals: vec![
            (say("Se former", "Train"), true),
            (say("Ouvrir un atelier", "Open a workshop"), false),
        ],
        no_contact: false,
        blocked: None,
        at_once: false,
        may_propose: state.is_none() || state == Some(ClosureState::Returned),
        may_confirm: (state == Some(ClosureState::Proposed)).then_some(Confirmed::Reviewed),
        may_return: state == Some(ClosureState::Proposed),
        may_withdraw: waits,
    }
}

/// The contact after a closure, due or none.
pub(crate) fn follow_up(lang: Lang, due: bool) -> FollowUpView {
    let fr = lang == Lang::Fr;
    let case = case(lang);
    FollowUpView {
        case_id: case.id,
        case_code: case.code,
        version: 2,
        at: due.then(|| now() - TimeDelta::days(2)),
        safe_contact: due.then(|| if fr { "appel, à elle seule" } else { "call, her only" }.to_owned()),
        contact: vec![fact(if fr { "Téléphone" } else { "Telephone" }, "+237 6 77 12 34 56")],
    }
}

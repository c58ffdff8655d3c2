//! A case: its page, what is read of it, its history, the list of cases.

mod facts;
mod history;
mod list;

use std::sync::Arc;

use relais_casework::closing::ClosureState;
use relais_casework::consent::{ConsentDecision, ConsentLine};
use relais_casework::ending as rules;
use relais_casework::need::NeedState;
use relais_casework::visible::{CaseState, Shown, View, visible_need};
use relais_mechanism::{DataClass, Lang};
use relais_network::CaseId;
use relais_store::Tx;
use relais_store::rows::accounts;

pub(crate) use facts::{after_facts, consent_row, need_state_says, safe_contact};
pub use facts::{class_facts, clock, need_row};
pub(crate) use history::doer_says;
pub use history::{HistoryRow, history};
pub use list::{ROWS, by_code, list, list_json};

use crate::assignment;
use crate::closing::{self, close_blocked};
use crate::codes::case_code;
use crate::desk::{Desk, Viewer};
use crate::ending;
use crate::file::CaseFile;
use crate::forms::Notebook;
use crate::needs::may_write;
use crate::problem::ActError;
use crate::say::say;
use crate::share;
use crate::shelter::Names;
use crate::stops;
use crate::transfers;
use crate::views::{CaseView, Fact, NeedRow, WorkRow};
use facts::arrival_facts;
pub(crate) use facts::disclosures;

/// The page of a case.
///
/// # Errors
/// [`ActError::NotFound`] for whoever does not see the file.
pub async fn view(desk: &Arc<Desk>, viewer: &Viewer, case: CaseId) -> Result<CaseView, ActError> {
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let view = case_view(tx, &desk_, &viewer_, case)?;
        // What else of the same person is shown is looked at too.
        let also = view.perhaps.iter().flat_map(|p| p.seen.iter().map(|row| row.case_id));
        let cases = std::iter::once(case).chain(also).collect();
        Ok((view, cases))
    })
    .await
}

fn case_view(tx: &mut Tx<'_>, desk: &Desk, viewer: &Viewer, case: CaseId) -> Result<CaseView, ActError> {
    let (file, sight, network) = CaseFile::see(tx, desk, viewer, case)?;
    let View::File { classes, .. } = &sight else {
        return Err(ActError::NotFound);
    };
    if file.erased {
        return crate::erased::case_view(tx, desk, viewer, &file, &sight, &network);
    }
    let (classes, whole) = (*classes, sight.is_whole());
    let lang = viewer.lang;
    let now = tx.now()?;
    let mechanism = desk.version(tx, &file.record.mechanism_hash)?;
    let (identity, contact) = file.person(tx)?;
    let notebook = Notebook::read(tx, &file, &identity, &contact)?;
    let sees = |class| classes.contains(class);
    let mut facts = Vec::new();
    for class in DataClass::ALL.iter().filter(|c| sees(**c)) {
        facts.extend(
            class_facts(&mechanism, &file, *class, &identity, &contact, lang)
                .into_iter()
                .filter(|f| f.label != say(lang, "Nom", "Name")),
        );
    }
    if whole {
        facts.extend(arrival_facts(&mechanism, &notebook.arrival, classes, lang));
        if let Some(number) = crate::groups::bracelet_of(tx, case)? {
            facts.push(Fact {
                label: say(lang, "Bracelet", "Wristband").to_owned(),
                value: Some(number),
            });
        }
    }
    let names = Names::of_case(&network, viewer, &file);
    let mut needs: Vec<NeedRow> = file
        .needs
        .iter()
        .filter_map(|need| {
            let labels = share::labels(&mechanism, &need.detail.service);
            let own = whole
                || file
                    .referrals
                    .iter()
                    .any(|r| r.record.need_id == need.record.id && sight.shows_referral(r.record.id));
            let words = visible_need(&labels, &sight, own, true, Shown::File)?;
            Some(need_row(&file, need, &words, viewer, &network, now, whole))
        })
        .collect();
    let referrals: Vec<WorkRow> = file
        .referrals
        .iter()
        .rev()
        .filter(|r| sight.shows_referral(r.record.id))
        .filter_map(|r| {
            let labels = share::labels(&mechanism, &r.detail.service_type);
            let words = visible_need(&labels, &sight, true, true, Shown::File)?;
            let mut row = crate::day::work_row(&mechanism, &network, viewer, &file, r, &words, now);
            // Initials are of the name.
            if !sees(DataClass::Identity) {
                row.initials = String::new();
            }
            Some(row)
        })
        .collect();
    for need in &mut needs {
        held_by_who_moves(need, &referrals);
    }
    let (forms, proposals) = crate::forms::lines(tx, desk, viewer, &file, &sight, &network, notebook)?;
    let writes = may_write(&sight, &file, viewer);
    let (supervises, state) = (ending::supervises(&sight, &file, viewer), ending::state_of(&file));
    let transfer = if whole {
        transfers::waiting_row(tx, desk, viewer, &network, &file)?
    } else {
        None
    };
    let close_blocked = close_blocked(&file, transfer.is_some());
    let closing = closing::of_case(tx, &sight, &file, now)?;
    let (history, history_more) = if whole {
        history(tx, &mechanism, &names, case.0, None)?
    } else {
        (Vec::new(), false)
    };
    let standing =
        |line: ConsentLine| {
            file.consents.iter().rev().find(|c| c.line == line).is_some_and(|c| {
                c.standing(now) == ConsentDecision::Granted && c.proof.authority_reaches(c.given_by, true)
            })
        };
    Ok(CaseView {
        id: case,
        code: case_code(&mechanism, file.seq),
        version: file.record.version,
        name: sees(DataClass::Identity).then(|| {
            identity
                .name
                .clone()
                .unwrap_or_else(|| say(lang, "Nom non donné", "Name not given").to_owned())
        }),
        state: file.record.state.clone(),
        state_label: state_says(&file.record.state, lang).to_owned(),
        priority: file
            .needs
            .iter()
            .filter(|n| n.detail.machine.state.is_live())
            .map(|n| n.detail.machine.priority)
            .min(),
        // Nobody is called any more in an ended case.
        safe_contact: if sees(DataClass::Contact) && state != CaseState::Ended {
            safe_contact(&mechanism, &contact, lang)
        } else {
            None
        },
        no_contact: state != CaseState::Ended && contact.is_refused(),
        emergency_until: crate::emergency::until(&file, &sight, viewer, now),
        protected: whole && file.record.holder_id == viewer.organisation && file.is_protected(),
        child: if whole {
            crate::child::view(&file, matches!(sight, View::File { restricted: true, .. }))
        } else {
            None
        },
        forms,
        proposals,
        facts,
        referrals,
        needs,
        consents: if whole {
            file.consents
                .iter()
                .rev()
                .map(|c| consent_row(&mechanism, &names, c, now))
                .collect()
        } else {
            Vec::new()
        },
        family: if whole {
            crate::families::of_case(tx, desk, viewer, case)?
        } else {
            None
        },
        consent_ready: standing(ConsentLine::C1) && standing(ConsentLine::C2),
        stops: if whole {
            stops::of_case(tx, desk, viewer, &network, case)?
        } else {
            Vec::new()
        },
        perhaps: if whole && file.record.holder_id == viewer.organisation {
            crate::duplicates::of_case(tx, desk, viewer, &network, &file)?
        } else {
            None
        },
        disclosures: if whole {
            disclosures(tx, &mechanism, &file, &network, &names)?
        } else {
            Vec::new()
        },
        history,
        history_more,
        overrides: if whole {
            let all = crate::overrides::of_case(tx, &file)?;
            all.iter()
                .rev()
                .map(|open| crate::cosign::note(tx, &network, &names, open, now))
                .collect::<Result<_, _>>()?
        } else {
            Vec::new()
        },
        holder: network.name(file.record.holder_id, lang),
        assigned: match file.record.assigned_user_id.filter(|_| whole) {
            Some(user) => accounts::UserRecord::find(tx, user)?.map(|u| u.display_name),
            None => None,
        },
        handover: if whole {
            assignment::last_handover(tx, &names, &file)?
        } else {
            None
        },
        transfer,
        may_close: writes.is_ok()
            && close_blocked.is_none()
            && closing.as_ref().is_none_or(|c| c.state != ClosureState::Proposed),
        closing,
        plan: crate::plan::of_case(tx, &mechanism, &sight, case, lang)?,
        may_write: writes.is_ok(),
        close_blocked: close_blocked.map(|l| l.get(lang).to_owned()),
        ending: if whole {
            ending::of_case(tx, &mechanism, &file, lang)?
        } else {
            None
        },
        may_end: supervises && rules::may_end(state).is_ok(),
        may_reopen: supervises && rules::may_reopen(state).is_ok(),
        erased: None,
    })
}

/// State of a case in words.
#[must_use]
pub const fn state_says(state: &str, lang: Lang) -> &'static str {
    match state.as_bytes() {
        b"open" => say(lang, "Ouvert", "Open"),
        b"closed" => say(lang, "Clos", "Closed"),
        _ => say(lang, "Arrêté", "Ended"),
    }
}

/// A need that is out with somebody: who moves now, and until when, as its
/// referral says; of several, the one whose limit comes first.
fn held_by_who_moves(need: &mut NeedRow, referrals: &[WorkRow]) {
    if need.state != NeedState::Referred {
        return;
    }
    let out = referrals
        .iter()
        .filter(|r| r.need_id == Some(need.id))
        .filter_map(|r| r.clock.as_ref().map(|clock| (clock, &r.hand)))
        .min_by_key(|(clock, _)| clock.due);
    if let Some((clock, hand)) = out {
        need.clock = Some(clock.clone());
        need.hand = hand.clone();
    }
}

//! What must hold in every world (DESIGN §4, §6, §9).

use std::collections::BTreeSet;
use std::fmt::Debug;

use chrono::{Days, TimeDelta};
use relais_acts::file::CaseFile;
use relais_acts::views::{MyDay, StopRow, WorkRow};
use relais_acts::{ActError, Viewer, accounts, case, day, referral_view, share, transfers};
use relais_casework::calendar::local_date;
use relais_casework::consent::{Consent, ConsentDecision, Recipient, category_of};
use relais_casework::grant::{GrantCause, Holder};
use relais_casework::need::NeedState;
use relais_casework::sharing::OverrideState;
use relais_casework::transfer::TransferState;
use relais_casework::visible::{
    FileScope, ReferralStage, Shown, StopSide, TransferSide, View, may_claim, transfer_side, visible_need,
};
use relais_mechanism::{ClassSet, DataClass, Purpose, Role};
use relais_network::agreement::{Basis, OverrideGround, is_vital};
use relais_network::{CaseId, OrganisationId, ReferralId, StopRequestId, TransferId};
use relais_store::rows::cases::DisclosureRecord;
use relais_store::rows::transfers::TransferRecord;
use relais_store::rows::{accounts as users, lists};
use relais_store::{StoreError, Tx};
use uuid::Uuid;

use super::{LOGINS, Play};
use disclosures::*;
use oracle::*;

mod disclosures;
mod oracle;

/// After every step: nothing waits on nobody, by the store's own count and by
/// looking at every need and referral.
pub fn nobody_waits_on_nobody(play: &Play) {
    let waiting = play
        .world
        .store()
        .read_blocking(lists::waiting_on_nobody)
        .expect("readable");
    assert_eq!(waiting, (0, 0), "a need or a referral without owner or due time");
    let miscounted = play
        .world
        .store()
        .read_blocking(lists::cases_miscounted)
        .expect("readable");
    assert_eq!(miscounted, 0, "a case's open needs or earliest limit");
    for known in &play.cases {
        let file = play.file(known.id);
        for need in &file.needs {
            let live = need.detail.machine.state.is_live();
            assert_eq!(need.record.due_at.is_some(), live, "{:?}", need.record);
            if live {
                assert_eq!(need.record.owner_id, file.record.holder_id, "the holder has the need");
                assert_eq!(need.record.owner_role, Role::CaseManager.code());
            }
            let open: BTreeSet<ReferralId> = file
                .referrals
                .iter()
                .filter(|r| r.record.need_id == need.record.id && !r.machine.state.is_terminal())
                .map(|r| r.record.id)
                .collect();
            let listed: BTreeSet<ReferralId> = need.detail.machine.open.iter().copied().collect();
            assert_eq!(open, listed, "the need knows what is open for it");
            match need.detail.machine.state {
                NeedState::Referred => assert!(!open.is_empty(), "referred to nobody"),
                NeedState::Open => {}
                _ => assert!(open.is_empty(), "answered, and still asked about"),
            }
        }
        for referral in &file.referrals {
            let (record, machine) = (&referral.record, &referral.machine);
            assert_eq!(machine.wait.is_some(), !machine.state.is_terminal());
            assert_eq!(record.ended_at.is_some(), machine.state.is_terminal());
            let Some(wait) = &machine.wait else { continue };
            assert_eq!(record.due_at, Some(wait.due.at));
            assert_eq!(record.owner_role.as_deref(), Some(wait.owner.role.code()));
            assert_eq!(
                record.owner_id,
                wait.owner.organisation(file.record.holder_id, record.provider_id)
            );
        }
        if file.record.state == "closed" {
            assert!(
                file.needs.iter().all(|n| !n.detail.machine.state.is_live()),
                "closed over a waiting need"
            );
        }
        let closure = play.closure(known.id);
        if let Some(closure) = closure.filter(|c| matches!(c.state.as_str(), "proposed" | "returned")) {
            assert_eq!(
                (file.record.state.as_str(), file.record.holder_id),
                ("open", closure.holder_id),
                "a closure waits on nobody"
            );
            assert!(closure.due_at > closure.due_from && closure.lapses_at > closure.due_at);
        }
    }
}

/// After every step: whatever moved in a case moved its version. An act that
/// read the file ahead of its unit of work rests on that.
pub fn what_moves_moves_the_version(play: &mut Play) {
    let ids: Vec<CaseId> = play.cases.iter().map(|k| k.id).collect();
    for id in ids {
        let mut file = play.file(id);
        let version = std::mem::take(&mut file.record.version);
        let looks = format!("{file:?}");
        if let Some((at, looked)) = play.looked.insert(id, (version, looks.clone())) {
            assert!(
                looked == looks || version > at,
                "the case moved and its version {at} did not:\n{looked}\n{looks}"
            );
        }
    }
}

/// Of a case that has ended nothing is due, nothing is to be sent but that it
/// has ended, and no need is alive. How many such cases there are.
pub fn ended_cases_are_silent(play: &Play) -> usize {
    let mut ended = 0;
    for known in &play.cases {
        let file = play.file(known.id);
        if file.record.state != "ended" {
            continue;
        }
        ended += 1;
        assert_eq!(play.noise(known.id), (0, 0), "due, unsent: {file:?}");
        assert!(file.needs.iter().all(|n| !n.detail.machine.state.is_live()));
        assert!(file.referrals.iter().all(|r| r.machine.state.is_terminal()));
    }
    ended
}

/// At the end of a world: every list, every page, every disclosure.
pub async fn all(play: &Play) {
    let files: Vec<CaseFile> = play.cases.iter().map(|k| play.file(k.id)).collect();
    for who in 0..LOGINS.len() {
        match play.viewer(who) {
            Some(viewer) => {
                assert!(!play.closed.contains(&who), "a closed account acts");
                seen_by(play, &files, &viewer).await;
            }
            None => closed_sees_nothing(play, &files, who),
        }
    }
    overrides_are_owned_and_bounded(play, &files);
    disclosures_rest_on_something(play, &files);
    past_recipients_were_told(play, &files);
    withdrawn_consents_carry_nothing(&files);
    relais_store::audit::checkpoint(play.world.store()).expect("a checkpoint");
    let report = relais_store::audit::verify(play.world.store()).expect("verified");
    assert!(report.findings.is_empty(), "{:?}", report.findings);
}

/// Even a viewer that was made of a closed account sees nothing.
fn closed_sees_nothing(play: &Play, files: &[CaseFile], who: usize) {
    assert!(play.closed.contains(&who), "{} is open", LOGINS[who]);
    let network = play.world.desk.network();
    let user = play
        .world
        .store()
        .read_blocking(move |tx: &mut Tx<'_>| users::user_by_login(tx, LOGINS[who]))
        .expect("readable")
        .expect("the account stays on record");
    let viewer = accounts::viewer_of(&network, &user, false);
    for file in files {
        assert_eq!(play.view(file, &viewer), View::Nothing, "{} is closed", LOGINS[who]);
    }
}

/// An override waits on an owner with a limit and due work, is told in the
/// owner's day, and carries nothing once refused or beyond its limit unsigned.
fn overrides_are_owned_and_bounded(play: &Play, files: &[CaseFile]) {
    for (case, open) in play.overrides() {
        let file = files.iter().find(|f| f.record.id == case).expect("its case");
        let (record, exception) = (&open.record, &open.detail.exception);
        let waiting = exception.state() == OverrideState::Waiting;
        assert_eq!(exception.cosign_due(), exception.made_at + TimeDelta::hours(24));
        assert_eq!(record.cosign_due_at, exception.cosign_due());
        let due = play
            .world
            .store()
            .read_blocking({
                let subject = record.id.0;
                move |tx: &mut Tx<'_>| relais_store::due::of(tx, subject)
            })
            .expect("readable");
        let told_out = exception.made_at + TimeDelta::hours(36) <= play.now;
        let runs = waiting && !told_out && file.record.state != "ended";
        assert_eq!(!due.is_empty(), runs, "{record:?}: {due:?}");
        assert!(
            !file.is_protected() || record.owner_id.is_some(),
            "the secretariat owns nothing protected"
        );
        let owner = (record.owner_id, record.owner_role.as_str());
        let expected = if record.owner_id.is_none() {
            (None, "secretariat_supervisor")
        } else {
            (Some(exception.organisation), "supervisor")
        };
        assert_eq!(owner, expected);
        let carries = match exception.state() {
            OverrideState::Cosigned => true,
            OverrideState::Refused => false,
            OverrideState::Waiting => play.now < exception.cosign_due(),
        };
        for grant in file.grants.iter().filter(|g| g.exception == Some(exception.id)) {
            assert!(
                carries || !grant.in_force(play.now),
                "{exception:?} still gives {grant:?}"
            );
        }
    }
}

/// A withdrawal closed every grant that rests on it; a referral that ended
/// keeps its grants thirty days at most.
fn withdrawn_consents_carry_nothing(files: &[CaseFile]) {
    for file in files {
        for consent in &file.consents {
            let Some(gone) = consent.withdrawn_at else { continue };
            for grant in file.grants.iter().filter(|g| g.consents.contains(&consent.id)) {
                assert!(
                    grant.until.is_some_and(|until| until <= gone),
                    "{grant:?} outlives {gone}"
                );
            }
        }
        for referral in &file.referrals {
            let Some(ended) = referral.record.ended_at else {
                continue;
            };
            for grant in file.grants.iter().filter(|g| g.referral == Some(referral.record.id)) {
                assert!(
                    grant.until.is_some_and(|until| until <= ended + TimeDelta::days(30)),
                    "{grant:?}"
                );
            }
        }
    }
}

//! The chain of one need: who was asked before and after, and what the sender
//! may ask next. Only the case's team reads it: a provider learns of no other.

use relais_casework::referral::State;
use relais_mechanism::limits::LadderAction;
use relais_mechanism::{Lang, Mechanism};
use relais_network::{NeedId, ReferralId, ServiceId};

use crate::codes::referral_code;
use crate::day::state_says;
use crate::desk::Viewer;
use crate::file::{CaseFile, OpenNeed, OpenReferral};
use crate::network::Network;
use crate::shelter::Names;
use crate::views::{ChainLink, Reroute, TakesBack};

/// The referrals of a need, oldest first.
pub(crate) fn of_need(
    mechanism: &Mechanism,
    network: &Network,
    viewer: &Viewer,
    file: &CaseFile,
    need: NeedId,
    here: Option<ReferralId>,
) -> Vec<ChainLink> {
    let lang = viewer.lang;
    let names = Names::new(network, viewer);
    file.referrals
        .iter()
        .filter(|r| r.record.need_id == need && r.record.sent_at.is_some())
        .map(|r| ChainLink {
            id: r.record.id,
            code: referral_code(r.record.year, r.seq),
            provider: names.provider(r),
            state: r.machine.state,
            state_label: state_says(mechanism, r.machine.state, r.machine.outcome, viewer),
            why: r.machine.decline.map(|d| {
                mechanism
                    .option_label("decline_reason", d.code(), lang)
                    .unwrap_or(d.code())
                    .to_owned()
            }),
            sent_at: r.record.sent_at,
            here: here == Some(r.record.id),
        })
        .collect()
}

/// The service that a provider of the chain suggested last and that was not
/// asked yet; only one of the directory, whatever was suggested before.
pub(crate) fn suggested(file: &CaseFile, need: &OpenNeed, network: &Network) -> Option<ServiceId> {
    file.referrals
        .iter()
        .rev()
        .filter(|r| r.record.need_id == need.record.id)
        .filter_map(|r| r.machine.suggested)
        .find(|s| !need.detail.machine.tried.contains(s) && network.directory.entry(*s).is_some())
}

/// The open request that a new one would take back: where no further one may
/// be open, and the sender may still cancel it.
pub(crate) fn takes_back(file: &CaseFile, need: &OpenNeed, network: &Network, viewer: &Viewer) -> Option<TakesBack> {
    let machine = &need.detail.machine;
    if machine.open.len() < machine.open_allowed() {
        return None;
    }
    file.referrals
        .iter()
        .rev()
        .find(|r| machine.open.contains(&r.record.id) && may_cancel(r))
        .map(|r| TakesBack {
            referral: r.record.id,
            code: referral_code(r.record.year, r.seq),
            provider: Names::new(network, viewer).provider(r),
        })
}

fn may_cancel(referral: &OpenReferral) -> bool {
    use relais_casework::referral::{CommandKind, rule};
    rule(referral.machine.state, CommandKind::Cancel).is_some()
}

/// Whether the ladder of the wait that runs has come to the step that proposes
/// another service.
fn proposed(mechanism: &Mechanism, referral: &OpenReferral) -> bool {
    let machine = &referral.machine;
    machine.state.climbs_ladder()
        && mechanism
            .ladder()
            .iter()
            .any(|s| s.percent <= machine.ladder && s.actions.contains(&LadderAction::ProposeReroute))
}

/// What the sender may ask next: after an end without service, at the step of
/// the ladder that proposes it, and when a waiting list's date has passed.
pub(crate) fn reroute(
    mechanism: &Mechanism,
    network: &Network,
    file: &CaseFile,
    referral: &OpenReferral,
    lang: Lang,
) -> Option<Reroute> {
    let need = file.need(referral.record.need_id)?;
    let machine = &need.detail.machine;
    if file.record.state != "open" || !machine.state.is_live() {
        return None;
    }
    let why = match referral.machine.state {
        State::Declined => "declined",
        State::Expired => "expired",
        State::Cancelled => "cancelled",
        State::Waitlisted if referral.machine.review_passed => "review_passed",
        state if !state.is_terminal() && may_cancel(referral) && proposed(mechanism, referral) => "silence",
        _ => return None,
    };
    let ended = referral.machine.state.is_terminal();
    // Somebody else has been asked since: that request says what comes next.
    if ended && machine.open.len() >= machine.open_allowed() {
        return None;
    }
    let suggested = suggested(file, need, network).and_then(|id| {
        let service = network.services.get(&id)?;
        Some((id, service.name.get(lang).to_owned()))
    });
    Some(Reroute {
        need_id: need.record.id,
        why: why.to_owned(),
        suggested,
        takes_back: !ended && machine.open.len() >= machine.open_allowed(),
        may_give_up: machine.open.is_empty(),
    })
}

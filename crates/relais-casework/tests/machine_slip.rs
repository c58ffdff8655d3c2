//! The slip: every box in every state, by hand; and what it says is what the
//! machine takes.

mod machine_support;

use machine_support::{Way, by_slip, draft, way_to};
use relais_casework::referral::{CommandKind, DeclineCode, EventKind, Outcome, REASONS, State, Ticked, of_slip};
use relais_mechanism::Priority;

/// State, box, commands, state after; "refused" where the machine refuses.
const TABLE: &[(State, Ticked, &[CommandKind], &str)] = {
    use CommandKind::{Accept, Acknowledge, Decline, Report, Start};
    use State as S;
    use Ticked as T;
    &[
        (S::Sent, T::Received, &[Acknowledge], "received"),
        (S::Sent, T::Accepted, &[Accept], "accepted"),
        (S::Sent, T::Served, &[Accept, Start, Report], "reported"),
        (S::Sent, T::PartlyServed, &[Accept, Start, Report], "reported"),
        (S::Sent, T::NotServed, &[Decline], "declined"),
        (S::Received, T::Received, &[], "received"),
        (S::Received, T::Accepted, &[Accept], "accepted"),
        (S::Received, T::Served, &[Accept, Start, Report], "reported"),
        (S::Received, T::NotServed, &[Decline], "declined"),
        (S::NeedsInfo, T::Received, &[], "needs_info"),
        (S::NeedsInfo, T::Accepted, &[Accept], "refused"),
        (S::NeedsInfo, T::NotServed, &[Decline], "declined"),
        (S::Waitlisted, T::Accepted, &[Accept], "accepted"),
        (S::Waitlisted, T::Served, &[Accept, Start, Report], "reported"),
        (S::Waitlisted, T::NotServed, &[Decline], "declined"),
        (S::Accepted, T::Received, &[], "accepted"),
        (S::Accepted, T::Accepted, &[], "accepted"),
        (S::Accepted, T::Served, &[Start, Report], "reported"),
        (S::Accepted, T::NotServed, &[Report], "reported"),
        (S::Scheduled, T::Served, &[Start, Report], "reported"),
        (S::Scheduled, T::PartlyServed, &[Start, Report], "reported"),
        (S::Scheduled, T::NotServed, &[Report], "reported"),
        (S::NoShow, T::Served, &[Report], "refused"),
        (S::InService, T::Accepted, &[], "in_service"),
        (S::InService, T::Served, &[Report], "reported"),
        (S::InService, T::PartlyServed, &[Report], "reported"),
        (S::InService, T::NotServed, &[Report], "reported"),
        (S::Reported, T::Served, &[Report], "refused"),
        (S::Disputed, T::Served, &[Report], "reported"),
        (S::Declined, T::Served, &[Report], "refused"),
        (S::Cancelled, T::NotServed, &[Report], "refused"),
        (S::Closed, T::Accepted, &[], "closed"),
        (S::Ended, T::Served, &[Report], "refused"),
    ]
};

#[test]
fn every_box_says_what_the_machine_takes() {
    for (state, ticked, expected, after) in TABLE {
        let mut way = way_to(*state, Way::of(draft(Priority::P3)));
        let commands = of_slip(*state, *ticked, None, "Mme Fiche");
        let kinds: Vec<_> = commands.iter().map(|c| c.kind()).collect();
        assert_eq!(kinds, *expected, "{state} {ticked}");
        let mut refused = false;
        for command in &commands {
            let tried =
                std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| way.clone().give(command, &by_slip())));
            match tried {
                Ok(next) => way = next,
                Err(_) => refused = true,
            }
        }
        if *after == "refused" {
            assert!(refused, "{state} {ticked}");
        } else {
            assert!(!refused, "{state} {ticked}");
            assert_eq!(way.referral.state.code(), *after, "{state} {ticked}");
            let said = |e: &relais_casework::referral::Event| !e.kind.is_providers_answer() || e.noted;
            assert!(
                commands.is_empty() || way.events.iter().all(said),
                "{state} {ticked}: noted, so that it may be contested"
            );
        }
    }
}

#[test]
fn a_reason_is_an_outcome_or_a_decline() {
    for (reason, code) in [
        (Some(Outcome::NotEligible), DeclineCode::NotEligible),
        (Some(Outcome::NoCapacity), DeclineCode::NoCapacity),
        (Some(Outcome::Moved), DeclineCode::OutsideArea),
        (Some(Outcome::DidNotAttend), DeclineCode::Other),
        (Some(Outcome::Served), DeclineCode::Other),
        (None, DeclineCode::Other),
    ] {
        let sent = way_to(State::Sent, Way::of(draft(Priority::P4)));
        let [command] = &of_slip(State::Sent, Ticked::NotServed, reason, "x")[..] else {
            panic!("one command")
        };
        let declined = sent.give(command, &by_slip());
        assert!(
            declined
                .events
                .iter()
                .any(|e| matches!(e.kind, EventKind::Declined { code: c, .. } if c == code))
        );
        let running = way_to(State::InService, Way::of(draft(Priority::P4)));
        let [command] = &of_slip(State::InService, Ticked::NotServed, reason, "x")[..] else {
            panic!("one command")
        };
        let outcome = reason.filter(|r| !r.is_served()).unwrap_or(Outcome::Other);
        assert_eq!(running.give(command, &by_slip()).referral.outcome, Some(outcome));
    }
    assert!(REASONS.iter().all(|r| !r.is_served()));
    assert_eq!(REASONS.len(), Outcome::ALL.iter().filter(|o| !o.is_served()).count());
}

#[test]
fn an_emergency_by_slip_names_who_took_it() {
    let sent = way_to(State::Sent, Way::of(draft(Priority::P1)));
    for command in of_slip(State::Sent, Ticked::Accepted, None, "Dr Fiche") {
        let taken = sent.clone().give(&command, &by_slip());
        let named = taken.events.iter().find_map(|e| match &e.kind {
            EventKind::Accepted { by_name } => by_name.clone(),
            _ => None,
        });
        assert_eq!(named.as_deref(), Some("Dr Fiche"));
    }
}

//! One-time links: what has become of one, and how long one lives.

mod machine_support;

use chrono::TimeDelta;
use machine_support::{Hours, Way, draft, h, way_to};
use relais_casework::referral::{Link, LinkRefusal, LinkState, MOST_TRIES, State, link_until};
use relais_mechanism::Priority;

fn fresh() -> Link {
    Link {
        expires_at: h(10),
        tries: 0,
        opened_at: None,
        answered_at: None,
        replaced_at: None,
    }
}

#[test]
fn a_link_opens_once_in_its_time_and_never_after_too_many_tries() {
    let at = Some(h(2));
    for (link, hour, state) in [
        (fresh(), 9, LinkState::Waiting),
        (fresh(), 10, LinkState::Expired),
        (
            Link {
                tries: MOST_TRIES - 1,
                ..fresh()
            },
            9,
            LinkState::Waiting,
        ),
        (
            Link {
                tries: MOST_TRIES,
                ..fresh()
            },
            9,
            LinkState::Blocked,
        ),
        (
            Link {
                opened_at: at,
                ..fresh()
            },
            9,
            LinkState::Opened,
        ),
        (
            Link {
                opened_at: at,
                ..fresh()
            },
            11,
            LinkState::Expired,
        ),
        (
            Link {
                replaced_at: at,
                ..fresh()
            },
            9,
            LinkState::Replaced,
        ),
        (
            Link {
                replaced_at: at,
                tries: MOST_TRIES,
                ..fresh()
            },
            9,
            LinkState::Replaced,
        ),
        (
            Link {
                opened_at: at,
                answered_at: at,
                ..fresh()
            },
            9,
            LinkState::Answered,
        ),
        (
            Link {
                answered_at: at,
                replaced_at: at,
                ..fresh()
            },
            11,
            LinkState::Answered,
        ),
    ] {
        assert_eq!(link.state(h(hour)), state, "{link:?} at {hour}");
        assert_eq!(
            link.may_open(h(hour)),
            state == LinkState::Waiting,
            "{link:?} at {hour}"
        );
    }
}

#[test]
fn a_link_lives_as_long_as_the_providers_wait() {
    let at = |state| way_to(state, Way::of(draft(Priority::P3)));
    // Decide: 120 hours from the sending; silence expires at twice that.
    for state in [State::Sent, State::Received] {
        let way = at(state);
        let expiry = way.referral.expiry.as_ref().expect("it expires").at;
        assert_eq!(link_until(&way.referral, false, &Hours, way.now), Ok(expiry), "{state}");
        assert_eq!(expiry, h(240), "{state}");
    }
    // Not shorter than three days, however late the provider is.
    let accepted = at(State::Accepted);
    let due = &accepted.referral.wait.as_ref().expect("waits").due;
    let twice = due.start + (due.at - due.start) * 2;
    assert_eq!(link_until(&accepted.referral, false, &Hours, accepted.now), Ok(twice));
    let late = twice + TimeDelta::hours(5);
    assert_eq!(
        link_until(&accepted.referral, false, &Hours, late),
        Ok(late + TimeDelta::hours(72))
    );
    for state in State::ALL.iter().copied() {
        let way = at(state);
        let made = link_until(&way.referral, false, &Hours, way.now);
        let providers = matches!(
            state,
            State::Sent
                | State::Received
                | State::Waitlisted
                | State::Accepted
                | State::Scheduled
                | State::InService
                | State::Disputed
        );
        assert_eq!(made.is_ok(), providers, "{state}: {made:?}");
        if !providers {
            assert_eq!(made, Err(LinkRefusal::NotProvidersMove), "{state}");
        }
        assert_eq!(
            link_until(&way.referral, true, &Hours, way.now),
            Err(LinkRefusal::HasAccount),
            "{state}"
        );
    }
}

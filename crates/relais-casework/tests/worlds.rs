//! The laws of sight over random worlds: accounts close and move, cases are
//! handed over, agreements end and are denounced, consents are withdrawn.
//!
//! After every event each user looks at each case; what `visible` says is held
//! to laws that are told here a second time, without the rule's own code, and
//! to what the lists' conditions say.

#[expect(dead_code, reason = "shared with the tests of sharing, which use the rest")]
mod sharing_support;
mod worlds_support;

use std::cell::RefCell;
use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use relais_casework::visible::{FileScope, Via, View};
use relais_mechanism::ClassSet;
use worlds_support::{Tally, World, any_event, any_setup, check_labels};

#[test]
fn the_laws_of_sight_hold_in_every_world() {
    let config = Config {
        cases: 2_400,
        failure_persistence: None,
        ..Config::default()
    };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let tally = RefCell::new(Tally::default());
    let worlds = (any_setup(), prop::collection::vec(any_event(), 1..40));
    runner
        .run(&worlds, |(setup, events)| {
            let mut world = World::new(setup);
            for event in events {
                world.play(event);
                world.check()?;
            }
            tally.borrow_mut().add(&world.tally);
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
    // Laws that nothing ever tested hold by chance: every kind of thing that
    // they speak of must have happened often.
    for (what, count) in tally.borrow().rows() {
        assert!(count >= 30, "only {count} times: {what}");
    }
}

#[test]
fn a_need_is_read_in_the_words_of_the_view() {
    let file = |restricted| View::File {
        classes: ClassSet::all(),
        restricted,
        via: Via::Provider,
        scope: FileScope::Whole,
        offers: BTreeSet::new(),
        frozen: false,
    };
    let offer = View::Offer {
        referrals: BTreeSet::new(),
    };
    for view in [
        View::Nothing,
        View::Received,
        View::Logs,
        View::Office,
        offer,
        file(false),
        file(true),
    ] {
        check_labels(&view).unwrap_or_else(|failure| panic!("{view:?}: {failure}"));
    }
}

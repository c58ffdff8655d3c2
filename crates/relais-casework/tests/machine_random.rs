//! Random worlds: one need, as many referrals as fate sends, cases that are
//! transferred, accounts that close, clocks that run late. Whatever happens,
//! no need and no referral waits on nobody.

mod machine_support;

use chrono::{DateTime, TimeDelta, Utc};
use machine_support::{
    COUNTS, HOLDER, Hours, PROVIDER, STRANGER, by_link, by_paper, by_telephone, command, ctx, due_in, h, ladder, new,
    person, person_noted, provider, secretariat, secretariat_supervisor, sender, strangers, supervisor,
};
use proptest::prelude::*;
use relais_casework::need::{Need, NeedCommand, NeedState, decide_need, give_back};
use relais_casework::referral::{Actor, Event, Owner, Referral, State, decide, open_to};
use relais_mechanism::{ActingFor, Priority};
use relais_network::{CaseId, NeedId, OrganisationId, ReferralId, ServiceId};
use uuid::Uuid;

const TOKENS: &[&str] = &[
    "send",
    "discard",
    "acknowledge",
    "accept",
    "accept",
    "accept",
    "ask",
    "answer",
    "answer",
    "waitlist",
    "extend_waitlist",
    "decline",
    "cancel",
    "schedule",
    "schedule",
    "start",
    "start",
    "news",
    "no_show",
    "no_show",
    "reschedule",
    "reschedule",
    "report:served",
    "report:not_reached",
    "report:no_capacity",
    "confirm:person",
    "confirm:person_through_sender",
    "confirm:none",
    "dispute",
    "dispute",
    "settle:served",
    "settle:moved",
    "void",
    "withdraw:stop_sharing",
    "withdraw:both",
    "end:left",
    "contest",
];

#[derive(Debug, Clone)]
enum Step {
    /// A new draft for one of a few services.
    Draft(u8),
    /// A command on one of the drafts and referrals.
    Act(usize, usize, usize, i64),
    /// The clocks run this many hours, and the worker does all that fell due.
    Wait(i64),
    /// The worker did nothing for this long.
    Sleep(i64),
    /// The case is transferred.
    Transfer,
    /// The sender whose account closed is replaced; nothing else changes.
    OtherUser,
    /// The person gives up the need.
    Drop,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => (0u8..4).prop_map(Step::Draft),
        20 => (0usize..8, 0..TOKENS.len(), 0usize..64, 0i64..30).prop_map(|(r, t, a, d)| Step::Act(r, t, a, d)),
        2 => (1i64..900).prop_map(Step::Wait),
        1 => (1i64..900).prop_map(Step::Sleep),
        1 => Just(Step::Transfer),
        1 => Just(Step::OtherUser),
        1 => Just(Step::Drop),
    ]
}

struct World {
    need: Need,
    referrals: Vec<Referral>,
    holder: OrganisationId,
    user: u128,
    now: DateTime<Utc>,
    protected: bool,
}

impl World {
    fn new(priority: Priority, protected: bool) -> Self {
        Self {
            need: Need::record(
                NeedId(Uuid::from_u128(12)),
                CaseId(Uuid::from_u128(11)),
                priority,
                h(0),
                due_in(h(0), 240),
            ),
            referrals: Vec::new(),
            holder: HOLDER,
            user: 7,
            now: h(0),
            protected,
        }
    }

    /// An actor of this world: the sender's people work where the case is.
    fn actor(&self, pick: usize) -> Actor {
        let cast = [
            sender(),
            sender(),
            sender(),
            supervisor(),
            provider(),
            provider(),
            provider(),
            by_link(),
            by_telephone(),
            by_paper(),
            person(),
            person_noted(),
            secretariat(),
            secretariat_supervisor(),
        ];
        let strangers = strangers();
        let mut by = if pick < 56 {
            cast[pick % cast.len()].clone()
        } else {
            strangers[pick % strangers.len()].clone()
        };
        if pick < 56 && by.organisation == Some(HOLDER) {
            by.organisation = Some(self.holder);
        }
        if let Some(user) = &mut by.user {
            user.0 = Uuid::from_u128(self.user);
        }
        by
    }

    /// One unit of work: the referral's events, the need's, or nothing.
    fn act(&mut self, index: usize, token: &str, by: &Actor) {
        let steps = ladder();
        let mut here = ctx(self.now, &steps);
        here.holder = self.holder;
        let Some(referral) = self.referrals.get(index).cloned() else {
            return;
        };
        let given = command(token, self.now);
        let Ok(events) = decide(&referral, &given, by, &here) else {
            return;
        };
        assert!(!events.is_empty(), "an accepted command leaves a trace");
        if token == "send" {
            let refer = NeedCommand::Refer {
                referral: referral.id,
                service: referral.service,
            };
            // The need refuses: the whole unit of work falls.
            let Ok(event) = decide_need(&self.need, &refer, by, &here) else {
                return;
            };
            self.need = self.need.apply(&event);
        }
        self.record(index, &referral, &events);
    }

    fn record(&mut self, index: usize, before: &Referral, events: &[Event]) {
        let mut at = before.clone();
        for event in events {
            assert_eq!(event.state.is_waiting(), event.wait.is_some(), "{event:?}");
            let entered = event.state.is_terminal() && at.state.is_waiting();
            assert_eq!(
                entered,
                event.need.is_some(),
                "the need comes back exactly when it ends: {event:?}"
            );
            assert!(event.happened_at <= self.now);
            if let Some(effect) = event.need {
                self.need = self.need.apply(&give_back(&self.need, at.id, at.service, effect));
            }
            let text = serde_json::to_string(event).expect("an event is written");
            assert_eq!(&serde_json::from_str::<Event>(&text).expect("and read"), event);
            at = at.apply(event);
        }
        assert_eq!(at.version - before.version, i64::try_from(events.len()).expect("few"));
        self.referrals[index] = at;
    }

    /// Two workers take every clock that fell due; each makes one event.
    fn work(&mut self) {
        let steps = ladder();
        for round in 0.. {
            assert!(round < 1000, "the clocks come to rest");
            let due: Vec<(usize, u32)> = self
                .referrals
                .iter()
                .enumerate()
                .flat_map(|(i, r)| {
                    let clocks = r.clocks(&Hours, &steps, COUNTS);
                    clocks
                        .into_iter()
                        .filter(|c| c.at <= self.now)
                        .map(move |c| (i, c.percent))
                        .take(1)
                })
                .collect();
            if due.is_empty() {
                return;
            }
            for (index, percent) in due {
                let before = self.referrals[index].clone();
                self.act(index, &format!("time_passes:{percent}"), &Actor::clock());
                assert_ne!(
                    self.referrals[index], before,
                    "a due clock does its work: {before:?} {percent}"
                );
            }
        }
    }

    fn check(&self) {
        let steps = ladder();
        let needs_somebody = self.need.state.is_live();
        assert_eq!(self.need.owner(self.holder).is_some(), needs_somebody);
        assert!(self.need.open.len() <= self.need.open_allowed());
        if needs_somebody {
            assert_eq!(self.need.state == NeedState::Referred, !self.need.open.is_empty());
        }
        let mut tried = self.need.tried.clone();
        tried.sort_unstable();
        tried.dedup();
        assert_eq!(tried.len(), self.need.tried.len(), "no service twice");
        for r in &self.referrals {
            assert_eq!(r.state.is_waiting(), r.wait.is_some(), "{r:?}");
            let sent = r.state.is_waiting() && r.state != State::Draft;
            assert_eq!(
                sent,
                self.need.open.contains(&r.id),
                "the need knows what is open: {r:?}"
            );
            assert!(r.no_shows <= 3 && r.disputes <= 2 && r.extensions <= 1);
            assert!(!(r.state == State::Waitlisted && matches!(r.priority, Priority::P1 | Priority::P2)));
            assert_eq!(
                r.state.expires(),
                r.expiry.is_some() && r.state != State::NeedsInfo,
                "{r:?}"
            );
            assert!(r.state != State::Voided || !r.disclosed_above);
            if let Some(wait) = &r.wait {
                let organisation = wait.owner.organisation(self.holder, r.provider);
                match wait.owner.side {
                    ActingFor::Sender => assert_eq!(organisation, Some(self.holder)),
                    ActingFor::Provider => assert_eq!(organisation, Some(PROVIDER)),
                    ActingFor::Secretariat => assert!(!self.protected, "the secretariat must not know: {r:?}"),
                    other => panic!("{other} cannot be waited for"),
                }
                // Somebody of the side that is waited for can in fact move.
                let mut here = ctx(self.now.max(wait.due.at), &steps);
                here.holder = self.holder;
                let mover = self.mover(wait.owner);
                assert!(
                    !open_to(r, &mover, &here).is_empty(),
                    "{:?} can do nothing: {r:?}",
                    wait.owner
                );
            }
        }
    }

    fn mover(&self, owner: Owner) -> Actor {
        match owner {
            Owner::PROVIDER => provider(),
            Owner::SECRETARIAT => secretariat(),
            Owner::SECRETARIAT_SUPERVISOR => secretariat_supervisor(),
            Owner::SENDER_SUPERVISOR => Actor {
                organisation: Some(self.holder),
                ..supervisor()
            },
            _ => Actor {
                organisation: Some(self.holder),
                ..sender()
            },
        }
    }
}

fn priority() -> impl Strategy<Value = Priority> {
    prop::sample::select(Priority::ALL.to_vec())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_waits_on_nobody(
        priority in priority(),
        protected in any::<bool>(),
        steps in prop::collection::vec(step(), 1..120),
    ) {
        let mut world = World::new(priority, protected);
        for step in steps {
            match step {
                Step::Draft(service) => {
                    let mut fresh = new(priority);
                    let index = u128::try_from(world.referrals.len()).expect("few");
                    fresh.id = ReferralId(Uuid::from_u128(1000 + index));
                    fresh.service = ServiceId(Uuid::from_u128(100 + u128::from(service)));
                    fresh.protected = protected;
                    world.referrals.push(Referral::draft(fresh, world.need.due.clone()));
                }
                Step::Act(index, token, pick, delay) => {
                    world.now += TimeDelta::hours(delay);
                    let by = world.actor(pick);
                    let index = index % world.referrals.len().max(1);
                    // Mostly what a page offers, sometimes what none would.
                    let token = if pick % 4 == 0 {
                        TOKENS[token].to_owned()
                    } else {
                        offered(&world, index, &by, token).unwrap_or_else(|| TOKENS[token].to_owned())
                    };
                    world.act(index, &token, &by);
                }
                Step::Wait(hours) => {
                    world.now += TimeDelta::hours(hours);
                    world.work();
                }
                Step::Sleep(hours) => world.now += TimeDelta::hours(hours),
                Step::Transfer => {
                    world.holder = if world.holder == HOLDER { STRANGER } else { HOLDER };
                }
                Step::OtherUser => world.user += 1,
                Step::Drop => {
                    let ladder = ladder();
                    let here = ctx(world.now, &ladder);
                    if let Ok(event) = decide_need(&world.need, &NeedCommand::Drop, &person(), &here) {
                        world.need = world.need.apply(&event);
                    }
                }
            }
            world.check();
        }
        // If nobody does anything any more, silence ends every question, and
        // what is left is late with somebody.
        for _ in 0..40 {
            world.now += TimeDelta::hours(2000);
            world.work();
            world.check();
        }
        for r in &world.referrals {
            let stays = [
                State::Draft, State::Accepted, State::Scheduled, State::InService, State::Disputed,
            ];
            prop_assert!(r.state.is_terminal() || stays.contains(&r.state), "{:?}", r);
        }
    }

    /// `decide` answers everything that can be asked, by everybody, at any
    /// time, and what it refuses it explains.
    #[test]
    fn decide_is_total(
        priority in priority(),
        path in prop::collection::vec((0..TOKENS.len(), 0usize..64, -50i64..2000), 1..30),
    ) {
        let mut world = World::new(priority, false);
        world.referrals.push(Referral::draft(new(priority), due_in(h(0), 240)));
        let steps = ladder();
        for (token, pick, hours) in path {
            let mut here = ctx(h(hours), &steps);
            here.happened_at = h(hours / 2);
            let by = world.actor(pick);
            let r = world.referrals[0].clone();
            for percent in [0, 50, 100, 150, 200, u32::MAX] {
                let clock = decide(&r, &command(&format!("time_passes:{percent}"), h(hours)), &Actor::clock(), &here);
                if let Err(refusal) = clock {
                    prop_assert!(!refusal.message().fr.is_empty());
                }
            }
            match decide(&r, &command(TOKENS[token], h(hours)), &by, &here) {
                Ok(events) => {
                    let next = r.apply_all(&events);
                    prop_assert_eq!(next.state.is_waiting(), next.wait.is_some());
                    world.referrals[0] = next;
                }
                Err(refusal) => prop_assert!(!refusal.remedy().en.is_empty()),
            }
        }
    }

    /// A note never turns into the provider's own word.
    #[test]
    fn notes_stay_notes(priority in priority(), picks in prop::collection::vec((0..TOKENS.len(), any::<bool>()), 1..20)) {
        let mut world = World::new(priority, false);
        world.referrals.push(Referral::draft(new(priority), due_in(h(0), 240)));
        world.act(0, "send", &sender());
        for (token, noted) in picks {
            let before = world.referrals[0].clone();
            world.now += TimeDelta::hours(1);
            world.act(0, TOKENS[token], &if noted { by_telephone() } else { provider() });
            let after = &world.referrals[0];
            if after.version != before.version && TOKENS[token] != "contest" {
                prop_assert_eq!(after.noted_answer, noted);
            }
        }
    }
}

/// One of the commands that a page offers this actor.
fn offered(world: &World, index: usize, by: &Actor, pick: usize) -> Option<String> {
    let steps = ladder();
    let mut here = ctx(world.now, &steps);
    here.holder = world.holder;
    let referral = world.referrals.get(index)?;
    let open = open_to(referral, by, &here);
    let kind = open.get(pick % open.len().max(1))?;
    let tokens: Vec<&&str> = TOKENS
        .iter()
        .filter(|t| t.split(':').next() == Some(kind.code()))
        .collect();
    tokens.get(pick % tokens.len().max(1)).map(|t| (**t).to_owned())
}

#[test]
fn random_worlds_reach_the_far_states() {
    // A property over worlds that never get anywhere would hold idly.
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..300 {
        let steps = prop::collection::vec(step(), 100)
            .new_tree(&mut runner)
            .expect("steps")
            .current();
        let mut world = World::new(Priority::P3, false);
        world
            .referrals
            .push(Referral::draft(new(Priority::P3), due_in(h(0), 240)));
        for step in steps {
            match step {
                Step::Act(_, token, pick, delay) => {
                    world.now += TimeDelta::hours(delay);
                    let by = world.actor(pick);
                    if let Some(token) = offered(&world, 0, &by, token).filter(|t| !t.starts_with("end")) {
                        world.act(0, &token, &by);
                    }
                }
                Step::Wait(hours) => {
                    world.now += TimeDelta::hours(hours);
                    world.work();
                }
                _ => {}
            }
            seen.insert(world.referrals[0].state);
            if world.referrals[0].state.is_terminal() {
                world = World::new(Priority::P3, false);
                world
                    .referrals
                    .push(Referral::draft(new(Priority::P3), due_in(h(0), 240)));
            }
        }
    }
    let missing: Vec<_> = State::ALL
        .iter()
        .filter(|s| !seen.contains(s) && **s != State::Ended)
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

//! A small world for the machine's tests: two organisations, a secretariat,
//! simple limits in clock hours, and a way to every state through `decide`.
#![allow(dead_code, reason = "each test file uses its part of this module")]

use chrono::{DateTime, TimeDelta, Utc};
use relais_casework::calendar::{ClockKind, Due, Remaining};
use relais_casework::referral::{
    Actor, Command, Context, Counts, DeclineCode, DueKind, DueTimes, EndReason, Event, NewReferral, Noted, Outcome,
    Referral, Refusal, State, WithdrawEffect, decide,
};
use relais_mechanism::limits::{LadderAction, LadderStep, LadderTarget};
use relais_mechanism::{ActingFor, Channel, Label, Priority, Role, Sensitivity};
use relais_network::{CaseId, NeedId, OrganisationId, ReferralId, ServiceId, UserId};
use uuid::Uuid;

pub const HOLDER: OrganisationId = OrganisationId(Uuid::from_u128(1));
pub const PROVIDER: OrganisationId = OrganisationId(Uuid::from_u128(2));
pub const SECRETARIAT: OrganisationId = OrganisationId(Uuid::from_u128(3));
pub const STRANGER: OrganisationId = OrganisationId(Uuid::from_u128(4));
pub const SERVICE: ServiceId = ServiceId(Uuid::from_u128(5));
pub const OTHER_SERVICE: ServiceId = ServiceId(Uuid::from_u128(6));
const USER: UserId = UserId(Uuid::from_u128(7));

pub const COUNTS: Counts = Counts {
    no_shows: 3,
    disputes: 2,
    extensions: 1,
    expire_percent: 200,
};

/// The moment of sending: hour 0.
pub fn t0() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_420_800, 0).expect("a date of 2026")
}

pub fn h(hours: i64) -> DateTime<Utc> {
    t0() + TimeDelta::hours(hours)
}

/// Limits in hours, every one different from its neighbours, so that a limit
/// taken for another shows.
pub struct Hours;

fn limit(kind: DueKind, priority: Priority) -> Option<i64> {
    let of = |p1, p2, p3, p4| match priority {
        Priority::P1 => Some(p1),
        Priority::P2 => Some(p2),
        Priority::P3 => Some(p3),
        Priority::P4 => Some(p4),
    };
    match kind {
        DueKind::Need => of(24, 72, 240, 480),
        DueKind::Acknowledge => of(2, 24, 48, 120),
        DueKind::Decide => of(4, 48, 120, 240),
        DueKind::Answer => of(0, 12, 48, 48).filter(|_| priority != Priority::P1),
        DueKind::WaitlistReview => of(0, 0, 720, 720).filter(|_| !matches!(priority, Priority::P1 | Priority::P2)),
        DueKind::FirstContact => of(24, 72, 168, 240),
        DueKind::Appointment => of(24, 24, 24, 24),
        DueKind::Reach => of(24, 24, 120, 120),
        DueKind::Report => of(120, 168, 240, 240),
        DueKind::Confirm => of(240, 240, 240, 240),
        DueKind::Dispute => of(120, 120, 120, 120),
    }
}

pub fn due_in(from: DateTime<Utc>, hours: i64) -> Due {
    Due {
        start: from,
        at: from + TimeDelta::hours(hours),
        clock: ClockKind::Hours,
        calendar: "test".to_owned(),
    }
}

impl DueTimes for Hours {
    fn due(&self, kind: DueKind, priority: Priority, from: DateTime<Utc>) -> Option<Due> {
        Some(due_in(from, limit(kind, priority)?))
    }
    fn start(&self, priority: Priority, from: DateTime<Utc>) -> Option<Due> {
        Some(due_in(
            from,
            match priority {
                Priority::P1 => 24,
                Priority::P2 => 72,
                Priority::P3 => 240,
                Priority::P4 => return None,
            },
        ))
    }
    fn news(&self, priority: Priority, from: DateTime<Utc>) -> Option<Due> {
        Some(due_in(
            from,
            match priority {
                Priority::P1 => 24,
                Priority::P2 => 72,
                Priority::P3 | Priority::P4 => 720,
            },
        ))
    }
    fn waitlist_expiry(&self, from: DateTime<Utc>) -> Due {
        due_in(from, 120)
    }
    fn at_percent(&self, due: &Due, percent: u32) -> DateTime<Utc> {
        due.start + TimeDelta::seconds((due.at - due.start).num_seconds() * i64::from(percent) / 100)
    }
    fn remaining(&self, due: &Due, now: DateTime<Utc>) -> Remaining {
        Remaining {
            clock: due.clock,
            minutes: (due.at - now.max(due.start)).num_minutes().max(0),
        }
    }
    fn resume(&self, remaining: Remaining, from: DateTime<Utc>) -> Due {
        Due {
            start: from,
            at: from + TimeDelta::minutes(remaining.minutes),
            clock: remaining.clock,
            calendar: "test".to_owned(),
        }
    }
}

/// A mechanism that forgot one limit.
pub struct Without(pub DueKind);

impl DueTimes for Without {
    fn due(&self, kind: DueKind, priority: Priority, from: DateTime<Utc>) -> Option<Due> {
        if kind == self.0 {
            None
        } else {
            Hours.due(kind, priority, from)
        }
    }
    fn start(&self, priority: Priority, from: DateTime<Utc>) -> Option<Due> {
        Hours.start(priority, from)
    }
    fn news(&self, _: Priority, _: DateTime<Utc>) -> Option<Due> {
        None
    }
    fn waitlist_expiry(&self, from: DateTime<Utc>) -> Due {
        Hours.waitlist_expiry(from)
    }
    fn at_percent(&self, due: &Due, percent: u32) -> DateTime<Utc> {
        Hours.at_percent(due, percent)
    }
    fn remaining(&self, due: &Due, now: DateTime<Utc>) -> Remaining {
        Hours.remaining(due, now)
    }
    fn resume(&self, remaining: Remaining, from: DateTime<Utc>) -> Due {
        Hours.resume(remaining, from)
    }
}

/// The ladder of DESIGN §5.
pub fn ladder() -> Vec<LadderStep> {
    use LadderTarget::{Alternate, FocalPoint, Head, RegionalFocalPoint, Secretariat, Sender};
    let step = |percent, tell: &[LadderTarget], actions: &[LadderAction]| LadderStep {
        percent,
        tell: tell.to_vec(),
        actions: actions.to_vec(),
        label: Label::default(),
    };
    vec![
        step(50, &[FocalPoint], &[LadderAction::Remind]),
        step(100, &[Alternate, Head, Sender], &[LadderAction::Escalate]),
        step(
            150,
            &[RegionalFocalPoint, Secretariat],
            &[LadderAction::Escalate, LadderAction::ProposeReroute],
        ),
        step(200, &[Sender], &[LadderAction::Expire]),
    ]
}

pub fn ctx<'a>(now: DateTime<Utc>, ladder: &'a [LadderStep]) -> Context<'a> {
    Context {
        now,
        happened_at: now,
        holder: HOLDER,
        assigned_to_secretariat: false,
        times: &Hours,
        ladder,
        counts: COUNTS,
    }
}

pub fn actor(organisation: Option<OrganisationId>, roles: &[Role], acting_for: ActingFor, channel: Channel) -> Actor {
    Actor {
        user: Some(USER),
        organisation,
        roles: roles.to_vec(),
        acting_for,
        channel,
        noted: None,
    }
}

pub fn sender() -> Actor {
    actor(Some(HOLDER), &[Role::CaseManager], ActingFor::Sender, Channel::Screen)
}

pub fn supervisor() -> Actor {
    actor(Some(HOLDER), &[Role::Supervisor], ActingFor::Sender, Channel::Screen)
}

pub fn provider() -> Actor {
    actor(
        Some(PROVIDER),
        &[Role::FocalPoint],
        ActingFor::Provider,
        Channel::Screen,
    )
}

pub fn provider_head() -> Actor {
    actor(Some(PROVIDER), &[Role::Supervisor], ActingFor::Provider, Channel::Api)
}

pub fn by_link() -> Actor {
    Actor {
        user: None,
        channel: Channel::Link,
        noted: Some(Noted {
            number: "+237677000002".to_owned(),
            answered_by: "Mme Lien Essai".to_owned(),
        }),
        ..provider()
    }
}

pub fn by_telephone() -> Actor {
    Actor {
        channel: Channel::Telephone,
        acting_for: ActingFor::Provider,
        noted: Some(Noted {
            number: "+237 6 00 00 00 00".to_owned(),
            answered_by: "Infirmière Essai".to_owned(),
        }),
        ..sender()
    }
}

pub fn by_paper() -> Actor {
    Actor {
        channel: Channel::Paper,
        noted: Some(Noted {
            number: String::new(),
            answered_by: "Infirmière Essai".to_owned(),
        }),
        ..by_telephone()
    }
}

/// The slip, typed in where nobody is signed in.
pub fn by_slip() -> Actor {
    Actor {
        channel: Channel::Paper,
        noted: by_paper().noted,
        ..by_link()
    }
}

pub fn person() -> Actor {
    Actor {
        user: None,
        ..actor(None, &[], ActingFor::Person, Channel::Link)
    }
}

pub fn person_noted() -> Actor {
    actor(Some(HOLDER), &[Role::CaseManager], ActingFor::Person, Channel::Screen)
}

pub fn secretariat() -> Actor {
    actor(
        Some(SECRETARIAT),
        &[Role::Secretariat],
        ActingFor::Secretariat,
        Channel::Screen,
    )
}

pub fn secretariat_supervisor() -> Actor {
    actor(
        Some(SECRETARIAT),
        &[Role::SecretariatSupervisor],
        ActingFor::Secretariat,
        Channel::Screen,
    )
}

/// People who have no part in the referral, each nearly somebody who has.
pub fn strangers() -> Vec<Actor> {
    use ActingFor::{Person, Provider, Secretariat, Sender, System};
    let screen = |org, roles: &[Role], acting| actor(Some(org), roles, acting, Channel::Screen);
    vec![
        screen(STRANGER, &[Role::CaseManager, Role::Supervisor], Sender),
        screen(STRANGER, &[Role::FocalPoint], Provider),
        screen(HOLDER, &[Role::Reporter], Sender),
        screen(HOLDER, &[Role::FocalPoint], Sender),
        screen(HOLDER, &[Role::Administrator, Role::DataProtectionOfficer], Sender),
        screen(HOLDER, &[Role::Secretariat], Sender),
        screen(SECRETARIAT, &[Role::Secretariat], Sender),
        screen(PROVIDER, &[Role::CaseManager], Provider),
        screen(PROVIDER, &[Role::Reporter], Provider),
        screen(PROVIDER, &[Role::FocalPoint], Sender),
        screen(HOLDER, &[Role::CaseManager], Provider),
        Actor {
            channel: Channel::Link,
            ..by_telephone()
        },
        Actor {
            organisation: Some(STRANGER),
            ..by_telephone()
        },
        Actor {
            organisation: Some(STRANGER),
            ..by_link()
        },
        // Who is signed in answers as a user, never by a link.
        Actor {
            user: Some(USER),
            ..by_link()
        },
        // Nobody is signed in, and neither link nor slip says who speaks.
        Actor {
            channel: Channel::Screen,
            ..by_link()
        },
        Actor {
            channel: Channel::Telephone,
            ..by_link()
        },
        Actor {
            organisation: None,
            ..provider()
        },
        screen(STRANGER, &[Role::CaseManager], Person),
        screen(HOLDER, &[Role::Reporter], Person),
        screen(SECRETARIAT, &[Role::Administrator], Secretariat),
        screen(HOLDER, &[Role::CaseManager], Secretariat),
        screen(STRANGER, &[Role::RegionalFocalPoint], Secretariat),
        screen(HOLDER, &[Role::Supervisor], System),
        Actor {
            user: Some(USER),
            ..Actor::clock()
        },
        Actor {
            channel: Channel::Api,
            ..Actor::clock()
        },
    ]
}

pub fn new(priority: Priority) -> NewReferral {
    NewReferral {
        id: ReferralId(Uuid::from_u128(10)),
        case: CaseId(Uuid::from_u128(11)),
        need: NeedId(Uuid::from_u128(12)),
        service: SERVICE,
        provider: PROVIDER,
        priority,
        sensitivity: Sensitivity::S2,
        protected: false,
        on_call: false,
    }
}

pub fn draft(priority: Priority) -> Referral {
    Referral::draft(new(priority), due_in(h(-1), 240))
}

/// The commands with a plain payload, at the moment `now`.
pub fn command(token: &str, now: DateTime<Utc>) -> Command {
    let (name, with) = token.split_once(':').unwrap_or((token, ""));
    let outcome = || Outcome::from_code(with).expect("an outcome");
    let later = now + TimeDelta::hours(100);
    match name {
        "send" => Command::Send {
            interim: Some("Nuit au centre".to_owned()),
        },
        "discard" => Command::Discard,
        "acknowledge" => Command::Acknowledge,
        "accept" => Command::Accept {
            by_name: Some("Dr Essai".to_owned()),
        },
        "ask" => Command::Ask {
            question: "Quel âge ?".to_owned(),
        },
        "answer" => Command::Answer {
            answer: "Adulte".to_owned(),
        },
        "waitlist" => Command::Waitlist { review: later },
        "extend_waitlist" => Command::ExtendWaitlist { review: later },
        "decline" => Command::Decline {
            code: DeclineCode::NoCapacity,
            suggested: None,
        },
        "cancel" => Command::Cancel,
        "schedule" => Command::Schedule {
            at: now + TimeDelta::hours(24),
        },
        "start" => Command::Start { ends: None },
        "news" => Command::News { ends: None },
        "no_show" => Command::NoShow,
        "reschedule" => Command::Reschedule {
            at: now + TimeDelta::hours(24),
        },
        "report" => Command::Report { outcome: outcome() },
        "confirm" => Command::Confirm {
            confirmation: relais_casework::referral::Confirmation::from_code(with).expect("a confirmation"),
        },
        "dispute" => Command::Dispute,
        "settle" => Command::Settle { outcome: outcome() },
        "void" => Command::Void,
        "withdraw" => Command::Withdraw {
            effect: WithdrawEffect::from_code(with).expect("an effect"),
        },
        "end" => Command::End {
            reason: EndReason::from_code(with).expect("a reason"),
        },
        "contest" => Command::Contest,
        "time_passes" => Command::TimePasses {
            percent: with.parse().expect("a percent"),
        },
        other => panic!("no command {other}"),
    }
}

/// A referral on its way: each step is decided and applied.
#[derive(Clone)]
pub struct Way {
    pub referral: Referral,
    pub now: DateTime<Utc>,
    /// The provider speaks through the sender's notes.
    pub noted: bool,
    pub events: Vec<Event>,
}

impl Way {
    pub fn of(referral: Referral) -> Self {
        Self {
            referral,
            now: t0(),
            noted: false,
            events: Vec::new(),
        }
    }

    pub fn at(mut self, now: DateTime<Utc>) -> Self {
        self.now = now;
        self
    }

    /// One step, one hour after the last.
    pub fn step(self, token: &str, actor: &Actor) -> Self {
        let now = self.now;
        let given = command(token, now);
        let mut way = self.give(&given, actor);
        way.now = now + TimeDelta::hours(1);
        way
    }

    pub fn give(mut self, given: &Command, actor: &Actor) -> Self {
        let ladder = ladder();
        let events = decide(&self.referral, given, actor, &ctx(self.now, &ladder))
            .unwrap_or_else(|r| panic!("{given:?} in {}: {r}", self.referral.state));
        self.referral = self.referral.apply_all(&events);
        self.events = events;
        self
    }

    pub fn refused(&self, given: &Command, actor: &Actor) -> Refusal {
        let ladder = ladder();
        decide(&self.referral, given, actor, &ctx(self.now, &ladder)).expect_err("must refuse")
    }

    pub fn provider(self, token: &str) -> Self {
        let actor = if self.noted { by_telephone() } else { provider() };
        self.step(token, &actor)
    }

    pub fn sender(self, token: &str) -> Self {
        self.step(token, &sender())
    }

    /// The clock runs out, when the wait is due.
    pub fn due(mut self) -> Self {
        self.now = self.referral.wait.as_ref().expect("waits").due.at;
        self.step("time_passes:100", &Actor::clock())
    }
}

/// The shortest way to a state.
pub fn way_to(state: State, draft: Way) -> Way {
    let sent = || draft.clone().sender("send");
    let received = || sent().provider("acknowledge");
    let accepted = || received().provider("accept");
    let scheduled = || {
        let mut way = accepted().provider("schedule");
        way.now = way.referral.appointment.expect("has one") + TimeDelta::hours(1);
        way
    };
    let in_service = || accepted().provider("start");
    let reported = || in_service().provider("report:served");
    match state {
        State::Draft => draft.clone(),
        State::Sent => sent(),
        State::Received => received(),
        State::NeedsInfo => received().provider("ask"),
        State::Waitlisted => received().provider("waitlist"),
        State::Accepted => accepted(),
        State::Scheduled => scheduled(),
        State::NoShow => scheduled().provider("no_show"),
        State::InService => in_service(),
        State::Reported => reported(),
        State::Disputed => reported().sender("dispute"),
        State::Declined => received().provider("decline"),
        State::Expired => {
            let mut way = sent();
            way.now = way.referral.expiry.clone().expect("sent").at;
            way.step("time_passes:200", &Actor::clock())
        }
        State::Cancelled => sent().sender("cancel"),
        State::Withdrawn => sent().step("withdraw:both", &person()),
        State::Voided => sent().sender("void"),
        State::Closed => reported().sender("confirm:person_through_sender"),
        State::Ended => sent().step("end:detained", &supervisor()),
    }
}

//! The table of DESIGN §5: which command has a place in which state, who may
//! give it, and where it can lead. `decide` obeys it; the mechanism's pathway
//! is compared with it.

use relais_mechanism::ActingFor::{self, Person, Provider, Secretariat, Sender, System};
use relais_mechanism::pathway::{EdgeRule, PathwayRules, StateRule};
use relais_mechanism::{Channel, Role, Sensitivity};

use super::command::{Actor, Context};
use super::model::{Owner, Referral};
use super::words::State::{
    Accepted, Cancelled, Closed, Declined, Disputed, Draft, Ended, Expired, InService, NeedsInfo, NoShow, Received,
    Reported, Scheduled, Sent, Voided, Waitlisted, Withdrawn,
};
use super::words::{CommandKind as C, State};

/// Who may give a command in a state, and the states that it can lead to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// The sides that may give it.
    pub by: &'static [ActingFor],
    /// The states that it can lead to; the state itself where nobody's turn
    /// changes.
    pub to: &'static [State],
}

/// The rule for a command in a state; `None` where it has no place.
#[must_use]
#[rustfmt::skip]
pub const fn rule(state: State, command: C) -> Option<Rule> {
    let (by, to): (&'static [ActingFor], &'static [State]) = match (command, state) {
        (C::Send, Draft) => (&[Sender], &[Sent]),
        (C::Discard, Draft) => (&[Sender], &[Voided]),
        (C::Acknowledge, Sent) => (&[Provider], &[Received]),
        (C::Accept, Sent | Received | Waitlisted) => (&[Provider], &[Accepted]),
        (C::Ask, Sent | Received) => (&[Provider], &[NeedsInfo]),
        (C::Answer, NeedsInfo) => (&[Sender], &[Received]),
        (C::Waitlist, Sent | Received) => (&[Provider], &[Waitlisted]),
        (C::ExtendWaitlist, Waitlisted) => (&[Provider], &[Waitlisted]),
        (C::Decline, Sent | Received | NeedsInfo | Waitlisted) => (&[Provider], &[Declined]),
        (C::Cancel, Sent | Received | NeedsInfo | Waitlisted | Accepted | Scheduled) => (&[Sender], &[Cancelled]),
        // Only while nothing above the pre-acceptance view was disclosed, and
        // an acceptance discloses: later the sender cancels.
        (C::Void, Sent | Received | NeedsInfo | Waitlisted) => (&[Sender], &[Voided]),
        (C::Schedule, Accepted) => (&[Provider], &[Scheduled]),
        (C::Start, Accepted | Scheduled) => (&[Provider], &[InService]),
        (C::NoShow, Scheduled) => (&[Provider], &[NoShow]),
        (C::Reschedule, Scheduled) => (&[Provider], &[Scheduled]),
        // The sender looks for the person, so the sender may bring them back
        // to a date that the provider gave, or give up.
        (C::Reschedule, NoShow) => (&[Sender, Provider], &[Scheduled]),
        (C::Report, NoShow) => (&[Sender, Provider], &[Reported]),
        (C::Report, Accepted | Scheduled | InService | Disputed) => (&[Provider], &[Reported]),
        (C::News, InService) => (&[Provider], &[InService]),
        (C::Confirm, Reported) => (&[Sender, Person], &[Closed]),
        (C::Dispute, Reported) => (&[Sender, Person], &[Disputed]),
        // In the protected circuit the sender's supervisor stands in for the
        // secretariat, which must not know of the case.
        (C::Settle, Disputed) => (&[Secretariat, Sender], &[Closed]),
        // Before acceptance nothing is under way: the request cannot go on
        // without sharing. Afterwards a treatment goes on unless the person
        // stops the service too. After the report only sharing can stop.
        (C::Withdraw, Draft | Sent | Received | NeedsInfo | Waitlisted) => (&[Person], &[Withdrawn]),
        (C::Withdraw, Accepted) => (&[Person], &[Accepted, Withdrawn]),
        (C::Withdraw, Scheduled) => (&[Person], &[Scheduled, Withdrawn]),
        (C::Withdraw, NoShow) => (&[Person], &[NoShow, Withdrawn]),
        (C::Withdraw, InService) => (&[Person], &[InService, Withdrawn]),
        (C::Withdraw, Reported) => (&[Person], &[Reported]),
        (C::Withdraw, Disputed) => (&[Person], &[Disputed]),
        (C::End, _) if state.is_waiting() => (&[Sender], &[Ended]),
        (C::Contest, Received) => (&[Provider], &[Received]),
        (C::Contest, NeedsInfo) => (&[Provider], &[NeedsInfo]),
        (C::Contest, Waitlisted) => (&[Provider], &[Waitlisted]),
        (C::Contest, Accepted) => (&[Provider], &[Accepted]),
        (C::Contest, Scheduled) => (&[Provider], &[Scheduled]),
        (C::Contest, NoShow) => (&[Provider], &[NoShow]),
        (C::Contest, InService) => (&[Provider], &[InService]),
        (C::Contest, Reported) => (&[Provider], &[Reported]),
        (C::Contest, Disputed) => (&[Provider], &[Disputed]),
        (C::Contest, Declined) => (&[Provider], &[Declined]),
        (C::Contest, Closed) => (&[Provider], &[Closed]),
        (C::TimePasses, Draft) => (&[System], &[Draft]),
        (C::TimePasses, Sent) => (&[System], &[Sent, Expired]),
        (C::TimePasses, Received) => (&[System], &[Received, Expired]),
        (C::TimePasses, NeedsInfo) => (&[System], &[Received]),
        (C::TimePasses, Waitlisted) => (&[System], &[Waitlisted, Expired]),
        (C::TimePasses, Accepted) => (&[System], &[Accepted]),
        (C::TimePasses, Scheduled) => (&[System], &[Scheduled]),
        (C::TimePasses, NoShow) => (&[System], &[Reported]),
        (C::TimePasses, InService) => (&[System], &[InService]),
        (C::TimePasses, Reported) => (&[System], &[Closed]),
        (C::TimePasses, Disputed) => (&[System], &[Disputed]),
        _ => return None,
    };
    Some(Rule { by, to })
}

/// The machine's states and edges, for `mechanism check` to compare the
/// mechanism's pathway with.
#[must_use]
pub fn pathway_rules() -> PathwayRules {
    let states = State::ALL
        .iter()
        .map(|s| StateRule {
            code: s.code().to_owned(),
            waiting: s.is_waiting(),
        })
        .collect();
    let mut edges = Vec::new();
    for from in State::ALL {
        for command in C::ALL {
            for to in rule(*from, *command).map_or(&[][..], |r| r.to) {
                edges.push(EdgeRule {
                    from: from.code().to_owned(),
                    command: command.code().to_owned(),
                    to: to.code().to_owned(),
                });
            }
        }
    }
    PathwayRules { states, edges }
}

/// As whom an actor stands before a referral.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// Of the organisation that holds the case.
    Sender {
        /// Its supervisor.
        supervisor: bool,
    },
    /// Of the organisation whose service is asked.
    Provider,
    /// The provider's word, noted by the sender.
    ProviderNoted,
    /// The provider's word without an account, by a one-time link or the slip:
    /// nobody is signed in, so whoever answers is named, and the organisation
    /// may contest it.
    ProviderUnsigned,
    /// The person.
    Person,
    /// The person's word, noted by the sender.
    PersonNoted,
    /// The secretariat or its supervisor.
    Secretariat,
    /// The clock.
    System,
    /// Nobody who has a part in this referral.
    Nobody,
}

impl Standing {
    /// As whom this actor stands. Roles count, users do not.
    pub(super) fn of(actor: &Actor, referral: &Referral, ctx: &Context<'_>) -> Self {
        let works_cases = ctx.holds(actor);
        let answers = actor.organisation == Some(referral.provider)
            && (actor.has_any(&[Role::FocalPoint])
                // S4 is seen by the service's focal points alone (DESIGN §6).
                || (referral.sensitivity != Sensitivity::S4 && actor.has_any(&[Role::Supervisor])));
        match actor.acting_for {
            Sender if works_cases => Self::Sender {
                supervisor: actor.has_any(&[Role::Supervisor]),
            },
            Provider if actor.user.is_none() || actor.channel == Channel::Link => {
                let unsigned = actor.user.is_none() && matches!(actor.channel, Channel::Link | Channel::Paper);
                if answers && unsigned {
                    Self::ProviderUnsigned
                } else {
                    Self::Nobody
                }
            }
            Provider if answers => Self::Provider,
            Provider if works_cases && matches!(actor.channel, Channel::Telephone | Channel::Paper) => {
                Self::ProviderNoted
            }
            Person if actor.organisation.is_none() => Self::Person,
            Person if works_cases => Self::PersonNoted,
            Secretariat if !referral.protected && actor.has_any(&[Role::Secretariat, Role::SecretariatSupervisor]) => {
                Self::Secretariat
            }
            System if actor.is_clock() => Self::System,
            Sender | Provider | Person | Secretariat | System => Self::Nobody,
        }
    }

    /// Whether this standing may give the command that the rule is for.
    pub(super) fn may(self, command: C, rule: Rule, referral: &Referral) -> bool {
        let by = |side| rule.by.contains(&side);
        match (self, command) {
            (Self::Sender { supervisor }, C::End) => supervisor,
            (Self::Sender { supervisor }, C::Settle) => supervisor && referral.protected,
            (Self::Sender { .. }, _) => by(Sender),
            (Self::Provider, _) => by(Provider),
            // A provider contests in its own name, signed in, or there would be
            // nothing to hold against a false note.
            (Self::ProviderNoted | Self::ProviderUnsigned, _) => by(Provider) && command != C::Contest,
            (Self::Person, _) => by(Person),
            // The sender hears a withdrawal for the person; a confirmation it
            // gives in its own name (`person_through_sender`).
            (Self::PersonNoted, _) => command == C::Withdraw,
            (Self::Secretariat, _) => by(Secretariat),
            (Self::System, _) => by(System),
            (Self::Nobody, _) => false,
        }
    }
}

/// The commands that have a place now and that the actor may give: what a
/// page offers as buttons. `decide` may still refuse one for what it carries.
#[must_use]
pub fn open_to(referral: &Referral, actor: &Actor, ctx: &Context<'_>) -> Vec<C> {
    let standing = Standing::of(actor, referral, ctx);
    let open = |command: &C| {
        let Some(rule) = rule(referral.state, *command) else {
            return false;
        };
        standing.may(*command, rule, referral)
            && match command {
                C::Waitlist => may_wait(referral),
                C::ExtendWaitlist => referral.extensions < ctx.counts.extensions,
                C::Reschedule => referral.no_shows < ctx.counts.no_shows,
                C::Dispute => referral.disputes < ctx.counts.disputes,
                C::Void => !referral.disclosed_above,
                C::Contest => referral.noted_answer,
                C::Settle => past_provider(referral),
                _ => true,
            }
    };
    C::ALL.iter().copied().filter(open).collect()
}

/// Whether the priority may be put on a waiting list (DESIGN §5: not P1, P2).
pub(super) const fn may_wait(referral: &Referral) -> bool {
    use relais_mechanism::Priority::{P1, P2, P3, P4};
    match referral.priority {
        P1 | P2 => false,
        P3 | P4 => true,
    }
}

/// Whether the provider had its time to answer a dispute.
pub(super) fn past_provider(referral: &Referral) -> bool {
    referral.wait.as_ref().is_some_and(|w| w.owner != Owner::PROVIDER)
}

//! Invented persons whose cases stand in every state: each is registered and
//! followed through the real acts, at the drill's own time, in the two weeks
//! before now.

use std::sync::Arc;

use chrono::{DateTime, Days, NaiveTime, TimeDelta, TimeZone as _, Utc};
use relais_acts::closing::{self, AnswerClosure, CloseCase, ClosureAnswer};
use relais_acts::commands::{
    ActOnReferral, AddNeed, ConsentLineDecision, RawAnswers, RecordConsent, ReferralCommand, RegisterArrival,
    SendReferral,
};
use relais_acts::{ActError, Desk, Viewer, accounts, case, consents, needs, refer, referrals, register, work};
use relais_casework::closing::Closing;
use relais_casework::referral::{Confirmation, DeclineCode, Outcome};
use relais_mechanism::{Channel, ClassSet, DataClass, Priority};
use relais_network::{CaseId, NeedId, ReferralId, Service};
use relais_store::{StoreError, Tx, clock, ids};
use tokio::runtime::Runtime;
use uuid::Uuid;

use super::cast::{Scene, Wanted};
use crate::commands::zone;
use crate::failure::Failure;

/// Days before now over which the cases are spread.
pub const DAYS: u64 = 14;

/// A number that nobody has, noted where a service states none.
const NOBODYS_NUMBER: &str = "+237 2 00 00 99 99";

/// One act in the life of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Register,
    Consent,
    Need,
    Send,
    Acknowledge,
    Ask,
    Accept,
    Waitlist,
    Decline,
    Schedule,
    NoShow,
    Start,
    Report,
    Confirm,
    Close,
}

use Step::{
    Accept, Acknowledge, Ask, Close, Confirm, Consent, Decline, Need, NoShow, Register, Report, Schedule, Send, Start,
    Waitlist,
};

/// A life: its steps, each with the hours since arrival; it began at least
/// `days` before now and at most `spread` days earlier.
struct Life {
    days: u64,
    spread: u64,
    steps: &'static [(Step, i64)],
}

/// A life with the beginning that most share: registered, consent, a need.
macro_rules! life {
    ($days:literal + $spread:literal: $($more:expr),*) => {
        Life { days: $days, spread: $spread, steps: &[(Register, 0), (Consent, 1), (Need, 2), $($more),*] }
    };
}

const LIVES: &[Life] = &[
    life!(10 + 3: (Send, 3), (Acknowledge, 6), (Accept, 24), (Schedule, 26), (Start, 150), (Report, 180), (Confirm, 205), (Close, 206)),
    life!(0 + 1: (Send, 3)),
    life!(6 + 3: (Send, 3)),
    life!(1 + 2: (Send, 3), (Acknowledge, 20)),
    life!(2 + 3: (Send, 3), (Acknowledge, 5), (Accept, 24)),
    Life {
        days: 0,
        spread: 6,
        steps: &[(Register, 0)],
    },
    life!(2 + 5: (Send, 3), (Decline, 25)),
    life!(3 + 2: (Send, 3), (Acknowledge, 4), (Accept, 22), (Schedule, 23)),
    life!(4 + 8:),
    life!(6 + 6: (Send, 3), (Accept, 22), (Start, 72)),
    life!(7 + 5: (Send, 3), (Acknowledge, 4), (Accept, 24), (Start, 48), (Report, 120)),
    life!(1 + 1: (Send, 3), (Ask, 22)),
    life!(4 + 5: (Send, 3), (Acknowledge, 5), (Waitlist, 26)),
    life!(0 + 2:),
    life!(8 + 3: (Send, 3), (Accept, 24), (Schedule, 25), (NoShow, 150)),
];

/// What is needed: service of the taxonomy, priority, region of Cameroon where it is
/// looked for.
pub const NEEDS: &[(&str, Priority, &str)] = &[
    ("EMP.01", Priority::P3, "CM005"),
    ("RCP.05", Priority::P2, "CM005"),
    ("INF.01", Priority::P3, "CM006"),
    ("DOC.01", Priority::P3, "CM002"),
    ("MED.03", Priority::P2, "CM006"),
    ("VTC.01", Priority::P4, "CM005"),
    ("RCP.07", Priority::P2, "CM006"),
    ("FAM.01", Priority::P2, "CM005"),
    ("ENT.09", Priority::P3, "CM004"),
    ("MED.08", Priority::P3, "CM006"),
    ("VTC.05", Priority::P4, "CM008"),
    ("INF.05", Priority::P3, "CM009"),
    ("EMP.02", Priority::P3, "CM005"),
];

/// The invented name of the nth person: no such name is borne by anybody, and
/// each says that it belongs to a demonstration.
pub fn name(n: usize) -> String {
    const FIRST: [&str; 10] = [
        "Vaza", "Zuri", "Koli", "Mezo", "Tivu", "Baxo", "Pelu", "Ruzé", "Ouvi", "Lazi",
    ];
    const LAST: [&str; 9] = [
        "québo", "xandi", "vurelle", "zoumbo", "tikru", "plévo", "drazu", "fongry", "skoula",
    ];
    let (first, last) = (FIRST[n % FIRST.len()], LAST[(n / FIRST.len() + n) % LAST.len()]);
    match n / (FIRST.len() * LAST.len()) {
        0 => format!("Démo {first}{last}"),
        more => format!("Démo {first}{last} {}", more + 1),
    }
}

/// One person on the way through the mechanism.
struct Walk {
    n: usize,
    wanted: Wanted,
    case: CaseId,
    need: NeedId,
    referral: ReferralId,
    version: i64,
    service: Option<Service>,
    /// A rule refused a step: the case stays where it was.
    stopped: bool,
}

/// What came of it.
#[derive(Debug, Clone, Copy, Default, serde::Serialize)]
pub struct Tally {
    /// Cases.
    pub cases: usize,
    /// Acts done.
    pub acts: usize,
    /// Acts that a rule refused.
    pub refused: usize,
}

/// Lets `count` persons arrive and their cases move until `now`, to which the
/// clock is moved at the end.
///
/// # Errors
/// When the store fails, or an act is refused for what was typed.
pub fn live(
    desk: &Arc<Desk>,
    runtime: &Runtime,
    scene: &Scene,
    count: usize,
    now: DateTime<Utc>,
) -> Result<Tally, Failure> {
    // Where nothing is offered, nobody arrives.
    let count = if scene.needs.is_empty() { 0 } else { count };
    let mut steps: Vec<(DateTime<Utc>, usize, Step)> = Vec::new();
    for n in 0..count {
        let life = &LIVES[n % LIVES.len()];
        let arrived = arrival(now, n, life);
        let life = life
            .steps
            .iter()
            .map(|(step, hours)| (arrived + TimeDelta::hours(*hours), n, *step));
        steps.extend(life.filter(|(at, _, _)| *at < now));
    }
    steps.sort_by_key(|(at, n, _)| (*at, *n));
    let mut play = Play {
        desk,
        runtime,
        scene,
        tally: Tally::default(),
    };
    let wanted = |n: usize| scene.needs[n % scene.needs.len()].clone();
    let mut walks: Vec<Walk> = (0..count).map(|n| Walk::new(n, wanted(n), now)).collect();
    let mut worked = None;
    for (at, n, step) in steps {
        // What fell due meanwhile happens first, as it would have.
        if worked.is_none_or(|last| at - last >= TimeDelta::hours(4)) {
            play.clock(at)?;
            worked = Some(at);
        }
        play.move_clock(at)?;
        if let Some(walk) = walks.get_mut(n).filter(|w| !w.stopped) {
            play.step(walk, step, at)?;
        }
    }
    play.clock(now)?;
    Ok(play.tally)
}

/// When the nth person arrives, in the hours of the day's flights.
fn arrival(now: DateTime<Utc>, n: usize, life: &Life) -> DateTime<Utc> {
    let back = life.days + (n / LIVES.len() * 3 + n % 4) as u64 % (life.spread + 1);
    let day = now
        .with_timezone(&zone())
        .date_naive()
        .checked_sub_days(Days::new(back))
        .unwrap_or_default();
    let minutes = 6 * 60 + (n as i64 * 37) % (5 * 60);
    let at = zone()
        .from_local_datetime(&(day.and_time(NaiveTime::MIN) + TimeDelta::minutes(minutes)))
        .single();
    at.map_or(now, |at| at.with_timezone(&Utc))
        .min(now - TimeDelta::hours(2))
}

impl Walk {
    fn new(n: usize, wanted: Wanted, now: DateTime<Utc>) -> Self {
        Self {
            n,
            wanted,
            case: CaseId(ids::new_v7(now)),
            need: NeedId(ids::new_v7(now)),
            referral: ReferralId(ids::new_v7(now)),
            version: 0,
            service: None,
            stopped: false,
        }
    }
}

struct Play<'a> {
    desk: &'a Arc<Desk>,
    runtime: &'a Runtime,
    scene: &'a Scene,
    tally: Tally,
}

impl Play<'_> {
    /// Moves the clock without an event for each of some hundred moves.
    fn move_clock(&self, to: DateTime<Utc>) -> Result<(), Failure> {
        Ok(self.desk.store().write_blocking(move |tx| clock::set(tx, to))?)
    }

    fn clock(&self, to: DateTime<Utc>) -> Result<(), Failure> {
        self.move_clock(to)?;
        work::once(self.desk)?;
        Ok(())
    }

    fn viewer(&self, login: &str) -> Result<Option<Viewer>, Failure> {
        let (desk, login) = (Arc::clone(self.desk), login.to_owned());
        Ok(self
            .desk
            .store()
            .read_blocking(move |tx: &mut Tx<'_>| -> Result<_, ActError> {
                let network = desk.network_now(tx)?;
                accounts::viewer_by_login(tx, &network, &login)
            })?)
    }

    fn sender(&self) -> Result<Viewer, Failure> {
        self.viewer(&self.scene.case_manager)?
            .ok_or_else(|| Failure::from(ActError::NotFound))
    }

    /// The focal point who answers for the service, where its organisation has
    /// an account; otherwise the sender notes what was said by telephone.
    fn provider(&self, service: &Service) -> Result<(Viewer, Option<Channel>), Failure> {
        for login in &self.scene.focal_points {
            if let Some(viewer) = self.viewer(login)?.filter(|v| v.organisation == service.organisation) {
                return Ok((viewer, None));
            }
        }
        Ok((self.sender()?, Some(Channel::Telephone)))
    }

    fn step(&mut self, walk: &mut Walk, step: Step, at: DateTime<Utc>) -> Result<(), Failure> {
        match self.act(walk, step, at) {
            Ok(()) => {
                self.tally.acts += 1;
                self.tally.cases += usize::from(step == Register);
                Ok(())
            }
            Err(ActError::Refused { code, .. }) => {
                tracing::info!(%code, ?step, "a rule refused a step of the demonstration; the case stays where it is");
                self.tally.refused += 1;
                walk.stopped = true;
                Ok(())
            }
            Err(error) => {
                tracing::error!(%error, ?step, n = walk.n, "the demonstration cannot go on");
                Err(error.into())
            }
        }
    }

    fn act(&self, walk: &mut Walk, step: Step, at: DateTime<Utc>) -> Result<(), ActError> {
        let lost = |_: Failure| ActError::NotFound;
        let sender = self.sender().map_err(lost)?;
        let id = ids::new_v7(at);
        match step {
            Register => {
                let command = arrival_command(walk, at);
                self.runtime.block_on(register::register(self.desk, &sender, command))?;
            }
            Consent => {
                let command = consent_command(walk, id);
                self.runtime
                    .block_on(consents::record(self.desk, &sender, walk.case, command))?;
            }
            Need => {
                let command = AddNeed {
                    id: walk.need.0,
                    service: walk.wanted.service.clone(),
                    priority: walk.wanted.priority,
                    words: "Besoin inventé pour la démonstration.".to_owned(),
                    happened_at: None,
                };
                self.runtime
                    .block_on(needs::add(self.desk, &sender, walk.case, command))?;
            }
            Send => {
                let service = self.choose(walk)?;
                let command = send_command(walk, &service);
                let made = self
                    .runtime
                    .block_on(refer::send(self.desk, &sender, walk.need, command))?;
                walk.version = made.version;
                walk.service = Some(service);
            }
            Close => {
                // Some wait for the supervisor, to be looked at.
                let confirmed = walk.n.is_multiple_of(2);
                let view = self.runtime.block_on(case::view(self.desk, &sender, walk.case))?;
                let command = CloseCase {
                    id,
                    version: view.version,
                    closing: Closing {
                        satisfaction: Some("4".to_owned()),
                        remarks: "Réponse inventée pour la démonstration.".to_owned(),
                        // Due by now in the demonstration: a contact to be made.
                        follow_up: confirmed.then(|| (at + TimeDelta::days(1)).with_timezone(&zone()).date_naive()),
                        ..Closing::heard("GOAL")
                    },
                };
                self.runtime
                    .block_on(closing::propose(self.desk, &sender, walk.case, command))?;
                if confirmed {
                    self.confirm(walk, id)?;
                }
            }
            other => self.on_referral(walk, other, id, at, &sender)?,
        }
        Ok(())
    }

    /// The supervisor confirms the closure.
    fn confirm(&self, walk: &Walk, id: Uuid) -> Result<(), ActError> {
        let lost = |_: Failure| ActError::NotFound;
        let supervisor = self
            .viewer(&self.scene.supervisor)
            .map_err(lost)?
            .ok_or(ActError::NotFound)?;
        let seen = self
            .runtime
            .block_on(closing::view(self.desk, &supervisor, walk.case))?;
        let command = AnswerClosure {
            id,
            version: seen.closure_version,
            answer: ClosureAnswer::Confirm,
            reason: String::new(),
        };
        self.runtime
            .block_on(closing::answer(self.desk, &supervisor, walk.case, command))?;
        Ok(())
    }

    /// Acts of either side on the referral.
    fn on_referral(
        &self,
        walk: &mut Walk,
        step: Step,
        id: Uuid,
        at: DateTime<Utc>,
        sender: &Viewer,
    ) -> Result<(), ActError> {
        let Some(service) = &walk.service else {
            return Err(ActError::NotFound);
        };
        let day = at.with_timezone(&zone()).date_naive();
        let command = match step {
            Acknowledge => ReferralCommand::Acknowledge,
            Ask => ReferralCommand::Ask {
                question: "La personne a-t-elle une pièce d’identité ?".to_owned(),
            },
            Accept => ReferralCommand::Accept {
                by_name: "Accueil (démo)".to_owned(),
            },
            // An urgent need is not put on a waiting list.
            Waitlist if walk.wanted.priority <= Priority::P2 => ReferralCommand::Decline {
                code: DeclineCode::NoCapacity,
                suggested: None,
            },
            Waitlist => ReferralCommand::Waitlist {
                review_on: day.checked_add_days(Days::new(14)).unwrap_or(day),
            },
            Decline => ReferralCommand::Decline {
                code: DeclineCode::NoCapacity,
                suggested: None,
            },
            Schedule => ReferralCommand::Schedule {
                at: at + TimeDelta::hours(120),
            },
            NoShow => ReferralCommand::NoShow,
            Start => ReferralCommand::Start,
            Report => ReferralCommand::Report {
                outcome: Outcome::Served,
                text: "Service rendu (démonstration).".to_owned(),
            },
            _ => ReferralCommand::Confirm {
                confirmation: Confirmation::PersonThroughSender,
            },
        };
        let (viewer, channel) = if step == Confirm {
            (sender.clone(), None)
        } else {
            self.provider(service).map_err(|_| ActError::NotFound)?
        };
        // The clock may have moved the referral since (a step of the ladder, an expiry).
        let version = self.version(walk.referral)?.unwrap_or(walk.version);
        let noted = channel.is_some();
        // The list of real facilities has no telephones.
        let number = service
            .telephones
            .first()
            .map_or_else(|| NOBODYS_NUMBER.to_owned(), |t| t.number.clone());
        let command = ActOnReferral {
            id,
            version,
            command,
            channel,
            number: if noted { number } else { String::new() },
            answered_by: if noted {
                "Accueil (démo)".to_owned()
            } else {
                String::new()
            },
            happened_at: None,
        };
        let made = self
            .runtime
            .block_on(referrals::act(self.desk, &viewer, walk.referral, command))?;
        walk.version = made.version;
        Ok(())
    }

    fn version(&self, referral: ReferralId) -> Result<Option<i64>, ActError> {
        let record = self.desk.store().read_blocking(move |tx| -> Result<_, StoreError> {
            relais_store::rows::cases::ReferralRecord::find(tx, referral)
        })?;
        Ok(record.map(|r| r.version))
    }

    /// A service that answers the need: one whose organisation has an account
    /// if there is one, else any, not always the same.
    fn choose(&self, walk: &Walk) -> Result<Service, ActError> {
        let Wanted { service, region, .. } = &walk.wanted;
        let network = self.desk.network();
        let mut found: Vec<&Service> = network
            .services
            .values()
            .filter(|s| s.service_type == *service && !s.is_confidential())
            .filter(|s| {
                network
                    .places
                    .get(&s.place)
                    .is_some_and(|p| p.region.as_ref() == Some(region))
            })
            .collect();
        found.sort_by_key(|s| (!network.with_account.contains(&s.organisation), s.id));
        let known = found
            .iter()
            .take_while(|s| network.with_account.contains(&s.organisation))
            .count();
        let at = if known > 0 {
            walk.n % known
        } else {
            walk.n % found.len().max(1)
        };
        found.get(at).map(|s| (*s).clone()).ok_or(ActError::NotFound)
    }
}

fn one(value: &str) -> Vec<String> {
    vec![value.to_owned()]
}

fn arrival_command(walk: &Walk, at: DateTime<Utc>) -> RegisterArrival {
    let n = walk.n;
    let region = walk.wanted.region.as_str();
    let answers: RawAnswers = [
        ("F1E.01", one(&format!("DEMO-{:04}", n + 1))),
        ("F1E.02", one("yes")),
        ("F1E.03", one(&name(n))),
        ("F1E.04", one(["F", "M", "M"][n % 3])),
        ("F1E.05", one(&(19 + n * 7 % 42).to_string())),
        ("F1E.06", one(["alone", "alone", "group", "family"][n % 4])),
        ("F1E.07", one(["centre", "own", "own", "centre", "unknown"][n % 5])),
        ("F1E.08", one(region)),
        (
            "F1E.09",
            if n.is_multiple_of(3) {
                vec!["CALL".to_owned(), "WA".to_owned()]
            } else {
                one("SMS")
            },
        ),
        // Numbers that France keeps for fiction.
        (
            "F1E.10",
            one(&format!("+33 6 39 98 {:02} {:02}", n / 100 % 100, n % 100)),
        ),
        ("F1E.11", one(["fra", "fra", "eng", "fub", "ewo"][n % 5])),
    ]
    .into_iter()
    .map(|(code, values)| (code.to_owned(), values))
    .collect();
    RegisterArrival {
        id: walk.case.0,
        answers,
        happened_at: Some(at),
    }
}

fn consent_command(walk: &Walk, id: Uuid) -> RecordConsent {
    let service = walk.wanted.service.as_str();
    let answers: RawAnswers = [
        ("F3.01", "fra"),
        ("F3.03", "yes"),
        ("F3.04", "yes"),
        ("F3.05", "yes"),
        ("F3.10", "SELF"),
        ("F3.40", "ORAL_W"),
        ("F3.41", "Témoin (démo)"),
    ]
    .into_iter()
    .map(|(code, value)| (code.to_owned(), one(value)))
    .collect();
    let line = |line: &str| ConsentLineDecision {
        line: line.to_owned(),
        decision: "granted".to_owned(),
        recipient: None,
        service: None,
        classes: ClassSet::EMPTY,
    };
    let share = ConsentLineDecision {
        service: service.split('.').next().map(str::to_owned),
        classes: ClassSet::EMPTY.with(DataClass::Plan).with(DataClass::Journey),
        ..line("C3")
    };
    RecordConsent {
        id,
        answers,
        lines: vec![line("C1"), line("C2"), share],
        never: if walk.n % 9 == 4 {
            ClassSet::EMPTY.with(DataClass::Documents)
        } else {
            ClassSet::EMPTY
        },
        happened_at: None,
    }
}

fn send_command(walk: &Walk, service: &Service) -> SendReferral {
    let priority = walk.wanted.priority;
    let urgent = priority == Priority::P2 && !service.on_call;
    SendReferral {
        id: walk.referral.0,
        service: service.id.0,
        code: String::new(),
        words: String::new(),
        person_informed: true,
        provider_called: priority == Priority::P2,
        access: Vec::new(),
        interim: if urgent {
            "Repas et repos au centre d’accueil (démo).".to_owned()
        } else {
            String::new()
        },
        stays_with: String::new(),
        override_kind: None,
        override_reason: String::new(),
        instead_of: None,
        payment: None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn no_name_comes_twice_and_each_says_what_it_is() {
        let names: BTreeSet<String> = (0..2000).map(super::name).collect();
        assert_eq!(names.len(), 2000);
        assert!(names.iter().all(|n| n.starts_with("Démo ")));
    }
}

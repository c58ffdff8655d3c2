//! "What happens when nobody answers": every step of the wait that runs, who is
//! told and when, those that were climbed and those to come (DESIGN §5).

use chrono::{DateTime, Utc};
use relais_casework::referral::{DueTimes, Recipient, State, recipients};
use relais_mechanism::limits::LadderAction;
use relais_mechanism::{Lang, Mechanism};
use relais_store::{Tx, chain};

use super::recipient_says;
use crate::file::{CaseFile, OpenReferral};
use crate::problem::ActError;
use crate::rules::Rulebook;
use crate::say::say;
use crate::share::place_name;
use crate::views::Rung;

/// Events of the machine that leave a wait as it was: the ladder goes on over
/// them.
const BESIDE: [&str; 2] = ["reminded", "answer_contested"];

/// The events of the machine about a referral, newest first, with their facts.
/// A link made, a call noted and the like are not its own: they say no state.
fn of_machine(
    tx: &mut Tx<'_>,
    referral: &OpenReferral,
) -> Result<Vec<(String, serde_json::Value, DateTime<Utc>)>, ActError> {
    let events = chain::newest_about(tx, referral.record.id.0, 500)?;
    Ok(events
        .into_iter()
        .filter_map(|e| {
            let meta: serde_json::Value = serde_json::from_str(&e.meta).ok()?;
            meta["state"].is_string().then_some((e.kind, meta, e.happened_at))
        })
        .collect())
}

/// The reminders of the wait that runs: percent and time, oldest first.
///
/// # Errors
/// When the store fails.
pub(crate) fn climbed(tx: &mut Tx<'_>, referral: &OpenReferral) -> Result<Vec<(u32, DateTime<Utc>)>, ActError> {
    let mut climbed: Vec<(u32, DateTime<Utc>)> = of_machine(tx, referral)?
        .into_iter()
        .take_while(|(kind, ..)| BESIDE.contains(&kind.as_str()))
        .filter_map(|(_, meta, at)| Some((u32::try_from(meta["percent"].as_u64()?).ok()?, at)))
        .collect();
    climbed.reverse();
    Ok(climbed)
}

/// When something last moved, reminders apart: since then there is silence.
///
/// # Errors
/// When the store fails.
pub(crate) fn last_moved(tx: &mut Tx<'_>, referral: &OpenReferral) -> Result<Option<DateTime<Utc>>, ActError> {
    Ok(of_machine(tx, referral)?
        .into_iter()
        .find(|(kind, ..)| !BESIDE.contains(&kind.as_str()))
        .map(|(.., at)| at))
}

/// Who is told, as this reader may know it. A provider reads its own posts and
/// the sender; above them it reads "those above", which says the same of every
/// case, also of one that the mechanism's office must not know.
fn told(tell: &[Recipient], mechanism: &Mechanism, file: &CaseFile, as_provider: bool, lang: Lang) -> Vec<String> {
    let mut said: Vec<String> = Vec::new();
    for recipient in tell {
        let words = match recipient {
            Recipient::SenderSupervisor
            | Recipient::RegionalFocalPoint
            | Recipient::Secretariat
            | Recipient::SecretariatSupervisor
                if as_provider =>
            {
                say(lang, "les responsables au-dessus", "those responsible above").to_owned()
            }
            Recipient::RegionalFocalPoint => format!(
                "{} ({})",
                recipient_says(*recipient, lang),
                place_name(mechanism, &file.record.region, lang)
            ),
            other => recipient_says(*other, lang).to_owned(),
        };
        if !said.contains(&words) {
            said.push(words);
        }
    }
    said
}

/// The steps of the wait that runs, in order; none where nothing waits.
pub(super) fn rungs(
    tx: &mut Tx<'_>,
    mechanism: &Mechanism,
    file: &CaseFile,
    referral: &OpenReferral,
    rulebook: &Rulebook,
    as_provider: bool,
    lang: Lang,
) -> Result<Vec<Rung>, ActError> {
    let machine = &referral.machine;
    let Some(wait) = &machine.wait else {
        return Ok(Vec::new());
    };
    if !machine.state.climbs_ladder() {
        return Ok(vec![Rung {
            percent: None,
            at: wait.due.at,
            done: false,
            tells: Vec::new(),
            then: afterwards(machine.state, machine.review_passed, as_provider, lang).to_owned(),
        }]);
    }
    let past = climbed(tx, referral)?;
    let mut rungs: Vec<Rung> = mechanism
        .ladder()
        .iter()
        .filter(|step| !step.actions.contains(&LadderAction::Expire))
        .map(|step| {
            let reached = past
                .iter()
                .find(|(percent, _)| *percent == step.percent)
                .map(|(_, at)| *at);
            Rung {
                percent: Some(step.percent),
                at: reached.unwrap_or_else(|| rulebook.times.at_percent(&wait.due, step.percent)),
                done: step.percent <= machine.ladder,
                tells: told(&recipients(step, machine.protected), mechanism, file, as_provider, lang),
                then: if step.actions.contains(&LadderAction::ProposeReroute) && !as_provider {
                    say(
                        lang,
                        "un autre service est proposé au référent",
                        "another service is proposed to the sender",
                    )
                    .to_owned()
                } else {
                    String::new()
                },
            }
        })
        .collect();
    if let Some(expiry) = machine.expiry.as_ref().filter(|_| machine.state.expires()) {
        rungs.push(Rung {
            percent: Some(mechanism.rules().expire_percent),
            at: expiry.at,
            done: false,
            tells: vec![recipient_says(Recipient::Sender, lang).to_owned()],
            then: say(
                lang,
                "la demande expire, le besoin revient au référent",
                "the request expires, the need goes back to the sender",
            )
            .to_owned(),
        });
    }
    rungs.sort_by_key(|r| (r.at, r.percent));
    Ok(rungs)
}

/// What the clock does at the end of a wait that has no ladder (the last
/// column of DESIGN §5).
const fn afterwards(state: State, review_passed: bool, as_provider: bool, lang: Lang) -> &'static str {
    match state {
        State::Draft => say(lang, "le superviseur est prévenu", "the supervisor is told"),
        State::NeedsInfo => say(
            lang,
            "la demande revient au prestataire, « sans réponse », avec le temps qui lui restait",
            "the request goes back to the provider, “not answered”, with the time that it had left",
        ),
        State::Waitlisted if review_passed => say(
            lang,
            "la demande expire, le besoin revient au référent",
            "the request expires, the need goes back to the sender",
        ),
        State::Waitlisted => say(
            lang,
            "un autre service est proposé au référent, puis la demande expire",
            "another service is proposed to the sender, then the request expires",
        ),
        State::NoShow => say(
            lang,
            "compte rendu « personne non jointe »",
            "reported “person not reached”",
        ),
        State::Reported => say(
            lang,
            "clos sans confirmation, et compté ainsi",
            "closed without confirmation, and counted so",
        ),
        State::Disputed if as_provider => say(
            lang,
            "les responsables au-dessus décident",
            "those responsible above decide",
        ),
        State::Disputed => say(
            lang,
            "la décision passe à l’échelon suivant",
            "the decision passes to the next level",
        ),
        _ => "",
    }
}

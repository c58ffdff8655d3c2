//! A P1 goes by telephone first (DESIGN §5, DOMAIN §1.3): the numbers to call
//! in order, each call noted with one tap, the next number when one stays
//! silent, and the sender as holder until a named person says "I take it".
//!
//! What was called and who said what is sealed with the case; the chain tells
//! in clear only that a call was made and its coded result.

mod lines;
mod view;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use relais_casework::calls::{self, Alarm, Call, CallResult, Line};
use relais_casework::referral::{Command, Noted, State};
use relais_casework::visible::View;
use relais_mechanism::{ActingFor, Channel, Mechanism, Priority, Role};
use relais_network::{CallRoundId, ReferralId};
use relais_store::due::{self, Due};
use relais_store::rows::calls::{self as rows, CallRoundRecord};
use relais_store::rows::cases::{self, ReferralRecord};
use relais_store::{StoreError, Tx, ids};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::codes::referral_code;
use crate::desk::{Desk, Viewer};
use crate::file::{CaseFile, OpenReferral, open as unseal, seal};
use crate::needs::may_write;
use crate::network::Network;
use crate::problem::{ActError, FieldProblem};
use crate::referrals;
use crate::rules;
use crate::views::Made;
use crate::write::{self, Doer, Stream};

pub(crate) use lines::add_on_call;
pub use lines::{Entry, lines, mechanism_and_desk};
pub use view::{CallLine, CallStep, CallsView, Taken, view};

/// Kind of the due work that passes a silent number over.
pub const DUE: &str = "call";
/// Longest name, in characters.
const LONGEST: usize = 200;

/// Note what came of a call.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoteCall {
    /// Id of the act, made by its maker.
    pub id: Uuid,
    /// Version of the calls that the maker saw; 0 before the first.
    pub version: i64,
    /// What came of it; none to confirm only who is with the person.
    #[serde(default)]
    pub result: Option<CallResult>,
    /// The number called, one of the list.
    #[serde(default)]
    pub number: String,
    /// "I take it": who says so, name and function.
    #[serde(default)]
    pub name: String,
    /// Who is with the person now: said again at each step.
    pub with_person: String,
    /// When it happened, if not now.
    #[serde(default)]
    pub happened_at: Option<DateTime<Utc>>,
}

/// Who was with the person.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Beside {
    who: String,
    at: DateTime<Utc>,
}

/// The sealed part of a round.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Detail {
    /// Calls, oldest first.
    calls: Vec<Call>,
    /// Who was with the person, oldest first.
    beside: Vec<Beside>,
}

/// A round, opened.
pub(crate) struct Round {
    record: CallRoundRecord,
    detail: Detail,
}

/// Whether a referral in this state still waits for somebody to take it.
#[must_use]
pub const fn waits(state: State) -> bool {
    matches!(state, State::Sent | State::Received | State::NeedsInfo)
}

impl Round {
    pub(crate) fn of(tx: &mut Tx<'_>, file: &CaseFile, referral: ReferralId) -> Result<Option<Self>, StoreError> {
        let Some(record) = rows::of_referral(tx, referral)? else {
            return Ok(None);
        };
        let sealer = tx.sealer();
        let detail = unseal(
            &sealer,
            "call_round",
            "detail",
            record.id.0,
            file.record.slot,
            &record.detail,
        )?;
        Ok(Some(Self { record, detail }))
    }

    fn new(file: &CaseFile, referral: ReferralId, beside: &str, minutes: u32, now: DateTime<Utc>) -> Self {
        let beside = (!beside.is_empty()).then(|| Beside {
            who: beside.to_owned(),
            at: now,
        });
        Self {
            record: CallRoundRecord {
                id: CallRoundId(ids::new_v7(now)),
                referral_id: referral,
                case_id: file.record.id,
                state: "calling".to_owned(),
                opened_at: now,
                step_from: now,
                step_until: calls::until(now, minutes),
                on_call: false,
                ended_at: None,
                detail: Vec::new(),
                version: 0,
            },
            detail: Detail {
                calls: Vec::new(),
                beside: beside.into_iter().collect(),
            },
        }
    }

    fn is_calling(&self) -> bool {
        self.record.state == "calling"
    }

    fn save(&mut self, tx: &mut Tx<'_>, slot: i64) -> Result<(), StoreError> {
        let sealer = tx.sealer();
        let id = self.record.id.0;
        self.record.detail = seal(&sealer, "call_round", "detail", id, slot, &self.detail)?;
        self.record.version += 1;
        if self.record.version == 1 {
            self.record.insert(tx)?;
        } else {
            self.record.update(tx)?;
        }
        due::clear(tx, id)?;
        if self.is_calling() {
            let due = Due {
                subject: id,
                kind: format!("{DUE}@{}", self.detail.calls.len()),
                due_at: self.record.step_until,
                state_version: self.record.version,
            };
            due::set(tx, &due)?;
        }
        Ok(())
    }

    /// Adds a call; whoever else must be told.
    fn add(&mut self, lines: &[Line], call: Call, minutes: u32, now: DateTime<Utc>) -> Option<Alarm> {
        self.detail.calls.push(call);
        self.record.step_from = now;
        self.record.step_until = calls::until(now, minutes);
        let alarm = calls::alarm(lines, &self.detail.calls);
        self.record.on_call |= alarm.is_some();
        alarm
    }

    fn end(&mut self, state: &str, now: DateTime<Utc>) {
        state.clone_into(&mut self.record.state);
        self.record.ended_at = Some(now);
    }
}

/// Begins the calls of an emergency when its referral is sent.
///
/// # Errors
/// When the store fails.
pub(crate) fn begin(
    tx: &mut Tx<'_>,
    file: &CaseFile,
    mechanism: &Mechanism,
    referral: &OpenReferral,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let minutes = mechanism.rules().minutes_per_number;
    Round::new(file, referral.record.id, &referral.detail.stays_with, minutes, now).save(tx, file.record.slot)
}

/// Ends the calls of a referral that waits for nobody any more: it was
/// answered another way, taken back, or it expired.
///
/// # Errors
/// When the store fails.
pub(crate) fn follow(
    tx: &mut Tx<'_>,
    file: &CaseFile,
    referral: &OpenReferral,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    if referral.machine.priority != Priority::P1 || waits(referral.machine.state) {
        return Ok(());
    }
    match Round::of(tx, file, referral.record.id)? {
        Some(mut round) if round.is_calling() => {
            round.end("over", now);
            round.save(tx, file.record.slot)
        }
        _ => Ok(()),
    }
}

/// The case of a referral, for its sender's side.
pub(crate) fn sent(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    referral: ReferralId,
) -> Result<(CaseFile, View, Arc<Network>), ActError> {
    let (file, view, network) = referrals::see(tx, desk, viewer, referral)?;
    let team = file.record.holder_id == viewer.organisation && matches!(view, View::File { .. });
    let emergency = file
        .referral(referral)
        .is_some_and(|r| r.machine.priority == Priority::P1);
    match (team && emergency, file.erased) {
        (true, false) => Ok((file, view, network)),
        (true, true) => Err(ActError::Erased),
        (false, _) => Err(ActError::NotFound),
    }
}

/// Notes a call, or who is with the person now.
///
/// # Errors
/// [`ActError::NotFound`] for whoever is not on the sender's side or where it
/// is no emergency, [`ActError::Invalid`], [`ActError::Stale`], the machine's
/// refusal of "I take it".
pub async fn note(
    desk: &Arc<Desk>,
    viewer: &Viewer,
    referral: ReferralId,
    command: NoteCall,
) -> Result<Made, ActError> {
    let (desk_, viewer) = (Arc::clone(desk), viewer.clone());
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            write::once(tx, &viewer, "call", command.id, &(referral, &command), |tx| {
                note_in(tx, &desk_, &viewer, referral, &command)
            })
        })
        .await
}

fn check(command: &NoteCall, lines: &[Line]) -> Result<(), ActError> {
    let mut wrong = Vec::new();
    if command.with_person.trim().is_empty() {
        wrong.push(FieldProblem::new(
            "with_person",
            "required",
            (
                "Écrivez qui est avec la personne maintenant : elle n’est pas laissée seule.",
                "Write who is with the person now: nobody is left alone.",
            ),
        ));
    }
    if command.result == Some(CallResult::Takes) && command.name.trim().is_empty() {
        wrong.push(FieldProblem::new(
            "name",
            "required",
            (
                "Écrivez le nom et la fonction de qui dit « je prends ».",
                "Write name and function of whoever says “I take it”.",
            ),
        ));
    }
    for (field, text) in [("with_person", &command.with_person), ("name", &command.name)] {
        if text.chars().count() > LONGEST {
            wrong.push(FieldProblem::new(
                field,
                "too_long",
                (
                    "200 signes au plus : raccourcissez.",
                    "200 characters at most: make it shorter.",
                ),
            ));
        }
    }
    let unknown = command.result.is_some() && !lines.iter().any(|l| l.number == command.number);
    if unknown || command.result == Some(CallResult::Passed) {
        wrong.push(FieldProblem::new(
            "number",
            "unknown_option",
            ("Choisissez un numéro de la liste.", "Choose a number of the list."),
        ));
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(ActError::Invalid(wrong))
    }
}

fn over() -> ActError {
    ActError::refused(
        "calls_over",
        (
            "Cette demande n’attend plus que quelqu’un la prenne.",
            "This request no longer waits for somebody to take it.",
        ),
        (
            "Ouvrez le référencement : il dit à qui est l’action.",
            "Open the referral: it says whose move it is.",
        ),
    )
}

fn note_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    id: ReferralId,
    command: &NoteCall,
) -> Result<Made, ActError> {
    let record = ReferralRecord::find(tx, id)?.ok_or(ActError::NotFound)?;
    cases::lock_case(tx, record.case_id)?;
    let (mut file, view, network) = sent(tx, desk, viewer, id)?;
    may_write(&view, &file, viewer)?;
    let now = tx.now()?;
    let happened_at = write::happened(command.happened_at, now)?;
    let referral = file.referral(id).ok_or(ActError::NotFound)?;
    let mechanism = desk.version(tx, &referral.record.mechanism_hash)?;
    let minutes = mechanism.rules().minutes_per_number;
    let lines = lines::of_referral(tx, &mechanism, &network, &file, referral, viewer.lang)?;
    let mut round = match Round::of(tx, &file, id)? {
        Some(round) => round,
        None => Round::new(&file, id, "", minutes, now),
    };
    ActError::unless_current(command.version, round.record.version)?;
    if !round.is_calling() || !waits(referral.machine.state) {
        return Err(over());
    }
    check(command, &lines)?;

    let who = command.with_person.trim().to_owned();
    round.detail.beside.push(Beside {
        who: who.clone(),
        at: now,
    });
    let takes = command.result == Some(CallResult::Takes);
    let channel = if takes {
        Channel::Telephone
    } else if viewer.api {
        Channel::Api
    } else {
        Channel::Screen
    };
    // "I take it" is the provider's word, noted; any other call is the sender's act.
    let side = if takes { ActingFor::Provider } else { ActingFor::Sender };
    let doer = Doer {
        channel,
        ..Doer::of(viewer, side)
    };
    let (slot, hash) = (file.record.slot, referral.record.mechanism_hash.clone());
    let code = referral_code(referral.record.year, referral.seq);
    let mut stream = Stream::lock(tx, file.record.id, slot, doer, &hash)?;
    if let Some(result) = command.result {
        let line = lines.iter().find(|l| l.number == command.number);
        let call = Call {
            number: command.number.clone(),
            result,
            at: happened_at,
            name: if takes {
                command.name.trim().to_owned()
            } else {
                String::new()
            },
        };
        let words = said(line, &command.number, &call.name, &who);
        let alarm = round.add(&lines, call, minutes, now);
        let facts = facts(result, round.detail.calls.len(), line, alarm);
        stream.add(tx, id.0, "called", &facts, happened_at, &words)?;
        tell(tx, &network, &file, id, alarm)?;
        if takes {
            round.end("taken", now);
        }
    } else {
        stream.add(tx, id.0, "not_left_alone", &json!({}), happened_at, &who)?;
    }
    // Before the machine speaks: what follows from acceptance finds the round ended.
    round.save(tx, slot)?;
    if takes {
        let mut actor = rules::actor(viewer, ActingFor::Provider, Channel::Telephone);
        actor.noted = Some(Noted {
            number: command.number.clone(),
            answered_by: command.name.trim().to_owned(),
        });
        let accept = Command::Accept {
            by_name: Some(command.name.trim().to_owned()),
        };
        referrals::give(
            tx,
            desk,
            &mut file,
            &network,
            id,
            &accept,
            &actor,
            happened_at,
            "",
            &mut stream,
        )?;
    }
    Ok(Made {
        id: id.0,
        code,
        version: round.record.version,
    })
}

/// What is sealed with the event of a call.
fn said(line: Option<&Line>, number: &str, name: &str, beside: &str) -> String {
    let who = line.map_or("", |l| l.who.as_str());
    [who, number, name, beside]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" · ")
}

/// What stands in clear with the event of a call: codes and a count.
fn facts(result: CallResult, n: usize, line: Option<&Line>, alarm: Option<Alarm>) -> serde_json::Value {
    json!({
        "result": result,
        "n": n,
        "called": line.map(|l| l.kind.code()),
        "alarm": alarm.map(|a| match a {
            Alarm::OnCall => "on_call",
            Alarm::Again => "again",
        }),
    })
}

/// Who is told that the service stayed silent: the holder's supervisor, and
/// the region's focal point of the mechanism, who never learns of a case of
/// the protected circuit.
fn tell(
    tx: &mut Tx<'_>,
    network: &Network,
    file: &CaseFile,
    id: ReferralId,
    alarm: Option<Alarm>,
) -> Result<(), StoreError> {
    if alarm.is_none() {
        return Ok(());
    }
    let holder = file.record.holder_id;
    let kind = "calls_silent";
    write::tell(tx, network, file, kind, Some(holder), Role::Supervisor, id.0)?;
    write::tell(tx, network, file, kind, None, Role::RegionalFocalPoint, id.0)
}

/// The minutes of a number are over and nothing was noted: it is passed over,
/// the next one is proposed, and the sender is told.
///
/// # Errors
/// When the store fails.
pub(crate) fn time_passes(tx: &mut Tx<'_>, desk: &Desk, id: CallRoundId) -> Result<bool, ActError> {
    let Some(record) = CallRoundRecord::find(tx, id)? else {
        return Ok(false);
    };
    cases::lock_case(tx, record.case_id)?;
    let Some(file) = CaseFile::load(tx, record.case_id)? else {
        return Ok(false);
    };
    let Some(mut round) = Round::of(tx, &file, record.referral_id)? else {
        return Ok(false);
    };
    let now = tx.now()?;
    let Some(referral) = file.referral(record.referral_id) else {
        return Ok(false);
    };
    if !round.is_calling() || now < round.record.step_until {
        return Ok(false);
    }
    let slot = file.record.slot;
    if !waits(referral.machine.state) || file.record.state != "open" {
        round.end("over", now);
        round.save(tx, slot)?;
        return Ok(false);
    }
    let network = desk.network_now(tx)?;
    let mechanism = desk.version(tx, &referral.record.mechanism_hash)?;
    let minutes = mechanism.rules().minutes_per_number;
    let lang = relais_mechanism::Lang::Fr;
    let lines = lines::of_referral(tx, &mechanism, &network, &file, referral, lang)?;
    let next = calls::next(&lines, &round.detail.calls).and_then(|n| lines.get(n.line));
    let call = Call {
        number: next.map_or_else(String::new, |l| l.number.clone()),
        result: CallResult::Passed,
        at: now,
        name: String::new(),
    };
    let words = said(next, &call.number, "", "");
    let alarm = round.add(&lines, call, minutes, now);
    let facts = facts(CallResult::Passed, round.detail.calls.len(), next, alarm);
    let hash = referral.record.mechanism_hash.clone();
    let mut stream = Stream::lock(tx, file.record.id, slot, Doer::clock(), &hash)?;
    stream.add(tx, record.referral_id.0, "called", &facts, now, &words)?;
    write::notice(
        tx,
        "call_next",
        Some(file.record.holder_id),
        Role::CaseManager,
        record.referral_id.0,
    )?;
    tell(tx, &network, &file, record.referral_id, alarm)?;
    round.save(tx, slot)?;
    Ok(true)
}

//! What is done to a referral: the machine decides, and everything that
//! follows from its events is written in the same unit of work.

use std::sync::Arc;

use chrono::{DateTime, NaiveTime, Utc};
use relais_casework::calendar::douala;
use relais_casework::grant::{self, Grant, GrantCause, Holder, S4Access};
use relais_casework::need::{NeedState, give_back};
use relais_casework::referral::{self, Actor, Command, CommandKind, Counts, Event, EventKind, Noted};
use relais_casework::sharing::Override;
use relais_casework::visible::{CaseState, Via, View};
use relais_mechanism::{ActingFor, Channel, ClassSet, Mechanism, Role};
use relais_network::{GrantId, OrganisationId, ReferralId, ServiceId};
use relais_store::rows::cases::{self, ReferralRecord};
use relais_store::{Tx, ids};
use serde_json::json;

use crate::codes::referral_code;
use crate::commands::{ActOnReferral, ReferralCommand};
use crate::desk::{Desk, Viewer};
use crate::entries;
use crate::file::{Answerer, CaseFile, Exchange, OpenReferral};
use crate::network::Network;
use crate::problem::ActError;
use crate::rules::{self, Rulebook};
use crate::share;
use crate::views::Made;
use crate::webhooks::{self, Told};
use crate::write::{self, Doer, Stream};

/// Longest words of an exchange, in characters.
pub const WORDS: usize = 1000;

/// Gives a command to a referral on behalf of the viewer.
///
/// # Errors
/// [`ActError::NotFound`], [`ActError::Stale`], [`ActError::Refused`],
/// [`ActError::Invalid`].
pub async fn act(
    desk: &Arc<Desk>,
    viewer: &Viewer,
    referral: ReferralId,
    command: ActOnReferral,
) -> Result<Made, ActError> {
    let (desk_, viewer) = (Arc::clone(desk), viewer.clone());
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            write::once(tx, &viewer, "act", command.id, &(referral, &command), |tx| {
                act_in(tx, &desk_, &viewer, referral, &command)
            })
        })
        .await
}

/// The case of a referral that the viewer may see, to act on.
///
/// # Errors
/// [`ActError::NotFound`] when there is none or the viewer does not see it;
/// [`ActError::Erased`].
pub fn load_for(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    referral: ReferralId,
) -> Result<(CaseFile, View, Arc<Network>), ActError> {
    let seen = see(tx, desk, viewer, referral)?;
    if seen.0.erased {
        return Err(ActError::Erased);
    }
    Ok(seen)
}

/// The case of a referral that the viewer may see, also where the person was
/// erased, to show what is left.
///
/// # Errors
/// [`ActError::NotFound`] when there is none or the viewer does not see it.
pub fn see(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    referral: ReferralId,
) -> Result<(CaseFile, View, Arc<Network>), ActError> {
    let record = ReferralRecord::find(tx, referral)?.ok_or(ActError::NotFound)?;
    let (file, view, network) = CaseFile::see(tx, desk, viewer, record.case_id)?;
    // The whole office of the mechanism: the secretariat, its supervisor, and the
    // region's focal point for the own region, as far as an office sees a case.
    let office = matches!(view, View::Office);
    if !view.shows_referral(referral) && !office {
        return Err(ActError::NotFound);
    }
    Ok((file, view, network))
}

/// The case of a referral, for the side that sent it alone.
///
/// # Errors
/// [`ActError::NotFound`] for everybody else.
pub(crate) fn load_for_sender(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    referral: ReferralId,
) -> Result<(CaseFile, View, Arc<Network>), ActError> {
    let (file, view, network) = see(tx, desk, viewer, referral)?;
    if file.record.holder_id != viewer.organisation || !matches!(view, View::File { .. }) {
        Err(ActError::NotFound)
    } else if file.erased {
        Err(ActError::Erased)
    } else {
        Ok((file, view, network))
    }
}

/// On whose behalf the viewer speaks: for the provider where the viewer is its
/// focal point or notes its word, for the secretariat where a dispute is
/// settled, for the sender otherwise.
#[must_use]
pub fn side_of(
    viewer: &Viewer,
    provider: OrganisationId,
    holder: OrganisationId,
    command: CommandKind,
    noted: bool,
) -> ActingFor {
    let provider_speaks = matches!(
        command,
        CommandKind::Acknowledge
            | CommandKind::Accept
            | CommandKind::Ask
            | CommandKind::Waitlist
            | CommandKind::ExtendWaitlist
            | CommandKind::Decline
            | CommandKind::Schedule
            | CommandKind::Reschedule
            | CommandKind::Start
            | CommandKind::NoShow
            | CommandKind::Report
            | CommandKind::News
            | CommandKind::Contest
    );
    // An organisation that asks its own service speaks for whichever side the
    // command belongs to.
    let as_provider = viewer.organisation == provider && (provider != holder || provider_speaks);
    if as_provider || (provider_speaks && noted) {
        ActingFor::Provider
    } else if command == CommandKind::Settle && viewer.is_national() {
        ActingFor::Secretariat
    } else {
        ActingFor::Sender
    }
}

/// The words that a command carries, if any.
pub(crate) fn words_of(command: &ReferralCommand) -> &str {
    match command {
        ReferralCommand::Ask { question } => question,
        ReferralCommand::Answer { text } | ReferralCommand::Report { text, .. } => text,
        ReferralCommand::Cancel { reason }
        | ReferralCommand::Void { reason }
        | ReferralCommand::Dispute { reason }
        | ReferralCommand::Contest { reason } => reason,
        _ => "",
    }
}

/// A command as the machine reads it.
pub(crate) fn machine_command(command: &ReferralCommand) -> Command {
    match command {
        ReferralCommand::Acknowledge => Command::Acknowledge,
        ReferralCommand::Accept { by_name } => Command::Accept {
            by_name: (!by_name.trim().is_empty()).then(|| by_name.trim().to_owned()),
        },
        ReferralCommand::Ask { question } => Command::Ask {
            question: question.clone(),
        },
        ReferralCommand::Answer { text } => Command::Answer { answer: text.clone() },
        ReferralCommand::Waitlist { review_on } => Command::Waitlist {
            review: noon(*review_on),
        },
        ReferralCommand::ExtendWaitlist { review_on } => Command::ExtendWaitlist {
            review: noon(*review_on),
        },
        ReferralCommand::News { ends_on } => Command::News {
            ends: ends_on.map(noon),
        },
        ReferralCommand::Decline { code, suggested } => Command::Decline {
            code: *code,
            suggested: suggested.map(ServiceId),
        },
        ReferralCommand::Cancel { .. } => Command::Cancel,
        ReferralCommand::Schedule { at } => Command::Schedule { at: *at },
        ReferralCommand::Reschedule { at } => Command::Reschedule { at: *at },
        ReferralCommand::Start => Command::Start { ends: None },
        ReferralCommand::NoShow => Command::NoShow,
        ReferralCommand::Report { outcome, .. } => Command::Report { outcome: *outcome },
        ReferralCommand::Confirm { confirmation } => Command::Confirm {
            confirmation: *confirmation,
        },
        ReferralCommand::Dispute { .. } => Command::Dispute,
        ReferralCommand::Settle { outcome } => Command::Settle { outcome: *outcome },
        ReferralCommand::Void { .. } => Command::Void,
        ReferralCommand::Contest { .. } => Command::Contest,
    }
}

/// Noon in Douala, the hour at which a date without an hour is meant.
pub(crate) fn noon(date: chrono::NaiveDate) -> DateTime<Utc> {
    let noon = date.and_time(NaiveTime::from_hms_opt(12, 0, 0).unwrap_or(NaiveTime::MIN));
    noon.and_local_timezone(douala())
        .single()
        .map_or_else(|| noon.and_utc(), |t| t.with_timezone(&Utc))
}

fn act_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    id: ReferralId,
    asked: &ActOnReferral,
) -> Result<Made, ActError> {
    // Lock before reading: whoever acted on this case before is done.
    let record = ReferralRecord::find(tx, id)?.ok_or(ActError::NotFound)?;
    cases::lock_case(tx, record.case_id)?;
    let (mut file, view, network) = load_for(tx, desk, viewer, id)?;
    // An ended case is read and no longer written, by either side.
    if file.record.state == CaseState::Ended.code() {
        return Err(crate::ending::refused(relais_casework::ending::EndingRefusal::NotOpen));
    }
    let open = file.referral(id).ok_or(ActError::NotFound)?;
    ActError::unless_current(asked.version, open.machine.version)?;
    let words = words_of(&asked.command).trim().to_owned();
    ActError::unless_within("text", &words, WORDS)?;
    if let ReferralCommand::Decline {
        suggested: Some(service),
        ..
    } = &asked.command
    {
        known_suggestion(&network, open, ServiceId(*service))?;
    }
    let now = tx.now()?;
    let happened_at = write::happened(asked.happened_at, now)?;
    let channel = asked
        .channel
        .unwrap_or(if viewer.api { Channel::Api } else { Channel::Screen });
    let noted = matches!(channel, Channel::Telephone | Channel::Paper);
    let command = machine_command(&asked.command);
    let (provider, mechanism_hash) = (open.record.provider_id, open.record.mechanism_hash.clone());
    let acting_for = side_of(viewer, provider, file.record.holder_id, command.kind(), noted);
    let reads_only = matches!(
        view,
        View::File {
            via: Via::Emergency,
            ..
        }
    );
    if reads_only && (noted || acting_for != ActingFor::Provider) {
        return Err(ActError::Forbidden { code: "write_case" });
    }
    let mut actor = rules::actor(viewer, acting_for, channel);
    if noted {
        actor.noted = Some(Noted {
            number: asked.number.trim().to_owned(),
            answered_by: asked.answered_by.trim().to_owned(),
        });
    }
    let doer = Doer {
        channel,
        ..Doer::of(viewer, acting_for)
    };
    let mut stream = Stream::lock(tx, file.record.id, file.record.slot, doer, &mechanism_hash)?;
    give(
        tx,
        desk,
        &mut file,
        &network,
        id,
        &command,
        &actor,
        happened_at,
        &words,
        &mut stream,
    )?;
    let open = file.referral(id).ok_or(ActError::NotFound)?;
    Ok(Made {
        id: id.0,
        code: referral_code(open.record.year, open.seq),
        version: open.machine.version,
    })
}

/// A provider suggests a service of the directory that answers the same need:
/// one that is confidential, not published or unknown looks alike from there.
/// For a need above S3 any listed service is let through: to say that it is of
/// another kind would tell the kind.
fn known_suggestion(network: &Network, open: &OpenReferral, suggested: ServiceId) -> Result<(), ActError> {
    let fits = network
        .directory
        .entry(suggested)
        .is_some_and(|e| open.record.restricted || e.service.service_type == open.detail.service_type);
    if fits {
        Ok(())
    } else {
        Err(ActError::field(
            "suggested",
            "unknown_option",
            (
                "Choisissez un service de l’annuaire qui répond au même besoin.",
                "Choose a service of the directory that answers the same need.",
            ),
        ))
    }
}

/// Lets the machine decide, and writes all that follows.
///
/// # Errors
/// The machine's refusal, or what the store refuses.
#[expect(clippy::too_many_arguments, reason = "the parts of one unit of work")]
pub fn give(
    tx: &mut Tx<'_>,
    desk: &Desk,
    file: &mut CaseFile,
    network: &Network,
    id: ReferralId,
    command: &Command,
    actor: &Actor,
    happened_at: DateTime<Utc>,
    words: &str,
    stream: &mut Stream<'_>,
) -> Result<Vec<Event>, ActError> {
    let now = tx.now()?;
    let holder = file.record.holder_id;
    let at = file
        .referrals
        .iter()
        .position(|r| r.record.id == id)
        .ok_or(ActError::NotFound)?;
    let mechanism = desk.version(tx, &file.referrals[at].record.mechanism_hash)?;
    let open = &file.referrals[at];
    let rulebook = Rulebook::new(
        desk,
        Arc::clone(&mechanism),
        open.machine.priority,
        &open.detail.service_type,
        &open.record.region,
        open.machine.on_call,
        crate::needs::limit_facts(file),
    )?;
    let events = {
        let ctx = rulebook.context(now, happened_at, holder);
        referral::decide(&open.machine, command, actor, &ctx)?
    };
    let machine = open.machine.apply_all(&events);
    let needed = share::overrides(tx, file)?;
    {
        let open = &mut file.referrals[at];
        open.machine = machine;
        open.detail.suggested = open.machine.suggested;
        if !words.is_empty() {
            let kind = events.first().map_or("said", |e| e.kind.code()).to_owned();
            open.detail.exchanges.push(Exchange {
                kind,
                text: words.to_owned(),
                at: happened_at,
            });
        }
        if let (Some(noted), Some(event)) = (&actor.noted, events.iter().rev().find(|e| e.noted)) {
            open.detail.answerers.push(Answerer {
                kind: event.kind.code().to_owned(),
                channel: actor.channel,
                name: noted.answered_by.clone(),
                number: noted.number.clone(),
                at: happened_at,
            });
        }
    }
    for (n, event) in events.iter().enumerate() {
        let said = if n + 1 == events.len() { words } else { "" };
        let need = follow(tx, desk, file, network, at, event, &mechanism, &needed, now)?;
        let mut facts = facts_of(event, actor);
        if let Some(state) = need {
            // So that the counters can be counted again from the events alone.
            facts["need_state"] = json!(state);
        }
        stream.add(tx, id.0, event.kind.code(), &facts, event.happened_at, said)?;
        tell(tx, network, file, at, event, actor)?;
        let open = &file.referrals[at];
        entries::heard(tx, network, file, open, event, actor, &mechanism)?;
        let told = Told::of(event, holder, open.record.provider_id);
        webhooks::happened(tx, network, file, (id, open.machine.version), event.kind.code(), told)?;
    }
    let slot = file.record.slot;
    let open = &mut file.referrals[at];
    write::save_referral(tx, open, slot, holder, now)?;
    let clocks = open
        .machine
        .clocks(&rulebook.times, mechanism.ladder(), Counts::from(mechanism.rules()));
    let rows = clocks.into_iter().map(|c| (format!("{}@{}", c.kind, c.percent), c.at));
    write::due_work(tx, id.0, open.machine.version, rows)?;
    crate::calls::follow(tx, file, &file.referrals[at], now)?;
    Ok(events)
}

/// Codes and times of an event: never words, never a name.
fn facts_of(event: &Event, actor: &Actor) -> serde_json::Value {
    let mut facts = json!({
        "state": event.state,
        "due": event.wait.as_ref().map(|w| w.due.at),
        "due_kind": event.wait.as_ref().map(|w| w.kind),
        "owner": event.wait.as_ref().map(|w| w.owner.side),
    });
    if event.noted {
        facts["noted"] = json!(actor.channel);
    }
    match &event.kind {
        EventKind::Declined { code, .. } => facts["code"] = json!(code),
        EventKind::Reported { outcome } | EventKind::Settled { outcome } => facts["outcome"] = json!(outcome),
        EventKind::Confirmed { confirmation } => facts["confirmation"] = json!(confirmation),
        EventKind::Withdrawn { effect } => facts["effect"] = json!(effect),
        EventKind::Reminded { percent, tell, reroute } => {
            facts["percent"] = json!(percent);
            facts["tell"] = json!(tell);
            facts["reroute"] = json!(reroute);
        }
        _ => {}
    }
    facts
}

/// What an event brings about beside the referral itself: grants and the
/// disclosure at acceptance, their end, and the need that is given back, whose
/// state is returned.
#[expect(clippy::too_many_arguments, reason = "the parts of one unit of work")]
fn follow(
    tx: &mut Tx<'_>,
    desk: &Desk,
    file: &mut CaseFile,
    network: &Network,
    at: usize,
    event: &Event,
    mechanism: &Mechanism,
    overrides: &[Override],
    now: DateTime<Utc>,
) -> Result<Option<NeedState>, ActError> {
    let open = &file.referrals[at];
    let (id, service, provider) = (open.record.id, open.detail.service, open.record.provider_id);
    let group = file
        .need(open.record.need_id)
        .map(|n| n.record.group_code.clone())
        .unwrap_or_default();
    let region = open.record.region.clone();
    if matches!(event.kind, EventKind::Accepted { .. }) {
        let entry = network.services.get(&service).ok_or(ActError::NotFound)?;
        let asked = mechanism
            .service_type(&open.detail.service_type)
            .ok_or(ActError::NotFound)?;
        let exception = overrides.iter().find(|o| o.carries(Some(id), provider, now));
        let plan = share::plan(
            desk,
            mechanism,
            file,
            network,
            entry,
            asked,
            open.machine.priority,
            Some(id),
            exception,
            now,
        )?;
        // What was promised at the sending may rest on nothing any more: a
        // consent that ran out, an agreement that ended, an override that
        // nobody co-signed (DESIGN §6: checked at the first disclosure).
        share::unless_blocked(&plan)?;
        let mut grants = grant::on_acceptance(
            || GrantId(ids::new_v7(now)),
            file.record.id,
            id,
            provider,
            service,
            &plan.after,
            exception,
            now,
        );
        // The referral itself, without any class, rests on no consent: whoever
        // must report can open it, also where it came without a name (vital)
        // and once the person has stopped the sharing while the care goes on.
        grants.push(Grant {
            id: GrantId(ids::new_v7(now)),
            case: file.record.id,
            holder: Holder::ServiceFocalPoints {
                organisation: provider,
                service,
            },
            classes: ClassSet::EMPTY,
            s4: S4Access::Nobody,
            referral: Some(id),
            cause: GrantCause::Acceptance,
            consents: Vec::new(),
            agreement: None,
            exception: None,
            from: now,
            until: None,
        });
        for grant in &grants {
            if file.referrals[at].record.restricted {
                write::restricted_grant(tx, file.record.slot, grant)?;
            } else {
                write::grant(tx, file.record.slot, grant)?;
            }
        }
        let bases: Vec<_> = plan.after.iter().map(|(_, basis)| *basis).collect();
        write::disclosure(
            tx,
            file.record.slot,
            file.record.id,
            Some(id),
            provider,
            "accepted",
            plan.after_classes(),
            &bases,
            now,
        )?;
        file.grants.extend(grants);
    }
    let mut given_back = None;
    if let Some(effect) = event.need {
        let closings = grant::on_referral_end(&file.grants, id, now);
        write::close_grants(tx, &closings)?;
        grant::apply(&mut file.grants, &closings);
        let (need, slot, holder) = (open.record.need_id, file.record.slot, file.record.holder_id);
        if let Some(need) = file.needs.iter_mut().find(|n| n.record.id == need) {
            let back = give_back(&need.detail.machine, id, service, effect);
            need.detail.machine = need.detail.machine.apply(&back);
            write::save_need(tx, need, slot, holder, false)?;
            let state = need.detail.machine.state;
            write::count(tx, file, &region, &group, &format!("needs_{state}"))?;
            given_back = Some(state);
        }
    }
    let measure = event.kind.code();
    if !matches!(event.kind, EventKind::Reminded { .. }) {
        write::count(tx, file, &region, &group, &format!("referrals_{measure}"))?;
    }
    Ok(given_back)
}

/// Writes who is told: the side that did not act, and on a step of the ladder
/// whoever the mechanism names.
fn tell(
    tx: &mut Tx<'_>,
    network: &Network,
    file: &CaseFile,
    at: usize,
    event: &Event,
    actor: &Actor,
) -> Result<(), ActError> {
    let open = &file.referrals[at];
    let (subject, provider, holder) = (open.record.id.0, open.record.provider_id, file.record.holder_id);
    if let EventKind::Reminded { tell, .. } = &event.kind {
        for recipient in tell {
            let (organisation, role) = write::post_of(*recipient, provider, holder);
            write::tell(tx, network, file, "reminder", organisation, role, subject)?;
        }
        return Ok(());
    }
    let by_sender = matches!(actor.acting_for, ActingFor::Sender | ActingFor::Person);
    if (by_sender || actor.acting_for == ActingFor::System) && network.with_account.contains(&provider) {
        write::tell(
            tx,
            network,
            file,
            event.kind.code(),
            Some(provider),
            Role::FocalPoint,
            subject,
        )?;
    }
    if !by_sender {
        write::notice(tx, event.kind.code(), Some(holder), Role::CaseManager, subject)?;
    }
    Ok(())
}

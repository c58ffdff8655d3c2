//! The page of a referral, as the sender, the provider or the secretariat may
//! see it.

mod chain;
mod ladder;
mod terms;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use relais_casework::calendar::local_date;
use relais_casework::referral::{self, CommandKind, Outcome, Recipient, State, next_step};
use relais_casework::visible::{ReferralStage, Shown, View, visible_need};
use relais_mechanism::{ActingFor, Channel, DataClass, Lang, Mechanism, Role, Sensitivity};
use relais_network::directory::{Query, Wanted};
use relais_network::{ReferralId, ServiceId};
use relais_store::Tx;

use crate::case::{class_facts, clock, history};
use crate::codes::{case_code, referral_code};
use crate::day::{hand_of, state_says};
use crate::desk::{Desk, Viewer};
use crate::file::{CaseFile, OpenReferral};
use crate::letter;
use crate::links;
use crate::network::Network;
use crate::payments;
use crate::problem::ActError;
use crate::referrals;
use crate::rules::{self, Rulebook};
use crate::say::say;
use crate::services::coordinates;
use crate::share;
use crate::shelter::Names;
use crate::views::{Exits, Fact, ReferralView, Stop};

pub(crate) use chain::{of_need, suggested, takes_back};
pub(crate) use ladder::{climbed, last_moved};

/// Commands that a provider without an account may answer by telephone.
const BY_TELEPHONE: [CommandKind; 12] = [
    CommandKind::Acknowledge,
    CommandKind::Accept,
    CommandKind::Ask,
    CommandKind::Waitlist,
    CommandKind::ExtendWaitlist,
    CommandKind::Decline,
    CommandKind::Schedule,
    CommandKind::Reschedule,
    CommandKind::NoShow,
    CommandKind::Start,
    CommandKind::News,
    CommandKind::Report,
];

/// Services that a provider may choose from when it suggests another.
const SUGGESTED: usize = 20;

/// The page of a referral.
///
/// # Errors
/// [`ActError::NotFound`] for whoever does not see it.
pub async fn view(desk: &Arc<Desk>, viewer: &Viewer, id: ReferralId) -> Result<ReferralView, ActError> {
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let (file, sight, network) = referrals::see(tx, &desk_, &viewer_, id)?;
        let case = file.record.id;
        if file.erased {
            let view = crate::erased::referral_view(tx, &desk_, &viewer_, &file, &sight, &network, id)?;
            return Ok((view, vec![case]));
        }
        Ok((
            referral_view(tx, &desk_, &viewer_, &file, &sight, &network, id)?,
            vec![case],
        ))
    })
    .await
}

/// The page of a referral as far as the view shows it.
///
/// # Errors
/// [`ActError::NotFound`] where the view shows nothing of it.
pub(crate) fn referral_view(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    file: &CaseFile,
    sight: &View,
    network: &Network,
    id: ReferralId,
) -> Result<ReferralView, ActError> {
    let lang = viewer.lang;
    let now = tx.now()?;
    let referral = file.referral(id).ok_or(ActError::NotFound)?;
    let machine = &referral.machine;
    let mechanism = desk.version(tx, &referral.record.mechanism_hash)?;
    let sender_side = viewer.organisation == file.record.holder_id && matches!(sight, View::File { .. });
    let provider_side = viewer.organisation == referral.record.provider_id && viewer.is(Role::FocalPoint);
    let office = matches!(sight, View::Office);
    let opened = sight.kind() == relais_casework::visible::ViewKind::File
        && (sender_side || ReferralStage::of(machine.state) != ReferralStage::Offered);
    let labels = share::labels(&mechanism, &referral.detail.service_type);
    let label = visible_need(&labels, sight, true, opened, Shown::File).ok_or(ActError::NotFound)?;
    let restricted = matches!(sight, View::File { restricted: true, .. });
    let s4 = labels.sensitivity == Sensitivity::S4;
    let reads_words = sender_side || (provider_side && (!s4 || (opened && restricted)));

    let names = Names::of_case(network, viewer, file);
    let names = if office { names.for_office() } else { names };
    let service = network.services.get(&referral.detail.service);
    let rulebook = Rulebook::new(
        desk,
        Arc::clone(&mechanism),
        machine.priority,
        &referral.detail.service_type,
        &referral.record.region,
        machine.on_call,
        crate::needs::limit_facts(file),
    )?;
    let ctx = rulebook.context(now, now, file.record.holder_id);
    let codes = |kinds: Vec<CommandKind>| kinds.into_iter().map(|k| k.code().to_owned()).collect::<Vec<_>>();
    let own_side = if provider_side {
        ActingFor::Provider
    } else if office {
        ActingFor::Secretariat
    } else {
        ActingFor::Sender
    };
    let own = rules::actor(viewer, own_side, Channel::Screen);
    let by_phone = rules::actor(viewer, ActingFor::Provider, Channel::Telephone);
    let telephone_commands = if sender_side && !provider_side {
        codes(
            referral::open_to(machine, &by_phone, &ctx)
                .into_iter()
                .filter(|c| BY_TELEPHONE.contains(c))
                .collect(),
        )
    } else {
        Vec::new()
    };
    let code = referral_code(referral.record.year, referral.seq);
    let exits = Exits {
        ladder: ladder::rungs(
            tx,
            &mechanism,
            file,
            referral,
            &rulebook,
            provider_side && !sender_side,
            lang,
        )?,
        chain: if sender_side {
            chain::of_need(&mechanism, network, viewer, file, referral.record.need_id, Some(id))
        } else {
            Vec::new()
        },
        reroute: sender_side
            .then(|| chain::reroute(&mechanism, network, file, referral, lang))
            .flatten(),
        outcomes: Outcome::ALL
            .iter()
            .copied()
            .filter(|o| referral::may_report(machine.state, *o))
            .collect(),
        redirects: if provider_side && !s4 {
            redirects(&mechanism, network, referral, now, lang)
        } else {
            Vec::new()
        },
        no_shows: (machine.no_shows, mechanism.rules().no_shows_max),
        waitlist: machine
            .wait
            .as_ref()
            .filter(|_| machine.state == State::Waitlisted)
            .map(|w| (w.due.at, machine.extensions)),
        letter: letter::offered(viewer, file, sight, referral, now),
    };
    let (history, history_more) = history(tx, &mechanism, &names, file.record.id.0, Some(id.0))?;
    Ok(ReferralView {
        exits,
        id,
        version: machine.version,
        case_id: sender_side.then_some(file.record.id),
        case_code: (sender_side || office).then(|| case_code(&mechanism, file.seq)),
        label: label.get(lang).to_owned(),
        priority: machine.priority,
        state: machine.state,
        state_label: state_says(&mechanism, machine.state, machine.outcome, viewer),
        outcome: machine.outcome,
        outcome_label: machine.outcome.map(|o| {
            mechanism
                .option_label("outcome", o.code(), lang)
                .unwrap_or(o.code())
                .to_owned()
        }),
        confirmation: machine.confirmation,
        decline_reason: machine.decline.filter(|_| !office).map(|d| {
            mechanism
                .option_label("decline_reason", d.code(), lang)
                .unwrap_or(d.code())
                .to_owned()
        }),
        sender_side,
        provider_side,
        sender: names.name(file.record.holder_id),
        sender_telephone: names.telephone(file.record.holder_id),
        provider: names.provider(referral),
        provider_telephones: if office && s4 && !names.hides_provider(referral) {
            // The service's own numbers would tell which one it is.
            network.telephone(referral.record.provider_id).into_iter().collect()
        } else {
            names.telephones(tx, &mechanism, file, referral)?
        },
        link: sender_side && !provider_side && links::until(desk, tx, file, network, id, now)?.is_ok(),
        service: if office && s4 {
            String::new()
        } else {
            service.map_or_else(String::new, |s| {
                if s4 && !sender_side {
                    labels.discreet.get(lang).to_owned()
                } else {
                    names.service(s)
                }
            })
        },
        facts: facts(tx, &mechanism, file, sight, referral, &code, office, lang)?,
        after: if office && s4 {
            Vec::new()
        } else {
            after_classes(desk, &mechanism, file, network, referral, now, lang)?
        },
        terms: if sender_side || (provider_side && opened) {
            terms::terms(tx, desk, &mechanism, file, network, referral, lang)?
        } else {
            None
        },
        words: (reads_words && !referral.detail.words.is_empty()).then(|| referral.detail.words.clone()),
        exchanges: if reads_words {
            exchanges(referral, lang)
        } else {
            Vec::new()
        },
        payment: payments::shown(
            &mechanism,
            referral,
            sender_side && !provider_side,
            provider_side,
            opened && payments::is_open(machine.state),
            crate::needs::may_write(sight, file, viewer).is_ok(),
            relais_casework::calendar::local_date(now),
            lang,
        ),
        answered: if sender_side || provider_side {
            answered(referral, names.hides_provider(referral).then(|| names.word()), lang)
        } else {
            Vec::new()
        },
        stops: stops(tx, &mechanism, referral, lang)?,
        hand: hand_of(&names, viewer, file.record.holder_id, referral),
        clock: machine.wait.as_ref().map(|w| clock(w.kind, w.due.start, w.due.at, now)),
        next_rung: machine.wait.as_ref().and_then(|w| {
            next_step(
                machine.state,
                w,
                machine.ladder,
                machine.protected,
                mechanism.ladder(),
                &rulebook.times,
            )
            .map(|step| {
                (
                    step.at,
                    step.tell.first().map_or("", |r| recipient_says(*r, lang)).to_owned(),
                )
            })
        }),
        commands: if office && machine.state != State::Disputed {
            Vec::new()
        } else {
            codes(referral::open_to(machine, &own, &ctx))
        },
        telephone_commands,
        appointment: machine.appointment.filter(|_| !office),
        history,
        history_more,
        code,
        erased: None,
    })
}

/// Services of the same kind that a provider may suggest instead, nearest
/// first. Which of them were asked before it must not learn from the list.
fn redirects(
    mechanism: &Mechanism,
    network: &Network,
    referral: &OpenReferral,
    now: DateTime<Utc>,
    lang: Lang,
) -> Vec<(ServiceId, String)> {
    let mut query = Query::on(local_date(now));
    query.wanted = Some(Wanted::ServiceType(referral.detail.service_type.clone()));
    query.near = coordinates(mechanism, &referral.record.region);
    query.limit = SUGGESTED;
    network
        .directory
        .search(&query)
        .hits
        .iter()
        .map(|hit| hit.entry.service)
        .filter(|service| service.id != referral.detail.service)
        .map(|service| {
            let place = network.said(service.place, lang);
            let name = service.name.get(lang);
            let words = if place.is_empty() {
                name.to_owned()
            } else {
                format!("{name}, {place}")
            };
            (service.id, words)
        })
        .collect()
}

/// Who is told at a rung, in words.
#[must_use]
pub const fn recipient_says(recipient: Recipient, lang: Lang) -> &'static str {
    match recipient {
        Recipient::ProviderFocalPoint => say(lang, "le point focal", "the focal point"),
        Recipient::ProviderAlternate => say(lang, "le suppléant", "the alternate"),
        Recipient::ProviderHead => say(lang, "le chef de l’organisation", "the head of the organisation"),
        Recipient::Sender => say(lang, "le référent", "the sender"),
        Recipient::SenderSupervisor => say(lang, "le superviseur du référent", "the sender’s supervisor"),
        Recipient::RegionalFocalPoint => say(lang, "le point focal régional", "the regional focal point"),
        Recipient::Secretariat => say(lang, "le secrétariat technique", "the technical secretariat"),
        Recipient::SecretariatSupervisor => say(lang, "le superviseur du secrétariat", "the secretariat’s supervisor"),
    }
}

#[expect(clippy::too_many_arguments, reason = "the facts of one page")]
fn facts(
    tx: &mut Tx<'_>,
    mechanism: &Mechanism,
    file: &CaseFile,
    sight: &View,
    referral: &OpenReferral,
    code: &str,
    office: bool,
    lang: Lang,
) -> Result<Vec<Fact>, ActError> {
    if office {
        return Ok(Vec::new());
    }
    let View::File { classes, .. } = sight else {
        let offer = share::offer(
            mechanism,
            file,
            &referral.detail.service_type,
            referral.machine.priority,
            &referral.detail.access,
            code,
        );
        return Ok(share::offer_facts(mechanism, &offer, lang));
    };
    let (identity, contact) = file.person(tx)?;
    let mut facts = Vec::new();
    for class in DataClass::ALL.iter().filter(|c| classes.contains(**c)) {
        facts.extend(class_facts(mechanism, file, *class, &identity, &contact, lang));
    }
    Ok(facts)
}

fn after_classes(
    desk: &Desk,
    mechanism: &Mechanism,
    file: &CaseFile,
    network: &Network,
    referral: &OpenReferral,
    now: DateTime<Utc>,
    lang: Lang,
) -> Result<Vec<String>, ActError> {
    if ReferralStage::of(referral.machine.state) != ReferralStage::Offered {
        return Ok(Vec::new());
    }
    let (Some(service), Some(asked)) = (
        network.services.get(&referral.detail.service),
        mechanism.service_type(&referral.detail.service_type),
    ) else {
        return Ok(Vec::new());
    };
    let plan = share::plan(
        desk,
        mechanism,
        file,
        network,
        service,
        asked,
        referral.machine.priority,
        Some(referral.record.id),
        None,
        now,
    )?;
    // Before acceptance a restricted class would tell what the discreet label keeps.
    let (restricted, open): (Vec<_>, Vec<_>) = plan.after.iter().map(|(c, _)| *c).partition(|c| c.is_restricted());
    let mut labels: Vec<String> = open
        .into_iter()
        .filter_map(|class| mechanism.class(class))
        .map(|w| w.label.get(lang).to_owned())
        .collect();
    if !restricted.is_empty() {
        labels.push(share::restricted_says(lang).to_owned());
    }
    Ok(labels)
}

fn exchanges(referral: &OpenReferral, lang: Lang) -> Vec<Fact> {
    referral
        .detail
        .exchanges
        .iter()
        .map(|e| Fact {
            label: match e.kind.as_str() {
                "info_asked" => say(lang, "Question", "Question"),
                "info_answered" => say(lang, "Réponse", "Answer"),
                "reported" => say(lang, "Compte rendu", "Report"),
                "disputed" => say(lang, "Contestation", "Dispute"),
                "answer_contested" => say(lang, "Réponse notée, contestée", "Noted answer, contested"),
                _ => say(lang, "Note", "Note"),
            }
            .to_owned(),
            value: Some(e.text.clone()),
        })
        .collect()
}

/// Who gave the provider's word without signing in, and how it came; neither
/// name nor number where the provider is not named.
fn answered(referral: &OpenReferral, hidden: Option<&str>, lang: Lang) -> Vec<Fact> {
    referral
        .detail
        .answerers
        .iter()
        .map(|a| Fact {
            label: match a.channel {
                Channel::Telephone => say(lang, "Répondu au téléphone", "Answered by telephone"),
                Channel::Link => say(lang, "Répondu par lien", "Answered by link"),
                Channel::Paper => say(lang, "Répondu sur la fiche", "Answered on the slip"),
                Channel::Screen | Channel::Api | Channel::Clock => say(lang, "Répondu", "Answered"),
            }
            .to_owned(),
            value: Some(if let Some(word) = hidden {
                word.to_owned()
            } else if a.number.is_empty() {
                a.name.clone()
            } else {
                format!("{}, {}", a.name, a.number)
            }),
        })
        .collect()
}

/// The relay line: the stops of a referral that goes well, each with the time
/// at which it was passed.
pub(crate) fn stops(
    tx: &mut Tx<'_>,
    mechanism: &Mechanism,
    referral: &OpenReferral,
    lang: Lang,
) -> Result<Vec<Stop>, ActError> {
    const LINE: [(State, &str); 6] = [
        (State::Sent, "sent"),
        (State::Received, "received"),
        (State::Accepted, "accepted"),
        (State::InService, "started"),
        (State::Reported, "reported"),
        (State::Closed, "confirmed"),
    ];
    let events = relais_store::chain::newest_about(tx, referral.record.id.0, 500)?;
    let at = |kind: &str| events.iter().find(|e| e.kind == kind).map(|e| e.happened_at);
    let state = referral.machine.state;
    let position = match state {
        State::Draft => None,
        State::Sent => Some(0),
        State::Received | State::NeedsInfo | State::Waitlisted => Some(1),
        State::Accepted | State::Scheduled | State::NoShow => Some(2),
        State::InService => Some(3),
        State::Reported | State::Disputed => Some(4),
        _ => Some(LINE.len()),
    };
    Ok(LINE
        .iter()
        .enumerate()
        .map(|(n, (stop, kind))| {
            let passed_at = at(kind);
            Stop {
                label: mechanism.state(stop.code()).map_or_else(
                    || stop.code().to_owned(),
                    |s| {
                        if *stop == State::Closed {
                            say(lang, "Confirmé", "Confirmed").to_owned()
                        } else {
                            s.label.get(lang).to_owned()
                        }
                    },
                ),
                at: passed_at,
                passed: passed_at.is_some() || position.is_some_and(|p| n < p && p < LINE.len()),
                here: position == Some(n),
            }
        })
        .collect())
}

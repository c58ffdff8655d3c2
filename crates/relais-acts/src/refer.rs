//! Refer a need: services with reasons, exactly what the chosen one will see,
//! and the sending.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use relais_casework::calendar::local_date;
use relais_casework::need::{NeedCommand, decide_need};
use relais_casework::referral::{self, Command, Counts, DueKind, DueTimes, NewReferral, Referral};
use relais_casework::sharing::{Override, OverrideScope, grounds_offered};
use relais_mechanism::{ActingFor, Channel, ClassSet, DataClass, Lang, Mechanism, Priority, Sensitivity};
use relais_network::agreement::OverrideGround;
use relais_network::directory::{Query, Wanted};
use relais_network::service::{Service, Target};
use relais_network::{NeedId, OverrideId, ReferralId, ServiceId};
use relais_store::rows::cases::{self, NeedRecord, OverrideRecord, ReferralRecord};
use relais_store::{Tx, counters, ids};
use serde_json::json;

use crate::codes::{case_code, referral_code};
use crate::commands::SendReferral;
use crate::desk::{Desk, Viewer};
use crate::file::{CaseFile, OpenNeed, OpenReferral, ReferralDetail, seal};
use crate::needs::{limit_facts, may_write};
use crate::network::Network;
use crate::problem::ActError;
use crate::rules::{self, Rulebook};
use crate::say::say;
use crate::services::{coordinates, cursor, proposal};
use crate::share;
use crate::views::{Excluded, Made, Preview, ReferView};
use crate::write::{self, Doer, Stream};

/// Services shown on one page.
const SHOWN: usize = 6;
/// Longest reason, in characters.
pub const WORDS: usize = 200;

/// The page "refer a need", with the preview of one chosen service.
///
/// # Errors
/// [`ActError::NotFound`], [`ActError::Forbidden`].
pub async fn view(
    desk: &Arc<Desk>,
    viewer: &Viewer,
    need: NeedId,
    chosen: Option<ServiceId>,
    after: Option<String>,
) -> Result<ReferView, ActError> {
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let (file, network, mechanism) = open_need(tx, &desk_, &viewer_, need)?;
        let view = refer_view(
            tx,
            &desk_,
            &viewer_,
            &file,
            &network,
            &mechanism,
            need,
            chosen,
            after.as_deref(),
        )?;
        Ok((view, vec![file.record.id]))
    })
    .await
}

fn open_need(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    need: NeedId,
) -> Result<(CaseFile, Arc<Network>, Arc<Mechanism>), ActError> {
    let record = NeedRecord::find(tx, need)?.ok_or(ActError::NotFound)?;
    let (file, view, network) = CaseFile::load_for(tx, desk, viewer, record.case_id)?;
    let writes = may_write(&view, &file, viewer);
    if matches!(writes, Err(ActError::Forbidden { .. })) {
        return Err(ActError::NotFound);
    }
    writes?;
    // A new referral is made under the version in force, whatever the need was
    // recorded under.
    Ok((file, network, desk.mechanism()))
}

fn targets_of(file: &CaseFile) -> Vec<Target> {
    let mut targets = Vec::new();
    if file.card.child {
        targets.push(if file.card.travels_with.as_deref() == Some("alone") {
            Target::SeparatedChildren
        } else {
            Target::Children
        });
    } else if file.card.sex.as_deref() == Some("F") {
        targets.push(Target::Women);
    } else if file.card.sex.as_deref() == Some("M") {
        targets.push(Target::Men);
    }
    if file.card.age.is_some_and(|a| (15..=35).contains(&a)) {
        targets.push(Target::Youth);
    }
    targets
}

#[expect(clippy::too_many_arguments, reason = "the parts of one page")]
fn refer_view(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    file: &CaseFile,
    network: &Network,
    mechanism: &Arc<Mechanism>,
    id: NeedId,
    chosen: Option<ServiceId>,
    after: Option<&str>,
) -> Result<ReferView, ActError> {
    let lang = viewer.lang;
    let now = tx.now()?;
    let need = file.need(id).ok_or(ActError::NotFound)?;
    let asked = mechanism.service_type(&need.detail.service).ok_or(ActError::NotFound)?;
    let priority = need.detail.machine.priority;
    let home = file
        .card
        .destination
        .clone()
        .unwrap_or_else(|| file.record.region.clone());

    let mut query = Query::on(local_date(now));
    query.wanted = Some(Wanted::ServiceType(asked.code.clone()));
    query.near = coordinates(mechanism, &home);
    query.home = mechanism.place(&home).map(|p| p.code.clone());
    query.language = file.card.language.clone();
    query.targets = targets_of(file);
    query.urgent = matches!(priority, Priority::P1 | Priority::P2);
    query.limit = SHOWN;
    query.after = cursor(after)?;
    let page = network.directory.search(&query);

    let mut proposals = Vec::new();
    let mut excluded = Vec::new();
    for hit in &page.hits {
        let service = hit.entry.service;
        match reason_against(desk, mechanism, file, network, need, service, priority, now, lang)? {
            Some(out) => excluded.push(out),
            None => {
                proposals.push(proposal(
                    mechanism,
                    network,
                    service,
                    hit.distance_km,
                    &hit.reasons,
                    lang,
                ));
            }
        }
    }
    for tried in &need.detail.machine.tried {
        if let Some(service) = network.services.get(tried)
            && !excluded.iter().any(|e| e.name == service.name.get(lang))
        {
            excluded.extend(reason_against(
                desk, mechanism, file, network, need, service, priority, now, lang,
            )?);
        }
    }
    let preview = match chosen.and_then(|id| network.services.get(&id)) {
        Some(service) => Some(preview(tx, desk, viewer, file, network, mechanism, need, service, now)?),
        None => None,
    };
    let labels = share::labels(mechanism, &need.detail.service);
    Ok(ReferView {
        need: crate::case::need_row(mechanism, file, need, &labels.plain, viewer, network, now, true),
        case_id: file.record.id,
        case_code: case_code(mechanism, file.seq),
        initials: file.card.initials.clone(),
        place: share::place_name(mechanism, &home, lang),
        proposals,
        excluded,
        earlier: file
            .referrals
            .iter()
            .rev()
            .filter(|r| r.record.need_id == id)
            .map(|r| crate::day::work_row(mechanism, network, viewer, file, r, &labels.plain, now))
            .collect(),
        preview,
        next: page.next.map(|c| c.to_string()),
    })
}

/// Why a service cannot be asked for this need, if it cannot.
#[expect(clippy::too_many_arguments, reason = "the facts of one question")]
fn reason_against(
    desk: &Desk,
    mechanism: &Mechanism,
    file: &CaseFile,
    network: &Network,
    need: &OpenNeed,
    service: &Service,
    priority: Priority,
    now: DateTime<Utc>,
    lang: Lang,
) -> Result<Option<Excluded>, ActError> {
    let name = service.name.get(lang).to_owned();
    if need.detail.machine.tried.contains(&service.id) {
        let last = file.referrals.iter().rev().find(|r| r.detail.service == service.id);
        let why = last.map_or_else(
            || say(lang, "déjà sollicité", "already asked").to_owned(),
            |r| match r.machine.decline {
                Some(code) => mechanism
                    .option_label("decline_reason", code.code(), lang)
                    .unwrap_or(code.code())
                    .to_lowercase(),
                None => mechanism.state(r.machine.state.code()).map_or_else(
                    || r.machine.state.code().to_owned(),
                    |s| s.label.get(lang).to_lowercase(),
                ),
            },
        );
        return Ok(Some(Excluded {
            name,
            why,
            remedy: say(
                lang,
                "Un service déjà sollicité ne l’est pas deux fois.",
                "A service is not asked twice.",
            )
            .to_owned(),
        }));
    }
    let asked = mechanism.service_type(&need.detail.service).ok_or(ActError::NotFound)?;
    let plan = share::plan(
        desk, mechanism, file, network, service, asked, priority, None, None, now,
    )?;
    Ok(plan
        .blocked
        .filter(|refusal| !is_missing_consent(*refusal))
        .map(|refusal| Excluded {
            name,
            why: refusal.why(lang).to_owned(),
            remedy: refusal.remedy(lang).to_owned(),
        }))
}

/// A missing consent is said in the preview, where it can be asked for; it
/// says nothing against the service.
fn is_missing_consent(refusal: relais_network::agreement::SharingRefusal) -> bool {
    use relais_network::agreement::SharingRefusal as R;
    !matches!(
        refusal,
        R::NoAgreement
            | R::AgreementExpired
            | R::AgreementDenounced
            | R::NotInAnnex
            | R::PurposeNotInAnnex
            | R::AboveSensitivity
            | R::ProtectedCircuit
    )
}

#[expect(clippy::too_many_arguments, reason = "the parts of one preview")]
fn preview(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    file: &CaseFile,
    network: &Network,
    mechanism: &Arc<Mechanism>,
    need: &OpenNeed,
    service: &Service,
    now: DateTime<Utc>,
) -> Result<Preview, ActError> {
    let lang = viewer.lang;
    let asked = mechanism.service_type(&need.detail.service).ok_or(ActError::NotFound)?;
    let priority = need.detail.machine.priority;
    let plan = share::plan(
        desk, mechanism, file, network, service, asked, priority, None, None, now,
    )?;
    let offer = share::offer(
        mechanism,
        file,
        &asked.code,
        priority,
        &[],
        say(lang, "à l’envoi", "when sent"),
    );
    let (identity, contact) = file.person(tx)?;
    let mut after = Vec::new();
    for (class, _) in &plan.after {
        after.extend(crate::case::class_facts(
            mechanism, file, *class, &identity, &contact, lang,
        ));
    }
    let bases: Vec<_> = plan.after.iter().map(|(_, b)| *b).collect();
    let rulebook = rulebook(desk, mechanism, file, need, service)?;
    let limits = [DueKind::Acknowledge, DueKind::Decide, DueKind::FirstContact]
        .into_iter()
        .map(|kind| (kind, rulebook.times.due(kind, priority, now).map(|d| d.at)))
        .collect();
    let calls = if priority == Priority::P1 {
        calls(mechanism, network, service, &file.record.region, lang)
    } else {
        Vec::new()
    };
    Ok(Preview {
        service: proposal(mechanism, network, service, None, &[], lang),
        now: share::offer_facts(mechanism, &offer, lang),
        after,
        basis: share::basis_says(&bases, file, network, lang),
        never: plan
            .never
            .iter()
            .map(|(class, why)| {
                let name = mechanism
                    .class(*class)
                    .map_or(class.code(), |w| w.label.get(lang))
                    .to_owned();
                (name, why.why(lang).to_owned())
            })
            .collect(),
        blocked: plan
            .blocked
            .map(|r| (r.why(lang).to_owned(), r.remedy(lang).to_owned())),
        limits,
        calls,
        needs_interim: priority == Priority::P2 && !service.on_call,
        overrides: grounds_offered(priority, file.card.child)
            .into_iter()
            .filter(|g| *g != OverrideGround::Legal)
            .map(|g| g.code().to_owned())
            .collect(),
    })
}

/// P1: the numbers to call in order: the service, its organisation, then the
/// on-call list of the region and the national fallback.
fn calls(
    mechanism: &Mechanism,
    network: &Network,
    service: &Service,
    region: &str,
    lang: Lang,
) -> Vec<(String, String)> {
    let mut calls: Vec<(String, String)> = service
        .telephones
        .iter()
        .map(|t| {
            (
                if t.who.is_empty() {
                    service.name.get(lang).to_owned()
                } else {
                    t.who.clone()
                },
                t.number.clone(),
            )
        })
        .collect();
    if let Some(organisation) = network.organisations.get(&service.organisation)
        && let Some(number) = &organisation.telephone
        && !calls.iter().any(|(_, n)| n == number)
    {
        calls.push((organisation.name.get(lang).to_owned(), number.clone()));
    }
    calls.extend(
        mechanism
            .on_call(region)
            .into_iter()
            .map(|n| (n.label.get(lang).to_owned(), n.number.clone())),
    );
    calls
}

fn region_of(network: &Network, service: &Service, file: &CaseFile) -> String {
    network
        .places
        .get(&service.place)
        .and_then(|p| p.region.clone())
        .or_else(|| {
            network
                .organisations
                .get(&service.organisation)
                .and_then(|o| o.region.clone())
        })
        .unwrap_or_else(|| file.record.region.clone())
}

fn rulebook(
    desk: &Desk,
    mechanism: &Arc<Mechanism>,
    file: &CaseFile,
    need: &OpenNeed,
    service: &Service,
) -> Result<Rulebook, ActError> {
    let region = region_of(&desk.network(), service, file);
    Rulebook::new(
        desk,
        Arc::clone(mechanism),
        need.detail.machine.priority,
        &need.detail.service,
        &region,
        service.on_call,
        limit_facts(file),
    )
}

/// Sends a referral of a need to a service.
///
/// # Errors
/// [`ActError::NotFound`], [`ActError::Invalid`], [`ActError::Refused`] with
/// the rule that stands against it.
pub async fn send(desk: &Arc<Desk>, viewer: &Viewer, need: NeedId, command: SendReferral) -> Result<Made, ActError> {
    let (desk_, viewer) = (Arc::clone(desk), viewer.clone());
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            write::once(tx, &viewer, "referral", command.id, &(need, &command), |tx| {
                send_in(tx, &desk_, &viewer, need, &command)
            })
        })
        .await
}

fn check_words(command: &SendReferral) -> Result<(), ActError> {
    if command.words.chars().count() > WORDS {
        return Err(ActError::field(
            "words",
            "too_long",
            (
                "200 signes au plus : raccourcissez.",
                "200 characters at most: make it shorter.",
            ),
        ));
    }
    if !command.person_informed {
        return Err(ActError::field(
            "person_informed",
            "required",
            (
                "Dites à la personne que vous envoyez cette demande, et à qui, puis cochez.",
                "Tell the person that you send this request, and to whom, then tick.",
            ),
        ));
    }
    Ok(())
}

fn send_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    need_id: NeedId,
    command: &SendReferral,
) -> Result<Made, ActError> {
    let case = NeedRecord::find(tx, need_id)?.ok_or(ActError::NotFound)?.case_id;
    cases::lock_case(tx, case)?;
    let (mut file, network, mechanism) = open_need(tx, desk, viewer, need_id)?;
    check_words(command)?;
    let now = tx.now()?;
    let (holder, slot) = (file.record.holder_id, file.record.slot);
    let need = file.need(need_id).ok_or(ActError::NotFound)?.clone();
    let service = network
        .services
        .get(&ServiceId(command.service))
        .ok_or_else(unknown_service)?
        .clone();
    let asked = mechanism
        .service_type(&need.detail.service)
        .ok_or(ActError::NotFound)?
        .clone();
    if service.service_type != asked.code {
        return Err(unknown_service());
    }
    let priority = need.detail.machine.priority;
    let id = ReferralId(command.id);
    let rulebook = rulebook(desk, &mechanism, &file, &need, &service)?;
    let exception = make_override(viewer, &file, command, id, &service, asked.needs, now)?;
    let plan = share::plan(
        desk,
        &mechanism,
        &file,
        &network,
        &service,
        &asked,
        priority,
        Some(id),
        exception.as_ref(),
        now,
    )?;
    if let Some(refusal) = plan.blocked {
        return Err(ActError::Refused {
            code: refusal.code().to_owned(),
            why: crate::say::label(refusal.why(Lang::Fr), refusal.why(Lang::En)),
            remedy: crate::say::label(refusal.remedy(Lang::Fr), refusal.remedy(Lang::En)),
        });
    }
    if priority == Priority::P1 && command.stays_with.trim().is_empty() {
        return Err(ActError::field(
            "stays_with",
            "required",
            (
                "Urgence : écrivez qui reste avec la personne jusqu’à ce que quelqu’un dise « je prends ».",
                "Emergency: write who stays with the person until somebody says “I take it”.",
            ),
        ));
    }

    let actor = rules::actor(
        viewer,
        ActingFor::Sender,
        if viewer.api { Channel::Api } else { Channel::Screen },
    );
    let ctx = rulebook.context(now, now, holder);
    let draft = Referral::draft(
        NewReferral {
            id,
            case,
            need: need_id,
            service: service.id,
            provider: service.organisation,
            priority,
            sensitivity: asked.min_sensitivity,
            protected: file.record.regime == "protected",
            on_call: service.on_call,
        },
        need.detail.machine.due.clone(),
    );
    let interim = command.interim.trim();
    let send = Command::Send {
        interim: (!interim.is_empty()).then(|| interim.to_owned()),
    };
    let events = referral::decide(&draft, &send, &actor, &ctx)?;
    let machine = draft.apply_all(&events);
    let referred = decide_need(
        &need.detail.machine,
        &NeedCommand::Refer {
            referral: id,
            service: service.id,
        },
        &actor,
        &ctx,
    )?;

    let previous = file
        .referrals
        .iter()
        .rev()
        .find(|r| r.record.need_id == need_id)
        .map(|r| r.record.id);
    let restricted = asked.min_sensitivity == Sensitivity::S4;
    let mut open = OpenReferral {
        seq: 0,
        record: ReferralRecord {
            id,
            need_id,
            case_id: case,
            year: 0,
            region: region_of(&network, &service, &file),
            sender_id: holder,
            provider_id: service.organisation,
            service_id: (!restricted).then_some(service.id),
            restricted,
            priority: priority.code().to_owned(),
            state: String::new(),
            outcome: None,
            confirmation: None,
            decline_code: None,
            owner_id: None,
            owner_role: None,
            owner_side: None,
            due_kind: None,
            due_from: None,
            due_at: None,
            calendar: None,
            sent_at: None,
            ended_at: None,
            previous_id: previous,
            progress: String::new(),
            mechanism_hash: mechanism.hash().to_owned(),
            detail: Vec::new(),
            version: 0,
        },
        detail: ReferralDetail {
            service_type: asked.code.clone(),
            service: service.id,
            words: command.words.trim().to_owned(),
            access: command.access.clone(),
            interim: interim.to_owned(),
            stays_with: command.stays_with.trim().to_owned(),
            exchanges: Vec::new(),
            answerers: Vec::new(),
        },
        machine,
    };
    write::new_referral(tx, &mut open, slot, holder, now)?;
    let clocks = open
        .machine
        .clocks(&rulebook.times, mechanism.ladder(), Counts::from(mechanism.rules()));
    write::due_work(
        tx,
        id.0,
        open.machine.version,
        clocks.into_iter().map(|c| (format!("{}@{}", c.kind, c.percent), c.at)),
    )?;
    if let Some(need) = file.needs.iter_mut().find(|n| n.record.id == need_id) {
        need.detail.machine = need.detail.machine.apply(&referred);
        write::save_need(tx, need, slot, holder, false)?;
    }

    let mut stream = Stream::lock(tx, case, slot, Doer::of(viewer, ActingFor::Sender), mechanism.hash())?;
    let facts = json!({
        "state": open.machine.state,
        "need": need_id,
        "provider": service.organisation,
        "priority": priority,
        "due": open.record.due_at,
        "informed": command.person_informed,
        "called": command.provider_called,
        "vital": plan.vital,
    });
    stream.add(tx, id.0, "sent", &facts, now, &open.detail.words)?;
    if let Some(exception) = &exception {
        write_override(tx, exception, slot, &mut stream, now)?;
    }
    write::disclosure(tx, case, id, service.organisation, "offer", ClassSet::EMPTY, &[], now)?;
    if network.with_account.contains(&service.organisation) {
        write::notice(
            tx,
            "sent",
            Some(service.organisation),
            relais_mechanism::Role::FocalPoint,
            id.0,
        )?;
    }
    let group = need.record.group_code;
    counters::add(tx, &open.record.region, &group, "referrals_sent", 1)?;
    Ok(Made {
        id: id.0,
        code: referral_code(open.record.year, open.seq),
        version: open.machine.version,
    })
}

fn unknown_service() -> ActError {
    ActError::field(
        "service",
        "unknown_option",
        (
            "Choisissez un service de la liste proposée.",
            "Choose a service from the list offered.",
        ),
    )
}

fn make_override(
    viewer: &Viewer,
    file: &CaseFile,
    command: &SendReferral,
    referral: ReferralId,
    service: &Service,
    needs: ClassSet,
    now: DateTime<Utc>,
) -> Result<Option<Override>, ActError> {
    let Some(kind) = command.override_kind.as_deref().filter(|k| !k.is_empty()) else {
        return Ok(None);
    };
    let ground = OverrideGround::from_code(kind).ok_or_else(|| {
        ActError::field(
            "override_kind",
            "unknown_option",
            ("Choisissez VITAL, CHILD ou LEGAL.", "Choose VITAL, CHILD or LEGAL."),
        )
    })?;
    let exception = Override {
        id: OverrideId(ids::new_v7(now)),
        case: file.record.id,
        ground,
        text: command.override_reason.trim().to_owned(),
        author: viewer.user,
        organisation: viewer.organisation,
        recipient: service.organisation,
        classes: needs.with(DataClass::Identity).with(DataClass::Contact),
        scope: OverrideScope::Referral { referral },
        made_at: now,
        cosigned: None,
    };
    exception.check(file.card.child).map_err(|problem| {
        ActError::field(
            "override_reason",
            problem.code(),
            (
                "Écrivez la raison de la dérogation ; CHILD ne vaut que pour un enfant.",
                "Write the reason of the override; CHILD holds for a child only.",
            ),
        )
    })?;
    Ok(Some(exception))
}

fn write_override(
    tx: &mut Tx<'_>,
    exception: &Override,
    slot: i64,
    stream: &mut Stream<'_>,
    now: DateTime<Utc>,
) -> Result<(), ActError> {
    let sealer = tx.sealer();
    let referral = match exception.scope {
        OverrideScope::Referral { referral } => Some(referral),
        OverrideScope::TwoHours => None,
    };
    OverrideRecord {
        id: exception.id,
        case_id: exception.case,
        referral_id: referral,
        kind: exception.ground.code().to_owned(),
        author_id: exception.author,
        at: now,
        until_at: exception.ends_at(),
        cosign_due_at: exception.cosign_due(),
        cosigned_by: None,
        cosigned_at: None,
        reason: seal(&sealer, "override_row", "reason", exception.id.0, slot, exception)?,
    }
    .insert(tx)?;
    write::due_work(
        tx,
        exception.id.0,
        1,
        [("cosign@100".to_owned(), exception.cosign_due())],
    )?;
    let (organisation, role) = exception.owner();
    write::notice(tx, "cosign", Some(organisation), role, exception.id.0)?;
    stream.add(
        tx,
        exception.id.0,
        "override_written",
        &json!({ "ground": exception.ground }),
        now,
        "",
    )?;
    Ok(())
}

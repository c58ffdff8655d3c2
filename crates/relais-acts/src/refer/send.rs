//! The sending of a referral: one unit of work.

use std::sync::Arc;

use relais_casework::calendar::local_date;
use relais_casework::need::{NeedCommand, decide_need};
use relais_casework::referral::{self, Command, Counts, NewReferral, Referral};
use relais_mechanism::{ActingFor, Channel, ClassSet, Priority, Sensitivity};
use relais_network::{NeedId, ReferralId, ServiceId};
use relais_store::Tx;
use relais_store::rows::cases::{self, ReferralRecord};
use serde_json::json;

use super::{let_refer, region_of, rulebook};
use crate::codes::referral_code;
use crate::commands::SendReferral;
use crate::desk::{Desk, Viewer};
use crate::file::{CaseFile, OpenReferral, ReferralDetail};
use crate::overrides;
use crate::payments::{self, KeptPayment};
use crate::problem::{ActError, FieldProblem};
use crate::rules;
use crate::share;
use crate::views::Made;
use crate::webhooks::{self, Told};
use crate::write::{self, Doer, Stream};

/// Longest reason, in characters.
pub const WORDS: usize = 200;

/// Sends a referral of a need to a service.
///
/// # Errors
/// [`ActError::NotFound`], [`ActError::Invalid`], [`ActError::Refused`] with
/// the rule that stands against it.
pub async fn send(desk: &Arc<Desk>, viewer: &Viewer, need: NeedId, command: SendReferral) -> Result<Made, ActError> {
    let told = told(desk, viewer, need, &command.code).await?;
    let (desk_, viewer) = (Arc::clone(desk), viewer.clone());
    // Opening a file is half of the work: it is done before the line of those
    // that write, whose lock on the case then says whether it still stands.
    let ahead = desk
        .store()
        .ahead(move |tx| match cases::case_of_need(tx, need)? {
            Some(case) => Ok(CaseFile::load(tx, case)?.map(Arc::new)),
            None => Ok(None),
        })
        .await;
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            write::once(tx, &viewer, "referral", command.id, &(need, &command), |tx| {
                send_in(tx, &desk_, &viewer, need, &command, told, ahead.as_ref())
            })
        })
        .await
}

/// The service to which the code leads that was typed, if one was.
///
/// # Errors
/// As [`crate::shelter::opened`].
pub(crate) async fn told(
    desk: &Arc<Desk>,
    viewer: &Viewer,
    need: NeedId,
    code: &str,
) -> Result<Option<ServiceId>, ActError> {
    if code.trim().is_empty() {
        return Ok(None);
    }
    crate::shelter::opened(desk, viewer, need, code).await.map(Some)
}

fn check_words(command: &SendReferral) -> Result<(), ActError> {
    let mut wrong: Vec<_> = FieldProblem::too_long("words", &command.words, WORDS)
        .into_iter()
        .collect();
    if !command.person_informed {
        let tell = (
            "Dites à la personne que vous envoyez cette demande, et à qui, puis cochez.",
            "Tell the person that you send this request, and to whom, then tick.",
        );
        wrong.push(FieldProblem::new("person_informed", "required", tell));
    }
    if command.override_kind.as_deref().is_some_and(|kind| !kind.is_empty()) {
        wrong.extend(overrides::wrong_reason("override_reason", &command.override_reason));
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(ActError::Invalid(wrong))
    }
}

fn send_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    need_id: NeedId,
    command: &SendReferral,
    told: Option<ServiceId>,
    ahead: Option<&Arc<CaseFile>>,
) -> Result<Made, ActError> {
    let case = match ahead {
        Some(file) => file.record.id,
        None => cases::case_of_need(tx, need_id)?.ok_or(ActError::NotFound)?,
    };
    let mut file = CaseFile::locked(tx, case, ahead)?.ok_or(ActError::NotFound)?;
    let (network, mechanism) = let_refer(tx, desk, viewer, &file)?;
    check_words(command)?;
    let now = tx.now()?;
    if let Some(instead) = command.instead_of {
        // Under the lock already: read again, to be written to.
        let mut open = CaseFile::load(tx, case)?.ok_or(ActError::NotFound)?;
        super::reroute::take_back(tx, desk, viewer, &mut open, &network, need_id, ReferralId(instead))?;
        file = Arc::new(open);
    }
    let (holder, slot) = (file.record.holder_id, file.record.slot);
    let mut need = file.need(need_id).ok_or(ActError::NotFound)?.clone();
    let priority = need.detail.machine.priority;
    let service = super::askable(&network, &file, ServiceId(command.service), told, Some(priority))
        .ok_or_else(unknown_service)?
        .clone();
    let asked = mechanism
        .service_type(&need.detail.service)
        .ok_or(ActError::NotFound)?
        .clone();
    if service.service_type != asked.code {
        return Err(unknown_service());
    }
    if let Some(payment) = &command.payment {
        payments::check(&mechanism, payment, local_date(now), str::to_owned)?;
    }
    let id = ReferralId(command.id);
    let rulebook = rulebook(desk, &mechanism, &file, &need, &service)?;
    let exception = overrides::for_sending(
        tx,
        viewer,
        &file,
        command,
        need_id,
        &service,
        asked.needs,
        priority,
        now,
    )?;
    let plan = share::plan(
        desk,
        &mechanism,
        &file,
        &network,
        &service,
        &asked,
        priority,
        Some(id),
        exception.as_ref().map(|(detail, _)| &detail.exception),
        now,
    )?;
    share::unless_blocked(&plan)?;
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
            protected: file.is_protected(),
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
            payment: command.payment.as_ref().map(|payment| KeptPayment {
                payment: payments::tidy(payment),
                version: 1,
            }),
            suggested: None,
        },
        machine,
    };
    write::new_referral(tx, &mut open, slot, holder, now)?;
    if priority == Priority::P1 {
        crate::calls::begin(tx, &file, &mechanism, &open, now)?;
    }
    let clocks = open
        .machine
        .clocks(&rulebook.times, mechanism.ladder(), Counts::from(mechanism.rules()));
    write::due_work(
        tx,
        id.0,
        open.machine.version,
        clocks.into_iter().map(|c| (format!("{}@{}", c.kind, c.percent), c.at)),
    )?;
    need.detail.machine = need.detail.machine.apply(&referred);
    write::save_need(tx, &mut need, slot, holder, false)?;

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
    if let Some((detail, true)) = &exception {
        overrides::put(tx, &file, detail, &mut stream, now)?;
    }
    write::disclosure(
        tx,
        slot,
        case,
        Some(id),
        service.organisation,
        "offer",
        ClassSet::EMPTY,
        &[],
        now,
    )?;
    if network.with_account.contains(&service.organisation) {
        write::notice(
            tx,
            "sent",
            Some(service.organisation),
            relais_mechanism::Role::FocalPoint,
            id.0,
        )?;
    } else if desk.is_sending() {
        let role = relais_mechanism::Role::FocalPoint;
        write::notice(tx, crate::messages::LINK, Some(service.organisation), role, id.0)?;
    }
    let told = Told::both(holder, service.organisation);
    webhooks::happened(tx, &network, &file, (id, open.machine.version), "sent", told)?;
    write::count(
        tx,
        &file,
        &open.record.region,
        &need.record.group_code,
        "referrals_sent",
    )?;
    Ok(Made {
        id: id.0,
        code: referral_code(open.record.year, open.seq),
        version: open.machine.version,
    })
}

/// The service is none that answers this need.
#[must_use]
pub fn unknown_service() -> ActError {
    ActError::field(
        "service",
        "unknown_option",
        (
            "Choisissez un service de la liste proposée.",
            "Choose a service from the list offered.",
        ),
    )
}

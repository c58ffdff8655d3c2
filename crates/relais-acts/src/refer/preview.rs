//! Exactly what a chosen service will see now, after acceptance and never.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use relais_casework::calls::Line;
use relais_casework::referral::{DueKind, DueTimes};
use relais_casework::sharing::{OverrideScope, grounds_for};
use relais_casework::visible::visible;
use relais_mechanism::{Lang, Mechanism, Priority};
use relais_network::OrganisationId;
use relais_network::agreement::SharingRefusal;
use relais_network::service::Service;
use relais_store::Tx;

use super::repeat::repeats_of;
use super::rulebook;
use crate::desk::{Desk, Viewer};
use crate::file::{CaseFile, OpenNeed};
use crate::network::Network;
use crate::problem::ActError;
use crate::say::say;
use crate::services::proposal;
use crate::share;
use crate::shelter::{self, Names};
use crate::views::{Preview, Proposal};
use crate::{cosign, overrides};

/// The service as the viewer may know it: of a confidential one, that it is a
/// safe shelter and which numbers to call, and nothing by which it is found.
fn named_to(
    names: &Names<'_>,
    mechanism: &Mechanism,
    network: &Network,
    service: &Service,
    lang: Lang,
    on_call: Vec<Line>,
) -> Proposal {
    let known = proposal(mechanism, network, service, None, &[], lang);
    if !network.is_confidential(service.id) {
        return known;
    }
    Proposal {
        name: names.word().to_owned(),
        organisation: names.word().to_owned(),
        organisation_id: OrganisationId(uuid::Uuid::nil()),
        place: String::new(),
        capacity: String::new(),
        cost: String::new(),
        confirmed_on: None,
        paid: Vec::new(),
        telephones: shelter::numbers(on_call),
        ..known
    }
}

#[expect(clippy::too_many_arguments, reason = "the parts of one preview")]
pub(super) fn preview(
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
    let written = overrides::of_case(tx, file)?;
    let standing = overrides::standing(&written, file, need.record.id, service, now);
    let exception = standing.map(|o| &o.detail.exception);
    let referral = exception.and_then(|o| match o.scope {
        OverrideScope::Referral { referral } => Some(referral),
        OverrideScope::TwoHours | OverrideScope::Emergency => None,
    });
    let plan = share::plan(
        desk, mechanism, file, network, service, asked, priority, referral, exception, now,
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
    let own = visible(&file.facts(), &viewer.sight(network), now).classes();
    let mut after = crate::case::after_facts(mechanism, file, &plan, own, &identity, &contact, lang);
    let given = plan.after_classes().intersection(own);
    after.extend(crate::forms::parts(tx, desk, file, (&identity, &contact), given, lang)?);
    let bases: Vec<_> = plan.after.iter().map(|(_, b)| *b).collect();
    let rulebook = rulebook(desk, mechanism, file, need, service)?;
    let limits = [DueKind::Acknowledge, DueKind::Decide, DueKind::FirstContact]
        .into_iter()
        .map(|kind| (kind, rulebook.times.due(kind, priority, now).map(|d| d.at)))
        .collect();
    let names = Names::of_case(network, viewer, file);
    let on_call = if network.is_confidential(service.id) {
        shelter::on_call(tx, mechanism, &file.record, lang)?
    } else {
        Vec::new()
    };
    let calls = if priority == Priority::P1 {
        crate::calls::lines(
            tx,
            mechanism,
            network,
            service,
            &file.record.region,
            file.is_protected(),
            lang,
        )?
        .into_iter()
        .map(|l| (l.who, l.number))
        .collect()
    } else {
        Vec::new()
    };
    Ok(Preview {
        service: named_to(&names, mechanism, network, service, lang, on_call),
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
        ask_consent: matches!(
            plan.blocked,
            Some(SharingRefusal::NoConsent | SharingRefusal::ConsentExpired)
        ),
        blocked: plan
            .blocked
            .map(|r| (r.why(lang).to_owned(), r.remedy(lang).to_owned())),
        limits,
        calls,
        minutes: mechanism.rules().minutes_per_number,
        needs_interim: priority == Priority::P2 && !service.on_call,
        overrides: if standing.is_some() {
            Vec::new()
        } else {
            grounds_for(&plan, priority, file.card.child)
                .into_iter()
                .map(|g| g.code().to_owned())
                .collect()
        },
        exception: cosign::of_preview(tx, network, &names, &written, standing, need.record.id, service, now)?,
        referral,
        repeats: repeats_of(tx, desk, viewer, network, file, need.record.id, &asked.code, now)?,
    })
}

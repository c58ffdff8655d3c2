//! Exactly what a chosen service will see now, after acceptance and never.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use relais_casework::referral::{DueKind, DueTimes};
use relais_casework::sharing::{OverrideScope, grounds_for};
use relais_casework::visible::visible;
use relais_mechanism::{Mechanism, Priority};
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
use crate::views::{Fact, Preview};
use crate::{cosign, overrides};

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
    let mut after = Vec::new();
    // A holder by transfer may itself lack a class that the provider would get.
    let own = visible(&file.facts(), &viewer.sight(network), now).classes();
    for (class, _) in &plan.after {
        if own.contains(*class) {
            after.extend(crate::case::class_facts(
                mechanism, file, *class, &identity, &contact, lang,
            ));
        } else {
            after.extend(mechanism.class(*class).map(|w| Fact {
                label: w.label.get(lang).to_owned(),
                value: None,
            }));
        }
    }
    let bases: Vec<_> = plan.after.iter().map(|(_, b)| *b).collect();
    let rulebook = rulebook(desk, mechanism, file, need, service)?;
    let limits = [DueKind::Acknowledge, DueKind::Decide, DueKind::FirstContact]
        .into_iter()
        .map(|kind| (kind, rulebook.times.due(kind, priority, now).map(|d| d.at)))
        .collect();
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
        exception: cosign::of_preview(tx, network, &written, standing, need.record.id, service, now, lang)?,
        referral,
        repeats: repeats_of(tx, desk, viewer, network, file, need.record.id, &asked.code, now)?,
    })
}

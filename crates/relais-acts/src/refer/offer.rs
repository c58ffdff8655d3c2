//! The services offered for a need, each with its reasons, and why others
//! cannot be asked.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use relais_casework::calendar::local_date;
use relais_casework::visible::visible;
use relais_mechanism::{DataClass, Lang, Mechanism, Priority};
use relais_network::directory::{Hit, Query, Wanted};
use relais_network::service::{Service, Target};
use relais_network::{NeedId, ServiceId};
use relais_store::Tx;

use super::preview::preview;
use crate::codes::case_code;
use crate::desk::{Desk, Viewer};
use crate::file::{CaseFile, OpenNeed};
use crate::network::Network;
use crate::problem::ActError;
use crate::say::say;
use crate::services::{coordinates, cursor, proposal};
use crate::share;
use crate::views::{Excluded, ReferView};

/// Services shown on one page.
const SHOWN: usize = 6;

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

/// The services found, and where the next page begins. In the protected circuit
/// those of the State are passed over, and the page filled with others.
fn offered<'d>(network: &'d Network, mut query: Query, protected: bool) -> (Vec<Hit<'d>>, Option<String>) {
    let mut hits = Vec::new();
    loop {
        let page = network.directory.search(&query);
        let open = |hit: &Hit<'_>| !(protected && network.is_state(hit.entry.organisation.id));
        hits.extend(page.hits.into_iter().filter(open));
        match page.next {
            Some(next) if protected && hits.len() < SHOWN => query.after = Some(next),
            next => return (hits, next.map(|c| c.to_string())),
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "the parts of one page")]
pub(super) fn refer_view(
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
    let (hits, next) = offered(network, query, file.is_protected());

    let mut proposals = Vec::new();
    let mut excluded = Vec::new();
    for hit in &hits {
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
    let own = visible(&file.facts(), &viewer.sight(network), now).classes();
    Ok(ReferView {
        need: crate::case::need_row(mechanism, file, need, &labels.plain, viewer, network, now, true),
        case_id: file.record.id,
        case_code: case_code(mechanism, file.seq),
        initials: if own.contains(DataClass::Identity) {
            file.card.initials.clone()
        } else {
            String::new()
        },
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
        next,
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

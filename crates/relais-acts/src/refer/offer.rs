//! The services offered for a need, each with its reasons, and why others
//! cannot be asked.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use relais_casework::calendar::local_date;
use relais_casework::visible::{Shown, visible, visible_need};
use relais_mechanism::{DataClass, Lang, Mechanism, Priority};
use relais_network::NeedId;
use relais_network::directory::{Hit, MAX_LIMIT, Query, Wanted};
use relais_network::gate;
use relais_network::service::{Service, Target};
use relais_store::Tx;

use super::preview::preview;
use super::unpublished;
use crate::codes::case_code;
use crate::desk::{Desk, Viewer};
use crate::file::{CaseFile, OpenNeed, OpenReferral};
use crate::network::Network;
use crate::problem::ActError;
use crate::referral_view;
use crate::say::say;
use crate::services::{coordinates, cursor, proposal};
use crate::share;
use crate::shelter::{self, Names};
use crate::views::{Excluded, Proposal, ReferView, ShelterBox};

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

/// Whether a service says that it serves a place, all of it or a part.
pub(super) fn serves(service: &Service, home: &str) -> bool {
    let area = service.served_area.pcode();
    area.is_none_or(|a| home.starts_with(a) || a.starts_with(home))
}

/// The services of a type that serve the person's place, whose provider has left too
/// many requests unanswered to be offered: whoever misses one reads why.
fn silent(network: &Network, service_type: &str, home: &str, protected: bool, lang: Lang) -> Vec<Excluded> {
    let mut found: Vec<Excluded> = network
        .services
        .values()
        .filter(|s| s.service_type == service_type && s.status.is_offered())
        .filter(|s| network.is_withheld(s) && !network.is_confidential(s.id))
        .filter(|s| !(protected && network.is_state(s.organisation)))
        .filter(|s| serves(s, home))
        .map(|s| Excluded {
            name: s.name.get(lang).to_owned(),
            why: say(
                lang,
                "Ses dernières demandes sont restées sans réponse.",
                "The last requests to it were left unanswered.",
            )
            .to_owned(),
            remedy: say(
                lang,
                "Téléphonez-lui\u{a0}: dès qu’il répond ou confirme sa fiche, il est proposé de nouveau.",
                "Telephone: once it answers, or confirms its entry, it is proposed again.",
            )
            .to_owned(),
        })
        .collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found.truncate(SHOWN);
    found
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
    chosen: Option<&Service>,
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

    let place = share::place_name(mechanism, &home, lang);
    let names = Names::new(network, viewer);

    let mut query = Query::on(local_date(now));
    query.wanted = Some(Wanted::ServiceType(asked.code.clone()));
    query.near = coordinates(mechanism, &home);
    query.home = mechanism.place(&home).map(|p| p.code.clone());
    query.language = file.card.language.clone();
    query.targets = targets_of(file);
    query.urgent = matches!(priority, Priority::P1 | Priority::P2);
    query.limit = SHOWN;
    query.after = cursor(after)?;
    let (hits, next) = offered(network, query.clone(), file.is_protected());

    let mut proposals = Vec::new();
    let mut excluded = Vec::new();
    for hit in &hits {
        let service = hit.entry.service;
        match reason_against(desk, mechanism, file, network, &names, need, service, priority, now)? {
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
    // What a provider of the chain suggested stands first, on the first page.
    if after.is_none()
        && let Some(service) = referral_view::suggested(file, need, network).and_then(|s| network.services.get(&s))
        && service.service_type == asked.code
        && reason_against(desk, mechanism, file, network, &names, need, service, priority, now)?.is_none()
    {
        proposals.retain(|p: &Proposal| p.id != service.id);
        let mut first = proposal(mechanism, network, service, None, &[], lang);
        first.reasons.insert(
            0,
            (
                "ok",
                say(
                    lang,
                    "Suggéré par le prestataire qui a décliné",
                    "Suggested by the provider that declined",
                )
                .into(),
            ),
        );
        proposals.insert(0, first);
    }
    // Whoever serves the place was asked or cannot be: who does not is better than nobody.
    if proposals.is_empty() && after.is_none() && next.is_none() {
        query.home = None;
        query.limit = MAX_LIMIT;
        let (far, _) = offered(network, query, file.is_protected());
        let outside = far
            .iter()
            .filter(|f| hits.iter().all(|h| h.entry.service.id != f.entry.service.id));
        for hit in outside {
            let service = hit.entry.service;
            if proposals.len() == SHOWN {
                break;
            }
            if reason_against(desk, mechanism, file, network, &names, need, service, priority, now)?.is_some() {
                continue;
            }
            let mut found = proposal(mechanism, network, service, hit.distance_km, &hit.reasons, lang);
            found.reasons.insert(0, ("care", not_served(&place, lang).into()));
            proposals.push(found);
        }
    }
    // An emergency does not wait for a signature.
    if after.is_none() {
        let way = (home.as_str(), priority, file.is_protected());
        for (service, distance) in unpublished::offered(network, mechanism, &asked.code, way)
            .into_iter()
            .take(SHOWN)
        {
            if reason_against(desk, mechanism, file, network, &names, need, service, priority, now)?.is_none() {
                let mut found = proposal(mechanism, network, service, distance, &[], lang);
                let why = gate::waits(&network.missing(service, local_date(now)));
                found.reasons.insert(0, ("care", why.get(lang).to_owned().into()));
                proposals.push(found);
            }
        }
    }
    for tried in &need.detail.machine.tried {
        if let Some(service) = network.services.get(tried)
            && !excluded.iter().any(|e| e.name == service.name.get(lang))
        {
            excluded.extend(reason_against(
                desk, mechanism, file, network, &names, need, service, priority, now,
            )?);
        }
    }
    if after.is_none() {
        let known = |name: &str, excluded: &[Excluded]| excluded.iter().any(|e| e.name == name);
        for out in silent(network, &asked.code, &home, file.is_protected(), lang) {
            if !known(&out.name, &excluded) {
                excluded.push(out);
            }
        }
    }
    let preview = match chosen {
        Some(service) => Some(preview(tx, desk, viewer, file, network, mechanism, need, service, now)?),
        None => None,
    };
    let labels = share::labels(mechanism, &need.detail.service);
    let sight = visible(&file.facts(), &viewer.sight(network), now);
    let words = visible_need(&labels, &sight, true, true, Shown::File).ok_or(ActError::NotFound)?;
    let named = sight.classes().contains(DataClass::Identity);
    Ok(ReferView {
        need: crate::case::need_row(file, need, &words, viewer, network, now, true),
        case_id: file.record.id,
        case_code: case_code(mechanism, file.seq),
        initials: if named {
            file.card.initials.clone()
        } else {
            String::new()
        },
        place,
        proposals,
        excluded,
        earlier: file
            .referrals
            .iter()
            .rev()
            .filter(|r| r.record.need_id == id)
            .map(|r| {
                let mut row = crate::day::work_row(mechanism, network, viewer, file, r, &words, now);
                // Initials are of the name.
                if !named {
                    row.initials.clear();
                }
                row
            })
            .collect(),
        takes_back: referral_view::takes_back(file, need, network, viewer),
        shelter: shelter_box(tx, mechanism, file, network, &asked.code, lang)?,
        preview,
        next,
    })
}

/// The way to a service that is not found: what the on-call desk is called for.
fn shelter_box(
    tx: &mut Tx<'_>,
    mechanism: &Mechanism,
    file: &CaseFile,
    network: &Network,
    asked: &str,
    lang: Lang,
) -> Result<ShelterBox, ActError> {
    let confidential = network.is_confidential_type(asked);
    Ok(ShelterBox {
        confidential,
        calls: if confidential {
            let lines = shelter::on_call(tx, mechanism, &file.record, lang)?;
            lines.into_iter().map(|l| (l.who, l.number)).collect()
        } else {
            Vec::new()
        },
    })
}

/// That a service does not say that it serves the place.
fn not_served(place: &str, lang: Lang) -> String {
    match lang {
        Lang::Fr => format!("Ne dessert pas {place} : le trajet est à prévoir"),
        Lang::En => format!("Does not serve {place}: plan the journey"),
    }
}

/// Why a service cannot be asked for this need, if it cannot.
#[expect(clippy::too_many_arguments, reason = "the facts of one question")]
fn reason_against(
    desk: &Desk,
    mechanism: &Mechanism,
    file: &CaseFile,
    network: &Network,
    names: &Names<'_>,
    need: &OpenNeed,
    service: &Service,
    priority: Priority,
    now: DateTime<Utc>,
) -> Result<Option<Excluded>, ActError> {
    let lang = names.lang();
    let name = names.service(service);
    if need.detail.machine.tried.contains(&service.id) {
        // The same service may have been asked for another need, and answered otherwise.
        let of_this = |r: &&OpenReferral| r.record.need_id == need.record.id && r.detail.service == service.id;
        let last = file.referrals.iter().rev().find(of_this);
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

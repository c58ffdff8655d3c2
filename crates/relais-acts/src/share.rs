//! What a provider may be told: the pure plan fed with the case, the service
//! asked and the agreements of today; and the same plan in words.

use chrono::{DateTime, Utc};
use relais_casework::calendar::local_date;
use relais_casework::consent::Nature;
use relais_casework::sharing::{self, OfferFacts, OfferView, Override, Plan, Request};
use relais_casework::transfer::agreed_to;
use relais_mechanism::country::Regime;
use relais_mechanism::taxonomy::ServiceType;
use relais_mechanism::{Label, Lang, Mechanism, Priority, Purpose, Sensitivity};
use relais_network::agreement::{Basis, StandingRegime, coverages};
use relais_network::organisation::OrganisationKind;
use relais_network::service::Service;
use relais_network::{OrganisationId, ReferralId};
use relais_store::{StoreError, Tx};

use crate::desk::Desk;
use crate::file::CaseFile;
use crate::network::Network;
use crate::problem::ActError;
use crate::say::{label, say};
use crate::views::Fact;

/// Option of the list "special" that asks for an interpreter.
const INTERPRETER: &str = "interp";
/// Option of the list "special" that asks for an accessible place.
const ACCESSIBLE: &str = "mobility";

/// The overrides written on a case.
///
/// # Errors
/// When the store fails or a sealed value does not open.
pub fn overrides(tx: &mut Tx<'_>, file: &CaseFile) -> Result<Vec<Override>, StoreError> {
    let all = crate::overrides::of_case(tx, file)?;
    Ok(all.into_iter().map(|o| o.detail.exception).collect())
}

/// The plan for one service: what it sees now, after acceptance, never.
///
/// # Errors
/// [`ActError::NotFound`] when the service's organisation is not known.
#[expect(
    clippy::too_many_arguments,
    reason = "the facts of one request, each of another type"
)]
pub fn plan(
    desk: &Desk,
    mechanism: &Mechanism,
    file: &CaseFile,
    network: &Network,
    service: &Service,
    asked: &ServiceType,
    priority: Priority,
    referral: Option<ReferralId>,
    exception: Option<&Override>,
    now: DateTime<Utc>,
) -> Result<Plan, ActError> {
    let organisation = network
        .organisations
        .get(&service.organisation)
        .ok_or(ActError::NotFound)?;
    let coverages = coverages(
        organisation.id,
        &network.parents(organisation.id),
        &network.agreements,
        local_date(now),
        mechanism.grace_days(),
    );
    let nature = match organisation.kind {
        OrganisationKind::Judiciary => Nature::Justice,
        OrganisationKind::Company | OrganisationKind::Employers if asked.category == "EMP" => Nature::Employer,
        _ => Nature::Service,
    };
    Ok(sharing::plan(&Request {
        purpose: Purpose::Refer,
        service: &asked.code,
        s4: asked.is_restricted(),
        needs: asked.needs,
        priority,
        referral,
        recipient: organisation.id,
        nature,
        recipient_is_state: organisation.state_body,
        protected: file.is_protected(),
        child: file.card.child,
        seen_alone: file.card.seen_alone,
        best_interests_decided: file.card.best_interests_on.is_some(),
        standing: standing(mechanism),
        coverages: &coverages,
        consents: &file.consents,
        exception,
        own_hand: false,
        s4_authorised: desk.s4_authorised(),
        now,
    }))
}

/// The plan for the transfer of the whole case: the classes that the person
/// agreed to for this organisation, each on its basis. Agreements and regimes
/// hold for it as for a referral; it is never vital.
///
/// # Errors
/// [`ActError::NotFound`] when the organisation is not known.
pub fn transfer_plan(
    desk: &Desk,
    mechanism: &Mechanism,
    file: &CaseFile,
    network: &Network,
    to: OrganisationId,
    now: DateTime<Utc>,
) -> Result<Plan, ActError> {
    let organisation = network.organisations.get(&to).ok_or(ActError::NotFound)?;
    let coverages = coverages(
        to,
        &network.parents(to),
        &network.agreements,
        local_date(now),
        mechanism.grace_days(),
    );
    Ok(sharing::plan(&Request {
        purpose: Purpose::Refer,
        service: "",
        s4: false,
        needs: agreed_to(&file.consents, to, now),
        priority: Priority::P4,
        referral: None,
        recipient: to,
        nature: Nature::Service,
        recipient_is_state: organisation.state_body,
        protected: file.is_protected(),
        child: file.card.child,
        // As for a referral: who could press a child is told apart first. Child
        // protection is referred to without it, and holds the case from there.
        seen_alone: file.card.seen_alone,
        best_interests_decided: false,
        standing: standing(mechanism),
        coverages: &coverages,
        consents: &file.consents,
        exception: None,
        own_hand: false,
        s4_authorised: desk.s4_authorised(),
        now,
    }))
}

/// Refuses what the plan blocks.
///
/// # Errors
/// [`ActError::Refused`] with the plan's reason.
pub fn unless_blocked(plan: &Plan) -> Result<(), ActError> {
    plan.blocked.map_or(Ok(()), |refusal| {
        Err(ActError::Refused {
            code: refusal.code().to_owned(),
            why: label(refusal.why(Lang::Fr), refusal.why(Lang::En)),
            remedy: label(refusal.remedy(Lang::Fr), refusal.remedy(Lang::En)),
        })
    })
}

/// The standing regime of a mechanism.
#[must_use]
pub fn standing(mechanism: &Mechanism) -> StandingRegime {
    match mechanism.regime() {
        Regime::Transitional => StandingRegime::Transitional,
        Regime::Ordinary | Regime::Vital => StandingRegime::Ordinary,
    }
}

/// The words for one need.
#[must_use]
pub fn labels(mechanism: &Mechanism, service: &str) -> relais_casework::visible::NeedLabels {
    let asked = mechanism.service_type(service);
    let category = asked.and_then(|s| mechanism.category(&s.category));
    let code = || Label {
        fr: service.to_owned(),
        en: service.to_owned(),
    };
    relais_casework::visible::NeedLabels {
        sensitivity: asked.map_or(Sensitivity::S4, |s| s.min_sensitivity),
        plain: asked.map_or_else(code, |s| s.label.clone()),
        discreet: asked.map_or_else(code, |s| s.discreet.clone()),
        category: category.map_or_else(code, |c| c.label.clone()),
    }
}

/// What the provider sees before acceptance.
#[must_use]
pub fn offer(
    mechanism: &Mechanism,
    file: &CaseFile,
    service: &str,
    priority: Priority,
    access: &[String],
    code: &str,
) -> OfferView {
    let labels = labels(mechanism, service);
    let destination = file.card.destination.as_deref().and_then(|d| mechanism.place(d));
    sharing::offer_view(&OfferFacts {
        s4: labels.sensitivity == Sensitivity::S4,
        discreet: labels.discreet,
        priority,
        region: destination.map_or_else(|| file.record.region.clone(), |p| p.region.clone()),
        department: destination.and_then(|p| match p.level {
            relais_mechanism::places::Level::Department => Some(p.code.clone()),
            relais_mechanism::places::Level::Subdivision => p.parent.clone(),
            relais_mechanism::places::Level::Region => None,
        }),
        age: file.card.age,
        child: file.card.child,
        sex: file.card.sex.clone(),
        interpreter: access.iter().any(|a| a == INTERPRETER),
        accessible: access.iter().any(|a| a == ACCESSIBLE),
        code: code.to_owned(),
    })
}

fn fact(lang: Lang, (fr, en): (&'static str, &'static str), value: impl Into<Option<String>>) -> Fact {
    Fact {
        label: say(lang, fr, en).to_owned(),
        value: value.into(),
    }
}

/// Name of a place by its code, or the words that were typed.
#[must_use]
pub fn place_name(mechanism: &Mechanism, code: &str, lang: Lang) -> String {
    mechanism
        .place(code)
        .map_or_else(|| code.to_owned(), |p| p.name(lang).to_owned())
}

/// Who the person is, as far as an offer says it.
#[must_use]
pub fn person_says(mechanism: &Mechanism, offer: &OfferView, lang: Lang) -> Option<String> {
    let who: Vec<String> = [
        offer
            .sex
            .as_deref()
            .and_then(|s| mechanism.option_label("sex", s, lang))
            .map(str::to_lowercase),
        offer
            .age_band
            .map(|b| format!("{} {}", b.code().replace('-', "–"), say(lang, "ans", "years"))),
        offer.child.map(|c| {
            if c {
                say(lang, "enfant", "child")
            } else {
                say(lang, "adulte", "adult")
            }
            .to_owned()
        }),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!who.is_empty()).then(|| who.join(", "))
}

/// The offer in words; name and telephone stand there as hidden.
#[must_use]
pub fn offer_facts(mechanism: &Mechanism, offer: &OfferView, lang: Lang) -> Vec<Fact> {
    let yes = || say(lang, "oui", "yes").to_owned();
    let mut facts = Vec::new();
    facts.push(fact(lang, ("Personne", "Person"), person_says(mechanism, offer, lang)));
    let zone: Vec<String> = offer
        .department
        .iter()
        .chain(std::iter::once(&offer.region))
        .map(|code| place_name(mechanism, code, lang))
        .collect();
    facts.push(fact(lang, ("Zone", "Area"), zone.join(", ")));
    facts.push(fact(
        lang,
        ("Besoin", "Need"),
        format!("{}, {}", offer.label.get(lang), offer.priority.code()),
    ));
    let access: Vec<&str> = [
        offer
            .interpreter
            .filter(|x| *x)
            .map(|_| say(lang, "interprète", "interpreter")),
        offer
            .accessible
            .filter(|x| *x)
            .map(|_| say(lang, "lieu accessible", "accessible place")),
    ]
    .into_iter()
    .flatten()
    .collect();
    if !access.is_empty() {
        facts.push(fact(lang, ("Accès", "Access"), access.join(", ")));
    } else if offer.interpreter == Some(true) {
        facts.push(fact(lang, ("Accès", "Access"), yes()));
    }
    if let Some(code) = &offer.code {
        facts.push(fact(lang, ("Code", "Code"), code.clone()));
    }
    facts.push(fact(lang, ("Nom", "Name"), None));
    facts.push(fact(lang, ("Téléphone", "Telephone"), None));
    facts
}

/// A basis in words: under which consent and agreement.
#[must_use]
pub fn basis_says(bases: &[Basis], file: &CaseFile, network: &Network, lang: Lang) -> String {
    let mut parts: Vec<String> = Vec::new();
    for basis in bases {
        if let Some(consent) = basis.consent().and_then(|id| file.consents.iter().find(|c| c.id == id)) {
            let day = crate::say::date(local_date(consent.from));
            parts.push(match lang {
                Lang::Fr => format!("consentement du {day}"),
                Lang::En => format!("consent of {day}"),
            });
        }
        if let Some(agreement) = basis
            .agreement()
            .and_then(|id| network.agreements.iter().find(|a| a.id == id))
        {
            // What a shelter's agreement is called may tell its name.
            let named = agreement
                .parties
                .iter()
                .all(|p| network.known(p.organisation).is_some());
            let reference = if named { agreement.reference.as_str() } else { "" };
            let word = say(lang, "accord", "agreement");
            parts.push(format!("{word} {reference}").trim_end().to_owned());
        }
        match basis {
            Basis::Vital { ground, .. } | Basis::Override { ground, .. } => parts.push(ground.code().to_owned()),
            _ => {}
        }
    }
    parts.dedup();
    let mut unique: Vec<String> = Vec::new();
    for part in parts {
        if !unique.contains(&part) {
            unique.push(part);
        }
    }
    let mut text = unique.join(", ");
    if let Some(first) = text.get(..1) {
        text = first.to_uppercase() + &text[1..];
    }
    text
}

/// The names of the classes, in words; of restricted ones only that there are
/// any.
#[must_use]
pub fn classes_say_in_clear(mechanism: &Mechanism, classes: relais_mechanism::ClassSet, lang: Lang) -> String {
    let restricted = relais_casework::visible::restricted_classes();
    let mut text = classes_say(mechanism, classes.minus(restricted), lang);
    if classes.iter().any(|c| c.is_restricted()) {
        if !text.is_empty() {
            text.push_str(", ");
        }
        text.push_str(restricted_says(lang));
    }
    text
}

/// What stands in place of the name of a restricted class.
#[must_use]
pub const fn restricted_says(lang: Lang) -> &'static str {
    say(lang, "informations à accès restreint", "restricted information")
}

/// The names of the classes, in words.
#[must_use]
pub fn classes_say(mechanism: &Mechanism, classes: relais_mechanism::ClassSet, lang: Lang) -> String {
    if classes == relais_mechanism::ClassSet::all() {
        return say(lang, "Toutes", "All").to_owned();
    }
    classes
        .iter()
        .filter_map(|c| mechanism.class(c))
        .map(|w| w.label.get(lang).to_owned())
        .collect::<Vec<_>>()
        .join(", ")
}

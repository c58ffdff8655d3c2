//! What is read of a case: its needs, the classes of the person's data, the
//! consents and who saw what, each in the viewer's language.

use chrono::{DateTime, Utc};
use relais_casework::calendar::local_date;
use relais_casework::consent::{Consent, ConsentDecision, Recipient};
use relais_casework::need::NeedState;
use relais_casework::referral::DueKind;
use relais_casework::sharing::Plan;
use relais_casework::visible::restricted_need;
use relais_mechanism::{Answers, ClassSet, DataClass, Label, Lang, Mechanism, Role};
use relais_network::agreement::Basis;
use relais_store::{StoreError, Tx};

use crate::desk::Viewer;
use crate::file::{Card, CaseFile, Contact, Identity, OpenNeed};
use crate::network::Network;
use crate::problem::ActError;
use crate::say::say;
use crate::share;
use crate::shelter::Names;
use crate::views::{ClockView, ConsentRow, DisclosureRow, Fact, Hand, NeedRow};

/// A clock, as pages draw it.
#[must_use]
pub fn clock(kind: DueKind, from: DateTime<Utc>, due: DateTime<Utc>, now: DateTime<Utc>) -> ClockView {
    let whole = (due - from).num_seconds().max(1);
    let used = (now - from).num_seconds().max(0);
    let percent = u32::try_from(used.saturating_mul(100) / whole).unwrap_or(u32::MAX);
    let late = now >= due;
    ClockView {
        kind,
        from,
        due,
        percent: if late { percent.max(100) } else { percent.min(99) },
        late,
    }
}

/// A need in a list, as the viewer may read it.
#[must_use]
pub fn need_row(
    file: &CaseFile,
    need: &OpenNeed,
    words: &Label,
    viewer: &Viewer,
    network: &Network,
    now: DateTime<Utc>,
    whole: bool,
) -> NeedRow {
    let machine = &need.detail.machine;
    let state = machine.state;
    let mine = file.record.holder_id == viewer.organisation;
    // What the label does not tell, service and words do not tell either.
    let told = whole && *words != restricted_need();
    NeedRow {
        id: need.record.id,
        label: words.get(viewer.lang).to_owned(),
        service: told.then(|| need.detail.service.clone()),
        priority: machine.priority,
        state,
        state_label: need_state_says(state, viewer.lang).to_owned(),
        hand: Hand {
            yours: mine && state == NeedState::Open,
            organisation: network.name(file.record.holder_id, viewer.lang),
            role: state.is_live().then_some(Role::CaseManager),
        },
        clock: (state == NeedState::Open).then(|| clock(DueKind::Need, machine.due.start, machine.due.at, now)),
        can_refer: mine
            && state.is_live()
            && machine.open.len() < machine.open_allowed()
            && file.record.state == "open",
        words: (told && !need.detail.words.is_empty()).then(|| need.detail.words.clone()),
    }
}

/// Where a need stands, in words.
pub(crate) const fn need_state_says(state: NeedState, lang: Lang) -> &'static str {
    match state {
        NeedState::Open => say(lang, "Personne n’y répond encore", "Nobody answers it yet"),
        NeedState::Referred => say(lang, "Référencé", "Referred"),
        NeedState::Met => say(lang, "Couvert", "Met"),
        NeedState::PartlyMet => say(lang, "Couvert en partie", "Partly met"),
        NeedState::Unmet => say(lang, "Non couvert", "Unmet"),
        NeedState::Dropped => say(lang, "Abandonné par la personne", "Dropped by the person"),
    }
}

/// What one class says of the person, in words.
#[must_use]
pub fn class_facts(
    mechanism: &Mechanism,
    file: &CaseFile,
    class: DataClass,
    identity: &Identity,
    contact: &Contact,
    lang: Lang,
) -> Vec<Fact> {
    let fact = |fr, en, value: Option<String>| {
        value.map(|v| Fact {
            label: say(lang, fr, en).to_owned(),
            value: Some(v),
        })
    };
    let option = |list: &str, code: &Option<String>| {
        code.as_deref()
            .map(|c| mechanism.option_label(list, c, lang).unwrap_or(c).to_owned())
    };
    let card = &file.card;
    let facts = match class {
        DataClass::Identity => vec![
            Some(Fact {
                label: say(lang, "Nom", "Name").to_owned(),
                value: Some(
                    identity
                        .name
                        .clone()
                        .unwrap_or_else(|| say(lang, "non donné", "not given").to_owned()),
                ),
            }),
            fact("Âge, sexe", "Age, sex", age_sex(mechanism, card, lang)),
        ],
        DataClass::Contact => vec![
            Some(Fact {
                label: say(lang, "Téléphone", "Telephone").to_owned(),
                value: Some(contact.telephone.as_deref().map_or_else(
                    || say(lang, "non donné", "not given").to_owned(),
                    |number| mechanism.country().phone.display(number).replace(' ', "\u{a0}"),
                )),
            }),
            fact("Contact sûr", "Safe contact", safe_contact(mechanism, contact, lang)),
            fact(
                "Consignes de sécurité",
                "Safety instructions",
                contact
                    .more
                    .get(crate::forms::CALLING)
                    .and_then(|a| a.as_text())
                    .map(str::to_owned),
            ),
            fact("Langue", "Language", option("lang", &card.language)),
        ],
        DataClass::Family => vec![fact(
            "Voyage avec",
            "Travels with",
            option("travel_with", &card.travels_with),
        )],
        DataClass::Journey => vec![fact(
            "Destination",
            "Destination",
            card.destination
                .as_deref()
                .map(|d| share::place_name(mechanism, d, lang)),
        )],
        DataClass::Plan => vec![fact("Ce soir", "Tonight", option("sleep_tonight", &card.sleeps))],
        _ => Vec::new(),
    };
    facts.into_iter().flatten().collect()
}

/// What a plan lets the other side know after acceptance, as far as the viewer
/// knows it: a holder by transfer may itself lack a class that the provider
/// would get, and reads its name alone.
#[must_use]
pub(crate) fn after_facts(
    mechanism: &Mechanism,
    file: &CaseFile,
    plan: &Plan,
    own: ClassSet,
    identity: &Identity,
    contact: &Contact,
    lang: Lang,
) -> Vec<Fact> {
    let mut facts = Vec::new();
    for (class, _) in &plan.after {
        if own.contains(*class) {
            facts.extend(class_facts(mechanism, file, *class, identity, contact, lang));
        } else {
            facts.extend(mechanism.class(*class).map(|w| Fact {
                label: w.label.get(lang).to_owned(),
                value: None,
            }));
        }
    }
    facts
}

fn age_sex(mechanism: &Mechanism, card: &Card, lang: Lang) -> Option<String> {
    let sex = card
        .sex
        .as_deref()
        .map(|s| mechanism.option_label("sex", s, lang).unwrap_or(s).to_lowercase());
    let age = card.age.map(|a| format!("{a} {}", say(lang, "ans", "years")));
    let parts: Vec<String> = [age, sex].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// How the person may be reached safely, in words.
pub(crate) fn safe_contact(mechanism: &Mechanism, contact: &Contact, lang: Lang) -> Option<String> {
    let names: Vec<&str> = contact
        .safe
        .iter()
        .map(|c| mechanism.option_label("safe_contact", c, lang).unwrap_or(c))
        .collect();
    (!names.is_empty()).then(|| names.join(", "))
}

/// Answers of the arrival form that stand in no column, as far as the viewer
/// may read their class.
pub(super) fn arrival_facts(mechanism: &Mechanism, answers: &Answers, classes: ClassSet, lang: Lang) -> Vec<Fact> {
    let mut facts = Vec::new();
    let Some(form) = mechanism.form(crate::register::FORM) else {
        return facts;
    };
    for (code, answer) in answers {
        let Some(field) = form.field(code) else { continue };
        // S4 answers open to named persons only: the classes hold that already.
        let shown = classes.contains(field.class)
            && (field.sensitivity != relais_mechanism::Sensitivity::S4 || classes.contains(DataClass::Health));
        if shown && field.code == "F1E.01" {
            facts.push(Fact {
                label: field.label.get(lang).to_owned(),
                value: answer.as_text().map(str::to_owned),
            });
        } else if shown && field.sensitivity == relais_mechanism::Sensitivity::S4 {
            let list = field.options.as_ref();
            let chosen: Vec<String> = answer
                .chosen()
                .iter()
                .map(|c| {
                    list.and_then(|l| l.choice(c))
                        .map_or_else(|| c.clone(), |o| o.label.get(lang).to_owned())
                })
                .collect();
            facts.push(Fact {
                label: field.label.get(lang).to_owned(),
                value: Some(chosen.join(", ")),
            });
        }
    }
    facts
}

/// One line of consent.
pub(crate) fn consent_row(
    mechanism: &Mechanism,
    names: &Names<'_>,
    consent: &Consent,
    now: DateTime<Utc>,
) -> ConsentRow {
    let lang = names.lang();
    let field = mechanism
        .form(crate::consents::FORM)
        .and_then(|f| f.field(crate::consents::field_of(consent.line)))
        .map_or_else(|| consent.line.code().to_owned(), |f| f.label.get(lang).to_owned());
    let category = |code: &str| {
        mechanism
            .category(code)
            .map_or_else(|| code.to_owned(), |c| c.label.get(lang).to_owned())
    };
    let recipient = match &consent.recipient {
        Recipient::AnyMember => say(lang, "membres du mécanisme", "members of the mechanism").to_owned(),
        Recipient::Category { category: code } => category(code),
        Recipient::Organisation { organisation } => names.name(*organisation),
        Recipient::Service { organisation, service } => {
            let kind = mechanism
                .service_type(service)
                .map_or(service.as_str(), |s| s.label.get(lang));
            format!("{}, {kind}", names.name(*organisation))
        }
    };
    ConsentRow {
        id: consent.id,
        line: consent.line.code().to_owned(),
        label: field,
        recipient,
        classes: share::classes_say(mechanism, consent.classes, lang),
        decision: match consent.standing(now) {
            // Given by an adult whose authority is in doubt: it carries nothing.
            ConsentDecision::Granted if !consent.proof.authority_reaches(consent.given_by, true) => "void",
            decision => decision.code(),
        }
        .to_owned(),
        urgent_only: consent.standing(now) == ConsentDecision::Granted
            && consent.proof.authority_reaches(consent.given_by, true)
            && !consent.proof.authority_reaches(consent.given_by, false),
        until: Some(local_date(consent.ends_at())),
        given_on: local_date(consent.from),
        proof: mechanism
            .option_label("consent_form", consent.proof.form.code(), lang)
            .unwrap_or(consent.proof.form.code())
            .to_owned(),
    }
}

/// Who received what of the case, newest first.
pub(crate) fn disclosures(
    tx: &mut Tx<'_>,
    mechanism: &Mechanism,
    file: &CaseFile,
    network: &Network,
    names: &Names<'_>,
) -> Result<Vec<DisclosureRow>, ActError> {
    let lang = names.lang();
    file.disclosures(tx)?
        .into_iter()
        .rev()
        .map(|d| {
            let bases: Vec<Basis> =
                serde_json::from_str(&d.basis).map_err(|e| StoreError::Schema(format!("disclosure.basis: {e}")))?;
            let what = if d.stage == "offer" {
                say(
                    lang,
                    "Besoin en libellé discret, zone. Pas encore le nom.",
                    "Need by its discreet label, area. Not the name yet.",
                )
                .to_owned()
            } else {
                share::classes_say_in_clear(mechanism, d.classes, lang)
            };
            Ok(DisclosureRow {
                at: d.at,
                recipient: names.name(d.recipient_id),
                what,
                basis: share::basis_says(&bases, file, network, lang),
            })
        })
        .collect()
}

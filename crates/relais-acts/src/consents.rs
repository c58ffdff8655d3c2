//! Record consent (form F3): one decision per line, nothing bundled, silence is
//! refusal.

use std::collections::BTreeMap;
use std::sync::Arc;

use relais_casework::consent::{
    self, AdultLink, Assent, Consent, ConsentDecision, ConsentFlaw, ConsentLine, Deny, GivenBy, Proof, ProofForm,
    Recipient,
};
use relais_mechanism::{ActingFor, Answer, Answers, ClassSet, DataClass, Lang, Mechanism, Purpose};
use relais_network::{CaseId, ConsentId, OrganisationId};
use relais_store::rows::cases::{self, AnswersRecord, CaseRecord, ConsentRecord};
use relais_store::{Tx, ids};
use serde_json::json;

use crate::child;
use crate::commands::{ConsentLineDecision, RecordConsent};
use crate::desk::{Desk, Viewer};
use crate::file::{CaseFile, seal};
use crate::needs::may_write;
use crate::problem::{ActError, FieldProblem};
use crate::views::Made;
use crate::write::{self, Doer, Stream};

/// The consent form.
pub const FORM: &str = "F3";
/// Name of the notice that is read out.
pub const NOTICE: &str = "consent";

/// The field of the form for a line.
#[must_use]
pub const fn field_of(line: ConsentLine) -> &'static str {
    match line {
        ConsentLine::C1 => "F3.20",
        ConsentLine::C2 => "F3.21",
        ConsentLine::C3 => "F3.22",
        ConsentLine::C4 => "F3.24",
        ConsentLine::C5 => "F3.25",
        ConsentLine::C6 => "F3.26",
        ConsentLine::C7 => "F3.27",
        ConsentLine::C8 => "F3.28",
        ConsentLine::C9 => "F3.29",
        ConsentLine::C10 => "F3.30",
        ConsentLine::C11 => "F3.31",
    }
}

/// The purpose for which a line permits.
#[must_use]
pub const fn purpose_of(line: ConsentLine) -> Purpose {
    match line {
        ConsentLine::C1 => Purpose::Receive,
        ConsentLine::C2 => Purpose::Assess,
        ConsentLine::C3 | ConsentLine::C4 | ConsentLine::C6 | ConsentLine::C10 | ConsentLine::C11 => Purpose::Refer,
        ConsentLine::C5 => Purpose::Family,
        ConsentLine::C7 | ConsentLine::C8 => Purpose::Statistics,
        ConsentLine::C9 => Purpose::FollowUp,
    }
}

/// Records the decisions of one consent conversation.
///
/// # Errors
/// [`ActError::Invalid`] with every wrong field or line; [`ActError::NotFound`].
pub async fn record(desk: &Arc<Desk>, viewer: &Viewer, case: CaseId, command: RecordConsent) -> Result<Made, ActError> {
    let (desk_, viewer) = (Arc::clone(desk), viewer.clone());
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            write::once(tx, &viewer, "consent", command.id, &(case, &command), |tx| {
                write_lines(tx, &desk_, &viewer, case, &command)
            })
        })
        .await
}

/// The form's own answers; lines are decided apart, so their fields are filled
/// from them.
fn read_answers(
    mechanism: &Mechanism,
    command: &RecordConsent,
    age: u8,
) -> Result<(Answers, Vec<FieldProblem>), ActError> {
    let form = mechanism.form(FORM).ok_or(ActError::NotFound)?;
    let mut raw = command.answers.clone();
    for line in ConsentLine::ALL {
        let decision = command
            .lines
            .iter()
            .find(|l| l.line == line.code())
            .map_or("not_asked", |l| &l.decision);
        raw.insert(field_of(*line).to_owned(), vec![decision.to_owned()]);
    }
    raw.remove("F3.23");
    let mut given = Answers::new();
    given.insert("age".to_owned(), Answer::Int(i64::from(age)));
    let reading = form.read(&raw, &given);
    let line_fields: Vec<&str> = ConsentLine::ALL.iter().map(|l| field_of(*l)).collect();
    let problems = reading
        .errors
        .iter()
        .filter(|e| !line_fields.contains(&e.field.as_str()))
        .map(FieldProblem::from)
        .collect();
    Ok((reading.answers, problems))
}

fn text<'a>(answers: &'a Answers, code: &str) -> Option<&'a str> {
    answers.get(code).and_then(|a| a.as_text()).filter(|t| !t.is_empty())
}

fn recipient_of(line: &ConsentLineDecision) -> Recipient {
    match (line.recipient, line.service.as_deref()) {
        (Some(organisation), Some(service)) if service.contains('.') => Recipient::Service {
            organisation: OrganisationId(organisation),
            service: service.to_owned(),
        },
        (Some(organisation), _) => Recipient::Organisation {
            organisation: OrganisationId(organisation),
        },
        (None, Some(service)) => Recipient::Category {
            category: consent::category_of(service).to_owned(),
        },
        (None, None) => Recipient::AnyMember,
    }
}

fn classes_of(line: ConsentLine, asked: ClassSet) -> ClassSet {
    match line {
        ConsentLine::C3 if asked.is_empty() => ClassSet::EMPTY,
        // Whoever may be referred must be found: identity and contact go with any class.
        ConsentLine::C3 => asked.with(DataClass::Identity).with(DataClass::Contact),
        ConsentLine::C10 => consent::employer_classes(),
        _ if asked.is_empty() => ClassSet::all(),
        _ => asked,
    }
}

fn flaw_says(flaw: ConsentFlaw) -> (&'static str, &'static str) {
    match flaw {
        ConsentFlaw::WitnessMissing => (
            "Un accord oral a besoin d’un témoin : écrivez son nom.",
            "An oral agreement needs a witness: write their name.",
        ),
        ConsentFlaw::NoticeMissing => (
            "La notice d’information n’a pas été lue : lisez-la d’abord.",
            "The information notice was not read: read it first.",
        ),
        ConsentFlaw::NoClass => (
            "Cochez au moins une catégorie d’informations, ou choisissez « refusé ».",
            "Tick at least one class of information, or choose “refused”.",
        ),
        ConsentFlaw::ChildTooYoung => (
            "À cet âge, un parent, un tuteur ou le service social consent.",
            "At this age a parent, a guardian or the social service consents.",
        ),
        ConsentFlaw::AssentMissing => ("Demandez l’assentiment de l’enfant.", "Ask for the child’s assent."),
        ConsentFlaw::AssentRefused => (
            "L’enfant refuse : le service social décide dans son intérêt.",
            "The child refuses: the social service decides in their best interests.",
        ),
        ConsentFlaw::ChildMustConsent => (
            "De 15 à 17 ans, l’enfant consent lui-même, avec l’adulte.",
            "From 15 to 17 the child consents too, with the adult.",
        ),
        ConsentFlaw::LinkMissing => (
            "Dites comment le lien avec l’enfant est établi.",
            "Say how the link with the child is established.",
        ),
        ConsentFlaw::LinkDoubtful => (
            "Lien douteux : cet adulte ne consent pas pour l’enfant, et on ne le lui dit pas. Notez le doute sur la page « Enfant » : la protection de l’enfant (CHP) passe d’abord ; le service social consent.",
            "Doubtful link: this adult does not consent for the child, and is not told. Note the doubt on the page “Child”: child protection (CHP) comes first; the social service consents.",
        ),
        ConsentFlaw::CaregiverUnsafe => (
            "Associer cet adulte n’est pas sûr pour l’enfant : le service social décide dans son intérêt.",
            "Involving this adult is not safe for the child: the social service decides in their best interests.",
        ),
        ConsentFlaw::NotForAnAdult => ("Un adulte consent lui-même.", "An adult consents for themselves."),
        ConsentFlaw::EndsBeforeItBegins => (
            "La fin précède le début : corrigez la date.",
            "The end is before the beginning: correct the date.",
        ),
    }
}

fn write_lines(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    case: CaseId,
    command: &RecordConsent,
) -> Result<Made, ActError> {
    cases::lock_case(tx, case)?;
    let (mut file, view, network) = CaseFile::load_for(tx, desk, viewer, case)?;
    may_write(&view, &file, viewer)?;
    let now = tx.now()?;
    let happened_at = write::happened(command.happened_at, now)?;
    let mechanism = desk.version(tx, &file.record.mechanism_hash)?;
    let age = file.card.age_for_consent();
    let (answers, mut problems) = read_answers(&mechanism, command, age)?;

    // Read out in any language, from the notice in French or English.
    let lang = match text(&answers, "F3.01") {
        Some("eng" | "wes") => Lang::En,
        Some(_) => Lang::Fr,
        None => viewer.lang,
    };
    let notice_hash = mechanism.notice_hash(NOTICE, lang).unwrap_or_default();
    let given_by = text(&answers, "F3.10")
        .and_then(GivenBy::from_code)
        .unwrap_or(GivenBy::Person);
    // A doubt on record stands, whatever the form says of the adult.
    let stated = text(&answers, "F3.10b").and_then(AdultLink::from_code);
    let link = AdultLink::counting(file.card.adult_link, stated).filter(|_| given_by.is_private_adult());
    let proof = Proof {
        form: text(&answers, "F3.40")
            .and_then(ProofForm::from_code)
            .unwrap_or(ProofForm::Signature),
        witness: text(&answers, "F3.41").map(str::to_owned),
        assent: text(&answers, "F3.12").and_then(Assent::from_code),
        link,
    };
    let safe = answers.get("F3.13").and_then(Answer::as_bool).unwrap_or(true);

    let mut consents = Vec::new();
    let mut seen: BTreeMap<(&str, String), ()> = BTreeMap::new();
    for decided in &command.lines {
        let (Some(line), Some(decision)) = (
            ConsentLine::from_code(&decided.line),
            ConsentDecision::from_code(&decided.decision),
        ) else {
            problems.push(FieldProblem::new(
                &decided.line,
                "unknown_option",
                (
                    "Ligne ou décision inconnue : rechargez la page.",
                    "Unknown line or decision: reload the page.",
                ),
            ));
            continue;
        };
        let recipient = recipient_of(decided);
        if seen.insert((line.code(), format!("{recipient:?}")), ()).is_some() {
            problems.push(FieldProblem::new(
                line.code(),
                "said_twice",
                (
                    "Cette ligne est décidée deux fois : gardez une décision.",
                    "This line is decided twice: keep one decision.",
                ),
            ));
        }
        if !matches!(decision, ConsentDecision::Granted | ConsentDecision::Refused) {
            continue;
        }
        let deny = if command.never.is_empty() {
            Vec::new()
        } else {
            vec![Deny {
                classes: command.never,
                recipient: None,
            }]
        };
        let consent = Consent {
            id: ConsentId(ids::new_v7(now)),
            case,
            line,
            decision,
            purpose: purpose_of(line),
            recipient,
            classes: classes_of(line, decided.classes),
            deny,
            lang,
            notice_hash: notice_hash.clone(),
            proof: proof.clone(),
            given_by,
            from: happened_at,
            until: Some(consent::line_until(line, happened_at, None, None)),
            withdrawn_at: None,
        };
        for flaw in consent.flaws(age, safe) {
            let says = flaw_says(flaw);
            let field = match flaw {
                ConsentFlaw::NoClass => line.code(),
                ConsentFlaw::WitnessMissing => "F3.41",
                ConsentFlaw::AssentMissing | ConsentFlaw::AssentRefused => "F3.12",
                ConsentFlaw::LinkMissing | ConsentFlaw::LinkDoubtful => "F3.10b",
                ConsentFlaw::CaregiverUnsafe => "F3.13",
                ConsentFlaw::NoticeMissing => "F3.02",
                _ => "F3.10",
            };
            let problem = FieldProblem::new(field, flaw.code(), says);
            if !problems.contains(&problem) {
                problems.push(problem);
            }
        }
        consents.push(consent);
    }
    if !problems.is_empty() {
        return Err(ActError::Invalid(problems));
    }

    let sealer = tx.sealer();
    let slot = file.record.slot;
    // A doubt that is stated here stands from now on, as one noted on the
    // child's own page does: whoever refused every line must not lose it.
    let was_in_doubt = file.card.adult_in_doubt();
    let notes = file.card.adult_link.is_none() || link == Some(AdultLink::Doubtful);
    if notes && link.is_some() && file.card.adult_link != link {
        file.card.adult_link = link;
        CaseRecord {
            card: seal(&sealer, "case_file", "card", case.0, slot, &file.card)?,
            ..file.record.clone()
        }
        .update(tx)?;
    }
    let mut stream = Stream::lock(tx, case, slot, Doer::of(viewer, ActingFor::Sender), mechanism.hash())?;
    for consent in &consents {
        ConsentRecord {
            id: consent.id,
            case_id: case,
            line: consent.line.code().to_owned(),
            decision: consent.decision.code().to_owned(),
            text_hash: consent.notice_hash.clone(),
            given_at: consent.from,
            until_at: consent.until,
            withdrawn_at: None,
            detail: seal(&sealer, "consent", "detail", consent.id.0, slot, consent)?,
            mechanism_hash: mechanism.hash().to_owned(),
        }
        .insert(tx)?;
        let facts = json!({ "line": consent.line, "decision": consent.decision, "until": consent.until });
        stream.add(tx, consent.id.0, "consent_recorded", &facts, happened_at, "")?;
    }
    AnswersRecord {
        id: command.id,
        case_id: case,
        form: FORM.to_owned(),
        mechanism_hash: mechanism.hash().to_owned(),
        answers: seal(&sealer, "form_answers", "answers", command.id, slot, &answers)?,
        by_user: viewer.user,
        happened_at,
        typed_at: now,
    }
    .insert(tx)?;
    if file.card.adult_in_doubt() && !was_in_doubt {
        child::void(tx, desk, viewer, &mut file, &network, &mechanism, &mut stream, now)?;
    }
    Ok(Made {
        id: command.id,
        code: String::new(),
        version: file.record.version,
    })
}

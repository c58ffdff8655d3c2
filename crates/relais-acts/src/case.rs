//! A case: its page, the list of cases, and its closure.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use relais_casework::calendar::local_date;
use relais_casework::consent::{Consent, ConsentDecision, ConsentLine, Recipient};
use relais_casework::need::NeedState;
use relais_casework::referral::DueKind;
use relais_casework::sharing::AgeBand;
use relais_casework::visible::{FileScope, Shown, View, visible_need};
use relais_mechanism::{ActingFor, Answers, ClassSet, DataClass, Label, Lang, Mechanism, Role};
use relais_network::CaseId;
use relais_network::agreement::Basis;
use relais_store::chain;
use relais_store::rows::cases::{self, CaseRecord};
use relais_store::rows::{accounts, lists};
use relais_store::{StoreError, Tx};
use serde_json::json;

use crate::codes::{case_code, parse_case_code};
use crate::commands::CloseCase;
use crate::desk::{Desk, Viewer};
use crate::file::{Card, CaseFile, Contact, Identity, OpenNeed, is_erased, open};
use crate::needs::may_write;
use crate::network::Network;
use crate::problem::ActError;
use crate::say::{label, say};
use crate::share;
use crate::views::{
    CaseList, CaseRow, CaseView, ClockView, ConsentRow, DisclosureRow, Fact, Hand, HistoryRow, Made, NeedRow,
};
use crate::write::{self, Doer, Stream};

/// Rows on a page of the list of cases.
pub const ROWS: i64 = 40;
/// Lines of history on the page of a case.
const HISTORY: usize = 40;

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
#[expect(clippy::too_many_arguments, reason = "the facts of one row")]
pub fn need_row(
    mechanism: &Mechanism,
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
    let state_label = match state {
        NeedState::Open => say(viewer.lang, "Personne n’y répond encore", "Nobody answers it yet"),
        NeedState::Referred => say(viewer.lang, "Référencé", "Referred"),
        NeedState::Met => say(viewer.lang, "Couvert", "Met"),
        NeedState::PartlyMet => say(viewer.lang, "Couvert en partie", "Partly met"),
        NeedState::Unmet => say(viewer.lang, "Non couvert", "Unmet"),
        NeedState::Dropped => say(viewer.lang, "Abandonné par la personne", "Dropped by the person"),
    };
    let mine = file.record.holder_id == viewer.organisation;
    let _ = mechanism;
    NeedRow {
        id: need.record.id,
        label: words.get(viewer.lang).to_owned(),
        service: whole.then(|| need.detail.service.clone()),
        priority: machine.priority,
        state,
        state_label: state_label.to_owned(),
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
        words: (whole && !need.detail.words.is_empty()).then(|| need.detail.words.clone()),
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

fn age_sex(mechanism: &Mechanism, card: &Card, lang: Lang) -> Option<String> {
    let sex = card
        .sex
        .as_deref()
        .map(|s| mechanism.option_label("sex", s, lang).unwrap_or(s).to_lowercase());
    let age = card.age.map(|a| format!("{a} {}", say(lang, "ans", "years")));
    let parts: Vec<String> = [age, sex].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn safe_contact(mechanism: &Mechanism, contact: &Contact, lang: Lang) -> Option<String> {
    let names: Vec<&str> = contact
        .safe
        .iter()
        .map(|c| mechanism.option_label("safe_contact", c, lang).unwrap_or(c))
        .collect();
    (!names.is_empty()).then(|| names.join(", "))
}

/// The page of a case.
///
/// # Errors
/// [`ActError::NotFound`] for whoever does not see the file.
pub async fn view(desk: &Arc<Desk>, viewer: &Viewer, case: CaseId) -> Result<CaseView, ActError> {
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        Ok((case_view(tx, &desk_, &viewer_, case)?, vec![case]))
    })
    .await
}

fn case_view(tx: &mut Tx<'_>, desk: &Desk, viewer: &Viewer, case: CaseId) -> Result<CaseView, ActError> {
    let (file, sight, network) = CaseFile::load_for(tx, desk, viewer, case)?;
    let View::File { classes, scope, .. } = &sight else {
        return Err(ActError::NotFound);
    };
    let (classes, whole) = (*classes, matches!(scope, FileScope::Whole));
    let lang = viewer.lang;
    let now = tx.now()?;
    let mechanism = desk.version(tx, &file.record.mechanism_hash)?;
    let (identity, contact) = file.person(tx)?;
    let sees = |class| classes.contains(class);
    let mut facts = Vec::new();
    for class in DataClass::ALL.iter().filter(|c| sees(**c)) {
        facts.extend(
            class_facts(&mechanism, &file, *class, &identity, &contact, lang)
                .into_iter()
                .filter(|f| f.label != say(lang, "Nom", "Name")),
        );
    }
    if whole {
        facts.extend(arrival_facts(tx, &mechanism, &file, classes, lang)?);
    }
    let needs = file
        .needs
        .iter()
        .filter_map(|need| {
            let labels = share::labels(&mechanism, &need.detail.service);
            let own = whole
                || file
                    .referrals
                    .iter()
                    .any(|r| r.record.need_id == need.record.id && sight.shows_referral(r.record.id));
            let words = visible_need(&labels, &sight, own, true, Shown::File)?;
            Some(need_row(&mechanism, &file, need, &words, viewer, &network, now, whole))
        })
        .collect();
    let referrals = file
        .referrals
        .iter()
        .rev()
        .filter(|r| sight.shows_referral(r.record.id))
        .filter_map(|r| {
            let labels = share::labels(&mechanism, &r.detail.service_type);
            let words = visible_need(&labels, &sight, true, true, Shown::File)?;
            let mut row = crate::day::work_row(&mechanism, &network, viewer, &file, r, &words, now);
            // Initials are of the name.
            if !sees(DataClass::Identity) {
                row.initials = String::new();
            }
            Some(row)
        })
        .collect();
    let writes = may_write(&sight, &file, viewer);
    let close_blocked = close_blocked(&file);
    let standing = |line: ConsentLine| {
        file.consents
            .iter()
            .rev()
            .find(|c| c.line == line)
            .is_some_and(|c| c.standing(now) == ConsentDecision::Granted)
    };
    Ok(CaseView {
        id: case,
        code: case_code(&mechanism, file.seq),
        version: file.record.version,
        name: sees(DataClass::Identity).then(|| {
            identity
                .name
                .clone()
                .unwrap_or_else(|| say(lang, "Nom non donné", "Name not given").to_owned())
        }),
        state: file.record.state.clone(),
        state_label: state_says(&file.record.state, lang).to_owned(),
        priority: file
            .needs
            .iter()
            .filter(|n| n.detail.machine.state.is_live())
            .map(|n| n.detail.machine.priority)
            .min(),
        safe_contact: if sees(DataClass::Contact) {
            safe_contact(&mechanism, &contact, lang)
        } else {
            None
        },
        no_contact: contact.safe.iter().any(|c| c == "NONE"),
        facts,
        referrals,
        needs,
        consents: if whole {
            file.consents
                .iter()
                .rev()
                .map(|c| consent_row(&mechanism, &network, c, now, lang))
                .collect()
        } else {
            Vec::new()
        },
        consent_ready: standing(ConsentLine::C1) && standing(ConsentLine::C2),
        disclosures: if whole {
            disclosures(tx, &mechanism, &file, &network, lang)?
        } else {
            Vec::new()
        },
        history: if whole {
            history(tx, &mechanism, &network, case.0, None, lang)?
        } else {
            Vec::new()
        },
        holder: network.name(file.record.holder_id, lang),
        may_write: writes.is_ok(),
        may_close: writes.is_ok() && close_blocked.is_none(),
        close_blocked: close_blocked.map(|l| l.get(lang).to_owned()),
    })
}

/// Answers of the arrival form that stand in no column, as far as the viewer
/// may read their class.
fn arrival_facts(
    tx: &mut Tx<'_>,
    mechanism: &Mechanism,
    file: &CaseFile,
    classes: ClassSet,
    lang: Lang,
) -> Result<Vec<Fact>, ActError> {
    let sealer = tx.sealer();
    let mut facts = Vec::new();
    for record in cases::answers_of(tx, file.record.id)?
        .iter()
        .filter(|a| a.form == crate::register::FORM)
    {
        let answers: Answers = open(
            &sealer,
            "form_answers",
            "answers",
            record.id,
            file.record.slot,
            &record.answers,
        )?;
        let Some(form) = mechanism.form(&record.form) else {
            continue;
        };
        for (code, answer) in &answers {
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
    }
    Ok(facts)
}

/// State of a case in words.
#[must_use]
pub const fn state_says(state: &str, lang: Lang) -> &'static str {
    match state.as_bytes() {
        b"open" => say(lang, "Ouvert", "Open"),
        b"closed" => say(lang, "Clos", "Closed"),
        _ => say(lang, "Arrêté", "Ended"),
    }
}

fn consent_row(
    mechanism: &Mechanism,
    network: &Network,
    consent: &Consent,
    now: DateTime<Utc>,
    lang: Lang,
) -> ConsentRow {
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
        Recipient::Organisation { organisation } => network.name(*organisation, lang),
        Recipient::Service { organisation, service } => {
            let kind = mechanism
                .service_type(service)
                .map_or(service.as_str(), |s| s.label.get(lang));
            format!("{}, {kind}", network.name(*organisation, lang))
        }
    };
    ConsentRow {
        id: consent.id,
        line: consent.line.code().to_owned(),
        label: field,
        recipient,
        classes: share::classes_say(mechanism, consent.classes, lang),
        decision: consent.standing(now).code().to_owned(),
        until: Some(local_date(consent.ends_at())),
        given_on: local_date(consent.from),
        proof: mechanism
            .option_label("consent_form", consent.proof.form.code(), lang)
            .unwrap_or(consent.proof.form.code())
            .to_owned(),
    }
}

fn disclosures(
    tx: &mut Tx<'_>,
    mechanism: &Mechanism,
    file: &CaseFile,
    network: &Network,
    lang: Lang,
) -> Result<Vec<DisclosureRow>, ActError> {
    cases::disclosures_of(tx, file.record.id)?
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
                share::classes_say(mechanism, d.classes, lang)
            };
            Ok(DisclosureRow {
                at: d.at,
                recipient: network.name(d.recipient_id, lang),
                what,
                basis: share::basis_says(&bases, file, network, lang),
            })
        })
        .collect()
}

/// The history of a stream, newest first, or of one subject in it.
///
/// # Errors
/// When the store fails.
pub fn history(
    tx: &mut Tx<'_>,
    mechanism: &Mechanism,
    network: &Network,
    stream: uuid::Uuid,
    subject: Option<uuid::Uuid>,
    lang: Lang,
) -> Result<Vec<HistoryRow>, ActError> {
    let events = match subject {
        Some(subject) => chain::events_about(tx, subject, 0, 500)?,
        None => chain::events(tx, stream, 0, 1000)?,
    };
    events
        .into_iter()
        .rev()
        .take(HISTORY)
        .map(|event| {
            let meta: serde_json::Value = serde_json::from_str(&event.meta).unwrap_or_default();
            let id = |key: &str| meta["by"][key].as_str().and_then(|t| uuid::Uuid::parse_str(t).ok());
            let who = match (id("user"), id("organisation")) {
                (Some(user), Some(organisation)) => {
                    let name = accounts::UserRecord::find(tx, relais_network::UserId(user))?
                        .map_or_else(String::new, |u| u.display_name);
                    format!(
                        "{name}, {}",
                        network.name(relais_network::OrganisationId(organisation), lang)
                    )
                }
                _ => say(lang, "Le mécanisme", "The mechanism").to_owned(),
            };
            Ok(HistoryRow {
                at: event.happened_at,
                typed_at: event.typed_at,
                what: event_says(mechanism, &event.kind, &meta, lang),
                kind: event.kind,
                who,
            })
        })
        .collect()
}

/// An event in words; coded facts are added, never typed words.
fn event_says(mechanism: &Mechanism, kind: &str, meta: &serde_json::Value, lang: Lang) -> String {
    let base = match kind {
        "case_opened" => say(lang, "Dossier ouvert", "Case opened"),
        "case_closed" => say(lang, "Dossier clos", "Case closed"),
        "consent_recorded" => say(lang, "Consentement noté", "Consent recorded"),
        "consent_withdrawn" => say(lang, "Consentement retiré", "Consent withdrawn"),
        "need_recorded" => say(lang, "Besoin noté", "Need recorded"),
        "override_written" => say(lang, "Dérogation écrite", "Override written"),
        "sent" => say(lang, "Référencement envoyé", "Referral sent"),
        "received" => say(lang, "Accusé de réception", "Receipt acknowledged"),
        "accepted" => say(lang, "Accepté", "Accepted"),
        "info_asked" => say(lang, "Complément demandé", "More information requested"),
        "info_answered" => say(lang, "Complément donné", "Information given"),
        "info_not_answered" => say(
            lang,
            "Complément non donné dans le délai",
            "Information not given in time",
        ),
        "waitlisted" => say(lang, "En liste d’attente", "On the waiting list"),
        "declined" => say(lang, "Non accepté", "Not accepted"),
        "cancelled" => say(lang, "Annulé", "Cancelled"),
        "scheduled" => say(lang, "Rendez-vous fixé", "Appointment made"),
        "rescheduled" => say(lang, "Rendez-vous déplacé", "Appointment moved"),
        "started" => say(lang, "Service commencé", "Service started"),
        "did_not_come" => say(lang, "La personne n’est pas venue", "The person did not come"),
        "reported" => say(lang, "Résultat déclaré", "Outcome reported"),
        "confirmed" => say(lang, "Confirmé avec la personne", "Confirmed with the person"),
        "closed_unconfirmed" => say(lang, "Clos sans confirmation", "Closed unconfirmed"),
        "disputed" => say(lang, "Contesté", "Disputed"),
        "settled" => say(lang, "Tranché par le secrétariat", "Settled by the secretariat"),
        "voided" => say(lang, "Saisi par erreur", "Entered in error"),
        "withdrawn" => say(
            lang,
            "Arrêté à la demande de la personne",
            "Stopped at the person’s request",
        ),
        "sharing_stopped" => say(lang, "Partage arrêté", "Sharing stopped"),
        "expired" => say(lang, "Échu sans réponse", "Expired without an answer"),
        "ended" => say(lang, "Arrêté", "Ended"),
        "reminded" => say(lang, "Rappel envoyé", "Reminder sent"),
        "late" => say(lang, "Délai du besoin dépassé", "The need’s limit has passed"),
        "reroute_proposed" => say(lang, "Autre service proposé", "Another service proposed"),
        "answer_contested" => say(lang, "Réponse notée contestée", "Noted answer contested"),
        other => other,
    };
    let list = match kind {
        "declined" => Some(("decline_reason", "code")),
        "reported" | "settled" => Some(("outcome", "outcome")),
        _ => None,
    };
    let detail = list
        .and_then(|(list, key)| meta[key].as_str().map(|code| (list, code)))
        .map(|(list, code)| mechanism.option_label(list, code, lang).unwrap_or(code).to_lowercase())
        .or_else(|| meta["line"].as_str().map(str::to_owned))
        .or_else(|| meta["percent"].as_u64().map(|p| format!("{p}\u{a0}%")));
    let noted = meta["noted"]
        .as_str()
        .map(|_| say(lang, "noté par téléphone", "noted by telephone").to_owned());
    let tail: Vec<String> = [detail, noted].into_iter().flatten().collect();
    if tail.is_empty() {
        base.to_owned()
    } else {
        match lang {
            Lang::Fr => format!("{base}\u{a0}: {}", tail.join(", ")),
            Lang::En => format!("{base}: {}", tail.join(", ")),
        }
    }
}

/// The list of cases: a case manager's own, a supervisor's organisation's.
///
/// # Errors
/// [`ActError::Forbidden`] for roles without cases, [`ActError::Invalid`] for
/// a cursor that is not ours.
pub async fn list(desk: &Arc<Desk>, viewer: &Viewer, before: Option<String>) -> Result<CaseList, ActError> {
    if !viewer.is(Role::CaseManager) && !viewer.is(Role::Supervisor) {
        return Err(ActError::Forbidden { code: "list_cases" });
    }
    let before = match before.as_deref().filter(|b| !b.is_empty()) {
        None => i64::MAX,
        Some(text) => text.parse().map_err(|_| {
            ActError::field(
                "before",
                "bad_cursor",
                ("Repartez de la première page.", "Start from the first page."),
            )
        })?,
    };
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let now = tx.now()?;
        let lines = if viewer_.is(Role::Supervisor) {
            lists::cases_of_holder(tx, viewer_.organisation, now, before, ROWS + 1)?
        } else {
            lists::cases_of_user(tx, viewer_.user, now, before, ROWS + 1)?
        };
        let mechanism = desk_.mechanism();
        let sealer = tx.sealer();
        let full = usize::try_from(ROWS).unwrap_or(40);
        let next = (lines.len() > full).then(|| lines[full - 1].seq.to_string());
        let mut shown = Vec::with_capacity(full);
        let network = desk_.network_now(tx)?;
        let circuit = crate::day::Circuit::of(&viewer_, &network);
        let rows = lines
            .iter()
            .take(full)
            .filter(|line| circuit.lets(&line.case.regime, line.case.holder_id))
            .filter_map(|line| {
                let (id, slot) = (line.case.id, line.case.slot);
                let row = open(&sealer, "case_file", "card", id.0, slot, &line.case.card)
                    .map(|card: Card| case_row(&mechanism, line, &card, now, viewer_.lang));
                // One erased person must not take the list from the others.
                let erased = row.as_ref().is_err_and(is_erased);
                shown.extend((!erased).then_some(id));
                (!erased).then_some(row)
            })
            .collect::<Result<_, StoreError>>()?;
        Ok((CaseList { rows, next }, shown))
    })
    .await
}

fn case_row(mechanism: &Mechanism, line: &lists::CaseLine, card: &Card, now: DateTime<Utc>, lang: Lang) -> CaseRow {
    CaseRow {
        id: line.case.id,
        code: case_code(mechanism, line.seq),
        initials: card.initials.clone(),
        age_band: card
            .age
            .map(|a| AgeBand::of(a).code().replace('-', "–"))
            .unwrap_or_default(),
        sex: card
            .sex
            .as_deref()
            .map(|s| mechanism.option_label("sex", s, lang).unwrap_or(s).to_lowercase())
            .unwrap_or_default(),
        region: share::place_name(mechanism, &line.case.region, lang),
        state: line.case.state.clone(),
        opened_at: line.case.opened_at,
        open_needs: u32::try_from(line.open_needs).unwrap_or(u32::MAX),
        clock: line
            .due_at
            .map(|due| clock(DueKind::Need, line.case.opened_at, due, now)),
    }
}

/// The case with a typed code, if the viewer sees its file.
///
/// # Errors
/// [`ActError::NotFound`], also for a code with a slip in it.
pub async fn by_code(desk: &Arc<Desk>, viewer: &Viewer, typed: String) -> Result<CaseId, ActError> {
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let seq = parse_case_code(&typed).ok_or(ActError::NotFound)?;
        let id = cases::case_by_seq(tx, seq)?.ok_or(ActError::NotFound)?;
        let (_, sight, _) = CaseFile::load_for(tx, &desk_, &viewer_, id)?;
        if matches!(sight, View::File { .. }) {
            Ok((id, vec![id]))
        } else {
            Err(ActError::NotFound)
        }
    })
    .await
}

/// Why a case cannot be closed now, if it cannot.
fn close_blocked(file: &CaseFile) -> Option<Label> {
    if file.record.state != "open" {
        Some(label("Ce dossier n’est plus ouvert.", "This case is no longer open."))
    } else if file.referrals.iter().any(|r| !r.machine.state.is_terminal()) {
        Some(label(
            "Un référencement attend encore : menez-le à sa fin ou annulez-le.",
            "A referral is still waiting: bring it to its end or cancel it.",
        ))
    } else if file.needs.iter().any(|n| n.detail.machine.state.is_live()) {
        Some(label(
            "Un besoin n’a pas de réponse : trouvez un service ou notez-le non couvert.",
            "A need has no answer: find a service or record it as unmet.",
        ))
    } else {
        None
    }
}

/// Closes a case on which nothing waits any more.
///
/// # Errors
/// [`ActError::Refused`] while something waits, [`ActError::Stale`].
pub async fn close(desk: &Arc<Desk>, viewer: &Viewer, case: CaseId, command: CloseCase) -> Result<Made, ActError> {
    let (desk_, viewer) = (Arc::clone(desk), viewer.clone());
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            write::once(tx, &viewer, "close", command.id, &(case, &command), |tx| {
                close_in(tx, &desk_, &viewer, case, &command)
            })
        })
        .await
}

fn close_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    case: CaseId,
    command: &CloseCase,
) -> Result<Made, ActError> {
    // Locked first, which counts the version up by one.
    cases::lock_case(tx, case)?;
    let (file, view, _) = CaseFile::load_for(tx, desk, viewer, case)?;
    may_write(&view, &file, viewer)?;
    let current = file.record.version - 1;
    if current != command.version {
        return Err(ActError::Stale {
            base: command.version,
            current,
        });
    }
    let mechanism = desk.version(tx, &file.record.mechanism_hash)?;
    if mechanism
        .option_label("closure_reason", &command.reason, Lang::Fr)
        .is_none()
    {
        return Err(ActError::field(
            "reason",
            "unknown_option",
            ("Choisissez un motif de la liste.", "Choose a reason from the list."),
        ));
    }
    if let Some(why) = close_blocked(&file) {
        return Err(ActError::Refused {
            code: "case_waits".to_owned(),
            why,
            remedy: label(
                "Réglez d’abord ce qui attend, puis revenez ici.",
                "Settle what waits first, then come back here.",
            ),
        });
    }
    let now = tx.now()?;
    let doer = Doer::of(viewer, ActingFor::Sender);
    let mut stream = Stream::lock(tx, case, file.record.slot, doer, mechanism.hash())?;
    let record = CaseRecord {
        state: "closed".to_owned(),
        closed_at: Some(now),
        close_reason: Some(command.reason.clone()),
        ..file.record.clone()
    };
    record.update(tx)?;
    stream.add(tx, case.0, "case_closed", &json!({ "reason": command.reason }), now, "")?;
    relais_store::counters::add(tx, &file.record.region, "all", "cases_closed", 1)?;
    Ok(Made {
        id: command.id,
        code: case_code(&mechanism, file.seq),
        version: record.version,
    })
}

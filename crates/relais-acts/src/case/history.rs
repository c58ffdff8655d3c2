//! The history of a case or of one subject in it, in words.

use chrono::{DateTime, Utc};
use relais_casework::erasure::ErasureReason;
use relais_mechanism::{Lang, Mechanism};
use relais_network::OrganisationId;
use relais_store::rows::accounts;
use relais_store::{Tx, chain};
use serde::Serialize;

use crate::problem::ActError;
use crate::say::say;
use crate::shelter::Names;

/// One line of the history.
#[derive(Debug, Clone, Serialize)]
pub struct HistoryRow {
    /// When it happened.
    pub at: DateTime<Utc>,
    /// When it was typed, if another day or hour.
    pub typed_at: DateTime<Utc>,
    /// Kind of event, as a code.
    pub kind: String,
    /// What, in words.
    pub what: String,
    /// Who, in words.
    pub who: String,
}

/// Lines of history that are shown.
const HISTORY: i64 = 40;

/// The history of a stream, newest first, or of one subject in it; and whether
/// there is more of it, further back.
///
/// # Errors
/// When the store fails.
pub fn history(
    tx: &mut Tx<'_>,
    mechanism: &Mechanism,
    names: &Names<'_>,
    stream: uuid::Uuid,
    subject: Option<uuid::Uuid>,
) -> Result<(Vec<HistoryRow>, bool), ActError> {
    let mut events = match subject {
        Some(subject) => chain::newest_about(tx, subject, HISTORY + 1)?,
        None => chain::newest(tx, stream, HISTORY + 1)?,
    };
    let shown = usize::try_from(HISTORY).unwrap_or(usize::MAX);
    let more = events.len() > shown;
    events.truncate(shown);
    let rows = events
        .into_iter()
        .map(|event| {
            let meta: serde_json::Value = serde_json::from_str(&event.meta).unwrap_or_default();
            let who = doer_says(tx, names, &meta)?;
            Ok(HistoryRow {
                at: event.happened_at,
                typed_at: event.typed_at,
                what: event_says(mechanism, &event.kind, &meta, names.lang()),
                kind: event.kind,
                who,
            })
        })
        .collect::<Result<_, ActError>>()?;
    Ok((rows, more))
}

/// Who did something, from an event's metadata, in words.
///
/// # Errors
/// When the store fails.
pub(crate) fn doer_says(tx: &mut Tx<'_>, names: &Names<'_>, meta: &serde_json::Value) -> Result<String, ActError> {
    let id = |key: &str| meta["by"][key].as_str().and_then(|t| uuid::Uuid::parse_str(t).ok());
    let organisation = id("organisation").map(OrganisationId);
    Ok(match (id("user"), organisation) {
        // Whose staff it was would tell where it is.
        (_, Some(organisation)) if names.hides(organisation) => names.word().to_owned(),
        (Some(user), Some(organisation)) => {
            let name = accounts::UserRecord::find(tx, relais_network::UserId(user))?
                .map_or_else(String::new, |u| u.display_name);
            format!("{name}, {}", names.name(organisation))
        }
        // An answer without an account: by link, or on the slip.
        (None, Some(organisation)) => names.name(organisation),
        _ => say(names.lang(), "Le mécanisme", "The mechanism").to_owned(),
    })
}

/// An event in words; coded facts are added, never typed words.
fn event_says(mechanism: &Mechanism, kind: &str, meta: &serde_json::Value, lang: Lang) -> String {
    let base = match kind {
        "case_opened" => say(lang, "Dossier ouvert", "Case opened"),
        "case_closed" => say(lang, "Dossier clos", "Case closed"),
        "closure_proposed" => say(lang, "Clôture proposée", "Closure proposed"),
        "closure_returned" => say(
            lang,
            "Clôture renvoyée par le superviseur",
            "Closure sent back by the supervisor",
        ),
        "closure_withdrawn" => say(lang, "Proposition de clôture retirée", "Closure proposal taken back"),
        "closure_dropped" => say(
            lang,
            "Clôture proposée : sans objet, le dossier continue",
            "Proposed closure: dropped, the case goes on",
        ),
        "closure_reminded" => say(lang, "Rappel : clôture à décider", "Reminder: closure to be decided"),
        "closure_unanswered" => say(lang, "Clôture restée sans réponse", "Closure left unanswered"),
        "follow_up_due" => say(lang, "Contact de suivi à faire", "Follow-up contact due"),
        "followed_up" => say(lang, "Contact de suivi", "Follow-up contact"),
        crate::ending::EVENT => say(lang, "Dossier arrêté", "Case ended"),
        "case_reopened" => say(lang, "Dossier rouvert", "Case reopened"),
        "plan_written" => say(lang, "Plan écrit", "Plan written"),
        "plan_review_due" => say(lang, "Plan à revoir", "Plan to be reviewed"),
        "plan_review_late" => say(
            lang,
            "Plan non revu : superviseur prévenu",
            "Plan not reviewed: supervisor told",
        ),
        "need_unmet" => say(lang, "Besoin non couvert", "Need unmet"),
        "need_reopened" => say(lang, "Besoin rouvert", "Need open again"),
        crate::erased::EVENT => say(lang, "Personne effacée", "Person erased"),
        "consent_recorded" => say(lang, "Consentement noté", "Consent recorded"),
        "consent_withdrawn" => say(lang, "Consentement retiré", "Consent withdrawn"),
        "family_noted" => say(lang, "Lien de famille noté", "Family link noted"),
        "family_broken" => say(lang, "Lien de famille rompu", "Family link broken"),
        "need_recorded" => say(lang, "Besoin noté", "Need recorded"),
        "need_dropped" => say(lang, "Besoin abandonné par la personne", "Need dropped by the person"),
        "stop_asked" => say(
            lang,
            "Demande de cesser l’utilisation",
            "Request to stop using the data",
        ),
        "stop_confirmed" => say(
            lang,
            "Cessation confirmée par le destinataire",
            "Recipient confirmed that use has stopped",
        ),
        "stop_reminded" => say(
            lang,
            "Rappel : cessation à confirmer",
            "Reminder: stop of use to be confirmed",
        ),
        "transfer_proposed" => say(lang, "Transfert proposé", "Transfer proposed"),
        "transfer_accepted" => say(lang, "Dossier transféré", "Case transferred"),
        "transfer_declined" => say(lang, "Transfert non accepté", "Transfer not accepted"),
        "transfer_cancelled" => say(lang, "Proposition de transfert annulée", "Transfer proposal cancelled"),
        "transfer_reminded" => say(
            lang,
            "Rappel : transfert à répondre",
            "Reminder: transfer to be answered",
        ),
        "transfer_lapsed" => say(lang, "Transfert resté sans réponse", "Transfer left unanswered"),
        "handed_over" => say(lang, "Confié à un collègue", "Handed to a colleague"),
        "claimed" => say(lang, "Dossier pris en charge", "Case taken"),
        "same_asked" => say(
            lang,
            "Demandé ailleurs : est-ce la même personne ?",
            "Asked elsewhere: is it the same person?",
        ),
        "same_answered" => say(
            lang,
            "Répondu : est-ce la même personne ?",
            "Answered: is it the same person?",
        ),
        "same_reminded" => say(
            lang,
            "Rappel : est-ce la même personne ?",
            "Reminder: is it the same person?",
        ),
        "same_lapsed" => say(
            lang,
            "Pas de réponse : est-ce la même personne ?",
            "No answer: is it the same person?",
        ),
        "joined" => say(
            lang,
            "Réuni à un autre dossier de la même personne",
            "Joined with another case of the same person",
        ),
        "separated" => say(lang, "Séparé de l’autre dossier", "Taken apart from the other case"),
        "override_written" => say(lang, "Dérogation écrite", "Override written"),
        // Which section stands sealed: a restricted one is nobody else's to know.
        crate::forms::EVENT => match meta["form"].as_str() {
            Some(crate::forms::F2) => say(lang, "Évaluation F2 : partie notée", "Assessment F2: part recorded"),
            _ => say(lang, "Fiche F1 : partie notée", "Form F1: part recorded"),
        },
        "child_recorded" => say(lang, "Protection de l’enfant notée", "Child protection noted"),
        "emergency_opened" => say(lang, "Accès d’urgence", "Emergency access"),
        "circuit_chosen" => say(lang, "Circuit protégé choisi", "Protected circuit chosen"),
        "circuit_left" => say(lang, "Circuit protégé quitté", "Protected circuit left"),
        "consents_void" => say(lang, "Consentements nuls", "Consents void"),
        "cosigned" => say(lang, "Dérogation cosignée", "Override co-signed"),
        "cosign_refused" => say(lang, "Cosignature refusée", "Co-signature refused"),
        "cosign_reminded" => say(lang, "Cosignature rappelée", "Reminder to co-sign"),
        "cosign_late" => say(
            lang,
            "Délai de cosignature dépassé",
            "The limit for co-signing has passed",
        ),
        "sent" => say(lang, "Référencement envoyé", "Referral sent"),
        "called" => say(lang, "Appel", "Call"),
        "not_left_alone" => say(
            lang,
            "Personne non laissée seule : confirmé",
            "Person not left alone: confirmed",
        ),
        "shift_offered" => say(lang, "Relève proposée", "Hand-over offered"),
        "shift_taken" => say(lang, "Relève prise", "Hand-over taken"),
        "shift_declined" => say(lang, "Relève refusée", "Hand-over declined"),
        "shift_withdrawn" => say(lang, "Relève retirée", "Hand-over taken back"),
        "payment_written" => say(lang, "Qui paie : écrit", "Who pays: written"),
        "link_made" => say(lang, "Lien de réponse fait", "Answering link made"),
        "link_opened" => say(lang, "Lien de réponse ouvert", "Answering link opened"),
        "slip_made" => say(lang, "Fiche préparée", "Slip prepared"),
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
        "waitlist_extended" => say(lang, "Liste d’attente : date repoussée", "Waiting list: date put off"),
        "review_passed" => say(
            lang,
            "Liste d’attente : date passée",
            "Waiting list: the date has passed",
        ),
        "declined" => say(lang, "Non accepté", "Not accepted"),
        "cancelled" => say(lang, "Annulé", "Cancelled"),
        "discarded" => say(lang, "Brouillon abandonné", "Draft discarded"),
        "scheduled" => say(lang, "Rendez-vous fixé", "Appointment made"),
        "rescheduled" => say(lang, "Rendez-vous déplacé", "Appointment moved"),
        "started" => say(lang, "Service commencé", "Service started"),
        "news_given" => say(lang, "A donné des nouvelles", "News given"),
        "did_not_come" => say(lang, "La personne n’est pas venue", "The person did not come"),
        "reported" => say(lang, "Résultat déclaré", "Outcome reported"),
        "confirmed" => say(lang, "Confirmé avec la personne", "Confirmed with the person"),
        "closed_unconfirmed" => say(lang, "Clos sans confirmation", "Closed unconfirmed"),
        "disputed" => say(lang, "Contesté", "Disputed"),
        "passed_on" => say(lang, "Passé à un autre responsable", "Passed on to somebody else"),
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
        "late_called" => say(
            lang,
            "Relance notée par la coordination",
            "Call noted by the coordination",
        ),
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
        .or_else(|| {
            let how = meta["confirmed"].as_str().filter(|_| kind == "case_closed");
            let said = how.and_then(|code| crate::closing::confirmed_says(code, lang));
            said.or_else(|| crate::closing::contact_says(meta["contact"].as_str()?, lang))
                .map(str::to_owned)
        })
        .or_else(|| meta["result"].as_str().map(|code| call_says(code, lang).to_owned()))
        .or_else(|| {
            let reason = meta["reason"].as_str().filter(|_| kind == crate::erased::EVENT);
            reason
                .and_then(ErasureReason::from_code)
                .map(|r| r.label().get(lang).to_owned())
        })
        .or_else(|| {
            let from = meta["from"].as_str().filter(|_| kind == "case_reopened");
            from.map(|from| crate::reopening::from_says(from, lang).to_owned())
        })
        .or_else(|| meta["line"].as_str().or(meta["ground"].as_str()).map(str::to_owned))
        .or_else(|| meta["percent"].as_u64().map(|p| format!("{p}\u{a0}%")));
    let noted = meta["noted"].as_str().map(|channel| {
        match channel {
            "link" => say(lang, "par lien", "by link"),
            "paper" => say(lang, "noté de la fiche", "noted from the slip"),
            _ => say(lang, "noté par téléphone", "noted by telephone"),
        }
        .to_owned()
    });
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

/// What came of a call, in words.
const fn call_says(code: &str, lang: Lang) -> &'static str {
    match code.as_bytes() {
        b"no_answer" => say(lang, "pas de réponse", "no answer"),
        b"busy" => say(lang, "occupé ou pas de réseau", "engaged or no network"),
        b"not_us" => say(lang, "« ce n’est pas nous »", "“not us”"),
        b"takes" => say(lang, "« je prends »", "“I take it”"),
        _ => say(lang, "rien noté, numéro suivant", "nothing noted, next number"),
    }
}

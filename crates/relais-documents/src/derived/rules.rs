//! The counts and lengths that hold for every priority, and days that count.

use relais_mechanism::country::HolidayStatus;
use relais_mechanism::limits::{Rules, Span};
use relais_mechanism::{Lang, Mechanism};

use super::{cell, marked, table};
use crate::model::{Block, Cell};
use crate::words::{self, say};

type RuleText = fn(&Rules, Lang) -> String;

/// Rules by their name in the files, with what they are for people.
const RULES: &[(&str, &str, &str, RuleText)] = &[
    (
        "no_shows_max",
        "Absences au rendez-vous, au plus",
        "Missed appointments, at most",
        |r, _| r.no_shows_max.to_string(),
    ),
    (
        "disputes_max",
        "Contestations d’un même référencement, au plus",
        "Disputes of one referral, at most",
        |r, _| r.disputes_max.to_string(),
    ),
    (
        "waitlist_extensions",
        "Prolongations d’une liste d’attente, au plus",
        "Extensions of a waiting list, at most",
        |r, _| r.waitlist_extensions.to_string(),
    ),
    (
        "waitlist_expires_after",
        "Après la date de revue d’une liste d’attente, le référencement échoit au bout de",
        "After the review date of a waiting list, the referral expires within",
        |r, l| words::span(r.waitlist_expires_after, l),
    ),
    (
        "expire_percent",
        "Part du délai de décision à laquelle une demande sans réponse échoit",
        "Share of the limit to decide at which an unanswered request expires",
        |r, _| format!("{} %", r.expire_percent),
    ),
    (
        "minutes_per_number",
        "Urgence : attente sur un numéro avant le suivant",
        "Emergency: wait on one number before the next",
        |r, l| words::span(Span::Minutes(r.minutes_per_number), l),
    ),
    (
        "test_call_days",
        "Âge d’un appel d’essai au-delà duquel il ne compte plus",
        "Age of a test call beyond which it no longer counts",
        |r, l| words::days(r.test_call_days, l),
    ),
    (
        "grace_days",
        "Délai de grâce d’un accord échu",
        "Grace of an expired agreement",
        |r, l| words::days(r.grace_days, l),
    ),
    (
        "notice_days",
        "Avis avant la fin d’un accord (jours)",
        "Notices before the end of an agreement (days)",
        |r, l| match r.notice_days.split_last() {
            Some((last, rest)) if !rest.is_empty() => {
                let rest: Vec<String> = rest.iter().map(u32::to_string).collect();
                format!("{} {} {last}", rest.join(", "), say(l, "et", "and"))
            }
            Some((last, _)) => last.to_string(),
            None => "–".to_owned(),
        },
    ),
    (
        "keep_after_end_days",
        "Après la fin d’un référencement, fermeture des accès au bout de",
        "After the end of a referral, access closes within",
        |r, l| words::days(r.keep_after_end_days, l),
    ),
    (
        "co_signature",
        "Cosignature d’une dérogation ou d’un accès d’urgence",
        "Co-signature of an override or emergency access",
        |r, l| words::span(r.co_signature, l),
    ),
    (
        "override_lasts",
        "Durée d’une dérogation ou d’un accès d’urgence",
        "How long an override or emergency access lasts",
        |r, l| words::span(r.override_lasts, l),
    ),
    (
        "consent_days",
        "Durée d’un consentement",
        "How long a consent holds",
        |r, l| words::days(r.consent_days, l),
    ),
    (
        "right_of_reply",
        "Droit de réponse du prestataire avant tout chiffre nommé",
        "Provider’s right of reply before any named figure",
        |r, l| words::span(r.right_of_reply, l),
    ),
    (
        "smallest_count",
        "Plus petit nombre montré de dossiers du circuit protégé",
        "Smallest count shown of protected cases",
        |r, _| r.smallest_count.to_string(),
    ),
    (
        "name_checks_per_day",
        "Vérifications de nom par agent et par jour",
        "Name checks for each officer and day",
        |r, _| r.name_checks_per_day.to_string(),
    ),
    (
        "stop_use",
        "Confirmer qu’on n’emploie plus ce qui a été retiré",
        "Confirm that what was withdrawn is no longer used",
        |r, l| words::span(r.stop_use, l),
    ),
    (
        "same_answer",
        "Dire si deux dossiers sont de la même personne",
        "Say whether two files are of one person",
        |r, l| words::span(r.same_answer, l),
    ),
    (
        "transfer_answer",
        "Répondre à un transfert de dossier",
        "Answer the transfer of a case",
        |r, l| words::span(r.transfer_answer, l),
    ),
    (
        "closure_review",
        "Confirmer ou renvoyer une clôture",
        "Confirm a closure or send it back",
        |r, l| words::span(r.closure_review, l),
    ),
    (
        "complaint_forward",
        "Plainte pour exploitation ou abus sexuels : remise à ses destinataires",
        "Complaint of sexual exploitation or abuse: handed to its recipients",
        |r, l| words::span(r.complaint_forward, l),
    ),
    (
        "complaint_acknowledge",
        "Accuser réception d’une plainte",
        "Acknowledge a complaint",
        |r, l| words::span(r.complaint_acknowledge, l),
    ),
    (
        "complaint_decide",
        "Décider d’une plainte",
        "Decide a complaint",
        |r, l| words::span(r.complaint_decide, l),
    ),
    (
        "child_below",
        "Une personne est un enfant en dessous de (ans)",
        "A person is a child below the age of",
        |r, _| r.child_below.to_string(),
    ),
    (
        "doubtful_child_to",
        "Âge estimé sans document jusqu’auquel le doute fait de la personne un enfant (ans)",
        "Age estimated without a document up to which doubt makes the person a child",
        |r, _| r.doubtful_child_to.to_string(),
    ),
    (
        "directory_stale_days",
        "Durée d’une confirmation de l’annuaire",
        "How long a confirmation of the directory holds",
        |r, l| words::days(r.directory_stale_days, l),
    ),
    (
        "unanswered_referrals",
        "Demandes sans réponse, l’une après l’autre, au bout desquelles un prestataire n’est plus proposé",
        "Requests unanswered, one after the other, after which a provider is no longer offered",
        |r, _| r.unanswered_referrals.to_string(),
    ),
];

/// A rule in words.
pub(super) fn rule(m: &Mechanism, name: &str, lang: Lang) -> Option<String> {
    let (.., read) = RULES.iter().find(|(n, ..)| *n == name)?;
    Some(read(m.rules(), lang))
}

/// The names of the rules.
pub(super) fn rule_names() -> String {
    RULES.iter().map(|(n, ..)| *n).collect::<Vec<_>>().join(", ")
}

/// The counts and lengths that hold for every priority.
pub(super) fn rules(m: &Mechanism, lang: Lang) -> Vec<Block> {
    let rows = RULES
        .iter()
        .map(|(_, fr, en, read)| vec![cell(say(lang, fr, en)), cell(read(m.rules(), lang))])
        .collect();
    let mut made = table(
        lang,
        ("Règles chiffrées du mécanisme", "Rules of the mechanism in figures"),
        &[("Règle", "Rule"), ("Valeur", "Value")],
        rows,
    );
    made.widths = vec![74, 26];
    vec![Block::Table(made)]
}

/// For how long the confirmation of an entry of the directory holds.
pub(super) fn confirmations(m: &Mechanism, lang: Lang) -> Vec<Block> {
    let label = |list: &str, c: &String| {
        let known = m.option_label(list, c, lang).map(str::to_owned);
        known.unwrap_or_else(|| c.clone())
    };
    let service = |c: &String| {
        let category = m.category(c).map(|c| c.label.get(lang).to_owned());
        let service = m.service_type(c).map(|s| s.label.get(lang).to_owned());
        category.or(service).unwrap_or_else(|| c.clone())
    };
    let mut rows: Vec<Vec<Cell>> = m
        .confirmation_intervals()
        .iter()
        .map(|i| {
            let mut of: Vec<String> = i.kinds.iter().map(|k| label("org_type", k)).collect();
            of.extend(i.services.iter().map(service));
            vec![
                marked(i.label.get(lang), i.mark.as_deref()),
                cell(of.join(", ")),
                cell(words::days(i.days, lang)),
            ]
        })
        .collect();
    rows.push(vec![
        cell(say(lang, "Tout le reste.", "Everything else.")),
        cell(say(lang, "toutes les fiches", "all entries")),
        cell(words::days(m.rules().directory_stale_days, lang)),
    ]);
    vec![Block::Table(table(
        lang,
        (
            "Durée d’une confirmation de l’annuaire",
            "How long a confirmation of the directory holds",
        ),
        &[("Motif", "Reason"), ("Fiches", "Entries"), ("Durée", "Holds for")],
        rows,
    ))]
}

/// Public holidays of the years that the calendar knows.
pub(super) fn holidays(m: &Mechanism, lang: Lang) -> Vec<Block> {
    let rows = m
        .holidays()
        .iter()
        .map(|h| {
            let status = match h.status {
                HolidayStatus::Confirmed => say(lang, "fixée", "fixed"),
                HolidayStatus::Estimated => say(lang, "estimée, selon la lune", "estimated, by the moon"),
                HolidayStatus::ByOrder => say(lang, "sur décision présidentielle", "only by presidential order"),
            };
            vec![
                cell(h.date.format("%d/%m/%Y").to_string()),
                cell(h.label.get(lang)),
                cell(status),
            ]
        })
        .collect();
    vec![Block::Table(table(
        lang,
        ("Jours fériés", "Public holidays"),
        &[("Date", "Date"), ("Fête", "Holiday"), ("Certitude", "Certainty")],
        rows,
    ))]
}

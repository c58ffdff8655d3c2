//! The few words of its own that a document adds to those of the mechanism.

use relais_mechanism::institution::{Frequency, Unit};
use relais_mechanism::limits::{LadderTarget, Span, SpanUnit};
use relais_mechanism::pathway::WhenDue;
use relais_mechanism::{ActingFor, DueKind, Lang};

/// The text in the language.
pub(crate) const fn say<'a>(lang: Lang, fr: &'a str, en: &'a str) -> &'a str {
    match lang {
        Lang::Fr => fr,
        Lang::En => en,
    }
}

/// A count with its noun; the number does not leave it.
fn counted(n: u32, lang: Lang, fr: (&str, &str), en: (&str, &str)) -> String {
    let noun = match lang {
        Lang::Fr if n < 2 => fr.0,
        Lang::Fr => fr.1,
        Lang::En if n == 1 => en.0,
        Lang::En => en.1,
    };
    format!("{n}\u{a0}{noun}")
}

/// Days.
pub(crate) fn days(n: u32, lang: Lang) -> String {
    counted(n, lang, ("jour", "jours"), ("day", "days"))
}

/// A length of time in words; the number does not leave its noun.
pub(crate) fn span(span: Span, lang: Lang) -> String {
    let words = span.in_words(lang);
    match span.counted() {
        Some(_) => words.replacen(' ', "\u{a0}", 1),
        None => words,
    }
}

/// A length of time as short as a box of a drawing asks for; what the letters
/// mean stands under the drawing ([`units`]).
pub(crate) fn short(span: Span, lang: Lang) -> String {
    let Some((n, unit)) = span.counted() else {
        return say(lang, "date\u{a0}convenue", "agreed\u{a0}date").to_owned();
    };
    let sign = match (unit, lang) {
        (SpanUnit::Days, Lang::Fr) => "j",
        (SpanUnit::WorkingDays, Lang::Fr) => "j.o.",
        _ => unit.sign(),
    };
    format!("{n}\u{a0}{sign}")
}

/// What the letters of [`short`] mean.
pub(crate) const fn units(lang: Lang) -> &'static str {
    say(
        lang,
        "h : heures ; j : jours ; j.o. : jours ouvrables",
        "h: hours; d: days; wd: working days",
    )
}

/// Who gives a command or must move.
pub(crate) const fn side(side: ActingFor, lang: Lang) -> &'static str {
    match side {
        ActingFor::Sender => say(lang, "structure référente", "sender"),
        ActingFor::Provider => say(lang, "prestataire", "provider"),
        ActingFor::Person => say(lang, "personne", "person"),
        ActingFor::Secretariat => say(lang, "secrétariat technique", "technical secretariat"),
        ActingFor::System => say(lang, "horloge du mécanisme", "the mechanism’s clock"),
    }
}

/// What falls due.
pub(crate) const fn due(kind: DueKind, lang: Lang) -> &'static str {
    match kind {
        DueKind::Need => say(lang, "satisfaire le besoin", "meet the need"),
        DueKind::Acknowledge => say(lang, "accuser réception", "acknowledge"),
        DueKind::Decide => say(lang, "décider", "decide"),
        DueKind::Answer => say(lang, "répondre à la question", "answer the question"),
        DueKind::WaitlistReview => say(lang, "revoir la liste d’attente", "review the waiting list"),
        DueKind::FirstContact => say(lang, "joindre la personne", "contact the person"),
        DueKind::Appointment => say(
            lang,
            "dire si le rendez-vous a eu lieu",
            "say whether the appointment took place",
        ),
        DueKind::Reach => say(lang, "retrouver la personne", "reach the person"),
        DueKind::Report => say(lang, "rendre compte", "report"),
        DueKind::Confirm => say(lang, "confirmer avec la personne", "confirm with the person"),
        DueKind::Dispute => say(lang, "répondre à la contestation", "answer the dispute"),
    }
}

/// What happens when a time limit passes.
pub(crate) const fn when_due(when: WhenDue, lang: Lang) -> &'static str {
    match when {
        WhenDue::Ladder => say(lang, "échelle des relances", "ladder of reminders"),
        WhenDue::NoticeSupervisor => say(lang, "le superviseur est prévenu", "the supervisor is told"),
        WhenDue::BackToReceived => say(
            lang,
            "retour à « reçu », marqué sans réponse",
            "back to “received”, marked as not answered",
        ),
        WhenDue::RerouteThenExpire => say(
            lang,
            "un autre service est proposé, puis le référencement échoit",
            "another service is proposed, then the referral expires",
        ),
        WhenDue::ReportNotReached => say(
            lang,
            "compte rendu « personne non jointe »",
            "reported as “person not reached”",
        ),
        WhenDue::CloseUnconfirmed => say(
            lang,
            "clôturé, compté comme non confirmé",
            "closed, counted as unconfirmed",
        ),
        WhenDue::PassToSecretariat => say(
            lang,
            "le secrétariat technique tranche, puis son superviseur",
            "the technical secretariat settles it, then its supervisor",
        ),
    }
}

/// Who is told at a step of the ladder.
pub(crate) const fn told(target: LadderTarget, lang: Lang) -> &'static str {
    match target {
        LadderTarget::FocalPoint => say(lang, "point focal", "focal point"),
        LadderTarget::Alternate => say(lang, "suppléant", "alternate"),
        LadderTarget::Head => say(lang, "chef de la structure", "head of the structure"),
        LadderTarget::Sender => say(lang, "structure référente", "sender"),
        LadderTarget::RegionalFocalPoint => say(lang, "point focal régional", "regional focal point"),
        LadderTarget::Secretariat => say(lang, "secrétariat technique", "technical secretariat"),
    }
}

/// The unit of an indicator.
pub(crate) const fn unit(unit: Unit, lang: Lang) -> &'static str {
    match unit {
        Unit::Number => say(lang, "nombre", "number"),
        Unit::Percent => "%",
        Unit::Duration => say(lang, "durée", "duration"),
        Unit::Ratio => say(lang, "rapport", "ratio"),
        Unit::Score => say(lang, "moyenne", "mean"),
    }
}

/// How often an indicator is counted.
pub(crate) const fn frequency(frequency: Frequency, lang: Lang) -> &'static str {
    match frequency {
        Frequency::Weekly => say(lang, "chaque semaine", "weekly"),
        Frequency::Monthly => say(lang, "chaque mois", "monthly"),
        Frequency::Quarterly => say(lang, "chaque trimestre", "quarterly"),
        Frequency::SemiAnnual => say(lang, "deux fois par an", "twice a year"),
        Frequency::Annual => say(lang, "chaque année", "yearly"),
        Frequency::PerWave => say(lang, "à chaque vague", "each wave"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_lengths_keep_their_unit() {
        for (given, fr, en) in [
            (Span::Minutes(15), "15\u{a0}min", "15\u{a0}min"),
            (Span::Minutes(24 * 60), "24\u{a0}h", "24\u{a0}h"),
            (Span::Minutes(30 * 1440), "30\u{a0}j", "30\u{a0}d"),
            (Span::WorkingDays(5), "5\u{a0}j.o.", "5\u{a0}wd"),
            (Span::AgreedDate, "date\u{a0}convenue", "agreed\u{a0}date"),
        ] {
            assert_eq!(
                (short(given, Lang::Fr).as_str(), short(given, Lang::En).as_str()),
                (fr, en)
            );
        }
    }

    #[test]
    fn lengths_are_said_as_the_field_says_them() {
        let both = |s| (span(s, Lang::Fr), span(s, Lang::En));
        for (given, fr, en) in [
            (Span::Minutes(15), "15\u{a0}minutes", "15\u{a0}minutes"),
            (Span::Minutes(60), "1\u{a0}heure", "1\u{a0}hour"),
            (Span::Minutes(72 * 60), "72\u{a0}heures", "72\u{a0}hours"),
            (Span::Minutes(5 * 1440), "5\u{a0}jours", "5\u{a0}days"),
            (Span::WorkingDays(1), "1\u{a0}jour ouvrable", "1\u{a0}working day"),
            (Span::WorkingDays(10), "10\u{a0}jours ouvrables", "10\u{a0}working days"),
            (Span::AgreedDate, "à la date convenue", "on the agreed date"),
        ] {
            assert_eq!(both(given), (fr.to_owned(), en.to_owned()));
        }
    }
}

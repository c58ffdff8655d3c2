//! The words in which differences are told.

use super::Kind;
use crate::words::Lang;

const fn say(lang: Lang, fr: &'static str, en: &'static str) -> &'static str {
    match lang {
        Lang::Fr => fr,
        Lang::En => en,
    }
}

/// Names of the kinds.
pub(super) const fn kind(kind: Kind, lang: Lang) -> &'static str {
    let (fr, en) = match kind {
        Kind::Header => ("En-tête", "Header"),
        Kind::Deadline => ("Délais par priorité", "Time limits by priority"),
        Kind::ServiceLimit => ("Délais propres à des services", "Services’ own limits"),
        Kind::Ladder => ("Échelle des relances", "Ladder of reminders"),
        Kind::Confirmation => ("Confirmations de l’annuaire", "Confirmations of the directory"),
        Kind::Rule => ("Règles chiffrées", "Rules in figures"),
        Kind::Category => ("Catégories de services", "Categories of service"),
        Kind::Service => ("Services", "Services"),
        Kind::Sharing => ("Matrice de partage", "Sharing matrix"),
        Kind::Regime => ("Régimes de partage", "Regimes of sharing"),
        Kind::Agreement => ("Formes d’accord", "Kinds of agreement"),
        Kind::Role => ("Rôles", "Roles"),
        Kind::Class => ("Classes de données", "Data classes"),
        Kind::Purpose => ("Finalités", "Purposes"),
        Kind::Form => ("Fiches", "Forms"),
        Kind::Section => ("Parties des fiches", "Sections of forms"),
        Kind::Field => ("Champs des fiches", "Fields of forms"),
        Kind::List => ("Listes de réponses", "Option lists"),
        Kind::Choice => ("Réponses proposées", "Options"),
        Kind::Triage => ("Ce que les réponses proposent", "What answers propose"),
        Kind::State => ("États du parcours", "States of the pathway"),
        Kind::Edge => ("Passages du parcours", "Edges of the pathway"),
        Kind::Command => ("Gestes du parcours", "Commands of the pathway"),
        Kind::Stage => ("Étapes", "Stages"),
        Kind::Actor => (
            "Acteurs du tableau des responsabilités",
            "Actors of the responsibilities",
        ),
        Kind::Responsibility => ("Responsabilités", "Responsibilities"),
        Kind::Body => ("Organisations nommées", "Bodies"),
        Kind::Bridge => ("Passerelles", "Bridges"),
        Kind::OnCall => ("Astreinte et repli national", "On-call and national fallback"),
        Kind::Emergency => ("Numéros d’urgence", "Emergency numbers"),
        Kind::EntryPoint => ("Points d’entrée", "Entry points"),
        Kind::Place => ("Lieux", "Places"),
        Kind::Calendar => ("Calendriers", "Calendars"),
        Kind::Holiday => ("Jours fériés", "Public holidays"),
        Kind::Indicator => ("Indicateurs", "Indicators"),
        Kind::Register => ("Registres", "Registers"),
        Kind::RegisterField => ("Champs des registres", "Fields of registers"),
        Kind::RegisterState => ("États des registres", "States of registers"),
        Kind::Document => ("Modèles de documents", "Templates of documents"),
        Kind::Notice => ("Notices", "Notices"),
        Kind::Meaning => ("Mots de la recherche", "Words of the search"),
    };
    say(lang, fr, en)
}

/// What is said of entries, by the name that the files and [`super::entries`]
/// give it.
const ASPECTS: &[(&str, &str, &str)] = &[
    // Header.
    ("version", "version", "version"),
    ("regime", "régime de partage", "regime of sharing"),
    (
        "s4_basis",
        "base des données à accès restreint",
        "basis of restricted data",
    ),
    ("country_code", "code du pays", "country code"),
    ("time_zone", "fuseau horaire", "time zone"),
    (
        "utc_offset",
        "minutes à l’est de Greenwich",
        "minutes east of Greenwich",
    ),
    ("currency", "monnaie", "currency"),
    (
        "currency_label",
        "monnaie, telle qu’on l’écrit",
        "currency, as it is written",
    ),
    ("phone", "plan de numérotation", "numbering plan"),
    // Time limits.
    ("need", "satisfaire le besoin", "meet the need"),
    ("acknowledge", "accuser réception", "acknowledge"),
    ("decide", "décider", "decide"),
    ("first_contact", "joindre la personne", "contact the person"),
    ("agree_date", "convenir d’une date", "agree a date"),
    ("start", "commencer le service", "start the service"),
    ("report", "rendre compte, après la fin", "report, after the end"),
    ("news", "donner des nouvelles", "give news"),
    ("answer", "répondre à une question", "answer a question"),
    (
        "answer_pauses",
        "une question arrête l’horloge",
        "a question stops the clock",
    ),
    (
        "reach",
        "retrouver une personne absente",
        "reach a person who did not come",
    ),
    (
        "appointment",
        "dire si le rendez-vous a eu lieu",
        "say whether the appointment took place",
    ),
    ("confirm", "confirmer avec la personne", "confirm with the person"),
    ("dispute", "répondre à une contestation", "answer a dispute"),
    (
        "waitlist_review",
        "revoir la liste d’attente",
        "review the waiting list",
    ),
    ("on_call", "astreinte", "on-call"),
    (
        "open_referrals",
        "référencements ouverts à la fois",
        "open referrals at once",
    ),
    ("limit", "délai", "limit"),
    ("before", "avant l’heure", "before the hour"),
    ("condition", "condition", "condition"),
    ("of", "porte sur", "about"),
    ("tell", "qui est prévenu", "who is told"),
    ("actions", "ce qui se passe", "what happens"),
    ("days", "jours", "days"),
    // Rules.
    ("no_shows_max", "absences au plus", "missed appointments at most"),
    ("disputes_max", "contestations au plus", "disputes at most"),
    (
        "waitlist_extensions",
        "prolongations d’une liste d’attente",
        "extensions of a waiting list",
    ),
    (
        "waitlist_expires_after",
        "échéance après la revue de la liste d’attente",
        "expiry after the review of the waiting list",
    ),
    (
        "expire_percent",
        "part du délai à laquelle une demande échoit (%)",
        "share of the limit at which a request expires (%)",
    ),
    (
        "minutes_per_number",
        "minutes sur un numéro avant le suivant",
        "minutes on one number before the next",
    ),
    (
        "test_call_days",
        "âge d’un appel d’essai, en jours",
        "age of a test call, in days",
    ),
    (
        "grace_days",
        "jours de grâce d’un accord",
        "days of grace of an agreement",
    ),
    (
        "notice_days",
        "avis avant la fin d’un accord, en jours",
        "notices before the end of an agreement, in days",
    ),
    (
        "keep_after_end_days",
        "jours avant la fermeture des accès",
        "days until access closes",
    ),
    (
        "co_signature",
        "cosignature d’une dérogation",
        "co-signature of an override",
    ),
    ("override_lasts", "durée d’une dérogation", "how long an override lasts"),
    ("consent_days", "jours d’un consentement", "days that a consent holds"),
    (
        "right_of_reply",
        "droit de réponse du prestataire",
        "provider’s right of reply",
    ),
    ("smallest_count", "plus petit nombre montré", "smallest count shown"),
    (
        "name_checks_per_day",
        "vérifications de nom par jour",
        "name checks a day",
    ),
    ("stop_use", "confirmer l’arrêt d’usage", "confirm that use has stopped"),
    (
        "same_answer",
        "dire si deux dossiers sont de la même personne",
        "say whether two files are of one person",
    ),
    ("transfer_answer", "répondre à un transfert", "answer a transfer"),
    (
        "closure_review",
        "confirmer ou renvoyer une clôture",
        "confirm a closure or send it back",
    ),
    (
        "complaint_forward",
        "remettre une plainte à ses destinataires",
        "hand a complaint to its recipients",
    ),
    (
        "complaint_acknowledge",
        "accuser réception d’une plainte",
        "acknowledge a complaint",
    ),
    ("complaint_decide", "décider d’une plainte", "decide a complaint"),
    ("child_below", "enfant en dessous de (ans)", "a child below (years)"),
    (
        "doubtful_child_to",
        "âge estimé, enfant dans le doute jusqu’à (ans)",
        "age estimated, in doubt a child up to (years)",
    ),
    (
        "directory_stale_days",
        "jours d’une confirmation de l’annuaire",
        "days that a confirmation of the directory holds",
    ),
    (
        "confirmation_reminder_days",
        "rappel avant la fin d’une confirmation, en jours",
        "reminder before a confirmation ends, in days",
    ),
    (
        "funding_reminder_days",
        "rappel avant la fin d’un financement, en jours",
        "reminder before funding ends, in days",
    ),
    (
        "unanswered_referrals",
        "demandes sans réponse avant de n’être plus proposé",
        "unanswered requests before being offered no more",
    ),
    (
        "merge_undo_days",
        "jours pour séparer deux fiches réunies",
        "days to part two merged entries",
    ),
    // Services, words, sharing.
    ("discreet", "libellé discret", "discreet label"),
    ("door", "porte de la page publique", "door of the public page"),
    ("dimension", "dimension", "dimension"),
    ("priority", "priorité", "priority"),
    ("min_sensitivity", "sensibilité au moins", "sensitivity at least"),
    ("confidential", "service confidentiel", "confidential service"),
    ("cash", "aide en argent", "cash aid"),
    ("provisional", "classes à valider", "classes to be validated"),
    ("about", "explication", "explanation"),
    ("mark", "marque", "mark"),
    ("up_to", "sensibilité au plus", "sensitivity at most"),
    ("priorities", "priorités", "priorities"),
    (
        "priorities_in_categories",
        "priorités dans les catégories",
        "priorities in the categories",
    ),
    ("categories", "catégories", "categories"),
    ("services", "services", "services"),
    ("kinds", "types", "kinds"),
    // Forms.
    ("who", "qui la remplit", "who fills it in"),
    ("when", "quand", "when"),
    ("due", "délai", "limit"),
    ("due_urgent", "délai d’un cas urgent", "limit of an urgent case"),
    ("given", "valeurs venues d’ailleurs", "values from outside"),
    ("section", "partie", "section"),
    ("hint", "aide", "hint"),
    ("type", "type de réponse", "kind of answer"),
    ("required", "obligatoire", "required"),
    ("relevant", "demandé quand", "asked when"),
    ("constraint", "condition de la réponse", "condition of the answer"),
    (
        "constraint_message",
        "message de la condition",
        "message of the condition",
    ),
    ("options", "liste de réponses", "option list"),
    ("sensitivity", "sensibilité", "sensitivity"),
    ("class", "classe de données", "data class"),
    ("purpose", "finalité", "purpose"),
    ("max_length", "caractères au plus", "characters at most"),
    ("min_length", "caractères au moins", "characters at least"),
    ("kept", "réponse gardée", "answer kept"),
    ("factor", "facteur", "factor"),
    ("typed", "écrit en toutes lettres", "written in words"),
    ("note", "à savoir", "to mind"),
    // Pathway and stages.
    ("waiting", "qui doit agir", "who must act"),
    ("by", "par", "by"),
    ("actors", "qui agit", "who acts"),
    ("input", "entrée", "input"),
    ("output", "résultat", "result"),
    ("forms", "fiches", "forms"),
    ("deadline", "délai", "time limit"),
    ("responsible", "qui fait", "who does it"),
    ("accountable", "qui répond", "who answers for it"),
    ("consulted", "qui est consulté", "who is consulted"),
    ("informed", "qui est informé", "who is informed"),
    // Registers.
    ("one", "une ligne s’appelle", "one line is called"),
    ("lead", "à quoi il sert", "what it is for"),
    ("chapter", "chapitre", "chapter"),
    ("read", "qui lit", "who reads"),
    ("write", "qui tient", "who keeps it"),
    ("sealed", "scellé", "sealed"),
    ("title", "nomme la ligne", "names the line"),
    ("list", "dans la liste", "in the list"),
    ("tag", "aspect", "look"),
    ("open", "reste à faire", "still to be done"),
    // The country.
    ("role", "rôle", "role"),
    ("owners", "tenue par", "run by"),
    ("area", "où", "where"),
    ("contact", "qui appeler", "whom to call"),
    ("number", "numéro", "number"),
    ("rule", "règle de passage", "rule of hand-over"),
    ("rule_mark", "marque de la règle", "mark of the rule"),
    ("hours", "heures", "hours"),
    ("last_test_call", "dernier appel d’essai", "last test call"),
    ("state_line", "ligne de l’État", "line of the State"),
    ("region", "région", "region"),
    ("coordinates", "coordonnées", "coordinates"),
    ("level", "niveau", "level"),
    ("parent", "au-dessus", "above"),
    ("chief_town", "chef-lieu", "chief town"),
    ("language", "langue", "language"),
    ("scope", "portée", "scope"),
    ("closed", "jours fermés", "closed days"),
    ("status", "certitude", "certainty"),
    ("unit", "unité", "unit"),
    ("target", "cible", "target"),
    ("alert", "alerte", "alert"),
    ("frequency", "fréquence", "frequency"),
    ("text_fr", "texte français", "French text"),
    ("text_en", "texte anglais", "English text"),
    // The search.
    ("targets", "groupes", "groups"),
    ("place", "lieu", "place"),
    ("sense", "sens", "sense"),
    ("words_fr", "mots français", "French words"),
    ("words_en", "mots anglais", "English words"),
];

/// The words for what is said of an entry; `None` for a name that has none.
pub(super) fn aspect(name: &str, lang: Lang) -> Option<&'static str> {
    ASPECTS
        .iter()
        .find(|(known, ..)| *known == name)
        .map(|(_, fr, en)| say(lang, fr, en))
}

/// Values that are codes of the program, in words.
pub(super) fn value(text: &str, lang: Lang) -> Option<&'static str> {
    let (fr, en) = match text {
        "yes" => ("oui", "yes"),
        "no" => ("non", "no"),
        "always" => ("toujours", "always"),
        "optional" => ("facultatif", "optional"),
        "required" => ("jour et nuit", "day and night"),
        "declared_or_interim" => (
            "déclarée, sinon mesure provisoire",
            "declared, otherwise an interim measure",
        ),
        "none" => ("aucune", "none"),
        "transitional" => ("transitoire", "transitional"),
        "ordinary" => ("ordinaire", "ordinary"),
        _ => return None,
    };
    Some(say(lang, fr, en))
}

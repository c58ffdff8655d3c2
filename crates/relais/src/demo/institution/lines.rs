//! The lines that were invented, in the order in which they are added: a line comes
//! after those to which it links.

use super::Invented;
use super::Says::{self, Day, Line, Text};

/// A line with a key of its own.
type Told = (
    &'static str,
    &'static str,
    &'static str,
    &'static [(&'static str, Says)],
);

/// What a field says: words, a day counted from today, the line with a key.
macro_rules! says {
    (day $days:expr) => {
        Day($days)
    };
    (of $key:literal) => {
        Line($key)
    };
    ($words:literal) => {
        Text($words)
    };
}

/// Lines as they would be written on a sheet: key, register, state, fields.
macro_rules! lines {
    ($($key:literal $register:ident $state:ident { $($field:ident($($says:tt)+),)+ })+) => {
        &[$((
            $key,
            stringify!($register),
            stringify!($state),
            &[$((stringify!($field), says!($($says)+)),)+],
        ),)+]
    };
}

const COMMITTEE: &[Told] = lines! {
    "committee" body active {
        name("Comité de pilotage (démonstration)"), kind("committee"),
        mandate("Oriente le mécanisme, valide les textes, arbitre et suit les indicateurs. N’examine aucun dossier."),
        quorum("50"), frequency("deux sessions par an, et sur demande"), until(day 900),
    }
    "group" body proposed {
        name("Groupe données et documentation (démonstration)"), kind("thematic"),
        mandate("Revoit la matrice de partage et l’annuaire, rend compte à chaque session."),
        frequency("chaque mois"),
    }
    "seat-1" member seated {
        body(of "committee"), name("Secrétaire général (démo)"), organisation("Ministère hôte (démo)"),
        function("Secrétaire général"), sector("government"), seat("chair"),
        alternate("Directeur de la coopération (démo)"), since(day -280),
    }
    "seat-2" member seated {
        body(of "committee"), name("Directrice de la protection sociale (démo)"),
        organisation("Ministère des affaires sociales (démo)"), function("Directrice"), sector("government"),
        seat("co_chair"), alternate("Sous-directeur (démo)"), since(day -280),
    }
    "seat-3" member seated {
        body(of "committee"), name("Coordinateur du réseau (démo)"), organisation("Réseau d’associations (démo)"),
        function("Coordinateur"), sector("civil_society"), seat("member"), since(day -270),
    }
    "seat-4" member seated {
        body(of "committee"), name("Chargée de programme (démo)"), organisation("Agence des Nations Unies (démo)"),
        function("Chargée de programme"), sector("un"), seat("secretary"), since(day -270),
    }
    "seat-5" member asked {
        body(of "committee"), name("Délégué général (démo)"), organisation("Organisation des employeurs (démo)"),
        function("Délégué général"), sector("private_sector"), seat("member"),
    }
    "seat-6" member seated {
        body(of "committee"), name("Présidente d’association (démo)"),
        organisation("Association de personnes de retour (démo)"), function("Présidente"), sector("returnees"),
        seat("member"), since(day -200),
    }
};

const ASSESSMENT: &[Told] = lines! {
    "assessment-0" assessment validated {
        title("Évaluation de départ (démonstration)"), date(day -420),
        scope("Le pays entier, du retour annoncé à la clôture."),
    }
    "assessment-1" assessment running {
        title("Évaluation annuelle (démonstration)"), date(day -40),
        scope("Le pays entier, du retour annoncé à la clôture du plan de réintégration."),
        method("Documents, entretiens, un atelier. Deux régions n’ont pas été visitées."),
    }
};

/// The criteria with their level before and now, and what shows it.
const SCORES: [(&str, Option<&str>, &str, &str); 14] = [
    (
        "M1",
        Some("1"),
        "2",
        "Périmètre écrit dans le projet de procédures (démo).",
    ),
    (
        "M2",
        Some("1"),
        "2",
        "Groupes listés, critères encore en discussion (démo).",
    ),
    (
        "M3",
        Some("1"),
        "3",
        "Annuaire en ligne, confirmé par les prestataires (démo).",
    ),
    (
        "M4",
        Some("1"),
        "2",
        "Feuille de route inscrite, pilote préparé (démo).",
    ),
    (
        "M5",
        None,
        "1",
        "Chef de file pressenti, projet d’acte transmis (démo).",
    ),
    ("M6", Some("1"), "2", "Procédures et fiches communes en projet (démo)."),
    (
        "M7",
        Some("1"),
        "2",
        "Société civile et Nations Unies associées (démo).",
    ),
    ("M8", Some("1"), "3", "Deux sessions tenues, décisions suivies (démo)."),
    (
        "M9",
        None,
        "2",
        "Consentement par écrit, accord de partage en projet (démo).",
    ),
    ("M10", None, "1", "Un seul financement, daté (démo)."),
    (
        "M11",
        Some("0"),
        "2",
        "Indicateurs définis, comptés par l’outil (démo).",
    ),
    (
        "M12",
        None,
        "2",
        "Porte des plaintes ouverte, destinataires nommés (démo).",
    ),
    ("M13", None, "1", "Contacts pris avec deux entreprises (démo)."),
    (
        "M14",
        None,
        "1",
        "Échanges entre bureaux d’une même organisation (démo).",
    ),
];

const FINDINGS: &[Told] = lines! {
    "finding-1" finding open {
        assessment(of "assessment-1"), score(of "score-M5"),
        title("Aucun texte ne désigne encore l’institution hôte (démo)"), severity("3"),
        cause("Le projet d’acte attend sa revue juridique."), evidence("Registre des adoptions."),
    }
    "finding-2" finding open {
        assessment(of "assessment-1"), score(of "score-M6"),
        title("Une demande sur cinq reste sans réponse (démo)"), severity("2"), indicator("R05"),
        cause("Suppléants non nommés, numéros qui changent."), evidence("Fiche mensuelle."),
    }
    "finding-3" finding open {
        assessment(of "assessment-1"), score(of "score-M13"),
        title("Peu de places d’emploi ouvertes aux personnes de retour (démo)"), severity("2"), indicator("S06"),
        cause("Aucune convention signée avec les entreprises."),
    }
    "finding-4" finding addressed {
        assessment(of "assessment-1"), score(of "score-M3"),
        title("Des fiches de l’annuaire sans date de vérification (démo)"), severity("1"), indicator("N05"),
        evidence("Corrigé : chaque fiche porte sa date."),
    }
    "recommendation-1" recommendation accepted {
        finding(of "finding-1"), title("Prendre une lettre de désignation provisoire (démo)"), priority("high"),
        owner("Ministère hôte (démo)"), due(day 30), cost("none"),
    }
    "recommendation-2" recommendation accepted {
        finding(of "finding-2"), title("Nommer un suppléant dans chaque structure (démo)"), priority("high"),
        owner("Chefs de structure (démo)"), due(day -8), cost("none"),
    }
    "recommendation-3" recommendation proposed {
        finding(of "finding-3"), title("Signer une convention avec l’organisation des employeurs (démo)"),
        priority("medium"), owner("Secrétariat technique (démo)"), due(day 120), cost("low"),
    }
    "stakeholder-1" stakeholder engaged {
        name("Ministère hôte (démo)"), sector("government"), mandate("Conduit le mécanisme."), interest("high"),
        influence("high"), role("Préside le comité, porte les textes."),
    }
    "stakeholder-2" stakeholder met {
        name("Association de personnes de retour (démo)"), sector("returnees"),
        mandate("Accueille et accompagne ses membres."), interest("high"), influence("medium"),
        role("Siège au comité, évalue les services."),
    }
    "stakeholder-3" stakeholder identified {
        name("Organisation des employeurs (démo)"), sector("private_sector"), interest("medium"),
        influence("medium"), role("Ouvre des places de stage et d’emploi."),
    }
    "interview-1" interview held {
        assessment(of "assessment-1"), stakeholder(of "stakeholder-2"),
        informant("Présidente d’association (démo)"), group("RET"), date(day -36), confidentiality("role"),
        consent("given"), notes("Notes inventées pour la démonstration."),
    }
    "partnership-1" partnership negotiating {
        partner("Organisation des employeurs (démo)"), kind("private"), recommendation(of "recommendation-3"),
        offer("Stages et apprentissages dans trois secteurs."), places("60"),
        conditions("Aucune mention du retour sans accord écrit."), next_step("Relire le projet de convention."),
        owner("Secrétariat technique (démo)"), due(day 45),
    }
    "partnership-2" partnership identified {
        partner("Bailleur de démonstration A"), kind("donor"), offer("Appui à la formation des formateurs."),
        next_step("Demander les critères et les dates."), owner("Secrétariat technique (démo)"), due(day 75),
    }
};

const SESSIONS: &[Told] = lines! {
    "session-1" session held {
        title("Première session (démo)"), body(of "committee"), date(day -210),
        place("Salle de réunion du ministère hôte (démo)"), quorum("yes"), present("5"), minutes("PV-DEMO-01"),
    }
    "session-2" session held {
        title("Deuxième session (démo)"), body(of "committee"), date(day -25), place("À distance"), quorum("yes"),
        present("4"), minutes("PV-DEMO-02"),
    }
    "session-3" session planned {
        title("Troisième session (démo)"), body(of "committee"), date(day 150),
        place("Salle de réunion du ministère hôte (démo)"),
    }
    "agenda-1" agenda examined {
        session(of "session-1"), subject("Installation du comité et de son secrétariat (démo)"),
        paper("Mandat, composition, premières désignations."),
    }
    "agenda-2" agenda examined {
        session(of "session-2"), subject("Demandes sans réponse (démo)"), indicator("R05"), finding(of "finding-2"),
        paper("Une demande sur cinq échoit sans réponse ; les suppléants manquent dans la moitié des structures."),
    }
    "agenda-3" agenda examined {
        session(of "session-2"), subject("Tenue de l’annuaire (démo)"), indicator("N05"), finding(of "finding-4"),
        paper("Fiches confirmées, fiches en doute, propositions de suite."),
    }
    "decision-1" decision done {
        agenda(of "agenda-1"), text("Créer le secrétariat technique à titre provisoire (démo)"),
        owner("Ministère hôte (démo)"), due(day -150), outcome("Secrétariat en place."),
    }
    "decision-2" decision open {
        agenda(of "agenda-2"), text("Nommer un suppléant dans chaque structure prestataire (démo)"),
        owner("Chefs de structure (démo)"), due(day -5),
    }
    "decision-3" decision open {
        agenda(of "agenda-3"), text("Vérifier les fiches d’hébergement chaque mois (démo)"),
        owner("Points focaux régionaux (démo)"), due(day 60),
    }
};

const ROADMAP: &[Told] = lines! {
    "action-1" action done {
        title("Installer le secrétariat technique (démo)"), axis("Cadre institutionnel"), decision(of "decision-1"),
        priority("high"), owner("Ministère hôte (démo)"), from(day -200), until(day -150),
        verification("Note de service"),
    }
    "action-2" action running {
        title("Obtenir l’acte qui crée le comité (démo)"), axis("Cadre institutionnel"),
        recommendation(of "recommendation-1"), priority("high"), owner("Ministère hôte (démo)"), from(day -60),
        until(day 90), depends(of "action-1"), indicator("I02"), verification("Acte publié"),
    }
    "action-3" action running {
        title("Faire nommer les suppléants (démo)"), axis("Procédures et outils"), decision(of "decision-2"),
        recommendation(of "recommendation-2"), priority("high"), owner("Chefs de structure (démo)"), from(day -25),
        until(day -5), indicator("R05"), verification("Lettres de désignation"),
    }
    "action-4" action running {
        title("Vérifier l’annuaire dans chaque région (démo)"), axis("Annuaire et couverture"),
        decision(of "decision-3"), owner("Points focaux régionaux (démo)"), from(day -20), until(day 60),
        indicator("N05"), cost("1500000"), funding("Secrétariat technique (démo)"),
    }
    "action-5" action planned {
        title("Former les formateurs (démo)"), axis("Procédures et outils"), owner("Secrétariat technique (démo)"),
        from(day 40), until(day 75), depends(of "action-3"), cost("4000000"),
        funding("Bailleur de démonstration A"), verification("Attestations"),
    }
    "action-6" action planned {
        title("Demander l’autorisation de traiter les données sensibles (démo)"), axis("Données et protection"),
        owner("Délégué à la protection des données (démo)"), from(day 10), until(day 100), depends(of "action-2"),
        verification("Décision de l’autorité"),
    }
    "action-7" action planned {
        title("Signer la convention avec les employeurs (démo)"), axis("Partenariats et insertion"),
        recommendation(of "recommendation-3"), owner("Secrétariat technique (démo)"), from(day 30), until(day 130),
        indicator("S06"), cost("600000"),
    }
    "action-8" action planned {
        title("Inscrire une ligne au budget national (démo)"), axis("Durée"), owner("Ministère hôte (démo)"),
        from(day 90), until(day 240), depends(of "action-2"), indicator("I05"), verification("Ligne votée"),
    }
};

const WORKSHOPS: &[Told] = lines! {
    "workshop-1" workshop held {
        title("Atelier sur les procédures (démo)"), date(day -18), until(day -17),
        place("Centre de conférences (démo)"), document("DOC10"),
        objective("Relire les étapes et les délais avec ceux qui les appliqueront."),
        programme("Jour 1, matin : le parcours, étape par étape.\nJour 1, après-midi : délais par priorité, en groupes.\nJour 2, matin : partage des données et circuit protégé.\nJour 2, après-midi : contributions, suites."),
        summary("Les participants jugent le parcours juste et les délais courts pour les services planifiés.\nDésaccord : qui appelle la personne après un refus. Les deux positions sont notées."),
    }
    "attendance-1" attendance present {
        workshop(of "workshop-1"), name("Directrice de la protection sociale (démo)"),
        organisation("Ministère des affaires sociales (démo)"), function("Directrice"), sector("government"),
        sex("f"), present("all"),
    }
    "attendance-2" attendance present {
        workshop(of "workshop-1"), name("Coordinateur du réseau (démo)"),
        organisation("Réseau d’associations (démo)"), function("Coordinateur"), sector("civil_society"), sex("m"),
        present("part"),
    }
    "attendance-3" attendance present {
        workshop(of "workshop-1"), name("Présidente d’association (démo)"),
        organisation("Association de personnes de retour (démo)"), function("Présidente"), sector("returnees"),
        sex("f"), present("all"),
    }
    "attendance-4" attendance absent {
        workshop(of "workshop-1"), name("Délégué général (démo)"),
        organisation("Organisation des employeurs (démo)"), function("Délégué général"), sector("private_sector"),
        sex("m"), present("none"),
    }
    "contribution-1" contribution accepted {
        workshop(of "workshop-1"), action(of "action-3"), subject("Décider plus vite les demandes standard (démo)"),
        organisation("Réseau d’associations (démo)"), document("DOC10"), section("Délais et escalade"),
        text("Ramener le délai de décision d’une demande standard à quatre jours ouvrables."),
        reason("Les structures présentes disent pouvoir le tenir."),
    }
    "contribution-2" contribution adapted {
        workshop(of "workshop-1"), subject("Confirmer les fiches d’hébergement chaque mois (démo)"),
        organisation("Association de personnes de retour (démo)"), document("DOC12"),
        section("Tenir le répertoire à jour"),
        text("Une place libre change chaque semaine ; une fiche vieille de six mois trompe."),
        reason("Chaque mois pour l’hébergement seulement."),
    }
    "contribution-3" contribution waiting {
        workshop(of "workshop-1"), subject("Qui appelle après un refus (démo)"),
        organisation("Ministère des affaires sociales (démo)"), document("DOC10"), section("Étapes"),
        text("Le gestionnaire de cas, et non le prestataire."),
    }
    "negotiation-1" negotiation open {
        clause("Durée de conservation après la fin (démo)"), agreement("MOU-DEMO"),
        party("Agence des Nations Unies (démo)"), document("DOC09"), position("Demande une durée plus courte."),
        due(day 20),
    }
    "change-1" rule_change proposed {
        contribution(of "contribution-1"), decision(of "decision-2"), parameter("priority.P3.decide"),
        value("4 wd"), layer("procedure"), reason("Atelier sur les procédures (démo)."),
    }
    "adoption-1" adoption comments {
        document("DOC16"), version("projet 2"), route("ARRC"), step("AD4"), holder("Service juridique (démo)"),
        since(day -30), due(day -3),
    }
    "adoption-2" adoption draft {
        document("DOC10"), version("projet 3"), rule_change(of "change-1"), step("AD2"),
        holder("Secrétariat technique (démo)"), since(day -10), due(day 25),
    }
};

const DESK: &[Told] = lines! {
    "desk-1" desk_document obtained {
        title("Cartographie nationale des services (démo)"), assessment(of "assessment-1"),
        holder("Ministère des affaires sociales (démo)"), date(day -800),
        note("Liste des prestataires, à vérifier un par un."),
    }
    "desk-2" desk_document requested {
        title("Rapport de l’atelier régional (démo)"), assessment(of "assessment-1"),
        holder("Bureau régional (démo)"), due(day -12), note("Demandé par écrit, relancé une fois."),
    }
    "desk-3" desk_document absent {
        title("Feuille de route précédente (démo)"), assessment(of "assessment-1"),
        note("Aucun détenteur connu : c’est un constat."),
    }
};

/// The deliverables: document, objective, state, and the days on which the draft and
/// the final version are due.
const DELIVERABLES: [(&str, &str, &str, i64, i64); 19] = [
    ("DOC01", "1", "accepted", -110, -96),
    ("DOC02", "1", "review", -30, -10),
    ("DOC03", "1", "accepted", -100, -90),
    ("DOC04", "2", "draft", -10, 6),
    ("DOC05", "2", "review", -6, 14),
    ("DOC06", "3", "accepted", -80, -60),
    ("DOC07", "3", "accepted", -70, -60),
    ("DOC08", "4", "draft", -4, 30),
    ("DOC09", "4", "draft", -4, 30),
    ("DOC10", "5", "draft", -2, 40),
    ("DOC11", "5", "draft", -2, 40),
    ("DOC12", "5", "review", -8, 20),
    ("DOC13", "5", "to_do", 40, 60),
    ("DOC14", "1", "to_do", 25, 50),
    ("DOC15", "3", "accepted", -20, -12),
    ("DOC16", "3", "review", -30, -3),
    ("DOC17", "3", "to_do", 8, 15),
    ("DOC18", "3", "to_do", 20, 35),
    ("DOC19", "4", "to_do", 15, 45),
];

fn told(lines: &'static [Told]) -> impl Iterator<Item = Invented> {
    lines.iter().map(|&(key, register, state, says)| Invented {
        key: key.to_owned(),
        register,
        state,
        says: says.to_vec(),
    })
}

fn score(assessment: &'static str, criterion: &'static str, level: &'static str, evidence: &'static str) -> Invented {
    // What was found last is what findings speak of.
    let key = match assessment {
        "assessment-1" => format!("score-{criterion}"),
        _ => format!("score-{criterion}-before"),
    };
    Invented {
        key,
        register: "score",
        state: if assessment == "assessment-1" {
            "to_confirm"
        } else {
            "confirmed"
        },
        says: vec![
            ("assessment", Line(assessment)),
            ("criterion", Text(criterion)),
            ("level", Text(level)),
            ("evidence", Text(evidence)),
            ("source", Text("desk")),
            ("confidence", Text("medium")),
        ],
    }
}

fn scores() -> Vec<Invented> {
    let mut all = Vec::new();
    for (criterion, before, now, evidence) in SCORES {
        if let Some(level) = before {
            all.push(score("assessment-0", criterion, level, "Évaluation de départ (démo)."));
        }
        all.push(score("assessment-1", criterion, now, evidence));
    }
    all
}

fn deliverable(
    (document, objective, state, draft, last): (&'static str, &'static str, &'static str, i64, i64),
) -> Invented {
    let mut says = vec![
        ("title", Text(document)),
        ("document", Text(document)),
        ("objective", Text(objective)),
        ("owner", Text("Mission (démo)")),
        ("draft_due", Day(draft)),
        ("final_due", Day(last)),
        ("reviewer", Text("Pays, région, administrations (démo)")),
    ];
    if state == "accepted" {
        says.extend([("sent", Day(last - 2)), ("accepted", Day(last + 6))]);
    } else if state == "review" {
        says.push(("sent", Day(draft + 1)));
    }
    Invented {
        key: format!("deliverable-{document}"),
        register: "deliverable",
        state,
        says,
    }
}

/// All lines.
pub(super) fn all() -> Vec<Invented> {
    let mut all: Vec<Invented> = told(COMMITTEE).chain(told(ASSESSMENT)).collect();
    all.extend(scores());
    for lines in [FINDINGS, SESSIONS, ROADMAP, WORKSHOPS, DESK] {
        all.extend(told(lines));
    }
    all.extend(DELIVERABLES.map(deliverable));
    all
}

//! What the words of an organisation's name say beside the name itself: what
//! sort of house it is, of which church or network, where in a town; the same
//! word in French and English.
//!
//! Words here are as [`crate::words::fold`] leaves them, without the little
//! words of [`STOP`].

/// What sort of house a name says that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Class {
    HealthCentre,
    IntegratedHealthCentre,
    Dispensary,
    Clinic,
    MedicalCentre,
    Hospital,
    DistrictHospital,
    RegionalHospital,
    CentralHospital,
    Maternity,
    Pharmacy,
    Ministry,
    RegionalDelegation,
    DepartmentalDelegation,
    Delegation,
    Association,
    Foundation,
    Council,
    TrainingCentre,
    SocialCentre,
    WomensCentre,
    YouthCentre,
    School,
    Court,
    Police,
    Gendarmerie,
    Prison,
    Orphanage,
    Cooperative,
}

/// How two sorts of house stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kinship {
    /// The same sort.
    Same,
    /// Lists mix them up.
    Near,
    /// The one is what the other becomes in time; both may stand in one town.
    Risen,
    /// One name says none.
    Unsaid,
    /// Both names say none.
    Neither,
    /// Two houses.
    Apart,
}

/// Health posts of the first level, which lists mix up.
const FIRST: [Class; 4] = [
    Class::HealthCentre,
    Class::IntegratedHealthCentre,
    Class::Dispensary,
    Class::Maternity,
];
const HOSPITALS: [Class; 3] = [Class::DistrictHospital, Class::RegionalHospital, Class::CentralHospital];

/// How two sorts stand to each other.
pub(super) fn kinship(a: Option<Class>, b: Option<Class>) -> Kinship {
    let (Some(a), Some(b)) = (a, b) else {
        return if a == b { Kinship::Neither } else { Kinship::Unsaid };
    };
    let either = |one: Class, other: &[Class]| (a == one && other.contains(&b)) || (b == one && other.contains(&a));
    if a == b {
        Kinship::Same
    } else if (FIRST.contains(&a) && FIRST.contains(&b))
        || either(Class::Hospital, &HOSPITALS)
        || either(Class::Clinic, &[Class::HealthCentre, Class::Hospital])
        || either(
            Class::Delegation,
            &[Class::RegionalDelegation, Class::DepartmentalDelegation],
        )
        || either(Class::Association, &[Class::Foundation, Class::Cooperative])
    {
        Kinship::Near
    } else if either(Class::MedicalCentre, &FIRST)
        || either(Class::MedicalCentre, &[Class::DistrictHospital, Class::Hospital])
    {
        Kinship::Risen
    } else {
        Kinship::Apart
    }
}

/// Whether a sort of house stands but once in a town.
pub(super) const fn is_one_of_a_town(class: Class) -> bool {
    matches!(
        class,
        Class::DistrictHospital | Class::RegionalHospital | Class::CentralHospital
    )
}

/// Whether a sort of house is one that treats the sick: there are thousands of
/// them, and none is known by an acronym of its name.
pub(super) const fn is_of_health(class: Class) -> bool {
    matches!(
        class,
        Class::HealthCentre
            | Class::IntegratedHealthCentre
            | Class::Dispensary
            | Class::Clinic
            | Class::MedicalCentre
            | Class::Hospital
            | Class::DistrictHospital
            | Class::RegionalHospital
            | Class::CentralHospital
            | Class::Maternity
            | Class::Pharmacy
    )
}

/// The marks that say where in a town a house stands, or of which part of a whole:
/// lists leave these out more often than a church's name.
pub(super) const PARTS: &[&str] = &[
    "urban", "rural", "north", "south", "east", "west", "annex", "town", "palace", "station", "market", "airport",
    "mission",
];

/// Little words.
pub(super) const STOP: &[&str] = &[
    "de", "du", "des", "d", "la", "le", "les", "l", "un", "une", "et", "au", "aux", "en", "pour", "par", "sur", "dans",
    "avec", "the", "of", "and", "for", "to", "in", "at", "on", "with", "s",
];

/// Phrases that say what sort of house it is; of those that fit, the longest
/// counts.
pub(super) const PHRASES: &[(&str, Class)] = &[
    ("centre sante integre", Class::IntegratedHealthCentre),
    ("centre integre sante", Class::IntegratedHealthCentre),
    ("integrated health centre", Class::IntegratedHealthCentre),
    ("csi", Class::IntegratedHealthCentre),
    ("ihc", Class::IntegratedHealthCentre),
    ("centre sante", Class::HealthCentre),
    ("health centre", Class::HealthCentre),
    ("formation sanitaire", Class::HealthCentre),
    ("dispensaire", Class::Dispensary),
    ("dispensary", Class::Dispensary),
    ("poste sante", Class::Dispensary),
    ("health post", Class::Dispensary),
    ("clinique", Class::Clinic),
    ("clinic", Class::Clinic),
    ("polyclinique", Class::Clinic),
    ("polyclinic", Class::Clinic),
    ("cabinet medical", Class::Clinic),
    ("centre medical arrondissement", Class::MedicalCentre),
    ("centre medical darrondissement", Class::MedicalCentre),
    ("sub divisional medical centre", Class::MedicalCentre),
    ("subdivisional medical centre", Class::MedicalCentre),
    ("sub divisional hospital", Class::MedicalCentre),
    ("centre medical", Class::MedicalCentre),
    ("medical centre", Class::MedicalCentre),
    ("cma", Class::MedicalCentre),
    ("hopital", Class::Hospital),
    ("hospital", Class::Hospital),
    ("hopital district", Class::DistrictHospital),
    ("district hospital", Class::DistrictHospital),
    ("hd", Class::DistrictHospital),
    ("hopital regional", Class::RegionalHospital),
    ("regional hopital regional", Class::RegionalHospital),
    ("regional hospital", Class::RegionalHospital),
    ("hr", Class::RegionalHospital),
    ("hopital general", Class::CentralHospital),
    ("general hospital", Class::CentralHospital),
    ("hopital central", Class::CentralHospital),
    ("central hospital", Class::CentralHospital),
    ("maternite", Class::Maternity),
    ("maternity", Class::Maternity),
    ("pharmacie", Class::Pharmacy),
    ("pharmacy", Class::Pharmacy),
    ("ministere", Class::Ministry),
    ("ministry", Class::Ministry),
    ("delegation regionale", Class::RegionalDelegation),
    ("regional delegation", Class::RegionalDelegation),
    ("delegation departementale", Class::DepartmentalDelegation),
    ("divisional delegation", Class::DepartmentalDelegation),
    ("delegation", Class::Delegation),
    ("association", Class::Association),
    ("asso", Class::Association),
    ("ong", Class::Association),
    ("ngo", Class::Association),
    ("gic", Class::Cooperative),
    ("common initiative group", Class::Cooperative),
    ("groupe initiative commune", Class::Cooperative),
    ("cooperative", Class::Cooperative),
    ("fondation", Class::Foundation),
    ("foundation", Class::Foundation),
    ("commune", Class::Council),
    ("mairie", Class::Council),
    ("council", Class::Council),
    ("centre formation professionnelle", Class::TrainingCentre),
    ("vocational training centre", Class::TrainingCentre),
    ("centre formation", Class::TrainingCentre),
    ("training centre", Class::TrainingCentre),
    ("cfp", Class::TrainingCentre),
    ("centre social", Class::SocialCentre),
    ("social centre", Class::SocialCentre),
    ("centre promotion femme famille", Class::WomensCentre),
    ("women empowerment centre", Class::WomensCentre),
    ("womens empowerment centre", Class::WomensCentre),
    ("centre women empowerment family", Class::WomensCentre),
    ("cpff", Class::WomensCentre),
    ("centre multifonctionnel promotion jeunes", Class::YouthCentre),
    ("multipurpose youth empowerment centre", Class::YouthCentre),
    ("multipurpose youth centre", Class::YouthCentre),
    ("cmpj", Class::YouthCentre),
    ("ecole", Class::School),
    ("school", Class::School),
    ("lycee", Class::School),
    ("college", Class::School),
    ("tribunal", Class::Court),
    ("court", Class::Court),
    ("commissariat", Class::Police),
    ("police station", Class::Police),
    ("brigade gendarmerie", Class::Gendarmerie),
    ("gendarmerie brigade", Class::Gendarmerie),
    ("prison", Class::Prison),
    ("orphelinat", Class::Orphanage),
    ("orphanage", Class::Orphanage),
];

/// A church, network or owner, and where in a town or of what part: one name
/// with one of these, and the same name without it, are most often two houses
/// in one place.
pub(super) const MARKS: &[(&str, &str)] = &[
    ("catholique", "catholic"),
    ("catholic", "catholic"),
    ("diocesain", "catholic"),
    ("protestant", "protestant"),
    ("protestante", "protestant"),
    ("baptiste", "baptist"),
    ("baptist", "baptist"),
    ("cbc", "baptist"),
    ("presbyterien", "presbyterian"),
    ("presbyterienne", "presbyterian"),
    ("presbyterian", "presbyterian"),
    ("pcc", "presbyterian"),
    ("epc", "epc"),
    ("eec", "eec"),
    ("uebc", "uebc"),
    ("islamique", "islamic"),
    ("islamic", "islamic"),
    ("adventiste", "adventist"),
    ("adventist", "adventist"),
    ("lutherien", "lutheran"),
    ("lutheran", "lutheran"),
    ("eelc", "lutheran"),
    ("apostolic", "apostolic"),
    ("apostolique", "apostolic"),
    ("evangelique", "evangelical"),
    ("evangelical", "evangelical"),
    ("mission", "mission"),
    ("prive", "private"),
    ("privee", "private"),
    ("private", "private"),
    ("militaire", "military"),
    ("military", "military"),
    ("police", "police"),
    ("prison", "prison"),
    ("scolaire", "school"),
    ("universitaire", "university"),
    ("university", "university"),
    ("urbain", "urban"),
    ("urban", "urban"),
    ("rural", "rural"),
    ("rurale", "rural"),
    ("nord", "north"),
    ("north", "north"),
    ("sud", "south"),
    ("south", "south"),
    ("est", "east"),
    ("east", "east"),
    ("ouest", "west"),
    ("west", "west"),
    ("annexe", "annex"),
    ("annex", "annex"),
    ("ville", "town"),
    ("town", "town"),
    ("chefferie", "palace"),
    ("palace", "palace"),
    ("gare", "station"),
    ("marche", "market"),
    ("market", "market"),
    ("aeroport", "airport"),
    ("airport", "airport"),
    ("filles", "girls"),
    ("girls", "girls"),
    ("garcons", "boys"),
    ("boys", "boys"),
];

/// Two words that are one mark.
pub(super) const DOUBLE_MARKS: &[(&str, &str, &str)] = &[
    ("ad", "lucem", "adlucem"),
    ("croix", "rouge", "redcross"),
    ("red", "cross", "redcross"),
];

/// Words that add nothing to a name beside its other words.
pub(super) const LIGHT: &[&str] = &[
    "cameroun",
    "cameroon",
    "camerounais",
    "camerounaise",
    "national",
    "nationale",
    "international",
    "internationale",
    "public",
    "publique",
    "centre",
    "groupe",
    "group",
    "project",
    "projet",
    "programme",
    "program",
    "local",
    "service",
    "services",
    "regional",
    "regionale",
    "saint",
    "grand",
];

/// One word in both languages: French, English.
pub(super) const PAIRS: &[(&str, &str)] = &[
    ("femme", "women"),
    ("femmes", "women"),
    ("womens", "women"),
    ("woman", "women"),
    ("jeune", "youth"),
    ("jeunes", "youth"),
    ("jeunesse", "youth"),
    ("enfant", "children"),
    ("enfants", "children"),
    ("enfance", "children"),
    ("child", "children"),
    ("childrens", "children"),
    ("famille", "family"),
    ("familles", "family"),
    ("families", "family"),
    ("handicapes", "disabled"),
    ("handicap", "disabled"),
    ("handicapees", "disabled"),
    ("migrant", "migrants"),
    ("retour", "return"),
    ("retournes", "returnees"),
    ("rapatries", "returnees"),
    ("refugies", "refugees"),
    ("solidarite", "solidarity"),
    ("developpement", "development"),
    ("formation", "training"),
    ("professionnelle", "vocational"),
    ("professional", "vocational"),
    ("droits", "rights"),
    ("droit", "rights"),
    ("homme", "human"),
    ("humains", "human"),
    ("paix", "peace"),
    ("espoir", "hope"),
    ("secours", "relief"),
    ("aide", "aid"),
    ("agricole", "agricultural"),
    ("agriculture", "agricultural"),
    ("sante", "health"),
    ("emploi", "employment"),
    ("travail", "work"),
    ("social", "social"),
    ("sociale", "social"),
    ("sociales", "social"),
    ("affaires", "affairs"),
    ("lutte", "fight"),
    ("contre", "against"),
    ("traite", "trafficking"),
    ("violences", "violence"),
    ("victimes", "victims"),
    ("survivantes", "survivors"),
    ("reseau", "network"),
    ("union", "union"),
    ("accueil", "reception"),
    ("ecoute", "listening"),
    ("metiers", "trades"),
    ("couture", "sewing"),
    ("coeur", "heart"),
    ("mere", "mother"),
    ("meres", "mothers"),
    ("orphelins", "orphans"),
    ("avocats", "lawyers"),
    ("juristes", "jurists"),
    ("entreprises", "enterprises"),
    ("artisanat", "crafts"),
    ("bon", "good"),
    ("samaritain", "samaritan"),
    ("espoirs", "hope"),
    ("lumiere", "light"),
    ("vie", "life"),
];

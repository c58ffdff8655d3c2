//! The demonstration's directory: delegations, hospitals, agencies and
//! committees at the real chief towns of ten regions and 58 departments. All
//! of it is marked as demonstration; telephones begin with +237 2 00, which
//! nobody has.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use relais_acts::directory::Entries;
use relais_mechanism::places::Place as Area;
use relais_mechanism::{Label, Lang, Mechanism};
use relais_network::agreement::AgreementKind;
use relais_network::ids::derived;
use relais_network::service::CONFIDENTIAL_TYPES;
use relais_network::{
    Capacity, Cost, Organisation, OrganisationId, OrganisationKind, Origin, Place, PlaceId, PublicationStatus,
    Safeguards, ServedArea, Service, ServiceId, Telephone, body_id,
};

use super::cast::Undertaking;

/// Name of the source of what the demonstration makes.
pub const SOURCE: &str = "demonstration";

/// The reception at Douala airport.
pub const RECEPTION: &str = "ACC-DLA";
/// A centre with many services.
pub const CENTRE: &str = "CPS-DLA";
/// The technical secretariat.
pub const SECRETARIAT: &str = "ST-MNR";

/// A clinic that has signed nothing.
const WAITS: &str = "CLIN-LIM";
/// A network whose paper has run out.
pub const RUN_OUT: &str = "ARECC";

/// One association, entered twice.
const TWICE: (&str, &str) = ("ARECC-YDE", "ARECC-YDE-2");

/// What is offered at one level of the country.
struct Pattern {
    /// Beginning of the code; the place's code follows.
    code: &'static str,
    /// Code of the tutelle, a body of the mechanism; empty for none.
    parent: &'static str,
    kind: OrganisationKind,
    fr: &'static str,
    en: &'static str,
    services: &'static [&'static str],
    /// Whether somebody answers day and night.
    on_call: bool,
    /// Left out when a list of real facilities is imported.
    hospital: bool,
}

const REGIONAL: &[Pattern] = &[
    Pattern {
        code: "HR",
        parent: "MINSANTE",
        kind: OrganisationKind::HealthFacility,
        fr: "Hôpital régional",
        en: "Regional hospital",
        services: &["MED.01", "MED.02", "MED.03", "MED.04", "PSS.04"],
        on_call: true,
        hospital: true,
    },
    Pattern {
        code: "DR-AS",
        parent: "MINAS",
        kind: OrganisationKind::Deconcentrated,
        fr: "Délégation régionale des Affaires sociales",
        en: "Regional delegation of Social Affairs",
        services: &["INF.01", "RCP.02", "RCP.07"],
        on_call: false,
        hospital: false,
    },
    Pattern {
        code: "FNE",
        parent: "FNE",
        kind: OrganisationKind::PublicAgency,
        fr: "Agence du Fonds national de l’emploi",
        en: "Agency of the National Employment Fund",
        services: &["VTC.01", "EMP.01", "EMP.02"],
        on_call: false,
        hospital: false,
    },
    Pattern {
        code: "CMPJ",
        parent: "MINJEC",
        kind: OrganisationKind::TrainingCentre,
        fr: "Centre multifonctionnel de promotion des jeunes",
        en: "Multipurpose youth centre",
        services: &["INF.03", "VTC.02"],
        on_call: false,
        hospital: false,
    },
    Pattern {
        code: "CPFF",
        parent: "MINPROFF",
        kind: OrganisationKind::Deconcentrated,
        fr: "Centre de promotion de la femme et de la famille",
        en: "Centre for women and the family",
        services: &["GBV.02", "VTC.03"],
        on_call: false,
        hospital: false,
    },
    Pattern {
        code: "CRC",
        parent: "CRC",
        kind: OrganisationKind::RedCross,
        fr: "Comité régional de la Croix-Rouge",
        en: "Regional committee of the Red Cross",
        services: &["FAM.01", "PSS.01", "RCP.05"],
        on_call: true,
        hospital: false,
    },
];

const DEPARTMENTAL: &[Pattern] = &[
    Pattern {
        code: "DD-AS",
        parent: "MINAS",
        kind: OrganisationKind::Deconcentrated,
        fr: "Délégation départementale des Affaires sociales",
        en: "Departmental delegation of Social Affairs",
        services: &["INF.05", "CHP.04", "ENT.09"],
        on_call: false,
        hospital: false,
    },
    Pattern {
        code: "DD-JEC",
        parent: "MINJEC",
        kind: OrganisationKind::Deconcentrated,
        fr: "Délégation départementale de la Jeunesse",
        en: "Departmental delegation of Youth Affairs",
        services: &["VTC.05"],
        on_call: false,
        hospital: false,
    },
    Pattern {
        code: "HD",
        parent: "MINSANTE",
        kind: OrganisationKind::HealthFacility,
        fr: "Hôpital de district",
        en: "District hospital",
        services: &["MED.03", "MED.08"],
        on_call: false,
        hospital: true,
    },
    Pattern {
        code: "EC",
        parent: "BUNEC",
        kind: OrganisationKind::LocalAuthority,
        fr: "Centre d’état civil",
        en: "Civil status centre",
        services: &["DOC.01"],
        on_call: false,
        hospital: false,
    },
];

/// Organisations at one place only: code, parent, kind, French and English
/// name, department, services.
type Single = (
    &'static str,
    &'static str,
    OrganisationKind,
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
);

const SINGLE: &[Single] = &[
    (
        RECEPTION,
        "MINAS",
        OrganisationKind::Deconcentrated,
        "Accueil de l’aéroport de Douala",
        "Reception at Douala airport",
        "Douala",
        &["RCP.01", "RCP.08"],
    ),
    (
        "ACC-NSI",
        "MINAS",
        OrganisationKind::Deconcentrated,
        "Accueil de l’aéroport de Yaoundé-Nsimalen",
        "Reception at Yaoundé-Nsimalen airport",
        "Yaoundé",
        &["RCP.01"],
    ),
    (
        SECRETARIAT,
        "MINREX",
        OrganisationKind::CentralGovernment,
        "Secrétariat technique du mécanisme",
        "Technical secretariat of the mechanism",
        "Yaoundé",
        &["MON.02"],
    ),
    (
        "OIM-YDE",
        "OIM",
        OrganisationKind::UnAgency,
        "OIM, bureau de Yaoundé",
        "IOM, Yaoundé office",
        "Yaoundé",
        &["RCP.06", "INF.02", "ENT.02"],
    ),
    (
        "CARITAS-DLA",
        "CARITAS",
        OrganisationKind::FaithBased,
        "Caritas, antenne de Douala",
        "Caritas, Douala branch",
        "Douala",
        &["RCP.04", "HOU.01"],
    ),
    (
        "ALVF-MRA",
        "ALVF",
        OrganisationKind::NationalNgo,
        "ALVF, antenne de Maroua",
        "ALVF, Maroua branch",
        "Maroua",
        &["GBV.04", "PSS.03"],
    ),
    (
        TWICE.0,
        "ARECC",
        OrganisationKind::ReturneeAssociation,
        "ARECC, Yaoundé",
        "ARECC, Yaoundé",
        "Yaoundé",
        &["PSS.07", "COM.02"],
    ),
    (
        "FOYER-DLA",
        "MINAS",
        OrganisationKind::Deconcentrated,
        "Foyer d’accueil d’urgence",
        "Emergency shelter",
        "Douala",
        &["RCP.03"],
    ),
    // Eleven services to keep true, and one of the archive: its focal point has an account.
    (
        CENTRE,
        "CARITAS",
        OrganisationKind::NationalNgo,
        "Centre polyvalent de New-Bell",
        "New-Bell multipurpose centre",
        "Douala",
        &[
            "INF.04", "FAM.02", "HOU.02", "EDU.01", "EDU.02", "VTC.04", "EMP.04", "ENT.01", "ENT.04", "COM.01",
            "COM.03", "EMP.05",
        ],
    ),
    // The association of Yaoundé once more, as a partner's list writes it: something
    // for the coordination unit to merge.
    (
        TWICE.1,
        "ARECC",
        OrganisationKind::ReturneeAssociation,
        "Arecc de Yaounde",
        "Arecc Yaounde",
        "Yaoundé",
        &["COM.02"],
    ),
    // Checked, and not published: nothing is signed.
    (
        WAITS,
        "",
        OrganisationKind::Company,
        "Clinique du Mont",
        "Mountain Clinic",
        "Limbe",
        &["MED.01"],
    ),
];

/// What stands on the papers of the demonstration.
pub const PAPER: &str = "Engagement de démonstration";
/// How long ago they were signed.
pub const SIGNED_AGO: Days = Days::new(200);

/// The tutelles of the demonstration's organisations, each once.
pub fn tutelles() -> Vec<String> {
    let patterns = REGIONAL.iter().chain(DEPARTMENTAL).map(|p| p.parent);
    let all: BTreeSet<&str> = patterns.chain(SINGLE.iter().map(|s| s.1)).collect();
    all.into_iter()
        .filter(|code| !code.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Where those of its services stand that are not published, by their number.
const UNPUBLISHED: [(usize, PublicationStatus); 3] = [
    (9, PublicationStatus::Checked),
    (10, PublicationStatus::Proposed),
    (11, PublicationStatus::Archived),
];

/// Makes the entries of the directory as of a day; hospitals are left out when
/// real ones are imported.
pub fn entries(mechanism: &Mechanism, today: NaiveDate, hospitals: bool) -> Entries {
    let mut maker = Maker::new(mechanism, today);
    for (patterns, areas) in [
        (REGIONAL, mechanism.regions().collect::<Vec<_>>()),
        (DEPARTMENTAL, mechanism.departments(None).collect::<Vec<_>>()),
    ] {
        for pattern in patterns.iter().filter(|p| hospitals || !p.hospital) {
            for area in &areas {
                maker.add_pattern(pattern, area);
            }
        }
    }
    for (code, parent, kind, fr, en, town, services) in SINGLE {
        let area = mechanism
            .departments(None)
            .find(|d| d.chief_town.as_deref() == Some(*town));
        let name = Label {
            fr: (*fr).to_owned(),
            en: (*en).to_owned(),
        };
        maker.organisation((*code).to_owned(), parent, *kind, name, area, services, false);
    }
    super::programmes::add(&mut maker.entries, today);
    maker.entries
}

/// Undertakings in force with some, one that has expired, one in its grace; the others
/// have signed nothing.
pub fn undertakings() -> Vec<Undertaking> {
    let of = |reference, kind, parties: &[&str], from, until| Undertaking {
        reference,
        kind,
        parties: parties.iter().map(|code| (*code).to_owned()).collect(),
        from,
        until,
    };
    vec![
        of(
            "ENG-DEMO-001",
            AgreementKind::Eng,
            &["MINAS", "MINSANTE", "MINJEC", "FNE", "OIM", SECRETARIAT],
            -300,
            None,
        ),
        of("CONV-DEMO-002", AgreementKind::Conv, &["CRC"], -200, Some(400)),
        of("ENG-DEMO-003", AgreementKind::Eng, &["CARITAS"], -700, Some(-150)),
        of("ENG-DEMO-004", AgreementKind::Eng, &["BUNEC"], -500, Some(-30)),
    ]
}

/// Country whose demonstration is told by hand.
pub const CAMEROON: &str = "CM";

/// A number of the demonstration: one that begins with +237 2 00 in Cameroon; in
/// another country the beginning of an office's number, then noughts.
pub fn number(mechanism: &Mechanism, n: usize) -> String {
    let plan = &mechanism.country().phone;
    if mechanism.country().code == CAMEROON {
        return format!("+23720000{:04}", n % 10_000);
    }
    let block = plan.blocks.iter().find(|b| !b.mobile).or(plan.blocks.first());
    let start = block.and_then(|b| b.starts.first()).map_or("", String::as_str);
    let left = block.map_or(8, |b| b.digits.0).saturating_sub(start.len());
    format!("+{}{start}{n:0left$}", plan.country)
}

/// The same, as it is written in the directory.
fn telephone(mechanism: &Mechanism, n: usize) -> String {
    mechanism.country().phone.display(&number(mechanism, n))
}

/// Makes entries one after the other.
pub struct Maker<'m> {
    mechanism: &'m Mechanism,
    today: NaiveDate,
    /// What was made.
    pub entries: Entries,
}

impl<'m> Maker<'m> {
    /// Nothing made yet, as of a day.
    pub fn new(mechanism: &'m Mechanism, today: NaiveDate) -> Self {
        Self {
            mechanism,
            today,
            entries: Entries::default(),
        }
    }

    fn add_pattern(&mut self, pattern: &Pattern, area: &Area) {
        let name = Label {
            fr: format!("{} – {}", pattern.fr, area.name.fr),
            en: format!("{} – {}", pattern.en, area.name.en),
        };
        let code = format!("{}-{}", pattern.code, area.code);
        self.organisation(
            code,
            pattern.parent,
            pattern.kind,
            name,
            Some(area),
            pattern.services,
            pattern.on_call,
        );
    }

    /// Adds an organisation with its place and services.
    #[expect(clippy::too_many_arguments, reason = "the columns of the tables above")]
    pub fn organisation(
        &mut self,
        code: String,
        parent: &str,
        kind: OrganisationKind,
        name: Label,
        area: Option<&Area>,
        services: &[&str],
        on_call: bool,
    ) {
        let number = self.entries.organisations.len();
        let telephone = telephone(self.mechanism, number);
        let region = area.map(|a| a.region.clone());
        let department = area.and_then(|a| self.department_of(a));
        let organisation = Organisation {
            id: OrganisationId(derived("organisation", SOURCE, &code)),
            code: code.clone(),
            name: name.clone(),
            kind,
            parent: (!parent.is_empty()).then(|| body_id(parent)),
            region: region.clone(),
            department: department.clone(),
            telephone: Some(telephone.clone()),
            email: None,
            // A public hospital is the State's; its kind alone does not say so.
            state_body: kind.is_state_by_default() || kind == OrganisationKind::HealthFacility,
            status: PublicationStatus::Published,
            origin: Some(Origin {
                source: SOURCE.to_owned(),
                key: code.clone(),
            }),
            demonstration: true,
            safeguards: if parent.is_empty() && code != WAITS {
                Safeguards::signed(self.today - SIGNED_AGO, PAPER)
            } else {
                Safeguards::default()
            },
            merged_into: None,
        };
        let shelter = services.iter().any(|s| CONFIDENTIAL_TYPES.contains(s));
        let point = area.and_then(|a| a.coordinates).filter(|_| !shelter);
        let place = Place {
            id: PlaceId(derived("place", SOURCE, &code)),
            organisation: organisation.id,
            name: name.fr.clone(),
            region: region.clone(),
            department: department.clone(),
            department_estimated: false,
            subdivision: None,
            town: area.and_then(|a| a.chief_town.clone()).filter(|_| !shelter),
            lat: point.map(|(lat, _)| lat),
            lon: point.map(|(_, lon)| lon),
            confidential: shelter,
        };
        for (n, service) in services.iter().enumerate() {
            let mut made = self.service(&organisation, &place, service, number + 7 * n, on_call, &telephone);
            if let Some((_, status)) = UNPUBLISHED.iter().find(|(at, _)| code == CENTRE && *at == n) {
                made.status = *status;
            }
            if code == WAITS {
                (made.status, made.held) = (PublicationStatus::Checked, true);
            }
            self.entries.services.push(made);
        }
        self.entries.organisations.push((organisation, None));
        self.entries.places.push(place);
    }

    /// The department in which an area lies; a region's is its chief town's.
    fn department_of(&self, area: &Area) -> Option<String> {
        if area.code != area.region {
            return Some(area.code.clone());
        }
        self.mechanism
            .departments(Some(&area.code))
            .find(|d| d.chief_town == area.chief_town || (d.coordinates.is_some() && d.coordinates == area.coordinates))
            .map(|d| d.code.clone())
    }

    /// One service; `turn` varies what is known of it: confirmed lately, long
    /// ago or never, with or without places, cost and languages.
    fn service(
        &self,
        organisation: &Organisation,
        place: &Place,
        code: &str,
        turn: usize,
        on_call: bool,
        telephone: &str,
    ) -> Service {
        let label = self
            .mechanism
            .service_type(code)
            .map(|s| s.label.clone())
            .unwrap_or_default();
        let confidential = CONFIDENTIAL_TYPES.contains(&code);
        let name = Label {
            fr: format!("{} ({})", label.fr, organisation.name.fr),
            en: format!("{} ({})", label.en, organisation.name.en),
        };
        let days_ago = |days: u64| self.today.checked_sub_days(Days::new(days));
        let confirmed_on = match turn % 5 {
            0 | 1 => days_ago(5 + (turn % 40) as u64),
            2 | 3 => days_ago(100 + (turn % 120) as u64),
            _ => None,
        };
        let capacity = match turn % 4 {
            0 => Capacity {
                per_month: Some(20),
                available: Some(3 + (turn % 9) as u32),
                assessed_on: days_ago(3),
            },
            1 => Capacity {
                per_month: Some(8),
                available: Some(0),
                assessed_on: days_ago(6),
            },
            _ => Capacity::default(),
        };
        let region = place.region.as_deref().unwrap_or_default();
        let languages = match region {
            "CM007" | "CM010" => vec!["eng", "wes"],
            "CM001" | "CM004" | "CM006" => vec!["fra", "fub"],
            _ => match self.mechanism.language_of(Some(region)) {
                Lang::Fr => vec!["fra"],
                Lang::En => vec!["eng"],
            },
        };
        let on_call = on_call && matches!(code, "MED.01" | "PSS.01");
        let served_area = match (organisation.code.split('-').next(), &place.department) {
            (Some("DD" | "HD" | "EC"), Some(department)) => ServedArea::Department(department.clone()),
            (Some("OIM" | "ST"), _) => ServedArea::Country,
            _ => place.region.clone().map_or(ServedArea::Country, ServedArea::Region),
        };
        Service {
            name,
            served_area,
            cost: turn.is_multiple_of(3).then_some(Cost::Free),
            opening_hours: if on_call {
                "24 h/24".to_owned()
            } else {
                "lun.–ven. 07:30–15:30".to_owned()
            },
            languages: languages.into_iter().map(str::to_owned).collect(),
            capacity,
            on_call,
            telephones: vec![Telephone {
                number: telephone.to_owned(),
                who: "accueil (démonstration)".to_owned(),
                hours: String::new(),
            }],
            confirmed_on,
            status: PublicationStatus::Published,
            confidential,
            origin: Some(Origin {
                source: SOURCE.to_owned(),
                key: format!("{} {code}", organisation.code),
            }),
            demonstration: true,
            ..Service::proposed(
                ServiceId(derived("service", SOURCE, &format!("{} {code}", organisation.code))),
                organisation.id,
                code.to_owned(),
                place.id,
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use relais_network::same::{PROPOSED, Pair, find};

    use super::*;

    #[test]
    fn one_entry_is_there_twice_for_the_page_of_pairs() {
        let mechanism = Mechanism::embedded("cameroon").expect("built in");
        let today = NaiveDate::from_ymd_opt(2026, 11, 23).expect("a day");
        let all = entries(&mechanism, today, true);
        let places: HashMap<PlaceId, &Place> = all.places.iter().map(|p| (p.id, p)).collect();
        let organisations: Vec<&Organisation> = all.organisations.iter().map(|(o, _)| o).collect();
        let offers: Vec<(&Service, &Place)> = all.services.iter().map(|s| (s, places[&s.place])).collect();
        let type_name = |code: &str| mechanism.service_type(code).map(|t| t.label.clone());
        let found = find(&organisations, &offers, type_name, PROPOSED);
        let id = |code: &str| OrganisationId(derived("organisation", SOURCE, code));
        let twice = Pair::of_organisations(id(TWICE.0), id(TWICE.1));
        assert!(found.iter().any(|p| p.pair == twice), "{found:?}");
    }

    #[test]
    fn every_entry_is_sound_marked_and_at_a_real_place() {
        let mechanism = Mechanism::embedded("cameroon").expect("built in");
        let today = NaiveDate::from_ymd_opt(2026, 11, 23).expect("a day");
        let all = entries(&mechanism, today, true);
        assert!((550..=650).contains(&all.services.len()), "{}", all.services.len());
        for (organisation, _) in &all.organisations {
            assert_eq!(organisation.check(), Vec::new(), "{}", organisation.code);
            assert!(organisation.demonstration);
            assert!(
                organisation.department.is_some(),
                "{} has no department",
                organisation.code
            );
        }
        for place in &all.places {
            assert_eq!(place.check(), Vec::new(), "{}", place.name);
            assert_eq!(place.point().is_none(), place.confidential, "{}", place.name);
        }
        for service in &all.services {
            assert_eq!(service.check(), Vec::new(), "{}", service.name.fr);
            assert!(
                mechanism.service_type(&service.service_type).is_some(),
                "{}",
                service.service_type
            );
        }
        let regions: std::collections::BTreeSet<_> = all.places.iter().filter_map(|p| p.region.as_deref()).collect();
        let departments: std::collections::BTreeSet<_> =
            all.places.iter().filter_map(|p| p.department.as_deref()).collect();
        assert_eq!((regions.len(), departments.len()), (10, 58));
        let bodies: Vec<&str> = mechanism.bodies().iter().map(|b| b.code.as_str()).collect();
        for parent in REGIONAL
            .iter()
            .chain(DEPARTMENTAL)
            .map(|p| p.parent)
            .chain(SINGLE.iter().map(|s| s.1))
            // An association of its own is under no tutelle.
            .filter(|parent| !parent.is_empty())
        {
            assert!(bodies.contains(&parent), "{parent} is no body of the mechanism");
        }
    }
}

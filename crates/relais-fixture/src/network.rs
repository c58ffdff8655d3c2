//! Who is in the small mechanism: organisations, places, services, agreements, users.

use super::*;

fn organisation(code: &str, fr: &str, en: &str, kind: OrganisationKind, region: &str) -> Organisation {
    Organisation {
        id: OrganisationId(id(code)),
        code: code.to_owned(),
        name: label(fr, en),
        kind,
        parent: None,
        region: Some(region.to_owned()),
        department: None,
        // The hospital answers on a mobile and has no e-mail; the joinery has e-mail.
        telephone: Some(
            if code == "HOPITAL" {
                "+237677000009"
            } else {
                "+237233000000"
            }
            .to_owned(),
        ),
        email: (code == "SANSCOMPTE").then(|| "menuiserie@exemple.invalid".to_owned()),
        state_body: kind.is_state_by_default(),
        status: PublicationStatus::Published,
        origin: None,
        demonstration: true,
        safeguards: Safeguards::signed(SIGNED, "Engagement d’exercice"),
        merged_into: None,
    }
}

fn place(code: &str, organisation: &str, region: &str, lat: f64, lon: f64) -> Place {
    Place {
        id: PlaceId(id(code)),
        organisation: OrganisationId(id(organisation)),
        name: code.to_owned(),
        region: Some(region.to_owned()),
        department: None,
        department_estimated: false,
        subdivision: None,
        town: None,
        lat: Some(lat),
        lon: Some(lon),
        confidential: false,
    }
}

fn service(code: &str, organisation: &str, place: &str, kind: &str, fr: &str, en: &str) -> Service {
    Service {
        name: label(fr, en),
        targets: vec![Target::Everyone],
        languages: vec!["fra".to_owned()],
        telephones: vec![Telephone {
            number: "+237233000001".to_owned(),
            who: String::new(),
            hours: String::new(),
        }],
        how_to_refer: label("Sur envoi", "On referral"),
        confirmed_on: NaiveDate::from_ymd_opt(2026, 11, 1),
        status: PublicationStatus::Published,
        demonstration: true,
        ..Service::proposed(
            ServiceId(id(code)),
            OrganisationId(id(organisation)),
            kind.to_owned(),
            PlaceId(id(place)),
        )
    }
}

pub(crate) fn entries() -> Entries {
    use OrganisationKind as K;
    Entries {
        organisations: [
            organisation(
                "ACCUEIL",
                "Accueil Wouri (exercice)",
                "Wouri Reception (drill)",
                K::NationalNgo,
                LITTORAL,
            ),
            organisation(
                "HOPITAL",
                "Hôpital régional d’essai",
                "Trial regional hospital",
                K::HealthFacility,
                NORD,
            ),
            organisation(
                "ATELIER",
                "Atelier Aiguille Claire",
                "Clear Needle Workshop",
                K::TrainingCentre,
                LITTORAL,
            ),
            organisation(
                "SANSACCORD",
                "Centre Sanaga Métiers",
                "Sanaga Trades Centre",
                K::TrainingCentre,
                LITTORAL,
            ),
            organisation(
                "AUTRE",
                "Association Wouri Avenir",
                "Wouri Future Association",
                K::Association,
                LITTORAL,
            ),
            organisation(
                "SANSCOMPTE",
                "Menuiserie Nkolo sans compte",
                "Nkolo Joinery, no account",
                K::TrainingCentre,
                LITTORAL,
            ),
            organisation(
                "SECRETARIAT",
                "Secrétariat technique",
                "Technical secretariat",
                K::CentralGovernment,
                "CM002",
            ),
        ]
        .into_iter()
        .map(|o| (o, None))
        .collect(),
        places: vec![
            place("P-HOPITAL", "HOPITAL", NORD, 9.30, 13.39),
            place("P-ATELIER", "ATELIER", LITTORAL, 4.06, 9.70),
            place("P-SANSACCORD", "SANSACCORD", LITTORAL, 4.05, 9.71),
            place("P-AUTRE", "AUTRE", LITTORAL, 4.04, 9.72),
            place("P-SANSCOMPTE", "SANSCOMPTE", LITTORAL, 4.03, 9.73),
        ],
        services: vec![
            service(
                "S-SOINS",
                "HOPITAL",
                "P-HOPITAL",
                "MED.03",
                "Consultation",
                "Consultation",
            ),
            service(
                "S-URGENCES",
                "HOPITAL",
                "P-HOPITAL",
                "MED.01",
                "Urgences",
                "Emergencies",
            ),
            service(
                "S-COUTURE",
                "ATELIER",
                "P-ATELIER",
                "VTC.02",
                "Formation en couture",
                "Sewing course",
            ),
            service(
                "S-METIERS",
                "SANSACCORD",
                "P-SANSACCORD",
                "VTC.02",
                "Formation aux métiers",
                "Trades course",
            ),
            service(
                "S-BOIS",
                "SANSCOMPTE",
                "P-SANSCOMPTE",
                "VTC.03",
                "Apprentissage du bois",
                "Joinery apprenticeship",
            ),
            service(
                "S-COUTURE-2",
                "AUTRE",
                "P-AUTRE",
                "VTC.02",
                "Couture du soir",
                "Evening sewing",
            ),
        ],
        programmes: vec![programme(
            "ESSAI-1",
            "ATELIER",
            ("Projet d’essai", "Trial project"),
            NaiveDate::from_ymd_opt(2030, 12, 31),
        )],
    }
}

/// A programme paid by a donor of its own; nothing hangs on it yet.
pub(crate) fn programme(code: &str, organisation: &str, (fr, en): (&str, &str), until: Option<NaiveDate>) -> Programme {
    Programme {
        id: programme_id(code),
        code: code.to_owned(),
        name: label(fr, en),
        organisation: OrganisationId(id(organisation)),
        donors: vec![Donor::Named("Fonds d’essai".to_owned())],
        from: NaiveDate::from_ymd_opt(2026, 1, 1),
        until,
        origin: None,
        demonstration: true,
    }
}

pub(crate) fn undertaking(reference: &str, party: &str) -> NewAgreement {
    NewAgreement {
        reference: reference.to_owned(),
        kind: AgreementKind::Eng,
        parties: vec![(
            party.to_owned(),
            NaiveDate::from_ymd_opt(2026, 1, 1).expect("a valid date"),
        )],
        classes: ClassSet::all(),
        purposes: BTreeSet::from([Purpose::Refer, Purpose::Deliver]),
        max_sensitivity: Sensitivity::S3,
        until: None,
    }
}

pub(crate) fn users() -> Vec<NewUser> {
    let user = |login: &str, organisation: &str, roles: &[Role], regions: &[&str]| NewUser {
        organisation: organisation.to_owned(),
        login: login.to_owned(),
        display_name: format!("Exercice {login}"),
        roles: roles.to_vec(),
        regions: regions.iter().map(|r| (*r).to_owned()).collect(),
        language: Lang::Fr,
        password_hash: "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$invalid".to_owned(),
        trained: login == "gestionnaire",
        demonstration: true,
    };
    vec![
        user("gestionnaire", "ACCUEIL", &[Role::CaseManager], &[]),
        user("collegue", "ACCUEIL", &[Role::CaseManager], &[]),
        user("superviseur", "ACCUEIL", &[Role::Supervisor], &[]),
        user("hopital", "HOPITAL", &[Role::FocalPoint], &[]),
        user("atelier", "ATELIER", &[Role::FocalPoint], &[]),
        user("autre", "AUTRE", &[Role::CaseManager, Role::FocalPoint], &[]),
        user("secretariat", "SECRETARIAT", &[Role::Secretariat], &[]),
        user("regional", "SECRETARIAT", &[Role::RegionalFocalPoint], &[LITTORAL]),
        user("administrateur", "SECRETARIAT", &[Role::Administrator], &[]),
        user("delegue", "SECRETARIAT", &[Role::DataProtectionOfficer], &[]),
    ]
}

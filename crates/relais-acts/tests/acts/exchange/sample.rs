//! A directory that holds one of everything, to be carried out and in.

use relais_acts::directory::Entries;
use relais_mechanism::Label;
use relais_network::ids::derived;
use relais_network::programme::{Donor, Programme, programme_id};
use relais_network::{
    Capacity, Cost, Organisation, OrganisationId, OrganisationKind, Origin, Place, PlaceId, PublicationStatus,
    Safeguards, ServedArea, Service, ServiceId, ServiceMode, Target, Telephone,
};

use super::{MECHANISM, SIGNED, day};

pub(super) fn org_id(code: &str) -> OrganisationId {
    OrganisationId(derived("organisation", "test", code))
}

pub(super) fn organisation(code: &str, fr: &str, kind: OrganisationKind) -> Organisation {
    Organisation {
        id: org_id(code),
        code: code.to_owned(),
        name: Label::of(fr, &format!("{fr} (EN)")),
        kind,
        parent: None,
        region: None,
        department: None,
        telephone: None,
        email: None,
        state_body: false,
        status: PublicationStatus::Published,
        origin: None,
        demonstration: false,
        safeguards: Safeguards::signed(SIGNED, "Lettre 12"),
        merged_into: None,
    }
}

pub(super) fn place(key: &str, of: &str) -> Place {
    Place {
        id: PlaceId(derived("place", "test", key)),
        organisation: org_id(of),
        name: format!("Lieu {key}"),
        region: None,
        department: None,
        department_estimated: false,
        subdivision: None,
        town: None,
        lat: None,
        lon: None,
        confidential: false,
    }
}

pub(super) fn service(key: &str, of: &str, at: &str, kind: &str) -> Service {
    Service {
        name: Label::of(key, key),
        status: PublicationStatus::Published,
        ..Service::proposed(
            ServiceId(derived("service", "test", key)),
            org_id(of),
            kind.to_owned(),
            PlaceId(derived("place", "test", at)),
        )
    }
}

pub(super) fn telephone(number: &str, who: &str, hours: &str) -> Telephone {
    Telephone {
        number: number.to_owned(),
        who: who.to_owned(),
        hours: hours.to_owned(),
    }
}

/// One that says all, carried by whoever offers nothing; one that says little; one
/// whose carrier is not shown.
pub(super) fn programmes() -> Vec<Programme> {
    let programme = |code: &str, name: Label, carrier: &str| Programme {
        id: programme_id(code),
        code: code.to_owned(),
        name,
        organisation: org_id(carrier),
        donors: Vec::new(),
        from: None,
        until: None,
        origin: None,
        demonstration: false,
    };
    let mut full = programme("PROJ-1", Label::of("Projet, un", "=Project one"), "MIN-X");
    full.donors = vec![
        Donor::Organisation(org_id("AGENCE")),
        Donor::Named("Fonds d’essai".to_owned()),
    ];
    (full.from, full.until, full.demonstration) = (Some(day(1)), Some(day(29)), true);
    let least = programme("PROJ-2", Label::of("Projet", "Projet"), "ASSO");
    let mut unseen = programme("PROJ-3", Label::of("Projet caché", "Hidden project"), "BROUILLON");
    unseen.until = Some(day(2));
    vec![full, least, unseen]
}

/// A directory with every kind of entry, and texts that files stumble over.
pub(super) fn everything() -> Entries {
    let subdivision = MECHANISM.subdivisions(None).next().expect("a subdivision").code.clone();
    let department = subdivision[..8].to_owned();
    let region = subdivision[..5].to_owned();
    let mut ministry = organisation("MIN-X", "Ministère; dit \"X\"", OrganisationKind::CentralGovernment);
    ministry.state_body = true;
    let mut agency = organisation("AGENCE", "=1+1", OrganisationKind::PublicAgency);
    agency.parent = Some(ministry.id);
    (agency.region, agency.department) = (Some(region.clone()), Some(department.clone()));
    agency.telephone = Some("+237 2 33 00 00 01".to_owned());
    agency.email = Some("essai@exemple.invalid".to_owned());
    agency.origin = Some(Origin {
        source: "liste".to_owned(),
        key: "@12 | a".to_owned(),
    });
    let mut association = organisation(
        "ASSO",
        "L’'apostrophe\u{a0}: «\u{a0}oui\u{a0}»",
        OrganisationKind::Association,
    );
    association.demonstration = true;
    let draft = Organisation {
        status: PublicationStatus::Proposed,
        ..organisation("BROUILLON", "Brouillon", OrganisationKind::Association)
    };
    let mut full = place("P1", "AGENCE");
    (full.region, full.department, full.subdivision) = (
        Some(region.clone()),
        Some(department.clone()),
        Some(subdivision.clone()),
    );
    (full.town, full.lat, full.lon) = (Some("-Quartier  double".to_owned()), Some(4.0), Some(9.704_28));
    let mut estimated = place("P2", "ASSO");
    (estimated.region, estimated.department) = (Some(region.clone()), Some(department.clone()));
    estimated.department_estimated = true;
    let nowhere = place("P3", "ASSO");
    let mut first = service("S1", "AGENCE", "P1", "MED.01");
    first.served_area = ServedArea::Subdivision(subdivision);
    first.modes = vec![ServiceMode::Mobile, ServiceMode::OnSite];
    first.targets = vec![Target::Women, Target::SeparatedChildren];
    first.cost = Some(Cost::Subsidised);
    first.opening_hours = "lun.–ven. 07:30–15:30\nsam. 8 h".to_owned();
    first.languages = vec!["fra".to_owned(), "fub".to_owned()];
    first.capacity = Capacity {
        per_month: Some(20),
        available: Some(0),
        assessed_on: Some(day(3)),
    };
    first.on_call = true;
    first.telephones = vec![
        telephone("+237 2 33 00 00 02", "accueil, jour", "8 h – 16 h"),
        telephone("119", "", "la nuit"),
        telephone("(237) 6 77", "=SOMME(A1)", ""),
    ];
    first.how_to_refer = Label::of("Appeler ; venir avec le bon", "Call; bring the slip");
    first.confirmed_on = Some(day(1));
    first.origin = Some(Origin {
        source: "liste".to_owned(),
        key: "1".to_owned(),
    });
    let mut second = service("S2, \"deux\"", "ASSO", "P2", "VTC.02");
    second.served_area = ServedArea::Department(department);
    second.modes = vec![ServiceMode::Remote];
    second.how_to_refer = Label::of("", "English only");
    second.demonstration = true;
    let mut third = service("+S3", "ASSO", "P3", "INF.01");
    third.served_area = ServedArea::Region(region);
    third.cost = Some(Cost::Project);
    let hidden = Service {
        status: PublicationStatus::Checked,
        ..service("S4", "ASSO", "P3", "MED.02")
    };
    let mut all = Entries {
        organisations: [ministry, agency, association, draft].map(|o| (o, None)).into(),
        places: vec![full, estimated, nowhere],
        services: vec![first, second, third, hidden],
        programmes: programmes(),
    };
    all.services[0].programmes = vec![programme_id("PROJ-2"), programme_id("PROJ-1")];
    all.services[1].programmes = vec![programme_id("PROJ-1")];
    // Carried by whoever is not shown: nothing of it goes out.
    all.services[2].programmes = vec![programme_id("PROJ-3")];
    for (n, target) in Target::ALL.iter().enumerate() {
        let mut more = service(&format!("C{n}"), "ASSO", "P2", "EMP.01");
        more.targets = vec![*target];
        more.cost = Cost::ALL.get(n % 5).copied();
        all.services.push(more);
    }
    for kind in OrganisationKind::ALL {
        let code = format!("K-{kind}");
        all.organisations.push((organisation(&code, &code, *kind), None));
        all.places.push(place(&code, &code));
        all.services.push(service(&code, &code, &code, "EMP.02"));
    }
    all
}

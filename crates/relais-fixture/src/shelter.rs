//! Places that must not be found, beside the fixture's organisations; and the
//! same places with nothing to hide, so that a test sees what hiding does.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use relais_acts::accounts::{self, NewUser};
use relais_acts::agreements::{self, NewAgreement};
use relais_acts::directory::{self, By, Entries};
use relais_mechanism::{ClassSet, Lang, Purpose, Role, Sensitivity};
use relais_network::agreement::AgreementKind;
use relais_network::service::Telephone;
use relais_network::{OrganisationId, PlaceId, ServiceId, programme_id};
use relais_store::{Tx, ids};

use crate::network::programme;
use crate::{LITTORAL, World, id, label};

/// Code of the organisation that runs nothing but a shelter; its focal point is
/// `abri`.
pub const SHELTER: &str = "ABRI";
/// Code of the organisation that offers an ordinary course and, unseen, two
/// confidential services; its focal point is `mixte`.
pub const MIXED: &str = "MIXTE";

/// What would tell where the places are, or who runs them: names, a town, and
/// the ends of telephone numbers as they are written anywhere.
pub const TELLING: [&str; 10] = [
    "ABRI-SIKOTI",
    "Tournesol",
    "Sunflower",
    "Sikotiville",
    "Refuge des Palmes",
    "Palm refuge",
    "Cours du soir caché",
    "Exercice abri",
    "677120001",
    "6 77 12 00 01",
];

/// What stands beside the ordinary places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Places {
    /// Nothing more.
    Ordinary,
    /// Shelters too.
    Hidden,
    /// The same services, of ordinary types at ordinary places.
    Open,
}

fn focal_point(login: &str, organisation: &str) -> NewUser {
    NewUser {
        organisation: organisation.to_owned(),
        login: login.to_owned(),
        display_name: format!("Exercice {login}"),
        roles: vec![Role::FocalPoint],
        regions: Vec::new(),
        language: Lang::Fr,
        password_hash: "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$invalid".to_owned(),
        trained: true,
        demonstration: true,
    }
}

/// An agreement up to S4 that ends within weeks.
fn agreement(reference: &str, parties: &[&str]) -> NewAgreement {
    let from = NaiveDate::from_ymd_opt(2026, 1, 1).expect("a date");
    NewAgreement {
        reference: reference.to_owned(),
        kind: AgreementKind::Eng,
        parties: parties.iter().map(|p| ((*p).to_owned(), from)).collect(),
        classes: ClassSet::all(),
        purposes: BTreeSet::from([Purpose::Refer, Purpose::Deliver]),
        max_sensitivity: Sensitivity::S4,
        until: NaiveDate::from_ymd_opt(2027, 1, 31),
    }
}

impl World {
    /// Adds the mixed organisation with its course, and what `places` says: a
    /// shelter (`S-ABRI`, RCP.03, with a workshop in it, `S-ATELIER-ABRI`) that is
    /// all its organisation runs, with coordinates, a telephone, an agreement and a
    /// focal point; at the mixed
    /// organisation a safe house (`S-MAISON`, GBV.03) and a course at a
    /// confidential place (`S-CACHE`).
    ///
    /// # Panics
    /// When they cannot be added: a test fails there.
    pub fn add_places(&self, places: Places) {
        let network = self.desk.network();
        let by_telephone = |number: &str| {
            vec![Telephone {
                number: number.to_owned(),
                who: String::new(),
                hours: String::new(),
            }]
        };
        let organisation = |code: &str, fr: &str, en: &str, number: &str| {
            let mut new = network.organisations[&OrganisationId(id("AUTRE"))].clone();
            (new.id, new.name) = (OrganisationId(id(code)), label(fr, en));
            code.clone_into(&mut new.code);
            new.telephone = Some(number.to_owned());
            new
        };
        let place = |code: &str, of: &str, name: &str, town: &str, at: (f64, f64)| {
            let mut new = network.places[&PlaceId(id("P-AUTRE"))].clone();
            (new.id, new.organisation) = (PlaceId(id(code)), OrganisationId(id(of)));
            name.clone_into(&mut new.name);
            new.region = Some(LITTORAL.to_owned());
            new.town = Some(town.to_owned());
            (new.lat, new.lon) = (Some(at.0), Some(at.1));
            new
        };
        let service = |code: &str, of: &str, at: &str, kind: &str, name: (&str, &str), number: &str| {
            let mut new = network.services[&ServiceId(id("S-COUTURE"))].clone();
            (new.id, new.organisation) = (ServiceId(id(code)), OrganisationId(id(of)));
            (new.place, new.name) = (PlaceId(id(at)), label(name.0, name.1));
            kind.clone_into(&mut new.service_type);
            new.telephones = by_telephone(number);
            // What is found and what is not are paid by one programme that ends soon.
            new.programmes = vec![programme_id("PALMES-1")];
            new
        };
        let soon = NaiveDate::from_ymd_opt(2027, 1, 15);
        let mut entries = Entries {
            organisations: vec![(
                organisation(MIXED, "Association des Palmes", "Palms Association", "+237677120009"),
                None,
            )],
            places: vec![place("P-MIXTE", MIXED, "Palmes", "Douala", (4.02, 9.74))],
            services: vec![service(
                "S-PALMES",
                MIXED,
                "P-MIXTE",
                "VTC.02",
                ("Couture des Palmes", "Palms sewing"),
                "+237677120009",
            )],
            programmes: vec![programme(
                "PALMES-1",
                MIXED,
                ("Projet des Palmes", "Palms project"),
                soon,
            )],
        };
        let hidden = places == Places::Hidden;
        if places != Places::Ordinary {
            let kind = |confidential: &'static str| if hidden { confidential } else { "VTC.02" };
            let number = "+237677120001";
            let mut found = vec![
                place("P-ABRI", SHELTER, "Refuge Tournesol", "Sikotiville", (4.055, 9.705)),
                place("P-MAISON", MIXED, "Refuge des Palmes", "Sikotiville", (4.021, 9.741)),
                place("P-CACHE", MIXED, "Cours du soir caché", "Sikotiville", (4.022, 9.742)),
            ];
            for place in &mut found {
                // With coordinates, as a clerk may write them down by mistake.
                place.confidential = hidden;
            }
            entries.places.extend(found);
            let shelter = ("Foyer Tournesol", "Sunflower home");
            let workshop = ("Atelier Tournesol", "Sunflower workshop");
            let house = ("Refuge des Palmes", "Palm refuge");
            let course = ("Cours du soir caché", "Hidden evening course");
            let mut found = vec![
                service("S-ABRI", SHELTER, "P-ABRI", kind("RCP.03"), shelter, number),
                service("S-ATELIER-ABRI", SHELTER, "P-ABRI", "VTC.02", workshop, number),
                service("S-MAISON", MIXED, "P-MAISON", kind("GBV.03"), house, number),
                service("S-CACHE", MIXED, "P-CACHE", "VTC.02", course, number),
            ];
            for service in &mut found {
                service.confidential = hidden && service.service_type != "VTC.02";
            }
            entries.services.extend(found);
            // Carried by whoever runs nothing but a shelter: as if it were not there.
            let carried = ("Projet Tournesol", "Sunflower project");
            entries.programmes.push(programme("ABRI-1", SHELTER, carried, soon));
            let name = ("Maison Tournesol ABRI-SIKOTI", "Sunflower House ABRI-SIKOTI");
            entries
                .organisations
                .push((organisation(SHELTER, name.0, name.1, number), None));
        }
        directory::put(self.store(), entries, "fixture", By::CommandLine).expect("places");
        let mut logins = vec![("mixte", MIXED)];
        let (mut alone, mut together) = (vec![MIXED], vec!["ATELIER", MIXED]);
        if places != Places::Ordinary {
            logins.push(("abri", SHELTER));
            alone.push(SHELTER);
            together.push(SHELTER);
        }
        for (login, organisation) in logins {
            accounts::create(self.store(), focal_point(login, organisation), By::CommandLine).expect("an account");
        }
        for party in alone {
            let reference = format!("ENG-{party}");
            agreements::add(self.store(), agreement(&reference, &[party]), By::CommandLine).expect("an agreement");
        }
        agreements::add(self.store(), agreement("ACC-PALMES", &together), By::CommandLine).expect("an agreement");
        self.desk.refresh().expect("refreshed");
    }

    /// The code by which a confidential service is asked, as long as nobody renews it.
    ///
    /// # Panics
    /// When the store cannot be read.
    #[must_use]
    pub fn shelter_code(&self, service: &str) -> String {
        let service = id(service);
        self.store()
            .read_blocking(move |tx: &mut Tx<'_>| -> Result<String, relais_store::StoreError> {
                Ok(ids::shelter_code(&tx.sealer(), service, 0))
            })
            .expect("readable")
    }
}

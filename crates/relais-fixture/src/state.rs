//! A State body beside the fixture's organisations, for what is shut to the
//! State.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use relais_acts::accounts::{self, NewUser};
use relais_acts::agreements::{self, NewAgreement};
use relais_acts::directory::{self, By, Entries};
use relais_mechanism::{ClassSet, Lang, Purpose, Role, Sensitivity};
use relais_network::agreement::AgreementKind;
use relais_network::organisation::OrganisationKind;
use relais_network::{OrganisationId, PlaceId, ServiceId};

use crate::{World, id, label};

/// Code of the State body.
pub const STATE: &str = "DELEGATION";

/// Everybody whom the protected circuit is shut to: one account for each State
/// role, and for each role of the mechanism's office.
pub const SHUT_OUT: [&str; 9] = [
    "etat.gestion",
    "etat.chef",
    "etat.point",
    "etat.signalant",
    "secretariat",
    "secretariat.chef",
    "regional",
    "administrateur",
    "delegue",
];

fn user(login: &str, organisation: &str, role: Role) -> NewUser {
    NewUser {
        organisation: organisation.to_owned(),
        login: login.to_owned(),
        display_name: format!("Exercice {login}"),
        roles: vec![role],
        regions: Vec::new(),
        language: Lang::Fr,
        password_hash: "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$invalid".to_owned(),
        trained: true,
        demonstration: true,
    }
}

impl World {
    /// Adds a State body with a sewing course (`S-ETAT`), an undertaking and
    /// staff, and the secretariat's supervisor.
    ///
    /// # Panics
    /// When it cannot be added: a test fails there.
    pub fn add_state_body(&self) {
        let network = self.desk.network();
        let mut body = network.organisations[&OrganisationId(id("ATELIER"))].clone();
        body.id = OrganisationId(id(STATE));
        STATE.clone_into(&mut body.code);
        body.name = label("Délégation régionale (exercice)", "Regional delegation (drill)");
        body.kind = OrganisationKind::Deconcentrated;
        body.state_body = true;
        let mut place = network.places[&PlaceId(id("P-ATELIER"))].clone();
        place.id = PlaceId(id("P-DELEGATION"));
        place.organisation = body.id;
        let mut service = network.services[&ServiceId(id("S-COUTURE"))].clone();
        service.id = ServiceId(id("S-ETAT"));
        service.organisation = body.id;
        service.place = place.id;
        let entries = Entries {
            organisations: vec![(body, None)],
            places: vec![place],
            services: vec![service],
            ..Entries::default()
        };
        directory::put(self.store(), entries, "fixture", By::CommandLine).expect("a State body");
        let undertaking = NewAgreement {
            reference: "ENG-ETAT".to_owned(),
            kind: AgreementKind::Eng,
            parties: vec![(STATE.to_owned(), NaiveDate::from_ymd_opt(2026, 1, 1).expect("a date"))],
            classes: ClassSet::all(),
            purposes: BTreeSet::from([Purpose::Refer, Purpose::Deliver]),
            max_sensitivity: Sensitivity::S3,
            until: None,
        };
        agreements::add(self.store(), undertaking, By::CommandLine).expect("an agreement");
        for new in [
            user("etat.gestion", STATE, Role::CaseManager),
            user("etat.chef", STATE, Role::Supervisor),
            user("etat.point", STATE, Role::FocalPoint),
            user("etat.signalant", STATE, Role::Reporter),
            user("secretariat.chef", "SECRETARIAT", Role::SecretariatSupervisor),
        ] {
            accounts::create(self.store(), new, By::CommandLine).expect("an account");
        }
        self.desk.refresh().expect("refreshed");
    }
}

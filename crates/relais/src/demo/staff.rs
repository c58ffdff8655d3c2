//! The demonstration's accounts: always the same, with one password that is
//! no secret, refused outside a drill database.

use relais_acts::accounts::{self, NewUser};
use relais_acts::directory::By;
use relais_mechanism::{Lang, Role};
use relais_store::Store;
use serde::{Deserialize, Serialize};

use super::PASSWORD;
use super::directory::{CENTRE, RECEPTION, SECRETARIAT};
use crate::commands::{give_token, hash};
use crate::failure::Failure;

/// An account as it is printed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Account {
    /// Role.
    pub role: String,
    /// Sign-in name.
    pub login: String,
    /// Password.
    pub password: String,
    /// Code of the organisation.
    pub organisation: String,
    /// Token of the API.
    pub token: String,
}

/// The hospital's focal point.
const HOSPITAL: &str = "hopital.garoua";
/// The focal point of the centre with many services.
pub const CENTRE_FOCAL_POINT: &str = "centre.douala";

/// Who receives complaints of sexual exploitation and abuse, in every country.
pub const RECIPIENTS: [&str; 2] = ["plaintes.un", "plaintes.deux"];
/// The office's account, which fills in the on-call list.
pub const OFFICE: &str = "secretariat";

/// A member of staff. Without an organisation: the hospital's, which may be a
/// real one.
#[derive(Debug, Clone)]
pub struct Member {
    /// Sign-in name.
    pub login: String,
    /// Code of the organisation.
    pub organisation: Option<String>,
    /// Name to show.
    pub name: String,
    /// Role.
    pub role: Role,
    /// Region of a regional focal point.
    pub region: Option<String>,
    /// Whether trained for restricted data.
    pub trained: bool,
}

/// A member without a region, not trained.
pub fn member(login: &str, organisation: &str, name: &str, role: Role) -> Member {
    Member {
        login: login.to_owned(),
        organisation: Some(organisation.to_owned()),
        name: name.to_owned(),
        role,
        region: None,
        trained: false,
    }
}

/// Who there is in Cameroon.
pub fn cameroon() -> Vec<Member> {
    vec![
        Member {
            trained: true,
            ..member("accueil.douala", RECEPTION, "Agent d’accueil (démo)", Role::CaseManager)
        },
        Member {
            trained: true,
            ..member("superviseur.douala", RECEPTION, "Superviseuse (démo)", Role::Supervisor)
        },
        Member {
            organisation: None,
            trained: true,
            ..member(HOSPITAL, "", "Point focal, hôpital (démo)", Role::FocalPoint)
        },
        member(
            "fne.douala",
            "FNE-CM005",
            "Point focal, emploi (démo)",
            Role::FocalPoint,
        ),
        Member {
            trained: true,
            ..member(
                "minas.nord",
                "DR-AS-CM006",
                "Point focal, affaires sociales (démo)",
                Role::FocalPoint,
            )
        },
        member(
            "crc.littoral",
            "CRC-CM005",
            "Point focal, Croix-Rouge (démo)",
            Role::FocalPoint,
        ),
        Member {
            trained: true,
            ..member(
                "suivi.littoral",
                "CRC-CM005",
                "Gestionnaire de cas, Croix-Rouge (démo)",
                Role::CaseManager,
            )
        },
        member(
            CENTRE_FOCAL_POINT,
            CENTRE,
            "Point focal, centre polyvalent (démo)",
            Role::FocalPoint,
        ),
        member(OFFICE, SECRETARIAT, "Secrétariat technique (démo)", Role::Secretariat),
        member(
            "secretariat.chef",
            SECRETARIAT,
            "Chef du secrétariat (démo)",
            Role::SecretariatSupervisor,
        ),
        Member {
            region: Some("CM006".to_owned()),
            ..member(
                "point-focal.nord",
                "DR-AS-CM006",
                "Point focal régional, Nord (démo)",
                Role::RegionalFocalPoint,
            )
        },
        Member {
            region: Some("CM005".to_owned()),
            ..member(
                "point-focal.littoral",
                "DR-AS-CM005",
                "Point focal régional, Littoral (démo)",
                Role::RegionalFocalPoint,
            )
        },
        member(
            "dpd",
            SECRETARIAT,
            "Déléguée à la protection des données (démo)",
            Role::DataProtectionOfficer,
        ),
        member(
            RECIPIENTS[0],
            "CDHC",
            "Destinataire des plaintes, hors secrétariat (démo)",
            Role::ComplaintRecipient,
        ),
        member(
            RECIPIENTS[1],
            "OIM",
            "Destinataire des plaintes, hors secrétariat (démo)",
            Role::ComplaintRecipient,
        ),
        member(
            "administrateur",
            SECRETARIAT,
            "Administrateur (démo)",
            Role::Administrator,
        ),
    ]
}

/// Opens the accounts, each with one token.
///
/// # Errors
/// When the database is no drill, or the store refuses.
pub fn open(store: &Store, staff: &[Member], hospital: &str) -> Result<Vec<Account>, Failure> {
    let mut made = Vec::new();
    for member in staff {
        let organisation = member.organisation.as_deref().unwrap_or(hospital);
        let new = NewUser {
            organisation: organisation.to_owned(),
            login: member.login.clone(),
            display_name: member.name.clone(),
            roles: vec![member.role],
            regions: member.region.iter().cloned().collect(),
            language: Lang::Fr,
            password_hash: hash(PASSWORD)?,
            trained: member.trained,
            demonstration: true,
        };
        accounts::create(store, new, By::CommandLine)?;
        made.push(Account {
            role: member.role.code().to_owned(),
            login: member.login.clone(),
            password: PASSWORD.to_owned(),
            organisation: organisation.to_owned(),
            token: give_token(store, &member.login, "démonstration", None)?,
        });
    }
    let outside = RECIPIENTS.map(str::to_owned).to_vec();
    relais_acts::complaints::set(store, outside, Vec::new(), By::CommandLine)?;
    Ok(made)
}

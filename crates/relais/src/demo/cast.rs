//! What a demonstration puts on its stage beside the mechanism: Cameroon's is told
//! by hand, any other country's follows from its mechanism.

use chrono::NaiveDate;
use relais_acts::directory::Entries;
use relais_mechanism::{Mechanism, Priority, Role};
use relais_network::agreement::AgreementKind;

use super::directory::{self, CAMEROON};
use super::elsewhere::{Elsewhere, PROPOSER};
use super::people::NEEDS;
use super::staff::{self, Member};

/// What somebody needs, and where it is looked for.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Service of the taxonomy.
    pub service: String,
    /// Priority.
    pub priority: Priority,
    /// Code of the region.
    pub region: String,
}

/// Who plays the lives of the invented persons.
#[derive(Debug)]
pub struct Scene {
    /// What they need, in turn.
    pub needs: Vec<Wanted>,
    /// Sign-in name of the case manager.
    pub case_manager: String,
    /// Of their supervisor.
    pub supervisor: String,
    /// Of those who answer for a provider.
    pub focal_points: Vec<String>,
}

impl Scene {
    fn of(staff: &[Member], needs: Vec<Wanted>) -> Self {
        let logins = |role| staff.iter().filter(move |m| m.role == role).map(|m| m.login.clone());
        Self {
            needs,
            case_manager: logins(Role::CaseManager).next().unwrap_or_default(),
            supervisor: logins(Role::Supervisor).next().unwrap_or_default(),
            focal_points: logins(Role::FocalPoint).collect(),
        }
    }
}

/// An undertaking or agreement: signed and ending so many days from today.
#[derive(Debug)]
pub struct Undertaking {
    /// Its number.
    pub reference: &'static str,
    /// Its kind.
    pub kind: AgreementKind,
    /// Codes of those who signed.
    pub parties: Vec<String>,
    /// Days from today to the signature.
    pub from: i64,
    /// Days from today to its last day, where it has one.
    pub until: Option<i64>,
}

/// Who is on call in a region.
#[derive(Debug)]
pub struct OnCall {
    /// Code of the region.
    pub region: String,
    /// Function.
    pub who: String,
    /// Number.
    pub number: String,
}

/// The whole of it.
pub struct Cast {
    /// The directory.
    pub entries: Entries,
    /// Codes of the tutelles whose papers are signed.
    pub signed: Vec<String>,
    /// Codes of those whose papers ran out.
    pub run_out: Vec<String>,
    /// What was agreed on sharing.
    pub undertakings: Vec<Undertaking>,
    /// The accounts.
    pub staff: Vec<Member>,
    /// Sign-in name of the focal point who proposes a change of an entry.
    pub proposer: String,
    /// The on-call list as far as it is filled in.
    pub on_call: Vec<OnCall>,
    /// Who plays.
    pub scene: Scene,
}

impl Cast {
    /// The cast of this country as of a day; hospitals are left out when real ones are
    /// imported, which is Cameroon's alone.
    pub fn of(mechanism: &Mechanism, today: NaiveDate, hospitals: bool) -> Self {
        if mechanism.country().code == CAMEROON {
            Self::cameroon(mechanism, today, hospitals)
        } else {
            Self::elsewhere(&Elsewhere::of(mechanism), today)
        }
    }

    fn cameroon(mechanism: &Mechanism, today: NaiveDate, hospitals: bool) -> Self {
        let wanted = |(service, priority, region): &(&str, Priority, &str)| Wanted {
            service: (*service).to_owned(),
            priority: *priority,
            region: (*region).to_owned(),
        };
        let (run_out, signed) = directory::tutelles()
            .into_iter()
            .partition(|code| code == directory::RUN_OUT);
        let staff = staff::cameroon();
        let on_call = |region: &str, who: &str, n: usize| OnCall {
            region: region.to_owned(),
            who: who.to_owned(),
            number: directory::number(mechanism, n),
        };
        Self {
            entries: directory::entries(mechanism, today, hospitals),
            signed,
            run_out,
            undertakings: directory::undertakings(),
            proposer: staff::CENTRE_FOCAL_POINT.to_owned(),
            on_call: vec![
                on_call("CM005", "Astreinte Littoral (exercice)", 9905),
                on_call("CM002", "Astreinte Centre (exercice)", 9902),
            ],
            scene: Scene::of(&staff, NEEDS.iter().map(wanted).collect()),
            staff,
        }
    }

    fn elsewhere(country: &Elsewhere<'_>, today: NaiveDate) -> Self {
        let staff = country.staff();
        Self {
            entries: country.entries(today),
            signed: country.tutelles(),
            run_out: Vec::new(),
            undertakings: country.undertakings(),
            proposer: PROPOSER.to_owned(),
            on_call: country.on_call(),
            scene: Scene::of(&staff, country.needs()),
            staff,
        }
    }
}

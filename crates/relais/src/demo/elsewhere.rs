//! The demonstration of a country of which this program knows nothing but the
//! mechanism: reception and a centre of services in the first regions that it names,
//! under the bodies that it names. No place, body or number of another country is in it.

use chrono::NaiveDate;
use relais_acts::directory::Entries;
use relais_mechanism::places::Place as Area;
use relais_mechanism::{Label, Mechanism, Role};
use relais_network::OrganisationKind;
use relais_network::agreement::AgreementKind;

use super::cast::{OnCall, Undertaking, Wanted};
use super::directory::{Maker, number};
use super::people::NEEDS;
use super::staff::{Member, OFFICE, RECIPIENTS, member};

/// In how many regions something is offered.
const REGIONS: usize = 3;
/// Beginning of the codes of receptions; the region's code follows.
const RECEPTION: &str = "ACC";
/// Beginning of the codes of centres.
const CENTRE: &str = "CTR";
/// The technical secretariat.
const SECRETARIAT: &str = "ST";

/// Sign-in name of who answers for the first centre and proposes a change of it.
pub const PROPOSER: &str = "centre";

/// What a reception offers.
const AT_RECEPTION: &[&str] = &["RCP.01", "RCP.02", "RCP.05", "RCP.07", "INF.01", "INF.05"];
/// What a centre offers: something of each main category.
const AT_CENTRE: &[&str] = &[
    "MED.01", "MED.03", "MED.08", "PSS.01", "FAM.01", "DOC.01", "HOU.01", "EDU.01", "VTC.01", "VTC.05", "EMP.01",
    "EMP.02", "ENT.09", "COM.01",
];

/// The country, as far as the demonstration needs it.
pub struct Elsewhere<'m> {
    mechanism: &'m Mechanism,
    regions: Vec<&'m Area>,
    /// The body of the State under which receptions and the secretariat stand.
    state: Option<&'m str>,
    /// The body under which the centres stand: not the State's.
    other: Option<&'m str>,
}

impl<'m> Elsewhere<'m> {
    /// What the mechanism says of it.
    pub fn of(mechanism: &'m Mechanism) -> Self {
        let body = |of_state: bool| {
            let kind =
                |code: &str| OrganisationKind::from_code(code).is_some_and(OrganisationKind::is_state_by_default);
            let found = mechanism.bodies().iter().find(|b| kind(&b.kind) == of_state);
            found.map(|b| b.code.as_str())
        };
        Self {
            mechanism,
            regions: mechanism.regions().take(REGIONS).collect(),
            state: body(true),
            other: body(false),
        }
    }

    /// Services of these that the country's taxonomy has.
    fn known<'s>(&self, services: &'s [&'s str]) -> Vec<&'s str> {
        let has = |code: &&str| self.mechanism.service_type(code).is_some();
        services.iter().copied().filter(has).collect()
    }

    /// The code of an organisation in the nth region; the last ones again where there
    /// are fewer.
    fn code(&self, beginning: &str, n: usize) -> String {
        let region = self.regions.get(n).or(self.regions.last());
        format!("{beginning}-{}", region.map_or("", |r| r.code.as_str()))
    }

    /// The directory as of a day.
    pub fn entries(&self, today: NaiveDate) -> Entries {
        let mut maker = Maker::new(self.mechanism, today);
        let (state, other) = (self.state.unwrap_or_default(), self.other.unwrap_or_default());
        let named = |fr: &str, en: &str, area: &Area| Label {
            fr: format!("{fr} – {}", area.name.fr),
            en: format!("{en} – {}", area.name.en),
        };
        for (n, area) in self.regions.iter().copied().enumerate() {
            let reception = OrganisationKind::Deconcentrated;
            let name = named("Accueil (démonstration)", "Reception (demonstration)", area);
            let services = self.known(AT_RECEPTION);
            maker.organisation(
                self.code(RECEPTION, n),
                state,
                reception,
                name,
                Some(area),
                &services,
                false,
            );
            let centre = OrganisationKind::NationalNgo;
            let name = named(
                "Centre de services (démonstration)",
                "Service centre (demonstration)",
                area,
            );
            let services = self.known(AT_CENTRE);
            maker.organisation(self.code(CENTRE, n), other, centre, name, Some(area), &services, true);
        }
        let office = Label::of(
            "Secrétariat technique (démonstration)",
            "Technical secretariat (demonstration)",
        );
        let (kind, services) = (OrganisationKind::CentralGovernment, self.known(&["MON.02"]));
        let seat = self.regions.first().copied();
        maker.organisation(SECRETARIAT.to_owned(), state, kind, office, seat, &services, false);
        maker.entries
    }

    /// Codes of the bodies above what it made.
    pub fn tutelles(&self) -> Vec<String> {
        [self.state, self.other]
            .into_iter()
            .flatten()
            .map(str::to_owned)
            .collect()
    }

    /// One undertaking that everybody signed, by their tutelle where they have one, and
    /// one of the last centre that has ended.
    pub fn undertakings(&self) -> Vec<Undertaking> {
        let mut parties = self.tutelles();
        let all = |beginning: &str| {
            (0..self.regions.len())
                .map(|n| self.code(beginning, n))
                .collect::<Vec<_>>()
        };
        if self.state.is_none() {
            parties.extend(all(RECEPTION));
            parties.push(SECRETARIAT.to_owned());
        }
        if self.other.is_none() {
            parties.extend(all(CENTRE));
        }
        let undertaking = |reference, parties, from, until| Undertaking {
            reference,
            kind: AgreementKind::Eng,
            parties,
            from,
            until,
        };
        vec![
            undertaking("ENG-DEMO-001", parties, -300, None),
            undertaking("ENG-DEMO-002", vec![self.code(CENTRE, REGIONS)], -700, Some(-150)),
        ]
    }

    /// The accounts.
    pub fn staff(&self) -> Vec<Member> {
        let (reception, centre) = (self.code(RECEPTION, 0), self.code(CENTRE, 0));
        let region = self.regions.first();
        let trained = |login: &str, organisation: &str, name: &str, role| Member {
            trained: true,
            ..member(login, organisation, name, role)
        };
        let mut staff = vec![
            trained("accueil", &reception, "Agent d’accueil (démo)", Role::CaseManager),
            trained("superviseur", &reception, "Superviseuse (démo)", Role::Supervisor),
            trained(
                PROPOSER,
                &centre,
                "Point focal, centre de services (démo)",
                Role::FocalPoint,
            ),
            trained(
                "suivi",
                &centre,
                "Gestionnaire de cas, centre (démo)",
                Role::CaseManager,
            ),
            member(
                "point-focal.accueil",
                &reception,
                "Point focal, accueil (démo)",
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
                region: region.map(|r| r.code.clone()),
                ..member(
                    "point-focal.region",
                    &reception,
                    "Point focal régional (démo)",
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
                "administrateur",
                SECRETARIAT,
                "Administrateur (démo)",
                Role::Administrator,
            ),
        ];
        let recipient = |(login, organisation): (&str, String)| {
            let name = "Destinataire des plaintes, hors secrétariat (démo)";
            member(login, &organisation, name, Role::ComplaintRecipient)
        };
        // Of two organisations, so that a complaint about one leaves the other.
        staff.extend(RECIPIENTS.into_iter().zip([centre, reception]).map(recipient));
        staff
    }

    /// What is needed, as in the other demonstration, looked for in this country.
    pub fn needs(&self) -> Vec<Wanted> {
        let offered: Vec<&str> = [self.known(AT_RECEPTION), self.known(AT_CENTRE)].concat();
        let regions = self.regions.iter().cycle();
        NEEDS
            .iter()
            .filter(|(service, ..)| offered.contains(service))
            .zip(regions)
            .map(|((service, priority, _), region)| Wanted {
                service: (*service).to_owned(),
                priority: *priority,
                region: region.code.clone(),
            })
            .collect()
    }

    /// Somebody invented is on call in the first region.
    pub fn on_call(&self) -> Vec<OnCall> {
        let first = self.regions.first();
        let line = |region: &&Area| OnCall {
            region: region.code.clone(),
            who: format!("Astreinte {} (exercice)", region.name.fr),
            number: number(self.mechanism, 99),
        };
        first.map(line).into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_entry_is_sound_in_the_first_regions_and_answers_every_need() {
        let mechanism = Mechanism::embedded("cameroon").expect("built in");
        let elsewhere = Elsewhere::of(&mechanism);
        let today = NaiveDate::from_ymd_opt(2026, 11, 23).expect("a day");
        let all = elsewhere.entries(today);
        assert_eq!(all.organisations.len(), 2 * REGIONS + 1);
        for (organisation, _) in &all.organisations {
            assert_eq!(organisation.check(), Vec::new(), "{}", organisation.code);
            assert!(organisation.demonstration);
        }
        for service in &all.services {
            assert_eq!(service.check(), Vec::new(), "{}", service.name.fr);
        }
        let needs = elsewhere.needs();
        assert_eq!(needs.len(), NEEDS.len());
        for wanted in &needs {
            let there = |p: &relais_network::Place| p.region.as_ref() == Some(&wanted.region);
            let at: BTreeSet<_> = all.places.iter().filter(|p| there(p)).map(|p| p.id).collect();
            let meets = |s: &relais_network::Service| s.service_type == wanted.service && at.contains(&s.place);
            assert!(
                all.services.iter().any(meets),
                "{} in {}",
                wanted.service,
                wanted.region
            );
        }
        let codes: BTreeSet<&str> = all.organisations.iter().map(|(o, _)| o.code.as_str()).collect();
        for member in elsewhere.staff() {
            let of = member.organisation.expect("each has one");
            assert!(codes.contains(of.as_str()), "{} is of {of}", member.login);
        }
    }
}

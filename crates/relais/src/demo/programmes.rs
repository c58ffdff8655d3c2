//! The demonstration's programmes, plainly invented: one that ends within weeks,
//! one that goes on, one that ended and left two services behind.

use chrono::{Days, NaiveDate};
use relais_acts::directory::Entries;
use relais_mechanism::Label;
use relais_network::ids::derived;
use relais_network::programme::{Donor, Programme, programme_id};
use relais_network::{OrganisationId, Origin};

use super::directory::SOURCE;

/// A programme: code, names, who carries it, donor, first and last day counted from
/// today, and the services that it pays for: beginning of the organisation's code,
/// service type.
struct Invented {
    code: &'static str,
    fr: &'static str,
    en: &'static str,
    carrier: &'static str,
    donor: &'static str,
    days: (i64, i64),
    pays: &'static [(&'static str, &'static str)],
}

const INVENTED: [Invented; 3] = [
    Invented {
        code: "DEMO-RELANCE",
        fr: "Relance (programme de démonstration)",
        en: "Fresh start (demonstration programme)",
        carrier: "CPS-DLA",
        donor: "Bailleur de démonstration A",
        days: (-690, 40),
        pays: &[("CPS-DLA", "EMP.04"), ("CPS-DLA", "ENT.01"), ("CPS-DLA", "ENT.04")],
    },
    Invented {
        code: "DEMO-METIERS",
        fr: "Métiers (programme de démonstration)",
        en: "Trades (demonstration programme)",
        carrier: "OIM-YDE",
        donor: "Bailleur de démonstration B",
        days: (-200, 530),
        pays: &[("CMPJ-", "VTC.02"), ("OIM-YDE", "ENT.02"), ("CPS-DLA", "ENT.04")],
    },
    Invented {
        code: "DEMO-TOIT",
        fr: "Toit (programme de démonstration)",
        en: "Roof (demonstration programme)",
        carrier: "CARITAS-DLA",
        donor: "Bailleur de démonstration A",
        days: (-750, -20),
        pays: &[("CARITAS-DLA", "RCP.04"), ("CARITAS-DLA", "HOU.01")],
    },
];

/// Adds the programmes, and says on the services that they pay for them.
pub fn add(entries: &mut Entries, today: NaiveDate) {
    let codes: std::collections::HashMap<OrganisationId, String> = entries
        .organisations
        .iter()
        .map(|(o, _)| (o.id, o.code.clone()))
        .collect();
    let day = |days: i64| {
        let span = Days::new(days.unsigned_abs());
        if days < 0 {
            today.checked_sub_days(span)
        } else {
            today.checked_add_days(span)
        }
    };
    for invented in &INVENTED {
        let id = programme_id(invented.code);
        entries.programmes.push(Programme {
            id,
            code: invented.code.to_owned(),
            name: Label::of(invented.fr, invented.en),
            organisation: OrganisationId(derived("organisation", SOURCE, invented.carrier)),
            donors: vec![Donor::Named(invented.donor.to_owned())],
            from: day(invented.days.0),
            until: day(invented.days.1),
            origin: Some(Origin {
                source: SOURCE.to_owned(),
                key: invented.code.to_owned(),
            }),
            demonstration: true,
        });
        for service in &mut entries.services {
            let of = codes.get(&service.organisation).map_or("", String::as_str);
            let paid = |(code, kind): &(&str, &str)| of.starts_with(code) && service.service_type == *kind;
            if invented.pays.iter().any(paid) {
                service.programmes.push(id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use relais_mechanism::Mechanism;
    use relais_network::programme::Paying;

    use super::*;

    #[test]
    fn each_is_sound_carried_by_somebody_and_pays_for_something() {
        let mechanism = Mechanism::embedded("cameroon").expect("built in");
        let today = NaiveDate::from_ymd_opt(2026, 11, 23).expect("a day");
        let mut all = super::super::directory::entries(&mechanism, today, true);
        let days = mechanism.rules().funding_reminder_days;
        assert_eq!(all.programmes.len(), INVENTED.len());
        let mut states: Vec<Paying> = all.programmes.iter().map(|p| p.paying(today, days)).collect();
        states.sort_unstable();
        assert_eq!(states, [Paying::Running, Paying::Soon, Paying::Ended]);
        for programme in std::mem::take(&mut all.programmes) {
            assert_eq!(programme.check(), Vec::new(), "{}", programme.code);
            assert!(programme.demonstration && programme.name.fr.contains("démonstration"));
            assert!(all.organisations.iter().any(|(o, _)| o.id == programme.organisation));
            assert!(
                all.services.iter().any(|s| s.programmes.contains(&programme.id)),
                "{} pays for nothing",
                programme.code
            );
        }
    }
}

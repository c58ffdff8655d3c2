//! Samples of what shuts a case away and opens it.

use relais_acts::authorisations::{Authorisation, AuthorisationView};
use relais_acts::emergency::{EmergencyView, Opened};
use relais_acts::protection::{ProtectionView, Received, Turned};

use super::*;

/// The page of the protected circuit.
pub(crate) fn protection(lang: Lang, protected: bool) -> ProtectionView {
    let fr = lang == Lang::Fr;
    let say = |a: &str, b: &str| if fr { a.to_owned() } else { b.to_owned() };
    let case = case(lang);
    let turned = |n: u128, provider: &str, becomes: &str, says: String| Turned {
        id: ReferralId(id(n)),
        code: format!("R-2026-0044{n}"),
        label: say("Bilan de compétences", "Skills assessment"),
        provider: provider.to_owned(),
        becomes: becomes.to_owned(),
        says,
    };
    ProtectionView {
        case_id: case.id,
        case_code: case.code,
        version: case.version,
        protected,
        holder: "Accueil Wouri (exemple)".to_owned(),
        barred: None,
        loses: if protected {
            Vec::new()
        } else {
            vec!["Délégation régionale (exemple)".to_owned()]
        },
        received: if protected {
            Vec::new()
        } else {
            vec![Received {
                organisation: "Délégation régionale (exemple)".to_owned(),
                on: NaiveDate::from_ymd_opt(2026, 11, 20).expect("a date"),
            }]
        },
        referrals: vec![
            turned(
                12,
                "Atelier Fil d’Or",
                "goes_on",
                say("Continue sans changement.", "Goes on unchanged."),
            ),
            turned(
                13,
                "Délégation régionale (exemple)",
                "stops",
                say(
                    "S’arrête. Le besoin revient à votre équipe.",
                    "Stops. The need comes back to your team.",
                ),
            ),
        ],
    }
}

/// The page of emergency access.
pub(crate) fn emergency(running: bool) -> EmergencyView {
    let row = Opened {
        case_id: CaseId(id(10)),
        case_code: "CM-000123-K".to_owned(),
        until: now() + TimeDelta::minutes(95),
    };
    EmergencyView {
        now: now(),
        open: if running { vec![row] } else { Vec::new() },
        tries_left: 4,
    }
}

/// The page of authorisations.
pub(crate) fn authorisations(s4: bool) -> AuthorisationView {
    let old = Authorisation {
        reference: "AUT-2026-014 (exemple)".to_owned(),
        given_by: "Autorité de protection des données".to_owned(),
        recorded_at: now() - TimeDelta::days(40),
        ended_at: Some(now() - TimeDelta::days(2)),
    };
    let new = Authorisation {
        reference: "AUT-2026-021 (exemple)".to_owned(),
        recorded_at: now() - TimeDelta::days(1),
        ended_at: None,
        ..old.clone()
    };
    AuthorisationView {
        now: now(),
        s4,
        all: if s4 { vec![new, old] } else { Vec::new() },
    }
}

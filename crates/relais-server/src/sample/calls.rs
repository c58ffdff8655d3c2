//! An emergency by telephone: two numbers tried, whoever is on call is next.

use chrono::TimeDelta;
use relais_acts::calls::{CallLine, CallStep, CallsView, Taken};
use relais_acts::views::Fact;
use relais_casework::calls::{CallResult, LineKind};
use relais_mechanism::words::{Lang, Priority};
use relais_network::{CaseId, ReferralId};

use super::{id, now};

/// The calls of an emergency; `taken` once whoever is on call said "I take it".
pub(crate) fn calls(lang: Lang, taken: bool) -> CallsView {
    let say = |a: &str, b: &str| if lang == Lang::Fr { a.to_owned() } else { b.to_owned() };
    let minutes = |n: i64| now() - TimeDelta::minutes(n);
    let line = |kind, who: String, number: &str, calls: Vec<_>, next| CallLine {
        kind,
        who,
        number: number.to_owned(),
        hours: "24/7".to_owned(),
        calls,
        next: next && !taken,
    };
    let fact = |label: String, value: &str| Fact {
        label,
        value: Some(value.to_owned()),
    };
    CallsView {
        now: now(),
        referral: ReferralId(id(12)),
        code: "R-2026-004417".to_owned(),
        case_id: CaseId(id(10)),
        case_code: "LT-000123-K".to_owned(),
        version: 3,
        priority: Priority::P1,
        label: say("Besoin à accès restreint", "Restricted need"),
        provider: "Foyer Les Palmiers (exercice)".to_owned(),
        state_label: if taken {
            say("Acceptée", "Accepted")
        } else {
            say("Envoyée", "Sent")
        },
        open: !taken,
        lines: vec![
            line(
                LineKind::Service,
                say("Point focal", "Focal point"),
                "+237677000001",
                vec![(CallResult::NoAnswer, minutes(22))],
                false,
            ),
            line(
                LineKind::Organisation,
                "Foyer Les Palmiers (exercice)".to_owned(),
                "+237233401122",
                vec![(CallResult::Passed, minutes(7))],
                false,
            ),
            line(
                LineKind::OnCall,
                say("Astreinte du Littoral", "On call, Littoral"),
                "+237699000003",
                Vec::new(),
                true,
            ),
            line(
                LineKind::National,
                say("Ligne d’aide aux enfants", "Child helpline"),
                "116",
                Vec::new(),
                false,
            ),
        ],
        step: (!taken).then(|| CallStep {
            from: minutes(7),
            until: now() + TimeDelta::minutes(8),
            lap: 0,
        }),
        on_call: true,
        beside: Some((say("L’agent d’accueil de garde", "The officer on duty"), minutes(22))),
        beside_confirmed: taken,
        minutes: 15,
        say_now: vec![
            fact(say("Priorité", "Priority"), "P1"),
            fact(say("Région", "Region"), "Littoral"),
            fact(say("Personne", "Person"), &say("enfant", "child")),
        ],
        say_after: vec![fact(say("Nom", "Name"), "A. N. Essai")],
        taken: taken.then(|| Taken {
            name: "Mme Astreinte Essai".to_owned(),
            number: "+237699000003".to_owned(),
            at: minutes(1),
        }),
    }
}

//! The directory for whoever has no account, and as a document.

use relais_acts::directory::booklet::{Booklet, BookletEntry, BookletService, Chapter, Contact, Section};
use relais_acts::directory::public::{EmergencyLine, PublicDoor, PublicEntry, PublicLook, PublicSheet};
use relais_network::DoubtCause;
use relais_network::service::ServiceMode;

use super::*;

fn say(lang: Lang, fr: &str, en: &str) -> String {
    if lang == Lang::Fr { fr } else { en }.to_owned()
}

fn day(d: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(2026, 11, d)
}

/// Numbers to call: tried, unverified, with a note.
pub(crate) fn numbers(lang: Lang) -> Vec<EmergencyLine> {
    let line = |number: &str, who: &str, hours: &str, note: &str, tested_on: Option<NaiveDate>| EmergencyLine {
        number: number.to_owned(),
        who: who.to_owned(),
        hours: hours.to_owned(),
        note: note.to_owned(),
        unverified: tested_on.is_none(),
        tested_on,
    };
    let child = say(lang, "Ligne d’aide aux enfants", "Child helpline");
    let note = say(
        lang,
        "Ne passe pas sur tous les réseaux.",
        "Not reached from every network.",
    );
    let police = say(lang, "Police", "Police");
    vec![
        line("1503", "MINAS–OIM", "24/7", "", day(20)),
        line("116", &child, "", &note, None),
        line("119", "SAMU", "", "", None),
        line("117", &police, "", "", None),
    ]
}

/// The doors.
pub(crate) fn doors(lang: Lang) -> Vec<PublicDoor> {
    let door = |n: u8| PublicDoor {
        category: format!("X{n:02}"),
        label: say(lang, "Apprendre un métier", "Learn a trade"),
    };
    (0..14).map(door).collect()
}

/// One entry; `n` varies how much is known of it.
pub(crate) fn entry(lang: Lang, n: u128) -> PublicEntry {
    let known = n.is_multiple_of(2);
    let name = say(
        lang,
        "Consultation psychologique ou psychiatrique (Hôpital régional – Extrême-Nord)",
        "Psychological or psychiatric consultation (Regional hospital – Far North)",
    );
    let doubt = relais_acts::services::doubt_says(DoubtCause::Overdue, lang);
    PublicEntry {
        id: ServiceId(id(700 + n)),
        name: format!("{name} <i>{n}</i>"),
        organisation: say(lang, "Hôpital d’essai", "Trial hospital"),
        place: "Maroua, Extrême-Nord".to_owned(),
        distance_km: known.then_some(3.42),
        modes: vec![(ServiceMode::OnSite, "x"), (ServiceMode::Remote, "à distance")],
        hours: if known {
            "lun.–ven. 07:30–15:30".to_owned()
        } else {
            String::new()
        },
        open: known.then_some(n.is_multiple_of(4)),
        on_call: n == 6,
        cost: if known { "gratuit" } else { "" },
        numbers: if known {
            vec![("+237222000001".to_owned(), "08:00–12:00".to_owned())]
        } else {
            Vec::new()
        },
        languages: vec!["Fulfulde".to_owned()],
        targets: vec![say(lang, "Femmes", "Women")],
        area: "Extrême-Nord".to_owned(),
        how: say(lang, "Venez avec le carnet de santé.", "Come with the health booklet."),
        full_on: (n == 3).then(|| day(22)).flatten(),
        confirmed_on: known.then(|| day(2)).flatten(),
        doubt: (n == 5).then(|| (doubt, day(9).unwrap_or_default())),
        demonstration: n == 1,
    }
}

/// One entry with its neighbours.
pub(crate) fn sheet(lang: Lang, n: u128) -> PublicSheet {
    PublicSheet {
        entry: entry(lang, n),
        beside: (0..n)
            .map(|other| (ServiceId(id(800 + other)), format!("Service {other}")))
            .collect(),
    }
}

/// What a search finds.
pub(crate) fn look(lang: Lang, full: bool) -> PublicLook {
    let said = service_look(lang, full).said;
    PublicLook {
        entries: if full {
            (0..8).map(|n| entry(lang, n)).collect()
        } else {
            Vec::new()
        },
        total: if full { 132 } else { 0 },
        next: full.then(|| "a".repeat(48)),
        said,
        chosen: Some(say(lang, "Voir un médecin", "See a doctor")),
    }
}

/// A booklet of two entries, or of none.
pub(crate) fn booklet(lang: Lang, contacts: bool, total: usize) -> Booklet {
    let service = |n: u128| BookletService {
        shown: entry(lang, n),
        contacts: if contacts {
            vec![
                Contact {
                    who: "Secrétariat".to_owned(),
                    number: "+237699000003".to_owned(),
                    hours: String::new(),
                },
                Contact {
                    who: String::new(),
                    number: "+237699000004".to_owned(),
                    hours: "24/7".to_owned(),
                },
            ]
        } else {
            Vec::new()
        },
        ratified_on: day(20).filter(|_| n.is_multiple_of(2)),
    };
    let of = |number: usize| BookletEntry {
        number,
        organisation: say(lang, "Hôpital d’essai", "Trial hospital"),
        place: "Maroua, Extrême-Nord".to_owned(),
        services: if number == 1 {
            vec![service(0)]
        } else {
            vec![service(3), service(7)]
        },
    };
    Booklet {
        region: (!contacts).then(|| "Extrême-Nord".to_owned()),
        on: day(23).unwrap_or_default(),
        sign: "3f2a91bc".to_owned(),
        mechanism: "cm-2026.1".to_owned(),
        contacts,
        total,
        left_out: usize::from(contacts),
        chapters: if total == 0 {
            Vec::new()
        } else {
            vec![Chapter {
                region: None,
                sections: vec![Section {
                    category: "Santé".to_owned(),
                    entries: (1..=total).map(of).collect(),
                }],
            }]
        },
        organisations: vec![("Hôpital d’essai".to_owned(), (1..=total).collect())],
        towns: vec![("Maroua".to_owned(), (1..=total).collect())],
        demonstration: false,
    }
}

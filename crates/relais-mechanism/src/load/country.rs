//! Reads what a country says of itself.

use chrono::Weekday;

use crate::country::{
    Body, Bridge, Calendar, CalendarScope, Country, EntryKind, EntryPoint, Holiday, HolidayStatus, OnCallNumber,
};
use crate::finding::{Location, both};
use crate::load::{Loading, Reference, mark};
use crate::phone::{PhoneBlock, PhonePlan};
use crate::places::{Level, Place};
use crate::read::Reader;
use crate::tree::Value;
use crate::words::{Label, Lang};

/// What a country's files say besides its header.
pub(super) struct Land {
    pub places: Vec<Place>,
    pub calendars: Vec<Calendar>,
    pub holidays: Vec<Holiday>,
    pub bodies: Vec<Body>,
    pub entry_points: Vec<EntryPoint>,
    pub on_call: Vec<OnCallNumber>,
    pub emergency: Vec<OnCallNumber>,
    pub bridges: Vec<Bridge>,
}

pub(super) fn header(loading: &mut Loading) -> Country {
    loading.one("country", |r| {
        let offset_at = r.place("utc_offset_minutes");
        let minutes = match r.take("utc_offset_minutes").map(|n| n.value) {
            Some(Value::Int(minutes)) if (-14 * 60..=14 * 60).contains(&minutes) => {
                i32::try_from(minutes).unwrap_or_default()
            }
            _ => {
                r.fault(
                    offset_at,
                    "offset",
                    both(
                        "« utc_offset_minutes » manque ou sort des limites",
                        "“utc_offset_minutes” is missing or out of bounds",
                    ),
                    both(
                        "Écrivez les minutes à l’est de Greenwich, par exemple 60.",
                        "Write the minutes east of Greenwich, for example 60.",
                    ),
                );
                0
            }
        };
        Country {
            code: r.text("code"),
            label: r.label(""),
            time_zone: r.text("time_zone"),
            utc_offset_seconds: minutes * 60,
            currency: r.text("currency"),
            currency_label: r.label("currency"),
            phone: PhonePlan {
                country: r.text("phone_country"),
                groups: groups(r),
                blocks: blocks(r),
            },
        }
    })
}

fn groups(r: &mut Reader<'_>) -> Vec<usize> {
    let at = r.place("phone_groups");
    let groups: Vec<usize> = match r.take("phone_groups").map(|n| n.value) {
        Some(Value::List(items)) => items
            .iter()
            .filter_map(|n| match n.value {
                Value::Int(size) => usize::try_from(size).ok().filter(|s| (1..=9).contains(s)),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    };
    if groups.is_empty() {
        r.fault(
            at,
            "missing",
            both("« phone_groups » manque", "“phone_groups” is missing"),
            both(
                "Écrivez par exemple phone_groups = [1, 2, 2, 2, 2].",
                "Write for example phone_groups = [1, 2, 2, 2, 2].",
            ),
        );
    }
    groups
}

fn blocks(r: &mut Reader<'_>) -> Vec<PhoneBlock> {
    let mut blocks = Vec::new();
    for (table, at) in r.tables("phone_blocks") {
        let mut own = Reader::new("phone_blocks", at, table, r.findings);
        let fewest = own.number("digits");
        let most = own.number_opt("digits_max").unwrap_or(fewest);
        let size = |n: u32| usize::try_from(n).unwrap_or(usize::MAX);
        blocks.push(PhoneBlock {
            starts: own.texts("starts").into_iter().map(|(text, _)| text).collect(),
            digits: (size(fewest), size(most)),
            mobile: own.flag("mobile"),
        });
        own.finish();
    }
    if blocks.is_empty() {
        r.fault(
            r.at.clone(),
            "missing",
            both("« phone_blocks » manque", "“phone_blocks” is missing"),
            both(
                "Décrivez le plan de numérotation du pays.",
                "Describe the country’s numbering plan.",
            ),
        );
    }
    blocks
}

pub(super) fn read(loading: &mut Loading) -> Land {
    let mut places = loading.each("region", |r, _| {
        let code = r.text("code");
        Place {
            level: Level::Region,
            name: r.label(""),
            parent: None,
            region: code.clone(),
            chief_town: r.text_opt("chief_town"),
            coordinates: r.coordinates(),
            mark: mark(r),
            language: r.word_opt("language", Lang::ALL, Lang::code),
            code,
        }
    });
    for mut department in loading.each("department", department) {
        places.append(&mut department);
    }
    let calendars = loading.each("calendar", calendar);
    circular(loading, &calendars);
    let mut holidays = loading.each("holiday", |r, _| Holiday {
        date: r.date("date"),
        label: r.label(""),
        status: r
            .word("status", HolidayStatus::ALL, HolidayStatus::code)
            .unwrap_or(HolidayStatus::ByOrder),
    });
    holidays.sort_by_key(|h| h.date);
    let bodies = loading.each("body", |r, references| {
        let at = r.place("type");
        let kind = r.text("type");
        references.push(Reference {
            at,
            kind: "org_type",
            code: kind.clone(),
        });
        Body {
            code: r.text("code"),
            label: r.label(""),
            kind,
            role: r.label("role"),
            mark: mark(r),
        }
    });
    let entry_points = loading.each("entry_point", |r, references| EntryPoint {
        code: r.text("code"),
        label: r.label(""),
        kinds: r.words("kinds", EntryKind::ALL, EntryKind::code),
        region: region(r, references),
        coordinates: r.coordinates(),
        mark: mark(r),
    });
    let mut on_call = loading.each("on_call", |r, references| {
        let region = region(r, references);
        on_call_number(r, Some(region))
    });
    on_call.extend(loading.each("fallback", |r, _| on_call_number(r, None)));
    let mut emergency = loading.each("emergency", |r, _| on_call_number(r, None));
    emergency.sort_by_key(|n| n.rank);
    let bridges = loading.each("bridge", bridge);
    Land {
        places,
        calendars,
        holidays,
        bodies,
        entry_points,
        on_call,
        emergency,
        bridges,
    }
}

fn bridge(r: &mut Reader<'_>, references: &mut Vec<Reference>) -> Bridge {
    let mut named = |texts: Vec<(String, Location)>, kind: fn(&str) -> &'static str| -> Vec<String> {
        let name = |(code, at): (String, Location)| {
            references.push(Reference {
                at,
                kind: kind(&code),
                code: code.clone(),
            });
            code
        };
        texts.into_iter().map(name).collect()
    };
    let owners = named(r.texts("owners"), |_| "body");
    let services = named(r.texts("services"), |code| {
        if code.contains('.') { "service" } else { "category" }
    });
    if owners.is_empty() {
        r.fault(
            r.at.clone(),
            "missing",
            both(
                "une passerelle ne dit pas qui la tient",
                "a bridge does not say who runs it",
            ),
            both(
                "Ajoutez owners : les codes des organisations, par exemple [\"MINAS\"].",
                "Add owners: codes of bodies, for example [\"MINAS\"].",
            ),
        );
    }
    Bridge {
        code: r.text("code"),
        label: r.label(""),
        owners,
        services,
        area: r.label("area"),
        contact: r.label("contact"),
        number: r.text_opt("number").unwrap_or_default(),
        rule: r.label("rule"),
        mark: mark(r),
        rule_mark: r.text_opt("rule_mark"),
    }
}

fn region(r: &mut Reader<'_>, references: &mut Vec<Reference>) -> String {
    let at = r.place("region");
    let code = r.text("region");
    references.push(Reference {
        at,
        kind: "region",
        code: code.clone(),
    });
    code
}

/// A department and its subdivisions.
fn department(r: &mut Reader<'_>, references: &mut Vec<Reference>) -> Vec<Place> {
    let region = region(r, references);
    let code = r.text("code");
    let name = r.text("name");
    let department = Place {
        level: Level::Department,
        name: Label {
            fr: name.clone(),
            en: name,
        },
        parent: Some(region.clone()),
        region: region.clone(),
        chief_town: r.text_opt("chief_town"),
        coordinates: r.coordinates(),
        mark: mark(r),
        language: None,
        code: code.clone(),
    };
    let coordinates = department.coordinates;
    let mut places = vec![department];
    for (table, at) in r.tables("subdivisions") {
        let mut own = Reader::new("subdivision", at, table, r.findings);
        let name = own.text("name");
        places.push(Place {
            code: own.text("code"),
            level: Level::Subdivision,
            name: Label {
                fr: name.clone(),
                en: name,
            },
            parent: Some(code.clone()),
            region: region.clone(),
            chief_town: None,
            coordinates: own.coordinates().or(coordinates),
            mark: mark(&mut own),
            language: None,
        });
        own.finish();
    }
    places
}

const DAYS: &[(Weekday, &str)] = &[
    (Weekday::Mon, "mon"),
    (Weekday::Tue, "tue"),
    (Weekday::Wed, "wed"),
    (Weekday::Thu, "thu"),
    (Weekday::Fri, "fri"),
    (Weekday::Sat, "sat"),
    (Weekday::Sun, "sun"),
];

fn calendar(r: &mut Reader<'_>, references: &mut Vec<Reference>) -> Calendar {
    let scope = r
        .word("scope", CalendarScope::ALL, CalendarScope::code)
        .unwrap_or(CalendarScope::National);
    let code_at = r.place("code");
    let code = r.text("code");
    if scope == CalendarScope::Region {
        references.push(Reference {
            at: code_at,
            kind: "region",
            code: code.clone(),
        });
    }
    let parent_at = r.place("parent");
    let parent = r.text_opt("parent");
    if let Some(parent) = &parent {
        references.push(Reference {
            at: parent_at,
            kind: "calendar",
            code: parent.clone(),
        });
    }
    let hours_at = r.place("opens");
    let hours = match (r.time_opt("opens"), r.time_opt("closes")) {
        (None, None) => None,
        (Some(opens), Some(closes)) if opens < closes => Some((opens, closes)),
        _ => {
            r.fault(
                hours_at,
                "hours",
                both(
                    "heures d’ouverture incomplètes ou inversées",
                    "opening hours incomplete or reversed",
                ),
                both(
                    "Donnez opens et closes, dans l’ordre, ou aucune.",
                    "Give opens and closes, in order, or neither.",
                ),
            );
            None
        }
    };
    let closed = r
        .words("closed", DAYS, |(_, code)| code)
        .into_iter()
        .map(|(day, _)| day)
        .collect();
    Calendar {
        code,
        scope,
        parent,
        closed,
        hours,
        mark: mark(r),
    }
}

/// A calendar that is laid over itself, by way of others or not, adds to nothing.
fn circular(loading: &mut Loading, calendars: &[Calendar]) {
    let above = |code: &str| calendars.iter().find(|c| c.code == code)?.parent.as_deref();
    for calendar in calendars {
        // As many steps as there are calendars lead around any circle.
        let mut at = above(&calendar.code);
        let round = (0..calendars.len()).any(|_| {
            let met = at == Some(calendar.code.as_str());
            at = at.and_then(above);
            met
        });
        if round {
            let place = loading.places.get("calendar").and_then(|of| of.get(&calendar.code));
            loading.findings.add(
                place.cloned().unwrap_or_default(),
                "circular",
                both(
                    format!("le calendrier « {} » s’ajoute à lui-même", calendar.code),
                    format!("the calendar “{}” adds to itself", calendar.code),
                ),
                both(
                    "Donnez à parent un calendrier plus large, ou retirez parent.",
                    "Give parent a wider calendar, or take parent out.",
                ),
            );
        }
    }
}

fn on_call_number(r: &mut Reader<'_>, region: Option<String>) -> OnCallNumber {
    let rank = r.number("rank");
    let number = r.text_opt("number").unwrap_or_default();
    let label = r.label_opt("").unwrap_or_default();
    if !number.trim().is_empty() && label.fr.trim().is_empty() {
        r.fault(
            r.at.clone(),
            "missing",
            both(
                "un numéro d’astreinte ne dit pas qui répond",
                "an on-call number does not say who answers",
            ),
            both(
                "Ajoutez fr et en : nom, fonction, organisation.",
                "Add fr and en: name, function, organisation.",
            ),
        );
    }
    OnCallNumber {
        region,
        rank,
        label,
        number,
        hours: r.text_opt("hours").unwrap_or_default(),
        last_test_call: r.date_opt("last_test_call"),
        state_line: r.flag("state_line"),
        note: r.label_opt("note").unwrap_or_default(),
        mark: mark(r),
    }
}

//! What the API reads of entries of the directory.

use relais_acts::entries::ratification::{LONGEST_MINUTES, MOST_LISTED};
use relais_acts::entries::{Decision, LONGEST, MOST, MOST_PLACES, MOST_TELEPHONES};
use relais_network::Safeguard;
use relais_network::life::LifeAct;
use relais_network::programme::{MOST_DONORS, MOST_OF_A_SERVICE};
use relais_network::service::{Cost, Target};
use serde_json::{Value, json};

use super::{codes, day, flag, object, or_null, text, uuid, version};

fn label() -> Value {
    let text = || text(LONGEST);
    let mut label = object(vec![("fr", text(), true), ("en", text(), true)]);
    label["type"] = json!(["object", "null"]);
    label
}

/// What is said of a programme.
fn said() -> Value {
    let mut name = label();
    name["type"] = json!("object");
    object(vec![
        ("name", name, true),
        ("organisation", text(64), true),
        (
            "donors",
            json!({"type": "array", "items": text(LONGEST), "maxItems": MOST_DONORS}),
            false,
        ),
        ("from", or_null(day()), false),
        ("until", or_null(day()), false),
    ])
}

fn list(items: Value, most: usize) -> Value {
    json!({"type": ["array", "null"], "items": items, "maxItems": most})
}

/// Every schema, by name.
pub(super) fn schemas() -> Value {
    let places = || json!({"type": "integer", "minimum": 0, "maximum": MOST_PLACES});
    let paper = || {
        object(vec![
            ("safeguard", codes(Safeguard::ALL.iter().map(|s| s.code())), true),
            ("on", or_null(day()), false),
            ("until", or_null(day()), false),
            ("withdrawn_on", or_null(day()), false),
            ("paper", text(LONGEST), false),
        ])
    };
    let own = || object(vec![("service", uuid(), true), ("version", version(), true)]);
    let apart = || {
        let number = json!({"type": "integer", "minimum": 1, "maximum": MOST_LISTED});
        object(vec![("number", number, true), ("reason", text(LONGEST), true)])
    };
    json!({
        "ConfirmEntries": object(vec![
            ("id", uuid(), true),
            ("entries", json!({"type": "array", "items": own(), "maxItems": MOST}), true),
        ]),
        "SetCapacity": object(vec![
            ("id", uuid(), true),
            ("version", version(), true),
            ("available", places(), true),
            ("per_month", or_null(places()), false),
        ]),
        "ChangeEntry": object(vec![
            ("id", uuid(), true),
            ("version", version(), true),
            ("telephones", list(text(40), MOST_TELEPHONES), false),
            ("opening_hours", or_null(text(LONGEST)), false),
            ("languages", list(text(3), 30), false),
            ("cost", or_null(codes(Cost::ALL.iter().map(|c| c.code()))), false),
            ("served_area", or_null(text(100)), false),
            ("targets", list(codes(Target::ALL.iter().map(|t| t.code())), Target::ALL.len()), false),
            ("how_to_refer", label(), false),
            ("name", label(), false),
            ("programmes", list(text(64), MOST_OF_A_SERVICE), false),
            ("funding_until", or_null(day()), false),
            ("ended", flag(), false),
            ("note", text(LONGEST), false),
        ]),
        "AddProgramme": object(vec![
            ("id", uuid(), true),
            ("code", text(64), true),
            ("said", said(), true),
        ]),
        "CorrectProgramme": object(vec![
            ("id", uuid(), true),
            ("version", version(), true),
            ("said", said(), true),
            ("note", text(LONGEST), false),
        ]),
        "StepEntry": object(vec![
            ("id", uuid(), true),
            ("version", version(), true),
            ("step", codes(LifeAct::ALL.iter().map(|a| a.code())), true),
            ("reason", text(LONGEST), false),
        ]),
        "NoteSafeguards": object(vec![
            ("id", uuid(), true),
            ("version", version(), true),
            ("papers", json!({"type": "array", "items": paper(), "maxItems": Safeguard::ALL.len()}), true),
        ]),
        "PublishHeld": object(vec![("id", uuid(), true)]),
        "PrepareList": object(vec![("id", uuid(), true), ("version", version(), true)]),
        "NoteSession": object(vec![
            ("id", uuid(), true),
            ("version", version(), true),
            ("held_on", or_null(day()), false),
            ("minutes", text(LONGEST_MINUTES), true),
            ("apart", json!({"type": "array", "items": apart(), "maxItems": MOST_LISTED}), false),
        ]),
        "DecideChange": object(vec![
            ("id", uuid(), true),
            ("version", version(), true),
            ("decision", codes(Decision::ALL.iter().map(|d| d.code())), true),
            ("reason", text(LONGEST), false),
        ]),
    })
}

//! What the API reads of a case's plan (DOMAIN F9).

use relais_casework::plan::{Dimension, GOALS, PlanStatus, WHO, WISH, WORDS};
use serde_json::{Value, json};

use super::{codes, day, flag, object, or_null, text, uuid, version};

/// A short plan with its goals.
fn plan() -> Value {
    let goal = object(vec![
        ("goal", text(WORDS), true),
        ("dimension", codes(Dimension::ALL.iter().map(|d| d.code())), true),
        ("step", text(WORDS), true),
        ("who", text(WHO), true),
        ("by", day(), true),
        ("need", or_null(uuid()), false),
        ("done", flag(), false),
    ]);
    object(vec![
        ("wish", text(WISH), true),
        (
            "goals",
            json!({"type": "array", "minItems": 1, "maxItems": GOALS, "items": goal}),
            true,
        ),
        ("status", codes(PlanStatus::ALL.iter().map(|s| s.code())), true),
        ("review_on", day(), true),
        ("agreed", flag(), true),
    ])
}

/// Every schema, by name.
pub(super) fn schemas() -> Value {
    json!({
        "WritePlan": object(vec![
            ("id", uuid(), true),
            ("version", version(), true),
            ("plan", plan(), true),
        ]),
    })
}

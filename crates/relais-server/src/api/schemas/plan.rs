//! What the API reads of a case's plan (DOMAIN F9).

use relais_casework::plan::{Dimension, GOALS, PlanStatus};
use serde_json::{Value, json};

use super::{codes, object, or_null, text, uuid};

/// A short plan with its goals.
fn plan() -> Value {
    let day = || json!({"type": "string", "format": "date"});
    let goal = object(vec![
        ("goal", text(200), true),
        ("dimension", codes(Dimension::ALL.iter().map(|d| d.code())), true),
        ("step", text(200), true),
        ("who", text(120), true),
        ("by", day(), true),
        ("need", or_null(uuid()), false),
        ("done", json!({"type": "boolean"}), false),
    ]);
    object(vec![
        ("wish", text(1000), true),
        (
            "goals",
            json!({"type": "array", "minItems": 1, "maxItems": GOALS, "items": goal}),
            true,
        ),
        ("status", codes(PlanStatus::ALL.iter().map(|s| s.code())), true),
        ("review_on", day(), true),
        ("agreed", json!({"type": "boolean"}), true),
    ])
}

/// Every schema, by name.
pub(super) fn schemas() -> Value {
    json!({
        "WritePlan": object(vec![
            ("id", uuid(), true),
            ("version", json!({"type": "integer", "format": "int64"}), true),
            ("plan", plan(), true),
        ]),
    })
}

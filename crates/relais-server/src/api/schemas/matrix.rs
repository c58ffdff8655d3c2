//! The matrix "who does what, where, and what is missing".

use relais_network::matrix::{GapKind, Reading};
use serde_json::{Value, json};

use super::{codes, day, object, or_null};

fn text() -> Value {
    json!({"type": "string"})
}

fn count() -> Value {
    json!({"type": "integer", "minimum": 0})
}

/// A count that is not shown, or of which nothing was said.
fn count_or_none() -> Value {
    or_null(count())
}

fn list(items: &Value) -> Value {
    json!({"type": "array", "items": items})
}

fn named() -> Value {
    object(vec![("code", text(), true), ("name", text(), true)])
}

fn named_or_none() -> Value {
    json!({"anyOf": [named(), {"type": "null"}]})
}

fn cell() -> Value {
    json!({"$ref": "#/components/schemas/MatrixCell"})
}

/// The counts of a line.
fn line() -> Vec<super::Member> {
    vec![
        ("areas", list(&cell()), true),
        ("unplaced", cell(), true),
        ("here", cell(), true),
        ("wide", cell(), true),
        ("remote", cell(), true),
        ("all", cell(), true),
    ]
}

fn category_line() -> Value {
    let mut members = vec![("code", text(), true), ("name", text(), true)];
    members.extend(line());
    object(members)
}

fn gap() -> Value {
    object(vec![
        ("category", named(), true),
        ("kind", codes(GapKind::ALL.iter().map(|k| k.code())), true),
        ("areas", list(&named()), true),
        ("remote", count(), true),
        ("wide", count(), true),
    ])
}

fn overlap() -> Value {
    object(vec![
        ("category", named(), true),
        ("target", named(), true),
        ("area", named(), true),
        ("region", named(), true),
        ("organisations", list(&text()), true),
    ])
}

fn ending() -> Value {
    object(vec![
        ("region", named(), true),
        ("services", count(), true),
        ("first", day(), true),
    ])
}

fn demand() -> Value {
    let one = object(vec![
        ("region", text(), true),
        ("region_name", text(), true),
        ("group", text(), true),
        ("name", text(), true),
        ("needs", count_or_none(), true),
        ("referrals", count_or_none(), true),
        ("unmet", count_or_none(), true),
        ("per_month", count_or_none(), true),
        ("free", count_or_none(), true),
    ]);
    object(vec![
        ("from", text(), true),
        ("until", text(), true),
        ("lines", list(&one), true),
        ("smallest", count(), true),
    ])
}

/// Every schema, by name.
pub(super) fn schemas() -> Value {
    json!({
        "MatrixCell": object(vec![
            ("entries", count(), true),
            ("organisations", count(), true),
            ("doubtful", count(), true),
            ("confirmed", count(), true),
            ("per_month", count(), true),
            ("per_month_said", count(), true),
            ("free", count(), true),
            ("free_said", count(), true),
        ]),
        "Matrix": object(vec![
            ("on", day(), true),
            ("by", codes(Reading::ALL.iter().map(|r| r.code())), true),
            ("region", named_or_none(), true),
            ("target", named_or_none(), true),
            ("dimension", named_or_none(), true),
            ("category", named_or_none(), true),
            ("areas", list(&named()), true),
            ("lines", list(&category_line()), true),
            ("sum", object(line()), true),
            ("gaps", list(&gap()), true),
            ("overlaps", list(&overlap()), true),
            ("overlaps_found", count(), true),
            ("ending", list(&ending()), true),
            ("ending_days", count(), true),
            ("ratified", count(), true),
            ("demand", json!({"anyOf": [demand(), {"type": "null"}]}), true),
        ]),
    })
}

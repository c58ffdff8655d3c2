//! What the API reads of arrivals of many.

use relais_acts::groups::{GroupKind, RowCommand};
use relais_interchange::manifest::Column;
use relais_interchange::table::Limits;
use serde_json::{Value, json};

use super::{codes, instant, object, or_null, text, uuid};

/// A place in a file, from 0.
fn place() -> Value {
    json!({"type": "integer", "minimum": 0, "maximum": 100_000})
}

/// Every schema, by name.
pub(super) fn schemas() -> Value {
    let answers = json!({
        "type": "object",
        "description": "Answers as typed, by the field's code: a list of values each.",
        "additionalProperties": {"type": "array", "items": {"type": "string"}},
    });
    json!({
        "BreakFamily": object(vec![("id", uuid(), true)]),
        "Nothing": object(vec![]),
        "MakeGroup": object(vec![
            ("id", uuid(), true),
            ("kind", codes(GroupKind::ALL.iter().map(|k| k.code())), true),
            ("label", text(40), false),
            ("entry_point", text(20), true),
            ("on", json!({"type": "string", "format": "date"}), true),
        ]),
        "UploadList": object(vec![
            ("id", uuid(), true),
            (
                "file",
                json!({"type": "string", "contentEncoding": "base64", "maxLength": Limits::MANIFEST.bytes.div_ceil(3) * 4}),
                true,
            ),
        ]),
        "MakeQueue": object(vec![
            ("id", uuid(), true),
            ("version", json!({"type": "integer", "format": "int64"}), true),
            ("header", place(), true),
            ("columns", object(Column::ALL.iter().map(|c| (c.code(), place(), false)).collect()), true),
        ]),
        "AddExpected": object(vec![("id", uuid(), true), ("family_of", text(24), false)]),
        "ActOnRow": object(vec![("command", codes(RowCommand::ALL.iter().map(|c| c.code())), true)]),
        "KeepAnswers": object(vec![("answers", answers.clone(), true)]),
        "RegisterExpected": object(vec![
            ("id", uuid(), true),
            ("answers", answers.clone(), true),
            ("family", json!({"type": "boolean"}), false),
            ("happened_at", or_null(instant()), false),
        ]),
    })
}

//! What the API reads of arrivals of many.

use relais_acts::groups::{GroupKind, RowCommand};
use relais_interchange::manifest::Column;
use relais_interchange::table::Limits;
use serde_json::{Value, json};

use super::{answers, codes, day, flag, happened, object, text, uuid, version};

/// A place in a file, from 0.
fn place() -> Value {
    json!({"type": "integer", "minimum": 0, "maximum": 100_000})
}

/// Every schema, by name.
pub(super) fn schemas() -> Value {
    json!({
        "BreakFamily": object(vec![("id", uuid(), true)]),
        "Nothing": object(vec![]),
        "MakeGroup": object(vec![
            ("id", uuid(), true),
            ("kind", codes(GroupKind::ALL.iter().map(|k| k.code())), true),
            ("label", text(40), false),
            ("entry_point", text(20), true),
            ("on", day(), true),
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
            ("version", version(), true),
            ("header", place(), true),
            ("columns", object(Column::ALL.iter().map(|c| (c.code(), place(), false)).collect()), true),
        ]),
        "AddExpected": object(vec![("id", uuid(), true), ("family_of", text(24), false)]),
        "ActOnRow": object(vec![("command", codes(RowCommand::ALL.iter().map(|c| c.code())), true)]),
        "KeepAnswers": object(vec![("answers", answers(), true)]),
        "RegisterExpected": object(vec![
            ("id", uuid(), true),
            ("answers", answers(), true),
            ("family", flag(), false),
            happened(),
        ]),
    })
}

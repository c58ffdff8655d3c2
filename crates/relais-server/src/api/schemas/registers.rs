//! What the API reads of the registers of the institution.

use relais_acts::registers::LONGEST_NOTE;
use serde_json::{Value, json};

use super::{answers, object, or_null, text, uuid, version};

/// Every schema, by name.
pub(super) fn schemas() -> Value {
    let state = || or_null(text(40));
    json!({
        "AddLine": object(vec![
            ("id", uuid(), true),
            ("values", answers(), false),
            ("state", state(), false),
        ]),
        "ChangeLine": object(vec![
            ("id", uuid(), true),
            ("version", version(), true),
            ("values", answers(), false),
            ("state", state(), false),
            ("note", text(LONGEST_NOTE), false),
        ]),
    })
}

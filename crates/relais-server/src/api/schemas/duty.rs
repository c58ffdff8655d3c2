//! What the API reads of emergencies at night, of shifts, and of what is done
//! where nobody answers.

use relais_casework::calls::CallResult;
use relais_casework::need::UnmetReason;
use serde_json::{Value, json};

use super::{codes, day, flag, happened, object, or_null, text, uuid, version};

/// Every schema, by name.
pub(super) fn schemas() -> Value {
    let base = || json!({"type": "integer"});
    let rank = || json!({"type": "integer", "minimum": 0, "maximum": 4_294_967_295_u32});
    let results = CallResult::ALL.iter().filter(|r| **r != CallResult::Passed);
    json!({
        "OfferHandover": object(vec![
            ("id", uuid(), true),
            ("to", uuid(), true),
            (
                "cases",
                json!({
                    "type": "array",
                    "items": object(vec![("case", uuid(), true), ("note", text(500), false)]),
                    "maxItems": 100,
                }),
                true,
            ),
        ]),
        "AnswerHandover": object(vec![
            ("id", uuid(), true),
            ("decision", codes(["take", "decline", "withdraw"]), true),
            ("offers", json!({"type": "array", "items": uuid()}), false),
        ]),
        "PutOnCall": object(vec![
            ("id", uuid(), true),
            ("version", base(), true),
            ("region", text(20), false),
            ("rank", rank(), true),
            ("who", text(100), true),
            ("number", text(40), true),
            ("hours", text(100), false),
            ("state_line", flag(), false),
        ]),
        "TestOnCall": object(vec![
            ("id", uuid(), true),
            ("version", base(), true),
            ("region", text(20), false),
            ("rank", rank(), true),
            ("answered", flag(), true),
        ]),
        "NoteCall": object(vec![
            ("id", uuid(), true),
            ("version", base(), true),
            ("result", or_null(codes(results.map(|r| r.code()))), false),
            ("number", text(40), false),
            ("name", text(200), false),
            ("with_person", text(200), true),
            happened(),
        ]),
        "NoteLateCall": object(vec![
            ("id", uuid(), true),
            ("channel", codes(["telephone", "letter"]), true),
            ("answered_by", text(300), true),
            ("promised", text(300), false),
            ("promised_on", or_null(day()), false),
        ]),
        "PutBefore": object(vec![("id", uuid(), true)]),
        "ReplyToFigures": object(vec![
            ("id", uuid(), true),
            ("version", version(), true),
            ("text", text(500), true),
        ]),
        "SettleNeed": object(vec![
            ("id", uuid(), true),
            ("version", version(), true),
            ("reason", or_null(codes(UnmetReason::ALL.iter().map(|r| r.code()))), false),
            ("dropped", flag(), false),
            ("words", text(500), false),
        ]),
    })
}

//! What the API reads of a case's closure (DOMAIN F7).

use relais_acts::closing::{ClosureAnswer, FollowUp, WORDS as ANSWER};
use relais_casework::closing::{REMARKS, WORDS};
use serde_json::{Value, json};

use super::{codes, day, flag, object, or_null, text, uuid, version};

/// What is written when a case is closed.
fn closing() -> Value {
    let reached = object(vec![("need", uuid(), true), ("words", text(WORDS), true)]);
    object(vec![
        ("reason", text(40), true),
        (
            "reached",
            json!({"type": "array", "maxItems": 100, "items": reached}),
            false,
        ),
        ("interview", flag(), true),
        ("no_interview", text(WORDS), false),
        ("satisfaction", or_null(text(10)), false),
        ("remarks", text(REMARKS), false),
        ("told_contacts", flag(), false),
        ("told_complaint", flag(), false),
        ("told_reopening", flag(), false),
        ("follow_up", or_null(day()), false),
    ])
}

/// Every schema, by name.
pub(super) fn schemas() -> Value {
    json!({
        "CloseCase": object(vec![
            ("id", uuid(), true),
            ("version", version(), true),
            ("closing", closing(), true),
        ]),
        "AnswerClosure": object(vec![
            ("id", uuid(), true),
            ("version", version(), true),
            ("answer", codes(ClosureAnswer::ALL.iter().map(|a| a.code())), true),
            ("reason", text(ANSWER), false),
        ]),
        "NoteFollowUp": object(vec![
            ("id", uuid(), true),
            ("version", version(), true),
            ("result", codes(FollowUp::ALL.iter().map(|r| r.code())), true),
            ("words", text(ANSWER), false),
            ("again", or_null(day()), false),
        ]),
    })
}

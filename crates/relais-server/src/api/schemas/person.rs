//! What the API reads of one person's file: arrival, consent, child, needs,
//! protection, who may be the same person.

use relais_mechanism::words::{Channel, Priority};
use serde_json::{Value, json};

use super::{answers, classes, codes, flag, happened, object, or_null, text, uuid, version};

/// Every schema, by name.
pub(super) fn schemas() -> Value {
    let written = object(vec![
        ("id", uuid(), true),
        ("version", version(), true),
        ("answers", answers(), true),
        happened(),
    ]);
    let line = object(vec![
        ("line", text(4), true),
        ("decision", codes(["granted", "refused", "not_asked"]), true),
        ("recipient", or_null(uuid()), false),
        ("service", or_null(text(20)), false),
        ("classes", classes(), false),
    ]);
    json!({
        "RegisterArrival": object(vec![("id", uuid(), true), ("answers", answers(), true), happened()]),
        "RecordChild": written,
        "FillSection": written,
        "CheckName": object(vec![("answers", answers(), true)]),
        "ActOnPerhaps": object(vec![
            ("id", uuid(), true),
            ("command", codes(["look", "ask", "not_same"]), true),
            ("other", or_null(uuid()), false),
        ]),
        "JoinCases": object(vec![("id", uuid(), true), ("other", uuid(), true)]),
        "AnswerSame": object(vec![
            ("id", uuid(), true),
            ("version", version(), true),
            ("answer", codes(["yes", "no", "unsure"]), true),
        ]),
        "OpenEmergency": object(vec![
            ("id", uuid(), true),
            ("code", text(60), true),
            ("reason", text(500), true),
            ("life_in_danger", flag(), true),
        ]),
        "SetProtection": object(vec![
            ("id", uuid(), true),
            ("version", version(), true),
            ("protected", flag(), true),
            ("person_agrees", flag(), true),
        ]),
        "RecordConsent": object(vec![
            ("id", uuid(), true),
            ("answers", answers(), true),
            ("lines", json!({"type": "array", "items": line}), true),
            ("never", classes(), false),
            happened(),
        ]),
        "WithdrawConsent": object(vec![
            ("id", uuid(), true),
            ("lines", json!({"type": "array", "items": text(4)}), false),
            ("consents", json!({"type": "array", "items": uuid()}), false),
            ("effect", codes(["stop_sharing", "stop_service", "both"]), true),
            ("words", text(500), false),
            happened(),
        ]),
        "ConfirmStop": object(vec![
            ("id", uuid(), true),
            ("version", version(), true),
            ("channel", or_null(codes(Channel::ALL.iter().map(|c| c.code()))), false),
            ("number", text(100), false),
            ("answered_by", text(200), false),
            happened(),
        ]),
        "AddNeed": object(vec![
            ("id", uuid(), true),
            ("service", text(20), true),
            ("priority", codes(Priority::ALL.iter().map(|p| p.code())), true),
            ("words", text(500), false),
            happened(),
        ]),
    })
}

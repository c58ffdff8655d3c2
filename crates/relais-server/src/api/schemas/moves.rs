//! What the API reads of what moves a case or stops it: to another
//! organisation, to a colleague, its end and its reopening.

use relais_casework::referral::EndReason;
use relais_casework::transfer::TransferDecline;
use serde_json::{Value, json};

use super::{Member, codes, day, object, or_null, text, uuid, version};

/// The commands on a transfer with what each carries.
fn commands() -> Vec<(&'static str, Vec<Member>)> {
    vec![
        ("accept", vec![("assign", or_null(uuid()), false)]),
        (
            "decline",
            vec![
                ("code", codes(TransferDecline::ALL.iter().map(|c| c.code())), true),
                ("text", text(500), false),
            ],
        ),
        ("cancel", vec![]),
    ]
}

/// The first member of a transfer act's body that its command does not have;
/// see [`super::surplus`].
pub(in crate::api) fn surplus_of_transfer(body: &Value) -> Option<String> {
    super::surplus_of(body, &["id", "version", "command"], commands())
}

/// Every schema, by name.
pub(super) fn schemas() -> Value {
    let acts = super::acts(commands(), Vec::new);
    json!({
        "ProposeTransfer": object(vec![
            ("id", uuid(), true),
            ("to", uuid(), true),
            ("note", text(500), false),
            ("person_informed", json!({"type": "boolean"}), true),
        ]),
        "TransferAct": {"oneOf": acts},
        "AssignCase": object(vec![
            ("id", uuid(), true),
            ("version", version(), true),
            ("to", uuid(), true),
            ("note", text(500), false),
        ]),
        "ClaimCase": object(vec![("id", uuid(), true)]),
        "EndCase": object(vec![
            ("id", uuid(), true),
            ("version", version(), true),
            ("reason", codes(EndReason::ALL.iter().map(|r| r.code())), true),
            ("on", day(), true),
            ("source", text(300), true),
        ]),
        "ReopenCase": object(vec![
            ("id", uuid(), true),
            ("version", version(), true),
            ("reason", text(500), true),
            ("needs", json!({"type": "array", "items": uuid()}), false),
        ]),
    })
}

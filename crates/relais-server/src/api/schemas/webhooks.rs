//! What the API reads and answers of webhooks.

use relais_acts::webhooks::{ACTIVE, FAILING, STOPPED};
use serde_json::{Value, json};

use super::{codes, instant, object, or_null, text, uuid};

/// Every schema, by name.
pub(super) fn schemas() -> Value {
    let count = || json!({"type": "integer", "minimum": 0});
    let any = || json!({"type": "string"});
    let row = object(vec![
        ("id", uuid(), true),
        ("organisation", any(), true),
        ("url", any(), true),
        ("state", codes([ACTIVE, FAILING, STOPPED]), true),
        ("created_at", instant(), true),
        ("made_by", or_null(any()), true),
        ("waiting", count(), true),
        ("failures", count(), true),
        ("tried_at", or_null(instant()), true),
        ("answer", or_null(any()), true),
        ("next_at", or_null(instant()), true),
    ]);
    json!({
        "AddWebhook": object(vec![
            ("id", uuid(), true),
            ("url", json!({
                "type": "string", "format": "uri", "maxLength": 500,
                "description": "https only, without name or password.",
            }), true),
        ]),
        "TestWebhook": object(vec![("id", uuid(), true)]),
        "EndWebhook": object(vec![("id", uuid(), true)]),
        "WebhookMade": object(vec![
            ("id", uuid(), true),
            ("url", text(500), true),
            ("secret", json!({
                "type": "string",
                "description": "`whsec_` and 32 bytes in base64; this once, and not where the same request comes again.",
            }), false),
        ]),
        "Webhooks": object(vec![
            ("rows", json!({"type": "array", "items": row}), true),
            ("next", json!({"type": "null"}), true),
        ]),
    })
}

//! Webhooks: how they are kept, and what a system is told (`webhooks` of
//! OpenAPI 3.1).

use relais_acts::webhooks::{KINDS, TEST};
use serde_json::{Value, json};

use super::{Operation, none, op, uuid};
use crate::routes::Verb;

/// One line for each endpoint.
pub(super) static OPERATIONS: &[Operation] = &[
    op(
        Verb::Get,
        "/api/v1/webhooks",
        "listWebhooks",
        "The systems of the user's organisation that are told of referral events: state, last answer, next try. No secret.",
        None,
        "Webhooks",
        none,
    ),
    op(
        Verb::Post,
        "/api/v1/webhooks",
        "addWebhook",
        "Let a system be told of referral events. Its secret is answered once.",
        Some("AddWebhook"),
        "WebhookMade",
        none,
    ),
    op(
        Verb::Post,
        "/api/v1/webhooks/{id}/test",
        "testWebhook",
        "Tell a system `webhook.test`; one that had stopped is tried again, this once.",
        Some("TestWebhook"),
        "Made",
        none,
    ),
    op(
        Verb::Post,
        "/api/v1/webhooks/{id}/end",
        "endWebhook",
        "Tell a system nothing any more.",
        Some("EndWebhook"),
        "Made",
        none,
    ),
];

/// What a system is told.
pub(super) fn told() -> Value {
    let header = |name: &str, about: &str| {
        json!({
            "name": name, "in": "header", "required": true, "description": about, "schema": {"type": "string"},
        })
    };
    let call = |id: &str, about: &str, schema: &str| {
        json!({"post": {
            "operationId": id,
            "summary": about,
            "description": "Verify before reading: the signature is over `webhook-id`, `.`, `webhook-timestamp`, `.` and \
                            the body as it came, with the bytes that the secret encodes after `whsec_`. Refuse what is \
                            more than five minutes old. The same `webhook-id` may come again. Answer within ten seconds \
                            with 2xx; whatever else is answered, it is sent again: after 1, 5 and 30 minutes, 2, 6 and \
                            24 hours. 410 ends it.",
            "security": [],
            "parameters": [
                header("webhook-id", "Id of the notification, the same when it is sent again."),
                header("webhook-timestamp", "When it was sent, in seconds since 1970."),
                header("webhook-signature", "`v1,` and the HMAC-SHA256 in base64 (Standard Webhooks)."),
            ],
            "requestBody": {
                "required": true,
                "content": {"application/json": {"schema": {"$ref": format!("#/components/schemas/{schema}")}}},
            },
            "responses": {"2XX": {"description": "Taken."}, "410": {"description": "Nothing more is wanted."}},
        }})
    };
    json!({
        "referral": call(
            "referralEvent",
            "Something happened to a referral that the organisation sends or receives. Read it with a token of the \
             organisation: what the user of the token may see is answered, and nothing else. 404 says that it is not \
             the organisation's to see any more.",
            "ReferralEvent",
        ),
        "test": call("testEvent", "Somebody asked for a test.", "TestEvent"),
    })
}

/// The schemas of what a system is told.
pub(super) fn schemas() -> Value {
    let kinds: Vec<String> = KINDS.iter().map(|k| format!("referral.{k}")).collect();
    let instant = json!({"type": "string", "format": "date-time"});
    json!({
        "ReferralEvent": {
            "type": "object",
            "properties": {
                "id": uuid(),
                "type": {"type": "string", "enum": kinds},
                "at": instant,
                "referral": uuid(),
                "version": {
                    "type": "integer", "format": "int64",
                    "description": "Version of the referral after the event.",
                },
            },
            "required": ["id", "type", "at", "referral", "version"],
            "additionalProperties": false,
        },
        "TestEvent": {
            "type": "object",
            "properties": {"id": uuid(), "type": {"const": TEST}, "at": instant},
            "required": ["id", "type", "at"],
            "additionalProperties": false,
        },
    })
}

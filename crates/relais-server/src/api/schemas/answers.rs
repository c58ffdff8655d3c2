//! What the API answers: what was made, pages of lists, problems.

use relais_mechanism::words::Lang;
use serde_json::{Value, json};

use super::{codes, instant, object, or_null, uuid};

/// Every schema, by name.
pub(super) fn schemas() -> Value {
    json!({
        "Made": object(vec![
            ("id", uuid(), true),
            ("code", json!({"type": "string"}), true),
            ("version", json!({"type": "integer"}), true),
        ]),
        "LinkMade": object(vec![
            ("id", uuid(), true),
            ("address", json!({"type": "string", "format": "uri"}), true),
            ("language", codes(Lang::ALL.iter().map(|l| l.code())), true),
            ("code", or_null(json!({"type": "string", "pattern": "^[0-9]{6}$"})), true),
            ("expires_at", or_null(instant()), true),
        ]),
        "Object": {"type": "object"},
        "Page": {
            "type": "object",
            "properties": {"rows": {"type": "array", "items": {"type": "object"}}, "next": {"type": ["string", "null"]}},
            "required": ["rows", "next"],
        },
        "ServicePage": {
            "type": "object",
            "properties": {
                "rows": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": {
                            "id": uuid(),
                            "service_type": {"type": "string"},
                            "name": {"type": "string"},
                            "organisation": {"type": "string"},
                            "region": {"type": "string"},
                            "place": {"type": "string"},
                            "distance_km": {"type": "number", "description": "Where a point was asked from and the place has one."},
                            "telephones": {"type": "array", "items": {"type": "string"}},
                            "confirmed_on": {"type": "string", "format": "date"},
                            "status": codes(["published", "doubtful"]),
                            "demonstration": {"type": "boolean", "description": "Left out where it is not."},
                        },
                        "required": ["id", "service_type", "name", "organisation", "place", "telephones", "status"],
                    },
                },
                "next": {"type": ["string", "null"]},
            },
            "required": ["rows", "next"],
        },
        "Problem": {
            "type": "object",
            "description": "RFC 9457. `code` is stable; `title` and `remedy` are in the language of Accept-Language.",
            "properties": {
                "type": {"type": "string"},
                "status": {"type": "integer"},
                "code": {"type": "string"},
                "title": {"type": "string"},
                "remedy": {"type": "string"},
                "fields": {
                    "type": "array",
                    "items": object(vec![
                        ("field", json!({"type": "string"}), true),
                        ("code", json!({"type": "string"}), true),
                        ("message", json!({"type": "string"}), true),
                    ]),
                },
            },
            "required": ["type", "status", "code", "title", "remedy"],
        },
    })
}

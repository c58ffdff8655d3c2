//! What the API answers: what was made, pages of lists, problems.

use relais_mechanism::words::Lang;
use serde_json::{Value, json};

use super::{codes, instant, object, or_null, uuid};

/// The values of a facet, each with how many there are.
fn counted() -> Value {
    let one = object(vec![
        ("code", json!({"type": "string"}), true),
        ("count", json!({"type": "integer"}), true),
    ]);
    json!({"type": "array", "items": one})
}

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
                            "programmes": {"type": "array", "items": {"type": "string"}, "description": "Codes of the programmes that pay for it."},
                            "paid_until": {"type": "string", "format": "date", "description": "The last day on which one of them pays; absent where one has no end."},
                            "status": codes(["published", "doubtful"]),
                            "demonstration": {"type": "boolean", "description": "Left out where it is not."},
                        },
                        "required": ["id", "service_type", "name", "organisation", "place", "telephones", "status"],
                    },
                },
                "next": {"type": ["string", "null"]},
                "unknown_words": {
                    "type": "array",
                    "items": {"type": "string"},
                    "description": "Words that nobody understood; the others were searched. Left out where there are none.",
                },
                "total": {"type": "integer", "description": "With facets: entries on all pages."},
                "understood": {
                    "type": "object",
                    "description": "With facets: what the words were read as.",
                    "properties": {
                        "services": {"type": "array", "items": {"type": "string"}},
                        "targets": {"type": "array", "items": {"type": "string"}},
                        "place": {"type": ["string", "null"]},
                        "language": {"type": ["string", "null"]},
                        "urgent": {"type": "boolean"},
                        "free": {"type": "boolean"},
                        "corrected": {
                            "type": "array",
                            "items": object(vec![
                                ("typed", json!({"type": "string"}), true),
                                ("read", json!({"type": "string"}), true),
                            ]),
                        },
                        "loosened": {"enum": ["fewer_words", "other_places", null]},
                    },
                },
                "facets": {
                    "type": "object",
                    "description": "With facets: how many there are of each kind, on all pages. What is asked of a kind does not narrow its own counts.",
                    "properties": {
                        "categories": counted(),
                        "regions": counted(),
                        "costs": counted(),
                        "languages": counted(),
                        "targets": counted(),
                        "free_places": {"type": "integer"},
                        "remote": {"type": "integer"},
                    },
                },
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

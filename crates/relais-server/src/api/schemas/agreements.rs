//! What the API reads of agreements.

use relais_acts::agreements::LONGEST;
use relais_mechanism::words::{Purpose, Sensitivity};
use relais_network::agreement::AgreementKind;
use serde_json::{Value, json};

use super::{classes, codes, day, object, or_null, text, uuid, version};

/// The scan of a signed paper: its name and its fingerprint, never the file.
fn scan() -> Value {
    let sha256 = json!({"type": "string", "pattern": "^[0-9a-fA-F]{64}$"});
    or_null(object(vec![("name", text(LONGEST), true), ("sha256", sha256, true)]))
}

fn signature() -> Value {
    object(vec![
        ("party", text(64), true),
        ("from", or_null(day()), false),
        ("function", text(LONGEST), true),
        ("scan", scan(), false),
    ])
}

/// Every schema, by name.
pub(super) fn schemas() -> Value {
    let purposes = json!({"type": "array", "items": codes(Purpose::ALL.iter().map(|p| p.code()))});
    json!({
        "AddAgreement": object(vec![
            ("id", uuid(), true),
            ("reference", text(LONGEST), true),
            ("kind", codes(AgreementKind::ALL.iter().map(|k| k.code())), true),
            ("classes", classes(), true),
            ("purposes", purposes, true),
            ("max_sensitivity", codes(Sensitivity::ALL.iter().map(|s| s.code())), true),
            ("until", or_null(day()), false),
            ("signature", signature(), true),
        ]),
        "SignAgreement": object(vec![
            ("id", uuid(), true),
            ("version", version(), true),
            ("signature", signature(), true),
        ]),
        "RenewAgreement": object(vec![
            ("id", uuid(), true),
            ("version", version(), true),
            ("until", or_null(day()), false),
            ("function", text(LONGEST), true),
            ("scan", scan(), false),
        ]),
        "DenounceAgreement": object(vec![
            ("id", uuid(), true),
            ("version", version(), true),
            ("party", text(64), false),
            ("on", or_null(day()), false),
            ("reason", text(LONGEST), true),
        ]),
    })
}

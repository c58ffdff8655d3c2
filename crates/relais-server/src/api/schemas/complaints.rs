//! What the API reads and answers of complaints.

use relais_casework::complaint::{ComplaintAct, ComplaintKind};
use serde_json::{Value, json};

use super::{codes, flag, instant, object, or_null, text, uuid, version};

/// Every schema, by name.
pub(super) fn schemas() -> Value {
    let given = || json!({"type": "string", "pattern": "^[A-Z2-9]{8}$"});
    json!({
        "Complain": object(vec![
            ("id", uuid(), true),
            ("kind", codes(ComplaintKind::ALL.iter().map(|k| k.code())), true),
            ("facts", text(4000), true),
            ("organisation", text(200), false),
            ("referral", text(200), false),
            ("about_office", flag(), false),
            ("contact", text(200), false),
            ("safe_contact", or_null(text(20)), false),
        ]),
        "ComplaintReceived": object(vec![
            ("number", given(), true),
            ("code", given(), true),
            ("acknowledge_by", instant(), true),
            ("decide_by", instant(), true),
        ]),
        "FollowComplaint": object(vec![
            ("number", text(40), true),
            ("code", text(40), true),
            ("id", or_null(uuid()), false),
            ("words", text(2000), false),
        ]),
        "ActOnComplaint": object(vec![
            ("id", uuid(), true),
            ("version", version(), true),
            ("act", codes(ComplaintAct::ALL.iter().map(|a| a.code())), true),
            ("text", text(2000), false),
        ]),
    })
}

//! What the API reads of referrals: asking a service, the commands on a
//! referral, who pays, overrides, links and slips.

use relais_casework::referral::{Confirmation, DeclineCode, Outcome, Ticked};
use relais_mechanism::words::Channel;
use serde_json::{Value, json};

use super::{Member, codes, day, flag, happened, instant, object, or_null, text, uuid, version};

/// Who pays.
fn payment() -> Value {
    let francs = || or_null(json!({"type": "integer", "minimum": 0, "maximum": 1_000_000_000}));
    object(vec![
        ("payer", codes(["FREE", "REF", "PROJ", "CSU", "INDIG", "SELF"]), true),
        ("voucher", text(60), false),
        ("ceiling", francs(), false),
        ("until", or_null(day()), false),
        ("transport", text(200), false),
        ("announced", francs(), false),
    ])
}

/// The commands on a referral with what each carries.
fn commands() -> Vec<(&'static str, Vec<Member>)> {
    let outcome = || codes(Outcome::ALL.iter().map(|o| o.code()));
    vec![
        ("acknowledge", vec![]),
        ("accept", vec![("by_name", text(200), false)]),
        ("ask", vec![("question", text(500), true)]),
        ("answer", vec![("text", text(500), true)]),
        ("waitlist", vec![("review_on", day(), true)]),
        ("extend_waitlist", vec![("review_on", day(), true)]),
        ("news", vec![("ends_on", or_null(day()), false)]),
        (
            "decline",
            vec![
                ("code", codes(DeclineCode::ALL.iter().map(|c| c.code())), true),
                ("suggested", or_null(uuid()), false),
            ],
        ),
        ("cancel", vec![("reason", text(500), false)]),
        ("schedule", vec![("at", instant(), true)]),
        ("reschedule", vec![("at", instant(), true)]),
        ("start", vec![]),
        ("no_show", vec![]),
        ("report", vec![("outcome", outcome(), true), ("text", text(500), false)]),
        (
            "confirm",
            vec![("confirmation", codes(Confirmation::ALL.iter().map(|c| c.code())), true)],
        ),
        ("dispute", vec![("reason", text(500), false)]),
        ("settle", vec![("outcome", outcome(), true)]),
        ("void", vec![("reason", text(500), true)]),
        ("contest", vec![("reason", text(500), true)]),
    ]
}

/// What every act on a referral carries beside its command's own.
const ACT: &[&str] = &[
    "id",
    "version",
    "command",
    "channel",
    "number",
    "answered_by",
    "happened_at",
];

/// The first member of an act's body that its command does not have. The
/// reader of tagged enums lets surplus members of a command without payload
/// pass; a misspelt member must not vanish silently.
pub(in crate::api) fn surplus(body: &Value) -> Option<String> {
    super::surplus_of(body, ACT, commands())
}

/// Every schema, by name.
pub(super) fn schemas() -> Value {
    let acts = super::acts(commands(), || {
        vec![
            ("channel", or_null(codes(Channel::ALL.iter().map(|c| c.code()))), false),
            ("number", text(100), false),
            ("answered_by", text(200), false),
            happened(),
        ]
    });
    json!({
        "ShelterCode": object(vec![("code", text(40), true)]),
        "SendReferral": object(vec![
            ("id", uuid(), true),
            ("service", uuid(), true),
            ("code", text(40), false),
            ("words", text(200), false),
            ("person_informed", flag(), true),
            ("provider_called", flag(), false),
            ("access", json!({"type": "array", "items": text(40)}), false),
            ("interim", text(500), false),
            ("stays_with", text(200), false),
            ("override_kind", or_null(codes(["VITAL", "CHILD", "LEGAL"])), false),
            ("override_reason", text(500), false),
            ("instead_of", or_null(uuid()), false),
            ("payment", or_null(payment()), false),
        ]),
        "WritePayment": object(vec![
            ("id", uuid(), true),
            ("version", version(), true),
            ("payment", payment(), true),
        ]),
        "WriteOverride": object(vec![
            ("id", uuid(), true),
            ("service", uuid(), true),
            ("code", text(40), false),
            ("kind", codes(["VITAL", "CHILD", "LEGAL"]), true),
            ("reason", text(500), true),
            ("referral", or_null(uuid()), false),
        ]),
        "DecideOverride": object(vec![
            ("id", uuid(), true),
            ("version", version(), true),
            ("decision", codes(["cosign", "refuse"]), true),
            ("reason", text(500), false),
        ]),
        "ReferralAct": {"oneOf": acts},
        "MakeLink": object(vec![("id", uuid(), true)]),
        "MakeSlip": object(vec![("id", uuid(), true)]),
        "TypeSlip": object(vec![
            ("id", uuid(), true),
            ("ticked", codes(Ticked::ALL.iter().map(|t| t.code())), true),
            ("reason", or_null(codes(Outcome::ALL.iter().map(|o| o.code()))), false),
            ("name", text(200), true),
            ("on", or_null(day()), false),
        ]),
    })
}

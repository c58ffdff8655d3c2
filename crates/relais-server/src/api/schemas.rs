//! What the API reads and answers, as JSON schemas made from the closed words.

use relais_casework::calls::CallResult;
use relais_casework::complaint::{ComplaintAct, ComplaintKind};
use relais_casework::need::UnmetReason;
use relais_casework::referral::{Confirmation, DeclineCode, EndReason, Outcome, Ticked};
use relais_casework::transfer::TransferDecline;
use relais_mechanism::words::{Channel, DataClass, Lang, Priority};
use serde_json::{Map, Value, json};

mod closing;
mod groups;
mod plan;
mod webhooks;

/// A member of an object: its name, its schema, whether it is required.
type Member = (&'static str, Value, bool);

/// An id.
pub(super) fn uuid() -> Value {
    json!({"type": "string", "format": "uuid"})
}

fn text(most: u32) -> Value {
    json!({"type": "string", "maxLength": most})
}

fn or_null(mut schema: Value) -> Value {
    if let Some(kind) = schema.get("type").cloned() {
        schema["type"] = json!([kind, "null"]);
    }
    if let Some(words) = schema.get_mut("enum").and_then(Value::as_array_mut) {
        words.push(Value::Null);
    }
    schema
}

fn instant() -> Value {
    json!({"type": "string", "format": "date-time"})
}

fn codes<'a>(codes: impl IntoIterator<Item = &'a str>) -> Value {
    json!({"type": "string", "enum": codes.into_iter().collect::<Vec<_>>()})
}

fn classes() -> Value {
    json!({"type": "array", "items": codes(DataClass::ALL.iter().map(|c| c.code()))})
}

/// An object with no other members: (name, schema, required).
fn object(members: Vec<Member>) -> Value {
    let required: Vec<&str> = members.iter().filter(|m| m.2).map(|m| m.0).collect();
    let properties: Map<String, Value> = members.iter().map(|m| (m.0.to_owned(), m.1.clone())).collect();
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

/// Of a child, of who may be the same person, of who pays: apart, since one
/// macro has its limits.
fn same(answers: &Value) -> Value {
    let written = object(vec![
        ("id", uuid(), true),
        ("version", json!({"type": "integer", "format": "int64"}), true),
        ("answers", answers.clone(), true),
        ("happened_at", or_null(instant()), false),
    ]);
    json!({
        "RecordChild": written,
        "FillSection": written,
        "CheckName": object(vec![("answers", answers.clone(), true)]),
        "ActOnPerhaps": object(vec![
            ("id", uuid(), true),
            ("command", codes(["look", "ask", "not_same"]), true),
            ("other", or_null(uuid()), false),
        ]),
        "WritePayment": object(vec![
            ("id", uuid(), true),
            ("version", json!({"type": "integer", "format": "int64"}), true),
            ("payment", payment(), true),
        ]),
        "JoinCases": object(vec![("id", uuid(), true), ("other", uuid(), true)]),
        "AnswerSame": object(vec![
            ("id", uuid(), true),
            ("version", json!({"type": "integer", "format": "int64"}), true),
            ("answer", codes(["yes", "no", "unsure"]), true),
        ]),
    })
}

/// Who pays.
fn payment() -> Value {
    let francs = || or_null(json!({"type": "integer", "minimum": 0, "maximum": 1_000_000_000}));
    object(vec![
        ("payer", codes(["FREE", "REF", "PROJ", "CSU", "INDIG", "SELF"]), true),
        ("voucher", text(60), false),
        ("ceiling", francs(), false),
        ("until", or_null(json!({"type": "string", "format": "date"})), false),
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
        (
            "waitlist",
            vec![("review_on", json!({"type": "string", "format": "date"}), true)],
        ),
        (
            "extend_waitlist",
            vec![("review_on", json!({"type": "string", "format": "date"}), true)],
        ),
        (
            "news",
            vec![("ends_on", or_null(json!({"type": "string", "format": "date"})), false)],
        ),
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
pub(super) fn surplus(body: &Value) -> Option<String> {
    let command = body.get("command").and_then(Value::as_str)?;
    let (_, own) = commands().into_iter().find(|(code, _)| *code == command)?;
    let known = |name: &str| ACT.contains(&name) || own.iter().any(|m| m.0 == name);
    body.as_object()?.keys().find(|name| !known(name)).cloned()
}

/// The commands on a transfer with what each carries.
fn transfer_commands() -> Vec<(&'static str, Vec<Member>)> {
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
/// see [`surplus`].
pub(super) fn surplus_of_transfer(body: &Value) -> Option<String> {
    let command = body.get("command").and_then(Value::as_str)?;
    let (_, own) = transfer_commands().into_iter().find(|(code, _)| *code == command)?;
    let known = |name: &str| ["id", "version", "command"].contains(&name) || own.iter().any(|m| m.0 == name);
    body.as_object()?.keys().find(|name| !known(name)).cloned()
}

/// Every schema, by name.
pub(super) fn schemas() -> Value {
    let mut all = of_one_person();
    for more in [
        closing::schemas(),
        groups::schemas(),
        plan::schemas(),
        webhooks::schemas(),
    ] {
        if let (Some(all), Value::Object(more)) = (all.as_object_mut(), more) {
            all.extend(more);
        }
    }
    all
}

fn of_one_person() -> Value {
    let answers = json!({
        "type": "object",
        "description": "Answers as typed, by the field's code: a list of values each.",
        "additionalProperties": {"type": "array", "items": {"type": "string"}},
    });
    let happened = || ("happened_at", or_null(instant()), false);
    let line = object(vec![
        ("line", text(4), true),
        ("decision", codes(["granted", "refused", "not_asked"]), true),
        ("recipient", or_null(uuid()), false),
        ("service", or_null(text(20)), false),
        ("classes", classes(), false),
    ]);
    let acts: Vec<Value> = commands()
        .into_iter()
        .map(|(command, own)| {
            let mut members = vec![
                ("id", uuid(), true),
                ("version", json!({"type": "integer", "format": "int64"}), true),
                ("command", json!({"const": command}), true),
                ("channel", or_null(codes(Channel::ALL.iter().map(|c| c.code()))), false),
                ("number", text(100), false),
                ("answered_by", text(200), false),
                happened(),
            ];
            members.extend(own);
            object(members)
        })
        .collect();
    let same = same(&answers);
    let mut all = json!({
        "RegisterArrival": object(vec![("id", uuid(), true), ("answers", answers.clone(), true), happened()]),
        "OpenEmergency": object(vec![
            ("id", uuid(), true),
            ("code", text(60), true),
            ("reason", text(500), true),
            ("life_in_danger", json!({"type": "boolean"}), true),
        ]),
        "SetProtection": object(vec![
            ("id", uuid(), true),
            ("version", json!({"type": "integer", "format": "int64"}), true),
            ("protected", json!({"type": "boolean"}), true),
            ("person_agrees", json!({"type": "boolean"}), true),
        ]),
        "RecordConsent": object(vec![
            ("id", uuid(), true),
            ("answers", answers, true),
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
            ("version", json!({"type": "integer", "format": "int64"}), true),
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
        "ShelterCode": object(vec![("code", text(40), true)]),
        "SendReferral": object(vec![
            ("id", uuid(), true),
            ("service", uuid(), true),
            ("code", text(40), false),
            ("words", text(200), false),
            ("person_informed", json!({"type": "boolean"}), true),
            ("provider_called", json!({"type": "boolean"}), false),
            ("access", json!({"type": "array", "items": text(40)}), false),
            ("interim", text(500), false),
            ("stays_with", text(200), false),
            ("override_kind", or_null(codes(["VITAL", "CHILD", "LEGAL"])), false),
            ("override_reason", text(500), false),
            ("instead_of", or_null(uuid()), false),
            ("payment", or_null(payment()), false),
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
            ("version", json!({"type": "integer", "format": "int64"}), true),
            ("decision", codes(["cosign", "refuse"]), true),
            ("reason", text(500), false),
        ]),
        "ReferralAct": {"oneOf": acts},
        "Made": object(vec![
            ("id", uuid(), true),
            ("code", json!({"type": "string"}), true),
            ("version", json!({"type": "integer"}), true),
        ]),
        "MakeLink": object(vec![("id", uuid(), true)]),
        "MakeSlip": object(vec![("id", uuid(), true)]),
        "TypeSlip": object(vec![
            ("id", uuid(), true),
            ("ticked", codes(Ticked::ALL.iter().map(|t| t.code())), true),
            ("reason", or_null(codes(Outcome::ALL.iter().map(|o| o.code()))), false),
            ("name", text(200), true),
            ("on", or_null(json!({"type": "string", "format": "date"})), false),
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
                            "region": {"type": ["string", "null"]},
                            "place": {"type": "string"},
                            "distance_km": {"type": ["number", "null"]},
                            "telephones": {"type": "array", "items": {"type": "string"}},
                            "confirmed_on": {"type": ["string", "null"], "format": "date"},
                            "demonstration": {"type": "boolean"},
                        },
                        "required": ["id", "service_type", "name", "organisation"],
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
    });
    // Apart: one `json!` of so many members is too deep for the compiler.
    all["EndCase"] = object(vec![
        ("id", uuid(), true),
        ("version", json!({"type": "integer", "format": "int64"}), true),
        ("reason", codes(EndReason::ALL.iter().map(|r| r.code())), true),
        ("on", json!({"type": "string", "format": "date"}), true),
        ("source", text(300), true),
    ]);
    all["ReopenCase"] = object(vec![
        ("id", uuid(), true),
        ("version", json!({"type": "integer", "format": "int64"}), true),
        ("reason", text(500), true),
        ("needs", json!({"type": "array", "items": uuid()}), false),
    ]);
    if let (Some(all), Value::Object(duty)) = (all.as_object_mut(), duty()) {
        all.extend(duty);
        all.extend(moves());
        all.extend(unanswered());
        all.extend(complaints());
    }
    if let (Some(all), Value::Object(same)) = (all.as_object_mut(), same) {
        all.extend(same);
    }
    all
}

/// What is done where nobody answers.
fn unanswered() -> Map<String, Value> {
    let all = [
        (
            "NoteLateCall",
            object(vec![
                ("id", uuid(), true),
                ("channel", codes(["telephone", "letter"]), true),
                ("answered_by", text(300), true),
                ("promised", text(300), false),
                (
                    "promised_on",
                    or_null(json!({"type": "string", "format": "date"})),
                    false,
                ),
            ]),
        ),
        ("PutBefore", object(vec![("id", uuid(), true)])),
        (
            "ReplyToFigures",
            object(vec![
                ("id", uuid(), true),
                ("version", json!({"type": "integer", "format": "int64"}), true),
                ("text", text(500), true),
            ]),
        ),
        (
            "SettleNeed",
            object(vec![
                ("id", uuid(), true),
                ("version", json!({"type": "integer", "format": "int64"}), true),
                (
                    "reason",
                    or_null(codes(UnmetReason::ALL.iter().map(|r| r.code()))),
                    false,
                ),
                ("dropped", json!({"type": "boolean"}), false),
                ("words", text(500), false),
            ]),
        ),
    ];
    all.into_iter()
        .map(|(name, schema)| (name.to_owned(), schema))
        .collect()
}

/// What moves a case: to another organisation, to a colleague.
fn moves() -> Map<String, Value> {
    let transfer_acts: Vec<Value> = transfer_commands()
        .into_iter()
        .map(|(command, own)| {
            let mut members = vec![
                ("id", uuid(), true),
                ("version", json!({"type": "integer", "format": "int64"}), true),
                ("command", json!({"const": command}), true),
            ];
            members.extend(own);
            object(members)
        })
        .collect();
    let moves = [
        (
            "ProposeTransfer",
            object(vec![
                ("id", uuid(), true),
                ("to", uuid(), true),
                ("note", text(500), false),
                ("person_informed", json!({"type": "boolean"}), true),
            ]),
        ),
        ("TransferAct", json!({"oneOf": transfer_acts})),
        (
            "AssignCase",
            object(vec![
                ("id", uuid(), true),
                ("version", json!({"type": "integer", "format": "int64"}), true),
                ("to", uuid(), true),
                ("note", text(500), false),
            ]),
        ),
        ("ClaimCase", object(vec![("id", uuid(), true)])),
    ];
    moves
        .into_iter()
        .map(|(name, schema)| (name.to_owned(), schema))
        .collect()
}

/// What is said of an emergency at night and between shifts.
fn duty() -> Value {
    json!({
        "OfferHandover": object(vec![
            ("id", uuid(), true),
            ("to", uuid(), true),
            (
                "cases",
                json!({
                    "type": "array",
                    "items": object(vec![("case", uuid(), true), ("note", text(500), false)]),
                    "maxItems": 100,
                }),
                true,
            ),
        ]),
        "AnswerHandover": object(vec![
            ("id", uuid(), true),
            ("decision", codes(["take", "decline", "withdraw"]), true),
            ("offers", json!({"type": "array", "items": uuid()}), false),
        ]),
        "PutOnCall": object(vec![
            ("id", uuid(), true),
            ("version", json!({"type": "integer"}), true),
            ("region", text(20), false),
            ("rank", json!({"type": "integer", "minimum": 0, "maximum": 4_294_967_295_u32}), true),
            ("who", text(100), true),
            ("number", text(40), true),
            ("hours", text(100), false),
            ("state_line", json!({"type": "boolean"}), false),
        ]),
        "TestOnCall": object(vec![
            ("id", uuid(), true),
            ("version", json!({"type": "integer"}), true),
            ("region", text(20), false),
            ("rank", json!({"type": "integer", "minimum": 0, "maximum": 4_294_967_295_u32}), true),
            ("answered", json!({"type": "boolean"}), true),
        ]),
        "NoteCall": object(vec![
            ("id", uuid(), true),
            ("version", json!({"type": "integer"}), true),
            (
                "result",
                or_null(codes(CallResult::ALL.iter().filter(|r| **r != CallResult::Passed).map(|r| r.code()))),
                false,
            ),
            ("number", text(40), false),
            ("name", text(200), false),
            ("with_person", text(200), true),
            ("happened_at", or_null(instant()), false),
        ]),
    })
}

/// The schemas of complaints.
fn complaints() -> Map<String, Value> {
    let schemas = [
        (
            "Complain",
            object(vec![
                ("id", uuid(), true),
                ("kind", codes(ComplaintKind::ALL.iter().map(|k| k.code())), true),
                ("facts", text(4000), true),
                ("organisation", text(200), false),
                ("referral", text(200), false),
                ("about_office", json!({"type": "boolean"}), false),
                ("contact", text(200), false),
                ("safe_contact", or_null(text(20)), false),
            ]),
        ),
        (
            "ComplaintReceived",
            object(vec![
                ("number", json!({"type": "string", "pattern": "^[A-Z2-9]{8}$"}), true),
                ("code", json!({"type": "string", "pattern": "^[A-Z2-9]{8}$"}), true),
                ("acknowledge_by", instant(), true),
                ("decide_by", instant(), true),
            ]),
        ),
        (
            "FollowComplaint",
            object(vec![
                ("number", text(40), true),
                ("code", text(40), true),
                ("id", or_null(uuid()), false),
                ("words", text(2000), false),
            ]),
        ),
        (
            "ActOnComplaint",
            object(vec![
                ("id", uuid(), true),
                ("version", json!({"type": "integer", "format": "int64"}), true),
                ("act", codes(ComplaintAct::ALL.iter().map(|a| a.code())), true),
                ("text", text(2000), false),
            ]),
        ),
    ];
    schemas
        .map(|(name, schema)| (name.to_owned(), schema))
        .into_iter()
        .collect()
}

#[cfg(test)]
mod tests;

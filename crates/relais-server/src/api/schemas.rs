//! What the API reads and answers, as JSON schemas made from the closed words;
//! one file for each kind of thing.

use relais_mechanism::words::DataClass;
use serde_json::{Map, Value, json};

mod agreements;
mod answers;
mod closing;
mod complaints;
mod duty;
mod entries;
mod groups;
mod matrix;
mod moves;
mod person;
mod plan;
mod referrals;
mod registers;
mod webhooks;

pub(super) use moves::surplus_of_transfer;
pub(super) use referrals::surplus;

/// A member of an object: its name, its schema, whether it is required.
type Member = (&'static str, Value, bool);

/// An id.
pub(super) fn uuid() -> Value {
    json!({"type": "string", "format": "uuid"})
}

fn text(most: usize) -> Value {
    json!({"type": "string", "maxLength": most})
}

fn flag() -> Value {
    json!({"type": "boolean"})
}

/// The version that the maker saw.
fn version() -> Value {
    json!({"type": "integer", "format": "int64"})
}

fn day() -> Value {
    json!({"type": "string", "format": "date"})
}

fn instant() -> Value {
    json!({"type": "string", "format": "date-time"})
}

/// When it happened, where that was not when it was sent.
fn happened() -> Member {
    ("happened_at", or_null(instant()), false)
}

/// The answers of a form.
fn answers() -> Value {
    json!({
        "type": "object",
        "description": "Answers as typed, by the field's code: a list of values each.",
        "additionalProperties": {"type": "array", "items": {"type": "string"}},
    })
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

pub(super) fn codes<'a>(codes: impl IntoIterator<Item = &'a str>) -> Value {
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

/// One body for each command: what every act has, then its own members.
fn acts(commands: Vec<(&'static str, Vec<Member>)>, every: impl Fn() -> Vec<Member>) -> Vec<Value> {
    let act = |(command, own): (&str, Vec<Member>)| {
        let mut members = vec![
            ("id", uuid(), true),
            ("version", version(), true),
            ("command", json!({"const": command}), true),
        ];
        members.extend(every());
        members.extend(own);
        object(members)
    };
    commands.into_iter().map(act).collect()
}

/// The first member of a body that neither every act nor its own command has.
fn surplus_of(body: &Value, every: &[&str], commands: Vec<(&'static str, Vec<Member>)>) -> Option<String> {
    let command = body.get("command").and_then(Value::as_str)?;
    let (_, own) = commands.into_iter().find(|(code, _)| *code == command)?;
    let known = |name: &str| every.contains(&name) || own.iter().any(|m| m.0 == name);
    body.as_object()?.keys().find(|name| !known(name)).cloned()
}

/// Every schema, by name.
pub(super) fn schemas() -> Value {
    let parts = [
        agreements::schemas(),
        answers::schemas(),
        closing::schemas(),
        complaints::schemas(),
        duty::schemas(),
        entries::schemas(),
        groups::schemas(),
        matrix::schemas(),
        moves::schemas(),
        person::schemas(),
        plan::schemas(),
        referrals::schemas(),
        registers::schemas(),
        webhooks::schemas(),
    ];
    let mut all = Map::new();
    for part in parts {
        if let Value::Object(part) = part {
            all.extend(part);
        }
    }
    Value::Object(all)
}

#[cfg(test)]
mod tests;

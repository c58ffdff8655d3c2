//! `GET /api/v1/openapi.json`: the description of the API (OpenAPI 3.1), made
//! from the table of routes, so that an endpoint without a description fails a
//! test, and from the closed words, so that no option is forgotten.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::etag;
use super::schemas::{codes, schemas, uuid};
use crate::AppState;
use crate::problem::ProblemKind;
use crate::routes::{Kind, Route, Rule, Verb, registry};

mod groups;
mod hsds;
mod operations;
mod webhooks;

use operations::OPERATIONS;

/// What the table of routes does not say of an endpoint.
struct Operation {
    verb: Verb,
    path: &'static str,
    id: &'static str,
    summary: &'static str,
    /// Name of the body's schema.
    body: Option<&'static str>,
    /// Name of the answer's schema.
    answer: &'static str,
    /// Query parameters: name, schema, what it is.
    query: fn() -> Vec<(&'static str, Value, &'static str)>,
}

fn none() -> Vec<(&'static str, Value, &'static str)> {
    Vec::new()
}

fn paging() -> Vec<(&'static str, Value, &'static str)> {
    vec![(
        "after",
        json!({"type": "string", "maxLength": 200}),
        "Cursor: the `next` of the page before.",
    )]
}

fn proposals() -> Vec<(&'static str, Value, &'static str)> {
    let mut query = paging();
    query.push(("service", uuid(), "The service whose preview is asked for."));
    query
}

fn transfer_to() -> Vec<(&'static str, Value, &'static str)> {
    vec![("to", uuid(), "The organisation that would take the case.")]
}

fn duplicates() -> Vec<(&'static str, Value, &'static str)> {
    let code = || json!({"type": "string", "maxLength": 20});
    let mut query = paging();
    query.extend([
        ("what", code(), "organisations or services; anything else means both."),
        ("region", code(), "Region of both or of one, by its code."),
    ]);
    query
}

fn agreements() -> Vec<(&'static str, Value, &'static str)> {
    let standing = relais_network::agreement::CoverageState::ALL;
    let mut query = page();
    query.push((
        "state",
        codes(standing.iter().map(|s| s.code())),
        "How they stand today: only those.",
    ));
    query
}

fn programmes() -> Vec<(&'static str, Value, &'static str)> {
    vec![
        (
            "state",
            codes(relais_network::Paying::ALL.iter().map(|s| s.code())),
            "How they stand today: only those.",
        ),
        (
            "page",
            json!({"type": "integer", "minimum": 1}),
            "Number of the page, from 1.",
        ),
    ]
}

fn lines() -> Vec<(&'static str, Value, &'static str)> {
    let mut query = page();
    query.push((
        "state",
        json!({"type": "string", "maxLength": 40}),
        "Where they stand, by the code of the register's state: only those.",
    ));
    query
}

fn page() -> Vec<(&'static str, Value, &'static str)> {
    vec![(
        "page",
        json!({"type": "integer", "minimum": 1}),
        "Number of the page, from 1.",
    )]
}

fn looked() -> Vec<(&'static str, Value, &'static str)> {
    vec![
        (
            "consents",
            json!({"type": "string", "maxLength": 2000}),
            "Ids of the consents, separated by commas; none: all that stand.",
        ),
        (
            "effect",
            json!({"type": "string", "enum": ["stop_sharing", "stop_service", "both"]}),
            "What the person wants to stop.",
        ),
    ]
}

fn search() -> Vec<(&'static str, Value, &'static str)> {
    let text = || json!({"type": "string", "maxLength": 200});
    let mut query = paging();
    query.extend([
        ("q", text(), "Words, in French or English, accents optional."),
        (
            "category",
            text(),
            "Category or service of the taxonomy, as MED or MED.01.",
        ),
        ("region", text(), "Region, by its code."),
        ("near", text(), "Latitude and longitude, as 4.05,9.7: nearest first."),
        ("place", text(), "A typed place, matched by the server: nearest first."),
        (
            "limit",
            json!({"type": "integer", "minimum": 1, "maximum": 100}),
            "Rows a page, 20 by default.",
        ),
        (
            "target",
            text(),
            "Group that the person belongs to: what is only for others is left out.",
        ),
        ("language", text(), "Language, as fra: who speaks it comes first."),
        (
            "cost",
            codes(relais_network::Cost::ALL.iter().map(|c| c.code())),
            "What the person pays: only what says so.",
        ),
        (
            "urgent",
            flag(),
            "It cannot wait: who answers day and night comes first.",
        ),
        ("open_now", flag(), "Only what is open now."),
        ("free_places", flag(), "Only what has free places."),
        ("remote", flag(), "Only what is by telephone or online."),
        (
            "facets",
            flag(),
            "Say too how many there are of each kind, and how the words were understood.",
        ),
    ]);
    query
}

fn matrix() -> Vec<(&'static str, Value, &'static str)> {
    let text = || json!({"type": "string", "maxLength": 40});
    vec![
        (
            "by",
            codes(relais_network::matrix::Reading::ALL.iter().map(|r| r.code())),
            "By what an entry is laid to an area: what it says it serves (by default), or where its door stands.",
        ),
        ("region", text(), "Region, by its code: its departments."),
        (
            "target",
            text(),
            "Group of people, as women: what is for it or for everyone.",
        ),
        (
            "dimension",
            codes(relais_mechanism::taxonomy::Dimension::ALL.iter().map(|d| d.code())),
            "Dimension of reintegration: its categories.",
        ),
        (
            "category",
            text(),
            "Category, as MED: its line alone; `all` for all of them.",
        ),
    ]
}

fn flag() -> Value {
    json!({"type": "boolean"})
}

/// Every endpoint.
fn operations() -> impl Iterator<Item = &'static Operation> {
    OPERATIONS
        .iter()
        .chain(groups::OPERATIONS)
        .chain(webhooks::OPERATIONS)
        .chain(hsds::OPERATIONS)
}

/// The names of the schemas of bodies, for the test that reads each.
#[cfg(test)]
pub(super) fn bodies() -> impl Iterator<Item = &'static str> {
    operations().filter_map(|op| op.body)
}

const fn op(
    verb: Verb,
    path: &'static str,
    id: &'static str,
    summary: &'static str,
    body: Option<&'static str>,
    answer: &'static str,
    query: fn() -> Vec<(&'static str, Value, &'static str)>,
) -> Operation {
    Operation {
        verb,
        path,
        id,
        summary,
        body,
        answer,
        query,
    }
}

/// The problems that an endpoint may answer, by status.
fn problems(route: &Route, op: &Operation) -> Map<String, Value> {
    use ProblemKind as P;
    let mut kinds = vec![P::Timeout, P::Busy, P::Internal];
    let anybody = matches!(route.rule, Rule::Public | Rule::Shown);
    if !anybody {
        kinds.extend([P::TokenNeeded, P::NotFound, P::Forbidden]);
    }
    if route.rule == Rule::Shown {
        kinds.push(P::NotFound);
    } else if op.path.contains("{id}") {
        kinds.push(P::Erased);
    }
    if route.rule == Rule::Public && op.body.is_some() {
        kinds.push(P::TooManyAttempts);
    }
    if op.body.is_some() {
        kinds.extend([
            P::MalformedJson,
            P::WrongType,
            P::WrongContentType,
            P::TooLarge,
            P::InvalidFields,
            P::Refused,
            P::Stale,
            P::IdTaken,
        ]);
    }
    if !(op.query)().is_empty() {
        kinds.extend([P::MalformedQuery, P::InvalidFields]);
    }
    let mut answers: Map<String, Value> = Map::new();
    for status in kinds.iter().map(|k| k.status().as_u16()) {
        let codes: Vec<&str> = kinds
            .iter()
            .filter(|k| k.status().as_u16() == status)
            .map(|k| k.code())
            .collect();
        let answer = json!({
            "description": codes.join(", "),
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        });
        answers.insert(status.to_string(), answer);
    }
    answers
}

/// One endpoint of the description.
fn endpoint(route: &Route, op: &Operation) -> Value {
    let mut parameters: Vec<Value> = Vec::new();
    if op.path.contains("{id}") {
        parameters.push(json!({"name": "id", "in": "path", "required": true, "schema": uuid()}));
    }
    for (name, schema) in [
        ("form", json!({"type": "string", "enum": relais_acts::forms::FORMS})),
        ("section", json!({"type": "string", "pattern": "^[a-z_]{1,40}$"})),
        ("register", json!({"type": "string", "pattern": "^[a-z_]{1,40}$"})),
    ] {
        if op.path.contains(&format!("{{{name}}}")) {
            parameters.push(json!({"name": name, "in": "path", "required": true, "schema": schema}));
        }
    }
    for (name, schema, about) in (op.query)() {
        parameters.push(json!({"name": name, "in": "query", "description": about, "schema": schema}));
    }
    let mut answers = problems(route, op);
    let done = if op.verb == Verb::Post { "201" } else { "200" };
    answers.insert(
        done.to_owned(),
        json!({
            "description": "Done.",
            "content": {"application/json": {"schema": {"$ref": format!("#/components/schemas/{}", op.answer)}}},
        }),
    );
    if etag::is_tagged(route) {
        parameters.push(json!({
            "name": "If-None-Match", "in": "header", "required": false, "schema": {"type": "string"},
            "description": "The `ETag` of the answer that the caller has: if it is the same still, 304.",
        }));
        answers[done]["headers"] = json!({"ETag": {
            "description": "A hash of what is answered to this user; weak where only the time of day would make it another.", "schema": {"type": "string"},
        }});
        answers.insert(
            "304".to_owned(),
            json!({"description": "What the caller has is the same still."}),
        );
    }
    let mut endpoint = json!({
        "operationId": op.id,
        "summary": op.summary,
        "x-purpose": route.purpose.code(),
        "parameters": parameters,
        "responses": answers,
    });
    if let Some(body) = op.body {
        endpoint["requestBody"] = json!({
            "required": true,
            "content": {"application/json": {"schema": {"$ref": format!("#/components/schemas/{body}")}}},
        });
    }
    if matches!(route.rule, Rule::Public | Rule::Shown) {
        endpoint["security"] = json!([]);
    }
    endpoint
}

/// The whole description.
fn description(version: &str) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for route in registry().iter().filter(|r| r.kind == Kind::Api) {
        let Some(op) = operations().find(|o| o.path == route.path && o.verb == route.verb) else {
            continue;
        };
        let method = route.verb.http().as_str().to_ascii_lowercase();
        paths.entry(route.path).or_insert_with(|| json!({}))[method] = endpoint(route, op);
    }
    let mut all_schemas = schemas();
    for more in [webhooks::schemas(), hsds::schemas()] {
        if let (Some(all), Value::Object(more)) = (all_schemas.as_object_mut(), more) {
            all.extend(more);
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Relais",
            "version": "1",
            "description": format!(
                "The National Referral Mechanism, version {version} of the mechanism. Ids are made by the client (UUIDv7): \
                 the same id and body get the same answer, the same id and another body are refused. What a user may not \
                 see is answered like what does not exist. An act names in its body the version on which it was decided, \
                 and is refused with 409 on another; `If-Match` is not read. Lists go on where `next` says."
            ),
            "license": {"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
        },
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}],
        "paths": paths,
        "webhooks": webhooks::told(),
        "components": {
            "schemas": all_schemas,
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    })
}

/// `GET /api/v1/openapi.json`.
pub(crate) async fn document(State(app): State<AppState>) -> Response {
    let body = description(app.desk().mechanism().version()).to_string();
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_endpoint_is_described_and_nothing_else() {
        let api: Vec<_> = registry().iter().filter(|r| r.kind == Kind::Api).collect();
        assert_eq!(api.len(), operations().count());
        for route in api {
            let described = operations().any(|o| o.path == route.path && o.verb == route.verb);
            assert!(described, "{:?} {} has no line", route.verb, route.path);
        }
        let ids: std::collections::BTreeSet<_> = operations().map(|o| o.id).collect();
        assert_eq!(ids.len(), operations().count());
    }
}

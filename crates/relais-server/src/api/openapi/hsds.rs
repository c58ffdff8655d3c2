//! The directory in HSDS 3.0, for anybody.

use serde_json::{Value, json};

use super::{Operation, none, op, uuid};
use crate::routes::Verb;

fn paging() -> Vec<(&'static str, Value, &'static str)> {
    vec![
        (
            "page",
            json!({"type": "integer", "minimum": 1, "maximum": 4_294_967_295_u32}),
            "Number of the page, from 1.",
        ),
        (
            "per_page",
            json!({"type": "integer", "minimum": 1, "maximum": 500}),
            "Objects a page, 50 by default.",
        ),
    ]
}

fn lists() -> Vec<(&'static str, Value, &'static str)> {
    let mut query = paging();
    query.push((
        "full",
        json!({"type": "boolean"}),
        "With all that belongs to each object.",
    ));
    query
}

fn services() -> Vec<(&'static str, Value, &'static str)> {
    let mut query = lists();
    query.extend([
        ("organization_id", uuid(), "Services of this organisation."),
        ("taxonomy_id", uuid(), "Services with a term of this taxonomy."),
        (
            "taxonomy_term_id",
            uuid(),
            "Services with this term, or, of a category, with one below it.",
        ),
    ]);
    query
}

fn terms() -> Vec<(&'static str, Value, &'static str)> {
    let mut query = paging();
    query.extend([
        ("taxonomy_id", uuid(), "Terms of this taxonomy."),
        ("parent_id", uuid(), "Terms below this one."),
        ("top_only", json!({"type": "boolean"}), "Terms that stand below none."),
    ]);
    query
}

/// A line for each endpoint.
macro_rules! operations {
    ($($path:literal $name:literal, $text:literal => $answer:literal, $parameters:path;)*) => {
        &[$(op(Verb::Get, $path, $name, $text, None, $answer, $parameters)),*]
    };
}

/// One line for each endpoint.
pub(super) static OPERATIONS: &[Operation] = operations! {
    "/hsds/" "hsds", "The version of HSDS that is spoken here." => "Object", none;
    "/hsds/services" "hsdsServices", "Public services of the directory, page by page, in HSDS 3.0." => "HsdsPage", services;
    "/hsds/services/{id}" "hsdsService", "A public service with all that belongs to it, in HSDS 3.0." => "Object", none;
    "/hsds/organizations" "hsdsOrganizations", "Public organisations of the directory, page by page, in HSDS 3.0." => "HsdsPage", lists;
    "/hsds/organizations/{id}" "hsdsOrganization", "A public organisation with its services by name, in HSDS 3.0." => "Object", none;
    "/hsds/service_at_locations" "hsdsServiceAtLocations", "Public services at their places, page by page, in HSDS 3.0." => "HsdsPage", services;
    "/hsds/service_at_locations/{id}" "hsdsServiceAtLocation", "A public service at its place, in HSDS 3.0." => "Object", none;
    "/hsds/taxonomies" "hsdsTaxonomies", "The taxonomies of services, groups and types of organisation." => "HsdsPage", lists;
    "/hsds/taxonomies/{id}" "hsdsTaxonomy", "A taxonomy." => "Object", none;
    "/hsds/taxonomy_terms" "hsdsTaxonomyTerms", "The terms of the taxonomies, page by page." => "HsdsPage", terms;
    "/hsds/taxonomy_terms/{id}" "hsdsTaxonomyTerm", "A term of a taxonomy." => "Object", none;
};

/// The page of HSDS.
pub(super) fn schemas() -> Value {
    json!({"HsdsPage": {
        "type": "object",
        "required": ["total_items", "total_pages", "page_number", "size", "first_page", "last_page", "empty", "contents"],
        "properties": {
            "total_items": {"type": "integer"},
            "total_pages": {"type": "integer"},
            "page_number": {"type": "integer"},
            "size": {"type": "integer"},
            "first_page": {"type": "boolean"},
            "last_page": {"type": "boolean"},
            "empty": {"type": "boolean"},
            "contents": {"type": "array", "items": {"type": "object"}},
        },
    }})
}

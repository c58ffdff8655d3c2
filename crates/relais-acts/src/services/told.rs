//! What a program is told beside the rows of a search: how its words were
//! understood, and how many of each kind there are.

use std::sync::Arc;

use relais_network::directory::{Directory, FacetCounts, Loosened, Query, Understood};
use serde::Serialize;

use crate::views::ServicePage;

/// One value of a facet.
#[derive(Serialize)]
struct Counted<'a> {
    code: &'a str,
    count: usize,
}

#[derive(Serialize)]
struct Facets<'a> {
    categories: Vec<Counted<'a>>,
    regions: Vec<Counted<'a>>,
    costs: Vec<Counted<'a>>,
    languages: Vec<Counted<'a>>,
    targets: Vec<Counted<'a>>,
    free_places: usize,
    remote: usize,
}

#[derive(Serialize)]
struct Corrected<'a> {
    typed: &'a str,
    read: &'a str,
}

#[derive(Serialize)]
struct Heard<'a> {
    services: &'a [String],
    targets: Vec<&'static str>,
    place: Option<&'a str>,
    language: Option<&'a str>,
    urgent: bool,
    free: bool,
    corrected: Vec<Corrected<'a>>,
    loosened: Option<&'static str>,
}

#[derive(Serialize)]
struct Told<'a> {
    total: usize,
    understood: Heard<'a>,
    facets: Facets<'a>,
}

fn counted<'a>(list: impl Iterator<Item = (&'a str, usize)>) -> Vec<Counted<'a>> {
    list.map(|(code, count)| Counted { code, count }).collect()
}

fn own<'a>(list: &[(&'a Arc<str>, usize)]) -> Vec<Counted<'a>> {
    counted(list.iter().map(|(code, n)| (&***code, *n)))
}

fn facets<'a>(found: &FacetCounts<'a>) -> Facets<'a> {
    Facets {
        categories: own(&found.categories),
        regions: own(&found.regions),
        costs: counted(found.costs.iter().map(|(c, n)| (c.code(), *n))),
        languages: own(&found.languages),
        targets: counted(found.targets.iter().map(|(t, n)| (t.code(), *n))),
        free_places: found.free_places,
        remote: found.remote,
    }
}

fn heard(understood: &Understood) -> Heard<'_> {
    Heard {
        services: &understood.services,
        targets: understood.targets.iter().map(|t| t.code()).collect(),
        place: understood.place.as_deref(),
        language: understood.language.as_deref(),
        urgent: understood.urgent,
        free: understood.free,
        corrected: understood
            .corrected
            .iter()
            .map(|(typed, read)| Corrected { typed, read })
            .collect(),
        loosened: understood.loosened.map(|l| match l {
            Loosened::FewerWords => "fewer_words",
            Loosened::OtherPlaces => "other_places",
        }),
    }
}

/// Adds the words that nobody understood, where there are any.
pub(super) fn unknown_words(page: &mut ServicePage, words: &[String]) {
    if !words.is_empty() {
        add(page, &serde_json::json!({ "unknown_words": words }));
    }
}

/// Adds the counts and how the words were understood.
pub(super) fn counts(page: &mut ServicePage, directory: &Directory, query: &Query, total: usize) {
    let (found, understood) = (directory.facets(query), directory.understand(query));
    add(
        page,
        &Told {
            total,
            understood: heard(&understood),
            facets: facets(&found),
        },
    );
}

/// Puts the members of an object behind those of the page.
fn add(page: &mut ServicePage, more: &impl Serialize) {
    let more = serde_json::to_vec(more).expect("texts and numbers");
    page.json.pop();
    page.json.push(b',');
    page.json.extend_from_slice(&more[1..]);
}

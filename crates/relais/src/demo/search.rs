//! What people type, held against the demonstration's directory: see
//! `search/queries.toml`.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use relais_acts::directory::Entries;
use relais_acts::services;
use relais_mechanism::Mechanism;
use relais_network::directory::Directory;
use relais_network::import::{Mapping, parse, plan};
use relais_network::{Hit, Query};
use serde::Deserialize;

use super::{FACILITIES, directory};

/// Of a hundred queries so many must pass.
const MUST: usize = 95;
/// Among how many first entries the right one must be.
const FIRST: usize = 5;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Queries {
    query: Vec<Asked>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    q: String,
    #[serde(default)]
    kinds: Vec<String>,
    at: Option<String>,
    named: Option<String>,
    #[serde(default)]
    facilities: bool,
}

impl Asked {
    fn is_met_by(&self, hit: &Hit<'_>) -> bool {
        let (service, organisation, place) = (hit.entry.service, hit.entry.organisation, hit.entry.place);
        let names = [&organisation.name.fr, &organisation.name.en];
        (self.kinds.is_empty() || self.kinds.contains(&service.service_type))
            && self.at.as_deref().is_none_or(|at| {
                [&place.region, &place.department]
                    .into_iter()
                    .flatten()
                    .any(|p| p.starts_with(at))
            })
            && self
                .named
                .as_deref()
                .is_none_or(|part| names.iter().any(|n| n.contains(part)))
    }
}

fn queries() -> Vec<Asked> {
    let all: Queries = toml::from_str(include_str!("search/queries.toml")).expect("our own queries");
    assert!(all.query.len() >= 60, "{} queries", all.query.len());
    all.query
}

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 23).expect("a day")
}

fn index(entries: &Entries, mechanism: &Mechanism) -> Directory {
    let organisations: Vec<_> = entries.organisations.iter().map(|(o, _)| o.clone()).collect();
    Directory::build(
        organisations,
        entries.services.clone(),
        entries.places.clone(),
        &services::catalogue(mechanism),
        &services::geography(mechanism),
        services::freshness(mechanism),
    )
}

/// Runs the queries, says each that fails with what it found, and holds the
/// rest to what must pass.
fn hold(directory: &Directory, asked: &[Asked]) {
    let mut failed = Vec::new();
    for one in asked {
        let query = Query {
            words: one.q.clone(),
            limit: FIRST,
            ..Query::on(today())
        };
        let page = directory.search(&query);
        if !page.hits.iter().any(|hit| one.is_met_by(hit)) {
            let found = page.hits.iter().map(|h| h.entry.service.name.fr.as_str());
            failed.push(format!(
                "« {} »: of {} found\n    {}\n    {:?}",
                one.q,
                page.total,
                found.collect::<Vec<_>>().join("\n    "),
                directory.understand(&query)
            ));
        }
    }
    let passed = asked.len() - failed.len();
    println!("{passed} of {} queries find it among the first {FIRST}", asked.len());
    println!("{}", failed.join("\n"));
    assert!(
        passed * 100 >= asked.len() * MUST,
        "{passed} of {}:\n{}",
        asked.len(),
        failed.join("\n")
    );
}

#[test]
fn what_people_type_finds_the_right_entry_among_the_first_five() {
    let mechanism = Mechanism::embedded("cameroon").expect("built in");
    let entries = directory::entries(&mechanism, today(), true);
    let asked: Vec<Asked> = queries().into_iter().filter(|q| !q.facilities).collect();
    hold(&index(&entries, &mechanism), &asked);
}

#[test]
fn what_people_type_finds_real_hospitals() {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = std::env::var_os("RELAIS_SHARED").map_or_else(beside, PathBuf::from);
    let name = "cameroon-health-facilities.csv";
    let Ok(bytes) = std::fs::read(folder.join(name)).or_else(|_| std::fs::read(folder.join("data").join(name))) else {
        println!("skipped: what_people_type_finds_real_hospitals ({name} is not there)");
        return;
    };
    let mechanism = Mechanism::embedded("cameroon").expect("built in");
    let mut entries = directory::entries(&mechanism, today(), false);
    let mapping = Mapping::from_toml(FACILITIES).expect("our own mapping");
    let (catalogue, geography) = (services::catalogue(&mechanism), services::geography(&mechanism));
    let rows = parse(&bytes, &mapping, &geography, &catalogue).expect("a file");
    for facility in plan(rows, &mapping.source, |_, _| None).writes() {
        entries.organisations.push((facility.organisation.clone(), None));
        entries.places.push(facility.place.clone());
        entries.services.extend(facility.services.iter().cloned());
    }
    let asked: Vec<Asked> = queries().into_iter().filter(|q| q.facilities).collect();
    hold(&index(&entries, &mechanism), &asked);
}

//! The files of a new country: what was given, and in its place where nothing
//! was, what the check asks for, marked [P].

use relais_mechanism::Label;

use super::country::{Country, Files};
use super::facts::{BodyFacts, Facts};
use super::page::Page;
use crate::cli::MechanismNew;

/// What ISO 4217 writes for no currency.
const NO_CURRENCY: &str = "XXX";

/// What the country still has to say.
fn lacks(missing: &mut Vec<Label>, lacking: bool, fr: &str, en: &str) {
    if lacking {
        missing.push(Label::of(fr, en));
    }
}

/// The country's files, by their name.
pub fn files(country: &Country, asked: &MechanismNew, facts: &Facts, missing: &mut Vec<Label>) -> Files {
    let pages = [
        ("mechanism.toml", Some(header(country, asked, facts, missing))),
        ("places.toml", Some(places(country, facts, missing))),
        ("calendar.toml", Some(calendar(country, facts, missing))),
        ("bodies.toml", bodies(facts, missing)),
        ("on_call.toml", Some(on_call(country, facts, missing))),
        ("limits.toml", limits(facts)),
        ("entry_points.toml", copied("entry_point", &facts.entry_point)),
        ("bridges.toml", copied("bridge", &facts.bridge)),
        ("raci.toml", responsibilities(facts)),
        ("search.toml", copied("meaning", &facts.meaning)),
    ];
    lacks(
        missing,
        facts.entry_point.is_empty(),
        "points d’entrée (entry_points.toml)",
        "entry points (entry_points.toml)",
    );
    lacks(
        missing,
        facts.bridge.is_empty(),
        "autres mécanismes du pays et règles de passage (bridges.toml)",
        "the country’s other mechanisms and rules of hand-over (bridges.toml)",
    );
    lacks(
        missing,
        facts.raci.is_empty(),
        "qui fait quoi : responsabilités (raci.toml)",
        "who does what: responsibilities (raci.toml)",
    );
    lacks(
        missing,
        facts.meaning.is_empty(),
        "mots de tous les jours du pays, pour la recherche (search.toml)",
        "everyday words of the country, for the search (search.toml)",
    );
    lacks(
        missing,
        true,
        "textes de loi, parties, comité et signataires des documents (documents/_legal.fr.md, _parties.fr.md…)",
        "laws, parties, committee and signatories of the documents (documents/_legal.en.md, _parties.en.md…)",
    );
    pages
        .into_iter()
        .filter_map(|(name, text)| Some((format!("{}/{name}", country.folder), text?)))
        .collect()
}

/// A file that holds entries of one kind, copied as they are.
fn copied(kind: &str, entries: &[toml::Table]) -> Option<String> {
    let mut page = Page::default();
    page.entries(kind, entries);
    page.finish()
}

fn responsibilities(facts: &Facts) -> Option<String> {
    let mut page = Page::default();
    page.entries("raci_actor", &facts.raci_actor);
    page.entries("raci", &facts.raci);
    page.finish()
}

fn header(country: &Country, asked: &MechanismNew, facts: &Facts, missing: &mut Vec<Label>) -> String {
    let mut page = Page::new(&[
        &format!(
            "{}: the header of the country's mechanism. This folder is laid over",
            country.label.en
        ),
        "../regional: a new code adds, replaces = true replaces, removes = true removes.",
        "[P] was not given and is to be filled in.",
    ]);
    let own = &facts.mechanism;
    page.head("[mechanism]");
    page.key("code", country.folder.as_str());
    page.given("version", own.version.as_deref().unwrap_or("1"), own.version.is_some());
    let title = |given: &Option<String>, made: String| given.clone().unwrap_or(made);
    let (fr, en) = (
        format!("Mécanisme national de référencement – {}", country.label.fr),
        format!("National referral mechanism – {}", country.label.en),
    );
    page.given("fr", title(&own.fr, fr), own.fr.is_some());
    page.given("en", title(&own.en, en), own.en.is_some());
    page.given(
        "regime",
        own.regime.as_deref().unwrap_or("transitional"),
        own.regime.is_some(),
    );
    page.head("[country]");
    page.key("code", country.code.as_str());
    page.key("fr", country.label.fr.as_str());
    page.key("en", country.label.en.as_str());
    time_zone(&mut page, asked, facts, missing);
    currency(&mut page, asked, facts, missing);
    phone(&mut page, asked, facts, missing);
    page.finish().unwrap_or_default()
}

fn time_zone(page: &mut Page, asked: &MechanismNew, facts: &Facts, missing: &mut Vec<Label>) {
    let zone = asked.time_zone.as_deref().or(facts.country.time_zone.as_deref());
    let offset = asked.utc_offset.or(facts.country.utc_offset_minutes);
    page.given("time_zone", zone.unwrap_or("Etc/UTC"), zone.is_some());
    page.given("utc_offset_minutes", offset.unwrap_or(0), offset.is_some());
    lacks(
        missing,
        zone.is_none() || offset.is_none(),
        "fuseau horaire (mechanism.toml)",
        "time zone (mechanism.toml)",
    );
}

fn currency(page: &mut Page, asked: &MechanismNew, facts: &Facts, missing: &mut Vec<Label>) {
    let own = &facts.country;
    let code = asked.currency.as_deref().or(own.currency.as_deref());
    page.given("currency", code.unwrap_or(NO_CURRENCY), code.is_some());
    let (fr, en) = (own.currency_fr.as_deref(), own.currency_en.as_deref());
    page.given("currency_fr", fr.or(code).unwrap_or("monnaie du pays"), fr.is_some());
    page.given("currency_en", en.or(code).unwrap_or("national currency"), en.is_some());
    lacks(
        missing,
        code.is_none() || fr.is_none() || en.is_none(),
        "monnaie et comment on l’écrit (mechanism.toml)",
        "currency and how it is written (mechanism.toml)",
    );
}

fn phone(page: &mut Page, asked: &MechanismNew, facts: &Facts, missing: &mut Vec<Label>) {
    let plan = facts.phone.as_ref();
    let code = asked.phone_country.as_deref().or(plan.map(|p| p.country.as_str()));
    // No country has this code: a number with it is never taken for a foreign one.
    page.given("phone_country", code.unwrap_or("000"), code.is_some());
    match plan {
        Some(plan) => {
            page.key("phone_groups", plan.groups.clone());
            page.key("phone_blocks", plan.blocks.clone());
        }
        None => {
            // Any number, and none taken for an office line: an office line may be shown to the public.
            let mut block = toml::Table::new();
            block.insert("starts".to_owned(), vec![""].into());
            block.insert("digits".to_owned(), 6.into());
            block.insert("digits_max".to_owned(), 12.into());
            block.insert("mobile".to_owned(), true.into());
            page.given("phone_groups", vec![2, 2, 2, 2], false);
            page.given("phone_blocks", vec![block], false);
        }
    }
    lacks(
        missing,
        code.is_none() || plan.is_none(),
        "plan de numérotation (mechanism.toml)",
        "numbering plan (mechanism.toml)",
    );
}

fn places(country: &Country, facts: &Facts, missing: &mut Vec<Label>) -> String {
    let mut page = Page::new(&["Regions and departments; coordinates are of the chief town, in degrees."]);
    for region in &facts.region {
        page.head("[[region]]");
        page.key("code", region.code.as_str());
        page.key("fr", region.fr.as_str());
        page.key("en", region.en.as_str());
        page.maybe("chief_town", region.chief_town.as_deref());
        page.maybe("lat", region.latitude);
        page.maybe("lon", region.longitude);
        page.maybe("language", region.language.as_deref());
        page.maybe("mark", region.mark.as_deref());
    }
    if facts.region.is_empty() {
        page.head("[[region]]");
        page.key("code", only_region(country));
        page.key("fr", country.label.fr.as_str());
        page.key("en", country.label.en.as_str());
        page.key("mark", "P");
    }
    page.entries("department", &facts.department);
    lacks(
        missing,
        facts.region.is_empty(),
        "régions, avec leur chef-lieu et ses coordonnées (places.toml)",
        "regions, with their chief town and its coordinates (places.toml)",
    );
    lacks(
        missing,
        facts.department.is_empty(),
        "départements et arrondissements (places.toml)",
        "departments and subdivisions (places.toml)",
    );
    page.finish().unwrap_or_default()
}

/// The code of the one region of a country that names none.
fn only_region(country: &Country) -> String {
    format!("{}001", country.code)
}

/// Codes of the regions.
fn regions(country: &Country, facts: &Facts) -> Vec<String> {
    if facts.region.is_empty() {
        return vec![only_region(country)];
    }
    facts.region.iter().map(|r| r.code.clone()).collect()
}

fn calendar(country: &Country, facts: &Facts, missing: &mut Vec<Label>) -> String {
    let mut page = Page::new(&[
        "Opening days and public holidays. A holiday is confirmed, estimated (it follows",
        "the moon) or only_if_presidential_order.",
    ]);
    page.head("[[calendar]]");
    page.key("code", country.code.as_str());
    page.key("scope", "national");
    match &facts.hours {
        Some(hours) => {
            page.key("closed", hours.closed.clone());
            page.key("opens", hours.opens.as_str());
            page.key("closes", hours.closes.as_str());
            page.maybe("mark", hours.mark.as_deref());
        }
        None => {
            page.key("closed", vec!["sat", "sun"]);
            page.key("opens", "08:00");
            page.key("closes", "16:00");
            page.key("mark", "P");
        }
    }
    for region in regions(country, facts) {
        page.head("[[calendar]]");
        page.key("code", region);
        page.key("scope", "region");
        page.key("parent", country.code.as_str());
        page.key("closed", Vec::<String>::new());
        page.key("mark", "P");
    }
    page.entries("holiday", &facts.holiday);
    lacks(
        missing,
        facts.hours.is_none(),
        "jours et heures d’ouverture (calendar.toml)",
        "opening days and hours (calendar.toml)",
    );
    lacks(
        missing,
        facts.holiday.is_empty(),
        "jours fériés (calendar.toml)",
        "public holidays (calendar.toml)",
    );
    page.finish().unwrap_or_default()
}

fn bodies(facts: &Facts, missing: &mut Vec<Label>) -> Option<String> {
    let mut page = Page::new(&["Organisations that the mechanism names; type is a code of the option list org_type."]);
    for body in &facts.body {
        body_entry(&mut page, body);
    }
    lacks(
        missing,
        facts.body.is_empty(),
        "ministères et organisations du mécanisme (bodies.toml)",
        "ministries and organisations of the mechanism (bodies.toml)",
    );
    let silent = |b: &BodyFacts| b.role_fr.is_none() || b.role_en.is_none();
    lacks(
        missing,
        facts.body.iter().any(silent),
        "rôle des organisations qui n’en ont pas (bodies.toml)",
        "role of the organisations that have none (bodies.toml)",
    );
    page.finish()
}

fn body_entry(page: &mut Page, body: &BodyFacts) {
    page.head("[[body]]");
    page.key("code", body.code.as_str());
    page.key("fr", body.fr.as_str());
    page.key("en", body.en.as_str());
    page.given("type", body.kind.as_deref().unwrap_or("GOV_C"), body.kind.is_some());
    let (fr, en) = (body.role_fr.as_deref(), body.role_en.as_deref());
    page.given("role_fr", fr.unwrap_or("rôle à préciser [P]"), fr.is_some());
    page.given("role_en", en.unwrap_or("role to be stated [P]"), en.is_some());
    page.maybe("mark", body.mark.as_deref());
}

/// The on-call list: what was given, an empty line for each region without
/// one, the national fallback and the other emergency numbers.
fn on_call(country: &Country, facts: &Facts, missing: &mut Vec<Label>) -> String {
    let mut page = Page::new(&[
        "Who answers day and night. A region without a number of its own uses the national",
        "fallback; a line of the State is never called for a person of the protected circuit.",
    ]);
    page.entries("on_call", &facts.on_call);
    let has = |region: &str| {
        let of = |entry: &toml::Table| entry.get("region").and_then(toml::Value::as_str) == Some(region);
        facts.on_call.iter().any(of)
    };
    let without: Vec<String> = regions(country, facts).into_iter().filter(|r| !has(r)).collect();
    for region in &without {
        page.head("[[on_call]]");
        page.key("region", region.as_str());
        page.key("rank", 1);
        page.key("number", "");
        page.key("mark", "P");
    }
    page.entries("fallback", &facts.fallback);
    page.entries("emergency", &facts.emergency);
    lacks(
        missing,
        !without.is_empty(),
        "astreinte de chaque région (on_call.toml)",
        "on-call of each region (on_call.toml)",
    );
    lacks(
        missing,
        facts.emergency.is_empty(),
        "autres numéros d’urgence (on_call.toml)",
        "other emergency numbers (on_call.toml)",
    );
    page.finish().unwrap_or_default()
}

/// Time limits and rules that are not the region's.
fn limits(facts: &Facts) -> Option<String> {
    let mut page = Page::new(&["What differs from ../regional/limits.toml; the rest is as it is there."]);
    for (priority, own) in &facts.limits {
        page.head("[[priority]]");
        page.key("code", priority.as_str());
        page.key("replaces", true);
        page.keys(own);
    }
    if !facts.rules.is_empty() {
        page.head("[rules]");
        page.keys(&facts.rules);
    }
    page.finish()
}

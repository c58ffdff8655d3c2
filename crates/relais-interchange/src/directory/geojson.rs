//! The directory as GeoJSON (RFC 7946) for a map: a point for each service
//! whose place has coordinates, a feature without geometry for the others.

use chrono::NaiveDate;
use relais_mechanism::{Lang, Mechanism};
use relais_network::directory::Entry;
use relais_network::ratification::holding;
use serde_json::{Value, json};

use super::Shown;
use super::values::{Words, mode};

/// Everything shown, as one collection.
#[must_use]
pub fn collection(shown: &Shown<'_>, mechanism: &Mechanism, lang: Lang, made_on: NaiveDate) -> Value {
    let words = Words(mechanism);
    let features: Vec<Value> = shown.entries.iter().map(|e| feature(e, words, lang)).collect();
    json!({
        "type": "FeatureCollection",
        "made_on": made_on.to_string(),
        "features": features,
    })
}

fn feature(entry: &Entry<'_>, words: Words<'_>, lang: Lang) -> Value {
    let (service, place, organisation) = (entry.service, entry.place, entry.organisation);
    let geometry = place
        .point()
        .map(|p| json!({"type": "Point", "coordinates": [p.lon, p.lat]}));
    let [region, department, subdivision] = [&place.region, &place.department, &place.subdivision]
        .map(|code| code.as_deref().map(|c| words.place(c, lang)));
    let several = |found: Vec<&str>| found.join(", ");
    json!({
        "type": "Feature",
        "id": service.id.to_string(),
        "geometry": geometry,
        "properties": {
            "name": service.name.get(lang),
            "service_type": service.service_type,
            "service_type_name": words.service_type(&service.service_type, lang),
            "category": words.service_type(service.category(), lang),
            "organisation": organisation.name.get(lang),
            "organisation_code": organisation.code,
            "organisation_type": words.option("org_type", organisation.kind.code(), lang),
            "place": place.name,
            "region": region,
            "region_pcode": place.region,
            "department": department,
            "department_estimated": place.department_estimated,
            "subdivision": subdivision,
            "town": place.town,
            "served_area": words.served_in_words(&service.served_area, lang),
            "modes": several(service.modes.iter().map(|m| mode(*m, lang)).collect()),
            "targets": several(service.targets.iter().map(|t| words.option("target", t.code(), lang)).collect()),
            "cost": service.cost.map(|c| words.option("cost", c.code(), lang)),
            "opening_hours": service.opening_hours,
            "languages": several(service.languages.iter().map(|l| words.option("lang", l, lang)).collect()),
            "on_call": service.on_call,
            "telephones": several(service.telephones.iter().map(|t| t.number.as_str()).collect()),
            "capacity_per_month": service.capacity.per_month,
            "places_available": service.capacity.available,
            "places_assessed_on": service.capacity.assessed_on,
            "confirmed_on": service.confirmed_on,
            "ratified_on": holding(service, place).map(|r| r.on),
            "demonstration": service.demonstration,
        },
    })
}

//! The search's ready rows are the rows that its entries make.

use relais_acts::commands::ServiceSearch;
use relais_acts::services;
use relais_acts::views::ServiceHit;
use relais_fixture::{World, start};
use relais_mechanism::Lang;
use relais_network::{Point, Query};
use serde_json::{Value, json};

#[test]
fn a_page_says_of_each_entry_what_the_directory_holds() {
    let world = World::sqlite();
    let network = world.desk.network();
    for lang in [Lang::Fr, Lang::En] {
        for near in [None, Some("4.06,9.70")] {
            let asked = ServiceSearch {
                near: near.map(str::to_owned),
                limit: Some(3),
                ..ServiceSearch::default()
            };
            let page = services::search(&world.desk, &asked, lang, start(), Vec::new()).expect("a page");
            let answer: Value = serde_json::from_slice(&page.json).expect("JSON");
            let mut query = Query::on(relais_casework::calendar::local_date(start()));
            query.near = near.and(Point::new(4.06, 9.70));
            query.limit = 3;
            let expected = network.directory.search(&query);
            let rows: Vec<Value> = expected
                .hits
                .iter()
                .map(|hit| {
                    let (service, place) = (hit.entry.service, hit.entry.place);
                    let row = ServiceHit {
                        id: service.id,
                        service_type: service.service_type.clone(),
                        name: service.name.get(lang).to_owned(),
                        organisation: hit.entry.organisation.name.get(lang).to_owned(),
                        region: place.region.clone(),
                        place: network.said(place.id, lang).to_owned(),
                        distance_km: hit.distance_km,
                        telephones: service.telephones.iter().map(|t| t.number.clone()).collect(),
                        confirmed_on: service.confirmed_on,
                        programmes: Vec::new(),
                        paid_until: None,
                        status: service.status,
                        demonstration: service.demonstration,
                    };
                    serde_json::to_value(row).expect("a row")
                })
                .collect();
            assert_eq!(rows.len(), 3);
            assert_eq!(page.rows, 3);
            assert_eq!(rows[0].get("distance_km").is_some(), near.is_some());
            let next = expected.next.map(|c| c.to_string());
            assert!(next.is_some());
            assert_eq!(answer, json!({"rows": rows, "next": next}));
        }
    }
    let nothing = ServiceSearch {
        q: "introuvable-zzyzx".to_owned(),
        ..ServiceSearch::default()
    };
    let page = services::search(&world.desk, &nothing, Lang::Fr, start(), Vec::new()).expect("a page");
    assert_eq!(
        (page.rows, &*page.json),
        (
            0,
            &br#"{"rows":[],"next":null,"unknown_words":["introuvable","zzyzx"]}"#[..]
        )
    );
}

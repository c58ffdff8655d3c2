//! The directory for whoever has no account: what its numbers are worth, and
//! what is open.

use chrono::TimeDelta;
use relais_acts::commands::ServiceSearch;
use relais_acts::directory::public::{self, EmergencyLine};
use relais_acts::directory::{self, By, Entries};
use relais_acts::on_call::{self, PutOnCall, TestOnCall};
use relais_fixture::{World, id, start};
use relais_mechanism::Lang;
use relais_network::ServiceId;
use relais_network::service::Capacity;

async fn lines(world: &World) -> Vec<EmergencyLine> {
    public::emergency_lines(&world.desk, Lang::En).await.expect("read")
}

async fn call(world: &World, version: i64, answered: bool) {
    let test = TestOnCall {
        id: world.new_id(),
        version,
        region: String::new(),
        rank: 1,
        answered,
    };
    let office = world.viewer("secretariat");
    on_call::tested(&world.desk, &office, test).await.expect("noted");
}

async fn version(world: &World) -> i64 {
    let view = on_call::view(&world.desk, &world.viewer("secretariat"))
        .await
        .expect("seen");
    let line = view.lines.into_iter().find(|l| l.region.is_empty() && l.rank == 1);
    line.expect("a fallback").version
}

#[tokio::test]
async fn a_number_says_whether_somebody_tried_it() {
    tried(&World::sqlite()).await;
}

/// The numbers from the mechanism's to the country's own.
pub async fn tried(world: &World) {
    let before = lines(world).await;
    let numbers: Vec<&str> = before.iter().map(|l| l.number.as_str()).collect();
    assert_eq!(numbers, ["1503", "116", "119", "117", "113", "118"]);
    assert!(before[0].unverified && before[0].tested_on.is_none());
    assert!(!before[3].unverified && before[5].unverified);
    assert_eq!(before[1].note, "Not reached from every network.");

    call(world, 0, true).await;
    let tried = lines(world).await;
    assert!(!tried[0].unverified && tried[0].tested_on == Some(start().date_naive()));
    call(world, version(world).await, false).await;
    let silent = lines(world).await;
    assert!(silent[0].unverified && silent[0].tested_on.is_none());

    // The country's own number stands in place of the mechanism's, and was not tried yet.
    let put = PutOnCall {
        id: world.new_id(),
        version: version(world).await,
        region: String::new(),
        rank: 1,
        who: "Exercice".to_owned(),
        number: "222 00 00 03".to_owned(),
        hours: String::new(),
        state_line: true,
    };
    on_call::put(&world.desk, &world.viewer("secretariat"), put)
        .await
        .expect("saved");
    let own = lines(world).await;
    assert_eq!((own[0].number.as_str(), own[0].unverified), ("+237222000003", true));
    assert!(!own.iter().any(|l| l.number == "1503"));
}

#[tokio::test]
async fn an_entry_says_whether_it_is_open_and_full() {
    let world = World::sqlite();
    let network = world.desk.network();
    let code = ServiceId(id("S-COUTURE"));
    let mut service = network.services[&code].clone();
    service.opening_hours = "lun.–ven. 07:30–15:30".to_owned();
    service.capacity = Capacity {
        per_month: None,
        available: Some(0),
        assessed_on: Some(start().date_naive()),
    };
    let entries = Entries {
        organisations: Vec::new(),
        places: Vec::new(),
        services: vec![service],
        ..Entries::default()
    };
    directory::put(world.store(), entries, "essai", By::CommandLine).expect("put");
    world.desk.refresh().expect("read again");
    // Monday 08:40 in Douala; eight hours later; forty days later.
    for (after, open, full) in [(0, true, true), (8, false, true), (24 * 42, true, false)] {
        let now = start() + TimeDelta::hours(after);
        let sheet = public::entry(&world.desk, code, Lang::Fr, now).expect("shown");
        assert_eq!(
            (sheet.entry.open, sheet.entry.full_on.is_some()),
            (Some(open), full),
            "{after}"
        );
        let asked = ServiceSearch {
            q: "couture".to_owned(),
            open_now: true,
            ..ServiceSearch::default()
        };
        let found = public::look(&world.desk, &asked, Lang::Fr, now).expect("read");
        assert_eq!(found.entries.iter().any(|e| e.id == code), open, "{after}");
    }
}

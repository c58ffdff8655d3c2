//! A change of single services is brought to every process without reading the
//! others again, and what is seen is what a directory read whole shows.

use std::sync::Arc;

use relais_acts::commands::ServiceSearch;
use relais_acts::{Desk, services};
use relais_mechanism::Lang;
use relais_network::directory::Query;

use super::*;

/// What the directory of a desk shows: entries, counts, rows in both languages.
fn shown(desk: &Arc<Desk>, world: &World) -> Vec<String> {
    let network = desk.network();
    let now = world
        .store()
        .read_blocking(|tx: &mut Tx<'_>| -> Result<_, StoreError> { tx.now() })
        .expect("now");
    let mut all = Vec::new();
    for words in [
        "",
        "couture",
        "cuture",
        "atelier douala",
        "zambelune",
        "formation gratuite",
    ] {
        let query = Query {
            words: words.to_owned(),
            ..Query::on(NaiveDate::from_ymd_opt(2026, 11, 23).expect("a day"))
        };
        all.push(format!("{:?}", network.directory.look(&query)));
        for lang in [Lang::Fr, Lang::En] {
            let asked = ServiceSearch {
                q: words.to_owned(),
                facets: true,
                ..ServiceSearch::default()
            };
            let page = services::search(desk, &asked, lang, now, Vec::new()).expect("found");
            all.push(String::from_utf8(page.json).expect("text"));
        }
    }
    let mut services: Vec<_> = network.services.values().map(|s| format!("{s:?}")).collect();
    services.sort();
    all.extend(services);
    // Whoever is known for nothing but a shelter has no name.
    let organisations = network.organisations.values();
    let mut names: Vec<_> = organisations
        .map(|o| format!("{} {}", o.code, network.name(o.id, Lang::Fr)))
        .collect();
    names.sort();
    all.extend(names);
    all
}

fn anew(world: &World) -> Arc<Desk> {
    Desk::open_having(world.store().clone(), Some(world.desk.mechanism())).expect("a desk")
}

/// Whether one network came from the other without reading all of it.
fn is_brought(before: &relais_acts::Network, after: &relais_acts::Network) -> bool {
    Arc::ptr_eq(&before.with_account, &after.with_account)
}

/// Changes of every kind, each seen at once by the desk that made it and by
/// another.
pub async fn play(world: &World) {
    world.add_places(Places::Hidden);
    let other = anew(world);
    let (unit, provider, shelter) = (
        world.viewer("secretariat"),
        world.viewer("atelier"),
        world.viewer("abri"),
    );
    // Both have searched: what they keep of that is changed too.
    assert_eq!(shown(&world.desk, world), shown(&other, world));
    let both = |whole: bool, before: [Arc<relais_acts::Network>; 2]| {
        other.refresh().expect("looked");
        let expected = shown(&anew(world), world);
        for (desk, before) in [&world.desk, &other].into_iter().zip(before) {
            assert_eq!(shown(desk, world), expected);
            assert_eq!(is_brought(&before, &desk.network()), !whole);
        }
    };
    let before = || [world.desk.network(), other.network()];

    let was = before();
    confirm(world, &provider, &["S-COUTURE"]).await.expect("confirmed");
    both(false, was);

    let was = before();
    let version = seen(world, &provider, "S-COUTURE").await.row.version;
    let full = SetCapacity {
        id: world.new_id(),
        version,
        available: 0,
        per_month: Some(12),
    };
    entries::capacity(&world.desk, &provider, service("S-COUTURE"), full)
        .await
        .expect("stated");
    both(false, was);

    let was = before();
    let command = ChangeEntry {
        name: Some(Label::of("Atelier Zambelune", "Zambelune workshop")),
        cost: Some(Cost::Free),
        opening_hours: Some("lun.–ven. 08:00–12:00".to_owned()),
        ..ChangeEntry::default()
    };
    change(world, &unit, "S-COUTURE-2", command).await.expect("corrected");
    both(false, was);
    assert!(!ids(&found(world, "VTC.02")).is_empty());

    let was = before();
    for (what, reason) in [
        (LifeAct::Doubt, "Une voisine dit autre chose."),
        (LifeAct::Archive, "Fermé."),
    ] {
        step(world, &unit, "S-COUTURE-2", what, reason).await.expect("moved");
    }
    both(false, was);
    assert!(!ids(&found(world, "VTC.02")).contains(&service("S-COUTURE-2")));

    let was = before();
    for what in [LifeAct::Restore, LifeAct::Publish] {
        step(world, &unit, "S-COUTURE-2", what, "").await.expect("moved");
    }
    both(false, was);
    assert!(ids(&found(world, "VTC.02")).contains(&service("S-COUTURE-2")));

    // A shelter's own change: its provider reads it, and the index is the very same.
    let was = before();
    confirm(world, &shelter, &["S-ABRI"]).await.expect("confirmed");
    assert!(Arc::ptr_eq(&was[0].directory, &world.desk.network().directory));
    both(false, was);

    // All that is seen of an organisation that hides something goes, and comes back: no answer takes longer for it.
    for (what, reason) in [
        (LifeAct::Archive, "Fermé."),
        (LifeAct::Restore, ""),
        (LifeAct::Publish, ""),
    ] {
        let was = before();
        step(world, &unit, "S-PALMES", what, reason).await.expect("moved");
        both(false, was);
    }
    // The only one of its type goes, and what words mean with it: read whole.
    let was = before();
    step(world, &unit, "S-BOIS", LifeAct::Archive, "Fermé.")
        .await
        .expect("archived");
    both(true, was);

    // A list of entries says of no single one what changed: read whole.
    let was = before();
    let mut listed = world.desk.network().services[&service("S-COUTURE")].clone();
    listed.name = Label::of("Couture et broderie", "Sewing and embroidery");
    let listed = Entries {
        services: vec![listed],
        ..Entries::default()
    };
    put(world.store(), listed, "list", By::CommandLine).expect("put");
    world.desk.refresh().expect("looked");
    both(true, was);
}

#[tokio::test(flavor = "multi_thread")]
async fn single_changes_are_brought_without_the_others() {
    play(&World::sqlite()).await;
}

/// What a unit of work has changed and does not commit is seen by nobody, and
/// does not stand in the way of what is changed next.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_back_was_never_seen() {
    let world = World::sqlite();
    let unit = world.viewer("secretariat");
    let before = shown(&world.desk, &world);
    let mut entries = Vec::new();
    for (code, off) in [("S-COUTURE", 0), ("S-METIERS", 1)] {
        entries.push(Confirmed {
            service: service(code),
            version: seen(&world, &unit, code).await.row.version + off,
        });
    }
    let command = ConfirmEntries {
        id: world.new_id(),
        entries,
    };
    let stale = entries::confirm(&world.desk, &unit, command).await;
    assert!(matches!(stale, Err(ActError::Stale { .. })), "{stale:?}");
    assert_eq!(shown(&world.desk, &world), before);
    confirm(&world, &unit, &["S-METIERS"]).await.expect("confirmed");
    let after = shown(&world.desk, &world);
    assert_ne!(after, before);
    assert_eq!(after, shown(&anew(&world), &world));
}

/// A unit of work that began before a change and ends after it reads the directory as it was, and must not lay it over
/// what the others see by then.
#[test]
fn who_began_before_a_change_brings_nothing_old_back() {
    use relais_store::rows::directory::{directory_changed, directory_version};
    let world = World::sqlite();
    let (desk, beside) = (Arc::clone(&world.desk), Arc::clone(&world.desk));
    let changed = move || {
        let desk = Arc::clone(&beside);
        std::thread::spawn(move || {
            desk.store().write_blocking(directory_changed).expect("changed");
            let brought = move |tx: &mut Tx<'_>| -> Result<i64, ActError> { Ok(desk.network_now(tx)?.version) };
            world.store().read_blocking(brought).expect("brought up")
        })
    };
    let store = desk.store().clone();
    let held = Arc::clone(&desk);
    let mut changed = Some(changed);
    let (before, after) = store
        .read_blocking(move |tx: &mut Tx<'_>| -> Result<_, ActError> {
            let before = directory_version(tx)?;
            let beside = changed.take().expect("asked once");
            let after = beside().join().expect("no panic");
            assert_eq!(held.network_now(tx)?.version, before, "as of this unit of work");
            Ok((before, after))
        })
        .expect("read");
    assert_eq!((after, desk.network().version), (before + 1, before + 1));
}

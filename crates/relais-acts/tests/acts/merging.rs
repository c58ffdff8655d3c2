//! Entries that are perhaps the same: proposed, merged, parted again, kept apart;
//! what ties an entry; nothing of what is hidden. On both databases.

mod hidden;
mod ties;

use chrono::TimeDelta;
use relais_acts::directory::merging::{self, Asked, DuplicatesView, KeepApart, MergeEntries, SideBySide, What};
use relais_acts::directory::{By, Entries, put};
use relais_acts::problem::ActError;
use relais_acts::{Viewer, entries};
use relais_fixture::{Schema, World, id};
use relais_mechanism::{Label, Lang};
use relais_network::life::LifeAct;
use relais_network::{Organisation, OrganisationId, Place, PlaceId, PublicationStatus, Service, ServiceId};
use relais_store::rows::directory as rows;
use relais_store::rows::entries::history;
use relais_store::{StoreError, Tx};
use uuid::Uuid;

/// A second entry of an organisation, made from one that is there: what it is
/// called, and what it offers, each at a place of its own some metres away.
fn double(world: &World, of: &str, code: &str, name: &str, offers: &[(&str, &str)]) {
    let network = world.desk.network();
    let organisation = Organisation {
        id: OrganisationId(id(code)),
        code: code.to_owned(),
        name: Label::of(name, name),
        telephone: Some("+237677889900".to_owned()),
        ..network.organisations[&OrganisationId(id(of))].clone()
    };
    let mut all = Entries {
        organisations: vec![(organisation, Some("empreinte".to_owned()))],
        ..Entries::default()
    };
    for (service, kind) in offers {
        let place = Place {
            id: PlaceId(id(&format!("P-{service}"))),
            organisation: OrganisationId(id(code)),
            ..network.places[&PlaceId(id(&format!("P-{of}")))].clone()
        };
        let place = Place {
            lat: place.lat.map(|l| l + 0.000_4),
            ..place
        };
        all.services.push(Service {
            name: Label::of(service, service),
            status: PublicationStatus::Published,
            opening_hours: "lun.–ven. 8 h–16 h".to_owned(),
            confidential: *kind == "GBV.03",
            ..Service::proposed(
                ServiceId(id(service)),
                OrganisationId(id(code)),
                (*kind).to_owned(),
                place.id,
            )
        });
        all.places.push(place);
    }
    put(world.store(), all, "partenaire", By::CommandLine).expect("put");
    world.desk.refresh().expect("refreshed");
}

/// The list, as the pages ask for it: apart from the threads of requests.
fn listed(world: &World, who: &Viewer) -> DuplicatesView {
    merging::list(&world.desk, who, &Asked::default()).expect("listed")
}

fn is_proposed(world: &World, who: &Viewer, one: &str, other: &str) -> bool {
    let wanted = [id(one), id(other)];
    let rows = listed(world, who).rows;
    rows.iter().any(|r| r.sides.iter().all(|s| wanted.contains(&s.id)))
}

fn side_by_side(world: &World, who: &Viewer, what: What, one: &str, other: &str) -> Result<SideBySide, ActError> {
    merging::pair(&world.desk, who, what, id(one), id(other))
}

/// Merges the second entry into the first; the merge's id.
async fn merge(
    world: &World,
    who: &Viewer,
    what: What,
    (stays, goes): (&str, &str),
    taken: &[&str],
) -> Result<Uuid, ActError> {
    let view = side_by_side(world, who, what, stays, goes)?;
    let command = MergeEntries {
        id: world.new_id(),
        what,
        stays: id(stays),
        stays_version: view.versions[0],
        goes: id(goes),
        goes_version: view.versions[1],
        taken: taken.iter().map(|t| (*t).to_owned()).collect(),
    };
    Ok(merging::merge(&world.desk, who, command).await?.id)
}

async fn undo(world: &World, who: &Viewer, decision: Uuid) -> Result<(), ActError> {
    merging::undo(&world.desk, who, world.new_id(), decision)
        .await
        .map(drop)
}

fn code(refused: Result<impl std::fmt::Debug, ActError>) -> String {
    match refused.expect_err("refused") {
        ActError::Refused { code, why, remedy } => {
            for said in [&why.fr, &why.en, &remedy.fr, &remedy.en] {
                assert!(said.ends_with('.'), "{said}");
            }
            code
        }
        ActError::NotFound => "not_found".to_owned(),
        ActError::Stale { .. } => "stale".to_owned(),
        other => panic!("{other:?}"),
    }
}

/// Every entry as its row keeps it, by its key.
fn bodies(world: &World) -> Vec<(Uuid, String)> {
    let read = world.store().read_blocking(|tx: &mut Tx<'_>| -> Result<_, StoreError> {
        let mut all: Vec<(Uuid, String)> = Vec::new();
        all.extend(rows::all_organisations(tx)?.into_iter().map(|r| (r.id.0, r.body)));
        all.extend(rows::all_places(tx)?.into_iter().map(|r| (r.id.0, r.body)));
        all.extend(rows::all_services(tx)?.into_iter().map(|r| (r.id.0, r.body)));
        Ok(all)
    });
    read.expect("readable")
}

fn kinds_of_change(world: &World, entry: &str) -> Vec<String> {
    let entry = id(entry);
    let read = world
        .store()
        .read_blocking(move |tx: &mut Tx<'_>| history(tx, entry, 20));
    read.expect("readable").into_iter().map(|c| c.kind).collect()
}

/// Two entries of one centre, without accounts: merged and parted.
async fn merged_and_parted(world: &World) {
    let (office, regional) = (world.viewer("secretariat"), world.viewer("regional"));
    double(
        world,
        "SANSACCORD",
        "DOUBLE",
        "Centre Sanaga-Metiers",
        &[("D-METIERS", "VTC.02"), ("D-BOIS", "VTC.03")],
    );
    // Whoever keeps the region sees it too; nobody else.
    for who in [&office, &regional] {
        assert!(is_proposed(world, who, "SANSACCORD", "DOUBLE"));
    }
    for stranger in ["gestionnaire", "hopital", "administrateur", "delegue"] {
        let who = world.viewer(stranger);
        let refused = merging::list(&world.desk, &who, &Asked::default());
        assert!(matches!(refused, Err(ActError::NotFound)), "{stranger}");
        assert_eq!(
            code(merge(world, &who, What::Organisations, ("SANSACCORD", "DOUBLE"), &[]).await),
            "not_found"
        );
    }
    let view = side_by_side(world, &regional, What::Organisations, "SANSACCORD", "DOUBLE").expect("shown");
    assert!(view.found && view.pair.likely, "{:?}", view.pair);
    assert!(view.pair.reasons.iter().any(|r| r.speaks_for && !r.says.is_empty()));
    let telephone = view.fields.iter().find(|f| f.field == "telephone").expect("a field");
    assert!(
        !telephone.same && telephone.values[1].contains("677889900"),
        "{telephone:?}"
    );
    let before = bodies(world);

    let taken = ["telephone", "name"];
    let merged = merge(world, &regional, What::Organisations, ("SANSACCORD", "DOUBLE"), &taken)
        .await
        .expect("merged");
    let network = world.desk.network();
    let (one, gone) = (
        &network.organisations[&OrganisationId(id("SANSACCORD"))],
        &network.organisations[&OrganisationId(id("DOUBLE"))],
    );
    assert_eq!(
        (one.name.fr.as_str(), one.code.as_str()),
        ("Centre Sanaga-Metiers", "SANSACCORD")
    );
    assert_eq!(one.telephone.as_deref(), Some("+237677889900"));
    assert_eq!(
        (gone.status, gone.merged_into),
        (PublicationStatus::Archived, Some(one.id))
    );
    // The same service went up in its double, which took over what it did not say;
    // the other one moved.
    let service = |code: &str| &network.services[&ServiceId(id(code))];
    assert_eq!(service("D-METIERS").merged_into, Some(ServiceId(id("S-METIERS"))));
    assert_eq!(service("D-METIERS").status, PublicationStatus::Archived);
    assert_eq!(service("S-METIERS").opening_hours, "lun.–ven. 8 h–16 h");
    assert_eq!(service("D-BOIS").organisation, one.id);
    assert_eq!(network.places[&service("D-BOIS").place].organisation, one.id);
    // Searches see it at once; the archived one is read by its id.
    let found: Vec<ServiceId> = network.directory.entries().map(|e| e.service.id).collect();
    assert!(found.contains(&ServiceId(id("D-BOIS"))) && !found.contains(&ServiceId(id("D-METIERS"))));
    let old = entries::view(&world.desk, &office, ServiceId(id("D-METIERS")))
        .await
        .expect("read by its id");
    assert_eq!(old.row.status, PublicationStatus::Archived);
    assert_eq!(old.steps, []);
    assert_eq!(old.history[0].kind, entries::MERGED);
    assert!(
        old.history[0]
            .values
            .iter()
            .any(|v| v.field == "merged_into" && v.new == "Formation aux métiers")
    );
    assert_eq!(kinds_of_change(world, "SANSACCORD"), ["merge"]);
    assert!(!is_proposed(world, &office, "SANSACCORD", "DOUBLE"));

    // It comes back neither by a list, nor by its life, nor in another merge.
    let again = Entries {
        organisations: vec![(
            Organisation {
                status: PublicationStatus::Published,
                merged_into: None,
                ..gone.clone()
            },
            None,
        )],
        ..Entries::default()
    };
    let tally = put(world.store(), again, "partenaire", By::CommandLine).expect("put");
    assert_eq!((tally.unchanged, tally.updated), (1, 0));
    let step = entries::StepEntry {
        id: world.new_id(),
        version: old.row.version,
        step: LifeAct::Restore,
        reason: String::new(),
    };
    let restored = entries::step(&world.desk, &office, ServiceId(id("D-METIERS")), step).await;
    assert_eq!(code(restored), "life_not_from_here");
    assert_eq!(
        code(side_by_side(
            world,
            &office,
            What::Organisations,
            "SANSACCORD",
            "DOUBLE"
        )),
        "not_found"
    );

    // The other office sees what was decided, and takes it back.
    let decided = &listed(world, &office).decisions;
    assert_eq!(
        (decided[0].id, decided[0].merged, decided[0].may_undo),
        (merged, true, true)
    );
    undo(world, &office, merged).await.expect("undone");
    assert_eq!(bodies(world), before, "all is as it was, byte for byte");
    assert!(is_proposed(world, &office, "SANSACCORD", "DOUBLE"));
    assert_eq!(kinds_of_change(world, "SANSACCORD"), ["part", "merge"]);
    assert_eq!(code(undo(world, &office, merged).await), "merge_undone");
    assert_eq!(code(undo(world, &office, world.new_id()).await), "not_found");
}

/// Kept apart: said once, by anybody who keeps both; taken back.
async fn kept_apart(world: &World) {
    let (office, regional) = (world.viewer("secretariat"), world.viewer("regional"));
    double(
        world,
        "SANSACCORD",
        "DOUBLE",
        "Centre Sanaga-Metiers",
        &[("D-METIERS", "VTC.02")],
    );
    let command = KeepApart {
        id: world.new_id(),
        what: What::Organisations,
        one: id("DOUBLE"),
        other: id("SANSACCORD"),
    };
    for _ in 0..2 {
        merging::apart(&world.desk, &regional, command.clone())
            .await
            .expect("kept");
    }
    let twice = KeepApart {
        id: world.new_id(),
        ..command.clone()
    };
    merging::apart(&world.desk, &office, twice).await.expect("said before");
    assert!(!is_proposed(world, &office, "SANSACCORD", "DOUBLE"));
    assert_eq!(listed(world, &office).decisions.len(), 1);
    let all = merging::all(world.store(), &world.desk.mechanism(), Lang::En).expect("listed");
    assert!(all.iter().all(|p| p.sides.iter().all(|s| s.id != id("DOUBLE"))));
    // Long after: it stands for ever, and is taken back at any time.
    world.at(relais_fixture::start() + TimeDelta::days(400));
    undo(world, &office, command.id).await.expect("taken back");
    assert!(is_proposed(world, &office, "SANSACCORD", "DOUBLE"));
    // A merge is not.
    let merged = merge(world, &office, What::Organisations, ("SANSACCORD", "DOUBLE"), &[])
        .await
        .expect("merged");
    world.at(relais_fixture::start() + TimeDelta::days(431));
    let decided = &listed(world, &office).decisions[0];
    assert!(decided.id == merged && !decided.may_undo, "{decided:?}");
    assert_eq!(code(undo(world, &office, merged).await), "merge_over");
}

#[tokio::test(flavor = "multi_thread")]
async fn on_sqlite() {
    merged_and_parted(&World::sqlite()).await;
    ties::tied(&World::sqlite()).await;
    ties::services(&World::sqlite()).await;
    kept_apart(&World::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgresql() {
    for (name, number) in [("merging_a", 0), ("merging_b", 1), ("merging_c", 2), ("merging_d", 3)] {
        let Some(schema) = Schema::new(name) else {
            return;
        };
        let world = World::postgres(&schema.url());
        match number {
            0 => merged_and_parted(&world).await,
            1 => ties::tied(&world).await,
            2 => ties::services(&world).await,
            _ => kept_apart(&world).await,
        }
    }
}

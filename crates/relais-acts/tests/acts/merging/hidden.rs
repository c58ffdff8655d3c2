//! What is hidden is not found by its double, and stays where it is.

use relais_acts::commands::ShelterCode;
use relais_acts::directory::merging::What;
use relais_acts::refer;
use relais_fixture::{Places, SHELTER, World, id};
use relais_mechanism::Priority;
use relais_network::{NeedId, OrganisationId, ServiceId};
use relais_store::Tx;
use relais_store::rows::directory as rows;

use super::{code, double, listed, merge, side_by_side, undo};

/// The list, as bytes, but for its time.
fn as_read(world: &World, login: &str) -> String {
    let view = listed(world, &world.viewer(login));
    serde_json::to_string(&(view.rows, view.total, view.next, view.decisions)).expect("JSON")
}

/// A double of the shelter, and of what is hidden, published by mistake: the
/// finder says no more of it than where there is no shelter.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_hidden_is_found_by_its_double() {
    let lists: Vec<String> = [Places::Ordinary, Places::Hidden, Places::Open]
        .into_iter()
        .map(|places| {
            let world = World::sqlite();
            world.add_places(places);
            double(
                &world,
                "ATELIER",
                "TOURNESOL",
                "Maison Tournesol ABRI-SIKOTI",
                &[("S-TOURNESOL", "VTC.02")],
            );
            double(
                &world,
                "ATELIER",
                "PALMES-2",
                "Association des Palmes",
                &[("S-PALMES-2", "VTC.02")],
            );
            for hidden in [SHELTER, "S-ABRI", "S-MAISON", "S-CACHE"] {
                if places == Places::Hidden {
                    let what = if hidden == SHELTER {
                        What::Organisations
                    } else {
                        What::Services
                    };
                    let office = world.viewer("secretariat");
                    assert_eq!(
                        code(side_by_side(&world, &office, what, "TOURNESOL", hidden)),
                        "not_found"
                    );
                    assert_eq!(
                        code(side_by_side(&world, &office, what, "S-TOURNESOL", hidden)),
                        "not_found"
                    );
                }
            }
            as_read(&world, "secretariat")
        })
        .collect();
    assert_eq!(lists[0], lists[1], "with and without a shelter");
    // What was proposed is seen where there is nothing to hide.
    assert_ne!(lists[0], lists[2]);
}

/// An organisation without an account that hides something goes up in another:
/// what it hides stays with it, as it was, and is asked by its code as before; the
/// people of the other have no right to it.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_hidden_stays_where_it_is() {
    let world = World::sqlite();
    let (office, manager) = (world.viewer("secretariat"), world.viewer("gestionnaire"));
    double(
        &world,
        "ATELIER",
        "DOUBLE",
        "Atelier Aiguille-Claire",
        &[("D-COUTURE", "VTC.04"), ("D-SECRET", "GBV.03")],
    );
    let code = world.shelter_code("D-SECRET");
    let case = world
        .register(&manager, "Essai Abritée", 30)
        .await
        .expect("registered")
        .id;
    let need = world
        .need(&manager, case, "GBV.03", Priority::P2)
        .await
        .expect("a need")
        .id;
    let leads = async || {
        let given = ShelterCode { code: code.clone() };
        refer::view_by_code(&world.desk, &manager, NeedId(need), given).await
    };
    leads().await.expect("the code leads there");
    let row = || {
        let secret = ServiceId(id("D-SECRET"));
        let read = world
            .store()
            .read_blocking(move |tx: &mut Tx<'_>| rows::ServiceRecord::find(tx, secret));
        let row = read.expect("readable").expect("there");
        assert!(row.body.is_empty() && row.hidden.is_some());
        (row.organisation_id, row.version, row.hidden)
    };
    let before = row();
    let merged = merge(&world, &office, What::Organisations, ("ATELIER", "DOUBLE"), &[])
        .await
        .expect("merged");
    let network = world.desk.network();
    let secret = ServiceId(id("D-SECRET"));
    let atelier = OrganisationId(id("ATELIER"));
    assert_eq!(network.services[&ServiceId(id("D-COUTURE"))].organisation, atelier);
    assert!(!network.services_of(atelier).contains(&secret));
    assert!(network.directory.entry(secret).is_none());
    assert_eq!(row(), before, "nothing was written there");
    leads().await.expect("the code leads there as before");
    // Its own name stays what everybody knew: nothing tells that there is more.
    let decided = &listed(&world, &office).decisions;
    assert_eq!((decided.len(), decided[0].id), (1, merged));
    assert_eq!(decided[0].names[1], "Atelier Aiguille-Claire");
    undo(&world, &office, merged).await.expect("undone");
    assert_eq!(
        world.desk.network().services[&ServiceId(id("D-COUTURE"))].organisation,
        OrganisationId(id("DOUBLE"))
    );
    assert_eq!(row(), before);
}

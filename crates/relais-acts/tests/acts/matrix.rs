//! Who does what, where, and what is missing: what everybody may see, counted;
//! what was asked for, for the mechanism's office, nothing small of what is
//! restricted.

use relais_acts::ActError;
use relais_acts::directory::matrix::{self, MatrixAsked, MatrixFormat, MatrixView};
use relais_casework::calendar::local_date;
use relais_fixture::{Places, World};
use relais_mechanism::{DataClass, Priority};
use relais_network::matrix::{Cell, GapKind};
use relais_store::{StoreError, Tx, counters};
use uuid::Uuid;

async fn view(world: &World, login: &str, asked: MatrixAsked) -> Result<MatrixView, ActError> {
    let now = relais_fixture::start();
    matrix::with_demand(&world.desk, &world.viewer(login), asked, now).await
}

fn asked(set: impl FnOnce(&mut MatrixAsked)) -> MatrixAsked {
    let mut asked = MatrixAsked::default();
    set(&mut asked);
    asked
}

/// The cell of a category in an area.
fn cell(view: &MatrixView, category: &str, area: &str) -> Cell {
    let column = view.areas.iter().position(|a| a.code == area).expect("an area");
    let line = view.lines.iter().find(|l| l.category.code == category).expect("a line");
    line.line.areas[column]
}

fn count(world: &World, region: &str, group: &str, measure: &'static str, by: i64) {
    let (region, group) = (region.to_owned(), group.to_owned());
    world
        .store()
        .write_blocking(move |tx: &mut Tx<'_>| -> Result<(), StoreError> {
            counters::add(tx, &region, &group, measure, by)
        })
        .expect("counted");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_matrix_counts_what_everybody_may_see_and_nothing_that_hides() {
    let mut seen = Vec::new();
    for places in [Places::Ordinary, Places::Hidden, Places::Open] {
        let world = World::sqlite();
        world.add_places(places);
        let mut told = Vec::new();
        for region in [None, Some("CM005".to_owned())] {
            let view = view(&world, "gestionnaire", asked(|a| a.region = region)).await;
            told.push(serde_json::to_string(&view.expect("the matrix")).expect("JSON"));
        }
        let all = MatrixAsked::default();
        for format in MatrixFormat::ALL {
            let on = local_date(relais_fixture::start());
            let viewer = world.viewer("gestionnaire");
            let file = matrix::export(&world.desk, &viewer, &all, *format, on).expect("a file");
            told.push(format!("{:?}", file.bytes));
        }
        seen.push(told);
    }
    assert_eq!(seen[0], seen[1], "a shelter shows");
    // With nothing to hide they show: the comparison sees what is there.
    for (hidden, open) in seen[1].iter().zip(&seen[2]) {
        assert_ne!(hidden, open);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cell_counts_entries_and_organisations_where_they_stand_or_serve() {
    let world = World::sqlite();
    let all = view(&world, "gestionnaire", MatrixAsked::default())
        .await
        .expect("the matrix");
    assert_eq!((all.areas.len(), all.lines.len()), (10, 17));
    let training = cell(&all, "VTC", "CM005");
    assert_eq!((training.entries, training.organisations), (4, 4));
    assert_eq!(cell(&all, "MED", "CM006").entries, 2);
    assert_eq!(all.sum.all.entries, 6);
    // What no entry offers in a region is missing there.
    let health = all.gaps.iter().find(|g| g.category.code == "MED").expect("a gap");
    assert_eq!((health.kind, health.areas.len()), (GapKind::None, 9));
    assert!(health.areas.iter().all(|a| a.code != "CM006"));
    // One category alone, one dimension alone.
    let one = view(&world, "gestionnaire", asked(|a| a.category = Some("VTC".to_owned())));
    let one = one.await.expect("the matrix");
    assert_eq!((one.lines.len(), one.sum.all.entries), (1, 4));
    let economic = view(&world, "gestionnaire", asked(|a| a.dimension = Some("ECO".to_owned())));
    let economic = economic.await.expect("the matrix");
    assert!(economic.lines.len() > 1 && economic.lines.len() < 17 && economic.sum.all.entries == 4);

    for (field, wrong) in [
        ("by", asked(|a| a.by = Some("x".to_owned()))),
        ("target", asked(|a| a.target = Some("x".to_owned()))),
        ("dimension", asked(|a| a.dimension = Some("x".to_owned()))),
        ("category", asked(|a| a.category = Some("x".to_owned()))),
    ] {
        let refused = view(&world, "gestionnaire", wrong).await;
        assert!(
            matches!(&refused, Err(ActError::Invalid(wrong)) if wrong[0].field == field),
            "{field}: {refused:?}"
        );
    }
    let nowhere = view(&world, "gestionnaire", asked(|a| a.region = Some("CM099".to_owned()))).await;
    assert!(matches!(nowhere, Err(ActError::NotFound)), "{nowhere:?}");
}

/// So many needs of one case, the first of them referred.
async fn asked_for(world: &World, case: Uuid, kind: &str, (needs, referrals): (usize, usize), service: &str) {
    let manager = world.viewer("gestionnaire");
    for n in 0..needs {
        let need = world.need(&manager, case, kind, Priority::P3).await.expect("a need").id;
        if n < referrals {
            world.send(&manager, need, service).await.expect("sent");
        }
    }
}

/// What was asked for is the office's, in whole tens; a region's focal point reads
/// its own; a small count is nobody's, and what a case asked for that went into the
/// protected circuit.
pub(crate) async fn demand_is_told(world: &World) {
    let manager = world.viewer("gestionnaire");
    let mut cases = Vec::new();
    for name in ["Essai Ordinaire", "Essai Menacé"] {
        let case = world.register(&manager, name, 30).await.expect("registered").id;
        let classes = [DataClass::Identity, DataClass::Contact, DataClass::Skills];
        world.consent(&manager, case, &classes).await.expect("consented");
        cases.push(case);
    }
    let [ordinary, threatened] = cases[..] else {
        panic!("two cases");
    };
    asked_for(world, ordinary, "VTC.02", (14, 12), "S-COUTURE").await;
    // Nine are not told, of whatever group.
    asked_for(world, ordinary, "EMP.01", (9, 0), "").await;
    asked_for(world, ordinary, "PSS.02", (11, 0), "").await;
    asked_for(world, threatened, "VTC.02", (12, 11), "S-COUTURE").await;
    for (region, group, measure, by) in [
        ("CM005", "VTC", "needs_unmet", 2),
        ("CM005", "restricted", "needs_unmet", 9),
        ("CM006", "MED", "needs_unmet", 1),
        ("protected", "all", "needs_unmet", 50),
        ("CM005", "all", "cases_opened", 50),
    ] {
        count(world, region, group, measure, by);
    }
    for login in ["gestionnaire", "atelier", "administrateur"] {
        let view = view(world, login, MatrixAsked::default()).await.expect("the matrix");
        assert!(view.demand.is_none(), "{login}");
    }
    let told = |of: MatrixView| -> Vec<_> {
        let lines = of.demand.expect("the office's").lines.into_iter().map(|l| l.demand);
        lines
            .map(|d| (d.region, d.group, d.needs, d.referrals, d.unmet))
            .collect()
    };
    let line = |region: &str, group: &str, [needs, referrals, unmet]: [Option<u32>; 3]| {
        (region.to_owned(), group.to_owned(), needs, referrals, unmet)
    };
    let country = || view(world, "secretariat", MatrixAsked::default());
    let both = told(country().await.expect("the matrix"));
    assert_eq!(both[0], line("CM005", "VTC", [Some(20), Some(20), Some(2)]));
    world.protect(&manager, threatened).await.expect("chosen");
    let all = [
        line("CM005", "VTC", [Some(10), Some(10), Some(2)]),
        line("CM006", "MED", [None, None, Some(1)]),
        // Eleven are told as ten, nine and none are not.
        line("CM005", "restricted", [Some(10), None, None]),
    ];
    assert_eq!(told(country().await.expect("the matrix")), all);
    let region = view(world, "regional", MatrixAsked::default()).await;
    let region = told(region.expect("the matrix"));
    assert!(region.len() == 2 && region.iter().all(|l| l.0 == "CM005"), "{region:?}");
    // Of the region and the category that are looked at.
    let asked = asked(|a| a.category = Some("MED".to_owned()));
    let health = view(world, "secretariat", asked).await.expect("the matrix");
    assert_eq!(told(health).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn demand_is_the_offices_and_small_restricted_counts_are_nobodys() {
    demand_is_told(&World::sqlite()).await;
}

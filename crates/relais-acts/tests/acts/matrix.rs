//! Who does what, where, and what is missing: what everybody may see, counted;
//! what was asked for, for the mechanism's office, nothing small of what is
//! restricted.

use relais_acts::ActError;
use relais_acts::directory::matrix::{self, MatrixAsked, MatrixFormat, MatrixView};
use relais_casework::calendar::local_date;
use relais_fixture::{Places, World};
use relais_network::matrix::{Cell, GapKind};
use relais_store::{StoreError, Tx, counters};

async fn view(world: &World, login: &str, asked: MatrixAsked) -> Result<MatrixView, ActError> {
    let now = relais_fixture::start();
    matrix::view(&world.desk, &world.viewer(login), asked, now).await
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

/// What was asked for is told to nobody yet, the office included: it would tell
/// of the protected circuit.
pub(crate) async fn demand_is_kept(world: &World) {
    for (region, group, measure, by) in [
        ("CM005", "VTC", "needs_recorded", 14),
        ("CM005", "VTC", "referrals_sent", 12),
        ("CM005", "VTC", "needs_unmet", 2),
        ("CM005", "restricted", "needs_recorded", 11),
        ("CM005", "restricted", "needs_unmet", 9),
        ("CM006", "MED", "needs_unmet", 1),
        // A few are not told, whatever the group.
        ("CM006", "EMP", "needs_recorded", 9),
        ("CM006", "EMP", "referrals_sent", 9),
        ("protected", "all", "needs_unmet", 50),
        ("CM005", "all", "cases_opened", 50),
    ] {
        count(world, region, group, measure, by);
    }
    for login in ["gestionnaire", "atelier", "administrateur", "secretariat", "regional"] {
        let view = view(world, login, MatrixAsked::default()).await.expect("the matrix");
        assert!(view.demand.is_none(), "{login}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_asked_for_is_kept() {
    demand_is_kept(&World::sqlite()).await;
}

//! The short plan of a case: written by its team, read by nobody else, back in
//! the day when it is to be reviewed, silent once the case is over.

use chrono::{Days, TimeDelta};
use relais_acts::ending::{self, EndCase};
use relais_acts::plan::{self, WritePlan};
use relais_acts::reopening::{self, ReopenCase};
use relais_acts::{ActError, Viewer, case, day, work};
use relais_casework::calendar::local_date;
use relais_casework::plan::{Dimension, Goal, Plan, PlanStatus};
use relais_casework::referral::EndReason;
use relais_fixture::World;
use relais_mechanism::Priority;
use relais_network::{CaseId, NeedId};
use relais_store::{StoreError, Tx, params};
use uuid::Uuid;

use crate::help::now;

fn written(world: &World, need: Option<Uuid>) -> Plan {
    let today = local_date(now(world));
    Plan {
        wish: "Un atelier Xylophandre".to_owned(),
        goals: vec![Goal {
            goal: "Se former".to_owned(),
            dimension: Dimension::Economic,
            step: "S’inscrire".to_owned(),
            who: "La personne".to_owned(),
            by: today + Days::new(14),
            need: need.map(NeedId),
            done: false,
        }],
        status: PlanStatus::Agreed,
        review_on: today + Days::new(60),
        agreed: true,
    }
}

async fn write(world: &World, who: &Viewer, case: Uuid, version: i64, plan: Plan) -> Result<i64, ActError> {
    let id = world.new_id();
    let command = WritePlan { id, version, plan };
    let made = plan::write(&world.desk, who, CaseId(case), command).await?;
    Ok(made.version)
}

fn due(world: &World, case: Uuid) -> i64 {
    world
        .store()
        .read_blocking(move |tx: &mut Tx<'_>| -> Result<i64, StoreError> {
            let sql = "SELECT COUNT(*) AS n FROM due_work WHERE subject = $1";
            tx.query_built(sql, &params![case])?.first().expect("one row").get("n")
        })
        .expect("readable")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_team_writes_it_and_is_told_when_to_review_it() {
    let world = World::sqlite();
    let manager = world.viewer("gestionnaire");
    let made = world.register(&manager, "Ernestine Essai Nkodémo", 30).await;
    let case = made.expect("registered").id;
    let need = world
        .need(&manager, case, "VTC.02", Priority::P4)
        .await
        .expect("a need")
        .id;
    let empty = plan::view(&world.desk, &manager, CaseId(case)).await.expect("a page");
    assert!(empty.plan.is_none() && empty.version == 0 && empty.may_write && empty.needs.len() == 1);

    assert_eq!(
        write(&world, &manager, case, 0, written(&world, Some(need)))
            .await
            .expect("written"),
        1
    );
    let stale = write(&world, &manager, case, 0, written(&world, None)).await;
    assert!(
        matches!(stale, Err(ActError::Stale { base: 0, current: 1 })),
        "{stale:?}"
    );
    let foreign = write(&world, &manager, case, 1, written(&world, Some(world.new_id()))).await;
    assert!(
        matches!(&foreign, Err(ActError::Invalid(f)) if f[0].field == "goals.0.need"),
        "{foreign:?}"
    );
    let read = plan::view(&world.desk, &world.viewer("superviseur"), CaseId(case))
        .await
        .expect("read");
    assert_eq!(read.plan, Some(written(&world, Some(need))));
    for login in ["collegue", "autre", "atelier", "secretariat", "delegue"] {
        let got = plan::view(&world.desk, &world.viewer(login), CaseId(case)).await;
        assert!(matches!(got, Err(ActError::NotFound)), "{login}: {got:?}");
    }
    // Nothing of it lies in clear.
    let clear = world
        .store()
        .read_blocking(move |tx: &mut Tx<'_>| -> Result<Vec<u8>, StoreError> {
            let rows = tx.query_built("SELECT detail FROM case_plan WHERE case_id = $1", &params![case])?;
            rows[0].get("detail")
        });
    assert!(!String::from_utf8_lossy(&clear.expect("readable")).contains("Xylophandre"));

    assert!(
        day::my_day(&world.desk, &manager)
            .await
            .expect("a day")
            .plans
            .is_empty()
    );
    world.at(now(&world) + TimeDelta::days(61));
    work::once(&world.desk).expect("worked");
    let today = day::my_day(&world.desk, &manager).await.expect("a day");
    assert_eq!(
        today.plans.iter().map(|p| p.case_id).collect::<Vec<_>>(),
        [CaseId(case)]
    );
    let page = case::view(&world.desk, &manager, CaseId(case)).await.expect("seen");
    assert_eq!(page.history.iter().filter(|h| h.kind == "plan_review_due").count(), 1);
    // Two weeks later the supervisor is told.
    world.at(now(&world) + TimeDelta::days(14));
    work::once(&world.desk).expect("worked");
    let page = case::view(&world.desk, &manager, CaseId(case)).await.expect("seen");
    assert_eq!(page.history.iter().filter(|h| h.kind == "plan_review_late").count(), 1);
    let theirs = day::my_day(&world.desk, &world.viewer("superviseur"))
        .await
        .expect("a day");
    assert_eq!(theirs.plans.len(), 1);
    let again = Plan {
        status: PlanStatus::Revised,
        ..written(&world, None)
    };
    assert_eq!(write(&world, &manager, case, 1, again).await.expect("reviewed"), 2);
    assert!(
        day::my_day(&world.desk, &manager)
            .await
            .expect("a day")
            .plans
            .is_empty()
    );
    assert_eq!(due(&world, case), 2, "one review is due, the next, and its late step");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_the_case_silences_it() {
    let world = World::sqlite();
    let (manager, supervisor) = (world.viewer("gestionnaire"), world.viewer("superviseur"));
    let made = world.register(&manager, "Rosalie Essai Nkodémo", 41).await;
    let case = made.expect("registered").id;
    write(&world, &manager, case, 0, written(&world, None))
        .await
        .expect("written");
    assert_eq!(due(&world, case), 2);
    let view = case::view(&world.desk, &supervisor, CaseId(case)).await.expect("seen");
    let asked = EndCase {
        id: world.new_id(),
        version: view.version,
        reason: EndReason::Left,
        on: local_date(now(&world)),
        source: "Lettre".to_owned(),
    };
    ending::end(&world.desk, &supervisor, CaseId(case), asked)
        .await
        .expect("ended");
    assert_eq!(due(&world, case), 0);
    let read = plan::view(&world.desk, &manager, CaseId(case)).await.expect("read");
    assert!(read.plan.is_some() && !read.may_write);
    let late = write(&world, &manager, case, 1, written(&world, None)).await;
    assert!(matches!(late, Err(ActError::Forbidden { .. })), "{late:?}");
    world.at(now(&world) + TimeDelta::days(100));
    work::once(&world.desk).expect("worked");
    assert!(
        day::my_day(&world.desk, &manager)
            .await
            .expect("a day")
            .plans
            .is_empty()
    );

    // Reopened, the review that nobody could make is due, and not yet late.
    let view = case::view(&world.desk, &supervisor, CaseId(case)).await.expect("seen");
    let again = ReopenCase {
        id: world.new_id(),
        version: view.version,
        reason: "Elle est revenue".to_owned(),
        needs: Vec::new(),
    };
    reopening::reopen(&world.desk, &supervisor, CaseId(case), again)
        .await
        .expect("reopened");
    work::once(&world.desk).expect("worked");
    let told = async |kind: &str| {
        let page = case::view(&world.desk, &manager, CaseId(case)).await.expect("seen");
        page.history.iter().filter(|h| h.kind == kind).count()
    };
    assert_eq!((told("plan_review_due").await, told("plan_review_late").await), (1, 0));
    world.at(now(&world) + TimeDelta::days(15));
    work::once(&world.desk).expect("worked");
    assert_eq!((told("plan_review_due").await, told("plan_review_late").await), (1, 1));
}

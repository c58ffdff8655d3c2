//! What the clock and a provider's own answers do to its entries; a shelter's
//! are read by nobody.

use relais_acts::refer;
use relais_network::NeedId;

use super::*;

#[tokio::test]
async fn the_clock_reminds_then_doubts_and_a_confirmation_answers() {
    let world = World::sqlite();
    // Confirmed on 1 November: a training centre's holds 180 days, an association's 90.
    let at = |days| {
        world.at(start() + TimeDelta::days(days));
        work::once(&world.desk).expect("worked")
    };
    at(40);
    assert_eq!(notices(&world), []);
    at(60);
    let autre = OrganisationId(id("AUTRE"));
    assert_eq!(notices(&world), [("entry_remind".to_owned(), Some(autre))]);
    let provider = world.viewer("autre");
    assert_eq!(
        seen(&world, &provider, "S-COUTURE-2").await.row.standing,
        Standing::Soon
    );
    let care = relais_acts::day::inbox(&world.desk, &provider)
        .await
        .expect("seen")
        .entries;
    assert_eq!((care.to_confirm, care.doubtful, care.withheld), (1, 0, false));
    at(61);
    assert_eq!(notices(&world).len(), 1, "reminded once");
    at(80);
    assert_eq!(notices(&world)[1], ("entry_doubt".to_owned(), Some(autre)));
    let row = seen(&world, &provider, "S-COUTURE-2").await.row;
    assert_eq!(
        (row.status, row.doubts[0].cause),
        (PublicationStatus::Doubtful, DoubtCause::Overdue)
    );
    let unit = world.viewer("secretariat");
    let view = entries::moderation(&world.desk, &unit).await.expect("seen");
    assert_eq!((view.counts.doubtful, view.doubtful[0].id), (1, service("S-COUTURE-2")));
    at(81);
    assert_eq!(notices(&world).len(), 2, "doubted once");
    // A list that brings the entry again answers nothing.
    let network = world.desk.network();
    let mut listed = network.services[&service("S-COUTURE-2")].clone();
    (listed.status, listed.opening_hours) = (PublicationStatus::Published, "9 h".to_owned());
    listed.doubts.clear();
    let list = Entries {
        services: vec![listed],
        ..Entries::default()
    };
    put(world.store(), list, "essai", By::CommandLine).expect("put");
    let row = seen(&world, &provider, "S-COUTURE-2").await;
    assert_eq!(row.row.status, PublicationStatus::Doubtful);
    assert_eq!(
        (row.history[0].by, row.history[0].values[0].new.as_str()),
        (Author::List, "9 h")
    );
    confirm(&world, &provider, &["S-COUTURE-2"]).await.expect("confirmed");
    let row = seen(&world, &provider, "S-COUTURE-2").await.row;
    assert_eq!(
        (row.status, row.standing),
        (PublicationStatus::Published, Standing::Holds)
    );
    at(160);
    assert_eq!(
        seen(&world, &provider, "S-COUTURE-2").await.row.status,
        PublicationStatus::Published
    );
    // The others' hold longer.
    at(170);
    let all = entries::moderation(&world.desk, &unit).await.expect("seen");
    assert!(all.counts.doubtful >= 4, "{:?}", all.counts);
}

#[tokio::test]
async fn a_decline_speaks_against_its_line_unless_it_must_not_be_known() {
    let world = World::sqlite();
    let (manager, provider) = (world.viewer("gestionnaire"), world.viewer("atelier"));
    let decline = async |who: &Viewer, referral, code| {
        let command = ReferralCommand::Decline { code, suggested: None };
        world.give(who, referral, command).await.expect("declined");
    };
    let send = async |name: &str, kind: &str, code: &str| {
        let sent = world.referred(&manager, name, kind, Priority::P3, code).await;
        (sent.case, sent.referral.id)
    };
    let (_, first) = send("Essai Papiers", "VTC.02", "S-COUTURE").await;
    decline(&provider, first, DeclineCode::PapersMissing).await;
    assert_eq!(seen(&world, &provider, "S-COUTURE").await.row.doubts, []);
    let (_, second) = send("Essai Zone", "VTC.02", "S-COUTURE").await;
    decline(&provider, second, DeclineCode::OutsideArea).await;
    let entry = seen(&world, &provider, "S-COUTURE").await;
    assert_eq!(entry.row.doubts[0].line, Some(Line::ServedArea));
    let doubtful: Vec<_> = entry.lines.iter().filter(|l| l.doubtful).map(|l| l.line).collect();
    assert_eq!(doubtful, [Line::ServedArea]);
    assert_eq!(
        (entry.history[0].by, entry.history[0].by_name.as_str()),
        (Author::Evidence, "")
    );
    confirm(&world, &provider, &["S-COUTURE"]).await.expect("confirmed");
    // Whoever says that it is full declines truly.
    let version = seen(&world, &provider, "S-COUTURE").await.row.version;
    let full = SetCapacity {
        id: world.new_id(),
        version,
        available: 0,
        per_month: None,
    };
    entries::capacity(&world.desk, &provider, service("S-COUTURE"), full)
        .await
        .expect("stated");
    let (_, third) = send("Essai Complet", "VTC.02", "S-COUTURE").await;
    decline(&provider, third, DeclineCode::NoCapacity).await;
    assert_eq!(seen(&world, &provider, "S-COUTURE").await.row.doubts, []);
    // The protected circuit leaves no trace, nor does a need above S3.
    let (case, fourth) = send("Essai Protégé", "VTC.02", "S-COUTURE").await;
    let view = relais_acts::protection::view(&world.desk, &manager, CaseId(case))
        .await
        .expect("seen");
    let protect = SetProtection {
        id: world.new_id(),
        version: view.version,
        protected: true,
        person_agrees: true,
    };
    relais_acts::protection::set(&world.desk, &manager, CaseId(case), protect)
        .await
        .expect("protected");
    decline(&provider, fourth, DeclineCode::NotEligible).await;
    assert_eq!(seen(&world, &provider, "S-COUTURE").await.row.doubts, []);
    let (_, fifth) = send("Essai Soins", "MED.03", "S-SOINS").await;
    let hospital = world.viewer("hopital");
    decline(&hospital, fifth, DeclineCode::ServiceEnded).await;
    assert_eq!(
        seen(&world, &hospital, "S-SOINS").await.row.doubts,
        [],
        "a doubt would tell the need"
    );
}

#[tokio::test]
async fn who_keeps_silent_is_no_longer_offered_until_it_answers_or_confirms() {
    let world = World::sqlite();
    let manager = world.viewer("gestionnaire");
    let (provider, unit) = (world.viewer("atelier"), world.viewer("secretariat"));
    let mut day = 0;
    let mut unanswered = async |n: usize| {
        for _ in 0..n {
            day += 30;
            world
                .referred(
                    &manager,
                    &format!("Essai Silence {day}"),
                    "VTC.02",
                    Priority::P3,
                    "S-COUTURE",
                )
                .await;
            world.at(start() + TimeDelta::days(day));
            work::once(&world.desk).expect("worked");
            world.desk.refresh().expect("refreshed");
        }
    };
    unanswered(2).await;
    assert!(ids(&found(&world, "VTC.02")).contains(&service("S-COUTURE")));
    unanswered(1).await;
    assert!(!ids(&found(&world, "VTC.02")).contains(&service("S-COUTURE")));
    // Whoever looks for it reads why it is not there.
    let missed = async |name: &str| {
        let case = world.register(&manager, name, 30).await.expect("registered").id;
        let need = world.need(&manager, case, "VTC.02", Priority::P3).await.expect("added");
        let view = refer::view(&world.desk, &manager, NeedId(need.id), None, None).await;
        view.expect("seen").excluded
    };
    let out = missed("Essai Absent").await;
    let silent = out.iter().find(|e| e.name == "Formation en couture").expect("named");
    assert!(silent.why.contains("sans réponse"), "{silent:?}");
    let own = entries::list(&world.desk, &provider).await.expect("its own");
    assert_eq!(own.withheld.as_ref().expect("told").unanswered, 3);
    let told: Vec<_> = notices(&world)
        .into_iter()
        .filter(|(kind, _)| kind == "entry_withheld")
        .collect();
    assert_eq!(told.len(), 2, "the provider and the unit");
    let silent = entries::moderation(&world.desk, &unit).await.expect("seen").withheld;
    assert_eq!(silent[0].organisation_id, OrganisationId(id("ATELIER")));
    assert!(
        world
            .desk
            .network()
            .name(OrganisationId(id("ATELIER")), relais_mechanism::Lang::Fr)
            != "–"
    );
    confirm(&world, &provider, &["S-COUTURE"]).await.expect("confirmed");
    assert!(ids(&found(&world, "VTC.02")).contains(&service("S-COUTURE")));
    let out = missed("Essai Retrouvé").await;
    assert!(out.iter().all(|e| e.name != "Formation en couture"), "{out:?}");
    assert_eq!(
        entries::list(&world.desk, &provider).await.expect("its own").withheld,
        None
    );
}

#[tokio::test]
async fn nothing_of_a_shelter_is_read_by_the_unit_nor_at_rest() {
    let world = World::sqlite();
    let shown = |view: &entries::Moderation| serde_json::to_string(view).expect("JSON");
    world.add_places(Places::Hidden);
    let (shelter, mixed, unit) = (world.viewer("abri"), world.viewer("mixte"), world.viewer("secretariat"));
    assert!(seen(&world, &shelter, "S-ABRI").await.confidential);
    for code in ["S-ABRI", "S-MAISON", "S-CACHE"] {
        let tried = entries::view(&world.desk, &unit, service(code)).await;
        assert!(matches!(tried, Err(ActError::NotFound)), "{code}");
    }
    assert!(
        entries::view(&world.desk, &unit, service("S-PALMES")).await.is_ok(),
        "what is open is read"
    );
    let hours = |hours: &str| ChangeEntry {
        opening_hours: Some(hours.to_owned()),
        ..ChangeEntry::default()
    };
    change(&world, &shelter, "S-ABRI", hours("Sonner Zygomandre"))
        .await
        .expect("changed");
    change(&world, &mixed, "S-PALMES", hours("Porte Zygomandre"))
        .await
        .expect("changed");
    let cost = ChangeEntry {
        cost: Some(Cost::Paid),
        ..ChangeEntry::default()
    };
    assert_eq!(
        refused(change(&world, &shelter, "S-ABRI", cost.clone()).await),
        "entry_confidential"
    );
    change(&world, &mixed, "S-PALMES", cost).await.expect("waits, sealed");
    let view = entries::moderation(&world.desk, &unit).await.expect("seen");
    assert_eq!(view.waiting.len(), 1);
    confirm(&world, &shelter, &["S-ABRI"]).await.expect("confirmed");
    world.at(start() + TimeDelta::days(200));
    work::once(&world.desk).expect("worked");
    let row = seen(&world, &shelter, "S-ABRI").await.row;
    assert_eq!(row.status, PublicationStatus::Doubtful, "its own staff are told");
    let view = shown(&entries::moderation(&world.desk, &unit).await.expect("seen"));
    for telling in relais_fixture::TELLING {
        assert!(!view.contains(telling), "{telling}");
    }
    // By its code it is asked all the same: a doubt about an entry shuts no door.
    let code = world.shelter_code("S-ABRI");
    assert!(!code.is_empty());
    let mechanism = world.desk.mechanism();
    let open = relais_acts::shelter::list(world.store(), &mechanism, relais_mechanism::Lang::Fr).expect("listed");
    assert!(
        open.iter()
            .any(|c| c.code.replace(' ', "") == code && c.status == "doubtful")
    );
    let clear = world
        .store()
        .read_blocking(|tx: &mut Tx<'_>| -> Result<Vec<String>, StoreError> {
            let rows = tx.query_built("SELECT body FROM entry_change", &[])?;
            rows.iter().map(|r| r.get("body")).collect()
        })
        .expect("readable");
    assert!(clear.len() >= 4);
    assert!(clear.iter().all(|body| !body.contains("Zygomandre")), "sealed at rest");
}

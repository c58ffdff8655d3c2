//! What an organisation must have signed before its entries are published, who
//! notes it, and that an emergency waits for none of it.

use relais_acts::commands::SendReferral;
use relais_acts::entries::safeguards::{self, NoteSafeguards, Paper, PublishHeld, SafeguardsView};
use relais_acts::refer;
use relais_mechanism::DataClass;
use relais_network::agreement::CoverageState;
use relais_network::gate::Lack;
use relais_network::service::Target;
use relais_network::{Missing, NeedId, Safeguard, Safeguards};

use super::*;

/// An organisation that signed nothing, with what it offers, each entry checked and
/// not published yet.
fn add(world: &World, code: &str, parent: Option<&str>, offers: &[(&str, &str, &[Target])]) {
    let network = world.desk.network();
    let mut new = network.organisations[&OrganisationId(id("AUTRE"))].clone();
    (new.id, new.code) = (OrganisationId(id(code)), code.to_owned());
    new.name = Label::of(code, code);
    new.parent = parent.map(|p| OrganisationId(id(p)));
    new.safeguards = Safeguards::default();
    let mut place = network.places[&relais_network::PlaceId(id("P-AUTRE"))].clone();
    (place.id, place.organisation) = (relais_network::PlaceId(id(&format!("P-{code}"))), new.id);
    let services = offers.iter().map(|(service, kind, targets)| {
        let mut made = network.services[&ServiceId(id("S-COUTURE-2"))].clone();
        (made.id, made.organisation, made.place) = (ServiceId(id(service)), new.id, place.id);
        made.name = Label::of(service, service);
        made.service_type = (*kind).to_owned();
        made.targets = targets.to_vec();
        made.status = PublicationStatus::Checked;
        made
    });
    let entries = Entries {
        services: services.collect(),
        places: vec![place.clone()],
        organisations: vec![(new.clone(), None)],
        ..Entries::default()
    };
    put(world.store(), entries, "essai", By::CommandLine).expect("put");
    world.desk.refresh().expect("refreshed");
}

async fn papers(world: &World, who: &Viewer, code: &str) -> Result<SafeguardsView, ActError> {
    safeguards::view(&world.desk, who, OrganisationId(id(code))).await
}

async fn note(world: &World, who: &Viewer, code: &str, papers_: Vec<Paper>) -> Result<(), ActError> {
    let secretariat = world.viewer("secretariat");
    let version = papers(world, &secretariat, code).await.map_or(1, |v| v.version);
    let command = NoteSafeguards {
        id: world.new_id(),
        version,
        papers: papers_,
    };
    safeguards::record(&world.desk, who, OrganisationId(id(code)), command)
        .await
        .map(drop)
}

fn day(text: &str) -> Option<NaiveDate> {
    Some(text.parse().expect("a day"))
}

fn paper(safeguard: Safeguard, on: Option<NaiveDate>) -> Paper {
    Paper {
        safeguard,
        on,
        until: None,
        withdrawn_on: None,
        paper: "Lettre 0142/SG".to_owned(),
    }
}

fn conduct() -> Paper {
    paper(Safeguard::ConductAndPsea, day("2026-11-02"))
}

#[tokio::test]
async fn an_entry_is_published_once_its_organisation_has_signed() {
    let world = World::sqlite();
    let (unit, provider) = (world.viewer("secretariat"), world.viewer("atelier"));
    add(
        &world,
        "NEUVE",
        None,
        &[("S-NEUVE", "VTC.02", &[]), ("S-ENFANTS", "VTC.02", &[Target::Children])],
    );
    let entry = seen(&world, &unit, "S-NEUVE").await;
    assert_eq!(entry.row.missing, [Missing::ConductUnsigned]);
    assert!(
        !entry.steps.contains(&LifeAct::Publish),
        "what is missing is said instead"
    );
    let refused_ = step(&world, &unit, "S-NEUVE", LifeAct::Publish, "").await;
    match refused_ {
        Err(ActError::Refused { code, why, remedy }) => {
            assert_eq!(code, "safeguards_missing");
            assert!(why.fr.contains("code de conduite") && why.en.contains("code of conduct"));
            assert!(!remedy.fr.is_empty() && !remedy.en.is_empty());
        }
        other => panic!("published: {other:?}"),
    }
    let unsigned = entries::moderation(&world.desk, &unit).await.expect("seen");
    let row = unsigned
        .unsigned
        .iter()
        .find(|u| u.name == "NEUVE")
        .expect("it is to sign");
    assert_eq!((row.waiting, row.exposed), (2, 0));
    assert_eq!((unsigned.counts.unsigned, unsigned.counts.exposed), (2, 0));

    note(&world, &unit, "NEUVE", vec![conduct()]).await.expect("noted");
    assert_eq!(
        refused(note(&world, &unit, "NEUVE", vec![conduct()]).await),
        "safeguards_unchanged"
    );
    step(&world, &unit, "S-NEUVE", LifeAct::Publish, "")
        .await
        .expect("published");
    assert!(ids(&found(&world, "VTC.02")).contains(&service("S-NEUVE")));
    let (name, _) = seen(&world, &unit, "S-NEUVE")
        .await
        .checked
        .expect("somebody answers for it");
    assert_eq!(name, "Exercice secretariat");
    // A service for children asks for one more.
    let entry = seen(&world, &unit, "S-ENFANTS").await;
    assert_eq!(entry.row.missing, [Missing::ChildUnsigned]);
    assert_eq!(
        refused(step(&world, &unit, "S-ENFANTS", LifeAct::Publish, "").await),
        "safeguards_missing"
    );
    let child = paper(Safeguard::ChildSafeguarding, day("2026-11-03"));
    note(&world, &unit, "NEUVE", vec![child]).await.expect("noted");
    step(&world, &unit, "S-ENFANTS", LifeAct::Publish, "")
        .await
        .expect("published");

    // What was noted is kept with old and new, for the unit alone.
    let view = papers(&world, &unit, "NEUVE").await.expect("seen");
    assert_eq!(view.history.len(), 2);
    assert_eq!(view.history[0].values[0].old, "");
    assert_eq!(view.history[0].values[0].new, "signé le 03/11/2026, Lettre 0142/SG");
    assert_eq!(view.papers[0].own.as_ref().expect("signed").paper, "Lettre 0142/SG");
    for login in ["atelier", "autre", "gestionnaire", "administrateur"] {
        let who = world.viewer(login);
        assert!(
            matches!(papers(&world, &who, "NEUVE").await, Err(ActError::NotFound)),
            "{login}"
        );
        let tried = note(&world, &who, "NEUVE", vec![conduct()]).await;
        assert!(matches!(tried, Err(ActError::NotFound)), "{login}");
    }
    let own = serde_json::to_string(&entries::list(&world.desk, &provider).await.expect("its own")).expect("written");
    assert!(own.contains("S-COUTURE") || own.contains("couture"), "{own}");
    assert!(
        !own.contains("Engagement d’exercice"),
        "not even the provider reads the paper"
    );
}

#[tokio::test]
async fn what_is_withdrawn_leaves_the_entry_offered_and_the_unit_told() {
    let world = World::sqlite();
    let unit = world.viewer("regional");
    let gone = Paper {
        withdrawn_on: day("2026-11-20"),
        ..conduct()
    };
    note(&world, &unit, "ATELIER", vec![gone]).await.expect("noted");
    assert!(
        ids(&found(&world, "VTC.02")).contains(&service("S-COUTURE")),
        "it does not vanish"
    );
    let moderation = entries::moderation(&world.desk, &unit).await.expect("seen");
    let row = &moderation.unsigned[0];
    assert_eq!(row.organisation, OrganisationId(id("ATELIER")));
    assert_eq!((row.waiting, row.exposed, moderation.counts.exposed), (0, 1, 1));
    assert_eq!(
        row.missing.iter().copied().collect::<Vec<_>>(),
        [Missing::ConductWithdrawn]
    );
    let view = papers(&world, &unit, "ATELIER").await.expect("seen");
    assert_eq!(view.papers[0].lack, Some(Lack::Withdrawn));
    assert_eq!(view.exposed_rows.len(), 1);
    // Its provider reads it, and confirming lifts nothing of it.
    let provider = world.viewer("atelier");
    confirm(&world, &provider, &["S-COUTURE"]).await.expect("confirmed");
    let own = entries::list(&world.desk, &provider).await.expect("its own");
    assert_eq!(own.rows[0].missing, [Missing::ConductWithdrawn]);
    // Out of the archive it does not come back without.
    step(&world, &unit, "S-COUTURE", LifeAct::Archive, "Fermé.")
        .await
        .expect("archived");
    step(&world, &unit, "S-COUTURE", LifeAct::Restore, "")
        .await
        .expect("restored");
    assert_eq!(
        refused(step(&world, &unit, "S-COUTURE", LifeAct::Publish, "").await),
        "safeguards_missing"
    );
}

#[tokio::test]
async fn a_tutelles_signature_covers_and_publishes_what_a_list_brought() {
    let world = World::sqlite();
    let unit = world.viewer("secretariat");
    add(&world, "TUTELLE", None, &[]);
    add(
        &world,
        "ANTENNE",
        Some("TUTELLE"),
        &[("S-UNE", "VTC.02", &[]), ("S-DEUX", "VTC.02", &[])],
    );
    let network = world.desk.network();
    let mut held = network.services[&service("S-UNE")].clone();
    held.held = true;
    let entries_ = Entries {
        services: vec![held],
        ..Entries::default()
    };
    put(world.store(), entries_, "essai", By::CommandLine).expect("put");
    world.desk.refresh().expect("refreshed");
    let publish = |who: &Viewer| {
        let (who, command) = (who.clone(), PublishHeld { id: world.new_id() });
        let desk = world.desk.clone();
        async move {
            safeguards::publish(&desk, &who, OrganisationId(id("TUTELLE")), command)
                .await
                .map(drop)
        }
    };
    assert_eq!(refused(publish(&unit).await), "nothing_held");
    // The tutelle is to sign, not its branch.
    let moderation = entries::moderation(&world.desk, &unit).await.expect("seen");
    assert_eq!(moderation.unsigned[0].name, "TUTELLE");
    note(&world, &unit, "TUTELLE", vec![conduct()]).await.expect("noted");
    let view = papers(&world, &unit, "ANTENNE").await.expect("seen");
    assert_eq!(view.papers[0].through.as_deref(), Some("TUTELLE"));
    assert_eq!((view.papers[0].own.as_ref(), view.ready), (None, 1));
    publish(&unit).await.expect("published");
    let offered = ids(&found(&world, "VTC.02"));
    assert!(offered.contains(&service("S-UNE")));
    assert!(
        !offered.contains(&service("S-DEUX")),
        "the unit’s own decision waits for the unit"
    );
    let history = seen(&world, &unit, "S-UNE").await.history;
    assert_eq!((history[0].kind.as_str(), history[0].by), ("publish", Author::Office));
    assert_eq!(refused(publish(&unit).await), "nothing_held");
    let elsewhere = world.viewer("atelier");
    assert!(matches!(publish(&elsewhere).await, Err(ActError::NotFound)));
}

#[tokio::test]
async fn papers_are_noted_as_they_are_and_mistakes_are_told_together() {
    let world = World::sqlite();
    let unit = world.viewer("secretariat");
    let wrong = vec![
        Paper {
            until: day("2026-10-01"),
            withdrawn_on: day("2026-10-02"),
            ..conduct()
        },
        paper(Safeguard::ChildSafeguarding, day("2026-12-24")),
    ];
    let fields = |result: Result<(), ActError>| match result {
        Err(ActError::Invalid(fields)) => fields.into_iter().map(|f| (f.field, f.code)).collect::<Vec<_>>(),
        other => panic!("not wrong: {other:?}"),
    };
    let told = fields(note(&world, &unit, "ATELIER", wrong).await);
    let expected = [
        ("conduct_and_psea_until", "before_from"),
        ("conduct_and_psea_withdrawn_on", "before_from"),
        ("child_safeguarding_on", "in_future"),
    ];
    assert_eq!(
        told.iter().map(|(f, c)| (f.as_str(), c.as_str())).collect::<Vec<_>>(),
        expected
    );
    let told = fields(note(&world, &unit, "ATELIER", vec![paper(Safeguard::ConductAndPsea, None)]).await);
    assert_eq!(told, [("conduct_and_psea_on".to_owned(), "required".to_owned())]);
    // Noted by mistake: taken off, and told in the history.
    let none = Paper {
        paper: String::new(),
        ..paper(Safeguard::ConductAndPsea, None)
    };
    note(&world, &unit, "ATELIER", vec![none]).await.expect("taken off");
    let view = papers(&world, &unit, "ATELIER").await.expect("seen");
    assert_eq!(
        (view.papers[0].own.as_ref(), view.papers[0].lack),
        (None, Some(Lack::Unsigned))
    );
    assert_eq!(view.history[0].values[0].new, "");
    // Each unit notes what lies in its regions.
    let regional = world.viewer("regional");
    let hospital = note(&world, &regional, "HOPITAL", vec![conduct()]).await;
    assert!(
        matches!(hospital, Err(ActError::NotFound)),
        "another region: {hospital:?}"
    );
    assert!(!papers(&world, &regional, "HOPITAL").await.expect("seen").may_note);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emergency_waits_for_no_signature_and_anything_else_does() {
    let world = World::sqlite();
    let manager = world.viewer("gestionnaire");
    add(&world, "NEUVE", None, &[("S-NEUVE", "VTC.02", &[])]);
    let case = world
        .register(&manager, "Essai Urgente", 30)
        .await
        .expect("registered")
        .id;
    world
        .consent(&manager, case, &[DataClass::Skills])
        .await
        .expect("consented");
    for (priority, offered) in [
        (Priority::P1, true),
        (Priority::P2, false),
        (Priority::P3, false),
        (Priority::P4, false),
    ] {
        let need = world.need(&manager, case, "VTC.02", priority).await.expect("a need").id;
        let page = refer::view(&world.desk, &manager, NeedId(need), Some(service("S-NEUVE")), None)
            .await
            .expect("a page");
        let proposed = page.proposals.iter().find(|p| p.id == service("S-NEUVE"));
        assert_eq!(proposed.is_some(), offered, "{priority}");
        assert_eq!(page.preview.is_some(), offered, "{priority}");
        if let Some(proposed) = proposed {
            let (kind, says) = &proposed.reasons[0];
            assert_eq!(*kind, "care");
            assert!(
                says.starts_with("Pas encore publiée") && says.contains("non signés"),
                "{says}"
            );
            assert_eq!(
                page.proposals.last().map(|p| p.id),
                Some(service("S-NEUVE")),
                "after what is published"
            );
        }
        let sending = SendReferral {
            stays_with: "Essai".to_owned(),
            interim: "Essai".to_owned(),
            ..relais_fixture::sending(world.new_id(), "S-NEUVE")
        };
        let sent = refer::send(&world.desk, &manager, NeedId(need), sending).await;
        assert_eq!(sent.is_ok(), offered, "{priority}: {sent:?}");
    }
    assert!(
        !ids(&found(&world, "VTC.02")).contains(&service("S-NEUVE")),
        "no search finds it"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emergency_finds_nothing_confidential_proposed_or_archived() {
    let world = World::sqlite();
    let manager = world.viewer("gestionnaire");
    add(
        &world,
        "NEUVE",
        None,
        &[("S-A", "VTC.02", &[]), ("S-B", "VTC.02", &[]), ("S-C", "VTC.02", &[])],
    );
    let network = world.desk.network();
    let of = |code: &str| network.services[&service(code)].clone();
    let mut changed = vec![of("S-A"), of("S-B"), of("S-C")];
    changed[0].confidential = true;
    changed[1].status = PublicationStatus::Proposed;
    changed[2].status = PublicationStatus::Archived;
    let entries_ = Entries {
        services: changed,
        ..Entries::default()
    };
    put(world.store(), entries_, "essai", By::CommandLine).expect("put");
    world.desk.refresh().expect("refreshed");
    let case = world
        .register(&manager, "Essai Urgente", 30)
        .await
        .expect("registered")
        .id;
    world
        .consent(&manager, case, &[DataClass::Skills])
        .await
        .expect("consented");
    let need = NeedId(
        world
            .need(&manager, case, "VTC.02", Priority::P1)
            .await
            .expect("a need")
            .id,
    );
    for code in ["S-A", "S-B", "S-C"] {
        let page = refer::view(&world.desk, &manager, need, Some(service(code)), None)
            .await
            .expect("a page");
        assert!(page.proposals.iter().all(|p| p.id != service(code)), "{code}");
        assert!(page.preview.is_none(), "{code}");
        let sent = refer::send(
            &world.desk,
            &manager,
            need,
            relais_fixture::sending(world.new_id(), code),
        )
        .await;
        assert!(sent.is_err(), "{code}");
    }
}

/// F6.42 is the agreement: without one nothing of S3 goes in the ordinary regime,
/// whatever else is signed; with one it goes. The page says the same.
#[tokio::test(flavor = "multi_thread")]
async fn data_safeguards_before_s3_are_the_agreement_in_force() {
    let world = World::sqlite();
    let (manager, unit) = (world.viewer("gestionnaire"), world.viewer("secretariat"));
    let before = papers(&world, &unit, "SANSACCORD").await.expect("seen");
    assert!(before.papers.iter().all(|p| p.lack.is_none()), "all else is signed");
    assert_eq!(before.agreement.state, CoverageState::None);
    let case = world
        .register(&manager, "Essai Données", 30)
        .await
        .expect("registered")
        .id;
    world
        .consent(&manager, case, &[DataClass::Skills])
        .await
        .expect("consented");
    let need = world
        .need(&manager, case, "VTC.02", Priority::P4)
        .await
        .expect("a need")
        .id;
    let refused_ = world.send(&manager, need, "S-METIERS").await.map(drop);
    assert_eq!(refused(refused_), "no_agreement");
    let undertaking = relais_acts::agreements::NewAgreement {
        reference: "ENG-METIERS".to_owned(),
        kind: relais_network::agreement::AgreementKind::Eng,
        parties: vec![("SANSACCORD".to_owned(), day("2026-01-01").expect("a day"))],
        classes: relais_mechanism::ClassSet::all(),
        purposes: [relais_mechanism::Purpose::Refer, relais_mechanism::Purpose::Deliver].into(),
        max_sensitivity: relais_mechanism::Sensitivity::S3,
        until: None,
    };
    relais_acts::agreements::add(world.store(), undertaking, By::CommandLine).expect("signed");
    world.desk.refresh().expect("refreshed");
    let after = papers(&world, &unit, "SANSACCORD").await.expect("seen");
    assert_eq!(after.agreement.state, CoverageState::InForce);
    assert_eq!(after.agreement.reference, "ENG-METIERS");
    world.send(&manager, need, "S-METIERS").await.expect("sent");
}

#[tokio::test]
async fn an_organisation_known_for_nothing_but_a_shelter_does_not_exist_here() {
    let world = World::sqlite();
    world.add_places(Places::Hidden);
    let unit = world.viewer("secretariat");
    let shelter = papers(&world, &unit, relais_fixture::SHELTER).await;
    assert!(matches!(shelter, Err(ActError::NotFound)));
    let tried = note(&world, &unit, relais_fixture::SHELTER, vec![conduct()]).await;
    assert!(matches!(tried, Err(ActError::NotFound)));
    // One that hides a part of what it offers shows the rest of it alone.
    let gone = Paper {
        withdrawn_on: day("2026-11-20"),
        ..conduct()
    };
    note(&world, &unit, relais_fixture::MIXED, vec![gone])
        .await
        .expect("noted");
    let mixed = papers(&world, &unit, relais_fixture::MIXED).await.expect("seen");
    assert_eq!(
        (mixed.exposed, mixed.waiting),
        (1, 0),
        "of three that are published, the one that is found"
    );
    assert_eq!(mixed.exposed_rows[0].id, service("S-PALMES"));
    let moderation = entries::moderation(&world.desk, &unit).await.expect("seen");
    assert_eq!((moderation.counts.exposed, moderation.unsigned[0].exposed), (1, 1));
}

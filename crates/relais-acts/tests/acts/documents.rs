//! What documents say of the deployment, to whom: nothing that lies sealed, no register
//! and no figure that is not the reader's, of each provider its own contribution.

use relais_acts::Viewer;
use relais_acts::documents::{LiveAsked, live, live_for_operator, workbook};
use relais_acts::registers::{self, AddLine, typed};
use relais_documents::{Live, build_with};
use relais_fixture::World;
use relais_mechanism::{DataClass, Lang, Priority};
use uuid::Uuid;

use crate::help::accept;

const SEALED: &str = "Xylophandre";

fn asked(code: &str) -> LiveAsked {
    LiveAsked {
        code: code.to_owned(),
        lang: Lang::Fr,
        of: None,
        site: String::new(),
    }
}

async fn read(world: &World, login: &str, code: &str) -> Live {
    let viewer = world.viewer(login);
    live(&world.desk, &viewer, asked(code)).await.expect("readable")
}

async fn add(world: &World, who: &Viewer, register: &str, said: &[(&str, &str)]) -> Uuid {
    let command = AddLine {
        id: world.new_id(),
        values: typed(said.iter().copied()),
        state: None,
    };
    let made = registers::add(&world.desk, who, register.to_owned(), command).await;
    made.expect("added").id
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lies_sealed_is_in_no_document_and_each_reads_the_registers_that_are_theirs() {
    let world = World::sqlite();
    let office = world.viewer("secretariat");
    let interview = [
        ("informant", SEALED),
        ("group", "GOV"),
        ("confidentiality", "anonymous"),
        ("consent", "given"),
        ("notes", SEALED),
    ];
    add(&world, &office, "interview", &interview).await;
    let body = add(
        &world,
        &office,
        "body",
        &[("name", "Comité d’essai"), ("kind", "committee")],
    )
    .await;
    let seat = [
        ("body", body.to_string()),
        ("name", "Titulaire d’essai".to_owned()),
        ("organisation", "Institution d’essai".to_owned()),
        ("sector", "government".to_owned()),
        ("seat", "chair".to_owned()),
    ];
    let seat: Vec<(&str, &str)> = seat.iter().map(|(field, text)| (*field, text.as_str())).collect();
    add(&world, &office, "member", &seat).await;
    let decision = [
        ("text", "Publier l’annuaire"),
        ("owner", "Secrétariat"),
        ("due", "20/11/2026"),
    ];
    add(&world, &office, "decision", &decision).await;

    let operator = live_for_operator(&world.desk, asked("DOC02")).expect("readable");
    for (live, sees_members) in [
        (read(&world, "gestionnaire", "DOC02").await, false),
        (read(&world, "secretariat", "DOC02").await, true),
        (operator, true),
    ] {
        assert!(!live.registers.contains_key("interview"));
        assert!(!format!("{live:?}").contains(SEALED));
        assert_eq!(live.registers.contains_key("member"), sees_members);
        assert_eq!(live.registers["decision"].len(), 1);
        assert_eq!(live.figures.is_empty(), !sees_members, "figures are the office’s");
    }
    // On paper: a title for the link, the day that passed, and the seat for the office alone.
    let mechanism = world.desk.mechanism();
    let paper = |live: &Live| {
        let document = build_with(&mechanism, live, "DOC15", Lang::Fr).expect("renders");
        relais_documents::html::page(&document)
    };
    let (theirs, own) = (
        paper(&read(&world, "gestionnaire", "DOC15").await),
        paper(&read(&world, "secretariat", "DOC15").await),
    );
    assert!(theirs.contains("Publier l’annuaire") && theirs.contains("20/11/2026"));
    assert!(!theirs.contains("Titulaire d’essai"));
    assert!(own.contains("Titulaire d’essai") && own.contains("Comité d’essai"));
    // A document that says nothing of the deployment is given nothing.
    assert!(read(&world, "secretariat", "DOC10").await.registers.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_reads_its_own_contribution_and_the_office_the_figures() {
    let world = World::sqlite();
    let (manager, workshop) = (world.viewer("gestionnaire"), world.viewer("atelier"));
    let case = world
        .register(&manager, "Essai Contribution", 33)
        .await
        .expect("registered")
        .id;
    let classes = [DataClass::Identity, DataClass::Contact, DataClass::Skills];
    world.consent(&manager, case, &classes).await.expect("consented");
    let need = world
        .need(&manager, case, "VTC.02", Priority::P3)
        .await
        .expect("a need")
        .id;
    let sent = world.send(&manager, need, "S-COUTURE").await.expect("sent").id;
    world.give(&workshop, sent, accept()).await.expect("accepted");

    let own = read(&world, "atelier", "DOC18").await.contribution.expect("its own");
    assert_eq!((own.received, own.answered, own.in_time, own.served), (1, 1, 1, 0));
    assert_eq!(own.regions.len(), 1);
    let other = read(&world, "hopital", "DOC18").await.contribution.expect("its own");
    assert_eq!(other.received, 0);
    assert_eq!(read(&world, "gestionnaire", "DOC18").await.contribution, None);

    let sheet = read(&world, "secretariat", "DOC17").await;
    let figure = |code: &str| sheet.figures.iter().find(|f| f.indicator == code).expect("counted");
    // One case is fewer than five: that there is one is not said.
    for code in ["A01", "R01", "R03", "N04"] {
        assert_eq!(figure(code).numerator, None, "{code}");
        assert_eq!(figure(code).value, "moins de 5", "{code}");
    }
    assert!(figure("N05").denominator.is_some_and(|n| n > 0));
    let bytes = workbook(&sheet, &world.desk.mechanism(), Lang::Fr);
    assert!(bytes.starts_with(b"PK"));
    // A regional focal point counts the own region, the case manager nothing.
    assert!(!read(&world, "regional", "DOC17").await.figures.is_empty());
    assert!(read(&world, "gestionnaire", "DOC17").await.figures.is_empty());
}

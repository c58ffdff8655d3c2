//! *Validated* means validated by the secretariat, ratified by the steering
//! committee: the list, the session, what it brings about, what holds it and what
//! does not, and that nothing waits for it nor tells of a shelter.

use relais_acts::directory::imports::{self, Bring};
use relais_acts::directory::{Export, Format, export_all};
use relais_acts::entries::ratification::{
    self, Figures, NoteSession, PrepareList, RATIFIED, RatificationAsked, RatificationView, SetApart,
};
use relais_interchange::directory::Mapping;
use relais_mechanism::Lang;
use relais_network::ratification::Ratification;
use relais_network::service::Target;
use uuid::Uuid;

use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

/// The whole list as the office reads it.
async fn list(world: &World, who: &Viewer) -> RatificationView {
    ratification::sheet(&world.desk, who).await.expect("the list")
}

async fn prepare(world: &World, who: &Viewer) -> Result<(), ActError> {
    let command = PrepareList {
        id: world.new_id(),
        version: list(world, &world.viewer("secretariat")).await.version,
    };
    ratification::prepare(&world.desk, who, command).await.map(drop)
}

async fn session(world: &World, on: &str, apart: &[(usize, &str)]) -> NoteSession {
    NoteSession {
        id: world.new_id(),
        version: list(world, &world.viewer("secretariat")).await.version,
        held_on: Some(day(on)),
        minutes: "2026/02".to_owned(),
        apart: apart
            .iter()
            .map(|(number, reason)| SetApart {
                number: *number,
                reason: (*reason).to_owned(),
            })
            .collect(),
    }
}

async fn note(world: &World, command: NoteSession) -> Result<(), ActError> {
    let unit = world.viewer("secretariat");
    ratification::record(&world.desk, &unit, command).await.map(drop)
}

async fn standing(world: &World, who: &Viewer, code: &str) -> Option<Ratification> {
    seen(world, who, code).await.ratification.map(|r| r.standing)
}

fn numbers(view: &RatificationView) -> Vec<(usize, ServiceId)> {
    view.rows.iter().map(|r| (r.number, r.id)).collect()
}

fn wrong(result: Result<(), ActError>) -> Vec<(String, String)> {
    match result {
        Err(ActError::Invalid(fields)) => fields.into_iter().map(|f| (f.field, f.code)).collect(),
        other => panic!("not wrong: {other:?}"),
    }
}

/// From the first list to the second.
pub async fn play(world: &World) {
    let (unit, provider) = (world.viewer("secretariat"), world.viewer("atelier"));
    let (manager, beside) = (world.viewer("gestionnaire"), world.viewer("autre"));
    // Nobody waits for the committee: what it never saw is published, found and asked.
    assert_eq!(
        standing(world, &provider, "S-COUTURE").await,
        Some(Ratification::Waiting)
    );
    assert!(ids(&found(world, "VTC.02")).contains(&service("S-COUTURE")));
    world
        .referred(&manager, "Essai Avant", "VTC.02", Priority::P3, "S-COUTURE")
        .await;

    // What waits, by organisation, with its counts.
    let today = list(world, &unit).await;
    let expected = [
        "S-COUTURE-2",
        "S-COUTURE",
        "S-METIERS",
        "S-URGENCES",
        "S-SOINS",
        "S-BOIS",
    ];
    let expected: Vec<(usize, ServiceId)> = (1..).zip(expected.map(service)).collect();
    assert_eq!(numbers(&today), expected);
    assert_eq!((today.prepared.as_ref(), today.total, today.shown), (None, 6, 6));
    assert_eq!((today.ratified, today.doubtful, today.later), (0, 0, 0));
    let counts: Vec<(&str, usize)> = today
        .regions
        .iter()
        .chain(&today.categories)
        .map(|c| (c.code.as_str(), c.entries))
        .collect();
    for count in [("CM005", 4), ("CM006", 2), ("MED", 2), ("VTC", 4)] {
        assert!(counts.contains(&count), "{count:?}: {counts:?}");
    }
    assert_eq!(counts.len(), 4);
    for login in ["atelier", "regional", "gestionnaire", "administrateur"] {
        let who = world.viewer(login);
        let asked = RatificationAsked::default();
        let read = ratification::view(&world.desk, &who, asked).await.map(drop);
        assert!(matches!(read, Err(ActError::Forbidden { .. })), "{login}");
        assert!(
            matches!(prepare(world, &who).await, Err(ActError::Forbidden { .. })),
            "{login}"
        );
    }
    let none = session(world, "2026-11-23", &[]).await;
    assert_eq!(refused(note(world, none).await), "ratification_no_list");

    // The list is drawn up; sent twice it is drawn up once.
    let command = PrepareList {
        id: world.new_id(),
        version: 0,
    };
    let once = ratification::prepare(&world.desk, &unit, command.clone()).await;
    let twice = ratification::prepare(&world.desk, &unit, command).await;
    assert_eq!(once.expect("a list"), twice.expect("the same"));
    let stale = PrepareList {
        id: world.new_id(),
        version: 0,
    };
    let stale = ratification::prepare(&world.desk, &unit, stale).await.map(drop);
    assert!(matches!(stale, Err(ActError::Stale { .. })), "{stale:?}");
    let list_ = list(world, &unit).await;
    assert_eq!(numbers(&list_), expected, "in the same order");
    assert_eq!(list_.prepared.expect("drawn up").by, "Exercice secretariat");

    // Until the session its provider confirms one, which changes nothing; the unit
    // corrects another in what the committee answers for.
    confirm(world, &provider, &["S-COUTURE"]).await.expect("confirmed");
    let area = ChangeEntry {
        served_area: Some("littoral".to_owned()),
        ..ChangeEntry::default()
    };
    change(world, &unit, "S-METIERS", area).await.expect("corrected");
    let list_ = list(world, &unit).await;
    assert_eq!((list_.total, list_.moved, list_.later), (6, 1, 0));
    let moved: Vec<usize> = list_.rows.iter().filter(|r| r.moved).map(|r| r.number).collect();
    assert_eq!(moved, [3]);

    world.at(start() + TimeDelta::days(5));
    let mut bad = session(world, "2026-11-27", &[(2, " "), (99, "x"), (0, "x")]).await;
    (bad.held_on, bad.minutes) = (None, " ".to_owned());
    let told = [("held_on", "required"), ("minutes", "required"), ("apart", "set_apart")];
    let told: Vec<(String, String)> = told.map(|(f, c)| (f.to_owned(), c.to_owned())).to_vec();
    assert_eq!(wrong(note(world, bad).await), told);
    for (on, code) in [("2026-11-20", "before_list"), ("2026-12-24", "in_future")] {
        let told = wrong(note(world, session(world, on, &[]).await).await);
        assert_eq!(told, [("held_on".to_owned(), code.to_owned())]);
    }
    let why = "Le public servi n’est pas celui de la fiche.";
    let twice = session(world, "2026-11-27", &[(1, why), (1, why)]).await;
    assert_eq!(wrong(note(world, twice).await)[0].0, "apart");

    // The session: all are ratified but the one set apart and the one that changed.
    let held = session(world, "2026-11-27", &[(1, why)]).await;
    note(world, held.clone()).await.expect("noted");
    note(world, held.clone()).await.expect("the same answer");
    let other = NoteSession {
        minutes: "2026/03".to_owned(),
        ..held
    };
    assert!(matches!(note(world, other).await, Err(ActError::IdTaken)));
    let after = list(world, &unit).await;
    let figures = Figures {
        listed: 6,
        ratified: 4,
        apart: 1,
        left: 1,
    };
    assert_eq!(after.sessions.len(), 1);
    assert_eq!(
        (after.sessions[0].figures, after.sessions[0].minutes.as_str()),
        (figures, "2026/02")
    );
    assert_eq!((after.prepared, after.ratified, after.doubtful), (None, 4, 1));
    let left: Vec<ServiceId> = after.rows.iter().map(|r| r.id).collect();
    assert_eq!(left, [service("S-METIERS")]);

    // Unit and provider read it on the entry, and in its history.
    for who in [&unit, &provider] {
        let entry = seen(world, who, "S-COUTURE").await;
        let committee = entry.ratification.expect("it went before the committee");
        assert_eq!(committee.standing, Ratification::Ratified);
        assert_eq!(
            (committee.on, committee.minutes.as_str()),
            (Some(day("2026-11-27")), "2026/02")
        );
        assert_eq!(entry.history[0].kind, RATIFIED);
        assert_eq!(
            entry.history[0].values[0].new,
            "comité du 27/11/2026, procès-verbal n°\u{a0}2026/02"
        );
    }
    let apart = seen(world, &beside, "S-COUTURE-2").await;
    assert_eq!(apart.ratification.expect("set apart").standing, Ratification::SetApart);
    assert_eq!(
        (apart.row.status, apart.row.doubts[0].cause),
        (PublicationStatus::Doubtful, DoubtCause::SetApart)
    );
    assert_eq!(
        (apart.history[0].kind.as_str(), apart.history[0].note.as_str()),
        ("doubt", why)
    );
    let offered = ids(&found(world, "VTC.02"));
    assert_eq!(
        offered.last(),
        Some(&service("S-COUTURE-2")),
        "offered still, and lower"
    );
    let told = ("entry_decided".to_owned(), Some(OrganisationId(id("AUTRE"))));
    assert!(notices(world).contains(&told));

    // Its provider alone does not answer the committee; the unit does, and it waits again.
    confirm(world, &beside, &["S-COUTURE-2"]).await.expect("said");
    assert_eq!(
        standing(world, &beside, "S-COUTURE-2").await,
        Some(Ratification::SetApart)
    );
    confirm(world, &unit, &["S-COUTURE-2"]).await.expect("checked");
    assert_eq!(
        standing(world, &beside, "S-COUTURE-2").await,
        Some(Ratification::Waiting)
    );

    // What is said anew of all else leaves it ratified; of the groups it does not, and
    // put back it is as it was.
    let version = seen(world, &provider, "S-COUTURE").await.row.version;
    let places = SetCapacity {
        id: world.new_id(),
        version,
        available: 0,
        per_month: Some(12),
    };
    entries::capacity(&world.desk, &provider, service("S-COUTURE"), places)
        .await
        .expect("stated");
    confirm(world, &provider, &["S-COUTURE"]).await.expect("confirmed");
    let groups = |targets: &[Target]| ChangeEntry {
        targets: Some(targets.to_vec()),
        cost: Some(Cost::Free),
        opening_hours: Some(format!("8 h – 1{} h", targets.len())),
        ..ChangeEntry::default()
    };
    for (targets, expected) in [
        (&[][..], Ratification::Ratified),
        (&[Target::Women][..], Ratification::Changed),
        (&[Target::Women, Target::Everyone][..], Ratification::Ratified),
        (&[Target::Women, Target::Youth, Target::Men][..], Ratification::Changed),
    ] {
        change(world, &unit, "S-COUTURE", groups(targets))
            .await
            .expect("corrected");
        let entry = seen(world, &provider, "S-COUTURE").await;
        let committee = entry.ratification.expect("it went before the committee");
        assert_eq!(committee.standing, expected, "{targets:?}");
        let lines: &[Line] = match expected {
            Ratification::Changed => &[Line::Targets],
            _ => &[],
        };
        assert_eq!(committee.changed, lines);
        assert_eq!(committee.on, Some(day("2026-11-27")));
        assert!(ids(&found(world, "VTC.02")).contains(&service("S-COUTURE")));
    }
    prepare(world, &unit).await.expect("the next list");
    let next = list(world, &unit).await;
    let listed: Vec<ServiceId> = next.rows.iter().map(|r| r.id).collect();
    assert_eq!(listed, ["S-COUTURE-2", "S-COUTURE", "S-METIERS"].map(service));
    assert_eq!(next.rows[1].ratified_on, Some(day("2026-11-27")));
    assert_eq!(next.rows[1].changed, ["Publics"]);
    let report = relais_store::audit::verify(world.store()).expect("verified");
    assert!(report.findings.is_empty(), "{:?}", report.findings);
}

#[tokio::test(flavor = "multi_thread")]
async fn validated_means_validated_by_the_secretariat_and_ratified_by_the_committee() {
    play(&World::sqlite()).await;
}

#[tokio::test]
async fn a_sheet_says_when_the_secretariat_validated_each_entry() {
    let world = World::sqlite();
    let unit = world.viewer("secretariat");
    let on = |view: &RatificationView, code: &str| {
        let row = view.rows.iter().find(|r| r.id == service(code)).expect("on the list");
        row.validated_on
    };
    let before = list(&world, &unit).await;
    assert_eq!(on(&before, "S-BOIS"), None, "a list brought it");
    step(&world, &unit, "S-BOIS", LifeAct::Archive, "Fermé.")
        .await
        .expect("archived");
    assert!(list(&world, &unit).await.rows.iter().all(|r| r.id != service("S-BOIS")));
    step(&world, &unit, "S-BOIS", LifeAct::Restore, "").await.expect("back");
    assert!(
        list(&world, &unit).await.rows.iter().all(|r| r.id != service("S-BOIS")),
        "what is checked goes before the committee once it is published"
    );
    step(&world, &unit, "S-BOIS", LifeAct::Publish, "")
        .await
        .expect("published");
    let after = list(&world, &unit).await;
    assert_eq!(on(&after, "S-BOIS"), Some(day("2026-11-23")));
    // In doubt it is not put before the committee, and is counted.
    step(&world, &unit, "S-BOIS", LifeAct::Doubt, "Porte fermée hier.")
        .await
        .expect("doubted");
    let doubted = list(&world, &unit).await;
    assert_eq!((doubted.total, doubted.doubtful), (5, 1));
    let first = ratification::view(&world.desk, &unit, RatificationAsked { page: Some(2) })
        .await
        .expect("a page");
    assert_eq!((first.rows.len(), first.more, first.page), (0, false, 2));
}

#[tokio::test]
async fn nothing_of_a_shelter_goes_before_the_committee() {
    let world = World::sqlite();
    let alone = list(&world, &world.viewer("secretariat")).await;
    world.add_places(Places::Hidden);
    let (unit, mixed, shelter) = (world.viewer("secretariat"), world.viewer("mixte"), world.viewer("abri"));
    let read = list(&world, &unit).await;
    assert_eq!((read.total, read.shown), (alone.total + 1, alone.shown + 1));
    let text = serde_json::to_string(&read).expect("JSON");
    for telling in relais_fixture::TELLING {
        assert!(!text.contains(telling), "{telling}");
    }
    // Its own staff are told nothing of a committee that never hears of it.
    assert_eq!(standing(&world, &shelter, "S-ABRI").await, None);
    assert_eq!(standing(&world, &mixed, "S-PALMES").await, Some(Ratification::Waiting));

    // Between list and session the list lies sealed, and what is hidden meanwhile
    // leaves its number empty, like what was archived.
    prepare(&world, &unit).await.expect("a list");
    assert_eq!(numbers(&list(&world, &unit).await)[0], (1, service("S-PALMES")));
    let sealed = world
        .store()
        .read_blocking(|tx: &mut Tx<'_>| -> Result<Vec<u8>, StoreError> {
            tx.query_built("SELECT list FROM ratification", &[])?[0].get("list")
        })
        .expect("readable");
    let clear = |what: &[u8]| sealed.windows(what.len()).any(|w| w == what);
    let of_couture = id("S-COUTURE");
    assert!(!clear(of_couture.as_bytes()) && !clear(of_couture.to_string().as_bytes()));
    let mut hidden = world.desk.network().services[&service("S-PALMES")].clone();
    hidden.confidential = true;
    let entries_ = Entries {
        services: vec![hidden],
        ..Entries::default()
    };
    put(world.store(), entries_, "essai", By::CommandLine).expect("put");
    world.desk.refresh().expect("refreshed");
    let read = list(&world, &unit).await;
    assert_eq!((read.total, read.rows[0].number), (alone.total, 2));
    let text = serde_json::to_string(&read).expect("JSON");
    assert!(!text.contains("Palms") && !text.contains("Palmes"), "{text}");
    let named = session(&world, "2026-11-23", &[(1, "Essai.")]).await;
    assert_eq!(wrong(note(&world, named).await)[0].0, "apart");
    let held = session(&world, "2026-11-23", &[]).await;
    note(&world, held).await.expect("noted");
    let network = world.desk.network();
    assert_eq!(network.services[&service("S-PALMES")].ratified, None);
    assert_eq!(standing(&world, &mixed, "S-PALMES").await, None);
    let after = list(&world, &unit).await;
    assert_eq!(after.ratified, alone.total);
    let rows = world
        .store()
        .read_blocking(|tx: &mut Tx<'_>| -> Result<Vec<Option<Vec<u8>>>, StoreError> {
            let rows = tx.query_built("SELECT list FROM ratification", &[])?;
            rows.iter().map(|r| r.get("list")).collect()
        })
        .expect("readable");
    assert_eq!(rows, [None], "nothing is kept of the list");
}

#[tokio::test]
async fn that_the_committee_ratified_it_keeps_no_import_from_being_undone() {
    let world = World::sqlite();
    let (unit, mechanism) = (world.viewer("secretariat"), world.desk.mechanism());
    let asked = Export {
        format: Format::Csv,
        lang: Lang::Fr,
        region: None,
    };
    let file = export_all(world.store(), &mechanism, &asked, day("2026-11-23")).expect("a file");
    let file = String::from_utf8(file.bytes).expect("text");
    let line = file
        .lines()
        .find(|l| l.contains("Formation en couture"))
        .expect("a line");
    let changed = file.replace(line, &line.replace("Sur envoi", "Avec un bon"));
    let brings = Bring {
        bytes: changed.as_bytes(),
        mapping: &Mapping::default(),
        dry_run: false,
        by: By::CommandLine,
        lang: Lang::Fr,
    };
    let done = imports::bring(world.store(), &mechanism, &brings, &mut |_, _| ()).expect("brought in");
    assert_eq!(done.figures.updated, 1);
    world.desk.refresh().expect("refreshed");
    prepare(&world, &unit).await.expect("a list");
    let held = session(&world, "2026-11-23", &[]).await;
    note(&world, held).await.expect("noted");
    assert_eq!(standing(&world, &unit, "S-COUTURE").await, Some(Ratification::Ratified));
    let import: Uuid = done.import.expect("an import");
    let undone = imports::undo(world.store(), &mechanism, import, By::CommandLine).expect("undone");
    assert_eq!((undone.restored, undone.kept.len()), (1, 0));
    world.desk.refresh().expect("refreshed");
    // What it goes back to is not what the committee had before it.
    let entry = seen(&world, &unit, "S-COUTURE").await;
    let committee = entry.ratification.expect("it went before the committee");
    assert_eq!(
        (committee.standing, committee.changed),
        (Ratification::Changed, vec![Line::HowToRefer])
    );
}

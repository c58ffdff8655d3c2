//! An arrival of many, against a real store: the list becomes a queue, several
//! officers register from it, nobody is registered twice, whoever did not come
//! is erased.

mod ending;

use std::collections::BTreeSet;

use chrono::TimeDelta;
use relais_acts::commands::{OpenEmergency, RawAnswers};
use relais_acts::families::{self, BreakFamily};
use relais_acts::groups::{
    self, ActOnRow, AddExpected, GroupKind, KeepAnswers, MakeGroup, MakeQueue, QueueView, RegisterExpected, RowCommand,
    RowState,
};
use relais_acts::problem::ActError;
use relais_acts::{Viewer, case, emergency, work};
use relais_fixture::World;
use relais_interchange::manifest::Column;
use relais_network::{CaseId, ExpectedId, GroupId};
use relais_store::rows::cases::{AnswersRecord, PersonRecord};
use relais_store::rows::groups as rows;
use relais_store::{StoreError, Tx};
use uuid::Uuid;

use crate::many::{arrival, asked, day, raw_rows, register_next};

const LIST: &str = "Nom;Prénoms;Sexe;Âge;Téléphone;Langue;Destination;Famille;Observations\n\
    Essai Biloa;Zoë;F;34;677123456;Français;Garoua;A;secret médical\n\
    Essai Biloa;Petit;M;6;;;;A;\n\
    Essai Ngo;Paul;M;41;numéro faux;;Douala;;\n\
    Essai Tchinda;Rose;F;19;;;;;\n";

fn refusal(error: ActError) -> String {
    match error {
        ActError::Refused { code, .. } => code,
        other => panic!("{other}"),
    }
}

async fn queue(world: &World, viewer: &Viewer, group: GroupId, show: &str, search: &str) -> QueueView {
    let search = (!search.is_empty()).then(|| search.to_owned());
    groups::view(&world.desk, viewer, group, Some(show.to_owned()), search, None)
        .await
        .expect("the queue")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_becomes_a_queue_and_the_list_is_forgotten() {
    let world = World::sqlite();
    let lead = world.viewer("gestionnaire");
    let id = world.new_id();
    let make = MakeGroup {
        id,
        kind: GroupKind::Flight,
        label: "EX 120".to_owned(),
        entry_point: "DLA".to_owned(),
        on: day(),
    };
    let grid = groups::read_list(LIST.as_bytes()).expect("readable");
    let made = groups::make(&world.desk, &lead, make.clone(), Some(grid.clone()))
        .await
        .expect("made");
    let again = groups::make(&world.desk, &lead, make.clone(), Some(grid))
        .await
        .expect("once");
    assert_eq!(made, again);
    let other = groups::read_list(b"Nom\nEssai\n").expect("readable");
    assert!(matches!(
        groups::make(&world.desk, &lead, make, Some(other)).await,
        Err(ActError::IdTaken)
    ));
    let group = GroupId(id);
    let view = groups::preview(&world.desk, &lead, group, None, None)
        .await
        .expect("seen");
    assert_eq!((view.persons, view.families, view.problem_count), (4, 1, 0));
    assert_eq!(view.mapping.get(&Column::Given), Some(&1));
    assert!(
        !view.mapping.values().any(|at| *at == 8),
        "what nobody asks for has no column"
    );
    let version = view.group.version;
    let command = |id, version| MakeQueue {
        id,
        version,
        header: 1,
        columns: view.mapping.clone(),
    };
    let stale = groups::queue(&world.desk, &lead, group, command(world.new_id(), version + 1)).await;
    assert!(matches!(stale, Err(ActError::Stale { .. })));
    let mut nameless = command(world.new_id(), version);
    nameless.columns.remove(&Column::Name);
    nameless.columns.remove(&Column::Given);
    assert!(matches!(
        groups::queue(&world.desk, &lead, group, nameless).await,
        Err(ActError::Invalid(_))
    ));
    let id = world.new_id();
    let first = groups::queue(&world.desk, &lead, group, command(id, version))
        .await
        .expect("a queue");
    let again = groups::queue(&world.desk, &lead, group, command(id, version))
        .await
        .expect("once");
    assert_eq!(first, again);
    let second = groups::queue(&world.desk, &lead, group, command(world.new_id(), first.version)).await;
    assert_eq!(refusal(second.expect_err("made already")), "queue_made");
    let all = raw_rows(&world, group);
    assert_eq!(all.iter().map(|r| r.number).collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert!(all[0].family.is_some() && all[0].family == all[1].family && all[2].family.is_none());
    // The key of the list goes at once; its rows stay readable.
    let record = world
        .store()
        .read_blocking(move |tx: &mut Tx<'_>| rows::GroupRecord::find(tx, group))
        .expect("readable")
        .expect("there");
    assert!(record.list.is_empty());
    work::once(&world.desk).expect("worked");
    let erased = world
        .store()
        .read_blocking(move |tx: &mut Tx<'_>| -> Result<bool, StoreError> {
            Ok(tx.sealer().keyring().subject_key(record.slot).is_err())
        })
        .expect("readable");
    assert!(erased, "the list’s key is gone");
    assert_eq!(queue(&world, &lead, group, "waiting", "").await.rows.len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_form_begins_from_the_list_and_the_rows_key_becomes_the_persons() {
    let world = World::sqlite();
    let officer = world.viewer("gestionnaire");
    let group = arrival(&world, &officer, LIST).await;
    let row = ExpectedId(groups::take_next(&world.desk, &officer, group).await.expect("a row").id);
    let view = groups::row(&world.desk, &officer, row).await.expect("seen");
    let of = |code: &str| view.answers.get(code).map(|v| v[0].as_str());
    assert_eq!(of("F1E.03"), Some("Essai Biloa Zoë"));
    assert_eq!(
        (of("F1E.04"), of("F1E.05"), of("F1E.06")),
        (Some("F"), Some("34"), Some("family"))
    );
    assert_eq!((of("F1E.08"), of("F1E.11")), (Some("Garoua"), Some("fra")));
    assert!(of("F1E.10").is_some_and(|n| n.contains("77")));
    assert_eq!(
        (of("F1E.02"), of("F1E.07"), of("F1E.09")),
        (None, None, None),
        "always asked"
    );
    // A cut line in the middle: what is kept comes back, and the row with it.
    let mut typed = view.answers.clone();
    typed.insert("F1E.07".to_owned(), vec!["centre".to_owned()]);
    typed.insert("intrus".to_owned(), vec!["x".to_owned()]);
    let keep = KeepAnswers { answers: typed };
    groups::keep(&world.desk, &officer, row, keep).await.expect("kept");
    let again = groups::take_next(&world.desk, &officer, group).await.expect("the same");
    assert_eq!(again.id, row.0);
    let view = groups::row(&world.desk, &officer, row).await.expect("seen");
    assert!(view.kept && view.answers.contains_key("F1E.07") && !view.answers.contains_key("intrus"));
    // Wrong answers are named; the same id and body later are answered alike.
    let wrong = RegisterExpected {
        id: world.new_id(),
        answers: RawAnswers::new(),
        family: false,
        happened_at: None,
    };
    let refused = groups::register(&world.desk, &officer, row, wrong).await;
    assert!(matches!(refused, Err(ActError::Invalid(fields)) if fields.iter().all(|f| f.field != "F1E.01")));
    let mut answers = asked();
    answers.extend(view.answers.clone());
    // Whatever is typed there, the bracelet is the row's.
    answers.insert("F1E.01".to_owned(), vec!["autre".to_owned()]);
    let command = RegisterExpected {
        id: world.new_id(),
        answers,
        family: false,
        happened_at: None,
    };
    let slot = raw_rows(&world, group)[0].slot;
    let made = groups::register(&world.desk, &officer, row, command.clone())
        .await
        .expect("registered");
    let again = groups::register(&world.desk, &officer, row, command)
        .await
        .expect("once");
    assert_eq!(made, again);
    let record = &raw_rows(&world, group)[0];
    assert!(record.person.is_empty() && record.typed.is_empty() && record.case_id == Some(CaseId(made.id)));
    let seen = case::view(&world.desk, &officer, CaseId(made.id))
        .await
        .expect("the case");
    assert_eq!(seen.name.as_deref(), Some("Essai Biloa Zoë"));
    assert!(
        seen.facts
            .iter()
            .any(|f| f.value.as_deref() == Some(view.row.bracelet.as_str()))
    );
    assert!(seen.family.is_none(), "no word was said about the link");
    let person = world
        .store()
        .read_blocking(move |tx: &mut Tx<'_>| -> Result<Option<PersonRecord>, StoreError> {
            let file = relais_acts::file::CaseFile::load(tx, CaseId(made.id))?;
            PersonRecord::find(tx, file.expect("there").record.person_id)
        })
        .expect("readable")
        .expect("there");
    assert_eq!(
        person.slot, slot,
        "erasing the person closes the list’s row in old backups"
    );
    assert!(
        world
            .store()
            .read_blocking(move |tx: &mut Tx<'_>| AnswersRecord::find(tx, made.id))
            .expect("readable")
            .is_some()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_refuses_is_not_registered_by_what_the_list_says() {
    let world = World::sqlite();
    let officer = world.viewer("gestionnaire");
    let group = arrival(&world, &officer, LIST).await;
    let row = ExpectedId(groups::take_next(&world.desk, &officer, group).await.expect("a row").id);
    let mut answers = groups::row(&world.desk, &officer, row).await.expect("seen").answers;
    answers.insert("F1E.02".to_owned(), vec!["no".to_owned()]);
    let refusal = RegisterExpected {
        id: world.new_id(),
        answers: answers.clone(),
        family: false,
        happened_at: None,
    };
    match groups::register(&world.desk, &officer, row, refusal).await {
        Ok(made) => {
            let seen = case::view(&world.desk, &officer, CaseId(made.id))
                .await
                .expect("the case");
            assert_ne!(seen.name.as_deref(), Some("Essai Biloa Zoë"), "no identity is kept");
        }
        // What is asked of whoever refuses too; nothing from the list is in the way.
        Err(ActError::Invalid(wrong)) => {
            assert!(wrong.iter().all(|p| p.code != "irrelevant"), "{wrong:?}");
        }
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_is_one_officers_until_their_time_runs_out() {
    let world = World::sqlite();
    let (first, second) = (world.viewer("gestionnaire"), world.viewer("collegue"));
    let group = arrival(&world, &first, LIST).await;
    let row = ExpectedId(groups::take_next(&world.desk, &first, group).await.expect("a row").id);
    let theirs = ExpectedId(
        groups::take_next(&world.desk, &second, group)
            .await
            .expect("another")
            .id,
    );
    assert_ne!(row, theirs);
    let rows = raw_rows(&world, group);
    let number = |id: ExpectedId| rows.iter().find(|r| r.id == id).map(|r| r.number);
    assert_eq!(
        (number(row), number(theirs)),
        (Some(1), Some(3)),
        "the family stays with its officer"
    );
    let act = |command| ActOnRow { command };
    let taken = groups::act(&world.desk, &second, row, act(RowCommand::Take)).await;
    assert_eq!(refusal(taken.expect_err("held")), "row_taken");
    let command = |id| RegisterExpected {
        id,
        answers: {
            let mut answers = asked();
            answers.extend(world_answers());
            answers
        },
        family: false,
        happened_at: None,
    };
    let stolen = groups::register(&world.desk, &second, row, command(world.new_id())).await;
    assert_eq!(refusal(stolen.expect_err("held")), "row_taken");
    // Seen by the colleague: who has it, and no form.
    let view = groups::row(&world.desk, &second, row).await.expect("seen");
    assert!(!view.yours && view.row.officer.is_some());
    // Ten minutes without a word: whoever asks may have it.
    world.at(relais_fixture::start() + TimeDelta::minutes(11));
    groups::act(&world.desk, &second, row, act(RowCommand::Take))
        .await
        .expect("free now");
    let late = groups::register(&world.desk, &first, row, command(world.new_id())).await;
    assert_eq!(refusal(late.expect_err("gone")), "row_taken");
    let id = world.new_id();
    groups::register(&world.desk, &second, row, command(id))
        .await
        .expect("registered");
    let twice = groups::register(&world.desk, &second, row, command(world.new_id())).await;
    assert_eq!(refusal(twice.expect_err("done")), "row_registered");
    let other = groups::act(&world.desk, &first, row, act(RowCommand::Take)).await;
    assert_eq!(refusal(other.expect_err("done")), "row_registered");
    // Given back, not come, come after all.
    groups::act(&world.desk, &second, theirs, act(RowCommand::Release))
        .await
        .expect("back");
    groups::act(&world.desk, &first, theirs, act(RowCommand::Absent))
        .await
        .expect("absent");
    let counts = queue(&world, &first, group, "absent", "").await.group.counts;
    assert_eq!((counts.expected, counts.registered, counts.absent), (4, 1, 1));
    groups::act(&world.desk, &first, theirs, act(RowCommand::Take))
        .await
        .expect("came after all");
}

fn world_answers() -> RawAnswers {
    RawAnswers::from([
        ("F1E.03".to_owned(), vec!["Essai Biloa Zoë".to_owned()]),
        ("F1E.04".to_owned(), vec!["F".to_owned()]),
        ("F1E.05".to_owned(), vec!["34".to_owned()]),
    ])
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_not_on_the_list_gets_the_next_number_and_may_be_of_a_family() {
    let world = World::sqlite();
    let officer = world.viewer("gestionnaire");
    let group = arrival(&world, &officer, LIST).await;
    let first = queue(&world, &officer, group, "waiting", "").await.rows;
    let add = |id, family_of: &str| AddExpected {
        id,
        family_of: family_of.to_owned(),
    };
    let id = world.new_id();
    let made = groups::add(&world.desk, &officer, group, add(id, ""))
        .await
        .expect("added");
    let again = groups::add(&world.desk, &officer, group, add(id, ""))
        .await
        .expect("once");
    assert_eq!(made, again);
    let view = groups::row(&world.desk, &officer, ExpectedId(id)).await.expect("seen");
    assert!(view.yours && view.relatives.is_empty());
    let sister = world.new_id();
    groups::add(&world.desk, &officer, group, add(sister, &first[3].bracelet))
        .await
        .expect("added");
    let view = groups::row(&world.desk, &officer, ExpectedId(sister))
        .await
        .expect("seen");
    assert_eq!(
        view.relatives.iter().map(|r| r.bracelet.as_str()).collect::<Vec<_>>(),
        [first[3].bracelet.as_str()]
    );
    let sheet = groups::bracelets(&world.desk, &officer, group).await.expect("a sheet");
    assert!(sheet.numbers.contains(&view.row.bracelet) && sheet.numbers.len() == 6 + sheet.spare);
    let unknown = groups::add(&world.desk, &officer, group, add(world.new_id(), "1-0099-X")).await;
    assert!(matches!(unknown, Err(ActError::Invalid(_))));
    // Found by name or bracelet while waiting, by bracelet once registered.
    assert_eq!(
        queue(&world, &officer, group, "waiting", "tchinda ro").await.rows.len(),
        1
    );
    assert_eq!(queue(&world, &officer, group, "waiting", "ESSAÏ").await.rows.len(), 4);
    let row = groups::open_of(&world.desk, &officer, first[2].bracelet.clone())
        .await
        .expect("found");
    assert_eq!(row, first[2].id);
    let strange = groups::open_of(&world.desk, &world.viewer("autre"), first[2].bracelet.clone()).await;
    assert_eq!(refusal(strange.expect_err("not theirs")), "bracelet_not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_of_a_family_has_an_own_file_and_a_link_opens_nothing() {
    let world = World::sqlite();
    let (first, second) = (world.viewer("gestionnaire"), world.viewer("collegue"));
    let supervisor = world.viewer("superviseur");
    let list = "Nom;Sexe;Age;Famille\nEssai Un;F;30;1\nEssai Deux;M;31;1\nEssai Trois;M;32;1\n";
    let group = arrival(&world, &first, list).await;
    let one = register_next(&world, &first, group).await.expect("registered").1;
    // The colleague registers the second, the first officer the third.
    let rest = queue(&world, &second, group, "waiting", "deux").await.rows[0].id;
    let take = ActOnRow {
        command: RowCommand::Take,
    };
    groups::act(&world.desk, &second, rest, take).await.expect("taken");
    let mut answers = asked();
    answers.extend(groups::row(&world.desk, &second, rest).await.expect("seen").answers);
    let command = RegisterExpected {
        id: world.new_id(),
        answers,
        family: true,
        happened_at: None,
    };
    let two = groups::register(&world.desk, &second, rest, command)
        .await
        .expect("registered")
        .id;
    let three = register_next(&world, &first, group).await.expect("registered").1;
    let family = async |who: &Viewer, case: Uuid| {
        let view = case::view(&world.desk, who, CaseId(case)).await?;
        Ok::<_, ActError>(
            view.family
                .map(|f| f.iter().map(|m| m.case_id.0).collect::<BTreeSet<_>>()),
        )
    };
    // The first officer works on one and three, and sees two neither here nor there.
    assert_eq!(family(&first, one).await.expect("seen"), Some(BTreeSet::from([three])));
    assert!(matches!(family(&first, two).await, Err(ActError::NotFound)));
    assert_eq!(family(&second, two).await.expect("seen"), Some(BTreeSet::new()));
    assert_eq!(
        family(&supervisor, one).await.expect("seen"),
        Some(BTreeSet::from([two, three]))
    );
    // Two breaks the link: gone from both sides at once, and nobody is told.
    let events = |case: Uuid| {
        world
            .store()
            .read_blocking(move |tx: &mut Tx<'_>| relais_store::chain::events(tx, case, 0, 100))
            .expect("readable")
            .iter()
            .map(|e| e.kind.clone())
            .collect::<Vec<_>>()
    };
    let (before, told) = (events(one), raw_outbox(&world));
    let stranger = families::leave(&world.desk, &first, CaseId(two), BreakFamily { id: world.new_id() }).await;
    assert!(matches!(stranger, Err(ActError::NotFound)));
    let id = world.new_id();
    for _ in 0..2 {
        families::leave(&world.desk, &second, CaseId(two), BreakFamily { id })
            .await
            .expect("broken");
    }
    assert_eq!(family(&second, two).await.expect("seen"), None);
    // Nor does the queue tell who was on one line of the list.
    for row in queue(&world, &first, group, "registered", "").await.rows {
        let page = groups::row(&world.desk, &first, row.id).await.expect("seen");
        assert!(row.family.is_none() && page.row.family.is_none() && page.relatives.is_empty());
    }
    assert_eq!(
        family(&supervisor, one).await.expect("seen"),
        Some(BTreeSet::from([three]))
    );
    assert_eq!(events(one), before, "the other file is told nothing");
    assert_eq!(raw_outbox(&world), told);
    assert_eq!(events(two).iter().filter(|k| *k == "family_broken").count(), 1);
}

fn raw_outbox(world: &World) -> usize {
    world
        .store()
        .read_blocking(|tx: &mut Tx<'_>| -> Result<usize, StoreError> {
            Ok(tx.query_built("SELECT seq FROM outbox", &[])?.len())
        })
        .expect("readable")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bracelet_opens_the_case_of_who_is_registered_in_an_emergency() {
    let world = World::sqlite();
    let officer = world.viewer("gestionnaire");
    let group = arrival(&world, &officer, LIST).await;
    register_next(&world, &officer, group).await.expect("registered");
    let nurse = world.viewer("hopital");
    let open = async |code: &str| {
        let command = OpenEmergency {
            id: world.new_id(),
            code: code.to_owned(),
            reason: "Inconsciente ; allergies ?".to_owned(),
            life_in_danger: true,
        };
        emergency::open(&world.desk, &nurse, command).await
    };
    let waiting = &queue(&world, &officer, group, "waiting", "").await.rows[0];
    assert!(open(&waiting.bracelet).await.is_err(), "there is no case yet");
    let registered = &queue(&world, &officer, group, "registered", "").await.rows[0];
    let made = open(&registered.bracelet).await.expect("opened");
    assert!(case::view(&world.desk, &nurse, CaseId(made.id)).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn four_officers_at_once_register_everybody_once() {
    crate::many::four_at_once(World::sqlite()).await;
}

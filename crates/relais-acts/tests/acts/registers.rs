//! The registers of the institution: a line is added once, linked, changed on its last
//! version, followed both ways; who may not read a register learns nothing of it; what
//! is sealed lies nowhere in clear; what is late is told, and what the figures propose
//! until the agenda names it.

use chrono::TimeDelta;
use relais_acts::registers::{self, AddLine, ChangeLine, LineView, RegisterAsked, RegistersView, typed};
use relais_acts::{ActError, Viewer};
use relais_fixture::{World, start};
use relais_mechanism::Lang;
use relais_mechanism::registers::{Chapter, Values};
use relais_store::{StoreError, Tx, chain, params};
use uuid::Uuid;

const WORD: &str = "Xylophandre";

async fn add(world: &World, who: &Viewer, register: &str, said: &[(&str, &str)]) -> Result<Uuid, ActError> {
    let command = AddLine {
        id: world.new_id(),
        values: typed(said.iter().copied()),
        state: None,
    };
    let made = registers::add(&world.desk, who, register.to_owned(), command).await?;
    Ok(made.id)
}

async fn seen(world: &World, who: &Viewer, register: &str, line: Uuid) -> Result<LineView, ActError> {
    registers::view(&world.desk, who, register.to_owned(), line).await
}

fn command(world: &World, version: i64, said: &[(&str, &str)]) -> ChangeLine {
    ChangeLine {
        id: world.new_id(),
        version,
        values: typed(said.iter().copied()),
        ..ChangeLine::default()
    }
}

async fn change(world: &World, who: &Viewer, register: &str, line: Uuid, command: ChangeLine) -> Result<i64, ActError> {
    let made = registers::change(&world.desk, who, register.to_owned(), line, command).await?;
    Ok(made.version)
}

async fn overview(world: &World, who: &Viewer) -> RegistersView {
    registers::overview(&world.desk, who).await.expect("the registers")
}

/// Open, all and late lines of a register; none where the viewer does not see it.
async fn counts(world: &World, who: &Viewer, register: &str) -> Option<(usize, usize, usize)> {
    let all = overview(world, who).await.chapters;
    let mut counts = all.into_iter().flat_map(|(_, counts)| counts);
    counts
        .find(|c| c.head.code == register)
        .map(|c| (c.open, c.all, c.late))
}

async fn proposed(world: &World, who: &Viewer) -> Vec<String> {
    let proposals = overview(world, who).await.proposals;
    proposals.into_iter().map(|p| p.indicator).collect()
}

/// Everything that a table holds, as text, whatever its columns are.
fn dump(world: &World, table: &'static str) -> String {
    let sql = match table {
        "register_line" => "SELECT state, body, hidden, '' AS note FROM register_line",
        "register_change" => "SELECT state, body, hidden, note FROM register_change",
        "event" => "SELECT kind AS state, meta AS body, sealed AS hidden, '' AS note FROM event",
        "request_log" => "SELECT kind AS state, answer AS body, body_hash AS hidden, '' AS note FROM request_log",
        other => panic!("{other} is not dumped"),
    };
    let rows = world
        .store()
        .read_blocking(move |tx: &mut Tx<'_>| -> Result<String, StoreError> {
            let mut all = String::new();
            for row in tx.query_built(sql, &[])? {
                let hidden: Option<Vec<u8>> = row.get("hidden")?;
                for column in ["state", "body", "note"] {
                    all.push_str(&row.get::<String>(column)?);
                    all.push('\n');
                }
                all.push_str(&String::from_utf8_lossy(&hidden.unwrap_or_default()));
            }
            Ok(all)
        });
    rows.expect("readable")
}

fn wrong(result: Result<Uuid, ActError>) -> Vec<(String, String)> {
    match result {
        Err(ActError::Invalid(wrong)) => wrong.into_iter().map(|w| (w.field, w.code)).collect(),
        other => panic!("not invalid: {other:?}"),
    }
}

/// From the indicator to the adoption: each line links to the one before it.
async fn thread(world: &World, unit: &Viewer) -> Vec<(&'static str, Uuid)> {
    let put = async |register, said: &[(&str, &str)]| add(world, unit, register, said).await.expect("added");
    let session = {
        let body = put("body", &[("name", "Comité d’essai"), ("kind", "committee")]).await;
        let body = body.to_string();
        put(
            "session",
            &[("title", "Première session"), ("body", &body), ("date", "15/12/2026")],
        )
        .await
    };
    let agenda = put(
        "agenda",
        &[
            ("subject", "Délais"),
            ("indicator", "N04"),
            ("session", &session.to_string()),
        ],
    )
    .await;
    let decision = put(
        "decision",
        &[
            ("text", "Raccourcir la décision"),
            ("owner", "Secrétariat"),
            ("due", "01/12/2026"),
            ("agenda", &agenda.to_string()),
        ],
    )
    .await;
    let action = put(
        "action",
        &[
            ("title", "Consulter"),
            ("owner", "Secrétariat"),
            ("decision", &decision.to_string()),
        ],
    )
    .await;
    let contribution = put(
        "contribution",
        &[
            ("subject", "Plus court"),
            ("text", "Deux jours suffisent."),
            ("action", &action.to_string()),
        ],
    )
    .await;
    let change = put(
        "rule_change",
        &[
            ("parameter", "priority.P3.decide"),
            ("value", "4 wd"),
            ("layer", "procedure"),
            ("contribution", &contribution.to_string()),
        ],
    )
    .await;
    let adoption = put(
        "adoption",
        &[
            ("document", "DOC10"),
            ("step", "AD1"),
            ("rule_change", &change.to_string()),
        ],
    )
    .await;
    vec![
        ("session", session),
        ("agenda", agenda),
        ("decision", decision),
        ("action", action),
        ("contribution", contribution),
        ("rule_change", change),
        ("adoption", adoption),
    ]
}

async fn is_followed_both_ways(world: &World, unit: &Viewer) -> Uuid {
    let lines = thread(world, unit).await;
    let of = |register: &str| lines.iter().find(|(r, _)| *r == register).expect("a line").1;
    let decision = seen(world, unit, "decision", of("decision")).await.expect("seen");
    let codes = |rows: &[relais_acts::registers::LineRow]| rows.iter().map(|r| r.register.clone()).collect::<Vec<_>>();
    assert_eq!(codes(&decision.comes_from), ["body", "session", "agenda"]);
    assert_eq!(
        codes(&decision.leads_to),
        ["action", "contribution", "rule_change", "adoption"]
    );
    assert_eq!(decision.indicators[0].0, "N04");
    let next: Vec<&str> = decision.next.iter().map(|(register, ..)| register.as_str()).collect();
    assert!(next.contains(&"action") && next.contains(&"rule_change"), "{next:?}");
    let agenda = decision.fields.iter().find(|f| f.code == "agenda").expect("the field");
    assert_eq!(
        agenda.shown,
        [("Délais".to_owned(), Some(("agenda".to_owned(), of("agenda"))))]
    );
    // The whole way back from the end, and to it from the beginning.
    let adoption = seen(world, unit, "adoption", of("adoption")).await.expect("seen");
    assert_eq!(adoption.comes_from.len(), 7, "{:?}", adoption.comes_from);
    assert_eq!(adoption.indicators[0].0, "N04");
    let session = seen(world, unit, "session", of("session")).await.expect("seen");
    assert_eq!(session.leads_to.last().map(|r| r.id), Some(of("adoption")));
    // Whoever is signed in reads it, and changes nothing; a link is to a line that there is.
    let other = world.viewer("hopital");
    assert!(
        !seen(world, &other, "decision", of("decision"))
            .await
            .expect("read")
            .head
            .may_write
    );
    let refused = add(world, &other, "decision", &[("text", "x"), ("owner", "y")]).await;
    assert!(
        matches!(refused, Err(ActError::Forbidden { code: "registers" })),
        "{refused:?}"
    );
    let lost = world.new_id().to_string();
    let of_agenda = of("agenda").to_string();
    for to in [&lost, &of_agenda] {
        let said = [("title", "Agir"), ("owner", "Unité"), ("decision", to.as_str())];
        assert_eq!(
            wrong(add(world, unit, "action", &said).await),
            [("decision".to_owned(), "link".to_owned())]
        );
    }
    of("decision")
}

async fn is_changed_on_its_last_version(world: &World, unit: &Viewer, decision: Uuid) {
    let mut done = command(world, 1, &[("outcome", "Fait")]);
    done.state = Some("done".to_owned());
    "Vu en session".clone_into(&mut done.note);
    assert_eq!(
        change(world, unit, "decision", decision, done.clone())
            .await
            .expect("changed"),
        2
    );
    assert_eq!(
        change(world, unit, "decision", decision, done)
            .await
            .expect("the same answer"),
        2
    );
    let stale = change(
        world,
        unit,
        "decision",
        decision,
        command(world, 1, &[("outcome", "Défait")]),
    )
    .await;
    assert!(
        matches!(stale, Err(ActError::Stale { base: 1, current: 2 })),
        "{stale:?}"
    );
    let same = command(world, 2, &[("outcome", "Fait")]);
    assert_eq!(
        change(world, unit, "decision", decision, same).await.expect("nothing"),
        2,
        "nothing changed"
    );
    let view = seen(world, unit, "decision", decision).await.expect("seen");
    assert_eq!((view.row.state.as_str(), view.row.open), ("done", false));
    let last = &view.history[0];
    assert_eq!(
        (last.note.as_str(), last.by.as_str()),
        ("Vu en session", "Exercice secretariat")
    );
    assert_eq!(
        last.lines,
        [("Suite donnée".to_owned(), String::new(), "Fait".to_owned())]
    );
    assert!(view.history.len() == 2 && view.history[1].lines.is_empty());
    let unknown = AddLine {
        id: world.new_id(),
        values: typed([("text", "x"), ("owner", "y")]),
        state: Some("dreamt".to_owned()),
    };
    let unknown = registers::add(&world.desk, unit, "decision".to_owned(), unknown).await;
    assert_eq!(
        wrong(unknown.map(|m| m.id)),
        [("state".to_owned(), "unknown_option".to_owned())]
    );
    // The same act twice makes one line; its id under another body is refused.
    let again = AddLine {
        id: world.new_id(),
        values: typed([("text", "Une fois"), ("owner", "Unité")]),
        state: None,
    };
    let other = AddLine {
        values: typed([("text", "Deux fois"), ("owner", "Unité")]),
        ..again.clone()
    };
    let put = async |command| registers::add(&world.desk, unit, "decision".to_owned(), command).await;
    let (first, second) = (
        put(again.clone()).await.expect("added"),
        put(again).await.expect("known"),
    );
    assert_eq!(first, second);
    assert!(matches!(put(other).await, Err(ActError::IdTaken)));
    assert_eq!(counts(world, unit, "decision").await, Some((1, 2, 0)));
}

async fn is_sealed(world: &World, unit: &Viewer) {
    let stakeholder = add(
        world,
        unit,
        "stakeholder",
        &[("name", "Institution d’essai"), ("sector", "un")],
    )
    .await;
    let stakeholder = stakeholder.expect("added");
    let institution = stakeholder.to_string();
    let said = [
        ("informant", WORD),
        ("group", "GOV"),
        ("confidentiality", "anonymous"),
        ("consent", "given"),
        ("stakeholder", institution.as_str()),
    ];
    let interview = add(world, unit, "interview", &said).await.expect("added");
    let mut told = command(world, 1, &[("notes", "Xylophandre dit qu’il attend.")]);
    "Note de Xylophandre".clone_into(&mut told.note);
    change(world, unit, "interview", interview, told)
        .await
        .expect("changed");
    let view = seen(world, unit, "interview", interview)
        .await
        .expect("the secretariat reads it");
    assert!(view.head.sealed && view.row.title == WORD && view.history[0].note.contains(WORD));
    assert_eq!(view.comes_from.iter().map(|r| r.id).collect::<Vec<_>>(), [stakeholder]);
    // That somebody of it was heard stands nowhere beside the institution.
    let institution = seen(world, unit, "stakeholder", stakeholder).await.expect("seen");
    assert!(institution.leads_to.is_empty());
    for login in ["hopital", "superviseur", "regional", "administrateur", "delegue"] {
        let who = world.viewer(login);
        let got = seen(world, &who, "interview", interview).await;
        assert!(matches!(got, Err(ActError::NotFound)), "{login}: {got:?}");
        let got = add(world, &who, "interview", &said).await;
        assert!(matches!(got, Err(ActError::NotFound)), "{login}: {got:?}");
        let got = registers::list(&world.desk, &who, "interview".to_owned(), RegisterAsked::default()).await;
        assert!(matches!(got, Err(ActError::NotFound)), "{login}: {got:?}");
        let got = registers::blank(&world.desk, &who, "interview".to_owned(), Values::new()).await;
        assert!(matches!(got, Err(ActError::NotFound)), "{login}: {got:?}");
        assert_eq!(counts(world, &who, "interview").await, None, "{login}");
    }
    for table in ["register_line", "register_change", "event", "request_log"] {
        let all = dump(world, table);
        assert!(!all.is_empty() && !all.contains(WORD), "{table} holds it in clear");
    }
    let linked = world
        .store()
        .read_blocking(move |tx: &mut Tx<'_>| -> Result<usize, StoreError> {
            let sql = "SELECT field FROM register_link WHERE from_id = $1";
            Ok(tx.query_built(sql, &params![interview])?.len())
        });
    assert_eq!(linked.expect("readable"), 0, "its links lie sealed with it");
    let clear = world
        .store()
        .read_blocking(|tx: &mut Tx<'_>| registers::lines(tx, "interview"))
        .expect("readable");
    assert!(clear.is_empty(), "no document is made of it");
    // The chain says that lines were written, and nothing of what a clear one says either.
    let events = dump(world, "event");
    assert!(events.contains("register_changed") && !events.contains("Raccourcir la décision"));
}

async fn is_late_and_is_proposed(world: &World, unit: &Viewer) {
    let said = [
        ("text", "Former les points focaux"),
        ("owner", "Unité"),
        ("due", "30/11/2026"),
    ];
    let decision = add(world, unit, "decision", &said).await.expect("added");
    assert!(overview(world, unit).await.late.is_empty(), "its day is still to come");
    world.at(start() + TimeDelta::days(8));
    let view = overview(world, unit).await;
    assert_eq!(view.late.iter().map(|r| r.id).collect::<Vec<_>>(), [decision]);
    assert!(view.late[0].late && view.late[0].open);
    let list = registers::list(&world.desk, unit, "decision".to_owned(), RegisterAsked::default());
    let list = list.await.expect("the list");
    assert_eq!(list.rows[0].id, decision, "what is late comes first");
    assert_eq!(list.columns.len(), list.rows[0].cells.len());
    let open = list.states.iter().find(|(code, ..)| code == "open").expect("the state");
    assert_eq!((open.2, list.rows.len(), list.more), (2, 3, false));
    let asked = RegisterAsked {
        state: Some("done".to_owned()),
        page: None,
    };
    let done = registers::list(&world.desk, unit, "decision".to_owned(), asked).await;
    assert_eq!(done.expect("the list").rows.len(), 1);

    // Nobody confirms the directory for half a year: N05 falls below its bound.
    assert_eq!(proposed(world, unit).await, Vec::<String>::new());
    world.at(start() + TimeDelta::days(400));
    world.desk.refresh().expect("refreshed");
    assert_eq!(proposed(world, unit).await, ["N05"]);
    let mut english = unit.clone();
    english.lang = Lang::En;
    let told = overview(world, &english).await.proposals.remove(0);
    assert_eq!((told.value.as_str(), told.bound.as_str()), ("0%", "≥\u{a0}95% [P]"));
    assert!(
        proposed(world, &world.viewer("hopital")).await.is_empty(),
        "whoever keeps no agenda"
    );
    let prefill = typed([("indicator", "N05"), ("subject", "Annuaire"), ("colour", "red")]);
    let blank = registers::blank(&world.desk, unit, "agenda".to_owned(), prefill)
        .await
        .expect("a blank line");
    let indicator = blank.fields.iter().find(|f| f.code == "indicator").expect("the field");
    assert_eq!(
        (indicator.values.as_slice(), indicator.options.len()),
        (["N05".to_owned()].as_slice(), world.desk.mechanism().indicators().len())
    );
    let item = add(world, unit, "agenda", &[("subject", "Annuaire"), ("indicator", "N05")])
        .await
        .expect("added");
    assert_eq!(proposed(world, unit).await, Vec::<String>::new(), "the agenda names it");
    let mut examined = command(world, 1, &[]);
    examined.state = Some("examined".to_owned());
    change(world, unit, "agenda", item, examined).await.expect("changed");
    assert_eq!(proposed(world, unit).await, ["N05"], "and it is as it was");
}

pub async fn play(world: &World) {
    let unit = world.viewer("secretariat");
    let chapters = overview(world, &unit).await.chapters;
    assert_eq!(chapters.iter().map(|(c, _)| *c).collect::<Vec<_>>(), Chapter::ALL);
    let decision = is_followed_both_ways(world, &unit).await;
    is_changed_on_its_last_version(world, &unit, decision).await;
    is_sealed(world, &unit).await;
    is_late_and_is_proposed(world, &unit).await;
    let stream = relais_network::ids::derived("stream", "relais", "registers");
    let events = world
        .store()
        .read_blocking(move |tx: &mut Tx<'_>| chain::events(tx, stream, 0, 100));
    let kinds: Vec<String> = events.expect("readable").into_iter().map(|e| e.kind).collect();
    assert_eq!(
        kinds.iter().filter(|k| *k == "register_changed").count(),
        3,
        "{kinds:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_institutions_registers_are_kept_linked_and_sealed() {
    play(&World::sqlite()).await;
}

//! Programmes: added and corrected by the office, proposed longer by a provider;
//! what happens to a service before and after the last one ends; and nothing of a
//! shelter in any of it.

use relais_acts::entries::programmes::{
    self, AddProgramme, CorrectProgramme, ProgrammeView, ProgrammesAsked, SaidOfProgramme,
};
use relais_network::programme::{Paying, programme_id};

use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn said(until: &str) -> SaidOfProgramme {
    SaidOfProgramme {
        name: Label::of("Projet d’essai long", ""),
        organisation: "ATELIER".to_owned(),
        donors: vec![" SECRETARIAT ".to_owned(), "Fonds d’essai".to_owned(), String::new()],
        from: Some(day("2026-01-01")),
        until: Some(day(until)),
    }
}

async fn add(world: &World, who: &Viewer, code: &str, until: &str) -> Result<(), ActError> {
    let command = AddProgramme {
        id: world.new_id(),
        code: code.to_owned(),
        said: said(until),
    };
    programmes::add(&world.desk, who, command).await.map(drop)
}

async fn one(world: &World, who: &Viewer, code: &str) -> Result<ProgrammeView, ActError> {
    programmes::view(&world.desk, who, programme_id(code)).await
}

async fn end(world: &World, who: &Viewer, code: &str, until: &str) -> Result<(), ActError> {
    let version = one(world, who, code).await?.version;
    let command = CorrectProgramme {
        id: world.new_id(),
        version,
        said: said(until),
        note: "Lettre du bailleur".to_owned(),
    };
    programmes::correct(&world.desk, who, programme_id(code), command)
        .await
        .map(drop)
}

fn paid(codes: &[&str]) -> ChangeEntry {
    ChangeEntry {
        programmes: Some(codes.iter().map(|c| (*c).to_owned()).collect()),
        ..ChangeEntry::default()
    }
}

fn longer(until: &str) -> ChangeEntry {
    ChangeEntry {
        funding_until: Some(day(until)),
        ..ChangeEntry::default()
    }
}

/// Codes of the mistakes, field by field.
fn wrong(result: Result<(), ActError>) -> Vec<(String, String)> {
    match result {
        Err(ActError::Invalid(wrong)) => wrong.into_iter().map(|w| (w.field, w.code)).collect(),
        other => panic!("not invalid: {other:?}"),
    }
}

fn funding(world: &World) -> Vec<Option<OrganisationId>> {
    let all = notices(world).into_iter();
    all.filter(|(kind, _)| kind == "entry_funding")
        .map(|(_, of)| of)
        .collect()
}

async fn causes(world: &World, who: &Viewer, code: &str) -> Vec<DoubtCause> {
    let doubts = seen(world, who, code).await.row.doubts;
    doubts.iter().map(|d| d.cause).collect()
}

async fn ends_and_goes_on(world: World) {
    let (unit, provider) = (world.viewer("secretariat"), world.viewer("atelier"));
    add(&world, &unit, "long-1", "2027-02-28").await.expect("added");
    change(&world, &unit, "S-COUTURE", paid(&["LONG-1", "essai-1"]))
        .await
        .expect("the unit says at once who pays");
    let view = one(&world, &provider, "LONG-1").await.expect("everybody reads it");
    assert_eq!(
        (view.row.services, view.row.alone, view.row.state),
        (1, 0, Paying::Running)
    );
    assert_eq!(view.row.donors, ["Secrétariat technique", "Fonds d’essai"]);
    assert!(view.values.is_none() && view.history.is_empty(), "the office corrects");
    assert_eq!(
        view.services[0].paid_until,
        Some(day("2030-12-31")),
        "the other one pays longer"
    );
    change(&world, &unit, "S-COUTURE", paid(&["LONG-1"]))
        .await
        .expect("one is left");
    let at = |days| {
        world.at(start() + TimeDelta::days(days));
        work::once(&world.desk).expect("worked");
        world.desk.refresh().expect("refreshed");
    };
    at(36);
    assert_eq!(funding(&world), []);
    // 60 days before 28 February: the provider and the unit, once.
    at(37);
    let atelier = Some(OrganisationId(id("ATELIER")));
    assert_eq!(funding(&world), [atelier, None]);
    at(38);
    assert_eq!(funding(&world).len(), 2, "reminded once");
    assert_eq!(
        one(&world, &unit, "LONG-1").await.expect("seen").row.state,
        Paying::Soon
    );
    at(97);
    assert_eq!(
        causes(&world, &provider, "S-COUTURE").await,
        [],
        "it pays on its last day"
    );
    at(98);
    assert_eq!(causes(&world, &provider, "S-COUTURE").await, [DoubtCause::FundingEnded]);
    let entry = seen(&world, &provider, "S-COUTURE").await;
    let doubtful: Vec<_> = entry.lines.iter().filter(|l| l.doubtful).map(|l| l.line).collect();
    assert_eq!(doubtful, [Line::Programmes]);
    let reasons = found(&world, "VTC.02");
    let reasons = &reasons
        .iter()
        .find(|(s, _)| *s == service("S-COUTURE"))
        .expect("offered")
        .1;
    let because = |r: &Reason| {
        matches!(
            r,
            Reason::Doubtful {
                cause: DoubtCause::FundingEnded,
                ..
            }
        )
    };
    assert!(reasons.iter().any(because), "{reasons:?}");
    // To confirm the entry does not say who pays.
    confirm(&world, &provider, &["S-COUTURE"]).await.expect("confirmed");
    assert_eq!(causes(&world, &provider, "S-COUTURE").await, [DoubtCause::FundingEnded]);
    at(99);
    let ended = seen(&world, &provider, "S-COUTURE").await.history;
    assert_eq!(
        ended.iter().filter(|c| c.by == Author::Clock).count(),
        1,
        "doubted once"
    );

    // The provider knows of a longer end: it waits, and is read beside the line.
    change(&world, &provider, "S-COUTURE", longer("2027-12-31"))
        .await
        .expect("proposed");
    let entry = seen(&world, &provider, "S-COUTURE").await;
    let line = entry.lines.iter().find(|l| l.line == Line::Programmes).expect("a line");
    assert_eq!(
        line.proposed.as_deref(),
        Some("Projet d’essai long, jusqu’au 31/12/2027")
    );
    assert_eq!(entry.row.status, PublicationStatus::Doubtful);
    let waiting = entries::moderation(&world.desk, &unit).await.expect("seen").waiting;
    assert_eq!(
        (waiting[0].values[0].old.as_str(), waiting[0].values[0].new.as_str()),
        (
            "Projet d’essai long, jusqu’au 28/02/2027",
            "Projet d’essai long, jusqu’au 31/12/2027"
        )
    );
    decide(&world, &unit, waiting[0].id, Decision::Accept, "")
        .await
        .expect("accepted");
    let entry = seen(&world, &provider, "S-COUTURE").await;
    assert_eq!(
        (entry.row.status, entry.row.doubts.len()),
        (PublicationStatus::Published, 0)
    );
    let view = one(&world, &unit, "LONG-1").await.expect("seen");
    assert_eq!((view.row.until, view.history.len()), (Some(day("2027-12-31")), 2));

    // It ends after all: the office writes it, and takes it back; the doubt comes and goes.
    end(&world, &unit, "LONG-1", "2027-03-01").await.expect("ended");
    at(100);
    assert_eq!(causes(&world, &provider, "S-COUTURE").await, [DoubtCause::FundingEnded]);
    end(&world, &unit, "LONG-1", "2027-12-31").await.expect("prolonged");
    assert_eq!(causes(&world, &provider, "S-COUTURE").await, []);
    // Or nobody pays any more, and it goes on without.
    end(&world, &unit, "LONG-1", "2027-03-01").await.expect("ended");
    at(101);
    assert_eq!(causes(&world, &provider, "S-COUTURE").await, [DoubtCause::FundingEnded]);
    change(&world, &unit, "S-COUTURE", paid(&[])).await.expect("taken off");
    let entry = seen(&world, &provider, "S-COUTURE").await;
    assert_eq!(
        (entry.row.status, entry.row.doubts.len()),
        (PublicationStatus::Published, 0)
    );
    assert_eq!(one(&world, &unit, "LONG-1").await.expect("seen").row.services, 0);
}

#[tokio::test]
async fn who_pays_is_reminded_doubted_and_answered() {
    ends_and_goes_on(World::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgresql_too() {
    let Some(schema) = relais_fixture::Schema::new("programmes") else {
        return;
    };
    ends_and_goes_on(World::postgres(&schema.url())).await;
}

#[tokio::test]
async fn the_office_adds_and_corrects_them_and_mistakes_are_named() {
    let world = World::sqlite();
    let (unit, manager) = (world.viewer("secretariat"), world.viewer("gestionnaire"));
    for stranger in [&manager, &world.viewer("regional"), &world.viewer("atelier")] {
        let tried = add(&world, stranger, "LONG-1", "2027-02-28").await;
        assert!(matches!(tried, Err(ActError::Forbidden { .. })), "{tried:?}");
        let tried = end(&world, stranger, "ESSAI-1", "2027-02-28").await;
        assert!(matches!(tried, Err(ActError::NotFound)), "{tried:?}");
    }
    let pair = |field: &str, code: &str| (field.to_owned(), code.to_owned());
    assert_eq!(
        wrong(add(&world, &unit, "essai-1", "2027-02-28").await),
        [pair("code", "code_taken")]
    );
    assert_eq!(
        wrong(add(&world, &unit, "deux mots", "2025-02-28").await),
        [pair("code", "malformed"), pair("until", "ends before it starts")]
    );
    let command = AddProgramme {
        id: world.new_id(),
        code: "LONG-1".to_owned(),
        said: SaidOfProgramme::default(),
    };
    let tried = programmes::add(&world.desk, &unit, command).await.map(drop);
    assert_eq!(
        wrong(tried),
        [pair("organisation", "unknown_organisation"), pair("name", "missing")]
    );
    // The same act twice makes it once; another version of it is refused.
    let command = AddProgramme {
        id: world.new_id(),
        code: "LONG-1".to_owned(),
        said: said("2027-02-28"),
    };
    let first = programmes::add(&world.desk, &unit, command.clone())
        .await
        .expect("added");
    let again = programmes::add(&world.desk, &unit, command).await.expect("the same");
    assert_eq!((first.id, first.version), (again.id, again.version));
    end(&world, &unit, "LONG-1", "2027-03-31").await.expect("prolonged");
    let stale = CorrectProgramme {
        id: world.new_id(),
        version: 1,
        said: said("2027-04-30"),
        note: String::new(),
    };
    let tried = programmes::correct(&world.desk, &unit, programme_id("LONG-1"), stale).await;
    assert!(matches!(tried, Err(ActError::Stale { .. })), "{tried:?}");
    let view = one(&world, &unit, "LONG-1").await.expect("seen");
    assert_eq!(view.history[0].note, "Lettre du bailleur");
    assert_eq!(view.history[0].values[0].label, "Dernier jour");
    assert_eq!(
        view.values.expect("the office’s").donors,
        ["SECRETARIAT", "Fonds d’essai"]
    );

    // The list, those that end soon before those that run.
    let list = programmes::list(&world.desk, &manager, ProgrammesAsked::default())
        .await
        .expect("listed");
    let codes: Vec<&str> = list.rows.iter().map(|r| r.code.as_str()).collect();
    assert_eq!(codes, ["LONG-1", "ESSAI-1"]);
    assert!(!list.may_add && !list.more);
    let asked = ProgrammesAsked {
        state: Some("ended".to_owned()),
        page: Some(usize::MAX),
    };
    let list = programmes::list(&world.desk, &unit, asked).await.expect("listed");
    assert!(list.rows.is_empty() && list.may_add);
    let asked = ProgrammesAsked {
        state: Some("late".to_owned()),
        page: None,
    };
    let tried = programmes::list(&world.desk, &unit, asked).await;
    assert!(matches!(tried, Err(ActError::Invalid(_))));

    // What an entry says of them.
    let atelier = world.viewer("atelier");
    assert_eq!(
        wrong(change(&world, &atelier, "S-COUTURE", paid(&["RIEN"])).await),
        [pair("programmes", "unknown_programme")]
    );
    assert_eq!(
        wrong(change(&world, &atelier, "S-COUTURE", longer("2027-12-31")).await),
        [pair("funding_until", "funding_until")]
    );
    change(&world, &unit, "S-COUTURE", paid(&["LONG-1"]))
        .await
        .expect("said");
    assert_eq!(
        wrong(change(&world, &atelier, "S-COUTURE", longer("2025-12-31")).await),
        [pair("funding_until", "funding_until")]
    );
    assert_eq!(
        refused(change(&world, &unit, "S-COUTURE", paid(&["LONG-1"])).await),
        "entry_unchanged"
    );
}

#[tokio::test]
async fn nothing_of_a_shelter_is_counted_named_or_clear_at_rest() {
    let world = World::sqlite();
    world.add_places(Places::Hidden);
    let (shelter, unit) = (world.viewer("abri"), world.viewer("secretariat"));
    let list = programmes::list(&world.desk, &unit, ProgrammesAsked::default())
        .await
        .expect("listed");
    let counted: Vec<(&str, usize)> = list.rows.iter().map(|r| (r.code.as_str(), r.services)).collect();
    assert_eq!(
        counted,
        [("PALMES-1", 1), ("ESSAI-1", 0)],
        "one of five, and none of the shelter’s own"
    );
    for viewer in [&unit, &shelter] {
        let tried = one(&world, viewer, "ABRI-1").await;
        assert!(matches!(tried, Err(ActError::NotFound)), "{tried:?}");
    }
    let tried = change(&world, &unit, "S-COUTURE", paid(&["ABRI-1"])).await;
    assert_eq!(wrong(tried)[0].1, "unknown_programme", "as one that there is not");
    assert_eq!(
        refused(change(&world, &shelter, "S-ABRI", longer("2028-12-31")).await),
        "entry_confidential"
    );
    let clear = world
        .store()
        .read_blocking(|tx: &mut Tx<'_>| -> Result<Vec<String>, StoreError> {
            let rows = tx.query_built("SELECT body FROM programme", &[])?;
            rows.iter().map(|r| r.get("body")).collect()
        })
        .expect("readable");
    assert_eq!(
        clear.iter().filter(|body| body.is_empty()).count(),
        2,
        "sealed with their organisations"
    );
    // Its own staff are told; the unit, of what it may see alone.
    world.at(start() + TimeDelta::days(60));
    work::once(&world.desk).expect("worked");
    let both = [DoubtCause::Overdue, DoubtCause::FundingEnded];
    assert_eq!(causes(&world, &shelter, "S-ABRI").await, both);
    // The office prolongs what it sees: the shelter is paid again too.
    let version = one(&world, &unit, "PALMES-1").await.expect("seen").version;
    let command = CorrectProgramme {
        id: world.new_id(),
        version,
        said: SaidOfProgramme {
            organisation: "MIXTE".to_owned(),
            ..said("2028-12-31")
        },
        note: String::new(),
    };
    programmes::correct(&world.desk, &unit, programme_id("PALMES-1"), command)
        .await
        .expect("prolonged");
    assert_eq!(causes(&world, &shelter, "S-ABRI").await, [DoubtCause::Overdue]);
}

//! The forms F1 and F2 by the real acts: what is asked of whom, what stays half
//! done, who reads what was written, what it proposes, and what is left of it
//! once the person is erased.

mod again;
mod others;

use relais_acts::erase::{self, EraseCase};
use relais_acts::forms::{self, FillSection, FormView, SectionView};
use relais_acts::views::{CaseView, Made};
use relais_acts::{ActError, Desk, Viewer, case};
use relais_casework::erasure::ErasureReason;
use relais_casework::interview::SectionState;
use relais_fixture::World;
use relais_mechanism::{DataClass, Mechanism, Priority, Role, Sources};
use relais_network::CaseId;
use relais_store::rows::cases;
use relais_store::{StoreError, Tx};
use uuid::Uuid;

/// The data-protection officer writes on what the restricted classes rest.
fn authorise(world: &World) {
    let mut sources = Sources::embedded("cameroon");
    let header = sources.files.get_mut("cameroon/mechanism.toml").expect("the header");
    *header = header.replacen(
        "regime = \"transitional\"",
        "regime = \"transitional\"\ns4_basis = \"Décision d’essai\"",
        1,
    );
    let mechanism = Mechanism::load(&sources).expect("a right mechanism");
    assert!(Desk::adopt(world.store(), &mechanism).expect("adopted"));
    world.desk.refresh().expect("refreshed");
    assert!(world.desk.s4_authorised());
}

async fn page(world: &World, who: &Viewer, id: Uuid) -> CaseView {
    case::view(&world.desk, who, CaseId(id)).await.expect("the case")
}

async fn form(world: &World, who: &Viewer, id: Uuid, form: &str) -> FormView {
    forms::form(&world.desk, who, CaseId(id), form.to_owned())
        .await
        .expect("the form")
}

async fn section(world: &World, who: &Viewer, id: Uuid, at: &str) -> Result<SectionView, ActError> {
    let (form, section) = at.split_once('/').expect("form/section");
    forms::section(&world.desk, who, CaseId(id), form.to_owned(), section.to_owned()).await
}

fn command(world: &World, version: i64, typed: &[(&str, &str)]) -> FillSection {
    FillSection {
        id: world.new_id(),
        version,
        answers: typed
            .iter()
            .map(|(code, value)| ((*code).to_owned(), value.split('|').map(str::to_owned).collect()))
            .collect(),
        happened_at: None,
    }
}

async fn send(world: &World, who: &Viewer, id: Uuid, at: &str, command: FillSection) -> Result<Made, ActError> {
    let (form, section) = at.split_once('/').expect("form/section");
    forms::fill(
        &world.desk,
        who,
        CaseId(id),
        form.to_owned(),
        section.to_owned(),
        command,
    )
    .await
}

async fn fill(world: &World, who: &Viewer, id: Uuid, at: &str, typed: &[(&str, &str)]) -> Result<Made, ActError> {
    let version = page(world, who, id).await.version;
    send(world, who, id, at, command(world, version, typed)).await
}

fn state(view: &FormView, section: &str) -> Option<SectionState> {
    view.sections.iter().find(|s| s.section == section).map(|s| s.state)
}

fn proposed(view: &CaseView) -> Vec<String> {
    view.proposals
        .iter()
        .map(|p| format!("{} {}", p.priority, p.service))
        .collect()
}

fn code<T: std::fmt::Debug>(result: Result<T, ActError>) -> String {
    match result.expect_err("refused") {
        ActError::Refused { code, .. } => code,
        ActError::Invalid(fields) => format!("{} {}", fields[0].field, fields[0].code),
        ActError::NotFound => "not_found".to_owned(),
        ActError::Forbidden { .. } => "forbidden".to_owned(),
        other => format!("{other:?}"),
    }
}

/// The frame of an interview in private, everything agreed.
const PRIVATE: [(&str, &str); 7] = [
    ("F1.03", "Garoua"),
    ("F1.04", "POE"),
    ("F1.07", "no"),
    ("F1.09", "yes"),
    ("F1.10", "yes"),
    ("F1.11", "yes"),
    ("F1.12", "yes"),
];

/// The frame, one answer changed.
fn frame(changed: &str, value: &'static str) -> Vec<(&'static str, &'static str)> {
    PRIVATE
        .into_iter()
        .map(|(code, answer)| (code, if code == changed { value } else { answer }))
        .collect()
}

async fn arrival(world: &World, who: &Viewer, name: &str) -> Uuid {
    world.register(who, name, 28).await.expect("registered").id
}

#[tokio::test(flavor = "multi_thread")]
async fn half_an_interview_is_kept_and_what_it_asks_next_comes_back() {
    let world = World::sqlite();
    let manager = world.viewer("gestionnaire");
    let id = arrival(&world, &manager, "Essai Moitié").await;
    let before = form(&world, &manager, id, "F1").await;
    assert_eq!(state(&before, "frame"), Some(SectionState::NotBegun));
    assert_eq!(
        state(&before, "journey"),
        Some(SectionState::NothingAsked),
        "the frame comes first"
    );
    let line = page(&world, &manager, id).await.forms.remove(0);
    assert_eq!((line.form.as_str(), line.state), ("F1", SectionState::NotBegun));
    assert!(line.due_at.is_some(), "72 hours from the arrival");

    // An interpreter is there: the name is asked, and the rest of the frame is missing.
    fill(&world, &manager, id, "F1/frame", &[("F1.07", "yes")])
        .await
        .expect("kept");
    let half = section(&world, &manager, id, "F1/frame").await.expect("seen");
    assert_eq!(half.state, SectionState::Begun);
    assert!(half.asked.contains(&"F1.08".to_owned()) && half.missing.contains(&"F1.08".to_owned()));
    assert_eq!(half.answers["F1.07"], ["yes"], "nothing typed is lost");
    let row = form(&world, &manager, id, "F1").await;
    let row = row.sections.iter().find(|s| s.section == "frame").expect("there");
    assert_eq!(row.by.as_deref(), Some("Exercice gestionnaire"));
    assert!(row.missing > 3 && row.at.is_some());

    fill(&world, &manager, id, "F1/frame", &PRIVATE).await.expect("kept");
    let whole = section(&world, &manager, id, "F1/frame").await.expect("seen");
    assert_eq!((whole.state, whole.missing.len()), (SectionState::Complete, 0));
    // Now the journey is asked, with the country written in words.
    let crossed = [
        ("F1.36", "Maroua"),
        ("F1.50", "AVR"),
        ("F1.51", "20/11/2026"),
        ("F1.52", "Niger"),
        ("F1.53", "algerie, Libye"),
        ("F1.56", "0"),
    ];
    fill(&world, &manager, id, "F1/journey", &crossed).await.expect("kept");
    let journey = section(&world, &manager, id, "F1/journey").await.expect("seen");
    assert_eq!(journey.state, SectionState::Complete);
    assert_eq!(journey.answers["F1.53"], ["Algérie, Libye"]);
    assert_eq!(journey.answers["F1.51"], ["20/11/2026"]);
    // A mistake keeps nothing and says where.
    let wrong = fill(&world, &manager, id, "F1/journey", &[("F1.52", "Atlantide")]).await;
    assert_eq!(code(wrong), "F1.52 unknown_option");
    let wrong = fill(
        &world,
        &manager,
        id,
        "F1/frame",
        &[("F1.07", "no"), ("F1.08", "Quelqu’un")],
    )
    .await;
    assert_eq!(code(wrong), "F1.08 irrelevant");
    assert_eq!(
        section(&world, &manager, id, "F1/frame").await.expect("seen").answers["F1.03"],
        ["Garoua"]
    );
    // What belongs to another section is not taken with this one.
    let wrong = fill(&world, &manager, id, "F1/frame", &[("F1.52", "Niger")]).await;
    assert_eq!(code(wrong), "F1.52 unknown_field");
    // The history says that a part was written, and not which.
    let history = page(&world, &manager, id).await.history;
    let lines: Vec<_> = history.iter().filter(|h| h.kind == forms::EVENT).collect();
    assert_eq!(lines.len(), 3);
    assert!(lines.iter().all(|l| l.what == lines[0].what));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_is_written_once_and_a_stale_one_not_at_all() {
    let world = World::sqlite();
    let manager = world.viewer("gestionnaire");
    let id = arrival(&world, &manager, "Essai Deuxfois").await;
    let version = page(&world, &manager, id).await.version;
    let first = command(&world, version, &PRIVATE);
    let made = send(&world, &manager, id, "F1/frame", first.clone())
        .await
        .expect("kept");
    let again = send(&world, &manager, id, "F1/frame", first.clone())
        .await
        .expect("the same");
    assert_eq!((made.id, made.version), (again.id, again.version));
    let mut other = first.clone();
    other.answers.remove("F1.03");
    assert!(matches!(
        send(&world, &manager, id, "F1/frame", other).await,
        Err(ActError::IdTaken)
    ));
    let stale = command(&world, version, &PRIVATE);
    assert!(matches!(
        send(&world, &manager, id, "F1/frame", stale).await,
        Err(ActError::Stale { .. })
    ));
    let rows = world
        .store()
        .read_blocking(move |tx: &mut Tx<'_>| -> Result<_, StoreError> { cases::answers_of(tx, CaseId(id)) })
        .expect("readable");
    assert_eq!(rows.iter().filter(|r| r.form == "F1").count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_privacy_sensitive_questions_are_hidden_and_what_was_said_stays() {
    let world = World::sqlite();
    authorise(&world);
    let manager = world.viewer("gestionnaire");
    let id = arrival(&world, &manager, "Essai Discret").await;
    for (gate, answer) in [("F1.09", "no"), ("F1.10", "no"), ("F1.11", "no"), ("F1.12", "no")] {
        let mut typed = frame(gate, answer);
        if gate == "F1.11" {
            // Not informed: nobody asks for agreement either.
            typed.retain(|(code, _)| *code != "F1.12");
        }
        fill(&world, &manager, id, "F1/frame", &typed).await.expect("kept");
        let flags = section(&world, &manager, id, "F1/flags").await.expect("seen");
        assert_eq!(
            (flags.state, flags.asked.len()),
            (SectionState::NothingAsked, 0),
            "{gate}"
        );
        let told = fill(&world, &manager, id, "F1/flags", &[("F1.65", "yes")]).await;
        assert_eq!(code(told), "F1.65 irrelevant", "{gate}");
        let urgent = section(&world, &manager, id, "F1/urgent").await.expect("seen");
        assert_eq!(
            urgent.asked.is_empty(),
            gate == "F1.11",
            "{gate}: signs are noted always"
        );
    }
    fill(&world, &manager, id, "F1/frame", &PRIVATE).await.expect("kept");
    let flags = section(&world, &manager, id, "F1/flags").await.expect("seen");
    assert!(flags.asked.contains(&"F1.65".to_owned()));
    fill(&world, &manager, id, "F1/flags", &[("F1.65", "yes"), ("F1.66", "no")])
        .await
        .expect("kept");
    // The next interview is not private: what was said in private stays as it was.
    fill(&world, &manager, id, "F1/frame", &frame("F1.09", "no"))
        .await
        .expect("kept");
    fill(&world, &manager, id, "F1/flags", &[]).await.expect("kept");
    let flags = section(&world, &manager, id, "F1/flags").await.expect("seen");
    assert_eq!(
        (flags.answers["F1.65"].as_slice(), flags.asked.len()),
        (&["yes".to_owned()][..], 0)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_authorisation_no_restricted_answer_is_asked_or_kept() {
    let world = World::sqlite();
    assert!(!world.desk.s4_authorised());
    let manager = world.viewer("gestionnaire");
    let id = arrival(&world, &manager, "Essai Sans").await;
    fill(&world, &manager, id, "F1/frame", &PRIVATE).await.expect("kept");
    let seen = form(&world, &manager, id, "F1").await;
    assert!(seen.restricted_off, "said to whoever would be asked");
    for off in ["urgent", "disability", "trafficking"] {
        assert_eq!(state(&seen, off), None, "{off}");
        let typed = fill(&world, &manager, id, &format!("F1/{off}"), &[("F1.61", "yes")]).await;
        assert_eq!(code(typed), "not_found", "{off}");
    }
    // One question of the flags is left: whom a national fears, whose answer is not kept.
    let flags = section(&world, &manager, id, "F1/flags").await.expect("seen");
    assert_eq!(flags.asked, ["F1.68b"]);
    let typed = fill(&world, &manager, id, "F1/flags", &[("F1.65", "yes")]).await;
    assert_eq!(code(typed), "F1.65 unknown_field");
    fill(&world, &manager, id, "F1/flags", &[("F1.68b", "yes")])
        .await
        .expect("taken and not kept");
    let flags = section(&world, &manager, id, "F1/flags").await.expect("seen");
    assert!(flags.answers.is_empty() && flags.facts.is_empty());
    // Urgent help goes on: open signs propose as before.
    fill(&world, &manager, id, "F1/situation", &[("F1.69", "yes")])
        .await
        .expect("kept");
    assert_eq!(proposed(&page(&world, &manager, id).await), ["P1 RCP.02"]);
    let colleague = world.viewer("superviseur");
    assert!(!form(&world, &colleague, id, "F1").await.restricted_off);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_class_is_read_by_whoever_sees_it_and_nobody_else_learns_of_it() {
    let world = World::sqlite();
    authorise(&world);
    let (manager, untrained) = (world.viewer("gestionnaire"), world.viewer("superviseur"));
    let id = arrival(&world, &manager, "Essai Classes").await;
    fill(&world, &manager, id, "F1/frame", &PRIVATE).await.expect("kept");
    let signs = [("F1.60", "no"), ("F1.61", "yes"), ("F1.62", "no"), ("F1.58", "no")];
    fill(&world, &manager, id, "F1/urgent", &signs).await.expect("kept");
    fill(&world, &manager, id, "F1/flags", &[("F1.66", "yes"), ("F1.66b", "no")])
        .await
        .expect("kept");
    fill(
        &world,
        &manager,
        id,
        "F1/situation",
        &[("F1.69", "no"), ("F1.70", "yes")],
    )
    .await
    .expect("kept");

    // The supervisor is not named for restricted data.
    let seen = form(&world, &untrained, id, "F1").await;
    assert_eq!((state(&seen, "urgent"), state(&seen, "flags")), (None, None));
    assert!(state(&seen, "situation").is_some());
    for at in ["F1/urgent", "F1/flags", "F1/trafficking", "F1/disability"] {
        assert_eq!(code(section(&world, &untrained, id, at).await), "not_found", "{at}");
        assert_eq!(code(fill(&world, &untrained, id, at, &[]).await), "not_found", "{at}");
    }
    let (theirs, ours) = (page(&world, &untrained, id).await, page(&world, &manager, id).await);
    assert_eq!(proposed(&theirs), ["P2 RCP.04"]);
    assert_eq!(proposed(&ours), ["P1 MED.01", "P2 RCP.04", "P2 VOT.01"]);
    assert_eq!(
        ours.proposals[0].reasons,
        ["urgence médicale ou blessure grave"],
        "it says why"
    );
    // The untrained writes an open section and touches nothing else.
    fill(
        &world,
        &untrained,
        id,
        "F1/situation",
        &[("F1.69", "no"), ("F1.70", "no")],
    )
    .await
    .expect("kept");
    let urgent = section(&world, &manager, id, "F1/urgent").await.expect("seen");
    assert_eq!(urgent.answers["F1.61"], ["yes"]);
    // Others see nothing of the case.
    for nobody in ["collegue", "autre", "secretariat", "regional", "delegue", "atelier"] {
        let who = world.viewer(nobody);
        let read = forms::form(&world.desk, &who, CaseId(id), "F1".to_owned()).await;
        assert_eq!(code(read), "not_found", "{nobody}");
    }

    // A provider that was given the class reads what it says, and nothing beside.
    world
        .consent(
            &manager,
            id,
            &[DataClass::Family, DataClass::Journey, DataClass::Skills],
        )
        .await
        .expect("consented");
    let crossed = [("F1.36", "Maroua"), ("F1.56", "2")];
    fill(&world, &manager, id, "F1/journey", &crossed).await.expect("kept");
    fill(
        &world,
        &manager,
        id,
        "F1/identity",
        &[("F1.39", "PRIM"), ("F1.27", "CM")],
    )
    .await
    .expect("kept");
    let need = world
        .need(&manager, id, "VTC.02", Priority::P3)
        .await
        .expect("a need")
        .id;
    let referral = world.send(&manager, need, "S-COUTURE").await.expect("sent").id;
    let workshop = world.viewer("atelier");
    let read = forms::form(&world.desk, &workshop, CaseId(id), "F1".to_owned()).await;
    assert_eq!(code(read), "not_found", "nothing before acceptance");
    let accept = relais_acts::commands::ReferralCommand::Accept { by_name: String::new() };
    world.give(&workshop, referral, accept).await.expect("accepted");
    let read = form(&world, &workshop, id, "F1").await;
    assert!(!read.may_write && read.sections.iter().all(|s| s.by.is_none()));
    let names: Vec<&str> = read.sections.iter().map(|s| s.section.as_str()).collect();
    assert_eq!(names, ["identity"], "identity and what the category needs: {names:?}");
    let own = section(&world, &workshop, id, "F1/identity").await.expect("seen");
    assert!(!own.may_write && own.asked.is_empty());
    let codes: Vec<&str> = own.answers.keys().map(String::as_str).collect();
    assert_eq!(codes, ["F1.27", "F1.39"]);
    assert_eq!(
        own.facts.iter().filter_map(|f| f.value.as_deref()).collect::<Vec<_>>(),
        ["Cameroun", "Primaire"]
    );
    assert_eq!(code(section(&world, &workshop, id, "F1/situation").await), "not_found");
    assert!(page(&world, &workshop, id).await.proposals.is_empty());
    let write = send(&world, &workshop, id, "F1/identity", command(&world, 1, &[])).await;
    assert_eq!(code(write), "forbidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proposal_goes_once_its_need_is_there() {
    let world = World::sqlite();
    authorise(&world);
    let manager = world.viewer("gestionnaire");
    let id = arrival(&world, &manager, "Essai Proposé").await;
    fill(&world, &manager, id, "F1/frame", &PRIVATE).await.expect("kept");
    fill(&world, &manager, id, "F1/flags", &[("F1.64", "yes"), ("F1.74", "yes")])
        .await
        .expect("kept");
    let before = page(&world, &manager, id).await;
    assert_eq!(proposed(&before), ["P1 GBV.01", "P2 MED.05"]);
    assert!(before.needs.is_empty(), "nothing is recorded by itself");
    world.need(&manager, id, "GBV.01", Priority::P1).await.expect("a need");
    assert_eq!(proposed(&page(&world, &manager, id).await), ["P2 MED.05"]);
    // The priority may be lower than proposed, with a reason.
    let low = [("F1.90", "IN"), ("F1.91", "P3"), ("F1.95", "30/11/2026")];
    fill(&world, &manager, id, "F1/decision", &low).await.expect("kept");
    let decision = section(&world, &manager, id, "F1/decision").await.expect("seen");
    assert_eq!(decision.missing, ["F1.92"]);
    let high = [("F1.90", "IN"), ("F1.91", "P1"), ("F1.95", "30/11/2026")];
    fill(&world, &manager, id, "F1/decision", &high).await.expect("kept");
    let decision = section(&world, &manager, id, "F1/decision").await.expect("seen");
    assert_eq!((decision.state, decision.missing.len()), (SectionState::Complete, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_assessment_waits_for_consent_and_its_profile_decides_nothing() {
    let world = World::sqlite();
    authorise(&world);
    let (manager, untrained) = (world.viewer("gestionnaire"), world.viewer("superviseur"));
    let id = arrival(&world, &manager, "Essai Évalué").await;
    let typed = [("F2.01", "25/11/2026 09:00"), ("F2.03", "no"), ("F2.04", "yes")];
    assert!(form(&world, &manager, id, "F2").await.consent_first);
    assert_eq!(code(fill(&world, &manager, id, "F2/frame", &typed).await), "no_consent");
    world
        .consent(&manager, id, &[DataClass::Skills])
        .await
        .expect("consented");
    fill(&world, &manager, id, "F2/frame", &typed).await.expect("kept");
    fill(
        &world,
        &manager,
        id,
        "F2/household",
        &[("F2.30r", "3"), ("F2.30p", "1"), ("F2.30e", "Cinq enfants, un revenu")],
    )
    .await
    .expect("kept");
    fill(&world, &manager, id, "F2/safety", &[("F2.32r", "3"), ("F2.32p", "0")])
        .await
        .expect("kept");
    let level = |view: &FormView| {
        let row = view.profile.iter().find(|l| l.level == "household").expect("a level");
        (row.risk, row.protection, row.net, row.rated)
    };
    let seen = form(&world, &manager, id, "F2").await;
    assert_eq!(level(&seen), (Some(30), Some(5), Some(25), 2));
    // Without the restricted factor, for whoever does not read it.
    let other = form(&world, &untrained, id, "F2").await;
    assert_eq!(level(&other), (Some(30), Some(10), Some(20), 1));
    assert_eq!(state(&other, "safety"), None);
    let outcome = section(&world, &manager, id, "F2/outcome").await.expect("seen");
    assert!(outcome.answers.is_empty(), "the level is the professional's");
    let short = fill(&world, &manager, id, "F2/outcome", &[("F2.62", "Trop court")]).await;
    assert_eq!(code(short), "F2.62 too_short");
    // Not in private: health and violence are not asked.
    let typed = [("F2.01", "26/11/2026 09:00"), ("F2.03", "yes"), ("F2.04", "no")];
    fill(&world, &manager, id, "F2/frame", &typed).await.expect("kept");
    let safety = section(&world, &manager, id, "F2/safety").await.expect("seen");
    assert!(safety.asked.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_takes_the_answers_and_names_stand_under_the_persons_key() {
    let world = World::sqlite();
    let manager = world.viewer("gestionnaire");
    let made = world.register(&manager, "Essai Effacé", 28).await.expect("registered");
    let id = made.id;
    fill(&world, &manager, id, "F1/frame", &PRIVATE).await.expect("kept");
    let typed = [
        ("F1.20", "Essai-Papier"),
        ("F1.27", "Cameroun"),
        ("F1.28", "CNI"),
        ("F1.29", "AB12345678"),
    ];
    fill(&world, &manager, id, "F1/identity", &typed).await.expect("kept");
    fill(&world, &manager, id, "F1/contact", &[("F1.34", "Après 18 h")])
        .await
        .expect("kept");
    let read = move |tx: &mut Tx<'_>| -> Result<_, ActError> {
        let file = relais_acts::file::CaseFile::load(tx, CaseId(id))?.expect("a case");
        let (identity, contact) = file.person(tx)?;
        let sealed = cases::answers_of(tx, CaseId(id))?;
        let opened: Vec<String> = sealed
            .iter()
            .map(|row| {
                relais_acts::file::open::<serde_json::Value>(
                    &tx.sealer(),
                    "form_answers",
                    "answers",
                    row.id,
                    file.record.slot,
                    &row.answers,
                )
                .map(|v| v.to_string())
            })
            .collect::<Result<_, StoreError>>()?;
        Ok((identity, contact, opened))
    };
    let (identity, contact, opened) = world.store().read_blocking(read).expect("readable");
    assert!(identity.more.contains_key("F1.20") && identity.more.contains_key("F1.27"));
    assert!(!identity.more.contains_key("F1.29"), "the number is of the documents");
    assert!(contact.more.contains_key("F1.34"));
    assert!(
        opened
            .iter()
            .all(|text| !text.contains("Essai-Papier") && !text.contains("18 h"))
    );
    assert!(opened.iter().any(|text| text.contains("AB12345678")));
    let identity = section(&world, &manager, id, "F1/identity").await.expect("seen");
    assert_eq!(identity.answers["F1.20"], ["Essai-Papier"]);
    // A name that is emptied is gone.
    fill(&world, &manager, id, "F1/identity", &typed[1..])
        .await
        .expect("kept");
    let identity = section(&world, &manager, id, "F1/identity").await.expect("seen");
    assert!(!identity.answers.contains_key("F1.20"));

    let mut officer = world.viewer("administrateur");
    officer.roles = [Role::Administrator].into();
    let command = EraseCase {
        code: made.code,
        reason: ErasureReason::Request,
        words: String::new(),
        dry_run: false,
    };
    erase::erase(&world.desk, &officer, &command).expect("erased");
    assert!(matches!(
        forms::form(&world.desk, &manager, CaseId(id), "F1".to_owned()).await,
        Err(ActError::Erased)
    ));
    let left = page(&world, &manager, id).await;
    assert!(left.forms.is_empty() && left.proposals.is_empty());
    let rows = world
        .store()
        .read_blocking(move |tx: &mut Tx<'_>| -> Result<_, StoreError> { cases::answers_of(tx, CaseId(id)) })
        .expect("readable");
    assert!(rows.iter().all(|row| row.answers.is_empty()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_forms_go_with_a_case_and_are_only_read_in_a_closed_one() {
    let world = World::sqlite();
    let (manager, chief) = (world.viewer("gestionnaire"), world.viewer("superviseur"));
    let id = arrival(&world, &manager, "Essai Suivi").await;
    fill(&world, &manager, id, "F1/frame", &PRIVATE).await.expect("kept");
    let colleague = world.viewer("collegue");
    let hand = relais_acts::commands::AssignCase {
        id: world.new_id(),
        version: page(&world, &chief, id).await.version,
        to: colleague.user.0,
        note: String::new(),
    };
    relais_acts::assignment::assign(&world.desk, &chief, CaseId(id), hand)
        .await
        .expect("handed over");
    let read = section(&world, &colleague, id, "F1/frame").await.expect("seen");
    assert_eq!(read.answers["F1.03"], ["Garoua"]);
    assert!(read.may_write);
    assert_eq!(code(section(&world, &manager, id, "F1/frame").await), "not_found");
    world.close(&colleague, id).await.expect("closed");
    let read = section(&world, &colleague, id, "F1/frame").await.expect("still read");
    assert!(!read.may_write && !read.facts.is_empty());
    let late = fill(&world, &colleague, id, "F1/frame", &PRIVATE).await;
    assert_eq!(code(late), "case_not_open");
}

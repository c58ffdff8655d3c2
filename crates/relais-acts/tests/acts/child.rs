//! What protects a child, by the real acts: who may consent for it and how far
//! that reaches, doubt about the adult and about the age, seen alone, and what
//! waits for the best-interests decision (DOMAIN §2.3).

use std::collections::BTreeMap;

use relais_acts::commands::{ConsentLineDecision, RecordChild, RecordConsent, ReferralCommand};
use relais_acts::views::{CaseView, Made};
use relais_acts::{ActError, Viewer, case, child, consents};
use relais_casework::referral::State;
use relais_casework::visible::visible;
use relais_fixture::World;
use relais_mechanism::{ClassSet, DataClass, Lang, Priority};
use relais_network::{CaseId, ReferralId};
use relais_store::Tx;
use uuid::Uuid;

use crate::help::file;

async fn page(world: &World, who: &Viewer, id: Uuid) -> CaseView {
    case::view(&world.desk, who, CaseId(id)).await.expect("the case")
}

/// The section "child", as typed: doubt about age, link, seen alone, decision.
async fn note(world: &World, who: &Viewer, id: Uuid, typed: [&str; 4]) -> Result<Made, ActError> {
    let codes = ["F1.25b", "F1.63b", "F1.63c", "F1.63d"];
    let answers = codes
        .into_iter()
        .zip(typed)
        .filter(|(_, value)| !value.is_empty())
        .map(|(code, value)| (code.to_owned(), vec![value.to_owned()]))
        .collect();
    let command = RecordChild {
        id: world.new_id(),
        version: page(world, who, id).await.version,
        answers,
        happened_at: None,
    };
    child::record(&world.desk, who, CaseId(id), command).await
}

/// Consent by somebody: who, their link, assent, whether involving them is safe.
async fn consent(
    world: &World,
    who: &Viewer,
    case: Uuid,
    [by, link, assent, safe]: [&str; 4],
) -> Result<Made, ActError> {
    let mut answers: BTreeMap<String, Vec<String>> = relais_fixture::consent_answers();
    for (code, value) in [
        ("F3.10", by),
        ("F3.10b", link),
        ("F3.11", if by == "SELF" { "" } else { "Adulte d’essai" }),
        ("F3.12", assent),
        ("F3.13", safe),
    ] {
        if value.is_empty() {
            answers.remove(code);
        } else {
            answers.insert(code.to_owned(), vec![value.to_owned()]);
        }
    }
    decided(world, who, case, answers, "granted").await
}

/// The form as typed, with the same decision on each of three lines.
async fn decided(
    world: &World,
    who: &Viewer,
    case: Uuid,
    answers: BTreeMap<String, Vec<String>>,
    decision: &str,
) -> Result<Made, ActError> {
    let line = |line: &str, classes: ClassSet| ConsentLineDecision {
        line: line.to_owned(),
        decision: decision.to_owned(),
        recipient: None,
        service: None,
        classes,
    };
    let command = RecordConsent {
        id: world.new_id(),
        answers,
        lines: vec![
            line("C1", ClassSet::EMPTY),
            line("C2", ClassSet::EMPTY),
            line("C3", ClassSet::EMPTY.with(DataClass::Skills)),
        ],
        never: ClassSet::EMPTY,
        happened_at: None,
    };
    consents::record(&world.desk, who, CaseId(case), command).await
}

fn code<T: std::fmt::Debug>(result: Result<T, ActError>) -> String {
    match result.expect_err("refused") {
        ActError::Refused { code, .. } => code,
        ActError::Invalid(fields) => format!("{} {}", fields[0].field, fields[0].code),
        other => format!("{other:?}"),
    }
}

async fn accept(world: &World, who: &Viewer, referral: Uuid) -> Result<(), ActError> {
    let by_name = "Infirmière Essai".to_owned();
    let done = world.give(who, referral, ReferralCommand::Accept { by_name }).await;
    done.map(|_| ())
}

/// Who consents for whom: the table of DOMAIN §2.3, each line by the act.
#[tokio::test(flavor = "multi_thread")]
async fn who_consents_for_a_child_is_the_fields_table() {
    let world = World::sqlite();
    let manager = world.viewer("gestionnaire");
    // Age; by whom, link, assent, safe; what the act says.
    let table = [
        (4, ["PARENT", "verified", "young", "yes"], ""),
        (4, ["PARENT", "paper_shown", "young", "yes"], ""),
        (4, ["PARENT", "declared", "young", "yes"], ""),
        (4, ["PARENT", "", "young", "yes"], "F3.10b required"),
        (4, ["PARENT", "doubtful", "young", "yes"], "F3.10b link_doubtful"),
        (4, ["GUARD", "doubtful", "young", "yes"], "F3.10b link_doubtful"),
        (4, ["CARE", "doubtful", "young", "yes"], "F3.10b link_doubtful"),
        (4, ["PARENT", "verified", "young", "no"], "F3.13 caregiver_unsafe"),
        (4, ["SELF", "", "young", "yes"], "F3.10 child_too_young"),
        (4, ["SOCIAL", "", "young", "no"], ""),
        (4, ["COURT", "", "young", "no"], ""),
        (9, ["PARENT", "verified", "young", "yes"], "F3.12 assent_missing"),
        (9, ["PARENT", "verified", "no", "yes"], "F3.12 assent_refused"),
        (9, ["PARENT", "verified", "yes", "yes"], ""),
        (13, ["SELF", "", "yes", "yes"], "F3.10 child_too_young"),
        (13, ["SELF", "", "yes", "no"], ""),
        (16, ["PARENT", "verified", "young", "yes"], "F3.10 child_must_consent"),
        (16, ["SELF", "", "yes", "yes"], ""),
        (30, ["PARENT", "", "", ""], "F3.10b link_missing"),
        (30, ["SELF", "", "", ""], ""),
    ];
    for (age, typed, expected) in table {
        let case = world
            .register(&manager, "Essai Table", age)
            .await
            .expect("registered")
            .id;
        let got = consent(&world, &manager, case, typed).await;
        match expected {
            "" => drop(got.unwrap_or_else(|e| panic!("{age} {typed:?}: {e:?}"))),
            code_ => assert_eq!(code(got), code_, "{age} {typed:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_declared_link_reaches_urgent_care_only() {
    let world = World::sqlite();
    let (manager, hospital) = (world.viewer("gestionnaire"), world.viewer("hopital"));
    let case = world
        .register(&manager, "Essai Déclaré", 8)
        .await
        .expect("registered")
        .id;
    note(&world, &manager, case, ["no", "", "yes", ""])
        .await
        .expect("noted");
    consent(&world, &manager, case, ["PARENT", "declared", "yes", "yes"])
        .await
        .expect("recorded");
    let seen = page(&world, &manager, case).await;
    assert!(seen.consents.iter().all(|c| c.urgent_only && c.decision == "granted"));
    let course = world
        .need(&manager, case, "VTC.02", Priority::P3)
        .await
        .expect("a need")
        .id;
    assert_eq!(code(world.send(&manager, course, "S-COUTURE").await), "no_consent");
    let urgent = world
        .need(&manager, case, "MED.03", Priority::P2)
        .await
        .expect("a need")
        .id;
    let sent = world.send(&manager, urgent, "S-SOINS").await.expect("sent");
    accept(&world, &hospital, sent.id).await.expect("accepted");
    let network = world.desk.network();
    let now = world
        .store()
        .read_blocking(|tx: &mut Tx<'_>| tx.now())
        .expect("a clock");
    let view = visible(&file(&world, case).facts(), &hospital.sight(&network), now);
    assert!(
        view.classes().contains(DataClass::Identity),
        "urgent care knows the name"
    );
    // The paper that comes later reaches further, with a consent of its own.
    note(&world, &manager, case, ["no", "paper_shown", "yes", ""])
        .await
        .expect("noted");
    consent(&world, &manager, case, ["PARENT", "paper_shown", "yes", "yes"])
        .await
        .expect("recorded");
    world.send(&manager, course, "S-COUTURE").await.expect("sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doubtful_adult_consents_to_nothing_and_child_protection_comes_first() {
    let world = World::sqlite();
    let (manager, hospital) = (world.viewer("gestionnaire"), world.viewer("hopital"));
    let (colleague, workshop) = (world.viewer("superviseur"), world.viewer("atelier"));
    let case = world
        .register(&manager, "Essai Douteux", 8)
        .await
        .expect("registered")
        .id;
    note(&world, &manager, case, ["no", "paper_shown", "yes", ""])
        .await
        .expect("noted");
    consent(&world, &manager, case, ["PARENT", "paper_shown", "yes", "yes"])
        .await
        .expect("recorded");
    // One referral is accepted under that consent, one waits for its answer.
    let care = world
        .need(&manager, case, "MED.03", Priority::P2)
        .await
        .expect("a need")
        .id;
    let accepted = world.send(&manager, care, "S-SOINS").await.expect("sent").id;
    accept(&world, &hospital, accepted).await.expect("accepted");
    let course = world
        .need(&manager, case, "VTC.02", Priority::P3)
        .await
        .expect("a need")
        .id;
    let waiting = world.send(&manager, course, "S-COUTURE").await.expect("sent").id;

    note(&world, &manager, case, ["no", "doubtful", "yes", ""])
        .await
        .expect("noted");
    let seen = page(&world, &manager, case).await;
    let child = seen.child.expect("a child");
    assert!(child.protection_first && child.protection_need.is_none());
    assert!(
        seen.consents.iter().all(|c| c.decision == "void"),
        "what that adult agreed to is void"
    );
    assert!(!seen.consent_ready);
    let after = file(&world, case);
    let network = world.desk.network();
    let now = world
        .store()
        .read_blocking(|tx: &mut Tx<'_>| tx.now())
        .expect("a clock");
    let view = visible(&after.facts(), &hospital.sight(&network), now);
    assert!(
        view.classes().is_empty(),
        "the hospital reads no class any more: {view:?}"
    );
    let state = |id: Uuid| after.referral(ReferralId(id)).expect("there").machine.state;
    assert_eq!(state(accepted), State::Accepted, "care goes on");
    assert_eq!(state(waiting), State::Cancelled, "what waited comes back to its sender");
    assert!(accept(&world, &workshop, waiting).await.is_err());
    let asked = world.stops(case);
    assert_eq!(asked.len(), 1, "who received is asked to stop using it");

    // The adult's consent is refused with the sentence why and what to do, whatever is stated of the link.
    for link in ["doubtful", "declared", "paper_shown", "verified"] {
        let refused = consent(&world, &manager, case, ["PARENT", link, "yes", "yes"]).await;
        let Err(ActError::Invalid(fields)) = refused else {
            panic!("{link} was taken: {refused:?}");
        };
        let said = fields.iter().find(|f| f.code == "link_doubtful").expect("the reason");
        assert_eq!(said.field, "F3.10b");
        for lang in [Lang::Fr, Lang::En] {
            assert!(
                said.message.get(lang).contains("CHP"),
                "the next action: {}",
                said.message.get(lang)
            );
        }
    }
    // A declaration lifts no doubt, and nobody untrained does.
    note(&world, &manager, case, ["no", "declared", "yes", ""])
        .await
        .expect("noted");
    assert!(
        page(&world, &manager, case)
            .await
            .child
            .expect("a child")
            .protection_first
    );
    assert_eq!(
        code(note(&world, &colleague, case, ["no", "verified", "yes", ""]).await),
        "F1.63b training_needed"
    );
    // The doubt is not told to whoever is not named for restricted data; that protection comes first is.
    let other = page(&world, &colleague, case).await.child.expect("a child");
    assert!(other.link.is_none() && other.protection_first);

    // The next action is there: the need is proposed, recorded, referred; the social service consents.
    let protection = world
        .need(&manager, case, "CHP.01", Priority::P1)
        .await
        .expect("a need")
        .id;
    let child = page(&world, &manager, case).await.child.expect("a child");
    assert_eq!(child.protection_need.map(|n| n.0), Some(protection));
    consent(&world, &manager, case, ["SOCIAL", "", "yes", "no"])
        .await
        .expect("recorded");
    world
        .send(&manager, course, "S-METIERS")
        .await
        .expect_err("no agreement there");
    note(&world, &manager, case, ["no", "verified", "yes", ""])
        .await
        .expect("lifted by the social service");
    assert!(
        !page(&world, &manager, case)
            .await
            .child
            .expect("a child")
            .protection_first
    );
}

/// Whoever states the doubt on the consent form and lets nothing go has noted
/// it: it holds from there as it does from the child's own page.
#[tokio::test(flavor = "multi_thread")]
async fn a_doubt_stated_beside_refused_lines_is_not_lost() {
    let world = World::sqlite();
    let manager = world.viewer("gestionnaire");
    for recorded in ["", "declared", "paper_shown"] {
        let case = world.register(&manager, "Essai Refus", 8).await.expect("registered").id;
        note(&world, &manager, case, ["no", recorded, "yes", ""])
            .await
            .expect("noted");
        let consents = |seen: &CaseView| seen.consents.iter().map(|c| c.decision.clone()).collect::<Vec<_>>();
        let mut waiting = None;
        if recorded == "paper_shown" {
            consent(&world, &manager, case, ["PARENT", recorded, "yes", "yes"])
                .await
                .expect("recorded");
            let course = world
                .need(&manager, case, "VTC.02", Priority::P3)
                .await
                .expect("a need")
                .id;
            waiting = Some(world.send(&manager, course, "S-COUTURE").await.expect("sent").id);
        }
        let mut answers = relais_fixture::consent_answers();
        for (code, value) in [
            ("F3.10", "PARENT"),
            ("F3.10b", "doubtful"),
            ("F3.11", "Adulte d’essai"),
            ("F3.12", "yes"),
            ("F3.13", "yes"),
        ] {
            answers.insert(code.to_owned(), vec![value.to_owned()]);
        }
        decided(&world, &manager, case, answers, "refused")
            .await
            .expect("recorded");
        let seen = page(&world, &manager, case).await;
        let child = seen.child.clone().expect("a child");
        assert!(child.protection_first, "after {recorded:?}");
        assert_eq!(child.link.as_deref(), Some("doubtful"), "after {recorded:?}");
        assert!(
            !consents(&seen).contains(&"granted".to_owned()),
            "what that adult agreed to is void: {:?}",
            consents(&seen)
        );
        if let Some(waiting) = waiting {
            let state = file(&world, case)
                .referral(ReferralId(waiting))
                .expect("there")
                .machine
                .state;
            assert_eq!(state, State::Cancelled, "what waited comes back to its sender");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn doubt_about_age_means_child_and_a_child_is_seen_alone_first() {
    let world = World::sqlite();
    let manager = world.viewer("gestionnaire");
    let case = world.register(&manager, "Essai Âge", 19).await.expect("registered").id;
    assert!(!page(&world, &manager, case).await.child.expect("may be one").child);
    world
        .consent(&manager, case, &[DataClass::Skills])
        .await
        .expect("an adult consents");
    note(&world, &manager, case, ["yes", "", "no", ""])
        .await
        .expect("noted");
    assert!(file(&world, case).card.child);
    // From now on the rules of a child of fifteen to seventeen hold.
    assert_eq!(
        code(consent(&world, &manager, case, ["SELF", "", "", ""]).await),
        "F3.12 required",
        "the child's assent and safety are asked"
    );
    let course = world
        .need(&manager, case, "VTC.02", Priority::P3)
        .await
        .expect("a need")
        .id;
    assert_eq!(
        code(world.send(&manager, course, "S-COUTURE").await),
        "child_not_seen_alone"
    );
    let urgent = world
        .need(&manager, case, "MED.03", Priority::P2)
        .await
        .expect("a need")
        .id;
    world
        .send(&manager, urgent, "S-SOINS")
        .await
        .expect("urgent care does not wait");
    note(&world, &manager, case, ["yes", "", "yes", ""])
        .await
        .expect("noted");
    world.send(&manager, course, "S-COUTURE").await.expect("sent");
    // The day of a decision does not lie ahead, and the page says so beside the field.
    assert_eq!(
        code(note(&world, &manager, case, ["yes", "", "yes", "2027-01-01"]).await),
        "F1.63d in_the_future"
    );
    assert_eq!(
        code(note(&world, &manager, case, ["", "", "", ""]).await),
        "F1.25b required"
    );
}

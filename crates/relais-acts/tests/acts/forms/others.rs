//! Who else reads the forms: the provider that accepted, whoever takes the case
//! over, whoever opens it in an emergency.

use relais_acts::commands::{
    ActOnTransfer, ConsentLineDecision, OpenEmergency, RecordConsent, ReferralCommand, TransferAsked,
};
use relais_acts::views::Fact;
use relais_acts::{consents, emergency, forms, refer, referral_view, transfers};
use relais_fixture::{World, consent_answers, id as known};
use relais_mechanism::{ClassSet, DataClass, Priority};
use relais_network::{CaseId, NeedId, ReferralId, ServiceId, TransferId};

use super::{PRIVATE, arrival, authorise, code, fill, form, page, section};

fn value<'a>(facts: &'a [Fact], label: &str) -> Option<&'a str> {
    facts.iter().find(|f| f.label == label)?.value.as_deref()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sender_is_told_which_parts_go_and_a_withdrawal_closes_them() {
    let world = World::sqlite();
    let (manager, workshop) = (world.viewer("gestionnaire"), world.viewer("atelier"));
    let id = arrival(&world, &manager, "Essai Montré").await;
    fill(&world, &manager, id, "F1/frame", &PRIVATE).await.expect("kept");
    let typed = [("F1.27", "CM"), ("F1.38", "SGL"), ("F1.39", "PRIM")];
    fill(&world, &manager, id, "F1/identity", &typed).await.expect("kept");
    fill(
        &world,
        &manager,
        id,
        "F1/contact",
        &[("F1.34", "Après 18 h, jamais de nom")],
    )
    .await
    .expect("kept");
    world
        .consent(&manager, id, &[DataClass::Skills])
        .await
        .expect("consented");
    let need = world
        .need(&manager, id, "VTC.02", Priority::P3)
        .await
        .expect("a need")
        .id;
    let service = Some(ServiceId(known("S-COUTURE")));
    let seen = refer::view(&world.desk, &manager, NeedId(need), service, None)
        .await
        .expect("the page");
    let after = seen.preview.expect("a preview").after;
    // The marital status is of another class, to which nobody agreed.
    assert_eq!(value(&after, "F1, Identité"), Some("2 réponses"));
    assert_eq!(value(&after, "F1, Contact sûr"), Some("1 réponse"));
    assert_eq!(value(&after, "F1, Cadre de l’entretien"), None);
    // How the person may be called stands beside the number, before and after.
    assert_eq!(
        value(&after, "Consignes de sécurité"),
        Some("Après 18 h, jamais de nom")
    );
    assert_eq!(
        value(&page(&world, &manager, id).await.facts, "Consignes de sécurité"),
        Some("Après 18 h, jamais de nom")
    );

    let referral = world.send(&manager, need, "S-COUTURE").await.expect("sent").id;
    let offered = referral_view::view(&world.desk, &workshop, ReferralId(referral))
        .await
        .expect("the offer");
    assert_eq!(value(&offered.facts, "Consignes de sécurité"), None);
    let accept = ReferralCommand::Accept { by_name: String::new() };
    world.give(&workshop, referral, accept).await.expect("accepted");
    let taken = referral_view::view(&world.desk, &workshop, ReferralId(referral))
        .await
        .expect("the referral");
    assert_eq!(
        value(&taken.facts, "Consignes de sécurité"),
        Some("Après 18 h, jamais de nom")
    );
    let own = section(&world, &workshop, id, "F1/identity").await.expect("seen");
    assert_eq!(own.answers.keys().collect::<Vec<_>>(), ["F1.27", "F1.39"]);
    world.withdraw(&manager, id, "stop_sharing").await.expect("withdrawn");
    for at in ["F1/identity", "F1/contact"] {
        assert_eq!(code(section(&world, &workshop, id, at).await), "not_found", "{at}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_takes_the_case_over_reads_and_is_asked_what_the_person_agreed_to() {
    let world = World::sqlite();
    authorise(&world);
    let (manager, other) = (world.viewer("gestionnaire"), world.viewer("autre"));
    let id = arrival(&world, &manager, "Essai Transmis").await;
    fill(&world, &manager, id, "F1/frame", &PRIVATE).await.expect("kept");
    fill(&world, &manager, id, "F1/urgent", &[("F1.61", "yes")])
        .await
        .expect("kept");
    let journey = [("F1.36", "Maroua"), ("F1.56", "2")];
    fill(&world, &manager, id, "F1/journey", &journey).await.expect("kept");
    let agreed = [DataClass::Identity, DataClass::Contact, DataClass::Journey];
    let command = RecordConsent {
        id: world.new_id(),
        answers: consent_answers(),
        lines: vec![ConsentLineDecision {
            line: "C3".to_owned(),
            decision: "granted".to_owned(),
            recipient: Some(known("AUTRE")),
            service: None,
            classes: agreed.into_iter().collect::<ClassSet>(),
        }],
        never: ClassSet::EMPTY,
        happened_at: None,
    };
    consents::record(&world.desk, &manager, CaseId(id), command)
        .await
        .expect("agreed");
    let transfer = TransferId(world.propose(&manager, id, "AUTRE").await.expect("proposed").id);
    let read = forms::form(&world.desk, &other, CaseId(id), "F1".to_owned()).await;
    assert_eq!(code(read), "not_found", "asked, and not yet the holder");
    let take = ActOnTransfer {
        id: world.new_id(),
        version: 1,
        command: TransferAsked::Accept { assign: None },
    };
    transfers::act(&world.desk, &other, transfer, take)
        .await
        .expect("taken over");

    let seen = form(&world, &other, id, "F1").await;
    let names: Vec<&str> = seen.sections.iter().map(|s| s.section.as_str()).collect();
    assert_eq!(names, ["identity", "contact", "journey"]);
    let own = section(&world, &other, id, "F1/journey").await.expect("seen");
    assert_eq!(own.answers.keys().collect::<Vec<_>>(), ["F1.36"], "not the family's");
    assert!(own.may_write && !own.frame, "no way to a part that is not there");
    for at in ["F1/frame", "F1/situation", "F1/urgent", "F1/flags"] {
        assert_eq!(code(section(&world, &other, id, at).await), "not_found", "{at}");
        assert_eq!(code(fill(&world, &other, id, at, &[]).await), "not_found", "{at}");
    }
    assert!(page(&world, &other, id).await.proposals.is_empty());
    assert_eq!(code(section(&world, &manager, id, "F1/journey").await), "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emergency_opens_the_open_parts_to_read_and_proposes_nothing() {
    let world = World::sqlite();
    authorise(&world);
    let (manager, nurse) = (world.viewer("gestionnaire"), world.viewer("hopital"));
    let made = world.register(&manager, "Essai Vital", 28).await.expect("registered");
    let id = made.id;
    fill(&world, &manager, id, "F1/frame", &PRIVATE).await.expect("kept");
    fill(&world, &manager, id, "F1/urgent", &[("F1.61", "yes")])
        .await
        .expect("kept");
    fill(&world, &manager, id, "F1/situation", &[("F1.69", "yes")])
        .await
        .expect("kept");
    let read = forms::form(&world.desk, &nurse, CaseId(id), "F1".to_owned()).await;
    assert_eq!(code(read), "not_found");
    let command = OpenEmergency {
        id: world.new_id(),
        code: made.code,
        reason: "Inconsciente ; allergies ?".to_owned(),
        life_in_danger: true,
    };
    emergency::open(&world.desk, &nurse, command).await.expect("opened");
    let seen = form(&world, &nurse, id, "F1").await;
    let names: Vec<&str> = seen.sections.iter().map(|s| s.section.as_str()).collect();
    assert_eq!((names.as_slice(), seen.may_write), (&["frame", "situation"][..], false));
    assert_eq!(code(section(&world, &nurse, id, "F1/urgent").await), "not_found");
    assert_eq!(code(fill(&world, &nurse, id, "F1/situation", &[]).await), "forbidden");
    let page = page(&world, &nurse, id).await;
    assert!(page.proposals.is_empty() && page.forms.iter().all(|f| f.due_at.is_none()));
}

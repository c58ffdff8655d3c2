//! The authorisation of S4 by the real acts: shut until it is recorded, open to
//! named persons with consent for each class afterwards, shut again when it
//! ends; and S4 classes at rest are sealed, whether there are any or not.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use relais_acts::agreements::{self, NewAgreement};
use relais_acts::commands::{ActOnReferral, ReferralCommand};
use relais_acts::directory::By;
use relais_acts::file::CaseFile;
use relais_acts::{ActError, Viewer, authorisations, referral_view, referrals};
use relais_casework::visible::{restricted_classes, visible};
use relais_fixture::World;
use relais_mechanism::{ClassSet, DataClass, Priority, Purpose, Sensitivity};
use relais_network::agreement::AgreementKind;
use relais_network::{CaseId, ReferralId};
use relais_store::rows::cases;
use relais_store::{StoreError, Tx, audit};
use uuid::Uuid;

fn code<T: std::fmt::Debug>(result: Result<T, ActError>) -> String {
    match result.expect_err("refused") {
        ActError::Refused { code, .. } => code,
        ActError::Invalid(fields) => format!("{} {}", fields[0].field, fields[0].code),
        other => format!("{other:?}"),
    }
}

fn file(world: &World, case: Uuid) -> CaseFile {
    world
        .store()
        .read_blocking(move |tx: &mut Tx<'_>| -> Result<_, StoreError> { CaseFile::load(tx, CaseId(case)) })
        .expect("readable")
        .expect("a case")
}

/// A consultation for somebody who agreed to share health data, accepted.
async fn consultation(world: &World, manager: &Viewer, provider: &Viewer, name: &str) -> Uuid {
    let case = world.register(manager, name, 30).await.expect("registered").id;
    world
        .consent(manager, case, &[DataClass::Health])
        .await
        .expect("consented");
    let need = world
        .need(manager, case, "MED.03", Priority::P3)
        .await
        .expect("a need")
        .id;
    let referral = world.send(manager, need, "S-SOINS").await.expect("sent").id;
    let version = referral_view::view(&world.desk, provider, ReferralId(referral))
        .await
        .expect("seen")
        .version;
    let accept = ActOnReferral {
        id: world.new_id(),
        version,
        command: ReferralCommand::Accept { by_name: String::new() },
        channel: None,
        number: String::new(),
        answered_by: String::new(),
        happened_at: None,
    };
    referrals::act(&world.desk, provider, ReferralId(referral), accept)
        .await
        .expect("accepted");
    case
}

/// The classes that the hospital was granted in this case.
fn granted(world: &World, case: Uuid) -> ClassSet {
    let hospital = relais_fixture::id("HOPITAL");
    file(world, case)
        .grants
        .iter()
        .filter(|g| g.holder.organisation().0 == hospital)
        .fold(ClassSet::EMPTY, |all, g| all.union(g.classes))
}

#[tokio::test(flavor = "multi_thread")]
async fn s4_goes_nowhere_before_it_is_authorised_and_to_named_persons_afterwards() {
    let world = World::sqlite();
    // The hospital's paper reaches S4.
    let paper = NewAgreement {
        reference: "MOU-S4".to_owned(),
        kind: AgreementKind::Mou,
        parties: vec![(
            "HOPITAL".to_owned(),
            NaiveDate::from_ymd_opt(2026, 1, 1).expect("a date"),
        )],
        classes: ClassSet::all(),
        purposes: BTreeSet::from([Purpose::Refer, Purpose::Deliver]),
        max_sensitivity: Sensitivity::S4,
        until: None,
    };
    agreements::add(world.store(), paper, By::CommandLine).expect("an agreement");
    let (manager, hospital) = (world.viewer("gestionnaire"), world.viewer("hopital"));
    let before = consultation(&world, &manager, &hospital, "Essai Avant").await;
    assert!(!granted(&world, before).contains(DataClass::Health));
    assert!(granted(&world, before).contains(DataClass::Identity));

    let store = world.store();
    assert_eq!(
        code(authorisations::authorise_s4(store, " ", "Autorité", By::CommandLine)),
        "reference required"
    );
    assert_eq!(code(authorisations::end_s4(store, By::CommandLine)), "not_authorised");
    authorisations::authorise_s4(store, "AUT-1", "Autorité d’essai", By::CommandLine).expect("authorised");
    assert_eq!(
        code(authorisations::authorise_s4(store, "AUT-2", "Autre", By::CommandLine)),
        "already_authorised"
    );
    let officer = world.viewer("delegue");
    let page = authorisations::view(&world.desk, &officer).await.expect("the page");
    assert!(page.s4 && page.all[0].reference == "AUT-1" && page.all[0].given_by == "Autorité d’essai");
    assert!(matches!(
        authorisations::view(&world.desk, &manager).await,
        Err(ActError::Forbidden { .. })
    ));

    // No restart: the next unit of work knows.
    let after = consultation(&world, &manager, &hospital, "Essai Après").await;
    let classes = granted(&world, after);
    assert!(classes.contains(DataClass::Health), "{classes:?}");
    let network = world.desk.network();
    let now = world
        .store()
        .read_blocking(|tx: &mut Tx<'_>| tx.now())
        .expect("a clock");
    let sees = |viewer: &Viewer| {
        visible(&file(&world, after).facts(), &viewer.sight(&network), now)
            .classes()
            .contains(DataClass::Health)
    };
    assert!(!sees(&hospital), "not named for S4");
    let named = Viewer {
        trained: true,
        ..hospital.clone()
    };
    assert!(sees(&named), "named for S4");

    authorisations::end_s4(store, By::CommandLine).expect("ended");
    let last = consultation(&world, &manager, &hospital, "Essai Ensuite").await;
    assert!(!granted(&world, last).contains(DataClass::Health));
    assert!(audit::verify(store).expect("readable").findings.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn at_rest_no_row_tells_that_there_are_s4_classes() {
    let world = World::sqlite();
    let paper = NewAgreement {
        reference: "MOU-S4".to_owned(),
        kind: AgreementKind::Mou,
        parties: vec![(
            "HOPITAL".to_owned(),
            NaiveDate::from_ymd_opt(2026, 1, 1).expect("a date"),
        )],
        classes: ClassSet::all(),
        purposes: BTreeSet::from([Purpose::Refer, Purpose::Deliver]),
        max_sensitivity: Sensitivity::S4,
        until: None,
    };
    agreements::add(world.store(), paper, By::CommandLine).expect("an agreement");
    authorisations::authorise_s4(world.store(), "AUT-1", "Autorité d’essai", By::CommandLine).expect("authorised");
    let (manager, hospital) = (world.viewer("gestionnaire"), world.viewer("hopital"));
    let case = consultation(&world, &manager, &hospital, "Essai Scellé").await;
    world.withdraw(&manager, case, "stop_sharing").await.expect("withdrawn");
    let id = CaseId(case);
    let (grants, told, stops) = world
        .store()
        .read_blocking(move |tx: &mut Tx<'_>| -> Result<_, StoreError> {
            Ok((
                cases::grants_of(tx, id)?,
                cases::disclosures_of(tx, id)?,
                relais_store::rows::stops::of_case(tx, id)?,
            ))
        })
        .expect("readable");
    assert!(grants.len() >= 4 && told.len() == 2 && stops.len() == 1);
    let mut lengths = BTreeSet::new();
    let mut clear = |classes: ClassSet, sealed: &[u8]| {
        assert_eq!(classes.minus(restricted_classes()), classes, "S4 in clear");
        lengths.insert(sealed.len());
    };
    for grant in &grants {
        clear(grant.classes, &grant.restricted);
        let detail: serde_json::Value = serde_json::from_str(&grant.detail).expect("JSON");
        let listed = detail["classes"].to_string();
        for class in restricted_classes().iter() {
            assert!(!listed.contains(class.code()), "{listed}");
        }
    }
    for row in &told {
        clear(row.classes, &row.restricted);
    }
    for line in &stops {
        clear(line.stop.classes, &line.stop.restricted);
    }
    assert_eq!(lengths.len(), 1, "with and without S4, as many bytes");

    // Opened, everything is there again.
    let opened = file(&world, case);
    assert!(
        opened.grants.iter().any(|g| g.classes == ClassSet::all()),
        "the holder's"
    );
    assert!(granted(&world, case).contains(DataClass::Health));
    let told = world
        .store()
        .read_blocking(move |tx: &mut Tx<'_>| opened.disclosures(tx))
        .expect("readable");
    assert!(told.iter().any(|d| d.classes.contains(DataClass::Health)));
}

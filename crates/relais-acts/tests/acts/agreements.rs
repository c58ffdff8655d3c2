//! Agreements, as the mechanism's office keeps them: a memorandum that covers by
//! tutelle runs out overnight; what goes, what is refused and what is reviewed; the
//! renewal rewrites nothing; who may read what of it.

use chrono::{NaiveDate, TimeDelta};
use relais_acts::agreements::{
    self, AddAgreement, AgreementView, AgreementsAsked, DenounceAgreement, RenewAgreement, SignAgreement, Signing,
};
use relais_acts::commands::ReferralCommand;
use relais_acts::directory::{self, By, Entries};
use relais_acts::{ActError, Viewer, cosign, referral_view, work};
use relais_fixture::{World, id, start};
use relais_mechanism::{ClassSet, Label, Priority, Purpose, Sensitivity};
use relais_network::agreement::{AgreementKind, CoverageState, RegisterStep, Scan};
use relais_network::{AgreementId, OrganisationId, ReferralId};
use relais_store::{StoreError, Tx};
use uuid::Uuid;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

/// Puts the workshop under a ministry.
fn under_a_ministry(world: &World) {
    let network = world.desk.network();
    let mut workshop = network.organisations[&OrganisationId(id("ATELIER"))].clone();
    let mut ministry = network.organisations[&OrganisationId(id("SECRETARIAT"))].clone();
    (ministry.id, ministry.code) = (OrganisationId(id("MINISTERE")), "MINISTERE".to_owned());
    ministry.name = Label::of("Ministère d’essai", "Trial ministry");
    workshop.parent = Some(ministry.id);
    let entries = Entries {
        organisations: vec![(ministry, None), (workshop, None)],
        places: Vec::new(),
        services: Vec::new(),
        programmes: Vec::new(),
    };
    directory::put(world.store(), entries, "fixture", By::CommandLine).expect("put");
    world.desk.refresh().expect("refreshed");
}

fn signing(party: &str, from: &str) -> Signing {
    Signing {
        party: party.to_owned(),
        from: Some(day(from)),
        function: "Secrétaire général".to_owned(),
        scan: Some(Scan {
            name: "accord.pdf".to_owned(),
            sha256: "AB".repeat(32),
        }),
    }
}

fn memorandum(world: &World) -> AddAgreement {
    AddAgreement {
        id: world.new_id(),
        reference: "PA-1".to_owned(),
        kind: AgreementKind::Mou,
        classes: ClassSet::all(),
        purposes: [Purpose::Refer].into(),
        max_sensitivity: Sensitivity::S3,
        // Ninety days of grace end on the day on which the drill begins.
        until: Some(day("2026-08-25")),
        signature: signing("ministere", "2026-01-05"),
    }
}

async fn read(world: &World, who: &Viewer, id: AgreementId) -> AgreementView {
    agreements::view(&world.desk, who, id).await.expect("seen")
}

/// Codes of the mistakes, field by field.
fn wrong<T: std::fmt::Debug>(result: Result<T, ActError>) -> Vec<(String, String)> {
    match result {
        Err(ActError::Invalid(wrong)) => wrong.into_iter().map(|w| (w.field, w.code)).collect(),
        other => panic!("not invalid: {other:?}"),
    }
}

async fn renew(world: &World, who: &Viewer, id: AgreementId, until: &str) -> Result<(), ActError> {
    let version = read(world, &world.viewer("secretariat"), id).await.version;
    let command = RenewAgreement {
        id: world.new_id(),
        version,
        until: Some(day(until)),
        function: "Directeur de cabinet".to_owned(),
        scan: None,
    };
    agreements::renew(&world.desk, who, id, command).await.map(drop)
}

async fn sign(world: &World, id: AgreementId, party: &str, from: &str) -> Result<(), ActError> {
    let office = world.viewer("secretariat");
    let command = SignAgreement {
        id: world.new_id(),
        version: read(world, &office, id).await.version,
        signature: signing(party, from),
    };
    agreements::sign(&world.desk, &office, id, command).await.map(drop)
}

async fn denounce(world: &World, id: AgreementId, party: &str, on: &str) -> Result<(), ActError> {
    let office = world.viewer("secretariat");
    let command = DenounceAgreement {
        id: world.new_id(),
        version: read(world, &office, id).await.version,
        party: party.to_owned(),
        on: Some(day(on)),
        reason: "Lettre du ministère".to_owned(),
    };
    agreements::denounce(&world.desk, &office, id, command).await.map(drop)
}

/// A person, a need of training of this priority; what came of sending it.
async fn send(world: &World, name: &str, priority: Priority, service: &str) -> Result<Uuid, ActError> {
    let manager = world.viewer("gestionnaire");
    let case = world.register(&manager, name, 30).await.expect("registered").id;
    let skills = [relais_mechanism::DataClass::Skills];
    world.consent(&manager, case, &skills).await.expect("consented");
    let need = world.need(&manager, case, "VTC.02", priority).await.expect("a need").id;
    world.send(&manager, need, service).await.map(|sent| sent.id)
}

async fn accepted(world: &World, name: &str, priority: Priority) -> Uuid {
    let id = send(world, name, priority, "S-COUTURE").await.expect("sent");
    let accept = ReferralCommand::Accept {
        by_name: "A. Essai".to_owned(),
    };
    world
        .give(&world.viewer("atelier"), id, accept)
        .await
        .expect("accepted");
    id
}

async fn terms(world: &World, login: &str, id: Uuid) -> String {
    let who = world.viewer(login);
    let view = referral_view::view(&world.desk, &who, ReferralId(id)).await;
    view.expect("seen").terms.expect("its terms")
}

fn refusal(result: Result<Uuid, ActError>) -> (String, String) {
    match result {
        Err(ActError::Refused { code, remedy, .. }) => (code, remedy.fr),
        other => panic!("not refused: {other:?}"),
    }
}

pub async fn play(world: &World) {
    let office = world.viewer("secretariat");
    under_a_ministry(world);
    // The workshop leaves what it had signed alone.
    let own = world
        .desk
        .network()
        .agreements
        .iter()
        .find(|a| a.reference == "ENG-2")
        .expect("signed")
        .id;
    denounce(world, own, "", "2026-11-01").await.expect("denounced");
    let before = send(world, "Essai Avant", Priority::P3, "S-COUTURE").await;
    assert_eq!(refusal(before).0, "agreement_denounced");

    let made = agreements::write_down(&world.desk, &office, memorandum(world)).await;
    let pa = AgreementId(made.expect("written down").id);
    let first = accepted(world, "Essai Grâce", Priority::P3).await;
    let under = "accord PA-1, version 1, jusqu’au 25/08/2026, en délai de grâce";
    for login in ["gestionnaire", "atelier"] {
        let says = terms(world, login, first).await;
        assert!(says.contains(under) && says.contains("mécanisme"), "{login}: {says}");
    }

    // Term and grace end overnight.
    world.at(start() + TimeDelta::days(1));
    work::once(&world.desk).expect("worked");
    let standard = send(world, "Essai Refusé", Priority::P3, "S-COUTURE").await;
    let (code, remedy) = refusal(standard);
    assert_eq!(code, "agreement_expired");
    assert!(remedy.contains("secrétariat"), "{remedy}");
    let urgent = accepted(world, "Essai Urgent", Priority::P1).await;
    let says = terms(world, "gestionnaire", urgent).await;
    assert!(says.starts_with("régime vital · sans accord"), "{says}");
    let list = cosign::list(&world.desk, &world.viewer("superviseur"))
        .await
        .expect("a list");
    let reviewed: Vec<_> = list.vital.iter().map(|v| (v.referral_id, v.ground.as_str())).collect();
    assert_eq!(reviewed, [(Some(ReferralId(urgent)), "VITAL")]);

    // The renewal: by the office alone, for longer, on the version that it saw.
    let manager = world.viewer("gestionnaire");
    let mine = renew(world, &manager, pa, "2027-12-31").await;
    assert!(matches!(mine, Err(ActError::NotFound)), "{mine:?}");
    let shorter = renew(world, &office, pa, "2026-08-01").await;
    assert_eq!(wrong(shorter), [("until".to_owned(), "not_longer".to_owned())]);
    renew(world, &office, pa, "2027-12-31").await.expect("renewed");
    let again = accepted(world, "Essai Renouvelé", Priority::P3).await;
    let says = terms(world, "gestionnaire", again).await;
    assert!(says.contains("accord PA-1, version 2, jusqu’au 31/12/2027"), "{says}");
    let says = terms(world, "gestionnaire", first).await;
    assert!(says.contains(under), "the running one keeps its own terms: {says}");

    // A further party, from its own day; it leaves, and comes back.
    assert_eq!(
        wrong(sign(world, pa, "ministere", "2026-11-24").await),
        [("party".to_owned(), "signed_already".to_owned())]
    );
    sign(world, pa, "SANSACCORD", "2026-11-24").await.expect("signed");
    send(world, "Essai Métiers", Priority::P3, "S-METIERS")
        .await
        .expect("covered");
    denounce(world, pa, "SANSACCORD", "2026-11-24")
        .await
        .expect("it leaves");
    let left = send(world, "Essai Parti", Priority::P3, "S-METIERS").await;
    assert_eq!(refusal(left).0, "agreement_denounced");
    sign(world, pa, "SANSACCORD", "2026-11-24")
        .await
        .expect("it comes back");
    send(world, "Essai Revenu", Priority::P3, "S-METIERS")
        .await
        .expect("covered again");

    let view = read(world, &office, pa).await;
    let steps: Vec<_> = view.register.iter().rev().map(|n| (n.step, n.version)).collect();
    use RegisterStep::{Added, Denounced, Renewed, Signed};
    assert_eq!(
        steps,
        [(Added, 1), (Renewed, 2), (Signed, 3), (Denounced, 4), (Signed, 5)]
    );
    assert_eq!((view.row.state, view.referrals), (CoverageState::InForce, Some(2)));
    let added = view.register.last().expect("a line");
    let scan = added.scan.as_ref().expect("a scan");
    assert_eq!(
        (scan.name.as_str(), scan.sha256.clone()),
        ("accord.pdf", "ab".repeat(32))
    );
    assert!(!added.mechanism.is_empty() && added.party == "Ministère d’essai");
    let seen = read(world, &manager, pa).await;
    assert!(seen.register.is_empty() && seen.referrals.is_none() && !seen.may_keep);
    let all = agreements::all(&world.desk, &world.viewer("atelier"), AgreementsAsked::default()).await;
    let all = all.expect("a list");
    assert_eq!(all.rows[0].reference, "ENG-2", "the own ones first");
    assert!(all.rows.iter().any(|r| r.id == pa && r.state == CoverageState::InForce));

    // What was typed wrong comes back field by field; the number is taken.
    let bad = AddAgreement {
        purposes: [].into(),
        until: Some(day("2026-01-01")),
        signature: Signing {
            party: "NULLE-PART".to_owned(),
            function: " ".to_owned(),
            scan: Some(Scan {
                name: "accord.pdf".to_owned(),
                sha256: "pas une empreinte".to_owned(),
            }),
            ..signing("", "2026-02-01")
        },
        ..memorandum(world)
    };
    let fields: Vec<String> = wrong(agreements::write_down(&world.desk, &office, bad).await)
        .into_iter()
        .map(|(field, _)| field)
        .collect();
    assert_eq!(fields, ["reference", "purposes", "party", "function", "scan", "until"]);
    let mine = agreements::write_down(&world.desk, &manager, memorandum(world)).await;
    assert!(matches!(mine, Err(ActError::Forbidden { .. })), "{mine:?}");

    // The end of the whole of it.
    denounce(world, pa, "", "2026-11-24").await.expect("denounced");
    let gone = send(world, "Essai Fini", Priority::P3, "S-COUTURE").await;
    assert_eq!(refusal(gone).0, "agreement_denounced");
    let after = renew(world, &office, pa, "2028-12-31").await;
    assert!(
        matches!(&after, Err(ActError::Refused { code, .. }) if code == "ended"),
        "{after:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_memorandum_is_signed_runs_out_and_is_renewed() {
    play(&World::sqlite()).await;
}

fn reminders(world: &World) -> usize {
    let all = world
        .store()
        .read_blocking(|tx: &mut Tx<'_>| -> Result<_, StoreError> { relais_store::outbox::unsent(tx, 0, 1000) })
        .expect("readable");
    all.iter().filter(|n| n.kind == "agreement_ends").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_office_is_reminded_before_the_end_once() {
    let world = World::sqlite();
    let office = world.viewer("secretariat");
    let new = AddAgreement {
        until: Some(day("2026-12-24")),
        signature: signing("AUTRE", "2026-01-05"),
        ..memorandum(&world)
    };
    let id = AgreementId(new.id);
    agreements::write_down(&world.desk, &office, new)
        .await
        .expect("written down");
    let at = |days| {
        world.at(start() + TimeDelta::days(days));
        work::once(&world.desk).expect("worked");
        reminders(&world)
    };
    assert_eq!(
        read(&world, &office, id).await.notices,
        [day("2026-11-24"), day("2026-12-24")]
    );
    assert_eq!(at(1), 1, "thirty days before the end");
    assert_eq!(at(2), 1, "once");
    renew(&world, &office, id, "2027-12-24").await.expect("renewed");
    assert_eq!(at(32), 1, "its end came no nearer");
}

/// What a shelter signed alone, or with one other, looks as if it were not there.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_shelter_signed_is_read_by_its_own_staff() {
    let world = World::sqlite();
    world.add_places(relais_fixture::Places::Hidden);
    let numbers = async |login: &str| {
        let who = world.viewer(login);
        let all = agreements::all(&world.desk, &who, AgreementsAsked::default()).await;
        let rows = all.expect("a list").rows;
        rows.into_iter()
            .map(|r| (r.reference, r.parties.len()))
            .collect::<Vec<_>>()
    };
    let own = format!("ENG-{}", relais_fixture::SHELTER);
    for login in ["secretariat", "gestionnaire", "mixte"] {
        let seen = numbers(login).await;
        assert!(
            !seen.iter().any(|(reference, _)| *reference == own),
            "{login}: {seen:?}"
        );
        assert!(seen.contains(&("ACC-PALMES".to_owned(), 2)), "{login}: {seen:?}");
    }
    let seen = numbers("abri").await;
    assert!(
        seen.contains(&(own.clone(), 1)) && seen.contains(&("ACC-PALMES".to_owned(), 3)),
        "{seen:?}"
    );
    let found = world
        .desk
        .network()
        .agreements
        .iter()
        .find(|a| a.reference == own)
        .expect("signed")
        .id;
    let office = agreements::view(&world.desk, &world.viewer("secretariat"), found).await;
    assert!(matches!(office, Err(ActError::NotFound)));
}

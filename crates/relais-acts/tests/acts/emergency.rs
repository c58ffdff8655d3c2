//! Emergency access by the real acts: what it opens, to whom, for how long, who
//! is told and reviews it, and what it never opens.

use chrono::TimeDelta;
use relais_acts::accounts::{self, NewUser};
use relais_acts::commands::{
    ActOnReferral, ActOnTransfer, ConfirmStop, DecideOverride, OpenEmergency, ReferralCommand, SetProtection,
    TransferAsked,
};
use relais_acts::directory::By;
use relais_acts::erase::{self, EraseCase};
use relais_acts::file::CaseFile;
use relais_acts::views::Made;
use relais_acts::{
    ActError, Viewer, case, cosign, emergency, overrides, protection, referral_view, referrals, stops, transfers, work,
};
use relais_casework::erasure::ErasureReason;
use relais_casework::visible::restricted_classes;
use relais_fixture::World;
use relais_mechanism::{Channel, ClassSet, DataClass, Lang, Priority, Role};
use relais_network::{CaseId, OverrideId, ReferralId, StopRequestId, TransferId};
use relais_store::{StoreError, Tx, audit, outbox};
use uuid::Uuid;

struct Site {
    world: World,
    manager: Viewer,
    nurse: Viewer,
    chief: Viewer,
    case: Uuid,
    code: String,
}

impl Site {
    async fn new() -> Self {
        let world = World::sqlite();
        let chief = NewUser {
            organisation: "HOPITAL".to_owned(),
            login: "hopital.chef".to_owned(),
            display_name: "Exercice chef".to_owned(),
            roles: vec![Role::Supervisor],
            regions: Vec::new(),
            language: Lang::Fr,
            password_hash: "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$invalid".to_owned(),
            trained: true,
            demonstration: true,
        };
        accounts::create(world.store(), chief, By::CommandLine).expect("an account");
        let (manager, nurse) = (world.viewer("gestionnaire"), world.viewer("hopital"));
        let chief = world.viewer("hopital.chef");
        let made = world.register(&manager, "Essai Urgent", 30).await.expect("registered");
        Self {
            world,
            manager,
            nurse,
            chief,
            case: made.id,
            code: made.code,
        }
    }

    async fn open(&self, who: &Viewer, code: &str) -> Result<Made, ActError> {
        let command = OpenEmergency {
            id: self.world.new_id(),
            code: code.to_owned(),
            reason: "Inconsciente, saigne ; allergies ?".to_owned(),
            life_in_danger: true,
        };
        emergency::open(&self.world.desk, who, command).await
    }

    async fn sees(&self, who: &Viewer) -> bool {
        match case::view(&self.world.desk, who, CaseId(self.case)).await {
            Ok(_) => true,
            Err(ActError::NotFound) => false,
            Err(other) => panic!("{other:?}"),
        }
    }

    fn after(&self, span: TimeDelta) {
        let now = self
            .world
            .store()
            .read_blocking(|tx: &mut Tx<'_>| tx.now())
            .expect("a clock");
        self.world.at(now + span);
    }

    /// The kinds of notices to an organisation, by code.
    fn told(&self, organisation: &str) -> Vec<(String, Option<Role>)> {
        let to = relais_fixture::id(organisation);
        self.world
            .store()
            .read_blocking(|tx: &mut Tx<'_>| outbox::unsent(tx, 0, 1000))
            .expect("readable")
            .into_iter()
            .filter(|n| n.organisation.is_some_and(|o| o.0 == to))
            .map(|n| (n.kind, n.role))
            .collect()
    }
}

fn code<T: std::fmt::Debug>(result: Result<T, ActError>) -> String {
    match result.expect_err("refused") {
        ActError::Refused { code, .. } => code,
        ActError::Invalid(fields) => format!("{} {}", fields[0].field, fields[0].code),
        other => format!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_opens_a_case_to_one_person_for_two_hours_and_everybody_concerned_knows() {
    let site = Site::new().await;
    assert!(!site.sees(&site.nurse).await);
    let made = site.open(&site.nurse, &site.code.to_lowercase()).await.expect("opened");
    assert_eq!((made.id, made.code.as_str()), (site.case, site.code.as_str()));
    let seen = case::view(&site.world.desk, &site.nurse, CaseId(site.case))
        .await
        .expect("seen");
    assert_eq!(seen.name.as_deref(), Some("Essai Urgent"));
    assert!(
        seen.emergency_until.is_some() && !seen.may_write,
        "to read, not to write"
    );
    // To its author alone.
    for login in ["autre", "atelier", "secretariat"] {
        assert!(!site.sees(&site.world.viewer(login)).await, "{login}");
    }
    let page = emergency::view(&site.world.desk, &site.nurse).await.expect("the page");
    assert_eq!((page.open.len(), page.tries_left), (1, 4));
    // Asked again while it runs: the same case, and no second access.
    site.open(&site.nurse, &site.code).await.expect("seen already");

    // The team reads who and why; case managers and supervisors were told.
    let team = case::view(&site.world.desk, &site.manager, CaseId(site.case))
        .await
        .expect("seen");
    assert!(team.emergency_until.is_none());
    assert_eq!(team.overrides.len(), 1);
    let note = team.overrides[0].emergency.clone().expect("an emergency");
    assert_eq!(note.author, "Exercice hopital");
    assert!(note.text.contains("saigne"));
    let told = site.told("ACCUEIL");
    for role in [Role::CaseManager, Role::Supervisor] {
        assert!(
            told.contains(&("emergency_opened".to_owned(), Some(role))),
            "{role:?}: {told:?}"
        );
    }
    // The author's supervisor reviews, not the author.
    let waiting = cosign::list(&site.world.desk, &site.chief).await.expect("the list");
    assert_eq!(waiting.rows.len(), 1);
    assert!(waiting.rows[0].emergency && waiting.rows[0].hand.yours);
    assert!(
        site.told("HOPITAL")
            .contains(&("cosign".to_owned(), Some(Role::Supervisor)))
    );

    site.after(TimeDelta::minutes(119));
    assert!(site.sees(&site.nurse).await);
    site.after(TimeDelta::minutes(1));
    assert!(!site.sees(&site.nurse).await, "two hours are over");
    // The co-signature gives nothing back: the time was the limit.
    let id = waiting.rows[0].id;
    decide(&site, id, "cosign").await.expect("co-signed");
    assert!(!site.sees(&site.nurse).await);
    assert!(audit::verify(site.world.store()).expect("readable").findings.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_number_of_the_slip_that_the_person_carries_opens_the_case_too() {
    let site = Site::new().await;
    site.world
        .consent(&site.manager, site.case, &[DataClass::Skills])
        .await
        .expect("consent");
    let need = site
        .world
        .need(&site.manager, site.case, "VTC.02", Priority::P4)
        .await
        .expect("a need");
    let sent = site
        .world
        .send(&site.manager, need.id, "S-COUTURE")
        .await
        .expect("sent");
    // Without its check letter it is a code that stands in messages: it opens nothing.
    assert_eq!(code(site.open(&site.nurse, &sent.code).await), "code opens_nothing");
    let mut parts = sent
        .code
        .split('-')
        .skip(1)
        .map(|part| part.parse::<i64>().expect("digits"));
    let (year, seq) = (parts.next().expect("a year"), parts.next().expect("a number"));
    let number = relais_acts::codes::slip_number(year, seq);
    let other = relais_acts::codes::slip_number(year, seq + 1);
    assert_eq!(code(site.open(&site.nurse, &other).await), "code opens_nothing");
    let made = site.open(&site.nurse, &number).await.expect("opened");
    assert_eq!((made.id, made.code.as_str()), (site.case, site.code.as_str()));
    assert!(site.sees(&site.nurse).await);
}

async fn decide(site: &Site, id: OverrideId, decision: &str) -> Result<Made, ActError> {
    let version = cosign::view(&site.world.desk, &site.chief, id).await?.version;
    let command = DecideOverride {
        id: site.world.new_id(),
        version,
        decision: decision.to_owned(),
        reason: "Ce n’était pas une urgence : appelez l’équipe.".to_owned(),
    };
    overrides::decide(&site.world.desk, &site.chief, id, command).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_closes_it_at_once_and_silence_climbs_the_ladder() {
    let site = Site::new().await;
    site.open(&site.nurse, &site.code).await.expect("opened");
    let row = cosign::list(&site.world.desk, &site.chief)
        .await
        .expect("the list")
        .rows[0]
        .clone();
    decide(&site, row.id, "refuse").await.expect("refused");
    assert!(!site.sees(&site.nurse).await);
    assert!(
        site.told("ACCUEIL")
            .contains(&("cosign_refused".to_owned(), Some(Role::CaseManager)))
    );
    // Nobody reads the next one: reminded at half of the day, told higher up after it.
    site.open(&site.nurse, &site.code).await.expect("opened again");
    site.after(TimeDelta::hours(37));
    work::once(&site.world.desk).expect("worked");
    let kinds: Vec<String> = site.told("HOPITAL").into_iter().map(|(kind, _)| kind).collect();
    assert!(kinds.iter().any(|k| k == "cosign_late"), "{kinds:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_never_opens_the_protected_circuit_nor_restricted_needs_and_nobody_browses() {
    let site = Site::new().await;
    let restricted = site
        .world
        .need(&site.manager, site.case, "GBV.02", Priority::P2)
        .await
        .expect("a need");
    site.open(&site.nurse, &site.code).await.expect("opened");
    let seen = case::view(&site.world.desk, &site.nurse, CaseId(site.case))
        .await
        .expect("seen");
    let need = seen.needs.iter().find(|n| n.id.0 == restricted.id).expect("a need");
    assert_eq!(need.label, "Besoin à accès restreint");

    let hidden = site
        .world
        .register(&site.manager, "Essai Caché", 30)
        .await
        .expect("registered");
    let version = case::view(&site.world.desk, &site.manager, CaseId(hidden.id))
        .await
        .expect("seen")
        .version;
    let command = SetProtection {
        id: site.world.new_id(),
        version,
        protected: true,
        person_agrees: true,
    };
    protection::set(&site.world.desk, &site.manager, CaseId(hidden.id), command)
        .await
        .expect("protected");
    let mechanism = site.world.desk.mechanism();
    let nowhere = relais_acts::codes::case_code(&mechanism, 4_711);
    // Mistyped, unknown, protected: one answer.
    let slipped = hidden.code.replace("00000", "00001");
    let other = site.world.viewer("autre");
    let mut said = Vec::new();
    for typed in [slipped.as_str(), nowhere.as_str(), hidden.code.as_str()] {
        said.push(format!(
            "{:?}",
            site.open(&other, typed).await.expect_err("opens nothing")
        ));
    }
    assert!(said.iter().all(|s| *s == said[0]), "{said:?}");
    let page = emergency::view(&site.world.desk, &other).await.expect("the page");
    assert_eq!(page.tries_left, 2);
    for _ in 0..2 {
        assert_eq!(code(site.open(&other, &nowhere).await), "code opens_nothing");
    }
    // From now on not even a right code opens, or guessing would tell.
    assert_eq!(code(site.open(&other, &nowhere).await), "emergency_rationed");
    assert_eq!(code(site.open(&other, &site.code).await), "emergency_rationed");
    assert!(
        site.told("AUTRE")
            .contains(&("emergency_rationed".to_owned(), Some(Role::Supervisor)))
    );
    site.after(TimeDelta::hours(25));
    site.open(&other, &site.code).await.expect("the next day");

    // Words and roles.
    let bare = OpenEmergency {
        id: site.world.new_id(),
        code: String::new(),
        reason: " ".to_owned(),
        life_in_danger: false,
    };
    let Err(ActError::Invalid(fields)) = emergency::open(&site.world.desk, &site.nurse, bare).await else {
        panic!("taken");
    };
    let named: Vec<&str> = fields.iter().map(|f| f.field.as_str()).collect();
    assert_eq!(named, ["code", "reason", "life_in_danger"]);
    for login in ["secretariat", "administrateur", "delegue"] {
        let viewer = site.world.viewer(login);
        assert!(
            matches!(site.open(&viewer, &site.code).await, Err(ActError::Forbidden { .. })),
            "{login}"
        );
    }
}

/// A colleague of the holder who is not on the case reads it, and acts on
/// nothing of it.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_reads_in_an_emergency_does_not_act_for_the_team() {
    let site = Site::new().await;
    site.world
        .consent(&site.manager, site.case, &[DataClass::Skills])
        .await
        .expect("consented");
    let need = site
        .world
        .need(&site.manager, site.case, "VTC.02", Priority::P4)
        .await
        .expect("a need")
        .id;
    let referral = site
        .world
        .send(&site.manager, need, "S-COUTURE")
        .await
        .expect("sent")
        .id;
    let colleague = site.world.viewer("collegue");
    site.open(&colleague, &site.code).await.expect("opened");
    let view = referral_view::view(&site.world.desk, &colleague, ReferralId(referral))
        .await
        .expect("seen");
    let act = ActOnReferral {
        id: site.world.new_id(),
        version: view.version,
        command: ReferralCommand::Cancel { reason: String::new() },
        channel: None,
        number: String::new(),
        answered_by: String::new(),
        happened_at: None,
    };
    let done = referrals::act(&site.world.desk, &colleague, ReferralId(referral), act).await;
    assert!(matches!(done, Err(ActError::Forbidden { .. })), "{done:?}");
    let sent = site.world.need(&colleague, site.case, "VTC.02", Priority::P4).await;
    assert!(matches!(sent, Err(ActError::Forbidden { .. })), "{sent:?}");

    // Nor does the colleague take back what is proposed to another organisation.
    site.world
        .agree(&site.manager, site.case, "AUTRE")
        .await
        .expect("agreed");
    let proposed = site
        .world
        .propose(&site.manager, site.case, "AUTRE")
        .await
        .expect("proposed");
    let cancel = || ActOnTransfer {
        id: site.world.new_id(),
        version: proposed.version,
        command: TransferAsked::Cancel,
    };
    let transfer = TransferId(proposed.id);
    let done = transfers::act(&site.world.desk, &colleague, transfer, cancel()).await;
    assert!(matches!(done, Err(ActError::NotFound)), "{done:?}");
    transfers::act(&site.world.desk, &site.manager, transfer, cancel())
        .await
        .expect("the team takes it back");

    // Nor note that a recipient has destroyed what it received.
    let workshop = site.world.viewer("atelier");
    let accept = ActOnReferral {
        id: site.world.new_id(),
        version: view.version,
        command: ReferralCommand::Accept { by_name: String::new() },
        channel: None,
        number: String::new(),
        answered_by: String::new(),
        happened_at: None,
    };
    referrals::act(&site.world.desk, &workshop, ReferralId(referral), accept)
        .await
        .expect("accepted");
    site.world
        .withdraw(&site.manager, site.case, "stop_sharing")
        .await
        .expect("withdrawn");
    let stop = StopRequestId(site.world.stops(site.case)[0]);
    let noted = |version| ConfirmStop {
        id: site.world.new_id(),
        version,
        channel: Some(Channel::Telephone),
        number: "+237 222 00 00 00".to_owned(),
        answered_by: "Mme Essai Accueil".to_owned(),
        happened_at: None,
    };
    let done = stops::confirm(&site.world.desk, &colleague, stop, noted(1)).await;
    assert!(matches!(done, Err(ActError::NotFound)), "{done:?}");
    let version = stops::view(&site.world.desk, &site.manager, stop)
        .await
        .expect("seen")
        .version;
    stops::confirm(&site.world.desk, &site.manager, stop, noted(version))
        .await
        .expect("the team notes it");
}

/// What is read in an emergency has left the holder's house: it stands among
/// what the person's data went to, and the reader's organisation is asked to
/// destroy it like any recipient.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_read_in_an_emergency_is_a_disclosure() {
    let site = Site::new().await;
    let disclosed = || {
        let case = CaseId(site.case);
        site.world
            .store()
            .read_blocking(move |tx: &mut Tx<'_>| -> Result<_, StoreError> {
                let file = CaseFile::load(tx, case)?.expect("the case");
                file.disclosures(tx)
            })
            .expect("readable")
    };
    // A colleague of the holder has nothing that it did not have.
    site.open(&site.world.viewer("collegue"), &site.code)
        .await
        .expect("opened");
    assert_eq!(disclosed(), []);
    site.open(&site.nurse, &site.code).await.expect("opened");
    let rows = disclosed();
    assert_eq!(rows.len(), 1);
    let row = &rows[0];
    assert_eq!(
        (row.recipient_id, row.stage.as_str(), row.referral_id),
        (site.nurse.organisation, "emergency", None)
    );
    assert_eq!(row.classes, ClassSet::all().minus(restricted_classes()));
    assert!(
        row.basis.contains("override") && row.basis.contains("VITAL"),
        "{}",
        row.basis
    );
    let seen = case::view(&site.world.desk, &site.manager, CaseId(site.case))
        .await
        .expect("seen");
    let told: Vec<&str> = seen.disclosures.iter().map(|d| d.recipient.as_str()).collect();
    assert_eq!(told, [&*site.nurse.organisation_name]);

    // Read once more, received once; the erasure asks the organisation.
    let supervisors = [site.chief.clone(), site.world.viewer("superviseur")];
    for who in supervisors {
        for row in cosign::list(&site.world.desk, &who).await.expect("the list").rows {
            let command = DecideOverride {
                id: site.world.new_id(),
                version: cosign::view(&site.world.desk, &who, row.id)
                    .await
                    .expect("seen")
                    .version,
                decision: "cosign".to_owned(),
                reason: String::new(),
            };
            overrides::decide(&site.world.desk, &who, row.id, command)
                .await
                .expect("co-signed");
        }
    }
    let dry = EraseCase {
        code: site.code.clone(),
        reason: ErasureReason::Request,
        words: String::new(),
        dry_run: true,
    };
    let would = erase::erase(&site.world.desk, &site.world.viewer("delegue"), &dry).expect("a report");
    assert_eq!(would.told, [&*site.nurse.organisation_name]);
}

//! A small invented mechanism at work, for tests: seven organisations, their
//! services, agreements and users, on a real drill database. Every person and
//! organisation is invented.

mod network;
mod schema;
mod shelter;
mod state;

pub use schema::Schema;
pub use shelter::{MIXED, Places, SHELTER, TELLING};
pub use state::{SHUT_OUT, STATE};

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use chrono::{DateTime, NaiveDate, TimeZone, Utc};
use relais_acts::accounts::{self, NewUser};
use relais_acts::agreements::{self, NewAgreement};
use relais_acts::closing::{self, AnswerClosure, CloseCase, ClosureAnswer};
use relais_acts::commands::{
    ActOnPerhaps, ActOnReferral, AddNeed, ConsentLineDecision, ProposeTransfer, RecordConsent, ReferralCommand,
    RegisterArrival, SendReferral, SetProtection, WithdrawConsent,
};
use relais_acts::directory::{self, By, Entries};
use relais_acts::views::Made;
use relais_acts::{
    ActError, Desk, Viewer, consents, duplicates, needs, protection, refer, referral_view, referrals, register,
    transfers, withdrawals,
};
use relais_casework::closing::{Closing, Reached};
use relais_mechanism::{ClassSet, DataClass, Label, Lang, Mechanism, Priority, Purpose, Role, Sensitivity};
use relais_network::agreement::AgreementKind;
use relais_network::organisation::{Organisation, OrganisationKind, PublicationStatus};
use relais_network::place::Place;
use relais_network::programme::{Donor, Programme, programme_id};
use relais_network::service::{Service, Target, Telephone};
use relais_network::{CaseId, NeedId, OrganisationId, PlaceId, ReferralId, Safeguards, ServiceId};
use relais_store::keyring::{Keyring, Unlock};
use relais_store::rows::cases::CaseRecord;
use relais_store::{Location, Options, Store, Tx};
use uuid::Uuid;

/// Read once for all worlds.
static MECHANISM: LazyLock<Arc<Mechanism>> =
    LazyLock::new(|| Arc::new(Mechanism::embedded("cameroon").expect("the built-in mechanism")));

/// When the organisations signed what is asked before entries are published.
const SIGNED: NaiveDate = NaiveDate::from_ymd_opt(2026, 1, 5).expect("a day");

/// Littoral.
pub const LITTORAL: &str = "CM005";
/// Nord.
pub const NORD: &str = "CM006";

/// A small invented mechanism at work.
pub struct World {
    /// Its desk.
    pub desk: Arc<Desk>,
    /// Folder of data and keys; removed with the world.
    pub folder: tempfile::TempDir,
    next: std::sync::atomic::AtomicU64,
}

/// When the drill begins: Monday 23 November 2026, 08:40 in Douala.
#[must_use]
pub fn start() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 23, 7, 40, 0)
        .single()
        .expect("a valid instant")
}

fn label(fr: &str, en: &str) -> Label {
    Label {
        fr: fr.to_owned(),
        en: en.to_owned(),
    }
}

/// The id of an invented organisation, place or service by its code.
#[must_use]
pub fn id(code: &str) -> Uuid {
    let mut bytes = [0u8; 16];
    for (i, b) in code.bytes().enumerate() {
        bytes[i % 16] = bytes[i % 16].wrapping_mul(31).wrapping_add(b);
    }
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

/// A closure that the person was heard on, with nothing to explain.
#[must_use]
pub fn closing() -> Closing {
    Closing {
        satisfaction: Some("4".to_owned()),
        remarks: "Merci à tous".to_owned(),
        ..Closing::heard("GOAL")
    }
}

impl World {
    /// A world on SQLite in a folder of its own.
    ///
    /// # Panics
    /// When it cannot be built: a test fails there.
    #[must_use]
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let location = Location::Sqlite {
            folder: folder.path().join("data"),
        };
        Self::build(folder, &location)
    }

    /// A world on an empty PostgreSQL database.
    ///
    /// # Panics
    /// When it cannot be built: a test fails there.
    #[must_use]
    pub fn postgres(url: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self::build(folder, &Location::Postgres { url: url.to_owned() })
    }

    fn build(folder: tempfile::TempDir, location: &Location) -> Self {
        let keys = folder.path().join("keys");
        let keyring = Arc::new(Keyring::create(&keys, None, &Unlock::File, true).expect("a keyring"));
        let store = Store::create(location, keyring, Options::default(), true).expect("a store");
        // A fresh drill's clock may begin on any day, also on one that is past.
        store
            .write_blocking(|tx: &mut Tx<'_>| {
                tx.execute_one(relais_store::clock::MOVE_CLOCK, &relais_store::params![start()])
            })
            .expect("a clock");
        Desk::adopt(&store, &MECHANISM).expect("adopted");
        directory::put(&store, network::entries(), "fixture", By::CommandLine).expect("a directory");
        for (reference, party) in [("ENG-1", "HOPITAL"), ("ENG-2", "ATELIER"), ("ENG-3", "SANSCOMPTE")] {
            agreements::add(&store, network::undertaking(reference, party), By::CommandLine).expect("an agreement");
        }
        for user in network::users() {
            accounts::create(&store, user, By::CommandLine).expect("an account");
        }
        let desk = Desk::open_having(store, Some(Arc::clone(&MECHANISM))).expect("a desk");
        Self {
            desk,
            folder,
            next: std::sync::atomic::AtomicU64::new(1),
        }
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &Store {
        self.desk.store()
    }

    /// A signed-in user.
    ///
    /// # Panics
    /// When there is no such account.
    #[must_use]
    pub fn viewer(&self, login: &str) -> Viewer {
        let (network, login) = (self.desk.network(), login.to_owned());
        self.store()
            .read_blocking(move |tx: &mut Tx<'_>| accounts::viewer_by_login(tx, &network, &login))
            .expect("readable")
            .expect("an account")
    }

    /// A fresh id, as a maker makes it.
    #[must_use]
    pub fn new_id(&self) -> Uuid {
        let n = self.next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 | u128::from(n))
    }

    /// Moves the drill's clock.
    ///
    /// # Panics
    /// When it would go back.
    pub fn at(&self, time: DateTime<Utc>) {
        self.store()
            .write_blocking(move |tx: &mut Tx<'_>| relais_store::clock::set(tx, time))
            .expect("forward");
    }

    /// Registers an invented arrival.
    ///
    /// # Errors
    /// What the act refuses.
    pub async fn register(&self, viewer: &Viewer, name: &str, age: u8) -> Result<Made, ActError> {
        register::register(
            &self.desk,
            viewer,
            RegisterArrival {
                id: self.new_id(),
                answers: arrival(name, age),
                happened_at: None,
            },
        )
        .await
    }

    /// Records consent to register, assist and share the classes with anybody
    /// who serves.
    ///
    /// # Errors
    /// What the act refuses.
    pub async fn consent(&self, viewer: &Viewer, case: Uuid, classes: &[DataClass]) -> Result<Made, ActError> {
        self.consent_with(viewer, case, classes, &[]).await
    }

    /// The same, given by the social service for a child too young to give it.
    ///
    /// # Errors
    /// What the act refuses.
    pub async fn consent_for_child(
        &self,
        viewer: &Viewer,
        case: Uuid,
        classes: &[DataClass],
    ) -> Result<Made, ActError> {
        let by = [
            ("F3.10", "SOCIAL"),
            ("F3.11", "Agent d’essai"),
            ("F3.12", "yes"),
            ("F3.13", "no"),
        ];
        self.consent_with(viewer, case, classes, &by).await
    }

    async fn consent_with(
        &self,
        viewer: &Viewer,
        case: Uuid,
        classes: &[DataClass],
        other: &[(&str, &str)],
    ) -> Result<Made, ActError> {
        let mut answers = consent_answers();
        for (code, value) in other {
            answers.insert((*code).to_owned(), vec![(*value).to_owned()]);
        }
        let line = |line: &str, classes: ClassSet| ConsentLineDecision {
            line: line.to_owned(),
            decision: "granted".to_owned(),
            recipient: None,
            service: None,
            classes,
        };
        let command = RecordConsent {
            id: self.new_id(),
            answers,
            lines: vec![
                line("C1", ClassSet::EMPTY),
                line("C2", ClassSet::EMPTY),
                line("C3", classes.iter().copied().collect()),
            ],
            never: ClassSet::EMPTY,
            happened_at: None,
        };
        consents::record(&self.desk, viewer, CaseId(case), command).await
    }

    /// Withdraws every consent that stands.
    ///
    /// # Errors
    /// What the act refuses.
    pub async fn withdraw(&self, viewer: &Viewer, case: Uuid, effect: &str) -> Result<Made, ActError> {
        let command = WithdrawConsent {
            id: self.new_id(),
            lines: Vec::new(),
            consents: Vec::new(),
            effect: effect.to_owned(),
            words: String::new(),
            happened_at: None,
        };
        withdrawals::withdraw(&self.desk, viewer, CaseId(case), command).await
    }

    /// Puts a case into the protected circuit; the person agrees.
    ///
    /// # Errors
    /// What the act refuses.
    ///
    /// # Panics
    /// When there is no such case.
    pub async fn protect(&self, viewer: &Viewer, case: Uuid) -> Result<Made, ActError> {
        let record = self
            .store()
            .read_blocking(move |tx: &mut Tx<'_>| CaseRecord::find(tx, CaseId(case)));
        let command = SetProtection {
            id: self.new_id(),
            version: record.expect("readable").expect("a case").version,
            protected: true,
            person_agrees: true,
        };
        protection::set(&self.desk, viewer, CaseId(case), command).await
    }

    /// Records the person's consent to one organisation by name, every class.
    ///
    /// # Errors
    /// What the act refuses.
    pub async fn agree(&self, viewer: &Viewer, case: Uuid, organisation: &str) -> Result<Made, ActError> {
        let command = RecordConsent {
            id: self.new_id(),
            answers: consent_answers(),
            lines: vec![ConsentLineDecision {
                line: "C3".to_owned(),
                decision: "granted".to_owned(),
                recipient: Some(id(organisation)),
                service: None,
                classes: ClassSet::all(),
            }],
            never: ClassSet::EMPTY,
            happened_at: None,
        };
        consents::record(&self.desk, viewer, CaseId(case), command).await
    }

    /// Proposes the transfer of a case to an organisation; one that has signed
    /// nothing yet signs an undertaking first.
    ///
    /// # Errors
    /// What the act refuses.
    ///
    /// # Panics
    /// When the undertaking cannot be written.
    pub async fn propose(&self, viewer: &Viewer, case: Uuid, organisation: &str) -> Result<Made, ActError> {
        let covered = self
            .desk
            .network()
            .agreements
            .iter()
            .any(|a| a.parties.iter().any(|p| p.organisation.0 == id(organisation)));
        if !covered {
            let reference = format!("ENG-{organisation}");
            agreements::add(
                self.store(),
                network::undertaking(&reference, organisation),
                By::CommandLine,
            )
            .expect("an agreement");
            self.desk.refresh().expect("refreshed");
        }
        let command = ProposeTransfer {
            id: self.new_id(),
            to: id(organisation),
            note: String::new(),
            person_informed: true,
        };
        transfers::propose(&self.desk, viewer, CaseId(case), command).await
    }

    /// Proposes the closure of a case, talked over with the person.
    ///
    /// # Errors
    /// What the act refuses.
    pub async fn propose_closure(&self, viewer: &Viewer, case: Uuid) -> Result<Made, ActError> {
        let seen = closing::view(&self.desk, viewer, CaseId(case)).await?;
        let explained = seen.needs.iter().filter(|n| n.explain);
        let command = CloseCase {
            id: self.new_id(),
            version: seen.version,
            closing: Closing {
                reached: explained
                    .map(|n| Reached {
                        need: n.id,
                        words: "Personne n’avait de place".to_owned(),
                    })
                    .collect(),
                ..closing()
            },
        };
        closing::propose(&self.desk, viewer, CaseId(case), command).await
    }

    /// Proposes the closure of a case; the supervisor of the reception confirms.
    ///
    /// # Errors
    /// What the acts refuse.
    pub async fn close(&self, viewer: &Viewer, case: Uuid) -> Result<Made, ActError> {
        self.propose_closure(viewer, case).await?;
        let supervisor = self.viewer("superviseur");
        let seen = closing::view(&self.desk, &supervisor, CaseId(case)).await?;
        let command = AnswerClosure {
            id: self.new_id(),
            version: seen.closure_version,
            answer: ClosureAnswer::Confirm,
            reason: String::new(),
        };
        closing::answer(&self.desk, &supervisor, CaseId(case), command).await
    }

    /// The requests of a case to stop using what was received, oldest first.
    ///
    /// # Panics
    /// When the store cannot be read.
    #[must_use]
    pub fn stops(&self, case: Uuid) -> Vec<Uuid> {
        self.store()
            .read_blocking(move |tx: &mut Tx<'_>| relais_store::rows::stops::of_case(tx, CaseId(case)))
            .expect("readable")
            .iter()
            .map(|line| line.stop.id.0)
            .collect()
    }

    /// A person whom `manager` registers, and whom the user with this login, of
    /// another organisation, registers again and asks about: the question.
    ///
    /// # Panics
    /// When the question is not asked.
    pub async fn asked(&self, login: &str, manager: &Viewer) -> Uuid {
        let (asker, name) = (self.viewer(login), "Essai Mbargademo Deuxfois");
        self.register(manager, name, 41).await.expect("registered");
        let again = self.register(&asker, name, 41).await.expect("registered").id;
        let id = self.new_id();
        let ask = ActOnPerhaps {
            id,
            command: "ask".to_owned(),
            other: None,
        };
        duplicates::act(&self.desk, &asker, CaseId(again), ask)
            .await
            .expect("asked");
        id
    }

    /// Records a need.
    ///
    /// # Errors
    /// What the act refuses.
    pub async fn need(&self, viewer: &Viewer, case: Uuid, service: &str, priority: Priority) -> Result<Made, ActError> {
        let command = AddNeed {
            id: self.new_id(),
            service: service.to_owned(),
            priority,
            words: String::new(),
            happened_at: None,
        };
        needs::add(&self.desk, viewer, CaseId(case), command).await
    }

    /// Sends a referral to the service with this code.
    ///
    /// # Errors
    /// What the act refuses.
    pub async fn send(&self, viewer: &Viewer, need: Uuid, service: &str) -> Result<Made, ActError> {
        refer::send(&self.desk, viewer, NeedId(need), sending(self.new_id(), service)).await
    }

    /// A person of this name with what a training course reads, a need of this
    /// type and its referral to the service with this code.
    ///
    /// # Panics
    /// When an act refuses.
    pub async fn referred(
        &self,
        viewer: &Viewer,
        name: &str,
        kind: &str,
        priority: Priority,
        service: &str,
    ) -> Referred {
        let case = self.register(viewer, name, 30).await.expect("registered").id;
        let consented = self.consent(viewer, case, &[DataClass::Skills]).await;
        consented.expect("consented");
        let need = self.need(viewer, case, kind, priority).await.expect("a need").id;
        let referral = self.send(viewer, need, service).await.expect("sent");
        Referred { case, need, referral }
    }

    /// An act on a referral by whoever sees it, on the version they see.
    ///
    /// # Errors
    /// What the act refuses.
    pub async fn give(&self, viewer: &Viewer, referral: Uuid, command: ReferralCommand) -> Result<Made, ActError> {
        let id = ReferralId(referral);
        let view = referral_view::view(&self.desk, viewer, id).await?;
        let act = ActOnReferral {
            id: self.new_id(),
            version: view.version,
            command,
            channel: None,
            number: String::new(),
            answered_by: String::new(),
            happened_at: None,
        };
        referrals::act(&self.desk, viewer, id, act).await
    }
}

/// One person with one need that was referred.
#[derive(Debug, Clone)]
pub struct Referred {
    /// Case.
    pub case: Uuid,
    /// Need.
    pub need: Uuid,
    /// What the sending answered.
    pub referral: Made,
}

/// The command that sends a referral to the service with this code.
#[must_use]
pub fn sending(id_: Uuid, service: &str) -> SendReferral {
    SendReferral {
        id: id_,
        service: id(service),
        code: String::new(),
        words: "Disponible le matin.".to_owned(),
        person_informed: true,
        provider_called: false,
        access: Vec::new(),
        interim: "Repas et lit au centre d’accueil.".to_owned(),
        stays_with: "L’agent d’accueil de garde".to_owned(),
        override_kind: None,
        override_reason: String::new(),
        instead_of: None,
        payment: None,
    }
}

/// Answers of the arrival form for an invented person.
#[must_use]
pub fn arrival(name: &str, age: u8) -> BTreeMap<String, Vec<String>> {
    let one = |code: &str, value: &str| (code.to_owned(), vec![value.to_owned()]);
    BTreeMap::from([
        one("F1E.01", "B-017"),
        one("F1E.02", "yes"),
        one("F1E.03", name),
        one("F1E.04", "F"),
        one("F1E.05", &age.to_string()),
        one("F1E.06", "alone"),
        one("F1E.07", "centre"),
        one("F1E.08", "Garoua"),
        one("F1E.09", "CALL"),
        one("F1E.10", "677123456"),
        one("F1E.11", "fra"),
    ])
}

/// Answers of the consent form for an adult who signs.
#[must_use]
pub fn consent_answers() -> BTreeMap<String, Vec<String>> {
    let one = |code: &str, value: &str| (code.to_owned(), vec![value.to_owned()]);
    BTreeMap::from([
        one("F3.01", "fra"),
        one("F3.03", "yes"),
        one("F3.04", "yes"),
        one("F3.05", "yes"),
        one("F3.10", "SELF"),
        one("F3.40", "WRITTEN"),
        one("F3.41", "Signée sur papier"),
    ])
}

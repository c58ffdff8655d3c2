//! A random world: what users do, drawn at random, done by the real acts.

mod around;
mod casework;
mod command;
mod exits;
pub mod laws;
mod referring;
mod setting_aside;
mod step;

pub use step::{Step, accepted, steps};

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use relais_acts::accounts::{self, NewUser};
use relais_acts::agreements::{self, NewAgreement};
use relais_acts::directory::{self, By, Entries};
use relais_acts::file::CaseFile;
use relais_acts::{ActError, Viewer};
use relais_casework::visible::{FileScope, View, visible};
use relais_fixture::{World, start};
use relais_mechanism::{ClassSet, DataClass, Lang, Purpose, Role, Sensitivity};
use relais_network::agreement::AgreementKind;
use relais_network::{CaseId, DisclosureId, NeedId, ReferralId};
use relais_store::rows::cases;
use relais_store::rows::closures::ClosureRecord;
use relais_store::{StoreError, Tx};

/// Everybody with an account; the fixture's first.
pub const LOGINS: [&str; 15] = [
    "gestionnaire",
    "collegue",
    "superviseur",
    "hopital",
    "atelier",
    "autre",
    "secretariat",
    "regional",
    "administrateur",
    "delegue",
    "hopital.form",
    "atelier.chef",
    "autre.chef",
    "secretariat.chef",
    "metiers",
];

/// The agreements that a world may end.
pub const AGREEMENTS: [&str; 3] = ["ENG-1", "ENG-2", "MOU-3"];

/// A case as the play knows it.
#[derive(Debug, Clone)]
pub struct Known {
    pub id: CaseId,
    pub name: String,
    pub telephone: String,
    /// As it stands in the person's sealed contact: E.164.
    pub national: String,
    pub manager: usize,
}

/// What was done so far, so that the laws can be checked against it.
#[derive(Default)]
pub struct Tally {
    pub done: HashMap<&'static str, u32>,
    pub refused: HashMap<String, u32>,
    /// States that an act led to.
    pub reached: BTreeSet<&'static str>,
}

/// The next Monday, 08:40 in Douala: a world begins on a working day, and never
/// before the clock that the database has.
fn monday_after(time: DateTime<Utc>) -> DateTime<Utc> {
    use chrono::Datelike;
    let days = 7 - i64::from(time.weekday().num_days_from_monday());
    let day = (time + TimeDelta::days(days)).date_naive();
    day.and_hms_opt(7, 40, 0).expect("a time of day").and_utc()
}

/// A world in play.
pub struct Play {
    pub world: World,
    pub cases: Vec<Known>,
    pub needs: Vec<(NeedId, usize, &'static [&'static str])>,
    pub referrals: Vec<ReferralId>,
    /// Ids kept for referrals that an override was written for.
    pub reserved: Vec<(NeedId, &'static str, uuid::Uuid)>,
    pub closed: BTreeSet<usize>,
    /// Agreements that were ended, each with the disclosures made before.
    pub ended: HashMap<String, HashSet<DisclosureId>>,
    pub now: DateTime<Utc>,
    pub tally: Tally,
    /// What each case looked like after the last step, and at which version.
    pub looked: HashMap<CaseId, (i64, String)>,
}

impl Play {
    /// A world with more accounts, one more agreement, a service above S3.
    pub fn new(world: World) -> Self {
        let store = world.store();
        let now = monday_after(
            store
                .read_blocking(|tx: &mut Tx<'_>| tx.now())
                .expect("a clock")
                .max(start()),
        );
        world.at(now);
        let user = |login: &str, organisation: &str, roles: &[Role], trained: bool| NewUser {
            organisation: organisation.to_owned(),
            login: login.to_owned(),
            display_name: format!("Exercice {login}"),
            roles: roles.to_vec(),
            regions: Vec::new(),
            language: Lang::Fr,
            password_hash: "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$invalid".to_owned(),
            trained,
            demonstration: true,
        };
        for new in [
            user("hopital.form", "HOPITAL", &[Role::FocalPoint], true),
            user("atelier.chef", "ATELIER", &[Role::Supervisor], false),
            user("autre.chef", "AUTRE", &[Role::Supervisor, Role::CaseManager], false),
            user("secretariat.chef", "SECRETARIAT", &[Role::SecretariatSupervisor], false),
            user("metiers", "SANSACCORD", &[Role::FocalPoint, Role::Supervisor], false),
        ] {
            accounts::create(store, new, By::CommandLine).expect("an account");
        }
        let network = world.desk.network();
        let mut listening = network.services[&relais_network::ServiceId(relais_fixture::id("S-SOINS"))].clone();
        listening.id = relais_network::ServiceId(relais_fixture::id("S-ECOUTE"));
        "GBV.02".clone_into(&mut listening.service_type);
        let more = Entries {
            organisations: Vec::new(),
            places: Vec::new(),
            services: vec![listening],
            ..Entries::default()
        };
        directory::put(store, more, "play", By::CommandLine).expect("one more service");
        let memorandum = NewAgreement {
            reference: "MOU-3".to_owned(),
            kind: AgreementKind::Mou,
            parties: vec![("AUTRE".to_owned(), NaiveDate::from_ymd_opt(2026, 1, 1).expect("a date"))],
            classes: [DataClass::Identity, DataClass::Skills].into_iter().collect(),
            purposes: BTreeSet::from([Purpose::Refer]),
            max_sensitivity: Sensitivity::S3,
            until: Some((now + TimeDelta::days(10)).date_naive()),
        };
        agreements::add(store, memorandum, By::CommandLine).expect("an agreement");
        // Both organisations that hold cases may receive one.
        let undertaking = NewAgreement {
            reference: "ENG-4".to_owned(),
            kind: AgreementKind::Eng,
            parties: vec![(
                "ACCUEIL".to_owned(),
                NaiveDate::from_ymd_opt(2026, 1, 1).expect("a date"),
            )],
            classes: ClassSet::all(),
            purposes: BTreeSet::from([Purpose::Refer]),
            max_sensitivity: Sensitivity::S3,
            until: None,
        };
        agreements::add(store, undertaking, By::CommandLine).expect("an agreement");
        world.desk.refresh().expect("refreshed");
        Self {
            world,
            cases: Vec::new(),
            needs: Vec::new(),
            referrals: Vec::new(),
            reserved: Vec::new(),
            closed: BTreeSet::new(),
            ended: HashMap::new(),
            now,
            tally: Tally::default(),
            looked: HashMap::new(),
        }
    }

    /// The user of an account; none once it is closed.
    pub fn viewer(&self, who: usize) -> Option<Viewer> {
        let network = self.world.desk.network();
        self.world
            .store()
            .read_blocking(move |tx: &mut Tx<'_>| accounts::viewer_by_login(tx, &network, LOGINS[who]))
            .expect("readable")
    }

    /// The case, opened.
    pub fn file(&self, case: CaseId) -> CaseFile {
        self.world
            .store()
            .read_blocking(move |tx: &mut Tx<'_>| -> Result<_, StoreError> { CaseFile::load(tx, case) })
            .expect("readable")
            .expect("a case")
    }

    /// What the viewer may see of the case: the oracle.
    pub fn view(&self, file: &CaseFile, viewer: &Viewer) -> View {
        let network = self.world.desk.network();
        visible(&file.facts(), &viewer.sight(&network), self.now)
    }

    /// Mostly the one whose work it is, else anybody.
    fn someone(who: u8, right: usize) -> usize {
        if who < 176 {
            right
        } else {
            usize::from(who) % LOGINS.len()
        }
    }

    fn note<T>(&mut self, what: &'static str, result: Result<T, ActError>) -> Option<T> {
        match result {
            Ok(made) => {
                *self.tally.done.entry(what).or_default() += 1;
                Some(made)
            }
            Err(ActError::Store(error)) => panic!("{what}: the store failed: {error}"),
            Err(error) => {
                let code = match &error {
                    ActError::Refused { code, .. } => code.clone(),
                    ActError::Invalid(fields) => format!("invalid {}", fields.first().map_or("", |f| f.code.as_str())),
                    other => format!("{other:?}"),
                };
                *self.tally.refused.entry(format!("{what}: {code}")).or_default() += 1;
                None
            }
        }
    }

    fn case(&self, case: u8) -> Option<(usize, Known)> {
        let n = self.cases.len();
        (n > 0)
            .then(|| usize::from(case) % n)
            .map(|at| (at, self.cases[at].clone()))
    }

    /// Only the case's own team at its holder may write on it.
    fn must_be_team(&self, what: &str, viewer: &Viewer, before: &View, file: &CaseFile) {
        let whole = matches!(
            before,
            View::File {
                scope: FileScope::Whole,
                ..
            }
        );
        assert!(
            whole && file.record.holder_id == viewer.organisation,
            "{what} was done by {} who sees {before:?}",
            viewer.display_name
        );
    }

    /// Does one step; what is refused changes nothing.
    pub async fn step(&mut self, step: &Step) {
        match *step {
            Step::Register { who, age } => self.register(who, age).await,
            Step::Consent { who, case, kind } => self.consent(who, case, kind).await,
            Step::Withdraw {
                who,
                case,
                lines,
                effect,
            } => self.withdraw(who, case, lines, effect).await,
            Step::Transfer { who, case, asked } => self.transfer(who, case, asked).await,
            Step::Answer { who, which, how } => self.answer(who, which, how).await,
            Step::Assign { who, case, to } => self.assign(who, case, to).await,
            Step::Claim { who, case } => self.claim(who, case).await,
            Step::Stopped { who, which, by_phone } => self.stopped(who, which, by_phone).await,
            Step::Need {
                who,
                case,
                service,
                priority,
            } => self.need(who, case, service, priority).await,
            Step::Send {
                who,
                need,
                service,
                exception,
            } => self.send(who, need, service, exception).await,
            Step::Act {
                who,
                referral,
                command,
                detail,
            } => self.act(who, referral, command, detail).await,
            Step::WriteApart { who, need, kind } => self.write_apart(who, need, kind).await,
            Step::Cosign { who, which, sign } => self.cosign(who, which, sign).await,
            Step::Wait { hours } => self.at(self.now + TimeDelta::hours(i64::from(hours))),
            Step::UntilDue { which } => self.until_due(which),
            Step::Close { who, case } => self.close(who, case).await,
            Step::End { case } => self.end(case).await,
            Step::CloseAccount { who } => self.close_account(who),
            Step::EndAgreement { which, party } => self.end_agreement(which, party),
            Step::Protect { who, case } => self.protect(who, case).await,
        }
    }

    /// The closure of a case as it stands.
    pub fn closure(&self, case: CaseId) -> Option<ClosureRecord> {
        self.world
            .store()
            .read_blocking(move |tx: &mut Tx<'_>| ClosureRecord::find(tx, case))
            .expect("readable")
    }

    /// Every disclosure of every case.
    pub fn disclosures(&self) -> Vec<cases::DisclosureRecord> {
        let ids: Vec<CaseId> = self.cases.iter().map(|k| k.id).collect();
        self.world
            .store()
            .read_blocking(move |tx: &mut Tx<'_>| -> Result<_, StoreError> {
                let mut all = Vec::new();
                for id in &ids {
                    if let Some(file) = CaseFile::load(tx, *id)? {
                        all.extend(file.disclosures(tx)?);
                    }
                }
                Ok(all)
            })
            .expect("readable")
    }
}

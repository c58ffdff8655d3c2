//! A random world: what users do, drawn at random, done by the real acts.

mod command;
pub mod laws;
mod step;

pub use step::{Step, steps};

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use relais_acts::accounts::{self, NewUser};
use relais_acts::agreements::{self, NewAgreement};
use relais_acts::commands::{
    ActOnReferral, CloseCase, ConsentLineDecision, RecordConsent, ReferralCommand, RegisterArrival, WithdrawConsent,
};
use relais_acts::directory::{self, By, Entries};
use relais_acts::file::CaseFile;
use relais_acts::{ActError, Viewer, case, consents, refer, referrals, register, work};
use relais_casework::visible::{FileScope, View, visible};
use relais_fixture::{World, start};
use relais_mechanism::{Channel, ClassSet, DataClass, Lang, Priority, Purpose, Role, Sensitivity};
use relais_network::agreement::AgreementKind;
use relais_network::{CaseId, DisclosureId, NeedId, OrganisationId, ReferralId};
use relais_store::rows::cases::{self, CaseRecord};
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

/// Services of the taxonomy that a need may ask for, and who offers them.
const ASKED: [(&str, &[&str]); 4] = [
    ("MED.03", &["S-SOINS"]),
    ("MED.01", &["S-URGENCES"]),
    ("VTC.02", &["S-COUTURE", "S-METIERS", "S-COUTURE-2"]),
    ("GBV.02", &["S-ECOUTE"]),
];

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
    pub closed: BTreeSet<usize>,
    /// Agreements that were ended, each with the disclosures made before.
    pub ended: HashMap<String, HashSet<DisclosureId>>,
    pub now: DateTime<Utc>,
    pub tally: Tally,
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
        world.desk.refresh().expect("refreshed");
        Self {
            world,
            cases: Vec::new(),
            needs: Vec::new(),
            referrals: Vec::new(),
            closed: BTreeSet::new(),
            ended: HashMap::new(),
            now,
            tally: Tally::default(),
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
            Step::Wait { hours } => self.at(self.now + TimeDelta::hours(i64::from(hours))),
            Step::UntilDue { which } => self.until_due(which),
            Step::Close { who, case } => self.close(who, case).await,
            Step::CloseAccount { who } => self.close_account(who),
            Step::EndAgreement { which, party } => self.end_agreement(which, party),
            Step::Protect { case } => self.protect(case),
        }
    }

    async fn register(&mut self, who: u8, age: u8) {
        if self.cases.len() >= 7 {
            return;
        }
        let who = Self::someone(who, [0, 1, 5][usize::from(age) % 3]);
        let Some(viewer) = self.viewer(who) else { return };
        let n = self.cases.len();
        let name = format!("Nomsecret{n} Zédémo{n}");
        let telephone = format!("6771200{n}{n}");
        let mut answers = relais_fixture::arrival(&name, 1 + age % 70);
        answers.insert("F1E.10".to_owned(), vec![telephone.clone()]);
        let command = RegisterArrival {
            id: self.world.new_id(),
            answers,
            happened_at: None,
        };
        let result = register::register(&self.world.desk, &viewer, command).await;
        if let Some(made) = self.note("register", result) {
            let id = CaseId(made.id);
            let national = telephone.clone();
            self.cases.push(Known {
                id,
                name,
                telephone: format!("+237{telephone}"),
                national,
                manager: who,
            });
        }
    }

    async fn consent(&mut self, who: u8, case: u8, kind: u8) {
        let Some((_, known)) = self.case(case) else { return };
        let who = Self::someone(who, known.manager);
        let Some(viewer) = self.viewer(who) else { return };
        let line = |line: &str, decision: &str, classes: ClassSet| ConsentLineDecision {
            line: line.to_owned(),
            decision: decision.to_owned(),
            recipient: None,
            service: None,
            classes,
        };
        let some: ClassSet = [DataClass::Skills, DataClass::Plan, DataClass::Health]
            .into_iter()
            .collect();
        let mut third = match kind % 8 {
            5 => line("C3", "refused", some),
            1 | 6 => line("C3", "granted", some),
            _ => line("C3", "granted", ClassSet::all()),
        };
        match kind % 8 {
            2 => third.recipient = Some(relais_fixture::id("HOPITAL")),
            3 => third.service = Some("VTC".to_owned()),
            4 => (third.recipient, third.service) = (Some(relais_fixture::id("ATELIER")), Some("VTC.02".to_owned())),
            _ => {}
        }
        let command = RecordConsent {
            id: self.world.new_id(),
            answers: relais_fixture::consent_answers(),
            lines: vec![
                line("C1", "granted", ClassSet::EMPTY),
                line("C2", "granted", ClassSet::EMPTY),
                line("C8", "granted", ClassSet::EMPTY),
                third,
            ],
            never: match kind % 8 {
                6 => ClassSet::EMPTY.with(DataClass::Identity),
                7 => ClassSet::EMPTY.with(DataClass::Skills),
                _ => ClassSet::EMPTY,
            },
            happened_at: None,
        };
        let file = self.file(known.id);
        let before = self.view(&file, &viewer);
        let result = consents::record(&self.world.desk, &viewer, known.id, command).await;
        if self.note("consent", result).is_some() {
            self.must_be_team("consent", &viewer, &before, &file);
        }
    }

    async fn withdraw(&mut self, who: u8, case: u8, lines: u8, effect: u8) {
        let Some((_, known)) = self.case(case) else { return };
        let Some(viewer) = self.viewer(Self::someone(who, known.manager)) else {
            return;
        };
        let lines = match lines % 3 {
            0 => vec![],
            1 => vec!["C3".to_owned()],
            _ => vec!["C8".to_owned()],
        };
        let effect = ["stop_sharing", "stop_service", "both"][usize::from(effect) % 3].to_owned();
        let command = WithdrawConsent {
            id: self.world.new_id(),
            lines,
            effect,
        };
        let file = self.file(known.id);
        let before = self.view(&file, &viewer);
        let only_statistics = command.lines == ["C8"];
        let result = consents::withdraw(&self.world.desk, &viewer, known.id, command).await;
        if self.note("withdraw", result).is_some() {
            self.must_be_team("withdraw", &viewer, &before, &file);
            if only_statistics {
                let after = self.file(known.id);
                for (was, is) in file.referrals.iter().zip(&after.referrals) {
                    assert_eq!(
                        was.machine.state, is.machine.state,
                        "statistics withdrawn moved a referral that rests on another line"
                    );
                }
            }
        }
    }

    async fn need(&mut self, who: u8, case: u8, service: u8, priority: u8) {
        let Some((_, known)) = self.case(case) else { return };
        if self.needs.len() >= 20 {
            return;
        }
        let who = Self::someone(who, known.manager);
        let Some(viewer) = self.viewer(who) else { return };
        let (asked, offered) = ASKED[usize::from(service) % ASKED.len()];
        let priority = Priority::ALL[usize::from(priority) % Priority::ALL.len()];
        let file = self.file(known.id);
        let before = self.view(&file, &viewer);
        let result = self.world.need(&viewer, known.id.0, asked, priority).await;
        if let Some(made) = self.note("need", result) {
            self.must_be_team("need", &viewer, &before, &file);
            self.needs.push((NeedId(made.id), known.manager, offered));
        }
    }

    async fn send(&mut self, who: u8, need: u8, service: u8, exception: u8) {
        let n = self.needs.len();
        if n == 0 {
            return;
        }
        let (need, manager, offered) = self.needs[usize::from(need) % n];
        let Some(viewer) = self.viewer(Self::someone(who, manager)) else {
            return;
        };
        let mut command = relais_fixture::sending(self.world.new_id(), offered[usize::from(service) % offered.len()]);
        if exception.is_multiple_of(4) && exception > 0 {
            command.override_kind = Some(["VITAL", "CHILD", "LEGAL"][usize::from(exception / 4) % 3].to_owned());
            "Vie en danger.".clone_into(&mut command.override_reason);
        }
        let result = refer::send(&self.world.desk, &viewer, need, command).await;
        if let Some(made) = self.note("send", result) {
            self.referrals.push(ReferralId(made.id));
            let case = self.case_of(ReferralId(made.id));
            let file = self.file(case);
            self.must_be_team("send", &viewer, &self.view(&file, &viewer), &file);
        }
    }

    fn case_of(&self, referral: ReferralId) -> CaseId {
        self.world
            .store()
            .read_blocking(move |tx: &mut Tx<'_>| cases::ReferralRecord::find(tx, referral))
            .expect("readable")
            .expect("a referral")
            .case_id
    }

    async fn act(&mut self, who: u8, referral: u8, command: u8, detail: u8) {
        let n = self.referrals.len();
        if n == 0 {
            return;
        }
        // What waits first; now and then one that is over.
        let files: Vec<CaseFile> = self.cases.iter().map(|k| self.file(k.id)).collect();
        let all = || files.iter().flat_map(|f| f.referrals.iter().map(move |r| (f, r)));
        let waiting: Vec<_> = all().filter(|(_, r)| !r.machine.state.is_terminal()).collect();
        let among = if waiting.is_empty() || referral >= 240 {
            all().collect()
        } else {
            waiting
        };
        let (file, open) = among[usize::from(referral) % among.len()];
        let (id, file) = (open.record.id, file.clone());
        let open = file.referral(id).expect("in its case").clone();
        let manager = self
            .cases
            .iter()
            .find(|k| k.id == file.record.id)
            .map_or(0, |k| k.manager);
        let provider = open.record.provider_id;
        let focal = self
            .people_of(provider)
            .into_iter()
            .find(|at| !self.closed.contains(at))
            .unwrap_or(3);
        let by_phone = detail % 8 == 7;
        let command = command::draw(self.now, command, detail, &open);
        let senders = matches!(
            command,
            ReferralCommand::Answer { .. }
                | ReferralCommand::Cancel { .. }
                | ReferralCommand::Confirm { .. }
                | ReferralCommand::Dispute { .. }
                | ReferralCommand::Void { .. }
        );
        let right = if matches!(command, ReferralCommand::Settle { .. }) {
            6
        } else if senders || by_phone {
            manager
        } else {
            focal
        };
        let Some(viewer) = self.viewer(Self::someone(who, right)) else {
            return;
        };
        let settles = matches!(command, ReferralCommand::Settle { .. });
        let accepts = matches!(command, ReferralCommand::Accept { .. });
        let asked = ActOnReferral {
            id: self.world.new_id(),
            version: open.machine.version - i64::from(detail % 16 == 3),
            command,
            channel: by_phone.then_some(Channel::Telephone),
            number: if by_phone {
                "+237233000001".to_owned()
            } else {
                String::new()
            },
            answered_by: if by_phone {
                "Secrétaire".to_owned()
            } else {
                String::new()
            },
            happened_at: None,
        };
        let before = self.view(&file, &viewer);
        let result = referrals::act(&self.world.desk, &viewer, id, asked).await;
        if self.note("act", result).is_none() {
            return;
        }
        let reached = self
            .file(file.record.id)
            .referral(id)
            .expect("of the case")
            .machine
            .state;
        self.tally.reached.insert(reached.code());
        let team = file.record.holder_id == viewer.organisation
            && matches!(
                before,
                View::File {
                    scope: FileScope::Whole,
                    ..
                }
            );
        let served = provider == viewer.organisation && before.shows_referral(id);
        let office = settles && matches!(before, View::Office);
        assert!(
            team || served || office,
            "{} acted on a referral of which they see {before:?}",
            viewer.display_name
        );
        if accepts {
            let after = self.file(file.record.id);
            if let Some(focal) = self.viewer(focal).filter(|v| v.is(Role::FocalPoint)) {
                let view = self.view(&after, &focal);
                assert!(
                    view.shows_referral(id)
                        || after.consents.iter().all(|c| c.standing(self.now).code() != "granted")
                        || open.machine.priority <= Priority::P2,
                    "whoever accepted holds a wait that they cannot open: {view:?}"
                );
            }
        }
    }

    /// The accounts of an organisation that answer for its services.
    fn people_of(&self, organisation: OrganisationId) -> Vec<usize> {
        let of = |code: &str| OrganisationId(relais_fixture::id(code)) == organisation;
        if of("HOPITAL") {
            vec![10, 3]
        } else if of("ATELIER") {
            vec![4]
        } else if of("AUTRE") {
            vec![5]
        } else {
            vec![14]
        }
    }

    /// Moves the clock, and lets the work be done that fell due.
    pub fn at(&mut self, time: DateTime<Utc>) {
        if time <= self.now {
            return;
        }
        self.world.at(time);
        self.now = time;
        work::once(&self.world.desk).expect("worked");
        assert_eq!(
            work::once(&self.world.desk).expect("idle").taken,
            0,
            "nothing is done twice"
        );
        *self.tally.done.entry("wait").or_default() += 1;
    }

    /// To the very instant at which something falls due.
    fn until_due(&mut self, which: u8) {
        let mut dues: Vec<DateTime<Utc>> = self
            .cases
            .iter()
            .flat_map(|k| {
                let file = self.file(k.id);
                let referrals: Vec<_> = file.referrals.iter().filter_map(|r| r.record.due_at).collect();
                file.needs
                    .iter()
                    .filter_map(|n| n.record.due_at)
                    .chain(referrals)
                    .collect::<Vec<_>>()
            })
            .filter(|due| *due > self.now)
            .collect();
        dues.sort_unstable();
        if let Some(due) = dues.get(usize::from(which) % dues.len().clamp(1, 3)) {
            self.at(*due);
        }
    }

    async fn close(&mut self, who: u8, case: u8) {
        let Some((_, known)) = self.case(case) else { return };
        let Some(viewer) = self.viewer(Self::someone(who, known.manager)) else {
            return;
        };
        let file = self.file(known.id);
        let before = self.view(&file, &viewer);
        let command = CloseCase {
            id: self.world.new_id(),
            version: file.record.version,
            reason: "GOAL".to_owned(),
        };
        let result = case::close(&self.world.desk, &viewer, known.id, command).await;
        if self.note("close", result).is_some() {
            self.must_be_team("close", &viewer, &before, &file);
        }
    }

    fn close_account(&mut self, who: u8) {
        let who = usize::from(who) % LOGINS.len();
        let result = accounts::close(self.world.store(), LOGINS[who], By::CommandLine);
        if self.note("close account", result).is_some() {
            self.closed.insert(who);
            self.world.desk.refresh().expect("refreshed");
        }
    }

    fn end_agreement(&mut self, which: u8, party: bool) {
        let reference = AGREEMENTS[usize::from(which) % AGREEMENTS.len()];
        let party = party.then(|| ["HOPITAL", "ATELIER", "AUTRE"][usize::from(which) % AGREEMENTS.len()]);
        let made: HashSet<DisclosureId> = self.disclosures().into_iter().map(|d| d.id).collect();
        let today = relais_casework::calendar::local_date(self.now);
        let result = agreements::end(self.world.store(), reference, party, today, By::CommandLine);
        if self.note("end agreement", result).is_some() {
            self.ended.insert(reference.to_owned(), made);
            self.world.desk.refresh().expect("refreshed");
        }
    }

    /// Every disclosure of every case.
    pub fn disclosures(&self) -> Vec<cases::DisclosureRecord> {
        let ids: Vec<CaseId> = self.cases.iter().map(|k| k.id).collect();
        self.world
            .store()
            .read_blocking(move |tx: &mut Tx<'_>| -> Result<_, StoreError> {
                let mut all = Vec::new();
                for id in &ids {
                    all.extend(cases::disclosures_of(tx, *id)?);
                }
                Ok(all)
            })
            .expect("readable")
    }

    /// Puts a case into the protected circuit, as a later act will. Only one
    /// that no State body was asked about: the circuit is chosen at the door.
    fn protect(&mut self, case: u8) {
        let Some((_, known)) = self.case(case) else { return };
        if !self.file(known.id).referrals.is_empty() {
            return;
        }
        self.world
            .store()
            .write_blocking(move |tx: &mut Tx<'_>| -> Result<(), StoreError> {
                let record = CaseRecord::find(tx, known.id)?.expect("a case");
                CaseRecord {
                    regime: "protected".to_owned(),
                    ..record
                }
                .update(tx)
            })
            .expect("protected");
        *self.tally.done.entry("protect").or_default() += 1;
    }
}

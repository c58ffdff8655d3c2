//! The protected circuit by the real acts: who sees what before and after, what
//! becomes of what a State body was asked, and who may choose it.

use chrono::TimeDelta;
use relais_acts::accounts::{self, NewUser};
use relais_acts::commands::{ActOnReferral, ActOnTransfer, AssignCase, ReferralCommand, SetProtection, TransferAsked};
use relais_acts::directory::By;
use relais_acts::file::CaseFile;
use relais_acts::views::Made;
use relais_acts::{
    ActError, Viewer, assignment, case, day, protection, refer, referral_view, referrals, transfers, work,
};
use relais_casework::referral::{Outcome, Owner, State};
use relais_casework::visible::{View, visible};
use relais_fixture::{SHUT_OUT, STATE, World, id, start};
use relais_mechanism::{Channel, DataClass, Lang, Priority, Role};
use relais_network::{CaseId, NeedId, OrganisationId, ReferralId, TransferId};
use relais_store::{StoreError, Tx, chain, counters, params};
use uuid::Uuid;

struct Site {
    world: World,
    manager: Viewer,
    state: Viewer,
}

impl Site {
    fn new() -> Self {
        let world = World::sqlite();
        world.add_state_body();
        let (manager, state) = (world.viewer("gestionnaire"), world.viewer("etat.point"));
        Self { world, manager, state }
    }

    async fn person(&self, who: &Viewer, name: &str) -> Uuid {
        let case = self.world.register(who, name, 30).await.expect("registered").id;
        self.world
            .consent(who, case, &[DataClass::Skills])
            .await
            .expect("consented");
        case
    }

    /// A need and its referral to this service.
    async fn sent(&self, case: Uuid, service: &str) -> (Uuid, Uuid) {
        let need = self
            .world
            .need(&self.manager, case, "VTC.02", Priority::P4)
            .await
            .expect("a need")
            .id;
        let referral = self.world.send(&self.manager, need, service).await.expect("sent").id;
        (need, referral)
    }

    async fn give(
        &self,
        who: &Viewer,
        referral: Uuid,
        command: ReferralCommand,
        channel: Option<Channel>,
    ) -> Result<Made, ActError> {
        let version = referral_view::view(&self.world.desk, who, ReferralId(referral))
            .await?
            .version;
        let act = ActOnReferral {
            id: self.world.new_id(),
            version,
            command,
            channel,
            number: String::new(),
            answered_by: channel.map_or_else(String::new, |_| "Agente Essai".to_owned()),
            happened_at: None,
        };
        referrals::act(&self.world.desk, who, ReferralId(referral), act).await
    }

    async fn set(&self, who: &Viewer, case: Uuid, protected: bool) -> Result<Made, ActError> {
        let version = self.file(case).record.version;
        let command = SetProtection {
            id: self.world.new_id(),
            version,
            protected,
            person_agrees: true,
        };
        protection::set(&self.world.desk, who, CaseId(case), command).await
    }

    fn file(&self, case: Uuid) -> CaseFile {
        self.world
            .store()
            .read_blocking(move |tx: &mut Tx<'_>| -> Result<_, StoreError> { CaseFile::load(tx, CaseId(case)) })
            .expect("readable")
            .expect("a case")
    }

    fn sight(&self, case: Uuid, who: &Viewer) -> View {
        let network = self.world.desk.network();
        let now = self
            .world
            .store()
            .read_blocking(|tx: &mut Tx<'_>| tx.now())
            .expect("a clock");
        visible(&self.file(case).facts(), &who.sight(&network), now)
    }

    fn state_of(&self, case: Uuid, referral: Uuid) -> State {
        self.file(case)
            .referral(ReferralId(referral))
            .expect("a referral")
            .machine
            .state
    }
}

fn code<T: std::fmt::Debug>(result: Result<T, ActError>) -> String {
    match result.expect_err("refused") {
        ActError::Refused { code, .. } => code,
        ActError::Invalid(fields) => format!("{} {}", fields[0].field, fields[0].code),
        other => format!("{other:?}"),
    }
}

/// Whether the person of a case is filed where likely duplicates are looked for.
fn filed(tx: &mut Tx<'_>, case: Uuid) -> Result<i64, StoreError> {
    let sql = "SELECT COUNT(*) AS n FROM bucket_of b JOIN case_file c ON c.person_id = b.person_id WHERE c.id = $1";
    tx.query_built(sql, &params![case])?.first().expect("one row").get("n")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_protected_case_is_gone_for_the_state_and_the_office_and_its_needs_are_its_teams() {
    let site = Site::new();
    let case = site.person(&site.manager, "Essai Menacé").await;
    // To the State: waiting, accepted, begun; to an association: waiting.
    let (first, waiting) = site.sent(case, "S-ETAT").await;
    let (second, accepted) = site.sent(case, "S-ETAT").await;
    let accept = || ReferralCommand::Accept { by_name: String::new() };
    site.give(&site.state, accepted, accept(), None)
        .await
        .expect("accepted");
    let (_, begun) = site.sent(case, "S-ETAT").await;
    site.give(&site.state, begun, accept(), None).await.expect("accepted");
    site.give(&site.state, begun, ReferralCommand::Start, None)
        .await
        .expect("begun");
    let (_, other) = site.sent(case, "S-COUTURE").await;

    // The page says it all before anything is done.
    let page = protection::view(&site.world.desk, &site.manager, CaseId(case))
        .await
        .expect("the page");
    assert!(!page.protected && page.barred.is_none());
    assert_eq!(page.loses, ["Délégation régionale (exercice)"]);
    assert_eq!(page.received.len(), 1, "what has gone cannot be taken back");
    let becomes = |id: Uuid| {
        let row = page.referrals.iter().find(|r| r.id.0 == id).expect("a row");
        row.becomes.clone()
    };
    assert_eq!(
        [waiting, accepted, begun, other].map(becomes),
        ["stops", "stops", "on_paper", "goes_on"]
    );

    site.set(&site.manager, case, true).await.expect("chosen");
    for login in SHUT_OUT {
        let viewer = site.world.viewer(login);
        assert_eq!(site.sight(case, &viewer), View::Nothing, "{login}");
    }
    for login in ["gestionnaire", "superviseur", "atelier"] {
        assert_ne!(site.sight(case, &site.world.viewer(login)), View::Nothing, "{login}");
    }
    assert_eq!(site.state_of(case, waiting), State::Withdrawn);
    assert_eq!(site.state_of(case, accepted), State::Cancelled);
    assert_eq!(site.state_of(case, other), State::Sent);
    let file = site.file(case);
    for need in [first, second] {
        assert!(
            file.need(NeedId(need)).expect("a need").detail.machine.open.is_empty(),
            "the need is its team's again"
        );
    }
    let state = OrganisationId(id("DELEGATION"));
    let now = site
        .world
        .store()
        .read_blocking(|tx: &mut Tx<'_>| tx.now())
        .expect("a clock");
    assert!(
        file.grants
            .iter()
            .all(|g| g.holder.organisation() != state || !g.in_force(now)),
        "every grant of the State body is closed"
    );

    // The care begun goes on, and waits for the team; the slip in the person's hand says how it ended.
    let machine = &file.referral(ReferralId(begun)).expect("a referral").machine;
    assert!(machine.protected);
    assert_eq!(
        (machine.state, machine.wait.as_ref().map(|w| w.owner)),
        (State::InService, Some(Owner::SENDER))
    );
    let report = ReferralCommand::Report {
        outcome: Outcome::Served,
        text: String::new(),
    };
    assert!(matches!(
        site.give(&site.state, begun, report.clone(), None).await,
        Err(ActError::NotFound)
    ));
    site.give(&site.manager, begun, report, Some(Channel::Paper))
        .await
        .expect("noted from the slip");
    assert_eq!(site.state_of(case, begun), State::Reported);

    // No reason anywhere, and no name to be found by.
    let events = site
        .world
        .store()
        .read_blocking(move |tx: &mut Tx<'_>| chain::events(tx, case, 0, 1000))
        .expect("readable");
    let chosen = events.iter().find(|e| e.kind == "circuit_chosen").expect("the event");
    let meta: serde_json::Value = serde_json::from_str(&chosen.meta).expect("JSON");
    let keys: Vec<&String> = meta.as_object().expect("an object").keys().collect();
    assert_eq!(keys, ["by", "mechanism"], "who and under which mechanism, nothing else");
    let found = site
        .world
        .store()
        .read_blocking(move |tx: &mut Tx<'_>| filed(tx, case))
        .expect("readable");
    assert_eq!(found, 0);

    // Only services outside the State are offered, and none of the State's can be asked.
    let view = refer::view(&site.world.desk, &site.manager, NeedId(first), None, None)
        .await
        .expect("the page");
    assert!(!view.proposals.is_empty());
    let named = view.proposals.iter().map(|p| &p.organisation);
    assert!(named.into_iter().all(|o| o != "Délégation régionale (exercice)"));
    let third = site
        .world
        .need(&site.manager, case, "VTC.02", Priority::P4)
        .await
        .expect("a need")
        .id;
    assert_eq!(
        code(site.world.send(&site.manager, third, "S-ETAT").await),
        "protected_circuit"
    );
    site.world
        .send(&site.manager, third, "S-COUTURE")
        .await
        .expect("an association is asked");

    // Leaving opens to the office again, and to no grant that was closed.
    site.set(&site.manager, case, false).await.expect("left");
    assert_eq!(site.sight(case, &site.world.viewer("secretariat")), View::Office);
    assert_eq!(site.sight(case, &site.state), View::Nothing);
    assert!(
        !site
            .file(case)
            .referral(ReferralId(begun))
            .expect("there")
            .machine
            .protected
    );
    let found = site
        .world
        .store()
        .read_blocking(move |tx: &mut Tx<'_>| filed(tx, case))
        .expect("readable");
    assert_eq!(found, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_holder_outside_the_state_chooses_it_with_the_person() {
    let site = Site::new();
    let of_state = site.world.viewer("etat.gestion");
    let held = site.person(&of_state, "Essai Étatique").await;
    assert_eq!(code(site.set(&of_state, held, true).await), "holder_is_state");
    let page = protection::view(&site.world.desk, &of_state, CaseId(held))
        .await
        .expect("the page");
    assert_eq!(page.barred.expect("a reason").code, "holder_is_state");

    let case = site.person(&site.manager, "Essai Choix").await;
    let version = site.file(case).record.version;
    let command = |version: i64, person_agrees: bool| SetProtection {
        id: site.world.new_id(),
        version,
        protected: true,
        person_agrees,
    };
    let set = |command| protection::set(&site.world.desk, &site.manager, CaseId(case), command);
    assert_eq!(code(set(command(version, false)).await), "person_agrees required");
    assert!(matches!(
        set(command(version - 1, true)).await,
        Err(ActError::Stale { .. })
    ));
    // Whoever does not see the case has nothing to choose; a colleague who is not on it does not see it.
    for login in ["autre", "collegue", "secretariat", "etat.chef"] {
        let viewer = site.world.viewer(login);
        assert!(
            matches!(
                site.set(&viewer, case, true).await,
                Err(ActError::NotFound | ActError::Forbidden { .. })
            ),
            "{login}"
        );
    }
    site.set(&site.manager, case, true).await.expect("chosen");
    assert_eq!(code(site.set(&site.manager, case, true).await), "already_so");
    let seen = case::view(&site.world.desk, &site.manager, CaseId(case))
        .await
        .expect("the case");
    assert!(seen.protected && seen.may_write);
}

/// Whoever works at the holder and for the office too is put on no case of the
/// circuit, and on any other.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_of_the_office_is_put_on_a_protected_case() {
    let site = Site::new();
    let both = NewUser {
        organisation: "ACCUEIL".to_owned(),
        login: "double".to_owned(),
        display_name: "Exercice double".to_owned(),
        roles: vec![Role::CaseManager, Role::RegionalFocalPoint],
        regions: vec!["CM002".to_owned()],
        language: Lang::Fr,
        password_hash: "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$invalid".to_owned(),
        trained: false,
        demonstration: true,
    };
    accounts::create(site.world.store(), both, By::CommandLine).expect("an account");
    let (both, chief) = (site.world.viewer("double"), site.world.viewer("superviseur"));
    let case = site.person(&site.manager, "Essai Double").await;
    let assign = |to: Viewer| {
        let command = AssignCase {
            id: site.world.new_id(),
            version: site.file(case).record.version,
            to: to.user.0,
            note: String::new(),
        };
        assignment::assign(&site.world.desk, &chief, CaseId(case), command)
    };
    assign(both.clone()).await.expect("an ordinary case");
    assign(site.manager.clone()).await.expect("back");
    site.set(&site.manager, case, true).await.expect("chosen");
    assert_eq!(code(assign(both.clone()).await), "office_cannot_hold");
    assert_eq!(site.file(case).record.assigned_user_id, Some(site.manager.user));
    assert_eq!(site.sight(case, &both), View::Nothing);
    assign(site.world.viewer("collegue"))
        .await
        .expect("a colleague without that role");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_office_reads_a_count_from_ten_on_and_nothing_below() {
    let site = Site::new();
    let secretariat = site.world.viewer("secretariat");
    let read = || async {
        day::late(&site.world.desk, &secretariat, None)
            .await
            .expect("the list")
            .protected
            .expect("a count")
    };
    let mut last = Uuid::nil();
    for n in 0..10 {
        assert_eq!((read().await.cases, read().await.least), (None, 10), "{n} cases");
        last = site.person(&site.manager, &format!("Essai Compté {n}")).await;
        site.set(&site.manager, last, true).await.expect("chosen");
    }
    assert_eq!(read().await.cases, Some(10));
    site.set(&site.manager, last, false).await.expect("left");
    assert_eq!(read().await.cases, None);
    let regional = site.world.viewer("regional");
    let list = day::late(&site.world.desk, &regional, None).await.expect("the list");
    assert!(list.protected.is_none(), "a region could tell one case from another");
}

/// What happens in the circuit is counted under no region and no group.
#[tokio::test(flavor = "multi_thread")]
async fn counters_tell_no_region_of_a_protected_case() {
    let site = Site::new();
    let case = site.person(&site.manager, "Essai Chiffré").await;
    site.set(&site.manager, case, true).await.expect("chosen");
    let cells = || {
        site.world
            .store()
            .read_blocking(|tx: &mut Tx<'_>| counters::between(tx, "2026-01", "2027-12"))
            .expect("readable")
    };
    let before = cells();
    site.sent(case, "S-COUTURE").await;
    let after = cells();
    let changed: Vec<_> = after.iter().filter(|cell| !before.contains(cell)).collect();
    assert!(!changed.is_empty());
    for cell in changed {
        assert_eq!((cell.region.as_str(), cell.group.as_str()), ("protected", "all"));
    }
}

/// Notices of transfers and of cases that changed hands, to this organisation.
fn told(world: &World, organisation: &str) -> usize {
    let to = OrganisationId(id(organisation));
    world
        .store()
        .read_blocking(|tx: &mut Tx<'_>| -> Result<_, StoreError> { relais_store::outbox::unsent(tx, 0, 1000) })
        .expect("readable")
        .iter()
        .filter(|n| n.organisation == Some(to) && (n.kind.starts_with("transfer") || n.kind == "holder_changed"))
        .count()
}

/// A State body that was asked to take the case over hears no more of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_to_a_state_body_is_taken_back_and_it_is_told_nothing() {
    let site = Site::new();
    let case = site.person(&site.manager, "Essai Transféré").await;
    let (world, manager) = (&site.world, &site.manager);
    world.agree(manager, case, STATE).await.expect("agreed");
    let proposed = TransferId(world.propose(manager, case, STATE).await.expect("proposed").id);
    let head = world.viewer("etat.chef");
    assert!(transfers::view(&world.desk, &head, proposed).await.is_ok());
    assert_eq!(told(world, STATE), 2, "supervisor and case manager");
    let page = protection::view(&world.desk, manager, CaseId(case))
        .await
        .expect("the page");
    assert_eq!(
        page.loses,
        ["Délégation régionale (exercice)"],
        "it was only asked, and loses it"
    );
    site.set(manager, case, true).await.expect("chosen");
    let seen = transfers::view(&world.desk, manager, proposed).await.expect("seen");
    assert_eq!(seen.state, "cancelled");
    assert!(matches!(
        transfers::view(&world.desk, &head, proposed).await,
        Err(ActError::NotFound)
    ));
    assert!(
        day::my_day(&world.desk, &head)
            .await
            .expect("a day")
            .transfers
            .is_empty()
    );
    world.at(start() + TimeDelta::days(60));
    work::once(&world.desk).expect("worked");
    assert_eq!(told(world, STATE), 2, "nothing since");
}

/// An association takes a protected case over: whoever is of the office too is
/// not asked, and a State body that goes on with a service is not told.
#[tokio::test(flavor = "multi_thread")]
async fn a_protected_case_moves_without_the_office_and_the_state_hearing_of_it() {
    let site = Site::new();
    let case = site.person(&site.manager, "Essai Passé").await;
    let (world, manager) = (&site.world, &site.manager);
    for (login, roles) in [
        ("autre.deux", vec![Role::CaseManager, Role::RegionalFocalPoint]),
        ("accueil.deux", vec![Role::CaseManager, Role::RegionalFocalPoint]),
    ] {
        let new = NewUser {
            organisation: if login.starts_with("autre") { "AUTRE" } else { "ACCUEIL" }.to_owned(),
            login: login.to_owned(),
            display_name: format!("Exercice {login}"),
            roles,
            regions: vec!["CM005".to_owned()],
            language: Lang::Fr,
            password_hash: "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$invalid".to_owned(),
            trained: true,
            demonstration: true,
        };
        accounts::create(world.store(), new, By::CommandLine).expect("an account");
    }
    world.desk.refresh().expect("refreshed");
    let (_, begun) = site.sent(case, "S-ETAT").await;
    let accept = ReferralCommand::Accept { by_name: String::new() };
    site.give(&site.state, begun, accept, None).await.expect("accepted");
    site.give(&site.state, begun, ReferralCommand::Start, None)
        .await
        .expect("begun");
    world.agree(manager, case, "AUTRE").await.expect("agreed");
    let proposed = TransferId(world.propose(manager, case, "AUTRE").await.expect("proposed").id);
    let (other, both) = (world.viewer("autre"), world.viewer("autre.deux"));
    assert!(transfers::view(&world.desk, &both, proposed).await.is_ok());
    site.set(manager, case, true).await.expect("chosen");
    // The proposal to an association stands, for those that the circuit is open to.
    assert!(matches!(
        transfers::view(&world.desk, &both, proposed).await,
        Err(ActError::NotFound)
    ));
    assert!(
        day::my_day(&world.desk, &both)
            .await
            .expect("a day")
            .transfers
            .is_empty()
    );
    let colleagues = assignment::view(&world.desk, manager, CaseId(case))
        .await
        .expect("a page");
    let named: Vec<&str> = colleagues.staff.iter().map(|(_, name, _)| name.as_str()).collect();
    assert!(!named.contains(&"Exercice accueil.deux"), "{named:?}");
    let page = transfers::view(&world.desk, &other, proposed).await.expect("asked");
    assert_eq!(page.staff.len(), 1, "{:?}", page.staff);
    let take = |assign: Uuid| ActOnTransfer {
        id: world.new_id(),
        version: page.version,
        command: TransferAsked::Accept { assign: Some(assign) },
    };
    let wrong = transfers::act(&world.desk, &other, proposed, take(both.user.0)).await;
    assert_eq!(code(wrong), "office_cannot_hold");
    transfers::act(&world.desk, &other, proposed, take(other.user.0))
        .await
        .expect("accepted");
    assert_eq!(site.file(case).record.holder_id, OrganisationId(id("AUTRE")));
    assert_eq!(told(world, STATE), 0);

    // Nobody works on it any more: it is offered to whoever may see it.
    accounts::close(world.store(), "autre", By::CommandLine).expect("closed");
    world.desk.refresh().expect("refreshed");
    assert!(
        day::my_day(&world.desk, &both)
            .await
            .expect("a day")
            .unclaimed
            .is_empty()
    );
}

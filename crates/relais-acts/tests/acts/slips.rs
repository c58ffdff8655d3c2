//! The paper slip, against a real store: what is printed on it, and the same
//! slip typed in by the sender, the provider, or whoever holds it.

use chrono::{NaiveDate, TimeDelta};
use relais_acts::commands::{ActOnReferral, ReferralCommand};
use relais_acts::problem::ActError;
use relais_acts::slips::{self, MakeSlip, SlipView, TypeSlip};
use relais_acts::views::ReferralView;
use relais_acts::{Viewer, referral_view, referrals};
use relais_casework::referral::{Outcome, State, Ticked};
use relais_fixture::World;
use relais_mechanism::{DataClass, Priority};
use relais_network::{CaseId, ReferralId};
use relais_store::rows::cases;
use relais_store::{Tx, chain};

struct Sent {
    world: World,
    manager: Viewer,
    case: CaseId,
    referral: ReferralId,
}

impl Sent {
    async fn new() -> Self {
        Self::to("VTC.03", "S-BOIS", Priority::P4).await
    }

    async fn to(need: &str, service: &str, priority: Priority) -> Self {
        let world = World::sqlite();
        let manager = world.viewer("gestionnaire");
        let case = world
            .register(&manager, "Salomé Essai Bilodémo", 30)
            .await
            .expect("registered")
            .id;
        world
            .consent(&manager, case, &[DataClass::Skills])
            .await
            .expect("consented");
        let need = world.need(&manager, case, need, priority).await.expect("a need").id;
        let referral = ReferralId(world.send(&manager, need, service).await.expect("sent").id);
        Self {
            world,
            manager,
            case: CaseId(case),
            referral,
        }
    }

    async fn view(&self) -> SlipView {
        slips::view(&self.world.desk, &self.manager, self.referral)
            .await
            .expect("the sender sees it")
    }

    async fn made(&self) -> SlipView {
        let id = self.world.new_id();
        slips::make(&self.world.desk, &self.manager, self.referral, MakeSlip { id })
            .await
            .expect("prepared");
        self.view().await
    }

    fn ticked(&self, ticked: Ticked) -> TypeSlip {
        TypeSlip {
            id: self.world.new_id(),
            ticked,
            reason: None,
            name: "M. Fiche Essai, chef d’atelier".to_owned(),
            on: None,
        }
    }

    async fn unsigned(&self, number: &str, code: &str, command: TypeSlip) -> Result<(), ActError> {
        let (number, code) = (number.to_owned(), code.to_owned());
        slips::type_in_unsigned(&self.world.desk, number, code, command, "/slip", "deliver")
            .await
            .map(|_| ())
    }

    async fn seen(&self) -> relais_acts::views::ReferralView {
        referral_view::view(&self.world.desk, &self.manager, self.referral)
            .await
            .expect("seen")
    }
}

fn refusal(error: &ActError) -> &str {
    match error {
        ActError::Refused { code, .. } => code,
        ActError::NotFound => "not_found",
        other => panic!("{other}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slip_says_nobody_and_the_need_discreetly() {
    for (need, service, priority, never) in [
        ("VTC.03", "S-BOIS", Priority::P4, "rien"),
        ("MED.01", "S-URGENCES", Priority::P1, "Urgence médicale"),
    ] {
        let sent = Sent::to(need, service, priority).await;
        assert!(sent.view().await.code.is_none(), "not prepared yet");
        let slip = sent.made().await;
        let code = slip.code.clone().expect("a code");
        assert_eq!(code.len(), 8);
        assert_eq!(sent.made().await.code.as_ref(), Some(&code), "printed twice, one code");
        let text: String = serde_json::to_string(&slip)
            .expect("JSON")
            .chars()
            .filter(|c| !c.is_whitespace())
            .collect();
        for leak in ["Salomé", "Bilodémo", "677123456", "6771234", "30ans", "femme", never] {
            let leak: String = leak.chars().filter(|c| !c.is_whitespace()).collect();
            assert!(!text.contains(&leak), "{need}: {leak} in {text}");
        }
        assert!(
            text.contains("1503") && text.contains("116"),
            "a door for complaints: {text}"
        );
        assert!(slip.number.starts_with("R-2026-000001-"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_holds_it_types_it_in_with_its_code() {
    let sent = Sent::new().await;
    let slip = sent.made().await;
    let code = slip.code.clone().expect("a code");
    sent.world.at(relais_fixture::start() + TimeDelta::days(3));
    let mut served = sent.ticked(Ticked::Served);
    served.on = NaiveDate::from_ymd_opt(2026, 11, 25);
    let spelled = format!("{}-{}", code[..4].to_lowercase(), &code[4..]);
    sent.unsigned(&slip.number.to_lowercase(), &spelled, served.clone())
        .await
        .expect("typed in");
    sent.unsigned(&slip.number, &code, served).await.expect("twice is once");
    let seen = sent.seen().await;
    assert_eq!((seen.state, seen.outcome), (State::Reported, Some(Outcome::Served)));
    assert!(
        seen.answered
            .iter()
            .all(|a| a.label == "Répondu sur la fiche" && a.value.as_deref() == Some("M. Fiche Essai, chef d’atelier"))
    );
    let id = sent.referral.0;
    let events = sent
        .world
        .store()
        .read_blocking(move |tx: &mut Tx<'_>| chain::newest_about(tx, id, 100))
        .expect("readable");
    let by_paper: Vec<_> = events
        .iter()
        .rev()
        .filter(|e| e.meta.contains("\"channel\":\"paper\""))
        .map(|e| e.kind.as_str())
        .collect();
    assert_eq!(by_paper, ["received", "accepted", "started", "reported"]);
    assert!(
        events
            .iter()
            .filter(|e| e.kind == "reported")
            .all(|e| e.happened_at.to_rfc3339() == "2026-11-25T11:00:00+00:00"),
        "the day that is written on the paper"
    );
    // The acceptance on paper is an acceptance: what it discloses is written down.
    let case = sent.case;
    let disclosed = sent
        .world
        .store()
        .read_blocking(move |tx: &mut Tx<'_>| cases::disclosures_of(tx, case))
        .expect("readable");
    assert_eq!(disclosed.last().map(|d| d.stage.as_str()), Some("accepted"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_number_and_a_wrong_code_answer_alike_and_ten_are_too_many() {
    let sent = Sent::new().await;
    let slip = sent.made().await;
    let code = slip.code.clone().expect("a code");
    let mut said = Vec::new();
    for (number, typed) in [
        (slip.number.as_str(), "AAAABBBB"),
        (slip.number.as_str(), ""),
        ("R-2026-000999-A", code.as_str()),
        ("nonsense", code.as_str()),
    ] {
        let error = sent.unsigned(number, typed, sent.ticked(Ticked::Received)).await;
        said.push(error.expect_err("refused"));
    }
    // A referral whose slip was never prepared has no code that fits.
    let other = Sent::new().await;
    let error = other
        .unsigned(&slip.number, &code, other.ticked(Ticked::Received))
        .await;
    said.push(error.expect_err("no slip"));
    for _ in 0..8 {
        let error = sent
            .unsigned(&slip.number, "AAAABBBB", sent.ticked(Ticked::Received))
            .await;
        said.push(error.expect_err("refused"));
    }
    let error = sent.unsigned(&slip.number, &code, sent.ticked(Ticked::Received)).await;
    said.push(error.expect_err("dead after ten"));
    let first = format!("{:?}", said[0]);
    assert!(said.iter().all(|e| format!("{e:?}") == first), "{said:?}");
    assert_eq!(refusal(&said[0]), "slip_not_valid");
    // Prepared again, it has another code, and that one works.
    assert!(sent.view().await.code.is_none());
    let again = sent.made().await.code.expect("a new code");
    assert_ne!(again, code);
    sent.unsigned(&slip.number, &again, sent.ticked(Ticked::Received))
        .await
        .expect("typed in");
    assert_eq!(sent.seen().await.state, State::Received);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sender_and_the_provider_type_it_in_signed_in() {
    let sent = Sent::to("VTC.02", "S-COUTURE", Priority::P4).await;
    let number = sent.view().await.number;
    for login in ["collegue", "autre", "hopital", "secretariat", "administrateur"] {
        let viewer = sent.world.viewer(login);
        let tried = slips::type_in(&sent.world.desk, &viewer, number.clone(), sent.ticked(Ticked::Received)).await;
        assert_eq!(refusal(&tried.expect_err("not theirs")), "slip_not_valid", "{login}");
    }
    let provider = sent.world.viewer("atelier");
    slips::type_in(
        &sent.world.desk,
        &provider,
        number.clone(),
        sent.ticked(Ticked::Accepted),
    )
    .await
    .expect("the provider’s own slip");
    assert_eq!(sent.seen().await.state, State::Accepted);
    assert!(
        sent.seen().await.answered.is_empty(),
        "signed in, it is the provider’s own word"
    );
    // The same box again says nothing new.
    let again = slips::type_in(
        &sent.world.desk,
        &sent.manager,
        number.clone(),
        sent.ticked(Ticked::Accepted),
    )
    .await;
    assert_eq!(refusal(&again.expect_err("known")), "slip_says_nothing_new");
    let mut not = sent.ticked(Ticked::NotServed);
    let missing = slips::type_in(&sent.world.desk, &sent.manager, number.clone(), not.clone()).await;
    assert!(matches!(missing, Err(ActError::Invalid(_))), "a reason is due");
    not.reason = Some(Outcome::DidNotAttend);
    slips::type_in(&sent.world.desk, &sent.manager, number.clone(), not)
        .await
        .expect("noted by the sender");
    let seen = sent.seen().await;
    assert_eq!(
        (seen.state, seen.outcome),
        (State::Reported, Some(Outcome::DidNotAttend))
    );
    assert_eq!(seen.answered.len(), 1);
    // What the machine refuses is refused here too.
    let late = slips::type_in(&sent.world.desk, &sent.manager, number, sent.ticked(Ticked::Served)).await;
    assert_eq!(refusal(&late.expect_err("over")), "not_now");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_provider_contests_what_was_noted_in_its_name_once() {
    let sent = Sent::to("VTC.02", "S-COUTURE", Priority::P4).await;
    let number = sent.view().await.number;
    let provider = sent.world.viewer("atelier");
    let offered = async || {
        referral_view::view(&sent.world.desk, &provider, sent.referral)
            .await
            .expect("the provider sees it")
    };
    let contest = async |version| {
        let command = ActOnReferral {
            id: sent.world.new_id(),
            version,
            command: ReferralCommand::Contest {
                reason: "Nous avons dit non.".to_owned(),
            },
            channel: None,
            number: String::new(),
            answered_by: String::new(),
            happened_at: None,
        };
        referrals::act(&sent.world.desk, &provider, sent.referral, command).await
    };
    let may = |view: &ReferralView| view.commands.iter().any(|c| c == "contest");
    let nothing = offered().await;
    assert!(!may(&nothing), "nothing is noted yet");
    let error = contest(nothing.version).await.expect_err("no answer yet");
    assert_eq!(refusal(&error), "not_now");
    slips::type_in(&sent.world.desk, &sent.manager, number, sent.ticked(Ticked::Accepted))
        .await
        .expect("noted by the sender");
    let noted = offered().await;
    assert!(may(&noted));
    contest(noted.version).await.expect("contested");
    let seen = sent.seen().await;
    assert_eq!(seen.state, State::Accepted, "the answer stands until somebody acts");
    assert_eq!(
        seen.exchanges.last().map(|e| (e.label.as_str(), e.value.as_deref())),
        Some(("Réponse notée, contestée", Some("Nous avons dit non.")))
    );
    let after = offered().await;
    assert!(!may(&after));
    let error = contest(after.version).await.expect_err("once");
    assert_eq!(refusal(&error), "nothing_to_contest");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_before_the_sending_or_ahead_is_refused() {
    let sent = Sent::new().await;
    let slip = sent.made().await;
    for (day, code) in [(22, "before_sent"), (24, "in_the_future")] {
        let mut typed = sent.ticked(Ticked::Received);
        typed.on = NaiveDate::from_ymd_opt(2026, 11, day);
        let refused = slips::type_in(&sent.world.desk, &sent.manager, slip.number.clone(), typed).await;
        assert_eq!(refusal(&refused.expect_err("no such day")), code);
    }
    assert_eq!(sent.seen().await.state, State::Sent);
}

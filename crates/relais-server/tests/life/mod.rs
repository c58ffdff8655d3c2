//! What goes on in a mechanism: cases with everything that anybody could meet,
//! for the tests that compare two databases with and without something.

use chrono::TimeDelta;
use relais_acts::calls::{self, NoteCall};
use relais_acts::commands::{ActOnPerhaps, ReferralCommand};
use relais_acts::coordination::{self, NoteLateCall};
use relais_acts::handovers::{self, HandedCase, OfferHandover};
use relais_acts::{Viewer, case, duplicates, refer};
use relais_fixture::World;
use relais_mechanism::{DataClass, Priority};
use relais_network::{CaseId, NeedId, ReferralId};
use relais_store::Tx;
use uuid::Uuid;

use crate::subject::{Ids, Of};

pub async fn give(world: &World, who: &Viewer, id: Uuid, command: ReferralCommand) {
    world.give(who, id, command).await.expect("done");
}

fn accept() -> ReferralCommand {
    ReferralCommand::Accept { by_name: String::new() }
}

pub async fn person(world: &World, manager: &Viewer, name: &str) -> Uuid {
    let case = world.register(manager, name, 30).await.expect("registered").id;
    world
        .consent(manager, case, &[DataClass::Skills])
        .await
        .expect("consented");
    case
}

pub async fn need(world: &World, who: &Viewer, case: Uuid, service: &str, priority: Priority) -> Uuid {
    world.need(who, case, service, priority).await.expect("a need").id
}

/// Who lives a life: whoever works on its cases, the colleague of the next
/// shift, and the organisation to which a case is proposed.
pub struct Team {
    pub manager: Viewer,
    pub colleague: Viewer,
    pub proposed: &'static str,
}

/// What one life leaves: an id of each thing, and its cases.
pub struct Life {
    pub ids: Ids,
    pub cases: Vec<Uuid>,
}

/// Cases with everything that a State body or the office could meet: in the
/// first a referral that a State body began, one that it has not answered, one
/// to an association, a need that nobody answers, about which the office
/// called, and a request to stop using what was received; in the second,
/// without a word of consent, one that went by an override; in the third an
/// emergency whose calls have begun, handed over to the next shift; a fourth
/// that is proposed to another organisation; and a fifth of whom the holder of
/// another file was asked.
pub async fn life(world: &World, team: &Team, name: &str) -> Life {
    let (manager, state) = (&team.manager, world.viewer("etat.point"));
    let case = person(world, manager, name).await;
    let begun = need(world, manager, case, "VTC.02", Priority::P4).await;
    let running = world.send(manager, begun, "S-ETAT").await.expect("sent").id;
    give(world, &state, running, accept()).await;
    give(world, &state, running, ReferralCommand::Start).await;
    world.withdraw(manager, case, "stop_sharing").await.expect("withdrawn");
    let stop = world.stops(case).first().copied().unwrap_or_default();
    // A new consent is given later than the old one was withdrawn.
    let now = world
        .store()
        .read_blocking(|tx: &mut Tx<'_>| tx.now())
        .expect("a clock");
    world.at(now + TimeDelta::minutes(1));
    world
        .consent(manager, case, &[DataClass::Skills])
        .await
        .expect("consented again");
    let second = need(world, manager, case, "VTC.02", Priority::P3).await;
    let referral = world.send(manager, second, "S-ETAT").await.expect("sent").id;
    let third = need(world, manager, case, "VTC.02", Priority::P3).await;
    world.send(manager, third, "S-COUTURE").await.expect("sent");
    let late = need(world, manager, case, "VTC.02", Priority::P3).await;
    let called = NoteLateCall {
        id: world.new_id(),
        channel: "telephone".to_owned(),
        answered_by: "Cheffe de service".to_owned(),
        promised: String::new(),
        promised_on: None,
    };
    coordination::note(&world.desk, &world.viewer("secretariat"), late, called)
        .await
        .expect("the office called");

    let apart = world.register(manager, name, 30).await.expect("registered").id;
    let urgent = need(world, manager, apart, "MED.03", Priority::P2).await;
    let mut sending = relais_fixture::sending(world.new_id(), "S-SOINS");
    sending.override_kind = Some("VITAL".to_owned());
    "Personne inconsciente.".clone_into(&mut sending.override_reason);
    refer::send(&world.desk, manager, NeedId(urgent), sending)
        .await
        .expect("sent by an override");
    let view = case::view(&world.desk, manager, CaseId(apart)).await.expect("the case");
    let exception = view.overrides[0].id.0;

    let night = person(world, manager, name).await;
    let emergency = need(world, manager, night, "VTC.02", Priority::P1).await;
    let call = world.send(manager, emergency, "S-ETAT").await.expect("sent").id;
    let beside = NoteCall {
        id: world.new_id(),
        version: 1,
        result: None,
        number: String::new(),
        name: String::new(),
        with_person: "Agent d’accueil".to_owned(),
        happened_at: None,
    };
    calls::note(&world.desk, manager, ReferralId(call), beside)
        .await
        .expect("calls begun");
    let offer = OfferHandover {
        id: world.new_id(),
        to: team.colleague.user.0,
        cases: vec![HandedCase {
            case: night,
            note: String::new(),
        }],
    };
    handovers::offer(&world.desk, manager, offer).await.expect("offered");

    let moving = world.register(manager, name, 30).await.expect("registered").id;
    world.agree(manager, moving, team.proposed).await.expect("agreed");
    let transfer = world
        .propose(manager, moving, team.proposed)
        .await
        .expect("proposed")
        .id;

    let twice = world.register(manager, &double(name), 41).await.expect("registered").id;
    let same = world.new_id();
    let ask = ActOnPerhaps {
        id: same,
        command: "ask".to_owned(),
        other: None,
    };
    duplicates::act(&world.desk, manager, CaseId(twice), ask)
        .await
        .expect("asked");
    let ids = Ids::from([
        (Of::Case, case),
        (Of::Need, late),
        (Of::Late, late),
        (Of::Referral, referral),
        (Of::Call, call),
        (Of::Stop, stop),
        (Of::Transfer, transfer),
        (Of::Same, same),
        (Of::Override, exception),
    ]);
    Life {
        ids,
        cases: vec![case, apart, night, moving, twice],
    }
}

/// The name of the person in this life whom another organisation knows too.
pub fn double(name: &str) -> String {
    format!("{name} Mbargademo Deuxfois")
}

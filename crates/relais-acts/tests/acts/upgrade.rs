//! A mechanism upgrade: what runs keeps its limits and its form, what is new
//! gets the new ones.

use std::sync::Arc;

use relais_acts::{Desk, referral_view};
use relais_fixture::World;
use relais_mechanism::source::Sources;
use relais_mechanism::{DataClass, Lang, Mechanism, Priority};
use relais_network::ReferralId;
use relais_store::Tx;
use relais_store::due::{self, Due};
use relais_store::rows::cases::ReferralRecord;
use uuid::Uuid;

const LIMITS: &str = "regional/limits.toml";
const FORM: &str = "regional/forms/f4.toml";
const OLD_TITLE: &str = "Formulaire de référencement (orientation) inter-agences";
const NEW_TITLE: &str = "Formulaire de référencement, deuxième édition";

/// The built-in mechanism with a shorter time to answer a planned referral
/// (three working days, not ten) and another title on the referral form.
fn upgraded() -> Mechanism {
    let mut sources = Sources::embedded("cameroon");
    let limits = sources.files.get_mut(LIMITS).expect("the limits");
    let planned = limits.find("code = \"P4\"").expect("the planned priority");
    let (before, row) = limits.split_at(planned);
    assert!(row.contains("acknowledge = \"5 wd\"") && row.contains("decide = \"10 wd\""));
    let row = row
        .replacen("acknowledge = \"5 wd\"", "acknowledge = \"1 wd\"", 1)
        .replacen("decide = \"10 wd\"", "decide = \"3 wd\"", 1);
    *limits = format!("{before}{row}");
    let old = format!("fr = \"{OLD_TITLE}\"");
    let form = sources.files.get_mut(FORM).expect("the referral form");
    assert!(form.contains(&old));
    *form = form.replacen(&old, &format!("fr = \"{NEW_TITLE}\""), 1);
    Mechanism::load(&sources).expect("the upgraded mechanism loads")
}

/// What a referral is pinned to: version, title of its form, and its due work.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Pinned {
    hash: String,
    title: String,
    due: Vec<Due>,
}

fn pinned(world: &World, desk: &Arc<Desk>, id: Uuid) -> Pinned {
    let desk = Arc::clone(desk);
    world
        .store()
        .read_blocking(move |tx: &mut Tx<'_>| -> Result<Pinned, relais_acts::ActError> {
            let record = ReferralRecord::find(tx, ReferralId(id))?.ok_or(relais_acts::ActError::NotFound)?;
            let mechanism = desk.version(tx, &record.mechanism_hash)?;
            let form = mechanism.form("F4").ok_or(relais_acts::ActError::NotFound)?;
            Ok(Pinned {
                title: form.label.get(Lang::Fr).to_owned(),
                due: due::of(tx, id)?,
                hash: record.mechanism_hash,
            })
        })
        .expect("readable")
}

async fn planned_referral(world: &World, name: &str) -> Uuid {
    let manager = world.viewer("gestionnaire");
    let case = world.register(&manager, name, 30).await.expect("registered").id;
    world
        .consent(&manager, case, &[DataClass::Skills])
        .await
        .expect("consented");
    let need = world
        .need(&manager, case, "VTC.02", Priority::P4)
        .await
        .expect("need")
        .id;
    world.send(&manager, need, "S-COUTURE").await.expect("sent").id
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_leaves_a_running_referral_its_limits_and_form_and_a_new_one_gets_the_new() {
    let world = World::sqlite();
    let provider = world.viewer("atelier");
    let running = planned_referral(&world, "Essai Avant").await;
    let before = pinned(&world, &world.desk, running);
    let view = referral_view::view(&world.desk, &provider, ReferralId(running))
        .await
        .expect("seen");
    let due_before = view.clock.expect("a limit runs").due;
    assert_eq!(before.title, OLD_TITLE);

    let new = upgraded();
    assert_ne!(new.hash(), before.hash, "another content is another version");
    assert!(Desk::adopt(world.store(), &new).expect("adopted"));
    assert!(
        !Desk::adopt(world.store(), &new).expect("adopted again"),
        "the version in force is adopted once"
    );
    // A server that runs already learns of it by refreshing, as its worker does.
    world.desk.refresh().expect("refreshed");
    assert_eq!(world.desk.mechanism().hash(), new.hash());

    assert_eq!(
        pinned(&world, &world.desk, running),
        before,
        "the running referral stays as it was"
    );
    let later = planned_referral(&world, "Essai Après").await;
    let after = pinned(&world, &world.desk, later);
    assert_eq!((after.hash.as_str(), after.title.as_str()), (new.hash(), NEW_TITLE));
    let view = referral_view::view(&world.desk, &provider, ReferralId(later))
        .await
        .expect("seen");
    let due_after = view.clock.expect("a limit runs").due;
    assert!(
        due_after < due_before,
        "sent at the same time, due sooner: {due_after} < {due_before}"
    );

    // What the running referral does next is still ruled by its own version: it answers, and its next limit is the old one's.
    for (id, days) in [(running, 10), (later, 3)] {
        let version = referral_view::view(&world.desk, &provider, ReferralId(id))
            .await
            .expect("seen")
            .version;
        let command = relais_acts::commands::ActOnReferral {
            id: world.new_id(),
            version,
            command: relais_acts::commands::ReferralCommand::Acknowledge,
            channel: None,
            number: String::new(),
            answered_by: String::new(),
            happened_at: None,
        };
        relais_acts::referrals::act(&world.desk, &provider, ReferralId(id), command)
            .await
            .expect("acknowledged");
        let clock = referral_view::view(&world.desk, &provider, ReferralId(id))
            .await
            .expect("seen")
            .clock;
        let clock = clock.expect("a limit runs");
        let mechanism = if id == running {
            Mechanism::embedded("cameroon").expect("built in")
        } else {
            upgraded()
        };
        let calendar = world
            .desk
            .calendar(&mechanism, relais_fixture::LITTORAL)
            .expect("a calendar");
        let expected = calendar
            .due(
                relais_mechanism::limits::Span::WorkingDays(days),
                relais_fixture::start(),
                Priority::P4,
                false,
                None,
            )
            .expect("a time");
        assert_eq!(clock.due, expected.at, "{days} working days to decide");
    }

    // A desk opened afterwards, as a restarted server's, reads the same.
    let reopened = Desk::open(world.store().clone()).expect("opened again");
    assert_eq!(reopened.mechanism().hash(), new.hash());
    assert_eq!(pinned(&world, &reopened, running).title, OLD_TITLE);
    assert_eq!(pinned(&world, &reopened, running).hash, before.hash);
}

//! Of what a route speaks, for the tests that ask every route: a new one is
//! never asked with the id of something else.

use std::collections::BTreeMap;

use relais_acts::complaints::{self, Complain};
use relais_acts::{Viewer, entries, groups, registers, webhooks};
use relais_casework::complaint::ComplaintKind;
use relais_fixture::World;
use relais_interchange::directory::hsds;
use relais_mechanism::Lang;
use relais_network::service::Cost;
use relais_network::{GroupId, ServiceId};
use relais_server::Route;
use uuid::Uuid;

/// The register that is asked: read by the office for the whole country alone.
pub const SEALED: &str = "interview";

/// What an id in an address is the id of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Of {
    Case,
    Need,
    Referral,
    /// The calls of an emergency: its referral.
    Call,
    /// A need or referral that is late, before the office.
    Late,
    Stop,
    Transfer,
    Same,
    Override,
    Group,
    Expected,
    Complaint,
    Webhook,
    /// An entry of the directory.
    Entry,
    /// A change of it that waits.
    Change,
    /// A programme.
    Programme,
    /// An organisation of the directory.
    Organisation,
    /// A line of a register that lies sealed.
    Line,
    /// What organisations signed.
    Agreement,
}

impl Of {
    pub const ALL: [Self; 19] = [
        Self::Case,
        Self::Need,
        Self::Referral,
        Self::Call,
        Self::Late,
        Self::Stop,
        Self::Transfer,
        Self::Same,
        Self::Override,
        Self::Group,
        Self::Expected,
        Self::Complaint,
        Self::Webhook,
        Self::Entry,
        Self::Change,
        Self::Programme,
        Self::Organisation,
        Self::Line,
        Self::Agreement,
    ];
}

/// One id of each.
pub type Ids = BTreeMap<Of, Uuid>;

/// Ids of nothing.
pub fn nowhere() -> Ids {
    (7..)
        .map(Uuid::from_u128)
        .zip(Of::ALL)
        .map(|(id, of)| (of, id))
        .collect()
}

/// Of what the route speaks; none where it speaks of no one thing.
pub fn of(route: &Route) -> Option<Of> {
    let (before, after) = route.path.split_once("/{id}")?;
    let things = before.rsplit('/').next().unwrap_or_default();
    // What everybody sees: see `shown`.
    if before.starts_with("/hsds/") || before.starts_with("/public/") {
        return None;
    }
    Some(match things {
        "cases" => Of::Case,
        "needs" => Of::Need,
        "referrals" if after == "/calls" => Of::Call,
        "referrals" => Of::Referral,
        "late" => Of::Late,
        "stops" => Of::Stop,
        "transfers" => Of::Transfer,
        "same" => Of::Same,
        "overrides" => Of::Override,
        "groups" => Of::Group,
        "expected" => Of::Expected,
        "complaints" => Of::Complaint,
        "webhooks" => Of::Webhook,
        "entries" => Of::Entry,
        "moderation" => Of::Change,
        "programmes" => Of::Programme,
        "organisations" => Of::Organisation,
        "{register}" => Of::Line,
        "agreements" => Of::Agreement,
        _ => panic!("say of what {} speaks", route.path),
    })
}

/// The address of the route for these.
pub fn path(route: &Route, ids: &Ids) -> String {
    let path = route.path.replace("{lang}", "fr").replace("{secret}", "rien");
    let path = path.replace("{form}", "F1").replace("{section}", "frame");
    let path = path.replace("{region}", "CM005").replace("{category}", "VTC");
    let path = path.replace("{register}", SEALED).replace("{document}", "DOC10");
    match of(route) {
        Some(of) => {
            let id = ids.get(&of).unwrap_or_else(|| panic!("no {of:?} for {}", route.path));
            path.replace("{id}", &id.to_string())
        }
        None => match shown(route.path) {
            Some(id) => path.replace("{id}", &id.to_string()),
            None => path,
        },
    }
}

/// A thing of the directory that everybody may see.
fn shown(path: &str) -> Option<Uuid> {
    let service = ServiceId(relais_fixture::id("S-COUTURE"));
    if path == "/public/services/{id}" {
        return Some(service.0);
    }
    Some(match path.strip_prefix("/hsds/")?.strip_suffix("/{id}")? {
        "services" => service.0,
        "organizations" => relais_fixture::id("ATELIER"),
        "service_at_locations" => hsds::service_at_location_id(service),
        "taxonomies" => hsds::taxonomy_id(hsds::SERVICES),
        "taxonomy_terms" => hsds::term_id(hsds::SERVICES, "VTC.02"),
        other => panic!("say what of {other} everybody sees"),
    })
}

/// A complaint about waiting, as the secretariat finds it.
pub async fn complaint(world: &World) -> Uuid {
    let command = Complain {
        id: world.new_id(),
        kind: ComplaintKind::Delay,
        facts: "Essai.".to_owned(),
        organisation: String::new(),
        referral: String::new(),
        about_office: false,
        contact: String::new(),
        safe_contact: None,
        code: "AAAABBBB".to_owned(),
    };
    complaints::complain(&world.desk, command, Lang::Fr, "/complaint", "account")
        .await
        .expect("received");
    let list = complaints::list(&world.desk, &world.viewer("secretariat"), None)
        .await
        .expect("the list");
    list.rows[0].id.0
}

/// A change of the workshop's entry that waits for the coordination unit.
pub async fn change(world: &World) -> Uuid {
    let (provider, service) = (world.viewer("atelier"), ServiceId(relais_fixture::id("S-COUTURE")));
    let version = entries::view(&world.desk, &provider, service)
        .await
        .expect("its own")
        .row
        .version;
    let command = entries::ChangeEntry {
        id: world.new_id(),
        version,
        cost: Some(Cost::Paid),
        ..entries::ChangeEntry::default()
    };
    entries::change(&world.desk, &provider, service, command)
        .await
        .expect("proposed");
    let unit = world.viewer("secretariat");
    let waiting = entries::moderation(&world.desk, &unit).await.expect("the unit").waiting;
    waiting[0].id.0
}

/// An interview, as the office writes it down.
pub async fn line(world: &World) -> Uuid {
    let said = [
        ("informant", "Fonction d’essai"),
        ("group", "GOV"),
        ("confidentiality", "anonymous"),
        ("consent", "given"),
    ];
    let command = registers::AddLine {
        id: world.new_id(),
        values: registers::typed(said),
        state: None,
    };
    let office = world.viewer("secretariat");
    registers::add(&world.desk, &office, SEALED.to_owned(), command)
        .await
        .expect("added")
        .id
}

/// The agreement with this number.
pub fn agreement(world: &World, reference: &str) -> Uuid {
    let network = world.desk.network();
    let found = network.agreements.iter().find(|a| a.reference == reference);
    found.expect("an agreement").id.0
}

/// A webhook of the reception centre.
pub async fn webhook(world: &World) -> Uuid {
    let command = webhooks::AddWebhook {
        id: world.new_id(),
        url: "https://systeme.exemple.invalid/".to_owned(),
    };
    let supervisor = world.viewer("superviseur");
    webhooks::add(&world.desk, &supervisor, command, "whsec_AAAA".to_owned())
        .await
        .expect("made")
        .id
        .0
}

/// An arrival of many with nobody on its list, and one person added to it.
pub async fn group(world: &World, manager: &Viewer) -> (Uuid, Uuid) {
    let id = world.new_id();
    let make = groups::MakeGroup {
        id,
        kind: groups::GroupKind::Bus,
        label: String::new(),
        entry_point: "DLA".to_owned(),
        on: chrono::NaiveDate::from_ymd_opt(2026, 12, 30).expect("a day"),
    };
    let made = groups::make(&world.desk, manager, make, None)
        .await
        .expect("an arrival");
    let queue = groups::MakeQueue {
        id: world.new_id(),
        version: made.version,
        header: 0,
        columns: std::collections::BTreeMap::new(),
    };
    groups::queue(&world.desk, manager, GroupId(id), queue)
        .await
        .expect("a queue");
    let add = groups::AddExpected {
        id: world.new_id(),
        family_of: String::new(),
    };
    let row = groups::add(&world.desk, manager, GroupId(id), add)
        .await
        .expect("a row")
        .id;
    (id, row)
}

//! Complaints (DOMAIN F10): anybody complains without an account, anonymously
//! or with a safe way to be answered, and comes back with a number and a code.
//!
//! A complaint is no part of any case: it has a key and a chain of events of
//! its own. Its rows, events, notices and due work look the same whatever it is
//! about: kind, readers and who did what lie sealed, so that neither the
//! database nor the access log tells which one is about abuse.

mod desk;
mod follow;
mod make;
mod passing;
mod recipients;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use relais_casework::calendar::Due as Limited;
use relais_casework::complaint::{ComplaintAct, ComplaintKind, ComplaintState, Limit, Listed, Reader, Routing};
use relais_mechanism::words::{Lang, Priority, Role};
use relais_network::ids::derived;
use relais_network::{ComplaintId, OrganisationId, UserId};
use relais_store::chain::{self, NewEvent};
use relais_store::due::{self, Due};
use relais_store::keyring::KeyPurpose;
use relais_store::rows::accounts::UserRecord;
use relais_store::rows::complaints::{self as rows, ComplaintRecord};
use relais_store::{Sealer, StoreError, Tx};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::desk::Desk;
use crate::file::{open as unseal, seal};
use crate::problem::ActError;

pub use desk::{ActOnComplaint, ComplaintList, ComplaintRow, ComplaintView, Said, act, list, view};
pub use follow::{Follow, FollowView, follow, not_valid};
pub use make::{Complain, Door, Received, complain, door};
pub use passing::{limit_of, time_passes};
pub use recipients::{Named, missing, names, set};

/// Longest facts, in characters.
pub const FACTS: usize = 4000;
/// Longest reply, note or added words, in characters.
pub const WORDS: usize = 2000;
/// Longest name of an organisation, number or contact, in characters.
pub const SHORT: usize = 200;

/// How the complainant may be answered outside the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Telephone or e-mail, as typed.
    pub address: String,
    /// Which way is safe, code of the option list.
    pub safe: Option<String>,
}

/// A named recipient: when the complaint reached them, when they opened it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Delivery {
    user: UserId,
    at: DateTime<Utc>,
}

/// Something written about a complaint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    at: DateTime<Utc>,
    /// Who wrote it; none for the complainant.
    user: Option<UserId>,
    /// What the recipient did; none for the complainant's own words.
    act: Option<ComplaintAct>,
    text: String,
}

/// All that a complaint says, sealed under its own key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Detail {
    kind: ComplaintKind,
    facts: String,
    organisation: String,
    referral: String,
    about_office: bool,
    concerned: BTreeSet<OrganisationId>,
    contact: Option<Contact>,
    lang: Lang,
    routing: Routing,
    delivered: Vec<Delivery>,
    /// First opening by each reader.
    opened: BTreeMap<UserId, DateTime<Utc>>,
    acknowledged_at: Option<DateTime<Utc>>,
    decided_at: Option<DateTime<Utc>>,
    closed_at: Option<DateTime<Utc>>,
    due_from: Option<DateTime<Utc>>,
    entries: Vec<Entry>,
}

impl Detail {
    fn opened(&self) -> BTreeSet<UserId> {
        self.opened.keys().copied().collect()
    }

    /// Takes the new readers in; whoever is new receives it now.
    fn reroute(&mut self, routing: Routing, now: DateTime<Utc>) {
        for user in &routing.named {
            if !self.delivered.iter().any(|d| d.user == *user) {
                self.delivered.push(Delivery { user: *user, at: now });
            }
        }
        self.routing = routing;
    }
}

/// A complaint, opened.
pub(crate) struct Complaint {
    record: ComplaintRecord,
    state: ComplaintState,
    detail: Detail,
}

impl Complaint {
    fn of(sealer: &Sealer, record: ComplaintRecord) -> Result<Self, StoreError> {
        let detail = unseal(sealer, "complaint", "detail", record.id.0, record.slot, &record.detail)?;
        let state = ComplaintState::from_code(&record.state)
            .ok_or_else(|| StoreError::Schema(format!("complaint.state {}", record.state)))?;
        Ok(Self { record, state, detail })
    }

    /// Locks the complaint's stream and reads it: whoever else acts waits.
    fn lock(tx: &mut Tx<'_>, id: ComplaintId) -> Result<Option<(Self, chain::Head)>, StoreError> {
        if ComplaintRecord::find(tx, id)?.is_none() {
            return Ok(None);
        }
        let head = chain::lock(tx, id.0)?;
        let Some(record) = ComplaintRecord::find(tx, id)? else {
            return Ok(None);
        };
        let sealer = tx.sealer();
        Ok(Some((Self::of(&sealer, record)?, head)))
    }

    /// Writes the complaint with one more version.
    fn save(&mut self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        self.record.version += 1;
        self.write(tx)
    }

    /// Writes what changes nothing for whoever is about to act: an opening.
    fn write(&mut self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        let sealer = tx.sealer();
        let record = &mut self.record;
        self.state.code().clone_into(&mut record.state);
        record.detail = seal(&sealer, "complaint", "detail", record.id.0, record.slot, &self.detail)?;
        record.update(tx)
    }
}

/// What the events of complaints are about: never their own stream, which
/// tells them from cases.
fn subject() -> Uuid {
    derived("stream", "complaints", "")
}

/// Adds an event. Its kind says nothing of the complaint's; who did it, and
/// what was said, is sealed.
fn event(
    tx: &mut Tx<'_>,
    head: &mut chain::Head,
    slot: i64,
    kind: &str,
    by: Option<UserId>,
    words: &str,
) -> Result<(), StoreError> {
    let happened_at = tx.now()?;
    let words = json!({ "by": by, "words": words }).to_string();
    let event = NewEvent {
        subject: subject(),
        kind,
        meta: "{}",
        happened_at,
        words: words.as_bytes(),
        slot,
    };
    chain::append(tx, head, &[event])
}

/// A complaint is due, or reaches others: one event and one notice, whatever it
/// changed and whoever has opened it. They lie clear, and one that is missing
/// for some would tell what these are about.
fn fall_due(tx: &mut Tx<'_>, head: &mut chain::Head, id: ComplaintId, slot: i64, why: &str) -> Result<(), StoreError> {
    event(tx, head, slot, "complaint_due", None, why)?;
    notice(tx, id)
}

/// The kind of the notice that a complaint waits. It names no recipient: that
/// would tell at rest what the complaint is about. No message is made of it.
pub const NOTICE: &str = "complaint";

/// A notice that a complaint waits.
fn notice(tx: &mut Tx<'_>, id: ComplaintId) -> Result<(), StoreError> {
    relais_store::outbox::add(tx, NOTICE, None, None, id.0)
}

/// The members of staff as the rule sees them.
pub(crate) fn readers(tx: &mut Tx<'_>) -> Result<Vec<Reader>, StoreError> {
    let named: BTreeMap<UserId, (Listed, u32)> = rows::recipients(tx)?
        .into_iter()
        .filter_map(|r| Some((r.user_id, (Listed::from_code(&r.list)?, r.rank))))
        .collect();
    Ok(rows::readers(tx)?
        .iter()
        .map(|user| reader(user, named.get(&user.id).copied()))
        .collect())
}

fn reader(user: &UserRecord, named: Option<(Listed, u32)>) -> Reader {
    Reader {
        user: user.id,
        organisation: user.organisation_id,
        roles: user.roles.split(',').filter_map(Role::from_code).collect(),
        named,
    }
}

/// The keyed digest of a number's code. Without the keys of the deployment no
/// code can be tried against it.
fn digest(sealer: &Sealer, number: &str, code: &str) -> Vec<u8> {
    sealer
        .mac(KeyPurpose::Complaint, &[number.as_bytes(), code.as_bytes()])
        .to_vec()
}

/// A number or code as typed, in capitals, without dashes and spaces.
#[must_use]
pub fn signs(typed: &str) -> String {
    typed
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_uppercase())
        .collect()
}

/// A limit of a complaint. Forwarding runs day and night; the others from the
/// next opening of the country's calendar.
fn limit(desk: &Desk, limit: Limit, from: DateTime<Utc>) -> Result<Limited, ActError> {
    let mechanism = desk.mechanism();
    let rules = mechanism.rules();
    let (span, priority) = match limit {
        Limit::Forward => (rules.complaint_forward, Priority::P1),
        Limit::Acknowledge => (rules.complaint_acknowledge, Priority::P2),
        Limit::Decide => (rules.complaint_decide, Priority::P2),
    };
    desk.calendar(&mechanism, "")?
        .due(span, from, priority, false, None)
        .ok_or_else(|| ActError::Store(StoreError::Schema("a complaint has no agreed date".into())))
}

/// Sets the limit of the state and its due work; the same rows for every kind.
fn set_limits(tx: &mut Tx<'_>, desk: &Desk, complaint: &mut Complaint) -> Result<(), ActError> {
    let id = complaint.record.id;
    for kind in [Limit::Acknowledge, Limit::Decide] {
        for percent in passing::rungs(kind) {
            due::clear_kind(tx, id.0, &passing::kind(kind, *percent))?;
        }
    }
    let now = tx.now()?;
    (complaint.record.due_at, complaint.detail.due_from) = (None, None);
    let Some(next) = complaint.state.limit() else {
        return Ok(());
    };
    let set = limit(desk, next, now)?;
    (complaint.record.due_at, complaint.detail.due_from) = (Some(set.at), Some(set.start));
    let mechanism = desk.mechanism();
    let calendar = desk.calendar(&mechanism, "")?;
    for percent in passing::rungs(next) {
        let row = Due {
            subject: id.0,
            kind: passing::kind(next, *percent),
            due_at: calendar.at_percent(&set, *percent),
            state_version: complaint.record.version,
        };
        due::set(tx, &row)?;
    }
    Ok(())
}

fn too_long(field: &'static str, most: usize) -> ActError {
    let most_fr = format!("{most} signes au plus : raccourcissez.");
    let most_en = format!("{most} characters at most: make it shorter.");
    ActError::field(field, "too_long", (&most_fr, &most_en))
}

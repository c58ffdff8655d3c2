//! Keep the directory: organisations, places and services, put in one by one
//! or imported from a file. Every unit of work moves the directory's version,
//! so that each process reads it again, and leaves one event in the chain.

pub mod booklet;
pub(crate) mod closed;
mod export;
mod from_file;
pub mod hsds;
pub mod imports;
pub mod matrix;
pub mod merging;
pub mod public;
mod put;
pub(crate) mod shown;

use chrono::{DateTime, Utc};
use relais_mechanism::{Lang, Mechanism};
use relais_network::ids::derived;
use relais_network::{PostId, UserId};
use relais_store::chain::{self, NewEvent};
use relais_store::{Store, Tx, ids};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use crate::network::Network;
use crate::problem::ActError;

pub use export::{Export, Exported, Format, export, export_all};
pub use from_file::{Imported, RowReport, Wrong, import};
pub(crate) use matrix::laid_out;
pub use put::{Entries, put, put_bodies, put_organisation, put_place, put_programme, put_service};
pub(crate) use put::{organisation_record, programme_record, service_record};
pub use shown::{ShownOrganisations, public_numbers, shown, shown_entry};

/// Rows of an import that are written in one unit of work.
pub const BATCH: usize = 500;

/// By whom the deployment is set up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Whoever may run commands on the machine.
    CommandLine,
    /// A signed-in user.
    User(UserId),
    /// Somebody at a shared post, who has not said who they are.
    Post(PostId),
    /// Nobody in person: the clock, or what a referral showed.
    Mechanism,
}

impl By {
    fn meta(self) -> serde_json::Value {
        match self {
            Self::CommandLine => json!({ "channel": "command_line" }),
            Self::User(user) => json!({ "channel": "screen", "user": user }),
            Self::Mechanism => json!({ "channel": "clock" }),
            Self::Post(post) => json!({ "channel": "screen", "post": post }),
        }
    }
}

/// What became of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It is new.
    Created,
    /// It was there with other content.
    Updated,
    /// It was there with the same content.
    Unchanged,
}

/// How many entries became what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Tally {
    /// New.
    pub created: usize,
    /// Known, changed.
    pub updated: usize,
    /// Known, the same.
    pub unchanged: usize,
}

impl Tally {
    fn add(&mut self, change: Change) {
        match change {
            Change::Created => self.created += 1,
            Change::Updated => self.updated += 1,
            Change::Unchanged => self.unchanged += 1,
        }
    }
}

/// Writes one event of the set-up. `stream` names what is set up (directory,
/// account, agreement); an event's subject is never its stream, which tells
/// these streams from those of cases.
pub(crate) fn note(
    tx: &mut Tx<'_>,
    by: By,
    stream: Uuid,
    subject: Uuid,
    kind: &str,
    facts: serde_json::Value,
) -> Result<(), ActError> {
    let happened_at = tx.now()?;
    let slot = tx.new_slot()?;
    let mut meta = json!({ "by": by.meta() });
    if let (Some(meta), serde_json::Value::Object(facts)) = (meta.as_object_mut(), facts) {
        meta.extend(facts);
    }
    let meta = meta.to_string();
    let mut head = chain::lock(tx, stream)?;
    let event = NewEvent {
        subject,
        kind,
        meta: &meta,
        happened_at,
        words: &[],
        slot,
    };
    Ok(chain::append(tx, &mut head, &[event])?)
}

/// The stream of the directory's own events.
#[must_use]
pub fn stream() -> Uuid {
    derived("stream", "relais", "directory")
}

/// One line of the list of services.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// Code of the organisation.
    pub organisation: String,
    /// Its name.
    pub name: String,
    /// Service of the taxonomy.
    pub service: String,
    /// Region.
    pub region: String,
    /// Life of the entry.
    pub status: String,
    /// Made for a demonstration.
    pub demonstration: bool,
}

/// Every service that is not confidential, by organisation.
///
/// # Errors
/// What the store refuses.
pub fn list(store: &Store, mechanism: &Mechanism, lang: Lang) -> Result<Vec<Listed>, ActError> {
    let mechanism = mechanism.clone();
    store.read_blocking(move |tx| -> Result<Vec<Listed>, ActError> {
        let network = Network::build(Network::read_rows(tx)?, &mechanism)?;
        let mut listed: Vec<Listed> = network
            .services
            .values()
            .filter(|s| !network.is_confidential(s.id))
            .filter_map(|s| {
                let organisation = network.organisations.get(&s.organisation)?;
                Some(Listed {
                    organisation: organisation.code.clone(),
                    name: organisation.name.get(lang).to_owned(),
                    service: s.service_type.clone(),
                    region: organisation.region.clone().unwrap_or_default(),
                    status: s.status.code().to_owned(),
                    demonstration: organisation.demonstration,
                })
            })
            .collect();
        listed.sort_by(|a, b| (&a.organisation, &a.service, &a.status).cmp(&(&b.organisation, &b.service, &b.status)));
        Ok(listed)
    })
}

/// Moves a drill's clock and notes it.
///
/// # Errors
/// When the database is no drill or the time lies before its own.
pub fn set_clock(store: &Store, to: DateTime<Utc>, by: By) -> Result<DateTime<Utc>, ActError> {
    store.write_blocking(move |tx| -> Result<DateTime<Utc>, ActError> {
        relais_store::clock::set(tx, to)?;
        let subject = ids::new_v7(tx.now()?);
        note(
            tx,
            by,
            derived("stream", "relais", "clock"),
            subject,
            "clock_set",
            json!({ "to": to }),
        )?;
        Ok(tx.now()?)
    })
}

/// Notes that a version of the mechanism was adopted.
///
/// # Errors
/// What the store refuses.
pub fn note_mechanism(store: &Store, mechanism: &Mechanism, by: By) -> Result<(), ActError> {
    let facts = json!({ "hash": mechanism.hash(), "version": mechanism.version() });
    store.write_blocking(move |tx| -> Result<(), ActError> {
        let subject = ids::new_v7(tx.now()?);
        note(tx, by, mechanism_stream(), subject, "mechanism_adopted", facts.clone())
    })
}

/// The stream of the versions of the mechanism.
pub(crate) fn mechanism_stream() -> Uuid {
    derived("stream", "relais", "mechanism")
}

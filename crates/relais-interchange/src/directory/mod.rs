//! The directory as it goes out and comes back: HSDS, GeoJSON, and one table
//! for workbooks and CSV. What is shown is the caller's to say; nothing here
//! looks for more.
//!
//! ```text
//! Shown ──► hsds, geojson, table ──► a file
//! a file ──► Incoming (fields as text, whatever the format) ── plan ──► entries to write, a report by line
//! ```

mod fields;
pub mod geojson;
pub mod hsds;
pub mod incoming;
pub mod matrix;
pub mod plan;
pub mod table;
mod values;

use std::collections::{BTreeMap, HashMap};

use relais_network::directory::Entry;
use relais_network::{Organisation, OrganisationId};

pub use fields::{Column, Field};
pub use incoming::{Incoming, Mapping};

/// What may be shown of a directory: entries, and the organisations that stand
/// beside them.
#[derive(Debug, Clone, Default)]
pub struct Shown<'d> {
    /// Organisations by their code: whoever offers one of the entries, whoever
    /// stands above one of those, and those that the caller added.
    pub organisations: Vec<&'d Organisation>,
    /// Services, by the code of their organisation, their type and their id.
    pub entries: Vec<Entry<'d>>,
    known: HashMap<OrganisationId, &'d Organisation>,
}

impl<'d> Shown<'d> {
    /// Gathers entries with their organisations and those above them. An
    /// organisation is here for an entry or for one of `beside` (the bodies that
    /// the mechanism names), never for what it offers unseen: so nothing here
    /// changes when something confidential comes or goes.
    pub fn of(
        entries: impl Iterator<Item = Entry<'d>>,
        beside: impl Iterator<Item = &'d Organisation>,
        organisation: impl Fn(OrganisationId) -> Option<&'d Organisation>,
    ) -> Self {
        let mut entries: Vec<Entry<'d>> = entries.collect();
        let mut found: BTreeMap<&str, &'d Organisation> = BTreeMap::new();
        let mut known = HashMap::new();
        let mut waiting: Vec<&'d Organisation> = entries.iter().map(|e| e.organisation).chain(beside).collect();
        while let Some(next) = waiting.pop() {
            if !next.status.is_offered() || known.insert(next.id, next).is_some() {
                continue;
            }
            found.insert(&next.code, next);
            waiting.extend(next.parent.and_then(&organisation));
        }
        entries.sort_by(|a, b| {
            let key = |e: &Entry<'d>| (&e.organisation.code, &e.service.service_type, e.service.id);
            key(a).cmp(&key(b))
        });
        Self {
            organisations: found.into_values().collect(),
            entries,
            known,
        }
    }

    /// Whether an organisation is among those shown.
    #[must_use]
    pub fn shows(&self, organisation: OrganisationId) -> bool {
        self.known.contains_key(&organisation)
    }

    /// An organisation, where it is among those shown.
    #[must_use]
    pub fn organisation(&self, organisation: OrganisationId) -> Option<&'d Organisation> {
        self.known.get(&organisation).copied()
    }
}

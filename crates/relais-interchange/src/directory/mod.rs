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
pub mod programmes;
pub mod table;
mod values;

use std::collections::{BTreeMap, HashMap, HashSet};

use relais_network::directory::Entry;
use relais_network::{Organisation, OrganisationId, Programme, ProgrammeId, Service};

pub use fields::{Column, Field};
pub use incoming::{Incoming, Mapping};
pub use programmes::ShownProgramme;

/// What may be shown of a directory: entries, and the organisations that stand
/// beside them.
#[derive(Debug, Clone, Default)]
pub struct Shown<'d> {
    /// Organisations by their code: whoever offers one of the entries, whoever
    /// stands above one of those, and those that the caller added.
    pub organisations: Vec<&'d Organisation>,
    /// Services, by the code of their organisation, their type and their id.
    pub entries: Vec<Entry<'d>>,
    /// Programmes that pay for one of them, by their code.
    pub programmes: Vec<ShownProgramme<'d>>,
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
            programmes: Vec::new(),
            known,
        }
    }

    /// With the programmes that pay for what is shown, each with who carries it; which
    /// may be shown is the caller's to say. No organisation is added for their sake.
    #[must_use]
    pub fn paid_by(mut self, programmes: impl Iterator<Item = (&'d Programme, &'d Organisation)>) -> Self {
        let paying: HashSet<ProgrammeId> = self
            .entries
            .iter()
            .flat_map(|e| &e.service.programmes)
            .copied()
            .collect();
        let mut found: Vec<ShownProgramme<'d>> = programmes
            .filter(|(p, _)| paying.contains(&p.id))
            .map(|(programme, carrier)| ShownProgramme { programme, carrier })
            .collect();
        found.sort_by(|a, b| a.programme.code.cmp(&b.programme.code));
        self.programmes = found;
        self
    }

    /// The programmes that pay for a service, of those shown, in its order.
    pub fn paying<'s>(&'s self, service: &'s Service) -> impl Iterator<Item = ShownProgramme<'d>> + 's {
        let shown = move |id: &ProgrammeId| self.programmes.iter().find(|p| p.programme.id == *id).copied();
        service.programmes.iter().filter_map(shown)
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

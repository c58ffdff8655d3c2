//! The HSDS API's lists and single objects: public data, read from memory. What
//! is not public is not there.

use relais_interchange::directory::hsds::{
    Depth, TAXONOMIES, VERSION, Writer, service_at_location_id, taxonomy_id, term_id,
};
use relais_mechanism::Lang;
use relais_network::directory::Entry;
use relais_network::{OrganisationId, ServiceId};
use serde_json::{Value, json};
use uuid::Uuid;

use super::shown::ShownOrganisations;
use crate::desk::Desk;
use crate::network::Network;
use crate::problem::ActError;

/// Objects a page where none is asked for.
const PER_PAGE: u32 = 50;
/// Most objects a page.
pub const MOST_PER_PAGE: u32 = 500;

/// Which page is asked for, and of what.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// Number of the page, from 1.
    pub page: Option<u32>,
    /// Objects a page.
    pub per_page: Option<u32>,
    /// With all that belongs to each object.
    pub full: bool,
    /// Services of this organisation.
    pub organization: Option<Uuid>,
    /// Services with this term; terms of categories count for the types below them.
    pub term: Option<Uuid>,
    /// Services with a term of this taxonomy, terms of it.
    pub taxonomy: Option<Uuid>,
    /// Terms below this one.
    pub parent: Option<Uuid>,
    /// Terms that stand below none.
    pub top_only: bool,
}

impl Asked {
    fn depth(&self) -> Depth {
        if self.full { Depth::Full } else { Depth::Flat }
    }

    /// A page of things, each written only if it is on it.
    fn of<T>(&self, things: &[T], write: impl Fn(&T) -> Value) -> Result<Value, ActError> {
        let page = self.page.unwrap_or(1);
        let size = self.per_page.unwrap_or(PER_PAGE);
        for (field, value, most) in [("page", page, u32::MAX), ("per_page", size, MOST_PER_PAGE)] {
            if value == 0 || value > most {
                return Err(ActError::field(
                    field,
                    "out_of_range",
                    (
                        &format!("Écrivez un nombre de 1 à {most}."),
                        &format!("Write a number from 1 to {most}."),
                    ),
                ));
            }
        }
        let whole = |n: u32| usize::try_from(n).unwrap_or(usize::MAX);
        let (size, number) = (whole(size), whole(page));
        let pages = things.len().div_ceil(size);
        let first = (number - 1).saturating_mul(size).min(things.len());
        let here = &things[first..first.saturating_add(size).min(things.len())];
        Ok(json!({
            "total_items": things.len(),
            "total_pages": pages,
            "page_number": page,
            "size": here.len(),
            "first_page": page == 1,
            "last_page": number >= pages,
            "empty": here.is_empty(),
            "contents": here.iter().map(write).collect::<Vec<_>>(),
        }))
    }
}

/// What the API says of itself; `base` is the address of the deployment.
#[must_use]
pub fn about(base: &str) -> Value {
    json!({
        "version": VERSION,
        "profile": "https://docs.openreferral.org/en/3.0/",
        "openapi_url": format!("{base}/api/v1/openapi.json"),
    })
}

fn not_there<T>() -> Result<T, ActError> {
    Err(ActError::NotFound)
}

/// The API over one state of the directory.
pub struct Hsds {
    network: std::sync::Arc<Network>,
    mechanism: std::sync::Arc<relais_mechanism::Mechanism>,
    lang: Lang,
}

impl Hsds {
    /// The API as it stands now.
    #[must_use]
    pub fn of(desk: &Desk, lang: Lang) -> Self {
        Self {
            network: desk.network(),
            mechanism: desk.mechanism(),
            lang,
        }
    }

    fn writer(&self) -> Writer<'_> {
        Writer {
            mechanism: &self.mechanism,
            lang: self.lang,
            posts: false,
            paid: None,
        }
    }

    fn shown(&self) -> &ShownOrganisations {
        self.network.shown_organisations(&self.mechanism)
    }

    /// Every service that is asked for, by its id.
    fn entries(&self, asked: &Asked) -> Vec<Entry<'_>> {
        let [services, targets, _] = TAXONOMIES;
        // Looked up once; a term or taxonomy that does not exist finds nothing.
        let term = asked.term.map(|id| self.code_of(id));
        let taxonomy = asked
            .taxonomy
            .map(|id| TAXONOMIES.into_iter().find(|t| taxonomy_id(t) == id));
        let bears = |entry: &Entry<'_>, taxonomy: &str, code: &str| {
            let service = entry.service;
            (taxonomy == services && (service.service_type == code || service.category() == code))
                || (taxonomy == targets && service.targets.iter().any(|t| t.code() == code))
        };
        let fits = |entry: &Entry<'_>| {
            asked
                .organization
                .is_none_or(|id| entry.organisation.id == OrganisationId(id))
                && term.is_none_or(|term| term.is_some_and(|(taxonomy, code)| bears(entry, taxonomy, code)))
                && taxonomy.is_none_or(|taxonomy| {
                    taxonomy == Some(services) || taxonomy == Some(targets) && !entry.service.targets.is_empty()
                })
        };
        self.network.directory.entries().filter(|e| fits(e)).collect()
    }

    /// The term with this id.
    fn code_of(&self, id: Uuid) -> Option<(&'static str, &str)> {
        self.codes().find(|(taxonomy, code)| term_id(taxonomy, code) == id)
    }

    /// A page of services.
    ///
    /// # Errors
    /// A page that cannot be.
    pub fn services(&self, asked: &Asked) -> Result<Value, ActError> {
        let writer = self.writer();
        let shown = |id| self.shown().contains(id);
        asked.of(&self.entries(asked), |e| writer.service(e, &shown, asked.depth()))
    }

    /// A service.
    ///
    /// # Errors
    /// [`ActError::NotFound`], also for what is not public.
    pub fn service(&self, id: Uuid) -> Result<Value, ActError> {
        let shown = |id| self.shown().contains(id);
        match self.network.directory.entry(ServiceId(id)) {
            Some(entry) => Ok(self.writer().service(&entry, &shown, Depth::Full)),
            None => not_there(),
        }
    }

    /// A page of services at their places.
    ///
    /// # Errors
    /// A page that cannot be.
    pub fn at_locations(&self, asked: &Asked) -> Result<Value, ActError> {
        let writer = self.writer();
        let shown = |id| self.shown().contains(id);
        asked.of(&self.entries(asked), |e| {
            writer.service_at_location(e, &shown, asked.depth())
        })
    }

    /// A service at its place.
    ///
    /// # Errors
    /// [`ActError::NotFound`].
    pub fn at_location(&self, id: Uuid) -> Result<Value, ActError> {
        let shown = |id| self.shown().contains(id);
        // The id of the pair leads back to the service's.
        let service = service_at_location_id(ServiceId(id));
        match self.network.directory.entry(ServiceId(service)) {
            Some(entry) => Ok(self.writer().service_at_location(&entry, &shown, Depth::Full)),
            None => not_there(),
        }
    }

    fn written(&self, id: OrganisationId, depth: Depth) -> Option<Value> {
        let organisation = self.network.organisations.get(&id)?;
        let services = self.network.services_of(id);
        let entries: Vec<Entry<'_>> = services
            .iter()
            .filter_map(|s| self.network.directory.entry(*s))
            .collect();
        let shown = |id| self.shown().contains(id);
        Some(self.writer().organisation(organisation, &entries, &shown, depth))
    }

    /// A page of organisations.
    ///
    /// # Errors
    /// A page that cannot be.
    pub fn organisations(&self, asked: &Asked) -> Result<Value, ActError> {
        asked.of(&self.shown().ordered, |id| {
            self.written(*id, asked.depth()).unwrap_or_default()
        })
    }

    /// An organisation.
    ///
    /// # Errors
    /// [`ActError::NotFound`], also for what is not public.
    pub fn organisation(&self, id: Uuid) -> Result<Value, ActError> {
        let id = OrganisationId(id);
        let shown = self.shown().contains(id).then(|| self.written(id, Depth::Full));
        shown.flatten().map_or_else(not_there, Ok)
    }

    /// A page of taxonomies.
    ///
    /// # Errors
    /// A page that cannot be.
    pub fn taxonomies(&self, asked: &Asked) -> Result<Value, ActError> {
        asked.of(&TAXONOMIES, |code| self.writer().taxonomy(code))
    }

    /// A taxonomy.
    ///
    /// # Errors
    /// [`ActError::NotFound`].
    pub fn taxonomy(&self, id: Uuid) -> Result<Value, ActError> {
        let found = TAXONOMIES.iter().find(|code| taxonomy_id(code) == id);
        found.map_or_else(not_there, |code| Ok(self.writer().taxonomy(code)))
    }

    /// Every term, taxonomy by taxonomy.
    fn codes(&self) -> impl Iterator<Item = (&'static str, &str)> {
        TAXONOMIES
            .iter()
            .flat_map(|t| self.writer().codes(t).into_iter().map(|code| (*t, code)))
    }

    /// A page of terms.
    ///
    /// # Errors
    /// A page that cannot be.
    pub fn terms(&self, asked: &Asked) -> Result<Value, ActError> {
        let above = |taxonomy, code: &str| {
            let parent = code.split_once('.').map(|(category, _)| category);
            parent
                .filter(|_| taxonomy == TAXONOMIES[0])
                .map(|p| term_id(taxonomy, p))
        };
        let found: Vec<(&str, &str)> = self
            .codes()
            .filter(|(taxonomy, _)| asked.taxonomy.is_none_or(|id| taxonomy_id(taxonomy) == id))
            .filter(|(taxonomy, code)| asked.parent.is_none_or(|id| above(*taxonomy, code) == Some(id)))
            .filter(|(taxonomy, code)| !asked.top_only || above(*taxonomy, code).is_none())
            .collect();
        asked.of(&found, |(taxonomy, code)| self.writer().term(taxonomy, code))
    }

    /// A term.
    ///
    /// # Errors
    /// [`ActError::NotFound`].
    pub fn term(&self, id: Uuid) -> Result<Value, ActError> {
        self.code_of(id)
            .map_or_else(not_there, |(taxonomy, code)| Ok(self.writer().term(taxonomy, code)))
    }
}

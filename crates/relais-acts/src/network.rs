//! The network in memory: organisations, services, places, agreements and the
//! search index, replaced as a whole when the directory's version changes.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, OnceLock};

use chrono::NaiveDate;
use relais_mechanism::places::fold;
use relais_mechanism::{Lang, Mechanism};
use relais_network::agreement::Agreement;
use relais_network::gate::{self, Missing};
use relais_network::matrix::Ground;
use relais_network::organisation::Organisation;
use relais_network::place::{Place, Point};
use relais_network::same::{self, Proposal};
use relais_network::service::{CONFIDENTIAL_TYPES, Service};
use relais_network::{OrganisationId, PlaceId, ServiceId, WebhookId};
use relais_store::rows::{accounts, directory, entries, webhooks};
use relais_store::{StoreError, Tx};

use crate::directory::ShownOrganisations;
use crate::directory::closed::opened;
use crate::problem::ActError;
use crate::service_rows::ServiceRows;
use crate::services::coordinates;

/// The network as of one version of the directory.
pub struct Network {
    /// Version of the directory.
    pub version: i64,
    /// Organisations.
    pub organisations: HashMap<OrganisationId, Organisation>,
    /// Services.
    pub services: HashMap<ServiceId, Service>,
    /// Places.
    pub places: HashMap<PlaceId, Place>,
    /// Agreements.
    pub agreements: Vec<Agreement>,
    /// Organisations with an open account.
    pub with_account: HashSet<OrganisationId>,
    /// Systems that are told of referral events, by organisation.
    pub webhooks: HashMap<OrganisationId, Vec<WebhookId>>,
    /// The search index.
    pub directory: relais_network::directory::Directory,
    /// Services that must not be found, by their flag, type or place, or by the
    /// mechanism.
    pub(crate) confidential: HashSet<ServiceId>,
    /// Organisations known for nothing but confidential services.
    pub(crate) shelters: HashSet<OrganisationId>,
    /// Providers that are not offered: they left too many referrals unanswered.
    pub(crate) withheld: HashSet<OrganisationId>,
    /// How often the code of a confidential service was replaced, where it was.
    pub(crate) renewed: HashMap<ServiceId, i64>,
    /// Service types that are confidential as such.
    confidential_types: HashSet<String>,
    by_organisation: HashMap<OrganisationId, Vec<ServiceId>>,
    /// Where each place is, in words, French and English: a page of hits says
    /// twenty of them, and the areas' names are found by walking all areas.
    said: HashMap<PlaceId, [String; 2]>,
    /// Areas by their names, as they are written and as they are compared: most
    /// typed places are written rightly and need no search for slips.
    named: HashMap<String, Arc<NamedArea>>,
    /// The rows of the search, French and English, written when first asked for.
    rows: [OnceLock<ServiceRows>; 2],
    /// The organisations that everybody may see, found when first asked for.
    shown: OnceLock<ShownOrganisations>,
    /// The same entries laid out by category and area, when first asked for.
    ground: OnceLock<Ground>,
    /// What is perhaps the same of what everybody may see, found when first asked for.
    same: OnceLock<Vec<Proposal>>,
}

/// An area that a typed name means.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedArea {
    /// Its code.
    pub code: String,
    /// Its coordinates, or those of the nearest area above it that has any.
    pub point: Option<Point>,
}

/// What the network is built from.
pub struct NetworkRows {
    version: i64,
    organisations: Vec<Organisation>,
    services: Vec<Service>,
    places: Vec<Place>,
    agreements: Vec<Agreement>,
    with_account: HashSet<OrganisationId>,
    at_work: HashSet<OrganisationId>,
    webhooks: Vec<(OrganisationId, WebhookId)>,
    renewed: HashMap<ServiceId, i64>,
    withheld: HashSet<OrganisationId>,
}

impl Network {
    /// Reads all rows; the index is built apart, outside the unit of work.
    ///
    /// # Errors
    /// When the store fails or an entry is not readable.
    pub fn read_rows(tx: &mut Tx<'_>) -> Result<NetworkRows, ActError> {
        // First of all: rows that are newer than it are read again, older ones would stay.
        let version = directory::directory_version(tx)?;
        let sealer = tx.sealer();
        // Before the organisations, whose slots open what is sealed meanwhile.
        let services = directory::all_services(tx)?;
        let places = directory::all_places(tx)?;
        let organisations = directory::all_organisations(tx)?;
        let slots: HashMap<_, _> = organisations.iter().filter_map(|o| Some((o.id, o.slot?))).collect();
        let slot = |organisation| slots.get(&organisation).copied();
        Ok(NetworkRows {
            version,
            organisations: parse(&organisations, "organisation", |r| opened(&sealer, r.slot, r))?,
            services: parse(&services, "service", |r| opened(&sealer, slot(r.organisation_id), r))?,
            places: parse(&places, "place", |r| opened(&sealer, slot(r.organisation_id), r))?,
            agreements: parse(&directory::all_agreements(tx)?, "agreement", |r| {
                Ok(Cow::Borrowed(&r.body))
            })?,
            renewed: services
                .iter()
                .filter(|s| s.renewed > 0)
                .map(|s| (s.id, s.renewed))
                .collect(),
            with_account: accounts::organisations_with_account(tx)?.into_iter().collect(),
            at_work: crate::transfers::at_work(tx)?.into_iter().collect(),
            webhooks: webhooks::standing(tx)?,
            withheld: entries::withheld(tx)?.into_iter().map(|s| s.organisation_id).collect(),
        })
    }

    /// The chain of tutelle above an organisation, nearest first.
    #[must_use]
    pub fn parents(&self, organisation: OrganisationId) -> Vec<OrganisationId> {
        let Some(own) = self.organisations.get(&organisation) else {
            return Vec::new();
        };
        self.chain(own).iter().skip(1).map(|o| o.id).collect()
    }

    /// What is missing on a day before a service may be published: of its
    /// organisation, or of its tutelles.
    #[must_use]
    pub fn missing(&self, service: &Service, on: NaiveDate) -> Vec<Missing> {
        let chain = self
            .organisations
            .get(&service.organisation)
            .map_or_else(Vec::new, |o| self.chain(o));
        gate::missing(service, &chain, on)
    }

    /// An organisation and its tutelles, nearest first.
    pub(crate) fn chain<'n>(&'n self, organisation: &'n Organisation) -> Vec<&'n Organisation> {
        gate::chain(organisation, |id| self.organisations.get(&id))
    }

    /// Services of an organisation.
    #[must_use]
    pub fn services_of(&self, organisation: OrganisationId) -> &[ServiceId] {
        self.by_organisation.get(&organisation).map_or(&[], Vec::as_slice)
    }

    /// The numbers of a service in the order to call, else its organisation's.
    /// Those of a confidential one are said to nobody: see [`crate::shelter`].
    #[must_use]
    pub(crate) fn telephones(&self, service: ServiceId, organisation: OrganisationId) -> Vec<String> {
        let own: Vec<String> = self
            .services
            .get(&service)
            .map(|s| s.telephones.iter().map(|t| t.number.clone()).collect())
            .unwrap_or_default();
        if own.is_empty() {
            let of = self.organisations.get(&organisation);
            of.and_then(|o| o.telephone.clone()).into_iter().collect()
        } else {
            own
        }
    }

    /// Whether a service is not offered because its provider keeps silent.
    #[must_use]
    pub fn is_withheld(&self, service: &Service) -> bool {
        is_withheld(&self.withheld, service)
    }

    /// Whether an organisation is a State body. One that is not known counts as
    /// one: the protected circuit stays shut to it.
    #[must_use]
    pub fn is_state(&self, organisation: OrganisationId) -> bool {
        self.organisations.get(&organisation).is_none_or(|o| o.state_body)
    }

    /// Name of an organisation, or a dash: also for one that is known for nothing
    /// but a shelter, which looks as if it did not exist. Where a case was sent
    /// to it, [`crate::shelter::Names`] says so without its name.
    #[must_use]
    pub fn name(&self, organisation: OrganisationId, lang: Lang) -> String {
        self.known(organisation)
            .map_or_else(|| "–".to_owned(), |o| o.name.get(lang).to_owned())
    }

    /// Name of an organisation for its own staff.
    #[must_use]
    pub fn own_name(&self, organisation: OrganisationId, lang: Lang) -> String {
        self.organisations
            .get(&organisation)
            .map_or_else(|| "–".to_owned(), |o| o.name.get(lang).to_owned())
    }

    /// Telephone of an organisation; none where [`Self::name`] gives no name.
    #[must_use]
    pub fn telephone(&self, organisation: OrganisationId) -> Option<String> {
        self.known(organisation)?.telephone.clone()
    }

    /// An organisation, unless it is unknown, or known for nothing but a
    /// shelter: the two look alike.
    #[must_use]
    pub fn known(&self, organisation: OrganisationId) -> Option<&Organisation> {
        let entry = self.organisations.get(&organisation)?;
        (!self.shelters.contains(&organisation)).then_some(entry)
    }

    /// Where a place is, in words; empty for an unknown one.
    #[must_use]
    pub fn said(&self, place: PlaceId, lang: Lang) -> &str {
        let [fr, en] = match self.said.get(&place) {
            Some(said) => said,
            None => return "",
        };
        match lang {
            Lang::Fr => fr,
            Lang::En => en,
        }
    }

    /// The area that bears exactly this typed name, accents and case aside: the
    /// widest, where several do.
    #[must_use]
    pub fn area_named(&self, typed: &str) -> Option<&NamedArea> {
        self.named
            .get(typed)
            .or_else(|| self.named.get(&fold(typed)))
            .map(AsRef::as_ref)
    }

    /// The rows of the search.
    #[must_use]
    pub fn service_rows(&self, lang: Lang) -> &ServiceRows {
        let [fr, en] = &self.rows;
        let rows = match lang {
            Lang::Fr => fr,
            Lang::En => en,
        };
        rows.get_or_init(|| ServiceRows::of(self, lang))
    }

    /// The organisations that everybody may see.
    #[must_use]
    pub fn shown_organisations(&self, mechanism: &Mechanism) -> &ShownOrganisations {
        self.shown.get_or_init(|| ShownOrganisations::of(self, mechanism))
    }

    /// What everybody may see, laid out by category and area.
    #[must_use]
    pub fn ground(&self, mechanism: &Mechanism) -> &Ground {
        self.ground.get_or_init(|| crate::directory::laid_out(self, mechanism))
    }

    /// The entries that are perhaps the same, of what everybody may see, the surest
    /// first. Seconds of work at a hundred thousand entries when it is first asked
    /// for: not for the thread of a request.
    #[must_use]
    pub fn proposals(&self, mechanism: &Mechanism) -> &[Proposal] {
        self.same.get_or_init(|| {
            let shown = crate::directory::shown(self, mechanism, &[]);
            let offers: Vec<_> = shown.entries.iter().map(|e| (e.service, e.place)).collect();
            let type_name = |code: &str| mechanism.service_type(code).map(|t| t.label.clone());
            same::find(&shown.organisations, &offers, type_name, same::PROPOSED)
        })
    }

    /// Whether every service of this type is confidential.
    #[must_use]
    pub fn is_confidential_type(&self, code: &str) -> bool {
        self.confidential_types.contains(code)
    }

    /// Builds the index.
    ///
    /// # Errors
    /// When the directory refuses an entry.
    pub fn build(rows: NetworkRows, mechanism: &Mechanism) -> Result<Self, ActError> {
        let offered = |s: &&Service| !is_withheld(&rows.withheld, s);
        let offered = rows.services.iter().filter(offered).cloned().collect();
        let directory = crate::services::index(&rows.organisations, offered, &rows.places, mechanism)?;
        let confidential = confidential(&rows, mechanism);
        let shelters = shelters(&rows, &confidential, &directory);
        let mut by_organisation: HashMap<OrganisationId, Vec<ServiceId>> = HashMap::new();
        for service in &rows.services {
            by_organisation
                .entry(service.organisation)
                .or_default()
                .push(service.id);
        }
        let said = rows
            .places
            .iter()
            .map(|p| {
                let in_words = |lang| crate::services::where_is(mechanism, p, lang);
                (p.id, [in_words(Lang::Fr), in_words(Lang::En)])
            })
            .collect();
        // As the mechanism's own search orders them: the wider area first, then by code.
        let mut areas: Vec<_> = mechanism.places().iter().collect();
        areas.sort_by_key(|p| (p.level, &p.code));
        let mut named: HashMap<String, Arc<NamedArea>> = HashMap::new();
        for area in &areas {
            let found = Arc::new(NamedArea {
                code: area.code.clone(),
                point: coordinates(mechanism, &area.code),
            });
            for name in [&area.name.fr, &area.name.en] {
                named.entry(fold(name)).or_insert_with(|| Arc::clone(&found));
            }
        }
        for name in areas.iter().flat_map(|area| [&area.name.fr, &area.name.en]) {
            if let Some(found) = named.get(&fold(name)).map(Arc::clone) {
                named.insert(name.clone(), found);
            }
        }
        named.remove("");
        let mut webhooks: HashMap<OrganisationId, Vec<WebhookId>> = HashMap::new();
        for (organisation, hook) in rows.webhooks {
            webhooks.entry(organisation).or_default().push(hook);
        }
        Ok(Self {
            rows: Default::default(),
            shown: OnceLock::new(),
            ground: OnceLock::new(),
            same: OnceLock::new(),
            by_organisation,
            said,
            named,
            version: rows.version,
            organisations: rows.organisations.into_iter().map(|o| (o.id, o)).collect(),
            services: rows.services.into_iter().map(|s| (s.id, s)).collect(),
            places: rows.places.into_iter().map(|p| (p.id, p)).collect(),
            agreements: rows.agreements,
            with_account: rows.with_account,
            webhooks,
            directory,
            confidential,
            shelters,
            renewed: rows.renewed,
            withheld: rows.withheld,
            confidential_types: mechanism
                .services()
                .iter()
                .filter(|t| t.confidential || CONFIDENTIAL_TYPES.contains(&t.code.as_str()))
                .map(|t| t.code.clone())
                .collect(),
        })
    }
}

/// The services that must not be found.
fn confidential(rows: &NetworkRows, mechanism: &Mechanism) -> HashSet<ServiceId> {
    let places: HashSet<PlaceId> = rows.places.iter().filter(|p| p.confidential).map(|p| p.id).collect();
    let by_mechanism = |kind: &str| mechanism.service_type(kind).is_some_and(|t| t.confidential);
    let hidden = |s: &&Service| s.is_confidential() || places.contains(&s.place) || by_mechanism(&s.service_type);
    rows.services.iter().filter(hidden).map(|s| s.id).collect()
}

/// The organisations that offer something confidential and are known for
/// nothing else: nothing of theirs is found, they work on no case, and stand
/// above nobody.
fn shelters(
    rows: &NetworkRows,
    confidential: &HashSet<ServiceId>,
    directory: &relais_network::directory::Directory,
) -> HashSet<OrganisationId> {
    let hidden = |s: &&Service| confidential.contains(&s.id);
    let mut found: HashSet<OrganisationId> = rows.services.iter().filter(hidden).map(|s| s.organisation).collect();
    for entry in directory.entries() {
        found.remove(&entry.organisation.id);
    }
    // Whoever is not offered for its silence is known all the same.
    let known = |s: &&Service| rows.withheld.contains(&s.organisation) && s.status.is_offered() && !hidden(s);
    for service in rows.services.iter().filter(known) {
        found.remove(&service.organisation);
    }
    for known in rows
        .at_work
        .iter()
        .chain(rows.organisations.iter().filter_map(|o| o.parent.as_ref()))
    {
        found.remove(known);
    }
    // Whoever went up in another entry was known before; what it hides stays with it.
    for merged in rows.organisations.iter().filter(|o| o.merged_into.is_some()) {
        found.remove(&merged.id);
    }
    found
}

/// The organisations of the directory, without the rest of it.
pub(crate) fn organisations(tx: &mut Tx<'_>) -> Result<HashMap<OrganisationId, Organisation>, ActError> {
    let sealer = tx.sealer();
    let rows = directory::all_organisations(tx)?;
    let all: Vec<Organisation> = parse(&rows, "organisation", |r| opened(&sealer, r.slot, r))?;
    Ok(all.into_iter().map(|o| (o.id, o)).collect())
}

fn parse<R, T: serde::de::DeserializeOwned>(
    rows: &[R],
    table: &str,
    body: impl Fn(&R) -> Result<Cow<'_, str>, StoreError>,
) -> Result<Vec<T>, ActError> {
    rows.iter()
        .map(|row| {
            serde_json::from_str(&body(row)?)
                .map_err(|e| ActError::Store(StoreError::Schema(format!("{table}: entry not readable: {e}"))))
        })
        .collect()
}

/// Whether a provider's silence takes a service out of what is offered. An
/// emergency goes by telephone first: whoever is on call is offered all the same.
fn is_withheld(withheld: &HashSet<OrganisationId>, service: &Service) -> bool {
    !service.on_call && withheld.contains(&service.organisation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_area_named_rightly_is_the_one_that_the_search_for_names_finds_first() {
        let mechanism = Mechanism::embedded("cameroon").expect("the built-in mechanism");
        let nothing = NetworkRows {
            version: 0,
            organisations: Vec::new(),
            services: Vec::new(),
            places: Vec::new(),
            agreements: Vec::new(),
            with_account: HashSet::new(),
            at_work: HashSet::new(),
            webhooks: Vec::new(),
            renewed: HashMap::new(),
            withheld: HashSet::new(),
        };
        let network = Network::build(nothing, &mechanism).expect("an empty network");
        // Every ninth: the search for slips takes its time on each name.
        let places: Vec<_> = mechanism.places().iter().step_by(9).collect();
        assert!(places.len() > 30, "{} places", places.len());
        for place in places {
            for typed in [place.name.fr.clone(), place.name.fr.to_uppercase()] {
                let found = mechanism.find_place(&typed);
                let expected = found.first().map(|m| NamedArea {
                    code: m.place.code.clone(),
                    point: coordinates(&mechanism, &m.place.code),
                });
                assert_eq!(network.area_named(&typed), expected.as_ref(), "{typed}");
            }
        }
        assert_eq!(network.area_named("Garua"), None, "slips are the search’s");
        assert_eq!(network.area_named(" "), None);
    }
}

//! The network in memory: organisations, services, places, agreements and the
//! search index, replaced when the directory's version changes: by one that
//! shares what did not change, where single services did (`network/change.rs`),
//! else by one that is read whole.

mod change;
mod hidden;
mod known;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, OnceLock};

use chrono::NaiveDate;
use relais_mechanism::places::fold;
use relais_mechanism::{Lang, Mechanism};
use relais_network::agreement::Agreement;
use relais_network::catalogue::{Catalogue, Geography};
use relais_network::directory::Directory;
use relais_network::gate::{self, Missing};
use relais_network::matrix::Ground;
use relais_network::organisation::Organisation;
use relais_network::place::{Place, Point};
use relais_network::programme::{self, Programme};
use relais_network::same::{self, Proposal};
use relais_network::service::{CONFIDENTIAL_TYPES, Service};
use relais_network::{OrganisationId, PlaceId, ProgrammeId, ServiceId, WebhookId};
use relais_store::rows::{accounts, directory, entries, webhooks};
use relais_store::{StoreError, Tx};

use crate::directory::ShownOrganisations;
use crate::directory::closed::opened;
use crate::problem::ActError;
use crate::service_rows::ServiceRows;
use crate::services::coordinates;
use crate::services::labels::Labels;

use hidden::Hiding;
pub use known::Known;

/// The languages of the search's rows, each at its place.
const LANGUAGES: [Lang; 2] = [Lang::Fr, Lang::En];

const fn place_of(lang: Lang) -> usize {
    match lang {
        Lang::Fr => 0,
        Lang::En => 1,
    }
}

/// The network as of one version of the directory.
pub struct Network {
    /// Version of the directory.
    pub version: i64,
    /// Organisations.
    pub organisations: Known<OrganisationId, Organisation>,
    /// Services.
    pub services: Known<ServiceId, Service>,
    /// Places.
    pub places: Known<PlaceId, Place>,
    /// Programmes, those too that nobody may see.
    pub(crate) programmes: Known<ProgrammeId, Programme>,
    /// Agreements.
    pub agreements: Arc<[Agreement]>,
    /// Organisations with an open account.
    pub with_account: Arc<HashSet<OrganisationId>>,
    /// Systems that are told of referral events, by organisation.
    pub webhooks: Arc<HashMap<OrganisationId, Vec<WebhookId>>>,
    /// The search index.
    pub directory: Arc<Directory>,
    /// Services that must not be found, by their flag, type or place, or by the
    /// mechanism.
    pub(crate) confidential: Arc<HashSet<ServiceId>>,
    /// Organisations known for nothing but confidential services.
    pub(crate) shelters: Arc<HashSet<OrganisationId>>,
    hiding: Arc<Hiding>,
    /// Providers that are not offered: they left too many referrals unanswered.
    pub(crate) withheld: Arc<HashSet<OrganisationId>>,
    /// How often the code of a confidential service was replaced, where it was.
    pub(crate) renewed: Arc<HashMap<ServiceId, i64>>,
    /// Service types that are confidential as such.
    confidential_types: Arc<HashSet<String>>,
    by_organisation: Arc<HashMap<OrganisationId, Vec<ServiceId>>>,
    /// Where each place is, in words, French and English: a page of hits says
    /// twenty of them, and the areas' names are found by walking all areas.
    said: Arc<HashMap<PlaceId, [String; 2]>>,
    /// Areas by their names, as they are written and as they are compared: most
    /// typed places are written rightly and need no search for slips.
    named: Arc<HashMap<String, Arc<NamedArea>>>,
    /// What the index was built with.
    taxonomy: Arc<(Catalogue, Geography)>,
    /// The rows of the search, French and English, written when first asked for.
    rows: [OnceLock<ServiceRows>; 2],
    /// What the choices beside a search are called, French and English.
    labels: [OnceLock<Labels>; 2],
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
    organisations: Vec<Arc<Organisation>>,
    services: Vec<Arc<Service>>,
    places: Vec<Arc<Place>>,
    programmes: Vec<Arc<Programme>>,
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
        let programmes = directory::all_programmes(tx)?;
        let organisations = directory::all_organisations(tx)?;
        let slots: HashMap<_, _> = organisations.iter().filter_map(|o| Some((o.id, o.slot?))).collect();
        let slot = |organisation| slots.get(&organisation).copied();
        Ok(NetworkRows {
            version,
            organisations: parse(&organisations, "organisation", Arc::new, |r| opened(&sealer, r.slot, r))?,
            services: parse(&services, "service", Arc::new, |r| {
                opened(&sealer, slot(r.organisation_id), r)
            })?,
            places: parse(&places, "place", Arc::new, |r| {
                opened(&sealer, slot(r.organisation_id), r)
            })?,
            programmes: parse(&programmes, "programme", Arc::new, |r| {
                opened(&sealer, slot(r.organisation_id), r)
            })?,
            agreements: parse(
                &directory::all_agreements(tx)?,
                "agreement",
                |a| a,
                |r| Ok(Cow::Borrowed(&r.body)),
            )?,
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

    /// What pays for a service, those too that nobody may see.
    pub(crate) fn paid_by<'n>(&'n self, service: &'n Service) -> impl Iterator<Item = &'n Programme> {
        service.programmes.iter().filter_map(move |id| self.programmes.get(id))
    }

    /// The last day on which a service is paid for; none where no programme pays
    /// for it, or one has no end.
    pub(crate) fn paid_until(&self, service: &Service) -> Option<chrono::NaiveDate> {
        programme::paid_until(self.paid_by(service))
    }

    /// A programme, unless it is unknown or whoever carries it is: the two look alike.
    #[must_use]
    pub fn programme(&self, id: ProgrammeId) -> Option<&Programme> {
        let programme = self.programmes.get(&id)?;
        self.known(self.carrier(programme)).map(|_| programme)
    }

    /// What pays for a service, of what whoever is signed in may see.
    pub fn seen_paying<'n>(&'n self, service: &'n Service) -> impl Iterator<Item = &'n Programme> {
        service.programmes.iter().filter_map(move |id| self.programme(*id))
    }

    /// Every programme that whoever is signed in may see.
    pub fn programmes(&self) -> impl Iterator<Item = &Programme> {
        self.programmes.values().filter(move |p| self.programme(p.id).is_some())
    }

    /// Who carries a programme by now: its organisation, or the one in which that went up.
    #[must_use]
    pub fn carrier(&self, programme: &Programme) -> OrganisationId {
        let mut at = programme.organisation;
        // As many steps as there are entries: nothing goes round in a circle.
        for _ in 0..self.organisations.len() {
            match self.organisations.get(&at).and_then(|o| o.merged_into) {
                Some(into) => at = into,
                None => break,
            }
        }
        at
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
        self.rows[place_of(lang)].get_or_init(|| ServiceRows::of(self, lang))
    }

    /// The organisations that everybody may see.
    #[must_use]
    pub fn shown_organisations(&self, mechanism: &Mechanism) -> &ShownOrganisations {
        self.shown.get_or_init(|| ShownOrganisations::of(self, mechanism))
    }

    /// What the choices beside a search are called.
    pub(crate) fn labels(&self, mechanism: &Mechanism, lang: Lang) -> &Labels {
        self.labels[place_of(lang)].get_or_init(|| Labels::of(mechanism, lang))
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
        let offered = |s: &&Arc<Service>| !is_withheld(&rows.withheld, s);
        let offered = rows.services.iter().filter(offered).cloned();
        let taxonomy = (
            crate::services::catalogue(mechanism),
            crate::services::geography(mechanism),
        );
        let directory = Directory::build(
            rows.organisations.iter().cloned(),
            offered,
            rows.places.iter().cloned(),
            &taxonomy.0,
            &taxonomy.1,
            crate::services::freshness(mechanism),
        );
        let confidential = hidden::confidential(&rows, mechanism);
        let hiding = Hiding::of(&rows, &confidential);
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
        let services = Known::of(rows.services, |s| s.id);
        let shelters = hiding.shelters(&services, &directory, &confidential, &rows.withheld);
        Ok(Self {
            hiding: Arc::new(hiding),
            rows: Default::default(),
            labels: Default::default(),
            shown: OnceLock::new(),
            ground: OnceLock::new(),
            same: OnceLock::new(),
            by_organisation: Arc::new(by_organisation),
            said: Arc::new(said),
            named: Arc::new(named),
            taxonomy: Arc::new(taxonomy),
            version: rows.version,
            organisations: Known::of(rows.organisations, |o| o.id),
            services,
            places: Known::of(rows.places, |p| p.id),
            programmes: Known::of(rows.programmes, |p| p.id),
            agreements: rows.agreements.into(),
            with_account: Arc::new(rows.with_account),
            webhooks: Arc::new(webhooks),
            directory: Arc::new(directory),
            confidential: Arc::new(confidential),
            shelters: Arc::new(shelters),
            renewed: Arc::new(rows.renewed),
            withheld: Arc::new(rows.withheld),
            confidential_types: Arc::new(
                mechanism
                    .services()
                    .iter()
                    .filter(|t| t.confidential || CONFIDENTIAL_TYPES.contains(&t.code.as_str()))
                    .map(|t| t.code.clone())
                    .collect(),
            ),
        })
    }
}

/// The organisations of the directory, without the rest of it.
pub(crate) fn organisations(tx: &mut Tx<'_>) -> Result<HashMap<OrganisationId, Organisation>, ActError> {
    let sealer = tx.sealer();
    let rows = directory::all_organisations(tx)?;
    let all: Vec<Organisation> = parse(&rows, "organisation", |o| o, |r| opened(&sealer, r.slot, r))?;
    Ok(all.into_iter().map(|o| (o.id, o)).collect())
}

fn parse<R, T: serde::de::DeserializeOwned, K>(
    rows: &[R],
    table: &str,
    kept: impl Fn(T) -> K,
    body: impl Fn(&R) -> Result<Cow<'_, str>, StoreError>,
) -> Result<Vec<K>, ActError> {
    rows.iter()
        .map(|row| {
            serde_json::from_str(&body(row)?)
                .map(&kept)
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
            programmes: Vec::new(),
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

//! The desk: what every act needs, and who stands before it.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use chrono::{DateTime, Utc};
use relais_casework::calendar::Calendar;
use relais_casework::visible;
use relais_mechanism::{Lang, Mechanism, Role};
use relais_network::{CaseId, OrganisationId, UserId};
use relais_store::access::{self, Look};
use relais_store::rows::coordination::Figures;
use relais_store::rows::directory::{self, MechanismRecord};
use relais_store::rows::lists::{self, OpenOfHolder};
use relais_store::{Store, StoreError, Tx};

use crate::counts::StandingCounts;
use crate::network::Network;
use crate::problem::ActError;

/// Waiting referrals, all over the country, from which on their count stands for a while.
const WAITING: i64 = 10_000;
/// Referrals of a provider from which on the count of what came of them does.
const ASKED: i64 = 500;

/// A signed-in user, as the acts see them: cheap to copy, since each request has its own.
#[derive(Debug, Clone)]
pub struct Viewer {
    /// User.
    pub user: UserId,
    /// Their organisation.
    pub organisation: OrganisationId,
    /// Its name, in the viewer's language.
    pub organisation_name: Arc<str>,
    /// Name on screen, as "J. Ebongué".
    pub display_name: Arc<str>,
    /// Roles.
    pub roles: Arc<[Role]>,
    /// Regions of a regional focal point.
    pub regions: Arc<[String]>,
    /// Trained for restricted data (S4).
    pub trained: bool,
    /// Whether the organisation is a State body.
    pub state_body: bool,
    /// Language of this request.
    pub lang: Lang,
    /// Whether the request came by the API.
    pub api: bool,
    /// Pattern of the route, without its values, for the access log.
    pub route: &'static str,
    /// Why the route looks at cases, for the access log.
    pub purpose: &'static str,
}

impl Viewer {
    /// Whether the viewer has the role.
    #[must_use]
    pub fn is(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Whether the viewer is of the mechanism's office for the whole country.
    #[must_use]
    pub fn is_national(&self) -> bool {
        self.is(Role::Secretariat) || self.is(Role::SecretariatSupervisor)
    }

    /// The regions that the mechanism's office reads for the viewer: each of the
    /// own once, or, for the country, once all of them.
    #[must_use]
    pub fn reach(&self) -> Vec<Option<&str>> {
        if self.is_national() {
            return vec![None];
        }
        let own: BTreeSet<&str> = self.regions.iter().map(String::as_str).collect();
        own.into_iter().map(Some).collect()
    }

    /// The viewer as the visibility rule sees them. A focal point answers for
    /// the services of the own organisation, and sees S4 where trained.
    #[must_use]
    pub fn sight(&self, network: &Network) -> visible::Viewer {
        let services = if self.is(Role::FocalPoint) {
            network
                .services_of(self.organisation)
                .iter()
                .map(|s| (*s, self.trained))
                .collect()
        } else {
            std::collections::BTreeMap::new()
        };
        visible::Viewer {
            user: self.user,
            organisation: self.organisation,
            is_state: self.state_body,
            roles: self.roles.iter().copied().collect(),
            regions: self.regions.iter().cloned().collect(),
            services,
            // Opened with at least one role; closed, it has none (`accounts::viewer_of`).
            account_open: !self.roles.is_empty(),
        }
    }
}

/// Store, mechanism and directory of one deployment, shared by all requests.
pub struct Desk {
    store: Store,
    current: RwLock<Arc<Mechanism>>,
    versions: RwLock<HashMap<String, Arc<Mechanism>>>,
    network: RwLock<Arc<Network>>,
    calendars: RwLock<HashMap<(String, String), Arc<Calendar>>>,
    writes: AtomicBool,
    /// Waiting and late referrals by holder.
    by_holder: StandingCounts<(), Vec<OpenOfHolder>>,
    /// What was asked of a provider.
    pub(crate) figures: StandingCounts<OrganisationId, Vec<Figures>>,
}

impl Desk {
    /// Opens the desk on a database that has a mechanism.
    ///
    /// # Errors
    /// When the store fails, or no mechanism was ever adopted there.
    pub fn open(store: Store) -> Result<Arc<Self>, ActError> {
        Self::open_having(store, None)
    }

    /// The same; where the mechanism in force is the one at hand, it is not read
    /// once more.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_having(store: Store, at_hand: Option<Arc<Mechanism>>) -> Result<Arc<Self>, ActError> {
        let (record, network) = store.read_blocking(|tx: &mut Tx<'_>| -> Result<_, ActError> {
            let record = directory::current_mechanism(tx)?.ok_or(ActError::NotFound)?;
            Ok((record, Network::read_rows(tx)?))
        })?;
        let mechanism = match at_hand.filter(|m| m.hash() == record.hash) {
            Some(mechanism) => mechanism,
            None => Arc::new(load(&record)?),
        };
        let network = Arc::new(Network::build(network, &mechanism)?);
        let mut versions = HashMap::new();
        versions.insert(mechanism.hash().to_owned(), Arc::clone(&mechanism));
        Ok(Arc::new(Self {
            store,
            current: RwLock::new(mechanism),
            versions: RwLock::new(versions),
            network: RwLock::new(network),
            calendars: RwLock::new(HashMap::new()),
            writes: AtomicBool::new(false),
            by_holder: StandingCounts::over(WAITING),
            figures: StandingCounts::over(ASKED),
        }))
    }

    /// Adopts a mechanism: it rules what is new from now on; what was made
    /// under an earlier version keeps it. Adopting the version in force
    /// changes nothing.
    ///
    /// # Errors
    /// When the store fails.
    pub fn adopt(store: &Store, mechanism: &Mechanism) -> Result<bool, StoreError> {
        let mechanism = mechanism.clone();
        store.write_blocking(move |tx: &mut Tx<'_>| Self::adopt_in(tx, &mechanism))
    }

    /// The same, in a unit of work.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) fn adopt_in(tx: &mut Tx<'_>, mechanism: &Mechanism) -> Result<bool, StoreError> {
        let now = tx.now()?;
        let in_force = directory::current_mechanism(tx)?;
        if in_force.as_ref().is_some_and(|m| m.hash == mechanism.hash()) {
            return Ok(false);
        }
        // Strictly later than the version before, also where a drill's clock
        // stands still: the latest is the one in force.
        let adopted_at = in_force.map_or(now, |m| now.max(m.adopted_at + chrono::TimeDelta::microseconds(1)));
        let record = MechanismRecord {
            hash: mechanism.hash().to_owned(),
            label: mechanism.version().to_owned(),
            bundle: mechanism.bundle().to_owned(),
            adopted_at,
        };
        if MechanismRecord::find(tx, record.hash.clone())?.is_some() {
            record.update(tx)?;
        } else {
            record.insert(tx)?;
        }
        Ok(true)
    }

    /// The store.
    #[must_use]
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// The mechanism in force.
    #[must_use]
    pub fn mechanism(&self) -> Arc<Mechanism> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The mechanism under which something was made.
    ///
    /// # Errors
    /// When the store fails or the version was never kept.
    pub fn version(&self, tx: &mut Tx<'_>, hash: &str) -> Result<Arc<Mechanism>, ActError> {
        if let Some(found) = self.versions.read().unwrap_or_else(PoisonError::into_inner).get(hash) {
            return Ok(Arc::clone(found));
        }
        let record = MechanismRecord::find(tx, hash.to_owned())?.ok_or(ActError::NotFound)?;
        let mechanism = Arc::new(load(&record)?);
        self.versions
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(hash.to_owned(), Arc::clone(&mechanism));
        Ok(mechanism)
    }

    /// Organisations, services and agreements as of the last refresh.
    #[must_use]
    pub fn network(&self) -> Arc<Network> {
        Arc::clone(&self.network.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Organisations, services and agreements as of this unit of work: brought
    /// up, or read again, when somebody has changed them since. What the unit of
    /// work itself changed is nobody else's before it is committed.
    ///
    /// # Errors
    /// When the store fails.
    pub fn network_now(&self, tx: &mut Tx<'_>) -> Result<Arc<Network>, ActError> {
        let known = self.network();
        let version = directory::directory_version(tx)?;
        if version == known.version {
            return Ok(known);
        }
        let mechanism = self.mechanism();
        let fresh = Arc::new(match known.brought_up(tx, version)? {
            Some(fresh) => fresh,
            None => Network::build(Network::read_rows(tx)?, &mechanism)?,
        });
        if !tx.has_moved_directory() {
            self.keep(&fresh, &mechanism);
        }
        Ok(fresh)
    }

    /// Keeps what the directory is as of a unit of work, for those that follow. Units
    /// of work run beside each other, and one that began earlier may end later: what
    /// is newer, or of another mechanism, stays.
    fn keep(&self, fresh: &Arc<Network>, mechanism: &Arc<Mechanism>) {
        let mut known = self.network.write().unwrap_or_else(PoisonError::into_inner);
        if known.version < fresh.version && Arc::ptr_eq(mechanism, &self.mechanism()) {
            *known = Arc::clone(fresh);
        }
    }

    /// Waiting and late referrals by holder.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) fn open_by_holder(&self, tx: &mut Tx<'_>, now: DateTime<Utc>) -> Result<Vec<OpenOfHolder>, StoreError> {
        let open = |of: &Vec<OpenOfHolder>| of.iter().map(|(_, open, _)| open).sum();
        self.by_holder.of((), open, || lists::open_by_holder(tx, now))
    }

    /// The working calendar of a region under a version of the mechanism.
    ///
    /// # Errors
    /// When the mechanism's calendars cannot be resolved.
    pub fn calendar(&self, mechanism: &Mechanism, region: &str) -> Result<Arc<Calendar>, ActError> {
        let key = (mechanism.hash().to_owned(), region.to_owned());
        if let Some(found) = self.calendars.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(Arc::clone(found));
        }
        let calendar = Arc::new(crate::times::calendar(mechanism, region)?);
        self.calendars
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(key, Arc::clone(&calendar));
        Ok(calendar)
    }

    /// Says that this deployment sends messages: a provider without an account
    /// is then told of a request by one.
    pub fn sends_messages(&self) {
        self.writes.store(true, Ordering::Relaxed);
    }

    /// Whether this deployment sends messages.
    #[must_use]
    pub fn is_sending(&self) -> bool {
        self.writes.load(Ordering::Relaxed)
    }

    /// Whether the S4 classes may be kept and shared: off until the
    /// data-protection officer has recorded the authorisation, which the
    /// mechanism in force names (DOMAIN §2.9).
    /// What saves life does not wait for it (DESIGN §9.5): the plan knows.
    #[must_use]
    pub fn s4_authorised(&self) -> bool {
        self.mechanism().s4_basis().is_some()
    }

    /// Reads on behalf of a viewer and leaves the row of the access log, which
    /// is committed before this returns: what `read` returns beside its answer
    /// are the cases that it shows.
    ///
    /// # Errors
    /// What `read` or the store refuses.
    pub async fn read_as<T, F>(self: &Arc<Self>, viewer: &Viewer, mut read: F) -> Result<T, ActError>
    where
        T: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<(T, Vec<CaseId>), ActError> + Send + 'static,
    {
        let (user, organisation, route, purpose) = (viewer.user, viewer.organisation, viewer.route, viewer.purpose);
        self.store
            .read(move |tx: &mut Tx<'_>| -> Result<T, ActError> {
                let (answer, cases) = read(tx)?;
                let look = Look {
                    user: Some(user),
                    organisation: Some(organisation),
                    route,
                    purpose,
                    cases: &cases,
                };
                access::log(tx, &look)?;
                Ok(answer)
            })
            .await
    }

    /// Reads mechanism and directory again if they changed.
    ///
    /// # Errors
    /// When the store fails.
    pub fn refresh(self: &Arc<Self>) -> Result<(), ActError> {
        let desk = Arc::clone(self);
        self.store
            .read_blocking(move |tx: &mut Tx<'_>| -> Result<(), ActError> {
                if let Some(record) = directory::current_mechanism(tx)?
                    && record.hash != desk.mechanism().hash()
                {
                    let mechanism = desk.version(tx, &record.hash)?;
                    // The index holds the taxonomy's words and places: a new version
                    // means a new index, even where no entry of the directory moved.
                    let fresh = Arc::new(Network::build(Network::read_rows(tx)?, &mechanism)?);
                    *desk.current.write().unwrap_or_else(PoisonError::into_inner) = mechanism;
                    *desk.network.write().unwrap_or_else(PoisonError::into_inner) = fresh;
                }
                Ok(())
            })?;
        // A unit of work of its own: what changed while the index was built is in it.
        let desk = Arc::clone(self);
        let brought_up = move |tx: &mut Tx<'_>| desk.network_now(tx).map(drop);
        self.store.read_blocking(brought_up)
    }
}

fn load(record: &MechanismRecord) -> Result<Mechanism, ActError> {
    Mechanism::from_bundle(&record.bundle)
        .map_err(|broken| ActError::Store(StoreError::Schema(format!("mechanism {}: {broken}", record.label))))
}

//! The code by which a confidential service is asked. The on-call desk and the
//! shelter itself say it by telephone; it is derived from the keyring and kept
//! nowhere. Typing codes is rationed; every wrong one answers alike.

use std::sync::Arc;

use chrono::TimeDelta;
use relais_mechanism::{Lang, Mechanism, Role};
use relais_network::service::Service;
use relais_network::{NeedId, ServiceId};
use relais_store::rows::directory::{self as rows, ServiceRecord};
use relais_store::rows::emergencies;
use relais_store::{Sealer, Store, Tx, ids};
use serde::Serialize;
use serde_json::json;
use subtle::ConstantTimeEq as _;

use crate::desk::{Desk, Viewer};
use crate::directory::{self, By};
use crate::network::Network;
use crate::problem::ActError;
use crate::write;

/// Codes that led nowhere, of one user in [`WITHIN`], before they wait. It makes
/// 350,000 tries a year, of 31⁸ codes; and at night whoever is alone with somebody
/// in danger is not shut out until morning.
pub const MOST: usize = 10;
/// How long they are counted.
pub const WITHIN: TimeDelta = TimeDelta::minutes(15);

/// The code of a confidential service, for its own focal points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OwnCode {
    /// Service.
    pub service: ServiceId,
    /// Its name.
    pub name: String,
    /// What it offers, discreetly.
    pub label: String,
    /// Its code, in two groups of four.
    pub code: String,
}

/// A confidential service, for whoever runs the deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Confidential {
    /// Its code, in two groups of four.
    pub code: String,
    /// Service of the taxonomy.
    pub service: String,
    /// Region.
    pub region: String,
    /// Life of the entry; only a published one is reached by its code.
    pub status: String,
    /// Number to call.
    pub telephone: String,
    /// Code of the organisation.
    pub organisation: String,
    /// Name of the service, and of the organisation.
    pub name: String,
}

/// The code of a service as long as nobody renews it.
fn code_of(sealer: &Sealer, network: &Network, service: ServiceId) -> String {
    let renewed = network.renewed.get(&service).copied().unwrap_or_default();
    ids::shelter_code(sealer, service.0, renewed)
}

/// A code as it is said: two groups of four.
fn spoken(code: &str) -> String {
    format!("{} {}", &code[..4], &code[4..])
}

/// What was typed, without what telephones and hands add.
fn typed(text: &str) -> String {
    let signs = text.chars().filter(char::is_ascii_alphanumeric).take(64);
    signs.map(|c| c.to_ascii_uppercase()).collect()
}

/// Whether a service can be asked by its code now. An entry that went up in
/// another keeps what it hides, which is asked as before.
fn is_open(network: &Network, service: &Service) -> bool {
    let organisation = network.organisations.get(&service.organisation);
    network.is_confidential(service.id)
        && service.status.is_offered()
        && organisation.is_some_and(|o| o.status.is_offered() || o.merged_into.is_some())
}

/// The codes of the viewer's own confidential services.
pub(crate) fn own(tx: &Tx<'_>, mechanism: &Mechanism, network: &Network, viewer: &Viewer) -> Vec<OwnCode> {
    let sealer = tx.sealer();
    let services = network.services_of(viewer.organisation).iter();
    services
        .filter_map(|id| network.services.get(id))
        .filter(|s| is_open(network, s))
        .map(|s| OwnCode {
            service: s.id,
            name: s.name.get(viewer.lang).to_owned(),
            label: crate::share::labels(mechanism, &s.service_type)
                .discreet
                .get(viewer.lang)
                .to_owned(),
            code: spoken(&code_of(&sealer, network, s.id)),
        })
        .collect()
}

/// Every confidential service with its code, for the on-call desk.
///
/// # Errors
/// What the store refuses.
pub fn list(store: &Store, mechanism: &Mechanism, lang: Lang) -> Result<Vec<Confidential>, ActError> {
    let mechanism = mechanism.clone();
    store.read_blocking(move |tx: &mut Tx<'_>| -> Result<Vec<Confidential>, ActError> {
        let network = Network::build(Network::read_rows(tx)?, &mechanism)?;
        let sealer = tx.sealer();
        let mut found: Vec<Confidential> = network
            .services
            .values()
            .filter(|s| network.is_confidential(s.id))
            .filter_map(|s| line(&network, s, &code_of(&sealer, &network, s.id), lang))
            .collect();
        found.sort_by(|a, b| (&a.organisation, &a.service, &a.code).cmp(&(&b.organisation, &b.service, &b.code)));
        Ok(found)
    })
}

/// A service for whoever runs the deployment; none without its organisation.
fn line(network: &Network, service: &Service, code: &str, lang: Lang) -> Option<Confidential> {
    let organisation = network.organisations.get(&service.organisation)?;
    let place = network.places.get(&service.place);
    let telephones = network.telephones(service.id, service.organisation);
    Some(Confidential {
        code: spoken(code),
        service: service.service_type.clone(),
        region: place
            .and_then(|p| p.region.clone())
            .or_else(|| organisation.region.clone())
            .unwrap_or_default(),
        status: service.status.code().to_owned(),
        telephone: telephones.into_iter().next().unwrap_or_default(),
        organisation: organisation.code.clone(),
        name: format!("{}, {}", service.name.get(lang), organisation.name.get(lang)),
    })
}

/// Replaces the code of a confidential service, which is named by the code that
/// leaked: from now on that one leads nowhere. Its staff read the new one in
/// their inbox.
///
/// # Errors
/// [`ActError::Refused`] where no service has this code; what the store refuses.
pub fn renew(store: &Store, mechanism: &Mechanism, code: &str, lang: Lang) -> Result<Confidential, ActError> {
    let (mechanism, code) = (mechanism.clone(), typed(code));
    store.write_blocking(move |tx: &mut Tx<'_>| -> Result<Confidential, ActError> {
        let network = Network::build(Network::read_rows(tx)?, &mechanism)?;
        let sealer = tx.sealer();
        let mut services = network.services.values();
        let service = services
            .find(|s| network.is_confidential(s.id) && code_of(&sealer, &network, s.id) == code)
            .ok_or_else(|| {
                ActError::refused(
                    "no_such_code",
                    (
                        "Aucun service confidentiel n’a ce code.",
                        "No confidential service has this code.",
                    ),
                    (
                        "« relais directory confidential » donne les codes.",
                        "“relais directory confidential” gives the codes.",
                    ),
                )
            })?;
        let mut record = ServiceRecord::find(tx, service.id)?.ok_or(ActError::NotFound)?;
        record.renewed += 1;
        record.version += 1;
        record.update(tx)?;
        rows::directory_changed(tx)?;
        let (by, stream) = (By::CommandLine, directory::stream());
        directory::note(tx, by, stream, service.id.0, "shelter_code_renewed", json!({}))?;
        let fresh = ids::shelter_code(&sealer, service.id.0, record.renewed);
        line(&network, service, &fresh, lang).ok_or(ActError::NotFound)
    })
}

/// A code that leads nowhere here: unknown, mistyped, of another kind of
/// service, or of one that takes nobody now.
fn leads_nowhere() -> ActError {
    ActError::field(
        "code",
        "leads_nowhere",
        (
            "Ce code ne mène à rien pour ce besoin. Relisez-le signe par signe avec l’astreinte, et vérifiez avec elle le service demandé.",
            "This code leads nowhere for this need. Read it again sign by sign with the on-call desk, and check with them the service asked for.",
        ),
    )
}

fn rationed() -> ActError {
    ActError::refused(
        "shelter_rationed",
        (
            "Vous avez atteint le nombre de codes faux d’un quart d’heure.",
            "You have reached the number of wrong codes of a quarter of an hour.",
        ),
        (
            "Ne laissez pas la personne seule. Relisez le code avec l’astreinte, et tapez-le dans un quart d’heure ; un collègue du dossier peut le taper tout de suite.",
            "Do not leave the person alone. Read the code again with the on-call desk, and type it in a quarter of an hour; a colleague of the case can type it at once.",
        ),
    )
}

/// The service to which a typed code leads for this need.
///
/// # Errors
/// [`ActError::NotFound`] for whoever does not work on the case; a field's
/// problem for a wrong code; [`ActError::Refused`] beyond the ration.
pub(crate) async fn opened(desk: &Arc<Desk>, viewer: &Viewer, need: NeedId, code: &str) -> Result<ServiceId, ActError> {
    let code = typed(code);
    let (desk_, viewer) = (Arc::clone(desk), viewer.clone());
    let found = desk
        .store()
        .write(move |tx: &mut Tx<'_>| -> Result<Option<ServiceId>, ActError> {
            let (file, network, _) = crate::refer::open_need(tx, &desk_, &viewer, need)?;
            // Said to nobody but who works on the case: the unseen answers like the nonexistent.
            if code.is_empty() {
                return Err(ActError::field(
                    "code",
                    "required",
                    (
                        "Écrivez le code que l’astreinte vous a dit.",
                        "Write the code that the on-call desk told you.",
                    ),
                ));
            }
            let now = tx.now()?;
            let wrong = emergencies::shelter_tries_since(tx, viewer.user, now - WITHIN)?;
            let wrong = usize::try_from(wrong).unwrap_or(usize::MAX);
            // Before anything is compared: a right code must not tell itself by guessing on.
            if wrong >= MOST {
                return Err(rationed());
            }
            let asked = &file.need(need).ok_or(ActError::NotFound)?.detail.service;
            let sealer = tx.sealer();
            let mut found = None;
            // All of them, always: how long it takes tells nothing.
            for service in network.services.values().filter(|s| is_open(&network, s)) {
                let right = code_of(&sealer, &network, service.id);
                if bool::from(right.as_bytes().ct_eq(code.as_bytes())) && service.service_type == *asked {
                    found = Some(service.id);
                }
            }
            if found.is_none() {
                // Kept with its try, so it must not be an error here.
                emergencies::note_shelter_try(tx, viewer.user, now)?;
                if wrong + 1 == MOST {
                    let owner = Some(viewer.organisation);
                    write::notice(tx, "shelter_rationed", owner, Role::Supervisor, viewer.user.0)?;
                }
            }
            Ok(found)
        })
        .await?;
    found.ok_or_else(leads_nowhere)
}

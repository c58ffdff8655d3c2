//! The deployment that the settings name: its keys and its database.

use std::sync::Arc;

use relais_acts::{ActError, Desk};
use relais_mechanism::Mechanism;
use relais_store::{KeyError, Keyring, Location, Options, Store, StoreError, Unlock};

use crate::failure::Failure;
use crate::settings::Settings;

/// Where the database is.
pub fn location(settings: &Settings) -> Location {
    match &settings.database_url {
        Some(url) => Location::Postgres { url: url.clone() },
        None => Location::Sqlite {
            folder: settings.data.clone(),
        },
    }
}

/// What one command needs: it does one thing after the other, on one
/// connection.
const ONE_COMMAND: Options = Options {
    readers: 1,
    workers: 1,
    queue: 16,
};

/// Opens keys and database for one command.
///
/// # Errors
/// When either is missing or does not open, or the two do not belong together.
pub fn open(settings: &Settings) -> Result<Store, Failure> {
    open_with(settings, ONE_COMMAND)
}

fn open_with(settings: &Settings, options: Options) -> Result<Store, Failure> {
    let location = location(settings);
    let unlock = Unlock::from_env()?;
    let open = |drill| Keyring::open(&settings.keys, location.folder(), &unlock, drill);
    let keyring = match open(false) {
        // Only a drill may keep its keys with its data; whether this is one, the database says.
        Err(inside @ KeyError::Inside(_)) => {
            let store = Store::open(&location, Arc::new(open(true)?), options)?;
            return if store.is_drill() {
                Ok(store)
            } else {
                Err(inside.into())
            };
        }
        other => other?,
    };
    Ok(Store::open(&location, Arc::new(keyring), options)?)
}

/// Makes keys, where there are none, and the database.
///
/// # Errors
/// When the database is not empty, or either cannot be made.
pub fn create(settings: &Settings, drill: bool) -> Result<Store, Failure> {
    let location = location(settings);
    let unlock = Unlock::from_env()?;
    let folder = location.folder();
    let keyring = match Keyring::create(&settings.keys, folder, &unlock, drill) {
        Err(KeyError::Exists(_)) => Keyring::open(&settings.keys, folder, &unlock, drill)?,
        other => other?,
    };
    Ok(Store::create(&location, Arc::new(keyring), Options::default(), drill)?)
}

/// The mechanism in force; cheaper than a desk, which also indexes the directory.
///
/// # Errors
/// When none was adopted.
pub fn mechanism(store: &Store) -> Result<Mechanism, Failure> {
    let record = store.read_blocking(|tx| -> Result<_, ActError> {
        relais_store::rows::directory::current_mechanism(tx)?.ok_or(ActError::NotFound)
    })?;
    Mechanism::from_bundle(&record.bundle).map_err(|broken| StoreError::Schema(broken.to_string()).into())
}

/// Opens the desk on the deployment's database, to serve or work at it.
///
/// # Errors
/// As [`open`], and when no mechanism was adopted.
pub fn desk(settings: &Settings) -> Result<Arc<Desk>, Failure> {
    Ok(Desk::open(open_with(settings, Options::default())?)?)
}

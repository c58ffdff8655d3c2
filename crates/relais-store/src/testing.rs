//! Databases for tests: the same test on SQLite and, where `RELAIS_TEST_PG`
//! names an administrator's URL, on PostgreSQL, in a schema of its own.

use std::path::PathBuf;
use std::sync::Arc;

use crate::keyring::{Keyring, Unlock};
use crate::store::{Location, Options, Raw, Store};
use crate::tx::Dialect;

/// A fresh deployment with its own database and keyring; gone when dropped.
pub struct World {
    /// Where the database is.
    pub location: Location,
    /// Where the keys are.
    pub keys: PathBuf,
    store: Option<Store>,
    folder: tempfile::TempDir,
    admin: Option<(String, String)>,
}

/// Threads for a test.
pub const FEW: Options = Options {
    readers: 2,
    workers: 4,
    queue: 64,
};

#[expect(clippy::expect_used, reason = "a test without its database has failed")]
impl World {
    /// A drill on SQLite.
    #[must_use]
    pub fn sqlite() -> Self {
        Self::make(None, true)
    }

    /// A drill on PostgreSQL, or `None` (said aloud) where there is none.
    #[must_use]
    pub fn postgres() -> Option<Self> {
        let admin = admin_url()?;
        Some(Self::make(Some(admin), true))
    }

    /// A database that is no drill, on SQLite or PostgreSQL.
    #[must_use]
    pub fn real(admin: Option<String>) -> Self {
        Self::make(admin, false)
    }

    fn make(admin: Option<String>, drill: bool) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (data, keys) = (folder.path().join("data"), folder.path().join("keys"));
        let (location, admin) = match admin {
            None => (Location::Sqlite { folder: data }, None),
            Some(url) => {
                let name = format!("test_{}", hex::encode(crate::random::bytes::<8>()));
                administer(&url, &format!("CREATE SCHEMA {name}"));
                let join = if url.contains('?') { '&' } else { '?' };
                (
                    Location::Postgres {
                        url: format!("{url}{join}options=-csearch_path%3D{name}"),
                    },
                    Some((url, name)),
                )
            }
        };
        let keyring = Keyring::create(&keys, location.folder(), &Unlock::File, drill).expect("a keyring");
        let store = Store::create(&location, Arc::new(keyring), FEW, drill).expect("a database");
        Self {
            location,
            keys,
            store: Some(store),
            folder,
            admin,
        }
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> Store {
        self.store.clone().expect("open until dropped")
    }

    /// Another store on the same database, with its own keyring and threads, as another process has.
    #[must_use]
    pub fn another(&self) -> Store {
        let keyring = Keyring::open(&self.keys, self.location.folder(), &Unlock::File, false).expect("the keyring");
        Store::open(&self.location, Arc::new(keyring), FEW).expect("the database")
    }

    /// The folder that holds everything of this world.
    #[must_use]
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// The administrator's URL and the schema, on PostgreSQL.
    #[must_use]
    pub fn admin(&self) -> Option<&(String, String)> {
        self.admin.as_ref()
    }

    /// Which database this is.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.store().dialect()
    }

    /// Changes the database behind the store's back, as somebody with the file would. Bytes are
    /// written as `x'…'` on both.
    pub fn tamper(&self, sql: &str) {
        let sql = if self.admin.is_some() {
            blobs(sql)
        } else {
            sql.to_owned()
        };
        Raw::open(&self.location, false, false)
            .and_then(|mut raw| raw.batch(&sql))
            .expect("the change");
    }

    /// Prepares a statement against the real schema.
    ///
    /// # Errors
    /// What the database says is wrong with it.
    pub fn check(&self, sql: &str) -> Result<(), crate::StoreError> {
        Raw::open(&self.location, false, false)?.check(sql)
    }

    /// Table and column of everything in the database.
    #[must_use]
    pub fn columns(&self) -> Vec<(String, String)> {
        let sql = match &self.location {
            Location::Sqlite { .. } => {
                "SELECT m.name AS t, c.name AS c FROM (SELECT 'main' AS s, name FROM main.sqlite_master \
                 WHERE type = 'table' UNION ALL SELECT 'looks' AS s, name FROM looks.sqlite_master \
                 WHERE type = 'table') m, pragma_table_info(m.name, m.s) c WHERE m.name NOT LIKE 'sqlite_%'"
            }
            Location::Postgres { .. } => {
                "SELECT CAST(table_name AS TEXT) AS t, CAST(column_name AS TEXT) AS c \
                 FROM information_schema.columns WHERE table_schema = current_schema()"
            }
        };
        self.store()
            .read_blocking(move |tx| -> Result<Vec<(String, String)>, crate::StoreError> {
                tx.query_built(sql, &[])?
                    .iter()
                    .map(|row| Ok((row.get("t")?, row.get("c")?)))
                    .collect()
            })
            .expect("the columns")
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.store = None;
        if let Some((url, name)) = &self.admin {
            administer(url, &format!("DROP SCHEMA {name} CASCADE"));
        }
    }
}

/// Runs a test on both databases, or says that PostgreSQL was left out.
pub fn on_both(name: &str, test: impl Fn(&World)) {
    test(&World::sqlite());
    match World::postgres() {
        Some(world) => test(&world),
        None => eprintln!("skipped: PostgreSQL (RELAIS_TEST_PG not set): {name}"),
    }
}

/// The administrator's URL of the PostgreSQL for tests.
#[must_use]
pub fn admin_url() -> Option<String> {
    std::env::var("RELAIS_TEST_PG").ok().filter(|url| !url.is_empty())
}

#[expect(clippy::expect_used, reason = "a test without its database has failed")]
fn administer(url: &str, sql: &str) {
    let (url, sql) = (url.to_owned(), sql.to_owned());
    let location = Location::Postgres { url };
    std::thread::spawn(move || Raw::open(&location, false, false).and_then(|mut raw| raw.batch(&sql)))
        .join()
        .expect("no panic")
        .expect("the administrator may make and drop schemas");
}

/// `x'00ff'` as PostgreSQL writes bytes.
fn blobs(sql: &str) -> String {
    sql.replace("x'", "'\\x")
}

//! A place of its own on the test server.

use std::process::Command;

/// A schema of the PostgreSQL that `RELAIS_TEST_PG` names, for one test; it goes
/// with this value.
#[derive(Debug)]
pub struct Schema {
    admin: String,
    name: String,
}

impl Schema {
    /// A new one; none, said aloud, where no server is named.
    ///
    /// # Panics
    /// When the server refuses.
    #[must_use]
    pub fn new(of: &str) -> Option<Self> {
        let Some(admin) = std::env::var("RELAIS_TEST_PG").ok().filter(|url| !url.is_empty()) else {
            eprintln!("skipped: PostgreSQL (RELAIS_TEST_PG not set): {of}");
            return None;
        };
        let name = format!("{of}_{}", std::process::id());
        let schema = Self { admin, name };
        // One that a test which was killed left behind, under a process of the same number, goes first.
        let made = schema.administer("DROP SCHEMA IF EXISTS", " CASCADE") && schema.administer("CREATE SCHEMA", "");
        assert!(made, "no schema {}", schema.name);
        Some(schema)
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> String {
        let join = if self.admin.contains('?') { '&' } else { '?' };
        format!("{}{join}options=-csearch_path%3D{}", self.admin, self.name)
    }

    fn administer(&self, what: &str, how: &str) -> bool {
        let sql = format!("SET client_min_messages = warning; {what} {}{how}", self.name);
        let done = Command::new("psql")
            .args(["-X", "-q", "-d", &self.admin, "-c", &sql])
            .status();
        done.is_ok_and(|status| status.success())
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        self.administer("DROP SCHEMA", " CASCADE");
    }
}

//! Statements, checked: every text stands in a `sql!` list, and a test
//! prepares each of them against the real schema on both databases.

/// The statements of one file.
#[derive(Debug, Clone, Copy)]
pub struct Statements {
    /// The file that holds them.
    pub file: &'static str,
    /// Name and text of each.
    pub list: &'static [(&'static str, &'static str)],
}

/// Declares a file's statements as constants and lists them as `STATEMENTS`.
///
/// ```
/// relais_store::sql! {
///     /// One setting.
///     SETTING = "SELECT value FROM meta WHERE name = $1";
/// }
/// assert_eq!(STATEMENTS.list[0].0, "SETTING");
/// ```
#[macro_export]
macro_rules! sql {
    ($($(#[$meta:meta])* $name:ident = $text:expr;)+) => {
        $($(#[$meta])* pub const $name: &str = $text;)+
        /// The statements of this file, for the test that prepares them all.
        pub const STATEMENTS: $crate::sql::Statements = $crate::sql::Statements {
            file: file!(),
            list: &[$((stringify!($name), $name),)+],
        };
    };
}

/// The lists of this crate's own files. A file with a `sql!` block that is
/// missing here fails a test, and in debug builds its statements are refused.
pub const LISTS: &[Statements] = &[
    crate::access::STATEMENTS,
    crate::audit::STATEMENTS,
    crate::buckets::STATEMENTS,
    crate::chain::STATEMENTS,
    crate::clock::STATEMENTS,
    crate::counters::STATEMENTS,
    crate::due::STATEMENTS,
    crate::erasure::STATEMENTS,
    crate::outbox::STATEMENTS,
    crate::requests::STATEMENTS,
    crate::rows::webhooks::STATEMENTS,
    crate::schema::STATEMENTS,
];

/// Every statement of the store, with where it comes from.
#[must_use]
pub fn all() -> Vec<(&'static str, &'static str)> {
    let own = LISTS
        .iter()
        .flat_map(|s| s.list.iter().map(|(name, text)| (*name, *text)));
    own.chain(crate::rows::all_statements().into_iter().map(|text| ("rows", text)))
        .collect()
}

/// Whether the text stands in one of the lists.
#[must_use]
pub fn is_registered(text: &str) -> bool {
    use std::collections::HashSet;
    use std::sync::OnceLock;
    static KNOWN: OnceLock<HashSet<&'static str>> = OnceLock::new();
    KNOWN
        .get_or_init(|| all().into_iter().map(|(_, text)| text).collect())
        .contains(text)
}

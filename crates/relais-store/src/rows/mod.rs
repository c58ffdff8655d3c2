//! Repositories: one module per aggregate. A record is declared once; its
//! insert, update and look-up are generated from that declaration, and a test
//! prepares every statement against the real schema on both databases.

pub mod accounts;
pub mod calls;
pub mod cases;
pub mod closures;
pub mod complaints;
pub mod coordination;
pub mod directory;
pub mod duplicates;
pub mod emergencies;
pub mod endings;
pub mod entries;
pub mod families;
pub mod groups;
pub mod handovers;
pub mod imports;
pub mod links;
pub mod lists;
pub mod plans;
pub mod posts;
pub mod ratifications;
pub mod registers;
pub mod same;
pub mod sheet;
pub mod stops;
pub mod transfers;
pub mod webhooks;

/// Declares a record: a struct whose fields are the columns of a table.
///
/// Generates the struct, how it is read from a row, `insert`, `update`
/// (by key), `find` (by key) and `statements`, the SQL it uses. What `then`
/// names runs with that field after each insert and update.
macro_rules! record {
    ($(#[$meta:meta])* $name:ident in $table:literal key $key:ident : $keytype:ty $(, then $then:ident($of:ident))? { $($(#[$fmeta:meta])* $field:ident : $ty:ty,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq)]
        pub struct $name { $($(#[$fmeta])* pub $field: $ty,)+ }

        impl $name {
            /// Columns, in the order of the fields.
            pub const COLUMNS: &'static [&'static str] = &[$(stringify!($field),)+];

            /// Reads the record from a row that holds all its columns.
            ///
            /// # Errors
            /// When a column is missing or of another type.
            pub fn read(row: &$crate::Row) -> Result<Self, $crate::StoreError> {
                Ok(Self { $($field: row.get(stringify!($field))?,)+ })
            }

            fn values(&self) -> Vec<$crate::Value> {
                vec![$($crate::Value::from(self.$field.clone()),)+]
            }

            fn insert_sql() -> &'static str {
                static SQL: std::sync::LazyLock<String> =
                    std::sync::LazyLock::new(|| $crate::rows::insert_text($table, $name::COLUMNS));
                &SQL
            }

            fn update_sql() -> &'static str {
                static SQL: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| {
                    $crate::rows::update_text($table, $name::COLUMNS, stringify!($key))
                });
                &SQL
            }

            fn find_sql() -> &'static str {
                static SQL: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| {
                    format!("SELECT {} FROM {} WHERE {} = $1", $name::COLUMNS.join(", "), $table, stringify!($key))
                });
                &SQL
            }

            /// Every statement of this record, for the test that prepares them.
            #[must_use]
            pub fn statements() -> Vec<&'static str> {
                vec![Self::insert_sql(), Self::update_sql(), Self::find_sql()]
            }

            /// Writes a new row.
            ///
            /// # Errors
            /// When the store fails or the key is taken.
            pub fn insert(&self, tx: &mut $crate::Tx<'_>) -> Result<(), $crate::StoreError> {
                tx.execute(Self::insert_sql(), &self.values())?;
                $($then(tx, self.$of)?;)?
                Ok(())
            }

            /// Writes all columns of the row with this key.
            ///
            /// # Errors
            /// When the store fails or no row has the key.
            pub fn update(&self, tx: &mut $crate::Tx<'_>) -> Result<(), $crate::StoreError> {
                let mut values = self.values();
                values.push($crate::Value::from(self.$key.clone()));
                tx.execute_one(Self::update_sql(), &values)?;
                $($then(tx, self.$of)?;)?
                Ok(())
            }

            /// The row with this key, or none.
            ///
            /// # Errors
            /// When the store fails.
            pub fn find(tx: &mut $crate::Tx<'_>, key: $keytype) -> Result<Option<Self>, $crate::StoreError> {
                tx.query_opt(Self::find_sql(), &[$crate::Value::from(key)])?.as_ref().map(Self::read).transpose()
            }
        }
    };
}
pub(crate) use record;

/// What a list reads of a row and of the case beside it, one text for every
/// statement that reads it.
macro_rules! columns {
    ($($(#[$meta:meta])* $name:ident = $sql:literal;)+) => {
        $(
            $(#[$meta])*
            macro_rules! $name {
                () => {
                    $sql
                };
            }
            pub(crate) use $name;
        )+
    };
}

columns! {
    /// A referral `r` and its case `c`.
    referral_columns = "r.seq, r.id, r.need_id, r.case_id, r.year, r.region, r.sender_id, r.provider_id, r.service_id, r.restricted, r.priority, r.state, r.outcome, r.confirmation, r.decline_code, r.owner_id, r.owner_role, r.owner_side, r.due_kind, r.due_from, r.due_at, r.calendar, r.sent_at, r.ended_at, r.previous_id, r.progress, r.mechanism_hash, r.detail, r.version, c.seq AS case_seq, c.year AS case_year, c.region AS case_region, c.slot AS case_slot, c.card AS case_card, c.holder_id AS case_holder, c.regime AS case_regime";
    /// A need `n` and its case `c`.
    need_columns = "n.id, n.case_id, n.group_code, n.priority, n.state, n.reason, n.owner_id, n.owner_role, n.due_kind, n.due_from, n.due_at, n.calendar, n.mechanism_hash, n.recorded_at, n.detail, n.version, c.seq AS case_seq, c.year AS case_year, c.region AS case_region, c.slot AS case_slot, c.card AS case_card, c.holder_id AS case_holder, c.regime AS case_regime";
    /// A request to stop `s` and its case `c`.
    stop_columns = "s.seq, s.id, s.case_id, s.recipient_id, s.effect, s.classes, s.restricted, s.referrals, s.asked_at, s.due_from, s.due_at, s.clock, s.calendar, s.ladder, s.confirmed_at, s.confirmed_by, s.channel, s.mechanism_hash, s.version, c.seq AS case_seq, c.year AS case_year, c.region AS case_region, c.slot AS case_slot, c.card AS case_card, c.holder_id AS case_holder, c.regime AS case_regime";
    /// A case `c`.
    case_columns = "c.seq, c.id, c.person_id, c.slot, c.year, c.region, c.holder_id, c.assigned_user_id, c.regime, c.state, c.mechanism_hash, c.card, c.opened_at, c.closed_at, c.close_reason, c.created_by, c.version";
    /// A plan `p` that is due and its case `c`.
    plan_columns = "p.case_id, p.review_at, c.seq AS case_seq, c.year AS case_year, c.region AS case_region, c.slot AS case_slot, c.card AS case_card, c.holder_id AS case_holder, c.regime AS case_regime";
    /// A grant of `$1` lets it read one of the classes `$3` at `$2`.
    plan_granted = "EXISTS (SELECT 1 FROM grant_row g WHERE g.holder_id = $1 AND g.case_id = c.id AND (g.classes & $3) <> 0 AND g.from_at <= $2 AND (g.until_at IS NULL OR g.until_at > $2))";
    /// A closure `k` and its case `c`.
    closure_columns = "k.case_id, k.holder_id, k.state, k.proposed_by, k.proposed_at, k.due_from, k.due_at, k.clock, k.calendar, k.lapses_at, k.confirmed, k.decided_by, k.decided_at, k.follow_up_at, k.detail, k.mechanism_hash, k.version, c.assigned_user_id, c.seq AS case_seq, c.year AS case_year, c.region AS case_region, c.slot AS case_slot, c.card AS case_card, c.holder_id AS case_holder, c.regime AS case_regime";
    /// The case `c` is open to the holder `$1` of a grant at `$2`.
    granted = "EXISTS (SELECT 1 FROM grant_row g WHERE g.holder_id = $1 AND g.case_id = c.id AND g.from_at <= $2 AND (g.until_at IS NULL OR g.until_at > $2))";
}

/// Declares constant statements and lists them for the test that prepares them.
macro_rules! statements {
    ($($(#[$meta:meta])* $name:ident = $sql:expr;)+) => {
        $($(#[$meta])* const $name: &str = $sql;)+

        /// Every statement of this module, for the test that prepares them.
        #[must_use]
        pub fn statements() -> Vec<&'static str> {
            vec![$($name,)+]
        }
    };
}
pub(crate) use statements;

pub(crate) fn insert_text(table: &str, columns: &[&str]) -> String {
    let places: Vec<String> = (1..=columns.len()).map(|n| format!("${n}")).collect();
    format!(
        "INSERT INTO {table} ({}) VALUES ({})",
        columns.join(", "),
        places.join(", ")
    )
}

pub(crate) fn update_text(table: &str, columns: &[&str], key: &str) -> String {
    let sets: Vec<String> = columns
        .iter()
        .enumerate()
        .map(|(n, c)| format!("{c} = ${}", n + 1))
        .collect();
    format!(
        "UPDATE {table} SET {} WHERE {key} = ${}",
        sets.join(", "),
        columns.len() + 1
    )
}

/// Every statement of the repositories, for the test that prepares them on
/// both databases.
#[must_use]
pub fn all_statements() -> Vec<&'static str> {
    let mut all = Vec::new();
    all.extend(accounts::all_statements());
    all.extend(calls::all_statements());
    all.extend(cases::all_statements());
    all.extend(closures::all_statements());
    all.extend(coordination::all_statements());
    all.extend(complaints::all_statements());
    all.extend(directory::all_statements());
    all.extend(duplicates::all_statements());
    all.extend(endings::statements());
    all.extend(entries::all_statements());
    all.extend(families::statements());
    all.extend(groups::all_statements());
    all.extend(handovers::all_statements());
    all.extend(imports::all_statements());
    all.extend(emergencies::all_statements());
    all.extend(links::all_statements());
    all.extend(lists::statements());
    all.extend(plans::all_statements());
    all.extend(posts::all_statements());
    all.extend(ratifications::all_statements());
    all.extend(registers::all_statements());
    all.extend(same::all_statements());
    all.extend(sheet::statements());
    all.extend(stops::all_statements());
    all.extend(transfers::all_statements());
    all.extend(webhooks::all_statements());
    all
}

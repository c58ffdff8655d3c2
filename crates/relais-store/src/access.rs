//! The access log: one row for each request, with who looked, why, by which
//! route, and the cases that were shown (DESIGN §6). The row is in the database
//! before the answer leaves; decision 0011 says what a power cut may take.

use chrono::{DateTime, Utc};
use relais_network::ids::{CaseId, OrganisationId, UserId};
use uuid::Uuid;

use crate::error::StoreError;
use crate::params;
use crate::tx::Tx;
use crate::value::Row;

crate::sql! {
    /// One more look.
    ADD_ACCESS = "INSERT INTO access_log (at, user_id, organisation_id, route, purpose, cases) VALUES ($1, $2, $3, $4, $5, $6)";
    /// Looks after a server sequence.
    ACCESS_AFTER = "SELECT seq, at, user_id, organisation_id, route, purpose, cases FROM access_log WHERE seq > $1 ORDER BY seq LIMIT $2";
}

/// A look at cases, to be written.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    /// Who.
    pub user: Option<UserId>,
    /// For which organisation.
    pub organisation: Option<OrganisationId>,
    /// Pattern of the route, without its values.
    pub route: &'a str,
    /// Why: a purpose's code, or what the route states.
    pub purpose: &'a str,
    /// The cases that were shown.
    pub cases: &'a [CaseId],
}

/// A look that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// Server sequence.
    pub seq: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub user: Option<UserId>,
    /// For which organisation.
    pub organisation: Option<OrganisationId>,
    /// Pattern of the route.
    pub route: String,
    /// Why.
    pub purpose: String,
    /// The cases that were shown.
    pub cases: Vec<CaseId>,
}

/// Writes one row for the request. A unit that only reads may leave one too:
/// it is then added after the unit has ended well, and the unit is answered
/// when the row is committed.
///
/// # Errors
/// What the database refused.
pub fn log(tx: &mut Tx<'_>, look: &Look<'_>) -> Result<(), StoreError> {
    let at = tx.now()?;
    let mut cases = Vec::with_capacity(16 * look.cases.len());
    for case in look.cases {
        cases.extend_from_slice(case.as_bytes());
    }
    tx.add_look(params![
        at,
        look.user,
        look.organisation,
        look.route,
        look.purpose,
        cases
    ])
}

/// Looks after server sequence `after`, at most `limit`.
///
/// # Errors
/// What the database refused.
pub fn after(tx: &mut Tx<'_>, after: i64, limit: i64) -> Result<Vec<Access>, StoreError> {
    tx.query(ACCESS_AFTER, &params![after, limit])?
        .iter()
        .map(read)
        .collect()
}

fn read(row: &Row) -> Result<Access, StoreError> {
    let cases: Vec<u8> = row.get("cases")?;
    Ok(Access {
        seq: row.get("seq")?,
        at: row.get("at")?,
        user: row.get("user_id")?,
        organisation: row.get("organisation_id")?,
        route: row.get("route")?,
        purpose: row.get("purpose")?,
        cases: cases
            .chunks_exact(16)
            .filter_map(|id| Uuid::from_slice(id).ok())
            .map(CaseId::from)
            .collect(),
    })
}

//! Persons who may be one: what is compared of them.

use chrono::{DateTime, Utc};
use relais_network::{CaseId, OrganisationId, PersonId};

use super::statements;
use crate::{Row, StoreError, Tx, Value};

statements! {
    COMPARED = "SELECT p.id AS person_id, p.slot, p.identity, p.contact, c.id AS case_id, c.slot AS case_slot, c.card, c.opened_at, c.holder_id, c.regime, c.state FROM person p JOIN case_file c ON c.person_id = p.id WHERE p.id IN ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) AND p.erased_at IS NULL";
}

/// Persons read at once.
const AT_ONCE: usize = 16;

/// What is compared of a person's file, sealed.
#[derive(Debug, Clone)]
pub struct Compared {
    /// Person.
    pub person: PersonId,
    /// The person's key.
    pub slot: i64,
    /// Sealed identity.
    pub identity: Vec<u8>,
    /// Sealed contact.
    pub contact: Vec<u8>,
    /// Case.
    pub case: CaseId,
    /// The case's key.
    pub case_slot: i64,
    /// Sealed card.
    pub card: Vec<u8>,
    /// Opened.
    pub opened_at: DateTime<Utc>,
    /// Organisation that holds the case.
    pub holder: OrganisationId,
    /// ordinary or protected.
    pub regime: String,
    /// open, closed, ended.
    pub state: String,
}

pub(crate) fn all_statements() -> Vec<&'static str> {
    statements()
}

fn read(row: &Row) -> Result<Compared, StoreError> {
    Ok(Compared {
        person: row.get("person_id")?,
        slot: row.get("slot")?,
        identity: row.get("identity")?,
        contact: row.get("contact")?,
        case: row.get("case_id")?,
        case_slot: row.get("case_slot")?,
        card: row.get("card")?,
        opened_at: row.get("opened_at")?,
        holder: row.get("holder_id")?,
        regime: row.get("regime")?,
        state: row.get("state")?,
    })
}

/// The files of these persons; those who are not there are left out.
///
/// # Errors
/// When the store fails.
pub fn compared(tx: &mut Tx<'_>, persons: &[PersonId]) -> Result<Vec<Compared>, StoreError> {
    let mut out = Vec::with_capacity(persons.len());
    for part in persons.chunks(AT_ONCE) {
        // The statement has one length; the last is asked for again.
        let values: Vec<Value> = (0..AT_ONCE)
            .map(|at| Value::from(part[at.min(part.len() - 1)]))
            .collect();
        for row in tx.query(COMPARED, &values)? {
            out.push(read(&row)?);
        }
    }
    Ok(out)
}

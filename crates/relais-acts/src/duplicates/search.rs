//! Looking for persons who may be one: filed at registration under keyed
//! buckets, opened from there and compared in memory.

use chrono::{DateTime, Utc};
use relais_casework::calendar::local_date;
use relais_casework::duplicates::{Birth, Likeness, Particulars, Place, Verdict, compare, keys};
use relais_network::{CaseId, OrganisationId, PersonId};
use relais_store::rows::duplicates::{Compared, compared};
use relais_store::{Sealer, StoreError, Tx, buckets};

use crate::file::{Card, Contact, Identity, is_erased, open};

/// Persons opened for one search at most; those who share most keys first.
const OPENED: usize = 120;

/// What a file says of its person, as far as it is compared.
#[must_use]
pub fn particulars(identity: &Identity, contact: &Contact, card: &Card, opened_at: DateTime<Utc>) -> Particulars {
    let mut out = Particulars {
        birth: card.age.map(|years| Birth::Age {
            years,
            on: local_date(opened_at),
        }),
        // Whoever is neither (not stated) is compared without.
        sex: card.sex.clone().filter(|s| s == "F" || s == "M"),
        places: vec![card.destination.as_deref().and_then(Place::new)],
        ..Particulars::default()
    };
    if let Some(name) = &identity.name {
        out.add_names(name);
    }
    if let Some(telephone) = &contact.telephone {
        out.add_telephone(telephone);
    }
    out
}

/// Files a person under the keys of what is known, in place of those before.
///
/// # Errors
/// When the store fails.
pub fn file_person(
    tx: &mut Tx<'_>,
    person: PersonId,
    slot: i64,
    identity: &Identity,
    contact: &Contact,
    card: &Card,
    opened_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    let known = particulars(identity, contact, card, opened_at);
    // Without a name or a number nobody is recognised.
    let keys = if known.names.is_empty() && known.telephones.is_empty() {
        Vec::new()
    } else {
        keys::filed(&known)
    };
    buckets::file(tx, person, slot, &keys)
}

/// A file that may be about the same person.
#[derive(Debug, Clone)]
pub struct Found {
    /// Person.
    pub person: PersonId,
    /// Case.
    pub case: CaseId,
    /// Organisation that holds it.
    pub holder: OrganisationId,
    /// What the comparison gave.
    pub likeness: Likeness,
}

/// Files that may be about this person, the likeliest first; never one of
/// the protected circuit, nor one of `except`.
///
/// # Errors
/// When the store fails.
pub fn look(tx: &mut Tx<'_>, known: &Particulars, except: PersonId) -> Result<Vec<Found>, StoreError> {
    let near = buckets::near(tx, &keys::probed(known), OPENED)?;
    let persons: Vec<PersonId> = near.iter().map(|n| n.person).filter(|p| *p != except).collect();
    let sealer = tx.sealer();
    let mut found = Vec::new();
    for file in compared(tx, &persons)? {
        if file.regime == crate::protection::PROTECTED {
            continue;
        }
        let Some(other) = opened(&sealer, &file)? else { continue };
        let likeness = compare(known, &other);
        if likeness.verdict != Verdict::No {
            found.push(Found {
                person: file.person,
                case: file.case,
                holder: file.holder,
                likeness,
            });
        }
    }
    found.sort_by(|a, b| b.likeness.bits.total_cmp(&a.likeness.bits).then(a.case.cmp(&b.case)));
    found.dedup_by_key(|f| f.case);
    Ok(found)
}

/// Opens a file for comparison; none where a key was erased.
fn opened(sealer: &Sealer, file: &Compared) -> Result<Option<Particulars>, StoreError> {
    let (person, case) = (file.person.0, file.case.0);
    let open_all = || -> Result<Particulars, StoreError> {
        let identity = open(sealer, "person", "identity", person, file.slot, &file.identity)?;
        let contact = open(sealer, "person", "contact", person, file.slot, &file.contact)?;
        let card = open(sealer, "case_file", "card", case, file.case_slot, &file.card)?;
        Ok(particulars(&identity, &contact, &card, file.opened_at))
    };
    match open_all() {
        Err(error) if is_erased(&error) => Ok(None),
        other => other.map(Some),
    }
}

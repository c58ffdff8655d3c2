//! Keyed buckets: finding persons who may be one without names at rest
//! (DESIGN §6, decision 0009).
//!
//! A person is filed under some keys (texts that the rules make of name, birth,
//! telephone). A key has a bucket, by HMAC. What lies at rest is not the bucket:
//! its first member has the label HMAC(bucket, 0), the second HMAC(bucket, 1),
//! and so on, and each row hides its person under bytes of the same HMAC.
//!
//! - Who steals the database has rows of random bytes, all different, in the
//!   order of their random labels: nothing to count, however common a name is
//!   and however few persons there are; no row tells its person, and no person
//!   tells under how many keys he or she is filed.
//! - Who also steals the keyring can try names; the sealed names are then open
//!   anyway. Buckets that several keys share would hide nothing more, and cost a
//!   search among a million four persons opened for one that is alike
//!   (decision 0009).
//! - A search asks for the labels of its keys' buckets until one is missing,
//!   and opens the persons it finds, in memory: nothing is kept there.
//!
//! A removed person's rows stay, with random bytes for the person: a bucket has
//! no gap, and a removal is not seen.

use std::collections::{BTreeSet, HashMap, HashSet};

use relais_network::ids::PersonId;
use uuid::Uuid;

use crate::error::StoreError;
use crate::keyring::{KeyError, KeyPurpose};
use crate::params;
use crate::seal::{Cell, SealError, Sealer};
use crate::tx::Tx;
use crate::value::Value;

/// A bucket of so many members is not read: a name so common tells nobody.
pub const READ: u32 = 512;

/// Members of each bucket that are read where all of a person's are so common.
const SOME: u32 = 32;

/// Rows that one search reads of all its buckets together, the first of each before the further ones: a bucket is read to
/// its end the sooner the rarer it is, and what is left of the common ones is not worth the time.
const TOGETHER: usize = 1024;

/// Labels in a person's list, or a multiple.
const LISTED: usize = 16;

/// Labels asked for at once.
const AT_ONCE: usize = 32;

crate::sql! {
    /// One more row; none where another took the label.
    ADD_MEMBER = "INSERT INTO bucket (label, person) VALUES ($1, $2) ON CONFLICT (label) DO NOTHING";
    /// Hides a row's person for good.
    BLANK_MEMBER = "UPDATE bucket SET person = $2 WHERE label = $1";
    /// Rows by their labels.
    MEMBERS = "SELECT label, person FROM bucket WHERE label IN ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32)";
    /// Notes a person's labels.
    ADD_LABELS = "INSERT INTO bucket_of (person_id, labels) VALUES ($1, $2)";
    /// A person's labels.
    LABELS_OF = "SELECT labels FROM bucket_of WHERE person_id = $1";
    /// A person's labels go.
    DROP_LABELS = "DELETE FROM bucket_of WHERE person_id = $1";
}

/// A bucket's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Bucket(u32);

/// Where a member of a bucket lies, and what hides it.
#[derive(Debug, Clone, Copy)]
struct Place {
    label: i64,
    mask: [u8; 16],
}

/// A person who shares keys with the one who is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Near {
    /// The person.
    pub person: PersonId,
    /// How many buckets they share.
    pub shared: u32,
    /// How telling these are, in bits: the fewer share one, the more.
    pub telling: u32,
}

fn bucket(sealer: &Sealer, key: &str) -> Bucket {
    let digest = sealer.mac(KeyPurpose::Bucket, &[b"key", key.as_bytes()]);
    Bucket(u32::from_le_bytes([digest[0], digest[1], digest[2], digest[3]]))
}

fn buckets(sealer: &Sealer, keys: &[String]) -> Vec<Bucket> {
    let mut seen = HashSet::new();
    let all = keys.iter().map(|key| bucket(sealer, key));
    all.filter(|b| seen.insert(*b)).collect()
}

fn place(sealer: &Sealer, bucket: Bucket, member: u32) -> Place {
    let digest = sealer.mac(
        KeyPurpose::Bucket,
        &[b"member", &bucket.0.to_le_bytes(), &member.to_le_bytes()],
    );
    let (mut label, mut mask) = ([0; 8], [0; 16]);
    label.copy_from_slice(&digest[..8]);
    mask.copy_from_slice(&digest[8..24]);
    Place {
        label: i64::from_le_bytes(label),
        mask,
    }
}

fn masked(id: [u8; 16], mask: [u8; 16]) -> [u8; 16] {
    std::array::from_fn(|at| id[at] ^ mask[at])
}

/// The rows with these labels.
fn rows(tx: &mut Tx<'_>, labels: &[i64]) -> Result<HashMap<i64, [u8; 16]>, StoreError> {
    let mut out = HashMap::with_capacity(labels.len());
    for part in labels.chunks(AT_ONCE) {
        // The statement has one length; what is missing is asked twice.
        let values: Vec<Value> = (0..AT_ONCE)
            .map(|at| Value::from(part[at.min(part.len() - 1)]))
            .collect();
        for row in tx.query(MEMBERS, &values)? {
            let person: Uuid = row.get("person")?;
            out.insert(row.get("label")?, person.into_bytes());
        }
    }
    Ok(out)
}

/// Files a person under these keys, and under no other. `slot` is the person's own key.
///
/// # Errors
/// What the database refused; the key of the slot.
pub fn file(tx: &mut Tx<'_>, person: PersonId, slot: i64, keys: &[String]) -> Result<(), StoreError> {
    forget(tx, person, slot)?;
    let sealer = tx.sealer();
    let mut labels = Vec::with_capacity(keys.len() * 8);
    let buckets = buckets(&sealer, keys);
    // Most keys are nobody else's, or one other person's: asked for all at once.
    let places: Vec<i64> = buckets
        .iter()
        .flat_map(|b| [place(&sealer, *b, 0).label, place(&sealer, *b, 1).label])
        .collect();
    let begun = rows(tx, &places)?;
    for (bucket, first) in buckets.into_iter().zip(places.chunks_exact(2)) {
        let mut member = match first.iter().position(|label| !begun.contains_key(label)) {
            Some(0) => 0,
            Some(_) => 1,
            None => free(tx, &sealer, bucket)?,
        };
        loop {
            let place = place(&sealer, bucket, member);
            let hidden = Uuid::from_bytes(masked(*person.0.as_bytes(), place.mask));
            if tx.execute(ADD_MEMBER, &params![place.label, hidden])? == 1 {
                labels.extend_from_slice(&place.label.to_le_bytes());
                break;
            }
            member += 1;
        }
    }
    if !labels.is_empty() {
        // A list is as long for few keys as for many; no row has the label 0 but by a chance of 2^-64.
        labels.resize(labels.len().next_multiple_of(LISTED * 8), 0);
        let sealed = sealer.seal(&labels_cell(person), slot, &labels)?;
        tx.execute_one(ADD_LABELS, &params![person, sealed])?;
    }
    Ok(())
}

/// The first member that is not taken: by doublings, then by halves.
fn free(tx: &mut Tx<'_>, sealer: &Sealer, bucket: Bucket) -> Result<u32, StoreError> {
    let taken = |tx: &mut Tx<'_>, members: &[u32]| -> Result<Vec<bool>, StoreError> {
        let labels: Vec<i64> = members.iter().map(|m| place(sealer, bucket, *m).label).collect();
        let found = rows(tx, &labels)?;
        Ok(labels.iter().map(|l| found.contains_key(l)).collect())
    };
    // 0 to 7, then 15, 31 … : most buckets are short.
    let ahead: Vec<u32> = (0..8).chain((4..28).map(|n| (1 << n) - 1)).collect();
    let full = taken(tx, &ahead)?;
    let Some(open) = full.iter().position(|t| !t) else {
        return Err(StoreError::schema("bucket: more members than persons"));
    };
    let (mut low, mut high) = (open.checked_sub(1).map_or(0, |at| ahead[at] + 1), ahead[open]);
    while low < high {
        let step = (high - low).div_ceil(AT_ONCE as u32 + 1).max(1);
        let between: Vec<u32> = (low..high).step_by(step as usize).take(AT_ONCE).collect();
        let full = taken(tx, &between)?;
        match full.iter().position(|t| !t) {
            Some(0) => high = low,
            Some(at) => (low, high) = (between[at - 1] + 1, between[at]),
            None => low = between[between.len() - 1] + 1,
        }
    }
    Ok(low)
}

const fn labels_cell(person: PersonId) -> Cell<'static> {
    Cell::new("bucket_of", "labels", person.0, "identity")
}

/// Takes a person out of all buckets, before the person's key is erased. In a
/// database that was restored since, the key is gone: then the list goes alone,
/// and the rows, which nobody ties to the person any more, stay as they are.
///
/// # Errors
/// What the database refused; the key of the slot.
pub fn forget(tx: &mut Tx<'_>, person: PersonId, slot: i64) -> Result<(), StoreError> {
    let Some(row) = tx.query_opt(LABELS_OF, &params![person])? else {
        return Ok(());
    };
    let sealed: Vec<u8> = row.get("labels")?;
    let labels = match tx.sealer().open(&labels_cell(person), slot, &sealed) {
        Err(SealError::Key(KeyError::Erased { .. })) => zeroize::Zeroizing::new(Vec::new()),
        opened => opened?,
    };
    for label in labels.chunks_exact(8) {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(label);
        if bytes == [0; 8] {
            continue;
        }
        let blank = Uuid::from_bytes(crate::random::bytes());
        tx.execute(BLANK_MEMBER, &params![i64::from_le_bytes(bytes), blank])?;
    }
    tx.execute_one(DROP_LABELS, &params![person])
}

/// Persons who share a bucket with these keys, at most `limit`: those who
/// share the most telling first, among equals the last registered. "Perhaps", nothing
/// else: only comparing tells.
///
/// # Errors
/// What the database refused.
pub fn near(tx: &mut Tx<'_>, keys: &[String], limit: usize) -> Result<Vec<Near>, StoreError> {
    let sealer = tx.sealer();
    let mut members: HashMap<Bucket, Vec<Uuid>> = HashMap::new();
    // A bucket has no gap. Most keys that are looked for are nobody's, and some are too many people's: two labels of each
    // bucket say so.
    let ends: Vec<(Bucket, [i64; 2])> = buckets(&sealer, keys)
        .into_iter()
        .map(|b| (b, [0, READ - 1].map(|m| place(&sealer, b, m).label)))
        .collect();
    let labels: Vec<i64> = ends.iter().flat_map(|(_, ends)| *ends).collect();
    let found = rows(tx, &labels)?;
    let there = |label: &i64| found.contains_key(label);
    let begun = ends.iter().filter(|(_, [first, _])| there(first));
    let (common, rare): (Vec<&(Bucket, [i64; 2])>, Vec<_>) = begun.partition(|(_, [_, last])| there(last));
    let (read, most) = if rare.is_empty() { (common, SOME) } else { (rare, READ) };
    let mut open: BTreeSet<Bucket> = read.into_iter().map(|(bucket, _)| *bucket).collect();
    let (mut from, mut many, mut left) = (0, 4, TOGETHER);
    while !open.is_empty() && from < most && left >= open.len() {
        many = many
            .min(u32::try_from(left / open.len()).unwrap_or(most))
            .min(most - from);
        left -= many as usize * open.len();
        let places: Vec<(Bucket, Place)> = open
            .iter()
            .flat_map(|b| {
                (from..from + many)
                    .map(|m| (*b, place(&sealer, *b, m)))
                    .collect::<Vec<_>>()
            })
            .collect();
        let labels: Vec<i64> = places.iter().map(|(_, p)| p.label).collect();
        let found = rows(tx, &labels)?;
        for (bucket, place) in places {
            match found.get(&place.label) {
                Some(hidden) => members
                    .entry(bucket)
                    .or_default()
                    .push(Uuid::from_bytes(masked(*hidden, place.mask))),
                None => {
                    open.remove(&bucket);
                }
            }
        }
        from += many;
        many *= 2;
    }
    let mut shared: HashMap<Uuid, (u32, u32)> = HashMap::new();
    for (bucket, list) in &members {
        // One that was not read to its end is taken for as common as one that is read can be.
        let size = if open.contains(bucket) {
            u64::from(READ)
        } else {
            list.len() as u64
        };
        let bits = (2 * u64::from(READ) / size.max(1)).max(1).ilog2();
        for person in list {
            let (count, telling) = shared.entry(*person).or_insert((0, 0));
            (*count, *telling) = (*count + 1, *telling + bits);
        }
    }
    let mut out: Vec<Near> = shared
        .into_iter()
        .map(|(person, (shared, telling))| Near {
            person: PersonId(person),
            shared,
            telling,
        })
        .collect();
    out.sort_unstable_by_key(|n| std::cmp::Reverse((n.telling, n.person.0)));
    out.truncate(limit);
    Ok(out)
}

#[cfg(test)]
mod tests;

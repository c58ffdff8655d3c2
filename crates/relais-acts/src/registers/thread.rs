//! The thread of a line: what it comes from, by its own links, and what came of it, by
//! the links of others. A register that the viewer may not read ends it.

use std::collections::{BTreeSet, VecDeque};

use relais_mechanism::Mechanism;
use relais_store::Tx;
use relais_store::rows::registers::{self as rows, RegisterLineRecord};
use uuid::Uuid;

use super::kept::opened;
use super::{Line, THREAD, read_by};
use crate::desk::Viewer;
use crate::problem::ActError;

/// What a line links to, field by field.
fn links(mechanism: &Mechanism, line: &Line) -> Vec<Uuid> {
    let Some(register) = mechanism.register(&line.register) else {
        return Vec::new();
    };
    let linking = register.fields.iter().filter(|f| f.kind.target().is_some());
    linking
        .filter_map(|f| line.values.get(&f.code))
        .flatten()
        .filter_map(|text| text.parse().ok())
        .collect()
}

/// A line that the viewer may read.
fn seen(
    tx: &mut Tx<'_>,
    mechanism: &Mechanism,
    viewer: &Viewer,
    record: RegisterLineRecord,
) -> Result<Option<Line>, ActError> {
    if read_by(mechanism, viewer, &record.register).is_err() {
        return Ok(None);
    }
    opened(&tx.sealer(), record).map(Some)
}

/// What a line comes from, the furthest first.
pub(super) fn back(
    tx: &mut Tx<'_>,
    mechanism: &Mechanism,
    viewer: &Viewer,
    line: &Line,
) -> Result<Vec<Line>, ActError> {
    let mut known = BTreeSet::from([line.id]);
    let mut found: Vec<Line> = Vec::new();
    let mut next: VecDeque<Uuid> = links(mechanism, line).into();
    while let Some(id) = next.pop_front() {
        if found.len() == THREAD || !known.insert(id) {
            continue;
        }
        let Some(record) = RegisterLineRecord::find(tx, id)? else {
            continue;
        };
        if let Some(line) = seen(tx, mechanism, viewer, record)? {
            next.extend(links(mechanism, &line));
            found.push(line);
        }
    }
    found.reverse();
    Ok(found)
}

/// What came of a line, the nearest first.
pub(super) fn forth(
    tx: &mut Tx<'_>,
    mechanism: &Mechanism,
    viewer: &Viewer,
    line: &Line,
) -> Result<Vec<Line>, ActError> {
    let mut known = BTreeSet::from([line.id]);
    let mut found: Vec<Line> = Vec::new();
    let mut next = VecDeque::from([line.id]);
    while let Some(id) = next.pop_front() {
        for record in rows::linked_to(tx, id)? {
            if found.len() == THREAD || !known.insert(record.id) {
                continue;
            }
            if let Some(line) = seen(tx, mechanism, viewer, record)? {
                next.push_back(line.id);
                found.push(line);
            }
        }
    }
    Ok(found)
}

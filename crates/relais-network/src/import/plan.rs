//! What is to be done with each row.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::problem::{Cause, Remark, RowProblem};
use super::row::{ContentHash, Facility, RowOutcome};
use crate::gate::{self, Missing};
use crate::organisation::{Organisation, PublicationStatus};
use crate::{OrganisationId, ServiceId};

/// What becomes of a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Its key is new: write all three records.
    Create(Box<Facility>),
    /// Its key is known with other content: write what the source says. Ids
    /// are the same as before.
    Update(Box<Facility>),
    /// Known with the same content: nothing to do.
    Unchanged {
        /// The row's key.
        key: String,
    },
    /// The very same as an earlier row of the file: skipped.
    Duplicate {
        /// Number of the earlier row.
        of_row: usize,
    },
    /// Wrong: nothing is written of it.
    Reject(Vec<RowProblem>),
}

/// A row with what becomes of it.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedRow {
    /// Number of the row, the first after the header is 1.
    pub row: usize,
    /// Line of the file where it begins.
    pub line: usize,
    /// What becomes of it.
    pub action: Action,
    /// What there is to say about it all the same.
    pub remarks: Vec<Remark>,
    /// What is missing before it is published; it comes in as checked meanwhile.
    /// Filled by [`Plan::gate`].
    pub held: Vec<Missing>,
}

/// What is to be done with a file, in the order of its rows.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Plan {
    /// Every row of the file.
    pub rows: Vec<PlannedRow>,
}

/// The figures of a plan; see [`Report::adds_up`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub struct Report {
    /// Rows of the file, without the header.
    pub rows: usize,
    /// New.
    pub created: usize,
    /// Known, changed.
    pub updated: usize,
    /// Known, the same.
    pub unchanged: usize,
    /// Duplicates of an earlier row.
    pub skipped: usize,
    /// Wrong.
    pub rejected: usize,
    /// Of those not rejected or skipped: without coordinates.
    pub region_only: usize,
    /// Of those not rejected or skipped: with an estimated department.
    pub department_estimated: usize,
    /// Of those that are written: that wait at the gate, checked and not published.
    pub held: usize,
}

impl Report {
    /// Whether every row is accounted for exactly once.
    #[must_use]
    pub const fn adds_up(&self) -> bool {
        self.created + self.updated + self.unchanged + self.skipped + self.rejected == self.rows
    }
}

impl Plan {
    /// The figures.
    #[must_use]
    pub fn report(&self) -> Report {
        let mut report = Report {
            rows: self.rows.len(),
            ..Report::default()
        };
        for row in &self.rows {
            report.held += usize::from(!row.held.is_empty());
            *match row.action {
                Action::Create(_) => &mut report.created,
                Action::Update(_) => &mut report.updated,
                Action::Unchanged { .. } => &mut report.unchanged,
                Action::Duplicate { .. } => &mut report.skipped,
                Action::Reject(_) => &mut report.rejected,
            } += 1;
            if matches!(
                row.action,
                Action::Create(_) | Action::Update(_) | Action::Unchanged { .. }
            ) {
                let has = |f: fn(&Remark) -> bool| usize::from(row.remarks.iter().any(f));
                report.region_only += has(|r| *r == Remark::RegionOnly);
                report.department_estimated += has(|r| matches!(r, Remark::DepartmentEstimated { .. }));
            }
        }
        report
    }

    /// The services of facilities that are known and changed: where they stand is
    /// asked before [`Self::gate`].
    #[must_use]
    pub fn updated(&self) -> Vec<ServiceId> {
        let facilities = self.rows.iter().filter_map(|r| match &r.action {
            Action::Update(f) => Some(f),
            _ => None,
        });
        facilities.flat_map(|f| f.services.iter().map(|s| s.id)).collect()
    }

    /// Holds at the gate what is not to be published yet, as of a day. `known` finds
    /// an organisation of the directory, `stood` where a service of it stands.
    pub fn gate<'k>(
        &mut self,
        known: impl Fn(OrganisationId) -> Option<&'k Organisation>,
        stood: impl Fn(ServiceId) -> Option<PublicationStatus>,
        on: NaiveDate,
    ) {
        for row in &mut self.rows {
            let (Action::Create(facility) | Action::Update(facility)) = &mut row.action else {
                continue;
            };
            // A list does not speak of what was signed.
            if let Some(standing) = known(facility.organisation.id) {
                facility.organisation.safeguards = standing.safeguards.clone();
            }
            let Facility {
                organisation, services, ..
            } = &mut **facility;
            let mut chain = vec![&*organisation];
            if let Some(tutelle) = organisation.parent.and_then(&known) {
                chain.extend(gate::chain(tutelle, &known));
            }
            for service in services {
                let missing = gate::missing(service, &chain, on);
                if gate::let_in(stood(service.id), service, &missing) {
                    row.held.extend(missing);
                }
            }
            row.held.sort_unstable();
            row.held.dedup();
        }
    }

    /// What is to be written: facilities to create and to update.
    pub fn writes(&self) -> impl Iterator<Item = &Facility> {
        self.rows.iter().filter_map(|r| match &r.action {
            Action::Create(f) | Action::Update(f) => Some(&**f),
            _ => None,
        })
    }
}

/// Plans the rows against what is there already: `existing` gives the content
/// hash kept for a source and key. The same rows and the same state give the
/// same plan; after it is carried out, a second one changes nothing.
#[must_use]
pub fn plan(rows: Vec<RowOutcome>, source: &str, existing: impl Fn(&str, &str) -> Option<ContentHash>) -> Plan {
    let mut seen: HashMap<String, (usize, ContentHash)> = HashMap::new();
    let rows = rows
        .into_iter()
        .map(
            |RowOutcome {
                 row,
                 line,
                 result,
                 remarks,
             }| {
                let action = match result {
                    Err(problems) => Action::Reject(problems),
                    Ok(facility) => match seen.get(&facility.key) {
                        Some((of_row, hash)) if *hash == facility.hash => Action::Duplicate { of_row: *of_row },
                        Some((of_row, _)) => Action::Reject(vec![RowProblem::new(
                            "",
                            &facility.key,
                            Cause::KeyTwice { row: *of_row },
                        )]),
                        None => {
                            seen.insert(facility.key.clone(), (row, facility.hash));
                            match existing(source, &facility.key) {
                                None => Action::Create(facility),
                                Some(hash) if hash == facility.hash => Action::Unchanged { key: facility.key },
                                Some(_) => Action::Update(facility),
                            }
                        }
                    },
                };
                PlannedRow {
                    row,
                    line,
                    action,
                    remarks,
                    held: Vec::new(),
                }
            },
        )
        .collect();
    Plan { rows }
}

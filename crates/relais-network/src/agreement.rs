//! Agreements: what organisations signed, whom it covers on a date, and in
//! which of the three regimes data may go (DESIGN §6, DOMAIN §2.9).
//!
//! An agreement covers its signatories and, by tutelle, the services under
//! them: a regional hospital is covered by its ministry's signature. It comes
//! into force party by party. When its term ends, ninety days' grace follow;
//! denunciation ends it at once.

mod regime;
mod register;
#[cfg(test)]
mod tests;

pub use regime::{
    Basis, OverrideGround, Ruling, SharingRefusal, StandingRegime, VITAL_P2_CATEGORIES, class_level, is_vital,
    legal_basis, paper_refusal,
};
pub use register::{Kept, Noted, RegisterRefusal, RegisterStep, Scan};

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use relais_mechanism::{ClassSet, DataClass, Purpose, Sensitivity, closed_enum};

use crate::ids::{AgreementId, OrganisationId};

/// Days of grace after the end of a term (DOMAIN §2.9 rule 4; settable).
pub const GRACE_DAYS: u32 = 90;

closed_enum! {
    /// What kind of paper was signed (DOMAIN §2.9).
    AgreementKind {
        /// Memorandum of understanding (protocole d’accord).
        Mou = "MOU",
        /// Joint order (arrêté conjoint).
        Arrc = "ARRC",
        /// Letter of adhesion.
        Adh = "ADH",
        /// Convention with the employers' group or the private sector.
        Conv = "CONV",
        /// Signed confidentiality undertaking, on paper or on screen.
        Eng = "ENG",
    }
}

closed_enum! {
    /// How an organisation stands under the agreements on a date; best first.
    CoverageState {
        /// An agreement is in force.
        InForce = "in_force",
        /// The term has ended; the grace has not.
        InGrace = "in_grace",
        /// Term and grace have ended.
        Expired = "expired",
        /// The agreement was denounced.
        Denounced = "denounced",
        /// Nothing was signed, or not yet.
        None = "none",
    }
}

impl CoverageState {
    /// Whether new data may go under it.
    #[must_use]
    pub const fn carries(self) -> bool {
        matches!(self, Self::InForce | Self::InGrace)
    }
}

/// A signatory.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Party {
    /// Who signed.
    pub organisation: OrganisationId,
    /// The day from which the agreement binds this party: its own signature.
    pub from: NaiveDate,
    /// The day on which this party alone denounced it.
    #[serde(default)]
    pub denounced_on: Option<NaiveDate>,
}

/// What organisations signed, with its data annex.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Agreement {
    /// Its id.
    pub id: AgreementId,
    /// What kind of paper.
    pub kind: AgreementKind,
    /// The reference on the paper.
    pub reference: String,
    /// The signatories, each from its own date.
    pub parties: Vec<Party>,
    /// Data annex: the classes that may go.
    pub classes: ClassSet,
    /// Data annex: the purposes for which they may go.
    pub purposes: BTreeSet<Purpose>,
    /// Data annex: the highest sensitivity that may go.
    pub max_sensitivity: Sensitivity,
    /// The last day of the term; `None` runs until denounced.
    pub until: Option<NaiveDate>,
    /// The day on which the whole agreement was denounced: it no longer
    /// carries anything on that day.
    #[serde(default)]
    pub denounced_on: Option<NaiveDate>,
}

/// How one organisation stands under one agreement on a date.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Coverage {
    /// In force, in grace, expired, denounced, none.
    pub state: CoverageState,
    /// Under which agreement; `None` when nothing was signed.
    pub agreement: Option<AgreementId>,
    /// The kind of that agreement.
    pub kind: Option<AgreementKind>,
    /// The signatory by which it covers: the organisation itself or a parent.
    pub through: Option<OrganisationId>,
    /// The classes of its data annex.
    pub classes: ClassSet,
    /// The purposes of its data annex.
    pub purposes: BTreeSet<Purpose>,
    /// The highest sensitivity of its data annex.
    pub max_sensitivity: Sensitivity,
    /// The last day of the term.
    pub until: Option<NaiveDate>,
    /// The last day of grace.
    pub grace_until: Option<NaiveDate>,
}

impl Coverage {
    /// Nothing signed.
    #[must_use]
    pub fn none() -> Self {
        Self {
            state: CoverageState::None,
            agreement: None,
            kind: None,
            through: None,
            classes: ClassSet::EMPTY,
            purposes: BTreeSet::new(),
            max_sensitivity: Sensitivity::S0,
            until: None,
            grace_until: None,
        }
    }

    /// Whether the data annex names this class, at this level, for this
    /// purpose; says nothing about the date.
    #[must_use]
    pub fn annex_has(&self, class: DataClass, level: Sensitivity, purpose: Purpose) -> bool {
        self.classes.contains(class) && level <= self.max_sensitivity && self.purposes.contains(&purpose)
    }
}

impl Agreement {
    /// How an organisation, with its parents nearest first, stands under this
    /// agreement on a date; `None` when neither it nor a parent signed, or the
    /// signature is yet to come.
    #[must_use]
    pub fn covers(
        &self,
        organisation: OrganisationId,
        parents: &[OrganisationId],
        on: NaiveDate,
        grace_days: u32,
    ) -> Option<Coverage> {
        std::iter::once(organisation)
            .chain(parents.iter().copied())
            // Who denounced and signed again counts from the later signature.
            .filter_map(|member| {
                self.parties
                    .iter()
                    .filter(|p| p.organisation == member && p.from <= on)
                    .max_by_key(|p| p.from)
            })
            .map(|party| (party, self.state_for(party, on, grace_days)))
            // The nearest signatory with the best standing: a hospital's own
            // denunciation does not hide behind its ministry's signature.
            .reduce(|best, next| {
                if best.1 == CoverageState::Denounced || best.1 <= next.1 {
                    best
                } else {
                    next
                }
            })
            .map(|(party, state)| Coverage {
                state,
                agreement: Some(self.id),
                kind: Some(self.kind),
                through: Some(party.organisation),
                classes: self.classes,
                purposes: self.purposes.clone(),
                max_sensitivity: self.max_sensitivity,
                until: self.until,
                grace_until: self.grace_end(grace_days),
            })
    }

    fn grace_end(&self, grace_days: u32) -> Option<NaiveDate> {
        self.until.map(|end| {
            end.checked_add_days(Days::new(u64::from(grace_days)))
                .unwrap_or(NaiveDate::MAX)
        })
    }

    fn state_for(&self, party: &Party, on: NaiveDate, grace_days: u32) -> CoverageState {
        let denounced = [self.denounced_on, party.denounced_on]
            .into_iter()
            .flatten()
            .any(|day| day <= on);
        if denounced {
            CoverageState::Denounced
        } else if self.until.is_none_or(|end| on <= end) {
            CoverageState::InForce
        } else if self.grace_end(grace_days).is_some_and(|end| on <= end) {
            CoverageState::InGrace
        } else {
            CoverageState::Expired
        }
    }
}

/// Every agreement that covers, or once covered, the organisation on a date,
/// the best standing first and in it the widest annex.
///
/// `parents` is the chain of tutelle, nearest first.
#[must_use]
pub fn coverages(
    organisation: OrganisationId,
    parents: &[OrganisationId],
    agreements: &[Agreement],
    on: NaiveDate,
    grace_days: u32,
) -> Vec<Coverage> {
    let mut found: Vec<Coverage> = agreements
        .iter()
        .filter_map(|a| a.covers(organisation, parents, on, grace_days))
        .collect();
    found.sort_by_key(|c| {
        (
            c.state,
            std::cmp::Reverse((c.max_sensitivity, c.classes.bits().count_ones())),
            c.agreement,
        )
    });
    found
}

/// The best coverage of the organisation on a date, with the usual grace.
#[must_use]
pub fn coverage(
    organisation: OrganisationId,
    parents: &[OrganisationId],
    agreements: &[Agreement],
    on: NaiveDate,
) -> Coverage {
    coverages(organisation, parents, agreements, on, GRACE_DAYS)
        .into_iter()
        .next()
        .unwrap_or_else(Coverage::none)
}

//! The gate by tier (DOMAIN §2.9 rule 6): what an organisation must have signed
//! before an entry of it is published. Code of conduct and protection from
//! sexual exploitation and abuse (F6.40) for every entry, a child-safeguarding
//! procedure (F6.41) for services for children; neither is ever a condition for
//! a need of priority P1. What may be *sent* is not said here: the confidentiality
//! undertaking (F6.42) is an agreement, and [`agreement`](crate::agreement) rules it.
//!
//! What a tutelle signed covers the services under it, as an agreement does.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use relais_mechanism::{Label, closed_enum};
use serde::{Deserialize, Serialize};

use crate::organisation::{Organisation, PublicationStatus};
use crate::service::{Service, Target};
use crate::{OrganisationId, UserId};

closed_enum! {
    /// What an organisation signs once, for all that it offers.
    Safeguard {
        /// Code of conduct, and protection from sexual exploitation and abuse (F6.40).
        ConductAndPsea = "conduct_and_psea",
        /// Child-safeguarding procedure (F6.41).
        ChildSafeguarding = "child_safeguarding",
    }
}

impl Safeguard {
    /// What it is called.
    #[must_use]
    pub fn label(self) -> Label {
        match self {
            Self::ConductAndPsea => Label::of(
                "Code de conduite et prévention de l’exploitation et des abus sexuels",
                "Code of conduct and protection from sexual exploitation and abuse",
            ),
            Self::ChildSafeguarding => {
                Label::of("Procédure de protection de l’enfance", "Child-safeguarding procedure")
            }
        }
    }
}

/// A paper that an organisation signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    /// The day of the signature.
    pub on: NaiveDate,
    /// Its last day; without one it holds until it is withdrawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<NaiveDate>,
    /// The day on which it was withdrawn, for cause.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn_on: Option<NaiveDate>,
    /// The reference of the paper, for the mechanism's office alone; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub paper: String,
    /// Who noted it; none for whoever runs the deployment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noted_by: Option<UserId>,
    /// When it was noted.
    pub noted_on: NaiveDate,
}

/// What an organisation signed, by kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Safeguards(pub BTreeMap<Safeguard, Signed>);

impl Safeguards {
    /// Both papers signed on a day for good, under one reference.
    #[must_use]
    pub fn signed(on: NaiveDate, paper: &str) -> Self {
        let signed = Signed {
            on,
            until: None,
            withdrawn_on: None,
            paper: paper.to_owned(),
            noted_by: None,
            noted_on: on,
        };
        Self(Safeguard::ALL.iter().map(|kind| (*kind, signed.clone())).collect())
    }

    /// Whether nothing was ever signed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

closed_enum! {
    /// What an entry waits for before it is published.
    Missing {
        /// Code of conduct and PSEA: not signed.
        ConductUnsigned = "conduct_unsigned",
        /// Code of conduct and PSEA: its term has ended.
        ConductEnded = "conduct_ended",
        /// Code of conduct and PSEA: withdrawn.
        ConductWithdrawn = "conduct_withdrawn",
        /// Child safeguarding: not signed.
        ChildUnsigned = "child_unsigned",
        /// Child safeguarding: its term has ended.
        ChildEnded = "child_ended",
        /// Child safeguarding: withdrawn.
        ChildWithdrawn = "child_withdrawn",
    }
}

impl Missing {
    const fn of(kind: Safeguard, lack: Lack) -> Self {
        match (kind, lack) {
            (Safeguard::ConductAndPsea, Lack::Unsigned) => Self::ConductUnsigned,
            (Safeguard::ConductAndPsea, Lack::Ended) => Self::ConductEnded,
            (Safeguard::ConductAndPsea, Lack::Withdrawn) => Self::ConductWithdrawn,
            (Safeguard::ChildSafeguarding, Lack::Unsigned) => Self::ChildUnsigned,
            (Safeguard::ChildSafeguarding, Lack::Ended) => Self::ChildEnded,
            (Safeguard::ChildSafeguarding, Lack::Withdrawn) => Self::ChildWithdrawn,
        }
    }

    /// What is missing, in words that stand within a sentence.
    #[must_use]
    pub fn label(self) -> Label {
        match self {
            Self::ConductUnsigned => Label::of(
                "code de conduite et prévention des abus sexuels non signés",
                "code of conduct and protection from sexual abuse not signed",
            ),
            Self::ConductEnded => Label::of(
                "code de conduite et prévention des abus sexuels arrivés à leur terme",
                "code of conduct and protection from sexual abuse run out",
            ),
            Self::ConductWithdrawn => Label::of(
                "code de conduite et prévention des abus sexuels retirés",
                "code of conduct and protection from sexual abuse withdrawn",
            ),
            Self::ChildUnsigned => Label::of(
                "procédure de protection de l’enfance non signée",
                "child-safeguarding procedure not signed",
            ),
            Self::ChildEnded => Label::of(
                "procédure de protection de l’enfance arrivée à son terme",
                "child-safeguarding procedure run out",
            ),
            Self::ChildWithdrawn => Label::of(
                "procédure de protection de l’enfance retirée",
                "child-safeguarding procedure withdrawn",
            ),
        }
    }
}

closed_enum! {
    /// Why a paper does not hold.
    Lack {
        /// Nobody signed it, or not yet.
        Unsigned = "unsigned",
        /// Its last day is past.
        Ended = "ended",
        /// It was withdrawn.
        Withdrawn = "withdrawn",
    }
}

/// A paper that holds, and who signed it: the organisation or a tutelle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holds<'o> {
    /// Who signed.
    pub through: OrganisationId,
    /// What was signed.
    pub signed: &'o Signed,
}

/// How an organisation stands with a paper on a day. `chain` is the organisation
/// itself, then its tutelles, nearest first. The nearest that holds counts; what
/// was withdrawn from an organisation does not hide behind its tutelle.
///
/// # Errors
/// Why it does not hold.
pub fn standing<'o>(chain: &[&'o Organisation], kind: Safeguard, on: NaiveDate) -> Result<Holds<'o>, Lack> {
    let mut lack = Lack::Unsigned;
    for organisation in chain {
        let Some(signed) = organisation.safeguards.0.get(&kind).filter(|s| s.on <= on) else {
            continue;
        };
        if signed.withdrawn_on.is_some_and(|day| day <= on) {
            return Err(Lack::Withdrawn);
        }
        if signed.until.is_none_or(|last| on <= last) {
            return Ok(Holds {
                through: organisation.id,
                signed,
            });
        }
        lack = Lack::Ended;
    }
    Err(lack)
}

/// Whether a service is for children: it says so, or child protection is what it
/// offers. One for everyone is not.
#[must_use]
pub fn is_for_children(service: &Service) -> bool {
    service.category() == "CHP"
        || service
            .targets
            .iter()
            .any(|t| matches!(t, Target::Children | Target::SeparatedChildren))
}

/// What an organisation lacks on a day, for any service of it: asked once where many
/// of its services are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lacks {
    conduct: Option<Missing>,
    child: Option<Missing>,
}

impl Lacks {
    /// What is lacking; `chain` as for [`standing`].
    #[must_use]
    pub fn of(chain: &[&Organisation], on: NaiveDate) -> Self {
        let lack = |kind| Some(Missing::of(kind, standing(chain, kind, on).err()?));
        Self {
            conduct: lack(Safeguard::ConductAndPsea),
            child: lack(Safeguard::ChildSafeguarding),
        }
    }

    /// What of it one service waits for.
    #[must_use]
    pub fn before(self, service: &Service) -> Vec<Missing> {
        let child = self.child.filter(|_| is_for_children(service));
        self.conduct.into_iter().chain(child).collect()
    }
}

/// What is missing on a day before an entry may be published; empty where nothing
/// is. `chain` as for [`standing`].
#[must_use]
pub fn missing(service: &Service, chain: &[&Organisation], on: NaiveDate) -> Vec<Missing> {
    Lacks::of(chain, on).before(service)
}

/// Lets an entry in that a list brings: what the list publishes comes in as checked,
/// and held at the gate, while something is missing. What is offered already stays
/// so. Whether it is held.
pub fn let_in(known: Option<PublicationStatus>, brought: &mut Service, missing: &[Missing]) -> bool {
    let was_offered = known.is_some_and(PublicationStatus::is_offered);
    brought.held = brought.status.is_offered() && !was_offered && !missing.is_empty();
    if brought.held {
        brought.status = PublicationStatus::Checked;
        brought.doubts.clear();
    }
    brought.held
}

/// That an entry is not published yet, and for want of what.
#[must_use]
pub fn waits(missing: &[Missing]) -> Label {
    let labels: Vec<Label> = missing.iter().map(|m| m.label()).collect();
    let join = |text: fn(&Label) -> &str, between: &str| labels.iter().map(text).collect::<Vec<_>>().join(between);
    if labels.is_empty() {
        return Label::of("Pas encore publiée.", "Not published yet.");
    }
    Label {
        fr: format!("Pas encore publiée\u{a0}: {}.", join(|l| &l.fr, "\u{202f}; ")),
        en: format!("Not published yet: {}.", join(|l| &l.en, "; ")),
    }
}

/// An organisation and its tutelles, nearest first; a ring of them ends.
pub fn chain<'o>(
    organisation: &'o Organisation,
    find: impl Fn(OrganisationId) -> Option<&'o Organisation>,
) -> Vec<&'o Organisation> {
    let mut chain = vec![organisation];
    let mut at = organisation;
    while let Some(parent) = at.parent.and_then(&find) {
        if chain.iter().any(|o| o.id == parent.id) {
            break;
        }
        chain.push(parent);
        at = parent;
    }
    chain
}

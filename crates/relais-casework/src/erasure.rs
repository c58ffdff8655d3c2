//! May a person be erased now, and by whom (DESIGN §6; the right to erasure of
//! Cameroon's law 2024/017, DOMAIN §5.8)?
//!
//! Erasing takes from everybody what is known of the person, also from those
//! who are about to help. So nothing may be under way: a provider who has
//! accepted must not find an empty page, and an urgent need must not vanish
//! with the file. What ends the wait comes first, erasing after it.

use relais_mechanism::{Label, Priority, Role, closed_enum};

use crate::referral::{Referral, State};
use crate::visible::Viewer;

closed_enum! {
    /// Why a person is erased.
    ErasureReason {
        /// The person asked for it.
        Request = "request",
        /// The consent that the file rested on was withdrawn.
        ConsentWithdrawn = "consent_withdrawn",
        /// The period for which the file may be kept is over.
        Retention = "retention",
        /// The file should never have been made.
        Unlawful = "unlawful",
        /// The data-protection authority or a court decided it.
        Order = "order",
    }
}

impl ErasureReason {
    /// The reason in words.
    #[must_use]
    pub fn label(self) -> Label {
        let (fr, en) = match self {
            Self::Request => ("à la demande de la personne", "at the person’s request"),
            Self::ConsentWithdrawn => ("consentement retiré", "consent withdrawn"),
            Self::Retention => ("durée de conservation écoulée", "retention period over"),
            Self::Unlawful => ("dossier ouvert à tort", "file opened without right"),
            Self::Order => (
                "décision de l’autorité ou d’un juge",
                "decision of the authority or a court",
            ),
        };
        Label::of(fr, en)
    }
}

/// What stands against erasing the person behind a case.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ErasureFacts {
    /// Erased before.
    pub erased: bool,
    /// Referrals that are not over, in all cases of the person.
    pub open_referrals: usize,
    /// Live needs of priority P1 or P2, in all cases of the person.
    pub urgent_needs: usize,
    /// Overrides that wait for their co-signature: nobody could judge them
    /// without their reason.
    pub waiting_overrides: usize,
}

impl ErasureFacts {
    /// The same with one more referral.
    #[must_use]
    pub const fn with_referral(mut self, state: State) -> Self {
        if !state.is_terminal() {
            self.open_referrals += 1;
        }
        self
    }

    /// The same with one more need.
    #[must_use]
    pub const fn with_need(mut self, live: bool, priority: Priority) -> Self {
        if live && matches!(priority, Priority::P1 | Priority::P2) {
            self.urgent_needs += 1;
        }
        self
    }
}

closed_enum! {
    /// Why the person cannot be erased now.
    ErasureRefusal {
        /// It was done before.
        AlreadyErased = "already_erased",
        /// A referral is not over.
        ReferralOpen = "erasure_referral_open",
        /// An urgent need is not settled.
        NeedUrgent = "erasure_need_urgent",
        /// An override waits for its co-signature.
        OverrideWaits = "erasure_override_waits",
    }
}

impl ErasureRefusal {
    /// Why, in a sentence.
    #[must_use]
    pub fn message(self) -> Label {
        let (fr, en) = match self {
            Self::AlreadyErased => ("Cette personne est déjà effacée.", "This person is erased already."),
            Self::ReferralOpen => (
                "Un référencement de cette personne est encore en cours.",
                "A referral of this person is still under way.",
            ),
            Self::NeedUrgent => (
                "Un besoin P1 ou P2 de cette personne attend encore.",
                "A P1 or P2 need of this person still waits.",
            ),
            Self::OverrideWaits => (
                "Une dérogation pour cette personne attend encore sa contresignature.",
                "An override for this person still waits for its co-signature.",
            ),
        };
        Label::of(fr, en)
    }

    /// What to do first.
    #[must_use]
    pub fn remedy(self) -> Label {
        let (fr, en) = match self {
            Self::AlreadyErased => (
                "Rien n’est à faire. Détruisez les anciennes copies des clés.",
                "There is nothing to do. Destroy old copies of the keys.",
            ),
            Self::ReferralOpen => (
                "Menez-le à sa fin ou annulez-le avec l’équipe du dossier, puis effacez.",
                "Bring it to its end or cancel it with the case team, then erase.",
            ),
            Self::NeedUrgent => (
                "Répondez-y, ou notez avec l’équipe du dossier que la personne y renonce, puis effacez.",
                "Answer it, or record with the case team that the person gives it up, then erase.",
            ),
            Self::OverrideWaits => (
                "Faites-la contresigner ou refuser, puis effacez.",
                "Have it co-signed or refused, then erase.",
            ),
        };
        Label::of(fr, en)
    }
}

/// Whether the person may be erased now.
///
/// # Errors
/// What stands against it.
pub const fn may_erase(facts: ErasureFacts) -> Result<(), ErasureRefusal> {
    if facts.erased {
        Err(ErasureRefusal::AlreadyErased)
    } else if facts.open_referrals > 0 {
        Err(ErasureRefusal::ReferralOpen)
    } else if facts.urgent_needs > 0 {
        Err(ErasureRefusal::NeedUrgent)
    } else if facts.waiting_overrides > 0 {
        Err(ErasureRefusal::OverrideWaits)
    } else {
        Ok(())
    }
}

/// Whether this user erases persons at all: the data-protection officer and
/// the administrator. Of the protected circuit only one whose organisation is
/// not of the State; for the others there is no such case.
#[must_use]
pub fn erases(viewer: &Viewer, protected: bool) -> bool {
    let role = viewer.is(Role::DataProtectionOfficer) || viewer.is(Role::Administrator);
    viewer.account_open && role && !(protected && (viewer.is_state || viewer.is_office()))
}

/// A referral whose person turned out to be erased: in a database restored
/// from before the erasure it may still wait.
#[must_use]
pub fn ended_with(referral: &Referral) -> Referral {
    if referral.state.is_terminal() {
        return referral.clone();
    }
    Referral {
        state: State::Ended,
        wait: None,
        expiry: None,
        pause: None,
        version: referral.version + 1,
        ..referral.clone()
    }
}

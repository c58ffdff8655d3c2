//! The end of a case that nobody chose (DESIGN §5 `ended`; DOMAIN F7.14):
//! death, departure, detention, whereabouts unknown. And the way back to work,
//! from such an end or from a closure.
//!
//! The end is a supervisor's, because it silences everything at once: every
//! referral ends without asking the person to confirm, every need is unmet for
//! that reason, and nobody writes in the file any more. What brings it back is
//! a reopening, the supervisor's too, with a reason.

use relais_mechanism::{Label, closed_enum};

use crate::need::{Need, NeedState, UnmetReason};
use crate::referral::EndReason;
use crate::visible::CaseState;

impl EndReason {
    /// Whether kin may be looking for the person: the search for missing and
    /// deceased migrants (FAM.03) is offered to them, in a file of their own.
    #[must_use]
    pub const fn concerns_kin(self) -> bool {
        matches!(self, Self::Deceased | Self::WhereaboutsUnknown)
    }
}

closed_enum! {
    /// Why a case cannot be ended or reopened now.
    EndingRefusal {
        /// It is closed or has ended already.
        NotOpen = "case_not_open",
        /// It is open.
        NotOver = "case_not_over",
    }
}

impl EndingRefusal {
    /// Why, in a sentence.
    #[must_use]
    pub fn message(self) -> Label {
        let (fr, en) = match self {
            Self::NotOpen => ("Ce dossier n’est plus ouvert.", "This case is no longer open."),
            Self::NotOver => ("Ce dossier est ouvert.", "This case is open."),
        };
        Label::of(fr, en)
    }

    /// What to do instead.
    #[must_use]
    pub fn remedy(self) -> Label {
        let (fr, en) = match self {
            Self::NotOpen => (
                "Rouvrez-le d’abord si quelque chose a changé.",
                "Reopen it first if something has changed.",
            ),
            Self::NotOver => ("Rien n’est à faire.", "There is nothing to do."),
        };
        Label::of(fr, en)
    }
}

/// Whether a case in this state may be ended.
///
/// # Errors
/// What stands against it.
pub const fn may_end(state: CaseState) -> Result<(), EndingRefusal> {
    match state {
        CaseState::Open => Ok(()),
        CaseState::Closed | CaseState::Ended => Err(EndingRefusal::NotOpen),
    }
}

/// Whether a case in this state may be reopened.
///
/// # Errors
/// What stands against it.
pub const fn may_reopen(state: CaseState) -> Result<(), EndingRefusal> {
    match state {
        CaseState::Open => Err(EndingRefusal::NotOver),
        CaseState::Closed | CaseState::Ended => Ok(()),
    }
}

/// What a reopening means for a need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// It was alive when the case ended: it is open again, asked or not.
    Always,
    /// It is open again where whoever reopens says so.
    IfChosen,
    /// It stays as it is: met, or not wanted by the person.
    Never,
}

/// What a reopening means for the need.
#[must_use]
pub const fn again(need: &Need) -> Again {
    match (need.state, need.reason) {
        (NeedState::Unmet, Some(UnmetReason::Ended)) => Again::Always,
        (NeedState::Unmet | NeedState::PartlyMet, _) => Again::IfChosen,
        (NeedState::Open | NeedState::Referred | NeedState::Met | NeedState::Dropped, _) => Again::Never,
    }
}

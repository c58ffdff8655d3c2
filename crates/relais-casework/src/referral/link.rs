//! One-time links: how a provider without an account answers (DESIGN §5).
//!
//! The address carries a random secret; a code of six digits goes another way,
//! by telephone. Address and code together open the referral once, for a short
//! time, for one answer. Whatever is wrong, the answer is the same: nobody
//! learns whether the link ever existed.

use chrono::{DateTime, TimeDelta, Utc};
use relais_mechanism::{ActingFor, Label, closed_enum};

use super::model::Referral;
use super::times::DueTimes;

/// Wrong codes after which a link is dead.
pub const MOST_TRIES: u32 = 5;
/// How long a link lives at least where its wait does not end in expiry: who
/// is late must still be able to answer.
const LEAST: TimeDelta = TimeDelta::hours(72);
/// Percent of the wait after which its link ends: the ladder's last rung.
const LAST_RUNG: u32 = 200;

closed_enum! {
    /// What has become of a link.
    LinkState {
        /// Made; nobody has opened it.
        Waiting = "waiting",
        /// Opened with its code; its address is spent.
        Opened = "opened",
        /// Answered.
        Answered = "answered",
        /// Too many wrong codes.
        Blocked = "blocked",
        /// A newer one took its place, or the referral ended.
        Replaced = "replaced",
        /// Its time is over.
        Expired = "expired",
    }
}

/// A link, as far as the rules go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// When it ends.
    pub expires_at: DateTime<Utc>,
    /// Wrong codes typed so far.
    pub tries: u32,
    /// When it was opened.
    pub opened_at: Option<DateTime<Utc>>,
    /// When an answer came by it.
    pub answered_at: Option<DateTime<Utc>>,
    /// When another took its place.
    pub replaced_at: Option<DateTime<Utc>>,
}

impl Link {
    /// What has become of it.
    #[must_use]
    pub fn state(&self, now: DateTime<Utc>) -> LinkState {
        if self.answered_at.is_some() {
            LinkState::Answered
        } else if self.replaced_at.is_some() {
            LinkState::Replaced
        } else if self.tries >= MOST_TRIES {
            LinkState::Blocked
        } else if now >= self.expires_at {
            LinkState::Expired
        } else if self.opened_at.is_some() {
            LinkState::Opened
        } else {
            LinkState::Waiting
        }
    }

    /// Whether its address may still be opened with the code.
    #[must_use]
    pub fn may_open(&self, now: DateTime<Utc>) -> bool {
        self.state(now) == LinkState::Waiting
    }
}

/// Why no link is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkRefusal {
    /// The provider has an account: the referral waits in its inbox.
    HasAccount,
    /// It is not the provider's move.
    NotProvidersMove,
}

impl LinkRefusal {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::HasAccount => "link_has_account",
            Self::NotProvidersMove => "link_not_providers_move",
        }
    }

    /// Why, in a sentence.
    #[must_use]
    pub fn message(self) -> Label {
        let (fr, en) = match self {
            Self::HasAccount => (
                "Ce prestataire a un compte : la demande l’attend dans sa boîte.",
                "This provider has an account: the request waits in its inbox.",
            ),
            Self::NotProvidersMove => (
                "Ce n’est pas au prestataire d’agir maintenant.",
                "It is not the provider’s move now.",
            ),
        };
        Label {
            fr: fr.to_owned(),
            en: en.to_owned(),
        }
    }

    /// What to do instead.
    #[must_use]
    pub fn remedy(self) -> Label {
        let (fr, en) = match self {
            Self::HasAccount => (
                "Téléphonez-lui, ou attendez sa réponse.",
                "Call them, or wait for their answer.",
            ),
            Self::NotProvidersMove => (
                "Faites ce qui vous revient ; un lien servira quand ce sera son tour.",
                "Do what is yours to do; a link serves when it is their turn.",
            ),
        };
        Label {
            fr: fr.to_owned(),
            en: en.to_owned(),
        }
    }
}

/// Until when a link for this referral lives: it ends with the provider's
/// wait. A request that nobody answers expires, and its links with it; any
/// other wait ends at the ladder's last rung, but not within three days of now.
///
/// # Errors
/// [`LinkRefusal`] when the provider has an account or need not move.
pub fn link_until(
    referral: &Referral,
    has_account: bool,
    times: &dyn DueTimes,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, LinkRefusal> {
    if has_account {
        return Err(LinkRefusal::HasAccount);
    }
    let wait = referral
        .wait
        .as_ref()
        .filter(|w| w.owner.side == ActingFor::Provider)
        .ok_or(LinkRefusal::NotProvidersMove)?;
    Ok(match &referral.expiry {
        Some(expiry) if referral.state.expires() => expiry.at,
        _ => times.at_percent(&wait.due, LAST_RUNG).max(now + LEAST),
    })
}

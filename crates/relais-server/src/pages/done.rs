//! The outcome of an act, said once on the page to which it redirects: a code
//! in the address, never words, so that no address can make the page say
//! something.

use relais_mechanism::closed_enum;

use crate::parts::Notice;
use crate::text::Text;

closed_enum! {
    /// What was just done.
    Done {
        /// A case was opened.
        Registered = "registered",
        /// Consent was recorded.
        Consent = "consent",
        /// A need was recorded.
        Need = "need",
        /// A referral was sent.
        Sent = "sent",
        /// A referral moved.
        Acted = "acted",
        /// The provider accepted.
        Accepted = "accepted",
        /// The provider declined.
        Declined = "declined",
        /// An emergency was sent: the telephone is next.
        Emergency = "emergency",
        /// A call was noted.
        Called = "called",
        /// It was said who is with the person.
        Beside = "beside",
        /// An answer by telephone was noted.
        Telephone = "telephone",
        /// The sender confirmed with the person.
        Confirmed = "confirmed",
        /// The sender contradicted the report.
        Disputed = "disputed",
        /// Consent was withdrawn.
        Withdrawn = "withdrawn",
        /// A recipient confirmed that it stopped.
        Stopped = "stopped",
        /// What protects a child was recorded.
        Child = "child",
        /// An override was written.
        Override = "override",
        /// An override was co-signed.
        Cosigned = "cosigned",
        /// A co-signature was refused.
        CosignRefused = "cosign_refused",
        /// A transfer was proposed.
        TransferProposed = "transfer_proposed",
        /// A transfer was accepted.
        TransferAccepted = "transfer_accepted",
        /// A transfer was declined.
        TransferDeclined = "transfer_declined",
        /// A transfer was taken back.
        TransferCancelled = "transfer_cancelled",
        /// A case was handed to a colleague.
        Assigned = "assigned",
        /// A case was claimed.
        Claimed = "claimed",
        /// A case was closed.
        Closed = "closed",
        /// A plan was written.
        Planned = "planned",
        /// A case ended.
        Ended = "ended",
        /// A case was reopened.
        Reopened = "reopened",
    }
}

impl Done {
    /// The message, with the code of the record it speaks of.
    pub(super) fn notice(self, t: Text, code: &str) -> Notice {
        let (title, text) = match self {
            Self::Registered => (t.done_registered(), t.done_registered_text(code)),
            Self::Consent => (t.done_consent(), t.done_consent_text().to_owned()),
            Self::Need => (t.done_need(), t.done_need_text().to_owned()),
            Self::Sent => (t.done_sent(), t.done_sent_text().to_owned()),
            Self::Acted => (t.done_acted(), t.done_acted_text().to_owned()),
            Self::Accepted => (t.done_accepted(), t.done_accepted_text().to_owned()),
            Self::Declined => (t.done_declined(), t.done_declined_text().to_owned()),
            Self::Emergency => (t.done_emergency(), t.done_emergency_text().to_owned()),
            Self::Called => (t.done_called(), t.done_called_text().to_owned()),
            Self::Beside => (t.done_beside(), t.done_beside_text().to_owned()),
            Self::Telephone => (t.done_telephone(), t.done_telephone_text().to_owned()),
            Self::Confirmed => (t.done_confirmed(), t.done_confirmed_text().to_owned()),
            Self::Disputed => (t.done_disputed(), t.done_disputed_text().to_owned()),
            Self::Withdrawn => (t.done_withdrawn(), t.done_withdrawn_text().to_owned()),
            Self::Stopped => (t.done_stopped(), t.done_stopped_text().to_owned()),
            Self::Child => (t.done_child(), t.done_child_text().to_owned()),
            Self::Override => (t.done_override(), t.done_override_text().to_owned()),
            Self::Cosigned => (t.done_cosigned(), t.done_cosigned_text().to_owned()),
            Self::CosignRefused => (t.done_cosign_refused(), t.done_cosign_refused_text().to_owned()),
            Self::TransferProposed => (t.done_transfer_proposed(), t.done_transfer_proposed_text().to_owned()),
            Self::TransferAccepted => (t.done_transfer_accepted(), t.done_transfer_accepted_text().to_owned()),
            Self::TransferDeclined => (t.done_transfer_declined(), t.done_transfer_declined_text().to_owned()),
            Self::TransferCancelled => (t.done_transfer_cancelled(), t.done_transfer_cancelled_text().to_owned()),
            Self::Assigned => (t.done_assigned(), t.done_assigned_text().to_owned()),
            Self::Claimed => (t.done_claimed(), t.done_claimed_text().to_owned()),
            Self::Closed => (t.done_closed(), t.done_closed_text().to_owned()),
            Self::Planned => (t.done_planned(), t.done_planned_text().to_owned()),
            Self::Ended => (t.done_ended(), t.done_ended_text().to_owned()),
            Self::Reopened => (t.done_reopened(), t.done_reopened_text().to_owned()),
        };
        Notice::done(title, text)
    }
}

/// The query of a page that may say what was just done.
#[derive(Debug, Clone, Default, serde::Deserialize)]
pub(crate) struct After {
    /// What was done.
    #[serde(default)]
    pub done: Option<Done>,
    /// Cursor of a list.
    #[serde(default)]
    pub after: Option<String>,
}

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
        /// An expected person was registered, and this is the next.
        Next = "next",
        /// What was typed is kept.
        Kept = "kept",
        /// A queue was made of a list.
        Queue = "queue",
        /// The officer gave a row back, or nobody had come.
        Released = "released",
        /// An arrival was closed.
        GroupClosed = "group_closed",
        /// A family link was broken.
        FamilyBroken = "family_broken",
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
        /// A part of a form was recorded.
        Section = "section",
        /// What protects a child was recorded.
        Child = "child",
        /// A case was opened in an emergency.
        EmergencyOpened = "emergency_opened",
        /// The case went into the protected circuit.
        Protected = "protected",
        /// The case left the protected circuit.
        Unprotected = "unprotected",
        /// It was looked for who may be the same person.
        Looked = "looked",
        /// The holder of another file was asked.
        SameAsked = "same_asked",
        /// A question was answered.
        SameAnswered = "same_answered",
        /// A file found is of somebody else.
        NotSame = "not_same",
        /// Two cases were joined.
        Joined = "joined",
        /// Two cases were taken apart.
        Separated = "separated",
        /// Who pays was written.
        Payment = "payment",
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
        /// Cases were offered to the next shift.
        ShiftOffered = "shift_offered",
        /// A shift was taken over.
        ShiftTaken = "shift_taken",
        /// A hand-over was declined.
        ShiftDeclined = "shift_declined",
        /// A hand-over was taken back.
        ShiftWithdrawn = "shift_withdrawn",
        /// An on-call number was filled in.
        OnCall = "on_call",
        /// A test call was noted.
        OnCallTest = "on_call_test",
        /// A need was settled without a service.
        Settled = "settled",
        /// A case was closed.
        Closed = "closed",
        /// A closure was proposed.
        ClosureProposed = "closure_proposed",
        /// A closure was sent back.
        ClosureReturned = "closure_returned",
        /// A closure was taken back.
        ClosureWithdrawn = "closure_withdrawn",
        /// The contact after a closure was noted.
        FollowedUp = "followed_up",
        /// A plan was written.
        Planned = "planned",
        /// A case ended.
        Ended = "ended",
        /// A call about late work was noted.
        LateCalled = "late_called",
        /// A case was reopened.
        Reopened = "reopened",
        /// Entries of the directory were confirmed.
        EntriesConfirmed = "entries_confirmed",
        /// An entry was corrected.
        EntryChanged = "entry_changed",
        /// Free places were stated.
        EntryCapacity = "entry_capacity",
        /// An entry went a step through its life.
        EntryMoved = "entry_moved",
        /// A proposed change was accepted.
        ChangeAccepted = "change_accepted",
        /// What an organisation signed was noted.
        SafeguardsNoted = "safeguards_noted",
        /// Entries that waited for a signature were published.
        HeldPublished = "held_published",
        /// A proposed change was refused.
        ChangeRefused = "change_refused",
        /// An agreement was written down.
        AgreementAdded = "agreement_added",
        /// A further organisation signed an agreement.
        AgreementSigned = "agreement_signed",
        /// An agreement was renewed.
        AgreementRenewed = "agreement_renewed",
        /// An agreement was denounced.
        AgreementDenounced = "agreement_denounced",
        /// A programme was added.
        ProgrammeAdded = "programme_added",
        /// A programme was corrected.
        ProgrammeSaved = "programme_saved",
        /// The list for the steering committee was drawn up.
        ListPrepared = "list_prepared",
        /// A session of the steering committee was noted.
        SessionNoted = "session_noted",
        /// A line was added to a register.
        LineAdded = "line_added",
        /// A line of a register was changed.
        LineChanged = "line_changed",
    }
}

impl Done {
    /// The message, with the code of the record it speaks of.
    pub(super) fn notice(self, t: Text, code: &str) -> Notice {
        let (title, text) = match self {
            Self::Registered => (t.done_registered(), t.done_registered_text(code)),
            Self::Next => (t.done_next(), t.done_next_text().to_owned()),
            Self::Kept => (t.done_kept(), t.done_kept_text().to_owned()),
            Self::Queue => (t.done_queue(), t.done_queue_text().to_owned()),
            Self::Released => (t.done_released(), t.done_released_text().to_owned()),
            Self::GroupClosed => (t.done_group_closed(), t.done_group_closed_text().to_owned()),
            Self::FamilyBroken => (t.done_family_broken(), t.done_family_broken_text().to_owned()),
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
            Self::Disputed => (t.done_disputed(), t.confirm_dispute_why().to_owned()),
            Self::Withdrawn => (t.done_withdrawn(), t.done_withdrawn_text().to_owned()),
            Self::Stopped => (t.done_stopped(), t.done_stopped_text().to_owned()),
            Self::Section => (t.done_section(), t.done_section_text().to_owned()),
            Self::Child => (t.done_child(), t.done_child_text().to_owned()),
            Self::EmergencyOpened => (t.done_emergency_opened(), t.done_emergency_opened_text().to_owned()),
            Self::Protected => (t.done_protected(), t.done_protected_text().to_owned()),
            Self::Unprotected => (t.done_unprotected(), t.done_unprotected_text().to_owned()),
            Self::Looked => (t.done_looked(), t.done_looked_text().to_owned()),
            Self::SameAsked => (t.done_same_asked(), t.done_same_asked_text().to_owned()),
            Self::SameAnswered => (t.done_same_answered(), t.done_same_answered_text().to_owned()),
            Self::NotSame => (t.done_not_same(), t.done_not_same_text().to_owned()),
            Self::Joined => (t.done_joined(), t.done_joined_text().to_owned()),
            Self::Separated => (t.done_separated(), t.done_separated_text().to_owned()),
            Self::Payment => (t.done_payment(), t.done_payment_text().to_owned()),
            Self::Override => (t.done_override(), t.done_override_text().to_owned()),
            Self::Cosigned => (t.done_cosigned(), t.done_cosigned_text().to_owned()),
            Self::CosignRefused => (t.done_cosign_refused(), t.done_cosign_refused_text().to_owned()),
            Self::TransferProposed => (t.done_transfer_proposed(), t.done_transfer_proposed_text().to_owned()),
            Self::TransferAccepted => (t.done_transfer_accepted(), t.done_transfer_accepted_text().to_owned()),
            Self::TransferDeclined => (t.done_transfer_declined(), t.done_transfer_declined_text().to_owned()),
            Self::TransferCancelled => (t.done_transfer_cancelled(), t.done_transfer_cancelled_text().to_owned()),
            Self::Assigned => (t.done_assigned(), t.done_assigned_text().to_owned()),
            Self::Claimed => (t.done_claimed(), t.done_claimed_text().to_owned()),
            Self::ShiftOffered => (t.done_shift_offered(), t.done_shift_offered_text().to_owned()),
            Self::ShiftTaken => (t.done_shift_taken(), t.done_shift_taken_text().to_owned()),
            Self::ShiftDeclined => (t.done_shift_declined(), t.done_shift_declined_text().to_owned()),
            Self::ShiftWithdrawn => (t.done_shift_withdrawn(), t.done_shift_withdrawn_text().to_owned()),
            Self::OnCall => (t.done_on_call(), t.done_on_call_text().to_owned()),
            Self::OnCallTest => (t.done_on_call_test(), t.done_on_call_test_text().to_owned()),
            Self::Settled => (t.done_settled(), t.done_settled_text().to_owned()),
            Self::Closed => (t.done_closed(), t.done_closed_text().to_owned()),
            Self::ClosureProposed => (t.done_closure_proposed(), t.done_closure_proposed_text().to_owned()),
            Self::ClosureReturned => (t.done_closure_returned(), t.done_closure_returned_text().to_owned()),
            Self::ClosureWithdrawn => (t.done_closure_withdrawn(), t.done_closure_withdrawn_text().to_owned()),
            Self::FollowedUp => (t.done_followed_up(), t.done_followed_up_text().to_owned()),
            Self::Planned => (t.done_planned(), t.done_planned_text().to_owned()),
            Self::Ended => (t.done_ended(), t.done_ended_text().to_owned()),
            Self::LateCalled => (t.done_called(), t.done_late_called_text().to_owned()),
            Self::Reopened => (t.done_reopened(), t.done_reopened_text().to_owned()),
            Self::EntriesConfirmed => (t.done_entries_confirmed(), t.done_entries_confirmed_text().to_owned()),
            Self::EntryChanged => (t.done_entry_changed(), t.done_entry_changed_text().to_owned()),
            Self::EntryCapacity => (t.done_entry_capacity(), t.done_entry_capacity_text().to_owned()),
            Self::EntryMoved => (t.done_entry_moved(), t.done_entry_moved_text().to_owned()),
            Self::ChangeAccepted => (t.done_change_accepted(), t.done_change_accepted_text().to_owned()),
            Self::SafeguardsNoted => (t.done_safeguards_noted(), t.done_safeguards_noted_text().to_owned()),
            Self::HeldPublished => (t.done_held_published(), t.done_held_published_text().to_owned()),
            Self::ChangeRefused => (t.done_change_refused(), t.done_change_refused_text().to_owned()),
            Self::AgreementAdded => (t.done_agreement_added(), t.done_agreement_added_text().to_owned()),
            Self::AgreementSigned => (t.done_agreement_signed(), t.done_agreement_signed_text().to_owned()),
            Self::AgreementRenewed => (t.done_agreement_renewed(), t.done_agreement_renewed_text().to_owned()),
            Self::AgreementDenounced => (
                t.done_agreement_denounced(),
                t.done_agreement_denounced_text().to_owned(),
            ),
            Self::ProgrammeAdded => (t.done_programme_added(), t.done_programme_added_text().to_owned()),
            Self::ProgrammeSaved => (t.done_programme_saved(), t.done_programme_saved_text().to_owned()),
            Self::ListPrepared => (t.done_list_prepared(), t.done_list_prepared_text().to_owned()),
            Self::SessionNoted => (t.done_session_noted(), t.done_session_noted_text().to_owned()),
            Self::LineAdded => (t.done_line_added(), t.done_line_added_text().to_owned()),
            Self::LineChanged => (t.done_line_changed(), t.done_line_changed_text().to_owned()),
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

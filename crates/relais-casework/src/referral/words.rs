//! The closed words of a referral: states, outcomes, clocks, codes.

use relais_mechanism::closed_enum;
use relais_mechanism::limits::LadderTarget;
use relais_network::life::DoubtCause;

pub use relais_mechanism::pathway::DueKind;

closed_enum! {
    /// Where a referral stands (DESIGN §5). The mechanism labels these states;
    /// it cannot add one.
    State {
        /// Written, not sent: nobody else has seen it.
        Draft = "draft",
        /// With the provider, who has not said that it arrived.
        Sent = "sent",
        /// The provider has it and owes a decision.
        Received = "received",
        /// The provider asked the sender a question.
        NeedsInfo = "needs_info",
        /// Put off to a review date: no acceptance, no identity.
        Waitlisted = "waitlisted",
        /// The provider takes the person. Accepted is not served.
        Accepted = "accepted",
        /// A date is agreed.
        Scheduled = "scheduled",
        /// The person did not come; the sender looks for them.
        NoShow = "no_show",
        /// The service has begun.
        InService = "in_service",
        /// The provider has said how it ended; the person has not.
        Reported = "reported",
        /// The person or the sender contradicts the report.
        Disputed = "disputed",
        /// The provider does not take the person.
        Declined = "declined",
        /// Nobody answered in twice the time.
        Expired = "expired",
        /// Taken back by the sender.
        Cancelled = "cancelled",
        /// Stopped by the person's withdrawal.
        Withdrawn = "withdrawn",
        /// Entered in error, or discarded before sending.
        Voided = "voided",
        /// Reported and settled, with or without confirmation.
        Closed = "closed",
        /// The person died, left, is held or cannot be found.
        Ended = "ended",
    }
}

impl State {
    /// Whether somebody must move. Every waiting state has an owner and a due
    /// time; every other state has given the need back.
    #[must_use]
    pub const fn is_waiting(self) -> bool {
        matches!(
            self,
            Self::Draft
                | Self::Sent
                | Self::Received
                | Self::NeedsInfo
                | Self::Waitlisted
                | Self::Accepted
                | Self::Scheduled
                | Self::NoShow
                | Self::InService
                | Self::Reported
                | Self::Disputed
        )
    }

    /// Whether nothing can follow: the need has its owner again.
    #[must_use]
    pub const fn is_terminal(self) -> bool {
        !self.is_waiting()
    }

    /// Whether a late wait in this state climbs the ladder (the column "when
    /// due passes" of DESIGN §5). The other states have their own way out.
    #[must_use]
    pub const fn climbs_ladder(self) -> bool {
        matches!(
            self,
            Self::Sent | Self::Received | Self::Accepted | Self::Scheduled | Self::InService
        )
    }

    /// Whether silence in this state ends in [`State::Expired`] at twice the
    /// decision limit.
    #[must_use]
    pub const fn expires(self) -> bool {
        matches!(self, Self::Sent | Self::Received)
    }
}

closed_enum! {
    /// How the service ended. Apart from the state: *accepted* is not *served*.
    Outcome {
        /// The person was served.
        Served = "served",
        /// A part was done.
        PartlyServed = "partly_served",
        /// The person does not meet the service's criteria.
        NotEligible = "not_eligible",
        /// No room after all.
        NoCapacity = "no_capacity",
        /// The person did not come.
        DidNotAttend = "did_not_attend",
        /// The person could not be reached.
        NotReached = "not_reached",
        /// The person did not want it.
        RefusedByPerson = "refused_by_person",
        /// The person lives elsewhere now.
        Moved = "moved",
        /// Something else, said in words.
        Other = "other",
    }
}

impl Outcome {
    /// Whether the person got something.
    #[must_use]
    pub const fn is_served(self) -> bool {
        matches!(self, Self::Served | Self::PartlyServed)
    }
}

closed_enum! {
    /// Who confirmed the outcome. *None* is counted as unconfirmed.
    Confirmation {
        /// The person, directly.
        Person = "person",
        /// The person, through the sender.
        PersonThroughSender = "person_through_sender",
        /// The secretariat, which settled a dispute.
        Secretariat = "secretariat",
        /// Nobody: the time passed.
        None = "none",
    }
}

closed_enum! {
    /// Why a provider does not take the person. Feeds the directory.
    DeclineCode {
        /// No room.
        NoCapacity = "no_capacity",
        /// Outside the area served.
        OutsideArea = "outside_area",
        /// Criteria not met.
        NotEligible = "not_eligible",
        /// The service exists no more.
        ServiceEnded = "service_ended",
        /// Money used up, project closed.
        NoFunding = "no_funding",
        /// Nobody there has the skill.
        NotSkilled = "not_skilled",
        /// Not enough is known to decide.
        NotEnoughInformation = "not_enough_information",
        /// The person's consent is missing or too narrow.
        NoConsent = "no_consent",
        /// Somebody helps already.
        AlreadyAssisted = "already_assisted",
        /// Access or safety.
        Security = "security",
        /// The service is suspended for now.
        Suspended = "suspended",
        /// Nobody has said who pays: a repair task for the sender.
        PaymentNotConfirmed = "payment_not_confirmed",
        /// Papers are missing: a repair task for the sender.
        PapersMissing = "papers_missing",
        /// Another service is right; it is named.
        Redirect = "redirect",
        /// Something else, said in words.
        Other = "other",
    }
}

impl DeclineCode {
    /// Whether the sender can repair the cause and ask again (DOMAIN §3).
    #[must_use]
    pub const fn is_repairable(self) -> bool {
        matches!(self, Self::PaymentNotConfirmed | Self::PapersMissing)
    }

    /// What the answer says against the provider's entry in the directory.
    #[must_use]
    pub const fn doubt(self) -> Option<DoubtCause> {
        match self {
            Self::NoCapacity => Some(DoubtCause::NoCapacity),
            Self::OutsideArea => Some(DoubtCause::OutsideArea),
            Self::NotEligible => Some(DoubtCause::NotEligible),
            Self::ServiceEnded => Some(DoubtCause::ServiceEnded),
            Self::NoFunding
            | Self::NotSkilled
            | Self::NotEnoughInformation
            | Self::NoConsent
            | Self::AlreadyAssisted
            | Self::Security
            | Self::Suspended
            | Self::PaymentNotConfirmed
            | Self::PapersMissing
            | Self::Redirect
            | Self::Other => None,
        }
    }
}

closed_enum! {
    /// What the person wants to stop when withdrawing consent (DOMAIN F3.52).
    WithdrawEffect {
        /// Data go nowhere any more; care goes on.
        StopSharing = "stop_sharing",
        /// The service stops.
        StopService = "stop_service",
        /// Both.
        Both = "both",
    }
}

impl WithdrawEffect {
    /// Whether sharing stops.
    #[must_use]
    pub const fn stops_sharing(self) -> bool {
        matches!(self, Self::StopSharing | Self::Both)
    }

    /// Whether the service stops.
    #[must_use]
    pub const fn stops_service(self) -> bool {
        matches!(self, Self::StopService | Self::Both)
    }
}

closed_enum! {
    /// Why a supervisor ends the work (DOMAIN F7.14).
    EndReason {
        /// The person died.
        Deceased = "deceased",
        /// The person left the country or the area.
        Left = "left",
        /// The person is held.
        Detained = "detained",
        /// Nobody knows where the person is.
        WhereaboutsUnknown = "whereabouts_unknown",
    }
}

closed_enum! {
    /// The commands, without their payload: what pathways, permissions and
    /// refusals speak of.
    CommandKind {
        /// Send the draft.
        Send = "send",
        /// Throw the draft away.
        Discard = "discard",
        /// Say that it arrived.
        Acknowledge = "acknowledge",
        /// Take the person.
        Accept = "accept",
        /// Ask the sender.
        Ask = "ask",
        /// Answer the provider.
        Answer = "answer",
        /// Put on the waiting list.
        Waitlist = "waitlist",
        /// Move the review date, once.
        ExtendWaitlist = "extend_waitlist",
        /// Do not take the person.
        Decline = "decline",
        /// Take the referral back.
        Cancel = "cancel",
        /// Agree a date.
        Schedule = "schedule",
        /// The service begins.
        Start = "start",
        /// News of a long service.
        News = "news",
        /// The person did not come.
        NoShow = "no_show",
        /// Agree another date.
        Reschedule = "reschedule",
        /// Say how it ended.
        Report = "report",
        /// The person confirms.
        Confirm = "confirm",
        /// The person or the sender contradicts.
        Dispute = "dispute",
        /// The secretariat decides a dispute.
        Settle = "settle",
        /// Entered in error.
        Void = "void",
        /// The person withdraws consent.
        Withdraw = "withdraw",
        /// The person died, left, is held or cannot be found.
        End = "end",
        /// The provider contradicts an answer noted for it.
        Contest = "contest",
        /// A clock ran out.
        TimePasses = "time_passes",
    }
}

closed_enum! {
    /// Whom a step of the ladder tells.
    Recipient {
        /// The provider's focal point.
        ProviderFocalPoint = "provider_focal_point",
        /// The focal point's alternate.
        ProviderAlternate = "provider_alternate",
        /// The head of the provider's structure.
        ProviderHead = "provider_head",
        /// The case managers of the organisation that holds the case.
        Sender = "sender",
        /// Their supervisor.
        SenderSupervisor = "sender_supervisor",
        /// The mechanism's focal point in the region.
        RegionalFocalPoint = "regional_focal_point",
        /// The technical secretariat.
        Secretariat = "secretariat",
        /// Its supervisor.
        SecretariatSupervisor = "secretariat_supervisor",
    }
}

impl From<LadderTarget> for Recipient {
    fn from(target: LadderTarget) -> Self {
        match target {
            LadderTarget::FocalPoint => Self::ProviderFocalPoint,
            LadderTarget::Alternate => Self::ProviderAlternate,
            LadderTarget::Head => Self::ProviderHead,
            LadderTarget::Sender => Self::Sender,
            LadderTarget::RegionalFocalPoint => Self::RegionalFocalPoint,
            LadderTarget::Secretariat => Self::Secretariat,
        }
    }
}

closed_enum! {
    /// What a terminal referral does to its need, in the same transaction
    /// (DESIGN §5: "every terminal referral gives the need back").
    NeedEffect {
        /// Served, and somebody confirmed it.
        Met = "met",
        /// Partly served, and somebody confirmed it.
        PartlyMet = "partly_met",
        /// The holder must find another service; this one counts as tried.
        Reopen = "reopen",
        /// Entered in error: the service does not count as tried.
        ReopenUntried = "reopen_untried",
        /// The person does not want the service any more.
        Dropped = "dropped",
        /// The person died, left, is held or cannot be found.
        Ended = "ended",
    }
}

impl NeedEffect {
    /// What a closed referral does: *accepted* is not *served*, and *served*
    /// without anybody's confirmation does not meet a need.
    #[must_use]
    pub const fn of_closed(outcome: Outcome, confirmation: Confirmation) -> Self {
        match (outcome, confirmation) {
            (_, Confirmation::None) => Self::Reopen,
            (Outcome::Served, _) => Self::Met,
            (Outcome::PartlyServed, _) => Self::PartlyMet,
            _ => Self::Reopen,
        }
    }
}

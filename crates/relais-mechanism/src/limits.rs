//! Time limits, the ladder of reminders and the counts of the mechanism
//! (DESIGN §5, DOMAIN §1.3). All of them are data; nothing here is a number.

use chrono::NaiveTime;

use crate::closed_enum;
use crate::pathway::DueKind;
use crate::words::{Label, Lang, Priority};

/// A length of time until something is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Span {
    /// Clock minutes, day and night.
    Minutes(u32),
    /// Working days of the region's and organisation's calendar; the day of
    /// the start is not counted.
    WorkingDays(u32),
    /// The date agreed with the person.
    AgreedDate,
}

/// In what a length of time is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpanUnit {
    /// Minutes.
    Minutes,
    /// Hours.
    Hours,
    /// Days, day and night.
    Days,
    /// Working days.
    WorkingDays,
}

impl SpanUnit {
    /// As the files write it: "min", "h", "d", "wd".
    #[must_use]
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Minutes => "min",
            Self::Hours => "h",
            Self::Days => "d",
            Self::WorkingDays => "wd",
        }
    }

    /// Its noun for one or for several.
    const fn noun(self, lang: Lang, several: bool) -> &'static str {
        match (self, lang, several) {
            (Self::Minutes, _, false) => "minute",
            (Self::Minutes, _, true) => "minutes",
            (Self::Hours, Lang::Fr, false) => "heure",
            (Self::Hours, Lang::Fr, true) => "heures",
            (Self::Hours, Lang::En, false) => "hour",
            (Self::Hours, Lang::En, true) => "hours",
            (Self::Days, Lang::Fr, false) => "jour",
            (Self::Days, Lang::Fr, true) => "jours",
            (Self::Days, Lang::En, false) => "day",
            (Self::Days, Lang::En, true) => "days",
            (Self::WorkingDays, Lang::Fr, false) => "jour ouvrable",
            (Self::WorkingDays, Lang::Fr, true) => "jours ouvrables",
            (Self::WorkingDays, Lang::En, false) => "working day",
            (Self::WorkingDays, Lang::En, true) => "working days",
        }
    }
}

impl Span {
    /// The number and what is counted, as the field says them: hours up to three
    /// days (24 h, 72 h), days from there on. `None` for an agreed date.
    #[must_use]
    pub const fn counted(self) -> Option<(u32, SpanUnit)> {
        const DAY: u32 = 24 * 60;
        Some(match self {
            Self::AgreedDate => return None,
            Self::WorkingDays(n) => (n, SpanUnit::WorkingDays),
            Self::Minutes(n) if n > 3 * DAY && n % DAY == 0 => (n / DAY, SpanUnit::Days),
            Self::Minutes(n) if n % 60 == 0 => (n / 60, SpanUnit::Hours),
            Self::Minutes(n) => (n, SpanUnit::Minutes),
        })
    }

    /// As the files write it; [`Span::parse`] reads it back.
    #[must_use]
    pub fn written(self) -> String {
        match self.counted() {
            None => "agreed".to_owned(),
            Some((n, unit)) => format!("{n} {}", unit.sign()),
        }
    }

    /// In words: "2 jours ouvrables", "72 hours", "on the agreed date".
    #[must_use]
    pub fn in_words(self, lang: Lang) -> String {
        match (self.counted(), lang) {
            (None, Lang::Fr) => "à la date convenue".to_owned(),
            (None, Lang::En) => "on the agreed date".to_owned(),
            // French counts none as one.
            (Some((n, unit)), _) => format!("{n} {}", unit.noun(lang, n > 1 || n == 0 && lang == Lang::En)),
        }
    }

    /// Reads "15 min", "4 h", "5 d", "10 wd" (working days) or "agreed".
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text == "agreed" {
            return Some(Self::AgreedDate);
        }
        let (number, unit) = text.split_once(' ')?;
        let number: u32 = number.parse().ok()?;
        match unit.trim() {
            "min" => Some(Self::Minutes(number)),
            "h" => number.checked_mul(60).map(Self::Minutes),
            "d" => number.checked_mul(1440).map(Self::Minutes),
            "wd" => Some(Self::WorkingDays(number)),
            _ => None,
        }
    }

    /// Whether this span certainly ends no later than the other: a working
    /// day lasts at least one calendar day; an agreed date is never tighter.
    #[must_use]
    pub fn is_tighter_than(self, other: Self) -> bool {
        match (self, other) {
            (Self::AgreedDate, _) => false,
            (_, Self::AgreedDate) => true,
            (Self::Minutes(a), Self::Minutes(b)) | (Self::WorkingDays(a), Self::WorkingDays(b)) => a < b,
            (Self::Minutes(a), Self::WorkingDays(b)) => u64::from(a) <= u64::from(b) * 1440,
            (Self::WorkingDays(_), Self::Minutes(_)) => false,
        }
    }

    /// The tighter of two spans.
    #[must_use]
    pub fn tighter(self, other: Self) -> Self {
        if other.is_tighter_than(self) { other } else { self }
    }
}

/// Whose clock a priority runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnCall {
    /// P1: somebody answers day and night; it never waits for an opening.
    Required,
    /// P2: clock hours where the service declares on-call; otherwise an
    /// interim measure is written and the clock runs from the next opening.
    DeclaredOrInterim,
    /// P3, P4: opening hours only.
    None,
}

/// The limits of one priority, tightened by the service where it says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The priority.
    pub priority: Priority,
    /// From the record of the need until it must be met.
    pub need: Span,
    /// From sending until acknowledged.
    pub acknowledge: Span,
    /// From sending until decided.
    pub decide: Span,
    /// From acceptance until the person is contacted.
    pub first_contact: Span,
    /// From acceptance until a date is agreed, where the first contact is on
    /// an agreed date (P4).
    pub agree_date: Span,
    /// From acceptance until the service starts.
    pub start: Span,
    /// From the end of the service until the final report.
    pub report: Span,
    /// Between two lines of news while the service runs.
    pub news: Span,
    /// For the sender to answer the provider's question.
    pub answer: Span,
    /// Whether a question stops the provider's clock (never for P1).
    pub answer_pauses: bool,
    /// For the sender to reach a person who did not come.
    pub reach: Span,
    /// After an appointment, for the provider to say whether it took place.
    pub appointment: Span,
    /// For the sender to confirm the outcome with the person.
    pub confirm: Span,
    /// For each answer to a dispute.
    pub dispute: Span,
    /// Longest wait until a waiting list is looked at again; `None` where no
    /// waiting list is allowed (P1, P2).
    pub waitlist_review: Option<Span>,
    /// Whose clock it runs on.
    pub on_call: OnCall,
    /// Open referrals allowed at once for one need (two for P1).
    pub open_referrals: u32,
    /// A bed must be found before this local time, or within `start` of the
    /// request, whichever is later (service limit SL5).
    pub bed_before: Option<NaiveTime>,
}

impl Limits {
    /// The limit of what falls due; `None` where the priority has no such
    /// state (a waiting list for P1, P2).
    #[must_use]
    pub fn due(&self, kind: DueKind) -> Option<Span> {
        Some(match kind {
            DueKind::Need => self.need,
            DueKind::Acknowledge => self.acknowledge,
            DueKind::Decide => self.decide,
            DueKind::Answer => self.answer,
            DueKind::WaitlistReview => return self.waitlist_review,
            DueKind::FirstContact if self.first_contact == Span::AgreedDate => self.agree_date,
            DueKind::FirstContact => self.first_contact,
            DueKind::Appointment => self.appointment,
            DueKind::Reach => self.reach,
            DueKind::Report => self.report,
            DueKind::Confirm => self.confirm,
            DueKind::Dispute => self.dispute,
        })
    }
}

closed_enum! {
    /// When a service's own limit applies.
    LimitCondition {
        /// Always.
        Always = "always",
        /// Only to an emergency.
        Emergency = "emergency",
        /// The person speaks of suicide.
        SuicidalStatements = "suicidal_statements",
        /// The person has no safe place tonight.
        NoSafePlaceTonight = "no_safe_place_tonight",
    }
}

closed_enum! {
    /// What a service's own limit tightens.
    LimitOf {
        /// Contact and start of the service.
        Start = "start",
        /// News of the person.
        News = "news",
    }
}

/// A service's own limit, which tightens the row of the priority
/// (DOMAIN §1.3, SL1–SL6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceLimit {
    /// Code, such as "SL1".
    pub code: String,
    /// Codes of the services; empty for every service.
    pub services: Vec<String>,
    /// When it applies.
    pub condition: LimitCondition,
    /// What it tightens.
    pub of: LimitOf,
    /// The limit.
    pub limit: Span,
    /// The later of this local time and the limit.
    pub before: Option<NaiveTime>,
    /// What must have happened.
    pub label: Label,
    /// How sure the line is.
    pub mark: Option<String>,
}

/// What is known of the case when limits are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LimitFacts {
    /// The person speaks of suicide.
    pub suicidal_statements: bool,
    /// The person has no safe place tonight.
    pub no_safe_place_tonight: bool,
}

impl LimitFacts {
    /// Whether a condition holds for a need of this priority.
    #[must_use]
    pub fn meet(self, condition: LimitCondition, priority: Priority) -> bool {
        match condition {
            LimitCondition::Always => true,
            LimitCondition::Emergency => priority == Priority::P1,
            LimitCondition::SuicidalStatements => self.suicidal_statements,
            LimitCondition::NoSafePlaceTonight => self.no_safe_place_tonight,
        }
    }
}

closed_enum! {
    /// Who is told at a step of the ladder.
    LadderTarget {
        /// The provider's focal point for the service.
        FocalPoint = "focal_point",
        /// The focal point's alternate.
        Alternate = "alternate",
        /// The head of the structure.
        Head = "head",
        /// The organisation that holds the case.
        Sender = "sender",
        /// The region's focal point of the mechanism.
        RegionalFocalPoint = "regional_focal_point",
        /// The technical secretariat.
        Secretariat = "secretariat",
    }
}

closed_enum! {
    /// What is done at a step of the ladder besides telling.
    LadderAction {
        /// Remind.
        Remind = "remind",
        /// Pass upwards.
        Escalate = "escalate",
        /// Propose another service to the sender.
        ProposeReroute = "propose_reroute",
        /// Expire the referral (sent and received only).
        Expire = "expire",
    }
}

/// One step of the ladder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LadderStep {
    /// Percent of the limit that has passed.
    pub percent: u32,
    /// Who is told, in order.
    pub tell: Vec<LadderTarget>,
    /// What is done.
    pub actions: Vec<LadderAction>,
    /// What the step says.
    pub label: Label,
}

/// Counts and lengths that hold for every priority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// Missed appointments after which only a report is possible.
    pub no_shows_max: u32,
    /// Disputes of one referral at most.
    pub disputes_max: u32,
    /// Times that a waiting list may be extended.
    pub waitlist_extensions: u32,
    /// After the review date of a waiting list, until the referral expires.
    pub waitlist_expires_after: Span,
    /// Percent of the limit to decide at which sent and received expire.
    pub expire_percent: u32,
    /// Minutes to let a P1 number ring out before the next one.
    pub minutes_per_number: u32,
    /// Days after which a test call of an on-call number is too old.
    pub test_call_days: u32,
    /// Days that an expired agreement still carries (DESIGN §6).
    pub grace_days: u32,
    /// Days before the end of an agreement at which notice is given.
    pub notice_days: Vec<u32>,
    /// Days after the end of a referral until what it disclosed is closed.
    pub keep_after_end_days: u32,
    /// For the co-signature of an override or emergency access.
    pub co_signature: Span,
    /// How long an override or emergency access lasts.
    pub override_lasts: Span,
    /// Days that a consent holds.
    pub consent_days: u32,
    /// Working days of a provider's right of reply to named figures.
    pub right_of_reply: Span,
    /// The least count that is shown of protected cases.
    pub smallest_count: u32,
    /// Name checks per user and day outside a declared group arrival.
    pub name_checks_per_day: u32,
    /// For a recipient to confirm that it stopped using what was withdrawn.
    pub stop_use: Span,
    /// For the holder of another file to say whether it is of the same person.
    pub same_answer: Span,
    /// For an organisation to answer the transfer of a case.
    pub transfer_answer: Span,
    /// For a supervisor to confirm the closure of a case or send it back; for
    /// whoever works on the case to answer a closure sent back.
    pub closure_review: Span,
    /// For a complaint of sexual exploitation and abuse to be opened by each of
    /// its recipients (DOMAIN F10).
    pub complaint_forward: Span,
    /// For a complaint to be acknowledged.
    pub complaint_acknowledge: Span,
    /// For a complaint to be decided.
    pub complaint_decide: Span,
    /// Age below which a person is a child.
    pub child_below: u32,
    /// An age estimated up to this, without a document, counts as a child's.
    pub doubtful_child_to: u32,
    /// Days after which a directory entry is stale.
    pub directory_stale_days: u32,
    /// Days before the end of an entry's confirmation at which its provider is
    /// reminded.
    pub confirmation_reminder_days: u32,
    /// Days before the last programme that pays for a service ends at which its
    /// provider and the coordination unit are reminded.
    pub funding_reminder_days: u32,
    /// Referrals that a provider leaves unanswered, one after the other, before
    /// it is no longer offered.
    pub unanswered_referrals: u32,
    /// Days in which the merge of two entries of the directory can be undone.
    pub merge_undo_days: u32,
}

/// For how long the confirmation of some entries of the directory holds, where
/// it is not [`Rules::directory_stale_days`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfirmationInterval {
    /// Code.
    pub code: String,
    /// Kinds of organisation (list `org_type`).
    pub kinds: Vec<String>,
    /// Services, or categories of services; they go before the kind.
    pub services: Vec<String>,
    /// Days.
    pub days: u32,
    /// Why.
    pub label: Label,
    /// "P" for a proposal.
    pub mark: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_read_back_as_it_is_written() {
        let minutes = [1, 15, 59, 60, 90, 24 * 60, 72 * 60, 73 * 60, 4 * 1440, 30 * 1440];
        let spans = minutes.map(Span::Minutes).into_iter();
        for span in spans.chain([1, 2, 10].map(Span::WorkingDays)).chain([Span::AgreedDate]) {
            assert_eq!(Span::parse(&span.written()), Some(span), "{}", span.written());
        }
    }
}

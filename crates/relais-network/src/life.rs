//! The life of an entry of the directory: proposed → checked → published →
//! doubtful → archived. Who may move it, what speaks against it, what a
//! provider changes alone and what waits for the coordination unit.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use relais_mechanism::closed_enum;
use serde::{Deserialize, Serialize};

use crate::organisation::{OrganisationKind, PublicationStatus};
use crate::service::Service;

closed_enum! {
    /// What is done to an entry.
    LifeAct {
        /// The coordination unit looked at it and finds it right.
        Check = "check",
        /// It is offered from now on.
        Publish = "publish",
        /// Somebody who knows says that it is still true.
        Confirm = "confirm",
        /// Something speaks against it.
        Doubt = "doubt",
        /// It is offered no more.
        Archive = "archive",
        /// It comes back from the archive.
        Restore = "restore",
    }
}

closed_enum! {
    /// Who does it.
    Hand {
        /// The focal point of the provider.
        Provider = "provider",
        /// The coordination unit.
        Office = "office",
        /// The deployment's clock.
        Clock = "clock",
        /// A referral that the provider answered.
        Evidence = "evidence",
    }
}

closed_enum! {
    /// Why an entry does not move.
    LifeRefusal {
        /// This is another's to do.
        NotYours = "life_not_yours",
        /// From where it stands there is no such way.
        NotFromHere = "life_not_from_here",
    }
}

/// What becomes of an entry: total over state, act and hand.
///
/// # Errors
/// Why it stays where it is.
pub const fn decide(at: PublicationStatus, act: LifeAct, by: Hand) -> Result<PublicationStatus, LifeRefusal> {
    use PublicationStatus as S;
    let may = match act {
        LifeAct::Check | LifeAct::Publish | LifeAct::Archive | LifeAct::Restore => matches!(by, Hand::Office),
        LifeAct::Confirm => matches!(by, Hand::Provider | Hand::Office),
        // A provider does not doubt its own entry: it corrects it.
        LifeAct::Doubt => matches!(by, Hand::Office | Hand::Clock | Hand::Evidence),
    };
    if !may {
        return Err(LifeRefusal::NotYours);
    }
    match (at, act) {
        // What comes back is looked at again before it is offered.
        (S::Proposed, LifeAct::Check) | (S::Archived, LifeAct::Restore) => Ok(S::Checked),
        (S::Checked, LifeAct::Publish) | (S::Published | S::Doubtful, LifeAct::Confirm) => Ok(S::Published),
        // To be true is not enough to be offered.
        (S::Proposed | S::Checked, LifeAct::Confirm) => Ok(at),
        (S::Published | S::Doubtful, LifeAct::Doubt) => Ok(S::Doubtful),
        (S::Proposed | S::Checked | S::Published | S::Doubtful, LifeAct::Archive) => Ok(S::Archived),
        _ => Err(LifeRefusal::NotFromHere),
    }
}

closed_enum! {
    /// What speaks against an entry.
    DoubtCause {
        /// Nobody confirmed it in time.
        Overdue = "overdue",
        /// The provider declined: no room.
        NoCapacity = "no_capacity",
        /// The provider declined: outside the area served.
        OutsideArea = "outside_area",
        /// The provider declined: criteria not met.
        NotEligible = "not_eligible",
        /// The provider declined: the service exists no more.
        ServiceEnded = "service_ended",
        /// The last programme that paid for it has ended.
        FundingEnded = "funding_ended",
        /// The coordination unit heard otherwise.
        Reported = "reported",
        /// The steering committee did not ratify it.
        SetApart = "set_apart",
    }
}

impl DoubtCause {
    /// The line of the entry that is in doubt; none where all of it is.
    #[must_use]
    pub const fn line(self) -> Option<Line> {
        match self {
            Self::NoCapacity => Some(Line::Capacity),
            Self::OutsideArea => Some(Line::ServedArea),
            Self::NotEligible => Some(Line::Targets),
            Self::FundingEnded => Some(Line::Programmes),
            Self::Overdue | Self::ServiceEnded | Self::Reported | Self::SetApart => None,
        }
    }

    /// Whether the doubt goes when an entry is confirmed as it stands. That says
    /// nothing of who pays now; and what the committee set apart its provider does
    /// not answer alone.
    #[must_use]
    pub const fn is_lifted_by(self, by: Hand) -> bool {
        match self {
            Self::FundingEnded => false,
            Self::SetApart => matches!(by, Hand::Office),
            Self::Overdue
            | Self::NoCapacity
            | Self::OutsideArea
            | Self::NotEligible
            | Self::ServiceEnded
            | Self::Reported => true,
        }
    }
}

/// Something that speaks against an entry, and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doubt {
    /// What.
    pub cause: DoubtCause,
    /// On which day it came up last.
    pub on: NaiveDate,
}

closed_enum! {
    /// A line of an entry.
    Line {
        /// Name of the service.
        Name = "name",
        /// Service of the taxonomy.
        ServiceType = "service_type",
        /// Where it is offered.
        Place = "place",
        /// Telephones.
        Telephones = "telephones",
        /// Opening hours.
        OpeningHours = "opening_hours",
        /// Free places.
        Capacity = "capacity",
        /// What the person pays.
        Cost = "cost",
        /// Area served.
        ServedArea = "served_area",
        /// For whom.
        Targets = "targets",
        /// How to refer.
        HowToRefer = "how_to_refer",
        /// Languages spoken.
        Languages = "languages",
        /// The programmes that pay for it.
        Programmes = "programmes",
    }
}

impl Line {
    /// Whether a change by the provider takes effect at once. What it knows
    /// best and changes often does; what says who may be sent there waits until
    /// the coordination unit has accepted it.
    #[must_use]
    pub const fn is_the_providers(self) -> bool {
        match self {
            Self::Telephones | Self::OpeningHours | Self::Capacity | Self::Languages => true,
            Self::Name
            | Self::ServiceType
            | Self::Place
            | Self::Cost
            | Self::ServedArea
            | Self::Targets
            | Self::HowToRefer
            | Self::Programmes => false,
        }
    }
}

/// Moves a service by the act, with what follows for its doubts
/// ([`DoubtCause::is_lifted_by`]). Whoever confirms an entry as it stands has not
/// said who pays for it now: that doubt stays until the line is answered, by a new
/// end date or without the programme.
///
/// # Errors
/// As [`decide`].
pub fn moved(service: &Service, act: LifeAct, by: Hand) -> Result<Service, LifeRefusal> {
    let status = decide(service.status, act, by)?;
    // What went up in another entry comes back by undoing that, and not alone.
    if service.merged_into.is_some() {
        return Err(LifeRefusal::NotFromHere);
    }
    let mut service = service.clone();
    service.status = status;
    if act == LifeAct::Confirm && status == PublicationStatus::Published {
        service.doubts.retain(|d| !d.cause.is_lifted_by(by));
        if !service.doubts.is_empty() {
            service.status = PublicationStatus::Doubtful;
        }
    } else if status != PublicationStatus::Doubtful {
        service.doubts.clear();
    }
    service.held &= status == PublicationStatus::Checked;
    if act == LifeAct::Restore {
        // What was given up goes before the committee again.
        service.ratified = None;
    }
    Ok(service)
}

/// Raises a doubt on a service. One that came up before is dated anew.
///
/// # Errors
/// As [`decide`].
pub fn doubted(service: &Service, cause: DoubtCause, on: NaiveDate, by: Hand) -> Result<Service, LifeRefusal> {
    let mut service = moved(service, LifeAct::Doubt, by)?;
    service.doubts.retain(|d| d.cause != cause);
    service.doubts.push(Doubt { cause, on });
    Ok(service)
}

/// What an entry of the same id becomes where a list brings it again: a list
/// does not answer a doubt, does not know what was confirmed since, and speaks of
/// no ratification: what the committee decided stays.
#[must_use]
pub fn brought_again(known: &Service, brought: &Service) -> Service {
    let mut service = brought.clone();
    if service.confirmed_on <= known.confirmed_on {
        (service.confirmed_on, service.confirmed_by) = (known.confirmed_on, known.confirmed_by);
        let stays = known.status == PublicationStatus::Doubtful && service.status == PublicationStatus::Published;
        if stays {
            service.status = known.status;
            service.doubts.clone_from(&known.doubts);
        }
    }
    let given_up = known.status == PublicationStatus::Archived;
    service.ratified = known.ratified.clone().filter(|_| !given_up);
    let apart = known.doubts.iter().find(|d| d.cause == DoubtCause::SetApart);
    if let Some(apart) = apart
        && service.status == PublicationStatus::Published
    {
        (service.status, service.doubts) = (PublicationStatus::Doubtful, vec![*apart]);
    }
    if service.capacity.assessed_on < known.capacity.assessed_on {
        service.capacity = known.capacity;
    }
    service
}

/// For how long a confirmation holds, by kind of organisation or by service.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Intervals {
    /// Days where nothing else is said.
    pub days: u32,
    /// Days by service ("MED.01") or category ("MED").
    pub by_service: BTreeMap<String, u32>,
    /// Days by kind of organisation.
    pub by_kind: BTreeMap<OrganisationKind, u32>,
    /// Days before the end at which the provider is reminded.
    pub remind_days: u32,
}

closed_enum! {
    /// How a confirmation stands on a day.
    Standing {
        /// Nobody ever confirmed the entry.
        Never = "never",
        /// It holds.
        Holds = "holds",
        /// It ends soon.
        Soon = "soon",
        /// It has ended.
        Overdue = "overdue",
    }
}

impl Intervals {
    /// Days that a confirmation holds: what is said of the service, else of its
    /// category, else of the kind of organisation.
    #[must_use]
    pub fn of(&self, kind: OrganisationKind, service: &Service) -> u32 {
        let by_service = |code: &str| self.by_service.get(code);
        by_service(&service.service_type)
            .or_else(|| by_service(service.category()))
            .or_else(|| self.by_kind.get(&kind))
            .copied()
            .unwrap_or(self.days)
    }

    /// The last day on which the confirmation holds; none where there is none.
    #[must_use]
    pub fn until(&self, kind: OrganisationKind, service: &Service) -> Option<NaiveDate> {
        let days = Days::new(u64::from(self.of(kind, service)));
        service.confirmed_on?.checked_add_days(days)
    }

    /// The day on which the provider is reminded.
    #[must_use]
    pub fn remind_on(&self, kind: OrganisationKind, service: &Service) -> Option<NaiveDate> {
        let days = Days::new(u64::from(self.remind_days));
        self.until(kind, service)?.checked_sub_days(days)
    }

    /// How the confirmation stands on a day.
    #[must_use]
    pub fn standing(&self, kind: OrganisationKind, service: &Service, today: NaiveDate) -> Standing {
        match (self.until(kind, service), self.remind_on(kind, service)) {
            (None, _) => Standing::Never,
            (Some(until), _) if today > until => Standing::Overdue,
            (_, Some(remind)) if today >= remind => Standing::Soon,
            _ => Standing::Holds,
        }
    }
}

#[cfg(test)]
mod tests;

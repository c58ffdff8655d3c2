//! Consent: dated lines, one decision each, and what they allow together
//! (DESIGN §6, DOMAIN §2.3 and §2.4).
//!
//! Silence is refusal. Nothing is bundled: sharing with a service rests on C3
//! only, with police or justice on C4 only, with employers on C10 only, and
//! sending data abroad needs C6 beside C3. What the person wants never shared
//! beats whatever was granted. A later line undoes an earlier one only where it
//! speaks of the same recipients or of a narrower circle.

mod given;
mod stop;
mod withdrawal;

pub use given::{AdultLink, Assent, ConsentFlaw, GivenBy, Proof, ProofForm};
pub use stop::{StopConfirmed, StopEvent, StopRefusal, StopRequest};
pub use withdrawal::{PastDisclosure, Tell, Withdrawal, withdraw};

pub use crate::referral::WithdrawEffect;

use chrono::{DateTime, Days, Months, NaiveDate, Utc};
use relais_mechanism::{ClassSet, DataClass, Lang, Purpose, closed_enum};
use relais_network::agreement::Ruling;
use relais_network::{CaseId, ConsentId, OrganisationId};

use crate::calendar::local_midnight;

/// Days after the last survey wave on which C9 ends (DOMAIN §2.4 rule 9).
pub const C9_DAYS_AFTER_LAST_WAVE: u64 = 60;

closed_enum! {
    /// The eleven lines of the consent form F3.
    ConsentLine {
        /// Register my case in the mechanism.
        C1 = "C1",
        /// Receive assistance and follow-up.
        C2 = "C2",
        /// Share with a named organisation, for a named service, named classes.
        C3 = "C3",
        /// Share with police or judiciary.
        C4 = "C4",
        /// Contact my family.
        C5 = "C5",
        /// Transfer my data outside the country.
        C6 = "C6",
        /// Photo, voice or testimony.
        C7 = "C7",
        /// Anonymised data for statistics.
        C8 = "C8",
        /// Be contacted for follow-up surveys.
        C9 = "C9",
        /// Share my work profile with employers.
        C10 = "C10",
        /// Tell employers that I am a returnee.
        C11 = "C11",
    }
}

closed_enum! {
    /// What the person decided on a line.
    ConsentDecision {
        /// Granted.
        Granted = "granted",
        /// Refused.
        Refused = "refused",
        /// Not asked: the default, and as good as a refusal.
        NotAsked = "not_asked",
        /// Granted, then withdrawn.
        Withdrawn = "withdrawn",
        /// Granted, and its term has ended.
        Expired = "expired",
    }
}

/// To whom a line speaks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Recipient {
    /// Any member of the mechanism.
    AnyMember,
    /// Any member, for the services of one category of the taxonomy.
    Category {
        /// The category's code, as `MED`.
        category: String,
    },
    /// One organisation.
    Organisation {
        /// Which.
        organisation: OrganisationId,
    },
    /// One organisation for one type of service.
    Service {
        /// Which organisation.
        organisation: OrganisationId,
        /// The service type's code, as `MED.02`.
        service: String,
    },
}

/// The category of a service type: what stands before the point.
#[must_use]
pub fn category_of(service: &str) -> &str {
    service.split_once('.').map_or(service, |(category, _)| category)
}

impl Recipient {
    /// Whether the line speaks to this organisation when it is asked for this
    /// service type.
    #[must_use]
    pub fn matches(&self, organisation: OrganisationId, service: &str) -> bool {
        match self {
            Self::AnyMember => true,
            Self::Category { category } => category_of(service) == category,
            Self::Organisation { organisation: own } => *own == organisation,
            Self::Service {
                organisation: own,
                service: for_service,
            } => *own == organisation && for_service == service,
        }
    }

    /// Whether every recipient of this circle is in the other.
    #[must_use]
    pub fn within(&self, other: &Self) -> bool {
        match (self, other) {
            (_, Self::AnyMember) => true,
            (Self::Service { service, .. }, Self::Category { category }) => category_of(service) == category,
            (Self::Service { organisation, .. }, Self::Organisation { organisation: whole }) => organisation == whole,
            (own, other) => own == other,
        }
    }
}

/// Classes that the person wants never shared, with these recipients or, with
/// `None`, with anybody (F3.23).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Deny {
    /// The classes.
    pub classes: ClassSet,
    /// With whom not; `None`: nobody at all.
    pub recipient: Option<Recipient>,
}

/// One line of a consent form, dated.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Consent {
    /// Its id.
    pub id: ConsentId,
    /// Of which case.
    pub case: CaseId,
    /// Which line.
    pub line: ConsentLine,
    /// What was decided.
    pub decision: ConsentDecision,
    /// For what.
    pub purpose: Purpose,
    /// To whom it speaks.
    pub recipient: Recipient,
    /// Of which classes.
    pub classes: ClassSet,
    /// What is never to be shared; holds whatever the decision is.
    #[serde(default)]
    pub deny: Vec<Deny>,
    /// The language in which the notice was given.
    pub lang: Lang,
    /// The hash of the notice's text.
    pub notice_hash: String,
    /// How it was given.
    pub proof: Proof,
    /// Who gave it.
    pub given_by: GivenBy,
    /// From when.
    pub from: DateTime<Utc>,
    /// Until when, from [`line_until`]; `None`: twelve months.
    pub until: Option<DateTime<Utc>>,
    /// When it was withdrawn.
    pub withdrawn_at: Option<DateTime<Utc>>,
}

/// The end of a line's validity (DOMAIN §2.4 rule 9): C1–C3 twelve months,
/// renewed at contact; C9 the last survey wave and sixty days, closure
/// included; the others twelve months or the closure of the case.
#[must_use]
pub fn line_until(
    line: ConsentLine,
    from: DateTime<Utc>,
    last_wave: Option<NaiveDate>,
    closed_at: Option<DateTime<Utc>>,
) -> DateTime<Utc> {
    let year = twelve_months_after(from);
    match line {
        ConsentLine::C1 | ConsentLine::C2 | ConsentLine::C3 => year,
        ConsentLine::C9 => last_wave
            .and_then(|day| day.checked_add_days(Days::new(C9_DAYS_AFTER_LAST_WAVE + 1)))
            .map_or(year, local_midnight),
        _ => closed_at.map_or(year, |closed| year.min(closed)),
    }
}

fn twelve_months_after(from: DateTime<Utc>) -> DateTime<Utc> {
    from.checked_add_months(Months::new(12))
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
}

impl Consent {
    /// When it ends unless it is withdrawn before.
    #[must_use]
    pub fn ends_at(&self) -> DateTime<Utc> {
        self.until.unwrap_or_else(|| twelve_months_after(self.from))
    }

    /// The decision as it stands at `now`: what was granted may have been
    /// withdrawn or have expired since. Before `from` nothing was asked.
    #[must_use]
    pub fn standing(&self, now: DateTime<Utc>) -> ConsentDecision {
        if now < self.from {
            return ConsentDecision::NotAsked;
        }
        match self.decision {
            ConsentDecision::Granted if self.withdrawn_at.is_some_and(|at| at <= now) => ConsentDecision::Withdrawn,
            ConsentDecision::Granted if self.ends_at() <= now => ConsentDecision::Expired,
            decision => decision,
        }
    }

    /// Void from the moment at which the link of whoever gave it came into
    /// doubt: it was given by an adult who is not known to have the authority
    /// (DOMAIN §2.3). It is as if it had never been asked, for the child has
    /// said neither yes nor no.
    #[must_use]
    pub fn in_doubt(mut self) -> Self {
        if self.given_by.is_private_adult() {
            self.proof.link = Some(AdultLink::Doubtful);
        }
        self
    }

    /// Since when its refusal or withdrawal speaks.
    fn spoke_at(&self) -> DateTime<Utc> {
        self.withdrawn_at.unwrap_or(self.from)
    }
}

closed_enum! {
    /// What a recipient is, as far as consent goes: each nature rests on its
    /// own line.
    Nature {
        /// A member that serves: C3.
        Service = "service",
        /// Police or judiciary: C4.
        Justice = "justice",
        /// An employer: C10, identity, contact and skills only.
        Employer = "employer",
        /// A recipient outside the country: C3 and C6.
        Abroad = "abroad",
    }
}

/// To whom data would go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct To<'a> {
    /// The organisation.
    pub organisation: OrganisationId,
    /// The service type asked for, as `MED.02`.
    pub service: &'a str,
    /// What the recipient is.
    pub nature: Nature,
    /// Whether the care is urgent: only then does the consent of an adult
    /// whose link to the child is merely declared count (DESIGN §6).
    pub urgent: bool,
}

/// The classes allowed, and the lines relied on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Allowed {
    /// The classes that may go, as far as consent is concerned.
    pub classes: ClassSet,
    /// The consents relied on, each once.
    pub consents: Vec<ConsentId>,
}

/// The classes that an employer may ever be shown: D1 and D5 (F3.30).
#[must_use]
pub fn employer_classes() -> ClassSet {
    [DataClass::Identity, DataClass::Contact, DataClass::Skills]
        .into_iter()
        .collect()
}

/// What the person's consents say about one class.
#[must_use]
pub fn ruling(consents: &[Consent], class: DataClass, purpose: Purpose, to: To<'_>, now: DateTime<Utc>) -> Ruling {
    if let Some(id) = denied(consents, class, to, now) {
        return Ruling::Denied(id);
    }
    match to.nature {
        Nature::Service => line_ruling(consents, ConsentLine::C3, class, purpose, to, now),
        Nature::Justice => line_ruling(consents, ConsentLine::C4, class, purpose, to, now),
        Nature::Employer if !employer_classes().contains(class) => Ruling::NotAsked,
        Nature::Employer => line_ruling(consents, ConsentLine::C10, class, purpose, to, now),
        Nature::Abroad => match line_ruling(consents, ConsentLine::C6, class, purpose, to, now) {
            Ruling::Granted(_) => line_ruling(consents, ConsentLine::C3, class, purpose, to, now),
            other => other,
        },
    }
}

/// The classes that the consents allow to go to this recipient for this
/// purpose, with the lines relied on.
#[must_use]
pub fn allowed(consents: &[Consent], purpose: Purpose, to: To<'_>, now: DateTime<Utc>) -> Allowed {
    let mut allowed = Allowed::default();
    for class in DataClass::ALL.iter().copied() {
        if let Ruling::Granted(id) = ruling(consents, class, purpose, to, now) {
            allowed.classes = allowed.classes.with(class);
            if !allowed.consents.contains(&id) {
                allowed.consents.push(id);
            }
        }
    }
    allowed
}

/// The line of F3.23 that keeps the class from the recipient. It outlives the
/// term of the line that it was written with; only the person lifts it, by a
/// withdrawal of that line's list, which the caller records by emptying it.
fn denied(consents: &[Consent], class: DataClass, to: To<'_>, now: DateTime<Utc>) -> Option<ConsentId> {
    consents.iter().filter(|c| c.from <= now).find_map(|consent| {
        consent
            .deny
            .iter()
            .any(|deny| {
                deny.classes.contains(class)
                    && deny
                        .recipient
                        .as_ref()
                        .is_none_or(|r| r.matches(to.organisation, to.service))
            })
            .then_some(consent.id)
    })
}

/// What the records of one line say about one class and recipient.
fn line_ruling(
    consents: &[Consent],
    line: ConsentLine,
    class: DataClass,
    purpose: Purpose,
    to: To<'_>,
    now: DateTime<Utc>,
) -> Ruling {
    let speaking = || {
        consents.iter().filter(move |c| {
            c.line == line
                && c.purpose == purpose
                && c.classes.contains(class)
                && c.recipient.matches(to.organisation, to.service)
        })
    };
    let refusals: Vec<&Consent> = speaking()
        .filter(|c| matches!(c.standing(now), ConsentDecision::Refused | ConsentDecision::Withdrawn))
        .collect();

    // A grant stands against a refusal when it is later and not wider.
    let grant = speaking()
        .filter(|c| c.standing(now) == ConsentDecision::Granted && c.proof.authority_reaches(c.given_by, to.urgent))
        .filter(|g| {
            refusals
                .iter()
                .all(|r| r.spoke_at() < g.from && g.recipient.within(&r.recipient))
        })
        .max_by_key(|g| (g.from, g.id));
    if let Some(grant) = grant {
        return Ruling::Granted(grant.id);
    }
    if let Some(latest) = refusals.iter().max_by_key(|r| (r.spoke_at(), r.id)) {
        return match latest.standing(now) {
            ConsentDecision::Withdrawn => Ruling::Withdrawn(latest.id),
            _ => Ruling::Refused(latest.id),
        };
    }
    speaking()
        .filter(|c| c.standing(now) == ConsentDecision::Expired)
        .max_by_key(|c| (c.ends_at(), c.id))
        .map_or(Ruling::NotAsked, |c| Ruling::Expired(c.id))
}

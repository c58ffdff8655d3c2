//! Whether the steering committee ratified an entry (DOMAIN §2.9 rule 6): an entry
//! that is *validated* is validated by the secretariat and ratified by the
//! committee at its next session. It is a mark of quality and nothing else: no
//! entry waits for it to be published, and nobody to be sent there.
//!
//! The committee answers for what is offered, where, for whom, in which area and
//! on which conditions ([`Material`]): target groups are a *principe* and a matter
//! for the committee, telephones, hours and places a *paramètre* that the
//! secretariat changes at once (DOMAIN §4.6). So an entry holds its ratification
//! as long as it says the same of these, whoever confirms or corrects the rest; one
//! that says something else goes before the committee again, and one that is put
//! back as it was (an import undone, a merge taken back) is ratified as it was.

#[cfg(test)]
mod tests;

use chrono::NaiveDate;
use relais_mechanism::{Label, closed_enum};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::ids::derived;
use crate::life::{self, DoubtCause, Hand, LifeRefusal, Line};
use crate::organisation::PublicationStatus;
use crate::place::Place;
use crate::service::{ServedArea, Service, Target};

/// What of an entry the committee ratifies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Material {
    /// Service of the taxonomy.
    pub service_type: String,
    /// Where it is offered: region, department and subdivision by pcode, town in
    /// words. Coordinates may be put right without asking anybody.
    pub place: [Option<String>; 4],
    /// Area served.
    pub served_area: ServedArea,
    /// For whom, in the order of the list; empty for everyone.
    pub targets: Vec<Target>,
    /// Criteria, papers to bring, how to refer (F6.24).
    pub how_to_refer: Label,
}

fn lies(place: &Place) -> [Option<&str>; 4] {
    [&place.region, &place.department, &place.subdivision, &place.town].map(Option::as_deref)
}

/// The groups in one order; everyone is nobody in particular.
fn groups(service: &Service) -> Vec<Target> {
    let mut targets = service.targets.clone();
    targets.sort_unstable();
    targets.dedup();
    if targets.contains(&Target::Everyone) {
        targets.clear();
    }
    targets
}

impl Material {
    /// What an entry says of it.
    #[must_use]
    pub fn of(service: &Service, place: &Place) -> Self {
        Self {
            service_type: service.service_type.clone(),
            place: lies(place).map(|part| part.map(str::to_owned)),
            served_area: service.served_area.clone(),
            targets: groups(service),
            how_to_refer: service.how_to_refer.clone(),
        }
    }

    /// The lines of which an entry says something else now; empty where it stands
    /// as it did.
    #[must_use]
    pub fn changed(&self, service: &Service, place: &Place) -> Vec<Line> {
        let now = lies(place);
        let place = self.place.iter().zip(now).any(|(was, now)| was.as_deref() != now);
        [
            (Line::ServiceType, self.service_type != service.service_type),
            (Line::Place, place),
            (Line::ServedArea, self.served_area != service.served_area),
            (Line::Targets, self.targets != groups(service)),
            (Line::HowToRefer, self.how_to_refer != service.how_to_refer),
        ]
        .into_iter()
        .filter_map(|(line, differs)| differs.then_some(line))
        .collect()
    }

    /// A sign of it: two that say the same have the same.
    ///
    /// # Panics
    /// Never: texts and lists of them can be written.
    #[must_use]
    pub fn sign(&self) -> Uuid {
        let text = serde_json::to_string(self).expect("texts and lists of them");
        derived("material", "ratification", &text)
    }
}

/// That the committee ratified an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ratified {
    /// The day of its session.
    pub on: NaiveDate,
    /// Reference of the session's minutes.
    pub minutes: String,
    /// Under which id the session was noted.
    pub session: Uuid,
    /// What was ratified.
    pub of: Material,
}

closed_enum! {
    /// How an entry stands before the committee.
    Ratification {
        /// It is not offered: nothing of it goes before the committee.
        Unpublished = "unpublished",
        /// It goes before the committee for the first time, or once more after it
        /// was set apart.
        Waiting = "waiting",
        /// It was ratified and says something else since: it goes there again.
        Changed = "changed",
        /// The committee set it apart, and nobody has answered that yet.
        SetApart = "set_apart",
        /// It is ratified as it stands.
        Ratified = "ratified",
    }
}

/// How an entry at its place stands before the committee.
#[must_use]
pub fn standing(service: &Service, place: &Place) -> Ratification {
    if !service.status.is_offered() {
        return Ratification::Unpublished;
    }
    if service.doubts.iter().any(|d| d.cause == DoubtCause::SetApart) {
        return Ratification::SetApart;
    }
    match &service.ratified {
        None => Ratification::Waiting,
        Some(ratified) if ratified.of.changed(service, place).is_empty() => Ratification::Ratified,
        Some(_) => Ratification::Changed,
    }
}

/// The ratification of an entry, where it holds.
#[must_use]
pub fn holding<'s>(service: &'s Service, place: &Place) -> Option<&'s Ratified> {
    let holds = standing(service, place) == Ratification::Ratified;
    service.ratified.as_deref().filter(|_| holds)
}

/// Whether an entry stands on the list of the next session: published, nothing
/// speaks against it, and the committee has not ratified it as it stands.
#[must_use]
pub fn is_listed(service: &Service, place: &Place) -> bool {
    let waits = matches!(standing(service, place), Ratification::Waiting | Ratification::Changed);
    service.status == PublicationStatus::Published && waits
}

closed_enum! {
    /// What the session brings about for an entry that stood on its list.
    Outcome {
        /// It is ratified.
        Ratified = "ratified",
        /// It is set apart, and in doubt for it.
        SetApart = "set_apart",
        /// It says something else than what the committee had before it: the next
        /// session's.
        Changed = "changed",
        /// Nobody is shown it any more.
        Gone = "gone",
    }
}

/// What becomes of an entry of the list: `listed` is the sign under which it was
/// put before the committee, `now` the entry as everybody may see it.
#[must_use]
pub fn decide(listed: Uuid, now: Option<(&Service, &Place)>, set_apart: bool) -> Outcome {
    match now {
        None => Outcome::Gone,
        // What the committee holds against it is not answered by another change.
        Some(_) if set_apart => Outcome::SetApart,
        Some((service, place)) if Material::of(service, place).sign() == listed => Outcome::Ratified,
        Some(_) => Outcome::Changed,
    }
}

/// An entry as it is once the committee has ratified it.
#[must_use]
pub fn ratified(service: &Service, place: &Place, session: Uuid, on: NaiveDate, minutes: &str) -> Service {
    let mut service = service.clone();
    service.ratified = Some(Box::new(Ratified {
        on,
        minutes: minutes.to_owned(),
        session,
        of: Material::of(&service, place),
    }));
    service
}

/// An entry that the committee set apart: in doubt, and ratified no more. It stays
/// offered, lower in every search and with the reason beside it: there is no way
/// back from *published* to *checked*, and nobody is turned away for a paper.
///
/// # Errors
/// As [`life::decide`].
pub fn set_apart(service: &Service, on: NaiveDate) -> Result<Service, LifeRefusal> {
    let mut service = life::doubted(service, DoubtCause::SetApart, on, Hand::Office)?;
    service.ratified = None;
    Ok(service)
}

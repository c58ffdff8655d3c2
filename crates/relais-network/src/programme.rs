//! Programmes: projects that pay for services for a time (form F6, field F6.34).
//! When the last one that pays for a service has ended, the service is in doubt
//! ([`DoubtCause::FundingEnded`](crate::DoubtCause::FundingEnded)) until somebody
//! says who pays for it now.

use chrono::{Days, NaiveDate};
use relais_mechanism::{Label, closed_enum};
use serde::{Deserialize, Serialize};

use crate::check::{Checker, FieldError, FieldProblem};
use crate::ids::derived;
use crate::organisation::Origin;
use crate::{OrganisationId, ProgrammeId};

/// Most donors of a programme.
pub const MOST_DONORS: usize = 12;
/// Most programmes that pay for one service.
pub const MOST_OF_A_SERVICE: usize = 8;

/// What stands between donors, and between programmes, in one cell of a table: no
/// name holds it.
const APART: [char; 2] = [';', '|'];

/// Who gives the money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Donor {
    /// An organisation of the directory.
    Organisation(OrganisationId),
    /// Somebody who has no entry there, by name.
    Named(String),
}

/// A project that pays for services.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Programme {
    /// Identifier, made from the code: see [`programme_id`].
    pub id: ProgrammeId,
    /// Short code, unique among programmes; it stays as it is.
    pub code: String,
    /// Name in both languages.
    pub name: Label,
    /// Who carries it.
    pub organisation: OrganisationId,
    /// Who gives the money, where it is said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub donors: Vec<Donor>,
    /// The first day on which it pays, where it is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<NaiveDate>,
    /// The last day on which it pays; none where no end is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<NaiveDate>,
    /// Source and key, where a file brought it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// Made for a demonstration: marked as such on every screen.
    #[serde(default)]
    pub demonstration: bool,
}

closed_enum! {
    /// How a programme, or what pays for a service, stands on a day.
    Paying {
        /// It has not begun.
        Planned = "planned",
        /// It pays.
        Running = "running",
        /// It pays, and ends soon.
        Soon = "soon",
        /// It pays no more.
        Ended = "ended",
    }
}

/// The id of the programme with this code.
#[must_use]
pub fn programme_id(code: &str) -> ProgrammeId {
    ProgrammeId(derived("programme", "relais", code))
}

impl Programme {
    /// How it stands on a day; `days` before its end it ends soon.
    #[must_use]
    pub fn paying(&self, today: NaiveDate, days: u32) -> Paying {
        match self.from {
            Some(from) if today < from => Paying::Planned,
            _ => paying(self.until, today, days),
        }
    }

    /// Every field that must be put right before the programme is saved.
    #[must_use]
    pub fn check(&self) -> Vec<FieldError> {
        let mut c = Checker::default();
        c.code("code", &self.code);
        c.label("name", &self.name);
        if self.donors.len() > MOST_DONORS {
            c.push("donors", FieldProblem::TooMany(MOST_DONORS));
        }
        for donor in &self.donors {
            if let Donor::Named(name) = donor {
                c.text("donors", name, true);
                if name.contains(APART) {
                    c.push("donors", FieldProblem::Malformed);
                }
            }
        }
        if [&self.name.fr, &self.name.en].iter().any(|name| name.contains(APART)) {
            c.push("name", FieldProblem::Malformed);
        }
        if let (Some(from), Some(until)) = (self.from, self.until)
            && until < from
        {
            c.push("until", FieldProblem::EndsBeforeStart);
        }
        c.finish()
    }
}

/// The last day on which one of the programmes pays; none where there is no
/// programme, or one of them has no end.
#[must_use]
pub fn paid_until<'p>(programmes: impl IntoIterator<Item = &'p Programme>) -> Option<NaiveDate> {
    let mut last = None;
    for programme in programmes {
        last = last.max(Some(programme.until?));
    }
    last
}

/// How something that is paid until a day stands on another; without an end it
/// goes on.
#[must_use]
pub fn paying(until: Option<NaiveDate>, today: NaiveDate, days: u32) -> Paying {
    match (until, remind_on(until, days)) {
        (Some(until), _) if today > until => Paying::Ended,
        (_, Some(remind)) if today >= remind => Paying::Soon,
        _ => Paying::Running,
    }
}

/// The day on which it is said that the money ends soon.
#[must_use]
pub fn remind_on(until: Option<NaiveDate>, days: u32) -> Option<NaiveDate> {
    until?.checked_sub_days(Days::new(u64::from(days)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    fn programme(code: &str, until: Option<&str>) -> Programme {
        Programme {
            id: programme_id(code),
            code: code.to_owned(),
            name: Label::of("Projet d’essai", "Trial project"),
            organisation: OrganisationId(uuid::Uuid::from_u128(1)),
            donors: vec![Donor::Named("Fonds d’essai".to_owned())],
            from: Some(day("2026-01-01")),
            until: until.map(day),
            origin: None,
            demonstration: true,
        }
    }

    #[test]
    fn a_service_is_paid_until_the_last_of_its_programmes_ends() {
        let (short, long, open) = (
            programme("A", Some("2026-03-31")),
            programme("B", Some("2026-12-31")),
            programme("C", None),
        );
        assert_eq!(paid_until([]), None);
        assert_eq!(paid_until([&short]), Some(day("2026-03-31")));
        assert_eq!(paid_until([&short, &long]), Some(day("2026-12-31")));
        assert_eq!(paid_until([&long, &short]), Some(day("2026-12-31")));
        assert_eq!(paid_until([&short, &open]), None, "one goes on without an end");
    }

    #[test]
    fn it_ends_soon_from_the_day_of_the_reminder_to_the_last_day_and_has_ended_the_day_after() {
        let own = programme("A", Some("2026-12-31"));
        for (on, expected) in [
            ("2025-12-31", Paying::Planned),
            ("2026-01-01", Paying::Running),
            ("2026-10-31", Paying::Running),
            ("2026-11-01", Paying::Soon),
            ("2026-12-31", Paying::Soon),
            ("2027-01-01", Paying::Ended),
        ] {
            assert_eq!(own.paying(day(on), 60), expected, "{on}");
        }
        assert_eq!(remind_on(own.until, 60), Some(day("2026-11-01")));
        assert_eq!(programme("C", None).paying(day("2126-01-01"), 60), Paying::Running);
        assert_eq!(paying(None, day("2026-01-01"), 60), Paying::Running);
    }

    #[test]
    fn what_is_wrong_is_named_by_its_field() {
        assert_eq!(programme("A-1", Some("2026-12-31")).check(), Vec::new());
        let mut wrong = programme("pas un code", Some("2025-12-31"));
        wrong.name.en = String::new();
        wrong.donors = vec![Donor::Named(" ".to_owned()); MOST_DONORS + 1];
        let mut fields: Vec<&str> = wrong.check().iter().map(|e| e.field).collect();
        fields.dedup();
        assert_eq!(fields, ["code", "name", "donors", "until"]);
        // What would be two in a table.
        let mut two = programme("A-1", None);
        two.donors = vec![Donor::Named("Fonds A ; fonds B".to_owned())];
        two.name = Label::of("Un | deux", "One");
        let fields: Vec<&str> = two.check().iter().map(|e| e.field).collect();
        assert_eq!(fields, ["donors", "name"]);
    }

    #[test]
    fn the_same_code_is_the_same_programme() {
        assert_eq!(programme_id("PIRD"), programme_id("PIRD"));
        assert_ne!(programme_id("PIRD"), programme_id("PIRE"));
    }
}

//! The directory as one table: a line for each service, and one for each
//! organisation that is shown for itself. The same for a workbook and for CSV.

use chrono::NaiveDate;
use relais_mechanism::{Lang, Mechanism};
use relais_network::directory::Entry;
use relais_network::ratification::holding;
use relais_network::{Organisation, OrganisationId, Service};

use super::Shown;
use super::fields::{Column, Field, MOST_TELEPHONES, Of};
use super::programmes::{self, ShownProgramme};
use super::values::{BETWEEN, Words, mode, yes_no};
use crate::csv;
use crate::table::tidy;
use crate::xlsx::{Heading, Workbook};

/// What a cell holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// Text; never a formula, whatever it begins with.
    Text(String),
    /// A number.
    Number(f64),
    /// A day.
    Day(NaiveDate),
}

impl Cell {
    fn text(text: &str) -> Self {
        let text = tidy(text);
        if text.is_empty() { Self::Empty } else { Self::Text(text) }
    }

    fn words(text: Option<&str>) -> Self {
        text.map_or(Self::Empty, Self::text)
    }

    fn number(number: Option<impl Into<f64>>) -> Self {
        number.map_or(Self::Empty, |n| Self::Number(n.into()))
    }

    fn day(day: Option<NaiveDate>) -> Self {
        day.map_or(Self::Empty, Self::Day)
    }
}

/// Writes the lines of the table.
#[derive(Debug)]
pub struct Table<'s, 'd> {
    shown: &'s Shown<'d>,
    words: Words<'s>,
    lang: Lang,
    columns: Vec<Column>,
}

/// What a file says of itself.
#[derive(Debug, Clone)]
pub struct Told {
    /// The day on which it was made.
    pub made_on: NaiveDate,
    /// Who gives it, as "Secrétariat technique du MNR".
    pub from: String,
    /// What part of the directory it holds, in words.
    pub scope: String,
}

impl<'s, 'd> Table<'s, 'd> {
    /// The table of what is shown.
    #[must_use]
    pub fn of(shown: &'s Shown<'d>, mechanism: &'s Mechanism, lang: Lang) -> Self {
        let most = shown.entries.iter().map(|e| e.service.telephones.len()).max();
        let telephones = u8::try_from(most.unwrap_or(0)).unwrap_or(MOST_TELEPHONES);
        Self {
            shown,
            words: Words(mechanism),
            lang,
            columns: Column::all(telephones.clamp(1, MOST_TELEPHONES)),
        }
    }

    /// The columns.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Every line, organisation by organisation.
    pub fn lines(&self) -> impl Iterator<Item = Vec<Cell>> {
        self.shown.organisations.iter().flat_map(move |organisation| {
            let entries = &self.shown.entries;
            let first = entries.partition_point(|e| e.organisation.code < organisation.code);
            let last = entries.partition_point(|e| e.organisation.code <= organisation.code);
            let own = entries[first..last].iter().map(Some);
            let alone = (first == last).then_some(None);
            own.chain(alone).map(move |entry| {
                self.columns
                    .iter()
                    .map(|column| self.cell(*column, organisation, entry))
                    .collect()
            })
        })
    }

    fn cell(&self, column: Column, organisation: &Organisation, entry: Option<&Entry<'_>>) -> Cell {
        match (column.field.of(), entry) {
            (Of::Organisation, _) => self.of_organisation(column.field, organisation),
            (Of::Place, Some(entry)) => self.of_place(column.field, entry),
            (Of::Service, Some(entry)) => self.of_service(column, entry),
            (Of::Place | Of::Service, None) => Cell::Empty,
        }
    }

    fn area(&self, code: Option<&str>) -> Cell {
        Cell::words(code.map(|c| self.words.place(c, self.lang)))
    }

    fn parent(&self, parent: Option<OrganisationId>) -> Cell {
        let above = parent.and_then(|p| self.shown.organisation(p));
        Cell::words(above.map(|o| o.code.as_str()))
    }

    fn of_organisation(&self, field: Field, o: &Organisation) -> Cell {
        match field {
            Field::OrganisationCode => Cell::text(&o.code),
            Field::OrganisationFr => Cell::text(&o.name.fr),
            Field::OrganisationEn => Cell::text(&o.name.en),
            Field::Kind => Cell::text(self.words.option("org_type", o.kind.code(), self.lang)),
            Field::Parent => self.parent(o.parent),
            Field::SeatRegion => self.area(o.region.as_deref()),
            Field::SeatDepartment => self.area(o.department.as_deref()),
            Field::OrganisationTelephone => Cell::words(o.telephone.as_deref()),
            Field::Email => Cell::words(o.email.as_deref()),
            Field::StateBody => Cell::text(yes_no(o.state_body, self.lang)),
            Field::OrganisationDemonstration => Cell::text(yes_no(o.demonstration, self.lang)),
            Field::OrganisationSource => Cell::words(o.origin.as_ref().map(|o| o.source.as_str())),
            Field::OrganisationKey => Cell::words(o.origin.as_ref().map(|o| o.key.as_str())),
            Field::OrganisationId => Cell::Text(o.id.to_string()),
            _ => Cell::Empty,
        }
    }

    fn of_place(&self, field: Field, entry: &Entry<'_>) -> Cell {
        let place = entry.place;
        match field {
            Field::Place => Cell::text(&place.name),
            Field::Region => self.area(place.region.as_deref()),
            Field::Department => self.area(place.department.as_deref()),
            Field::Subdivision => self.area(place.subdivision.as_deref()),
            Field::Town => Cell::words(place.town.as_deref()),
            Field::Latitude => Cell::number(place.lat),
            Field::Longitude => Cell::number(place.lon),
            Field::Estimated => Cell::text(yes_no(place.department_estimated, self.lang)),
            Field::PlaceId => Cell::Text(place.id.to_string()),
            _ => Cell::Empty,
        }
    }

    fn several<'a>(&self, words: impl Iterator<Item = &'a str>) -> Cell {
        Cell::text(&words.collect::<Vec<_>>().join(BETWEEN))
    }

    /// What is said of each programme of a service, in one cell.
    fn of_programmes(&self, field: Field, s: &Service) -> Cell {
        let lang = self.lang;
        let said = |p: ShownProgramme<'_>| match field {
            Field::Programmes => p.programme.code.clone(),
            Field::ProgrammeFr => p.programme.name.fr.clone(),
            Field::ProgrammeEn => p.programme.name.en.clone(),
            Field::ProgrammeCarrier => p.carrier.code.clone(),
            Field::Donors => programmes::donors(&p.donors(self.shown)),
            Field::FundingFrom => programmes::day(p.programme.from),
            Field::FundingUntil => programmes::day(p.programme.until),
            _ => yes_no(p.programme.demonstration, lang).to_owned(),
        };
        let all: Vec<String> = self.shown.paying(s).map(said).collect();
        match (field, &all[..]) {
            // One day is a day, for whoever sorts by it.
            (Field::FundingFrom | Field::FundingUntil, [one]) => Cell::day(programmes::day_meant(one)),
            _ => Cell::text(&programmes::cell(&all)),
        }
    }

    fn of_service(&self, column: Column, entry: &Entry<'_>) -> Cell {
        let (s, lang, words) = (entry.service, self.lang, self.words);
        let telephone = s.telephones.get(usize::from(column.number));
        match column.field {
            Field::Category => Cell::text(words.service_type(s.category(), lang)),
            Field::ServiceType => Cell::text(&s.service_type),
            Field::ServiceTypeName => Cell::text(words.service_type(&s.service_type, lang)),
            Field::NameFr => Cell::text(&s.name.fr),
            Field::NameEn => Cell::text(&s.name.en),
            Field::Served => Cell::text(&words.served_in_words(&s.served_area, lang)),
            Field::Modes => self.several(s.modes.iter().map(|m| mode(*m, lang))),
            Field::Targets => self.several(s.targets.iter().map(|t| words.option("target", t.code(), lang))),
            Field::Cost => Cell::words(s.cost.map(|c| words.option("cost", c.code(), lang))),
            Field::Hours => Cell::text(&s.opening_hours),
            Field::Languages => self.several(s.languages.iter().map(|l| words.option("lang", l, lang))),
            Field::OnCall => Cell::text(yes_no(s.on_call, lang)),
            Field::Telephone => Cell::words(telephone.map(|t| t.number.as_str())),
            Field::TelephoneWho => Cell::words(telephone.map(|t| t.who.as_str())),
            Field::TelephoneHours => Cell::words(telephone.map(|t| t.hours.as_str())),
            Field::HowFr => Cell::text(&s.how_to_refer.fr),
            Field::HowEn => Cell::text(&s.how_to_refer.en),
            Field::PerMonth => Cell::number(s.capacity.per_month),
            Field::Available => Cell::number(s.capacity.available),
            Field::AssessedOn => Cell::day(s.capacity.assessed_on),
            Field::ConfirmedOn => Cell::day(s.confirmed_on),
            Field::RatifiedOn => Cell::day(holding(s, entry.place).map(|r| r.on)),
            Field::Programmes
            | Field::ProgrammeFr
            | Field::ProgrammeEn
            | Field::ProgrammeCarrier
            | Field::ProgrammeDemonstration
            | Field::Donors
            | Field::FundingFrom
            | Field::FundingUntil => self.of_programmes(column.field, s),
            Field::Demonstration => Cell::text(yes_no(s.demonstration, lang)),
            Field::Source => Cell::words(s.origin.as_ref().map(|o| o.source.as_str())),
            Field::SourceKey => Cell::words(s.origin.as_ref().map(|o| o.key.as_str())),
            Field::ServiceId => Cell::Text(s.id.to_string()),
            _ => Cell::Empty,
        }
    }

    /// The table as CSV, as a spreadsheet in this language opens it.
    #[must_use]
    pub fn csv(&self) -> Vec<u8> {
        let mut out = csv::Writer::new(self.lang);
        let headings = self.columns.iter().map(|c| Cell::Text(c.heading(self.lang)));
        out.line(headings);
        for line in self.lines() {
            out.line(line);
        }
        out.done()
    }

    /// The table as a workbook: the list, and a sheet that says what it is.
    #[must_use]
    pub fn xlsx(&self, told: &Told) -> Vec<u8> {
        let headings = self.columns.iter().map(|c| Heading {
            text: c.heading(self.lang),
            width: c.field.width(),
        });
        let (list, about) = match self.lang {
            Lang::Fr => ("Annuaire", "Lire"),
            Lang::En => ("Directory", "Read me"),
        };
        let mut book = Workbook::new(self.lang);
        book.list(list, headings.collect(), self.lines());
        book.notes(about, &self.about(told));
        book.done()
    }

    /// What the file is, line by line: a word and what it says.
    fn about(&self, told: &Told) -> Vec<(String, String)> {
        let (entries, organisations) = (self.shown.entries.len(), self.shown.organisations.len());
        let version = self.words.0.version();
        let line = |a: &str, b: String| (a.to_owned(), b);
        match self.lang {
            Lang::Fr => vec![
                line(
                    "Annuaire du mécanisme national de référencement",
                    self.words.0.country().label.fr.clone(),
                ),
                line("Date", told.made_on.format("%d/%m/%Y").to_string()),
                line("Source", told.from.clone()),
                line("Étendue", told.scope.clone()),
                line(
                    "Contenu",
                    format!("{entries} services de {organisations} organisations, fiches publiées seulement."),
                ),
                line(
                    "Absent",
                    "Les services et les lieux confidentiels, et les fiches non publiées, n’y figurent pas.".to_owned(),
                ),
                line(
                    "Téléphones",
                    "Appelez avant d’orienter quelqu’un : voyez la date de confirmation de la fiche.".to_owned(),
                ),
                line(
                    "Reprise",
                    "Le fichier se recharge tel quel ; gardez les identifiants, ils disent quelle fiche est corrigée."
                        .to_owned(),
                ),
                line(
                    "Ratification",
                    "La date à laquelle le comité de pilotage a ratifié la fiche se lit ; aucun fichier ne ratifie."
                        .to_owned(),
                ),
                line("Version du mécanisme", version.to_owned()),
            ],
            Lang::En => vec![
                line(
                    "Directory of the national referral mechanism",
                    self.words.0.country().label.en.clone(),
                ),
                line("Date", told.made_on.to_string()),
                line("Source", told.from.clone()),
                line("Scope", told.scope.clone()),
                line(
                    "Content",
                    format!("{entries} services of {organisations} organisations, published entries only."),
                ),
                line(
                    "Absent",
                    "Confidential services and places, and entries that are not published, are not in it.".to_owned(),
                ),
                line(
                    "Telephones",
                    "Call before you send somebody: see the date on which the entry was confirmed.".to_owned(),
                ),
                line(
                    "Loading it back",
                    "The file loads as it is; keep the ids, they say which entry is corrected.".to_owned(),
                ),
                line(
                    "Ratification",
                    "The day on which the steering committee ratified the entry is for reading; no file ratifies."
                        .to_owned(),
                ),
                line("Version of the mechanism", version.to_owned()),
            ],
        }
    }
}

//! Lays the cells of a line over an entry. A cell that says what the entry
//! says already, blanks aside, changes nothing.

use std::collections::HashMap;

use chrono::NaiveDate;
use relais_mechanism::Label;
use relais_mechanism::places::Level;
use relais_network::service::CONFIDENTIAL_TYPES;
use relais_network::{Cost, Organisation, OrganisationKind, Origin, Place, ServedArea, Service, Target, Telephone};

use super::super::fields::{Column, Field, MOST_TELEPHONES};
use super::super::values::{Words, is_yes, mode_meant};
use super::{Incoming, Problem, What, wrong};
use crate::table::tidy;

/// The column that a field of an organisation's record is read from.
pub(super) fn organisation_field(field: &str) -> Field {
    match field {
        "name" => Field::OrganisationFr,
        "region" => Field::SeatRegion,
        "department" => Field::SeatDepartment,
        "telephone" => Field::OrganisationTelephone,
        "email" => Field::Email,
        "parent" => Field::Parent,
        _ => Field::OrganisationCode,
    }
}

/// The same of a place.
pub(super) fn place_field(field: &str) -> Field {
    match field {
        "region" => Field::Region,
        "department" => Field::Department,
        "subdivision" => Field::Subdivision,
        "lat" => Field::Latitude,
        "lon" => Field::Longitude,
        _ => Field::Place,
    }
}

/// The same of a service.
pub(super) fn service_field(field: &str) -> Field {
    match field {
        "name" => Field::NameFr,
        "served_area" => Field::Served,
        "modes" => Field::Modes,
        "languages" => Field::Languages,
        "opening_hours" => Field::Hours,
        "telephones" => Field::Telephone,
        "programmes" => Field::Programmes,
        "capacity.assessed_on" => Field::AssessedOn,
        _ => Field::ServiceType,
    }
}

/// Reads cells; what a word means is looked up once.
pub(super) struct Cells<'m> {
    words: Words<'m>,
    areas: HashMap<(u8, String, Option<String>), Option<String>>,
    served: HashMap<String, Option<ServedArea>>,
    choices: HashMap<(&'static str, String), Option<&'m str>>,
    types: HashMap<String, Option<&'m str>>,
}

/// A line's cells, as one entry reads them.
struct Line<'l> {
    line: &'l Incoming,
    problems: &'l mut Vec<Problem>,
}

impl Line<'_> {
    /// What the file says of a field; none where it does not speak of it.
    fn said(&self, field: Field) -> Option<&str> {
        self.line.values.get(&Column::of(field)).map(|t| t.trim())
    }

    fn wrong(&mut self, field: Field, what: What) {
        let value = self.said(field).unwrap_or_default().to_owned();
        self.problems.push(wrong(field, &value, what));
    }

    fn text(&self, field: Field, into: &mut String) {
        if let Some(said) = self.said(field)
            && tidy(into) != tidy(said)
        {
            said.clone_into(into);
        }
    }

    fn optional(&self, field: Field, into: &mut Option<String>) {
        if let Some(said) = self.said(field) {
            let now = into.as_deref().unwrap_or_default();
            if tidy(now) != tidy(said) {
                *into = (!said.is_empty()).then(|| said.to_owned());
            }
        }
    }

    /// A text in two languages; an entry that is new has one for both where only one is said.
    fn label(&self, [fr, en]: [Field; 2], into: &mut Label, needed: bool) {
        let said = |field| self.said(field).filter(|t| !needed || !t.is_empty());
        let both = needed && into.fr.is_empty() && into.en.is_empty();
        for (field, other, part) in [(fr, en, &mut into.fr), (en, fr, &mut into.en)] {
            let found = said(field).or_else(|| said(other).filter(|_| both));
            if let Some(found) = found
                && tidy(part) != tidy(found)
            {
                found.clone_into(part);
            }
        }
    }

    fn flag(&mut self, field: Field, into: &mut bool) {
        match self.said(field) {
            None | Some("") => {}
            Some(said) => match is_yes(said) {
                Some(yes) => *into = yes,
                None => self.wrong(field, What::NotYesOrNo),
            },
        }
    }

    fn count(&mut self, field: Field, into: &mut Option<u32>) {
        match self.said(field) {
            None => {}
            Some("") => *into = None,
            Some(said) => match said.parse() {
                Ok(n) => *into = Some(n),
                Err(_) => self.wrong(field, What::NotANumber),
            },
        }
    }

    fn degrees(&mut self, field: Field, into: &mut Option<f64>) {
        match self.said(field) {
            None => {}
            Some("") => *into = None,
            Some(said) => match said.replace(',', ".").parse::<f64>() {
                Ok(n) if n.is_finite() => *into = Some(n),
                _ => self.wrong(field, What::NotANumber),
            },
        }
    }

    fn day(&mut self, field: Field, into: &mut Option<NaiveDate>) {
        match self.said(field) {
            None => {}
            Some("") => *into = None,
            Some(said) => {
                let read = |form| NaiveDate::parse_from_str(said, form).ok();
                match read("%Y-%m-%d").or_else(|| read("%d/%m/%Y")) {
                    Some(day) => *into = Some(day),
                    None => self.wrong(field, What::NotADay),
                }
            }
        }
    }

    /// Where an entry came from: both, or the columns say that it came from nowhere.
    fn origin(&self, [source, key]: [Field; 2], into: &mut Option<Origin>) {
        if let (Some(source), Some(key)) = (self.said(source), self.said(key)) {
            let now = into.as_ref().map(|o| (tidy(&o.source), tidy(&o.key)));
            let said = (!source.is_empty() && !key.is_empty()).then(|| (tidy(source), tidy(key)));
            if now != said {
                *into = said.map(|(source, key)| Origin { source, key });
            }
        }
    }
}

/// Values of one cell.
fn several(text: &str) -> impl Iterator<Item = &str> {
    text.split(';').map(str::trim).filter(|t| !t.is_empty())
}

impl<'m> Cells<'m> {
    pub fn new(words: Words<'m>) -> Self {
        Self {
            words,
            areas: HashMap::new(),
            served: HashMap::new(),
            choices: HashMap::new(),
            types: HashMap::new(),
        }
    }

    fn choice(&mut self, list: &'static str, text: &str) -> Option<&'m str> {
        let words = self.words;
        *self
            .choices
            .entry((list, text.to_owned()))
            .or_insert_with(|| words.choice(list, text))
    }

    fn type_meant(&mut self, text: &str) -> Option<&'m str> {
        let words = self.words;
        *self
            .types
            .entry(text.to_owned())
            .or_insert_with(|| words.type_meant(text))
    }

    /// The service type that a line means: none where it says none, the word
    /// where it is unknown.
    pub fn service_type(&mut self, line: &Incoming) -> Result<Option<&'m str>, String> {
        for field in [Field::ServiceType, Field::ServiceTypeName] {
            let said = line.values.get(&Column::of(field)).map_or("", |t| t.trim());
            if !said.is_empty() {
                return self.type_meant(said).map(Some).ok_or_else(|| said.to_owned());
            }
        }
        Ok(None)
    }

    /// Whether a service type is confidential.
    pub fn is_confidential(&self, code: &str) -> bool {
        let by_mechanism = self.words.0.service_type(code).is_some_and(|t| t.confidential);
        by_mechanism || CONFIDENTIAL_TYPES.contains(&code)
    }

    /// Reads an area into a field; none where the cell is empty.
    fn area(&mut self, line: &mut Line<'_>, field: Field, level: u8, above: Option<&str>, into: &mut Option<String>) {
        let Some(said) = line.said(field) else { return };
        if said.is_empty() {
            *into = None;
            return;
        }
        let words = self.words;
        let found = self
            .areas
            .entry((level, said.to_owned(), above.map(str::to_owned)))
            .or_insert_with(|| {
                let level = [Level::Region, Level::Department, Level::Subdivision][usize::from(level)];
                words.area(level, said, above).map(|p| p.code.clone())
            });
        match found {
            Some(code) => *into = Some(code.clone()),
            None => line.wrong(field, What::UnknownPlace),
        }
    }

    pub fn organisation(&mut self, line: &Incoming, o: &mut Organisation, new: bool, problems: &mut Vec<Problem>) {
        let mut line = Line { line, problems };
        if line.said(Field::OrganisationCode).is_some_and(|c| !c.is_empty()) {
            line.text(Field::OrganisationCode, &mut o.code);
        }
        line.label([Field::OrganisationFr, Field::OrganisationEn], &mut o.name, true);
        match line.said(Field::Kind) {
            None | Some("") if new => line.wrong(Field::Kind, What::Missing),
            None | Some("") => {}
            Some(said) => match self.choice("org_type", said).and_then(OrganisationKind::from_code) {
                Some(kind) => o.kind = kind,
                None => line.wrong(Field::Kind, What::Unknown),
            },
        }
        if new {
            o.state_body = o.kind.is_state_by_default();
        }
        self.area(&mut line, Field::SeatRegion, 0, None, &mut o.region);
        let region = o.region.clone();
        self.area(
            &mut line,
            Field::SeatDepartment,
            1,
            region.as_deref(),
            &mut o.department,
        );
        line.optional(Field::OrganisationTelephone, &mut o.telephone);
        line.optional(Field::Email, &mut o.email);
        line.flag(Field::StateBody, &mut o.state_body);
        line.flag(Field::OrganisationDemonstration, &mut o.demonstration);
        line.origin([Field::OrganisationSource, Field::OrganisationKey], &mut o.origin);
    }

    pub fn place(&mut self, line: &Incoming, p: &mut Place, problems: &mut Vec<Problem>) {
        let mut line = Line { line, problems };
        if line.said(Field::Place).is_some_and(|t| !t.is_empty()) {
            line.text(Field::Place, &mut p.name);
        }
        self.area(&mut line, Field::Region, 0, None, &mut p.region);
        let region = p.region.clone();
        self.area(&mut line, Field::Department, 1, region.as_deref(), &mut p.department);
        let within = p.department.clone().or(region);
        self.area(&mut line, Field::Subdivision, 2, within.as_deref(), &mut p.subdivision);
        line.optional(Field::Town, &mut p.town);
        line.degrees(Field::Latitude, &mut p.lat);
        line.degrees(Field::Longitude, &mut p.lon);
        line.flag(Field::Estimated, &mut p.department_estimated);
    }

    pub fn service(&mut self, line: &Incoming, s: &mut Service, new: bool, problems: &mut Vec<Problem>) {
        let mut line = Line { line, problems };
        line.label([Field::NameFr, Field::NameEn], &mut s.name, true);
        if new && s.name.fr.is_empty() && s.name.en.is_empty() {
            s.name = self
                .words
                .0
                .service_type(&s.service_type)
                .map_or_else(Label::default, |t| t.label.clone());
        }
        line.label([Field::HowFr, Field::HowEn], &mut s.how_to_refer, false);
        line.text(Field::Hours, &mut s.opening_hours);
        line.flag(Field::OnCall, &mut s.on_call);
        line.flag(Field::Demonstration, &mut s.demonstration);
        line.count(Field::PerMonth, &mut s.capacity.per_month);
        line.count(Field::Available, &mut s.capacity.available);
        line.day(Field::AssessedOn, &mut s.capacity.assessed_on);
        line.day(Field::ConfirmedOn, &mut s.confirmed_on);
        line.origin([Field::Source, Field::SourceKey], &mut s.origin);
        self.served(&mut line, s);
        self.lists(&mut line, s);
        telephones(&line, s);
    }

    fn served(&mut self, line: &mut Line<'_>, s: &mut Service) {
        let Some(said) = line.said(Field::Served).filter(|t| !t.is_empty()) else {
            return;
        };
        let words = self.words;
        let found = self
            .served
            .entry(said.to_owned())
            .or_insert_with(|| words.served_meant(said));
        match found {
            Some(area) => s.served_area = area.clone(),
            None => line.wrong(Field::Served, What::UnknownPlace),
        }
    }

    fn lists(&mut self, line: &mut Line<'_>, s: &mut Service) {
        if let Some(said) = line.said(Field::Modes).filter(|t| !t.is_empty()) {
            match several(said).map(mode_meant).collect::<Option<Vec<_>>>() {
                Some(modes) => s.modes = modes,
                None => line.wrong(Field::Modes, What::Unknown),
            }
        }
        if let Some(said) = line.said(Field::Targets) {
            let found: Option<Vec<Target>> = several(said)
                .map(|t| Target::from_code(self.choice("target", t)?))
                .collect();
            match found {
                Some(targets) => s.targets = targets,
                None => line.wrong(Field::Targets, What::Unknown),
            }
        }
        if let Some(said) = line.said(Field::Languages) {
            let found: Option<Vec<String>> = several(said)
                .map(|l| self.choice("lang", l).map(str::to_owned))
                .collect();
            match found {
                Some(languages) => s.languages = languages,
                None => line.wrong(Field::Languages, What::Unknown),
            }
        }
        match line.said(Field::Cost) {
            None => {}
            Some("") => s.cost = None,
            Some(said) => match self.choice("cost", said).and_then(Cost::from_code) {
                Some(cost) => s.cost = Some(cost),
                None => line.wrong(Field::Cost, What::Unknown),
            },
        }
    }
}

/// The telephones, in the order of their columns.
fn telephones(line: &Line<'_>, s: &mut Service) {
    let cell = |field, number| line.line.values.get(&Column { field, number }).map(|t| t.trim());
    let spoken: Vec<u8> = (0..MOST_TELEPHONES)
        .filter(|n| cell(Field::Telephone, *n).is_some())
        .collect();
    if spoken.is_empty() {
        return;
    }
    let said: Vec<Telephone> = spoken
        .iter()
        .filter_map(|n| {
            let number = cell(Field::Telephone, *n).filter(|t| !t.is_empty())?;
            let beside = |field| cell(field, *n).unwrap_or_default().to_owned();
            Some(Telephone {
                number: number.to_owned(),
                who: beside(Field::TelephoneWho),
                hours: beside(Field::TelephoneHours),
            })
        })
        .collect();
    let same = |a: &Telephone, b: &Telephone| {
        [(&a.number, &b.number), (&a.who, &b.who), (&a.hours, &b.hours)]
            .iter()
            .all(|(a, b)| tidy(a) == tidy(b))
    };
    let now = &s.telephones;
    // More than a table holds stay behind those that it names.
    let held = now.len().min(usize::from(MOST_TELEPHONES));
    if said.len() == held && said.iter().zip(now).all(|(a, b)| same(a, b)) {
        return;
    }
    let rest = now.get(held..).map(<[Telephone]>::to_vec).unwrap_or_default();
    s.telephones = said;
    s.telephones.extend(rest);
}

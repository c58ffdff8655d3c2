//! The programmes that a line names beside its service: known ones, and those that
//! the file makes.

use relais_network::programme::{Donor, MOST_DONORS, programme_id};

use super::super::programmes::{day_meant, parts};
use super::super::values::is_yes;
use super::*;

impl Planner<'_> {
    /// Lays the programmes that a line names over a service, where it speaks of them;
    /// the programmes that it makes.
    pub(super) fn paid(
        &self,
        line: &Incoming,
        organisation: &Organisation,
        service: &mut Service,
        problems: &mut Vec<Problem>,
    ) -> Vec<Programme> {
        let mut made = Vec::new();
        let Some(said) = line.values.get(&Column::of(Field::Programmes)) else {
            return made;
        };
        let mut found: Vec<ProgrammeId> = Vec::new();
        for (n, code) in parts(said).into_iter().enumerate() {
            let id = programme_id(code);
            if found.contains(&id) {
                continue;
            }
            match self.known.programme(id) {
                Some(Standing::Closed) => problems.push(wrong(Field::Programmes, code, What::Closed)),
                Some(Standing::Open) => found.push(id),
                None => {
                    if !self.programmes.contains_key(code) {
                        made.push(self.programme(line, organisation, (n, code), problems));
                    }
                    found.push(id);
                }
            }
        }
        // What is not shown stays: the file could not have said it.
        let unsaid = |id: &ProgrammeId| matches!(self.known.programme(*id), Some(Standing::Closed));
        let stays: Vec<ProgrammeId> = service.programmes.iter().copied().filter(unsaid).collect();
        found.extend(stays);
        let same = found.len() == service.programmes.len() && found.iter().all(|id| service.programmes.contains(id));
        if !same {
            service.programmes = found;
        }
        made
    }

    /// A programme that nobody knows, as the line says it.
    fn programme(
        &self,
        line: &Incoming,
        organisation: &Organisation,
        (n, code): (usize, &str),
        problems: &mut Vec<Problem>,
    ) -> Programme {
        let part = |field| parts(self.said(line, field)).get(n).copied().unwrap_or_default();
        let name = |field, other| {
            let said = [part(field), part(other), code];
            said.into_iter().find(|t| !t.is_empty()).unwrap_or_default().to_owned()
        };
        let mut day = |field| match part(field) {
            "" => None,
            said => {
                let day = day_meant(said);
                if day.is_none() {
                    problems.push(wrong(field, said, What::NotADay));
                }
                day
            }
        };
        let (from, until) = (day(Field::FundingFrom), day(Field::FundingUntil));
        let carrier = self.named(part(Field::ProgrammeCarrier));
        let donors = part(Field::Donors).split(';').map(str::trim).filter(|d| !d.is_empty());
        let programme = Programme {
            id: programme_id(code),
            code: code.to_owned(),
            name: Label {
                fr: name(Field::ProgrammeFr, Field::ProgrammeEn),
                en: name(Field::ProgrammeEn, Field::ProgrammeFr),
            },
            organisation: carrier.unwrap_or(organisation.id),
            donors: donors
                .take(MOST_DONORS + 1)
                .map(|d| {
                    self.named(d)
                        .map_or_else(|| Donor::Named(d.to_owned()), Donor::Organisation)
                })
                .collect(),
            from,
            until,
            origin: self.origin(code),
            demonstration: is_yes(part(Field::ProgrammeDemonstration)).unwrap_or(false),
        };
        for error in programme.check() {
            let field = match error.field {
                "name" => Field::ProgrammeFr,
                "donors" => Field::Donors,
                "until" => Field::FundingUntil,
                _ => Field::Programmes,
            };
            problems.push(wrong(field, code, What::Field(error.problem)));
        }
        programme
    }

    /// The organisation with a code, of the file or of what a file may speak of.
    fn named(&self, code: &str) -> Option<OrganisationId> {
        if code.is_empty() {
            return None;
        }
        let known = || {
            let id = self.known.by_code(code)?;
            matches!(self.known.organisation(id), Some((_, Standing::Open))).then_some(id)
        };
        self.codes.get(code).copied().or_else(known)
    }
}

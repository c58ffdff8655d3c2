//! The service that a line brings, and the place it is offered at.

use super::*;

/// A service as a line brings it.
pub(super) struct Offered {
    pub place: Draft<Place>,
    pub service: Draft<Service>,
    /// What it waits for at the gate.
    pub held: Vec<Missing>,
    /// The programmes that it brings and nobody knows.
    pub made: Vec<Programme>,
}

impl Planner<'_> {
    pub(super) fn service(
        &mut self,
        line: &Incoming,
        organisation: &Organisation,
        problems: &mut Vec<Problem>,
    ) -> Result<Offered, Problem> {
        let given = id(line, Field::ServiceId)?.map(ServiceId);
        let known = match given.and_then(|id| self.known.service(id)) {
            Some((_, Standing::Closed)) => return Err(wrong(Field::ServiceId, "", What::Closed)),
            Some((known, Standing::Open)) => Some(known.clone()),
            None => None,
        };
        let kind = self.cells.service_type(line).map_err(|typed| {
            let missing = typed.is_empty();
            let what = if missing { What::Missing } else { What::Unknown };
            wrong(Field::ServiceType, &typed, what)
        })?;
        let kind = match (kind, &known) {
            (Some(kind), _) => kind.to_owned(),
            (None, Some(known)) => known.service_type.clone(),
            (None, None) => return Err(wrong(Field::ServiceType, "", What::Missing)),
        };
        if self.cells.is_confidential(&kind) {
            return Err(wrong(Field::ServiceType, &kind, What::Confidential));
        }
        let place = self.place(line, organisation, known.as_ref(), problems)?;
        let own = [Field::NameFr, Field::NameEn].map(|f| self.said(line, f));
        let name = own.iter().find(|t| !t.is_empty()).copied().unwrap_or_default();
        let id = given.unwrap_or_else(|| {
            let key = format!(
                "{} {} {kind} {}",
                organisation.id,
                place.entry.id,
                relais_mechanism::places::fold(name)
            );
            ServiceId(derived("exchanged service", self.source(), &key))
        });
        let known = known.or_else(|| match self.known.service(id) {
            Some((known, Standing::Open)) => Some(known.clone()),
            _ => None,
        });
        if matches!(self.known.service(id), Some((_, Standing::Closed))) {
            return Err(wrong(Field::ServiceId, "", What::Closed));
        }
        if let Some(before) = self.services.get(&id) {
            return Err(wrong(Field::ServiceId, "", What::Repeats(before.line)));
        }
        let new = known.is_none();
        let stood = known.as_ref().map(|s| s.status);
        let was = known.unwrap_or_else(|| Service {
            served_area: place
                .entry
                .region
                .clone()
                .map_or(ServedArea::Country, ServedArea::Region),
            status: PublicationStatus::Published,
            origin: self.origin(&id.to_string()),
            ..Service::proposed(id, organisation.id, kind.clone(), place.entry.id)
        });
        let mut entry = was.clone();
        entry.status = offered(entry.status);
        if stood == Some(PublicationStatus::Archived) {
            // What was given up goes before the committee again.
            entry.ratified = None;
        }
        entry.organisation = organisation.id;
        entry.place = place.entry.id;
        entry.service_type = kind;
        self.cells.service(line, &mut entry, new, problems);
        let made = self.paid(line, organisation, &mut entry, problems);
        for error in entry.check() {
            problems.push(wrong(apply::service_field(error.field), "", What::Field(error.problem)));
        }
        let missing = self.missing(&entry, organisation);
        let held = if gate::let_in(stood, &mut entry, &missing) {
            missing
        } else {
            Vec::new()
        };
        let change = change(new, entry == was);
        let draft = Draft {
            entry,
            change,
            line: line.line,
        };
        Ok(Offered {
            place,
            service: draft,
            held,
            made,
        })
    }

    fn place(
        &mut self,
        line: &Incoming,
        organisation: &Organisation,
        service: Option<&Service>,
        problems: &mut Vec<Problem>,
    ) -> Result<Draft<Place>, Problem> {
        let given = id(line, Field::PlaceId)?.map(PlaceId).or(service.map(|s| s.place));
        let id = given.unwrap_or_else(|| {
            let said = [
                Field::Place,
                Field::Town,
                Field::Subdivision,
                Field::Department,
                Field::Region,
            ]
            .map(|f| relais_mechanism::places::fold(self.said(line, f)));
            let key = format!("{} {}", organisation.id, said.join("|"));
            PlaceId(derived("exchanged place", self.source(), &key))
        });
        let (was, new) = match self.known.place(id) {
            Some((_, Standing::Closed)) => return Err(wrong(Field::PlaceId, "", What::Closed)),
            Some((known, Standing::Open)) => (known.clone(), false),
            None => (
                Place {
                    id,
                    organisation: organisation.id,
                    name: organisation.name.fr.clone(),
                    region: None,
                    department: None,
                    department_estimated: false,
                    subdivision: None,
                    town: None,
                    lat: None,
                    lon: None,
                    confidential: false,
                },
                true,
            ),
        };
        if was.organisation != organisation.id {
            return Err(wrong(Field::PlaceId, "", What::Closed));
        }
        let mut entry = was.clone();
        self.cells.place(line, &mut entry, problems);
        for error in entry.check() {
            problems.push(wrong(apply::place_field(error.field), "", What::Field(error.problem)));
        }
        let change = change(new, entry == was);
        let draft = Draft {
            entry,
            change,
            line: line.line,
        };
        Ok(self.same_as_before(draft, |p| self.places.get(&p.id), Field::Place, problems))
    }
}

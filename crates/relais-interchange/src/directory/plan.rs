//! What a file would change: each line laid over the entry that it speaks of.
//! A column that is there speaks, also when its cell is empty; what a file does
//! not speak of stays. A line that is wrong changes nothing and is told.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use relais_mechanism::{Label, Lang, Mechanism};
use relais_network::ids::derived;
use relais_network::{
    Missing, Organisation, OrganisationId, Origin, Place, PlaceId, Programme, ProgrammeId, PublicationStatus,
    Safeguards, ServedArea, Service, ServiceId, gate,
};
use serde::Serialize;

use super::Incoming;
use super::fields::{Column, Field};
use super::incoming::{Mapping, Read};
use super::values::Words;

mod apply;
mod offer;
mod paid;
mod problem;

use apply::Cells;
use offer::Offered;
pub use problem::{Problem, What};

/// Longest quotation of a value in a report.
const QUOTED: usize = 60;

/// Whether a file may change an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It may: published, or archived (it comes back).
    Open,
    /// It may not, whatever the reason: the reasons look alike.
    Closed,
}

/// The directory as it is, for the plan.
pub trait Known {
    /// An organisation, whoever it is.
    fn organisation(&self, id: OrganisationId) -> Option<(&Organisation, Standing)>;
    /// The organisation that bears a code.
    fn by_code(&self, code: &str) -> Option<OrganisationId>;
    /// A place.
    fn place(&self, id: PlaceId) -> Option<(&Place, Standing)>;
    /// Whether a programme is known, and whether a file may speak of it.
    fn programme(&self, id: ProgrammeId) -> Option<Standing>;
    /// A service.
    fn service(&self, id: ServiceId) -> Option<(&Service, Standing)>;
}

relais_mechanism::closed_enum! {
    /// What becomes of a line.
    Outcome {
        /// It makes an entry.
        Created = "created",
        /// It changes one.
        Updated = "updated",
        /// All of it is so already.
        Unchanged = "unchanged",
        /// It is wrong and left out.
        Rejected = "rejected",
    }
}

/// One line of the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// Line of the file.
    pub line: usize,
    /// What becomes of it.
    pub outcome: Outcome,
    /// The name of what it speaks of.
    pub name: Label,
    /// What is wrong.
    pub problems: Vec<Problem>,
    /// What is missing before it is published; it comes in as checked meanwhile.
    pub held: Vec<Missing>,
}

/// How many lines become what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Figures {
    /// Lines.
    pub lines: usize,
    /// That make an entry.
    pub created: usize,
    /// That change one.
    pub updated: usize,
    /// That change nothing.
    pub unchanged: usize,
    /// That are left out.
    pub rejected: usize,
    /// Of those that are not left out: that wait at the gate, checked and not published.
    pub held: usize,
}

/// Entries as they would be, in the order in which they can be written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Writes {
    /// Organisations.
    pub organisations: Vec<Organisation>,
    /// Places.
    pub places: Vec<Place>,
    /// Programmes; none of them is known.
    pub programmes: Vec<Programme>,
    /// Services.
    pub services: Vec<Service>,
}

impl Writes {
    /// How many.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.organisations.len() + self.places.len() + self.programmes.len() + self.services.len()
    }

    /// Whether nothing would be written.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The plan of an import.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    /// Every line.
    pub lines: Vec<Planned>,
    /// What would be written.
    pub writes: Writes,
}

impl Plan {
    /// The figures.
    #[must_use]
    pub fn figures(&self) -> Figures {
        let count = |outcome| self.lines.iter().filter(|l| l.outcome == outcome).count();
        Figures {
            lines: self.lines.len(),
            created: count(Outcome::Created),
            updated: count(Outcome::Updated),
            unchanged: count(Outcome::Unchanged),
            rejected: count(Outcome::Rejected),
            held: self.lines.iter().filter(|l| !l.held.is_empty()).count(),
        }
    }
}

/// An entry of the file, once a line has said it.
struct Draft<T> {
    entry: T,
    /// Whether it is new, or other than it was.
    change: Outcome,
    /// The line that said it first.
    line: usize,
}

/// Plans an import, as of a day: what an organisation signed may have run out.
pub fn plan(read: &Read, mapping: &Mapping, known: &dyn Known, mechanism: &Mechanism, today: NaiveDate) -> Plan {
    let mut planner = Planner {
        known,
        mapping,
        today,
        cells: Cells::new(Words(mechanism)),
        codes: HashMap::new(),
        organisations: HashMap::new(),
        places: HashMap::new(),
        services: HashMap::new(),
        programmes: BTreeMap::new(),
        order: (Vec::new(), Vec::new(), Vec::new()),
    };
    for line in &read.lines {
        let code = line.values.get(&Column::of(Field::OrganisationCode));
        if let Some(code) = code.filter(|c| !c.is_empty())
            && let Ok(id) = planner.organisation_id(line)
        {
            planner.codes.entry(code.clone()).or_insert(id);
        }
    }
    let mut lines: Vec<Planned> = read.lines.iter().map(|line| planner.line(line)).collect();
    lines.extend(read.unread.iter().map(|line| Planned {
        line: *line,
        outcome: Outcome::Rejected,
        name: Label::default(),
        problems: vec![Problem {
            column: None,
            value: String::new(),
            what: What::Unread,
        }],
        held: Vec::new(),
    }));
    lines.sort_by_key(|l| l.line);
    Plan {
        lines,
        writes: planner.writes(),
    }
}

struct Planner<'p> {
    known: &'p dyn Known,
    mapping: &'p Mapping,
    today: NaiveDate,
    cells: Cells<'p>,
    /// Codes that the file gives organisations.
    codes: HashMap<String, OrganisationId>,
    organisations: HashMap<OrganisationId, Draft<Organisation>>,
    places: HashMap<PlaceId, Draft<Place>>,
    services: HashMap<ServiceId, Draft<Service>>,
    /// Programmes that the file makes, by their code.
    programmes: BTreeMap<String, Programme>,
    order: (Vec<OrganisationId>, Vec<PlaceId>, Vec<ServiceId>),
}

/// Reads an id, where the line has one.
fn id(line: &Incoming, field: Field) -> Result<Option<uuid::Uuid>, Problem> {
    let text = line.values.get(&Column::of(field)).map_or("", |t| t.trim());
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| wrong(field, text, What::NotAnId))
}

fn wrong(field: Field, value: &str, what: What) -> Problem {
    Problem {
        column: Some(Column::of(field)),
        value: value.chars().take(QUOTED).collect(),
        what,
    }
}

impl Planner<'_> {
    fn said<'l>(&self, line: &'l Incoming, field: Field) -> &'l str {
        line.values.get(&Column::of(field)).map_or("", |t| t.trim())
    }

    fn source(&self) -> &str {
        match self.mapping.source.as_str() {
            "" => "import",
            source => source,
        }
    }

    /// Whose line it is: by id, by code, else by name.
    fn organisation_id(&self, line: &Incoming) -> Result<OrganisationId, Problem> {
        if let Some(id) = id(line, Field::OrganisationId)? {
            return Ok(OrganisationId(id));
        }
        let code = self.said(line, Field::OrganisationCode);
        let by_code = self.codes.get(code).copied().or_else(|| self.known.by_code(code));
        if let Some(id) = by_code.filter(|_| !code.is_empty()) {
            return Ok(id);
        }
        let names = [
            code,
            self.said(line, Field::OrganisationFr),
            self.said(line, Field::OrganisationEn),
        ];
        match names.iter().find(|n| !n.is_empty()) {
            Some(name) => Ok(OrganisationId(derived(
                "exchanged organisation",
                self.source(),
                &relais_mechanism::places::fold(name),
            ))),
            None => Err(wrong(Field::OrganisationFr, "", What::Missing)),
        }
    }

    fn line(&mut self, line: &Incoming) -> Planned {
        let mut problems = Vec::new();
        let name = |lang: Lang| {
            let fields = match lang {
                Lang::Fr => [Field::NameFr, Field::OrganisationFr],
                Lang::En => [Field::NameEn, Field::OrganisationEn],
            };
            let found = fields.iter().map(|f| self.said(line, *f)).find(|t| !t.is_empty());
            found.unwrap_or_default().to_owned()
        };
        let name = Label {
            fr: name(Lang::Fr),
            en: name(Lang::En),
        };
        let (outcome, held) = self.take(line, &mut problems);
        let wrong = !problems.is_empty();
        Planned {
            line: line.line,
            outcome: if wrong { Outcome::Rejected } else { outcome },
            name,
            problems,
            held: if wrong { Vec::new() } else { held },
        }
    }

    /// Lays the line over what it speaks of; nothing is kept of one that is wrong.
    /// What becomes of it, and what its entry waits for at the gate.
    fn take(&mut self, line: &Incoming, problems: &mut Vec<Problem>) -> (Outcome, Vec<Missing>) {
        let organisation = match self.organisation(line, problems) {
            Ok(draft) => draft,
            Err(problem) => {
                problems.push(problem);
                return (Outcome::Rejected, Vec::new());
            }
        };
        let mut held = Vec::new();
        let offers = [Field::ServiceId, Field::ServiceType, Field::ServiceTypeName]
            .iter()
            .any(|f| !self.said(line, *f).is_empty());
        let mut outcome = organisation.change;
        let mut rest = None;
        if offers {
            match self.service(line, &organisation.entry, problems) {
                Ok(Offered {
                    place,
                    service,
                    held: waits,
                    made,
                }) => {
                    held = waits;
                    outcome = match (service.change, place.change, organisation.change) {
                        (Outcome::Unchanged, Outcome::Unchanged, Outcome::Unchanged) => Outcome::Unchanged,
                        (Outcome::Created, ..) => Outcome::Created,
                        _ => Outcome::Updated,
                    };
                    rest = Some((place, service, made));
                }
                Err(problem) => problems.push(problem),
            }
        }
        if !problems.is_empty() {
            return (Outcome::Rejected, Vec::new());
        }
        let id = organisation.entry.id;
        if !self.organisations.contains_key(&id) {
            self.order.0.push(id);
            self.organisations.insert(id, organisation);
        }
        if let Some((place, service, made)) = rest {
            for programme in made {
                self.programmes.entry(programme.code.clone()).or_insert(programme);
            }
            let id = place.entry.id;
            if !self.places.contains_key(&id) {
                self.order.1.push(id);
                self.places.insert(id, place);
            }
            self.order.2.push(service.entry.id);
            self.services.insert(service.entry.id, service);
        }
        (outcome, held)
    }

    /// What is missing before a service of the organisation is published. A body that
    /// a file may not change speaks for nobody here: its papers would tell of it.
    fn missing(&self, service: &Service, organisation: &Organisation) -> Vec<Missing> {
        let known = |id| match self.known.organisation(id) {
            Some((known, Standing::Open)) => Some(known),
            _ => None,
        };
        let find = |id| self.organisations.get(&id).map(|d| &d.entry).or_else(|| known(id));
        gate::missing(service, &gate::chain(organisation, find), self.today)
    }

    fn organisation(&mut self, line: &Incoming, problems: &mut Vec<Problem>) -> Result<Draft<Organisation>, Problem> {
        let id = self.organisation_id(line)?;
        let (was, new) = match self.known.organisation(id) {
            Some((_, Standing::Closed)) => return Err(wrong(Field::OrganisationCode, "", What::Closed)),
            Some((known, Standing::Open)) => (known.clone(), false),
            None => (self.new_organisation(id, line), true),
        };
        let mut entry = was.clone();
        entry.status = offered(entry.status);
        self.cells.organisation(line, &mut entry, new, problems);
        entry.parent = self.parent(line, entry.parent, problems);
        for error in entry.check() {
            problems.push(wrong(
                apply::organisation_field(error.field),
                "",
                What::Field(error.problem),
            ));
        }
        if new && self.known.by_code(&entry.code).is_some_and(|other| other != id) {
            problems.push(wrong(Field::OrganisationCode, &entry.code, What::Closed));
        }
        let change = change(new, entry == was);
        let draft = Draft {
            entry,
            change,
            line: line.line,
        };
        Ok(self.same_as_before(
            draft,
            |p| self.organisations.get(&p.id),
            Field::OrganisationCode,
            problems,
        ))
    }

    /// What an earlier line said of the same entry holds; a line that says
    /// something else is wrong, unless it says less.
    fn same_as_before<'s, T: PartialEq + Clone + 's>(
        &'s self,
        draft: Draft<T>,
        earlier: impl Fn(&T) -> Option<&'s Draft<T>>,
        field: Field,
        problems: &mut Vec<Problem>,
    ) -> Draft<T> {
        let Some(before) = earlier(&draft.entry) else {
            return draft;
        };
        if before.entry != draft.entry {
            problems.push(wrong(field, "", What::Contradicts(before.line)));
        }
        // Counted with the line that said it first.
        Draft {
            entry: before.entry.clone(),
            change: Outcome::Unchanged,
            line: before.line,
        }
    }

    fn new_organisation(&self, id: OrganisationId, line: &Incoming) -> Organisation {
        let name = Label::default();
        let code = self.said(line, Field::OrganisationCode);
        Organisation {
            id,
            code: if code.is_empty() {
                format!("IMP-{}", &id.0.simple().to_string()[..12])
            } else {
                code.to_owned()
            },
            name,
            kind: relais_network::OrganisationKind::Association,
            parent: None,
            region: None,
            department: None,
            telephone: None,
            email: None,
            state_body: false,
            status: PublicationStatus::Published,
            origin: self.origin(&id.to_string()),
            demonstration: false,
            safeguards: Safeguards::default(),
            merged_into: None,
        }
    }

    fn origin(&self, key: &str) -> Option<Origin> {
        Some(Origin {
            source: self.source().to_owned(),
            key: key.to_owned(),
        })
    }

    /// The supervising body: by its code, of the file or of the directory, or by its id.
    fn parent(
        &self,
        line: &Incoming,
        now: Option<OrganisationId>,
        problems: &mut Vec<Problem>,
    ) -> Option<OrganisationId> {
        let Some(said) = line.values.get(&Column::of(Field::Parent)) else {
            return now;
        };
        let said = said.trim();
        if said.is_empty() {
            // One that is not shown stays: the file could not have said it.
            return now.filter(|p| matches!(self.known.organisation(*p), Some((_, Standing::Closed))));
        }
        let by_id = said
            .parse()
            .ok()
            .map(OrganisationId)
            .filter(|id| self.known.organisation(*id).is_some() || self.codes.values().any(|known| known == id));
        let found = by_id
            .or_else(|| self.codes.get(said).copied())
            .or_else(|| self.known.by_code(said));
        if found.is_none() {
            problems.push(wrong(Field::Parent, said, What::UnknownParent));
        }
        found
    }

    /// What would be written. An organisation is written after the one above it.
    fn writes(mut self) -> Writes {
        let mut writes = Writes {
            programmes: std::mem::take(&mut self.programmes).into_values().collect(),
            ..Writes::default()
        };
        let mut taken: BTreeSet<OrganisationId> = BTreeSet::new();
        for id in std::mem::take(&mut self.order.0) {
            let mut chain = Vec::new();
            let mut at = Some(id);
            while let Some(id) = at.filter(|id| taken.insert(*id)) {
                chain.push(id);
                at = self.organisations.get(&id).and_then(|d| d.entry.parent);
            }
            for id in chain.into_iter().rev() {
                if let Some(draft) = self.organisations.remove(&id)
                    && draft.change != Outcome::Unchanged
                {
                    writes.organisations.push(draft.entry);
                }
            }
        }
        let changed = |change| change != Outcome::Unchanged;
        for id in &self.order.1 {
            if let Some(draft) = self.places.remove(id).filter(|d| changed(d.change)) {
                writes.places.push(draft.entry);
            }
        }
        for id in &self.order.2 {
            if let Some(draft) = self.services.remove(id).filter(|d| changed(d.change)) {
                writes.services.push(draft.entry);
            }
        }
        writes
    }
}

const fn change(new: bool, same: bool) -> Outcome {
    match (new, same) {
        (true, _) => Outcome::Created,
        (false, false) => Outcome::Updated,
        (false, true) => Outcome::Unchanged,
    }
}

/// What a file names is offered; a file lifts no doubt.
const fn offered(status: PublicationStatus) -> PublicationStatus {
    if status.is_offered() {
        status
    } else {
        PublicationStatus::Published
    }
}

//! Bring a directory in: our own table, HSDS, or a partner's table by a
//! mapping. A file is planned first; what it changes is written in batches, and
//! of each entry is kept how it was, so that the whole of it can be undone.

pub(super) mod journal;
mod known;
mod mappings;
mod screen;
mod undo;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use relais_casework::calendar::local_date;
use relais_interchange::directory::Mapping;
use relais_interchange::directory::incoming::{self, NoDirectory, Understood};
use relais_interchange::directory::plan::{self, Figures, Planned, Writes};
use relais_interchange::table::Limits;
use relais_mechanism::{Lang, Mechanism};
use relais_network::gate;
use relais_store::rows::directory as rows;
use relais_store::rows::imports::{self, ImportRecord};
use relais_store::{Store, Tx, ids};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::{BATCH, By, RowReport, Wrong, note, stream};
use crate::network::Network;
use crate::problem::{ActError, FieldProblem};

use journal::Journal;
use known::Standing;

pub use mappings::{mapping, mappings, save_mapping};
pub use screen::{
    Brings, ImportsView, MOST_BYTES, PreviewView, carry_out_previewed, list, preview, previewed, shown_name, undo_for,
};
pub use undo::{Kept, Undone, undo};

/// What was read, in the journal: our table or HSDS.
pub(super) const EXCHANGE: &str = "exchange";
/// What was read, in the journal: a list of facilities by its rules.
pub(super) const FACILITIES: &str = "facilities";

relais_mechanism::closed_enum! {
    /// How far an import is.
    ImportState {
        /// Looked at, nothing written.
        Previewed = "previewed",
        /// Begun; cut off where it stays so.
        Running = "running",
        /// Written.
        Done = "done",
        /// Every entry is as it was before.
        Undone = "undone",
        /// Some are; others were changed since.
        PartlyUndone = "partly_undone",
    }
}

/// What came of a file.
#[derive(Debug, Clone, Serialize)]
pub struct Brought {
    /// The import; none of a dry run.
    pub import: Option<Uuid>,
    /// Name of the source.
    pub source: String,
    /// Whether nothing was written, by wish.
    pub dry_run: bool,
    /// The figures.
    pub figures: Figures,
    /// How the columns were understood; none of HSDS.
    pub columns: Vec<Understood>,
    /// Every line.
    pub rows: Vec<RowReport>,
    /// Entries left alone, since somebody changed them while the file was read.
    pub overtaken: usize,
}

/// A file with its plan.
pub(super) struct Planning {
    pub plan: plan::Plan,
    pub columns: Vec<Understood>,
    network: Network,
}

fn file_problem(field: &str, problem: &NoDirectory) -> ActError {
    let (what, remedy) = (problem.message(), problem.remedy());
    let both = |lang: Lang| format!("{} {}", what.get(lang), remedy.get(lang));
    ActError::Invalid(vec![FieldProblem {
        field: field.to_owned(),
        code: problem.code().to_owned(),
        message: relais_mechanism::Label {
            fr: both(Lang::Fr),
            en: both(Lang::En),
        },
    }])
}

/// Reads a file and plans what it would change.
fn planned(
    store: &Store,
    mechanism: &Mechanism,
    bytes: &[u8],
    mapping: &Mapping,
    limits: &Limits,
) -> Result<Planning, ActError> {
    if let Some(unknown) = mapping.unknown().first() {
        return Err(ActError::refused(
            "mapping",
            (
                &format!("La correspondance nomme une colonne inconnue\u{a0}: {unknown}."),
                &format!("The mapping names an unknown column: {unknown}."),
            ),
            (
                "Utilisez les codes du guide, comme service_type ou telephone_1.",
                "Use the codes of the guide, as service_type or telephone_1.",
            ),
        ));
    }
    let read = incoming::read(bytes, mapping, mechanism, limits).map_err(|e| file_problem("file", &e))?;
    let (rows, now) = store.read_blocking(|tx| Ok::<_, ActError>((Network::read_rows(tx)?, tx.now()?)))?;
    let network = Network::build(rows, mechanism)?;
    let plan = plan::plan(
        &read,
        mapping,
        &Standing::of(&network, mechanism),
        mechanism,
        local_date(now),
    );
    Ok(Planning {
        plan,
        columns: read.columns,
        network,
    })
}

/// A file to be brought in.
#[derive(Debug, Clone, Copy)]
pub struct Bring<'a> {
    /// The file.
    pub bytes: &'a [u8],
    /// Which of its columns holds what.
    pub mapping: &'a Mapping,
    /// Whether nothing is written.
    pub dry_run: bool,
    /// By whom.
    pub by: By,
    /// Language of the report's headings.
    pub lang: Lang,
}

/// Brings a file in, or, as a dry run, says what it would change. `progress` is
/// told how many entries of how many are written.
///
/// # Errors
/// A file that cannot be read, a mapping of unknown columns; what the store
/// refuses. Lines that are wrong are no error: the report tells them.
pub fn bring(
    store: &Store,
    mechanism: &Mechanism,
    asked: &Bring<'_>,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Brought, ActError> {
    let &Bring {
        bytes,
        mapping,
        dry_run,
        by,
        lang,
    } = asked;
    let planning = planned(store, mechanism, bytes, mapping, &Limits::DIRECTORY)?;
    let import = (!dry_run).then(|| store.read_blocking(|tx| Ok::<_, ActError>(ids::new_v7(tx.now()?))));
    let import = import.transpose()?;
    let figures = planning.plan.figures();
    let rows = planning.plan.lines.iter().map(|l| report(l, lang)).collect();
    let columns = planning.columns.clone();
    let source = source(mapping);
    let overtaken = match import {
        Some(id) => {
            let journal = Journal {
                import: id,
                by,
                kind: EXCHANGE,
                source: source.clone(),
                figures: json!(figures),
            };
            carry_out(store, planning, &journal, progress)?
        }
        None => 0,
    };
    Ok(Brought {
        import,
        source,
        dry_run,
        figures,
        columns,
        rows,
        overtaken,
    })
}

fn source(mapping: &Mapping) -> String {
    match mapping.source.as_str() {
        "" => "import".to_owned(),
        source => source.to_owned(),
    }
}

/// One entry to be written, with how the plan knew it.
enum Step {
    Organisation(Box<relais_network::Organisation>, Option<String>),
    Place(Box<relais_network::Place>, Option<String>),
    Programme(Box<relais_network::Programme>),
    Service(Box<relais_network::Service>, Option<String>),
}

fn steps(writes: Writes, network: &Network) -> Vec<Step> {
    fn known<T: Serialize>(entry: Option<&T>) -> Option<String> {
        entry.map(|e| serde_json::to_string(e).expect("texts, numbers and lists of them"))
    }
    let organisations = writes.organisations.into_iter().map(|o| {
        let was = known(network.organisations.get(&o.id));
        Step::Organisation(Box::new(o), was)
    });
    let places = writes.places.into_iter().map(|p| {
        let was = known(network.places.get(&p.id));
        Step::Place(Box::new(p), was)
    });
    let services = writes.services.into_iter().map(|s| {
        let was = known(network.services.get(&s.id));
        Step::Service(Box::new(s), was)
    });
    let programmes = writes.programmes.into_iter().map(|p| Step::Programme(Box::new(p)));
    organisations.chain(places).chain(programmes).chain(services).collect()
}

/// Writes what was planned; how many entries were changed by somebody meanwhile.
fn carry_out(
    store: &Store,
    planning: Planning,
    journal: &Journal,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<usize, ActError> {
    let mut steps = steps(planning.plan.writes, &planning.network);
    let (all, mut done, mut overtaken) = (steps.len(), 0, 0);
    store.write_blocking({
        let journal = journal.clone();
        move |tx| journal.begin(tx)
    })?;
    while !steps.is_empty() {
        let batch: Vec<Step> = steps.drain(..steps.len().min(BATCH)).collect();
        done += batch.len();
        let journal = journal.clone();
        overtaken += store.write_blocking(move |tx| write_batch(tx, &batch, &journal))?;
        progress(done, all);
    }
    let (import, overtaken_now) = (journal.import, overtaken);
    store.write_blocking(move |tx| journal::end(tx, import, ImportState::Done, overtaken_now))?;
    Ok(overtaken)
}

fn write_batch(tx: &mut Tx<'_>, batch: &[Step], journal: &Journal) -> Result<usize, ActError> {
    let mut overtaken = 0;
    let mut written: HashMap<&str, Vec<Uuid>> = HashMap::new();
    for step in batch {
        let (kind, id, done) = match step {
            Step::Organisation(o, was) => (
                journal::ORGANISATION,
                o.id.0,
                journal.organisation(tx, o, None, Some(was.as_deref()))?,
            ),
            Step::Place(p, was) => (journal::PLACE, p.id.0, journal.place(tx, p, Some(was.as_deref()))?),
            Step::Programme(p) => (journal::PROGRAMME, p.id.0, journal.programme(tx, p)?),
            Step::Service(s, was) => (journal::SERVICE, s.id.0, journal.service(tx, s, Some(was.as_deref()))?),
        };
        if done {
            written.entry(kind).or_default().push(id);
        } else {
            overtaken += 1;
        }
    }
    rows::directory_changed(tx)?;
    let subject = ids::new_v7(tx.now()?);
    let facts = json!({ "import": journal.import, "source": journal.source, "written": written });
    note(tx, journal.by, stream(), subject, "directory_brought", facts)?;
    Ok(overtaken)
}

/// A line of the plan, as reports tell it; columns by their heading in the language.
fn report(line: &Planned, lang: Lang) -> RowReport {
    let heading = |p: &plan::Problem| p.column.map_or_else(String::new, |c| c.heading(lang));
    RowReport {
        row: line.line,
        line: line.line,
        result: line.outcome.code(),
        name: line.name.get(lang).to_owned(),
        repeats: None,
        problems: line
            .problems
            .iter()
            .map(|p| Wrong {
                column: heading(p),
                value: p.value.clone(),
                cause: p.what.code().to_owned(),
                remedy: p.what.message(),
            })
            .collect(),
        held: line.held.clone(),
        remarks: (!line.held.is_empty())
            .then(|| gate::waits(&line.held))
            .into_iter()
            .collect(),
    }
}

/// One import, as it is listed.
#[derive(Debug, Clone, Serialize)]
pub struct ImportLine {
    /// Import.
    pub id: Uuid,
    /// When.
    pub at: DateTime<Utc>,
    /// Name of the source.
    pub source: String,
    /// Whether it was a list of facilities.
    pub facilities: bool,
    /// How far it is.
    pub state: String,
    /// Lines that made an entry.
    pub created: u64,
    /// Lines that changed one.
    pub updated: u64,
    /// Lines left out.
    pub rejected: u64,
}

impl ImportLine {
    fn of(record: &ImportRecord) -> Self {
        let figures: serde_json::Value = serde_json::from_str(&record.figures).unwrap_or_default();
        let figure = |name: &str| figures[name].as_u64().unwrap_or(0);
        Self {
            id: record.id,
            at: record.at,
            source: record.source.clone(),
            facilities: record.kind == FACILITIES,
            state: record.state.clone(),
            created: figure("created"),
            updated: figure("updated"),
            rejected: figure("rejected"),
        }
    }
}

/// Imports that are listed.
const LISTED: i64 = 50;

/// The last imports, newest first: for the command line, which reads all of them.
///
/// # Errors
/// What the store refuses.
pub fn all(store: &Store) -> Result<Vec<ImportLine>, ActError> {
    let found = store.read_blocking(|tx| imports::imports(tx, LISTED))?;
    Ok(found.iter().map(ImportLine::of).collect())
}

/// An entry's place in the journal: how it was, what it became.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Noted {
    /// The entry as it was, as its row keeps it; none where it is new.
    pub before: Option<String>,
    /// Fingerprint of the imported row before, of an organisation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// Digest of what it became.
    pub after: String,
}

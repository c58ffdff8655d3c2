//! The coordination unit's way with a file: look at what it would change, carry
//! it out, undo it. The file waits in the database, sealed, until it is carried
//! out, or a day has passed.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use relais_interchange::directory::Mapping;
use relais_interchange::directory::incoming::Understood;
use relais_interchange::directory::plan::{Figures, Outcome};
use relais_interchange::table::Limits;
use relais_mechanism::{Label, Lang};
use relais_store::rows::imports::{self, ImportRecord};
use relais_store::seal::Cell;
use relais_store::{Store, StoreError, Tx};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use super::super::{By, Format, RowReport};
use super::journal::Journal;
use super::undo::{Undone, undo};
use super::{EXCHANGE, ImportLine, ImportState, carry_out, planned, report, source};
use crate::desk::{Desk, Viewer};
use crate::problem::ActError;

/// Most bytes of a file on a page.
pub const MOST_BYTES: usize = Limits::DIRECTORY_PAGE.bytes;

/// How long a file waits to be carried out.
const WAITS: TimeDelta = TimeDelta::days(1);

/// Wrong lines that a page shows.
const SHOWN: usize = 20;

/// A file to be looked at.
#[derive(Debug, Clone)]
pub struct Brings {
    /// Id of the import, made by its maker.
    pub id: Uuid,
    /// The file.
    pub bytes: Vec<u8>,
    /// Name of a mapping that is kept; empty for our own headings.
    pub mapping: String,
}

/// Where a file that waits is kept, sealed.
const fn cell(import: Uuid) -> Cell<'static> {
    Cell::new("directory_import", "file", import, "file")
}

/// What a file would change.
#[derive(Debug, Clone, Serialize)]
pub struct PreviewView {
    /// Now, by the deployment's clock.
    pub now: DateTime<Utc>,
    /// Import.
    pub id: Uuid,
    /// The figures.
    pub figures: Figures,
    /// Columns that nobody mapped.
    pub left_out: Vec<String>,
    /// Wrong lines, the first of them.
    pub wrong: Vec<RowReport>,
    /// Wrong lines beyond these.
    pub more: usize,
}

/// The exports and imports.
#[derive(Debug, Clone, Serialize)]
pub struct ImportsView {
    /// Now, by the deployment's clock.
    pub now: DateTime<Utc>,
    /// Formats.
    pub formats: Vec<String>,
    /// Regions that the viewer may carry out: code and name.
    pub regions: Vec<(String, String)>,
    /// Whether the viewer may carry out the whole country, and bring files in.
    pub national: bool,
    /// Mappings that are kept.
    pub mappings: Vec<String>,
    /// Imports, newest first.
    pub imports: Vec<ImportLine>,
    /// What came of the last undoing, where one was just asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undone: Option<Undone>,
}

/// Who brings files in: the office for the whole country.
fn may_bring(viewer: &Viewer) -> Result<(), ActError> {
    if viewer.is_national() {
        Ok(())
    } else {
        Err(ActError::NotFound)
    }
}

fn now_of(store: &Store) -> Result<DateTime<Utc>, ActError> {
    Ok(store.read_blocking(|tx: &mut Tx<'_>| tx.now())?)
}

/// What the page offers: formats, regions, mappings, the last imports. Lists of
/// facilities are the command line's: they may hold what is confidential.
///
/// # Errors
/// Whoever is not of the mechanism's office.
pub async fn list(desk: &Arc<Desk>, viewer: &Viewer) -> Result<ImportsView, ActError> {
    let national = viewer.is_national();
    if !national && viewer.regions.is_empty() {
        return Err(ActError::NotFound);
    }
    let mechanism = desk.mechanism();
    let (now, found, mappings) = desk
        .store()
        .read(move |tx: &mut Tx<'_>| -> Result<_, ActError> {
            let found = if national {
                imports::imports(tx, 20)?
            } else {
                Vec::new()
            };
            let mappings = if national { imports::mappings(tx)? } else { Vec::new() };
            Ok((tx.now()?, found, mappings))
        })
        .await?;
    Ok(ImportsView {
        now,
        formats: Format::ALL.iter().map(|f| f.code().to_owned()).collect(),
        regions: mechanism
            .regions()
            .filter(|r| national || viewer.regions.contains(&r.code))
            .map(|r| (r.code.clone(), r.name.get(viewer.lang).to_owned()))
            .collect(),
        national,
        mappings: mappings.into_iter().map(|m| m.name).collect(),
        imports: found
            .iter()
            .filter(|i| i.kind == EXCHANGE)
            .map(ImportLine::of)
            .collect(),
        undone: None,
    })
}

/// Looks at a file: what it would change. It waits, sealed, to be carried out.
/// Blocks: not for the thread of a request.
///
/// # Errors
/// Whoever may not; a file that cannot be read.
pub fn preview(desk: &Desk, viewer: &Viewer, brings: &Brings) -> Result<(), ActError> {
    may_bring(viewer)?;
    let store = desk.store();
    let mapping = match brings.mapping.as_str() {
        "" => Mapping::default(),
        name => super::mapping(store, name)?,
    };
    let planning = planned(
        store,
        &desk.mechanism(),
        &brings.bytes,
        &mapping,
        &Limits::DIRECTORY_PAGE,
    )?;
    let figures = json!(planning.plan.figures());
    // The mapping on its line, then the file.
    let mut waiting = serde_json::to_vec(&mapping).map_err(|e| StoreError::Schema(e.to_string()))?;
    waiting.push(b'\n');
    waiting.extend_from_slice(&brings.bytes);
    let source = source(&mapping);
    let (id, by_user) = (brings.id, viewer.user.0);
    store.write_blocking(move |tx: &mut Tx<'_>| -> Result<(), ActError> {
        let at = tx.now()?;
        for old in imports::waiting_since(tx, at - WAITS)? {
            imports::forget(tx, old.id)?;
        }
        if ImportRecord::find(tx, id)?.is_some() {
            // Sent twice: the first one waits.
            return Ok(());
        }
        let slot = tx.new_slot()?;
        let sealed = tx.sealer().seal(&cell(id), slot, &waiting).map_err(StoreError::from)?;
        let record = ImportRecord {
            id,
            at,
            by_user: Some(by_user),
            kind: EXCHANGE.to_owned(),
            source: source.clone(),
            state: ImportState::Previewed.code().to_owned(),
            figures: figures.to_string(),
            slot: Some(slot),
            file: Some(sealed),
            version: 1,
        };
        Ok(record.insert(tx)?)
    })
}

/// The file that waits under an id, of this viewer.
fn waiting(desk: &Desk, viewer: &Viewer, import: Uuid) -> Result<(Vec<u8>, Mapping), ActError> {
    may_bring(viewer)?;
    let user = viewer.user.0;
    let waiting: Vec<u8> = desk
        .store()
        .read_blocking(move |tx: &mut Tx<'_>| -> Result<_, ActError> {
            let record = ImportRecord::find(tx, import)?
                .filter(|r| r.by_user == Some(user) && r.state == ImportState::Previewed.code())
                .ok_or(ActError::NotFound)?;
            let (slot, file) = record.slot.zip(record.file).ok_or(ActError::NotFound)?;
            let opened = tx.sealer().open(&cell(import), slot, &file).map_err(StoreError::from)?;
            Ok(opened.to_vec())
        })?;
    let unreadable = || StoreError::Schema("directory_import: the file that waits does not read".to_owned());
    let end = waiting.iter().position(|b| *b == b'\n').ok_or_else(unreadable)?;
    let mapping = serde_json::from_slice(&waiting[..end]).map_err(|_| unreadable())?;
    Ok((waiting[end + 1..].to_vec(), mapping))
}

/// What the file that waits would change now.
///
/// # Errors
/// [`ActError::NotFound`] where none waits for this viewer.
pub fn previewed(desk: &Desk, viewer: &Viewer, import: Uuid) -> Result<PreviewView, ActError> {
    let (bytes, mapping) = waiting(desk, viewer, import)?;
    let planning = planned(
        desk.store(),
        &desk.mechanism(),
        &bytes,
        &mapping,
        &Limits::DIRECTORY_PAGE,
    )?;
    let wrong = planning.plan.lines.iter().filter(|l| l.outcome == Outcome::Rejected);
    let all = wrong.clone().count();
    let unmapped = |c: &&Understood| c.column.is_none() && !c.heading.is_empty();
    Ok(PreviewView {
        now: now_of(desk.store())?,
        id: import,
        figures: planning.plan.figures(),
        left_out: planning
            .columns
            .iter()
            .filter(unmapped)
            .map(|c| c.heading.clone())
            .collect(),
        wrong: wrong.take(SHOWN).map(|l| report(l, viewer.lang)).collect(),
        more: all.saturating_sub(SHOWN),
    })
}

/// Carries out the file that waits, as the directory is now.
///
/// # Errors
/// [`ActError::NotFound`] where none waits for this viewer.
pub fn carry_out_previewed(desk: &Arc<Desk>, viewer: &Viewer, import: Uuid) -> Result<(), ActError> {
    let (bytes, mapping) = waiting(desk, viewer, import)?;
    let planning = planned(
        desk.store(),
        &desk.mechanism(),
        &bytes,
        &mapping,
        &Limits::DIRECTORY_PAGE,
    )?;
    let journal = Journal {
        import,
        by: By::User(viewer.user),
        kind: EXCHANGE,
        source: source(&mapping),
        figures: json!(planning.plan.figures()),
    };
    carry_out(desk.store(), planning, &journal, &mut |_, _| ())?;
    // The next search here finds it; other processes see the directory's version.
    desk.refresh()
}

/// Undoes an import for the coordination unit; lists of facilities are not there for it.
///
/// # Errors
/// [`ActError::NotFound`], and what undoing refuses.
pub fn undo_for(desk: &Arc<Desk>, viewer: &Viewer, import: Uuid) -> Result<Undone, ActError> {
    may_bring(viewer)?;
    let found = desk
        .store()
        .read_blocking(move |tx: &mut Tx<'_>| ImportRecord::find(tx, import))?;
    if found.is_none_or(|r| r.kind != EXCHANGE) {
        return Err(ActError::NotFound);
    }
    let undone = undo(desk.store(), &desk.mechanism(), import, By::User(viewer.user))?;
    desk.refresh()?;
    Ok(undone)
}

/// What is said of an entry that stays, where it has no name to say.
fn nameless(lang: Lang) -> &'static str {
    match lang {
        Lang::Fr => "une fiche",
        Lang::En => "an entry",
    }
}

/// A name as it is shown; both languages where it has one.
#[must_use]
pub fn shown_name(name: &Label, lang: Lang) -> String {
    match name.get(lang) {
        "" => nameless(lang).to_owned(),
        name => name.to_owned(),
    }
}

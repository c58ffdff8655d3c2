//! Lines read from their rows and written to them: the one place that writes a line,
//! what it links to, its change and its event.

use std::sync::Arc;

use relais_mechanism::registers::{Register, Values};
use relais_mechanism::{Label, Mechanism};
use relais_network::UserId;
use relais_store::rows::registers::{self as rows, RegisterChangeRecord, RegisterLineRecord};
use relais_store::seal::{Cell, Sealer};
use relais_store::{StoreError, Tx, ids};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::{AddLine, ChangeLine, LONGEST_NOTE, Line, changes, kept_by, stream};
use crate::desk::{Desk, Viewer};
use crate::directory::{By, note as keep_event};
use crate::problem::{ActError, FieldProblem};
use crate::views::Made;

const LINE: &str = "register_line";
const CHANGE: &str = "register_change";
const COLUMN: &str = "hidden";

/// What a sealed change keeps.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Hidden {
    values: Values,
    note: String,
}

fn schema(table: &str, id: Uuid, e: impl std::fmt::Display) -> StoreError {
    StoreError::Schema(format!("{table} {id}: {e}"))
}

/// A sealed value of a row, opened and read.
fn unsealed<T: for<'de> Deserialize<'de>>(
    sealer: &Sealer,
    table: &'static str,
    (id, slot, sealed): (Uuid, Option<i64>, &[u8]),
) -> Result<T, StoreError> {
    let slot = slot.ok_or_else(|| schema(table, id, "sealed without a key"))?;
    let text = sealer.open(&Cell::new(table, COLUMN, id, COLUMN), slot, sealed)?;
    serde_json::from_slice(&text).map_err(|e| schema(table, id, e))
}

/// A line as it stands.
pub(super) fn opened(sealer: &Sealer, record: RegisterLineRecord) -> Result<Line, ActError> {
    let values = match &record.hidden {
        Some(sealed) => unsealed(sealer, LINE, (record.id, record.slot, sealed.as_slice()))?,
        None => serde_json::from_str(&record.body).map_err(|e| schema(LINE, record.id, e))?,
    };
    Ok(Line {
        id: record.id,
        register: record.register,
        state: record.state,
        values,
        made_at: record.made_at,
        changed_at: record.changed_at,
        version: record.version,
    })
}

/// What a line said from a change on, and why it changed.
pub(super) fn told(sealer: &Sealer, record: &RegisterChangeRecord) -> Result<(Values, String), ActError> {
    if let Some(sealed) = &record.hidden {
        let hidden: Hidden = unsealed(sealer, CHANGE, (record.id, record.slot, sealed.as_slice()))?;
        return Ok((hidden.values, hidden.note));
    }
    let values = serde_json::from_str(&record.body).map_err(|e| schema(CHANGE, record.id, e))?;
    Ok((values, record.note.clone()))
}

/// Every line of a register, also of a sealed one, in the order in which they were
/// added.
pub(super) fn all(tx: &mut Tx<'_>, register: &Register) -> Result<Vec<Line>, ActError> {
    let sealer = tx.sealer();
    let records = rows::lines_of(tx, &register.code)?;
    records.into_iter().map(|record| opened(&sealer, record)).collect()
}

/// A line of a register.
pub(super) fn find(tx: &mut Tx<'_>, register: &str, id: Uuid) -> Result<Line, ActError> {
    let record = RegisterLineRecord::find(tx, id)?.filter(|r| r.register == register);
    opened(&tx.sealer(), record.ok_or(ActError::NotFound)?)
}

/// The lines of a register that lie clear, in the order in which they were added: what
/// documents and calendars are made of.
///
/// # Errors
/// When the store fails.
pub fn lines(tx: &mut Tx<'_>, register: &str) -> Result<Vec<Line>, ActError> {
    let sealer = tx.sealer();
    let clear = rows::lines_of(tx, register)?.into_iter().filter(|r| r.hidden.is_none());
    clear.map(|record| opened(&sealer, record)).collect()
}

/// The values as they are kept, all mistakes together.
fn values_of(register: &Register, mechanism: &Mechanism, typed: &Values) -> Result<Values, ActError> {
    register.read(typed, mechanism).map_err(|wrong| {
        let problems = wrong.into_iter().map(|w| FieldProblem {
            field: w.field,
            code: w.code.to_owned(),
            message: Label { fr: w.fr, en: w.en },
        });
        ActError::Invalid(problems.collect())
    })
}

/// What the fields of a line link to: lines that there are, of the register that the
/// field names, and never the line itself.
fn linked<'r>(
    tx: &mut Tx<'_>,
    register: &'r Register,
    id: Uuid,
    values: &Values,
) -> Result<Vec<(&'r str, Uuid)>, ActError> {
    let mut links = Vec::new();
    for field in &register.fields {
        let Some(target) = field.kind.target() else { continue };
        for text in values.get(&field.code).into_iter().flatten() {
            let to = text.parse::<Uuid>().ok().filter(|to| *to != id);
            let there = match to {
                Some(to) => RegisterLineRecord::find(tx, to)?.filter(|r| r.register == target),
                None => None,
            };
            let Some(there) = there else {
                return Err(ActError::field(
                    &field.code,
                    "link",
                    ("Choisissez une ligne de la liste.", "Choose a line from the list."),
                ));
            };
            links.push((field.code.as_str(), there.id));
        }
    }
    Ok(links)
}

/// Writes a line with what it links to, its change and its event. `expected` is the
/// version that is changed; none for a new line. The values are canonical, as
/// [`Register::read`] gives them.
///
/// # Errors
/// [`ActError::Stale`]; [`ActError::Invalid`] for a state or a linked line that there
/// is not, or a note that is too long; [`ActError::IdTaken`] for a new line under the
/// id of another; [`ActError::NotFound`] for a line that is not of this register.
#[expect(clippy::too_many_arguments, reason = "the facts of one line")]
pub fn write(
    tx: &mut Tx<'_>,
    desk: &Desk,
    by: UserId,
    register: &Register,
    id: Uuid,
    state: &str,
    values: Values,
    note: &str,
    expected: Option<i64>,
) -> Result<Made, ActError> {
    let note = note.trim();
    ActError::unless_within("note", note, LONGEST_NOTE)?;
    if register.state(state).is_none() {
        return Err(ActError::field(
            "state",
            "unknown_option",
            ("Choisissez dans la liste.", "Choose from the list."),
        ));
    }
    let known = RegisterLineRecord::find(tx, id)?;
    match (&known, expected) {
        (None, None) => {}
        (Some(_), None) => return Err(ActError::IdTaken),
        (Some(known), Some(base)) if known.register == register.code => ActError::unless_current(base, known.version)?,
        _ => return Err(ActError::NotFound),
    }
    let links = linked(tx, register, id, &values)?;
    let now = tx.now()?;
    // What was sealed stays so, whatever the mechanism says of its register since.
    let slot = match known.as_ref().and_then(|k| k.slot) {
        Some(slot) => Some(slot),
        None if register.sealed => Some(tx.new_slot()?),
        None => None,
    };
    let record = RegisterLineRecord {
        id,
        register: register.code.clone(),
        state: state.to_owned(),
        body: String::new(),
        slot,
        hidden: None,
        made_at: known.as_ref().map_or(now, |k| k.made_at),
        made_by: known.as_ref().map_or(by, |k| k.made_by),
        changed_at: now,
        changed_by: by,
        version: known.as_ref().map_or(1, |k| k.version + 1),
    };
    keep(tx, record, values, note, known.is_some())?;
    rows::link(tx, id, links.into_iter().filter(|_| slot.is_none()))?;
    let version = known.as_ref().map_or(1, |k| k.version + 1);
    let kind = if known.is_some() {
        "register_changed"
    } else {
        "register_added"
    };
    let facts = json!({
        "register": register.code,
        "state": state,
        "version": version,
        "mechanism": desk.mechanism().hash(),
    });
    keep_event(tx, By::User(by), stream(), id, kind, facts)?;
    Ok(made(id, version))
}

/// Writes the row of a line and that of its change, sealed where the line has a key.
fn keep(
    tx: &mut Tx<'_>,
    mut line: RegisterLineRecord,
    values: Values,
    note: &str,
    known: bool,
) -> Result<(), ActError> {
    let mut change = RegisterChangeRecord {
        id: ids::new_v7(line.changed_at),
        line_id: line.id,
        at: line.changed_at,
        by_user: line.changed_by,
        version: line.version,
        state: line.state.clone(),
        body: String::new(),
        note: String::new(),
        slot: line.slot,
        hidden: None,
    };
    let text = serde_json::to_string(&values).map_err(|e| schema(LINE, line.id, e))?;
    if let Some(slot) = line.slot {
        let sealer = tx.sealer();
        let cell = |table, id| Cell::new(table, COLUMN, id, COLUMN);
        let sealed = sealer.seal(&cell(LINE, line.id), slot, text.as_bytes());
        line.hidden = Some(sealed.map_err(StoreError::from)?);
        let hidden = Hidden {
            values,
            note: note.to_owned(),
        };
        let text = serde_json::to_vec(&hidden).map_err(|e| schema(CHANGE, change.id, e))?;
        let sealed = sealer.seal(&cell(CHANGE, change.id), slot, &text);
        change.hidden = Some(sealed.map_err(StoreError::from)?);
    } else {
        line.body.clone_from(&text);
        change.body = text;
        note.clone_into(&mut change.note);
    }
    if known {
        line.update(tx)?;
    } else {
        line.insert(tx)?;
    }
    Ok(change.insert(tx)?)
}

const fn made(id: Uuid, version: i64) -> Made {
    Made {
        id,
        code: String::new(),
        version,
    }
}

/// Runs an act on registers once.
async fn once<C>(
    desk: &Arc<Desk>,
    viewer: &Viewer,
    (kind, id): (&'static str, Uuid),
    command: C,
    act: fn(&mut Tx<'_>, &Desk, &Viewer, &C) -> Result<Made, ActError>,
) -> Result<Made, ActError>
where
    C: Serialize + Send + Sync + 'static,
{
    let (desk_, viewer) = (Arc::clone(desk), viewer.clone());
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            crate::write::once(tx, &viewer, kind, id, &command, |tx| act(tx, &desk_, &viewer, &command))
        })
        .await
}

fn said(state: Option<&str>) -> Option<&str> {
    state.map(str::trim).filter(|s| !s.is_empty())
}

/// Adds a line to a register.
///
/// # Errors
/// [`ActError::NotFound`] for a register that the viewer may not read;
/// [`ActError::Forbidden`] for whoever does not keep it; [`ActError::Invalid`]; what a
/// change of a rule or an adoption refuses.
pub async fn add(desk: &Arc<Desk>, viewer: &Viewer, register: String, command: AddLine) -> Result<Made, ActError> {
    kept_by(&desk.mechanism(), viewer, &register)?;
    let (kind, code) = (("register_add", command.id), register.clone());
    let made = once(desk, viewer, kind, (register, command), add_in).await?;
    changes::settle(desk, &code).await?;
    Ok(made)
}

fn add_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    (code, command): &(String, AddLine),
) -> Result<Made, ActError> {
    let mechanism = desk.mechanism();
    let register = kept_by(&mechanism, viewer, code)?;
    let values = values_of(register, &mechanism, &command.values)?;
    changes::check(&mechanism, code, &values)?;
    let state = said(command.state.as_deref()).unwrap_or(&register.first_state().code);
    let made = write(tx, desk, viewer.user, register, command.id, state, values, "", None)?;
    changes::follow(tx, desk, viewer.user, (code, command.id), None)?;
    Ok(made)
}

/// Changes a line of a register. What changes nothing makes no new version.
///
/// # Errors
/// [`ActError::NotFound`] for a register that the viewer may not read, or a line that
/// it has not; [`ActError::Forbidden`] for whoever does not keep it;
/// [`ActError::Stale`], [`ActError::Invalid`]; what a change of a rule or an adoption
/// refuses.
pub async fn change(
    desk: &Arc<Desk>,
    viewer: &Viewer,
    register: String,
    line: Uuid,
    command: ChangeLine,
) -> Result<Made, ActError> {
    kept_by(&desk.mechanism(), viewer, &register)?;
    let (kind, code) = (("register_change", command.id), register.clone());
    let made = once(desk, viewer, kind, (register, line, command), change_in).await?;
    changes::settle(desk, &code).await?;
    Ok(made)
}

fn change_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    (code, id, command): &(String, Uuid, ChangeLine),
) -> Result<Made, ActError> {
    let mechanism = desk.mechanism();
    let register = kept_by(&mechanism, viewer, code)?;
    let line = find(tx, code, *id)?;
    ActError::unless_current(command.version, line.version)?;
    // A field that the mechanism has no more cannot be corrected, so it goes.
    let mut typed: Values = line.values.clone();
    typed.retain(|field, _| register.field(field).is_some());
    typed.extend(command.values.clone());
    let values = values_of(register, &mechanism, &typed)?;
    let state = said(command.state.as_deref()).unwrap_or(&line.state);
    if values == line.values && state == line.state && command.note.trim().is_empty() {
        return Ok(made(*id, line.version));
    }
    changes::check(&mechanism, code, &values)?;
    let base = Some(line.version);
    let made = write(tx, desk, viewer.user, register, *id, state, values, &command.note, base)?;
    changes::follow(tx, desk, viewer.user, (code, *id), Some(&line))?;
    Ok(made)
}

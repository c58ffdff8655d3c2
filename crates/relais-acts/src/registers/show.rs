//! The registers read: all of them, one of them, one line whole, a blank one.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::Arc;

use relais_casework::calendar::local_date;
use relais_mechanism::Mechanism;
use relais_mechanism::registers::{Chapter, FieldKind, Register, Values};
use relais_store::Tx;
use relais_store::rows::registers as rows;
use uuid::Uuid;

use super::kept::{all, find, told};
use super::words::{self, Words, columns, due, head, is_late, is_open, state_says};
use super::{
    BlankView, HISTORY, LATE, Line, LineView, ROWS, RegisterAsked, RegisterChangeView, RegisterCount, RegisterView,
    RegistersView, kept_by, proposals, read_by, thread,
};
use crate::desk::{Desk, Viewer};
use crate::problem::ActError;

/// The registers that the viewer reads, how many lines of each are open and late, what
/// is late, and what the figures propose for the agenda.
///
/// # Errors
/// When the store fails.
pub async fn overview(desk: &Arc<Desk>, viewer: &Viewer) -> Result<RegistersView, ActError> {
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let (now, mechanism) = (tx.now()?, desk_.mechanism());
        let today = local_date(now);
        let mut counted: BTreeMap<String, Vec<(String, usize)>> = BTreeMap::new();
        for found in rows::counted(tx)? {
            let count = usize::try_from(found.count).unwrap_or(0);
            counted.entry(found.register).or_default().push((found.state, count));
        }
        let mut late: Vec<Line> = Vec::new();
        let mut chapters: Vec<(Chapter, Vec<RegisterCount>)> =
            Chapter::ALL.iter().map(|chapter| (*chapter, Vec::new())).collect();
        let readable = |r: &&Register| r.is_read_by(&viewer_.roles);
        for register in mechanism.registers().iter().filter(readable) {
            let states = counted.remove(&register.code).unwrap_or_default();
            let open: usize = states
                .iter()
                .filter(|(s, _)| is_open(register, s))
                .map(|(_, n)| *n)
                .sum();
            let in_all: usize = states.iter().map(|(_, n)| *n).sum();
            let before = late.len();
            if open > 0 && register.fields.iter().any(|f| f.due) {
                let lines = all(tx, register)?.into_iter();
                late.extend(lines.filter(|line| is_late(register, line, today)));
            }
            let count = RegisterCount {
                head: head(register, &viewer_),
                open,
                all: in_all,
                late: late.len() - before,
            };
            if let Some((_, registers)) = chapters.iter_mut().find(|(c, _)| *c == register.chapter) {
                registers.push(count);
            }
        }
        chapters.retain(|(_, registers)| !registers.is_empty());
        let day = |line: &Line| mechanism.register(&line.register).and_then(|r| due(r, &line.values));
        late.sort_by_key(|line| (day(line), line.made_at, line.id));
        late.truncate(LATE);
        let late = Words::new(&mechanism, &viewer_, today).rows(tx, &late)?;
        let proposals = proposals::proposed(tx, &desk_, &mechanism, &viewer_)?;
        Ok((
            RegistersView {
                now,
                chapters,
                late,
                proposals,
            },
            Vec::new(),
        ))
    })
    .await
}

/// What is open first, by the day by which it should be done; then what changed last.
fn sort(register: &Register, lines: &mut [Line]) {
    lines.sort_by_cached_key(|line| {
        let open = is_open(register, &line.state);
        let day = due(register, &line.values).filter(|_| open);
        (!open, day.is_none(), day, Reverse(line.changed_at), line.id)
    });
}

/// One register.
///
/// # Errors
/// [`ActError::NotFound`] for one that the viewer may not read; [`ActError::Invalid`]
/// for a state that is none.
pub async fn list(
    desk: &Arc<Desk>,
    viewer: &Viewer,
    register: String,
    asked: RegisterAsked,
) -> Result<RegisterView, ActError> {
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let (now, mechanism) = (tx.now()?, desk_.mechanism());
        let register = read_by(&mechanism, &viewer_, &register)?;
        let state = asked.state.clone().filter(|s| !s.is_empty());
        if state.as_deref().is_some_and(|s| register.state(s).is_none()) {
            return Err(ActError::field(
                "state",
                "unknown_option",
                ("Choisissez dans la liste.", "Choose from the list."),
            ));
        }
        let mut lines = all(tx, register)?;
        let count = |code: &str| lines.iter().filter(|l| l.state == code).count();
        let states = words::states(register, viewer_.lang)
            .into_iter()
            .map(|(code, says)| {
                let n = count(&code);
                (code, says, n)
            })
            .collect();
        lines.retain(|l| state.as_ref().is_none_or(|s| l.state == *s));
        sort(register, &mut lines);
        let page = asked.page.unwrap_or(1).max(1);
        let first = (page - 1).saturating_mul(ROWS).min(lines.len());
        let until = first.saturating_add(ROWS).min(lines.len());
        let rows = Words::new(&mechanism, &viewer_, local_date(now)).rows(tx, &lines[first..until])?;
        Ok((
            RegisterView {
                now,
                head: head(register, &viewer_),
                columns: columns(register)
                    .map(|f| f.label.get(viewer_.lang).to_owned())
                    .collect(),
                rows,
                states,
                state,
                page,
                more: until < lines.len(),
            },
            Vec::new(),
        ))
    })
    .await
}

/// One line whole, with its thread and its history.
///
/// # Errors
/// [`ActError::NotFound`], also for a register that the viewer may not read.
pub async fn view(desk: &Arc<Desk>, viewer: &Viewer, register: String, id: Uuid) -> Result<LineView, ActError> {
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let (now, mechanism) = (tx.now()?, desk_.mechanism());
        let register = read_by(&mechanism, &viewer_, &register)?;
        let line = find(tx, &register.code, id)?;
        let mut words = Words::new(&mechanism, &viewer_, local_date(now));
        let back = thread::back(tx, &mechanism, &viewer_, &line)?;
        let forth = thread::forth(tx, &mechanism, &viewer_, &line)?;
        Ok((
            LineView {
                now,
                head: head(register, &viewer_),
                row: words.row(tx, register, &line)?,
                fields: words.fields(tx, register, &line.values, Some(id))?,
                states: words::states(register, viewer_.lang),
                comes_from: words.rows(tx, &back)?,
                leads_to: words.rows(tx, &forth)?,
                indicators: indicators(&mechanism, &viewer_, back.iter().chain([&line])),
                next: next(&mechanism, &viewer_, register),
                history: history(tx, &mut words, &viewer_, register, id)?,
                version: line.version,
            },
            Vec::new(),
        ))
    })
    .await
}

/// The indicators that lines name, each once.
fn indicators<'l>(
    mechanism: &Mechanism,
    viewer: &Viewer,
    lines: impl Iterator<Item = &'l Line>,
) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for line in lines {
        let Some(register) = mechanism.register(&line.register) else {
            continue;
        };
        let fields = register.fields.iter().filter(|f| f.kind == FieldKind::Indicator);
        for code in fields.filter_map(|f| line.values.get(&f.code)).flatten() {
            let indicator = mechanism.indicators().iter().find(|i| i.code == *code);
            if let Some(indicator) = indicator.filter(|_| !found.iter().any(|(c, _)| c == code)) {
                found.push((code.clone(), indicator.label.get(viewer.lang).to_owned()));
            }
        }
    }
    found
}

/// What the viewer may add to a line of this register.
fn next(mechanism: &Mechanism, viewer: &Viewer, register: &Register) -> Vec<(String, String, String)> {
    let mut next = Vec::new();
    for own in mechanism.registers().iter().filter(|r| r.is_written_by(&viewer.roles)) {
        for field in &own.fields {
            if field.kind.target() == Some(register.code.as_str()) {
                next.push((
                    own.code.clone(),
                    own.one.get(viewer.lang).to_owned(),
                    field.code.clone(),
                ));
            }
        }
    }
    next
}

/// The last changes of a line, newest first, with what each changed.
fn history(
    tx: &mut Tx<'_>,
    words: &mut Words<'_>,
    viewer: &Viewer,
    register: &Register,
    line: Uuid,
) -> Result<Vec<RegisterChangeView>, ActError> {
    // One more than is shown: the last that is shown is told against it.
    let most = i64::try_from(HISTORY + 1).unwrap_or(i64::MAX);
    let records = rows::changes_of(tx, line, most)?;
    let sealer = tx.sealer();
    let told: Vec<(Values, String)> = records
        .iter()
        .map(|record| told(&sealer, record))
        .collect::<Result<_, _>>()?;
    let mut history = Vec::new();
    for (at, record) in records.iter().enumerate().take(HISTORY) {
        let (after, note) = &told[at];
        let mut lines = Vec::new();
        if let Some((before, _)) = told.get(at + 1) {
            for field in &register.fields {
                if before.get(&field.code) != after.get(&field.code) {
                    let was = words.joined(tx, field, before)?;
                    let is = words.joined(tx, field, after)?;
                    lines.push((field.label.get(viewer.lang).to_owned(), was, is));
                }
            }
        }
        history.push(RegisterChangeView {
            at: record.at,
            by: words.name_of(tx, record.by_user)?,
            state_says: state_says(register, &record.state, viewer.lang),
            note: note.clone(),
            lines,
        });
    }
    Ok(history)
}

/// A line that is still to be written, with what is known of it already.
///
/// # Errors
/// [`ActError::NotFound`] for a register that the viewer may not read;
/// [`ActError::Forbidden`] for whoever does not keep it.
pub async fn blank(
    desk: &Arc<Desk>,
    viewer: &Viewer,
    register: String,
    prefill: Values,
) -> Result<BlankView, ActError> {
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let (now, mechanism) = (tx.now()?, desk_.mechanism());
        let register = kept_by(&mechanism, &viewer_, &register)?;
        let mut words = Words::new(&mechanism, &viewer_, local_date(now));
        Ok((
            BlankView {
                now,
                head: head(register, &viewer_),
                fields: words.fields(tx, register, &prefill, None)?,
                states: words::states(register, viewer_.lang),
            },
            Vec::new(),
        ))
    })
    .await
}

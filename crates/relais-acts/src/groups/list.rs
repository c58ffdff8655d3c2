//! The list: uploaded, looked at, corrected, made into the queue.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{Days, NaiveDate, TimeDelta};
use relais_casework::calendar::local_date;
use relais_interchange::manifest::{self, Column, Mapping, Reading};
use relais_interchange::table::{self, Limits};
use relais_interchange::{FileProblem, Grid};
use relais_mechanism::{Label, Lang};
use relais_network::{ExpectedId, GroupId};
use relais_store::due::{self, Due};
use relais_store::rows::groups::{self as rows, ExpectedRecord, GroupRecord};
use relais_store::{Tx, ids};
use serde::Serialize;
use uuid::Uuid;

use super::end::{self, KEPT_DAYS};
use super::{ListProblem, ListView, MakeGroup, MakeQueue, RowState, SealedList, load, lock, page, registers};
use crate::desk::{Desk, Viewer};
use crate::file::{open, seal};
use crate::problem::{ActError, FieldProblem};
use crate::views::Made;
use crate::write;

/// The field that a file comes in.
const FIELD: &str = "list";
/// Longest number of a flight or bus, in characters.
const LABEL: usize = 40;
/// Persons, problems and header lines that the preview shows.
const SHOWN: usize = 8;
const PROBLEMS: usize = 15;
const HEADERS: usize = 12;

/// Reads an uploaded file within the limits of a list; takes up to a second
/// and a few tens of megabytes, so whoever calls keeps it off the request's
/// own thread.
///
/// # Errors
/// [`ActError::Invalid`] with what is wrong with the file and what to do.
pub fn read_list(bytes: &[u8]) -> Result<Grid, ActError> {
    table::read(bytes, &Limits::MANIFEST).map_err(|problem| ActError::Invalid(vec![file_problem(&problem)]))
}

fn file_problem(problem: &FileProblem) -> FieldProblem {
    let (what, remedy) = (problem.message(), problem.remedy());
    let both = |lang: Lang| format!("{} {}", what.get(lang), remedy.get(lang));
    FieldProblem {
        field: FIELD.to_owned(),
        code: problem.code().to_owned(),
        message: Label {
            fr: both(Lang::Fr),
            en: both(Lang::En),
        },
    }
}

/// Prepares an arrival, with its list where there is one already.
///
/// # Errors
/// [`ActError::Invalid`], [`ActError::Forbidden`].
pub async fn make(desk: &Arc<Desk>, viewer: &Viewer, command: MakeGroup, list: Option<Grid>) -> Result<Made, ActError> {
    if !registers(viewer) {
        return Err(ActError::Forbidden { code: "register" });
    }
    let mut wrong: Vec<FieldProblem> = Vec::new();
    if !desk
        .mechanism()
        .entry_points()
        .iter()
        .any(|e| e.code == command.entry_point)
    {
        wrong.push(FieldProblem::new(
            "entry_point",
            "not_an_option",
            ("Choisissez le point d’entrée.", "Choose the entry point."),
        ));
    }
    wrong.extend(FieldProblem::too_long("label", &command.label, LABEL));
    if !wrong.is_empty() {
        return Err(ActError::Invalid(wrong));
    }
    let viewer = viewer.clone();
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            near(command.on, local_date(tx.now()?))?;
            // The list belongs to the body: another list under the same id is another request.
            write::once(tx, &viewer, "group", command.id, &(&command, &list), |tx| {
                let now = tx.now()?;
                let mut group = GroupRecord {
                    id: GroupId(command.id),
                    organisation_id: viewer.organisation,
                    kind: command.kind.code().to_owned(),
                    label: command.label.trim().to_owned(),
                    entry_point: command.entry_point.clone(),
                    expected_on: command.on.to_string(),
                    state: "draft".to_owned(),
                    lead_id: viewer.user,
                    slot: tx.new_slot()?,
                    list: Vec::new(),
                    next_number: 1,
                    created_at: now,
                    closed_at: None,
                    version: 1,
                };
                if let Some(grid) = &list {
                    keep_list(tx, &mut group, grid)?;
                }
                group.insert(tx)?;
                Ok(Made {
                    id: command.id,
                    code: rows::seq(tx, group.id)?.to_string(),
                    version: 1,
                })
            })
        })
        .await
}

/// Refuses a day that is not that of an arrival that is being prepared: from it
/// counts when whoever did not come is erased, and a year mistyped would erase
/// the list at once, or keep it for years.
fn near(on: NaiveDate, today: NaiveDate) -> Result<(), ActError> {
    if (today - Days::new(7)..=today + Days::new(60)).contains(&on) {
        return Ok(());
    }
    Err(ActError::field(
        "on",
        "day_far",
        (
            "Donnez un jour entre il y a une semaine et dans deux mois.",
            "Give a day between a week ago and two months from now.",
        ),
    ))
}

/// Seals the list into the arrival; it is forgotten a day later if nobody
/// makes a queue of it.
fn keep_list(tx: &mut Tx<'_>, group: &mut GroupRecord, grid: &Grid) -> Result<(), ActError> {
    #[derive(Serialize)]
    struct Kept<'a> {
        grid: &'a Grid,
    }
    let now = tx.now()?;
    let sealer = tx.sealer();
    group.list = seal(&sealer, "arrival_group", "list", group.id.0, group.slot, &Kept { grid })?;
    due::move_to(
        tx,
        &Due {
            subject: group.id.0,
            kind: end::LIST_KIND.to_owned(),
            due_at: now + end::LIST_KEPT,
            state_version: group.version,
        },
    )?;
    Ok(())
}

/// Puts a list in the place of the one before, while there is no queue.
///
/// # Errors
/// [`ActError::NotFound`], a refusal once the queue is made.
pub async fn upload(desk: &Arc<Desk>, viewer: &Viewer, group: GroupId, id: Uuid, list: Grid) -> Result<Made, ActError> {
    let viewer = viewer.clone();
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            load(tx, &viewer, group)?;
            write::once(tx, &viewer, "group_list", id, &(group, &list), |tx| {
                let mut record = lock(tx, &viewer, group)?;
                unless_made(&record)?;
                keep_list(tx, &mut record, &list)?;
                record.update(tx)?;
                Ok(Made {
                    id: group.0,
                    code: rows::seq(tx, group)?.to_string(),
                    version: record.version,
                })
            })
        })
        .await
}

fn unless_made(group: &GroupRecord) -> Result<(), ActError> {
    if group.state == "draft" {
        return Ok(());
    }
    Err(ActError::refused(
        "queue_made",
        ("La file est déjà faite.", "The queue is made already."),
        (
            "Ajoutez les personnes qui manquent une à une.",
            "Add whoever is missing one by one.",
        ),
    ))
}

/// The uploaded list, with the header line and the mapping that the viewer
/// chose, or as they are guessed.
///
/// # Errors
/// [`ActError::NotFound`].
pub async fn preview(
    desk: &Arc<Desk>,
    viewer: &Viewer,
    group: GroupId,
    header: Option<usize>,
    columns: Option<BTreeMap<Column, usize>>,
) -> Result<ListView, ActError> {
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let record = load(tx, &viewer_, group)?;
        let seq = rows::seq(tx, group)?;
        let row = page::group_row(tx, &desk_, &viewer_, seq, &record)?;
        let view = match list_of(tx, &record)? {
            None => nothing(row),
            Some(grid) => look(row, &record, &grid, header, columns.clone(), viewer_.lang)?,
        };
        Ok((view, Vec::new()))
    })
    .await
}

fn list_of(tx: &mut Tx<'_>, group: &GroupRecord) -> Result<Option<Grid>, ActError> {
    if group.list.is_empty() {
        return Ok(None);
    }
    let sealer = tx.sealer();
    let kept: SealedList = open(&sealer, "arrival_group", "list", group.id.0, group.slot, &group.list)?;
    Ok(Some(kept.grid))
}

fn nothing(group: super::GroupRow) -> ListView {
    ListView {
        group,
        read_as: None,
        header: 0,
        headers: Vec::new(),
        columns: Vec::new(),
        mapping: BTreeMap::new(),
        sample: Vec::new(),
        persons: 0,
        families: 0,
        problems: Vec::new(),
        left_out: 0,
        problem_count: 0,
    }
}

/// Where in the grid the line with this number stands; guessed when none is said.
fn header_at(grid: &Grid, line: Option<usize>) -> usize {
    line.and_then(|line| grid.lines.iter().position(|l| l.number == line))
        .unwrap_or_else(|| manifest::header(grid))
}

fn mapping_of(columns: &BTreeMap<Column, usize>) -> Mapping {
    let mut mapping = Mapping::default();
    for (column, at) in columns {
        mapping.set(*column, *at);
    }
    mapping
}

fn look(
    group: super::GroupRow,
    record: &GroupRecord,
    grid: &Grid,
    header: Option<usize>,
    columns: Option<BTreeMap<Column, usize>>,
    lang: Lang,
) -> Result<ListView, ActError> {
    let at = header_at(grid, header);
    let mapping = match columns {
        Some(columns) => mapping_of(&columns),
        None => manifest::guess(&grid.lines[at]),
    };
    let Reading { persons, problems } = manifest::persons(grid, at, &mapping, record.day()?);
    let families: BTreeSet<u32> = persons.iter().filter_map(|p| p.family).collect();
    let width = grid.width();
    Ok(ListView {
        group,
        read_as: Some(grid.read_as),
        header: grid.lines[at].number,
        headers: grid
            .lines
            .iter()
            .take(HEADERS)
            .map(|l| {
                let cells: Vec<&str> = l
                    .cells
                    .iter()
                    .map(String::as_str)
                    .filter(|c| !c.is_empty())
                    .take(4)
                    .collect();
                (l.number, cells.join(" · ").chars().take(60).collect())
            })
            .collect(),
        columns: (0..width)
            .map(|n| grid.lines[at].cell(n).chars().take(40).collect())
            .collect(),
        mapping: mapping.pairs().collect(),
        sample: persons.iter().take(SHOWN).cloned().collect(),
        persons: persons.len(),
        families: families.len(),
        left_out: problems.iter().filter(|p| p.what.leaves_out()).count(),
        problem_count: problems.len(),
        problems: problems
            .iter()
            .take(PROBLEMS)
            .map(|p| ListProblem {
                line: p.line,
                column: p.column,
                code: p.what,
                message: p.what.message().get(lang).to_owned(),
                left_out: p.what.leaves_out(),
            })
            .collect(),
    })
}

/// Makes the queue: one row for each person of the list, each under a key of
/// its own; the list itself is forgotten. Without a list the queue begins
/// empty and persons are added one by one.
///
/// # Errors
/// [`ActError::NotFound`], [`ActError::Stale`], [`ActError::Invalid`] when no
/// column holds the name.
pub async fn queue(desk: &Arc<Desk>, viewer: &Viewer, group: GroupId, command: MakeQueue) -> Result<Made, ActError> {
    let viewer = viewer.clone();
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            load(tx, &viewer, group)?;
            write::once(tx, &viewer, "queue", command.id, &(group, &command), |tx| {
                make_queue(tx, &viewer, group, &command)
            })
        })
        .await
}

fn make_queue(tx: &mut Tx<'_>, viewer: &Viewer, id: GroupId, command: &MakeQueue) -> Result<Made, ActError> {
    // Locked before it is compared: no other list comes in between.
    let mut group = lock(tx, viewer, id)?;
    let current = group.version - 1;
    ActError::unless_current(command.version, current)?;
    unless_made(&group)?;
    let now = tx.now()?;
    if let Some(grid) = list_of(tx, &group)? {
        let mapping = mapping_of(&command.columns);
        if !mapping.has_name() {
            return Err(ActError::field(
                "columns",
                "no_name_column",
                ("Dites quelle colonne porte le nom.", "Say which column holds the name."),
            ));
        }
        let at = header_at(&grid, Some(command.header));
        let reading = manifest::persons(&grid, at, &mapping, group.day()?);
        if reading.persons.is_empty() {
            return Err(ActError::field(
                "columns",
                "no_person",
                (
                    "Aucune ligne ne donne une personne : vérifiez la ligne d’en-tête et la colonne du nom.",
                    "No line gives a person: check the header line and the name’s column.",
                ),
            ));
        }
        let families: BTreeMap<u32, Uuid> = reading
            .persons
            .iter()
            .filter_map(|p| p.family)
            .collect::<BTreeSet<_>>()
            .into_iter()
            .map(|number| (number, ids::new_v7(now)))
            .collect();
        let sealer = tx.sealer();
        for listed in &reading.persons {
            let row = ExpectedId(ids::new_v7(now));
            let slot = tx.new_slot()?;
            ExpectedRecord {
                id: row,
                group_id: id,
                number: group.next_number,
                family: listed.family,
                family_id: listed.family.and_then(|f| families.get(&f).copied()),
                state: RowState::Waiting.code().to_owned(),
                officer_id: None,
                until_at: None,
                case_id: None,
                slot,
                person: seal(&sealer, "expected_person", "person", row.0, slot, listed)?,
                typed: Vec::new(),
                registered_at: None,
                version: 1,
            }
            .insert(tx)?;
            group.next_number += 1;
        }
    }
    group.list = Vec::new();
    "open".clone_into(&mut group.state);
    group.update(tx)?;
    // The key of the list goes now, what is left of its persons some days after the arrival.
    let end = group
        .day()?
        .checked_add_days(Days::new(KEPT_DAYS))
        .and_then(|day| day.and_hms_opt(0, 0, 0))
        .map_or(now, |at| at.and_utc())
        .max(now + TimeDelta::days(1));
    for (kind, due_at) in [(end::LIST_KIND, now), (end::END_KIND, end)] {
        due::move_to(
            tx,
            &Due {
                subject: id.0,
                kind: kind.to_owned(),
                due_at,
                state_version: group.version,
            },
        )?;
    }
    Ok(Made {
        id: id.0,
        code: rows::seq(tx, id)?.to_string(),
        version: group.version,
    })
}

//! What an arrival looks like: counts, rows, officers, pace.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use relais_casework::visible::{self, View};
use relais_interchange::manifest::Listed;
use relais_mechanism::places::fold;
use relais_network::{CaseId, ExpectedId, GroupId, UserId};
use relais_store::rows::accounts::UserRecord;
use relais_store::rows::groups::{self as rows, ExpectedRecord, GroupRecord};
use relais_store::{StoreError, Tx};

use super::end::KEPT_DAYS;
use super::{
    Counts, GroupKind, GroupList, GroupRow, OfficerRow, Pace, QueueRow, QueueView, RowState, entry_point, load, place,
    registers,
};
use crate::codes::{bracelet, parse_bracelet};
use crate::desk::{Desk, Viewer};
use crate::file::{CaseFile, is_erased, open};
use crate::problem::ActError;

/// Rows on a page of the queue.
const ROWS: usize = 25;
/// Arrivals on a page of their list.
const GROUPS: i64 = 20;
/// Over how long the pace is taken.
const QUARTER: TimeDelta = TimeDelta::minutes(15);

/// The arrivals that the viewer's organisation receives, newest first.
///
/// # Errors
/// [`ActError::Forbidden`], [`ActError::Invalid`] for a cursor that is not ours.
pub async fn list(desk: &Arc<Desk>, viewer: &Viewer, after: Option<String>) -> Result<GroupList, ActError> {
    if !registers(viewer) {
        return Err(ActError::Forbidden { code: "register" });
    }
    let before = cursor(after.as_deref())?.unwrap_or(i64::MAX);
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let found = rows::of_organisation(tx, viewer_.organisation, before, GROUPS + 1)?;
        let full = usize::try_from(GROUPS).unwrap_or(20);
        let next = (found.len() > full).then(|| found[full - 1].0.to_string());
        let rows = found
            .iter()
            .take(full)
            .map(|(seq, group)| group_row(tx, &desk_, &viewer_, *seq, group))
            .collect::<Result<_, _>>()?;
        Ok((GroupList { rows, next }, Vec::new()))
    })
    .await
}

fn cursor(after: Option<&str>) -> Result<Option<i64>, ActError> {
    match after.filter(|a| !a.is_empty()) {
        None => Ok(None),
        Some(text) => text.parse().map(Some).map_err(|_| {
            ActError::field(
                "after",
                "bad_cursor",
                ("Repartez de la première page.", "Start from the first page."),
            )
        }),
    }
}

/// An arrival as a list shows it.
pub(super) fn group_row(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    seq: i64,
    group: &GroupRecord,
) -> Result<GroupRow, ActError> {
    let now = tx.now()?;
    let mut counts = Counts::default();
    for row in rows::places_of(tx, group.id)? {
        count(&mut counts, &super::place_of(&row)?, now);
    }
    Ok(GroupRow {
        id: group.id,
        version: group.version,
        number: seq,
        kind: GroupKind::from_code(&group.kind).unwrap_or(GroupKind::Other),
        label: group.label.clone(),
        place: entry_point(&desk.mechanism(), &group.entry_point, viewer.lang),
        on: group.day()?,
        state: group.state.clone(),
        lead: staff(tx, &mut BTreeMap::new(), group.lead_id)?,
        counts,
    })
}

fn count(counts: &mut Counts, place: &relais_casework::queue::Place, now: DateTime<Utc>) {
    use relais_casework::queue::Standing;
    counts.expected += 1;
    match place.standing {
        Standing::Registered { .. } => counts.registered += 1,
        Standing::Absent | Standing::Erased => counts.absent += 1,
        _ if place.is_free(now) => counts.waiting += 1,
        _ => counts.taken += 1,
    }
}

/// Name of a member of staff, looked up once.
fn staff(tx: &mut Tx<'_>, known: &mut BTreeMap<UserId, String>, user: UserId) -> Result<String, StoreError> {
    if let Some(name) = known.get(&user) {
        return Ok(name.clone());
    }
    let name = UserRecord::find(tx, user)?.map_or_else(String::new, |u| u.display_name);
    known.insert(user, name.clone());
    Ok(name)
}

/// The listed person of a row; none once registered or erased.
pub(super) fn listed(tx: &mut Tx<'_>, row: &ExpectedRecord) -> Result<Option<Listed>, StoreError> {
    if row.person.is_empty() {
        return Ok(None);
    }
    let sealer = tx.sealer();
    match open(&sealer, "expected_person", "person", row.id.0, row.slot, &row.person) {
        Ok(person) => Ok(Some(person)),
        // Its key is gone: this is a backup of before, and the row is as good as erased.
        Err(error) if is_erased(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// A row as the queue shows it.
pub(super) fn queue_row(
    tx: &mut Tx<'_>,
    viewer: &Viewer,
    seq: i64,
    row: &ExpectedRecord,
    names: &mut BTreeMap<UserId, String>,
) -> Result<QueueRow, ActError> {
    let now = tx.now()?;
    let person = listed(tx, row)?;
    let place = place(row)?;
    // A row whose time ran out waits again.
    let state = match RowState::from_code(&row.state) {
        Some(RowState::Taken) if place.is_free(now) && row.officer_id != Some(viewer.user) => RowState::Waiting,
        Some(state) => state,
        None => RowState::Erased,
    };
    let officer = match (state, row.officer_id) {
        (RowState::Taken | RowState::Registered, Some(user)) => Some(staff(tx, names, user)?),
        _ => None,
    };
    Ok(QueueRow {
        id: row.id,
        bracelet: bracelet(seq, row.number),
        name: person.as_ref().map(|p| p.name.clone()).filter(|n| !n.is_empty()),
        age: person.and_then(|p| p.age),
        // Once registered, only the family link tells who belongs together, and it can be broken.
        family: row.family.filter(|_| state != RowState::Registered),
        state,
        yours: row.officer_id == Some(viewer.user) && state == RowState::Taken,
        officer,
        until: row.until_at.filter(|_| state == RowState::Taken),
        case_id: None,
    })
}

/// The page of an arrival: rows that wait (or are registered, or did not
/// come), or those that a search finds by name or bracelet within it.
///
/// # Errors
/// [`ActError::NotFound`], [`ActError::Invalid`] for a cursor that is not ours.
pub async fn view(
    desk: &Arc<Desk>,
    viewer: &Viewer,
    group: GroupId,
    show: Option<String>,
    search: Option<String>,
    after: Option<String>,
) -> Result<QueueView, ActError> {
    let from = cursor(after.as_deref())?.unwrap_or(0);
    let show = match show.as_deref() {
        Some(known @ ("registered" | "absent")) => known.to_owned(),
        _ => "waiting".to_owned(),
    };
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let record = load(tx, &viewer_, group)?;
        let seq = rows::seq(tx, group)?;
        let now = tx.now()?;
        let all = rows::rows_of(tx, group)?;
        let mut names = BTreeMap::new();
        let chosen = match search.as_deref().map(str::trim).filter(|s| !s.is_empty()) {
            Some(typed) => found(tx, seq, &all, typed)?,
            None => all.iter().filter(|row| shown(row, &show)).collect(),
        };
        let mut chosen: Vec<&ExpectedRecord> = chosen.into_iter().filter(|r| i64::from(r.number) > from).collect();
        let next = (chosen.len() > ROWS).then(|| chosen[ROWS - 1].number.to_string());
        chosen.truncate(ROWS);
        let mut seen = Vec::new();
        let mut out = Vec::with_capacity(chosen.len());
        for row in chosen {
            let mut line = queue_row(tx, &viewer_, seq, row, &mut names)?;
            if let Some(case) = row.case_id
                && sees(tx, &desk_, &viewer_, case)?
            {
                line.case_id = Some(case);
                seen.push(case);
            }
            out.push(line);
        }
        let view = QueueView {
            now,
            show: show.clone(),
            rows: out,
            next,
            officers: officers(tx, seq, &all, now, &mut names)?,
            pace: pace(&all, now),
            mine: all
                .iter()
                .find(|r| r.officer_id == Some(viewer_.user) && r.state == RowState::Taken.code())
                .map(|r| r.id),
            erased_on: record
                .day()?
                .checked_add_days(chrono::Days::new(KEPT_DAYS))
                .unwrap_or(record.day()?),
            group: group_row(tx, &desk_, &viewer_, seq, &record)?,
        };
        Ok((view, seen))
    })
    .await
}

fn shown(row: &ExpectedRecord, show: &str) -> bool {
    match RowState::from_code(&row.state) {
        Some(RowState::Waiting | RowState::Taken) => show == "waiting",
        Some(RowState::Registered) => show == "registered",
        _ => show == "absent",
    }
}

/// Whether the viewer sees the case: by the rule for cases, not because both
/// work on one arrival.
pub(super) fn sees(tx: &mut Tx<'_>, desk: &Desk, viewer: &Viewer, case: CaseId) -> Result<bool, ActError> {
    let Some(file) = CaseFile::load(tx, case)? else {
        return Ok(false);
    };
    let network = desk.network_now(tx)?;
    let now = tx.now()?;
    Ok(!matches!(
        visible::visible(&file.facts(), &viewer.sight(&network), now),
        View::Nothing
    ))
}

/// Rows by bracelet or by the words of a name. Whoever is registered is found
/// by number only: the name lies in a file that not every officer sees.
fn found<'a>(
    tx: &mut Tx<'_>,
    seq: i64,
    all: &'a [ExpectedRecord],
    typed: &str,
) -> Result<Vec<&'a ExpectedRecord>, ActError> {
    let number = match parse_bracelet(typed) {
        Some((group, number)) if group == seq => Some(number),
        Some(_) => return Ok(Vec::new()),
        None => typed.parse::<u32>().ok(),
    };
    if let Some(number) = number {
        return Ok(all.iter().filter(|r| r.number == number).collect());
    }
    let folded = fold(typed);
    let words: Vec<&str> = folded.split(' ').filter(|w| !w.is_empty()).collect();
    let mut out = Vec::new();
    if words.is_empty() {
        return Ok(out);
    }
    for row in all {
        if let Some(person) = listed(tx, row)? {
            let name = fold(&person.name);
            if words.iter().all(|w| name.split(' ').any(|part| part.starts_with(w))) {
                out.push(row);
            }
        }
    }
    Ok(out)
}

fn officers(
    tx: &mut Tx<'_>,
    seq: i64,
    all: &[ExpectedRecord],
    now: DateTime<Utc>,
    names: &mut BTreeMap<UserId, String>,
) -> Result<Vec<OfficerRow>, ActError> {
    let mut by: BTreeMap<UserId, OfficerRow> = BTreeMap::new();
    for row in all {
        let Some(user) = row.officer_id else { continue };
        let line = match by.entry(user) {
            std::collections::btree_map::Entry::Occupied(known) => known.into_mut(),
            std::collections::btree_map::Entry::Vacant(free) => free.insert(OfficerRow {
                name: staff(tx, names, user)?,
                registered: 0,
                has: None,
            }),
        };
        match RowState::from_code(&row.state) {
            Some(RowState::Registered) => line.registered += 1,
            Some(RowState::Taken) if !place(row)?.is_free(now) => line.has = Some(bracelet(seq, row.number)),
            _ => {}
        }
    }
    let mut out: Vec<OfficerRow> = by.into_values().collect();
    out.sort_by(|a, b| b.registered.cmp(&a.registered).then_with(|| a.name.cmp(&b.name)));
    Ok(out)
}

fn pace(all: &[ExpectedRecord], now: DateTime<Utc>) -> Option<Pace> {
    let last = all
        .iter()
        .filter(|r| r.registered_at.is_some_and(|at| now - at < QUARTER))
        .count();
    let (last, left) = (
        i32::try_from(last).unwrap_or(i32::MAX),
        all.iter().filter(|r| shown(r, "waiting")).count(),
    );
    let left = i32::try_from(left).unwrap_or(i32::MAX);
    (last > 0 && left > 0).then(|| Pace {
        last_quarter: last.unsigned_abs(),
        done_at: now + QUARTER * left / last,
    })
}

/// The row on a bracelet, whichever of the viewer's arrivals it is of.
///
/// # Errors
/// A refusal for a number that is not there or not for this viewer, alike.
pub async fn open_of(desk: &Arc<Desk>, viewer: &Viewer, typed: String) -> Result<ExpectedId, ActError> {
    let viewer_ = viewer.clone();
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let (seq, number) = parse_bracelet(&typed).ok_or_else(no_bracelet)?;
        let group = rows::by_seq(tx, seq)?.ok_or_else(no_bracelet)?;
        load(tx, &viewer_, group).map_err(|_| no_bracelet())?;
        let row = rows::by_number(tx, group, number)?.ok_or_else(no_bracelet)?;
        Ok((row, Vec::new()))
    })
    .await
}

/// The bracelet of a case that came with an arrival of many.
///
/// # Errors
/// When the store fails.
pub(crate) fn bracelet_of(tx: &mut Tx<'_>, case: CaseId) -> Result<Option<String>, StoreError> {
    let Some(row) = rows::of_case(tx, case)? else {
        return Ok(None);
    };
    let Some(row) = ExpectedRecord::find(tx, row)? else {
        return Ok(None);
    };
    Ok(Some(bracelet(rows::seq(tx, row.group_id)?, row.number)))
}

fn no_bracelet() -> ActError {
    ActError::refused(
        "bracelet_not_found",
        ("Aucun bracelet ne porte ce numéro.", "No bracelet bears this number."),
        (
            "Relisez-le, lettre comprise. Un bracelet de réserve s’attribue en ajoutant la personne.",
            "Read it again, letter included. A spare bracelet is given by adding the person.",
        ),
    )
}

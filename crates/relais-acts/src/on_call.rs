//! The on-call list as the deployment keeps it (DOMAIN §1.3): the numbers of
//! each region, which are missing, which were not called as a test for too
//! long, and who called them last. A number that nobody tried is no number at
//! three in the morning.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use relais_casework::calendar::local_date;
use relais_mechanism::{Role, closed_enum};
use relais_network::UserId;
use relais_store::rows::accounts::UserRecord;
use relais_store::rows::calls::{self as rows, OnCallRecord};
use relais_store::{Tx, ids};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::calls::{Entry, mechanism_and_desk};
use crate::desk::{Desk, Viewer};
use crate::directory::{By, note};
use crate::problem::{ActError, FieldProblem};
use crate::share;
use crate::views::Made;
use crate::write;

/// Numbers that a region has at most: the first and its alternates.
pub const MOST: u32 = 5;
/// Longest name, in characters.
const LONGEST: usize = 100;

closed_enum! {
    /// How far a number can be relied on.
    OnCallState {
        /// Nobody filled it in.
        Missing = "missing",
        /// It was never called as a test.
        Untested = "untested",
        /// The last test call is too old.
        Stale = "stale",
        /// Nobody answered the last test call.
        Silent = "silent",
        /// Tested, answered, recent.
        Ready = "ready",
    }
}

/// One number of the list.
#[derive(Debug, Clone, Serialize)]
pub struct OnCallLine {
    /// Region; empty for the whole country.
    pub region: String,
    /// Its name.
    pub region_name: String,
    /// Order in which numbers are called.
    pub rank: u32,
    /// Function and organisation.
    pub who: String,
    /// Number; empty where it is missing.
    pub number: String,
    /// When somebody answers.
    pub hours: String,
    /// Whether the State runs it.
    pub state_line: bool,
    /// How far it can be relied on.
    pub state: OnCallState,
    /// Day of the last test call.
    pub tested_on: Option<NaiveDate>,
    /// Who made it.
    pub tested_by: String,
    /// Version; 0 where the deployment changed nothing yet.
    pub version: i64,
}

/// The list.
#[derive(Debug, Clone, Serialize)]
pub struct OnCallView {
    /// Now.
    pub now: DateTime<Utc>,
    /// Days after which a test call is too old.
    pub days: u32,
    /// Lines, by region and rank; the country's last.
    pub lines: Vec<OnCallLine>,
    /// Whether the viewer may fill in the country's lines.
    pub national: bool,
}

/// Fill in a number.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PutOnCall {
    /// Id of the act, made by its maker.
    pub id: Uuid,
    /// Version of the line that the maker saw; 0 where there was none.
    pub version: i64,
    /// Region; empty for the whole country.
    #[serde(default)]
    pub region: String,
    /// Order in which numbers are called, from 1.
    pub rank: u32,
    /// Function and organisation, as "Délégation régionale, garde".
    pub who: String,
    /// Telephone.
    pub number: String,
    /// When somebody answers.
    #[serde(default)]
    pub hours: String,
    /// Whether the State runs it: never called for a protected person.
    #[serde(default)]
    pub state_line: bool,
}

/// Note a test call.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestOnCall {
    /// Id of the act, made by its maker.
    pub id: Uuid,
    /// Version of the line that the maker saw; 0 where there was none.
    pub version: i64,
    /// Region; empty for the whole country.
    #[serde(default)]
    pub region: String,
    /// Which number.
    pub rank: u32,
    /// Whether somebody answered who knows what to do.
    pub answered: bool,
}

/// Whether the viewer is of the mechanism's office.
fn office(viewer: &Viewer) -> bool {
    viewer.is_national() || viewer.is(Role::RegionalFocalPoint)
}

/// Whether the viewer keeps the lines of a region; the country's are the
/// secretariat's.
fn keeps(viewer: &Viewer, region: &str) -> bool {
    viewer.is_national()
        || viewer.is(Role::RegionalFocalPoint) && !region.is_empty() && viewer.regions.iter().any(|r| r == region)
}

fn state(entry: &Entry, tested_on: Option<NaiveDate>, today: NaiveDate, days: u32) -> OnCallState {
    let answered = entry.row.as_ref().is_none_or(|r| r.tested_at.is_none() || r.answered);
    match tested_on {
        _ if entry.number.is_empty() => OnCallState::Missing,
        None => OnCallState::Untested,
        Some(_) if !answered => OnCallState::Silent,
        Some(on) if today - on > TimeDelta::days(i64::from(days)) => OnCallState::Stale,
        Some(_) => OnCallState::Ready,
    }
}

/// The on-call list of the viewer's regions, the country's fallback with it.
///
/// # Errors
/// [`ActError::Forbidden`] for whoever is not of the mechanism's office.
pub async fn view(desk: &Arc<Desk>, viewer: &Viewer) -> Result<OnCallView, ActError> {
    if !office(viewer) {
        return Err(ActError::Forbidden { code: "on_call" });
    }
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let now = tx.now()?;
        let mechanism = desk_.mechanism();
        let days = mechanism.rules().test_call_days;
        let mut lines = Vec::new();
        for entry in mechanism_and_desk(tx, &mechanism, viewer_.lang)? {
            if !entry.region.is_empty() && !keeps(&viewer_, &entry.region) {
                continue;
            }
            let row = entry.row.as_ref();
            let tested_on = row.and_then(|r| r.tested_at).map(local_date).or(entry.tested_on);
            let tested_by = match row.and_then(|r| r.tested_by) {
                Some(user) => UserRecord::find(tx, user)?.map_or_else(String::new, |u| u.display_name),
                None => String::new(),
            };
            lines.push(OnCallLine {
                region_name: if entry.region.is_empty() {
                    String::new()
                } else {
                    share::place_name(&mechanism, &entry.region, viewer_.lang)
                },
                state: state(&entry, tested_on, local_date(now), days),
                version: row.map_or(0, |r| r.version),
                region: entry.region,
                rank: entry.rank,
                who: entry.who,
                number: entry.number,
                hours: entry.hours,
                state_line: entry.state_line,
                tested_on,
                tested_by,
            });
        }
        let view = OnCallView {
            now,
            days,
            lines,
            national: viewer_.is_national(),
        };
        Ok((view, Vec::new()))
    })
    .await
}

/// The line of a region and rank, as the deployment has it now, at the version
/// that the maker saw.
fn line(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    region: &str,
    rank: u32,
    version: i64,
) -> Result<Option<Entry>, ActError> {
    if !office(viewer) {
        return Err(ActError::NotFound);
    }
    let mechanism = desk.mechanism();
    let known = region.is_empty() || mechanism.regions().any(|r| r.code == region);
    if !known || !keeps(viewer, region) {
        return Err(ActError::field(
            "region",
            "not_yours",
            (
                "Choisissez une de vos régions dans la liste.",
                "Choose one of your regions in the list.",
            ),
        ));
    }
    let entry = mechanism_and_desk(tx, &mechanism, viewer.lang)?
        .into_iter()
        .find(|e| e.region == region && e.rank == rank);
    let current = entry.as_ref().and_then(|e| e.row.as_ref()).map_or(0, |r| r.version);
    ActError::unless_current(version, current)?;
    Ok(entry)
}

/// Fills in a number; what was known of test calls of another number goes.
///
/// # Errors
/// [`ActError::NotFound`] for whoever is not of the mechanism's office,
/// [`ActError::Invalid`], [`ActError::Stale`].
pub async fn put(desk: &Arc<Desk>, viewer: &Viewer, command: PutOnCall) -> Result<Made, ActError> {
    let (desk_, viewer) = (Arc::clone(desk), viewer.clone());
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            write::once(tx, &viewer, "on_call", command.id, &command, |tx| {
                put_in(tx, &desk_, &viewer, &command)
            })
        })
        .await
}

fn put_in(tx: &mut Tx<'_>, desk: &Desk, viewer: &Viewer, command: &PutOnCall) -> Result<Made, ActError> {
    let entry = line(tx, desk, viewer, &command.region, command.rank, command.version)?;
    let number = read(desk, command)?;
    let known = entry.and_then(|e| e.row);
    let same = known.as_ref().is_some_and(|r| r.number == number);
    let tested = known.as_ref().filter(|_| same);
    let now = tx.now()?;
    let record = OnCallRecord {
        id: known.as_ref().map_or_else(|| ids::new_v7(now), |r| r.id),
        region: command.region.clone(),
        rank: command.rank,
        who: command.who.trim().to_owned(),
        number,
        hours: command.hours.trim().to_owned(),
        state_line: command.state_line,
        changed_by: viewer.user,
        changed_at: now,
        tested_by: tested.and_then(|r| r.tested_by),
        tested_at: tested.and_then(|r| r.tested_at),
        answered: tested.is_some_and(|r| r.answered),
        version: command.version + 1,
    };
    save(tx, viewer, known.is_some(), &record, "on_call_set", json!({}))
}

/// What was typed, read: an emergency number of three or four digits, or a
/// telephone number of the country's plan.
fn read(desk: &Desk, command: &PutOnCall) -> Result<String, ActError> {
    let mut wrong = Vec::new();
    if !(1..=MOST).contains(&command.rank) {
        wrong.push(FieldProblem::new(
            "rank",
            "out_of_range",
            ("L’ordre va de 1 à 5.", "The order goes from 1 to 5."),
        ));
    }
    for (field, text, needed) in [("who", &command.who, true), ("hours", &command.hours, false)] {
        if needed && text.trim().is_empty() {
            wrong.push(FieldProblem::new(
                field,
                "required",
                (
                    "Écrivez la fonction et l’organisation qui répondent.",
                    "Write the function and the organisation that answer.",
                ),
            ));
        }
        if text.chars().count() > LONGEST {
            wrong.push(FieldProblem::new(
                field,
                "too_long",
                (
                    "100 signes au plus : raccourcissez.",
                    "100 characters at most: make it shorter.",
                ),
            ));
        }
    }
    let typed = command.number.trim();
    let short = (3..=4).contains(&typed.len()) && typed.bytes().all(|b| b.is_ascii_digit());
    let number = if short {
        typed.to_owned()
    } else {
        desk.mechanism().country().phone.normalise(typed).unwrap_or_else(|_| {
            wrong.push(FieldProblem::new(
                "number",
                "not_a_telephone",
                (
                    "Ce n’est pas un numéro de téléphone : 9 chiffres, ou un numéro court.",
                    "This is not a telephone number: 9 digits, or a short number.",
                ),
            ));
            String::new()
        })
    };
    if wrong.is_empty() {
        Ok(number)
    } else {
        Err(ActError::Invalid(wrong))
    }
}

fn save(
    tx: &mut Tx<'_>,
    viewer: &Viewer,
    known: bool,
    record: &OnCallRecord,
    kind: &str,
    facts: serde_json::Value,
) -> Result<Made, ActError> {
    if known {
        record.update(tx)?;
    } else {
        record.insert(tx)?;
    }
    let mut facts = facts;
    facts["region"] = json!(record.region);
    facts["rank"] = json!(record.rank);
    note(tx, By::User(viewer.user), record.id, record.id, kind, facts)?;
    Ok(Made {
        id: record.id,
        code: String::new(),
        version: record.version,
    })
}

/// Notes a test call: by whom, on which day, whether somebody answered.
///
/// # Errors
/// [`ActError::NotFound`], [`ActError::Stale`], a refusal where there is no
/// number to call.
pub async fn tested(desk: &Arc<Desk>, viewer: &Viewer, command: TestOnCall) -> Result<Made, ActError> {
    let (desk_, viewer) = (Arc::clone(desk), viewer.clone());
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            write::once(tx, &viewer, "on_call_test", command.id, &command, |tx| {
                tested_in(tx, &desk_, &viewer, &command)
            })
        })
        .await
}

fn tested_in(tx: &mut Tx<'_>, desk: &Desk, viewer: &Viewer, command: &TestOnCall) -> Result<Made, ActError> {
    let entry = line(tx, desk, viewer, &command.region, command.rank, command.version)?
        .filter(|e| !e.number.is_empty())
        .ok_or_else(|| {
            ActError::refused(
                "on_call_missing",
                (
                    "Il n’y a pas encore de numéro à essayer.",
                    "There is no number to try yet.",
                ),
                ("Remplissez d’abord le numéro.", "Fill in the number first."),
            )
        })?;
    let now = tx.now()?;
    let known = entry.row.is_some();
    let before = entry.row.unwrap_or_else(|| OnCallRecord {
        // Of a line of the mechanism the test alone is kept, and of which number:
        // its words and its later numbers stay the mechanism's.
        id: ids::new_v7(now),
        region: entry.region.clone(),
        rank: entry.rank,
        who: String::new(),
        number: String::new(),
        hours: String::new(),
        state_line: entry.state_line,
        changed_by: viewer.user,
        changed_at: now,
        tested_by: None,
        tested_at: None,
        answered: false,
        version: 0,
    });
    let record = OnCallRecord {
        number: entry.number,
        tested_by: Some(viewer.user),
        tested_at: Some(now),
        answered: command.answered,
        version: before.version + 1,
        ..before
    };
    let facts = json!({ "answered": command.answered });
    save(tx, viewer, known, &record, "on_call_tested", facts)
}

/// Regions in which nobody can be called at night: those that have no number,
/// neither from the deployment nor from the mechanism.
///
/// # Errors
/// When the store fails.
pub fn regions_without(tx: &mut Tx<'_>, desk: &Desk) -> Result<Vec<String>, ActError> {
    let mechanism = desk.mechanism();
    let filled: Vec<String> = rows::on_call(tx)?
        .into_iter()
        .filter(|r| r.is_filled_in() && !r.number.is_empty())
        .map(|r| r.region)
        .collect();
    Ok(mechanism
        .regions_without_on_call()
        .into_iter()
        .filter(|r| !filled.iter().any(|f| f == r))
        .map(str::to_owned)
        .collect())
}

/// Fills in an invented number of the demonstration, where nothing is real.
///
/// # Errors
/// When the store fails, or the database is no drill.
pub fn demonstrate(tx: &mut Tx<'_>, by: UserId, region: &str, who: &str, number: &str) -> Result<(), ActError> {
    if !tx.is_drill() {
        return Err(ActError::NotFound);
    }
    let now = tx.now()?;
    Ok(OnCallRecord {
        id: ids::new_v7(now),
        region: region.to_owned(),
        rank: 1,
        who: who.to_owned(),
        number: number.to_owned(),
        hours: "24/7".to_owned(),
        state_line: false,
        changed_by: by,
        changed_at: now,
        tested_by: Some(by),
        tested_at: Some(now),
        answered: true,
        version: 1,
    }
    .insert(tx)?)
}

//! The list of cases, and the case with a typed code.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use relais_casework::referral::DueKind;
use relais_casework::sharing::AgeBand;
use relais_casework::visible::View;
use relais_mechanism::{Lang, Mechanism, Role};
use relais_network::CaseId;
use relais_store::rows::{cases, lists};
use relais_store::{Cell, StoreError, Tx};
use serde::Deserialize;

use super::clock;
use crate::codes::{case_code, parse_case_code};
use crate::desk::{Desk, Viewer};
use crate::file::{CaseFile, is_erased, read};
use crate::problem::ActError;
use crate::share;
use crate::views::{CaseList, CaseRow};

/// Rows on a page of the list of cases.
pub const ROWS: i64 = 40;

/// Bytes that a page of the list takes as JSON, and some more.
const PAGE: usize = 16 * 1024;

/// The list of cases: a case manager's own, a supervisor's organisation's.
///
/// # Errors
/// [`ActError::Forbidden`] for roles without cases, [`ActError::Invalid`] for
/// a cursor that is not ours.
pub async fn list(desk: &Arc<Desk>, viewer: &Viewer, before: Option<String>) -> Result<CaseList, ActError> {
    told(desk, viewer, before, Ok).await
}

/// The same as JSON: written where it was read, so that only the text changes
/// threads.
///
/// # Errors
/// As [`list`].
pub async fn list_json(desk: &Arc<Desk>, viewer: &Viewer, before: Option<String>) -> Result<Vec<u8>, ActError> {
    told(desk, viewer, before, |list| {
        let mut text = Vec::with_capacity(PAGE);
        serde_json::to_writer(&mut text, &list).map_err(|e| StoreError::Schema(e.to_string()))?;
        Ok(text)
    })
    .await
}

async fn told<T: Send + 'static>(
    desk: &Arc<Desk>,
    viewer: &Viewer,
    before: Option<String>,
    tell: fn(CaseList) -> Result<T, ActError>,
) -> Result<T, ActError> {
    if !viewer.is(Role::CaseManager) && !viewer.is(Role::Supervisor) {
        return Err(ActError::Forbidden { code: "list_cases" });
    }
    let before = match before.as_deref().filter(|b| !b.is_empty()) {
        None => i64::MAX,
        Some(text) => text.parse().map_err(|_| {
            ActError::field(
                "before",
                "bad_cursor",
                ("Repartez de la première page.", "Start from the first page."),
            )
        })?,
    };
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let now = tx.now()?;
        let lines = if viewer_.is(Role::Supervisor) {
            lists::cases_of_holder(tx, viewer_.organisation, now, before, ROWS + 1)?
        } else {
            lists::cases_of_user(tx, viewer_.user, now, before, ROWS + 1)?
        };
        let mechanism = desk_.mechanism();
        let sealer = tx.sealer();
        let full = usize::try_from(ROWS).unwrap_or(40);
        let next = (lines.len() > full).then(|| lines[full - 1].seq.to_string());
        let mut shown = Vec::with_capacity(full);
        let network = desk_.network_now(tx)?;
        let circuit = crate::day::Circuit::of(&viewer_, &network);
        let nameless = crate::transfers::nameless(tx, &viewer_)?;
        let seen: Vec<_> = lines
            .iter()
            .take(full)
            .filter(|line| circuit.lets(&line.regime, line.holder))
            .collect();
        let sealed: Vec<_> = seen
            .iter()
            .map(|line| {
                (
                    Cell::new("case_file", "card", line.id.0, "card"),
                    line.slot,
                    &line.card[..],
                )
            })
            .collect();
        let mut rows = Vec::with_capacity(full);
        let mut regions = BTreeMap::new();
        for (line, card) in seen
            .into_iter()
            .zip(sealer.open_all(&sealed).map_err(StoreError::from)?)
        {
            let mut card: Glimpse = match card.map_err(StoreError::from) {
                Ok(text) => read(&text, "case_file", "card")?,
                Err(error) if is_erased(&error) => {
                    rows.push(crate::erased::case_row(&mechanism, line, viewer_.lang));
                    shown.push(line.id);
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            if nameless.contains(&line.id) {
                card.initials.clear();
            }
            let region = regions
                .entry(&line.region)
                .or_insert_with(|| share::place_name(&mechanism, &line.region, viewer_.lang));
            rows.push(case_row(&mechanism, line, card, region, now, viewer_.lang));
            shown.push(line.id);
        }
        Ok((tell(CaseList { rows, next })?, shown))
    })
    .await
}

/// What the list reads of a case's card.
#[derive(Deserialize)]
struct Glimpse {
    initials: String,
    age: Option<u8>,
    sex: Option<String>,
}

fn case_row(
    mechanism: &Mechanism,
    line: &lists::CaseLine,
    card: Glimpse,
    region: &str,
    now: DateTime<Utc>,
    lang: Lang,
) -> CaseRow {
    CaseRow {
        id: line.id,
        code: case_code(mechanism, line.seq),
        initials: card.initials,
        age_band: card
            .age
            .map(|a| AgeBand::of(a).code().replace('-', "–"))
            .unwrap_or_default(),
        sex: card
            .sex
            .as_deref()
            .map(|s| mechanism.option_label("sex", s, lang).unwrap_or(s).to_lowercase())
            .unwrap_or_default(),
        region: region.to_owned(),
        state: line.state.clone(),
        opened_at: line.opened_at,
        open_needs: u32::try_from(line.open_needs).unwrap_or(u32::MAX),
        clock: line.due_at.map(|due| clock(DueKind::Need, line.opened_at, due, now)),
        erased: false,
    }
}

/// The case with a typed code, if the viewer sees its file.
///
/// # Errors
/// [`ActError::NotFound`], also for a code with a slip in it.
pub async fn by_code(desk: &Arc<Desk>, viewer: &Viewer, typed: String) -> Result<CaseId, ActError> {
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let seq = parse_case_code(&typed).ok_or(ActError::NotFound)?;
        let id = cases::case_by_seq(tx, seq)?.ok_or(ActError::NotFound)?;
        let (_, sight, _) = CaseFile::see(tx, &desk_, &viewer_, id)?;
        if matches!(sight, View::File { .. }) {
            Ok((id, vec![id]))
        } else {
            Err(ActError::NotFound)
        }
    })
    .await
}

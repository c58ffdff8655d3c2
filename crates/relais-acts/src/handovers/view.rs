//! The permanence page: open emergencies and urgent work, who holds each since
//! when, the next step and the time left; and what is handed over.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use relais_mechanism::{Priority, Role};
use relais_network::{CaseId, HandoverId, UserId};
use relais_store::Tx;
use relais_store::rows::accounts::UserRecord;
use relais_store::rows::cases::CaseRecord;
use relais_store::rows::handovers::{self as rows, HandoverRecord, Whose};
use serde::Serialize;

use crate::assignment;
use crate::codes::case_code;
use crate::day::{Circuit, need_line_row, office_need_row, office_referral_row, referral_row};
use crate::desk::{Desk, Viewer};
use crate::file::{CaseFile, open};
use crate::problem::ActError;
use crate::views::WorkRow;

/// Rows read at most.
const ROWS: i64 = 500;

/// One open emergency or urgent piece of work.
#[derive(Debug, Clone, Serialize)]
pub struct WatchRow {
    /// The row, as in any list.
    pub row: WorkRow,
    /// Since when it is open.
    pub since: DateTime<Utc>,
    /// Who works on it; empty for the mechanism's office.
    pub worker: String,
    /// Whether that is the viewer.
    pub own: bool,
}

/// One case that is offered.
#[derive(Debug, Clone, Serialize)]
pub struct OfferedLine {
    /// Offer.
    pub id: HandoverId,
    /// Case.
    pub case_id: CaseId,
    /// Its code.
    pub case_code: String,
    /// Its most urgent priority.
    pub priority: Option<Priority>,
    /// The colleague on the other side.
    pub colleague: String,
    /// What the next shift must know.
    pub note: String,
    /// Offered.
    pub at: DateTime<Utc>,
    /// Until when it may be taken.
    pub until: DateTime<Utc>,
    /// Whether that is over: the outgoing offers it again.
    pub lapsed: bool,
}

/// The permanence page.
#[derive(Debug, Clone, Serialize)]
pub struct WatchView {
    /// Now.
    pub now: DateTime<Utc>,
    /// Whether the viewer is of the mechanism's office: codes and lateness, no person.
    pub office: bool,
    /// Open P1 and P2, soonest limit first.
    pub rows: Vec<WatchRow>,
    /// Whether more are open than are read.
    pub more: bool,
    /// Offered to the viewer.
    pub incoming: Vec<OfferedLine>,
    /// Offered by the viewer, who stays responsible.
    pub outgoing: Vec<OfferedLine>,
    /// Colleagues who may take over.
    pub colleagues: Vec<(UserId, String)>,
}

/// The permanence of a viewer: a case manager's own, a supervisor's whole
/// organisation, the office's region or country without any person.
///
/// # Errors
/// [`ActError::Forbidden`] for whoever neither works on cases nor watches.
pub async fn view(desk: &Arc<Desk>, viewer: &Viewer) -> Result<WatchView, ActError> {
    let works = viewer.is(Role::CaseManager) || viewer.is(Role::Supervisor);
    let office = [Role::Secretariat, Role::SecretariatSupervisor, Role::RegionalFocalPoint]
        .into_iter()
        .any(|r| viewer.is(r));
    if !works && !office {
        return Err(ActError::Forbidden { code: "watch" });
    }
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let now = tx.now()?;
        let mut shown = Vec::new();
        let mut view = WatchView {
            now,
            office: !works,
            rows: if works {
                team(tx, &desk_, &viewer_, now, &mut shown)?
            } else {
                region(tx, &desk_, &viewer_, now, &mut shown)?
            },
            more: false,
            incoming: Vec::new(),
            outgoing: Vec::new(),
            colleagues: Vec::new(),
        };
        view.more = view.rows.len() >= usize::try_from(ROWS).unwrap_or(500);
        if works {
            for record in rows::offered_to(tx, viewer_.user, now)? {
                view.incoming.extend(offered(
                    tx,
                    &desk_,
                    &viewer_,
                    &record,
                    record.from_user,
                    now,
                    &mut shown,
                )?);
            }
            for record in rows::offered_by(tx, viewer_.user)? {
                view.outgoing
                    .extend(offered(tx, &desk_, &viewer_, &record, record.to_user, now, &mut shown)?);
            }
            view.colleagues = assignment::staff(tx, None, viewer_.organisation, &viewer_)?
                .into_iter()
                .filter(|(.., own)| !own)
                .map(|(user, name, _)| (user, name))
                .collect();
        }
        shown.sort_unstable();
        shown.dedup();
        Ok((view, shown))
    })
    .await
}

/// An offer, as far as the viewer sees the case.
fn offered(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    record: &HandoverRecord,
    other: UserId,
    now: DateTime<Utc>,
    shown: &mut Vec<CaseId>,
) -> Result<Option<OfferedLine>, ActError> {
    let (file, ..) = match CaseFile::load_for(tx, desk, viewer, record.case_id) {
        Err(ActError::NotFound | ActError::Erased) => return Ok(None),
        found => found?,
    };
    let sealer = tx.sealer();
    let note: String = open(&sealer, "handover", "note", record.id.0, file.record.slot, &record.note)?;
    let mechanism = desk.version(tx, &file.record.mechanism_hash)?;
    shown.push(record.case_id);
    Ok(Some(OfferedLine {
        id: record.id,
        case_id: record.case_id,
        case_code: case_code(&mechanism, file.seq),
        priority: file
            .needs
            .iter()
            .filter(|n| n.detail.machine.state.is_live())
            .map(|n| n.detail.machine.priority)
            .min(),
        colleague: UserRecord::find(tx, other)?.map_or_else(String::new, |u| u.display_name),
        note,
        at: record.offered_at,
        until: record.until_at,
        lapsed: record.until_at <= now,
    }))
}

/// Rows of the viewer's team, as in the day.
fn team(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    now: DateTime<Utc>,
    shown: &mut Vec<CaseId>,
) -> Result<Vec<WatchRow>, ActError> {
    let (mechanism, network, sealer) = (desk.mechanism(), desk.network_now(tx)?, tx.sealer());
    let whose = if viewer.is(Role::Supervisor) {
        Whose::Holder(viewer.organisation)
    } else {
        Whose::User(viewer.user)
    };
    let referrals = rows::urgent_referrals_of(tx, whose, now, ROWS)?;
    let needs = rows::urgent_needs_of(tx, whose, now, ROWS)?;
    let circuit = Circuit::of(viewer, &network);
    let mut found = Vec::new();
    for line in referrals {
        if !circuit.lets(&line.case.regime, line.case.holder) {
            continue;
        }
        let since = line.referral.sent_at.or(line.referral.due_from).unwrap_or(now);
        let (row, _) = referral_row(&mechanism, &network, viewer, &sealer, line, now)?;
        found.push((row, since));
    }
    for line in &needs {
        if !circuit.lets(&line.case.regime, line.case.holder) {
            continue;
        }
        if let Some(row) = need_line_row(&mechanism, &network, viewer, &sealer, line, now)? {
            found.push((row, line.need.recorded_at));
        }
    }
    let mut workers: BTreeMap<CaseId, Option<UserId>> = BTreeMap::new();
    let mut names: BTreeMap<UserId, String> = BTreeMap::new();
    let nameless = crate::transfers::nameless(tx, viewer)?;
    let mut rows = Vec::new();
    for (mut row, since) in found {
        if nameless.contains(&row.case_id) {
            row.initials.clear();
        }
        let worker = match workers.get(&row.case_id) {
            Some(known) => *known,
            None => {
                let worker = CaseRecord::find(tx, row.case_id)?.and_then(|c| c.assigned_user_id);
                workers.insert(row.case_id, worker);
                worker
            }
        };
        let name = match worker {
            Some(user) => match names.get(&user) {
                Some(name) => name.clone(),
                None => {
                    let name = UserRecord::find(tx, user)?.map_or_else(String::new, |u| u.display_name);
                    names.insert(user, name.clone());
                    name
                }
            },
            None => String::new(),
        };
        shown.push(row.case_id);
        rows.push(WatchRow {
            own: worker == Some(viewer.user),
            worker: name,
            row,
            since,
        });
    }
    order(&mut rows);
    Ok(rows)
}

/// Rows of the office's region or country: code, priority, holder and lateness,
/// the category only at S3 or less; never a protected case (DESIGN §5).
fn region(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    now: DateTime<Utc>,
    shown: &mut Vec<CaseId>,
) -> Result<Vec<WatchRow>, ActError> {
    let (mechanism, network, sealer) = (desk.mechanism(), desk.network_now(tx)?, tx.sealer());
    let (mut referrals, mut needs) = (Vec::new(), Vec::new());
    for region in viewer.reach() {
        referrals.extend(rows::urgent_referrals(tx, region, ROWS)?);
        needs.extend(rows::urgent_needs(tx, region, ROWS)?);
    }
    let on_call = crate::calls::mechanism_and_desk(tx, &mechanism, viewer.lang)?;
    let mut rows = Vec::new();
    for line in referrals {
        let since = line.referral.sent_at.or(line.referral.due_from).unwrap_or(now);
        let row = office_referral_row(&mechanism, &network, viewer, &sealer, &on_call, line, now)?;
        shown.push(row.case_id);
        rows.push(WatchRow {
            row,
            since,
            worker: String::new(),
            own: false,
        });
    }
    for line in &needs {
        let Some(row) = office_need_row(&mechanism, &network, viewer, &sealer, line, now)? else {
            continue;
        };
        shown.push(row.case_id);
        rows.push(WatchRow {
            row,
            since: line.need.recorded_at,
            worker: String::new(),
            own: false,
        });
    }
    order(&mut rows);
    Ok(rows)
}

/// Emergencies first, then by limit.
fn order(rows: &mut [WatchRow]) {
    let limit = |r: &WatchRow| r.row.clock.as_ref().map_or(DateTime::<Utc>::MAX_UTC, |c| c.due);
    rows.sort_by_key(|r| (r.row.priority, limit(r), r.row.case_code.clone()));
}

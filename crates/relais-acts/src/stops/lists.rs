//! The lists in which a request stands: the case's page, the recipient's inbox,
//! the team's day, what is late.

use chrono::{DateTime, Days, Utc};
use relais_casework::calendar::local_date;
use relais_casework::referral::DueKind;
use relais_casework::visible::StopSide;
use relais_mechanism::{Channel, Mechanism, Role};
use relais_network::CaseId;
use relais_store::Tx;
use relais_store::rows::cases::CaseRecord;
use relais_store::rows::stops::{self, StopLine, StopRequestRecord};

use super::{TABLE, request_of};
use crate::case::clock;
use crate::classes;
use crate::codes::{case_code, referral_code};
use crate::desk::{Desk, Viewer};
use crate::file::{Card, find_referral, open_unless_erased};
use crate::network::Network;
use crate::problem::ActError;
use crate::protection::PROTECTED;
use crate::share;
use crate::shelter::{self, Names};
use crate::views::{Hand, StopRow};

/// Rows that a list shows at most.
const ROWS: i64 = 100;
/// The same, of rows that were read.
pub(crate) const MOST: usize = 100;
/// Days that a confirmed request stays in the recipient's inbox.
const CONFIRMED_DAYS: u64 = 30;

/// A request as one viewer reads it.
#[expect(clippy::too_many_arguments, reason = "the facts of one row")]
pub(super) fn row(
    tx: &mut Tx<'_>,
    mechanism: &Mechanism,
    network: &Network,
    viewer: &Viewer,
    side: StopSide,
    record: &StopRequestRecord,
    (case_seq, slot): (i64, i64),
    now: DateTime<Utc>,
) -> Result<StopRow, ActError> {
    let lang = viewer.lang;
    let request = request_of(record)?;
    let names = Names::new(network, viewer);
    // The office reads the list of those whom it may have to call.
    let office = side == StopSide::Recipient && viewer.organisation != record.recipient_id;
    let names = if office { names.for_office() } else { names };
    let (mut codes, mut hidden) = (Vec::new(), false);
    for id in &request.referrals {
        if let Some(referral) = find_referral(tx, slot, *id)? {
            hidden |= names.hides_provider(&referral);
            codes.push(referral_code(referral.record.year, referral.seq));
        }
    }
    let recipient = names.asked(record.recipient_id, hidden);
    let has_account = network.with_account.contains(&record.recipient_id);
    let open = request.confirmed.is_none();
    let received = classes::open(
        &tx.sealer(),
        TABLE,
        record.id.0,
        slot,
        record.classes,
        &record.restricted,
    )?;
    Ok(StopRow {
        id: record.id,
        case_id: (side == StopSide::Holder).then_some(record.case_id),
        case_code: if side == StopSide::Holder {
            case_code(mechanism, case_seq)
        } else {
            String::new()
        },
        telephone: if hidden {
            match CaseRecord::find(tx, record.case_id)? {
                Some(case) => shelter::on_call(tx, mechanism, &case, lang)?
                    .into_iter()
                    .next()
                    .map(|l| l.number),
                None => None,
            }
        } else {
            network.telephone(record.recipient_id)
        },
        has_account,
        referrals: codes,
        classes: share::classes_say_in_clear(mechanism, received, lang),
        effect: record.effect.clone(),
        asked_at: record.asked_at,
        hand: Hand {
            // Where nobody has an account there, the holder calls.
            yours: open && (side == StopSide::Recipient || !has_account),
            organisation: recipient.clone(),
            role: open.then_some(Role::FocalPoint),
        },
        clock: open.then(|| clock(DueKind::Confirm, record.due_from, record.due_at, now)),
        recipient,
        confirmed_on: request.confirmed.as_ref().map(|c| local_date(c.at)),
        noted: request
            .confirmed
            .as_ref()
            .is_some_and(|c| matches!(c.channel, Channel::Telephone | Channel::Paper)),
    })
}

/// The requests of a case, for its page.
///
/// # Errors
/// When the store fails.
pub fn of_case(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    network: &Network,
    case: CaseId,
) -> Result<Vec<StopRow>, ActError> {
    let lines = stops::of_case(tx, case)?;
    rows(tx, desk, viewer, network, StopSide::Holder, &lines)
}

/// The requests to a recipient, for its inbox.
///
/// # Errors
/// When the store fails.
pub fn of_recipient(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    network: &Network,
) -> Result<Vec<StopRow>, ActError> {
    let now = tx.now()?;
    let since = now.checked_sub_days(Days::new(CONFIRMED_DAYS)).unwrap_or(now);
    let mut lines = stops::to(tx, viewer.organisation, since, ROWS)?;
    let outside = viewer.sight(network).is_outside_protected_circuit();
    lines.retain(|l| !(outside && l.case.regime == PROTECTED));
    rows(tx, desk, viewer, network, StopSide::Recipient, &lines)
}

/// The requests that wait in the cases of a case manager or, for a
/// supervisor, of the organisation; and whether there are more than are read.
///
/// # Errors
/// When the store fails.
pub fn of_team(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    network: &Network,
) -> Result<(Vec<StopRow>, bool), ActError> {
    let now = tx.now()?;
    let mut lines = if viewer.is(Role::Supervisor) {
        stops::of_holder(tx, viewer.organisation, now, ROWS)?
    } else {
        stops::of_user(tx, viewer.user, now, ROWS)?
    };
    let more = lines.len() >= MOST;
    let circuit = crate::day::Circuit::of(viewer, network);
    lines.retain(|l| circuit.lets(&l.case.regime, l.case.holder));
    Ok((rows(tx, desk, viewer, network, StopSide::Holder, &lines)?, more))
}

/// The requests past their limit, for the office: which organisation, how
/// late, whom to call; never of a protected case. And whether there are more
/// than are read.
///
/// # Errors
/// When the store fails.
pub fn of_office(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    network: &Network,
    regions: &[Option<&str>],
) -> Result<(Vec<StopRow>, bool), ActError> {
    let now = tx.now()?;
    let mut lines = Vec::new();
    for region in regions {
        lines.extend(stops::late(tx, now, *region, ROWS)?);
    }
    lines.sort_by_key(|l| l.stop.due_at);
    let more = lines.len() >= MOST;
    lines.truncate(MOST);
    let mut rows = rows(tx, desk, viewer, network, StopSide::Recipient, &lines)?;
    for row in &mut rows {
        row.hand.yours = false;
        row.classes = String::new();
    }
    Ok((rows, more))
}

fn rows(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    network: &Network,
    side: StopSide,
    lines: &[StopLine],
) -> Result<Vec<StopRow>, ActError> {
    let (now, sealer) = (tx.now()?, tx.sealer());
    lines
        .iter()
        .map(|line| {
            let mechanism = desk.version(tx, &line.stop.mechanism_hash)?;
            let mut row = row(
                tx,
                &mechanism,
                network,
                viewer,
                side,
                &line.stop,
                (line.case.seq, line.case.slot),
                now,
            )?;
            let card = open_unless_erased::<Card>(
                &sealer,
                "case_file",
                "card",
                line.stop.case_id.0,
                line.case.slot,
                &line.case.card,
            )?;
            if card.is_none() {
                row.effect = crate::erased::EFFECT.to_owned();
            }
            Ok(row)
        })
        .collect()
}

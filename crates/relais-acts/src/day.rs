//! A user's day: what is late, what is theirs, what came back; the provider's
//! inbox; the secretariat's list of what is late.

mod inbox;
mod late;
mod row;

use std::sync::Arc;

use chrono::{DateTime, Days, TimeDelta, Utc};
use relais_casework::referral::{DueKind, State};
use relais_mechanism::{Mechanism, Priority, Role};
use relais_network::OrganisationId;
use relais_store::rows::cases::CaseRecord;
use relais_store::rows::{endings, lists};
use relais_store::{StoreError, Tx};

use crate::case::clock;
use crate::codes::case_code;
use crate::desk::{Desk, Viewer};
use crate::file::{Card, open_unless_erased};
use crate::network::Network;
use crate::problem::ActError;
use crate::views::{EndedRow, Hand, MyDay, NextAction, WorkRow};
use row::sort;

pub use inbox::{inbox, inbox_page};
pub use late::late;
pub use row::{hand_of, state_says, work_row};
pub(crate) use row::{need_line_row, office_need_row, office_referral_row, referral_row};

/// Rows that a day reads at most.
const ROWS: i64 = 200;

/// Rows on a page of the inbox and of the list of what is late.
pub const PAGE: i64 = 40;

/// Cases that ended lately, on a day at most.
const ENDED: i64 = 20;

/// Days that an ended referral stays among the answers, and an ended case on the day.
const ANSWER_DAYS: u64 = 7;

/// Which cases of their lists a viewer may have: those that the own
/// organisation holds now, and none of the protected circuit for whoever it is
/// closed to. The rows come by grants; these two facts are the viewer's.
pub(crate) struct Circuit {
    organisation: OrganisationId,
    hide_protected: bool,
}

impl Circuit {
    /// As the visibility rule says it.
    pub(crate) fn of(viewer: &Viewer, network: &Network) -> Self {
        Self {
            organisation: viewer.organisation,
            hide_protected: relais_casework::visible::list_filter(&viewer.sight(network)).hide_protected,
        }
    }

    /// Whether a case of this regime and holder may be listed.
    pub(crate) fn lets(&self, regime: &str, holder: OrganisationId) -> bool {
        holder == self.organisation && !(self.hide_protected && regime == crate::protection::PROTECTED)
    }
}

/// A case manager's or supervisor's day.
///
/// # Errors
/// When the store fails.
pub async fn my_day(desk: &Arc<Desk>, viewer: &Viewer) -> Result<MyDay, ActError> {
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let now = tx.now()?;
        let since = now.checked_sub_days(Days::new(ANSWER_DAYS)).unwrap_or(now);
        let (mechanism, network, sealer) = (desk_.mechanism(), desk_.network_now(tx)?, tx.sealer());
        let (mut referrals, mut needs, mut untouched) = if viewer_.is(Role::Supervisor) {
            (
                lists::referrals_of_holder(tx, viewer_.organisation, now, since, ROWS)?,
                lists::needs_of_holder(tx, viewer_.organisation, now, ROWS)?,
                lists::cases_without_need_of_holder(tx, viewer_.organisation, now, ROWS)?,
            )
        } else if viewer_.is(Role::CaseManager) {
            (
                lists::referrals_of_user(tx, viewer_.user, now, since, ROWS)?,
                lists::needs_of_user(tx, viewer_.user, now, ROWS)?,
                lists::cases_without_need(tx, viewer_.user, now, ROWS)?,
            )
        } else {
            (Vec::new(), Vec::new(), Vec::new())
        };
        let full = usize::try_from(ROWS).unwrap_or(200);
        let cut = referrals.len() >= full || needs.len() >= full || untouched.len() >= full;
        let circuit = Circuit::of(&viewer_, &network);
        referrals.retain(|l| circuit.lets(&l.case.regime, l.case.holder));
        needs.retain(|l| circuit.lets(&l.case.regime, l.case.holder));
        untouched.retain(|(_, c)| circuit.lets(&c.regime, c.holder_id));
        let (cosign, mut cases) = crate::cosign::waiting(tx, &desk_, &viewer_)?;
        let (stops, more_stops) = crate::stops::of_team(tx, &desk_, &viewer_, &network)?;
        let (transfers, more_transfers) = crate::transfers::of_organisation(tx, &desk_, &viewer_, &network)?;
        let (unclaimed, more_unclaimed) = crate::assignment::unclaimed(tx, &desk_, &viewer_, &network)?;
        let (same, more_same) = crate::duplicates::asked_of_team(tx, &desk_, &viewer_, &network)?;
        let ended = ended(tx, &viewer_, now, since)?;
        let more_ended = ended.len() >= usize::try_from(ENDED).unwrap_or(usize::MAX);
        let mut day = MyDay {
            now,
            cosign,
            late: Vec::new(),
            yours: Vec::new(),
            answers: Vec::new(),
            appointments: Vec::new(),
            others: Vec::new(),
            stops,
            transfers,
            unclaimed,
            plans: crate::plan::to_review(tx, &desk_, &viewer_, &circuit)?,
            closures: crate::closing::of_day(tx, &desk_, &viewer_, &circuit)?,
            follow_ups: crate::closing::follow_ups(tx, &desk_, &viewer_, &circuit)?,
            ended: Vec::new(),
            same,
            more: cut || more_stops || more_transfers || more_unclaimed || more_same || more_ended,
            system_stopped: crate::webhooks::has_stopped(tx, &viewer_, &network)?,
            entries: crate::entries::care(tx, &mechanism, &network, &viewer_)?,
        };
        let mut answered = Vec::new();
        for line in referrals {
            let (row, referral) = referral_row(&mechanism, &network, &viewer_, &sealer, line, now)?;
            cases.push(row.case_id);
            if referral.machine.state.is_terminal() {
                if matches!(referral.machine.state, State::Declined | State::Expired) {
                    answered.push(row);
                }
                continue;
            }
            place(&mut day, row, referral.machine.state, referral.machine.appointment, now);
        }
        for line in &needs {
            let Some(row) = need_line_row(&mechanism, &network, &viewer_, &sealer, line, now)? else {
                continue;
            };
            cases.push(row.case_id);
            // An answer that gave the need back is said as such, with what must be done.
            if let Some(at) = answered.iter().position(|a| a.need_id == row.need_id) {
                let mut answer = answered.swap_remove(at);
                answer.clock.clone_from(&row.clock);
                answer.hand = row.hand;
                answer.action = NextAction::FindService;
                if answer.clock.as_ref().is_some_and(|c| c.late) {
                    day.late.push(answer);
                } else {
                    day.answers.push(answer);
                }
                continue;
            }
            if row.erased {
                day.others.push(row);
            } else if row.clock.as_ref().is_some_and(|c| c.late) {
                day.late.push(row);
            } else {
                day.yours.push(row);
            }
        }
        for (seq, record) in &untouched {
            let card: Option<Card> =
                open_unless_erased(&sealer, "case_file", "card", record.id.0, record.slot, &record.card)?;
            let erased = card.is_none();
            let card = card.unwrap_or_default();
            let row = unassessed(&mechanism, &network, &viewer_, *seq, record, &card, now);
            cases.push(record.id);
            if erased {
                day.others.push(crate::erased::work_row(row, viewer_.lang));
            } else if row.clock.as_ref().is_some_and(|c| c.late) {
                day.late.push(row);
            } else {
                day.yours.push(row);
            }
        }
        let nameless = crate::transfers::nameless(tx, &viewer_)?;
        cases.extend(day.plans.iter().chain(&day.follow_ups).map(|p| p.case_id));
        cases.extend(day.closures.iter().map(|row| row.case_id));
        for (seq, record) in ended {
            let card: Option<Card> =
                open_unless_erased(&sealer, "case_file", "card", record.id.0, record.slot, &record.card)?;
            let Some(card) = card.filter(|_| circuit.lets(&record.regime, record.holder_id)) else {
                continue;
            };
            cases.push(record.id);
            day.ended.push(EndedRow {
                case_id: record.id,
                case_code: case_code(&mechanism, seq),
                initials: card.initials,
                at: record.closed_at.unwrap_or(now),
            });
        }
        for rows in [
            &mut day.late,
            &mut day.yours,
            &mut day.answers,
            &mut day.others,
            &mut day.appointments,
        ] {
            rows.iter_mut()
                .filter(|r| nameless.contains(&r.case_id))
                .for_each(|r| r.initials.clear());
            sort(rows);
        }
        for row in day.plans.iter_mut().chain(&mut day.follow_ups).chain(&mut day.ended) {
            if nameless.contains(&row.case_id) {
                row.initials.clear();
            }
        }
        day.closures
            .iter_mut()
            .filter(|r| nameless.contains(&r.case_id))
            .for_each(|r| r.initials.clear());
        cases.extend(day.same.iter().map(|row| row.case_id));
        cases.sort_unstable();
        cases.dedup();
        Ok((day, cases))
    })
    .await
}

/// Cases of the viewer that ended after `since`, so that nobody looks for what
/// is no longer in the lists.
fn ended(
    tx: &mut Tx<'_>,
    viewer: &Viewer,
    now: DateTime<Utc>,
    since: DateTime<Utc>,
) -> Result<Vec<(i64, CaseRecord)>, StoreError> {
    if viewer.is(Role::Supervisor) {
        endings::of_holder(tx, viewer.organisation, now, since, ENDED)
    } else if viewer.is(Role::CaseManager) {
        endings::of_user(tx, viewer.user, now, since, ENDED)
    } else {
        Ok(Vec::new())
    }
}

/// A case on which nothing was recorded after the arrival: assessment is due
/// within 72 hours (DOMAIN §1.2, stage 5), at once where there is no safe
/// place tonight.
fn unassessed(
    mechanism: &Mechanism,
    network: &Network,
    viewer: &Viewer,
    seq: i64,
    record: &CaseRecord,
    card: &Card,
    now: DateTime<Utc>,
) -> WorkRow {
    let urgent = card.sleeps.as_deref() == Some("nowhere");
    let due = record.opened_at + TimeDelta::hours(if urgent { 4 } else { 72 });
    WorkRow {
        case_id: record.id,
        case_code: case_code(mechanism, seq),
        initials: card.initials.clone(),
        need_id: None,
        referral_id: None,
        referral_code: String::new(),
        priority: if urgent { Priority::P1 } else { Priority::P3 },
        label: crate::say::say(viewer.lang, "Aucun besoin noté", "No need recorded").to_owned(),
        organisation: String::new(),
        telephone: None,
        state: None,
        state_label: String::new(),
        outcome: None,
        decline_reason: None,
        action: NextAction::RecordConsent,
        hand: Hand {
            yours: true,
            organisation: network.name(record.holder_id, viewer.lang),
            role: Some(Role::CaseManager),
        },
        clock: Some(clock(DueKind::Need, record.opened_at, due, now)),
        erased: false,
    }
}

fn place(day: &mut MyDay, row: WorkRow, state: State, appointment: Option<DateTime<Utc>>, now: DateTime<Utc>) {
    let late = row.clock.as_ref().is_some_and(|c| c.late);
    let soon = appointment.is_some_and(|at| at > now && at < now + TimeDelta::days(7));
    if row.action == NextAction::Wait {
        if soon && state == State::Scheduled {
            day.appointments.push(row);
        } else {
            day.others.push(row);
        }
    } else if late {
        day.late.push(row);
    } else if matches!(state, State::NeedsInfo | State::Reported | State::NoShow) {
        day.answers.push(row);
    } else {
        day.yours.push(row);
    }
}

//! A user's day: what is late, what is theirs, what came back; the provider's
//! inbox; the secretariat's list of what is late.

use std::sync::Arc;

use chrono::{DateTime, Days, TimeDelta, Utc};
use relais_casework::need::NeedState;
use relais_casework::referral::{DueKind, Outcome, State};
use relais_casework::visible::{Shown, View, ViewKind, visible_need};
use relais_mechanism::{ActingFor, ClassSet, DataClass, Label, Lang, Mechanism, Priority, Role};
use relais_network::{CaseId, OrganisationId};
use relais_store::rows::cases::CaseRecord;
use relais_store::rows::lists::{self, CaseBeside, NeedLine, ReferralLine};
use relais_store::{Sealer, StoreError, Tx};

use crate::case::clock;
use crate::codes::{case_code, referral_code};
use crate::desk::{Desk, Viewer};
use crate::file::{Card, CaseFile, NeedDetail, OpenReferral, open, open_referral};
use crate::network::Network;
use crate::problem::ActError;
use crate::share;
use crate::views::{ClockView, Hand, Inbox, LateList, MyDay, NextAction, WorkRow};

/// Order of the two kinds of rows in the late list.
const REFERRALS: u8 = 0;
const NEEDS: u8 = 1;
/// Rows that a day or an inbox reads at most.
const ROWS: i64 = 200;
/// Days that an ended referral stays among the answers.
const ANSWER_DAYS: u64 = 7;
/// Days that an ended referral stays in the inbox.
const INBOX_DAYS: u64 = 30;

/// A referral in a list of a case's file.
#[must_use]
pub fn work_row(
    mechanism: &Mechanism,
    network: &Network,
    viewer: &Viewer,
    file: &CaseFile,
    referral: &OpenReferral,
    words: &Label,
    now: DateTime<Utc>,
) -> WorkRow {
    let beside = Beside {
        case: file.record.id,
        code: case_code(mechanism, file.seq),
        initials: file.card.initials.clone(),
        holder: file.record.holder_id,
    };
    row(mechanism, network, viewer, &beside, referral, words, now)
}

struct Beside {
    case: CaseId,
    code: String,
    initials: String,
    holder: OrganisationId,
}

fn row(
    mechanism: &Mechanism,
    network: &Network,
    viewer: &Viewer,
    beside: &Beside,
    referral: &OpenReferral,
    words: &Label,
    now: DateTime<Utc>,
) -> WorkRow {
    let machine = &referral.machine;
    let provider = referral.record.provider_id;
    let sender_side = viewer.organisation == beside.holder;
    let other = if sender_side { provider } else { beside.holder };
    let hand = hand_of(network, viewer, beside.holder, referral);
    let clock = machine.wait.as_ref().map(|w| clock(w.kind, w.due.start, w.due.at, now));
    WorkRow {
        case_id: beside.case,
        case_code: beside.code.clone(),
        initials: beside.initials.clone(),
        need_id: Some(referral.record.need_id),
        referral_id: Some(referral.record.id),
        referral_code: referral_code(referral.record.year, referral.seq),
        priority: machine.priority,
        label: words.get(viewer.lang).to_owned(),
        organisation: network.name(other, viewer.lang),
        telephone: None,
        state: Some(machine.state),
        state_label: state_says(mechanism, machine.state, machine.outcome, viewer),
        outcome: machine.outcome,
        decline_reason: machine.decline.map(|d| {
            mechanism
                .option_label("decline_reason", d.code(), viewer.lang)
                .unwrap_or(d.code())
                .to_lowercase()
        }),
        action: next_action(machine.state, &hand, sender_side, clock.as_ref()),
        hand,
        clock,
    }
}

/// Who must move, and whether that is the viewer.
#[must_use]
pub fn hand_of(network: &Network, viewer: &Viewer, holder: OrganisationId, referral: &OpenReferral) -> Hand {
    let Some(wait) = &referral.machine.wait else {
        return Hand {
            yours: false,
            organisation: String::new(),
            role: None,
        };
    };
    let organisation = wait.owner.organisation(holder, referral.record.provider_id);
    let yours = match organisation {
        Some(id) => {
            id == viewer.organisation
                && (viewer.is(wait.owner.role)
                    || (viewer.is(Role::Supervisor) && wait.owner.side != ActingFor::Secretariat))
        }
        None => viewer.is(wait.owner.role),
    };
    Hand {
        yours,
        organisation: holder_says(network, organisation, viewer.lang),
        role: Some(wait.owner.role),
    }
}

/// Who holds a wait, in words; the secretariat is a role, whoever hosts it.
fn holder_says(network: &Network, organisation: Option<OrganisationId>, lang: Lang) -> String {
    organisation.map_or_else(
        || crate::say::say(lang, "secrétariat technique", "technical secretariat").to_owned(),
        |id| network.name(id, lang),
    )
}

/// State in words; a closed referral says its outcome too.
#[must_use]
pub fn state_says(mechanism: &Mechanism, state: State, outcome: Option<Outcome>, viewer: &Viewer) -> String {
    let state_label = mechanism
        .state(state.code())
        .map_or_else(|| state.code().to_owned(), |s| s.label.get(viewer.lang).to_owned());
    match (state, outcome) {
        (State::Closed, Some(outcome)) => {
            let outcome = mechanism
                .option_label("outcome", outcome.code(), viewer.lang)
                .unwrap_or(outcome.code());
            format!("{state_label}, {}", outcome.to_lowercase())
        }
        _ => state_label,
    }
}

fn next_action(state: State, hand: &Hand, sender_side: bool, clock: Option<&ClockView>) -> NextAction {
    if !hand.yours {
        // A silent provider is called by the sender: late is everybody's move.
        return match state {
            State::Sent | State::Received if sender_side && clock.is_some_and(|c| c.late) => NextAction::CallProvider,
            _ => NextAction::Wait,
        };
    }
    match state {
        State::Draft => NextAction::SendDraft,
        State::Sent => NextAction::Acknowledge,
        State::Received | State::Waitlisted => NextAction::Decide,
        State::NeedsInfo => NextAction::AnswerQuestion,
        State::Accepted => NextAction::Contact,
        State::Scheduled => NextAction::Receive,
        State::NoShow => NextAction::ReachPerson,
        State::InService => NextAction::Report,
        State::Reported => NextAction::ConfirmWithPerson,
        State::Disputed => NextAction::SettleDispute,
        _ => NextAction::Wait,
    }
}

fn beside(mechanism: &Mechanism, sealer: &Sealer, case: CaseId, line: &CaseBeside) -> Result<Beside, StoreError> {
    let card: Card = open(sealer, "case_file", "card", case.0, line.slot, &line.card)?;
    Ok(Beside {
        case,
        code: case_code(mechanism, line.seq),
        initials: card.initials,
        holder: line.holder,
    })
}

/// The words of a need in a list, for whoever sees the file.
fn list_words(mechanism: &Mechanism, service: &str) -> Label {
    let view = View::File {
        classes: ClassSet::EMPTY,
        restricted: false,
        via: relais_casework::visible::Via::Assignment,
        scope: relais_casework::visible::FileScope::Whole,
        offers: std::collections::BTreeSet::new(),
        frozen: false,
    };
    visible_need(&share::labels(mechanism, service), &view, true, true, Shown::List)
        .unwrap_or_else(relais_casework::visible::restricted_need)
}

fn referral_row(
    mechanism: &Mechanism,
    network: &Network,
    viewer: &Viewer,
    sealer: &Sealer,
    line: ReferralLine,
    now: DateTime<Utc>,
) -> Result<(WorkRow, OpenReferral), StoreError> {
    let case = line.referral.case_id;
    let beside = beside(mechanism, sealer, case, &line.case)?;
    let referral = open_referral(sealer, line.case.slot, line.seq, line.referral)?;
    let words = list_words(mechanism, &referral.detail.service_type);
    Ok((
        row(mechanism, network, viewer, &beside, &referral, &words, now),
        referral,
    ))
}

fn need_line_row(
    mechanism: &Mechanism,
    network: &Network,
    viewer: &Viewer,
    sealer: &Sealer,
    line: &NeedLine,
    now: DateTime<Utc>,
) -> Result<Option<WorkRow>, StoreError> {
    let case = line.need.case_id;
    let beside = beside(mechanism, sealer, case, &line.case)?;
    let detail: NeedDetail = open(
        sealer,
        "need",
        "detail",
        line.need.id.0,
        line.case.slot,
        &line.need.detail,
    )?;
    if detail.machine.state != NeedState::Open {
        return Ok(None);
    }
    let words = list_words(mechanism, &detail.service);
    Ok(Some(WorkRow {
        case_id: case,
        case_code: beside.code,
        initials: beside.initials,
        need_id: Some(line.need.id),
        referral_id: None,
        referral_code: String::new(),
        priority: detail.machine.priority,
        label: words.get(viewer.lang).to_owned(),
        organisation: String::new(),
        telephone: None,
        state: None,
        state_label: String::new(),
        outcome: None,
        decline_reason: None,
        action: NextAction::FindService,
        hand: Hand {
            yours: line.case.holder == viewer.organisation,
            organisation: network.name(line.case.holder, viewer.lang),
            role: Some(Role::CaseManager),
        },
        clock: Some(clock(
            DueKind::Need,
            detail.machine.due.start,
            detail.machine.due.at,
            now,
        )),
    }))
}

fn sort(rows: &mut [WorkRow]) {
    rows.sort_by_key(|r| {
        (
            r.clock.as_ref().map_or(DateTime::<Utc>::MAX_UTC, |c| c.due),
            r.priority,
            r.case_code.clone(),
        )
    });
}

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
        holder == self.organisation && !(self.hide_protected && regime == "protected")
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
        let more = referrals.len() >= full || needs.len() >= full || untouched.len() >= full;
        let circuit = Circuit::of(&viewer_, &network);
        referrals.retain(|l| circuit.lets(&l.case.regime, l.case.holder));
        needs.retain(|l| circuit.lets(&l.case.regime, l.case.holder));
        untouched.retain(|(_, c)| circuit.lets(&c.regime, c.holder_id));
        let mut day = MyDay {
            now,
            late: Vec::new(),
            yours: Vec::new(),
            answers: Vec::new(),
            appointments: Vec::new(),
            others: Vec::new(),
            more,
        };
        let mut cases = Vec::new();
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
            if row.clock.as_ref().is_some_and(|c| c.late) {
                day.late.push(row);
            } else {
                day.yours.push(row);
            }
        }
        for (seq, record) in &untouched {
            let card: Card = open(&sealer, "case_file", "card", record.id.0, record.slot, &record.card)?;
            let row = unassessed(&mechanism, &network, &viewer_, *seq, record, &card, now);
            cases.push(record.id);
            if row.clock.as_ref().is_some_and(|c| c.late) {
                day.late.push(row);
            } else {
                day.yours.push(row);
            }
        }
        for rows in [
            &mut day.late,
            &mut day.yours,
            &mut day.answers,
            &mut day.others,
            &mut day.appointments,
        ] {
            sort(rows);
        }
        cases.sort_unstable();
        cases.dedup();
        Ok((day, cases))
    })
    .await
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

/// A provider's inbox: discreet labels only, no initials before acceptance.
///
/// # Errors
/// [`ActError::Forbidden`] for whoever is no focal point.
pub async fn inbox(desk: &Arc<Desk>, viewer: &Viewer) -> Result<Inbox, ActError> {
    if !viewer.is(Role::FocalPoint) {
        return Err(ActError::Forbidden { code: "inbox" });
    }
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let now = tx.now()?;
        let since = now.checked_sub_days(Days::new(INBOX_DAYS)).unwrap_or(now);
        let (mechanism, network, sealer) = (desk_.mechanism(), desk_.network_now(tx)?, tx.sealer());
        let sight = viewer_.sight(&network);
        let mut inbox = Inbox {
            now,
            to_answer: Vec::new(),
            under_way: Vec::new(),
            ended: Vec::new(),
        };
        let mut shown = Vec::new();
        for line in lists::inbox(tx, viewer_.organisation, since, ROWS)? {
            let id = line.referral.id;
            let case = line.referral.case_id;
            // The oracle decides: what it hides is not in the list.
            let Some(file) = CaseFile::load(tx, case)? else {
                continue;
            };
            let view = relais_casework::visible::visible(&file.facts(), &sight, now);
            if !view.shows_referral(id) {
                continue;
            }
            let (mut row, referral) = referral_row(&mechanism, &network, &viewer_, &sealer, line, now)?;
            let accepted = matches!(view.kind(), ViewKind::File)
                && relais_casework::visible::ReferralStage::of(referral.machine.state)
                    == relais_casework::visible::ReferralStage::Accepted;
            let labels = share::labels(&mechanism, &referral.detail.service_type);
            row.label = labels.discreet.get(viewer_.lang).to_owned();
            row.case_code = String::new();
            // Initials are of the name: without that class they stay away, also
            // once the person has stopped the sharing.
            if !accepted || !view.classes().contains(DataClass::Identity) {
                row.initials = String::new();
            }
            shown.push(case);
            match referral.machine.state {
                State::Sent | State::Received => inbox.to_answer.push(row),
                state if state.is_terminal() => inbox.ended.push(row),
                _ => inbox.under_way.push(row),
            }
        }
        for rows in [&mut inbox.to_answer, &mut inbox.under_way, &mut inbox.ended] {
            sort(rows);
        }
        Ok((inbox, shown))
    })
    .await
}

/// A cursor of the late list: due time, kind of row, server sequence.
fn late_cursor(text: &str) -> Option<(DateTime<Utc>, u8, i64)> {
    let mut parts = text.splitn(3, '.');
    let due = DateTime::from_timestamp_micros(parts.next()?.parse().ok()?)?;
    let kind = parts.next()?.parse().ok().filter(|k| [REFERRALS, NEEDS].contains(k))?;
    Some((due, kind, parts.next()?.parse().ok()?))
}

/// What is late, by holder: code, priority, holder, lateness and telephones;
/// the category only at S3 or less. Protected cases are not in it.
///
/// # Errors
/// [`ActError::Forbidden`] for whoever is not of the mechanism's office.
pub async fn late(desk: &Arc<Desk>, viewer: &Viewer, after: Option<String>) -> Result<LateList, ActError> {
    let office = [Role::Secretariat, Role::SecretariatSupervisor, Role::RegionalFocalPoint]
        .into_iter()
        .any(|r| viewer.is(r));
    if !office {
        return Err(ActError::Forbidden { code: "late_list" });
    }
    let (from, kind, seq) = match after.as_deref().filter(|a| !a.is_empty()) {
        None => (DateTime::<Utc>::UNIX_EPOCH, REFERRALS, 0),
        Some(text) => late_cursor(text).ok_or_else(|| {
            ActError::field(
                "after",
                "bad_cursor",
                ("Repartez de la première page.", "Start from the first page."),
            )
        })?,
    };
    // At the very instant of the cursor referrals come before needs.
    let of_referrals = (from, if kind == REFERRALS { seq } else { i64::MAX });
    let of_needs = (from, if kind == REFERRALS { 0 } else { seq });
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let now = tx.now()?;
        let (mechanism, network, sealer) = (desk_.mechanism(), desk_.network_now(tx)?, tx.sealer());
        let national = viewer_.is(Role::Secretariat) || viewer_.is(Role::SecretariatSupervisor);
        let mine = |region: &str| national || viewer_.regions.iter().any(|r| r == region);
        let office = View::Office;
        let mut rows = Vec::new();
        // Both kinds in one order, by due time; what is beyond one page is the next page's.
        let full = usize::try_from(ROWS).unwrap_or(200);
        let mut referrals = lists::late_referrals(tx, now, of_referrals, ROWS)?;
        let mut needs = lists::late_needs(tx, now, of_needs, ROWS)?;
        let mut keys: Vec<_> = referrals
            .iter()
            .filter_map(|l| Some((l.referral.due_at?, REFERRALS, l.seq)))
            .chain(needs.iter().filter_map(|(seq, l)| Some((l.need.due_at?, NEEDS, *seq))))
            .collect();
        keys.sort_unstable();
        let last = (keys.len() >= full).then(|| keys[full - 1]);
        let next = last.map(|(due, kind, seq)| format!("{}.{kind}.{seq}", due.timestamp_micros()));
        if let Some(last) = last {
            referrals.retain(|l| l.referral.due_at.is_some_and(|due| (due, REFERRALS, l.seq) <= last));
            needs.retain(|(seq, l)| l.need.due_at.is_some_and(|due| (due, NEEDS, *seq) <= last));
        }
        let mut shown = Vec::new();
        for line in referrals {
            if !mine(&line.case.region) {
                continue;
            }
            shown.push(line.referral.case_id);
            let (mut row, referral) = referral_row(&mechanism, &network, &viewer_, &sealer, line, now)?;
            let labels = share::labels(&mechanism, &referral.detail.service_type);
            row.label = visible_need(&labels, &office, true, false, Shown::List)
                .map_or_else(String::new, |l| l.get(viewer_.lang).to_owned());
            row.initials = String::new();
            row.decline_reason = None;
            let holder = referral.machine.wait.as_ref().and_then(|w| {
                w.owner
                    .organisation(referral.record.sender_id, referral.record.provider_id)
            });
            row.telephone = holder
                .and_then(|h| network.organisations.get(&h))
                .and_then(|o| o.telephone.clone());
            row.organisation = network.name(referral.record.provider_id, viewer_.lang);
            rows.push(row);
        }
        for (_, line) in needs {
            if !mine(&line.case.region) {
                continue;
            }
            let Some(mut row) = need_line_row(&mechanism, &network, &viewer_, &sealer, &line, now)? else {
                continue;
            };
            shown.push(line.need.case_id);
            let detail: NeedDetail = open(
                &sealer,
                "need",
                "detail",
                line.need.id.0,
                line.case.slot,
                &line.need.detail,
            )?;
            let labels = share::labels(&mechanism, &detail.service);
            row.label = visible_need(&labels, &office, true, false, Shown::List)
                .map_or_else(String::new, |l| l.get(viewer_.lang).to_owned());
            row.initials = String::new();
            row.telephone = network
                .organisations
                .get(&line.case.holder)
                .and_then(|o| o.telephone.clone());
            rows.push(row);
        }
        sort(&mut rows);
        let holders = if national {
            lists::open_by_holder(tx, now)?
                .into_iter()
                .filter(|(_, _, late)| *late > 0)
                .map(|(id, open, late)| {
                    let telephone = id
                        .and_then(|id| network.organisations.get(&id))
                        .and_then(|o| o.telephone.clone());
                    let count = |n: i64| u32::try_from(n).unwrap_or(u32::MAX);
                    (
                        holder_says(&network, id, viewer_.lang),
                        telephone,
                        count(late),
                        count(open),
                    )
                })
                .collect()
        } else {
            Vec::new()
        };
        let oncall_missing = mechanism
            .regions_without_on_call()
            .into_iter()
            .filter(|r| mine(r))
            .map(|r| share::place_name(&mechanism, r, viewer_.lang))
            .collect();
        shown.sort_unstable();
        shown.dedup();
        Ok((
            LateList {
                now,
                rows,
                holders,
                oncall_missing,
                next,
            },
            shown,
        ))
    })
    .await
}

//! A row of work: whose it is, what must be done next, until when.

use chrono::{DateTime, Utc};
use relais_casework::need::NeedState;
use relais_casework::referral::{DueKind, Outcome, State};
use relais_casework::visible::{Shown, View, visible_need};
use relais_mechanism::{ActingFor, ClassSet, Label, Lang, Mechanism, Priority, Role};
use relais_network::{CaseId, OrganisationId};
use relais_store::rows::lists::{CaseBeside, NeedLine, ReferralLine};
use relais_store::{Sealer, StoreError};

use crate::calls::Entry;
use crate::case::clock;
use crate::codes::{case_code, referral_code};
use crate::desk::Viewer;
use crate::file::{Card, CaseFile, OpenReferral, open_need, open_referral, open_unless_erased};
use crate::network::Network;
use crate::share;
use crate::shelter::{self, Names};
use crate::views::{ClockView, Hand, NextAction, WorkRow};

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
        erased: file.erased,
    };
    row(mechanism, network, viewer, &beside, referral, words, now)
}

struct Beside {
    case: CaseId,
    code: String,
    initials: String,
    holder: OrganisationId,
    erased: bool,
}

impl Beside {
    /// The row as it may be shown: nothing of somebody who was erased.
    fn shown(&self, row: WorkRow, lang: Lang) -> WorkRow {
        if self.erased {
            crate::erased::work_row(row, lang)
        } else {
            row
        }
    }
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
    let names = Names::new(network, viewer);
    let hand = hand_of(&names, viewer, beside.holder, referral);
    let clock = machine.wait.as_ref().map(|w| clock(w.kind, w.due.start, w.due.at, now));
    let row = WorkRow {
        case_id: beside.case,
        case_code: beside.code.clone(),
        initials: beside.initials.clone(),
        need_id: Some(referral.record.need_id),
        referral_id: Some(referral.record.id),
        referral_code: referral_code(referral.record.year, referral.seq),
        priority: machine.priority,
        label: words.get(viewer.lang).to_owned(),
        organisation: if sender_side {
            names.asked(provider, names.hides_provider(referral))
        } else {
            names.name(beside.holder)
        },
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
        action: next_action(machine.state, machine.priority, &hand, sender_side, clock.as_ref()),
        hand,
        clock,
        erased: false,
    };
    beside.shown(row, viewer.lang)
}

/// Who must move, and whether that is the viewer.
#[must_use]
pub fn hand_of(names: &Names<'_>, viewer: &Viewer, holder: OrganisationId, referral: &OpenReferral) -> Hand {
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
        organisation: match organisation {
            Some(id) if id == referral.record.provider_id => names.provider(referral),
            other => holder_says(names, other, viewer.lang),
        },
        role: Some(wait.owner.role),
    }
}

/// Who holds a wait, in words; the secretariat is a role, whoever hosts it.
pub(super) fn holder_says(names: &Names<'_>, organisation: Option<OrganisationId>, lang: Lang) -> String {
    organisation.map_or_else(
        || crate::say::say(lang, "secrétariat technique", "technical secretariat").to_owned(),
        |id| names.name(id),
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

fn next_action(
    state: State,
    priority: Priority,
    hand: &Hand,
    sender_side: bool,
    clock: Option<&ClockView>,
) -> NextAction {
    if !hand.yours {
        // A silent provider is called by the sender: late is everybody's move. A P1 goes by telephone from the start.
        let calls = priority == Priority::P1 || clock.is_some_and(|c| c.late);
        return match state {
            State::Sent | State::Received if sender_side && calls => NextAction::CallProvider,
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
    let card: Option<Card> = open_unless_erased(sealer, "case_file", "card", case.0, line.slot, &line.card)?;
    Ok(Beside {
        case,
        code: case_code(mechanism, line.seq),
        erased: card.is_none(),
        initials: card.unwrap_or_default().initials,
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

pub(crate) fn referral_row(
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

pub(crate) fn need_line_row(
    mechanism: &Mechanism,
    network: &Network,
    viewer: &Viewer,
    sealer: &Sealer,
    line: &NeedLine,
    now: DateTime<Utc>,
) -> Result<Option<WorkRow>, StoreError> {
    let case = line.need.case_id;
    let beside = beside(mechanism, sealer, case, &line.case)?;
    let detail = open_need(sealer, line.case.slot, line.need.clone())?.detail;
    if detail.machine.state != NeedState::Open {
        return Ok(None);
    }
    let words = list_words(mechanism, &detail.service);
    let row = WorkRow {
        case_id: case,
        case_code: beside.code.clone(),
        initials: beside.initials.clone(),
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
        erased: false,
    };
    Ok(Some(beside.shown(row, viewer.lang)))
}

/// A referral's row for the mechanism's office: code, priority, holder, lateness
/// and whom to call; the category only at S3 or less, nothing of the person.
pub(crate) fn office_referral_row(
    mechanism: &Mechanism,
    network: &Network,
    viewer: &Viewer,
    sealer: &Sealer,
    on_call: &[Entry],
    line: ReferralLine,
    now: DateTime<Utc>,
) -> Result<WorkRow, StoreError> {
    let region = line.case.region.clone();
    // Whoever holds the case now: a transfer moves every wait with it.
    let holder = line.case.holder;
    let (mut row, referral) = referral_row(mechanism, network, viewer, sealer, line, now)?;
    for_office(&mut row, mechanism, &referral.detail.service_type, viewer.lang);
    row.decline_reason = None;
    let provider = referral.record.provider_id;
    let wait = referral.machine.wait.as_ref();
    let waited_for = wait.and_then(|w| w.owner.organisation(holder, provider));
    let names = Names::new(network, viewer).for_office();
    let hidden = names.hides_provider(&referral);
    row.telephone = match waited_for {
        Some(id) if hidden && id == provider => {
            // A row of the office is never of a protected case.
            let lines = shelter::lines(on_call, &region, false);
            lines.into_iter().next().map(|l| l.number)
        }
        other => other.and_then(|id| telephone(network, id)),
    };
    if hidden && waited_for == Some(provider) {
        names.word().clone_into(&mut row.hand.organisation);
    }
    row.organisation = names.asked(provider, hidden);
    Ok(row)
}

/// The same of a need that nobody has; none where it waits no more.
pub(crate) fn office_need_row(
    mechanism: &Mechanism,
    network: &Network,
    viewer: &Viewer,
    sealer: &Sealer,
    line: &NeedLine,
    now: DateTime<Utc>,
) -> Result<Option<WorkRow>, StoreError> {
    let Some(mut row) = need_line_row(mechanism, network, viewer, sealer, line, now)? else {
        return Ok(None);
    };
    let need = open_need(sealer, line.case.slot, line.need.clone())?;
    for_office(&mut row, mechanism, &need.detail.service, viewer.lang);
    row.telephone = telephone(network, line.case.holder);
    Ok(Some(row))
}

fn for_office(row: &mut WorkRow, mechanism: &Mechanism, service: &str, lang: Lang) {
    // Of somebody who was erased the row says so already.
    if !row.erased {
        let labels = share::labels(mechanism, service);
        row.label = visible_need(&labels, &View::Office, true, false, Shown::List)
            .map_or_else(String::new, |l| l.get(lang).to_owned());
    }
    row.initials = String::new();
}

fn telephone(network: &Network, organisation: OrganisationId) -> Option<String> {
    network.telephone(organisation)
}

pub(super) fn sort(rows: &mut [WorkRow]) {
    rows.sort_by_key(|r| {
        (
            r.clock.as_ref().map_or(DateTime::<Utc>::MAX_UTC, |c| c.due),
            r.priority,
            r.case_code.clone(),
        )
    });
}

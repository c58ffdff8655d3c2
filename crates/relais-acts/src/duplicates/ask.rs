//! The question to the holder of another file: asked without showing
//! anything, answered yes, no or not sure, reminded, lapsed.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use relais_casework::calendar::{ClockKind, Due};
use relais_casework::duplicates::asking::{Answer, Ask, AskEvent, AskRefusal, AskState, STEPS};
use relais_casework::duplicates::telling::Told;
use relais_casework::referral::DueKind;
use relais_casework::visible::{CaseState, View, visible};
use relais_mechanism::limits::LimitFacts;
use relais_mechanism::{ActingFor, Mechanism, Priority, Role};
use relais_network::{CaseId, OrganisationId, SameAskId, UserId};
use relais_store::rows::cases::{self, CaseRecord};
use relais_store::rows::same::{self, SameAskRecord};
use relais_store::{StoreError, Tx, due};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::check::{kept, written};
use super::tell::{AskedRow, AskedView, may_ask, other};
use crate::case::clock;
use crate::codes::case_code;
use crate::commands::AnswerSame;
use crate::desk::{Desk, Viewer};
use crate::file::{CaseFile, is_erased, open, seal};
use crate::network::Network;
use crate::problem::ActError;
use crate::rules::Rulebook;
use crate::views::Made;
use crate::write::{self, Doer, Stream};

/// Kind of the due work.
pub const DUE: &str = "same";
/// Rows that are read at a time.
const ROWS: i64 = 100;
/// Rows that a day shows at most.
const ROWS_SHOWN: usize = 100;

/// What is sealed of a question, under the key of the case for which it is asked.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Detail {
    other: CaseId,
    #[serde(default)]
    answer: Option<(Answer, UserId, DateTime<Utc>)>,
}

/// A question, opened.
pub(super) struct OpenAsk {
    pub id: SameAskId,
    pub asked_at: DateTime<Utc>,
    pub other: CaseId,
    pub ask: Ask,
    record: SameAskRecord,
    slot: i64,
}

fn opened(tx: &Tx<'_>, slot: i64, record: SameAskRecord) -> Result<OpenAsk, StoreError> {
    let wrong = |column: &str| StoreError::Schema(format!("same_ask.{column}"));
    let detail: Detail = open(&tx.sealer(), "same_ask", "detail", record.id.0, slot, &record.detail)?;
    Ok(OpenAsk {
        id: record.id,
        asked_at: record.asked_at,
        other: detail.other,
        ask: Ask {
            case: record.case_id,
            asker: record.asker_id,
            holder: record.holder_id,
            state: AskState::from_code(&record.state).ok_or_else(|| wrong("state"))?,
            answer: detail.answer,
            due: Due {
                start: record.due_from,
                at: record.due_at,
                clock: ClockKind::from_code(&record.clock).ok_or_else(|| wrong("clock"))?,
                calendar: record.calendar.clone(),
            },
            step: record.step,
            version: record.version,
        },
        record,
        slot,
    })
}

/// The questions asked for a case, oldest first.
pub(super) fn asks_of(tx: &mut Tx<'_>, case: &CaseRecord) -> Result<Vec<OpenAsk>, StoreError> {
    same::asks_of(tx, case.id)?
        .into_iter()
        .map(|record| opened(tx, case.slot, record))
        .collect()
}

/// Whether the last answer between two cases, whoever asked, is yes.
pub(super) fn said_between(tx: &mut Tx<'_>, a: &CaseRecord, b: &CaseRecord) -> Result<Option<Answer>, StoreError> {
    let mut last: Option<(DateTime<Utc>, Answer)> = None;
    for (case, other) in [(a, b), (b, a)] {
        for open in asks_of(tx, case)? {
            if open.other != other.id {
                continue;
            }
            if let Some((answer, _, at)) = open.ask.answer
                && last.is_none_or(|(before, _)| before <= at)
            {
                last = Some((at, answer));
            }
        }
    }
    Ok(last.map(|(_, answer)| answer))
}

/// A question by its id, with the case for which it is asked; none where that
/// case was erased.
fn find(tx: &mut Tx<'_>, id: SameAskId) -> Result<Option<(OpenAsk, CaseRecord)>, ActError> {
    let Some(record) = SameAskRecord::find(tx, id)? else {
        return Ok(None);
    };
    with_case(tx, record)
}

fn with_case(tx: &mut Tx<'_>, record: SameAskRecord) -> Result<Option<(OpenAsk, CaseRecord)>, ActError> {
    let Some(case) = CaseRecord::find(tx, record.case_id)? else {
        return Ok(None);
    };
    match opened(tx, case.slot, record) {
        Ok(open) => Ok(Some((open, case))),
        Err(error) if is_erased(&error) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn rulebook(
    desk: &Desk,
    network: &Network,
    mechanism: &Arc<Mechanism>,
    holder: OrganisationId,
    region: &str,
) -> Result<Rulebook, ActError> {
    let own = network.organisations.get(&holder).and_then(|o| o.region.clone());
    let region = own.unwrap_or_else(|| region.to_owned());
    Rulebook::new(
        desk,
        Arc::clone(mechanism),
        Priority::P3,
        "",
        &region,
        false,
        LimitFacts::default(),
    )
}

/// Writes a question with its due work.
fn save(
    tx: &mut Tx<'_>,
    open: &mut OpenAsk,
    ask: Ask,
    mechanism: &Arc<Mechanism>,
    rules: &Rulebook,
    new: bool,
) -> Result<(), ActError> {
    let record = &mut open.record;
    ask.state.code().clone_into(&mut record.state);
    record.holder_id = ask.holder;
    record.step = ask.step;
    record.version = ask.version;
    mechanism.hash().clone_into(&mut record.mechanism_hash);
    let detail = Detail {
        other: open.other,
        answer: ask.answer,
    };
    record.detail = seal(&tx.sealer(), "same_ask", "detail", record.id.0, open.slot, &detail)?;
    if new {
        record.insert(tx)?;
    } else {
        record.update(tx)?;
    }
    let rows = ask.clocks(&rules.times).into_iter();
    write::due_work(
        tx,
        record.id.0,
        ask.version,
        rows.map(|(percent, at)| (format!("{DUE}@{percent}"), at)),
    )?;
    open.ask = ask;
    Ok(())
}

/// Asks the holder of the likeliest file elsewhere.
///
/// # Errors
/// [`ActError::NotFound`]; [`ActError::Refused`] where a question waits
/// already, or nobody is there to be asked.
pub(super) async fn ask(desk: &Arc<Desk>, viewer: &Viewer, case: CaseId, id: Uuid) -> Result<Made, ActError> {
    let (desk_, viewer) = (Arc::clone(desk), viewer.clone());
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            write::once(tx, &viewer, "same_ask", id, &case, |tx| {
                ask_in(tx, &desk_, &viewer, case, SameAskId(id))
            })
        })
        .await
}

fn ask_in(tx: &mut Tx<'_>, desk: &Desk, viewer: &Viewer, case: CaseId, id: SameAskId) -> Result<Made, ActError> {
    cases::lock_case(tx, case)?;
    let file = written(tx, desk, viewer, case)?;
    let (now, network, mechanism) = (tx.now()?, desk.network_now(tx)?, desk.mechanism());
    let asks = asks_of(tx, &file.record)?;
    if asks.iter().any(|a| a.ask.state == AskState::Waiting) {
        return Err(ActError::refused(
            "same_waiting",
            (
                "Une question attend déjà sa réponse pour ce dossier.",
                "A question for this case waits for its answer already.",
            ),
            ("Attendez la réponse.", "Wait for the answer."),
        ));
    }
    let sealer = tx.sealer();
    let found = kept(tx, &sealer, &file.record)?
        .map(|(_, list)| list)
        .unwrap_or_default();
    let mut wanted = None;
    for kept in found.iter().filter(|k| !k.dismissed && may_ask(&asks, k.case)) {
        if let Some(other) = other(tx, viewer, &network, kept.case, &[], now)?
            && other.told == Told::Elsewhere
        {
            wanted = Some(other.file);
            break;
        }
    }
    let Some(wanted) = wanted else {
        return Err(ActError::refused(
            "same_nobody",
            (
                "Il n’y a personne à qui demander pour ce dossier.",
                "There is nobody to ask for this case.",
            ),
            ("Cherchez à nouveau plus tard.", "Look again later."),
        ));
    };
    let holder = wanted.record.holder_id;
    let rules = rulebook(desk, &network, &mechanism, holder, &file.record.region)?;
    let span = mechanism.rules().same_answer;
    let due = rules
        .times
        .calendar
        .due(span, now, Priority::P3, false, None)
        .unwrap_or_else(|| rules.times.need(Priority::P3, now));
    let ask = Ask {
        case,
        asker: viewer.organisation,
        holder,
        state: AskState::Waiting,
        answer: None,
        due: due.clone(),
        step: 0,
        version: 1,
    };
    let record = SameAskRecord {
        id,
        case_id: case,
        asker_id: viewer.organisation,
        holder_id: holder,
        state: String::new(),
        step: 0,
        asked_by: viewer.user,
        asked_at: now,
        due_from: due.start,
        due_at: due.at,
        clock: due.clock.code().to_owned(),
        calendar: due.calendar,
        mechanism_hash: mechanism.hash().to_owned(),
        detail: Vec::new(),
        version: 0,
    };
    let mut open = OpenAsk {
        id,
        asked_at: now,
        other: wanted.record.id,
        ask: ask.clone(),
        record,
        slot: file.record.slot,
    };
    save(tx, &mut open, ask, &mechanism, &rules, true)?;
    // Of the other file nothing stands in the event, not even who holds it.
    let doer = Doer::of(viewer, ActingFor::Sender);
    let mut stream = Stream::lock(tx, case, file.record.slot, doer, mechanism.hash())?;
    stream.add(tx, case.0, "same_asked", &json!({ "due": due.at }), now, "")?;
    write::notice(tx, "same_asked", Some(holder), Role::CaseManager, id.0)?;
    Ok(Made {
        id: id.0,
        code: String::new(),
        version: 1,
    })
}

/// The question and the own case of which it is asked, for whoever works on
/// that case; for anybody else it is not there.
fn load(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    id: SameAskId,
) -> Result<(OpenAsk, CaseRecord, CaseFile, Arc<Network>), ActError> {
    let (open, asking) = find(tx, id)?.ok_or(ActError::NotFound)?;
    let (file, view, network) = CaseFile::load_for(tx, desk, viewer, open.other)?;
    if asking.regime == crate::protection::PROTECTED || file.is_protected() || !works(&view, &file, viewer) {
        return Err(ActError::NotFound);
    }
    Ok((open, asking, file, network))
}

/// Whether the viewer works on the case for its holder, be it open, closed or
/// ended: who left and came back is asked about too.
fn works(view: &View, file: &CaseFile, viewer: &Viewer) -> bool {
    view.is_of_team() && file.record.holder_id == viewer.organisation && !file.erased
}

fn asked_row(
    tx: &mut Tx<'_>,
    desk: &Desk,
    network: &Network,
    viewer: &Viewer,
    open: &OpenAsk,
    file: &CaseFile,
    now: DateTime<Utc>,
) -> Result<AskedRow, ActError> {
    let mechanism = desk.version(tx, &file.record.mechanism_hash)?;
    let asker = open.ask.asker;
    Ok(AskedRow {
        id: open.id,
        case_id: file.record.id,
        case_code: case_code(&mechanism, file.seq),
        asker: network.name(asker, viewer.lang),
        telephone: network.telephone(asker),
        asked_at: open.asked_at,
        clock: clock(DueKind::Confirm, open.ask.due.start, open.ask.due.at, now),
        role: open.ask.owner().map_or(Role::CaseManager, |(_, role)| role),
    })
}

/// The page of a question.
///
/// # Errors
/// [`ActError::NotFound`] for whoever does not work on the case of which it is asked.
pub async fn view(desk: &Arc<Desk>, viewer: &Viewer, id: SameAskId) -> Result<AskedView, ActError> {
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let (open, _, file, network) = load(tx, &desk_, &viewer_, id)?;
        let now = tx.now()?;
        let row = asked_row(tx, &desk_, &network, &viewer_, &open, &file, now)?;
        let view = AskedView {
            now,
            row,
            version: open.ask.version,
            state: open.ask.state.code().to_owned(),
            answer: open.ask.answer.map(|(answer, _, _)| answer.code().to_owned()),
        };
        Ok((view, vec![file.record.id]))
    })
    .await
}

/// The questions that wait for the viewer: of the cases on which he or she
/// works.
///
/// # Errors
/// When the store fails.
pub fn asked_of_team(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    network: &Network,
) -> Result<(Vec<AskedRow>, bool), ActError> {
    let now = tx.now()?;
    let (sight, mut rows) = (viewer.sight(network), Vec::new());
    let mut after = same::FIRST;
    loop {
        let page = same::asks_to(tx, viewer.organisation, after, ROWS)?;
        let Some(last) = page.last() else {
            return Ok((rows, false));
        };
        after = (last.due_at, last.id);
        for record in page {
            let Some((open, asking)) = with_case(tx, record)? else {
                continue;
            };
            let Some(file) = CaseFile::load(tx, open.other)? else {
                continue;
            };
            let view = visible(&file.facts(), &sight, now);
            if asking.regime == crate::protection::PROTECTED || file.is_protected() || !works(&view, &file, viewer) {
                continue;
            }
            if rows.len() == ROWS_SHOWN {
                return Ok((rows, true));
            }
            rows.push(asked_row(tx, desk, network, viewer, &open, &file, now)?);
        }
    }
}

/// The holder answers.
///
/// # Errors
/// [`ActError::NotFound`], [`ActError::Stale`], [`ActError::Invalid`],
/// [`ActError::Refused`] where it is over.
pub async fn answer(desk: &Arc<Desk>, viewer: &Viewer, id: SameAskId, command: AnswerSame) -> Result<Made, ActError> {
    let (desk_, viewer) = (Arc::clone(desk), viewer.clone());
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            write::once(tx, &viewer, "same_answer", command.id, &(id, &command), |tx| {
                answer_in(tx, &desk_, &viewer, id, &command)
            })
        })
        .await
}

fn answer_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    id: SameAskId,
    command: &AnswerSame,
) -> Result<Made, ActError> {
    let (seen, ..) = load(tx, desk, viewer, id)?;
    lock_both(tx, seen.ask.case, seen.other)?;
    // Read again behind the lock: whoever came first has moved it.
    let (mut open, asking, file, network) = load(tx, desk, viewer, id)?;
    ActError::unless_current(command.version, open.ask.version)?;
    let said = Answer::from_code(&command.answer).ok_or_else(|| {
        ActError::field(
            "answer",
            "unknown_option",
            ("Choisissez oui, non ou pas sûr.", "Choose yes, no or not sure."),
        )
    })?;
    let now = tx.now()?;
    let event = open.ask.answer(said, viewer.user, now).map_err(refused)?;
    let mechanism = desk.version(tx, &open.record.mechanism_hash)?;
    let rules = rulebook(desk, &network, &mechanism, open.ask.holder, &asking.region)?;
    let next = open.ask.apply(event);
    save(tx, &mut open, next, &mechanism, &rules, false)?;
    let own = Doer::of(viewer, ActingFor::Provider);
    // Unless it is yes, whoever asked does not learn who answered, and the other
    // chain says nothing: two events of one moment would pair the files at rest.
    let yes = said == Answer::Yes;
    let mut streams = vec![(asking.id, asking.slot, if yes { own } else { Doer::clock() })];
    if yes && file.record.state != CaseState::Ended.code() {
        streams.push((file.record.id, file.record.slot, own));
    }
    streams.sort_by_key(|(case, ..)| *case);
    for (case, slot, doer) in streams {
        let mut stream = Stream::lock(tx, case, slot, doer, mechanism.hash())?;
        stream.add(tx, case.0, "same_answered", &json!({}), now, said.code())?;
    }
    write::notice(tx, "same_answered", Some(open.ask.asker), Role::CaseManager, id.0)?;
    Ok(Made {
        id: id.0,
        code: String::new(),
        version: open.ask.version,
    })
}

fn refused(refusal: AskRefusal) -> ActError {
    let (why, remedy) = refusal.says();
    ActError::Refused {
        code: refusal.code().to_owned(),
        why,
        remedy,
    }
}

/// Locks two cases, always in the same order.
pub(super) fn lock_both(tx: &mut Tx<'_>, a: CaseId, b: CaseId) -> Result<(), StoreError> {
    for case in [a.min(b), a.max(b)] {
        cases::lock_case(tx, case)?;
    }
    Ok(())
}

/// A case was handed over: the questions that wait for its holder, and those
/// asked for it, go with it.
///
/// # Errors
/// When the store fails.
pub fn follow(tx: &mut Tx<'_>, case: &CaseRecord, from: OrganisationId, to: OrganisationId) -> Result<(), ActError> {
    let mut after = same::FIRST;
    loop {
        let page = same::asks_to(tx, from, after, ROWS)?;
        let Some(last) = page.last() else { break };
        after = (last.due_at, last.id);
        for record in page {
            if let Some((open, _)) = with_case(tx, record)?
                && open.other == case.id
            {
                SameAskRecord {
                    holder_id: to,
                    ..open.record
                }
                .update(tx)?;
            }
        }
    }
    for record in same::asks_of(tx, case.id)? {
        if record.state == AskState::Waiting.code() {
            SameAskRecord { asker_id: to, ..record }.update(tx)?;
        }
    }
    Ok(())
}

/// A case has ended: the questions asked for it wait no more.
///
/// # Errors
/// When the store fails.
pub fn lapse_of(tx: &mut Tx<'_>, desk: &Desk, network: &Network, case: &CaseRecord) -> Result<(), ActError> {
    for mut open in asks_of(tx, case)? {
        if open.ask.state != AskState::Waiting {
            continue;
        }
        let mechanism = desk.version(tx, &open.record.mechanism_hash)?;
        let rules = rulebook(desk, network, &mechanism, open.ask.holder, &case.region)?;
        let next = open.ask.apply(AskEvent::Lapsed);
        save(tx, &mut open, next, &mechanism, &rules, false)?;
    }
    Ok(())
}

/// The clock: a reminder, or the end of the wait. The question goes to whoever
/// holds the other file now, should it have been handed over.
///
/// # Errors
/// When the store fails.
pub fn due(tx: &mut Tx<'_>, desk: &Desk, id: SameAskId, percent: u32) -> Result<bool, ActError> {
    let Some((seen, _)) = find(tx, id)? else {
        return Ok(false);
    };
    lock_both(tx, seen.ask.case, seen.other)?;
    let Some((mut open, asking)) = find(tx, id)? else {
        return Ok(false);
    };
    let Some(other) = CaseRecord::find(tx, open.other)? else {
        return Ok(false);
    };
    let (now, network) = (tx.now()?, desk.network_now(tx)?);
    let mechanism = desk.version(tx, &open.record.mechanism_hash)?;
    open.ask.holder = other.holder_id;
    let rules = rulebook(desk, &network, &mechanism, open.ask.holder, &asking.region)?;
    let hidden = asking.regime == crate::protection::PROTECTED || other.regime == crate::protection::PROTECTED;
    let gone = CaseFile::load(tx, open.other)?.is_none_or(|file| file.erased);
    let Ok(event) = open.ask.time_passes(percent, &rules.times, now) else {
        return Ok(false);
    };
    let next = open.ask.apply(event);
    save(tx, &mut open, next, &mechanism, &rules, false)?;
    let tell: &[(OrganisationId, Role)] = match event {
        AskEvent::Reminded(percent) if percent == STEPS[0] => &[(open.ask.holder, Role::CaseManager)],
        AskEvent::Reminded(_) => &[(open.ask.holder, Role::Supervisor), (open.ask.asker, Role::CaseManager)],
        _ => &[(open.ask.asker, Role::CaseManager)],
    };
    let kind = if event == AskEvent::Lapsed {
        "same_lapsed"
    } else {
        "same_reminder"
    };
    // Where one of the two is in the protected circuit, or the other was erased,
    // nobody can answer: whoever would is not reminded, and whoever asked sees
    // what they always see.
    let silent = hidden || gone;
    for (organisation, role) in tell.iter().filter(|(o, _)| !silent || *o == open.ask.asker) {
        write::notice(tx, kind, Some(*organisation), *role, id.0)?;
    }
    let mut stream = Stream::lock(tx, asking.id, asking.slot, Doer::clock(), mechanism.hash())?;
    let kind = if event == AskEvent::Lapsed {
        "same_lapsed"
    } else {
        "same_reminded"
    };
    stream.add(tx, asking.id.0, kind, &json!({ "percent": percent }), now, "")?;
    if event == AskEvent::Lapsed {
        due::clear(tx, id.0)?;
    }
    Ok(true)
}

//! What a viewer is told of files that may be of the same person.

use chrono::{DateTime, Utc};
use relais_casework::duplicates::Reason;
use relais_casework::duplicates::asking::{Answer, AskState};
use relais_casework::duplicates::joining;
use relais_casework::duplicates::telling::{Told, told};
use relais_casework::referral::DueKind;
use relais_casework::visible::{View, visible};
use relais_mechanism::{Lang, Role};
use relais_network::{CaseId, SameAskId};
use relais_store::Tx;
use relais_store::rows::same::{self, JoinedRecord};
use serde::Serialize;

use super::ask::{OpenAsk, asks_of};
use super::check::{Kept, kept, left};
use crate::case::clock;
use crate::codes::case_code;
use crate::desk::{Desk, Viewer};
use crate::file::CaseFile;
use crate::network::Network;
use crate::problem::ActError;
use crate::say::say;
use crate::views::ClockView;

/// A file that the viewer sees, and that may be of the same person.
#[derive(Debug, Clone, Serialize)]
pub struct PerhapsRow {
    /// Case.
    pub case_id: CaseId,
    /// Its code.
    pub code: String,
    /// Who holds it.
    pub holder: String,
    /// What speaks for one person or for two, as codes.
    pub reasons: Vec<String>,
    /// The same in words.
    pub says: String,
    /// Whether the viewer may join the two now.
    pub can_join: bool,
}

/// A question to the holder of another file, as whoever asked reads it.
#[derive(Debug, Clone, Serialize)]
pub struct AskRow {
    /// Question.
    pub id: SameAskId,
    /// When it was asked.
    pub asked_at: DateTime<Utc>,
    /// The limit, while it waits.
    pub clock: Option<ClockView>,
    /// waiting, answered, lapsed.
    pub state: String,
    /// yes, no, unsure.
    pub answer: Option<String>,
    /// After a yes: who holds the other file.
    pub holder: Option<String>,
    /// After a yes: its telephone.
    pub telephone: Option<String>,
    /// After a yes: the code of the other case.
    pub code: Option<String>,
    /// After a yes, where the viewer may join the two: the other case.
    pub join: Option<CaseId>,
}

/// A file joined with this one.
#[derive(Debug, Clone, Serialize)]
pub struct JoinedRow {
    /// Its code.
    pub code: String,
    /// Who holds it.
    pub holder: String,
    /// The case, where the viewer sees its file.
    pub case_id: Option<CaseId>,
    /// When they were joined.
    pub at: DateTime<Utc>,
    /// Until when that can be taken back; none where the viewer may not, or it
    /// is too late.
    pub undo_until: Option<DateTime<Utc>>,
    /// The younger of the two.
    pub younger: CaseId,
}

/// What is perhaps known of the person of a case.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Perhaps {
    /// When it was looked for; none where it never was.
    pub checked_at: Option<DateTime<Utc>>,
    /// Files that the viewer sees.
    pub seen: Vec<PerhapsRow>,
    /// Perhaps known elsewhere: the holder can be asked.
    pub elsewhere: bool,
    /// Questions asked, newest first.
    pub asks: Vec<AskRow>,
    /// Younger files that point to this one.
    pub joined: Vec<JoinedRow>,
    /// The older file to which this one points.
    pub into: Option<JoinedRow>,
    /// Its id, which the viewer needs to take the two apart.
    pub into_id: Option<CaseId>,
    /// Name checks that the viewer has left today.
    pub left: u32,
}

/// The answer of a name check without a case.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Checked {
    /// Files that the viewer sees.
    pub seen: Vec<PerhapsRow>,
    /// Perhaps known elsewhere.
    pub elsewhere: bool,
    /// Name checks that the viewer has left today.
    pub left: u32,
}

/// A question that waits for the viewer's organisation.
#[derive(Debug, Clone, Serialize)]
pub struct AskedRow {
    /// Question.
    pub id: SameAskId,
    /// The own case of which it is asked.
    pub case_id: CaseId,
    /// Its code.
    pub case_code: String,
    /// Who asks.
    pub asker: String,
    /// Its telephone.
    pub telephone: Option<String>,
    /// When it was asked.
    pub asked_at: DateTime<Utc>,
    /// The limit.
    pub clock: ClockView,
    /// Role that must move.
    pub role: Role,
}

/// The page of a question, for the organisation asked.
#[derive(Debug, Clone, Serialize)]
pub struct AskedView {
    /// Now, by the deployment clock.
    pub now: DateTime<Utc>,
    /// The question.
    pub row: AskedRow,
    /// Version.
    pub version: i64,
    /// waiting, answered, lapsed.
    pub state: String,
    /// yes, no, unsure.
    pub answer: Option<String>,
}

/// A reason in words.
const fn reason_says(reason: Reason, lang: Lang) -> &'static str {
    match reason {
        Reason::Reference => say(lang, "même numéro de référence", "same reference number"),
        Reason::Telephone => say(lang, "même téléphone", "same telephone"),
        Reason::NameSame => say(lang, "même nom", "same name"),
        Reason::NameAlike => say(lang, "nom ressemblant", "name alike"),
        Reason::NamePart => say(lang, "une partie du nom", "part of the name"),
        Reason::NameOther => say(lang, "nom différent", "different name"),
        Reason::BirthDate => say(lang, "même date de naissance", "same date of birth"),
        Reason::BirthNearly => say(lang, "date de naissance proche", "date of birth close"),
        Reason::BirthYear => say(lang, "âge proche", "age close"),
        Reason::BirthOther => say(lang, "âge différent", "different age"),
        Reason::SexSame => say(lang, "même sexe", "same sex"),
        Reason::SexOther => say(lang, "sexe différent", "different sex"),
        Reason::PlaceSame => say(lang, "même lieu", "same place"),
        Reason::PlaceOther => say(lang, "lieu différent", "different place"),
    }
}

/// The reasons as one sentence, what differs after what agrees.
fn says(reasons: &[Reason], lang: Lang) -> String {
    use relais_casework::duplicates::Side;
    let (agrees, differs): (Vec<Reason>, Vec<Reason>) = reasons.iter().partition(|r| r.side() == Side::Agrees);
    let words = |list: &[Reason]| {
        list.iter()
            .map(|r| reason_says(*r, lang))
            .collect::<Vec<_>>()
            .join(", ")
    };
    match (agrees.is_empty(), differs.is_empty()) {
        (_, true) => words(&agrees),
        (true, false) => words(&differs),
        (false, false) => format!("{} ({} {})", words(&agrees), say(lang, "mais", "but"), words(&differs)),
    }
}

/// Another file, as far as the viewer is told of it.
pub(super) struct OtherFile {
    pub file: CaseFile,
    pub told: Told,
}

/// What the viewer is told of another file; none where nothing is.
pub(super) fn other(
    tx: &mut Tx<'_>,
    viewer: &Viewer,
    network: &Network,
    case: CaseId,
    reasons: &[Reason],
    now: DateTime<Utc>,
) -> Result<Option<OtherFile>, ActError> {
    // Erased since: nobody is there.
    let Some(file) = CaseFile::load(tx, case)? else {
        return Ok(None);
    };
    let view = visible(&file.facts(), &viewer.sight(network), now);
    let restricted = same::has_restricted(tx, case)?;
    Ok(told(&view, reasons, file.is_protected(), restricted).map(|told| OtherFile { file, told }))
}

fn perhaps_row(
    desk: &Desk,
    tx: &mut Tx<'_>,
    network: &Network,
    lang: Lang,
    other: &OtherFile,
    can_join: bool,
) -> Result<Option<PerhapsRow>, ActError> {
    let Told::Seen(reasons) = &other.told else {
        return Ok(None);
    };
    let mechanism = desk.version(tx, &other.file.record.mechanism_hash)?;
    Ok(Some(PerhapsRow {
        case_id: other.file.record.id,
        code: case_code(&mechanism, other.file.seq),
        holder: network.name(other.file.record.holder_id, lang),
        reasons: reasons.iter().map(|r| r.code().to_owned()).collect(),
        says: says(reasons, lang),
        can_join,
    }))
}

/// What a check without a case tells, with the cases shown.
pub(super) fn checked(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    list: &[Kept],
) -> Result<(Checked, Vec<CaseId>), ActError> {
    let (now, network) = (tx.now()?, desk.network_now(tx)?);
    let mut out = Checked {
        left: left(tx, &desk.mechanism(), viewer, now)?,
        ..Checked::default()
    };
    for found in list {
        let Some(other) = other(tx, viewer, &network, found.case, &found.reasons(), now)? else {
            continue;
        };
        match perhaps_row(desk, tx, &network, viewer.lang, &other, false)? {
            Some(row) => out.seen.push(row),
            None => out.elsewhere = true,
        }
    }
    let cases = out.seen.iter().map(|row| row.case_id).collect();
    Ok((out, cases))
}

/// What is perhaps known of the person of a case, for whoever works on it;
/// nothing for a case of the protected circuit.
///
/// # Errors
/// When the store fails.
pub fn of_case(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    network: &Network,
    file: &CaseFile,
) -> Result<Option<Perhaps>, ActError> {
    if file.is_protected() {
        return Ok(None);
    }
    let (now, sealer, lang) = (tx.now()?, tx.sealer(), viewer.lang);
    let found = kept(tx, &sealer, &file.record)?;
    let asks = asks_of(tx, &file.record)?;
    let supervises = viewer.is(Role::Supervisor) && file.record.holder_id == viewer.organisation;
    let mut out = Perhaps {
        checked_at: found.as_ref().map(|(at, _)| *at),
        left: left(tx, &desk.mechanism(), viewer, now)?,
        ..Perhaps::default()
    };
    let own = JoinedRecord::find(tx, file.record.id)?;
    let younger = same::joined_into(tx, file.record.id)?;
    let is_joined =
        |case: CaseId| own.as_ref().is_some_and(|j| j.into_id == case) || younger.iter().any(|j| j.case_id == case);
    let waiting = asks.iter().any(|a| a.ask.state == AskState::Waiting);
    for kept in found.iter().flat_map(|(_, list)| list) {
        if kept.dismissed || is_joined(kept.case) {
            continue;
        }
        let Some(other) = other(tx, viewer, network, kept.case, &kept.reasons(), now)? else {
            continue;
        };
        let can_join = supervises && other.file.record.holder_id == viewer.organisation;
        match perhaps_row(desk, tx, network, lang, &other, can_join)? {
            Some(row) => out.seen.push(row),
            // One question at a time; who has answered is not asked again.
            None => out.elsewhere |= !waiting && may_ask(&asks, kept.case),
        }
    }
    for open in asks.iter().rev() {
        let joinable = supervises && !is_joined(open.other);
        out.asks.push(ask_row(tx, desk, network, lang, open, joinable, now)?);
    }
    for joined in &younger {
        out.joined.extend(joined_row(
            tx,
            desk,
            viewer,
            network,
            joined,
            joined.case_id,
            supervises,
            now,
        )?);
    }
    if let Some(joined) = &own {
        out.into = joined_row(tx, desk, viewer, network, joined, joined.into_id, supervises, now)?;
        out.into_id = out.into.is_some().then_some(joined.into_id);
    }
    Ok(Some(out))
}

/// Whether the holder of this file can be asked: never asked, or the question
/// lapsed without an answer.
pub(super) fn may_ask(asks: &[OpenAsk], other: CaseId) -> bool {
    asks.iter()
        .rev()
        .find(|a| a.other == other)
        .is_none_or(|a| a.ask.state == AskState::Lapsed)
}

fn ask_row(
    tx: &mut Tx<'_>,
    desk: &Desk,
    network: &Network,
    lang: Lang,
    open: &OpenAsk,
    joinable: bool,
    now: DateTime<Utc>,
) -> Result<AskRow, ActError> {
    let ask = &open.ask;
    let yes = ask.answer.is_some_and(|(answer, _, _)| answer == Answer::Yes);
    // Only a yes says whose file it is: the holder agreed to be known.
    let file = if yes { CaseFile::load(tx, open.other)? } else { None };
    let file = file.filter(|f| !f.is_protected());
    let code = match &file {
        Some(file) => {
            let mechanism = desk.version(tx, &file.record.mechanism_hash)?;
            Some(case_code(&mechanism, file.seq))
        }
        None => None,
    };
    let holder = file.as_ref().map(|f| f.record.holder_id);
    Ok(AskRow {
        id: open.id,
        asked_at: open.asked_at,
        clock: (ask.state == AskState::Waiting).then(|| clock(DueKind::Confirm, ask.due.start, ask.due.at, now)),
        state: ask.state.code().to_owned(),
        answer: ask.answer.map(|(answer, _, _)| answer.code().to_owned()),
        holder: holder.map(|h| network.name(h, lang)),
        telephone: holder.and_then(|h| network.telephone(h)),
        code,
        join: (joinable && file.is_some()).then_some(open.other),
    })
}

#[expect(clippy::too_many_arguments, reason = "the facts of one row")]
fn joined_row(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    network: &Network,
    joined: &JoinedRecord,
    case: CaseId,
    supervises: bool,
    now: DateTime<Utc>,
) -> Result<Option<JoinedRow>, ActError> {
    let Some(file) = CaseFile::load(tx, case)?.filter(|f| !f.is_protected()) else {
        return Ok(None);
    };
    let view = visible(&file.facts(), &viewer.sight(network), now);
    let mechanism = desk.version(tx, &file.record.mechanism_hash)?;
    let in_time = joining::undo(Some(joined.at), now).is_ok();
    Ok(Some(JoinedRow {
        code: case_code(&mechanism, file.seq),
        holder: network.name(file.record.holder_id, viewer.lang),
        case_id: matches!(view, View::File { .. }).then_some(case),
        at: joined.at,
        undo_until: (supervises && in_time).then(|| joining::undo_until(joined.at)),
        younger: joined.case_id,
    }))
}

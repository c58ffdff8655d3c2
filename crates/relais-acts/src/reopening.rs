//! A case goes on again: after an end that was entered in error or a person
//! who was found, and after a closure (DOMAIN F7.09, MON.03). The supervisor
//! says why; needs that open again have a new clock; what had ended stays so,
//! and a service that the end had cut off may be asked again.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use relais_casework::ending::{self, Again};
use relais_casework::need::{NeedState, reopen as open_again};
use relais_casework::referral::State;
use relais_casework::visible::{CaseState, Shown, visible_need};
use relais_mechanism::{ActingFor, Role};
use relais_network::{CaseId, NeedId, ServiceId};
use relais_store::Tx;
use relais_store::rows::cases::{self, CaseRecord};
use relais_store::rows::endings;
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::codes::case_code;
use crate::desk::{Desk, Viewer};
use crate::ending::{load_supervised, refused, state_of};
use crate::file::CaseFile;
use crate::overrides;
use crate::problem::ActError;
use crate::rules::Rulebook;
use crate::say::say;
use crate::views::Made;
use crate::write::{self, Doer, Stream};
use crate::{closing, plan, share, stops};

/// Longest reason, in characters.
pub const WORDS: usize = 500;

/// Reopen a case.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReopenCase {
    /// Id of the act, made by its maker.
    pub id: Uuid,
    /// Version of the case that the maker saw.
    pub version: i64,
    /// Why.
    pub reason: String,
    /// Unmet and partly met needs that are open again; what an end had cut off
    /// is open again in any case.
    #[serde(default)]
    pub needs: Vec<Uuid>,
}

/// A need that a reopening may open again.
#[derive(Debug, Clone, Serialize)]
pub struct NeedAgain {
    /// Need.
    pub id: NeedId,
    /// As the viewer may read it.
    pub label: String,
    /// Where it stands.
    pub state: NeedState,
    /// Whether it opens again in any case.
    pub always: bool,
}

/// What reopening a case would do.
#[derive(Debug, Clone, Serialize)]
pub struct ReopenView {
    /// Case.
    pub case_id: CaseId,
    /// Its code.
    pub case_code: String,
    /// Its version.
    pub version: i64,
    /// Whether it had ended; else it was closed.
    pub ended: bool,
    /// Needs that open again, or may.
    pub needs: Vec<NeedAgain>,
    /// Why it cannot be reopened: (sentence, remedy).
    pub refused: Option<(String, String)>,
}

/// What reopening the case would do, before it is done.
///
/// # Errors
/// [`ActError::NotFound`], [`ActError::Forbidden`] for whoever does not
/// supervise the case.
pub async fn view(desk: &Arc<Desk>, viewer: &Viewer, case: CaseId) -> Result<ReopenView, ActError> {
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let (file, sight, _) = load_supervised(tx, &desk_, &viewer_, case)?;
        let mechanism = desk_.version(tx, &file.record.mechanism_hash)?;
        let lang = viewer_.lang;
        let needs = file
            .needs
            .iter()
            .filter_map(|need| {
                let again = ending::again(&need.detail.machine);
                let labels = share::labels(&mechanism, &need.detail.service);
                (again != Again::Never).then(|| NeedAgain {
                    id: need.record.id,
                    label: visible_need(&labels, &sight, true, true, Shown::File)
                        .map_or_else(String::new, |l| l.get(lang).to_owned()),
                    state: need.detail.machine.state,
                    always: again == Again::Always,
                })
            })
            .collect();
        let view = ReopenView {
            case_id: case,
            case_code: case_code(&mechanism, file.seq),
            version: file.record.version,
            ended: state_of(&file) == CaseState::Ended,
            needs,
            refused: ending::may_reopen(state_of(&file))
                .err()
                .map(|r| (r.message().get(lang).to_owned(), r.remedy().get(lang).to_owned())),
        };
        Ok((view, vec![case]))
    })
    .await
}

/// Reopens the case.
///
/// # Errors
/// [`ActError::NotFound`]; [`ActError::Forbidden`] for whoever does not
/// supervise the case; [`ActError::Stale`]; [`ActError::Invalid`] without a
/// reason or for a need that does not open again; [`ActError::Refused`] where
/// the case is open.
pub async fn reopen(desk: &Arc<Desk>, viewer: &Viewer, case: CaseId, command: ReopenCase) -> Result<Made, ActError> {
    let (desk_, viewer) = (Arc::clone(desk), viewer.clone());
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            write::once(tx, &viewer, "reopen", command.id, &(case, &command), |tx| {
                reopen_in(tx, &desk_, &viewer, case, &command)
            })
        })
        .await
}

fn check(file: &CaseFile, command: &ReopenCase) -> Result<(), ActError> {
    let reason = command.reason.trim();
    if reason.is_empty() {
        return Err(ActError::field(
            "reason",
            "required",
            (
                "Écrivez pourquoi le dossier est rouvert.",
                "Write why the case is reopened.",
            ),
        ));
    }
    ActError::unless_within("reason", reason, WORDS)?;
    let opens = |id: &Uuid| {
        file.need(NeedId(*id))
            .is_some_and(|n| ending::again(&n.detail.machine) != Again::Never)
    };
    if !command.needs.iter().all(opens) {
        return Err(ActError::field(
            "needs",
            "unknown_option",
            ("Choisissez des besoins de la liste.", "Choose needs from the list."),
        ));
    }
    Ok(())
}

fn reopen_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    case: CaseId,
    command: &ReopenCase,
) -> Result<Made, ActError> {
    // Locked first, which counts the version up by one.
    cases::lock_case(tx, case)?;
    let (mut file, _, _) = load_supervised(tx, desk, viewer, case)?;
    file.unless_stale(command.version)?;
    ending::may_reopen(state_of(&file)).map_err(refused)?;
    check(&file, command)?;

    let now = tx.now()?;
    let mechanism = desk.version(tx, &file.record.mechanism_hash)?;
    let doer = Doer::of(viewer, ActingFor::Sender);
    let mut stream = Stream::lock(tx, case, file.record.slot, doer, mechanism.hash())?;
    let facts = json!({ "from": file.record.state });
    stream.add(tx, case.0, "case_reopened", &facts, now, command.reason.trim())?;
    let record = CaseRecord {
        state: CaseState::Open.code().to_owned(),
        closed_at: None,
        close_reason: None,
        ..file.record.clone()
    };
    record.update(tx)?;
    reopen_needs(tx, desk, &mut file, &command.needs, &mut stream, now)?;
    // What the end had silenced is due again.
    stops::resume(tx, desk, case)?;
    resume_overrides(tx, case, now)?;
    plan::resume(tx, case)?;
    closing::undone(tx, case)?;
    write::count(tx, &file, &file.record.region, "all", "cases_reopened")?;
    write::notice(
        tx,
        "case_reopened",
        Some(file.record.holder_id),
        Role::CaseManager,
        case.0,
    )?;
    Ok(Made {
        id: command.id,
        code: case_code(&mechanism, file.seq),
        version: record.version,
    })
}

fn reopen_needs(
    tx: &mut Tx<'_>,
    desk: &Desk,
    file: &mut CaseFile,
    chosen: &[Uuid],
    stream: &mut Stream<'_>,
    now: DateTime<Utc>,
) -> Result<(), ActError> {
    let (holder, slot, region) = (file.record.holder_id, file.record.slot, file.record.region.clone());
    let protected = file.is_protected();
    let facts = crate::needs::limit_facts(file);
    let cut_off: Vec<(NeedId, ServiceId)> = file
        .referrals
        .iter()
        .filter(|r| r.machine.state == State::Ended)
        .map(|r| (r.record.need_id, r.detail.service))
        .collect();
    for need in &mut file.needs {
        let id = need.record.id;
        let opens = match ending::again(&need.detail.machine) {
            Again::Always => true,
            Again::IfChosen => chosen.contains(&id.0),
            Again::Never => false,
        };
        if !opens {
            continue;
        }
        let mechanism = desk.version(tx, &need.record.mechanism_hash)?;
        let (priority, service) = (need.detail.machine.priority, need.detail.service.clone());
        let rulebook = Rulebook::new(desk, mechanism, priority, &service, &region, false, facts)?;
        let due = rulebook.times.need(priority, now);
        let untried = cut_off.iter().filter(|(n, _)| *n == id).map(|(_, s)| *s).collect();
        let event = open_again(&need.detail.machine, due, untried).map_err(|refusal| ActError::Refused {
            code: refusal.code().to_owned(),
            why: refusal.message(),
            remedy: refusal.remedy(),
        })?;
        need.detail.machine = need.detail.machine.apply(&event);
        write::save_need(tx, need, slot, holder, false)?;
        let facts = json!({ "due": need.record.due_at });
        stream.add(tx, id.0, "need_reopened", &facts, now, "")?;
        write::count_where(tx, protected, &region, &need.record.group_code, "needs_reopened")?;
    }
    Ok(())
}

/// The steps of a co-signature that are still to come; a limit that has passed
/// stands in its owner's list as late.
fn resume_overrides(tx: &mut Tx<'_>, case: CaseId, now: DateTime<Utc>) -> Result<(), ActError> {
    for (id, at, due, version) in endings::waiting_overrides(tx, case)? {
        let rungs = overrides::rungs(at, due).into_iter();
        write::due_work(tx, id, version, rungs.filter(|(_, at)| *at > now))?;
    }
    Ok(())
}

/// Why a case was reopened is said in its history by this.
#[must_use]
pub const fn from_says(from: &str, lang: relais_mechanism::Lang) -> &'static str {
    match from.as_bytes() {
        b"ended" => say(lang, "après un arrêt", "after an end"),
        _ => say(lang, "après une clôture", "after a closure"),
    }
}

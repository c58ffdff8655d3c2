//! The end of a case that nobody chose: death, departure, detention,
//! whereabouts unknown (DESIGN §5 `ended`; DOMAIN F7.14).
//!
//! One act of the holder's supervisor stops everything at once: referrals end
//! and give their needs back as unmet, nothing is due any more, no message that
//! waits is sent, links and slips open nothing, and the file is read and no
//! longer written. Whoever had a referral is told that it has ended, and not
//! why: the reason stands sealed in the case's chain, for its team.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use relais_casework::calendar::local_date;
use relais_casework::ending;
use relais_casework::need::{NeedCommand, decide_need};
use relais_casework::referral::{Actor, Command, EndReason};
use relais_casework::visible::{CaseState, Shown, View, visible_need};
use relais_mechanism::{ActingFor, Channel, Lang, Mechanism, Role};
use relais_network::{CaseId, ReferralId};
use relais_store::rows::accounts::UserRecord;
use relais_store::rows::cases::{self, CaseRecord};
use relais_store::rows::{endings, links};
use relais_store::{StoreError, Tx, chain};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::codes::{case_code, referral_code};
use crate::desk::{Desk, Viewer};
use crate::duplicates;
use crate::file::CaseFile;
use crate::network::Network;
use crate::problem::ActError;
use crate::referrals;
use crate::rules::{self, Rulebook};
use crate::share;
use crate::shelter::{self, Names};
use crate::transfers;
use crate::views::Made;
use crate::write::{self, Doer, Stream};

/// Kind of the event that says so.
pub const EVENT: &str = "case_ended";
/// The list of reasons (DOMAIN F7.14).
pub const REASONS: &str = "exit_reason";
/// Longest words on where it is known from, in characters.
pub const WORDS: usize = 300;

/// End a case.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndCase {
    /// Id of the act, made by its maker.
    pub id: Uuid,
    /// Version of the case that the maker saw.
    pub version: i64,
    /// What happened.
    pub reason: EndReason,
    /// The day on which it happened, or was known.
    pub on: NaiveDate,
    /// From whom or what it is known.
    pub source: String,
}

/// What is kept of an end, sealed under the case's key.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Told {
    reason: EndReason,
    on: NaiveDate,
    source: String,
}

/// That a case has ended, for its team.
#[derive(Debug, Clone, Serialize)]
pub struct Ending {
    /// When it was written.
    pub at: DateTime<Utc>,
    /// By whom.
    pub by: Option<String>,
    /// What happened.
    pub reason: EndReason,
    /// The same in words.
    pub reason_label: String,
    /// The day on which it happened, or was known.
    pub on: NaiveDate,
    /// From whom or what it is known.
    pub source: String,
    /// Whether the search for missing and deceased migrants is offered to kin.
    pub kin: bool,
}

/// A referral that the end would stop.
#[derive(Debug, Clone, Serialize)]
pub struct EndedReferral {
    /// Referral.
    pub id: ReferralId,
    /// Code.
    pub code: String,
    /// The need, as the viewer may read it.
    pub label: String,
    /// Provider's organisation.
    pub provider: String,
    /// Its telephone.
    pub telephone: Option<String>,
    /// Whether it has an account, and so is told by Relais.
    pub has_account: bool,
}

/// What ending a case would do.
#[derive(Debug, Clone, Serialize)]
pub struct EndView {
    /// Case.
    pub case_id: CaseId,
    /// Its code.
    pub case_code: String,
    /// Its version.
    pub version: i64,
    /// Today, where the case is.
    pub today: NaiveDate,
    /// Referrals that would end.
    pub referrals: Vec<EndedReferral>,
    /// Needs that would stay unmet.
    pub needs: usize,
    /// Why it cannot be ended: (sentence, remedy).
    pub refused: Option<(String, String)>,
}

/// Whether the viewer supervises the case for its holder: who may end and
/// reopen it.
#[must_use]
pub fn supervises(view: &View, file: &CaseFile, viewer: &Viewer) -> bool {
    view.is_whole() && file.record.holder_id == viewer.organisation && viewer.is(Role::Supervisor)
}

/// The case for whoever supervises it; of somebody who was erased, only that
/// they were.
pub(crate) fn load_supervised(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    case: CaseId,
) -> Result<(CaseFile, View, Arc<Network>), ActError> {
    let (file, view, network) = CaseFile::see(tx, desk, viewer, case)?;
    if !supervises(&view, &file, viewer) {
        Err(ActError::Forbidden { code: "supervise_case" })
    } else if file.erased {
        Err(ActError::Erased)
    } else {
        Ok((file, view, network))
    }
}

pub(crate) fn state_of(file: &CaseFile) -> CaseState {
    CaseState::from_code(&file.record.state).unwrap_or(CaseState::Ended)
}

pub(crate) fn refused(refusal: ending::EndingRefusal) -> ActError {
    ActError::Refused {
        code: refusal.code().to_owned(),
        why: refusal.message(),
        remedy: refusal.remedy(),
    }
}

/// What ending the case would do, before it is done.
///
/// # Errors
/// [`ActError::NotFound`], [`ActError::Forbidden`] for whoever does not
/// supervise the case.
pub async fn view(desk: &Arc<Desk>, viewer: &Viewer, case: CaseId) -> Result<EndView, ActError> {
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let (file, sight, network) = load_supervised(tx, &desk_, &viewer_, case)?;
        let mechanism = desk_.version(tx, &file.record.mechanism_hash)?;
        let now = tx.now()?;
        let lang = viewer_.lang;
        let names = Names::new(&network, &viewer_);
        let on_call = shelter::on_call(tx, &mechanism, &file.record, lang)?;
        let referrals = file
            .referrals
            .iter()
            .filter(|r| !r.machine.state.is_terminal())
            .map(|r| EndedReferral {
                id: r.record.id,
                code: referral_code(r.record.year, r.seq),
                label: visible_need(
                    &share::labels(&mechanism, &r.detail.service_type),
                    &sight,
                    true,
                    true,
                    Shown::File,
                )
                .map_or_else(String::new, |l| l.get(lang).to_owned()),
                provider: names.provider(r),
                telephone: if names.hides_provider(r) {
                    on_call.first().map(|l| l.number.clone())
                } else {
                    names.telephone(r.record.provider_id)
                },
                has_account: network.with_account.contains(&r.record.provider_id),
            })
            .collect();
        let view = EndView {
            case_id: case,
            case_code: case_code(&mechanism, file.seq),
            version: file.record.version,
            today: local_date(now),
            referrals,
            needs: file.needs.iter().filter(|n| n.detail.machine.state.is_live()).count(),
            refused: ending::may_end(state_of(&file))
                .err()
                .map(|r| (r.message().get(lang).to_owned(), r.remedy().get(lang).to_owned())),
        };
        Ok((view, vec![case]))
    })
    .await
}

/// Ends the case.
///
/// # Errors
/// [`ActError::NotFound`]; [`ActError::Forbidden`] for whoever does not
/// supervise the case; [`ActError::Stale`]; [`ActError::Invalid`] for a day to
/// come or words missing; [`ActError::Refused`] where the case is not open.
pub async fn end(desk: &Arc<Desk>, viewer: &Viewer, case: CaseId, command: EndCase) -> Result<Made, ActError> {
    let (desk_, viewer) = (Arc::clone(desk), viewer.clone());
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            write::once(tx, &viewer, "end", command.id, &(case, &command), |tx| {
                end_in(tx, &desk_, &viewer, case, &command)
            })
        })
        .await
}

fn check(command: &EndCase, now: DateTime<Utc>) -> Result<(), ActError> {
    if command.on > local_date(now) {
        return Err(ActError::field(
            "on",
            "in_the_future",
            ("Cette date est à venir.", "This date lies ahead."),
        ));
    }
    let source = command.source.trim();
    if source.is_empty() {
        return Err(ActError::field(
            "source",
            "required",
            (
                "Écrivez de qui ou d’où vous le savez.",
                "Write from whom or what you know it.",
            ),
        ));
    }
    ActError::unless_within("source", source, WORDS)
}

fn end_in(tx: &mut Tx<'_>, desk: &Desk, viewer: &Viewer, case: CaseId, command: &EndCase) -> Result<Made, ActError> {
    // Locked first, which counts the version up by one.
    cases::lock_case(tx, case)?;
    let (mut file, _, network) = load_supervised(tx, desk, viewer, case)?;
    file.unless_stale(command.version)?;
    ending::may_end(state_of(&file)).map_err(refused)?;
    let now = tx.now()?;
    check(command, now)?;

    let mechanism = desk.version(tx, &file.record.mechanism_hash)?;
    let doer = Doer::of(viewer, ActingFor::Sender);
    let mut stream = Stream::lock(tx, case, file.record.slot, doer, mechanism.hash())?;
    // Before the referrals end: that they have is then all that is still to be sent.
    endings::drop_unsent(tx, case)?;
    let channel = if viewer.api { Channel::Api } else { Channel::Screen };
    let actor = rules::actor(viewer, ActingFor::Sender, channel);
    transfers::take_back(tx, desk, &mut file, &network, &actor, &mut stream, now)?;
    end_referrals(tx, desk, &mut file, &network, &actor, command.reason, &mut stream, now)?;
    end_needs(tx, desk, &mut file, &actor, &mut stream, now)?;
    crate::handovers::withdraw_standing(tx, &mut file)?;
    duplicates::lapse_of(tx, desk, &network, &file.record)?;
    crate::closing::overtaken(tx, case, &mut stream, now)?;
    endings::clear_due(tx, case)?;

    let told = Told {
        reason: command.reason,
        on: command.on,
        source: command.source.trim().to_owned(),
    };
    let words = serde_json::to_string(&told).map_err(|e| StoreError::Schema(e.to_string()))?;
    stream.add(tx, case.0, EVENT, &json!({}), now, &words)?;
    let record = CaseRecord {
        state: CaseState::Ended.code().to_owned(),
        closed_at: Some(now),
        close_reason: None,
        ..file.record.clone()
    };
    record.update(tx)?;
    write::count(tx, &file, &file.record.region, "all", "cases_ended")?;
    Ok(Made {
        id: command.id,
        code: case_code(&mechanism, file.seq),
        version: record.version,
    })
}

#[expect(clippy::too_many_arguments, reason = "the parts of one unit of work")]
fn end_referrals(
    tx: &mut Tx<'_>,
    desk: &Desk,
    file: &mut CaseFile,
    network: &Network,
    actor: &Actor,
    reason: EndReason,
    stream: &mut Stream<'_>,
    now: DateTime<Utc>,
) -> Result<(), ActError> {
    let all: Vec<(ReferralId, bool)> = file
        .referrals
        .iter()
        .map(|r| (r.record.id, r.machine.state.is_terminal()))
        .collect();
    for (id, over) in all {
        if !over {
            let command = Command::End { reason };
            referrals::give(tx, desk, file, network, id, &command, actor, now, "", stream)?;
        }
        links::replace(tx, id, now)?;
    }
    Ok(())
}

/// The needs that no referral gave back.
fn end_needs(
    tx: &mut Tx<'_>,
    desk: &Desk,
    file: &mut CaseFile,
    actor: &Actor,
    stream: &mut Stream<'_>,
    now: DateTime<Utc>,
) -> Result<(), ActError> {
    let (holder, slot, region) = (file.record.holder_id, file.record.slot, file.record.region.clone());
    let protected = file.is_protected();
    let facts = crate::needs::limit_facts(file);
    for need in file.needs.iter_mut().filter(|n| n.detail.machine.state.is_live()) {
        let mechanism = desk.version(tx, &need.record.mechanism_hash)?;
        let (priority, service) = (need.detail.machine.priority, need.detail.service.clone());
        let rulebook = Rulebook::new(desk, mechanism, priority, &service, &region, false, facts)?;
        let ctx = rulebook.context(now, now, holder);
        let event =
            decide_need(&need.detail.machine, &NeedCommand::End, actor, &ctx).map_err(|refusal| ActError::Refused {
                code: refusal.code().to_owned(),
                why: refusal.message(),
                remedy: refusal.remedy(),
            })?;
        need.detail.machine = need.detail.machine.apply(&event);
        write::save_need(tx, need, slot, holder, false)?;
        stream.add(tx, need.record.id.0, "need_unmet", &json!({}), now, "")?;
        write::count_where(tx, protected, &region, &need.record.group_code, "needs_unmet")?;
    }
    Ok(())
}

/// The end of the case as its team reads it; none while the case goes on.
pub(crate) fn of_case(
    tx: &mut Tx<'_>,
    mechanism: &Mechanism,
    file: &CaseFile,
    lang: Lang,
) -> Result<Option<Ending>, ActError> {
    if file.erased || state_of(file) != CaseState::Ended {
        return Ok(None);
    }
    let Some(event) = chain::last_of(tx, file.record.id.0, EVENT)? else {
        return Ok(None);
    };
    let words = event.words(&tx.sealer(), file.record.slot).map_err(StoreError::from)?;
    let told: Told =
        serde_json::from_slice(&words).map_err(|_| StoreError::Schema("event.sealed: not readable".to_owned()))?;
    let meta: serde_json::Value = serde_json::from_str(&event.meta).unwrap_or_default();
    let by = meta["by"]["user"].as_str().and_then(|id| Uuid::parse_str(id).ok());
    let by = match by {
        Some(user) => UserRecord::find(tx, relais_network::UserId(user))?.map(|u| u.display_name),
        None => None,
    };
    Ok(Some(Ending {
        at: event.happened_at,
        by,
        reason: told.reason,
        reason_label: mechanism
            .option_label(REASONS, told.reason.code(), lang)
            .unwrap_or(told.reason.code())
            .to_owned(),
        on: told.on,
        source: told.source,
        kin: told.reason.concerns_kin(),
    }))
}

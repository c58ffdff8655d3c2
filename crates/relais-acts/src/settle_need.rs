//! A need that no referral meets comes to its end by a decision: given up as
//! unmet, with the reason that counts in the map of unmet needs, or dropped by
//! the person. Never while a request is open.

use std::sync::Arc;

use relais_casework::need::{NeedCommand, NeedEvent, NeedRefusal, NeedState, UnmetReason, decide_need};
use relais_casework::visible::{Shown, visible_need};
use relais_mechanism::{ActingFor, Channel};
use relais_network::NeedId;
use relais_store::Tx;
use relais_store::rows::cases::{self, NeedRecord};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::codes::case_code;
use crate::desk::{Desk, Viewer};
use crate::needs::WORDS;
use crate::problem::ActError;
use crate::refer::open_need;
use crate::referral_view;
use crate::rules::{self, Rulebook};
use crate::share;
use crate::views::{Made, SettleView};
use crate::write::{self, Doer, Stream};

/// Settle a need without a service.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SettleNeed {
    /// Id of the act, made by its maker.
    pub id: Uuid,
    /// Version of the need that the maker saw.
    pub version: i64,
    /// Why it stays unmet; none where the person does not want it any more.
    #[serde(default)]
    pub reason: Option<UnmetReason>,
    /// The person does not want it any more.
    #[serde(default)]
    pub dropped: bool,
    /// In few words, 500 characters at most; needed with the reason "other".
    #[serde(default)]
    pub words: String,
}

/// The page on which a need is settled without a service.
///
/// # Errors
/// [`ActError::NotFound`] for whoever does not work on the case.
pub async fn view(desk: &Arc<Desk>, viewer: &Viewer, need: NeedId) -> Result<SettleView, ActError> {
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let (file, network, mechanism) = open_need(tx, &desk_, &viewer_, need)?;
        let lang = viewer_.lang;
        let open = file.need(need).ok_or(ActError::NotFound)?;
        let machine = &open.detail.machine;
        let (sight, _) = file.seen_by(tx, &desk_, &viewer_)?;
        let labels = share::labels(&mechanism, &open.detail.service);
        let label = visible_need(&labels, &sight, true, true, Shown::File).ok_or(ActError::NotFound)?;
        let refusal = if !machine.state.is_live() {
            Some(NeedRefusal::NotLive { state: machine.state })
        } else if machine.open.is_empty() {
            None
        } else {
            Some(NeedRefusal::StillReferred)
        };
        let view = SettleView {
            need_id: need,
            version: machine.version,
            case_id: file.record.id,
            case_code: case_code(&mechanism, file.seq),
            label: label.get(lang).to_owned(),
            priority: machine.priority,
            state: machine.state,
            chain: referral_view::of_need(&mechanism, &network, &viewer_, &file, need, None),
            blocked: refusal.map(|r| (r.message().get(lang).to_owned(), r.remedy().get(lang).to_owned())),
        };
        Ok((view, vec![file.record.id]))
    })
    .await
}

/// Gives a need up as unmet, or notes that the person does not want it any more.
///
/// # Errors
/// [`ActError::NotFound`], [`ActError::Stale`], [`ActError::Invalid`],
/// [`ActError::Refused`] while a request is open.
pub async fn settle(desk: &Arc<Desk>, viewer: &Viewer, need: NeedId, command: SettleNeed) -> Result<Made, ActError> {
    let (desk_, viewer) = (Arc::clone(desk), viewer.clone());
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            write::once(tx, &viewer, "settle_need", command.id, &(need, &command), |tx| {
                settle_in(tx, &desk_, &viewer, need, &command)
            })
        })
        .await
}

/// What is asked, read from the body.
fn asked(command: &SettleNeed) -> Result<NeedCommand, ActError> {
    let words = command.words.trim();
    ActError::unless_within("words", words, WORDS)?;
    match (command.reason, command.dropped) {
        (None, true) => Ok(NeedCommand::Drop),
        (Some(UnmetReason::Other), false) if words.is_empty() => Err(ActError::field(
            "words",
            "required",
            (
                "Dites en peu de mots pourquoi personne n’a pu aider.",
                "Say in few words why nobody could help.",
            ),
        )),
        (Some(reason), false) => Ok(NeedCommand::DeclareUnmet { reason }),
        _ => Err(ActError::field(
            "reason",
            "required",
            (
                "Choisissez pourquoi ce besoin s’arrête là.",
                "Choose why this need ends here.",
            ),
        )),
    }
}

fn settle_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    id: NeedId,
    command: &SettleNeed,
) -> Result<Made, ActError> {
    let case = NeedRecord::find(tx, id)?.ok_or(ActError::NotFound)?.case_id;
    cases::lock_case(tx, case)?;
    let (mut file, _, _) = open_need(tx, desk, viewer, id)?;
    let told = asked(command)?;
    let now = tx.now()?;
    let (holder, slot, region) = (file.record.holder_id, file.record.slot, file.record.region.clone());
    let protected = file.is_protected();
    let facts = crate::needs::limit_facts(&file);
    let Some(need) = file.needs.iter_mut().find(|n| n.record.id == id) else {
        return Err(ActError::NotFound);
    };
    let machine = &need.detail.machine;
    ActError::unless_current(command.version, machine.version)?;
    let mechanism = desk.version(tx, &need.record.mechanism_hash)?;
    let rulebook = Rulebook::new(
        desk,
        Arc::clone(&mechanism),
        machine.priority,
        &need.detail.service,
        &region,
        false,
        facts,
    )?;
    // A person's own word, heard by the case's team: the machine takes it from them only.
    let acting_for = if matches!(told, NeedCommand::Drop) {
        ActingFor::Person
    } else {
        ActingFor::Sender
    };
    let channel = if viewer.api { Channel::Api } else { Channel::Screen };
    let actor = rules::actor(viewer, acting_for, channel);
    let event = decide_need(machine, &told, &actor, &rulebook.context(now, now, holder))?;
    let kind = match &event {
        NeedEvent::Dropped => "need_dropped",
        _ => "need_unmet",
    };
    need.detail.machine = machine.apply(&event);
    write::save_need(tx, need, slot, holder, false)?;
    let state = need.detail.machine.state;
    let group = need.record.group_code.clone();
    let version = need.detail.machine.version;
    debug_assert!(matches!(state, NeedState::Unmet | NeedState::Dropped), "{state}");
    let doer = Doer {
        channel,
        ..Doer::of(viewer, acting_for)
    };
    let mut stream = Stream::lock(tx, case, slot, doer, mechanism.hash())?;
    let reason = command.reason;
    stream.add(tx, id.0, kind, &json!({ "reason": reason }), now, command.words.trim())?;
    write::count_where(tx, protected, &region, &group, &format!("needs_{state}"))?;
    if let Some(reason) = reason {
        write::count_where(tx, protected, &region, &group, &format!("needs_unmet_{reason}"))?;
    }
    Ok(Made {
        id: command.id,
        code: case_code(&mechanism, file.seq),
        version,
    })
}

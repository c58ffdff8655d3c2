//! Calls about late work: "called, who answered, what was promised", noted by
//! the mechanism's office on the wait that is late. The words are sealed under
//! the case's key.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use relais_casework::calendar::local_date;
use relais_casework::referral::DueKind;
use relais_casework::visible::{Shown, View, visible_need};
use relais_mechanism::ActingFor;
use relais_network::{CaseId, LateCallId, NeedId, OrganisationId, ReferralId};
use relais_store::Tx;
use relais_store::rows::accounts::UserRecord;
use relais_store::rows::cases::{self, NeedRecord, ReferralRecord};
use relais_store::rows::coordination::{self as rows, LateCallRecord};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::office;
use crate::case::clock;
use crate::codes::{case_code, referral_code};
use crate::desk::{Desk, Viewer};
use crate::file::{CaseFile, find_referral, open_unless_erased, seal};
use crate::network::Network;
use crate::problem::{ActError, FieldProblem};
use crate::say::say;
use crate::share;
use crate::shelter::Names;
use crate::views::{CallNote, LateSubject, Made};
use crate::write::{self, Doer, Stream};

/// Longest words, in characters.
const WORDS: usize = 300;
/// Calls shown of one wait.
const SHOWN: i64 = 20;

/// Note a call about late work.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoteLateCall {
    /// Id of the note, made by its maker.
    pub id: Uuid,
    /// "telephone" or "letter".
    pub channel: String,
    /// Who answered, with function; 300 characters at most, nothing about the person.
    pub answered_by: String,
    /// What was promised; 300 characters at most, nothing about the person.
    #[serde(default)]
    pub promised: String,
    /// By when.
    #[serde(default)]
    pub promised_on: Option<NaiveDate>,
}

impl NoteLateCall {
    /// All that is wrong with it.
    #[must_use]
    pub fn mistakes(&self) -> Vec<FieldProblem> {
        let mut wrong = Vec::new();
        if !["telephone", "letter"].contains(&self.channel.as_str()) {
            let choose = ("Appel ou lettre : choisissez.", "Call or letter: choose.");
            wrong.push(FieldProblem::new("channel", "unknown_option", choose));
        }
        if self.answered_by.trim().is_empty() {
            let write = (
                "Écrivez qui a répondu, ou « personne ».",
                "Write who answered, or “nobody”.",
            );
            wrong.push(FieldProblem::new("answered_by", "required", write));
        }
        for (field, text) in [("answered_by", &self.answered_by), ("promised", &self.promised)] {
            wrong.extend(FieldProblem::too_long(field, text.trim(), WORDS));
        }
        wrong
    }
}

/// The words of a call, sealed.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Words {
    answered_by: String,
    promised: String,
}

/// A late wait, as the office reads it.
struct Late {
    file: CaseFile,
    network: Arc<Network>,
    referral: bool,
    code: String,
    /// Whoever must move.
    holder: Option<OrganisationId>,
    service_type: String,
}

/// The case of a need or referral, for the mechanism's office.
fn case_of(tx: &mut Tx<'_>, viewer: &Viewer, id: Uuid) -> Result<CaseId, ActError> {
    if office(viewer).is_none() {
        return Err(ActError::NotFound);
    }
    match ReferralRecord::find(tx, ReferralId(id))? {
        Some(record) => Ok(record.case_id),
        None => Ok(NeedRecord::find(tx, NeedId(id))?.ok_or(ActError::NotFound)?.case_id),
    }
}

/// The wait behind an id, for the mechanism's office.
fn find(tx: &mut Tx<'_>, desk: &Desk, viewer: &Viewer, id: Uuid) -> Result<Late, ActError> {
    let case = case_of(tx, viewer, id)?;
    let (file, view, network) = CaseFile::load_for(tx, desk, viewer, case)?;
    if !matches!(view, View::Office) {
        return Err(ActError::NotFound);
    }
    let referral = file.referral(ReferralId(id));
    let is_referral = referral.is_some();
    let (code, holder, service_type) = if let Some(open) = referral {
        let holder = open
            .machine
            .wait
            .as_ref()
            .and_then(|w| w.owner.organisation(file.record.holder_id, open.record.provider_id));
        (
            referral_code(open.record.year, open.seq),
            holder,
            open.detail.service_type.clone(),
        )
    } else {
        let need = file.need(NeedId(id)).ok_or(ActError::NotFound)?;
        let mechanism = desk.version(tx, &file.record.mechanism_hash)?;
        let holder = need.detail.machine.owner(file.record.holder_id).map(|(o, _)| o);
        (case_code(&mechanism, file.seq), holder, need.detail.service.clone())
    };
    Ok(Late {
        referral: is_referral,
        file,
        network,
        code,
        holder,
        service_type,
    })
}

/// A late wait with the calls made about it.
///
/// # Errors
/// [`ActError::NotFound`] for whoever is not of the office that sees it.
pub async fn subject(desk: &Arc<Desk>, viewer: &Viewer, id: Uuid) -> Result<LateSubject, ActError> {
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let late = find(tx, &desk_, &viewer_, id)?;
        let (now, lang) = (tx.now()?, viewer_.lang);
        let mechanism = desk_.version(tx, &late.file.record.mechanism_hash)?;
        let labels = share::labels(&mechanism, &late.service_type);
        let label = visible_need(&labels, &View::Office, true, false, Shown::List).ok_or(ActError::NotFound)?;
        let open = late.file.referral(ReferralId(id));
        let need = late.file.need(NeedId(id));
        let running = match (open, need) {
            (Some(r), _) => r
                .machine
                .wait
                .as_ref()
                .map(|w| clock(w.kind, w.due.start, w.due.at, now)),
            (None, Some(n)) if n.detail.machine.state.is_live() => {
                let due = &n.detail.machine.due;
                Some(clock(DueKind::Need, due.start, due.at, now))
            }
            _ => None,
        };
        let priority = open
            .map(|r| r.machine.priority)
            .or_else(|| need.map(|n| n.detail.machine.priority))
            .ok_or(ActError::NotFound)?;
        let names = Names::of_case(&late.network, &viewer_, &late.file).for_office();
        let hidden = late.holder.is_some_and(|h| names.hides(h));
        let mut telephones = match (open, late.holder) {
            (Some(r), Some(_)) if hidden => names.telephones(tx, &mechanism, &late.file, r)?,
            (Some(r), Some(holder)) if holder == r.record.provider_id && !r.record.restricted => {
                late.network.telephones(r.detail.service, holder)
            }
            _ => Vec::new(),
        };
        let own = late.holder.and_then(|h| names.telephone(h));
        if let Some(own) = own.filter(|n| !telephones.contains(n)) {
            telephones.push(own);
        }
        let slot = late.file.record.slot;
        let calls = rows::calls_of(tx, id, SHOWN)?
            .iter()
            .filter_map(|call| said(tx, &names, call, slot, now).transpose())
            .collect::<Result<_, _>>()?;
        let waits = running.is_some();
        let view = LateSubject {
            now,
            subject: id,
            referral: late.referral,
            code: late.code,
            label: label.get(lang).to_owned(),
            priority,
            holder: match late.holder {
                Some(holder) => names.name(holder),
                None if waits => say(lang, "Secrétariat technique", "Technical secretariat").to_owned(),
                None => "–".to_owned(),
            },
            telephones,
            clock: running,
            calls,
        };
        Ok((view, vec![late.file.record.id]))
    })
    .await
}

/// A call in words; none about somebody who was erased.
pub(super) fn said(
    tx: &mut Tx<'_>,
    names: &Names<'_>,
    call: &LateCallRecord,
    slot: i64,
    now: DateTime<Utc>,
) -> Result<Option<CallNote>, ActError> {
    let sealer = tx.sealer();
    let words: Option<Words> = open_unless_erased(&sealer, "late_call", "words", call.id.0, slot, &call.words)?;
    let Some(words) = words else { return Ok(None) };
    let promised_on = call.promised_on.as_deref().and_then(|d| d.parse::<NaiveDate>().ok());
    let hidden = match find_referral(tx, slot, ReferralId(call.subject))? {
        Some(referral) => referral.record.provider_id == call.organisation_id && names.hides_provider(&referral),
        None => false,
    };
    Ok(Some(CallNote {
        at: call.at,
        channel: call.channel.clone(),
        organisation: names.asked(call.organisation_id, hidden),
        by: UserRecord::find(tx, call.by_user)?.map_or_else(String::new, |u| u.display_name),
        answered_by: words.answered_by,
        promised: words.promised,
        promised_on,
        overdue: promised_on.is_some_and(|day| day < local_date(now)),
        subject: call.subject,
    }))
}

/// Notes a call, or a letter handed over.
///
/// # Errors
/// [`ActError::NotFound`], [`ActError::Invalid`], [`ActError::Refused`] where
/// nobody must move any more.
pub async fn note(desk: &Arc<Desk>, viewer: &Viewer, id: Uuid, command: NoteLateCall) -> Result<Made, ActError> {
    let (desk_, viewer) = (Arc::clone(desk), viewer.clone());
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            write::once(tx, &viewer, "late_call", command.id, &(id, &command), |tx| {
                note_in(tx, &desk_, &viewer, id, &command)
            })
        })
        .await
}

fn note_in(tx: &mut Tx<'_>, desk: &Desk, viewer: &Viewer, id: Uuid, command: &NoteLateCall) -> Result<Made, ActError> {
    // Locked before it is read: nobody ends or erases the case meanwhile.
    let case = case_of(tx, viewer, id)?;
    cases::lock_case(tx, case)?;
    let late = find(tx, desk, viewer, id)?;
    let (answered_by, promised) = (command.answered_by.trim(), command.promised.trim());
    let wrong = command.mistakes();
    if !wrong.is_empty() {
        return Err(ActError::Invalid(wrong));
    }
    let Some(organisation) = late.holder else {
        return Err(ActError::refused(
            "nobody_to_call",
            (
                "Plus personne n’est attendu ici.",
                "Nobody is waited for here any more.",
            ),
            ("Revenez à la liste.", "Go back to the list."),
        ));
    };
    let now = tx.now()?;
    let slot = late.file.record.slot;
    let words = Words {
        answered_by: answered_by.to_owned(),
        promised: promised.to_owned(),
    };
    LateCallRecord {
        id: LateCallId(command.id),
        subject: id,
        case_id: case,
        organisation_id: organisation,
        channel: command.channel.clone(),
        by_user: viewer.user,
        at: now,
        promised_on: command.promised_on.map(|d| d.to_string()),
        words: seal(&tx.sealer(), "late_call", "words", command.id, slot, &words)?,
    }
    .insert(tx)?;
    let mechanism = desk.version(tx, &late.file.record.mechanism_hash)?;
    let doer = Doer::of(viewer, ActingFor::Secretariat);
    let mut stream = Stream::lock(tx, case, slot, doer, mechanism.hash())?;
    let facts = json!({ "channel": command.channel, "organisation": organisation });
    stream.add(tx, id, "late_called", &facts, now, "")?;
    Ok(Made {
        id: command.id,
        code: late.code,
        version: 1,
    })
}

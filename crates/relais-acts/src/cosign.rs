//! What waits for a co-signature: the list, one override, and what its
//! sender's side reads of it.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use relais_casework::sharing::{OverrideScope, OverrideState};
use relais_casework::visible::{Shown, View, visible, visible_need};
use relais_mechanism::{Lang, Role};
use relais_network::agreement::Basis;
use relais_network::service::Service;
use relais_network::{CaseId, NeedId, OverrideId, UserId};
use relais_store::rows::accounts::UserRecord;
use relais_store::rows::cases::{self, CaseRecord, DisclosureRecord, OverrideRecord, ReferralRecord};
use relais_store::{StoreError, Tx};

use crate::codes::{case_code, referral_code};
use crate::desk::{Desk, Viewer};
use crate::file::is_erased;
use crate::network::Network;
use crate::overrides::{self, OpenOverride, open_override};
use crate::problem::ActError;
use crate::say::say;
use crate::share;
use crate::shelter::Names;
use crate::views::{CosignList, CosignRow, EmergencyNote, Hand, OverrideNote, OverrideView, VitalRow};

/// Rows that a list reads at most.
const ROWS: i64 = 100;
/// For how long what went as vital stands to be read.
const VITAL_DAYS: i64 = 30;

/// Name of a member of staff.
fn staff(tx: &mut Tx<'_>, user: UserId) -> Result<String, StoreError> {
    Ok(UserRecord::find(tx, user)?.map_or_else(String::new, |u| u.display_name))
}

/// Who must co-sign, in words.
fn owner_says(network: &Network, record: &OverrideRecord, lang: Lang) -> String {
    record.owner_id.map_or_else(
        || say(lang, "secrétariat technique", "technical secretariat").to_owned(),
        |id| network.name(id, lang),
    )
}

/// What waits for the viewer: as supervisor what the own organisation wrote,
/// as supervisor of the secretariat what came up to it.
///
/// # Errors
/// When the store fails.
pub fn waiting(tx: &mut Tx<'_>, desk: &Desk, viewer: &Viewer) -> Result<(Vec<CosignRow>, Vec<CaseId>), ActError> {
    let now = tx.now()?;
    let mut records = Vec::new();
    if viewer.is(Role::Supervisor) {
        records.extend(cases::overrides_to_cosign(tx, viewer.organisation, ROWS)?);
    }
    if viewer.is(Role::SecretariatSupervisor) {
        let known: Vec<OverrideId> = records.iter().map(|r| r.id).collect();
        let escalated = cases::overrides_escalated(tx, now, ROWS)?;
        records.extend(escalated.into_iter().filter(|r| !known.contains(&r.id)));
    }
    if records.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let (network, sealer) = (desk.network_now(tx)?, tx.sealer());
    let outside = viewer.sight(&network).is_outside_protected_circuit();
    let (mut rows, mut shown) = (Vec::new(), Vec::new());
    for record in records {
        let Some(case) = CaseRecord::find(tx, record.case_id)? else {
            continue;
        };
        if outside && case.regime == crate::protection::PROTECTED {
            continue;
        }
        match open_override(&sealer, case.slot, record) {
            Ok(open) => {
                shown.push(case.id);
                rows.push(row(tx, desk, &network, viewer, &case, &open, now)?);
            }
            // One erased person must not take the list from the others.
            Err(error) if is_erased(&error) => {}
            Err(error) => return Err(error.into()),
        }
    }
    rows.sort_by_key(|r: &CosignRow| (r.due, r.id));
    Ok((rows, shown))
}

fn row(
    tx: &mut Tx<'_>,
    desk: &Desk,
    network: &Network,
    viewer: &Viewer,
    case: &CaseRecord,
    open: &OpenOverride,
    now: DateTime<Utc>,
) -> Result<CosignRow, ActError> {
    let (record, exception) = (&open.record, &open.detail.exception);
    let names = Names::new(network, viewer);
    let names = if viewer.organisation == case.holder_id {
        names
    } else {
        names.for_office()
    };
    let hidden = network.is_confidential(open.detail.service);
    let seq = cases::case_seq(tx, case.id)?;
    let role = Role::from_code(&record.owner_role).unwrap_or(Role::Supervisor);
    Ok(CosignRow {
        emergency: exception.is_emergency(),
        id: record.id,
        ground: record.kind.clone(),
        case_code: case_code(desk.version(tx, &case.mechanism_hash)?.as_ref(), seq),
        author: staff(tx, record.author_id)?,
        organisation: names.name(exception.organisation),
        telephone: names.telephone(exception.organisation),
        recipient: names.asked(exception.recipient, hidden),
        hand: Hand {
            yours: viewer.user != exception.author
                && viewer.is(role)
                && record.owner_id.is_none_or(|o| o == viewer.organisation),
            organisation: owner_says(network, record, viewer.lang),
            role: Some(role),
        },
        from: exception.made_at,
        due: exception.cosign_due(),
        late: exception.is_late(now),
    })
}

/// What went without an agreement in the last days because the need was vital: as
/// supervisor what the own organisation sent, as supervisor of the secretariat what
/// anybody did. Nobody need allow it; it is reviewed (DOMAIN §2.9 rule 3).
fn went_as_vital(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    now: DateTime<Utc>,
    shown: &mut Vec<CaseId>,
) -> Result<Vec<VitalRow>, ActError> {
    let since = now - TimeDelta::days(VITAL_DAYS);
    let mut records: Vec<DisclosureRecord> = Vec::new();
    if viewer.is(Role::Supervisor) {
        records.extend(cases::disclosed_as_vital(tx, since, Some(viewer.organisation), ROWS)?);
    }
    if viewer.is(Role::SecretariatSupervisor) {
        let known: Vec<_> = records.iter().map(|r| r.id).collect();
        let all = cases::disclosed_as_vital(tx, since, None, ROWS)?;
        records.extend(all.into_iter().filter(|r| !known.contains(&r.id)));
    }
    let network = desk.network_now(tx)?;
    let outside = viewer.sight(&network).is_outside_protected_circuit();
    let mut rows = Vec::new();
    for record in records {
        let Some(case) = CaseRecord::find(tx, record.case_id)? else {
            continue;
        };
        let Some(referral) = record
            .referral_id
            .map(|id| ReferralRecord::find(tx, id))
            .transpose()?
            .flatten()
        else {
            continue;
        };
        if outside && case.regime == crate::protection::PROTECTED {
            continue;
        }
        let bases: Vec<Basis> =
            serde_json::from_str(&record.basis).map_err(|e| StoreError::Schema(format!("disclosure.basis: {e}")))?;
        let ground = bases.iter().find_map(|basis| match basis {
            Basis::Vital { ground, .. } => Some(ground.code().to_owned()),
            _ => None,
        });
        let own = viewer.organisation == case.holder_id;
        let names = Names::new(&network, viewer);
        let names = if own { names } else { names.for_office() };
        // Of what is restricted the list does not say which service it was.
        let hidden = referral.restricted || referral.service_id.is_some_and(|s| network.is_confidential(s));
        let (seq, number) = (cases::case_seq(tx, case.id)?, cases::referral_seq(tx, referral.id)?);
        shown.push(case.id);
        rows.push(VitalRow {
            referral_id: own.then_some(referral.id),
            referral_code: referral_code(referral.year, number),
            case_code: case_code(desk.version(tx, &case.mechanism_hash)?.as_ref(), seq),
            organisation: names.name(case.holder_id),
            recipient: names.asked(record.recipient_id, hidden),
            ground: ground.unwrap_or_default(),
            at: record.at,
        });
    }
    Ok(rows)
}

/// The page "to co-sign".
///
/// # Errors
/// [`ActError::Forbidden`] for whoever is no supervisor.
pub async fn list(desk: &Arc<Desk>, viewer: &Viewer) -> Result<CosignList, ActError> {
    if !viewer.is(Role::Supervisor) && !viewer.is(Role::SecretariatSupervisor) {
        return Err(ActError::Forbidden { code: "cosign" });
    }
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let now = tx.now()?;
        let (rows, mut shown) = waiting(tx, &desk_, &viewer_)?;
        let more = rows.len() >= usize::try_from(ROWS).unwrap_or(100);
        let vital = went_as_vital(tx, &desk_, &viewer_, now, &mut shown)?;
        Ok((CosignList { now, rows, vital, more }, shown))
    })
    .await
}

/// One override.
///
/// # Errors
/// [`ActError::NotFound`] for whoever may not co-sign it and never might have.
pub async fn view(desk: &Arc<Desk>, viewer: &Viewer, id: OverrideId) -> Result<OverrideView, ActError> {
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let (file, open, network) = overrides::load_for(tx, &desk_, &viewer_, id)?;
        let now = tx.now()?;
        let lang = viewer_.lang;
        let exception = &open.detail.exception;
        let sight = visible(&file.facts(), &viewer_.sight(&network), now);
        let mechanism = desk_.version(tx, &file.record.mechanism_hash)?;
        let labels = file
            .need(open.detail.need)
            .map(|need| share::labels(&mechanism, &need.detail.service));
        // Whoever does not see the file reads what the office reads.
        let words = if matches!(sight, View::File { .. }) {
            &sight
        } else {
            &View::Office
        };
        let referral = match exception.scope {
            OverrideScope::Referral { referral } => file.referral(referral),
            OverrideScope::TwoHours | OverrideScope::Emergency => None,
        };
        let decision = overrides::may_decide(&file, &open, &viewer_, now);
        let waiting = exception.state() == OverrideState::Waiting;
        let decided_by = match open.record.decided_by {
            Some(user) => Some(staff(tx, user)?),
            None => None,
        };
        let view = OverrideView {
            now,
            row: row(tx, &desk_, &network, &viewer_, &file.record, &open, now)?,
            version: open.record.version,
            state: exception.state().code().to_owned(),
            case_id: matches!(sight, View::File { .. }).then_some(file.record.id),
            referral_id: referral
                .filter(|r| sight.shows_referral(r.record.id))
                .map(|r| r.record.id),
            referral_code: referral.map_or_else(String::new, |r| referral_code(r.record.year, r.seq)),
            label: labels
                .and_then(|l| visible_need(&l, words, true, true, Shown::List))
                .map_or_else(String::new, |l| l.get(lang).to_owned()),
            text: exception.text.clone(),
            classes: share::classes_say_in_clear(&mechanism, exception.classes, lang),
            made_at: exception.made_at,
            until: exception.ends_at(),
            decided_by,
            decided_at: open.record.decided_at,
            answer: open.detail.answer.clone(),
            may_decide: decision.is_ok(),
            why_not: decision
                .err()
                .filter(|_| waiting)
                .map(|p| (p.why(lang).to_owned(), p.remedy(lang).to_owned())),
        };
        Ok((view, vec![file.record.id]))
    })
    .await
}

/// An override, as the sender's side reads it.
///
/// # Errors
/// When the store fails.
pub fn note(
    tx: &mut Tx<'_>,
    network: &Network,
    names: &Names<'_>,
    open: &OpenOverride,
    now: DateTime<Utc>,
) -> Result<OverrideNote, ActError> {
    let hidden = network.is_confidential(open.detail.service);
    let exception = &open.detail.exception;
    let decided_by = match open.record.decided_by {
        Some(user) => Some(staff(tx, user)?),
        None => None,
    };
    let emergency = if exception.is_emergency() {
        Some(EmergencyNote {
            author: staff(tx, exception.author)?,
            at: exception.made_at,
            text: exception.text.clone(),
        })
    } else {
        None
    };
    Ok(OverrideNote {
        emergency,
        id: open.record.id,
        ground: open.record.kind.clone(),
        state: exception.state().code().to_owned(),
        recipient: names.asked(exception.recipient, hidden),
        owner: owner_says(network, &open.record, names.lang()),
        due: exception.cosign_due(),
        late: exception.is_late(now),
        until: exception.ends_at(),
        decided_by,
        decided_at: open.record.decided_at,
        answer: open.detail.answer.clone(),
    })
}

/// What the preview of a service says of overrides: the one that stands, else
/// the latest that was refused for this need and recipient.
///
/// # Errors
/// When the store fails.
#[expect(clippy::too_many_arguments, reason = "the facts of one preview")]
pub fn of_preview(
    tx: &mut Tx<'_>,
    network: &Network,
    names: &Names<'_>,
    all: &[OpenOverride],
    standing: Option<&OpenOverride>,
    need: NeedId,
    service: &Service,
    now: DateTime<Utc>,
) -> Result<Option<OverrideNote>, ActError> {
    let refused = || {
        all.iter().rev().find(|o| {
            let exception = &o.detail.exception;
            o.detail.need == need
                && exception.recipient == service.organisation
                && exception.state() == OverrideState::Refused
        })
    };
    standing
        .or_else(refused)
        .map(|open| note(tx, network, names, open, now))
        .transpose()
}

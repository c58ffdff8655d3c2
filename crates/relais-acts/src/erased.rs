//! What is left to be seen of a person who was erased: that they were, why,
//! and what was done, by codes and organisations. Every list and page goes on
//! working beside it, also on a database that was restored from before.

use relais_casework::erasure::ErasureReason;
use relais_casework::visible::View;
use relais_mechanism::{Label, Lang, Mechanism};
use relais_network::ReferralId;
use relais_store::rows::cases::PersonRecord;
use relais_store::rows::lists::CaseLine;
use relais_store::{Tx, chain};

use crate::case::{disclosures, history, need_row};
use crate::codes::{case_code, referral_code};
use crate::day::state_says;
use crate::desk::{Desk, Viewer};
use crate::file::CaseFile;
use crate::network::Network;
use crate::problem::ActError;
use crate::referral_view::stops;
use crate::say::say;
use crate::share;
use crate::shelter::Names;
use crate::stops;
use crate::views::{CaseRow, CaseView, Erasure, Hand, NextAction, ReferralView, WorkRow};

/// Kind of the event that says so.
pub const EVENT: &str = "person_erased";

/// Why a recipient must stop using what it received, on the page of the request.
pub const EFFECT: &str = "erased";

/// What stands in place of a name or of a need's label.
#[must_use]
pub fn label() -> Label {
    Label {
        fr: "Personne effacée".to_owned(),
        en: "Person erased".to_owned(),
    }
}

/// A row of work of an erased person: the label says so, and nothing is to be
/// done.
#[must_use]
pub fn work_row(row: WorkRow, lang: Lang) -> WorkRow {
    WorkRow {
        initials: String::new(),
        label: label().get(lang).to_owned(),
        decline_reason: None,
        action: NextAction::Wait,
        hand: Hand {
            yours: false,
            organisation: String::new(),
            role: None,
        },
        clock: None,
        erased: true,
        ..row
    }
}

/// A row of the list of cases.
#[must_use]
pub fn case_row(mechanism: &Mechanism, line: &CaseLine, lang: Lang) -> CaseRow {
    CaseRow {
        id: line.id,
        code: case_code(mechanism, line.seq),
        initials: String::new(),
        age_band: String::new(),
        sex: String::new(),
        region: share::place_name(mechanism, &line.region, lang),
        state: line.state.clone(),
        opened_at: line.opened_at,
        open_needs: 0,
        clock: None,
        erased: true,
    }
}

/// When and why, as the case's chain tells it. What was written beside the
/// reason is opened for whoever sees the `whole` file.
fn erasure(tx: &mut Tx<'_>, file: &CaseFile, whole: bool, lang: Lang) -> Result<Erasure, ActError> {
    let at = PersonRecord::find(tx, file.record.person_id)?.and_then(|p| p.erased_at);
    let event = chain::last_of(tx, file.record.id.0, EVENT)?;
    let meta: serde_json::Value = event
        .as_ref()
        .and_then(|e| serde_json::from_str(&e.meta).ok())
        .unwrap_or_default();
    let reason = meta["reason"].as_str().and_then(ErasureReason::from_code);
    let note = match (&event, meta["slot"].as_i64()) {
        (Some(event), Some(slot)) if whole => {
            let words = event
                .words(&tx.sealer(), slot)
                .map_err(relais_store::StoreError::from)?;
            Some(String::from_utf8_lossy(&words).into_owned()).filter(|w| !w.is_empty())
        }
        _ => None,
    };
    Ok(Erasure {
        at,
        reason: reason.map_or_else(String::new, |r| r.label().get(lang).to_owned()),
        note,
        team: whole,
    })
}

/// The page of a case whose person was erased.
pub(crate) fn case_view(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    file: &CaseFile,
    sight: &View,
    network: &Network,
) -> Result<CaseView, ActError> {
    let whole = sight.is_whole();
    let (lang, now) = (viewer.lang, tx.now()?);
    let mechanism = desk.version(tx, &file.record.mechanism_hash)?;
    let words = label();
    let case = file.record.id;
    let names = Names::of_case(network, viewer, file);
    let (history, history_more) = if whole {
        history(tx, &mechanism, &names, case.0, None)?
    } else {
        (Vec::new(), false)
    };
    Ok(CaseView {
        perhaps: None,
        emergency_until: None,
        protected: false,
        family: None,
        plan: None,
        closing: None,
        id: case,
        code: case_code(&mechanism, file.seq),
        version: file.record.version,
        name: None,
        state: file.record.state.clone(),
        state_label: say(lang, "Effacé", "Erased").to_owned(),
        priority: None,
        safe_contact: None,
        no_contact: false,
        child: None,
        forms: Vec::new(),
        proposals: Vec::new(),
        facts: Vec::new(),
        referrals: file
            .referrals
            .iter()
            .rev()
            .filter(|r| sight.shows_referral(r.record.id))
            .map(|r| crate::day::work_row(&mechanism, network, viewer, file, r, &words, now))
            .collect(),
        needs: file
            .needs
            .iter()
            .filter(|_| whole)
            .map(|need| {
                let mut row = need_row(file, need, &words, viewer, network, now, false);
                (row.can_refer, row.clock) = (false, None);
                row
            })
            .collect(),
        consents: Vec::new(),
        consent_ready: true,
        disclosures: if whole {
            disclosures(tx, &mechanism, file, network, &names)?
        } else {
            Vec::new()
        },
        overrides: Vec::new(),
        stops: if whole {
            stops::of_case(tx, desk, viewer, network, case)?
        } else {
            Vec::new()
        },
        history,
        history_more,
        holder: network.name(file.record.holder_id, lang),
        may_write: false,
        may_close: false,
        close_blocked: None,
        assigned: None,
        handover: None,
        transfer: None,
        ending: None,
        may_end: false,
        may_reopen: false,
        erased: Some(erasure(tx, file, whole, lang)?),
    })
}

/// The page of a referral whose person was erased.
pub(crate) fn referral_view(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    file: &CaseFile,
    sight: &View,
    network: &Network,
    id: ReferralId,
) -> Result<ReferralView, ActError> {
    let lang = viewer.lang;
    let referral = file.referral(id).ok_or(ActError::NotFound)?;
    let machine = &referral.machine;
    let mechanism = desk.version(tx, &referral.record.mechanism_hash)?;
    let sender_side = viewer.organisation == file.record.holder_id && matches!(sight, View::File { .. });
    let provider_side = viewer.organisation == referral.record.provider_id && !sender_side;
    let names = Names::of_case(network, viewer, file);
    let names = if sender_side || provider_side {
        names
    } else {
        names.for_office()
    };
    let telephones = if names.hides_provider(referral) {
        names.telephones(tx, &mechanism, file, referral)?
    } else {
        names.telephone(referral.record.provider_id).into_iter().collect()
    };
    let (history, history_more) = history(tx, &mechanism, &names, file.record.id.0, Some(id.0))?;
    Ok(ReferralView {
        payment: None,
        exits: crate::views::Exits::default(),
        id,
        code: referral_code(referral.record.year, referral.seq),
        version: machine.version,
        case_id: sender_side.then_some(file.record.id),
        case_code: sender_side.then(|| case_code(&mechanism, file.seq)),
        label: label().get(lang).to_owned(),
        priority: machine.priority,
        state: machine.state,
        state_label: state_says(&mechanism, machine.state, machine.outcome, viewer),
        outcome: machine.outcome,
        outcome_label: machine.outcome.map(|o| {
            mechanism
                .option_label("outcome", o.code(), lang)
                .unwrap_or(o.code())
                .to_owned()
        }),
        confirmation: machine.confirmation,
        decline_reason: None,
        sender_side,
        provider_side,
        sender: names.name(file.record.holder_id),
        sender_telephone: names.telephone(file.record.holder_id),
        provider: names.provider(referral),
        provider_telephones: telephones,
        link: false,
        service: String::new(),
        facts: Vec::new(),
        after: Vec::new(),
        words: None,
        exchanges: Vec::new(),
        answered: Vec::new(),
        stops: stops(tx, &mechanism, referral, lang)?,
        hand: Hand {
            yours: false,
            organisation: String::new(),
            role: None,
        },
        clock: None,
        next_rung: None,
        commands: Vec::new(),
        telephone_commands: Vec::new(),
        appointment: None,
        history,
        history_more,
        terms: None,
        erased: Some(Erasure {
            team: sender_side,
            ..erasure(tx, file, false, lang)?
        }),
    })
}

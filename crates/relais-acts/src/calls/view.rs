//! The page of the calls: which number now, what was noted, who is with the
//! person, and what to say.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use relais_casework::calls::{self, CallResult, LineKind};
use relais_casework::visible::{Shown, visible_need};
use relais_mechanism::{ClassSet, Lang, Priority, Sensitivity};
use relais_network::{CaseId, ReferralId};
use relais_store::Tx;
use serde::Serialize;

use super::{Round, lines, sent, waits};
use crate::case::after_facts;
use crate::codes::{case_code, referral_code};
use crate::day::state_says;
use crate::desk::{Desk, Viewer};
use crate::file::CaseFile;
use crate::network::Network;
use crate::problem::ActError;
use crate::say::say;
use crate::share;
use crate::shelter::Names;
use crate::views::Fact;

/// One number of the list.
#[derive(Debug, Clone, Serialize)]
pub struct CallLine {
    /// Whose it is.
    pub kind: LineKind,
    /// Who answers.
    pub who: String,
    /// The number.
    pub number: String,
    /// When somebody answers.
    pub hours: String,
    /// What was noted, oldest first.
    pub calls: Vec<(CallResult, DateTime<Utc>)>,
    /// Whether it is the one to call now.
    pub next: bool,
}

/// The step that runs.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct CallStep {
    /// Since when.
    pub from: DateTime<Utc>,
    /// When the next number is proposed.
    pub until: DateTime<Utc>,
    /// How often the whole list was gone through before.
    pub lap: usize,
}

/// Who said "I take it".
#[derive(Debug, Clone, Serialize)]
pub struct Taken {
    /// Name and function.
    pub name: String,
    /// The number on which it was said.
    pub number: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// The page of the calls.
#[derive(Debug, Clone, Serialize)]
pub struct CallsView {
    /// Now.
    pub now: DateTime<Utc>,
    /// Referral.
    pub referral: ReferralId,
    /// Its code.
    pub code: String,
    /// Case.
    pub case_id: CaseId,
    /// Its code.
    pub case_code: String,
    /// Version of the calls; 0 before the first.
    pub version: i64,
    /// Priority.
    pub priority: Priority,
    /// The need.
    pub label: String,
    /// Who is asked.
    pub provider: String,
    /// State of the referral, in words.
    pub state_label: String,
    /// Whether somebody must still take it.
    pub open: bool,
    /// The numbers, in order.
    pub lines: Vec<CallLine>,
    /// The step that runs.
    pub step: Option<CallStep>,
    /// Whether whoever is on call was told.
    pub on_call: bool,
    /// Who is with the person, and when that was said.
    pub beside: Option<(String, DateTime<Utc>)>,
    /// Whether it was said again since the step began.
    pub beside_confirmed: bool,
    /// Minutes for a number.
    pub minutes: u32,
    /// What to say at once: names nobody.
    pub say_now: Vec<Fact>,
    /// What to say to whoever took it.
    pub say_after: Vec<Fact>,
    /// Who took it.
    pub taken: Option<Taken>,
}

/// The calls of an emergency.
///
/// # Errors
/// [`ActError::NotFound`] for whoever is not on the sender's side, and where it
/// is no emergency.
pub async fn view(desk: &Arc<Desk>, viewer: &Viewer, referral: ReferralId) -> Result<CallsView, ActError> {
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let (file, sight, network) = sent(tx, &desk_, &viewer_, referral)?;
        let view = calls_view(tx, &desk_, &viewer_, &file, &sight, &network, referral)?;
        Ok((view, vec![file.record.id]))
    })
    .await
}

fn calls_view(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    file: &CaseFile,
    sight: &relais_casework::visible::View,
    network: &Network,
    id: ReferralId,
) -> Result<CallsView, ActError> {
    let (now, lang) = (tx.now()?, viewer.lang);
    let referral = file.referral(id).ok_or(ActError::NotFound)?;
    let mechanism = desk.version(tx, &referral.record.mechanism_hash)?;
    let round = Round::of(tx, file, id)?;
    let listed = lines::of_referral(tx, &mechanism, network, file, referral, lang)?;
    let none = Vec::new();
    let noted = round.as_ref().map_or(&none, |r| &r.detail.calls);
    let open = waits(referral.machine.state) && round.as_ref().is_none_or(Round::is_calling);
    let next = calls::next(&listed, noted).filter(|_| open);
    let labels = share::labels(&mechanism, &referral.detail.service_type);
    let label = visible_need(&labels, sight, true, true, Shown::File).ok_or(ActError::NotFound)?;
    let code = referral_code(referral.record.year, referral.seq);
    let beside = round
        .as_ref()
        .and_then(|r| r.detail.beside.last())
        .map(|b| (b.who.clone(), b.at))
        .or_else(|| {
            let who = referral.detail.stays_with.clone();
            (!who.is_empty()).then(|| (who, referral.record.sent_at.unwrap_or(now)))
        });
    let step = next.map(|n| {
        let from = round.as_ref().map_or(now, |r| r.record.step_from);
        CallStep {
            from,
            until: round.as_ref().map_or_else(
                || calls::until(now, mechanism.rules().minutes_per_number),
                |r| r.record.step_until,
            ),
            lap: n.lap,
        }
    });
    let lines = listed
        .iter()
        .enumerate()
        .map(|(n, line)| CallLine {
            kind: line.kind,
            who: line.who.clone(),
            number: line.number.clone(),
            hours: line.hours.clone(),
            calls: noted
                .iter()
                .filter(|c| c.number == line.number)
                .map(|c| (c.result, c.at))
                .collect(),
            next: next.is_some_and(|x| x.line == n),
        })
        .collect();
    Ok(CallsView {
        now,
        referral: id,
        case_id: file.record.id,
        case_code: case_code(&mechanism, file.seq),
        version: round.as_ref().map_or(0, |r| r.record.version),
        priority: referral.machine.priority,
        label: label.get(lang).to_owned(),
        provider: Names::new(network, viewer).provider(referral),
        state_label: state_says(&mechanism, referral.machine.state, referral.machine.outcome, viewer),
        open,
        lines,
        beside_confirmed: beside.as_ref().zip(step).is_none_or(|((_, at), step)| *at >= step.from),
        step,
        on_call: round.as_ref().is_some_and(|r| r.record.on_call),
        beside,
        minutes: mechanism.rules().minutes_per_number,
        say_now: say_now(&mechanism, file, referral, &code, viewer),
        say_after: say_after(
            tx,
            desk,
            &mechanism,
            file,
            network,
            referral,
            sight.classes(),
            now,
            viewer.lang,
        )?,
        taken: noted
            .iter()
            .rev()
            .find(|c| c.result == CallResult::Takes)
            .map(|c| Taken {
                name: c.name.clone(),
                number: c.number.clone(),
                at: c.at,
            }),
        code,
    })
}

/// The offer, and what keeps the person safe on the way: said before anybody
/// takes it, with no name.
fn say_now(
    mechanism: &relais_mechanism::Mechanism,
    file: &CaseFile,
    referral: &crate::file::OpenReferral,
    code: &str,
    viewer: &Viewer,
) -> Vec<Fact> {
    let lang = viewer.lang;
    let offer = share::offer(
        mechanism,
        file,
        &referral.detail.service_type,
        referral.machine.priority,
        &referral.detail.access,
        code,
    );
    let mut facts: Vec<Fact> = share::offer_facts(mechanism, &offer, lang)
        .into_iter()
        .filter(|f| f.value.is_some())
        .collect();
    // Above S3 nothing goes before acceptance but what the offer says (DESIGN §5).
    let s4 = share::labels(mechanism, &referral.detail.service_type).sensitivity == Sensitivity::S4;
    let safety: Vec<&str> = referral
        .detail
        .access
        .iter()
        .filter(|code| !s4 && !["interp", "mobility"].contains(&code.as_str()))
        .filter_map(|code| mechanism.option_label("special", code, lang))
        .collect();
    if !safety.is_empty() {
        facts.push(Fact {
            label: say(lang, "À prévoir", "To provide for").to_owned(),
            value: Some(safety.join(", ")),
        });
    }
    facts
}

/// What the plan lets whoever took it know, as far as the viewer's own classes go.
#[expect(clippy::too_many_arguments, reason = "the parts of one plan")]
fn say_after(
    tx: &mut Tx<'_>,
    desk: &Desk,
    mechanism: &relais_mechanism::Mechanism,
    file: &CaseFile,
    network: &Network,
    referral: &crate::file::OpenReferral,
    own: ClassSet,
    now: DateTime<Utc>,
    lang: Lang,
) -> Result<Vec<Fact>, ActError> {
    let (Some(service), Some(asked)) = (
        network.services.get(&referral.detail.service),
        mechanism.service_type(&referral.detail.service_type),
    ) else {
        return Ok(Vec::new());
    };
    let written = share::overrides(tx, file)?;
    let exception = written
        .iter()
        .find(|o| o.carries(Some(referral.record.id), referral.record.provider_id, now));
    let plan = share::plan(
        desk,
        mechanism,
        file,
        network,
        service,
        asked,
        referral.machine.priority,
        Some(referral.record.id),
        exception,
        now,
    )?;
    if plan.blocked.is_some() {
        return Ok(Vec::new());
    }
    let (identity, contact) = file.person(tx)?;
    Ok(after_facts(mechanism, file, &plan, own, &identity, &contact, lang))
}

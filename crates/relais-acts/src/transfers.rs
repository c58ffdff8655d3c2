//! The transfer of a case to another organisation: proposed by its holder,
//! answered by the other side. On acceptance holder, waits, sight and the
//! disclosure change in one unit of work, so that nothing in the case waits on
//! nobody at any instant (DESIGN §5).

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Days, Utc};
use relais_casework::calendar::{ClockKind, Due};
use relais_casework::grant;
use relais_casework::need::NeedState;
use relais_casework::referral::{Actor, DueKind, DueTimes};
use relais_casework::sharing::{AgeBand, Plan};
use relais_casework::transfer::{
    Proposal, Transfer, TransferCommand, TransferDecline, TransferEvent, TransferState, agreed_to, may_propose,
};
use relais_casework::visible::{TransferSide, restricted_need, transfer_side};
use relais_mechanism::limits::LimitFacts;
use relais_mechanism::{ActingFor, Channel, ClassSet, DataClass, Label, Lang, Mechanism, Priority, Role, Sensitivity};
use relais_network::{CaseId, GrantId, OrganisationId, TransferId, UserId};
use relais_store::rows::accounts;
use relais_store::rows::cases::{self, CaseRecord};
use relais_store::rows::transfers::{self as rows, TransferRecord};
use relais_store::{StoreError, Tx, counters, ids};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::accounts::roles_of;
use crate::assignment;
use crate::case::clock;
use crate::codes::case_code;
use crate::commands::{ActOnTransfer, ProposeTransfer, TransferAsked};
use crate::day::state_says;
use crate::desk::{Desk, Viewer};
use crate::file::{CaseFile, open, seal};
use crate::needs::may_write;
use crate::network::Network;
use crate::problem::ActError;
use crate::rules::{self, Rulebook};
use crate::say::{label, say};
use crate::share;
use crate::views::{
    Fact, Hand, Made, MovingWait, TransferCandidate, TransferDraft, TransferPreview, TransferRow, TransferView,
};
use crate::write::{self, Doer, Stream};

/// Kind of the due work.
pub const DUE: &str = "transfer";
/// Rows that a list shows at most.
const ROWS: i64 = 50;
/// Days that a case that left stays in the list of its former holder.
const LEFT_DAYS: u64 = 7;

/// Words of a transfer, sealed under the case's key.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Words {
    /// Of the holder.
    #[serde(default)]
    note: String,
    /// Of the organisation asked.
    #[serde(default)]
    answer: String,
}

/// The limits of a transfer on the calendar of the organisation asked.
fn rulebook(
    desk: &Desk,
    network: &Network,
    to: OrganisationId,
    mechanism: &Arc<Mechanism>,
    case_region: &str,
) -> Result<Rulebook, ActError> {
    Rulebook::new(
        desk,
        Arc::clone(mechanism),
        Priority::P3,
        "",
        &region_of(network, to).unwrap_or_else(|| case_region.to_owned()),
        false,
        LimitFacts::default(),
    )
}

fn region_of(network: &Network, organisation: OrganisationId) -> Option<String> {
    network.organisations.get(&organisation).and_then(|o| o.region.clone())
}

fn due_of(
    desk: &Desk,
    network: &Network,
    to: OrganisationId,
    mechanism: &Arc<Mechanism>,
    case_region: &str,
    from: DateTime<Utc>,
) -> Result<Due, ActError> {
    let rules = rulebook(desk, network, to, mechanism, case_region)?;
    Ok(rules
        .times
        .calendar
        .due(mechanism.rules().transfer_answer, from, Priority::P3, false, None)
        .unwrap_or_else(|| rules.times.need(Priority::P3, from)))
}

fn transfer_of(record: &TransferRecord) -> Result<Transfer, StoreError> {
    let wrong = |column: &str| StoreError::Schema(format!("case_transfer.{column}"));
    Ok(Transfer {
        id: record.id,
        case: record.case_id,
        from: record.from_id,
        to: record.to_id,
        state: TransferState::from_code(&record.state).ok_or_else(|| wrong("state"))?,
        proposed_at: record.proposed_at,
        due: Due {
            start: record.due_from,
            at: record.due_at,
            clock: ClockKind::from_code(&record.clock).ok_or_else(|| wrong("clock"))?,
            calendar: record.calendar.clone(),
        },
        reminded: record.reminded,
        ended_at: record.ended_at,
        decline: record.decline_code.as_deref().and_then(TransferDecline::from_code),
        version: record.version,
    })
}

/// Writes what the machine says into the row.
fn fill(record: &mut TransferRecord, transfer: &Transfer) {
    record.state = transfer.state.code().to_owned();
    record.decline_code = transfer.decline.map(|d| d.code().to_owned());
    record.reminded = transfer.reminded;
    record.ended_at = transfer.ended_at;
    record.version = transfer.version;
}

fn due_work(tx: &mut Tx<'_>, transfer: &Transfer, times: &dyn DueTimes) -> Result<(), StoreError> {
    let clocks = transfer.clocks(|due, percent| times.at_percent(due, percent));
    let due = clocks.into_iter().map(|(percent, at)| (format!("{DUE}@{percent}"), at));
    write::due_work(tx, transfer.id.0, transfer.version, due)
}

/// The transfer of a case that waits for its answer, if one does.
///
/// # Errors
/// When the store fails.
pub fn waiting(tx: &mut Tx<'_>, case: CaseId) -> Result<Option<TransferRecord>, StoreError> {
    Ok(rows::of_case(tx, case)?
        .into_iter()
        .map(|line| line.transfer)
        .find(|t| t.state == TransferState::Proposed.code()))
}

/// Organisations where somebody with an open account works on cases.
fn at_work(tx: &mut Tx<'_>) -> Result<BTreeSet<OrganisationId>, StoreError> {
    Ok(accounts::roles_by_organisation(tx)?
        .into_iter()
        .filter(|(_, roles)| {
            let roles = roles_of(roles);
            roles.contains(&Role::CaseManager) || roles.contains(&Role::Supervisor)
        })
        .map(|(organisation, _)| organisation)
        .collect())
}

fn blocked_by(plan: &Plan) -> Option<ActError> {
    plan.blocked.map(|refusal| ActError::Refused {
        code: refusal.code().to_owned(),
        why: label(refusal.why(Lang::Fr), refusal.why(Lang::En)),
        remedy: label(refusal.remedy(Lang::Fr), refusal.remedy(Lang::En)),
    })
}

/// Whether the transfer may be proposed, and the plan of what would go.
fn check(
    tx: &mut Tx<'_>,
    desk: &Desk,
    file: &CaseFile,
    network: &Network,
    to: OrganisationId,
    now: DateTime<Utc>,
) -> Result<Plan, ActError> {
    let organisation = network.organisations.get(&to).ok_or_else(|| {
        ActError::field(
            "to",
            "unknown_option",
            (
                "Choisissez une organisation de la liste.",
                "Choose an organisation from the list.",
            ),
        )
    })?;
    may_propose(&Proposal {
        holder: file.record.holder_id,
        to,
        to_is_state: organisation.state_body,
        somebody_there: at_work(tx)?.contains(&to),
        protected: file.record.regime == "protected",
        waiting: waiting(tx, file.record.id)?.is_some(),
        consents: &file.consents,
        now,
    })?;
    let mechanism = desk.version(tx, &file.record.mechanism_hash)?;
    let plan = share::transfer_plan(desk, &mechanism, file, network, to, now)?;
    match blocked_by(&plan) {
        Some(refused) => Err(refused),
        None => Ok(plan),
    }
}

/// The page "transfer the case": who could take it and, for a chosen one, what
/// it would see and get.
///
/// # Errors
/// [`ActError::NotFound`], [`ActError::Forbidden`].
pub async fn draft(
    desk: &Arc<Desk>,
    viewer: &Viewer,
    case: CaseId,
    chosen: Option<OrganisationId>,
) -> Result<TransferDraft, ActError> {
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let (file, sight, network) = CaseFile::load_for(tx, &desk_, &viewer_, case)?;
        may_write(&sight, &file, &viewer_)?;
        let now = tx.now()?;
        let lang = viewer_.lang;
        let mechanism = desk_.version(tx, &file.record.mechanism_hash)?;
        let protected = file.record.regime == "protected";
        let mut candidates: Vec<TransferCandidate> = at_work(tx)?
            .into_iter()
            .filter(|id| *id != file.record.holder_id)
            .filter_map(|id| network.organisations.get(&id))
            .filter(|o| !(protected && o.state_body))
            .map(|o| TransferCandidate {
                id: o.id,
                name: o.name.get(lang).to_owned(),
                region: o
                    .region
                    .as_deref()
                    .map(|r| share::place_name(&mechanism, r, lang))
                    .unwrap_or_default(),
                agreed: !agreed_to(&file.consents, o.id, now).is_empty(),
            })
            .collect();
        candidates.sort_by(|a, b| (!a.agreed, &a.name).cmp(&(!b.agreed, &b.name)));
        let preview = match chosen.filter(|to| network.organisations.contains_key(to)) {
            Some(to) => Some(preview(tx, &desk_, &file, &network, to, now, lang)?),
            None => None,
        };
        Ok((
            TransferDraft {
                case_id: case,
                case_code: case_code(&mechanism, file.seq),
                candidates,
                preview,
            },
            vec![case],
        ))
    })
    .await
}

fn preview(
    tx: &mut Tx<'_>,
    desk: &Desk,
    file: &CaseFile,
    network: &Network,
    to: OrganisationId,
    now: DateTime<Utc>,
    lang: Lang,
) -> Result<TransferPreview, ActError> {
    let organisation = network.organisations.get(&to).ok_or(ActError::NotFound)?;
    let mechanism = desk.version(tx, &file.record.mechanism_hash)?;
    let plan = share::transfer_plan(desk, &mechanism, file, network, to, now)?;
    let blocked = match check(tx, desk, file, network, to, now) {
        Ok(_) => None,
        Err(ActError::Refused { code, why, remedy }) => {
            Some((code, why.get(lang).to_owned(), remedy.get(lang).to_owned()))
        }
        Err(other) => return Err(other),
    };
    let name = |class| {
        mechanism
            .class(class)
            .map_or_else(String::new, |w| w.label.get(lang).to_owned())
    };
    let bases: Vec<_> = plan.after.iter().map(|(_, basis)| *basis).collect();
    let live = |n: &&crate::file::OpenNeed| n.detail.machine.state.is_live();
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Ok(TransferPreview {
        id: to,
        name: organisation.name.get(lang).to_owned(),
        telephone: organisation.telephone.clone(),
        now: facts(&mechanism, file, lang),
        after: plan.after.iter().map(|(class, _)| name(*class)).collect(),
        never: plan
            .never
            .iter()
            .map(|(class, why)| (name(*class), why.why(lang).to_owned()))
            .collect(),
        basis: share::basis_says(&bases, file, network, lang),
        answer_by: due_of(desk, network, to, &mechanism, &file.record.region, now)?.at,
        needs: count(file.needs.iter().filter(live).count()),
        referrals: count(file.referrals.iter().filter(|r| !r.machine.state.is_terminal()).count()),
        blocked,
    })
}

/// What may be known of the person before the case is accepted: no name, no
/// place below the region, nothing of the file.
fn facts(mechanism: &Mechanism, file: &CaseFile, lang: Lang) -> Vec<Fact> {
    let card = &file.card;
    let sex = card
        .sex
        .as_deref()
        .map(|s| mechanism.option_label("sex", s, lang).unwrap_or(s).to_lowercase());
    let age = card.age.map(|a| {
        format!(
            "{} {}",
            AgeBand::of(a).code().replace('-', "–"),
            say(lang, "ans", "years")
        )
    });
    let child = card.child.then(|| say(lang, "enfant", "child").to_owned());
    let who: Vec<String> = [age, sex, child].into_iter().flatten().collect();
    let fact = |fr, en, value: Option<String>| Fact {
        label: say(lang, fr, en).to_owned(),
        value,
    };
    vec![
        fact("Personne", "Person", (!who.is_empty()).then(|| who.join(", "))),
        fact(
            "Région",
            "Region",
            Some(share::place_name(mechanism, &file.record.region, lang)),
        ),
        fact("Nom", "Name", None),
        fact("Téléphone", "Telephone", None),
    ]
}

/// Proposes the transfer.
///
/// # Errors
/// [`ActError::NotFound`], [`ActError::Forbidden`], [`ActError::Invalid`],
/// [`ActError::Refused`].
pub async fn propose(
    desk: &Arc<Desk>,
    viewer: &Viewer,
    case: CaseId,
    command: ProposeTransfer,
) -> Result<Made, ActError> {
    let (desk_, viewer) = (Arc::clone(desk), viewer.clone());
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            write::once(tx, &viewer, "transfer", command.id, &(case, &command), |tx| {
                propose_in(tx, &desk_, &viewer, case, &command)
            })
        })
        .await
}

fn propose_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    case: CaseId,
    command: &ProposeTransfer,
) -> Result<Made, ActError> {
    cases::lock_case(tx, case)?;
    let (file, view, network) = CaseFile::load_for(tx, desk, viewer, case)?;
    may_write(&view, &file, viewer)?;
    let note = assignment::words("note", &command.note)?;
    if !command.person_informed {
        return Err(ActError::field(
            "person_informed",
            "required",
            (
                "Dites à la personne que son dossier change de structure, puis cochez.",
                "Tell the person that the case changes hands, then tick.",
            ),
        ));
    }
    let now = tx.now()?;
    let to = OrganisationId(command.to);
    let plan = check(tx, desk, &file, &network, to, now)?;
    let mechanism = desk.version(tx, &file.record.mechanism_hash)?;
    let transfer = Transfer {
        id: TransferId(command.id),
        case,
        from: file.record.holder_id,
        to,
        state: TransferState::Proposed,
        proposed_at: now,
        due: due_of(desk, &network, to, &mechanism, &file.record.region, now)?,
        reminded: false,
        ended_at: None,
        decline: None,
        version: 1,
    };
    let slot = file.record.slot;
    let words = Words {
        note: note.clone(),
        answer: String::new(),
    };
    TransferRecord {
        id: transfer.id,
        case_id: case,
        from_id: transfer.from,
        to_id: to,
        state: transfer.state.code().to_owned(),
        decline_code: None,
        proposed_by: viewer.user,
        proposed_at: now,
        due_from: transfer.due.start,
        due_at: transfer.due.at,
        clock: transfer.due.clock.code().to_owned(),
        calendar: transfer.due.calendar.clone(),
        reminded: false,
        ended_at: None,
        ended_by: None,
        mechanism_hash: mechanism.hash().to_owned(),
        note: seal(&tx.sealer(), "case_transfer", "note", transfer.id.0, slot, &words)?,
        version: 1,
    }
    .insert(tx)?;
    let rules = rulebook(desk, &network, to, &mechanism, &file.record.region)?;
    due_work(tx, &transfer, &rules.times)?;
    let doer = Doer::of(viewer, ActingFor::Sender);
    let mut stream = Stream::lock(tx, case, slot, doer, mechanism.hash())?;
    let facts = json!({ "to": to, "classes": plan.after_classes(), "due": transfer.due.at });
    stream.add(tx, transfer.id.0, "transfer_proposed", &facts, now, &note)?;
    tell(tx, "transfer_proposed", to, transfer.id)?;
    Ok(Made {
        id: command.id,
        code: case_code(&mechanism, file.seq),
        version: 1,
    })
}

/// Tells everybody who works on cases at an organisation.
fn tell(tx: &mut Tx<'_>, kind: &str, organisation: OrganisationId, transfer: TransferId) -> Result<(), StoreError> {
    for role in [Role::Supervisor, Role::CaseManager] {
        write::notice(tx, kind, Some(organisation), role, transfer.0)?;
    }
    Ok(())
}

fn load(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    id: TransferId,
) -> Result<(TransferRecord, CaseFile, Arc<Network>, TransferSide), ActError> {
    let record = TransferRecord::find(tx, id)?.ok_or(ActError::NotFound)?;
    let file = CaseFile::load(tx, record.case_id)?.ok_or(ActError::NotFound)?;
    let network = desk.network_now(tx)?;
    let now = tx.now()?;
    let state = transfer_of(&record)?.state;
    let sight = viewer.sight(&network);
    let side =
        transfer_side(&file.facts(), record.from_id, record.to_id, state, &sight, now).ok_or(ActError::NotFound)?;
    Ok((record, file, network, side))
}

/// The page of a transfer, as either side may see it.
///
/// # Errors
/// [`ActError::NotFound`] for whoever is on neither.
pub async fn view(desk: &Arc<Desk>, viewer: &Viewer, id: TransferId) -> Result<TransferView, ActError> {
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let (record, file, network, side) = load(tx, &desk_, &viewer_, id)?;
        let case = record.case_id;
        Ok((
            transfer_view(tx, &desk_, &viewer_, &record, &file, &network, side)?,
            vec![case],
        ))
    })
    .await
}

fn transfer_view(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    record: &TransferRecord,
    file: &CaseFile,
    network: &Network,
    side: TransferSide,
) -> Result<TransferView, ActError> {
    let now = tx.now()?;
    let lang = viewer.lang;
    let mechanism = desk.version(tx, &record.mechanism_hash)?;
    let transfer = transfer_of(record)?;
    let waits = transfer.state == TransferState::Proposed;
    let asked = side == TransferSide::Asked && waits;
    let words: Words = open(
        &tx.sealer(),
        "case_transfer",
        "note",
        record.id.0,
        file.record.slot,
        &record.note,
    )?;
    let telephone = |id| network.organisations.get(&id).and_then(|o| o.telephone.clone());
    let said = |text: String| (side != TransferSide::Former && !text.is_empty()).then_some(text);
    let opens = if asked {
        let plan = share::transfer_plan(desk, &mechanism, file, network, record.to_id, now)?;
        plan.after
            .iter()
            .filter_map(|(class, _)| mechanism.class(*class))
            .map(|w| w.label.get(lang).to_owned())
            .collect()
    } else {
        Vec::new()
    };
    let commands: &[&str] = match side {
        TransferSide::Asked if waits => &["accept", "decline"],
        TransferSide::Holder if waits => &["cancel"],
        _ => &[],
    };
    Ok(TransferView {
        id: record.id,
        version: record.version,
        side: side.code().to_owned(),
        case_id: (side == TransferSide::Holder).then_some(record.case_id),
        case_code: case_code(&mechanism, file.seq),
        from: network.name(record.from_id, lang),
        from_telephone: telephone(record.from_id),
        to: network.name(record.to_id, lang),
        to_telephone: telephone(record.to_id),
        state: record.state.clone(),
        decline: record.decline_code.clone(),
        note: said(words.note),
        answer: said(words.answer),
        proposed_at: record.proposed_at,
        ended_at: record.ended_at,
        hand: transfer.owner().map(|(organisation, role)| Hand {
            yours: organisation == viewer.organisation,
            organisation: network.name(organisation, lang),
            role: Some(role),
        }),
        clock: waits.then(|| clock(DueKind::Decide, record.due_from, record.due_at, now)),
        facts: if asked {
            facts(&mechanism, file, lang)
        } else {
            Vec::new()
        },
        opens,
        waits: if asked {
            moving(desk, tx, viewer, file, network, now)?
        } else {
            Vec::new()
        },
        commands: commands.iter().map(|c| (*c).to_owned()).collect(),
        staff: if asked {
            assignment::staff(tx, record.to_id, viewer)?
        } else {
            Vec::new()
        },
    })
}

/// A need as whoever is asked may read it: discreet, and above S3 not at all.
fn discreet(mechanism: &Mechanism, service: &str) -> Label {
    let labels = share::labels(mechanism, service);
    if labels.sensitivity == Sensitivity::S4 {
        restricted_need()
    } else {
        labels.discreet
    }
}

/// The waits that move with the case.
fn moving(
    desk: &Desk,
    tx: &mut Tx<'_>,
    viewer: &Viewer,
    file: &CaseFile,
    network: &Network,
    now: DateTime<Utc>,
) -> Result<Vec<MovingWait>, ActError> {
    let lang = viewer.lang;
    let mut waits = Vec::new();
    for need in file.needs.iter().filter(|n| n.detail.machine.state == NeedState::Open) {
        let machine = &need.detail.machine;
        let mechanism = desk.version(tx, &need.record.mechanism_hash)?;
        waits.push(MovingWait {
            label: discreet(&mechanism, &need.detail.service).get(lang).to_owned(),
            priority: machine.priority,
            state_label: say(lang, "À référer", "To be referred").to_owned(),
            with: network.name(file.record.holder_id, lang),
            clock: Some(clock(DueKind::Need, machine.due.start, machine.due.at, now)),
        });
    }
    for referral in &file.referrals {
        let machine = &referral.machine;
        let Some(wait) = &machine.wait else { continue };
        let mechanism = desk.version(tx, &referral.record.mechanism_hash)?;
        waits.push(MovingWait {
            label: discreet(&mechanism, &referral.detail.service_type).get(lang).to_owned(),
            priority: machine.priority,
            state_label: state_says(&mechanism, machine.state, machine.outcome, viewer),
            with: network.name(referral.record.provider_id, lang),
            clock: Some(clock(wait.kind, wait.due.start, wait.due.at, now)),
        });
    }
    Ok(waits)
}

fn row(
    mechanism: &Mechanism,
    network: &Network,
    viewer: &Viewer,
    record: &TransferRecord,
    case_seq: i64,
    now: DateTime<Utc>,
) -> TransferRow {
    let asked = record.to_id == viewer.organisation;
    let waits = record.state == TransferState::Proposed.code();
    TransferRow {
        id: record.id,
        case_code: case_code(mechanism, case_seq),
        organisation: network.name(if asked { record.from_id } else { record.to_id }, viewer.lang),
        state: record.state.clone(),
        yours: asked && waits,
        clock: waits.then(|| clock(DueKind::Decide, record.due_from, record.due_at, now)),
        ended_at: record.ended_at,
    }
}

/// The transfer of a case that waits, for its page.
///
/// # Errors
/// When the store fails.
pub fn waiting_row(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    network: &Network,
    file: &CaseFile,
) -> Result<Option<TransferRow>, ActError> {
    let now = tx.now()?;
    let Some(record) = waiting(tx, file.record.id)? else {
        return Ok(None);
    };
    let mechanism = desk.version(tx, &record.mechanism_hash)?;
    Ok(Some(row(&mechanism, network, viewer, &record, file.seq, now)))
}

/// Transfers that wait for the viewer's organisation, and cases that left it.
///
/// # Errors
/// When the store fails.
pub fn of_organisation(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    network: &Network,
) -> Result<Vec<TransferRow>, ActError> {
    if !viewer.is(Role::CaseManager) && !viewer.is(Role::Supervisor) {
        return Ok(Vec::new());
    }
    let now = tx.now()?;
    let since = now.checked_sub_days(Days::new(LEFT_DAYS)).unwrap_or(now);
    let mut lines = rows::to(tx, viewer.organisation, ROWS)?;
    lines.extend(rows::from(tx, viewer.organisation, since, ROWS)?);
    lines.retain(|l| {
        let came_back = l.transfer.state == TransferState::Accepted.code() && l.case.holder == viewer.organisation;
        let closed = l.case.regime == "protected" && viewer.state_body;
        !(came_back || closed)
    });
    lines
        .iter()
        .map(|line| {
            let mechanism = desk.version(tx, &line.transfer.mechanism_hash)?;
            Ok(row(&mechanism, network, viewer, &line.transfer, line.case.seq, now))
        })
        .collect()
}

/// Accepts, declines or takes back a transfer.
///
/// # Errors
/// [`ActError::NotFound`], [`ActError::Stale`], [`ActError::Refused`],
/// [`ActError::Invalid`].
pub async fn act(desk: &Arc<Desk>, viewer: &Viewer, id: TransferId, command: ActOnTransfer) -> Result<Made, ActError> {
    let (desk_, viewer) = (Arc::clone(desk), viewer.clone());
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            write::once(tx, &viewer, "transfer_act", command.id, &(id, &command), |tx| {
                act_in(tx, &desk_, &viewer, id, &command)
            })
        })
        .await
}

fn act_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    id: TransferId,
    asked: &ActOnTransfer,
) -> Result<Made, ActError> {
    let case = TransferRecord::find(tx, id)?.ok_or(ActError::NotFound)?.case_id;
    cases::lock_case(tx, case)?;
    let (mut record, mut file, network, side) = load(tx, desk, viewer, id)?;
    if record.version != asked.version {
        return Err(ActError::Stale {
            base: asked.version,
            current: record.version,
        });
    }
    let now = tx.now()?;
    let (command, answer) = match &asked.command {
        TransferAsked::Accept { assign } => {
            let own = viewer.is(Role::CaseManager).then_some(viewer.user);
            let assign = assign.map(UserId).or(own);
            (TransferCommand::Accept { assign }, String::new())
        }
        TransferAsked::Decline { code, text } => (
            TransferCommand::Decline { code: *code },
            assignment::words("text", text)?,
        ),
        TransferAsked::Cancel => (TransferCommand::Cancel, String::new()),
    };
    if matches!(command, TransferCommand::Cancel) && side != TransferSide::Holder {
        return Err(ActError::NotFound);
    }
    let channel = if viewer.api { Channel::Api } else { Channel::Screen };
    let actor = rules::actor(viewer, ActingFor::Sender, channel);
    let doer = Doer::of(viewer, ActingFor::Sender);
    let mechanism = desk.version(tx, &record.mechanism_hash)?;
    let mut stream = Stream::lock(tx, case, file.record.slot, doer, mechanism.hash())?;
    record.ended_by = Some(viewer.user);
    let version = give(
        tx,
        desk,
        &mut record,
        &mut file,
        &network,
        command,
        &actor,
        &answer,
        &mut stream,
        now,
    )?;
    Ok(Made {
        id: id.0,
        code: case_code(&mechanism, file.seq),
        version,
    })
}

/// Lets the machine decide, and writes all that follows.
#[expect(clippy::too_many_arguments, reason = "the parts of one unit of work")]
fn give(
    tx: &mut Tx<'_>,
    desk: &Desk,
    record: &mut TransferRecord,
    file: &mut CaseFile,
    network: &Network,
    command: TransferCommand,
    actor: &Actor,
    answer: &str,
    stream: &mut Stream<'_>,
    now: DateTime<Utc>,
) -> Result<i64, ActError> {
    let mechanism = desk.version(tx, &record.mechanism_hash)?;
    let rules = rulebook(desk, network, record.to_id, &mechanism, &file.record.region)?;
    let transfer = transfer_of(record)?;
    let event = transfer.decide(command, actor, |due, percent| rules.times.at_percent(due, percent), now)?;
    let transfer = transfer.apply(event, now);
    fill(record, &transfer);
    let slot = file.record.slot;
    if !answer.is_empty() {
        let sealer = tx.sealer();
        let mut words: Words = open(&sealer, "case_transfer", "note", record.id.0, slot, &record.note)?;
        answer.clone_into(&mut words.answer);
        record.note = seal(&sealer, "case_transfer", "note", record.id.0, slot, &words)?;
    }
    record.update(tx)?;
    due_work(tx, &transfer, &rules.times)?;
    let facts = json!({ "from": record.from_id, "to": record.to_id, "code": record.decline_code });
    stream.add(tx, record.id.0, event.code(), &facts, now, answer)?;
    match event {
        TransferEvent::Accepted { assign } => {
            moved(tx, desk, file, network, &transfer, assign, &mechanism, now)?;
            tell(tx, event.code(), transfer.from, transfer.id)?;
        }
        TransferEvent::Declined { .. } => tell(tx, event.code(), transfer.from, transfer.id)?,
        TransferEvent::Cancelled => tell(tx, event.code(), transfer.to, transfer.id)?,
        TransferEvent::Reminded | TransferEvent::Lapsed => {
            tell(tx, event.code(), transfer.to, transfer.id)?;
            tell(tx, event.code(), transfer.from, transfer.id)?;
        }
    }
    Ok(record.version)
}

/// The case moves: holder and region, every wait, the grants of the old holder
/// and of the new, the disclosure, who works on it, and who is told.
#[expect(clippy::too_many_arguments, reason = "the parts of one unit of work")]
fn moved(
    tx: &mut Tx<'_>,
    desk: &Desk,
    file: &mut CaseFile,
    network: &Network,
    transfer: &Transfer,
    assign: Option<UserId>,
    mechanism: &Mechanism,
    now: DateTime<Utc>,
) -> Result<(), ActError> {
    let (case, from, to, slot) = (file.record.id, transfer.from, transfer.to, file.record.slot);
    if file.record.state != "open" {
        return Err(ActError::refused(
            "case_not_open",
            ("Ce dossier n’est plus ouvert.", "This case is no longer open."),
            ("Rien à reprendre.", "There is nothing to take over."),
        ));
    }
    // Looked at again: the person may have said otherwise since, an agreement may have ended.
    if agreed_to(&file.consents, to, now).is_empty() {
        return Err(relais_casework::transfer::TransferRefusal::ConsentMissing.into());
    }
    let plan = share::transfer_plan(desk, mechanism, file, network, to, now)?;
    if let Some(refused) = blocked_by(&plan) {
        return Err(refused);
    }
    let user = match assign {
        Some(user) => Some(assignment::member(tx, to, user)?),
        None => None,
    };

    let (granted, closings) = grant::on_transfer(
        || GrantId(ids::new_v7(now)),
        &file.grants,
        case,
        from,
        to,
        &plan.after,
        now,
    );
    write::close_grants(tx, &closings)?;
    grant::apply(&mut file.grants, &closings);
    for grant in &granted {
        write::grant(tx, grant)?;
    }
    file.grants.extend(granted);
    let bases: Vec<_> = plan.after.iter().map(|(_, basis)| *basis).collect();
    write::disclosure(tx, case, None, to, "transfer", plan.after_classes(), &bases, now)?;

    let left = file.record.region.clone();
    file.record = CaseRecord {
        holder_id: to,
        assigned_user_id: None,
        region: region_of(network, to).unwrap_or_else(|| left.clone()),
        ..file.record.clone()
    };
    file.record.update(tx)?;
    for need in file.needs.iter_mut().filter(|n| n.detail.machine.state.is_live()) {
        write::save_need(tx, need, slot, to, false)?;
    }
    for referral in file.referrals.iter_mut().filter(|r| !r.machine.state.is_terminal()) {
        write::save_referral(tx, referral, slot, to, now)?;
        let provider = referral.record.provider_id;
        if referral.record.sent_at.is_some() && network.with_account.contains(&provider) {
            let subject = referral.record.id.0;
            write::notice(tx, "holder_changed", Some(provider), Role::FocalPoint, subject)?;
        }
    }
    if let Some(user) = user {
        assignment::put(tx, file, &user)?;
    }
    counters::add(tx, &left, "all", "cases_transferred_out", 1)?;
    counters::add(tx, &file.record.region, "all", "cases_transferred_in", 1)?;
    Ok(())
}

/// A limit of a transfer is reached; whether it made an event.
///
/// # Errors
/// When the store fails.
pub fn due(tx: &mut Tx<'_>, desk: &Desk, id: TransferId, percent: u32) -> Result<bool, ActError> {
    let Some(case) = TransferRecord::find(tx, id)?.map(|r| r.case_id) else {
        return Ok(false);
    };
    cases::lock_case(tx, case)?;
    // Read again under the lock.
    let (Some(mut record), Some(mut file)) = (TransferRecord::find(tx, id)?, CaseFile::load(tx, case)?) else {
        return Ok(false);
    };
    let network = desk.network_now(tx)?;
    let mechanism = desk.version(tx, &record.mechanism_hash)?;
    let now = tx.now()?;
    let mut stream = Stream::lock(tx, case, file.record.slot, Doer::clock(), mechanism.hash())?;
    let command = TransferCommand::TimePasses { percent };
    let clock = Actor::clock();
    match give(
        tx,
        desk,
        &mut record,
        &mut file,
        &network,
        command,
        &clock,
        "",
        &mut stream,
        now,
    ) {
        Ok(_) => Ok(true),
        Err(ActError::Refused { .. }) => Ok(false),
        Err(other) => Err(other),
    }
}

/// Cases that came to the viewer's organisation by a transfer and whose name it
/// may not read: lists show no initials of theirs.
///
/// # Errors
/// When the store fails.
pub fn nameless(tx: &mut Tx<'_>, viewer: &Viewer) -> Result<BTreeSet<CaseId>, StoreError> {
    let now = tx.now()?;
    let identity = ClassSet::EMPTY.with(DataClass::Identity);
    let cases = rows::closed_to(tx, viewer.organisation, viewer.user, identity, now)?;
    Ok(cases.into_iter().collect())
}

//! What a transfer would do, said before it is proposed; and the proposal.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use relais_casework::sharing::{Plan, WhyNot};
use relais_casework::transfer::{Proposal, Transfer, TransferState, agreed_to, may_propose};
use relais_mechanism::{ActingFor, Lang};
use relais_network::{CaseId, OrganisationId, TransferId};
use relais_store::Tx;
use relais_store::rows::cases;
use relais_store::rows::transfers::TransferRecord;
use serde_json::json;

use super::{Words, at_work, due_of, due_work, facts, rulebook, tell, waiting};
use crate::assignment;
use crate::codes::case_code;
use crate::commands::ProposeTransfer;
use crate::desk::{Desk, Viewer};
use crate::file::{CaseFile, seal};
use crate::needs::may_write;
use crate::network::Network;
use crate::problem::ActError;
use crate::share;
use crate::views::{Made, TransferCandidate, TransferDraft, TransferPreview};
use crate::write::{self, Doer, Stream};

/// Why a class stays here. A transfer needs what the person agreed to for that
/// organisation, so that "not needed" is what they did not agree to.
const fn stays(why: WhyNot, lang: Lang) -> &'static str {
    match (why, lang) {
        (WhyNot::NotNeeded, Lang::Fr) => "La personne ne l’a pas accordé à cette organisation.",
        (WhyNot::NotNeeded, Lang::En) => "The person has not agreed to it for this organisation.",
        (other, lang) => other.why(lang),
    }
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
    let organisation = network.known(to).ok_or_else(|| {
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
        protected: file.is_protected(),
        waiting: waiting(tx, file.record.id)?.is_some(),
        consents: &file.consents,
        now,
    })?;
    let mechanism = desk.version(tx, &file.record.mechanism_hash)?;
    let plan = share::transfer_plan(desk, &mechanism, file, network, to, now)?;
    share::unless_blocked(&plan)?;
    Ok(plan)
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
        let protected = file.is_protected();
        let mut candidates: Vec<TransferCandidate> = at_work(tx)?
            .into_iter()
            .filter(|id| *id != file.record.holder_id)
            .filter_map(|id| network.known(id))
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
        let preview = match chosen.filter(|to| network.known(*to).is_some()) {
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
            .map(|(class, why)| (name(*class), stays(*why, lang).to_owned()))
            .collect(),
        basis: share::basis_says(&bases, file, network, lang),
        answer_by: due_of(desk, network, to, &mechanism, &file.record.region, now)?.at,
        needs: count(file.needs.iter().filter(live).count()),
        referrals: count(file.referrals.iter().filter(|r| !r.machine.state.is_terminal()).count()),
        blocked,
    })
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
                "Dites à la personne que son dossier change d’organisation, puis cochez.",
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
    let facts = json!({ "to": to, "classes": crate::classes::split(plan.after_classes()).0, "due": transfer.due.at });
    stream.add(tx, transfer.id.0, "transfer_proposed", &facts, now, &note)?;
    tell(tx, &network, &file, "transfer_proposed", to, transfer.id)?;
    Ok(Made {
        id: command.id,
        code: case_code(&mechanism, file.seq),
        version: 1,
    })
}

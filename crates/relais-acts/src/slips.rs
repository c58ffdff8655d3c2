//! The paper slip: a referral in the person's own hand, with boxes to tick,
//! and the same slip typed in by whoever holds it. What it says becomes the
//! same events as any answer, with `paper` as its channel (DESIGN §5).

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use relais_casework::calendar::local_date;
use relais_casework::referral::{Actor, CommandKind, LinkRefusal, Noted, Outcome, State, Ticked, of_slip};
use relais_casework::visible::{CaseState, View};
use relais_mechanism::{ActingFor, Channel, Lang, Mechanism, Priority, Role};
use relais_network::{CaseId, OrganisationId, ReferralId};
use relais_store::access::{self, Look};
use relais_store::rows::cases::{self, ReferralRecord};
use relais_store::rows::links::{self as rows, SlipRecord};
use relais_store::{Tx, ids};
use serde::{Deserialize, Serialize};
use serde_json::json;
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

use crate::codes::{parse_slip_number, referral_code, slip_number};
use crate::desk::{Desk, Viewer};
use crate::file::{CaseFile, is_erased, open as unseal, seal};
use crate::links::language;
use crate::needs::may_write;
use crate::network::Network;
use crate::problem::{ActError, FieldProblem};
use crate::referrals::{self, noon, side_of};
use crate::rules;
use crate::share;
use crate::views::{Fact, Made};
use crate::write::{self, Doer, Stream};

/// Wrong codes after which a slip is no longer typed in without an account.
const MOST_TRIES: i64 = 10;
/// Longest name, in characters.
const LONGEST: usize = 200;

/// Prepare the slip of a referral.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MakeSlip {
    /// Id of the act, made by its maker.
    pub id: Uuid,
}

/// What was ticked on a slip.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TypeSlip {
    /// Id of the act, made by its maker.
    pub id: Uuid,
    /// The box that says most.
    pub ticked: Ticked,
    /// Beside "not served": why.
    #[serde(default)]
    pub reason: Option<Outcome>,
    /// Who signed or stamped it.
    pub name: String,
    /// The day written on it, if not today.
    #[serde(default)]
    pub on: Option<NaiveDate>,
}

/// A slip as it is printed: nothing on it says who the person is.
#[derive(Debug, Clone, Serialize)]
pub struct SlipView {
    /// Referral.
    pub referral: ReferralId,
    /// Number with its check letter: also what the QR code holds.
    pub number: String,
    /// Code for typing it in without an account; none until it is prepared.
    pub code: Option<String>,
    /// The language of whoever is asked.
    pub language: Lang,
    /// The need by its discreet label, in that language.
    pub label: String,
    /// Priority.
    pub priority: Priority,
    /// Until when an answer is due.
    pub due: Option<DateTime<Utc>>,
    /// Who is asked; none where the place is confidential: the on-call desk knows.
    pub to: Option<String>,
    /// Its telephones; none where the place is confidential.
    pub to_telephones: Vec<String>,
    /// Who sends.
    pub from: String,
    /// Its telephone.
    pub from_telephone: Option<String>,
    /// Area and access needs: as much as the offer says.
    pub facts: Vec<Fact>,
    /// Lines that hear a complaint: name and number.
    pub complaints: Vec<(String, String)>,
    /// Why no slip can be prepared: the provider need not move.
    pub refused: Option<(String, String)>,
}

fn not_valid() -> ActError {
    ActError::refused(
        "slip_not_valid",
        (
            "Ce numéro et ce code n’ouvrent rien, ou plus rien.",
            "This number and this code open nothing, or nothing any more.",
        ),
        (
            "Relisez la fiche, lettre comprise, ou appelez l’organisation dont le numéro y figure.",
            "Read the slip again, letter included, or call the organisation whose number is on it.",
        ),
    )
}

/// The slip of a referral.
///
/// # Errors
/// [`ActError::NotFound`] for whoever is not on the sender's side.
pub async fn view(desk: &Arc<Desk>, viewer: &Viewer, referral: ReferralId) -> Result<SlipView, ActError> {
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let (file, _, network) = referrals::load_for_sender(tx, &desk_, &viewer_, referral)?;
        let view = slip_view(tx, &desk_, &viewer_, &file, &network, referral)?;
        Ok((view, vec![file.record.id]))
    })
    .await
}

fn slip_view(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    file: &CaseFile,
    network: &Network,
    id: ReferralId,
) -> Result<SlipView, ActError> {
    let open = file.referral(id).ok_or(ActError::NotFound)?;
    let mechanism = desk.version(tx, &open.record.mechanism_hash)?;
    let provider = open.record.provider_id;
    // A paper goes through the town: there nobody reads it as the shelter's own
    // staff, and the language of its region would be one more thing to know.
    let confidential = network.hides(open);
    let lang = if confidential {
        viewer.lang
    } else {
        language(desk, network, provider)
    };
    let code = match SlipRecord::find(tx, id)? {
        Some(record) if record.tries < MOST_TRIES => {
            let sealer = tx.sealer();
            Some(unseal(&sealer, "slip", "code", id.0, file.record.slot, &record.code)?)
        }
        _ => None,
    };
    let offer = share::offer(
        &mechanism,
        file,
        &open.detail.service_type,
        open.machine.priority,
        &open.detail.access,
        "",
    );
    let holder = network.organisations.get(&file.record.holder_id);
    let providers_move = open
        .machine
        .wait
        .as_ref()
        .is_some_and(|w| w.owner.side == ActingFor::Provider);
    let refusal = LinkRefusal::NotProvidersMove;
    Ok(SlipView {
        referral: id,
        number: slip_number(open.record.year, open.seq),
        code,
        language: lang,
        label: share::labels(&mechanism, &open.detail.service_type)
            .discreet
            .get(lang)
            .to_owned(),
        priority: open.machine.priority,
        due: open.machine.wait.as_ref().filter(|_| providers_move).map(|w| w.due.at),
        to: (!confidential).then(|| network.name(provider, lang)),
        to_telephones: if confidential {
            Vec::new()
        } else {
            network.telephones(open.detail.service, provider)
        },
        from: network.name(file.record.holder_id, lang),
        from_telephone: holder.and_then(|o| o.telephone.clone()),
        facts: on_paper(&mechanism, &offer, lang),
        complaints: complaint_lines(&mechanism, lang),
        refused: (!providers_move).then(|| {
            (
                refusal.message().get(viewer.lang).to_owned(),
                refusal.remedy().get(viewer.lang).to_owned(),
            )
        }),
    })
}

/// As much of the offer as a paper may say that the person carries through the
/// town: where, and which access is needed. Neither age nor sex, which with the
/// place would begin to tell who it is.
fn on_paper(mechanism: &Mechanism, offer: &relais_casework::sharing::OfferView, lang: Lang) -> Vec<Fact> {
    let kept = relais_casework::sharing::OfferView {
        age_band: None,
        sex: None,
        child: None,
        code: None,
        ..offer.clone()
    };
    share::offer_facts(mechanism, &kept, lang)
        .into_iter()
        .filter(|f| f.value.is_some() && f.label != crate::say::say(lang, "Besoin", "Need"))
        .collect()
}

/// The lines that hear a complaint, the same on every slip: what stands there
/// must not tell one case from another.
pub(crate) fn complaint_lines(mechanism: &Mechanism, lang: Lang) -> Vec<(String, String)> {
    mechanism
        .on_call_entries()
        .iter()
        .filter(|n| n.region.is_none() && n.is_filled())
        .take(2)
        .map(|n| (n.label.get(lang).to_owned(), n.number.clone()))
        .collect()
}

/// Prepares the slip: draws its code, once for each referral, again where too
/// many wrong codes were typed.
///
/// # Errors
/// [`ActError::NotFound`], a refusal when the provider need not move.
pub async fn make(
    desk: &Arc<Desk>,
    viewer: &Viewer,
    referral: ReferralId,
    command: MakeSlip,
) -> Result<Made, ActError> {
    let (desk_, viewer) = (Arc::clone(desk), viewer.clone());
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            write::once(tx, &viewer, "slip", command.id, &(referral, &command), |tx| {
                make_in(tx, &desk_, &viewer, referral)
            })
        })
        .await
}

fn make_in(tx: &mut Tx<'_>, desk: &Desk, viewer: &Viewer, id: ReferralId) -> Result<Made, ActError> {
    let record = ReferralRecord::find(tx, id)?.ok_or(ActError::NotFound)?;
    cases::lock_case(tx, record.case_id)?;
    let (file, view, _) = referrals::load_for_sender(tx, desk, viewer, id)?;
    may_write(&view, &file, viewer)?;
    let open = file.referral(id).ok_or(ActError::NotFound)?;
    let wait = open.machine.wait.as_ref();
    if wait.is_none_or(|w| w.owner.side != ActingFor::Provider) {
        let refusal = LinkRefusal::NotProvidersMove;
        return Err(ActError::Refused {
            code: refusal.code().to_owned(),
            why: refusal.message(),
            remedy: refusal.remedy(),
        });
    }
    let now = tx.now()?;
    let made = Made {
        id: id.0,
        code: referral_code(open.record.year, open.seq),
        version: open.machine.version,
    };
    let known = SlipRecord::find(tx, id)?;
    if known.as_ref().is_some_and(|s| s.tries < MOST_TRIES) {
        return Ok(made);
    }
    let sealer = tx.sealer();
    let slip = SlipRecord {
        referral_id: id,
        case_id: file.record.id,
        code: seal(&sealer, "slip", "code", id.0, file.record.slot, &ids::slip_code())?,
        made_by: viewer.user,
        made_at: now,
        tries: 0,
    };
    if known.is_some() {
        slip.update(tx)?;
    } else {
        slip.insert(tx)?;
    }
    let doer = Doer::of(viewer, ActingFor::Sender);
    let mut stream = Stream::lock(tx, file.record.id, file.record.slot, doer, &open.record.mechanism_hash)?;
    stream.add(tx, id.0, "slip_made", &json!({}), now, "")?;
    Ok(made)
}

/// Types in a slip, signed in: for the sender's side, which notes what the
/// provider ticked, or for the provider itself. The referral is found by the
/// number on the paper.
///
/// # Errors
/// A refusal for a number that is not there or not for this viewer, alike; the
/// machine's refusal.
pub async fn type_in(desk: &Arc<Desk>, viewer: &Viewer, number: String, command: TypeSlip) -> Result<Made, ActError> {
    check(&command)?;
    let (desk_, viewer) = (Arc::clone(desk), viewer.clone());
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            let referral = by_number(tx, &number)?.ok_or_else(not_valid)?;
            let done = write::once(tx, &viewer, "slip_typed", command.id, &(referral, &command), |tx| {
                typed_by(tx, &desk_, &viewer, referral, &command)
            });
            done.map_err(|error| match error {
                ActError::NotFound => not_valid(),
                other => other,
            })
        })
        .await
}

/// The same, where the referral is known by its id.
///
/// # Errors
/// [`ActError::NotFound`], the machine's refusal.
pub async fn type_into(
    desk: &Arc<Desk>,
    viewer: &Viewer,
    referral: ReferralId,
    command: TypeSlip,
) -> Result<Made, ActError> {
    let (desk_, viewer) = (Arc::clone(desk), viewer.clone());
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            write::once(tx, &viewer, "slip_typed", command.id, &(referral, &command), |tx| {
                typed_by(tx, &desk_, &viewer, referral, &command)
            })
        })
        .await
}

fn typed_by(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    id: ReferralId,
    command: &TypeSlip,
) -> Result<Made, ActError> {
    let record = ReferralRecord::find(tx, id)?.ok_or(ActError::NotFound)?;
    cases::lock_case(tx, record.case_id)?;
    let (mut file, view, network) = referrals::load_for(tx, desk, viewer, id)?;
    if matches!(view, View::Office) {
        return Err(ActError::NotFound);
    }
    check(command)?;
    let acting_for = side_of(
        viewer,
        record.provider_id,
        file.record.holder_id,
        CommandKind::Report,
        true,
    );
    let actor = Actor {
        noted: Some(noted(command)),
        ..rules::actor(viewer, acting_for, Channel::Paper)
    };
    let doer = Doer {
        channel: Channel::Paper,
        ..Doer::of(viewer, acting_for)
    };
    give(tx, desk, &mut file, &network, id, command, &actor, doer)
}

/// Types in a slip without an account, with the number and the code on it.
/// Nothing of the referral is shown; whatever is wrong answers alike.
///
/// # Errors
/// A refusal; [`ActError::Invalid`] when the name is missing, which is said
/// before anything is looked up.
pub async fn type_in_unsigned(
    desk: &Arc<Desk>,
    number: String,
    code: String,
    command: TypeSlip,
    route: &'static str,
    purpose: &'static str,
) -> Result<Made, ActError> {
    check(&command)?;
    let desk_ = Arc::clone(desk);
    // What a wrong code changes must stay, so the refusal is an answer here.
    let done = desk
        .store()
        .write(move |tx: &mut Tx<'_>| -> Result<Option<Made>, ActError> {
            let done = match known(tx, &number, &code)? {
                Some((referral, case)) => {
                    let made = write::once_by(tx, referral.0, "slip_typed", command.id, &command, |tx| {
                        typed_by_nobody(tx, &desk_, referral, case, &command)
                    })?;
                    Some((made, case))
                }
                None => None,
            };
            let cases: Vec<CaseId> = done.iter().map(|(_, case)| *case).collect();
            let look = Look {
                user: None,
                organisation: None,
                route,
                purpose,
                cases: &cases,
            };
            access::log(tx, &look)?;
            Ok(done.map(|(made, _)| made))
        })
        .await?;
    done.ok_or_else(not_valid)
}

fn by_number(tx: &mut Tx<'_>, number: &str) -> Result<Option<ReferralId>, ActError> {
    Ok(match parse_slip_number(number) {
        Some((year, seq)) => rows::referral_by_number(tx, year, seq)?,
        None => None,
    })
}

/// The referral of number and code, or none; a wrong code is counted.
fn known(tx: &mut Tx<'_>, number: &str, code: &str) -> Result<Option<(ReferralId, CaseId)>, ActError> {
    let typed: String = code
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_uppercase())
        .collect();
    let Some(referral) = by_number(tx, number)? else {
        return Ok(None);
    };
    let Some(slip) = SlipRecord::find(tx, referral)? else {
        return Ok(None);
    };
    cases::lock_case(tx, slip.case_id)?;
    let Some(mut slip) = SlipRecord::find(tx, referral)?.filter(|s| s.tries < MOST_TRIES) else {
        return Ok(None);
    };
    // The paper of a case that has ended is dead, and says no more than one that never was.
    let Some(case) = cases::CaseRecord::find(tx, slip.case_id)?.filter(|c| c.state != CaseState::Ended.code()) else {
        return Ok(None);
    };
    let sealer = tx.sealer();
    let right: String = match unseal(&sealer, "slip", "code", referral.0, case.slot, &slip.code) {
        Err(error) if is_erased(&error) => return Ok(None),
        right => right?,
    };
    if bool::from(right.as_bytes().ct_eq(typed.as_bytes())) {
        return Ok(Some((referral, slip.case_id)));
    }
    slip.tries += 1;
    slip.update(tx)?;
    if slip.tries == MOST_TRIES {
        write::notice(tx, "slip_blocked", Some(case.holder_id), Role::CaseManager, referral.0)?;
    }
    Ok(None)
}

fn typed_by_nobody(
    tx: &mut Tx<'_>,
    desk: &Desk,
    id: ReferralId,
    case: CaseId,
    command: &TypeSlip,
) -> Result<Made, ActError> {
    let mut file = CaseFile::load(tx, case)?.ok_or_else(not_valid)?;
    let network = desk.network_now(tx)?;
    let provider: OrganisationId = file.referral(id).ok_or_else(not_valid)?.record.provider_id;
    let actor = Actor {
        user: None,
        organisation: Some(provider),
        roles: vec![Role::FocalPoint],
        acting_for: ActingFor::Provider,
        channel: Channel::Paper,
        noted: Some(noted(command)),
    };
    let doer = Doer {
        user: None,
        organisation: Some(provider),
        acting_for: ActingFor::Provider,
        channel: Channel::Paper,
    };
    give(tx, desk, &mut file, &network, id, command, &actor, doer)
}

fn noted(command: &TypeSlip) -> Noted {
    Noted {
        number: String::new(),
        answered_by: command.name.trim().to_owned(),
    }
}

fn check(command: &TypeSlip) -> Result<(), ActError> {
    let mut wrong = Vec::new();
    if command.name.trim().is_empty() {
        wrong.push(FieldProblem::new(
            "name",
            "required",
            (
                "Écrivez le nom de qui a rempli la fiche.",
                "Write the name of who filled in the slip.",
            ),
        ));
    }
    wrong.extend(FieldProblem::too_long("name", &command.name, LONGEST));
    if command.ticked == Ticked::NotServed && command.reason.is_none() {
        wrong.push(FieldProblem::new(
            "reason",
            "required",
            (
                "Choisissez la raison écrite sur la fiche.",
                "Choose the reason written on the slip.",
            ),
        ));
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(ActError::Invalid(wrong))
    }
}

/// The moment of a day written on paper: its noon, but neither before the
/// sending nor after now where the day is one of these.
fn moment(on: Option<NaiveDate>, sent: Option<DateTime<Utc>>, now: DateTime<Utc>) -> DateTime<Utc> {
    let Some(day) = on else { return now };
    let at = noon(day);
    let at = match sent {
        Some(sent) if day == local_date(sent) => at.max(sent),
        _ => at,
    };
    if day == local_date(now) { at.min(now) } else { at }
}

#[expect(clippy::too_many_arguments, reason = "the parts of one unit of work")]
fn give(
    tx: &mut Tx<'_>,
    desk: &Desk,
    file: &mut CaseFile,
    network: &Network,
    id: ReferralId,
    command: &TypeSlip,
    actor: &Actor,
    doer: Doer,
) -> Result<Made, ActError> {
    let open = file.referral(id).ok_or(ActError::NotFound)?;
    let (state, sent_at): (State, _) = (open.machine.state, open.machine.sent_at);
    let hash = open.record.mechanism_hash.clone();
    let now = tx.now()?;
    let happened_at = moment(command.on, sent_at, now);
    let commands = of_slip(state, command.ticked, command.reason, command.name.trim());
    if commands.is_empty() {
        return Err(ActError::refused(
            "slip_says_nothing_new",
            (
                "La fiche ne dit rien de plus que ce qui est déjà noté.",
                "The slip says nothing that is not noted already.",
            ),
            (
                "Rien n’est à faire ; saisissez-la quand une autre case sera cochée.",
                "Nothing is to be done; type it in when another box is ticked.",
            ),
        ));
    }
    let mut stream = Stream::lock(tx, file.record.id, file.record.slot, doer, &hash)?;
    for step in &commands {
        referrals::give(tx, desk, file, network, id, step, actor, happened_at, "", &mut stream)?;
    }
    let open = file.referral(id).ok_or(ActError::NotFound)?;
    Ok(Made {
        id: id.0,
        code: referral_code(open.record.year, open.seq),
        version: open.machine.version,
    })
}

#[cfg(test)]
mod tests;

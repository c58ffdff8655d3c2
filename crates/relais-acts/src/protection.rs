//! The protected circuit (circuit protégé, DESIGN §6): a person who fears an
//! authority or an armed group chooses one holder outside the State. No State
//! role and nobody of the mechanism's office sees the case any more: not in a
//! list, a search, a message or a check for duplicates. No reason is recorded,
//! and none is asked.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use relais_casework::calendar::local_date;
use relais_casework::grant::{self, Grant, Holder};
use relais_casework::referral::{Command, Counts, Turn, WithdrawEffect, turn};
use relais_casework::sharing::OverrideState;
use relais_casework::visible::{OFFICE, ReferralStage, Shown, visible_need};
use relais_mechanism::{ActingFor, Channel, Lang};
use relais_network::{CaseId, GrantId, ReferralId};
use relais_store::rows::accounts::UserRecord;
use relais_store::rows::cases::{self, PersonRecord};
use relais_store::{Tx, buckets};
use serde::Serialize;
use serde_json::json;

use crate::accounts::roles_of;
use crate::codes::{case_code, referral_code};
use crate::commands::SetProtection;
use crate::desk::{Desk, Viewer};
use crate::file::{CaseFile, seal};
use crate::needs::{limit_facts, may_write};
use crate::network::Network;
use crate::problem::ActError;
use crate::rules::{self, Rulebook};
use crate::say::say;
use crate::shelter::Names;
use crate::views::Made;
use crate::webhooks::{self, Told};
use crate::write::{self, Doer, Stream};
use crate::{assignment, duplicates, overrides, referrals, share, transfers};

/// The regime of a case in the protected circuit, as its row has it.
pub const PROTECTED: &str = "protected";
/// The regime of any other case.
pub const ORDINARY: &str = "ordinary";

/// Why the circuit cannot be chosen here, and what to do instead.
#[derive(Debug, Clone, Serialize)]
pub struct Barred {
    /// Code.
    pub code: String,
    /// Why.
    pub why: String,
    /// What to do instead.
    pub remedy: String,
}

/// What a State body has received already.
#[derive(Debug, Clone, Serialize)]
pub struct Received {
    /// Which organisation.
    pub organisation: String,
    /// When it received last.
    pub on: NaiveDate,
}

/// What becomes of a running referral.
#[derive(Debug, Clone, Serialize)]
pub struct Turned {
    /// Referral.
    pub id: ReferralId,
    /// Its code.
    pub code: String,
    /// The need, in words.
    pub label: String,
    /// Provider.
    pub provider: String,
    /// goes_on, stops, on_paper.
    pub becomes: String,
    /// The same in words.
    pub says: String,
}

/// The page of the protected circuit: where the case stands, and what choosing
/// or leaving it does, before it is done.
#[derive(Debug, Clone, Serialize)]
pub struct ProtectionView {
    /// Case.
    pub case_id: CaseId,
    /// Its code.
    pub case_code: String,
    /// Version.
    pub version: i64,
    /// Whether the case is in the protected circuit.
    pub protected: bool,
    /// The organisation that holds it.
    pub holder: String,
    /// Why it cannot be chosen here.
    pub barred: Option<Barred>,
    /// Who sees something of it today and will see nothing any more.
    pub loses: Vec<String>,
    /// State bodies that have received something: that is not taken back.
    pub received: Vec<Received>,
    /// The running referrals.
    pub referrals: Vec<Turned>,
}

/// Whether this organisation may hold a case of the protected circuit, and
/// this user work on one.
fn may_hold(viewer: &Viewer, network: &Network) -> Result<(), ActError> {
    if viewer.state_body {
        return Err(ActError::refused(
            "holder_is_state",
            (
                "Votre organisation est un organe de l’État : elle ne peut pas tenir un dossier du circuit protégé.",
                "Your organisation is a State body: it cannot hold a case of the protected circuit.",
            ),
            (
                "Avec l’accord de la personne, faites d’abord passer le dossier à une organisation non étatique, qui choisira le circuit.",
                "With the person’s agreement, first have the case pass to an organisation outside the State, which will choose the circuit.",
            ),
        ));
    }
    if viewer.sight(network).is_office() {
        return Err(office_cannot_hold());
    }
    Ok(())
}

/// Whoever works on a case of the protected circuit is not of the office.
pub(crate) fn office_cannot_hold() -> ActError {
    ActError::refused(
        "office_cannot_hold",
        (
            "Le circuit protégé est fermé à qui travaille aussi pour le secrétariat ou sa région.",
            "The protected circuit is closed to whoever also works for the secretariat or its region.",
        ),
        (
            "Confiez le dossier à un collègue qui n’a pas ce rôle.",
            "Hand the case to a colleague without that role.",
        ),
    )
}

/// Whether the account is of the mechanism's office, whatever else it is.
pub(crate) fn of_office(user: &UserRecord) -> bool {
    roles_of(&user.roles).iter().any(|role| OFFICE.contains(role))
}

/// The open grants of whoever the circuit is closed to: State bodies, and
/// members of the holder's staff who are of the mechanism's office too.
fn shut_out<'a>(
    tx: &mut Tx<'_>,
    network: &Network,
    file: &'a CaseFile,
    now: DateTime<Utc>,
) -> Result<Vec<&'a Grant>, ActError> {
    let mut shut = Vec::new();
    for grant in file.grants.iter().filter(|g| g.is_open(now)) {
        let of_the_office = match grant.holder {
            Holder::User { user, .. } => UserRecord::find(tx, user)?.is_none_or(|u| of_office(&u)),
            _ => false,
        };
        if of_the_office || network.is_state(grant.holder.organisation()) {
            shut.push(grant);
        }
    }
    Ok(shut)
}

/// The page.
///
/// # Errors
/// [`ActError::NotFound`], [`ActError::Forbidden`].
pub async fn view(desk: &Arc<Desk>, viewer: &Viewer, case: CaseId) -> Result<ProtectionView, ActError> {
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let (file, sight, network) = CaseFile::load_for(tx, &desk_, &viewer_, case)?;
        may_write(&sight, &file, &viewer_)?;
        let now = tx.now()?;
        let lang = viewer_.lang;
        let mechanism = desk_.version(tx, &file.record.mechanism_hash)?;
        let protected = file.is_protected();
        let names = Names::of_case(&network, &viewer_, &file);
        let mut loses = BTreeSet::new();
        let mut received: Vec<Received> = Vec::new();
        if !protected {
            for grant in shut_out(tx, &network, &file, now)? {
                loses.insert(match grant.holder {
                    Holder::User { user, organisation } => {
                        let name = UserRecord::find(tx, user)?.map_or_else(String::new, |u| u.display_name);
                        if names.hides(organisation) {
                            names.word().to_owned()
                        } else {
                            format!("{name}, {}", names.name(organisation))
                        }
                    }
                    other => names.name(other.organisation()),
                });
            }
            let asked = file.referrals.iter().filter(|r| {
                ReferralStage::of(r.machine.state) == ReferralStage::Offered && network.is_state(r.record.provider_id)
            });
            loses.extend(asked.map(|r| names.provider(r)));
            let proposed = transfers::waiting(tx, case)?.filter(|t| network.is_state(t.to_id));
            loses.extend(proposed.map(|t| network.name(t.to_id, lang)));
            for told in file.disclosures(tx)? {
                if !network.is_state(told.recipient_id) || told.classes.is_empty() {
                    continue;
                }
                let (organisation, on) = (names.name(told.recipient_id), local_date(told.at));
                match received.iter_mut().find(|r| r.organisation == organisation) {
                    Some(known) => known.on = known.on.max(on),
                    None => received.push(Received { organisation, on }),
                }
            }
        }
        let barred = may_hold(&viewer_, &network).err().and_then(|e| match e {
            ActError::Refused { code, why, remedy } => Some(Barred {
                code,
                why: why.get(lang).to_owned(),
                remedy: remedy.get(lang).to_owned(),
            }),
            _ => None,
        });
        let mut turned = Vec::new();
        for open in file.referrals.iter().filter(|r| !r.machine.state.is_terminal()) {
            let version = desk_.version(tx, &open.record.mechanism_hash)?;
            let labels = share::labels(&version, &open.detail.service_type);
            let Some(words) = visible_need(&labels, &sight, true, true, Shown::File) else {
                continue;
            };
            let becomes = if protected {
                Turn::GoesOn
            } else {
                turn(open.machine.state, network.is_state(open.record.provider_id))
            };
            turned.push(Turned {
                id: open.record.id,
                code: referral_code(open.record.year, open.seq),
                label: words.get(lang).to_owned(),
                provider: names.provider(open),
                becomes: becomes.code().to_owned(),
                says: becomes_says(becomes, lang).to_owned(),
            });
        }
        let view = ProtectionView {
            case_id: case,
            case_code: case_code(&mechanism, file.seq),
            version: file.record.version,
            protected,
            holder: network.name(file.record.holder_id, lang),
            barred: barred.filter(|_| !protected),
            loses: loses.into_iter().collect(),
            received,
            referrals: turned,
        };
        Ok((view, vec![case]))
    })
    .await
}

/// What becomes of a referral, in words.
const fn becomes_says(becomes: Turn, lang: Lang) -> &'static str {
    match becomes {
        Turn::GoesOn => say(lang, "Continue sans changement.", "Goes on unchanged."),
        Turn::Stops => say(
            lang,
            "S’arrête. Le besoin revient à votre équipe, qui cherche un service non étatique.",
            "Stops. The need comes back to your team, which looks for a service outside the State.",
        ),
        Turn::OnPaper => say(
            lang,
            "Le soin commencé continue, sans le système : la personne garde sa fiche, et vous notez le résultat du papier.",
            "The care begun goes on, outside the system: the person keeps the slip, and you note the outcome from the paper.",
        ),
    }
}

/// Chooses the protected circuit, or leaves it.
///
/// # Errors
/// [`ActError::NotFound`], [`ActError::Invalid`], [`ActError::Stale`],
/// [`ActError::Refused`].
pub async fn set(desk: &Arc<Desk>, viewer: &Viewer, case: CaseId, command: SetProtection) -> Result<Made, ActError> {
    let (desk_, viewer) = (Arc::clone(desk), viewer.clone());
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            write::once(tx, &viewer, "protection", command.id, &(case, &command), |tx| {
                set_in(tx, &desk_, &viewer, case, &command)
            })
        })
        .await
}

fn set_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    case: CaseId,
    command: &SetProtection,
) -> Result<Made, ActError> {
    // Locked first, which counts the version up by one.
    cases::lock_case(tx, case)?;
    let (mut file, sight, network) = CaseFile::load_for(tx, desk, viewer, case)?;
    may_write(&sight, &file, viewer)?;
    file.unless_stale(command.version)?;
    if file.is_protected() == command.protected {
        return Err(ActError::refused(
            "already_so",
            ("C’est déjà le cas de ce dossier.", "This case stands there already."),
            ("Rien n’est à faire.", "There is nothing to do."),
        ));
    }
    if command.protected {
        may_hold(viewer, &network)?;
    }
    if !command.person_agrees {
        return Err(ActError::field(
            "person_agrees",
            "required",
            (
                "Lisez ces conséquences avec la personne, puis cochez si elle le veut.",
                "Read what follows with the person, then tick if they want it.",
            ),
        ));
    }
    let now = tx.now()?;
    let mechanism = desk.version(tx, &file.record.mechanism_hash)?;
    let hash = file.record.mechanism_hash.clone();
    let slot = file.record.slot;
    let doer = Doer::of(viewer, ActingFor::Person);
    let mut stream = Stream::lock(tx, case, slot, doer, &hash)?;
    let (regime, kind) = if command.protected {
        (PROTECTED, "circuit_chosen")
    } else {
        (ORDINARY, "circuit_left")
    };
    // From here on the file is what it becomes: whoever the circuit is closed
    // to hears nothing of what follows.
    regime.clone_into(&mut file.record.regime);
    stream.add(tx, command.id, kind, &json!({}), now, "")?;
    if command.protected {
        shut(tx, desk, viewer, &mut file, &network, &mut stream, now)?;
        duplicates::leave_all(tx, &file, &mut stream)?;
    }
    filed(tx, &file)?;
    carry_on(tx, desk, &mut file, &network, &mut stream, now)?;
    hand_overrides(tx, &network, &file)?;
    file.record.update(tx)?;
    Ok(Made {
        id: command.id,
        code: case_code(&mechanism, file.seq),
        version: file.record.version,
    })
}

/// Under which names and keys the person is found: under none in the circuit.
fn filed(tx: &mut Tx<'_>, file: &CaseFile) -> Result<(), ActError> {
    let person = PersonRecord::find(tx, file.record.person_id)?.ok_or(ActError::NotFound)?;
    if file.is_protected() {
        buckets::forget(tx, person.id, person.slot)?;
        return Ok(());
    }
    let (identity, contact) = file.person(tx)?;
    let opened_at = file.record.opened_at;
    duplicates::file_person(tx, person.id, person.slot, &identity, &contact, &file.card, opened_at)?;
    Ok(())
}

/// Closes what State bodies and the office hold, and takes back from State
/// bodies what they have not begun.
fn shut(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    file: &mut CaseFile,
    network: &Network,
    stream: &mut Stream<'_>,
    now: DateTime<Utc>,
) -> Result<(), ActError> {
    let shut: BTreeSet<GrantId> = shut_out(tx, network, file, now)?.iter().map(|g| g.id).collect();
    let assigned =
        |g: &&Grant| matches!(g.holder, Holder::User { user, .. } if Some(user) == file.record.assigned_user_id);
    let loses_worker = file.grants.iter().filter(assigned).any(|g| shut.contains(&g.id));
    let closings = grant::on_protection(&file.grants, |g| shut.contains(&g.id), now);
    write::close_grants(tx, &closings)?;
    grant::apply(&mut file.grants, &closings);
    if loses_worker {
        // Whoever chose it with the person works on it from now on.
        let worker = UserRecord::find(tx, viewer.user)?.ok_or(ActError::NotFound)?;
        assignment::put(tx, file, &worker)?;
    }
    let stopping: Vec<(ReferralId, ReferralStage)> = file
        .referrals
        .iter()
        .filter(|r| turn(r.machine.state, network.is_state(r.record.provider_id)) == Turn::Stops)
        .map(|r| (r.record.id, ReferralStage::of(r.machine.state)))
        .collect();
    let asked = transfers::waiting(tx, file.record.id)?;
    if asked.is_some_and(|t| network.is_state(t.to_id)) {
        let actor = rules::actor(viewer, ActingFor::Sender, Channel::Screen);
        transfers::take_back(tx, desk, file, network, &actor, stream, now)?;
    }
    for (id, stage) in stopping {
        let (command, side) = if stage == ReferralStage::Accepted {
            (Command::Cancel, ActingFor::Sender)
        } else {
            // The person's word, so that it counts as such.
            let effect = WithdrawEffect::StopSharing;
            (Command::Withdraw { effect }, ActingFor::Person)
        };
        let actor = rules::actor(viewer, side, Channel::Screen);
        referrals::give(tx, desk, file, network, id, &command, &actor, now, "", stream)?;
    }
    Ok(())
}

/// Tells every running referral in which circuit it runs now; where a State
/// body had to move, the holder does.
fn carry_on(
    tx: &mut Tx<'_>,
    desk: &Desk,
    file: &mut CaseFile,
    network: &Network,
    stream: &mut Stream<'_>,
    now: DateTime<Utc>,
) -> Result<(), ActError> {
    let (holder, slot, protected) = (file.record.holder_id, file.record.slot, file.is_protected());
    let facts = limit_facts(file);
    let mut passed_on = Vec::new();
    for open in file.referrals.iter_mut().filter(|r| !r.machine.state.is_terminal()) {
        let mechanism = desk.version(tx, &open.record.mechanism_hash)?;
        let rulebook = Rulebook::new(
            desk,
            Arc::clone(&mechanism),
            open.machine.priority,
            &open.detail.service_type,
            &open.record.region,
            open.machine.on_call,
            facts,
        )?;
        let before = open.machine.wait.as_ref().map(|w| w.owner);
        open.machine = if protected {
            open.machine.into_circuit(network.is_state(open.record.provider_id))
        } else {
            open.machine.out_of_circuit()
        };
        let owner = open.machine.wait.as_ref().map(|w| w.owner);
        write::save_referral(tx, open, slot, holder, now)?;
        let clocks = open
            .machine
            .clocks(&rulebook.times, mechanism.ladder(), Counts::from(mechanism.rules()));
        let rows = clocks.into_iter().map(|c| (format!("{}@{}", c.kind, c.percent), c.at));
        write::due_work(tx, open.record.id.0, open.machine.version, rows)?;
        if owner != before {
            let facts = json!({ "state": open.machine.state, "owner": owner.map(|o| o.side) });
            stream.add(tx, open.record.id.0, "passed_on", &facts, now, "")?;
            passed_on.push((open.record.id, open.machine.version, open.record.provider_id));
        }
    }
    for (id, version, provider) in passed_on {
        let told = Told::both(holder, provider);
        webhooks::happened(tx, network, file, (id, version), "passed_on", told)?;
    }
    Ok(())
}

/// What waits for a co-signature waits for somebody who sees the case: what a
/// State body wrote of it, before it came to this holder or in an emergency,
/// is read by the holder's supervisors.
fn hand_overrides(tx: &mut Tx<'_>, network: &Network, file: &CaseFile) -> Result<(), ActError> {
    let sealer = tx.sealer();
    for mut open in overrides::of_case(tx, file)? {
        if file.is_protected() && network.is_state(open.detail.exception.organisation) {
            open.detail.exception.organisation = file.record.holder_id;
            open.record.organisation_id = file.record.holder_id;
            let id = open.record.id.0;
            open.record.reason = seal(&sealer, "override_row", "reason", id, file.record.slot, &open.detail)?;
        }
        let exception = &open.detail.exception;
        let (owner, role) = exception.owner(file.is_protected());
        let waiting = exception.state() == OverrideState::Waiting;
        if open.record.owner_id == owner || !(waiting || file.is_protected()) {
            continue;
        }
        (open.record.owner_id, open.record.owner_role) = (owner, role.code().to_owned());
        open.record.version += 1;
        open.record.update(tx)?;
        if waiting {
            write::notice(tx, "cosign", owner, role, open.record.id.0)?;
        }
    }
    Ok(())
}

/// How many cases are in the protected circuit, as far as it is told: nothing
/// below the mechanism's least count, so that no single case shows.
///
/// # Errors
/// When the store fails.
pub fn count(tx: &mut Tx<'_>, least: u32) -> Result<Option<u32>, ActError> {
    let number = relais_store::rows::lists::protected_cases(tx)?;
    Ok(u32::try_from(number).ok().filter(|n| *n >= least))
}

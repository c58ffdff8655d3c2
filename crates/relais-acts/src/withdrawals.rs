//! A person withdraws consent: what that would do, and doing it. Grants that
//! rest on the lines close now; past recipients are asked to stop using what
//! they received and must confirm; a service stops only if the person says so,
//! and care under way goes on (DESIGN §5, §6).

use std::sync::Arc;

use chrono::{DateTime, Utc};
use relais_casework::consent::{self, ConsentDecision, ConsentLine, PastDisclosure, Tell, WithdrawEffect as Effect};
use relais_casework::grant;
use relais_casework::referral::{self, Command, EventKind, NeedEffect, Refusal};
use relais_casework::visible::{ReferralStage, Shown, View, visible_need};
use relais_mechanism::{ActingFor, Channel, Mechanism};
use relais_network::agreement::Basis;
use relais_network::{CaseId, ConsentId, DisclosureId, ReferralId};
use relais_store::rows::cases::{self, ConsentRecord, DisclosureRecord};
use relais_store::{StoreError, Tx};
use serde_json::json;

use crate::case::consent_row;
use crate::codes::{case_code, referral_code};
use crate::commands::WithdrawConsent;
use crate::desk::{Desk, Viewer};
use crate::file::CaseFile;
use crate::needs::may_write;
use crate::network::Network;
use crate::problem::ActError;
use crate::referrals;
use crate::rules::{self, Rulebook};
use crate::say::say;
use crate::share;
use crate::shelter::{self, Names};
use crate::stops;
use crate::views::{Made, ToTell, WithdrawPreview, WithdrawView, WithdrawnReferral};
use crate::write::{self, Doer, Stream};

/// Longest words of what the person said, in characters.
pub const WORDS: usize = 500;

/// Withdraws lines: grants that rest on them close now, past recipients are
/// told and must confirm, and services stop only if the person says so.
///
/// # Errors
/// [`ActError::NotFound`], [`ActError::Invalid`], [`ActError::Refused`] when
/// none of the lines stands.
pub async fn withdraw(
    desk: &Arc<Desk>,
    viewer: &Viewer,
    case: CaseId,
    command: WithdrawConsent,
) -> Result<Made, ActError> {
    let (desk_, viewer) = (Arc::clone(desk), viewer.clone());
    desk.store()
        .write(move |tx: &mut Tx<'_>| {
            write::once(tx, &viewer, "withdrawal", command.id, &(case, &command), |tx| {
                withdraw_lines(tx, &desk_, &viewer, case, &command)
            })
        })
        .await
}

/// The page of a withdrawal: the lines that stand, and, where the person's
/// wish is given, what it would do.
///
/// # Errors
/// [`ActError::NotFound`], [`ActError::Forbidden`], [`ActError::Invalid`].
pub async fn view(
    desk: &Arc<Desk>,
    viewer: &Viewer,
    case: CaseId,
    chosen: Vec<uuid::Uuid>,
    effect: Option<String>,
) -> Result<WithdrawView, ActError> {
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let (file, sight, network) = CaseFile::load_for(tx, &desk_, &viewer_, case)?;
        may_write(&sight, &file, &viewer_)?;
        let now = tx.now()?;
        let mechanism = desk_.version(tx, &file.record.mechanism_hash)?;
        let preview = match effect.as_deref().filter(|e| !e.is_empty()) {
            None => None,
            Some(code) => {
                let effect = effect_of(code)?;
                let ids = standing(&file, &[], &chosen, now)?;
                Some(preview(
                    tx, &desk_, &viewer_, &file, &sight, &network, &ids, effect, now,
                )?)
            }
        };
        let names = Names::of_case(&network, &viewer_, &file);
        let view = WithdrawView {
            case_id: case,
            case_code: case_code(&mechanism, file.seq),
            lines: file
                .consents
                .iter()
                .filter(|c| c.standing(now) == ConsentDecision::Granted)
                .map(|c| consent_row(&mechanism, &names, c, now))
                .collect(),
            preview,
        };
        Ok((view, vec![case]))
    })
    .await
}

fn effect_of(code: &str) -> Result<Effect, ActError> {
    Effect::from_code(code).ok_or_else(|| {
        ActError::field(
            "effect",
            "unknown_option",
            (
                "Demandez à la personne : arrêter de partager, arrêter le service, ou les deux.",
                "Ask the person: stop sharing, stop the service, or both.",
            ),
        )
    })
}

/// The granted lines that are meant: by their ids, by the lines' codes, or all.
fn standing(
    file: &CaseFile,
    lines: &[String],
    chosen: &[uuid::Uuid],
    now: DateTime<Utc>,
) -> Result<Vec<ConsentId>, ActError> {
    let all = lines.is_empty() && chosen.is_empty();
    let meant: Vec<ConsentId> = file
        .consents
        .iter()
        .filter(|c| c.standing(now) == ConsentDecision::Granted)
        .filter(|c| all || lines.iter().any(|l| l == c.line.code()) || chosen.contains(&c.id.0))
        .map(|c| c.id)
        .collect();
    if meant.is_empty() {
        return Err(ActError::refused(
            "nothing_to_withdraw",
            (
                "Aucune de ces lignes n’est accordée.",
                "None of these lines is granted.",
            ),
            (
                "Relisez les consentements du dossier.",
                "Read the consents of the case again.",
            ),
        ));
    }
    Ok(meant)
}

/// Who must be told, and what would become of each running referral.
#[expect(clippy::too_many_arguments, reason = "the facts of one page")]
fn preview(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    file: &CaseFile,
    sight: &View,
    network: &Network,
    chosen: &[ConsentId],
    effect: Effect,
    now: DateTime<Utc>,
) -> Result<WithdrawPreview, ActError> {
    let lang = viewer.lang;
    let disclosures = file.disclosures(tx)?;
    let past = past_disclosures(&disclosures)?;
    let mut tell = Vec::new();
    let holder = file.record.holder_id;
    let names = Names::of_case(network, viewer, file);
    let on_call = shelter::on_call(tx, &desk.mechanism(), &file.record, lang)?;
    let told = consent::withdraw(chosen, effect, &file.grants, &past, &[], now).tell;
    for told in told.into_iter().filter(|t| t.organisation != holder) {
        let mechanism = desk.version(tx, &file.record.mechanism_hash)?;
        let due = stops::due_of(desk, network, told.organisation, &mechanism, &file.record.region, now)?;
        tell.push(ToTell {
            organisation: names.name(told.organisation),
            classes: share::classes_say_in_clear(&mechanism, told.classes, lang),
            telephone: if names.hides(told.organisation) {
                on_call.first().map(|l| l.number.clone())
            } else {
                names.telephone(told.organisation)
            },
            has_account: network.with_account.contains(&told.organisation),
            confirm_by: due.at,
        });
    }
    let concerned = resting_on(tx, desk, file, network, chosen, now)?;
    let mut running = Vec::new();
    for open in file.referrals.iter().filter(|r| !r.machine.state.is_terminal()) {
        let mechanism = desk.version(tx, &open.record.mechanism_hash)?;
        let labels = share::labels(&mechanism, &open.detail.service_type);
        let Some(words) = visible_need(&labels, sight, true, true, Shown::File) else {
            continue;
        };
        let (becomes, says) = if concerned.contains(&open.record.id) {
            let rulebook = Rulebook::new(
                desk,
                Arc::clone(&mechanism),
                open.machine.priority,
                &open.detail.service_type,
                &open.record.region,
                open.machine.on_call,
                crate::needs::limit_facts(file),
            )?;
            let actor = rules::actor(viewer, ActingFor::Person, Channel::Screen);
            let ctx = rulebook.context(now, now, file.record.holder_id);
            becomes(referral::decide(
                &open.machine,
                &Command::Withdraw { effect },
                &actor,
                &ctx,
            ))
        } else {
            (
                "goes_on",
                (
                    "Ne repose pas sur ces consentements : continue sans changement.",
                    "Does not rest on these consents: goes on unchanged.",
                ),
            )
        };
        running.push(WithdrawnReferral {
            id: open.record.id,
            code: referral_code(open.record.year, open.seq),
            label: words.get(lang).to_owned(),
            provider: names.provider(open),
            becomes: becomes.to_owned(),
            says: say(lang, says.0, says.1).to_owned(),
        });
    }
    Ok(WithdrawPreview {
        effect: effect.code().to_owned(),
        tell,
        referrals: running,
    })
}

/// What becomes of a referral, as a code and in words.
fn becomes(decided: Result<Vec<referral::Event>, Refusal>) -> (&'static str, (&'static str, &'static str)) {
    let Ok(events) = decided else {
        return (
            "goes_on",
            (
                "Rien à arrêter : le service est déjà rendu.",
                "Nothing to stop: the service has been delivered.",
            ),
        );
    };
    match events.last().map(|e| (&e.kind, e.need)) {
        Some((EventKind::SharingStopped, _)) => (
            "care_goes_on",
            (
                "Le service en cours continue. Le prestataire ne voit plus le dossier.",
                "The service under way goes on. The provider no longer sees the file.",
            ),
        ),
        Some((EventKind::Withdrawn { .. }, Some(NeedEffect::Dropped))) => (
            "stops",
            (
                "S’arrête. Le besoin est noté abandonné par la personne.",
                "Stops. The need is recorded as dropped by the person.",
            ),
        ),
        _ => (
            "stops",
            (
                "S’arrête : rien n’avait encore été accepté. Le besoin revient au dossier.",
                "Stops: nothing had been accepted yet. The need comes back to the case.",
            ),
        ),
    }
}

fn past_disclosures(records: &[DisclosureRecord]) -> Result<Vec<PastDisclosure>, StoreError> {
    records
        .iter()
        .map(|d| {
            let bases: Vec<Basis> =
                serde_json::from_str(&d.basis).map_err(|e| StoreError::Schema(format!("disclosure.basis: {e}")))?;
            Ok(PastDisclosure {
                id: d.id,
                organisation: d.recipient_id,
                classes: d.classes,
                consents: bases.iter().filter_map(|b| b.consent()).collect(),
            })
        })
        .collect()
}

fn withdraw_lines(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    case: CaseId,
    command: &WithdrawConsent,
) -> Result<Made, ActError> {
    // Locked first: whoever acted on this case before is done.
    cases::lock_case(tx, case)?;
    let (mut file, view, network) = CaseFile::load_for(tx, desk, viewer, case)?;
    may_write(&view, &file, viewer)?;
    let effect = effect_of(&command.effect)?;
    let words = command.words.trim();
    ActError::unless_within("words", words, WORDS)?;
    let now = tx.now()?;
    let happened_at = write::happened(command.happened_at, now)?;
    let mechanism = desk.version(tx, &file.record.mechanism_hash)?;
    let slot = file.record.slot;
    let chosen = standing(&file, &command.lines, &command.consents, now)?;
    let concerned = resting_on(tx, desk, &file, &network, &chosen, now)?;
    let doer = Doer::of(viewer, ActingFor::Person);
    let mut stream = Stream::lock(tx, case, slot, doer, mechanism.hash())?;
    for (n, id) in chosen.iter().enumerate() {
        let mut record = ConsentRecord::find(tx, *id)?.ok_or(ActError::NotFound)?;
        record.withdrawn_at = Some(now);
        record.update(tx)?;
        // What the person said is kept once.
        let said = if n == 0 { words } else { "" };
        let facts = json!({ "line": record.line, "effect": effect });
        stream.add(tx, id.0, "consent_withdrawn", &facts, happened_at, said)?;
    }
    let closings = grant::on_withdrawal(&file.grants, &chosen, now);
    write::close_grants(tx, &closings)?;
    // The end of a referral, below, leaves thirty days to what is still open:
    // it must know what is closed already.
    grant::apply(&mut file.grants, &closings);
    let disclosures = file.disclosures(tx)?;
    ask_past_recipients(
        tx,
        desk,
        &file,
        &network,
        &mechanism,
        &mut stream,
        &chosen,
        effect,
        &disclosures,
        now,
    )?;
    stop_referrals(
        tx,
        desk,
        viewer,
        &mut file,
        &network,
        &mut stream,
        effect,
        &concerned,
        now,
    )?;
    Ok(Made {
        id: command.id,
        code: case_code(&mechanism, file.seq),
        version: file.record.version,
    })
}

/// Asks every past recipient under these consents to stop using what it
/// received, in the unit of work that ends them.
///
/// # Errors
/// When the store fails.
#[expect(clippy::too_many_arguments, reason = "the parts of one unit of work")]
pub fn ask_past_recipients(
    tx: &mut Tx<'_>,
    desk: &Desk,
    file: &CaseFile,
    network: &Network,
    mechanism: &Arc<Mechanism>,
    stream: &mut Stream<'_>,
    ended: &[ConsentId],
    effect: Effect,
    disclosures: &[DisclosureRecord],
    now: DateTime<Utc>,
) -> Result<(), ActError> {
    let past = past_disclosures(disclosures)?;
    // The organisation that holds the case by a transfer heard it itself.
    let holder = file.record.holder_id;
    let told = consent::withdraw(ended, effect, &file.grants, &past, &[], now).tell;
    for told in told.into_iter().filter(|t| t.organisation != holder) {
        let asked = stops::Asked {
            recipient: told.organisation,
            classes: told.classes,
            referrals: referrals_of(&told, disclosures),
            effect,
        };
        stops::ask(tx, desk, file, network, mechanism, stream, asked, now)?;
    }
    Ok(())
}

/// The referrals under which a recipient received, each once.
fn referrals_of(told: &Tell, disclosures: &[DisclosureRecord]) -> Vec<ReferralId> {
    let received = |id: DisclosureId| told.disclosures.contains(&id);
    let mut referrals: Vec<ReferralId> = Vec::new();
    for referral in disclosures
        .iter()
        .filter(|d| received(d.id))
        .filter_map(|d| d.referral_id)
    {
        if !referrals.contains(&referral) {
            referrals.push(referral);
        }
    }
    referrals
}

/// The running referrals that rest on one of these consents: all where
/// registration or assistance itself is withdrawn; an accepted one by its
/// grants, one that waits for an answer by what its acceptance would give.
fn resting_on(
    tx: &mut Tx<'_>,
    desk: &Desk,
    file: &CaseFile,
    network: &Network,
    chosen: &[ConsentId],
    now: DateTime<Utc>,
) -> Result<Vec<ReferralId>, ActError> {
    let all = file
        .consents
        .iter()
        .any(|c| chosen.contains(&c.id) && matches!(c.line, ConsentLine::C1 | ConsentLine::C2));
    let mut resting = Vec::new();
    for open in file.referrals.iter().filter(|r| !r.machine.state.is_terminal()) {
        let granted = file
            .grants
            .iter()
            .filter(|g| g.referral == Some(open.record.id))
            .any(|g| g.consents.iter().any(|c| chosen.contains(c)));
        let mechanism = desk.version(tx, &open.record.mechanism_hash)?;
        let promised = match (
            network.services.get(&open.detail.service),
            mechanism.service_type(&open.detail.service_type),
        ) {
            (Some(service), Some(asked)) => share::plan(
                desk,
                &mechanism,
                file,
                network,
                service,
                asked,
                open.machine.priority,
                Some(open.record.id),
                None,
                now,
            )?
            .after
            .iter()
            .any(|(_, basis)| basis.consent().is_some_and(|c| chosen.contains(&c))),
            // The service is gone from the directory: what the person wants stopped stops.
            _ => true,
        };
        let offered = ReferralStage::of(open.machine.state) == ReferralStage::Offered;
        if all || granted || (offered && promised) {
            resting.push(open.record.id);
        }
    }
    Ok(resting)
}

/// Tells each running referral concerned what the person wants to stop; one
/// that has nothing to stop stays as it is.
#[expect(clippy::too_many_arguments, reason = "the parts of one unit of work")]
fn stop_referrals(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    file: &mut CaseFile,
    network: &Network,
    stream: &mut Stream<'_>,
    effect: Effect,
    concerned: &[ReferralId],
    now: DateTime<Utc>,
) -> Result<(), ActError> {
    for &id in concerned {
        let mut actor = crate::rules::actor(viewer, ActingFor::Person, Channel::Screen);
        actor.noted = None;
        match referrals::give(
            tx,
            desk,
            file,
            network,
            id,
            &Command::Withdraw { effect },
            &actor,
            now,
            "",
            stream,
        ) {
            Ok(_) | Err(ActError::Refused { .. }) => {}
            Err(other) => return Err(other),
        }
    }
    Ok(())
}

//! Emergency access (accès d’urgence motivé, DESIGN §6): a professional with a
//! person in danger in front of them opens a case that they do not see, with
//! its exact code and a reason, for two hours. The team of the case is told,
//! and a supervisor reads the reason within a day, on the ladder of an
//! override. It never opens the protected circuit, nor S4.
//!
//! There is no browsing: a code that opens nothing is counted, whatever the
//! cause, and answers alike.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use relais_casework::grant::{self, GrantCause, Holder};
use relais_casework::sharing::{Override, OverrideScope};
use relais_casework::visible::{Via, View, restricted_classes, visible};
use relais_mechanism::{ActingFor, ClassSet, Lang, Priority, Role};
use relais_network::agreement::{Basis, OverrideGround};
use relais_network::{CaseId, GrantId, NeedId, OverrideId, ServiceId};
use relais_store::rows::cases::{self, ReferralRecord};
use relais_store::rows::groups::{self, ExpectedRecord};
use relais_store::rows::{emergencies, links};
use relais_store::{Tx, ids};
use serde::Serialize;
use uuid::Uuid;

use crate::codes::{case_code, parse_bracelet, parse_case_code, parse_slip_number};
use crate::commands::OpenEmergency;
use crate::desk::{Desk, Viewer};
use crate::file::CaseFile;
use crate::overrides::{self, OverrideDetail, WORDS, open_override};
use crate::problem::{ActError, FieldProblem};
use crate::say::label;
use crate::views::Made;
use crate::write::{self, Doer, Stream};

/// Codes that opened nothing, and cases opened, that one user may have in a
/// day before somebody must be asked.
pub const MOST: usize = 5;
/// The day over which they are counted.
const DAY: TimeDelta = TimeDelta::hours(24);

/// One emergency access of the viewer's own.
#[derive(Debug, Clone, Serialize)]
pub struct Opened {
    /// Case.
    pub case_id: CaseId,
    /// Its code.
    pub case_code: String,
    /// Until when it may be read.
    pub until: DateTime<Utc>,
}

/// The page of emergency access.
#[derive(Debug, Clone, Serialize)]
pub struct EmergencyView {
    /// Now, by the deployment clock.
    pub now: DateTime<Utc>,
    /// What the viewer may read now by emergency access.
    pub open: Vec<Opened>,
    /// How many codes may still be tried today.
    pub tries_left: usize,
}

/// Who may ask for emergency access: whoever works with persons.
fn may_ask(viewer: &Viewer) -> Result<(), ActError> {
    let asks = [Role::CaseManager, Role::Supervisor, Role::FocalPoint];
    if asks.into_iter().any(|role| viewer.is(role)) {
        Ok(())
    } else {
        Err(ActError::Forbidden { code: "emergency" })
    }
}

/// Until when the viewer reads the case by emergency access, where it is by
/// nothing else.
#[must_use]
pub fn until(file: &CaseFile, sight: &View, viewer: &Viewer, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    if !matches!(
        sight,
        View::File {
            via: Via::Emergency,
            ..
        }
    ) {
        return None;
    }
    let own = |holder: Holder| matches!(holder, Holder::User { user, .. } if user == viewer.user);
    file.grants
        .iter()
        .filter(|g| g.cause == GrantCause::Emergency && own(g.holder) && g.in_force(now))
        .filter_map(|g| g.until)
        .max()
}

/// What the viewer may read now by emergency access, how many cases were
/// opened in the last day, and how many codes failed.
fn spent(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    now: DateTime<Utc>,
) -> Result<(Vec<Opened>, usize, usize), ActError> {
    let sealer = tx.sealer();
    let (mut running, mut made) = (Vec::new(), 0);
    for record in emergencies::written_by(tx, viewer.user, now - DAY)? {
        let Some(file) = CaseFile::load(tx, record.case_id)? else {
            continue;
        };
        let open = open_override(&sealer, file.record.slot, record)?;
        if !open.detail.exception.is_emergency() {
            continue;
        }
        made += 1;
        // A refused one, or one of a case that was shut away since, is closed.
        let grant = file.grants.iter().find(|g| g.exception == Some(open.record.id));
        let running_until = grant.filter(|g| g.in_force(now)).and_then(|g| g.until);
        if let Some(until) = running_until.filter(|_| !file.is_protected()) {
            let mechanism = desk.version(tx, &file.record.mechanism_hash)?;
            running.push(Opened {
                case_id: file.record.id,
                case_code: case_code(&mechanism, file.seq),
                until,
            });
        }
    }
    let wrong = emergencies::tries_since(tx, viewer.user, now - DAY)?;
    Ok((running, made, usize::try_from(wrong).unwrap_or(usize::MAX)))
}

/// The page.
///
/// # Errors
/// [`ActError::Forbidden`] for whoever does not work with persons.
pub async fn view(desk: &Arc<Desk>, viewer: &Viewer) -> Result<EmergencyView, ActError> {
    may_ask(viewer)?;
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let now = tx.now()?;
        let (open, made, wrong) = spent(tx, &desk_, &viewer_, now)?;
        let shown = open.iter().map(|o| o.case_id).collect();
        let view = EmergencyView {
            now,
            open,
            tries_left: MOST.saturating_sub(made.max(wrong)),
        };
        Ok((view, shown))
    })
    .await
}

/// What is wrong with what was typed.
fn check(command: &OpenEmergency) -> Result<(), ActError> {
    let mut wrong = Vec::new();
    let mut required = |field: &str, missing: bool, words| {
        if missing {
            wrong.push(FieldProblem::new(field, "required", words));
        }
    };
    required(
        "code",
        command.code.trim().is_empty(),
        (
            "Écrivez le code du dossier, ou le numéro de la fiche ou du bracelet que porte la personne.",
            "Write the code of the case, or the number of the slip or bracelet that the person carries.",
        ),
    );
    required(
        "reason",
        command.reason.trim().is_empty(),
        (
            "Écrivez en une phrase ce qui met la vie en danger. Un superviseur la lira.",
            "Write in one sentence what puts the life in danger. A supervisor will read it.",
        ),
    );
    required(
        "life_in_danger",
        !command.life_in_danger,
        (
            "L’accès d’urgence n’est que pour une personne devant vous dont la vie est en danger. Sinon, demandez à qui tient le dossier.",
            "Emergency access is only for a person in front of you whose life is in danger. Otherwise ask whoever holds the case.",
        ),
    );
    wrong.extend(FieldProblem::too_long("reason", &command.reason, WORDS));
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(ActError::Invalid(wrong))
    }
}

/// Too many in a day.
fn rationed() -> ActError {
    ActError::refused(
        "emergency_rationed",
        (
            "Vous avez atteint le nombre d’accès d’urgence d’une journée.",
            "You have reached the number of emergency accesses of one day.",
        ),
        (
            "Soignez d’abord. Appelez l’astreinte de la région ou l’organisation qui tient le dossier : elles lisent ce qu’il faut.",
            "Care first. Call the region’s on-call number or the organisation that holds the case: they read out what is needed.",
        ),
    )
}

/// A code that opens nothing here: unknown, mistyped, or shut.
fn nothing_opens() -> ActError {
    ActError::Invalid(vec![FieldProblem {
        field: "code".to_owned(),
        code: "opens_nothing".to_owned(),
        message: label(
            "Aucun dossier ne s’ouvre avec ce code. Relisez-le signe par signe ; sinon soignez sans attendre et appelez l’astreinte.",
            "No case opens with this code. Read it again sign by sign; otherwise give care without waiting and call the on-call number.",
        ),
    }])
}

/// What came of one try.
enum Tried {
    Made(Made),
    Nothing,
}

/// Opens a case.
///
/// # Errors
/// [`ActError::Forbidden`], [`ActError::Invalid`] with what is wrong with the
/// words or that no case opens with the code, [`ActError::Refused`] beyond the
/// ration of a day.
pub async fn open(desk: &Arc<Desk>, viewer: &Viewer, command: OpenEmergency) -> Result<Made, ActError> {
    may_ask(viewer)?;
    check(&command)?;
    let (desk_, viewer) = (Arc::clone(desk), viewer.clone());
    let tried = desk
        .store()
        .write(move |tx: &mut Tx<'_>| -> Result<Tried, ActError> {
            let now = tx.now()?;
            // Before anything is looked at: a right code must not tell itself from a wrong one by guessing on.
            let (_, _, wrong) = spent(tx, &desk_, &viewer, now)?;
            if wrong >= MOST {
                return Err(rationed());
            }
            let Some(case) = openable(tx, &desk_, &viewer, &command.code, now)? else {
                // Kept with its try, so it must not be an error here.
                emergencies::note_try(tx, viewer.user, now)?;
                if wrong + 1 == MOST {
                    let owner = Some(viewer.organisation);
                    write::notice(tx, "emergency_rationed", owner, Role::Supervisor, viewer.user.0)?;
                }
                return Ok(Tried::Nothing);
            };
            write::once(tx, &viewer, "emergency", command.id, &command, |tx| {
                open_in(tx, &desk_, &viewer, case, &command, now)
            })
            .map(Tried::Made)
        })
        .await?;
    match tried {
        Tried::Made(made) => Ok(made),
        Tried::Nothing => Err(nothing_opens()),
    }
}

/// The case of what was typed: its own code, or what the person carries, the
/// number of a slip or of a bracelet.
fn typed_case(tx: &mut Tx<'_>, typed: &str) -> Result<Option<CaseId>, ActError> {
    if let Some(seq) = parse_case_code(typed)
        && let Some(case) = cases::case_by_seq(tx, seq)?
    {
        return Ok(Some(case));
    }
    if let Some((year, seq)) = parse_slip_number(typed)
        && let Some(id) = links::referral_by_number(tx, year, seq)?
    {
        return Ok(ReferralRecord::find(tx, id)?.map(|referral| referral.case_id));
    }
    if let Some((arrival, number)) = parse_bracelet(typed)
        && let Some(group) = groups::by_seq(tx, arrival)?
        && let Some(row) = groups::by_number(tx, group, number)?
    {
        return Ok(ExpectedRecord::find(tx, row)?.and_then(|row| row.case_id));
    }
    Ok(None)
}

/// The case of what was typed, unless it is shut to emergency access.
fn openable(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    code: &str,
    now: DateTime<Utc>,
) -> Result<Option<CaseId>, ActError> {
    let Some(id) = typed_case(tx, code)? else {
        return Ok(None);
    };
    let Some(file) = CaseFile::load(tx, id)? else {
        return Ok(None);
    };
    let network = desk.network_now(tx)?;
    let sight = visible(&file.facts(), &viewer.sight(&network), now);
    // Whoever sees the file already needs nothing, also in the protected circuit.
    let seen = matches!(sight, View::File { .. });
    Ok((seen || !file.is_protected()).then_some(id))
}

fn open_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    case: CaseId,
    command: &OpenEmergency,
    now: DateTime<Utc>,
) -> Result<Made, ActError> {
    cases::lock_case(tx, case)?;
    let file = CaseFile::load(tx, case)?.ok_or_else(nothing_opens)?;
    let network = desk.network_now(tx)?;
    let mechanism = desk.version(tx, &file.record.mechanism_hash)?;
    let made = |version: i64| Made {
        id: case.0,
        code: case_code(&mechanism, file.seq),
        version,
    };
    let sight = visible(&file.facts(), &viewer.sight(&network), now);
    if matches!(sight, View::File { .. }) {
        return Ok(made(file.record.version));
    }
    if file.is_protected() {
        return Err(nothing_opens());
    }
    let (_, opened, _) = spent(tx, desk, viewer, now)?;
    if opened >= MOST {
        return Err(rationed());
    }
    let exception = Override {
        id: OverrideId(command.id),
        case,
        ground: OverrideGround::Vital,
        text: command.reason.trim().to_owned(),
        author: viewer.user,
        organisation: viewer.organisation,
        recipient: viewer.organisation,
        classes: ClassSet::all().minus(restricted_classes()),
        scope: OverrideScope::Emergency,
        made_at: now,
        cosigned: None,
        refused: None,
        alone: overrides::nobody_else(tx, viewer)?,
    };
    exception.check(Priority::P1, file.card.child).map_err(|problem| {
        let both = |lang| format!("{} {}", problem.why(lang), problem.remedy(lang));
        ActError::field("reason", problem.code(), (&both(Lang::Fr), &both(Lang::En)))
    })?;
    let access = grant::on_emergency(
        GrantId(ids::new_v7(now)),
        case,
        viewer.user,
        viewer.organisation,
        exception.classes,
        exception.id,
        now,
    );
    let detail = OverrideDetail {
        exception,
        need: NeedId(Uuid::nil()),
        service: ServiceId(Uuid::nil()),
        answer: String::new(),
    };
    let acting_for = if viewer.organisation == file.record.holder_id {
        ActingFor::Sender
    } else {
        ActingFor::Provider
    };
    let hash = file.record.mechanism_hash.clone();
    let mut stream = Stream::lock(tx, case, file.record.slot, Doer::of(viewer, acting_for), &hash)?;
    overrides::put(tx, &file, &detail, &mut stream, now)?;
    write::grant(tx, file.record.slot, &access)?;
    if viewer.organisation != file.record.holder_id {
        // It has received the file as any recipient has, and is asked to destroy it as they are.
        let basis = Basis::Override {
            id: detail.exception.id,
            ground: detail.exception.ground,
        };
        let (to, classes) = (viewer.organisation, access.classes);
        write::disclosure(
            tx,
            file.record.slot,
            case,
            None,
            to,
            "emergency",
            classes,
            &[basis],
            now,
        )?;
    }
    // The team of the case, and its supervisors.
    for role in [Role::CaseManager, Role::Supervisor] {
        write::tell(
            tx,
            &network,
            &file,
            "emergency_opened",
            Some(file.record.holder_id),
            role,
            command.id,
        )?;
    }
    Ok(made(file.record.version))
}

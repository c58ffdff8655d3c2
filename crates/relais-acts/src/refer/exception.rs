//! An override of consent, written with the referral that needs it.

use chrono::{DateTime, Utc};
use relais_casework::sharing::{Override, OverrideScope};
use relais_mechanism::{ClassSet, DataClass};
use relais_network::agreement::OverrideGround;
use relais_network::service::Service;
use relais_network::{OverrideId, ReferralId};
use relais_store::rows::cases::OverrideRecord;
use relais_store::{Tx, ids};
use serde_json::json;

use crate::commands::SendReferral;
use crate::desk::Viewer;
use crate::file::{CaseFile, seal};
use crate::problem::ActError;
use crate::write::{self, Stream};

pub(super) fn make_override(
    viewer: &Viewer,
    file: &CaseFile,
    command: &SendReferral,
    referral: ReferralId,
    service: &Service,
    needs: ClassSet,
    now: DateTime<Utc>,
) -> Result<Option<Override>, ActError> {
    let Some(kind) = command.override_kind.as_deref().filter(|k| !k.is_empty()) else {
        return Ok(None);
    };
    let ground = OverrideGround::from_code(kind).ok_or_else(|| {
        ActError::field(
            "override_kind",
            "unknown_option",
            ("Choisissez VITAL, CHILD ou LEGAL.", "Choose VITAL, CHILD or LEGAL."),
        )
    })?;
    let exception = Override {
        id: OverrideId(ids::new_v7(now)),
        case: file.record.id,
        ground,
        text: command.override_reason.trim().to_owned(),
        author: viewer.user,
        organisation: viewer.organisation,
        recipient: service.organisation,
        classes: needs.with(DataClass::Identity).with(DataClass::Contact),
        scope: OverrideScope::Referral { referral },
        made_at: now,
        cosigned: None,
    };
    exception.check(file.card.child).map_err(|problem| {
        ActError::field(
            "override_reason",
            problem.code(),
            (
                "Écrivez la raison de la dérogation ; CHILD ne vaut que pour un enfant.",
                "Write the reason of the override; CHILD holds for a child only.",
            ),
        )
    })?;
    Ok(Some(exception))
}

pub(super) fn write_override(
    tx: &mut Tx<'_>,
    exception: &Override,
    slot: i64,
    stream: &mut Stream<'_>,
    now: DateTime<Utc>,
) -> Result<(), ActError> {
    let sealer = tx.sealer();
    let referral = match exception.scope {
        OverrideScope::Referral { referral } => Some(referral),
        OverrideScope::TwoHours => None,
    };
    OverrideRecord {
        id: exception.id,
        case_id: exception.case,
        referral_id: referral,
        kind: exception.ground.code().to_owned(),
        author_id: exception.author,
        at: now,
        until_at: exception.ends_at(),
        cosign_due_at: exception.cosign_due(),
        cosigned_by: None,
        cosigned_at: None,
        reason: seal(&sealer, "override_row", "reason", exception.id.0, slot, exception)?,
    }
    .insert(tx)?;
    write::due_work(
        tx,
        exception.id.0,
        1,
        [("cosign@100".to_owned(), exception.cosign_due())],
    )?;
    let (organisation, role) = exception.owner();
    write::notice(tx, "cosign", Some(organisation), role, exception.id.0)?;
    stream.add(
        tx,
        exception.id.0,
        "override_written",
        &json!({ "ground": exception.ground }),
        now,
        "",
    )?;
    Ok(())
}

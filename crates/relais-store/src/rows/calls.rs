//! The calls of an emergency, number after number, and the on-call list as the
//! deployment fills it in.

use chrono::{DateTime, Utc};
use relais_network::{CallRoundId, CaseId, ReferralId, UserId};
use uuid::Uuid;

use super::{record, statements};
use crate::{StoreError, Tx, Value};

record! {
    /// The calls made for one referral.
    CallRoundRecord in "call_round" key id: CallRoundId {
        /// Round.
        id: CallRoundId,
        /// Referral.
        referral_id: ReferralId,
        /// Case.
        case_id: CaseId,
        /// calling, taken, over.
        state: String,
        /// Begun.
        opened_at: DateTime<Utc>,
        /// Since when the number to call now is to be called.
        step_from: DateTime<Utc>,
        /// When the next one is proposed.
        step_until: DateTime<Utc>,
        /// Whether whoever is on call was told.
        on_call: bool,
        /// Ended.
        ended_at: Option<DateTime<Utc>>,
        /// Numbers, results, who is with the person; sealed.
        detail: Vec<u8>,
        /// Version.
        version: i64,
    }
}

record! {
    /// A number of the on-call list, as the deployment filled it in: it stands
    /// before the mechanism's entry of the same region and rank. Or a test call of
    /// that entry, with nothing filled in.
    OnCallRecord in "on_call_line" key id: Uuid {
        /// Id.
        id: Uuid,
        /// Region; empty for the whole country.
        region: String,
        /// Order in which numbers are called.
        rank: u32,
        /// Function and organisation; empty where nothing was filled in.
        who: String,
        /// Telephone; where nothing was filled in, the one that was tested.
        number: String,
        /// When somebody answers.
        hours: String,
        /// Whether the State runs it.
        state_line: bool,
        /// Who filled it in.
        changed_by: UserId,
        /// When.
        changed_at: DateTime<Utc>,
        /// Who made the last test call.
        tested_by: Option<UserId>,
        /// When.
        tested_at: Option<DateTime<Utc>>,
        /// Whether somebody answered it.
        answered: bool,
        /// Version.
        version: i64,
    }
}

impl OnCallRecord {
    /// Whether the deployment filled the line in. Otherwise the row says only that
    /// the mechanism's own number of this line, `number`, was called as a test.
    #[must_use]
    pub fn is_filled_in(&self) -> bool {
        !self.who.is_empty()
    }

    /// The same without its test call: it was of another number.
    #[must_use]
    pub fn untested(self) -> Self {
        Self {
            tested_by: None,
            tested_at: None,
            answered: false,
            ..self
        }
    }
}

statements! {
    ON_CALL = "SELECT id, region, rank, who, number, hours, state_line, changed_by, changed_at, tested_by, tested_at, answered, version FROM on_call_line ORDER BY region, rank";
    ROUND_OF = "SELECT id, referral_id, case_id, state, opened_at, step_from, step_until, on_call, ended_at, detail, version FROM call_round WHERE referral_id = $1";
}

pub(crate) fn all_statements() -> Vec<&'static str> {
    [CallRoundRecord::statements(), OnCallRecord::statements(), statements()].concat()
}

/// The calls of a referral, or none.
///
/// # Errors
/// When the store fails.
pub fn of_referral(tx: &mut Tx<'_>, referral: ReferralId) -> Result<Option<CallRoundRecord>, StoreError> {
    tx.query_opt(ROUND_OF, &[Value::from(referral)])?
        .as_ref()
        .map(CallRoundRecord::read)
        .transpose()
}

/// The whole on-call list as the deployment filled it in, by region and rank.
///
/// # Errors
/// When the store fails.
pub fn on_call(tx: &mut Tx<'_>) -> Result<Vec<OnCallRecord>, StoreError> {
    tx.query(ON_CALL, &[])?.iter().map(OnCallRecord::read).collect()
}

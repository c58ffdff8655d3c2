//! What an erasure does to the rows of a person (DESIGN §6): every sealed value
//! is emptied, the name's token, the answers kept for repeated requests and the
//! due work go, what waits ends. Events stay as they are, with words that
//! nobody can open any more: their chain holds.
//!
//! The keys are the truth. They lie beside no backup, so a database that was
//! restored may hold persons whose key is gone: [`unmarked`] finds them, and
//! [`settled`] spares looking again while no further key was erased.

use chrono::{DateTime, Utc};
use relais_network::ids::{CaseId, PersonId};
use uuid::Uuid;

use crate::error::StoreError;
use crate::params;
use crate::tx::Tx;

/// What is due while a person's keys are still to be erased.
pub const DUE: &str = "erase@0";

/// Setting of the database: up to which erasure of the keyring it was looked through.
const SETTLED: &str = "erasures";

/// Everything of a case that may be waited for or told of, beside the case
/// itself. What a recipient was asked to destroy stays apart: the end of the
/// case silences it, an erasure waits for it.
macro_rules! of_case {
    () => {
        "SELECT id FROM need WHERE case_id = $1 UNION ALL SELECT id FROM referral WHERE case_id = $1 UNION ALL SELECT id FROM override_row WHERE case_id = $1 UNION ALL SELECT id FROM call_round WHERE case_id = $1 UNION ALL SELECT id FROM case_transfer WHERE case_id = $1 UNION ALL SELECT id FROM same_ask WHERE case_id = $1"
    };
}
pub(crate) use of_case;

crate::sql! {
    /// Marks the person, and empties what is sealed under the person's key.
    MARK_PERSON = "UPDATE person SET identity = $2, contact = $2, erased_at = $3, version = version + 1 WHERE id = $1";
    /// The case's card; what was open has ended.
    EMPTY_CASE = "UPDATE case_file SET card = $2, closed_at = CASE WHEN state = 'open' THEN $3 ELSE closed_at END, close_reason = CASE WHEN state = 'open' THEN 'ERASED' ELSE close_reason END, state = CASE WHEN state = 'open' THEN 'ended' ELSE state END, version = version + 1 WHERE id = $1";
    /// The answers of its forms.
    EMPTY_ANSWERS = "UPDATE form_answers SET answers = $2 WHERE case_id = $1";
    /// The words of its consents.
    EMPTY_CONSENTS = "UPDATE consent SET detail = $2 WHERE case_id = $1";
    /// What was reached and what the person says of it; nobody need confirm it, nor call again.
    EMPTY_CLOSURES = "UPDATE case_closure SET detail = $2, follow_up_at = NULL, state = CASE WHEN state IN ('proposed', 'returned') THEN 'dropped' ELSE state END, version = version + 1 WHERE case_id = $1";
    /// What its plan says; nobody looks at it again.
    EMPTY_PLANS = "UPDATE case_plan SET detail = $2, review_at = NULL, version = version + 1 WHERE case_id = $1";
    /// What its needs ask; whatever was live is dropped.
    EMPTY_NEEDS = "UPDATE need SET detail = $2, due_kind = NULL, due_from = NULL, due_at = NULL, calendar = NULL, state = CASE WHEN state IN ('open', 'referred') THEN 'dropped' ELSE state END, version = version + 1 WHERE case_id = $1";
    /// What its referrals say.
    EMPTY_REFERRALS = "UPDATE referral SET detail = $2 WHERE case_id = $1";
    /// Why somebody went past consent or agreement; one that waits carries nothing any more.
    EMPTY_OVERRIDES = "UPDATE override_row SET reason = $2, state = CASE WHEN state = 'waiting' THEN 'refused' ELSE state END, version = version + 1 WHERE case_id = $1";
    /// The line of a list of arrivals that the person came by; empty since the registration.
    EMPTY_EXPECTED = "UPDATE expected_person SET person = $2, typed = $2 WHERE case_id = $1";
    /// What one shift told the next; what is offered is taken back.
    EMPTY_HANDOVERS = "UPDATE handover SET note = $2, decided_at = CASE WHEN state = 'offered' THEN $3 ELSE decided_at END, state = CASE WHEN state = 'offered' THEN 'withdrawn' ELSE state END, version = version + 1 WHERE case_id = $1";
    /// Whom an emergency's calls reached, and who is with the person.
    EMPTY_CALLS = "UPDATE call_round SET detail = $2, version = version + 1 WHERE case_id = $1";
    /// What was said when the case was handed over; a proposal that waits is taken back.
    EMPTY_TRANSFERS = "UPDATE case_transfer SET note = $2, ended_at = CASE WHEN state = 'proposed' THEN $3 ELSE ended_at END, state = CASE WHEN state = 'proposed' THEN 'cancelled' ELSE state END, version = version + 1 WHERE case_id = $1";
    /// Forms that sessions' ends cut off: any of them may be about the person, whom it may name in words alone.
    DROP_HELD = "DELETE FROM held_form WHERE at <= $1 RETURNING slot";
    /// Who else it may have been.
    DROP_PERHAPS = "DELETE FROM perhaps WHERE case_id = $1";
    /// The question whether another file is of the same person; nobody need answer it any more.
    EMPTY_SAME_ASKS = "UPDATE same_ask SET detail = $2, state = CASE WHEN state = 'waiting' THEN 'lapsed' ELSE state END, version = version + 1 WHERE case_id = $1";
    /// Who answered when the office called about a wait of the case.
    EMPTY_LATE_CALLS = "UPDATE late_call SET words = $2 WHERE case_id = $1";
    /// The code of a one-time link and who opened it; nobody opens it again.
    EMPTY_LINKS = "UPDATE link SET code = $2, answerer = NULL, session_until = NULL, replaced_at = COALESCE(replaced_at, $3) WHERE case_id = $1";
    /// The code printed on a paper slip; nobody types it in again.
    EMPTY_SLIPS = "UPDATE slip SET code = $2 WHERE case_id = $1";
    /// What an erasure of the case would touch, counted.
    COUNT_OF_CASE = concat!(
        "SELECT (SELECT COUNT(*) FROM form_answers WHERE case_id = $1) AS answers, (SELECT COUNT(*) FROM consent WHERE case_id = $1) AS consents, ",
        "(SELECT COUNT(*) FROM need WHERE case_id = $1) AS needs, (SELECT COUNT(*) FROM referral WHERE case_id = $1) AS referrals, ",
        "(SELECT COUNT(*) FROM override_row WHERE case_id = $1) AS overrides, (SELECT COUNT(*) FROM link WHERE case_id = $1) AS links, ",
        "(SELECT COUNT(*) FROM slip WHERE case_id = $1) AS slips, (SELECT COUNT(*) FROM call_round WHERE case_id = $1) AS calls, ",
        "(SELECT COUNT(*) FROM handover WHERE case_id = $1) AS handovers, (SELECT COUNT(*) FROM case_transfer WHERE case_id = $1) AS transfers, ",
        "(SELECT COUNT(*) FROM same_ask WHERE case_id = $1) AS questions, (SELECT COUNT(*) FROM late_call WHERE case_id = $1) AS late_calls, (SELECT COUNT(*) FROM case_plan WHERE case_id = $1) AS plans, (SELECT COUNT(*) FROM case_closure WHERE case_id = $1) AS closures, ",
        "(SELECT COUNT(*) FROM due_work WHERE subject = $1 OR subject IN (", of_case!(), ")) AS due"
    );
    /// The ids under which somebody may have acted on the case.
    IDS_OF_CASE = concat!(
        of_case!(), " UNION ALL SELECT id FROM stop_request WHERE case_id = $1 UNION ALL SELECT id FROM form_answers WHERE case_id = $1 ",
        "UNION ALL SELECT id FROM late_call WHERE case_id = $1 UNION ALL SELECT batch_id FROM handover WHERE case_id = $1"
    );
    /// The one-time links of a case, which make requests of their own.
    LINKS_OF_CASE = "SELECT id FROM link WHERE case_id = $1 ORDER BY seq";
    /// Nothing of the case is due any more, but what its recipients must still confirm.
    CLEAR_DUE_OF_CASE = concat!("DELETE FROM due_work WHERE subject = $1 OR subject IN (", of_case!(), ")");
    /// The cases of a person with their keys' slots, oldest first.
    CASES_OF_PERSON = "SELECT id, slot FROM case_file WHERE person_id = $1 ORDER BY seq";
    /// Who acted on a case.
    REQUESTS_BY = "SELECT kind, id, answer FROM request_log WHERE maker = $1";
    /// One answer is forgotten.
    FORGET_REQUEST = "DELETE FROM request_log WHERE maker = $1 AND kind = $2 AND id = $3";
    /// Persons who are not marked as erased.
    UNMARKED = "SELECT id, slot FROM person WHERE erased_at IS NULL AND id > $1 ORDER BY id LIMIT $2";
    /// Up to which erasure the database was looked through.
    READ_SETTLED = "SELECT value FROM meta WHERE name = 'erasures'";
    /// It was looked through.
    NOTE_SETTLED = "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
}

/// The sealed columns that an erasure empties, each with the statement that
/// does it. A test holds them to the schema: a sealed column that is in neither
/// list fails it.
pub const EMPTIED: &[(&str, &str, &str)] = &[
    ("person", "identity", MARK_PERSON),
    ("person", "contact", MARK_PERSON),
    ("case_file", "card", EMPTY_CASE),
    ("form_answers", "answers", EMPTY_ANSWERS),
    ("consent", "detail", EMPTY_CONSENTS),
    ("case_plan", "detail", EMPTY_PLANS),
    ("case_closure", "detail", EMPTY_CLOSURES),
    ("need", "detail", EMPTY_NEEDS),
    ("referral", "detail", EMPTY_REFERRALS),
    ("override_row", "reason", EMPTY_OVERRIDES),
    ("expected_person", "person", EMPTY_EXPECTED),
    ("expected_person", "typed", EMPTY_EXPECTED),
    ("handover", "note", EMPTY_HANDOVERS),
    ("call_round", "detail", EMPTY_CALLS),
    ("case_transfer", "note", EMPTY_TRANSFERS),
    ("same_ask", "detail", EMPTY_SAME_ASKS),
    ("late_call", "words", EMPTY_LATE_CALLS),
    ("link", "code", EMPTY_LINKS),
    ("link", "answerer", EMPTY_LINKS),
    ("slip", "code", EMPTY_SLIPS),
];

/// Sealed columns whose row goes, each with the statement that does it.
pub const REMOVED: &[(&str, &str, &str)] = &[
    ("bucket_of", "labels", crate::buckets::DROP_LABELS),
    ("perhaps", "found", DROP_PERHAPS),
    ("held_form", "body", DROP_HELD),
];

/// Sealed columns that stay: the chain's links are over their ciphertext, which
/// opens with no key that is left; a list of arrivals is under a key of its own
/// and empty once its lines are made; a complaint is under its own key and
/// belongs to whoever made it; what a provider says to its figures is about no
/// person, and neither are the address of an organisation's system and the entries
/// of one that offers something confidential; which S4 classes somebody held or
/// received opens with no key that is left, and is as long with none.
pub const KEPT: &[(&str, &str)] = &[
    ("event", "sealed"),
    ("arrival_group", "list"),
    ("complaint", "detail"),
    ("provider_figure", "reply"),
    ("webhook", "detail"),
    ("organisation", "hidden"),
    ("place", "hidden"),
    ("service", "hidden"),
    ("programme", "hidden"),
    ("entry_change", "hidden"),
    // Of the directory too: what an import brought, and how an entry was before it.
    ("directory_import", "file"),
    ("directory_import_entry", "hidden"),
    // And what of it is put before the steering committee.
    ("ratification", "list"),
    // Registers of the institution are about no case; a sealed one is under a key of its own for each line.
    ("register_line", "hidden"),
    ("register_change", "hidden"),
    ("grant_row", "restricted"),
    ("disclosure", "restricted"),
    ("stop_request", "restricted"),
];

/// Nothing, in place of a sealed value.
const NOTHING: &[u8] = &[];

/// How many rows an erasure touched, by what they were.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Emptied {
    /// Answers of forms.
    pub answers: u64,
    /// Lines of consent.
    pub consents: u64,
    /// Needs.
    pub needs: u64,
    /// Referrals.
    pub referrals: u64,
    /// Overrides.
    pub overrides: u64,
    /// One-time links.
    pub links: u64,
    /// Codes of paper slips.
    pub slips: u64,
    /// Rounds of calls of an emergency.
    pub calls: u64,
    /// Notes from one shift to the next.
    pub handovers: u64,
    /// Transfers of the case.
    pub transfers: u64,
    /// Questions whether another file is of the same person.
    pub questions: u64,
    /// Calls about what was late.
    pub late_calls: u64,
    /// Plans.
    pub plans: u64,
    /// Closures.
    pub closures: u64,
    /// Pieces of due work.
    pub due: u64,
    /// Answers kept for repeated requests.
    pub requests: u64,
}

impl std::ops::AddAssign for Emptied {
    fn add_assign(&mut self, more: Self) {
        self.answers += more.answers;
        self.consents += more.consents;
        self.needs += more.needs;
        self.referrals += more.referrals;
        self.overrides += more.overrides;
        self.links += more.links;
        self.slips += more.slips;
        self.calls += more.calls;
        self.handovers += more.handovers;
        self.transfers += more.transfers;
        self.questions += more.questions;
        self.late_calls += more.late_calls;
        self.plans += more.plans;
        self.closures += more.closures;
        self.due += more.due;
        self.requests += more.requests;
    }
}

/// Empties the person's own values, which lie under the key of `slot`, takes
/// the person out of all buckets, and marks the person as erased.
///
/// # Errors
/// What the database refused; no such person.
pub fn empty_person(tx: &mut Tx<'_>, person: PersonId, slot: i64, at: DateTime<Utc>) -> Result<(), StoreError> {
    crate::buckets::forget(tx, person, slot)?;
    tx.execute_one(MARK_PERSON, &params![person, NOTHING, at])
}

/// Empties every sealed value of a case; its live needs are dropped, an open
/// case is ended, its due work goes.
///
/// # Errors
/// What the database refused; no such case.
pub fn empty_case(tx: &mut Tx<'_>, case: CaseId, at: DateTime<Utc>) -> Result<Emptied, StoreError> {
    tx.execute_one(EMPTY_CASE, &params![case, NOTHING, at])?;
    tx.execute(EMPTY_EXPECTED, &params![case, NOTHING])?;
    tx.execute(DROP_PERHAPS, &params![case])?;
    let emptied = Emptied {
        due: tx.execute(CLEAR_DUE_OF_CASE, &params![case])?,
        answers: tx.execute(EMPTY_ANSWERS, &params![case, NOTHING])?,
        consents: tx.execute(EMPTY_CONSENTS, &params![case, NOTHING])?,
        needs: tx.execute(EMPTY_NEEDS, &params![case, NOTHING])?,
        referrals: tx.execute(EMPTY_REFERRALS, &params![case, NOTHING])?,
        overrides: tx.execute(EMPTY_OVERRIDES, &params![case, NOTHING])?,
        links: tx.execute(EMPTY_LINKS, &params![case, NOTHING, at])?,
        slips: tx.execute(EMPTY_SLIPS, &params![case, NOTHING])?,
        calls: tx.execute(EMPTY_CALLS, &params![case, NOTHING])?,
        handovers: tx.execute(EMPTY_HANDOVERS, &params![case, NOTHING, at])?,
        transfers: tx.execute(EMPTY_TRANSFERS, &params![case, NOTHING, at])?,
        questions: tx.execute(EMPTY_SAME_ASKS, &params![case, NOTHING])?,
        late_calls: tx.execute(EMPTY_LATE_CALLS, &params![case, NOTHING])?,
        plans: tx.execute(EMPTY_PLANS, &params![case, NOTHING])?,
        closures: tx.execute(EMPTY_CLOSURES, &params![case, NOTHING])?,
        requests: 0,
    };
    crate::rows::cases::reckon_case(tx, case)?;
    Ok(emptied)
}

/// What [`empty_case`] would touch; kept answers are not counted.
///
/// # Errors
/// What the database refused.
pub fn would_empty(tx: &mut Tx<'_>, case: CaseId) -> Result<Emptied, StoreError> {
    let row = tx.query_one(COUNT_OF_CASE, &params![case])?;
    let n = |column: &str| -> Result<u64, StoreError> { Ok(u64::try_from(row.get::<i64>(column)?).unwrap_or(0)) };
    Ok(Emptied {
        answers: n("answers")?,
        consents: n("consents")?,
        needs: n("needs")?,
        referrals: n("referrals")?,
        overrides: n("overrides")?,
        links: n("links")?,
        slips: n("slips")?,
        calls: n("calls")?,
        handovers: n("handovers")?,
        transfers: n("transfers")?,
        questions: n("questions")?,
        late_calls: n("late_calls")?,
        plans: n("plans")?,
        closures: n("closures")?,
        due: n("due")?,
        requests: 0,
    })
}

/// The ids under which somebody may have acted on the case, beside its own.
///
/// # Errors
/// What the database refused.
pub fn ids_of(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<Uuid>, StoreError> {
    tx.query(IDS_OF_CASE, &params![case])?
        .iter()
        .map(|row| row.get("id"))
        .collect()
}

/// Forgets the answers kept for a user's requests that `about` says are about
/// the erased: it is told id and kept answer of each.
///
/// # Errors
/// What the database refused.
pub fn forget_requests(tx: &mut Tx<'_>, maker: Uuid, about: &dyn Fn(Uuid, &str) -> bool) -> Result<u64, StoreError> {
    let mut forgotten = 0;
    for row in tx.query(REQUESTS_BY, &params![maker])? {
        let (kind, id, answer): (String, Uuid, String) = (row.get("kind")?, row.get("id")?, row.get("answer")?);
        if about(id, &answer) {
            forgotten += tx.execute(FORGET_REQUEST, &params![maker, kind, id])?;
        }
    }
    Ok(forgotten)
}

/// The cases of a person with the slots of their keys, oldest first.
///
/// # Errors
/// What the database refused.
pub fn cases_of(tx: &mut Tx<'_>, person: PersonId) -> Result<Vec<(CaseId, i64)>, StoreError> {
    tx.query(CASES_OF_PERSON, &params![person])?
        .iter()
        .map(|row| Ok((row.get("id")?, row.get("slot")?)))
        .collect()
}

/// The one-time links of a case: each makes requests in its own name.
///
/// # Errors
/// What the database refused.
pub fn links_of(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<Uuid>, StoreError> {
    tx.query(LINKS_OF_CASE, &params![case])?
        .iter()
        .map(|row| row.get("id"))
        .collect()
}

/// Persons after this one who are not marked as erased though their key is
/// gone, among the next `limit`; and the last that was looked at, `None` at
/// the end.
///
/// # Errors
/// What the database or the keyring refused.
pub fn unmarked(
    tx: &mut Tx<'_>,
    after: Option<PersonId>,
    limit: i64,
) -> Result<(Vec<PersonId>, Option<PersonId>), StoreError> {
    let after = after.map_or_else(Vec::new, |p| p.0.as_bytes().to_vec());
    let rows = tx.query(UNMARKED, &params![after, limit])?;
    let sealer = tx.sealer();
    let (mut found, mut last) = (Vec::new(), None);
    for row in &rows {
        let (person, slot): (PersonId, i64) = (row.get("id")?, row.get("slot")?);
        if sealer.keyring().is_erased(slot)? {
            found.push(person);
        }
        last = Some(person);
    }
    let more = i64::try_from(rows.len()).is_ok_and(|n| n >= limit);
    Ok((found, last.filter(|_| more)))
}

/// Whether the database was looked through since the keyring's last erasure,
/// which is `erasures`.
///
/// # Errors
/// What the database refused.
pub fn settled(tx: &mut Tx<'_>, erasures: u64) -> Result<bool, StoreError> {
    let known: Option<String> = tx
        .query_opt(READ_SETTLED, &[])?
        .map(|row| row.get("value"))
        .transpose()?;
    Ok(known.map_or(erasures == 0, |value| value == erasures.to_string()))
}

/// Notes that the database was looked through up to the erasure with this
/// number, which was read before looking.
///
/// # Errors
/// What the database refused.
pub fn note_settled(tx: &mut Tx<'_>, erasures: u64) -> Result<(), StoreError> {
    tx.execute_one(NOTE_SETTLED, &params![SETTLED, erasures.to_string()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data_map::{Decision, columns};

    #[test]
    fn every_sealed_column_is_emptied_or_kept_for_a_reason() {
        let sealed = columns(crate::schema::TEXT).unwrap();
        for column in sealed.iter().filter(|c| c.decision == Decision::Sealed) {
            let (table, name) = (column.table.as_str(), column.name.as_str());
            let emptied = EMPTIED.iter().any(|(t, c, _)| (*t, *c) == (table, name));
            let removed = REMOVED.iter().any(|(t, c, _)| (*t, *c) == (table, name));
            let kept = KEPT.contains(&(table, name));
            let ways = [emptied, removed, kept].iter().filter(|way| **way).count();
            assert_eq!(ways, 1, "{table}.{name}: erasing a person must empty it");
        }
        for (table, _, statement) in REMOVED {
            assert!(statement.starts_with(&format!("DELETE FROM {table} WHERE ")), "{table}");
        }
        for (table, column, statement) in EMPTIED {
            assert!(statement.starts_with(&format!("UPDATE {table} SET ")), "{table}");
            let set = [format!("{column} = $2"), format!("{column} = NULL")];
            assert!(set.iter().any(|s| statement.contains(s)), "{table}.{column}");
            let known = |c: &crate::data_map::Column| c.table == *table && c.name == *column;
            assert!(
                sealed.iter().any(|c| known(c) && c.decision == Decision::Sealed),
                "{table}.{column}"
            );
        }
    }
}

//! Erase a person (DESIGN §6; the right to erasure, DOMAIN §5.8).
//!
//! In two steps, in this order:
//!
//! 1. One unit of work in the database: the event in each case's chain, every
//!    sealed value emptied, the name's token, kept answers and due work gone,
//!    the recipients asked to destroy what they received; and one piece of due work that says that the keys are
//!    still to be erased.
//! 2. The keys: overwritten in the keyring, on disk, and then the due work is
//!    done.
//!
//! Killed between the two, the due work remains, and whichever process works
//! next erases the keys. Only after the second step is the erasure
//! acknowledged. From then on no backup of the database opens the person: a
//! database that was restored from before it meets erased keys, and
//! [`settle`] does the first step there again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use relais_casework::consent::WithdrawEffect;
use relais_casework::erasure::{self, ErasureFacts, ErasureReason, ErasureRefusal};
use relais_casework::need::NeedState;
use relais_casework::sharing::OverrideState;
use relais_casework::transfer::TransferState;
use relais_mechanism::{ActingFor, ClassSet, Priority, Role};
use relais_network::{CaseId, OrganisationId, PersonId, ReferralId};
use relais_store::access::{self, Look};
use relais_store::due::{self, Due};
use relais_store::erasure::{self as rows, Emptied};
use relais_store::rows::cases::{self, CaseRecord, PersonRecord};
use relais_store::rows::same::{self, JoinedRecord};
use relais_store::rows::transfers;
use relais_store::{StoreError, Tx, chain};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use crate::codes::{case_code, parse_case_code};
use crate::desk::{Desk, Viewer};
use crate::erased::EVENT;
use crate::file::CaseFile;
use crate::network::Network;
use crate::problem::ActError;
use crate::shelter::Names;
use crate::stops;
use crate::write::{self, Doer, Stream};

/// Longest words beside a reason, in characters.
pub const WORDS: usize = 500;
/// Persons looked at in one unit of work.
const PAGE: i64 = 1000;

/// What is asked.
#[derive(Debug, Clone)]
pub struct EraseCase {
    /// Code of a case of the person.
    pub code: String,
    /// Why.
    pub reason: ErasureReason,
    /// What else there is to say: a letter's date and number. It stays, sealed,
    /// for whoever sees the whole file; it must name nobody.
    pub words: String,
    /// Only say what would go.
    pub dry_run: bool,
}

/// What went, or would go.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Erased {
    /// Whether nothing was done, by wish.
    pub dry_run: bool,
    /// Codes of the person's cases.
    pub cases: Vec<String>,
    /// Rows emptied or removed.
    #[serde(flatten)]
    pub emptied: Emptied,
    /// Keys erased: the person's and one for each case.
    pub keys: usize,
    /// Organisations that had received data and must confirm that they destroyed it.
    pub told: Vec<String>,
    /// Codes of other files of the same person that were joined with these:
    /// each has keys of its own and is still to be erased (decision 0012).
    pub joined: Vec<String>,
    /// Whether the keys are erased; `false` leaves them to whoever works next.
    pub done: bool,
}

/// A person with all that is theirs, read to be erased.
struct Found {
    person: PersonRecord,
    files: Vec<CaseFile>,
    waiting_overrides: usize,
}

impl Found {
    fn read(tx: &mut Tx<'_>, person: PersonId) -> Result<Self, ActError> {
        let record = PersonRecord::find(tx, person)?.ok_or(ActError::NotFound)?;
        let (mut files, mut waiting_overrides) = (Vec::new(), 0);
        for (case, _) in rows::cases_of(tx, person)? {
            files.push(CaseFile::read(tx, case)?.ok_or(ActError::NotFound)?);
            let waits = OverrideState::Waiting.code();
            waiting_overrides += cases::overrides_of(tx, case)?
                .iter()
                .filter(|o| o.state == waits)
                .count();
        }
        Ok(Self {
            person: record,
            files,
            waiting_overrides,
        })
    }

    fn facts(&self) -> ErasureFacts {
        let mut facts = ErasureFacts {
            erased: self.person.erased_at.is_some(),
            waiting_overrides: self.waiting_overrides,
            ..ErasureFacts::default()
        };
        for file in &self.files {
            for referral in &file.referrals {
                facts = facts.with_referral(referral.machine.state);
            }
            for need in &file.needs {
                // What stands in clear holds also where the words are gone.
                let live = NeedState::from_code(&need.record.state).is_none_or(NeedState::is_live);
                let priority = Priority::from_code(&need.record.priority).unwrap_or(Priority::P1);
                facts = facts.with_need(live, priority);
            }
        }
        facts
    }

    /// The person's slot first: once it is gone, the person is.
    fn slots(&self) -> Vec<i64> {
        let mut slots = vec![self.person.slot];
        slots.extend(self.files.iter().map(|f| f.record.slot));
        slots
    }
}

/// Who erases, for the events.
#[derive(Clone, Copy)]
struct By<'a> {
    doer: Doer,
    reason: Option<ErasureReason>,
    words: &'a str,
    via: &'static str,
}

/// Erases the person behind a case, in all cases of theirs.
///
/// # Errors
/// [`ActError::NotFound`] for a code that is none of a case, or of none that
/// this user may erase; [`ActError::Forbidden`] for another role than the
/// data-protection officer and the administrator; [`ActError::Refused`] with
/// what to do first; what the store refuses.
pub fn erase(desk: &Arc<Desk>, viewer: &Viewer, command: &EraseCase) -> Result<Erased, ActError> {
    if !viewer.is(Role::DataProtectionOfficer) && !viewer.is(Role::Administrator) {
        return Err(ActError::Forbidden { code: "erase" });
    }
    ActError::unless_within("words", &command.words, WORDS)?;
    let (desk_, viewer_, command_) = (Arc::clone(desk), viewer.clone(), command.clone());
    let first = move |tx: &mut Tx<'_>| first_step(tx, &desk_, &viewer_, &command_);
    let (mut report, person, seen) = if command.dry_run {
        desk.store().read_blocking(first)?
    } else {
        desk.store().write_blocking(first)?
    };
    let (viewer, cases, dry_run) = (viewer.clone(), seen, command.dry_run);
    desk.store()
        .write_blocking(move |tx: &mut Tx<'_>| -> Result<(), ActError> {
            if let Some(person) = person {
                finish(tx, person)?;
            }
            let look = Look {
                user: Some(viewer.user),
                organisation: Some(viewer.organisation),
                route: if dry_run { "case erase --dry-run" } else { "case erase" },
                purpose: viewer.purpose,
                cases: &cases,
            };
            Ok(access::log(tx, &look)?)
        })?;
    report.done = person.is_some();
    Ok(report)
}

fn first_step(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    command: &EraseCase,
) -> Result<(Erased, Option<PersonId>, Vec<CaseId>), ActError> {
    let seq = parse_case_code(&command.code).ok_or(ActError::NotFound)?;
    let case = cases::case_by_seq(tx, seq)?.ok_or(ActError::NotFound)?;
    let person = CaseRecord::find(tx, case)?.ok_or(ActError::NotFound)?.person_id;
    if !command.dry_run {
        // Locked before they are read: whoever acted on them before is done.
        for (case, _) in rows::cases_of(tx, person)? {
            cases::lock_case(tx, case)?;
        }
    }
    let network = desk.network_now(tx)?;
    let found = Found::read(tx, person)?;
    let protected = found.files.iter().any(|f| f.is_protected());
    if !erasure::erases(&viewer.sight(&network), protected) {
        return Err(ActError::NotFound);
    }
    let seen: Vec<CaseId> = found.files.iter().map(|f| f.record.id).collect();
    match erasure::may_erase(found.facts()) {
        Ok(()) => {}
        // Begun and not finished: the keys are still there.
        Err(ErasureRefusal::AlreadyErased) if !command.dry_run && !due::of(tx, person.0)?.is_empty() => {
            return Ok((report(desk, tx, &found, &network, viewer)?, Some(person), seen));
        }
        Err(refusal) => {
            return Err(ActError::Refused {
                code: refusal.code().to_owned(),
                why: refusal.message(),
                remedy: refusal.remedy(),
            });
        }
    }
    let mut report = report(desk, tx, &found, &network, viewer)?;
    if command.dry_run {
        report.dry_run = true;
        return Ok((report, None, seen));
    }
    let by = By {
        doer: Doer::of(viewer, ActingFor::Person),
        reason: Some(command.reason),
        words: command.words.trim(),
        via: "command_line",
    };
    report.emptied = write_down(tx, desk, &found, by)?;
    Ok((report, Some(person), seen))
}

/// What goes with the person, counted.
fn report(desk: &Desk, tx: &mut Tx<'_>, found: &Found, network: &Network, viewer: &Viewer) -> Result<Erased, ActError> {
    let mechanism = desk.mechanism();
    let mut report = Erased {
        keys: found.slots().len(),
        ..Erased::default()
    };
    let mut told = BTreeSet::new();
    for file in &found.files {
        let case = file.record.id;
        report.cases.push(case_code(&mechanism, file.seq));
        report.emptied += rows::would_empty(tx, case)?;
        let names = Names::of_case(network, viewer, file);
        for recipient in received(tx, file)?.into_keys() {
            told.insert(names.name(recipient));
        }
    }
    report.told = told.into_iter().collect();
    report.joined = joined(tx, desk, found, network, viewer)?;
    Ok(report)
}

/// The codes of the files joined with these that an erasure of these leaves.
fn joined(
    tx: &mut Tx<'_>,
    desk: &Desk,
    found: &Found,
    network: &Network,
    viewer: &Viewer,
) -> Result<Vec<String>, ActError> {
    let mechanism = desk.mechanism();
    let mut others = BTreeSet::new();
    for file in &found.files {
        let case = file.record.id;
        others.extend(JoinedRecord::find(tx, case)?.map(|j| j.into_id));
        others.extend(same::joined_into(tx, case)?.into_iter().map(|j| j.case_id));
    }
    let mut codes = Vec::new();
    for case in others {
        let Some(other) = CaseFile::read(tx, case)? else {
            continue;
        };
        let same_person = other.record.person_id == found.person.id;
        // A case that this user may not erase is not there for them.
        let there = erasure::erases(&viewer.sight(network), other.is_protected());
        if !same_person && !other.erased && there {
            codes.push(case_code(&mechanism, other.seq));
        }
    }
    Ok(codes)
}

/// The first step: everything in the database, and the due work that the keys are.
fn write_down(tx: &mut Tx<'_>, desk: &Desk, found: &Found, by: By<'_>) -> Result<Emptied, ActError> {
    let now = tx.now()?;
    let mut emptied = Emptied::default();
    for file in &found.files {
        emptied += write_down_case(tx, desk, file, by, now)?;
    }
    let person = found.person.id;
    rows::empty_person(tx, person, found.person.slot, now)?;
    due::set(
        tx,
        &Due {
            subject: person.0,
            kind: rows::DUE.to_owned(),
            due_at: now,
            state_version: found.person.version,
        },
    )?;
    Ok(emptied)
}

fn write_down_case(
    tx: &mut Tx<'_>,
    desk: &Desk,
    file: &CaseFile,
    by: By<'_>,
    now: DateTime<Utc>,
) -> Result<Emptied, ActError> {
    let case = file.record.id;
    let holder = file.record.holder_id;
    let mechanism = desk.mechanism();
    // The words need a key that stays: one of their own, known by the event.
    let slot = tx.new_slot()?;
    let mut stream = Stream::lock(tx, case, slot, by.doer, mechanism.hash())?;
    let facts = json!({ "reason": by.reason, "slot": slot, "via": by.via });
    stream.add(tx, case.0, EVENT, &facts, now, by.words)?;

    for need in file.needs.iter().filter(|n| n.detail.machine.state.is_live()) {
        let group = &need.record.group_code;
        write::count(tx, file, &file.record.region, group, "needs_dropped")?;
    }
    let mut emptied = rows::empty_case(tx, case, now)?;
    for open in &file.referrals {
        let machine = erasure::ended_with(&open.machine);
        if machine.state != open.machine.state {
            // Only in a database that was restored: an erasure waits for the end of every referral.
            let mut record = open.record.clone();
            record.detail.clear();
            write::fill(&mut record, &machine, holder, now)?;
            record.update(tx)?;
        }
    }
    emptied.requests = forget_requests(tx, desk, file)?;
    write::count(tx, file, &file.record.region, "all", "cases_erased")?;
    ask_recipients(tx, desk, file, &mut stream, now)?;
    for role in [Role::CaseManager, Role::Supervisor] {
        write::notice(tx, EVENT, Some(holder), role, case.0)?;
    }
    Ok(emptied)
}

/// Forgets the answers kept for repeated requests about the case. Each carries
/// a keyed digest of what was typed; repeated now, the request is refused.
fn forget_requests(tx: &mut Tx<'_>, desk: &Desk, file: &CaseFile) -> Result<u64, ActError> {
    let events = chain::events(tx, file.record.id.0, 0, i64::MAX)?;
    let makers: BTreeSet<Uuid> = events
        .iter()
        .filter_map(|e| {
            let meta: serde_json::Value = serde_json::from_str(&e.meta).ok()?;
            Uuid::parse_str(meta["by"]["user"].as_str()?).ok()
        })
        .collect();
    let mut ids: BTreeSet<Uuid> = BTreeSet::from([file.record.id.0]);
    ids.extend(rows::ids_of(tx, file.record.id)?);
    let code = case_code(&desk.mechanism(), file.seq);
    let about = |id: Uuid, answer: &str| {
        let made: Option<crate::views::Made> = serde_json::from_str(answer).ok();
        ids.contains(&id) || made.is_some_and(|m| ids.contains(&m.id) || m.code == code)
    };
    // Whoever answered by a one-time link or a slip did so in the name of the link, or of the slip's referral.
    let links = rows::links_of(tx, file.record.id)?;
    let slips = file.referrals.iter().map(|r| r.record.id.0);
    let mut forgotten = 0;
    for maker in makers.into_iter().chain(links).chain(slips) {
        forgotten += rows::forget_requests(tx, maker, &about)?;
    }
    Ok(forgotten)
}

/// What each organisation received of the person beyond the offer: who, which
/// classes, under which referrals. Not the holder, to whom a transfer may have
/// brought the case: what it has is what is erased here. But whoever held the
/// case before it, who had the whole of it.
fn received(
    tx: &mut Tx<'_>,
    file: &CaseFile,
) -> Result<BTreeMap<OrganisationId, (ClassSet, Vec<ReferralId>)>, ActError> {
    let mut received: BTreeMap<OrganisationId, (ClassSet, Vec<ReferralId>)> = BTreeMap::new();
    for disclosure in file.disclosures(tx)? {
        let own = disclosure.recipient_id == file.record.holder_id;
        if own || disclosure.stage == "offer" || disclosure.classes.is_empty() {
            continue;
        }
        let (classes, referrals) = received.entry(disclosure.recipient_id).or_default();
        *classes = classes.union(disclosure.classes);
        if let Some(id) = disclosure.referral_id.filter(|id| !referrals.contains(id)) {
            referrals.push(id);
        }
    }
    for line in transfers::of_case(tx, file.record.id)? {
        let (from, state) = (line.transfer.from_id, line.transfer.state.as_str());
        if state == TransferState::Accepted.code() && from != file.record.holder_id {
            received.entry(from).or_default().0 = ClassSet::all();
        }
    }
    Ok(received)
}

/// Asks whoever had received data to destroy it, and to confirm that.
fn ask_recipients(
    tx: &mut Tx<'_>,
    desk: &Desk,
    file: &CaseFile,
    stream: &mut Stream<'_>,
    now: DateTime<Utc>,
) -> Result<(), ActError> {
    let (network, mechanism) = (desk.network_now(tx)?, desk.mechanism());
    for (recipient, (classes, referrals)) in received(tx, file)? {
        let asked = stops::Asked {
            recipient,
            classes,
            referrals,
            effect: WithdrawEffect::Both,
        };
        stops::ask(tx, desk, file, &network, &mechanism, stream, asked, now)?;
    }
    Ok(())
}

/// The second step: the keys, on disk, and then the due work is done. Doing it
/// again does no harm.
pub(crate) fn finish(tx: &mut Tx<'_>, person: PersonId) -> Result<(), ActError> {
    let Some(record) = PersonRecord::find(tx, person)? else {
        return Ok(());
    };
    // Nobody's key goes but of whom the database says so.
    if record.erased_at.is_none() {
        return Ok(());
    }
    let mut slots = vec![record.slot];
    slots.extend(rows::cases_of(tx, person)?.into_iter().map(|(_, slot)| slot));
    tx.sealer().keyring().erase_all(&slots).map_err(StoreError::from)?;
    let now = tx.now()?;
    relais_store::rows::posts::held_expire(tx, now)?;
    due::clear_kind(tx, person.0, rows::DUE)?;
    Ok(())
}

/// Finds persons whose keys were erased and whom this database does not know
/// to be erased, which a restored backup does not, and erases them here too.
/// Costs one short read while no key was erased since it last looked. How many
/// persons it found.
///
/// # Errors
/// What the store or the keyring refuses.
pub fn settle(desk: &Arc<Desk>) -> Result<u64, ActError> {
    let store = desk.store();
    // Read before looking: an erasure meanwhile makes the next look.
    let erasures = store.keyring().erasures().map_err(StoreError::from)?;
    if store.read_blocking(move |tx: &mut Tx<'_>| -> Result<bool, ActError> { Ok(rows::settled(tx, erasures)?) })? {
        return Ok(0);
    }
    let (mut after, mut settled) = (None, 0);
    loop {
        let (found, last) = store
            .read_blocking(move |tx: &mut Tx<'_>| -> Result<_, ActError> { Ok(rows::unmarked(tx, after, PAGE)?) })?;
        for person in found {
            let desk_ = Arc::clone(desk);
            let done = store.write_blocking(move |tx: &mut Tx<'_>| settle_one(tx, &desk_, person))?;
            settled += u64::from(done);
        }
        match last {
            Some(last) => after = Some(last),
            None => break,
        }
    }
    store.write_blocking(move |tx: &mut Tx<'_>| -> Result<(), ActError> { Ok(rows::note_settled(tx, erasures)?) })?;
    if settled > 0 {
        tracing::warn!(
            settled,
            "persons erased before this database was restored are erased here too"
        );
    }
    Ok(settled)
}

fn settle_one(tx: &mut Tx<'_>, desk: &Desk, person: PersonId) -> Result<bool, ActError> {
    for (case, _) in rows::cases_of(tx, person)? {
        cases::lock_case(tx, case)?;
    }
    let found = Found::read(tx, person)?;
    if found.person.erased_at.is_some() {
        return Ok(false);
    }
    let by = By {
        doer: Doer::clock(),
        reason: None,
        words: "",
        via: "restored",
    };
    write_down(tx, desk, &found, by)?;
    finish(tx, person)?;
    Ok(true)
}

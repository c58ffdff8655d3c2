//! What organisations signed: add, end, list, for whoever runs the deployment; in
//! `office.rs` what the mechanism's office does, in `read.rs` what anybody reads.
//! Each act is a line of the agreement's register and an event in its own stream;
//! the rule of what an agreement permits lives in `relais_network::agreement` and
//! nowhere else.

mod office;
mod read;

use std::collections::BTreeSet;

use chrono::{NaiveDate, NaiveTime, Utc};
use relais_casework::calendar::{douala, local_date};
use relais_casework::grant::{self, Grant};
use relais_mechanism::{ClassSet, Mechanism, Purpose, Role, Sensitivity};
use relais_network::agreement::{Agreement, AgreementKind, Kept, Noted, Party, RegisterRefusal, RegisterStep, Scan};
use relais_network::{AgreementId, CaseId, OrganisationId};
use relais_store::due::{self, Due};
use relais_store::rows::cases;
use relais_store::rows::directory::{self, AgreementRecord};
use relais_store::{Store, StoreError, Tx, ids};
use serde::Serialize;
use serde_json::json;

use crate::directory::{By, note};
use crate::network::Network;
use crate::problem::{ActError, FieldProblem};
use crate::write;

pub use office::{
    AddAgreement, DenounceAgreement, LONGEST, RenewAgreement, SignAgreement, Signing, denounce, renew, sign, write_down,
};
pub(crate) use read::is_seen;
pub use read::{
    AgreementRow, AgreementView, AgreementsAsked, AgreementsView, AnnexLine, NotedView, PartyView, ROWS, all, view,
};

/// The notice that the end of an agreement comes near.
pub(crate) const NOTICE: &str = "agreement_ends";

/// An agreement to be written down.
#[derive(Debug, Clone)]
pub struct NewAgreement {
    /// Number on the paper.
    pub reference: String,
    /// What kind of paper.
    pub kind: AgreementKind,
    /// Codes of the organisations that signed, each from its own day.
    pub parties: Vec<(String, NaiveDate)>,
    /// Data annex: classes that may go.
    pub classes: ClassSet,
    /// Data annex: purposes.
    pub purposes: BTreeSet<Purpose>,
    /// Data annex: highest sensitivity.
    pub max_sensitivity: Sensitivity,
    /// Last day of the term.
    pub until: Option<NaiveDate>,
}

/// One line of the list of agreements.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// Number on the paper.
    pub reference: String,
    /// Kind of paper.
    pub kind: String,
    /// Codes of the parties with the day from which each is bound.
    pub parties: Vec<(String, NaiveDate)>,
    /// Highest sensitivity of the data annex.
    pub max_sensitivity: Sensitivity,
    /// Last day of the term.
    pub until: Option<NaiveDate>,
    /// Day of denunciation.
    pub denounced_on: Option<NaiveDate>,
}

fn unknown(code: &str) -> ActError {
    ActError::refused(
        "unknown_organisation",
        (
            &format!("Aucune organisation n’a le code {code}."),
            &format!("No organisation has the code {code}."),
        ),
        (
            "« relais directory list » donne les codes.",
            "“relais directory list” gives the codes.",
        ),
    )
}

/// The organisation with this code.
///
/// # Errors
/// When there is none.
pub fn organisation(tx: &mut Tx<'_>, code: &str) -> Result<OrganisationId, ActError> {
    directory::organisation_by_code(tx, code)?
        .map(|o| o.id)
        .ok_or_else(|| unknown(code))
}

fn record(kept: &Kept, version: i64) -> Result<AgreementRecord, ActError> {
    let agreement = &kept.agreement;
    Ok(AgreementRecord {
        id: agreement.id,
        reference: agreement.reference.clone(),
        kind: agreement.kind.code().to_owned(),
        until_date: agreement.until.map(|d| d.to_string()),
        denounced_on: agreement.denounced_on.map(|d| d.to_string()),
        body: serde_json::to_string(kept).map_err(|e| StoreError::Schema(e.to_string()))?,
        version,
    })
}

/// An agreement with its register, as its row keeps it.
pub(crate) fn opened(record: &AgreementRecord) -> Result<Kept, ActError> {
    serde_json::from_str(&record.body)
        .map_err(|e| ActError::Store(StoreError::Schema(format!("agreement {}: {e}", record.reference))))
}

/// What is noted of an agreement, but for who notes it and when.
#[derive(Debug, Default)]
struct Line {
    party: Option<OrganisationId>,
    function: String,
    scan: Option<Scan>,
    reason: String,
}

/// Notes what became of an agreement, as it is now; its next version. `known` is
/// the version before, none for a new one.
fn noted(
    tx: &mut Tx<'_>,
    known: Option<i64>,
    mut kept: Kept,
    (step, on): (RegisterStep, NaiveDate),
    line: Line,
    by: By,
) -> Result<i64, ActError> {
    let version = known.map_or(1, |v| v + 1);
    let line = Noted {
        step,
        version,
        at: tx.now()?,
        by: match by {
            By::User(user) => Some(user),
            By::CommandLine | By::Post(_) | By::Mechanism => None,
        },
        party: line.party,
        on,
        until: kept.agreement.until,
        function: line.function,
        scan: line.scan,
        reason: line.reason,
        mechanism: directory::current_mechanism(tx)?.map_or_else(String::new, |m| m.label),
    };
    let kind = match step {
        RegisterStep::Added => "agreement_added",
        RegisterStep::Signed => "agreement_signed",
        RegisterStep::Renewed => "agreement_renewed",
        RegisterStep::Denounced => "agreement_ended",
    };
    let facts = match step {
        RegisterStep::Added => json!({ "agreement": kept.agreement, "noted": line }),
        _ => json!({ "noted": line }),
    };
    kept.register.push(line);
    let record = record(&kept, version)?;
    if known.is_some() {
        record.update(tx)?;
    } else {
        record.insert(tx)?;
    }
    directory::directory_changed(tx)?;
    // An event's subject is never its stream.
    let id = kept.agreement.id.0;
    let subject = kept.agreement.parties.first().map_or(id, |p| p.organisation.0);
    note(tx, by, id, subject, kind, facts)?;
    Ok(version)
}

/// A refusal of the register, for whoever has no form.
fn refused(refusal: RegisterRefusal) -> ActError {
    ActError::Refused {
        code: refusal.code().to_owned(),
        why: refusal.why(),
        remedy: refusal.remedy(),
    }
}

/// The same beside the field of the form that it speaks of.
fn wrong(refusal: RegisterRefusal) -> ActError {
    match refusal.field() {
        None => refused(refusal),
        Some(field) => ActError::Invalid(vec![FieldProblem {
            field: field.to_owned(),
            code: refusal.code().to_owned(),
            message: refusal.why(),
        }]),
    }
}

/// Writes down an agreement.
///
/// # Errors
/// When nobody signed it, a party is unknown, its term ends before a
/// signature, or its number is taken.
pub fn add(store: &Store, new: NewAgreement, by: By) -> Result<AgreementId, ActError> {
    if new.parties.is_empty() {
        return Err(ActError::field(
            "party",
            "missing",
            (
                "Nommez au moins une organisation signataire.",
                "Name at least one organisation that signed.",
            ),
        ));
    }
    if new.reference.trim().is_empty() {
        return Err(ActError::field(
            "reference",
            "missing",
            ("Donnez le numéro de l’accord.", "Give the agreement’s number."),
        ));
    }
    if let Some(until) = new.until
        && new.parties.iter().any(|(_, from)| *from > until)
    {
        return Err(ActError::field(
            "until",
            "before_from",
            (
                "La fin précède une signature : corrigez la date.",
                "The term ends before a signature: correct the date.",
            ),
        ));
    }
    store.write_blocking(move |tx| -> Result<AgreementId, ActError> {
        if directory::agreement_by_reference(tx, &new.reference)?.is_some() {
            return Err(ActError::refused(
                "reference_taken",
                (
                    &format!("L’accord {} existe déjà.", new.reference),
                    &format!("The agreement {} exists already.", new.reference),
                ),
                (
                    "Donnez un autre numéro, ou mettez fin à l’ancien : « relais agreement end ».",
                    "Give another number, or end the old one: “relais agreement end”.",
                ),
            ));
        }
        let mut parties = Vec::with_capacity(new.parties.len());
        for (code, from) in &new.parties {
            parties.push(Party {
                organisation: organisation(tx, code)?,
                from: *from,
                denounced_on: None,
            });
        }
        let id = AgreementId(ids::new_v7(tx.now()?));
        put(tx, agreement_of(id, &new, parties), Line::default(), by)?;
        Ok(id)
    })
}

fn agreement_of(id: AgreementId, new: &NewAgreement, parties: Vec<Party>) -> Agreement {
    Agreement {
        id,
        kind: new.kind,
        reference: new.reference.clone(),
        parties,
        classes: new.classes,
        purposes: new.purposes.clone(),
        max_sensitivity: new.max_sensitivity,
        until: new.until,
        denounced_on: None,
    }
}

/// Writes down an agreement of which it is known that it may be.
fn put(tx: &mut Tx<'_>, agreement: Agreement, line: Line, by: By) -> Result<i64, ActError> {
    let today = local_date(tx.now()?);
    let on = agreement.parties.iter().map(|p| p.from).min().unwrap_or(today);
    let kept = Kept {
        agreement,
        register: Vec::new(),
    };
    noted(tx, None, kept, (RegisterStep::Added, on), line, by)
}

/// Ends an agreement on a day: denounced as a whole, or by one party alone.
/// From that day on it carries nothing.
///
/// # Errors
/// When there is no such agreement or party, or it was ended before.
pub fn end(store: &Store, reference: &str, party: Option<&str>, on: NaiveDate, by: By) -> Result<(), ActError> {
    let (reference, party) = (reference.to_owned(), party.map(str::to_owned));
    store.write_blocking(move |tx| -> Result<(), ActError> {
        let known = directory::agreement_by_reference(tx, &reference)?.ok_or_else(|| {
            ActError::refused(
                "unknown_agreement",
                (
                    &format!("Aucun accord n’a le numéro {reference}."),
                    &format!("No agreement has the number {reference}."),
                ),
                (
                    "« relais agreement list » donne les numéros.",
                    "“relais agreement list” gives the numbers.",
                ),
            )
        })?;
        let mut kept = opened(&known)?;
        let party = match &party {
            Some(code) => Some(organisation(tx, code)?),
            None => None,
        };
        kept.agreement = kept.agreement.denounced(party, on).map_err(refused)?;
        let line = Line {
            party,
            ..Line::default()
        };
        ended(tx, known.version, kept, on, line, by).map(drop)
    })
}

/// Notes the end of an agreement, and closes what rests on it: now, or on the day
/// itself by the clock.
fn ended(tx: &mut Tx<'_>, known: i64, kept: Kept, on: NaiveDate, line: Line, by: By) -> Result<i64, ActError> {
    let id = kept.agreement.id;
    let version = noted(tx, Some(known), kept, (RegisterStep::Denounced, on), line, by)?;
    if on > local_date(tx.now()?) {
        let begins = on.and_time(NaiveTime::MIN).and_local_timezone(douala()).single();
        let due_at = begins.map_or(tx.now()?, |t| t.with_timezone(&Utc));
        due::set(
            tx,
            &Due {
                subject: id.0,
                kind: DENOUNCED.to_owned(),
                due_at,
                state_version: version,
            },
        )?;
    } else {
        close_denounced(tx, id)?;
    }
    Ok(version)
}

/// Tells the mechanism's office of each agreement of whose end a notice fell due
/// since the clock last looked; never of one that nobody of it may see.
pub(crate) fn remind(
    tx: &mut Tx<'_>,
    network: &Network,
    mechanism: &Mechanism,
    looked: NaiveDate,
    today: NaiveDate,
) -> Result<(), ActError> {
    let days = &mechanism.rules().notice_days;
    for agreement in network.agreements.iter() {
        if agreement.notice_since(days, looked, today).is_some() && is_seen(network, agreement, None) {
            write::notice(tx, NOTICE, None, Role::Secretariat, agreement.id.0)?;
        }
    }
    Ok(())
}

/// Kind of the due work on the day from which a denunciation counts.
pub const DENOUNCED: &str = "denounced@100";

/// Closes every grant that rests on an agreement denounced by now: all of
/// them where it was denounced as a whole, else those of the party that left
/// and of the organisations under it (DESIGN §6). How many were closed.
///
/// # Errors
/// What the store refuses.
pub fn close_denounced(tx: &mut Tx<'_>, id: AgreementId) -> Result<usize, ActError> {
    let Some(known) = AgreementRecord::find(tx, id)? else {
        return Ok(0);
    };
    let agreement = opened(&known)?.agreement;
    let now = tx.now()?;
    let today = local_date(now);
    let grants = cases::grants_naming(tx, id.0, now)?
        .iter()
        .map(|record| {
            let mut grant: Grant = serde_json::from_str(&record.detail)
                .map_err(|e| StoreError::Schema(format!("grant_row.detail: {e}")))?;
            grant.until = record.until_at;
            Ok(grant)
        })
        .collect::<Result<Vec<_>, StoreError>>()?;
    let closings = if agreement.denounced_on.is_some_and(|day| day <= today) {
        grant::on_denunciation(&grants, id, now)
    } else {
        let left: Vec<OrganisationId> = agreement
            .parties
            .iter()
            .filter(|p| p.denounced_on.is_some_and(|day| day <= today))
            .map(|p| p.organisation)
            .collect();
        let parents: std::collections::HashMap<_, _> = directory::all_organisations(tx)?
            .into_iter()
            .map(|o| (o.id, o.parent_id))
            .collect();
        let under = |organisation: OrganisationId| {
            let mut at = Some(organisation);
            // As many steps as there are organisations: a ring of tutelle ends.
            for _ in 0..=parents.len() {
                match at {
                    Some(here) if left.contains(&here) => return true,
                    Some(here) => at = parents.get(&here).copied().flatten(),
                    None => break,
                }
            }
            false
        };
        let covered: Vec<OrganisationId> = grants
            .iter()
            .map(|g| g.holder.organisation())
            .filter(|o| under(*o))
            .collect();
        grant::on_party_denunciation(&grants, id, &covered, now)
    };
    let closing: std::collections::HashSet<_> = closings.iter().map(|c| c.grant).collect();
    let touched: std::collections::BTreeSet<CaseId> = grants
        .iter()
        .filter(|g| closing.contains(&g.id))
        .map(|g| g.case)
        .collect();
    for case in touched {
        // Nothing of a case moves without its version: what was read of it before is stale.
        cases::lock_case(tx, case)?;
    }
    write::close_grants(tx, &closings)?;
    Ok(closings.len())
}

/// Every agreement, by number.
///
/// # Errors
/// What the store refuses.
pub fn list(store: &Store) -> Result<Vec<Listed>, ActError> {
    store.read_blocking(|tx| -> Result<Vec<Listed>, ActError> {
        let codes: std::collections::HashMap<OrganisationId, String> = directory::all_organisations(tx)?
            .into_iter()
            .map(|o| (o.id, o.code))
            .collect();
        directory::all_agreements(tx)?
            .iter()
            .map(|record| {
                let agreement = opened(record)?.agreement;
                Ok(Listed {
                    reference: agreement.reference,
                    kind: agreement.kind.code().to_owned(),
                    parties: agreement
                        .parties
                        .iter()
                        .map(|p| (codes.get(&p.organisation).cloned().unwrap_or_default(), p.from))
                        .collect(),
                    max_sensitivity: agreement.max_sensitivity,
                    until: agreement.until,
                    denounced_on: agreement.denounced_on,
                })
            })
            .collect()
    })
}

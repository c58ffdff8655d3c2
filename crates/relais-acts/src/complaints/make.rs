//! Complaining: without an account, once, with a number and a code in return.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use relais_casework::complaint::{self as rule, ComplaintKind, ComplaintState, Limit};
use relais_mechanism::Mechanism;
use relais_mechanism::words::Lang;
use relais_network::words::fold;
use relais_network::{ComplaintId, OrganisationId};
use relais_store::access::{self, Look};
use relais_store::due::{self, Due};
use relais_store::rows::complaints::ComplaintRecord;
use relais_store::rows::{cases, links};
use relais_store::{StoreError, Tx, chain, ids};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Complaint, Contact, Detail, FACTS, SHORT, digest, event, limit, notice, passing, readers, set_limits};
use crate::codes::parse_slip_number;
use crate::desk::Desk;
use crate::file::seal;
use crate::network::Network;
use crate::problem::{ActError, FieldProblem};
use crate::slips::complaint_lines;
use crate::views::Made;
use crate::write;

/// A complaint.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Complain {
    /// Id made by whoever sends it, so that sending twice complains once.
    pub id: Uuid,
    /// What it is about.
    pub kind: ComplaintKind,
    /// What happened.
    pub facts: String,
    /// The organisation concerned, as typed.
    #[serde(default)]
    pub organisation: String,
    /// Number of the slip or referral concerned, as typed.
    #[serde(default)]
    pub referral: String,
    /// Whether it is about the technical secretariat.
    #[serde(default)]
    pub about_office: bool,
    /// Telephone or e-mail for an answer; empty for an anonymous complaint.
    #[serde(default)]
    pub contact: String,
    /// Which way is safe, code of the mechanism's list.
    #[serde(default)]
    pub safe_contact: Option<String>,
    /// The code with which the complainant comes back, drawn by the server.
    #[serde(skip_deserializing)]
    pub code: String,
}

/// What the complainant keeps.
#[derive(Debug, Clone, Serialize)]
pub struct Received {
    /// Number.
    pub number: String,
    /// Code; shown once and kept nowhere.
    pub code: String,
    /// Until when it is to be acknowledged.
    pub acknowledge_by: DateTime<Utc>,
    /// Until when it is to be decided, counted from now.
    pub decide_by: DateTime<Utc>,
}

/// What the door says before anybody complains.
#[derive(Debug, Clone, Serialize)]
pub struct Door {
    /// Whether complaints of abuse have the two recipients that they need.
    pub ready: bool,
    /// Lines that listen: name, number, whether the number was not verified.
    pub lines: Vec<(String, String, bool)>,
    /// Safe ways to be answered: code, label.
    pub safe: Vec<(String, String)>,
}

/// What the door says.
///
/// # Errors
/// When the store fails.
pub async fn door(desk: &Arc<Desk>, lang: Lang) -> Result<Door, ActError> {
    let mechanism = desk.mechanism();
    let ready = desk
        .store()
        .read(|tx: &mut Tx<'_>| -> Result<_, StoreError> { Ok(rule::ready(&readers(tx)?)) })
        .await?;
    Ok(Door {
        ready,
        lines: lines(&mechanism, lang),
        safe: mechanism
            .option_list("safe_contact")
            .map(|list| {
                let label = |c: &relais_mechanism::options::Choice| (c.code.clone(), c.label.get(lang).to_owned());
                list.choices.iter().map(label).collect()
            })
            .unwrap_or_default(),
    })
}

/// The same lines as on a slip, each with its mark.
fn lines(mechanism: &Mechanism, lang: Lang) -> Vec<(String, String, bool)> {
    complaint_lines(mechanism, lang)
        .into_iter()
        .map(|(name, number)| {
            let unverified = mechanism
                .on_call_entries()
                .iter()
                .any(|n| n.number == number && n.mark.as_deref() == Some("K"));
            (name, number, unverified)
        })
        .collect()
}

fn check(mechanism: &Mechanism, command: &Complain) -> Result<(), ActError> {
    let mut wrong = Vec::new();
    if command.facts.trim().is_empty() {
        wrong.push(FieldProblem::new(
            "facts",
            "required",
            ("Écrivez ce qui s’est passé.", "Write what happened."),
        ));
    }
    for (field, text, most) in [
        ("facts", &command.facts, FACTS),
        ("organisation", &command.organisation, SHORT),
        ("referral", &command.referral, SHORT),
        ("contact", &command.contact, SHORT),
    ] {
        if text.chars().count() > most
            && let ActError::Invalid(more) = super::too_long(field, most)
        {
            wrong.extend(more);
        }
    }
    let safe = command.safe_contact.as_deref().filter(|s| !s.is_empty());
    let known = |code: &str| mechanism.option_label("safe_contact", code, Lang::Fr).is_some();
    if safe.is_some_and(|code| !known(code)) {
        wrong.push(FieldProblem::new(
            "safe_contact",
            "unknown_option",
            ("Choisissez dans la liste.", "Choose from the list."),
        ));
    }
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(ActError::Invalid(wrong))
    }
}

/// Complains. The code that goes with the number is the caller's: it is in no
/// row but as a keyed digest.
///
/// # Errors
/// [`ActError::Invalid`]; [`ActError::IdTaken`] when the id served for another.
pub async fn complain(
    desk: &Arc<Desk>,
    command: Complain,
    lang: Lang,
    route: &'static str,
    purpose: &'static str,
) -> Result<Received, ActError> {
    check(&desk.mechanism(), &command)?;
    let (desk_, code) = (Arc::clone(desk), command.code.clone());
    let (made, received_at) = desk
        .store()
        .write(move |tx: &mut Tx<'_>| -> Result<_, ActError> {
            let made = write::once_by(tx, Uuid::nil(), "complaint", command.id, &command, |tx| {
                complain_in(tx, &desk_, &command, lang)
            })?;
            // Who asked is not known, and not noted: neither account nor address.
            let look = Look {
                user: None,
                organisation: None,
                route,
                purpose,
                cases: &[],
            };
            access::log(tx, &look)?;
            let record = ComplaintRecord::find(tx, ComplaintId(made.id))?.ok_or(ActError::NotFound)?;
            Ok((made, record.received_at))
        })
        .await?;
    Ok(Received {
        number: made.code,
        code,
        acknowledge_by: limit(desk, Limit::Acknowledge, received_at)?.at,
        decide_by: limit(desk, Limit::Decide, received_at)?.at,
    })
}

fn complain_in(tx: &mut Tx<'_>, desk: &Desk, command: &Complain, lang: Lang) -> Result<Made, ActError> {
    let now = tx.now()?;
    let readers = readers(tx)?;
    let network = desk.network_now(tx)?;
    let mut concerned = concerned(tx, &network, command)?;
    if command.about_office {
        concerned.extend(rule::offices(&readers));
    }
    let routing = rule::route(command.kind, &concerned, command.about_office, &readers);
    let mut detail = Detail {
        kind: command.kind,
        facts: command.facts.trim().to_owned(),
        organisation: command.organisation.trim().to_owned(),
        referral: command.referral.trim().to_owned(),
        about_office: command.about_office,
        concerned,
        contact: Some(command.contact.trim())
            .filter(|c| !c.is_empty())
            .map(|address| Contact {
                address: address.to_owned(),
                safe: command.safe_contact.clone().filter(|s| !s.is_empty()),
            }),
        lang,
        routing: routing.clone(),
        delivered: Vec::new(),
        opened: std::collections::BTreeMap::new(),
        acknowledged_at: None,
        decided_at: None,
        closed_at: None,
        due_from: None,
        entries: Vec::new(),
    };
    detail.reroute(routing, now);
    let (sealer, slot) = (tx.sealer(), tx.new_slot()?);
    let (id, number) = (ComplaintId(ids::new_v7(now)), ids::slip_code());
    let record = ComplaintRecord {
        id,
        slot,
        code: digest(&sealer, &number, &command.code),
        number: number.clone(),
        state: ComplaintState::Received.code().to_owned(),
        received_at: now,
        due_at: None,
        detail: seal(&sealer, "complaint", "detail", id.0, slot, &detail)?,
        version: 1,
    };
    record.insert(tx)?;
    let mut complaint = Complaint {
        record,
        state: ComplaintState::Received,
        detail,
    };
    set_limits(tx, desk, &mut complaint)?;
    complaint.write(tx)?;
    due::set(
        tx,
        &Due {
            subject: id.0,
            kind: passing::kind(Limit::Forward, 100),
            due_at: limit(desk, Limit::Forward, now)?.at,
            state_version: 1,
        },
    )?;
    let mut head = chain::lock(tx, id.0)?;
    event(tx, &mut head, slot, "complaint_received", None, "")?;
    notice(tx, id)?;
    Ok(Made {
        id: id.0,
        code: number,
        version: 1,
    })
}

/// Every organisation that a complaint may be about, so that none of them sees
/// it: those whose name or code the typed words hold, both sides of the
/// referral, and whoever stands above or below one of these. In doubt, one
/// more: a complaint that a body reads about itself cannot be called back.
fn concerned(tx: &mut Tx<'_>, network: &Network, command: &Complain) -> Result<BTreeSet<OrganisationId>, ActError> {
    let mut found = BTreeSet::new();
    let typed = fold(&command.organisation);
    let words: BTreeSet<&str> = typed.split(' ').filter(|w| w.len() > 2).collect();
    if typed.len() > 2 {
        for organisation in network.organisations.values() {
            let names = [fold(&organisation.name.fr), fold(&organisation.name.en)];
            let by_name = names.iter().any(|name| {
                (name.len() > 3 && typed.contains(name.as_str())) || (typed.len() > 4 && name.contains(&typed))
            });
            if by_name || words.contains(fold(&organisation.code).as_str()) {
                found.insert(organisation.id);
            }
        }
    }
    if let Some(referral) = referral(tx, &command.referral)? {
        found.insert(referral.sender_id);
        found.insert(referral.provider_id);
        if let Some(case) = cases::CaseRecord::find(tx, referral.case_id)? {
            found.insert(case.holder_id);
        }
    }
    let named: Vec<OrganisationId> = found.iter().copied().collect();
    for organisation in &named {
        found.extend(network.parents(*organisation));
    }
    for other in network.organisations.keys() {
        if network.parents(*other).iter().any(|parent| named.contains(parent)) {
            found.insert(*other);
        }
    }
    Ok(found)
}

/// The referral of a typed number, with or without its check letter.
fn referral(tx: &mut Tx<'_>, typed: &str) -> Result<Option<cases::ReferralRecord>, ActError> {
    let bare = || {
        let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
        let (year, seq) = digits.split_at_checked(4)?;
        Some((year.parse().ok()?, seq.parse().ok()?))
    };
    let Some((year, seq)) = parse_slip_number(typed).or_else(bare) else {
        return Ok(None);
    };
    match links::referral_by_number(tx, year, seq)? {
        Some(id) => Ok(cases::ReferralRecord::find(tx, id)?),
        None => Ok(None),
    }
}

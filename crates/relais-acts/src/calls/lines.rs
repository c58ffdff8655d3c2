//! The numbers to call in order: the service's focal point and alternates, its
//! organisation, whoever is on call in the region, the declared national
//! fallback (DOMAIN §1.3).

use relais_casework::calls::{Line, LineKind};
use relais_mechanism::{Lang, Mechanism};
use relais_network::service::Service;
use relais_store::rows::calls as rows;
use relais_store::{StoreError, Tx};

use crate::file::{CaseFile, OpenReferral};
use crate::network::Network;

/// An entry of the on-call list: the deployment's where it filled one in, the
/// mechanism's otherwise.
#[derive(Debug, Clone)]
pub struct Entry {
    /// Region; empty for the whole country.
    pub region: String,
    /// Order.
    pub rank: u32,
    /// Who answers.
    pub who: String,
    /// Number; empty while nobody filled it in.
    pub number: String,
    /// When somebody answers.
    pub hours: String,
    /// Whether the State runs it.
    pub state_line: bool,
    /// The deployment's row, where there is one.
    pub row: Option<rows::OnCallRecord>,
    /// Day of the last test call that the mechanism names.
    pub tested_on: Option<chrono::NaiveDate>,
}

/// The whole on-call list, by region and rank; the country's fallback last.
///
/// # Errors
/// When the store fails.
pub fn mechanism_and_desk(tx: &mut Tx<'_>, mechanism: &Mechanism, lang: Lang) -> Result<Vec<Entry>, StoreError> {
    let mut entries: Vec<Entry> = mechanism
        .on_call_entries()
        .iter()
        .map(|n| Entry {
            region: n.region.clone().unwrap_or_default(),
            rank: n.rank,
            who: n.label.get(lang).to_owned(),
            number: n.number.trim().to_owned(),
            hours: n.hours.clone(),
            state_line: n.state_line,
            row: None,
            tested_on: n.last_test_call,
        })
        .collect();
    for row in rows::on_call(tx)? {
        let at = entries
            .iter()
            .position(|e| (e.region.as_str(), e.rank) == (row.region.as_str(), row.rank));
        let entry = if row.is_filled_in() {
            at.map(|at| entries.swap_remove(at));
            Entry {
                region: row.region.clone(),
                rank: row.rank,
                who: row.who.clone(),
                number: row.number.clone(),
                hours: row.hours.clone(),
                state_line: row.state_line,
                tested_on: None,
                row: Some(row),
            }
        } else {
            // A test call of the mechanism's own line, and of no other number than it
            // had then. Where the mechanism has dropped the line, nobody is called.
            let line = at.map(|at| entries.swap_remove(at));
            let same = line.as_ref().is_some_and(|l| l.number == row.number);
            let mut entry = line.unwrap_or_else(|| Entry {
                region: row.region.clone(),
                rank: row.rank,
                who: String::new(),
                number: String::new(),
                hours: String::new(),
                state_line: row.state_line,
                row: None,
                tested_on: None,
            });
            entry.row = Some(if same { row } else { row.untested() });
            entry
        };
        entries.push(entry);
    }
    entries.sort_by(|a, b| (a.region.is_empty(), &a.region, a.rank).cmp(&(b.region.is_empty(), &b.region, b.rank)));
    Ok(entries)
}

/// The numbers to call for a service, for a person in a region. A person of
/// the protected circuit is never spoken of on a State line (DOMAIN §1.4). Those
/// of a confidential service are its own: the on-call desk has them.
///
/// # Errors
/// When the store fails.
pub fn lines(
    tx: &mut Tx<'_>,
    mechanism: &Mechanism,
    network: &Network,
    service: &Service,
    region: &str,
    protected: bool,
    lang: Lang,
) -> Result<Vec<Line>, StoreError> {
    let mut lines: Vec<Line> = Vec::new();
    if !network.is_confidential(service.id) {
        for telephone in &service.telephones {
            let who = if telephone.who.is_empty() {
                service.name.get(lang)
            } else {
                &telephone.who
            };
            add(&mut lines, LineKind::Service, who, &telephone.number, &telephone.hours);
        }
        if let Some(organisation) = network.organisations.get(&service.organisation)
            && let Some(number) = &organisation.telephone
        {
            let who = organisation.name.get(lang);
            add(&mut lines, LineKind::Organisation, who, number, "");
        }
    }
    let entries = mechanism_and_desk(tx, mechanism, lang)?;
    add_on_call(&mut lines, &entries, region, protected);
    Ok(lines)
}

/// Adds a line, unless it has no number or one that stands there already.
fn add(lines: &mut Vec<Line>, kind: LineKind, who: &str, number: &str, hours: &str) {
    if !number.trim().is_empty() && !lines.iter().any(|l| l.number == number) {
        lines.push(Line {
            kind,
            who: who.to_owned(),
            number: number.to_owned(),
            hours: hours.to_owned(),
        });
    }
}

/// Adds whoever is on call in a region, and the national fallback.
pub(crate) fn add_on_call(lines: &mut Vec<Line>, entries: &[Entry], region: &str, protected: bool) {
    for entry in entries {
        let kind = if entry.region.is_empty() {
            LineKind::National
        } else {
            LineKind::OnCall
        };
        if (entry.region.is_empty() || entry.region == region) && !(protected && entry.state_line) {
            add(lines, kind, &entry.who, &entry.number, &entry.hours);
        }
    }
}

/// The same for a referral that was sent.
///
/// # Errors
/// When the store fails.
pub(super) fn of_referral(
    tx: &mut Tx<'_>,
    mechanism: &Mechanism,
    network: &Network,
    file: &CaseFile,
    referral: &OpenReferral,
    lang: Lang,
) -> Result<Vec<Line>, StoreError> {
    let Some(service) = network.services.get(&referral.detail.service) else {
        return Ok(Vec::new());
    };
    lines(
        tx,
        mechanism,
        network,
        service,
        &file.record.region,
        file.is_protected(),
        lang,
    )
}

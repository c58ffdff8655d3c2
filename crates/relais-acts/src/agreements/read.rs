//! Agreements as whoever is signed in may read them: parties, term, what the data
//! annex lets through. The register (who signed, by what scan) is for the
//! mechanism's office and for the parties' own staff.
//!
//! What a shelter signed tells that there is one: an agreement of which too little
//! may be named looks as if it did not exist.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Days, NaiveDate, Utc};
use relais_casework::calendar::local_date;
use relais_mechanism::{ClassSet, DataClass, Lang, Mechanism, Sensitivity};
use relais_network::agreement::{Agreement, AgreementKind, CoverageState, RegisterStep, Scan, class_level};
use relais_network::{AgreementId, OrganisationId};
use relais_store::Tx;
use relais_store::rows::accounts::UserRecord;
use relais_store::rows::cases;
use relais_store::rows::directory::AgreementRecord;
use serde::{Deserialize, Serialize};

use super::opened;
use crate::desk::{Desk, Viewer};
use crate::network::Network;
use crate::problem::ActError;
use crate::share::classes_say;

/// Agreements on one page of the list.
pub const ROWS: usize = 20;

/// What is asked of the list; a blank asks nothing.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct AgreementsAsked {
    /// How they stand: only those.
    #[serde(default)]
    pub state: Option<String>,
    /// Number of the page, from 1.
    #[serde(default)]
    pub page: Option<usize>,
}

/// A signatory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PartyView {
    /// Who signed.
    pub organisation: OrganisationId,
    /// Its code; empty where it is known no more.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The day from which it is bound.
    pub from: NaiveDate,
    /// The day on which it left.
    pub denounced_on: Option<NaiveDate>,
}

/// An agreement, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AgreementRow {
    /// Agreement.
    pub id: AgreementId,
    /// Number on the paper.
    pub reference: String,
    /// What kind of paper.
    pub kind: AgreementKind,
    /// The same, in words.
    pub kind_says: String,
    /// Who signed, as far as they may be named.
    pub parties: Vec<PartyView>,
    /// Last day of the term; none runs until it is denounced.
    pub until: Option<NaiveDate>,
    /// Last day of grace.
    pub grace_until: Option<NaiveDate>,
    /// The day on which the whole of it was denounced.
    pub denounced_on: Option<NaiveDate>,
    /// How it stands today.
    pub state: CoverageState,
    /// The classes that its annex lets through, in words.
    pub classes: String,
    /// The highest sensitivity that may go.
    pub max_sensitivity: Sensitivity,
}

/// The list.
#[derive(Debug, Clone, Serialize)]
pub struct AgreementsView {
    /// Now.
    pub now: DateTime<Utc>,
    /// Those of the viewer's own organisation first, then those that want somebody.
    pub rows: Vec<AgreementRow>,
    /// How many there are in each state, whatever is asked.
    pub counts: Vec<(CoverageState, usize)>,
    /// Which state is asked for.
    pub state: Option<CoverageState>,
    /// Number of the page.
    pub page: usize,
    /// Whether there is another.
    pub more: bool,
    /// The standing regime of the mechanism, in words: its name, what it asks for.
    pub regime: (String, String),
    /// Days of grace.
    pub grace_days: u32,
    /// Whether the viewer may write one down.
    pub may_add: bool,
}

/// What the annex lets through to services of one category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AnnexLine {
    /// Category of service.
    pub category: String,
    /// Classes that go, in words; empty for none.
    pub goes: String,
    /// Classes that such a service needs and that do not go under this agreement.
    pub stays: String,
}

/// One line of the register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotedView {
    /// What became of the agreement.
    pub step: RegisterStep,
    /// Its version from this line on.
    pub version: i64,
    /// When it was noted.
    pub at: DateTime<Utc>,
    /// By whom; empty for whoever runs the deployment.
    pub by: String,
    /// Whose signature, or who left; empty for all of them.
    pub party: String,
    /// The day from which it counts.
    pub on: NaiveDate,
    /// Last day of the term from then on.
    pub until: Option<NaiveDate>,
    /// Function of whoever signed.
    pub function: String,
    /// The scan of what was signed: its name and its fingerprint, never the file.
    pub scan: Option<Scan>,
    /// Why, of a denunciation.
    pub reason: String,
    /// Version of the mechanism under which it was noted.
    pub mechanism: String,
}

/// One agreement.
#[derive(Debug, Clone, Serialize)]
pub struct AgreementView {
    /// Now.
    pub now: DateTime<Utc>,
    /// The agreement.
    pub row: AgreementRow,
    /// The data annex against what services need, by category.
    pub annex: Vec<AnnexLine>,
    /// The purposes of the annex, in words.
    pub purposes: Vec<String>,
    /// The register, newest first; for the office and the parties.
    pub register: Vec<NotedView>,
    /// Referrals whose data went under it, but for what is restricted, confidential
    /// or protected; for the office and the parties.
    pub referrals: Option<i64>,
    /// Days still to come on which the office is reminded of its end.
    pub notices: Vec<NaiveDate>,
    /// Days of grace.
    pub grace_days: u32,
    /// Whether the viewer notes signatures, renewals and denunciations.
    pub may_keep: bool,
    /// Version.
    pub version: i64,
}

/// Whether this party may be named: it is known, or unknown altogether, or the own
/// organisation.
fn is_shown(network: &Network, organisation: OrganisationId, own: Option<OrganisationId>) -> bool {
    Some(organisation) == own
        || network.known(organisation).is_some()
        || !network.organisations.contains_key(&organisation)
}

/// Whether an agreement may be looked at, for whoever is of the organisation `own`.
/// What is left of a signature between two would say that there is another.
pub(crate) fn is_seen(network: &Network, agreement: &Agreement, own: Option<OrganisationId>) -> bool {
    let parties: BTreeSet<OrganisationId> = agreement.parties.iter().map(|p| p.organisation).collect();
    let shown = parties.iter().filter(|o| is_shown(network, **o, own)).count();
    shown == parties.len() || shown >= 2 || own.is_some_and(|own| parties.contains(&own))
}

fn kind_says(mechanism: &Mechanism, kind: AgreementKind, lang: Lang) -> String {
    let word = mechanism.agreement_kinds().iter().find(|w| w.code == kind.code());
    word.map_or_else(|| kind.code().to_owned(), |w| w.label.get(lang).to_owned())
}

/// The classes that an annex lets through: those that it names, up to its level.
fn through(agreement: &Agreement) -> ClassSet {
    let goes = |class: &DataClass| class_level(*class) <= agreement.max_sensitivity;
    agreement.classes.iter().filter(goes).collect()
}

fn row(
    network: &Network,
    mechanism: &Mechanism,
    viewer: &Viewer,
    agreement: &Agreement,
    on: NaiveDate,
) -> AgreementRow {
    let lang = viewer.lang;
    let own = Some(viewer.organisation);
    let party = |p: &relais_network::agreement::Party| PartyView {
        organisation: p.organisation,
        code: network
            .organisations
            .get(&p.organisation)
            .map_or_else(String::new, |o| o.code.clone()),
        name: network.own_name(p.organisation, lang),
        from: p.from,
        denounced_on: p.denounced_on,
    };
    let grace = mechanism.grace_days();
    AgreementRow {
        id: agreement.id,
        reference: agreement.reference.clone(),
        kind: agreement.kind,
        kind_says: kind_says(mechanism, agreement.kind, lang),
        parties: agreement
            .parties
            .iter()
            .filter(|p| is_shown(network, p.organisation, own))
            .map(party)
            .collect(),
        until: agreement.until,
        grace_until: agreement.grace_until(grace),
        denounced_on: agreement.denounced_on,
        state: agreement.standing(on, grace),
        classes: classes_say(mechanism, through(agreement), lang),
        max_sensitivity: agreement.max_sensitivity,
    }
}

/// What wants somebody first: in grace, then what runs by its end.
const fn rank(state: CoverageState) -> u8 {
    match state {
        CoverageState::InGrace => 0,
        CoverageState::InForce => 1,
        CoverageState::None => 2,
        CoverageState::Expired => 3,
        CoverageState::Denounced => 4,
    }
}

/// The agreements that the viewer may know.
///
/// # Errors
/// [`ActError::Invalid`] for a state that is none.
pub async fn all(desk: &Arc<Desk>, viewer: &Viewer, asked: AgreementsAsked) -> Result<AgreementsView, ActError> {
    let state = match asked.state.as_deref().filter(|s| !s.is_empty()) {
        None => None,
        Some(code) => Some(CoverageState::from_code(code).ok_or_else(|| {
            ActError::field(
                "state",
                "unknown_option",
                ("Choisissez dans la liste.", "Choose from the list."),
            )
        })?),
    };
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    let page = asked.page.unwrap_or(1).max(1);
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let now = tx.now()?;
        let (mechanism, network) = (desk_.mechanism(), desk_.network_now(tx)?);
        let (today, own, lang) = (local_date(now), viewer_.organisation, viewer_.lang);
        let seen = |a: &&Agreement| is_seen(&network, a, Some(own));
        let mut rows: Vec<AgreementRow> = network
            .agreements
            .iter()
            .filter(seen)
            .map(|a| row(&network, &mechanism, &viewer_, a, today))
            .collect();
        rows.sort_by_cached_key(|r| {
            let others = !r.parties.iter().any(|p| p.organisation == own);
            (others, rank(r.state), r.until.is_none(), r.until, r.reference.clone())
        });
        let counts = CoverageState::ALL
            .iter()
            .map(|s| (*s, rows.iter().filter(|r| r.state == *s).count()))
            .collect();
        rows.retain(|r| state.is_none_or(|s| r.state == s));
        let first = (page - 1).saturating_mul(ROWS).min(rows.len());
        let more = rows.len() > first.saturating_add(ROWS);
        let regime = mechanism.regime_rule(mechanism.regime());
        Ok((
            AgreementsView {
                now,
                rows: rows.into_iter().skip(first).take(ROWS).collect(),
                counts,
                state,
                page,
                more,
                regime: regime.map_or_else(Default::default, |r| {
                    (r.label.get(lang).to_owned(), r.about.get(lang).to_owned())
                }),
                grace_days: mechanism.grace_days(),
                may_add: viewer_.is_national(),
            },
            Vec::new(),
        ))
    })
    .await
}

/// The annex against what services need, category by category: the sharing matrix
/// of the mechanism in force, as far as this agreement carries it.
fn annex(mechanism: &Mechanism, agreement: &Agreement, lang: Lang) -> Vec<AnnexLine> {
    let base = ClassSet::EMPTY.with(DataClass::Identity).with(DataClass::Contact);
    let through = through(agreement);
    mechanism
        .categories()
        .iter()
        .map(|c| {
            let needs = c.needs.union(base);
            AnnexLine {
                category: c.label.get(lang).to_owned(),
                goes: classes_say(mechanism, needs.intersection(through), lang),
                stays: classes_say(mechanism, needs.minus(through), lang),
            }
        })
        .collect()
}

/// One agreement.
///
/// # Errors
/// [`ActError::NotFound`] where there is none, or too little of it may be known.
pub async fn view(desk: &Arc<Desk>, viewer: &Viewer, id: AgreementId) -> Result<AgreementView, ActError> {
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let now = tx.now()?;
        let (mechanism, network) = (desk_.mechanism(), desk_.network_now(tx)?);
        let record = AgreementRecord::find(tx, id)?.ok_or(ActError::NotFound)?;
        let kept = opened(&record)?;
        let (agreement, own, lang) = (&kept.agreement, viewer_.organisation, viewer_.lang);
        if !is_seen(&network, agreement, Some(own)) {
            return Err(ActError::NotFound);
        }
        let today = local_date(now);
        let inside = viewer_.is_national() || agreement.parties.iter().any(|p| p.organisation == own);
        let (mut register, mut referrals) = (Vec::new(), None);
        if inside {
            for line in kept.register.iter().rev() {
                // Whoever may not be named has signed nothing here.
                if line.party.is_some_and(|p| !is_shown(&network, p, Some(own))) {
                    continue;
                }
                let by = match line.by {
                    Some(user) => UserRecord::find(tx, user)?.map_or_else(String::new, |u| u.display_name),
                    None => String::new(),
                };
                register.push(NotedView {
                    step: line.step,
                    version: line.version,
                    at: line.at,
                    by,
                    party: line.party.map_or_else(String::new, |p| network.own_name(p, lang)),
                    on: line.on,
                    until: line.until,
                    function: line.function.clone(),
                    scan: line.scan.clone(),
                    reason: line.reason.clone(),
                    mechanism: line.mechanism.clone(),
                });
            }
            // What is confidential changes no count.
            let counts = cases::referrals_under(tx, id.0)?
                .into_iter()
                .filter(|(to, service, _)| {
                    is_shown(&network, *to, None) && !service.is_some_and(|s| network.is_confidential(s))
                });
            referrals = Some(counts.map(|(.., n)| n).sum());
        }
        let day_before = |days: &u32| {
            let day = agreement.until?.checked_sub_days(Days::new(u64::from(*days)))?;
            (day > today && agreement.denounced_on.is_none()).then_some(day)
        };
        let mut notices: Vec<NaiveDate> = mechanism.rules().notice_days.iter().filter_map(day_before).collect();
        notices.sort_unstable();
        Ok((
            AgreementView {
                now,
                row: row(&network, &mechanism, &viewer_, agreement, today),
                annex: annex(&mechanism, agreement, lang),
                purposes: agreement
                    .purposes
                    .iter()
                    .map(|p| mechanism.purpose(*p).map_or(p.code(), |w| w.label.get(lang)).to_owned())
                    .collect(),
                register,
                referrals,
                notices,
                grace_days: mechanism.grace_days(),
                may_keep: viewer_.is_national(),
                version: record.version,
            },
            Vec::new(),
        ))
    })
    .await
}

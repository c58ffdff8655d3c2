//! Entries that are perhaps the same: the coordination unit looks at both side by
//! side, makes one of them, or says that they are two; either can be taken back.
//!
//! What is proposed is what everybody may see ([`super::shown`]) and nothing
//! else, so that nothing confidential is found by looking for its double. A merge
//! is kept like an import: how each entry was, and a digest of what it became.

mod apart;
mod fields;
mod list;
mod merge;
mod show;
mod undo;
mod write;

use chrono::{DateTime, Utc};
use relais_mechanism::{Label, Lang, Mechanism, closed_enum};
use relais_network::same::{Pair, Proposal, Reason};
use relais_network::{Organisation, OrganisationId, Place, Service, ServiceId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::desk::Viewer;
use crate::entries::{office, region_of};
use crate::network::Network;
use crate::problem::ActError;

pub use apart::apart;
pub use list::{all, list};
pub use merge::merge;
pub use show::pair;
pub use undo::undo;

/// What was decided, in the journal: one entry was made of two.
const MERGE: &str = "merge";
/// What was decided, in the journal: they are two.
const APART: &str = "apart";

closed_enum! {
    /// What two entries are.
    What {
        /// Organisations.
        Organisations = "organisations",
        /// Services.
        Services = "services",
    }
}

impl What {
    /// What the entries of a pair are.
    #[must_use]
    pub const fn of(pair: Pair) -> Self {
        match pair {
            Pair::Organisations(..) => Self::Organisations,
            Pair::Services(..) => Self::Services,
        }
    }

    /// The pair of two ids of this sort.
    #[must_use]
    pub fn pair(self, one: Uuid, other: Uuid) -> Pair {
        match self {
            Self::Organisations => Pair::of_organisations(OrganisationId(one), OrganisationId(other)),
            Self::Services => Pair::of_services(ServiceId(one), ServiceId(other)),
        }
    }
}

/// Make one entry of two.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MergeEntries {
    /// Id of the merge, made by its maker.
    pub id: Uuid,
    /// What they are.
    pub what: What,
    /// The entry that stays.
    pub stays: Uuid,
    /// Its version, as the maker saw it.
    pub stays_version: i64,
    /// The entry that goes up in it.
    pub goes: Uuid,
    /// Its version, as the maker saw it.
    pub goes_version: i64,
    /// Fields whose value is taken from the entry that goes.
    #[serde(default)]
    pub taken: Vec<String>,
}

/// Say that two entries are not the same.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeepApart {
    /// Id of the act, made by its maker.
    pub id: Uuid,
    /// What they are.
    pub what: What,
    /// One.
    pub one: Uuid,
    /// The other.
    pub other: Uuid,
}

/// Which proposals are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// Organisations or services; none for both.
    pub what: Option<What>,
    /// Region of both or of one; none for all.
    pub region: Option<String>,
    /// The last row of the page before, as [`DuplicatesView::next`] names it.
    pub after: Option<String>,
}

/// Why two entries are perhaps the same.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReasonView {
    /// Stable code, with its figures.
    #[serde(flatten)]
    pub reason: Reason,
    /// Whether it speaks for one entry.
    pub speaks_for: bool,
    /// In words.
    pub says: String,
}

/// One of two entries, in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SideView {
    /// Organisation or service.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Of a service, who offers it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub organisation: String,
    /// Public code of the organisation.
    pub code: String,
    /// Kind of organisation, or service of the taxonomy.
    pub kind: String,
    /// Where.
    pub place: String,
    /// Where it comes from: name of the source; empty where it was typed here.
    pub source: String,
}

/// Two entries that are perhaps the same.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PairView {
    /// What they are.
    pub what: What,
    /// How sure it is, of a hundred.
    pub score: u8,
    /// Whether it is very likely.
    pub likely: bool,
    /// Both.
    pub sides: [SideView; 2],
    /// What speaks for it and against it.
    pub reasons: Vec<ReasonView>,
}

/// What was decided of two entries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DecisionView {
    /// The decision.
    pub id: Uuid,
    /// When.
    pub at: DateTime<Utc>,
    /// Whether one entry was made of them; they are two otherwise.
    pub merged: bool,
    /// Names: of a merge the one that stays first.
    pub names: [String; 2],
    /// Whether it was taken back.
    pub undone: bool,
    /// Until when it can be taken back; none for ever, or no more.
    pub until: Option<DateTime<Utc>>,
    /// Whether it can be.
    pub may_undo: bool,
}

/// The list of the coordination unit.
#[derive(Debug, Clone, Serialize)]
pub struct DuplicatesView {
    /// Now.
    pub now: DateTime<Utc>,
    /// A page of proposals, the surest first.
    pub rows: Vec<PairView>,
    /// How many there are in all.
    pub total: usize,
    /// After which row the next page begins; none at the end.
    pub next: Option<String>,
    /// For how many days a merge can be undone.
    pub undo_days: u32,
    /// Regions that the viewer may ask for: code and name.
    pub regions: Vec<(String, String)>,
    /// What was decided last, newest first.
    pub decisions: Vec<DecisionView>,
}

/// A field of two entries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldView {
    /// Code.
    pub field: String,
    /// What it is called.
    pub label: String,
    /// What each says; empty where it says nothing.
    pub values: [String; 2],
    /// Whether both say the same.
    pub same: bool,
    /// Whose value is proposed: 0 or 1.
    pub proposed: usize,
}

/// Two entries, side by side.
#[derive(Debug, Clone, Serialize)]
pub struct SideBySide {
    /// Now.
    pub now: DateTime<Utc>,
    /// Both, with what speaks for and against.
    pub pair: PairView,
    /// Whether the finder proposes them.
    pub found: bool,
    /// Versions.
    pub versions: [i64; 2],
    /// Field by field.
    pub fields: Vec<FieldView>,
    /// What each offers: a service's name and place.
    pub offers: [Vec<String>; 2],
    /// Why it cannot go up in the other, if it cannot.
    pub tied: [Option<Label>; 2],
    /// Which is proposed to stay: 0 or 1.
    pub stays: usize,
}

/// Whether a viewer works on the entries of a region; all of them, with none.
fn works_in(viewer: &Viewer, region: Option<&str>) -> bool {
    office(viewer) && (viewer.is_national() || region.is_some_and(|r| viewer.regions.iter().any(|own| own == r)))
}

/// An entry that everybody may see.
enum Shown<'n> {
    Organisation(&'n Organisation),
    Service(&'n Service),
}

impl<'n> Shown<'n> {
    /// An entry, where everybody may see it.
    fn find(network: &'n Network, mechanism: &Mechanism, what: What, id: Uuid) -> Option<Self> {
        match what {
            What::Organisations => {
                let id = OrganisationId(id);
                let shown = network.shown_organisations(mechanism).contains(id);
                network.organisations.get(&id).filter(|_| shown).map(Self::Organisation)
            }
            What::Services => {
                let entry = network.directory.entry(ServiceId(id))?;
                network.services.get(&entry.service.id).map(Self::Service)
            }
        }
    }

    fn region(&self, network: &'n Network) -> Option<&'n str> {
        match self {
            Self::Organisation(o) => o.region.as_deref(),
            Self::Service(s) => region_of(network, s),
        }
    }
}

/// Both entries, for whoever works on both.
fn both<'n>(
    network: &'n Network,
    mechanism: &Mechanism,
    viewer: &Viewer,
    what: What,
    ids: [Uuid; 2],
) -> Result<[Shown<'n>; 2], ActError> {
    let find = |id| {
        Shown::find(network, mechanism, what, id)
            .filter(|e| works_in(viewer, e.region(network)))
            .ok_or(ActError::NotFound)
    };
    let [one, other] = ids;
    if one == other {
        return Err(ActError::NotFound);
    }
    Ok([find(one)?, find(other)?])
}

/// The place of an organisation that stands for it: of the first of the services
/// that everybody may see.
fn seat(network: &Network, organisation: OrganisationId) -> Option<&Place> {
    let offered = network.services_of(organisation).iter();
    let first = offered
        .filter_map(|s| network.directory.entry(*s))
        .min_by_key(|e| e.service.id)?;
    network.places.get(&first.place.id)
}

fn reasons(proposal: &Proposal, lang: Lang) -> Vec<ReasonView> {
    proposal
        .reasons
        .iter()
        .map(|r| ReasonView {
            reason: r.clone(),
            speaks_for: r.speaks_for(),
            says: r.says().get(lang).to_owned(),
        })
        .collect()
}

/// One entry in short.
fn side(network: &Network, mechanism: &Mechanism, entry: &Shown<'_>, lang: Lang) -> SideView {
    let source =
        |origin: &Option<relais_network::Origin>| origin.as_ref().map_or_else(String::new, |o| o.source.clone());
    match entry {
        Shown::Organisation(o) => SideView {
            id: o.id.0,
            name: o.name.get(lang).to_owned(),
            organisation: String::new(),
            code: o.code.clone(),
            kind: fields::kind(mechanism, o, lang),
            place: match seat(network, o.id) {
                Some(place) => network.said(place.id, lang).to_owned(),
                None => fields::area(mechanism, o.department.as_deref().or(o.region.as_deref()), lang),
            },
            source: source(&o.origin),
        },
        Shown::Service(s) => SideView {
            id: s.id.0,
            name: s.name.get(lang).to_owned(),
            organisation: network.name(s.organisation, lang),
            code: network
                .organisations
                .get(&s.organisation)
                .map_or_else(String::new, |o| o.code.clone()),
            kind: mechanism
                .service_type(&s.service_type)
                .map_or_else(|| s.service_type.clone(), |t| t.label.get(lang).to_owned()),
            place: network.said(s.place, lang).to_owned(),
            source: source(&s.origin),
        },
    }
}

/// The key of a proposal in the list, for the page after it.
fn key(proposal: &Proposal) -> String {
    let (one, other) = proposal.pair.ids();
    format!(
        "{}-{}-{}-{}",
        proposal.score,
        What::of(proposal.pair).code(),
        one.simple(),
        other.simple()
    )
}

/// The order of what a key names.
fn read_key(key: &str) -> Option<(u8, Pair)> {
    let mut parts = key.split('-');
    let score: u8 = parts.next()?.parse().ok()?;
    let what = What::from_code(parts.next()?)?;
    let (one, other) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    (score <= 100).then(|| (100 - score, what.pair(one, other)))
}

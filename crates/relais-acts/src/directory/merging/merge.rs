//! One entry of two. What the other offers goes over to the one that stays; the
//! other is archived and says into which entry it went up, so that whatever
//! names it by its id still reads it.
//!
//! An organisation with which something is under way does not go up in another:
//! its people, its referrals and what it signed are its own. It may be the one
//! that stays.

use std::sync::Arc;

use chrono::{Days, NaiveDate};
use relais_casework::calendar::local_date;
use relais_mechanism::{Label, Role};
use relais_network::agreement::{Agreement, GRACE_DAYS};
use relais_network::bodies::MECHANISM_SOURCE;
use relais_network::{Organisation, OrganisationId, Place, PublicationStatus, Service, ServiceId};
use relais_store::Tx;
use relais_store::rows::directory as rows;
use relais_store::rows::entries as entry_rows;
use serde_json::json;

use super::super::imports::ImportState;
use super::super::imports::journal::{self, Journal};
use super::super::{By, note, stream};
use super::write::{Writer, organisation_now, place_now};
use super::{MERGE, MergeEntries, Shown, both, fields, seat};
use crate::desk::{Desk, Viewer};
use crate::entries::{self, ChangeState, keep};
use crate::network::Network;
use crate::problem::ActError;
use crate::views::Made;
use crate::write;

/// Makes one entry of two.
///
/// # Errors
/// [`ActError::NotFound`] for whoever does not keep both; [`ActError::Stale`]; a
/// refusal that says what ties the entry that should go.
pub async fn merge(desk: &Arc<Desk>, viewer: &Viewer, command: MergeEntries) -> Result<Made, ActError> {
    let id = command.id;
    entries::once(desk, viewer, ("entry_merge", id), command, merge_in).await
}

fn merge_in(tx: &mut Tx<'_>, desk: &Desk, viewer: &Viewer, command: &MergeEntries) -> Result<Made, ActError> {
    let (mechanism, network) = (desk.mechanism(), desk.network_now(tx)?);
    let pair = both(
        &network,
        &mechanism,
        viewer,
        command.what,
        [command.stays, command.goes],
    )?;
    let journal = Journal {
        import: command.id,
        by: By::User(viewer.user),
        kind: MERGE,
        source: command.what.code().to_owned(),
        figures: json!({ "stays": command.stays, "goes": command.goes }),
    };
    journal.begin(tx)?;
    let mut writer = Writer {
        journal: Some(&journal),
        by: Some(viewer.user),
        kind: entries::MERGED,
        written: Vec::new(),
    };
    match pair {
        [Shown::Organisation(stays), Shown::Organisation(goes)] => {
            organisations(tx, &network, command, (stays, goes), &mut writer)?;
        }
        [Shown::Service(stays), Shown::Service(goes)] => {
            services(tx, &network, command, (stays, goes), &mut writer)?;
        }
        _ => return Err(ActError::NotFound),
    }
    rows::directory_changed(tx)?;
    let facts = json!({
        "what": command.what, "stays": command.stays, "goes": command.goes, "written": writer.written,
    });
    journal::end(tx, command.id, ImportState::Done, 0)?;
    note(tx, journal.by, stream(), command.id, "entries_merged", facts)?;
    Ok(Made {
        id: command.id,
        code: String::new(),
        version: 1,
    })
}

fn organisations(
    tx: &mut Tx<'_>,
    network: &Network,
    command: &MergeEntries,
    (seen, other): (&Organisation, &Organisation),
    writer: &mut Writer<'_>,
) -> Result<(), ActError> {
    let (record, stays) = organisation_now(tx, seen.id)?;
    let (goes_record, goes) = organisation_now(tx, other.id)?;
    ActError::unless_current(command.stays_version, record.version)?;
    ActError::unless_current(command.goes_version, goes_record.version)?;
    if let Some(why) = tied(tx, network, &goes)? {
        return Err(refused(why));
    }
    let (one, with_place) = fields::organisation(&stays, &goes, &command.taken)?;
    writer.organisation(tx, &one)?;
    for child in network
        .organisations
        .values()
        .filter(|o| o.parent == Some(goes.id) && o.id != one.id)
    {
        let mut child = organisation_now(tx, child.id)?.1;
        child.parent = Some(one.id);
        writer.organisation(tx, &child)?;
    }
    let seats = (seat(network, stays.id).cloned(), seat(network, goes.id).cloned());
    if let (Some(own), Some(others)) = &seats {
        let mut place = place_now(tx, own.id)?;
        if with_place || (place.point().is_none() && others.point().is_some() && place.region == others.region) {
            lies_at(&mut place, others);
            writer.place(tx, &place)?;
        }
    }
    offers(tx, network, (&one, &goes), writer)?;
    let mut gone = organisation_now(tx, goes.id)?.1;
    gone.status = PublicationStatus::Archived;
    gone.merged_into = Some(one.id);
    writer.organisation(tx, &gone)
}

/// Where a place lies, from another one.
fn lies_at(place: &mut Place, other: &Place) {
    place.region.clone_from(&other.region);
    place.department.clone_from(&other.department);
    place.department_estimated = other.department_estimated;
    place.subdivision.clone_from(&other.subdivision);
    place.town.clone_from(&other.town);
    (place.lat, place.lon) = (other.lat, other.lon);
}

/// What lies farther from a service of one type is another.
const ONE_PLACE_KM: f64 = 2.0;

/// Whether two places of organisations that are one are one place.
fn one_place(network: &Network, a: &Service, b: &Service) -> bool {
    let place = |s: &Service| network.places.get(&s.place);
    let (Some(a), Some(b)) = (place(a), place(b)) else {
        return false;
    };
    match (a.point(), b.point()) {
        (Some(x), Some(y)) => x.distance_km(y) <= ONE_PLACE_KM,
        _ => a.region == b.region,
    }
}

/// What the organisation that goes offers: what the other one offers too, at the
/// same place, goes up in that; all else goes over, with its place. What is
/// archived stays where it was, for the history. So does what is hidden: the
/// people of the entry that stays have no right to it, and whoever merges does
/// not know of it.
fn offers(
    tx: &mut Tx<'_>,
    network: &Network,
    (stays, goes): (&Organisation, &Organisation),
    writer: &mut Writer<'_>,
) -> Result<(), ActError> {
    let own: Vec<&Service> = network
        .services_of(stays.id)
        .iter()
        .filter_map(|s| network.directory.entry(*s).map(|e| e.service))
        .collect();
    for id in network
        .services_of(goes.id)
        .iter()
        .filter(|s| !network.is_confidential(**s))
    {
        let (_, service) = keep::load(tx, *id)?;
        if service.status == PublicationStatus::Archived {
            continue;
        }
        let found = network.directory.entry(*id).is_some();
        let same = own
            .iter()
            .find(|s| found && s.service_type == service.service_type && one_place(network, s, &service));
        if let Some(same) = same {
            absorb(tx, same.id, service, writer)?;
            continue;
        }
        let mut place = place_now(tx, service.place)?;
        place.organisation = stays.id;
        writer.place(tx, &place)?;
        let mut service = service;
        service.organisation = stays.id;
        writer.service(tx, &service)?;
    }
    Ok(())
}

/// A service goes up in another, which takes over what it does not say itself.
fn absorb(tx: &mut Tx<'_>, into: ServiceId, mut service: Service, writer: &mut Writer<'_>) -> Result<(), ActError> {
    let (_, stays) = keep::load(tx, into)?;
    writer.service(tx, &fields::filled(&stays, &service))?;
    goes_up(tx, into, &mut service, writer)
}

fn goes_up(tx: &mut Tx<'_>, into: ServiceId, service: &mut Service, writer: &mut Writer<'_>) -> Result<(), ActError> {
    let now = tx.now()?;
    // Nobody need decide on a change of what is no more.
    for record in entry_rows::waiting_of(tx, service.organisation)? {
        if record.entry_id == service.id.0 {
            let said = keep::said(tx, &record)?;
            keep::settle(tx, record, &said, ChangeState::Replaced, writer.by, now)?;
        }
    }
    service.status = PublicationStatus::Archived;
    service.doubts.clear();
    service.merged_into = Some(into);
    writer.service(tx, service)
}

fn services(
    tx: &mut Tx<'_>,
    network: &Network,
    command: &MergeEntries,
    (seen, other): (&Service, &Service),
    writer: &mut Writer<'_>,
) -> Result<(), ActError> {
    let (record, stays) = keep::load(tx, seen.id)?;
    let (goes_record, mut goes) = keep::load(tx, other.id)?;
    ActError::unless_current(command.stays_version, record.version)?;
    ActError::unless_current(command.goes_version, goes_record.version)?;
    if stays.service_type != goes.service_type {
        return Err(refused(TWO_TYPES));
    }
    let place = relais_network::life::Line::Place.code();
    if stays.organisation != goes.organisation && command.taken.iter().any(|t| t == place) {
        return Err(refused(OTHERS_PLACE));
    }
    writer.service(tx, &fields::service(&stays, &goes, &command.taken)?)?;
    goes_up(tx, stays.id, &mut goes, writer)?;
    for (organisation, service) in [(stays.organisation, stays.id), (goes.organisation, goes.id)] {
        if network.with_account.contains(&organisation) {
            let kind = entries::DECIDED_NOTICE;
            write::notice(tx, kind, Some(organisation), Role::FocalPoint, service.0)?;
        }
    }
    Ok(())
}

/// A refusal: code, why, what to do instead; each in French and English.
type Why = (&'static str, (&'static str, &'static str), (&'static str, &'static str));

/// Two services of one entry have one type.
const TWO_TYPES: Why = (
    "merge_types",
    (
        "Ces deux services ne sont pas du même type.",
        "These two services are not of the same type.",
    ),
    (
        "Corrigez d’abord le type de celui qui est mal classé, ou gardez les deux.",
        "First correct the type of the one that is wrongly classed, or keep both.",
    ),
);

/// A service is offered at a place of its own organisation.
const OTHERS_PLACE: Why = (
    "merge_place",
    (
        "Le lieu de l’autre service est celui d’une autre organisation.",
        "The other service’s place is another organisation’s.",
    ),
    (
        "Gardez le lieu du service qui reste, ou réunissez d’abord les deux organisations.",
        "Keep the place of the service that stays, or merge the two organisations first.",
    ),
);

const OTHER_WAY: (&str, &str) = (
    "Gardez plutôt cette fiche, et faites entrer l’autre dans celle-ci.",
    "Keep this entry instead, and let the other one go up in it.",
);

/// What the mechanism names comes back with every start.
const BODY: Why = (
    "merge_body",
    (
        "Le mécanisme nomme cette organisation : sa fiche reste.",
        "The mechanism names this organisation: its entry stays.",
    ),
    OTHER_WAY,
);
const ACCOUNTS: Why = (
    "merge_accounts",
    (
        "Cette organisation a des comptes : ses membres perdraient leurs fiches et leurs demandes.",
        "This organisation has accounts: its members would lose their entries and requests.",
    ),
    (
        "Gardez plutôt cette fiche. Si les deux ont des comptes, fermez d’abord ceux de l’une.",
        "Keep this entry instead. If both have accounts, first close those of one.",
    ),
);
const REFERRALS: Why = (
    "merge_referrals",
    (
        "Des référencements vers cette organisation sont en cours.",
        "Referrals to this organisation are under way.",
    ),
    (
        "Gardez plutôt cette fiche, ou attendez leur fin.",
        "Keep this entry instead, or wait until they have ended.",
    ),
);
const CASES: Why = (
    "merge_cases",
    (
        "Cette organisation tient des dossiers, ou doit confirmer un retrait de consentement.",
        "This organisation holds cases, or has to confirm a withdrawal of consent.",
    ),
    (
        "Gardez plutôt cette fiche, ou attendez que ce soit fait.",
        "Keep this entry instead, or wait until that is done.",
    ),
);
const AGREEMENTS: Why = (
    "merge_agreements",
    (
        "Cette organisation a signé un accord en vigueur, qui la nomme.",
        "This organisation signed an agreement in force, which names it.",
    ),
    (
        "Gardez plutôt cette fiche. Si les deux ont signé, terminez d’abord l’un des accords.",
        "Keep this entry instead. If both have signed, first end one of the agreements.",
    ),
);
const SYSTEMS: Why = (
    "merge_systems",
    (
        "Un système de cette organisation reçoit des avis du mécanisme.",
        "A system of this organisation is told of events by the mechanism.",
    ),
    (
        "Gardez plutôt cette fiche, ou retirez d’abord ce système.",
        "Keep this entry instead, or first take that system out.",
    ),
);

fn refused((code, why, remedy): Why) -> ActError {
    ActError::refused(code, why, remedy)
}

/// Why an organisation cannot go up in another, in one sentence of both languages.
pub(super) fn tied_says(why: Why) -> Label {
    Label::of(why.1.0, why.1.1)
}

fn binds(agreement: &Agreement, organisation: OrganisationId, today: NaiveDate) -> bool {
    let ended = |until: NaiveDate| {
        until
            .checked_add_days(Days::new(u64::from(GRACE_DAYS)))
            .is_some_and(|d| d < today)
    };
    agreement.denounced_on.is_none()
        && !agreement.until.is_some_and(ended)
        && agreement
            .parties
            .iter()
            .any(|p| p.organisation == organisation && p.denounced_on.is_none())
}

/// What ties an organisation, so that it cannot go up in another.
pub(super) fn tied(tx: &mut Tx<'_>, network: &Network, goes: &Organisation) -> Result<Option<Why>, ActError> {
    if goes.origin.as_ref().is_some_and(|o| o.source == MECHANISM_SOURCE) {
        return Ok(Some(BODY));
    }
    if network.with_account.contains(&goes.id) {
        return Ok(Some(ACCOUNTS));
    }
    let under_way = entry_rows::under_way(tx, goes.id)?;
    if under_way.referrals > 0 {
        return Ok(Some(REFERRALS));
    }
    if under_way.cases > 0 || under_way.stops > 0 {
        return Ok(Some(CASES));
    }
    let today = local_date(tx.now()?);
    if network.agreements.iter().any(|a| binds(a, goes.id, today)) {
        return Ok(Some(AGREEMENTS));
    }
    if network.webhooks.contains_key(&goes.id) {
        return Ok(Some(SYSTEMS));
    }
    Ok(None)
}

/// What ties one of two entries; services are tied to nothing.
pub(super) fn tied_in_words(tx: &mut Tx<'_>, network: &Network, entry: &Shown<'_>) -> Result<Option<Label>, ActError> {
    match entry {
        Shown::Organisation(o) => Ok(tied(tx, network, o)?.map(tied_says)),
        Shown::Service(_) => Ok(None),
    }
}

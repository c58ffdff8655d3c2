//! What providers and the coordination unit read of entries.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use relais_casework::calendar::local_date;
use relais_mechanism::{Mechanism, Role};
use relais_network::life::{Hand, Intervals, LifeAct, Line};
use relais_network::service::Service;
use relais_network::{Missing, OrganisationId, PublicationStatus, ServiceId, UserId};
use relais_store::Tx;
use relais_store::rows::accounts::UserRecord;
use relais_store::rows::directory::ServiceRecord;
use relais_store::rows::entries::{self as rows, EntryChangeRecord, SilenceRecord};
use serde_json::Value;

use super::keep::{self, Said, values_of};
use super::words::Words;
use super::{
    Author, ChangeState, ChangeView, DoubtView, EntryRow, EntryValues, EntryView, HISTORY, LineView, ValueView,
    Withheld, funding, ratification,
};
use crate::desk::{Desk, Viewer};
use crate::network::Network;
use crate::problem::ActError;
use crate::services::doubt_says;

/// Whether the viewer is of the coordination unit.
pub(crate) fn office(viewer: &Viewer) -> bool {
    viewer.is_national() || viewer.is(Role::RegionalFocalPoint)
}

/// Whether the entry is the viewer's own to keep true.
pub(super) fn owns(viewer: &Viewer, service: &Service) -> bool {
    viewer.is(Role::FocalPoint) && service.organisation == viewer.organisation
}

/// The region in which an entry lies.
pub(crate) fn region_of<'n>(network: &'n Network, service: &Service) -> Option<&'n str> {
    let place = network.places.get(&service.place).and_then(|p| p.region.as_deref());
    place.or_else(|| network.organisations.get(&service.organisation)?.region.as_deref())
}

/// Whether the coordination unit's viewer keeps an entry: of its regions, and
/// never one that no search may find.
pub(super) fn keeps(viewer: &Viewer, network: &Network, service: &Service) -> bool {
    office(viewer)
        && !network.is_confidential(service.id)
        && (viewer.is_national()
            || region_of(network, service).is_some_and(|r| viewer.regions.iter().any(|own| own == r)))
}

/// In whose name the viewer moves an entry; none for whoever it does not exist.
pub(super) fn hand(viewer: &Viewer, network: &Network, service: &Service) -> Option<(Hand, Author)> {
    if owns(viewer, service) {
        Some((Hand::Provider, Author::Provider))
    } else if keeps(viewer, network, service) {
        Some((Hand::Office, Author::Office))
    } else {
        None
    }
}

/// What is read to say entries.
pub(super) struct Reader<'a> {
    pub words: Words<'a>,
    pub intervals: Intervals,
    pub today: NaiveDate,
    names: HashMap<UserId, String>,
}

impl<'a> Reader<'a> {
    pub fn new(
        tx: &mut Tx<'_>,
        mechanism: &'a Mechanism,
        network: &'a Network,
        viewer: &Viewer,
    ) -> Result<Self, ActError> {
        Ok(Self {
            words: Words {
                mechanism,
                network,
                lang: viewer.lang,
            },
            intervals: super::intervals(mechanism),
            today: local_date(tx.now()?),
            names: HashMap::new(),
        })
    }

    pub fn name_of(&mut self, tx: &mut Tx<'_>, user: Option<UserId>) -> Result<String, ActError> {
        let Some(user) = user else { return Ok(String::new()) };
        if let Some(name) = self.names.get(&user) {
            return Ok(name.clone());
        }
        let name = UserRecord::find(tx, user)?.map_or_else(String::new, |u| u.display_name);
        self.names.insert(user, name.clone());
        Ok(name)
    }

    /// One row.
    pub fn row(&self, service: &Service, version: i64, waiting: &BTreeSet<ServiceId>) -> Result<EntryRow, ActError> {
        let Words { network, lang, .. } = self.words;
        let organisation = network.organisations.get(&service.organisation);
        let kind = organisation.map(|o| o.kind);
        let values = values_of(service)?;
        let line = |line: Line| self.words.line(line, values.get(line.code()).unwrap_or(&Value::Null));
        let in_short = [
            Line::Telephones,
            Line::OpeningHours,
            Line::ServedArea,
            Line::Cost,
            Line::Languages,
            Line::Programmes,
        ];
        let until = kind.and_then(|k| self.intervals.until(k, service));
        Ok(EntryRow {
            id: service.id,
            name: service.name.get(lang).to_owned(),
            organisation: organisation.map_or_else(String::new, |o| o.name.get(lang).to_owned()),
            telephone: organisation.and_then(|o| o.telephone.clone()),
            place: network.said(service.place, lang).to_owned(),
            status: service.status,
            standing: kind.map_or(relais_network::life::Standing::Never, |k| {
                self.intervals.standing(k, service, self.today)
            }),
            confirmed_on: service.confirmed_on,
            until,
            doubts: service
                .doubts
                .iter()
                .map(|d| DoubtView {
                    cause: d.cause,
                    line: d.cause.line(),
                    on: d.on,
                    says: doubt_says(d.cause, lang).to_owned(),
                })
                .collect(),
            missing: if service.status == PublicationStatus::Archived {
                Vec::new()
            } else {
                network.missing(service, self.today)
            },
            waits: waiting.contains(&service.id),
            available: service.capacity.available,
            assessed_on: service.capacity.assessed_on,
            says: in_short.into_iter().map(line).filter(|s| !s.is_empty()).collect(),
            version,
        })
    }

    /// A change in words.
    pub fn change(&mut self, tx: &mut Tx<'_>, record: &EntryChangeRecord) -> Result<ChangeView, ActError> {
        let said: Said = keep::said(tx, record)?;
        let Words { network, lang, .. } = self.words;
        let service = (record.entry_kind == keep::SERVICE).then_some(ServiceId(record.entry_id));
        let entry = service.and_then(|s| network.services.get(&s));
        let values = said
            .values
            .iter()
            .filter_map(|v| {
                let (label, new) = self.words.field(&v.field, &v.new)?;
                let old = self.words.field(&v.field, &v.old).map(|(_, says)| says)?;
                Some(ValueView {
                    field: v.field.clone(),
                    label,
                    old,
                    new,
                })
            })
            .collect();
        Ok(ChangeView {
            id: record.id,
            service,
            name: entry.map_or_else(String::new, |s| s.name.get(lang).to_owned()),
            organisation: network.own_name(record.organisation_id, lang),
            kind: record.kind.clone(),
            state: ChangeState::from_code(&record.state).unwrap_or(ChangeState::Done),
            by: Author::from_code(&record.hand).unwrap_or(Author::List),
            by_name: self.name_of(tx, record.made_by)?,
            at: record.at,
            decided_by: self.name_of(tx, record.decided_by)?,
            decided_at: record.decided_at,
            note: said.note,
            reason: said.reason,
            values,
            version: record.version,
        })
    }

    /// Since when a provider is not offered, if it is not.
    pub fn withheld(&self, silence: &SilenceRecord) -> Option<Withheld> {
        let Words { network, lang, .. } = self.words;
        Some(Withheld {
            organisation_id: silence.organisation_id,
            organisation: network.own_name(silence.organisation_id, lang),
            telephone: network
                .organisations
                .get(&silence.organisation_id)
                .and_then(|o| o.telephone.clone()),
            unanswered: silence.unanswered,
            since: silence.withheld_at?,
        })
    }
}

/// The services of an organisation for which a change waits.
pub(super) fn waiting_of(tx: &mut Tx<'_>, organisation: OrganisationId) -> Result<BTreeSet<ServiceId>, ActError> {
    let waiting = rows::waiting_of(tx, organisation)?;
    Ok(waiting
        .iter()
        .filter(|w| w.entry_kind == keep::SERVICE)
        .map(|w| ServiceId(w.entry_id))
        .collect())
}

/// The steps that a hand may take from where an entry stands, but for
/// confirming, which has its own button.
fn steps(service: &Service, hand: Hand, missing: &[Missing]) -> Vec<LifeAct> {
    // What went up in another entry comes back by undoing that.
    let all: &[LifeAct] = if service.merged_into.is_some() {
        &[]
    } else {
        LifeAct::ALL
    };
    all.iter()
        .copied()
        .filter(|step| *step != LifeAct::Confirm)
        .filter(|step| relais_network::life::decide(service.status, *step, hand).is_ok())
        // What is missing is said instead.
        .filter(|step| *step != LifeAct::Publish || missing.is_empty())
        .collect()
}

/// An entry with its lines and its history.
///
/// # Errors
/// [`ActError::NotFound`] for whoever is neither its provider's focal point nor
/// of the coordination unit that keeps it.
pub async fn view(desk: &Arc<Desk>, viewer: &Viewer, id: ServiceId) -> Result<EntryView, ActError> {
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let (mechanism, network) = (desk_.mechanism(), desk_.network_now(tx)?);
        let service = network.services.get(&id).ok_or(ActError::NotFound)?;
        let (hand, _) = hand(&viewer_, &network, service).ok_or(ActError::NotFound)?;
        let record = ServiceRecord::find(tx, id)?.ok_or(ActError::NotFound)?;
        let mut reader = Reader::new(tx, &mechanism, &network, &viewer_)?;
        let waiting = waiting_of(tx, service.organisation)?;
        let row = reader.row(service, record.version, &waiting)?;
        let proposed: HashMap<String, Value> = proposals(tx, service)?;
        let values = values_of(service)?;
        let lines = Line::ALL
            .iter()
            .map(|line| LineView {
                line: *line,
                says: reader
                    .words
                    .line(*line, values.get(line.code()).unwrap_or(&Value::Null)),
                doubtful: row.doubts.iter().any(|d| d.line == Some(*line)),
                proposed: match (proposed.get(line.code()), line) {
                    (None, Line::Programmes) => proposed.get(funding::UNTIL).and_then(|v| reader.words.end(v)),
                    (value, line) => value.map(|v| reader.words.line(*line, v)),
                },
                at_once: line.is_the_providers(),
            })
            .collect();
        let mut history = Vec::new();
        for change in rows::history(tx, id.0, HISTORY)? {
            history.push(reader.change(tx, &change)?);
        }
        Ok((
            EntryView {
                now: tx.now()?,
                lines,
                values: EntryValues {
                    telephones: service.telephones.iter().map(|t| t.number.clone()).collect(),
                    opening_hours: service.opening_hours.clone(),
                    languages: service.languages.clone(),
                    cost: service.cost,
                    served_area: service.served_area.pcode().unwrap_or(super::own::COUNTRY).to_owned(),
                    served_area_says: reader.words.area(&service.served_area),
                    how_to_refer: service.how_to_refer.clone(),
                    per_month: service.capacity.per_month,
                    programmes: network.seen_paying(service).map(|p| p.code.clone()).collect(),
                    paid_until: network.paid_until(service),
                },
                confirmed_by: reader.name_of(tx, service.confirmed_by)?,
                own: owns(&viewer_, service),
                confidential: network.is_confidential(id),
                checked: checked_by(tx, &mut reader, id)?,
                ratification: ratification::of_entry(&network, service),
                organisation_id: service.organisation,
                steps: steps(service, hand, &row.missing),
                history,
                row,
            },
            Vec::new(),
        ))
    })
    .await
}

/// Who found the entry right last, of those who may publish it, and when.
fn checked_by(
    tx: &mut Tx<'_>,
    reader: &mut Reader<'_>,
    id: ServiceId,
) -> Result<Option<(String, DateTime<Utc>)>, ActError> {
    let mut last: Option<EntryChangeRecord> = None;
    for kind in [LifeAct::Check, LifeAct::Publish] {
        let found = rows::last_of_kind(tx, id.0, kind.code())?.filter(|c| c.hand == Author::Office.code());
        last = found.into_iter().chain(last).max_by_key(|c| c.at);
    }
    match last {
        Some(change) => Ok(Some((reader.name_of(tx, change.made_by)?, change.at))),
        None => Ok(None),
    }
}

/// What the changes that wait would make of a service, by field.
fn proposals(tx: &mut Tx<'_>, service: &Service) -> Result<HashMap<String, Value>, ActError> {
    let mut found = HashMap::new();
    for record in rows::waiting_of(tx, service.organisation)? {
        if record.entry_id == service.id.0 {
            for value in keep::said(tx, &record)?.values {
                found.insert(value.field, value.new);
            }
        }
    }
    Ok(found)
}

//! Writes entries, and each change of one with its old and new values. What is
//! sealed of an organisation is sealed here too.

use chrono::{DateTime, Utc};
use relais_network::life::LifeAct;
use relais_network::service::Service;
use relais_network::{EntryChangeId, OrganisationId, UserId};
use relais_store::rows::directory::{self, ServiceRecord};
use relais_store::rows::entries::EntryChangeRecord;
use relais_store::{StoreError, Tx, ids};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Author, CHANGE, ChangeState};
use crate::directory::{By, closed, note, service_record, stream};
use crate::problem::ActError;

/// What entries are, in the table of changes.
pub(crate) const ORGANISATION: &str = "organisation";
/// A place.
pub(crate) const PLACE: &str = "place";
/// A programme.
pub(crate) const PROGRAMME: &str = "programme";
/// A service.
pub(crate) const SERVICE: &str = "service";

/// Who changes an entry.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Maker {
    pub author: Author,
    pub user: Option<UserId>,
}

impl Maker {
    /// A list, or the command line: by whom stands in the event beside.
    pub const LIST: Self = Self {
        author: Author::List,
        user: None,
    };

    /// Nobody in person.
    pub const fn of(author: Author) -> Self {
        Self { author, user: None }
    }
}

/// One value, before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Value2 {
    pub field: String,
    pub old: Value,
    pub new: Value,
}

/// What is kept of a change beside its columns.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Said {
    pub values: Vec<Value2>,
    /// Words of whoever made it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// Words of whoever decided.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

fn schema(e: impl ToString) -> StoreError {
    StoreError::Schema(e.to_string())
}

/// What differs between two entries, field by field.
pub(crate) fn differences(old: &Value, new: &Value) -> Vec<Value2> {
    let (Value::Object(old), Value::Object(new)) = (old, new) else {
        return Vec::new();
    };
    let mut fields: Vec<&String> = old.keys().chain(new.keys().filter(|k| !old.contains_key(*k))).collect();
    fields.sort();
    fields
        .into_iter()
        .filter_map(|field| {
            let value = |of: &serde_json::Map<String, Value>| of.get(field).cloned().unwrap_or(Value::Null);
            let (old, new) = (value(old), value(new));
            (old != new).then(|| Value2 {
                field: field.clone(),
                old,
                new,
            })
        })
        .collect()
}

/// An entry as its values.
pub(crate) fn values_of<T: Serialize>(entry: &T) -> Result<Value, ActError> {
    Ok(serde_json::to_value(entry).map_err(schema)?)
}

/// A change that is to be kept.
pub(crate) struct New<'a> {
    pub id: EntryChangeId,
    pub organisation: OrganisationId,
    /// What the entry is, and which.
    pub entry: (&'static str, Uuid),
    pub kind: &'a str,
    pub state: ChangeState,
    pub maker: Maker,
    pub said: Said,
}

/// Keeps a change.
pub(crate) fn keep(tx: &mut Tx<'_>, slot: Option<i64>, new: New<'_>) -> Result<(), ActError> {
    let at = tx.now()?;
    let mut record = EntryChangeRecord {
        id: new.id,
        organisation_id: new.organisation,
        entry_kind: new.entry.0.to_owned(),
        entry_id: new.entry.1,
        kind: new.kind.to_owned(),
        state: new.state.code().to_owned(),
        hand: new.maker.author.code().to_owned(),
        made_by: new.maker.user,
        at,
        decided_by: None,
        decided_at: None,
        body: serde_json::to_string(&new.said).map_err(schema)?,
        hidden: None,
        version: 1,
    };
    closed::seal(&tx.sealer(), slot, &mut record)?;
    Ok(record.insert(tx)?)
}

/// What a change says.
pub(crate) fn said(tx: &mut Tx<'_>, record: &EntryChangeRecord) -> Result<Said, ActError> {
    let text = closed::text(tx, record)?;
    Ok(serde_json::from_str(&text).map_err(|e| schema(format!("entry_change {}: {e}", record.id)))?)
}

/// Writes the decision on a change that waited.
pub(crate) fn settle(
    tx: &mut Tx<'_>,
    mut record: EntryChangeRecord,
    said: &Said,
    state: ChangeState,
    by: Option<UserId>,
    at: DateTime<Utc>,
) -> Result<i64, ActError> {
    let slot = closed::slot_for(tx, record.organisation_id, false)?;
    record.state = state.code().to_owned();
    record.decided_by = by;
    record.decided_at = Some(at);
    record.version += 1;
    record.hidden = None;
    record.body = serde_json::to_string(said).map_err(schema)?;
    closed::seal(&tx.sealer(), slot, &mut record)?;
    record.update(tx)?;
    Ok(record.version)
}

/// A service with its record.
pub(crate) fn load(tx: &mut Tx<'_>, id: relais_network::ServiceId) -> Result<(ServiceRecord, Service), ActError> {
    let record = ServiceRecord::find(tx, id)?.ok_or(ActError::NotFound)?;
    let service =
        serde_json::from_str(&closed::text(tx, &record)?).map_err(|e| schema(format!("service {id}: {e}")))?;
    Ok((record, service))
}

/// Writes a service over the one that is known; no change is kept.
pub(crate) fn overwrite(tx: &mut Tx<'_>, known: &ServiceRecord, service: &Service) -> Result<ServiceRecord, ActError> {
    let mut record = service_record(service)?;
    let slot = closed::slot_for(tx, service.organisation, service.is_confidential())?;
    record.version = known.version + 1;
    record.renewed = known.renewed;
    closed::seal(&tx.sealer(), slot, &mut record)?;
    record.update(tx)?;
    Ok(record)
}

/// Writes a changed service with its change, and says that the directory moved.
/// The kind is [`CHANGE`] or an act of its life.
pub(crate) fn write(
    tx: &mut Tx<'_>,
    known: &ServiceRecord,
    (old, new): (&Service, &Service),
    step: Option<LifeAct>,
    maker: Maker,
    words: &str,
) -> Result<i64, ActError> {
    let record = overwrite(tx, known, new)?;
    let slot = closed::slot_for(tx, new.organisation, false)?;
    let kind = step.map_or(CHANGE, LifeAct::code);
    let said = Said {
        values: differences(&values_of(old)?, &values_of(new)?),
        note: words.to_owned(),
        reason: String::new(),
    };
    let id = EntryChangeId(ids::new_v7(tx.now()?));
    let entry = (SERVICE, new.id.0);
    let state = ChangeState::Done;
    let organisation = new.organisation;
    keep(
        tx,
        slot,
        New {
            id,
            organisation,
            entry,
            kind,
            state,
            maker,
            said,
        },
    )?;
    event(tx, maker, id, kind, state)?;
    directory::service_changed(tx, new.id)?;
    Ok(record.version)
}

/// Keeps in the chain that an entry changed: by whose hand, and nothing of what
/// it says.
pub(crate) fn event(
    tx: &mut Tx<'_>,
    maker: Maker,
    id: EntryChangeId,
    kind: &str,
    state: ChangeState,
) -> Result<(), ActError> {
    let by = maker.user.map_or(By::Mechanism, By::User);
    let facts = json!({ "hand": maker.author, "kind": kind, "state": state });
    note(tx, by, stream(), id.0, "entry_changed", facts)
}

/// Keeps the change of an entry that a list brought again.
pub(crate) fn brought(
    tx: &mut Tx<'_>,
    organisation: OrganisationId,
    entry: (&'static str, Uuid),
    (old, new): (&str, &str),
) -> Result<(), ActError> {
    let read = |text: &str| serde_json::from_str::<Value>(text).map_err(schema);
    let values = differences(&read(old)?, &read(new)?);
    if values.is_empty() {
        return Ok(());
    }
    let said = Said {
        values,
        ..Said::default()
    };
    done(tx, organisation, entry, (CHANGE, Maker::LIST), said).map(drop)
}

/// Keeps a change of an entry that is made at once, sealed where the entry is; the
/// change's id.
pub(crate) fn done(
    tx: &mut Tx<'_>,
    organisation: OrganisationId,
    entry: (&'static str, Uuid),
    (kind, maker): (&str, Maker),
    said: Said,
) -> Result<EntryChangeId, ActError> {
    let slot = closed::slot_for(tx, organisation, false)?;
    let id = EntryChangeId(ids::new_v7(tx.now()?));
    let state = ChangeState::Done;
    keep(
        tx,
        slot,
        New {
            id,
            organisation,
            entry,
            kind,
            state,
            maker,
            said,
        },
    )?;
    Ok(id)
}

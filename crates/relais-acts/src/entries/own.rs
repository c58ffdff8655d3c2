//! A provider's own entries: still true, corrected, free places. What the
//! provider changes alone takes effect at once; the rest waits for the
//! coordination unit ([`Line::is_the_providers`]), which changes anything at once.

use std::sync::Arc;

use relais_casework::calendar::local_date;
use relais_mechanism::{Mechanism, Role};
use relais_network::life::{self, DoubtCause, Hand, LifeAct, Line, Standing};
use relais_network::service::{Capacity, Service};
use relais_network::{EntryChangeId, OrganisationId, ServiceId};
use relais_store::rows::directory;
use relais_store::rows::entries::{self as rows, SilenceRecord};
use relais_store::{Tx, ids};
use serde_json::json;

use super::correct::corrected;
use super::funding::{self, Longer};
use super::keep::{self, Maker, New, Said, differences, values_of};
use super::read::{self, Reader, hand};
use super::{
    Author, ChangeEntry, ChangeState, ConfirmEntries, EntryCare, MOST, MOST_PLACES, OwnEntries, PROPOSED_NOTICE,
    SetCapacity,
};
use crate::desk::{Desk, Viewer};
use crate::network::Network;
use crate::problem::{ActError, FieldProblem};
use crate::views::Made;
use crate::write;

/// How the whole country is named as an area served.
pub(crate) const COUNTRY: &str = "country";

/// The viewer's own entries.
///
/// # Errors
/// [`ActError::Forbidden`] for whoever is no focal point.
pub async fn list(desk: &Arc<Desk>, viewer: &Viewer) -> Result<OwnEntries, ActError> {
    if !viewer.is(Role::FocalPoint) {
        return Err(ActError::Forbidden { code: "entries" });
    }
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let now = tx.now()?;
        let (mechanism, network) = (desk_.mechanism(), desk_.network_now(tx)?);
        let reader = Reader::new(tx, &mechanism, &network, &viewer_)?;
        let waiting = read::waiting_of(tx, viewer_.organisation)?;
        let mut entries = Vec::new();
        for record in directory::services_of(tx, viewer_.organisation)? {
            if let Some(service) = network.services.get(&record.id) {
                entries.push(reader.row(service, record.version, &waiting)?);
            }
        }
        entries.sort_by(|a, b| {
            let first = |e: &super::EntryRow| (e.doubts.is_empty(), e.standing == Standing::Holds);
            (first(a), &a.name, a.id).cmp(&(first(b), &b.name, b.id))
        });
        let silence = SilenceRecord::find(tx, viewer_.organisation)?;
        Ok((
            OwnEntries {
                now,
                rows: entries,
                withheld: silence.as_ref().and_then(|s| reader.withheld(s)),
            },
            Vec::new(),
        ))
    })
    .await
}

/// What the viewer's own entries want; nothing for whoever is no focal point.
pub(crate) fn care(
    tx: &mut Tx<'_>,
    mechanism: &Mechanism,
    network: &Network,
    viewer: &Viewer,
) -> Result<EntryCare, ActError> {
    let mut care = EntryCare::default();
    if !viewer.is(Role::FocalPoint) {
        return Ok(care);
    }
    let today = local_date(tx.now()?);
    let intervals = super::intervals(mechanism);
    let kind = network.organisations.get(&viewer.organisation).map(|o| o.kind);
    let own = network.services_of(viewer.organisation).iter();
    for service in own
        .filter_map(|id| network.services.get(id))
        .filter(|s| s.status.is_offered())
    {
        let holds = kind.is_some_and(|k| intervals.standing(k, service, today) == Standing::Holds);
        care.to_confirm += u32::from(!holds);
        care.doubtful += u32::from(service.doubt().is_some());
    }
    care.withheld = network.withheld.contains(&viewer.organisation);
    Ok(care)
}

/// Lets every later look of this process see what was written.
async fn settled(desk: &Arc<Desk>) -> Result<(), ActError> {
    let desk_ = Arc::clone(desk);
    desk.store()
        .read(move |tx: &mut Tx<'_>| desk_.network_now(tx).map(drop))
        .await
}

/// Runs an act on entries once, and shows it to this process.
pub(crate) async fn once<C>(
    desk: &Arc<Desk>,
    viewer: &Viewer,
    (kind, id): (&'static str, uuid::Uuid),
    command: C,
    act: fn(&mut Tx<'_>, &Desk, &Viewer, &C) -> Result<Made, ActError>,
) -> Result<Made, ActError>
where
    C: serde::Serialize + Send + Sync + 'static,
{
    let (desk_, viewer) = (Arc::clone(desk), viewer.clone());
    let made = desk
        .store()
        .write(move |tx: &mut Tx<'_>| {
            write::once(tx, &viewer, kind, id, &command, |tx| act(tx, &desk_, &viewer, &command))
        })
        .await?;
    settled(desk).await?;
    Ok(made)
}

/// An entry as it stands now, and in whose name the viewer moves it.
pub(super) fn entry(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    id: ServiceId,
    version: i64,
) -> Result<Entry, ActError> {
    let network = desk.network_now(tx)?;
    entry_in(tx, network, viewer, (id, version))
}

fn entry_in(tx: &mut Tx<'_>, network: Arc<Network>, viewer: &Viewer, of: (ServiceId, i64)) -> Result<Entry, ActError> {
    let (id, version) = of;
    let (record, service) = keep::load(tx, id)?;
    let (hand, author) = hand(viewer, &network, &service).ok_or(ActError::NotFound)?;
    ActError::unless_current(version, record.version)?;
    Ok(Entry {
        record,
        service,
        hand,
        maker: Maker {
            author,
            user: Some(viewer.user),
        },
        network,
    })
}

/// An entry to be moved.
pub(super) struct Entry {
    pub record: directory::ServiceRecord,
    pub service: Service,
    pub hand: Hand,
    pub maker: Maker,
    pub network: Arc<Network>,
}

/// Says that entries are still true, each as it was read: doubts go, and a
/// provider that was not offered for its silence is offered again.
///
/// # Errors
/// [`ActError::NotFound`] for an entry that is not the viewer's;
/// [`ActError::Stale`] where one changed meanwhile; none is confirmed then.
pub async fn confirm(desk: &Arc<Desk>, viewer: &Viewer, command: ConfirmEntries) -> Result<Made, ActError> {
    once(desk, viewer, ("entry_confirm", command.id), command, confirm_in).await
}

fn confirm_in(tx: &mut Tx<'_>, desk: &Desk, viewer: &Viewer, command: &ConfirmEntries) -> Result<Made, ActError> {
    if command.entries.is_empty() {
        return Err(ActError::field(
            "entries",
            "required",
            ("Cochez ce qui est toujours vrai.", "Tick what is still true."),
        ));
    }
    if command.entries.len() > MOST {
        return Err(ActError::field(
            "entries",
            "too_many",
            ("Cent fiches au plus à la fois.", "A hundred entries at most at once."),
        ));
    }
    let (mut version, network) = (0, desk.network_now(tx)?);
    for confirmed in &command.entries {
        let entry = entry_in(tx, Arc::clone(&network), viewer, (confirmed.service, confirmed.version))?;
        version = confirm_one(tx, viewer, &entry)?;
        if entry.hand == Hand::Provider {
            heard_from(tx, &entry.network, entry.service.organisation)?;
        }
    }
    Ok(Made {
        id: command.id,
        code: String::new(),
        version,
    })
}

fn confirm_one(tx: &mut Tx<'_>, viewer: &Viewer, entry: &Entry) -> Result<i64, ActError> {
    let mut service = life::moved(&entry.service, LifeAct::Confirm, entry.hand)?;
    service.confirmed_on = Some(local_date(tx.now()?));
    service.confirmed_by = Some(viewer.user);
    let values = (&entry.service, &service);
    keep::write(tx, &entry.record, values, Some(LifeAct::Confirm), entry.maker, "")
}

/// A provider was heard from: its silence is over.
pub(super) fn heard_from(tx: &mut Tx<'_>, network: &Network, provider: OrganisationId) -> Result<(), ActError> {
    rows::broken(tx, provider)?;
    if network.withheld.contains(&provider) {
        directory::directory_changed(tx)?;
    }
    Ok(())
}

/// States the free places of today, at once.
///
/// # Errors
/// [`ActError::NotFound`], [`ActError::Stale`], [`ActError::Invalid`].
pub async fn capacity(
    desk: &Arc<Desk>,
    viewer: &Viewer,
    service: ServiceId,
    command: SetCapacity,
) -> Result<Made, ActError> {
    let id = command.id;
    once(desk, viewer, ("entry_capacity", id), (service, command), capacity_in).await
}

fn capacity_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    (id, command): &(ServiceId, SetCapacity),
) -> Result<Made, ActError> {
    let entry = entry(tx, desk, viewer, *id, command.version)?;
    let mut wrong = Vec::new();
    for (field, n) in [("available", Some(command.available)), ("per_month", command.per_month)] {
        if n.is_some_and(|n| n > MOST_PLACES) {
            wrong.push(FieldProblem::new(
                field,
                "out_of_range",
                ("Écrivez un nombre de places.", "Write a number of places."),
            ));
        }
    }
    if !wrong.is_empty() {
        return Err(ActError::Invalid(wrong));
    }
    let mut service = entry.service.clone();
    service.capacity = Capacity {
        per_month: command.per_month.or(service.capacity.per_month),
        available: Some(command.available),
        assessed_on: Some(local_date(tx.now()?)),
    };
    // The line that was in doubt has just been answered.
    answered(&mut service, &[Line::Capacity], entry.hand)?;
    let values = (&entry.service, &service);
    let version = keep::write(tx, &entry.record, values, None, entry.maker, "")?;
    Ok(Made {
        id: id.0,
        code: String::new(),
        version,
    })
}

/// Lifts the doubts about lines that were answered; with the last of them the
/// entry is published again.
pub(super) fn answered(service: &mut Service, lines: &[Line], hand: Hand) -> Result<(), ActError> {
    if service.doubt().is_none() {
        return Ok(());
    }
    let before = service.doubts.len();
    // Who pays is answered by who pays, and not by a line that names an ended programme.
    let of = |line: Line| lines.contains(&line) && line != Line::Programmes;
    service.doubts.retain(|d| !d.cause.line().is_some_and(of));
    if service.doubts.is_empty() && before > 0 {
        *service = life::moved(service, LifeAct::Confirm, hand)?;
    }
    Ok(())
}

/// Corrects an entry.
///
/// # Errors
/// [`ActError::NotFound`], [`ActError::Stale`], [`ActError::Invalid`]; a refusal
/// where nothing is changed, or where nobody could accept what must wait.
pub async fn change(
    desk: &Arc<Desk>,
    viewer: &Viewer,
    service: ServiceId,
    command: ChangeEntry,
) -> Result<Made, ActError> {
    let id = command.id;
    once(desk, viewer, ("entry_change", id), (service, command), change_in).await
}

fn change_in(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    (id, command): &(ServiceId, ChangeEntry),
) -> Result<Made, ActError> {
    let entry = entry(tx, desk, viewer, *id, command.version)?;
    let wanted = corrected(&desk.mechanism(), &entry.network, &entry.service, command)?;
    let mut asked = differences(&values_of(&entry.service)?, &values_of(&wanted)?);
    let longer = Longer::of(&entry.network, &wanted, command.funding_until)?;
    asked.extend(longer.as_ref().map(Longer::value));
    if asked.is_empty() && !command.ended {
        return Err(ActError::refused(
            "entry_unchanged",
            ("Rien n’a changé dans cette fiche.", "Nothing changed in this entry."),
            (
                "Corrigez une ligne, ou confirmez que tout est toujours vrai.",
                "Correct a line, or confirm that all of it is still true.",
            ),
        ));
    }
    let alone = |field: &str| Line::from_code(field).is_some_and(Line::is_the_providers);
    let waits = |field: &str| entry.hand == Hand::Provider && !alone(field);
    let (later, now): (Vec<_>, Vec<_>) = asked.into_iter().partition(|v| waits(&v.field));
    let leaves = command.ended && entry.hand == Hand::Provider;
    if (!later.is_empty() || leaves) && entry.network.is_confidential(*id) {
        return Err(ActError::refused(
            "entry_confidential",
            (
                "Cette fiche n’est lue de personne d’autre : personne ne pourrait accepter ce changement.",
                "Nobody else reads this entry: nobody could accept this change.",
            ),
            (
                "Demandez-le à qui administre le système ; téléphone, horaires, langues et places se changent ici.",
                "Ask whoever runs the system; telephone, hours, languages and places are changed here.",
            ),
        ));
    }
    let mut version = entry.record.version;
    let (until, now): (Vec<_>, Vec<_>) = now.into_iter().partition(|v| v.field == funding::UNTIL);
    let mut service = with(&entry.service, &now)?;
    let lines: Vec<Line> = now.iter().filter_map(|v| Line::from_code(&v.field)).collect();
    // The end of a programme is another entry's: it is the unit's to say at once.
    let programme = longer.filter(|_| !until.is_empty()).map(|l| l.programme);
    if let Some(programme) = &programme {
        let note = command.note.trim();
        funding::write(tx, &entry.network, programme, Some(service.id), entry.maker, note)?;
    }
    let today = local_date(tx.now()?);
    let until = funding::until_with(&entry.network, &service, programme.as_ref());
    answered(&mut service, &lines, entry.hand)?;
    funding::settle(&mut service, until, today, entry.hand)?;
    let mut step = None;
    if leaves && service.status.is_offered() {
        // Nobody is sent to a door that is shut, also before the unit has read it.
        service = life::doubted(&service, DoubtCause::ServiceEnded, today, Hand::Evidence)?;
    } else if command.ended && entry.hand == Hand::Office {
        service = life::moved(&service, LifeAct::Archive, Hand::Office)?;
        step = Some(LifeAct::Archive);
    }
    if service != entry.service {
        let note = if later.is_empty() && !leaves {
            command.note.trim()
        } else {
            ""
        };
        version = keep::write(tx, &entry.record, (&entry.service, &service), step, entry.maker, note)?;
    }
    if !later.is_empty() || leaves {
        propose(tx, &entry, later, leaves, command.note.trim())?;
    }
    Ok(Made {
        id: id.0,
        code: String::new(),
        version,
    })
}

/// Keeps a change that waits, in place of one that waited for the same lines.
fn propose(
    tx: &mut Tx<'_>,
    entry: &Entry,
    mut values: Vec<keep::Value2>,
    leaves: bool,
    note: &str,
) -> Result<(), ActError> {
    let now = tx.now()?;
    if leaves {
        values.push(keep::Value2 {
            field: "status".to_owned(),
            old: json!(entry.service.status),
            new: json!(relais_network::PublicationStatus::Archived),
        });
    }
    let organisation = entry.service.organisation;
    for before in rows::waiting_of(tx, organisation)? {
        if before.entry_id != entry.service.id.0 {
            continue;
        }
        let said = keep::said(tx, &before)?;
        // What waited for other lines goes on waiting, with the new.
        for value in &said.values {
            if !values.iter().any(|v| v.field == value.field) {
                values.push(value.clone());
            }
        }
        keep::settle(tx, before, &said, ChangeState::Replaced, None, now)?;
    }
    let id = EntryChangeId(ids::new_v7(now));
    let slot = crate::directory::closed::slot_for(tx, organisation, false)?;
    keep::keep(
        tx,
        slot,
        New {
            id,
            organisation,
            entry: (keep::SERVICE, entry.service.id.0),
            kind: super::CHANGE,
            state: ChangeState::Waiting,
            maker: Maker {
                author: Author::Provider,
                user: entry.maker.user,
            },
            said: Said {
                values,
                note: note.to_owned(),
                reason: String::new(),
            },
        },
    )?;
    keep::event(tx, entry.maker, id, super::CHANGE, ChangeState::Waiting)?;
    write::notice(tx, PROPOSED_NOTICE, None, Role::Secretariat, id.0)?;
    Ok(())
}

/// A service with these values in place of its own.
///
/// # Errors
/// What the entry's own rules refuse.
pub(super) fn with(service: &Service, values: &[keep::Value2]) -> Result<Service, ActError> {
    let mut whole = values_of(service)?;
    for value in values {
        // What is not said of an entry is left out of it.
        if value.new.is_null()
            && let Some(members) = whole.as_object_mut()
        {
            members.remove(&value.field);
        } else {
            whole[&value.field] = value.new.clone();
        }
    }
    Ok(serde_json::from_value(whole).map_err(|e| relais_store::StoreError::Schema(e.to_string()))?)
}

/// The value of a field in a change, for the coordination unit's own reading.
pub(super) fn archives(values: &[keep::Value2]) -> bool {
    let archived = json!(relais_network::PublicationStatus::Archived);
    values.iter().any(|v| v.field == "status" && v.new == archived)
}

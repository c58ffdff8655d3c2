//! The letter to the hierarchy of a provider that keeps silent (*lettre de
//! relance*): what is asked, since when, by when. It names no person and no
//! file; the sender's supervisor, the region's focal point and the secretariat
//! may print it once the limit has passed.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use relais_casework::referral::{DueKind, DueTimes};
use relais_casework::visible::{Shown, View, visible_need};
use relais_mechanism::limits::LadderAction;
use relais_mechanism::{ActingFor, Label, Lang, Role};
use relais_network::ReferralId;
use relais_store::Tx;
use relais_store::rows::cases::ReferralRecord;

use crate::codes::referral_code;
use crate::desk::{Desk, Viewer};
use crate::file::{CaseFile, OpenReferral};
use crate::network::Network;
use crate::problem::ActError;
use crate::referral_view::{climbed, last_moved};
use crate::rules::Rulebook;
use crate::say::say;
use crate::share;
use crate::shelter::Names;
use crate::views::LetterView;

/// As whom a viewer may press a provider's hierarchy.
fn writer(viewer: &Viewer, file: &CaseFile, view: &View) -> Option<&'static str> {
    match view {
        View::File { .. } if viewer.organisation == file.record.holder_id && viewer.is(Role::Supervisor) => {
            Some("supervisor")
        }
        View::Office if viewer.is_national() => Some("secretariat"),
        View::Office => Some("region"),
        _ => None,
    }
}

/// Whether the viewer may write the letter now: the page of the referral leads
/// to it.
pub(crate) fn offered(
    viewer: &Viewer,
    file: &CaseFile,
    view: &View,
    referral: &OpenReferral,
    now: DateTime<Utc>,
) -> bool {
    writer(viewer, file, view).is_some() && silent(referral, now)
}

/// Whether the provider must move and its limit has passed.
fn silent(referral: &OpenReferral, now: DateTime<Utc>) -> bool {
    referral
        .machine
        .wait
        .as_ref()
        .is_some_and(|w| w.owner.side == ActingFor::Provider && w.due.at <= now)
}

/// The letter of a referral.
///
/// # Errors
/// [`ActError::NotFound`] for whoever may not write it, as for what is not there.
pub async fn view(desk: &Arc<Desk>, viewer: &Viewer, id: ReferralId) -> Result<LetterView, ActError> {
    let (desk_, viewer_) = (Arc::clone(desk), viewer.clone());
    desk.read_as(viewer, move |tx: &mut Tx<'_>| {
        let record = ReferralRecord::find(tx, id)?.ok_or(ActError::NotFound)?;
        let (file, view, network) = CaseFile::see(tx, &desk_, &viewer_, record.case_id)?;
        let from = writer(&viewer_, &file, &view).ok_or(ActError::NotFound)?;
        if file.erased {
            return Err(ActError::Erased);
        }
        let case = file.record.id;
        Ok((letter(tx, &desk_, &viewer_, &file, &network, id, from)?, vec![case]))
    })
    .await
}

fn both(label: &Label) -> (String, String) {
    (label.fr.clone(), label.en.clone())
}

fn named(names: &Names<'_>, name: impl Fn(&Names<'_>) -> String) -> (String, String) {
    (name(&names.in_language(Lang::Fr)), name(&names.in_language(Lang::En)))
}

fn letter(
    tx: &mut Tx<'_>,
    desk: &Desk,
    viewer: &Viewer,
    file: &CaseFile,
    network: &Network,
    id: ReferralId,
    from: &str,
) -> Result<LetterView, ActError> {
    let now = tx.now()?;
    let lang = viewer.lang;
    let referral = file.referral(id).ok_or(ActError::NotFound)?;
    let machine = &referral.machine;
    let mechanism = desk.version(tx, &referral.record.mechanism_hash)?;
    let labels = share::labels(&mechanism, &referral.detail.service_type);
    // Whoever writes, a letter goes through a post room: never more than the office may read.
    let label = visible_need(&labels, &View::Office, true, false, Shown::List).ok_or(ActError::NotFound)?;
    let provider = referral.record.provider_id;
    let organisation = network.organisations.get(&provider);
    // A letter goes through a post room: of a shelter it says no more than the office may read.
    let names = Names::new(network, viewer).for_office();
    let hidden = names.hides_provider(referral);
    // A referral that has ended waits on nobody: the page says that no letter is due.
    let wait = machine.wait.as_ref();
    let limit = wait.map(|w| &w.due);
    let sent_at = referral.record.sent_at;
    let rulebook = Rulebook::new(
        desk,
        Arc::clone(&mechanism),
        machine.priority,
        &referral.detail.service_type,
        &referral.record.region,
        machine.on_call,
        crate::needs::limit_facts(file),
    )?;
    let expiry = machine
        .expiry
        .as_ref()
        .filter(|_| machine.state.expires())
        .map(|e| e.at);
    let next_step = limit.and_then(|due| {
        mechanism
            .ladder()
            .iter()
            .filter(|s| !s.actions.contains(&LadderAction::Expire))
            .map(|s| rulebook.times.at_percent(due, s.percent))
            .find(|at| *at > now)
    });
    let by = expiry.filter(|at| *at > now).or(next_step);
    let heard = last_moved(tx, referral)?.or(sent_at).unwrap_or(now);
    let refused = (!silent(referral, now)).then(|| {
        (
            say(
                lang,
                "Ce prestataire n’est pas en retard : rien à relancer.",
                "This provider is not late: there is nothing to press for.",
            )
            .to_owned(),
            say(
                lang,
                "La lettre est proposée quand son délai est passé.",
                "The letter is offered once its limit has passed.",
            )
            .to_owned(),
        )
    });
    Ok(LetterView {
        referral: id,
        code: referral_code(referral.record.year, referral.seq),
        language: lang,
        label: both(&label),
        priority: machine.priority,
        provider: named(&names, |n| n.provider(referral)),
        parent: organisation
            .and_then(|o| o.parent)
            .filter(|_| !hidden)
            .map(|p| named(&names, |n| n.name(p))),
        provider_telephone: if hidden {
            names.telephones(tx, &mechanism, file, referral)?.into_iter().next()
        } else {
            names.telephone(provider)
        },
        sender: named(&names, |n| n.name(file.record.holder_id)),
        sender_telephone: names.telephone(file.record.holder_id),
        from: from.to_owned(),
        signed: named(&names, |n| n.name(viewer.organisation)),
        sent_at,
        since: limit.map_or(now, |due| due.start),
        due: limit.map_or(now, |due| due.at),
        days: now.signed_duration_since(heard).num_days(),
        asked: wait.map_or(DueKind::Decide, |w| w.kind),
        expires: by.is_some() && by == expiry,
        by,
        reminders: climbed(tx, referral)?,
        now,
        refused,
    })
}

//! How soon one entry's change is seen: by whoever made it, with the act's
//! answer, and by another process that looks whether the directory moved.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use relais_acts::commands::ServiceSearch;
use relais_acts::entries::{self, ChangeEntry, ConfirmEntries, Confirmed, SetCapacity, StepEntry};
use relais_acts::{Desk, Viewer, services};
use relais_mechanism::{Label, Lang};
use relais_network::ServiceId;
use relais_network::life::LifeAct;
use relais_network::service::Service;
use relais_store::rows::directory::ServiceRecord;
use relais_store::{StoreError, ids};
use uuid::Uuid;

use super::{MANY, OFFICE, another};
use crate::table::Check;
use crate::{Failed, seed};

/// Changes of each kind.
const EACH: usize = 12;
/// The most that one may take, in milliseconds.
const SEEN_MS: f64 = 50.0;

/// What is done to an entry.
#[derive(Clone, Copy)]
enum Deed {
    Confirm,
    Full,
    Rename,
    Doubt,
    Archive,
    Publish,
}

impl Deed {
    const ALL: [(Self, &'static str); 6] = [
        (Self::Confirm, "confirm"),
        (Self::Full, "no place free"),
        (Self::Rename, "another name"),
        (Self::Doubt, "doubt"),
        (Self::Archive, "archive"),
        (Self::Publish, "publish again"),
    ];

    /// Whether the entry says it.
    fn is_seen(self, service: &Service, name: &str) -> bool {
        match self {
            Self::Confirm => service.confirmed_by.is_some(),
            Self::Full => service.capacity.available == Some(0),
            Self::Rename => service.name.fr == name,
            Self::Doubt => service.doubt().is_some(),
            Self::Archive => !service.status.is_offered(),
            Self::Publish => service.status.is_offered(),
        }
    }
}

fn milliseconds(took: Duration) -> f64 {
    took.as_secs_f64() * 1000.0
}

fn version(desk: &Arc<Desk>, id: ServiceId) -> Result<i64, Failed> {
    let record = desk.store().read_blocking(move |tx| ServiceRecord::find(tx, id))?;
    Ok(record.ok_or("no such service")?.version)
}

/// A new id, as the maker of an act makes it.
fn fresh(desk: &Arc<Desk>) -> Result<Uuid, Failed> {
    Ok(desk
        .store()
        .read_blocking(|tx| -> Result<_, StoreError> { Ok(ids::new_v7(tx.now()?)) })?)
}

async fn step(desk: &Arc<Desk>, viewer: &Viewer, service: ServiceId, step: LifeAct) -> Result<(), Failed> {
    let command = StepEntry {
        id: fresh(desk)?,
        version: version(desk, service)?,
        step,
        reason: "Mesure.".to_owned(),
    };
    entries::step(desk, viewer, service, command).await?;
    Ok(())
}

/// Does it, and says how long the act took that was asked for.
async fn done(desk: &Arc<Desk>, viewer: &Viewer, id: ServiceId, deed: Deed, name: &str) -> Result<Duration, Failed> {
    if matches!(deed, Deed::Publish) {
        step(desk, viewer, id, LifeAct::Archive).await?;
        step(desk, viewer, id, LifeAct::Restore).await?;
    }
    let (act, at) = (fresh(desk)?, version(desk, id)?);
    let start = Instant::now();
    match deed {
        Deed::Confirm => {
            let entries = vec![Confirmed {
                service: id,
                version: at,
            }];
            entries::confirm(desk, viewer, ConfirmEntries { id: act, entries }).await?;
        }
        Deed::Full => {
            let command = SetCapacity {
                id: act,
                version: at,
                available: 0,
                per_month: None,
            };
            entries::capacity(desk, viewer, id, command).await?;
        }
        Deed::Rename => {
            let command = ChangeEntry {
                id: act,
                version: at,
                name: Some(Label {
                    fr: name.to_owned(),
                    en: name.to_owned(),
                }),
                ..ChangeEntry::default()
            };
            entries::change(desk, viewer, id, command).await?;
        }
        Deed::Doubt => step(desk, viewer, id, LifeAct::Doubt).await?,
        Deed::Archive => step(desk, viewer, id, LifeAct::Archive).await?,
        Deed::Publish => step(desk, viewer, id, LifeAct::Publish).await?,
    }
    Ok(start.elapsed())
}

/// The middle and the most, in milliseconds.
fn told(took: &mut [f64]) -> (f64, f64) {
    took.sort_by(f64::total_cmp);
    let at = |n: usize| took.get(n).copied().unwrap_or(f64::NAN);
    (at(took.len() / 2), at(took.len().saturating_sub(1)))
}

/// Changes entries of every kind of change, one after the other, and looks when
/// each is seen.
///
/// # Errors
/// When an act is refused.
pub fn seen(folder: &Path) -> Result<Vec<Check>, Failed> {
    let (desk, other) = (another(folder)?, another(folder)?);
    let viewer = seed::viewer(&desk, OFFICE)?;
    let now = desk.store().read_blocking(|tx| -> Result<_, StoreError> { tx.now() })?;
    let everything = ServiceSearch::default();
    let searched = |desk: &Arc<Desk>| -> Result<(), Failed> {
        for lang in [Lang::Fr, Lang::En] {
            services::search(desk, &everything, lang, now, Vec::new())?;
        }
        Ok(())
    };
    searched(&desk)?;
    searched(&other)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let (mut all, mut all_other, mut missed) = (Vec::new(), Vec::new(), 0);
    for n in 0..EACH {
        for (at, (deed, _)) in (0..).zip(Deed::ALL) {
            let number = seed::TARGETS + (n * Deed::ALL.len() + at) * 997 % (MANY - seed::TARGETS);
            let id = ServiceId(seed::id("service", number));
            let name = format!("Atelier Zambelune {n}");
            let took = runtime.block_on(done(&desk, &viewer, id, deed, &name))?;
            let sees = |desk: &Arc<Desk>| {
                let network = desk.network();
                let service = network.services.get(&id);
                let found = network.directory.entry(id);
                service.is_some_and(|s| deed.is_seen(s, &name) && found.is_some() == s.status.is_offered())
                    && found.is_none_or(|f| deed.is_seen(f.service, &name))
            };
            missed += usize::from(!sees(&desk));
            let start = Instant::now();
            searched(&desk)?;
            let first = start.elapsed();
            let start = Instant::now();
            other.refresh()?;
            searched(&other)?;
            all_other.push((at, milliseconds(start.elapsed())));
            missed += usize::from(!sees(&other));
            all.push((at, milliseconds(took + first)));
        }
    }
    let mut checks = Vec::new();
    for (what, took) in [
        (
            "a change and the first search that shows it, in the process that made it",
            &all,
        ),
        (
            "the same in another process, from its look at the version on",
            &all_other,
        ),
    ] {
        let each: Vec<String> = (0..)
            .zip(Deed::ALL)
            .map(|(at, (_, name))| {
                let mut these: Vec<f64> = took.iter().filter(|(of, _)| *of == at).map(|(_, ms)| *ms).collect();
                let (middle, most) = told(&mut these);
                format!("{name} {middle:.1} ({most:.1})")
            })
            .collect();
        let (middle, most) = told(&mut took.iter().map(|(_, ms)| *ms).collect::<Vec<_>>());
        checks.push(Check {
            what: format!(
                "{what}, among {MANY}: {middle:.1} ms in the middle, {most:.1} ms at most (under {SEEN_MS} ms): {}",
                each.join(", ")
            ),
            holds: most < SEEN_MS,
        });
    }
    checks.push(Check {
        what: format!("{missed} of {} changes not seen at once", 2 * EACH * Deed::ALL.len()),
        holds: missed == 0,
    });
    Ok(checks)
}

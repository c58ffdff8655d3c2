//! `work`: does what is due, in any number of processes.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use relais_acts::{Desk, erase, webhooks, work};
use serde_json::json;

use crate::cli::Work;
use crate::deployment;
use crate::failure::Failure;
use crate::hooks::Hooks;
use crate::messages::Post;
use crate::output::Output;
use crate::rounds::{Round, keep_sending, pause};
use crate::settings::Settings;

/// Between two checkpoints of the event chain (DESIGN §6).
const CHECKPOINT: Duration = Duration::from_secs(60);
/// Between two looks at what waited too long for an organisation's system.
const TIDY: Duration = Duration::from_secs(3600);

/// Runs the command.
pub fn run(command: &Work, settings: &Settings, output: &Output) -> Result<u8, Failure> {
    let desk = deployment::desk(settings)?;
    let post = Post::of(settings, desk.store().is_drill())?;
    let hooks = Hooks::of(settings, desk.store().is_drill());
    if command.once {
        desk.refresh()?;
        erase::settle(&desk)?;
        let round = work::once(&desk)?;
        let sent = match &post {
            Some(post) => post.send_due(&desk)?,
            None => Round::default(),
        };
        webhooks::forget_old(&desk)?;
        let told = hooks.send_due(&desk, &AtomicBool::new(false))?;
        relais_store::audit::checkpoint(desk.store())?;
        output.answer(
            &json!({ "taken": round.taken, "events": round.events, "failed": round.failed, "sent": sent.sent, "unsent": sent.failed, "told": told.sent, "untold": told.failed }),
            || {
                format!(
                    "{} {}, {} {}, {} {}, {} {}",
                    round.taken,
                    output.say("travaux faits", "pieces done"),
                    round.events,
                    output.say("événements", "events"),
                    sent.sent,
                    output.say("messages envoyés", "messages sent"),
                    told.sent,
                    output.say("webhooks appelés", "webhooks called")
                )
            },
        );
        return Ok(0);
    }
    let stop = Arc::new(AtomicBool::new(false));
    let runtime = super::serve::runtime()?;
    let told = Arc::clone(&stop);
    let waiting = std::thread::spawn(move || {
        runtime.block_on(super::serve::asked_to_end());
        told.store(true, Ordering::Relaxed);
    });
    output.progress(output.say(
        "Relais fait les travaux échus ; Ctrl+C pour finir.",
        "Relais does what is due; Ctrl+C to end.",
    ));
    keep_working(&desk, post.as_ref(), &hooks, &stop);
    // The waiting thread ended the loop, so it has ended too.
    drop(waiting.join());
    Ok(0)
}

/// Works until told to stop. A round that fails is logged and tried again. What
/// goes out goes beside it: the clocks wait for no mail server, and for no
/// organisation's system.
pub fn keep_working(desk: &Arc<Desk>, post: Option<&Post>, hooks: &Hooks, stop: &AtomicBool) {
    // First of all: nobody erased comes back with a restored database.
    if let Err(error) = desk.refresh().and_then(|()| erase::settle(desk)) {
        tracing::error!(%error, "who was erased is not looked for; it is tried again");
    }
    std::thread::scope(|scope| {
        scope.spawn(|| keep_sending("webhooks", stop, || hooks.send_due(desk, stop)));
        if let Some(post) = post {
            scope.spawn(move || keep_sending("messages", stop, || post.send_due(desk)));
        }
        keep_doing(desk, stop);
    });
}

fn keep_doing(desk: &Arc<Desk>, stop: &AtomicBool) {
    let mut checkpointed: Option<Instant> = None;
    let mut tidied: Option<Instant> = None;
    while !stop.load(Ordering::Relaxed) {
        let settled = desk.refresh().and_then(|()| erase::settle(desk));
        match settled.and_then(|_| work::once(desk)) {
            Ok(round) if round.taken > 0 => tracing::info!(taken = round.taken, events = round.events, "due work done"),
            Ok(_) => {}
            Err(error) => tracing::error!(%error, "due work failed; it is tried again"),
        }
        if checkpointed.is_none_or(|at| at.elapsed() >= CHECKPOINT) {
            match relais_store::audit::checkpoint(desk.store()) {
                Ok(_) => checkpointed = Some(Instant::now()),
                Err(error) => tracing::error!(%error, "no checkpoint; it is tried again"),
            }
        }
        if tidied.is_none_or(|at| at.elapsed() >= TIDY) {
            tidied = Some(Instant::now());
            match webhooks::forget_old(desk) {
                Ok(0) => {}
                Ok(gone) => tracing::warn!(gone, "notifications waited too long for their system"),
                Err(error) => tracing::error!(%error, "old notifications stay; it is tried again"),
            }
        }
        pause(stop);
    }
}

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
use crate::messages::{self, Post};
use crate::output::Output;
use crate::settings::Settings;

/// Between two looks at what is due.
const PAUSE: Duration = Duration::from_secs(3);
/// Between two checkpoints of the event chain (DESIGN §6).
const CHECKPOINT: Duration = Duration::from_secs(60);
/// How soon a loop notices that it shall end.
const NOTICE: Duration = Duration::from_millis(100);

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
            None => messages::Round::default(),
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

/// Works until told to stop. A round that fails is logged and tried again.
/// Other organisations' systems are told beside it: the clocks wait for none.
pub fn keep_working(desk: &Arc<Desk>, post: Option<&Post>, hooks: &Hooks, stop: &AtomicBool) {
    std::thread::scope(|scope| {
        scope.spawn(|| hooks.keep_sending(desk, stop));
        keep_doing(desk, post, stop);
    });
}

fn keep_doing(desk: &Arc<Desk>, post: Option<&Post>, stop: &AtomicBool) {
    let mut checkpointed: Option<Instant> = None;
    while !stop.load(Ordering::Relaxed) {
        // First of all: nobody erased comes back with a restored database.
        let settled = desk.refresh().and_then(|()| erase::settle(desk));
        match settled.and_then(|_| work::once(desk)) {
            Ok(round) if round.taken > 0 => tracing::info!(taken = round.taken, events = round.events, "due work done"),
            Ok(_) => {}
            Err(error) => tracing::error!(%error, "due work failed; it is tried again"),
        }
        if let Some(post) = post {
            match post.send_due(desk) {
                Ok(round) if round != messages::Round::default() => {
                    tracing::info!(sent = round.sent, unsent = round.failed, "messages");
                }
                Ok(_) => {}
                Err(error) => tracing::error!(%error, "messages failed; they are tried again"),
            }
        }
        if checkpointed.is_none_or(|at| at.elapsed() >= CHECKPOINT) {
            match relais_store::audit::checkpoint(desk.store()) {
                Ok(_) => checkpointed = Some(Instant::now()),
                Err(error) => tracing::error!(%error, "no checkpoint; it is tried again"),
            }
        }
        let rested = Instant::now();
        while rested.elapsed() < PAUSE && !stop.load(Ordering::Relaxed) {
            std::thread::sleep(NOTICE);
        }
    }
}

//! Rounds of sending, by whichever way: what one did, and the pause before the
//! next.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use relais_acts::problem::ActError;

/// Between two looks at what is due.
const PAUSE: Duration = Duration::from_secs(3);
/// How soon a loop notices that it shall end.
const NOTICE: Duration = Duration::from_millis(100);

/// What one round sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Round {
    /// What was taken at the other end.
    pub sent: u64,
    /// What was not; it is tried again.
    pub failed: u64,
}

/// Waits until the next round, or until told to stop.
pub fn pause(stop: &AtomicBool) {
    let rested = Instant::now();
    while rested.elapsed() < PAUSE && !stop.load(Ordering::Relaxed) {
        std::thread::sleep(NOTICE);
    }
}

/// Sends until told to stop. A round that fails is logged and tried again.
pub fn keep_sending(what: &str, stop: &AtomicBool, mut send: impl FnMut() -> Result<Round, ActError>) {
    while !stop.load(Ordering::Relaxed) {
        match send() {
            Ok(round) if round != Round::default() => {
                tracing::info!(what, sent = round.sent, unsent = round.failed, "sent");
            }
            Ok(_) => {}
            Err(error) => tracing::error!(what, %error, "nothing was sent; it is tried again"),
        }
        pause(stop);
    }
}

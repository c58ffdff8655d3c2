//! The registers of the institution (`registers.toml` of the mechanism): sessions,
//! decisions, actions, findings, workshops and the others, kept by one engine. Which
//! there are and who reads and keeps them is said by the mechanism; a register that
//! the viewer may not read answers as if it did not exist.
//!
//! Lines link to each other, which makes a thread. What a sealed register says, and
//! to what its lines link, lies sealed under a key of its own for each line; the
//! chain keeps that a line was written, never what it says.

pub mod changes;
pub mod dated;
mod kept;
mod proposals;
mod show;
mod thread;
mod views;
mod words;

use relais_mechanism::Mechanism;
use relais_mechanism::registers::Register;
use relais_network::ids::derived;
use uuid::Uuid;

use crate::desk::Viewer;
use crate::problem::ActError;

pub use kept::{add, change, lines, write};
pub use show::{blank, list, overview, view};
pub use views::{
    AddLine, BlankView, ChangeLine, FieldChange, FieldView, Line, LineRow, LineView, Proposed, RegisterAsked,
    RegisterChangeView, RegisterCount, RegisterHead, RegisterView, RegistersView, typed,
};
pub(crate) use words::plain;

/// The register whose items are put before a body: what the figures propose is
/// proposed for it.
pub const AGENDA: &str = "agenda";
/// Lines on one page of a register.
pub const ROWS: usize = 20;
/// Late lines that the overview shows.
pub const LATE: usize = 20;
/// Lines that the thread shows in either direction.
pub const THREAD: usize = 60;
/// Changes that the history of a line shows.
pub const HISTORY: usize = 30;
/// Lines of a register that a link is chosen from.
pub const CHOICES: usize = 500;
/// Longest note on a change, in characters.
pub const LONGEST_NOTE: usize = crate::entries::LONGEST;

/// What whoever may not is refused.
const REFUSAL: &str = "registers";

/// The register with this code, if the viewer reads it.
fn read_by<'m>(mechanism: &'m Mechanism, viewer: &Viewer, code: &str) -> Result<&'m Register, ActError> {
    mechanism
        .register(code)
        .filter(|r| r.is_read_by(&viewer.roles))
        .ok_or(ActError::NotFound)
}

/// The same, if the viewer keeps it.
fn kept_by<'m>(mechanism: &'m Mechanism, viewer: &Viewer, code: &str) -> Result<&'m Register, ActError> {
    let register = read_by(mechanism, viewer, code)?;
    if register.is_written_by(&viewer.roles) {
        Ok(register)
    } else {
        Err(ActError::Forbidden { code: REFUSAL })
    }
}

/// The stream of the registers' events.
fn stream() -> Uuid {
    derived("stream", "relais", "registers")
}

//! The demonstration.

use crate::cli::{Demo, Global};
use crate::failure::Failure;
use crate::output::Output;

/// The password of every account of the demonstration; refused elsewhere.
pub const PASSWORD: &str = "une-demonstration-sans-secret";

/// Runs the command.
pub fn run(_demo: &Demo, _global: &Global, _output: &Output) -> Result<u8, Failure> {
    Err(Failure::new(
        (
            "La démonstration n’est pas encore là.",
            "The demonstration is not there yet.",
        ),
        ("Utilisez init.", "Use init."),
    ))
}

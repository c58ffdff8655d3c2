//! The commands, one module each.

mod agreement;
mod audit;
mod case;
mod clock;
mod complaint;
mod directory;
mod document_diff;
mod documents;
mod init;
pub mod mechanism;
mod organisation;
mod post;
mod serve;
mod token;
mod user;
mod webhook;
mod work;

use crate::cli::{Cli, Command};
use crate::failure::Failure;
use crate::output::Output;
use crate::settings::Settings;

pub use clock::{local, zone};
pub use directory::read_mapping;
pub use serve::{runtime, serve_desk};
pub use token::{give as give_token, now};
pub use user::hash;

/// Runs the command; the exit code.
///
/// # Errors
/// Why it was not done.
pub fn run(cli: Cli, output: &Output) -> Result<u8, Failure> {
    let listen = match &cli.command {
        Command::Serve(serve) => serve.listen.as_deref(),
        _ => None,
    };
    let settings = || Settings::read(&cli.global, listen);
    match &cli.command {
        Command::Init(init) => init::run(init, &settings()?, output),
        Command::Serve(serve) => serve::run(serve, &settings()?, output),
        Command::Work(work) => work::run(work, &settings()?, output),
        Command::Demo(demo) => crate::demo::run(demo, &cli.global, output),
        Command::User(user) => user::run(user, &settings()?, output),
        Command::Post(post) => post::run(post, &settings()?, output),
        Command::Token(token) => token::run(token, &settings()?, output),
        Command::Webhook(webhook) => webhook::run(webhook, &settings()?, output),
        Command::Clock(clock) => clock::run(clock, &settings()?, output),
        Command::Audit(audit) => audit::run(audit, &settings()?, output),
        Command::Directory(directory) => directory::run(directory, &settings()?, output),
        Command::Agreement(agreement) => agreement::run(agreement, &settings()?, output),
        Command::Organisation(organisation) => organisation::run(organisation, &settings()?, output),
        Command::Case(case) => case::run(case, &settings()?, output),
        Command::Complaint(complaint) => complaint::run(complaint, &settings()?, output),
        Command::Documents(documents) => documents::run(documents, settings, output),
        Command::Mechanism(mechanism) => mechanism::run(mechanism, settings, output),
    }
}

//! Relais: the command line.
//!
//! Every command reads the settings, opens the deployment's database and does
//! one thing. An error is one sentence with its remedy, in French or English;
//! the exit code is 0 (done), 1 (not done), 2 (not understood) or 3 (an import
//! that left rows aside).

mod cli;
mod commands;
mod demo;
mod deployment;
mod failure;
mod hooks;
mod logs;
mod messages;
mod output;
mod rounds;
mod settings;
mod usage;

use std::process::ExitCode;

use clap::Parser as _;

use crate::cli::Cli;
use crate::output::Output;

/// Pages and rows are many short texts: this is the allocator that has room for them at hand (bench/run --directory).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments: Vec<std::ffi::OsString> = std::env::args_os().collect();
    let lang = settings::language(&arguments);
    let cli = match Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(error) => return usage::refuse(&error, lang),
    };
    let output = Output::new(lang, cli.global.format);
    logs::start(&cli, output.format);
    match commands::run(cli, &output) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            output.failure(&failure);
            ExitCode::from(failure.code)
        }
    }
}

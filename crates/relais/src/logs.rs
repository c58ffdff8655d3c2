//! Logs: to the error stream, without personal data; JSON where a program reads.

use tracing_subscriber::EnvFilter;

use crate::cli::{Cli, Command, Format};

/// Starts the logs. `RELAIS_LOG` says what is logged ("info", "relais_store=debug").
pub fn start(cli: &Cli, format: Format) {
    let usual = match cli.command {
        Command::Serve(_) | Command::Work(_) | Command::Demo(_) => "warn,relais=info,relais_server=info",
        _ => "warn",
    };
    let mut filter = EnvFilter::try_from_env("RELAIS_LOG").unwrap_or_else(|_| EnvFilter::new(usual));
    // Asked for more, the PostgreSQL driver would log the values of statements, and the guard against other sites the
    // address of every request, with what somebody typed into it.
    for quiet in ["tokio_postgres=warn", "postgres=warn", "tower_http::csrf=off"] {
        filter = filter.add_directive(quiet.parse().expect("a fixed directive is well formed"));
    }
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_target(true);
    // A second start in one process (there is none) would be refused; nothing depends on it.
    drop(match format {
        Format::Json => builder.json().try_init(),
        Format::Text => builder.with_ansi(false).try_init(),
    });
}

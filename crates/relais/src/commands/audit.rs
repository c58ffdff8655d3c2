//! `audit verify`.

use serde_json::json;

use crate::cli::Audit;
use crate::deployment;
use crate::failure::Failure;
use crate::output::Output;
use crate::settings::Settings;

/// Runs the command: exit code 1 when anything does not hold.
pub fn run(audit: &Audit, settings: &Settings, output: &Output) -> Result<u8, Failure> {
    let Audit::Verify = audit;
    let report = relais_store::audit::verify(&deployment::open(settings)?)?;
    let findings: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
    let value = json!({
        "streams": report.streams,
        "events": report.events,
        "checkpoints": report.checkpoints,
        "findings": findings,
    });
    output.answer(&value, || {
        let (streams, events, checkpoints) = (report.streams, report.events, report.checkpoints);
        let counts = match output.lang {
            relais_mechanism::Lang::Fr => format!("{events} événements en {streams} suites, {checkpoints} points de contrôle."),
            relais_mechanism::Lang::En => format!("{events} events in {streams} streams, {checkpoints} checkpoints."),
        };
        if findings.is_empty() {
            return format!("{counts} {}", output.say("Tout tient.", "All of it holds."));
        }
        let remedy = output.say(
            "Gardez la base telle quelle, comparez avec la dernière sauvegarde et prévenez le délégué à la protection des données.",
            "Keep the database as it is, compare with the last backup and tell the data-protection officer.",
        );
        format!("{counts}\n{}\n{remedy}", findings.join("\n"))
    });
    Ok(u8::from(!report.findings.is_empty()))
}

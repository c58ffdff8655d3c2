//! `protection authorise-s4 | end-s4 | show`.

use relais_acts::authorisations;
use relais_acts::directory::By;
use serde_json::json;

use super::clock::zone;
use crate::cli::Protection;
use crate::deployment;
use crate::failure::Failure;
use crate::output::{Output, table};
use crate::settings::Settings;

/// Runs the command.
pub fn run(protection: &Protection, settings: &Settings, output: &Output) -> Result<u8, Failure> {
    let store = deployment::open(settings)?;
    match protection {
        Protection::AuthoriseS4 { reference, by } => {
            authorisations::authorise_s4(&store, reference, by, By::CommandLine)?;
            output.answer(&json!({ "s4": true, "reference": reference, "by": by }), || {
                format!(
                    "{} {reference}, {by}",
                    output.say("Données S4 autorisées :", "S4 data authorised:")
                )
            });
        }
        Protection::EndS4 => {
            authorisations::end_s4(&store, By::CommandLine)?;
            output.answer(&json!({ "s4": false }), || {
                output
                    .say(
                        "Autorisation S4 terminée : rien de nouveau n’est partagé.",
                        "Authorisation of S4 ended: nothing new is shared.",
                    )
                    .to_owned()
            });
        }
        Protection::Show => {
            let all = authorisations::list(&store)?;
            let open = all.iter().any(|a| a.ended_at.is_none());
            output.answer(&json!({ "s4": open, "all": all }), || {
                if all.is_empty() {
                    return output
                        .say(
                            "Aucune autorisation : les données S4 ne sont ni gardées ni partagées.",
                            "No authorisation: S4 data are neither kept nor shared.",
                        )
                        .to_owned();
                }
                let day = |at: chrono::DateTime<chrono::Utc>| at.with_timezone(&zone()).format("%d/%m/%Y").to_string();
                let rows: Vec<Vec<String>> = all
                    .iter()
                    .map(|a| {
                        vec![
                            "S4".to_owned(),
                            a.reference.clone(),
                            a.given_by.clone(),
                            day(a.recorded_at),
                            a.ended_at.map_or_else(|| "–".to_owned(), day),
                        ]
                    })
                    .collect();
                let headings = [
                    output.say("QUOI", "WHAT"),
                    output.say("NUMÉRO", "NUMBER"),
                    output.say("PAR", "BY"),
                    output.say("LE", "ON"),
                    output.say("FIN", "END"),
                ];
                table(&headings, &rows)
            });
        }
    }
    Ok(0)
}

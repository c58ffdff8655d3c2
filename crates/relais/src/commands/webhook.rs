//! `webhook add | list | end`: systems that are told of referral events.

use relais_acts::webhooks;
use relais_network::WebhookId;
use relais_store::ids;
use serde_json::json;

use super::clock::local;
use crate::cli::Webhook;
use crate::deployment;
use crate::failure::Failure;
use crate::output::{Output, table};
use crate::settings::Settings;

/// Runs the command.
///
/// # Errors
/// Why it was not done.
pub fn run(webhook: &Webhook, settings: &Settings, output: &Output) -> Result<u8, Failure> {
    let store = deployment::open(settings)?;
    match webhook {
        Webhook::Add { url, organisation } => {
            let secret = relais_server::secret::signing(&ids::secret());
            let made = webhooks::add_for(&store, organisation, url, &secret)?;
            output.answer(&made, || {
                format!(
                    "{} {}\n{} {secret}",
                    output.say("Webhook créé :", "Webhook made:"),
                    made.id,
                    output.say("Secret, affiché cette seule fois :", "Secret, shown this once:")
                )
            });
        }
        Webhook::List => {
            let all = webhooks::list_all(&store)?;
            output.answer(&all, || {
                let dash = || "–".to_owned();
                let rows: Vec<Vec<String>> = all
                    .iter()
                    .map(|w| {
                        let state = match w.state.as_str() {
                            webhooks::ACTIVE => output.say("actif", "active"),
                            webhooks::FAILING => output.say("en échec", "failing"),
                            _ => output.say("arrêté", "stopped"),
                        };
                        vec![
                            w.id.to_string(),
                            w.organisation.clone(),
                            w.url.clone(),
                            state.to_owned(),
                            w.waiting.to_string(),
                            w.answer.clone().unwrap_or_else(dash),
                            w.next_at.map_or_else(dash, local),
                        ]
                    })
                    .collect();
                let headings = [
                    "ID",
                    "ORGANISATION",
                    output.say("ADRESSE", "ADDRESS"),
                    output.say("ÉTAT", "STATE"),
                    output.say("EN ATTENTE", "WAITING"),
                    output.say("RÉPONSE", "ANSWER"),
                    output.say("PROCHAIN ESSAI", "NEXT TRY"),
                ];
                table(&headings, &rows)
            });
        }
        Webhook::End { id } => {
            webhooks::end_by_id(&store, WebhookId(*id))?;
            output.answer(&json!({ "ended": id }), || {
                format!("{} {id}", output.say("Webhook terminé :", "Webhook ended:"))
            });
        }
    }
    Ok(0)
}

//! `complaint recipients set | list`.

use relais_acts::complaints;
use relais_acts::directory::By;
use relais_casework::complaint::{Listed, RECIPIENTS};
use serde_json::json;

use crate::cli::{Complaint, Recipients};
use crate::deployment;
use crate::failure::Failure;
use crate::output::{Output, table};
use crate::settings::Settings;

/// Runs the command.
pub fn run(complaint: &Complaint, settings: &Settings, output: &Output) -> Result<u8, Failure> {
    let Complaint::Recipients(recipients) = complaint;
    let store = deployment::open(settings)?;
    match recipients {
        Recipients::Set { outside, committee } => {
            let named = complaints::set(&store, outside.clone(), committee.clone(), By::CommandLine)?;
            output.answer(&json!({ "named": named }), || {
                format!("{} {named}", output.say("Destinataires nommés :", "Recipients named:"))
            });
            Ok(0)
        }
        Recipients::List => {
            let all = complaints::names(&store)?;
            let ready = all.iter().filter(|n| n.list == Listed::Outside && n.fit).count() >= RECIPIENTS;
            output.answer(&json!({ "ready": ready, "recipients": all }), || {
                let rows: Vec<Vec<String>> = all
                    .iter()
                    .map(|n| {
                        let list = match n.list {
                            Listed::Outside => output.say("abus sexuels", "sexual abuse"),
                            Listed::Committee => output.say("contre le secrétariat", "about the secretariat"),
                        };
                        let fit = if n.fit {
                            output.say("oui", "yes")
                        } else {
                            output.say("non", "no")
                        };
                        vec![n.login.clone(), n.organisation.clone(), list.to_owned(), fit.to_owned()]
                    })
                    .collect();
                let headings = [
                    output.say("CONNEXION", "SIGN-IN"),
                    "ORGANISATION",
                    output.say("POUR", "FOR"),
                    output.say("ATTEINT", "REACHED"),
                ];
                let mut text = table(&headings, &rows);
                if !ready {
                    text.push_str(output.say(
                        "\nIl manque des destinataires pour les abus sexuels : deux personnes, de deux organisations.",
                        "\nRecipients for sexual abuse are missing: two persons, of two organisations.",
                    ));
                }
                text
            });
            Ok(u8::from(!ready))
        }
    }
}

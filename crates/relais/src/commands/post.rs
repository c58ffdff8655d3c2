//! `post add | list | close`: shared computers of an organisation.

use relais_acts::directory::By;
use relais_acts::posts;
use serde_json::json;

use crate::cli::Post;
use crate::commands::user::invent_password;
use crate::deployment;
use crate::failure::Failure;
use crate::output::{Output, table};
use crate::settings::Settings;

/// Runs the command.
///
/// # Errors
/// Why it was not done.
pub fn run(post: &Post, settings: &Settings, output: &Output) -> Result<u8, Failure> {
    let store = deployment::open(settings)?;
    match post {
        Post::Add {
            name,
            organisation,
            idle,
        } => {
            let code = invent_password();
            let hash = relais_server::post_code_hash(&code);
            let id = posts::open(&store, organisation, name, *idle, hash, By::CommandLine)?;
            output.answer(&json!({ "id": id, "name": name, "code": code }), || {
                let opened = output.say("Poste ouvert :", "Post opened:");
                let type_it = output.say(
                    "Sur l’ordinateur, ouvrez /post et tapez ce code, une seule fois, dans les 24 heures :",
                    "On the computer, open /post and type this code, once, within 24 hours:",
                );
                format!("{opened} {name}\n{type_it}\n{code}")
            });
        }
        Post::List => {
            let all = posts::list(&store)?;
            output.answer(&all, || {
                let rows: Vec<Vec<String>> = all
                    .iter()
                    .map(|p| {
                        let state = match (p.active, p.tied) {
                            (false, _) => output.say("fermé", "closed"),
                            (true, true) => output.say("relié", "tied"),
                            (true, false) => output.say("code à taper", "code to be typed"),
                        };
                        vec![
                            p.name.clone(),
                            p.organisation.clone(),
                            p.idle_minutes.to_string(),
                            state.to_owned(),
                        ]
                    })
                    .collect();
                let headings = [
                    output.say("POSTE", "POST"),
                    "ORGANISATION",
                    "MINUTES",
                    output.say("ÉTAT", "STATE"),
                ];
                table(&headings, &rows)
            });
        }
        Post::Close { name, organisation } => {
            posts::close(&store, organisation, name, By::CommandLine)?;
            output.answer(&json!({ "closed": name }), || {
                format!("{} {name}", output.say("Poste fermé :", "Post closed:"))
            });
        }
    }
    Ok(0)
}

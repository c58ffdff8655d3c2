//! `organisation safeguards | list`.

use relais_acts::entries::safeguards::{self, Paper};
use relais_mechanism::Lang;
use relais_network::Safeguard;

use crate::cli::{Organisation, OrganisationSafeguards};
use crate::deployment;
use crate::failure::Failure;
use crate::output::{Output, table};
use crate::settings::Settings;

/// Runs the command.
pub fn run(organisation: &Organisation, settings: &Settings, output: &Output) -> Result<u8, Failure> {
    let store = deployment::open(settings)?;
    let mechanism = deployment::mechanism(&store)?;
    match organisation {
        Organisation::Safeguards(asked) => {
            let done = safeguards::sign_by_code(&store, &mechanism, &asked.codes, &papers(asked), asked.publish)?;
            output.answer(&done, || match output.lang {
                Lang::Fr => format!(
                    "Organisations notées\u{a0}: {}. Fiches publiées\u{a0}: {}.",
                    done.noted, done.published
                ),
                Lang::En => format!(
                    "Organisations noted: {}. Entries published: {}.",
                    done.noted, done.published
                ),
            });
        }
        Organisation::List => {
            let all = safeguards::unsigned_by_code(&store, &mechanism, output.lang)?;
            output.answer(&all, || {
                let rows: Vec<Vec<String>> = all
                    .iter()
                    .map(|o| {
                        let missing: Vec<&str> = o.missing.iter().map(|m| m.code()).collect();
                        vec![
                            o.code.clone(),
                            o.waiting.to_string(),
                            o.exposed.to_string(),
                            missing.join(","),
                            o.name.clone(),
                        ]
                    })
                    .collect();
                let headings = [
                    "CODE",
                    output.say("EN ATTENTE", "WAITING"),
                    output.say("PUBLIÉES", "PUBLISHED"),
                    output.say("MANQUE", "MISSING"),
                    output.say("NOM", "NAME"),
                ];
                table(&headings, &rows)
            });
        }
    }
    Ok(0)
}

/// The papers that are named; the others stay as they are.
fn papers(asked: &OrganisationSafeguards) -> Vec<Paper> {
    let named = [
        (Safeguard::ConductAndPsea, asked.conduct),
        (Safeguard::ChildSafeguarding, asked.child),
    ];
    named
        .into_iter()
        .filter(|(_, on)| on.is_some())
        .map(|(safeguard, on)| Paper {
            safeguard,
            on,
            until: asked.until,
            withdrawn_on: asked.withdrawn,
            paper: asked.paper.clone(),
        })
        .collect()
}

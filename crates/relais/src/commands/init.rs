//! `init`: keys, database, mechanism, and the bodies that the mechanism names.

use relais_acts::Desk;
use relais_acts::directory::{By, note_mechanism, put_bodies};
use serde_json::json;

use super::mechanism::load;
use crate::cli::Init;
use crate::deployment;
use crate::failure::Failure;
use crate::output::Output;
use crate::settings::Settings;

/// Runs the command.
pub fn run(init: &Init, settings: &Settings, output: &Output) -> Result<u8, Failure> {
    // A broken mechanism is said before anything is made.
    let mechanism = load(init.dir.as_deref(), &init.country)?;
    let store = deployment::create(settings, init.drill)?;
    Desk::adopt(&store, &mechanism)?;
    note_mechanism(&store, &mechanism, By::CommandLine)?;
    let bodies = put_bodies(&store, &mechanism, By::CommandLine)?;
    let place = settings
        .database_url
        .as_ref()
        .map_or_else(|| settings.data.display().to_string(), |_| "PostgreSQL".to_owned());
    let value = json!({
        "database": place,
        "keys": settings.keys,
        "drill": init.drill,
        "mechanism": { "version": mechanism.version(), "hash": mechanism.hash() },
        "organisations": bodies.created,
    });
    output.answer(&value, || {
        let keys = settings.keys.display();
        let (version, count) = (mechanism.version(), bodies.created);
        let drill = if init.drill { output.say(" (exercice)", " (drill)") } else { "" };
        match output.lang {
            relais_mechanism::Lang::Fr => format!(
                "Base créée{drill} : {place}\nClés : {keys} — gardez-en une copie ailleurs que la base : sans elles, rien ne se lit.\n\
                 Mécanisme {version} adopté, {count} organisations inscrites.\nEnsuite : relais user add …, puis relais serve."
            ),
            relais_mechanism::Lang::En => format!(
                "Database made{drill}: {place}\nKeys: {keys} — keep a copy apart from the database: without them nothing can be read.\n\
                 Mechanism {version} adopted, {count} organisations written.\nNext: relais user add …, then relais serve."
            ),
        }
    });
    Ok(0)
}

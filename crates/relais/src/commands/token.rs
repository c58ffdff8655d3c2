//! `token add | revoke`.

use chrono::{DateTime, TimeDelta, Utc};
use relais_acts::accounts;
use relais_acts::directory::By;
use relais_store::{Store, StoreError, ids};
use serde_json::json;

use super::user::first_line;
use crate::cli::Token;
use crate::deployment;
use crate::failure::Failure;
use crate::output::Output;
use crate::settings::Settings;

/// Runs the command.
pub fn run(token: &Token, settings: &Settings, output: &Output) -> Result<u8, Failure> {
    let store = deployment::open(settings)?;
    match token {
        Token::Add { login, label, days } => {
            let expires = match days {
                Some(days) => Some(now(&store)? + TimeDelta::days(i64::from(*days))),
                None => None,
            };
            let text = give(&store, login, label, expires)?;
            output.answer(
                &json!({ "login": login, "label": label, "token": text, "expires_at": expires }),
                || {
                    format!(
                        "{} {text}",
                        output.say("Jeton, affiché cette seule fois :", "Token, shown this once:")
                    )
                },
            );
        }
        Token::Revoke => {
            let hash = relais_server::secret::hash_of_text(&first_line()?).ok_or_else(|| {
                Failure::new(
                    ("Ce n’est pas un jeton de Relais.", "This is no token of Relais."),
                    (
                        "Donnez le jeton entier sur l’entrée standard.",
                        "Give the whole token on standard input.",
                    ),
                )
            })?;
            accounts::revoke_token(&store, hash, By::CommandLine)?;
            output.answer(&json!({ "revoked": true }), || {
                output.say("Jeton repris.", "Token taken back.").to_owned()
            });
        }
    }
    Ok(0)
}

/// Gives a token; its text.
pub fn give(store: &Store, login: &str, label: &str, expires: Option<DateTime<Utc>>) -> Result<String, Failure> {
    let secret = ids::secret();
    accounts::create_token(
        store,
        login,
        label,
        relais_server::secret::hash(&secret),
        expires,
        By::CommandLine,
    )?;
    Ok(relais_server::secret::text(&secret))
}

/// The deployment's time.
pub fn now(store: &Store) -> Result<DateTime<Utc>, Failure> {
    Ok(store.read_blocking(|tx| -> Result<_, StoreError> { tx.now() })?)
}

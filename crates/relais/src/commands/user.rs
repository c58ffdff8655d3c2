//! `user add | list | close | pin | password`.

use std::io::BufRead as _;

use relais_acts::accounts::{self, NewUser};
use relais_acts::directory::By;
use relais_store::ids;
use serde_json::json;

use crate::cli::{User, UserAdd};
use crate::deployment;
use crate::failure::Failure;
use crate::output::{Output, table};
use crate::settings::Settings;

/// Runs the command.
pub fn run(user: &User, settings: &Settings, output: &Output) -> Result<u8, Failure> {
    let store = deployment::open(settings)?;
    match user {
        User::Add(add) => {
            let password = password(&add.login, add.password_stdin, store.is_drill())?;
            let id = accounts::create(&store, new_user(add, hash(password.text())?), By::CommandLine)?;
            let shown = password.made();
            output.answer(&json!({ "id": id, "login": add.login, "password": shown }), || {
                let opened = format!("{} {}", output.say("Compte ouvert :", "Account opened:"), add.login);
                with_password(opened, shown, output)
            });
        }
        User::List => {
            let all = accounts::list(&store)?;
            output.answer(&all, || {
                let rows: Vec<Vec<String>> = all
                    .iter()
                    .map(|a| {
                        let roles: Vec<&str> = a.roles.iter().map(|r| r.code()).collect();
                        let state = if a.active {
                            output.say("ouvert", "open")
                        } else {
                            output.say("fermé", "closed")
                        };
                        vec![
                            a.login.clone(),
                            a.display_name.clone(),
                            a.organisation.clone(),
                            roles.join(","),
                            state.to_owned(),
                        ]
                    })
                    .collect();
                let headings = [
                    output.say("CONNEXION", "SIGN-IN"),
                    output.say("NOM", "NAME"),
                    "ORGANISATION",
                    output.say("RÔLES", "ROLES"),
                    output.say("ÉTAT", "STATE"),
                ];
                table(&headings, &rows)
            });
        }
        User::Close { login } => {
            accounts::close(&store, login, By::CommandLine)?;
            output.answer(&json!({ "closed": login }), || {
                format!("{} {login}", output.say("Compte fermé :", "Account closed:"))
            });
        }
        User::Pin { login } => {
            let pin = first_line()?;
            relais_acts::posts::check_pin(&pin)?;
            relais_acts::posts::set_pin(&store, login, hash(&pin)?, By::CommandLine)?;
            output.answer(&json!({ "login": login }), || {
                format!("{} {login}", output.say("Code personnel enregistré :", "PIN saved:"))
            });
        }
        User::Password { login, password_stdin } => {
            let password = password(login, *password_stdin, store.is_drill())?;
            accounts::set_password(&store, login, hash(password.text())?, By::CommandLine)?;
            let shown = password.made();
            output.answer(&json!({ "login": login, "password": shown }), || {
                let done = output.say(
                    "Mot de passe changé ; ses sessions sont finies :",
                    "Password changed; its sessions have ended:",
                );
                with_password(format!("{done} {login}"), shown, output)
            });
        }
    }
    Ok(0)
}

fn new_user(add: &UserAdd, password_hash: String) -> NewUser {
    NewUser {
        organisation: add.organisation.clone(),
        login: add.login.clone(),
        display_name: add.name.clone(),
        roles: add.roles.clone(),
        regions: add.regions.clone(),
        language: add.language,
        password_hash,
        trained: add.trained,
        demonstration: false,
    }
}

/// A password that was read, or one that was made and must be shown once.
enum Password {
    Read(String),
    Made(String),
}

impl Password {
    fn text(&self) -> &str {
        let (Self::Read(text) | Self::Made(text)) = self;
        text
    }

    fn made(&self) -> Option<&str> {
        match self {
            Self::Made(text) => Some(text),
            Self::Read(_) => None,
        }
    }
}

fn with_password(done: String, shown: Option<&str>, output: &Output) -> String {
    match shown {
        None => done,
        Some(password) => {
            let once = output.say("Mot de passe, affiché cette seule fois :", "Password, shown this once:");
            format!("{done}\n{once} {password}")
        }
    }
}

fn password(login: &str, from_stdin: bool, drill: bool) -> Result<Password, Failure> {
    if !from_stdin {
        return Ok(Password::Made(invent_password()));
    }
    let text = first_line()?;
    accounts::check_password(&text, login)?;
    if !drill && text == crate::demo::PASSWORD {
        return Err(Failure::new(
            (
                "Ce mot de passe est celui de la démonstration.",
                "This password is the demonstration’s.",
            ),
            ("Choisissez-en un autre.", "Choose another one."),
        ));
    }
    Ok(Password::Read(text))
}

/// The first line of standard input, without its end.
pub fn first_line() -> Result<String, Failure> {
    let mut line = String::new();
    std::io::stdin()
        .lock()
        .read_line(&mut line)
        .map_err(|e| Failure::file(std::path::Path::new("stdin"), &e))?;
    Ok(line.trim_end_matches(['\n', '\r']).to_owned())
}

/// A password of ten syllables: some 66 bits, and it can be read out.
pub fn invent_password() -> String {
    const CONSONANTS: &[u8; 16] = b"bdfgjklmnprstvwz";
    const VOWELS: &[u8; 6] = b"aeiouy";
    let random = ids::secret();
    let mut text = String::new();
    for (at, pair) in random.chunks_exact(2).take(10).enumerate() {
        if at > 0 && at % 2 == 0 {
            text.push('-');
        }
        text.push(char::from(CONSONANTS[usize::from(pair[0]) % CONSONANTS.len()]));
        text.push(char::from(VOWELS[usize::from(pair[1]) % VOWELS.len()]));
    }
    text
}

/// The hash that the database keeps.
pub fn hash(password: &str) -> Result<String, Failure> {
    let mut salt = [0; 16];
    salt.copy_from_slice(&ids::secret()[..16]);
    relais_server::password::hash(password, &salt).map_err(|e| {
        Failure::new(
            (
                &format!("Le mot de passe ne peut pas être gardé : {e}."),
                &format!("The password cannot be kept: {e}."),
            ),
            ("Choisissez-en un autre.", "Choose another one."),
        )
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_invented_password_is_accepted_and_never_the_same() {
        let (one, two) = (super::invent_password(), super::invent_password());
        assert_ne!(one, two);
        assert_eq!(one.len(), 24, "{one}");
        relais_acts::accounts::check_password(&one, "j.test").expect("good enough");
    }
}

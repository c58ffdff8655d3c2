//! Settings: file, then environment, then flags, each stronger than the one before.

use std::ffi::OsString;
use std::path::PathBuf;

use figment::Figment;
use figment::providers::{Env, Format as _, Serialized, Toml};
use relais_mechanism::Lang;
use serde::{Deserialize, Serialize};

use crate::cli::Global;
use crate::failure::Failure;

/// The settings of a deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Folder of the SQLite file.
    pub data: PathBuf,
    /// Folder of the keyring, outside `data`.
    pub keys: PathBuf,
    /// PostgreSQL instead of SQLite.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database_url: Option<String>,
    /// Address to listen on.
    pub listen: String,
    /// Whether browsers reach the server by https.
    pub https: bool,
    /// Whether a proxy in front names the client.
    pub behind_proxy: bool,
    /// The address under which people reach the pages, as
    /// "https://relais.example": what stands in links and messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Whether the pages of the directory stand open to whoever has no account.
    pub public_directory: bool,
    /// Where *leave quickly* leads on those pages; an ordinary page where it is
    /// not set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leave_to: Option<String>,
    /// Mail server, as "smtps://name:password@server:465"; none sends no e-mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub smtp_url: Option<String>,
    /// Sender of e-mails, as "Relais <relais@example.cm>".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail_from: Option<String>,
    /// Gateway for text messages; none sends no text message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sms_url: Option<String>,
    /// Bearer token of that gateway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sms_token: Option<String>,
    /// E-mail address of the secretariat's office.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secretariat_email: Option<String>,
    /// Whether a drill sends messages too: to try a mail server or a gateway.
    pub messages_in_drill: bool,
    /// Whether webhooks may go to private addresses: where an organisation's
    /// system stands in the same closed network.
    pub webhooks_private: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            data: "relais-data".into(),
            keys: "relais-keys".into(),
            database_url: None,
            listen: "127.0.0.1:8080".to_owned(),
            https: false,
            behind_proxy: false,
            address: None,
            public_directory: true,
            leave_to: None,
            smtp_url: None,
            mail_from: None,
            sms_url: None,
            sms_token: None,
            secretariat_email: None,
            messages_in_drill: false,
            webhooks_private: false,
        }
    }
}

/// The flags that are settings; what was not given is left out.
#[derive(Serialize)]
struct Flags<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    keys: Option<&'a PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    database_url: Option<&'a String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    listen: Option<&'a str>,
}

impl Settings {
    /// Reads the settings; `listen` is the flag of the commands that serve.
    ///
    /// # Errors
    /// A file that is not there or does not read, a value of the wrong type.
    pub fn read(global: &Global, listen: Option<&str>) -> Result<Self, Failure> {
        let mut figment = Figment::from(Serialized::defaults(Self::default()));
        if let Some(file) = &global.config {
            if !file.is_file() {
                let name = file.display();
                return Err(Failure::new(
                    (
                        &format!("Le fichier de réglages {name} n’existe pas."),
                        &format!("The settings file {name} does not exist."),
                    ),
                    (
                        "Corrigez --config ou RELAIS_CONFIG.",
                        "Correct --config or RELAIS_CONFIG.",
                    ),
                ));
            }
            figment = figment.merge(Toml::file_exact(file));
        }
        let names = [
            "data",
            "keys",
            "database_url",
            "listen",
            "https",
            "behind_proxy",
            "address",
            "public_directory",
            "leave_to",
            "smtp_url",
            "mail_from",
            "sms_url",
            "sms_token",
            "secretariat_email",
            "messages_in_drill",
            "webhooks_private",
        ];
        let flags = Flags {
            data: global.data.as_ref(),
            keys: global.keys.as_ref(),
            database_url: global.database_url.as_ref(),
            listen,
        };
        let environment = Env::prefixed("RELAIS_").only(&names).filter(|name| {
            // An empty variable is one that was not set.
            std::env::var_os(format!("RELAIS_{}", name.as_str().to_ascii_uppercase())).is_some_and(|v| !v.is_empty())
        });
        figment
            .merge(environment)
            .merge(Serialized::defaults(flags))
            .extract()
            .map_err(|e| {
                Failure::new(
                    (
                        &format!("Les réglages ne se lisent pas : {e}."),
                        &format!("The settings do not read: {e}."),
                    ),
                    (
                        "Corrigez ce réglage dans le fichier, l’environnement ou la commande.",
                        "Correct this setting in the file, the environment or the command.",
                    ),
                )
            })
    }
}

/// The language of messages, before anything is parsed: `--lang`, then
/// `RELAIS_LANG`, then the machine's; French otherwise.
pub fn language(arguments: &[OsString]) -> Lang {
    let words: Vec<_> = arguments.iter().map(|a| a.to_string_lossy()).collect();
    let flag = words.iter().enumerate().find_map(|(at, word)| {
        let value = match word.as_ref() {
            "--lang" => words.get(at + 1)?.as_ref(),
            other => other.strip_prefix("--lang=")?,
        };
        Lang::from_code(value)
    });
    let of = |name: &str| std::env::var(name).ok().filter(|v| !v.is_empty());
    flag.or_else(|| of("RELAIS_LANG").and_then(|v| Lang::from_code(&v)))
        .unwrap_or_else(|| {
            let machine = of("LC_ALL")
                .or_else(|| of("LC_MESSAGES"))
                .or_else(|| of("LANG"))
                .unwrap_or_default();
            if machine.starts_with("en") { Lang::En } else { Lang::Fr }
        })
}

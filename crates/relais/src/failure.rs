//! Why a command was not done: one sentence, and what to do about it.

use relais_acts::ActError;
use relais_mechanism::Label;
use relais_store::{KeyError, StoreError};

/// A command that was not done.
#[derive(Debug, Clone)]
pub struct Failure {
    /// What is the matter.
    pub sentence: Label,
    /// What to do.
    pub remedy: Label,
    /// Exit code.
    pub code: u8,
}

fn label((fr, en): (&str, &str)) -> Label {
    Label {
        fr: fr.to_owned(),
        en: en.to_owned(),
    }
}

impl Failure {
    /// A failure said in French and English.
    pub fn new(sentence: (&str, &str), remedy: (&str, &str)) -> Self {
        Self {
            sentence: label(sentence),
            remedy: label(remedy),
            code: 1,
        }
    }

    /// A value of a flag that cannot be read; `known` are the values that can.
    pub fn value(flag: &str, value: &str, known: &str) -> Self {
        Self {
            code: 2,
            ..Self::new(
                (
                    &format!("{flag} ne peut pas être « {value} »."),
                    &format!("{flag} cannot be “{value}”."),
                ),
                (
                    &format!("Choisissez parmi : {known}."),
                    &format!("Choose among: {known}."),
                ),
            )
        }
    }

    /// A file that cannot be read or written.
    pub fn file(path: &std::path::Path, cause: &std::io::Error) -> Self {
        let path = path.display();
        Self::new(
            (&format!("{path} : {cause}."), &format!("{path}: {cause}.")),
            (
                "Vérifiez le chemin et les droits.",
                "Check the path and its permissions.",
            ),
        )
    }
}

impl From<ActError> for Failure {
    fn from(error: ActError) -> Self {
        match error {
            ActError::Store(error) => error.into(),
            ActError::Refused { why, remedy, .. } => Self {
                sentence: why,
                remedy,
                code: 1,
            },
            ActError::Invalid(fields) => {
                let join = |pick: fn(&Label) -> &String| {
                    fields
                        .iter()
                        .map(|f| format!("{} : {}", f.field, pick(&f.message)))
                        .collect::<Vec<_>>()
                        .join(" ")
                };
                Self {
                    sentence: Label {
                        fr: join(|l| &l.fr),
                        en: join(|l| &l.en),
                    },
                    remedy: label(("Corrigez et recommencez.", "Correct this and try again.")),
                    code: 1,
                }
            }
            ActError::NotFound => Self::new(
                (
                    "Cela n’existe pas ici, ou la base n’a pas de mécanisme.",
                    "There is no such thing here, or the database has no mechanism.",
                ),
                (
                    "Vérifiez RELAIS_DATA ; « relais mechanism adopt » donne un mécanisme à la base.",
                    "Check RELAIS_DATA; “relais mechanism adopt” gives the database a mechanism.",
                ),
            ),
            other => Self::new(
                (&format!("Refusé : {other}."), &format!("Refused: {other}.")),
                ("Relisez la commande.", "Read the command again."),
            ),
        }
    }
}

impl From<KeyError> for Failure {
    fn from(error: KeyError) -> Self {
        match &error {
            KeyError::Inside(folder) => Self::new(
                (
                    &format!("Les clés sont dans le dossier des données ({folder}) : un seul vol prendrait les deux."),
                    &format!("The keys lie in the data folder ({folder}): one theft would take both."),
                ),
                (
                    "Donnez à RELAIS_KEYS un dossier ailleurs.",
                    "Set RELAIS_KEYS to a folder elsewhere.",
                ),
            ),
            KeyError::Missing(folder) => Self::new(
                (
                    &format!("Il n’y a pas de clés dans {folder}."),
                    &format!("There are no keys in {folder}."),
                ),
                (
                    "« relais init » en fait, ou dites où elles sont : RELAIS_KEYS.",
                    "“relais init” makes them, or say where they are: RELAIS_KEYS.",
                ),
            ),
            KeyError::Exists(folder) => Self::new(
                (
                    &format!("Il y a déjà des clés dans {folder}."),
                    &format!("There are keys in {folder} already."),
                ),
                (
                    "Choisissez un autre dossier : --keys ou RELAIS_KEYS.",
                    "Choose another folder: --keys or RELAIS_KEYS.",
                ),
            ),
            KeyError::Locked(_) => Self::new(
                (
                    &format!("La clé maîtresse ne s’ouvre pas : {error}."),
                    &format!("{error}."),
                ),
                (
                    "Donnez la phrase de passe : RELAIS_PASSPHRASE ou RELAIS_PASSPHRASE_FD.",
                    "Give the passphrase: RELAIS_PASSPHRASE or RELAIS_PASSPHRASE_FD.",
                ),
            ),
            other => Self::new(
                (&format!("Les clés : {other}."), &format!("The keys: {other}.")),
                (
                    "Vérifiez le dossier des clés et ses droits (RELAIS_KEYS).",
                    "Check the folder of the keys and its permissions (RELAIS_KEYS).",
                ),
            ),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Key(error) => error.into(),
            StoreError::Schema(text) => schema(&text),
            StoreError::Clock(_) => Self::new(
                (
                    &format!("L’heure n’est pas changée : {error}."),
                    &format!("The clock was not set: {error}."),
                ),
                (
                    "Seule une base d’exercice (« relais init --drill ») a une heure réglable, et elle n’avance que vers le futur.",
                    "Only a drill (“relais init --drill”) has a clock that can be set, and it only moves forward.",
                ),
            ),
            StoreError::Unavailable { cause, .. } => Self::new(
                (
                    &format!("La base de données n’est pas joignable : {cause}."),
                    &format!("The database cannot be reached: {cause}."),
                ),
                (
                    "Vérifiez qu’elle tourne et que RELAIS_DATABASE_URL ou RELAIS_DATA est juste.",
                    "Check that it runs and that RELAIS_DATABASE_URL or RELAIS_DATA is right.",
                ),
            ),
            StoreError::Busy => Self::new(
                ("La base de données est occupée.", "The database is busy."),
                ("Réessayez dans un instant.", "Try again in a moment."),
            ),
            StoreError::File { path, cause } => Self::new(
                (&format!("{path} : {cause}."), &format!("{path}: {cause}.")),
                (
                    "Vérifiez le chemin et les droits.",
                    "Check the path and its permissions.",
                ),
            ),
            other => Self::new(
                (
                    &format!("La base de données a refusé : {other}."),
                    &format!("The database refused: {other}."),
                ),
                (
                    "Rien n’a été écrit. Vérifiez la base : « relais audit verify ».",
                    "Nothing was written. Check the database: “relais audit verify”.",
                ),
            ),
        }
    }
}

/// What the store says of a database that it cannot open, in both languages.
fn schema(text: &str) -> Failure {
    let has = |part: &str| text.contains(part);
    if has("does not exist") || has("holds no deployment") {
        Failure::new(
            ("Il n’y a pas de base Relais ici.", "There is no Relais database here."),
            (
                "« relais init » en crée une, ou corrigez RELAIS_DATA ou RELAIS_DATABASE_URL.",
                "“relais init” makes one, or correct RELAIS_DATA or RELAIS_DATABASE_URL.",
            ),
        )
    } else if has("already holds tables") {
        Failure::new(
            ("Il y a déjà une base ici.", "There is a database here already."),
            (
                "« relais init » veut un dossier ou une base vide.",
                "“relais init” wants an empty folder or database.",
            ),
        )
    } else if has("not those of this database") {
        Failure::new(
            (
                "Ces clés ne sont pas celles de cette base.",
                "These keys are not those of this database.",
            ),
            ("Corrigez RELAIS_KEYS.", "Correct RELAIS_KEYS."),
        )
    } else {
        Failure::new(
            (
                &format!("La base ne convient pas à ce programme : {text}."),
                &format!("The database does not fit this program: {text}."),
            ),
            (
                "Utilisez la version du programme qui l’a faite.",
                "Use the version of the program that made it.",
            ),
        )
    }
}

//! What cannot be understood of a command line, said in the user's language.

use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use relais_mechanism::Lang;

/// Shows help or version, or says what is wrong with the command line.
pub fn refuse(error: &clap::Error, lang: Lang) -> ExitCode {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        print!("{error}");
        return ExitCode::SUCCESS;
    }
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        eprint!("{error}");
        return ExitCode::from(2);
    }
    let context = |kind| error.get(kind).map(words).unwrap_or_default();
    let argument = context(ContextKind::InvalidArg);
    let value = context(ContextKind::InvalidValue);
    let (fr, en) = match error.kind() {
        ErrorKind::InvalidSubcommand => {
            let name = context(ContextKind::InvalidSubcommand);
            (
                format!("La commande « {name} » n’existe pas."),
                format!("There is no command “{name}”."),
            )
        }
        ErrorKind::UnknownArgument => (
            format!("« {argument} » n’est pas compris ici."),
            format!("“{argument}” is not understood here."),
        ),
        ErrorKind::MissingRequiredArgument | ErrorKind::MissingSubcommand | ErrorKind::TooFewValues => {
            (format!("Il manque : {argument}."), format!("Missing: {argument}."))
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation if value.is_empty() => (
            format!("Il manque la valeur de {argument}."),
            format!("{argument} lacks its value."),
        ),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => (
            format!("{argument} ne peut pas être « {value} »."),
            format!("{argument} cannot be “{value}”."),
        ),
        _ => (
            format!("La commande n’est pas comprise ({}).", error.kind()),
            format!("The command is not understood ({}).", error.kind()),
        ),
    };
    let mut known = context(ContextKind::ValidValue);
    if known.is_empty() {
        known = std::error::Error::source(error)
            .map(ToString::to_string)
            .unwrap_or_default();
    }
    let (fr_remedy, en_remedy) = if known.is_empty() {
        (
            "« relais help » donne les commandes et leurs options.".to_owned(),
            "“relais help” lists commands and options.".to_owned(),
        )
    } else {
        (
            format!("Choisissez parmi : {known}."),
            format!("Choose among: {known}."),
        )
    };
    match lang {
        Lang::Fr => eprintln!("relais: {fr} {fr_remedy}"),
        Lang::En => eprintln!("relais: {en} {en_remedy}"),
    }
    ExitCode::from(2)
}

fn words(value: &ContextValue) -> String {
    match value {
        ContextValue::String(text) => text.clone(),
        ContextValue::Strings(list) => list.join(", "),
        other => other.to_string(),
    }
}

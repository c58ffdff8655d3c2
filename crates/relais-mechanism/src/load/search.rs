//! Reads the everyday words of the search.

use crate::finding::both;
use crate::load::{Loading, Reference};
use crate::read::Reader;
use crate::search::{Meaning, Sense};

pub(super) fn read(loading: &mut Loading) -> Vec<Meaning> {
    loading.each("meaning", meaning)
}

fn meaning(r: &mut Reader<'_>, references: &mut Vec<Reference>) -> Meaning {
    let mut named = |kind: &'static str, at, code: String| {
        references.push(Reference {
            at,
            kind,
            code: code.clone(),
        });
        code
    };
    let services = r.texts("services");
    let services: Vec<String> = services
        .into_iter()
        .map(|(code, at)| named(if code.contains('.') { "service" } else { "category" }, at, code))
        .collect();
    let targets = r.texts("targets");
    let targets: Vec<String> = targets
        .into_iter()
        .map(|(code, at)| named("target", at, code))
        .collect();
    let mut one = |r: &mut Reader<'_>, key: &'static str, kind| {
        let at = r.place(key);
        r.text_opt(key).map(|code| named(kind, at, code))
    };
    let language = one(r, "language", "lang");
    let place = one(r, "place", "place");
    let sense = r.word_opt("sense", Sense::ALL, Sense::code);
    if services.is_empty() && targets.is_empty() && language.is_none() && place.is_none() && sense.is_none() {
        r.fault(
            r.at.clone(),
            "no_meaning",
            both("les mots ne désignent rien", "the words mean nothing"),
            both(
                "Ajoutez services, targets, language, place ou sense.",
                "Add services, targets, language, place or sense.",
            ),
        );
    }
    Meaning {
        code: r.text("code"),
        services,
        targets,
        language,
        place,
        sense,
        fr: said(r, "fr"),
        en: said(r, "en"),
    }
}

/// The words in a language: some, and each says something.
fn said(r: &mut Reader<'_>, key: &str) -> Vec<String> {
    let at = r.place(key);
    let texts = r.texts(key);
    let blank = texts.iter().find(|(text, _)| !text.chars().any(char::is_alphanumeric));
    if let Some(at) = blank
        .map(|(_, at)| at.clone())
        .or_else(|| texts.is_empty().then_some(at))
    {
        r.fault(
            at,
            "empty",
            both(
                format!("« {key} » n’a pas de mot, ou un mot vide"),
                format!("“{key}” has no word, or an empty one"),
            ),
            both(
                format!("Écrivez {key} = [ … ] avec des mots."),
                format!("Write {key} = [ … ] with words."),
            ),
        );
    }
    texts.into_iter().map(|(text, _)| text).collect()
}

//! The mechanism's content, its check, its forms and its overlay, from outside.

mod broken;
mod content;
mod expressions;
mod forms;
mod interview;
mod limits;
mod never_panics;
mod places;
mod typed;

use std::sync::OnceLock;

use relais_mechanism::{Finding, Mechanism, Sources, check};

/// Cameroon's mechanism as it is built in.
fn cameroon() -> &'static Mechanism {
    static LOADED: OnceLock<Mechanism> = OnceLock::new();
    LOADED.get_or_init(|| Mechanism::embedded("cameroon").expect("the built-in mechanism is whole"))
}

/// The built-in files with one file changed by `edit`.
fn edited(path: &str, edit: impl FnOnce(&str) -> String) -> Sources {
    let mut sources = Sources::embedded("cameroon");
    let text = sources.files.get(path).unwrap_or_else(|| panic!("no file {path}"));
    let text = edit(text);
    sources.files.insert(path.to_owned(), text);
    sources
}

/// The built-in files with `from` replaced once in a file; it must be there.
fn replaced(path: &str, from: &str, to: &str) -> Sources {
    edited(path, |text| {
        assert!(text.contains(from), "{path} does not hold {from:?}");
        text.replacen(from, to, 1)
    })
}

/// The built-in files with a text added to a file of the country.
fn added(text: &str) -> Sources {
    let mut sources = Sources::embedded("cameroon");
    sources
        .files
        .insert("cameroon/zz-test.toml".to_owned(), text.to_owned());
    sources
}

/// The codes of what is wrong.
fn codes(sources: &Sources) -> Vec<&'static str> {
    check(sources).iter().map(|f| f.code).collect()
}

/// The only finding.
fn only(sources: &Sources) -> Finding {
    let found = check(sources);
    assert_eq!(found.len(), 1, "{found:#?}");
    found.into_iter().next().expect("one was counted")
}

//! `mechanism diff`: what differs between two mechanisms, for whoever reads it
//! at a table.

use relais_mechanism::diff::{Change, Kind, diff};
use relais_mechanism::{Label, Lang, Mechanism};
use serde_json::{Value, json};

use super::named;
use crate::cli::MechanismDiff;
use crate::failure::Failure;
use crate::output::{Output, table};

/// Lines of a kind that are shown; more is a list to look up, not to read.
const LINES: usize = 40;
/// Characters of a cell that are shown.
const CELL: usize = 70;

/// Runs the command.
pub fn run(asked: &MechanismDiff, output: &Output) -> Result<u8, Failure> {
    let (old, new) = (named(&asked.old)?, named(&asked.new)?);
    let changes = diff(&old, &new);
    let side = |m: &Mechanism| json!({ "version": m.version(), "hash": m.hash(), "label": m.label() });
    let value = json!({
        "old": side(&old),
        "new": side(&new),
        "changes": changes.iter().map(listed).collect::<Vec<_>>(),
    });
    output.answer(&value, || {
        let same = old.hash() == new.hash();
        let between = format!("{} → {}", old.version(), new.version());
        format!("{between}\n{}", told(&changes, same, asked.all, output))
    });
    Ok(0)
}

/// A change as a program reads it.
fn listed(change: &Change) -> Value {
    json!({
        "kind": change.what,
        "label": Label::of(change.what.label(Lang::Fr), change.what.label(Lang::En)),
        "code": change.code,
        "name": Label { fr: change.name(Lang::Fr), en: change.name(Lang::En) },
        "old": change.old,
        "new": change.new,
    })
}

fn told(changes: &[Change], same: bool, all: bool, output: &Output) -> String {
    if changes.is_empty() {
        return if same {
            output.say("Les deux sont le même texte.", "Both are the same text.")
        } else {
            output.say(
                "Rien ne diffère pour qui s’en sert : seuls des commentaires ou l’ordre ont changé.",
                "Nothing differs for whoever uses it: only comments or the order changed.",
            )
        }
        .to_owned();
    }
    let mut text = format!("{} {}\n", changes.len(), output.say("différence(s)", "difference(s)"));
    let mut shortened = false;
    for kind in Kind::ALL.iter().copied() {
        let of: Vec<&Change> = changes.iter().filter(|c| c.what == kind).collect();
        if of.is_empty() {
            continue;
        }
        let shown = if all { of.len() } else { of.len().min(LINES) };
        let rows: Vec<Vec<String>> = of.iter().take(shown).map(|c| row(c, all, output.lang)).collect();
        let heads = [
            output.say("QUOI", "WHAT"),
            output.say("AVANT", "BEFORE"),
            output.say("APRÈS", "AFTER"),
        ];
        text += &format!("\n{} ({})\n{}", kind.label(output.lang), of.len(), table(&heads, &rows));
        if shown < of.len() {
            shortened = true;
            text += &format!("… {} {}\n", of.len() - shown, output.say("de plus", "more"));
        }
    }
    if shortened {
        text.push('\n');
        text += output.say(
            "« --all » montre tout ; « --format json » le donne à un programme.",
            "“--all” shows everything; “--format json” gives it to a program.",
        );
    }
    text
}

fn row(change: &Change, all: bool, lang: Lang) -> Vec<String> {
    let cell = |words: Option<String>| match words {
        None => "–".to_owned(),
        Some(words) if all => words,
        Some(words) => cut(&words),
    };
    vec![
        change.name(lang),
        cell(change.old_words(lang)),
        cell(change.new_words(lang)),
    ]
}

/// The beginning of a long text.
fn cut(text: &str) -> String {
    let one_line = text.replace('\n', " ");
    if one_line.chars().count() <= CELL {
        return one_line;
    }
    let kept: String = one_line.chars().take(CELL - 1).collect();
    format!("{}…", kept.trim_end())
}

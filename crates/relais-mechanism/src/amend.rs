//! Rule changes: the figures of a mechanism that the committee or the
//! secretariat may change one by one, and a mechanism with some of them changed.
//!
//! A change is made in the text of the files, at the place where the figure
//! stands: comments, order and everything else stay as they were. The result is
//! loaded and checked like any other mechanism.

#[cfg(test)]
mod tests;

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::closed_enum;
use crate::diff;
use crate::finding::{Finding, Location, both};
use crate::limits::Span;
use crate::mechanism::Mechanism;
use crate::source::{REGIONAL, Sources};
use crate::words::{Label, Lang, Priority};

closed_enum! {
    /// How deep a change goes, and so who decides it.
    Layer {
        /// A setting of the office: days of reminders, how long a confirmation holds.
        Parameter = "parameter",
        /// How the actors work together: time limits.
        Procedure = "procedure",
        /// What the mechanism promises: emergencies, who sees what, consent.
        Principle = "principle",
    }
}

/// A figure that may be changed by a rule change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Where it stands: `priority.P3.decide`, `rule.directory_stale_days`.
    pub path: String,
    /// What it is.
    pub label: Label,
    /// Its value, as the files write it: "5 wd", "14", "true", "90, 30, 0".
    pub value: String,
    /// How deep a change of it goes.
    pub layer: Layer,
}

impl Parameter {
    /// Its value in words: "5 jours ouvrables" for "5 wd"; a figure stays one.
    #[must_use]
    pub fn in_words(&self, lang: Lang) -> String {
        in_words(&self.value, lang)
    }
}

/// A value in words: "5 jours ouvrables" for "5 wd"; what is no length of time
/// stays as it is.
#[must_use]
pub fn in_words(value: &str, lang: Lang) -> String {
    length(value).map_or_else(|| value.trim().to_owned(), |span| span.in_words(lang))
}

/// Days for reminders and for what grows old: the office's own.
const SETTINGS: &[&str] = &[
    "notice_days",
    "directory_stale_days",
    "confirmation_reminder_days",
    "funding_reminder_days",
    "merge_undo_days",
];

/// Who sees what, for how long, on which consent; and, with the numbers to call,
/// emergencies.
const PRINCIPLES: &[&str] = &[
    "minutes_per_number",
    "test_call_days",
    "grace_days",
    "keep_after_end_days",
    "co_signature",
    "override_lasts",
    "consent_days",
    "smallest_count",
    "name_checks_per_day",
    "stop_use",
    "child_below",
    "doubtful_child_to",
    "complaint_forward",
];

/// Counts that say nothing at zero: nobody could ever be checked, reminded, counted.
const NEVER_ZERO: &[&str] = &[
    "open_referrals",
    "minutes_per_number",
    "test_call_days",
    "consent_days",
    "smallest_count",
    "name_checks_per_day",
    "child_below",
    "directory_stale_days",
    "unanswered_referrals",
];

/// The longest length and the highest count that a change may set: a slip of the
/// finger is caught, and no calendar is walked for centuries.
const MOST_DAYS: u32 = 1100;

/// Figures that are tied to something else of the mechanism and are not changed
/// alone: the last step of the ladder; a question never stops the clock of a P1.
fn is_tied(priority: Option<&str>, name: &str) -> bool {
    name == "expire_percent" || (priority == Some(Priority::P1.code()) && name == "answer_pauses")
}

fn layer(priority: Option<&str>, name: &str) -> Layer {
    if priority == Some(Priority::P1.code()) || PRINCIPLES.contains(&name) {
        Layer::Principle
    } else if SETTINGS.contains(&name) {
        Layer::Parameter
    } else {
        Layer::Procedure
    }
}

/// Every figure that may be changed by a rule change, with its value now.
#[must_use]
pub fn parameters(mechanism: &Mechanism) -> Vec<Parameter> {
    diff::figures(mechanism)
        .into_iter()
        .filter(|(priority, name, _)| !is_tied(priority.as_deref(), name))
        .map(|(priority, name, value)| {
            let words = |lang| diff::figure_words(&name, lang).to_owned();
            let label = match &priority {
                None => both(words(Lang::Fr), words(Lang::En)),
                Some(code) => both(
                    format!("{code} – {}", words(Lang::Fr)),
                    format!("{code} – {}", words(Lang::En)),
                ),
            };
            let value = match (name.as_str(), value.as_str()) {
                ("answer_pauses", "yes") => "true".to_owned(),
                ("answer_pauses", _) => "false".to_owned(),
                _ => value,
            };
            Parameter {
                path: match &priority {
                    None => format!("rule.{name}"),
                    Some(code) => format!("priority.{code}.{name}"),
                },
                layer: layer(priority.as_deref(), &name),
                label,
                value,
            }
        })
        .collect()
}

/// The parameter at a path.
#[must_use]
pub fn parameter(mechanism: &Mechanism, path: &str) -> Option<Parameter> {
    parameters(mechanism).into_iter().find(|p| p.path == path)
}

/// The name of the version, as the files write it: "2026.1".
#[must_use]
pub fn version_written(mechanism: &Mechanism) -> String {
    let sources = Sources::from_bundle(mechanism.bundle());
    let place = sources.as_ref().and_then(|s| place(s, VERSION).map(|p| (s, p)));
    let written = place.and_then(|(s, (file, range))| s.files.get(&file)?.get(range).map(str::to_owned));
    written.map_or_else(String::new, |raw| raw.trim_matches(['"', '\'']).to_owned())
}

/// The name of the version that follows: its last number is one higher.
#[must_use]
pub fn next_version(mechanism: &Mechanism) -> String {
    let version = version_written(mechanism);
    let head = version.trim_end_matches(|c: char| c.is_ascii_digit());
    match version[head.len()..].parse::<u64>() {
        Ok(last) => format!("{head}{}", last.saturating_add(1)),
        Err(_) => format!("{version}.1"),
    }
}

/// The mechanism with the values of these parameters changed, under a version of
/// this name; a value that is as it was changes nothing but the version.
///
/// # Errors
/// Everything that is wrong with the result, each finding naming its parameter:
/// one that there is not, a value that is of another kind, too long or zero, and
/// what the check of the whole finds.
pub fn amended(mechanism: &Mechanism, changes: &[(String, String)], version: &str) -> Result<Mechanism, Vec<Finding>> {
    let Some(mut sources) = Sources::from_bundle(mechanism.bundle()) else {
        return Err(vec![crate::check::not_a_bundle()]);
    };
    let known = parameters(mechanism);
    let mut findings = Vec::new();
    for (path, value) in changes {
        match known.iter().find(|p| p.path == *path) {
            None => findings.push(unknown(path)),
            Some(parameter) => {
                findings.extend(unfit(parameter, value));
                if !write(&mut sources, path, value) {
                    findings.push(not_written(parameter));
                }
            }
        }
    }
    if !findings.is_empty() {
        return Err(findings);
    }
    write(&mut sources, VERSION, version);
    crate::load::load(&sources)
}

/// Where the version's name stands.
const VERSION: &str = "mechanism.version";

/// Writes a value where the figure of this path stands, in the way it is written
/// there; `false` where it stands nowhere.
fn write(sources: &mut Sources, path: &str, value: &str) -> bool {
    let Some((file, range)) = place(sources, path) else {
        return false;
    };
    let Some(text) = sources.files.get_mut(&file) else {
        return false;
    };
    let literal = literal(&text[range.clone()], value);
    text.replace_range(range, &literal);
    true
}

/// The value as TOML, of the kind of what stood there. What does not read as that
/// kind is written as a text, so that the check says of what kind it must be.
fn literal(was: &str, value: &str) -> String {
    let value = value.trim();
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    let plain = match was.chars().next() {
        Some('"' | '\'') => return quoted(&length(value).map_or_else(|| value.to_owned(), Span::written)),
        Some('t' | 'f') => truth(value).map(|yes| yes.to_string()),
        Some('[') => numbers(value).map(|list| {
            let list: Vec<String> = list.iter().map(u32::to_string).collect();
            format!("[{}]", list.join(", "))
        }),
        _ => value.parse::<u32>().ok().map(|n| n.to_string()),
    };
    plain.unwrap_or_else(|| quoted(value))
}

/// A length of time as the files write it or as people do: "4 wd", "4 jours
/// ouvrables", "24 heures", "date convenue".
fn length(text: &str) -> Option<Span> {
    let text = text.trim().replace('\u{a0}', " ");
    if let Some(span) = Span::parse(&text) {
        return Some(span);
    }
    let lower = text.to_lowercase();
    if [
        "date convenue",
        "à la date convenue",
        "agreed date",
        "on the agreed date",
    ]
    .contains(&lower.as_str())
    {
        return Some(Span::AgreedDate);
    }
    let (number, unit) = lower.split_once(' ')?;
    let unit = match unit.trim() {
        "minute" | "minutes" => "min",
        "heure" | "heures" | "hour" | "hours" => "h",
        "j" | "jour" | "jours" | "day" | "days" => "d",
        "j.o." | "jo" | "jour ouvrable" | "jours ouvrables" | "working day" | "working days" => "wd",
        _ => return None,
    };
    Span::parse(&format!("{number} {unit}"))
}

fn truth(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "true" | "yes" | "oui" => Some(true),
        "false" | "no" | "non" => Some(false),
        _ => None,
    }
}

/// Numbers with commas or blanks between them.
fn numbers(text: &str) -> Option<Vec<u32>> {
    let parts = text.split([',', ';', ' ']).filter(|part| !part.is_empty());
    let list: Option<Vec<u32>> = parts.map(|part| part.parse().ok()).collect();
    list.filter(|list| !list.is_empty())
}

/// In which file, and between which bytes, the figure of a path stands: in the
/// country's layer where it says it, else in the region's.
fn place(sources: &Sources, path: &str) -> Option<(String, Range<usize>)> {
    let parts: Vec<&str> = path.split('.').collect();
    for layer in [sources.country.as_str(), REGIONAL] {
        let files = sources.files.iter().filter(|(file, text)| {
            let of_layer = file.strip_prefix(layer).is_some_and(|rest| rest.starts_with('/'));
            let toml = std::path::Path::new(file).extension().is_some_and(|e| e == "toml");
            // Most files do not speak of it, and need not be read.
            of_layer && toml && parts.last().is_some_and(|name| text.contains(name))
        });
        for (file, text) in files {
            let root = DeTable::parse(text).ok()?;
            if let Some(range) = range_in(root.get_ref(), &parts) {
                return Some((file.clone(), range));
            }
        }
    }
    None
}

fn range_in(root: &DeTable<'_>, parts: &[&str]) -> Option<Range<usize>> {
    let (table, name) = match *parts {
        ["priority", code, name] => {
            let entries = root.get("priority")?.get_ref().as_array()?;
            let of = |table: &&DeTable<'_>| table.get("code").and_then(|c| c.get_ref().as_str()) == Some(code);
            (entries.iter().filter_map(|e| e.get_ref().as_table()).find(of)?, name)
        }
        ["rule", name] => (root.get("rules")?.get_ref().as_table()?, name),
        [table, name] => (root.get(table)?.get_ref().as_table()?, name),
        _ => return None,
    };
    let value: &Spanned<DeValue<'_>> = table.get(name)?;
    Some(value.span())
}

/// What is wrong with a value that would read: nothing is due at once, nor after
/// the life of the mechanism.
fn unfit(parameter: &Parameter, value: &str) -> Option<Finding> {
    let name = parameter.path.rsplit('.').next().unwrap_or_default();
    let listed = |list: &[u32]| list.iter().any(|n| *n > MOST_DAYS);
    let (zero, beyond) = match length(value) {
        Some(Span::Minutes(n)) => (n == 0, n > MOST_DAYS * 1440),
        Some(Span::WorkingDays(n)) => (n == 0, n > MOST_DAYS),
        Some(Span::AgreedDate) => (false, false),
        None => match numbers(value) {
            Some(list) => (NEVER_ZERO.contains(&name) && list == [0], listed(&list)),
            None => (false, false),
        },
    };
    let least = ("Écrivez une valeur d’au moins 1.", "Write a value of at least 1.");
    let most = (
        "Écrivez au plus trois ans, ou un nombre d’au plus 1100.",
        "Write three years at most, or a number of at most 1100.",
    );
    if zero {
        let cause = ("la valeur ne peut pas être zéro", "the value cannot be zero");
        Some(finding(&parameter.label, "zero", cause, least))
    } else if beyond {
        let cause = ("la valeur est trop grande", "the value is too great");
        Some(finding(&parameter.label, "too_long", cause, most))
    } else {
        None
    }
}

fn unknown(path: &str) -> Finding {
    finding(
        &Label::of(path, path),
        "unknown_parameter",
        (
            "aucun paramètre ne se nomme ainsi dans le mécanisme en vigueur",
            "no parameter of the mechanism in force has this name",
        ),
        (
            "Choisissez un paramètre de la liste.",
            "Choose a parameter of the list.",
        ),
    )
}

fn not_written(parameter: &Parameter) -> Finding {
    finding(
        &parameter.label,
        "not_written",
        (
            "le mécanisme en vigueur, plus ancien, n’écrit pas ce paramètre",
            "the mechanism in force is older and does not write this parameter",
        ),
        (
            "Faites d’abord adopter la version du programme.",
            "Have the program’s version adopted first.",
        ),
    )
}

fn finding(of: &Label, code: &'static str, cause: (&str, &str), remedy: (&str, &str)) -> Finding {
    Finding {
        at: Location::default(),
        code,
        cause: both(format!("{} : {}", of.fr, cause.0), format!("{}: {}", of.en, cause.1)),
        remedy: Label::of(remedy.0, remedy.1),
    }
}

//! TOML files as trees that remember where each value stands, and the overlay
//! of a country on the region.
//!
//! A file's name is for people; what counts are its tables. `[[service]]`
//! tables of all files of a layer make one list of services, each with its
//! code. In a country's file an entry whose code is new adds; with
//! `replaces = true` its keys take the place of the region's entry's keys (and
//! lists of coded entries inside are overlaid the same way); with
//! `removes = true` the entry goes.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::Arc;

use toml::de::{DeTable, DeValue};

use crate::finding::{Findings, Location, both};
use crate::source::{REGIONAL, Sources};

/// A value of a file, with its place.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub at: Location,
    pub value: Value,
}

/// What a value is.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    Text(String),
    Int(i64),
    Float(f64),
    Bool(bool),
    /// A date or time, as written.
    Moment(String),
    List(Vec<Node>),
    Table(Table),
}

/// A table: keys with their values.
pub(crate) type Table = BTreeMap<String, Node>;

impl Value {
    const fn name(&self) -> (&'static str, &'static str) {
        match self {
            Self::Text(_) => ("un texte", "a text"),
            Self::Int(_) => ("un nombre entier", "a whole number"),
            Self::Float(_) => ("un nombre", "a number"),
            Self::Bool(_) => ("un vrai/faux", "a true/false"),
            Self::Moment(_) => ("une date ou une heure", "a date or time"),
            Self::List(_) => ("une liste", "a list"),
            Self::Table(_) => ("une table", "a table"),
        }
    }
}

impl Node {
    /// What it is, in French and English.
    pub(crate) const fn kind(&self) -> (&'static str, &'static str) {
        self.value.name()
    }
}

/// Finds line and column of a byte.
struct Lines<'a> {
    file: Arc<str>,
    text: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    fn new(file: &str, text: &'a str) -> Self {
        let starts = std::iter::once(0)
            .chain(text.match_indices('\n').map(|(at, _)| at + 1))
            .collect();
        Self {
            file: file.into(),
            text,
            starts,
        }
    }

    fn at(&self, byte: usize) -> Location {
        let line = self.starts.partition_point(|s| *s <= byte).max(1);
        let start = self.starts[line - 1];
        let column = self.text.get(start..byte).map_or(1, |t| t.chars().count() + 1);
        Location {
            file: Arc::clone(&self.file),
            line,
            column,
        }
    }
}

/// Parses a file; what cannot be read becomes findings, the rest is used.
fn parse(file: &str, text: &str, findings: &mut Findings) -> Table {
    let lines = Lines::new(file, text);
    let (root, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let at = lines.at(error.span().map_or(0, |s: Range<usize>| s.start));
        findings.add(
            at,
            "toml",
            both(
                format!("TOML illisible : {}", error.message()),
                format!("unreadable TOML: {}", error.message()),
            ),
            both(
                "Corrigez la syntaxe de cette ligne.",
                "Correct the syntax of this line.",
            ),
        );
    }
    table(root.into_inner(), &lines)
}

fn table(table_: DeTable<'_>, lines: &Lines<'_>) -> Table {
    table_
        .into_iter()
        .map(|(key, value)| (key.into_inner().into_owned(), node(value, lines)))
        .collect()
}

fn node(value: toml::Spanned<DeValue<'_>>, lines: &Lines<'_>) -> Node {
    let at = lines.at(value.span().start);
    let value = match value.into_inner() {
        DeValue::String(s) => Value::Text(s.into_owned()),
        DeValue::Integer(i) => match i64::from_str_radix(i.as_str(), i.radix()) {
            Ok(n) => Value::Int(n),
            Err(_) => Value::Text(i.as_str().to_owned()),
        },
        DeValue::Float(f) => match f.as_str().parse() {
            Ok(n) => Value::Float(n),
            Err(_) => Value::Text(f.as_str().to_owned()),
        },
        DeValue::Boolean(b) => Value::Bool(b),
        DeValue::Datetime(d) => Value::Moment(d.to_string()),
        DeValue::Array(list) => Value::List(list.into_iter().map(|v| node(v, lines)).collect()),
        DeValue::Table(t) => Value::Table(table(t, lines)),
    };
    Node { at, value }
}

/// Keys that name an entry in lists whose entries have no `code`.
const IDENTITIES: &[&[&str]] = &[
    &["code"],
    &["from", "command", "to"],
    &["region", "rank"],
    &["percent"],
    &["date"],
    &["rank"],
];

/// What names an entry among its like.
fn identity(table: &Table) -> Option<String> {
    IDENTITIES.iter().find_map(|keys| {
        let parts: Option<Vec<String>> = keys
            .iter()
            .map(|k| match &table.get(*k)?.value {
                Value::Text(t) | Value::Moment(t) => Some(t.clone()),
                Value::Int(n) => Some(n.to_string()),
                _ => None,
            })
            .collect();
        parts.map(|p| format!("{}:{}", keys.join("+"), p.join("/")))
    })
}

/// All files of the mechanism as one table, the country's laid over the
/// region's.
pub(crate) fn merged(sources: &Sources, findings: &mut Findings) -> Table {
    let mut whole = Table::new();
    for layer in [REGIONAL, sources.country.as_str()] {
        let mut files = sources
            .files
            .iter()
            .filter(|(path, _)| path.starts_with(&format!("{layer}/")))
            .peekable();
        if files.peek().is_none() {
            findings.add(
                Location {
                    file: format!("{layer}/").into(),
                    ..Location::default()
                },
                "missing_layer",
                both(
                    format!("aucun fichier dans « {layer} »"),
                    format!("no file in “{layer}”"),
                ),
                both(
                    "Ajoutez les fichiers de cette couche, ou donnez un autre nom de pays.",
                    "Add the files of this layer, or give another country name.",
                ),
            );
        }
        let mut layer_table = Table::new();
        for (path, text) in files.filter(|(path, _)| path.ends_with(".toml")) {
            let parsed = parse(path, text, findings);
            join(&mut layer_table, parsed, findings);
        }
        if layer == REGIONAL {
            overlay(&mut whole, layer_table, false, findings);
        } else {
            overlay(&mut whole, layer_table, true, findings);
        }
    }
    whole
}

/// Puts the tables of one more file beside those of the layer.
fn join(layer: &mut Table, file: Table, findings: &mut Findings) {
    for (key, node) in file {
        let Some(known) = layer.get_mut(&key) else {
            layer.insert(key, node);
            continue;
        };
        match (&mut known.value, node.value) {
            (Value::List(list), Value::List(more)) => list.extend(more),
            (Value::Table(known), Value::Table(more)) => join(known, more, findings),
            _ => findings.add(
                node.at,
                "twice",
                both(
                    format!("« {key} » est déjà défini dans cette couche"),
                    format!("“{key}” is already defined in this layer"),
                ),
                both("Gardez une seule définition.", "Keep one definition."),
            ),
        }
    }
}

/// Lays the tables of a layer over the whole.
fn overlay(whole: &mut Table, layer: Table, over: bool, findings: &mut Findings) {
    for (key, node) in layer {
        match (whole.get_mut(&key), node) {
            (
                None,
                Node {
                    at,
                    value: Value::List(entries),
                },
            ) => {
                let mut list = Vec::new();
                overlay_entries(&mut list, entries, over, findings);
                whole.insert(
                    key,
                    Node {
                        at,
                        value: Value::List(list),
                    },
                );
            }
            (None, node) => {
                whole.insert(key, node);
            }
            (
                Some(Node {
                    value: Value::List(list),
                    ..
                }),
                Node {
                    value: Value::List(entries),
                    ..
                },
            ) if entries
                .iter()
                .all(|e| matches!(&e.value, Value::Table(t) if identity(t).is_some())) =>
            {
                overlay_entries(list, entries, over, findings);
            }
            (
                Some(Node {
                    value: Value::Table(known),
                    ..
                }),
                Node {
                    value: Value::Table(more),
                    ..
                },
            ) => {
                overlay(known, more, over, findings);
            }
            (Some(known), node) => *known = node,
        }
    }
}

fn flag(table: &mut Table, key: &str) -> bool {
    matches!(
        table.remove(key),
        Some(Node {
            value: Value::Bool(true),
            ..
        })
    )
}

/// Where each named entry of a list stands; of two with one name, the first.
fn named(list: &[Node]) -> HashMap<String, usize> {
    let mut named = HashMap::with_capacity(list.len());
    for (index, node) in list.iter().enumerate() {
        if let Value::Table(table) = &node.value
            && let Some(name) = identity(table)
        {
            named.entry(name).or_insert(index);
        }
    }
    named
}

fn overlay_entries(list: &mut Vec<Node>, entries: Vec<Node>, over: bool, findings: &mut Findings) {
    let mut places = named(list);
    for entry in entries {
        let Node {
            at,
            value: Value::Table(mut table),
        } = entry
        else {
            list.push(entry);
            continue;
        };
        let (replaces, removes) = (flag(&mut table, "replaces"), flag(&mut table, "removes"));
        let name = identity(&table);
        let known = name.as_ref().and_then(|name| places.get(name).copied());
        let shown = name
            .as_deref()
            .and_then(|n| n.split_once(':'))
            .map_or("?", |(_, n)| n)
            .to_owned();
        match (known, replaces || removes) {
            (Some(index), true) if removes => {
                list.remove(index);
                places = named(list);
            }
            (Some(index), true) => {
                if let Value::Table(base) = &mut list[index].value {
                    overlay(base, table, true, findings);
                }
            }
            (Some(_), false) => findings.add(
                at,
                "code_exists",
                both(format!("« {shown} » existe déjà"), format!("“{shown}” exists already")),
                if over {
                    both(
                        "Écrivez replaces = true pour remplacer l’entrée régionale, ou donnez un autre code.",
                        "Write replaces = true to replace the regional entry, or give another code.",
                    )
                } else {
                    both(
                        "Donnez un autre code, ou effacez l’une des deux entrées.",
                        "Give another code, or erase one of the two entries.",
                    )
                },
            ),
            (None, true) => findings.add(
                at,
                "nothing_to_replace",
                both(
                    format!("« {shown} » n’existe pas et ne peut être ni remplacé ni retiré"),
                    format!("“{shown}” does not exist and can be neither replaced nor removed"),
                ),
                both(
                    "Vérifiez le code, ou effacez replaces ou removes.",
                    "Check the code, or erase replaces or removes.",
                ),
            ),
            (None, false) => {
                if let Some(name) = name {
                    places.insert(name, list.len());
                }
                list.push(Node {
                    at,
                    value: Value::Table(table),
                });
            }
        }
    }
}

//! Reading typed values out of a tree, gathering a finding for everything
//! that is missing, of a wrong kind or unknown. Nothing stops at the first.

use chrono::{NaiveDate, NaiveTime};

use crate::finding::{Findings, Location, both};
use crate::limits::Span;
use crate::tree::{Node, Table, Value};
use crate::words::Label;

/// A table that is being read. Each key that is taken leaves it; what is left
/// over at the end is a spelling mistake.
pub(crate) struct Reader<'f> {
    pub at: Location,
    /// What the table is, for findings: "service MED.01".
    name: String,
    table: Table,
    pub findings: &'f mut Findings,
}

impl<'f> Reader<'f> {
    pub(crate) fn new(name: &str, at: Location, table: Table, findings: &'f mut Findings) -> Self {
        let code = match table.get("code").map(|n| &n.value) {
            Some(Value::Text(code)) => format!("{name} {code}"),
            _ => name.to_owned(),
        };
        Self {
            at,
            name: code,
            table,
            findings,
        }
    }

    /// Adds a finding at a place.
    pub(crate) fn fault(&mut self, at: Location, code: &'static str, cause: Label, remedy: Label) {
        let cause = both(
            format!("{} : {}", self.name, cause.fr),
            format!("{}: {}", self.name, cause.en),
        );
        self.findings.add(at, code, cause, remedy);
    }

    /// Where a key stands, or the table itself.
    pub(crate) fn place(&self, key: &str) -> Location {
        self.table.get(key).map_or_else(|| self.at.clone(), |n| n.at.clone())
    }

    fn missing(&mut self, key: &str) {
        self.fault(
            self.at.clone(),
            "missing",
            both(format!("« {key} » manque"), format!("“{key}” is missing")),
            both(format!("Ajoutez {key} = …"), format!("Add {key} = …")),
        );
    }

    fn wrong(&mut self, node: &Node, key: &str, fr: &str, en: &str) {
        let (found_fr, found_en) = node.kind();
        self.fault(
            node.at.clone(),
            "wrong_kind",
            both(
                format!("« {key} » est {found_fr}, {fr} est attendu"),
                format!("“{key}” is {found_en}, {en} is expected"),
            ),
            both(format!("Donnez {fr} à « {key} »."), format!("Give “{key}” {en}.")),
        );
    }

    /// The value of a key, which stays in the table.
    pub(crate) fn peek(&self, key: &str) -> Option<&Value> {
        self.table.get(key).map(|n| &n.value)
    }

    /// Takes a key out of the table.
    pub(crate) fn take(&mut self, key: &str) -> Option<Node> {
        self.table.remove(key)
    }

    /// A text that may be absent.
    pub(crate) fn text_opt(&mut self, key: &str) -> Option<String> {
        let node = self.take(key)?;
        match node.value {
            Value::Text(text) => Some(text),
            _ => {
                self.wrong(&node, key, "un texte", "a text");
                None
            }
        }
    }

    /// A text that must be there and say something.
    pub(crate) fn text(&mut self, key: &str) -> String {
        if !self.table.contains_key(key) {
            self.missing(key);
            return String::new();
        }
        let at = self.place(key);
        let text = self.text_opt(key).unwrap_or_default();
        if text.trim().is_empty() {
            self.fault(
                at,
                "empty",
                both(format!("« {key} » est vide"), format!("“{key}” is empty")),
                both("Écrivez le texte.", "Write the text."),
            );
        }
        text
    }

    /// A list of texts; empty when absent.
    pub(crate) fn texts(&mut self, key: &str) -> Vec<(String, Location)> {
        let Some(node) = self.take(key) else { return Vec::new() };
        let Value::List(items) = node.value else {
            self.wrong(&node, key, "une liste de textes", "a list of texts");
            return Vec::new();
        };
        let mut texts = Vec::new();
        for item in items {
            match item.value {
                Value::Text(text) => texts.push((text, item.at)),
                _ => self.wrong(&item, key, "un texte", "a text"),
            }
        }
        texts
    }

    /// A whole number that may be absent.
    pub(crate) fn number_opt(&mut self, key: &str) -> Option<u32> {
        let node = self.take(key)?;
        match node.value {
            Value::Int(n) if u32::try_from(n).is_ok() => u32::try_from(n).ok(),
            _ => {
                self.wrong(&node, key, "un nombre entier positif", "a whole number, not negative");
                None
            }
        }
    }

    /// A whole number that must be there.
    pub(crate) fn number(&mut self, key: &str) -> u32 {
        if !self.table.contains_key(key) {
            self.missing(key);
        }
        self.number_opt(key).unwrap_or_default()
    }

    /// A number with decimals that may be absent.
    pub(crate) fn float_opt(&mut self, key: &str) -> Option<f64> {
        let node = self.take(key)?;
        match node.value {
            #[expect(clippy::cast_precision_loss, reason = "degrees of latitude and longitude are small")]
            Value::Int(n) => Some(n as f64),
            Value::Float(n) if n.is_finite() => Some(n),
            _ => {
                self.wrong(&node, key, "un nombre", "a number");
                None
            }
        }
    }

    /// A true/false; false when absent.
    pub(crate) fn flag(&mut self, key: &str) -> bool {
        match self.take(key) {
            None => false,
            Some(Node {
                value: Value::Bool(b), ..
            }) => b,
            Some(node) => {
                self.wrong(&node, key, "true ou false", "true or false");
                false
            }
        }
    }

    /// A label whose languages stand in `fr` and `en`, or, with a prefix, in
    /// `prefix_fr` and `prefix_en`; both must be there.
    pub(crate) fn label(&mut self, prefix: &str) -> Label {
        Label {
            fr: self.text(&language_key(prefix, "fr")),
            en: self.text(&language_key(prefix, "en")),
        }
    }

    /// A label that may be absent, but not in one language only.
    pub(crate) fn label_opt(&mut self, prefix: &str) -> Option<Label> {
        let present = ["fr", "en"]
            .iter()
            .any(|l| self.table.contains_key(&language_key(prefix, l)));
        present.then(|| self.label(prefix))
    }

    /// The word of a closed enum with this code; a finding lists the codes.
    pub(crate) fn word<T: Copy>(&mut self, key: &str, all: &[T], code: fn(T) -> &'static str) -> Option<T> {
        if !self.table.contains_key(key) {
            self.missing(key);
            return None;
        }
        self.word_opt(key, all, code)
    }

    /// The same, where the key may be absent.
    pub(crate) fn word_opt<T: Copy>(&mut self, key: &str, all: &[T], code: fn(T) -> &'static str) -> Option<T> {
        let at = self.place(key);
        let text = self.text_opt(key)?;
        self.as_word(&text, at, all, code)
    }

    /// A list of words of a closed enum.
    pub(crate) fn words<T: Copy>(&mut self, key: &str, all: &[T], code: fn(T) -> &'static str) -> Vec<T> {
        let texts = self.texts(key);
        texts
            .into_iter()
            .filter_map(|(text, at)| self.as_word(&text, at, all, code))
            .collect()
    }

    fn as_word<T: Copy>(&mut self, text: &str, at: Location, all: &[T], code: fn(T) -> &'static str) -> Option<T> {
        let found = all.iter().copied().find(|w| code(*w) == text);
        if found.is_none() {
            let codes = all.iter().map(|w| code(*w)).collect::<Vec<_>>().join(", ");
            self.fault(
                at,
                "unknown_word",
                both(
                    format!("« {text} » n’est pas un mot du mécanisme"),
                    format!("“{text}” is not a word of the mechanism"),
                ),
                both(format!("Écrivez l’un de : {codes}."), format!("Write one of: {codes}.")),
            );
        }
        found
    }

    /// A span that may be absent.
    pub(crate) fn span_opt(&mut self, key: &str) -> Option<Span> {
        let at = self.place(key);
        let text = self.text_opt(key)?;
        let span = Span::parse(&text);
        if span.is_none() {
            self.fault(
                at,
                "span",
                both(
                    format!("« {key} » : « {text} » n’est pas une durée"),
                    format!("“{key}”: “{text}” is no length of time"),
                ),
                both(
                    "Écrivez par exemple « 15 min », « 4 h », « 5 d », « 10 wd » (jours ouvrables) ou « agreed ».",
                    "Write for example “15 min”, “4 h”, “5 d”, “10 wd” (working days) or “agreed”.",
                ),
            );
        }
        span
    }

    /// A span that must be there; the longest stands in while it is not.
    pub(crate) fn span(&mut self, key: &str) -> Span {
        if !self.table.contains_key(key) {
            self.missing(key);
        }
        self.span_opt(key).unwrap_or(Span::AgreedDate)
    }

    /// A date that must be there.
    pub(crate) fn date(&mut self, key: &str) -> NaiveDate {
        if !self.table.contains_key(key) {
            self.missing(key);
        }
        self.date_opt(key).unwrap_or_default()
    }

    /// A date that may be absent.
    pub(crate) fn date_opt(&mut self, key: &str) -> Option<NaiveDate> {
        let node = self.take(key)?;
        if let Value::Text(text) | Value::Moment(text) = &node.value
            && let Ok(date) = text.parse()
        {
            return Some(date);
        }
        self.wrong(&node, key, "une date (2026-11-23)", "a date (2026-11-23)");
        None
    }

    /// A local time that may be absent.
    pub(crate) fn time_opt(&mut self, key: &str) -> Option<NaiveTime> {
        let node = self.take(key)?;
        if let Value::Text(text) | Value::Moment(text) = &node.value
            && let Some(time) = crate::answers::parse_time(text)
        {
            return Some(time);
        }
        self.wrong(&node, key, "une heure (20:00)", "a time (20:00)");
        None
    }

    /// Latitude and longitude in `lat` and `lon`; both or none.
    pub(crate) fn coordinates(&mut self) -> Option<(f64, f64)> {
        let at = self.place("lat");
        match (self.float_opt("lat"), self.float_opt("lon")) {
            (None, None) => None,
            (Some(lat), Some(lon)) if lat.abs() <= 90.0 && lon.abs() <= 180.0 => Some((lat, lon)),
            _ => {
                self.fault(
                    at,
                    "coordinates",
                    both(
                        "coordonnées incomplètes ou hors limites",
                        "coordinates incomplete or out of bounds",
                    ),
                    both(
                        "Donnez lat (−90 à 90) et lon (−180 à 180), ou aucune des deux.",
                        "Give lat (−90 to 90) and lon (−180 to 180), or neither.",
                    ),
                );
                None
            }
        }
    }

    /// The tables of a list inside this one.
    pub(crate) fn tables(&mut self, key: &str) -> Vec<(Table, Location)> {
        self.take(key)
            .map(|node| tables(key, node, self.findings))
            .unwrap_or_default()
    }

    /// Ends the reading: keys that are left over are spelling mistakes.
    pub(crate) fn finish(mut self) {
        let left: Vec<(String, Location)> = std::mem::take(&mut self.table)
            .into_iter()
            .map(|(key, node)| (key, node.at))
            .collect();
        for (key, at) in left {
            self.fault(
                at,
                "unknown_key",
                both(format!("clé inconnue « {key} »"), format!("unknown key “{key}”")),
                both(
                    "Corrigez le nom de la clé ou effacez-la.",
                    "Correct the name of the key or erase it.",
                ),
            );
        }
    }
}

fn language_key(prefix: &str, language: &str) -> String {
    if prefix.is_empty() {
        language.to_owned()
    } else {
        format!("{prefix}_{language}")
    }
}

/// The tables of a list; anything else in it is a finding.
pub(crate) fn tables(key: &str, node: Node, findings: &mut Findings) -> Vec<(Table, Location)> {
    let expected = |at: Location, findings: &mut Findings| {
        findings.add(
            at,
            "wrong_kind",
            both(
                format!("« {key} » doit être une liste de tables"),
                format!("“{key}” must be a list of tables"),
            ),
            both(
                format!("Écrivez [[{key}]] au-dessus de chaque entrée."),
                format!("Write [[{key}]] above each entry."),
            ),
        );
    };
    let Value::List(items) = node.value else {
        expected(node.at, findings);
        return Vec::new();
    };
    let mut tables = Vec::new();
    for item in items {
        match item.value {
            Value::Table(table) => tables.push((table, item.at)),
            _ => expected(item.at, findings),
        }
    }
    tables
}

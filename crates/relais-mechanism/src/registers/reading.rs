//! What was typed in the fields of a line, read: every mistake at once, each with
//! its field.

use super::{FieldKind, MOST_LINKS, Register, RegisterField, Values, WrongValue};
use crate::answers::parse_date;
use crate::mechanism::Mechanism;

/// Longest path of a rule.
const LONGEST_PATH: usize = 120;

/// Code, French and English of a mistake.
type Mistake = (&'static str, String, String);

fn mistake(code: &'static str, fr: &str, en: &str) -> Mistake {
    (code, fr.to_owned(), en.to_owned())
}

impl Register {
    /// The values in their canonical form. What is canonical is read again as itself.
    ///
    /// # Errors
    /// Every [`WrongValue`], in the order of the fields.
    pub fn read(&self, typed: &Values, m: &Mechanism) -> Result<Values, Vec<WrongValue>> {
        let mut values = Values::new();
        let mut wrong: Vec<WrongValue> = Vec::new();
        let mut fault = |field: &str, (code, fr, en): Mistake| {
            wrong.push(WrongValue {
                field: field.to_owned(),
                code,
                fr,
                en,
            });
        };
        for field in &self.fields {
            match field.read(typed.get(&field.code).map_or(&[], Vec::as_slice), m) {
                Ok(texts) if texts.is_empty() => {}
                Ok(texts) => {
                    values.insert(field.code.clone(), texts);
                }
                Err(mistake) => fault(&field.code, mistake),
            }
        }
        for code in typed.keys().filter(|code| self.field(code).is_none()) {
            let (fr, en) = ("Ce registre n’a pas ce champ.", "This register has no such field.");
            fault(code, mistake("unknown_field", fr, en));
        }
        if wrong.is_empty() { Ok(values) } else { Err(wrong) }
    }
}

impl RegisterField {
    fn read(&self, typed: &[String], m: &Mechanism) -> Result<Vec<String>, Mistake> {
        let said: Vec<&str> = typed.iter().map(|t| t.trim()).filter(|t| !t.is_empty()).collect();
        if said.is_empty() {
            return if self.required {
                Err(mistake("required", "Remplissez ce champ.", "Fill in this field."))
            } else {
                Ok(Vec::new())
            };
        }
        if let FieldKind::Links(_) = self.kind {
            return links(&said);
        }
        match said[..] {
            [one] => Ok(vec![self.kind.read(one, m)?]),
            _ => Err(mistake(
                "one_only",
                "Une seule réponse est possible ici.",
                "Only one answer is possible here.",
            )),
        }
    }
}

/// Several lines, each once, in the order in which they were named.
fn links(said: &[&str]) -> Result<Vec<String>, Mistake> {
    let mut found: Vec<String> = Vec::new();
    for text in said {
        let id = line_id(text)?;
        if !found.contains(&id) {
            found.push(id);
        }
    }
    if found.len() > MOST_LINKS {
        return Err((
            "too_many",
            format!("{MOST_LINKS} liens au plus."),
            format!("{MOST_LINKS} links at most."),
        ));
    }
    Ok(found)
}

impl FieldKind {
    fn read(&self, text: &str, m: &Mechanism) -> Result<String, Mistake> {
        let listed = |known: bool| {
            known
                .then(|| text.to_owned())
                .ok_or_else(|| mistake("unknown_option", "Choisissez dans la liste.", "Choose from the list."))
        };
        match self {
            Self::Line { max } => within(text.split_whitespace().collect::<Vec<_>>().join(" "), *max),
            Self::Text { max } => within(lines(text), *max),
            Self::Day => parse_date(text).map(|day| day.to_string()).ok_or_else(|| {
                mistake(
                    "date",
                    "Écrivez une date, par exemple 23/11/2026.",
                    "Write a date, for example 23/11/2026.",
                )
            }),
            Self::Number { least, most } => number(text, *least, *most),
            Self::Choice(words) => listed(words.iter().any(|w| w.code == text)),
            Self::Link(_) | Self::Links(_) => line_id(text),
            Self::Indicator => listed(m.indicators().iter().any(|i| i.code == text)),
            Self::Region => listed(m.regions().any(|p| p.code == text)),
            // What begins with a line is a part that documents include.
            Self::Document => listed(!text.starts_with('_') && m.document_codes().contains(&text)),
            Self::Parameter => path(text),
        }
    }
}

/// Line breaks of one kind, no other control characters, nothing at the ends of lines.
fn lines(text: &str) -> String {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let kept: Vec<String> = text
        .split('\n')
        .map(|line| {
            let line: String = line.chars().filter(|c| !c.is_control() || *c == '\t').collect();
            line.trim_end().to_owned()
        })
        .collect();
    kept.join("\n").trim().to_owned()
}

fn within(text: String, max: usize) -> Result<String, Mistake> {
    if text.chars().count() <= max {
        return Ok(text);
    }
    let grouped = |by: &str| match max {
        0..1000 => max.to_string(),
        _ => format!("{}{by}{:03}", max / 1000, max % 1000),
    };
    Err((
        "too_long",
        format!("{} signes au plus\u{a0}: raccourcissez.", grouped("\u{202f}")),
        format!("{} characters at most: make it shorter.", grouped(",")),
    ))
}

/// A whole number; blanks between its digits are how numbers are written here.
fn number(text: &str, least: i64, most: i64) -> Result<String, Mistake> {
    let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    match digits.parse::<i64>() {
        Ok(n) if (least..=most).contains(&n) => Ok(n.to_string()),
        _ => Err((
            "number",
            format!("Écrivez un nombre entier entre {least} et {most}."),
            format!("Write a whole number between {least} and {most}."),
        )),
    }
}

/// A line's id as it is kept.
fn line_id(text: &str) -> Result<String, Mistake> {
    let is_id = text.len() == 36
        && text.bytes().enumerate().all(|(at, b)| match at {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        });
    if is_id {
        Ok(text.to_ascii_lowercase())
    } else {
        Err(mistake(
            "link",
            "Choisissez une ligne de la liste.",
            "Choose a line from the list.",
        ))
    }
}

/// The path of a rule: whether there is such a rule is seen where it is changed.
fn path(text: &str) -> Result<String, Mistake> {
    let is_path = text.chars().count() <= LONGEST_PATH && !text.chars().any(|c| c.is_control() || c == '"');
    if is_path {
        Ok(text.split_whitespace().collect::<Vec<_>>().join(" "))
    } else {
        Err(mistake(
            "parameter",
            "Choisissez une règle du mécanisme.",
            "Choose a rule of the mechanism.",
        ))
    }
}

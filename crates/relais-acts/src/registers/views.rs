//! What the acts on registers take and give.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use relais_mechanism::registers::{Chapter, Values};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A line of a register as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Line.
    pub id: Uuid,
    /// Code of its register.
    pub register: String,
    /// Where it stands.
    pub state: String,
    /// What it says, field by field.
    pub values: Values,
    /// When it was added.
    pub made_at: DateTime<Utc>,
    /// When it last changed.
    pub changed_at: DateTime<Utc>,
    /// Version.
    pub version: i64,
}

/// Add a line.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddLine {
    /// Id of the act, made by its maker; the line has the same.
    pub id: Uuid,
    /// What it says, as typed.
    #[serde(default)]
    pub values: Values,
    /// Where it stands; the first state of the register where nothing is said.
    #[serde(default)]
    pub state: Option<String>,
}

/// Change a line: a field that is left out stays, one without a text is emptied.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeLine {
    /// Id of the act, made by its maker.
    pub id: Uuid,
    /// Version that the maker saw.
    pub version: i64,
    /// What it says now, as typed.
    #[serde(default)]
    pub values: Values,
    /// Where it stands now; where it stood if nothing is said.
    #[serde(default)]
    pub state: Option<String>,
    /// Why, in words.
    #[serde(default)]
    pub note: String,
}

/// What is asked of a register; a blank asks nothing.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct RegisterAsked {
    /// Code of a state.
    #[serde(default)]
    pub state: Option<String>,
    /// Number of the page, from 1.
    #[serde(default)]
    pub page: Option<usize>,
}

/// A line among others, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LineRow {
    /// Line.
    pub id: Uuid,
    /// Code of its register.
    pub register: String,
    /// What one line of it is called.
    pub one: String,
    /// Its title.
    pub title: String,
    /// Code of its state.
    pub state: String,
    /// The state, in words.
    pub state_says: String,
    /// How the state looks: draft, ask, go, no or done.
    pub tag: String,
    /// Whether somebody still has to do something.
    pub open: bool,
    /// What it says, by the columns of its register.
    pub cells: Vec<String>,
    /// The day by which it should be done.
    pub due: Option<NaiveDate>,
    /// Whether that day passed while it is open.
    pub late: bool,
}

/// A register, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RegisterHead {
    /// Code.
    pub code: String,
    /// Its name.
    pub label: String,
    /// What one line of it is called.
    pub one: String,
    /// What it is for.
    pub lead: String,
    /// Chapter.
    pub chapter: Chapter,
    /// Whether the viewer may add and change lines.
    pub may_write: bool,
    /// Whether what it says lies sealed.
    pub sealed: bool,
    /// How sure the register is: "K" known but unverified, "P" proposed.
    pub mark: Option<String>,
}

/// A register with its lines.
#[derive(Debug, Clone, Serialize)]
pub struct RegisterView {
    /// Now.
    pub now: DateTime<Utc>,
    /// The register.
    pub head: RegisterHead,
    /// Names of the columns, after the title.
    pub columns: Vec<String>,
    /// Lines of the page: what is open first, by the day by which it should be done.
    pub rows: Vec<LineRow>,
    /// Each state with its name and how many lines stand there, whatever is asked.
    pub states: Vec<(String, String, usize)>,
    /// Which state is asked for.
    pub state: Option<String>,
    /// Number of the page.
    pub page: usize,
    /// Whether there is another.
    pub more: bool,
}

/// A field of a line or of a blank one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldView {
    /// Code.
    pub code: String,
    /// Its name.
    pub label: String,
    /// What is to be written; empty where the name says it.
    pub hint: String,
    /// line, text, day, number, choice, link, links, indicator, region, document or
    /// parameter.
    pub kind: &'static str,
    /// Most characters; 0 where the kind has none.
    pub max: usize,
    /// Whether it must be filled in.
    pub required: bool,
    /// What may be chosen: code (of a line, its id) and name. Empty where the viewer
    /// may not write, and where a text is typed.
    pub options: Vec<(String, String)>,
    /// What it says, as it is kept.
    pub values: Vec<String>,
    /// The same in words, with the line that is linked where there is one: code of
    /// its register, and its id.
    pub shown: Vec<(String, Option<(String, Uuid)>)>,
}

/// What changed of a field.
pub type FieldChange = (String, String, String);

/// A change of a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RegisterChangeView {
    /// When.
    pub at: DateTime<Utc>,
    /// By whom.
    pub by: String,
    /// Where the line stood from then on.
    pub state_says: String,
    /// Why.
    pub note: String,
    /// Name of the field, before, after; empty for the change by which the line was
    /// added.
    pub lines: Vec<FieldChange>,
}

/// A line whole, with its thread.
#[derive(Debug, Clone, Serialize)]
pub struct LineView {
    /// Now.
    pub now: DateTime<Utc>,
    /// Its register.
    pub head: RegisterHead,
    /// The line.
    pub row: LineRow,
    /// Its fields.
    pub fields: Vec<FieldView>,
    /// States in which it may be put: code and name.
    pub states: Vec<(String, String)>,
    /// What it comes from, the furthest first.
    pub comes_from: Vec<LineRow>,
    /// What came of it, the nearest first.
    pub leads_to: Vec<LineRow>,
    /// Indicators that the line, or what it comes from, names: code and name.
    pub indicators: Vec<(String, String)>,
    /// What may be added to it: code of the register, what one line of it is called,
    /// and its field that links here.
    pub next: Vec<(String, String, String)>,
    /// Its changes, newest first.
    pub history: Vec<RegisterChangeView>,
    /// Version.
    pub version: i64,
}

/// A line that is still to be written.
#[derive(Debug, Clone, Serialize)]
pub struct BlankView {
    /// Now.
    pub now: DateTime<Utc>,
    /// Its register.
    pub head: RegisterHead,
    /// Its fields.
    pub fields: Vec<FieldView>,
    /// States: code and name.
    pub states: Vec<(String, String)>,
}

/// A register, counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RegisterCount {
    /// The register.
    pub head: RegisterHead,
    /// Lines on which somebody still has to do something.
    pub open: usize,
    /// All its lines.
    pub all: usize,
    /// Open lines whose day passed.
    pub late: usize,
}

/// An indicator out of its bound that no open item of the agenda names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Proposed {
    /// Code of the indicator.
    pub indicator: String,
    /// Its name.
    pub label: String,
    /// What it is now.
    pub value: String,
    /// Its bound.
    pub bound: String,
}

/// The registers.
#[derive(Debug, Clone, Serialize)]
pub struct RegistersView {
    /// Now.
    pub now: DateTime<Utc>,
    /// The registers that the viewer may read, by chapter.
    pub chapters: Vec<(Chapter, Vec<RegisterCount>)>,
    /// Late lines, the longest late first.
    pub late: Vec<LineRow>,
    /// What the figures propose for the agenda; for whoever writes it.
    pub proposals: Vec<Proposed>,
}

/// What was typed, one text a field: what a query or a simple form has.
#[must_use]
pub fn typed<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Values {
    let mut values: Values = BTreeMap::new();
    for (field, text) in pairs {
        values.entry(field.to_owned()).or_default().push(text.to_owned());
    }
    values
}

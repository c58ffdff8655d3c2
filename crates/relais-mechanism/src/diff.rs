//! What differs between two mechanisms: two versions of a country, or two
//! countries. Both are read as lists of coded entries, each with its main words
//! and what else is said of it; entries are matched by kind and code, so that
//! their order and the comments of the files change nothing.

mod entries;
mod words;

#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::closed_enum;
use crate::limits::Span;
use crate::mechanism::Mechanism;
use crate::words::{ClassSet, DataClass, Label, Lang};

closed_enum! {
    /// What a change is about, in the order in which changes are told.
    Kind {
        /// Version, regime, country.
        Header = "header",
        /// A time limit of a priority, or the priority's words.
        Deadline = "deadline",
        /// A service's own limit.
        ServiceLimit = "service_limit",
        /// A step of the ladder of reminders.
        Ladder = "ladder",
        /// For how long a confirmation of the directory holds.
        Confirmation = "confirmation",
        /// A count or length that holds for every priority.
        Rule = "rule",
        /// A category of service.
        Category = "category",
        /// A kind of service.
        Service = "service",
        /// A cell of the sharing matrix: a data class that a category or
        /// service may receive.
        Sharing = "sharing",
        /// A regime of sharing.
        Regime = "regime",
        /// A kind of agreement.
        Agreement = "agreement",
        /// A role.
        Role = "role",
        /// A data class.
        Class = "data_class",
        /// A purpose.
        Purpose = "purpose",
        /// A form.
        Form = "form",
        /// A section of a form.
        Section = "section",
        /// A field of a form.
        Field = "field",
        /// An option list.
        List = "list",
        /// An option of a list.
        Choice = "option",
        /// A line of the triage table.
        Triage = "triage",
        /// A state of the pathway.
        State = "state",
        /// An edge of the pathway.
        Edge = "edge",
        /// A command of the pathway.
        Command = "command",
        /// A stage of the work with a person.
        Stage = "stage",
        /// An actor of the table of responsibilities.
        Actor = "raci_actor",
        /// A line of the table of responsibilities.
        Responsibility = "raci",
        /// An organisation that the mechanism names.
        Body = "body",
        /// A bridge to another mechanism.
        Bridge = "bridge",
        /// A number of the on-call list or of the national fallback.
        OnCall = "on_call",
        /// Another emergency number.
        Emergency = "emergency",
        /// Where people arrive.
        EntryPoint = "entry_point",
        /// A region, department or subdivision.
        Place = "place",
        /// A calendar of opening days.
        Calendar = "calendar",
        /// A public holiday.
        Holiday = "holiday",
        /// An indicator.
        Indicator = "indicator",
        /// A register of the institution.
        Register = "register",
        /// A field of a register.
        RegisterField = "register_field",
        /// Where a line of a register may stand.
        RegisterState = "register_state",
        /// The template of a document, or a part that documents include.
        Document = "document",
        /// A notice that is read out.
        Notice = "notice",
        /// Everyday words of the search.
        Meaning = "meaning",
    }
}

impl Kind {
    /// Its name for people, in the plural: "Délais", "Deadlines".
    #[must_use]
    pub const fn label(self, lang: Lang) -> &'static str {
        words::kind(self, lang)
    }
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Change {
    /// What it is about.
    pub what: Kind,
    /// Code of the entry; after a blank, what of it changed: "P3 acknowledge".
    /// The code alone for an entry that was added, removed or relabelled.
    pub code: String,
    /// What stood there; `None` for what was added.
    pub old: Option<String>,
    /// What stands there now; `None` for what was removed.
    pub new: Option<String>,
}

impl Change {
    /// What changed, in words: "P3 – accuser réception".
    #[must_use]
    pub fn name(&self, lang: Lang) -> String {
        let (code, aspect) = match self.code.split_once(' ') {
            // A cell's value names its class already.
            Some((code, _)) if self.what == Kind::Sharing => (code, None),
            Some((code, aspect)) => (code, Some(aspect)),
            None if self.what == Kind::Rule => (self.code.as_str(), Some(self.code.as_str())),
            None => (self.code.as_str(), None),
        };
        match aspect {
            None => code.to_owned(),
            Some(aspect) => format!("{code} – {}", words::aspect(aspect, lang).unwrap_or(aspect)),
        }
    }

    /// What stood there, in words: "2 jours ouvrables" for "2 wd".
    #[must_use]
    pub fn old_words(&self, lang: Lang) -> Option<String> {
        self.old.as_deref().map(|text| self.said(text, lang))
    }

    /// What stands there now, in words.
    #[must_use]
    pub fn new_words(&self, lang: Lang) -> Option<String> {
        self.new.as_deref().map(|text| self.said(text, lang))
    }

    fn said(&self, text: &str, lang: Lang) -> String {
        let timed = matches!(self.what, Kind::Deadline | Kind::ServiceLimit | Kind::Rule | Kind::Form);
        if timed && let Some(span) = Span::parse(text) {
            return span.in_words(lang);
        }
        // Only what is said of an entry is a word of the program; a label stays as it is.
        let known = self.code.contains(' ').then(|| words::value(text, lang)).flatten();
        known.map_or_else(|| text.to_owned(), str::to_owned)
    }
}

/// What is said of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Value {
    /// A code, number or list of codes; empty where nothing is said.
    Text(String),
    /// Words in both languages.
    Words(Label),
}

impl Value {
    /// The whole value, both languages where they differ.
    fn whole(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Words(label) if label.en.is_empty() || label.fr == label.en => label.fr.clone(),
            Self::Words(label) => format!("{} / {}", label.fr, label.en),
        }
    }

    /// Old and new, where they differ; of words only the language that does.
    fn differs(&self, now: &Self) -> Option<(Option<String>, Option<String>)> {
        if self == now {
            return None;
        }
        if let (Self::Words(was), Self::Words(is)) = (self, now) {
            return Some(match (was.fr == is.fr, was.en == is.en) {
                (false, true) => (given(was.fr.clone()), given(is.fr.clone())),
                (true, false) => (given(was.en.clone()), given(is.en.clone())),
                _ => (given(self.whole()), given(now.whole())),
            });
        }
        Some((given(self.whole()), given(now.whole())))
    }
}

fn given(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

/// A coded entry of a mechanism.
#[derive(Debug)]
struct Entry {
    what: Kind,
    code: String,
    main: Value,
    /// What else is said of it, by name; the same names for every entry of a
    /// kind.
    more: Vec<(&'static str, Value)>,
}

impl Entry {
    fn change(&self, aspect: Option<&str>, old: Option<String>, new: Option<String>) -> Change {
        Change {
            what: self.what,
            code: aspect.map_or_else(|| self.code.clone(), |a| format!("{} {a}", self.code)),
            old,
            new,
        }
    }

    /// What differs in the entry of the other mechanism.
    fn compared(&self, now: &Self, changes: &mut Vec<Change>) {
        if let Some((old, new)) = self.main.differs(&now.main) {
            changes.push(self.change(None, old, new));
        }
        for (name, was) in &self.more {
            let is = now.more.iter().find(|(n, _)| n == name).map(|(_, value)| value);
            if let Some((old, new)) = is.and_then(|is| was.differs(is)) {
                changes.push(self.change(Some(*name), old, new));
            }
        }
    }
}

/// The figures of a mechanism that stand alone: each priority's limits, by the
/// priority's code and name of the limit, and the rules, which have no priority.
/// A limit that is not set (no waiting list) is none.
pub(crate) fn figures(m: &Mechanism) -> Vec<(Option<String>, String, String)> {
    let mut figures = Vec::new();
    for entry in entries::figures(m) {
        if entry.what == Kind::Rule {
            figures.push((None, entry.code, entry.main.whole()));
            continue;
        }
        for (name, value) in &entry.more {
            if let Value::Text(text) = value
                && *name != "mark"
                && !text.is_empty()
            {
                figures.push((Some(entry.code.clone()), (*name).to_owned(), text.clone()));
            }
        }
    }
    figures
}

/// The words for a figure, by the name that the files give it.
pub(crate) fn figure_words(name: &str, lang: Lang) -> &str {
    words::aspect(name, lang).unwrap_or(name)
}

/// What names an entry; the last is its rank among those of the same code.
type Key<'a> = (Kind, &'a str, usize);

fn keyed(entries: &[Entry]) -> Vec<(Key<'_>, &Entry)> {
    let mut seen: HashMap<(Kind, &str), usize> = HashMap::new();
    entries
        .iter()
        .map(|entry| {
            let rank = seen.entry((entry.what, entry.code.as_str())).or_default();
            *rank += 1;
            ((entry.what, entry.code.as_str(), *rank), entry)
        })
        .collect()
}

/// Everything that differs between two mechanisms, kind by kind; within a kind
/// what changed or went in the old order, then what was added. Empty for a
/// mechanism and itself.
#[must_use]
pub fn diff(old: &Mechanism, new: &Mechanism) -> Vec<Change> {
    let (before, after) = (entries::of(old), entries::of(new));
    let (before, after) = (keyed(&before), keyed(&after));
    let now: HashMap<Key<'_>, &Entry> = after.iter().copied().collect();
    let mut changes = Vec::new();
    for (key, entry) in &before {
        match now.get(key) {
            Some(is) => entry.compared(is, &mut changes),
            None => changes.push(entry.change(None, Some(entry.main.whole()), None)),
        }
    }
    let had: HashSet<Key<'_>> = before.iter().map(|(key, _)| *key).collect();
    for (key, entry) in &after {
        if !had.contains(key) {
            changes.push(entry.change(None, None, Some(entry.main.whole())));
        }
    }
    changes.extend(sharing(old, new));
    // Stable: the order within a kind stays.
    changes.sort_by_key(|change| change.what);
    changes
}

/// The cells of the sharing matrix that differ. A service that has its
/// category's classes before and after follows it, and is not told again.
fn sharing(old: &Mechanism, new: &Mechanism) -> Vec<Change> {
    let both = [old, new];
    let categories = both.iter().flat_map(|m| m.categories()).map(|c| c.code.as_str());
    let services = both.iter().flat_map(|m| m.services()).map(|s| s.code.as_str());
    let codes: BTreeSet<&str> = categories.chain(services).collect();
    let mut changes = Vec::new();
    for code in codes {
        let (was, is) = (receives(old, code), receives(new, code));
        if was == is || (follows(old, code) && follows(new, code)) {
            continue;
        }
        let mut cell = |m: &Mechanism, class: DataClass, gone: bool| {
            let label = m.class(class).map(|w| Value::Words(w.label.clone()).whole());
            let label = Some(label.unwrap_or_else(|| class.code().to_owned()));
            let (old, new) = if gone { (label, None) } else { (None, label) };
            changes.push(Change {
                what: Kind::Sharing,
                code: format!("{code} {class}"),
                old,
                new,
            });
        };
        for class in was.minus(is).iter() {
            cell(old, class, true);
        }
        for class in is.minus(was).iter() {
            cell(new, class, false);
        }
    }
    changes
}

/// The classes that a category or service may receive beyond those that every
/// service does.
fn receives(m: &Mechanism, code: &str) -> ClassSet {
    let every = ClassSet::EMPTY.with(DataClass::Identity).with(DataClass::Contact);
    let category = m.category(code).map(|c| c.needs);
    let needs = category.or_else(|| m.service_type(code).map(|s| s.needs));
    needs.unwrap_or(ClassSet::EMPTY).minus(every)
}

/// Whether a service has the classes of its category, or is not there.
fn follows(m: &Mechanism, code: &str) -> bool {
    match code.split_once('.') {
        None => false,
        Some((category, _)) => m.service_type(code).is_none() || receives(m, code) == receives(m, category),
    }
}

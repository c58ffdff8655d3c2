//! From files to a [`Mechanism`]: each kind of entry is read in its own
//! module, references are gathered on the way and resolved at the end.

mod country;
mod forms;
mod institution;
mod model;
mod registers;
mod search;
mod triage;

use std::collections::BTreeMap;

use chrono::FixedOffset;
use sha2::{Digest, Sha256};

use crate::country::Regime;
use crate::finding::{Finding, Findings, Location, both};
use crate::mechanism::Mechanism;
use crate::read::{self, Reader};
use crate::source::Sources;
use crate::tree::{self, Table, Value};
use crate::words::Lang;

pub(crate) use institution::Institution;

/// SHA-256 of a text, in hexadecimal.
pub(crate) fn sha256(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}

/// The time zone of an offset; UTC when the offset is none.
pub(crate) fn offset(seconds: i32) -> FixedOffset {
    FixedOffset::east_opt(seconds).unwrap_or_else(|| chrono::Offset::fix(&chrono::Utc))
}

/// A code that must name an entry of a kind.
pub(crate) struct Reference {
    pub at: Location,
    pub kind: &'static str,
    pub code: String,
}

/// A mechanism as read, with the places that later checks name.
pub(crate) struct Draft {
    pub mechanism: Mechanism,
    pub states: BTreeMap<String, Location>,
    pub edges: Vec<Location>,
    pub regions: BTreeMap<String, Location>,
    pub priorities: BTreeMap<String, Location>,
    pub notices: Vec<String>,
}

/// What is shared while entries are read.
pub(crate) struct Loading {
    root: Table,
    pub findings: Findings,
    pub references: Vec<Reference>,
    pub places: BTreeMap<&'static str, BTreeMap<String, Location>>,
}

impl Loading {
    /// Takes the entries of a kind out of the tree.
    fn entries(&mut self, kind: &'static str) -> Vec<(Table, Location)> {
        self.root
            .remove(kind)
            .map(|node| read::tables(kind, node, &mut self.findings))
            .unwrap_or_default()
    }

    /// Reads every entry of a kind with `each`.
    pub(crate) fn each<T>(
        &mut self,
        kind: &'static str,
        mut each: impl FnMut(&mut Reader<'_>, &mut Vec<Reference>) -> T,
    ) -> Vec<T> {
        let entries = self.entries(kind);
        let mut values = Vec::new();
        for (table, at) in entries {
            if let Some(Value::Text(code)) = table.get("code").map(|n| &n.value) {
                self.places.entry(kind).or_default().insert(code.clone(), at.clone());
            }
            let mut reader = Reader::new(kind, at, table, &mut self.findings);
            values.push(each(&mut reader, &mut self.references));
            reader.finish();
        }
        values
    }

    /// Reads the one table of a kind; a finding when it is missing.
    pub(crate) fn one<T>(&mut self, kind: &'static str, read: impl FnOnce(&mut Reader<'_>) -> T) -> T {
        let node = self.root.remove(kind);
        let (table, at) = match node {
            Some(tree::Node {
                at,
                value: Value::Table(table),
            }) => (table, at),
            other => {
                let at = other.map(|n| n.at).unwrap_or_default();
                self.findings.add(
                    at.clone(),
                    "missing",
                    both(
                        format!("la table [{kind}] manque"),
                        format!("the table [{kind}] is missing"),
                    ),
                    both(
                        format!("Ajoutez [{kind}] avec ses clés."),
                        format!("Add [{kind}] with its keys."),
                    ),
                );
                (Table::new(), at)
            }
        };
        let mut reader = Reader::new(kind, at, table, &mut self.findings);
        let value = read(&mut reader);
        reader.finish();
        value
    }

    /// Resolves the references that were gathered.
    fn resolve(&mut self, known: &dyn Fn(&str, &str) -> bool) {
        for reference in std::mem::take(&mut self.references) {
            if known(reference.kind, &reference.code) {
                continue;
            }
            let Reference { at, kind, code } = reference;
            self.findings.add(
                at,
                "unknown_reference",
                both(
                    format!("« {code} » ne désigne aucune entrée [[{kind}]]"),
                    format!("“{code}” names no entry [[{kind}]]"),
                ),
                both(
                    "Corrigez le code, ou ajoutez l’entrée.",
                    "Correct the code, or add the entry.",
                ),
            );
        }
    }

    /// Whatever is left of the tree is unknown.
    fn leftovers(&mut self) {
        for (key, node) in std::mem::take(&mut self.root) {
            self.findings.add(
                node.at,
                "unknown_table",
                both(format!("table inconnue « {key} »"), format!("unknown table “{key}”")),
                both("Corrigez son nom ou effacez-la.", "Correct its name or erase it."),
            );
        }
    }
}

/// Takes the `mark` of an entry: "K" known but unverified, "P" proposed.
pub(crate) fn mark(reader: &mut Reader<'_>) -> Option<String> {
    let at = reader.place("mark");
    let mark = reader.text_opt("mark")?;
    if mark != "K" && mark != "P" {
        reader.fault(
            at,
            "mark",
            both(format!("marque inconnue « {mark} »"), format!("unknown mark “{mark}”")),
            both(
                "Écrivez K (connu, non vérifié) ou P (proposé).",
                "Write K (known, unverified) or P (proposed).",
            ),
        );
    }
    Some(mark)
}

/// Reads everything; what is wrong goes to the findings.
pub(crate) fn read(sources: &Sources) -> (Draft, Findings) {
    let mut findings = Findings::default();
    let root = tree::merged(sources, &mut findings);
    let mut loading = Loading {
        root,
        findings,
        references: Vec::new(),
        places: BTreeMap::new(),
    };

    let (code, version, label, regime, s4_basis) = loading.one("mechanism", |r| {
        let code = r.text("code");
        let version = r.text("version");
        let regime = r.word("regime", &[Regime::Transitional, Regime::Ordinary], Regime::code);
        let s4_basis = r.text_opt("s4_basis").filter(|t| !t.trim().is_empty());
        (code, version, r.label(""), regime.unwrap_or(Regime::Ordinary), s4_basis)
    });
    let country = country::header(&mut loading);
    let model = model::read(&mut loading);
    let forms = forms::read(&mut loading, &model.lists, &country);
    let triage = triage::read(&mut loading, &forms);
    let meanings = search::read(&mut loading);
    let land = country::read(&mut loading);
    let institution = institution::read(&mut loading, sources);
    let registers = registers::read(&mut loading);
    let edges = model.edge_places;

    let bundle = sources.bundle();
    let mut mechanism = Mechanism {
        hash: sha256(&bundle),
        bundle,
        version: format!("{code}-{version}"),
        label,
        regime,
        s4_basis,
        country,
        categories: model.categories,
        services: model.services,
        lists: model.lists,
        forms,
        triage,
        meanings,
        limits: model.limits,
        service_limits: model.service_limits,
        confirmation_intervals: model.confirmation_intervals,
        ladder: model.ladder,
        rules: model.rules,
        states: model.states,
        edges: model.edges,
        commands: model.commands,
        priorities: model.priorities,
        roles: model.roles,
        classes: model.classes,
        purposes: model.purposes,
        agreement_kinds: model.agreement_kinds,
        regimes: model.regimes,
        places: land.places,
        calendars: land.calendars,
        holidays: land.holidays,
        bodies: land.bodies,
        entry_points: land.entry_points,
        on_call: land.on_call,
        emergency: land.emergency,
        bridges: land.bridges,
        notices: BTreeMap::new(),
        institution,
        registers,
    };
    let notices = notices(sources, &mut mechanism);
    loading.resolve(&|kind, code| known(&mechanism, kind, code));
    loading.leftovers();
    let mut places = loading.places;
    let mut taken = |kind| places.remove(kind).unwrap_or_default();
    let draft = Draft {
        mechanism,
        states: taken("state"),
        edges,
        regions: taken("region"),
        priorities: taken("priority"),
        notices,
    };
    (draft, loading.findings)
}

/// Whether a code names an entry of the kind.
fn known(mechanism: &Mechanism, kind: &str, code: &str) -> bool {
    match kind {
        "category" => mechanism.category(code).is_some(),
        "service" => mechanism.service_type(code).is_some(),
        "state" => mechanism.state(code).is_some(),
        "command" => mechanism.command(code).is_some(),
        "region" => mechanism.place(code).is_some_and(|p| p.parent.is_none()),
        "calendar" => mechanism.calendars.iter().any(|c| c.code == code),
        "form" => mechanism.form(code).is_some(),
        "raci_actor" => mechanism.raci_actors().iter().any(|a| a.code == code),
        "register" => mechanism.register(code).is_some(),
        "body" => mechanism.bodies.iter().any(|b| b.code == code),
        "place" => mechanism.place(code).is_some(),
        "org_type" | "target" | "lang" => mechanism.option_list(kind).is_some_and(|l| l.choice(code).is_some()),
        _ => false,
    }
}

/// Puts the notices (`notices/NAME.LANG.md`) into the mechanism and gives
/// their names.
fn notices(sources: &Sources, mechanism: &mut Mechanism) -> Vec<String> {
    let mut names = Vec::new();
    for path in sources.files.keys() {
        let Some(file) = path.split_once('/').and_then(|(_, p)| p.strip_prefix("notices/")) else {
            continue;
        };
        for lang in Lang::ALL.iter().copied() {
            if let Some(name) = file.strip_suffix(&format!(".{}.md", lang.code()))
                && let Some(text) = sources.text(&format!("notices/{file}"))
            {
                mechanism.notices.insert((name.to_owned(), lang), text.to_owned());
                if !names.iter().any(|n| n == name) {
                    names.push(name.to_owned());
                }
            }
        }
    }
    names
}

/// Loads a mechanism, or gives every finding.
pub(crate) fn load(sources: &Sources) -> Result<Mechanism, Vec<Finding>> {
    let (draft, mut findings) = read(sources);
    crate::check::draft(&draft, &mut findings);
    let findings = findings.into_vec();
    if findings.is_empty() {
        Ok(draft.mechanism)
    } else {
        Err(findings)
    }
}

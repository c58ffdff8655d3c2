//! What the answers propose: kinds of service with a priority and reasons
//! (DOMAIN §1.4). The system proposes, a person decides: nothing here records a
//! need.

use std::collections::BTreeSet;

use relais_mechanism::triage::TriageRule;
use relais_mechanism::{Answers, ClassSet, Label, Priority};

/// One kind of service that is proposed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The kind of service, by code.
    pub service: String,
    /// The most urgent priority that a line asks for.
    pub priority: Priority,
    /// Why, each reason once.
    pub reasons: Vec<Label>,
    /// What to mind, each sentence once.
    pub notes: Vec<Label>,
    /// How sure the most urgent line is.
    pub mark: Option<String>,
}

/// What the answers propose to a viewer who sees the classes `seen`, the most
/// urgent first. A service in `handled` has a need already; a line that rests on
/// what the viewer may not read proposes nothing to them.
#[must_use]
pub fn proposals(rules: &[TriageRule], answers: &Answers, seen: ClassSet, handled: &BTreeSet<String>) -> Vec<Proposal> {
    let mut lines: Vec<&TriageRule> = rules
        .iter()
        .filter(|rule| rule.classes.minus(seen).is_empty() && rule.when.eval(answers, None))
        .collect();
    lines.sort_by_key(|rule| rule.priority);
    let mut found: Vec<Proposal> = Vec::new();
    for rule in lines {
        for service in rule.services.iter().filter(|s| !handled.contains(*s)) {
            let add = |into: &mut Vec<Label>, label: &Label| {
                if !into.contains(label) {
                    into.push(label.clone());
                }
            };
            let at = found.iter().position(|p| p.service == *service).unwrap_or_else(|| {
                found.push(Proposal {
                    service: service.clone(),
                    priority: rule.priority,
                    reasons: Vec::new(),
                    notes: Vec::new(),
                    mark: rule.mark.clone(),
                });
                found.len() - 1
            });
            add(&mut found[at].reasons, &rule.reason);
            if let Some(note) = &rule.note {
                add(&mut found[at].notes, note);
            }
        }
    }
    found
}

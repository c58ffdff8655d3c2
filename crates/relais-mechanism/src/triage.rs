//! The triage table: what answers propose (DOMAIN §1.4). The system proposes, a
//! person decides.

use crate::expression::Expression;
use crate::words::{ClassSet, Label, Priority};

/// One line of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TriageRule {
    /// Code, such as "medical".
    pub code: String,
    /// When it proposes: over the fields of every form, `age` and `child`.
    pub when: Expression,
    /// Classes of the fields on which it rests: whoever does not see each of
    /// them does not see the proposal either.
    pub classes: ClassSet,
    /// Priority proposed.
    pub priority: Priority,
    /// Kinds of service proposed, by code.
    pub services: Vec<String>,
    /// Why.
    pub reason: Label,
    /// What to mind.
    pub note: Option<Label>,
    /// How sure the line is: "K" known but unverified, "P" proposed.
    pub mark: Option<String>,
}

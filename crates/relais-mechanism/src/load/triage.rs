//! Reads the triage table, and checks its expressions against the forms.

use crate::expression::{Expression, Scope, Type};
use crate::finding::both;
use crate::form::{Field, Form};
use crate::load::{Loading, Reference, mark};
use crate::read::Reader;
use crate::triage::TriageRule;
use crate::words::{ClassSet, Priority};

pub(super) fn read(loading: &mut Loading, forms: &[Form]) -> Vec<TriageRule> {
    loading.each("triage", |r, references| rule(r, references, forms))
}

fn rule(r: &mut Reader<'_>, references: &mut Vec<Reference>, forms: &[Form]) -> TriageRule {
    let at = r.place("when");
    let text = r.text("when");
    let scope = Fields(forms);
    let (when, errors) = match Expression::parse(&text) {
        Ok(when) => {
            let errors = when.check(&scope);
            (Some(when), errors)
        }
        Err(error) => (None, vec![error]),
    };
    for error in errors {
        r.fault(
            at.clone(),
            "expression",
            both(
                format!("expression, signe {} : {}", error.at + 1, error.cause.fr),
                format!("expression, character {}: {}", error.at + 1, error.cause.en),
            ),
            both(
                "Corrigez l’expression ; un champ s’écrit ${code}, une option 'code'.",
                "Correct the expression; a field is written ${code}, an option 'code'.",
            ),
        );
    }
    let services = r.texts("services");
    if services.is_empty() {
        r.fault(
            r.at.clone(),
            "empty",
            both("la ligne ne propose aucun service", "the line proposes no service"),
            both("Ajoutez services = [ … ].", "Add services = [ … ]."),
        );
    }
    references.extend(services.iter().map(|(code, at)| Reference {
        at: at.clone(),
        kind: "service",
        code: code.clone(),
    }));
    // A line that cannot be read is a finding: what stands in its place is never used.
    let when = when.unwrap_or_else(|| Expression::parse("${child} = 'yes'").expect("an expression"));
    let classes: ClassSet = when
        .fields()
        .iter()
        .filter_map(|code| scope.of(code))
        .map(|f| f.class)
        .collect();
    TriageRule {
        code: r.text("code"),
        when,
        classes,
        priority: r
            .word("priority", Priority::ALL, Priority::code)
            .unwrap_or(Priority::P1),
        services: services.into_iter().map(|(code, _)| code).collect(),
        reason: r.label(""),
        note: r.label_opt("do"),
        mark: mark(r),
    }
}

/// The fields of every form, `age` and `child`.
struct Fields<'a>(&'a [Form]);

impl Fields<'_> {
    fn of(&self, code: &str) -> Option<&Field> {
        self.0.iter().find_map(|form| form.field(code))
    }
}

impl Scope for Fields<'_> {
    fn field(&self, code: &str) -> Option<Type> {
        match code {
            "age" => Some(Type::Number),
            "child" => Some(Type::Bool),
            _ => self.of(code).map(|f| f.kind.value_type()),
        }
    }

    fn own(&self) -> Option<Type> {
        None
    }

    fn has_option(&self, field: Option<&str>, code: &str) -> bool {
        field
            .and_then(|f| self.of(f))
            .and_then(|f| f.options.as_ref())
            .is_none_or(|l| l.choice(code).is_some())
    }
}

//! Types: what an expression may compare, found when the mechanism is loaded.

use chrono::NaiveDate;

use super::{ExpressionError, Node, Operand, Operator, Scope, Type, error};

impl Operand {
    fn kind(&self, at: usize, scope: &dyn Scope, errors: &mut Vec<ExpressionError>) -> Option<Type> {
        match self {
            Self::Field(code) => {
                let found = scope.field(code);
                if found.is_none() {
                    errors.push(error(
                        at,
                        format!("champ inconnu ${{{code}}}"),
                        format!("unknown field ${{{code}}}"),
                    ));
                }
                found
            }
            Self::Own => {
                let found = scope.own();
                if found.is_none() {
                    errors.push(error(
                        at,
                        "« . » n’a de sens que dans une contrainte".into(),
                        "“.” has a meaning only in a constraint".into(),
                    ));
                }
                found
            }
            Self::Text(_) => Some(Type::Text),
            Self::Number(_) => Some(Type::Number),
            Self::Bool(_) => Some(Type::Bool),
        }
    }

    fn name(&self) -> Option<&str> {
        match self {
            Self::Field(code) => Some(code),
            _ => None,
        }
    }

    pub(super) const fn is_value(&self) -> bool {
        matches!(self, Self::Field(_) | Self::Own)
    }
}

impl Node {
    pub(super) fn walk<'a>(&'a self, see: &mut dyn FnMut(&'a Operand)) {
        match self {
            Self::Or(a, b) | Self::And(a, b) => {
                a.walk(see);
                b.walk(see);
            }
            Self::Not(a) => a.walk(see),
            Self::Compare { left, right, .. } => {
                see(left);
                see(right);
            }
            Self::Selected { of: operand, .. } | Self::Holds { operand, .. } => see(operand),
        }
    }

    pub(super) fn check(&self, scope: &dyn Scope, errors: &mut Vec<ExpressionError>) {
        match self {
            Self::Or(a, b) | Self::And(a, b) => {
                a.check(scope, errors);
                b.check(scope, errors);
            }
            Self::Not(a) => a.check(scope, errors),
            Self::Holds { at, operand } => {
                if operand.kind(*at, scope, errors).is_some_and(|kind| kind != Type::Bool) {
                    errors.push(error(
                        *at,
                        "seule une réponse oui/non tient sans comparaison".into(),
                        "only a yes/no answer stands without a comparison".into(),
                    ));
                }
            }
            Self::Selected { at, of, code } => match of.kind(*at, scope, errors) {
                Some(Type::One | Type::Many) if of.is_value() && scope.has_option(of.name(), code) => {}
                Some(Type::One | Type::Many) if of.is_value() => errors.push(error(
                    *at,
                    format!("option inconnue « {code} »"),
                    format!("unknown option “{code}”"),
                )),
                Some(_) => errors.push(error(
                    *at,
                    "selected() ne s’applique qu’à un champ à options".into(),
                    "selected() applies only to a field with options".into(),
                )),
                None => {}
            },
            Self::Compare {
                at,
                operator,
                left,
                right,
            } => check_comparison(*at, *operator, left, right, scope, errors),
        }
    }
}

fn check_comparison(
    at: usize,
    operator: Operator,
    left: &Operand,
    right: &Operand,
    scope: &dyn Scope,
    errors: &mut Vec<ExpressionError>,
) {
    let kinds = (left.kind(at, scope, errors), right.kind(at, scope, errors));
    let (Some(left_kind), Some(right_kind)) = kinds else {
        return;
    };
    let empty = |o: &Operand| *o == Operand::Text(String::new());
    if empty(left) || empty(right) {
        if operator.is_ordered() || !(left.is_value() || right.is_value()) {
            errors.push(error(
                at,
                "'' ne se compare que par = ou !=, avec un champ".into(),
                "'' compares only by = or !=, with a field".into(),
            ));
        }
        return;
    }
    if !left.is_value() && !right.is_value() {
        errors.push(error(
            at,
            "deux valeurs fixes sont comparées".into(),
            "two fixed values are compared".into(),
        ));
        return;
    }
    let (value, value_kind, other, other_kind) = if left.is_value() {
        (left, left_kind, right, right_kind)
    } else {
        (right, right_kind, left, left_kind)
    };
    let fits = match (value_kind, other, other_kind) {
        (Type::Many, ..) | (_, _, Type::Many) => false,
        (Type::One, Operand::Text(code), _) => {
            if !scope.has_option(value.name(), code) {
                errors.push(error(
                    at,
                    format!("option inconnue « {code} »"),
                    format!("unknown option “{code}”"),
                ));
            }
            true
        }
        (Type::Bool, Operand::Text(text), _) => yes_no(text).is_some(),
        (Type::Date, Operand::Text(text), _) => text.parse::<NaiveDate>().is_ok(),
        (a, _, b) => a == b,
    };
    let ordered = matches!(value_kind, Type::Number | Type::Date | Type::DateTime);
    if !fits || (operator.is_ordered() && !ordered) {
        errors.push(error(
            at,
            format!(
                "comparaison impossible : {} et {}",
                kind_fr(left_kind),
                kind_fr(right_kind)
            ),
            format!(
                "impossible comparison: {} and {}",
                kind_en(left_kind),
                kind_en(right_kind)
            ),
        ));
    }
}

const fn kind_fr(kind: Type) -> &'static str {
    match kind {
        Type::Text => "un texte",
        Type::Number => "un nombre",
        Type::Bool => "un oui/non",
        Type::Date => "une date",
        Type::DateTime => "un moment",
        Type::One => "une option",
        Type::Many => "plusieurs options (utilisez selected)",
    }
}

const fn kind_en(kind: Type) -> &'static str {
    match kind {
        Type::Text => "a text",
        Type::Number => "a number",
        Type::Bool => "a yes/no",
        Type::Date => "a date",
        Type::DateTime => "a moment",
        Type::One => "an option",
        Type::Many => "several options (use selected)",
    }
}

/// What a quoted answer to a yes/no question means.
pub(super) fn yes_no(text: &str) -> Option<bool> {
    match text {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

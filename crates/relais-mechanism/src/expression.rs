//! Expressions of the forms: when a field is asked and what an answer must
//! satisfy. Parsed once when the mechanism is loaded, typed against the form's
//! fields, and evaluated on the server.
//!
//! ```text
//! ${F1E.05} < 18 and not (${F1E.02} = 'no')
//! selected(${F1E.09}, 'CALL') or selected(${F1E.09}, 'SMS')
//! . >= 0 and . <= 120
//! ```
//!
//! A missing answer makes every comparison false; `${f} = ''` and
//! `${f} != ''` ask whether it is missing or given. `selected` of a missing
//! answer is false.

mod eval;
mod lex;
mod parse;
mod types;

use crate::answers::{Answer, Answers, Decimal};
use crate::words::Label;

/// Deepest nesting of brackets and `not`: more than any form needs.
const DEPTH: usize = 24;

/// The type of a value in an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// Words.
    Text,
    /// A whole or decimal number.
    Number,
    /// Yes or no.
    Bool,
    /// A day.
    Date,
    /// A moment; it can be asked for presence and compared with another.
    DateTime,
    /// One option of a list.
    One,
    /// Several options of a list.
    Many,
}

/// What an expression may refer to.
pub trait Scope {
    /// Type of the field with this code, if the form has it.
    fn field(&self, code: &str) -> Option<Type>;
    /// Type of the field's own value (`.`), where it has one.
    fn own(&self) -> Option<Type>;
    /// Whether the field (`None`: the own value) has an option of this code.
    fn has_option(&self, field: Option<&str>, code: &str) -> bool;
}

/// What is wrong with an expression, and where in its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpressionError {
    /// Byte in the expression's text.
    pub at: usize,
    /// What is wrong.
    pub cause: Label,
}

fn error(at: usize, fr: String, en: String) -> ExpressionError {
    ExpressionError {
        at,
        cause: Label { fr, en },
    }
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    Less,
    Greater,
    LessOrEqual,
    GreaterOrEqual,
}

impl Operator {
    const fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::Greater => order.is_gt(),
            Self::LessOrEqual => order.is_le(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }

    const fn is_ordered(self) -> bool {
        !matches!(self, Self::Equal | Self::NotEqual)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Operand {
    Field(String),
    Own,
    Text(String),
    Number(Decimal),
    Bool(bool),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Node {
    Or(Box<Node>, Box<Node>),
    And(Box<Node>, Box<Node>),
    Not(Box<Node>),
    Compare {
        at: usize,
        operator: Operator,
        left: Operand,
        right: Operand,
    },
    Selected {
        at: usize,
        of: Operand,
        code: String,
    },
    Holds {
        at: usize,
        operand: Operand,
    },
}

/// A parsed expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expression {
    text: String,
    root: Node,
}

impl Expression {
    /// Parses the text.
    ///
    /// # Errors
    /// [`ExpressionError`], with the place, when the text is no expression.
    pub fn parse(text: &str) -> Result<Self, ExpressionError> {
        let tokens = lex::lex(text)?;
        let mut parser = parse::Parser {
            tokens,
            next: 0,
            end: text.len(),
        };
        let root = parser.or(0)?;
        match parser.tokens.get(parser.next) {
            None => Ok(Self {
                text: text.to_owned(),
                root,
            }),
            Some((at, _)) => Err(error(
                *at,
                "quelque chose suit la fin de l’expression".into(),
                "something follows the end of the expression".into(),
            )),
        }
    }

    /// The text that was parsed.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Codes of the fields that the expression refers to.
    #[must_use]
    pub fn fields(&self) -> Vec<&str> {
        let mut fields = Vec::new();
        self.root.walk(&mut |operand| {
            if let Operand::Field(code) = operand {
                fields.push(code.as_str());
            }
        });
        fields
    }

    /// What does not fit the fields: unknown ones, comparisons of different
    /// types, options that a list does not have.
    #[must_use]
    pub fn check(&self, scope: &dyn Scope) -> Vec<ExpressionError> {
        let mut errors = Vec::new();
        self.root.check(scope, &mut errors);
        errors
    }

    /// Whether it holds for the answers; `own` is the value of the field whose
    /// constraint it is.
    #[must_use]
    pub fn eval(&self, answers: &Answers, own: Option<&Answer>) -> bool {
        self.root.eval(answers, own)
    }
}

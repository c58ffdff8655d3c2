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

use chrono::NaiveDate;

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
        let tokens = lex(text)?;
        let mut parser = Parser {
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

// ---- text to tokens ----

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Field(String),
    Own,
    Text(String),
    Number(Decimal),
    Word(&'static str),
    Operator(Operator),
    Open,
    Close,
    Comma,
}

fn lex(text: &str) -> Result<Vec<(usize, Token)>, ExpressionError> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let (length, token) = match c {
            c if c.is_whitespace() => {
                at += c.len_utf8();
                continue;
            }
            '$' => {
                let inner = rest
                    .strip_prefix("${")
                    .and_then(|r| r.split_once('}'))
                    .map(|(inner, _)| inner);
                let Some(code) = inner.filter(|i| !i.trim().is_empty() && !i.contains(['$', '{'])) else {
                    return Err(error(
                        at,
                        "« ${ » sans « } » ou sans champ".into(),
                        "“${” without “}” or without a field".into(),
                    ));
                };
                (code.len() + 3, Token::Field(code.trim().to_owned()))
            }
            '\'' | '"' => {
                let Some((inner, _)) = rest[1..].split_once(c) else {
                    return Err(error(
                        at,
                        "guillemet non fermé".into(),
                        "quotation mark not closed".into(),
                    ));
                };
                (inner.len() + 2, Token::Text(inner.to_owned()))
            }
            '0'..='9' | '-' => {
                let length = 1 + rest[1..]
                    .bytes()
                    .take_while(|b| b.is_ascii_digit() || *b == b'.')
                    .count();
                let number = rest[..length].parse().map_err(|_| {
                    error(
                        at,
                        format!("« {} » n’est pas un nombre", &rest[..length]),
                        format!("“{}” is no number", &rest[..length]),
                    )
                })?;
                (length, Token::Number(number))
            }
            '(' => (1, Token::Open),
            ')' => (1, Token::Close),
            ',' => (1, Token::Comma),
            '.' => (1, Token::Own),
            '=' => (1, Token::Operator(Operator::Equal)),
            '!' if rest.starts_with("!=") => (2, Token::Operator(Operator::NotEqual)),
            '<' if rest.starts_with("<=") => (2, Token::Operator(Operator::LessOrEqual)),
            '<' => (1, Token::Operator(Operator::Less)),
            '>' if rest.starts_with(">=") => (2, Token::Operator(Operator::GreaterOrEqual)),
            '>' => (1, Token::Operator(Operator::Greater)),
            c if c.is_ascii_alphabetic() => {
                let length = rest
                    .bytes()
                    .take_while(|b| b.is_ascii_alphanumeric() || *b == b'_')
                    .count();
                let word = &rest[..length];
                let Some(known) = ["and", "or", "not", "selected", "true", "false"]
                    .into_iter()
                    .find(|w| *w == word)
                else {
                    return Err(error(
                        at,
                        format!("mot inconnu « {word} » : un champ s’écrit ${{code}}, une valeur 'code'"),
                        format!("unknown word “{word}”: a field is written ${{code}}, a value 'code'"),
                    ));
                };
                (length, Token::Word(known))
            }
            c => {
                return Err(error(
                    at,
                    format!("signe inattendu « {c} »"),
                    format!("unexpected character “{c}”"),
                ));
            }
        };
        tokens.push((at, token));
        at += length;
    }
    Ok(tokens)
}

// ---- tokens to tree ----

struct Parser {
    tokens: Vec<(usize, Token)>,
    next: usize,
    end: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next).map(|(_, t)| t)
    }

    fn at(&self) -> usize {
        self.tokens.get(self.next).map_or(self.end, |(at, _)| *at)
    }

    fn take(&mut self, token: &Token) -> bool {
        let found = self.peek() == Some(token);
        self.next += usize::from(found);
        found
    }

    fn expect(&mut self, token: &Token, shown: &str) -> Result<(), ExpressionError> {
        if self.take(token) {
            return Ok(());
        }
        Err(error(
            self.at(),
            format!("« {shown} » attendu"),
            format!("“{shown}” expected"),
        ))
    }

    fn or(&mut self, depth: usize) -> Result<Node, ExpressionError> {
        let mut left = self.and(depth)?;
        while self.take(&Token::Word("or")) {
            left = Node::Or(Box::new(left), Box::new(self.and(depth)?));
        }
        Ok(left)
    }

    fn and(&mut self, depth: usize) -> Result<Node, ExpressionError> {
        let mut left = self.not(depth)?;
        while self.take(&Token::Word("and")) {
            left = Node::And(Box::new(left), Box::new(self.not(depth)?));
        }
        Ok(left)
    }

    fn not(&mut self, depth: usize) -> Result<Node, ExpressionError> {
        if depth > DEPTH {
            return Err(error(
                self.at(),
                "trop de parenthèses imbriquées".into(),
                "brackets nested too deeply".into(),
            ));
        }
        if self.take(&Token::Word("not")) {
            return Ok(Node::Not(Box::new(self.not(depth + 1)?)));
        }
        let at = self.at();
        if self.take(&Token::Open) {
            let inner = self.or(depth + 1)?;
            self.expect(&Token::Close, ")")?;
            return Ok(inner);
        }
        if self.take(&Token::Word("selected")) {
            self.expect(&Token::Open, "(")?;
            let of = self.operand()?;
            self.expect(&Token::Comma, ",")?;
            let code = match self.operand()? {
                Operand::Text(code) => code,
                _ => {
                    return Err(error(
                        at,
                        "selected() demande une option entre guillemets".into(),
                        "selected() asks for an option in quotation marks".into(),
                    ));
                }
            };
            self.expect(&Token::Close, ")")?;
            return Ok(Node::Selected { at, of, code });
        }
        let left = self.operand()?;
        let Some(Token::Operator(operator)) = self.peek() else {
            return Ok(Node::Holds { at, operand: left });
        };
        let operator = *operator;
        self.next += 1;
        let right = self.operand()?;
        Ok(Node::Compare {
            at,
            operator,
            left,
            right,
        })
    }

    fn operand(&mut self) -> Result<Operand, ExpressionError> {
        let operand = match self.peek() {
            Some(Token::Field(code)) => Operand::Field(code.clone()),
            Some(Token::Own) => Operand::Own,
            Some(Token::Text(text)) => Operand::Text(text.clone()),
            Some(Token::Number(number)) => Operand::Number(*number),
            Some(Token::Word("true")) => Operand::Bool(true),
            Some(Token::Word("false")) => Operand::Bool(false),
            _ => {
                return Err(error(
                    self.at(),
                    "un champ ou une valeur est attendu ici".into(),
                    "a field or a value is expected here".into(),
                ));
            }
        };
        self.next += 1;
        Ok(operand)
    }
}

// ---- types ----

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

    const fn is_value(&self) -> bool {
        matches!(self, Self::Field(_) | Self::Own)
    }
}

impl Node {
    fn walk<'a>(&'a self, see: &mut dyn FnMut(&'a Operand)) {
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

    fn check(&self, scope: &dyn Scope, errors: &mut Vec<ExpressionError>) {
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

    fn eval(&self, answers: &Answers, own: Option<&Answer>) -> bool {
        match self {
            Self::Or(a, b) => a.eval(answers, own) || b.eval(answers, own),
            Self::And(a, b) => a.eval(answers, own) && b.eval(answers, own),
            Self::Not(a) => !a.eval(answers, own),
            Self::Holds {
                operand: Operand::Bool(b),
                ..
            } => *b,
            Self::Holds { operand, .. } => operand.answer(answers, own).and_then(Answer::as_bool) == Some(true),
            Self::Selected { of, code, .. } => of
                .answer(answers, own)
                .is_some_and(|a| a.chosen().iter().any(|c| c == code)),
            Self::Compare {
                operator, left, right, ..
            } => compare(*operator, left, right, answers, own),
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

fn yes_no(text: &str) -> Option<bool> {
    match text {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

// ---- values ----

impl Operand {
    fn answer<'a>(&self, answers: &'a Answers, own: Option<&'a Answer>) -> Option<&'a Answer> {
        match self {
            Self::Field(code) => answers.get(code),
            Self::Own => own,
            _ => None,
        }
    }

    /// The value in a comparable form; `None` when the answer is missing.
    fn value(&self, answers: &Answers, own: Option<&Answer>) -> Option<Value> {
        match self {
            Self::Text(text) => Some(Value::Text(text.clone())),
            Self::Number(number) => Some(Value::Number(number.thousandths().into())),
            Self::Bool(b) => Some(Value::Bool(*b)),
            Self::Field(_) | Self::Own => match self.answer(answers, own)? {
                Answer::Text(t) | Answer::One(t) => Some(Value::Text(t.clone())),
                Answer::Int(n) => Some(Value::Number(i128::from(*n) * 1000)),
                Answer::Decimal(d) => Some(Value::Number(d.thousandths().into())),
                Answer::Bool(b) => Some(Value::Bool(*b)),
                Answer::Date(d) => Some(Value::Date(*d)),
                Answer::DateTime(m) => Some(Value::Moment(m.timestamp_millis())),
                Answer::Many(_) => None,
            },
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Value {
    Text(String),
    Number(i128),
    Bool(bool),
    Date(NaiveDate),
    Moment(i64),
}

fn compare(operator: Operator, left: &Operand, right: &Operand, answers: &Answers, own: Option<&Answer>) -> bool {
    for (value, other) in [(left, right), (right, left)] {
        if *other == Operand::Text(String::new()) && value.is_value() {
            let missing = value.answer(answers, own).is_none();
            return match operator {
                Operator::Equal => missing,
                Operator::NotEqual => !missing,
                _ => false,
            };
        }
    }
    let (Some(a), Some(b)) = (left.value(answers, own), right.value(answers, own)) else {
        return false;
    };
    let order = match (&a, &b) {
        (Value::Text(a), Value::Text(b)) => a.cmp(b),
        (Value::Number(a), Value::Number(b)) => a.cmp(b),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Date(a), Value::Date(b)) => a.cmp(b),
        (Value::Moment(a), Value::Moment(b)) => a.cmp(b),
        (Value::Bool(a), Value::Text(b)) => match yes_no(b) {
            Some(b) => a.cmp(&b),
            None => return false,
        },
        (Value::Text(a), Value::Bool(b)) => match yes_no(a) {
            Some(a) => a.cmp(b),
            None => return false,
        },
        (Value::Date(a), Value::Text(b)) => match b.parse() {
            Ok(b) => a.cmp(&b),
            Err(_) => return false,
        },
        (Value::Text(a), Value::Date(b)) => match a.parse::<NaiveDate>() {
            Ok(a) => a.cmp(b),
            Err(_) => return false,
        },
        _ => return false,
    };
    operator.holds(order)
}

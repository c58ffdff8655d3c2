//! Values: whether an expression holds for answers.

use chrono::NaiveDate;

use super::types::yes_no;
use super::{Node, Operand, Operator};
use crate::answers::{Answer, Answers};

impl Node {
    pub(super) fn eval(&self, answers: &Answers, own: Option<&Answer>) -> bool {
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

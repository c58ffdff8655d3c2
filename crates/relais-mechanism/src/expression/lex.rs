//! From text to tokens.

use super::{ExpressionError, Operator, error};
use crate::answers::Decimal;

/// A word or sign of an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
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

/// Cuts the text into tokens, each with its byte.
pub(super) fn lex(text: &str) -> Result<Vec<(usize, Token)>, ExpressionError> {
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

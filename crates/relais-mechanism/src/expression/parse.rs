//! From tokens to a tree.

use super::lex::Token;
use super::{DEPTH, ExpressionError, Node, Operand, error};

/// Reads tokens from left to right.
pub(super) struct Parser {
    pub tokens: Vec<(usize, Token)>,
    pub next: usize,
    pub end: usize,
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

    pub(super) fn or(&mut self, depth: usize) -> Result<Node, ExpressionError> {
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

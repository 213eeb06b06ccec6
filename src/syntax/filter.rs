//! Owns expressions: operators and their precedence (OData 4.01 Part 2, 5.1.1.16). What stands between the operators
//! is in `operand.rs`.

use super::lexer::{Token, TokenKind};
use super::operand;
use super::parser::Parser;
use super::{BinaryOperator, Expr, ExprKind, SyntaxError};

/// How tightly operators bind; those that bind tighter have the higher number.
pub(super) mod power {
    pub(in crate::syntax) const OR: u8 = 1;
    pub(in crate::syntax) const AND: u8 = 2;
    pub(in crate::syntax) const EQUALITY: u8 = 3;
    pub(in crate::syntax) const RELATION: u8 = 4;
    pub(in crate::syntax) const SUM: u8 = 5;
    pub(in crate::syntax) const PRODUCT: u8 = 6;
    pub(in crate::syntax) const UNARY: u8 = 7;
    pub(in crate::syntax) const MEMBER: u8 = 8;
    pub(in crate::syntax) const OPERAND: u8 = 9;
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Or,
    And,
    In,
    Binary(BinaryOperator),
}

impl BinaryOperator {
    pub(super) fn power(self) -> u8 {
        match self {
            BinaryOperator::Eq | BinaryOperator::Ne => power::EQUALITY,
            BinaryOperator::Gt | BinaryOperator::Ge | BinaryOperator::Lt | BinaryOperator::Le => power::RELATION,
            BinaryOperator::Add | BinaryOperator::Sub => power::SUM,
            BinaryOperator::Mul | BinaryOperator::Div | BinaryOperator::DivBy | BinaryOperator::Mod => power::PRODUCT,
            BinaryOperator::Has => power::MEMBER,
        }
    }
}

impl Operator {
    fn named(word: &str) -> Option<Operator> {
        const NAMES: [(u64, Operator); 16] = [
            (packed(b"eq"), Operator::Binary(BinaryOperator::Eq)),
            (packed(b"or"), Operator::Or),
            (packed(b"and"), Operator::And),
            (packed(b"ne"), Operator::Binary(BinaryOperator::Ne)),
            (packed(b"gt"), Operator::Binary(BinaryOperator::Gt)),
            (packed(b"ge"), Operator::Binary(BinaryOperator::Ge)),
            (packed(b"lt"), Operator::Binary(BinaryOperator::Lt)),
            (packed(b"le"), Operator::Binary(BinaryOperator::Le)),
            (packed(b"in"), Operator::In),
            (packed(b"has"), Operator::Binary(BinaryOperator::Has)),
            (packed(b"add"), Operator::Binary(BinaryOperator::Add)),
            (packed(b"sub"), Operator::Binary(BinaryOperator::Sub)),
            (packed(b"mul"), Operator::Binary(BinaryOperator::Mul)),
            (packed(b"div"), Operator::Binary(BinaryOperator::Div)),
            (packed(b"divby"), Operator::Binary(BinaryOperator::DivBy)),
            (packed(b"mod"), Operator::Binary(BinaryOperator::Mod)),
        ];
        let word = packed(word.as_bytes());
        NAMES.iter().find(|(name, _)| *name == word).map(|(_, operator)| *operator)
    }

    fn power(self) -> u8 {
        match self {
            Operator::Or => power::OR,
            Operator::And => power::AND,
            Operator::In => power::MEMBER,
            Operator::Binary(operator) => operator.power(),
        }
    }
}

/// A short word as one number, in lower case, so that a look-up compares numbers. Zero if it is too long for that.
const fn packed(word: &[u8]) -> u64 {
    let mut packed = 0;
    let mut rest = word;
    if word.len() > 8 {
        return 0;
    }
    while let [first, others @ ..] = rest {
        packed = (packed << 8) | first.to_ascii_lowercase() as u64;
        rest = others;
    }
    packed
}

/// An operator that waits for the operand on its right.
struct Pending {
    joint: Joint,
    token: Token,
    /// Where its node begins.
    start: usize,
    /// Height of what stands on its left.
    height: usize,
}

enum Joint {
    Not,
    Negate,
    Chain(Operator, Vec<Expr>),
    Binary(BinaryOperator, Expr),
}

impl Pending {
    fn power(&self) -> u8 {
        match &self.joint {
            Joint::Not | Joint::Negate => power::UNARY,
            Joint::Chain(operator, _) => operator.power(),
            Joint::Binary(operator, _) => operator.power(),
        }
    }

    /// True if another operand of the same `and` or `or` follows, which makes the node wider and not higher.
    fn goes_on_with(&self, next: Option<(Token, Operator)>) -> bool {
        matches!((&self.joint, next), (Joint::Chain(operator, _), Some((_, next))) if *operator == next)
    }
}

/// Reads an expression and stops before what cannot continue it. Operators wait on a stack of their own and not on the
/// thread's, so only brackets recurse.
pub(super) fn expression(parser: &mut Parser<'_, '_>) -> Result<Expr, SyntaxError> {
    let mut pending: Vec<Pending> = Vec::new();
    loop {
        prefixes(parser, &mut pending)?;
        let first = parser.peek()?;
        let mut start = first.start;
        let mut value = operand::operand(parser, first)?;
        let (token, operator) = loop {
            let next = operator(parser)?;
            let power_next = next.map_or(0, |(_, operator)| operator.power());
            while let Some(top) = pending.pop_if(|top| top.power() >= power_next && !top.goes_on_with(next)) {
                start = top.start;
                value = join(parser, top, value)?;
            }
            let Some((token, operator)) = next else { return Ok(value) };
            parser.take(token);
            if operator != Operator::In {
                break (token, operator);
            }
            value = members(parser, value)?.at(parser, start)?;
            parser.check_depth(parser.height, token)?;
        };
        let height = parser.height;
        match pending.last_mut() {
            Some(Pending { joint: Joint::Chain(last, operands), height: highest, .. }) if *last == operator => {
                operands.push(value);
                *highest = height.max(*highest);
            }
            _ => {
                let joint = match operator {
                    Operator::Binary(operator) => Joint::Binary(operator, value),
                    chained => Joint::Chain(chained, vec![value]),
                };
                pending.push(Pending { joint, token, start, height });
            }
        }
    }
}

/// Takes the operators in front of an operand.
fn prefixes(parser: &mut Parser<'_, '_>, pending: &mut Vec<Pending>) -> Result<(), SyntaxError> {
    loop {
        let token = parser.peek()?;
        let joint = match token.kind {
            TokenKind::Symbol(b'-') => Joint::Negate,
            TokenKind::Word if parser.slice(token).eq_ignore_ascii_case("not") && !operand::is_name(parser, token)? => {
                Joint::Not
            }
            _ => return Ok(()),
        };
        parser.take(token);
        pending.push(Pending { joint, token, start: token.start, height: 0 });
        parser.check_depth(pending.len(), token)?;
    }
}

/// Makes the node of an operator, now that what stands on its right is read.
fn join(parser: &mut Parser<'_, '_>, top: Pending, right: Expr) -> Result<Expr, SyntaxError> {
    let kind = match top.joint {
        Joint::Not => ExprKind::Not(Box::new(right)),
        Joint::Negate => ExprKind::Negate(Box::new(right)),
        Joint::Binary(operator, left) => ExprKind::Binary(operator, Box::new(left), Box::new(right)),
        Joint::Chain(operator, mut operands) => {
            operands.push(right);
            if operator == Operator::Or { ExprKind::Or(operands) } else { ExprKind::And(operands) }
        }
    };
    parser.height = parser.height.max(top.height) + 1;
    parser.check_depth(parser.height, top.token)?;
    kind.at(parser, top.start)
}

impl ExprKind {
    /// Counts the node and gives it the place from `start` up to the cursor.
    pub(super) fn at(self, parser: &mut Parser<'_, '_>, start: usize) -> Result<Expr, SyntaxError> {
        let end = parser.position();
        parser.count_node(Token { kind: TokenKind::Other, start, end })?;
        Ok(Expr { kind: self, span: parser.span(start, end) })
    }
}

fn operator(parser: &mut Parser<'_, '_>) -> Result<Option<(Token, Operator)>, SyntaxError> {
    let token = parser.peek()?;
    if token.kind != TokenKind::Word {
        return Ok(None);
    }
    Ok(Operator::named(parser.slice(token)).map(|operator| (token, operator)))
}

/// What follows `in`: a list in parentheses, or an expression that yields a collection.
fn members(parser: &mut Parser<'_, '_>, left: Expr) -> Result<ExprKind, SyntaxError> {
    let open = parser.peek()?;
    let height = parser.height;
    let right =
        if open.kind == TokenKind::Symbol(b'(') { list(parser, open)? } else { operand::operand(parser, open)? };
    parser.height = parser.height.max(height) + 1;
    Ok(ExprKind::In(Box::new(left), Box::new(right)))
}

fn list(parser: &mut Parser<'_, '_>, open: Token) -> Result<Expr, SyntaxError> {
    parser.take(open);
    parser.enter(open)?;
    let mut list = Vec::new();
    let mut height = 0;
    if !parser.take_symbol(b')')? {
        loop {
            let token = parser.peek()?;
            parser.check_members(list.len() + 1, token)?;
            list.push(expression(parser)?);
            height = parser.height.max(height);
            if !parser.take_symbol(b',')? {
                break;
            }
        }
        parser.expect_symbol(b')', "',' or ')' in a list")?;
    }
    parser.leave();
    parser.height = height + 1;
    ExprKind::List(list).at(parser, open.start)
}

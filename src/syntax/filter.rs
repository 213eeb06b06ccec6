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
        const NAMES: [(&str, Operator); 16] = [
            ("eq", Operator::Binary(BinaryOperator::Eq)),
            ("or", Operator::Or),
            ("and", Operator::And),
            ("ne", Operator::Binary(BinaryOperator::Ne)),
            ("gt", Operator::Binary(BinaryOperator::Gt)),
            ("ge", Operator::Binary(BinaryOperator::Ge)),
            ("lt", Operator::Binary(BinaryOperator::Lt)),
            ("le", Operator::Binary(BinaryOperator::Le)),
            ("in", Operator::In),
            ("has", Operator::Binary(BinaryOperator::Has)),
            ("add", Operator::Binary(BinaryOperator::Add)),
            ("sub", Operator::Binary(BinaryOperator::Sub)),
            ("mul", Operator::Binary(BinaryOperator::Mul)),
            ("div", Operator::Binary(BinaryOperator::Div)),
            ("divby", Operator::Binary(BinaryOperator::DivBy)),
            ("mod", Operator::Binary(BinaryOperator::Mod)),
        ];
        NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(word)).map(|(_, operator)| *operator)
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

/// Reads an expression and stops before what cannot continue it.
pub(super) fn expression(parser: &mut Parser<'_, '_>) -> Result<Expr, SyntaxError> {
    climb(parser, power::OR)
}

/// Reads an expression whose operators bind at least as tightly as `power_min`.
fn climb(parser: &mut Parser<'_, '_>, power_min: u8) -> Result<Expr, SyntaxError> {
    let first = parser.peek()?;
    let mut left = prefix(parser, first)?;
    while let Some((token, operator)) = operator(parser)? {
        if operator.power() < power_min {
            break;
        }
        let height = parser.height;
        left = match operator {
            Operator::Or | Operator::And => chain(parser, left, operator)?,
            Operator::In => {
                parser.take(token);
                members(parser, left)?
            }
            Operator::Binary(binary) => {
                parser.take(token);
                let right = climb(parser, operator.power() + 1)?;
                ExprKind::Binary(binary, Box::new(left), Box::new(right))
            }
        }
        .at(parser, first.start)?;
        parser.height = parser.height.max(height) + 1;
        parser.check_depth(parser.height, token)?;
    }
    Ok(left)
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

/// All operands joined by the same `and` or `or` become one flat node, however many they are.
fn chain(parser: &mut Parser<'_, '_>, first: Expr, joint: Operator) -> Result<ExprKind, SyntaxError> {
    let mut operands = vec![first];
    let mut height = 0;
    while let Some((token, found)) = operator(parser)? {
        if found != joint {
            break;
        }
        parser.take(token);
        operands.push(climb(parser, joint.power() + 1)?);
        height = parser.height.max(height);
    }
    parser.height = height;
    Ok(if joint == Operator::Or { ExprKind::Or(operands) } else { ExprKind::And(operands) })
}

/// What follows `in`: a list in parentheses, or an expression that yields a collection.
fn members(parser: &mut Parser<'_, '_>, left: Expr) -> Result<ExprKind, SyntaxError> {
    let open = parser.peek()?;
    if open.kind != TokenKind::Symbol(b'(') {
        climb(parser, power::OPERAND)?;
        return Ok(ExprKind::Other { feature: "in with a collection".to_owned() });
    }
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
    parser.height = height;
    Ok(ExprKind::In(Box::new(left), list))
}

/// An operand with the operators that stand in front of it.
fn prefix(parser: &mut Parser<'_, '_>, first: Token) -> Result<Expr, SyntaxError> {
    let negates = first.kind == TokenKind::Symbol(b'-');
    let inverts = first.kind == TokenKind::Word && parser.slice(first).eq_ignore_ascii_case("not");
    if !negates && !inverts {
        return operand::operand(parser, first);
    }
    parser.take(first);
    if inverts && operand::name_stands_alone(parser)? {
        return operand::path(parser, first);
    }
    parser.enter(first)?;
    let inner = Box::new(climb(parser, power::MEMBER)?);
    parser.leave();
    parser.height += 1;
    parser.check_depth(parser.height, first)?;
    if inverts { ExprKind::Not(inner) } else { ExprKind::Negate(inner) }.at(parser, first.start)
}

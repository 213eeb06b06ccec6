//! Leads words that are published in place of codes back to the codes, where they stand beside literals: so the column
//! is compared as it is, and its index serves. All else works on the words.

use crate::edm::{Made, Scalar, Value, Words};
use crate::query::Comparison;
use crate::sql::{ast, code};

use super::filter::{Operand, and, or};

/// A comparison of a word with a text that is `wanted` to be true or to be false; `None` where it is no question of
/// which code it is.
pub(super) fn compare(comparison: Comparison, left: &Operand, right: &Operand, wanted: bool) -> Option<ast::Expr> {
    let (of, text) = match (&left.expr, &right.expr) {
        (ast::Expr::Column(_), ast::Expr::Param(text @ Value::String(_), _)) => (left, text),
        (ast::Expr::Param(text @ Value::String(_), _), ast::Expr::Column(_)) => (right, text),
        _ => return None,
    };
    let is_equal = match comparison {
        Comparison::Eq => wanted,
        Comparison::Ne => !wanted,
        _ => return None,
    };
    member(of, std::slice::from_ref(text), false, is_equal)
}

/// Whether a word is null, or is not.
pub(super) fn is_null(operand: &Operand, asks_null: bool) -> Option<ast::Expr> {
    let coded = Coded::of(operand)?;
    Some(if asks_null { coded.is_null() } else { coded.is_not_null() })
}

/// Whether a word is one of these texts, or null where that is a member.
pub(super) fn member(operand: &Operand, texts: &[Value], has_null: bool, wanted: bool) -> Option<ast::Expr> {
    let coded = Coded::of(operand)?;
    let mut codes: Vec<Value> = Vec::new();
    for text in texts {
        let Value::String(text) = text else { return None };
        for code in coded.words.codes(text) {
            if !codes.contains(&code) {
                codes.push(code);
            }
        }
    }
    let listed = coded.is_one_of(&codes, wanted);
    Some(match (wanted, has_null) {
        (true, false) => listed,
        (true, true) | (false, false) => or(vec![listed, coded.is_null()]),
        (false, true) => and(vec![listed, coded.is_not_null()]),
    })
}

/// A column of codes and the words for them.
struct Coded<'a> {
    code: ast::Column,
    words: &'a Words,
    nullable: bool,
}

impl<'a> Coded<'a> {
    fn of(operand: &'a Operand) -> Option<Self> {
        let ast::Expr::Column(column) = &operand.expr else { return None };
        let Some(Made::Words(words)) = column.made.as_deref() else { return None };
        Some(Coded { code: code(column, words), words, nullable: operand.nullable })
    }

    fn column(&self) -> ast::Expr {
        ast::Expr::Column(self.code.clone())
    }

    /// Whether the code is one of these, or is none of them; neither for null.
    fn is_one_of(&self, codes: &[Value], wanted: bool) -> ast::Expr {
        let scalar = match self.words.code {
            Scalar::String { .. } => Scalar::STRING,
            other => other,
        };
        let one = |code: &Value| {
            let code = Box::new(ast::Expr::Param(code.clone(), scalar));
            if wanted {
                ast::Expr::Same(Box::new(self.column()), code)
            } else {
                ast::Expr::Different(Box::new(self.column()), code)
            }
        };
        match codes {
            [] => ast::Expr::Truth(!wanted),
            [code] => one(code),
            // Lists of booleans are not needed elsewhere.
            codes if scalar == Scalar::Boolean => {
                let all = codes.iter().map(one).collect();
                if wanted { or(all) } else { and(all) }
            }
            codes if wanted => ast::Expr::In(Box::new(self.column()), codes.to_vec(), scalar),
            codes => ast::Expr::NotIn(Box::new(self.column()), codes.to_vec(), scalar),
        }
    }

    fn is_null(&self) -> ast::Expr {
        let mut parts = Vec::new();
        if self.nullable {
            parts.push(ast::Expr::IsNull(Box::new(self.column())));
        }
        if !self.words.keeps_unknown {
            parts.push(self.is_one_of(&self.words.known().collect::<Vec<_>>(), false));
        }
        or(parts)
    }

    fn is_not_null(&self) -> ast::Expr {
        match (self.words.keeps_unknown, self.nullable) {
            (false, _) => self.is_one_of(&self.words.known().collect::<Vec<_>>(), true),
            (true, true) => ast::Expr::IsNotNull(Box::new(self.column())),
            (true, false) => ast::Expr::Truth(true),
        }
    }
}

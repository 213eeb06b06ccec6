//! Owns `$search`: words and phrases with `AND`, `OR` and `NOT`, where a blank says `AND` too.
//!
//! A text without the form that the grammar wants is taken as one term, whole and as it is: Salesforce sends what its
//! user typed. Operators are written in capitals, and are words where no operator can stand.

use super::decode::Text;
use super::lexer::{self, Token, TokenKind};
use super::parser::Parser;
use super::{Search, SearchExpr, SyntaxError};

/// Reads the text between `start` and `end`; none if nothing is left of it without its quotes.
pub(super) fn search(parser: &mut Parser<'_, '_>, start: usize, end: usize) -> Result<Option<Search>, SyntaxError> {
    let text = parser.text();
    check_quotes(text, start, end)?;
    let span = parser.span(start, end);
    let mut reader = Reader { text, parser, at: start, end };
    if let Some(expr) = reader.either()?
        && reader.at == end
    {
        return Ok(Some(Search { expr, span }));
    }
    let whole = text.slice(start, end);
    // Nothing but quotes and blanks is nothing to look for.
    if whole.bytes().all(|byte| matches!(byte, b'"' | b' ' | b'\t')) {
        return Ok(None);
    }
    let expr = SearchExpr::Term { text: whole.to_owned(), quoted: false, span: span.clone() };
    Ok(Some(Search { expr, span }))
}

/// Every phrase must be closed.
fn check_quotes(text: &Text<'_>, start: usize, end: usize) -> Result<(), SyntaxError> {
    let mut at = start;
    while at < end {
        at = if text.byte(at) == b'"' { lexer::phrase_end(text, at)? } else { at + 1 };
    }
    Ok(())
}

/// A cursor over the text; its verbs give nothing where the grammar is not kept.
struct Reader<'r, 'p, 't> {
    text: &'p Text<'t>,
    parser: &'r mut Parser<'p, 't>,
    at: usize,
    end: usize,
}

impl Reader<'_, '_, '_> {
    fn either(&mut self) -> Result<Option<SearchExpr>, SyntaxError> {
        let Some(first) = self.all()? else { return Ok(None) };
        if !self.takes("OR") {
            return Ok(Some(first));
        }
        let mut operands = vec![first];
        loop {
            let Some(next) = self.all()? else { return Ok(None) };
            operands.push(next);
            if !self.takes("OR") {
                return Ok(Some(SearchExpr::Or(operands)));
            }
        }
    }

    fn all(&mut self) -> Result<Option<SearchExpr>, SyntaxError> {
        let Some(first) = self.one()? else { return Ok(None) };
        let mut operands = Vec::new();
        while self.takes("AND") || self.goes_on() {
            let Some(next) = self.one()? else { return Ok(None) };
            operands.push(next);
        }
        if operands.is_empty() {
            return Ok(Some(first));
        }
        operands.insert(0, first);
        Ok(Some(SearchExpr::And(operands)))
    }

    fn one(&mut self) -> Result<Option<SearchExpr>, SyntaxError> {
        self.skip_blanks();
        let start = self.at;
        let token = Token { kind: TokenKind::Other, start, end: self.end.min(start + 1) };
        self.parser.count_node(token)?;
        match self.byte() {
            b'"' => {
                self.at = lexer::phrase_end(self.text, start)?;
                let phrase = unescape(self.text.slice(start + 1, self.at - 1));
                Ok(if phrase.trim().is_empty() { None } else { Some(self.term(phrase, true, start)) })
            }
            b'(' => {
                self.parser.enter(token)?;
                self.at += 1;
                let inner = self.either()?;
                self.parser.leave();
                self.skip_blanks();
                let closed = self.byte() == b')';
                self.at += 1;
                Ok(inner.filter(|_| closed))
            }
            _ if self.stands("NOT") => {
                self.parser.enter(token)?;
                self.at += "NOT".len();
                let inner = self.one()?;
                self.parser.leave();
                Ok(inner.map(|inner| SearchExpr::Not(Box::new(inner))))
            }
            _ => {
                let rest = self.text.slice(start, self.end);
                let ends = |byte| matches!(byte, b' ' | b'\t' | b'(' | b')' | b'"' | b';');
                self.at = start + rest.bytes().position(ends).unwrap_or(rest.len());
                let word = self.text.slice(start, self.at).to_owned();
                Ok(if word.is_empty() { None } else { Some(self.term(word, false, start)) })
            }
        }
    }

    fn term(&self, text: String, quoted: bool, start: usize) -> SearchExpr {
        SearchExpr::Term { text, quoted, span: self.text.span(start, self.at) }
    }

    /// One byte, or zero at the end.
    fn byte(&self) -> u8 {
        if self.at < self.end { self.text.byte(self.at) } else { 0 }
    }

    fn skip_blanks(&mut self) {
        self.at = lexer::skip_blanks(self.text, self.at).min(self.end);
    }

    /// True if this operator stands here with a blank behind it.
    fn stands(&self, operator: &str) -> bool {
        let behind = self.at + operator.len();
        behind < self.end
            && matches!(self.text.byte(behind), b' ' | b'\t')
            && self.text.slice(self.at, behind) == operator
    }

    /// Takes blanks before another operand that no `OR` separates.
    fn goes_on(&mut self) -> bool {
        let before = self.at;
        let found = self.stands_apart() && !self.stands("OR");
        self.at = if found { self.at } else { before };
        found
    }

    /// Takes the operator if it follows with blanks on both sides.
    fn takes(&mut self, operator: &str) -> bool {
        let before = self.at;
        let found = self.stands_apart() && self.stands(operator);
        self.at = if found { self.at + operator.len() } else { before };
        found
    }

    /// Takes blanks before what may be another operand; takes nothing if there are none, or nothing stands behind them.
    fn stands_apart(&mut self) -> bool {
        let before = self.at;
        self.skip_blanks();
        let apart = self.at > before && self.at < self.end && self.byte() != b')';
        self.at = if apart { self.at } else { before };
        apart
    }
}

/// In a phrase, a backslash protects a quote or another backslash; before anything else it is itself.
fn unescape(inner: &str) -> String {
    let mut phrase = String::with_capacity(inner.len());
    let mut letters = inner.chars().peekable();
    while let Some(letter) = letters.next() {
        match (letter, letters.peek()) {
            ('\\', Some(protected @ ('"' | '\\'))) => {
                phrase.push(*protected);
                letters.next();
            }
            _ => phrase.push(letter),
        }
    }
    phrase
}

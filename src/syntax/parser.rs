//! Owns [`Parser`], the cursor over one decoded piece with a single token of look-ahead, and [`Budget`], what is left
//! of the limits of a request. Knows the tokens, not the grammar: that is in the file of each clause.

use super::decode::Text;
use super::lexer::{self, Token, TokenKind};
use super::{Limits, Span, SyntaxError, SyntaxErrorKind};

/// The deepest nesting ever allowed, so that no setting can make a request overflow a thread's stack.
const DEPTH_CEILING: usize = 100;

/// What a request may still use up. One for the whole request, however many pieces it has.
#[derive(Debug)]
pub(super) struct Budget {
    depth_max: usize,
    nodes_max: usize,
    list_max: usize,
    nodes: usize,
}

impl Budget {
    pub(super) fn new(limits: &Limits) -> Budget {
        let Limits { depth_max, nodes_max, list_max } = *limits;
        Budget { depth_max: depth_max.min(DEPTH_CEILING), nodes_max, list_max, nodes: 0 }
    }
}

/// A cursor over one decoded piece.
#[derive(Debug)]
pub(super) struct Parser<'p, 't> {
    text: &'p Text<'t>,
    budget: &'p mut Budget,
    at: usize,
    ahead: Option<Token>,
    depth: usize,
    /// Height of the expression read last: what a chain of operators adds to without recursion.
    pub(super) height: usize,
}

impl<'p, 't> Parser<'p, 't> {
    /// A cursor that begins at the byte `at` of `text`.
    pub(super) fn new(text: &'p Text<'t>, at: usize, budget: &'p mut Budget) -> Parser<'p, 't> {
        Parser { text, budget, at, ahead: None, depth: 0, height: 0 }
    }

    /// The next token, without taking it.
    pub(super) fn peek(&mut self) -> Result<Token, SyntaxError> {
        if let Some(token) = self.ahead {
            return Ok(token);
        }
        let token = lexer::next(self.text, self.at)?;
        self.ahead = Some(token);
        Ok(token)
    }

    /// Takes a token that `peek` has shown.
    pub(super) fn take(&mut self, token: Token) {
        self.move_to(token.end);
    }

    /// Goes on at a place found without tokens.
    pub(super) fn move_to(&mut self, at: usize) {
        self.at = at;
        self.ahead = None;
    }

    /// Where the token taken last ends.
    pub(super) fn position(&self) -> usize {
        self.at
    }

    /// Takes the next token if it is this symbol.
    pub(super) fn take_symbol(&mut self, symbol: u8) -> Result<bool, SyntaxError> {
        let token = self.peek()?;
        let found = token.kind == TokenKind::Symbol(symbol);
        if found {
            self.take(token);
        }
        Ok(found)
    }

    /// Takes this symbol or refuses.
    pub(super) fn expect_symbol(&mut self, symbol: u8, expected: &'static str) -> Result<(), SyntaxError> {
        if self.take_symbol(symbol)? { Ok(()) } else { self.refuse(expected) }
    }

    /// Refuses whatever is left.
    pub(super) fn expect_end(&mut self, expected: &'static str) -> Result<(), SyntaxError> {
        if self.at_end()? { Ok(()) } else { self.refuse(expected) }
    }

    /// True if nothing is left.
    pub(super) fn at_end(&mut self) -> Result<bool, SyntaxError> {
        Ok(self.peek()?.kind == TokenKind::End)
    }

    /// The error that something else than the next token was expected.
    pub(super) fn refuse<T>(&mut self, expected: &'static str) -> Result<T, SyntaxError> {
        let token = self.peek()?;
        Err(lexer::unexpected(self.text, token, expected))
    }

    /// An error of another kind about a stretch of the text.
    pub(super) fn error(&self, kind: SyntaxErrorKind, start: usize, end: usize) -> SyntaxError {
        SyntaxError { kind, span: self.text.span(start, end) }
    }

    pub(super) fn text(&self) -> &'p Text<'t> {
        self.text
    }

    /// The decoded text of a token.
    pub(super) fn slice(&self, token: Token) -> &'p str {
        self.text.slice(token.start, token.end)
    }

    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        self.text.span(start, end)
    }

    /// Goes one level deeper. A refusal ends the whole parse, so only success needs its `leave`.
    pub(super) fn enter(&mut self, token: Token) -> Result<(), SyntaxError> {
        self.depth += 1;
        self.check_depth(self.depth, token)
    }

    pub(super) fn leave(&mut self) {
        self.depth -= 1;
    }

    /// Refuses a tree of this height.
    pub(super) fn check_depth(&self, depth: usize, token: Token) -> Result<(), SyntaxError> {
        let limit = self.budget.depth_max;
        if depth <= limit { Ok(()) } else { Err(self.limit_error("levels of nesting", limit, token)) }
    }

    /// Refuses a list with this many members.
    pub(super) fn check_members(&self, members: usize, token: Token) -> Result<(), SyntaxError> {
        let limit = self.budget.list_max;
        if members <= limit { Ok(()) } else { Err(self.limit_error("members of a list", limit, token)) }
    }

    /// Counts one more node.
    pub(super) fn count_node(&mut self, token: Token) -> Result<(), SyntaxError> {
        self.budget.nodes += 1;
        let limit = self.budget.nodes_max;
        if self.budget.nodes <= limit { Ok(()) } else { Err(self.limit_error("terms", limit, token)) }
    }

    fn limit_error(&self, unit: &'static str, limit: usize, token: Token) -> SyntaxError {
        self.error(SyntaxErrorKind::Limit { unit, limit }, token.start, token.end)
    }
}

//! Turns a search into an SQL condition: by an index of the database where the set declares one, else phrase by phrase
//! over the columns.

use crate::edm::{Form, Scalar};
use crate::model::SearchIndex;
use crate::query::{Search, Terms};
use crate::sql::ast;

use super::PlanError;
use super::filter::{Conditions, and, or};

impl Conditions<'_> {
    /// SQL that is TRUE for rows in which the terms are found.
    pub(super) fn search(self, search: &Search) -> Result<ast::Expr, PlanError> {
        if let Some(index) = self.index()? {
            return Ok(indexed(index, &search.terms));
        }
        let column = |id| self.rows.property(id).map(|(column, _)| ast::Expr::Column(column));
        let columns: Result<Vec<_>, PlanError> = search.properties.iter().map(|id| column(*id)).collect();
        Ok(found(&search.terms, &columns?, true))
    }

    /// SQL that is TRUE for items, which are texts, in which the terms are found.
    pub(super) fn search_item(self, terms: &Terms) -> Result<ast::Expr, PlanError> {
        let (item, _) = self.rows.item(0)?;
        Ok(found(terms, &[item], true))
    }

    /// The index of the set that knows words. One of trigrams serves the comparison of texts itself.
    fn index(self) -> Result<Option<ast::WordIndex>, PlanError> {
        let model = self.rows.statement.model;
        let set = model.set(self.rows.set).ok_or(PlanError::ForeignQuery)?;
        // Rows of a select inside have other columns than the table.
        if !model.type_of(self.rows.set).is_some_and(|own| std::ptr::eq(own, self.rows.entity_type)) {
            return Ok(None);
        }
        let column = |name: &String| ast::Column {
            of: self.rows.alias,
            name: name.as_str().into(),
            scalar: Scalar::STRING,
            form: Form::PLAIN,
            folding: false,
            made: None,
        };
        Ok(Some(match &set.search {
            None | Some(SearchIndex::Trigram) => return Ok(None),
            Some(SearchIndex::TsVector { column: vector, config }) => {
                ast::WordIndex::Vector { column: column(vector), config: config.as_str().into() }
            }
            Some(SearchIndex::FullText { columns }) => ast::WordIndex::Columns(columns.iter().map(column).collect()),
            Some(SearchIndex::Fts5 { table, rowid }) => ast::WordIndex::Rows {
                table: ast::Table { name: table.as_str().into(), query: None, ..super::table(&set.table) },
                key: self.rows.property(*rowid)?.0,
            },
        }))
    }
}

/// SQL that is TRUE where the terms are found in one of the texts, or where they are not. A text that is null holds
/// nothing, so a phrase is found in it as little as in another text.
fn found(terms: &Terms, texts: &[ast::Expr], wanted: bool) -> ast::Expr {
    let every = |operands: &[Terms]| operands.iter().map(|operand| found(operand, texts, wanted)).collect();
    match (terms, wanted) {
        (Terms::Phrase(text), true) => phrase(text, texts),
        (Terms::Phrase(text), false) => match phrase(text, texts) {
            ast::Expr::Truth(truth) => ast::Expr::Truth(!truth),
            found => ast::Expr::IsNotTrue(Box::new(found)),
        },
        (Terms::Not(inner), wanted) => found(inner, texts, !wanted),
        (Terms::All(operands), true) | (Terms::Any(operands), false) => and(every(operands)),
        (Terms::Any(operands), true) | (Terms::All(operands), false) => or(every(operands)),
    }
}

fn phrase(phrase: &str, texts: &[ast::Expr]) -> ast::Expr {
    or(texts.iter().map(|text| ast::Expr::Search(Box::new(text.clone()), phrase.into())).collect())
}

fn indexed(index: ast::WordIndex, terms: &Terms) -> ast::Expr {
    ast::Expr::Words(Box::new(index), Box::new(words(terms)))
}

fn words(terms: &Terms) -> ast::Words {
    let every = |operands: &[Terms]| operands.iter().map(words).collect();
    match terms {
        Terms::Phrase(phrase) => ast::Words::Phrase(phrase.clone()),
        Terms::Not(inner) => ast::Words::Not(Box::new(words(inner))),
        Terms::All(operands) => ast::Words::All(every(operands)),
        Terms::Any(operands) => ast::Words::Any(every(operands)),
    }
}

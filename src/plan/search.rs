//! Turns a search into an SQL condition: by an index of the database where the set declares one, else phrase by phrase
//! over the columns.

use crate::edm::Scalar;
use crate::model::{PropertyId, SearchIndex};
use crate::query::{Search, Terms};
use crate::sql::ast;

use super::PlanError;
use super::filter::{Conditions, and, or};

impl Conditions<'_> {
    /// SQL that is TRUE for rows in which the terms are found.
    pub(super) fn search(self, search: &Search) -> Result<ast::Expr, PlanError> {
        match self.index()? {
            Some(index) => Ok(indexed(index, &search.terms)),
            None => self.found(&search.terms, &search.properties, true),
        }
    }

    /// SQL that is TRUE where the terms are found, or where they are not. A column that is null holds nothing, so a
    /// phrase is found in it as little as in another text.
    fn found(self, terms: &Terms, properties: &[PropertyId], wanted: bool) -> Result<ast::Expr, PlanError> {
        let every = |operands: &[Terms]| -> Result<Vec<_>, _> {
            operands.iter().map(|operand| self.found(operand, properties, wanted)).collect()
        };
        Ok(match (terms, wanted) {
            (Terms::Phrase(phrase), true) => self.phrase(phrase, properties)?,
            (Terms::Phrase(phrase), false) => match self.phrase(phrase, properties)? {
                ast::Expr::Truth(truth) => ast::Expr::Truth(!truth),
                found => ast::Expr::IsNotTrue(Box::new(found)),
            },
            (Terms::Not(inner), wanted) => self.found(inner, properties, !wanted)?,
            (Terms::All(operands), true) | (Terms::Any(operands), false) => and(every(operands)?),
            (Terms::Any(operands), true) | (Terms::All(operands), false) => or(every(operands)?),
        })
    }

    fn phrase(self, phrase: &str, properties: &[PropertyId]) -> Result<ast::Expr, PlanError> {
        let columns: Result<Vec<_>, PlanError> = properties
            .iter()
            .map(|id| {
                let column = ast::Expr::Column(self.rows.property(*id)?.0);
                Ok(ast::Expr::Search(Box::new(column), phrase.into()))
            })
            .collect();
        Ok(or(columns?))
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
            name: name.clone(),
            scalar: Scalar::STRING,
            folding: false,
        };
        Ok(Some(match &set.search {
            None | Some(SearchIndex::Trigram) => return Ok(None),
            Some(SearchIndex::TsVector { column: vector, config }) => {
                ast::WordIndex::Vector { column: column(vector), config: config.as_str().into() }
            }
            Some(SearchIndex::FullText { columns }) => ast::WordIndex::Columns(columns.iter().map(column).collect()),
            Some(SearchIndex::Fts5 { table, rowid }) => ast::WordIndex::Rows {
                table: ast::Table { schema: set.table.schema.clone(), name: table.clone() },
                key: self.rows.property(*rowid)?.0,
            },
        }))
    }
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

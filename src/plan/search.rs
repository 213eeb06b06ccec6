//! Turns a search into an SQL condition: by an index of the database where the set declares one, else phrase by phrase
//! over the columns. An index of trigrams knows parts of texts, not words, so it answers for phrases that have one, and
//! finds candidates for `contains`.

use crate::edm::{Form, Scalar};
use crate::model::{EntitySet, SearchIndex};
use crate::query::{Expr, Search, Terms};
use crate::sql::{PartIndex, ast};

use super::PlanError;
use super::filter::{Conditions, and, or};

impl Conditions<'_> {
    /// SQL that is TRUE for rows in which the terms are found.
    pub(super) fn search(self, search: &Search) -> Result<ast::Expr, PlanError> {
        if let Some(index) = self.index(&search.terms)? {
            return Ok(indexed(index, &search.terms));
        }
        let column = |id| self.rows.property(id).map(|(column, _)| ast::Expr::Column(column));
        let columns: Result<Vec<_>, PlanError> = search.properties.iter().map(|id| column(*id)).collect();
        let whole = match self.declared()? {
            Some((_, SearchIndex::Trigram { column: Some(column) })) => Some(ast::Expr::Column(self.text(column))),
            _ => None,
        };
        Ok(found(&search.terms, &Texts { columns: columns?, whole }, true))
    }

    /// The index that finds where this part of one of these texts may be.
    pub(super) fn part_index(self, texts: &[&Expr], part: &str) -> Result<Option<PartIndex>, PlanError> {
        let Some((set, search)) = self.declared()? else { return Ok(None) };
        let is_held = |text: &&Expr| match text {
            Expr::Property(id) => self.rows.entity_type.property(*id).is_some_and(|property| {
                property.searchable && property.made.is_none() && property.form.is_written_plainly()
            }),
            _ => false,
        };
        let holds_all = has_trigram(part) && texts.iter().all(is_held);
        Ok(match search {
            SearchIndex::Trigram { column: None } => Some(PartIndex::Each),
            SearchIndex::Trigram { column: Some(column) } if holds_all => Some(PartIndex::Column(self.text(column))),
            SearchIndex::Fts5 { table, rowid, trigram: true } if holds_all => {
                Some(PartIndex::Rows { table: beside(set, table), key: self.rows.property(*rowid)?.0 })
            }
            _ => None,
        })
    }

    /// SQL that is TRUE for items, which are texts, in which the terms are found.
    pub(super) fn search_item(self, terms: &Terms) -> Result<ast::Expr, PlanError> {
        let (item, _) = self.rows.item(0)?;
        Ok(found(terms, &Texts { columns: vec![item], whole: None }, true))
    }

    /// The index that the set declares, if these are rows of its table.
    fn declared(&self) -> Result<Option<(&EntitySet, &SearchIndex)>, PlanError> {
        let model = self.rows.statement.model;
        let set = model.set(self.rows.set).ok_or(PlanError::ForeignQuery)?;
        // Rows of a select inside have other columns than the table.
        if !model.type_of(self.rows.set).is_some_and(|own| std::ptr::eq(own, self.rows.entity_type)) {
            return Ok(None);
        }
        Ok(set.search.as_ref().map(|search| (set, search)))
    }

    /// A column with texts that is no property.
    fn text(self, name: &str) -> ast::Column {
        ast::Column {
            of: self.rows.alias,
            name: name.into(),
            scalar: Scalar::STRING,
            form: Form::PLAIN,
            folding: false,
            made: None,
        }
    }

    /// The index that answers in place of the texts.
    fn index(self, terms: &Terms) -> Result<Option<ast::WordIndex>, PlanError> {
        let Some((set, search)) = self.declared()? else { return Ok(None) };
        Ok(Some(match search {
            // It serves the comparison of texts itself.
            SearchIndex::Trigram { .. } => return Ok(None),
            SearchIndex::Fts5 { trigram: true, .. } if !has_trigrams(terms) => return Ok(None),
            SearchIndex::TsVector { column, config } => {
                ast::WordIndex::Vector { column: self.text(column), config: config.as_str().into() }
            }
            SearchIndex::FullText { columns } => {
                ast::WordIndex::Columns(columns.iter().map(|column| self.text(column)).collect())
            }
            SearchIndex::Fts5 { table, rowid, .. } => {
                ast::WordIndex::Rows { table: beside(set, table), key: self.rows.property(*rowid)?.0 }
            }
        }))
    }
}

/// A table in the schema of the set's.
fn beside(set: &EntitySet, table: &str) -> ast::Table {
    ast::Table { name: table.into(), query: None, ..super::table(&set.table) }
}

/// Whether an index of trigrams knows this part of a text: three letters or digits stand together in it. Less has no
/// trigram, and signs have some in one product only. Behind U+0000 the indexes read nothing.
fn has_trigram(part: &str) -> bool {
    let longest = part.split(|letter: char| !letter.is_alphanumeric()).map(|word| word.chars().count()).max();
    longest >= Some(3) && !part.contains('\0')
}

fn has_trigrams(terms: &Terms) -> bool {
    match terms {
        Terms::Phrase(phrase) => has_trigram(phrase),
        Terms::Not(inner) => has_trigrams(inner),
        Terms::All(operands) | Terms::Any(operands) => operands.iter().all(has_trigrams),
    }
}

/// Where phrases are looked for.
struct Texts {
    columns: Vec<ast::Expr>,
    /// A column that holds all of them, and finds candidates.
    whole: Option<ast::Expr>,
}

/// SQL that is TRUE where the terms are found in one of the texts, or where they are not. A text that is null holds
/// nothing, so a phrase is found in it as little as in another text.
fn found(terms: &Terms, texts: &Texts, wanted: bool) -> ast::Expr {
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

fn phrase(phrase: &str, texts: &Texts) -> ast::Expr {
    let search = |text: &ast::Expr| ast::Expr::Search(Box::new(text.clone()), phrase.into());
    let one = or(texts.columns.iter().map(search).collect());
    match texts.whole.as_ref().filter(|_| has_trigram(phrase)) {
        Some(whole) => and(vec![search(whole), one]),
        None => one,
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

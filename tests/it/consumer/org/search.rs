//! Global search: one phrase over the texts of an object.

use std::sync::Arc;

use super::{Answer, Cell, Checked, Condition, DataSource, ExternalObject, Query, TextFunction, ensure};

/// Rows that a search asks for.
const FOUND_MAX: u64 = 25;
/// Characters of a phrase.
const PHRASE_MAX: usize = 100;

/// What is sent of what was typed: no ASCII punctuation but the hyphen, single blanks.
fn phrase(typed: &str) -> String {
    let plain: String = typed.chars().filter(|letter| *letter == '-' || !letter.is_ascii_punctuation()).collect();
    let phrase: String = plain.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(PHRASE_MAX).collect();
    phrase.trim_end().to_owned()
}

impl DataSource {
    /// Searches these fields of an object, at least one. With free text the producer chooses the fields.
    pub(crate) fn search(&mut self, object: &Arc<ExternalObject>, fields: &[usize], typed: &str) -> Checked<Answer> {
        let phrase = phrase(typed);
        ensure(!phrase.is_empty() && !fields.is_empty(), || "nothing is searched".to_owned())?;
        let mut query = Query { top: Some(FOUND_MAX), ..Query::of(object, fields) };
        if self.settings.free_text {
            query.search = Some(phrase.clone());
        } else {
            let chain = fields.iter().map(|place| Condition::Text(TextFunction::Contains, *place, phrase.clone()));
            query.filter = Some(Condition::joined(chain.collect(), Condition::Or));
        }
        let answer = self.read(query)?;
        for row in &answer.rows {
            // With a chain it holds already, by the echo rule.
            let wanted = phrase.to_lowercase();
            let holds = |place: &usize| match row.cell(*place) {
                Some(Cell::Text(text)) => text.to_lowercase().contains(&wanted),
                _ => false,
            };
            ensure(fields.iter().any(holds), || format!("a row without '{phrase}': {}", row.json))?;
        }
        Ok(answer)
    }

    /// Searches the texts of all objects.
    pub(crate) fn search_everywhere(&mut self, typed: &str) -> Checked<Vec<Answer>> {
        let mut answers = Vec::new();
        for object in self.objects.clone() {
            let fields = object.fields_that(super::Field::is_searched);
            if !fields.is_empty() {
                answers.push(self.search(&object, &fields, typed)?);
            }
        }
        Ok(answers)
    }
}

#[cfg(test)]
mod tests {
    use super::phrase;

    #[test]
    fn punctuation_is_not_sent() {
        assert_eq!(phrase("Sales & Marketing"), "Sales Marketing");
        assert_eq!(phrase("MyProspect OR \"John Smith\""), "MyProspect OR John Smith");
        assert_eq!(phrase(" A-1, Müller "), "A-1 Müller");
        assert_eq!(phrase(&"x".repeat(200)).len(), 100);
    }
}

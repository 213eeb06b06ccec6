//! SOQL, as much of it as external objects know, and what becomes of it. What Salesforce refuses is refused here, too.

use std::sync::Arc;

use bigdecimal::BigDecimal;

use super::{Answer, Cell, Checked, Condition, DataSource, Edm, ExternalObject, Operator, Query, Wrong, ensure, wrong};

/// Rows that one batch of a query asks for.
const BATCH: u64 = 2_000;
const MICROS_PER_DAY: i64 = 86_400_000_000;
/// Words that Salesforce knows, but not for external objects.
const REFUSED: [&str; 12] =
    ["LIKE", "INCLUDES", "EXCLUDES", "GROUP", "HAVING", "AVG", "MAX", "MIN", "SUM", "WITH", "TYPEOF", "TOLABEL"];

/// What a query gives.
#[derive(Debug)]
pub(crate) enum Found {
    Rows(Box<Answer>),
    Count(u64),
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Sign(char),
}

/// A query, bound to its object.
struct Bound {
    query: Query,
    is_count: bool,
}

impl DataSource {
    /// Runs a query. `today` is the day of date literals, in days since 1970.
    pub(crate) fn soql(&mut self, text: &str, today: i64) -> Checked<Found> {
        let Bound { query, is_count } =
            bind(text, &self.objects, today).map_err(|error| Wrong(format!("{}: {text}", error.0)))?;
        if is_count {
            return self.total(&query.object, query.filter).map(Found::Count);
        }
        let limit = query.top;
        if limit.is_some_and(|limit| limit <= BATCH) {
            return self.read(query).map(|answer| Found::Rows(Box::new(answer)));
        }
        self.pages(query, BATCH, limit).map(|answer| Found::Rows(Box::new(answer)))
    }
}

fn bind(text: &str, objects: &[Arc<ExternalObject>], today: i64) -> Checked<Bound> {
    let tokens = tokens(text)?;
    let refused =
        |token: &&Token| matches!(token, Token::Word(word) if REFUSED.iter().any(|it| word.eq_ignore_ascii_case(it)));
    if let Some(token) = tokens.iter().find(refused) {
        return wrong(format!("{token:?} is not known for external objects"));
    }
    let from = tokens.iter().position(|token| is_word(token, "FROM"));
    let name = from.and_then(|place| tokens.get(place + 1));
    let object = objects.iter().find(|object| name == Some(&Token::Word(object.name.clone())));
    let object = object.ok_or_else(|| Wrong(format!("no object {name:?}")))?.clone();
    let mut reader = Reader { tokens: &tokens, place: 0, object: &object, today };
    reader.statement()
}

fn is_word(token: &Token, wanted: &str) -> bool {
    matches!(token, Token::Word(word) if word.eq_ignore_ascii_case(wanted))
}

fn tokens(text: &str) -> Checked<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            letter if letter.is_whitespace() => {}
            '\'' => {
                let mut value = String::new();
                loop {
                    match letters.next() {
                        Some('\'') => break,
                        Some('\\') => value.extend(letters.next()),
                        Some(letter) => value.push(letter),
                        None => return wrong("a text has no end"),
                    }
                }
                tokens.push(Token::Text(value));
            }
            letter if letter.is_alphanumeric() || letter == '_' || letter == '-' => {
                let mut word = String::from(letter);
                let belongs = |letter: &char| letter.is_alphanumeric() || "_.:+-".contains(*letter);
                while let Some(letter) = letters.next_if(belongs) {
                    word.push(letter);
                }
                tokens.push(Token::Word(word));
            }
            sign => tokens.push(Token::Sign(sign)),
        }
    }
    Ok(tokens)
}

struct Reader<'a> {
    tokens: &'a [Token],
    place: usize,
    object: &'a Arc<ExternalObject>,
    today: i64,
}

impl Reader<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.place)
    }

    fn take(&mut self) -> Checked<Token> {
        let token = self.peek().cloned().ok_or_else(|| Wrong("the query ends too early".to_owned()))?;
        self.place += 1;
        Ok(token)
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = self.peek().is_some_and(|token| is_word(token, word));
        self.place += usize::from(found);
        found
    }

    fn take_sign(&mut self, sign: char) -> bool {
        let found = self.peek() == Some(&Token::Sign(sign));
        self.place += usize::from(found);
        found
    }

    fn demand(&mut self, word: &str) -> Checked<()> {
        ensure(self.take_word(word), || format!("{word} is missing before {:?}", self.peek()))
    }

    fn number(&mut self) -> Checked<u64> {
        match self.take()? {
            Token::Word(word) => word.parse().map_err(|_| Wrong(format!("{word} is no number"))),
            other => wrong(format!("{other:?} is no number")),
        }
    }

    /// A field by its name; the external ID is the key, if that is one column.
    fn field(&mut self) -> Checked<usize> {
        let Token::Word(name) = self.take()? else { return wrong("a field is missing") };
        if let ("ExternalId", [key]) = (name.as_str(), self.object.key.as_slice()) {
            return Ok(*key);
        }
        let place = self.object.fields.iter().position(|field| field.name == name);
        place.ok_or_else(|| Wrong(format!("{} has no field {name}", self.object.name)))
    }

    /// A field that may be filtered and sorted.
    fn plain_field(&mut self) -> Checked<usize> {
        let place = self.field()?;
        let field = self.object.field(place)?;
        ensure(field.is_plain(), || format!("{} is a long text", field.name))?;
        Ok(place)
    }

    fn statement(&mut self) -> Checked<Bound> {
        self.demand("SELECT")?;
        let is_count = self.take_word("COUNT");
        let mut columns = Vec::new();
        if is_count {
            ensure(self.take_sign('(') && self.take_sign(')'), || "COUNT() counts rows only".to_owned())?;
        } else {
            columns.push(self.field()?);
            while self.take_sign(',') {
                columns.push(self.field()?);
            }
        }
        self.demand("FROM")?;
        self.take()?;
        let mut query = Query::of(self.object, &columns);
        if self.take_word("WHERE") {
            query.filter = Some(self.any()?);
        }
        if self.take_word("ORDER") {
            self.demand("BY")?;
            loop {
                let place = self.plain_field()?;
                let descending = self.take_word("DESC");
                if !descending {
                    self.take_word("ASC");
                }
                if self.take_word("NULLS") {
                    self.take()?; // it is ignored
                }
                query.order.push((place, descending));
                if !self.take_sign(',') {
                    break;
                }
            }
        }
        if self.take_word("LIMIT") {
            query.top = Some(self.number()?);
        }
        if self.take_word("OFFSET") {
            query.skip = self.number()?;
        }
        ensure(self.peek().is_none(), || format!("{:?} is not understood", self.peek()))?;
        Ok(Bound { query, is_count })
    }

    fn any(&mut self) -> Checked<Condition> {
        let mut parts = vec![self.all()?];
        while self.take_word("OR") {
            parts.push(self.all()?);
        }
        Ok(Condition::joined(parts, Condition::Or))
    }

    fn all(&mut self) -> Checked<Condition> {
        let mut parts = vec![self.one()?];
        while self.take_word("AND") {
            parts.push(self.one()?);
        }
        Ok(Condition::joined(parts, Condition::And))
    }

    fn one(&mut self) -> Checked<Condition> {
        if self.take_word("NOT") {
            return Ok(Condition::Not(Box::new(self.one()?)));
        }
        if self.take_sign('(') {
            let inner = self.any()?;
            ensure(self.take_sign(')'), || "a bracket is not closed".to_owned())?;
            return Ok(inner);
        }
        let place = self.plain_field()?;
        let is_not_in = self.take_word("NOT");
        if self.take_word("IN") {
            return self.list(place, is_not_in);
        }
        let operator = match self.take()? {
            Token::Sign('=') => Operator::Eq,
            Token::Sign('!') if self.take_sign('=') => Operator::Ne,
            Token::Sign('<') if self.take_sign('>') => Operator::Ne,
            Token::Sign('<') if self.take_sign('=') => Operator::Le,
            Token::Sign('<') => Operator::Lt,
            Token::Sign('>') if self.take_sign('=') => Operator::Ge,
            Token::Sign('>') => Operator::Gt,
            other => return wrong(format!("{other:?} is no comparison")),
        };
        match self.days() {
            Some(days) => Ok(within(place, operator, days)),
            None => Ok(Condition::Compare(place, operator, self.value(place)?)),
        }
    }

    /// A list becomes a chain.
    fn list(&mut self, place: usize, is_not: bool) -> Checked<Condition> {
        ensure(self.take_sign('('), || "a list is missing".to_owned())?;
        let operator = if is_not { Operator::Ne } else { Operator::Eq };
        let mut parts = vec![Condition::Compare(place, operator, self.value(place)?)];
        while self.take_sign(',') {
            parts.push(Condition::Compare(place, operator, self.value(place)?));
        }
        ensure(self.take_sign(')'), || "a list is not closed".to_owned())?;
        Ok(Condition::joined(parts, if is_not { Condition::And } else { Condition::Or }))
    }

    /// The days of a date literal, from the first up to the one behind the last.
    fn days(&mut self) -> Option<(i64, i64)> {
        let Some(Token::Word(word)) = self.peek() else { return None };
        let days = match word.to_uppercase().split_once(':') {
            None if word.eq_ignore_ascii_case("TODAY") => (self.today, self.today + 1),
            None if word.eq_ignore_ascii_case("YESTERDAY") => (self.today - 1, self.today),
            Some(("LAST_N_DAYS", number)) => (self.today - number.parse::<i64>().ok()?, self.today + 1),
            _ => return None,
        };
        self.place += 1;
        Some(days)
    }

    fn value(&mut self, place: usize) -> Checked<Cell> {
        let edm = self.object.field(place)?.edm;
        let token = self.take()?;
        let found = match (&token, edm) {
            (Token::Word(word), _) if word.eq_ignore_ascii_case("null") => Some(Cell::Null),
            (Token::Word(word), Edm::Boolean) => word.to_lowercase().parse().ok().map(Cell::Bool),
            (Token::Text(text), Edm::String(_)) => Some(Cell::Text(text.clone())),
            (Token::Text(text), Edm::Guid) => Some(Cell::Guid(text.to_lowercase())),
            (Token::Word(word), Edm::Date | Edm::DateTimeOffset) => Cell::instant(word),
            (Token::Word(word), Edm::Single | Edm::Double) => word.parse().ok().map(Cell::Double),
            // A key is a text where it is an external ID.
            (Token::Word(word) | Token::Text(word), _) => word.parse::<BigDecimal>().ok().map(Cell::Number),
            _ => None,
        };
        found.ok_or_else(|| Wrong(format!("{token:?} is no value of {edm:?}")))
    }
}

/// Salesforce computes the borders of a date literal.
fn within(place: usize, operator: Operator, (from, to): (i64, i64)) -> Condition {
    let compare = |operator, days: i64| Condition::Compare(place, operator, Cell::Instant(days * MICROS_PER_DAY));
    match operator {
        Operator::Eq => Condition::And(vec![compare(Operator::Ge, from), compare(Operator::Lt, to)]),
        Operator::Ne => Condition::Or(vec![compare(Operator::Lt, from), compare(Operator::Ge, to)]),
        Operator::Lt => compare(Operator::Lt, from),
        Operator::Ge => compare(Operator::Ge, from),
        Operator::Gt => compare(Operator::Ge, to),
        Operator::Le => compare(Operator::Lt, to),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Field, Kind};
    use super::*;

    fn objects() -> Vec<Arc<ExternalObject>> {
        let field = |column: &str, edm: Edm| Field {
            column: column.to_owned(),
            name: format!("{column}__c"),
            edm,
            kind: edm.kind(),
            nullable: true,
        };
        let fields = vec![
            field("SupplierID", Edm::Int32),
            field("City", Edm::String(Some(40))),
            field("Country", Edm::String(Some(40))),
            field("Since", Edm::Date),
            field("Notes", Edm::String(Some(2_000))),
        ];
        let (table, name, entity) = ("Suppliers".to_owned(), "Suppliers__x".to_owned(), "N.Supplier".to_owned());
        vec![Arc::new(ExternalObject { table, name, fields, key: vec![0], lookups: Vec::new(), entity })]
    }

    fn target(soql: &str) -> Result<String, String> {
        let bound = bind(soql, &objects(), 19_844).map_err(|error| error.0)?;
        let target = bound.query.target(true, 0).map_err(|error| error.0)?;
        Ok(target.replace("%20", " ").replace("Suppliers?", ""))
    }

    #[test]
    fn queries_become_the_options_that_salesforce_documents() {
        let documented = "SELECT City__c FROM Suppliers__x WHERE Country__c = 'USA' ORDER BY City__c ASC LIMIT 26";
        assert_eq!(
            target(documented).unwrap(),
            "$select=City,SupplierID&$count=true&$filter=Country eq 'USA'&$orderby=City&$top=26"
        );
        let filter = |condition: &str| {
            let target = target(&format!("select ExternalId from Suppliers__x where {condition} limit 5"))?;
            let filter = target.strip_prefix("$select=SupplierID&$count=true&$filter=").unwrap();
            Ok::<_, String>(filter.strip_suffix("&$top=5").unwrap().to_owned())
        };
        for (condition, expected) in [
            ("ExternalId = '7'", "SupplierID eq 7"),
            ("City__c IN ('A','O\\'B')", "City eq 'A' or City eq 'O''B'"),
            ("City__c NOT IN ('A','B')", "City ne 'A' and City ne 'B'"),
            (
                "(City__c = null OR NOT City__c != 'x') AND SupplierID__c >= -3",
                "(City eq null or not (City ne 'x')) and SupplierID ge -3",
            ),
            ("Since__c = TODAY", "Since ge 2024-05-01T00:00:00Z and Since lt 2024-05-02T00:00:00Z"),
            ("Since__c > LAST_N_DAYS:2", "Since ge 2024-05-02T00:00:00Z"),
            ("Since__c <= 2024-05-01T00:00:00Z", "Since le 2024-05-01T00:00:00Z"),
        ] {
            assert_eq!(filter(condition).as_deref(), Ok(expected), "{condition}");
        }
    }

    #[test]
    fn what_external_objects_do_not_know_is_refused() {
        assert_eq!(objects()[0].fields[4].kind, Kind::LongText(2_000));
        for wrong in [
            "SELECT City__c FROM Suppliers__x WHERE City__c LIKE 'A%'",
            "SELECT SUM(SupplierID__c) FROM Suppliers__x",
            "SELECT COUNT(City__c) FROM Suppliers__x",
            "SELECT City__c FROM Suppliers__x GROUP BY City__c",
            "SELECT City__c FROM Suppliers__x WHERE Notes__c = 'x'",
            "SELECT City__c FROM Suppliers__x ORDER BY Notes__c",
            "SELECT City__c FROM Nobody__x",
            "SELECT Nothing__c FROM Suppliers__x",
            "SELECT City__c FROM Suppliers__x LIMIT many",
            "SELECT City__c FROM Suppliers__x WHERE City__c = 'x",
        ] {
            assert!(target(wrong).is_err(), "{wrong}");
        }
    }
}

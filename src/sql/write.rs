//! Owns [`Writer`]: the only hand that writes SQL text. Its verbs keep syntax and data apart: syntax is known when the
//! program is compiled or stands in a metadata file, names are always quoted, values always become parameters, numbers
//! are counted by us. A request's text has no way into the statement's text.

use crate::edm::{Made, Scalar, Value};

use super::ast::Column;
use super::dialect::{Dialect, Mark};
use super::{Param, RenderError, Statement};

/// Writes one statement. The first thing that cannot be written is kept and refused at the end, so that the many small
/// writing functions of the dialects need no error of their own.
#[derive(Debug)]
pub struct Writer<'d> {
    dialect: &'d dyn Dialect,
    text: String,
    params: Vec<Param>,
    refusal: Option<RenderError>,
    /// Whether columns say of which table they are.
    named: bool,
    /// How many operands that are written more than once stand around what is written now.
    repeats: usize,
}

/// Each level of operands that are written more than once multiplies the text.
const REPEATS_MAX: usize = 4;

impl<'d> Writer<'d> {
    pub(super) fn new(dialect: &'d dyn Dialect, columns: usize) -> Self {
        // A select list of short names and a filter of a few terms fit without growing.
        let text = String::with_capacity(256 + 24 * columns);
        Writer { dialect, text, params: Vec::with_capacity(8), refusal: None, named: false, repeats: 0 }
    }

    /// The dialect that is written.
    pub fn dialect(&self) -> &'d dyn Dialect {
        self.dialect
    }

    /// Writes words and signs of the language.
    pub fn syntax(&mut self, text: &'static str) {
        self.text.push_str(text);
    }

    /// Writes a piece of a statement as a metadata file has it.
    pub(super) fn declared(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Writes a name from the model, quoted.
    pub fn identifier(&mut self, name: &str) {
        let quote = self.dialect.quote();
        self.text.push(quote);
        // Nearly all names are plain, and one pass over their bytes shows it. Without an early end it has no branches.
        let special = |byte: u8| (byte == 0) | (char::from(byte) == quote);
        if !name.bytes().fold(false, |found, byte| found | special(byte)) {
            self.text.push_str(name);
            self.text.push(quote);
            return;
        }
        if name.contains('\0') {
            self.refuse(RenderError::Identifier(name.to_owned()));
            return;
        }
        let mut parts = name.split(quote);
        self.text.push_str(parts.next().unwrap_or_default());
        for part in parts {
            self.text.push(quote);
            self.text.push(quote);
            self.text.push_str(part);
        }
        self.text.push(quote);
    }

    /// Writes the value of a column, or of what is made of columns.
    pub fn column(&mut self, column: &Column) {
        if column.form.is_written_plainly() && column.made.is_none() {
            self.own_column(column.of, &column.name);
        } else {
            self.unlike_column(column);
        }
    }

    /// Writes a value that is not what a column holds. The form of words is that of their codes.
    fn unlike_column(&mut self, column: &Column) {
        match column.made.as_deref() {
            Some(Made::Words(words)) => super::made::of_words(self, column, words),
            Some(Made::Cut(cut)) => super::made::of_cut(self, column, cut),
            Some(Made::Offered(offered)) => {
                if let Some((dates, _)) = super::offered::dates(column) {
                    self.dialect.offered(self, &dates, *offered);
                }
            }
            _ if column.form.is_written_plainly() => self.bare_column(column),
            _ => self.dialect.formed(self, column),
        }
    }

    /// Writes a column as it is, or what is calculated.
    pub fn bare_column(&mut self, column: &Column) {
        match column.made.as_deref() {
            Some(Made::Calculated(template)) => self.dialect.calculated(self, column, template),
            _ => self.own_column(column.of, &column.name),
        }
    }

    /// Writes a column by its name, with the name of its table where several are in sight.
    pub(super) fn own_column(&mut self, of: u16, name: &str) {
        if self.named {
            self.table_name(of);
            self.text.push('.');
        }
        self.identifier(name);
    }

    /// Writes a value of a metadata file.
    pub fn constant(&mut self, value: &Value) {
        match value {
            Value::Int(number) => self.number(*number),
            Value::Boolean(truth) => self.syntax(if *truth { "TRUE" } else { "FALSE" }),
            Value::String(text) => self.dialect.text(self, text),
            _ => self.refuse(RenderError::Unsupported { feature: "such a constant".to_owned() }),
        }
    }

    /// Writes our name of the table with this number.
    pub fn table_name(&mut self, alias: u16) {
        self.text.push('t');
        self.number(alias);
    }

    /// Says whether columns name their tables from here on, and what was said before.
    pub fn name_tables(&mut self, named: bool) -> bool {
        std::mem::replace(&mut self.named, named)
    }

    /// Writes the mark of the next parameter and keeps the parameter.
    pub fn parameter(&mut self, param: Param) {
        self.params.push(param);
        match self.dialect.mark() {
            Mark::Plain => self.text.push('?'),
            Mark::Numbered(sign) => {
                self.text.push(sign);
                self.text.push_str(itoa::Buffer::new().format(self.params.len()));
            }
        }
    }

    /// Writes one value as a parameter.
    pub fn value(&mut self, value: Value, scalar: Scalar) {
        self.parameter(Param::One(value, scalar));
    }

    /// Writes one value as a parameter that more than one place of the statement means; gives its number for
    /// [`Writer::again`]. Only where marks can have numbers.
    pub fn shared(&mut self, value: Value, scalar: Scalar) -> usize {
        self.params.push(Param::One(value, scalar));
        self.again(self.params.len());
        self.params.len()
    }

    /// Writes the mark of an earlier parameter once more. A plain mark behind one with a number is the next parameter,
    /// as SQLite counts them.
    pub fn again(&mut self, number: usize) {
        self.text.push(match self.dialect.mark() {
            Mark::Plain => '?',
            Mark::Numbered(sign) => sign,
        });
        self.text.push_str(itoa::Buffer::new().format(number));
    }

    /// Writes a row count as a parameter. Databases count in signed 64-bit numbers.
    pub fn count(&mut self, count: u64) {
        self.value(Value::Int(i64::try_from(count).unwrap_or(i64::MAX)), Scalar::Int64);
    }

    /// Writes a number that belongs to the statement's shape, such as the number of a column alias.
    pub fn number(&mut self, number: impl itoa::Integer) {
        self.text.push_str(itoa::Buffer::new().format(number));
    }

    /// Whether so many parameters more are still well below what the database can count.
    pub fn has_room(&self, parameters: usize) -> bool {
        self.params.len().saturating_add(parameters) <= self.dialect.parameters_max() / 8 * 7
    }

    /// Writes an operand that its surroundings need more than once.
    pub fn repeated(&mut self, write: impl FnOnce(&mut Self)) {
        if self.repeats == REPEATS_MAX {
            self.refuse(RenderError::Unsupported { feature: "a calculation nested so deeply".to_owned() });
            return;
        }
        self.repeats += 1;
        write(self);
        self.repeats -= 1;
    }

    /// Notes that the statement cannot be written; the first such note wins.
    pub fn refuse(&mut self, refusal: RenderError) {
        self.refusal.get_or_insert(refusal);
    }

    pub(super) fn finish(mut self, columns: Vec<Scalar>) -> Result<Statement, RenderError> {
        let most = self.dialect.parameters_max();
        if self.params.len() > most {
            self.refuse(RenderError::Unsupported { feature: format!("a statement with more than {most} parameters") });
        }
        match self.refusal {
            Some(refusal) => Err(refusal),
            None => Ok(Statement { text: self.text, params: self.params, columns }),
        }
    }
}

//! Owns [`Form`]: what a file says of a column's values, as it follows from the database and as a file says it now.
//! Both are compared key by key, and written in the same words.

use std::borrow::Cow;

use crate::catalog::{Column, ColumnType, Offer, offer, offer_of_loose};
use crate::edm::{Scalar, Stored as Held};
use crate::model::raw::{self, Collation, CollectionForm, Stored};

use super::text::quoted;

/// Longest text that identifies a record of Salesforce.
pub(super) const KEY_TEXT_MAX: u32 = 255;

/// The keys of a property that follow from its column, without those that have their default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Form {
    /// The type, as files write it: `Int32`.
    pub(super) kind: String,
    /// What the column holds of a value, if not the type's own form: `bytes`, `local`.
    stored: Option<&'static str>,
    /// The database casts.
    cast: bool,
    collection: Option<&'static str>,
    max_length: Option<i64>,
    precision: Option<i64>,
    scale: Option<i64>,
    /// Whether null can occur; of a collection, whether items can be null.
    pub(super) nullable: bool,
    folding: bool,
}

/// What a file may say of a column.
pub(super) struct Offered {
    pub(super) form: Form,
    /// The rule that the values follow, where it is not the obvious one.
    pub(super) rule: Option<Cow<'static, str>>,
}

impl Offered {
    /// What a look at some values has told is no more than a guess: what a file says is kept while it is not wrong.
    pub(super) fn guided_by(mut self, said: Option<&Form>, column: &Column) -> Offered {
        let Some(said) = said.filter(|said| said.kind == self.form.kind) else { return self };
        if let Some(longest) = column.looked_at.longest
            && said.max_length.is_none_or(|said| said >= i64::from(longest))
        {
            self.form.max_length = said.max_length;
        }
        self.form.cast |= said.cast && ["Decimal", "Guid"].contains(&self.form.kind.as_str());
        self
    }
}

/// A length that leaves room for longer texts than those that were looked at, within what identifies a record of
/// Salesforce as long as they are.
fn room(longest: u32) -> u32 {
    let room = longest.saturating_mul(2).div_ceil(10).max(1) * 10;
    if longest <= KEY_TEXT_MAX { room.min(KEY_TEXT_MAX) } else { longest }
}

/// How a column is published, or why not. What identifies rows or leads to them (`joined`) needs values that can be
/// compared, and is never null if it is the key (`in_key`). In a `loose` database values have types of their own.
pub(super) fn offered(column: &Column, loose: bool, in_key: bool, joined: bool) -> Result<Offered, &'static str> {
    if !column.readable {
        return Err("the user of the source may not read it");
    }
    // Sixteen bytes that identify something are a UUID in nearly every schema, and as one every value of them can be
    // written and read; as bytes they could be neither key nor joined.
    if (in_key || joined) && column.column_type == (ColumnType::Bytes { max_length: Some(16), fixed: true }) {
        let form = Form { stored: Some("bytes"), nullable: column.nullable && !in_key, ..Form::of(Scalar::Guid) };
        return Ok(Offered { form, rule: Some("Sixteen bytes that identify rows are published as a UUID.".into()) });
    }
    let offer = if loose { offer_of_loose(column) } else { offer(column) };
    let (scalar, held, collection, rule) = match offer {
        Offer::As { scalar, form, collection, rule } => (scalar, form.stored, collection, rule),
        Offer::Not { reason } => return Err(reason),
    };
    let plain = Form::of(scalar);
    let mut form = Form {
        stored: match held {
            Held::Bytes => Some("bytes"),
            Held::Local => Some("local"),
            Held::Plain | Held::Cast => None,
        },
        cast: held == Held::Cast,
        // No database promises that the items of a list are never null.
        nullable: collection.is_some() || column.nullable && !in_key,
        folding: column.folding && collection.is_none() && matches!(scalar, Scalar::String { .. }),
        collection,
        ..plain
    };
    // What every column of a type has in common stands in the description of the format.
    let mut rule = rule.filter(|_| form.cast || form.collection.is_some()).map(Cow::Borrowed);
    if let Some(longest) = column.looked_at.longest.filter(|_| in_key && form.max_length.is_none()) {
        form.max_length = Some(room(longest).into());
        let text = format!(
            "No length is declared. The longest value that was looked at has {longest} characters; say a max_length that \
             all values keep to."
        );
        rule = Some(text.into());
    }
    Ok(Offered { form, rule })
}

impl Form {
    fn of(scalar: Scalar) -> Form {
        let mut form = Form {
            kind: scalar.name().trim_start_matches("Edm.").to_owned(),
            stored: None,
            cast: false,
            collection: None,
            max_length: None,
            precision: None,
            scale: None,
            nullable: true,
            folding: false,
        };
        match scalar {
            Scalar::String { max_length } | Scalar::Binary { max_length } => {
                form.max_length = max_length.map(|length| i64::from(length.max(1)));
            }
            Scalar::Decimal { precision, scale } => {
                form.precision = precision.map(i64::from);
                form.scale = scale.map(i64::from);
            }
            Scalar::DateTimeOffset { precision } | Scalar::TimeOfDay { precision } | Scalar::Duration { precision } => {
                form.precision = (precision != 6).then(|| i64::from(precision));
            }
            _ => {}
        }
        form
    }

    /// What a file says; `None` for what no column alone decides: enumerations and complex values.
    pub(super) fn said(property: &raw::Property) -> Option<Form> {
        let kind = property.primitive?;
        let kind = format!("{kind:?}");
        let timed = matches!(&*kind, "DateTimeOffset" | "TimeOfDay" | "Duration");
        Some(Form {
            stored: property.stored.and_then(|stored| match stored {
                Stored::Bytes => Some("bytes"),
                Stored::Local => Some("local"),
                Stored::Value | Stored::Name => None,
            }),
            cast: property.cast.unwrap_or(false),
            collection: property.collection.map(|form| match form {
                CollectionForm::Json => "json",
                CollectionForm::Array => "array",
            }),
            max_length: property.max_length,
            precision: property.precision.filter(|digits| !(timed && *digits == 6)),
            scale: property.scale,
            nullable: property.nullable.unwrap_or(property.collection.is_none()),
            folding: property.collation == Some(Collation::Folding),
            kind,
        })
    }

    /// The keys as lines of a file.
    pub(super) fn lines(&self) -> Vec<String> {
        let mut lines = vec![format!("type = {}", quoted(&self.kind))];
        let numbers = [("max_length", self.max_length), ("precision", self.precision), ("scale", self.scale)];
        lines.extend(self.stored.map(|stored| format!("stored = {}", quoted(stored))));
        lines.extend(self.cast.then(|| "cast = true".to_owned()));
        lines.extend(self.collection.map(|form| format!("collection = {}", quoted(form))));
        lines.extend(numbers.into_iter().filter_map(|(key, number)| Some(format!("{key} = {}", number?))));
        if self.nullable == self.collection.is_some() {
            lines.push(format!("nullable = {}", self.nullable));
        }
        if self.folding {
            lines.push("collation = \"folding\"".to_owned());
        }
        lines
    }

    /// The same in one line, for reports and for what was seen.
    pub(super) fn shown(&self) -> String {
        self.lines().join(", ")
    }

    /// Whether rows can be found and joined by such values.
    pub(super) fn is_comparable(&self) -> bool {
        const NOT: [&str; 6] = ["Single", "Double", "Binary", "Stream", "GeographyPoint", "GeometryPoint"];
        self.collection.is_none() && !NOT.contains(&self.kind.as_str())
    }

    /// Whether equal values of both are equal in joins.
    pub(super) fn joins(&self, other: &Form) -> bool {
        const WHOLE: [&str; 5] = ["Byte", "SByte", "Int16", "Int32", "Int64"];
        let whole = |form: &Form| WHOLE.contains(&form.kind.as_str());
        let held_alike = self.stored == other.stored && self.cast == other.cast;
        self.is_comparable()
            && other.is_comparable()
            && held_alike
            && (self.kind == other.kind || whole(self) && whole(other))
    }

    /// About how long a value is as text; `None` if there is no limit.
    pub(super) fn text_length(&self) -> Option<i64> {
        Some(match self.kind.as_str() {
            "String" => self.max_length?,
            "Decimal" => self.precision? + 2,
            "Guid" => 36,
            "Boolean" => 5,
            "DateTimeOffset" | "Duration" => 27,
            _ => 20,
        })
    }
}

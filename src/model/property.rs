//! Owns [`Property`]: a value of an entity and the column behind it.

use std::sync::Arc;

use crate::edm::{Form, Made, Scalar};

use super::{DerivedId, EnumId, PropertyId};

/// A structural property and the column behind it.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a key of the metadata file, and none excludes another")]
pub struct Property {
    /// Public name; of a leaf of a complex property its name inside that.
    pub name: String,
    /// Column name, exactly as the database spells it.
    pub column: Arc<str>,
    /// How the value is made, if it is not what the column holds; of what is calculated the column's name is empty.
    pub made: Option<Arc<Made>>,
    /// Type with facets; of a collection that of its items, of an enumeration that in which it is stored.
    pub scalar: Scalar,
    /// In which form the column holds the value.
    pub form: Form,
    /// Where entities show only the beginning of it; everything else knows the whole.
    pub cut: Option<Arc<Made>>,
    /// Whether null can occur; of a collection, among its items.
    pub nullable: bool,
    /// Whether `$search` looks into it.
    pub searchable: bool,
    /// The column's own collation calls different texts equal (letter case, accents, trailing blanks), so the
    /// database's `=` alone would break the echo rule.
    pub folding: bool,
    /// The enumeration whose members it holds: their values if `scalar` is a whole number, else their names.
    pub enumeration: Option<EnumId>,
    /// The column holds many values, in this form. The collection itself is never null: a null column has no items.
    pub collection: Option<Collected>,
    /// The derived type that adds it; `None` for the type itself.
    pub declared_by: Option<DerivedId>,
    /// Not published: it only serves others (a discriminator, the bytes of a media entity).
    pub hidden: bool,
    /// What kind of bytes a stream property has; there if and only if it is one.
    pub content_type: Option<ContentType>,
    /// Whether `$filter` may use it.
    pub filterable: bool,
    /// Whether `$orderby` may use it.
    pub sortable: bool,
    /// A sentence for people, if declared.
    pub description: Option<String>,
    /// The object of Salesforce that its values name, if declared.
    pub salesforce: Option<Arc<SalesforceLookup>>,
}

/// A standard or custom object of Salesforce whose records the values of a property name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SalesforceLookup {
    /// Its name there: `Account`, `Machine__c`.
    pub object: String,
    /// The field of that object that holds the same values; without it they are Salesforce's own identifiers.
    pub external_id: Option<String>,
}

/// The form in which one column holds many values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Collected {
    /// A JSON array, in a text or JSON column.
    Json,
    /// An array of the database (PostgreSQL).
    Array,
}

/// What kind of bytes a stream has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContentType {
    /// Always this one: `image/png`.
    Fixed(String),
    /// The value of this property.
    Property(PropertyId),
}

impl Property {
    /// One value of a primitive type that every expression may use: what nearly all properties are.
    pub fn is_plain_value(&self) -> bool {
        self.filterable && self.enumeration.is_none() && self.collection.is_none() && self.scalar != Scalar::Stream
    }

    /// A property that may be null, filtered and sorted by, and is nothing else.
    pub fn new(name: impl Into<String>, column: impl Into<Arc<str>>, scalar: Scalar) -> Property {
        Property {
            name: name.into(),
            column: column.into(),
            made: None,
            scalar,
            form: Form::PLAIN,
            cut: None,
            nullable: true,
            searchable: false,
            folding: false,
            enumeration: None,
            collection: None,
            declared_by: None,
            hidden: false,
            content_type: None,
            filterable: true,
            sortable: true,
            description: None,
            salesforce: None,
        }
    }
}

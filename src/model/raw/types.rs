//! Owns what `types.toml` may say: enumerations and complex types.

use serde::Deserialize;

use super::{CollectionForm, Primitive, Stored};

/// The content of `types.toml`.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Types {
    /// Version of the file format; this program reads version 1.
    #[cfg_attr(test, schemars(range(min = 1, max = 1)))]
    pub version: i64,
    /// The enumerations.
    #[serde(default, rename = "enum")]
    pub enums: Vec<Enumeration>,
    /// The complex types.
    #[serde(default, rename = "complex")]
    pub complexes: Vec<Complex>,
}

/// One `[[enum]]`.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Enumeration {
    /// Name of the type.
    pub name: String,
    /// The whole number type of its values. Default: Int32.
    #[serde(rename = "type")]
    pub primitive: Option<Primitive>,
    /// Whether a value may be a sum of members. Default: false.
    pub flags: Option<bool>,
    /// Its members, in order.
    #[serde(default, rename = "member")]
    pub members: Vec<EnumerationMember>,
    /// A sentence for people.
    pub description: Option<String>,
}

/// One `[[enum.member]]`.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EnumerationMember {
    /// Public name.
    pub name: String,
    /// Its value.
    pub value: i64,
}

/// One `[[complex]]`.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Complex {
    /// Name of the type.
    pub name: String,
    /// Its properties, in order. Which columns they have is said where the type is used.
    #[serde(default, rename = "property")]
    pub properties: Vec<ComplexProperty>,
    /// A sentence for people.
    pub description: Option<String>,
}

/// One `[[complex.property]]`: as a property of an entity type, without its column.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ComplexProperty {
    /// Public name.
    pub name: String,
    /// Primitive type, without `Edm.`.
    #[serde(rename = "type")]
    pub primitive: Option<Primitive>,
    /// In place of `type`: the name of an enumeration.
    #[serde(rename = "enum")]
    pub enumeration: Option<String>,
    /// Enumeration: what the columns hold. Default: value.
    pub stored: Option<Stored>,
    /// The column has another type, which the database casts. Default: false.
    pub cast: Option<bool>,
    /// What is no value of the type is null, and not an error. Default: false.
    pub lenient: Option<bool>,
    /// In place of `type`: the name of another complex type.
    pub complex: Option<String>,
    /// The columns hold many values, in this form.
    pub collection: Option<CollectionForm>,
    /// String: longest value in characters. Binary: in bytes. Default: unlimited.
    #[cfg_attr(test, schemars(range(min = 1, max = u32::MAX)))]
    pub max_length: Option<i64>,
    /// As of a property of an entity type.
    #[cfg_attr(test, schemars(range(min = 0, max = 65)))]
    pub precision: Option<i64>,
    /// Decimal: digits right of the point, at most `precision`.
    #[cfg_attr(test, schemars(range(min = 0, max = 65)))]
    pub scale: Option<i64>,
    /// Whether null can occur. Default: true.
    pub nullable: Option<bool>,
    /// A sentence for people.
    pub description: Option<String>,
}

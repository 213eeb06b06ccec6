//! Owns [`Annotation`]: what is told about an element of the model, before it becomes XML or JSON (CSDL 4.01, section
//! 14).

/// The vocabularies: alias and namespace.
pub(super) const VOCABULARIES: [(&str, &str); 3] = [
    ("Core", "Org.OData.Core.V1"),
    ("Capabilities", "Org.OData.Capabilities.V1"),
    ("Aggregation", "Org.OData.Aggregation.V1"),
];

/// The address of a vocabulary's document in JSON.
pub(super) fn vocabulary_url(namespace: &str) -> String {
    format!("https://oasis-tcs.github.io/odata-vocabularies/vocabularies/{namespace}.json")
}

/// A term with its value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Annotation {
    /// Qualified by the vocabulary's alias.
    pub(super) term: &'static str,
    pub(super) value: Value,
}

/// A constant expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Bool(bool),
    Int(i64),
    Text(String),
    /// Members of an enumeration type, which is qualified by the vocabulary's alias.
    Members(&'static str, &'static [&'static str]),
    /// The path of a structural property.
    Property(String),
    /// The path of a navigation property.
    Navigation(String),
    List(Vec<Value>),
    Record(Vec<(&'static str, Value)>),
}

impl Value {
    /// A list of texts.
    pub(super) fn texts(texts: &[&str]) -> Self {
        Value::List(texts.iter().map(|text| Value::Text((*text).to_owned())).collect())
    }
}

/// A term with its value.
pub(super) fn annotation(term: &'static str, value: Value) -> Annotation {
    Annotation { term, value }
}

/// A term that is set or not.
pub(super) fn tag(term: &'static str, value: bool) -> Annotation {
    annotation(term, Value::Bool(value))
}

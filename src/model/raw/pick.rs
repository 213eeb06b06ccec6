//! Owns what the file of a pick may say: which of the sets of some folders another service publishes, and how.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Table;

use super::VERSION;
use super::read::{Check, Form, check};

/// The content of the file that `pick` of a service names.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Pick {
    /// Version of the file format; this program reads version 1.
    #[cfg_attr(test, schemars(range(min = 1, max = 1)))]
    pub version: i64,
    /// Namespace of the schema in `$metadata`. Default: that of the folders.
    pub namespace: Option<String>,
    /// Name of the entity container. Default: that of the folders.
    pub container: Option<String>,
    /// Names of the functions and actions that are published, with all overloads. Default: none.
    #[serde(default)]
    pub operations: Vec<String>,
    /// The sets that are published.
    #[serde(default, rename = "set")]
    pub sets: Vec<PickedSet>,
}

/// One `[[set]]`.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PickedSet {
    /// Name of the set or singleton in the folders.
    pub name: String,
    /// Name under which it is published. Default: the same.
    #[serde(rename = "as")]
    pub published: Option<String>,
    /// Name of its entity type. Default: the same.
    #[serde(rename = "type")]
    pub entity_type: Option<String>,
    /// Properties and navigation properties that are not published. Default: none.
    pub hide: Option<Vec<String>>,
    /// In place of `hide`: those that are published, besides the key.
    pub only: Option<Vec<String>>,
    /// Pairs: property or navigation property = name under which it is published.
    #[serde(default)]
    pub rename: BTreeMap<String, String>,
    /// Which of its rows are published: an `OData` filter, as in `$filter`. Default: all that the folders publish.
    pub filter: Option<String>,
    /// A sentence for people. Default: that of the folders.
    pub description: Option<String>,
    /// Largest page in rows. Default: that of the folders.
    #[cfg_attr(test, schemars(range(min = 1, max = 2000)))]
    pub page_rows_max: Option<i64>,
    /// False: `$count` is refused.
    pub countable: Option<bool>,
    /// False: `$search` is refused.
    pub searchable: Option<bool>,
    /// False: `$filter` may use no property of it.
    pub filterable: Option<bool>,
    /// False: `$orderby` may use no property of it.
    pub sortable: Option<bool>,
    /// False: `$expand` may follow no navigation property of it.
    pub expandable: Option<bool>,
}

impl Form for Pick {
    const KEYS: &'static [&'static str] = &["version", "namespace", "container", "operations", "set"];
    const LISTS: &'static [(&'static str, Check)] = &[("set", check::<PickedSet>)];

    fn sample() -> Table {
        [("version".to_owned(), VERSION.into())].into_iter().collect()
    }
}

impl Form for PickedSet {
    const KEYS: &'static [&'static str] = &[
        "name",
        "as",
        "type",
        "hide",
        "only",
        "rename",
        "filter",
        "description",
        "page_rows_max",
        "countable",
        "searchable",
        "filterable",
        "sortable",
        "expandable",
    ];

    fn sample() -> Table {
        [("name".to_owned(), "N".into())].into_iter().collect()
    }
}

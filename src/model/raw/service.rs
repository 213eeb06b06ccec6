//! Owns what `service.toml` may say, and `[cache]`, which entity type files share.

use serde::Deserialize;

/// The content of `service.toml`.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Version of the file format; this program reads version 1.
    #[cfg_attr(test, schemars(range(min = 1, max = 1)))]
    pub version: i64,
    /// Namespace of the schema in `$metadata`. Required in the service's first folder; elsewhere it must be equal.
    pub namespace: Option<String>,
    /// Name of the entity container; only in the service's first folder. Default: `Container`.
    pub container: Option<String>,
    /// The source (configured database) that holds the tables of this folder.
    pub source: String,
    /// Largest page in rows. Default: 2000.
    #[cfg_attr(test, schemars(range(min = 1, max = 2000)))]
    pub page_rows_max: Option<i64>,
    /// How long answers may be kept, for all sets of the folder.
    pub cache: Option<Cache>,
}

/// `[cache]`: how long answers may be kept, and how changes made by others are noticed.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Cache {
    /// True: nothing is kept. Default: false.
    pub off: Option<bool>,
    /// Seconds for which an answer is served as it is. Default: 15.
    #[cfg_attr(test, schemars(range(min = 1, max = 86_400)))]
    pub ttl_s: Option<i64>,
    /// Seconds after `ttl_s` in which an old answer is served while a new one is read. Default: 0.
    #[cfg_attr(test, schemars(range(min = 0, max = 86_400)))]
    pub stale_while_revalidate_s: Option<i64>,
    /// Seconds after `ttl_s` in which an old answer is served if the database does not answer. Default: 0.
    #[cfg_attr(test, schemars(range(min = 0, max = 604_800)))]
    pub stale_if_error_s: Option<i64>,
    /// `PostgreSQL`: the channel on which changes are announced with NOTIFY.
    pub notify: Option<String>,
    /// The property that grows with every write: its greatest value is asked for. Only for a set.
    pub probe_property: Option<String>,
    /// True: the database's own count of changes is asked for. Default: false.
    pub probe_statistics: Option<bool>,
    /// Seconds between two questions. Default: 2.
    #[cfg_attr(test, schemars(range(min = 1, max = 3_600)))]
    pub probe_every_s: Option<i64>,
}

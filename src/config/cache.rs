//! Owns [`Cache`] and [`Redis`]: what is kept of finished answers, and where.

use super::raw::Section;
use super::secret::Secret;

/// `[cache]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cache {
    /// Bytes of finished answers in memory; 0 keeps none.
    pub bytes_max: usize,
    /// The part of it that one answer may take, in percent.
    pub entry_share_percent: usize,
    /// Whether a client's `Cache-Control: no-cache` makes an answer be read anew.
    pub obey_no_cache: bool,
    /// `[cache.redis]`: the second level, shared by replicas.
    pub redis: Option<Redis>,
}

/// `[cache.redis]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redis {
    /// `redis://` or, with TLS, `rediss://`.
    pub url: Secret,
    /// Begins all keys, so that several installations can share a server.
    pub prefix: String,
    /// Encrypts what is stored; `None` stores it readable.
    pub encryption_key: Option<Secret>,
    /// Longest wait for an answer, in milliseconds.
    pub timeout_ms: u64,
}

impl Default for Cache {
    fn default() -> Self {
        Cache { bytes_max: 64 << 20, entry_share_percent: 10, obey_no_cache: false, redis: None }
    }
}

pub(super) fn check(mut section: Section<'_>) -> Cache {
    let default = Cache::default();
    let mut size = |key, default: usize, least, most| {
        let default = u64::try_from(default).unwrap_or(u64::MAX);
        usize::try_from(section.number(key, default, least, most)).unwrap_or(usize::MAX)
    };
    let bytes_max = size("bytes_max", default.bytes_max, 0, 1 << 40);
    let entry_share_percent = size("entry_share_percent", default.entry_share_percent, 1, 100);
    let obey_no_cache = section.flag("obey_no_cache", default.obey_no_cache);
    let redis = section.has("redis").then(|| section.table("redis"));
    let redis = redis.and_then(|table| check_redis(section.inner("redis", table)));
    section.finish();
    Cache { bytes_max, entry_share_percent, obey_no_cache, redis }
}

fn check_redis(mut section: Section<'_>) -> Option<Redis> {
    let url = section.required_text("url", "\"redis://cache.example.com\"");
    let prefix = section.text("prefix").unwrap_or_else(|| "penstock".to_owned());
    let encryption_key = section.text("encryption_key");
    let timeout_ms = section.number("timeout_ms", 50, 1, 5_000);
    if let Some(url) = &url
        && !["redis://", "rediss://"].iter().any(|scheme| url.strip_prefix(scheme).is_some_and(|host| !host.is_empty()))
    {
        section.wrong("url", "not the URL of a Redis server", "write redis://host:port, or rediss:// for TLS");
    }
    let is_plain = prefix.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte));
    if prefix.is_empty() || !is_plain {
        section.wrong("prefix", "not a prefix of keys", "write letters, digits and - _ . :");
    }
    if encryption_key.as_ref().is_some_and(|key| key.len() < 16) {
        section.wrong("encryption_key", "the key is too short", "write a random text of at least 16 characters");
    }
    section.finish();
    Some(Redis { url: Secret::new(url?), prefix, encryption_key: encryption_key.map(Secret::new), timeout_ms })
}

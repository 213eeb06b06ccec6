//! Owns [`Source`]: one configured database. The URL is checked for its form only; nothing is connected here.

use std::path::Path;

use crate::edm::Zone;

use super::access::{self, Access, Product};
use super::raw::Section;
use super::secret::Secret;

/// `[sources.NAME]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The name by which metadata files mean this database.
    pub name: String,
    /// Where it is, credentials included. A relative SQLite path has become one that starts at the file's folder.
    pub url: Secret,
    /// Copies of it that share its reads.
    pub replicas: Vec<Secret>,
    /// Most connections at once.
    pub pool_max: u32,
    /// How long a request waits for a free connection.
    pub acquire_timeout_ms: u64,
    /// Most requests that wait for one.
    pub queue_max: usize,
    /// How long one statement may run.
    pub statement_timeout_ms: u64,
    /// The zone of local times: what columns hold whose properties are stored as `local`.
    pub zone: Zone,
    /// SQLite: decimals are kept as text and compared exactly.
    pub decimals_as_text: bool,
    /// How connections are opened, beyond the URL.
    pub access: Access,
}

/// The limits that hold when the file does not say; name and URL have no default and are empty here.
impl Default for Source {
    fn default() -> Self {
        Source {
            name: String::new(),
            url: Secret::new(String::new()),
            replicas: Vec::new(),
            pool_max: 8,
            acquire_timeout_ms: 3_000,
            queue_max: 256,
            statement_timeout_ms: 60_000,
            zone: Zone::UTC,
            decimals_as_text: false,
            access: Access::default(),
        }
    }
}

/// Salesforce gives up after 120 seconds; an answer after that serves nobody.
const STATEMENT_TIMEOUT_MOST_MS: u64 = 119_000;

pub(super) fn check(name: String, mut section: Section<'_>, folder: &Path) -> Source {
    let url = section.required_text("url", "\"postgres://user:${env:ERP_PASSWORD}@host/database\"");
    let sqlite = url.as_deref().is_some_and(|url| url.starts_with("sqlite:"));
    let url = url.and_then(|url| checked_url("url", url, &mut section, folder));
    let replicas = checked_replicas(url.as_ref(), &mut section, folder);
    let default = Source::default();
    let pool_max = section.number("pool_max", u64::from(default.pool_max), 1, 1_000);
    let pool_max = u32::try_from(pool_max).unwrap_or(default.pool_max);
    let acquire_timeout_ms = section.number("acquire_timeout_ms", default.acquire_timeout_ms, 1, 60_000);
    let queue_default = u64::try_from(default.queue_max).unwrap_or(u64::MAX);
    let queue_max = usize::try_from(section.number("queue_max", queue_default, 0, 4_096)).unwrap_or(default.queue_max);
    let statement_timeout_ms =
        section.number("statement_timeout_ms", default.statement_timeout_ms, 1, STATEMENT_TIMEOUT_MOST_MS);
    let postgres = url.as_ref().is_none_or(|url| url.reveal().starts_with("postgres"));
    let zone = zone(&mut section, postgres);
    if section.has("decimals") && !sqlite && url.is_some() {
        section.wrong(
            "decimals",
            "only SQLite leaves open how decimals are kept",
            "take the key out: other databases have a decimal type",
        );
    }
    let decimals_as_text = section.choice("decimals", default.decimals_as_text, &[("number", false), ("text", true)]);
    let product = match url.as_ref().and_then(|url| url.reveal().split_once(':')) {
        Some(("sqlite", _)) => Product::Sqlite,
        Some(("mysql" | "mariadb", _)) => Product::Mysql,
        _ => Product::Postgres,
    };
    let access = access::check(url.as_ref().map_or("", Secret::reveal), product, &mut section, folder);
    for replica in &replicas {
        access::check_copy(replica.reveal(), product, &access, &mut section, folder);
    }
    section.finish();
    let url = url.unwrap_or(default.url);
    Source {
        name,
        url,
        replicas,
        pool_max,
        acquire_timeout_ms,
        queue_max,
        statement_timeout_ms,
        zone,
        decimals_as_text,
        access,
    }
}

/// Only PostgreSQL knows the rules of zones for all years.
fn zone(section: &mut Section<'_>, postgres: bool) -> Zone {
    let Some(text) = section.text("zone") else { return Zone::UTC };
    match Zone::parse(&text) {
        Some(Zone::Named(_)) if !postgres => {
            section.wrong(
                "zone",
                "only PostgreSQL knows zones by name",
                "write a fixed difference, \"+01:00\", or publish a view whose times are in UTC",
            );
            Zone::UTC
        }
        Some(zone) => zone,
        None => {
            section.wrong("zone", format!("'{text}' is no zone"), "write \"UTC\", \"+01:00\" or \"Europe/Berlin\"");
            Zone::UTC
        }
    }
}

/// Most copies of one source.
const REPLICAS_MAX: usize = 16;

/// The addresses of copies: databases of the same kind on other servers.
fn checked_replicas(url: Option<&Secret>, section: &mut Section<'_>, folder: &Path) -> Vec<Secret> {
    let texts = section.texts("replicas");
    let scheme = |url: &str| match url.split_once(':').map_or("", |(scheme, _)| scheme) {
        "postgresql" => "postgres".to_owned(),
        scheme => scheme.to_owned(),
    };
    let own = url.map(|url| scheme(url.reveal()));
    if own.as_deref() == Some("sqlite") && !texts.is_empty() {
        section.wrong("replicas", "a file has no copies that could share its reads", "leave the key out");
        return Vec::new();
    }
    if texts.len() > REPLICAS_MAX {
        section.wrong("replicas", format!("{} copies are named", texts.len()), format!("name at most {REPLICAS_MAX}"));
    }
    let mut replicas = Vec::with_capacity(texts.len());
    for text in texts {
        let Some(replica) = checked_url("replicas", text, section, folder) else { continue };
        let is_same = |other: &&Secret| other.reveal() == replica.reveal();
        if own.as_ref().is_some_and(|own| *own != scheme(replica.reveal())) {
            section.wrong("replicas", "a copy is a database of another kind", "write the scheme of `url`");
        } else if url.iter().find(|url| is_same(url)).is_some() || replicas.iter().any(|it| is_same(&it)) {
            section.wrong("replicas", "an address stands here twice, or is that of the source", "name each copy once");
        } else {
            replicas.push(replica);
        }
    }
    replicas
}

/// The text of a wrong URL is not repeated: it holds a password.
fn checked_url(key: &'static str, url: String, section: &mut Section<'_>, folder: &Path) -> Option<Secret> {
    const RIGHT: &str = "write postgres://…, mysql://…, mariadb://… or sqlite:path";
    let Some((scheme, rest)) = url.split_once(':') else {
        section.wrong(key, "not a URL", RIGHT);
        return None;
    };
    match scheme {
        "sqlite" => {
            let path = rest.strip_prefix("//").unwrap_or(rest);
            if path.is_empty() {
                section.wrong(key, "no path stands behind 'sqlite:'", "write sqlite:path");
                return None;
            }
            if path.split_once('?').is_some_and(|(_, query)| query.contains('=')) {
                let wrong = "the path of a SQLite file takes no parameters";
                section.wrong("url", wrong, "write sqlite:path; files are always opened read-only and never created");
                return None;
            }
            Some(Secret::new(format!("sqlite:{}", folder.join(path).display())))
        }
        "postgres" | "postgresql" | "mysql" | "mariadb" => {
            let host = rest.strip_prefix("//").map(|rest| rest.rsplit('@').next().unwrap_or(rest));
            if host.is_none_or(|host| host.is_empty() || (host.starts_with('/') && !host.contains('?'))) {
                section.wrong(
                    key,
                    "no host stands in the URL",
                    format!("write {scheme}://user:password@host/database"),
                );
                return None;
            }
            // A slash, '?' or '#' of an unencoded password would end the host part early and be understood as something
            // else.
            let authority = rest.trim_start_matches('/').split(['/', '?', '#']).next().unwrap_or_default();
            if rest.contains('@') && !authority.contains('@') {
                section.wrong(
                    key,
                    "the password holds a character that ends the host part of a URL",
                    "percent-encode user and password: '/' is %2F, '?' is %3F, '#' is %23, '@' is %40",
                );
                return None;
            }
            Some(Secret::new(url))
        }
        _ => {
            section.wrong(key, "the URL does not begin with a database we know", RIGHT);
            None
        }
    }
}

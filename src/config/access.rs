//! Owns [`Access`]: how connections of a source are opened, beyond the place that its URL names: encryption, a pooler
//! between, what is set in the session. Looks at the files of certificates; connects nothing.

use std::path::{Path, PathBuf};

use percent_encoding::percent_decode_str;
use toml::Value;

use super::raw::Section;
use super::secret::Secret;

/// How much is demanded of encryption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsMode {
    /// Nothing is encrypted.
    Disable,
    /// If the server can; its certificate is not looked at.
    Prefer,
    /// Always; its certificate is not looked at.
    Require,
    /// A trusted authority has signed its certificate.
    VerifyCa,
    /// The same, and it carries the host's name.
    VerifyFull,
}

/// The beyond of a URL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// `tls`, or what the URL says; `None`: `prefer`.
    pub tls: Option<TlsMode>,
    /// `tls_root`
    pub tls_root: Option<PathBuf>,
    /// `tls_certificate`
    pub tls_certificate: Option<PathBuf>,
    /// `tls_key`
    pub tls_key: Option<PathBuf>,
    /// `pooler = "transaction"`
    pub pooled: bool,
    /// `listen_url`
    pub listen_url: Option<Secret>,
    /// `role`
    pub role: Option<String>,
    /// `search_path`
    pub search_path: Vec<String>,
    /// `[sources.NAME.session]`
    pub session: Vec<(String, SessionValue)>,
}

/// The value of a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionValue {
    /// A text.
    Text(String),
    /// A whole number.
    Number(i64),
    /// On or off.
    Flag(bool),
}

/// What a database of this kind may be told.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Product {
    Postgres,
    Mysql,
    Sqlite,
}

const MODES: [(&str, TlsMode); 5] = [
    ("disable", TlsMode::Disable),
    ("prefer", TlsMode::Prefer),
    ("require", TlsMode::Require),
    ("verify-ca", TlsMode::VerifyCa),
    ("verify-full", TlsMode::VerifyFull),
];
/// The words that only URLs know.
const URL_MODES: [(&str, TlsMode); 6] = [
    ("allow", TlsMode::Disable),
    ("disabled", TlsMode::Disable),
    ("preferred", TlsMode::Prefer),
    ("required", TlsMode::Require),
    ("verify_ca", TlsMode::VerifyCa),
    ("verify_identity", TlsMode::VerifyFull),
];
/// Settings that our statements, or the reading of answers, count on, or that keys of their own set.
const POSTGRES_OWN: [&str; 19] = [
    "bytea_output",
    "client_connection_check_interval",
    "client_encoding",
    "datestyle",
    "default_transaction_read_only",
    "extra_float_digits",
    "gin_fuzzy_search_limit",
    "intervalstyle",
    "penstock.session",
    "role",
    "row_security",
    "search_path",
    "session_authorization",
    "standard_conforming_strings",
    "statement_timeout",
    "timezone",
    "transaction_read_only",
    "transform_null_equals",
    "xmlbinary",
];
const MYSQL_OWN: [&str; 24] = [
    "autocommit",
    "character_set_client",
    "character_set_connection",
    "character_set_database",
    "character_set_results",
    "collation_connection",
    "completion_type",
    "div_precision_increment",
    "group_concat_max_len",
    "information_schema_stats_expiry",
    "insert_id",
    "last_insert_id",
    "max_execution_time",
    "max_sort_length",
    "max_statement_time",
    "pseudo_thread_id",
    "role",
    "sql_auto_is_null",
    "sql_log_bin",
    "sql_mode",
    "sql_select_limit",
    "time_zone",
    "transaction_read_only",
    "tx_read_only",
];

/// What the URL says of encryption.
#[derive(Default)]
struct InUrl {
    mode: Option<TlsMode>,
    root: Option<PathBuf>,
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
    options: bool,
}

pub(super) fn check(url: &str, product: Product, section: &mut Section<'_>, folder: &Path) -> Access {
    if product == Product::Sqlite {
        const KEYS: [&str; 10] = [
            "tls",
            "tls_root",
            "tls_certificate",
            "tls_key",
            "pooler",
            "listen_url",
            "role",
            "search_path",
            "time_zone",
            "session",
        ];
        for key in KEYS.into_iter().filter(|key| section.has(key)).collect::<Vec<_>>() {
            section.wrong(key, "SQLite is a file: it has no connection and no session", "take the key out");
            section.forget(key);
        }
        return Access::default();
    }
    let said = in_url("url", url, product, section, folder);
    let options = said.options;
    let mut access = tls(url, said, section, folder);
    let only_postgres = |section: &mut Section<'_>, key: &'static str, wrong: &str| {
        if product != Product::Postgres && section.has(key) {
            section.wrong(key, wrong, "take the key out");
        }
    };
    only_postgres(section, "pooler", "only connections to PostgreSQL depend on what a pooler between does");
    access.pooled = section.choice("pooler", false, &[("detect", false), ("transaction", true)]);
    if access.pooled && options {
        let right = "write them below [session] of the source";
        section.wrong("url", "a pooler in transaction mode does not pass the URL's 'options' on", right);
    }
    only_postgres(section, "listen_url", "only PostgreSQL announces changes");
    access.listen_url = section.text("listen_url").and_then(|url| listen_url(url, section));
    if let Some(role) = section.text("role") {
        if role.is_empty() || role.contains('\0') {
            section.wrong("role", "not the name of a role", "write the role's name");
        }
        access.role = Some(role);
    }
    only_postgres(section, "search_path", "there are no schemas inside of a database here: the URL names the database");
    access.search_path = section.texts("search_path");
    if access.search_path.iter().any(|schema| schema.is_empty() || schema.contains('\0')) {
        section.wrong("search_path", "a schema has no name", "write names of schemas");
    }
    if section.text("time_zone").is_some_and(|zone| !zone.eq_ignore_ascii_case("UTC")) {
        section.wrong(
            "time_zone",
            "sessions always run in UTC: statements count on it, and so do instants in answers",
            "take the key out; what columns without a zone hold is said with 'zone', and a view can convert its times",
        );
    }
    access.session = session(product, section);
    access
}

/// The URL of a copy. What the source says of its connections holds for those to its copies, so their URLs may say the
/// same, and nothing else.
pub(super) fn check_copy(url: &str, product: Product, access: &Access, section: &mut Section<'_>, folder: &Path) {
    if product == Product::Sqlite {
        return;
    }
    let said = in_url("replicas", url, product, section, folder);
    if access.tls.is_some() && said.mode.is_some() && said.mode != access.tls {
        section.wrong(
            "replicas",
            "the URL of a copy says otherwise than the source how the connection is encrypted",
            "leave it out of the copy's URL: `tls` holds for all of them",
        );
    }
    let files = [
        (&said.root, &access.tls_root, "tls_root"),
        (&said.certificate, &access.tls_certificate, "tls_certificate"),
        (&said.key, &access.tls_key, "tls_key"),
    ];
    for (written, own, key) in files {
        if written.is_some() && written != own {
            let right = format!("name it with `{key}`, which holds for the source and its copies");
            section.wrong("replicas", "the URL of a copy names a file that the source does not name", right);
        }
    }
    if access.pooled && said.options {
        let right = "write them below [session] of the source";
        section.wrong("replicas", "a pooler in transaction mode does not pass the URL's 'options' on", right);
    }
    if demands(said.mode.or(access.tls)) && is_socket(url) {
        let wrong = "a socket of the file system is not encrypted, and its server shows no certificate";
        section.wrong("replicas", wrong, "name the host in the copy's URL");
    }
}

/// Encryption: what the keys say, else what the URL says.
fn tls(url: &str, said: InUrl, section: &mut Section<'_>, folder: &Path) -> Access {
    let mut mode = said.mode;
    if section.has("tls") {
        let written = section.choice("tls", TlsMode::Prefer, &MODES);
        if mode.is_some_and(|mode| mode != written) {
            section.wrong("tls", "the URL says otherwise how the connection is encrypted", "say it in one place");
        }
        mode = Some(written);
    }
    let mut file = |key: &'static str, in_url: Option<PathBuf>| {
        let written = section.text(key).map(|path| folder.join(path));
        if written.is_some() && in_url.is_some() && written != in_url {
            section.wrong(key, "the URL names another file", "name it in one place");
        }
        let (place, path) = if written.is_some() { (key, written) } else { ("url", in_url) };
        let path = path?;
        if let Err((wrong, right)) = looks_like(&path, key == "tls_key") {
            section.wrong(place, wrong, right);
        }
        Some(path)
    };
    let tls_root = file("tls_root", said.root);
    let tls_certificate = file("tls_certificate", said.certificate);
    let tls_key = file("tls_key", said.key);
    let verifies = matches!(mode, Some(TlsMode::VerifyCa | TlsMode::VerifyFull));
    if tls_root.is_some() && !verifies {
        let wrong = "authorities are named, but the server's certificate is not looked at";
        section.wrong("tls_root", wrong, "write tls = \"verify-full\"");
    }
    match (&tls_certificate, &tls_key) {
        (Some(_), None) => section.wrong("tls_key", "'tls_key' is missing", "name the file of the certificate's key"),
        (None, Some(_)) => {
            section.wrong("tls_certificate", "'tls_certificate' is missing", "name the file of the key's certificate");
        }
        (Some(_), Some(_)) if mode == Some(TlsMode::Disable) => {
            let wrong = "a certificate is named, and the connection is not encrypted";
            section.wrong("tls_certificate", wrong, "write tls = \"verify-full\"");
        }
        _ => {}
    }
    if demands(mode) && is_socket(url) {
        let wrong = "a socket of the file system is not encrypted, and its server shows no certificate";
        section.wrong("tls", wrong, "name the host in the URL, or write tls = \"disable\"");
    }
    Access { tls: mode, tls_root, tls_certificate, tls_key, ..Access::default() }
}

fn demands(mode: Option<TlsMode>) -> bool {
    matches!(mode, Some(TlsMode::Require | TlsMode::VerifyCa | TlsMode::VerifyFull))
}

/// Whether a URL names a socket of the file system.
fn is_socket(url: &str) -> bool {
    ["host=/", "host=%2f", "host=%2F", "socket=", "@%2F", "@%2f", "//%2F", "//%2f"]
        .iter()
        .any(|mark| url.contains(mark))
}

/// Whether a file holds what it should. Its text is not repeated.
fn looks_like(path: &Path, key: bool) -> Result<(), (String, String)> {
    let shown = path.display();
    let text = std::fs::read(path)
        .map_err(|error| (format!("{shown} cannot be read: {error}"), "name a readable file".to_owned()))?;
    let text = String::from_utf8_lossy(&text);
    if key {
        if text.contains("BEGIN ENCRYPTED PRIVATE KEY") || text.contains("Proc-Type: 4,ENCRYPTED") {
            let right = "decrypt it, as with `openssl pkey -in key.pem -out plain.pem`, and let only Penstock read it";
            return Err((format!("{shown} holds a key that is encrypted"), right.to_owned()));
        }
        if !text.contains("PRIVATE KEY-----") {
            return Err((format!("{shown} holds no private key"), "name a file in PEM form".to_owned()));
        }
    } else if !text.contains("-----BEGIN CERTIFICATE-----") {
        return Err((format!("{shown} holds no certificate"), "name a file in PEM form".to_owned()));
    }
    Ok(())
}

/// Looks at the parameters behind the question mark. Those that nobody reads are refused: some hold secrets.
fn in_url(key: &str, url: &str, product: Product, section: &mut Section<'_>, folder: &Path) -> InUrl {
    let mut said = InUrl::default();
    let Some((_, query)) = url.split_once('?') else { return said };
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = percent_decode_str(&value.replace('+', " ")).decode_utf8_lossy().into_owned();
        match (name, product) {
            ("sslmode" | "ssl-mode", _) => {
                let word = value.to_ascii_lowercase();
                let found = MODES.iter().chain(&URL_MODES).find(|(known, _)| *known == word);
                if found.is_none() {
                    let right = "write disable, prefer, require, verify-ca or verify-full";
                    section.wrong(key, format!("'{value}' is no way to encrypt"), right);
                }
                said.mode = found.map(|(_, mode)| *mode);
            }
            ("sslrootcert" | "ssl-root-cert" | "sslca" | "ssl-ca", _) => said.root = Some(folder.join(value)),
            ("sslcert" | "ssl-cert", _) => said.certificate = Some(folder.join(value)),
            ("sslkey" | "ssl-key", _) => said.key = Some(folder.join(value)),
            ("host" | "hostaddr" | "port" | "dbname" | "user" | "password" | "application_name", Product::Postgres)
            | ("socket" | "collation", Product::Mysql) => {}
            (name, Product::Postgres) if name == "options" || name.starts_with("options[") => said.options = true,
            ("charset" | "timezone" | "time-zone", Product::Mysql) => {
                section.wrong(key, format!("'{name}' is set by Penstock: utf8mb4 and UTC"), "take it out of the URL");
            }
            _ => section.wrong(
                key,
                format!("the parameter '{name}' of the URL is not known"),
                "take it out; settings of the session stand in [session] of the source",
            ),
        }
    }
    said
}

fn listen_url(url: String, section: &mut Section<'_>) -> Option<Secret> {
    if !["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)) {
        section.wrong(
            "listen_url",
            "not the URL of a PostgreSQL database",
            "write postgres://user:password@host/database",
        );
        return None;
    }
    if url.split_once('?').is_some_and(|(_, query)| query.contains("ssl")) {
        section.wrong("listen_url", "it says how to encrypt", "leave that to 'tls', which holds for both URLs");
    }
    Some(Secret::new(url))
}

/// The settings that are ours to send. Their names become part of statements, so they are plain.
fn session(product: Product, section: &mut Section<'_>) -> Vec<(String, SessionValue)> {
    let own: &[&str] = if product == Product::Postgres { &POSTGRES_OWN } else { &MYSQL_OWN };
    let table = section.table("session");
    let mut session = section.inner("session", toml::Table::new());
    let mut settings = Vec::with_capacity(table.len());
    for (name, value) in table {
        let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.');
        if !plain || name.is_empty() {
            session.wrong(&name, "not the name of a setting", "use letters, digits, '_' and '.'");
            continue;
        }
        if own.contains(&name.to_ascii_lowercase().as_str()) {
            let wrong = format!("'{name}' is set by Penstock: statements or answers count on it");
            let right = match name.to_ascii_lowercase().as_str() {
                "statement_timeout" | "max_execution_time" | "max_statement_time" => {
                    "write statement_timeout_ms in the table of the source"
                }
                "role" => "write role in the table of the source",
                "search_path" => "write search_path in the table of the source",
                _ => "take it out",
            };
            session.wrong(&name, wrong, right);
            continue;
        }
        let value = match value {
            Value::String(text) if !text.contains('\0') => SessionValue::Text(text),
            Value::Integer(number) => SessionValue::Number(number),
            Value::Boolean(flag) => SessionValue::Flag(flag),
            _ => {
                session.wrong(&name, "not a value of a setting", "write a text, a whole number, true or false");
                continue;
            }
        };
        settings.push((name, value));
    }
    settings
}

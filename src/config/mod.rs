//! Settings: what file and environment may say, and what the program may rely on.
//!
//! [`load`] reads one TOML file, replaces `${env:X}` and `${file:/path}`, checks everything and gives [`Settings`] and
//! every [`Problem`] at once. Relative paths start at the file's own folder.
//!
//! # Decisions
//!
//! - Keys are taken one by one out of `toml` tables (`raw::Section`) instead of deriving `Deserialize` with
//!   `deny_unknown_fields`: a derived reader stops at the first wrong key, and its messages repeat the value, which may
//!   be a secret that was just replaced.
//! - A replaced text is put in as it is, also inside a URL. Encoding it on the way was rejected, because a variable may
//!   hold `user:password@host` as well as a password; a password that visibly breaks its URL is reported instead.
//! - No overlay of files and variables in this version: one file says everything, and what differs per machine stands
//!   in it as `${env:X}`.

mod access;
mod cache;
mod cors;
mod later;
mod limits;
mod log;
mod metadata_files;
mod problem;
mod raw;
mod replace;
mod secret;
mod server;
mod service;
mod source;
mod user;

#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::path::Path;

pub use access::{Access, SessionValue, TlsMode};
pub use cache::{Cache, Redis};
pub use cors::Cors;
pub use later::Later;
pub use limits::Limits;
pub use log::{Log, LogCallouts, LogFormat, LogLevel};
pub use metadata_files::{MetadataFolder, read_folder, read_pick};
pub use problem::Problem;
pub use secret::Secret;
pub use server::{Server, base_url};
pub use service::{MetadataPath, Service};
pub use source::Source;
pub use user::User;

use problem::Problems;
use raw::Section;
use replace::Outside;

/// Everything the file says, checked. What was left out has its default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Where we listen.
    pub server: Server,
    /// `[log]`
    pub log: Log,
    /// `[sources.NAME]`, by name.
    pub sources: Vec<Source>,
    /// `[services.NAME]`, by name; at least one.
    pub services: Vec<Service>,
    /// `[[users]]`, in the order of the file; at least one unless every service is anonymous.
    pub users: Vec<User>,
    /// `[limits]`
    pub limits: Limits,
    /// `[cache]`
    pub cache: Cache,
    /// `[async]`
    pub later: Later,
    /// `[cors]`
    pub cors: Cors,
}

/// What came of reading a configuration file.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The settings; `None` if the file cannot be read or is no TOML. To be relied on only if there is no problem: what
    /// is wrong has its default or is empty. They are here so that what they name can be checked in the same run.
    pub settings: Option<Settings>,
    /// Everything that is wrong.
    pub problems: Vec<Problem>,
}

/// Reads and checks a configuration file.
pub fn load(file: &Path) -> Loaded {
    match std::fs::read_to_string(file) {
        Ok(text) => parse(&text, file, &replace::variable),
        Err(error) => {
            let mut problems = Problems::new(file.display().to_string());
            problems.add("", format!("the file cannot be read: {error}"), "name a readable file with --config");
            Loaded { settings: None, problems: problems.into_found() }
        }
    }
}

/// Checks the text of a configuration file. `variable` looks an environment variable up.
fn parse(text: &str, file: &Path, variable: &dyn Fn(&str) -> Option<String>) -> Loaded {
    let mut problems = Problems::new(file.display().to_string());
    let mut table: toml::Table = match text.parse() {
        Ok(table) => table,
        Err(error) => {
            let line = error.span().map_or(1, |span| text.bytes().take(span.start).filter(|&b| b == b'\n').count() + 1);
            let message = error.message().lines().collect::<Vec<_>>().join(", ");
            problems.add(format!("line {line}"), format!("not TOML: {message}"), "correct this line");
            return Loaded { settings: None, problems: problems.into_found() };
        }
    };
    let folder = file.parent().unwrap_or(Path::new(""));
    replace::replace_table(&mut table, "", &Outside { variable, folder }, &mut problems);
    problems.settle();
    let settings = Some(check(table, folder, &mut problems));
    Loaded { settings, problems: problems.into_found() }
}

fn check(table: toml::Table, folder: &Path, problems: &mut Problems) -> Settings {
    let mut top = Section::new(table, "", problems);
    if top.has("version") {
        top.number("version", 1, 1, 1);
    } else {
        top.wrong("version", "'version' is missing", "write version = 1");
    }
    let server = server::check(&mut top);
    let log_table = top.table("log");
    let limits_table = top.table("limits");
    let cache_table = top.table("cache");
    let later_table = top.table("async");
    let cors_table = top.table("cors");
    let source_tables = top.named_tables("sources");
    let service_tables = top.named_tables("services");
    let user_tables = top.tables("users");
    top.finish();

    let log = log::check(Section::new(log_table, "log", problems));
    let mut sources = Vec::with_capacity(source_tables.len());
    for (name, table) in source_tables {
        let place = format!("sources.{name}");
        check_name(&name, &place, problems);
        sources.push(source::check(name, Section::new(table, place, problems), folder));
    }
    let mut services = Vec::with_capacity(service_tables.len());
    for (name, table) in service_tables {
        let place = format!("services.{name}");
        check_name(&name, &place, problems);
        services.push(service::check(name, Section::new(table, place, problems), folder));
    }
    let users_named = !user_tables.is_empty();
    let mut users: Vec<User> = Vec::with_capacity(user_tables.len());
    let mut names = HashSet::new();
    for (index, table) in user_tables.into_iter().enumerate() {
        let place = format!("users.{index}");
        let Some(user) = user::check(Section::new(table, &place, problems)) else { continue };
        if !names.insert(user.name.clone()) {
            problems.add(format!("{place}.name"), format!("'{}' is named twice", user.name), "keep one of the two");
        }
        users.push(user);
    }
    let limits = limits::check(Section::new(limits_table, "limits", problems));
    let cache = cache::check(Section::new(cache_table, "cache", problems));
    let later = later::check(Section::new(later_table, "async", problems));
    let cors = cors::check(Section::new(cors_table, "cors", problems));

    if services.is_empty() {
        problems.add("services", "no service is configured", "add [services.NAME] with its metadata folders");
    }
    if !users_named {
        for service in services.iter().filter(|service| !service.anonymous) {
            problems.add(
                format!("services.{}", service.name),
                "nobody could use this service: it needs credentials and there is no user",
                "add [[users]], or write anonymous = true",
            );
        }
    }
    Settings { server, log, sources, services, users, limits, cache, later, cors }
}

/// A name becomes part of a URL, of a log line and of file names.
fn check_name(name: &str, place: &str, problems: &mut Problems) {
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    if !plain || name.is_empty() || name.len() > 64 {
        problems.add(
            place,
            format!("'{name}' cannot be a name"),
            "use up to 64 letters, digits, underscores and hyphens, without accents",
        );
    }
}

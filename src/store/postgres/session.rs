//! Owns what is set in every session with PostgreSQL, whatever the defaults of the server, the database and the role
//! are.
//!
//! # Decisions
//!
//! - Settings travel with the start of a session, where they outrank those of `ALTER ROLE` and `ALTER DATABASE`, and
//!   cost no round trip.
//! - A pooler that lends its connections for single transactions knows neither these settings nor statements that stay
//!   prepared. Behind one, settings are sent in front of each statement, for the length of its transaction, in the same
//!   packet. `SET` was rejected there: it would stay on a connection that belongs to others, too.
//! - Whether the settings have arrived is asked once per connection, by one that no default has: a pooler can be told
//!   to drop what it does not know, and says nothing then.

use crate::store::{Access, SessionValue};

use super::direct::write_preamble;

/// Set at the start, and asked for afterwards.
pub(super) const MARK: (&str, &str) = ("penstock.session", "1");
/// Whether the server looks for us while it works.
pub(super) const LOOKS: &str = "client_connection_check_interval";
/// The first version that can.
const LOOKS_SINCE: u32 = 14;

/// What our statements mean, and how answers are written, hangs on these.
const PINNED: [(&str, &str); 9] = [
    ("DateStyle", "ISO, MDY"),
    // Intervals that are published as texts.
    ("IntervalStyle", "iso_8601"),
    ("TimeZone", "UTC"),
    ("extra_float_digits", "2"),
    ("standard_conforming_strings", "on"),
    ("bytea_output", "hex"),
    // Would find null where equality is asked for.
    ("transform_null_equals", "off"),
    // Would leave out rows by chance.
    ("gin_fuzzy_search_limit", "0"),
    // Would make errors of rows that policies hide.
    ("row_security", "on"),
];

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Read,
    Change,
}

/// What is set in the sessions of one source.
pub(super) struct Session {
    settings: Vec<(String, String)>,
}

impl Session {
    /// What is pinned, and what the configuration adds.
    pub(super) fn new(access: &Access, timeout_ms: u128) -> Self {
        let mut settings: Vec<_> = access.settings.iter().map(|(name, value)| (name.clone(), text(value))).collect();
        // What is pinned comes later, and so wins.
        settings.extend(PINNED.map(|(name, value)| (name.to_owned(), value.to_owned())));
        settings.push(("statement_timeout".to_owned(), timeout_ms.to_string()));
        if !access.search_path.is_empty() {
            let quoted: Vec<_> =
                access.search_path.iter().map(|schema| format!("\"{}\"", schema.replace('"', "\"\""))).collect();
            settings.push(("search_path".to_owned(), quoted.join(", ")));
        }
        if let Some(role) = &access.role {
            settings.push(("role".to_owned(), role.clone()));
        }
        Session { settings }
    }

    /// What travels with the start of a session.
    pub(super) fn at_start(&self, purpose: Purpose, looks: bool) -> Vec<(String, String)> {
        let mut settings = self.settings.clone();
        let mut add = |(name, value): (&str, &str)| settings.push((name.to_owned(), value.to_owned()));
        add(MARK);
        if purpose == Purpose::Read {
            add(("default_transaction_read_only", "on"));
        }
        if looks {
            add((LOOKS, "100ms"));
        }
        settings
    }

    /// The messages in front of each statement behind a pooler. `version` is the server's, if it is known.
    pub(super) fn before_each(&self, purpose: Purpose, looks: bool, version: Option<u32>) -> Vec<u8> {
        let mut settings: Vec<_> = self.settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        if purpose == Purpose::Read {
            settings.push(("transaction_read_only", "on"));
        }
        if looks && version.is_some_and(|version| version >= LOOKS_SINCE) {
            settings.push((LOOKS, "100ms"));
        }
        write_preamble(&settings)
    }
}

fn text(value: &SessionValue) -> String {
    match value {
        SessionValue::Text(text) => text.clone(),
        SessionValue::Number(number) => number.to_string(),
        SessionValue::Flag(flag) => if *flag { "on" } else { "off" }.to_owned(),
    }
}

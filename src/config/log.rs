//! Owns [`Log`]: how much is logged and in which form.

use super::raw::Section;

/// `[log]`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Log {
    /// The least important level that is written.
    pub level: LogLevel,
    /// The form of a line.
    pub format: LogFormat,
    /// What the line of a request for rows says of it.
    pub callouts: LogCallouts,
}

/// How important a line is: those further down say more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// Something failed.
    Error,
    /// Something deserves attention.
    Warn,
    /// One line per request, and what starts and stops.
    Info,
    /// Also the URLs of requests.
    Debug,
    /// Everything.
    Trace,
}

/// The form of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object per line.
    Json,
}

/// What the line of a request for rows says of it, and of what answered it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogCallouts {
    /// Nothing.
    Off,
    /// Its options without their values, which may be names of people.
    Masked,
    /// Its options.
    Full,
}

impl Default for Log {
    fn default() -> Self {
        Log { level: LogLevel::Info, format: LogFormat::Text, callouts: LogCallouts::Masked }
    }
}

pub(super) fn check(mut section: Section<'_>) -> Log {
    let default = Log::default();
    let log = Log {
        level: section.choice(
            "level",
            default.level,
            &[
                ("error", LogLevel::Error),
                ("warn", LogLevel::Warn),
                ("info", LogLevel::Info),
                ("debug", LogLevel::Debug),
                ("trace", LogLevel::Trace),
            ],
        ),
        format: section.choice("format", default.format, &[("text", LogFormat::Text), ("json", LogFormat::Json)]),
        callouts: section.choice(
            "callouts",
            default.callouts,
            &[("off", LogCallouts::Off), ("masked", LogCallouts::Masked), ("full", LogCallouts::Full)],
        ),
    };
    section.finish();
    log
}

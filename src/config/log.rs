//! Owns [`Log`]: how much is logged and in which form.

use super::raw::Section;

/// `[log]`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Log {
    /// The least important level that is written.
    pub level: LogLevel,
    /// The form of a line.
    pub format: LogFormat,
}

/// How important a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

impl Default for Log {
    fn default() -> Self {
        Log { level: LogLevel::Info, format: LogFormat::Text }
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
    };
    section.finish();
    log
}

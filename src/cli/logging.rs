//! Starts the log: one form, one level, to standard error.

use std::fmt::{self, Debug, Write};
use std::io::IsTerminal;
use std::time::UNIX_EPOCH;

use tracing::field::Field;
use tracing_subscriber::field::MakeExt;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::format::{Writer, debug_fn};
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt as form};

use crate::config::{Log, LogFormat, LogLevel};
use crate::edm::write_date_time_offset;

/// From here on, events are written. Called once, by commands that serve.
pub(super) fn start(log: Log) {
    let level = match log.level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    };
    // The libraries below us speak of their own affairs at info; their warnings are wanted.
    let filter = Targets::new().with_default(level.min(LevelFilter::WARN)).with_target("penstock", level);
    let is_terminal = std::io::stderr().is_terminal();
    let layer = form::layer().with_writer(std::io::stderr).with_ansi(is_terminal).with_timer(UtcTime);
    let layer = match log.format {
        LogFormat::Text if is_terminal => layer.boxed(),
        LogFormat::Text => layer.fmt_fields(debug_fn(write_field).delimited(" ")).boxed(),
        LogFormat::Json => layer.json().flatten_event(true).boxed(),
    };
    // Only a second start could fail, and the first one's log is then in place.
    let _ = tracing_subscriber::registry().with(layer.with_filter(filter)).try_init();
    // Without this a panic would write lines of its own form between those of the log.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, panic = panic.payload_as_str().unwrap_or_default(), "panic");
    }));
}

/// The time in UTC to the microsecond, in the form of RFC 3339. The library's own asks for the digits one by one.
struct UtcTime;

impl FormatTime for UtcTime {
    fn format_time(&self, w: &mut Writer<'_>) -> fmt::Result {
        #[expect(
            clippy::disallowed_methods,
            reason = "the log tells the time of the machine, whatever the service thinks"
        )]
        let now = std::time::SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let mut text = Vec::with_capacity(32);
        write_date_time_offset(i64::try_from(now.as_micros()).unwrap_or(i64::MAX), b'T', 6, false, &mut text);
        w.write_str(std::str::from_utf8(&text).unwrap_or_default())?;
        w.write_char('Z')
    }
}

/// Writes a field of an event where nobody wants colours: every request has such a line.
fn write_field(w: &mut Writer<'_>, field: &Field, value: &dyn Debug) -> fmt::Result {
    if field.name() == "message" {
        return write!(OneLine(w), "{value:?}");
    }
    w.write_str(field.name())?;
    w.write_char('=')?;
    write!(w, "{value:?}")
}

/// Writes control characters as their escapes: what a message quotes must not end its line or steer a terminal.
struct OneLine<'a, 'w>(&'a mut Writer<'w>);

impl Write for OneLine<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for part in text.split_inclusive(char::is_control) {
            let mut characters = part.chars();
            match characters.next_back().filter(|last| last.is_control()) {
                Some(last) => write!(self.0, "{}{}", characters.as_str(), last.escape_default())?,
                None => self.0.write_str(part)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_stays_on_its_line() {
        let mut text = String::new();
        write!(OneLine(&mut Writer::new(&mut text)), "{:?}", format_args!("a\n{}\u{1b}[2J ä\u{9b}", "b\r")).unwrap();
        assert_eq!(text, "a\\nb\\r\\u{1b}[2J ä\\u{9b}");
    }

    #[test]
    fn the_time_has_all_its_digits() {
        let mut text = String::new();
        UtcTime.format_time(&mut Writer::new(&mut text)).unwrap();
        assert_eq!(
            (text.len(), text.get(10..11), text.get(19..20), text.get(26..)),
            (27, Some("T"), Some("."), Some("Z"))
        );
    }
}

//! A line on standard error that grows while something takes its time.

use std::io::{IsTerminal, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::store::Progress;

/// The line. Silent if standard error is no terminal, or if there is little to wait for.
pub(super) struct ProgressLine {
    what: &'static str,
    shown: Option<Instant>,
    started: Instant,
    terminal: bool,
}

impl ProgressLine {
    /// Time between two updates: faster than this, nobody reads.
    const BEAT: Duration = Duration::from_millis(100);
    /// Width of the bar.
    const CELLS: u64 = 30;

    /// A line that is not shown yet; `what` stands in front of the bar.
    pub(super) fn new(what: &'static str) -> Self {
        ProgressLine { what, shown: None, started: Instant::now(), terminal: std::io::stderr().is_terminal() }
    }

    /// Shows how far it is, at most every tenth of a second.
    pub(super) fn show(&mut self, stage: &str, done: u64, total: u64) {
        let last = self.shown.unwrap_or(self.started);
        if self.terminal && last.elapsed() >= Self::BEAT {
            self.shown = Some(Instant::now());
            let _ = write!(std::io::stderr(), "\r{} {}\x1b[K", self.what, bar(stage, done, total, Self::CELLS));
        }
    }
}

impl Drop for ProgressLine {
    fn drop(&mut self) {
        if self.shown.is_some() {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}

/// A bar while catalogues are read; it goes with the last copy.
pub(super) fn of_catalogues() -> Progress {
    let line = Mutex::new(ProgressLine::new("catalogues"));
    Arc::new(move |done, total| {
        let number = |count| u64::try_from(count).unwrap_or(u64::MAX);
        let mut line = line.lock().unwrap_or_else(PoisonError::into_inner);
        line.show("", number(done), number(total));
    })
}

fn bar(stage: &str, done: u64, total: u64, cells: u64) -> String {
    let total = total.max(1);
    let done = done.min(total);
    let full = usize::try_from(done.saturating_mul(cells) / total).unwrap_or(0);
    let empty = usize::try_from(cells).unwrap_or(0).saturating_sub(full);
    let percent = done.saturating_mul(100) / total;
    format!("[{}{}] {percent:>3} % {stage}", "#".repeat(full), ".".repeat(empty))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_is_never_wider_or_narrower() {
        assert_eq!(bar("orders", 0, 10, 4), "[....]   0 % orders");
        assert_eq!(bar("orders", 5, 10, 4), "[##..]  50 % orders");
        assert_eq!(bar("indexes", 11, 10, 4), "[####] 100 % indexes");
        assert_eq!(bar("", 0, 0, 4), "[....]   0 % ");
    }
}

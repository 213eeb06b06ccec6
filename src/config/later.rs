//! Owns [`Later`]: answers that are given later, `Prefer: respond-async`.

use super::raw::Section;

/// `[async]`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Later {
    /// Answers that are being worked on or wait to be fetched; 0 answers every request at once.
    pub results_max: usize,
    /// How long a finished answer waits.
    pub expires_s: u64,
}

impl Default for Later {
    fn default() -> Self {
        Later { results_max: 64, expires_s: 600 }
    }
}

pub(super) fn check(mut section: Section<'_>) -> Later {
    let default = Later::default();
    let results_max = section.number("results_max", u64::try_from(default.results_max).unwrap_or(0), 0, 10_000);
    let expires_s = section.number("expires_s", default.expires_s, 1, 86_400);
    section.finish();
    Later { results_max: usize::try_from(results_max).unwrap_or(0), expires_s }
}

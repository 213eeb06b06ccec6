//! Owns how long the benches with a clock measure. What they share with the bench of instructions lies in the files
//! beside this one; each bench takes those that it needs.

use std::time::Duration;

use criterion::Criterion;

/// Short runs: what is measured takes microseconds, and a comparison repeats whole runs anyway. The command line wins.
pub(crate) fn criterion() -> Criterion {
    Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(1))
        .configure_from_args()
}

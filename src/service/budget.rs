//! Owns the process-wide budget of bytes in flight: every answer that is being built or sent holds a reservation, so
//! memory is bounded whatever clients do.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Reservations grow in steps of this size, so that a row costs no atomic operation.
const STEP: usize = 64 * 1024;

/// How many bytes of answers may be in memory at once.
#[derive(Clone, Debug)]
pub struct Budget {
    used: Arc<AtomicUsize>,
    bytes_max: usize,
}

/// A part of the budget, given back when dropped.
#[derive(Debug)]
pub struct Reservation {
    used: Arc<AtomicUsize>,
    bytes_max: usize,
    held: usize,
}

impl Budget {
    /// A budget of `bytes_max` bytes.
    pub fn new(bytes_max: usize) -> Self {
        Budget { used: Arc::default(), bytes_max }
    }

    /// An empty reservation.
    pub fn reservation(&self) -> Reservation {
        Reservation { used: Arc::clone(&self.used), bytes_max: self.bytes_max, held: 0 }
    }
}

impl Reservation {
    /// Makes the reservation cover `bytes`; false if the budget does not allow it.
    #[must_use]
    pub fn cover(&mut self, bytes: usize) -> bool {
        if bytes <= self.held {
            return true;
        }
        let wanted = bytes.div_ceil(STEP) * STEP - self.held;
        let before = self.used.fetch_add(wanted, Ordering::Relaxed);
        if before + wanted > self.bytes_max {
            self.used.fetch_sub(wanted, Ordering::Relaxed);
            return false;
        }
        self.held += wanted;
        true
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.used.fetch_sub(self.held, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reservation_is_bounded_and_given_back() {
        let budget = Budget::new(3 * STEP);
        let mut first = budget.reservation();
        assert!(first.cover(1));
        assert!(first.cover(2 * STEP));
        let mut second = budget.reservation();
        assert!(second.cover(STEP));
        assert!(!second.cover(STEP + 1));
        drop(first);
        assert!(second.cover(STEP + 1));
        drop(second);
        assert_eq!(budget.used.load(Ordering::Relaxed), 0);
    }
}

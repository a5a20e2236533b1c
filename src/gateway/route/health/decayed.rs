//! Counts that fade.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Time;

/// What is younger than this is not faded yet: a count is touched with each send.
const RESOLUTION: Duration = Duration::from_secs(1);

/// How many there were, and how many of them were hits; both halve with each half-life.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(in crate::gateway::route) struct Decayed {
    pub(in crate::gateway::route) count: f64,
    pub(in crate::gateway::route) hits: f64,
    at: Time,
}

impl Decayed {
    /// Counts some at `now`.
    pub(in crate::gateway::route) fn add(&mut self, now: Time, half_life: Duration, count: f64, hits: f64) {
        self.fade(now, half_life);
        self.count += count;
        self.hits += hits;
    }

    /// Fades the counts to what they are at `now`. A clock that was set back changes nothing.
    pub(super) fn fade(&mut self, now: Time, half_life: Duration) {
        let passed = now.saturating_sub(self.at);
        if passed < RESOLUTION {
            return;
        }
        let left = faded(passed, half_life);
        self.count *= left;
        self.hits *= left;
        self.at = now;
    }

    /// Adds what another replica counted. Both have been faded to the same time.
    pub(super) fn merge(&mut self, other: &Self) {
        self.count += other.count;
        self.hits += other.hits;
    }
}

/// Returns what is left of 1 after this time.
pub(super) fn faded(passed: Duration, half_life: Duration) -> f64 {
    (-passed.as_secs_f64() / half_life.as_secs_f64()).exp2()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_halve_with_each_half_life_and_not_with_a_clock_that_was_set_back() {
        let (minute, mut counts) = (Duration::from_secs(60), Decayed::default());
        counts.add(minute * 10, minute, 100.0, 40.0);
        counts.fade(minute * 12, minute);
        assert_eq!((counts.count, counts.hits), (25.0, 10.0));
        counts.add(minute, minute, 1.0, 0.0);
        assert_eq!((counts.count, counts.hits), (26.0, 10.0));
        counts.fade(minute * 13, minute);
        assert_eq!((counts.count, counts.hits), (13.0, 5.0));
    }
}

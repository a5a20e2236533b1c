//! What operators set: it holds for its time, whatever the health of an account is.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Time;

/// What an operator gives an account of its share, for a time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Pin {
    /// The part of the configured share. 0 takes the account out.
    pub share: f64,
    /// When it was set.
    pub at: Time,
    /// Until when it holds.
    pub until: Time,
}

/// The pins of the candidates, by their index.
#[derive(Debug)]
pub(super) struct Pins(Vec<Option<Pin>>);

impl Pins {
    pub(super) fn new(candidates: usize) -> Self {
        Self(vec![None; candidates])
    }

    /// Replaces all pins by these; the last one of a candidate counts.
    pub(super) fn replace(&mut self, pins: impl Iterator<Item = (usize, Pin)>) {
        self.0.fill(None);
        for (candidate, pin) in pins {
            if let Some(pinned) = self.0.get_mut(candidate) {
                *pinned = Some(pin);
            }
        }
    }

    /// Returns the pin of a candidate that holds at this time.
    pub(super) fn of(&self, candidate: usize, now: Time) -> Option<Pin> {
        self.0.get(candidate).copied().flatten().filter(|pin| now < pin.until)
    }

    /// Whether a candidate is taken out: it gets nothing, and is not asked instead of others either.
    pub(super) fn take_out(&self, candidate: usize, now: Time) -> bool {
        self.of(candidate, now).is_some_and(|pin| pin.share <= 0.0)
    }

    /// Returns the time until a pin ends.
    pub(super) fn until_next_end(&self, now: Time) -> Option<Duration> {
        self.0.iter().flatten().map(|pin| pin.until.saturating_sub(now)).filter(|left| !left.is_zero()).min()
    }
}

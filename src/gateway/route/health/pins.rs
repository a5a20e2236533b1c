//! What operators set: it holds for its time, whatever the health of an account is.

use serde::{Deserialize, Serialize};

use super::Time;

/// What an operator gives an account of its share, for a time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Pin {
    /// The part of the configured share.
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
}

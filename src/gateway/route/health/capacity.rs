//! What an account may be given beyond its own share: traffic moves only onto an account that has shown that it can carry
//! it. A failing account that takes the next one with it is worse than one that fails alone.

use std::time::Duration;

use super::Time;

const MINUTE: u64 = 60;

/// Room is given out in slices, so that it lasts for the whole minute.
const SLICE: u64 = 10;

/// The minutes that are remembered.
const MINUTES: usize = 60;

/// What an account may be given in a minute even if it has shown less.
const LEAST: f64 = 60.0;

/// How much more than in its best minute an account may be given: at first, and after a minute that did not go well.
const GROWTH: f64 = 2.0;
const CAREFUL_GROWTH: f64 = 1.1;

/// The minutes without any growth after one that did not go well.
const PAUSE: u64 = 5;

/// A minute went well if fewer than one send in so many failed, and of few sends at most that many.
const ONE_IN: u32 = 20;
const FEW: u32 = 2;

/// Returns how long it is until there may be room again.
pub(super) fn until_room(now: Time) -> Duration {
    Duration::from_secs(SLICE - now.as_secs() % SLICE)
}

/// The sends of an account, by the minute. Each replica has its own: its part of the traffic is what it can move.
#[derive(Debug)]
pub(super) struct Capacity {
    /// `requests_per_second`, in a minute.
    most: Option<f64>,
    minute: u64,
    accepted: u32,
    failed: u32,
    /// Sends of this minute that are the account's own share, and those of the minute before.
    own: u32,
    own_before: u32,
    /// The last minute with sends of the account's own share.
    own_at: Option<u64>,
    slice: u64,
    /// Sends of this slice that were moved here.
    moved: u32,
    /// The accepted sends of minutes, half of those that did not go well.
    best: [u32; MINUTES],
    /// The last minute that did not go well.
    bad: Option<u64>,
}

impl Capacity {
    pub(super) fn new(most: Option<f64>) -> Self {
        Self {
            most,
            minute: 0,
            accepted: 0,
            failed: 0,
            own: 0,
            own_before: 0,
            own_at: None,
            slice: 0,
            moved: 0,
            best: [0; MINUTES],
            bad: None,
        }
    }

    /// Whether the account can be given one more send that is not its own.
    pub(super) fn has_room(&self, now: Time) -> bool {
        let moved = if self.slice == now.as_secs() / SLICE { self.moved } else { 0 };
        f64::from(moved) < self.room()
    }

    /// Counts sends that are given to the account.
    pub(super) fn take(&mut self, is_own: bool, count: u32, now: Time) {
        self.advance(now);
        if is_own {
            self.own = self.own.saturating_add(count);
        } else {
            self.moved = self.moved.saturating_add(count);
        }
    }

    /// Counts how a send ended.
    pub(super) fn ended(&mut self, failed: bool, now: Time) {
        self.advance(now);
        if failed {
            self.failed += 1;
        } else {
            self.accepted += 1;
        }
    }

    /// Returns how many sends may be moved here in a slice.
    fn room(&self) -> f64 {
        let best = f64::from(self.best.iter().copied().max().unwrap_or_default());
        let shown = match self.bad.map(|bad| self.minute.saturating_sub(bad)) {
            // An account without a share of its own is there to take over; what it can carry has yet to show.
            None if self.own_at.is_none() || best == 0.0 => f64::INFINITY,
            None => best * GROWTH,
            Some(passed) if passed <= PAUSE => best,
            Some(_) => best * CAREFUL_GROWTH,
        };
        let limit = shown.max(LEAST).min(self.most.unwrap_or(f64::INFINITY));
        (limit - f64::from(self.own_before)).max(0.0) * SLICE as f64 / MINUTE as f64
    }

    fn advance(&mut self, now: Time) {
        let (minute, slice) = (now.as_secs() / MINUTE, now.as_secs() / SLICE);
        if self.slice != slice {
            (self.slice, self.moved) = (slice, 0);
        }
        if self.minute == minute {
            return;
        }
        let went_well = self.failed <= FEW || self.failed * ONE_IN < self.accepted + self.failed;
        if !went_well {
            self.bad = Some(self.minute);
        }
        self.best[(self.minute % MINUTES as u64) as usize] = if went_well { self.accepted } else { self.accepted / 2 };
        let skipped = minute.saturating_sub(self.minute + 1);
        (0..skipped.min(MINUTES as u64))
            .for_each(|back| self.best[((minute - 1 - back) % MINUTES as u64) as usize] = 0);
        self.best[(minute % MINUTES as u64) as usize] = 0;
        self.bad = self.bad.filter(|bad| minute.saturating_sub(*bad) < MINUTES as u64);
        if self.own > 0 {
            self.own_at = Some(self.minute);
        }
        self.own_at = self.own_at.filter(|at| minute.saturating_sub(*at) < MINUTES as u64);
        self.own_before = if skipped == 0 { self.own } else { 0 };
        (self.minute, self.accepted, self.failed, self.own) = (minute, 0, 0, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An account that carries so many sends a minute.
    struct Minutes {
        capacity: Capacity,
        carries: u32,
        minute: u64,
    }

    impl Minutes {
        fn new(most: Option<f64>, carries: u32) -> Self {
            Self { capacity: Capacity::new(most), carries, minute: 30_000_000 }
        }

        /// Gives the account its own sends, and of this many others a second those there is room for; returns the number of these.
        fn pass(&mut self, own: u32, others: u32) -> u32 {
            let (mut moved, mut given) = (0, 0);
            for second in 0..MINUTE {
                let now = Duration::from_secs(self.minute * MINUTE + second);
                let mut give = |capacity: &mut Capacity, is_own| {
                    capacity.take(is_own, 1, now);
                    given += 1;
                    capacity.ended(given > self.carries, now);
                };
                (0..own / 60).for_each(|_| give(&mut self.capacity, true));
                for _ in 0..others {
                    if self.capacity.has_room(now) {
                        give(&mut self.capacity, false);
                        moved += 1;
                    }
                }
            }
            self.minute += 1;
            moved
        }
    }

    #[test]
    fn an_account_is_given_at_most_twice_its_best_minute() {
        let mut minutes = Minutes::new(None, u32::MAX);
        assert_eq!(minutes.pass(600, 0), 0);
        assert_eq!(minutes.pass(600, 100), 2 * 600 - 600);
        assert_eq!(minutes.pass(600, 100), 2 * 1200 - 600);
        minutes.minute += 120;
        assert_eq!(minutes.pass(600, 1), 60, "what was two hours ago is forgotten");
    }

    #[test]
    fn the_configured_rate_is_the_most() {
        let mut minutes = Minutes::new(Some(900.0), u32::MAX);
        let moved: Vec<_> = (0..4).map(|_| minutes.pass(600, 100)).collect();
        assert_eq!(moved, [900, 300, 300, 300]);
    }

    #[test]
    fn an_account_that_fails_is_given_what_it_has_shown_to_carry_and_then_little_more() {
        let mut minutes = Minutes::new(None, 900);
        minutes.pass(600, 0);
        let given: Vec<_> = (0..30).map(|_| 600 + minutes.pass(600, 100)).collect();
        assert_eq!(given[..3], [1200, 600, 600], "the growth stops with the first failures");
        assert!(given[1..].iter().all(|given| *given < 1050), "{given:?}");
        assert!(given[20..].iter().any(|given| *given > 850), "{given:?}");
    }

    #[test]
    fn an_account_that_is_there_to_take_over_takes_all_until_it_fails() {
        let mut minutes = Minutes::new(None, 900);
        assert_eq!(minutes.pass(0, 10), 600);
        assert_eq!(minutes.pass(0, 20), 1200);
        assert_eq!(minutes.pass(0, 20), 600, "its best minute that went well");
    }
}

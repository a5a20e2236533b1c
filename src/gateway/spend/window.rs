//! Counts in a sliding window of time. Pure: the time is an argument, in seconds since 1970.

use serde::{Deserialize, Serialize};

/// A length of time: ten minutes, a day, a week. It has nine slots; the tenth is the one that has begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Length {
    /// The seconds of a slot.
    slot: u32,
}

pub(super) const TEN_MINUTES: Length = Length::of(600);
pub(super) const DAY: Length = Length::of(24 * 3600);
pub(super) const WEEK: Length = Length::of(7 * 24 * 3600);

impl Length {
    const fn of(seconds: u32) -> Self {
        Self { slot: seconds.div_ceil(SLOTS as u32 - 1) }
    }

    fn number(self, now: u64) -> u32 {
        u32::try_from(now / u64::from(self.slot)).unwrap_or(u32::MAX)
    }
}

const SLOTS: usize = 10;

/// The number of a slot.
pub(super) trait Count: Copy + Default + Into<u64> {
    fn plus(self, more: u32) -> Self;
}

impl Count for u16 {
    fn plus(self, more: u32) -> Self {
        self.saturating_add(Self::try_from(more).unwrap_or(Self::MAX))
    }
}

impl Count for u32 {
    fn plus(self, more: u32) -> Self {
        self.saturating_add(more)
    }
}

/// A count, which forgets what is older than a [`Length`], but never earlier: up to a ninth later.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Window<T> {
    newest: u32,
    slots: [T; SLOTS],
}

impl<T: Count> Window<T> {
    /// Counts `more`, now.
    pub(super) fn add(&mut self, length: Length, now: u64, more: u32) {
        let number = length.number(now);
        // A clock that was set back counts in the newest slot.
        let ahead = number.saturating_sub(self.newest);
        for passed in 0..ahead.min(SLOTS as u32) {
            self.slots[index(number - passed)] = T::default();
        }
        self.newest = self.newest.max(number);
        let slot = &mut self.slots[index(self.newest)];
        *slot = slot.plus(more);
    }

    /// Adds what was counted elsewhere.
    pub(super) fn merge(&mut self, other: &Self) {
        let oldest = self.newest.max(other.newest).saturating_sub(SLOTS as u32 - 1);
        let slot = |window: &Self, number: u32| -> u64 {
            let is_there = number <= window.newest && window.newest - number < SLOTS as u32;
            if is_there { window.slots[index(number)].into() } else { 0 }
        };
        let mut both = Self { newest: self.newest.max(other.newest), ..Self::default() };
        for number in oldest..=both.newest {
            let count = slot(self, number) + slot(other, number);
            both.slots[index(number)] = T::default().plus(u32::try_from(count).unwrap_or(u32::MAX));
        }
        *self = both;
    }

    /// Returns what was counted within the length.
    pub(super) fn count(&self, length: Length, now: u64) -> u64 {
        let ahead = length.number(now).saturating_sub(self.newest);
        // Those after the newest one are the oldest ones.
        let gone = (1..=ahead.min(SLOTS as u32)).map(|after| self.slots[index(self.newest.wrapping_add(after))]);
        let sum = |all: u64, count: T| all + count.into();
        self.slots.into_iter().fold(0, sum) - gone.fold(0, sum)
    }
}

fn index(number: u32) -> usize {
    number as usize % SLOTS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_counts_what_is_younger_than_its_length_and_forgets_the_rest_a_ninth_later() {
        for (length, seconds) in [(TEN_MINUTES, 600), (DAY, 86_400), (WEEK, 604_800)] {
            for start in [1_800_000_000, 1_800_000_001, 1_800_012_345] {
                let mut window = Window::<u16>::default();
                window.add(length, start, 2);
                window.add(length, start + seconds / 3, 3);
                let at = |after: u64| window.count(length, start + after);
                assert_eq!((at(seconds / 3), at(seconds - 1), at(seconds)), (5, 5, 5), "{length:?}");
                assert_eq!(at(seconds + seconds / 9 + 10), 3);
                assert_eq!(at(seconds / 3 + seconds + seconds / 9 + 10), 0);
                assert_eq!(at(100 * seconds), 0);
            }
        }
    }

    #[test]
    fn a_slot_that_is_used_again_starts_at_nothing() {
        let mut window = Window::<u32>::default();
        // Two a second, for ever: at most a ninth more than the window has.
        for now in 1_800_000_000..1_800_005_000 {
            window.add(TEN_MINUTES, now, 2);
        }
        let count = window.count(TEN_MINUTES, 1_800_004_999);
        assert!((1200..=1340).contains(&count), "{count}");
        // After a pause that is longer than the window, nothing of it is left.
        window.add(TEN_MINUTES, 1_800_010_000, 7);
        assert_eq!(window.count(TEN_MINUTES, 1_800_010_000), 7);
    }

    #[test]
    fn neither_a_clock_that_is_set_back_nor_a_full_slot_loses_a_count() {
        let mut window = Window::<u16>::default();
        window.add(DAY, 1_800_000_000, 70_000);
        window.add(DAY, 1_799_000_000, 1);
        assert_eq!(window.count(DAY, 1_799_000_000), u64::from(u16::MAX));
        assert_eq!(window.count(DAY, 1_800_000_000), u64::from(u16::MAX));
        assert_eq!(Window::<u32>::default().count(WEEK, 1_800_000_000), 0);
    }

    #[test]
    fn counts_of_two_are_added_slot_by_slot_and_are_forgotten_as_each_was() {
        let (mut one, mut two) = (Window::<u16>::default(), Window::<u16>::default());
        let start = 1_800_000_000;
        one.add(TEN_MINUTES, start, 1);
        one.add(TEN_MINUTES, start + 500, 2);
        two.add(TEN_MINUTES, start + 200, 4);
        two.add(TEN_MINUTES, start + 900, 8);
        let expected = |now| one.count(TEN_MINUTES, now) + two.count(TEN_MINUTES, now);
        for (mut window, other) in [(one, two), (two, one)] {
            window.merge(&other);
            for now in [900, 1000, 1300, 2000].map(|after| start + after) {
                assert_eq!(window.count(TEN_MINUTES, now), expected(now), "{now}");
            }
        }
    }
}

//! Delivery reports: whether messages that are old enough have been delivered, and how old that is.

use std::{collections::VecDeque, time::Duration};

use serde::{Deserialize, Serialize};

use super::{Time, decayed::faded};

/// Messages that are sent within this time are counted together.
const BUCKET: u64 = 30;

/// The bounds of the age at which messages are judged. Reports that are not pushed are looked up after a minute, so nothing is
/// judged much earlier than that.
pub(super) const YOUNGEST: Duration = Duration::from_secs(5 * 60);
const OLDEST: Duration = Duration::from_secs(30 * 60);

/// The half-life of the delays of reports, and how many of them show anything.
const HALF_LIFE: Duration = Duration::from_secs(3600);
const ENOUGH: f64 = 50.0;

/// The share of the delivered messages that have their report at the age at which messages are judged.
const QUANTILE: f64 = 0.9;

/// The upper bound of the shortest delay; each of the others is twice the one before.
const SHORTEST: u64 = 5;
const DELAYS: usize = 12;

/// The messages that are too young to be judged, oldest first, by when they were sent: how many, and how many of them were
/// delivered. Replicas count the same buckets, as a report need not arrive where its message was sent.
#[derive(Debug, Clone, Default)]
pub(super) struct Young {
    first: u64,
    buckets: VecDeque<(u32, u32)>,
}

impl Young {
    /// Counts a message that was sent at this time.
    pub(super) fn sent(&mut self, at: Time) {
        if let Some((sent, _)) = self.bucket(at) {
            *sent = sent.saturating_add(1);
        }
    }

    /// Counts the report of a message that was sent at this time, unless it was judged without it.
    pub(super) fn delivered(&mut self, at: Time) {
        if let Some((_, delivered)) = self.bucket(at) {
            *delivered = delivered.saturating_add(1);
        }
    }

    fn bucket(&mut self, at: Time) -> Option<&mut (u32, u32)> {
        let number = at.as_secs() / BUCKET;
        if self.buckets.is_empty() {
            self.first = self.first.max(number);
        }
        let index = usize::try_from(number.checked_sub(self.first)?).ok()?;
        // A clock that jumps ahead makes no room for the time between.
        if index > (OLDEST.as_secs() / BUCKET) as usize * 2 {
            (self.first, self.buckets) = (number, VecDeque::new());
            return self.bucket(at);
        }
        if self.buckets.len() <= index {
            self.buckets.resize(index + 1, (0, 0));
        }
        self.buckets.get_mut(index)
    }

    /// Takes out what is old enough by now: how many messages, and how many of them were delivered in time.
    pub(super) fn take_old(&mut self, now: Time, age: Duration) -> (f64, f64) {
        let (mut sent, mut delivered) = (0.0, 0.0);
        while Duration::from_secs((self.first + 1) * BUCKET) + age <= now
            && let Some((of_bucket, delivered_of_it)) = self.buckets.pop_front()
        {
            self.first += 1;
            sent += f64::from(of_bucket);
            delivered += f64::from(delivered_of_it);
        }
        (sent, delivered)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.buckets.is_empty()
    }
}

/// How long delivery reports take.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(super) struct Delays {
    counts: [f64; DELAYS],
    at: Time,
}

impl Delays {
    pub(super) fn add(&mut self, now: Time, delay: Duration) {
        self.fade(now);
        let longer = (0..DELAYS - 1).take_while(|index| delay > bound(*index)).count();
        self.counts[longer] += 1.0;
    }

    pub(super) fn fade(&mut self, now: Time) {
        let passed = now.saturating_sub(self.at);
        if passed < Duration::from_secs(60) {
            return;
        }
        let left = faded(passed, HALF_LIFE);
        self.counts.iter_mut().for_each(|count| *count *= left);
        self.at = now;
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.counts.iter_mut().zip(other.counts).for_each(|(count, other)| *count += other);
    }

    /// Returns the age at which most messages that are delivered at all have their report.
    pub(super) fn age(&self) -> Duration {
        let all: f64 = self.counts.iter().sum();
        if all < ENOUGH {
            return YOUNGEST;
        }
        let mut seen = 0.0;
        let within = self.counts.iter().take_while(|count| {
            seen += **count;
            seen < all * QUANTILE
        });
        bound(within.count()).clamp(YOUNGEST, OLDEST)
    }
}

fn bound(index: usize) -> Duration {
    Duration::from_secs(SHORTEST << index.min(DELAYS))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Time {
        Duration::from_secs(1_800_000_000 + seconds)
    }

    #[test]
    fn messages_are_judged_when_they_are_old_enough_and_late_reports_do_not_count() {
        let mut young = Young::default();
        (0..4).for_each(|_| young.sent(at(0)));
        young.delivered(at(0));
        assert_eq!(young.take_old(at(299), YOUNGEST), (0.0, 0.0));
        young.delivered(at(10));
        assert_eq!(young.take_old(at(330), YOUNGEST), (4.0, 2.0));
        young.delivered(at(0));
        assert_eq!((young.take_old(at(4000), YOUNGEST), young.is_empty()), ((0.0, 0.0), true));
        // A clock that is wrong by years takes no memory.
        young.sent(at(0));
        young.sent(at(100_000_000));
        assert!(young.buckets.len() < 10);
    }

    #[test]
    fn the_age_is_that_of_nine_reports_in_ten_within_bounds() {
        let mut delays = Delays::default();
        assert_eq!(delays.age(), YOUNGEST);
        (0..90).for_each(|_| delays.add(at(0), Duration::from_secs(8)));
        (0..8).for_each(|_| delays.add(at(0), Duration::from_secs(700)));
        assert_eq!(delays.age(), YOUNGEST);
        (0..20).for_each(|_| delays.add(at(0), Duration::from_secs(700)));
        assert_eq!(delays.age(), Duration::from_secs(1280));
        (0..900).for_each(|_| delays.add(at(0), Duration::from_secs(100_000)));
        assert_eq!(delays.age(), OLDEST);
        delays.fade(at(3600 * 10));
        assert_eq!(delays.age(), YOUNGEST, "few are left");
    }
}

//! The ids of writes, which are made without asking the store.

use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// The start of the ids' time: the year 2025. 41 bits of milliseconds last until 2094.
const EPOCH: Duration = Duration::from_secs(1_735_689_600);

const COUNTER_BITS: u32 = 12;
const INSTANCE_BITS: u32 = 10;

/// The number of processes that can share a store.
pub const INSTANCES: u16 = 1 << INSTANCE_BITS;

/// The id of a write: 41 bits of milliseconds, 10 of the process, 12 of a counter. Ids sort by time, as well as the
/// clocks of the replicas agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WriteId(pub i64);

impl WriteId {
    /// Returns the least id of this time.
    pub fn first_at(time: SystemTime) -> Self {
        Self((millis(time) << (INSTANCE_BITS + COUNTER_BITS)) as i64)
    }

    /// Returns the id as bytes.
    pub(super) fn bytes(self) -> [u8; 8] {
        self.0.to_le_bytes()
    }

    /// Returns when the id was made.
    pub fn time(self) -> SystemTime {
        let millis = (self.0.max(0) as u64) >> (INSTANCE_BITS + COUNTER_BITS);
        UNIX_EPOCH + EPOCH + Duration::from_millis(millis)
    }
}

impl fmt::Display for WriteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Milliseconds since the epoch of the ids, at most 41 bits.
fn millis(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH + EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX).min((1 << 41) - 1)
}

/// Makes the ids of one process.
#[derive(Debug)]
pub(super) struct WriteIds {
    instance: u64,
    /// The milliseconds and the counter of the last id.
    last: AtomicU64,
}

impl WriteIds {
    /// Makes ids above `floor`, the highest one that is stored: a clock that was set back must not repeat one.
    pub(super) fn new(instance: u16, floor: Option<WriteId>) -> Self {
        let floor = floor.map_or(0, |id| (id.0 as u64) >> (INSTANCE_BITS + COUNTER_BITS));
        let last = (floor + 1) << COUNTER_BITS;
        Self { instance: u64::from(instance % INSTANCES), last: AtomicU64::new(last) }
    }

    /// Returns the number of this process.
    pub(super) fn instance(&self) -> u64 {
        self.instance
    }

    /// Makes an id. When the counter of a millisecond is used up, the next millisecond's is used.
    pub(super) fn next(&self, now: SystemTime) -> WriteId {
        let least = millis(now) << COUNTER_BITS;
        let advance = |last: u64| least.max(last + 1);
        let last = self.last.fetch_update(Relaxed, Relaxed, |last| Some(advance(last))).unwrap_or_default();
        let next = advance(last);
        let (millis, counter) = (next >> COUNTER_BITS, next & ((1 << COUNTER_BITS) - 1));
        WriteId((((millis << INSTANCE_BITS | self.instance) << COUNTER_BITS) | counter) as i64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_their_time_and_ascend_even_when_the_clock_is_set_back() {
        let now = UNIX_EPOCH + Duration::from_millis(1_800_000_000_123);
        let ids = WriteIds::new(7, None);
        let made: Vec<_> = (0..10_000).map(|i| ids.next(now - Duration::from_secs(i % 3))).collect();
        assert!(made.is_sorted_by(|a, b| a < b));
        assert_eq!(made[0].time(), now);
        assert!(made.iter().all(|id| (id.0 >> COUNTER_BITS) & 1023 == 7));
        assert!(WriteId::first_at(now) <= made[0] && made[4095] < WriteId::first_at(now + Duration::from_millis(1)));

        let after = WriteIds::new(7, made.last().copied());
        assert!(after.next(now - Duration::from_secs(3600)) > made[9_999]);
    }
}

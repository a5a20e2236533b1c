//! How long a vendor keeps a connection that carries nothing, as far as it can be seen from the outside.

use std::{collections::VecDeque, time::Duration};

/// What is assumed of a vendor of which nothing is known: shorter than any server is known to wait. A connection that is
/// seen open after a longer time proves more, so that this costs a new vendor one connection and no write.
pub(super) const ASSUMED: Duration = Duration::from_millis(750);

/// How many closed connections are remembered.
const CLOSES: usize = 4;

/// Learns from connections that were closed while idle, and from those that were still open. A server that restarts
/// closes connections of any age: the limit is too short then, and doubles with each connection that lives longer.
#[derive(Debug, Default)]
pub(super) struct IdleLimit {
    /// For how long connections were idle when the vendor closed them, the last ones.
    closes: VecDeque<Duration>,
    /// The longest that a connection was idle and open.
    open: Duration,
}

impl IdleLimit {
    /// Returns for how long a connection may be idle and carry a write. Of what was seen it is a tenth less, as the
    /// vendor's clock and this one start and are read at different moments.
    pub(super) fn get(&self) -> Duration {
        let seen = self.closes.iter().min().unwrap_or(&self.open);
        let limit = *seen / 10 * 9;
        if self.closes.is_empty() { ASSUMED.max(limit) } else { limit }
    }

    /// Notes that the vendor closed a connection which had been idle for so long.
    pub(super) fn closed(&mut self, idle: Duration) {
        if self.closes.len() == CLOSES {
            self.closes.pop_front();
        }
        self.closes.push_back(idle);
        self.open = self.open.min(idle);
    }

    /// Notes that a connection which had been idle for so long was open.
    pub(super) fn was_open(&mut self, idle: Duration) {
        self.open = self.open.max(idle);
        // Timers are coarse, and what was closed may not have arrived: only twice the limit disproves it.
        self.closes.retain(|&close| idle < close * 2);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn each_close_of_an_idle_connection_is_a_sample_and_the_shortest_counts() {
        let mut limit = IdleLimit::default();
        assert_eq!(limit.get(), ASSUMED);
        limit.closed(ms(5010));
        limit.closed(ms(5000));
        limit.closed(ms(5020));
        assert_eq!(limit.get(), ms(4500));
        limit.was_open(ms(4990));
        assert_eq!(limit.get(), ms(4500));
    }

    #[test]
    fn an_open_connection_proves_that_the_vendor_is_patient() {
        let mut limit = IdleLimit::default();
        // Its end may be on the way.
        limit.was_open(ms(800));
        assert_eq!(limit.get(), ASSUMED);
        limit.was_open(ms(10_000));
        assert_eq!(limit.get(), ms(9000));
        limit.closed(ms(2000));
        assert_eq!(limit.get(), ms(1800));
    }

    #[test]
    fn a_restart_of_the_vendor_is_forgotten() {
        let mut limit = IdleLimit::default();
        for idle in [5000, 3, 700, 9] {
            limit.closed(ms(idle));
        }
        assert!(limit.get() < ms(3));
        for idle in [8, 20, 2000] {
            limit.was_open(ms(idle));
        }
        assert_eq!(limit.get(), ms(4500));
        for _ in 0..CLOSES {
            limit.closed(ms(60_000));
        }
        assert_eq!(limit.get(), ms(54_000));
    }
}

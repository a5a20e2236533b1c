//! The permit for one attempt, by which the breaker learns how the attempt ended.

use std::{sync::atomic::Ordering::SeqCst, time::Duration};

use tokio::time::Instant;

use super::{Breaker, BreakerState, state};

/// How long a breaker waits for news of another replica's probe. There is some every second.
pub(super) const PROBE_ELSEWHERE: Duration = Duration::from_secs(1);

/// Permit for one attempt. Dropping it unreported does not affect the breaker.
#[must_use]
pub(in crate::vendors::kit) struct Attempt<'a> {
    pub(super) breaker: &'a Breaker,
    pub(super) era: u64,
}

impl Attempt<'_> {
    /// Whether the attempt probes if the vendor is back.
    pub(in crate::vendors::kit) fn is_probe(&self) -> bool {
        state(self.era) == BreakerState::HalfOpen
    }

    /// Leaves the probe to another replica, which makes one. Returns how long to wait.
    pub(in crate::vendors::kit) fn leave_to_another(mut self, now: Instant) -> Duration {
        let (breaker, era) = (self.breaker, self.spend());
        let mut opened = breaker.lock();
        if breaker.era.load(SeqCst) == era {
            opened.until = now + PROBE_ELSEWHERE;
            breaker.change(BreakerState::Open);
        }
        PROBE_ELSEWHERE
    }

    /// Reports that the vendor answered.
    pub(in crate::vendors::kit) fn succeeded(mut self) {
        let (breaker, era) = (self.breaker, self.spend());
        match state(era) {
            BreakerState::Closed => {
                if breaker.failures.load(SeqCst) != 0 {
                    breaker.failures.store(0, SeqCst);
                }
                breaker.show_up(era);
            }
            BreakerState::Open | BreakerState::HalfOpen => breaker.close(era),
        }
    }

    /// Reports that the vendor did not answer.
    pub(in crate::vendors::kit) fn failed(mut self, now: Instant) {
        let (breaker, era) = (self.breaker, self.spend());
        if breaker.limit == 0 || breaker.era.load(SeqCst) != era {
            return;
        }
        if state(era) != BreakerState::Closed || breaker.failures.fetch_add(1, SeqCst) + 1 >= breaker.limit {
            breaker.open(era, now);
        }
    }

    /// Takes the era, so that the drop has no effect.
    fn spend(&mut self) -> u64 {
        std::mem::take(&mut self.era)
    }
}

/// If the caller of a probe left, the next call may probe at once.
impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        if state(self.era) != BreakerState::HalfOpen {
            return;
        }
        // `until` has passed already.
        let opened = self.breaker.lock();
        if self.breaker.era.load(SeqCst) == self.era {
            self.breaker.change(BreakerState::Open);
            self.breaker.tell(opened);
        }
    }
}

//! The circuit breaker of an account: while the vendor is down calls fail fast, and when it comes back one probe goes
//! first.
//!
//! Failures are connections that cannot be made or break, 5xx, and attempts without an answer in the whole attempt
//! timeout. Any other answer, also a rejection, is a success. An attempt that its caller abandoned, or that began
//! before the breaker's last change of state, counts as neither.
//!
//! Replicas share the state: a breaker that opens opens the others', and one replica at a time probes. Without their
//! store each goes by what it saw itself.

mod attempt;
mod shared;
#[cfg(test)]
mod tests;

use std::{
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicU32, AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use prometheus_client::metrics::gauge::Gauge;
use tokio::{sync::Notify, time::Instant};

pub(super) use self::attempt::Attempt;
use crate::{
    api::{
        conditions::Conditions,
        pb::{account_changed::Condition, account_health},
        shared::BREAKER_LEASES,
    },
    config::{self, BREAKER_LONGEST_PAUSE},
    telemetry::metrics,
};

/// What a breaker does with requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreakerState {
    /// Requests are sent.
    Closed,
    /// Requests are rejected.
    Open,
    /// One request probes whether the vendor is back; the others are rejected.
    HalfOpen,
}

/// The circuit breaker of one account.
pub struct Breaker {
    account: String,
    /// The name of the lease that replicas share, which go to the same address.
    lease: String,
    gauge: Gauge,
    /// The number of consecutive failures that opens the breaker; 0: never.
    limit: u32,
    pause: Duration,
    /// Counts the changes of state; the lowest two bits are the state. Written only while the lock is held.
    era: AtomicU64,
    failures: AtomicU32,
    opened: Mutex<Opened>,
    /// What is shown to others of the vendor's state.
    conditions: Arc<Conditions>,
    /// Notified when the other replicas are to learn of a change, if there may be others.
    wake: OnceLock<Arc<Notify>>,
}

struct Opened {
    until: Instant,
    /// Whether the other replicas can see what this one saw itself.
    is_told: bool,
    pauses: Option<ExponentialBackoff>,
}

impl Breaker {
    /// Creates a closed breaker for `accounts/acme` at this address.
    pub(super) fn new(
        account: String,
        address: &str,
        config::Breaker { failures, pause }: config::Breaker,
        conditions: Arc<Conditions>,
    ) -> Self {
        conditions.set_breaker(account_health::Breaker::Closed);
        Self {
            gauge: metrics::breaker(&account),
            lease: format!("{BREAKER_LEASES}{account} {address}"),
            account,
            limit: failures,
            pause,
            era: AtomicU64::new(0),
            failures: AtomicU32::new(0),
            opened: Mutex::new(Opened { until: Instant::now(), is_told: true, pauses: None }),
            conditions,
            wake: OnceLock::new(),
        }
    }

    /// Returns the current state.
    pub fn state(&self) -> BreakerState {
        state(self.era.load(SeqCst))
    }

    /// Returns for how long the breaker still rejects requests, if it does. Takes no permit.
    pub(super) fn rejects(&self, now: Instant) -> Option<Duration> {
        if self.state() == BreakerState::Closed {
            return None;
        }
        let opened = self.lock();
        match self.state() {
            BreakerState::Closed => None,
            BreakerState::HalfOpen => Some(self.pause),
            BreakerState::Open => Some(opened.until.saturating_duration_since(now)).filter(|wait| !wait.is_zero()),
        }
    }

    /// Returns the permit for an attempt.
    ///
    /// # Errors
    /// How long to wait before the next try.
    pub(super) fn admit(&self, now: Instant) -> Result<Attempt<'_>, Duration> {
        let era = self.era.load(SeqCst);
        if state(era) == BreakerState::Closed {
            return Ok(Attempt { breaker: self, era });
        }
        let opened = self.lock();
        let era = self.era.load(SeqCst);
        match state(era) {
            BreakerState::Closed => return Ok(Attempt { breaker: self, era }),
            BreakerState::HalfOpen => return Err(self.pause),
            BreakerState::Open => {}
        }
        let wait = opened.until.saturating_duration_since(now);
        if !wait.is_zero() {
            return Err(wait);
        }
        let era = self.change(BreakerState::HalfOpen);
        drop(opened);
        tracing::debug!(account = self.account, "breaker half-open: sending one request as a probe");
        Ok(Attempt { breaker: self, era })
    }

    fn open(&self, era: u64, now: Instant) {
        let mut opened = self.lock();
        if self.era.load(SeqCst) != era {
            return;
        }
        let pauses = opened.pauses.get_or_insert_with(|| pauses(self.pause));
        let pause = pauses.next().unwrap_or(self.pause);
        opened.until = now + pause;
        self.change(BreakerState::Open);
        self.conditions.show(Condition::VendorUnavailable, true);
        self.tell(opened);
        let ms = pause.as_millis() as u64;
        tracing::warn!(account = self.account, ms, "breaker open: requests to the vendor are rejected");
    }

    fn close(&self, era: u64) {
        let mut opened = self.lock();
        if self.era.load(SeqCst) != era {
            return;
        }
        self.show_closed(&mut opened);
        self.tell(opened);
        tracing::info!(account = self.account, "breaker closed: the vendor answers again");
    }

    /// Closes. The caller holds the lock.
    fn show_closed(&self, opened: &mut Opened) {
        opened.pauses = None;
        self.failures.store(0, SeqCst);
        self.change(BreakerState::Closed);
        self.conditions.show(Condition::VendorUnavailable, false);
    }

    /// Has the other replicas learn of a change.
    fn tell(&self, mut opened: MutexGuard<'_, Opened>) {
        opened.is_told = false;
        drop(opened);
        if let Some(wake) = self.wake.get() {
            wake.notify_one();
        }
    }

    /// Shows that the vendor answers, unless the breaker has changed its state since.
    fn show_up(&self, era: u64) {
        if self.conditions.shows(Condition::VendorUnavailable) == Some(false) {
            return;
        }
        let _opened = self.lock();
        if self.era.load(SeqCst) == era {
            self.conditions.show(Condition::VendorUnavailable, false);
        }
    }

    /// Changes the state. The caller holds the lock.
    fn change(&self, to: BreakerState) -> u64 {
        let (bits, shown): (u64, _) = match to {
            BreakerState::Closed => (0, account_health::Breaker::Closed),
            BreakerState::HalfOpen => (1, account_health::Breaker::HalfOpen),
            BreakerState::Open => (2, account_health::Breaker::Open),
        };
        self.conditions.set_breaker(shown);
        // At most 2.
        self.gauge.set(bits.cast_signed());
        let era = (((self.era.load(SeqCst) >> 2) + 1) << 2) | bits;
        self.era.store(era, SeqCst);
        era
    }

    /// Held for a few instructions, never over an await.
    fn lock(&self) -> MutexGuard<'_, Opened> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn state(era: u64) -> BreakerState {
    match era & 3 {
        0 => BreakerState::Closed,
        1 => BreakerState::HalfOpen,
        _ => BreakerState::Open,
    }
}

/// The successive pauses of an open breaker: each is random, from half of its maximum to all of it; the maximum is
/// `first`, then doubles after each failed probe.
fn pauses(first: Duration) -> ExponentialBackoff {
    let longest = BREAKER_LONGEST_PAUSE.max(first);
    let builder = ExponentialBuilder::default().with_min_delay(first / 2).with_max_delay(longest / 2);
    builder.without_max_times().with_jitter().build()
}

impl fmt::Debug for Breaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Breaker({}, {:?})", self.account, self.state())
    }
}

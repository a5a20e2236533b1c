//! The circuit breaker of an account: while its vendor is down nobody waits for it, and it is not pelted when it comes back.
//!
//! What counts is what the vendor does: connections that cannot be made or break, 5xx, and attempts that got no answer in
//! all the time that an attempt has. Any other answer, a refusal too, shows that it is there. An attempt that its caller
//! gave up, or that was begun before the breaker last changed, shows nothing.

use std::{
    fmt,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use prometheus_client::metrics::gauge::Gauge;
use tokio::time::Instant;

use crate::{
    config::{self, BREAKER_LONGEST_PAUSE},
    telemetry::metrics,
};

/// What a breaker does with requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreakerState {
    /// They go out.
    Closed,
    /// They are refused.
    Open,
    /// One is out to see whether the vendor is back; the others are refused.
    HalfOpen,
}

/// The circuit breaker of one account.
pub struct Breaker {
    account: String,
    gauge: Gauge,
    /// So many failures in a row open it; 0: never.
    limit: u32,
    pause: Duration,
    /// How often it has changed, and in the lowest bits what to. Written with the lock held only.
    era: AtomicU64,
    failures: AtomicU32,
    opened: Mutex<Opened>,
}

struct Opened {
    until: Instant,
    pauses: Option<ExponentialBackoff>,
}

/// Leave for one attempt. Dropped without a word on how it went, it shows nothing.
#[must_use]
pub(super) struct Attempt<'a> {
    breaker: &'a Breaker,
    era: u64,
}

impl Breaker {
    /// A closed breaker of `accounts/acme`.
    pub(super) fn new(account: String, config::Breaker { failures, pause }: config::Breaker) -> Self {
        Self {
            gauge: metrics::breaker(&account),
            account,
            limit: failures,
            pause,
            era: AtomicU64::new(0),
            failures: AtomicU32::new(0),
            opened: Mutex::new(Opened { until: Instant::now(), pauses: None }),
        }
    }

    /// What it does with requests now.
    pub fn state(&self) -> BreakerState {
        state(self.era.load(SeqCst))
    }

    /// How long it will refuse requests yet, if it does. It asks for no leave.
    pub(super) fn refuses(&self, now: Instant) -> Option<Duration> {
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

    /// Leave for an attempt.
    ///
    /// # Errors
    /// How long to wait before asking again.
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
        tracing::debug!(account = self.account, "breaker half-open: one request goes to see");
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
        drop(opened);
        let ms = pause.as_millis() as u64;
        tracing::warn!(account = self.account, ms, "breaker open: the vendor is not asked");
    }

    fn close(&self, era: u64) {
        let mut opened = self.lock();
        if self.era.load(SeqCst) != era {
            return;
        }
        opened.pauses = None;
        self.failures.store(0, SeqCst);
        self.change(BreakerState::Closed);
        drop(opened);
        tracing::info!(account = self.account, "breaker closed: the vendor is back");
    }

    /// With the lock held.
    fn change(&self, to: BreakerState) -> u64 {
        let bits: u64 = match to {
            BreakerState::Closed => 0,
            BreakerState::HalfOpen => 1,
            BreakerState::Open => 2,
        };
        // No more than 2.
        self.gauge.set(bits.cast_signed());
        let era = (((self.era.load(SeqCst) >> 2) + 1) << 2) | bits;
        self.era.store(era, SeqCst);
        era
    }

    /// Held for a few instructions, over no await.
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

/// How long it stays open, each time that the vendor was not back: from half of `first` to all of it, then twice as long,
/// and so on.
fn pauses(first: Duration) -> ExponentialBackoff {
    let longest = BREAKER_LONGEST_PAUSE.max(first);
    let builder = ExponentialBuilder::default().with_min_delay(first / 2).with_max_delay(longest / 2);
    builder.without_max_times().with_jitter().build()
}

impl Attempt<'_> {
    /// The vendor answered.
    pub(super) fn succeeded(mut self) {
        let (breaker, era) = (self.breaker, self.spend());
        match state(era) {
            BreakerState::Closed if breaker.failures.load(SeqCst) != 0 => breaker.failures.store(0, SeqCst),
            BreakerState::Closed => {}
            BreakerState::Open | BreakerState::HalfOpen => breaker.close(era),
        }
    }

    /// The vendor did not.
    pub(super) fn failed(mut self, now: Instant) {
        let (breaker, era) = (self.breaker, self.spend());
        if breaker.limit == 0 || breaker.era.load(SeqCst) != era {
            return;
        }
        if state(era) != BreakerState::Closed || breaker.failures.fetch_add(1, SeqCst) + 1 >= breaker.limit {
            breaker.open(era, now);
        }
    }

    /// Its era; what is left for the drop shows nothing.
    fn spend(&mut self) -> u64 {
        std::mem::take(&mut self.era)
    }
}

/// A probe whose caller left makes room for the next one at once.
impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        if state(self.era) != BreakerState::HalfOpen {
            return;
        }
        // Its pause is over already.
        let _opened = self.breaker.lock();
        if self.breaker.era.load(SeqCst) == self.era {
            self.breaker.change(BreakerState::Open);
        }
    }
}

impl fmt::Debug for Breaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Breaker({}, {:?})", self.account, self.state())
    }
}

#[cfg(test)]
mod tests {
    use super::{BreakerState::*, *};

    const PAUSE: Duration = Duration::from_secs(1);

    /// A breaker, and a clock.
    fn breaker(failures: u32) -> (Breaker, Instant) {
        (Breaker::new("accounts/acme".to_owned(), config::Breaker { failures, pause: PAUSE }), Instant::now())
    }

    fn leave(breaker: &Breaker, now: Instant) -> Attempt<'_> {
        breaker.admit(now).unwrap_or_else(|_| panic!("leave"))
    }

    fn fail(breaker: &Breaker, now: Instant, times: u32) {
        (0..times).for_each(|_| leave(breaker, now).failed(now));
    }

    #[test]
    fn failures_in_a_row_open_it_and_an_answer_between_them_starts_the_count_anew() {
        let (breaker, now) = breaker(3);
        fail(&breaker, now, 2);
        leave(&breaker, now).succeeded();
        fail(&breaker, now, 2);
        assert_eq!(breaker.state(), Closed);
        fail(&breaker, now, 1);
        assert_eq!(breaker.state(), Open);
        let wait = breaker.admit(now).err().expect("refused");
        assert!(wait >= PAUSE / 2 && wait <= PAUSE, "{wait:?}");
        assert_eq!(breaker.refuses(now), Some(wait));
    }

    #[test]
    fn one_at_a_time_goes_to_see_and_its_answer_closes_it() {
        let (breaker, now) = breaker(1);
        fail(&breaker, now, 1);
        let now = now + PAUSE;
        assert_eq!(breaker.refuses(now), None);
        let probe = leave(&breaker, now);
        assert_eq!(breaker.state(), HalfOpen);
        assert_eq!((breaker.admit(now).err(), breaker.refuses(now)), (Some(PAUSE), Some(PAUSE)));
        probe.succeeded();
        assert_eq!((breaker.state(), breaker.refuses(now)), (Closed, None));
    }

    #[test]
    fn it_stays_open_longer_each_time_up_to_a_limit_and_starts_anew_when_the_vendor_was_back() {
        let (breaker, mut now) = breaker(1);
        let mut longest = PAUSE;
        for _ in 0..8 {
            fail(&breaker, now, 1);
            let wait = breaker.refuses(now).expect("open");
            assert!(wait >= longest / 2 && wait <= longest, "{wait:?} of {longest:?}");
            now += longest;
            longest = BREAKER_LONGEST_PAUSE.min(longest * 2);
        }
        leave(&breaker, now).succeeded();
        fail(&breaker, now, 1);
        assert!(breaker.refuses(now).expect("open") <= PAUSE);
    }

    #[test]
    fn a_probe_that_nobody_waits_for_makes_room_for_the_next() {
        let (breaker, now) = breaker(1);
        fail(&breaker, now, 1);
        drop(leave(&breaker, now + PAUSE));
        assert_eq!(breaker.state(), Open);
        leave(&breaker, now + PAUSE).succeeded();
        assert_eq!(breaker.state(), Closed);
    }

    #[test]
    fn what_was_begun_before_it_changed_shows_nothing() {
        let (breaker, now) = breaker(1);
        let (late, later, last) = (leave(&breaker, now), leave(&breaker, now), leave(&breaker, now));
        fail(&breaker, now, 1);
        late.succeeded();
        assert_eq!(breaker.state(), Open);
        let probe = leave(&breaker, now + PAUSE);
        later.failed(now + PAUSE);
        assert_eq!(breaker.state(), HalfOpen);
        probe.succeeded();
        last.failed(now + PAUSE);
        assert_eq!(breaker.state(), Closed);
    }

    #[test]
    fn nothing_opens_one_that_is_off_and_what_was_given_up_opens_none() {
        let (off, now) = breaker(0);
        fail(&off, now, 100);
        assert_eq!(off.state(), Closed);
        let (breaker, now) = breaker(1);
        drop(leave(&breaker, now));
        assert_eq!(breaker.state(), Closed);
    }
}

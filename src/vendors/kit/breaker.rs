//! The circuit breaker of an account: while the vendor is down calls fail fast, and when it comes back one probe goes
//! first.
//!
//! Failures are connections that cannot be made or break, 5xx, and attempts without an answer in the whole attempt
//! timeout. Any other answer, also a rejection, is a success. An attempt that its caller abandoned, or that began
//! before the breaker's last change of state, counts as neither.
//!
//! Replicas share the state, see [`SharedBreaker`]: a breaker that opens opens the others', and one replica at a time
//! probes. Without their store each goes by what it saw itself.

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

use crate::{
    api::{
        conditions::Conditions,
        pb::{account_changed::Condition, account_health},
        shared::{BREAKER_LEASES, LEASE, News, SharedBreaker, Standing},
    },
    config::{self, BREAKER_LONGEST_PAUSE},
    telemetry::metrics,
};

/// How long a breaker waits for news of another replica's probe. There is some every second.
const PROBE_ELSEWHERE: Duration = Duration::from_secs(1);

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

/// Permit for one attempt. Dropping it unreported does not affect the breaker.
#[must_use]
pub(super) struct Attempt<'a> {
    breaker: &'a Breaker,
    era: u64,
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

impl SharedBreaker for Breaker {
    fn lease(&self) -> &str {
        &self.lease
    }

    fn share(&self, wake: &Arc<Notify>) {
        self.wake.get_or_init(|| wake.clone());
    }

    fn standing(&self, now: Instant) -> Standing {
        let opened = self.lock();
        let era = self.era.load(SeqCst);
        let news = match state(era) {
            // Renewed as long as the probe takes.
            BreakerState::HalfOpen => Some(News::Rejects(LEASE)),
            _ if opened.is_told => None,
            BreakerState::Open => Some(News::Rejects(opened.until.saturating_duration_since(now))),
            BreakerState::Closed => Some(News::Closed),
        };
        Standing { era, news }
    }

    fn told(&self, era: u64) {
        let mut opened = self.lock();
        opened.is_told |= self.era.load(SeqCst) == era;
    }

    fn follow(&self, era: u64, lease: Option<Duration>, now: Instant) {
        let mut opened = self.lock();
        if self.limit == 0 || self.era.load(SeqCst) != era {
            return;
        }
        match (state(era), lease) {
            (BreakerState::Closed, Some(wait)) if !wait.is_zero() => {
                (opened.until, opened.is_told) = (now + wait, true);
                // That the vendor is down is shown by the replica that saw it.
                self.change(BreakerState::Open);
                drop(opened);
                let ms = wait.as_millis() as u64;
                tracing::warn!(account = self.account, ms, "breaker open: another replica's has opened");
            }
            (BreakerState::Open, Some(wait)) if opened.is_told => opened.until = now + wait,
            (BreakerState::Open, None) if opened.is_told => {
                self.show_closed(&mut opened);
                drop(opened);
                tracing::info!(account = self.account, "breaker closed: the vendor answers another replica again");
            }
            _ => {}
        }
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

impl Attempt<'_> {
    /// Whether the attempt probes if the vendor is back.
    pub(super) fn is_probe(&self) -> bool {
        state(self.era) == BreakerState::HalfOpen
    }

    /// Leaves the probe to another replica, which makes one. Returns how long to wait.
    pub(super) fn leave_to_another(mut self, now: Instant) -> Duration {
        let (breaker, era) = (self.breaker, self.spend());
        let mut opened = breaker.lock();
        if breaker.era.load(SeqCst) == era {
            opened.until = now + PROBE_ELSEWHERE;
            breaker.change(BreakerState::Open);
        }
        PROBE_ELSEWHERE
    }

    /// Reports that the vendor answered.
    pub(super) fn succeeded(mut self) {
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
    pub(super) fn failed(mut self, now: Instant) {
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
        let conditions = Arc::default();
        let limits = config::Breaker { failures, pause: PAUSE };
        (Breaker::new("accounts/acme".to_owned(), "https://vendor", limits, conditions), Instant::now())
    }

    fn permit(breaker: &Breaker, now: Instant) -> Attempt<'_> {
        breaker.admit(now).unwrap_or_else(|_| panic!("permit"))
    }

    fn fail(breaker: &Breaker, now: Instant, times: u32) {
        (0..times).for_each(|_| permit(breaker, now).failed(now));
    }

    #[test]
    fn consecutive_failures_open_the_breaker_and_an_answer_resets_the_count() {
        let (breaker, now) = breaker(3);
        fail(&breaker, now, 2);
        permit(&breaker, now).succeeded();
        fail(&breaker, now, 2);
        assert_eq!(breaker.state(), Closed);
        fail(&breaker, now, 1);
        assert_eq!(breaker.state(), Open);
        let wait = breaker.admit(now).err().expect("refused");
        assert!(wait >= PAUSE / 2 && wait <= PAUSE, "{wait:?}");
        assert_eq!(breaker.rejects(now), Some(wait));
    }

    #[test]
    fn one_probe_at_a_time_is_permitted_and_its_answer_closes_the_breaker() {
        let (breaker, now) = breaker(1);
        fail(&breaker, now, 1);
        let now = now + PAUSE;
        assert_eq!(breaker.rejects(now), None);
        let probe = permit(&breaker, now);
        assert_eq!(breaker.state(), HalfOpen);
        assert_eq!((breaker.admit(now).err(), breaker.rejects(now)), (Some(PAUSE), Some(PAUSE)));
        probe.succeeded();
        assert_eq!((breaker.state(), breaker.rejects(now)), (Closed, None));
    }

    #[test]
    fn pauses_grow_up_to_a_limit_and_are_reset_when_the_vendor_answers() {
        let (breaker, mut now) = breaker(1);
        let mut longest = PAUSE;
        for _ in 0..8 {
            fail(&breaker, now, 1);
            let wait = breaker.rejects(now).expect("open");
            assert!(wait >= longest / 2 && wait <= longest, "{wait:?} of {longest:?}");
            now += longest;
            longest = BREAKER_LONGEST_PAUSE.min(longest * 2);
        }
        permit(&breaker, now).succeeded();
        fail(&breaker, now, 1);
        assert!(breaker.rejects(now).expect("open") <= PAUSE);
    }

    #[test]
    fn an_abandoned_probe_permits_the_next() {
        let (breaker, now) = breaker(1);
        fail(&breaker, now, 1);
        drop(permit(&breaker, now + PAUSE));
        assert_eq!(breaker.state(), Open);
        permit(&breaker, now + PAUSE).succeeded();
        assert_eq!(breaker.state(), Closed);
    }

    #[test]
    fn attempts_from_before_a_change_of_state_do_not_count() {
        let (breaker, now) = breaker(1);
        let shown = || breaker.conditions.shows(Condition::VendorUnavailable);
        assert_eq!(shown(), None);
        let (late, later, last) = (permit(&breaker, now), permit(&breaker, now), permit(&breaker, now));
        fail(&breaker, now, 1);
        late.succeeded();
        assert_eq!((breaker.state(), shown()), (Open, Some(true)));
        let probe = permit(&breaker, now + PAUSE);
        later.failed(now + PAUSE);
        assert_eq!(breaker.state(), HalfOpen);
        probe.succeeded();
        last.failed(now + PAUSE);
        assert_eq!((breaker.state(), shown()), (Closed, Some(false)));
    }

    fn news(breaker: &Breaker, now: Instant) -> Option<News> {
        breaker.standing(now).news
    }

    /// What a round does: what is told is told, and then the others are followed.
    fn follow(breaker: &Breaker, lease: Option<Duration>, now: Instant) {
        let era = breaker.standing(now).era;
        breaker.told(era);
        breaker.follow(era, lease, now);
    }

    #[test]
    fn what_a_breaker_saw_itself_is_news_until_it_is_told() {
        let (breaker, now) = breaker(1);
        assert_eq!(news(&breaker, now), None);
        fail(&breaker, now, 1);
        assert!(matches!(news(&breaker, now), Some(News::Rejects(wait)) if Some(wait) == breaker.rejects(now)));
        // What was read before is no answer to it.
        breaker.follow(breaker.standing(now).era, None, now);
        assert_eq!(breaker.state(), Open);
        let before = breaker.standing(now).era;
        let probe = permit(&breaker, now + PAUSE);
        assert_eq!(news(&breaker, now), Some(News::Rejects(LEASE)), "a probe is in flight");
        drop(probe);
        breaker.told(before);
        assert_eq!(news(&breaker, now + PAUSE), Some(News::Rejects(Duration::ZERO)), "another one may probe");
        permit(&breaker, now + PAUSE).succeeded();
        assert_eq!(news(&breaker, now), Some(News::Closed));
        breaker.follow(before, Some(PAUSE), now);
        assert_eq!(breaker.state(), Closed, "the lease may have been its own");
        breaker.told(breaker.standing(now).era);
        assert_eq!(news(&breaker, now), None);
    }

    #[test]
    fn a_breaker_is_open_while_another_replica_holds_the_lease_and_closes_when_it_is_gone() {
        let (breaker, now) = breaker(1);
        follow(&breaker, None, now);
        follow(&breaker, Some(Duration::ZERO), now);
        assert_eq!(breaker.state(), Closed, "whoever opened has ended");
        let late = permit(&breaker, now);
        follow(&breaker, Some(4 * PAUSE), now);
        assert_eq!((breaker.rejects(now), news(&breaker, now)), (Some(4 * PAUSE), None));
        assert_eq!(breaker.conditions.shows(Condition::VendorUnavailable), None);
        late.succeeded();
        assert_eq!(breaker.state(), Open);
        follow(&breaker, Some(Duration::ZERO), now);
        // Another one was first to probe.
        assert_eq!(permit(&breaker, now).leave_to_another(now), PROBE_ELSEWHERE);
        assert_eq!((breaker.rejects(now), news(&breaker, now)), (Some(PROBE_ELSEWHERE), None));
        follow(&breaker, None, now);
        assert_eq!((breaker.state(), news(&breaker, now)), (Closed, None));
        assert_eq!(breaker.conditions.shows(Condition::VendorUnavailable), Some(false));
    }

    #[test]
    fn a_breaker_whose_own_probe_fails_opens_again_and_a_disabled_one_follows_nobody() {
        let (open, now) = breaker(5);
        follow(&open, Some(PAUSE), now);
        let probe = permit(&open, now + PAUSE);
        assert!(probe.is_probe());
        probe.failed(now + PAUSE);
        assert!(matches!(news(&open, now + PAUSE), Some(News::Rejects(wait)) if wait > Duration::ZERO));
        let (off, now) = breaker(0);
        follow(&off, Some(PAUSE), now);
        assert_eq!(off.state(), Closed);
    }

    #[test]
    fn a_disabled_breaker_never_opens_and_abandoned_attempts_open_none() {
        let (off, now) = breaker(0);
        fail(&off, now, 100);
        assert_eq!(off.state(), Closed);
        let (breaker, now) = breaker(1);
        drop(permit(&breaker, now));
        assert_eq!(breaker.state(), Closed);
    }
}

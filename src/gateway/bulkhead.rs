//! Limits the calls and streams in flight of each account, so that a slow vendor takes no permits of another's.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
    time::Duration,
};

use prometheus_client::metrics::gauge::Gauge;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, timeout_at},
};

use crate::{
    config,
    error::{Error, Outcome, Reason},
    telemetry::metrics,
};

/// The retry delay reported when a limit is reached; how long that lasts cannot be known.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Permit for one call or stream, until it is dropped.
pub(super) type Permit = OwnedSemaphorePermit;

/// The permits of one account.
#[derive(Debug)]
pub(super) struct Bulkhead {
    permits: Arc<Semaphore>,
    #[cfg(test)]
    max_in_flight: u32,
    waiting: AtomicU32,
    gauge: Gauge,
    max_waiting: u32,
    watches: Arc<Semaphore>,
}

impl Bulkhead {
    /// Creates the permits of the account with this id.
    pub(super) fn new(account: &str, limits: config::Bulkhead) -> Self {
        let config::Bulkhead { max_in_flight, max_waiting, max_watches } = limits;
        let semaphore = |permits: u32| Arc::new(Semaphore::new(permits as usize));
        Self {
            permits: semaphore(max_in_flight),
            #[cfg(test)]
            max_in_flight,
            waiting: AtomicU32::new(0),
            gauge: metrics::waiting(account),
            max_waiting,
            watches: semaphore(max_watches),
        }
    }

    /// Waits until `deadline` for a permit for a call, in order of arrival.
    ///
    /// # Errors
    /// OVERLOADED when too many wait already, DEADLINE_EXCEEDED when no permit became free in time.
    pub(super) async fn enter(&self, deadline: Instant) -> Result<Permit, Error> {
        if let Ok(permit) = self.permits.clone().try_acquire_owned() {
            return Ok(permit);
        }
        let Some(_waiting) = Waiting::begin(self) else {
            return Err(overloaded("too many calls in flight and waiting for the account"));
        };
        let text = "too many calls in flight for the account until the deadline passed";
        // Boxed: few calls wait.
        let permit = Box::pin(timeout_at(deadline, self.permits.clone().acquire_owned()));
        let permit = permit.await.ok().and_then(Result::ok);
        permit.ok_or_else(|| Error::new(Reason::DeadlineExceeded, text).outcome(Outcome::NotSent))
    }

    /// Takes a permit for a stream. Does not wait, as streams may last for ever.
    ///
    /// # Errors
    /// OVERLOADED when there is no permit left.
    pub(super) fn watch(&self) -> Result<Permit, Error> {
        let permit = self.watches.clone().try_acquire_owned();
        permit.map_err(|_| overloaded("too many streams of the account"))
    }

    /// Returns how many calls hold a permit.
    #[cfg(test)]
    fn in_flight(&self) -> u32 {
        let free = self.permits.available_permits();
        self.max_in_flight.saturating_sub(u32::try_from(free).unwrap_or(u32::MAX))
    }

    /// Returns how many calls wait for a permit.
    #[cfg(test)]
    fn waiting(&self) -> u32 {
        self.waiting.load(Relaxed)
    }
}

/// A call waiting for a permit.
struct Waiting<'a>(&'a Bulkhead);

impl<'a> Waiting<'a> {
    fn begin(bulkhead: &'a Bulkhead) -> Option<Self> {
        let one_more = |waiting: u32| (waiting < bulkhead.max_waiting).then(|| waiting + 1);
        bulkhead.waiting.fetch_update(Relaxed, Relaxed, one_more).ok()?;
        bulkhead.gauge.inc();
        Some(Self(bulkhead))
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Relaxed);
        self.0.gauge.dec();
    }
}

pub(crate) fn overloaded(text: &str) -> Error {
    metrics::calls_shed().inc();
    Error::new(Reason::Overloaded, text).outcome(Outcome::NotSent).retry_after(Some(RETRY_AFTER))
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    fn bulkhead(max_in_flight: u32, max_waiting: u32) -> Bulkhead {
        Bulkhead::new("acme", config::Bulkhead { max_in_flight, max_waiting, max_watches: 1 })
    }

    fn later() -> Instant {
        Instant::now() + Duration::from_secs(60)
    }

    #[tokio::test]
    async fn a_call_without_a_permit_waits_for_one_unless_too_many_wait() {
        let bulkhead = bulkhead(1, 1);
        let permit = bulkhead.enter(later()).await.expect("a permit");
        let mut waiter = Box::pin(bulkhead.enter(later()));
        assert!((&mut waiter).now_or_never().is_none());
        assert_eq!((bulkhead.in_flight(), bulkhead.waiting()), (1, 1));
        let error = bulkhead.enter(later()).await.expect_err("full");
        assert_eq!((error.reason(), error.retry_delay()), (Reason::Overloaded, Some(RETRY_AFTER)));
        drop(permit);
        let _permit = waiter.await.expect("the permit");
        assert_eq!(bulkhead.waiting(), 0);
    }

    #[tokio::test]
    async fn no_call_waits_past_the_deadline_and_a_dropped_call_does_not_wait() {
        let bulkhead = bulkhead(1, 1);
        let _permit = bulkhead.enter(later()).await.expect("a permit");
        let error = bulkhead.enter(Instant::now() + Duration::from_millis(5)).await.expect_err("too late");
        assert_eq!(error.reason(), Reason::DeadlineExceeded);
        assert!(bulkhead.enter(later()).now_or_never().is_none());
        assert_eq!(bulkhead.waiting(), 0);
    }

    #[test]
    fn streams_have_permits_of_their_own() {
        let bulkhead = bulkhead(1, 0);
        let watch = bulkhead.watch().expect("a permit");
        assert_eq!(bulkhead.watch().expect_err("full").reason(), Reason::Overloaded);
        drop(watch);
        let _watch = bulkhead.watch().expect("the permit");
    }
}

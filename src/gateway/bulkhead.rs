//! How many calls and streams one account may have under way, so that a slow vendor takes no permit of another's.

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

/// When to come back to what is full; nobody can know.
const COME_BACK: Duration = Duration::from_secs(1);

/// A place of one call or stream, until it is dropped.
pub(super) type Permit = OwnedSemaphorePermit;

/// The places of one account.
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
    /// Of the account with this id.
    pub(super) fn new(account: &str, limits: config::Bulkhead) -> Self {
        let config::Bulkhead { max_in_flight, max_waiting, max_watches } = limits;
        let semaphore = |places: u32| Arc::new(Semaphore::new(places as usize));
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

    /// A place for a call, waited for until `deadline` in the order of the asking.
    ///
    /// # Errors
    /// OVERLOADED when too many wait already, DEADLINE_EXCEEDED when none came free in time.
    pub(super) async fn enter(&self, deadline: Instant) -> Result<Permit, Error> {
        if let Ok(permit) = self.permits.clone().try_acquire_owned() {
            return Ok(permit);
        }
        let Some(_waiting) = Waiting::begin(self) else {
            return Err(overloaded("the account has all the calls in flight that it may have, and as many waiting"));
        };
        let text = "the account had all the calls in flight that it may have until the deadline";
        let permit = timeout_at(deadline, self.permits.clone().acquire_owned()).await.ok().and_then(Result::ok);
        permit.ok_or_else(|| Error::new(Reason::DeadlineExceeded, text).outcome(Outcome::NotSent))
    }

    /// A place for a stream, which nobody waits for: streams may last for ever.
    ///
    /// # Errors
    /// OVERLOADED when there is none.
    pub(super) fn watch(&self) -> Result<Permit, Error> {
        let permit = self.watches.clone().try_acquire_owned();
        permit.map_err(|_| overloaded("the account has all the streams that it may have"))
    }

    /// How many calls have a place.
    #[cfg(test)]
    fn in_flight(&self) -> u32 {
        let free = self.permits.available_permits();
        self.max_in_flight.saturating_sub(u32::try_from(free).unwrap_or(u32::MAX))
    }

    /// How many calls wait for a place.
    #[cfg(test)]
    fn waiting(&self) -> u32 {
        self.waiting.load(Relaxed)
    }
}

/// One who waits for a place.
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
    Error::new(Reason::Overloaded, text).outcome(Outcome::NotSent).retry_after(Some(COME_BACK))
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
    async fn who_finds_no_place_waits_for_one_and_who_finds_no_room_to_wait_is_told_at_once() {
        let bulkhead = bulkhead(1, 1);
        let permit = bulkhead.enter(later()).await.expect("a place");
        let mut waiter = Box::pin(bulkhead.enter(later()));
        assert!((&mut waiter).now_or_never().is_none());
        assert_eq!((bulkhead.in_flight(), bulkhead.waiting()), (1, 1));
        let error = bulkhead.enter(later()).await.expect_err("full");
        assert_eq!((error.reason(), error.retry_delay()), (Reason::Overloaded, Some(COME_BACK)));
        drop(permit);
        let _permit = waiter.await.expect("the place");
        assert_eq!(bulkhead.waiting(), 0);
    }

    #[tokio::test]
    async fn nobody_waits_past_the_deadline_and_who_leaves_waits_no_more() {
        let bulkhead = bulkhead(1, 1);
        let _permit = bulkhead.enter(later()).await.expect("a place");
        let error = bulkhead.enter(Instant::now() + Duration::from_millis(5)).await.expect_err("too late");
        assert_eq!(error.reason(), Reason::DeadlineExceeded);
        assert!(bulkhead.enter(later()).now_or_never().is_none());
        assert_eq!(bulkhead.waiting(), 0);
    }

    #[test]
    fn streams_have_places_of_their_own() {
        let bulkhead = bulkhead(1, 0);
        let watch = bulkhead.watch().expect("a place");
        assert_eq!(bulkhead.watch().expect_err("full").reason(), Reason::Overloaded);
        drop(watch);
        let _watch = bulkhead.watch().expect("the place");
    }
}

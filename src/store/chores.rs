//! What is done regularly in the background: the lease is renewed, the dead are reaped, what is too old is removed.

use std::{
    sync::{
        Weak,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};

use tokio::time::{MissedTickBehavior, interval, sleep};

use super::{Inner, Op, Store, unavailable};
use crate::{config::StoreConfig, error::Error, telemetry::metrics};

/// How long other replicas wait for a sign of life.
pub(super) const LEASE: Duration = Duration::from_secs(20);

/// The time between two rounds.
const ROUND: Duration = Duration::from_secs(5);

/// The rounds until the store is counted again, as that reads much of an index.
const COUNTED: u32 = 12;

/// The rows of one slice of what is too old, and the time between two slices: calls are recorded in between.
const SLICE: u32 = 500;
const BETWEEN_SLICES: Duration = Duration::from_millis(100);

/// What is too old to be kept.
#[derive(Debug, Clone, Copy)]
pub struct Retain {
    /// How long keys and replies are kept; for a message that the vendor sends later, from then on.
    pub idempotency_ttl: Duration,
    /// How long messages are kept.
    pub log_retention: Duration,
    /// How long events are kept.
    pub events_retention: Duration,
    /// The most bytes of events that are kept.
    pub events_retention_bytes: u64,
    /// The most rows to look at.
    pub limit: u32,
    /// How long no other replica does this.
    pub lease: Duration,
}

/// A chore that one replica does for all of them.
#[derive(Debug, Clone)]
pub struct TakeChore {
    /// The name.
    pub name: String,
    /// How long no other replica takes it.
    pub lease: Duration,
}

/// Returns what is too old by these settings.
pub(super) fn slice(config: &StoreConfig) -> Retain {
    let StoreConfig { idempotency_ttl, log_retention, events_retention, events_retention_bytes, .. } = *config;
    Retain { idempotency_ttl, log_retention, events_retention, events_retention_bytes, limit: SLICE, lease: LEASE }
}

impl Store {
    /// Takes or keeps a chore for this replica. Returns whether it may do it for the time of the lease.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE.
    pub async fn take_chore(&self, name: &str, lease: Duration) -> Result<bool, Error> {
        self.ask(TakeChore { name: name.to_owned(), lease }, Op::TakeChore).await
    }
}

/// The lease of this process, by a clock that counts while the machine is suspended.
#[derive(Debug)]
pub(super) struct Lease {
    /// When the last renewal began; `None` without leases.
    renewed: Option<AtomicU64>,
    /// How often the lease was lost.
    lost: AtomicU64,
}

impl Lease {
    pub(super) fn new(is_leased: bool) -> Self {
        Self { renewed: is_leased.then(|| AtomicU64::new(now())), lost: AtomicU64::new(0) }
    }

    /// Returns the number of the lease, which [`Self::is_held`] asks for.
    pub(super) fn number(&self) -> u64 {
        self.lost.load(SeqCst)
    }

    /// Whether other processes may have the store.
    pub(super) fn is_needed(&self) -> bool {
        self.renewed.is_some()
    }

    /// Whether the lease of this number was never lost, and less than half of it is over: the other half is for the way
    /// to the vendor.
    pub(super) fn is_held(&self, number: u64) -> bool {
        let is_held = self.renewed.as_ref().is_none_or(|renewed| is_held(renewed.load(SeqCst), now()));
        is_held && self.number() == number
    }

    /// Notes a renewal. One that came too late gives no right to what was recorded before: another process may look
    /// after it.
    fn renew(&self, begun: u64) {
        let Some(renewed) = &self.renewed else { return };
        if !is_held(renewed.load(SeqCst), now()) {
            self.lost.fetch_add(1, SeqCst);
        }
        renewed.store(begun, SeqCst);
    }
}

fn is_held(renewed: u64, now: u64) -> bool {
    now.saturating_sub(renewed) < LEASE.as_millis() as u64 / 2
}

/// Milliseconds since the machine was started.
fn now() -> u64 {
    #[cfg(target_os = "linux")]
    let clock = rustix::time::ClockId::Boottime;
    #[cfg(not(target_os = "linux"))]
    let clock = rustix::time::ClockId::Monotonic;
    let now = rustix::time::clock_gettime(clock);
    now.tv_sec as u64 * 1000 + now.tv_nsec as u64 / 1_000_000
}

/// Does the chores until the store is dropped.
pub(super) async fn run(store: Weak<Inner>, retain: Retain) {
    let mut rounds = interval(ROUND);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for number in 0_u32.. {
        rounds.tick().await;
        // Not held between two rounds: this task must not keep the store open.
        let Some(store) = store.upgrade().map(Store) else { return };
        let mut done = round(&store, retain).await;
        if done.is_ok() && number.is_multiple_of(COUNTED) {
            done = count(&store, retain.log_retention).await;
        }
        if let Err(error) = done {
            tracing::debug!(%error, "the chores of the store were not done");
        }
    }
}

/// How often this process looks for the events of others, while somebody reads events.
const SEE_EVENTS: Duration = Duration::from_millis(50);

/// Sees the events of other processes until the store is dropped.
pub(super) async fn see_events(store: Weak<Inner>) {
    let mut rounds = interval(SEE_EVENTS);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        rounds.tick().await;
        let Some(store) = store.upgrade().map(Store) else { return };
        if store.0.status.newest_event.receiver_count() > 0
            && let Err(error) = see_new_events(&store).await
        {
            tracing::debug!(%error, "the events of other processes were not seen");
        }
    }
}

/// A reader must not be handed what a loss of power could undo, so what is new is flushed before it is announced.
pub(super) async fn see_new_events(store: &Store) -> Result<(), Error> {
    let bounds = store.0.readers.query(|reader| reader.event_bounds()).await.map_err(unavailable)?;
    let is_new = bounds.newest > *store.0.status.newest_event.borrow();
    if is_new { store.ask((), Op::SeeEvents).await } else { Ok(()) }
}

/// Counts for the metrics.
async fn count(store: &Store, log_retention: Duration) -> Result<(), Error> {
    let stats = store.stats().await?;
    let age = stats.oldest.and_then(|oldest| oldest.time().elapsed().ok()).unwrap_or_default();
    metrics::store_ages(stats.unknown.named(), stats.open.named(), age.saturating_sub(log_retention));
    Ok(())
}

async fn round(store: &Store, retain: Retain) -> Result<(), Error> {
    let begun = now();
    store.ask(LEASE, Op::Renew).await?;
    store.0.lease.renew(begun);
    let dead = store.ask((), Op::Reap).await?;
    if dead > 0 {
        tracing::warn!(writes = dead, "writes of a process that has ended have an unknown outcome");
    }
    // For one round at most: the lease must be renewed in between.
    for _ in 0..ROUND.as_millis() / BETWEEN_SLICES.as_millis() {
        if !store.ask(retain, Op::Retain).await? {
            break;
        }
        sleep(BETWEEN_SLICES).await;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_is_held_for_half_its_time() {
        assert!(is_held(5000, 5000) && is_held(5000, 14_999));
        assert!(!is_held(5000, 15_000));
        assert!(Lease::new(false).is_held(0) && Lease::new(true).is_held(0));
    }

    #[test]
    fn what_was_recorded_under_a_lost_lease_is_not_sent_after_a_renewal() {
        let lease = Lease::new(true);
        lease.renew(now());
        assert!(lease.is_held(0));
        if let Some(renewed) = &lease.renewed {
            renewed.fetch_sub(LEASE.as_millis() as u64, SeqCst);
        }
        assert!(!lease.is_held(0));
        lease.renew(now());
        assert!(!lease.is_held(0) && lease.is_held(lease.number()));
    }
}

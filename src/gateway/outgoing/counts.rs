//! What the metrics show of the webhooks that this replica delivers to: how many are in each state, and how old the oldest event
//! is that should have been delivered.

use std::{
    sync::atomic::{AtomicI64, Ordering::Relaxed},
    time::SystemTime,
};

use super::record::{Halt, Progress};
use crate::{epoch, error::Error, store::Store, telemetry::metrics};

/// When the oldest event was recorded that is not delivered, in milliseconds; 0 if all are.
#[derive(Debug, Default)]
pub(super) struct Oldest(AtomicI64);

impl Oldest {
    pub(super) fn set(&self, time: Option<SystemTime>) {
        self.0.store(time.map_or(0, epoch::in_millis), Relaxed);
    }

    fn get(&self) -> Option<SystemTime> {
        let millis = self.0.load(Relaxed);
        (millis > 0).then(|| epoch::time_of(millis))
    }
}

/// The webhooks, as one round finds them.
#[derive(Debug, Default)]
pub(super) struct Counts {
    delivering: i64,
    paused: i64,
    gone: i64,
    expired: i64,
    oldest: Option<SystemTime>,
}

impl Counts {
    /// Counts a webhook that is delivered to.
    pub(super) fn running(&mut self, oldest: &Oldest) {
        self.delivering += 1;
        self.waits_since(oldest.get());
    }

    /// Counts a webhook whose delivery has ended. What waits at one that is paused still waits.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE.
    pub(super) async fn halted(&mut self, store: &Store, progress: Progress) -> Result<(), Error> {
        match progress.halt() {
            // Its address or its sender is at fault, which the log says.
            Halt::None => {}
            Halt::Gone => self.gone += 1,
            Halt::Expired => self.expired += 1,
            Halt::Exhausted => {
                self.paused += 1;
                self.waits_since(store.event_time(progress.delivered_to + 1).await?);
            }
        }
        Ok(())
    }

    fn waits_since(&mut self, time: Option<SystemTime>) {
        self.oldest = [self.oldest, time].into_iter().flatten().min();
    }

    /// Sets the metrics.
    pub(super) fn show(&self) {
        let Self { delivering, paused, gone, expired, oldest } = *self;
        let states = [("delivering", delivering), ("paused", paused), ("gone", gone), ("expired", expired)];
        let age = oldest.and_then(|time| time.elapsed().ok()).unwrap_or_default();
        metrics::event_webhooks(states, age);
    }
}

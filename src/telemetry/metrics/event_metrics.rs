//! The metrics of events.

use std::time::Duration;

use prometheus_client::{
    metrics::{gauge::Gauge, histogram::Histogram},
    registry::Registry,
};

use super::{BUCKETS, METRICS, add};

#[derive(Debug)]
pub(super) struct Events {
    recorded: Gauge,
    watchers: Gauge,
    delivery_seconds: Histogram,
}

impl Events {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let recorded = "The sequence of the newest event that can be read";
        let delivered = "How old events were when a stream sent them";
        Self {
            recorded: add(registry, "smsmux_events_recorded", recorded, Gauge::default()),
            watchers: add(registry, "smsmux_event_watchers", "Streams of events", Gauge::default()),
            delivery_seconds: add(registry, "smsmux_event_delivery_seconds", delivered, Histogram::new(BUCKETS)),
        }
    }
}

/// Sets the sequence of the newest event.
pub fn events_recorded(sequence: i64) {
    METRICS.events.recorded.set(sequence);
}

/// Counts a stream of events, until it is dropped.
pub fn event_watcher() -> impl Send + 'static {
    METRICS.events.watchers.inc();
    Watcher
}

struct Watcher;

impl Drop for Watcher {
    fn drop(&mut self) {
        METRICS.events.watchers.dec();
    }
}

/// Counts an event that a stream sent at this age.
pub fn event_delivered(age: Duration) {
    METRICS.events.delivery_seconds.observe(age.as_secs_f64());
}

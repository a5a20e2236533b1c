//! The metrics of events.

use std::time::Duration;

use prometheus_client::{
    metrics::{gauge::Gauge, histogram::Histogram},
    registry::Registry,
};

use super::{BUCKETS, Counters, Gauges, METRICS, Seconds, add};

#[derive(Debug)]
pub(super) struct Events {
    recorded: Gauge,
    watchers: Gauge,
    delivery_seconds: Histogram,
    webhooks: Gauges<1>,
    webhook_attempts: Counters<1>,
    webhook_oldest: Seconds,
}

impl Events {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let recorded = "The sequence of the newest event that can be read";
        let delivered = "How old events were when a stream sent them";
        let (webhooks, attempts) =
            ("Webhooks that events are delivered to, by state", "Attempts to deliver an event to a webhook");
        let oldest = "How old the oldest event is that is not delivered to a webhook";
        Self {
            recorded: add(registry, "smsmux_events_recorded", recorded, Gauge::default()),
            watchers: add(registry, "smsmux_event_watchers", "Streams of events", Gauge::default()),
            delivery_seconds: add(registry, "smsmux_event_delivery_seconds", delivered, Histogram::new(BUCKETS)),
            webhooks: add(registry, "smsmux_event_webhooks", webhooks, Gauges::default()),
            webhook_attempts: add(registry, "smsmux_event_webhook_attempts", attempts, Counters::default()),
            webhook_oldest: add(registry, "smsmux_event_webhook_lag_seconds", oldest, Seconds::default()),
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

/// Sets how many webhooks are in each state, and how old the oldest event is that is not delivered.
pub fn event_webhooks(states: [(&'static str, i64); 4], oldest: Duration) {
    for (state, count) in states {
        METRICS.events.webhooks.get_or_create_owned(&[("state", state.into())]).set(count);
    }
    METRICS.events.webhook_oldest.set(oldest.as_secs_f64());
}

/// Counts an attempt to deliver an event to a webhook by what became of it.
pub fn event_webhook_attempt(result: &'static str) {
    METRICS.events.webhook_attempts.get_or_create_owned(&[("result", result.into())]).inc();
}

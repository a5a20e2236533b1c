//! Metrics of the store.

use std::time::Duration;

use prometheus_client::{
    metrics::{family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};

use super::{Counters, Gauges, METRICS, Seconds, add};

/// The buckets of the operations in a commit, up to the most.
const BATCHES: [f64; 6] = [1.0, 4.0, 16.0, 64.0, 256.0, 1024.0];

/// The buckets of commits in seconds, from memory to a disk that is in trouble.
const COMMITS: [f64; 10] = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1.0];

#[derive(Debug)]
pub(super) struct Store {
    claims: Counters<1>,
    queue: Gauge,
    batch: Histogram,
    commit_seconds: Histogram,
    unknown: Gauges<1>,
    open: Gauges<1>,
    purge_lag: Seconds,
}

impl Store {
    pub(super) fn new(registry: &mut Registry) -> Self {
        Self {
            claims: add(
                registry,
                "smsmux_store_claims",
                "Calls that asked the store whether they may be sent, by the answer",
                Family::default(),
            ),
            queue: add(registry, "smsmux_store_queue", "Operations that wait to be recorded", Gauge::default()),
            batch: add(registry, "smsmux_store_batch", "Operations in a commit of the store", Histogram::new(BATCHES)),
            commit_seconds: add(
                registry,
                "smsmux_store_commit_seconds",
                "How long commits of the store took",
                Histogram::new(COMMITS),
            ),
            unknown: add(registry, "smsmux_store_unknown", "Unknown outcomes, by age", Family::default()),
            open: add(registry, "smsmux_store_open", "Messages followed, by age", Family::default()),
            purge_lag: add(
                registry,
                "smsmux_store_purge_lag_seconds",
                "How much older than the retention the oldest message is",
                Seconds::default(),
            ),
        }
    }
}

/// Counts a claim by the store's answer.
pub fn store_claim(answer: &'static str) {
    METRICS.store.claims.get_or_create_owned(&[("answer", answer.into())]).inc();
}

/// Sets how many operations wait to be recorded.
pub fn store_queue(depth: usize) {
    METRICS.store.queue.set(depth as i64);
}

/// Counts a commit of the store.
pub fn store_commit(operations: usize, took: Duration) {
    METRICS.store.batch.observe(operations as f64);
    METRICS.store.commit_seconds.observe(took.as_secs_f64());
}

/// Sets what the store has, by age, and how late it removes what is too old.
pub fn store_ages(unknown: [(&'static str, u64); 4], open: [(&'static str, u64); 4], purge_lag: Duration) {
    for (family, ages) in [(&METRICS.store.unknown, unknown), (&METRICS.store.open, open)] {
        for (age, count) in ages {
            family.get_or_create_owned(&[("age", age.into())]).set(count as i64);
        }
    }
    METRICS.store.purge_lag.set(purge_lag.as_secs_f64());
}

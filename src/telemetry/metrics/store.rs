//! Metrics of the store.

use std::time::Duration;

use super::METRICS;

/// The buckets of the operations in a commit, up to the most.
pub(super) const BATCHES: [f64; 6] = [1.0, 4.0, 16.0, 64.0, 256.0, 1024.0];

/// The buckets of commits in seconds, from memory to a disk that is in trouble.
pub(super) const COMMITS: [f64; 10] = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1.0];

/// Counts a claim by the store's answer.
pub fn store_claim(answer: &'static str) {
    METRICS.store_claims.get_or_create_owned(&[("answer", answer.into())]).inc();
}

/// Sets how many operations wait to be recorded.
pub fn store_queue(depth: usize) {
    METRICS.store_queue.set(depth as i64);
}

/// Counts a commit of the store.
pub fn store_commit(operations: usize, took: Duration) {
    METRICS.store_batch.observe(operations as f64);
    METRICS.store_commit_seconds.observe(took.as_secs_f64());
}

/// Sets what the store has, by age, and how late it removes what is too old.
pub fn store_ages(unknown: [(&'static str, u64); 4], open: [(&'static str, u64); 4], purge_lag: Duration) {
    for (family, ages) in [(&METRICS.store_unknown, unknown), (&METRICS.store_open, open)] {
        for (age, count) in ages {
            family.get_or_create_owned(&[("age", age.into())]).set(count as i64);
        }
    }
    METRICS.store_purge_lag.set(purge_lag.as_secs_f64());
}

//! What has happened at the vendor, for those who measure.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use serde_json::json;

#[derive(Default)]
pub struct Counts {
    connections: AtomicU64,
    sends: AtomicU64,
    abandoned: AtomicU64,
    lookups: AtomicU64,
    first: AtomicU64,
    last: AtomicU64,
    waited: Mutex<Vec<u64>>,
}

/// A send that has no answer yet. Dropping it counts it as abandoned: its stream was reset, or its connection closed.
pub struct Sent<'a>(&'a Counts, bool);

impl Sent<'_> {
    pub fn answered(mut self) {
        self.1 = true;
    }
}

impl Drop for Sent<'_> {
    fn drop(&mut self) {
        if !self.1 {
            self.0.abandoned.fetch_add(1, Relaxed);
        }
    }
}

impl Counts {
    pub fn connection(&self) {
        self.connections.fetch_add(1, Relaxed);
    }

    pub fn lookup(&self) {
        self.lookups.fetch_add(1, Relaxed);
    }

    /// Counts a send whose head has arrived.
    pub fn send(&self) -> Sent<'_> {
        let now = micros();
        if self.sends.fetch_add(1, Relaxed) == 0 {
            self.first.store(now, Relaxed);
        }
        self.last.store(now, Relaxed);
        Sent(self, false)
    }

    /// Notes how long a message took to get here, if its text begins with the time at which it was sent.
    pub fn arrived(&self, text: &[u8]) {
        let digits = text.iter().take_while(|byte| byte.is_ascii_digit());
        let stamp = digits.fold(0, |number: u64, digit| number.wrapping_mul(10).wrapping_add(u64::from(digit - b'0')));
        if stamp > 0 {
            self.waited().push(micros().saturating_sub(stamp));
        }
    }

    fn waited(&self) -> MutexGuard<'_, Vec<u64>> {
        self.waited.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All counts as JSON; times are microseconds, `first` and `last` since 1970.
    pub fn report(&self) -> String {
        let of = |count: &AtomicU64| count.load(Relaxed);
        json!({
            "connections": of(&self.connections),
            "sends": of(&self.sends),
            "abandoned": of(&self.abandoned),
            "lookups": of(&self.lookups),
            "first": of(&self.first),
            "last": of(&self.last),
            "waited": *self.waited(),
        })
        .to_string()
    }

    pub fn reset(&self) {
        for count in [&self.connections, &self.sends, &self.abandoned, &self.lookups, &self.first, &self.last] {
            count.store(0, Relaxed);
        }
        self.waited().clear();
    }
}

fn micros() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(now.as_micros()).unwrap_or(u64::MAX)
}

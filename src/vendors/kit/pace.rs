//! Rate limits: one turn each interval, first come first served. A call whose turn would come after its deadline fails
//! at once, and uses no turn.
//!
//! A limiter that is polled until it permits would wake every waiter for every turn, and could not return the time of a
//! waiter's turn.

use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::{Instant, sleep_until};

/// The minimum number of keys before idle ones are dropped.
const KEYS: usize = 1024;

/// One turn each interval.
#[derive(Debug)]
pub struct Pace {
    interval: Duration,
    next: Mutex<Instant>,
}

impl Pace {
    /// Creates a pace of `turns` a second, evenly spaced: never more in any second.
    pub fn per_second(turns: u32) -> Self {
        Self { interval: Duration::from_secs(1) / turns.max(1), next: Mutex::new(Instant::now()) }
    }

    /// Waits for a turn.
    ///
    /// # Errors
    /// How long the wait would have been, without waiting: the turn comes at `deadline` or later.
    pub async fn turn(&self, deadline: Instant) -> Result<(), Duration> {
        wait(self.take(Instant::now(), deadline)?).await;
        Ok(())
    }

    fn take(&self, now: Instant, deadline: Instant) -> Result<Instant, Duration> {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        take(&mut next, self.interval, now, deadline)
    }
}

/// One turn each interval, separately for every key.
pub struct Paces {
    interval: Duration,
    state: Mutex<State>,
}

struct State {
    next: HashMap<String, Instant>,
    /// The number of keys at which idle ones are dropped.
    limit: usize,
}

impl Paces {
    /// Creates paces of one turn each `interval`; zero means no limit.
    pub fn new(interval: Duration) -> Self {
        Self { interval, state: Mutex::new(State { next: HashMap::new(), limit: KEYS }) }
    }

    /// Waits for a turn of `key`.
    ///
    /// # Errors
    /// As [`Pace::turn`].
    pub async fn turn(&self, key: &str, deadline: Instant) -> Result<(), Duration> {
        if !self.interval.is_zero() {
            wait(self.take(key, Instant::now(), deadline)?).await;
        }
        Ok(())
    }

    fn take(&self, key: &str, now: Instant, deadline: Instant) -> Result<Instant, Duration> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(next) = state.next.get_mut(key) {
            return take(next, self.interval, now, deadline);
        }
        let mut next = now;
        let turn = take(&mut next, self.interval, now, deadline)?;
        state.keep(key, next, now);
        Ok(turn)
    }
}

impl State {
    /// Adds a key. Idle keys are dropped when the number of keys has doubled since the last time, so that most calls
    /// look through none.
    fn keep(&mut self, key: &str, next: Instant, now: Instant) {
        if self.next.len() >= self.limit {
            self.next.retain(|_, next| *next > now);
            self.limit = KEYS.max(self.next.len() * 2);
        }
        self.next.insert(key.to_owned(), next);
    }
}

/// Omits the keys: they may be phone numbers.
impl fmt::Debug for Paces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Paces({:?})", self.interval)
    }
}

/// Takes the next turn, if it comes before `deadline`.
fn take(next: &mut Instant, interval: Duration, now: Instant, deadline: Instant) -> Result<Instant, Duration> {
    let turn = now.max(*next);
    if turn >= deadline {
        return Err(turn - now);
    }
    *next = turn + interval;
    Ok(turn)
}

/// A turn that is due already costs no timer.
async fn wait(turn: Instant) {
    if turn > Instant::now() {
        sleep_until(turn).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn turns_come_one_each_interval() {
        let (pace, now) = (Pace::per_second(4), Instant::now());
        let waits: Vec<_> = (0..9).map(|_| pace.take(now, now + 10 * SECOND).expect("in time") - now).collect();
        assert_eq!(waits, (0..9).map(|i| i * SECOND / 4).collect::<Vec<_>>());
        // Turns that no caller took are lost.
        let now = now + 10 * SECOND;
        let waits: Vec<_> = (0..2).map(|_| pace.take(now, now + SECOND).expect("in time") - now).collect();
        assert_eq!(waits, [Duration::ZERO, SECOND / 4]);
    }

    #[test]
    fn a_call_whose_turn_would_come_too_late_fails_and_uses_no_turn() {
        let (pace, now) = (Pace::per_second(1), Instant::now());
        pace.take(now, now + SECOND).expect("the first");
        for _ in 0..3 {
            assert_eq!(pace.take(now, now + SECOND / 2).map_err(|wait| wait > SECOND / 2), Err(true));
        }
        assert_eq!(pace.take(now, now + 2 * SECOND).expect("the second") - now, SECOND);
    }

    #[tokio::test]
    async fn a_turn_is_waited_for() {
        let (pace, start) = (Pace::per_second(20), Instant::now());
        for _ in 0..3 {
            pace.turn(start + 60 * SECOND).await.expect("in time");
        }
        assert!(start.elapsed() >= SECOND / 10);
    }

    #[test]
    fn every_key_has_turns_of_its_own_and_is_forgotten_after_them() {
        let (paces, now) = (Paces::new(2 * SECOND), Instant::now());
        let deadline = now + 60 * SECOND;
        let take = |key| paces.take(key, now, deadline).expect("in time") - now;
        assert_eq!((take("a"), take("b"), take("a")), (Duration::ZERO, Duration::ZERO, 2 * SECOND));
        for i in 0..10 * KEYS {
            let now = now + SECOND * (i / KEYS) as u32;
            paces.take(&i.to_string(), now, deadline).expect("in time");
        }
        assert!(paces.state.lock().expect("a lock").next.len() <= 4 * KEYS);
    }

    #[tokio::test]
    async fn a_zero_interval_means_no_limit() {
        let (paces, start) = (Paces::new(Duration::ZERO), Instant::now());
        for _ in 0..3 {
            paces.turn("a", start).await.expect("no limit");
        }
    }
}

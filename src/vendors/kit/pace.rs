//! One turn each interval, separately for every key.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use crate::api::budget::{Budget, Budgets};

/// One turn each interval, separately for every key.
pub struct Paces {
    /// Names the budgets of the keys.
    account: String,
    interval: Duration,
    budgets: Arc<Budgets>,
    state: Mutex<State>,
}

struct State {
    of: HashMap<String, Arc<Budget>>,
    /// When idle ones were last dropped.
    swept: Instant,
}

impl Paces {
    /// Creates paces of one turn each `interval`, of this account; zero means no limit. Their budgets are added to
    /// `budgets`.
    pub fn new(account: &str, interval: Duration, budgets: Arc<Budgets>) -> Self {
        let (account, state) = (account.to_owned(), Mutex::new(State { of: HashMap::new(), swept: Instant::now() }));
        Self { account, interval, budgets, state }
    }

    /// Waits for a turn of `key`.
    ///
    /// # Errors
    /// As [`Budget::turn`].
    pub async fn turn(&self, key: &str, deadline: Instant) -> Result<(), Duration> {
        if !self.interval.is_zero() {
            self.of(key, Instant::now()).turn(deadline).await?;
        }
        Ok(())
    }

    /// Returns the budget of a key. A new key has idle ones dropped, at most once in an interval: so there are never more than
    /// those of two intervals and those in use, and each is looked at a few times.
    fn of(&self, key: &str, now: Instant) -> Arc<Budget> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(budget) = state.of.get(key) {
            return budget.clone();
        }
        if now >= state.swept + self.interval {
            state.of.retain(|_, budget| Arc::strong_count(budget) > 1 || !budget.is_idle(now));
            state.swept = now;
        }
        let budget = Arc::new(Budget::new(format!("{} sender {key}", self.account), 1, self.interval, true));
        self.budgets.add(&budget);
        state.of.insert(key.to_owned(), budget.clone());
        budget
    }
}

/// Omits the keys: they may be phone numbers.
impl fmt::Debug for Paces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Paces({:?})", self.interval)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn every_key_has_turns_of_its_own_and_is_forgotten_after_them() {
        let (paces, now) = (Paces::new("accounts/a", 2 * SECOND, Arc::default()), Instant::now());
        let take = |key: &str, now| paces.of(key, now).try_turn(now).err();
        assert_eq!((take("a", now), take("b", now), take("a", now)), (None, None, Some(2 * SECOND)));
        // A thousand new keys a second, for a minute.
        for i in 0..60_000_u32 {
            assert_eq!(take(&i.to_string(), now + SECOND * i / 1000), None);
            let keys = paces.state.lock().expect("a lock").of.len();
            assert!(keys <= 4002, "{keys}");
        }
        assert!(paces.budgets.list().len() <= 4002);
    }

    #[tokio::test]
    async fn a_zero_interval_means_no_limit() {
        let (paces, start) = (Paces::new("accounts/a", Duration::ZERO, Arc::default()), Instant::now());
        for _ in 0..3 {
            paces.turn("a", start).await.expect("no limit");
        }
    }
}

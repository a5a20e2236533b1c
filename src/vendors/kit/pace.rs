//! One turn each interval, separately for every key.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use crate::api::budget::{Budget, Budgets};

/// The minimum number of keys before idle ones are dropped.
const KEYS: usize = 1024;

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
    /// The number of keys at which idle ones are dropped.
    limit: usize,
}

impl Paces {
    /// Creates paces of one turn each `interval`, of this account; zero means no limit. Their budgets are added to
    /// `budgets`.
    pub fn new(account: &str, interval: Duration, budgets: Arc<Budgets>) -> Self {
        let (account, state) = (account.to_owned(), Mutex::new(State { of: HashMap::new(), limit: KEYS }));
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

    /// Returns the budget of a key. Idle ones are dropped when the number of keys has doubled since the last time, so
    /// that most calls look through none.
    fn of(&self, key: &str, now: Instant) -> Arc<Budget> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(budget) = state.of.get(key) {
            return budget.clone();
        }
        if state.of.len() >= state.limit {
            state.of.retain(|_, budget| Arc::strong_count(budget) > 1 || !budget.is_idle(now));
            state.limit = KEYS.max(state.of.len() * 2);
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
        for i in 0..10 * KEYS {
            assert_eq!(take(&i.to_string(), now + SECOND * (i / KEYS) as u32), None);
        }
        assert!(paces.state.lock().expect("a lock").of.len() <= 4 * KEYS);
        assert!(paces.budgets.list().len() <= 4 * KEYS);
    }

    #[tokio::test]
    async fn a_zero_interval_means_no_limit() {
        let (paces, start) = (Paces::new("accounts/a", Duration::ZERO, Arc::default()), Instant::now());
        for _ in 0..3 {
            paces.turn("a", start).await.expect("no limit");
        }
    }
}

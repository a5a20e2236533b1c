//! Tracks LOX24's lock-out of an address after too many bad logins. Every request prolongs it, so none is sent while it
//! lasts.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use crate::error::{Error, Outcome, Reason};

/// The duration of a lock-out without `Retry-After`.
const DEFAULT_DURATION: Duration = Duration::from_secs(600);

/// The longest `Retry-After` that is honoured.
const MAX_DURATION: Duration = Duration::from_secs(24 * 3600);

/// The number of bad logins within `WITHIN` that locks an address out.
const MAX_BAD_LOGINS: usize = 3;
const WITHIN: Duration = Duration::from_secs(60);

/// The end of the lock-out. It is per address, so it holds for every token; a restart forgets it, and so does a changed
/// configuration of the account, which may have a corrected token.
#[derive(Debug, Clone, Default)]
pub(super) struct LockOut(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// The times of the last bad logins.
    refused: VecDeque<Instant>,
    until: Option<Instant>,
}

impl LockOut {
    /// Records that LOX24 rejected a login.
    pub(super) fn refused(&self) {
        self.refused_at(Instant::now());
    }

    fn refused_at(&self, now: Instant) {
        let mut state = self.lock();
        if state.refused.len() == MAX_BAD_LOGINS {
            state.refused.pop_front();
        }
        state.refused.push_back(now);
    }

    /// Records a 429. After as many bad logins as lock an address out it is a lock-out, lasts for `retry_after`, and
    /// its duration is returned; any other 429 concerns only its request.
    pub(super) fn throttled(&self, account: &str, retry_after: Option<Duration>) -> Option<Duration> {
        self.throttled_at(Instant::now(), account, retry_after)
    }

    fn throttled_at(&self, now: Instant, account: &str, retry_after: Option<Duration>) -> Option<Duration> {
        let mut state = self.lock();
        let recent = state.refused.iter().filter(|at| now.saturating_duration_since(**at) <= WITHIN).count();
        if recent < MAX_BAD_LOGINS {
            return None;
        }
        let wait = retry_after.unwrap_or(DEFAULT_DURATION).min(MAX_DURATION);
        state.until = Some(now + wait);
        tracing::warn!(account, seconds = wait.as_secs(), "LOX24 has locked this address out: requests pause");
        Some(wait)
    }

    /// Checks that the address is not locked out.
    ///
    /// # Errors
    /// RATE_LIMITED.
    pub(super) fn check(&self) -> Result<(), Error> {
        self.check_at(Instant::now())
    }

    fn check_at(&self, now: Instant) -> Result<(), Error> {
        let mut state = self.lock();
        let Some(wait) = state.until.map(|until| until.saturating_duration_since(now)) else { return Ok(()) };
        if wait.is_zero() {
            state.until = None;
            return Ok(());
        }
        let text =
            "LOX24 has locked this address out after too many bad logins; no request is sent until the lock-out ends";
        Err(Error::new(Reason::RateLimited, text).outcome(Outcome::NotSent).retry_after(Some(wait)))
    }

    /// Encoded for a few instructions, never over an await.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_out_lasts_for_retry_after_or_ten_minutes() {
        for (said, lasts) in [
            (None, DEFAULT_DURATION),
            (Some(Duration::from_secs(7)), Duration::from_secs(7)),
            (Some(Duration::MAX), MAX_DURATION),
        ] {
            let (lock_out, now) = (LockOut::default(), Instant::now());
            (0..MAX_BAD_LOGINS).for_each(|_| lock_out.refused_at(now));
            lock_out.check_at(now).expect("none yet");
            assert_eq!(lock_out.throttled_at(now, "accounts/phones", said), Some(lasts));
            let error = lock_out.check_at(now).expect_err("locked out");
            assert_eq!((error.retry_delay(), error.reason()), (Some(lasts), Reason::RateLimited));
            // Clones share the state.
            lock_out.clone().check_at(now + lasts - Duration::from_secs(1)).expect_err("still");
            lock_out.check_at(now + lasts).expect("over");
        }
    }

    #[test]
    fn a_429_without_three_bad_logins_in_a_minute_is_no_lock_out() {
        let (lock_out, now) = (LockOut::default(), Instant::now());
        for seconds in [0, 10, 61] {
            lock_out.refused_at(now + Duration::from_secs(seconds));
            let then = now + Duration::from_secs(seconds);
            assert_eq!(lock_out.throttled_at(then, "accounts/phones", None), None, "{seconds}");
            lock_out.check_at(then).expect("not locked out");
        }
        let then = now + Duration::from_secs(62);
        lock_out.refused_at(then);
        assert_eq!(lock_out.throttled_at(then, "accounts/phones", None), Some(DEFAULT_DURATION));
    }
}

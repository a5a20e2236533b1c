//! LOX24's lock-out of an address after too many bad logins. Who asks again while it lasts only prolongs it, so nobody does.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use crate::error::{Error, Outcome, Reason};

/// How long it lasts when LOX24 does not say.
const USUAL: Duration = Duration::from_secs(600);

/// No more is believed.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// So many bad logins of an address in this time lock it out.
const LOGINS: usize = 3;
const WITHIN: Duration = Duration::from_secs(60);

/// Until when LOX24 is not asked. It is of the address, so it holds for every token; a restart forgets it, and so does a
/// changed configuration of the account, for whoever has mended the token.
#[derive(Debug, Clone, Default)]
pub(super) struct LockOut(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// The last bad logins.
    refused: VecDeque<Instant>,
    until: Option<Instant>,
}

impl LockOut {
    /// Notes that LOX24 has refused a login.
    pub(super) fn refused(&self) {
        self.refused_at(Instant::now());
    }

    fn refused_at(&self, now: Instant) {
        let mut state = self.lock();
        if state.refused.len() == LOGINS {
            state.refused.pop_front();
        }
        state.refused.push_back(now);
    }

    /// Notes a 429. After as many bad logins as lock an address out it is that, lasts for as long as LOX24 says, and this
    /// tells how long; any other is about the one request.
    pub(super) fn throttled(&self, account: &str, retry_after: Option<Duration>) -> Option<Duration> {
        self.throttled_at(Instant::now(), account, retry_after)
    }

    fn throttled_at(&self, now: Instant, account: &str, retry_after: Option<Duration>) -> Option<Duration> {
        let mut state = self.lock();
        let recent = state.refused.iter().filter(|at| now.saturating_duration_since(**at) <= WITHIN).count();
        if recent < LOGINS {
            return None;
        }
        let wait = retry_after.unwrap_or(USUAL).min(LONGEST);
        state.until = Some(now + wait);
        tracing::warn!(account, seconds = wait.as_secs(), "LOX24 has locked this address out: it is not asked");
        Some(wait)
    }

    /// Whether it may be asked.
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
            "LOX24 has locked this address out because too many logins failed, and is not asked while that lasts";
        Err(Error::new(Reason::RateLimited, text).outcome(Outcome::NotSent).retry_after(Some(wait)))
    }

    /// Held for a few instructions, over no await.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_lasts_as_long_as_lox24_says_or_ten_minutes() {
        for (said, lasts) in
            [(None, USUAL), (Some(Duration::from_secs(7)), Duration::from_secs(7)), (Some(Duration::MAX), LONGEST)]
        {
            let (lock_out, now) = (LockOut::default(), Instant::now());
            (0..LOGINS).for_each(|_| lock_out.refused_at(now));
            lock_out.check_at(now).expect("none yet");
            assert_eq!(lock_out.throttled_at(now, "accounts/phones", said), Some(lasts));
            let error = lock_out.check_at(now).expect_err("locked out");
            assert_eq!((error.retry_delay(), error.reason()), (Some(lasts), Reason::RateLimited));
            // A clone is the same.
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
        assert_eq!(lock_out.throttled_at(then, "accounts/phones", None), Some(USUAL));
    }
}

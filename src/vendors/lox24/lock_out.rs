//! LOX24's lock-out of an address after too many bad logins. Who asks again while it lasts only prolongs it, so nobody does.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use crate::error::{Error, Outcome, Reason};

/// How long it lasts when LOX24 does not say.
const USUAL: Duration = Duration::from_secs(600);

/// No more is believed.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// Until when LOX24 is not asked. It is of the address, so it holds for every token; a restart forgets it, and so does a
/// changed configuration of the account, for whoever has mended the token.
#[derive(Debug, Clone, Default)]
pub(super) struct LockOut(Arc<Mutex<Option<Instant>>>);

impl LockOut {
    /// Notes that LOX24 has locked us out, for as long as it says, and tells how long that is.
    pub(super) fn begin(&self, account: &str, retry_after: Option<Duration>) -> Duration {
        let wait = retry_after.unwrap_or(USUAL).min(LONGEST);
        *self.lock() = Some(Instant::now() + wait);
        tracing::warn!(account, seconds = wait.as_secs(), "LOX24 has locked this address out: it is not asked");
        wait
    }

    /// Whether it may be asked.
    ///
    /// # Errors
    /// RATE_LIMITED.
    pub(super) fn check(&self) -> Result<(), Error> {
        self.check_at(Instant::now())
    }

    fn check_at(&self, now: Instant) -> Result<(), Error> {
        let mut until = self.lock();
        let Some(wait) = until.map(|until| until.saturating_duration_since(now)) else { return Ok(()) };
        if wait.is_zero() {
            *until = None;
            return Ok(());
        }
        let text =
            "LOX24 has locked this address out because too many logins failed, and is not asked while that lasts";
        Err(Error::new(Reason::RateLimited, text).outcome(Outcome::NotSent).retry_after(Some(wait)))
    }

    /// Held for a few instructions, over no await.
    fn lock(&self) -> MutexGuard<'_, Option<Instant>> {
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
            lock_out.check().expect("none yet");
            assert_eq!(lock_out.begin("accounts/phones", said), lasts);
            let error = lock_out.check_at(now).expect_err("locked out");
            assert!(error.asked_to_wait() >= Some(lasts), "{error:?}");
            assert_eq!(error.reason(), Reason::RateLimited);
            // A clone is the same.
            lock_out.clone().check_at(now + lasts - Duration::from_secs(1)).expect_err("still");
            lock_out.check_at(Instant::now() + lasts).expect("over");
        }
    }
}

//! A login that is kept and shared: concurrent callers wait for the same login, it is renewed when the vendor no longer
//! accepts it, and futile logins are rate-limited.
//!
//! | what happened | the next login |
//! |---|---|
//! | the vendor rejected a login | after a pause of 1 s that doubles to 1 min; until then callers get the same error at once |
//! | the vendor ended a session | at once, or after a pause that grows to 1 s or 2 s when sessions end soon after their login |
//! | a login failed in any other way | with the next caller |
//!
//! Sessions end soon after their login when two clients share an account at a vendor that permits one session: each
//! login ends the session of the other. Without pauses both would log in for every request.

use std::{
    future::Future,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use futures::{
    FutureExt,
    future::{BoxFuture, Shared},
};
use prometheus_client::metrics::counter::Counter;
use tokio::time::{Instant, sleep_until};

use crate::{
    call::Call,
    error::{Error, Outcome, Reason},
};

/// The first and the longest pause after a rejected login.
pub(super) const PAUSES_REFUSED: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

/// The first and the longest pause between the logins of short sessions, each extended at random by up to its own
/// length, so that two gateways that share an account do not keep step.
const PAUSES_SHORT: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));

/// A session of at least this age was not ended by another login at about the same time.
const SHORT_SESSION: Duration = Duration::from_secs(5);

type Login<T> = Shared<BoxFuture<'static, Result<Arc<T>, Error>>>;

/// Logs in, with the login that the vendor no longer accepts, if there was one.
type LogIn<T> = dyn Fn(Option<Arc<T>>) -> BoxFuture<'static, Result<T, Error>> + Send + Sync;

/// A login of type `T`, and the function that makes it.
pub struct Session<T> {
    state: Arc<Mutex<State<T>>>,
    login: Box<LogIn<T>>,
    /// Counts the logins that replaced one that the vendor no longer accepted.
    renewed: Counter,
}

struct State<T> {
    now: Now<T>,
    /// For consecutive rejected logins.
    refused: Option<ExponentialBackoff>,
    /// For consecutive short sessions.
    ended: Option<ExponentialBackoff>,
}

enum Now<T> {
    LoggedOut,
    /// A login is in flight, or begins at the instant.
    Pending(Login<T>, Instant),
    /// Logged in since the instant.
    LoggedIn(Arc<T>, Instant),
    /// The vendor rejected the last login, and the next one must not begin before the instant.
    Refused(Error, Instant),
}

impl<T: Send + Sync + 'static> Session<T> {
    /// Creates a session that is not logged in yet. `login` runs on first use, and again with the login that the vendor no
    /// longer accepts; `renewed` counts its repetitions.
    pub fn new<F>(renewed: Counter, login: impl Fn(Option<Arc<T>>) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<T, Error>> + Send + 'static,
    {
        let state = State { now: Now::LoggedOut, refused: None, ended: None };
        Self { state: Arc::new(Mutex::new(state)), login: Box::new(move |stale| login(stale).boxed()), renewed }
    }

    /// Returns the current login, or waits for the one in flight, or starts one.
    ///
    /// # Errors
    /// The error of the login, the same for all who waited for it and for all calls before the next login is due;
    /// VENDOR_UNAVAILABLE when that is due after the caller's deadline.
    pub async fn get(&self, call: &Call) -> Result<Arc<T>, Error> {
        self.other_than(call, None, None).await
    }

    /// Returns a login other than `stale`, which the vendor no longer accepts; starts none after `end`. Of several
    /// callers with the same `stale`, the first logs in and the others share its login.
    ///
    /// # Errors
    /// As [`Session::get`]; VENDOR_UNAVAILABLE also when the next login is due after `end`.
    pub async fn renew(&self, call: &Call, stale: &Arc<T>, end: Instant) -> Result<Arc<T>, Error> {
        self.other_than(call, Some(stale), Some(end)).await
    }

    async fn other_than(&self, call: &Call, stale: Option<&Arc<T>>, end: Option<Instant>) -> Result<Arc<T>, Error> {
        call.check_active()?;
        let (login, due) = {
            let mut state = lock(&self.state);
            match &state.now {
                Now::LoggedIn(current, _) if stale.is_none_or(|stale| !Arc::ptr_eq(stale, current)) => {
                    return Ok(current.clone());
                }
                Now::Pending(login, due) => (login.clone(), *due),
                Now::Refused(error, until) if Instant::now() < *until => {
                    return Err(error.clone().retry_after(Some(until.saturating_duration_since(Instant::now()))));
                }
                Now::LoggedIn(..) | Now::Refused(..) | Now::LoggedOut => {
                    if stale.is_some() {
                        self.renewed.inc();
                    }
                    let due = state.next_login(Instant::now());
                    let login = self.start(stale.cloned(), due);
                    state.now = Now::Pending(login.clone(), due);
                    (login, due)
                }
            }
        };
        let deadline = call.deadline();
        if due >= end.map_or(deadline, |end| end.min(deadline)) {
            return Err(sessions_end(due));
        }
        login.await
    }

    /// Logs in on a task of its own, which continues when its callers leave.
    fn start(&self, stale: Option<Arc<T>>, due: Instant) -> Login<T> {
        let (login, state) = ((self.login)(stale), self.state.clone());
        let task = tokio::spawn(async move {
            if due > Instant::now() {
                sleep_until(due).await;
            }
            // A panic must not make all later callers wait for this login.
            let result = AssertUnwindSafe(login).catch_unwind().await;
            let result = result.unwrap_or_else(|_| Err(interrupted())).map(Arc::new);
            lock(&state).logged_in(result, Instant::now())
        });
        task.map(|joined| joined.unwrap_or_else(|_| Err(interrupted()))).boxed().shared()
    }
}

impl<T> State<T> {
    /// Returns when the next login begins.
    fn next_login(&mut self, now: Instant) -> Instant {
        let Now::LoggedIn(_, since) = self.now else { return now };
        if now.saturating_duration_since(since) >= SHORT_SESSION {
            self.ended = None;
            return now;
        }
        let pauses = self.ended.get_or_insert_with(|| pauses(PAUSES_SHORT).with_jitter().build());
        now.max(since + pauses.next().unwrap_or(PAUSES_SHORT.1))
    }

    /// Stores the result of a login.
    fn logged_in(&mut self, result: Result<Arc<T>, Error>, now: Instant) -> Result<Arc<T>, Error> {
        let result = result.map_err(|error| {
            if !error.was_refused() {
                return error;
            }
            let pause =
                self.refused.get_or_insert_with(|| pauses(PAUSES_REFUSED).build()).next().unwrap_or(PAUSES_REFUSED.1);
            let pause = pause.max(error.retry_delay().unwrap_or_default());
            error.retry_after(Some(pause))
        });
        self.now = match &result {
            Ok(login) => {
                self.refused = None;
                Now::LoggedIn(login.clone(), now)
            }
            Err(error) if error.was_refused() => {
                Now::Refused(error.clone(), now + error.retry_delay().unwrap_or_default())
            }
            Err(_) => Now::LoggedOut,
        };
        result
    }
}

/// Pauses that double from the first to the longest.
fn pauses((first, longest): (Duration, Duration)) -> ExponentialBuilder {
    ExponentialBuilder::default().with_min_delay(first).with_max_delay(longest).without_max_times()
}

/// The error for a caller that cannot wait for the next login. The credential is good, as the last login succeeded.
fn sessions_end(due: Instant) -> Error {
    let text = "the vendor ends each session of this account soon after its login; check whether the account is \
                logged in elsewhere too; nothing was sent";
    let wait = due.saturating_duration_since(Instant::now());
    Error::new(Reason::VendorUnavailable, text).outcome(Outcome::NotSent).retry_after(Some(wait))
}

fn interrupted() -> Error {
    Error::internal("the login was interrupted")
}

/// A thread that panicked left consistent state behind: each state is written in one assignment.
fn lock<T>(state: &Mutex<State<T>>) -> MutexGuard<'_, State<T>> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<T> std::fmt::Debug for Session<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Session(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::future::join_all;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// A session whose first logins fail with these errors, and the later ones succeed; a login is its number.
    fn session(first: Vec<Error>) -> (Arc<AtomicUsize>, Session<usize>) {
        let logins = Arc::new(AtomicUsize::new(0));
        let count = logins.clone();
        let session = Session::new(Counter::default(), move |_| {
            let n = count.fetch_add(1, Ordering::SeqCst) + 1;
            let error = first.get(n - 1).cloned();
            async move {
                tokio::task::yield_now().await;
                error.map_or(Ok(n), Err)
            }
        });
        (logins, session)
    }

    fn refused() -> Error {
        Error::new(Reason::AccountCredentialRefused, "no").outcome(Outcome::Refused)
    }

    fn later() -> Instant {
        Instant::now() + Duration::from_secs(3600)
    }

    #[tokio::test]
    async fn fifty_callers_share_one_login_and_one_renewal() {
        let call = &Call::background();
        let (logins, session) = session(vec![]);
        let first = join_all((0..50).map(|_| session.get(call))).await;
        assert_eq!(logins.load(Ordering::SeqCst), 1);
        let stale = first[0].clone().expect("a login");
        let renewed = join_all((0..50).map(|_| session.renew(call, &stale, later()))).await;
        assert_eq!(logins.load(Ordering::SeqCst), 2);
        assert!(renewed.into_iter().all(|login| login.is_ok_and(|n| *n == 2)));
        assert_eq!(*session.renew(call, &stale, later()).await.expect("the renewed one"), 2);
    }

    #[tokio::test]
    async fn a_login_that_failed_without_a_rejection_is_shared_and_then_retried() {
        let call = &Call::background();
        let (logins, session) = session(vec![Error::new(Reason::VendorReplyUnreadable, "a page")]);
        assert!(join_all((0..50).map(|_| session.get(call))).await.iter().all(Result::is_err));
        assert_eq!(logins.load(Ordering::SeqCst), 1);
        assert!(session.get(call).await.is_ok());
    }

    #[tokio::test]
    async fn fifty_callers_get_a_remembered_rejection_at_once() {
        let call = &Call::background();
        let (logins, session) = session(vec![refused()]);
        for _ in 0..2 {
            for login in join_all((0..50).map(|_| session.get(call))).await {
                let error = login.expect_err("refused");
                assert_eq!(error.reason(), Reason::AccountCredentialRefused);
                assert!(error.retry_delay().is_some_and(|wait| wait <= PAUSES_REFUSED.0));
            }
        }
        assert_eq!(logins.load(Ordering::SeqCst), 1);
        lock(&session.state).now = Now::Refused(refused(), Instant::now());
        assert_eq!(*session.get(call).await.expect("accepted at last"), 2);
    }

    #[test]
    fn the_pauses_after_rejections_double_to_a_minute_and_are_reset_by_a_login() {
        let (mut state, now) = (State { now: Now::LoggedOut, refused: None, ended: None }, Instant::now());
        for _ in 0..2 {
            for seconds in [1, 2, 4, 8, 16, 32, 60, 60, 60] {
                let pause = Duration::from_secs(seconds);
                let error = state.logged_in(Err(refused()), now).expect_err("refused");
                assert_eq!(error.retry_delay(), Some(pause));
                assert!(matches!(state.now, Now::Refused(_, until) if until == now + pause), "{seconds}");
            }
            state.logged_in(Ok(Arc::new(1)), now).expect("a login");
        }
        let asked = Some(Duration::from_secs(600));
        let error = state.logged_in(Err(refused().retry_after(asked)), now).expect_err("refused");
        assert_eq!(error.retry_delay(), asked, "as long as the vendor asks");
    }

    #[test]
    fn the_pauses_between_short_sessions_grow_and_count_from_the_login() {
        let (mut state, now) = (State { now: Now::LoggedOut, refused: None, ended: None }, Instant::now());
        for _ in 0..2 {
            for milliseconds in [50, 100, 200, 400, 800, 1000, 1000] {
                let pause = Duration::from_millis(milliseconds);
                state.logged_in(Ok(Arc::new(1)), now).expect("a login");
                let due = state.next_login(now);
                assert!((now + pause..=now + pause * 2).contains(&due), "{milliseconds}: {:?}", due - now);
            }
            state.logged_in(Ok(Arc::new(1)), now).expect("a login");
            assert_eq!(
                state.next_login(now + PAUSES_SHORT.1 * 2),
                now + PAUSES_SHORT.1 * 2,
                "the pause is over already"
            );
            state.logged_in(Ok(Arc::new(1)), now).expect("a login");
            assert_eq!(
                state.next_login(now + SHORT_SESSION),
                now + SHORT_SESSION,
                "and begins anew after one that lasted"
            );
        }
    }

    #[tokio::test]
    async fn a_caller_that_cannot_wait_for_the_next_login_gets_a_retry_delay_and_not_a_credential_error() {
        let call = &Call::background();
        let (logins, session) = session(vec![]);
        let stale = session.get(call).await.expect("a login");
        let error = session.renew(call, &stale, Instant::now() + PAUSES_SHORT.0 / 2).await.expect_err("too late");
        assert_eq!((error.reason(), error.was_not_sent()), (Reason::VendorUnavailable, true));
        assert!(error.retry_delay().is_some_and(|wait| wait >= PAUSES_SHORT.0 / 2));
        // The login is made all the same, for the callers that can wait.
        assert_eq!(*session.get(call).await.expect("a login"), 2);
        assert_eq!(logins.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn a_login_continues_when_its_callers_leave() {
        let call = &Call::background();
        let (logins, session) = session(vec![]);
        assert!(session.get(call).now_or_never().is_none());
        assert_eq!(*session.get(call).await.expect("a login"), 1);
        assert_eq!(logins.load(Ordering::SeqCst), 1);
    }
}

//! A login that is kept and shared: one for all who wait for it, renewed once when the vendor does not accept it any more.

use std::{
    future::Future,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures::{
    FutureExt,
    future::{BoxFuture, Shared},
};

use prometheus_client::metrics::counter::Counter;

use crate::{context, error::Error};

type Login<T> = Shared<BoxFuture<'static, Result<Arc<T>, Error>>>;

/// A login of type `T` and how to make it.
pub struct Session<T> {
    state: Arc<Mutex<State<T>>>,
    login: Box<dyn Fn() -> BoxFuture<'static, Result<T, Error>> + Send + Sync>,
    /// How often `login` was run because the vendor did not accept what it gave before.
    renewed: Counter,
}

enum State<T> {
    Out,
    Pending(Login<T>),
    In(Arc<T>),
}

impl<T: Send + Sync + 'static> Session<T> {
    /// Not logged in yet; `login` is run when first needed, and `renewed` counts how often again.
    pub fn new<F>(renewed: Counter, login: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<T, Error>> + Send + 'static,
    {
        Self { state: Arc::new(Mutex::new(State::Out)), login: Box::new(move || login().boxed()), renewed }
    }

    /// The login: the one that is kept, or the one that is being made, or a new one.
    ///
    /// # Errors
    /// What the login gave; all who waited for it get the same.
    pub async fn get(&self) -> Result<Arc<T>, Error> {
        self.other_than(None).await
    }

    /// A login other than `stale`, which the vendor does not accept any more. Of many who come with the same one, the
    /// first logs in and the others share its login.
    ///
    /// # Errors
    /// As [`Session::get`].
    pub async fn renew(&self, stale: &Arc<T>) -> Result<Arc<T>, Error> {
        self.other_than(Some(stale)).await
    }

    async fn other_than(&self, stale: Option<&Arc<T>>) -> Result<Arc<T>, Error> {
        context::in_time()?;
        let pending = {
            let mut state = lock(&self.state);
            match &*state {
                State::In(current) if stale.is_none_or(|stale| !Arc::ptr_eq(stale, current)) => {
                    return Ok(current.clone());
                }
                State::Pending(login) => login.clone(),
                State::In(_) | State::Out => {
                    if stale.is_some() {
                        self.renewed.inc();
                    }
                    let login = self.start();
                    *state = State::Pending(login.clone());
                    login
                }
            }
        };
        pending.await
    }

    /// Logs in on a task of its own, so that it goes on when those who wait for it leave.
    fn start(&self) -> Login<T> {
        let (login, state) = ((self.login)(), self.state.clone());
        let task = tokio::spawn(async move {
            // A panic must not leave all who come later waiting for this login.
            let result = AssertUnwindSafe(login).catch_unwind().await;
            let result = result.unwrap_or_else(|_| Err(interrupted())).map(Arc::new);
            *lock(&state) = result.as_ref().map_or(State::Out, |login| State::In(login.clone()));
            result
        });
        task.map(|joined| joined.unwrap_or_else(|_| Err(interrupted()))).boxed().shared()
    }
}

fn interrupted() -> Error {
    Error::internal("the login was interrupted")
}

/// A thread that panicked left a whole state behind: each is written in one assignment.
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
    use crate::error::Reason;
    use futures::future::join_all;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn counting(fail_first: usize) -> (Arc<AtomicUsize>, Session<usize>) {
        let logins = Arc::new(AtomicUsize::new(0));
        let count = logins.clone();
        let session = Session::new(Counter::default(), move || {
            let n = count.fetch_add(1, Ordering::SeqCst) + 1;
            async move {
                tokio::task::yield_now().await;
                if n <= fail_first { Err(Error::new(Reason::AccountCredentialRefused, "no")) } else { Ok(n) }
            }
        });
        (logins, session)
    }

    #[tokio::test]
    async fn fifty_who_wait_share_one_login_and_one_renewal() {
        let (logins, session) = counting(0);
        let first = join_all((0..50).map(|_| session.get())).await;
        assert_eq!(logins.load(Ordering::SeqCst), 1);
        let stale = first[0].clone().expect("a login");
        let renewed = join_all((0..50).map(|_| session.renew(&stale))).await;
        assert_eq!(logins.load(Ordering::SeqCst), 2);
        assert!(renewed.into_iter().all(|login| login.is_ok_and(|n| *n == 2)));
        assert_eq!(*session.renew(&stale).await.expect("the renewed one"), 2);
    }

    #[tokio::test]
    async fn a_failed_login_is_shared_and_then_tried_anew() {
        let (logins, session) = counting(1);
        assert!(join_all((0..50).map(|_| session.get())).await.iter().all(Result::is_err));
        assert_eq!(logins.load(Ordering::SeqCst), 1);
        assert!(session.get().await.is_ok());
    }

    #[tokio::test]
    async fn a_login_goes_on_when_who_waited_has_left() {
        let (logins, session) = counting(0);
        assert!(session.get().now_or_never().is_none());
        assert_eq!(*session.get().await.expect("a login"), 1);
        assert_eq!(logins.load(Ordering::SeqCst), 1);
    }
}

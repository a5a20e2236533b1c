//! When the caller disconnects or its deadline passes, a write that was sent finishes in the background, and one that
//! was not is never sent.

use std::{
    panic::AssertUnwindSafe,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use futures::{
    FutureExt,
    future::{BoxFuture, Either},
};
use tokio::{runtime::Handle, time::timeout_at};
use tokio_util::{
    sync::CancellationToken,
    task::{TaskTracker, task_tracker::TaskTrackerToken},
};

use super::{Layer, Next, access_log::log};
use crate::{
    api::{Method, VendorRpc},
    call::{self, Call},
    error::{Error, Outcome, Reason},
    gateway::{Account, work::Work},
};

/// Waits for the vendor until the deadline, and lets writes finish after that.
pub(in crate::gateway) struct Outlive {
    pub(in crate::gateway) writes: TaskTracker,
    pub(in crate::gateway) abandoned: CancellationToken,
}

impl Layer for Outlive {
    type Target = Arc<Account>;
    type Found = Arc<Account>;

    fn around<R: VendorRpc, N: Next<Target = Arc<Account>>>(
        &self,
        call: Call,
        account: Arc<Account>,
        request: R,
        next: &N,
    ) -> impl Future<Output = Result<R::Reply, Error>> + Send + 'static {
        if request.encoded_len() > call::LARGE {
            call.mark_large();
        }
        let work = AssertUnwindSafe(next.run(call.clone(), account, request)).catch_unwind();
        let work = work.map(|result| result.unwrap_or_else(|_| Err(Error::internal("the handler panicked"))));
        let work = Work::new(call.clone(), work);
        if !R::METHOD.write {
            return Either::Left(async move {
                timeout_at(call.deadline(), work).await.unwrap_or_else(|_| {
                    let text = "the vendor did not answer before the deadline";
                    Err(Error::new(Reason::DeadlineExceeded, text))
                })
            });
        }
        let rest = Rest { call, method: R::METHOD, _tracked: self.writes.token(), abandoned: self.abandoned.clone() };
        Either::Right(Write { work: Some(work), rest: Some(rest) }.answer())
    }
}

/// A write being awaited. If dropped after it was sent, it finishes in the background; if dropped before, it is never
/// sent.
struct Write<T: Send + 'static> {
    work: Option<Work<Result<T, Error>>>,
    rest: Option<Rest>,
}

/// The state that a write needs to finish without its caller.
struct Rest {
    call: Call,
    method: &'static Method,
    /// Makes the drain wait until the outcome is logged.
    _tracked: TaskTrackerToken,
    abandoned: CancellationToken,
}

impl<T: Send + 'static> Write<T> {
    /// Waits for the write until the deadline. Not an `async fn`, which would have room for the write twice.
    fn answer(mut self) -> impl Future<Output = Result<T, Error>> + Send {
        let known = self.rest.as_ref().map(|rest| (rest.call.clone(), rest.abandoned.clone()));
        async move {
            let Some((call, abandoned)) = &known else { return Err(stopped()) };
            let waiting = async {
                tokio::select! {
                    result = &mut self => Some(result),
                    () = abandoned.cancelled() => None,
                }
            };
            match timeout_at(call.deadline(), waiting).await {
                Ok(Some(result)) => result,
                Ok(None) => {
                    drop(self.work.take());
                    Err(stopped())
                }
                Err(_) if call.forbid_writes() => Err(call::too_late()),
                Err(_) => {
                    Err(unknown("the deadline passed while the vendor was processing the request").deadline_exceeded())
                }
            }
        }
    }
}

impl<T: Send + 'static> Future for Write<T> {
    type Output = Result<T, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let result = match &mut self.work {
            Some(work) => ready!(Pin::new(work).poll(context)),
            None => return Poll::Pending,
        };
        self.work = None;
        Poll::Ready(result)
    }
}

impl<T: Send + 'static> Drop for Write<T> {
    fn drop(&mut self) {
        let (Some(work), Some(rest)) = (self.work.take(), self.rest.take()) else { return };
        if rest.call.forbid_writes() {
            return;
        }
        // Without a runtime the process is exiting.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(rest.wait_for(work.map(Result::err).boxed()));
        }
    }
}

impl Rest {
    /// Waits for the write, and logs its outcome. Not generic: few callers leave, and a task for each type of answer would make the
    /// program larger.
    async fn wait_for(self, work: BoxFuture<'static, Option<Error>>) {
        let ended = async {
            let error = tokio::select! {
                error = work => error,
                () = self.abandoned.cancelled() => Some(stopped()),
            };
            log(&self.call, self.method, error.as_ref(), " after the caller left");
        };
        self.call.logged(ended).await;
    }
}

/// Returns the error of a write that is not awaited any more.
fn unknown(what: &str) -> Error {
    Error::new(Reason::OutcomeUnknown, format!("{what}; the outcome is unknown")).outcome(Outcome::Unknown)
}

/// Returns the error of a write that the server did not wait for.
fn stopped() -> Error {
    unknown("the server stopped while the vendor was processing the request")
}

//! A write that has left goes on to its end when its caller leaves or its time runs out; one that has not, never leaves.

use std::{
    panic::AssertUnwindSafe,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use futures::{FutureExt, future::Either};
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

/// Waits for the vendor as long as the caller does, and lets writes go on after that.
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

/// A write that its caller waits for. Dropped before its end it goes on in the background if it has left, and never leaves
/// if it has not.
struct Write<T: Send + 'static> {
    work: Option<Work<Result<T, Error>>>,
    rest: Option<Rest>,
}

/// What a write needs to go on without its caller.
struct Rest {
    call: Call,
    method: &'static Method,
    /// The drain waits until the log has the outcome.
    _tracked: TaskTrackerToken,
    abandoned: CancellationToken,
}

impl<T: Send + 'static> Write<T> {
    /// Waits for the end of the write as long as the caller does.
    async fn answer(mut self) -> Result<T, Error> {
        let Some(Rest { call, abandoned, .. }) = &self.rest else { return Err(stopped()) };
        let (call, abandoned) = (call.clone(), abandoned.clone());
        let waiting = async {
            tokio::select! {
                result = &mut self => Some(result),
                () = abandoned.cancelled() => None,
            }
        };
        match timeout_at(call.deadline(), waiting).await {
            Ok(Some(result)) => result,
            Ok(None) => {
                self.work = None;
                Err(stopped())
            }
            Err(_) if call.forbid_writes() => Err(call::too_late()),
            Err(_) => Err(unknown("the deadline passed while the vendor was at work").deadline_exceeded()),
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
        // Without a runtime the process is at its end.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(rest.wait_for(work));
        }
    }
}

impl Rest {
    /// Waits for the end of the write, and logs it.
    async fn wait_for<T>(self, work: impl Future<Output = Result<T, Error>>) {
        let ended = async {
            let result = tokio::select! {
                result = work => result,
                () = self.abandoned.cancelled() => Err(stopped()),
            };
            log(&self.call, self.method, result.as_ref().err(), " after the caller left");
        };
        self.call.logged(ended).await;
    }
}

/// The error for a write whose end nobody waits for.
fn unknown(what: &str) -> Error {
    Error::new(Reason::OutcomeUnknown, format!("{what}: whether it acted is not known")).outcome(Outcome::Unknown)
}

/// The error for a write that the server did not wait for.
fn stopped() -> Error {
    unknown("the server stopped while the vendor was at work")
}

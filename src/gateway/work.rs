//! Moves calls with a large request or response off the serving threads, which checking, writing or reading some
//! megabytes would block.

use std::{
    mem,
    pin::Pin,
    task::{self, Poll, ready},
};

use futures::{
    FutureExt,
    future::{AbortHandle, BoxFuture, abortable, pending},
};
use tokio::{
    runtime::Handle,
    sync::{Semaphore, SemaphorePermit, oneshot},
    task::spawn_blocking,
};

use crate::{call::Call, error::Error, vendors::kit::thread};

/// The most calls on such threads at a time. Further ones stay on their serving thread, so that no call waits for a
/// thread.
static THREADS: Semaphore = Semaphore::const_new(32);

/// The work of a call. It begins on the serving thread.
pub(super) enum Work<T> {
    Here(BoxFuture<'static, T>, Call),
    Away(oneshot::Receiver<T>, #[expect(dead_code, reason = "is dropped with the work")] AbortOnDrop),
}

/// Aborts the work on another thread when it is not awaited any more.
pub(super) struct AbortOnDrop(AbortHandle);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl<T: Send + 'static> Work<Result<T, Error>> {
    pub(super) fn new(call: Call, work: impl Future<Output = Result<T, Error>> + Send + 'static) -> Self {
        Self::Here(work.boxed(), call)
    }

    /// Moves the work of a large call to another thread, if one is free.
    fn move_away(&mut self) {
        let Self::Here(work, call) = self else { return };
        if !call.is_large() {
            return;
        }
        let Ok(permit) = THREADS.try_acquire() else { return };
        let work = mem::replace(work, pending().boxed());
        let (done, answer) = oneshot::channel();
        let work = work.map(|result| drop(done.send(result)));
        *self = Self::Away(answer, away(work.boxed(), permit));
    }
}

/// Does the work on another thread. Not generic: few calls are large, and a task for each type of answer would make the program larger.
fn away(work: BoxFuture<'static, ()>, permit: SemaphorePermit<'static>) -> AbortOnDrop {
    let (work, abort) = abortable(work);
    // The work uses this thread's connections to vendors.
    let number = thread::number();
    spawn_blocking(move || {
        let _permit = permit;
        thread::serve(number);
        // The serving thread goes on driving the sockets and timers of both. Nobody waits for the result of aborted work.
        let _ = Handle::current().block_on(work);
    });
    AbortOnDrop(abort)
}

impl<T: Send + 'static> Future for Work<Result<T, Error>> {
    type Output = Result<T, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut task::Context<'_>) -> Poll<Self::Output> {
        self.move_away();
        match &mut *self {
            Self::Here(work, _) => work.as_mut().poll(context),
            Self::Away(answer, _) => Poll::Ready(
                ready!(Pin::new(answer).poll(context))
                    .unwrap_or_else(|_| Err(Error::internal("the handler was stopped"))),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, time::Duration};

    use tokio::{sync::oneshot, time::Instant};

    use super::*;

    /// A test that waits longer has failed.
    const LIMIT: Duration = Duration::from_secs(300);

    fn call() -> Call {
        Call::until(Instant::now() + LIMIT * 2)
    }

    /// Work that keeps its thread until another task of the serving thread has run.
    fn stubborn(call: Call, begin: impl Future<Output = ()> + Send + 'static) -> Work<Result<(), Error>> {
        let (begun, has_begun) = oneshot::channel();
        let (release, released) = mpsc::channel();
        tokio::spawn(async move {
            let _ = has_begun.await;
            let _ = release.send(());
        });
        let work = async move {
            begin.await;
            let _ = begun.send(());
            released.recv_timeout(LIMIT).map_err(|_| Error::internal("nobody else ran"))
        };
        Work::new(call, work)
    }

    #[tokio::test]
    async fn a_large_request_is_worked_on_away_from_the_thread_that_serves() {
        let call = call();
        call.mark_large();
        assert!(stubborn(call, async {}).await.is_ok());
    }

    #[tokio::test]
    async fn a_large_answer_is_read_away_from_the_thread_that_serves() {
        let call = call();
        assert!(stubborn(call.clone(), async move { call.mark_large_answer().await }).await.is_ok());
    }

    #[tokio::test]
    async fn a_small_call_stays_on_the_thread_that_serves() {
        let (call, here) = (call(), std::thread::current().id());
        let there = Work::new(call, async { Ok(std::thread::current().id()) }).await.expect("an id");
        assert_eq!(there, here);
    }

    #[tokio::test]
    async fn dropped_work_is_aborted() {
        let (call, (ended, has_ended), (begun, has_begun)) = (call(), oneshot::channel::<()>(), oneshot::channel());
        call.mark_large();
        let mut work = Work::new(call, async move {
            let _ended = ended;
            let _ = begun.send(());
            pending::<Result<(), Error>>().await
        });
        tokio::select! {
            _ = &mut work => {}
            begun = has_begun => begun.expect("it has begun"),
        }
        drop(work);
        assert!(has_ended.await.is_err(), "its parts are dropped");
    }
}

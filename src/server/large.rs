//! The work of calls whose request or answer is large: it goes on away from the threads that serve, which it would keep from
//! their other calls for as long as it takes to check, write or read some megabytes.

use std::{
    mem,
    panic::resume_unwind,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    task::{self, Poll, Waker, ready},
};

use futures::{
    FutureExt,
    future::{AbortHandle, Aborted, BoxFuture, abortable, pending},
};
use http::Response;
use http_body_util::BodyExt;
use prost::Message;
use tokio::{
    runtime::Handle,
    sync::Semaphore,
    task::{JoinError, JoinHandle, spawn_blocking},
};
use tonic::{Status, body::Body};

use crate::{context, error::Error};

/// How many calls may have such a thread at a time. The work of others stays where it is: no call waits for a thread.
static THREADS: Semaphore = Semaphore::const_new(32);

/// How many large messages are decoded or encoded at a time. Others wait: none of them takes long.
static MESSAGES: Semaphore = Semaphore::const_new(4);

/// Does some work of the running call away from the thread that serves it.
async fn away<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    // The semaphore is never closed.
    let permit = MESSAGES.acquire().await;
    let (number, origin) = (context::thread(), context::origin());
    let work = spawn_blocking(move || {
        let _permit = permit;
        context::serves(number);
        match origin {
            Some(origin) => context::within(origin, work),
            None => work(),
        }
    });
    match work.await.map_err(JoinError::try_into_panic) {
        Ok(done) => done,
        Err(Ok(panic)) => resume_unwind(panic),
        // The runtime is at its end.
        Err(Err(_)) => pending().await,
    }
}

/// Notes in an answer of one message that it is encoded away from the thread that serves.
#[derive(Debug, Clone, Copy)]
pub(super) struct Large;

/// A call from its request to its answer. What it does with a large message is done away from the thread that serves: when
/// all of a request has arrived, what the call does next is to decode it.
pub(super) struct Served<F: Future> {
    state: State<F>,
    /// Becomes true when all of a large request has arrived.
    arrived: Option<Arc<AtomicBool>>,
}

enum State<F: Future> {
    Here(Option<F>),
    Decoding(BoxFuture<'static, (F, Poll<F::Output>)>),
    Encoding(BoxFuture<'static, F::Output>),
}

impl<F: Future> Served<F> {
    pub(super) fn new(call: F, arrived: Arc<AtomicBool>) -> Self {
        Self { state: State::Here(Some(call)), arrived: Some(arrived) }
    }
}

impl<F, E> Future for Served<F>
where
    F: Future<Output = Result<Response<Body>, E>> + Unpin + Send + 'static,
    E: Send + 'static,
{
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut task::Context<'_>) -> Poll<Self::Output> {
        let Self { state, arrived } = &mut *self;
        loop {
            let polled = match state {
                State::Here(Some(call)) => call.poll_unpin(context),
                State::Here(None) => return Poll::Pending,
                State::Decoding(work) => {
                    let (call, polled) = ready!(work.as_mut().poll(context));
                    *state = State::Here(Some(call));
                    if polled.is_pending() {
                        // Nobody would be woken by it yet.
                        continue;
                    }
                    polled
                }
                State::Encoding(work) => return work.as_mut().poll(context),
            };
            match polled {
                Poll::Ready(Ok(answer)) if answer.extensions().get::<Large>().is_some() => {
                    *state = State::Encoding(encoded(answer).map(Ok).boxed());
                }
                Poll::Ready(answer) => return Poll::Ready(answer),
                Poll::Pending => {
                    if arrived.take_if(|arrived| arrived.load(Relaxed)).is_none() {
                        return Poll::Pending;
                    }
                    if let State::Here(Some(mut call)) = mem::replace(state, State::Here(None)) {
                        let decode = away(move || {
                            let polled = call.poll_unpin(&mut task::Context::from_waker(Waker::noop()));
                            (call, polled)
                        });
                        *state = State::Decoding(decode.boxed());
                    }
                }
            }
        }
    }
}

/// The same answer, encoded. It is one message.
async fn encoded(answer: Response<Body>) -> Response<Body> {
    let (head, body) = answer.into_parts();
    let body = away(move || Handle::current().block_on(body.collect())).await;
    body.map_or_else(|status| status.into_http(), |body| Response::from_parts(head, Body::new(body)))
}

/// Notes whether a call is large by its request.
pub(super) fn weigh(call: &context::Call, request: &impl Message) {
    if request.encoded_len() > context::LARGE {
        call.mark_large();
    }
}

/// The work of a call. It begins on the thread that serves the call.
pub(super) enum Work<T> {
    Here(BoxFuture<'static, T>, Arc<context::Call>),
    Away(JoinHandle<Result<T, Aborted>>, #[expect(dead_code, reason = "is dropped with the work")] AbortOnDrop),
}

/// Ends the work on another thread when nobody waits for it any more.
pub(super) struct AbortOnDrop(AbortHandle);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl<T: Send + 'static> Work<Result<T, Status>> {
    pub(super) fn new(
        call: Arc<context::Call>,
        work: impl Future<Output = Result<T, Status>> + Send + 'static,
    ) -> Self {
        Self::Here(work.boxed(), call)
    }

    /// Moves the work of a large call to another thread, when one is free.
    fn move_away(&mut self) {
        let Self::Here(work, call) = self else { return };
        if !call.is_large() {
            return;
        }
        let Ok(permit) = THREADS.try_acquire() else { return };
        let (work, abort) = abortable(mem::replace(work, pending().boxed()));
        // The connections to vendors that it may use are those of this thread.
        let number = context::thread();
        let work = spawn_blocking(move || {
            let _permit = permit;
            context::serves(number);
            // The thread that serves goes on driving the sockets and timers of both.
            Handle::current().block_on(work)
        });
        *self = Self::Away(work, AbortOnDrop(abort));
    }
}

impl<T: Send + 'static> Future for Work<Result<T, Status>> {
    type Output = Result<T, Status>;

    fn poll(mut self: Pin<&mut Self>, context: &mut task::Context<'_>) -> Poll<Self::Output> {
        self.move_away();
        match &mut *self {
            Self::Here(work, _) => work.as_mut().poll(context),
            Self::Away(work, _) => Poll::Ready(match ready!(Pin::new(work).poll(context)) {
                Ok(Ok(result)) => result,
                Ok(Err(Aborted)) | Err(_) => Err(Error::internal("the handler was stopped").into()),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, time::Duration};

    use tokio::{sync::oneshot, time::Instant};

    use super::*;

    /// No step takes this long: a test that waits longer has failed.
    const LIMIT: Duration = Duration::from_secs(300);

    fn call() -> Arc<context::Call> {
        context::Call::new(Instant::now() + LIMIT * 2)
    }

    /// Work that keeps its thread until another task of the serving thread has run.
    fn stubborn(
        call: Arc<context::Call>,
        begin: impl Future<Output = ()> + Send + 'static,
    ) -> Work<Result<(), Status>> {
        let (begun, has_begun) = oneshot::channel();
        let (release, released) = mpsc::channel();
        tokio::spawn(async move {
            let _ = has_begun.await;
            let _ = release.send(());
        });
        let work = async move {
            begin.await;
            let _ = begun.send(());
            released.recv_timeout(LIMIT).map_err(|_| Status::internal("nobody else ran"))
        };
        Work::new(call.clone(), call.run(work))
    }

    #[tokio::test]
    async fn a_large_request_is_worked_on_away_from_the_thread_that_serves() {
        let call = call();
        weigh(&call, &"a".repeat(context::LARGE));
        assert!(stubborn(call, async {}).await.is_ok());
    }

    #[tokio::test]
    async fn a_large_answer_is_read_away_from_the_thread_that_serves() {
        assert!(stubborn(call(), context::mark_large()).await.is_ok());
    }

    #[tokio::test]
    async fn a_small_call_stays_on_the_thread_that_serves() {
        let (call, here) = (call(), std::thread::current().id());
        weigh(&call, &"a".repeat(1000));
        let there = Work::new(call, async { Ok(std::thread::current().id()) }).await.expect("an id");
        assert_eq!(there, here);
    }

    #[tokio::test]
    async fn work_that_nobody_waits_for_ends() {
        let (call, (ended, has_ended), (begun, has_begun)) = (call(), oneshot::channel::<()>(), oneshot::channel());
        call.mark_large();
        let mut work = Work::new(call, async move {
            let _ended = ended;
            let _ = begun.send(());
            pending::<Result<(), Status>>().await
        });
        tokio::select! {
            _ = &mut work => {}
            begun = has_begun => begun.expect("it has begun"),
        }
        drop(work);
        assert!(has_ended.await.is_err(), "its parts are dropped");
    }
}

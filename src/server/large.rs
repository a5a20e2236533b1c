//! Decodes and encodes large messages off the serving threads, which would be blocked for their other calls.

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
    future::{BoxFuture, pending},
};
use http::Response;
use http_body_util::BodyExt;
use tokio::{
    runtime::Handle,
    sync::Semaphore,
    task::{JoinError, spawn_blocking},
};
use tonic::body::Body;

use crate::{call, vendors::kit::thread};

/// How many large messages are decoded or encoded at a time. Others wait, as none takes long.
static MESSAGES: Semaphore = Semaphore::const_new(4);

/// Runs work of the current call off the serving thread.
async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    // The semaphore is never closed.
    let permit = MESSAGES.acquire().await;
    let (number, request_id) = (thread::number(), call::request_id());
    let work = spawn_blocking(move || {
        let _permit = permit;
        thread::serve(number);
        match request_id {
            Some(id) => call::with_request_id(id, work),
            None => work(),
        }
    });
    match work.await.map_err(JoinError::try_into_panic) {
        Ok(done) => done,
        Err(Ok(panic)) => resume_unwind(panic),
        // The runtime is shutting down.
        Err(Err(_)) => pending().await,
    }
}

/// Marks a unary response that is encoded off the serving thread.
#[derive(Debug, Clone, Copy)]
pub(super) struct Large;

/// A call from its request to its response. Decodes and encodes large messages off the serving thread: once all of a
/// request has arrived, the call decodes it next.
pub(super) struct Served<F: Future> {
    state: State<F>,
    /// Set when all of a large request has arrived.
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
                        // That poll had a no-op waker, so poll again to register this one.
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
                        let decode = off_thread(move || {
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

/// Returns the same response, encoded. It must be unary.
async fn encoded(answer: Response<Body>) -> Response<Body> {
    let (head, body) = answer.into_parts();
    let body = off_thread(move || Handle::current().block_on(body.collect())).await;
    body.map_or_else(|status| status.into_http(), |body| Response::from_parts(head, Body::new(body)))
}

//! The bodies of requests on their way in: each has the call's time to come to its end, and what is kept of all of them
//! together is bounded.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::{Request, uri::PathAndQuery};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, Sleep, sleep_until},
};
use tonic::Status;
use tower::{Layer, Service};

use super::{
    auth::REFLECTION,
    deadline::{Deadline, late},
    limits::overloaded,
};
use crate::error::{Error, Place};

/// So many bytes of each body need no room: who sends no more than this is served also while others hold all the room by
/// bodies that they do not end. There are at most as many of these as calls in flight.
const SMALL: usize = 16 << 10;

/// Makes [`Bound`].
#[derive(Debug, Clone)]
pub(super) struct BodyLayer(Arc<Semaphore>);

impl BodyLayer {
    /// Keeps so many bytes of bodies at a time.
    pub(super) fn new(max_buffered_request_bytes: usize) -> Self {
        Self(Arc::new(Semaphore::new(max_buffered_request_bytes.min(Semaphore::MAX_PERMITS))))
    }
}

impl<S> Layer<S> for BodyLayer {
    type Service = Bound<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Bound { inner, room: self.0.clone() }
    }
}

/// Bounds the bodies of requests.
#[derive(Debug, Clone)]
pub(super) struct Bound<S> {
    inner: S,
    room: Arc<Semaphore>,
}

impl<S, B> Service<Request<B>> for Bound<S>
where
    S: Service<Request<RequestBody<B>>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        // The questions of reflection come as long as the stream lasts; the service itself bounds the size of each.
        let deadline = match request.uri().path().starts_with(REFLECTION) {
            true => None,
            false => request.extensions().get::<Deadline>().map(|deadline| deadline.body),
        };
        let bounds = deadline.map(|deadline| Bounds {
            deadline,
            alarm: None,
            received: 0,
            room: self.room.clone(),
            taken: None,
            path: request.uri().path_and_query().cloned(),
        });
        self.inner.call(request.map(|inner| RequestBody { inner, bounds }))
    }
}

pin_project! {
    /// The body of a request. What it keeps of the room is free again when it is dropped: tonic drops it when the message is
    /// decoded, or with the call.
    pub(super) struct RequestBody<B> {
        #[pin]
        inner: B,
        bounds: Option<Bounds>,
    }
}

/// What a body is bounded by.
struct Bounds {
    deadline: Instant,
    /// Most bodies are there at once and arm none.
    alarm: Option<Pin<Box<Sleep>>>,
    received: usize,
    room: Arc<Semaphore>,
    taken: Option<OwnedSemaphorePermit>,
    path: Option<PathAndQuery>,
}

impl Bounds {
    /// Takes room for `length` more bytes.
    fn take(&mut self, length: usize) -> Result<(), Status> {
        let free = SMALL.saturating_sub(self.received);
        self.received = self.received.saturating_add(length);
        let Some(more) = length.checked_sub(free).filter(|more| *more > 0) else { return Ok(()) };
        // No frame has as many bytes.
        let more = u32::try_from(more).unwrap_or(u32::MAX);
        let Ok(more) = self.room.clone().try_acquire_many_owned(more) else {
            return Err(
                self.place(&overloaded("the server holds all the bytes of unfinished requests that it may hold"))
            );
        };
        match &mut self.taken {
            Some(taken) => taken.merge(more),
            taken => *taken = Some(more),
        }
        Ok(())
    }

    /// Waits for the deadline, and gives what is answered then.
    fn poll_late(&mut self, context: &mut Context<'_>) -> Poll<Status> {
        let alarm = self.alarm.get_or_insert_with(|| Box::pin(sleep_until(self.deadline)));
        ready!(alarm.as_mut().poll(context));
        Poll::Ready(self.place(&late("the request did not come to its end before the deadline")))
    }

    fn place(&self, error: &Error) -> Status {
        let method = self.path.as_ref().map_or("", PathAndQuery::path).trim_start_matches('/');
        error.at(Place { account: "", vendor: "", method, resource: None })
    }
}

impl<B: Body<Data = Bytes, Error = Status>> Body for RequestBody<B> {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = self.project();
        let frame = this.inner.poll_frame(context);
        let Some(bounds) = this.bounds else { return frame };
        match frame {
            Poll::Ready(Some(Ok(frame))) => {
                let length = frame.data_ref().map_or(0, Bytes::len);
                Poll::Ready(Some(bounds.take(length).map(|()| frame)))
            }
            Poll::Ready(end) => Poll::Ready(end),
            Poll::Pending => bounds.poll_late(context).map(|status| Some(Err(status))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

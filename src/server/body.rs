//! Request bodies: each must arrive within the call's time, and the bytes buffered for all of them are limited. Large
//! requests are decoded, and large responses encoded, off the serving thread.

use std::{
    mem,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    task::{Context, Poll, ready},
};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Request, Response, uri::PathAndQuery};
use http_body::{Body, Frame};
use pin_project_lite::pin_project;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, Sleep, sleep_until},
};
use tonic::{Status, body};
use tower::{Layer, Service};

use super::{
    auth::REFLECTION,
    deadline::{Deadline, late},
    decoded::{Decoded, Rest},
    large::Served,
};
use crate::{
    error::{Error, ErrorSite},
    gateway::overloaded,
};

/// The bytes of each body that do not count towards the limit, so that small requests are served even when unfinished
/// large ones have used it up. Their number is bounded by the calls in flight. A body with more is large: decoding it
/// takes up to some tens of milliseconds.
const SMALL: usize = 16 << 10;

/// Builds [`Bound`].
#[derive(Debug, Clone)]
pub(super) struct BodyLayer(Arc<Semaphore>);

impl BodyLayer {
    /// Limits the buffered bytes of all bodies together.
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

/// Limits request bodies in time and bytes.
#[derive(Debug, Clone)]
pub(super) struct Bound<S> {
    inner: S,
    room: Arc<Semaphore>,
}

impl<S, B> Service<Request<B>> for Bound<S>
where
    S: Service<Request<RequestBody<B>>, Response = Response<body::Body>>,
    S::Future: Unpin + Send + 'static,
    S::Error: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Served<Decoded<S::Future>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        // A reflection stream sends requests as long as it lasts; the service limits the size of each.
        let deadline = match request.uri().path().starts_with(REFLECTION) {
            true => None,
            false => request.extensions().get::<Deadline>().map(|deadline| deadline.body),
        };
        // A few compressed bytes can become the longest message, so compressed bodies count as large from the first
        // byte on.
        let compressed = request.headers().get("grpc-encoding").is_some_and(|encoding| encoding != "identity");
        let arrived = Arc::new(AtomicBool::new(false));
        let limits = deadline.map(|deadline| Limits {
            deadline,
            timer: None,
            received: 0,
            room: self.room.clone(),
            taken: None,
            path: request.uri().path_and_query().cloned(),
            small: if compressed { 0 } else { SMALL },
            buffered: None,
            arrived: arrived.clone(),
        });
        let rest = Arc::<Rest>::default();
        request.extensions_mut().insert(rest.clone());
        let call = self.inner.call(request.map(|inner| RequestBody { inner, limits }));
        Served::new(Decoded::Decoding(call, rest), arrived)
    }
}

pin_project! {
    /// The body of a request. Dropping it frees its share of the buffer: tonic drops it when the message is decoded, or
    /// with the call.
    pub(super) struct RequestBody<B> {
        #[pin]
        inner: B,
        limits: Option<Limits>,
    }
}

/// The limits of a body.
struct Limits {
    deadline: Instant,
    /// The timer of the deadline; most bodies arrive at once and need none.
    timer: Option<Pin<Box<Sleep>>>,
    received: usize,
    room: Arc<Semaphore>,
    taken: Option<OwnedSemaphorePermit>,
    path: Option<PathAndQuery>,
    /// Up to how many bytes the body is passed on as it arrives.
    small: usize,
    /// The buffered part; most bodies are small and have none.
    buffered: Option<Box<Buffered>>,
    /// Set when all of a large request has arrived: the call decodes it next.
    arrived: Arc<AtomicBool>,
}

/// The frames of a large body, buffered until all of it has arrived, and its trailers.
#[derive(Default)]
struct Buffered {
    bytes: BytesMut,
    trailers: Option<HeaderMap>,
}

impl Buffered {
    fn next(&mut self) -> Option<Frame<Bytes>> {
        match self.bytes.is_empty() {
            false => Some(Frame::data(mem::take(&mut self.bytes).freeze())),
            true => self.trailers.take().map(Frame::trailers),
        }
    }
}

impl Limits {
    /// Reserves `length` more bytes of the buffer.
    fn take(&mut self, length: usize) -> Result<(), Status> {
        let free = SMALL.saturating_sub(self.received);
        self.received = self.received.saturating_add(length);
        let Some(more) = length.checked_sub(free).filter(|more| *more > 0) else { return Ok(()) };
        // No frame is longer than `u32::MAX`.
        let more = u32::try_from(more).unwrap_or(u32::MAX);
        let Ok(more) = self.room.clone().try_acquire_many_owned(more) else {
            return Err(
                self.status(&overloaded("too many bytes of unfinished requests (server.max_buffered_request_bytes)"))
            );
        };
        match &mut self.taken {
            Some(taken) => taken.merge(more),
            taken => *taken = Some(more),
        }
        Ok(())
    }

    /// Waits for the deadline, and returns the status of a call that missed it.
    fn poll_deadline(&mut self, context: &mut Context<'_>) -> Poll<Status> {
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(self.deadline)));
        ready!(timer.as_mut().poll(context));
        Poll::Ready(self.status(&late("the request did not arrive completely before the deadline")))
    }

    fn status(&self, error: &Error) -> Status {
        let method = self.path.as_ref().map_or("", PathAndQuery::path).trim_start_matches('/');
        error.to_status(ErrorSite { account: "", vendor: "", method, resource: None })
    }
}

impl<B: Body<Data = Bytes, Error = Status>> Body for RequestBody<B> {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let mut this = self.project();
        let Some(limits) = this.limits else { return this.inner.poll_frame(context) };
        if limits.arrived.load(Relaxed) {
            return Poll::Ready(limits.buffered.as_mut().and_then(|buffered| buffered.next()).map(Ok));
        }
        loop {
            let frame = match this.inner.as_mut().poll_frame(context) {
                Poll::Ready(Some(Ok(frame))) => frame,
                Poll::Ready(None) if limits.received > limits.small => {
                    // The call moves to another thread, which polls again for the buffered frames.
                    limits.arrived.store(true, Relaxed);
                    return Poll::Pending;
                }
                Poll::Ready(end) => return Poll::Ready(end),
                Poll::Pending => return limits.poll_deadline(context).map(|status| Some(Err(status))),
            };
            if let Err(full) = limits.take(frame.data_ref().map_or(0, Bytes::len)) {
                return Poll::Ready(Some(Err(full)));
            }
            if limits.received <= limits.small {
                return Poll::Ready(Some(Ok(frame)));
            }
            let buffered = limits.buffered.get_or_insert_default();
            match frame.into_data() {
                Ok(bytes) => buffered.bytes.extend_from_slice(&bytes),
                Err(frame) => buffered.trailers = frame.into_trailers().ok(),
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.limits.as_ref().is_none_or(|limits| limits.received <= limits.small) && self.inner.is_end_stream()
    }
}

#[cfg(test)]
mod tests {
    use std::{
        convert::Infallible,
        thread::{self, ThreadId},
        time::Duration,
    };

    use futures::{FutureExt, future, stream};
    use http_body_util::{BodyExt, StreamBody};
    use tower::service_fn;

    use super::*;
    use crate::server::large::Large;

    /// Passes a request with these frames through the limits, to a service that responds with `answer`. Returns the
    /// thread on which the service received the end of the request, and its length.
    async fn passed(
        frames: Vec<Frame<Bytes>>,
        encoding: Option<&'static str>,
        answer: impl FnOnce() -> Response<body::Body> + Clone + Send + 'static,
    ) -> (ThreadId, usize, Response<body::Body>) {
        let (sender, mut receiver) = tokio::sync::mpsc::channel(1);
        let service = service_fn(move |request: Request<RequestBody<body::Body>>| {
            let (sender, answer) = (sender.clone(), answer.clone());
            let answered = async move {
                let body = request.into_body().collect().await.expect("a body");
                assert_eq!(body.trailers().map(HeaderMap::len), Some(0));
                let _ = sender.send((thread::current().id(), body.to_bytes().len())).await;
                Ok::<_, Infallible>(answer())
            };
            answered.boxed()
        });
        let frames = frames.into_iter().chain([Frame::trailers(HeaderMap::new())]).map(Ok::<_, Status>);
        let mut request = Request::new(body::Body::new(StreamBody::new(stream::iter(frames))));
        request.headers_mut().extend(encoding.map(|encoding| {
            (Some(http::HeaderName::from_static("grpc-encoding")), http::HeaderValue::from_static(encoding))
        }));
        let later = Instant::now() + Duration::from_secs(300);
        request.extensions_mut().insert(Deadline { body: later, answer: later });
        let answer = BodyLayer::new(1 << 20).layer(service).call(request).await.expect("an answer");
        let (there, length) = receiver.recv().await.expect("it was called");
        (there, length, answer)
    }

    fn frames(lengths: &[usize]) -> Vec<Frame<Bytes>> {
        lengths.iter().map(|length| Frame::data(Bytes::from(vec![0; *length]))).collect()
    }

    fn nothing() -> Response<body::Body> {
        Response::new(body::Body::empty())
    }

    #[tokio::test]
    async fn a_large_request_is_decoded_away_from_the_thread_that_serves_and_a_small_one_is_not() {
        let here = thread::current().id();
        for (lengths, encoding, large) in [
            (&[SMALL][..], None, false),
            (&[SMALL], Some("identity"), false),
            (&[SMALL + 1], None, true),
            (&[5, SMALL - 5, 1], None, true),
            (&[3 * SMALL, 0, 3 * SMALL], None, true),
            // A compressed body: its decoded length is not known.
            (&[9], Some("gzip"), true),
        ] {
            let (there, length, _) = passed(frames(lengths), encoding, nothing).await;
            assert_eq!((there != here, length), (large, lengths.iter().sum()), "{lengths:?}");
        }
    }

    #[tokio::test]
    async fn a_large_answer_is_encoded_away_from_the_thread_that_serves() {
        let here = thread::current().id();
        for large in [true, false] {
            let (sender, receiver) = std::sync::mpsc::channel();
            let answer = move || {
                let encoded = stream::once(future::lazy(move |_| {
                    let _ = sender.send(thread::current().id());
                    Ok::<_, Status>(Frame::data(Bytes::from_static(b"encoded")))
                }));
                let mut answer = Response::new(body::Body::new(StreamBody::new(encoded)));
                if large {
                    answer.extensions_mut().insert(Large);
                }
                answer
            };
            let (_, _, answer) = passed(frames(&[9]), None, answer).await;
            assert_eq!(answer.into_body().collect().await.expect("a body").to_bytes(), "encoded");
            assert_eq!(receiver.recv().expect("it was encoded") != here, large);
        }
    }
}

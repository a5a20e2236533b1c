//! What can be seen of every call, refused ones included: it is the outermost layer.

use std::{
    collections::HashMap,
    pin::Pin,
    sync::{Arc, LazyLock, OnceLock},
    task::{Context, Poll, ready},
};

use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tokio::time::Instant;
use tonic::{Code, Status};
use tower::{Layer, Service};

use super::request_id::{self, REQUEST_ID};
use crate::{
    api::METHODS,
    call,
    telemetry::{metrics::Rpc, otlp, trace::Trace},
};

/// The RPCs beside ours, and what no service has: all of that is one.
const OTHERS: &[(&str, &str)] = &[
    ("grpc.health.v1.Health/Check", "unary"),
    ("grpc.health.v1.Health/List", "unary"),
    ("grpc.health.v1.Health/Watch", "server_stream"),
    ("grpc.reflection.v1.ServerReflection/ServerReflectionInfo", "bidi_stream"),
    ("grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", "bidi_stream"),
    ("unknown/unknown", "unary"),
];

/// How many RPCs are told apart.
const COUNT: usize = METHODS.len() + OTHERS.len();

/// By place: those of [`METHODS`], then [`OTHERS`]. What nobody calls has no numbers.
static RPCS: [OnceLock<Rpc>; COUNT] = [const { OnceLock::new() }; COUNT];

static PLACES: LazyLock<HashMap<&'static str, usize>> =
    LazyLock::new(|| (0..COUNT).map(|place| (described(place).0, place)).collect());

/// The path and the type of the RPC at a place.
fn described(place: usize) -> (&'static str, &'static str) {
    match METHODS.get(place) {
        Some(method) => (method.path, if method.streams { "server_stream" } else { "unary" }),
        None => OTHERS[place - METHODS.len()],
    }
}

fn rpc(path: &str) -> (&'static str, &'static Rpc) {
    let place = path.strip_prefix('/').and_then(|path| PLACES.get(path)).copied().unwrap_or(COUNT - 1);
    let (path, kind) = described(place);
    (path, RPCS[place].get_or_init(|| Rpc::new(path, kind)))
}

/// Makes [`Observe`].
#[derive(Debug, Clone)]
pub(super) struct ObserveLayer;

impl<S> Layer<S> for ObserveLayer {
    type Service = Observe<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Observe { inner }
    }
}

/// Counts calls and how they ended, gives each its request id, and takes the caller's trace along.
#[derive(Debug, Clone)]
pub(super) struct Observe<S> {
    inner: S,
}

impl<S, B, R> Service<Request<B>> for Observe<S>
where
    S: Service<Request<B>, Response = Response<R>>,
{
    type Response = Response<Observed<R>>;
    type Error = S::Error;
    type Future = Answering<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let seen = Seen::new(&mut request);
        Answering { inner: seen.within(|| self.inner.call(request)), seen: Some(seen) }
    }
}

/// A call on its way. Dropped before it ended, it ends as cancelled.
#[derive(Debug)]
struct Seen {
    rpc: &'static Rpc,
    started: Instant,
    code: Code,
    request_id: HeaderValue,
    trace: Option<Arc<Trace>>,
    exported: Option<otlp::Span>,
}

impl Seen {
    /// Begins the call, and leaves its trace in the request.
    fn new<B>(request: &mut Request<B>) -> Self {
        let (path, rpc) = rpc(request.uri().path());
        rpc.started();
        let trace = Trace::of_call(request.headers()).map(Arc::new);
        let request_id = request_id::of(request.headers());
        let exported = trace.as_ref().and_then(|trace| trace.call(path));
        if let Some(trace) = &trace {
            request.extensions_mut().insert(trace.clone());
        }
        Self { rpc, started: Instant::now(), code: Code::Cancelled, request_id, trace, exported }
    }

    /// Does some of the call's work as such.
    fn within<T>(&self, work: impl FnOnce() -> T) -> T {
        call::with_request_id(self.request_id.clone(), work)
    }

    /// Notes the status, where these headers or trailers have it.
    fn ended(&mut self, headers: &HeaderMap) {
        if let Some(status) = headers.get(Status::GRPC_STATUS) {
            self.code = Code::from_bytes(status.as_bytes());
        }
    }
}

impl Drop for Seen {
    fn drop(&mut self) {
        self.rpc.handled(self.code as usize, self.started.elapsed());
        let (Some(span), Some(trace)) = (&mut self.exported, &self.trace) else { return };
        span.work = otlp::Work::Call(self.code);
        span.account = trace.account().map(str::to_owned);
        // The rest is the caller's doing (OpenTelemetry's conventions for gRPC servers).
        let ours = matches!(
            self.code,
            Code::Unknown
                | Code::DeadlineExceeded
                | Code::Unimplemented
                | Code::Internal
                | Code::Unavailable
                | Code::DataLoss
        );
        span.error = ours.then(|| self.code.description());
    }
}

pin_project! {
    /// The answer to come.
    pub(super) struct Answering<F> {
        #[pin]
        inner: F,
        seen: Option<Seen>,
    }
}

impl<F, R, E> Future for Answering<F>
where
    F: Future<Output = Result<Response<R>, E>>,
{
    type Output = Result<Response<Observed<R>>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut response = ready!(match this.seen.as_ref() {
            Some(seen) => seen.within(|| this.inner.poll(context)),
            None => this.inner.poll(context),
        })?;
        let mut seen = this.seen.take();
        if let Some(seen) = &mut seen {
            // An answer's own status comes after its body: in the head there is one for errors alone.
            seen.ended(response.headers());
            // Not gRPC. Clients make UNKNOWN of such an answer.
            if response.status() != StatusCode::OK {
                seen.code = Code::Unknown;
            }
            response.headers_mut().insert(REQUEST_ID, seen.request_id.clone());
        }
        Poll::Ready(Ok(response.map(|inner| Observed { inner, seen })))
    }
}

pin_project! {
    /// The body of an answer, with the status at its end.
    pub(super) struct Observed<B> {
        #[pin]
        inner: B,
        seen: Option<Seen>,
    }
}

impl<B: Body> Body for Observed<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let this = self.project();
        let frame = ready!(match this.seen.as_ref() {
            Some(seen) => seen.within(|| this.inner.poll_frame(context)),
            None => this.inner.poll_frame(context),
        });
        if let (Some(seen), Some(Ok(frame))) = (this.seen, &frame)
            && let Some(trailers) = frame.trailers_ref()
        {
            seen.ended(trailers);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rpc_has_its_place_and_what_is_none_shares_one() {
        for place in 0..COUNT {
            let (path, _) = described(place);
            assert_eq!(PLACES[path], place, "{path}");
        }
        for path in ["", "/", "/x", "smsmux.v1.MessageService/SendMessage", "/smsmux.v1.MessageService/Nothing"] {
            assert_eq!(rpc(path).0, "unknown/unknown", "{path}");
        }
    }
}

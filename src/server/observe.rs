//! The outermost layer: metrics, request id and trace of every call, rejected ones included.

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
use tonic_types::StatusExt;
use tower::{Layer, Service};

use super::request_id::{self, REQUEST_ID};
use crate::{
    api::METHODS,
    call,
    telemetry::{metrics::Rpc, otlp, trace::Trace},
};

/// The RPCs that are not in [`METHODS`]; the last stands for all unknown paths.
const OTHERS: &[(&str, &str)] = &[
    ("grpc.health.v1.Health/Check", "unary"),
    ("grpc.health.v1.Health/List", "unary"),
    ("grpc.health.v1.Health/Watch", "server_stream"),
    ("grpc.reflection.v1.ServerReflection/ServerReflectionInfo", "bidi_stream"),
    ("grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", "bidi_stream"),
    (otlp::UNKNOWN_METHOD, "unary"),
];

/// How many RPCs have metrics.
const COUNT: usize = METHODS.len() + OTHERS.len();

/// The metrics by index: those of [`METHODS`], then [`OTHERS`]. Created at the first call, so that an RPC without calls
/// has none.
static RPCS: [OnceLock<Rpc>; COUNT] = [const { OnceLock::new() }; COUNT];

static INDICES: LazyLock<HashMap<&'static str, usize>> =
    LazyLock::new(|| (0..COUNT).map(|index| (described(index).0, index)).collect());

/// Returns the path and the type of the RPC at an index.
fn described(index: usize) -> (&'static str, &'static str) {
    match METHODS.get(index) {
        Some(method) => (method.path, if method.streams { "server_stream" } else { "unary" }),
        None => OTHERS[index - METHODS.len()],
    }
}

fn rpc(path: &str) -> (&'static str, &'static Rpc) {
    let index = path.strip_prefix('/').and_then(|path| INDICES.get(path)).copied().unwrap_or(COUNT - 1);
    let (path, kind) = described(index);
    (path, RPCS[index].get_or_init(|| Rpc::new(path, kind)))
}

/// Builds [`Observe`].
#[derive(Debug, Clone)]
pub(super) struct ObserveLayer;

impl<S> Layer<S> for ObserveLayer {
    type Service = Observe<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Observe { inner }
    }
}

/// Counts calls and their outcomes, assigns request ids, and reads the caller's trace.
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

/// A call in flight. If dropped before it ended, it counts as cancelled.
#[derive(Debug)]
struct Seen {
    rpc: &'static Rpc,
    started: Instant,
    code: Code,
    request_id: HeaderValue,
    trace: Option<Arc<Trace>>,
    /// Boxed, as most calls have none.
    exported: Option<Box<otlp::Span>>,
}

impl Seen {
    /// Begins the call, and adds its trace to the request's extensions.
    fn new<B>(request: &mut Request<B>) -> Self {
        let (path, rpc) = rpc(request.uri().path());
        rpc.started();
        // Probes and tools would fill the collector.
        let is_traced = !path.starts_with("grpc.");
        let trace = if is_traced { Trace::of_call(request.headers()).map(Arc::new) } else { None };
        let request_id = request_id::of(request.headers());
        let exported = trace.as_ref().and_then(|trace| trace.call(path, request.uri(), &request_id)).map(Box::new);
        if let Some(trace) = &trace {
            request.extensions_mut().insert(trace.clone());
        }
        Self { rpc, started: Instant::now(), code: Code::Cancelled, request_id, trace, exported }
    }

    /// Runs some of the call's work with its request id.
    fn within<T>(&self, work: impl FnOnce() -> T) -> T {
        call::with_request_id(self.request_id.clone(), work)
    }

    /// Notes the status, if these headers or trailers have one.
    fn ended(&mut self, headers: &HeaderMap) {
        if let Some(status) = headers.get(Status::GRPC_STATUS) {
            self.code = Code::from_bytes(status.as_bytes());
        }
        if self.code != Code::Ok
            && let Some(otlp::Work::Call { reason, .. }) = self.exported.as_mut().map(|span| &mut span.work)
        {
            let info = Status::from_header_map(headers).and_then(|status| status.get_details_error_info());
            *reason = info.map(|info| info.reason);
        }
    }
}

impl Drop for Seen {
    fn drop(&mut self) {
        self.rpc.handled(self.code as usize, self.started.elapsed());
        let (Some(span), Some(trace)) = (&mut self.exported, &self.trace) else { return };
        if let otlp::Work::Call { code, .. } = &mut span.work {
            *code = self.code;
        }
        span.account = trace.account().map(str::to_owned);
        // Other codes are errors of the caller (OpenTelemetry's conventions for gRPC servers).
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
    /// The future of the response.
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
            // The status of a response follows its body; only errors have it in the headers.
            seen.ended(response.headers());
            // Not gRPC: clients map such a response to UNKNOWN.
            if response.status() != StatusCode::OK {
                seen.code = Code::Unknown;
            }
            response.headers_mut().insert(REQUEST_ID, seen.request_id.clone());
        }
        Poll::Ready(Ok(response.map(|inner| Observed { inner, seen })))
    }
}

pin_project! {
    /// The body of a response, with the status at its end.
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
    fn every_rpc_has_its_index_and_unknown_paths_share_one() {
        for index in 0..COUNT {
            let (path, _) = described(index);
            assert_eq!(INDICES[path], index, "{path}");
        }
        for path in ["", "/", "/x", "smsmux.v1.MessageService/SendMessage", "/smsmux.v1.MessageService/Nothing"] {
            assert_eq!(rpc(path).0, "unknown/unknown", "{path}");
        }
    }
}

//! Limits of every request, checked before authentication: the size of its metadata and the calls that its connection
//! may make.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use futures::future::{Either, Ready, ready as now};
use http::{Request, Response};
use pin_project_lite::pin_project;
use tonic::Status;
use tower::{Layer, Service};

use super::unauthenticated::{Call, Visit};
use crate::{
    error::{Error, ErrorSite},
    telemetry::incidents::Incident,
};

/// Overhead that HTTP/2 counts for each field beside its name and value (RFC 9113, section 6.5.2).
const FIELD: usize = 32;

/// Builds [`Admit`] with the limit of metadata in bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct AdmitLayer(pub(super) u32);

impl<S> Layer<S> for AdmitLayer {
    type Service = Admit<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Admit { inner, max_header_bytes: self.0 as usize }
    }
}

/// Rejects requests over a limit, before authentication.
#[derive(Debug, Clone)]
pub(super) struct Admit<S> {
    inner: S,
    max_header_bytes: usize,
}

impl<S> Admit<S> {
    fn check<B>(&self, request: &Request<B>) -> Result<Option<Call>, Status> {
        let visit = request.extensions().get::<Arc<Visit>>();
        let bytes = size(request);
        if bytes > self.max_header_bytes {
            if let Some(visit) = visit {
                Incident::MetadataTooLarge.note(visit.peer);
            }
            let text = format!("the metadata has {bytes} bytes; at most {} are allowed", self.max_header_bytes);
            return Err(Error::complete(&Status::resource_exhausted(text)));
        }
        let method = request.uri().path().trim_start_matches('/');
        let site = ErrorSite { account: "", vendor: "", method, resource: None };
        visit.map(Visit::begin).transpose().map_err(|error| error.to_status(site))
    }
}

/// Returns the size of a request's metadata as HTTP/2 counts it.
fn size<B>(request: &Request<B>) -> usize {
    let uri = request.uri();
    let pseudo = request.method().as_str().len()
        + uri.path().len()
        + uri.authority().map_or(0, |authority| authority.as_str().len())
        + 4 * FIELD;
    request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + FIELD).sum::<usize>() + pseudo
}

impl<S, B, R> Service<Request<B>> for Admit<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    R: Default,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Either<Admitted<S::Future>, Ready<Result<S::Response, S::Error>>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        match self.check(&request) {
            Ok(call) => Either::Left(Admitted { answer: self.inner.call(request), call }),
            Err(status) => Either::Right(now(Ok(status.into_http()))),
        }
    }
}

pin_project! {
    /// The future of the response. If dropped before it is ready, the call counts as cancelled.
    pub(super) struct Admitted<F> {
        #[pin]
        answer: F,
        call: Option<Call>,
    }
}

impl<F: Future> Future for Admitted<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let answer = ready!(this.answer.poll(context));
        if let Some(call) = this.call.take() {
            call.answered();
        }
        Poll::Ready(answer)
    }
}

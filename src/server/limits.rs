//! The limit of calls in flight in the whole server.

use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use futures::future::{Either, Ready, ready as now};
use http::{Request, Response};
use pin_project_lite::pin_project;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower::{Layer, Service};

use super::auth::HEALTH;
use crate::{error::ErrorSite, gateway::overloaded, telemetry::metrics};

/// Permit for one call in flight, until it is dropped.
type Permit = OwnedSemaphorePermit;

/// Builds [`Shed`].
#[derive(Debug, Clone)]
pub(super) struct ShedLayer(Arc<Semaphore>);

impl ShedLayer {
    /// Permits this many calls in flight.
    pub(super) fn new(max_in_flight: u32) -> Self {
        let permits = Arc::new(Semaphore::new(max_in_flight as usize));
        metrics::count_in_flight(&permits, max_in_flight as usize);
        Self(permits)
    }
}

impl<S> Layer<S> for ShedLayer {
    type Service = Shed<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Shed { inner, permits: self.0.clone() }
    }
}

/// Rejects calls at once while the server has as many in flight as it may have: waiting would only make more of them.
/// Comes after authentication, so that unauthenticated calls take no permit. A stream holds a permit until it has
/// begun, then that of its account. Health checks are exempt: a busy server is not unhealthy.
#[derive(Clone)]
pub(super) struct Shed<S> {
    inner: S,
    permits: Arc<Semaphore>,
}

impl<S, B, R> Service<Request<B>> for Shed<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    R: Default,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Either<Permitted<S::Future>, Ready<Result<S::Response, S::Error>>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let path = request.uri().path();
        let permit = match path.starts_with(HEALTH) {
            true => None,
            false => match self.permits.clone().try_acquire_owned() {
                Ok(permit) => Some(permit),
                Err(_) => {
                    let site =
                        ErrorSite { account: "", vendor: "", method: path.trim_start_matches('/'), resource: None };
                    let status =
                        overloaded("too many calls in flight in the server (server.max_in_flight)").to_status(site);
                    return Either::Right(now(Ok(status.into_http())));
                }
            },
        };
        Either::Left(Permitted { answer: self.inner.call(request), permit })
    }
}

pin_project! {
    /// A call that holds a permit until it is answered.
    pub(super) struct Permitted<F> {
        #[pin]
        answer: F,
        permit: Option<Permit>,
    }
}

impl<F: Future> Future for Permitted<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let answer = ready!(this.answer.poll(context));
        this.permit.take();
        Poll::Ready(answer)
    }
}

impl<S> fmt::Debug for Shed<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Shed({} permits left)", self.permits.available_permits())
    }
}

//! How much may be under way at a time in the whole server.

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
use crate::{error::ErrorSite, gateway::overloaded};

/// A place of one call, until it is dropped.
type Slot = OwnedSemaphorePermit;

/// Makes [`Shed`].
#[derive(Debug, Clone)]
pub(super) struct ShedLayer(Arc<Semaphore>);

impl ShedLayer {
    /// Lets so many calls in at a time.
    pub(super) fn new(max_in_flight: u32) -> Self {
        Self(Arc::new(Semaphore::new(max_in_flight as usize)))
    }
}

impl<S> Layer<S> for ShedLayer {
    type Service = Shed<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Shed { inner, slots: self.0.clone() }
    }
}

/// Turns calls away at once while there are as many as the server may have: waiting would only make more of them. It stands
/// behind the authentication, so that strangers take no place; a stream has one until it has begun, then that of its
/// account. Health is exempt: a server that is busy is not ill.
#[derive(Clone)]
pub(super) struct Shed<S> {
    inner: S,
    slots: Arc<Semaphore>,
}

impl<S, B, R> Service<Request<B>> for Shed<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    R: Default,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Either<Seated<S::Future>, Ready<Result<S::Response, S::Error>>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let path = request.uri().path();
        let slot = match path.starts_with(HEALTH) {
            true => None,
            false => match self.slots.clone().try_acquire_owned() {
                Ok(slot) => Some(slot),
                Err(_) => {
                    let place =
                        ErrorSite { account: "", vendor: "", method: path.trim_start_matches('/'), resource: None };
                    let status = overloaded("the server has all the calls in flight that it may have").to_status(place);
                    return Either::Right(now(Ok(status.into_http())));
                }
            },
        };
        Either::Left(Seated { answer: self.inner.call(request), slot })
    }
}

pin_project! {
    /// A call that has a place until it is answered.
    pub(super) struct Seated<F> {
        #[pin]
        answer: F,
        slot: Option<Slot>,
    }
}

impl<F: Future> Future for Seated<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let answer = ready!(this.answer.poll(context));
        this.slot.take();
        Poll::Ready(answer)
    }
}

impl<S> fmt::Debug for Shed<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Shed({} places left)", self.slots.available_permits())
    }
}

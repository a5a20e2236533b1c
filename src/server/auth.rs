//! Who calls: once anybody is known, every call but those of health and reflection must come from somebody known.

use std::{
    sync::Arc,
    task::{Context, Poll},
};

use arc_swap::ArcSwap;
use futures::future::{Either, Ready, ready};
use http::{Request, Response, header};
use tower::{Layer, Service};

use super::{
    callers::{Caller, Callers},
    strangers::Visit,
};
use crate::error::{Error, ErrorSite, Outcome, Reason};

/// What a probe asks, which has no key.
pub(super) const HEALTH: &str = "/grpc.health.v1.Health/";

/// What tools ask before they call the other. Without a key they are told of [`PUBLIC`] alone.
pub(super) const REFLECTION: &str = "/grpc.reflection.";

/// The services that those may call who have no key.
pub(super) const PUBLIC: &[&str] =
    &["grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"];

/// Notes in a request that nobody known has sent it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stranger;

/// Makes [`Authenticate`].
#[derive(Debug, Clone)]
pub(super) struct AuthenticateLayer(pub(super) Arc<ArcSwap<Callers>>);

impl<S> Layer<S> for AuthenticateLayer {
    type Service = Authenticate<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Authenticate { inner, callers: self.0.clone() }
    }
}

/// Lets nobody through who is not known, and notes in the request who it is.
#[derive(Debug, Clone)]
pub(super) struct Authenticate<S> {
    inner: S,
    callers: Arc<ArcSwap<Callers>>,
}

impl<S, B, R> Service<Request<B>> for Authenticate<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    R: Default,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Either<S::Future, Ready<Result<S::Response, S::Error>>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        match identify(&self.callers.load(), &mut request) {
            Ok(()) => Either::Left(self.inner.call(request)),
            Err(error) => {
                let method = request.uri().path().trim_start_matches('/');
                let place = ErrorSite { account: "", vendor: "", method, resource: None };
                Either::Right(ready(Ok(error.to_status(place).into_http())))
            }
        }
    }
}

/// Notes who calls. The key goes no further than here.
fn identify<B>(callers: &Callers, request: &mut Request<B>) -> Result<(), Error> {
    let authorization = request.headers_mut().remove(header::AUTHORIZATION);
    let visit = request.extensions().get::<Arc<Visit>>();
    let is_no_stranger = || visit.map_or(Ok(()), |visit| visit.note_caller());
    if request.uri().path().starts_with(HEALTH) {
        return Ok(());
    }
    if callers.is_open() {
        return is_no_stranger();
    }
    let refused = |text: &str| Error::new(Reason::CallerNotAuthenticated, text).outcome(Outcome::NotSent);
    let caller = match (authorization, visit.map(|visit| visit.names()).unwrap_or_default()) {
        (Some(value), _) => {
            let key = value.to_str().ok().and_then(|value| value.split_once(' '));
            let key = key.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, key)| key.trim());
            let key = key.ok_or_else(|| refused("the metadata authorization must be of the form Bearer KEY"))?;
            callers.by_key(key).ok_or_else(|| refused("the API key is not known, or not any more"))?
        }
        (None, names @ [_, ..]) => callers
            .by_certificate(names)
            .ok_or_else(|| refused("no caller goes by a name in the client certificate"))?,
        (None, []) if request.uri().path().starts_with(REFLECTION) => {
            request.extensions_mut().insert(Stranger);
            return Ok(());
        }
        (None, []) => return Err(refused("who calls? Send the metadata authorization: Bearer KEY")),
    };
    if caller.has_expired() {
        return Err(refused("the API key is not known, or not any more"));
    }
    is_no_stranger()?;
    caller.take().map_err(|wait| {
        let text = "the caller has made too many calls in a second";
        Error::new(Reason::RateLimited, text).outcome(Outcome::NotSent).retry_after(Some(wait))
    })?;
    let caller: Arc<Caller> = caller.clone();
    request.extensions_mut().insert(caller);
    Ok(())
}

//! Authentication: if any caller is configured, every call but health checks and reflection must be authenticated.

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
    unauthenticated::Visit,
};
use crate::error::{Error, ErrorSite, Outcome, Reason};

/// Health checks, which need no key.
pub(super) const HEALTH: &str = "/grpc.health.v1.Health/";

/// Reflection. Without a key it describes [`PUBLIC`] alone.
pub(super) const REFLECTION: &str = "/grpc.reflection.";

/// The services that need no key.
pub(super) const PUBLIC: &[&str] =
    &["grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"];

/// Marks a request as unauthenticated.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unauthenticated;

/// Builds [`Authenticate`].
#[derive(Debug, Clone)]
pub(super) struct AuthenticateLayer(pub(super) Arc<ArcSwap<Callers>>);

impl<S> Layer<S> for AuthenticateLayer {
    type Service = Authenticate<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Authenticate { inner, callers: self.0.clone() }
    }
}

/// Rejects unauthenticated calls, and notes the caller in the others.
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
                let site = ErrorSite { account: "", vendor: "", method, resource: None };
                Either::Right(ready(Ok(error.to_status(site).into_http())))
            }
        }
    }
}

/// Authenticates the caller, and notes it in the request. Removes the key, so that nothing else can log it.
fn identify<B>(callers: &Callers, request: &mut Request<B>) -> Result<(), Error> {
    let authorization = request.headers_mut().remove(header::AUTHORIZATION);
    let visit = request.extensions().get::<Arc<Visit>>();
    let mark_authenticated = || visit.map_or(Ok(()), |visit| visit.note_caller());
    if request.uri().path().starts_with(HEALTH) {
        return Ok(());
    }
    if callers.is_open() {
        return mark_authenticated();
    }
    let refused = |text: &str| Error::new(Reason::CallerNotAuthenticated, text).outcome(Outcome::NotSent);
    let caller = match (authorization, visit.map(|visit| visit.names()).unwrap_or_default()) {
        (Some(value), _) => {
            let key = value.to_str().ok().and_then(|value| value.split_once(' '));
            let key = key.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, key)| key.trim());
            let key = key.ok_or_else(|| refused("invalid credentials; expected `authorization: Bearer KEY`"))?;
            callers.by_key(key).ok_or_else(|| refused("the API key is unknown or was revoked"))?
        }
        (None, names @ [_, ..]) => {
            callers.by_certificate(names).ok_or_else(|| refused("no caller has a name of the client certificate"))?
        }
        (None, []) if request.uri().path().starts_with(REFLECTION) => {
            request.extensions_mut().insert(Unauthenticated);
            return Ok(());
        }
        (None, []) => return Err(refused("missing credentials: send `authorization: Bearer KEY`")),
    };
    if caller.has_expired() {
        return Err(refused("the API key is unknown or was revoked"));
    }
    mark_authenticated()?;
    caller.take().map_err(|wait| {
        let text = "the caller has made too many calls in a second";
        Error::new(Reason::RateLimited, text).outcome(Outcome::NotSent).retry_after(Some(wait))
    })?;
    let caller: Arc<Caller> = caller.clone();
    request.extensions_mut().insert(caller);
    Ok(())
}

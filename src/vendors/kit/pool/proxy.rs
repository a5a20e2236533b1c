//! The road through a proxy of the environment: reqwest's, as nothing else of it is needed.

use std::{error::Error as StdError, io, sync::Arc, time::Duration};

use bytes::Bytes;
use futures::future::BoxFuture;
use http::Response;
use reqwest::Body;
use rustls::ClientConfig;
use tokio::time::error::Elapsed;

use super::Broken;

/// How long a connection for reads is kept.
const IDLE: Duration = Duration::from_secs(20);

/// The clients of an account. Whether a connection through a proxy is fresh cannot be seen, so each write has its own.
#[derive(Debug, Clone)]
pub(super) struct Proxied {
    pub(super) reads: reqwest::Client,
    pub(super) writes: reqwest::Client,
}

impl Proxied {
    /// Creates the clients.
    ///
    /// # Errors
    /// A text for the operator: TLS cannot be set up.
    pub(super) fn new(tls: &Arc<ClientConfig>, connect_timeout: Duration) -> Result<Self, String> {
        Ok(Self { reads: client(tls, connect_timeout, usize::MAX)?, writes: client(tls, connect_timeout, 0)? })
    }
}

#[allow(clippy::disallowed_methods)] // The one place that makes clients.
fn client(tls: &Arc<ClientConfig>, connect_timeout: Duration, idle: usize) -> Result<reqwest::Client, String> {
    let builder = reqwest::Client::builder()
        .tls_backend_preconfigured((**tls).clone())
        .connect_timeout(connect_timeout)
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .pool_max_idle_per_host(idle)
        .pool_idle_timeout(IDLE);
    builder.build().map_err(|e| format!("cannot set up the HTTP client: {}", e.without_url()))
}

/// Returns the pending answer to a request. Nothing is sent before it is polled.
pub(super) fn send(
    client: &reqwest::Client,
    request: http::Request<Bytes>,
) -> BoxFuture<'static, Result<Response<Body>, Broken>> {
    let (client, request) = (client.clone(), request.try_into());
    Box::pin(async move {
        let sent = client.execute(request.map_err(|_| Broken::Invalid)?).await;
        sent.map(Response::from).map_err(|e| if e.is_builder() { Broken::Invalid } else { broken(&e, e.is_connect()) })
    })
}

/// Classifies an error of reqwest's, which wraps one of hyper's.
fn broken(error: &(dyn StdError + 'static), connecting: bool) -> Broken {
    let mut sources = std::iter::successors(Some(error), |&error| error.source());
    let timed_out = |error: &(dyn StdError + 'static)| {
        error.is::<Elapsed>() || error.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::TimedOut)
    };
    match connecting {
        true if sources.any(timed_out) => Broken::NotSent("connecting timed out"),
        true => Broken::NotSent("the connection could not be made"),
        false => sources.find_map(|error| error.downcast_ref()).map_or(Broken::Lost, super::http2::broken),
    }
}

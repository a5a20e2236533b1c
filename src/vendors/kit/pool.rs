//! The HTTP clients of an account: a pool of connections for each serving thread, so that a call and its connection
//! live on the same thread, and the trusted certificates, which are read once.
//!
//! Direct connections use hyper's own client; reqwest is used where the system's settings configure a proxy. What
//! reqwest adds to hyper (redirects, retries, cookies, an address parsed three times) is a quarter of a call's cost
//! (benches/README.md), and only its proxy support is needed here.

use std::{
    error::Error as StdError,
    io,
    path::Path,
    pin::Pin,
    sync::{Arc, LazyLock, OnceLock},
    task::{Context, Poll, ready},
    thread::available_parallelism,
    time::Duration,
};

use bytes::Bytes;
use futures::future::BoxFuture;
use http::{Request, Response, Uri};
use http_body_util::{Either, Full};
use hyper::body::Incoming;
use hyper_rustls::HttpsConnector;
use hyper_util::{
    client::{
        legacy::{self, connect::HttpConnector},
        proxy::matcher::Matcher,
    },
    rt::{TokioExecutor, TokioTimer},
};
use rustls::{ClientConfig, ConfigBuilder, RootCertStore, WantsVerifier, crypto::ring};
use rustls_platform_verifier::Verifier;
use tokio::time::{error::Elapsed, timeout};
use tower::Service;

use crate::{
    config::{certificates, is_loopback},
    vendors::kit::thread,
};

/// Shorter than the 60 to 75 s after which common load balancers close: the race would lose a reply.
const IDLE: Duration = Duration::from_secs(20);

/// Detects a dead peer while no request is sent.
const KEEPALIVE: Duration = Duration::from_secs(15);

/// The system gives a connection up when sent data is unacknowledged for this long.
#[cfg(target_os = "linux")]
const UNACKNOWLEDGED: Duration = Duration::from_secs(30);

/// The system's trust store. Reading it takes milliseconds and some hundred kilobytes: it is read once, for the first
/// account that needs it.
static SYSTEM: LazyLock<Result<ClientConfig, String>> = LazyLock::new(|| {
    let verifier = Verifier::new(Arc::new(ring::default_provider())).map_err(|e| format!("cannot set up TLS: {e}"))?;
    let builder = builder()?.dangerous().with_custom_certificate_verifier(Arc::new(verifier));
    Ok(with_alpn(builder.with_no_client_auth()))
});

/// The body of an answer.
pub(super) type Body = Either<Incoming, reqwest::Body>;

/// Why there is no answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Broken {
    /// The request could not be built.
    Invalid,
    /// Nothing was sent.
    NotSent(&'static str),
    /// The request was sent, or may have been.
    Lost,
}

/// A pending answer. It does not hold the request, which may be large: there are as many of these as calls in flight.
pub(super) enum Sending {
    Direct(legacy::ResponseFuture),
    ByProxy(BoxFuture<'static, Result<reqwest::Response, Broken>>),
}

impl Future for Sending {
    type Output = Result<Response<Body>, Broken>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(match self.get_mut() {
            Self::Direct(sending) => {
                let sent = ready!(Pin::new(sending).poll(context));
                sent.map(|answer| answer.map(Either::Left)).map_err(|e| broken(&e, e.is_connect()))
            }
            Self::ByProxy(sending) => {
                ready!(sending.as_mut().poll(context)).map(|answer| Response::from(answer).map(Either::Right))
            }
        })
    }
}

/// The clients of one endpoint.
#[derive(Debug)]
pub(super) struct Pools {
    first: Client,
    route: Route,
    /// The clients of the other threads, each created on first use.
    others: Box<[OnceLock<Client>]>,
}

/// How an endpoint is reached.
#[derive(Debug)]
struct Route {
    tls: Arc<ClientConfig>,
    connect_timeout: Duration,
    by_proxy: bool,
}

#[derive(Debug, Clone)]
enum Client {
    Direct(Box<legacy::Client<Connector, Full<Bytes>>>),
    ByProxy(reqwest::Client),
}

impl Pools {
    /// Creates the pools for an address; `ca_file` replaces the system's trust store.
    ///
    /// # Errors
    /// A text for the operator: a CA file that cannot be read, or TLS that cannot be set up.
    pub(super) fn new(base: &Uri, ca_file: Option<&Path>, connect_timeout: Duration) -> Result<Self, String> {
        // One provider for the process; a second install is rejected and changes nothing.
        let _ = ring::default_provider().install_default();
        let by_proxy = !is_loopback(&base.to_string()) && Matcher::from_system().intercept(base).is_some();
        let tls = match ca_file {
            Some(file) => with_roots(certificates(file)?)?,
            // Plain HTTP needs no trust store.
            None if !by_proxy && base.scheme_str() == Some("http") => with_roots(RootCertStore::empty())?,
            None => SYSTEM.clone()?,
        };
        let route = Route { tls: Arc::new(tls), connect_timeout, by_proxy };
        let first = route.client()?;
        let others = available_parallelism().map_or(1, usize::from).saturating_sub(1);
        Ok(Self { first, route, others: (0..others).map(|_| OnceLock::new()).collect() })
    }

    /// Returns the pending answer to a request. Nothing is sent before it is polled.
    pub(super) fn send(&self, request: Request<Bytes>) -> Sending {
        match self.of_this_thread() {
            Client::Direct(client) => Sending::Direct(client.request(request.map(Full::new))),
            Client::ByProxy(client) => {
                let (client, request) = (client.clone(), request.try_into());
                Sending::ByProxy(Box::pin(async move {
                    let sent = client.execute(request.map_err(|_| Broken::Invalid)?).await;
                    sent.map_err(|e| if e.is_builder() { Broken::Invalid } else { broken(&e, e.is_connect()) })
                }))
            }
        }
    }

    /// Returns the client of the running thread.
    fn of_this_thread(&self) -> &Client {
        let number = thread::number() % (self.others.len() + 1);
        let Some(place) = number.checked_sub(1) else { return &self.first };
        // Creating a client succeeded once, so it should again; if not, the thread shares the first one.
        self.others[place].get_or_init(|| self.route.client().unwrap_or_else(|_| self.first.clone()))
    }
}

impl Route {
    fn client(&self) -> Result<Client, String> {
        if self.by_proxy {
            return self.by_proxy().map(Client::ByProxy);
        }
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_nodelay(true);
        http.set_keepalive(Some(KEEPALIVE));
        http.set_keepalive_interval(Some(KEEPALIVE));
        http.set_keepalive_retries(Some(3));
        #[cfg(target_os = "linux")]
        http.set_tcp_user_timeout(Some(UNACKNOWLEDGED));
        // Several addresses share this timeout; all of them and TLS are limited to the same time together.
        http.set_connect_timeout(Some(self.connect_timeout));
        let connector = Connector { https: (http, self.tls.clone()).into(), timeout: self.connect_timeout };
        let mut builder = legacy::Client::builder(TokioExecutor::new());
        builder.timer(TokioTimer::new()).pool_timer(TokioTimer::new()).pool_idle_timeout(IDLE);
        Ok(Client::Direct(Box::new(builder.build(connector))))
    }

    #[allow(clippy::disallowed_methods)] // The one place that makes clients.
    fn by_proxy(&self) -> Result<reqwest::Client, String> {
        let builder = reqwest::Client::builder()
            .tls_backend_preconfigured((*self.tls).clone())
            .connect_timeout(self.connect_timeout)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .pool_idle_timeout(IDLE);
        builder.build().map_err(|e| format!("cannot set up the HTTP client: {}", e.without_url()))
    }
}

/// Classifies an error of hyper's, or of reqwest's that wraps one of hyper's.
fn broken(error: &(dyn StdError + 'static), connecting: bool) -> Broken {
    let mut sources = std::iter::successors(Some(error), |&error| error.source());
    let timed_out = |error: &(dyn StdError + 'static)| {
        error.is::<Elapsed>() || error.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::TimedOut)
    };
    match connecting {
        true if sources.any(timed_out) => Broken::NotSent("connecting timed out"),
        true => Broken::NotSent("the connection could not be made"),
        // HTTP/2 can signal that a request was not processed (RFC 9113, section 8.7).
        false if sources.filter_map(|error| error.downcast_ref()).any(was_not_processed) => {
            Broken::NotSent("the vendor's server did not process the request")
        }
        false => Broken::Lost,
    }
}

fn was_not_processed(error: &h2::Error) -> bool {
    let refused = error.is_reset() && error.reason() == Some(h2::Reason::REFUSED_STREAM);
    let leaving = error.is_go_away() && error.reason() == Some(h2::Reason::NO_ERROR);
    error.is_remote() && (refused || leaving)
}

/// Connects within the timeout, which includes TLS.
#[derive(Debug, Clone)]
struct Connector {
    https: HttpsConnector<HttpConnector>,
    timeout: Duration,
}

impl Service<Uri> for Connector {
    type Response = <HttpsConnector<HttpConnector> as Service<Uri>>::Response;
    type Error = Box<dyn StdError + Send + Sync>;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.https.poll_ready(context)
    }

    fn call(&mut self, address: Uri) -> Self::Future {
        let connecting = timeout(self.timeout, self.https.call(address));
        Box::pin(async { connecting.await? })
    }
}

fn builder() -> Result<ConfigBuilder<ClientConfig, WantsVerifier>, String> {
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    builder.with_safe_default_protocol_versions().map_err(|e| format!("cannot set up TLS: {e}"))
}

fn with_roots(roots: RootCertStore) -> Result<ClientConfig, String> {
    Ok(with_alpn(builder()?.with_root_certificates(roots).with_no_client_auth()))
}

/// Offers HTTP/2: many calls on one connection.
fn with_alpn(mut tls: ClientConfig) -> ClientConfig {
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    tls
}

fn certificates(file: &Path) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates::read(file)? {
        roots.add(certificate).map_err(|e| format!("{} holds no authority to trust: {e}", file.display()))?;
    }
    Ok(roots)
}

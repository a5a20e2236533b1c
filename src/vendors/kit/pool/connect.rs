//! Makes a connection: the name resolved anew, TCP by whichever address answers first, and TLS.

use std::{
    error::Error as StdError,
    io,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    task::{Context, Poll},
    time::Duration,
    vec,
};

use futures::future::{Ready, ready};
use http::Uri;
use hyper_util::client::legacy::connect::{HttpConnector, dns::Name};
use rustls::{ClientConfig, HandshakeKind, pki_types::ServerName};
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsConnector;
use tower::Service;

use super::{
    endpoint::{Endpoint, Version},
    socket::{Socket, Stream, Wire},
};
use crate::{
    config::Http2,
    telemetry::metrics::{Handshake, Protocol, RoadMetrics},
};

/// Detects a dead peer while no request is sent.
const KEEPALIVE: Duration = Duration::from_secs(15);

/// The system gives a connection up when sent data is unacknowledged for this long.
#[cfg(target_os = "linux")]
const UNACKNOWLEDGED: Duration = Duration::from_secs(30);

/// How an endpoint is reached.
#[derive(Debug)]
pub(super) struct Route {
    pub(super) base: Uri,
    pub(super) endpoint: Arc<Endpoint>,
    pub(super) tls: Option<Arc<ClientConfig>>,
    pub(super) http2: Http2,
    pub(super) connect_timeout: Duration,
    pub(super) metrics: Arc<RoadMetrics>,
}

/// A new connection.
#[derive(Debug)]
pub(super) struct Connected {
    pub(super) stream: Stream,
    pub(super) about: About,
    pub(super) version: Version,
}

/// What is known of a connection.
#[derive(Debug)]
pub(super) struct About {
    pub(super) socket: Arc<Socket>,
    pub(super) peer: Option<IpAddr>,
    pub(super) opened: Instant,
    /// How long a packet took to the peer and back.
    pub(super) round_trip: Duration,
    pub(super) count: Count,
}

impl About {
    pub(super) fn new(socket: &Arc<Socket>, opened: Instant, metrics: &Arc<RoadMetrics>, protocol: Protocol) -> Self {
        let count = Count::new(metrics, protocol);
        Self { socket: Arc::clone(socket), peer: None, opened, round_trip: Duration::ZERO, count }
    }
}

/// Counts a connection in the metrics.
#[derive(Debug)]
pub(super) struct Count {
    metrics: Arc<RoadMetrics>,
    protocol: Protocol,
    active: AtomicBool,
}

impl Count {
    fn new(metrics: &Arc<RoadMetrics>, protocol: Protocol) -> Self {
        metrics.connection(protocol, false, true);
        Self { metrics: Arc::clone(metrics), protocol, active: AtomicBool::new(false) }
    }

    /// Notes whether the connection is in use.
    pub(super) fn is_active(&self, active: bool) {
        if self.active.swap(active, Relaxed) != active {
            self.metrics.connection(self.protocol, !active, false);
            self.metrics.connection(self.protocol, active, true);
        }
    }
}

impl Drop for Count {
    fn drop(&mut self) {
        self.metrics.connection(self.protocol, self.active.load(Relaxed), false);
    }
}

/// Makes a connection within the timeout, which includes TLS.
///
/// # Errors
/// Why there is none, in a few words.
pub(super) async fn connect(route: &Route) -> Result<Connected, &'static str> {
    let connected = timeout(route.connect_timeout, within(route)).await;
    route.metrics.handshake(match &connected {
        Ok(Ok(connected)) => connected.handshake(),
        _ => Handshake::Failed,
    });
    match connected {
        Ok(Ok(connected)) => Ok(connected),
        Ok(Err(e)) if !timed_out(&*e) => Err("the connection could not be made"),
        _ => Err("connecting timed out"),
    }
}

impl Connected {
    fn handshake(&self) -> Handshake {
        match &self.stream {
            Stream::Plain(_) => Handshake::Plain,
            Stream::Tls(stream) if stream.get_ref().1.handshake_kind() == Some(HandshakeKind::Resumed) => {
                Handshake::Resumed
            }
            Stream::Tls(_) => Handshake::Full,
        }
    }
}

async fn within(route: &Route) -> Result<Connected, Box<dyn StdError + Send + Sync>> {
    let addresses = route.endpoint.resolve().await?;
    let mut http = HttpConnector::new_with_resolver(Known(addresses));
    http.enforce_http(false);
    http.set_nodelay(true);
    http.set_keepalive(Some(KEEPALIVE));
    http.set_keepalive_interval(Some(KEEPALIVE));
    http.set_keepalive_retries(Some(3));
    #[cfg(target_os = "linux")]
    http.set_tcp_user_timeout(Some(UNACKNOWLEDGED));
    // Several addresses share this timeout; all of them and TLS are limited to the same time together.
    http.set_connect_timeout(Some(route.connect_timeout));
    let begun = Instant::now();
    let tcp = http.call(route.base.clone()).await?.into_inner();
    let opened = Instant::now();
    let peer = tcp.peer_addr().ok().map(|address| address.ip());
    let socket = Socket::new(tcp);
    let about = |version| {
        let protocol = if version == Version::Http2 { Protocol::Http2 } else { Protocol::Http1 };
        About { round_trip: opened - begun, peer, ..About::new(&socket, opened, &route.metrics, protocol) }
    };
    let wire = Wire(Arc::clone(&socket));
    let prior_knowledge = route.http2 == Http2::PriorKnowledge;
    let Some(tls) = &route.tls else {
        let version = if prior_knowledge { Version::Http2 } else { Version::Http1 };
        return Ok(Connected { stream: Stream::Plain(wire), about: about(version), version });
    };
    let name = ServerName::try_from(route.endpoint.host.clone())?;
    let stream = TlsConnector::from(Arc::clone(tls)).connect(name, wire).await?;
    let (_, session) = stream.get_ref();
    let negotiated = session.alpn_protocol() == Some(b"h2");
    let version = if negotiated || prior_knowledge { Version::Http2 } else { Version::Http1 };
    Ok(Connected { stream: Stream::Tls(Box::new(stream)), about: about(version), version })
}

fn timed_out(error: &(dyn StdError + 'static)) -> bool {
    let mut sources = std::iter::successors(Some(error), |&error| error.source());
    sources.any(|error| error.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::TimedOut))
}

/// Addresses that were resolved before.
#[derive(Debug, Clone)]
struct Known(Vec<SocketAddr>);

impl Service<Name> for Known {
    type Response = vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Ready<io::Result<Self::Response>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Name) -> Self::Future {
        ready(Ok(self.0.clone().into_iter()))
    }
}

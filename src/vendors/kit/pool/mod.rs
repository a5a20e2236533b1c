//! The connections to the vendors. Each account has its own for each serving thread, so that a call and its connection
//! live on the same thread.
//!
//! A pool of our own, because the road is part of the promise that nothing is sent twice and no outcome is unknown for
//! nothing:
//!
//! - A request waits for a connection or a stream to itself, and its time starts when it has one. What never got one was
//!   not sent.
//! - A write gets no connection that the vendor may be about to close. How long a vendor keeps them is learned
//!   (`idle_limit`), and the system is asked at the moment of use whether it has closed this one.
//! - Whether any byte of a request left is counted at the socket.
//!
//! | file | content |
//! |---|---|
//! | `connections` | which connection a request gets, and when another one is made |
//! | `lease` | what a request has to itself |
//! | `http1`, `http2` | the two protocols |
//! | `connect`, `tls`, `socket` | from a name to a stream of bytes |
//! | `endpoint`, `idle_limit` | what is known of a vendor's server, shared by accounts and threads |
//! | `proxy` | the road through a proxy: reqwest's |

mod connect;
mod connections;
mod endpoint;
#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;
mod http1;
mod http2;
mod idle_limit;
mod lease;
mod proxy;
mod socket;
#[cfg(test)]
mod tests;
mod tls;

use std::{
    path::Path,
    sync::{Arc, OnceLock},
    thread::available_parallelism,
    time::Duration,
};

use hyper_util::client::proxy::matcher::Matcher;
use rustls::crypto::ring;
use tokio::time::Instant;

pub(super) use self::lease::{Head, Lease};
pub(crate) use self::tls::client_tls;
use self::{connect::Route, connections::Connections, endpoint::Endpoint, proxy::Proxied, tls::Trust};
use super::{
    Effect,
    request::{Base, Outgoing},
    thread,
};
use crate::{
    config::{Http2, is_loopback},
    telemetry::metrics::RoadMetrics,
};

/// How long connections are kept that carry nothing.
const IDLE: Duration = Duration::from_secs(20);

/// Why there is no answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Broken {
    /// The request could not be built.
    Invalid,
    /// Nothing was sent, or the vendor did not process it.
    NotSent(&'static str),
    /// As [`Broken::NotSent`], because the connection ended: another one is likely to do.
    Again(&'static str),
    /// The request was sent, or may have been.
    Lost,
}

impl Broken {
    /// Whether nothing was sent, or the vendor did not process it.
    pub(super) fn was_not_sent(&self) -> bool {
        matches!(self, Self::Invalid | Self::NotSent(_) | Self::Again(_))
    }
}

/// The connections to one endpoint.
#[derive(Debug)]
pub(super) struct Pools(Road);

#[derive(Debug)]
enum Road {
    /// By thread, each created on first use.
    Direct(Arc<Route>, Box<[OnceLock<Arc<Connections>>]>),
    Proxied(Proxied),
}

impl Pools {
    /// Creates the pools for an address; `ca_file` replaces the system's trust store.
    ///
    /// # Errors
    /// A text for the operator: a CA file that cannot be read, or TLS that cannot be set up.
    pub(super) fn new(
        base: &Base,
        ca_file: Option<&Path>,
        http2: Http2,
        connect_timeout: Duration,
        metrics: Arc<RoadMetrics>,
    ) -> Result<Self, String> {
        // One provider for the process; a second install is rejected and changes nothing.
        let _ = ring::default_provider().install_default();
        let base = base.uri();
        let by_proxy = !is_loopback(&base.to_string()) && Matcher::from_system().intercept(base).is_some();
        let plain = base.scheme_str() == Some("http");
        let trust = match ca_file {
            Some(file) => Trust::File(file),
            // Plain HTTP needs no trust store.
            None if plain && !by_proxy => Trust::Nobody,
            None => Trust::System,
        };
        let tls = Arc::new(tls::settings(trust, http2)?);
        if by_proxy {
            return Proxied::new(&tls, connect_timeout).map(|proxied| Self(Road::Proxied(proxied)));
        }
        let endpoint = Endpoint::of(base, http2);
        let tls = (!plain).then_some(tls);
        let route = Arc::new(Route { base: base.clone(), endpoint, tls, http2, connect_timeout, metrics });
        let threads = available_parallelism().map_or(1, usize::from);
        Ok(Self(Road::Direct(route, (0..threads).map(|_| OnceLock::new()).collect())))
    }

    /// Waits for a connection, or a stream of one, that no other request uses; at most until `until`.
    ///
    /// # Errors
    /// Why there is none, in a few words.
    pub(super) async fn lease(&self, effect: Effect, until: Instant) -> Result<Lease, &'static str> {
        match &self.0 {
            Road::Direct(route, threads) => {
                let place = &threads[thread::number() % threads.len()];
                place.get_or_init(|| Connections::new(Arc::clone(route))).lease(effect, until).await
            }
            Road::Proxied(clients) => {
                let client = if effect == Effect::Write { &clients.writes } else { &clients.reads };
                Ok(Lease::proxied(client))
            }
        }
    }
}

//! Metrics of the connections to vendors.

use prometheus_client::{
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};

use super::{Counters, Gauges, Labels, METRICS, Seconds, add, label};

#[derive(Debug)]
pub(super) struct Road {
    connections: Gauges<3>,
    handshakes: Counters<2>,
    attempts: Counters<2>,
    waiting: Gauges<1>,
    idle_limit: Family<Labels<1>, Seconds>,
}

impl Road {
    pub(super) fn new(registry: &mut Registry) -> Self {
        Self {
            connections: add(registry, "smsmux_vendor_connections", "Connections to vendors", Family::default()),
            handshakes: add(
                registry,
                "smsmux_vendor_handshakes",
                "Connections to vendors that were made, or failed",
                Family::default(),
            ),
            attempts: add(
                registry,
                "smsmux_vendor_attempts",
                "Attempts to send a request on a connection, by whether any byte of it left",
                Family::default(),
            ),
            waiting: add(
                registry,
                "smsmux_vendor_requests_waiting",
                "Requests that wait for a connection, or a stream of HTTP/2",
                Family::default(),
            ),
            idle_limit: add(
                registry,
                "smsmux_vendor_idle_limit_seconds",
                "How long a vendor's server keeps an idle connection, as far as it is known; writes use none that is older",
                Family::default(),
            ),
        }
    }
}

/// The metrics of an account's connections.
#[derive(Debug)]
pub struct RoadMetrics {
    /// By protocol, then by whether the connection is in use.
    connections: [[Gauge; 2]; 2],
    handshakes: [Counter; HANDSHAKES.len()],
    /// By whether any byte of the request left.
    attempts: [Counter; 2],
    /// How many requests wait for a connection or a stream.
    pub waiting: Gauge,
}

/// The version of HTTP of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// HTTP/1.1.
    Http1,
    /// HTTP/2.
    Http2,
}

/// What came of making a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handshake {
    /// There is a connection without TLS.
    Plain,
    /// There is one with TLS, by a whole handshake.
    Full,
    /// There is one with TLS, which resumed an earlier session.
    Resumed,
    /// There is none.
    Failed,
}

/// The names of the handshakes, by their discriminants.
const HANDSHAKES: [&str; 4] = ["plain", "full", "resumed", "failed"];

impl RoadMetrics {
    /// Creates the metrics of the account with this name.
    pub fn new(account: &str) -> Self {
        let [account] = label(account);
        let connections = |protocol: &'static str, state: &'static str| {
            let labels = [account.clone(), ("protocol", protocol.into()), ("state", state.into())];
            METRICS.road.connections.get_or_create_owned(&labels)
        };
        Self {
            connections: ["http1", "http2"]
                .map(|protocol| ["idle", "active"].map(|state| connections(protocol, state))),
            handshakes: HANDSHAKES.map(|result| {
                METRICS.road.handshakes.get_or_create_owned(&[account.clone(), ("result", result.into())])
            }),
            attempts: ["no", "yes"]
                .map(|left| METRICS.road.attempts.get_or_create_owned(&[account.clone(), ("left", left.into())])),
            waiting: METRICS.road.waiting.get_or_create_owned(&[account]),
        }
    }

    /// Counts a connection, in one of its states, as one more or one less.
    pub fn connection(&self, protocol: Protocol, active: bool, more: bool) {
        let gauge = &self.connections[protocol as usize][usize::from(active)];
        if more {
            gauge.inc();
        } else {
            gauge.dec();
        }
    }

    /// Counts what came of making a connection.
    pub fn handshake(&self, result: Handshake) {
        self.handshakes[result as usize].inc();
    }

    /// Counts an attempt to send a request, by whether any byte of it left.
    pub fn attempt(&self, left: bool) {
        self.attempts[usize::from(left)].inc();
    }
}

/// Returns the seconds for which a vendor's server is believed to keep an idle connection.
pub fn idle_limit(server: String) -> Seconds {
    METRICS.road.idle_limit.get_or_create_owned(&[("server", server.into())])
}

/// Exports the seconds of a vendor's server no more.
pub fn forget_idle_limit(server: String) {
    METRICS.road.idle_limit.remove(&[("server", server.into())]);
}

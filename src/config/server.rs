//! The settings of the gRPC server.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use super::{Keys, Problems, Span, address::Address};

/// The settings of the server.
#[derive(Debug)]
pub struct ServerConfig {
    /// The address to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The address to serve health checks on in plain text, if any.
    pub health_listen: Option<SocketAddr>,
    /// A PEM file with the server's certificate chain, which enables TLS.
    pub tls_certificate: Option<PathBuf>,
    /// A PEM file with the private key.
    pub tls_key: Option<PathBuf>,
    /// A PEM file with the authorities of client certificates.
    pub tls_client_ca: Option<PathBuf>,
    /// Whether other machines may call without authentication if no callers are configured.
    pub insecure_no_auth: bool,
    /// The timeout of calls without a deadline.
    pub call_timeout: Duration,
    /// How long to go on serving after a signal while readiness is NOT_SERVING, for load balancers to notice.
    pub drain_delay: Duration,
    /// How long calls in flight may take to finish after that.
    pub drain_timeout: Duration,
    /// How often an idle connection is pinged.
    pub keepalive_interval: Duration,
    /// How long a ping may stay unanswered.
    pub keepalive_timeout: Duration,
    /// How often to check whether the configuration has changed; zero disables it.
    pub reload_interval: Duration,
    /// The age at which a client is asked to reconnect.
    pub max_connection_age: Duration,
    /// How long the connection's calls may take to finish after that.
    pub max_connection_age_grace: Duration,
    /// The number of serving threads; 0 for one per core.
    pub threads: usize,
    /// How long a new connection may take until its first request has arrived, TLS included.
    pub handshake_timeout: Duration,
    /// The most connections at a time.
    pub max_connections: usize,
    /// The limits of unauthenticated connections.
    pub unauthenticated: Unauthenticated,
    /// The most bytes of a request's metadata.
    pub max_header_bytes: u32,
    /// The most bytes of a request.
    pub max_request_bytes: usize,
    /// The most buffered bytes of all unfinished requests together.
    pub max_buffered_request_bytes: usize,
    /// The most calls in flight on one connection.
    pub max_concurrent_streams: u32,
    /// The most calls in flight in all; more are rejected.
    pub max_in_flight: u32,
}

/// The limits of unauthenticated connections, on which no authenticated call has arrived yet, and of streams on them.
#[derive(Debug, Clone, Copy)]
pub struct Unauthenticated {
    /// The most connections in all.
    pub connections: usize,
    /// The most connections from one address.
    pub connections_per_address: usize,
    /// The most streams in all.
    pub streams: usize,
    /// The most streams from one address.
    pub streams_per_address: usize,
}

impl ServerConfig {
    pub(super) fn read(keys: &mut Keys, problems: &mut Problems) -> Self {
        let seconds = Duration::from_secs;
        let max_request_bytes: usize = keys.or_above_zero("max_request_bytes", 4 << 20, problems);
        let max_buffered_request_bytes =
            keys.or("max_buffered_request_bytes", max_request_bytes.saturating_mul(16), problems);
        if max_buffered_request_bytes < max_request_bytes {
            let text = "must be at least max_request_bytes, or the longest request would always be rejected";
            keys.problem("max_buffered_request_bytes", text, problems);
        }
        Self {
            listen: keys.or("listen", Address(SocketAddr::from(([127, 0, 0, 1], 50051))), problems).0,
            health_listen: keys.address("health_listen", problems),
            tls_certificate: keys.optional("tls_certificate", problems),
            tls_key: keys.optional("tls_key", problems),
            tls_client_ca: keys.optional("tls_client_ca", problems),
            insecure_no_auth: keys.or("insecure_no_auth", false, problems),
            call_timeout: keys.span("call_timeout", seconds(30), problems),
            drain_delay: keys.or("drain_delay", Span(Duration::ZERO), problems).0,
            drain_timeout: keys.span("drain_timeout", seconds(25), problems),
            keepalive_interval: keys.span("keepalive_interval", seconds(45), problems),
            keepalive_timeout: keys.span("keepalive_timeout", seconds(15), problems),
            reload_interval: keys.or("reload_interval", Span(seconds(5)), problems).0,
            max_connection_age: keys.span("max_connection_age", seconds(1800), problems),
            max_connection_age_grace: keys.span("max_connection_age_grace", seconds(300), problems),
            threads: keys.or("threads", 0, problems),
            handshake_timeout: keys.span("handshake_timeout", seconds(10), problems),
            max_connections: keys.or_above_zero("max_connections", 20_000, problems),
            unauthenticated: Unauthenticated {
                connections: keys.or_above_zero("max_unauthenticated_connections", 1000, problems),
                connections_per_address: keys.or_above_zero(
                    "max_unauthenticated_connections_per_address",
                    250,
                    problems,
                ),
                streams: keys.or_above_zero("max_unauthenticated_streams", 1000, problems),
                streams_per_address: keys.or_above_zero("max_unauthenticated_streams_per_address", 100, problems),
            },
            max_header_bytes: keys.or_above_zero("max_header_bytes", 16 << 10, problems),
            max_request_bytes,
            max_buffered_request_bytes,
            max_concurrent_streams: keys.or_above_zero("max_concurrent_streams", 1000, problems),
            max_in_flight: keys.or_above_zero("max_in_flight", 20_000, problems),
        }
    }
}

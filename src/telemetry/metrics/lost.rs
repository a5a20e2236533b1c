//! What is lost outside of calls, counted by cause.

use prometheus_client::{
    metrics::{counter::Counter, family::Family},
    registry::Registry,
};

use super::{Counters, METRICS, add};

#[derive(Debug)]
pub(super) struct Losses {
    connections: Counters<1>,
    requests: Counters<1>,
    spans: Counters<1>,
    log_lines: Counter,
}

impl Losses {
    pub(super) fn new(registry: &mut Registry) -> Self {
        Self {
            connections: add(
                registry,
                "smsmux_connections_failed",
                "Connections that failed in the handshake, or were ended by the server",
                Family::default(),
            ),
            requests: add(
                registry,
                "smsmux_requests_rejected",
                "Requests that could not be decoded, or were too large",
                Family::default(),
            ),
            spans: add(registry, "smsmux_spans_lost", "Spans that did not reach the collector", Family::default()),
            log_lines: add(
                registry,
                "smsmux_log_lines_dropped",
                "Lines of the log that could not be written",
                Counter::default(),
            ),
        }
    }
}

/// The kinds of losses, which are counted by cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// A connection.
    Connection,
    /// A request.
    Request,
    /// A span.
    Span,
}

impl Lost {
    /// Returns the metric's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Connection => "connections_failed",
            Self::Request => "requests_rejected",
            Self::Span => "spans_lost",
        }
    }
}

/// Returns the count of losses for a cause.
pub fn lost(what: Lost, cause: &'static str) -> Counter {
    let family = match what {
        Lost::Connection => &METRICS.lost.connections,
        Lost::Request => &METRICS.lost.requests,
        Lost::Span => &METRICS.lost.spans,
    };
    family.get_or_create_owned(&[("cause", cause.into())])
}

/// Log lines that could not be written.
pub fn log_lines_dropped() -> &'static Counter {
    &METRICS.lost.log_lines
}

//! What is lost outside of calls, counted by cause.

use prometheus_client::metrics::counter::Counter;

use super::METRICS;

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
        Lost::Connection => &METRICS.connections_failed,
        Lost::Request => &METRICS.requests_rejected,
        Lost::Span => &METRICS.spans_lost,
    };
    family.get_or_create_owned(&[("cause", cause.into())])
}

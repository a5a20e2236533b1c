//! Incidents outside of calls, which no response reports: connections that fail, requests that cannot be decoded, spans
//! that are lost. Each is counted by its cause and logged at most once in ten seconds per cause, as clients decide how
//! often they happen and must not fill the log.

use std::{
    fmt::Display,
    sync::{Mutex, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use prometheus_client::metrics::counter::Counter;

use crate::telemetry::metrics;

/// The least time between two log lines of a cause.
const INTERVAL: Duration = Duration::from_secs(10);

/// An incident, by its cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Incident {
    /// The client and the server have no version or cipher of TLS in common.
    TlsIncompatible,
    /// The client's certificate is invalid.
    TlsCertificate,
    /// The client rejects the server's certificate, or ends the handshake by another alert.
    TlsAlert,
    /// The handshake failed in another way.
    TlsOther,
    /// The client speaks plain text on a port of TLS.
    PlainText,
    /// The client speaks HTTP/1.
    Http1,
    /// The client speaks something else.
    NotHttp2,
    /// The client breaks the rules of HTTP/2, or a limit of it.
    Http2,
    /// No complete request arrived in time.
    Timeout,
    /// The connection ended during the handshake.
    Closed,
    /// The limit of connections is reached.
    TurnedAway,
    /// The connection was unauthenticated and evicted in favor of another.
    PushedOut,
    /// The client cancelled too many calls before they were answered.
    Cancellations,
    /// A request message cannot be decoded.
    Undecodable,
    /// A request message is too large.
    TooLarge,
    /// The metadata of a request is too large.
    MetadataTooLarge,
    /// A push came to no webhook: its path has no valid token.
    UnknownWebhook,
    /// A push proves no origin, or a wrong one.
    PushRefused,
    /// A push has none of the vendor's forms.
    PushUnreadable,
    /// A push is too large.
    PushTooLarge,
    /// A push did not arrive in time.
    PushTimeout,
    /// The limit of vendors' connections is reached.
    PushTurnedAway,
    /// The collector did not accept spans.
    ExportFailed,
    /// The queue of spans was full.
    QueueFull,
}

use Incident::*;

/// The incidents, by their discriminants.
static INCIDENTS: [(Incident, Line); 24] = {
    use metrics::Lost::{Connection, Request, Span};
    [
        (
            TlsIncompatible,
            Line::new(Connection, "tls_incompatible", "a TLS handshake failed: no common version or cipher"),
        ),
        (TlsCertificate, Line::new(Connection, "tls_certificate", "a TLS handshake failed: the client's certificate")),
        (TlsAlert, Line::new(Connection, "tls_alert", "a TLS handshake failed: the client ended it")),
        (TlsOther, Line::new(Connection, "tls_other", "a TLS handshake failed")),
        (PlainText, Line::new(Connection, "plain_text", "a client sent plain text to a TLS port")),
        (Http1, Line::new(Connection, "http_1", "a client speaks HTTP/1 instead of HTTP/2")),
        (NotHttp2, Line::new(Connection, "not_http_2", "a client does not speak HTTP/2")),
        (Http2, Line::new(Connection, "http_2_error", "a connection violated HTTP/2 or a limit of it")),
        (Timeout, Line::new(Connection, "timeout", "a connection made no request in server.handshake_timeout")),
        (Closed, Line::new(Connection, "closed", "a connection ended during the handshake")),
        (TurnedAway, Line::new(Connection, "turned_away", "a connection was rejected: server.max_connections")),
        (
            PushedOut,
            Line::new(Connection, "pushed_out", "an unauthenticated connection was evicted in favor of another"),
        ),
        (
            Cancellations,
            Line::new(Connection, "cancellations", "a client cancelled too many calls: its connection is drained"),
        ),
        (Undecodable, Line::new(Request, "undecodable", "a request message could not be decoded")),
        (TooLarge, Line::new(Request, "too_large", "a request message is larger than server.max_request_bytes")),
        (
            MetadataTooLarge,
            Line::new(
                Request,
                "metadata_too_large",
                "the metadata of a request is larger than server.max_header_bytes",
            ),
        ),
        (UnknownWebhook, Line::new(Request, "webhook_unknown", "a push came to a path without a valid token")),
        (PushRefused, Line::new(Request, "push_refused", "a push was rejected: its signature or login is invalid")),
        (PushUnreadable, Line::new(Request, "push_unreadable", "a push cannot be read; an event has it as it came")),
        (PushTooLarge, Line::new(Request, "push_too_large", "a push was rejected: it has more than 256 KiB")),
        (PushTimeout, Line::new(Request, "push_timeout", "a push did not arrive in webhooks.read_timeout")),
        (
            PushTurnedAway,
            Line::new(Connection, "push_turned_away", "a vendor's connection was rejected: webhooks.max_connections"),
        ),
        (ExportFailed, Line::new(Span, "export_failed", "spans were lost: the collector did not accept them")),
        (QueueFull, Line::new(Span, "queue_full", "spans were lost: too many wait for the collector")),
    ]
};

impl Incident {
    /// Counts the incident, and logs it if a line is due. `detail` adds for example the peer or a library's message,
    /// and nothing secret.
    pub fn note(self, detail: impl Display) {
        self.note_many(1, detail);
    }

    /// Counts the incident `count` times, and logs it if a line is due.
    pub fn note_many(self, count: u64, detail: impl Display) {
        let (_, line) = &INCIDENTS[self as usize];
        line.counter.get_or_init(|| metrics::lost(line.what, line.cause)).inc_by(count);
        let unreported = line.rate_limit.lock().unwrap_or_else(PoisonError::into_inner).report(count, Instant::now());
        if let Some(count) = unreported {
            tracing::warn!(cause = line.cause, count, %detail, "{}", line.text);
        }
    }
}

/// The label, the text and the state of an incident.
struct Line {
    what: metrics::Lost,
    cause: &'static str,
    text: &'static str,
    counter: OnceLock<Counter>,
    rate_limit: Mutex<RateLimit>,
}

impl Line {
    const fn new(what: metrics::Lost, cause: &'static str, text: &'static str) -> Self {
        Self {
            what,
            cause,
            text,
            counter: OnceLock::new(),
            rate_limit: Mutex::new(RateLimit { last: None, unreported: 0 }),
        }
    }
}

/// Limits the rate of log lines.
struct RateLimit {
    last: Option<Instant>,
    /// How many incidents there were since the last line.
    unreported: u64,
}

impl RateLimit {
    /// Adds `count` incidents; returns how many to report, if a line is due.
    fn report(&mut self, count: u64, now: Instant) -> Option<u64> {
        self.unreported += count;
        if self.last.is_some_and(|last| now.saturating_duration_since(last) < INTERVAL) {
            return None;
        }
        self.last = Some(now);
        Some(std::mem::take(&mut self.unreported))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_logged_at_once_then_once_per_interval_with_the_count() {
        let (mut rate_limit, start) = (RateLimit { last: None, unreported: 0 }, Instant::now());
        assert_eq!(rate_limit.report(1, start), Some(1));
        for i in 0..1000 {
            assert_eq!(rate_limit.report(1, start + INTERVAL / 1001 * i), None);
        }
        assert_eq!(rate_limit.report(5, start + INTERVAL), Some(1005));
        assert_eq!(rate_limit.report(1, start + INTERVAL), None);
    }

    #[test]
    fn every_incident_is_in_its_place_and_counted_under_a_cause_of_its_own() {
        // Other tests may count at the same time.
        let counted = |cause: &str| {
            let text = metrics::render(metrics::Format::Text).expect("a text");
            let series: Vec<_> = text.lines().filter(|line| line.contains(&format!("{{cause=\"{cause}\"}}"))).collect();
            assert!(series.len() <= 1, "{series:?}");
            series.first().map_or(0, |line| line.rsplit(' ').next().expect("a value").parse().expect("a number"))
        };
        for (i, (incident, line)) in INCIDENTS.iter().enumerate() {
            assert_eq!(*incident as usize, i);
            let before: u64 = counted(line.cause);
            incident.note_many(3, "a test");
            assert!(counted(line.cause) >= before + 3, "{}", line.cause);
        }
    }
    #[test]
    fn the_documentation_lists_every_cause() {
        let page = include_str!("../../docs/operations.md");
        for (_, line) in &INCIDENTS {
            let series = format!("| `smsmux_{}_total` | `cause`: ", line.what.name());
            let row = page.lines().find_map(|line| line.strip_prefix(&series)).expect("a row of the table of metrics");
            assert!(row.contains(&format!("`{}`", line.cause)), "{} in {row}", line.cause);
        }
    }
}

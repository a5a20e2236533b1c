//! What goes wrong at the edges of the process, where no call has an answer that tells of it: connections that fail, requests
//! that cannot be read, spans that are lost. Each is counted by its cause, and the log has a line of it, at most one in ten
//! seconds for each cause: whoever knocks decides how often, and must not fill the log.

use std::{
    fmt::Display,
    sync::{Mutex, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use prometheus_client::metrics::counter::Counter;

use crate::telemetry::metrics;

/// How long a cause is not told again.
const INTERVAL: Duration = Duration::from_secs(10);

/// What went wrong, by its cause.
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
    /// No whole request came in time.
    Timeout,
    /// The connection ended before it began.
    Closed,
    /// There are as many connections as there may be.
    TurnedAway,
    /// The connection made no call of a known caller and had to make room for another.
    PushedOut,
    /// The client cancelled too many calls before they were answered.
    Cancellations,
    /// A request message cannot be decoded.
    Undecodable,
    /// A request message is too large.
    TooLarge,
    /// The metadata of a request are too large.
    MetadataTooLarge,
    /// The collector did not take spans.
    ExportFailed,
    /// The queue of spans was full.
    QueueFull,
}

use Incident::*;

/// By their numbers.
static INCIDENTS: [(Incident, Told); 18] = {
    use metrics::Lost::{Connection, Request, Span};
    [
        (TlsIncompatible, Told::new(Connection, "tls_incompatible", "a TLS handshake failed: nothing in common")),
        (TlsCertificate, Told::new(Connection, "tls_certificate", "a TLS handshake failed: the client's certificate")),
        (TlsAlert, Told::new(Connection, "tls_alert", "a TLS handshake failed: the client ended it")),
        (TlsOther, Told::new(Connection, "tls_other", "a TLS handshake failed")),
        (PlainText, Told::new(Connection, "plain_text", "a client does not speak TLS, which this port does")),
        (Http1, Told::new(Connection, "http_1", "a client speaks HTTP/1, and this port HTTP/2")),
        (NotHttp2, Told::new(Connection, "not_http_2", "a client does not speak HTTP/2")),
        (Http2, Told::new(Connection, "http_2_error", "a connection broke the rules of HTTP/2")),
        (Timeout, Told::new(Connection, "timeout", "a connection made no request in server.handshake_timeout")),
        (Closed, Told::new(Connection, "closed", "a connection ended before it began")),
        (TurnedAway, Told::new(Connection, "turned_away", "a connection was turned away: server.max_connections")),
        (PushedOut, Told::new(Connection, "pushed_out", "a connection without a known caller made room for another")),
        (
            Cancellations,
            Told::new(Connection, "cancellations", "a client cancelled too many calls: its connection is drained"),
        ),
        (Undecodable, Told::new(Request, "undecodable", "a request message could not be decoded")),
        (TooLarge, Told::new(Request, "too_large", "a request message is larger than server.max_request_bytes")),
        (
            MetadataTooLarge,
            Told::new(
                Request,
                "metadata_too_large",
                "the metadata of a request are larger than server.max_header_bytes",
            ),
        ),
        (ExportFailed, Told::new(Span, "export_failed", "spans were lost: the collector did not take them")),
        (QueueFull, Told::new(Span, "queue_full", "spans were lost: too many wait for the collector")),
    ]
};

impl Incident {
    /// Counts it, and logs it if it is time to. `detail` says more, such as who it was or the words of a library; nothing
    /// secret.
    pub fn note(self, detail: impl Display) {
        self.note_many(1, detail);
    }

    /// Counts it so many times, and logs it if it is time to.
    pub fn note_many(self, count: u64, detail: impl Display) {
        let (_, told) = &INCIDENTS[self as usize];
        told.counter.get_or_init(|| metrics::lost(told.what, told.cause)).inc_by(count);
        let unsaid = told.pace.lock().unwrap_or_else(PoisonError::into_inner).tell(count, Instant::now());
        if let Some(count) = unsaid {
            tracing::warn!(cause = told.cause, count, %detail, "{}", told.text);
        }
    }
}

/// What is told of an incident.
struct Told {
    what: metrics::Lost,
    cause: &'static str,
    text: &'static str,
    counter: OnceLock<Counter>,
    pace: Mutex<Pace>,
}

impl Told {
    const fn new(what: metrics::Lost, cause: &'static str, text: &'static str) -> Self {
        Self { what, cause, text, counter: OnceLock::new(), pace: Mutex::new(Pace { last: None, unsaid: 0 }) }
    }
}

/// When a line is due.
struct Pace {
    last: Option<Instant>,
    /// How many have come since the last line.
    unsaid: u64,
}

impl Pace {
    /// Adds so many; gives how many a line is to tell of, if one is due.
    fn tell(&mut self, count: u64, now: Instant) -> Option<u64> {
        self.unsaid += count;
        if self.last.is_some_and(|last| now.saturating_duration_since(last) < INTERVAL) {
            return None;
        }
        self.last = Some(now);
        Some(std::mem::take(&mut self.unsaid))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_told_at_once_then_once_in_an_interval_with_how_many_there_were() {
        let (mut pace, start) = (Pace { last: None, unsaid: 0 }, Instant::now());
        assert_eq!(pace.tell(1, start), Some(1));
        for i in 0..1000 {
            assert_eq!(pace.tell(1, start + INTERVAL / 1001 * i), None);
        }
        assert_eq!(pace.tell(5, start + INTERVAL), Some(1005));
        assert_eq!(pace.tell(1, start + INTERVAL), None);
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
        for (i, (incident, told)) in INCIDENTS.iter().enumerate() {
            assert_eq!(*incident as usize, i);
            let before: u64 = counted(told.cause);
            incident.note_many(3, "a test");
            assert!(counted(told.cause) >= before + 3, "{}", told.cause);
        }
    }
    #[test]
    fn the_documentation_lists_every_cause() {
        let page = include_str!("../../docs/operations.md");
        for (_, told) in &INCIDENTS {
            let series = format!("| `smsmux_{}_total` | `cause`: ", told.what.name());
            let row = page.lines().find_map(|line| line.strip_prefix(&series)).expect("a row of the table of metrics");
            assert!(row.contains(&format!("`{}`", told.cause)), "{} in {row}", told.cause);
        }
    }
}

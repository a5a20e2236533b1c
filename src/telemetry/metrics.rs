//! Metrics of the gateway's calls, and of its requests to vendors.
//!
//! Metrics belong to the process: a reload of the configuration resets none. Handles are kept where the events occur,
//! so that counting needs no lookup and no formatting. Labels are names of methods, accounts and operations, whose
//! number the configuration limits: never an id, a phone number or anything a caller sent.

mod event_metrics;
mod guard;
mod lost;
mod process;
mod road;
mod route;
mod sent;
mod store;
mod vendor;

use std::{
    borrow::Cow,
    sync::{LazyLock, OnceLock, atomic::AtomicU64},
    time::Duration,
};

use prometheus_client::{
    encoding::text,
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::{Metric, Registry},
};

pub use self::event_metrics::{event_delivered, event_watcher, event_webhook_attempt, event_webhooks, events_recorded};
pub use self::guard::{guard_failed_open, guard_refused, guard_unpriced, quiet_hours_refused};
pub use self::lost::{Lost, lost};
pub use self::process::{
    COMMIT, VERSION, certificates_expire, config_in_use, config_rejected, count_in_flight, started,
};
pub use self::road::{Handshake, Protocol, RoadMetrics, forget_idle_limit, idle_limit};
pub use self::route::{AttemptResult, ResendCause, ResendResult, RouteMetrics, route_resent};
pub use self::sent::SentMetrics;
pub use self::store::{store_ages, store_claim, store_commit, store_queue};
pub use self::vendor::{AccountMetrics, VendorOutcome, VendorRequest};
use crate::request::names;

/// The names of the gRPC codes, by their numbers, as in the metrics of the gRPC projects.
#[rustfmt::skip]
const CODES: [&str; 17] = [
    "OK", "Canceled", "Unknown", "InvalidArgument", "DeadlineExceeded", "NotFound", "AlreadyExists", "PermissionDenied",
    "ResourceExhausted", "FailedPrecondition", "Aborted", "OutOfRange", "Unimplemented", "Internal", "Unavailable",
    "DataLoss", "Unauthenticated",
];

/// The buckets in seconds, from a loopback response to the longest wait for a vendor.
const BUCKETS: [f64; 14] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

type Labels<const N: usize> = [(&'static str, Cow<'static, str>); N];
type Counters<const N: usize> = Family<Labels<N>, Counter>;
type Gauges<const N: usize> = Family<Labels<N>, Gauge>;
/// A number of seconds that goes up and down.
pub type Seconds = Gauge<f64, AtomicU64>;
type Histograms<const N: usize> = Family<Labels<N>, Histogram, fn() -> Histogram>;

static METRICS: LazyLock<Metrics> = LazyLock::new(Metrics::new);

struct Metrics {
    registry: Registry,
    started: Counters<3>,
    handled: Counters<4>,
    handling: Histograms<3>,
    vendor_requests: Counters<3>,
    vendor_seconds: Histograms<2>,
    vendor_connections: Gauges<3>,
    vendor_handshakes: Counters<2>,
    vendor_attempts: Counters<2>,
    vendor_waiting: Gauges<1>,
    vendor_idle_limit: Family<Labels<1>, Seconds>,
    sessions_renewed: Counters<1>,
    breaker: Gauges<1>,
    waiting: Gauges<1>,
    shed: Counter,
    log_lines_dropped: Counter,
    connections_failed: Counters<1>,
    requests_rejected: Counters<1>,
    spans_lost: Counters<1>,
    pushes: Counters<2>,
    route_weight: Family<Labels<2>, Seconds>,
    route_attempts: Counters<3>,
    route_exhausted: Counters<1>,
    route_resends: Counters<3>,
    store_claims: Counters<1>,
    store_queue: Gauge,
    store_batch: Histogram,
    store_commit_seconds: Histogram,
    store_unknown: Gauges<1>,
    store_open: Gauges<1>,
    store_purge_lag: Seconds,
    events: event_metrics::Events,
    process: process::Process,
    guard: guard::Guard,
    sent: sent::Sent,
}

impl Metrics {
    fn new() -> Self {
        let mut registry = Registry::default();
        Self {
            started: add(&mut registry, "grpc_server_started", "Calls begun", Family::default()),
            handled: add(&mut registry, "grpc_server_handled", "Calls ended, streams at their end", Family::default()),
            handling: add(&mut registry, "grpc_server_handling_seconds", "How long calls took", histograms()),
            vendor_requests: add(
                &mut registry,
                "smsmux_vendor_requests",
                "HTTP requests to vendors, each retry counted",
                Family::default(),
            ),
            vendor_seconds: add(
                &mut registry,
                "smsmux_vendor_request_seconds",
                "How long HTTP requests to vendors took",
                histograms(),
            ),
            vendor_connections: add(
                &mut registry,
                "smsmux_vendor_connections",
                "Connections to vendors",
                Family::default(),
            ),
            vendor_handshakes: add(
                &mut registry,
                "smsmux_vendor_handshakes",
                "Connections to vendors that were made, or failed",
                Family::default(),
            ),
            vendor_attempts: add(
                &mut registry,
                "smsmux_vendor_attempts",
                "Attempts to send a request on a connection, by whether any byte of it left",
                Family::default(),
            ),
            vendor_waiting: add(
                &mut registry,
                "smsmux_vendor_requests_waiting",
                "Requests that wait for a connection, or a stream of HTTP/2",
                Family::default(),
            ),
            vendor_idle_limit: add(
                &mut registry,
                "smsmux_vendor_idle_limit_seconds",
                "How long a vendor's server keeps an idle connection, as far as it is known; writes use none that is older",
                Family::default(),
            ),
            sessions_renewed: add(
                &mut registry,
                "smsmux_sessions_renewed",
                "Logins renewed because the vendor did not accept the old one",
                Family::default(),
            ),
            breaker: add(
                &mut registry,
                "smsmux_breaker_state",
                "The circuit breaker of an account: 0 closed, 1 half open (a probe is in flight), 2 open (requests are rejected)",
                Family::default(),
            ),
            waiting: add(
                &mut registry,
                "smsmux_calls_waiting",
                "Calls that wait for a permit of their account",
                Family::default(),
            ),
            shed: add(
                &mut registry,
                "smsmux_calls_shed",
                "Calls rejected because too many were in flight",
                Counter::default(),
            ),
            log_lines_dropped: add(
                &mut registry,
                "smsmux_log_lines_dropped",
                "Lines of the log that could not be written",
                Counter::default(),
            ),
            connections_failed: add(
                &mut registry,
                "smsmux_connections_failed",
                "Connections that failed in the handshake, or were ended by the server",
                Family::default(),
            ),
            requests_rejected: add(
                &mut registry,
                "smsmux_requests_rejected",
                "Requests that could not be decoded, or were too large",
                Family::default(),
            ),
            spans_lost: add(
                &mut registry,
                "smsmux_spans_lost",
                "Spans that did not reach the collector",
                Family::default(),
            ),
            pushes: add(
                &mut registry,
                "smsmux_pushes",
                "Pushes of vendors to the webhooks of accounts, by what became of them",
                Family::default(),
            ),
            route_weight: add(
                &mut registry,
                "smsmux_route_weight",
                "What an account of a route gets of its configured share, from 0 to 1",
                Family::default(),
            ),
            route_attempts: add(
                &mut registry,
                "smsmux_route_attempts",
                "Sends of a route to its accounts, by what came of them",
                Family::default(),
            ),
            route_exhausted: add(
                &mut registry,
                "smsmux_route_exhausted",
                "Sends of a route that none of its accounts took",
                Family::default(),
            ),
            route_resends: add(
                &mut registry,
                "smsmux_route_resends",
                "Recipients to whom a message of a route was to be sent again, by why and by what came of it",
                Family::default(),
            ),
            store_claims: add(
                &mut registry,
                "smsmux_store_claims",
                "Calls that asked the store whether they may be sent, by the answer",
                Family::default(),
            ),
            store_queue: add(
                &mut registry,
                "smsmux_store_queue",
                "Operations that wait to be recorded",
                Gauge::default(),
            ),
            store_batch: add(
                &mut registry,
                "smsmux_store_batch",
                "Operations in a commit of the store",
                Histogram::new(store::BATCHES),
            ),
            store_commit_seconds: add(
                &mut registry,
                "smsmux_store_commit_seconds",
                "How long commits of the store took",
                Histogram::new(store::COMMITS),
            ),
            store_unknown: add(&mut registry, "smsmux_store_unknown", "Unknown outcomes, by age", Family::default()),
            store_open: add(&mut registry, "smsmux_store_open", "Messages followed, by age", Family::default()),
            store_purge_lag: add(
                &mut registry,
                "smsmux_store_purge_lag_seconds",
                "How much older than the retention the oldest message is",
                Seconds::default(),
            ),
            events: event_metrics::Events::new(&mut registry),
            process: process::Process::new(&mut registry),
            guard: guard::Guard::new(&mut registry),
            sent: sent::Sent::new(&mut registry),
            // Last, as the metrics above are registered in it.
            registry,
        }
    }
}

fn histograms<const N: usize>() -> Histograms<N> {
    Family::new_with_constructor(|| Histogram::new(BUCKETS))
}

fn add<M: Metric + Clone>(registry: &mut Registry, name: &str, help: &str, metric: M) -> M {
    registry.register(name, help, metric.clone());
    metric
}

/// A text format of metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// The text format of Prometheus.
    Text,
    /// OpenMetrics.
    OpenMetrics,
}

impl Format {
    /// Returns the format that an `Accept` header prefers: OpenMetrics if it is named with no lower weight than plain
    /// text.
    pub fn accepted(accept: &str) -> Self {
        let (mut text, mut open_metrics) = (0.0, 0.0);
        for range in accept.split(',') {
            let mut parts = range.split(';').map(str::trim);
            let media_type = parts.next().unwrap_or_default();
            let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
            let weight = weight.map_or(1.0, |weight| weight.parse().unwrap_or(0.0));
            if media_type.eq_ignore_ascii_case("application/openmetrics-text") {
                open_metrics = f64::max(open_metrics, weight);
            } else if media_type.eq_ignore_ascii_case("text/plain") {
                text = f64::max(text, weight);
            }
        }
        if open_metrics > 0.0 && open_metrics >= text { Self::OpenMetrics } else { Self::Text }
    }

    /// Returns the media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Text => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }
}

/// Renders all metrics in a text format.
///
/// # Errors
/// Formatting failed, which does not happen in practice.
pub fn render(format: Format) -> Result<String, std::fmt::Error> {
    let mut text = String::with_capacity(16 << 10);
    text::encode(&mut text, &METRICS.registry)?;
    Ok(if format == Format::Text { in_text_format(&text) } else { text })
}

/// Converts OpenMetrics to the older format, in which a counter has the name of its samples, with `_total`, and there
/// is no end marker.
fn in_text_format(open_metrics: &str) -> String {
    let mut text = String::with_capacity(open_metrics.len());
    // The older format has the HELP line before the TYPE line.
    let mut help = None;
    for line in open_metrics.lines() {
        if let Some(described) = line.strip_prefix("# HELP ") {
            help = described.split_once(' ');
        } else if let Some((name, kind)) = line.strip_prefix("# TYPE ").and_then(|typed| typed.split_once(' ')) {
            let total = if kind == "counter" { "_total" } else { "" };
            if let Some((_, help)) = help.take() {
                text += &format!("# HELP {name}{total} {help}\n");
            }
            text += &format!("# TYPE {name}{total} {kind}\n");
        } else if !line.starts_with('#') {
            text += line;
            text.push('\n');
        }
    }
    text
}

/// Returns the count of calls that were rejected because too many were in flight.
pub fn calls_shed() -> &'static Counter {
    &METRICS.shed
}

/// Log lines that could not be written.
pub fn log_lines_dropped() -> &'static Counter {
    &METRICS.log_lines_dropped
}

/// Counts a push to the account of this id by what became of it.
pub fn push(account: &str, result: &'static str) {
    METRICS.pushes.get_or_create_owned(&[("account", account.to_owned().into()), ("result", result.into())]).inc();
}

/// Returns the label of an account, the id in its resource name.
fn label(account: &str) -> Labels<1> {
    [("account", names::account_id(account).to_owned().into())]
}

/// Returns the state of an account's circuit breaker: 0 closed, 1 half open, 2 open.
pub fn breaker(account: &str) -> Gauge {
    METRICS.breaker.get_or_create_owned(&label(account))
}

/// Returns the number of calls that wait for a permit of their account.
pub fn waiting(account: &str) -> Gauge {
    METRICS.waiting.get_or_create_owned(&label(account))
}

/// The metrics of one RPC.
#[derive(Debug)]
pub struct Rpc {
    labels: Labels<3>,
    started: Counter,
    handled: [OnceLock<Counter>; CODES.len()],
    handling: Histogram,
}

impl Rpc {
    /// Creates the metrics of the RPC with this path, such as `smsmux.v1.MessageService/SendMessage`, and type, such as
    /// `unary`.
    pub fn new(path: &'static str, kind: &'static str) -> Self {
        let (service, method) = path.split_once('/').unwrap_or((path, path));
        let labels = [("grpc_service", service), ("grpc_method", method), ("grpc_type", kind)]
            .map(|(name, value)| (name, value.into()));
        Self {
            started: METRICS.started.get_or_create_owned(&labels),
            handled: [const { OnceLock::new() }; CODES.len()],
            handling: METRICS.handling.get_or_create_owned(&labels),
            labels,
        }
    }

    /// Counts a call that has begun.
    pub fn started(&self) {
        self.started.inc();
    }

    /// Counts a call that has ended with this gRPC code.
    pub fn handled(&self, code: usize, took: Duration) {
        let code = if code < CODES.len() { code } else { 2 };
        let counter = self.handled[code].get_or_init(|| {
            let [service, method, kind] = self.labels.clone();
            METRICS.handled.get_or_create_owned(&[service, method, kind, ("grpc_code", CODES[code].into())])
        });
        counter.inc();
        self.handling.observe(took.as_secs_f64());
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn an_outcome_has_its_name_and_an_abandoned_request_is_counted() {
        let account = AccountMetrics::new("a-test");
        account.request("POST /sms").ended(VendorOutcome::NotSent);
        drop(account.request("POST /sms"));
        let text = render(Format::OpenMetrics).expect("a text");
        for outcome in ["not_sent", "abandoned"] {
            let line = format!(
                r#"smsmux_vendor_requests_total{{account="a-test",operation="POST /sms",outcome="{outcome}"}} 1"#
            );
            assert!(text.contains(&line), "{text}");
        }
        assert!(text.contains(r#"smsmux_vendor_request_seconds_count{account="a-test",operation="POST /sms"} 2"#));
    }

    #[test]
    fn handles_made_anew_go_on_counting() {
        for _ in 0..2 {
            Rpc::new("a.Test/Reload", "unary").started();
        }
        let line = r#"grpc_server_started_total{grpc_service="a.Test",grpc_method="Reload",grpc_type="unary"} 2"#;
        assert!(render(Format::Text).expect("a text").contains(line));
    }

    #[test]
    fn the_older_format_is_valid() {
        Rpc::new("a.Test/Format", "unary").handled(0, Duration::from_millis(3));
        let text = render(Format::Text).expect("a text");
        for line in [
            "# HELP grpc_server_handled_total Calls ended, streams at their end.",
            "# TYPE grpc_server_handled_total counter",
            "# TYPE grpc_server_handling_seconds histogram",
            "# TYPE smsmux_calls_shed_total counter",
            "# TYPE smsmux_calls_waiting gauge",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} in {text}");
        }
        assert!(!text.contains("EOF") && text.ends_with('\n'), "{text}");
        // Every sample belongs to a type that was declared under its name.
        let types: HashMap<_, _> =
            text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' ')).collect();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let name = line.split(['{', ' ']).next().expect("a name");
            let base = ["_bucket", "_sum", "_count"].iter().find_map(|suffix| name.strip_suffix(suffix));
            let declared = types.get(name).copied().or_else(|| types.get(base?).copied());
            assert!(declared.is_some_and(|kind| (kind == "histogram") != types.contains_key(name)), "{line}");
        }
    }

    #[test]
    fn open_metrics_is_written_if_the_client_accepts_it() {
        for accept in [
            "application/openmetrics-text",
            "application/openmetrics-text; version=1.0.0; charset=utf-8",
            "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
            "text/html, Application/OpenMetrics-Text;q=0.1",
        ] {
            assert_eq!(Format::accepted(accept), Format::OpenMetrics, "{accept}");
        }
        for accept in [
            "",
            "*/*",
            "text/plain",
            "text/plain;version=0.0.4;q=0.9, application/openmetrics-text;q=0.1",
            "application/openmetrics-text;q=0",
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited",
        ] {
            assert_eq!(Format::accepted(accept), Format::Text, "{accept}");
        }
    }
}

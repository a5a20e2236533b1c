//! The metrics of calls.

use std::{sync::OnceLock, time::Duration};

use prometheus_client::{
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};

use super::{Counters, Gauges, Histograms, Labels, METRICS, add, histograms, label};

/// The names of the gRPC codes, by their numbers, as in the metrics of the gRPC projects.
#[rustfmt::skip]
const CODES: [&str; 17] = [
    "OK", "Canceled", "Unknown", "InvalidArgument", "DeadlineExceeded", "NotFound", "AlreadyExists", "PermissionDenied",
    "ResourceExhausted", "FailedPrecondition", "Aborted", "OutOfRange", "Unimplemented", "Internal", "Unavailable",
    "DataLoss", "Unauthenticated",
];

#[derive(Debug)]
pub(super) struct Calls {
    started: Counters<3>,
    handled: Counters<4>,
    handling: Histograms<3>,
    waiting: Gauges<1>,
    shed: Counter,
}

impl Calls {
    pub(super) fn new(registry: &mut Registry) -> Self {
        Self {
            started: add(registry, "grpc_server_started", "Calls begun", Family::default()),
            handled: add(registry, "grpc_server_handled", "Calls ended, streams at their end", Family::default()),
            handling: add(registry, "grpc_server_handling_seconds", "How long calls took", histograms()),
            waiting: add(
                registry,
                "smsmux_calls_waiting",
                "Calls that wait for a permit of their account",
                Family::default(),
            ),
            shed: add(
                registry,
                "smsmux_calls_shed",
                "Calls rejected because too many were in flight",
                Counter::default(),
            ),
        }
    }
}

/// Returns the count of calls that were rejected because too many were in flight.
pub fn calls_shed() -> &'static Counter {
    &METRICS.calls.shed
}

/// Returns the number of calls that wait for a permit of their account.
pub fn waiting(account: &str) -> Gauge {
    METRICS.calls.waiting.get_or_create_owned(&label(account))
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
            started: METRICS.calls.started.get_or_create_owned(&labels),
            handled: [const { OnceLock::new() }; CODES.len()],
            handling: METRICS.calls.handling.get_or_create_owned(&labels),
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
            METRICS.calls.handled.get_or_create_owned(&[service, method, kind, ("grpc_code", CODES[code].into())])
        });
        counter.inc();
        self.handling.observe(took.as_secs_f64());
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::{Format, render},
        *,
    };

    #[test]
    fn handles_made_anew_go_on_counting() {
        for _ in 0..2 {
            Rpc::new("a.Test/Reload", "unary").started();
        }
        let line = r#"grpc_server_started_total{grpc_service="a.Test",grpc_method="Reload",grpc_type="unary"} 2"#;
        assert!(render(Format::Text).expect("a text").contains(line));
    }
}

//! The metrics of what is asked of vendors, and of what they push.

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock, PoisonError, RwLock},
    time::Instant,
};

use prometheus_client::{
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};

use super::{Counters, Gauges, Histograms, METRICS, RoadMetrics, add, histograms, label};

#[derive(Debug)]
pub(super) struct Vendor {
    requests: Counters<3>,
    seconds: Histograms<2>,
    sessions_renewed: Counters<1>,
    breaker: Gauges<1>,
    pushes: Counters<2>,
}

impl Vendor {
    pub(super) fn new(registry: &mut Registry) -> Self {
        Self {
            requests: add(
                registry,
                "smsmux_vendor_requests",
                "HTTP requests to vendors, each retry counted",
                Family::default(),
            ),
            seconds: add(
                registry,
                "smsmux_vendor_request_seconds",
                "How long HTTP requests to vendors took",
                histograms(),
            ),
            sessions_renewed: add(
                registry,
                "smsmux_sessions_renewed",
                "Logins renewed because the vendor did not accept the old one",
                Family::default(),
            ),
            breaker: add(
                registry,
                "smsmux_breaker_state",
                "The circuit breaker of an account: 0 closed, 1 half open (a probe is in flight), 2 open (requests are rejected)",
                Family::default(),
            ),
            pushes: add(
                registry,
                "smsmux_pushes",
                "Pushes of vendors to the webhooks of accounts, by what became of them",
                Family::default(),
            ),
        }
    }
}

/// The outcome of one HTTP request to a vendor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VendorOutcome {
    /// The vendor accepted the request.
    Ok,
    /// The vendor rejected the request.
    Refused,
    /// The vendor asks to slow down.
    Throttled,
    /// The vendor is unavailable.
    Down,
    /// The request was not sent.
    NotSent,
    /// The connection broke before the complete response had arrived.
    Lost,
    /// The request timed out.
    Late,
    /// The response is invalid HTTP or exceeds a limit.
    Unreadable,
    /// The caller stopped waiting for the response.
    Abandoned,
}

/// The names of the outcomes, by their discriminants.
const OUTCOMES: [&str; 9] =
    ["ok", "refused", "throttled", "down", "not_sent", "lost", "late", "unreadable", "abandoned"];

impl VendorOutcome {
    /// Returns the name.
    pub fn name(self) -> &'static str {
        OUTCOMES[self as usize]
    }
}

/// The metrics of one account.
#[derive(Debug)]
pub struct AccountMetrics {
    id: String,
    operations: RwLock<HashMap<&'static str, Arc<Operation>>>,
    /// Those of its connections.
    pub road: Arc<RoadMetrics>,
    /// How often a login was renewed because the vendor did not accept the old one.
    pub sessions_renewed: Counter,
}

#[derive(Debug)]
struct Operation {
    seconds: Histogram,
    outcomes: [OnceLock<Counter>; OUTCOMES.len()],
}

impl AccountMetrics {
    /// Creates the metrics of the account with this name.
    pub fn new(name: &str) -> Self {
        let labels = label(name);
        let sessions_renewed = METRICS.vendor.sessions_renewed.get_or_create_owned(&labels);
        let [(_, id)] = labels;
        Self {
            road: Arc::new(RoadMetrics::new(name)),
            id: id.into_owned(),
            operations: RwLock::default(),
            sessions_renewed,
        }
    }

    /// Returns the account's id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Starts measuring a request of an operation, such as `POST /sms`.
    pub fn request(&self, operation: &'static str) -> VendorRequest<'_> {
        VendorRequest { account: self, operation, begun: Instant::now(), outcome: VendorOutcome::Abandoned }
    }

    fn operation(&self, name: &'static str) -> Arc<Operation> {
        // Each change is one insertion, so a panic leaves a consistent map.
        if let Some(operation) = self.operations.read().unwrap_or_else(PoisonError::into_inner).get(name) {
            return operation.clone();
        }
        let labels = [("account", self.id.clone().into()), ("operation", name.into())];
        let seconds = METRICS.vendor.seconds.get_or_create_owned(&labels);
        let operation = Arc::new(Operation { seconds, outcomes: [const { OnceLock::new() }; OUTCOMES.len()] });
        let mut operations = self.operations.write().unwrap_or_else(PoisonError::into_inner);
        operations.entry(name).or_insert(operation).clone()
    }
}

/// A request in flight, counted on drop.
#[derive(Debug)]
pub struct VendorRequest<'a> {
    account: &'a AccountMetrics,
    operation: &'static str,
    begun: Instant,
    outcome: VendorOutcome,
}

impl VendorRequest<'_> {
    /// Measures from now on, as the request has a connection only now.
    pub fn restart(&mut self) {
        self.begun = Instant::now();
    }

    /// Sets the outcome.
    pub fn ended(mut self, outcome: VendorOutcome) {
        self.outcome = outcome;
    }
}

impl Drop for VendorRequest<'_> {
    fn drop(&mut self) {
        let operation = self.account.operation(self.operation);
        operation.seconds.observe(self.begun.elapsed().as_secs_f64());
        let outcome = self.outcome as usize;
        let counter = operation.outcomes[outcome].get_or_init(|| {
            METRICS.vendor.requests.get_or_create_owned(&[
                ("account", self.account.id.clone().into()),
                ("operation", self.operation.into()),
                ("outcome", self.outcome.name().into()),
            ])
        });
        counter.inc();
    }
}

/// Returns the state of an account's circuit breaker: 0 closed, 1 half open, 2 open.
pub fn breaker(account: &str) -> Gauge {
    METRICS.vendor.breaker.get_or_create_owned(&label(account))
}

/// Counts a push to the account of this id by what became of it.
pub fn push(account: &str, result: &'static str) {
    METRICS
        .vendor
        .pushes
        .get_or_create_owned(&[("account", account.to_owned().into()), ("result", result.into())])
        .inc();
}

#[cfg(test)]
mod tests {
    use super::{
        super::{Format, render},
        *,
    };

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
}

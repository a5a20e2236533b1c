//! The metrics: a file for each thing that is measured, with the names that Prometheus sees.
//!
//! Metrics belong to the process: a reload of the configuration resets none. Handles are kept where the events occur,
//! so that counting needs no lookup and no formatting. Labels are names of methods, accounts and operations, whose
//! number the configuration limits: never an id, a phone number or anything a caller sent.

mod calls;
mod event_metrics;
mod guard;
mod lost;
mod process;
mod render;
mod road;
mod route;
mod sent;
mod store;
mod vendor;

use std::{
    borrow::Cow,
    sync::{LazyLock, atomic::AtomicU64},
};

use prometheus_client::{
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::{Metric, Registry},
};

pub use self::calls::{Rpc, calls_shed, waiting};
pub use self::event_metrics::{event_delivered, event_watcher, event_webhook_attempt, event_webhooks, events_recorded};
pub use self::guard::{guard_failed_open, guard_refused, guard_unpriced, quiet_hours_refused};
pub use self::lost::{Lost, log_lines_dropped, lost};
pub use self::process::{
    COMMIT, VERSION, certificates_expire, config_in_use, config_rejected, count_in_flight, started,
};
pub use self::render::{Format, render};
pub use self::road::{Handshake, Protocol, RoadMetrics, forget_idle_limit, idle_limit};
pub use self::route::{AttemptResult, ResendCause, ResendResult, RouteMetrics, route_resent};
pub use self::sent::SentMetrics;
pub use self::store::{store_ages, store_claim, store_commit, store_queue};
pub use self::vendor::{AccountMetrics, VendorOutcome, VendorRequest, breaker, push};
use crate::request::names;

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
    calls: calls::Calls,
    vendor: vendor::Vendor,
    road: road::Road,
    lost: lost::Losses,
    route: route::Routes,
    store: store::Store,
    events: event_metrics::Events,
    process: process::Process,
    guard: guard::Guard,
    sent: sent::Sent,
}

impl Metrics {
    fn new() -> Self {
        let mut registry = Registry::default();
        Self {
            calls: calls::Calls::new(&mut registry),
            vendor: vendor::Vendor::new(&mut registry),
            road: road::Road::new(&mut registry),
            lost: lost::Losses::new(&mut registry),
            route: route::Routes::new(&mut registry),
            store: store::Store::new(&mut registry),
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

/// Returns the label of an account, the id in its resource name.
fn label(account: &str) -> Labels<1> {
    [("account", names::account_id(account).to_owned().into())]
}

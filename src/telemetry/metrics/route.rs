//! The metrics of routes.

use std::sync::OnceLock;

use prometheus_client::metrics::counter::Counter;

use super::{METRICS, Seconds};
use crate::error::Error;

/// What came of a send to an account of a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptResult {
    /// The vendor accepted the message.
    Accepted,
    /// Nothing was sent.
    NotSent,
    /// The vendor rejected the message.
    Refused,
    /// The vendor may have sent the message.
    Unknown,
}

/// The names of the results, by their discriminants.
const RESULTS: [&str; 4] = ["accepted", "not_sent", "refused", "unknown"];

impl AttemptResult {
    /// Returns the result of a failed send.
    pub fn of(error: &Error) -> Self {
        match (error.was_not_sent(), error.was_refused()) {
            (true, _) => Self::NotSent,
            (_, true) => Self::Refused,
            _ => Self::Unknown,
        }
    }
}

/// The metrics of one route.
#[derive(Debug)]
pub struct RouteMetrics {
    route: String,
    accounts: Vec<Account>,
    exhausted: OnceLock<Counter>,
}

#[derive(Debug)]
struct Account {
    id: String,
    weight: Seconds,
    attempts: [OnceLock<Counter>; RESULTS.len()],
}

impl RouteMetrics {
    /// Creates the metrics of the route with this id over these accounts.
    pub fn new(route: &str, accounts: &[String]) -> Self {
        let account = |id: &String| {
            let labels = [("route", route.to_owned().into()), ("account", id.clone().into())];
            let weight = METRICS.route_weight.get_or_create_owned(&labels);
            weight.set(1.0);
            Account { id: id.clone(), weight, attempts: [const { OnceLock::new() }; RESULTS.len()] }
        };
        let accounts = accounts.iter().map(account).collect();
        Self { route: route.to_owned(), accounts, exhausted: OnceLock::new() }
    }

    /// Sets what an account gets of its share.
    pub fn weight(&self, account: usize, weight: f64) {
        if let Some(account) = self.accounts.get(account) {
            account.weight.set(weight);
        }
    }

    /// Counts a send to an account.
    pub fn attempted(&self, account: usize, result: AttemptResult) {
        let Some(Account { id, attempts, .. }) = self.accounts.get(account) else { return };
        let counter = attempts[result as usize].get_or_init(|| {
            METRICS.route_attempts.get_or_create_owned(&[
                ("route", self.route.clone().into()),
                ("account", id.clone().into()),
                ("outcome", RESULTS[result as usize].into()),
            ])
        });
        counter.inc();
    }

    /// Counts a send that no account took.
    pub fn exhausted(&self) {
        let counter = self
            .exhausted
            .get_or_init(|| METRICS.route_exhausted.get_or_create_owned(&[("route", self.route.clone().into())]));
        counter.inc();
    }
}

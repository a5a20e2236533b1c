//! The metrics of routes.

use std::sync::OnceLock;

use prometheus_client::{
    metrics::{counter::Counter, family::Family},
    registry::Registry,
};

use super::{Counters, Labels, METRICS, Seconds, add};
use crate::{api::pb::DeliveryState, error::Error};

#[derive(Debug)]
pub(super) struct Routes {
    weight: Family<Labels<2>, Seconds>,
    attempts: Counters<3>,
    exhausted: Counters<1>,
    resends: Counters<3>,
}

impl Routes {
    pub(super) fn new(registry: &mut Registry) -> Self {
        Self {
            weight: add(
                registry,
                "smsmux_route_weight",
                "What an account of a route gets of its configured share, from 0 to 1",
                Family::default(),
            ),
            attempts: add(
                registry,
                "smsmux_route_attempts",
                "Sends of a route to its accounts, by what came of them",
                Family::default(),
            ),
            exhausted: add(
                registry,
                "smsmux_route_exhausted",
                "Sends of a route that none of its accounts took",
                Family::default(),
            ),
            resends: add(
                registry,
                "smsmux_route_resends",
                "Recipients to whom a message of a route was to be sent again, by why and by what came of it",
                Family::default(),
            ),
        }
    }
}

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

/// Why a message was sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResendCause {
    /// The account reported that the message was not delivered.
    Undeliverable,
    /// The account reported that the message was rejected.
    Rejected,
    /// The account reported that the message had expired.
    Expired,
    /// The account reported nothing in time.
    NoReport,
}

impl ResendCause {
    /// Returns the cause that a reported state is.
    pub fn of(state: DeliveryState) -> Self {
        match state {
            DeliveryState::Rejected => Self::Rejected,
            DeliveryState::Expired => Self::Expired,
            _ => Self::Undeliverable,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Undeliverable => "undeliverable",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
            Self::NoReport => "no_report",
        }
    }
}

/// What came of sending a message again to a recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResendResult {
    /// Another account took the message.
    Accepted,
    /// No other account took the message.
    NotAccepted,
    /// Another account may have sent the message.
    Unknown,
    /// The recipient opted out, or the spend guard refused it.
    Refused,
    /// It was too late.
    Late,
}

impl ResendResult {
    fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::NotAccepted => "not_accepted",
            Self::Unknown => "unknown",
            Self::Refused => "refused",
            Self::Late => "late",
        }
    }
}

/// Counts a recipient to whom the message of a route was to be sent again.
pub fn route_resent(route: &str, cause: ResendCause, result: ResendResult) {
    let labels =
        [("route", route.to_owned().into()), ("cause", cause.name().into()), ("outcome", result.name().into())];
    METRICS.route.resends.get_or_create_owned(&labels).inc();
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
            let weight = METRICS.route.weight.get_or_create_owned(&labels);
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
            METRICS.route.attempts.get_or_create_owned(&[
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
            .get_or_init(|| METRICS.route.exhausted.get_or_create_owned(&[("route", self.route.clone().into())]));
        counter.inc();
    }
}

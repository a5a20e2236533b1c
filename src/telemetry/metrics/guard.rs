//! The metrics of the spend guard.

use prometheus_client::{
    metrics::{counter::Counter, family::Family},
    registry::Registry,
};

use super::{Counters, METRICS, add};

#[derive(Debug)]
pub(super) struct Guard {
    refused: Counters<3>,
    failed_open: Counter,
}

impl Guard {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let refused = "Recipients that a rule of the spend guard refuses";
        let failed_open = "Sends that the spend guard judged without knowing what was counted before";
        Self {
            refused: add(registry, "smsmux_guard_refused", refused, Family::default()),
            failed_open: add(registry, "smsmux_guard_failed_open", failed_open, Counter::default()),
        }
    }
}

/// Counts recipients that a rule refuses, or would refuse if it were enforced.
pub fn guard_refused(account: &str, rule: &'static str, mode: &'static str, recipients: u64) {
    let labels = [("account", account.to_owned().into()), ("rule", rule.into()), ("mode", mode.into())];
    METRICS.guard.refused.get_or_create_owned(&labels).inc_by(recipients);
}

/// Counts a send that was judged without knowing what was counted before.
pub fn guard_failed_open() {
    METRICS.guard.failed_open.inc();
}

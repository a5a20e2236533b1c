//! The metrics of the spend guard and of quiet hours.

use prometheus_client::{
    metrics::{counter::Counter, family::Family},
    registry::Registry,
};

use super::{Counters, METRICS, add};

#[derive(Debug)]
pub(super) struct Guard {
    refused: Counters<3>,
    failed_open: Counter,
    unpriced: Counters<1>,
    quiet: Counters<2>,
}

impl Guard {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let refused = "Recipients that a rule of the spend guard refuses";
        let failed_open = "Sends that the spend guard judged without knowing what was counted before";
        let unpriced = "Recipients that a budget of money does not count, as no price is known";
        let quiet = "Recipients of marketing whom quiet hours refuse";
        Self {
            refused: add(registry, "smsmux_guard_refused", refused, Family::default()),
            failed_open: add(registry, "smsmux_guard_failed_open", failed_open, Counter::default()),
            unpriced: add(registry, "smsmux_guard_unpriced", unpriced, Family::default()),
            quiet: add(registry, "smsmux_quiet_hours_refused", quiet, Family::default()),
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

/// Counts recipients that a budget of money does not count.
pub fn guard_unpriced(account: &str, recipients: u64) {
    METRICS.guard.unpriced.get_or_create_owned(&[("account", account.to_owned().into())]).inc_by(recipients);
}

/// Counts recipients of marketing whom quiet hours refuse, or would refuse if they were enforced.
pub fn quiet_hours_refused(account: &str, mode: &'static str, recipients: u64) {
    let labels = [("account", account.to_owned().into()), ("mode", mode.into())];
    METRICS.guard.quiet.get_or_create_owned(&labels).inc_by(recipients);
}

//! What becomes of an attempt: the error that a failure is for the caller, what it says about the vendor to the circuit
//! breaker, and its words in logs and metrics.

use std::time::Duration;

use http::StatusCode;

use crate::{
    error::{Error, Outcome, Reason},
    telemetry::metrics::VendorOutcome,
    vendors::kit::{Effect, Reply, Request, pool::Broken, refusals::gave_up_waiting},
};

/// Why an attempt has no answer that a vendor can interpret.
pub(super) enum Failure {
    /// The request could not be built: not the vendor's fault.
    Invalid(&'static str),
    /// Nothing was sent.
    NotSent(&'static str),
    /// The request was sent, or may have been, and the connection is gone; the status, if it arrived.
    Lost(&'static str, Option<StatusCode>),
    /// The request was sent, or may have been, and timed out: the vendor may still be processing it.
    TimedOut(&'static str),
    /// 429.
    Throttled(Reply, Option<Duration>),
    /// 5xx, and other statuses of a server that gave up.
    Down(Reply),
    /// A status that is neither 2xx nor documented by the vendor.
    Unexpected(Reply),
    /// The answer violates HTTP or the size limit.
    Unreadable(&'static str, StatusCode),
}

impl From<Broken> for Failure {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Invalid => Self::Invalid("the request could not be built"),
            Broken::NotSent(what) | Broken::Again(what) => Self::NotSent(what),
            Broken::Lost => Self::Lost("the connection broke before the answer", None),
        }
    }
}

impl Failure {
    pub(super) fn explain(self, request: &Request) -> Error {
        let operation = request.operation();
        let error = match (self, request.effect()) {
            (Self::NotSent(what) | Self::Invalid(what), _) => {
                Error::new(Reason::VendorUnavailable, format!("the vendor cannot be reached: {what}; nothing was sent"))
                    .outcome(Outcome::NotSent)
            }
            (Self::Throttled(reply, after), _) => {
                Error::new(Reason::RateLimited, "the vendor is rate limiting this account; nothing was accepted")
                    .outcome(Outcome::Refused)
                    .retry_after(after)
                    .http_status(reply.status().as_u16())
                    .vendor_message(&reply.excerpt())
            }
            (Self::Lost(what, _) | Self::TimedOut(what), Effect::Read) => {
                Error::new(Reason::VendorUnavailable, format!("no answer from the vendor: {what}"))
            }
            (Self::Lost(what, status), Effect::Write) => match status {
                Some(status) => lost(what).http_status(status.as_u16()),
                None => lost(what),
            },
            (Self::TimedOut(what), Effect::Write) => lost(what).may_still_complete(),
            (Self::Down(reply), effect) => {
                let (gave_up, status) = (gave_up_waiting(reply.status()), reply.status().as_u16());
                match effect {
                    Effect::Read => Error::new(Reason::VendorUnavailable, format!("the vendor answered HTTP {status}")),
                    Effect::Write => {
                        let error = lost(&format!("the vendor answered HTTP {status}"));
                        if gave_up { error.may_still_complete() } else { error }
                    }
                }
                .http_status(status)
                .vendor_message(&reply.excerpt())
            }
            (Self::Unexpected(reply), _) => reply.unexpected(),
            (Self::Unreadable(what, status), effect) => unreadable(effect, what).http_status(status.as_u16()),
        };
        error.operation(operation)
    }
}

/// The error for a write whose answer was lost.
fn lost(what: &str) -> Error {
    Error::new(Reason::OutcomeUnknown, format!("{what}: whether the vendor acted is not known"))
        .outcome(Outcome::Unknown)
}

/// The error while the breaker is open.
pub(super) fn breaker_open(request: &Request, wait: Duration) -> Error {
    let text = "circuit breaker open after repeated vendor failures; nothing was sent";
    let error = Error::new(Reason::VendorUnavailable, text).outcome(Outcome::NotSent);
    error.retry_after(Some(wait)).operation(request.operation())
}

/// Returns whether an attempt shows that the vendor is up (true) or down (false). A timeout counts only for an attempt
/// that `had_whole_timeout`, which the last attempt of a call may not have. A caller's deadline does not end an attempt
/// of a write, and drops that of a read, which never gets here.
pub(super) fn breaker_signal(result: &Result<Reply, Failure>, had_whole_timeout: bool) -> Option<bool> {
    match result {
        Ok(_) | Err(Failure::Throttled(..) | Failure::Unexpected(_) | Failure::Unreadable(..)) => Some(true),
        Err(Failure::NotSent(_) | Failure::Lost(..) | Failure::Down(_)) => Some(false),
        Err(Failure::TimedOut(_)) => had_whole_timeout.then_some(false),
        Err(Failure::Invalid(_)) => None,
    }
}

/// Whether the vendor provably did nothing.
pub(super) fn was_refused(result: &Result<Reply, Failure>) -> bool {
    match result {
        Ok(reply) => reply.status() == StatusCode::UNAUTHORIZED,
        Err(failure) => matches!(failure, Failure::Invalid(_) | Failure::NotSent(_) | Failure::Throttled(..)),
    }
}

/// The error for an answer that cannot be read.
pub(in crate::vendors::kit) fn unreadable(effect: Effect, what: &str) -> Error {
    match effect {
        Effect::Read => Error::new(Reason::VendorReplyUnreadable, format!("the vendor's answer is unreadable: {what}")),
        Effect::Write => Error::new(
            Reason::OutcomeUnknown,
            format!("the vendor's answer is unreadable: {what}; whether it acted is not known"),
        )
        .outcome(Outcome::Unknown),
    }
}

/// The error for a status that has no meaning at the vendor.
pub(in crate::vendors::kit) fn unreadable_status(effect: Effect, status: StatusCode) -> Error {
    unreadable(effect, &format!("HTTP {} has no meaning at this vendor", status.as_u16()))
}

/// The outcome as a metrics label.
pub(super) fn outcome(result: &Result<Reply, Failure>) -> VendorOutcome {
    match result {
        Ok(reply) if reply.status().is_success() => VendorOutcome::Ok,
        Ok(_) => VendorOutcome::Refused,
        Err(Failure::Invalid(_) | Failure::NotSent(_)) => VendorOutcome::NotSent,
        Err(Failure::Lost(..)) => VendorOutcome::Lost,
        Err(Failure::TimedOut(_)) => VendorOutcome::Late,
        Err(Failure::Throttled(..)) => VendorOutcome::Throttled,
        Err(Failure::Down(_)) => VendorOutcome::Down,
        Err(Failure::Unexpected(_) | Failure::Unreadable(..)) => VendorOutcome::Unreadable,
    }
}

pub(super) fn log(request: &Request, result: &Result<Reply, Failure>, took: Duration) {
    let (what, status) = summary(result);
    let status = status.map_or(0, |status| status.as_u16());
    tracing::debug!(operation = request.operation(), status, ms = took.as_millis() as u64, "{what}");
}

/// A short description, and the HTTP status, if one arrived.
pub(super) fn summary(result: &Result<Reply, Failure>) -> (&'static str, Option<StatusCode>) {
    match result {
        Ok(reply) => ("answered", Some(reply.status())),
        Err(Failure::Down(reply) | Failure::Unexpected(reply) | Failure::Throttled(reply, _)) => {
            ("answered", Some(reply.status()))
        }
        Err(Failure::Invalid(what) | Failure::NotSent(what) | Failure::TimedOut(what)) => (*what, None),
        Err(Failure::Lost(what, status)) => (*what, *status),
        Err(Failure::Unreadable(what, status)) => (*what, Some(*status)),
    }
}

//! What a failed call says: why, whether anything was sent, and what to do next.

use std::{collections::HashMap, error::Error, fmt::Write as _, time::Duration};

use serde_json::{Value, json};
use tonic::{Code, ConnectError, Status};
use tonic_types::{FieldViolation, StatusExt as _};

/// The reasons that say that this call changed nothing, and may be repeated.
const NOTHING_ACCEPTED: &[&str] = &[
    "VENDOR_UNAVAILABLE",
    "OVERLOADED",
    "RATE_LIMITED",
    "STORE_UNAVAILABLE",
    "SERVER_DRAINING",
    "REQUEST_IN_PROGRESS",
];

/// The reasons that other sends through the same account fail for too.
const CONCERNS_ALL: &[&str] = &[
    "ACCOUNT_NOT_FOUND",
    "ACCOUNT_CREDENTIAL_REFUSED",
    "ACCOUNT_NOT_GRANTED",
    "CALLER_NOT_AUTHENTICATED",
    "NO_CREDIT",
    "SCOPE_MISSING",
    "UNSUPPORTED",
];

/// What became of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    NotSent,
    Refused,
    Unknown,
}

impl Outcome {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::NotSent => "NOT_SENT",
            Self::Refused => "REFUSED",
            Self::Unknown => "UNKNOWN",
        }
    }
}

/// Why a call failed.
#[derive(Debug, Clone)]
pub(crate) struct CallError {
    /// A value of `ErrorReason` without its prefix; empty if smsmux did not answer.
    pub(super) reason: String,
    /// Absent for a read.
    pub(super) outcome: Option<Outcome>,
    pub(super) message: String,
    /// The idempotency key of the call, if it had one.
    pub(super) key: Option<String>,
    code: Code,
    resource: String,
    retry_after: Option<Duration>,
    violations: Vec<FieldViolation>,
    request_id: String,
    links: Vec<String>,
    details: HashMap<String, String>,
    is_lost: bool,
    never_left: bool,
}

impl CallError {
    /// Reads a status. `is_write` says whether the call changes anything.
    pub(super) fn new(status: &Status, is_write: bool, key: Option<&str>) -> Self {
        let info = status.get_details_error_info().filter(|info| info.domain == smsmux::error::DOMAIN);
        let (reason, mut details) = info.map(|info| (info.reason, info.metadata)).unwrap_or_default();
        let causes = causes(status);
        let never_left = reason.is_empty() && causes.iter().any(|cause| cause.is::<ConnectError>());
        let outcome = match details.remove("outcome").as_deref() {
            Some("NOT_SENT") => Outcome::NotSent,
            Some("REFUSED") => Outcome::Refused,
            _ if never_left => Outcome::NotSent,
            _ => Outcome::Unknown,
        };
        let is_lost = reason.is_empty() && (!causes.is_empty() || status.code() == Code::Unavailable);
        let message = match causes.last().filter(|_| is_lost) {
            Some(cause) if never_left => cause.to_string(),
            Some(cause) => format!("the connection was lost: {cause}"),
            None => status.message().to_owned(),
        };
        Self {
            outcome: is_write.then_some(outcome),
            message,
            key: key.map(str::to_owned),
            code: status.code(),
            resource: details.remove("resource").unwrap_or_default(),
            retry_after: status.get_details_retry_info().and_then(|info| info.retry_delay),
            violations: status.get_details_bad_request().map(|bad| bad.field_violations).unwrap_or_default(),
            request_id: status
                .metadata()
                .get("x-request-id")
                .and_then(|id| id.to_str().ok())
                .unwrap_or_default()
                .to_owned(),
            links: status
                .get_details_help()
                .map(|help| help.links.into_iter().map(|link| link.url).collect())
                .unwrap_or_default(),
            reason,
            details,
            is_lost,
            never_left,
        }
    }

    /// Whether a repeated call cannot do anything twice. Without a key, a write may have been done.
    pub(super) fn may_repeat(&self) -> bool {
        match self.reason.as_str() {
            "" => self.is_lost && (self.never_left || self.outcome.is_none() || self.key.is_some()),
            reason => NOTHING_ACCEPTED.contains(&reason),
        }
    }

    /// Whether the server was never reached.
    pub(super) fn is_unreachable(&self) -> bool {
        self.never_left
    }

    /// Whether smsmux did not answer.
    pub(super) fn is_lost(&self) -> bool {
        self.is_lost
    }

    /// Whether other sends through the same account would fail for the same reason.
    pub(super) fn concerns_all(&self) -> bool {
        self.is_lost || CONCERNS_ALL.contains(&self.reason.as_str())
    }

    /// Returns how long to wait after an attempt, from 1.
    pub(super) fn pause(&self, attempt: u32) -> Duration {
        let backoff = Duration::from_millis(500 << (attempt - 1).min(3));
        self.retry_after.unwrap_or_else(|| backoff.mul_f64(0.8 + 0.4 * fastrand::f64()))
    }

    /// Returns the reason, or the code of gRPC where there is none.
    pub(super) fn title(&self) -> String {
        match self.reason.as_str() {
            "" if self.never_left => String::new(),
            "" => format!("{:?}: ", self.code),
            reason => format!("{reason}: "),
        }
    }

    /// Whether the failed call is one of this service.
    fn is_of(&self, service: &str) -> bool {
        self.details.get("method").is_some_and(|method| method.starts_with(&format!("smsmux.v1.{service}/")))
    }

    /// Returns what to do next.
    fn advice(&self) -> String {
        let repeat = match (self.retry_after, &self.key) {
            (Some(after), _) => format!("repeat it after {after:?}"),
            (None, _) => "repeat it later".to_owned(),
        };
        match self.reason.as_str() {
            _ if self.outcome == Some(Outcome::Unknown) => self.unknown(),
            "" if self.never_left => "start the server, or set its address with --address, SMSMUX_ADDRESS or --profile".to_owned(),
            "" => repeat,
            reason if NOTHING_ACCEPTED.contains(&reason) => repeat,
            "INVALID_REQUEST" => "correct what is named above, and repeat".to_owned(),
            "VENDOR_REFUSED" => "correct what the vendor rejects, and repeat".to_owned(),
            "ACCOUNT_NOT_FOUND" => "smsmux accounts lists the accounts".to_owned(),
            "RESOURCE_NOT_FOUND" if self.is_of("EventService") => {
                "smsmux events subscriptions lists the subscriptions".to_owned()
            }
            "RESOURCE_NOT_FOUND" => "smsmux messages list lists the messages".to_owned(),
            "SUBSCRIPTION_TAKEN" => {
                "a newer reader has the subscription; use another --subscription to get every event here too".to_owned()
            }
            "CALLER_NOT_AUTHENTICATED" => {
                "set the API key with --key-file, SMSMUX_KEY or --profile; the operator makes one with smsmux key new NAME".to_owned()
            }
            "SCOPE_MISSING" | "ACCOUNT_NOT_GRANTED" => {
                "ask the operator of the server to extend [callers.*] of its configuration, or use another key".to_owned()
            }
            "ACCOUNT_CREDENTIAL_REFUSED" => "the operator of the server has to correct the account's credential".to_owned(),
            "NO_CREDIT" => "buy credit at the vendor; smsmux accounts ACCOUNT shows what is left".to_owned(),
            "IDEMPOTENCY_KEY_REUSED" => "use another --idempotency-key, or none".to_owned(),
            "EVENTS_EXPIRED" => {
                let oldest = self.details.get("oldest_resume_token").map(String::as_str).unwrap_or_default();
                format!("events were missed; go on with what is kept: --resume-token {oldest}")
            }
            "EVENTS_RESET" => "events may have been missed; begin again with --from TIME".to_owned(),
            _ => String::new(),
        }
    }

    fn unknown(&self) -> String {
        let look = match self.resource.as_str() {
            "" => "smsmux messages list".to_owned(),
            resource => format!("smsmux messages get {resource}"),
        };
        match &self.key {
            Some(key) => format!(
                "do not send it again without its key: look it up with {look}, or repeat the command with --idempotency-key {key}"
            ),
            None => format!("do not send it again before you have looked it up: {look}"),
        }
    }

    /// Returns the exit code.
    pub(in crate::cli) fn exit_code(&self) -> u8 {
        if self.outcome == Some(Outcome::Unknown) { 4 } else { 1 }
    }

    /// Returns the error for a script.
    pub(in crate::cli) fn json(&self) -> Value {
        let violations: Vec<_> =
            self.violations.iter().map(|v| json!({ "field": v.field, "description": v.description })).collect();
        json!({
            "reason": self.reason,
            "code": format!("{:?}", self.code),
            "outcome": self.outcome.map(Outcome::as_str),
            "message": self.message,
            "resource": self.resource,
            "violations": violations,
            "retryAfterSeconds": self.retry_after.map(|after| after.as_secs_f64()),
            "requestId": self.request_id,
            "links": self.links,
            "next": self.advice(),
        })
    }

    /// Returns the error for people.
    pub(in crate::cli) fn text(&self) -> String {
        let mut text = format!("{}{}", self.title(), self.message);
        let mut line = |name: &str, value: &str| {
            let _ = if value.is_empty() { Ok(()) } else { write!(text, "\n  {name}: {value}") };
        };
        line(
            "sent",
            match self.outcome {
                None => "",
                Some(Outcome::NotSent) => "no, nothing reached the vendor",
                Some(Outcome::Refused) => "no, the vendor rejected it",
                Some(Outcome::Unknown) => "it is unknown whether it was sent",
            },
        );
        line("next", &self.advice());
        self.links.iter().for_each(|link| line("more", link));
        line("request id", &self.request_id);
        text
    }
}

/// Returns the causes of a status that is not from the server, the deepest one last.
fn causes(status: &Status) -> Vec<&(dyn Error + 'static)> {
    let (mut causes, mut next) = (Vec::new(), status.source());
    while let Some(cause) = next {
        causes.push(cause);
        next = cause.source();
    }
    causes
}

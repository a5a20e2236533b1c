use std::{fmt, time::Duration};

use tonic::{Code, Status};
use tonic_types::{FieldViolation, StatusExt as _};

/// The reasons that say that this call changed nothing: it may be repeated.
const NOTHING_ACCEPTED: &[&str] = &[
    "VENDOR_UNAVAILABLE",
    "OVERLOADED",
    "RATE_LIMITED",
    "STORE_UNAVAILABLE",
    "SERVER_DRAINING",
    "REQUEST_IN_PROGRESS",
];

/// What a failed call says: `?` and `Error::from` make one of the `Status` that a call returns.
#[derive(Debug, Clone)]
pub struct Error {
    /// A value of `ErrorReason` without its prefix: decide by it. Empty if smsmux did not answer.
    pub reason: String,
    /// `NOT_SENT`, `REFUSED` or `UNKNOWN`: what became of a write.
    pub outcome: String,
    /// The name to look the outcome up by. Empty if there is none.
    pub resource: String,
    /// How long to wait before the call is repeated, where smsmux says so.
    pub retry_after: Option<Duration>,
    /// The fields that break a rule of the API.
    pub violations: Vec<FieldViolation>,
    /// The id of the call in smsmux's log. Empty if smsmux did not answer.
    pub request_id: String,
    /// The status of gRPC: its code, and its text for people.
    pub status: Status,
}

impl From<Status> for Error {
    fn from(status: Status) -> Self {
        let info = status.get_details_error_info().filter(|info| info.domain == "smsmux");
        let id = status.metadata().get("x-request-id").and_then(|id| id.to_str().ok());
        let (reason, mut metadata) = info.map(|info| (info.reason, info.metadata)).unwrap_or_default();
        Self {
            reason,
            outcome: metadata.remove("outcome").unwrap_or_else(|| "UNKNOWN".to_owned()),
            resource: metadata.remove("resource").unwrap_or_default(),
            retry_after: status.get_details_retry_info().and_then(|info| info.retry_delay),
            violations: status.get_details_bad_request().map(|bad| bad.field_violations).unwrap_or_default(),
            request_id: id.unwrap_or_default().to_owned(),
            status,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.reason.as_str() {
            "" => write!(f, "{}: {}", self.status.code(), self.status.message()),
            reason => write!(f, "{reason}: {}", self.status.message()),
        }
    }
}

impl std::error::Error for Error {}

impl Error {
    /// Whether a call with an idempotency key may be repeated: nothing was accepted, or the connection was lost.
    pub(crate) fn may_repeat(&self) -> bool {
        match self.reason.as_str() {
            "" => self.status.code() == Code::Unavailable,
            reason => NOTHING_ACCEPTED.contains(&reason),
        }
    }

    /// How long to wait after an attempt, from 1.
    pub(crate) fn pause(&self, attempt: u32) -> Duration {
        let backoff = Duration::from_millis(500 << (attempt - 1).min(3)).min(Duration::from_secs(4));
        // As even as what makes the keys.
        let jitter = uuid::Uuid::new_v4().as_u128() % 40;
        self.retry_after.unwrap_or(backoff * (80 + jitter as u32) / 100)
    }
}

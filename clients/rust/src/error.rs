use std::{error::Error as StdError, fmt, time::Duration};

use tonic::{Code, Status};
use tonic_types::{FieldViolation, StatusExt as _};

/// What a failed call says. `?` and `Error::from` make one of a `Status` of tonic's too.
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
        // tonic has several codes for a lost connection, and a source for each.
        let status = match status.source() {
            Some(cause) => Status::unavailable(format!("the connection was lost: {cause:?}")),
            None => status,
        };
        let info = status.get_details_error_info().filter(|info| info.domain == "smsmux");
        let (reason, mut metadata) = info.map(|info| (info.reason, info.metadata)).unwrap_or_default();
        let id = status.metadata().get("x-request-id").and_then(|id| id.to_str().ok());
        Self {
            reason,
            outcome: metadata.remove("outcome").unwrap_or_else(|| "UNKNOWN".into()),
            resource: metadata.remove("resource").unwrap_or_default(),
            retry_after: status.get_details_retry_info().and_then(|info| info.retry_delay),
            violations: status.get_details_bad_request().map(|bad| bad.field_violations).unwrap_or_default(),
            request_id: id.unwrap_or_default().into(),
            status,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = if self.reason.is_empty() { self.status.code().description() } else { &self.reason };
        write!(f, "{name}: {}", self.status.message())
    }
}

impl StdError for Error {}

impl Error {
    /// Whether a call with an idempotency key may be repeated: nothing was accepted, or the connection was lost.
    pub(crate) fn may_repeat(&self) -> bool {
        self.status.code() == Code::Unavailable || ["RATE_LIMITED", "REQUEST_IN_PROGRESS"].contains(&&*self.reason)
    }
}

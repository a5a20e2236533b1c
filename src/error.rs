//! What can go wrong, told truthfully: one type, and the only conversion to a gRPC status.
//!
//! Errors go one way up: vendor answer > [`Error`] > [`tonic::Status`]. The door renders the status once, where account and
//! method are known.

use std::{collections::HashMap, fmt, time::Duration};

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

pub use crate::api::pb::ErrorReason as Reason;
use crate::api::pb::codec::TOO_MANY_MESSAGES;

/// The `domain` of every `google.rpc.ErrorInfo`.
pub const DOMAIN: &str = "smsmux";

/// Vendor text is cut here: statuses travel in headers, and many clients refuse more than 8 KiB of those.
const VENDOR_TEXT_LIMIT: usize = 1024;

/// So are the violations listed, each of a few dozen bytes; their number is still told.
const VIOLATION_LIMIT: usize = 50;

/// What tonic says of a call without a request message.
const NO_MESSAGE: &str = "Missing request message.";

/// What became of a request that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing reached the vendor.
    NotSent,
    /// The vendor said no.
    Refused,
    /// The vendor may have acted.
    Unknown,
}

impl Outcome {
    fn as_str(self) -> &'static str {
        match self {
            Self::NotSent => "NOT_SENT",
            Self::Refused => "REFUSED",
            Self::Unknown => "UNKNOWN",
        }
    }
}

/// One fault of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The path of the field, for example `recipients[0]`.
    pub field: String,
    /// What is wrong and what would be right; never the value itself, which may be a phone number.
    pub description: String,
}

/// Why a call failed.
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Debug, Clone)]
struct Inner {
    reason: Reason,
    outcome: Option<Outcome>,
    deadline_exceeded: bool,
    may_still_complete: bool,
    recipient_only: bool,
    message: String,
    violations: Vec<Violation>,
    operation: Option<&'static str>,
    http_status: Option<u16>,
    vendor_code: Option<String>,
    vendor_message: Option<String>,
    retry_after: Option<Duration>,
    resource: Option<String>,
}

/// Where an error happened: the account's name, its vendor, and the RPC.
#[derive(Debug, Clone, Copy)]
pub struct ErrorSite<'a> {
    /// The account's resource name, for example `accounts/acme`.
    pub account: &'a str,
    /// The vendor's name in the configuration; empty when the account is not known.
    pub vendor: &'a str,
    /// The RPC, for example `smsmux.v1.MessageService/SendMessage`.
    pub method: &'a str,
    /// The resource that the call concerned, as far as it is known.
    pub resource: Option<&'a str>,
}

impl Error {
    /// An error for `reason`. `message` says what happened and what to do, lower-case and without a full stop, free of
    /// secrets and phone numbers.
    pub fn new(reason: Reason, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            reason,
            outcome: None,
            deadline_exceeded: false,
            may_still_complete: false,
            recipient_only: false,
            message: message.into(),
            violations: Vec::new(),
            operation: None,
            http_status: None,
            vendor_code: None,
            vendor_message: None,
            retry_after: None,
            resource: None,
        }))
    }

    /// The request breaks these rules; nothing was sent.
    pub fn invalid(violations: Vec<Violation>) -> Self {
        let mut message = String::from("invalid request: ");
        for (i, violation) in violations.iter().take(3).enumerate() {
            let separator = if i == 0 { "" } else { "; " };
            message.push_str(&format!("{separator}{}: {}", violation.field, violation.description));
        }
        if violations.len() > 3 {
            message.push_str(&format!("; and {} more", violations.len() - 3));
        }
        let mut error = Self::new(Reason::InvalidRequest, message).outcome(Outcome::NotSent);
        error.0.violations = violations;
        error
    }

    /// One field breaks a rule; nothing was sent.
    pub fn invalid_field(field: impl Into<String>, description: impl Into<String>) -> Self {
        Self::invalid(vec![Violation { field: field.into(), description: description.into() }])
    }

    /// A fault of our own.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(Reason::Internal, message)
    }

    /// Sets what became of the request.
    #[must_use]
    pub fn outcome(mut self, outcome: Outcome) -> Self {
        self.0.outcome = Some(outcome);
        self
    }

    /// Says that it was the caller's time that ran out: the code becomes DEADLINE_EXCEEDED.
    #[must_use]
    pub fn deadline_exceeded(mut self) -> Self {
        self.0.deadline_exceeded = true;
        self
    }

    /// Whether a write goes on after the caller's time has run out.
    pub fn goes_on(&self) -> bool {
        self.0.deadline_exceeded
    }

    /// Says that the vendor may still be at work on the request: that it does not know of it now proves nothing.
    #[must_use]
    pub fn may_still_complete(mut self) -> Self {
        self.0.may_still_complete = true;
        self
    }

    /// Whether the vendor may still be at work on the request.
    pub fn can_still_complete(&self) -> bool {
        self.0.may_still_complete
    }

    /// Says that it is about the recipient of a send and nobody else, whatever the reason usually means.
    #[must_use]
    pub fn recipient_only(mut self) -> Self {
        self.0.recipient_only = true;
        self
    }

    /// Whether it is about the recipient of a send alone: others may still get their message.
    pub fn is_recipient_only(&self) -> bool {
        self.0.recipient_only || matches!(self.0.reason, Reason::VendorRefused | Reason::ResourceNotFound)
    }

    /// Names the vendor's HTTP operation, for example `POST /sms`.
    #[must_use]
    pub fn operation(mut self, operation: &'static str) -> Self {
        self.0.operation = Some(operation);
        self
    }

    /// Adds the HTTP status that the vendor answered with.
    #[must_use]
    pub fn http_status(mut self, status: u16) -> Self {
        self.0.http_status = Some(status);
        self
    }

    /// Adds the vendor's own code, untouched.
    #[must_use]
    pub fn vendor_code(mut self, code: impl Into<String>) -> Self {
        self.0.vendor_code = Some(code.into());
        self
    }

    /// Adds the vendor's own words, cut at 1 KiB.
    #[must_use]
    pub fn vendor_message(mut self, message: &str) -> Self {
        let message = cut(message.trim());
        self.0.vendor_message = (!message.is_empty()).then(|| message.to_owned());
        self
    }

    /// Adds how long to wait before the same is tried again.
    #[must_use]
    pub fn retry_after(mut self, after: Option<Duration>) -> Self {
        self.0.retry_after = after;
        self
    }

    /// Names the resource by which the outcome can be looked up.
    #[must_use]
    pub fn resource(mut self, name: impl Into<String>) -> Self {
        self.0.resource = Some(name.into());
        self
    }

    /// The same error for another reason, for a vendor that knows better.
    #[must_use]
    pub fn with_reason(mut self, reason: Reason, message: impl Into<String>) -> Self {
        self.0.reason = reason;
        self.0.message = message.into();
        self
    }

    /// Whether nothing reached the vendor, for sure.
    pub fn was_not_sent(&self) -> bool {
        self.0.outcome == Some(Outcome::NotSent)
    }

    /// Whether the vendor refused, for sure.
    pub fn was_refused(&self) -> bool {
        self.0.outcome == Some(Outcome::Refused)
    }

    /// Why.
    pub fn reason(&self) -> Reason {
        self.0.reason
    }

    /// How long to wait before the same is tried again, where that is known.
    pub fn retry_delay(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Whether the same may work later without anybody's doing; what will not has to be told.
    pub fn is_transient(&self) -> bool {
        matches!(self.0.reason, Reason::VendorUnavailable | Reason::RateLimited | Reason::VendorReplyUnreadable)
    }

    /// The HTTP status that the vendor answered with, if it answered.
    pub fn status(&self) -> Option<u16> {
        self.0.http_status
    }

    /// The vendor's code and its words; our own, where it has none.
    pub fn explanation(&self) -> (&str, &str) {
        let code = self.0.vendor_code.as_deref().unwrap_or_default();
        (code, self.0.vendor_message.as_deref().unwrap_or(&self.0.message))
    }

    /// The gRPC code.
    pub fn code(&self) -> Code {
        if self.0.deadline_exceeded {
            return Code::DeadlineExceeded;
        }
        match self.0.reason {
            Reason::InvalidRequest | Reason::VendorRefused => Code::InvalidArgument,
            Reason::AccountNotFound | Reason::ResourceNotFound => Code::NotFound,
            Reason::CallerCredentialRefused | Reason::CallerNotAuthenticated => Code::Unauthenticated,
            Reason::AccountCredentialRefused | Reason::StateConflict => Code::FailedPrecondition,
            Reason::CallerCredentialNotAllowed
            | Reason::VendorDenied
            | Reason::ScopeMissing
            | Reason::AccountNotGranted => Code::PermissionDenied,
            Reason::ResourceExists => Code::AlreadyExists,
            Reason::RateLimited | Reason::NoCredit => Code::ResourceExhausted,
            Reason::VendorUnavailable | Reason::ServerDraining | Reason::Overloaded => Code::Unavailable,
            Reason::OutcomeUnknown => Code::Unknown,
            Reason::Unsupported => Code::Unimplemented,
            Reason::DeadlineExceeded => Code::DeadlineExceeded,
            Reason::VendorReplyUnreadable | Reason::Internal | Reason::Unspecified => Code::Internal,
        }
    }

    /// The status that leaves the server: the code, the message and the `google.rpc` details.
    pub fn to_status(&self, site: ErrorSite<'_>) -> Status {
        let inner = &*self.0;
        let mut metadata = HashMap::new();
        let mut tell = |key: &str, value: Option<String>| {
            if let Some(value) = value.filter(|v| !v.is_empty()) {
                metadata.insert(key.to_owned(), value);
            }
        };
        tell("method", Some(site.method.to_owned()));
        tell("account", Some(site.account.to_owned()));
        tell("vendor", Some(site.vendor.to_owned()));
        tell("operation", inner.operation.map(str::to_owned));
        tell("http_status", inner.http_status.map(|s| s.to_string()));
        tell("vendor_code", inner.vendor_code.clone());
        tell("vendor_message", inner.vendor_message.clone());
        // A fate that is not known can be looked up by it.
        let unknown = if inner.reason == Reason::OutcomeUnknown { site.resource } else { None };
        tell("resource", inner.resource.clone().or_else(|| unknown.map(str::to_owned)));
        tell("outcome", inner.outcome.map(|o| o.as_str().to_owned()));

        let mut details = ErrorDetails::new();
        details.set_error_info(self.reason_text(), DOMAIN, metadata);
        for violation in inner.violations.iter().take(VIOLATION_LIMIT) {
            details.add_bad_request_violation(&violation.field, &violation.description);
        }
        if let Some(after) = inner.retry_after {
            details.set_retry_info(Some(after));
        }
        if inner.reason == Reason::NoCredit {
            details.add_quota_failure_violation(site.account, "the vendor account has no credit left");
        }
        Status::with_error_details(self.code(), inner.message.as_str(), details)
    }

    /// Completes a status of tonic's own, for what never reached a service, with the details that every error has. Metadata,
    /// such as the encodings that are read here, stays.
    pub fn complete(status: &Status) -> Status {
        let (code, reason) = match status.code() {
            // Codes as in gRPC's doc/statuscodes.md, which tonic does not follow in these two.
            Code::OutOfRange => (Code::ResourceExhausted, Reason::InvalidRequest),
            Code::Internal if status.message() == NO_MESSAGE => (Code::Unimplemented, Reason::InvalidRequest),
            Code::Unimplemented if status.message() == TOO_MANY_MESSAGES => {
                (Code::Unimplemented, Reason::InvalidRequest)
            }
            Code::Unimplemented => (Code::Unimplemented, Reason::Unsupported),
            Code::NotFound => (Code::NotFound, Reason::ResourceNotFound),
            Code::DeadlineExceeded => (Code::DeadlineExceeded, Reason::DeadlineExceeded),
            // What is wrong with the way that a request is framed, or its size.
            code @ (Code::InvalidArgument | Code::Internal | Code::ResourceExhausted) => (code, Reason::InvalidRequest),
            code => (code, Reason::Internal),
        };
        let nowhere = ErrorSite { account: "", vendor: "", method: "", resource: None };
        let message = if status.message().is_empty() { "there is no such service or method" } else { status.message() };
        let details = Self::new(reason, message).outcome(Outcome::NotSent).to_status(nowhere).get_error_details();
        Status::with_error_details_and_metadata(code, message, details, status.metadata().clone())
    }

    /// What is wrong with the request, where that is why.
    pub fn violations(&self) -> &[Violation] {
        &self.0.violations
    }

    /// `OUTCOME_UNKNOWN` and its like: the enum value without its prefix.
    pub fn reason_text(&self) -> &'static str {
        let name = self.0.reason.as_str_name();
        name.strip_prefix("ERROR_REASON_").unwrap_or(name)
    }
}

fn cut(text: &str) -> &str {
    let mut end = text.len().min(VENDOR_TEXT_LIMIT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.reason_text(), self.0.message)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: ErrorSite<'_> =
        ErrorSite { account: "accounts/acme", vendor: "smsend", method: "smsmux.v1.X/Y", resource: None };

    #[test]
    fn every_reason_has_its_code() {
        for (reason, code) in [
            (Reason::InvalidRequest, Code::InvalidArgument),
            (Reason::VendorRefused, Code::InvalidArgument),
            (Reason::AccountNotFound, Code::NotFound),
            (Reason::ResourceNotFound, Code::NotFound),
            (Reason::CallerCredentialRefused, Code::Unauthenticated),
            (Reason::AccountCredentialRefused, Code::FailedPrecondition),
            (Reason::CallerCredentialNotAllowed, Code::PermissionDenied),
            (Reason::VendorDenied, Code::PermissionDenied),
            (Reason::ResourceExists, Code::AlreadyExists),
            (Reason::StateConflict, Code::FailedPrecondition),
            (Reason::RateLimited, Code::ResourceExhausted),
            (Reason::NoCredit, Code::ResourceExhausted),
            (Reason::VendorUnavailable, Code::Unavailable),
            (Reason::ServerDraining, Code::Unavailable),
            (Reason::OutcomeUnknown, Code::Unknown),
            (Reason::VendorReplyUnreadable, Code::Internal),
            (Reason::Unsupported, Code::Unimplemented),
            (Reason::DeadlineExceeded, Code::DeadlineExceeded),
            (Reason::Internal, Code::Internal),
        ] {
            assert_eq!(Error::new(reason, "x").code(), code, "{reason:?}");
        }
        assert_eq!(Error::new(Reason::OutcomeUnknown, "x").deadline_exceeded().code(), Code::DeadlineExceeded);
    }

    #[test]
    fn details_carry_reason_domain_and_metadata() {
        let error = Error::new(Reason::RateLimited, "slow down")
            .operation("POST /sms")
            .http_status(429)
            .vendor_code("17")
            .vendor_message("  too many  ")
            .retry_after(Some(Duration::from_secs(7)))
            .outcome(Outcome::Refused);
        let details = error.to_status(PLACE).get_error_details();
        let info = details.error_info().expect("an ErrorInfo");
        assert_eq!((info.reason.as_str(), info.domain.as_str()), ("RATE_LIMITED", "smsmux"));
        for (key, value) in [
            ("account", "accounts/acme"),
            ("vendor", "smsend"),
            ("method", "smsmux.v1.X/Y"),
            ("operation", "POST /sms"),
            ("http_status", "429"),
            ("vendor_code", "17"),
            ("vendor_message", "too many"),
            ("outcome", "REFUSED"),
        ] {
            assert_eq!(info.metadata.get(key).map(String::as_str), Some(value), "{key}");
        }
        assert_eq!(details.retry_info().and_then(|r| r.retry_delay), Some(Duration::from_secs(7)));
    }

    #[test]
    fn a_long_vendor_text_is_cut_at_a_character_and_many_violations_stay_small() {
        let error = Error::new(Reason::VendorRefused, "no").vendor_message(&"é".repeat(100_000));
        let text =
            error.to_status(PLACE).get_error_details().error_info().expect("an ErrorInfo").metadata["vendor_message"]
                .clone();
        assert_eq!((text.len(), text.chars().all(|c| c == 'é')), (1024, true));

        let violation = |i| Violation { field: format!("recipients[{i}]"), description: "not E.164".into() };
        let status = Error::invalid((0..10_000).map(violation).collect()).to_status(PLACE);
        assert!(status.details().len() < 6_000, "{}", status.details().len());
        assert!(status.message().ends_with("and 9997 more"), "{}", status.message());
    }
}

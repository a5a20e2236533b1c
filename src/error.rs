//! The error type, and its only conversion to a gRPC status.
//!
//! Errors are converted in one direction: vendor response > [`Error`] > [`tonic::Status`]. The server builds the status
//! once, where account and method are known.

use std::{collections::HashMap, fmt, time::Duration};

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

pub use crate::api::pb::ErrorReason as Reason;
use crate::api::pb::codec::TOO_MANY_MESSAGES;

/// The `domain` of every `google.rpc.ErrorInfo`.
pub const DOMAIN: &str = "smsmux";

/// The folder of the error catalogue, which has a page for each reason.
const CATALOGUE: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs/errors");

/// The most bytes of vendor text: statuses are sent in headers, and many clients reject more than 8 KiB of those.
const VENDOR_TEXT_LIMIT: usize = 1024;

/// The most violations listed, each of a few dozen bytes; the number of all of them is still reported.
const VIOLATION_LIMIT: usize = 50;

/// tonic's error for a call without a request message.
const NO_MESSAGE: &str = "Missing request message.";

/// The outcome of a failed request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing reached the vendor.
    NotSent,
    /// The vendor rejected the request.
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

/// One violation of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The path of the field, for example `recipients[0]`.
    pub field: String,
    /// The problem and what is expected; never the value itself, which may be a phone number.
    pub description: String,
}

/// The error of a failed call.
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Debug, Clone)]
struct Inner {
    reason: Reason,
    outcome: Option<Outcome>,
    deadline_exceeded: bool,
    may_still_complete: bool,
    recipient_only: bool,
    accounts_fault: bool,
    message: String,
    violations: Vec<Violation>,
    operation: Option<&'static str>,
    http_status: Option<u16>,
    vendor_code: Option<String>,
    vendor_message: Option<String>,
    retry_after: Option<Duration>,
    resource: Option<String>,
    details: Vec<(&'static str, String)>,
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
    /// The resource of the call, if known.
    pub resource: Option<&'a str>,
}

impl Error {
    /// Creates an error for `reason`. `message` states what happened and what to do, in lowercase, without a full stop,
    /// secrets and phone numbers.
    pub fn new(reason: Reason, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            reason,
            outcome: None,
            deadline_exceeded: false,
            may_still_complete: false,
            recipient_only: false,
            accounts_fault: false,
            message: message.into(),
            violations: Vec::new(),
            operation: None,
            http_status: None,
            vendor_code: None,
            vendor_message: None,
            retry_after: None,
            resource: None,
            details: Vec::new(),
        }))
    }

    /// Creates the error of a request with these violations; nothing was sent.
    pub fn invalid(violations: Vec<Violation>) -> Self {
        let mut error = Self::new(Reason::InvalidRequest, listed(&violations)).outcome(Outcome::NotSent);
        error.0.violations = violations;
        error
    }

    /// Creates the error of a request with one violation; nothing was sent.
    pub fn invalid_field(field: impl Into<String>, description: impl Into<String>) -> Self {
        Self::invalid(vec![Violation { field: field.into(), description: description.into() }])
    }

    /// Renames the fields of the violations.
    #[must_use]
    pub fn rename_fields(mut self, rename: impl Fn(&mut String)) -> Self {
        if !self.0.violations.is_empty() {
            self.0.violations.iter_mut().for_each(|violation| rename(&mut violation.field));
            self.0.message = listed(&self.0.violations);
        }
        self
    }

    /// Creates the error of a fault in smsmux itself.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(Reason::Internal, message)
    }

    /// Sets the outcome of the request.
    #[must_use]
    pub fn outcome(mut self, outcome: Outcome) -> Self {
        self.0.outcome = Some(outcome);
        self
    }

    /// Marks that the caller's deadline passed: the code becomes DEADLINE_EXCEEDED.
    #[must_use]
    pub fn deadline_exceeded(mut self) -> Self {
        self.0.deadline_exceeded = true;
        self
    }

    /// Whether a write goes on after the caller's deadline.
    pub fn goes_on(&self) -> bool {
        self.0.deadline_exceeded
    }

    /// Marks that the vendor may still be processing the request, so that a lookup which does not find it proves
    /// nothing.
    #[must_use]
    pub fn may_still_complete(mut self) -> Self {
        self.0.may_still_complete = true;
        self
    }

    /// Whether the vendor may still be processing the request.
    pub fn can_still_complete(&self) -> bool {
        self.0.may_still_complete
    }

    /// Marks that the error concerns only the recipient of a send, whatever the reason usually means.
    #[must_use]
    pub fn recipient_only(mut self) -> Self {
        self.0.recipient_only = true;
        self
    }

    /// Whether the error concerns only the recipient of a send: others may still get their message.
    pub fn is_recipient_only(&self) -> bool {
        self.0.recipient_only || matches!(self.0.reason, Reason::VendorRefused | Reason::ResourceNotFound)
    }

    /// Marks that the account is at fault, not the recipient or the text: another account may be able to send the same.
    #[must_use]
    pub fn accounts_fault(mut self) -> Self {
        self.0.accounts_fault = true;
        self
    }

    /// Whether the vendor rejected the request because of the account, whatever the reason usually means.
    pub fn is_accounts_fault(&self) -> bool {
        self.0.accounts_fault
    }

    /// Adds the vendor's HTTP operation, for example `POST /sms`.
    #[must_use]
    pub fn operation(mut self, operation: &'static str) -> Self {
        self.0.operation = Some(operation);
        self
    }

    /// Adds the HTTP status of the vendor's response.
    #[must_use]
    pub fn http_status(mut self, status: u16) -> Self {
        self.0.http_status = Some(status);
        self
    }

    /// Adds the vendor's own code, unchanged.
    #[must_use]
    pub fn vendor_code(mut self, code: impl Into<String>) -> Self {
        self.0.vendor_code = Some(code.into());
        self
    }

    /// Adds the vendor's own message, truncated to 1 KiB.
    #[must_use]
    pub fn vendor_message(mut self, message: &str) -> Self {
        let message = cut(message.trim());
        self.0.vendor_message = (!message.is_empty()).then(|| message.to_owned());
        self
    }

    /// Adds how long to wait before a retry.
    #[must_use]
    pub fn retry_after(mut self, after: Option<Duration>) -> Self {
        self.0.retry_after = after;
        self
    }

    /// Returns how long to wait before a retry, if that is known.
    pub fn retry_wait(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Adds the resource by which the outcome can be looked up.
    #[must_use]
    pub fn resource(mut self, name: impl Into<String>) -> Self {
        self.0.resource = Some(name.into());
        self
    }

    /// Adds an entry to the metadata of the error.
    #[must_use]
    pub fn detail(mut self, key: &'static str, value: impl Into<String>) -> Self {
        self.0.details.push((key, value.into()));
        self
    }

    /// Replaces the reason, for vendors that know a more specific one.
    #[must_use]
    pub fn with_reason(mut self, reason: Reason, message: impl Into<String>) -> Self {
        self.0.reason = reason;
        self.0.message = message.into();
        self
    }

    /// Whether provably nothing reached the vendor.
    pub fn was_not_sent(&self) -> bool {
        self.0.outcome == Some(Outcome::NotSent)
    }

    /// Whether the vendor provably rejected the request.
    pub fn was_refused(&self) -> bool {
        self.0.outcome == Some(Outcome::Refused)
    }

    /// Why.
    pub fn reason(&self) -> Reason {
        self.0.reason
    }

    /// Returns how long to wait before a retry, if known.
    pub fn retry_delay(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Whether a later retry may succeed without intervention.
    pub fn is_transient(&self) -> bool {
        matches!(self.0.reason, Reason::VendorUnavailable | Reason::RateLimited | Reason::VendorReplyUnreadable)
    }

    /// Returns the HTTP status of the vendor's response, if there was one.
    pub fn status(&self) -> Option<u16> {
        self.0.http_status
    }

    /// Returns smsmux's own message.
    pub fn text(&self) -> &str {
        &self.0.message
    }

    /// Returns the vendor's own message, if there is one.
    pub fn vendor_text(&self) -> Option<&str> {
        self.0.vendor_message.as_deref()
    }

    /// Returns the vendor's code and message, or smsmux's own if there are none.
    pub fn explanation(&self) -> (&str, &str) {
        let code = self.0.vendor_code.as_deref().unwrap_or_default();
        (code, self.0.vendor_message.as_deref().unwrap_or(&self.0.message))
    }

    /// Returns the gRPC code.
    pub fn code(&self) -> Code {
        if self.0.deadline_exceeded {
            return Code::DeadlineExceeded;
        }
        match self.0.reason {
            Reason::InvalidRequest | Reason::VendorRefused | Reason::IdempotencyKeyReused => Code::InvalidArgument,
            Reason::RequestInProgress | Reason::SubscriptionTaken => Code::Aborted,
            Reason::EventsExpired => Code::OutOfRange,
            Reason::EventsReset => Code::DataLoss,
            Reason::AccountNotFound | Reason::ResourceNotFound => Code::NotFound,
            Reason::CallerCredentialRefused | Reason::CallerNotAuthenticated => Code::Unauthenticated,
            Reason::AccountCredentialRefused
            | Reason::StateConflict
            | Reason::RouteRefused
            | Reason::RecipientOptedOut
            | Reason::QuietHours => Code::FailedPrecondition,
            Reason::CallerCredentialNotAllowed
            | Reason::VendorDenied
            | Reason::ScopeMissing
            | Reason::AccountNotGranted => Code::PermissionDenied,
            Reason::ResourceExists => Code::AlreadyExists,
            Reason::RateLimited | Reason::NoCredit | Reason::SpendGuard => Code::ResourceExhausted,
            Reason::VendorUnavailable | Reason::ServerDraining | Reason::Overloaded | Reason::StoreUnavailable => {
                Code::Unavailable
            }
            Reason::OutcomeUnknown => Code::Unknown,
            Reason::Unsupported => Code::Unimplemented,
            Reason::DeadlineExceeded => Code::DeadlineExceeded,
            Reason::VendorReplyUnreadable | Reason::Internal | Reason::Unspecified => Code::Internal,
        }
    }

    /// Builds the status that the server sends: the code, the message and the `google.rpc` details.
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
        // An unknown outcome can be looked up by the resource.
        let unknown = if inner.reason == Reason::OutcomeUnknown { site.resource } else { None };
        tell("resource", inner.resource.clone().or_else(|| unknown.map(str::to_owned)));
        tell("outcome", inner.outcome.map(|o| o.as_str().to_owned()));
        for (key, value) in &inner.details {
            tell(key, Some(value.clone()));
        }

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
        details.add_help_link("what it means and what to do", format!("{CATALOGUE}/{}.md", self.reason_text()));
        Status::with_error_details(self.code(), inner.message.as_str(), details)
    }

    /// Adds the details that every error has to a status of tonic's own. Keeps its metadata, such as the accepted
    /// encodings.
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
            // Errors in the framing or the size of a request.
            code @ (Code::InvalidArgument | Code::Internal | Code::ResourceExhausted) => (code, Reason::InvalidRequest),
            code => (code, Reason::Internal),
        };
        let nowhere = ErrorSite { account: "", vendor: "", method: "", resource: None };
        let message = if status.message().is_empty() { "unknown service or method" } else { status.message() };
        let details = Self::new(reason, message).outcome(Outcome::NotSent).to_status(nowhere).get_error_details();
        Status::with_error_details_and_metadata(code, message, details, status.metadata().clone())
    }

    /// Returns the violations of an invalid request.
    pub fn violations(&self) -> &[Violation] {
        &self.0.violations
    }

    /// Returns the enum value without its prefix, such as `OUTCOME_UNKNOWN`.
    pub fn reason_text(&self) -> &'static str {
        let name = self.0.reason.as_str_name();
        name.strip_prefix("ERROR_REASON_").unwrap_or(name)
    }
}

/// Returns the message of an invalid request.
fn listed(violations: &[Violation]) -> String {
    let mut message = String::from("invalid request: ");
    for (i, violation) in violations.iter().take(3).enumerate() {
        let separator = if i == 0 { "" } else { "; " };
        message.push_str(&format!("{separator}{}: {}", violation.field, violation.description));
    }
    if violations.len() > 3 {
        message.push_str(&format!("; and {} more", violations.len() - 3));
    }
    message
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
            (Reason::StoreUnavailable, Code::Unavailable),
            (Reason::OutcomeUnknown, Code::Unknown),
            (Reason::VendorReplyUnreadable, Code::Internal),
            (Reason::EventsExpired, Code::OutOfRange),
            (Reason::EventsReset, Code::DataLoss),
            (Reason::SubscriptionTaken, Code::Aborted),
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
    fn every_error_links_to_the_page_of_its_reason() {
        let ours = (1..).map_while(|number| Reason::try_from(number).ok());
        let mut statuses: Vec<_> = ours.map(|reason| Error::new(reason, "x").to_status(PLACE)).collect();
        // Those of tonic too.
        statuses.extend(
            [Code::Internal, Code::Unimplemented, Code::NotFound, Code::Unavailable, Code::OutOfRange]
                .map(|code| Error::complete(&Status::new(code, "x"))),
        );
        for status in statuses {
            let details = status.get_error_details();
            let reason = &details.error_info().expect("an ErrorInfo").reason;
            let links: Vec<_> = details.help().expect("a Help").links.iter().map(|link| link.url.as_str()).collect();
            assert_eq!(links, [format!("https://github.com/smsmux/smsmux/blob/main/docs/errors/{reason}.md")]);
            let page = format!("{}/docs/errors/{reason}.md", env!("CARGO_MANIFEST_DIR"));
            let page = std::fs::read_to_string(&page).unwrap_or_else(|e| panic!("{page}: {e}: run make reference"));
            assert!(page.starts_with(&format!("# {reason}\n")), "{page}");
        }
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

//! The error type: why a call failed, and whether anything was sent.
//!
//! Errors are converted in one direction: vendor response > [`Error`] > [`tonic::Status`].

mod status;
#[cfg(test)]
mod tests;

use std::{fmt, time::Duration};

pub use self::status::{DOMAIN, ErrorSite};
pub use crate::api::pb::ErrorReason as Reason;

/// The most bytes of vendor text: statuses are sent in headers, and many clients reject more than 8 KiB of those.
const VENDOR_TEXT_LIMIT: usize = 1024;

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

#[derive(Debug, Clone, Default)]
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

impl Error {
    /// Creates an error for `reason`. `message` states what happened and what to do, in lowercase, without a full stop,
    /// secrets and phone numbers.
    pub fn new(reason: Reason, message: impl Into<String>) -> Self {
        Self(Box::new(Inner { reason, message: message.into(), ..Inner::default() }))
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

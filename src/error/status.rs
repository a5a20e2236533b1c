//! The only conversion of errors to gRPC statuses. The server builds the status once, where account and method are known.

use std::collections::HashMap;

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

use super::{Error, Outcome, Reason};
use crate::api::pb::codec::TOO_MANY_MESSAGES;

/// The `domain` of every `google.rpc.ErrorInfo`.
pub const DOMAIN: &str = "smsmux";

/// The folder of the error catalogue, which has a page for each reason.
const CATALOGUE: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs/errors");

/// The most violations listed, each of a few dozen bytes; the number of all of them is still reported.
const VIOLATION_LIMIT: usize = 50;

/// tonic's error for a call without a request message.
const NO_MESSAGE: &str = "Missing request message.";

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
}

//! The statuses and details that clients get.

use tonic::{Code, Status};
use tonic_types::StatusExt;

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

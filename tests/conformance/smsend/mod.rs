//! smSend, after its document.

mod account;
mod alias;
mod campaign;
mod campaign_faults;
mod contact;
mod group;
mod inbox;
mod message;
mod presets;
mod purchase;
mod stop_list;
mod subaccount;

use std::future::Future;

use http::StatusCode;
use libtest_mimic::Trial;
use serde_json::Value;
use smsmux_sandbox::{Fault, Recorded};
use tonic::{Code, Status, transport::Channel};
use tonic_types::StatusExt;

use crate::{
    Case,
    support::{Rig, failed},
};

pub fn cases() -> Vec<Case> {
    let areas = [
        account::cases,
        contact::cases,
        group::cases,
        alias::cases,
        message::cases,
        inbox::cases,
        campaign::cases,
        subaccount::cases,
        purchase::cases,
        stop_list::cases,
    ];
    areas.into_iter().flat_map(|cases| cases()).collect()
}

pub fn tests() -> Vec<Trial> {
    [
        alias::tests(),
        campaign_faults::tests(),
        contact::tests(),
        group::tests(),
        inbox::tests(),
        message::tests(),
        presets::tests(),
        stop_list::tests(),
        subaccount::refused::tests(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Lets the next request of an operation be answered with a body.
pub fn answers(rig: &Rig, operation: &str, body: impl ToString) {
    rig.fault(operation, status(200, &body.to_string()));
}

fn status(code: u16, body: &str) -> Fault {
    Fault::Status { code: StatusCode::from_u16(code).unwrap(), retry_after: None, body: Some(body.to_owned()) }
}

/// The fields that a request was refused for, in alphabetical order.
#[track_caller]
pub fn refused_fields(status: &Status) -> Vec<String> {
    failed(status, Code::InvalidArgument, "INVALID_REQUEST");
    let details = status.get_error_details();
    let violations = &details.bad_request().expect("a BadRequest").field_violations;
    let mut fields: Vec<_> = violations.iter().map(|violation| violation.field.clone()).collect();
    fields.sort_unstable();
    fields
}

/// What a 404 means of an operation, by its table in the document.
#[derive(Clone, Copy)]
pub enum Unknown {
    /// The user key is not known.
    Credential,
    /// The resource is not known.
    Resource,
}

/// Asserts what becomes of each answer of smSend's to an operation that is no plain yes: the documented ones, and more.
pub async fn refusals<T, F>(operation: &str, unknown: Unknown, call: impl Fn(Channel) -> F)
where
    F: Future<Output = Result<T, Status>>,
{
    let credential = (Code::FailedPrecondition, "ACCOUNT_CREDENTIAL_REFUSED");
    let not_found = match unknown {
        Unknown::Credential => credential,
        Unknown::Resource => (Code::NotFound, "RESOURCE_NOT_FOUND"),
    };
    let (unreadable, down) = match operation.starts_with("GET ") {
        true => ((Code::Internal, "VENDOR_REPLY_UNREADABLE"), (Code::Unavailable, "VENDOR_UNAVAILABLE")),
        false => ((Code::Unknown, "OUTCOME_UNKNOWN"), (Code::Unknown, "OUTCOME_UNKNOWN")),
    };
    let refused = (Code::InvalidArgument, "VENDOR_REFUSED");
    for (code, body, (expected, reason), text) in [
        (400, r#"{"result": "not owned"}"#, refused, Some("not owned")),
        (400, "not owned", refused, Some("not owned")),
        (401, "", credential, None),
        (404, r#"{"result": "not here"}"#, not_found, Some("not here")),
        // No document has these: they are smSend's where its words are.
        (402, r#"{"result": "pay"}"#, (Code::ResourceExhausted, "NO_CREDIT"), Some("pay")),
        (403, r#"{"result": "no"}"#, (Code::PermissionDenied, "VENDOR_DENIED"), Some("no")),
        (409, r#"{"result": "no"}"#, (Code::FailedPrecondition, "STATE_CONFLICT"), Some("no")),
        (418, r#"{"result": "no"}"#, refused, Some("no")),
        (403, "<html>", unreadable, Some("<html>")),
        (418, "a teapot", unreadable, Some("a teapot")),
        (200, r#"{"result": "KO"}"#, refused, Some("KO")),
        (200, "<html>", unreadable, None),
        (500, "", down, None),
    ] {
        // A session would be renewed for as long as the call may take.
        let keys = if code == 401 { "token = 'UK;AT'" } else { "" };
        let rig = Rig::with("", keys).await;
        rig.faults(operation, status(code, body), 0);
        let status = call(rig.channel.clone()).await.err().unwrap_or_else(|| panic!("{operation}: {code} {body}"));
        let metadata = failed(&status, expected, reason);
        assert_eq!(metadata["http_status"], code.to_string(), "{operation}: {code} {body}");
        assert_eq!(metadata.get("vendor_message").map(String::as_str), text, "{operation}: {code} {body}");
    }
}

/// Asserts that exactly one request of an operation arrived, at this very target below the API's base path, as JSON and
/// with a session, and gives it.
#[track_caller]
pub fn arrived(rig: &Rig, operation: &str, target: &str) -> Recorded {
    let requests = rig.requests(operation);
    let [request] = &requests[..] else { panic!("{operation}: {} requests arrived", requests.len()) };
    assert_eq!(request.target, format!("/API/v1.0/REST{target}"));
    assert!(request.header("user_key").is_some() && request.header("session_key").is_some(), "{operation}");
    request.clone()
}

/// Asserts the JSON body of what arrived.
#[track_caller]
pub fn body(request: &Recorded, expected: &Value) {
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(request.json().as_ref(), Some(expected));
}

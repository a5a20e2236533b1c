//! smSend, after its document `001_bf141f8c9eeb6530.txt`.

mod account;
mod campaign;
mod campaign_faults;
mod inbox;
mod message;

use serde_json::Value;
use smsmux::sandbox::Recorded;

use crate::{Case, support::Rig};

pub fn cases() -> Vec<Case> {
    let mut cases = account::cases();
    cases.extend(message::cases());
    cases.extend(inbox::cases());
    cases.extend(campaign::cases());
    cases
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

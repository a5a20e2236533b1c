//! IP1SMS, after its document.

mod contact;
mod errors;
mod group;
mod message;
mod number;
mod stop_list;

use libtest_mimic::Trial;
use smsmux_sandbox::Recorded;

use crate::{Case, support::Rig};

pub fn cases() -> Vec<Case> {
    [number::cases(), message::cases(), contact::cases(), group::cases(), stop_list::cases()]
        .into_iter()
        .flatten()
        .collect()
}

pub fn tests() -> Vec<Trial> {
    [contact::tests(), errors::tests(), group::tests(), message::tests(), number::tests()]
        .into_iter()
        .flatten()
        .collect()
}

/// The one operation of the document.
const PUT: &str = "PUT /api/me/services/phone";

const ACCOUNT: &str = "accounts/ip1sms";

/// Asserts that this very request arrived last, signed, and gives it.
#[track_caller]
fn arrived(rig: &Rig, method: &str, target: &str) -> Recorded {
    let request = rig.sandbox.requests().pop().expect("a request");
    assert_eq!((request.method.as_str(), request.target.as_str()), (method, target));
    assert_eq!(request.header("authorization"), Some("Basic aXAxLTEyMzQ1OnNhbmRib3gta2V5"));
    request
}

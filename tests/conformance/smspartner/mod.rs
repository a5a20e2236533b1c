//! SMSPartner: the deletion from the stop list after its document, all else after what is
//! publicly known of this API.

mod account;
mod contact;
mod errors;
mod group;
mod message;
mod stop_list;

use libtest_mimic::Trial;
use serde_json::Value;
use smsmux_sandbox::Recorded;

use crate::Case;

pub fn cases() -> Vec<Case> {
    [account::cases(), contact::cases(), group::cases(), message::cases(), stop_list::cases()]
        .into_iter()
        .flatten()
        .collect()
}

pub fn tests() -> Vec<Trial> {
    [account::tests(), contact::tests(), errors::tests(), group::tests(), message::tests(), stop_list::tests()]
        .into_iter()
        .flatten()
        .collect()
}

fn json(request: &Recorded) -> Value {
    serde_json::from_slice(&request.body).expect("JSON")
}

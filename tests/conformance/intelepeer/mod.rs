//! IntelePeer, after its document.

mod errors;
mod message;
mod number;

use libtest_mimic::Trial;
use smsmux::api::pb::number_service_client::NumberServiceClient;
use tonic::transport::Channel;

use crate::{Case, support::Rig};

pub fn cases() -> Vec<Case> {
    [number::cases(), message::cases()].into_iter().flatten().collect()
}

pub fn tests() -> Vec<Trial> {
    [errors::tests(), message::tests(), number::tests()].into_iter().flatten().collect()
}

/// The document's number, on which SMS are not enabled yet.
const NEW: &str = "accounts/intelepeer/numbers/+17208675309";
const NEW_PATH: &str = "/sms/v1/+17208675309";

/// A number on which they are.
const ENABLED: &str = "accounts/intelepeer/numbers/+17208675310";
pub(super) const ENABLED_PATH: &str = "/sms/v1/+17208675310";

fn numbers(rig: &Rig) -> NumberServiceClient<Channel> {
    NumberServiceClient::new(rig.channel.clone())
}

//! Parses answers of IntelePeer in every way, for the fuzz targets.

use super::wire;
use crate::vendors::kit::Reply;

/// Parses an answer in every way.
pub(in super::super) fn read(reply: &Reply) {
    let _ = reply.words(wire::WORDS);
    let _ = reply.object::<wire::message::Sent>().map(|sent| sent.read("+17205550100"));
    let _ = reply.object::<wire::message::Record>().map(|record| record.read());
    let number = "+17208675309".to_owned();
    let _ =
        reply.object::<wire::NumberInfo>().map(|info| info.into_number(format!("accounts/a/numbers/{number}"), number));
}

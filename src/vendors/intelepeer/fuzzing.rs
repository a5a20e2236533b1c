//! Parses answers of IntelePeer in every way, for the fuzz targets.

use bytes::Bytes;
use http::Request;

use super::{
    signature::{Scheme, Signed},
    webhook, wire,
};
use crate::{
    error::Error,
    vendors::kit::{Reply, pushed::Pushed},
};

/// Parses an answer in every way.
pub(in super::super) fn read(reply: &Reply) {
    let _ = reply.words(wire::WORDS);
    let _ = reply.object::<wire::message::Sent>().map(|sent| sent.read("+17205550100"));
    let _ = reply.object::<wire::message::Record>().map(|record| record.read());
    let number = "+17208675309".to_owned();
    let _ =
        reply.object::<wire::NumberInfo>().map(|info| info.into_number(format!("accounts/a/numbers/{number}"), number));
}

/// Parses a push, and compares signatures with its text.
pub(in super::super) fn parse_push(push: &Request<Bytes>) -> Result<Vec<Pushed>, Error> {
    let text = String::from_utf8_lossy(push.body());
    let (refid, signature) = text.split_once('\n').unwrap_or((&text, &text));
    let signed = Signed { refid, message: signature, signature };
    assert!(!Scheme::candidates().any(|scheme| scheme.matches("k3y", signed)), "nobody guesses a signature");
    webhook::parse("accounts/a", &webhook::Proof::default(), push)
}

//! Which answers are compressed, for callers that read gzip.

use std::ops::RangeInclusive;

use prost::Message;
use tonic::{Request, Response};

use crate::call::LARGE;

/// The answers that are compressed, in bytes: smaller ones gain nothing, and larger ones would keep the thread that serves
/// from its other calls.
const COMPRESSED: RangeInclusive<usize> = 1 << 10..=LARGE;

/// What is done to an answer before it is written.
pub(super) type Finish<T> = fn(Response<T>) -> Response<T>;

/// What is done to the answer to `request`. Most callers name no encoding, and for them nothing is weighed.
pub(super) fn finish<T, U: Message>(request: &Request<T>) -> Option<Finish<U>> {
    request.metadata().contains_key("grpc-accept-encoding").then_some(weigh)
}

fn weigh<T: Message>(mut answer: Response<T>) -> Response<T> {
    if !COMPRESSED.contains(&answer.get_ref().encoded_len()) {
        answer.disable_compression();
    }
    answer
}

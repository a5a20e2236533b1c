//! Decides which responses are compressed, for callers that accept gzip.

use std::ops::RangeInclusive;

use prost::Message;
use tonic::{Request, Response};

use crate::call::LARGE;

/// The sizes of responses, in bytes, that are compressed: smaller ones gain nothing, and larger ones would block the
/// serving thread.
const COMPRESSED: RangeInclusive<usize> = 1 << 10..=LARGE;

/// The last step before a response is written.
pub(super) type Finish<T> = fn(Response<T>) -> Response<T>;

/// Returns the last step for the response to `request`: none for the many callers that accept no encoding.
pub(super) fn finish<T, U: Message>(request: &Request<T>) -> Option<Finish<U>> {
    request.metadata().contains_key("grpc-accept-encoding").then_some(weigh)
}

fn weigh<T: Message>(mut answer: Response<T>) -> Response<T> {
    if !COMPRESSED.contains(&answer.get_ref().encoded_len()) {
        answer.disable_compression();
    }
    answer
}

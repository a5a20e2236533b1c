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

/// The header with the encodings that a caller accepts.
const ACCEPTED: &str = "grpc-accept-encoding";

/// Whether the caller accepts gzip.
pub(super) fn accepts_gzip<T>(request: &Request<T>) -> bool {
    let accepted = request.metadata().get(ACCEPTED).and_then(|value| value.to_str().ok());
    accepted.is_some_and(|accepted| accepted.split(',').any(|encoding| encoding.trim() == "gzip"))
}

/// Returns the last step for the response to `request`: none for the many callers that accept no encoding.
pub(super) fn finish<T, U: Message>(request: &Request<T>) -> Option<Finish<U>> {
    request.metadata().contains_key(ACCEPTED).then_some(weigh)
}

fn weigh<T: Message>(mut answer: Response<T>) -> Response<T> {
    if !COMPRESSED.contains(&answer.get_ref().encoded_len()) {
        answer.disable_compression();
    }
    answer
}

//! Request ids: the caller's `x-request-id` if valid, otherwise a generated UUID.

use http::{HeaderMap, HeaderName, HeaderValue};

use crate::epoch;

/// The header, in requests and in responses.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Returns the caller's id if it is 1 to 64 letters, digits, `.`, `_` and `-`, as it goes into logs; otherwise a UUID
/// (version 7).
pub(super) fn of(headers: &HeaderMap) -> HeaderValue {
    let mut id = headers.get(REQUEST_ID).filter(|id| is_valid(id.as_bytes())).cloned().unwrap_or_else(new);
    // The id is unique, so in HPACK's table it would only displace headers that recur (RFC 7541, section 7.1.3).
    id.set_sensitive(true);
    id
}

fn is_valid(id: &[u8]) -> bool {
    (1..=64).contains(&id.len()) && id.iter().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(b))
}

/// Must be unique, not unpredictable: a userspace generator suffices.
fn new() -> HeaderValue {
    let random = fastrand::u128(..).to_be_bytes();
    let (random, _) = random.split_first_chunk().unwrap_or((&[0; 10], &[]));
    let id = uuid::Builder::from_unix_timestamp_millis(epoch::now().as_millis() as u64, random).into_uuid();
    let mut text = [0; uuid::fmt::Hyphenated::LENGTH];
    HeaderValue::from_str(id.hyphenated().encode_lower(&mut text)).unwrap_or_else(|_| HeaderValue::from_static("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invalid_request_id_is_replaced() {
        let longest = "x".repeat(64);
        for id in ["1", "a-B_c.9", &longest] {
            let headers = HeaderMap::from_iter([(REQUEST_ID, id.parse().expect("a value"))]);
            assert_eq!(of(&headers), id);
        }
        let too_long = "x".repeat(65);
        for id in ["", " ", "a b", "a\"b", "a{b", "+393471234567", &too_long] {
            let headers = HeaderMap::from_iter([(REQUEST_ID, id.parse().expect("a value"))]);
            let made = of(&headers);
            let made = uuid::Uuid::parse_str(made.to_str().expect("text")).expect("a UUID");
            assert_eq!(made.get_version_num(), 7, "{id}");
        }
        assert_ne!(new(), new());
    }
}

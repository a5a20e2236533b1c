//! The name of one call: the caller's own, or one of ours.

use std::time::{SystemTime, UNIX_EPOCH};

use http::{HeaderMap, HeaderName, HeaderValue};

/// Where it stands, in requests and in answers.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The caller's, where it is at most 64 of letters, digits, `.`, `_` and `-`: it goes into logs. Else a UUID (version 7).
pub(super) fn of(headers: &HeaderMap) -> HeaderValue {
    let mut id = headers.get(REQUEST_ID).filter(|id| is_good(id.as_bytes())).cloned().unwrap_or_else(new);
    // No other call has it: it would only push what comes again out of HPACK's table (RFC 7541, section 7.1.3).
    id.set_sensitive(true);
    id
}

fn is_good(id: &[u8]) -> bool {
    (1..=64).contains(&id.len()) && id.iter().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(b))
}

/// Told apart, not kept secret: the operating system need not be asked for its randomness.
fn new() -> HeaderValue {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let random = fastrand::u128(..).to_be_bytes();
    let (random, _) = random.split_first_chunk().unwrap_or((&[0; 10], &[]));
    let id = uuid::Builder::from_unix_timestamp_millis(since.as_millis() as u64, random).into_uuid();
    let mut text = [0; uuid::fmt::Hyphenated::LENGTH];
    HeaderValue::from_str(id.hyphenated().encode_lower(&mut text)).unwrap_or_else(|_| HeaderValue::from_static("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_break_a_log_line_is_replaced() {
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

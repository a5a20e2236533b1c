//! Deadlines: read from the wire, and answered as DEADLINE_EXCEEDED.
//!
//! tonic enforces `grpc-timeout` itself but answers CANCELLED; the dispatch is always a little earlier.

use std::time::Duration;

use http::HeaderMap;
use tokio::time::Instant;

/// When a call must be answered.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline(pub(super) Instant);

/// How much earlier than its own clock says a caller is answered, at most: the answer tells it more than its own timer.
const HEAD_START: Duration = Duration::from_millis(20);

/// Notes the deadline that the request's headers ask for.
pub(super) fn note<B>(mut request: http::Request<B>) -> http::Request<B> {
    if let Some(timeout) = timeout(request.headers()) {
        let deadline = Instant::now() + (timeout - HEAD_START.min(timeout / 10));
        request.extensions_mut().insert(Deadline(deadline));
    }
    request
}

/// The `grpc-timeout` header: at most eight digits and a unit (gRPC over HTTP/2, "Requests").
fn timeout(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get("grpc-timeout")?.to_str().ok()?;
    let (digits, unit) = value.split_at_checked(value.len().checked_sub(1)?)?;
    if digits.is_empty() || digits.len() > 8 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let number = digits.parse::<u64>().ok()?;
    Some(match unit {
        "H" => Duration::from_secs(number * 3600),
        "M" => Duration::from_secs(number * 60),
        "S" => Duration::from_secs(number),
        "m" => Duration::from_millis(number),
        "u" => Duration::from_micros(number),
        "n" => Duration::from_nanos(number),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(value: &'static str) -> Option<Duration> {
        timeout(&HeaderMap::from_iter([(
            http::HeaderName::from_static("grpc-timeout"),
            value.parse().expect("a value"),
        )]))
    }

    #[test]
    fn a_timeout_is_eight_digits_and_a_unit() {
        for (value, expected) in [
            ("1H", Duration::from_secs(3600)),
            ("2M", Duration::from_secs(120)),
            ("99999999S", Duration::from_secs(99_999_999)),
            ("5m", Duration::from_millis(5)),
            ("6u", Duration::from_micros(6)),
            ("7n", Duration::from_nanos(7)),
        ] {
            assert_eq!(parse(value), Some(expected), "{value}");
        }
        for bad in ["", "S", "5", "5x", "-5S", "123456789S", "5é"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}

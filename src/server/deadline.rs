//! Reads the deadlines of calls, and answers DEADLINE_EXCEEDED when one passes.
//!
//! tonic enforces `grpc-timeout` itself but answers CANCELLED, so the gateway always answers a little earlier.

use std::time::Duration;

use http::Request;
use tokio::time::Instant;

use crate::error::{Error, Outcome, Reason};

/// The deadlines of a call.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline {
    /// When all of the request must have arrived.
    pub(super) body: Instant,
    /// When the call must be answered.
    pub(super) answer: Instant,
}

/// The least and the most time allowed for the response to reach the caller; in between it is a hundredth of the
/// timeout.
const RESPONSE_TIME: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(250));

/// Notes the deadline in the request's headers, `call_timeout` by default. The request must arrive within
/// `call_timeout` even if its caller would wait longer for the response: a body that never ends must not hold its
/// permit for ever.
///
/// # Errors
/// INVALID_REQUEST for an invalid `grpc-timeout`: a caller that is answered too late does not learn the outcome of its
/// call.
pub(super) fn note<B>(request: &mut Request<B>, call_timeout: Duration) -> Result<(), Error> {
    let timeout = match request.headers().get("grpc-timeout").map(|value| read(value.as_bytes())) {
        None => call_timeout,
        Some(Some(timeout)) => timeout - head_start(timeout),
        Some(None) => {
            let text = "must be 1 to 8 digits and a unit: H, M, S, m, u or n";
            return Err(Error::invalid_field("grpc-timeout", text));
        }
    };
    let now = Instant::now();
    request.extensions_mut().insert(Deadline { body: now + timeout.min(call_timeout), answer: now + timeout });
    Ok(())
}

/// Returns the error of a call whose deadline passed before anything was sent.
pub(super) fn late(text: &str) -> Error {
    Error::new(Reason::DeadlineExceeded, text).outcome(Outcome::NotSent)
}

/// Reads a `grpc-timeout`: at most eight digits and a unit (gRPC over HTTP/2, "Requests").
fn read(value: &[u8]) -> Option<Duration> {
    let (unit, digits) = value.split_last()?;
    if digits.is_empty() || digits.len() > 8 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = digits.iter().fold(0, |number, digit| number * 10 + u64::from(digit - b'0'));
    Some(match unit {
        b'H' => Duration::from_secs(number * 3600),
        b'M' => Duration::from_secs(number * 60),
        b'S' => Duration::from_secs(number),
        b'm' => Duration::from_millis(number),
        b'u' => Duration::from_micros(number),
        b'n' => Duration::from_nanos(number),
        _ => return None,
    })
}

/// Returns how much earlier than `timeout` a caller is answered, as the server's error has more details than that of
/// the client's own timer.
///
/// Clients that share gRPC's core in C (C++, Python, Ruby, PHP) write a longer timeout than they wait for. The core
/// rounds up by at most 1 %, and in place of a timeout writes that of an earlier call when it is less than 3 % longer,
/// which HPACK has in its table. Trailing zeros show which timeouts may be such.
fn head_start(timeout: Duration) -> Duration {
    let response_time = (timeout / 100).clamp(RESPONSE_TIME.0, RESPONSE_TIME.1);
    let longer = if is_rounded(timeout) { timeout / 25 } else { Duration::ZERO };
    (response_time + longer).min(timeout / 10)
}

/// Whether the timeout may have been rounded up to three digits.
fn is_rounded(timeout: Duration) -> bool {
    let millis = match timeout.as_millis() {
        0..=1_000 => 1,
        1_001..=10_000 => 10,
        10_001..=100_000 => 100,
        100_001..=1_000_000 => 1_000,
        // Rounded to 10 or 100 s, or to whole minutes or hours.
        _ => 10_000,
    };
    timeout.as_nanos().is_multiple_of(millis * 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_is_eight_digits_and_a_unit() {
        for (value, expected) in [
            ("1H", Duration::from_secs(3600)),
            ("2M", Duration::from_secs(120)),
            ("99999999S", Duration::from_secs(99_999_999)),
            ("99999999H", Duration::from_secs(99_999_999 * 3600)),
            ("00000005m", Duration::from_millis(5)),
            ("6u", Duration::from_micros(6)),
            ("7n", Duration::from_nanos(7)),
            ("0S", Duration::ZERO),
        ] {
            assert_eq!(read(value.as_bytes()), Some(expected), "{value}");
        }
    }

    #[test]
    fn an_invalid_timeout_is_rejected() {
        for bad in ["", "S", "5", "5x", "-5S", "+5S", "5.5S", "5 S", " 5S", "5s", "5h", "5mS", "123456789S", "5é", "S5"]
        {
            let request = Request::builder().header("grpc-timeout", bad).body(());
            let error = note(&mut request.expect("a request"), Duration::from_secs(30)).expect_err(bad);
            assert_eq!((error.code(), error.violations().len()), (tonic::Code::InvalidArgument, 1), "{bad}");
        }
    }

    #[test]
    fn the_longest_timeout_and_none_at_all_have_a_deadline() {
        let call_timeout = Duration::from_secs(30);
        for (value, longest) in [
            (Some("99999999H"), Duration::from_secs(99_999_999 * 3600)),
            (Some("0n"), Duration::ZERO),
            (None, call_timeout),
        ] {
            let mut request = Request::new(());
            if let Some(value) = value {
                request.headers_mut().insert("grpc-timeout", value.parse().expect("a value"));
            }
            let before = Instant::now();
            assert!(note(&mut request, call_timeout).is_ok(), "{value:?}");
            let Deadline { body, answer } = request.extensions().get().expect("a deadline");
            let after = before.elapsed();
            assert!(*answer - before <= longest + after, "{value:?}");
            assert!(*body - before <= longest.min(call_timeout) + after, "{value:?}");
        }
    }

    /// Returns what gRPC's core in C writes for a remaining time in milliseconds.
    fn written_by_core(millis: u64) -> Duration {
        let seconds = match millis {
            0..1_000 => return Duration::from_millis(millis),
            1_000..10_000 => return Duration::from_millis(millis.next_multiple_of(10)),
            10_000..100_000 => return Duration::from_millis(millis.next_multiple_of(100)),
            _ => millis.div_ceil(1_000),
        };
        let minutes = match seconds {
            0..1_000 => return Duration::from_secs(seconds),
            1_000..10_000 => return Duration::from_secs(seconds.next_multiple_of(10)),
            10_000..100_000 if seconds.next_multiple_of(100) % 60 != 0 => {
                return Duration::from_secs(seconds.next_multiple_of(100));
            }
            _ => seconds.div_ceil(60),
        };
        Duration::from_secs(
            60 * match minutes {
                0..1_000 => minutes,
                1_000..10_000 => minutes.next_multiple_of(10),
                10_000..100_000 => minutes.next_multiple_of(100),
                _ => minutes.next_multiple_of(60),
            },
        )
    }

    #[test]
    fn a_client_that_rounds_its_timeout_up_is_answered_before_its_timer() {
        let mut left = 200;
        while left < 1_000 * 3_600_000 {
            // Also if it repeats an earlier call's timeout, which was up to 3 % longer.
            for earlier in [left, left + left * 29 / 1_000] {
                let written = written_by_core(earlier);
                let answered = written - head_start(written);
                let timer = Duration::from_millis(left);
                assert!(
                    answered < timer - Duration::from_millis(5),
                    "{timer:?} left, {written:?} written: {answered:?}"
                );
            }
            left += left / 1_009 + 1;
        }
    }

    #[test]
    fn a_client_that_sends_its_exact_timeout_loses_little_of_it() {
        // As Go, Java and Node write 10 s, 30 s, 5 min and 1 h shortly after the call began.
        for (value, head_start) in [
            ("9999876u", 99_998_760),
            ("29999871u", 250_000_000),
            ("99998763n", 9_999_876),
            ("299999m", 250_000_000),
            ("3599999m", 250_000_000),
        ] {
            let timeout = read(value.as_bytes()).expect("a timeout");
            assert_eq!(super::head_start(timeout), Duration::from_nanos(head_start), "{value}");
        }
    }

    #[test]
    fn a_head_start_is_never_more_than_a_tenth() {
        for value in ["1n", "5m", "100m", "1S", "10S", "1M", "1H", "99999999H"] {
            let timeout = read(value.as_bytes()).expect("a timeout");
            assert!(head_start(timeout) <= timeout / 10, "{value}");
        }
    }
}

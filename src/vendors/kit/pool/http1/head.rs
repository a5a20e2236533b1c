//! The head of an answer, and what it says about the connection.

use std::{mem::MaybeUninit, time::Duration};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use super::body::Framing;

/// The most bytes of a head, as in hyper.
pub(super) const HEAD: usize = 8192 + 4096 * 100;

/// The most headers, as in hyper.
const HEADERS: usize = 100;

/// An answer's head.
#[derive(Debug)]
pub(super) struct Parsed {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) framing: Framing,
    /// Whether the connection may be used again after the body.
    pub(super) persistent: bool,
    /// For how long the vendor keeps the connection while it is idle, if it says so.
    pub(super) keep_alive: Option<Duration>,
}

/// An answer that is not HTTP/1.1.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Invalid;

/// Parses a head and removes it from the buffer; `None` if it is incomplete. Interim answers (1xx) are skipped.
///
/// # Errors
/// The buffer does not hold an answer.
pub(super) fn parse(buffer: &mut BytesMut) -> Result<Option<Parsed>, Invalid> {
    loop {
        let mut headers = [const { MaybeUninit::<httparse::Header<'_>>::uninit() }; HEADERS];
        let mut answer = httparse::Response::new(&mut []);
        // What a server should not send and a user agent has to read all the same (RFC 9112, sections 5.1 and 5.2): the answer
        // may be that of an accepted send.
        let mut config = httparse::ParserConfig::default();
        config.allow_spaces_after_header_name_in_responses(true).allow_obsolete_multiline_headers_in_responses(true);
        let parsed = config.parse_response_with_uninit_headers(&mut answer, buffer, &mut headers);
        let httparse::Status::Complete(length) = parsed.map_err(|_| Invalid)? else {
            return if buffer.len() < HEAD { Ok(None) } else { Err(Invalid) };
        };
        if length > HEAD {
            return Err(Invalid);
        }
        let status = answer.code.and_then(|code| StatusCode::from_u16(code).ok()).ok_or(Invalid)?;
        let http_1_1 = answer.version == Some(1);
        // The values are parts of the buffer, so that they need not be copied. Their places in it outlive the borrow.
        let start = buffer.as_ptr() as usize;
        let place = |part: &[u8]| (part.as_ptr() as usize - start, part.as_ptr() as usize - start + part.len());
        let mut places = [((0, 0), (0, 0)); HEADERS];
        let count = answer.headers.len();
        for (found, header) in places.iter_mut().zip(answer.headers.iter()) {
            *found = (place(header.name.as_bytes()), place(header.value));
        }
        let head = buffer.split_to(length).freeze();
        if status.is_informational() && status != StatusCode::SWITCHING_PROTOCOLS {
            continue;
        }
        let mut headers = HeaderMap::with_capacity(count);
        for &((from, to), (value_from, value_to)) in &places[..count] {
            let name = HeaderName::from_bytes(&head[from..to]).map_err(|_| Invalid)?;
            let value = unfolded(head.slice(value_from..value_to));
            let value = HeaderValue::from_maybe_shared(value).map_err(|_| Invalid)?;
            headers.append(name, value);
        }
        return interpret(status, headers, http_1_1).map(Some);
    }
}

/// Returns a value that is folded over several lines as one line: each fold becomes a space (RFC 9112, section 5.2).
fn unfolded(value: Bytes) -> Bytes {
    if !value.contains(&b'\n') {
        return value;
    }
    let lines: Vec<_> = value.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).collect();
    lines.join(&b' ').into()
}

/// Finds out how long the body is (RFC 9112, section 6.3), and what becomes of the connection (section 9.3).
fn interpret(status: StatusCode, headers: HeaderMap, http_1_1: bool) -> Result<Parsed, Invalid> {
    let has_token = |name: HeaderName, token: &str| {
        let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).any(|part| part.trim().eq_ignore_ascii_case(token))
    };
    let coded = headers.contains_key(header::TRANSFER_ENCODING);
    let measured = headers.contains_key(header::CONTENT_LENGTH);
    let framing = match status {
        StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED | StatusCode::SWITCHING_PROTOCOLS => Framing::Length(0),
        _ if coded && !http_1_1 => return Err(Invalid),
        _ if coded => {
            let last = headers.get_all(header::TRANSFER_ENCODING).into_iter().next_back();
            let last = last.and_then(|value| value.to_str().ok()?.rsplit(',').next());
            match last.is_some_and(|coding| coding.trim().eq_ignore_ascii_case("chunked")) {
                true => Framing::chunked(),
                false => Framing::UntilClose,
            }
        }
        _ if measured => Framing::Length(content_length(&headers).ok_or(Invalid)?),
        _ => Framing::UntilClose,
    };
    let kept = match http_1_1 {
        true => !has_token(header::CONNECTION, "close"),
        false => has_token(header::CONNECTION, "keep-alive") && !has_token(header::CONNECTION, "close"),
    };
    // An answer with both may hide a second one: not to be trusted with another request.
    let ambiguous = coded && measured;
    let persistent = kept && !ambiguous && framing != Framing::UntilClose && status != StatusCode::SWITCHING_PROTOCOLS;
    let keep_alive = headers.get("keep-alive").and_then(|value| timeout(value.to_str().ok()?));
    Ok(Parsed { status, headers, framing, persistent, keep_alive })
}

/// Returns the length; `None` if it is invalid, or if there are several that differ.
fn content_length(headers: &HeaderMap) -> Option<u64> {
    let mut length = None;
    for value in headers.get_all(header::CONTENT_LENGTH) {
        for part in value.to_str().ok()?.split(',') {
            let part = part.trim();
            // Not a sign, which Rust would read.
            let number = part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse().ok())??;
            if *length.get_or_insert(number) != number {
                return None;
            }
        }
    }
    length
}

/// Parses `timeout=5, max=100`.
fn timeout(value: &str) -> Option<Duration> {
    let parameters = value.split(',').filter_map(|parameter| parameter.split_once('='));
    let timeout = parameters.filter(|(name, _)| name.trim().eq_ignore_ascii_case("timeout")).map(|(_, value)| value);
    timeout.filter_map(|value| value.trim().trim_matches('"').parse().ok()).map(Duration::from_secs).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(head: &str) -> Result<Option<Parsed>, Invalid> {
        parse(&mut BytesMut::from(head))
    }

    fn of(headers: &str) -> (Framing, bool) {
        let parsed = parsed(&format!("HTTP/1.1 200 OK\r\n{headers}\r\n")).expect("valid").expect("complete");
        (parsed.framing, parsed.persistent)
    }

    #[test]
    fn the_length_of_a_body_is_what_the_rfc_says() {
        assert_eq!(of("Content-Length: 7\r\n"), (Framing::Length(7), true));
        assert_eq!(of("Content-Length: 7\r\nContent-Length: 7\r\n"), (Framing::Length(7), true));
        assert_eq!(of("Content-Length: 7, 7\r\n"), (Framing::Length(7), true));
        assert_eq!(of("Transfer-Encoding: gzip, Chunked\r\n"), (Framing::chunked(), true));
        assert_eq!(of("Transfer-Encoding: gzip\r\n"), (Framing::UntilClose, false));
        assert_eq!(of("Transfer-Encoding: chunked\r\nContent-Length: 7\r\n"), (Framing::chunked(), false));
        assert_eq!(of(""), (Framing::UntilClose, false));
        for invalid in ["Content-Length: 7\r\nContent-Length: 8\r\n", "Content-Length: +7\r\n", "Content-Length: \r\n"]
        {
            parsed(&format!("HTTP/1.1 200 OK\r\n{invalid}\r\n")).expect_err(invalid);
        }
        let empty = parsed("HTTP/1.1 204 No Content\r\nContent-Length: 7\r\n\r\n").expect("valid").expect("complete");
        assert_eq!((empty.framing, empty.persistent), (Framing::Length(0), true));
    }

    #[test]
    fn a_connection_persists_unless_the_vendor_says_otherwise() {
        assert!(!of("Content-Length: 0\r\nConnection: x, Close\r\n").1);
        assert!(!of("Content-Length: 0\r\nConnection: close\r\nConnection: keep-alive\r\n").1);
        let old = |headers: &str| {
            let head = format!("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n{headers}\r\n");
            parsed(&head).expect("valid").expect("complete").persistent
        };
        assert!(!old("") && old("Connection: Keep-Alive\r\n"));
    }

    #[test]
    fn the_vendor_s_idle_timeout_is_read() {
        for (value, expected) in [
            ("timeout=5, max=100", Some(5)),
            ("max=100,Timeout=\"7\"", Some(7)),
            ("timeout=0", Some(0)),
            ("timeout=soon", None),
            ("5", None),
        ] {
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nKeep-Alive: {value}\r\n\r\n");
            let parsed = parsed(&head).expect("valid").expect("complete");
            assert_eq!(parsed.keep_alive, expected.map(Duration::from_secs), "{value}");
        }
    }

    #[test]
    fn interim_answers_are_skipped_and_a_part_is_awaited() {
        let mut buffer = BytesMut::from("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nA: b\r\n\r\nHTTP/1.1 20");
        assert!(parse(&mut buffer).expect("valid").is_none());
        buffer.extend_from_slice(b"1 Created\r\nLocation: /x\r\nContent-Length: 2\r\n\r\nok");
        let parsed = parse(&mut buffer).expect("valid").expect("complete");
        assert_eq!((parsed.status, &parsed.headers[header::LOCATION]), (StatusCode::CREATED, &"/x".parse().unwrap()));
        assert_eq!(&buffer[..], b"ok");
    }

    #[test]
    fn a_value_over_several_lines_and_a_space_before_a_colon_are_read() {
        let head = "HTTP/1.1 200 OK\r\nA: b\r\n c,\r\n\td\r\nContent-Length : 7\r\n\r\n";
        let parsed = parsed(head).expect("valid").expect("complete");
        assert_eq!((parsed.headers["a"].as_bytes(), parsed.framing), (&b"b c, d"[..], Framing::Length(7)));
    }

    #[test]
    fn what_is_not_http_is_invalid() {
        for head in
            ["SSH-2.0-x\r\n\r\n", "HTTP/2 200\r\n\r\n", "HTTP/1.1 99 x\r\n\r\n", "HTTP/1.1 200 OK\r\n x\r\n\r\n"]
        {
            assert_eq!(parsed(head).expect_err(head), Invalid);
        }
        let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "a: b\r\n".repeat(HEADERS + 1));
        assert_eq!(parsed(&many).expect_err("too many"), Invalid);
    }
}

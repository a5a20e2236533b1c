//! The answers that faults make of a vendor's.

use std::io::{self, Write as _};
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use futures::{StreamExt, stream};
use http::response::Parts;
use http::{HeaderValue, StatusCode, header};
use http_body_util::BodyExt;

use super::connection::{self, Cut, Line};

/// Bytes that are invalid as UTF-8, as JSON and as a compressed stream.
const GARBAGE: &[u8] = b"\xff\xfe\x00{\xc3\x28\xa0\xa1\x00\x00<\xe2\x28\xa1\xf0\x28\x8c\xbc\xff";

pub(super) fn status(code: StatusCode, retry_after: Option<u64>, body: Option<String>) -> Response {
    let body = body.unwrap_or_default();
    let content_type = match serde_json::from_str::<serde::de::IgnoredAny>(&body) {
        Ok(_) => "application/json",
        Err(_) => "text/plain; charset=utf-8",
    };
    let mut response = (code, [(header::CONTENT_TYPE, content_type)], body).into_response();
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

pub(super) fn redirect(location: &str) -> Response {
    match HeaderValue::from_str(location) {
        Ok(location) => (StatusCode::FOUND, [(header::LOCATION, location)]).into_response(),
        Err(_) => (StatusCode::FOUND, "the location of this fault cannot be a header\n").into_response(),
    }
}

/// Returns the answer, or ends the connection with a final 1xx, which hyper would not write.
pub(super) async fn written(answer: Response, line: &Line, stream: u32) -> Result<Response, Cut> {
    if !answer.status().is_informational() {
        return Ok(answer);
    }
    if line.is_http2() {
        line.inject(&connection::only_status(stream, answer.status().as_u16()));
        return std::future::pending().await;
    }
    let (head, body) = whole(answer).await?;
    Err(Cut::Written([&head_bytes(&head, Some(body.len())), &body[..]].concat().into()))
}

/// Returns the bytes of an HTTP/1.1 head.
fn head_bytes(head: &Parts, content_length: Option<usize>) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {}\r\n", head.status).into_bytes();
    if let Some(length) = content_length {
        bytes.extend(format!("content-length: {length}\r\n").as_bytes());
    }
    for (name, value) in head.headers.iter().filter(|(name, _)| *name != header::CONTENT_LENGTH) {
        bytes.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    bytes.extend(b"\r\n");
    bytes
}

/// Returns the head of an answer, and its whole body.
async fn whole(answer: Response) -> Result<(Parts, Bytes), Cut> {
    let (head, body) = answer.into_parts();
    let body = body.collect().await.map_err(|_| Cut::Close)?.to_bytes();
    Ok((head, body))
}

/// Ends the connection within the head of an answer.
pub(super) fn half_a_head(answer: &Response, line: &Line, stream: u32) -> Cut {
    if line.is_http2() {
        line.inject(&connection::half_a_head(stream));
        return Cut::Close;
    }
    Cut::Written(format!("HTTP/1.1 {}\r\ncontent-ty", answer.status()).into())
}

/// Announces after how long without a request the connection closes.
pub(super) fn keep_alive(mut answer: Response, ms: u64) -> Response {
    if let Ok(value) = HeaderValue::try_from(format!("timeout={}", ms / 1000)) {
        answer.headers_mut().insert("keep-alive", value);
    }
    answer
}

/// Adds a text in Latin-1 to the answer: one member to the first non-empty object of a body, or a word to its end.
pub(super) async fn latin1(answer: Response) -> Result<Response, Cut> {
    let (head, body) = whole(answer).await?;
    let object = body.windows(2).position(|pair| pair == b"{\"").map(|at| at + 1);
    let body = match object {
        Some(at) => [&body[..at], b"\"note\":\"citt\xe0\",", &body[at..]].concat(),
        None if body.is_empty() || [b'[', b'{', b'"'].contains(&body[0]) => body.to_vec(),
        None => [&body[..], b" citt\xe0"].concat(),
    };
    Ok(with_body(head, body.into()))
}

/// Compresses the body of an answer.
pub(super) async fn gzip(answer: Response) -> Result<Response, Cut> {
    let (mut head, body) = whole(answer).await?;
    head.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    let compressed = |body: &[u8]| -> io::Result<Vec<u8>> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(body)?;
        encoder.finish()
    };
    Ok(with_body(head, compressed(&body).map_err(|_| Cut::Close)?.into()))
}

/// Replaces the body of an answer; the HTTP library sets its length.
fn with_body(mut head: Parts, body: Body) -> Response {
    head.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(head, body)
}

/// Truncates an answer to its first half, and ends the connection or the stream after it. An answer without a body
/// announces one byte, and one that must not have one (204) is cut.
pub(super) async fn truncate(answer: Response, line: Arc<Line>, cut: Cut) -> Result<Response, Cut> {
    if answer.status() == StatusCode::NO_CONTENT {
        return Err(cut);
    }
    let (mut head, body) = whole(answer).await?;
    head.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len().max(1)));
    let half = body.slice(..body.len() / 2);
    Ok(Response::from_parts(head, ending(half, line, cut)))
}

/// Sends the whole body or half of it without its length, and closes the connection after it.
pub(super) async fn until_close(answer: Response, half: bool, line: Arc<Line>) -> Result<Response, Cut> {
    let (mut head, body) = whole(answer).await?;
    let body = if half { body.slice(..body.len() / 2) } else { body };
    if line.is_http2() {
        head.headers.remove(header::CONTENT_LENGTH);
        return Ok(Response::from_parts(head, ending(body, line, Cut::Close)));
    }
    head.headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
    Err(Cut::Written([&head_bytes(&head, None), &body[..]].concat().into()))
}

/// Returns a body of these bytes, after which the connection or the stream ends.
fn ending(bytes: Bytes, line: Arc<Line>, cut: Cut) -> Body {
    let end = stream::once(async move {
        match cut {
            Cut::Stream(_) => {
                // The pause lets hyper send the bytes before the error makes it discard what is unsent.
                tokio::task::yield_now().await;
                Err(cut)
            }
            cut => line.ended(cut).await,
        }
    });
    Body::from_stream(stream::iter([Ok(bytes)]).chain(end))
}

/// Delays the second half of an answer.
pub(super) async fn slow_body(answer: Response, ms: u64) -> Result<Response, Cut> {
    let (mut head, body) = whole(answer).await?;
    head.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    let (first, second) = (body.slice(..body.len() / 2), body.slice(body.len() / 2..));
    let late = stream::once(async move {
        tokio::time::sleep(Duration::from_millis(ms)).await;
        Ok::<_, Cut>(second)
    });
    Ok(Response::from_parts(head, Body::from_stream(stream::iter([Ok(first)]).chain(late))))
}

/// Replaces the body by garbage.
pub(super) fn garbage(answer: Response) -> Response {
    with_body(answer.into_parts().0, Body::from(Bytes::from_static(GARBAGE)))
}

/// Replaces the body by that many spaces: a JSON reader accepts them until the end.
pub(super) fn huge(answer: Response, bytes: u64) -> Response {
    static CHUNK: [u8; 64 * 1024] = [b' '; 64 * 1024];
    let chunks = stream::unfold(bytes, async |left| {
        let size = CHUNK.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let chunk = Bytes::from_static(&CHUNK[..size]);
        (size > 0).then(|| (Ok::<_, Cut>(chunk), left - size as u64))
    });
    with_body(answer.into_parts().0, Body::from_stream(chunks))
}

//! The server: accepts connections, records requests, applies faults, and calls the vendor's routes.

use std::borrow::Cow;
use std::error::Error as _;
use std::io::{self, Write as _};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use futures::{StreamExt, stream};
use http::{HeaderValue, Request, StatusCode, header};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::control::{PREFIX, Shared};
use super::fault::{Fault, is_at_or_below};
use super::record::Recorded;

/// The maximum size of a request body. An e-mail issue contains its attachments, so it is not small.
const MAX_REQUEST: usize = 64 * 1024 * 1024;

/// One stand-in behind a listening socket.
#[derive(Clone)]
pub(super) struct Server {
    pub(super) base_path: &'static str,
    pub(super) api: Router,
    pub(super) control: Router,
    pub(super) shared: Arc<Shared>,
    pub(super) stop: CancellationToken,
}

/// Ends the connection without an answer. As an error of the service it makes hyper drop the connection.
#[derive(Debug)]
enum Cut {
    /// Closes the connection in order (FIN).
    Close,
    /// Resets it at once, and discards what was not sent or read (RST).
    Reset,
    /// Closes it after these bytes, an answer that hyper does not write.
    Written(Bytes),
}

impl std::fmt::Display for Cut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the sandbox cuts this connection")
    }
}

impl std::error::Error for Cut {}

impl Server {
    /// Accepts connections until it is stopped, then ends those that are open.
    pub(super) async fn serve(mut self, listener: TcpListener) {
        if !self.base_path.is_empty() {
            self.api = Router::new().nest(self.base_path, self.api);
        }
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                () = self.stop.cancelled() => break,
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => {
                        connections.spawn(self.clone().connection(stream));
                    }
                    // Out of file descriptors, most likely: without a pause this would spin until one is free.
                    Err(error) => {
                        tracing::warn!(%error, "the sandbox cannot accept a connection");
                        tokio::time::sleep(Duration::from_millis(50)).await;
                    }
                },
                Some(_) = connections.join_next() => {}
            }
        }
        drop(listener);
        connections.shutdown().await;
    }

    async fn connection(self, stream: TcpStream) {
        // Without this a small answer can wait for the client's delayed acknowledgement.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY");
        }
        let service = service_fn(|request| self.answer(request));
        // An error here is a client that disconnected, or an intended fault.
        let mut connection = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        let Err(error) = (&mut connection).await else { return };
        tracing::debug!(%error, "a sandbox connection ended");
        match error.source().and_then(|cause| cause.downcast_ref()) {
            Some(Cut::Reset) => {
                // Connections dropped with this set are reset, not closed.
                let reset = connection.into_parts().io.into_inner().set_zero_linger();
                reset.unwrap_or_else(|error| tracing::warn!(%error, "the sandbox cannot reset a connection"));
            }
            Some(Cut::Written(answer)) => {
                let mut stream = connection.into_parts().io.into_inner();
                let written = async { stream.write_all(answer).await.and(stream.shutdown().await) };
                written.await.unwrap_or_else(|error| tracing::debug!(%error, "a sandbox client hung up"));
            }
            Some(Cut::Close) | None => {}
        }
    }

    async fn answer(&self, request: Request<Incoming>) -> Result<Response, Cut> {
        if is_at_or_below(request.uri().path(), PREFIX) {
            let Ok(response) = self.control.clone().oneshot(request.map(Body::new)).await;
            return Ok(response);
        }
        let (mut head, body) = request.into_parts();
        let full = plain(head.uri.path());
        let path = match full.strip_prefix(self.base_path) {
            Some(below) if is_at_or_below(&full, self.base_path) => below,
            _ => &full,
        };
        let (fault, cleared) = self.shared.faults.take(&head.method, path).unzip();
        if fault == Some(Fault::ResetDuring) {
            self.shared.recorder.add(Recorded::new(&head, path, Bytes::new(), fault.as_ref().map(Fault::kind)));
            return Err(Cut::Reset);
        }
        let body = Limited::new(body, MAX_REQUEST).collect().await.map_err(|_| Cut::Close)?.to_bytes();
        let recorded = Recorded::new(&head, path, body.clone(), fault.as_ref().map(Fault::kind));
        let number = self.shared.recorder.add(recorded);
        if full != head.uri.path() {
            let query = head.uri.query().map(|query| format!("?{query}")).unwrap_or_default();
            head.uri = format!("{full}{query}").parse().map_err(|_| Cut::Close)?;
        }
        let handle = self.clone().handle(number, Request::from_parts(head, Body::from(body)));
        match fault {
            None => Ok(handle.await),
            Some(Fault::Delay { ms }) => self.after(tokio::time::sleep(Duration::from_millis(ms)), handle).await,
            Some(Fault::Hold) => self.after(until(cleared), handle).await,
            Some(Fault::Status { code, retry_after, body }) => written(status(code, retry_after, body)).await,
            Some(Fault::Answer { code, body }) => {
                let mut answer = handle.await;
                if let Some(body) = body {
                    answer = status(code, None, Some(body));
                }
                *answer.status_mut() = code;
                written(answer).await
            }
            Some(Fault::Latin1) => changed(handle.await, latin1).await,
            Some(Fault::Gzip) => {
                let mut answer = changed(handle.await, gzip).await?;
                answer.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
                Ok(answer)
            }
            Some(Fault::Redirect { location }) => Ok(redirect(&location)),
            Some(Fault::CutBefore) => Err(Cut::Close),
            Some(Fault::ResetDuring) => Err(Cut::Reset),
            Some(Fault::ResetAfter) => {
                handle.await;
                Err(Cut::Reset)
            }
            Some(Fault::SlowBody { ms }) => slow_body(handle.await, ms).await,
            Some(Fault::HangBefore) => std::future::pending().await,
            Some(Fault::CutAfter) => {
                handle.await;
                Err(Cut::Close)
            }
            Some(Fault::HangAfter) => {
                handle.await;
                std::future::pending().await
            }
            Some(Fault::Truncate) => truncate(handle.await).await,
            Some(Fault::Garbage) => Ok(with_body(handle.await, Body::from(Bytes::from_static(GARBAGE)))),
            Some(Fault::Huge { bytes }) => Ok(with_body(handle.await, huge(bytes))),
        }
    }

    /// Calls the vendor's routes.
    async fn handle(self, number: usize, request: Request<Body>) -> Response {
        let Ok(response) = self.api.oneshot(request).await;
        self.shared.recorder.handled(number, response.status().as_u16());
        response
    }

    /// Waits before the vendor's routes are called. A task of its own, because a client that disconnects drops the
    /// connection's future, and a slow vendor sends the message all the same.
    async fn after(
        &self,
        wait: impl Future<Output = ()> + Send + 'static,
        handle: impl Future<Output = Response> + Send + 'static,
    ) -> Result<Response, Cut> {
        let stop = self.stop.clone();
        let late = tokio::spawn(stop.run_until_cancelled_owned(async move {
            wait.await;
            handle.await
        }));
        late.await.ok().flatten().ok_or(Cut::Close)
    }
}

/// Returns the path without empty segments, as web servers read it: samples join a base that ends with a slash and a
/// path that begins with one.
fn plain(path: &str) -> Cow<'_, str> {
    if !path.contains("//") && (path.len() == 1 || !path.ends_with('/')) {
        return Cow::Borrowed(path);
    }
    let segments = path.split('/').filter(|segment| !segment.is_empty());
    Cow::Owned(segments.fold(String::new(), |path, segment| path + "/" + segment))
}

/// Waits until the rules are cleared.
async fn until(cleared: Option<watch::Receiver<()>>) {
    if let Some(mut cleared) = cleared {
        // The sender lives as long as the stand-in.
        let _ = cleared.changed().await;
    }
}

/// Bytes that are invalid as UTF-8, as JSON and as a compressed stream.
const GARBAGE: &[u8] = b"\xff\xfe\x00{\xc3\x28\xa0\xa1\x00\x00<\xe2\x28\xa1\xf0\x28\x8c\xbc\xff";

fn status(code: StatusCode, retry_after: Option<u64>, body: Option<String>) -> Response {
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

fn redirect(location: &str) -> Response {
    match HeaderValue::from_str(location) {
        Ok(location) => (StatusCode::FOUND, [(header::LOCATION, location)]).into_response(),
        Err(_) => (StatusCode::FOUND, "the location of this fault cannot be a header\n").into_response(),
    }
}

/// Returns the answer, or writes a final 1xx past hyper, which would not write it.
async fn written(answer: Response) -> Result<Response, Cut> {
    if !answer.status().is_informational() {
        return Ok(answer);
    }
    let (head, body) = answer.into_parts();
    let body = body.collect().await.map_err(|_| Cut::Close)?.to_bytes();
    let mut bytes = format!("HTTP/1.1 {}\r\ncontent-length: {}\r\n", head.status, body.len()).into_bytes();
    for (name, value) in head.headers.iter().filter(|(name, _)| *name != header::CONTENT_LENGTH) {
        bytes.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    bytes.extend(b"\r\n");
    bytes.extend(body);
    Err(Cut::Written(bytes.into()))
}

/// Applies `change` to the body of an answer.
async fn changed(answer: Response, change: impl FnOnce(&[u8]) -> io::Result<Vec<u8>>) -> Result<Response, Cut> {
    let (head, body) = answer.into_parts();
    let body = body.collect().await.map_err(|_| Cut::Close)?.to_bytes();
    let body = change(&body).map_err(|_| Cut::Close)?;
    Ok(with_body(Response::from_parts(head, Body::empty()), body.into()))
}

/// Adds one member to the first non-empty object of a body, or a word to its end.
fn latin1(body: &[u8]) -> io::Result<Vec<u8>> {
    let object = body.windows(2).position(|pair| pair == b"{\"").map(|at| at + 1);
    Ok(match object {
        Some(at) => [&body[..at], b"\"note\":\"citt\xe0\",", &body[at..]].concat(),
        None if body.is_empty() || [b'[', b'{', b'"'].contains(&body[0]) => body.to_vec(),
        None => [body, b" citt\xe0"].concat(),
    })
}

fn gzip(body: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body)?;
    encoder.finish()
}

/// Replaces the body of an answer; the HTTP library sets its length.
fn with_body(response: Response, body: Body) -> Response {
    let (mut head, _) = response.into_parts();
    head.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(head, body)
}

/// Truncates an answer to its first half. One without a body announces one byte, and one that must not have one (204)
/// is cut.
async fn truncate(response: Response) -> Result<Response, Cut> {
    if response.status() == StatusCode::NO_CONTENT {
        return Err(Cut::Close);
    }
    let (mut head, body) = response.into_parts();
    let body = body.collect().await.map_err(|_| Cut::Close)?.to_bytes();
    head.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len().max(1)));
    let half = body.slice(..body.len() / 2);
    // The pause lets hyper send the half before the error makes it discard the unsent rest.
    let end = stream::once(async {
        tokio::task::yield_now().await;
        Err(Cut::Close)
    });
    Ok(Response::from_parts(head, Body::from_stream(stream::iter([Ok(half)]).chain(end))))
}

/// Delays the second half of an answer.
async fn slow_body(response: Response, ms: u64) -> Result<Response, Cut> {
    let (mut head, body) = response.into_parts();
    let body = body.collect().await.map_err(|_| Cut::Close)?.to_bytes();
    head.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    let (first, second) = (body.slice(..body.len() / 2), body.slice(body.len() / 2..));
    let late = stream::once(async move {
        tokio::time::sleep(Duration::from_millis(ms)).await;
        Ok::<_, Cut>(second)
    });
    Ok(Response::from_parts(head, Body::from_stream(stream::iter([Ok(first)]).chain(late))))
}

/// Returns that many spaces: a JSON reader accepts them until the end.
fn huge(bytes: u64) -> Body {
    static CHUNK: [u8; 64 * 1024] = [b' '; 64 * 1024];
    let chunks = stream::unfold(bytes, async |left| {
        let size = CHUNK.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let chunk = Bytes::from_static(&CHUNK[..size]);
        (size > 0).then(|| (Ok::<_, Cut>(chunk), left - size as u64))
    });
    Body::from_stream(chunks)
}

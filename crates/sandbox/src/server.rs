//! The server: accepts connections, records requests, applies faults, and calls the vendor's routes.

use std::borrow::Cow;
use std::sync::{Arc, atomic::Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::answer;
use super::connection::{self, Cut, Line, MAX_STREAM};
use super::control::{PREFIX, Shared};
use super::fault::{Fault, LastStream, Phase, is_at_or_below};
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

/// Where a request arrived.
struct Arrival {
    line: Arc<Line>,
    /// The HTTP/2 stream.
    stream: u32,
}

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
                        self.shared.connections.fetch_add(1, Ordering::Relaxed);
                        let server = self.clone();
                        connections.spawn(async move {
                            let answer = |line, stream, request| {
                                let server = server.clone();
                                async move { server.answer(Arrival { line, stream }, request).await }
                            };
                            connection::serve(stream, &server.shared.tls, answer).await;
                        });
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

    async fn answer(&self, at: Arrival, request: Request<Incoming>) -> Result<Response, Cut> {
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
        let record = |body| Recorded::new(&head, path, body, fault.as_ref().map(Fault::kind));
        if let Some(cut) = fault.as_ref().and_then(Fault::after_the_head) {
            self.shared.recorder.add(record(Bytes::new()));
            return Err(cut);
        }
        let body = Limited::new(body, MAX_REQUEST).collect().await.map_err(|_| Cut::Close)?.to_bytes();
        let number = self.shared.recorder.add(record(body.clone()));
        if let Some(Fault::GoAway { last: LastStream::Before, code, close }) = fault
            && at.line.is_http2()
        {
            return Err(at.excluded(code, close).await);
        }
        // A client may send the request of a stream that a GOAWAY excluded elsewhere.
        if !at.line.admit(at.stream) {
            return std::future::pending().await;
        }
        if full != head.uri.path() {
            let query = head.uri.query().map(|query| format!("?{query}")).unwrap_or_default();
            head.uri = format!("{full}{query}").parse().map_err(|_| Cut::Close)?;
        }
        let handle = self.clone().handle(number, Request::from_parts(head, Body::from(body)));
        let Some(fault) = fault else { return Ok(handle.await) };
        match fault {
            Fault::Delay { ms } => self.after(tokio::time::sleep(Duration::from_millis(ms)), handle).await,
            Fault::Hold => self.after(until(cleared), handle).await,
            Fault::Status { code, retry_after, body } => {
                answer::written(answer::status(code, retry_after, body), &at.line, at.stream).await
            }
            Fault::Answer { code, body } => {
                let mut answer = handle.await;
                if let Some(body) = body {
                    answer = answer::status(code, None, Some(body));
                }
                *answer.status_mut() = code;
                answer::written(answer, &at.line, at.stream).await
            }
            Fault::Latin1 => answer::latin1(handle.await).await,
            Fault::Gzip => answer::gzip(handle.await).await,
            Fault::Redirect { location } => Ok(answer::redirect(&location)),
            Fault::CutBefore => Err(Cut::Close),
            Fault::HalfCloseBefore => Err(Cut::HalfClose),
            Fault::HangBefore => std::future::pending().await,
            Fault::CutDuring | Fault::ResetDuring => Err(Cut::Reset),
            Fault::ResetStream { code, phase: Phase::Head | Phase::Body } => Err(stream_reset(code)),
            fault => at.handled(fault, handle.await).await,
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

impl Arrival {
    /// Lets a fault have its effect on the answer of a handled request, or on the connection after it.
    async fn handled(&self, fault: Fault, answer: Response) -> Result<Response, Cut> {
        let line = &self.line;
        match fault {
            Fault::CutAfter => return Err(Cut::Close),
            Fault::CutAnswer => return Err(answer::half_a_head(&answer, line, self.stream)),
            Fault::ResetAfter => return Err(Cut::Reset),
            Fault::HalfCloseAfter => return Err(Cut::HalfClose),
            Fault::HangAfter => return std::future::pending().await,
            Fault::SlowBody { ms } => return answer::slow_body(answer, ms).await,
            Fault::Truncate => return answer::truncate(answer, Arc::clone(line), Cut::Close).await,
            Fault::UntilClose { half } => return answer::until_close(answer, half, Arc::clone(line)).await,
            Fault::Garbage => return Ok(answer::garbage(answer)),
            Fault::Huge { bytes } => return Ok(answer::huge(answer, bytes)),
            Fault::CloseIdle { ms, announced } => {
                line.close_idle(Duration::from_millis(ms), announced);
                if announced {
                    return Ok(answer::keep_alive(answer, ms));
                }
            }
            Fault::CloseNext { reset } => line.trap(reset),
            Fault::StopReading => line.stop_reading(),
            Fault::Settings { max_concurrent_streams, initial_window_size } => {
                let settings = [(3, max_concurrent_streams), (4, initial_window_size)];
                line.set(&settings.into_iter().filter_map(|(id, value)| Some((id, value?))).collect::<Vec<_>>());
            }
            Fault::GoAway { last, code, close } if line.is_http2() => {
                line.go_away((last == LastStream::All).then_some(MAX_STREAM), code);
                if close {
                    return Err(Cut::Close);
                }
            }
            Fault::ResetStream { code, phase: Phase::Answer } => {
                return answer::truncate(answer, Arc::clone(line), stream_reset(code)).await;
            }
            Fault::ResetStream { code, .. } => return Err(stream_reset(code)),
            // The others have no effect after the request was handled.
            _ => {}
        }
        Ok(answer)
    }

    /// Excludes the stream by GOAWAY, and every stream that is not being handled yet.
    async fn excluded(&self, code: u32, close: bool) -> Cut {
        let last = self.line.go_away(None, code);
        if close {
            return Cut::Close;
        }
        if last > self.stream {
            // GOAWAY would not exclude this one.
            return stream_reset(h2::Reason::REFUSED_STREAM.into());
        }
        std::future::pending().await
    }
}

impl Fault {
    /// Returns how the connection or stream ends before the body of the request is read.
    fn after_the_head(&self) -> Option<Cut> {
        match self {
            Self::CutDuring => Some(Cut::Close),
            Self::ResetDuring => Some(Cut::Reset),
            Self::ResetStream { code, phase: Phase::Head } => Some(stream_reset(*code)),
            _ => None,
        }
    }
}

fn stream_reset(code: u32) -> Cut {
    Cut::Stream(h2::Reason::from(code).into())
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

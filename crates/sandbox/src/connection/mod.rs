//! One connection: TLS or plain text, HTTP/1.1 or HTTP/2, as the client chooses; and the faults of connections.
//!
//! | file | content |
//! |---|---|
//! | `mod.rs` | the choice of the protocol, and the end of the connection |
//! | `line.rs` | what a connection and its requests share |
//! | `tcp.rs` | the TCP connection: reads, closes and resets as a fault asks |
//! | `tls.rs` | the certificate |
//! | `frames.rs` | the frames of HTTP/2 that the library does not send by itself |

mod frames;
mod line;
mod tcp;
mod tls;

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::response::Response;
use http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio_util::either::Either;

use self::frames::Frames;
pub(crate) use self::frames::{MAX_STREAM, half_a_head, only_status};
use self::line::Reading;
pub(crate) use self::line::{Cut, Line};
use self::tcp::Tcp;
pub(crate) use self::tls::Tls;

/// The first byte of a TLS handshake.
const HANDSHAKE: u8 = 0x16;

/// How the preface of HTTP/2 begins; no method does.
const PREFACE: &[u8] = b"PR";

/// Serves a connection. `answer` gets the line and the request's stream, which is 0 in HTTP/1.1.
pub(crate) async fn serve<F, Fut>(stream: TcpStream, tls: &Tls, answer: F)
where
    F: Fn(Arc<Line>, u32, Request<Incoming>) -> Fut + Clone,
    Fut: Future<Output = Result<Response, Cut>> + Send + 'static,
{
    // Without this a small answer can wait for the client's delayed acknowledgement.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY");
    }
    if let Err(error) = connected(stream, tls, answer).await {
        tracing::debug!(%error, "a sandbox connection was not made");
    }
}

async fn connected<F, Fut>(stream: TcpStream, tls: &Tls, answer: F) -> io::Result<()>
where
    F: Fn(Arc<Line>, u32, Request<Incoming>) -> Fut + Clone,
    Fut: Future<Output = Result<Response, Cut>> + Send + 'static,
{
    let begin = beginning(&stream).await?;
    let is_tls = begin.first() == Some(&HANDSHAKE);
    // Decided before TLS, which is on top of the line: a line of HTTP/1.1 becomes one of HTTP/2.
    let line = Arc::new(Line::default());
    let tcp = Tcp::new(stream, Arc::clone(&line));
    let (io, http2) = if is_tls {
        let stream = tls.acceptor().accept(tcp).await?;
        let http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
        (Either::Right(stream), http2)
    } else {
        (Either::Left(tcp), begin == PREFACE)
    };
    if http2 {
        line.become_http2();
        let service = {
            let line = Arc::clone(&line);
            service_fn(move |request| {
                // In the order in which the streams were opened.
                let stream = line.streams(|streams| streams.next()).unwrap_or_default();
                answered(Arc::clone(&line), answer(Arc::clone(&line), stream, request))
            })
        };
        let io = TokioIo::new(Frames::new(io, Arc::clone(&line)));
        let mut connection =
            hyper::server::conn::http2::Builder::new(TokioExecutor::new()).serve_connection(io, service);
        drive(&mut connection, &line, |connection| connection.graceful_shutdown()).await;
        return Ok(());
    }
    let service = {
        let line = Arc::clone(&line);
        service_fn(move |request| answered(Arc::clone(&line), answer(Arc::clone(&line), 0, request)))
    };
    let mut connection = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(io), service);
    if let Some(bytes) = drive(&mut connection, &line, |connection| connection.graceful_shutdown()).await {
        let mut io = connection.into_parts().io.into_inner();
        io.write_all(&bytes).await?;
        io.flush().await?;
    }
    Ok(())
}

/// Returns the first bytes of a connection without reading them: as many as show the protocol.
async fn beginning(stream: &TcpStream) -> io::Result<Vec<u8>> {
    let mut begin = [0; PREFACE.len()];
    loop {
        let length = stream.peek(&mut begin).await?;
        if length != 1 || begin[0] != PREFACE[0] {
            return Ok(begin[..length].to_vec());
        }
        // The rest is on its way, and a peek would not wait for it.
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// Ends the connection if the request is not answered.
async fn answered(line: Arc<Line>, answer: impl Future<Output = Result<Response, Cut>>) -> Result<Response, Cut> {
    let _busy = line.busy();
    match answer.await {
        Err(Cut::Stream(error)) if line.is_http2() => Err(Cut::Stream(error)),
        Err(Cut::Stream(_)) => line.ended(Cut::Reset).await,
        Err(cut) => line.ended(cut).await,
        answer => answer,
    }
}

/// Drives a connection until it ends. Returns the bytes to end it with.
async fn drive<C>(connection: &mut C, line: &Line, leave: impl Fn(Pin<&mut C>)) -> Option<bytes::Bytes>
where
    C: Future<Output = hyper::Result<()>> + Unpin,
{
    loop {
        let closes_at = line.closes_at();
        let idle = async {
            match closes_at {
                Some((at, announced)) => {
                    tokio::time::sleep_until(at).await;
                    announced
                }
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            // First, so that what is to be sent before a cut is sent.
            biased;
            result = &mut *connection => {
                // An error here is a client that disconnected, or an intended fault.
                if let Err(error) = result {
                    tracing::debug!(%error, "a sandbox connection ended");
                }
                return None;
            }
            () = line.changed() => {}
            announced = idle => {
                // A request may have come in the meantime.
                if line.closes_at() == closes_at {
                    if !announced {
                        return None;
                    }
                    line.leave();
                    leave(Pin::new(connection));
                }
            }
        }
        match line.take_cut() {
            None => {}
            Some(Cut::Reset) => {
                line.reset();
                return None;
            }
            Some(Cut::HalfClose) => line.read(Reading::Finished),
            Some(Cut::Written(bytes)) => return Some(bytes),
            Some(Cut::Close | Cut::Stream(_)) => return None,
        }
    }
}

//! Serves a connection from its first byte to its last.

use std::{convert::Infallible, pin::pin, sync::Arc, time::Duration};

use arc_swap::ArcSwapOption;
use bytes::Bytes;
use futures::{Stream, StreamExt};
use http::{Request, Response};
use hyper::{body::Incoming, server::conn::http2::Builder, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::ServerConfig;
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tonic::{Status, body::Body};
use tower::Service;

use super::{
    cancellations::{BURST, RequestBody},
    handshake::{cause, open},
    listener::Arrival,
    unauthenticated::Visit,
};
use crate::{config, telemetry::incidents::Incident};

/// The least metadata that HTTP/2 accepts before it closes the whole connection: metadata over
/// `server.max_header_bytes` should fail its own call only.
const HEADER_BYTES: u32 = 1 << 20;

/// The most bytes of a request that the transport buffers before they are read.
const STREAM_WINDOW: u32 = 64 << 10;

/// The same for all requests on a connection together: one slow stream must not block the others.
const CONNECTION_WINDOW: u32 = 4 * STREAM_WINDOW;

/// How long a client that was asked to reconnect (GOAWAY) may take to close, if it has not made a call yet.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// The settings that connections are served with.
#[derive(Debug, Clone)]
pub(super) struct Transport {
    http: Builder<TokioExecutor>,
    /// Read for every new connection, so that a change drops none.
    tls: Arc<ArcSwapOption<ServerConfig>>,
    handshake_timeout: Duration,
    max_age: Duration,
    grace: Duration,
}

impl Transport {
    /// Serves with these `settings`; in plain text while `tls` is empty.
    pub(super) fn new(settings: &config::ServerConfig, tls: Arc<ArcSwapOption<ServerConfig>>) -> Self {
        // At this many reset streams that it has not accepted yet, h2 closes the connection with all its calls. The
        // limits of `Cancellations` come before and end no call.
        let resets = settings.max_concurrent_streams.saturating_mul(2 * BURST) as usize;
        let mut http = Builder::new(TokioExecutor::new());
        http.timer(TokioTimer::new())
            .keep_alive_interval(settings.keepalive_interval)
            .keep_alive_timeout(settings.keepalive_timeout)
            .max_header_list_size(settings.max_header_bytes.saturating_mul(2).max(HEADER_BYTES))
            .initial_stream_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_concurrent_streams(settings.max_concurrent_streams)
            .max_pending_accept_reset_streams(resets)
            .max_local_error_reset_streams(resets);
        let config::ServerConfig {
            handshake_timeout,
            max_connection_age: max_age,
            max_connection_age_grace: grace,
            ..
        } = *settings;
        Self { http, tls, handshake_timeout, max_age, grace }
    }

    /// Serves connections until `closed`, then waits until all of them have ended.
    pub(super) async fn serve<S, B>(self, arrivals: impl Stream<Item = Arrival>, service: S, closed: CancellationToken)
    where
        S: Service<Request<Body>, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
        S::Future: Send,
        B: http_body::Body<Data = Bytes, Error = Status> + Send + 'static,
    {
        let (transport, connections) = (Arc::new(self), TaskTracker::new());
        let mut arrivals = pin!(arrivals.take_until(closed.cancelled()));
        while let Some(arrival) = arrivals.next().await {
            connections.spawn(transport.clone().serve_connection(arrival, service.clone(), closed.clone()));
        }
        connections.close();
        connections.wait().await;
    }

    /// Serves one connection.
    async fn serve_connection<S, B>(self: Arc<Self>, arrival: Arrival, service: S, closed: CancellationToken)
    where
        S: Service<Request<Body>, Response = Response<B>, Error = Infallible> + Clone + Send + 'static,
        S::Future: Send,
        B: http_body::Body<Data = Bytes, Error = Status> + Send + 'static,
    {
        let Arrival { stream, since, visit, permit: _permit } = arrival;
        let mut first_call = pin!(sleep_until(since + self.handshake_timeout));
        let opened = tokio::select! {
            opened = open(stream, self.tls.load_full(), &visit) => opened,
            () = &mut first_call => return Incident::Timeout.note(visit.peer),
            () = visit.evicted() => return,
            () = closed.cancelled() => return,
        };
        let io = match opened {
            Ok(io) => TokioIo::new(io),
            Err(error) => return cause(&error).note(format_args!("{}: {error}", visit.peer)),
        };
        let caller = visit.clone();
        let answer = service_fn(move |request: Request<Incoming>| {
            let mut request = request.map(|inner| Body::new(RequestBody { inner, visit: caller.clone() }));
            caller.note_call();
            request.extensions_mut().insert(caller.clone());
            // Every layer, and the routes below, are always ready.
            service.clone().call(request)
        });
        let mut connection = pin!(self.http.serve_connection(io, answer));
        let (mut is_awaited, mut is_warned, mut is_leaving, mut has_end) = (true, false, false, false);
        let (mut leave, mut end) = (pin!(self.leave(&visit, &closed)), pin!(sleep(Duration::ZERO)));
        loop {
            tokio::select! {
                ended = connection.as_mut() => {
                    if let Err(error) = ended {
                        note(&visit, &error);
                    }
                    return;
                }
                // A connection with a call of an authenticated caller is never evicted.
                () = visit.evicted() => return,
                () = &mut first_call, if is_awaited => {
                    if visit.has_called() {
                        is_awaited = false;
                    } else if is_warned {
                        return;
                    } else {
                        // A client that is about to call then does so on another connection.
                        Incident::Timeout.note(visit.peer);
                        connection.as_mut().graceful_shutdown();
                        first_call.as_mut().reset(Instant::now() + CLOSE_TIMEOUT);
                        is_warned = true;
                    }
                }
                grace = &mut leave, if !is_leaving => {
                    is_leaving = true;
                    connection.as_mut().graceful_shutdown();
                    if let Some(grace) = grace {
                        has_end = true;
                        end.as_mut().reset(Instant::now() + grace);
                    }
                }
                () = &mut end, if has_end => return,
            }
        }
    }

    /// Waits until the client must be asked to reconnect, and returns the grace period of its calls.
    async fn leave(&self, visit: &Visit, closed: &CancellationToken) -> Option<Duration> {
        tokio::select! {
            // The drain has a limit of its own.
            () = closed.cancelled() => None,
            () = sleep(self.max_age) => Some(self.grace),
            () = visit.cancellations.exhausted() => Some(self.grace),
        }
    }
}

/// Counts connections that end with a protocol error of the client. One that is merely cut off is not counted.
fn note(visit: &Visit, error: &hyper::Error) {
    let cause = std::error::Error::source(error).and_then(|cause| cause.downcast_ref::<h2::Error>());
    if let Some(cause) = cause.filter(|cause| cause.is_library()) {
        Incident::Http2.note(format_args!("{}: {cause}", visit.peer));
    }
}

#[cfg(test)]
mod tests {
    use std::{future::ready, net::SocketAddr};

    use rcgen::generate_simple_self_signed;
    use rustls::pki_types::PrivateKeyDer;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpStream,
    };
    use tokio_util::task::AbortOnDropHandle;

    use super::*;
    use crate::{
        config::{Config, Problems},
        server::{listener::Listener, preface::PREFACE, tls},
    };

    #[tokio::test]
    async fn a_change_of_tls_is_for_new_connections_and_drops_none() {
        let settings = Config::new(toml::Table::new(), &mut Problems::new()).server;
        let tls = Arc::new(ArcSwapOption::empty());
        let listener = Listener::bind(SocketAddr::from(([127, 0, 0, 1], 0)), &settings).await.expect("a port");
        let address = listener.address().expect("an address");
        let service = tower::service_fn(|_| ready(Ok::<_, Infallible>(Response::new(Body::empty()))));
        let transport = Transport::new(&settings, tls.clone());
        let _serving = AbortOnDropHandle::new(tokio::spawn(transport.serve(
            listener.arrivals(),
            service,
            CancellationToken::new(),
        )));
        let mut earlier = TcpStream::connect(address).await.expect("a connection");
        let mut settings = [0; 9];
        earlier.write_all(PREFACE).await.expect("written");
        earlier.read_exact(&mut settings).await.expect("it speaks HTTP/2");

        let made = generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("a key");
        tls.store(Some(Arc::new(tls::server(vec![made.cert.der().clone()], key, None).expect("TLS"))));
        let mut later = TcpStream::connect(address).await.expect("a connection");
        later.write_all(PREFACE).await.expect("written");
        let mut alert = [0];
        later.read_exact(&mut alert).await.expect("an answer");
        assert_eq!(alert, [21], "plain text is not taken any more");

        // A ping; other frames may come before its answer.
        let ping = *b"\0\0\x08\x06\0\0\0\0\0whatever";
        earlier.write_all(b"\0\0\0\x04\0\0\0\0\0").await.expect("it goes on");
        earlier.write_all(&ping).await.expect("it goes on");
        let mut answer = Vec::new();
        while !answer.ends_with(b"whatever") {
            answer.push(earlier.read_u8().await.expect("it goes on"));
        }
    }
}

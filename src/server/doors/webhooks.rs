//! The port that vendors push to: HTTP/1.1 and 2, with or without TLS, at `/{account}/{token}`.
//!
//! A path without a valid token is answered at once, with nothing: whoever guesses learns not even whether an account exists.
//! A push is answered when it is stored. What cannot be stored is 503, so that the vendor repeats it.

use std::{
    convert::Infallible,
    io,
    net::{IpAddr, SocketAddr},
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use arc_swap::ArcSwapOption;
use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Empty, LengthLimitError, Limited};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto::Builder,
};
use rustls::ServerConfig;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;
use tokio_util::{either::Either, sync::CancellationToken, task::TaskTracker};

use crate::{
    config::WebhooksConfig,
    gateway::{Account, Gateway, PushAnswer},
    request::names,
    telemetry::{incidents::Incident, metrics},
};

/// The most bytes of a push.
const LONGEST: usize = 256 << 10;

/// The most bytes of the head of a request.
const LONGEST_HEAD: u32 = 32 << 10;

/// The most pushes in flight on a connection of HTTP/2.
const STREAMS: u32 = 64;

/// The age at which a connection is asked to leave, and how long it may take for that.
const AGE: (Duration, Duration) = (Duration::from_secs(300), Duration::from_secs(30));

/// The pause after a failed `accept`, for example because too many files are open.
const BACKOFF: Duration = Duration::from_millis(500);

/// The bound port.
pub(in crate::server) struct Webhooks {
    listener: TcpListener,
    door: Arc<Door>,
}

/// What the connections share.
struct Door {
    settings: WebhooksConfig,
    /// The path of the public URL, which a proxy may leave in place.
    prefix: String,
    gateway: Arc<Gateway>,
    /// Read for every new connection; empty without TLS.
    tls: Arc<ArcSwapOption<ServerConfig>>,
    connections: Arc<Semaphore>,
    in_flight: Arc<Semaphore>,
}

impl Webhooks {
    /// Binds the port, if configured.
    pub(in crate::server) async fn bind(
        settings: WebhooksConfig,
        gateway: Arc<Gateway>,
        tls: Arc<ArcSwapOption<ServerConfig>>,
    ) -> io::Result<Option<Self>> {
        let Some(address) = settings.listen else { return Ok(None) };
        let listener = TcpListener::bind(address).await;
        let listener = listener.map_err(|e| io::Error::new(e.kind(), format!("webhooks.listen = {address}: {e}")))?;
        let public_url = settings.public_url.as_deref().and_then(|url| url::Url::parse(url).ok());
        let door = Door {
            prefix: public_url.map(|url| url.path().trim_end_matches('/').to_owned()).unwrap_or_default(),
            gateway,
            tls: if settings.tls { tls } else { Arc::default() },
            connections: Arc::new(Semaphore::new(settings.max_connections.min(Semaphore::MAX_PERMITS))),
            in_flight: Arc::new(Semaphore::new(settings.max_in_flight.min(Semaphore::MAX_PERMITS))),
            settings,
        };
        Ok(Some(Self { listener, door: Arc::new(door) }))
    }

    /// Returns the address that vendors, or a proxy before them, connect to.
    pub(in crate::server) fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Accepts connections until `closed`, then waits until the pushes in flight are answered.
    pub(in crate::server) async fn serve(self, closed: CancellationToken) {
        let Self { listener, door } = self;
        let connections = TaskTracker::new();
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = closed.cancelled() => break,
            };
            match accepted {
                Ok((stream, peer)) => match door.connections.clone().try_acquire_owned() {
                    Ok(permit) => {
                        let serving = door.clone().serve(stream, peer.ip(), closed.clone());
                        connections.spawn(async move {
                            let _permit = permit;
                            serving.await;
                        });
                    }
                    Err(_) => Incident::PushTurnedAway.note(peer.ip()),
                },
                Err(e) if e.kind() == io::ErrorKind::ConnectionAborted => {}
                Err(error) => {
                    tracing::warn!(%error, "cannot accept connections of vendors");
                    sleep(BACKOFF).await;
                }
            }
        }
        drop(listener);
        connections.close();
        connections.wait().await;
    }
}

impl Door {
    /// Serves one connection.
    async fn serve(self: Arc<Self>, stream: TcpStream, peer: IpAddr, closed: CancellationToken) {
        let has_called = Arc::new(AtomicBool::new(false));
        let mut first_call = pin!(sleep(self.settings.read_timeout));
        let _ = stream.set_nodelay(true);
        let io = match self.tls.load_full() {
            None => Either::Left(stream),
            Some(tls) => tokio::select! {
                accepted = TlsAcceptor::from(tls).accept(stream) => match accepted {
                    Ok(stream) => Either::Right(Box::new(stream)),
                    Err(error) => return Incident::TlsOther.note(format_args!("{peer}: {error}")),
                },
                () = &mut first_call => return Incident::Timeout.note(peer),
                () = closed.cancelled() => return,
            },
        };
        let (door, called) = (self.clone(), has_called.clone());
        let service = service_fn(move |request: Request<Incoming>| {
            called.store(true, Relaxed);
            let door = door.clone();
            async move { Ok::<_, Infallible>(door.answer(request, peer).await) }
        });
        let mut http = Builder::new(TokioExecutor::new());
        http.http1()
            .timer(TokioTimer::new())
            .header_read_timeout(self.settings.read_timeout)
            .max_buf_size(LONGEST_HEAD as usize);
        http.http2()
            .timer(TokioTimer::new())
            .keep_alive_interval(self.settings.read_timeout)
            .keep_alive_timeout(self.settings.read_timeout)
            .max_concurrent_streams(STREAMS)
            .max_header_list_size(LONGEST_HEAD);
        let mut connection = pin!(http.serve_connection(TokioIo::new(io), service));
        let mut leave = pin!(async {
            tokio::select! {
                () = sleep(AGE.0) => {}
                () = closed.cancelled() => {}
            }
        });
        let (mut is_new, mut is_leaving, mut end) = (true, false, pin!(sleep(AGE.0 + AGE.1)));
        loop {
            tokio::select! {
                // A vendor that breaks HTTP repeats its push.
                _ = connection.as_mut() => return,
                () = &mut first_call, if is_new => {
                    is_new = false;
                    if !has_called.load(Relaxed) {
                        return Incident::Timeout.note(peer);
                    }
                }
                () = &mut leave, if !is_leaving => {
                    is_leaving = true;
                    connection.as_mut().graceful_shutdown();
                }
                () = &mut end => return,
            }
        }
    }

    /// Answers one request.
    async fn answer(&self, request: Request<Incoming>, peer: IpAddr) -> Response<Empty<Bytes>> {
        let Some(account) = self.account(request.uri().path()) else {
            Incident::UnknownWebhook.note(self.client(&request, peer));
            return empty(StatusCode::NOT_FOUND);
        };
        let (status, result) = self.push(&account, request, peer).await;
        metrics::push(names::account_id(&account.site.account), result);
        let mut response = empty(status);
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        response
    }

    /// Returns the account of a path whose token is valid.
    fn account(&self, path: &str) -> Option<Arc<Account>> {
        let path = path.strip_prefix(&self.prefix).unwrap_or(path);
        let (id, token) = path.strip_prefix('/')?.split_once('/')?;
        self.gateway.admit(id, token)
    }

    /// Returns the status of a push, and its name in the metrics.
    async fn push(
        &self,
        account: &Arc<Account>,
        request: Request<Incoming>,
        peer: IpAddr,
    ) -> (StatusCode, &'static str) {
        if !matches!(*request.method(), Method::GET | Method::POST) {
            return (StatusCode::METHOD_NOT_ALLOWED, "method");
        }
        let Some(_permits) = self.permits(account) else {
            return (StatusCode::SERVICE_UNAVAILABLE, "overloaded");
        };
        let (name, client) = (account.site.account.clone(), self.client(&request, peer));
        let (head, body) = request.into_parts();
        let body = match timeout(self.settings.read_timeout, Limited::new(body, LONGEST).collect()).await {
            Ok(Ok(body)) => body.to_bytes(),
            Ok(Err(error)) if error.is::<LengthLimitError>() => {
                Incident::PushTooLarge.note(format_args!("{name}, from {client}"));
                return (StatusCode::PAYLOAD_TOO_LARGE, "too_large");
            }
            // Not 4xx, after which a vendor may not repeat it.
            Ok(Err(_)) => return (StatusCode::SERVICE_UNAVAILABLE, "incomplete"),
            Err(_) => {
                Incident::PushTimeout.note(format_args!("{name}, from {client}"));
                return (StatusCode::SERVICE_UNAVAILABLE, "timeout");
            }
        };
        match self.gateway.push(account, Request::from_parts(head, body)).await {
            PushAnswer::Stored => (StatusCode::OK, "stored"),
            PushAnswer::Repeated => (StatusCode::OK, "repeated"),
            PushAnswer::Unmatched => (StatusCode::OK, "unmatched"),
            PushAnswer::Test => (StatusCode::OK, "test"),
            PushAnswer::Unreadable => {
                Incident::PushUnreadable.note(format_args!("{name}, from {client}"));
                (StatusCode::OK, "unreadable")
            }
            PushAnswer::Refused => {
                Incident::PushRefused.note(format_args!("{name}, from {client}"));
                (StatusCode::FORBIDDEN, "refused")
            }
            PushAnswer::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
        }
    }

    /// Returns the permits of a push: one of all, and one of its account.
    fn permits(&self, account: &Account) -> Option<(OwnedSemaphorePermit, OwnedSemaphorePermit)> {
        Some((self.in_flight.clone().try_acquire_owned().ok()?, account.webhook.permit()?))
    }

    /// Returns the address of the client, for the log: the last one that a trusted proxy does not vouch for.
    fn client(&self, request: &Request<Incoming>, peer: IpAddr) -> IpAddr {
        let is_trusted =
            |address: &IpAddr| self.settings.trusted_proxies.iter().any(|network| network.contains(*address));
        let forwarded = request.headers().get_all("x-forwarded-for");
        let forwarded = forwarded.iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
        let mut client = peer;
        for address in forwarded.collect::<Vec<_>>().into_iter().rev() {
            if !is_trusted(&client) {
                break;
            }
            let Ok(address) = address.trim().parse() else { break };
            client = address;
        }
        client
    }
}

fn empty(status: StatusCode) -> Response<Empty<Bytes>> {
    let mut response = Response::new(Empty::new());
    *response.status_mut() = status;
    response
}

//! The door's hinges: connections are taken, TLS is agreed on, and no client that is slow at it keeps others waiting.

use std::{
    io::{self, ErrorKind, IoSlice},
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use arc_swap::ArcSwapOption;
use futures::{Stream, StreamExt, future::ready, stream::unfold};
use rustls::ServerConfig;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{sleep, timeout},
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use tokio_util::{either::Either, task::AbortOnDropHandle};
use tonic::transport::server::Connected;

use super::{
    auth::CertificateNames,
    preface::{self, PREFACE},
    tls,
};
use crate::config;

/// How long to wait when the system has no connection to give, such as when too many files are open.
const PAUSE: Duration = Duration::from_millis(500);

/// A bound port.
pub(super) struct Listener {
    listener: TcpListener,
    door: Door,
    room: Arc<Semaphore>,
    is_full: bool,
}

/// How connections begin.
#[derive(Clone)]
pub(super) struct Door {
    /// Looked at for every new connection, so that a change drops none.
    tls: Arc<ArcSwapOption<ServerConfig>>,
    handshake_timeout: Duration,
}

/// A connection that was accepted and has not begun to speak. It is of no runtime yet.
pub(super) struct Arrival {
    stream: std::net::TcpStream,
    place: Place,
}

/// The room that a connection takes as long as it lasts.
struct Place {
    _room: OwnedSemaphorePermit,
    _count: Option<Arc<()>>,
}

impl Arrival {
    /// Keeps an owner of `count` as long as the connection lasts.
    pub(super) fn counted_by(mut self, count: Arc<()>) -> Self {
        self.place._count = Some(count);
        self
    }
}

impl Listener {
    /// Binds `address`; in plain text while `tls` is empty.
    pub(super) async fn bind(
        address: SocketAddr,
        tls: Arc<ArcSwapOption<ServerConfig>>,
        settings: &config::Server,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let room = Arc::new(Semaphore::new(settings.max_connections.min(Semaphore::MAX_PERMITS)));
        let door = Door { tls, handshake_timeout: settings.handshake_timeout };
        Ok(Self { listener, door, room, is_full: false })
    }

    pub(super) fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// How its connections begin.
    pub(super) fn door(&self) -> Door {
        self.door.clone()
    }

    /// The connections that have begun to speak. It never fails, nor ends.
    pub(super) fn connections(self) -> impl Stream<Item = io::Result<Connection>> + Send {
        let door = self.door();
        let arrivals = unfold(self, |mut listener| async move { Some((listener.accept().await, listener)) });
        door.connections(arrivals.filter_map(ready))
    }

    /// The next connection, if there is room for it.
    pub(super) async fn accept(&mut self) -> Option<Arrival> {
        let stream = match self.listener.accept().await {
            Ok((stream, _)) => stream.into_std(),
            Err(e) => Err(e),
        };
        let stream = match stream {
            Ok(stream) => stream,
            Err(e) if is_of_one_connection(&e) => return None,
            Err(error) => {
                tracing::warn!(%error, "cannot accept connections");
                sleep(PAUSE).await;
                return None;
            }
        };
        if let Ok(room) = self.room.clone().try_acquire_owned() {
            self.is_full = false;
            return Some(Arrival { stream, place: Place { _room: room, _count: None } });
        }
        // Told once, not as often as somebody knocks.
        if !std::mem::replace(&mut self.is_full, true) {
            tracing::warn!("connections are turned away: there are server.max_connections");
        }
        None
    }
}

impl Door {
    /// Those of the arrivals that have begun to speak, in the order in which they did. It never fails.
    pub(super) fn connections(
        self,
        arrivals: impl Stream<Item = Arrival> + Send,
    ) -> impl Stream<Item = io::Result<Connection>> + Send {
        let opened = arrivals.map(move |arrival| {
            let opened = open(arrival, self.tls.load_full());
            AbortOnDropHandle::new(tokio::spawn(timeout(self.handshake_timeout, opened)))
        });
        // No other limit than that of connections, of which each is one already: else silence could fill it.
        opened.buffer_unordered(usize::MAX).filter_map(|opened| {
            ready(match opened {
                Ok(Ok(Ok(connection))) => Some(Ok(connection)),
                Ok(Ok(Err(error))) => {
                    tracing::debug!(%error, "a connection failed before it began");
                    None
                }
                Ok(Err(_)) => {
                    tracing::debug!("a connection did not begin in time");
                    None
                }
                // A panic, which the hook has told.
                Err(_) => None,
            })
        })
    }
}

/// Whether an error of accepting is about a client that has gone again.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::Interrupted)
}

/// Agrees on TLS, where there is any, and on HTTP/2.
async fn open(arrival: Arrival, tls: Option<Arc<ServerConfig>>) -> io::Result<Connection> {
    let Arrival { stream, place } = arrival;
    let mut stream = TcpStream::from_std(stream)?;
    stream.set_nodelay(true)?;
    let Some(tls) = tls else {
        preface::read(&mut stream).await?;
        return Ok(Connection { io: Either::Left(stream), preface: PREFACE, names: Arc::default(), _place: place });
    };
    let mut stream = Box::new(TlsAcceptor::from(tls).accept(stream).await?);
    preface::read(&mut stream).await?;
    let certificate = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
    let names = certificate.map(tls::names).unwrap_or_default();
    Ok(Connection { io: Either::Right(stream), preface: PREFACE, names, _place: place })
}

/// A connection that has begun to speak HTTP/2.
pub(super) struct Connection {
    io: Either<TcpStream, Box<TlsStream<TcpStream>>>,
    /// What was read of the preface and is to be read again.
    preface: &'static [u8],
    names: Arc<[String]>,
    _place: Place,
}

impl Connected for Connection {
    type ConnectInfo = CertificateNames;

    fn connect_info(&self) -> CertificateNames {
        CertificateNames(self.names.clone())
    }
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if !self.preface.is_empty() {
            let (now, later) = self.preface.split_at(self.preface.len().min(buffer.remaining()));
            buffer.put_slice(now);
            self.preface = later;
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.io).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(cx, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use rcgen::generate_simple_self_signed;
    use rustls::pki_types::PrivateKeyDer;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;
    use crate::config::{Config, Problems};

    #[tokio::test]
    async fn a_change_of_tls_is_for_new_connections_and_drops_none() {
        let settings = Config::new(toml::Table::new(), &mut Problems::new()).server;
        let tls = Arc::new(ArcSwapOption::empty());
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let listener = Listener::bind(address, tls.clone(), &settings).await.expect("a port");
        let address = listener.address().expect("an address");
        let mut connections = pin!(listener.connections());
        let mut earlier = TcpStream::connect(address).await.expect("a connection");
        earlier.write_all(PREFACE).await.expect("written");
        let mut taken = connections.next().await.expect("it never ends").expect("it never fails");

        let made = generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("a key");
        tls.store(Some(Arc::new(tls::server(vec![made.cert.der().clone()], key, None).expect("TLS"))));
        let mut later = TcpStream::connect(address).await.expect("a connection");
        later.write_all(PREFACE).await.expect("written");
        let mut alert = [0];
        tokio::select! {
            _ = connections.next() => panic!("plain text is not taken any more"),
            read = later.read_exact(&mut alert) => assert_eq!((read.expect("an answer"), alert), (1, [21])),
        }

        taken.write_all(b"Hello").await.expect("it goes on");
        let mut answer = [0; 5];
        earlier.read_exact(&mut answer).await.expect("it goes on");
        assert_eq!(&answer, b"Hello");
    }
}

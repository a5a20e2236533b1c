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

use super::{auth::CertificateNames, tls};
use crate::config;

/// How long to wait when the system has no connection to give, such as when too many files are open.
const PAUSE: Duration = Duration::from_millis(500);

/// A bound port.
pub(super) struct Listener {
    listener: TcpListener,
    /// Looked at for every new connection, so that a change drops none.
    tls: Arc<ArcSwapOption<ServerConfig>>,
    handshake_timeout: Duration,
    room: Arc<Semaphore>,
    is_full: bool,
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
        Ok(Self { listener, tls, handshake_timeout: settings.handshake_timeout, room, is_full: false })
    }

    pub(super) fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// The connections that have begun to speak, in the order in which they did. It never fails, nor ends.
    pub(super) fn connections(self) -> impl Stream<Item = io::Result<Connection>> + Send {
        let accepted = unfold(self, |mut door| async move {
            let (stream, place) = door.accept().await;
            let opened = open(stream, door.tls.load_full(), place);
            let opened = AbortOnDropHandle::new(tokio::spawn(timeout(door.handshake_timeout, opened)));
            Some((opened, door))
        });
        // No other limit than that of connections, of which each is one already: else silence could fill it.
        accepted.buffer_unordered(usize::MAX).filter_map(|opened| {
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

    async fn accept(&mut self) -> (TcpStream, OwnedSemaphorePermit) {
        loop {
            let stream = match self.listener.accept().await {
                Ok((stream, _)) => stream,
                Err(e) if is_of_one_connection(&e) => continue,
                Err(error) => {
                    tracing::warn!(%error, "cannot accept connections");
                    sleep(PAUSE).await;
                    continue;
                }
            };
            if let Ok(place) = self.room.clone().try_acquire_owned() {
                self.is_full = false;
                return (stream, place);
            }
            // Told once, not as often as somebody knocks.
            if !std::mem::replace(&mut self.is_full, true) {
                tracing::warn!("connections are turned away: there are server.max_connections");
            }
        }
    }
}

/// Whether an error of accepting is about a client that has gone again.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::Interrupted)
}

/// Agrees on TLS, or waits for the first byte where there is none.
async fn open(
    stream: TcpStream,
    tls: Option<Arc<ServerConfig>>,
    place: OwnedSemaphorePermit,
) -> io::Result<Connection> {
    stream.set_nodelay(true)?;
    let Some(tls) = tls else {
        // Not `readable`, which may be told too early.
        stream.peek(&mut [0]).await?;
        return Ok(Connection { io: Either::Left(stream), names: Arc::default(), _place: place });
    };
    let stream = TlsAcceptor::from(tls).accept(stream).await?;
    let certificate = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
    let names = certificate.map(tls::names).unwrap_or_default();
    Ok(Connection { io: Either::Right(Box::new(stream)), names, _place: place })
}

/// A connection that has begun to speak.
pub(super) struct Connection {
    io: Either<TcpStream, Box<TlsStream<TcpStream>>>,
    names: Arc<[String]>,
    _place: OwnedSemaphorePermit,
}

impl Connected for Connection {
    type ConnectInfo = CertificateNames;

    fn connect_info(&self) -> CertificateNames {
        CertificateNames(self.names.clone())
    }
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
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
        earlier.write_all(b"Hello").await.expect("written");
        let mut taken = connections.next().await.expect("it never ends").expect("it never fails");

        let made = generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("a key");
        tls.store(Some(Arc::new(tls::server(vec![made.cert.der().clone()], key, None).expect("TLS"))));
        let mut later = TcpStream::connect(address).await.expect("a connection");
        later.write_all(b"Hello").await.expect("written");
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

//! The socket of a connection. It counts the bytes that were handed to the system, which proves that a request never
//! left, and shows whether the peer has sent or closed anything at this very moment.

use std::{
    io::{self, IoSlice, Read as _},
    mem::MaybeUninit,
    net::Shutdown,
    pin::Pin,
    sync::{
        Arc,
        atomic::{
            AtomicBool, AtomicU64,
            Ordering::{AcqRel, Acquire, Release},
        },
    },
    task::{Context, Poll, ready},
};

use socket2::SockRef;
use tokio::{
    io::{AsyncRead, AsyncWrite, Interest, ReadBuf},
    net::TcpStream,
};
use tokio_rustls::client::TlsStream;

/// A TCP connection.
#[derive(Debug)]
pub(super) struct Socket {
    tcp: TcpStream,
    written: AtomicU64,
    received: AtomicU64,
    /// Whether the last write had to wait.
    blocked: AtomicBool,
    /// Whether reads ask the system, and not only the runtime.
    direct: AtomicBool,
}

/// What the peer has sent by now that was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unread {
    /// Nothing: the connection is open.
    Nothing,
    /// Something, which may be the end of the connection.
    Something,
    /// The end: the connection is closed or broken.
    End,
}

impl Socket {
    pub(super) fn new(tcp: TcpStream) -> Arc<Self> {
        Arc::new(Self {
            tcp,
            written: AtomicU64::new(0),
            received: AtomicU64::new(0),
            blocked: AtomicBool::new(false),
            direct: AtomicBool::new(false),
        })
    }

    /// Returns the number of bytes that the system took.
    pub(super) fn written(&self) -> u64 {
        self.written.load(Acquire)
    }

    /// Returns the number of bytes that arrived and were read.
    pub(super) fn received(&self) -> u64 {
        self.received.load(Acquire)
    }

    /// Whether the system has not taken all that was to be written.
    pub(super) fn is_blocked(&self) -> bool {
        self.blocked.load(Acquire)
    }

    /// Lets writing fail.
    #[cfg(test)]
    pub(super) fn shut_down(&self) {
        SockRef::from(&self.tcp).shutdown(Shutdown::Write).expect("a connection");
    }

    /// Asks the system what has arrived. The runtime is not asked: it learns of it only when it next polls the system.
    pub(super) fn unread(&self) -> Unread {
        match SockRef::from(&self.tcp).peek(&mut [MaybeUninit::uninit()]) {
            Ok(0) => Unread::End,
            Ok(_) => Unread::Something,
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => Unread::Nothing,
            Err(_) => Unread::End,
        }
    }

    /// Lets reads ask the system, and not only the runtime, which learns later of what has arrived.
    pub(super) fn read_directly(&self, direct: bool) {
        self.direct.store(direct, Release);
    }

    /// Waits until something has arrived. Needs no buffer, which most calls in flight would hold for nothing.
    pub(super) fn poll_readable(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.tcp.poll_read_ready(context)
    }

    fn poll_write_with(
        &self,
        context: &mut Context<'_>,
        write: impl Fn() -> io::Result<usize>,
    ) -> Poll<io::Result<usize>> {
        loop {
            let ready = self.tcp.poll_write_ready(context)?;
            self.blocked.store(ready.is_pending(), Release);
            ready!(ready);
            match write() {
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => {}
                written => {
                    self.written.fetch_add(*written.as_ref().unwrap_or(&0) as u64, AcqRel);
                    return Poll::Ready(written);
                }
            }
        }
    }
}

/// A handle of a socket, to read and write.
#[derive(Debug, Clone)]
pub(super) struct Wire(pub(super) Arc<Socket>);

impl AsyncRead for Wire {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let socket = &*self.0;
        if socket.direct.load(Acquire) {
            match (&*SockRef::from(&socket.tcp)).read(buf.initialize_unfilled()) {
                Ok(count) => {
                    buf.advance(count);
                    socket.received.fetch_add(count as u64, AcqRel);
                    return Poll::Ready(Ok(()));
                }
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => {}
                Err(e) => return Poll::Ready(Err(e)),
            }
        }
        loop {
            ready!(socket.tcp.poll_read_ready(context))?;
            let room = buf.remaining();
            let mut read = None;
            let result = socket.tcp.try_io(Interest::READABLE, || {
                let count = socket.tcp.try_read_buf(buf)?;
                read = Some(count);
                // epoll reports an edge: less than there was room for means that nothing is left, and that the system
                // need not be asked once more. This is what tokio's own stream does.
                match cfg!(target_os = "linux") && (1..room).contains(&count) {
                    true => Err(io::ErrorKind::WouldBlock.into()),
                    false => Ok(()),
                }
            });
            match (read, result) {
                (Some(count), _) => {
                    socket.received.fetch_add(count as u64, AcqRel);
                    return Poll::Ready(Ok(()));
                }
                (None, Err(e)) if e.kind() != io::ErrorKind::WouldBlock => return Poll::Ready(Err(e)),
                _ => {}
            }
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.0.poll_write_with(context, || self.0.tcp.try_write(buf))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.0.poll_write_with(context, || self.0.tcp.try_write_vectored(bufs))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(match SockRef::from(&self.0.tcp).shutdown(Shutdown::Write) {
            Err(e) if e.kind() == io::ErrorKind::NotConnected => Ok(()),
            result => result,
        })
    }
}

/// A connection, with or without TLS.
#[derive(Debug)]
pub(super) enum Stream {
    Plain(Wire),
    Tls(Box<TlsStream<Wire>>),
}

macro_rules! either {
    ($self:ident, $stream:ident => $what:expr) => {
        match $self.get_mut() {
            Self::Plain($stream) => $what,
            Self::Tls($stream) => {
                let $stream = &mut **$stream;
                $what
            }
        }
    };
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        either!(self, stream => Pin::new(stream).poll_read(context, buf))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        either!(self, stream => Pin::new(stream).poll_write(context, buf))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        either!(self, stream => Pin::new(stream).poll_write_vectored(context, bufs))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(self, stream => Pin::new(stream).poll_flush(context))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(self, stream => Pin::new(stream).poll_shutdown(context))
    }
}

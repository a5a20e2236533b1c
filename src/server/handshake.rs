//! The handshake of a connection: TLS, if configured, and HTTP/2.

use std::{
    error::Error,
    io::{self, ErrorKind, IoSlice},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use rustls::{Error as TlsError, InvalidMessage, ServerConfig};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use tokio_util::either::Either;

use super::{
    preface::{self, PREFACE},
    tls,
    unauthenticated::Visit,
};
use crate::telemetry::incidents::Incident;

/// Runs the TLS handshake, if configured, and reads the HTTP/2 preface; notes the names in the client's certificate.
pub(super) async fn open(
    stream: std::net::TcpStream,
    tls: Option<Arc<ServerConfig>>,
    visit: &Visit,
) -> io::Result<Connection> {
    let mut stream = TcpStream::from_std(stream)?;
    stream.set_nodelay(true)?;
    let Some(tls) = tls else {
        preface::read(&mut stream).await?;
        return Ok(Connection { io: Either::Left(stream), preface: PREFACE });
    };
    let mut stream = Box::new(TlsAcceptor::from(tls).accept(stream).await?);
    preface::read(&mut stream).await?;
    if let Some(certificate) = stream.get_ref().1.peer_certificates().and_then(<[_]>::first) {
        visit.note_names(tls::names(certificate));
    }
    Ok(Connection { io: Either::Right(stream), preface: PREFACE })
}

/// Returns why a handshake failed.
pub(super) fn cause(error: &io::Error) -> Incident {
    let tls = error.get_ref().and_then(|inner| (inner as &(dyn Error + 'static)).downcast_ref());
    match (tls, error.kind()) {
        (Some(TlsError::InvalidMessage(InvalidMessage::InvalidContentType)), _) => Incident::PlainText,
        (Some(TlsError::PeerIncompatible(_) | TlsError::NoApplicationProtocol), _) => Incident::TlsIncompatible,
        (Some(TlsError::InvalidCertificate(_) | TlsError::NoCertificatesPresented), _) => Incident::TlsCertificate,
        (Some(TlsError::AlertReceived(_)), _) => Incident::TlsAlert,
        (Some(_), _) => Incident::TlsOther,
        (None, ErrorKind::Unsupported) => Incident::Http1,
        (None, ErrorKind::InvalidData) => Incident::NotHttp2,
        (None, _) => Incident::Closed,
    }
}

/// A connection whose client speaks HTTP/2.
pub(super) struct Connection {
    io: Either<TcpStream, Box<TlsStream<TcpStream>>>,
    /// The preface, which was read already and is replayed to the HTTP/2 implementation.
    preface: &'static [u8],
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

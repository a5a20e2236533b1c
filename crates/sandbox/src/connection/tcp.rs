//! The TCP connection below TLS and HTTP: what faults do to its bytes.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::line::{Line, Reading};

/// A TCP connection.
#[derive(Debug)]
pub(super) struct Tcp {
    stream: TcpStream,
    line: Arc<Line>,
    /// Whether FIN was sent by a fault.
    finished: bool,
}

impl Tcp {
    pub(super) fn new(stream: TcpStream, line: Arc<Line>) -> Self {
        Self { stream, line, finished: false }
    }

    /// Sends FIN once, and discards what arrives until the client closes too.
    fn discard(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.finished {
            ready!(Pin::new(&mut self.stream).poll_shutdown(context))?;
            self.finished = true;
        }
        let mut scratch = [0; 4096];
        loop {
            let mut scratch = ReadBuf::new(&mut scratch);
            ready!(Pin::new(&mut self.stream).poll_read(context, &mut scratch))?;
            if scratch.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
        }
    }
}

impl AsyncRead for Tcp {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        match this.line.reading() {
            Reading::On => Pin::new(&mut this.stream).poll_read(context, buffer),
            // A change wakes the connection.
            Reading::Off => Poll::Pending,
            Reading::Trapped { reset } => {
                ready!(this.stream.poll_read_ready(context))?;
                if reset {
                    this.line.reset();
                    return Poll::Ready(Ok(()));
                }
                this.line.read(Reading::Finished);
                this.discard(context)
            }
            Reading::Finished => this.discard(context),
        }
    }
}

impl AsyncWrite for Tcp {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.line.reading() {
            Reading::Finished => Poll::Ready(Ok(bytes.len())),
            _ => Pin::new(&mut self.stream).poll_write(context, bytes),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // A FIN before the reset would be an orderly close.
        if self.line.resets() || self.line.reading() == Reading::Finished {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl Drop for Tcp {
    fn drop(&mut self) {
        if self.line.resets()
            && let Err(error) = self.stream.set_zero_linger()
        {
            tracing::warn!(%error, "the sandbox cannot reset a connection");
        }
    }
}

//! The frames of an HTTP/2 connection (RFC 9113), between TLS and the HTTP library: faults add frames that the library
//! cannot send, and read which streams were opened.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::line::Line;

pub(super) const HEADERS: u8 = 1;
pub(super) const SETTINGS: u8 = 4;
pub(super) const GOAWAY: u8 = 7;

const ACK: u8 = 1;
const PREFACE: usize = 24;
const HEAD: usize = 9;

/// More unsent bytes than this make the library wait.
const UNSENT: usize = 256 * 1024;

/// The highest stream id.
pub(crate) const MAX_STREAM: u32 = u32::MAX >> 1;

/// The streams of a connection, and the frames to add.
#[derive(Debug)]
pub(super) struct Streams {
    /// The frames to send.
    pub(super) inject: BytesMut,
    /// The opened streams that the library has not handed over yet, in their order, and the last of all.
    opened: VecDeque<u32>,
    last_opened: u32,
    /// The highest stream whose request the vendor's logic got.
    pub(super) begun: u32,
    /// Requests of higher streams are ignored.
    pub(super) last: u32,
}

impl Default for Streams {
    fn default() -> Self {
        Self { inject: BytesMut::new(), opened: VecDeque::new(), last_opened: 0, begun: 0, last: MAX_STREAM }
    }
}

impl Streams {
    /// Returns the stream of the next request that the library hands over.
    pub(super) fn next(&mut self) -> u32 {
        self.opened.pop_front().unwrap_or(self.last_opened)
    }

    pub(super) fn admit(&mut self, stream: u32) -> bool {
        let admitted = stream <= self.last;
        if admitted {
            self.begun = self.begun.max(stream);
        }
        admitted
    }
}

/// Returns a frame's bytes.
pub(super) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap_or(u32::MAX).to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// Returns the frame of an answer's head with this status and nothing else, which ends the stream.
pub(crate) fn only_status(stream: u32, status: u16) -> Vec<u8> {
    const END_STREAM_AND_HEADERS: u8 = 1 | 4;
    // In HPACK: the name of entry 8, `:status`, with a literal value that the table does not remember.
    let field = [&[0x08, 3][..], status.to_string().as_bytes()].concat();
    frame(HEADERS, END_STREAM_AND_HEADERS, stream, &field)
}

/// Returns the beginning of a frame that is longer.
pub(crate) fn half_a_head(stream: u32) -> Vec<u8> {
    let mut whole = only_status(stream, 200);
    whole.truncate(HEAD + 2);
    whole
}

/// A connection whose frames can be added to.
#[derive(Debug)]
pub(super) struct Frames<T> {
    inner: T,
    line: Arc<Line>,
    /// Whether the client's preface was read, and its first acknowledgement of settings: the only one that the library
    /// waits for.
    begun: bool,
    acknowledged: bool,
    /// What arrived of an incomplete frame, and the complete ones.
    arriving: BytesMut,
    arrived: BytesMut,
    /// What the library wrote of an incomplete frame, and the complete ones.
    written: BytesMut,
    unsent: BytesMut,
}

impl<T: AsyncRead + AsyncWrite + Unpin> Frames<T> {
    pub(super) fn new(inner: T, line: Arc<Line>) -> Self {
        Self {
            inner,
            line,
            begun: false,
            acknowledged: false,
            arriving: BytesMut::new(),
            arrived: BytesMut::new(),
            written: BytesMut::new(),
            unsent: BytesMut::new(),
        }
    }

    /// Moves the complete frames that arrived.
    fn sort(&mut self) {
        if !self.begun {
            if self.arriving.len() < PREFACE {
                return;
            }
            self.begun = true;
            self.arrived.extend_from_slice(&self.arriving.split_to(PREFACE));
        }
        while let Some(length) = whole(&self.arriving) {
            let frame = self.arriving.split_to(length);
            let (kind, flags) = (frame[3], frame[4]);
            let stream = u32::from_be_bytes([frame[5], frame[6], frame[7], frame[8]]);
            if (kind, flags & ACK) == (SETTINGS, ACK) && std::mem::replace(&mut self.acknowledged, true) {
                continue;
            }
            if kind == HEADERS {
                self.line.streams(|streams| {
                    if stream > streams.last_opened {
                        streams.last_opened = stream;
                        streams.opened.push_back(stream);
                    }
                });
            }
            self.arrived.extend_from_slice(&frame);
        }
    }

    /// Sends the complete frames and those that are added.
    fn send(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(length) = whole(&self.written) {
            self.unsent.extend_from_slice(&self.written.split_to(length));
        }
        let unsent = &mut self.unsent;
        self.line.added(|frames| unsent.extend_from_slice(&frames.split()));
        while !self.unsent.is_empty() {
            let sent = ready!(Pin::new(&mut self.inner).poll_write(context, &self.unsent))?;
            if sent == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.unsent.advance(sent);
        }
        Pin::new(&mut self.inner).poll_flush(context)
    }
}

/// Returns the length of the first frame, if it is complete.
fn whole(bytes: &[u8]) -> Option<usize> {
    let head = bytes.get(..HEAD)?;
    let length = HEAD + u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
    (bytes.len() >= length).then_some(length)
}

impl<T: AsyncRead + AsyncWrite + Unpin> AsyncRead for Frames<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        // The library polls this whenever the connection is woken.
        if let Poll::Ready(result) = this.send(context) {
            result?;
        }
        while this.arrived.is_empty() {
            let mut chunk = [0; 16 * 1024];
            let mut chunk = ReadBuf::new(&mut chunk);
            ready!(Pin::new(&mut this.inner).poll_read(context, &mut chunk))?;
            if chunk.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
            this.arriving.extend_from_slice(chunk.filled());
            this.sort();
        }
        let size = this.arrived.len().min(buffer.remaining());
        buffer.put_slice(&this.arrived.split_to(size));
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Frames<T> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.unsent.len() > UNSENT {
            ready!(self.send(context))?;
        }
        self.written.extend_from_slice(bytes);
        if let Poll::Ready(result) = self.send(context) {
            result?;
        }
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.send(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.send(context))?;
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}

//! A connection of HTTP/1.1, driven by the call that it serves: no task, no channel, and no buffer while the answer is
//! awaited.
//!
//! Not hyper's client, which keeps 25 KB for each connection (a read and a write buffer of 8 KiB and the first block of a
//! channel), whose sizes cannot be set without lowering the limit of an answer's head, and which reads only what the
//! runtime already knows to have arrived. `httparse` parses here, as it does in hyper; `fuzz/` holds the two against each
//! other.

mod body;
mod head;

use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::{
        Arc,
        atomic::{
            AtomicBool,
            Ordering::{Acquire, Release},
        },
    },
    task::{Context, Poll, Wake, Waker, ready},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::Notify,
    time::Instant,
};
use tokio_util::io::poll_read_buf;

use self::{body::Framing, head::Invalid};
use super::{
    Broken, Head,
    connect::About,
    socket::{Stream, Unread},
};

/// The sizes of reads: most answers fit the first; those that do not are read in larger and larger parts.
const FIRST_READ: usize = 1024;
const LARGEST_READ: usize = 64 << 10;

/// A connection of HTTP/1.1.
pub(super) struct Http1 {
    stream: Stream,
    pub(super) about: About,
    /// What was read and is not used yet; empty while idle.
    buffer: BytesMut,
    next_read: usize,
    request: Outgoing,
    framing: Framing,
    /// Whether it may be used again after this exchange.
    persistent: bool,
    /// For how long the vendor keeps it while idle, if it says so.
    keep_alive: Option<Duration>,
    /// Whether it has carried a request before this one.
    used: bool,
    pub(super) idle_since: Instant,
    idle: Arc<IdleSignal>,
    waker: Waker,
}

/// A request while it is written.
#[derive(Default)]
struct Outgoing {
    head: Vec<u8>,
    body: Bytes,
    /// How many bytes of both were written.
    at: usize,
    /// How much was written to the socket before it.
    before: u64,
    /// Whether the vendor closed its side meanwhile.
    failed: bool,
}

impl Outgoing {
    /// Returns how many bytes are to be written yet.
    fn left(&self) -> usize {
        self.head.len() + self.body.len() - self.at
    }
}

/// Wakes the keeper of the idle connections when something happens on this one.
struct IdleSignal {
    happened: AtomicBool,
    keeper: Arc<Notify>,
}

impl Wake for IdleSignal {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.happened.store(true, Release);
        self.keeper.notify_one();
    }
}

impl Http1 {
    /// Creates a connection; `keeper` watches it while it is idle.
    pub(super) fn new(stream: Stream, about: About, keeper: &Arc<Notify>) -> Box<Self> {
        let idle = Arc::new(IdleSignal { happened: AtomicBool::new(false), keeper: Arc::clone(keeper) });
        Box::new(Self {
            stream,
            buffer: BytesMut::new(),
            next_read: FIRST_READ,
            request: Outgoing::default(),
            framing: Framing::Length(0),
            persistent: true,
            keep_alive: None,
            used: false,
            idle_since: about.opened,
            waker: Waker::from(Arc::clone(&idle)),
            idle,
            about,
        })
    }

    /// Whether a write that is sent now arrives before the vendor closes the connection for being idle.
    pub(super) fn is_fresh(&self, now: Instant, limit: Duration) -> bool {
        now < self.stale_at(limit)
    }

    /// When it is no longer fresh.
    pub(super) fn stale_at(&self, limit: Duration) -> Instant {
        let limit = self.keep_alive.map_or(limit, |keep_alive| keep_alive.min(limit));
        self.idle_since + limit.saturating_sub(self.about.round_trip)
    }

    /// Begins an exchange: the request is written when the answer is polled. Returns false if the vendor has closed the
    /// connection, or has sent what nobody asked for: nothing was sent.
    pub(super) fn begin(&mut self, head: Vec<u8>, body: Bytes) -> bool {
        // Not over before there is an answer.
        self.framing = Framing::UntilClose;
        if !self.is_open_now() {
            return false;
        }
        let before = self.about.socket.written();
        self.request = Outgoing { head, body, at: 0, before, failed: false };
        self.next_read = FIRST_READ;
        true
    }

    /// Returns for how long a connection that has carried a request is idle. One that has not says nothing of it: a server
    /// often waits longer for the first request.
    pub(super) fn idle(&self, now: Instant) -> Option<Duration> {
        self.used.then(|| now.saturating_duration_since(self.idle_since))
    }

    /// Whether the vendor has neither closed the connection nor sent what nobody asked for, at this moment.
    pub(super) fn is_open(&self) -> bool {
        self.about.socket.unread() == Unread::Nothing
    }

    /// As [`Http1::is_open`], after a look at what has arrived: over TLS the vendor may have sent session tickets, which
    /// come when they come.
    fn is_open_now(&mut self) -> bool {
        if self.is_open() {
            return true;
        }
        self.about.socket.read_directly(true);
        let open = self.watch();
        self.about.socket.read_directly(false);
        open && self.is_open()
    }

    /// Whether any byte of the request was handed to the system.
    pub(super) fn has_left(&self) -> bool {
        self.about.socket.written() != self.request.before
    }

    pub(super) fn poll_head(&mut self, context: &mut Context<'_>) -> Poll<Result<Head, Broken>> {
        let written = self.poll_write(context);
        if self.request.failed && !self.has_left() {
            return Poll::Ready(Err(self.unsent()));
        }
        if self.buffer.is_empty() && written.is_ready() {
            // No buffer while nothing has come: there are as many of these as calls in flight.
            if ready!(self.about.socket.poll_readable(context)).is_err() {
                return Poll::Ready(Err(Broken::Lost));
            }
        }
        loop {
            if !self.buffer.is_empty() {
                match head::parse(&mut self.buffer) {
                    Ok(Some(parsed)) => return Poll::Ready(Ok(self.answered(parsed))),
                    Ok(None) => {}
                    Err(Invalid) => return Poll::Ready(Err(Broken::Lost)),
                }
            }
            match ready!(self.poll_read(context)) {
                Ok(0) | Err(_) => return Poll::Ready(Err(self.gone())),
                Ok(_) => {}
            }
        }
    }

    fn answered(&mut self, parsed: head::Parsed) -> Head {
        // An answer before the end of the request: the rest is not wanted.
        let complete = self.request.left() == 0;
        self.request = Outgoing { before: self.request.before, ..Outgoing::default() };
        self.persistent = parsed.persistent && complete;
        self.keep_alive = parsed.keep_alive;
        self.framing = parsed.framing;
        self.used = true;
        Head { status: parsed.status, headers: parsed.headers, length: parsed.framing.length() }
    }

    pub(super) fn poll_chunk(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Bytes>, Broken>> {
        loop {
            match self.framing.next(&mut self.buffer) {
                Ok(Some(chunk)) => return Poll::Ready(Ok(Some(chunk))),
                Ok(None) if self.framing.is_over() => return Poll::Ready(Ok(None)),
                Ok(None) => {}
                Err(Invalid) => return Poll::Ready(Err(Broken::Lost)),
            }
            match ready!(self.poll_read(context)) {
                Ok(0) if self.framing == Framing::UntilClose => return Poll::Ready(Ok(None)),
                Ok(0) | Err(_) => return Poll::Ready(Err(Broken::Lost)),
                Ok(_) => {}
            }
        }
    }

    /// Returns the body, if all of it came with the head.
    pub(super) fn arrived_body(&mut self) -> Option<Bytes> {
        let length = usize::try_from(self.framing.length()?).ok().filter(|length| *length <= self.buffer.len())?;
        self.framing = Framing::Length(0);
        Some(self.buffer.split_to(length).freeze())
    }

    /// Ends an exchange. Returns whether the connection can be used again: it is idle then, and watched.
    pub(super) fn end(&mut self, now: Instant) -> bool {
        let complete = self.persistent && self.framing.is_over() && self.buffer.is_empty();
        self.buffer = BytesMut::new();
        self.idle_since = now;
        complete && self.watch()
    }

    /// Waits, as an idle connection, for the vendor to do anything. Returns false if it has.
    pub(super) fn watch(&mut self) -> bool {
        self.idle.happened.store(false, Release);
        let mut byte = [0];
        let mut byte = ReadBuf::new(&mut byte);
        let waker = self.waker.clone();
        Pin::new(&mut self.stream).poll_read(&mut Context::from_waker(&waker), &mut byte).is_pending()
    }

    /// Whether something has happened since it is watched.
    pub(super) fn happened(&self) -> bool {
        self.idle.happened.load(Acquire)
    }

    fn poll_write(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let Self { stream, request, .. } = self;
        loop {
            let of_head = request.at.min(request.head.len());
            let (head, body) = (&request.head[of_head..], &request.body[request.at - of_head..]);
            let written = match (head, body) {
                ([], []) => break,
                ([], body) => Pin::new(&mut *stream).poll_write(context, body),
                (head, []) => Pin::new(&mut *stream).poll_write(context, head),
                _ => Pin::new(&mut *stream).poll_write_vectored(context, &[IoSlice::new(head), IoSlice::new(body)]),
            };
            match ready!(written) {
                Ok(0) | Err(_) => {
                    // What the vendor said before it closed can still be read.
                    request.failed = true;
                    return Poll::Ready(());
                }
                Ok(count) => request.at += count,
            }
        }
        // There are as many of these as calls in flight.
        (request.head, request.body, request.at) = Default::default();
        match ready!(Pin::new(stream).poll_flush(context)) {
            Ok(()) => {}
            Err(_) => request.failed = true,
        }
        Poll::Ready(())
    }

    fn poll_read(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if self.buffer.capacity() == self.buffer.len() {
            self.buffer.reserve(self.next_read);
            self.next_read = (self.next_read * 4).min(LARGEST_READ);
        }
        poll_read_buf(Pin::new(&mut self.stream), context, &mut self.buffer)
    }

    /// Why there is no answer when the vendor closed the connection.
    fn gone(&self) -> Broken {
        if self.has_left() { Broken::Lost } else { self.unsent() }
    }

    fn unsent(&self) -> Broken {
        match self.used {
            true => Broken::Again("the vendor closed the connection before the request left"),
            false => Broken::NotSent("the connection broke before the request left"),
        }
    }
}

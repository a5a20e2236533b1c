//! A connection of HTTP/2, shared by as many calls as the vendor permits streams.
//!
//! On the `h2` crate and not on hyper's client: h2 tells what the vendor permits (`max_concurrent_send_streams`) and
//! what it did not process, and hands a request over at once, where hyper's client puts a queue of its own before h2's,
//! in which a request cannot be told from one that has a stream. A request is handed to h2 only when a stream is free,
//! so none ever waits in h2's queue.

use std::{
    pin::Pin,
    sync::{
        Arc, Mutex, Weak,
        atomic::{
            AtomicBool, AtomicU64, AtomicUsize,
            Ordering::{AcqRel, Acquire, Relaxed, Release},
        },
    },
    task::{Context, Poll, Waker, ready},
    time::Duration,
};

use bytes::Bytes;
use futures::{future::poll_fn, task::AtomicWaker};
use h2::{
    Ping, PingPong, Reason, RecvStream,
    client::{Builder, Connection, ResponseFuture, SendRequest},
};
use http::{HeaderMap, Request, header};
use tokio::time::{Instant, Sleep, sleep};

use super::{
    Broken, Head, IDLE,
    connect::About,
    endpoint::{MOST_STREAMS, lock},
    socket::Stream,
};

/// How long a connection with streams may be silent before it is asked for a sign of life, and for how long that is
/// awaited.
const KEEPALIVE: Duration = Duration::from_secs(15);

/// What a vendor may send before we grant more: for a stream, and for all of a connection. An answer is not held up by
/// a round trip unless it is large.
const STREAM_WINDOW: u32 = 2 << 20;
const CONNECTION_WINDOW: u32 = 5 << 20;

/// The limit of an answer's head.
const HEAD: u32 = 16 << 10;

/// A request with a body up to this size has left when its answer is complete.
const SMALL: usize = 16 << 10;

/// A connection of HTTP/2.
pub(super) struct Http2 {
    send: Mutex<SendRequest<Bytes>>,
    pub(super) about: About,
    /// The streams that are in use.
    used: AtomicUsize,
    /// The streams that were given up, and are in use until their resets have been written.
    given_up: AtomicUsize,
    /// The streams that the vendor permits; 0 before its first settings.
    permitted: AtomicUsize,
    /// Whether it takes no more requests.
    closed: AtomicBool,
    /// Whether a request ever had a stream.
    pub(super) served: AtomicBool,
    /// Since when no request is in progress, in milliseconds since it was opened.
    idle_since: AtomicU64,
    /// Whether a read was sent after a pause that the vendor may not have waited for, and is not answered yet.
    pub(super) doubted: AtomicBool,
    driver: AtomicWaker,
}

impl Http2 {
    /// Begins a connection. Its driver must be spawned.
    ///
    /// # Errors
    /// It broke at once.
    pub(super) async fn begin(
        stream: Stream,
        about: About,
    ) -> Result<(Arc<Self>, Connection<Stream, Bytes>), h2::Error> {
        let mut builder = Builder::new();
        builder
            // None, until the vendor's settings tell how many: the request that gets the first stream knows that it has one.
            .initial_max_send_streams(0)
            .initial_window_size(STREAM_WINDOW)
            .initial_connection_window_size(CONNECTION_WINDOW)
            .max_header_list_size(HEAD)
            .enable_push(false);
        let (send, connection) = builder.handshake(stream).await?;
        let http2 = Self {
            send: Mutex::new(send),
            about,
            used: AtomicUsize::new(0),
            given_up: AtomicUsize::new(0),
            permitted: AtomicUsize::new(0),
            closed: AtomicBool::new(false),
            served: AtomicBool::new(false),
            idle_since: AtomicU64::new(0),
            doubted: AtomicBool::new(false),
            driver: AtomicWaker::new(),
        };
        Ok((Arc::new(http2), connection))
    }

    /// Returns the number of streams that the vendor permits.
    pub(super) fn permitted(&self) -> usize {
        self.permitted.load(Acquire).min(MOST_STREAMS)
    }

    /// Returns the number of streams in use.
    pub(super) fn used(&self) -> usize {
        self.used.load(Acquire)
    }

    /// Whether the connection takes requests, now or when a stream is free.
    pub(super) fn is_open(&self) -> bool {
        !self.closed.load(Acquire)
    }

    /// Lets no further request use the connection.
    pub(super) fn close(&self) {
        self.closed.store(true, Release);
        self.driver.wake();
    }

    /// For how long no stream was in use, up to when the last one was taken.
    pub(super) fn idle(&self, now: Instant) -> Duration {
        let since = self.about.opened + Duration::from_millis(self.idle_since.load(Relaxed));
        now.saturating_duration_since(since)
    }

    /// Takes a stream, if one is free. The caller holds the pool's lock.
    pub(super) fn take(&self) -> bool {
        let free = self.is_open() && self.used() < self.permitted();
        if free {
            self.used.fetch_add(1, AcqRel);
            self.about.count.is_active(true);
        }
        free
    }

    /// Gives a stream back that ended, or that was not used, of which the vendor knows nothing: its time goes on.
    pub(super) fn give_back(&self) {
        if self.used.fetch_sub(1, AcqRel) == 1 {
            self.about.count.is_active(false);
        }
    }

    /// Notes that the vendor's time begins anew, as a request ended.
    fn restart(&self) {
        self.idle_since.store(self.about.opened.elapsed().as_millis() as u64, Relaxed);
    }

    /// Gives a stream back that did not end: it is free when the vendor was told.
    fn give_up(&self) {
        self.given_up.fetch_add(1, AcqRel);
        self.driver.wake();
    }

    /// Sends a request on a stream that was taken; `None`, if the connection takes it no more.
    pub(super) fn send(self: &Arc<Self>, request: Request<Bytes>) -> Option<Exchange> {
        // The vendor may have lowered its limit meanwhile: the request would wait in h2's queue.
        if !self.is_open() || self.used() > self.permitted() {
            return None;
        }
        let (parts, body) = request.into_parts();
        let written = self.about.socket.written();
        let sent = lock(&self.send).send_request(Request::from_parts(parts, ()), body.is_empty());
        let Ok((answer, mut stream)) = sent else {
            self.close();
            return None;
        };
        let small = body.len() <= SMALL;
        if !body.is_empty() {
            // If this fails, so does the answer, in the same way.
            let _ = stream.send_data(body, true);
        }
        self.served.store(true, Relaxed);
        Some(Exchange { connection: Arc::clone(self), state: State::Waiting(answer), written, small, length: None })
    }
}

impl Drop for Http2 {
    fn drop(&mut self) {
        // h2 ends a connection that nothing refers to, but is not woken by that.
        self.driver.wake();
    }
}

/// A request on its stream.
pub(super) struct Exchange {
    connection: Arc<Http2>,
    state: State,
    /// How much was written to the socket before the request.
    written: u64,
    small: bool,
    /// The bytes of the answer that are still to come, if it says so.
    length: Option<u64>,
}

enum State {
    Waiting(ResponseFuture),
    Reading(RecvStream),
    Ended,
}

impl Exchange {
    pub(super) fn poll_head(&mut self, context: &mut Context<'_>) -> Poll<Result<Head, Broken>> {
        let State::Waiting(answer) = &mut self.state else { return Poll::Ready(Err(Broken::Lost)) };
        let answer = ready!(Pin::new(answer).poll(context)).map_err(|e| self.broken(&e))?;
        self.connection.doubted.store(false, Relaxed);
        let (parts, body) = answer.into_parts();
        self.length = length(&parts.headers);
        let ended = body.is_end_stream();
        self.state = if ended { State::Ended } else { State::Reading(body) };
        Poll::Ready(Ok(Head { status: parts.status, headers: parts.headers, length: self.length }))
    }

    pub(super) fn poll_chunk(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Bytes>, Broken>> {
        let State::Reading(body) = &mut self.state else { return Poll::Ready(Ok(None)) };
        match ready!(body.poll_data(context)) {
            Some(Ok(chunk)) => {
                let _ = body.flow_control().release_capacity(chunk.len());
                self.length = self.length.map(|left| left.saturating_sub(chunk.len() as u64));
                Poll::Ready(Ok(Some(chunk)))
            }
            // A vendor that does not want the rest of a request may say so after its answer (RFC 9113, section 8.1).
            Some(Err(e)) if e.reason() == Some(Reason::NO_ERROR) && e.is_reset() && self.length == Some(0) => {
                self.state = State::Ended;
                Poll::Ready(Ok(None))
            }
            Some(Err(e)) => Poll::Ready(Err(self.broken(&e))),
            None => {
                self.state = State::Ended;
                Poll::Ready(Ok(None))
            }
        }
    }

    /// Returns why there is no answer. The proof that a request never left: nothing at all was written since.
    fn broken(&self, error: &h2::Error) -> Broken {
        match broken(error) {
            Broken::Lost if error.is_io() && self.connection.about.socket.written() == self.written => {
                Broken::Again("the connection broke before the request left")
            }
            broken => broken,
        }
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        match self.state {
            State::Ended if self.small => {
                self.connection.restart();
                self.connection.give_back();
            }
            _ => {
                if matches!(self.state, State::Waiting(_)) && self.connection.doubted.load(Relaxed) {
                    // A connection that was doubted and gave no answer is of no use.
                    self.connection.close();
                }
                // The stream first, so that its reset is queued when the driver looks.
                self.state = State::Ended;
                self.connection.give_up();
            }
        }
    }
}

/// Whether an error of HTTP/2 proves that the request was not processed (RFC 9113, sections 6.8 and 8.7). h2 reports
/// the vendor's GOAWAY only to streams after the last one that it names.
pub(super) fn broken(error: &h2::Error) -> Broken {
    match error.is_remote() {
        true if error.is_go_away() => Broken::Again("the vendor's server closed the connection before the request"),
        true if error.is_reset() && error.reason() == Some(Reason::REFUSED_STREAM) => {
            Broken::NotSent("the vendor's server did not process the request")
        }
        _ => Broken::Lost,
    }
}

fn length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Drives a connection to its end. `changed` is called when a stream may have become free, and once it takes no more
/// requests.
pub(super) async fn drive(
    mut connection: Box<Connection<Stream, Bytes>>,
    http2: Weak<Http2>,
    settings_timeout: Duration,
    changed: impl Fn(&Arc<Http2>),
) {
    let Some(mut life) = connection.ping_pong().map(|ping| Life::new(ping, settings_timeout)) else { return };
    poll_fn(|context| {
        let Some(this) = http2.upgrade() else {
            // Nothing refers to the connection any more: h2 says goodbye, as far as that needs no waiting.
            let _ = Pin::new(&mut connection).poll(context);
            return Poll::Ready(());
        };
        this.driver.register(context.waker());
        let given_up = this.given_up.load(Acquire);
        let ended = Pin::new(&mut connection).poll(context).is_ready() || life.poll(&this, context).is_ready();
        let mut freed = false;
        // Not at the end, which shows for how long the connection was idle before the requests that it meets.
        if given_up > 0 && !ended && !this.about.socket.is_blocked() {
            this.given_up.fetch_sub(given_up, AcqRel);
            this.restart();
            (0..given_up).for_each(|_| this.give_back());
            freed = true;
        }
        let permitted = connection.max_concurrent_send_streams();
        let before = this.permitted.swap(permitted, AcqRel);
        freed |= before != permitted;
        if before == 0 && !this.served.load(Relaxed) {
            // The vendor waits for the first request since it sent its settings.
            this.restart();
        }
        // h2 knows of a GOAWAY before the connection ends.
        let gone = ended
            || matches!(lock(&this.send).poll_ready(&mut Context::from_waker(Waker::noop())), Poll::Ready(Err(_)));
        if gone && this.is_open() {
            this.closed.store(true, Release);
            freed = true;
        }
        if freed {
            changed(&this);
        }
        match ended {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    })
    .await;
}

/// Watches over a connection: settings must come, silence is asked about, and idleness ends it.
struct Life {
    ping: PingPong,
    timer: Pin<Box<Sleep>>,
    received: u64,
    asked: bool,
}

impl Life {
    fn new(ping: PingPong, settings_timeout: Duration) -> Self {
        Self { ping, timer: Box::pin(sleep(settings_timeout)), received: 0, asked: false }
    }

    /// Returns ready when the connection is of no use.
    fn poll(&mut self, http2: &Http2, context: &mut Context<'_>) -> Poll<()> {
        if self.asked && matches!(self.ping.poll_pong(context), Poll::Ready(_)) {
            self.asked = false;
        }
        while self.timer.as_mut().poll(context).is_ready() {
            let received = http2.about.socket.received();
            let silent = received == std::mem::replace(&mut self.received, received);
            if received == 0 || self.asked && silent {
                return Poll::Ready(());
            }
            let now = Instant::now();
            if http2.used() == 0 && http2.idle(now) > IDLE {
                return Poll::Ready(());
            }
            if silent && http2.used() > 0 && !self.asked {
                self.asked = self.ping.send_ping(Ping::opaque()).is_ok();
            }
            self.timer.as_mut().reset(now + KEEPALIVE);
        }
        Poll::Pending
    }
}

//! What a connection shares with the requests on it: how it ends, what becomes of the bytes that arrive, and the state
//! of HTTP/2 that faults change.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::frames::{self, Streams};

/// How a connection, or one stream of it, ends without a complete answer.
#[derive(Debug)]
pub(crate) enum Cut {
    /// Closes the connection (FIN); over TLS without close_notify.
    Close,
    /// Resets it at once, and discards what was not sent or read (RST).
    Reset,
    /// Closes it for writing alone (FIN), and reads on.
    HalfClose,
    /// Closes it after these bytes of HTTP/1.1, an answer that hyper does not write.
    Written(Bytes),
    /// Ends the HTTP/2 stream with RST_STREAM; over HTTP/1.1 the connection is reset.
    Stream(h2::Error),
}

impl std::fmt::Display for Cut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the sandbox cuts this connection")
    }
}

impl std::error::Error for Cut {
    /// hyper takes the code of RST_STREAM from here.
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Stream(error) => Some(error),
            _ => None,
        }
    }
}

/// What becomes of the bytes that arrive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Reading {
    /// They are read.
    #[default]
    On,
    /// They stay where they are.
    Off,
    /// The first of them ends the connection, unread: by RST or by FIN.
    Trapped { reset: bool },
    /// They are discarded, and nothing is sent any more: FIN was sent, or will be now.
    Finished,
}

/// The close of a connection without requests.
#[derive(Clone, Copy, Debug)]
struct Idle {
    after: Duration,
    announced: bool,
}

#[derive(Debug, Default)]
struct State {
    cut: Option<Cut>,
    reading: Reading,
    resets: bool,
    idle: Option<Idle>,
    /// The number of requests in progress, and since when there are none.
    busy: usize,
    free_since: Option<Instant>,
    /// `None` for HTTP/1.1.
    streams: Option<Streams>,
}

/// What a connection and its requests share.
#[derive(Debug, Default)]
pub(crate) struct Line {
    state: Mutex<State>,
    changed: Notify,
}

impl Line {
    /// Makes the line one of HTTP/2.
    pub(super) fn become_http2(&self) {
        self.state().streams = Some(Streams::default());
    }

    /// Ends the connection as soon as what is being sent is sent.
    pub(crate) fn end(&self, cut: Cut) {
        self.state().cut.get_or_insert(cut);
        self.changed.notify_one();
    }

    /// Ends the connection, and waits for that.
    pub(crate) async fn ended<T>(&self, cut: Cut) -> T {
        self.end(cut);
        std::future::pending().await
    }

    /// Sets what becomes of the bytes that arrive from now on.
    pub(super) fn read(&self, reading: Reading) {
        self.state().reading = reading;
        self.changed.notify_one();
    }

    /// Reads nothing any more.
    pub(crate) fn stop_reading(&self) {
        self.read(Reading::Off);
    }

    /// Ends the connection at the next byte that arrives.
    pub(crate) fn trap(&self, reset: bool) {
        self.read(Reading::Trapped { reset });
    }

    /// Closes the connection when it had no request for this long: in the way that the protocol has for it, if that is
    /// announced.
    pub(crate) fn close_idle(&self, after: Duration, announced: bool) {
        self.state().idle = Some(Idle { after, announced });
    }

    /// Counts a request until the guard is dropped.
    pub(super) fn busy(&self) -> impl Drop {
        struct Guard<'a>(&'a Line);
        impl Drop for Guard<'_> {
            fn drop(&mut self) {
                let mut state = self.0.state();
                state.busy -= 1;
                state.free_since = (state.busy == 0).then(Instant::now);
                drop(state);
                self.0.changed.notify_one();
            }
        }
        self.state().busy += 1;
        Guard(self)
    }

    /// Returns when the connection closes unless a request comes, and whether that is announced.
    pub(super) fn closes_at(&self) -> Option<(Instant, bool)> {
        let state = self.state();
        let (idle, since) = (state.idle?, state.free_since?);
        (state.busy == 0).then(|| (since + idle.after, idle.announced))
    }

    /// Takes the frames that are to be added.
    pub(super) fn added(&self, take: impl FnOnce(&mut BytesMut)) {
        if let Some(streams) = &mut self.state().streams {
            take(&mut streams.inject);
        }
    }

    /// Notes that an idle connection is being closed.
    pub(super) fn leave(&self) {
        self.state().idle = None;
    }

    /// Waits for a change.
    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }

    pub(super) fn take_cut(&self) -> Option<Cut> {
        self.state().cut.take()
    }

    pub(super) fn reading(&self) -> Reading {
        self.state().reading
    }

    /// Makes the end of the connection a reset.
    pub(super) fn reset(&self) {
        self.state().resets = true;
    }

    pub(super) fn resets(&self) -> bool {
        self.state().resets
    }

    /// Whether the connection is one of HTTP/2.
    pub(crate) fn is_http2(&self) -> bool {
        self.state().streams.is_some()
    }

    /// Calls `change` with the streams of a connection of HTTP/2.
    pub(super) fn streams<T>(&self, change: impl FnOnce(&mut Streams) -> T) -> Option<T> {
        let changed = self.state().streams.as_mut().map(change);
        self.changed.notify_one();
        changed
    }

    /// Returns whether the request of this stream may be handled; not after a GOAWAY that excluded it.
    pub(crate) fn admit(&self, stream: u32) -> bool {
        self.streams(|streams| streams.admit(stream)).unwrap_or(true)
    }

    /// Sends a frame of HTTP/2 between those of the connection.
    pub(crate) fn inject(&self, frame: &[u8]) {
        self.streams(|streams| streams.inject.extend_from_slice(frame));
    }

    /// Announces settings of HTTP/2.
    pub(crate) fn set(&self, settings: &[(u16, u32)]) {
        let payload: Vec<u8> =
            settings.iter().flat_map(|(id, value)| [&id.to_be_bytes()[..], &value.to_be_bytes()].concat()).collect();
        self.inject(&frames::frame(frames::SETTINGS, 0, 0, &payload));
    }

    /// Sends GOAWAY with this code. `last` is the last stream that may be handled; `None` excludes all that are not being
    /// handled yet. Returns the last stream.
    pub(crate) fn go_away(&self, last: Option<u32>, code: u32) -> u32 {
        let last = self.streams(|streams| {
            let last = last.unwrap_or(streams.begun);
            streams.last = last;
            last
        });
        let last = last.unwrap_or_default();
        let payload = [last.to_be_bytes(), code.to_be_bytes()].concat();
        self.inject(&frames::frame(frames::GOAWAY, 0, 0, &payload));
        last
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! The connections of an account on one thread: which of them a request gets, and when another one is made.

use std::{
    collections::VecDeque,
    fmt,
    sync::{
        Arc, Mutex, Weak,
        atomic::{
            AtomicUsize,
            Ordering::{Relaxed, SeqCst},
        },
    },
    time::Duration,
};

use tokio::{
    sync::{Notify, oneshot},
    time::{Instant, sleep_until, timeout_at},
};

use super::{
    IDLE,
    connect::{About, Connected, Route, connect},
    endpoint::{Version, is_old, lock},
    http1::Http1,
    http2::{self, Http2},
    idle_limit::ASSUMED,
    lease::Lease,
    socket::Unread,
};
use crate::vendors::kit::Effect;

/// How long the last connections are kept: longer than common servers keep them, so that their limit is learned.
const LONGEST_IDLE: Duration = Duration::from_secs(90);

/// How many connections are kept so long.
const LAST: usize = 2;

/// A connection is made ahead of demand for each so many requests, so that traffic that is slower than the vendor's
/// idle limit finds one that is fresh.
const REQUESTS_A_SPARE: f32 = 100.0;

/// The most connections made ahead in a row.
const MOST_SPARES: f32 = 2.0;

/// The connections of an account on one thread.
pub(super) struct Connections {
    pub(super) route: Arc<Route>,
    pub(super) state: Mutex<State>,
    waiting: AtomicUsize,
    /// Wakes the task that watches over the idle connections.
    pub(super) keeper: Arc<Notify>,
}

#[derive(Default)]
pub(super) struct State {
    /// Those of HTTP/1.1 that are idle, the one that has been for longest first.
    pub(super) idle: VecDeque<Box<Http1>>,
    /// Those of HTTP/2 that take requests.
    pub(super) http2: Vec<Arc<Http2>>,
    /// The last ones of HTTP/2 that had been idle for too long. They take no requests: the vendor's close of them tells its
    /// limit, which would never be seen if they were closed.
    stale: VecDeque<Arc<Http2>>,
    /// The requests that wait, the first one first.
    queue: VecDeque<Queued>,
    /// How many connections are being made.
    connecting: usize,
    /// Whether a task watches over the idle connections.
    kept: bool,
    /// How many connections may be made ahead of demand.
    spares: f32,
}

/// A request that waits.
struct Queued {
    effect: Effect,
    sender: oneshot::Sender<Result<Lease, &'static str>>,
}

impl Connections {
    pub(super) fn new(route: Arc<Route>) -> Arc<Self> {
        let state = State { spares: 1.0, ..State::default() };
        Arc::new(Self { route, state: Mutex::new(state), waiting: AtomicUsize::new(0), keeper: Arc::default() })
    }

    /// Returns a connection, or a stream of one, that no other request uses. Waits at most until `until`.
    ///
    /// # Errors
    /// Why there is none, in a few words.
    pub(super) async fn lease(self: &Arc<Self>, effect: Effect, until: Instant) -> Result<Lease, &'static str> {
        match self.take(effect) {
            Ok(lease) => Ok(lease),
            // Boxed: few requests wait.
            Err(waiting) => Box::pin(self.wait(waiting, until)).await,
        }
    }

    async fn wait(&self, mut waiting: Waiting<'_>, until: Instant) -> Result<Lease, &'static str> {
        // For the connection, and as long again for a stream.
        let limit = Instant::now() + self.route.connect_timeout * 2;
        match timeout_at(until.min(limit), &mut waiting.receiver).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err("the account is gone"),
            Err(_) => Err("no connection was free in time"),
        }
    }

    /// Takes what is free, or a place in the queue.
    fn take(self: &Arc<Self>, effect: Effect) -> Result<Lease, Waiting<'_>> {
        let mut state = lock(&self.state);
        state.spares = (state.spares + 1.0 / REQUESTS_A_SPARE).min(MOST_SPARES);
        // Those who came first are served first.
        let free = if state.queue.is_empty() { self.free(&mut state, effect, Instant::now()) } else { None };
        let result = match free {
            Some(lease) => Ok(lease),
            None => {
                let (sender, receiver) = oneshot::channel();
                state.queue.push_back(Queued { effect, sender });
                self.waiting.fetch_add(1, SeqCst);
                self.route.metrics.waiting.inc();
                Err(Waiting { connections: self, receiver })
            }
        };
        self.connect_as_needed(&mut state);
        result
    }

    /// Takes a connection or a stream that is free, and closes those that are of no use.
    pub(super) fn free(self: &Arc<Self>, state: &mut State, effect: Effect, now: Instant) -> Option<Lease> {
        self.stream(state, effect, now).or_else(|| self.idle(state, effect, now))
    }

    /// Takes a stream that is free, and no longer considers connections whose streams are of no use.
    fn stream(self: &Arc<Self>, state: &mut State, effect: Effect, now: Instant) -> Option<Lease> {
        state.http2.retain(|connection| connection.is_open());
        while let Some(place) = state.http2.iter().position(|connection| connection.take()) {
            if self.is_fit(&state.http2[place], effect, now) {
                return Some(Lease::http2(Arc::clone(&state.http2[place]), Arc::clone(self)));
            }
            let connection = state.http2.swap_remove(place);
            connection.give_back();
            if connection.is_open() {
                state.stale.push_back(connection);
            }
            if state.stale.len() > LAST
                && let Some(oldest) = state.stale.pop_front()
            {
                oldest.close();
            }
        }
        None
    }

    /// Takes a connection of HTTP/1.1 that is idle.
    fn idle(self: &Arc<Self>, state: &mut State, effect: Effect, now: Instant) -> Option<Lease> {
        let endpoint = &self.route.endpoint;
        loop {
            let limit = endpoint.idle_limit();
            let oldest_is_fresh = state.idle.front()?.is_fresh(now, limit);
            let newest_is_fresh = state.idle.back()?.is_fresh(now, limit);
            let mut connection = match effect {
                // A read that fails is repeated: it takes what a write may not.
                Effect::Read if !oldest_is_fresh => state.idle.pop_front()?,
                Effect::Write if !newest_is_fresh => {
                    let open = state.idle.iter().filter(|connection| connection.is_open());
                    if let Some(idle) = open.filter_map(|connection| connection.idle(now)).max() {
                        endpoint.was_open(idle);
                    }
                    // What was believed may be disproved.
                    if !state.idle.back()?.is_fresh(now, endpoint.idle_limit()) {
                        return None;
                    }
                    state.idle.pop_back()?
                }
                Effect::Read | Effect::Write => state.idle.pop_back()?,
            };
            if connection.happened() && !connection.watch() {
                self.closed(&connection, now);
            } else if self.is_current(&connection.about, now) {
                connection.about.count.is_active(true);
                return Some(Lease::http1(connection, Arc::clone(self)));
            }
        }
    }

    /// Whether a connection of HTTP/2, of which a stream was just taken, can be used: the vendor has not closed it, is not
    /// about to, and its host has not moved. If only the second is not so, it stays open.
    fn is_fit(&self, connection: &Http2, effect: Effect, now: Instant) -> bool {
        let (about, endpoint) = (&connection.about, &self.route.endpoint);
        let (alone, served) = (connection.used() == 1, connection.served.load(Relaxed));
        let idle = connection.idle(now);
        let closed = alone && about.socket.unread() == Unread::End;
        if closed || !self.is_current(about, now) {
            if closed && served {
                endpoint.closed(idle);
            }
            connection.close();
            return false;
        }
        let stale = match (alone, served) {
            (false, _) => false,
            (true, true) => idle + about.round_trip >= endpoint.idle_limit(),
            // A server waits for the first request, whatever it does after that.
            (true, false) => idle >= endpoint.idle_limit().max(ASSUMED),
        };
        if stale {
            if served {
                endpoint.was_open(idle);
            }
            connection.doubted.store(true, Relaxed);
        }
        // A read that fails is repeated: it takes what a write may not, also beside such a read.
        effect == Effect::Read || !connection.doubted.load(Relaxed)
    }

    fn is_current(&self, about: &About, now: Instant) -> bool {
        let moved = |peer| !self.route.endpoint.is_at(peer, now);
        !is_old(about.opened, now) || !about.peer.is_some_and(moved)
    }

    /// Makes as many connections as are missing for the requests in flight and those that wait.
    fn connect_as_needed(self: &Arc<Self>, state: &mut State) {
        while state.queue.front().is_some_and(|waiting| waiting.sender.is_closed()) {
            state.queue.pop_front();
        }
        let waiting = state.queue.len();
        let missing = match self.route.endpoint.version() {
            // One shows what the vendor speaks.
            Version::Unknown => waiting.min(1).saturating_sub(state.connecting),
            Version::Http1 => waiting.saturating_sub(state.connecting),
            // The settings of a new connection tell how many streams it has. If none, others would have none either.
            Version::Http2 if state.http2.iter().any(|connection| connection.permitted() == 0) => 0,
            Version::Http2 => {
                let used: usize = state.http2.iter().map(|connection| connection.used()).sum();
                // Another one is opened before the last stream is taken.
                let streams = (self.route.endpoint.streams() * 3 / 4).max(1);
                (used + waiting).div_ceil(streams).saturating_sub(state.http2.len() + state.connecting)
            }
        };
        (0..missing).for_each(|_| self.connect(state));
    }

    fn connect(self: &Arc<Self>, state: &mut State) {
        state.connecting += 1;
        let connecting = Connecting(Arc::clone(self));
        tokio::spawn(async move {
            let connected = connect(&connecting.0.route).await;
            connecting.connected(connected).await;
        });
    }

    /// Takes a connection back, which can be used again.
    pub(super) fn give_back(self: &Arc<Self>, mut connection: Box<Http1>) {
        let mut state = lock(&self.state);
        while let Some(waiting) = state.queue.pop_front() {
            // Returned, if the request waits no more.
            match waiting
                .sender
                .send(Ok(Lease::http1(connection, Arc::clone(self))))
                .map_err(|back| back.map(Lease::into_http1))
            {
                Err(Ok(Some(back))) => connection = back,
                _ => return,
            }
        }
        connection.about.count.is_active(false);
        state.idle.push_back(connection);
        if !std::mem::replace(&mut state.kept, true) {
            tokio::spawn(keep(Arc::downgrade(self), Arc::clone(&self.keeper)));
        }
    }

    /// Learns from a connection that was found closed when it was to be used, and closes what else the vendor has closed.
    pub(super) fn found_closed(&self, connection: &Http1) {
        let now = Instant::now();
        self.closed(connection, now);
        lock(&self.state).idle.retain(|connection| {
            let open = connection.about.socket.unread() != Unread::End;
            if !open {
                self.closed(connection, now);
            }
            open
        });
    }

    /// Learns from a connection that the vendor closed.
    fn closed(&self, connection: &Http1, now: Instant) {
        if let Some(idle) = connection.idle(now) {
            self.route.endpoint.closed(idle);
        }
    }

    /// Hands streams that are free to requests that wait.
    pub(super) fn stream_is_free(self: &Arc<Self>) {
        if self.waiting.load(SeqCst) > 0 {
            self.hand_out(&mut lock(&self.state));
        }
    }

    /// Hands out what is free of HTTP/2, and makes what is missing.
    fn hand_out(self: &Arc<Self>, state: &mut State) {
        while let Some(waiting) = state.queue.pop_front() {
            let Some(lease) = self.stream(state, waiting.effect, Instant::now()) else {
                state.queue.push_front(waiting);
                break;
            };
            if let Err(Ok(unused)) = waiting.sender.send(Ok(lease)) {
                unused.give_stream_back();
            }
        }
        self.connect_as_needed(state);
    }

    /// Called when streams of a connection are free, or when it takes no more requests.
    fn changed(self: &Arc<Self>, connection: &Arc<Http2>) {
        let mut state = lock(&self.state);
        let endpoint = &self.route.endpoint;
        if connection.is_open() {
            endpoint.permits(connection.permitted());
        } else {
            let (idle, limit) = (connection.idle(Instant::now()), endpoint.idle_limit());
            let closed_after = match connection.used() {
                0 => Some(idle).filter(|idle| *idle < IDLE),
                // The first request after a pause may meet the close, which is seen a round trip after the request was
                // sent, and that was within the limit. A round trip may be longer than that to the peer (a relay).
                1 => Some(idle.min(limit)).filter(|_| idle <= limit * 2),
                _ => None,
            };
            if let Some(idle) = closed_after
                && connection.served.load(Relaxed)
            {
                endpoint.closed(idle);
            }
            state.http2.retain(|other| !Arc::ptr_eq(other, connection));
            state.stale.retain(|other| !Arc::ptr_eq(other, connection));
            if !connection.served.load(Relaxed) {
                self.fail(&mut state, "the vendor's server closed the connection before the first request");
            }
        }
        self.hand_out(&mut state);
    }

    /// Tells those that waited for a connection that there is none.
    fn fail(&self, state: &mut State, what: &'static str) {
        let failed = match self.route.endpoint.version() {
            // Each request has its own.
            Version::Http1 => 1,
            Version::Unknown | Version::Http2 if state.connecting == 0 && state.http2.is_empty() => state.queue.len(),
            Version::Unknown | Version::Http2 => 0,
        };
        for waiting in state.queue.drain(..failed.min(state.queue.len())) {
            // Who waits no more need not know.
            let _ = waiting.sender.send(Err(what));
        }
    }

    /// Closes what is idle for too long, and learns from what the vendor closed. Returns when to look again; `None` if
    /// nothing is idle.
    fn tidy(self: &Arc<Self>, now: Instant) -> Option<Instant> {
        let mut state = lock(&self.state);
        let endpoint = &self.route.endpoint;
        state.idle.retain_mut(|connection| {
            let open = !connection.happened() || connection.watch();
            if !open {
                self.closed(connection, now);
            }
            open
        });
        let expiry = |state: &State| {
            let kept = if state.idle.len() > LAST { IDLE } else { LONGEST_IDLE };
            state.idle.front().map(|connection| connection.idle_since + kept)
        };
        while expiry(&state).is_some_and(|expiry| expiry <= now) {
            state.idle.pop_front();
        }
        if let Some(idle) = state.idle.iter().filter_map(|connection| connection.idle(now)).max() {
            endpoint.was_open(idle);
        }
        let mut next = expiry(&state);
        if state.spares >= 1.0
            && let Some(stale) = state.idle.back().map(|newest| newest.stale_at(endpoint.idle_limit()))
        {
            if stale > now {
                next = next.map(|next| next.min(stale));
            } else if state.connecting == 0 {
                state.spares -= 1.0;
                self.connect(&mut state);
            }
        }
        state.kept = next.is_some();
        next
    }
}

impl fmt::Debug for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connections").field("route", &self.route).finish_non_exhaustive()
    }
}

/// Watches over the idle connections while there are any.
async fn keep(connections: Weak<Connections>, woken: Arc<Notify>) {
    while let Some(next) = connections.upgrade().and_then(|connections| connections.tidy(Instant::now())) {
        tokio::select! {
            () = woken.notified() => {}
            () = sleep_until(next) => {}
        }
    }
}

/// A connection that is being made.
struct Connecting(Arc<Connections>);

impl Connecting {
    async fn connected(self, connected: Result<Connected, &'static str>) {
        let connections = Arc::clone(&self.0);
        let begun = match connected {
            Ok(Connected { stream, about, version: Version::Http2 }) => match Http2::begin(stream, about).await {
                Ok((http2, connection)) => Ok(Begun::Http2(http2, Box::new(connection))),
                Err(_) => Err("the connection broke at once"),
            },
            Ok(Connected { stream, about, .. }) => Ok(Begun::Http1(Http1::new(stream, about, &connections.keeper))),
            Err(what) => Err(what),
        };
        drop(self);
        let endpoint = &connections.route.endpoint;
        match begun {
            Ok(Begun::Http1(mut http1)) => {
                endpoint.speaks(Version::Http1);
                if http1.watch() {
                    connections.give_back(http1);
                } else {
                    connections.fail(&mut lock(&connections.state), "the vendor closed the connection at once");
                }
            }
            Ok(Begun::Http2(http2, connection)) => {
                endpoint.speaks(Version::Http2);
                let pool = Arc::downgrade(&connections);
                let changed = move |http2: &Arc<Http2>| {
                    if let Some(connections) = pool.upgrade() {
                        connections.changed(http2);
                    }
                };
                let settings_timeout = connections.route.connect_timeout;
                tokio::spawn(http2::drive(connection, Arc::downgrade(&http2), settings_timeout, changed));
                lock(&connections.state).http2.push(http2);
            }
            Err(what) => connections.fail(&mut lock(&connections.state), what),
        }
        // The vendor's settings may have come before it was among the others.
        connections.hand_out(&mut lock(&connections.state));
    }
}

/// Also when its task is dropped, with its runtime.
impl Drop for Connecting {
    fn drop(&mut self) {
        lock(&self.0.state).connecting -= 1;
    }
}

enum Begun {
    Http1(Box<Http1>),
    Http2(Arc<Http2>, Box<h2::client::Connection<super::socket::Stream, bytes::Bytes>>),
}

/// A request that waits.
struct Waiting<'a> {
    connections: &'a Connections,
    receiver: oneshot::Receiver<Result<Lease, &'static str>>,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.connections.waiting.fetch_sub(1, SeqCst);
        self.connections.route.metrics.waiting.dec();
    }
}

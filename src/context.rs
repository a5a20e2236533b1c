//! What a call carries down to the vendor HTTP kit without every signature naming it: its deadline, the name of the
//! resource it concerns, its request id, and the trace that it is part of.

use std::{
    cell::Cell,
    future::Future,
    sync::{
        Arc, OnceLock,
        atomic::{
            AtomicBool, AtomicUsize,
            Ordering::{Relaxed, SeqCst},
        },
    },
    time::Duration,
};

use http::HeaderValue;
use tokio::{task::yield_now, time::Instant};

use crate::{
    error::{Error, Outcome, Reason},
    trace::Trace,
};

/// How long a call may take when nobody said.
const DEFAULT: Duration = Duration::from_secs(30);

/// From how many bytes on a request or an answer is large: reading it takes about a millisecond.
pub const LARGE: usize = 128 << 10;

tokio::task_local! {
    static CALL: Arc<Call>;
    /// Of the work that the server does, a stream's after its call too.
    static ORIGIN: Arc<Origin>;
}

/// Where work comes from.
#[derive(Debug)]
pub struct Origin {
    /// The request id of the call: visible ASCII.
    pub request_id: HeaderValue,
    /// The trace that the call is part of.
    pub trace: Option<Box<Trace>>,
}

thread_local! {
    static THREAD: Cell<usize> = const { Cell::new(0) };
}

/// Says that this thread serves, as the one of this number: what it needs for that is its own.
pub fn serves(number: usize) {
    THREAD.set(number);
}

/// The number of the running thread among those that serve; 0 of any other.
pub fn thread() -> usize {
    THREAD.get()
}

/// One gRPC call on its way to a vendor. `tokio::spawn` loses it: carry the `Arc` over and use [`Call::run`] again.
#[derive(Debug)]
pub struct Call {
    deadline: Instant,
    resource: OnceLock<String>,
    /// How many writes have left that the vendor may have acted on.
    left: AtomicUsize,
    /// Whether its request or an answer is large.
    large: AtomicBool,
    origin: Option<Arc<Origin>>,
}

/// Instead of a number of writes: the caller stopped waiting before any left, and none will.
const CLOSED: usize = usize::MAX;

impl Call {
    /// A call that must be answered by `deadline`, of the origin that this work has.
    pub fn new(deadline: Instant) -> Arc<Self> {
        Arc::new(Self {
            deadline,
            resource: OnceLock::new(),
            left: AtomicUsize::new(0),
            large: AtomicBool::new(false),
            origin: origin(),
        })
    }

    /// When the caller stops waiting.
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// The resource that the call turned out to concern, see [`concerns`].
    pub fn resource(&self) -> Option<&str> {
        self.resource.get().map(String::as_str)
    }

    /// Notes the resource that the call concerns. The first name stays.
    pub fn concerns(&self, resource: impl FnOnce() -> String) {
        self.resource.get_or_init(resource);
    }

    /// Lets no write leave any more, unless one has. Whether nothing did is what this gives.
    pub fn close(&self) -> bool {
        self.left.compare_exchange(0, CLOSED, SeqCst, SeqCst).map_or_else(|now| now == CLOSED, |_| true)
    }

    /// Notes that the call's request or an answer is large.
    pub fn mark_large(&self) {
        self.large.store(true, Relaxed);
    }

    /// Whether the call's request or an answer is large.
    pub fn is_large(&self) -> bool {
        self.large.load(Relaxed)
    }

    /// Runs `work` as part of this call.
    pub async fn run<F: Future>(self: Arc<Self>, work: F) -> F::Output {
        CALL.scope(self, work).await
    }
}

/// Does `work` as what comes from `origin`.
pub fn within<T>(origin: Arc<Origin>, work: impl FnOnce() -> T) -> T {
    ORIGIN.sync_scope(origin, work)
}

/// Where the running work comes from; nothing does that the server does of itself.
pub fn origin() -> Option<Arc<Origin>> {
    look_at_origin(Arc::clone)
}

/// Looks at where the running work comes from.
pub fn look_at_origin<T>(look: impl FnOnce(&Arc<Origin>) -> T) -> Option<T> {
    let mut look = Some(look);
    let of_call = CALL.try_with(|call| call.origin.as_ref().and_then(|origin| Some(look.take()?(origin))));
    of_call.ok().flatten().or_else(|| ORIGIN.try_with(|origin| Some(look.take()?(origin))).ok().flatten())
}

/// Notes the account that the running call is for, by its id.
pub fn is_for(account: &str) {
    let _ = ORIGIN.try_with(|origin| {
        if let Some(trace) = &origin.trace {
            trace.is_for(account);
        }
    });
}

/// When the caller of the running call stops waiting; half a minute from now outside of a call.
pub fn deadline() -> Instant {
    CALL.try_with(|call| call.deadline).unwrap_or_else(|_| Instant::now() + DEFAULT)
}

/// Whether there is time to begin something.
///
/// # Errors
/// DEADLINE_EXCEEDED when the caller has stopped waiting already: nothing was sent.
pub fn in_time() -> Result<(), Error> {
    if Instant::now() < deadline() {
        return Ok(());
    }
    Err(too_late())
}

/// The error for a caller that does not wait any more, of a call of which nothing left.
pub fn too_late() -> Error {
    Error::new(Reason::DeadlineExceeded, "the caller stopped waiting before the vendor was asked")
        .outcome(Outcome::NotSent)
}

/// Says that a write leaves now.
///
/// # Errors
/// DEADLINE_EXCEEDED when the caller has stopped waiting already: it must not leave.
pub fn leaves() -> Result<(), Error> {
    let more = |left: usize| (left != CLOSED).then(|| left + 1);
    let free = CALL.try_with(|call| call.left.fetch_update(SeqCst, SeqCst, more).is_ok());
    if free.unwrap_or(true) { Ok(()) } else { Err(too_late()) }
}

/// Says that the vendor refused the write that had left, and did nothing.
pub fn came_back() {
    let fewer = |left: usize| (left != CLOSED).then(|| left.saturating_sub(1));
    let _ = CALL.try_with(|call| call.left.fetch_update(SeqCst, SeqCst, fewer));
}

/// Notes the resource that the running call is about to create, so that its fate can be logged and looked up even when
/// nobody waits for the answer any more. The first name stays.
pub fn concerns(resource: impl FnOnce() -> String) {
    let _ = CALL.try_with(|call| call.concerns(resource));
}

/// Notes that an answer to the running call is large, before it is read: the server may go on with the call on another
/// thread.
pub async fn mark_large() {
    let _ = CALL.try_with(|call| call.mark_large());
    yield_now().await;
}

//! The thread that writes: it takes all that waits into one transaction.

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
        mpsc::{Receiver, RecvTimeoutError},
    },
    time::{Duration, Instant},
};

use tokio::sync::watch;

use super::{Broken, Engine, Flush, Op};
use crate::telemetry::metrics;

/// The most operations of a batch.
const BATCH: usize = 1024;

/// The bytes from which a batch takes no further operation.
const BATCH_BYTES: usize = 8 << 20;

/// The longest time until what nobody waits for is flushed.
const FLUSH_WITHIN: Duration = Duration::from_millis(50);

/// How often a batch is tried in a row if it certainly was not committed.
const ATTEMPTS: u32 = 3;

/// The first and the longest time between two attempts while the store is away.
const RETRY: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// Whether something can be recorded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum State {
    /// The last commit was successful.
    #[default]
    Available,
    /// The last commit failed for this reason, and is tried again.
    Away(Arc<str>),
    /// The store has failed for good for this reason. The process must end: what was flushed is in doubt.
    Failed(Arc<str>),
}

/// What the writer tells those that queue.
#[derive(Debug, Default)]
pub(super) struct Status {
    /// The operations that are queued or left over.
    pub(super) depth: AtomicUsize,
    pub(super) state: watch::Sender<State>,
    /// The newest event that is flushed.
    pub(super) newest_event: watch::Sender<i64>,
}

impl Status {
    pub(super) fn new(newest_event: i64) -> Self {
        Self { newest_event: watch::Sender::new(newest_event), ..Self::default() }
    }

    /// Says that all events up to this one are flushed.
    fn flushed_events(&self, newest: i64) {
        let is_newer = self.newest_event.send_if_modified(|old| {
            let is_newer = *old < newest;
            *old = newest.max(*old);
            is_newer
        });
        if is_newer {
            metrics::events_recorded(newest);
        }
    }

    /// Sets the state; returns whether it was of another kind.
    fn set(&self, state: State) -> bool {
        let is_other = |old: &State| std::mem::discriminant(old) != std::mem::discriminant(&state);
        let changed = is_other(&self.state.borrow());
        self.state.send_if_modified(|old| {
            *old = state;
            changed
        });
        changed
    }
}

/// The writer's state.
pub(super) struct Writer {
    engine: Box<dyn Engine>,
    queue: Receiver<Op>,
    status: Arc<Status>,
    /// Whether a flush survives the loss of power; otherwise there is none.
    flushes: bool,
    /// What failed commits have left to record, in order.
    left_over: VecDeque<Op>,
    /// When the oldest commit was made that is not flushed.
    unflushed: Option<Instant>,
    /// What was committed since the last flush, in order, if a crash that this process survives may lose it.
    may_be_lost: Vec<Op>,
    /// Whether the last commit failed: it is tried again, even with nothing to record.
    is_away: bool,
    /// Whether all senders were gone while the store was away.
    is_closed: bool,
    pause: Duration,
}

/// What there is to do.
enum Next {
    Commit(Vec<Op>),
    Close,
}

impl Writer {
    pub(super) fn new(engine: Box<dyn Engine>, queue: Receiver<Op>, status: Arc<Status>, flushes: bool) -> Self {
        let (left_over, may_be_lost, unflushed, pause) = (VecDeque::new(), Vec::new(), None, RETRY.0);
        let (is_away, is_closed) = (false, false);
        Self { engine, queue, status, flushes, left_over, unflushed, may_be_lost, is_away, is_closed, pause }
    }

    /// Writes until all senders are gone, or the store has failed for good. Then the file is free, and that is said.
    pub(super) fn run(mut self) {
        let stopped = Stopped(self.status.clone());
        self.work();
        drop(self);
        drop(stopped);
    }

    fn work(&mut self) {
        while let Next::Commit(batch) = self.next() {
            if let Err(failure) = self.commit(batch) {
                return self.refuse_all(&failure);
            }
        }
        // What a close leaves is flushed like the rest.
        let _ = self.engine.commit(&mut [], if self.flushes { Flush::Full } else { Flush::Later });
    }

    /// Waits for operations. Returns an empty batch when it is time to flush.
    fn next(&mut self) -> Next {
        if self.is_closed {
            tracing::error!(operations = self.left_over.len(), "the store was closed while it was away");
            return Next::Close;
        }
        let mut batch: Vec<Op> = self.left_over.drain(..self.left_over.len().min(BATCH)).collect();
        if batch.is_empty() && !self.is_away {
            let first = match self.unflushed {
                None => self.queue.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(since) => self.queue.recv_timeout(FLUSH_WITHIN.saturating_sub(since.elapsed())),
            };
            match first {
                Ok(op) => batch.push(op),
                Err(RecvTimeoutError::Timeout) => return Next::Commit(batch),
                Err(RecvTimeoutError::Disconnected) => return Next::Close,
            }
        }
        let mut bytes: usize = batch.iter().map(Op::bytes).sum();
        while batch.len() < BATCH && bytes < BATCH_BYTES {
            let Ok(op) = self.queue.try_recv() else { break };
            bytes += op.bytes();
            batch.push(op);
        }
        Next::Commit(batch)
    }

    /// Commits a batch. What can be recorded later is kept if the store is away.
    fn commit(&mut self, mut batch: Vec<Op>) -> Result<(), Broken> {
        let is_due = self.unflushed.is_some_and(|since| since.elapsed() >= FLUSH_WITHIN);
        let full = self.flushes && (is_due || batch.is_empty() || batch.iter().any(Op::is_flushed));
        let begun = Instant::now();
        let committed = self.attempt(&mut batch, if full { Flush::Full } else { Flush::Later });
        metrics::store_commit(batch.len(), begun.elapsed());
        match committed {
            Ok(()) => {
                self.unflushed = if full || !self.flushes { None } else { self.unflushed.or(Some(begun)) };
                if self.status.set(State::Available) {
                    tracing::info!("the store is back");
                }
                (self.is_away, self.pause) = (false, RETRY.0);
                if self.unflushed.is_none() {
                    self.status.flushed_events(self.engine.newest_event());
                }
                self.done(batch.len());
                if full {
                    self.may_be_lost.clear();
                }
                let is_kept = !full && self.flushes && self.engine.may_lose_commits();
                for mut op in batch {
                    let is_recorded = is_kept && op.is_recorded();
                    op.settle(Ok(()));
                    self.may_be_lost.extend(is_recorded.then_some(op));
                }
                Ok(())
            }
            Err(broken) => {
                self.take_back(&mut batch);
                self.is_away = !matches!(broken, Broken::ForGood(_));
                if self.is_away && self.status.set(State::Away(broken.text().into())) {
                    tracing::error!(error = %broken, "the store is away: calls that must be recorded are rejected");
                }
                // Before what is still left over of an earlier batch.
                let mut left = self.left_of(batch, &broken);
                left.append(&mut self.left_over);
                self.left_over = left;
                if !self.is_away {
                    return Err(broken);
                }
                self.wait(&broken);
                Ok(())
            }
        }
    }

    /// Tries to commit a batch, together with what was lost.
    fn attempt(&mut self, batch: &mut Vec<Op>, flush: Flush) -> Result<(), Broken> {
        for _ in 1..ATTEMPTS {
            match self.engine.commit(batch, flush) {
                Err(Broken::Reset(_)) => self.take_back(batch),
                result => return result,
            }
        }
        self.engine.commit(batch, flush)
    }

    /// Puts what may be lost before a batch. To record it twice has no effect.
    fn take_back(&mut self, batch: &mut Vec<Op>) {
        self.status.depth.fetch_add(self.may_be_lost.len(), Relaxed);
        batch.splice(0..0, self.may_be_lost.drain(..));
    }

    /// Waits before the next attempt.
    fn wait(&mut self, broken: &Broken) {
        let until = Instant::now() + self.pause;
        self.pause = (self.pause * 2).min(RETRY.1);
        while let Some(rest) = until.checked_duration_since(Instant::now()) {
            match self.queue.recv_timeout(rest) {
                Ok(op) => {
                    let left = self.left_of(vec![op], broken);
                    self.left_over.extend(left);
                }
                Err(RecvTimeoutError::Timeout) => return,
                Err(RecvTimeoutError::Disconnected) => {
                    self.is_closed = true;
                    return;
                }
            }
        }
    }

    /// Tells those that wait, and returns what can be recorded later.
    fn left_of(&self, batch: Vec<Op>, broken: &Broken) -> VecDeque<Op> {
        let all = batch.len();
        let left: VecDeque<Op> = batch.into_iter().filter_map(|op| op.left_over(broken)).collect();
        self.done(all - left.len());
        left
    }

    /// Rejects everything: the store has failed for good.
    fn refuse_all(&self, broken: &Broken) {
        tracing::error!(error = %broken, "the store has failed: smsmux must be restarted");
        self.status.set(State::Failed(broken.text().into()));
        while let Ok(mut op) = self.queue.recv() {
            op.settle(Err(broken));
            self.done(1);
        }
    }

    fn done(&self, count: usize) {
        metrics::store_queue(self.status.depth.fetch_sub(count, Relaxed) - count);
    }
}

/// Notes that the writer has stopped, also by a panic.
struct Stopped(Arc<Status>);

impl Drop for Stopped {
    fn drop(&mut self) {
        if !matches!(*self.0.state.borrow(), State::Failed(_)) {
            self.0.set(State::Failed("the writer has stopped".into()));
        }
    }
}

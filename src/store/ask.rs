//! Questions to the writer: each is queued, and whoever asks waits for the answer.

use std::{
    fmt,
    sync::{Arc, atomic::Ordering::Relaxed},
};

use tokio::sync::oneshot;

use super::{Broken, Op, State, Store, unavailable};
use crate::{error::Error, telemetry::metrics};

/// The most operations that wait to be recorded. Claims beyond that are rejected.
pub(super) const QUEUE: usize = 65_536;

/// One question to an engine, the answer once there is one, and who waits for it.
#[derive(Debug)]
pub struct Ask<Q, A> {
    /// The question.
    pub question: Q,
    /// The answer.
    pub answer: Option<A>,
    waiter: Option<oneshot::Sender<Result<A, Unanswered>>>,
}

/// The store could not answer: nothing is known to be recorded.
#[derive(Debug, Clone)]
pub struct Unanswered(pub Arc<str>);

impl<Q, A> Ask<Q, A> {
    /// Creates a question without anybody who waits.
    pub fn new(question: Q) -> Self {
        Self { question, answer: None, waiter: None }
    }

    /// Creates a question, and the end at which its answer arrives.
    pub(super) fn awaited(question: Q) -> (Self, oneshot::Receiver<Result<A, Unanswered>>) {
        let (sender, receiver) = oneshot::channel();
        (Self { question, answer: None, waiter: Some(sender) }, receiver)
    }

    /// Whether somebody waits for the answer.
    pub(super) fn is_awaited(&self) -> bool {
        self.waiter.is_some()
    }

    /// Sends the answer to whoever waits for it.
    pub(super) fn settle(&mut self, result: Result<(), &Broken>) {
        let Some(waiter) = self.waiter.take() else { return };
        let answer = match (result, self.answer.take()) {
            (Ok(()), Some(answer)) => Ok(answer),
            (Ok(()), None) => Err(Unanswered("the store did not answer".into())),
            (Err(broken), _) => Err(Unanswered(broken.text().into())),
        };
        // The waiter may have left.
        let _ = waiter.send(answer);
    }
}

impl fmt::Display for Unanswered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Store {
    /// Queues a question, and waits for the answer.
    pub(super) async fn ask<Q, A>(&self, question: Q, op: impl FnOnce(Ask<Q, A>) -> Op) -> Result<A, Error> {
        let (ask, answer) = Ask::awaited(question);
        self.try_queue(op(ask))?;
        self.answer(answer).await
    }

    pub(super) async fn answer<A>(&self, answer: oneshot::Receiver<Result<A, Unanswered>>) -> Result<A, Error> {
        match answer.await {
            Ok(answer) => answer.map_err(unavailable),
            Err(_) => Err(unavailable("the writer has stopped")),
        }
    }

    /// Checks whether something can be recorded.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE.
    pub fn check(&self) -> Result<(), Error> {
        if let State::Away(why) | State::Failed(why) = &*self.0.status.state.borrow() {
            return Err(unavailable(why));
        }
        if self.0.status.depth.load(Relaxed) >= QUEUE {
            return Err(unavailable("too many calls wait to be recorded"));
        }
        Ok(())
    }

    /// Queues an operation that can be rejected.
    pub(super) fn try_queue(&self, op: Op) -> Result<(), Error> {
        self.check()?;
        self.queue(op);
        Ok(())
    }

    pub(super) fn queue(&self, op: Op) {
        let depth = self.0.status.depth.fetch_add(1, Relaxed) + 1;
        metrics::store_queue(depth);
        // Without a writer, whoever waits is told by the end of the channel.
        let _ = self.0.queue.send(op);
    }
}

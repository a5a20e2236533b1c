//! What becomes of writes and their messages. What is recorded of that has no effect where something newer is recorded.

use std::{sync::Arc, time::Duration};

use super::{Ask, Digest, NewEvent, Op, Store, WriteId};
use crate::error::Error;

/// How a write ended. It has no effect on a write whose outcome is known already, or whose message is of another version
/// than the one that the update was made of.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The write.
    pub write_id: WriteId,
    /// How the write ended.
    pub end: End,
    /// What became of its message.
    pub message: Option<MessageUpdate>,
}

/// The end of a write.
#[derive(Debug, Clone)]
pub enum End {
    /// The write succeeded. The reply is kept if the call had an idempotency key.
    Done {
        /// The encoded reply.
        reply: Vec<u8>,
    },
    /// Nothing was sent, or the vendor rejected it: a call with the same key is a new call.
    Free,
    /// The outcome is unknown.
    Unknown {
        /// The encoded error.
        error: Vec<u8>,
    },
}

impl End {
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Done { reply: bytes } | Self::Unknown { error: bytes } => bytes.len(),
            Self::Free => 0,
        }
    }
}

/// What is new of a message: a part of it was sent, it was looked up, cancelled or reported.
#[derive(Debug, Clone)]
pub struct MessageUpdate {
    /// The write that sent the message. Within an [`Outcome`], it is the same write.
    pub write_id: WriteId,
    /// The state as a number.
    pub state: i32,
    /// The encoded message.
    pub body: Vec<u8>,
    /// The hash of each recipient's number, if the recipients were not known when the message was claimed.
    pub to: Vec<Digest>,
    /// The recipients with a new state. A final state is never replaced.
    pub recipients: Vec<RecipientUpdate>,
    /// The time until the message is due to be looked up; `None`: never again.
    pub look_up_after: Option<Duration>,
    /// The version that the update was made of: it has no effect on another one. `None`: on any.
    pub version: Option<i32>,
    /// The events of the update, which are recorded if it has an effect.
    pub events: Vec<NewEvent>,
}

/// A change of a message.
#[derive(Debug, Clone)]
pub enum MessageChange {
    /// The outcome of its write is known.
    Outcome(Outcome),
    /// Only the message has changed.
    Update(MessageUpdate),
}

impl MessageChange {
    /// The write that sent the message.
    pub fn write_id(&self) -> WriteId {
        match self {
            Self::Outcome(outcome) => outcome.write_id,
            Self::Update(update) => update.write_id,
        }
    }

    /// What is new of the message.
    pub fn update(&self) -> Option<&MessageUpdate> {
        match self {
            Self::Outcome(outcome) => outcome.message.as_ref(),
            Self::Update(update) => Some(update),
        }
    }
}

/// What is new of a recipient.
#[derive(Debug, Clone)]
pub struct RecipientUpdate {
    /// The index of the recipient in [`super::NewMessage::recipients`].
    pub index: u32,
    /// The state as a number.
    pub state: i32,
    /// The vendor's id of the message, once known; empty: the one that was recorded before is of another account.
    pub vendor_message_id: Option<String>,
    /// The account that the message goes through, if that is not the one of the write.
    pub account: Option<Arc<str>>,
    /// Whether the state is final.
    pub is_final: bool,
}

/// What is new of recipients, while their message is being sent.
#[derive(Debug, Clone)]
pub struct Recipients {
    /// The write. One that has ended is not changed.
    pub write_id: WriteId,
    /// The recipients with a new state.
    pub recipients: Vec<RecipientUpdate>,
}

impl Store {
    /// Queues the state of recipients at once; the returned future waits until it is flushed to disk, and returns
    /// whether the write still is this process's.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE: the state is not recorded.
    pub fn record_recipients(&self, update: Recipients) -> impl Future<Output = Result<bool, Error>> + Send + use<> {
        let (store, (ask, answer)) = (self.clone(), Ask::awaited(update));
        let queued = self.try_queue(Op::Recipients(Box::new(ask)));
        async move {
            queued?;
            store.answer(answer).await
        }
    }

    /// Records the state of recipients, and does not wait.
    pub fn update_recipients(&self, update: Recipients) {
        self.queue(Op::Recipients(Box::new(Ask::new(update))));
    }

    /// Records how a write ended, and does not wait.
    pub fn outcome(&self, mut outcome: Outcome) {
        let write_id = outcome.write_id;
        match self.seal_outcome(&mut outcome) {
            Ok(()) => self.queue(Op::Outcome(Box::new(outcome))),
            Err(error) => tracing::error!(%write_id, %error, "an outcome was not recorded"),
        }
    }

    /// Records what is new of a message, and does not wait.
    pub fn update(&self, mut update: MessageUpdate) {
        let write_id = update.write_id;
        match self.seal_update(&mut update) {
            Ok(()) => self.queue(Op::Update(Box::new(update))),
            Err(error) => tracing::error!(%write_id, %error, "the state of a message was not recorded"),
        }
    }

    /// Records a change of a message, and does not wait.
    pub fn change(&self, change: MessageChange) {
        match change {
            MessageChange::Outcome(outcome) => self.outcome(outcome),
            MessageChange::Update(update) => self.update(update),
        }
    }

    pub(super) fn seal_outcome(&self, outcome: &mut Outcome) -> Result<(), Error> {
        match &mut outcome.end {
            End::Done { reply: bytes } | End::Unknown { error: bytes } => {
                self.seal(&outcome.write_id.bytes(), bytes)?;
            }
            End::Free => {}
        }
        outcome.message.as_mut().map_or(Ok(()), |update| self.seal_update(update))
    }

    pub(super) fn seal_update(&self, update: &mut MessageUpdate) -> Result<(), Error> {
        self.seal(&update.write_id.bytes(), &mut update.body)?;
        update.events.iter_mut().try_for_each(|event| self.seal_event(event))
    }
}

//! The log of events: what happened, in one order without holes.

mod read;

use std::{sync::Arc, time::SystemTime};

use tokio::sync::watch;

pub use self::read::{EventBounds, EventFilter, EventPage, ReceivedFilter, Shard, StoredEvent};
use super::{ConsentChange, Digest, MessageChange, Op, Store, WriteId, chores::see_new_events};
use crate::error::Error;

/// An event that is about to be recorded.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// The digest of what happened, see [`Store::digest`]: a second event with the same id changes nothing.
    pub id: Digest,
    /// The id of the account.
    pub account: Arc<str>,
    /// The kind as a number, which the store only compares.
    pub kind: i32,
    /// The id of the message, if the event is about one.
    pub message_id: Option<String>,
    /// The hash of the number of the person whom the event is about: [`Store::purge`] erases the event by it.
    pub number: Option<Digest>,
    /// What the received message is listed by, if the event reports one.
    pub received: Option<NewReceived>,
    /// What the event changes of who may be written to. If that has no effect, there is no event.
    pub consent: Option<Box<ConsentChange>>,
    /// The encoded event, without what the store adds: sequence, id and time.
    pub body: Vec<u8>,
}

/// What a received message is listed by.
#[derive(Debug, Clone)]
pub struct NewReceived {
    /// The id, unique in the account.
    pub received_id: String,
    /// The hash of the number that received it.
    pub number: Digest,
    /// When it arrived.
    pub time: SystemTime,
}

/// What is recorded together, for example of one push.
#[derive(Debug, Clone, Default)]
pub struct Append {
    /// What is new of messages, with the events of that.
    pub changes: Vec<MessageChange>,
    /// Further events.
    pub events: Vec<NewEvent>,
    /// What changes of who may be written to, without an event.
    pub consents: Vec<ConsentChange>,
    /// Where pollers are at their vendors from now on: names and values. An empty value removes the cursor.
    pub cursors: Vec<(String, Vec<u8>)>,
}

/// The answer to an [`Append`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Appended {
    /// How many events were new.
    pub new: u64,
    /// How many of the changes of consent without an event had an effect.
    pub consents: u64,
    /// The writes of the messages that have changed since they were read: the changes of these had no effect.
    pub stale: Vec<WriteId>,
}

/// The bytes that an event takes beside its body, about.
pub(super) const EVENT_BYTES: i64 = 100;

impl NewEvent {
    /// Returns about how many bytes are to be written.
    pub(super) fn bytes(&self) -> i64 {
        EVENT_BYTES + self.body.len() as i64
    }
}

impl Append {
    /// Returns about how many bytes are to be written.
    pub(super) fn bytes(&self) -> usize {
        let updates = self.changes.iter().filter_map(MessageChange::update);
        let updates: usize = updates.map(|update| update.body.len() * 2).sum();
        updates + self.events.iter().map(|event| event.bytes() as usize).sum::<usize>()
    }
}

impl Store {
    /// Records events, and what they report, in one transaction that is flushed to disk. What was recorded before is
    /// not recorded again, so a failed call can be repeated.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE.
    pub async fn append(&self, mut append: Append) -> Result<Appended, Error> {
        for change in &mut append.changes {
            match change {
                MessageChange::Outcome(outcome) => self.seal_outcome(outcome)?,
                MessageChange::Update(update) => self.seal_update(update)?,
            }
        }
        for event in &mut append.events {
            self.seal_event(event)?;
        }
        append.consents.iter_mut().try_for_each(|change| self.seal_consent(change))?;
        for (name, value) in append.cursors.iter_mut().filter(|(_, value)| !value.is_empty()) {
            self.seal(name.as_bytes(), value)?;
        }
        self.ask(append, |ask| Op::Append(Box::new(ask))).await
    }

    /// Returns the sequence of the newest event that is flushed to disk, and its changes. While somebody has this, what
    /// other replicas record is seen within 50 ms.
    pub fn newest_event(&self) -> watch::Receiver<i64> {
        self.0.status.newest_event.subscribe()
    }

    /// Sees all events that are recorded by now, also by other replicas: they are flushed to disk, and can be read.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE.
    pub async fn see_events(&self) -> Result<(), Error> {
        see_new_events(self).await
    }

    /// The number of this log: sequences of another log mean other events.
    pub fn epoch(&self) -> i64 {
        self.0.epoch
    }

    pub(super) fn seal_event(&self, event: &mut NewEvent) -> Result<(), Error> {
        if let Some(change) = &mut event.consent {
            self.seal_consent(change)?;
        }
        self.seal(&event.id.0, &mut event.body)
    }
}

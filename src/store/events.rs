//! The log of events: what happened, in one order without holes, and those who read it.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, SystemTime},
};

use tokio::sync::watch;

use super::{
    Broken, ConsentChange, Digest, MessageChange, MessageUpdate, Op, Store, WriteId, chores::see_new_events,
    unavailable,
};
use crate::{error::Error, request::token, text::hex};

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

/// Which events to read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// The ids of the accounts.
    pub accounts: Vec<Arc<str>>,
    /// The kinds as numbers; empty: any.
    pub kinds: Vec<i32>,
    /// The part of these, if readers share them.
    pub shard: Option<Shard>,
}

/// One of several equal parts of the events: all events of one message are in the same part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// Which part, from 0.
    pub index: u32,
    /// How many parts there are.
    pub count: u32,
}

impl Shard {
    /// Whether an event is in this part. An event of no message is in the part that its id decides.
    fn has(self, event: &StoredEvent) -> bool {
        let hash = match &event.message_id {
            Some(id) => token::fingerprint(&format!("{}/messages/{id}", event.account)),
            None => token::fingerprint(&hex(&event.id.0)),
        };
        // The low bits of FNV are the least mixed ones.
        (hash ^ (hash >> 32)) % u64::from(self.count.max(1)) == u64::from(self.index)
    }
}

impl EventFilter {
    /// Whether an event is one of these.
    pub(super) fn matches(&self, event: &StoredEvent) -> bool {
        let is_kind = self.kinds.is_empty() || self.kinds.contains(&event.kind);
        is_kind && self.accounts.contains(&event.account) && self.is_in_shard(event)
    }

    fn is_in_shard(&self, event: &StoredEvent) -> bool {
        self.shard.is_none_or(|shard| shard.has(event))
    }
}

/// A recorded event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// The place in the log.
    pub sequence: i64,
    /// The digest of what happened.
    pub id: Digest,
    /// The id of the account.
    pub account: Arc<str>,
    /// The kind as a number.
    pub kind: i32,
    /// The id of the message, if the event is about one.
    pub message_id: Option<String>,
    /// When the event was recorded.
    pub time: SystemTime,
    /// The encoded event; empty if it was erased.
    pub body: Vec<u8>,
}

/// One page of events.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventPage {
    /// The events, oldest first.
    pub events: Vec<Arc<StoredEvent>>,
    /// The last sequence that was looked at: no event up to it matches and is not in the page.
    pub last: i64,
    /// The bounds of the log after that, or those of the events in memory if the page is from there.
    pub bounds: EventBounds,
}

/// The bounds of the log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EventBounds {
    /// The oldest sequence that is kept; one more than `newest` if there is none.
    pub oldest: i64,
    /// The newest sequence.
    pub newest: i64,
    /// The bytes that the log takes.
    pub bytes: i64,
}

impl EventBounds {
    /// Moves the old end past rows that are too old or too many, which are given by their times and the lengths of
    /// their bodies. Returns how many there are.
    pub(super) fn remove(&mut self, rows: impl IntoIterator<Item = (i64, i64)>, oldest: i64, most: u64) -> usize {
        let mut removed = 0;
        for (time, length) in rows {
            if time >= oldest && u64::try_from(self.bytes).unwrap_or_default() <= most {
                break;
            }
            self.bytes -= length + EVENT_BYTES;
            (self.oldest, removed) = (self.oldest + 1, removed + 1);
        }
        removed
    }
}

/// Which received messages to list.
#[derive(Debug, Clone, Default)]
pub struct ReceivedFilter {
    /// The ids of the accounts.
    pub accounts: Vec<Arc<str>>,
    /// The hashes of the receiving numbers; empty: any.
    pub numbers: Vec<Digest>,
    /// The earliest time of arrival, inclusive.
    pub from: Option<SystemTime>,
    /// The latest time of arrival, exclusive.
    pub until: Option<SystemTime>,
    /// The sequence of the last one of the page before.
    pub past: Option<i64>,
}

/// A change of a subscription.
#[derive(Debug, Clone)]
pub enum Subscribe {
    /// Makes a subscription, unless its name is taken.
    Create {
        /// The name.
        name: String,
        /// The last event before those that it gets.
        acked: i64,
        /// The encoded subscription.
        body: Vec<u8>,
    },
    /// Removes a subscription.
    Delete {
        /// The name.
        name: String,
    },
    /// Notes that all events up to this one were processed. It never goes back.
    Ack {
        /// The name.
        name: String,
        /// The sequence.
        sequence: i64,
    },
    /// Begins a new stream, which ends the one before it.
    Stream {
        /// The name.
        name: String,
    },
}

/// A stored subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// The name.
    pub name: String,
    /// The last event that was processed.
    pub acked: i64,
    /// The number of the newest stream.
    pub stream: i64,
    /// The encoded subscription.
    pub body: Vec<u8>,
}

/// A chore that one replica does for all of them.
#[derive(Debug, Clone)]
pub struct TakeChore {
    /// The name.
    pub name: String,
    /// How long no other replica takes it.
    pub lease: Duration,
}

impl Subscribe {
    /// The name of the subscription.
    pub fn name(&self) -> &str {
        match self {
            Self::Create { name, .. } | Self::Delete { name } | Self::Ack { name, .. } | Self::Stream { name } => name,
        }
    }
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

    /// Reads events after this sequence, up to the newest one that is flushed. A page may be short, even empty: the next
    /// one begins after its `last`.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE, as for all queries.
    pub async fn events(&self, filter: Arc<EventFilter>, after: i64, limit: u32) -> Result<EventPage, Error> {
        let until = *self.0.status.newest_event.borrow();
        let read = |after, limit| self.query_events(None, (after, until), limit);
        match self.0.recent.events(&filter, (after, until), limit, read).await? {
            Some(page) => Ok(page),
            None => self.query_events(Some(filter), (after, until), limit).await,
        }
    }

    async fn query_events(
        &self,
        filter: Option<Arc<EventFilter>>,
        (after, until): (i64, i64),
        limit: u32,
    ) -> Result<EventPage, Error> {
        let of = filter.clone();
        let query = move |reader: &mut dyn super::Reader| reader.events(of.as_deref(), after, until, limit);
        let mut page = self.0.readers.query(query).await.map_err(unavailable)?;
        if let Some(filter) = filter {
            // Which part an event is in is not known to the engine.
            page.events.retain(|event| filter.is_in_shard(event));
        }
        // Nobody else has them yet.
        self.open_events(page.events.iter_mut().filter_map(Arc::get_mut))?;
        Ok(page)
    }

    /// Returns the bounds of the log.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE.
    pub async fn event_bounds(&self) -> Result<EventBounds, Error> {
        self.0.readers.query(|reader| reader.event_bounds()).await.map_err(unavailable)
    }

    /// Returns when an event was recorded, if it is kept.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE.
    pub async fn event_time(&self, sequence: i64) -> Result<Option<SystemTime>, Error> {
        self.0.readers.query(move |reader| reader.event_time(sequence)).await.map_err(unavailable)
    }

    /// Returns the sequence after which the events begin that were recorded at this time or later, as well as the clocks
    /// of the replicas agree.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE.
    pub async fn events_before(&self, time: SystemTime) -> Result<i64, Error> {
        self.0.readers.query(move |reader| events_before(reader, time)).await.map_err(unavailable)
    }

    /// Lists the events of received messages, newest first.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE.
    pub async fn received(&self, filter: ReceivedFilter, limit: u32) -> Result<Vec<StoredEvent>, Error> {
        self.ask((), Op::Settle).await?;
        let mut events =
            self.0.readers.query(move |reader| reader.received(&filter, limit)).await.map_err(unavailable)?;
        self.open_events(events.iter_mut())?;
        Ok(events)
    }

    /// Returns the event of the received message of an account.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE.
    pub async fn received_by_id(&self, account: &str, received_id: &str) -> Result<Option<StoredEvent>, Error> {
        self.ask((), Op::Settle).await?;
        let (account, id) = (account.to_owned(), received_id.to_owned());
        let found = self.0.readers.query(move |reader| reader.received_by_id(&account, &id)).await;
        let mut found: Vec<_> = found.map_err(unavailable)?.into_iter().collect();
        self.open_events(found.iter_mut())?;
        Ok(found.pop())
    }

    /// Returns where a poller is at its vendor.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE.
    pub async fn cursor(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        let of = name.to_owned();
        let value = self.0.readers.query(move |reader| reader.cursor(&of)).await.map_err(unavailable)?;
        value.map(|value| self.0.keys.open(name.as_bytes(), &value).map_err(unavailable)).transpose()
    }

    /// Returns the cursors whose names begin with this, by name.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE.
    pub async fn cursors(&self, prefix: &str) -> Result<Vec<(String, Vec<u8>)>, Error> {
        self.ask((), Op::Settle).await?;
        let prefix = prefix.to_owned();
        let found = self.0.readers.query(move |reader| reader.cursors(&prefix)).await.map_err(unavailable)?;
        let open = |(name, value): (String, Vec<u8>)| {
            let value = self.0.keys.open(name.as_bytes(), &value).map_err(unavailable)?;
            Ok((name, value))
        };
        found.into_iter().map(open).collect()
    }

    /// Takes or keeps a chore for this replica. Returns whether it may do it for the time of the lease.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE.
    pub async fn take_chore(&self, name: &str, lease: Duration) -> Result<bool, Error> {
        self.ask(TakeChore { name: name.to_owned(), lease }, Op::TakeChore).await
    }

    /// Changes a subscription, and returns it as it is then, or as it was before it was removed. `None`: there is none,
    /// or the name of a new one is taken.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE.
    pub async fn subscribe(&self, mut change: Subscribe) -> Result<Option<Subscription>, Error> {
        if let Subscribe::Create { name, body, .. } = &mut change {
            self.seal(name.as_bytes(), body)?;
        }
        let changed = self.ask(change, |ask| Op::Subscribe(Box::new(ask))).await?;
        changed.map(|subscription| self.open_subscription(subscription)).transpose()
    }

    /// Returns the subscription of this name, or all whose name begins with it and a slash.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE.
    pub async fn subscriptions(&self, name: &str) -> Result<Vec<Subscription>, Error> {
        self.ask((), Op::Settle).await?;
        let name = name.to_owned();
        let found = self.0.readers.query(move |reader| reader.subscriptions(&name)).await.map_err(unavailable)?;
        found.into_iter().map(|subscription| self.open_subscription(subscription)).collect()
    }

    /// Returns the number of the newest stream of each of these subscriptions that exists, as it is committed.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE.
    pub async fn newest_streams(&self, names: Vec<String>) -> Result<HashMap<String, i64>, Error> {
        self.0.readers.query(move |reader| reader.newest_streams(&names)).await.map_err(unavailable)
    }

    pub(super) fn seal_update(&self, update: &mut MessageUpdate) -> Result<(), Error> {
        self.seal(&update.write_id.bytes(), &mut update.body)?;
        update.events.iter_mut().try_for_each(|event| self.seal_event(event))
    }

    fn seal_event(&self, event: &mut NewEvent) -> Result<(), Error> {
        if let Some(change) = &mut event.consent {
            self.seal_consent(change)?;
        }
        self.seal(&event.id.0, &mut event.body)
    }

    fn open_events<'a>(&self, mut events: impl Iterator<Item = &'a mut StoredEvent>) -> Result<(), Error> {
        events.try_for_each(|event| {
            event.body = self.0.keys.open(&event.id.0, &event.body).map_err(unavailable)?;
            Ok(())
        })
    }

    fn open_subscription(&self, mut subscription: Subscription) -> Result<Subscription, Error> {
        let name = subscription.name.as_bytes();
        subscription.body = self.0.keys.open(name, &subscription.body).map_err(unavailable)?;
        Ok(subscription)
    }
}

/// Finds a time in the log, whose times ascend.
fn events_before(reader: &mut dyn super::Reader, time: SystemTime) -> Result<i64, Broken> {
    let EventBounds { oldest, newest, .. } = reader.event_bounds()?;
    let (mut before, mut after) = (oldest - 1, newest + 1);
    while after - before > 1 {
        let middle = before + (after - before) / 2;
        // One that is gone was older than all that is kept.
        match reader.event_time(middle)?.is_some_and(|found| found >= time) {
            true => after = middle,
            false => before = middle,
        }
    }
    Ok(before)
}

//! The queries of events, and of received messages, which are events too.

use std::{sync::Arc, time::SystemTime};

use super::EVENT_BYTES;
use crate::{
    error::Error,
    request::token,
    store::{Broken, Digest, Op, Reader, Store, unavailable},
    text::hex,
};

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
    pub(in crate::store) fn matches(&self, event: &StoredEvent) -> bool {
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
    pub(in crate::store) fn remove(
        &mut self,
        rows: impl IntoIterator<Item = (i64, i64)>,
        oldest: i64,
        most: u64,
    ) -> usize {
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

impl Store {
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
        let query = move |reader: &mut dyn Reader| reader.events(of.as_deref(), after, until, limit);
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

    fn open_events<'a>(&self, mut events: impl Iterator<Item = &'a mut StoredEvent>) -> Result<(), Error> {
        events.try_for_each(|event| {
            event.body = self.0.keys.open(&event.id.0, &event.body).map_err(unavailable)?;
            Ok(())
        })
    }
}

/// Finds a time in the log, whose times ascend.
fn events_before(reader: &mut dyn Reader, time: SystemTime) -> Result<i64, Broken> {
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

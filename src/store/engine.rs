//! What an engine of the store does.

use std::{
    collections::HashMap,
    fmt,
    sync::Arc,
    time::{Duration, SystemTime},
};

use super::{
    ConsentEntry, ConsentFilter, ConsentRecord, Digest, EventBounds, EventFilter, EventPage, MessageFilter,
    MessagePage, Op, ReceivedFilter, Stats, StoredEvent, StoredMessage, Subscription, Tag, WriteId,
};

/// What a commit survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flush {
    /// A loss of power: the commit, and all before it, are flushed to disk.
    Full,
    /// The end of the process. The next commit with [`Flush::Full`] flushes it.
    Later,
}

/// Why a commit failed.
#[derive(Debug, Clone)]
pub enum Broken {
    /// The store is away: a later commit may succeed. The batch may have been committed all the same.
    Away(String),
    /// The store is there and nothing of the batch was committed, but what was not flushed before may be lost, as its
    /// server may have crashed: that is to be committed again, before the batch.
    Reset(String),
    /// The store can never be trusted again by this process: a flush failed, or the file is damaged.
    ForGood(String),
}

impl Broken {
    /// What happened.
    pub fn text(&self) -> &str {
        match self {
            Self::Away(text) | Self::Reset(text) | Self::ForGood(text) => text,
        }
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl std::error::Error for Broken {}

/// Who this process is among those that share the store.
#[derive(Debug, Clone, Copy)]
pub struct Identity {
    /// The number in the ids of its writes, below [`super::INSTANCES`].
    pub instance: u16,
    /// A random number, the owner of its writes.
    pub boot: i64,
    /// The highest id that is stored.
    pub newest: Option<WriteId>,
    /// The newest event that is stored and flushed.
    pub newest_event: i64,
    /// The number of the log of events.
    pub epoch: i64,
    /// Whether other processes may take this one for dead when its lease is over.
    pub is_leased: bool,
}

/// Writes, in batches, on a thread of its own: an engine may block.
pub trait Engine: Send {
    /// Commits a batch in one transaction, and answers each operation that asks. With [`Flush::Full`], an empty batch
    /// too flushes what was committed before.
    ///
    /// # Errors
    /// Nothing of the batch is known to be committed; its answers are void.
    fn commit(&mut self, batch: &mut [Op], flush: Flush) -> Result<(), Broken>;

    /// Returns the newest event that is known to be committed. Once another commit with [`Flush::Full`] succeeds, it is
    /// flushed too.
    fn newest_event(&self) -> i64;

    /// Whether a crash that this process survives may lose what was committed without a flush: the crash of a server.
    fn may_lose_commits(&self) -> bool;

    /// Whether the store was made with the hash key of this digest. The first one is remembered.
    ///
    /// # Errors
    /// The store is away.
    fn check_key(&mut self, digest: Digest) -> Result<bool, Broken>;

    /// Remembers a key by which phone numbers are hashed, see [`Reader::number_keys`].
    ///
    /// # Errors
    /// The store is away.
    fn note_number_key(&mut self, tag: Tag) -> Result<(), Broken>;
}

/// Answers queries, on a thread of its own. No transaction stays open after a query.
pub trait Reader: Send {
    /// Returns the message of an account by its id.
    ///
    /// # Errors
    /// The store is away, as for all queries.
    fn message(&mut self, account: &str, message_id: &str) -> Result<Option<StoredMessage>, Broken>;

    /// Returns the message of a write.
    ///
    /// # Errors
    /// The store is away.
    fn message_of_write(&mut self, write_id: WriteId) -> Result<Option<StoredMessage>, Broken>;

    /// Returns the newest message of an account that the vendor knows by this id.
    ///
    /// # Errors
    /// The store is away.
    fn message_by_vendor_id(&mut self, account: &str, id: &str) -> Result<Option<StoredMessage>, Broken>;

    /// Lists the messages that match a filter, newest first. A page may have fewer than `limit` and still not be the
    /// last: a query looks at a bounded number of rows.
    ///
    /// # Errors
    /// The store is away.
    fn messages(&mut self, filter: &MessageFilter, before: Option<WriteId>, limit: u32) -> Result<MessagePage, Broken>;

    /// Reads events, those of all accounts without a filter, after this sequence up to `until`, and then the bounds of the log. A
    /// page may have fewer than `limit` and still not be the last: a query looks at a bounded number of rows.
    ///
    /// # Errors
    /// The store is away.
    fn events(&mut self, filter: Option<&EventFilter>, after: i64, until: i64, limit: u32)
    -> Result<EventPage, Broken>;

    /// Returns the bounds of the log of events.
    ///
    /// # Errors
    /// The store is away.
    fn event_bounds(&mut self) -> Result<EventBounds, Broken>;

    /// Returns when an event was recorded.
    ///
    /// # Errors
    /// The store is away.
    fn event_time(&mut self, sequence: i64) -> Result<Option<SystemTime>, Broken>;

    /// Lists the events of received messages, newest first.
    ///
    /// # Errors
    /// The store is away.
    fn received(&mut self, filter: &ReceivedFilter, limit: u32) -> Result<Vec<StoredEvent>, Broken>;

    /// Returns the event of the newest received message of an account with this id.
    ///
    /// # Errors
    /// The store is away.
    fn received_by_id(&mut self, account: &str, received_id: &str) -> Result<Option<StoredEvent>, Broken>;

    /// Returns where a poller is.
    ///
    /// # Errors
    /// The store is away.
    fn cursor(&mut self, name: &str) -> Result<Option<Vec<u8>>, Broken>;

    /// Returns the cursors whose names begin with this, by name.
    ///
    /// # Errors
    /// The store is away.
    fn cursors(&mut self, prefix: &str) -> Result<Vec<(String, Vec<u8>)>, Broken>;

    /// Returns the chores whose names begin with this, and how long the lease of each still lasts; zero if it is over.
    ///
    /// # Errors
    /// The store is away.
    fn chores(&mut self, prefix: &str) -> Result<Vec<(String, Duration)>, Broken>;

    /// Returns the subscription of this name, or all whose name begins with it and a slash, by name.
    ///
    /// # Errors
    /// The store is away.
    fn subscriptions(&mut self, name: &str) -> Result<Vec<Subscription>, Broken>;

    /// Returns the number of the newest stream of each of these subscriptions that exists.
    ///
    /// # Errors
    /// The store is away.
    fn newest_streams(&mut self, names: &[String]) -> Result<HashMap<String, i64>, Broken>;

    /// Reads what is known of people, by brand and number, after the given ones.
    ///
    /// # Errors
    /// The store is away.
    fn consents(
        &mut self,
        filter: &ConsentFilter,
        after: Option<(Arc<str>, Digest)>,
        limit: u32,
    ) -> Result<Vec<ConsentEntry>, Broken>;

    /// Reads records of the ledger of consent after this sequence, oldest first.
    ///
    /// # Errors
    /// The store is away.
    fn consent_records(&mut self, filter: &ConsentFilter, after: i64, limit: u32)
    -> Result<Vec<ConsentRecord>, Broken>;

    /// Returns the sequence of the newest record of the ledger of consent; 0 if there is none.
    ///
    /// # Errors
    /// The store is away.
    fn newest_consent_record(&mut self) -> Result<i64, Broken>;

    /// Returns the tags of the keys by which phone numbers may have been hashed.
    ///
    /// # Errors
    /// The store is away.
    fn number_keys(&mut self) -> Result<Vec<Tag>, Broken>;

    /// Returns what is found by hashes of phone numbers from this one on, and below the other.
    ///
    /// # Errors
    /// The store is away.
    fn found_by_numbers(&mut self, from: &[u8], below: &[u8]) -> Result<Vec<&'static str>, Broken>;

    /// Counts.
    ///
    /// # Errors
    /// The store is away.
    fn stats(&mut self) -> Result<Stats, Broken>;
}

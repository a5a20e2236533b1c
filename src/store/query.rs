//! The queries of messages.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use super::{Broken, Digest, Op, Reader, Store, WriteId, chores, unavailable};
use crate::error::Error;

/// The state of a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteState {
    /// The write is running, or its process has just died.
    Claimed = 1,
    /// The write succeeded.
    Done = 2,
    /// Nothing was sent, or the vendor rejected it.
    Free = 3,
    /// The outcome is unknown.
    Unknown = 4,
}

impl WriteState {
    /// Whether the state of the recipients may be newer than the body of the message.
    pub(super) fn is_open(self) -> bool {
        matches!(self, Self::Claimed | Self::Unknown)
    }

    pub(super) fn of(number: i64) -> Self {
        match number {
            1 => Self::Claimed,
            2 => Self::Done,
            3 => Self::Free,
            _ => Self::Unknown,
        }
    }
}

/// A stored message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredMessage {
    /// The write that sent the message.
    pub write_id: WriteId,
    /// The state of that write.
    pub write_state: WriteState,
    /// The id of the account.
    pub account: Arc<str>,
    /// The name of the caller.
    pub caller: Arc<str>,
    /// The path of the RPC.
    pub method: Arc<str>,
    /// The id of the message.
    pub message_id: String,
    /// The state of the message as a number.
    pub state: i32,
    /// The caller's reference.
    pub reference: Option<String>,
    /// When the message is to be looked up again, if ever.
    pub next_look_up: Option<SystemTime>,
    /// Counts the changes of the message.
    pub version: i32,
    /// The encoded message; empty if it was erased.
    pub body: Vec<u8>,
    /// The recipients, whose state is newer than that in the body, while the outcome of the write is not known.
    pub recipients: Vec<StoredRecipient>,
}

/// A stored recipient of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRecipient {
    /// The index of the recipient in the message.
    pub index: u32,
    /// The state as a number.
    pub state: i32,
    /// The vendor's id of the message, once known.
    pub vendor_message_id: Option<String>,
    /// The account that the message goes through, if that is not the one of the write.
    pub account: Option<String>,
}

/// Which messages to list.
#[derive(Debug, Clone, Default)]
pub struct MessageFilter {
    /// The names of the accounts; `None`: all.
    pub accounts: Option<Vec<Arc<str>>>,
    /// The states as numbers; empty: any.
    pub states: Vec<i32>,
    /// The earliest time, inclusive.
    pub from: Option<SystemTime>,
    /// The latest time, exclusive.
    pub until: Option<SystemTime>,
    /// The hashes of a recipient's number; empty: any number.
    pub recipient: Vec<Digest>,
    /// The caller's reference.
    pub reference: Option<String>,
    /// The caller's tag.
    pub tag: Option<String>,
}

impl MessageFilter {
    /// Whether an index finds the matching messages, so that a query looks at no others.
    pub(super) fn is_indexed(&self) -> bool {
        !self.recipient.is_empty() || self.reference.is_some() || self.tag.is_some()
    }
}

/// The rows that one query looks at, if no index finds the matching ones.
pub(super) const SCAN: i64 = 20_000;

/// One page of messages.
#[derive(Debug, Clone, Default)]
pub struct MessagePage {
    /// The messages, newest first.
    pub messages: Vec<StoredMessage>,
    /// Where the next page begins, `before` this id; `None` after the last page.
    pub next: Option<WriteId>,
}

/// What the store has.
#[derive(Debug, Clone, Default)]
pub struct Stats {
    /// The engine's name.
    pub engine: &'static str,
    /// The version of the schema.
    pub schema: u32,
    /// The size in bytes.
    pub bytes: u64,
    /// The oldest write.
    pub oldest: Option<WriteId>,
    /// The newest write.
    pub newest: Option<WriteId>,
    /// How many writes are running.
    pub running: u64,
    /// How many writes have an unknown outcome, by age.
    pub unknown: ByAge,
    /// How many messages are still looked up, by age.
    pub open: ByAge,
}

/// Counts by age.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ByAge {
    /// Younger than a minute.
    pub minute: u64,
    /// Younger than an hour.
    pub hour: u64,
    /// Younger than a day.
    pub day: u64,
    /// Older.
    pub older: u64,
}

impl ByAge {
    /// Returns the counts with the names of their ages.
    pub fn named(self) -> [(&'static str, u64); 4] {
        [("minute", self.minute), ("hour", self.hour), ("day", self.day), ("older", self.older)]
    }
}

/// How many messages that are due to be looked up are taken.
#[derive(Debug, Clone)]
pub struct TakeDue {
    /// The most messages.
    pub limit: u32,
    /// When a message is due again, unless an update sets another time.
    pub again_after: Duration,
    /// The accounts whose messages are due again as soon as the lease is over: whoever takes one of them twice knows which ones
    /// are still in hand, and if the process has died another one goes on.
    pub leased: Vec<Arc<str>>,
    /// How long no other replica takes any.
    pub lease: Duration,
    /// The accounts of which none is taken.
    pub busy: Vec<Arc<str>>,
}

impl TakeDue {
    /// Returns when a message that is taken is due again.
    pub(super) fn again_after(&self, message: &StoredMessage) -> Duration {
        if self.leased.contains(&message.account) { self.lease } else { self.again_after }
    }
}

impl Store {
    /// Returns the message of an account by its id.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE, as for all queries.
    pub async fn message(&self, account: &str, message_id: &str) -> Result<Option<StoredMessage>, Error> {
        let (account, message_id) = (account.to_owned(), message_id.to_owned());
        self.query_one(move |reader| reader.message(&account, &message_id)).await
    }

    /// Returns the message of a write.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE.
    pub async fn message_of_write(&self, write_id: WriteId) -> Result<Option<StoredMessage>, Error> {
        self.query_one(move |reader| reader.message_of_write(write_id)).await
    }

    /// Returns the newest message that the vendor of an account knows by this id: the account's, or that of a route through
    /// it.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE.
    pub async fn message_by_vendor_id(&self, account: &str, id: &str) -> Result<Option<StoredMessage>, Error> {
        let (account, id) = (account.to_owned(), id.to_owned());
        self.query_one(move |reader| reader.message_by_vendor_id(&account, &id)).await
    }

    /// Lists messages, newest first. The next page is `before` the `next` of this one; a page that has a `next` may be
    /// short, even empty.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE.
    pub async fn messages(
        &self,
        filter: MessageFilter,
        before: Option<WriteId>,
        limit: u32,
    ) -> Result<MessagePage, Error> {
        self.ask((), Op::Settle).await?;
        let page = self.0.readers.query(move |reader| reader.messages(&filter, before, limit)).await;
        let MessagePage { messages, next } = page.map_err(unavailable)?;
        let opened = messages.into_iter().map(|message| self.open_message(message).map_err(unavailable));
        Ok(MessagePage { messages: opened.collect::<Result<_, _>>()?, next })
    }

    /// Takes messages that are due to be looked up, unknown outcomes first, but none of the `busy` accounts. Only one
    /// replica gets any; each message is due again `again_after`, those of the `leased` accounts when the lease of the replica
    /// is over, unless an update says otherwise.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE.
    pub async fn take_due(
        &self,
        limit: u32,
        again_after: Duration,
        leased: Vec<Arc<str>>,
        busy: Vec<Arc<str>>,
    ) -> Result<Vec<StoredMessage>, Error> {
        let take = TakeDue { limit, again_after, leased, lease: chores::LEASE, busy };
        let due = self.ask(take, Op::TakeDue).await?;
        due.into_iter().map(|message| self.open_message(message).map_err(unavailable)).collect()
    }

    /// Counts what the store has.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE.
    pub async fn stats(&self) -> Result<Stats, Error> {
        self.0.readers.query(|reader| reader.stats()).await.map_err(unavailable)
    }

    async fn query_one(
        &self,
        query: impl FnOnce(&mut dyn Reader) -> Result<Option<StoredMessage>, Broken> + Send + 'static,
    ) -> Result<Option<StoredMessage>, Error> {
        // Whoever was told of a message finds it.
        self.ask((), Op::Settle).await?;
        let found = self.0.readers.query(query).await.map_err(unavailable)?;
        found.map(|message| self.open_message(message).map_err(unavailable)).transpose()
    }

    fn open_message(&self, mut message: StoredMessage) -> Result<StoredMessage, Broken> {
        message.body = self.0.keys.open(&message.write_id.bytes(), &message.body)?;
        Ok(message)
    }
}

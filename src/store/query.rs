//! What queries ask for and return.

use std::{sync::Arc, time::SystemTime};

use super::{Digest, WriteId};

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
    /// The hash of a recipient's number.
    pub recipient: Option<Digest>,
    /// The caller's reference.
    pub reference: Option<String>,
    /// The caller's tag.
    pub tag: Option<String>,
}

impl MessageFilter {
    /// Whether an index finds the matching messages, so that a query looks at no others.
    pub(super) fn is_indexed(&self) -> bool {
        self.recipient.is_some() || self.reference.is_some() || self.tag.is_some()
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

//! What a reader asks for, and its tokens. A token is a place in one log, and is valid for what it was made for.

use std::time::SystemTime;

use jiff::Timestamp;

use crate::{
    api::pb::{EventShard, EventType},
    error::{Error, Outcome, Reason},
    gateway::layers::ALL,
    request::{check::Check, token},
    store::{Shard, Store},
};

/// The most parts that readers share.
const MAX_SHARDS: i32 = 1000;

/// The accounts and the types of a reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::gateway) struct Filter {
    pub(in crate::gateway) parent: String,
    /// As numbers, in order.
    pub(super) types: Vec<i32>,
    pub(super) shard: Option<Shard>,
    /// The receiving numbers, in order, of a reader of the inbox. Its tokens are no tokens of events.
    numbers: Option<Vec<String>>,
}

/// Where a reader begins.
#[derive(Debug, Clone, Copy)]
pub(in crate::gateway) enum Start {
    /// After the event of this sequence, which a token has.
    After(i64),
    /// With what was recorded at this time or later.
    At(SystemTime),
    /// With the oldest event.
    Oldest,
    /// With the next event.
    Now,
}

impl Filter {
    /// Reads what a request asks for.
    pub(super) fn new(check: &mut Check, parent: &str, types: &[i32], shard: Option<EventShard>) -> Self {
        if parent != ALL {
            check.account(parent, "parent");
        }
        let is_type = |number: i32| EventType::try_from(number).is_ok_and(|of| of != EventType::Unspecified);
        check.that(types.iter().copied().all(is_type), "types", "unknown value");
        let mut types = types.to_vec();
        types.sort_unstable();
        types.dedup();
        let shard = shard.map(|EventShard { index, count }| {
            check.that((1..=MAX_SHARDS).contains(&count), "shard.count", "must be 1 to 1000");
            check.that((0..count.max(1)).contains(&index), "shard.index", "must be 0 or more and less than count");
            Shard { index: index.max(0).unsigned_abs(), count: count.max(1).unsigned_abs() }
        });
        Self::of(parent, types, shard)
    }

    /// Creates the filter of an account's events of these types, which are in order.
    pub(super) fn of(parent: &str, types: Vec<i32>, shard: Option<Shard>) -> Self {
        Self { parent: parent.to_owned(), types, shard, numbers: None }
    }

    /// Reads what a request of the inbox asks for.
    pub(in crate::gateway) fn inbox(check: &mut Check, parent: &str, mut numbers: Vec<String>) -> Self {
        numbers.sort_unstable();
        numbers.dedup();
        Self { numbers: Some(numbers), ..Self::new(check, parent, &[EventType::MessageReceived.into()], None) }
    }

    /// Makes the token of a place.
    pub(super) fn token(&self, epoch: i64, sequence: i64) -> String {
        token::seal(&(epoch, sequence), self)
    }

    /// Returns the log and the place of a token, if it was made for the same.
    pub(super) fn open(&self, token: &str) -> Option<(i64, i64)> {
        token::open(token, self).filter(|(_, sequence)| *sequence >= 0)
    }

    /// Reads where a request begins: by its token, by its time, or `otherwise`.
    pub(in crate::gateway) fn start(
        &self,
        check: &mut Check,
        token: &str,
        time: Option<prost_types::Timestamp>,
        otherwise: Start,
    ) -> Begin {
        let time = check.time(time, "start_time");
        if token.is_empty() {
            return Begin { epoch: None, start: time.map_or(otherwise, Start::At) };
        }
        let opened = self.open(token);
        let text = match self.numbers {
            None => "invalid token; expected one of the same parent, types and shard",
            Some(_) => "invalid token; expected one of the same parent and numbers",
        };
        check.that(opened.is_some(), "resume_token", text);
        let (epoch, sequence) = opened.unwrap_or_default();
        Begin { epoch: Some(epoch), start: Start::After(sequence) }
    }

    /// Returns the error of a reader that comes too late.
    pub(super) async fn expired(&self, store: &Store, oldest: i64) -> Error {
        let until = store.event_time(oldest).await.ok().flatten().unwrap_or_else(SystemTime::now);
        let text = "events after the token are no longer kept; oldest_resume_token goes on with those that are";
        Error::new(Reason::EventsExpired, text)
            .outcome(Outcome::NotSent)
            .detail("oldest_resume_token", self.token(store.epoch(), oldest - 1))
            .detail("expired_until", Timestamp::try_from(until).unwrap_or_default().to_string())
    }
}

/// Returns the error of a token of another log.
pub(super) fn reset() -> Error {
    let text = "the token is from another log of events: the store was replaced or restored from a backup";
    Error::new(Reason::EventsReset, text).outcome(Outcome::NotSent)
}

impl serde::Serialize for Filter {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.numbers {
            None => {
                let shard = self.shard.map(|Shard { index, count }| (index, count));
                ("events", &self.parent, &self.types, shard).serialize(serializer)
            }
            Some(numbers) => ("inbox", &self.parent, numbers).serialize(serializer),
        }
    }
}

/// Where a reader begins, and in which log if it has a token.
#[derive(Debug, Clone, Copy)]
pub(in crate::gateway) struct Begin {
    epoch: Option<i64>,
    start: Start,
}

impl Begin {
    /// Begins after a place in the log of this number.
    pub(super) fn after(epoch: i64, sequence: i64) -> Self {
        Self { epoch: Some(epoch), start: Start::After(sequence) }
    }

    /// Returns the sequence to begin after.
    ///
    /// # Errors
    /// EVENTS_RESET or EVENTS_EXPIRED for a token; STORE_UNAVAILABLE.
    pub(super) async fn place(self, store: &Store, filter: &Filter) -> Result<i64, Error> {
        // What other replicas have recorded before belongs before "now", and to a list.
        store.see_events().await?;
        let sequence = match self.start {
            Start::Now => return Ok(*store.newest_event().borrow()),
            Start::Oldest => return Ok(store.event_bounds().await?.oldest - 1),
            Start::At(time) => return store.events_before(time).await,
            Start::After(sequence) => sequence,
        };
        let bounds = store.event_bounds().await?;
        if self.epoch != Some(store.epoch()) || sequence > bounds.newest {
            return Err(reset());
        }
        if sequence + 1 < bounds.oldest {
            return Err(filter.expired(store, bounds.oldest).await);
        }
        Ok(sequence)
    }
}

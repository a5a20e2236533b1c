//! The durable memory: which writes were sent under which idempotency key, what became of them, and the messages.
//!
//! One thread writes (`writer`): it commits all that waits in one transaction, and flushes that to disk only when
//! somebody waits for it. Serving threads put operations into its queue and never touch a connection. What nobody waits
//! for survives the end of the process at once, and a loss of power after the next flush, 50 ms later at most.

mod ask;
mod beside;
mod chores;
mod claim;
mod clock;
mod consent;
mod cursors;
mod engine;
mod events;
mod id;
mod keys;
mod numbers;
mod open;
mod ops;
mod outcome;
pub mod postgres;
mod query;
mod readers;
mod recent;
mod schema;
pub mod share;
pub mod sqlite;
mod subscriptions;
#[cfg(test)]
mod tests;
mod writer;

use std::{
    sync::{Arc, mpsc},
    thread,
    time::SystemTime,
};

use tokio::sync::watch;

pub use self::{
    ask::{Ask, Unanswered},
    beside::{Beside, Caretaker, Checked, Rekeyed},
    chores::{Retain, TakeChore},
    claim::{Claim, Claimed, KeyClaim, NewMessage, Resume},
    consent::{ConsentAct, ConsentChange, ConsentEntry, ConsentFilter, ConsentRecord, ConsentRekey},
    engine::{Broken, Engine, Flush, Identity, Reader},
    events::{
        Append, Appended, EventBounds, EventFilter, EventPage, NewEvent, NewReceived, ReceivedFilter, Shard,
        StoredEvent,
    },
    id::{INSTANCES, WriteId},
    keys::Digest,
    numbers::Tag,
    ops::Op,
    outcome::{End, MessageChange, MessageUpdate, Outcome, RecipientUpdate, Recipients},
    query::{ByAge, MessageFilter, MessagePage, Stats, StoredMessage, StoredRecipient, TakeDue, WriteState},
    share::{Holder, WantedShare},
    subscriptions::{Subscribe, Subscription},
    writer::State,
};
use self::{
    chores::Lease,
    id::WriteIds,
    keys::Keys,
    readers::Readers,
    recent::Recent,
    writer::{Status, Writer},
};
use crate::{
    config::{Problem, StoreConfig},
    error::{self, Error, Reason},
};

/// The store. Clones share it; it is closed when the last one is dropped.
#[derive(Debug, Clone)]
pub struct Store(Arc<Inner>);

/// Where a store keeps what it records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the memory of the process.
    Memory,
    /// In a file of SQLite.
    File,
    /// In a PostgreSQL server.
    Postgres,
}

#[derive(Debug)]
struct Inner {
    place: Place,
    queue: mpsc::Sender<Op>,
    status: Arc<Status>,
    readers: Readers,
    recent: Recent,
    ids: WriteIds,
    keys: Keys,
    lease: Lease,
    epoch: i64,
}

impl Store {
    /// Opens the store, and starts its threads and its chores.
    ///
    /// # Errors
    /// The problem with the key that names the store, for example that another process has it open.
    pub async fn open(config: &StoreConfig) -> Result<Self, Problem> {
        let config = config.clone();
        let retain = chores::slice(&config);
        // Opening blocks, and the threads of a runtime must not.
        let opened = tokio::task::spawn_blocking(move || open::open(&config)).await;
        let store = opened.unwrap_or_else(|e| Err(Problem { path: "store".to_owned(), text: e.to_string() }))?;
        tokio::spawn(chores::run(Arc::downgrade(&store.0), retain));
        if store.0.lease.is_needed() {
            tokio::spawn(chores::see_events(Arc::downgrade(&store.0)));
        }
        Ok(store)
    }

    fn start(
        engine: Box<dyn Engine>,
        readers: Readers,
        identity: Identity,
        keys: Keys,
        (place, flushes): (Place, bool),
    ) -> std::io::Result<Self> {
        let (queue, waiting) = mpsc::channel();
        let status = Arc::new(Status::new(identity.newest_event));
        let writer = Writer::new(engine, waiting, status.clone(), flushes);
        thread::Builder::new().name("store-write".to_owned()).spawn(move || writer.run())?;
        let ids = WriteIds::new(identity.instance, identity.newest);
        let lease = Lease::new(identity.is_leased);
        let (recent, epoch) = (Recent::default(), identity.epoch);
        Ok(Self(Arc::new(Inner { place, queue, status, readers, recent, ids, keys, lease, epoch })))
    }

    /// Returns where the store is.
    pub fn place(&self) -> Place {
        self.0.place
    }

    /// Returns the number of this process among those that share the store.
    pub fn instance(&self) -> u64 {
        self.0.ids.instance()
    }

    /// Makes the id of a new write.
    pub fn new_write_id(&self) -> WriteId {
        self.0.ids.next(SystemTime::now())
    }

    /// Hashes parts with the store's key. `purpose` keeps hashes of different things apart.
    pub fn digest(&self, purpose: &str, parts: &[&[u8]]) -> Digest {
        self.0.keys.digest(purpose, parts)
    }

    /// Hashes a phone number, by which its messages are found.
    pub fn number(&self, number: &str) -> Digest {
        self.0.keys.number(number)
    }

    /// Hashes a phone number with each of the older keys, by which what was recorded before the newest one is found.
    pub fn older_numbers(&self, number: &str) -> impl Iterator<Item = Digest> {
        self.0.keys.older_numbers(number)
    }

    /// Returns all hashes of a phone number, the newest first.
    pub fn numbers(&self, number: &str) -> Vec<Digest> {
        self.0.keys.numbers.hashes(number).collect()
    }

    /// Whether there are older keys.
    pub fn has_older_keys(&self) -> bool {
        self.0.keys.numbers.are_several()
    }

    /// Erases the messages to a number, which has these hashes, and the replies that name it, and returns how many there
    /// were. The calls stay recorded: a repeated one is not sent again.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE.
    pub async fn purge(&self, numbers: Vec<Digest>) -> Result<u64, Error> {
        let purged = self.ask(numbers, Op::Purge).await;
        self.0.recent.clear();
        purged
    }

    /// Waits until all that was recorded before is flushed to disk: at the end of the process.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE.
    pub async fn flush(&self) -> Result<(), Error> {
        self.ask((), Op::Flush).await
    }

    /// Waits until the store has failed for good, and returns why: the process must end, as what was flushed is in
    /// doubt.
    pub fn failed(&self) -> impl Future<Output = Arc<str>> + Send + use<> {
        let mut states = self.state();
        async move {
            match states.wait_for(|state| matches!(state, State::Failed(_))).await.as_deref() {
                Ok(State::Failed(why)) => why.clone(),
                _ => "the store was closed".into(),
            }
        }
    }

    /// Returns whether something can be recorded, and its changes.
    pub fn state(&self) -> watch::Receiver<State> {
        self.0.status.state.subscribe()
    }

    /// Whether other processes may have the store too.
    pub fn is_shared(&self) -> bool {
        self.0.lease.is_needed()
    }

    /// Returns the number of this process's lease, to be asked for before a write is claimed.
    pub fn lease(&self) -> u64 {
        self.0.lease.number()
    }

    /// Whether this process may still send what it claimed under the lease of this number: to be asked right before a
    /// write is sent. Otherwise it slept, or the store was away, for so long that another replica may have taken this
    /// process for dead.
    pub fn holds_lease(&self, lease: u64) -> bool {
        self.0.lease.is_held(lease)
    }

    fn seal(&self, owner: &[u8], bytes: &mut Vec<u8>) -> Result<(), Error> {
        *bytes = self.0.keys.seal(owner, bytes).map_err(unavailable)?;
        Ok(())
    }
}

fn unavailable(why: impl std::fmt::Display) -> Error {
    let text = format!("the store is unavailable: {why}");
    Error::new(Reason::StoreUnavailable, text).outcome(error::Outcome::NotSent)
}

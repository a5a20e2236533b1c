//! The durable memory: which writes were sent under which idempotency key, what became of them, and the messages.
//!
//! One thread writes (`writer`): it commits all that waits in one transaction, and flushes that to disk only when
//! somebody waits for it. Serving threads put operations into its queue and never touch a connection. What nobody waits
//! for survives the end of the process at once, and a loss of power after the next flush, 50 ms later at most.

mod beside;
mod chores;
mod clock;
mod consent;
mod engine;
mod events;
mod id;
mod keys;
mod open;
mod ops;
pub mod postgres;
mod query;
mod readers;
mod recent;
mod schema;
pub mod share;
pub mod sqlite;
#[cfg(test)]
mod tests;
mod writer;

use std::{
    sync::{Arc, atomic::Ordering::Relaxed, mpsc},
    thread,
    time::{Duration, SystemTime},
};

use tokio::sync::{oneshot, watch};

pub use self::{
    beside::{Beside, Caretaker, Checked},
    consent::{ConsentAct, ConsentChange, ConsentEntry, ConsentFilter, ConsentRecord},
    engine::{Broken, Engine, Flush, Identity, Reader},
    events::{
        Append, Appended, EventBounds, EventFilter, EventPage, NewEvent, NewReceived, ReceivedFilter, Shard,
        StoredEvent, Subscribe, Subscription, TakeChore,
    },
    id::{INSTANCES, WriteId},
    ops::{
        Ask, Claim, Claimed, Digest, End, KeyClaim, MessageChange, MessageUpdate, NewMessage, Op, Outcome,
        RecipientUpdate, Recipients, Resume, Retain, TakeDue, Unanswered,
    },
    query::{ByAge, MessageFilter, MessagePage, Stats, StoredMessage, StoredRecipient, WriteState},
    share::{Holder, WantedShare},
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
    telemetry::metrics,
};

/// The most operations that wait to be recorded. Claims beyond that are rejected.
const QUEUE: usize = 65_536;

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

    /// Queues a claim at once; the returned future waits for the answer. With a key the answer [`Claimed::New`] is
    /// flushed to disk, so the write may be sent. Without one, the future waits only for the commit. A claim is recorded
    /// even if the future is dropped: its outcome must be, too.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE: the write must not be sent, and its key is free.
    pub fn claim(&self, claim: Claim) -> impl Future<Output = Result<Claimed, Error>> + Send + use<> {
        let (store, write_id) = (self.clone(), claim.write_id);
        let queued = self.seal_claim(claim).and_then(|claim| {
            let (ask, answer) = Ask::awaited(claim);
            self.try_queue(Op::Claim(Box::new(ask)))?;
            Ok(answer)
        });
        async move {
            let claimed = store.answer(queued?).await?;
            tracing::debug!(%write_id, answer = claimed.name(), "claimed");
            metrics::store_claim(claimed.name());
            store.open_claimed(claimed).map_err(unavailable)
        }
    }

    /// Records a write without an idempotency key and does not wait: for a message whose id was made for it.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE: the write is not recorded.
    pub fn record(&self, claim: Claim) -> Result<(), Error> {
        let claim = self.seal_claim(claim)?;
        self.try_queue(Op::Claim(Box::new(Ask::new(claim))))
    }

    /// Has this process go on with a message that another attempt left unfinished in this version, under the id of
    /// `claim`: what the other attempt still records has no effect. Returns false if the message is of another version, or
    /// somebody else goes on with it.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE: nothing must be sent.
    pub async fn resume(&self, from: WriteId, version: i32, claim: Claim) -> Result<bool, Error> {
        let claim = self.seal_claim(claim)?;
        let resumed = self.ask(Resume { from, version, claim }, |ask| Op::Resume(Box::new(ask))).await?;
        metrics::store_claim(if resumed { "resumed" } else { "changed_by_another" });
        Ok(resumed)
    }

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

    /// Takes messages that are due to be looked up, unknown outcomes first, but none of the `busy` accounts. Only one
    /// replica gets any; each message is due again `again_after`, unless an update says otherwise.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE.
    pub async fn take_due(
        &self,
        limit: u32,
        again_after: Duration,
        busy: Vec<Arc<str>>,
    ) -> Result<Vec<StoredMessage>, Error> {
        let take = TakeDue { limit, again_after, lease: chores::LEASE, busy };
        let due = self.ask(take, Op::TakeDue).await?;
        due.into_iter().map(|message| self.open_message(message).map_err(unavailable)).collect()
    }

    /// Erases the messages to a number and the replies that name it, and returns how many there were. The calls stay
    /// recorded: a repeated one is not sent again.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE.
    pub async fn purge(&self, to_hash: Digest) -> Result<u64, Error> {
        let purged = self.ask(to_hash, Op::Purge).await;
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

    /// Counts what the store has.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE.
    pub async fn stats(&self) -> Result<Stats, Error> {
        self.0.readers.query(|reader| reader.stats()).await.map_err(unavailable)
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

    fn seal_outcome(&self, outcome: &mut Outcome) -> Result<(), Error> {
        match &mut outcome.end {
            End::Done { reply: bytes } | End::Unknown { error: bytes } => {
                self.seal(&outcome.write_id.bytes(), bytes)?;
            }
            End::Free => {}
        }
        outcome.message.as_mut().map_or(Ok(()), |update| self.seal_update(update))
    }

    fn seal_claim(&self, mut claim: Claim) -> Result<Claim, Error> {
        if let Some(message) = &mut claim.message {
            self.seal(&claim.write_id.bytes(), &mut message.body)?;
        }
        Ok(claim)
    }

    fn open_claimed(&self, claimed: Claimed) -> Result<Claimed, Broken> {
        let open = |write_id: WriteId, value: &[u8]| self.0.keys.open(&write_id.bytes(), value);
        Ok(match claimed {
            Claimed::Replay { write_id, reply: Some(reply) } => {
                Claimed::Replay { write_id, reply: Some(open(write_id, &reply)?) }
            }
            Claimed::Unknown { write_id, message_id, error } => {
                Claimed::Unknown { write_id, message_id, error: open(write_id, &error)? }
            }
            other => other,
        })
    }

    fn open_message(&self, mut message: StoredMessage) -> Result<StoredMessage, Broken> {
        message.body = self.0.keys.open(&message.write_id.bytes(), &message.body)?;
        Ok(message)
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

    /// Queues a question, and waits for the answer.
    async fn ask<Q, A>(&self, question: Q, op: impl FnOnce(Ask<Q, A>) -> Op) -> Result<A, Error> {
        let (ask, answer) = Ask::awaited(question);
        self.try_queue(op(ask))?;
        self.answer(answer).await
    }

    async fn answer<A>(&self, answer: oneshot::Receiver<Result<A, Unanswered>>) -> Result<A, Error> {
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
    fn try_queue(&self, op: Op) -> Result<(), Error> {
        self.check()?;
        self.queue(op);
        Ok(())
    }

    fn queue(&self, op: Op) {
        let depth = self.0.status.depth.fetch_add(1, Relaxed) + 1;
        metrics::store_queue(depth);
        // Without a writer, whoever waits is told by the end of the channel.
        let _ = self.0.queue.send(op);
    }
}

fn unavailable(why: impl std::fmt::Display) -> Error {
    let text = format!("the store is unavailable: {why}");
    Error::new(Reason::StoreUnavailable, text).outcome(error::Outcome::NotSent)
}

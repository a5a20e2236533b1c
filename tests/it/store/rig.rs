//! A store of each engine, without its queue: the tests commit batches themselves.

#[cfg(feature = "foreign-clients")]
use std::sync::Arc;
use std::time::{Duration, SystemTime};

#[cfg(feature = "foreign-clients")]
use smsmux::store::postgres::Postgres;
use smsmux::store::{
    Ask, Broken, Claim, Claimed, Digest, End, Engine, Flush, Identity, KeyClaim, MessageUpdate, NewMessage, Op,
    Outcome, Reader, RecipientUpdate, Recipients, Resume, Retain, StoredMessage, TakeDue, WriteId, sqlite::Sqlite,
};
use tempfile::TempDir;

#[cfg(feature = "foreign-clients")]
use super::server::Database;

/// The kinds of stores.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Memory,
    File,
    #[cfg(feature = "foreign-clients")]
    Postgres,
}

/// Where a store is kept.
enum Place {
    Memory,
    Folder(TempDir),
    #[cfg(feature = "foreign-clients")]
    Database(Arc<Database>),
}

/// An open store.
pub(super) struct Rig {
    pub(super) engine: Box<dyn Engine>,
    pub(super) reader: Box<dyn Reader>,
    pub(super) identity: Identity,
    place: Place,
    ids: i64,
}

/// When the tests' writes are made, unless they say otherwise.
pub(super) fn now() -> SystemTime {
    SystemTime::now()
}

impl Rig {
    pub(super) fn new(kind: Kind) -> Self {
        Self::at(match kind {
            Kind::Memory => Place::Memory,
            Kind::File => Place::Folder(tempfile::tempdir().unwrap()),
            #[cfg(feature = "foreign-clients")]
            Kind::Postgres => Place::Database(Arc::new(Database::new())),
        })
    }

    #[cfg(feature = "foreign-clients")]
    pub(super) fn of_database(database: Arc<Database>) -> Self {
        Self::at(Place::Database(database))
    }

    fn at(place: Place) -> Self {
        macro_rules! rig {
            ($engine:expr) => {{
                let engine = $engine.unwrap();
                let (identity, reader) = (engine.identity(), engine.readers()().unwrap());
                Self { engine: Box::new(engine), reader, identity, place, ids: 0 }
            }};
        }
        match &place {
            Place::Memory => rig!(Sqlite::in_memory()),
            Place::Folder(folder) => rig!(Sqlite::open(&folder.path().join("smsmux.db"))),
            #[cfg(feature = "foreign-clients")]
            Place::Database(database) => rig!(Postgres::open(&database.url())),
        }
    }

    /// Ends the process of the store, as far as the store can tell, and opens the store in another. `None` for a store
    /// that does not survive that.
    pub(super) fn after_a_crash(mut self) -> Option<Self> {
        self.renew(Duration::ZERO).unwrap();
        let Self { engine, reader, place, ids, .. } = self;
        drop((engine, reader));
        if matches!(place, Place::Memory) { None } else { Some(Self { ids, ..Self::at(place) }) }
    }

    /// Has the lease of the process last for this time.
    pub(super) fn renew(&mut self, lease: Duration) -> Result<(), Broken> {
        self.engine.commit(&mut [Op::Renew(Ask::new(lease))], Flush::Later)
    }

    /// Makes the id of a write at this time.
    pub(super) fn id_at(&mut self, time: SystemTime) -> WriteId {
        self.ids += 1;
        WriteId(WriteId::first_at(time).0 + (i64::from(self.identity.instance) << 12) + self.ids)
    }

    pub(super) fn id(&mut self) -> WriteId {
        self.id_at(now())
    }

    /// Commits a batch, once more if the connection had broken since the last one.
    pub(super) fn commit(&mut self, batch: &mut [Op]) {
        match self.engine.commit(batch, Flush::Full) {
            Err(Broken::Reset(_)) => self.engine.commit(batch, Flush::Full),
            result => result,
        }
        .unwrap();
    }

    /// Commits a claim alone, and returns the answer.
    pub(super) fn claim(&mut self, claim: Claim) -> Claimed {
        self.claims(vec![claim]).remove(0)
    }

    /// Commits claims in one batch, and returns the answers.
    pub(super) fn claims(&mut self, claims: Vec<Claim>) -> Vec<Claimed> {
        let mut batch: Vec<_> = claims.into_iter().map(|claim| Op::Claim(Box::new(Ask::new(claim)))).collect();
        self.commit(&mut batch);
        let answers = batch.into_iter().map(|op| match op {
            Op::Claim(ask) => ask.answer.expect("an answer"),
            other => panic!("{other:?}"),
        });
        answers.collect()
    }

    pub(super) fn end(&mut self, write_id: WriteId, end: End, message: Option<MessageUpdate>) {
        self.commit(&mut [Op::Outcome(Box::new(Outcome { write_id, end, message }))]);
    }

    pub(super) fn done(&mut self, write_id: WriteId) {
        self.end(write_id, End::Done { reply: b"reply".to_vec() }, None);
    }

    pub(super) fn update(&mut self, update: MessageUpdate) {
        self.commit(&mut [Op::Update(Box::new(update))]);
    }

    /// Records states of recipients by index, each in an operation of its own, all in one batch.
    pub(super) fn recipients(&mut self, write_id: WriteId, states: &[(u32, i32, Option<&str>, bool)]) -> Vec<bool> {
        let ask = |&(index, state, id, is_final): &(u32, i32, Option<&str>, bool)| {
            let vendor_message_id = id.map(str::to_owned);
            let update = RecipientUpdate { index, state, vendor_message_id, account: None, is_final };
            Op::Recipients(Box::new(Ask::new(Recipients { write_id, recipients: vec![update] })))
        };
        let mut batch: Vec<_> = states.iter().map(ask).collect();
        self.commit(&mut batch);
        let answers = batch.into_iter().map(|op| match op {
            Op::Recipients(ask) => ask.answer.expect("an answer"),
            other => panic!("{other:?}"),
        });
        answers.collect()
    }

    pub(super) fn resume(&mut self, from: WriteId, version: i32, claim: Claim) -> bool {
        let mut batch = [Op::Resume(Box::new(Ask::new(Resume { from, version, claim })))];
        self.commit(&mut batch);
        let [Op::Resume(ask)] = batch else { panic!("{batch:?}") };
        ask.answer.expect("an answer")
    }

    pub(super) fn reap(&mut self) -> u64 {
        let mut batch = [Op::Reap(Ask::new(()))];
        self.commit(&mut batch);
        let [Op::Reap(ask)] = batch else { panic!("{batch:?}") };
        ask.answer.expect("an answer")
    }

    pub(super) fn take_due(&mut self, limit: u32, again_after: Duration) -> Vec<StoredMessage> {
        self.take_due_but(limit, again_after, &[])
    }

    /// Takes due messages of all accounts but these.
    pub(super) fn take_due_but(&mut self, limit: u32, again_after: Duration, busy: &[&str]) -> Vec<StoredMessage> {
        let busy = busy.iter().map(|&account| account.into()).collect();
        self.take(TakeDue { limit, again_after, leased: Vec::new(), lease: HOUR, busy })
    }

    pub(super) fn take(&mut self, take: TakeDue) -> Vec<StoredMessage> {
        let mut batch = [Op::TakeDue(Ask::new(take))];
        self.commit(&mut batch);
        let [Op::TakeDue(ask)] = batch else { panic!("{batch:?}") };
        ask.answer.expect("an answer")
    }

    /// Removes what is older than the two ages, until nothing is left.
    pub(super) fn retain(&mut self, idempotency_ttl: Duration, log_retention: Duration) {
        self.retain_all(idempotency_ttl, log_retention, HOUR, u64::MAX);
    }

    /// Removes the events that are too old or too many.
    pub(super) fn retain_events(&mut self, events_retention: Duration, events_retention_bytes: u64) {
        self.retain_all(HOUR, HOUR, events_retention, events_retention_bytes);
    }

    fn retain_all(
        &mut self,
        idempotency_ttl: Duration,
        log_retention: Duration,
        events_retention: Duration,
        events_retention_bytes: u64,
    ) {
        let (limit, lease) = (2, HOUR);
        let retain = Retain { idempotency_ttl, log_retention, events_retention, events_retention_bytes, limit, lease };
        loop {
            let mut batch = [Op::Retain(Ask::new(retain))];
            self.commit(&mut batch);
            let [Op::Retain(ask)] = batch else { panic!("{batch:?}") };
            if !ask.answer.expect("an answer") {
                return;
            }
        }
    }

    pub(super) fn purge(&mut self, to: Digest) -> u64 {
        let mut batch = [Op::Purge(Ask::new(vec![to]))];
        self.commit(&mut batch);
        let [Op::Purge(ask)] = batch else { panic!("{batch:?}") };
        ask.answer.expect("an answer")
    }

    pub(super) fn message(&mut self, id: &str) -> Option<StoredMessage> {
        self.reader.message("acme", id).unwrap()
    }
}

pub(super) const HOUR: Duration = Duration::from_secs(3600);

pub(super) fn digest(of: u8) -> Digest {
    Digest([of; 16])
}

/// The key of this number, for a request of the number `body`.
pub(super) fn key(of: u8, body: u8) -> Option<KeyClaim> {
    Some(KeyClaim { digest: digest(of), body: digest(body) })
}

/// A claim without a message.
pub(super) fn write(write_id: WriteId, key: Option<KeyClaim>) -> Claim {
    let (account, caller) = ("acme".into(), "billing".into());
    Claim { write_id, key, account, caller, method: "smsmux.v1.ContactService/CreateContact", message: None }
}

/// A claim of a message to the numbers of these hashes.
pub(super) fn send(write_id: WriteId, key: Option<KeyClaim>, message_id: &str, to: &[u8]) -> Claim {
    let message = NewMessage {
        message_id: message_id.to_owned(),
        state: 1,
        recipients: to.iter().copied().map(digest).collect(),
        brand: None,
        older: Vec::new(),
        reference: None,
        tag: None,
        schedule_time: None,
        body: b"claimed".to_vec(),
    };
    let method = "smsmux.v1.MessageService/SendMessage";
    Claim { message: Some(message), method, ..write(write_id, key) }
}

/// An update of a message of one recipient.
pub(super) fn update(write_id: WriteId, state: i32, vendor_message_id: Option<&str>, is_final: bool) -> MessageUpdate {
    let vendor_message_id = vendor_message_id.map(str::to_owned);
    MessageUpdate {
        write_id,
        state,
        body: b"updated".to_vec(),
        to: vec![],
        recipients: vec![RecipientUpdate { index: 0, state, vendor_message_id, account: None, is_final }],
        look_up_after: None,
        version: None,
        events: vec![],
    }
}

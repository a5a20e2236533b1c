//! The store in a file of SQLite, or in memory.
//!
//! One connection writes; a second one would only wait for the first. Commits go to the write-ahead log, which a thread
//! of its own copies into the database.

mod beside;
mod checkpoint;
mod commit;
mod consent;
mod events;
mod keep;
mod place;
mod read;
#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    fs::File,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use self::checkpoint::Checkpoints;
pub(super) use self::{
    beside::open as open_beside,
    place::{beside, private_file, sync_directory},
};
use super::{Broken, Digest, Engine, Flush, Identity, Op, Reader, Tag, WriteId, clock::now, schema};

/// How long a connection waits for another one's lock. Only a checkpoint takes one for long.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// The bytes of the write-ahead log from which it is cut; readers or a steady load may have kept it from starting over.
/// While a long reader is in the way, such as a backup, this is tried again each time that so many bytes were added.
const LONG_LOG: u64 = 64 << 20;

/// The writes that are being made, and those of an unknown outcome. SQLite uses the index of both only for a query that repeats
/// the index's own condition; without it, the whole table would be read.
const RUNNING: &str = "state IN (1, 4) AND state = 1";
const UNKNOWN: &str = "state IN (1, 4) AND state = 4";

/// A connection, which the only one in memory shares with its readers.
type Shared = Arc<Mutex<Connection>>;

/// The store of one process.
#[derive(Debug)]
pub struct Sqlite {
    connection: Shared,
    identity: Identity,
    /// The numbers of names that are stored.
    names: HashMap<Arc<str>, i64>,
    /// Whether the last commit was to be flushed, once known.
    flushing: Option<bool>,
    /// The newest event, of the transaction and of the last commit.
    appended: i64,
    newest_event: i64,
    file: Option<OnDisk>,
}

/// What a store on disk has beside its connection.
#[derive(Debug)]
struct OnDisk {
    path: PathBuf,
    log: PathBuf,
    checkpoints: Checkpoints,
    /// The length of the log from which it is cut.
    cut_from: u64,
    /// Held as long as the store is open.
    _lock: File,
}

impl Sqlite {
    /// Opens the store in this file, and makes it if it is missing.
    ///
    /// # Errors
    /// The reason as a sentence about the path, for example `is in use by another process`.
    pub fn open(path: &Path) -> Result<Self, String> {
        let lock = place::take(path)?;
        let connection = connect(path).map_err(cannot_open)?;
        // In KiB: memory is taken as pages are read. The other connections have the two MiB that SQLite gives each: what
        // they read is in the system's cache, and a count of the store must not stay in memory.
        connection.pragma_update(None, "cache_size", -16_384).map_err(cannot_open)?;
        let checkpoints = Checkpoints::start(connect(path).map_err(cannot_open)?);
        let (path, log) = (path.to_owned(), beside(path, "-wal"));
        let file = OnDisk { path, log, checkpoints, cut_from: LONG_LOG, _lock: lock };
        Self::new(connection, Some(file))
    }

    /// Opens a store in memory.
    ///
    /// # Errors
    /// SQLite cannot start.
    pub fn in_memory() -> Result<Self, String> {
        Self::new(Connection::open_in_memory().map_err(cannot_open)?, None)
    }

    fn new(mut connection: Connection, file: Option<OnDisk>) -> Result<Self, String> {
        migrate(&mut connection)?;
        let identity = join(&connection).map_err(cannot_open)?;
        let connection = Arc::new(Mutex::new(connection));
        let newest_event = identity.newest_event;
        let (names, appended) = (HashMap::new(), newest_event);
        Ok(Self { connection, identity, names, flushing: None, appended, newest_event, file })
    }

    /// Returns who this process is.
    pub fn identity(&self) -> Identity {
        self.identity
    }

    /// Returns what opens readers, one for each thread that reads.
    pub fn readers(&self) -> impl Fn() -> Result<Box<dyn Reader>, Broken> + Clone + Send + 'static + use<> {
        let shared = self.connection.clone();
        let path = self.file.as_ref().map(|file| file.path.clone());
        move || {
            let connection = match &path {
                Some(path) => Arc::new(Mutex::new(connect(path)?)),
                None => shared.clone(),
            };
            Ok(Box::new(read::SqliteReader::new(connection)))
        }
    }

    /// Cuts the write-ahead log when it has become long.
    fn cut_log(&mut self, connection: &Connection) -> Result<(), Broken> {
        let Some(file) = &mut self.file else { return Ok(()) };
        let length = std::fs::metadata(&file.log).map_or(0, |log| log.len());
        if length <= file.cut_from {
            return Ok(());
        }
        // A commit does not wait for a reader that is in the way: there will be another time.
        connection.busy_timeout(Duration::ZERO)?;
        let cut = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, bool>(0));
        connection.busy_timeout(BUSY_TIMEOUT)?;
        let is_cut = match cut.map_err(Broken::from) {
            Ok(is_busy) => !is_busy,
            Err(broken @ Broken::ForGood(_)) => return Err(broken),
            Err(_) => false,
        };
        file.cut_from = if is_cut { LONG_LOG } else { length + LONG_LOG };
        Ok(())
    }
}

impl Engine for Sqlite {
    fn commit(&mut self, batch: &mut [Op], flush: Flush) -> Result<(), Broken> {
        let shared = self.connection.clone();
        let mut connection = lock(&shared);
        if let Some(failure) = self.file.as_ref().and_then(|file| file.checkpoints.failure()) {
            return Err(failure);
        }
        let flushing = flush == Flush::Full;
        if self.flushing != Some(flushing) {
            connection.pragma_update(None, "synchronous", if flushing { "FULL" } else { "NORMAL" })?;
            self.flushing = Some(flushing);
        }
        let committed = self.commit_batch(&mut connection, batch, flush);
        if committed.is_err() {
            // The transaction may have taken new names back with it.
            self.names.clear();
            self.appended = self.newest_event;
        }
        committed?;
        self.newest_event = self.appended;
        if let Some(file) = &self.file {
            file.checkpoints.wake();
        }
        self.cut_log(&connection)
    }

    fn newest_event(&self) -> i64 {
        self.newest_event
    }

    fn may_lose_commits(&self) -> bool {
        // The end of the machine is that of this process.
        false
    }

    fn check_key(&mut self, digest: Digest) -> Result<bool, Broken> {
        let connection = lock(&self.connection);
        connection.execute("INSERT INTO meta VALUES ('hash_key', ?1) ON CONFLICT DO NOTHING", [digest.0])?;
        let sql = "SELECT value = ?1 FROM meta WHERE key = 'hash_key'";
        Ok(connection.query_row(sql, [digest.0], |row| row.get(0))?)
    }

    fn note_number_key(&mut self, tag: Tag) -> Result<(), Broken> {
        let sql = "INSERT INTO meta VALUES ('number_key ' || hex(?1), ?1) ON CONFLICT DO NOTHING";
        lock(&self.connection).execute(sql, [tag])?;
        Ok(())
    }
}

/// Waits for the connection. A panic cannot leave it in a transaction: that is rolled back when it is dropped.
fn lock(shared: &Shared) -> MutexGuard<'_, Connection> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Opens a connection to a file, which is made if it is missing.
fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    connect_with(path, flags)
}

/// Opens a connection to a file, and sets what must be set on each.
fn connect_with(path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(64);
    // Has an effect only before the first table is made.
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    for (pragma, value) in [("wal_autocheckpoint", 0), ("journal_size_limit", 64 << 20), ("mmap_size", 0)] {
        connection.pragma_update(None, pragma, value)?;
    }
    connection.pragma_update(None, "trusted_schema", false)?;
    // What is erased is overwritten where its page is written anyway.
    connection.pragma_update(None, "secure_delete", "FAST")?;
    Ok(connection)
}

/// Brings the schema up to date.
fn migrate(connection: &mut Connection) -> Result<(), String> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(cannot_open)?;
    let found = transaction.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(cannot_open)?;
    for (version, file) in schema::missing(schema::SQLITE, found)? {
        transaction.execute_batch(file).map_err(cannot_open)?;
        transaction.pragma_update(None, "user_version", version).map_err(cannot_open)?;
    }
    transaction.commit().map_err(cannot_open)
}

/// Enters this process. All others are dead, or the lock would be taken.
fn join(connection: &Connection) -> rusqlite::Result<Identity> {
    let newest_event = events::bounds(connection)?.newest;
    let epoch = connection.query_row("SELECT value FROM meta WHERE key = 'epoch'", [], |row| row.get(0))?;
    // The insert flushes what was read.
    let boot = fastrand::i64(1..);
    let sql = "INSERT OR REPLACE INTO instance VALUES (0, ?1, ?2, ?3, 0)";
    connection.execute(sql, (boot, now(), i64::MAX))?;
    let newest: Option<i64> = connection.query_row("SELECT max(id) FROM write", [], |row| row.get(0))?;
    Ok(Identity { instance: 0, boot, newest: newest.map(WriteId), newest_event, epoch, is_leased: false })
}

fn cannot_open(error: rusqlite::Error) -> String {
    format!("cannot be opened: {error}")
}

impl From<rusqlite::Error> for Broken {
    fn from(error: rusqlite::Error) -> Self {
        let text = format!("SQLite: {error}");
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull | ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Away(text),
            _ => Self::ForGood(text),
        }
    }
}

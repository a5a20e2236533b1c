//! The store in a PostgreSQL server, which several processes share.
//!
//! A batch is a handful of statements over arrays, whatever its size. Rows of a batch are written in the order of their
//! keys, so that two processes do not wait for each other in a circle. Only what similar databases have too is used: no
//! advisory locks, no notifications.

mod beside;
mod claims;
mod commit;
mod consent;
mod events;
mod keep;
mod read;
mod session;
mod shares;

use std::{borrow::Cow, collections::HashMap, sync::Arc};

use tokio_postgres::Error;

pub(super) use self::beside::open as open_beside;
use self::session::{Link, Server, may_succeed_now};
use super::{
    Broken, Digest, Engine, Flush, INSTANCES, Identity, Op, Reader, Tag, WriteId, chores::LEASE, clock, schema,
};

/// The server's time in milliseconds, which is the same in all statements of a transaction.
const NOW: &str = "(extract(epoch FROM now()) * 1000)::bigint";

/// The store of one of several processes.
pub struct Postgres {
    link: Link,
    server: Server,
    identity: Identity,
    /// The numbers of names that are stored.
    names: HashMap<Arc<str>, i32>,
    /// The newest event of what is committed, as far as this process knows; 0 after a commit failed.
    newest_event: i64,
}

/// Why an attempt to commit failed.
enum Failed {
    /// The transaction certainly was rolled back.
    Before(Error),
    /// The connection broke while the transaction was committed.
    Amid(Error),
    /// Another process has taken the place of this one.
    Replaced,
    /// Nothing was sent yet on this connection, and the one before broke.
    Reconnected,
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::Before(error)
    }
}

impl Postgres {
    /// Connects to the server of this connection string, and makes the tables if they are missing.
    ///
    /// # Errors
    /// The reason as a sentence about the server.
    pub fn open(url: &str) -> Result<Self, String> {
        let server = Server::new(url)?;
        let mut link = Link::new(server.clone()).map_err(|e| format!("cannot be used: {e}"))?;
        let runtime = link.runtime.clone();
        let identity = runtime.block_on(async {
            let session = link.session().await.map_err(cannot_open)?;
            migrate(&mut session.client).await?;
            let identity = join(&mut session.client).await.map_err(cannot_open)?;
            identity.ok_or_else(|| "has no place for another process".to_owned())
        })?;
        Ok(Self { link, server, identity, names: HashMap::new(), newest_event: identity.newest_event })
    }

    /// Returns who this process is.
    pub fn identity(&self) -> Identity {
        self.identity
    }

    /// Returns what opens readers, one for each thread that reads.
    pub fn readers(&self) -> impl Fn() -> Result<Box<dyn Reader>, Broken> + Clone + Send + 'static + use<> {
        let server = self.server.clone();
        move || {
            let link = Link::new(server.clone()).map_err(|e| Broken::Away(format!("no reader can be started: {e}")))?;
            Ok(Box::new(read::PostgresReader::new(link)))
        }
    }

    async fn commit_batch(&mut self, batch: &mut [Op], flush: Flush) -> Result<(), Broken> {
        let Err(failed) = self.attempt(batch, flush).await else { return Ok(()) };
        self.names.clear();
        // What was not flushed may be lost with the server.
        self.newest_event = 0;
        if !matches!(failed, Failed::Reconnected) {
            // It may be in the middle of the transaction.
            self.link.give_up();
        }
        // The error says it.
        self.link.take_loss();
        Err(match failed {
            Failed::Before(error) if may_succeed_now(&error) => Broken::Reset(Broken::from(error).text().to_owned()),
            Failed::Before(error) | Failed::Amid(error) => error.into(),
            Failed::Reconnected => Broken::Reset("PostgreSQL: the connection broke".to_owned()),
            Failed::Replaced => {
                let text = "this process was away for so long that another one took its place in the store";
                Broken::ForGood(text.to_owned())
            }
        })
    }
}

impl Engine for Postgres {
    fn commit(&mut self, batch: &mut [Op], flush: Flush) -> Result<(), Broken> {
        let runtime = self.link.runtime.clone();
        runtime.block_on(self.commit_batch(batch, flush))
    }

    fn newest_event(&self) -> i64 {
        self.newest_event
    }

    fn may_lose_commits(&self) -> bool {
        true
    }

    fn check_key(&mut self, digest: Digest) -> Result<bool, Broken> {
        let runtime = self.link.runtime.clone();
        runtime.block_on(async {
            let session = self.link.session().await?;
            let insert = "INSERT INTO meta (key, bytes) VALUES ('hash_key', $1) ON CONFLICT DO NOTHING";
            session.execute(insert, &[&&digest.0[..]]).await?;
            let rows = session.query("SELECT bytes = $1 FROM meta WHERE key = 'hash_key'", &[&&digest.0[..]]).await?;
            rows.first().map_or(Ok(false), |row| Ok(row.try_get(0)?))
        })
    }

    fn note_number_key(&mut self, tag: Tag) -> Result<(), Broken> {
        let runtime = self.link.runtime.clone();
        runtime.block_on(async {
            let session = self.link.session().await?;
            let sql = "INSERT INTO meta (key, bytes) VALUES ('number_key ' || encode($1, 'hex'), $1)
                       ON CONFLICT DO NOTHING";
            session.execute(sql, &[&&tag[..]]).await?;
            Ok(())
        })
    }
}

impl std::fmt::Debug for Postgres {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Postgres").field("identity", &self.identity).finish_non_exhaustive()
    }
}

/// Brings the schema up to date, one process at a time.
async fn migrate(client: &mut tokio_postgres::Client) -> Result<(), String> {
    let meta = "CREATE TABLE IF NOT EXISTS meta (key text PRIMARY KEY, number bigint, bytes bytea)";
    // Two processes that make the table at once disturb each other, and then it is there.
    if client.batch_execute(meta).await.is_err() {
        client.batch_execute(meta).await.map_err(cannot_open)?;
    }
    let transaction = client.transaction().await.map_err(cannot_open)?;
    transaction.batch_execute("LOCK TABLE meta IN EXCLUSIVE MODE").await.map_err(cannot_open)?;
    let sql = "SELECT number FROM meta WHERE key = 'schema'";
    let found = transaction.query_opt(sql, &[]).await.map_err(cannot_open)?;
    let found: i64 = found.map_or(Ok(0), |row| row.try_get(0)).map_err(cannot_open)?;
    for (version, file) in schema::missing(schema::POSTGRES, u32::try_from(found).unwrap_or(u32::MAX))? {
        transaction.batch_execute(file).await.map_err(cannot_open)?;
        let sql = "INSERT INTO meta (key, number) VALUES ('schema', $1)
                   ON CONFLICT (key) DO UPDATE SET number = excluded.number";
        transaction.execute(sql, &[&i64::from(version)]).await.map_err(cannot_open)?;
    }
    transaction.commit().await.map_err(cannot_open)
}

/// Enters this process under a number that no other one uses: a new one if possible, otherwise that of the process whose
/// lease has been over for the longest time.
async fn join(client: &mut tokio_postgres::Client) -> Result<Option<Identity>, Error> {
    let transaction = client.transaction().await?;
    transaction.batch_execute("LOCK TABLE instance IN EXCLUSIVE MODE").await?;
    // What is read here is flushed by the commit.
    let head = "SELECT newest, (SELECT number FROM meta WHERE key = 'epoch') FROM event_head";
    let head = transaction.query_one(head, &[]).await?;
    let (newest_event, epoch) = (head.try_get(0)?, head.try_get(1)?);
    let sql = format!(
        "SELECT n FROM generate_series(0, {}) n LEFT JOIN instance i ON i.id = n
         WHERE i.id IS NULL OR i.lease_until < {NOW} ORDER BY coalesce(i.lease_until, 0), n LIMIT 1",
        INSTANCES - 1
    );
    let Some(row) = transaction.query_opt(&sql, &[]).await? else { return Ok(None) };
    let (instance, boot): (i32, i64) = (row.try_get(0)?, fastrand::i64(1..));
    let sql = format!(
        "INSERT INTO instance (id, boot, started, lease_until) VALUES ($1, $2, {NOW}, {NOW} + $3)
         ON CONFLICT (id) DO UPDATE
         SET boot = excluded.boot, started = excluded.started, lease_until = excluded.lease_until"
    );
    transaction.execute(&sql, &[&instance, &boot, &clock::millis_of(LEASE)]).await?;
    let newest: Option<i64> = transaction.query_one("SELECT max(id) FROM write", &[]).await?.try_get(0)?;
    transaction.commit().await?;
    let instance = u16::try_from(instance).unwrap_or_default();
    Ok(Some(Identity { instance, boot, newest: newest.map(WriteId), newest_event, epoch, is_leased: true }))
}

/// Returns a text without NUL, which PostgreSQL does not accept in a text.
fn text(raw: &str) -> Cow<'_, str> {
    if raw.contains('\0') { raw.replace('\0', "").into() } else { raw.into() }
}

fn cannot_open(error: Error) -> String {
    format!("cannot be used: {}", Broken::from(error))
}

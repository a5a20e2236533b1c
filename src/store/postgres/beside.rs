//! The server beside the processes that share the store.

use std::path::Path;

use super::{
    cannot_open, consent, keep,
    read::PostgresReader,
    session::{Link, Server, Session},
};
use crate::store::{
    Broken, Checked, ConsentChange, ConsentRekey, Digest,
    beside::{Caretaker, ORPHANS, TABLES},
    schema,
};

/// Connects to a server that has a store.
///
/// # Errors
/// The reason as a sentence about the server.
pub(in crate::store) fn open(url: &str) -> Result<PostgresReader, String> {
    let mut link = Link::new(Server::new(url)?).map_err(|e| format!("cannot be used: {e}"))?;
    let runtime = link.runtime.clone();
    let found = runtime.block_on(async {
        let session = link.session().await.map_err(cannot_open)?;
        let rows = session.query("SELECT to_regclass('meta') IS NOT NULL", &[]).await.map_err(cannot_open)?;
        if !rows.first().map_or(Ok(false), |row| row.try_get(0)).map_err(cannot_open)? {
            return Err("has no store: smsmux serve makes it".to_owned());
        }
        let sql = "SELECT number FROM meta WHERE key = 'schema'";
        let rows = session.query(sql, &[]).await.map_err(cannot_open)?;
        rows.first().map_or(Ok(0), |row| row.try_get::<_, i64>(0)).map_err(cannot_open)
    })?;
    schema::is_current(schema::POSTGRES, u32::try_from(found).unwrap_or(u32::MAX))?;
    Ok(PostgresReader::new(link))
}

impl Caretaker for PostgresReader {
    fn hash_key(&mut self) -> Result<Option<Digest>, Broken> {
        self.run(async |session| {
            let rows = session.query("SELECT bytes FROM meta WHERE key = 'hash_key'", &[]).await?;
            let bytes = rows.first().map(|row| row.try_get::<_, &[u8]>(0)).transpose()?;
            Ok(bytes.and_then(|bytes| Some(Digest(bytes.try_into().ok()?))))
        })
    }

    fn check(&mut self) -> Result<Checked, Broken> {
        self.run(async |session| {
            let mut checked = Checked { warnings: standbys(session).await.unwrap_or_default(), ..Checked::default() };
            for (what, sql) in ORPHANS {
                let found = count(session, sql).await?;
                checked.problems.extend((found > 0).then(|| format!("{found} {what}")));
            }
            for table in TABLES {
                checked.rows.push((table, count(session, &format!("SELECT count(*) FROM {table}")).await?));
            }
            Ok(checked)
        })
    }

    fn purge(&mut self, to: &[Digest]) -> Result<u64, Broken> {
        self.run(async |session| {
            session.client.batch_execute("BEGIN").await?;
            let erased = keep::purge(session, to).await?;
            session.client.batch_execute("COMMIT").await?;
            Ok(erased)
        })
    }

    fn record_consents(&mut self, changes: &[ConsentChange]) -> Result<u64, Broken> {
        let changes: Vec<_> = changes.iter().collect();
        self.run(async |session| {
            session.client.batch_execute("BEGIN").await?;
            let effects = consent::apply(session, &changes).await?;
            session.client.batch_execute("COMMIT").await?;
            Ok(effects.into_iter().filter(|effect| *effect).count() as u64)
        })
    }

    fn rekey(&mut self, rekeys: &[ConsentRekey]) -> Result<(), Broken> {
        self.run(async |session| {
            session.client.batch_execute("BEGIN").await?;
            consent::rekey(session, rekeys).await?;
            session.client.batch_execute("COMMIT").await
        })
    }

    fn backup(&mut self, _: &Path, _: &mut dyn FnMut(u64, u64)) -> Result<(), String> {
        Err("a store in PostgreSQL is backed up by its own means: pg_dump, or a base backup with its write-ahead log \
             for a point in time"
            .to_owned())
    }
}

async fn count(session: &mut Session, sql: &str) -> Result<u64, tokio_postgres::Error> {
    let rows = session.query(sql, &[]).await?;
    Ok(rows.first().map_or(Ok(0), |row| row.try_get::<_, i64>(0))? as u64)
}

/// Returns what a failover may cost. Not every database that speaks PostgreSQL's protocol says that.
async fn standbys(session: &mut Session) -> Result<Vec<String>, tokio_postgres::Error> {
    let sql = "SELECT count(*) FROM pg_stat_replication WHERE sync_state NOT IN ('sync', 'quorum')";
    let asynchronous = count(session, sql).await?;
    let waits = "SELECT count(*) FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum')";
    let synchronous = count(session, waits).await?;
    let rows = session.query("SELECT current_setting('fsync'), current_setting('synchronous_commit')", &[]).await?;
    let settings = rows.first().map(|row| Ok((row.try_get::<_, String>(0)?, row.try_get::<_, String>(1)?)));
    let (fsync, commit) = settings.transpose()?.unwrap_or_default();
    let mut warnings = Vec::new();
    if asynchronous > 0 && synchronous == 0 {
        warnings.push(
            "the standbys are asynchronous: after a failover a record can be missing, and a repeated call is sent again"
                .to_owned(),
        );
    }
    if fsync == "off" || commit == "off" {
        warnings.push(
            "fsync or synchronous_commit is off: after a crash of the server a record can be missing, and a repeated \
             call is sent again"
                .to_owned(),
        );
    }
    Ok(warnings)
}

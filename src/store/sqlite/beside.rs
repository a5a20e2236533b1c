//! The file beside the process that has it: SQLite's own locks keep the two apart.

use std::{
    fs,
    path::Path,
    sync::{Arc, Mutex},
};

use rusqlite::{
    Connection, OpenFlags, OptionalExtension as _, TransactionBehavior,
    backup::{Backup, StepResult},
};

use super::{connect, connect_with, consent, keep, lock, place, read::SqliteReader};
use crate::store::{
    Broken, Checked, ConsentChange, ConsentRekey, Digest,
    beside::{Caretaker, ORPHANS, TABLES},
    schema,
};

/// The pages that are copied between two reports of progress.
const PAGES: i32 = 4096;

/// The most damages that are told.
const DAMAGES: &str = "PRAGMA integrity_check(20)";

/// Opens a store that is there.
///
/// # Errors
/// The reason as a sentence about the path.
pub(in crate::store) fn open(path: &Path) -> Result<SqliteReader, String> {
    if !path.exists() {
        return Err("is not there: smsmux serve makes it".to_owned());
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = connect_with(path, flags).map_err(super::cannot_open)?;
    let found: u32 =
        connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(super::cannot_open)?;
    schema::is_current(schema::SQLITE, found)?;
    Ok(SqliteReader::new(Arc::new(Mutex::new(connection))))
}

impl Caretaker for SqliteReader {
    fn hash_key(&mut self) -> Result<Option<Digest>, Broken> {
        let sql = "SELECT value FROM meta WHERE key = 'hash_key'";
        let digest = lock(&self.connection).query_row(sql, [], |row| row.get(0)).optional()?;
        Ok(digest.map(Digest))
    }

    fn check(&mut self) -> Result<Checked, Broken> {
        let connection = lock(&self.connection);
        let mut checked = Checked::default();
        let mut damages = connection.prepare(DAMAGES)?;
        for damage in damages.query_map([], |row| row.get::<_, String>(0))? {
            checked.problems.extend(Some(damage?).filter(|damage| damage != "ok"));
        }
        let count = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
        for (what, sql) in ORPHANS {
            let found = count(sql)?;
            checked.problems.extend((found > 0).then(|| format!("{found} {what}")));
        }
        for table in TABLES {
            checked.rows.push((table, count(&format!("SELECT count(*) FROM {table}"))? as u64));
        }
        Ok(checked)
    }

    fn purge(&mut self, to: &[Digest]) -> Result<u64, Broken> {
        let mut connection = lock(&self.connection);
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let erased = keep::purge(&transaction, to)?;
        transaction.commit()?;
        // The log has the old pages until it is started over. A reader may be in the way.
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok(erased)
    }

    fn record_consents(&mut self, changes: &[ConsentChange]) -> Result<u64, Broken> {
        let mut connection = lock(&self.connection);
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut count = 0;
        for change in changes {
            count += u64::from(consent::apply(&transaction, change)?);
        }
        transaction.commit()?;
        Ok(count)
    }

    fn rekey(&mut self, rekeys: &[ConsentRekey]) -> Result<(), Broken> {
        let mut connection = lock(&self.connection);
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        rekeys.iter().try_for_each(|rekey| consent::rekey(&transaction, rekey))?;
        Ok(transaction.commit()?)
    }

    fn backup(&mut self, to: &Path, progress: &mut dyn FnMut(u64, u64)) -> Result<(), String> {
        // Under another name first: half a copy must not be taken for one.
        let unfinished = place::beside(to, ".unfinished");
        let copied = self.copy(&unfinished, progress).and_then(|()| {
            fs::rename(&unfinished, to).and_then(|()| place::sync_directory(to)).map_err(|e| e.to_string())
        });
        copied.map_err(|text| {
            let _ = fs::remove_file(&unfinished);
            format!("{} cannot be written: {text}", to.display())
        })
    }
}

impl SqliteReader {
    fn copy(&self, to: &Path, progress: &mut dyn FnMut(u64, u64)) -> Result<(), String> {
        let text = |e: rusqlite::Error| e.to_string();
        place::private_file(to, false).and_then(|file| file.set_len(0)).map_err(|e| e.to_string())?;
        let connection = lock(&self.connection);
        // A transaction that reads keeps to one moment: otherwise each write of the other process starts the copy anew.
        let moment = connection.unchecked_transaction().map_err(text)?;
        moment.query_row("SELECT count(*) FROM meta", [], |_| Ok(())).map_err(text)?;
        let mut target = Connection::open(to).map_err(text)?;
        let backup = Backup::new(&moment, &mut target).map_err(text)?;
        loop {
            match backup.step(PAGES).map_err(text)? {
                StepResult::Done => break,
                _ => {
                    let at = backup.progress();
                    progress((at.pagecount - at.remaining) as u64, at.pagecount as u64);
                }
            }
        }
        drop(backup);
        drop((moment, target));
        let target = connect(to).map_err(text)?;
        renew_epoch(&target).map_err(text)?;
        target.close().map_err(|(_, e)| text(e))?;
        fs::File::open(to).and_then(|file| file.sync_all()).map_err(|e| e.to_string())
    }
}

/// Gives a copy an epoch of its own, so that readers of events notice that the store was restored from it.
fn renew_epoch(target: &Connection) -> rusqlite::Result<()> {
    target.execute("UPDATE meta SET value = ?1 WHERE key = 'epoch'", [fastrand::i64(1..)]).map(drop)
}

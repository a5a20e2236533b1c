//! The operations that keep house: dead owners, due look-ups, what is too old, erasure.

use std::{iter, time::Duration};

use rusqlite::{Result, Transaction, params, params_from_iter, types::Value};

use super::{RUNNING, Sqlite, consent, events, read};
use crate::store::{
    Digest, Retain, StoredMessage, TakeDue, WriteId,
    clock::{millis_of, now, time_of},
};

impl Sqlite {
    /// Marks the running writes of other processes as unknown. None of them lives, as this one has the file.
    pub(super) fn reap(&self, t: &Transaction<'_>) -> Result<u64> {
        let sql = format!(
            "UPDATE write SET state = 4, next_look_up = CASE WHEN message_id IS NOT NULL THEN ?2 END
             WHERE {RUNNING} AND owner <> ?1"
        );
        Ok(self.run(t, &sql, params![self.identity.boot, now()])? as u64)
    }

    /// Takes due messages. The chore's lease is not needed: there is one process.
    pub(super) fn take_due(&self, t: &Transaction<'_>, take: &TakeDue) -> Result<Vec<StoredMessage>> {
        let now = now();
        let idle = format!("a.text NOT IN ({})", vec!["?"; take.busy.len()].join(", "));
        let select = |state: &str, limit: i64| {
            let condition =
                format!("w.state {state} 4 AND w.next_look_up <= ? AND {idle} ORDER BY w.next_look_up LIMIT ?");
            let busy = take.busy.iter().map(|account| Value::Text(account.to_string()));
            let values = iter::once(Value::Integer(now)).chain(busy).chain([Value::Integer(limit)]);
            read::select(t, &condition, params_from_iter(values))
        };
        let mut due = select("=", take.limit.into())?;
        let rest = i64::from(take.limit) - due.len() as i64;
        if rest > 0 {
            due.extend(select("<>", rest)?);
        }
        for message in &mut due {
            let again = now + millis_of(take.again_after(message));
            self.run(t, "UPDATE write SET next_look_up = ?2 WHERE id = ?1", params![message.write_id.0, again])?;
            message.next_look_up = Some(time_of(again));
        }
        Ok(due)
    }

    pub(super) fn retain(&self, t: &Transaction<'_>, retain: Retain) -> Result<bool> {
        let keys = self.remove_keys(t, retain)?;
        let writes = self.remove_writes(t, retain)?;
        let events = self.remove_events(t, retain)?;
        if writes.max(events) > 0 {
            t.prepare_cached("PRAGMA incremental_vacuum(64)")?.query([])?.next()?;
        }
        Ok(keys.max(writes).max(events) >= retain.limit as usize)
    }

    /// Removes keys and replies by age, in the order of the writes. Those of running writes and of messages that are
    /// not sent yet stay until the write itself is removed.
    fn remove_keys(&self, t: &Transaction<'_>, retain: Retain) -> Result<usize> {
        let before = older_than(retain.idempotency_ttl);
        let sql = "SELECT id, digest, state = 1 OR coalesce(schedule_time, 0) > ?3 FROM write
                   WHERE id > (SELECT value FROM meta WHERE key = 'keys_removed_to') AND id < ?1
                   ORDER BY id LIMIT ?2";
        let scheduled = now() - millis_of(retain.idempotency_ttl);
        let rows: Vec<(i64, Option<[u8; 16]>, bool)> = t
            .prepare_cached(sql)?
            .query_map(params![before.0, retain.limit, scheduled], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
            .collect::<Result<_>>()?;
        for (id, digest, stays) in &rows {
            if let (Some(digest), false) = (digest, stays) {
                self.run(t, "DELETE FROM request_key WHERE digest = ?1 AND write_id = ?2", params![digest, id])?;
                self.run(t, "UPDATE write SET digest = NULL, reply = NULL WHERE id = ?1", [id])?;
            }
        }
        if let Some((last, ..)) = rows.last() {
            self.run(t, "UPDATE meta SET value = ?1 WHERE key = 'keys_removed_to'", [last])?;
        }
        Ok(rows.len())
    }

    fn remove_writes(&self, t: &Transaction<'_>, retain: Retain) -> Result<usize> {
        let before = older_than(retain.log_retention);
        let scheduled = now() - millis_of(retain.idempotency_ttl);
        let sql = "SELECT id, digest FROM write WHERE id < ?1 AND state <> 1 AND coalesce(schedule_time, 0) <= ?3
                   ORDER BY id LIMIT ?2";
        let rows: Vec<(i64, Option<[u8; 16]>)> = t
            .prepare_cached(sql)?
            .query_map(params![before.0, retain.limit, scheduled], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_>>()?;
        for (id, digest) in &rows {
            if let Some(digest) = digest {
                self.run(t, "DELETE FROM request_key WHERE digest = ?1 AND write_id = ?2", params![digest, id])?;
            }
            self.run(t, "DELETE FROM recipient WHERE write_id = ?1", [id])?;
            self.run(t, "DELETE FROM write WHERE id = ?1", [id])?;
        }
        Ok(rows.len())
    }
}

/// Erases what names the number of these hashes. The rows stay, so that a repeated call is not sent again.
pub(super) fn purge(t: &Transaction<'_>, to: &[Digest]) -> Result<u64> {
    to.iter().map(|to| purge_hash(t, *to)).sum()
}

fn purge_hash(t: &Transaction<'_>, to: Digest) -> Result<u64> {
    let sql = "UPDATE write SET reply = NULL, reference = NULL, tag = NULL, body = x'', next_look_up = NULL
               WHERE id IN (SELECT write_id FROM recipient WHERE to_hash = ?1)";
    let erased = t.prepare_cached(sql)?.execute([to.0])?;
    t.prepare_cached("DELETE FROM recipient WHERE to_hash = ?1")?.execute([to.0])?;
    events::purge(t, to)?;
    consent::purge(t, to)?;
    Ok(erased as u64)
}

/// Returns the least id that is not older than this.
fn older_than(age: Duration) -> WriteId {
    WriteId::first_at(time_of(now() - millis_of(age)))
}

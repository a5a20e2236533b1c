//! The operations that calls wait for: claims, outcomes, updates.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension as _, Result, Transaction, TransactionBehavior, params};

use super::{Sqlite, keep};
use crate::store::{
    Broken, Claim, Claimed, Digest, End, Flush, KeyClaim, MessageUpdate, Op, Outcome, RecipientUpdate, Recipients,
    Resume, WriteId, WriteState,
    clock::{in_millis, millis_of, now},
};

impl Sqlite {
    pub(super) fn commit_batch(
        &mut self,
        connection: &mut Connection,
        batch: &mut [Op],
        flush: Flush,
    ) -> Result<(), Broken> {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for op in batch {
            self.apply(&transaction, op)?;
        }
        if flush == Flush::Full {
            // A transaction that writes nothing flushes nothing.
            self.run(&transaction, "UPDATE instance SET flushed = flushed + 1 WHERE boot = ?1", [self.identity.boot])?;
        }
        Ok(transaction.commit()?)
    }

    /// Applies an operation. Nobody else has the store, so there are no leases.
    fn apply(&mut self, t: &Transaction<'_>, op: &mut Op) -> Result<()> {
        match op {
            Op::Claim(ask) => ask.answer = Some(self.claim(t, &ask.question)?),
            Op::Outcome(outcome) => {
                self.outcome(t, outcome)?;
            }
            Op::Update(update) => {
                self.update(t, update)?;
            }
            Op::Recipients(ask) => ask.answer = Some(self.recipients(t, &ask.question)?),
            Op::Resume(ask) => ask.answer = Some(self.resume(t, &ask.question)?),
            Op::Append(ask) => ask.answer = Some(self.append(t, &ask.question)?),
            Op::Subscribe(ask) => ask.answer = Some(self.subscribe(t, &ask.question)?),
            Op::TakeChore(ask) => ask.answer = Some(true),
            Op::TakeShares(ask) => ask.answer = Some(ask.question.iter().map(|wanted| wanted.most).collect()),
            Op::Renew(ask) => ask.answer = Some(()),
            Op::Reap(ask) => ask.answer = Some(self.reap(t)?),
            Op::TakeDue(ask) => ask.answer = Some(self.take_due(t, &ask.question)?),
            Op::Retain(ask) => ask.answer = Some(self.retain(t, ask.question)?),
            Op::Purge(ask) => ask.answer = Some(keep::purge(t, &ask.question)?),
            Op::EndChore(ask) => ask.answer = Some(()),
            Op::SeeEvents(ask) | Op::Flush(ask) | Op::Settle(ask) => ask.answer = Some(()),
        }
        Ok(())
    }

    pub(super) fn run(&self, t: &Transaction<'_>, sql: &str, params: impl rusqlite::Params) -> Result<usize> {
        t.prepare_cached(sql)?.execute(params)
    }

    /// Returns the number of a name, which is entered if it is new.
    pub(super) fn name(&mut self, t: &Transaction<'_>, text: &str) -> Result<i64> {
        if let Some(id) = self.names.get(text) {
            return Ok(*id);
        }
        self.run(t, "INSERT INTO name (text) VALUES (?1) ON CONFLICT DO NOTHING", [text])?;
        let id = t.query_row("SELECT id FROM name WHERE text = ?1", [text], |row| row.get(0))?;
        self.names.insert(text.into(), id);
        Ok(id)
    }

    fn claim(&mut self, t: &Transaction<'_>, claim: &Claim) -> Result<Claimed> {
        let sql = "INSERT INTO request_key (digest, body, write_id) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
        if let Some(key) = claim.key
            && self.run(t, sql, params![key.digest.0, key.body.0, claim.write_id.0])? == 0
        {
            return self.earlier(t, key);
        }
        let (account, caller) = (self.name(t, &claim.account)?, self.name(t, &claim.caller)?);
        let names = (account, caller, self.name(t, claim.method)?);
        if self.insert(t, claim, names)? || self.make_room(t, account, claim)? && self.insert(t, claim, names)? {
            return Ok(Claimed::New);
        }
        if let Some(key) = claim.key {
            self.run(t, "DELETE FROM request_key WHERE digest = ?1", [key.digest.0])?;
        }
        Ok(Claimed::MessageExists)
    }

    /// Inserts a write, unless its account has the message.
    fn insert(&self, t: &Transaction<'_>, claim: &Claim, (account, caller, method): (i64, i64, i64)) -> Result<bool> {
        let sql = "INSERT INTO write (id, account, caller, method, owner, state, digest, message_id, message_state,
                   reference, schedule_time, body, tag) VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
                   ON CONFLICT DO NOTHING";
        let message = claim.message.as_ref();
        let values = params![
            claim.write_id.0,
            account,
            caller,
            method,
            self.identity.boot,
            claim.key.map(|key| key.digest.0),
            message.map(|message| &message.message_id),
            message.map(|message| message.state),
            message.and_then(|message| message.reference.as_ref()),
            message.and_then(|message| message.schedule_time).map(in_millis),
            message.map(|message| &message.body),
            message.and_then(|message| message.tag.as_ref()),
        ];
        if self.run(t, sql, values)? == 0 {
            return Ok(false);
        }
        if let Some(message) = message {
            self.insert_recipients(t, claim.write_id, message.state, &message.recipients)?;
        }
        Ok(true)
    }

    /// Removes the message that is in the way if nothing was sent of it; returns whether that is so.
    fn make_room(&self, t: &Transaction<'_>, account: i64, claim: &Claim) -> Result<bool> {
        let sql = "SELECT id FROM write WHERE account = ?1 AND message_id = ?2 AND state = 3";
        let id = claim.message.as_ref().map(|message| &message.message_id);
        let free: Option<i64> = t.prepare_cached(sql)?.query_row(params![account, id], |row| row.get(0)).optional()?;
        let Some(free) = free else { return Ok(false) };
        self.run(t, "DELETE FROM recipient WHERE write_id = ?1", [free])?;
        self.run(t, "DELETE FROM write WHERE id = ?1", [free])?;
        Ok(true)
    }

    /// Returns the answer to a claim whose key belongs to an earlier write.
    fn earlier(&self, t: &Transaction<'_>, key: KeyClaim) -> Result<Claimed> {
        let sql = "SELECT k.body, w.id, w.state, w.owner, w.reply, w.message_id, n.text
                   FROM request_key k JOIN write w ON w.id = k.write_id JOIN name n ON n.id = w.method
                   WHERE k.digest = ?1";
        let boot = self.identity.boot;
        let answer = |row: &rusqlite::Row<'_>| {
            let write_id = WriteId(row.get(1)?);
            if row.get::<_, [u8; 16]>(0)? != key.body.0 {
                return Ok(Claimed::OtherBody { method: row.get::<_, Arc<str>>(6)?, time: write_id.time() });
            }
            Ok(match WriteState::of(row.get(2)?) {
                WriteState::Claimed => Claimed::Running { write_id, ours: row.get::<_, i64>(3)? == boot },
                WriteState::Done => Claimed::Replay { write_id, reply: row.get(4)? },
                WriteState::Free | WriteState::Unknown => Claimed::Unknown {
                    write_id,
                    message_id: row.get(5)?,
                    error: row.get::<_, Option<_>>(4)?.unwrap_or_default(),
                },
            })
        };
        t.prepare_cached(sql)?.query_row([key.digest.0], answer)
    }

    /// Records how a write ended, and returns how many events were new; `None` if that was known already, or the message
    /// has changed since.
    pub(super) fn outcome(&mut self, t: &Transaction<'_>, outcome: &Outcome) -> Result<Option<u64>> {
        let id = outcome.write_id.0;
        let (state, reply) = match &outcome.end {
            End::Done { reply } => (WriteState::Done, Some(reply)),
            End::Free => (WriteState::Free, None),
            End::Unknown { error } => (WriteState::Unknown, Some(error)),
        };
        let message = outcome.message.as_ref();
        let version = message.and_then(|update| update.version);
        if state == WriteState::Free {
            let sql = "DELETE FROM request_key WHERE write_id = ?1 AND digest =
                       (SELECT digest FROM write WHERE id = ?1 AND state IN (1, 4) AND version = coalesce(?2, version))";
            self.run(t, sql, params![id, version])?;
        }
        // Without a key nobody asks for the reply. What was erased meanwhile stays so.
        let sql = "UPDATE write SET state = ?2,
                     reply = CASE WHEN digest IS NOT NULL AND body IS NOT x'' THEN ?3 END,
                     message_state = CASE WHEN message_id IS NOT NULL THEN coalesce(?4, message_state) END,
                     body = CASE WHEN message_id IS NOT NULL AND body <> x'' THEN coalesce(?5, body) ELSE body END,
                     next_look_up = CASE WHEN message_id IS NOT NULL AND body <> x'' THEN ?6 END,
                     version = version + 1
                   WHERE id = ?1 AND state IN (1, 4) AND version = coalesce(?7, version)";
        let values = params![
            id,
            state as i64,
            reply,
            message.map(|update| update.state),
            message.map(|update| &update.body),
            message.and_then(next_look_up),
            version,
        ];
        if self.run(t, sql, values)? == 0 {
            return Ok(None);
        }
        message.map_or(Ok(Some(0)), |update| self.changed(t, update).map(Some))
    }

    /// Changes a message, and returns how many events were new; `None` if the message has changed since.
    pub(super) fn update(&mut self, t: &Transaction<'_>, update: &MessageUpdate) -> Result<Option<u64>> {
        let sql = "UPDATE write SET message_state = ?2, body = ?3, next_look_up = ?4, version = version + 1
                   WHERE id = ?1 AND message_id IS NOT NULL AND body <> x'' AND version = coalesce(?5, version)";
        let values = params![update.write_id.0, update.state, update.body, next_look_up(update), update.version];
        if self.run(t, sql, values)? == 0 {
            return Ok(None);
        }
        self.changed(t, update).map(Some)
    }

    fn changed(&mut self, t: &Transaction<'_>, update: &MessageUpdate) -> Result<u64> {
        self.insert_recipients(t, update.write_id, update.state, &update.to)?;
        self.update_recipients(t, update.write_id, &update.recipients)?;
        self.append_events(t, &update.events)
    }

    fn insert_recipients(&self, t: &Transaction<'_>, id: WriteId, state: i32, to: &[Digest]) -> Result<()> {
        let sql = "INSERT INTO recipient (write_id, n, to_hash, state) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
        let mut insert = t.prepare_cached(sql)?;
        for (n, to_hash) in to.iter().enumerate() {
            insert.execute(params![id.0, n as i64, to_hash.0, state])?;
        }
        Ok(())
    }

    /// Records the state of recipients unless the write has ended; returns whether it is being made.
    fn recipients(&self, t: &Transaction<'_>, update: &Recipients) -> Result<bool> {
        let sql = "UPDATE write SET version = version + 1 WHERE id = ?1 AND state IN (1, 4) RETURNING state";
        let state = t.prepare_cached(sql)?.query_row([update.write_id.0], |row| row.get(0)).optional()?;
        let Some(state) = state.map(WriteState::of) else { return Ok(false) };
        self.update_recipients(t, update.write_id, &update.recipients)?;
        Ok(state == WriteState::Claimed)
    }

    /// Gives an unfinished write the id of a further attempt; returns whether it was there, in this version.
    fn resume(&self, t: &Transaction<'_>, Resume { from, version, claim }: &Resume) -> Result<bool> {
        let sql = "UPDATE write SET id = ?2, owner = ?3, state = 1, reply = NULL, next_look_up = NULL, body = ?4,
                     version = version + 1 WHERE id = ?1 AND state = 4 AND digest = ?5 AND version = ?6";
        let (id, digest) = (claim.write_id.0, claim.key.map(|key| key.digest.0));
        let body = claim.message.as_ref().map(|message| &message.body);
        if self.run(t, sql, params![from.0, id, self.identity.boot, body, digest, version])? == 0 {
            return Ok(false);
        }
        self.run(t, "UPDATE recipient SET write_id = ?2 WHERE write_id = ?1", [from.0, id])?;
        self.run(
            t,
            "UPDATE request_key SET write_id = ?2 WHERE write_id = ?1 AND digest = ?3",
            params![from.0, id, digest],
        )?;
        Ok(true)
    }

    fn update_recipients(&self, t: &Transaction<'_>, id: WriteId, recipients: &[RecipientUpdate]) -> Result<()> {
        let sql = "UPDATE recipient SET state = ?3, vendor_message_id = coalesce(?4, vendor_message_id), is_final = ?5,
                     account = coalesce(?6, account) WHERE write_id = ?1 AND n = ?2 AND NOT is_final";
        let mut set = t.prepare_cached(sql)?;
        for RecipientUpdate { index, state, vendor_message_id, account, is_final } in recipients {
            set.execute(params![id.0, index, state, vendor_message_id, is_final, account])?;
        }
        Ok(())
    }
}

fn next_look_up(update: &MessageUpdate) -> Option<i64> {
    update.look_up_after.map(|after| now() + millis_of(after))
}

//! Claims, in statements over arrays.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use tokio_postgres::{Error, Row};

use super::{
    consent,
    session::{Session, Values},
    text,
};
use crate::store::{Ask, Claim, Claimed, Digest, KeyClaim, NewMessage, WriteId, WriteState, clock::in_millis};

/// How often a key that another process frees at the same time is claimed again.
const PASSES: usize = 8;

pub(super) type Names = HashMap<Arc<str>, i32>;

/// Answers claims. One that has no answer in the end is not recorded.
pub(super) async fn claim(
    session: &mut Session,
    names: &mut Names,
    boot: i64,
    claims: Vec<&mut Ask<Claim, Claimed>>,
) -> Result<(), Error> {
    if claims.is_empty() {
        return Ok(());
    }
    let used = claims.iter().flat_map(|ask| [&*ask.question.account, &*ask.question.caller, ask.question.method]);
    enter_names(session, names, used).await?;
    let mut open = claims;
    for ask in &mut open {
        // Of an attempt before this one.
        ask.answer = None;
    }
    for _ in 0..PASSES {
        let mut asks = Asks { session, names, boot, open: &mut open };
        let new = asks.take_keys().await?;
        asks.insert(new).await?;
        asks.answer_from_earlier().await?;
        open.retain(|ask| ask.answer.is_none());
        if open.is_empty() {
            break;
        }
    }
    Ok(())
}

/// Enters the names that are not known yet.
pub(super) async fn enter_names<'a>(
    session: &mut Session,
    names: &mut Names,
    used: impl Iterator<Item = &'a str>,
) -> Result<(), Error> {
    let mut unknown: Vec<_> = used.filter(|name| !names.contains_key(*name)).collect();
    if unknown.is_empty() {
        return Ok(());
    }
    // In one order, as for all rows of a batch.
    unknown.sort_unstable();
    unknown.dedup();
    let stored: Vec<_> = unknown.iter().map(|name| text(name)).collect();
    let sql = "INSERT INTO name (text) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING";
    session.execute(sql, &[&stored]).await?;
    let rows = session.query("SELECT text, id FROM name WHERE text = ANY($1)", &[&stored]).await?;
    let ids = rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?)));
    let ids = ids.collect::<Result<HashMap<String, i32>, Error>>()?;
    names.extend(unknown.iter().filter_map(|name| Some(((*name).into(), *ids.get(&*text(name))?))));
    Ok(())
}

struct Asks<'a, 'b> {
    session: &'a mut Session,
    names: &'a Names,
    boot: i64,
    open: &'a mut Vec<&'b mut Ask<Claim, Claimed>>,
}

impl Asks<'_, '_> {
    /// Enters the keys that are free; returns the claims that may go on, by index: those, and those without a key.
    async fn take_keys(&mut self) -> Result<Vec<usize>, Error> {
        let (mut new, mut keyed, mut seen) = (Vec::new(), Vec::new(), HashSet::new());
        for (index, ask) in self.open.iter().enumerate() {
            match ask.question.key {
                None => new.push(index),
                // A second claim of the key in the batch meets the first.
                Some(key) if seen.insert(key.digest) => keyed.push((key, index)),
                Some(_) => {}
            }
        }
        keyed.sort_unstable_by_key(|(key, _)| key.digest);
        let digests: Vec<_> = keyed.iter().map(|(key, _)| &key.digest.0[..]).collect();
        let bodies: Vec<_> = keyed.iter().map(|(key, _)| &key.body.0[..]).collect();
        let ids: Vec<_> = keyed.iter().map(|(_, index)| self.open[*index].question.write_id.0).collect();
        let sql = "INSERT INTO request_key (digest, body, write_id)
                   SELECT * FROM unnest($1::bytea[], $2::bytea[], $3::bigint[])
                   ON CONFLICT DO NOTHING RETURNING write_id";
        if !keyed.is_empty() {
            let rows = self.session.query(sql, &[&digests, &bodies, &ids]).await?;
            let taken = rows.iter().map(|row| row.try_get(0)).collect::<Result<HashSet<i64>, _>>()?;
            new.extend(keyed.iter().zip(ids).filter(|(_, id)| taken.contains(id)).map(|((_, index), _)| *index));
        }
        Ok(new)
    }

    /// Inserts writes, and answers their claims.
    async fn insert(&mut self, new: Vec<usize>) -> Result<(), Error> {
        let mut there = self.insert_writes(new).await?;
        if there.is_empty() {
            return Ok(());
        }
        let again = self.make_room(&there).await?;
        there.retain(|index| !again.contains(index));
        there.extend(self.insert_writes(again).await?);
        let (mut digests, mut ids) = (Vec::new(), Vec::new());
        for index in there {
            let ask = &mut self.open[index];
            // Recorded already, by an attempt whose commit was in doubt.
            if ask.answer.is_some() {
                continue;
            }
            ask.answer = Some(Claimed::MessageExists);
            ids.push(ask.question.write_id.0);
            digests.extend(ask.question.key.map(|key| key.digest.0.to_vec()));
        }
        let sql = "DELETE FROM request_key WHERE digest = ANY($1) AND write_id = ANY($2)";
        self.session.execute(sql, &[&digests, &ids]).await?;
        Ok(())
    }

    /// Inserts writes, and answers their claims; returns the indexes of those whose message is there already.
    async fn insert_writes(&mut self, mut new: Vec<usize>) -> Result<Vec<usize>, Error> {
        if new.is_empty() {
            return Ok(new);
        }
        let (open, names) = (&*self.open, self.names);
        new.sort_unstable_by_key(|index| open[*index].question.write_id);
        let claims: Vec<&Claim> = new.iter().map(|index| &open[*index].question).collect();
        let messages: Vec<Option<&NewMessage>> = claims.iter().map(|claim| claim.message.as_ref()).collect();
        let number = |name: &str| names.get(name).copied();
        let ids: Vec<_> = claims.iter().map(|claim| claim.write_id.0).collect();
        let accounts: Vec<_> = claims.iter().map(|claim| number(&claim.account)).collect();
        let callers: Vec<_> = claims.iter().map(|claim| number(&claim.caller)).collect();
        let methods: Vec<_> = claims.iter().map(|claim| number(claim.method)).collect();
        let digests: Vec<_> = claims.iter().map(|claim| claim.key.map(|key| key.digest.0.to_vec())).collect();
        let message_ids: Vec<_> = messages.iter().map(|m| m.map(|m| text(&m.message_id))).collect();
        let states: Vec<_> = messages.iter().map(|m| m.map(|m| m.state)).collect();
        let references: Vec<_> = messages.iter().map(|m| m.and_then(|m| m.reference.as_deref()).map(text)).collect();
        let tags: Vec<_> = messages.iter().map(|m| m.and_then(|m| m.tag.as_deref()).map(text)).collect();
        let times: Vec<_> = messages.iter().map(|m| m.and_then(|m| m.schedule_time).map(in_millis)).collect();
        let bodies: Vec<_> = messages.iter().map(|m| m.map(|m| &m.body[..])).collect();
        let sql = "INSERT INTO write (owner, state, id, account, caller, method, digest, message_id, message_state,
                                      reference, schedule_time, body, tag)
                   SELECT $1::bigint, 1, * FROM unnest($2::bigint[], $3::integer[], $4::integer[], $5::integer[],
                     $6::bytea[], $7::text[], $8::integer[], $9::text[], $10::bigint[], $11::bytea[],
                     $12::text[])
                   ON CONFLICT DO NOTHING RETURNING id";
        let values: Values<'_> = &[
            &self.boot,
            &ids,
            &accounts,
            &callers,
            &methods,
            &digests,
            &message_ids,
            &states,
            &references,
            &times,
            &bodies,
            &tags,
        ];
        let rows = self.session.query(sql, values).await?;
        let inserted = rows.iter().map(|row| row.try_get(0)).collect::<Result<HashSet<i64>, _>>()?;
        let messages = claims.iter().filter(|claim| inserted.contains(&claim.write_id.0));
        let messages = messages.filter_map(|claim| Some((claim.write_id, claim.message.as_ref()?)));
        insert_recipients(self.session, messages.map(|(id, m)| (id, m.state, &m.recipients[..]))).await?;
        let mut opted_out =
            consent::opted_out(self.session, claims.into_iter().filter(|c| inserted.contains(&c.write_id.0))).await?;
        for index in &new {
            let ask = &mut self.open[*index];
            let id = ask.question.write_id.0;
            if inserted.contains(&id) {
                ask.answer = Some(opted_out.remove(&id).map_or(Claimed::New, Claimed::NewExcept));
            }
        }
        new.retain(|index| self.open[*index].answer.is_none());
        Ok(new)
    }

    /// Removes messages of which nothing was sent; returns the indexes of the claims that they were in the way of.
    async fn make_room(&mut self, there: &[usize]) -> Result<Vec<usize>, Error> {
        let claims: Vec<&Claim> = there.iter().map(|index| &self.open[*index].question).collect();
        let ids: Vec<_> = claims.iter().map(|claim| claim.write_id.0).collect();
        let accounts: Vec<_> = claims.iter().map(|claim| self.names.get(&claim.account).copied()).collect();
        let message_ids: Vec<_> = claims.iter().map(|c| c.message.as_ref().map(|m| text(&m.message_id))).collect();
        let sql = "SELECT c.id, w.id, w.state
                   FROM unnest($1::bigint[], $2::integer[], $3::text[]) AS c (id, account, message_id)
                   JOIN write w ON w.id = c.id OR (w.account = c.account AND w.message_id = c.message_id)";
        let (mut removed, mut freed) = (Vec::new(), HashSet::new());
        let mut opted_out = consent::opted_out(self.session, claims.into_iter()).await?;
        for row in self.session.query(sql, &[&ids, &accounts, &message_ids]).await? {
            let (claimed, there, state): (i64, i64, i16) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
            if claimed == there {
                let ask = self.open.iter_mut().find(|ask| ask.question.write_id.0 == claimed);
                let answer = opted_out.remove(&claimed).map_or(Claimed::New, Claimed::NewExcept);
                ask.into_iter().for_each(|ask| ask.answer = Some(answer.clone()));
            } else if WriteState::of(state.into()) == WriteState::Free {
                removed.push(there);
                freed.insert(claimed);
            }
        }
        if !removed.is_empty() {
            self.session.execute("DELETE FROM recipient WHERE write_id = ANY($1)", &[&removed]).await?;
            self.session.execute("DELETE FROM write WHERE id = ANY($1)", &[&removed]).await?;
        }
        let is_freed = |index: &&usize| freed.contains(&self.open[**index].question.write_id.0);
        Ok(there.iter().filter(is_freed).copied().collect())
    }

    /// Answers the claims whose key belongs to an earlier write.
    async fn answer_from_earlier(&mut self) -> Result<(), Error> {
        let open = self.open.iter().filter(|ask| ask.answer.is_none());
        let digests: Vec<_> = open.filter_map(|ask| Some(ask.question.key?.digest.0.to_vec())).collect();
        if digests.is_empty() {
            return Ok(());
        }
        let sql = "SELECT k.digest, k.body, w.id, w.state, w.owner, w.reply, w.message_id, n.text
                   FROM request_key k JOIN write w ON w.id = k.write_id JOIN name n ON n.id = w.method
                   WHERE k.digest = ANY($1)";
        let rows = self.session.query(sql, &[&digests]).await?;
        let rows = rows.iter().map(|row| Ok((row.try_get::<_, &[u8]>(0)?, row)));
        let rows = rows.collect::<Result<HashMap<_, _>, Error>>()?;
        for ask in self.open.iter_mut().filter(|ask| ask.answer.is_none()) {
            let Some(key) = ask.question.key else { continue };
            if let Some(row) = rows.get(&key.digest.0[..]) {
                ask.answer = Some(earlier(row, key, self.boot)?);
            }
        }
        Ok(())
    }
}

/// Returns the answer to a claim whose key belongs to an earlier write.
fn earlier(row: &Row, key: KeyClaim, boot: i64) -> Result<Claimed, Error> {
    let write_id = WriteId(row.try_get(2)?);
    if row.try_get::<_, &[u8]>(1)? != &key.body.0[..] {
        return Ok(Claimed::OtherBody { method: row.try_get::<_, &str>(7)?.into(), time: write_id.time() });
    }
    Ok(match WriteState::of(row.try_get::<_, i16>(3)?.into()) {
        WriteState::Claimed => Claimed::Running { write_id, ours: row.try_get::<_, i64>(4)? == boot },
        WriteState::Done => Claimed::Replay { write_id, reply: row.try_get(5)? },
        WriteState::Free | WriteState::Unknown => Claimed::Unknown {
            write_id,
            message_id: row.try_get(6)?,
            error: row.try_get::<_, Option<_>>(5)?.unwrap_or_default(),
        },
    })
}

/// Inserts the recipients of messages, unless they are there.
pub(super) async fn insert_recipients<'a>(
    session: &mut Session,
    messages: impl Iterator<Item = (WriteId, i32, &'a [Digest])>,
) -> Result<(), Error> {
    let (mut ids, mut indexes, mut hashes, mut states) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (id, state, recipients) in messages {
        for (n, to_hash) in (0_i32..).zip(recipients) {
            ids.push(id.0);
            indexes.push(n);
            hashes.push(&to_hash.0[..]);
            states.push(state);
        }
    }
    if ids.is_empty() {
        return Ok(());
    }
    let sql = "INSERT INTO recipient (write_id, n, to_hash, state)
               SELECT * FROM unnest($1::bigint[], $2::integer[], $3::bytea[], $4::integer[]) ON CONFLICT DO NOTHING";
    session.execute(sql, &[&ids, &indexes, &hashes, &states]).await?;
    Ok(())
}

//! The operations that keep house: leases, dead owners, due look-ups, what is too old, erasure.

use std::time::Duration;

use tokio_postgres::Error;

use super::{Failed, NOW, consent, events, read, session::Session, shares, text};
use crate::store::{
    Digest, Op, Retain, StoredMessage, TakeDue, WriteId,
    clock::{millis_of, time_of},
};

/// Applies an operation that changes no message.
pub(super) async fn apply(session: &mut Session, boot: i64, op: &mut Op) -> Result<(), Failed> {
    match op {
        // Recorded elsewhere.
        Op::Claim(_)
        | Op::Outcome(_)
        | Op::Update(_)
        | Op::Recipients(_)
        | Op::Resume(_)
        | Op::Append(_)
        | Op::SeeEvents(_) => {}
        Op::Subscribe(ask) => ask.answer = Some(events::subscribe(session, &ask.question).await?),
        Op::TakeChore(ask) => {
            ask.answer = Some(!is_taken(session, boot, &ask.question.name, ask.question.lease).await?);
        }
        Op::EndChore(ask) => {
            let sql = "DELETE FROM chore WHERE name = $1 AND boot = $2";
            session.execute(sql, &[&ask.question, &boot]).await?;
            ask.answer = Some(());
        }
        Op::TakeShares(ask) => ask.answer = Some(shares::take(session, boot, &ask.question).await?),
        Op::Renew(ask) => {
            let sql = format!("UPDATE instance SET lease_until = {NOW} + $2 WHERE boot = $1");
            if session.execute(&sql, &[&boot, &millis_of(ask.question)]).await? == 0 {
                return Err(Failed::Replaced);
            }
            ask.answer = Some(());
        }
        Op::Reap(ask) => {
            ask.answer = Some(reap(session).await?);
            shares::remove(session).await?;
        }
        Op::TakeDue(ask) => ask.answer = Some(take_due(session, boot, &ask.question).await?),
        Op::Retain(ask) => ask.answer = Some(retain(session, boot, ask.question).await?),
        Op::Purge(ask) => ask.answer = Some(purge(session, &ask.question).await?),
        Op::Flush(ask) | Op::Settle(ask) => ask.answer = Some(()),
    }
    Ok(())
}

/// Takes or keeps a chore for this process; returns whether another process has it.
async fn is_taken(session: &mut Session, boot: i64, chore: &str, lease: Duration) -> Result<bool, Error> {
    let sql = format!(
        "INSERT INTO chore (name, boot, lease_until) VALUES ($1, $2, {NOW} + $3)
         ON CONFLICT (name) DO UPDATE SET boot = excluded.boot, lease_until = excluded.lease_until
         WHERE chore.boot = excluded.boot OR chore.lease_until <= {NOW}"
    );
    Ok(session.execute(&sql, &[&chore, &boot, &millis_of(lease)]).await? == 0)
}

/// Returns the chores whose names begin with this, and how long their leases last.
pub(super) async fn chores(session: &mut Session, prefix: &str) -> Result<Vec<(String, Duration)>, Error> {
    let sql = format!("SELECT name, greatest(lease_until - {NOW}, 0) FROM chore WHERE left(name, length($1)) = $1");
    let rows = session.query(&sql, &[&prefix]).await?;
    let lasts = |millis: i64| Duration::from_millis(millis.unsigned_abs());
    rows.iter().map(|row| Ok((row.try_get(0)?, lasts(row.try_get(1)?)))).collect()
}

/// Marks the running writes of processes whose lease is over as unknown.
async fn reap(session: &mut Session) -> Result<u64, Error> {
    let sql = format!(
        "UPDATE write SET state = 4, next_look_up = CASE WHEN message_id IS NOT NULL THEN {NOW} END
         WHERE state = 1 AND owner NOT IN (SELECT boot FROM instance WHERE lease_until > {NOW})"
    );
    session.execute(&sql, &[]).await
}

async fn take_due(session: &mut Session, boot: i64, take: &TakeDue) -> Result<Vec<StoredMessage>, Error> {
    if is_taken(session, boot, "look-ups", take.lease).await? {
        return Ok(Vec::new());
    }
    let busy: Vec<_> = take.busy.iter().map(|account| text(account)).collect();
    let idle = format!("w.next_look_up <= {NOW} AND a.text <> ALL($2) ORDER BY w.next_look_up, w.id LIMIT $1");
    let (unknown, open) = (format!("w.state = 4 AND {idle}"), format!("w.state <> 4 AND {idle}"));
    let mut due = read::select(session, &unknown, &[&i64::from(take.limit), &busy]).await?;
    let rest = i64::from(take.limit) - due.len() as i64;
    due.extend(read::select(session, &open, &[&rest, &busy]).await?);
    if due.is_empty() {
        return Ok(due);
    }
    let now = database_time(session).await?;
    let again: Vec<_> = due.iter().map(|message| now + millis_of(take.again_after(message))).collect();
    let ids: Vec<_> = due.iter().map(|message| message.write_id.0).collect();
    let sql = "UPDATE write SET next_look_up = a.next FROM unnest($1::bigint[], $2::bigint[]) AS a (id, next)
               WHERE write.id = a.id";
    session.execute(sql, &[&ids, &again]).await?;
    due.iter_mut().zip(again).for_each(|(message, again)| message.next_look_up = Some(time_of(again)));
    Ok(due)
}

async fn retain(session: &mut Session, boot: i64, retain: Retain) -> Result<bool, Error> {
    if is_taken(session, boot, "retention", retain.lease).await? {
        return Ok(false);
    }
    let now = database_time(session).await?;
    let keys = remove_keys(session, now, retain).await?;
    let writes = remove_writes(session, now, retain).await?;
    let events = events::remove(session, retain).await?;
    Ok(keys.max(writes).max(events) >= u64::from(retain.limit))
}

/// Returns the server's time.
pub(super) async fn database_time(session: &mut Session) -> Result<i64, Error> {
    session.query(&format!("SELECT {NOW}"), &[]).await?.first().map_or(Ok(0), |row| row.try_get(0))
}

/// Removes keys and replies by age, in the order of the writes. Those of running writes and of messages that are not
/// sent yet stay until the write itself is removed.
async fn remove_keys(session: &mut Session, now: i64, retain: Retain) -> Result<u64, Error> {
    let oldest = now - millis_of(retain.idempotency_ttl);
    let sql = "SELECT id, state <> 1 AND coalesce(schedule_time, 0) <= $3 AND digest IS NOT NULL FROM write
               WHERE id > (SELECT number FROM meta WHERE key = 'keys_removed_to') AND id < $1 ORDER BY id LIMIT $2";
    let rows = session.query(sql, &[&first_at(oldest), &i64::from(retain.limit), &oldest]).await?;
    let rows = rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?)));
    let rows = rows.collect::<Result<Vec<(i64, bool)>, Error>>()?;
    let Some((last, _)) = rows.last() else { return Ok(0) };
    let ids: Vec<_> = rows.iter().filter(|(_, is_over)| *is_over).map(|(id, _)| *id).collect();
    delete_keys(session, &ids).await?;
    session.execute("UPDATE write SET digest = NULL, reply = NULL WHERE id = ANY($1)", &[&ids]).await?;
    session.execute("UPDATE meta SET number = $1 WHERE key = 'keys_removed_to'", &[last]).await?;
    Ok(rows.len() as u64)
}

async fn remove_writes(session: &mut Session, now: i64, retain: Retain) -> Result<u64, Error> {
    let oldest = now - millis_of(retain.log_retention);
    let sql = "SELECT id FROM write WHERE id < $1 AND state <> 1 AND coalesce(schedule_time, 0) <= $3
               ORDER BY id LIMIT $2";
    let scheduled = now - millis_of(retain.idempotency_ttl);
    let rows = session.query(sql, &[&first_at(oldest), &i64::from(retain.limit), &scheduled]).await?;
    let ids = rows.iter().map(|row| row.try_get(0)).collect::<Result<Vec<i64>, _>>()?;
    if ids.is_empty() {
        return Ok(0);
    }
    delete_keys(session, &ids).await?;
    session.execute("DELETE FROM recipient WHERE write_id = ANY($1)", &[&ids]).await?;
    session.execute("DELETE FROM write WHERE id = ANY($1)", &[&ids]).await
}

async fn delete_keys(session: &mut Session, ids: &[i64]) -> Result<(), Error> {
    let sql = "DELETE FROM request_key k USING write w
               WHERE w.id = ANY($1) AND k.digest = w.digest AND k.write_id = w.id";
    session.execute(sql, &[&ids]).await?;
    Ok(())
}

/// Erases what names the number of these hashes. The rows stay, so that a repeated call is not sent again.
pub(super) async fn purge(session: &mut Session, to: &[Digest]) -> Result<u64, Error> {
    let mut erased = 0;
    for to in to {
        erased += purge_hash(session, *to).await?;
    }
    Ok(erased)
}

async fn purge_hash(session: &mut Session, to: Digest) -> Result<u64, Error> {
    let sql = "UPDATE write SET reply = NULL, reference = NULL, tag = NULL, body = ''::bytea, next_look_up = NULL
               WHERE id IN (SELECT write_id FROM recipient WHERE to_hash = $1)";
    let erased = session.execute(sql, &[&&to.0[..]]).await?;
    session.execute("DELETE FROM recipient WHERE to_hash = $1", &[&&to.0[..]]).await?;
    events::purge(session, to).await?;
    consent::purge(session, to).await?;
    Ok(erased)
}

/// Returns the least id of this time.
fn first_at(millis: i64) -> i64 {
    WriteId::first_at(time_of(millis)).0
}

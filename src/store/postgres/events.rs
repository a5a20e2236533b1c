//! The log of events. The row of its bounds is locked from the append to the commit, so that sequences have no holes and
//! become visible in their order, whichever process appends.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use tokio_postgres::{Error, Row};

use super::{
    claims::{Names, enter_names},
    consent,
    keep::database_time,
    session::Session,
    text,
};
use crate::store::{
    ConsentChange, Digest, EventBounds, EventFilter, EventPage, NewEvent, ReceivedFilter, Retain, StoredEvent,
    Subscribe, Subscription,
    clock::{in_millis, millis_of, time_of},
    events::EVENT_BYTES,
    query::SCAN,
};

/// Appends the events that are new, and returns their sequences.
pub(super) async fn append(
    session: &mut Session,
    names: &mut Names,
    events: impl Iterator<Item = &NewEvent>,
) -> Result<HashMap<Digest, i64>, Error> {
    let mut seen = HashSet::new();
    let mut events: Vec<_> = events.filter(|event| seen.insert(event.id)).collect();
    if events.is_empty() {
        return Ok(HashMap::new());
    }
    change_consents(session, &mut events).await?;
    enter_names(session, names, events.iter().map(|event| &*event.account)).await?;
    let ids: Vec<_> = events.iter().map(|event| &event.id.0[..]).collect();
    let accounts: Vec<_> = events.iter().map(|event| names.get(&event.account).copied()).collect();
    let kinds: Vec<_> = events.iter().map(|event| event.kind).collect();
    let messages: Vec<_> = events.iter().map(|event| event.message_id.as_deref().map(text)).collect();
    let numbers: Vec<_> = events.iter().map(|event| event.number.as_ref().map(|number| &number.0[..])).collect();
    let bodies: Vec<_> = events.iter().map(|event| &event.body[..]).collect();
    session.execute("SELECT FROM event_head FOR UPDATE", &[]).await?;
    // A statement of its own, as it must see what was committed before the lock was taken.
    let sql = format!(
        "WITH new AS (
           SELECT c.*, row_number() OVER (ORDER BY c.n) AS place
           FROM unnest($1::bytea[], $2::integer[], $3::integer[], $4::text[], $5::bytea[], $6::bytea[])
             WITH ORDINALITY AS c (id, account, kind, message_id, number, body, n)
           WHERE c.id NOT IN (SELECT id FROM event WHERE id = ANY($1))),
         moved AS (
           UPDATE event_head SET newest = newest + (SELECT count(*) FROM new),
             bytes = bytes + (SELECT coalesce(sum(length(body) + {EVENT_BYTES}), 0) FROM new))
         INSERT INTO event (sequence, id, time, account, kind, message_id, number, body)
         SELECT newest + place, new.id, (extract(epoch FROM clock_timestamp()) * 1000)::bigint, account, kind,
           message_id, number, body
         FROM new, event_head RETURNING id, sequence"
    );
    let rows = session.query(&sql, &[&ids, &accounts, &kinds, &messages, &numbers, &bodies]).await?;
    let sequences = rows.iter().map(|row| Ok((digest(row, 0)?, row.try_get(1)?)));
    let sequences = sequences.collect::<Result<HashMap<_, _>, Error>>()?;
    append_received(session, names, &events, &sequences).await?;
    Ok(sequences)
}

/// Makes the changes of who may be written to that come with events, unless these are known. Events whose change has no effect
/// are dropped.
async fn change_consents(session: &mut Session, events: &mut Vec<&NewEvent>) -> Result<(), Error> {
    let bound = events.iter().filter_map(|event| Some((event.id, &**event.consent.as_ref()?)));
    let mut bound: Vec<(Digest, &ConsentChange)> = bound.collect();
    if bound.is_empty() {
        return Ok(());
    }
    session.execute("SELECT FROM event_head FOR UPDATE", &[]).await?;
    let ids: Vec<_> = bound.iter().map(|(id, _)| &id.0[..]).collect();
    let rows = session.query("SELECT id FROM event WHERE id = ANY($1)", &[&ids]).await?;
    let known = rows.iter().map(|row| digest(row, 0)).collect::<Result<HashSet<_>, _>>()?;
    bound.retain(|(id, _)| !known.contains(id));
    let changes: Vec<_> = bound.iter().map(|(_, change)| *change).collect();
    let effects = consent::apply(session, &changes).await?;
    let dropped: HashSet<_> = bound.iter().zip(effects).filter(|(_, effect)| !effect).map(|((id, _), _)| *id).collect();
    events.retain(|event| !dropped.contains(&event.id));
    Ok(())
}

async fn append_received(
    session: &mut Session,
    names: &Names,
    events: &[&NewEvent],
    sequences: &HashMap<Digest, i64>,
) -> Result<(), Error> {
    let (mut places, mut accounts, mut ids, mut numbers, mut times) = (vec![], vec![], vec![], vec![], vec![]);
    for event in events {
        let (Some(received), Some(sequence)) = (&event.received, sequences.get(&event.id)) else { continue };
        places.push(*sequence);
        accounts.push(names.get(&event.account).copied());
        ids.push(text(&received.received_id));
        numbers.push(&received.number.0[..]);
        times.push(in_millis(received.time));
    }
    if places.is_empty() {
        return Ok(());
    }
    let sql = "INSERT INTO received (sequence, account, received_id, number, time)
               SELECT * FROM unnest($1::bigint[], $2::integer[], $3::text[], $4::bytea[], $5::bigint[])";
    session.execute(sql, &[&places, &accounts, &ids, &numbers, &times]).await?;
    Ok(())
}

pub(super) async fn set_cursors(session: &mut Session, cursors: &[(String, Vec<u8>)]) -> Result<(), Error> {
    for (name, value) in cursors {
        if value.is_empty() {
            session.execute("DELETE FROM cursor WHERE name = $1", &[name]).await?;
            continue;
        }
        let sql =
            "INSERT INTO cursor (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        session.execute(sql, &[name, value]).await?;
    }
    Ok(())
}

pub(super) async fn subscribe(session: &mut Session, change: &Subscribe) -> Result<Option<Subscription>, Error> {
    let returning = |sql: &str| format!("{sql} RETURNING name, acked, stream, body");
    let rows = match change {
        Subscribe::Create { name, acked, body } => {
            let sql =
                "INSERT INTO subscription (name, acked, stream, body) VALUES ($1, $2, 0, $3) ON CONFLICT DO NOTHING";
            session.query(&returning(sql), &[name, acked, body]).await?
        }
        Subscribe::Delete { name } => {
            session.query(&returning("DELETE FROM subscription WHERE name = $1"), &[name]).await?
        }
        Subscribe::Ack { name, sequence } => {
            let sql = "UPDATE subscription SET acked = greatest(acked, $2) WHERE name = $1";
            session.query(&returning(sql), &[name, sequence]).await?
        }
        Subscribe::Stream { name } => {
            let sql = "UPDATE subscription SET stream = stream + 1 WHERE name = $1";
            session.query(&returning(sql), &[name]).await?
        }
    };
    rows.first().map(subscription).transpose()
}

/// Removes events from the old end: by age, and those beyond the size. Returns how many there were.
pub(super) async fn remove(session: &mut Session, retain: Retain) -> Result<u64, Error> {
    let before = bounds(session).await?;
    let oldest = database_time(session).await? - millis_of(retain.events_retention);
    let sql = "SELECT time, length(body) FROM event WHERE sequence >= $1 ORDER BY sequence LIMIT $2";
    let rows = session.query(sql, &[&before.oldest, &i64::from(retain.limit)]).await?;
    let rows = rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get::<_, i32>(1)?.into())));
    let mut after = before;
    let removed = after.remove(rows.collect::<Result<Vec<_>, Error>>()?, oldest, retain.events_retention_bytes);
    if removed > 0 {
        for table in ["event", "received"] {
            session.execute(&format!("DELETE FROM {table} WHERE sequence < $1"), &[&after.oldest]).await?;
        }
        let sql = "UPDATE event_head SET oldest = $1, bytes = bytes - $2";
        session.execute(sql, &[&after.oldest, &(before.bytes - after.bytes)]).await?;
    }
    Ok(removed as u64)
}

/// Erases the events about a number. The rows stay, so that the log has no hole.
pub(super) async fn purge(session: &mut Session, number: Digest) -> Result<(), Error> {
    let number = &number.0[..];
    let sql = "DELETE FROM received WHERE sequence IN (SELECT sequence FROM event WHERE number = $1)";
    session.execute(sql, &[&number]).await?;
    let sql = "UPDATE event_head
               SET bytes = bytes - (SELECT coalesce(sum(length(body)), 0) FROM event WHERE number = $1)";
    session.execute(sql, &[&number]).await?;
    session.execute("UPDATE event SET body = ''::bytea, number = NULL WHERE number = $1", &[&number]).await?;
    Ok(())
}

const COLUMNS: &str = "SELECT e.sequence, e.id, a.text, e.kind, e.message_id, e.time, e.body
    FROM event e JOIN name a ON a.id = e.account";

fn digest(row: &Row, column: usize) -> Result<Digest, Error> {
    Ok(Digest(row.try_get::<_, &[u8]>(column)?.try_into().unwrap_or_default()))
}

fn event(row: &Row) -> Result<StoredEvent, Error> {
    Ok(StoredEvent {
        sequence: row.try_get(0)?,
        id: digest(row, 1)?,
        account: row.try_get::<_, &str>(2)?.into(),
        kind: row.try_get(3)?,
        message_id: row.try_get(4)?,
        time: time_of(row.try_get(5)?),
        body: row.try_get(6)?,
    })
}

fn subscription(row: &Row) -> Result<Subscription, Error> {
    Ok(Subscription { name: row.try_get(0)?, acked: row.try_get(1)?, stream: row.try_get(2)?, body: row.try_get(3)? })
}

pub(super) async fn events(
    session: &mut Session,
    filter: Option<&EventFilter>,
    after: i64,
    until: i64,
    limit: u32,
) -> Result<EventPage, Error> {
    let until = until.min(after.saturating_add(SCAN));
    let accounts = filter.map(|filter| filter.accounts.iter().map(|account| text(account)).collect::<Vec<_>>());
    let kinds = filter.map(|filter| &filter.kinds[..]).unwrap_or_default();
    let sql = format!(
        "{COLUMNS} WHERE e.sequence > $1 AND e.sequence <= $2
           AND ($3::text[] IS NULL OR e.account = ANY(ARRAY(SELECT id FROM name WHERE text = ANY($3))))
           AND (cardinality($4::integer[]) = 0 OR e.kind = ANY($4))
         ORDER BY e.sequence LIMIT $5"
    );
    let rows = session.query(&sql, &[&after, &until, &accounts, &kinds, &i64::from(limit)]).await?;
    let events = rows.iter().map(event).collect::<Result<Vec<_>, _>>()?;
    let last = match events.last() {
        Some(last) if events.len() == limit as usize => last.sequence,
        _ => until.max(after),
    };
    let events = events.into_iter().map(Arc::new).collect();
    // After the events: what was removed in the meantime is not taken for what never matched.
    Ok(EventPage { events, last, bounds: bounds(session).await? })
}

pub(super) async fn bounds(session: &mut Session) -> Result<EventBounds, Error> {
    let rows = session.query("SELECT oldest, newest, bytes FROM event_head", &[]).await?;
    let Some(row) = rows.first() else { return Ok(EventBounds::default()) };
    Ok(EventBounds { oldest: row.try_get(0)?, newest: row.try_get(1)?, bytes: row.try_get(2)? })
}

pub(super) async fn time(session: &mut Session, sequence: i64) -> Result<Option<i64>, Error> {
    let rows = session.query("SELECT time FROM event WHERE sequence = $1", &[&sequence]).await?;
    rows.first().map(|row| row.try_get(0)).transpose()
}

pub(super) async fn received(
    session: &mut Session,
    filter: &ReceivedFilter,
    limit: u32,
) -> Result<Vec<StoredEvent>, Error> {
    let accounts: Vec<_> = filter.accounts.iter().map(|account| text(account)).collect();
    let numbers: Vec<_> = filter.numbers.iter().map(|number| &number.0[..]).collect();
    let (from, until) = (filter.from.map(in_millis), filter.until.map(in_millis));
    let sql = format!(
        "{COLUMNS} JOIN received r ON r.sequence = e.sequence
         WHERE r.account = ANY(ARRAY(SELECT id FROM name WHERE text = ANY($1)))
           AND (cardinality($2::bytea[]) = 0 OR r.number = ANY($2))
           AND r.time >= coalesce($3::bigint, r.time) AND ($4::bigint IS NULL OR r.time < $4)
           AND ($5::bigint IS NULL OR r.sequence < $5)
         ORDER BY r.sequence DESC LIMIT $6"
    );
    let rows = session.query(&sql, &[&accounts, &numbers, &from, &until, &filter.past, &i64::from(limit)]).await?;
    rows.iter().map(event).collect()
}

pub(super) async fn received_by_id(
    session: &mut Session,
    account: &str,
    id: &str,
) -> Result<Option<StoredEvent>, Error> {
    let sql = format!(
        "{COLUMNS} JOIN received r ON r.sequence = e.sequence
         WHERE r.account = (SELECT id FROM name WHERE text = $1) AND r.received_id = $2
         ORDER BY r.sequence DESC LIMIT 1"
    );
    session.query(&sql, &[&text(account), &text(id)]).await?.first().map(event).transpose()
}

pub(super) async fn cursor(session: &mut Session, name: &str) -> Result<Option<Vec<u8>>, Error> {
    let rows = session.query("SELECT value FROM cursor WHERE name = $1", &[&name]).await?;
    rows.first().map(|row| row.try_get(0)).transpose()
}

pub(super) async fn cursors(session: &mut Session, prefix: &str) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let sql = "SELECT name, value FROM cursor WHERE left(name, length($1)) = $1 ORDER BY name COLLATE \"C\"";
    let rows = session.query(sql, &[&prefix]).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

pub(super) async fn newest_streams(session: &mut Session, names: &[String]) -> Result<HashMap<String, i64>, Error> {
    let rows = session.query("SELECT name, stream FROM subscription WHERE name = ANY($1)", &[&names]).await?;
    rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
}

pub(super) async fn subscriptions(session: &mut Session, name: &str) -> Result<Vec<Subscription>, Error> {
    let sql = "SELECT name, acked, stream, body FROM subscription
               WHERE name = $1 OR left(name, length($1) + 1) = $1 || '/' ORDER BY name COLLATE \"C\"";
    session.query(sql, &[&name]).await?.iter().map(subscription).collect()
}

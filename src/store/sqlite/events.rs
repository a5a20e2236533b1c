//! The log of events.

use std::{collections::HashMap, fmt::Write as _, sync::Arc};

use rusqlite::{
    Connection, OptionalExtension as _, Params, Result, Row, ToSql, Transaction, params, params_from_iter, types::Value,
};

use super::{Sqlite, consent};
use crate::store::{
    Append, Appended, Digest, EventBounds, EventFilter, EventPage, MessageChange, NewEvent, ReceivedFilter, Retain,
    StoredEvent, Subscribe, Subscription,
    clock::{in_millis, millis_of, now, time_of},
    query::SCAN,
};

impl Sqlite {
    pub(super) fn append(&mut self, t: &Transaction<'_>, append: &Append) -> Result<Appended> {
        let mut appended = Appended::default();
        for change in &append.changes {
            let changed = match change {
                MessageChange::Outcome(outcome) => self.outcome(t, outcome)?,
                MessageChange::Update(update) => self.update(t, update)?,
            };
            match changed {
                Some(new) => appended.new += new,
                None => appended.stale.push(change.write_id()),
            }
        }
        appended.new += self.append_events(t, &append.events)?;
        for change in &append.consents {
            appended.consents += u64::from(consent::apply(t, change)?);
        }
        for (name, value) in &append.cursors {
            if value.is_empty() {
                self.run(t, "DELETE FROM cursor WHERE name = ?1", params![name])?;
                continue;
            }
            let sql = "INSERT INTO cursor VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
            self.run(t, sql, params![name, value])?;
        }
        Ok(appended)
    }

    /// Appends the events that are new, and returns how many there were.
    pub(super) fn append_events(&mut self, t: &Transaction<'_>, events: &[NewEvent]) -> Result<u64> {
        let (mut new, mut bytes) = (0, 0);
        for event in events {
            if let Some(change) = &event.consent
                && (is_known(t, event.id)? || !consent::apply(t, change)?)
            {
                continue;
            }
            let account = self.name(t, &event.account)?;
            let sql = "INSERT INTO event (sequence, id, time, account, kind, message_id, number, body)
                       SELECT newest + ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 FROM event_head WHERE true
                       ON CONFLICT (id) DO NOTHING";
            let values = params![
                new + 1,
                event.id.0,
                now(),
                account,
                event.kind,
                event.message_id,
                event.number.map(|number| number.0),
                event.body
            ];
            if self.run(t, sql, values)? == 0 {
                continue;
            }
            (new, bytes, self.appended) = (new + 1, bytes + event.bytes(), t.last_insert_rowid());
            if let Some(received) = &event.received {
                let sql = "INSERT INTO received VALUES (?1, ?2, ?3, ?4, ?5)";
                let time = in_millis(received.time);
                self.run(t, sql, params![self.appended, account, received.received_id, received.number.0, time])?;
            }
        }
        if new > 0 {
            let sql = "UPDATE event_head SET newest = newest + ?1, bytes = bytes + ?2";
            self.run(t, sql, params![new, bytes])?;
        }
        Ok(new as u64)
    }

    pub(super) fn subscribe(&self, t: &Transaction<'_>, change: &Subscribe) -> Result<Option<Subscription>> {
        let (sql, values): (_, &[&dyn ToSql]) = match change {
            Subscribe::Create { name, acked, body } => {
                ("INSERT INTO subscription VALUES (?1, ?2, 0, ?3) ON CONFLICT DO NOTHING", &[name, acked, body])
            }
            Subscribe::Delete { name } => ("DELETE FROM subscription WHERE name = ?1", &[name]),
            Subscribe::Ack { name, sequence } => {
                ("UPDATE subscription SET acked = max(acked, ?2) WHERE name = ?1", &[name, sequence])
            }
            Subscribe::Stream { name } => ("UPDATE subscription SET stream = stream + 1 WHERE name = ?1", &[name]),
        };
        let sql = format!("{sql} RETURNING name, acked, stream, body");
        t.prepare_cached(&sql)?.query_row(values, subscription).optional()
    }

    /// Removes events from the old end: by age, and those beyond the size. Returns how many rows were looked at.
    pub(super) fn remove_events(&self, t: &Transaction<'_>, retain: Retain) -> Result<usize> {
        let mut bounds = bounds(t)?;
        let (oldest, most) = (now() - millis_of(retain.events_retention), retain.events_retention_bytes);
        let sql = "SELECT time, length(body) FROM event WHERE sequence >= ?1 ORDER BY sequence LIMIT ?2";
        let rows: Vec<(i64, i64)> = t
            .prepare_cached(sql)?
            .query_map([bounds.oldest, i64::from(retain.limit)], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_>>()?;
        let removed = bounds.remove(rows, oldest, most);
        if removed > 0 {
            for table in ["event", "received"] {
                self.run(t, &format!("DELETE FROM {table} WHERE sequence < ?1"), [bounds.oldest])?;
            }
            self.run(t, "UPDATE event_head SET oldest = ?1, bytes = ?2", [bounds.oldest, bounds.bytes])?;
        }
        Ok(removed)
    }
}

fn is_known(t: &Transaction<'_>, id: Digest) -> Result<bool> {
    t.prepare_cached("SELECT EXISTS (SELECT 1 FROM event WHERE id = ?1)")?.query_row([id.0], |row| row.get(0))
}

/// Erases the events about a number. The rows stay, so that the log has no hole.
pub(super) fn purge(t: &Transaction<'_>, number: Digest) -> Result<()> {
    for sql in [
        "UPDATE event_head SET bytes = bytes - (SELECT coalesce(sum(length(body)), 0) FROM event WHERE number = ?1)",
        "DELETE FROM received WHERE sequence IN (SELECT sequence FROM event WHERE number = ?1)",
        "UPDATE event SET body = x'', number = NULL WHERE number = ?1",
    ] {
        t.prepare_cached(sql)?.execute([number.0])?;
    }
    Ok(())
}

const COLUMNS: &str = "SELECT e.sequence, e.id, a.text, e.kind, e.message_id, e.time, e.body
    FROM event e JOIN name a ON a.id = e.account";

const SUBSCRIPTION: &str = "SELECT name, acked, stream, body FROM subscription";

fn event(row: &Row<'_>) -> Result<StoredEvent> {
    Ok(StoredEvent {
        sequence: row.get(0)?,
        id: Digest(row.get(1)?),
        account: row.get(2)?,
        kind: row.get(3)?,
        message_id: row.get(4)?,
        time: time_of(row.get(5)?),
        body: row.get(6)?,
    })
}

fn subscription(row: &Row<'_>) -> Result<Subscription> {
    Ok(Subscription { name: row.get(0)?, acked: row.get(1)?, stream: row.get(2)?, body: row.get(3)? })
}

fn select(connection: &Connection, condition: &str, values: impl Params) -> Result<Vec<StoredEvent>> {
    connection.prepare_cached(&format!("{COLUMNS} {condition}"))?.query_map(values, event)?.collect()
}

pub(super) fn events(
    connection: &Connection,
    filter: Option<&EventFilter>,
    after: i64,
    until: i64,
    limit: u32,
) -> Result<EventPage> {
    let until = until.min(after.saturating_add(SCAN));
    let mut condition = "WHERE e.sequence > ? AND e.sequence <= ?".to_owned();
    let mut values = vec![Value::Integer(after), Value::Integer(until)];
    if let Some(filter) = filter {
        of_accounts(&mut condition, &mut values, &filter.accounts, "e");
    }
    if let Some(kinds) = filter.map(|filter| &filter.kinds).filter(|kinds| !kinds.is_empty()) {
        let _ = write!(condition, " AND e.kind IN ({})", marks(kinds.len()));
        values.extend(kinds.iter().map(|kind| Value::Integer(i64::from(*kind))));
    }
    values.push(Value::Integer(i64::from(limit)));
    let events = select(connection, &format!("{condition} ORDER BY e.sequence LIMIT ?"), params_from_iter(values))?;
    let last = match events.last() {
        Some(last) if events.len() == limit as usize => last.sequence,
        _ => until.max(after),
    };
    let events = events.into_iter().map(Arc::new).collect();
    // After the events: what was removed in the meantime is not taken for what never matched.
    Ok(EventPage { events, last, bounds: bounds(connection)? })
}

pub(super) fn bounds(connection: &Connection) -> Result<EventBounds> {
    let sql = "SELECT oldest, newest, bytes FROM event_head";
    connection
        .prepare_cached(sql)?
        .query_row([], |row| Ok(EventBounds { oldest: row.get(0)?, newest: row.get(1)?, bytes: row.get(2)? }))
}

pub(super) fn time(connection: &Connection, sequence: i64) -> Result<Option<i64>> {
    let sql = "SELECT time FROM event WHERE sequence = ?1";
    connection.prepare_cached(sql)?.query_row([sequence], |row| row.get(0)).optional()
}

pub(super) fn received(connection: &Connection, filter: &ReceivedFilter, limit: u32) -> Result<Vec<StoredEvent>> {
    let mut condition = "JOIN received r ON r.sequence = e.sequence WHERE true".to_owned();
    let mut values = Vec::new();
    of_accounts(&mut condition, &mut values, &filter.accounts, "r");
    if !filter.numbers.is_empty() {
        let _ = write!(condition, " AND r.number IN ({})", marks(filter.numbers.len()));
        values.extend(filter.numbers.iter().map(|number| Value::Blob(number.0.to_vec())));
    }
    let mut and = |sql: &str, value: Option<i64>| {
        condition += if value.is_some() { sql } else { "" };
        values.extend(value.map(Value::Integer));
    };
    and(" AND r.time >= ?", filter.from.map(in_millis));
    and(" AND r.time < ?", filter.until.map(in_millis));
    and(" AND r.sequence < ?", filter.past);
    values.push(Value::Integer(i64::from(limit)));
    select(connection, &format!("{condition} ORDER BY r.sequence DESC LIMIT ?"), params_from_iter(values))
}

pub(super) fn received_by_id(connection: &Connection, account: &str, id: &str) -> Result<Option<StoredEvent>> {
    let condition = "JOIN received r ON r.sequence = e.sequence
        WHERE r.account = (SELECT id FROM name WHERE text = ?1) AND r.received_id = ?2
        ORDER BY r.sequence DESC LIMIT 1";
    Ok(select(connection, condition, [account, id])?.pop())
}

pub(super) fn cursor(connection: &Connection, name: &str) -> Result<Option<Vec<u8>>> {
    let sql = "SELECT value FROM cursor WHERE name = ?1";
    connection.prepare_cached(sql)?.query_row([name], |row| row.get(0)).optional()
}

pub(super) fn cursors(connection: &Connection, prefix: &str) -> Result<Vec<(String, Vec<u8>)>> {
    let sql = "SELECT name, value FROM cursor WHERE name >= ?1 AND substr(name, 1, length(?1)) = ?1 ORDER BY name";
    connection.prepare_cached(sql)?.query_map([prefix], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

pub(super) fn newest_streams(connection: &Connection, names: &[String]) -> Result<HashMap<String, i64>> {
    let sql = format!("SELECT name, stream FROM subscription WHERE name IN ({})", marks(names.len()));
    connection.prepare_cached(&sql)?.query_map(params_from_iter(names), |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

pub(super) fn subscriptions(connection: &Connection, name: &str) -> Result<Vec<Subscription>> {
    // The character after the slash is the zero.
    let sql = format!("{SUBSCRIPTION} WHERE name = ?1 OR (name >= ?1 || '/' AND name < ?1 || '0') ORDER BY name");
    connection.prepare_cached(&sql)?.query_map([name], subscription)?.collect()
}

fn of_accounts(condition: &mut String, values: &mut Vec<Value>, accounts: &[Arc<str>], table: &str) {
    let _ =
        write!(condition, " AND {table}.account IN (SELECT id FROM name WHERE text IN ({}))", marks(accounts.len()));
    values.extend(accounts.iter().map(|account| Value::Text(account.to_string())));
}

fn marks(count: usize) -> String {
    vec!["?"; count].join(", ")
}

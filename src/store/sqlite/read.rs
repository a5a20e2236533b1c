//! Queries.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, SystemTime},
};

use rusqlite::{Connection, OptionalExtension as _, Params, Result, Row, params, params_from_iter, types::Value};

use super::{RUNNING, Shared, UNKNOWN, consent, events, lock};
use crate::store::{
    Broken, ByAge, ConsentEntry, ConsentFilter, ConsentRecord, Digest, EventBounds, EventFilter, EventPage,
    MessageFilter, MessagePage, Reader, ReceivedFilter, Stats, StoredEvent, StoredMessage, StoredRecipient,
    Subscription, Tag, WriteId, WriteState,
    clock::{now, time_of},
    numbers::FOUND_BY_NUMBER,
    query::SCAN,
};

/// A connection for queries. Each query ends its transaction, as an open one keeps the write-ahead log from starting
/// over.
pub(in crate::store) struct SqliteReader {
    pub(super) connection: Shared,
}

impl SqliteReader {
    pub(super) fn new(connection: Shared) -> Self {
        Self { connection }
    }
}

const COLUMNS: &str = "SELECT w.id, w.state, a.text, c.text, m.text, w.message_id, w.message_state, w.reference,
    w.next_look_up, w.version, w.body
    FROM write w JOIN name a ON a.id = w.account JOIN name c ON c.id = w.caller JOIN name m ON m.id = w.method
    WHERE w.message_id IS NOT NULL AND ";

/// Selects messages by a condition on `w`, the write.
pub(super) fn select(connection: &Connection, condition: &str, params: impl Params) -> Result<Vec<StoredMessage>> {
    let mut statement = connection.prepare_cached(&format!("{COLUMNS}{condition}"))?;
    let mut messages = statement.query_map(params, message)?.collect::<Result<Vec<_>>>()?;
    for message in messages.iter_mut().filter(|message| message.write_state.is_open()) {
        let sql = "SELECT n, state, vendor_message_id, account FROM recipient WHERE write_id = ?1 ORDER BY n";
        let mut statement = connection.prepare_cached(sql)?;
        message.recipients = statement.query_map([message.write_id.0], recipient)?.collect::<Result<_>>()?;
    }
    Ok(messages)
}

fn recipient(row: &Row<'_>) -> Result<StoredRecipient> {
    Ok(StoredRecipient { index: row.get(0)?, state: row.get(1)?, vendor_message_id: row.get(2)?, account: row.get(3)? })
}

fn message(row: &Row<'_>) -> Result<StoredMessage> {
    Ok(StoredMessage {
        write_id: WriteId(row.get(0)?),
        write_state: WriteState::of(row.get(1)?),
        account: row.get(2)?,
        caller: row.get(3)?,
        method: row.get(4)?,
        message_id: row.get(5)?,
        state: row.get(6)?,
        reference: row.get(7)?,
        next_look_up: row.get::<_, Option<i64>>(8)?.map(time_of),
        version: row.get(9)?,
        body: row.get(10)?,
        recipients: Vec::new(),
    })
}

impl Reader for SqliteReader {
    fn message(&mut self, account: &str, message_id: &str) -> Result<Option<StoredMessage>, Broken> {
        let condition = "w.account = (SELECT id FROM name WHERE text = ?1) AND w.message_id = ?2";
        Ok(select(&lock(&self.connection), condition, params![account, message_id])?.pop())
    }

    fn message_of_write(&mut self, write_id: WriteId) -> Result<Option<StoredMessage>, Broken> {
        Ok(select(&lock(&self.connection), "w.id = ?1", [write_id.0])?.pop())
    }

    fn message_by_vendor_id(&mut self, account: &str, id: &str) -> Result<Option<StoredMessage>, Broken> {
        let condition = "w.id IN (SELECT r.write_id FROM recipient r JOIN write o ON o.id = r.write_id
              JOIN name n ON n.id = o.account WHERE r.vendor_message_id = ?2 AND coalesce(r.account, n.text) = ?1)
            ORDER BY w.id DESC LIMIT 1";
        Ok(select(&lock(&self.connection), condition, params![account, id])?.pop())
    }

    fn messages(&mut self, filter: &MessageFilter, before: Option<WriteId>, limit: u32) -> Result<MessagePage, Broken> {
        let connection = lock(&self.connection);
        let (condition, mut values, last_looked_at) = condition(&connection, filter, before)?;
        values.push(Value::Integer(i64::from(limit)));
        let condition = format!("{condition} ORDER BY w.id DESC LIMIT ?");
        let messages = select(&connection, &condition, params_from_iter(values))?;
        let next = match messages.last() {
            Some(last) if messages.len() == limit as usize => Some(last.write_id),
            _ => last_looked_at,
        };
        Ok(MessagePage { messages, next })
    }

    fn events(
        &mut self,
        filter: Option<&EventFilter>,
        after: i64,
        until: i64,
        limit: u32,
    ) -> Result<EventPage, Broken> {
        Ok(events::events(&lock(&self.connection), filter, after, until, limit)?)
    }

    fn event_bounds(&mut self) -> Result<EventBounds, Broken> {
        Ok(events::bounds(&lock(&self.connection))?)
    }

    fn event_time(&mut self, sequence: i64) -> Result<Option<SystemTime>, Broken> {
        Ok(events::time(&lock(&self.connection), sequence)?.map(time_of))
    }

    fn received(&mut self, filter: &ReceivedFilter, limit: u32) -> Result<Vec<StoredEvent>, Broken> {
        Ok(events::received(&lock(&self.connection), filter, limit)?)
    }

    fn received_by_id(&mut self, account: &str, received_id: &str) -> Result<Option<StoredEvent>, Broken> {
        Ok(events::received_by_id(&lock(&self.connection), account, received_id)?)
    }

    fn cursor(&mut self, name: &str) -> Result<Option<Vec<u8>>, Broken> {
        Ok(events::cursor(&lock(&self.connection), name)?)
    }

    fn cursors(&mut self, prefix: &str) -> Result<Vec<(String, Vec<u8>)>, Broken> {
        Ok(events::cursors(&lock(&self.connection), prefix)?)
    }

    /// There is one process, which takes no leases.
    fn chores(&mut self, _prefix: &str) -> Result<Vec<(String, Duration)>, Broken> {
        Ok(Vec::new())
    }

    fn subscriptions(&mut self, name: &str) -> Result<Vec<Subscription>, Broken> {
        Ok(events::subscriptions(&lock(&self.connection), name)?)
    }

    fn newest_streams(&mut self, names: &[String]) -> Result<HashMap<String, i64>, Broken> {
        Ok(events::newest_streams(&lock(&self.connection), names)?)
    }

    fn consents(
        &mut self,
        filter: &ConsentFilter,
        after: Option<(Arc<str>, Digest)>,
        limit: u32,
    ) -> Result<Vec<ConsentEntry>, Broken> {
        Ok(consent::consents(&lock(&self.connection), filter, after, limit)?)
    }

    fn consent_records(
        &mut self,
        filter: &ConsentFilter,
        after: i64,
        limit: u32,
    ) -> Result<Vec<ConsentRecord>, Broken> {
        Ok(consent::records(&lock(&self.connection), filter, after, limit)?)
    }

    fn newest_consent_record(&mut self) -> Result<i64, Broken> {
        Ok(consent::newest(&lock(&self.connection))?)
    }

    fn number_keys(&mut self) -> Result<Vec<Tag>, Broken> {
        let connection = lock(&self.connection);
        let mut keys = connection.prepare_cached("SELECT value FROM meta WHERE key LIKE 'number_key %'")?;
        Ok(keys.query_map([], |row| row.get(0))?.collect::<Result<_>>()?)
    }

    fn found_by_numbers(&mut self, from: &[u8], below: &[u8]) -> Result<Vec<&'static str>, Broken> {
        let (connection, mut found) = (lock(&self.connection), Vec::new());
        for (name, table, column) in FOUND_BY_NUMBER {
            let sql = format!("SELECT EXISTS (SELECT 1 FROM {table} WHERE {column} >= ?1 AND {column} < ?2)");
            let is_found = connection.prepare_cached(&sql)?.query_row([from, below], |row| row.get(0))?;
            found.extend(Some(name).filter(|_| is_found));
        }
        Ok(found)
    }

    fn stats(&mut self) -> Result<Stats, Broken> {
        let connection = lock(&self.connection);
        let one = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, Option<i64>>(0));
        let pages = one("PRAGMA page_count")?.unwrap_or_default() * one("PRAGMA page_size")?.unwrap_or_default();
        Ok(Stats {
            engine: "SQLite",
            schema: one("PRAGMA user_version")?.unwrap_or_default() as u32,
            bytes: pages as u64,
            oldest: one("SELECT min(id) FROM write")?.map(WriteId),
            newest: one("SELECT max(id) FROM write")?.map(WriteId),
            running: one(&format!("SELECT count(*) FROM write WHERE {RUNNING}"))?.unwrap_or_default() as u64,
            unknown: by_age(&connection, UNKNOWN)?,
            open: by_age(&connection, "next_look_up IS NOT NULL")?,
        })
    }
}

/// Returns the condition of a filter with its values, and the last id that it looks at if there are more.
fn condition(
    connection: &Connection,
    filter: &MessageFilter,
    before: Option<WriteId>,
) -> Result<(String, Vec<Value>, Option<WriteId>)> {
    let (mut condition, mut values) = (String::from("true"), Vec::new());
    let mut and = |text: &str, list: Vec<Value>| {
        condition += &text.replace("(?)", &format!("({})", vec!["?"; list.len()].join(", ")));
        values.extend(list);
    };
    if let Some(accounts) = &filter.accounts {
        let accounts = accounts.iter().map(|account| Value::Text(account.to_string()));
        and(" AND w.account IN (SELECT id FROM name WHERE text IN (?))", accounts.collect());
    }
    if !filter.states.is_empty() {
        let states = filter.states.iter().map(|state| Value::Integer(i64::from(*state)));
        and(" AND w.message_state IN (?)", states.collect());
    }
    let until = filter.until.map(WriteId::first_at);
    let below = before.into_iter().chain(until).min().unwrap_or(WriteId(i64::MAX));
    and(" AND w.id < ?", vec![Value::Integer(below.0)]);
    let from = filter.from.map_or(WriteId(0), WriteId::first_at);
    // By an index only matching rows are looked at.
    let last = if filter.is_indexed() { None } else { last_in_scan(connection, below, from)? };
    and(" AND w.id >= ?", vec![Value::Integer(last.unwrap_or(from).0)]);
    if !filter.recipient.is_empty() {
        let hashes = filter.recipient.iter().map(|to_hash| Value::Blob(to_hash.0.to_vec()));
        and(" AND w.id IN (SELECT write_id FROM recipient WHERE to_hash IN (?))", hashes.collect());
    }
    if let Some(reference) = &filter.reference {
        and(" AND w.reference = ?", vec![Value::Text(reference.clone())]);
    }
    if let Some(tag) = &filter.tag {
        and(" AND w.tag = ?", vec![Value::Text(tag.clone())]);
    }
    Ok((condition, values, last))
}

/// Returns the last id of the rows that one query looks at, if there are more.
fn last_in_scan(connection: &Connection, below: WriteId, from: WriteId) -> Result<Option<WriteId>> {
    let sql = "SELECT id FROM write WHERE id < ?1 AND id >= ?2 ORDER BY id DESC LIMIT 1 OFFSET ?3";
    let last = connection.prepare_cached(sql)?.query_row([below.0, from.0, SCAN], |row| row.get(0)).optional()?;
    Ok(last.map(WriteId))
}

fn by_age(connection: &Connection, condition: &str) -> Result<ByAge> {
    let at = |seconds: i64| WriteId::first_at(time_of(now() - seconds * 1000)).0;
    let sql = format!(
        "SELECT CASE WHEN id >= ?1 THEN 0 WHEN id >= ?2 THEN 1 WHEN id >= ?3 THEN 2 ELSE 3 END, count(*)
         FROM write WHERE {condition} GROUP BY 1"
    );
    let counts: HashMap<i64, i64> = connection
        .prepare_cached(&sql)?
        .query_map([at(60), at(3600), at(86_400)], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_>>()?;
    let of = |age| counts.get(&age).copied().unwrap_or_default() as u64;
    Ok(ByAge { minute: of(0), hour: of(1), day: of(2), older: of(3) })
}

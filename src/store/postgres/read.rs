//! Queries.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, SystemTime},
};

use tokio_postgres::{Error, Row, types::ToSql};

use super::{
    NOW, consent, events, keep,
    session::{Link, Session, Values, may_succeed_now},
    text,
};
use crate::store::{
    Broken, ByAge, ConsentEntry, ConsentFilter, ConsentRecord, Digest, EventBounds, EventFilter, EventPage,
    MessageFilter, MessagePage, Reader, ReceivedFilter, Stats, StoredEvent, StoredMessage, StoredRecipient,
    Subscription, Tag, WriteId, WriteState, clock::time_of, numbers::FOUND_BY_NUMBER, query::SCAN,
};

/// A connection for queries. Each query is a transaction of its own.
pub(in crate::store) struct PostgresReader {
    link: Link,
}

impl PostgresReader {
    pub(super) fn new(link: Link) -> Self {
        Self { link }
    }

    /// Runs a query, and once more if the connection broke since the last one.
    pub(super) fn run<T>(&mut self, query: impl AsyncFn(&mut Session) -> Result<T, Error>) -> Result<T, Broken> {
        let runtime = self.link.runtime.clone();
        let mut is_first = true;
        loop {
            let result = runtime.block_on(async { query(self.link.session().await?).await });
            let error = match result {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            self.link.give_up();
            if !is_first || !may_succeed_now(&error) {
                return Err(error.into());
            }
            is_first = false;
        }
    }
}

const COLUMNS: &str = "SELECT w.id, w.state, a.text, c.text, m.text, w.message_id, w.message_state, w.reference,
    w.next_look_up, w.version, w.body
    FROM write w JOIN name a ON a.id = w.account JOIN name c ON c.id = w.caller JOIN name m ON m.id = w.method
    WHERE w.message_id IS NOT NULL AND ";

/// Selects messages by a condition on `w`, the write.
pub(super) async fn select(
    session: &mut Session,
    condition: &str,
    values: Values<'_>,
) -> Result<Vec<StoredMessage>, Error> {
    let rows = session.query(&format!("{COLUMNS}{condition}"), values).await?;
    let mut messages = rows.iter().map(message).collect::<Result<Vec<_>, _>>()?;
    let mut open: HashMap<_, _> =
        messages.iter_mut().filter(|m| m.write_state.is_open()).map(|m| (m.write_id.0, &mut m.recipients)).collect();
    if !open.is_empty() {
        let ids: Vec<i64> = open.keys().copied().collect();
        let sql = "SELECT write_id, n, state, vendor_message_id, account FROM recipient WHERE write_id = ANY($1)
                   ORDER BY write_id, n";
        for row in session.query(sql, &[&ids]).await? {
            if let Some(recipients) = open.get_mut(&row.try_get(0)?) {
                recipients.push(StoredRecipient {
                    index: row.try_get::<_, i32>(1)? as u32,
                    state: row.try_get(2)?,
                    vendor_message_id: row.try_get(3)?,
                    account: row.try_get(4)?,
                });
            }
        }
    }
    Ok(messages)
}

fn message(row: &Row) -> Result<StoredMessage, Error> {
    let name = |column| Ok::<_, Error>(row.try_get::<_, &str>(column)?.into());
    Ok(StoredMessage {
        write_id: WriteId(row.try_get(0)?),
        write_state: WriteState::of(row.try_get::<_, i16>(1)?.into()),
        account: name(2)?,
        caller: name(3)?,
        method: name(4)?,
        message_id: row.try_get(5)?,
        state: row.try_get(6)?,
        reference: row.try_get(7)?,
        next_look_up: row.try_get::<_, Option<i64>>(8)?.map(time_of),
        version: row.try_get(9)?,
        body: row.try_get(10)?,
        recipients: Vec::new(),
    })
}

impl Reader for PostgresReader {
    fn message(&mut self, account: &str, message_id: &str) -> Result<Option<StoredMessage>, Broken> {
        let condition = "w.account = (SELECT id FROM name WHERE text = $1) AND w.message_id = $2";
        let (account, id) = (text(account), text(message_id));
        Ok(self.run(async |session| select(session, condition, &[&account, &id]).await)?.pop())
    }

    fn message_of_write(&mut self, write_id: WriteId) -> Result<Option<StoredMessage>, Broken> {
        Ok(self.run(async |session| select(session, "w.id = $1", &[&write_id.0]).await)?.pop())
    }

    fn message_by_vendor_id(&mut self, account: &str, id: &str) -> Result<Option<StoredMessage>, Broken> {
        let condition = "w.id IN (SELECT r.write_id FROM recipient r JOIN write o ON o.id = r.write_id
              JOIN name n ON n.id = o.account WHERE r.vendor_message_id = $2 AND coalesce(r.account, n.text) = $1)
            ORDER BY w.id DESC LIMIT 1";
        let (account, id) = (text(account), text(id));
        Ok(self.run(async |session| select(session, condition, &[&account, &id]).await)?.pop())
    }

    fn messages(&mut self, filter: &MessageFilter, before: Option<WriteId>, limit: u32) -> Result<MessagePage, Broken> {
        self.run(async |session| page(session, filter, before, limit).await)
    }

    fn events(
        &mut self,
        filter: Option<&EventFilter>,
        after: i64,
        until: i64,
        limit: u32,
    ) -> Result<EventPage, Broken> {
        self.run(async |session| events::events(session, filter, after, until, limit).await)
    }

    fn event_bounds(&mut self) -> Result<EventBounds, Broken> {
        self.run(async |session| events::bounds(session).await)
    }

    fn event_time(&mut self, sequence: i64) -> Result<Option<SystemTime>, Broken> {
        Ok(self.run(async |session| events::time(session, sequence).await)?.map(time_of))
    }

    fn received(&mut self, filter: &ReceivedFilter, limit: u32) -> Result<Vec<StoredEvent>, Broken> {
        self.run(async |session| events::received(session, filter, limit).await)
    }

    fn received_by_id(&mut self, account: &str, received_id: &str) -> Result<Option<StoredEvent>, Broken> {
        self.run(async |session| events::received_by_id(session, account, received_id).await)
    }

    fn cursor(&mut self, name: &str) -> Result<Option<Vec<u8>>, Broken> {
        self.run(async |session| events::cursor(session, name).await)
    }

    fn cursors(&mut self, prefix: &str) -> Result<Vec<(String, Vec<u8>)>, Broken> {
        self.run(async |session| events::cursors(session, prefix).await)
    }

    fn chores(&mut self, prefix: &str) -> Result<Vec<(String, Duration)>, Broken> {
        self.run(async |session| keep::chores(session, prefix).await)
    }

    fn subscriptions(&mut self, name: &str) -> Result<Vec<Subscription>, Broken> {
        self.run(async |session| events::subscriptions(session, name).await)
    }

    fn newest_streams(&mut self, names: &[String]) -> Result<HashMap<String, i64>, Broken> {
        self.run(async |session| events::newest_streams(session, names).await)
    }

    fn consents(
        &mut self,
        filter: &ConsentFilter,
        after: Option<(Arc<str>, Digest)>,
        limit: u32,
    ) -> Result<Vec<ConsentEntry>, Broken> {
        self.run(async |session| consent::consents(session, filter, after.as_ref(), limit).await)
    }

    fn consent_records(
        &mut self,
        filter: &ConsentFilter,
        after: i64,
        limit: u32,
    ) -> Result<Vec<ConsentRecord>, Broken> {
        self.run(async |session| consent::records(session, filter, after, limit).await)
    }

    fn newest_consent_record(&mut self) -> Result<i64, Broken> {
        self.run(async |session| consent::newest(session).await)
    }

    fn number_keys(&mut self) -> Result<Vec<Tag>, Broken> {
        self.run(async |session| {
            let rows = session.query("SELECT bytes FROM meta WHERE key LIKE 'number_key %'", &[]).await?;
            let tags = rows.iter().map(|row| Ok(row.try_get::<_, &[u8]>(0)?.try_into().unwrap_or_default()));
            tags.collect()
        })
    }

    fn found_by_numbers(&mut self, from: &[u8], below: &[u8]) -> Result<Vec<&'static str>, Broken> {
        self.run(async |session| {
            let mut found = Vec::new();
            for (name, table, column) in FOUND_BY_NUMBER {
                let sql = format!("SELECT EXISTS (SELECT FROM {table} WHERE {column} >= $1 AND {column} < $2)");
                let rows = session.query(&sql, &[&from, &below]).await?;
                let is_found = rows.first().map_or(Ok(false), |row| row.try_get(0))?;
                found.extend(Some(name).filter(|_| is_found));
            }
            Ok(found)
        })
    }

    fn stats(&mut self) -> Result<Stats, Broken> {
        self.run(async |session| stats(session).await)
    }
}

async fn page(
    session: &mut Session,
    filter: &MessageFilter,
    before: Option<WriteId>,
    limit: u32,
) -> Result<MessagePage, Error> {
    let until = filter.until.map(WriteId::first_at);
    let below = before.into_iter().chain(until).min().map_or(i64::MAX, |id| id.0);
    let from = filter.from.map_or(0, |from| WriteId::first_at(from).0);
    // By an index only matching rows are looked at.
    let last_looked_at = if filter.is_indexed() { None } else { last_in_scan(session, below, from).await? };
    let from = last_looked_at.map_or(from, |id| id.0);

    let accounts = filter.accounts.as_ref().map(|accounts| accounts.iter().map(|a| text(a)).collect::<Vec<_>>());
    let to_hashes: Vec<_> = filter.recipient.iter().map(|to_hash| &to_hash.0[..]).collect();
    let (reference, tag) = (filter.reference.as_deref().map(text), filter.tag.as_deref().map(text));
    let limit_value = i64::from(limit);
    let mut condition = String::from("w.id < $1 AND w.id >= $2");
    let mut values: Vec<&(dyn ToSql + Sync)> = vec![&below, &from];
    let mut and = |sql: &str, value| {
        values.push(value);
        condition += &sql.replace("$n", &format!("${}", values.len()));
    };
    if let Some(accounts) = &accounts {
        and(" AND w.account = ANY(ARRAY(SELECT id FROM name WHERE text = ANY($n)))", accounts);
    }
    if !filter.states.is_empty() {
        and(" AND w.message_state = ANY($n)", &filter.states);
    }
    if !to_hashes.is_empty() {
        and(" AND w.id IN (SELECT write_id FROM recipient WHERE to_hash = ANY($n))", &to_hashes);
    }
    if let Some(reference) = &reference {
        and(" AND w.reference = $n", reference);
    }
    if let Some(tag) = &tag {
        and(" AND w.tag = $n", tag);
    }
    and(" ORDER BY w.id DESC LIMIT $n", &limit_value);
    let messages = select(session, &condition, &values).await?;
    let next = match messages.last() {
        Some(last) if messages.len() == limit as usize => Some(last.write_id),
        _ => last_looked_at,
    };
    Ok(MessagePage { messages, next })
}

/// Returns the last id of the rows that one query looks at, if there are more.
async fn last_in_scan(session: &mut Session, below: i64, from: i64) -> Result<Option<WriteId>, Error> {
    let sql = "SELECT id FROM write WHERE id < $1 AND id >= $2 ORDER BY id DESC LIMIT 1 OFFSET $3";
    let rows = session.query(sql, &[&below, &from, &SCAN]).await?;
    rows.first().map(|row| Ok(WriteId(row.try_get(0)?))).transpose()
}

async fn stats(session: &mut Session) -> Result<Stats, Error> {
    let sql = "SELECT min(id), max(id),
                 (SELECT number FROM meta WHERE key = 'schema'),
                 (SELECT count(*) FROM write WHERE state = 1),
                 (SELECT sum(pg_total_relation_size(t::regclass))::bigint
                    FROM unnest(ARRAY['write', 'recipient', 'request_key', 'event', 'received', 'consent', 'consent_record']) t)
               FROM write";
    let rows = session.query(sql, &[]).await?;
    let mut stats = Stats { engine: "PostgreSQL", ..Stats::default() };
    if let Some(row) = rows.first() {
        let number = |column| row.try_get::<_, Option<i64>>(column);
        stats.oldest = number(0)?.map(WriteId);
        stats.newest = number(1)?.map(WriteId);
        stats.schema = number(2)?.unwrap_or_default() as u32;
        stats.running = number(3)?.unwrap_or_default() as u64;
        stats.bytes = number(4)?.unwrap_or_default() as u64;
    }
    stats.unknown = by_age(session, "state = 4").await?;
    stats.open = by_age(session, "next_look_up IS NOT NULL").await?;
    Ok(stats)
}

async fn by_age(session: &mut Session, condition: &str) -> Result<ByAge, Error> {
    let now = session.query(&format!("SELECT {NOW}"), &[]).await?;
    let now: i64 = now.first().map_or(Ok(0), |row| row.try_get(0))?;
    let at = |seconds: i64| WriteId::first_at(time_of(now - seconds * 1000)).0;
    let sql = format!(
        "SELECT count(*) FILTER (WHERE id >= $1), count(*) FILTER (WHERE id < $1 AND id >= $2),
           count(*) FILTER (WHERE id < $2 AND id >= $3), count(*) FILTER (WHERE id < $3)
         FROM write WHERE {condition}"
    );
    let rows = session.query(&sql, &[&at(60), &at(3600), &at(86_400)]).await?;
    let Some(row) = rows.first() else { return Ok(ByAge::default()) };
    let count = |column| Ok::<_, Error>(row.try_get::<_, i64>(column)? as u64);
    Ok(ByAge { minute: count(0)?, hour: count(1)?, day: count(2)?, older: count(3)? })
}

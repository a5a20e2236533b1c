//! Who must not be written to, and the ledger. Whoever changes it locks the row of the log's bounds first, as the hashes of
//! the ledger are a chain.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use tokio_postgres::{Error, Row};

use super::{
    keep::database_time,
    session::{Session, Values},
    text,
};
use crate::store::{
    Claim, ConsentChange, ConsentEntry, ConsentFilter, ConsentRecord, ConsentRekey, Digest,
    clock::{in_millis, time_of},
    consent::FIRST_HASH,
};

/// Records changes, and returns whether each had an effect.
pub(super) async fn apply(session: &mut Session, changes: &[&ConsentChange]) -> Result<Vec<bool>, Error> {
    if changes.is_empty() {
        return Ok(Vec::new());
    }
    let rekeys: Vec<_> = changes.iter().flat_map(|change| change.rekeys()).collect();
    rekey(session, &rekeys).await?;
    let mut known = known(session, changes).await?;
    let sql = "SELECT sequence, hash FROM consent_record ORDER BY sequence DESC LIMIT 1";
    let last = session.query(sql, &[]).await?;
    let last = last.first().map(|row| Ok::<_, Error>((row.try_get(0)?, row.try_get(1)?))).transpose()?;
    let (mut last, mut hash): (i64, Vec<u8>) = last.unwrap_or((0, FIRST_HASH.to_vec()));
    let time = time_of(database_time(session).await?);
    let (mut records, mut entries, mut effects) = (Vec::new(), BTreeMap::new(), Vec::new());
    for change in changes {
        let key = (text(&change.brand).into_owned(), change.number);
        let after = change.act.after(known.get(&key).copied());
        effects.push(after.is_some());
        let Some(after) = after else { continue };
        let change = ConsentChange { brand: (*key.0).into(), ..(*change).clone() };
        let record = ConsentRecord::new(last + 1, &change, after, time, &hash);
        (last, hash) = (record.sequence, record.hash.clone());
        known.insert(key.clone(), after);
        let person = entries.remove(&key).map(|(_, person): (_, Vec<u8>)| person).unwrap_or_default();
        entries.insert(key, (after, if change.person.is_empty() { person } else { change.person }));
        records.push(record);
    }
    insert(session, &records).await?;
    update(session, &entries, in_millis(time)).await?;
    Ok(effects)
}

/// Has people be known by other hashes of their numbers. If a person is known by both, a block by either stays.
pub(super) async fn rekey(session: &mut Session, rekeys: &[ConsentRekey]) -> Result<(), Error> {
    session.execute("SELECT FROM event_head FOR UPDATE", &[]).await?;
    for ConsentRekey { brand, older, number, person } in rekeys {
        let sql = "WITH older AS (
                     DELETE FROM consent WHERE brand = $1 AND number = $2 RETURNING blocked, origin, time, person
                   ), records AS (
                     UPDATE consent_record SET rekeyed = $3
                     WHERE brand = $1 AND coalesce(rekeyed, number) = $2 AND EXISTS (SELECT FROM older)
                   )
                   INSERT INTO consent (brand, number, blocked, origin, time, person)
                   SELECT $1, $3, blocked, origin, time, CASE WHEN person = '' THEN ''::bytea ELSE $4 END FROM older
                   ON CONFLICT (brand, number) DO UPDATE SET blocked = excluded.blocked, origin = excluded.origin
                   WHERE excluded.blocked AND NOT consent.blocked";
        session.execute(sql, &[&text(brand), &&older.0[..], &&number.0[..], person]).await?;
    }
    Ok(())
}

type Known = HashMap<(String, Digest), (bool, i32)>;

/// Returns what is known of the people whom changes are about.
async fn known(session: &mut Session, changes: &[&ConsentChange]) -> Result<Known, Error> {
    let brands: Vec<_> = changes.iter().map(|change| text(&change.brand)).collect();
    let numbers: Vec<_> = changes.iter().map(|change| &change.number.0[..]).collect();
    let sql = "SELECT DISTINCT c.brand, c.number, c.blocked, c.origin
               FROM unnest($1::text[], $2::bytea[]) AS k (brand, number)
               JOIN consent c ON c.brand = k.brand AND c.number = k.number";
    let rows = session.query(sql, &[&brands, &numbers]).await?;
    rows.iter().map(|row| Ok(((row.try_get(0)?, digest(row, 1)?), (row.try_get(2)?, row.try_get(3)?)))).collect()
}

async fn insert(session: &mut Session, records: &[ConsentRecord]) -> Result<(), Error> {
    let sequences: Vec<_> = records.iter().map(|record| record.sequence).collect();
    let brands: Vec<_> = records.iter().map(|record| &*record.entry.brand).collect();
    let numbers: Vec<_> = records.iter().map(|record| &record.entry.number.0[..]).collect();
    let blocked: Vec<_> = records.iter().map(|record| record.entry.blocked).collect();
    let origins: Vec<_> = records.iter().map(|record| record.entry.origin).collect();
    let act_times: Vec<_> = records.iter().map(|record| in_millis(record.act_time)).collect();
    let times: Vec<_> = records.iter().map(|record| in_millis(record.entry.time)).collect();
    let digests: Vec<_> = records.iter().map(|record| &record.digest.0[..]).collect();
    let evidence: Vec<_> = records.iter().map(|record| &record.evidence[..]).collect();
    let hashes: Vec<_> = records.iter().map(|record| &record.hash[..]).collect();
    let sql = "INSERT INTO consent_record
                 (sequence, brand, number, blocked, origin, act_time, time, digest, evidence, hash)
               SELECT * FROM unnest($1::bigint[], $2::text[], $3::bytea[], $4::boolean[], $5::integer[], $6::bigint[],
                 $7::bigint[], $8::bytea[], $9::bytea[], $10::bytea[])";
    let values: Values<'_> =
        &[&sequences, &brands, &numbers, &blocked, &origins, &act_times, &times, &digests, &evidence, &hashes];
    session.execute(sql, values).await.map(drop)
}

type Entries = BTreeMap<(String, Digest), ((bool, i32), Vec<u8>)>;

async fn update(session: &mut Session, entries: &Entries, time: i64) -> Result<(), Error> {
    let brands: Vec<_> = entries.keys().map(|(brand, _)| &**brand).collect();
    let numbers: Vec<_> = entries.keys().map(|(_, number)| &number.0[..]).collect();
    let blocked: Vec<_> = entries.values().map(|((blocked, _), _)| *blocked).collect();
    let origins: Vec<_> = entries.values().map(|((_, origin), _)| *origin).collect();
    let people: Vec<_> = entries.values().map(|(_, person)| &person[..]).collect();
    let sql = "INSERT INTO consent (time, brand, number, blocked, origin, person)
               SELECT $1::bigint, * FROM unnest($2::text[], $3::bytea[], $4::boolean[], $5::integer[], $6::bytea[])
               ON CONFLICT (brand, number) DO UPDATE
               SET blocked = excluded.blocked, origin = excluded.origin, time = excluded.time,
                 person = CASE WHEN excluded.person = '' THEN consent.person ELSE excluded.person END";
    session.execute(sql, &[&time, &brands, &numbers, &blocked, &origins, &people]).await.map(drop)
}

/// Returns the recipients of messages, by write and index, who must not be written to by the brands of the messages.
pub(super) async fn opted_out(
    session: &mut Session,
    claims: impl Iterator<Item = &Claim>,
) -> Result<HashMap<i64, Vec<u32>>, Error> {
    let (mut ids, mut indexes, mut brands, mut numbers) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for claim in claims {
        let Some(message) = &claim.message else { continue };
        let Some(brand) = &message.brand else { continue };
        let keys = message.older.len() / message.recipients.len().max(1);
        let older = (0_i32..).zip(message.older.chunks(keys.max(1)));
        let older = older.flat_map(|(n, hashes)| hashes.iter().map(move |hash| (n, hash)));
        for (n, number) in (0_i32..).zip(&message.recipients).chain(older) {
            ids.push(claim.write_id.0);
            indexes.push(n);
            brands.push(text(brand));
            numbers.push(&number.0[..]);
        }
    }
    let mut found = HashMap::<_, Vec<_>>::new();
    if ids.is_empty() {
        return Ok(found);
    }
    let sql =
        "SELECT DISTINCT k.id, k.n FROM unnest($1::bigint[], $2::integer[], $3::text[], $4::bytea[]) AS k (id, n, brand, number)
               JOIN consent c ON c.brand = k.brand AND c.number = k.number WHERE c.blocked ORDER BY k.id, k.n";
    for row in session.query(sql, &[&ids, &indexes, &brands, &numbers]).await? {
        found.entry(row.try_get(0)?).or_default().push(row.try_get::<_, i32>(1)? as u32);
    }
    Ok(found)
}

/// Erases what names a person. That the person must not be written to stays.
pub(super) async fn purge(session: &mut Session, number: Digest) -> Result<(), Error> {
    let number = &number.0[..];
    session.execute("UPDATE consent SET person = ''::bytea WHERE number = $1", &[&number]).await?;
    session
        .execute("UPDATE consent_record SET evidence = ''::bytea WHERE coalesce(rekeyed, number) = $1", &[&number])
        .await?;
    Ok(())
}

pub(super) async fn consents(
    session: &mut Session,
    filter: &ConsentFilter,
    after: Option<&(Arc<str>, Digest)>,
    limit: u32,
) -> Result<Vec<ConsentEntry>, Error> {
    let (brands, numbers) = values(filter);
    let (brand, last) = after.map_or((None, None), |(brand, last)| (Some(text(brand)), Some(&last.0[..])));
    let sql = "SELECT c.brand, c.number, c.blocked, c.origin, c.time, c.person FROM consent c
               WHERE ($1::text[] IS NULL OR c.brand = ANY($1)) AND ($2::bytea[] IS NULL OR c.number = ANY($2))
                 AND (c.blocked OR NOT $3) AND ($4::text IS NULL OR (c.brand, c.number) > ($4, $5::bytea))
               ORDER BY c.brand, c.number LIMIT $6";
    let rows = session.query(sql, &[&brands, &numbers, &filter.blocked, &brand, &last, &i64::from(limit)]).await?;
    rows.iter().map(entry).collect()
}

pub(super) async fn records(
    session: &mut Session,
    filter: &ConsentFilter,
    after: i64,
    limit: u32,
) -> Result<Vec<ConsentRecord>, Error> {
    let (brands, numbers) = values(filter);
    let sql = "SELECT c.brand, c.number, c.blocked, c.origin, c.time, e.person, c.sequence, c.act_time, c.digest,
                 c.evidence, c.hash
               FROM consent_record c JOIN consent e ON e.brand = c.brand AND e.number = coalesce(c.rekeyed, c.number)
               WHERE ($1::text[] IS NULL OR c.brand = ANY($1))
                 AND ($2::bytea[] IS NULL OR coalesce(c.rekeyed, c.number) = ANY($2))
                 AND c.sequence > $3 ORDER BY c.sequence LIMIT $4";
    let rows = session.query(sql, &[&brands, &numbers, &after, &i64::from(limit)]).await?;
    let record = |row: &Row| {
        Ok(ConsentRecord {
            sequence: row.try_get(6)?,
            entry: entry(row)?,
            act_time: time_of(row.try_get(7)?),
            digest: digest(row, 8)?,
            evidence: row.try_get(9)?,
            hash: row.try_get(10)?,
        })
    };
    rows.iter().map(record).collect()
}

pub(super) async fn newest(session: &mut Session) -> Result<i64, Error> {
    let rows = session.query("SELECT coalesce(max(sequence), 0) FROM consent_record", &[]).await?;
    rows.first().map_or(Ok(0), |row| row.try_get(0))
}

/// The values of one of a filter's conditions; `None`: any.
type AnyOf<T> = Option<Vec<T>>;

/// Returns the values of a filter: its brands and its numbers.
fn values(filter: &ConsentFilter) -> (AnyOf<Cow<'_, str>>, AnyOf<&[u8]>) {
    let brands = filter.brands.as_ref().map(|brands| brands.iter().map(|brand| text(brand)).collect());
    let numbers: Vec<_> = filter.numbers.iter().map(|number| &number.0[..]).collect();
    (brands, Some(numbers).filter(|numbers| !numbers.is_empty()))
}

fn digest(row: &Row, column: usize) -> Result<Digest, Error> {
    Ok(Digest(row.try_get::<_, &[u8]>(column)?.try_into().unwrap_or_default()))
}

fn entry(row: &Row) -> Result<ConsentEntry, Error> {
    Ok(ConsentEntry {
        brand: row.try_get::<_, &str>(0)?.into(),
        number: digest(row, 1)?,
        blocked: row.try_get(2)?,
        origin: row.try_get(3)?,
        time: time_of(row.try_get(4)?),
        person: row.try_get(5)?,
    })
}

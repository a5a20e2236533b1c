//! Who must not be written to, and the ledger.

use std::time::SystemTime;

use rusqlite::{Connection, OptionalExtension as _, Result, Row, Transaction, params, params_from_iter, types::Value};

use crate::store::{
    ConsentChange, ConsentEntry, ConsentFilter, ConsentRecord, ConsentRekey, Digest,
    clock::{in_millis, time_of},
    consent::FIRST_HASH,
};

/// Records a change; returns whether it had an effect.
pub(super) fn apply(t: &Transaction<'_>, change: &ConsentChange) -> Result<bool> {
    let ConsentChange { brand, number, act, .. } = change;
    change.rekeys().try_for_each(|known| rekey(t, &known))?;
    let sql = "SELECT blocked, origin FROM consent WHERE brand = ?1 AND number = ?2";
    let before = t.prepare_cached(sql)?.query_row(params![brand, number.0], |row| Ok((row.get(0)?, row.get(1)?)));
    let Some(after) = act.after(before.optional()?) else { return Ok(false) };
    let sql = "SELECT sequence, hash FROM consent_record ORDER BY sequence DESC LIMIT 1";
    let last = t.prepare_cached(sql)?.query_row([], |row| Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?)));
    let (last, hash) = last.optional()?.unwrap_or((0_i64, FIRST_HASH.to_vec()));
    // In the resolution in which it is stored, as it is part of the hash.
    let time = time_of(in_millis(SystemTime::now()));
    let record = ConsentRecord::new(last + 1, change, after, time, &hash);
    let sql =
        "INSERT INTO consent_record (sequence, brand, number, blocked, origin, act_time, time, digest, evidence, hash)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    let (blocked, origin) = after;
    let (act_time, time) = (in_millis(record.act_time), in_millis(time));
    let (digest, evidence, hash) = (record.digest.0, &record.evidence, &record.hash);
    let values = params![last + 1, brand, number.0, blocked, origin, act_time, time, digest, evidence, hash];
    t.prepare_cached(sql)?.execute(values)?;
    let sql = "INSERT INTO consent VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (brand, number) DO UPDATE
               SET blocked = excluded.blocked, origin = excluded.origin, time = excluded.time,
                 person = iif(excluded.person = x'', person, excluded.person)";
    t.prepare_cached(sql)?.execute(params![brand, number.0, blocked, origin, time, change.person])?;
    Ok(true)
}

/// Has a person be known by another hash of the number. If the person is known by both, a block by either stays.
pub(super) fn rekey(t: &Transaction<'_>, rekey: &ConsentRekey) -> Result<()> {
    let ConsentRekey { brand, older, number, person } = rekey;
    let sql = "INSERT INTO consent
               SELECT brand, ?3, blocked, origin, time, iif(person = x'', x'', ?4) FROM consent
               WHERE brand = ?1 AND number = ?2
               ON CONFLICT (brand, number) DO UPDATE SET blocked = excluded.blocked, origin = excluded.origin
               WHERE excluded.blocked AND NOT blocked";
    t.prepare_cached(sql)?.execute(params![brand, older.0, number.0, person])?;
    if t.prepare_cached("DELETE FROM consent WHERE brand = ?1 AND number = ?2")?.execute(params![brand, older.0])? > 0 {
        let sql = "UPDATE consent_record SET rekeyed = ?3 WHERE brand = ?1 AND coalesce(rekeyed, number) = ?2";
        t.prepare_cached(sql)?.execute(params![brand, older.0, number.0])?;
    }
    Ok(())
}

/// Erases what names a person. That the person must not be written to stays.
pub(super) fn purge(t: &Transaction<'_>, number: Digest) -> Result<()> {
    t.prepare_cached("UPDATE consent SET person = x'' WHERE number = ?1")?.execute([number.0])?;
    t.prepare_cached("UPDATE consent_record SET evidence = x'' WHERE coalesce(rekeyed, number) = ?1")?
        .execute([number.0])?;
    Ok(())
}

pub(super) fn consents(
    connection: &Connection,
    filter: &ConsentFilter,
    after: Option<(std::sync::Arc<str>, Digest)>,
    limit: u32,
) -> Result<Vec<ConsentEntry>> {
    let (mut condition, mut values) = condition(filter, "c.number");
    if filter.blocked {
        condition += " AND c.blocked";
    }
    if let Some((brand, number)) = after {
        condition += " AND (c.brand, c.number) > (?, ?)";
        values.extend([Value::Text(brand.to_string()), Value::Blob(number.0.to_vec())]);
    }
    values.push(Value::Integer(i64::from(limit)));
    let sql = format!(
        "SELECT c.brand, c.number, c.blocked, c.origin, c.time, c.person FROM consent c
         WHERE {condition} ORDER BY c.brand, c.number LIMIT ?"
    );
    connection.prepare_cached(&sql)?.query_map(params_from_iter(values), entry)?.collect()
}

pub(super) fn records(
    connection: &Connection,
    filter: &ConsentFilter,
    after: i64,
    limit: u32,
) -> Result<Vec<ConsentRecord>> {
    let (condition, mut values) = condition(filter, "coalesce(c.rekeyed, c.number)");
    values.extend([Value::Integer(after), Value::Integer(i64::from(limit))]);
    let sql = format!(
        "SELECT c.brand, c.number, c.blocked, c.origin, c.time, e.person, c.sequence, c.act_time, c.digest, c.evidence,
           c.hash
         FROM consent_record c JOIN consent e ON e.brand = c.brand AND e.number = coalesce(c.rekeyed, c.number)
         WHERE {condition} AND c.sequence > ? ORDER BY c.sequence LIMIT ?"
    );
    let record = |row: &Row<'_>| {
        Ok(ConsentRecord {
            sequence: row.get(6)?,
            entry: entry(row)?,
            act_time: time_of(row.get(7)?),
            digest: Digest(row.get(8)?),
            evidence: row.get(9)?,
            hash: row.get(10)?,
        })
    };
    connection.prepare_cached(&sql)?.query_map(params_from_iter(values), record)?.collect()
}

pub(super) fn newest(connection: &Connection) -> Result<i64> {
    let sql = "SELECT coalesce(max(sequence), 0) FROM consent_record";
    connection.prepare_cached(sql)?.query_row([], |row| row.get(0))
}

fn entry(row: &Row<'_>) -> Result<ConsentEntry> {
    Ok(ConsentEntry {
        brand: row.get(0)?,
        number: Digest(row.get(1)?),
        blocked: row.get(2)?,
        origin: row.get(3)?,
        time: time_of(row.get(4)?),
        person: row.get(5)?,
    })
}

/// Returns the condition of a filter, with its values. `number` is what a person is known by.
fn condition(filter: &ConsentFilter, number: &str) -> (String, Vec<Value>) {
    let (mut condition, mut values) = ("true".to_owned(), Vec::new());
    if let Some(brands) = &filter.brands {
        condition += &format!(" AND c.brand IN ({})", vec!["?"; brands.len()].join(", "));
        values.extend(brands.iter().map(|brand| Value::Text(brand.to_string())));
    }
    if !filter.numbers.is_empty() {
        condition += &format!(" AND {number} IN ({})", vec!["?"; filter.numbers.len()].join(", "));
        values.extend(filter.numbers.iter().map(|number| Value::Blob(number.0.to_vec())));
    }
    (condition, values)
}

//! Shares of budgets, taken by one replica after the other.

use std::{collections::HashMap, time::Duration};

use tokio_postgres::Error;

use super::{NOW, session::Session};
use crate::store::{Holder, WantedShare, clock::millis_of, share};

/// Takes shares for this process, and returns how much of each it may use.
pub(super) async fn take(session: &mut Session, boot: i64, wanted: &[WantedShare]) -> Result<Vec<u32>, Error> {
    // One row for all budgets: two replicas that take several cannot wait for each other in a circle.
    session.execute("UPDATE meta SET number = number + 1 WHERE key = 'shares'", &[]).await?;
    let budgets: Vec<_> = wanted.iter().map(|wanted| &wanted.budget.0[..]).collect();
    let sql = format!(
        "SELECT budget, boot = $2, held, wants, {NOW} - since FROM share
         WHERE budget = ANY($1) AND lease_until > {NOW}"
    );
    let (mut before, mut others) = (HashMap::<Vec<u8>, Holder>::new(), HashMap::<Vec<u8>, Vec<Holder>>::new());
    for row in session.query(&sql, &[&budgets, &boot]).await? {
        let (budget, is_ours) = (row.try_get(0)?, row.try_get(1)?);
        let (held, wants, since): (i32, i32, i64) = (row.try_get(2)?, row.try_get(3)?, row.try_get(4)?);
        let since = Duration::from_millis(u64::try_from(since).unwrap_or_default());
        let holder = Holder { held: unsigned(held), wants: unsigned(wants), since };
        match is_ours {
            true => drop(before.insert(budget, holder)),
            false => others.entry(budget).or_default().push(holder),
        }
    }
    let shares = wanted.iter().map(|wanted| {
        let others = others.get(&wanted.budget.0[..]).map_or(&[][..], Vec::as_slice);
        share::take(wanted, before.get(&wanted.budget.0[..]).copied(), others)
    });
    let (held, usable): (Vec<u32>, Vec<u32>) = shares.unzip();
    let held: Vec<_> = held.into_iter().map(signed).collect();
    let wants: Vec<_> = wanted.iter().map(|wanted| signed(wanted.wants)).collect();
    let leases: Vec<_> = wanted.iter().map(|wanted| millis_of(wanted.lease)).collect();
    let sql = format!(
        "INSERT INTO share (boot, since, budget, held, wants, lease_until)
         SELECT $1::bigint, {NOW}, s.budget, s.held, s.wants, {NOW} + s.lease
         FROM unnest($2::bytea[], $3::integer[], $4::integer[], $5::bigint[]) AS s (budget, held, wants, lease)
         ON CONFLICT (budget, boot) DO UPDATE SET
           since = CASE WHEN excluded.held > share.held THEN excluded.since ELSE share.since END,
           held = excluded.held, wants = excluded.wants, lease_until = excluded.lease_until"
    );
    session.execute(&sql, &[&boot, &budgets, &held, &wants, &leases]).await?;
    Ok(usable)
}

/// Removes what is over.
pub(super) async fn remove(session: &mut Session) -> Result<(), Error> {
    session.execute(&format!("DELETE FROM share WHERE lease_until < {NOW} - 60000"), &[]).await?;
    Ok(())
}

fn signed(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

fn unsigned(count: i32) -> u32 {
    u32::try_from(count).unwrap_or_default()
}

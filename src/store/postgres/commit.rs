//! One attempt to commit a batch: outcomes and updates, in statements over arrays.

use std::collections::{BTreeMap, HashMap, HashSet};

use tokio_postgres::Error;

use super::{
    Failed, NOW, Postgres, events,
    session::{Session, Values, is_conflict},
    text,
};
use crate::store::{
    Append, Appended, Ask, Claim, Claimed, End, Flush, MessageChange, MessageUpdate, NewEvent, Op, Outcome,
    RecipientUpdate, Recipients, Resume, WriteId, WriteState, clock::millis_of,
};

impl Postgres {
    /// Runs the transaction once. Outcomes of earlier writes come before the claims, as a key may be free by them, and
    /// those of writes that are claimed in this batch come after.
    pub(super) async fn attempt(&mut self, batch: &mut [Op], flush: Flush) -> Result<(), Failed> {
        let boot = self.identity.boot;
        let begin = match flush {
            // A transaction that writes nothing flushes nothing.
            Flush::Full => format!("BEGIN; UPDATE instance SET flushed = flushed + 1 WHERE boot = {boot}"),
            Flush::Later => "BEGIN; SET LOCAL synchronous_commit = off".to_owned(),
        };
        self.link.session().await?;
        if self.link.take_loss() {
            return Err(Failed::Reconnected);
        }
        let session = self.link.session().await?;
        session.client.batch_execute(&begin).await?;

        let (mut claims, mut changes, mut appends, mut others) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (mut resumes, mut recipients, mut sees_events) = (Vec::new(), Vec::new(), false);
        for op in batch {
            match op {
                Op::Claim(ask) => claims.push(&mut **ask),
                Op::Outcome(outcome) => changes.push(Change::of_outcome(outcome)),
                Op::Update(update) => changes.push(Change::of_update(update)),
                Op::Recipients(ask) => recipients.push(&mut **ask),
                Op::Resume(ask) => resumes.push(&mut **ask),
                Op::Append(ask) => {
                    let Ask { question, answer, .. } = &mut **ask;
                    let question: &Append = question;
                    let append = Some(appends.len());
                    changes.extend(question.changes.iter().map(|change| Change { append, ..Change::of(change) }));
                    appends.push((question, answer));
                }
                Op::SeeEvents(ask) => (sees_events, ask.answer) = (true, Some(())),
                other => others.push(other),
            }
        }
        // Rows that several processes lock come in one order, that of the log's bounds last.
        others.sort_by_key(|op| match op {
            Op::TakeShares(_) => 0,
            Op::Purge(_) | Op::Retain(_) => 2,
            _ => 1,
        });
        let mut claimed: HashSet<_> =
            claims.iter().map(|ask: &&mut Ask<Claim, Claimed>| ask.question.write_id.0).collect();
        claimed.extend(resumes.iter().map(|ask: &&mut Ask<Resume, bool>| ask.question.claim.write_id.0));
        let (mut after, mut before): (Vec<_>, Vec<_>) =
            changes.into_iter().partition(|change| claimed.contains(&change.id));
        change(session, &mut before).await?;
        super::claims::claim(session, &mut self.names, boot, claims).await?;
        for ask in resumes {
            ask.answer = Some(resume(session, boot, &ask.question).await?);
        }
        set_recipients(session, recipients).await?;
        change(session, &mut after).await?;
        for op in others {
            super::keep::apply(session, boot, op).await?;
        }
        let changes: Vec<_> = before.into_iter().chain(after).collect();
        let appended = append(session, &mut self.names, &changes, appends).await?;
        let seen = if sees_events { events::bounds(session).await?.newest } else { 0 };
        // Even an error of the server may come after the commit, when it is shut down.
        let failed = |error| if is_conflict(&error) { Failed::Before(error) } else { Failed::Amid(error) };
        session.client.batch_execute("COMMIT").await.map_err(failed)?;
        self.newest_event = self.newest_event.max(appended).max(seen);
        Ok(())
    }
}

/// Appends the events of the changes that took effect, and the others, and answers those that ask. Returns the last
/// sequence.
async fn append(
    session: &mut Session,
    names: &mut super::claims::Names,
    changes: &[Change<'_>],
    appends: Vec<(&Append, &mut Option<Appended>)>,
) -> Result<i64, Error> {
    let of_changes = changes.iter().filter(|change| change.took_effect).filter_map(|change| change.message);
    let of_changes = of_changes.flat_map(|message| &message.events);
    let others = appends.iter().flat_map(|(append, _)| &append.events);
    let mut new = events::append(session, names, of_changes.chain(others)).await?;
    let last = new.values().copied().max().unwrap_or_default();
    // The first one of a batch that has an event has appended it.
    let mut new_of = |events: &[NewEvent]| events.iter().filter(|event| new.remove(&event.id).is_some()).count() as u64;
    let mut answers = vec![Appended::default(); appends.len()];
    for change in changes {
        let message = change.message.filter(|_| change.took_effect);
        let new = message.map_or(0, |message| new_of(&message.events));
        if let Some(answer) = change.append.and_then(|append| answers.get_mut(append)) {
            answer.new += new;
            answer.stale.extend((!change.took_effect).then_some(WriteId(change.id)));
        }
    }
    for ((append, answer), mut appended) in appends.into_iter().zip(answers) {
        events::set_cursors(session, &append.cursors).await?;
        let changes: Vec<_> = append.consents.iter().collect();
        let effects = super::consent::apply(session, &changes).await?;
        appended.consents += effects.into_iter().filter(|effect| *effect).count() as u64;
        appended.new += new_of(&append.events);
        *answer = Some(appended);
    }
    Ok(last)
}

/// What is new of one write.
struct Change<'a> {
    id: i64,
    state: Option<WriteState>,
    reply: Option<&'a [u8]>,
    message: Option<&'a MessageUpdate>,
    /// The append that it is part of, by index.
    append: Option<usize>,
    /// Whether the write was there, and its message of the right version.
    took_effect: bool,
}

impl<'a> Change<'a> {
    fn of(change: &'a MessageChange) -> Self {
        match change {
            MessageChange::Outcome(outcome) => Self::of_outcome(outcome),
            MessageChange::Update(update) => Self::of_update(update),
        }
    }

    fn of_outcome(outcome: &'a Outcome) -> Self {
        let (state, reply) = match &outcome.end {
            End::Done { reply } => (WriteState::Done, Some(&reply[..])),
            End::Free => (WriteState::Free, None),
            End::Unknown { error } => (WriteState::Unknown, Some(&error[..])),
        };
        Self {
            id: outcome.write_id.0,
            state: Some(state),
            reply,
            message: outcome.message.as_ref(),
            append: None,
            took_effect: false,
        }
    }

    fn of_update(update: &'a MessageUpdate) -> Self {
        Self {
            id: update.write_id.0,
            state: None,
            reply: None,
            message: Some(update),
            append: None,
            took_effect: false,
        }
    }
}

/// Makes changes in their order: a statement over arrays changes each row once.
async fn change(session: &mut Session, changes: &mut [Change<'_>]) -> Result<(), Error> {
    let (mut rounds, mut earlier) = (Vec::<Vec<&mut Change<'_>>>::new(), HashMap::new());
    for change in changes {
        let round = earlier.entry(change.id).and_modify(|round| *round += 1).or_insert(0_usize);
        match rounds.get_mut(*round) {
            Some(changes) => changes.push(change),
            None => rounds.push(vec![change]),
        }
    }
    for mut round in rounds {
        round.sort_unstable_by_key(|change| change.id);
        change_once(session, &mut round).await?;
    }
    Ok(())
}

async fn change_once(session: &mut Session, changes: &mut [&mut Change<'_>]) -> Result<(), Error> {
    let freed = changes.iter().filter(|c| c.state == Some(WriteState::Free));
    let (freed, of): (Vec<_>, Vec<_>) = freed.map(|c| (c.id, c.message.and_then(|update| update.version))).unzip();
    if !freed.is_empty() {
        let sql = "DELETE FROM request_key k USING write w, unnest($1::bigint[], $2::integer[]) AS c (id, version)
                   WHERE w.id = c.id AND w.state IN (1, 4) AND w.version = coalesce(c.version, w.version)
                     AND k.digest = w.digest AND k.write_id = w.id";
        session.execute(sql, &[&freed, &of]).await?;
    }
    let ids: Vec<_> = changes.iter().map(|c| c.id).collect();
    let states: Vec<_> = changes.iter().map(|c| c.state.map(|state| state as i16)).collect();
    let replies: Vec<_> = changes.iter().map(|c| c.reply).collect();
    let message_states: Vec<_> = changes.iter().map(|c| c.message.map(|message| message.state)).collect();
    let bodies: Vec<_> = changes.iter().map(|c| c.message.map(|message| &message.body[..])).collect();
    let delays: Vec<_> = changes.iter().map(|c| c.message?.look_up_after.map(millis_of)).collect();
    let versions: Vec<_> = changes.iter().map(|c| c.message?.version).collect();
    // Without a key nobody asks for the reply. What was erased meanwhile stays so.
    let sql = format!(
        "UPDATE write w SET
           state = coalesce(c.state, w.state),
           reply = CASE WHEN c.state IS NULL THEN w.reply
             WHEN w.digest IS NOT NULL AND w.body IS DISTINCT FROM '' THEN c.reply END,
           message_state = CASE WHEN w.message_id IS NULL THEN NULL ELSE coalesce(c.message_state, w.message_state) END,
           body = CASE WHEN w.body <> '' THEN coalesce(c.body, w.body) ELSE w.body END,
           next_look_up = CASE WHEN w.body <> '' THEN {NOW} + c.delay END,
           version = w.version + 1
         FROM unnest($1::bigint[], $2::smallint[], $3::bytea[], $4::integer[], $5::bytea[], $6::bigint[], $7::integer[])
           AS c (id, state, reply, message_state, body, delay, version)
         WHERE w.id = c.id AND w.version = coalesce(c.version, w.version)
           AND CASE WHEN c.state IS NULL THEN w.message_id IS NOT NULL ELSE w.state IN (1, 4) END
         RETURNING w.id"
    );
    let values: Values<'_> = &[&ids, &states, &replies, &message_states, &bodies, &delays, &versions];
    let rows = session.query(&sql, values).await?;
    let changed = rows.iter().map(|row| row.try_get(0)).collect::<Result<HashSet<i64>, _>>()?;
    for change in changes.iter_mut() {
        change.took_effect = changed.contains(&change.id);
    }
    let messages = || changes.iter().filter(|change| change.took_effect).filter_map(|change| change.message);
    super::claims::insert_recipients(session, messages().map(|m| (m.write_id, m.state, &m.to[..]))).await?;
    let messages = messages();
    let recipients: Vec<_> = messages.flat_map(|m| m.recipients.iter().map(|r| (m.write_id.0, r))).collect();
    if recipients.is_empty() { Ok(()) } else { change_recipients(session, &recipients).await }
}

/// Gives an unfinished write the id of a further attempt; returns whether it was there, in this version.
async fn resume(session: &mut Session, boot: i64, Resume { from, version, claim }: &Resume) -> Result<bool, Error> {
    let (id, digest) = (claim.write_id.0, claim.key.map(|key| key.digest.0.to_vec()));
    let body = claim.message.as_ref().map(|message| &message.body[..]);
    let sql = "UPDATE write SET id = $2, owner = $3, state = 1, reply = NULL, next_look_up = NULL, body = $4,
                 version = version + 1 WHERE id = $1 AND state = 4 AND digest = $5 AND version = $6";
    if session.execute(sql, &[&from.0, &id, &boot, &body, &digest, version]).await? == 0 {
        return Ok(false);
    }
    session.execute("UPDATE recipient SET write_id = $2 WHERE write_id = $1", &[&from.0, &id]).await?;
    let sql = "UPDATE request_key SET write_id = $2 WHERE write_id = $1 AND digest = $3";
    session.execute(sql, &[&from.0, &id, &digest]).await?;
    Ok(true)
}

/// Records the state of recipients of writes that have not ended, and answers whether they are being made.
async fn set_recipients(session: &mut Session, asks: Vec<&mut Ask<Recipients, bool>>) -> Result<(), Error> {
    if asks.is_empty() {
        return Ok(());
    }
    let ids: Vec<_> = asks.iter().map(|ask| ask.question.write_id.0).collect();
    let sql = "UPDATE write SET version = version + 1 WHERE id = ANY($1) AND state IN (1, 4) RETURNING id, state";
    let rows = session.query(sql, &[&ids]).await?;
    let rows = rows.iter().map(|row| Ok((row.try_get(0)?, WriteState::of(row.try_get::<_, i16>(1)?.into()))));
    let open = rows.collect::<Result<HashMap<i64, WriteState>, Error>>()?;
    // A statement over arrays changes each row once: to what is said last.
    let mut last = BTreeMap::<_, RecipientUpdate>::new();
    for ask in asks {
        let id = ask.question.write_id.0;
        ask.answer = Some(open.get(&id) == Some(&WriteState::Claimed));
        for update in ask.question.recipients.iter().filter(|_| open.contains_key(&id)) {
            let earlier = last.remove(&(id, update.index));
            let update = match earlier {
                Some(earlier) if earlier.is_final => earlier,
                earlier => {
                    let (vendor_id, account) =
                        earlier.map_or((None, None), |earlier| (earlier.vendor_message_id, earlier.account));
                    let vendor_message_id = update.vendor_message_id.clone().or(vendor_id);
                    let account = update.account.clone().or(account);
                    RecipientUpdate { vendor_message_id, account, ..update.clone() }
                }
            };
            last.insert((id, update.index), update);
        }
    }
    let last: Vec<_> = last.iter().map(|((id, _), update)| (*id, update)).collect();
    change_recipients(session, &last).await
}

async fn change_recipients(session: &mut Session, recipients: &[(i64, &RecipientUpdate)]) -> Result<(), Error> {
    let ids: Vec<_> = recipients.iter().map(|(id, _)| *id).collect();
    let indexes: Vec<_> = recipients.iter().map(|(_, r)| i32::try_from(r.index).unwrap_or(i32::MAX)).collect();
    let states: Vec<_> = recipients.iter().map(|(_, r)| r.state).collect();
    let vendor_ids: Vec<_> = recipients.iter().map(|(_, r)| r.vendor_message_id.as_deref().map(text)).collect();
    let finals: Vec<_> = recipients.iter().map(|(_, r)| r.is_final).collect();
    let accounts: Vec<_> = recipients.iter().map(|(_, r)| r.account.as_deref().map(text)).collect();
    let sql = "UPDATE recipient r
               SET state = c.state, vendor_message_id = coalesce(c.vendor_id, r.vendor_message_id),
                 is_final = c.is_final, account = coalesce(c.account, r.account)
               FROM unnest($1::bigint[], $2::integer[], $3::integer[], $4::text[], $5::boolean[], $6::text[])
                 AS c (id, n, state, vendor_id, is_final, account)
               WHERE r.write_id = c.id AND r.n = c.n AND NOT r.is_final";
    session.execute(sql, &[&ids, &indexes, &states, &vendor_ids, &finals, &accounts]).await?;
    Ok(())
}

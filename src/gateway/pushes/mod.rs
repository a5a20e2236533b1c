//! What vendors report by themselves, pushed or polled, becomes events and states of messages.
//!
//! Where a vendor signs nothing, a report is a hint: a final state is confirmed by a look-up (`confirm`). Parts of a received
//! SMS are joined (`join`). What is recorded has ids that a repeated push has too.

mod confirm;
mod early;
mod event;
mod join;
mod poll;

use std::{
    collections::{BTreeMap, btree_map::Entry},
    sync::Arc,
    time::{Duration, SystemTime},
};

use arc_swap::ArcSwap;
use bytes::Bytes;
use futures::join;
use http::Request;
use tokio::{
    sync::Notify,
    time::{Instant, MissedTickBehavior, interval, timeout},
};

pub(in crate::gateway) use self::{confirm::Confirmations, early::Early, event::Maker};
use self::{confirm::Hint, join::Joined};
use super::{
    Account, Accounts, Gateway, Log,
    messages::{Cause, apply, decode, is_final_news, is_known, merge_report},
};
use crate::{
    api::{
        pb::{EventSource, Message, ReceivedMessage},
        pushed::{Key, Pushed, Received, Report},
    },
    error::{Error, Reason},
    request::names,
    store::{Append, Appended, Digest, MessageChange, NewEvent, StoredMessage, WriteId},
};

/// How often reports are merged again because others changed their messages in the meantime.
const ATTEMPTS: usize = 10;

/// How long a push may take to be stored: vendors do not wait much longer for an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often parts of received SMS are looked at that wait for others.
const SWEEP: Duration = Duration::from_secs(60);

/// What is answered to a push.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PushAnswer {
    /// It is stored.
    Stored,
    /// It was stored before.
    Repeated,
    /// It reports on messages that the log does not have.
    Unmatched,
    /// It tests the webhook.
    Test,
    /// It cannot be read, and is stored as it came.
    Unreadable,
    /// It proves no origin.
    Refused,
    /// It cannot be stored now.
    Unavailable,
}

/// What became of what a vendor reports.
#[derive(Debug, Clone, Default)]
pub(in crate::gateway) struct Recorded {
    /// How many events are new.
    pub(in crate::gateway) new: u64,
    /// How many reports wait for a look-up.
    pub(in crate::gateway) waiting: usize,
    /// The reports of messages that the log does not have.
    pub(in crate::gateway) unmatched: Vec<Report>,
}

/// Records what vendors report.
#[derive(Clone)]
pub(in crate::gateway) struct Intake {
    pub(in crate::gateway) log: Log,
    pub(in crate::gateway) confirmations: Arc<Confirmations>,
    pub(in crate::gateway) early: Arc<Early>,
}

/// A message that reports are about.
struct Reported {
    stored: StoredMessage,
    before: Message,
    now: Message,
    /// The reports that wait for a look-up.
    hints: Vec<Report>,
}

impl Gateway {
    /// Stores what a vendor pushes to the webhook of `account`.
    pub(crate) async fn push(&self, account: &Arc<Account>, push: Request<Bytes>) -> PushAnswer {
        let (Some(intake), Some(webhook)) = (&self.intake, account.vendor.webhook()) else {
            return PushAnswer::Unavailable;
        };
        if push.body().is_empty() && push.uri().query().unwrap_or_default().is_empty() {
            return PushAnswer::Test;
        }
        let pushed = match webhook.parse(&push) {
            Ok(pushed) => pushed,
            Err(error) if error.reason() == Reason::CallerNotAuthenticated => return PushAnswer::Refused,
            Err(_) => return intake.record_unreadable(account, &push).await,
        };
        let is_test = |one: &Pushed| matches!(one, Pushed::Other(other) if other.is_test);
        if pushed.iter().all(is_test) {
            tracing::info!(account = &*account.site.account, "a test of the webhook arrived");
            return PushAnswer::Test;
        }
        let count = pushed.len();
        let recorded = timeout(PATIENCE, intake.record(account, pushed, EventSource::Push, Vec::new(), Some(&push)));
        let Ok(Recorded { new, waiting, unmatched }) = recorded.await.unwrap_or_else(|_| Err(slow())) else {
            return PushAnswer::Unavailable;
        };
        let answer = match () {
            () if unmatched.len() == count => PushAnswer::Unmatched,
            () if new == 0 && waiting == 0 => PushAnswer::Repeated,
            () => PushAnswer::Stored,
        };
        unmatched.into_iter().for_each(|report| intake.early.wait(account, report));
        answer
    }
}

impl Intake {
    /// Records a push as it came.
    async fn record_unreadable(&self, account: &Account, push: &Request<Bytes>) -> PushAnswer {
        let event = self.maker(account, EventSource::Push).unreadable(push);
        match self.log.store().append(Append { events: vec![event], ..Append::default() }).await {
            Ok(_) => PushAnswer::Unreadable,
            Err(_) => PushAnswer::Unavailable,
        }
    }

    /// Records what the vendor of `account` reports, flushed to disk, and where a poller is after it. All of it can be
    /// recorded again. `push` is the request that it came by.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE.
    pub(in crate::gateway) async fn record(
        &self,
        account: &Arc<Account>,
        pushed: Vec<Pushed>,
        source: EventSource,
        mut cursors: Vec<(String, Vec<u8>)>,
        push: Option<&Request<Bytes>>,
    ) -> Result<Recorded, Error> {
        let (store, maker, mut recorded) = (self.log.store(), self.maker(account, source), Recorded::default());
        let (mut reports, mut events, mut parts) = (Vec::new(), Vec::new(), Vec::new());
        for one in pushed {
            match one {
                Pushed::Report(report) => reports.push(report),
                Pushed::Received(received) if received.part.is_some() => {
                    cursors.extend(join::store_part(store, &account.site.account, &received).await?);
                    parts.push(received);
                }
                Pushed::Received(mut received) => {
                    received.key = self.since_permit(account, received.key, &received.message.from).await?;
                    events.extend(maker.received(self.ours(account, received).await?));
                }
                Pushed::OptOut(mut opt_out) => {
                    opt_out.key = self.since_permit(account, opt_out.key, &opt_out.phone_number).await?;
                    events.push(maker.opt_out(opt_out));
                }
                Pushed::Other(other) if other.is_test => {}
                Pushed::Other(other) => events.push(maker.other(&other, push)),
            }
        }
        let people = people(&events);
        for _ in 0..ATTEMPTS {
            let (mut reported, unmatched) = self.reported(account, &reports, source).await?;
            let changes = reported.values_mut().filter_map(|one| self.change(one, source)).collect();
            let (events, cursors) = (std::mem::take(&mut events), std::mem::take(&mut cursors));
            let append = Append { changes, events, cursors, ..Append::default() };
            let is_new = !append.cursors.is_empty() && !parts.is_empty();
            let appended = match append.changes.is_empty() && append.events.is_empty() && append.cursors.is_empty() {
                true => Appended::default(),
                false => store.append(append).await?,
            };
            recorded.new += appended.new + u64::from(is_new);
            recorded.unmatched = unmatched;
            if appended.stale.is_empty() {
                if !people.is_empty() {
                    self.log.consents().settle(people).await;
                }
                recorded.waiting = self.confirm(account, reported).await;
                recorded.new += self.join(account, &parts, source).await?;
                return Ok(recorded);
            }
        }
        Err(Error::new(Reason::StoreUnavailable, "the messages that are reported change all the time"))
    }

    /// Returns the key of what a person sent. What has no id of its own, and comes after the person was permitted messages, is
    /// not what came before: somebody who was permitted again may answer the same STOP to the same message.
    async fn since_permit(&self, account: &Account, key: Key, from: &str) -> Result<Key, Error> {
        let Key::Content(hash) = key else { return Ok(key) };
        let since = self.log.consents().permitted_since(&account.site.account, from).await?;
        Ok(Key::Content(match since.and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok()) {
            Some(since) => format!("{hash}-{}", since.as_millis()),
            None => hash,
        }))
    }

    fn maker<'a>(&'a self, account: &'a Account, source: EventSource) -> Maker<'a> {
        Maker { log: &self.log, account: &account.site.account, source }
    }

    /// Replaces the vendor's id of the message that an SMS replies to by ours.
    async fn ours(&self, account: &Account, mut received: Received) -> Result<Received, Error> {
        let answered = &mut received.message.message;
        if let Some(id) =
            names::ids::<2>(answered, "accounts/*/messages/*", "message").ok().map(|[_, id]| id.into_owned())
            && let Some(stored) = self.log.store().message_by_vendor_id(&account.site.account, &id).await?
        {
            *answered = names::child(&stored.account, "messages", &stored.message_id);
        }
        Ok(received)
    }

    /// Returns the messages that reports are about, with what is new of them, and the reports without a message.
    async fn reported(
        &self,
        account: &Account,
        reports: &[Report],
        source: EventSource,
    ) -> Result<(BTreeMap<WriteId, Reported>, Vec<Report>), Error> {
        let (mut messages, mut unmatched) = (BTreeMap::new(), Vec::new());
        // Nothing that is polled is a hint.
        let is_hint = source == EventSource::Push && account.looks_up();
        for report in reports {
            let found = self.log.store().message_by_vendor_id(&account.site.account, &report.vendor_message_id).await?;
            let Some(stored) = found.filter(is_known) else {
                unmatched.push(report.clone());
                continue;
            };
            let one = match messages.entry(stored.write_id) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => {
                    let before = decode(&stored)?;
                    new.insert(Reported { stored, now: before.clone(), before, hints: Vec::new() })
                }
            };
            match is_hint && is_final_news(&one.now, &account.site.account, report) {
                true => one.hints.push(report.clone()),
                false => merge_report(&mut one.now, &account.site.account, report),
            }
        }
        Ok((messages, unmatched))
    }

    /// Returns what is to be recorded of a message now. A state that waits for a look-up makes the message due for one, in
    /// case this process ends before.
    fn change(&self, reported: &mut Reported, source: EventSource) -> Option<MessageChange> {
        let Reported { stored, before, now, hints } = reported;
        if *before == *now && hints.is_empty() {
            return None;
        }
        let cause = Cause { source, confirmed: source != EventSource::Push };
        let mut change = self.log.change(stored, &before.recipients, now, cause);
        let update = match &mut change {
            MessageChange::Update(update) => Some(update),
            MessageChange::Outcome(outcome) => outcome.message.as_mut(),
        };
        if let Some(update) = update.filter(|_| !hints.is_empty()) {
            update.look_up_after = Some(self.confirmations.timeout);
        }
        Some(change)
    }

    /// Has the states confirmed that wait for a look-up, and returns how many there are.
    async fn confirm(&self, account: &Arc<Account>, reported: BTreeMap<WriteId, Reported>) -> usize {
        let until = Instant::now() + self.confirmations.timeout;
        let mut count = 0;
        for (write_id, Reported { hints, .. }) in reported {
            count += hints.len();
            for report in hints {
                let hint = Hint { account: account.clone(), write_id, report, until };
                if let Err(hint) = self.confirmations.queue(hint)
                    && let Err(error) = apply(&self.log, &account.site.account, write_id, &[hint.report]).await
                {
                    // The look-up that the message is due for finds out.
                    tracing::warn!(account = &*account.site.account, %error, "a pushed state was not recorded");
                }
            }
        }
        count
    }

    /// Joins the SMS that these parts belong to, if all of their parts are there.
    async fn join(&self, account: &Account, parts: &[Received], source: EventSource) -> Result<u64, Error> {
        let mut new = 0;
        for part in parts {
            new += self
                .record_joined(account, join::join(self.log.store(), &account.site.account, part).await?, source)
                .await?;
        }
        Ok(new)
    }

    async fn record_joined(&self, account: &Account, joined: Joined, source: EventSource) -> Result<u64, Error> {
        let Joined { whole, cursors } = joined;
        if cursors.is_empty() {
            return Ok(0);
        }
        let events: Vec<_> =
            whole.into_iter().flat_map(|received| self.maker(account, source).received(received)).collect();
        let people = people(&events);
        let append = Append { events, cursors, ..Append::default() };
        let appended = self.log.store().append(append).await?;
        self.log.consents().settle(people).await;
        Ok(appended.new)
    }

    /// Makes messages of parts that have waited for others long enough, for ever.
    async fn sweep(self, accounts: Arc<ArcSwap<Accounts>>) {
        let mut times = interval(SWEEP);
        times.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            times.tick().await;
            for account in accounts.load_full().values() {
                let swept = join::sweep(self.log.store(), &account.site.account).await;
                let recorded = match swept {
                    Ok(joined) => self.record_joined(account, joined, EventSource::Push).await,
                    Err(error) => Err(error),
                };
                if let Err(error) = recorded {
                    tracing::debug!(account = &*account.site.account, %error, "parts of received SMS were not joined");
                }
            }
        }
    }

    /// Confirms pushed states, records those that came too early, joins what stays incomplete, and polls what is not pushed, for
    /// ever. `None` if somebody does that already. `changed` tells of other accounts.
    pub(in crate::gateway) fn finish(
        &self,
        accounts: Arc<ArcSwap<Accounts>>,
        changed: Arc<Notify>,
    ) -> Option<impl Future<Output = ()> + Send + 'static> {
        let (confirm, sweep) = (self.confirmations.confirm(&self.log)?, self.clone().sweep(accounts.clone()));
        let early = self.early.wait_for_messages(self.clone(), accounts.clone())?;
        let poll = poll::poll(self.clone(), accounts, changed);
        Some(async move {
            join!(confirm, early, sweep, poll);
        })
    }
}

/// Records messages that were taken from the vendor of `account`, which returns each once.
///
/// # Errors
/// STORE_UNAVAILABLE.
pub(in crate::gateway) async fn record_taken(
    log: &Log,
    account: &str,
    messages: Vec<ReceivedMessage>,
) -> Result<(), Error> {
    let maker = Maker { log, account: &account.into(), source: EventSource::Call };
    let events: Vec<_> = messages.into_iter().flat_map(|message| maker.received(Received::listed(message))).collect();
    let people = people(&events);
    log.store().append(Append { events, ..Append::default() }).await?;
    log.consents().settle(people).await;
    Ok(())
}

/// Returns the hashes of the numbers of the people whose consent these events change.
fn people(events: &[NewEvent]) -> Vec<Digest> {
    let changes = events.iter().filter_map(|event| event.consent.as_ref());
    changes.flat_map(|change| std::iter::once(change.number).chain(change.older.iter().copied())).collect()
}

fn slow() -> Error {
    Error::new(Reason::StoreUnavailable, "the push was not stored in time")
}

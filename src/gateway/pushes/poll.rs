//! Polls: what a vendor does not push is read from its lists in the background, by one replica at a time, and recorded like
//! what is pushed. How far a poll is stands in the store, in the transaction that records what it found.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use arc_swap::ArcSwap;
use futures::StreamExt;
use prost_types::Timestamp;
use tokio::{
    sync::Notify,
    time::{Instant, MissedTickBehavior, interval, sleep},
};

use super::Intake;
use crate::{
    api::{
        methods,
        pb::{
            AccountChanged, EventSource, GetAccountStatusRequest, ListStopListEntriesRequest, StopListEntry,
            WatchReceivedMessagesRequest, account_changed::Condition,
        },
        pushed::{Key, OptOut, Pushed, Received},
    },
    call::Call,
    error::Error,
    gateway::{Account, Accounts, accounts::for_each_account, conditions},
};

/// How long other replicas leave a poll to this one, and how often this one renews that.
const LEASE: Duration = Duration::from_secs(20);
const ROUND: Duration = Duration::from_secs(5);

/// The wait after an error that does not pass by itself: a rejected login must not be repeated often.
const AGAIN: Duration = Duration::from_secs(60);

/// The time between two looks at a stop list or a balance, and the longest that one may take.
const PAUSE: Duration = Duration::from_secs(300);
const TIMEOUT: Duration = Duration::from_secs(60);

/// The most received messages that are recorded together, and the entries of a page of a stop list.
const CHUNK: usize = 100;
const PAGE: i32 = 1000;

/// The seconds before the first poll from which on the vendor's lists are of interest: a week.
const FIRST: i64 = 7 * 86_400;

/// The seconds by which an entry of a stop list may be late.
const LATE: i64 = 86_400;

/// Polls all accounts, for ever.
pub(super) async fn poll(intake: Intake, accounts: Arc<ArcSwap<Accounts>>, changed: Arc<Notify>) {
    for_each_account(accounts, changed, |account| poll_account(intake.clone(), account)).await;
}

async fn poll_account(intake: Intake, account: Arc<Account>) {
    if !account.is_polled {
        return;
    }
    let poll = Poll { intake, account };
    tokio::join!(
        poll.for_ever("received", Poll::received),
        poll.for_ever("opt-outs", Poll::opt_outs),
        poll.for_ever("balance", Poll::balance),
    );
}

/// What one account is polled with.
struct Poll {
    intake: Intake,
    account: Arc<Account>,
}

impl Poll {
    /// Does one kind of poll as long as this replica has the chore, for ever.
    async fn for_ever(&self, kind: &str, poll: impl AsyncFn(&Self, &str) -> Result<(), Error>) {
        let name = format!("poll {kind} {}", self.account.site.account);
        loop {
            let pause = match self.has_chore(&name).await {
                true => match poll(self, &name).await {
                    Ok(()) => ROUND,
                    Err(error) => {
                        tracing::debug!(account = &*self.account.site.account, %error, "a poll failed");
                        AGAIN
                    }
                },
                false => ROUND,
            };
            sleep(pause).await;
        }
    }

    async fn has_chore(&self, name: &str) -> bool {
        self.intake.log.store().take_chore(name, LEASE).await.unwrap_or_default()
    }

    /// Returns how far a poll is. It begins with what is not older than events are kept by default.
    async fn cursor(&self, name: &str) -> Result<String, Error> {
        let store = self.intake.log.store();
        if let Some(value) = store.cursor(name).await? {
            return Ok(String::from_utf8_lossy(&value).into_owned());
        }
        let begin = since(Timestamp::from(SystemTime::now()).seconds - FIRST);
        self.record(Vec::new(), name, &begin).await?;
        Ok(begin)
    }

    async fn record(&self, pushed: Vec<Pushed>, name: &str, cursor: &str) -> Result<(), Error> {
        let cursors = vec![(name.to_owned(), cursor.as_bytes().to_vec())];
        self.intake.record(&self.account, pushed, EventSource::Poll, cursors, None).await.map(drop)
    }

    /// Records received messages as the vendor's module finds them, until another replica has the chore.
    async fn received(&self, name: &str) -> Result<(), Error> {
        let Some(service) = self.account.vendor.inner().unwrap_or(&*self.account.vendor).inbox_service() else {
            return std::future::pending().await;
        };
        if !self.account.vendor.methods().contains(&methods::InboxService::WatchReceivedMessages) {
            return std::future::pending().await;
        }
        let cursor = self.cursor(name).await?;
        let begin = cursor.strip_prefix('@').and_then(|seconds| seconds.parse().ok());
        let request = WatchReceivedMessagesRequest {
            parent: self.account.site.account.as_ref().to_owned(),
            resume_token: if begin.is_some() { String::new() } else { cursor },
            start_time: begin.map(|seconds| Timestamp { seconds, nanos: 0 }),
            ..WatchReceivedMessagesRequest::default()
        };
        let stream = service.watch_received_messages(&Call::background(), request).await?;
        let mut chunks = stream.ready_chunks(CHUNK);
        let mut rounds = interval(ROUND);
        rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let chunk = tokio::select! {
                chunk = chunks.next() => chunk.unwrap_or_default(),
                _ = rounds.tick() => match self.has_chore(name).await {
                    true => continue,
                    false => return Ok(()),
                },
            };
            if chunk.is_empty() {
                return Ok(());
            }
            let (mut pushed, mut last, mut failure) = (Vec::new(), None, None);
            for answer in chunk {
                match answer {
                    Ok(answer) => {
                        last = Some(answer.resume_token);
                        pushed.extend(answer.message.map(|message| Pushed::Received(Received::listed(message))));
                    }
                    Err(error) => failure = Some(error),
                }
            }
            if let Some(last) = last {
                self.record(pushed, name, &last).await?;
            }
            if let Some(error) = failure {
                return Err(error);
            }
        }
    }

    /// Records those who are new on the vendor's stop list, as far as it has times.
    async fn opt_outs(&self, name: &str) -> Result<(), Error> {
        let Some(service) = self.account.vendor.stop_list_service() else { return std::future::pending().await };
        if !self.account.vendor.methods().contains(&methods::StopListService::ListStopListEntries) {
            return std::future::pending().await;
        }
        let cursor = self.cursor(name).await?;
        let (begin, seen) =
            cursor.trim_start_matches('@').split_once(' ').unwrap_or((cursor.trim_start_matches('@'), ""));
        let begin = begin.parse::<i64>().unwrap_or_default();
        let mut newest = seen.parse::<i64>().unwrap_or(begin);
        let from = begin.max(newest - LATE);
        let (call, mut page_token, mut opt_outs) = (Call::until(Instant::now() + TIMEOUT), String::new(), Vec::new());
        loop {
            let parent = self.account.site.account.as_ref().to_owned();
            let request = ListStopListEntriesRequest { parent, page_size: PAGE, page_token };
            let page = service.list_stop_list_entries(&call, request).await?;
            for StopListEntry { phone_number, create_time, .. } in page.entries {
                let Some(time) = create_time.filter(|time| time.seconds >= from) else { continue };
                newest = newest.max(time.seconds);
                let key = Key::Id(format!("{phone_number}@{}", time.seconds));
                let opt_out = OptOut { phone_number, time: Some(time), key, is_authentic: true, ..OptOut::default() };
                opt_outs.push(opt_out);
            }
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        let news = self.intake.log.consents().news(&self.account.site.account, opt_outs).await?;
        let pushed = news.into_iter().map(Pushed::OptOut).collect();
        self.record(pushed, name, &format!("{} {newest}", since(begin))).await?;
        self.pause(name).await;
        Ok(())
    }

    /// Records whether the balance is low, if the configuration has a limit for that.
    async fn balance(&self, name: &str) -> Result<(), Error> {
        let Some(limit) = self.account.low_balance else { return std::future::pending().await };
        let Some(service) = self.account.vendor.account_service() else { return std::future::pending().await };
        let request = GetAccountStatusRequest { name: self.account.site.account.as_ref().to_owned() };
        let answer = service.get_account_status(&Call::until(Instant::now() + TIMEOUT), request).await?;
        self.account.balance.note(answer.status.as_ref());
        let money = answer.status.and_then(|status| status.money);
        if let Some((money, amount)) = money.and_then(|money| money.amount.parse::<f64>().ok().map(|of| (money, of))) {
            let changed = AccountChanged {
                condition: Condition::CreditLow.into(),
                active: amount < limit,
                text: format!("the balance is {} {}", money.amount, money.currency_code).trim_end().to_owned(),
            };
            conditions::change(&self.intake.log, &self.account.site.account, EventSource::Poll, changed).await?;
        }
        self.pause(name).await;
        Ok(())
    }

    /// Waits until what is looked at every few minutes is to be looked at again, and keeps the chore meanwhile.
    async fn pause(&self, name: &str) {
        for _ in 0..PAUSE.as_secs() / ROUND.as_secs() {
            sleep(ROUND).await;
            if !self.has_chore(name).await {
                break;
            }
        }
    }
}

/// Returns the cursor of a poll that begins at this time.
fn since(seconds: i64) -> String {
    format!("@{seconds}")
}

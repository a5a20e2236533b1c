//! Follows messages to their end in the background: what is not final is looked up with growing waits, unknown outcomes
//! first, so that the log is true without anybody asking.

use std::{collections::HashMap, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use tokio::{
    sync::Semaphore,
    task::{Id, JoinError, JoinSet},
    time::{Instant, sleep},
};
use tokio_util::task::TaskTracker;

use super::{
    Log,
    change::Cause,
    logged::decode,
    refresh::{refresh, was_not_found},
    state::{is_final, is_unsent, overall},
};
use crate::{
    api::pb::{DeliveryState, Message},
    call::Call,
    error::Error,
    gateway::{Account, Accounts, route::send_again},
    request::names,
    store::{End, StoredMessage, WriteId, WriteState},
};

/// How many messages are taken at a time, how many of one account are looked up at a time, how long one may take, and the
/// wait when nothing is due.
const TAKEN: u32 = 20;
const AT_ONCE: usize = 4;
const TIMEOUT: Duration = Duration::from_secs(60);
const IDLE: Duration = Duration::from_secs(5);

/// How long a message rests whose account is gone or cannot look messages up. A reload may change the account.
const AGAIN: Duration = Duration::from_secs(300);

/// Who asks for a look-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// The schedule: the last look-up was at least a minute ago, see `Log::look_up_after`.
    WhenDue,
    /// A caller, at any time.
    ByCaller,
}

/// Looks up what is due, for ever, and sends again what a route is to. Each account has a few look-ups at a time, so that a slow
/// vendor holds up no other. What is taken is due again as soon as this process may be taken for dead, so that another one goes on
/// with it; if this one takes it again, it is still in hand.
pub(in crate::gateway) async fn follow(log: Log, accounts: Arc<ArcSwap<Accounts>>, writes: TaskTracker) {
    let (mut permits, mut running) = (HashMap::<Arc<str>, Arc<Semaphore>>::new(), JoinSet::new());
    let mut in_hand = HashMap::<Id, WriteId>::new();
    loop {
        while let Some(ended) = running.try_join_next_with_id() {
            in_hand.remove(&task_id(&ended));
        }
        let busy: Vec<_> =
            permits.iter().filter(|(_, permits)| permits.available_permits() == 0).map(|(id, _)| id.clone()).collect();
        let is_busy = !busy.is_empty();
        let looked_up = |account: &&Arc<Account>| account.looks_up();
        let leased = accounts.load().values().filter(looked_up).map(|account| account.site.account.clone()).collect();
        let due = log.store().take_due(TAKEN, AGAIN, leased, busy).await.unwrap_or_default();
        if due.is_empty() {
            tokio::select! {
                () = sleep(IDLE) => {}
                // What waits for a busy account may be due.
                Some(ended) = running.join_next_with_id(), if is_busy => {
                    in_hand.remove(&task_id(&ended));
                }
            }
        }
        for stored in due {
            let account = accounts.load().get(names::account_id(&stored.account)).cloned();
            let Some(account) = account.filter(|account| account.looks_up()) else { continue };
            if in_hand.values().any(|in_hand| *in_hand == stored.write_id) {
                continue;
            }
            let permits = permits.entry(stored.account.clone()).or_insert_with(|| Arc::new(Semaphore::new(AT_ONCE)));
            let write_id = stored.write_id;
            let task = running.spawn(look_up_due(log.clone(), account, stored, permits.clone(), writes.clone()));
            in_hand.insert(task.id(), write_id);
        }
    }
}

/// Returns the id of a task that has ended, by whatever.
fn task_id(ended: &Result<(Id, ()), JoinError>) -> Id {
    match ended {
        Ok((id, ())) => *id,
        Err(error) => error.id(),
    }
}

async fn look_up_due(
    log: Log,
    account: Arc<Account>,
    stored: StoredMessage,
    permits: Arc<Semaphore>,
    writes: TaskTracker,
) {
    let _permit = permits.acquire().await;
    if let Err(error) = look_up(&log, &account, &stored, Asked::WhenDue).await {
        tracing::debug!(account = &*stored.account, %error, "a message was not looked up");
    }
    if account.route.as_ref().is_some_and(|route| route.sends_again()) {
        let account_name = stored.account.clone();
        // It outlives this task, as the sends of callers outlive theirs.
        let sent = writes.spawn(async move { send_again(&log, &account, stored.write_id).await });
        if let Ok(Err(error)) = sent.await {
            tracing::debug!(account = &*account_name, %error, "a message was not sent again");
        }
    }
}

/// Looks up a message whose outcome is unknown, as somebody asks, and records what is new. Returns whether the vendor
/// was asked.
pub(in crate::gateway) async fn resolve(log: &Log, account: &Account, write_id: WriteId) -> Result<bool, Error> {
    let stored = log.store().message_of_write(write_id).await?.filter(|stored| !stored.body.is_empty());
    let Some(stored) = stored.filter(|_| account.looks_up()) else { return Ok(false) };
    look_up(log, account, &stored, Asked::ByCaller).await.map(|()| true)
}

/// A message that was interrupted, and provably was not sent to some of its recipients.
pub(in crate::gateway) struct Unfinished {
    pub(super) write_id: WriteId,
    pub(super) version: i32,
    pub(super) message: Message,
}

/// Returns the message of a write if the rest of it can be sent.
pub(in crate::gateway) async fn unfinished(log: &Log, write_id: WriteId) -> Result<Option<Unfinished>, Error> {
    let stored = log.store().message_of_write(write_id).await?;
    let Some(stored) = stored.filter(|stored| !stored.body.is_empty()) else { return Ok(None) };
    let message = decode(&stored)?;
    let version = stored.version;
    Ok(has_rest(&stored, &message).then_some(Unfinished { write_id, version, message }))
}

/// Whether a repeated call may send to some recipients of a message.
pub(super) fn has_rest(stored: &StoredMessage, message: &Message) -> bool {
    stored.write_state == WriteState::Unknown && message.recipients.iter().any(is_unsent)
}

/// Looks up one message with a permit of its account, as every call has, and records what is new.
async fn look_up(log: &Log, account: &Account, stored: &StoredMessage, asked: Asked) -> Result<(), Error> {
    let before = decode(stored)?;
    let mut message = before.clone();
    let was_missing = was_not_found(&message);
    let call = Call::until(Instant::now() + TIMEOUT);
    let _permit = account.bulkhead.enter(call.deadline()).await?;
    let vendor = account.vendor.inner().unwrap_or(&*account.vendor);
    let (answered, failure) = refresh(vendor, &call, &mut message).await;
    if answered == 0 {
        log.store().change(log.change(stored, &before.recipients, &mut message, Cause::LOOKUP));
        return failure.map_or(Ok(()), Err);
    }
    if stored.write_state == WriteState::Unknown && was_missing && was_not_found(&message) && asked == Asked::WhenDue {
        // The vendor did not know it at least a minute ago either, nor does anybody send it any more.
        for recipient in &mut message.recipients {
            recipient.state = DeliveryState::Rejected.into();
            "not sent: the vendor never received it".clone_into(&mut recipient.vendor_text);
        }
        log.store().change(log.end(stored, End::Free, &before.recipients, &message, Cause::LOOKUP));
    } else {
        log.store().change(log.change(stored, &before.recipients, &mut message, Cause::LOOKUP));
    }
    let state = overall(&message);
    let is_final = state.is_some_and(is_final);
    tracing::debug!(account = &*stored.account, ?state, is_final, "a message was looked up");
    Ok(())
}

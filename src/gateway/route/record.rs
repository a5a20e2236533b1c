//! The record of a message that is sent again. It belongs to whoever changed the very version of the message that it had read.

use std::{
    collections::BTreeMap,
    future::ready,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use futures::{FutureExt, future::BoxFuture};

use super::plan::Group;
use crate::{
    api::pb::{self, AttemptOutcome, DeliveryState, Message, Recipient},
    call::{Carrier, Ended, Intent},
    error::{Error, Outcome, Reason},
    gateway::{
        Log,
        messages::{Cause, decode, give_back, hand_over, is_known},
    },
    store::{Append, StoredMessage, WriteId, WriteState},
};

/// What came of sending a message again to a recipient.
#[derive(Debug, Clone)]
pub(super) enum Came {
    /// Another account took it.
    Taken(Recipient),
    /// Another account may have taken it.
    Unknown(Recipient),
    /// No other account took it.
    NotTaken,
    /// It could not be recorded, so no account was asked.
    Unrecorded,
}

/// The record of one group of recipients.
pub(super) struct Record(Arc<Inner>);

struct Inner {
    log: Log,
    write_id: WriteId,
    rule: i32,
    state: Mutex<State>,
}

struct State {
    /// The recipients as they were read or recorded last: one that is another by now was changed by somebody else.
    recipients: BTreeMap<usize, Recipient>,
    /// How many attempts the message had before.
    attempts: Option<usize>,
    /// What was recorded last.
    last: Option<(StoredMessage, Message)>,
    has_failed: bool,
}

/// Returns a message whose send has ended, and that was not erased.
///
/// # Errors
/// STORE_UNAVAILABLE.
pub(super) async fn load(log: &Log, write_id: WriteId) -> Result<Option<(StoredMessage, Message)>, Error> {
    let stored = log.store().message_of_write(write_id).await?;
    let stored = stored.filter(|stored| is_known(stored) && stored.write_state == WriteState::Done);
    stored.map(|stored| decode(&stored).map(|message| (stored, message))).transpose()
}

impl Record {
    /// Creates the record of a group of the recipients of a message, as it was read.
    pub(super) fn new(log: &Log, write_id: WriteId, message: &Message, group: &Group<'_>) -> Arc<Self> {
        let recipients =
            group.places.iter().filter_map(|place| Some((*place, message.recipients.get(*place)?.clone())));
        let state = State { recipients: recipients.collect(), attempts: None, last: None, has_failed: false };
        let rule = i32::try_from(group.rule).unwrap_or(i32::MAX);
        Arc::new(Self(Arc::new(Inner { log: log.clone(), write_id, rule, state: Mutex::new(state) })))
    }

    /// Whether something could not be recorded.
    pub(super) fn has_failed(&self) -> bool {
        self.0.lock().has_failed
    }

    /// Records what came of it.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE: it is recorded later.
    pub(super) async fn finish(&self, came: &[(usize, Came)], attempts: Vec<pb::Attempt>) -> Result<(), Error> {
        let (ours, before, last) = {
            let mut state = self.0.lock();
            (state.recipients.clone(), state.attempts, state.last.take())
        };
        let edit = |message: &mut Message| {
            for (place, came) in came {
                if let (Some(recipient), Some(ours)) = (message.recipients.get_mut(*place), ours.get(place)) {
                    settle(recipient, ours, came);
                }
            }
            message.attempts.truncate(before.unwrap_or(message.attempts.len()));
            message.attempts.extend(attempts.iter().cloned());
        };
        let amended = async {
            let Some((stored, _)) = load(&self.0.log, self.0.write_id).await? else { return Ok(()) };
            self.0.log.amend(stored, Cause::CALL, edit).await.map(drop)
        };
        let Err(error) = amended.await else { return Ok(()) };
        // The store is away, and records this when it is back.
        if let Some((stored, mut message)) = last {
            let recipients = message.recipients.clone();
            edit(&mut message);
            let change = self.0.log.change(&stored, &recipients, &mut message, Cause::CALL);
            self.0.log.store().change(change);
        }
        Err(error)
    }
}

/// Notes what came of sending again to a recipient, unless somebody else has sent to it.
fn settle(recipient: &mut Recipient, ours: &Recipient, came: &Came) {
    let token = |recipient: &Recipient| recipient.resend.as_ref().and_then(|resend| resend.create_time);
    if token(recipient) != token(ours) || recipient.account != ours.account {
        return;
    }
    match came {
        Came::Taken(known) | Came::Unknown(known) if recipient.state() == DeliveryState::Unknown => {
            let (rule, resend) = (recipient.rule, recipient.resend.take());
            *recipient = Recipient { rule, resend, ..known.clone() };
        }
        // A report was faster.
        Came::Taken(known) => recipient.vendor_message_id.clone_from(&known.vendor_message_id),
        Came::NotTaken => give_back(recipient),
        Came::Unknown(_) | Came::Unrecorded => {}
    }
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records that the recipients at these places are sent to through another account from now on.
    async fn claim(&self, places: Vec<usize>, account: String, message_id: String) -> Result<(), Error> {
        loop {
            let (stored, mut message) = load(&self.log, self.write_id).await?.ok_or_else(changed)?;
            let before = message.recipients.clone();
            let attempts = {
                let state = self.lock();
                if places.iter().any(|place| before.get(*place) != state.recipients.get(place)) {
                    return Err(changed());
                }
                state.attempts.unwrap_or(message.attempts.len())
            };
            let now = SystemTime::now();
            for place in &places {
                hand_over(&mut message.recipients[*place], &account, &message_id, now);
            }
            message.attempts.push(pb::Attempt {
                account: account.clone(),
                rule: self.rule,
                recipient_count: i32::try_from(places.len()).unwrap_or(i32::MAX),
                create_time: Some(now.into()),
                outcome: AttemptOutcome::Unknown.into(),
                explanation: "nothing is known of what came of it".to_owned(),
                ..pb::Attempt::default()
            });
            let changes = vec![self.log.handed_over(&stored, &before, &message, &places)];
            if self.log.store().append(Append { changes, ..Append::default() }).await?.stale.is_empty() {
                let mut state = self.lock();
                state.recipients = places.iter().map(|place| (*place, message.recipients[*place].clone())).collect();
                state.attempts = Some(attempts);
                state.last = Some((StoredMessage { version: stored.version + 1, ..stored }, message));
                return Ok(());
            }
        }
    }
}

impl Intent for Record {
    /// No other process takes over what was claimed, however long this process slept.
    fn check(&self) -> Result<(), Error> {
        Ok(())
    }

    fn earlier(&self) -> Vec<Option<Recipient>> {
        Vec::new()
    }

    fn advance(&self, _: &[usize], _: &[usize]) -> BoxFuture<'static, Result<(), Error>> {
        ready(Ok(())).boxed()
    }

    fn hand_over(&self, places: &[usize], to: Carrier<'_>) -> BoxFuture<'static, Result<(), Error>> {
        let (inner, places) = (self.0.clone(), places.to_vec());
        let (account, message_id) = (to.account.to_owned(), to.message_id.to_owned());
        async move {
            let claimed = inner.claim(places, account, message_id).await;
            inner.lock().has_failed |= claimed.is_err();
            claimed
        }
        .boxed()
    }

    /// All is recorded at the end.
    fn part_ended(&self, _: usize, _: Ended<'_>) {}

    fn attempted(&self, _: Vec<pb::Attempt>) {}
}

fn changed() -> Error {
    let text = "the message was changed by somebody else, and is not sent again by this process";
    Error::new(Reason::StoreUnavailable, text).outcome(Outcome::NotSent)
}

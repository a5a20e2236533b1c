//! The log of messages: one entry for each send, under the name that smsmux gave it, whatever vendor took it in however
//! many parts.

mod attempt;
mod change;
mod deliveries;
mod draft;
mod follow;
mod inbox;
mod list;
mod logged;
mod refresh;
mod reply;
mod report;
mod resend;
mod state;

use std::{sync::Arc, time::Duration};

use self::deliveries::Deliveries;
pub(in crate::gateway) use self::{
    attempt::Attempt,
    change::Cause,
    draft::{Draft, name_message},
    follow::{Unfinished, follow, resolve, unfinished},
    logged::{Logged, decode, is_known},
    reply::{count_accepted, kept_reply, replayed_reply},
    report::{apply, is_final_news, look_up_ids, merge_report},
    resend::{give_back, hand_over, is_held, is_under_way},
};
pub use self::{logged::logged_message, state::is_final};
use arc_swap::ArcSwap;

use super::Accounts;
use crate::{
    api::pb::{self, DeliveryState},
    gateway::{consent::Consents, screen::Rule},
    request::names,
    store::{RecipientUpdate, Store, WriteId},
};

/// The wait until an open message is looked up: a part of its age, so that a message of days is not asked for each
/// minute.
const LOOK_UPS: (Duration, Duration) = (Duration::from_secs(60), Duration::from_secs(3600));

/// The log of messages. Clones share the store.
#[derive(Clone)]
pub struct Log(Arc<Inner>);

struct Inner {
    store: Store,
    keep_texts: bool,
    follow_for: Duration,
    consents: Arc<Consents>,
    rules: Vec<Arc<dyn Rule>>,
    deliveries: Deliveries,
}

impl Log {
    /// Creates the log in this store, which keeps texts or not, and follows messages for so long. Nobody is sent to who
    /// opted out, or whom one of the rules refuses.
    pub fn new(
        store: Store,
        keep_texts: bool,
        follow_for: Duration,
        consents: Arc<Consents>,
        mut rules: Vec<Arc<dyn Rule>>,
    ) -> Self {
        rules.insert(0, consents.clone());
        Self(Arc::new(Inner { store, keep_texts, follow_for, consents, rules, deliveries: Deliveries::default() }))
    }

    /// The store.
    pub(crate) fn store(&self) -> &Store {
        &self.0.store
    }

    /// The people who opted out.
    pub(in crate::gateway) fn consents(&self) -> &Arc<Consents> {
        &self.0.consents
    }

    /// The rules about who may be sent to.
    pub(in crate::gateway) fn rules(&self) -> &[Arc<dyn Rule>] {
        &self.0.rules
    }

    /// Tells routes of these accounts from now on what was delivered of their messages.
    pub(in crate::gateway) fn tell_deliveries(&self, accounts: &Arc<ArcSwap<Accounts>>) {
        self.0.deliveries.to(accounts);
    }

    pub(in crate::gateway) fn keeps_texts(&self) -> bool {
        self.0.keep_texts
    }

    /// Returns when an open message of this state is looked up next, unless it is too old.
    fn look_up_after(&self, write_id: WriteId, message: &pb::Message, state: DeliveryState) -> Option<Duration> {
        if is_final(state) {
            return None;
        }
        let age = write_id.time().elapsed().unwrap_or_default();
        if state == DeliveryState::Scheduled
            && let Some(due) = message.schedule_time.and_then(|time| std::time::SystemTime::try_from(time).ok())
            && let Ok(wait) = due.duration_since(std::time::SystemTime::now())
        {
            return Some(wait + LOOK_UPS.0);
        }
        let look_up = (age < self.0.follow_for).then(|| jittered((age / 4).clamp(LOOK_UPS.0, LOOK_UPS.1)));
        look_up.into_iter().chain(self.sent_again_after(message, age)).min()
    }

    /// Returns when a message of this age is due to be sent again to a recipient, if no report comes before.
    fn sent_again_after(&self, message: &pb::Message, age: Duration) -> Option<Duration> {
        // Only a message of a route that sends again has what its send asked for.
        message.requested.as_ref()?;
        let account = self.0.deliveries.account_of(message)?;
        account.route.as_ref()?.sends_again_after(message, age)
    }
}

/// Returns what the store is to record of the recipient at a place.
fn recipient_update(message: &pb::Message, index: usize) -> Option<RecipientUpdate> {
    let recipient = message.recipients.get(index)?;
    let account = &recipient.account;
    Some(RecipientUpdate {
        index: u32::try_from(index).unwrap_or(u32::MAX),
        state: recipient.state,
        vendor_message_id: Some(recipient.vendor_message_id.clone()).filter(|id| !id.is_empty()),
        account: (!account.is_empty() && account != account_of(message)).then(|| account.as_str().into()),
        is_final: is_final(recipient.state()),
    })
}

/// Returns the name of the account that a message was sent by.
fn account_of(message: &pb::Message) -> &str {
    names::message(&message.name).map_or("", |(account, _)| account)
}

/// Returns a wait up to a quarter longer, so that what was sent together is not asked for together.
fn jittered(wait: Duration) -> Duration {
    wait + wait.mul_f64(fastrand::f64() / 4.0)
}

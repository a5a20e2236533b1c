//! The way to the routes of messages: they are told what was delivered, by which the health of their accounts is judged, and asked
//! what is to be sent again.

use std::{
    fmt,
    sync::{Arc, OnceLock, Weak},
};

use arc_swap::ArcSwap;

use super::account_of;
use crate::{
    api::pb::{DeliveryState, Message, Recipient},
    gateway::{Account, Accounts},
    request::names,
};

/// The accounts among which the routes are, once there are any. They have the log themselves.
#[derive(Default)]
pub(super) struct Deliveries(OnceLock<Weak<ArcSwap<Accounts>>>);

impl Deliveries {
    pub(super) fn to(&self, accounts: &Arc<ArcSwap<Accounts>>) {
        // A log has one gateway.
        let _ = self.0.set(Arc::downgrade(accounts));
    }

    /// Tells the route of a message which recipients were not known to have it `before`.
    pub(super) fn tell(&self, before: &[Recipient], message: &Message) {
        let route = account_of(message);
        let was_delivered =
            |index: usize| before.get(index).is_some_and(|before| before.state() == DeliveryState::Delivered);
        // Of a message that was sent again, it is not known which account delivered it if the first one did too.
        let is_of_first = |recipient: &Recipient| {
            recipient.resend.as_ref().is_some_and(|first| first.state() == DeliveryState::Delivered)
        };
        let of_route = |recipient: &Recipient| {
            !recipient.account.is_empty() && recipient.account != route && !is_of_first(recipient)
        };
        let new = message.recipients.iter().enumerate().filter(|(index, recipient)| {
            recipient.state() == DeliveryState::Delivered && of_route(recipient) && !was_delivered(*index)
        });
        let mut new = new.map(|(_, recipient)| recipient).peekable();
        if new.peek().is_none() {
            return;
        }
        let account = self.account_of(message);
        if let Some(route) = account.as_ref().and_then(|account| account.route.as_ref()) {
            new.for_each(|recipient| route.balance().delivered(message, recipient));
        }
    }

    /// Returns the account that a message was sent by.
    pub(super) fn account_of(&self, message: &Message) -> Option<Arc<Account>> {
        let accounts = self.0.get()?.upgrade()?.load_full();
        accounts.get(names::account_id(account_of(message))).cloned()
    }
}

impl fmt::Debug for Deliveries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Deliveries")
    }
}

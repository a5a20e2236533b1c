//! Tells routes what was delivered of their messages: the health of their accounts is judged by it.

use std::{
    fmt,
    sync::{Arc, OnceLock, Weak},
};

use arc_swap::ArcSwap;

use super::account_of;
use crate::{
    api::pb::{DeliveryState, Message, Recipient},
    gateway::Accounts,
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
        let of_route = |recipient: &Recipient| !recipient.account.is_empty() && recipient.account != route;
        let new = message.recipients.iter().enumerate().filter(|(index, recipient)| {
            recipient.state() == DeliveryState::Delivered && of_route(recipient) && !was_delivered(*index)
        });
        let mut new = new.map(|(_, recipient)| recipient).peekable();
        if new.peek().is_none() {
            return;
        }
        let accounts = self.0.get().and_then(Weak::upgrade).map(|accounts| accounts.load_full());
        let account = accounts.as_ref().and_then(|accounts| accounts.get(names::account_id(route)));
        if let Some(route) = account.and_then(|account| account.route.as_ref()) {
            new.for_each(|recipient| route.balance().delivered(message, recipient));
        }
    }
}

impl fmt::Debug for Deliveries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Deliveries")
    }
}

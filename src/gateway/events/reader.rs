//! Reads the log for one caller, from a place on.

use std::sync::Arc;

use arc_swap::ArcSwap;

use super::{
    Gateway,
    filter::{Begin, Filter},
};
use crate::{
    call::Call,
    error::Error,
    gateway::{Accounts, layers::find_all},
    store::{EventFilter, Store, StoredEvent},
};

/// A place in the log, and what to read from there.
pub(super) struct Reader {
    pub(super) store: Store,
    pub(super) filter: Filter,
    /// The last sequence that was looked at.
    pub(super) place: i64,
    call: Call,
    accounts: Arc<ArcSwap<Accounts>>,
    /// The accounts of which `wanted` was made.
    seen: Arc<Accounts>,
    wanted: Arc<EventFilter>,
}

impl Reader {
    /// Begins to read.
    ///
    /// # Errors
    /// ACCOUNT_NOT_FOUND or ACCOUNT_NOT_GRANTED; EVENTS_EXPIRED or EVENTS_RESET; STORE_UNAVAILABLE.
    pub(super) async fn new(gateway: &Gateway, call: &Call, filter: Filter, begin: Begin) -> Result<Self, Error> {
        let (store, accounts) = (gateway.event_store()?.clone(), gateway.accounts.clone());
        let seen = accounts.load_full();
        let wanted = wanted(&seen, call, &filter)?;
        let place = begin.place(&store, &filter).await?;
        Ok(Self { store, filter, place, call: call.clone(), accounts, seen, wanted })
    }

    /// Returns the events of the next page, and moves the place.
    ///
    /// # Errors
    /// EVENTS_EXPIRED: the place is no longer in the log; ACCOUNT_NOT_FOUND: a reload removed the account;
    /// STORE_UNAVAILABLE.
    pub(super) async fn read(&mut self, limit: u32) -> Result<Vec<StoredEvent>, Error> {
        let accounts = self.accounts.load_full();
        if !Arc::ptr_eq(&accounts, &self.seen) {
            self.wanted = wanted(&accounts, &self.call, &self.filter)?;
            self.seen = accounts;
        }
        let page = self.store.events(self.wanted.clone(), self.place, limit).await?;
        if self.place + 1 < page.bounds.oldest {
            return Err(self.filter.expired(&self.store, page.bounds.oldest).await);
        }
        self.place = page.last;
        Ok(page.events)
    }

    /// Returns the token of a place.
    pub(super) fn token(&self, sequence: i64) -> String {
        self.filter.token(self.store.epoch(), sequence)
    }

    /// Returns how many events are in the log after the place.
    pub(super) fn behind(&self) -> i64 {
        (*self.store.newest_event().borrow() - self.place).max(0)
    }
}

fn wanted(accounts: &Accounts, call: &Call, filter: &Filter) -> Result<Arc<EventFilter>, Error> {
    let accounts = find_all(accounts, call, &filter.parent, "parent")?;
    Ok(Arc::new(EventFilter { accounts, kinds: filter.types.clone() }))
}

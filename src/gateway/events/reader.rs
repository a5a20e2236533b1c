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
    request::page,
    store::{EventFilter, Store, StoredEvent},
};

/// The bytes from which a page takes no further event: clients read answers of a few megabytes at most, and a slow stream
/// holds a page.
const PAGE_BYTES: usize = 256 << 10;

/// A place in the log, and what to read from there.
pub(in crate::gateway) struct Reader {
    pub(in crate::gateway) store: Store,
    pub(super) filter: Filter,
    /// The last sequence that was looked at.
    pub(in crate::gateway) place: i64,
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
    pub(in crate::gateway) async fn new(
        gateway: &Gateway,
        call: &Call,
        filter: Filter,
        begin: Begin,
    ) -> Result<Self, Error> {
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
    pub(in crate::gateway) async fn read(&mut self, limit: u32) -> Result<Vec<Arc<StoredEvent>>, Error> {
        let accounts = self.accounts.load_full();
        if !Arc::ptr_eq(&accounts, &self.seen) {
            self.wanted = wanted(&accounts, &self.call, &self.filter)?;
            self.seen = accounts;
        }
        let page = self.store.events(self.wanted.clone(), self.place, limit).await?;
        if self.place + 1 < page.bounds.oldest {
            return Err(self.filter.expired(&self.store, page.bounds.oldest).await);
        }
        let mut events = page.events;
        self.place = if cut(&mut events) { events.last().map_or(self.place, |last| last.sequence) } else { page.last };
        Ok(events)
    }

    /// Returns the token of a place.
    pub(in crate::gateway) fn token(&self, sequence: i64) -> String {
        self.filter.token(self.store.epoch(), sequence)
    }

    /// Returns how many events are in the log after the place.
    pub(super) fn behind(&self) -> i64 {
        (*self.store.newest_event().borrow() - self.place).max(0)
    }
}

fn wanted(accounts: &Accounts, call: &Call, filter: &Filter) -> Result<Arc<EventFilter>, Error> {
    let accounts = find_all(accounts, call, &filter.parent, "parent")?;
    Ok(Arc::new(EventFilter { accounts, kinds: filter.types.clone(), shard: filter.shard }))
}

/// Cuts a page that has too many bytes, but not its first event. Returns whether something was cut.
fn cut(events: &mut Vec<Arc<StoredEvent>>) -> bool {
    let fits = page::fits(events.iter().map(|event| event.body.len()), PAGE_BYTES);
    let is_cut = fits < events.len();
    events.truncate(fits);
    is_cut
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use crate::store::Digest;

    #[test]
    fn a_page_ends_where_it_has_enough_bytes_and_has_one_event_at_least() {
        for (length, kept) in
            [(0, 3), (PAGE_BYTES / 2, 2), (PAGE_BYTES / 2 - 1, 3), (PAGE_BYTES, 1), (PAGE_BYTES * 2, 1)]
        {
            let event = Arc::new(StoredEvent {
                sequence: 1,
                id: Digest([0; 16]),
                account: "accounts/acme".into(),
                kind: 1,
                message_id: None,
                time: SystemTime::UNIX_EPOCH,
                body: vec![0; length],
            });
            let mut events = vec![event; 3];
            assert_eq!((cut(&mut events), events.len()), (kept < 3, kept), "{length}");
        }
    }
}

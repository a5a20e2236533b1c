//! Keeps the list in memory as the ledger says: all of it at the start, then what is new.

use std::{sync::Arc, time::Duration};

use tokio::time::sleep;

use super::{Brand, Consents};
use crate::{
    error::Error,
    store::{ConsentEntry, ConsentFilter},
};

/// How many people or records are read at once.
const PAGE: u32 = 10_000;

/// How often the ledger is looked at: other processes may write to it.
const EVERY: Duration = Duration::from_secs(1);

impl Consents {
    /// Reads the list.
    pub(super) async fn load(&self) -> Result<(), Error> {
        let mut seen = self.seen.lock().await;
        // First, so that what changes meanwhile is read again.
        *seen = self.store.newest_consent_record().await?;
        let mut after = None;
        loop {
            let filter = ConsentFilter { blocked: true, ..ConsentFilter::default() };
            let entries = self.store.consents(filter, after.take(), PAGE).await?;
            entries.iter().for_each(|entry| self.put(entry));
            match entries.last() {
                Some(last) if entries.len() == PAGE as usize => after = Some((last.brand.clone(), last.number)),
                _ => return Ok(()),
            }
        }
    }

    /// Reads what is new in the ledger.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE.
    pub(in crate::gateway) async fn see(&self) -> Result<(), Error> {
        // One at a time: records take effect in their order.
        let mut seen = self.seen.lock().await;
        loop {
            let records = self.store.consent_records(ConsentFilter::default(), *seen, PAGE).await?;
            records.iter().for_each(|record| self.put(&record.entry));
            if let Some(last) = records.last() {
                *seen = last.sequence;
                self.news.notify_waiters();
            }
            if records.len() < PAGE as usize {
                return Ok(());
            }
        }
    }

    /// Follows the ledger, for ever.
    pub(in crate::gateway) async fn follow(self: Arc<Self>) {
        loop {
            sleep(EVERY).await;
            self.catch_up().await;
        }
    }

    /// Reads what is new in the ledger, as far as the store can be read.
    pub(in crate::gateway) async fn catch_up(&self) {
        if let Err(error) = self.see().await {
            tracing::debug!(%error, "the ledger of consent was not read");
        }
    }

    fn put(&self, entry: &ConsentEntry) {
        let brand = Brand::new(&entry.brand);
        if entry.person.is_empty() || !self.store.has_older_keys() {
            return self.list.set(brand.key(&entry.number), entry.blocked);
        }
        // A person whose number is there is in the list once, whichever key the entry is under, and was.
        let numbers = self.store.numbers(&String::from_utf8_lossy(&entry.person));
        (0..).zip(numbers).for_each(|(index, number)| self.list.set(brand.key(&number), index == 0 && entry.blocked));
    }
}

//! Keeps the list in memory as the ledger says: all of it at the start, then what is new.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use tokio::time::sleep;

use super::{Brand, Consents};
use crate::{
    error::Error,
    store::{ConsentEntry, ConsentFilter, Digest},
};

/// How many people or records are read at once.
const PAGE: u32 = 10_000;

/// How many people are asked for at once: a statement of SQLite has a limit of values.
pub(super) const PEOPLE: usize = 1_000;

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

    /// Reads what is new in the ledger, and what is known of these people: a report that was recorded before changes nothing
    /// in the store, and must not block in memory whoever has been permitted since.
    pub(in crate::gateway) async fn settle(&self, people: Vec<Digest>) {
        self.catch_up().await;
        // Held, so that what is read here replaces nothing newer.
        let _seen = self.seen.lock().await;
        for numbers in people.chunks(PEOPLE) {
            let filter = ConsentFilter { numbers: numbers.to_vec(), ..ConsentFilter::default() };
            match self.store.consents(filter, None, u32::MAX).await {
                Ok(entries) => entries.iter().for_each(|entry| self.put(entry)),
                Err(error) => tracing::debug!(%error, "the list of consent was not read"),
            }
        }
    }

    /// Returns since when a person is permitted messages of an account, if something was recorded that permits them.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE.
    pub(in crate::gateway) async fn permitted_since(
        &self,
        account: &str,
        phone_number: &str,
    ) -> Result<Option<SystemTime>, Error> {
        let known = self.known(Some(vec![self.brand(account).name.clone()]), phone_number).await?;
        Ok(known.iter().filter(|entry| !entry.blocked).map(|entry| entry.time).max())
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

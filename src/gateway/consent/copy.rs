//! Copies blocks to the stop lists that vendors keep, so that what is sent by other ways than smsmux is stopped too.
//!
//! Each account goes through the ledger at its own pace, one replica at a time; how far it is, is in the store. A vendor that
//! cannot be reached is asked again, for days if need be. What it rejects is passed over.

use std::{sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use futures::future::join_all;
use prost::Message as _;
use tokio::{
    sync::Notify,
    time::{Instant, sleep},
};

use super::Consents;
use crate::{
    api::{
        StopListService, methods,
        pb::{ConsentEvidence, ConsentOrigin, CreateStopListEntryRequest, StopListEntry},
    },
    call::Call,
    error::{Error, Reason},
    gateway::{Account, Accounts},
    store::{Append, ConsentFilter, ConsentRecord},
};

/// The most records of one step.
const STEP: u32 = 20;

/// How long another replica leaves the copies of an account to this one.
const LEASE: Duration = Duration::from_secs(120);

/// The timeout of one call.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The wait until the ledger is looked at again without news, or a vendor is asked again that could not be reached.
const AGAIN: Duration = Duration::from_secs(60);

impl Consents {
    /// Copies blocks to vendors' stop lists, for ever.
    pub(in crate::gateway) async fn copy(self: Arc<Self>, accounts: Arc<ArcSwap<Accounts>>, changed: Arc<Notify>) {
        if !self.copies {
            return;
        }
        loop {
            let (news, change) = (self.news.notified(), changed.notified());
            let now = accounts.load_full();
            join_all(now.values().map(|account| self.copy_to(account))).await;
            tokio::select! {
                () = news => {}
                () = change => {}
                () = sleep(AGAIN) => {}
            }
        }
    }

    /// Copies what is new to the list of one account, as far as the vendor takes it.
    async fn copy_to(&self, account: &Account) {
        let name = &*account.site.account;
        let vendor = account.vendor.inner().unwrap_or(&*account.vendor);
        let takes = vendor.methods().contains(&methods::StopListService::CreateStopListEntry);
        let Some(list) = vendor.stop_list_service().filter(|_| takes) else { return };
        loop {
            match self.copy_step(name, list).await {
                Ok(true) => {}
                Ok(false) => return,
                Err(error) => {
                    tracing::debug!(account = name, %error, "blocks were not copied to the vendor's stop list yet");
                    return;
                }
            }
        }
    }

    /// Copies some records. Returns whether there may be more.
    async fn copy_step(&self, account: &str, list: &dyn StopListService) -> Result<bool, Error> {
        let (cursor, chore) = (format!("consent copies {account}"), format!("copy consent {account}"));
        // A call that begins before this ends within the lease.
        let until = Instant::now() + LEASE - TIMEOUT;
        // Before the cursor is read: another replica may be about to move it.
        if !self.store.take_chore(&chore, LEASE).await? {
            return Ok(false);
        }
        let at = self.store.cursor(&cursor).await?;
        let at = at.and_then(|value| Some(i64::from_be_bytes(value.try_into().ok()?))).unwrap_or_default();
        let filter = ConsentFilter { brands: Some(vec![self.brand(account).name.clone()]), ..ConsentFilter::default() };
        let records = self.store.consent_records(filter, at, STEP).await?;
        // What another process recorded a moment ago may not be in the list yet, and would be taken for permitted again.
        self.see().await?;
        let (mut done, mut failure) = (at, None);
        for record in records {
            let sequence = record.sequence;
            if Instant::now() >= until {
                break;
            }
            if let Err(error) = self.copy_record(account, list, record).await {
                failure = Some(error);
                break;
            }
            done = sequence;
        }
        if done > at {
            let cursors = vec![(cursor, done.to_be_bytes().to_vec())];
            self.store.append(Append { cursors, ..Append::default() }).await?;
        }
        failure.map_or(Ok(done > at), Err)
    }

    /// Copies one record, if it is of a block that the vendor does not have.
    ///
    /// # Errors
    /// The vendor could not be asked.
    async fn copy_record(&self, account: &str, list: &dyn StopListService, record: ConsentRecord) -> Result<(), Error> {
        let entry = record.entry;
        // The person may have been erased, or permitted again.
        if !entry.blocked || entry.person.is_empty() || !self.list.has(self.brand(account).key(&entry.number)) {
            return Ok(());
        }
        let is_from_there = entry.origin == i32::from(ConsentOrigin::Vendor)
            && ConsentEvidence::decode(&*record.evidence).is_ok_and(|evidence| evidence.account == account);
        if is_from_there {
            return Ok(());
        }
        let phone_number = String::from_utf8_lossy(&entry.person).into_owned();
        let entry = StopListEntry { phone_number, ..StopListEntry::default() };
        let request = CreateStopListEntryRequest { parent: account.to_owned(), entry: Some(entry) };
        let call = Call::until(Instant::now() + TIMEOUT);
        match list.create_stop_list_entry(&call, request).await {
            Ok(_) => Ok(()),
            // The number is on the list, or will never be. An entry of unknown outcome is made once more.
            Err(error) if error.reason() == Reason::ResourceExists => Ok(()),
            Err(error) if matches!(error.reason(), Reason::VendorRefused | Reason::InvalidRequest) => {
                tracing::warn!(account, %error, "the vendor's stop list does not take a number that is blocked");
                Ok(())
            }
            Err(error) => Err(error),
        }
    }
}

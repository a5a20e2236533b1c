//! Copies blocks to the stop lists that vendors keep, so that what is sent by other ways than smsmux is stopped too.
//!
//! Each account goes through the ledger at its own pace, one replica at a time; how far it is, is in the store. A vendor that
//! cannot be reached is asked again, for days if need be. What it rejects is passed over.
//!
//! The lease is taken for each copy anew, and given back when there is nothing to copy. A replica that stood still for longer than
//! its lease ends the one copy that it was making, which the vendor then gets twice and takes once, and changes nothing else.

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

/// The most records that are passed over at once.
const STEP: u32 = 20;

/// How long other replicas leave the copies of an account to the one that makes a copy: longer than a call lasts.
const LEASE: Duration = Duration::from_secs(120);

/// The timeout of one call.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The wait until the ledger is looked at again without news, or a vendor is asked again that could not be reached.
const AGAIN: Duration = Duration::from_secs(60);

/// The copies of one account.
struct Copies<'a> {
    account: &'a str,
    list: &'a dyn StopListService,
    /// Where the ledger was copied up to.
    cursor: String,
    /// The lease of whoever copies.
    chore: String,
}

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
        let copies = Copies {
            account: name,
            list,
            cursor: format!("consent copies {name}"),
            chore: format!("copy consent {name}"),
        };
        let copied = loop {
            match self.copy_next(&copies).await {
                Ok(true) => {}
                Ok(false) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        // Not kept: another replica may be the next that has something to copy.
        let ended = self.store.end_chore(&copies.chore).await;
        if let Err(error) = copied.and(ended) {
            tracing::debug!(account = name, %error, "blocks were not copied to the vendor's stop list yet");
        }
    }

    /// Copies the next block. Returns whether there may be more.
    async fn copy_next(&self, copies: &Copies<'_>) -> Result<bool, Error> {
        if self.records(copies, self.copied_to(copies).await?, 1).await?.is_empty() {
            return Ok(false);
        }
        if !self.store.take_chore(&copies.chore, LEASE).await? {
            return Ok(false);
        }
        // Not before: another replica may have moved it.
        let at = self.copied_to(copies).await?;
        let records = self.records(copies, at, STEP).await?;
        // What another process recorded a moment ago may not be in the list yet, and would be taken for permitted again.
        self.see().await?;
        let (mut done, mut failure) = (at, None);
        for record in records {
            let sequence = record.sequence;
            match self.copy_record(copies, record).await {
                Ok(was_asked) => {
                    done = sequence;
                    if was_asked {
                        break;
                    }
                }
                Err(error) => {
                    failure = Some(error);
                    break;
                }
            }
        }
        // Another replica that has taken the lease meanwhile has begun where this one did, and may be further.
        if done > at && self.store.take_chore(&copies.chore, LEASE).await? && self.copied_to(copies).await? == at {
            let cursors = vec![(copies.cursor.clone(), done.to_be_bytes().to_vec())];
            self.store.append(Append { cursors, ..Append::default() }).await?;
        }
        failure.map_or(Ok(true), Err)
    }

    /// Returns the last record that was copied, or passed over.
    async fn copied_to(&self, copies: &Copies<'_>) -> Result<i64, Error> {
        let at = self.store.cursor(&copies.cursor).await?;
        Ok(at.and_then(|value| Some(i64::from_be_bytes(value.try_into().ok()?))).unwrap_or_default())
    }

    async fn records(&self, copies: &Copies<'_>, after: i64, limit: u32) -> Result<Vec<ConsentRecord>, Error> {
        let brands = Some(vec![self.brand(copies.account).name.clone()]);
        self.store.consent_records(ConsentFilter { brands, ..ConsentFilter::default() }, after, limit).await
    }

    /// Copies one record, if it is of a block that the vendor does not have. Returns whether the vendor was asked.
    ///
    /// # Errors
    /// The vendor could not be asked.
    async fn copy_record(&self, copies: &Copies<'_>, record: ConsentRecord) -> Result<bool, Error> {
        let (&Copies { account, list, .. }, entry) = (copies, record.entry);
        // The person may have been erased, or permitted again.
        let phone_number = String::from_utf8_lossy(&entry.person).into_owned();
        let is_blocked = || self.lists(self.brand(account), &self.store.number(&phone_number), &phone_number);
        if !entry.blocked || phone_number.is_empty() || !is_blocked() {
            return Ok(false);
        }
        let is_from_there = entry.origin == i32::from(ConsentOrigin::Vendor)
            && ConsentEvidence::decode(&*record.evidence).is_ok_and(|evidence| evidence.account == account);
        if is_from_there {
            return Ok(false);
        }
        let entry = StopListEntry { phone_number, ..StopListEntry::default() };
        let request = CreateStopListEntryRequest { parent: account.to_owned(), entry: Some(entry) };
        let call = Call::until(Instant::now() + TIMEOUT);
        match list.create_stop_list_entry(&call, request).await {
            Ok(_) => Ok(true),
            // The number is on the list, or will never be. An entry of unknown outcome is made once more.
            Err(error) if error.reason() == Reason::ResourceExists => Ok(true),
            Err(error) if matches!(error.reason(), Reason::VendorRefused | Reason::InvalidRequest) => {
                tracing::warn!(account, %error, "the vendor's stop list does not take a number that is blocked");
                Ok(true)
            }
            Err(error) => Err(error),
        }
    }
}

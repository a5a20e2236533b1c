//! Who opted out: one list over all accounts of a brand, asked before every send.
//!
//! The store has the list and its ledger. This process has the list in memory (`list`) and follows the ledger (`follow`), which
//! other processes write to as well. A block is in memory before it is recorded, so it is in effect from the commit on. Where
//! processes share a store, the transaction that records a send asks the store, too.

mod change;
mod copy;
mod echo;
mod follow;
mod list;
mod misses;
mod offline;
mod service;
mod words;

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use tokio::sync::{Mutex, Notify};

pub(in crate::gateway) use self::change::Change;
pub use self::offline::OfflineConsents;
use self::{list::List, words::Words};
use super::screen::{Refusals, Rule, Screened};
use crate::{
    api::pb::Purpose,
    config::ConsentConfig,
    error::{Error, Reason},
    request::token,
    store::{Digest, Store},
    vendors::{self, OptOutCode},
};

/// The brand of the accounts of no configured brand.
const OTHERS: &str = "default";

/// Numbers that get no codes either once their owners opted out.
const STRICT: &str = "+1";

/// The explanation of a refusal.
const OPTED_OUT: &str = "the recipient opted out";

/// Who knows which people opted out, for what an analysis tells.
pub trait OptOuts: Send + Sync {
    /// Whether a person who opted out of the messages of an account gets no message of this purpose.
    /// `None` if that cannot be known.
    fn has_opted_out(&self, account: &str, number: &str, purpose: Purpose) -> Option<bool>;
}

/// The people who opted out.
pub struct Consents {
    store: Store,
    list: List,
    /// The newest record of the ledger that the list has.
    seen: Mutex<i64>,
    /// Notified of new records.
    news: Notify,
    strict: bool,
    copies: bool,
    words: Words,
    /// The brands of accounts that have one, by the account's name.
    brands: HashMap<String, Brand>,
    others: Brand,
    /// The codes by which vendors say that a recipient opted out, by the account's name.
    codes: RwLock<HashMap<Arc<str>, &'static [OptOutCode]>>,
}

/// A brand.
#[derive(Debug, Clone)]
struct Brand {
    name: Arc<str>,
    /// Tells the keys of a person in different brands apart.
    salt: u64,
}

impl Brand {
    fn new(name: &str) -> Self {
        Self { name: name.into(), salt: token::fingerprint(name) }
    }

    /// Returns the key of a person in the list.
    fn key(&self, number: &Digest) -> u64 {
        // The first bytes are those of all hashes by the same key.
        let mut key = [0; 8];
        key.copy_from_slice(&number.0[8..]);
        u64::from_le_bytes(key) ^ self.salt
    }
}

impl Consents {
    /// Reads the list from the store.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE.
    pub async fn open(store: Store, config: &ConsentConfig) -> Result<Arc<Self>, Error> {
        let accounts = config.brands.iter().flat_map(|(name, brand)| {
            let brand_of = Brand::new(name);
            brand.accounts.iter().map(move |id| (format!("accounts/{id}"), brand_of.clone()))
        });
        let consents = Self {
            list: List::default(),
            seen: Mutex::new(0),
            news: Notify::new(),
            strict: config.strict,
            copies: config.copy,
            words: Words::new(config),
            brands: accounts.collect(),
            others: Brand::new(OTHERS),
            codes: RwLock::default(),
            store,
        };
        consents.load().await?;
        Ok(Arc::new(consents))
    }

    /// Learns of an account, and by which codes its vendor says that a recipient opted out.
    pub(super) fn learn(&self, account: &Arc<str>, vendor: &str) {
        let platform = vendors::platform(vendor);
        let codes = vendors::OPT_OUTS.iter().find(|(name, _)| *name == platform).map(|(_, codes)| *codes);
        let mut known = self.codes.write().unwrap_or_else(PoisonError::into_inner);
        match codes {
            Some(codes) => known.insert(account.clone(), codes),
            None => known.remove(account),
        };
    }

    fn brand(&self, account: &str) -> &Brand {
        if self.brands.is_empty() { &self.others } else { self.brands.get(account).unwrap_or(&self.others) }
    }

    /// Returns the brand of an account if the transaction that records a send is to ask the store.
    pub(super) fn asked_in_store(&self, account: &str) -> Option<Arc<str>> {
        self.store.is_shared().then(|| self.brand(account).name.clone())
    }

    /// Whether a person is in the list of a brand, by the hash of the number or an older one.
    fn lists(&self, brand: &Brand, number: &Digest, phone_number: &str) -> bool {
        let is_listed = |number: &Digest| self.list.has(brand.key(number));
        is_listed(number) || self.store.older_numbers(phone_number).any(|older| is_listed(&older))
    }

    /// Whether somebody who opted out gets no message of this purpose.
    fn covers(&self, purpose: Purpose, number: &str) -> bool {
        covers(self.strict, purpose, number)
    }
}

/// Whether somebody who opted out gets no message of this purpose.
fn covers(is_strict: bool, purpose: Purpose, number: &str) -> bool {
    purpose != Purpose::Authentication || is_strict || number.starts_with(STRICT)
}

impl OptOuts for Consents {
    fn has_opted_out(&self, account: &str, number: &str, purpose: Purpose) -> Option<bool> {
        let is_listed = || self.lists(self.brand(account), &self.store.number(number), number);
        Some(self.covers(purpose, number) && is_listed())
    }
}

impl Rule for Consents {
    fn screen(&self, send: &Screened<'_>, refusals: &mut Refusals) {
        if self.list.is_empty() && send.opted_out.is_empty() {
            return;
        }
        let brand = self.brand(send.account);
        for (index, (recipient, number)) in (0_u32..).zip(send.recipients.iter().zip(send.numbers)) {
            let opted_out = send.opted_out.contains(&index) || self.lists(brand, number, &recipient.to);
            if opted_out && self.covers(send.content.purpose, &recipient.to) {
                refusals.refuse(index as usize, Reason::RecipientOptedOut, OPTED_OUT);
            }
        }
    }
}

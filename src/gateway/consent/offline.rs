//! Who opted out as the file of a store has it, for a process that does not serve.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use super::{OTHERS, OptOuts, covers};
use crate::{api::pb::Purpose, config::ConsentConfig, store::Beside};

/// The people who opted out, in a store that other processes may have open.
pub struct OfflineConsents {
    store: Mutex<Beside>,
    is_strict: bool,
    /// The brands of accounts that have one, by the account's name.
    brands: BTreeMap<String, String>,
}

impl OfflineConsents {
    /// Reads from this store, which must be a file: it blocks for as long as a look-up takes.
    pub fn new(store: Beside, config: &ConsentConfig) -> Self {
        let of = |(name, id): (&String, &String)| (format!("accounts/{id}"), name.clone());
        let accounts = config.brands.iter().flat_map(|(name, brand)| brand.accounts.iter().map(move |id| (name, id)));
        Self { store: Mutex::new(store), is_strict: config.strict, brands: accounts.map(of).collect() }
    }
}

impl OptOuts for OfflineConsents {
    fn has_opted_out(&self, account: &str, number: &str, purpose: Purpose) -> Option<bool> {
        let brand = self.brands.get(account).map_or(OTHERS, String::as_str);
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        let has_opted_out = store.has_opted_out(brand, number).ok()?;
        Some(has_opted_out && covers(self.is_strict, purpose, number))
    }
}

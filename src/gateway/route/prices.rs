//! What accounts were last paid for a message to a country, as far as their vendors report it. For people who ask what a message
//! would cost: nothing is decided by it.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use crate::{
    api::pb::{KnownPrice, Message},
    text::countries,
};

/// The last prices, by account and country.
#[derive(Debug, Default)]
pub(super) struct Prices(Mutex<BTreeMap<(String, &'static str), KnownPrice>>);

impl Prices {
    /// Notes the prices of a message that an account took.
    pub(super) fn note(&self, account: &str, message: &Message) {
        for recipient in &message.recipients {
            let Some(price) = &recipient.price else { continue };
            let Some(country) = countries::country_of(&recipient.to) else { continue };
            let (account, segment_count) = (account.to_owned(), recipient.segment_count);
            let known = KnownPrice { account: account.clone(), price: Some(price.clone()), segment_count };
            self.lock().insert((account, country), known);
        }
    }

    /// Returns what is known of these accounts for a country.
    pub(super) fn of(&self, accounts: &[String], country: Option<&'static str>) -> Vec<KnownPrice> {
        let (Some(country), known) = (country, self.lock()) else { return Vec::new() };
        accounts.iter().filter_map(|account| known.get(&(account.clone(), country)).cloned()).collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<(String, &'static str), KnownPrice>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

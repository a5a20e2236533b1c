//! What is kept of the counts: each process has a cursor of its own in the store, which the others read.
//!
//! Counts of numbers are not kept: who got how many messages is nobody's business but this process's.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use serde::{Deserialize, Serialize};

use super::{
    account::Account,
    budget::Spent,
    counts::{Counts, Others},
    prefix::Prefix,
};
use crate::config::{Currency, GuardConfig};

/// The most prefixes that are kept: of those that are near a limit.
const PREFIXES: usize = 10_000;

/// The counts of one process.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Saved {
    accounts: BTreeMap<String, Of>,
    spent: BTreeMap<String, Spent>,
    #[serde(default)]
    money: BTreeMap<String, (Currency, Spent)>,
}

/// The counts of an account.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Of {
    account: Account,
    prefixes: Vec<(u64, Prefix)>,
}

impl Saved {
    /// Encodes the counts.
    pub(super) fn encode(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Decodes what [`Self::encode`] returned; `None` if it is damaged, or another version's.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }
}

impl Counts {
    /// Returns what is to be kept.
    pub(super) fn save(&self, settings: &GuardConfig, now: u64) -> Saved {
        let mut saved = Saved {
            accounts: BTreeMap::new(),
            spent: by_name(&self.spending.segments),
            money: by_name(&self.spending.money),
        };
        for (name, at) in &self.names {
            let account = self.accounts[*at as usize].clone();
            saved.accounts.insert(name.as_ref().to_owned(), Of { account, prefixes: Vec::new() });
        }
        let notable = self.prefixes.iter().filter(|(_, prefix)| prefix.is_notable(settings, now));
        let names: BTreeMap<_, _> = self.names.iter().map(|(name, at)| (*at, name.as_ref())).collect();
        for ((at, digits), prefix) in notable.take(PREFIXES) {
            if let Some(of) = names.get(at).and_then(|name| saved.accounts.get_mut(*name)) {
                of.prefixes.push((*digits, prefix.clone()));
            }
        }
        saved
    }

    /// Goes on with what this process kept before it was restarted.
    pub(super) fn adopt(&mut self, saved: Saved, now: u64) {
        for (name, of) in saved.accounts {
            let at = self.account(&name, now);
            self.accounts[at as usize].add(&of.account);
            for (digits, prefix) in of.prefixes {
                self.prefixes.of((at, digits)).add(&prefix);
            }
        }
        saved.spent.iter().for_each(|(owner, spent)| self.spending.add_segments(owner, spent));
        saved.money.iter().for_each(|(owner, spent)| self.spending.add_money(owner, spent));
    }

    /// Replaces what other processes have counted.
    pub(super) fn set_others(&mut self, all: Vec<Saved>, now: u64) {
        let mut others = Others::default();
        for Saved { accounts, spent, money } in all {
            for (name, of) in accounts {
                let at = self.account(&name, now);
                self.accounts[at as usize].since = self.accounts[at as usize].since.min(of.account.since);
                others.accounts.entry(at).or_default().add(&of.account);
                for (digits, prefix) in of.prefixes {
                    others.prefixes.entry((at, digits)).or_default().add(&prefix);
                }
            }
            spent.iter().for_each(|(owner, spent)| others.spending.add_segments(owner, spent));
            money.iter().for_each(|(owner, spent)| others.spending.add_money(owner, spent));
        }
        self.others = others;
    }
}

fn by_name<T: Copy>(all: &HashMap<Arc<str>, T>) -> BTreeMap<String, T> {
    all.iter().map(|(owner, spent)| (owner.as_ref().to_owned(), *spent)).collect()
}

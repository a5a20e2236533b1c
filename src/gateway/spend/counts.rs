//! What the spend guard counts: all counts of a process, and what other replicas have counted.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use super::{
    account::Account,
    budget::{Spent, is_nearly, over_budget},
    number::Number,
    prefix::Prefix,
    recent::Recent,
    rules::{Facts, Rule, To, refused_by_place},
    window::{TEN_MINUTES, WEEK},
};
use crate::config::{GuardConfig, GuardMode};

/// All that is counted.
#[derive(Debug)]
pub(super) struct Counts {
    numbers: Recent<u64, Number>,
    /// By the number of the account and the prefix.
    pub(super) prefixes: Recent<(u32, u64), Prefix>,
    /// The names of the accounts, and their numbers.
    pub(super) names: HashMap<Arc<str>, u32>,
    pub(super) accounts: Vec<Account>,
    /// By account and by caller.
    pub(super) spent: HashMap<Arc<str>, Spent>,
    /// What other replicas have counted.
    pub(super) others: Others,
    /// Whose budgets are nearly spent since a moment ago.
    pub(super) nearly: Vec<Arc<str>>,
}

/// What other replicas have counted, as they last wrote it.
#[derive(Debug, Default)]
pub(super) struct Others {
    pub(super) prefixes: HashMap<(u32, u64), Prefix>,
    pub(super) accounts: HashMap<u32, Account>,
    pub(super) spent: HashMap<Arc<str>, Spent>,
}

/// The numbers that share all but this many are a prefix.
const PREFIX: u64 = 10_000;

impl Counts {
    /// Counts at most `limit` numbers, and as many prefixes.
    pub(super) fn new(limit: usize) -> Self {
        Self {
            numbers: Recent::new(limit),
            prefixes: Recent::new(limit),
            names: HashMap::new(),
            accounts: Vec::new(),
            spent: HashMap::new(),
            others: Others::default(),
            nearly: Vec::new(),
        }
    }

    /// Returns the number of an account.
    pub(super) fn account(&mut self, name: &str, now: u64) -> u32 {
        if let Some(number) = self.names.get(name) {
            return *number;
        }
        let number = self.accounts.len() as u32;
        self.accounts.push(Account { since: now, ..Account::default() });
        self.names.insert(name.into(), number);
        number
    }

    /// Returns the rule that refuses one recipient of a send through the account of this number, and counts the recipient
    /// unless it is refused and the rules are enforced.
    pub(super) fn judge(&mut self, settings: &GuardConfig, facts: &Facts<'_>, at: u32, to: To) -> Option<Rule> {
        let (now, To { digits, country }) = (facts.now, to);
        if digits == 0 {
            return None;
        }
        let key = (at, digits / PREFIX);
        let number = self.numbers.of(digits);
        let prefix = self.prefixes.of(key);
        let account = &mut self.accounts[at as usize];
        let (prefix_of_others, account_of_others) = (self.others.prefixes.get(&key), self.others.accounts.get(&at));
        let refused = refused_by_place(settings, facts, country, digits)
            .or_else(|| number.refused_by(settings, facts))
            .or_else(|| prefix.refused_by(settings, prefix_of_others, (&*account, account_of_others), now))
            .or_else(|| account.refused_by(settings, country, account_of_others, now))
            .or_else(|| over_budget(&self.spent, &self.others.spent, facts));
        if refused.is_some() && settings.mode == GuardMode::Enforce {
            return refused;
        }
        number.count(facts);
        prefix.short.add(TEN_MINUTES, now, 1);
        prefix.week.add(WEEK, now, 1);
        account.count(country, now);
        for (owner, budget) in facts.budgets.iter().flatten() {
            let spent = self.spent.entry((*owner).clone()).or_default();
            let before = is_nearly(budget, spent.at(now));
            spent.add(now, u64::from(facts.segments));
            if !before && is_nearly(budget, spent.at(now)) {
                self.nearly.push((*owner).clone());
            }
        }
        refused
    }

    /// Copies what a send through an account is judged by, to where it can be counted without effect.
    pub(super) fn copy(&self, facts: &Facts<'_>) -> Self {
        let mut copy = Self::new(usize::MAX);
        let to = copy.account(facts.account, facts.now);
        if let Some(at) = self.names.get(facts.account) {
            copy.accounts[to as usize] = self.accounts[*at as usize].clone();
            copy.others.accounts.extend(self.others.accounts.get(at).map(|others| (to, others.clone())));
        }
        for (owner, _) in facts.budgets.iter().flatten() {
            let of = |spent: &HashMap<Arc<str>, Spent>| spent.get(*owner).map(|spent| ((*owner).clone(), *spent));
            copy.spent.extend(of(&self.spent));
            copy.others.spent.extend(of(&self.others.spent));
        }
        copy
    }

    /// Copies what a recipient is judged by, unless the copy has it.
    pub(super) fn copy_recipient(&self, copy: &mut Self, facts: &Facts<'_>, To { digits, .. }: To) {
        let to = copy.account(facts.account, facts.now);
        if let (Some(number), None) = (self.numbers.get(&digits), copy.numbers.get(&digits)) {
            *copy.numbers.of(digits) = number.clone();
        }
        let Some(at) = self.names.get(facts.account) else { return };
        let (here, there) = ((*at, digits / PREFIX), (to, digits / PREFIX));
        if let (Some(prefix), None) = (self.prefixes.get(&here), copy.prefixes.get(&there)) {
            *copy.prefixes.of(there) = prefix.clone();
        }
        copy.others.prefixes.extend(self.others.prefixes.get(&here).map(|others| (there, others.clone())));
    }

    /// Counts that a message to a number was followed by what it was sent for.
    pub(super) fn convert(&mut self, at: u32, To { digits, .. }: To, now: u64) {
        self.prefixes.of((at, digits / PREFIX)).converted.add(WEEK, now, 1);
        self.accounts[at as usize].converted.add(WEEK, now, 1);
    }

    /// Returns the countries that an account sent to within seven days, with the number of messages.
    pub(super) fn countries(&self, account: &str, now: u64) -> BTreeMap<&str, u64> {
        let Some(at) = self.names.get(account) else { return BTreeMap::new() };
        let ours = self.accounts[*at as usize].countries.iter();
        let all = ours.chain(self.others.accounts.get(at).into_iter().flat_map(|account| &account.countries));
        let mut countries = BTreeMap::new();
        for (country, sent) in all {
            *countries.entry(country.as_str()).or_default() += sent.week.count(WEEK, now);
        }
        countries.retain(|_, sent| *sent > 0);
        countries
    }
}

//! What the spend guard counts: all counts of a process, and what other replicas have counted.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use super::{
    account::Account,
    budget::{Cost, Spending, over_budget},
    number::Number,
    prefix::Prefix,
    recent::Recent,
    rules::{Facts, Rule, To, refused_by_place},
    window::{TEN_MINUTES, WEEK},
};
use crate::config::{Amount, GuardConfig, GuardMode};

/// All that is counted.
#[derive(Debug)]
pub(super) struct Counts {
    numbers: Recent<u64, Number>,
    /// By the number of the account and the prefix.
    pub(super) prefixes: Recent<(u32, u64), Prefix>,
    /// The names of the accounts, and their numbers.
    pub(super) names: HashMap<Arc<str>, u32>,
    pub(super) accounts: Vec<Account>,
    /// What accounts and callers spent.
    pub(super) spending: Spending,
    /// What other replicas have counted.
    pub(super) others: Others,
    /// Whose budgets are nearly spent since a moment ago.
    pub(super) nearly: Vec<Arc<str>>,
    /// The recipients since a moment ago that a budget of money does not count, as their price is not known.
    pub(super) unpriced: u64,
}

/// What other replicas have counted, as they last wrote it.
#[derive(Debug, Default)]
pub(super) struct Others {
    pub(super) prefixes: HashMap<(u32, u64), Prefix>,
    pub(super) accounts: HashMap<u32, Account>,
    pub(super) spending: Spending,
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
            spending: Spending::default(),
            others: Others::default(),
            nearly: Vec::new(),
            unpriced: 0,
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
        let cost = cost(facts, country, account, account_of_others);
        let refused = refused_by_place(settings, facts, country, digits)
            .or_else(|| number.refused_by(settings, facts))
            .or_else(|| prefix.refused_by(settings, prefix_of_others, (&*account, account_of_others), now))
            .or_else(|| account.refused_by(settings, country, account_of_others, now))
            .or_else(|| over_budget(&self.spending, &self.others.spending, facts, &cost));
        if refused.is_some() && settings.mode == GuardMode::Enforce {
            return refused;
        }
        number.count(facts);
        prefix.short.add(TEN_MINUTES, now, 1);
        prefix.week.add(WEEK, now, 1);
        account.count(country, now);
        let (nearly, is_unpriced) = self.spending.count(facts, &cost);
        self.nearly.extend(nearly.into_iter().cloned());
        self.unpriced += u64::from(is_unpriced);
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
            self.spending.copy(owner, &mut copy.spending);
            self.others.spending.copy(owner, &mut copy.others.spending);
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

    /// Notes what the account of this number paid for a segment to a country.
    pub(super) fn paid(&mut self, at: u32, country: &str, price: Amount, now: u64) {
        self.accounts[at as usize].paid(country, price, now);
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

/// Returns what a recipient of a send comes to: by the prices of the configuration, or else by the last that was paid.
fn cost(facts: &Facts<'_>, country: &str, account: &Account, account_of_others: Option<&Account>) -> Cost {
    let segments = u64::from(facts.segments);
    let is_asked = facts.budgets.iter().flatten().any(|(_, budget)| budget.money.is_some());
    let price = || {
        let of_others = account_of_others.and_then(|others| others.price(country));
        let paid = [account.price(country), of_others].into_iter().flatten().max_by_key(|(time, _)| *time);
        let price = facts.prices.and_then(|prices| prices.get(country)).copied().or(paid.map(|(_, price)| price))?;
        Some(Amount { millionths: price.millionths.saturating_mul(segments), ..price })
    };
    Cost { segments, price: if is_asked { price() } else { None } }
}

//! The balance of a route: its health, as far as this process sees it, between the rules of the configuration and the
//! sends.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use super::{
    health::{self, Attempt, Candidate, Cause, Country, Health, Move, Pin, Policy, Time},
    share::Set,
};
use crate::{
    api::pb::{Message, Recipient, RouteShare},
    config::{
        RouteConfig,
        route::{Action, Choice, Send},
    },
    epoch,
    error::{Error, Reason},
    gateway::Account,
    request::names,
    telemetry::metrics::{AttemptResult, RouteMetrics},
    text::countries,
};

/// The accounts to ask for a recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Turn<'a> {
    /// The accounts, the first one first.
    pub(super) accounts: Vec<&'a str>,
    /// The account that the configuration chooses, if there is a choice. All others are given what is not theirs.
    pub(super) home: Option<&'a str>,
    /// How long to wait if no account has room.
    pub(super) wait: Option<Duration>,
}

/// The balance of a route.
#[derive(Debug)]
pub(in crate::gateway) struct Balance {
    /// The route's id.
    route: String,
    /// The ids of the accounts.
    accounts: Vec<String>,
    /// For each rule that has a choice, by its number: its place in the health.
    rules: BTreeMap<usize, usize>,
    /// Held for a few hundred instructions, never over an await.
    health: Mutex<Health>,
    /// The accounts whose weights an operator has changed, to be pinned.
    to_pin: Mutex<Vec<usize>>,
    metrics: RouteMetrics,
}

impl Balance {
    /// Creates the balance of the route `id` over these accounts. `before` are the rules that a reload has replaced.
    pub(super) fn new(
        id: &str,
        config: &RouteConfig,
        accounts: &BTreeMap<String, Arc<Account>>,
        before: Option<&RouteConfig>,
    ) -> Self {
        Self::of(id, config, accounts.iter().map(|(id, account)| candidate(id, account)).collect(), before)
    }

    pub(super) fn of(id: &str, config: &RouteConfig, candidates: Vec<Candidate>, before: Option<&RouteConfig>) -> Self {
        let index = |account: &str| candidates.iter().position(|candidate| candidate.account == account);
        let (mut rules, mut choices) = (BTreeMap::new(), Vec::new());
        for rule in &config.rules {
            if let Action::Send(send) = &rule.then
                && let Some(choice) = choice(send, index)
            {
                rules.insert(rule.number, choices.len());
                choices.push(choice);
            }
        }
        let to_pin = before.map(|before| changed(before, config)).unwrap_or_default();
        let policy = Policy { observes: config.observes, is_strict: config.strict_order };
        let accounts: Vec<_> = candidates.iter().map(|candidate| candidate.account.clone()).collect();
        Self {
            to_pin: Mutex::new(to_pin.iter().filter_map(|account| index(account)).collect()),
            route: id.to_owned(),
            metrics: RouteMetrics::new(id, &accounts),
            accounts,
            rules,
            health: Mutex::new(Health::new(id, candidates, choices, policy, now())),
        }
    }

    /// Returns the accounts to be asked for a recipient by a rule.
    pub(super) fn turn<'a>(&'a self, rule: usize, send: &'a Send, number: &str, country: Option<&str>) -> Turn<'a> {
        let Some(choice) = self.rules.get(&rule) else {
            return Turn { accounts: send.asked(), home: None, wait: None };
        };
        let order = self.lock().order(*choice, number, Country::from(country.unwrap_or_default()), now());
        let name = |index: usize| self.accounts.get(index).map(String::as_str);
        Turn {
            accounts: order.candidates.iter().filter_map(|index| name(*index)).collect(),
            home: name(order.home),
            wait: order.wait,
        }
    }

    /// Takes room for the sends to so many recipients at an account. Returns whether there is any.
    pub(super) fn take(&self, account: &str, home: Option<&str>, count: usize) -> bool {
        let (Some(home), Some(index)) = (home, self.index(account)) else { return true };
        self.lock().take(index, home == account, u32::try_from(count).unwrap_or(u32::MAX), now())
    }

    /// Notes what an account answered for recipients in these countries.
    pub(super) fn observe<'a>(
        &self,
        account: &str,
        result: Result<(), &Error>,
        countries: impl Iterator<Item = Option<&'a str>>,
    ) {
        let Some(index) = self.index(account) else { return };
        let (attempt, counted) = match result {
            Ok(_) => (Attempt::Accepted, AttemptResult::Accepted),
            Err(error) => (judged(error), AttemptResult::of(error)),
        };
        self.metrics.attempted(index, counted);
        if self.rules.is_empty() {
            return;
        }
        let (mut health, now) = (self.lock(), now());
        for country in countries {
            health.observe(index, Country::from(country.unwrap_or_default()), attempt, now);
        }
    }

    /// Counts a send that no account took.
    pub(super) fn exhausted(&self) {
        self.metrics.exhausted();
    }

    /// Notes that a message of the route was delivered to a recipient.
    pub(in crate::gateway) fn delivered(&self, message: &Message, recipient: &Recipient) {
        let account = names::account_id(&recipient.account);
        let again = recipient.resend.as_ref().and_then(|first| first.create_time);
        let sent =
            again.or(recipient.create_time).or(message.create_time).and_then(|time| SystemTime::try_from(time).ok());
        let (Some(index), Some(sent)) = (self.index(account), sent.map(epoch::since)) else { return };
        if !self.rules.is_empty() {
            let country = countries::country_of(&recipient.to).unwrap_or_default();
            self.lock().delivered(index, Country::from(country), sent, now());
        }
    }

    /// Returns the route's id.
    pub(super) fn route(&self) -> &str {
        &self.route
    }

    /// Returns why an account is not asked now, if that is for its health or for what an operator set.
    pub(super) fn why_not(&self, account: &str) -> Option<&'static str> {
        let (index, health, now) = (self.index(account)?, self.lock(), now());
        if health.is_taken_out(index, now) {
            return Some("an operator set its share to 0");
        }
        health.is_out(index, now).then_some("its circuit breaker is open")
    }

    /// Whether a rule has a choice, so that there is something to judge.
    pub(super) fn has_choice(&self) -> bool {
        !self.rules.is_empty()
    }

    /// Pins the accounts whose weights an operator has changed, and returns the moves.
    pub(super) fn pin(&self) -> Vec<Move> {
        let to_pin = std::mem::take(&mut *self.to_pin.lock().unwrap_or_else(PoisonError::into_inner));
        let (mut health, now) = (self.lock(), now());
        to_pin.into_iter().filter_map(|candidate| health.pin(candidate, now)).collect()
    }

    /// Uses what operators set, the last of an account last.
    pub(super) fn set(&self, all: &[Set]) {
        self.lock().set(all.iter().filter_map(|set| Some((self.index(&set.account)?, set.pin))));
    }

    /// Returns how an account is moved by what an operator sets, if a rule chooses the account among others.
    pub(super) fn would_set(&self, account: &str, pin: Pin) -> Option<Move> {
        let (index, health) = (self.index(account)?, self.lock());
        let from = health.share(index, Country::UNKNOWN, now());
        let cause = Cause::Pinned(pin.until.saturating_sub(pin.at));
        let moved = Move { account: account.to_owned(), country: None, from, to: pin.share, cause };
        health.has_peers(index).then_some(moved)
    }

    /// Returns the number of a rule that would have no account left if this one were taken out.
    pub(super) fn is_last_of(&self, account: &str) -> Option<usize> {
        let choice = self.lock().is_last_of(self.index(account)?, now())?;
        self.rules.iter().find(|(_, of)| **of == choice).map(|(number, _)| *number)
    }

    /// Returns how an account was moved as what an operator set is over, and nothing else was set since.
    pub(super) fn was_set(&self, Set { account, pin, .. }: &Set) -> Option<Move> {
        let (index, health, now) = (self.index(account)?, self.lock(), now());
        let to = health.share(index, Country::UNKNOWN, now);
        let moved = Move { account: account.clone(), country: None, from: pin.share, to, cause: Cause::Unpinned };
        (health.set_until(index, now).is_none() && moved.from != to).then_some(moved)
    }

    /// Returns what the accounts get that rules choose among others.
    pub(in crate::gateway) fn shares(&self) -> Vec<RouteShare> {
        let (health, now) = (self.lock(), now());
        let share = |(index, account): (usize, &String)| RouteShare {
            account: format!("accounts/{account}"),
            share: health.weight(index, now),
            end_time: health.set_until(index, now).map(|until| (UNIX_EPOCH + until).into()),
        };
        self.accounts.iter().enumerate().filter(|(index, _)| health.has_peers(*index)).map(share).collect()
    }

    /// Shows the weights in the metrics.
    pub(super) fn show(&self) {
        let (health, now) = (self.lock(), now());
        (0..self.accounts.len()).for_each(|index| self.metrics.weight(index, health.weight(index, now)));
    }

    /// The health, for a few hundred instructions.
    pub(super) fn lock(&self) -> MutexGuard<'_, Health> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn index(&self, account: &str) -> Option<usize> {
        self.accounts.iter().position(|id| id == account)
    }
}

fn candidate(id: &str, account: &Account) -> Candidate {
    Candidate {
        account: id.to_owned(),
        most_per_minute: account.requests_per_second.map(|rate| f64::from(rate) * 60.0),
        has_reports: account.route.is_none() && (account.looks_up() || account.webhook.is_open()),
    }
}

/// Returns what a rule chooses among, if it has a choice.
fn choice(send: &Send, index: impl Fn(&str) -> Option<usize>) -> Option<health::Rule> {
    let candidates: Vec<_> = match &send.choice {
        Choice::Order(order) => order.iter().filter_map(|account| Some((index(account)?, None))).collect(),
        Choice::Weights(weights) => {
            let weights = weights.iter().filter(|(_, weight)| **weight > 0);
            weights.filter_map(|(account, weight)| Some((index(account)?, Some(f64::from(*weight))))).collect()
        }
    };
    let is_new = |account: &usize| candidates.iter().all(|(candidate, _)| candidate != account);
    let then: Vec<_> = send.then.iter().filter_map(|account| index(account)).filter(is_new).collect();
    (candidates.len() + then.len() > 1).then_some(health::Rule { candidates, then })
}

/// Returns the accounts whose weight in a rule of the same number is another one than before.
fn changed<'a>(before: &RouteConfig, now: &'a RouteConfig) -> Vec<&'a str> {
    let weights = |config: &RouteConfig, number: usize| {
        let rule = config.rules.iter().find(|rule| rule.number == number)?;
        match &rule.then {
            Action::Send(Send { choice: Choice::Weights(weights), .. }) => Some(weights.clone()),
            _ => None,
        }
    };
    let mut changed = Vec::new();
    for rule in &now.rules {
        let (Action::Send(Send { choice: Choice::Weights(weights_now), .. }), Some(weights_before)) =
            (&rule.then, weights(before, rule.number))
        else {
            continue;
        };
        let is_changed = |(account, weight): &(&String, &u32)| weights_before.get(*account) != Some(*weight);
        changed.extend(weights_now.iter().filter(is_changed).map(|(account, _)| account.as_str()));
    }
    changed
}

/// Returns what an error shows about the account.
fn judged(error: &Error) -> Attempt {
    match (error.reason(), error.was_not_sent(), error.retry_delay()) {
        // The circuit breaker's own answer has the time.
        (Reason::VendorUnavailable, true, Some(wait)) => Attempt::Out(wait),
        (Reason::VendorUnavailable, ..) => Attempt::Failed,
        _ if !error.was_not_sent() && !error.was_refused() => Attempt::Failed,
        _ => Attempt::Neutral,
    }
}

/// Returns the time.
pub(super) fn now() -> Time {
    epoch::now()
}

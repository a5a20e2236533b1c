//! The order in which the accounts of a rule are asked for a recipient: the configured one, or by weight. An account that
//! rejected a send for a fault of its own is left out for a while.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use super::{
    health::draw::{hash, place, score},
    verdict::Verdict,
};
use crate::config::route::{Choice, MOST_ATTEMPTS, Send};

/// How long an account is left out for a country and a sender.
const LEFT_OUT_FOR: Duration = Duration::from_secs(600);

/// The most entries of accounts that are left out: a caller may use any number of senders.
const MOST_LEFT_OUT: usize = 1000;

/// What an account is left out for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Lane {
    account: String,
    country: Option<&'static str>,
    sender: String,
}

/// Chooses among the accounts of a rule.
#[derive(Debug)]
pub(super) struct Chooser {
    /// The route's id.
    route: String,
    left_out: Mutex<HashMap<Lane, Instant>>,
}

impl Chooser {
    /// Creates the chooser of a route.
    pub(super) fn new(route: &str) -> Self {
        Self { route: route.to_owned(), left_out: Mutex::default() }
    }

    /// The route's id.
    pub(super) fn route(&self) -> &str {
        &self.route
    }

    /// Returns the accounts to be asked for a recipient, the first one first.
    pub(super) fn order<'a>(
        &self,
        rule: &'a Send,
        recipient: &str,
        country: Option<&'static str>,
        sender: &str,
        now: Instant,
    ) -> Vec<&'a str> {
        let mut accounts: Vec<&str> = match &rule.choice {
            Choice::Order(order) => order.iter().map(String::as_str).collect(),
            Choice::Weights(weights) => {
                let weights = weights.iter().filter(|(_, weight)| **weight > 0);
                let mut drawn: Vec<_> = weights
                    .map(|(account, weight)| (self.draw(account, *weight, recipient), account.as_str()))
                    .collect();
                drawn.sort_unstable_by(|(a, _), (b, _)| b.total_cmp(a));
                drawn.into_iter().map(|(_, account)| account).collect()
            }
        };
        accounts.extend(rule.then.iter().map(String::as_str));
        let is_in = |account: &&str| !self.is_left_out(account, country, sender, now);
        // If all are left out, it is tried whether that is still right.
        if accounts.iter().any(is_in) {
            accounts.retain(is_in);
        }
        accounts.truncate(MOST_ATTEMPTS);
        accounts
    }

    /// Notes what came of an attempt.
    pub(super) fn observe(
        &self,
        account: &str,
        country: Option<&'static str>,
        sender: &str,
        verdict: Verdict,
        now: Instant,
    ) {
        let lane = || Lane { account: account.to_owned(), country, sender: sender.to_owned() };
        match verdict {
            Verdict::AccountsFault => {
                let mut left_out = self.lock();
                left_out.retain(|_, until| *until > now);
                if left_out.len() < MOST_LEFT_OUT && left_out.insert(lane(), now + LEFT_OUT_FOR).is_none() {
                    let country = country.unwrap_or("no country");
                    tracing::warn!(
                        route = self.route,
                        account,
                        country,
                        "the account is left out for ten minutes: it is at fault"
                    );
                }
            }
            Verdict::Accepted => {
                let mut left_out = self.lock();
                if !left_out.is_empty() {
                    left_out.remove(&lane());
                }
            }
            _ => {}
        }
    }

    /// Whether an account is left out.
    pub(super) fn is_left_out(&self, account: &str, country: Option<&'static str>, sender: &str, now: Instant) -> bool {
        let left_out = self.lock();
        if left_out.is_empty() {
            return false;
        }
        let lane = Lane { account: account.to_owned(), country, sender: sender.to_owned() };
        left_out.get(&lane).is_some_and(|until| *until > now)
    }

    /// Returns the lot of an account for a recipient: the highest one is first. The same recipient has the same account as
    /// long as the weights rest, and a changed weight moves only what it has to.
    fn draw(&self, account: &str, weight: u32, recipient: &str) -> f64 {
        let account = hash(format!("{}/{account}", self.route).as_bytes());
        score(f64::from(weight), place(hash(recipient.as_bytes()), account))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Lane, Instant>> {
        self.left_out.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::config::route::OnUnknown;

    fn send(choice: Choice, then: &[&str]) -> Send {
        let then = then.iter().map(|account| (*account).to_owned()).collect();
        Send { choice, then, sender: None, on_unknown: OnUnknown::Stop }
    }

    fn by_weight(weights: &[(&str, u32)], then: &[&str]) -> Send {
        let weights = weights.iter().map(|(account, weight)| ((*account).to_owned(), *weight));
        send(Choice::Weights(weights.collect()), then)
    }

    /// How many of many recipients have each account first.
    fn shares(chooser: &Chooser, rule: &Send) -> BTreeMap<String, usize> {
        let mut shares = BTreeMap::new();
        for number in 0..10_000 {
            let first = chooser.order(rule, &format!("+4915{number:08}"), Some("DE"), "", Instant::now())[0].to_owned();
            *shares.entry(first).or_default() += 1;
        }
        shares
    }

    #[test]
    fn weights_share_the_recipients_and_each_keeps_its_account() {
        let chooser = Chooser::new("main");
        let before = by_weight(&[("a", 60), ("b", 40), ("off", 0)], &["c"]);
        let after = by_weight(&[("a", 50), ("b", 50)], &["c"]);
        let found = shares(&chooser, &before);
        assert!((5800..6200).contains(&found["a"]) && found["a"] + found["b"] == 10_000, "{found:?}");
        let now = Instant::now();
        let order = |rule: &_, number: &str| {
            let order = chooser.order(rule, number, None, "", now);
            order.into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        let mut moved = 0;
        for number in 0..10_000 {
            let number = format!("+4915{number:08}");
            let (old, new) = (order(&before, &number), order(&after, &number));
            assert_eq!(old, order(&before, &number));
            assert_eq!((old.len(), old[2].as_str(), new[2].as_str()), (3, "c", "c"));
            assert!(old[0] == new[0] || old[0] == "a", "only the share that shrinks moves");
            moved += usize::from(old[0] != new[0]);
        }
        assert!((800..1200).contains(&moved), "{moved}");
    }

    #[test]
    fn an_account_at_fault_is_left_out_for_ten_minutes_for_the_country_and_the_sender() {
        let chooser = Chooser::new("main");
        let rule = send(Choice::Order(vec!["a".to_owned(), "b".to_owned()]), &[]);
        let now = Instant::now();
        let order = |country, sender| chooser.order(&rule, "+4915100000001", Some(country), sender, now);
        let observe = |account, verdict| chooser.observe(account, Some("DE"), "shop", verdict, now);
        observe("a", Verdict::AccountsFault);
        assert_eq!(order("DE", "shop"), ["b"]);
        assert_eq!((order("DE", "bank"), order("FR", "shop")), (vec!["a", "b"], vec!["a", "b"]));
        // If nobody else is there, it is asked.
        observe("b", Verdict::AccountsFault);
        assert_eq!(order("DE", "shop"), ["a", "b"]);
        observe("b", Verdict::Accepted);
        assert_eq!(order("DE", "shop"), ["b"]);
        let later = chooser.order(&rule, "+4915100000001", Some("DE"), "shop", now + LEFT_OUT_FOR);
        assert_eq!(later, ["a", "b"]);
        for verdict in [Verdict::NotSent, Verdict::Final, Verdict::Unknown] {
            observe("b", verdict);
        }
        assert_eq!(order("DE", "shop"), ["b"]);
    }
}

//! The order in which the accounts of a rule are asked for a recipient: that of their health. An account that
//! rejected a send for a fault of its own is left out for a while.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use super::{
    balance::{Balance, Turn},
    verdict::Verdict,
};
use crate::config::route::{MOST_ATTEMPTS, Send};

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
    pub(super) balance: Balance,
    left_out: Mutex<HashMap<Lane, Instant>>,
}

impl Chooser {
    /// Creates the chooser of a route with this balance.
    pub(super) fn new(balance: Balance) -> Self {
        Self { balance, left_out: Mutex::default() }
    }

    /// Returns the accounts to be asked for a recipient by the rule of this number.
    pub(super) fn order<'a>(
        &'a self,
        rule: usize,
        send: &'a Send,
        recipient: &str,
        country: Option<&'static str>,
        sender: &str,
    ) -> Turn<'a> {
        let mut turn = self.balance.turn(rule, send, recipient, country);
        let accounts = &mut turn.accounts;
        let left_out = self.lock();
        if !left_out.is_empty() {
            let now = Instant::now();
            let is_in = |account: &&str| !is_in_list(&left_out, account, country, sender, now);
            // If all are left out, it is tried whether that is still right.
            if accounts.iter().any(is_in) {
                accounts.retain(is_in);
            }
        }
        accounts.truncate(MOST_ATTEMPTS);
        turn
    }

    /// Notes what came of an attempt for recipients in these countries.
    pub(super) fn observe(
        &self,
        account: &str,
        countries: impl Iterator<Item = Option<&'static str>>,
        sender: &str,
        verdict: Verdict,
    ) {
        let mut left_out = self.lock();
        let is_news = match verdict {
            Verdict::AccountsFault => true,
            Verdict::Accepted => !left_out.is_empty(),
            _ => false,
        };
        if !is_news {
            return;
        }
        let now = Instant::now();
        left_out.retain(|_, until| *until > now);
        for country in countries.collect::<BTreeSet<_>>() {
            let lane = Lane { account: account.to_owned(), country, sender: sender.to_owned() };
            if verdict == Verdict::Accepted {
                left_out.remove(&lane);
            } else if left_out.len() < MOST_LEFT_OUT && left_out.insert(lane, now + LEFT_OUT_FOR).is_none() {
                let country = country.unwrap_or("no country");
                tracing::warn!(
                    route = self.balance.route(),
                    account,
                    country,
                    "the account is left out for ten minutes: it is at fault"
                );
            }
        }
    }

    /// Whether an account is left out.
    pub(super) fn is_left_out(&self, account: &str, country: Option<&'static str>, sender: &str) -> bool {
        is_in_list(&self.lock(), account, country, sender, Instant::now())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Lane, Instant>> {
        self.left_out.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether an account is left out by this list.
fn is_in_list(
    left_out: &HashMap<Lane, Instant>,
    account: &str,
    country: Option<&'static str>,
    sender: &str,
    now: Instant,
) -> bool {
    let lane = Lane { account: account.to_owned(), country, sender: sender.to_owned() };
    left_out.get(&lane).is_some_and(|until| *until > now)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::config::{
        RouteConfig,
        route::{Choice, OnUnknown, Resend},
    };

    #[test]
    fn an_account_at_fault_is_left_out_for_ten_minutes_for_the_country_and_the_sender() {
        let config = RouteConfig { rules: Vec::new(), observes: false, strict_order: false };
        let chooser = Chooser::new(Balance::new("main", &config, &BTreeMap::new(), None));
        let began = Instant::now();
        let choice = Choice::Order(vec!["a".to_owned(), "b".to_owned()]);
        let rule = Send {
            choice,
            then: Vec::new(),
            sender: None,
            on_unknown: OnUnknown::Stop,
            needs: Vec::new(),
            resend: Resend::default(),
        };
        let order = |country, sender| chooser.order(1, &rule, "+4915100000001", Some(country), sender).accounts;
        let observe = |account, verdict| chooser.observe(account, [Some("DE")].into_iter(), "shop", verdict);
        observe("a", Verdict::AccountsFault);
        assert_eq!(order("DE", "shop"), ["b"]);
        assert_eq!((order("DE", "bank"), order("FR", "shop")), (vec!["a", "b"], vec!["a", "b"]));
        // An account that is left out is asked if there is no other.
        observe("b", Verdict::AccountsFault);
        assert_eq!(order("DE", "shop"), ["a", "b"]);
        observe("b", Verdict::Accepted);
        assert_eq!(order("DE", "shop"), ["b"]);
        for verdict in [Verdict::NotSent, Verdict::Final, Verdict::Unknown] {
            observe("b", verdict);
        }
        assert_eq!(order("DE", "shop"), ["b"]);
        assert!(chooser.lock().values().all(|until| *until >= began + LEFT_OUT_FOR));
        chooser.lock().values_mut().for_each(|until| *until = Instant::now());
        assert_eq!(order("DE", "shop"), ["a", "b"]);
    }
}

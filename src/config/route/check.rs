//! Checks the rules of all routes beside each other, and beside the accounts and callers.

use std::collections::{BTreeMap, BTreeSet};

use super::{Action, Choice, Conditions, MOST_ATTEMPTS, RouteConfig, Rule, Send, To};
use crate::{
    config::{AccountConfig, Problem, Problems, StoreConfig},
    text::{countries, senders::Senders},
};

/// How deep a route may be in others.
const DEPTH: usize = 3;

/// Checks the routes: they need the store, accounts and callers that exist, rules that can be reached, and a rule for every
/// recipient.
pub(in crate::config) fn check(
    accounts: &BTreeMap<String, AccountConfig>,
    ids: &BTreeSet<String>,
    callers: &BTreeSet<String>,
    store: &StoreConfig,
    senders: &Senders,
    problems: &mut Problems,
) {
    for (id, account) in accounts {
        let Some(route) = &account.route else { continue };
        let mut problem = |key: &str, text: String| {
            problems.push(Problem { path: format!("accounts.{id}.{key}"), text });
        };
        if !store.enabled {
            problem(
                "vendor",
                "a route needs the store, which knows the account that each message went through".to_owned(),
            );
        }
        for rule in &route.rules {
            let mut faults = faults_of(id, rule, route, accounts, ids, callers);
            faults.extend(resend_faults(rule, accounts, store));
            faults.extend(forbidden_senders(rule, senders));
            faults.into_iter().for_each(|fault| problem("rules", format!("rule {}: {fault}", rule.number)));
        }
        if let Some(last) = route.rules.last().filter(|last| last.is_sound && last.when != Conditions::default()) {
            let text = "the last rule must have no condition, so that every recipient meets one: end with \
                        { use = [...] } or { refuse = \"...\" }";
            problem("rules", format!("rule {}: {text}", last.number));
        }
    }
}

fn faults_of(
    id: &str,
    rule: &Rule,
    route: &RouteConfig,
    accounts: &BTreeMap<String, AccountConfig>,
    ids: &BTreeSet<String>,
    callers: &BTreeSet<String>,
) -> Vec<String> {
    let mut faults = Vec::new();
    let mut seen = BTreeSet::new();
    for account in rule.accounts() {
        if !seen.insert(account) {
            faults.push(format!("names {account:?} twice"));
        } else if !ids.contains(account) {
            faults.push(format!("unknown account {account:?}"));
        } else if account == id || leads_to(account, id, accounts, DEPTH) {
            faults.push(format!("{account:?} leads back to this route"));
        } else if depth(account, accounts, DEPTH) >= DEPTH {
            faults.push(format!("{account:?} is a route over more than {} others", DEPTH - 1));
        }
    }
    if let Action::Send(send) = &rule.then
        && let Choice::Order(order) = &send.choice
        && order.len() + send.then.len() > MOST_ATTEMPTS
    {
        faults.push(format!("at most {MOST_ATTEMPTS} accounts are asked in order"));
    }
    for caller in rule.when.caller.iter().filter(|caller| !callers.contains(*caller)) {
        faults.push(format!("caller: unknown caller {caller:?}"));
    }
    let mut earlier = route.rules.iter().take_while(|earlier| earlier.number < rule.number);
    // Of a rule with a fault it is not known what it fits.
    let hides = |earlier: &&Rule| earlier.is_sound && rule.is_sound && covers(&earlier.when, &rule.when);
    if let Some(earlier) = earlier.find(hides) {
        faults.push(format!("is never reached: all that it fits meets rule {} first", earlier.number));
    }
    faults
}

/// Returns why a message of the rule cannot be sent again.
fn resend_faults(rule: &Rule, accounts: &BTreeMap<String, AccountConfig>, store: &StoreConfig) -> Vec<String> {
    let Action::Send(send) = &rule.then else { return Vec::new() };
    if !send.resend.is_on() {
        return Vec::new();
    }
    let key = if send.resend.on.is_empty() { "resend_after" } else { "resend_on" };
    let mut faults = Vec::new();
    if store.enabled && !store.keep_texts {
        faults.push(format!("{key}: needs store.keep_texts = true, as the text is sent again"));
    }
    if send.asked().len() < 2 {
        faults.push(format!("{key}: there is no other account to send through"));
    }
    let is_route = |name: &&str| accounts.get(*name).is_some_and(|account| account.route.is_some());
    let of_routes = send.asked().into_iter().filter(is_route);
    faults.extend(of_routes.map(|name| format!("{key}: {name:?} is a route; name its accounts instead")));
    faults
}

/// Returns why the sender of a rule is not possible in the countries that the rule is for.
fn forbidden_senders(rule: &Rule, senders: &Senders) -> Vec<String> {
    let Action::Send(Send { sender: Some(sender), .. }) = &rule.then else { return Vec::new() };
    let countries = rule.when.to.iter().filter_map(|to| match to {
        To::Country(code) => Some(code.as_str()),
        To::Prefix(prefix) => countries::country_of(prefix),
    });
    countries.filter_map(|country| senders.problem(sender, country)).map(|why| format!("sender: {why}")).collect()
}

/// Whether an account is a route that leads to this one.
fn leads_to(account: &str, id: &str, accounts: &BTreeMap<String, AccountConfig>, depth: usize) -> bool {
    let Some(route) = accounts.get(account).and_then(|account| account.route.as_ref()).filter(|_| depth > 0) else {
        return false;
    };
    route.accounts().into_iter().any(|next| next == id || leads_to(next, id, accounts, depth - 1))
}

/// Returns how many routes are in each other: 0 for an account that is none.
fn depth(account: &str, accounts: &BTreeMap<String, AccountConfig>, most: usize) -> usize {
    match accounts.get(account).and_then(|account| account.route.as_ref()) {
        Some(route) if most > 0 => {
            1 + route.accounts().into_iter().map(|next| depth(next, accounts, most - 1)).max().unwrap_or_default()
        }
        Some(_) => 1,
        None => 0,
    }
}

/// Whether conditions fit all that others fit.
fn covers(ours: &Conditions, theirs: &Conditions) -> bool {
    let Conditions { to, from, purpose, caller, tag, at, segments } = ours;
    let is_to =
        to.is_empty() || !theirs.to.is_empty() && theirs.to.iter().all(|their| to.iter().any(|our| our.covers(their)));
    let has_segments = segments.is_none_or(|(least, most)| {
        theirs.segments.is_some_and(|(their_least, their_most)| least <= their_least && their_most <= most)
    });
    is_to
        && has_segments
        && are_in(from, &theirs.from)
        && are_in(purpose, &theirs.purpose)
        && are_in(caller, &theirs.caller)
        && are_in(tag, &theirs.tag)
        && are_in(at, &theirs.at)
}

/// Whether a list fits all that another one fits.
fn are_in<T: PartialEq>(ours: &[T], theirs: &[T]) -> bool {
    ours.is_empty() || !theirs.is_empty() && theirs.iter().all(|one| ours.contains(one))
}

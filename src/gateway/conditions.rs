//! Conditions of accounts that people must know of. Each change is one event, whatever replicas see it and however often.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use tokio::{sync::Notify, time::sleep};

use super::{Account, Accounts, Log, accounts::for_each_account, pushes::Maker};
use crate::{
    api::pb::{AccountChanged, EventSource, account_changed::Condition},
    error::Error,
    store::Append,
};

/// The wait until a change is recorded again that was not.
const AGAIN: Duration = Duration::from_secs(5);

/// Records that a condition of an account has begun or is over, unless that is the last that was recorded. Returns whether
/// there is an event of it.
///
/// The store has the number of the last change, which is odd while the condition is active. Two replicas that see the same
/// change give it the same number, and so its event the same id; one that is late leaves a lower number, which has no
/// effect.
///
/// # Errors
/// STORE_UNAVAILABLE.
pub(in crate::gateway) async fn change(
    log: &Log,
    account: &Arc<str>,
    source: EventSource,
    changed: AccountChanged,
) -> Result<bool, Error> {
    let (condition, is_active) = (changed.condition().as_str_name(), changed.active);
    let prefix = format!("condition/{account}/{condition}/");
    let known = log.store().cursors(&prefix).await?;
    let numbers = known.iter().filter_map(|(name, _)| name.strip_prefix(&prefix)?.parse::<u64>().ok());
    let last = numbers.max().unwrap_or_default();
    if (last % 2 == 1) == is_active {
        return Ok(false);
    }
    let maker = Maker { log, account, source };
    let mut cursors: Vec<_> = known.into_iter().map(|(name, _)| (name, Vec::new())).collect();
    cursors.push((format!("{prefix}{}", last + 1), vec![1]));
    let events = vec![maker.account_changed(changed, last + 1)];
    let is_new = log.store().append(Append { events, cursors, ..Append::default() }).await?.new > 0;
    if is_new {
        tracing::warn!(account = &**account, condition, active = is_active, "a condition of the account has changed");
    }
    Ok(is_new)
}

/// Records the conditions that the calls of accounts show, for ever.
pub(super) async fn record(log: Log, accounts: Arc<ArcSwap<Accounts>>, changed: Arc<Notify>) {
    for_each_account(accounts, changed, |account| record_of(log.clone(), account)).await;
}

async fn record_of(log: Log, account: Arc<Account>) {
    let Some(conditions) = account.vendor.conditions() else { return };
    let mut recorded = BTreeMap::new();
    loop {
        let mut has_failed = false;
        for (condition, active) in conditions.known() {
            if recorded.get(&condition) == Some(&active) {
                continue;
            }
            let changed = AccountChanged { condition: condition.into(), active, text: text(condition, active) };
            match change(&log, &account.site.account, EventSource::Call, changed).await {
                Ok(_) => drop(recorded.insert(condition, active)),
                Err(error) => {
                    has_failed = true;
                    tracing::debug!(account = &*account.site.account, %error, "a condition was not recorded");
                }
            }
        }
        tokio::select! {
            () = conditions.changed() => {}
            () = sleep(AGAIN), if has_failed => {}
        }
    }
}

/// Returns the explanation for people.
fn text(condition: Condition, is_active: bool) -> String {
    let text = match (condition, is_active) {
        (Condition::CredentialRefused, true) => "the vendor rejects the configured credential",
        (Condition::CredentialRefused, false) => "the vendor accepts the configured credential again",
        (Condition::VendorUnavailable, true) => "the circuit breaker is open: the vendor fails again and again",
        (Condition::VendorUnavailable, false) => "the vendor answers again",
        (Condition::CreditLow | Condition::ShareReduced | Condition::Unspecified, _) => "",
    };
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        config::{Config, ConsentConfig, Problems},
        gateway::Consents,
        store::{EventFilter, Store},
    };

    async fn log() -> Log {
        let table = "[store]\npath = ':memory:'".parse().expect("TOML");
        let store = Store::open(&Config::new(table, &mut Problems::new()).store).await.expect("a store");
        let consents = Consents::open(store.clone(), &ConsentConfig::default()).await.expect("a list");
        Log::new(store, true, Duration::from_secs(60), consents, Vec::new())
    }

    /// What a replica sees, and whether it is an event.
    async fn sees(log: &Log, account: &str, condition: Condition, active: bool) -> bool {
        let changed = AccountChanged { condition: condition.into(), active, text: String::new() };
        change(log, &account.into(), EventSource::Call, changed).await.expect("recorded")
    }

    #[tokio::test]
    async fn each_change_is_one_event_and_none_is_lost_to_a_late_replica() {
        let (log, one, other) = (log().await, "accounts/one", "accounts/one-more");
        let (refused, down) = (Condition::CredentialRefused, Condition::VendorUnavailable);
        assert!(!sees(&log, one, refused, false).await, "it never began");
        assert!(sees(&log, one, refused, true).await && !sees(&log, one, refused, true).await);
        assert!(sees(&log, other, refused, true).await && sees(&log, one, down, true).await);
        assert!(sees(&log, one, refused, false).await && !sees(&log, one, refused, false).await);

        // Another replica read the state before the first change, and records that change only now.
        let name = |number: u64| format!("condition/{one}/{}/{number}", refused.as_str_name());
        let changed = AccountChanged { condition: refused.into(), active: true, text: String::new() };
        let maker = Maker { log: &log, account: &one.into(), source: EventSource::Call };
        let events = vec![maker.account_changed(changed, 1)];
        let late = Append { events, cursors: vec![(name(1), vec![1])], ..Append::default() };
        assert_eq!(log.store().append(late).await.expect("recorded").new, 0);
        assert!(!sees(&log, one, refused, false).await && sees(&log, one, refused, true).await);
        let left = log.store().cursors(&name(0)[..name(0).len() - 1]).await.expect("read");
        assert_eq!(left.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>(), [name(3)]);

        let filter = EventFilter { accounts: vec![one.into(), other.into()], ..EventFilter::default() };
        let events = log.store().events(Arc::new(filter), 0, 100).await.expect("read").events;
        assert_eq!(events.len(), 5);
    }
}

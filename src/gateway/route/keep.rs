//! Keeps the weights of routes: every few seconds each replica writes what it saw to the store, one of them judges the sum
//! and writes the weights, and all of them use these, and what operators set.

use std::{sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tokio::{
    sync::Notify,
    time::{MissedTickBehavior, interval},
};

use super::{
    balance::{Balance, now},
    health::{Cause, Move, Snapshot, Time, Weights},
    share,
};
use crate::{
    api::pb::{AccountChanged, EventSource, account_changed::Condition},
    error::Error,
    gateway::{Account, Accounts, Log, accounts::for_each_account, pushes::Maker},
    store::{Append, NewEvent},
};

/// How often figures are written and judged, and how long other replicas leave the judgement to this one.
const ROUND: Duration = Duration::from_secs(10);
const LEASE: Duration = Duration::from_secs(30);

/// After this time nothing is left of what a replica saw.
const STALE: Duration = Duration::from_secs(2 * 3600);

/// Keeps the weights of all routes, for ever.
pub(in crate::gateway) async fn keep(log: Log, accounts: Arc<ArcSwap<Accounts>>, changed: Arc<Notify>) {
    for_each_account(accounts, changed, |account| keep_of(log.clone(), account)).await;
}

async fn keep_of(log: Log, account: Arc<Account>) {
    let Some(route) = account.route.as_ref().filter(|route| route.balance().has_choice()) else { return };
    let mut keeper = Keeper::new(&log, &account.site.account, route.balance(), route.config.observes);
    let mut rounds = interval(ROUND);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        rounds.tick().await;
        if let Err(error) = keeper.round().await {
            tracing::debug!(account = &*account.site.account, %error, "the weights of a route were not kept");
        }
        route.balance().show();
    }
}

/// What a replica saw, and when it wrote that.
#[derive(Serialize, Deserialize)]
struct Written {
    at: Time,
    seen: Snapshot,
}

/// Keeps the weights of one route.
struct Keeper<'a> {
    log: &'a Log,
    /// The route's name.
    route: &'a str,
    balance: &'a Balance,
    observes: bool,
    /// The cursors: the weights, and what each replica saw.
    weights: String,
    seen: String,
    own: String,
    last_seen: Vec<u8>,
    last_weights: Vec<u8>,
    /// Whether this replica judged in the last round.
    judges: bool,
    /// The events of moves that are not recorded yet.
    events: Vec<NewEvent>,
}

impl<'a> Keeper<'a> {
    fn new(log: &'a Log, route: &'a str, balance: &'a Balance, observes: bool) -> Self {
        Self {
            log,
            route,
            balance,
            observes,
            weights: format!("route weights {route}"),
            seen: format!("route seen {route} "),
            // What a process saw that is gone fades like all else.
            own: format!("route seen {route} {:016x}", fastrand::u64(..)),
            last_seen: Vec::new(),
            last_weights: Vec::new(),
            judges: false,
            events: Vec::new(),
        }
    }

    async fn round(&mut self) -> Result<(), Error> {
        let store = self.log.store();
        let judges = store.take_chore(&self.weights, LEASE).await?;
        if !(judges && self.judges) {
            self.adopt(store.cursor(&self.weights).await?);
        }
        self.judges = judges;
        let set = share::load(store, self.route).await?;
        self.balance.set(&set);
        let (mut cursors, pinned) = (Vec::new(), self.balance.pin());
        self.note(&pinned);
        if judges {
            let mut others = Vec::new();
            for (name, value) in store.cursors(&self.seen).await? {
                match decoded::<Written>(&value) {
                    Some(Written { at, .. }) if at + STALE < now() => cursors.push((name, Vec::new())),
                    Some(Written { seen, .. }) if name != self.own => others.push(seen),
                    _ => {}
                }
            }
            for over in set.iter().filter(|set| set.pin.until <= now()) {
                cursors.push((over.cursor.clone(), Vec::new()));
                self.note(self.balance.was_set(over).as_slice());
            }
            let moves = self.balance.lock().judge(others, now());
            self.note(&moves);
        }
        let seen = self.balance.lock().snapshot(now());
        let seen_text = encoded(&seen);
        if seen_text != self.last_seen {
            cursors.push((self.own.clone(), encoded(&Written { at: now(), seen })));
        }
        let weights = encoded(self.balance.lock().weights());
        if (judges || !pinned.is_empty()) && weights != self.last_weights {
            cursors.push((self.weights.clone(), weights.clone()));
        }
        if !cursors.is_empty() || !self.events.is_empty() {
            let append = Append { events: self.events.clone(), cursors, ..Append::default() };
            store.append(append).await?;
        }
        self.events.clear();
        (self.last_seen, self.last_weights) = (seen_text, weights);
        Ok(())
    }

    /// Uses the weights that another replica judged, or this one in another life.
    fn adopt(&mut self, value: Option<Vec<u8>>) {
        if let Some(value) = value.filter(|value| *value != self.last_weights)
            && let Some(weights) = decoded::<Weights>(&value)
        {
            self.balance.lock().adopt(weights);
            self.last_weights = value;
        }
    }

    /// Logs moves, and makes an event of each.
    fn note(&mut self, moves: &[Move]) {
        let route = self.route;
        for moved in moves {
            // What operators set is not observed only.
            if self.observes && moved.cause != Cause::Unpinned {
                tracing::info!(route, account = moved.account, "would have been moved, but mode is observe: {moved}");
                continue;
            }
            tracing::warn!(route, account = moved.account, "weight of a route moved: {moved}");
            self.events.push(changed(self.log, route, moved, EventSource::Call));
        }
    }
}

/// Makes the event of a move. Two moves of an account are two events, however fast they follow each other.
pub(super) fn changed(log: &Log, route: &str, moved: &Move, source: EventSource) -> NewEvent {
    let account = format!("accounts/{}", moved.account).into();
    let changed = AccountChanged {
        condition: Condition::ShareReduced.into(),
        active: moved.to < 1.0,
        text: format!("{route}: {moved}"),
    };
    Maker { log, account: &account, source }.account_changed(changed, fastrand::u64(..))
}

pub(super) fn encoded(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}

pub(super) fn decoded<T: DeserializeOwned>(value: &[u8]) -> Option<T> {
    serde_json::from_slice(value).ok()
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::{
        super::health::{Candidate, Pin},
        *,
    };
    use crate::{
        config::{
            Config, ConsentConfig, Problems, RouteConfig,
            route::{Action, Choice, Conditions, OnUnknown, Resend, Rule, Send},
        },
        error::{Outcome, Reason},
        gateway::consent::Consents,
        store::{EventFilter, Store},
    };

    const ROUTE: &str = "accounts/main";

    async fn log() -> Log {
        let table = "[store]\npath = ':memory:'".parse().expect("TOML");
        let store = Store::open(&Config::new(table, &mut Problems::new()).store).await.expect("a store");
        let consents = Consents::open(store.clone(), &ConsentConfig::default()).await.expect("a list");
        Log::new(store, true, Duration::from_secs(60), consents, Vec::new())
    }

    /// A route over a and b with these weights.
    fn config(a: u32, b: u32, observes: bool) -> RouteConfig {
        let weights = BTreeMap::from([("a".to_owned(), a), ("b".to_owned(), b)]);
        let send = Send {
            choice: Choice::Weights(weights),
            then: Vec::new(),
            sender: None,
            on_unknown: OnUnknown::Stop,
            needs: Vec::new(),
            resend: Resend::default(),
        };
        let rule = Rule { number: 1, when: Conditions::default(), then: Action::Send(send), is_sound: true };
        RouteConfig { rules: vec![rule], observes, strict_order: false }
    }

    fn balance(config: &RouteConfig, before: Option<&RouteConfig>) -> Balance {
        let new = |account: &str| Candidate { account: account.to_owned(), most_per_minute: None, has_reports: true };
        Balance::of("main", config, ["a", "b"].map(new).to_vec(), before)
    }

    /// Lets a process see that the circuit breaker of an account was open, and close at once.
    fn was_out(balance: &Balance, account: &str) {
        let error = Error::new(Reason::VendorUnavailable, "open").outcome(Outcome::NotSent);
        balance.observe(account, Err(&error.retry_after(Some(Duration::ZERO))), [Some("DE")].into_iter());
    }

    fn weights(balance: &Balance) -> (f64, f64) {
        let health = balance.lock();
        (health.weight(0, now()), health.weight(1, now()))
    }

    /// The texts of the events of both accounts.
    async fn events(log: &Log) -> Vec<String> {
        let accounts = ["a", "b"].map(|id| format!("accounts/{id}").into()).to_vec();
        let filter = Arc::new(EventFilter { accounts, ..EventFilter::default() });
        let events = log.store().events(filter, 0, 100).await.expect("read").events;
        let text = |body: &[u8]| String::from_utf8_lossy(body).into_owned();
        events.iter().map(|event| text(&event.body)).collect()
    }

    #[tokio::test]
    async fn one_replica_judges_what_all_saw_and_all_use_the_weights_also_later() {
        let (log, config) = (log().await, config(60, 40, false));
        let (first, second) = (balance(&config, None), balance(&config, None));
        let mut keepers = [&first, &second].map(|balance| Keeper::new(&log, ROUTE, balance, false));
        // The second one sees it. Both are one process for the store, so both may judge.
        was_out(&second, "a");
        keepers[1].round().await.expect("a round");
        assert_eq!((weights(&first), weights(&second)), ((1.0, 1.0), (0.3, 1.0)));
        keepers[0].round().await.expect("a round");
        assert_eq!(weights(&first), (0.3, 1.0));
        let told = events(&log).await;
        assert!(told.len() == 1 && told[0].contains("accounts/main: a gets 30 % of its share"), "{told:?}");
        // A process that starts later goes on with these weights.
        let third = balance(&config, None);
        Keeper::new(&log, ROUTE, &third, false).round().await.expect("a round");
        assert_eq!(weights(&third), (0.3, 1.0));
        assert_eq!(events(&log).await.len(), 1, "each move is one event");
    }

    #[tokio::test]
    async fn moves_of_the_same_moment_are_events_of_their_own() {
        let (log, config) = (log().await, config(60, 40, false));
        let balance = balance(&config, None);
        was_out(&balance, "a");
        let moves = balance.lock().judge(Vec::new(), now());
        let mut keeper = Keeper::new(&log, ROUTE, &balance, false);
        (0..10).for_each(|_| keeper.note(&moves));
        let ids: BTreeSet<_> = keeper.events.iter().map(|event| event.id.0).collect();
        assert_eq!(ids.len(), 10);
    }

    #[tokio::test]
    async fn a_weight_that_an_operator_changes_counts_whole_at_once() {
        let (log, before, after) = (log().await, config(60, 40, false), config(50, 40, false));
        let old = balance(&before, None);
        was_out(&old, "a");
        was_out(&old, "b");
        Keeper::new(&log, ROUTE, &old, false).round().await.expect("a round");
        assert_eq!(weights(&old), (0.3, 0.3));
        let new = balance(&after, Some(&before));
        let mut keeper = Keeper::new(&log, ROUTE, &new, false);
        keeper.round().await.expect("a round");
        assert_eq!(weights(&new), (1.0, 0.3), "only the weight of a was changed");
        was_out(&new, "a");
        keeper.round().await.expect("a round");
        assert_eq!(weights(&new), (1.0, 0.3), "it is left alone");
        assert!(events(&log).await.last().is_some_and(|text| text.contains("set by an operator")));
    }

    /// An operator sets the share of account a, for this time.
    async fn set(log: &Log, share: f64, time: Duration) {
        let pin = Pin { share, at: now(), until: now() + time };
        let cursor = (format!("route share {ROUTE} a {:016x}", fastrand::u64(..)), encoded(&("a", pin)));
        log.store().append(Append { cursors: vec![cursor], ..Append::default() }).await.expect("set");
    }

    #[tokio::test]
    async fn what_an_operator_sets_holds_at_all_replicas_whatever_the_health_is_until_it_is_over() {
        let (log, config) = (log().await, config(60, 40, false));
        let (first, second) = (balance(&config, None), balance(&config, None));
        let mut keepers = [&first, &second].map(|balance| Keeper::new(&log, ROUTE, balance, false));
        for keeper in &mut keepers {
            keeper.round().await.expect("a round");
        }
        let hour = Duration::from_secs(3600);
        set(&log, 0.5, hour).await;
        // A circuit breaker that was open takes nothing of what is set.
        was_out(&second, "a");
        for keeper in &mut keepers {
            keeper.round().await.expect("a round");
        }
        // One that starts later uses it, too.
        let third = balance(&config, None);
        let mut keeper = Keeper::new(&log, ROUTE, &third, false);
        keeper.round().await.expect("a round");
        assert_eq!([&first, &second, &third].map(weights), [(0.5, 1.0); 3]);
        // What was set last counts.
        set(&log, 0.0, hour).await;
        keeper.round().await.expect("a round");
        assert_eq!((weights(&third), events(&log).await), ((0.0, 1.0), Vec::new()));
    }

    #[tokio::test]
    async fn the_end_of_what_an_operator_set_is_one_event_and_removes_nothing_else() {
        let (log, config) = (log().await, config(60, 40, true));
        let balance = balance(&config, None);
        // What is set counts with `mode = "observe"`, too.
        let mut keeper = Keeper::new(&log, ROUTE, &balance, true);
        set(&log, 0.5, Duration::ZERO).await;
        keeper.round().await.expect("a round");
        keeper.round().await.expect("a round");
        let told = events(&log).await;
        let expected = "a gets 100 % of its share, before 50 %: the time is over for which an operator set it";
        assert!(told.len() == 1 && told[0].contains(expected), "{told:?}");
        set(&log, 0.3, Duration::ZERO).await;
        set(&log, 0.2, Duration::from_secs(3600)).await;
        keeper.round().await.expect("a round");
        assert_eq!((weights(&balance), events(&log).await.len()), ((0.2, 1.0), 1), "another one was set since");
        assert_eq!(share::load(log.store(), ROUTE).await.expect("read").len(), 1);
    }

    #[tokio::test]
    async fn a_route_that_observes_records_no_event_and_moves_nothing() {
        let (log, config) = (log().await, config(60, 40, true));
        let balance = balance(&config, None);
        was_out(&balance, "a");
        Keeper::new(&log, ROUTE, &balance, true).round().await.expect("a round");
        assert_eq!((weights(&balance), events(&log).await), ((1.0, 1.0), Vec::new()));
    }
}

//! The configuration: its sources, and one pass over it that finds every problem.
//!
//! Flags beat `SMSMUX_*` environment variables beat the TOML file beat the defaults. `SMSMUX_SERVER_LISTEN` is
//! `server.listen`; `SMSMUX_ACCOUNTS_MY_ACME_API_KEY` is `accounts.my-acme.api_key`.

mod account;
mod address;
pub mod api_key;
mod caller;
pub mod certificates;
mod choices;
mod consent;
mod endpoint;
mod environment;
mod events;
mod file;
mod fingerprint;
mod guard;
mod keys;
mod level;
mod money;
mod problem;
mod quiet_hours;
pub mod route;
mod secrets;
mod senders;
mod server;
mod store;
mod telemetry;
#[cfg(test)]
mod tests;
mod webhooks;

use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

pub use self::account::AccountConfig;
pub use self::address::address;
pub use self::caller::CallerConfig;
pub use self::choices::choices;
pub use self::consent::{BrandConfig, ConsentConfig, NearMiss, Words};
pub use self::endpoint::{BREAKER_LONGEST_PAUSE, Breaker, Bulkhead, Endpoint, Http2, Limits, is_loopback};
pub use self::environment::overlay;
pub use self::events::EventsConfig;
pub use self::file::{read, set};
pub use self::fingerprint::Fingerprint;
pub use self::guard::{Budget, GuardConfig, GuardLimits, GuardMode, Limit};
pub use self::keys::{Keys, Kind, Login, Secret, Span};
pub use self::level::LogLevel;
pub use self::money::{Amount, Currency};
pub use self::problem::{Problem, Problems};
pub use self::quiet_hours::{Permitted, QuietHours};
pub use self::route::RouteConfig;
pub use self::server::{ServerConfig, Unauthenticated};
pub use self::store::{Durability, StoreConfig, StorePlace};
pub use self::telemetry::{Log, LogFormat, Metrics, Tracing};
pub use self::webhooks::{Network, TOKENS, WebhookConfig, WebhooksConfig};
use crate::text::senders::Senders;

/// Everything that can be set.
#[derive(Debug)]
pub struct Config {
    /// The gRPC server.
    pub server: ServerConfig,
    /// The log.
    pub log: Log,
    /// The metrics.
    pub metrics: Metrics,
    /// The spans.
    pub tracing: Tracing,
    /// The store.
    pub store: StoreConfig,
    /// Where vendors push to.
    pub webhooks: WebhooksConfig,
    /// The events.
    pub events: EventsConfig,
    /// What countries permit as a sender.
    pub senders: Senders,
    /// Who opted out.
    pub consent: ConsentConfig,
    /// The spend guard.
    pub guard: GuardConfig,
    /// When marketing is permitted.
    pub quiet_hours: QuietHours,
    /// The accounts by id, each with the keys that its vendor reads.
    pub accounts: BTreeMap<String, AccountConfig>,
    /// The callers by name; if empty, every call is permitted.
    pub callers: BTreeMap<String, CallerConfig>,
    /// The ids of all accounts, also of invalid ones.
    pub account_ids: BTreeSet<String>,
    sections: Vec<Keys>,
}

impl Config {
    /// Reads a table and adds its problems to `problems`. The configuration is valid only if there are none, also after
    /// the vendors have read their keys.
    pub fn new(mut table: Table, problems: &mut Problems) -> Self {
        let names_callers =
            table.get("callers").is_some_and(|callers| callers.as_table().is_none_or(|t| !t.is_empty()));
        let need_store = ["consent", "quiet_hours"].map(|name| table.contains_key(name).then_some(name));
        let mut section = |name: &str, problems: &mut Problems| match table.remove(name) {
            None => Table::new(),
            Some(Value::Table(section)) => section,
            Some(_) => {
                problems.push(Problem { path: name.to_owned(), text: format!("must be a section: [{name}]") });
                Table::new()
            }
        };
        let mut server = Keys::new("server", section("server", problems));
        let mut log = Keys::new("log", section("log", problems));
        let mut metrics = Keys::new("metrics", section("metrics", problems));
        let mut tracing = Keys::new("tracing", section("tracing", problems));
        let mut store = Keys::new("store", section("store", problems));
        let mut webhooks = Keys::new("webhooks", section("webhooks", problems));
        let mut events = Keys::new("events", section("events", problems));
        let mut senders = Keys::new("senders", section("senders", problems));
        let mut consent = Keys::new("consent", section("consent", problems));
        let mut guard = Keys::new("guard", section("guard", problems));
        let mut quiet_hours = Keys::new("quiet_hours", section("quiet_hours", problems));
        let accounts = section("accounts", problems);
        let callers = section("callers", problems);
        let caller_names = callers.keys().cloned().collect();
        let mut config = Self {
            server: ServerConfig::read(&mut server, problems),
            log: Log::read(&mut log, problems),
            tracing: Tracing::read(&mut tracing, problems),
            metrics: Metrics::read(&mut metrics, problems),
            store: StoreConfig::read(&mut store, problems),
            webhooks: WebhooksConfig::read(&mut webhooks, problems),
            events: EventsConfig::read(&mut events, problems),
            senders: senders::read(&mut senders, problems),
            consent: ConsentConfig::read(&mut consent, &accounts.keys().cloned().collect(), problems),
            guard: GuardConfig::read(&mut guard, problems),
            quiet_hours: QuietHours::read(&mut quiet_hours, problems),
            account_ids: accounts.keys().cloned().collect(),
            accounts: accounts.into_iter().filter_map(|(id, value)| AccountConfig::read(id, value, problems)).collect(),
            callers: callers
                .into_iter()
                .filter_map(|(name, value)| CallerConfig::read(name, value, problems))
                .collect(),
            sections: vec![
                server,
                log,
                metrics,
                tracing,
                store,
                webhooks,
                events,
                senders,
                consent,
                guard,
                quiet_hours,
            ],
        };
        for name in need_store.into_iter().flatten().filter(|_| !config.store.enabled) {
            let text = "needs a store, and store.enabled is false".to_owned();
            problems.push(Problem { path: name.to_owned(), text });
        }
        config.webhooks.check(&config.store, &config.server, problems);
        config.webhooks.complete(&mut config.accounts, problems);
        route::check(&config.accounts, &config.account_ids, &caller_names, &config.store, &config.senders, problems);
        for section in config.sections.iter().chain(config.callers.values().map(|caller| &caller.keys)) {
            section.finish(problems);
        }
        let ServerConfig { listen, insecure_no_auth, .. } = &config.server;
        if !names_callers && !insecure_no_auth && !listen.ip().is_loopback() {
            let text = "would accept calls without authentication from other machines: set [callers.*] (generate \
                        keys with smsmux key new), or use --insecure-no-auth";
            problems.push(Problem { path: "server.listen".to_owned(), text: text.to_owned() });
        }
        for unknown in table.keys() {
            let text = "unknown section; expected server, log, metrics, tracing, store, webhooks, events, senders, consent, guard, quiet_hours, accounts or callers";
            let text = text.to_owned();
            problems.push(Problem { path: unknown.clone(), text });
        }
        config
    }

    /// Returns the settings that a running server cannot change: every key but those of accounts, callers and
    /// certificates.
    pub fn settings(&self) -> BTreeMap<String, String> {
        let settings = self.sections.iter().flat_map(Keys::settings);
        settings.filter(|(key, _)| !key.starts_with("server.tls_")).collect()
    }

    /// Returns the effective configuration as TOML, with defaults and without secrets.
    pub fn effective(&self) -> String {
        self.keys().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }

    /// Returns the keys of every section. Those of accounts are complete after the vendors have read theirs.
    pub fn keys(&self) -> impl Iterator<Item = &Keys> {
        let accounts = self.accounts.values().map(|account| &account.keys);
        let callers = self.callers.values().map(|caller| &caller.keys);
        self.sections.iter().chain(callers).chain(accounts)
    }
}

//! The configuration: its sources, and one pass over it that finds every problem.
//!
//! Flags beat `SMSMUX_*` environment variables beat the TOML file beat the defaults. `SMSMUX_SERVER_LISTEN` is
//! `server.listen`; `SMSMUX_ACCOUNTS_MY_ACME_API_KEY` is `accounts.my-acme.api_key`.

mod address;
pub mod api_key;
mod caller;
pub mod certificates;
mod choices;
mod consent;
mod endpoint;
mod environment;
mod events;
mod fingerprint;
mod guard;
mod keys;
mod level;
mod money;
mod quiet_hours;
pub mod route;
mod senders;
mod store;
#[cfg(test)]
mod tests;
mod webhooks;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use serde::{Deserialize, Serialize};
use toml::{Table, Value};

use self::address::Address;
pub use self::address::address;
pub use self::caller::CallerConfig;
pub use self::choices::choices;
pub use self::consent::{BrandConfig, ConsentConfig, NearMiss, Words};
pub use self::endpoint::{BREAKER_LONGEST_PAUSE, Breaker, Bulkhead, Endpoint, Http2, Limits, is_loopback};
pub use self::environment::overlay;
pub use self::events::EventsConfig;
pub use self::fingerprint::Fingerprint;
pub use self::guard::{Budget, GuardConfig, GuardLimits, GuardMode, Limit};
pub use self::keys::{Keys, Kind, Login, Secret, Span};
pub use self::level::LogLevel;
pub use self::money::{Amount, Currency};
pub use self::quiet_hours::{Permitted, QuietHours};
pub use self::route::RouteConfig;
pub use self::store::{Durability, StoreConfig, StorePlace};
pub use self::webhooks::{Network, TOKENS, WebhookConfig, WebhooksConfig};
use crate::{request::names, text::senders::Senders};

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

/// The settings of the server.
#[derive(Debug)]
pub struct ServerConfig {
    /// The address to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The address to serve health checks on in plain text, if any.
    pub health_listen: Option<SocketAddr>,
    /// A PEM file with the server's certificate chain, which enables TLS.
    pub tls_certificate: Option<PathBuf>,
    /// A PEM file with the private key.
    pub tls_key: Option<PathBuf>,
    /// A PEM file with the authorities of client certificates.
    pub tls_client_ca: Option<PathBuf>,
    /// Whether other machines may call without authentication if no callers are configured.
    pub insecure_no_auth: bool,
    /// The timeout of calls without a deadline.
    pub call_timeout: Duration,
    /// How long to go on serving after a signal while readiness is NOT_SERVING, for load balancers to notice.
    pub drain_delay: Duration,
    /// How long calls in flight may take to finish after that.
    pub drain_timeout: Duration,
    /// How often an idle connection is pinged.
    pub keepalive_interval: Duration,
    /// How long a ping may stay unanswered.
    pub keepalive_timeout: Duration,
    /// How often to check whether the configuration has changed; zero disables it.
    pub reload_interval: Duration,
    /// The age at which a client is asked to reconnect.
    pub max_connection_age: Duration,
    /// How long the connection's calls may take to finish after that.
    pub max_connection_age_grace: Duration,
    /// The number of serving threads; 0 for one per core.
    pub threads: usize,
    /// How long a new connection may take until its first request has arrived, TLS included.
    pub handshake_timeout: Duration,
    /// The most connections at a time.
    pub max_connections: usize,
    /// The limits of unauthenticated connections.
    pub unauthenticated: Unauthenticated,
    /// The most bytes of a request's metadata.
    pub max_header_bytes: u32,
    /// The most bytes of a request.
    pub max_request_bytes: usize,
    /// The most buffered bytes of all unfinished requests together.
    pub max_buffered_request_bytes: usize,
    /// The most calls in flight on one connection.
    pub max_concurrent_streams: u32,
    /// The most calls in flight in all; more are rejected.
    pub max_in_flight: u32,
}

/// The limits of unauthenticated connections, on which no authenticated call has arrived yet, and of streams on them.
#[derive(Debug, Clone, Copy)]
pub struct Unauthenticated {
    /// The most connections in all.
    pub connections: usize,
    /// The most connections from one address.
    pub connections_per_address: usize,
    /// The most streams in all.
    pub streams: usize,
    /// The most streams from one address.
    pub streams_per_address: usize,
}

/// The settings of the log.
#[derive(Debug)]
pub struct Log {
    /// The level or filter.
    pub level: LogLevel,
    /// The form of a line.
    pub format: LogFormat,
    /// Whether phone numbers may be shown.
    pub pii: bool,
}

/// The settings of metrics.
#[derive(Debug)]
pub struct Metrics {
    /// The address to serve `GET /metrics` on; port 0 takes a free one. Without it metrics are not served.
    pub listen: Option<SocketAddr>,
}

/// The settings of tracing.
#[derive(Debug)]
pub struct Tracing {
    /// The address of an OpenTelemetry collector that accepts OTLP over gRPC. Without it no spans are created.
    pub otlp_endpoint: Option<String>,
}

/// The form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// One `[accounts.*]` section.
#[derive(Debug)]
pub struct AccountConfig {
    /// The id: `acme` in `accounts/acme`.
    pub id: String,
    /// The vendor's name in the registry.
    pub vendor: String,
    /// Whether callers may bring their own vendor credential.
    pub allow_caller_credential: bool,
    /// The limits of calls and streams in flight.
    pub bulkhead: Bulkhead,
    /// The webhook.
    pub webhook: WebhookConfig,
    /// Whether the vendor's lists are polled in the background.
    pub poll: bool,
    /// The balance below which the credit is low.
    pub low_balance: Option<f64>,
    /// The most requests a second, once the vendor's module has read the keys that all vendors share.
    pub requests_per_second: Option<u32>,
    /// The rules, if the account is a route.
    pub route: Option<RouteConfig>,
    /// The countries that may be sent to, if the account has a list of its own.
    pub countries: Option<Vec<String>>,
    /// The budget.
    pub budget: Option<Budget>,
    /// The prices of a segment, by country.
    pub prices: BTreeMap<String, Amount>,
    /// The fingerprint of the section.
    pub fingerprint: Fingerprint,
    /// The remaining keys, for the vendor.
    pub keys: Keys,
}

/// One problem of the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The path of the key, for example `accounts.acme.password`; the file's name if it is invalid TOML.
    pub path: String,
    /// The problem, and what is expected.
    pub text: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.text)
    }
}

/// The problems found so far.
pub type Problems = Vec<Problem>;

/// Reads a configuration file.
///
/// # Errors
/// The problem: the file cannot be read, or is invalid TOML.
pub fn read(file: &Path) -> Result<Table, Problem> {
    let problem = |text: String| Problem { path: file.display().to_string(), text };
    let text = std::fs::read_to_string(file).map_err(|e| problem(format!("cannot be read: {e}")))?;
    text.parse().map_err(|e: toml::de::Error| {
        let line = e.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
        problem(format!("line {line}: {}", e.message()))
    })
}

/// Sets the value at a path such as `server.listen`, replacing the table's.
pub fn set(table: &mut Table, path: &[&str], value: Value) {
    match path {
        [] => {}
        [key] => {
            table.insert((*key).to_owned(), value);
        }
        [section, rest @ ..] => {
            let inner = table.entry(*section).or_insert_with(|| Value::Table(Table::new()));
            if !inner.is_table() {
                *inner = Value::Table(Table::new());
            }
            if let Value::Table(inner) = inner {
                set(inner, rest, value);
            }
        }
    }
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
            metrics: Metrics { listen: metrics.address("listen", problems) },
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

impl ServerConfig {
    fn read(keys: &mut Keys, problems: &mut Problems) -> Self {
        let seconds = Duration::from_secs;
        let max_request_bytes: usize = keys.or_above_zero("max_request_bytes", 4 << 20, problems);
        let max_buffered_request_bytes =
            keys.or("max_buffered_request_bytes", max_request_bytes.saturating_mul(16), problems);
        if max_buffered_request_bytes < max_request_bytes {
            let text = "must be at least max_request_bytes, or the longest request would always be rejected";
            keys.problem("max_buffered_request_bytes", text, problems);
        }
        Self {
            listen: keys.or("listen", Address(SocketAddr::from(([127, 0, 0, 1], 50051))), problems).0,
            health_listen: keys.address("health_listen", problems),
            tls_certificate: keys.optional("tls_certificate", problems),
            tls_key: keys.optional("tls_key", problems),
            tls_client_ca: keys.optional("tls_client_ca", problems),
            insecure_no_auth: keys.or("insecure_no_auth", false, problems),
            call_timeout: keys.span("call_timeout", seconds(30), problems),
            drain_delay: keys.or("drain_delay", Span(Duration::ZERO), problems).0,
            drain_timeout: keys.span("drain_timeout", seconds(25), problems),
            keepalive_interval: keys.span("keepalive_interval", seconds(45), problems),
            keepalive_timeout: keys.span("keepalive_timeout", seconds(15), problems),
            reload_interval: keys.or("reload_interval", Span(seconds(5)), problems).0,
            max_connection_age: keys.span("max_connection_age", seconds(1800), problems),
            max_connection_age_grace: keys.span("max_connection_age_grace", seconds(300), problems),
            threads: keys.or("threads", 0, problems),
            handshake_timeout: keys.span("handshake_timeout", seconds(10), problems),
            max_connections: keys.or_above_zero("max_connections", 20_000, problems),
            unauthenticated: Unauthenticated {
                connections: keys.or_above_zero("max_unauthenticated_connections", 1000, problems),
                connections_per_address: keys.or_above_zero(
                    "max_unauthenticated_connections_per_address",
                    250,
                    problems,
                ),
                streams: keys.or_above_zero("max_unauthenticated_streams", 1000, problems),
                streams_per_address: keys.or_above_zero("max_unauthenticated_streams_per_address", 100, problems),
            },
            max_header_bytes: keys.or_above_zero("max_header_bytes", 16 << 10, problems),
            max_request_bytes,
            max_buffered_request_bytes,
            max_concurrent_streams: keys.or_above_zero("max_concurrent_streams", 1000, problems),
            max_in_flight: keys.or_above_zero("max_in_flight", 20_000, problems),
        }
    }
}

impl Tracing {
    /// What is expected of the address of a collector.
    pub(crate) const ENDPOINT: &str =
        "must be an address such as http://127.0.0.1:4317 or https://collector.example.com:4317, without a user name";

    /// Whether a text is the address of a collector.
    pub(crate) fn is_endpoint(text: &str) -> bool {
        url::Url::parse(text).is_ok_and(|url| {
            let is_plain = url.username().is_empty() && url.password().is_none();
            matches!(url.scheme(), "http" | "https") && url.has_host() && is_plain
        })
    }

    fn read(keys: &mut Keys, problems: &mut Problems) -> Self {
        let otlp_endpoint: Option<String> = keys.optional("otlp_endpoint", problems);
        match &otlp_endpoint {
            Some(_) if !cfg!(feature = "otlp") => {
                keys.problem(
                    "otlp_endpoint",
                    "is not supported: smsmux was built without the feature otlp (cargo build --features otlp)",
                    problems,
                );
            }
            Some(endpoint) if !Self::is_endpoint(endpoint) => {
                keys.problem("otlp_endpoint", Self::ENDPOINT, problems);
            }
            _ => {}
        }
        Self { otlp_endpoint }
    }
}

impl Log {
    fn read(keys: &mut Keys, problems: &mut Problems) -> Self {
        Self {
            level: keys.or("level", LogLevel::default(), problems),
            format: keys.or("format", LogFormat::Text, problems),
            pii: keys.or("pii", false, problems),
        }
    }
}

impl AccountConfig {
    fn read(id: String, value: Value, problems: &mut Problems) -> Option<(String, Self)> {
        let path = format!("accounts.{id}");
        let Value::Table(table) = value else {
            problems.push(Problem { text: format!("must be a section: [{path}]"), path });
            return None;
        };
        if !names::is_account_id(&id) {
            let text =
                "invalid account id: use lowercase letters, digits and hyphens, starting with a letter, at most 63 characters".to_owned();
            problems.push(Problem { path: path.clone(), text });
        }
        let fingerprint = Fingerprint::of(&table);
        let mut keys = Keys::new(path, table);
        let vendor: String = keys.required("vendor", problems)?;
        let route = (vendor == route::ROUTE).then(|| RouteConfig::read(&mut keys, problems));
        let allow_caller_credential = keys.or("allow_caller_credential", false, problems);
        let bulkhead = Bulkhead {
            max_in_flight: keys.or_above_zero("max_in_flight", 10_000, problems),
            max_waiting: keys.or("max_waiting", 10_000, problems),
            max_watches: keys.or_above_zero("max_watches", 5000, problems),
        };
        let webhook = WebhookConfig::read(&mut keys, problems);
        let poll = keys.or("poll", true, problems);
        let low_balance = keys.optional("low_balance", problems);
        if low_balance.is_some_and(|limit: f64| !limit.is_finite()) {
            keys.problem("low_balance", "must be an amount of money", problems);
        }
        let (countries, budget) = (guard::countries(&mut keys, problems), Budget::read(&mut keys, problems));
        let prices = guard::prices(&mut keys, problems);
        let account = Self {
            id: id.clone(),
            vendor,
            allow_caller_credential,
            bulkhead,
            webhook,
            poll,
            low_balance,
            requests_per_second: None,
            route,
            countries,
            budget,
            prices,
            fingerprint,
            keys,
        };
        Some((id, account))
    }

    /// Reads the keys that all vendors share, with the vendor's documented address as the default.
    pub fn endpoint(&mut self, default_url: &str, problems: &mut Problems) -> Endpoint {
        let seconds = Duration::from_secs;
        let keys = &mut self.keys;
        let mut base_url = keys.or("base_url", default_url.to_owned(), problems);
        let plain_text = keys.or("allow_plaintext", false, problems);
        if let Some(text) = endpoint::problem(&base_url, plain_text) {
            keys.problem("base_url", text, problems);
            // The default lets the remaining keys be checked.
            default_url.clone_into(&mut base_url);
        }
        let found = problems.len();
        let attempt_timeout = keys.span("attempt_timeout", seconds(15), problems);
        let call_timeout = keys.span("call_timeout", seconds(30), problems);
        let limits = Limits {
            connect_timeout: keys.span(
                "connect_timeout",
                seconds(5).min(attempt_timeout.min(call_timeout) / 2),
                problems,
            ),
            attempt_timeout,
            call_timeout,
            max_reply_bytes: keys.or_above_zero("max_reply_bytes", 4 << 20, problems),
        };
        // Skipped if one is invalid, as its default would be compared.
        if problems.len() == found && limits.connect_timeout >= limits.attempt_timeout.min(limits.call_timeout) {
            // Otherwise a slow connection would be mistaken for a request that may have been sent.
            keys.problem("connect_timeout", "must be shorter than attempt_timeout and call_timeout", problems);
        }
        let breaker = Breaker {
            failures: keys.or("breaker_failures", 10, problems),
            pause: keys.span("breaker_pause", seconds(1), problems),
        };
        let requests_per_second = keys.optional("requests_per_second", problems);
        if requests_per_second == Some(0) {
            keys.problem("requests_per_second", "must be above 0", problems);
        }
        self.requests_per_second = requests_per_second;
        let ca_file = keys.optional("ca_file", problems);
        let http2 = keys.or("http2", Http2::Negotiated, problems);
        let (account, base_url) = (format!("accounts/{}", self.id), base_url.trim_end_matches('/').to_owned());
        Endpoint { account, base_url, limits, breaker, requests_per_second, ca_file, http2 }
    }
}

//! The section of an account: what all accounts have. The rest of its keys is read by its vendor, or is of its route.

use std::collections::BTreeMap;

use toml::Value;

use super::{Amount, Budget, Bulkhead, Fingerprint, Keys, Problem, Problems, RouteConfig, WebhookConfig, guard, route};
use crate::request::names;

/// The keys of an account, to split names of environment variables such as `SMSMUX_ACCOUNTS_ACME_API_KEY` by.
pub(super) const ACCOUNT_KEYS: &[&str] = &[
    "allow_caller_credential",
    "allow_plaintext",
    "api_key",
    "attempt_timeout",
    "base_url",
    "breaker_failures",
    "breaker_pause",
    "ca_file",
    "call_timeout",
    "connect_timeout",
    "countries",
    "http2",
    "login",
    "low_balance",
    "max_in_flight",
    "max_reply_bytes",
    "max_waiting",
    "max_watches",
    "message_interval",
    "money_per_day",
    "money_per_month",
    "parallel_requests",
    "password",
    "poll",
    "poll_interval",
    "prices",
    "push_login",
    "push_secret",
    "push_signature",
    "requests_per_second",
    "segments_per_day",
    "segments_per_month",
    "time_zone",
    "token",
    "username",
    "vendor",
    "webhook_max_in_flight",
    "webhook_numbers",
    "webhook_register",
    "webhook_tokens",
];

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

impl AccountConfig {
    pub(super) fn read(id: String, value: Value, problems: &mut Problems) -> Option<(String, Self)> {
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
}

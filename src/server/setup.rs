//! Everything that a server needs, read from a configuration in one pass that finds every problem.

use std::collections::{BTreeMap, BTreeSet};

use toml::Table;

use super::{callers::Callers, tls};
use crate::{
    config::{
        AccountConfig, Config, Fingerprint, GuardConfig, GuardMode, Problem, Problems, WebhookConfig, is_loopback,
    },
    gateway::kept_countries,
    store::Beside,
    vendors::{self, Vendors},
};

/// A configuration, and the vendors, callers and TLS settings built from it.
pub struct Setup {
    /// The configuration, all of whose keys are read.
    pub config: Config,
    /// The fingerprint of the configuration.
    pub fingerprint: Fingerprint,
    /// Problems that do not prevent serving but need attention.
    pub warnings: Problems,
    pub(super) vendors: Vendors,
    pub(super) callers: Callers,
    /// The TLS settings; `None` for plain text.
    pub(super) tls: Option<tls::Tls>,
}

/// The webhook of an account, and what has to be done at the vendor so that it pushes there.
pub struct WebhookGuide<'a> {
    /// The account's id.
    pub account: &'a str,
    /// The vendor's name.
    pub vendor: &'a str,
    /// The webhook.
    pub webhook: &'a WebhookConfig,
    /// What has to be done, one instruction a line.
    pub instructions: &'static str,
}

/// Returns a warning if the spend guard refuses nothing, or if accounts may send to any country. Those at stand-ins on this
/// machine cost nothing.
fn unguarded(config: &Config) -> Option<Problem> {
    let GuardConfig { mode, countries, .. } = &config.guard;
    let costs = |account: &AccountConfig| {
        let mut keys = account.keys.settings();
        !keys.any(|(key, url)| key.ends_with(".base_url") && is_loopback(url.trim_matches(['"', '\''])))
    };
    let accounts: Vec<_> = config.accounts.iter().filter(|(_, account)| costs(account)).collect();
    let open = accounts.iter().filter(|(_, account)| countries.is_none() && account.countries.is_none());
    let open: Vec<_> = open.map(|(id, _)| id.as_str()).collect();
    let observed = match mode {
        GuardMode::Observe if !accounts.is_empty() => "it only tells what it would refuse; ",
        GuardMode::Enforce if !open.is_empty() => "",
        _ => return None,
    };
    let countries = match open.is_empty() {
        true => String::new(),
        false => format!(
            "no countries are set for {}, and smsmux check and the log of serve list those of the last seven days, to be pasted; ",
            open.join(", ")
        ),
    };
    Some(Problem { path: "guard".to_owned(), text: format!("{observed}{countries}see docs/spend-guard.md") })
}

impl Setup {
    /// Reads a configuration.
    ///
    /// # Errors
    /// All problems of the configuration.
    pub fn new(table: Table) -> Result<Self, Problems> {
        let mut problems = Problems::new();
        let setup = Self::read(table, &mut problems);
        if problems.is_empty() { Ok(setup) } else { Err(problems) }
    }

    /// Reads a configuration and adds its problems to `problems`. It is valid only if there are none.
    pub fn read(table: Table, problems: &mut Problems) -> Self {
        let fingerprint = Fingerprint::of(&table);
        let mut config = Config::new(table, problems);
        let vendors = vendors::connect(&mut config, problems);
        let callers = Callers::new(&config.callers, &config.account_ids, problems);
        let mut warnings = Problems::new();
        let tls = tls::read(&config, problems, &mut warnings);
        let can_push = config.accounts.values().any(|account| !account.webhook.tokens.is_empty());
        if config.webhooks.listen.is_some() && !can_push {
            let text = "nothing can be pushed there: no account has webhook_tokens".to_owned();
            warnings.push(Problem { path: "webhooks.listen".to_owned(), text });
        }
        warnings.extend(unguarded(&config));
        Self { config, fingerprint, warnings, vendors, callers, tls }
    }

    /// Returns the countries that accounts without a list sent to within the last seven days, by the ids of the accounts and in
    /// the form of the configuration. It reads the store, and blocks for so long; what cannot be read is left out.
    pub fn countries_sent_to(&self) -> impl FnOnce() -> BTreeMap<String, String> + Send + 'static {
        let Config { guard, store, accounts, .. } = &self.config;
        let is_asked = store.enabled && guard.mode != GuardMode::Off && guard.countries.is_none();
        let open = accounts.iter().filter(|(_, account)| is_asked && account.countries.is_none());
        let (open, store): (BTreeSet<_>, _) = (open.map(|(id, _)| id.clone()).collect(), store.clone());
        move || {
            let opened = (!open.is_empty()).then(|| Beside::open(&store).ok()).flatten();
            let mut kept = opened.and_then(|mut store| kept_countries(&mut store).ok()).unwrap_or_default();
            kept.retain(|account, _| open.contains(account));
            kept
        }
    }

    /// Returns what is wrong with the keys of the store. It reads the store, and blocks for so long; a store that cannot be read is
    /// left out.
    pub fn check_store_keys(&self) -> impl FnOnce() -> Option<Problem> + Send + 'static {
        let store = self.config.store.clone();
        move || store.enabled.then(|| Beside::check_keys(&store)).flatten()
    }

    /// Returns the webhook of each account whose vendor pushes, with what has to be done at the vendor.
    pub fn webhooks(&self) -> impl Iterator<Item = WebhookGuide<'_>> {
        self.config.accounts.iter().filter_map(|(id, account)| {
            let instructions = self.vendors.get(id)?.webhook()?.instructions();
            Some(WebhookGuide { account: id, vendor: &account.vendor, webhook: &account.webhook, instructions })
        })
    }

    /// Logs the warnings.
    pub fn warn(&self) {
        for Problem { path, text } in &self.warnings {
            tracing::warn!(key = path, "{text}");
        }
    }
}

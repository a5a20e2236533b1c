//! The keys of `[webhooks]`, and those of an account's webhook: where vendors push to.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use ipnet::IpNet;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::{AccountConfig, Keys, Problem, Problems, Secret, ServerConfig, StoreConfig, endpoint, secrets::Secrets};

/// The fewest characters of a token: 128 bits in hexadecimal digits, and more in any other alphabet.
const TOKEN_LENGTH: usize = 32;

/// The most tokens of an account: the one that the vendor has, and its successor.
pub const TOKENS: usize = 2;

/// The settings of the webhooks.
#[derive(Debug, Clone)]
pub struct WebhooksConfig {
    /// The address to listen on; without it vendors cannot push.
    pub listen: Option<SocketAddr>,
    /// The address by which vendors reach that port, without a trailing slash.
    pub public_url: Option<String>,
    /// The proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// Whether the port speaks TLS, with the certificate of the server.
    pub tls: bool,
    /// The most connections.
    pub max_connections: usize,
    /// The most pushes in flight.
    pub max_in_flight: usize,
    /// How long a push may take to arrive.
    pub read_timeout: Duration,
    /// How long a pushed state waits for its confirmation by a look-up.
    pub confirm_timeout: Duration,
}

/// The webhook of an account.
#[derive(Debug, Clone, Default)]
pub struct WebhookConfig {
    /// The tokens of its path: none, one, or two.
    pub tokens: Vec<SecretString>,
    /// Whether the URL is registered at the vendor.
    pub register: bool,
    /// The most pushes in flight.
    pub max_in_flight: usize,
    /// The URL with the first token, if vendors can push.
    pub url: Option<SecretString>,
}

/// An address, or a network such as `10.0.0.0/8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network(IpNet);

impl Network {
    /// Whether the address is in the network.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address.to_canonical())
    }
}

impl<'de> Deserialize<'de> for Network {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let network = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        network.map(Self).map_err(|_| D::Error::custom("must be addresses or networks such as 10.0.0.0/8"))
    }
}

impl Serialize for Network {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl WebhooksConfig {
    pub(super) fn read(keys: &mut Keys, problems: &mut Problems) -> Self {
        let seconds = Duration::from_secs;
        let listen = keys.address("listen", problems);
        let mut public_url: Option<String> = keys.optional("public_url", problems);
        if let Some(text) = public_url.as_deref().and_then(|url| endpoint::problem(url, false)) {
            keys.problem("public_url", text, problems);
        }
        if let Some(url) = &mut public_url {
            url.truncate(url.trim_end_matches('/').len());
        }
        let tls = keys.or("tls", false, problems);
        Self {
            listen,
            public_url,
            trusted_proxies: keys.or("trusted_proxies", Vec::new(), problems),
            tls,
            max_connections: keys.or_above_zero("max_connections", 1000, problems),
            max_in_flight: keys.or_above_zero("max_in_flight", 256, problems),
            read_timeout: keys.span("read_timeout", seconds(10), problems),
            confirm_timeout: keys.span("confirm_timeout", seconds(60), problems),
        }
    }

    /// Checks whether the store and the certificate of the server are there, as far as they are needed.
    pub(super) fn check(&self, store: &StoreConfig, server: &ServerConfig, problems: &mut Problems) {
        let mut problem = |key: &str, text: &str| {
            problems.push(Problem { path: format!("webhooks.{key}"), text: text.to_owned() });
        };
        if self.listen.is_some() && !store.enabled {
            problem("listen", "needs the store: a push is answered when it is stored");
        }
        if self.tls && server.tls_certificate.is_none() {
            problem("tls", "needs server.tls_certificate and server.tls_key");
        }
    }

    /// Checks the webhooks of the accounts against these settings, and completes them with their URLs.
    pub(super) fn complete(&self, accounts: &mut BTreeMap<String, AccountConfig>, problems: &mut Problems) {
        for (id, account) in accounts {
            let WebhookConfig { tokens, register, max_in_flight: _, url } = &mut account.webhook;
            if !tokens.is_empty() && self.listen.is_none() {
                account.keys.problem("webhook_tokens", "needs webhooks.listen, where vendors push to", problems);
            }
            if *register && tokens.is_empty() {
                account.keys.problem("webhook_register", "needs webhook_tokens, which are a part of the URL", problems);
            }
            if *register && self.public_url.is_none() {
                account.keys.problem("webhook_register", "needs webhooks.public_url", problems);
            }
            let parts = self.public_url.as_deref().zip(tokens.first());
            *url = parts.map(|(public_url, token)| format!("{public_url}/{id}/{}", token.expose_secret()).into());
        }
    }
}

impl WebhookConfig {
    pub(super) fn read(keys: &mut Keys, problems: &mut Problems) -> Self {
        let tokens = keys.optional::<Secrets>("webhook_tokens", problems).map_or_else(Vec::new, |tokens| tokens.0);
        let is_good = |token: &Secret| {
            let text = token.expose();
            text.len() >= TOKEN_LENGTH
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        };
        if !tokens.iter().all(is_good) {
            let text = format!(
                "must have at least {TOKEN_LENGTH} letters, digits, hyphens and underscores; openssl rand -hex 32 makes one"
            );
            keys.problem("webhook_tokens", text, problems);
        }
        if tokens.len() > TOKENS {
            keys.problem("webhook_tokens", "must be one token, or two while the first replaces the second", problems);
        }
        let register = keys.or("webhook_register", false, problems);
        let max_in_flight = keys.or_above_zero("webhook_max_in_flight", 64, problems);
        Self { tokens: tokens.into_iter().map(Secret::into_inner).collect(), register, max_in_flight, url: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    const TOKEN: &str = "0123456789abcdef0123456789abcdef";

    fn read(toml: &str) -> (Config, Vec<String>) {
        let mut problems = Problems::new();
        let config = Config::new(toml.parse().expect("TOML"), &mut problems);
        (config, problems.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn a_webhook_s_url_has_the_account_and_the_first_token() {
        let (config, problems) = read(&format!(
            "[webhooks]\nlisten = '127.0.0.1:0'\npublic_url = 'https://sms.example.com/hooks/'\n
            trusted_proxies = ['127.0.0.1', '10.0.0.0/8', '::1']\n
            [accounts.a]\nvendor = 'x'\nwebhook_tokens = ['{TOKEN}', 'x{TOKEN}']\n[accounts.b]\nvendor = 'x'\n
            webhook_tokens = '{TOKEN}'"
        ));
        assert_eq!(problems, Vec::<String>::new());
        let url = |id: &str| config.accounts[id].webhook.url.as_ref().map(|url| url.expose_secret().to_owned());
        assert_eq!(url("a"), Some(format!("https://sms.example.com/hooks/a/{TOKEN}")));
        assert_eq!(config.accounts["a"].webhook.tokens.len(), 2);
        assert_eq!(url("b"), Some(format!("https://sms.example.com/hooks/b/{TOKEN}")));
        let is_trusted = |address: &str| {
            let address = address.parse().expect("an address");
            config.webhooks.trusted_proxies.iter().any(|network| network.contains(address))
        };
        assert!(
            is_trusted("127.0.0.1") && is_trusted("10.255.0.1") && is_trusted("::ffff:10.0.0.1") && is_trusted("::1")
        );
        assert!(!is_trusted("127.0.0.2") && !is_trusted("11.0.0.1") && !is_trusted("::2"));
        assert!(!config.effective().contains(TOKEN) && !format!("{config:?}").contains(TOKEN));
    }

    #[test]
    fn every_problem_is_found_and_none_quotes_a_token() {
        let (_, problems) = read(&format!(
            "[webhooks]\npublic_url = 'http://sms.example.com'\ntrusted_proxies = ['here']\nmax_in_flight = 0\n
            [accounts.a]\nvendor = 'x'\nwebhook_tokens = ['{TOKEN}', 'sh0rt', 'third']\nwebhook_register = true\n
            [accounts.b]\nvendor = 'x'\nwebhook_tokens = 5\n[accounts.c]\nvendor = 'x'\nwebhook_register = true\n
            webhook_tokens = []\n[accounts.d]\nvendor = 'x'\nwebhook_tokens = ['{TOKEN}', 'to/ken{TOKEN}']"
        ));
        for path in [
            "webhooks.public_url: would send",
            "webhooks.trusted_proxies: must be addresses",
            "webhooks.max_in_flight: must be above 0",
            "accounts.a.webhook_tokens: must have at least 32",
            "accounts.a.webhook_tokens: must be one token",
            "accounts.a.webhook_tokens: needs webhooks.listen",
            "accounts.b.webhook_tokens: must be text",
            "accounts.c.webhook_register: needs webhook_tokens",
            "accounts.d.webhook_tokens: must have at least 32",
        ] {
            assert!(problems.iter().any(|problem| problem.starts_with(path)), "{path} in {problems:#?}");
        }
        for secret in [TOKEN, "sh0rt", "third"] {
            assert!(problems.iter().all(|problem| !problem.contains(secret)), "{problems:#?}");
        }
    }

    #[test]
    fn a_port_needs_the_store_and_tls_a_certificate() {
        let (_, problems) = read("[store]\nenabled = false\n[webhooks]\nlisten = '127.0.0.1:0'\ntls = true");
        let starts: Vec<_> =
            problems.iter().filter_map(|problem| problem.split_once(": ")).map(|(key, _)| key).collect();
        assert_eq!(starts, ["webhooks.listen", "webhooks.tls"]);
    }

    #[test]
    fn tokens_come_from_the_environment_too() {
        for (text, count) in [(TOKEN.to_owned(), 1), (format!("['{TOKEN}', 'x{TOKEN}']"), 2)] {
            let table = toml::Table::from_iter([("webhook_tokens".to_owned(), toml::Value::String(text))]);
            let mut problems = Problems::new();
            let webhook = WebhookConfig::read(&mut Keys::new("accounts.a", table), &mut problems);
            assert_eq!((webhook.tokens.len(), problems.len()), (count, 0), "{problems:?}");
        }
    }
}

//! The address of an account's vendor, and the limits of its calls.

use std::{path::PathBuf, time::Duration};

use serde::{Deserialize, Serialize};

use super::{AccountConfig, Problems};

/// The limits of an account's HTTP calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// The timeout of connecting, TLS included.
    pub connect_timeout: Duration,
    /// The timeout of one attempt, from the first byte sent to the last byte received.
    pub attempt_timeout: Duration,
    /// The timeout of a call with all its attempts and waits.
    pub call_timeout: Duration,
    /// The most bytes of a response.
    pub max_reply_bytes: usize,
}

/// The longest that a breaker stays open before it permits a probe, unless its first pause is longer.
pub const BREAKER_LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// The limits of calls and streams in flight for an account, so that a slow vendor takes no permits of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bulkhead {
    /// The most calls in flight.
    pub max_in_flight: u32,
    /// The most calls that wait for a permit.
    pub max_waiting: u32,
    /// The most streams.
    pub max_watches: u32,
}

/// The settings of the circuit breaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Breaker {
    /// The consecutive failures that open the breaker; 0 disables it.
    pub failures: u32,
    /// How long the breaker stays open at first.
    pub pause: Duration,
}

/// The address of an account's vendor, and the limits of its calls.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// The account's resource name, for logs.
    pub account: String,
    /// The address that operations' paths are appended to, without a trailing slash.
    pub base_url: String,
    /// The limits.
    pub limits: Limits,
    /// The circuit breaker.
    pub breaker: Breaker,
    /// The most requests per second.
    pub requests_per_second: Option<u32>,
    /// A PEM file of certificate authorities to trust instead of the system's.
    pub ca_file: Option<PathBuf>,
    /// Whether HTTP/2 is spoken.
    pub http2: Http2,
}

/// Whether HTTP/2 is spoken to a vendor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Http2 {
    /// If the vendor chooses it in the TLS handshake (ALPN).
    Negotiated,
    /// Always, also without TLS: the vendor is known to speak it.
    PriorKnowledge,
    /// Never.
    Off,
}

impl AccountConfig {
    /// Reads the keys that all vendors share, with the vendor's documented address as the default.
    pub fn endpoint(&mut self, default_url: &str, problems: &mut Problems) -> Endpoint {
        let seconds = Duration::from_secs;
        let keys = &mut self.keys;
        let mut base_url = keys.or("base_url", default_url.to_owned(), problems);
        let plain_text = keys.or("allow_plaintext", false, problems);
        if let Some(text) = problem(&base_url, plain_text) {
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

/// Whether an address is on this machine, so that no proxy is needed and no network carries its secrets.
pub fn is_loopback(base_url: &str) -> bool {
    let Ok(url) = url::Url::parse(base_url) else {
        return false;
    };
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// Returns the problem of a vendor's address, if it has one.
pub(super) fn problem(base_url: &str, plain_text: bool) -> Option<String> {
    let text = match url::Url::parse(base_url) {
        // Addresses are shown and logged; credentials have keys of their own.
        Ok(url) if !url.username().is_empty() || url.password().is_some() => {
            "must not contain a user name or a password"
        }
        Ok(url) if url.query().is_some() || url.fragment().is_some() => "must end with its path: no ? and no #",
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => {
            if url.scheme() == "http" && !plain_text && !is_loopback(base_url) {
                "would send credentials in clear text: use https, or set allow_plaintext = true"
            } else if url.as_str().parse::<http::Uri>().is_err() {
                "contains an invalid character, or is too long"
            } else {
                return None;
            }
        }
        _ => return Some(format!("must be an address such as {}", example(base_url))),
    };
    Some(text.to_owned())
}

/// Returns the address with a scheme, if that is all that it lacks.
fn example(base_url: &str) -> String {
    let completed = format!("https://{base_url}");
    match problem(&completed, false) {
        None if !base_url.contains("//") => completed,
        _ => "https://api.example.com/v1".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_without_a_scheme_is_answered_with_one() {
        for (wrong, right) in [
            ("api.example.com", "https://api.example.com"),
            ("api.example.com:8443/v1", "https://api.example.com:8443/v1"),
            ("//api.example.com", "https://api.example.com/v1"),
            ("ftp://api.example.com", "https://api.example.com/v1"),
            ("", "https://api.example.com/v1"),
        ] {
            let expected = format!("must be an address such as {right}");
            assert_eq!(problem(wrong, true), Some(expected), "{wrong}");
        }
    }

    #[test]
    fn loopback_is_this_machine_alone() {
        for url in ["http://127.0.0.1:80/x", "http://localhost:1", "http://[::1]:5/", "http://a.localhost"] {
            assert!(is_loopback(url), "{url}");
        }
        for url in ["http://10.0.0.1", "https://app.gateway.smsend.it", "nonsense", "http://localhost.example.com"] {
            assert!(!is_loopback(url), "{url}");
        }
    }
}

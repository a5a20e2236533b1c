//! Where and how an account's vendor is reached.

use std::{path::PathBuf, time::Duration};

/// The limits of an account's HTTP calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// For making a connection, TLS included.
    pub connect_timeout: Duration,
    /// For one attempt, from the first byte sent to the last byte received.
    pub attempt_timeout: Duration,
    /// For a call with all its attempts and waits.
    pub call_timeout: Duration,
    /// The most bytes an answer may have.
    pub max_reply_bytes: usize,
}

/// The longest that a breaker stays open before it lets a request see whether the vendor is back, unless its first pause is
/// longer.
pub const BREAKER_LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// How much may be under way at an account at a time, so that a slow vendor takes no other's places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bulkhead {
    /// The most calls in flight.
    pub max_in_flight: u32,
    /// The most calls that wait for one of those to end.
    pub max_waiting: u32,
    /// The most streams.
    pub max_watches: u32,
}

/// When an account's vendor is not asked for a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Breaker {
    /// After so many failures in a row; 0: never.
    pub failures: u32,
    /// For how long at first.
    pub pause: Duration,
}

/// Where and how an account's vendor is reached.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// The account's resource name, for the log.
    pub account: String,
    /// The address that operations' paths are appended to, without a slash at its end.
    pub base_url: String,
    /// The limits.
    pub limits: Limits,
    /// When it is not asked for a while.
    pub breaker: Breaker,
    /// The most requests in a second.
    pub requests_per_second: Option<u32>,
    /// A PEM file of certificate authorities to trust instead of the system's.
    pub ca_file: Option<PathBuf>,
}

/// Whether an address is on this machine, so that no proxy stands before it and no wire carries its secrets.
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

/// What is wrong with the address of a vendor.
pub(super) fn problem(base_url: &str, plain_text: bool) -> Option<String> {
    let text = match url::Url::parse(base_url) {
        // Addresses are shown and logged; credentials have keys of their own.
        Ok(url) if !url.username().is_empty() || url.password().is_some() => "must hold no user name and no password",
        Ok(url) if url.query().is_some() || url.fragment().is_some() => "must end with its path: no ? and no #",
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => {
            if url.scheme() == "http" && !plain_text && !is_loopback(base_url) {
                "would send credentials in clear text: use https, or set allow_plaintext = true"
            } else if url.as_str().parse::<http::Uri>().is_err() {
                "has a character that no address may have, or is too long"
            } else {
                return None;
            }
        }
        _ => return Some(format!("must be an address such as {}", example(base_url))),
    };
    Some(text.to_owned())
}

/// The address with a scheme, where that is all that it lacks.
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

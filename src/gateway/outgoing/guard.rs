//! Which addresses webhooks may be sent to: none of the networks that are reachable only from here, unless the operator
//! lists them. Names are resolved here, and the connection is made to the address that was checked.

use std::{
    io,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    sync::LazyLock,
};

use ipnet::{IpNet, Ipv6Net};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use crate::config::Network;

/// The networks of IPv4 that are not public (IANA's registry of special purposes), multicast and reserved ones.
const SPECIAL_4: [&str; 16] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.31.196.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
];

/// The networks of IPv6 that are public, and those within them that are not.
const PUBLIC_6: &str = "2000::/3";
const SPECIAL_6: [&str; 4] = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"];

/// An address with an address of IPv4 in its last four bytes.
const TRANSLATED: &str = "64:ff9b::/96";

static SPECIAL: LazyLock<Vec<IpNet>> =
    LazyLock::new(|| SPECIAL_4.iter().chain(&SPECIAL_6).filter_map(|text| text.parse().ok()).collect());
static PUBLIC: LazyLock<Option<Ipv6Net>> = LazyLock::new(|| PUBLIC_6.parse().ok());
static NAT64: LazyLock<Option<Ipv6Net>> = LazyLock::new(|| TRANSLATED.parse().ok());

/// Returns whether an address is public.
fn is_public(address: IpAddr) -> bool {
    let special = || SPECIAL.iter().any(|network| network.contains(&address));
    match address {
        IpAddr::V4(_) => !special(),
        IpAddr::V6(v6) => match embedded(v6) {
            Some(v4) => is_public(v4),
            None => PUBLIC.as_ref().is_some_and(|public| public.contains(&v6)) && !special(),
        },
    }
}

/// Returns the address of IPv4 that an address of IPv6 leads to.
fn embedded(address: Ipv6Addr) -> Option<IpAddr> {
    let mapped = address.to_ipv4_mapped();
    let translated = NAT64.as_ref().is_some_and(|network| network.contains(&address));
    let last = || {
        let [.., a, b, c, d] = address.octets();
        [a, b, c, d].into()
    };
    mapped.or_else(|| translated.then(last)).map(IpAddr::V4)
}

/// The rules for the addresses of webhooks.
#[derive(Debug, Clone, Default)]
pub(super) struct Guard {
    /// The networks that the operator has listed.
    listed: Vec<Network>,
    /// Whether to send without TLS, which only listed networks are sent.
    plain: bool,
}

impl Guard {
    /// Creates the rules for HTTPS.
    pub(super) fn new(listed: Vec<Network>) -> Self {
        Self { listed, plain: false }
    }

    /// Returns the rules for HTTP.
    pub(super) fn plain(&self) -> Self {
        Self { listed: self.listed.clone(), plain: true }
    }

    fn permits(&self, address: IpAddr) -> bool {
        // An address of IPv4 within one of IPv6 is judged as what it is.
        let address = match address {
            IpAddr::V6(v6) => embedded(v6).unwrap_or(address),
            IpAddr::V4(_) => address,
        };
        self.listed.iter().any(|network| network.contains(address)) || (!self.plain && is_public(address))
    }

    /// Checks a URL without resolving its name: only for what can never be permitted.
    ///
    /// # Errors
    /// What is wrong with the URL.
    pub(super) fn check(&self, text: &str) -> Result<Url, &'static str> {
        let url = Url::parse(text).map_err(|_| "is an invalid URL; expected for example https://example.com/events")?;
        let guard = match url.scheme() {
            "https" => self.clone(),
            "http" if self.listed.is_empty() => return Err("must begin with https://"),
            "http" => self.plain(),
            _ => return Err("must begin with https://"),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err("must have no user and password: the signature authenticates the request");
        }
        let address = match url.host() {
            Some(Host::Ipv4(address)) => IpAddr::V4(address),
            Some(Host::Ipv6(address)) => IpAddr::V6(address),
            Some(Host::Domain(_)) => return Ok(url),
            None => return Err("is an invalid URL; expected for example https://example.com/events"),
        };
        guard
            .permits(address)
            .then_some(url)
            .ok_or("is an address that is not public; the operator can list its network in events.webhook_networks")
    }
}

/// The name of a receiver leads to no address that webhooks may be sent to.
#[derive(Debug)]
pub(super) struct Forbidden;

impl std::fmt::Display for Forbidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the name leads to no address that webhooks may be sent to")
    }
}

impl std::error::Error for Forbidden {}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = self.clone();
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let permitted: Vec<SocketAddr> = found.filter(|address| guard.permits(address.ip())).collect();
            match permitted.is_empty() {
                true => Err(io::Error::new(io::ErrorKind::PermissionDenied, Forbidden).into()),
                false => Ok(Box::new(permitted.into_iter()) as Addrs),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(text: &str) -> Network {
        serde_json::from_value(text.into()).expect("a network")
    }

    #[test]
    fn addresses_that_are_not_public_are_refused() {
        let guard = Guard::default();
        for address in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "127.255.0.1",
            "169.254.169.254",
            "172.31.255.255",
            "192.168.1.1",
            "198.19.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::10.0.0.1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!guard.permits(address.parse().expect("an address")), "{address}");
        }
        for address in [
            "1.1.1.1",
            "172.32.0.1",
            "100.128.0.1",
            "2606:4700::1111",
            "2a00:1450::1",
            "::ffff:1.1.1.1",
            "64:ff9b::1.1.1.1",
        ] {
            assert!(guard.permits(address.parse().expect("an address")), "{address}");
        }
    }

    #[test]
    fn a_listed_network_is_permitted_and_without_tls_nothing_else_is() {
        let guard = Guard::new(vec![network("10.1.0.0/16")]);
        let permits = |guard: &Guard, address: &str| guard.permits(address.parse().expect("an address"));
        assert!(permits(&guard, "10.1.2.3") && permits(&guard, "::ffff:10.1.2.3") && permits(&guard, "1.1.1.1"));
        assert!(!permits(&guard, "10.2.0.1"));
        let plain = guard.plain();
        assert!(permits(&plain, "10.1.2.3") && !permits(&plain, "1.1.1.1"));
    }

    #[test]
    fn a_url_is_checked_as_far_as_it_can_be() {
        let (guard, none) = (Guard::new(vec![network("127.0.0.0/8")]), Guard::default());
        for (url, listed, unlisted) in [
            ("https://example.com/events?a=b", true, true),
            ("https://1.1.1.1/", true, true),
            ("https://127.0.0.1:8443/", true, false),
            ("https://2130706433/", true, false),
            ("https://0x7f.1/", true, false),
            ("https://[::1]/", false, false),
            ("http://127.0.0.1/", true, false),
            ("http://1.1.1.1/", false, false),
            ("http://example.com/", true, false),
            ("ftp://example.com/", false, false),
            ("https://me:secret@example.com/", false, false),
            ("example.com", false, false),
            ("", false, false),
        ] {
            assert_eq!((guard.check(url).is_ok(), none.check(url).is_ok()), (listed, unlisted), "{url}");
        }
    }

    #[tokio::test]
    async fn a_name_that_leads_inside_has_no_address() {
        let resolve = async |guard: Guard| guard.resolve("localhost".parse().expect("a name")).await;
        let error = resolve(Guard::default()).await.err().expect("forbidden");
        let error = error.downcast_ref::<io::Error>().expect("an error of the guard");
        assert!(error.get_ref().is_some_and(|inner| inner.is::<Forbidden>()), "{error}");
        let listed = ["127.0.0.0/8", "::1/128"].map(network);
        assert!(resolve(Guard::new(listed.into())).await.expect("addresses").count() > 0);
    }
}

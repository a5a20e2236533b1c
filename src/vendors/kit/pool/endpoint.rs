//! What is known of a vendor's server, by address: shared by all accounts and threads, as long as one of them uses it.

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc, LazyLock, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicU8, AtomicU64, AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use http::Uri;
use tokio::{net::lookup_host, time::Instant};

use super::idle_limit::IdleLimit;
use crate::{
    config::Http2,
    telemetry::metrics::{self, Seconds},
};

/// How long an address is believed.
const ADDRESSES: Duration = Duration::from_secs(60);

/// The most streams of a connection: with more, one lost packet would hold up too many calls.
pub(super) const MOST_STREAMS: usize = 1000;

/// By host and port, whether it is spoken to by TLS, and how HTTP/2 is agreed on.
type Endpoints = HashMap<(String, bool, Http2), Weak<Endpoint>>;

static ENDPOINTS: LazyLock<Mutex<Endpoints>> = LazyLock::new(Mutex::default);

/// A vendor's server.
#[derive(Debug)]
pub(super) struct Endpoint {
    pub(super) host: String,
    /// Whether the host is an address, not a name.
    literal: bool,
    pub(super) port: u16,
    /// The version that the last connection speaks; 0: unknown.
    version: AtomicU8,
    /// The streams that the last HTTP/2 connection permits.
    streams: AtomicUsize,
    /// In nanoseconds, so that it is read without a lock.
    idle_limit: AtomicU64,
    learned: Mutex<IdleLimit>,
    metric: Seconds,
    addresses: Mutex<Addresses>,
    /// Held while the name is resolved: a lookup occupies a thread, and one is enough for all that ask meanwhile.
    resolving: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct Addresses {
    resolved: Option<Instant>,
    /// When the lookup began that found what is known.
    found: Option<Instant>,
    known: Vec<IpAddr>,
}

/// The version of HTTP of an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    /// No connection was made.
    Unknown,
    Http1,
    Http2,
}

impl Endpoint {
    /// Returns the endpoint of this address.
    pub(super) fn of(base: &Uri, http2: Http2) -> Arc<Self> {
        let tls = base.scheme_str() == Some("https");
        let host = base.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']').to_owned();
        let port = base.port_u16().unwrap_or(if tls { 443 } else { 80 });
        let mut endpoints = lock(&ENDPOINTS);
        let known = endpoints.entry((format!("{host}:{port}"), tls, http2)).or_default();
        if let Some(endpoint) = known.upgrade() {
            return endpoint;
        }
        let version = match http2 {
            Http2::PriorKnowledge => Version::Http2,
            Http2::Negotiated if tls => Version::Unknown,
            Http2::Negotiated | Http2::Off => Version::Http1,
        };
        let learned = IdleLimit::default();
        let metric = metrics::idle_limit(format!("{host}:{port}"));
        metric.set(learned.get().as_secs_f64());
        let endpoint = Arc::new(Self {
            literal: host.parse::<IpAddr>().is_ok(),
            host,
            port,
            version: AtomicU8::new(version as u8),
            streams: AtomicUsize::new(0),
            idle_limit: AtomicU64::new(nanos(learned.get())),
            learned: Mutex::new(learned),
            metric,
            addresses: Mutex::default(),
            resolving: tokio::sync::Mutex::default(),
        });
        *known = Arc::downgrade(&endpoint);
        endpoint
    }

    /// Returns the version of HTTP that the last connection spoke.
    pub(super) fn version(&self) -> Version {
        match self.version.load(Relaxed) {
            0 => Version::Unknown,
            1 => Version::Http1,
            _ => Version::Http2,
        }
    }

    /// Notes the version of HTTP of a new connection.
    pub(super) fn speaks(&self, version: Version) {
        self.version.store(version as u8, Relaxed);
    }

    /// Returns how many streams a connection is expected to permit.
    pub(super) fn streams(&self) -> usize {
        match self.streams.load(Relaxed) {
            0 => 100,
            streams => streams.min(MOST_STREAMS),
        }
    }

    /// Notes how many streams a connection permits.
    pub(super) fn permits(&self, streams: usize) {
        self.streams.store(streams, Relaxed);
    }

    /// Returns for how long a connection may be idle and carry a write.
    pub(super) fn idle_limit(&self) -> Duration {
        Duration::from_nanos(self.idle_limit.load(Relaxed))
    }

    /// Notes that the vendor closed a connection that had been idle for so long.
    pub(super) fn closed(&self, idle: Duration) {
        self.learn(|learned| learned.closed(idle));
    }

    /// Notes that a connection that had been idle for so long was open.
    pub(super) fn was_open(&self, idle: Duration) {
        self.learn(|learned| learned.was_open(idle));
    }

    fn learn(&self, what: impl FnOnce(&mut IdleLimit)) {
        let mut learned = lock(&self.learned);
        what(&mut learned);
        self.idle_limit.store(nanos(learned.get()), Relaxed);
        self.metric.set(learned.get().as_secs_f64());
    }

    /// Resolves the name, by a lookup that begins now, or that somebody else begins while this waits for the one before.
    ///
    /// # Errors
    /// The name has no address.
    pub(super) async fn resolve(&self) -> std::io::Result<Vec<SocketAddr>> {
        let asked = Instant::now();
        let _resolving = self.resolving.lock().await;
        {
            let addresses = lock(&self.addresses);
            if addresses.found.is_some_and(|begun| begun > asked) {
                return Ok(addresses.known.iter().map(|&address| (address, self.port).into()).collect());
            }
        }
        let begun = Instant::now();
        let found: Vec<_> = lookup_host((&*self.host, self.port)).await?.collect();
        let mut addresses = lock(&self.addresses);
        addresses.known = found.iter().map(SocketAddr::ip).collect();
        (addresses.resolved, addresses.found) = (Some(Instant::now()), Some(begun));
        Ok(found)
    }

    /// Has the name resolve to these addresses, as if they had been found just now.
    #[cfg(test)]
    pub(super) fn resolves_to(&self, known: Vec<IpAddr>) {
        let now = Instant::now();
        *lock(&self.addresses) = Addresses { resolved: Some(now), found: Some(now), known };
    }

    /// Whether a connection to this address that was made a while ago is still one to this host. Resolves the name anew
    /// in the background when its addresses are older than a minute.
    pub(super) fn is_at(self: &Arc<Self>, peer: IpAddr, now: Instant) -> bool {
        if self.literal {
            return true;
        }
        let mut addresses = lock(&self.addresses);
        let old = addresses.resolved.is_none_or(|resolved| now.duration_since(resolved) > ADDRESSES);
        if old {
            // At once, so that this is done once a minute, whatever comes of it.
            addresses.resolved = Some(now);
            let endpoint = Arc::clone(self);
            // A name that cannot be resolved says nothing about the addresses that it had.
            tokio::spawn(async move { endpoint.resolve().await });
        }
        addresses.known.is_empty() || addresses.known.contains(&peer)
    }
}

impl Drop for Endpoint {
    /// Forgets a server that no account uses any more, as each reload may name others.
    fn drop(&mut self) {
        let mut endpoints = lock(&ENDPOINTS);
        endpoints.retain(|_, endpoint| endpoint.strong_count() > 0);
        let server = format!("{}:{}", self.host, self.port);
        // The same server may be in use by another version of HTTP, whose metric is the same.
        if !endpoints.keys().any(|(other, ..)| *other == server) {
            metrics::forget_idle_limit(server);
        }
    }
}

/// When a connection is old enough for its address to be looked at.
pub(super) fn is_old(opened: Instant, now: Instant) -> bool {
    now.duration_since(opened) > ADDRESSES
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// Held for a few instructions, never over an await.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_connection_is_to_its_host_while_that_resolves_to_it() {
        let endpoint = Endpoint::of(&"http://localhost:9".parse().expect("an address"), Http2::Off);
        let (here, elsewhere) = ("127.0.0.1".parse().expect("an address"), "192.0.2.1".parse().expect("an address"));
        let now = Instant::now();
        // Not known yet, which says nothing; and it is found out in the background.
        assert!(endpoint.is_at(elsewhere, now));
        while endpoint.is_at(elsewhere, now) {
            tokio::task::yield_now().await;
        }
        assert!(endpoint.is_at(here, now) || endpoint.is_at("::1".parse().expect("an address"), now));
        let literal = Endpoint::of(&"http://192.0.2.1:9".parse().expect("an address"), Http2::Off);
        assert!(literal.is_at(elsewhere, now));
    }

    #[tokio::test]
    async fn those_who_ask_while_a_name_is_resolved_share_the_next_lookup() {
        let endpoint = Endpoint::of(&"http://localhost:10".parse().expect("an address"), Http2::Off);
        let resolving = endpoint.resolving.lock().await;
        let mut asking = Box::pin(futures::future::join_all((0..100).map(|_| endpoint.resolve())));
        assert!(futures::poll!(&mut asking).is_pending());
        // The lookup of the first of them finds this.
        endpoint.resolves_to(vec!["192.0.2.1".parse().expect("an address")]);
        drop(resolving);
        let found: Vec<_> = asking.await.into_iter().map(|found| found.expect("addresses")).collect();
        assert_eq!(found, vec![vec!["192.0.2.1:10".parse().expect("an address")]; 100]);
    }

    #[test]
    fn a_server_that_no_account_uses_any_more_is_forgotten() {
        let of = |http2| Endpoint::of(&"https://gone.example".parse().expect("an address"), http2);
        let known = || lock(&ENDPOINTS).keys().filter(|(server, ..)| server == "gone.example:443").count();
        let is_exported = || metrics::render(metrics::Format::Text).expect("a text").contains("gone.example:443");
        let (first, second) = (of(Http2::Negotiated), of(Http2::Off));
        first.was_open(Duration::from_secs(60));
        // A reload makes its accounts before it drops those of before.
        let again = of(Http2::Negotiated);
        drop(first);
        assert!(again.idle_limit() >= Duration::from_secs(50), "{:?}", again.idle_limit());
        assert_eq!(known(), 2);
        drop(again);
        assert_eq!((known(), is_exported()), (1, true));
        drop(second);
        assert_eq!((known(), is_exported()), (0, false));
    }

    #[test]
    fn a_server_is_known_by_its_address_and_the_protocol_that_is_spoken_to_it() {
        let of = |base: &str, http2| Endpoint::of(&base.parse().expect("an address"), http2);
        let first = of("https://a.example/v1", Http2::Negotiated);
        assert!(Arc::ptr_eq(&first, &of("https://a.example:443/v2", Http2::Negotiated)));
        assert!(!Arc::ptr_eq(&first, &of("https://a.example/v1", Http2::Off)));
        assert_eq!((first.version(), &*of("http://[::1]:7/", Http2::Off).host), (Version::Unknown, "::1"));
        assert_eq!(of("http://a.example", Http2::PriorKnowledge).version(), Version::Http2);
    }
}

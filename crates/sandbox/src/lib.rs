#![doc = include_str!("../README.md")]
//!
//! # The map of this crate
//!
//! - [`Sandbox`]: one running stand-in, and the handle to steer it from Rust.
//! - [`Rule`] and [`Fault`]: the injected faults, and the requests that they hit.
//! - [`Recorded`]: a request that arrived.
//! - [`PushSettings`], [`PushRule`] and [`PushAttempt`]: what a vendor pushes by itself.
//! - [`VENDORS`]: the vendors that have a stand-in. Each is one file or folder, independent of faults, recording and
//!   sockets: it returns its routes, and has one line in the registry.

mod answer;
mod connection;
mod control;
mod fault;
mod intelepeer;
mod ip1sms;
mod loose;
mod lox24;
mod push;
mod read;
mod record;
mod server;
mod smsend;
mod smspartner;

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, atomic::Ordering};

use axum::Router;
use bytes::Bytes;
use http::{Method, StatusCode};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub use fault::{Fault, LastStream, Phase, Rule};
pub use push::{PushAttempt, PushFault, PushKind, PushRule, PushSettings};
pub use record::Recorded;

use connection::Tls;
use control::Shared;
use push::Pusher;

/// The vendors that have a stand-in: one line each.
const REGISTRY: &[StandIn] =
    &[smsend::STAND_IN, lox24::STAND_IN, ip1sms::STAND_IN, intelepeer::STAND_IN, smspartner::STAND_IN];

/// The names of the vendors that have a stand-in.
pub const VENDORS: &[&str] = &{
    let mut names = [""; REGISTRY.len()];
    let mut at = 0;
    while at < names.len() {
        names[at] = REGISTRY[at].name;
        at += 1;
    }
    names
};

/// The interface of a vendor's folder to the general parts.
struct StandIn {
    /// The vendor's name, as in an account's `vendor` key.
    name: &'static str,
    /// The path below which the vendor serves its API: empty, or with a leading and without a trailing slash.
    base_path: &'static str,
    /// The credentials, and other required settings of an account, as pairs of an account's configuration key and its
    /// value.
    credentials: &'static [(&'static str, &'static str)],
    /// Creates the vendor's HTTP service, with fresh state, which pushes by this handle.
    open: fn(Pusher) -> Service,
}

/// The HTTP service of one running stand-in.
struct Service {
    /// The vendor's API, with paths that start below the base path.
    api: Router,
    /// The vendor's own control routes, with paths that start below `/_sandbox`: its `/received`, `/delivered` and
    /// `/failed` among them.
    control: Router,
    /// The lines that describe those routes in `GET /_sandbox`.
    control_help: &'static str,
    /// Ends every login session.
    expire_sessions: Box<dyn Fn() + Send + Sync>,
}

/// One running stand-in, which stops when this is dropped. Its state is its own: two stand-ins of one vendor share
/// nothing.
pub struct Sandbox {
    stand_in: &'static StandIn,
    address: SocketAddr,
    shared: Arc<Shared>,
    control: Router,
    pusher: Pusher,
    stop: CancellationToken,
    serving: JoinHandle<()>,
}

impl Sandbox {
    /// Starts the stand-in for `vendor`, one of [`VENDORS`], on `listen`, where port 0 takes any free port. Connections
    /// are accepted when this returns. The stand-in runs on the current Tokio runtime, which needs its I/O and time
    /// drivers.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::InvalidInput`] when no stand-in has that name, or the system's error when the address cannot be
    /// bound.
    ///
    /// # Panics
    ///
    /// Panics outside of a Tokio runtime.
    pub async fn start(vendor: &str, listen: SocketAddr) -> io::Result<Self> {
        let stand_in = REGISTRY.iter().find(|entry| entry.name == vendor).ok_or_else(|| {
            let known = VENDORS.join(", ");
            io::Error::new(io::ErrorKind::InvalidInput, format!("no sandbox for vendor {vendor:?}; there are: {known}"))
        })?;
        let listener = tokio::net::TcpListener::bind(listen).await?;
        let address = listener.local_addr()?;
        let stop = CancellationToken::new();
        let pusher = Pusher::start(stop.clone());
        let service = (stand_in.open)(pusher.clone());
        let shared = Arc::new(Shared::new(service.expire_sessions, Tls::new(address)?));
        let control = control::router(stand_in.name, service.control_help, Arc::clone(&shared))
            .merge(push::control::router(pusher.clone()))
            .merge(service.control);
        let server = server::Server {
            base_path: stand_in.base_path,
            api: service.api,
            control: Router::new().nest(control::PREFIX, control.clone()),
            shared: Arc::clone(&shared),
            stop: stop.clone(),
        };
        let serving = tokio::spawn(server.serve(listener));
        Ok(Self { stand_in, address, shared, control, pusher, stop, serving })
    }

    /// Returns the vendor that this stands in for.
    #[must_use]
    pub fn vendor(&self) -> &'static str {
        self.stand_in.name
    }

    /// Returns the address that the stand-in listens on.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the `base_url` for an account that calls this from the same machine.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}{}", self.reachable(), self.stand_in.base_path)
    }

    /// Returns the same address over TLS, for a client that trusts [`Sandbox::certificate`].
    #[must_use]
    pub fn secure_base_url(&self) -> String {
        format!("https://{}{}", self.reachable(), self.stand_in.base_path)
    }

    /// Returns the certificate, as PEM, of the authority that certified the stand-in.
    #[must_use]
    pub fn certificate(&self) -> &str {
        &self.shared.tls.authority
    }

    /// Sets the protocols that connections over TLS are offered by ALPN from now on: at first `h2` and `http/1.1`.
    pub fn offer<'a>(&self, protocols: impl IntoIterator<Item = &'a str>) {
        self.shared.tls.offer(protocols);
    }

    /// Returns the URL of the control API.
    #[must_use]
    pub fn control_url(&self) -> String {
        format!("http://{}{}", self.reachable(), control::PREFIX)
    }

    /// Returns the address to connect to: loopback for a stand-in that listens everywhere (`0.0.0.0`).
    fn reachable(&self) -> SocketAddr {
        let mut address = self.address;
        match address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
            IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
            _ => {}
        }
        address
    }

    /// Returns the credentials, as pairs of a key and its value. The keys are those of an account in the configuration
    /// of smsmux: `username` and `password` for `smsend`, `token` for `lox24`, `username` and `api_key` for `ip1sms`,
    /// `token` for `intelepeer`, `api_key` for `smspartner`. A pair may be a setting that the stand-in needs, not a
    /// credential, such as `message_interval` for `intelepeer`.
    #[must_use]
    pub fn credentials(&self) -> &'static [(&'static str, &'static str)] {
        self.stand_in.credentials
    }

    /// Injects a fault. Rules are tried in the order in which they were added; the first that matches applies. A rule
    /// hits requests that arrive after this returns.
    pub fn inject(&self, rule: Rule) {
        self.shared.faults.add(rule);
    }

    /// Returns the active rules, with the number of hits left.
    #[must_use]
    pub fn faults(&self) -> Vec<Rule> {
        self.shared.faults.list()
    }

    /// Removes all rules, and releases the requests that [`Fault::Hold`] holds. Requests that were hit by another fault
    /// already are not affected.
    pub fn clear_faults(&self) {
        self.shared.faults.clear();
    }

    /// Returns the requests to the vendor's API, oldest first, at most the newest 10,000.
    #[must_use]
    pub fn requests(&self) -> Vec<Recorded> {
        self.shared.recorder.list(|_| true)
    }

    /// Deletes the recorded requests.
    pub fn clear_requests(&self) {
        self.shared.recorder.clear();
    }

    /// Waits until at least `count` recorded requests match, and returns all that do, oldest first. It waits without a
    /// limit: add a timeout where one is needed.
    ///
    /// A request is recorded when it has been read, and changes again when it has been handled: a predicate on
    /// [`Recorded::handled`] waits for that.
    pub async fn requested(&self, count: usize, fits: impl Fn(&Recorded) -> bool) -> Vec<Recorded> {
        self.shared.recorder.wait(count, fits).await
    }

    /// Returns the number of connections that were accepted, those to the control API included.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::Relaxed)
    }

    /// Ends every login session at once, as if they had been idle for too long. Only `smsend` has sessions; elsewhere
    /// this does nothing.
    pub fn expire_sessions(&self) {
        (self.shared.expire_sessions)();
    }

    /// Calls the control API without the socket, with `path` below `/_sandbox`: for the endpoints that one vendor has.
    /// Returns the status and the body that the socket would answer; an invalid `path` is answered 400.
    pub async fn control(&self, method: Method, path: &str, body: &serde_json::Value) -> (StatusCode, Bytes) {
        control::call(self.control.clone(), method, path, body).await
    }

    /// Sets where the vendor pushes to, and how. An address that the vendor's API sets comes before this one.
    pub fn push(&self, settings: PushSettings) {
        self.pusher.set(settings);
    }

    /// Sets the address that the vendor pushes to, and leaves the other settings as they are.
    pub fn push_to(&self, url: &str) {
        self.pusher.set_url(url);
    }

    /// Injects a fault into pushes that are made after this returns.
    pub fn inject_push(&self, rule: PushRule) {
        self.pusher.add_fault(rule);
    }

    /// Waits until at least `count` attempts to push match, and returns all that do, oldest first; those of the newest
    /// 10,000. It waits without a limit. An attempt is recorded when it was answered, or has failed.
    pub async fn pushed(&self, count: usize, fits: impl Fn(&PushAttempt) -> bool) -> Vec<PushAttempt> {
        self.pusher.log().wait(count, fits).await
    }

    /// Lets an SMS arrive at the vendor, which pushes it.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::InvalidInput`], with the reason, when the vendor cannot receive it.
    pub async fn receive(&self, from: &str, to: &str, text: &str) -> io::Result<()> {
        self.happen("/received", &serde_json::json!({"from": from, "to": to, "text": text})).await
    }

    /// Delivers a message, by the vendor's id, to all of its numbers. The vendor pushes a report, where it has any.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::InvalidInput`] if the stand-in has no such message.
    pub async fn deliver(&self, message: &str) -> io::Result<()> {
        self.happen("/delivered", &serde_json::json!({"message": message})).await
    }

    /// Fails a message, by the vendor's id, to all of its numbers. The vendor pushes a report, where it has any.
    ///
    /// # Errors
    ///
    /// [`io::ErrorKind::InvalidInput`] if the stand-in has no such message.
    pub async fn fail(&self, message: &str) -> io::Result<()> {
        self.happen("/failed", &serde_json::json!({"message": message})).await
    }

    async fn happen(&self, path: &str, body: &serde_json::Value) -> io::Result<()> {
        let (status, reason) = self.control(Method::POST, path, body).await;
        match status.is_success() {
            true => Ok(()),
            false => {
                Err(io::Error::new(io::ErrorKind::InvalidInput, String::from_utf8_lossy(&reason).trim().to_owned()))
            }
        }
    }

    /// Stops, and waits until no connection is left. Dropping stops too, without the wait.
    pub async fn stop(mut self) {
        self.stop.cancel();
        // The task ends only by this stop, so its result has no information.
        let _ = (&mut self.serving).await;
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox")
            .field("vendor", &self.vendor())
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;

//! Limits of unauthenticated connections: those on which no authenticated call has arrived yet. They and their streams
//! are limited in all and for each address. At the limit the oldest is evicted, as the new one may be of a caller with
//! a key.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    net::{IpAddr, Ipv6Addr},
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering::Relaxed},
    },
};

use tokio::sync::Notify;
use tonic::{Extensions, Status};

use super::cancellations::Cancellations;
use crate::{
    config,
    error::{Error, ErrorSite},
    gateway::overloaded,
    telemetry::incidents::Incident,
};

/// The most streams on one unauthenticated connection.
const STREAMS: usize = 16;

/// The most calls in flight on one unauthenticated connection.
const CALLS: u32 = 100;

/// The unauthenticated connections at one port.
#[derive(Debug)]
pub(super) struct Unauthenticated {
    limits: config::Unauthenticated,
    present: Mutex<Present>,
}

#[derive(Debug, Default)]
struct Present {
    next: u64,
    /// By number, so that the oldest comes first.
    connections: BTreeMap<u64, Connection>,
    addresses: HashMap<IpAddr, Address>,
    streams: usize,
}

#[derive(Debug)]
struct Connection {
    address: IpAddr,
    streams: usize,
    evicted: Arc<Notify>,
}

#[derive(Debug, Default)]
struct Address {
    connections: BTreeSet<u64>,
    streams: usize,
}

impl Unauthenticated {
    pub(super) fn new(limits: config::Unauthenticated) -> Arc<Self> {
        Arc::new(Self { limits, present: Mutex::default() })
    }

    /// Adds a connection, and evicts another if the limit is reached.
    pub(super) fn admit(self: &Arc<Self>, peer: IpAddr, cancellations: Cancellations) -> Visit {
        let (address, evicted) = (limited_address(peer), Arc::<Notify>::default());
        let mut present = self.present();
        let of_address = present.addresses.get(&address).map(|address| &address.connections);
        if let Some(numbers) = of_address.filter(|numbers| numbers.len() >= self.limits.connections_per_address) {
            let oldest = present.oldest(numbers.iter().copied());
            present.evict(oldest);
        } else if present.connections.len() >= self.limits.connections {
            present.evict_oldest();
        }
        let number = present.next;
        present.next += 1;
        present.connections.insert(number, Connection { address, streams: 0, evicted: evicted.clone() });
        present.addresses.entry(address).or_default().connections.insert(number);
        drop(present);
        Visit {
            peer,
            names: OnceLock::new(),
            has_called: AtomicBool::new(false),
            is_authenticated: AtomicBool::new(false),
            calls: AtomicU32::new(0),
            evicted,
            cancellations,
            unauthenticated: self.clone(),
            number,
        }
    }

    /// Evicts the oldest connection; returns `false` if there is none.
    pub(super) fn evict_oldest(&self) -> bool {
        self.present().evict_oldest()
    }

    fn present(&self) -> MutexGuard<'_, Present> {
        self.present.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Present {
    /// Returns the oldest of these connections that has no stream, or the oldest if all have one.
    fn oldest(&self, mut numbers: impl Iterator<Item = u64> + Clone) -> Option<u64> {
        let silent = numbers.clone().find(|number| self.connections.get(number).is_some_and(|one| one.streams == 0));
        silent.or_else(|| numbers.next())
    }

    fn evict_oldest(&mut self) -> bool {
        let oldest = self.oldest(self.connections.keys().copied());
        self.evict(oldest)
    }

    fn evict(&mut self, number: Option<u64>) -> bool {
        let Some(connection) = number.and_then(|number| self.remove(number)) else { return false };
        connection.evicted.notify_one();
        Incident::PushedOut.note(connection.address);
        true
    }

    /// Removes a connection and its streams; returns `None` if it was removed before.
    fn remove(&mut self, number: u64) -> Option<Connection> {
        let connection = self.connections.remove(&number)?;
        self.streams -= connection.streams;
        if let Some(address) = self.addresses.get_mut(&connection.address) {
            address.connections.remove(&number);
            address.streams -= connection.streams;
            if address.connections.is_empty() {
                self.addresses.remove(&connection.address);
            }
        }
        Some(connection)
    }
}

/// Returns the address that limits apply to: of an IPv6 address its /64 network, as that belongs to one host.
fn limited_address(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
        v4 => v4,
    }
}

/// The state of one connection that its calls share.
#[derive(Debug)]
pub(super) struct Visit {
    /// The client's address.
    pub(super) peer: IpAddr,
    /// The names in the client certificate; empty without one.
    names: OnceLock<Arc<[String]>>,
    has_called: AtomicBool,
    is_authenticated: AtomicBool,
    /// How many unauthenticated calls are in flight.
    calls: AtomicU32,
    evicted: Arc<Notify>,
    /// The calls that the client has cancelled.
    pub(super) cancellations: Cancellations,
    unauthenticated: Arc<Unauthenticated>,
    number: u64,
}

impl Visit {
    /// Whether a request has arrived.
    pub(super) fn has_called(&self) -> bool {
        self.has_called.load(Relaxed)
    }

    /// Notes that a request has arrived.
    pub(super) fn note_call(&self) {
        self.has_called.store(true, Relaxed);
    }

    /// Returns the names in the client certificate.
    pub(super) fn names(&self) -> &[String] {
        self.names.get().map_or(&[], |names| names)
    }

    /// Notes the names in the client certificate.
    pub(super) fn note_names(&self, names: Arc<[String]>) {
        // There is one handshake per connection.
        let _ = self.names.set(names);
    }

    /// Waits until the connection is evicted.
    pub(super) async fn evicted(&self) {
        self.evicted.notified().await;
    }

    /// Notes an authenticated call: the connection and its streams do not count as unauthenticated any more.
    ///
    /// # Errors
    /// OVERLOADED when the connection was just evicted.
    pub(super) fn note_caller(&self) -> Result<(), Error> {
        if !self.is_authenticated.load(Relaxed) {
            let connection = self.unauthenticated.present().remove(self.number);
            // Calls of one connection arrive one after the other.
            connection
                .ok_or_else(|| overloaded("the connection was closed in favor of another before its first call"))?;
            self.is_authenticated.store(true, Relaxed);
        }
        Ok(())
    }

    /// Begins a call, which ends when the returned guard is dropped.
    ///
    /// # Errors
    /// OVERLOADED when the client has cancelled too many calls, or has too many unauthenticated calls in flight.
    pub(super) fn begin(self: &Arc<Self>) -> Result<Call, Error> {
        if self.cancellations.are_too_many() {
            return Err(overloaded("the client has cancelled too many calls on this connection: reconnect"));
        }
        let is_unauthenticated = !self.is_authenticated.load(Relaxed);
        let call = Call { visit: self.clone(), is_unauthenticated, is_answered: false };
        if is_unauthenticated && self.calls.fetch_add(1, Relaxed) >= CALLS {
            // The rejection answers the call.
            call.answered();
            return Err(overloaded("too many unauthenticated calls in flight on the connection"));
        }
        Ok(call)
    }

    /// Takes a permit for a stream if the connection is unauthenticated.
    fn stream(self: &Arc<Self>) -> Result<Option<StreamPermit>, Error> {
        if self.is_authenticated.load(Relaxed) {
            return Ok(None);
        }
        let limits = self.unauthenticated.limits;
        let mut guard = self.unauthenticated.present();
        let present = &mut *guard;
        let connection = present.connections.get_mut(&self.number);
        let address = connection.as_ref().and_then(|connection| present.addresses.get_mut(&connection.address));
        let (Some(connection), Some(address)) = (connection, address) else {
            return Err(overloaded("the connection was closed in favor of another"));
        };
        for (taken, limit, whose) in [
            (connection.streams, STREAMS, "connection"),
            (address.streams, limits.streams_per_address, "address"),
            (present.streams, limits.streams, "server"),
        ] {
            if taken >= limit {
                let text = format!("too many unauthenticated streams of the {whose}");
                return Err(overloaded(&text));
            }
        }
        connection.streams += 1;
        address.streams += 1;
        present.streams += 1;
        Ok(Some(StreamPermit(self.clone())))
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        if !self.is_authenticated.load(Relaxed) {
            self.unauthenticated.present().remove(self.number);
        }
    }
}

/// A call in flight.
#[derive(Debug)]
pub(super) struct Call {
    visit: Arc<Visit>,
    is_unauthenticated: bool,
    is_answered: bool,
}

impl Call {
    /// Notes that the call was answered. If dropped before, it counts as cancelled.
    pub(super) fn answered(mut self) {
        self.is_answered = true;
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        if self.is_unauthenticated {
            self.visit.calls.fetch_sub(1, Relaxed);
        }
        if !self.is_answered {
            self.visit.cancellations.add(self.visit.peer);
        }
    }
}

/// Permit for a stream of an unauthenticated connection, until it is dropped.
#[derive(Debug)]
pub(super) struct StreamPermit(Arc<Visit>);

impl Drop for StreamPermit {
    fn drop(&mut self) {
        let mut guard = self.0.unauthenticated.present();
        let present = &mut *guard;
        // Removing the connection removed its streams too.
        let Some(connection) = present.connections.get_mut(&self.0.number) else { return };
        connection.streams -= 1;
        present.streams -= 1;
        if let Some(address) = present.addresses.get_mut(&connection.address) {
            address.streams -= 1;
        }
    }
}

/// Takes a permit for the stream of a call with these extensions if its connection is unauthenticated.
///
/// # Errors
/// OVERLOADED when there is no permit left.
pub(super) fn stream(extensions: &Extensions, method: &str) -> Result<Option<StreamPermit>, Status> {
    let Some(visit) = extensions.get::<Arc<Visit>>() else { return Ok(None) };
    visit.stream().map_err(|error| error.to_status(ErrorSite { account: "", vendor: "", method, resource: None }))
}

#[cfg(test)]
mod tests;

//! Connections on which no known caller has made a call yet: anybody can make them, so they are bounded in all and for each
//! address, as are their streams. The oldest makes room for a newcomer, who may be a caller with a key.

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

/// The most streams of a stranger on one connection.
const STREAMS: usize = 16;

/// The most calls of a stranger on one connection that are not answered yet.
const CALLS: u32 = 100;

/// The connections of strangers at one port.
#[derive(Debug)]
pub(super) struct Strangers {
    limits: config::Strangers,
    present: Mutex<Present>,
}

#[derive(Debug, Default)]
struct Present {
    next: u64,
    /// By number: the oldest is the first.
    connections: BTreeMap<u64, Stranger>,
    addresses: HashMap<IpAddr, Address>,
    streams: usize,
}

#[derive(Debug)]
struct Stranger {
    address: IpAddr,
    streams: usize,
    pushed_out: Arc<Notify>,
}

#[derive(Debug, Default)]
struct Address {
    connections: BTreeSet<u64>,
    streams: usize,
}

impl Strangers {
    pub(super) fn new(limits: config::Strangers) -> Arc<Self> {
        Arc::new(Self { limits, present: Mutex::default() })
    }

    /// Lets a connection in, and pushes another out where there are as many as there may be.
    pub(super) fn let_in(self: &Arc<Self>, peer: IpAddr, cancellations: Cancellations) -> Visit {
        let (address, pushed_out) = (bounded(peer), Arc::<Notify>::default());
        let mut present = self.present();
        let of_address = present.addresses.get(&address).map(|address| &address.connections);
        if let Some(numbers) = of_address.filter(|numbers| numbers.len() >= self.limits.connections_per_address) {
            let oldest = present.oldest(numbers.iter().copied());
            present.push_out(oldest);
        } else if present.connections.len() >= self.limits.connections {
            present.push_out_oldest();
        }
        let number = present.next;
        present.next += 1;
        present.connections.insert(number, Stranger { address, streams: 0, pushed_out: pushed_out.clone() });
        present.addresses.entry(address).or_default().connections.insert(number);
        drop(present);
        Visit {
            peer,
            names: OnceLock::new(),
            has_called: AtomicBool::new(false),
            is_known: AtomicBool::new(false),
            calls: AtomicU32::new(0),
            pushed_out,
            cancellations,
            strangers: self.clone(),
            number,
        }
    }

    /// Pushes the oldest out; `false` when there is none.
    pub(super) fn push_out_oldest(&self) -> bool {
        self.present().push_out_oldest()
    }

    fn present(&self) -> MutexGuard<'_, Present> {
        self.present.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Present {
    /// The oldest of these without a stream, or the oldest where each has one.
    fn oldest(&self, mut numbers: impl Iterator<Item = u64> + Clone) -> Option<u64> {
        let silent = numbers.clone().find(|number| self.connections.get(number).is_some_and(|one| one.streams == 0));
        silent.or_else(|| numbers.next())
    }

    fn push_out_oldest(&mut self) -> bool {
        let oldest = self.oldest(self.connections.keys().copied());
        self.push_out(oldest)
    }

    fn push_out(&mut self, number: Option<u64>) -> bool {
        let Some(stranger) = number.and_then(|number| self.remove(number)) else { return false };
        stranger.pushed_out.notify_one();
        Incident::PushedOut.note(stranger.address);
        true
    }

    /// Forgets one, with its streams; `None` when it is not there any more.
    fn remove(&mut self, number: u64) -> Option<Stranger> {
        let stranger = self.connections.remove(&number)?;
        self.streams -= stranger.streams;
        if let Some(address) = self.addresses.get_mut(&stranger.address) {
            address.connections.remove(&number);
            address.streams -= stranger.streams;
            if address.connections.is_empty() {
                self.addresses.remove(&stranger.address);
            }
        }
        Some(stranger)
    }
}

/// What is bounded as one address: who has one of IPv6 has 2^64 of them.
fn bounded(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
        v4 => v4,
    }
}

/// One connection, as its calls see it.
#[derive(Debug)]
pub(super) struct Visit {
    /// Where it comes from.
    pub(super) peer: IpAddr,
    /// The names in the client certificate that it was made with; none without one.
    names: OnceLock<Arc<[String]>>,
    has_called: AtomicBool,
    is_known: AtomicBool,
    /// How many calls of a stranger are not answered yet.
    calls: AtomicU32,
    pushed_out: Arc<Notify>,
    /// What its client cancels.
    pub(super) cancellations: Cancellations,
    strangers: Arc<Strangers>,
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

    /// The names in the client certificate.
    pub(super) fn names(&self) -> &[String] {
        self.names.get().map_or(&[], |names| names)
    }

    /// Notes the names in the client certificate.
    pub(super) fn note_names(&self, names: Arc<[String]>) {
        // It is agreed on once.
        let _ = self.names.set(names);
    }

    /// Waits until the connection must make room for another.
    pub(super) async fn pushed_out(&self) {
        self.pushed_out.notified().await;
    }

    /// Notes that a known caller calls: the connection and its streams are a stranger's no more.
    ///
    /// # Errors
    /// OVERLOADED when it was pushed out just before.
    pub(super) fn note_caller(&self) -> Result<(), Error> {
        if !self.is_known.load(Relaxed) {
            let stranger = self.strangers.present().remove(self.number);
            // Calls of one connection come one after the other.
            stranger.ok_or_else(|| overloaded("the connection had to make room for another before its first call"))?;
            self.is_known.store(true, Relaxed);
        }
        Ok(())
    }

    /// Begins a call: it ends when what is given is dropped.
    ///
    /// # Errors
    /// OVERLOADED when the client has cancelled too many, or when it is a stranger with too many calls in flight.
    pub(super) fn begin(self: &Arc<Self>) -> Result<Call, Error> {
        if self.cancellations.are_too_many() {
            return Err(overloaded("the client has cancelled too many calls on this connection: make another"));
        }
        let is_stranger = !self.is_known.load(Relaxed);
        let call = Call { visit: self.clone(), is_stranger, is_answered: false };
        if is_stranger && self.calls.fetch_add(1, Relaxed) >= CALLS {
            // It is answered at once.
            call.answered();
            return Err(overloaded(
                "the connection has all the calls in flight that it may have without a known caller",
            ));
        }
        Ok(call)
    }

    /// Takes a place for a stream, where it is a stranger's.
    fn stream(self: &Arc<Self>) -> Result<Option<StreamPlace>, Error> {
        if self.is_known.load(Relaxed) {
            return Ok(None);
        }
        let limits = self.strangers.limits;
        let mut guard = self.strangers.present();
        let present = &mut *guard;
        let stranger = present.connections.get_mut(&self.number);
        let address = stranger.as_ref().and_then(|stranger| present.addresses.get_mut(&stranger.address));
        let (Some(stranger), Some(address)) = (stranger, address) else {
            return Err(overloaded("the connection had to make room for another"));
        };
        for (taken, limit, whose) in [
            (stranger.streams, STREAMS, "connection"),
            (address.streams, limits.streams_per_address, "address"),
            (present.streams, limits.streams, "server"),
        ] {
            if taken >= limit {
                let text = format!("the {whose} has all the streams that it may have without a known caller");
                return Err(overloaded(&text));
            }
        }
        stranger.streams += 1;
        address.streams += 1;
        present.streams += 1;
        Ok(Some(StreamPlace(self.clone())))
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        if !self.is_known.load(Relaxed) {
            self.strangers.present().remove(self.number);
        }
    }
}

/// A call that is not answered yet.
#[derive(Debug)]
pub(super) struct Call {
    visit: Arc<Visit>,
    is_stranger: bool,
    is_answered: bool,
}

impl Call {
    /// Ends it with an answer; dropped without one it was cancelled.
    pub(super) fn answered(mut self) {
        self.is_answered = true;
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        if self.is_stranger {
            self.visit.calls.fetch_sub(1, Relaxed);
        }
        if !self.is_answered {
            self.visit.cancellations.add(self.visit.peer);
        }
    }
}

/// The place of a stranger's stream, until it is dropped.
#[derive(Debug)]
pub(super) struct StreamPlace(Arc<Visit>);

impl Drop for StreamPlace {
    fn drop(&mut self) {
        let mut guard = self.0.strangers.present();
        let present = &mut *guard;
        // One that is not there any more took its streams along.
        let Some(stranger) = present.connections.get_mut(&self.0.number) else { return };
        stranger.streams -= 1;
        present.streams -= 1;
        if let Some(address) = present.addresses.get_mut(&stranger.address) {
            address.streams -= 1;
        }
    }
}

/// Takes a place for the stream of a call with these extensions, where a stranger makes it.
///
/// # Errors
/// OVERLOADED when there is none.
pub(super) fn stream(extensions: &Extensions, method: &str) -> Result<Option<StreamPlace>, Status> {
    let Some(visit) = extensions.get::<Arc<Visit>>() else { return Ok(None) };
    visit.stream().map_err(|error| error.to_status(ErrorSite { account: "", vendor: "", method, resource: None }))
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;
    use crate::error::Reason;

    const LIMITS: config::Strangers =
        config::Strangers { connections: 4, connections_per_address: 2, streams: 5, streams_per_address: 3 };

    fn peer(last: u8) -> IpAddr {
        IpAddr::from([127, 0, 0, last])
    }

    fn let_in(strangers: &Arc<Strangers>, peer: IpAddr) -> Arc<Visit> {
        Arc::new(strangers.let_in(peer, Cancellations::new(1)))
    }

    fn is_pushed_out(visit: &Visit) -> bool {
        visit.pushed_out().now_or_never().is_some()
    }

    #[test]
    fn the_oldest_silent_one_of_an_address_and_then_of_all_makes_room() {
        let strangers = Strangers::new(LIMITS);
        let (first, second) = (let_in(&strangers, peer(1)), let_in(&strangers, peer(1)));
        let _stream = first.stream().expect("a place");
        let _third = let_in(&strangers, peer(1));
        assert!(!is_pushed_out(&first) && is_pushed_out(&second), "the first has a stream");
        let _fourth = let_in(&strangers, peer(2));
        let fifth = let_in(&strangers, peer(3));
        let others: Vec<_> = (4..8).map(|last| let_in(&strangers, peer(last))).collect();
        assert!(is_pushed_out(&fifth) && !is_pushed_out(&first));
        assert_eq!(strangers.present().connections.len(), 4);
        drop(others);
        assert!(strangers.push_out_oldest() && is_pushed_out(&first), "where nobody is silent");
        assert!(!strangers.push_out_oldest());
        let present = strangers.present();
        assert_eq!((present.addresses.len(), present.streams), (0, 0));
    }

    #[test]
    fn who_is_known_takes_no_place_and_who_was_pushed_out_is_not_served() {
        let strangers = Strangers::new(LIMITS);
        let known: Vec<_> = (0..10)
            .map(|_| let_in(&strangers, peer(1)))
            .inspect(|one| one.note_caller().expect("it is there"))
            .collect();
        let stranger = let_in(&strangers, peer(1));
        assert_eq!(strangers.present().connections.len(), 1);
        let streams: Vec<_> = (0..10).map(|_| known[0].stream().expect("not bounded")).collect();
        assert!(streams.iter().all(Option::is_none) && !known.iter().any(|one| is_pushed_out(one)));
        strangers.push_out_oldest();
        assert_eq!(stranger.note_caller().expect_err("too late").reason(), Reason::Overloaded);
        assert_eq!(stranger.stream().expect_err("too late").reason(), Reason::Overloaded);
    }

    #[test]
    fn streams_are_bounded_for_each_address_and_in_all_and_are_a_caller_s_once_it_is_known() {
        let strangers = Strangers::new(LIMITS);
        let (one, other) = (let_in(&strangers, peer(1)), let_in(&strangers, peer(2)));
        let of_one: Vec<_> = (0..3).map(|_| one.stream().expect("a place")).collect();
        assert!(let_in(&strangers, peer(1)).stream().is_err(), "of the address");
        let of_other: Vec<_> = (0..2).map(|_| other.stream().expect("a place")).collect();
        let error = other.stream().expect_err("in all");
        assert!(error.retry_delay().is_some() && error.reason() == Reason::Overloaded);
        one.note_caller().expect("it is there");
        let _more: Vec<_> = (0..1).map(|_| other.stream().expect("a place")).collect();
        drop(of_one);
        drop(of_other);
        assert_eq!(strangers.present().streams, 1);
    }

    #[test]
    fn an_address_of_ipv6_is_its_network() {
        for (peer, expected) in
            [("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"), ("::ffff:192.0.2.1", "192.0.2.1"), ("192.0.2.1", "192.0.2.1")]
        {
            assert_eq!(bounded(peer.parse().expect("an address")).to_string(), expected);
        }
    }

    #[test]
    fn a_stranger_s_calls_in_flight_are_bounded_and_a_caller_s_are_not() {
        let strangers = Strangers::new(LIMITS);
        let one = let_in(&strangers, peer(1));
        let calls: Vec<_> = (0..CALLS).map(|_| one.begin().expect("room")).collect();
        assert_eq!(one.begin().expect_err("full").reason(), Reason::Overloaded);
        calls.into_iter().for_each(Call::answered);
        let call = one.begin().expect("room again");
        one.note_caller().expect("it is there");
        let more: Vec<_> = (0..2 * CALLS).map(|_| one.begin().expect("room")).collect();
        more.into_iter().for_each(Call::answered);
        call.answered();
    }
}

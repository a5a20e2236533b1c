//! The limits of unauthenticated connections, their streams and calls.

use futures::FutureExt;

use super::*;
use crate::error::Reason;

const LIMITS: config::Unauthenticated =
    config::Unauthenticated { connections: 4, connections_per_address: 2, streams: 5, streams_per_address: 3 };

fn peer(last: u8) -> IpAddr {
    IpAddr::from([127, 0, 0, last])
}

fn admit(unauthenticated: &Arc<Unauthenticated>, peer: IpAddr) -> Arc<Visit> {
    Arc::new(unauthenticated.admit(peer, Cancellations::new(1)))
}

fn is_evicted(visit: &Visit) -> bool {
    visit.evicted().now_or_never().is_some()
}

#[test]
fn the_oldest_silent_one_of_an_address_and_then_of_all_makes_room() {
    let unauthenticated = Unauthenticated::new(LIMITS);
    let (first, second) = (admit(&unauthenticated, peer(1)), admit(&unauthenticated, peer(1)));
    let _stream = first.stream().expect("a permit");
    let _third = admit(&unauthenticated, peer(1));
    assert!(!is_evicted(&first) && is_evicted(&second), "the first has a stream");
    let _fourth = admit(&unauthenticated, peer(2));
    let fifth = admit(&unauthenticated, peer(3));
    let others: Vec<_> = (4..8).map(|last| admit(&unauthenticated, peer(last))).collect();
    assert!(is_evicted(&fifth) && !is_evicted(&first));
    assert_eq!(unauthenticated.present().connections.len(), 4);
    drop(others);
    assert!(unauthenticated.evict_oldest() && is_evicted(&first), "if all have streams");
    assert!(!unauthenticated.evict_oldest());
    let present = unauthenticated.present();
    assert_eq!((present.addresses.len(), present.streams), (0, 0));
}

#[test]
fn an_authenticated_connection_takes_no_permit_and_an_evicted_one_is_not_served() {
    let unauthenticated = Unauthenticated::new(LIMITS);
    let known: Vec<_> = (0..10)
        .map(|_| admit(&unauthenticated, peer(1)))
        .inspect(|one| one.note_caller().expect("it is there"))
        .collect();
    let connection = admit(&unauthenticated, peer(1));
    assert_eq!(unauthenticated.present().connections.len(), 1);
    let streams: Vec<_> = (0..10).map(|_| known[0].stream().expect("not bounded")).collect();
    assert!(streams.iter().all(Option::is_none) && !known.iter().any(|one| is_evicted(one)));
    unauthenticated.evict_oldest();
    assert_eq!(connection.note_caller().expect_err("too late").reason(), Reason::Overloaded);
    assert_eq!(connection.stream().expect_err("too late").reason(), Reason::Overloaded);
}

#[test]
fn streams_are_bounded_for_each_address_and_in_all_and_are_a_caller_s_once_it_is_known() {
    let unauthenticated = Unauthenticated::new(LIMITS);
    let (one, other) = (admit(&unauthenticated, peer(1)), admit(&unauthenticated, peer(2)));
    let of_one: Vec<_> = (0..3).map(|_| one.stream().expect("a permit")).collect();
    assert!(admit(&unauthenticated, peer(1)).stream().is_err(), "of the address");
    let of_other: Vec<_> = (0..2).map(|_| other.stream().expect("a permit")).collect();
    let error = other.stream().expect_err("in all");
    assert!(error.retry_delay().is_some() && error.reason() == Reason::Overloaded);
    one.note_caller().expect("it is there");
    let _more: Vec<_> = (0..1).map(|_| other.stream().expect("a permit")).collect();
    drop(of_one);
    drop(of_other);
    assert_eq!(unauthenticated.present().streams, 1);
}

#[test]
fn an_address_of_ipv6_is_its_network() {
    for (peer, expected) in
        [("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"), ("::ffff:192.0.2.1", "192.0.2.1"), ("192.0.2.1", "192.0.2.1")]
    {
        assert_eq!(limited_address(peer.parse().expect("an address")).to_string(), expected);
    }
}

#[test]
fn unauthenticated_calls_in_flight_are_limited_and_a_caller_s_are_not() {
    let unauthenticated = Unauthenticated::new(LIMITS);
    let one = admit(&unauthenticated, peer(1));
    let calls: Vec<_> = (0..CALLS).map(|_| one.begin().expect("room")).collect();
    assert_eq!(one.begin().expect_err("full").reason(), Reason::Overloaded);
    calls.into_iter().for_each(Call::answered);
    let call = one.begin().expect("room again");
    one.note_caller().expect("it is there");
    let more: Vec<_> = (0..2 * CALLS).map(|_| one.begin().expect("room")).collect();
    more.into_iter().for_each(Call::answered);
    call.answered();
}

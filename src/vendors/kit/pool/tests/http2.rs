//! HTTP/2, frame by frame.

use super::*;
use crate::vendors::kit::Effect;

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;

const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
const ACK: u8 = 1;

const NO_ERROR: u32 = 0;
const INTERNAL_ERROR: u32 = 2;
const REFUSED_STREAM: u32 = 7;
const CANCEL: u32 = 8;

/// A connection of HTTP/2 at the vendor's end.
struct Peer(TcpStream);

impl Peer {
    /// Accepts a connection that has so many streams.
    async fn accept(vendor: &Vendor, streams: u32) -> Self {
        let mut peer = Self(vendor.accept().await);
        let mut preface = [0; 24];
        in_time(peer.0.read_exact(&mut preface)).await.expect("a preface");
        assert_eq!(&preface, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        peer.permit(streams).await;
        peer
    }

    async fn frame(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) {
        let length = u32::try_from(payload.len()).expect("short").to_be_bytes();
        let frame = [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat();
        self.0.write_all(&frame).await.expect("written");
    }

    async fn permit(&mut self, streams: u32) {
        self.frame(SETTINGS, 0, 0, &[&[0, 3][..], &streams.to_be_bytes()].concat()).await;
    }

    /// Reads a frame; `None` at the end.
    async fn read(&mut self) -> Option<(u8, u8, u32)> {
        let mut head = [0; 9];
        in_time(self.0.read_exact(&mut head)).await.ok()?;
        let [a, b, c, kind, flags, stream @ ..] = head;
        let mut payload = vec![0; u32::from_be_bytes([0, a, b, c]) as usize];
        in_time(self.0.read_exact(&mut payload)).await.ok()?;
        match kind {
            SETTINGS if flags & ACK == 0 => self.frame(SETTINGS, ACK, 0, &[]).await,
            PING if flags & ACK == 0 => self.frame(PING, ACK, 0, &payload).await,
            _ => {}
        }
        Some((kind, flags, u32::from_be_bytes(stream)))
    }

    /// Reads a whole request, and returns its stream; `None` if the client is gone.
    async fn request(&mut self) -> Option<u32> {
        loop {
            match self.read().await? {
                (HEADERS | DATA, flags, stream) if flags & END_STREAM != 0 => return Some(stream),
                (GOAWAY, ..) => return None,
                _ => {}
            }
        }
    }

    /// Waits until the client resets a stream, and returns it.
    async fn reset_by_client(&mut self) -> u32 {
        loop {
            if let (RST_STREAM, _, stream) = self.read().await.expect("a reset") {
                return stream;
            }
        }
    }

    /// Answers with 200, and a length if it is said.
    async fn head(&mut self, stream: u32, length: bool) {
        // In HPACK: `:status: 200`, and `content-length: 2` that the table does not remember.
        let fields: &[u8] = if length { &[0x88, 0x0f, 0x0d, 1, b'2'] } else { &[0x88] };
        self.frame(HEADERS, END_HEADERS, stream, fields).await;
    }

    async fn answer(&mut self, stream: u32) {
        self.head(stream, false).await;
        self.frame(DATA, END_STREAM, stream, b"{}").await;
    }

    async fn reset(&mut self, stream: u32, code: u32) {
        self.frame(RST_STREAM, 0, stream, &code.to_be_bytes()).await;
    }

    async fn go_away(&mut self, last: u32, code: u32) {
        self.frame(GOAWAY, 0, 0, &[last.to_be_bytes(), code.to_be_bytes()].concat()).await;
    }
}

async fn start() -> (Vendor, Client) {
    start_with(|_| {}).await
}

async fn start_with(change: impl FnOnce(&mut Endpoint)) -> (Vendor, Client) {
    let vendor = Vendor::start().await;
    let client = patient(client(vendor.url(), Http2::PriorKnowledge, change));
    (vendor, client)
}

#[tokio::test]
async fn many_requests_share_a_connection() {
    let (vendor, client) = start().await;
    let calls: Vec<_> = (0..75).map(|_| spawn(&client, write())).collect();
    let mut peer = Peer::accept(&vendor, 100).await;
    for _ in 0..75 {
        let stream = peer.request().await.expect("a request");
        peer.answer(stream).await;
    }
    for call in calls {
        assert_eq!(call.await.expect("no panic").expect("an answer").text(), "{}");
    }
    assert!(vendor.is_alone().await);
}

#[tokio::test]
async fn another_connection_is_made_before_the_last_stream_is_taken() {
    let (vendor, client) = start().await;
    let first = spawn(&client, write());
    let mut peer = Peer::accept(&vendor, 4).await;
    let _ = peer.request().await.expect("a request");
    let mut calls = vec![first];
    for _ in 0..2 {
        calls.push(spawn(&client, write()));
        peer.request().await.expect("a request");
    }
    assert!(vendor.is_alone().await);
    calls.push(spawn(&client, write()));
    peer.request().await.expect("the fourth stream");
    let mut second = Peer::accept(&vendor, 4).await;
    calls.push(spawn(&client, write()));
    second.request().await.expect("a stream of the second connection");
    calls.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test]
async fn with_one_stream_each_request_has_its_own_connection() {
    let (vendor, client) = start().await;
    let calls: Vec<_> = (0..3).map(|_| spawn(&client, write())).collect();
    let mut peers = vec![Peer::accept(&vendor, 1).await];
    for _ in 0..2 {
        peers.push(Peer::accept(&vendor, 1).await);
    }
    for peer in &mut peers {
        let stream = peer.request().await.expect("a request");
        peer.answer(stream).await;
    }
    for call in calls {
        call.await.expect("no panic").expect("an answer");
    }
}

#[tokio::test]
async fn without_a_stream_a_request_waits_and_what_waited_in_vain_was_not_sent() {
    let (vendor, client) = start().await;
    let patient = spawn(&client, write());
    let mut peer = Peer::accept(&vendor, 0).await;
    assert!(was_not_sent(within(Duration::from_millis(50), &client, write()).await));
    // Other connections would have no stream either.
    assert!(vendor.is_alone().await);
    peer.permit(1).await;
    let stream = peer.request().await.expect("the request that waits");
    peer.answer(stream).await;
    patient.await.expect("no panic").expect("an answer");
    // Nothing is left of the other one.
    let call = spawn(&client, write());
    assert_eq!(peer.request().await, Some(stream + 2));
    peer.answer(stream + 2).await;
    call.await.expect("no panic").expect("an answer");
}

#[tokio::test]
async fn the_time_of_an_attempt_starts_when_it_has_a_stream() {
    let mut time = Duration::from_millis(50);
    loop {
        let (vendor, client) = start_with(|endpoint| endpoint.limits.attempt_timeout = time).await;
        let call = spawn(&client, write());
        let mut peer = Peer::accept(&vendor, 0).await;
        // The time of an attempt passes, twice.
        tokio::time::sleep(time * 2).await;
        peer.permit(1).await;
        if let Some(stream) = peer.request().await {
            peer.head(stream, false).await;
            let _ = peer.0.write_all(&[0, 0, 2, DATA, END_STREAM, 0, 0, 0, 1, b'{', b'}']).await;
        }
        if call.await.expect("no panic").is_ok() {
            return;
        }
        time *= 2;
        assert!(time < HOUR / 60, "no time was long enough");
    }
}

#[tokio::test]
async fn a_lower_limit_is_honoured_and_a_higher_one_used() {
    let (vendor, client) = start().await;
    let mut calls: Vec<_> = (0..2).map(|_| spawn(&client, write())).collect();
    let mut peer = Peer::accept(&vendor, 100).await;
    let (a, b) = (peer.request().await.expect("a"), peer.request().await.expect("b"));
    peer.permit(1).await;
    peer.frame(PING, 0, 0, &[7; 8]).await;
    while peer.read().await.expect("a frame").0 != PING {}
    calls.push(spawn(&client, write()));
    // More requests than one connection may have: a second one is made.
    let mut second = Peer::accept(&vendor, 1).await;
    let c = second.request().await.expect("c");
    second.answer(c).await;
    peer.answer(a).await;
    peer.answer(b).await;
    for call in calls {
        call.await.expect("no panic").expect("an answer");
    }
}

#[tokio::test]
async fn a_refused_stream_is_repeated() {
    let (vendor, client) = start().await;
    let call = spawn(&client, write());
    let mut peer = Peer::accept(&vendor, 100).await;
    let stream = peer.request().await.expect("a request");
    peer.reset(stream, REFUSED_STREAM).await;
    let stream = peer.request().await.expect("the same once more");
    peer.answer(stream).await;
    call.await.expect("no panic").expect("an answer");
}

#[tokio::test]
async fn a_reset_leaves_a_write_unknown_in_every_phase() {
    for phase in 0..3 {
        let (vendor, client) = start().await;
        let call = spawn(&client, write());
        let mut peer = Peer::accept(&vendor, 100).await;
        let stream = peer.request().await.expect("a request");
        if phase > 0 {
            peer.head(stream, false).await;
        }
        if phase > 1 {
            peer.frame(DATA, 0, stream, b"{").await;
        }
        peer.reset(stream, if phase == 0 { CANCEL } else { INTERNAL_ERROR }).await;
        assert!(is_unknown(call.await.expect("no panic")), "{phase}");
        // The connection goes on.
        let call = spawn(&client, write());
        let stream = peer.request().await.expect("another request");
        peer.answer(stream).await;
        call.await.expect("no panic").expect("an answer");
    }
}

#[tokio::test]
async fn a_reset_after_the_whole_answer_changes_nothing() {
    let (vendor, client) = start().await;
    let call = spawn(&client, write());
    let mut peer = Peer::accept(&vendor, 100).await;
    let stream = peer.request().await.expect("a request");
    peer.head(stream, true).await;
    peer.frame(DATA, 0, stream, b"{}").await;
    peer.reset(stream, NO_ERROR).await;
    assert_eq!(call.await.expect("no panic").expect("an answer").text(), "{}");
}

#[tokio::test]
async fn what_comes_after_the_last_stream_of_a_goaway_is_repeated_on_another_connection() {
    for code in [NO_ERROR, INTERNAL_ERROR] {
        let (vendor, client) = start().await;
        let calls: Vec<_> = (0..2).map(|_| spawn(&client, write())).collect();
        let mut peer = Peer::accept(&vendor, 100).await;
        let (first, second) = (peer.request().await.expect("a"), peer.request().await.expect("b"));
        assert!(first < second);
        peer.go_away(first, code).await;
        let mut other = Peer::accept(&vendor, 100).await;
        let repeated = other.request().await.expect("the second one");
        other.answer(repeated).await;
        // What the vendor has begun it may end.
        peer.answer(first).await;
        for call in calls {
            call.await.expect("no panic").expect("an answer");
        }
        // The client closes a connection that is of no use.
        while peer.read().await.is_some() {}
    }
}

#[tokio::test]
async fn a_graceful_end_in_two_steps_costs_no_request() {
    let (vendor, client) = start().await;
    let before = spawn(&client, write());
    let mut peer = Peer::accept(&vendor, 100).await;
    let stream = peer.request().await.expect("a request");
    peer.go_away(i32::MAX as u32, NO_ERROR).await;
    peer.frame(PING, 0, 0, &[7; 8]).await;
    while peer.read().await.expect("a frame").0 != PING {}
    let after = spawn(&client, write());
    let mut other = Peer::accept(&vendor, 100).await;
    let repeated = other.request().await.expect("the next one");
    peer.go_away(stream, NO_ERROR).await;
    peer.answer(stream).await;
    other.answer(repeated).await;
    for call in [before, after] {
        call.await.expect("no panic").expect("an answer");
    }
}

#[tokio::test]
async fn a_request_up_to_the_last_stream_of_a_goaway_is_unknown_when_the_connection_ends() {
    for code in [NO_ERROR, INTERNAL_ERROR] {
        let (vendor, client) = start().await;
        let call = spawn(&client, write());
        let mut peer = Peer::accept(&vendor, 100).await;
        let stream = peer.request().await.expect("a request");
        peer.go_away(stream, code).await;
        drop(peer);
        assert!(is_unknown(call.await.expect("no panic")));
    }
}

#[tokio::test]
async fn a_connection_that_ends_without_a_word_leaves_its_requests_unknown_and_is_replaced() {
    let (vendor, client) = start().await;
    let calls: Vec<_> = (0..3).map(|_| spawn(&client, write())).collect();
    let mut peer = Peer::accept(&vendor, 100).await;
    for _ in 0..3 {
        peer.request().await.expect("a request");
    }
    drop(peer);
    for call in calls {
        assert!(is_unknown(call.await.expect("no panic")));
    }
    let call = spawn(&client, write());
    let mut peer = Peer::accept(&vendor, 100).await;
    let stream = peer.request().await.expect("a request");
    peer.answer(stream).await;
    call.await.expect("no panic").expect("an answer");
    // Closed at the moment of use, of which the runtime does not know.
    drop(peer);
    let call = spawn(&client, write());
    let mut peer = Peer::accept(&vendor, 100).await;
    let stream = peer.request().await.expect("a request");
    peer.answer(stream).await;
    call.await.expect("no panic").expect("an answer");
}

#[tokio::test]
async fn a_close_that_meets_the_first_request_after_a_pause_teaches_how_long_the_vendor_waits() {
    let (vendor, client) = start().await;
    let call = spawn(&client, write());
    let mut peer = Peer::accept(&vendor, 100).await;
    let stream = peer.request().await.expect("a request");
    peer.answer(stream).await;
    call.await.expect("no panic").expect("an answer");
    let believed = endpoint(&client).idle_limit();
    let call = spawn(&client, write());
    peer.request().await.expect("a request");
    drop(peer);
    assert!(is_unknown(call.await.expect("no panic")));
    until(|| endpoint(&client).idle_limit() < believed).await;
}

/// A connection that has carried a request.
async fn used(vendor: &Vendor, client: &Client) -> Peer {
    let call = spawn(client, write());
    let mut peer = Peer::accept(vendor, 1).await;
    let stream = peer.request().await.expect("a request");
    peer.answer(stream).await;
    call.await.expect("no panic").expect("an answer");
    peer
}

#[tokio::test]
async fn a_connection_that_is_too_old_for_a_write_stays_open_and_shows_how_long_the_vendor_waits() {
    let (vendor, client) = start().await;
    let mut peer = used(&vendor, &client).await;
    let believed = endpoint(&client).idle_limit();
    let later = Instant::now() + believed;
    assert!(connections(&client).free(&mut lock(&connections(&client).state), Effect::Write, later).is_none());
    peer.frame(PING, 0, 0, &[7; 8]).await;
    while peer.read().await.expect("it is open").0 != PING {}
    drop(peer);
    until(|| endpoint(&client).idle_limit() < believed).await;
}

#[tokio::test]
async fn no_write_is_sent_beside_a_read_that_may_meet_the_close() {
    let (vendor, client) = start().await;
    let mut peer = used(&vendor, &client).await;
    peer.permit(100).await;
    peer.frame(PING, 0, 0, &[7; 8]).await;
    while peer.read().await.expect("it is open").0 != PING {}
    let later = Instant::now() + endpoint(&client).idle_limit();
    let mut state = lock(&connections(&client).state);
    let read = connections(&client).free(&mut state, Effect::Read, later);
    assert!(read.is_some());
    assert!(connections(&client).free(&mut state, Effect::Write, later).is_none());
    drop(state);
}

#[tokio::test]
async fn a_stream_that_was_not_used_does_not_make_a_connection_fresh() {
    let (vendor, client) = start().await;
    let _peer = used(&vendor, &client).await;
    let idle = || lock(&connections(&client).state).http2[0].idle(Instant::now());
    let a_while = Duration::from_millis(2);
    until(|| idle() >= a_while).await;
    let free = connections(&client).free(&mut lock(&connections(&client).state), Effect::Write, Instant::now());
    drop(free.expect("a stream"));
    assert!(idle() >= a_while);
}

#[tokio::test]
async fn a_write_that_waits_for_a_stream_gets_none_of_a_connection_that_is_too_old() {
    let (vendor, client) = start().await;
    let mut peer = used(&vendor, &client).await;
    peer.permit(0).await;
    peer.frame(PING, 0, 0, &[7; 8]).await;
    while peer.read().await.expect("it is open").0 != PING {}
    // The vendor waits for no time at all.
    endpoint(&client).closed(Duration::ZERO);
    let call = spawn(&client, write());
    // The request waits: another connection would have no stream either.
    assert!(vendor.is_alone().await);
    peer.permit(1).await;
    let mut other = Peer::accept(&vendor, 1).await;
    let stream = other.request().await.expect("the request that waited");
    other.answer(stream).await;
    call.await.expect("no panic").expect("an answer");
}

#[tokio::test]
async fn a_stream_that_is_given_up_is_reset_and_free_again() {
    let (vendor, client) = start_with(|endpoint| endpoint.limits.attempt_timeout = Duration::from_millis(1)).await;
    let call = spawn(&client, write());
    let mut peer = Peer::accept(&vendor, 1).await;
    assert!(is_unknown(call.await.expect("no panic")));
    assert_eq!(peer.reset_by_client().await, 1);
    let call = spawn(&client, write());
    assert_eq!(peer.reset_by_client().await, 3);
    assert!(is_unknown(call.await.expect("no panic")));
    assert!(vendor.is_alone().await);
}

#[tokio::test]
async fn a_vendor_that_does_not_speak_it_was_sent_nothing() {
    let (vendor, client) = start().await;
    let call = spawn(&client, write());
    let refuse = async {
        loop {
            let mut stream = vendor.accept().await;
            answer(&mut stream, "HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n").await;
            stream.shutdown().await.expect("closed");
        }
    };
    tokio::select! {
        result = call => assert!(was_not_sent(result.expect("no panic"))),
        () = refuse => {}
    }
}

#[tokio::test]
async fn a_vendor_that_never_sends_its_settings_was_sent_nothing() {
    let (vendor, client) = start_with(|endpoint| endpoint.limits.connect_timeout = Duration::from_millis(20)).await;
    let mut silent = Vec::new();
    let call = spawn(&client, write());
    let accept = async {
        loop {
            silent.push(vendor.accept().await);
        }
    };
    tokio::select! {
        result = call => assert!(was_not_sent(result.expect("no panic"))),
        () = accept => {}
    }
}

/// The name of a host resolves to other addresses, again and again, while a call is in flight.
#[tokio::test]
async fn a_connection_to_where_a_host_was_ends_with_its_last_call_and_none_is_left() {
    let vendor = Vendor::start().await;
    let url = vendor.url().replace("127.0.0.1", "localhost");
    let client = patient(client(url, Http2::PriorKnowledge, |_| {}));
    let mut in_flight = None;
    for _ in 0..50 {
        let call = spawn(&client, write());
        let mut peer = Peer::accept(&vendor, 100).await;
        let stream = peer.request().await.expect("a request");
        if let Some((peer, stream, call)) = in_flight.replace((peer, stream, call)) {
            ends_with(peer, stream, call).await;
        }
        endpoint(&client).resolves_to(vec!["192.0.2.1".parse().expect("an address")]);
        let mut state = lock(&connections(&client).state);
        assert_eq!(state.http2.len(), 1);
        // A request that comes a minute after the connection was made.
        let later = state.http2[0].about.opened + SECOND * 60 + Duration::from_nanos(1);
        assert!(connections(&client).free(&mut state, Effect::Write, later).is_none());
        assert!(state.http2.is_empty());
    }
    let (peer, stream, call) = in_flight.expect("the last one");
    ends_with(peer, stream, call).await;
    assert!(vendor.is_alone().await);
}

/// Answers the last call of a connection, which is closed then.
async fn ends_with(mut peer: Peer, stream: u32, call: tokio::task::JoinHandle<Result<Reply, Error>>) {
    peer.answer(stream).await;
    call.await.expect("no panic").expect("an answer");
    while peer.read().await.is_some() {}
}

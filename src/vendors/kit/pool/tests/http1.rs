//! HTTP/1.1.

use super::*;
use crate::vendors::kit::Effect;

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";

/// A vendor, a client of it, and a connection that has carried one request.
async fn used() -> (Vendor, Client, TcpStream) {
    used_with(OK).await
}

async fn used_with(text: &str) -> (Vendor, Client, TcpStream) {
    let vendor = Vendor::start().await;
    let client = patient(client(vendor.url(), Http2::Negotiated, |_| {}));
    let call = spawn(&client, write());
    let mut stream = vendor.accept().await;
    let host = vendor.url().replace("http://", "");
    let expected = format!("POST /sms HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\n");
    let request = request(&mut stream).await;
    assert!(request.starts_with(&expected) && request.ends_with("content-length: 3\r\n\r\n\"x\""), "{request}");
    answer(&mut stream, text).await;
    call.await.expect("no panic").expect("an answer");
    (vendor, client, stream)
}

/// Answers the next request on this connection.
async fn serves(stream: &mut TcpStream, client: &Client, sent: Request) {
    let call = spawn(client, sent);
    assert!(!request(stream).await.is_empty());
    answer(stream, OK).await;
    call.await.expect("no panic").expect("an answer");
}

/// Accepts a new connection, and answers a request on it.
async fn serves_anew(vendor: &Vendor, client: &Client, sent: Request) -> TcpStream {
    let call = spawn(client, sent);
    let mut stream = vendor.accept().await;
    assert!(!request(&mut stream).await.is_empty());
    answer(&mut stream, OK).await;
    call.await.expect("no panic").expect("an answer");
    stream
}

#[tokio::test]
async fn a_connection_is_used_again() {
    let (vendor, client, mut stream) = used().await;
    serves(&mut stream, &client, write()).await;
    serves(&mut stream, &client, read()).await;
    assert!(vendor.is_alone().await);
}

#[tokio::test]
async fn a_connection_that_is_closed_at_the_moment_of_use_carries_no_request() {
    for sent in [write(), read()] {
        let (vendor, client, stream) = used().await;
        // Nothing is awaited between this and the use: the runtime does not know of it.
        drop(stream);
        serves_anew(&vendor, &client, sent).await;
    }
}

#[tokio::test]
async fn a_connection_of_which_the_vendor_closed_its_side_carries_no_request() {
    let (vendor, client, mut stream) = used().await;
    stream.shutdown().await.expect("half closed");
    serves_anew(&vendor, &client, write()).await;
    // The client has closed it.
    assert_eq!(request(&mut stream).await, "");
}

#[tokio::test]
async fn what_nobody_asked_for_ends_a_connection() {
    let (vendor, client, mut stream) = used().await;
    answer(&mut stream, OK).await;
    serves_anew(&vendor, &client, write()).await;
    // Also right behind an answer, in which it may be hidden.
    let (vendor, client, _stream) = used_with(&format!("{OK}{OK}")).await;
    serves_anew(&vendor, &client, write()).await;
}

#[tokio::test]
async fn a_connection_that_the_vendor_wants_to_close_is_not_used_again() {
    for text in [
        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}",
        "HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\n{}",
    ] {
        let (vendor, client, mut stream) = used_with(text).await;
        assert_eq!(request(&mut stream).await, "");
        serves_anew(&vendor, &client, read()).await;
    }
}

#[tokio::test]
async fn a_write_heeds_the_vendor_s_idle_timeout_and_a_read_need_not() {
    let text = "HTTP/1.1 200 OK\r\nkeep-alive: timeout=2, max=100\r\ncontent-length: 2\r\n\r\n{}";
    let (vendor, client, mut old) = used_with(text).await;
    age(&client, SECOND * 2);
    let mut new = serves_anew(&vendor, &client, write()).await;
    // The read takes the old one, so that the next write would find the fresh one.
    serves(&mut old, &client, read()).await;
    old.shutdown().await.expect("closed");
    until(|| lock(&connections(&client).state).idle.len() == 1).await;
    let client = patient(client);
    serves(&mut new, &client, write()).await;
    assert!(vendor.is_alone().await);
}

#[tokio::test]
async fn how_long_the_vendor_keeps_connections_is_learned_from_one_that_it_closes() {
    let (vendor, client, stream) = used().await;
    age(&client, SECOND * 1000);
    drop(stream);
    until(|| endpoint(&client).idle_limit() < HOUR).await;
    assert!(endpoint(&client).idle_limit() >= SECOND * 900);

    let mut stream = serves_anew(&vendor, &client, write()).await;
    age(&client, SECOND * 500);
    serves(&mut stream, &client, write()).await;
    age(&client, SECOND * 1500);
    let _newer = serves_anew(&vendor, &client, write()).await;
    // The account of another client at the same server knows it too.
    let other = super::client(vendor.url(), Http2::Negotiated, |_| {});
    let mut stream = serves_anew(&vendor, &other, write()).await;
    age(&other, SECOND * 1500);
    let _newer = serves_anew(&vendor, &other, write()).await;
    serves(&mut stream, &other, read()).await;
}

#[tokio::test]
async fn a_connection_that_lives_longer_than_assumed_is_used_for_writes_after_all() {
    let vendor = Vendor::start().await;
    let client = client(vendor.url(), Http2::Negotiated, |_| {});
    let _old = serves_anew(&vendor, &client, write()).await;
    age(&client, SECOND * 1000);
    // That the old one is open after all that time is seen here.
    let mut new = serves_anew(&vendor, &client, write()).await;
    age(&client, SECOND * 500);
    serves(&mut new, &client, write()).await;
}

#[tokio::test]
async fn a_fresh_connection_is_made_before_a_write_needs_it() {
    let vendor = Vendor::start().await;
    let client = client(vendor.url(), Http2::Negotiated, |_| {});
    let _old = serves_anew(&vendor, &client, write()).await;
    age(&client, SECOND * 60);
    // The task that watches over the idle connections sees that none is fresh.
    connections(&client).keeper.notify_one();
    let mut spare = vendor.accept().await;
    until(|| lock(&connections(&client).state).idle.len() == 2).await;
    serves(&mut spare, &client, write()).await;
    // One for a hundred requests.
    age(&client, SECOND * 65);
    connections(&client).keeper.notify_one();
    assert!(vendor.is_alone().await);
}

#[tokio::test]
async fn connections_that_are_idle_for_long_are_closed() {
    let (_vendor, client, mut stream) = used().await;
    age(&client, SECOND * 100);
    connections(&client).keeper.notify_one();
    assert_eq!(request(&mut stream).await, "");
}

/// The name of a host resolves to other addresses, again and again.
#[tokio::test]
async fn connections_to_where_a_host_was_are_closed_and_none_is_left() {
    let vendor = Vendor::start().await;
    let url = vendor.url().replace("127.0.0.1", "localhost");
    let client = patient(client(url, Http2::Off, |_| {}));
    let mut before = None;
    for _ in 0..50 {
        let stream = serves_anew(&vendor, &client, write()).await;
        if let Some(mut before) = before.replace(stream) {
            assert_eq!(request(&mut before).await, "", "it was closed");
        }
        assert_eq!(lock(&connections(&client).state).idle.len(), 1);
        for connection in &mut lock(&connections(&client).state).idle {
            connection.about.opened -= SECOND * 100;
        }
        endpoint(&client).resolves_to(vec!["192.0.2.1".parse().expect("an address")]);
    }
    assert!(vendor.is_alone().await);
}

#[tokio::test]
async fn a_connection_that_breaks_before_the_answer_leaves_a_write_unknown_and_a_read_is_repeated() {
    let (vendor, client, mut stream) = used().await;
    let call = spawn(&client, write());
    request(&mut stream).await;
    drop(stream);
    assert!(is_unknown(call.await.expect("no panic")));

    let mut stream = serves_anew(&vendor, &client, read()).await;
    let call = spawn(&client, read());
    request(&mut stream).await;
    drop(stream);
    let mut stream = vendor.accept().await;
    request(&mut stream).await;
    answer(&mut stream, OK).await;
    call.await.expect("no panic").expect("an answer");
}

#[tokio::test]
async fn a_request_of_which_no_byte_left_was_not_sent() {
    let (vendor, client, stream) = used().await;
    let lease = connections(&client).lease(Effect::Write, Instant::now() + HOUR);
    let lease = lease.await.expect("the connection");
    lease.break_socket();
    drop(lease);
    // The socket is broken for writing, which only the attempt to write shows.
    serves_anew(&vendor, &client, write()).await;
    drop(stream);
}

#[tokio::test]
async fn an_answer_that_comes_in_pieces_or_before_the_end_of_the_request_is_read() {
    let vendor = Vendor::start().await;
    let client = patient(client(vendor.url(), Http2::Negotiated, |_| {}));
    let call = spawn(&client, write());
    let mut stream = vendor.accept().await;
    request(&mut stream).await;
    let text = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n\
                3\r\n{\"a\r\n4\r\n\":1}\r\n0\r\n\r\n";
    for byte in text.as_bytes() {
        stream.write_all(&[*byte]).await.expect("written");
        tokio::task::yield_now().await;
    }
    assert_eq!(call.await.expect("no panic").expect("an answer").text(), "{\"a\":1}");

    // A request that is larger than what fits between the two.
    let large = Request::new("POST /sms").json(&"x".repeat(64 << 20)).expect("JSON");
    let call = spawn(&client, large);
    let refusal = "HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n";
    stream.read_u8().await.expect("its beginning");
    answer(&mut stream, refusal).await;
    let error = call.await.expect("no panic").expect_err("refused");
    assert!(error.to_string().contains("413"), "{error}");
    // The rest of the request does not follow the answer.
    let mut rest = Vec::new();
    in_time(stream.read_to_end(&mut rest)).await.ok();
    assert!(rest.len() < 64 << 20);
}

#[tokio::test]
async fn a_head_as_large_as_before_is_read() {
    let vendor = Vendor::start().await;
    let client = patient(client(vendor.url(), Http2::Negotiated, |_| {}));
    for (size, read) in [(400 << 10, true), (420 << 10, false)] {
        let call = spawn(&client, write());
        let mut stream = vendor.accept().await;
        request(&mut stream).await;
        let line = "x".repeat(size);
        // The client may close before all of it is written.
        let text = format!("HTTP/1.1 200 OK\r\nconnection: close\r\nx: {line}\r\ncontent-length: 2\r\n\r\n{{}}");
        let _ = stream.write_all(text.as_bytes()).await;
        assert_eq!(call.await.expect("no panic").is_ok(), read, "{size}");
    }
}

#[tokio::test]
async fn each_request_in_flight_has_its_own_connection_and_those_are_kept_for_the_next() {
    let vendor = Vendor::start().await;
    let client = patient(client(vendor.url(), Http2::Negotiated, |_| {}));
    let calls: Vec<_> = (0..20).map(|_| spawn(&client, write())).collect();
    let mut streams = Vec::new();
    for _ in 0..20 {
        streams.push(vendor.accept().await);
    }
    for stream in &mut streams {
        request(stream).await;
        answer(stream, OK).await;
    }
    for call in calls {
        call.await.expect("no panic").expect("an answer");
    }
    let calls: Vec<_> = (0..20).map(|_| spawn(&client, write())).collect();
    for stream in &mut streams {
        request(stream).await;
        answer(stream, OK).await;
    }
    for call in calls {
        call.await.expect("no panic").expect("an answer");
    }
    assert!(vendor.is_alone().await);
}

#[tokio::test]
async fn a_vendor_that_is_not_there_or_hangs_up_at_once_was_sent_nothing() {
    let vendor = Vendor::start().await;
    let client = patient(client(vendor.url(), Http2::Negotiated, |_| {}));
    let calls: Vec<_> = (0..3).map(|_| spawn(&client, write())).collect();
    drop(vendor);
    for call in calls {
        assert!(was_not_sent(call.await.expect("no panic")));
    }
}

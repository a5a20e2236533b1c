//! Fuzz targets of the connections to vendors.

use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;
use futures::future::{join_all, poll_fn};
use http::{HeaderMap, StatusCode};
use http_body_util::{BodyExt, Empty};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::yield_now,
    time::Instant,
};

use super::{
    connect::About,
    endpoint::lock,
    http1::Http1,
    socket::{Socket, Stream, Wire},
};
use crate::{
    call::Call,
    config::{self, Endpoint, Http2, Limits},
    error::{Error, Reason},
    telemetry::metrics::{Protocol, RoadMetrics},
    vendors::kit::{Client, Refusals, Reply, Request},
};

type Answer = Option<(StatusCode, HeaderMap, Vec<u8>)>;

/// Reads an answer of HTTP/1.1, whose parts are as long as the first byte says, as hyper does.
pub(crate) fn http1_answer(data: &[u8]) {
    let Some((&size, text)) = data.split_first() else { return };
    let size = usize::from(size).max(text.len() / 64).max(1);
    run(async {
        let (client, vendor) = pair().await?;
        let (ours, ()) = tokio::join!(ours(client), answers(vendor, text, size));
        let (client, vendor) = pair().await?;
        let (hypers, ()) = tokio::join!(hypers(client), answers(vendor, text, size));
        assert_eq!(ours, hypers, "what hyper reads");
        Ok(())
    });
}

fn run(work: impl Future<Output = io::Result<()>>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    // Without sockets there is nothing to see.
    if let Ok(runtime) = runtime {
        let _ = runtime.block_on(work);
    }
}

async fn pair() -> io::Result<(TcpStream, TcpStream)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let (client, accepted) = tokio::join!(TcpStream::connect(listener.local_addr()?), listener.accept());
    Ok((client?, accepted?.0))
}

/// Writes a text in parts when a request has come, and closes.
async fn answers(mut vendor: TcpStream, text: &[u8], size: usize) {
    let mut last = [0; 4];
    while last != *b"\r\n\r\n" {
        let Ok(byte) = vendor.read_u8().await else { return };
        last = [last[1], last[2], last[3], byte];
    }
    for part in text.chunks(size) {
        if vendor.write_all(part).await.is_err() {
            return;
        }
        yield_now().await;
    }
    let _ = vendor.shutdown().await;
    let _ = vendor.read_to_end(&mut Vec::new()).await;
}

async fn ours(client: TcpStream) -> Answer {
    let socket = Socket::new(client);
    let about = About::new(&socket, Instant::now(), &Arc::new(RoadMetrics::new("fuzzing")), Protocol::Http1);
    let mut connection = Http1::new(Stream::Plain(Wire(socket)), about, &Arc::default());
    assert!(connection.begin(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n".to_vec(), Bytes::new()), "it is new");
    let head = poll_fn(|context| connection.poll_head(context)).await.ok()?;
    let mut body = Vec::new();
    while let Some(chunk) = poll_fn(|context| connection.poll_chunk(context)).await.ok()? {
        body.extend_from_slice(&chunk);
    }
    Some((head.status, head.headers, body))
}

async fn hypers(client: TcpStream) -> Answer {
    let mut lenient = hyper::client::conn::http1::Builder::new();
    lenient.allow_obsolete_multiline_headers_in_responses(true).allow_spaces_after_header_name_in_responses(true);
    let (mut send, connection) = lenient.handshake(TokioIo::new(client)).await.ok()?;
    tokio::spawn(connection);
    let request = http::Request::get("/").header("host", "a").body(Empty::<Bytes>::new()).ok()?;
    let (head, body) = send.send_request(request).await.ok()?.into_parts();
    Some((head.status, head.headers, body.collect().await.ok()?.to_bytes().to_vec()))
}

/// What the vendor did, and what it does next.
struct Books {
    /// How often it acted on each request.
    acted: BTreeMap<u8, usize>,
    script: Vec<u8>,
}

impl Books {
    fn next(&mut self) -> u8 {
        self.script.pop().unwrap_or_default()
    }

    fn act(&mut self, request: u8) {
        *self.acted.entry(request).or_default() += 1;
    }
}

/// Sends requests to a vendor that misbehaves as the input says. Nothing may be done twice, an answer means that it was
/// done, and what was not sent was not done.
pub(crate) fn road(data: &[u8]) {
    let [mode, count, script @ ..] = data else { return };
    let (http2, count) = (mode % 2 == 1, count % 16 + 1);
    let script = script.iter().rev().copied().collect();
    let books = Arc::new(Mutex::new(Books { acted: BTreeMap::new(), script }));
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let client = client(format!("http://{}", listener.local_addr()?), http2);
        let Ok(client) = client else { return Ok(()) };
        let vendor = tokio::spawn(vendor(listener, http2, Arc::clone(&books)));
        // In groups, so that connections are used again.
        let all: Vec<u8> = (0..count).collect();
        for group in all.chunks(usize::from(mode / 2 % 4 + 1)) {
            let calls = group.iter().map(|&number| send(&client, number));
            for (number, result) in group.iter().zip(join_all(calls).await) {
                let acted = lock(&books).acted.get(number).copied().unwrap_or_default();
                match result {
                    Ok(_) => assert_eq!(acted, 1, "{number} was answered"),
                    Err(e) if e.was_not_sent() => assert_eq!(acted, 0, "{number} was not sent: {e}"),
                    Err(e) => assert!(acted <= 1 && e.reason() == Reason::OutcomeUnknown, "{number}, {acted}: {e}"),
                }
            }
        }
        vendor.abort();
        let _ = vendor.await;
        assert!(lock(&books).acted.values().all(|&times| times <= 1), "nothing is done twice");
        Ok(())
    });
}

static REFUSALS: Refusals = Refusals::of(&[]);

fn client(base_url: String, http2: bool) -> Result<Client, String> {
    let time = Duration::from_millis(100);
    let limits = Limits { connect_timeout: time, attempt_timeout: time, call_timeout: time, max_reply_bytes: 1 << 20 };
    let endpoint = Endpoint {
        account: "accounts/fuzzing".to_owned(),
        base_url,
        limits,
        breaker: config::Breaker { failures: 0, pause: time },
        requests_per_second: None,
        ca_file: None,
        http2: if http2 { Http2::PriorKnowledge } else { Http2::Negotiated },
    };
    Client::new(endpoint, &REFUSALS)
}

async fn send(client: &Client, number: u8) -> Result<Reply, Error> {
    // Shorter than a wait before a repetition, which would make this slow.
    let call = Call::until(Instant::now() + Duration::from_millis(100));
    client.send(&call, &Request::new("POST /x").json(&[number])?).await
}

async fn vendor(listener: TcpListener, http2: bool, books: Arc<Mutex<Books>>) {
    let mut connections = tokio::task::JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let books = Arc::clone(&books);
        connections.spawn(async move {
            // A connection ends when it fails.
            let _ = if http2 { frames(stream, &books).await } else { answers_or_not(stream, &books).await };
        });
    }
}

/// A connection of HTTP/1.1.
async fn answers_or_not(mut stream: TcpStream, books: &Mutex<Books>) -> io::Result<()> {
    if lock(books).next() == 7 {
        return Ok(());
    }
    loop {
        let mut read = Vec::new();
        // The body is a list of one number.
        while read.last() != Some(&b']') {
            read.push(stream.read_u8().await?);
        }
        let body = read.rsplit(|byte| *byte == b'[').next().unwrap_or_default();
        let number = std::str::from_utf8(body).ok().and_then(|text| text.trim_end_matches(']').parse().ok());
        let what = lock(books).next() % 12;
        // 9 and 10 close before they have done anything.
        if let (0..=8, Some(number)) = (what, number) {
            lock(books).act(number);
        }
        let answer: &[u8] = match what {
            7 => b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}",
            8 => b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
            6 => b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n{}",
            5 | 9 | 10 => b"",
            // Held, until the client has enough.
            11 => {
                stream.read_to_end(&mut Vec::new()).await?;
                return Ok(());
            }
            _ => b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}",
        };
        stream.write_all(answer).await?;
        match what {
            3 => stream.shutdown().await?,
            4..=7 | 9 | 10 => return Ok(()),
            _ => {}
        }
    }
}

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;

async fn frame(stream: &mut TcpStream, kind: u8, flags: u8, id: u32, payload: &[u8]) -> io::Result<()> {
    let length = (payload.len() as u32).to_be_bytes();
    let frame = [&length[1..], &[kind, flags], &id.to_be_bytes(), payload].concat();
    stream.write_all(&frame).await
}

async fn permit(stream: &mut TcpStream, streams: u8) -> io::Result<()> {
    frame(stream, SETTINGS, 0, 0, &[0, 3, 0, 0, 0, streams]).await
}

/// A connection of HTTP/2.
async fn frames(mut stream: TcpStream, books: &Mutex<Books>) -> io::Result<()> {
    stream.read_exact(&mut [0; 24]).await?;
    let streams = lock(books).next() % 8;
    permit(&mut stream, streams).await?;
    // Streams after this one are not looked at.
    let mut last = u32::MAX;
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await?;
        let [a, b, c, kind, flags, id @ ..] = head;
        let id = u32::from_be_bytes(id);
        let mut payload = vec![0; u32::from_be_bytes([0, a, b, c]) as usize];
        stream.read_exact(&mut payload).await?;
        match kind {
            SETTINGS if flags & 1 == 0 => frame(&mut stream, SETTINGS, 1, 0, &[]).await?,
            PING if flags & 1 == 0 => frame(&mut stream, PING, 1, 0, &payload).await?,
            _ => {}
        }
        let text = std::str::from_utf8(&payload).unwrap_or_default();
        let number = text.trim_matches(['[', ']']).parse().ok();
        let (DATA, Some(number)) = (kind, number.filter(|_| id <= last)) else { continue };
        let what = lock(books).next() % 14;
        if what <= 7 {
            lock(books).act(number);
        }
        let ok = [0x88];
        match what {
            // Done, and answered in one way or another, or not at all.
            5 => frame(&mut stream, RST_STREAM, 0, id, &[0, 0, 0, 8]).await?,
            6 => return Ok(()),
            7 => frame(&mut stream, HEADERS, 4, id, &ok).await?,
            // Not done.
            8 => frame(&mut stream, RST_STREAM, 0, id, &[0, 0, 0, 7]).await?,
            9 | 10 => {
                last = id.saturating_sub(2);
                let code = [0, 0, 0, if what == 9 { 0 } else { 11 }];
                frame(&mut stream, GOAWAY, 0, 0, &[&last.to_be_bytes()[..], &code].concat()).await?;
            }
            11 => return Ok(()),
            12 => {}
            13 => permit(&mut stream, number % 4).await?,
            _ => {
                if what == 4 {
                    last = id;
                    frame(&mut stream, GOAWAY, 0, 0, &[&last.to_be_bytes()[..], &[0; 4]].concat()).await?;
                }
                frame(&mut stream, HEADERS, 4, id, &ok).await?;
                frame(&mut stream, DATA, 1, id, b"{}").await?;
            }
        }
    }
}

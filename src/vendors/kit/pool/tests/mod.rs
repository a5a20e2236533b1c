//! The pool against vendors that a test scripts, over real sockets.

mod http1;
mod http2;
mod tls;

use std::{sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::{Instant, timeout},
};

use super::{Connections, Road, endpoint::lock};
use crate::{
    call::Call,
    config::{self, Endpoint, Http2, Limits},
    error::{Error, Reason},
    vendors::kit::{Client, Refusals, Reply, Request},
};

const HOUR: Duration = Duration::from_secs(3600);
const SECOND: Duration = Duration::from_secs(1);

static REFUSALS: Refusals = Refusals::of(&[]);

fn client(base_url: String, http2: Http2, change: impl FnOnce(&mut Endpoint)) -> Client {
    let limits = Limits { connect_timeout: HOUR, attempt_timeout: HOUR, call_timeout: HOUR, max_reply_bytes: 1 << 20 };
    let mut endpoint = Endpoint {
        account: "accounts/a".to_owned(),
        base_url,
        limits,
        breaker: config::Breaker { failures: 0, pause: SECOND },
        requests_per_second: None,
        ca_file: None,
        http2,
    };
    change(&mut endpoint);
    Client::new(endpoint, &REFUSALS).expect("a client")
}

/// A client that believes that the vendor keeps idle connections, so that no test has to be fast.
fn patient(client: Client) -> Client {
    endpoint(&client).was_open(HOUR);
    client
}

fn endpoint(client: &Client) -> &super::endpoint::Endpoint {
    match &client.clients.0 {
        Road::Direct(route, _) => &route.endpoint,
        Road::Proxied(_) => panic!("a proxy"),
    }
}

fn write() -> Request {
    Request::new("POST /sms").json(&"x").expect("JSON")
}

fn read() -> Request {
    Request::new("GET /sms")
}

/// Makes a call, which a test that hangs does not wait for.
async fn send(client: &Client, request: Request) -> Result<Reply, Error> {
    within(HOUR, client, request).await
}

async fn within(time: Duration, client: &Client, request: Request) -> Result<Reply, Error> {
    in_time(client.send(&Call::until(Instant::now() + time), &request)).await
}

fn spawn(client: &Client, request: Request) -> tokio::task::JoinHandle<Result<Reply, Error>> {
    let client = client.clone();
    tokio::spawn(async move { send(&client, request).await })
}

async fn in_time<T>(work: impl Future<Output = T>) -> T {
    timeout(Duration::from_secs(300), work).await.expect("it does not hang")
}

fn is_unknown(result: Result<Reply, Error>) -> bool {
    result.expect_err("no answer").reason() == Reason::OutcomeUnknown
}

fn was_not_sent(result: Result<Reply, Error>) -> bool {
    result.expect_err("no answer").was_not_sent()
}

fn connections(client: &Client) -> &Arc<Connections> {
    match &client.clients.0 {
        Road::Direct(_, threads) => threads[0].get().expect("it was used"),
        Road::Proxied(_) => panic!("a proxy"),
    }
}

/// Lets the idle connections have been idle for longer.
fn age(client: &Client, by: Duration) {
    for connection in &mut lock(&connections(client).state).idle {
        connection.idle_since -= by;
    }
}

/// Waits until something is so that another task does.
async fn until(is_so: impl Fn() -> bool) {
    in_time(async {
        while !is_so() {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

/// A vendor's server, whose connections the test has in its hands.
struct Vendor(TcpListener);

impl Vendor {
    async fn start() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").await.expect("a port"))
    }

    fn url(&self) -> String {
        format!("http://{}", self.0.local_addr().expect("an address"))
    }

    async fn accept(&self) -> TcpStream {
        in_time(self.0.accept()).await.expect("a connection").0
    }

    /// Whether nobody waits to be accepted.
    async fn is_alone(&self) -> bool {
        // So that whatever the client does by itself is done, and the runtime has seen it.
        for _ in 0..50 {
            tokio::task::yield_now().await;
        }
        timeout(Duration::ZERO, self.0.accept()).await.is_err()
    }
}

/// Reads a whole request of HTTP/1.1; an empty text if the client is gone.
async fn request(stream: &mut TcpStream) -> String {
    let mut read = String::new();
    loop {
        let length = read.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        match read.split_once("\r\n\r\n") {
            Some((_, body)) if body.len() >= length.unwrap_or(0_usize) => return read,
            _ => match in_time(stream.read_u8()).await {
                Ok(byte) => read.push(char::from(byte)),
                Err(_) => return read,
            },
        }
    }
}

async fn answer(stream: &mut TcpStream, text: &str) {
    stream.write_all(text.as_bytes()).await.expect("written");
}

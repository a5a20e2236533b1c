//! Pushes to a real receiver: shapes, repetitions and faults.

mod faults;
mod shapes;

use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use http::{HeaderMap, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use super::*;
use crate::{Sandbox, tests::http_client};

/// A request that a receiver got.
struct Got {
    method: String,
    target: String,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Got {
    fn json(&self) -> Value {
        assert_eq!(
            (self.method.as_str(), self.headers["content-type"].to_str().unwrap()),
            ("POST", "application/json")
        );
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Returns the parameters of a push by GET.
    fn query(&self) -> Vec<(String, String)> {
        assert_eq!((self.method.as_str(), self.body.len()), ("GET", 0));
        let (_, query) = self.target.split_once('?').unwrap();
        url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()
    }
}

#[derive(Clone)]
struct Script {
    got: mpsc::UnboundedSender<Got>,
    answers: Arc<Mutex<VecDeque<u16>>>,
}

/// A program that pushes go to.
struct Receiver {
    address: SocketAddr,
    got: mpsc::UnboundedReceiver<Got>,
    answers: Arc<Mutex<VecDeque<u16>>>,
}

impl Receiver {
    async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let (address, answers) = (listener.local_addr().unwrap(), Arc::default());
        let (sender, got) = mpsc::unbounded_channel();
        let script = Script { got: sender, answers: Arc::clone(&answers) };
        let app = Router::new().fallback(take).with_state(script);
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { address, got, answers }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Answers these statuses to the next pushes, and 200 to those after them.
    fn answer(&self, statuses: impl IntoIterator<Item = u16>) {
        self.answers.lock().unwrap().extend(statuses);
    }

    async fn next(&mut self) -> Got {
        self.got.recv().await.unwrap()
    }
}

async fn take(State(script): State<Script>, request: Request) -> StatusCode {
    let (head, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes().to_vec();
    let status = script.answers.lock().unwrap().pop_front().unwrap_or(200);
    let target = head.uri.to_string();
    let got = Got { method: head.method.to_string(), target, headers: head.headers, body };
    script.got.send(got).unwrap();
    StatusCode::from_u16(status).unwrap()
}

/// Repeats at once: a day of a vendor's schedule is less than a microsecond.
const AT_ONCE: f64 = 1e15;

async fn sandbox(vendor: &str) -> Sandbox {
    Sandbox::start(vendor, SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await.unwrap()
}

/// Sends a message by the vendor's API, and returns the answer.
async fn send(sandbox: &Sandbox, path: &str, header: (&str, &str), body: &Value) -> Value {
    let request = http_client().post(format!("{}{path}", sandbox.base_url())).header(header.0, header.1);
    let answer = request.header("content-type", "application/json").body(body.to_string()).send().await.unwrap();
    assert!(answer.status().is_success(), "{}", answer.status());
    serde_json::from_str(&answer.text().await.unwrap()).unwrap()
}

#[test]
fn a_schedule_passes_as_fast_as_the_settings_have_it() {
    let wait = |speed: f64| PushSettings::default().speed(speed).wait(600);
    assert_eq!(wait(1.0), Some(Duration::from_secs(600)));
    assert_eq!(wait(60.0), Some(Duration::from_secs(10)));
    assert_eq!(wait(AT_ONCE), Some(Duration::ZERO));
    assert_eq!((wait(0.0), wait(-1.0)), (None, None));
}

//! A stand-in over a real socket: starting and stopping, recording, control.

mod connections;
mod faults;

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use http::Method;
use reqwest::Response;
use serde_json::{Value, json};

use super::{Fault, Rule, Sandbox, VENDORS};

/// A client that follows no redirect, uses no proxy, and stops a test that hangs.
pub(super) fn http_client() -> reqwest::Client {
    // A second installation fails, which is equivalent.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(300))
        .build()
        .unwrap()
}

fn loopback() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 0))
}

/// A sandbox, and a client that authenticates by the header `Authorization` alone.
pub(super) struct Client {
    sandbox: Sandbox,
    http: reqwest::Client,
    authorization: &'static str,
}

impl Client {
    pub(super) async fn new(vendor: &str, authorization: &'static str) -> Self {
        let sandbox = Sandbox::start(vendor, loopback()).await.unwrap();
        Self { sandbox, http: http_client(), authorization }
    }

    /// Returns the status, and the body as JSON; null if it is not JSON.
    pub(super) async fn call(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        let url = format!("{}{path}", self.sandbox.base_url());
        let request = self.http.request(method.parse().unwrap(), url).header("authorization", self.authorization);
        let request = match body {
            Some(body) => request.header("content-type", "application/json").body(body.to_string()),
            None if method == "POST" => request.header("content-length", "0"),
            None => request,
        };
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        (status, serde_json::from_str(&response.text().await.unwrap()).unwrap_or_default())
    }

    pub(super) fn base_url(&self) -> String {
        self.sandbox.base_url()
    }

    pub(super) fn authorization(&self) -> &'static str {
        self.authorization
    }

    /// Returns the answer of a control route.
    pub(super) async fn control(&self, path: &str) -> Value {
        let (status, body) = self.sandbox.control(Method::GET, path, &Value::Null).await;
        assert_eq!(status, 200);
        serde_json::from_slice(&body).unwrap()
    }
}

/// A sandbox, and an authenticated client.
struct Bench {
    sandbox: Sandbox,
    client: reqwest::Client,
    keys: (String, String),
}

impl Bench {
    async fn new() -> Self {
        let sandbox = Sandbox::start("smsend", loopback()).await.unwrap();
        let client = http_client();
        let query: Vec<_> = sandbox.credentials().iter().map(|(key, value)| format!("{key}={value}")).collect();
        let login = client.get(format!("{}/login?{}", sandbox.base_url(), query.join("&"))).send().await.unwrap();
        let text = login.text().await.unwrap();
        let (user, session) = text.split_once(';').unwrap();
        sandbox.clear_requests();
        Self { sandbox, client, keys: (user.to_owned(), session.to_owned()) }
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let url = format!("{}{path}", self.sandbox.base_url());
        self.client.request(method, url).header("user_key", &self.keys.0).header("Session_key", &self.keys.1)
    }

    async fn send(&self, order_id: &str) -> reqwest::Result<Response> {
        let body = json!({
            "message_type": "GP",
            "message": "Hello",
            "recipient": ["+393471234567"],
            "order_id": order_id,
        });
        self.request(Method::POST, "/sms")
            .header("content-type", "application/json")
            .body(body.to_string())
            .send()
            .await
    }

    /// Returns whether the stand-in has the order.
    async fn knows(&self, order_id: &str) -> bool {
        self.request(Method::GET, &format!("/sms/{order_id}")).send().await.unwrap().status() == 200
    }

    /// Injects a fault for the next message and sends it.
    async fn send_into(&self, fault: Fault) -> reqwest::Result<Response> {
        self.sandbox.inject(Rule::new(fault).method("POST").path("/sms"));
        self.send("order").await
    }

    async fn control(&self, method: Method, path: &str, body: &str) -> (u16, String) {
        let url = format!("{}{path}", self.sandbox.control_url());
        let response = self.client.request(method, url).body(body.to_owned()).send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }
}

#[tokio::test]
async fn an_unknown_vendor_is_refused_by_name() {
    let error = Sandbox::start("nobody", loopback()).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
    for vendor in VENDORS {
        assert!(error.to_string().contains(vendor), "{error}");
        let sandbox = Sandbox::start(vendor, loopback()).await.unwrap();
        assert_eq!(sandbox.vendor(), *vendor);
        assert!(sandbox.base_url().starts_with(&format!("http://{}", sandbox.address())));
    }
}

#[tokio::test]
async fn a_sandbox_that_listens_everywhere_is_found_on_loopback() {
    let sandbox = Sandbox::start("smsend", SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0))).await.unwrap();
    assert!(sandbox.base_url().starts_with("http://127.0.0.1:"), "{}", sandbox.base_url());
    assert_eq!(http_client().get(sandbox.control_url()).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn without_a_fault_requests_are_handled_and_recorded() {
    let bench = Bench::new().await;
    assert_eq!(bench.send("a%").await.unwrap().status(), 400);
    assert_eq!(bench.send("order").await.unwrap().status(), 201);
    let twice = bench.request(Method::GET, "/sms/a%2Fb?x=%20").header("X-Twice", "1").header("X-Twice", "2");
    assert_eq!(twice.send().await.unwrap().status(), 404);
    let outside = format!("http://{}/elsewhere", bench.sandbox.address());
    assert_eq!(bench.client.get(outside).send().await.unwrap().status(), 404);
    let requests = bench.sandbox.requests();
    let seen: Vec<_> = requests.iter().map(|r| (r.method.as_str(), r.path.as_str(), r.status)).collect();
    assert_eq!(
        seen,
        [
            ("POST", "/sms", Some(400)),
            ("POST", "/sms", Some(201)),
            ("GET", "/sms/a%2Fb", Some(404)),
            ("GET", "/elsewhere", Some(404)),
        ]
    );
    assert_eq!(requests[1].json().unwrap()["order_id"], "order");
    assert_eq!(requests[1].header("USER_KEY"), Some(bench.keys.0.as_str()));
    assert_eq!(requests[2].target, "/API/v1.0/REST/sms/a%2Fb?x=%20");
    assert_eq!(requests[2].query.as_deref(), Some("x=%20"));
    assert_eq!(requests[2].headers.iter().filter(|(name, _)| name == "x-twice").count(), 2);
    assert!(requests.iter().all(|request| request.handled && request.fault.is_none()));
}

#[tokio::test]
async fn a_rule_hits_as_often_as_it_says() {
    let bench = Bench::new().await;
    let code = http::StatusCode::TOO_MANY_REQUESTS;
    bench.sandbox.inject(Rule::new(Fault::Status { code, retry_after: None, body: None }).path("/sms").times(2));
    let mut statuses = Vec::new();
    for order in ["a", "b", "c"] {
        // The history is another path, though it starts with the same letters.
        assert_eq!(bench.request(Method::GET, "/smshistory").send().await.unwrap().status(), 400);
        statuses.push(bench.send(order).await.unwrap().status().as_u16());
    }
    assert_eq!(statuses, [429, 429, 201]);
    assert_eq!(bench.sandbox.faults(), []);
}

#[tokio::test]
async fn the_control_api_does_what_the_handle_does() {
    let bench = Bench::new().await;
    let (status, help) = bench.control(Method::GET, "", "").await;
    assert!(status == 200 && help.contains("/_sandbox/faults") && help.contains("/_sandbox/received"), "{help}");
    let rule = r#"{"path": "/sms", "times": 0, "fault": {"kind": "cut_before"}}"#;
    assert_eq!(bench.control(Method::POST, "/faults", rule).await.0, 201);
    let (_, listed) = bench.control(Method::GET, "/faults", "").await;
    assert_eq!(serde_json::from_str::<Vec<Rule>>(&listed).unwrap(), bench.sandbox.faults());
    assert!(bench.send("order").await.is_err());
    assert_eq!(bench.control(Method::DELETE, "/faults", "").await.0, 204);
    assert_eq!(bench.send("order").await.unwrap().status(), 201);
    let (_, recorded) = bench.control(Method::GET, "/requests", "").await;
    let recorded: Value = serde_json::from_str(&recorded).unwrap();
    assert_eq!(recorded.as_array().unwrap().len(), bench.sandbox.requests().len());
    assert_eq!((&recorded[0]["fault"], &recorded[0]["handled"]), (&json!("cut_before"), &json!(false)));
    let (_, taken) = bench.control(Method::DELETE, "/requests", "").await;
    assert_eq!(serde_json::from_str::<Value>(&taken).unwrap(), recorded);
    assert_eq!(bench.sandbox.requests(), []);
    assert_eq!(bench.control(Method::POST, "/sessions/expire", "").await.0, 204);
    assert_eq!(bench.send("other").await.unwrap().status(), 401);
    let (status, text) = bench.control(Method::POST, "/faults", "{\"fault\": {\"kind\": \"explode\"}}").await;
    assert!(status == 400 && text.contains("explode"), "{status} {text}");
    assert_eq!(bench.control(Method::GET, "/nowhere", "").await.0, 404);
    let (status, body) = bench.sandbox.control(Method::GET, "/requests", &Value::Null).await;
    assert_eq!(status, 200);
    assert_eq!(serde_json::from_slice::<Vec<Value>>(&body).unwrap().len(), 1);
}

/// The page that documents the control API.
const README: &str = include_str!("../../README.md");

#[tokio::test]
async fn the_readme_has_the_endpoints_of_every_vendor() {
    let mut endpoints = BTreeSet::new();
    for vendor in VENDORS {
        let sandbox = Sandbox::start(vendor, loopback()).await.unwrap();
        let (_, help) = sandbox.control(Method::GET, "/", &Value::Null).await;
        for line in std::str::from_utf8(&help).unwrap().lines() {
            let mut words = line.split_whitespace();
            if let (Some(method), Some(path)) = (words.next(), words.next())
                && path.starts_with("/_sandbox")
            {
                endpoints.insert(format!("{method} {path}"));
            }
        }
    }
    let rows = README.lines().filter(|line| line.starts_with('|'));
    let codes = rows.flat_map(|row| row.split('`').skip(1).step_by(2)).filter(|code| code.contains(" /_sandbox"));
    assert_eq!(codes.map(str::to_owned).collect::<BTreeSet<_>>(), endpoints);
}

#[test]
fn the_readme_has_every_kind_of_fault() {
    let error = serde_json::from_str::<Fault>(r#"{"kind": "explode"}"#).unwrap_err().to_string();
    let (_, kinds) = error.split_once("expected one of ").unwrap();
    let kinds: BTreeSet<_> = kinds.split('`').skip(1).step_by(2).collect();
    let (_, table) = README.split_once("| `kind` |").unwrap();
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    assert_eq!(rows.map(|row| row.split('`').nth(1).unwrap()).collect::<BTreeSet<_>>(), kinds);
}

#[tokio::test]
async fn a_stopped_sandbox_takes_no_connection_and_ends_those_that_hang() {
    let bench = Bench::new().await;
    bench.sandbox.inject(Rule::new(Fault::HangBefore).path("/sms"));
    let Bench { sandbox, client, .. } = bench;
    let url = format!("{}/sms/1", sandbox.base_url());
    let hanging = tokio::spawn(client.get(&url).send());
    sandbox.requested(1, |request| request.fault.is_some()).await;
    sandbox.stop().await;
    assert!(!hanging.await.unwrap().unwrap_err().is_timeout());
    assert!(client.get(&url).send().await.unwrap_err().is_connect());
}

#[tokio::test]
async fn dropping_a_sandbox_ends_what_hangs() {
    let sandbox = Sandbox::start("smsend", loopback()).await.unwrap();
    sandbox.inject(Rule::new(Fault::HangBefore));
    let hanging = tokio::spawn(http_client().get(sandbox.base_url()).send());
    sandbox.requested(1, |_| true).await;
    drop(sandbox);
    assert!(!hanging.await.unwrap().unwrap_err().is_timeout());
}

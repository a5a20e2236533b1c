//! A client for the tests of the stand-in's operations.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use serde_json::Value;

use crate::Sandbox;

/// A client of a sandbox of its own.
#[derive(Clone)]
pub(super) struct Client {
    sandbox: Arc<Sandbox>,
    http: reqwest::Client,
    headers: Vec<(String, String)>,
}

impl Client {
    pub(super) async fn signed_out() -> Self {
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let sandbox = Arc::new(Sandbox::start("smsend", listen).await.unwrap());
        Self { sandbox, http: crate::tests::http_client(), headers: Vec::new() }
    }

    pub(super) async fn new() -> Self {
        let client = Self::signed_out().await;
        let (status, text) = client.get("/login?username=sandbox&password=sandbox-password").await;
        assert_eq!(status, 200, "{text}");
        let (user, session) = text.split_once(';').unwrap();
        client.with_headers(&[("user_key", user), ("Session_key", session)])
    }

    pub(super) fn with_headers(&self, headers: &[(&str, &str)]) -> Self {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self { headers, ..self.clone() }
    }

    pub(super) fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    /// Builds a request with the login's headers and nothing else.
    pub(super) fn bare(&self, method: &str, url: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method.parse().unwrap(), url);
        self.headers.iter().fold(request, |request, (name, value)| request.header(name, value))
    }

    pub(super) async fn send(&self, method: &str, path: &str, body: Option<&Value>) -> reqwest::Response {
        let url = format!("{}{path}", self.sandbox.base_url());
        let mut request = self.bare(method, &url);
        if let Some(body) = body {
            request = request.header("Content-Type", "application/json").body(body.to_string());
        }
        request.send().await.unwrap()
    }

    /// Returns status and body.
    pub(super) async fn call(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, String) {
        let response = self.send(method, path, body).await;
        (response.status().as_u16(), response.text().await.unwrap())
    }

    /// Returns status and `Location`.
    pub(super) async fn make(&self, method: &str, path: &str, body: &Value) -> (u16, String) {
        let response = self.send(method, path, Some(body)).await;
        let place = response.headers().get("location").map(|place| place.to_str().unwrap().to_owned());
        (response.status().as_u16(), place.unwrap_or_default())
    }

    pub(super) async fn get(&self, path: &str) -> (u16, String) {
        self.call("GET", path, None).await
    }

    pub(super) async fn get_json(&self, path: &str) -> Value {
        let (status, text) = self.get(path).await;
        assert_eq!(status, 200, "{path}: {text}");
        serde_json::from_str(&text).unwrap()
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> (u16, String) {
        self.call("POST", path, Some(body)).await
    }

    pub(super) async fn post_json(&self, path: &str, body: &Value) -> (u16, Value) {
        let (status, text) = self.post(path, body).await;
        (status, serde_json::from_str(&text).unwrap())
    }

    pub(super) async fn post_empty(&self, path: &str) -> (u16, String) {
        self.call("POST", path, None).await
    }

    /// Calls a control route of this vendor.
    pub(super) async fn control(&self, method: &str, path: &str, body: Value) -> (u16, String) {
        let (status, body) = self.sandbox.control(method.parse().unwrap(), path, &body).await;
        (status.as_u16(), String::from_utf8(body.to_vec()).unwrap())
    }
}

//! A program that webhooks are sent to, which verifies what it gets with the reference library of Standard Webhooks.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use http_body_util::BodyExt;
use ring::signature::{ED25519, UnparsedPublicKey};
use serde_json::Value;
use standardwebhooks::Webhook;
use tokio::{net::TcpListener, sync::mpsc};

use crate::support::{in_time, loopback};

/// A request that a receiver got, which it has answered or not.
#[derive(Debug)]
pub(super) struct Got {
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Got {
    pub(super) fn id(&self) -> &str {
        self.headers["webhook-id"].to_str().unwrap()
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(super) fn state(&self) -> String {
        self.json()["data"]["messageState"]["state"].as_str().unwrap_or_default().to_owned()
    }

    /// Whether a signature of the scheme `v1a` is valid, which the reference library does not know.
    pub(super) fn is_verified_by(&self, public_key: &str) -> bool {
        let text = |name: &str| self.headers[name].to_str().unwrap().to_owned();
        let key = STANDARD.decode(public_key.strip_prefix("whpk_").unwrap()).unwrap();
        let signed = [format!("{}.{}.", text("webhook-id"), text("webhook-timestamp")).as_bytes(), &self.body].concat();
        text("webhook-signature").split(' ').filter_map(|signature| signature.strip_prefix("v1a,")).any(|signature| {
            UnparsedPublicKey::new(&ED25519, &key).verify(&signed, &STANDARD.decode(signature).unwrap()).is_ok()
        })
    }

    /// Whether the reference library accepts the signature.
    pub(super) fn is_signed_by(&self, secret: &str) -> bool {
        Webhook::new(secret).unwrap().verify(&self.body, &self.headers).is_ok()
    }
}

/// What a receiver answers next: a status with headers, or nothing for ever.
#[derive(Debug, Clone, Copy)]
pub(super) enum Answer {
    Status(u16),
    Never,
}

#[derive(Clone)]
struct Script {
    got: mpsc::UnboundedSender<Got>,
    answers: Arc<Mutex<VecDeque<Answer>>>,
}

/// A program that webhooks are sent to.
pub(super) struct Receiver {
    pub(super) address: SocketAddr,
    got: mpsc::UnboundedReceiver<Got>,
    answers: Arc<Mutex<VecDeque<Answer>>>,
}

impl Receiver {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind(loopback()).await.unwrap();
        let (address, answers) = (listener.local_addr().unwrap(), Arc::default());
        let (sender, got) = mpsc::unbounded_channel();
        let app = Router::new().fallback(take).with_state(Script { got: sender, answers: Arc::clone(&answers) });
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { address, got, answers }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}/events?from=smsmux", self.address)
    }

    /// Answers the next requests like this, and 200 to those after them.
    pub(super) fn answer(&self, answers: impl IntoIterator<Item = Answer>) {
        self.answers.lock().unwrap().extend(answers);
    }

    pub(super) async fn next(&mut self) -> Got {
        in_time(self.got.recv()).await.unwrap()
    }
}

async fn take(State(script): State<Script>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    assert_eq!((head.method.as_str(), head.uri.to_string().as_str()), ("POST", "/events?from=smsmux"));
    let body = body.collect().await.unwrap().to_bytes();
    let answer = script.answers.lock().unwrap().pop_front().unwrap_or(Answer::Status(202));
    // The test may have ended.
    let _ = script.got.send(Got { headers: head.headers, body });
    match answer {
        Answer::Status(status) => (StatusCode::from_u16(status).unwrap(), "noted").into_response(),
        Answer::Never => std::future::pending().await,
    }
}

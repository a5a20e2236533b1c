//! The answers over HTTP.

use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Method, Request, Response, StatusCode, body::Incoming, header::HeaderValue};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::counts::{Counts, Sent};

/// The vendor at one connection.
#[derive(Clone)]
pub struct Vendor {
    delay: Duration,
    counts: Arc<Counts>,
    used: Arc<AtomicBool>,
}

impl Vendor {
    pub fn new(delay: Duration, counts: Arc<Counts>) -> Self {
        Self { delay, counts, used: Arc::default() }
    }

    /// Counts a send, and its connection if it is the first one there.
    fn sent(&self) -> Sent<'_> {
        if !self.used.swap(true, Relaxed) {
            self.counts.connection();
        }
        self.counts.send()
    }
}

/// What a send says that its answer repeats.
#[derive(Deserialize)]
struct Order<'a> {
    order_id: &'a str,
    #[serde(borrow, default)]
    recipient: Vec<&'a str>,
    /// Of `/paramsms`: the recipients with their parameters, by number.
    #[serde(borrow, default)]
    recipients: HashMap<&'a str, &'a RawValue>,
}

pub async fn answer(request: Request<Incoming>, vendor: Vendor) -> Result<Response<Full<Bytes>>, Infallible> {
    let (status, body) = match (request.method(), request.uri().path()) {
        (&Method::POST, "/sms" | "/paramsms") => send(request.into_body(), &vendor).await,
        (_, "/deliver") => deliver(request.uri().query().unwrap_or_default(), &vendor).await,
        (_, "/login" | "/token") => (StatusCode::OK, "UK;SK".to_owned()),
        (&Method::GET, "/counts") => (StatusCode::OK, vendor.counts.report()),
        (&Method::DELETE, "/counts") => {
            vendor.counts.reset();
            (StatusCode::OK, String::new())
        }
        (_, path) if path.starts_with("/srsmshistory") || path.starts_with("/newsrsmsmessage") => {
            (StatusCode::OK, r#"{"result":"OK","srsmshistory":[],"total":0}"#.to_owned())
        }
        (_, path) => {
            if path.starts_with("/sms/") {
                vendor.counts.lookup();
            }
            (StatusCode::NOT_FOUND, String::new())
        }
    };
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    response.headers_mut().insert("content-type", HeaderValue::from_static("application/json"));
    Ok(response)
}

/// smSend's send.
async fn send(body: Incoming, vendor: &Vendor) -> (StatusCode, String) {
    let sent = vendor.sent();
    let Ok(body) = body.collect().await else { return (StatusCode::BAD_REQUEST, String::new()) };
    if !vendor.delay.is_zero() {
        tokio::time::sleep(vendor.delay).await;
    }
    sent.answered();
    match serde_json::from_slice::<Order<'_>>(&body.to_bytes()) {
        Ok(Order { order_id, recipient, recipients }) => {
            let count = recipient.len() + recipients.len();
            (StatusCode::CREATED, format!(r#"{{"result":"OK","order_id":"{order_id}","total_sent":{count}}}"#))
        }
        Err(_) => (StatusCode::BAD_REQUEST, String::new()),
    }
}

/// A send by GET, for gateways that make their requests from a pattern.
async fn deliver(query: &str, vendor: &Vendor) -> (StatusCode, String) {
    let sent = vendor.sent();
    vendor.counts.arrived(query.split_once("text=").map_or("", |(_, text)| text).as_bytes());
    if !vendor.delay.is_zero() {
        tokio::time::sleep(vendor.delay).await;
    }
    sent.answered();
    (StatusCode::OK, "OK".to_owned())
}

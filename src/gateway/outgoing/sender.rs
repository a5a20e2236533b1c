//! One attempt to deliver an event.

use std::{
    error::Error as StdError,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use http::{StatusCode, header};
use reqwest::{Client, Response, redirect::Policy};
use rustls::ClientConfig;
use tokio::time::Instant;
use url::Url;

use super::{
    guard::{Forbidden, Guard},
    record::Attempt,
    signature::{SigningSecret, signatures},
};
use crate::epoch;

/// How long an attempt may take.
const TIMEOUT: Duration = Duration::from_secs(15);

/// The bytes of an answer that are kept.
const ANSWER: usize = 1024;

/// How long an idle connection is kept.
const IDLE: Duration = Duration::from_secs(60);

/// What an attempt has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Delivery {
    /// The receiver has the event.
    Delivered,
    /// The receiver wants no more: 410.
    Gone,
    /// The receiver does not have the event, as far as is known.
    Failed {
        /// Whether the receiver has more than it can take.
        overloaded: bool,
        /// How long the receiver asks to wait.
        retry_after: Option<Duration>,
    },
}

impl Delivery {
    /// Returns the name for the metrics.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Gone => "gone",
            Self::Failed { overloaded: true, .. } => "overloaded",
            Self::Failed { overloaded: false, .. } => "failed",
        }
    }
}

/// The clients of all endpoints.
#[derive(Debug, Clone)]
pub(super) struct Sender {
    secure: Client,
    plain: Client,
}

/// What is delivered.
#[derive(Debug, Clone)]
pub(super) struct Webhook {
    /// The name of the event.
    pub(super) id: String,
    /// The body.
    pub(super) body: Bytes,
    /// When the event was recorded.
    pub(super) time: SystemTime,
}

impl Sender {
    /// Creates the clients: the name of a receiver is resolved by the guard, and nothing is sent through a proxy, which
    /// would resolve the name itself.
    ///
    /// # Errors
    /// A text for the operator: TLS cannot be set up.
    pub(super) fn new(guard: &Guard, tls: &ClientConfig) -> Result<Self, String> {
        Ok(Self { secure: client(guard.clone(), tls)?, plain: client(guard.plain(), tls)? })
    }

    /// Makes an attempt, the `number`th of this event.
    pub(super) async fn send(
        &self,
        url: &Url,
        secrets: &[SigningSecret],
        webhook: &Webhook,
        number: usize,
    ) -> (Delivery, Attempt) {
        let (time, begun) = (SystemTime::now(), Instant::now());
        let timestamp = epoch::since(time).as_secs().cast_signed();
        let client = if url.scheme() == "https" { &self.secure } else { &self.plain };
        let request = client
            .post(url.clone())
            .header(header::CONTENT_TYPE, "application/cloudevents+json; charset=utf-8")
            .header("webhook-id", &webhook.id)
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", signatures(secrets, &webhook.id, timestamp, &webhook.body))
            .body(webhook.body.clone());
        let mut attempt = Attempt { event: webhook.id.clone(), number, time, ..Attempt::default() };
        let delivery = match request.send().await {
            Ok(response) => {
                attempt.status = Some(response.status().as_u16());
                let delivery = judge(response.status(), retry_after(&response));
                attempt.answer = beginning(response).await;
                delivery
            }
            Err(error) => {
                attempt.error = describe(&error);
                Delivery::Failed { overloaded: false, retry_after: None }
            }
        };
        attempt.duration = begun.elapsed();
        (delivery, attempt)
    }
}

#[allow(clippy::disallowed_methods)] // The vendors' kit sends to addresses of the operator, not of callers.
fn client(guard: Guard, tls: &ClientConfig) -> Result<Client, String> {
    let builder = Client::builder()
        .tls_backend_preconfigured(tls.clone())
        .dns_resolver(std::sync::Arc::new(guard))
        .no_proxy()
        .redirect(Policy::none())
        .referer(false)
        .user_agent(concat!("smsmux/", env!("CARGO_PKG_VERSION")))
        .timeout(TIMEOUT)
        .pool_idle_timeout(IDLE);
    builder.build().map_err(|e| format!("cannot set up the client of outgoing webhooks: {}", e.without_url()))
}

/// Returns what a status means.
fn judge(status: StatusCode, retry_after: Option<Duration>) -> Delivery {
    match status {
        status if status.is_success() => Delivery::Delivered,
        StatusCode::GONE => Delivery::Gone,
        StatusCode::TOO_MANY_REQUESTS
        | StatusCode::BAD_GATEWAY
        | StatusCode::SERVICE_UNAVAILABLE
        | StatusCode::GATEWAY_TIMEOUT => Delivery::Failed { overloaded: true, retry_after },
        _ => Delivery::Failed { overloaded: false, retry_after: None },
    }
}

/// Returns the seconds of `Retry-After`; its other form, a date, is not used by receivers of webhooks.
fn retry_after(response: &Response) -> Option<Duration> {
    let value = response.headers().get(header::RETRY_AFTER)?.to_str().ok()?;
    value.trim().parse().ok().map(Duration::from_secs)
}

/// Returns the beginning of an answer. Its status counts, whatever becomes of the rest.
async fn beginning(mut response: Response) -> String {
    let mut beginning = Vec::new();
    while beginning.len() < ANSWER
        && let Ok(Some(chunk)) = response.chunk().await
    {
        beginning.extend_from_slice(&chunk);
    }
    beginning.truncate(ANSWER);
    String::from_utf8_lossy(&beginning).into_owned()
}

/// Returns why there was no answer, without the address.
fn describe(error: &reqwest::Error) -> String {
    let mut causes = std::iter::successors(error.source(), |&error| error.source());
    let forbidden = |error: &(dyn StdError + 'static)| {
        let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        error.is::<Forbidden>() || inner.is_some_and(|inner| inner.is::<Forbidden>())
    };
    match () {
        () if error.is_timeout() => "timed out".to_owned(),
        () if causes.any(forbidden) => Forbidden.to_string(),
        () if error.is_connect() => "the connection could not be made".to_owned(),
        () => "the connection ended before the answer".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_success_is_a_delivery_and_410_ends_it() {
        let asked = Some(Duration::from_secs(7));
        for (status, expected) in [
            (200, Delivery::Delivered),
            (299, Delivery::Delivered),
            (302, Delivery::Failed { overloaded: false, retry_after: None }),
            (404, Delivery::Failed { overloaded: false, retry_after: None }),
            (410, Delivery::Gone),
            (429, Delivery::Failed { overloaded: true, retry_after: asked }),
            (500, Delivery::Failed { overloaded: false, retry_after: None }),
            (503, Delivery::Failed { overloaded: true, retry_after: asked }),
        ] {
            assert_eq!(judge(StatusCode::from_u16(status).expect("a status"), asked), expected, "{status}");
        }
    }
}

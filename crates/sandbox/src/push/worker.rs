//! Makes the pushes. First attempts are made one after the other, in the order of their events; repetitions by
//! themselves.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::{Content, PushAttempt, PushFault, Pusher, Queued, request};

/// How long an answer may take. No vendor's page has this.
const PATIENCE: Duration = Duration::from_secs(30);

/// The size up to which an answer is read, so that its connection can be used again.
const MAX_ANSWER: usize = 64 * 1024;

type Http = Client<HttpConnector, Full<Bytes>>;

/// Makes the pushes of the queue for ever.
pub(super) async fn run(pusher: Pusher, mut queued: mpsc::UnboundedReceiver<Queued>) {
    let http = Client::builder(TokioExecutor::new()).build_http();
    let mut repeating = JoinSet::new();
    let mut late = Vec::new();
    loop {
        let push = tokio::select! {
            push = queued.recv() => push,
            Some(_) = repeating.join_next() => continue,
        };
        let Some(push) = push else { return };
        match push.fault {
            Some(PushFault::Drop) => continue,
            Some(PushFault::Late) => {
                late.push(push);
                continue;
            }
            _ => {}
        }
        for push in std::iter::once(push).chain(late.drain(..)) {
            let push = Arc::new(push);
            let mut accepted = pusher.attempt(&http, &push, 1).await;
            if push.fault == Some(PushFault::Twice) {
                accepted |= pusher.attempt(&http, &push, 1).await;
            }
            if !accepted {
                let (pusher, http) = (pusher.clone(), http.clone());
                repeating.spawn(async move { pusher.repeat(&http, &push).await });
            }
        }
    }
}

impl Pusher {
    /// Repeats a push until it is accepted, or the vendor gives up.
    async fn repeat(&self, http: &Http, push: &Queued) {
        for (number, seconds) in (2..).zip(push.push.retries.waits) {
            let wait = self.settings().wait(*seconds);
            match wait {
                Some(wait) => tokio::time::sleep(wait).await,
                None => return,
            }
            if self.attempt(http, push, number).await {
                return;
            }
        }
    }

    /// Makes an attempt, and returns whether it was accepted.
    async fn attempt(&self, http: &Http, queued: &Queued, number: u32) -> bool {
        let Queued { push, url, fault } = queued;
        let content = (push.content)(number);
        let mut attempt = PushAttempt {
            kind: push.kind,
            method: if matches!(content, Content::Json(_)) { "POST" } else { "GET" }.to_owned(),
            url: url.clone(),
            body: String::new(),
            attempt: number,
            attempts: u32::try_from(push.retries.waits.len() + 1).unwrap_or(u32::MAX),
            status: None,
            error: None,
            fault: fault.as_ref().map(PushFault::kind),
            accepted: false,
        };
        match request::build(url, content, fault.as_ref()) {
            Err(error) => attempt.error = Some(error),
            Ok(request) => {
                attempt.url = request.uri().to_string();
                attempt.body = text(request.body()).await;
                let lost = number == 1 && *fault == Some(PushFault::LoseAnswer);
                match answer(http, request).await {
                    Ok(_) if lost => attempt.error = Some("the answer was lost".to_owned()),
                    Ok(status) => {
                        attempt.status = Some(status.as_u16());
                        attempt.accepted = (push.retries.accepts)(status);
                    }
                    Err(error) => attempt.error = Some(error),
                }
            }
        }
        let accepted = attempt.accepted;
        self.log().add(attempt);
        accepted
    }
}

/// Returns a body as text.
async fn text(body: &Full<Bytes>) -> String {
    let Ok(body) = body.clone().collect().await;
    String::from_utf8_lossy(&body.to_bytes()).into_owned()
}

/// Sends a request, and returns the status of its answer.
async fn answer(http: &Http, request: http::Request<Full<Bytes>>) -> Result<StatusCode, String> {
    let answer = async {
        let answer = http.request(request).await.map_err(|error| causes(&error))?;
        let status = answer.status();
        // Only the status counts.
        let _ = Limited::new(answer.into_body(), MAX_ANSWER).collect().await;
        Ok(status)
    };
    tokio::time::timeout(PATIENCE, answer).await.unwrap_or_else(|_| Err("no answer in time".to_owned()))
}

/// Returns an error with what caused it.
fn causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |error| error.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

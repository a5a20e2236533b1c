//! Pushes: the requests that a vendor makes by itself, with delivery reports, received SMS and opt-outs.
//!
//! | file | content |
//! |---|---|
//! | `mod.rs` | a push, and the handle by which a vendor makes one |
//! | `settings.rs` | where pushes go, and how |
//! | `fault.rs` | what goes wrong with them |
//! | `worker.rs` | the attempts, in order, and their repetitions |
//! | `request.rs` | the HTTP request of an attempt |
//! | `control.rs` | the endpoints of the control API |
//!
//! A push goes to the address that the vendor's API set, else to that of the settings, else nowhere. A vendor's
//! `pushes.rs` has the shapes, and states what is guessed.

pub(crate) mod control;
mod fault;
mod request;
mod settings;
#[cfg(test)]
mod tests;
mod worker;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::record::Recorder;
pub use fault::{PushFault, PushRule};
pub use settings::PushSettings;

/// The subject of a push.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PushKind {
    /// The state of a message.
    Report,
    /// A received SMS.
    Received,
    /// A recipient who answered STOP.
    Stop,
}

/// One attempt to push.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PushAttempt {
    /// The subject.
    pub kind: PushKind,
    /// The HTTP method.
    pub method: String,
    /// The address, with the query.
    pub url: String,
    /// The body as text; empty if there is none.
    pub body: String,
    /// The number of the attempt, from 1.
    pub attempt: u32,
    /// The number of attempts that the vendor makes at most.
    pub attempts: u32,
    /// The status that the receiver answered.
    pub status: Option<u16>,
    /// Why there was no answer.
    pub error: Option<String>,
    /// The kind of the fault that hit the push.
    pub fault: Option<&'static str>,
    /// Whether the vendor takes this answer for success, and does not repeat the push.
    pub accepted: bool,
}

/// What is pushed.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    /// By POST, as JSON.
    Json(Value),
    /// By GET, in the query.
    Query(Vec<(&'static str, String)>),
}

/// When a vendor repeats a push.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Retries {
    /// The seconds before the second attempt, the third, and so on.
    pub(crate) waits: &'static [u64],
    /// Whether an answer is a success.
    pub(crate) accepts: fn(StatusCode) -> bool,
}

/// A push to make.
pub(crate) struct Push {
    pub(crate) kind: PushKind,
    /// The address that the vendor's API set.
    pub(crate) to: Option<String>,
    /// Returns the content of an attempt by its number.
    pub(crate) content: Box<dyn Fn(u32) -> Content + Send + Sync>,
    pub(crate) retries: Retries,
}

impl Push {
    /// Creates a push of the same content at every attempt.
    pub(crate) fn new(kind: PushKind, content: Content, retries: Retries) -> Self {
        Self { kind, to: None, content: Box::new(move |_| content.clone()), retries }
    }

    /// Pushes to this address, which the vendor's API set, if there is one.
    pub(crate) fn to(mut self, address: Option<&str>) -> Self {
        self.to = address.filter(|address| !address.is_empty()).map(str::to_owned);
        self
    }
}

/// A push with its address and its fault.
struct Queued {
    push: Push,
    url: String,
    fault: Option<PushFault>,
}

/// The handle by which a vendor pushes.
#[derive(Clone)]
pub(crate) struct Pusher(Arc<Shared>);

struct Shared {
    settings: Mutex<PushSettings>,
    faults: Mutex<Vec<PushRule>>,
    log: Recorder<PushAttempt>,
    queue: mpsc::UnboundedSender<Queued>,
    stop: CancellationToken,
}

impl Pusher {
    /// Creates a handle, and starts the task that makes the pushes until `stop`.
    pub(crate) fn start(stop: CancellationToken) -> Self {
        let (queue, queued) = mpsc::unbounded_channel();
        let pusher = Self(Arc::new(Shared {
            settings: Mutex::default(),
            faults: Mutex::default(),
            log: Recorder::new(),
            queue,
            stop: stop.clone(),
        }));
        tokio::spawn(stop.run_until_cancelled_owned(worker::run(pusher.clone(), queued)));
        pusher
    }

    /// Queues a push. Without an address nothing is pushed.
    pub(crate) fn push(&self, push: Push) {
        let Some(url) = push.to.clone().or_else(|| self.settings().url.clone()) else { return };
        let fault = fault::take(&mut self.faults(), push.kind);
        // The queue is closed when the stand-in has stopped.
        let _ = self.0.queue.send(Queued { push, url, fault });
    }

    /// Returns whether to push in the older of the vendor's shapes.
    pub(crate) fn is_older(&self) -> bool {
        self.settings().older
    }

    /// Returns whether messages end by themselves, some time after they were sent.
    pub(crate) fn reports_later(&self) -> bool {
        self.settings().report_after_ms.is_some()
    }

    pub(crate) fn set(&self, settings: PushSettings) {
        *self.settings() = settings;
    }

    pub(crate) fn set_url(&self, url: &str) {
        self.settings().url = Some(url.to_owned());
    }

    pub(crate) fn add_fault(&self, rule: PushRule) {
        self.faults().push(rule);
    }

    pub(crate) fn log(&self) -> &Recorder<PushAttempt> {
        &self.0.log
    }

    fn settings(&self) -> MutexGuard<'_, PushSettings> {
        self.0.settings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn faults(&self) -> MutexGuard<'_, Vec<PushRule>> {
        self.0.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A vendor whose messages reach an end, by the control API or by themselves.
pub(crate) trait Messages: Send + Sync + 'static {
    fn pusher(&self) -> &Pusher;

    /// Delivers a message to a number, or fails it, and reports that; to all its numbers without one. Returns whether
    /// there is such a message.
    fn end(&self, message: &str, to: Option<&str>, delivered: bool) -> bool;
}

/// Lets a message to a number end by itself, after the time of the settings; never without one.
pub(crate) fn ends_later<V: Messages>(vendor: &Arc<V>, message: &str, number: &str) {
    let Some(after) = vendor.pusher().settings().report_after_ms else { return };
    let (vendor, message, number) = (Arc::clone(vendor), message.to_owned(), number.to_owned());
    let stop = vendor.pusher().0.stop.clone();
    tokio::spawn(stop.run_until_cancelled_owned(async move {
        tokio::time::sleep(Duration::from_millis(after)).await;
        // A message that was deleted in the meantime has no end.
        vendor.end(&message, Some(&number), !number.ends_with(UNREACHABLE));
    }));
}

/// Messages to numbers with these last digits fail by themselves.
const UNREACHABLE: &str = "404";

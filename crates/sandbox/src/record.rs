//! Records the requests to a vendor's API, and the attempts to push.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::request::Parts;
use serde::{Serialize, Serializer};
use tokio::sync::watch;

/// The number of recorded entries; the oldest are dropped first.
const CAPACITY: usize = 10_000;

/// One request that arrived, whether or not it succeeded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Recorded {
    /// The HTTP method.
    pub method: String,
    /// The version of HTTP: `HTTP/1.1` or `HTTP/2.0`.
    pub version: String,
    /// The path and query as sent.
    pub target: String,
    /// The path below the vendor's base path, as sent (percent-encoded); the whole path where it is elsewhere.
    pub path: String,
    /// What follows the question mark, as sent.
    pub query: Option<String>,
    /// The headers in the order of their first appearance, with their names in lower case (HTTP ignores the case, and
    /// the parser does not keep it). A header sent twice is here twice.
    pub headers: Vec<(String, String)>,
    /// The body; in JSON as text, with replacement characters where it is not UTF-8.
    #[serde(serialize_with = "as_text")]
    pub body: Bytes,
    /// The kind of the fault that hit the request.
    pub fault: Option<&'static str>,
    /// Whether the vendor's logic has run on the request.
    pub handled: bool,
    /// The status that the vendor's logic answered, even if the answer did not arrive.
    pub status: Option<u16>,
}

impl Recorded {
    pub(super) fn new(head: &Parts, path: &str, body: Bytes, fault: Option<&'static str>) -> Self {
        Self {
            method: head.method.to_string(),
            version: format!("{:?}", head.version),
            target: head.uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
            path: path.to_owned(),
            query: head.uri.query().map(ToOwned::to_owned),
            headers: head
                .headers
                .iter()
                .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
                .collect(),
            body,
            fault,
            handled: false,
            status: None,
        }
    }

    /// Returns the value of a header by its name in any letter case; the first of several.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Returns the body as text, with replacement characters where it is not UTF-8.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }

    /// Returns the body as JSON, if it is JSON.
    #[must_use]
    pub fn json(&self) -> Option<serde_json::Value> {
        serde_json::from_slice(&self.body).ok()
    }
}

fn as_text<S: Serializer>(body: &Bytes, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&String::from_utf8_lossy(body))
}

/// The recorded entries, and a channel that signals every change.
#[derive(Debug)]
pub(super) struct Recorder<T> {
    log: Mutex<Log<T>>,
    changed: watch::Sender<()>,
}

#[derive(Debug)]
struct Log<T> {
    /// The number of the oldest entry in `entries`; numbers are never reused.
    first: usize,
    entries: VecDeque<T>,
}

impl Recorder<Recorded> {
    /// Records that the vendor's logic has run on a request, and its answer.
    pub(super) fn handled(&self, number: usize, status: u16) {
        {
            let mut log = self.log();
            let Some(request) = number.checked_sub(log.first).and_then(|at| log.entries.get_mut(at)) else {
                return;
            };
            request.handled = true;
            request.status = Some(status);
        }
        self.changed.send_replace(());
    }
}

impl<T: Clone> Recorder<T> {
    pub(super) fn new() -> Self {
        let log = Log { first: 0, entries: VecDeque::new() };
        Self { log: Mutex::new(log), changed: watch::Sender::new(()) }
    }

    /// Adds an entry, and returns its number.
    pub(super) fn add(&self, entry: T) -> usize {
        let number = {
            let mut log = self.log();
            if log.entries.len() == CAPACITY {
                log.entries.pop_front();
                log.first += 1;
            }
            log.entries.push_back(entry);
            log.first + log.entries.len() - 1
        };
        self.changed.send_replace(());
        number
    }

    pub(super) fn list(&self, fits: impl Fn(&T) -> bool) -> Vec<T> {
        self.log().entries.iter().filter(|entry| fits(entry)).cloned().collect()
    }

    pub(super) fn clear(&self) {
        self.take();
    }

    /// Returns all entries, and forgets them.
    pub(super) fn take(&self) -> Vec<T> {
        let mut log = self.log();
        log.first += log.entries.len();
        log.entries.drain(..).collect()
    }

    pub(super) async fn wait(&self, count: usize, fits: impl Fn(&T) -> bool) -> Vec<T> {
        let mut changed = self.changed.subscribe();
        loop {
            // A change between this and the wait below is not missed: it is newer than what `changed` has seen.
            changed.mark_unchanged();
            let found = self.list(&fits);
            if found.len() >= count {
                return found;
            }
            // The sender lives as long as `self`, so this cannot fail.
            let _ = changed.changed().await;
        }
    }
}

impl<T> Recorder<T> {
    fn log(&self) -> MutexGuard<'_, Log<T>> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(path: &str) -> Recorded {
        let (head, ()) = http::Request::builder().uri(path).header("X-A", "1").body(()).unwrap().into_parts();
        Recorded::new(&head, path, Bytes::from_static(b"{\"a\":1}"), None)
    }

    #[test]
    fn the_oldest_go_first_and_a_late_note_finds_its_request() {
        let recorder = Recorder::new();
        let first = recorder.add(request("/0"));
        for at in 1..=CAPACITY {
            recorder.add(request(&format!("/{at}")));
        }
        assert_eq!(recorder.list(|_| true).len(), CAPACITY);
        assert_eq!(recorder.list(|_| true)[0].path, "/1");
        recorder.handled(first, 200);
        assert_eq!(recorder.list(|request| request.handled).len(), 0);
        let last = recorder.add(request("/last"));
        recorder.handled(last, 201);
        let handled = recorder.list(|request| request.handled);
        assert_eq!((handled.len(), handled[0].path.as_str(), handled[0].status), (1, "/last", Some(201)));
        recorder.clear();
        recorder.handled(last, 500);
        let after = recorder.add(request("/after"));
        recorder.handled(after, 204);
        assert_eq!(recorder.list(|request| request.handled)[0].path, "/after");
    }

    #[test]
    fn the_parts_of_a_request_are_at_hand() {
        let request = request("/a%20b?c=d");
        assert_eq!(request.header("x-A"), Some("1"));
        assert_eq!(request.header("x-b"), None);
        assert_eq!(request.query.as_deref(), Some("c=d"));
        assert_eq!(request.json(), Some(serde_json::json!({"a": 1})));
        assert_eq!(serde_json::to_value(&request).unwrap()["body"], "{\"a\":1}");
    }

    #[tokio::test]
    async fn waiting_ends_when_enough_have_come() {
        let recorder = Recorder::new();
        recorder.add(request("/x"));
        let ((), found) = tokio::join!(
            async {
                tokio::task::yield_now().await;
                recorder.add(request("/other"));
                tokio::task::yield_now().await;
                let number = recorder.add(request("/x"));
                recorder.handled(number, 200);
            },
            recorder.wait(2, |request| request.path == "/x"),
        );
        assert_eq!(found.len(), 2);
    }
}

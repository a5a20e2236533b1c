//! The faults that a stand-in can inject, and the rules that select requests.

use std::sync::{Mutex, PoisonError};

use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

/// The requests that a fault hits, and the fault. In JSON it is the body of `POST /_sandbox/faults`; an unknown member
/// is an error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The HTTP method, in any letter case; every method if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// The path below the vendor's base path, or the first segments of it, as sent (percent-encoded): `/sms` matches
    /// `/sms` and `/sms/42`, but neither `/smshistory` nor `/paramsms`. Every path if absent, the login too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The number of requests that the rule hits: 1 if absent, 0 for all until the rules are cleared.
    #[serde(default = "once")]
    pub times: u32,
    /// The injected fault.
    pub fault: Fault,
}

fn once() -> u32 {
    1
}

impl Rule {
    /// Creates a rule that hits the next request of any kind.
    #[must_use]
    pub fn new(fault: Fault) -> Self {
        Self { method: None, path: None, times: once(), fault }
    }

    /// Hits requests of this method only.
    #[must_use]
    pub fn method(mut self, method: impl Into<String>) -> Self {
        self.method = Some(method.into());
        self
    }

    /// Hits requests at or below this path only.
    #[must_use]
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// Hits this number of requests; 0 means all until the rules are cleared.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    fn fits(&self, method: &Method, path: &str) -> bool {
        self.method.as_ref().is_none_or(|wanted| method.as_str().eq_ignore_ascii_case(wanted))
            && self.path.as_ref().is_none_or(|wanted| is_at_or_below(path, wanted))
    }
}

/// Returns whether `path` starts with the segments of `prefix`.
pub(super) fn is_at_or_below(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix.trim_end_matches('/')).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A fault. "Handled" means that the vendor's logic ran: the message counts as sent, the group exists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// Waits, then handles and answers as usual; handled even if the client hangs up in the meantime.
    Delay {
        /// How long, in milliseconds.
        ms: u64,
    },
    /// Waits until the rules are cleared, then handles and answers as usual; handled even if the client hangs up in the
    /// meantime.
    Hold,
    /// Answers this status without handling the request.
    Status {
        /// The status, from 100 to 999.
        #[serde(with = "status_code")]
        code: StatusCode,
        /// The `Retry-After` header, in seconds; none if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after: Option<u64>,
        /// The body, sent as JSON if it is JSON and as text if it is not; empty if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        body: Option<String>,
    },
    /// Handles the request, and replaces the status of the answer.
    Answer {
        /// The status, from 100 to 999.
        #[serde(with = "status_code")]
        code: StatusCode,
        /// The body, as for `Status`; the body of the original answer if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        body: Option<String>,
    },
    /// Handles the request, and adds a text in Latin-1 to the answer, as old databases do.
    Latin1,
    /// Handles the request, and compresses the body of the answer with gzip, whether or not the client accepts it.
    Gzip,
    /// Reads the request, does not handle it, and closes the connection without an answer.
    CutBefore,
    /// Handles the request, and closes the connection without an answer.
    CutAfter,
    /// Reads no more than the head of the request, does not handle it, and resets the connection.
    ResetDuring,
    /// Handles the request, and resets the connection without an answer.
    ResetAfter,
    /// Handles the request, sends the head and half of the body at once, and the rest after a wait.
    SlowBody {
        /// How long, in milliseconds.
        ms: u64,
    },
    /// Handles the request, announces the whole answer, sends half of its body, and closes the connection.
    Truncate,
    /// Handles the request, and answers with bytes that are neither JSON nor text.
    Garbage,
    /// Handles the request, and answers with a body of this size, without announcing its length.
    Huge {
        /// How many bytes.
        bytes: u64,
    },
    /// Answers 302 without handling the request.
    Redirect {
        /// The `Location` header; omitted where it is an invalid header value.
        location: String,
    },
    /// Does not handle the request and never answers; ends when the client hangs up.
    HangBefore,
    /// Handles the request and never answers; ends when the client hangs up.
    HangAfter,
    /// Reads no more than the head of the request, does not handle it, and closes the connection.
    CutDuring,
    /// Handles the request, and closes the connection within the head of the answer.
    CutAnswer,
    /// Reads the request, does not handle it, and closes the connection for writing alone (FIN); ends when the client
    /// hangs up.
    HalfCloseBefore,
    /// The same for a request that is handled.
    HalfCloseAfter,
    /// Handles the request, and answers with a body that ends with the connection: its length is not announced, and over
    /// TLS no close_notify is sent.
    UntilClose {
        /// Whether half of the body is missing.
        #[serde(default)]
        half: bool,
    },
    /// Handles and answers as usual, and from then on closes the connection when it had no request for this long.
    CloseIdle {
        /// How long, in milliseconds.
        ms: u64,
        /// Whether the client is informed: by `Keep-Alive: timeout`, in whole seconds, in HTTP/1.1; by GOAWAY in
        /// HTTP/2; and by close_notify in TLS. Otherwise the connection just ends.
        #[serde(default)]
        announced: bool,
    },
    /// Handles and answers as usual, and ends the connection at the next byte that arrives, without reading it.
    CloseNext {
        /// Whether the end is a reset (RST), not a close (FIN).
        #[serde(default)]
        reset: bool,
    },
    /// Handles and answers as usual, and reads no more of what arrives on the connection.
    StopReading,
    /// HTTP/2: handles and answers as usual, and announces settings of the connection; over HTTP/1.1 without an effect.
    Settings {
        /// `SETTINGS_MAX_CONCURRENT_STREAMS`: the client may have no more requests in flight.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max_concurrent_streams: Option<u32>,
        /// `SETTINGS_INITIAL_WINDOW_SIZE`: how many bytes of a body the client may send. None of these is ever granted
        /// again: with 0 the client can send heads alone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        initial_window_size: Option<u32>,
    },
    /// HTTP/2: sends GOAWAY, and ignores the requests that it excludes; over HTTP/1.1 without an effect.
    #[serde(rename = "goaway")]
    GoAway {
        /// The last stream that may be handled.
        last: LastStream,
        /// The error code; 0, which is NO_ERROR, if absent.
        #[serde(default)]
        code: u32,
        /// Whether the connection is closed at once, without an answer.
        #[serde(default)]
        close: bool,
    },
    /// HTTP/2: ends the stream of the request with RST_STREAM; over HTTP/1.1 the connection.
    ResetStream {
        /// The error code, such as 7 for REFUSED_STREAM, which says that the request was not handled.
        code: u32,
        /// When.
        phase: Phase,
    },
}

/// The last stream of a GOAWAY.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LastStream {
    /// The highest possible one: the requests that arrive later are handled too.
    All,
    /// The request's stream, or a higher one that is being handled: those that arrive later are not handled.
    This,
    /// The highest stream that is being handled already: the request is not handled.
    Before,
}

/// When a stream is reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// After the head of the request, which is not handled.
    Head,
    /// After the request, which is not handled.
    Body,
    /// After the request was handled, before the answer.
    Handled,
    /// After half of the answer to the handled request.
    Answer,
}

impl Fault {
    /// Returns the name that `kind` has in JSON.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Delay { .. } => "delay",
            Self::Hold => "hold",
            Self::Status { .. } => "status",
            Self::Answer { .. } => "answer",
            Self::Latin1 => "latin1",
            Self::Gzip => "gzip",
            Self::CutBefore => "cut_before",
            Self::CutAfter => "cut_after",
            Self::ResetDuring => "reset_during",
            Self::ResetAfter => "reset_after",
            Self::SlowBody { .. } => "slow_body",
            Self::Truncate => "truncate",
            Self::Garbage => "garbage",
            Self::Huge { .. } => "huge",
            Self::Redirect { .. } => "redirect",
            Self::HangBefore => "hang_before",
            Self::HangAfter => "hang_after",
            Self::CutDuring => "cut_during",
            Self::CutAnswer => "cut_answer",
            Self::HalfCloseBefore => "half_close_before",
            Self::HalfCloseAfter => "half_close_after",
            Self::UntilClose { .. } => "until_close",
            Self::CloseIdle { .. } => "close_idle",
            Self::CloseNext { .. } => "close_next",
            Self::StopReading => "stop_reading",
            Self::Settings { .. } => "settings",
            Self::GoAway { .. } => "goaway",
            Self::ResetStream { .. } => "reset_stream",
        }
    }
}

mod status_code {
    use http::StatusCode;
    use serde::de::{Deserialize, Deserializer, Error};
    use serde::ser::Serializer;

    pub(super) fn serialize<S: Serializer>(code: &StatusCode, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u16(code.as_u16())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<StatusCode, D::Error> {
        let code = u16::deserialize(deserializer)?;
        StatusCode::from_u16(code).map_err(|_| D::Error::custom(format!("status code {code} is not one of 100 to 999")))
    }
}

/// The active rules, and a channel that signals when they are cleared.
#[derive(Debug, Default)]
pub(super) struct Faults {
    rules: Mutex<Vec<Rule>>,
    cleared: watch::Sender<()>,
}

impl Faults {
    pub(super) fn add(&self, rule: Rule) {
        self.rules().push(rule);
    }

    pub(super) fn list(&self) -> Vec<Rule> {
        self.rules().clone()
    }

    pub(super) fn clear(&self) {
        let mut rules = self.rules();
        rules.clear();
        // Under the lock, so that a request with a fault of these rules is notified.
        self.cleared.send_replace(());
    }

    /// Returns the fault for a request, and the channel that signals when the rules are cleared. Counts as one hit of
    /// its rule.
    pub(super) fn take(&self, method: &Method, path: &str) -> Option<(Fault, watch::Receiver<()>)> {
        let mut rules = self.rules();
        let at = rules.iter().position(|rule| rule.fits(method, path))?;
        let fault = match rules[at].times {
            0 => rules[at].fault.clone(),
            1 => rules.remove(at).fault,
            _ => {
                rules[at].times -= 1;
                rules[at].fault.clone()
            }
        };
        Some((fault, self.cleared.subscribe()))
    }

    fn rules(&self) -> std::sync::MutexGuard<'_, Vec<Rule>> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;

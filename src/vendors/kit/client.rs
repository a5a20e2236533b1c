//! The vendor HTTP kit: a pool of connections per account and thread, time limits, retries that never send twice, a cap on answers, and errors
//! that hold no URL and no secret. A vendor brings paths, bodies and its reading of the answers.
//!
//! When a request is repeated:
//!
//! | what happened | read | write |
//! |---|---|---|
//! | the breaker is open, or its turn comes too late | no: nothing was sent | no: nothing was sent |
//! | the connection could not be made | yes | yes: nothing was sent |
//! | 429 with a short `Retry-After` | yes | yes: the vendor says that it was not accepted |
//! | 429 without | yes | no: RATE_LIMITED |
//! | 429 of a vendor whose documents have it, say for a lock-out | no | no |
//! | 5xx, 408, reset, time-out | yes | no: OUTCOME_UNKNOWN |
//! | half an answer, a redirect, an answer past the cap, a status that means nothing at the vendor ([`Refusals`]) | no | no: OUTCOME_UNKNOWN |

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use bytes::{Bytes, BytesMut};
use http::{StatusCode, Uri};
use http_body::Body as _;
use http_body_util::BodyExt as _;
use tokio::time::{Instant, timeout_at};
use url::Url;

use super::{
    Breaker, Effect, Pace, Refusals, Reply, Request, coding,
    pool::{Body, Broken, Pools, Sending},
    refusals::gave_up_waiting,
};
use crate::{
    call::{Call, LARGE},
    config::{Endpoint, Limits},
    error::{Error, Outcome, Reason},
    telemetry::{
        metrics::{self, VendorOutcome},
        otlp,
        trace::Trace,
    },
};

/// How often a request is tried at most.
const ATTEMPTS: usize = 3;

/// A `Retry-After` longer than this is the caller's to wait for.
const PATIENCE: Duration = Duration::from_secs(5);

/// The HTTP client of one account.
#[derive(Debug, Clone)]
pub struct Client {
    clients: Arc<Pools>,
    base: Uri,
    limits: Limits,
    breaker: Arc<Breaker>,
    pace: Option<Arc<Pace>>,
    refusals: &'static Refusals,
    metrics: Arc<metrics::AccountMetrics>,
}

/// Why an attempt gave no answer that a vendor could read.
enum Failure {
    /// There is no request to send: no vendor's fault.
    Unwritten(&'static str),
    /// Nothing was sent.
    NotSent(&'static str),
    /// The request left, or may have, and the connection is gone; the status, if that had come.
    Lost(&'static str, Option<StatusCode>),
    /// The request left, or may have, and time ran out: the vendor may still be at it.
    Late(&'static str),
    /// 429.
    Throttled(Reply, Option<Duration>),
    /// 5xx, and what else says that somebody gave up.
    Down(Reply),
    /// A status that is neither a "yes" nor one of the vendor's.
    Unexpected(Reply),
    /// The answer is not what HTTP or our cap allows.
    Unreadable(&'static str, StatusCode),
}

impl Client {
    /// A client for the `endpoint` of an account, which is named by its id in the metrics, at a vendor that says "no" in this
    /// way.
    ///
    /// # Errors
    /// A text for the operator: a CA file that cannot be read, or TLS that cannot be set up.
    pub fn new(endpoint: Endpoint, refusals: &'static Refusals) -> Result<Self, String> {
        let Endpoint { account, base_url, limits, breaker, requests_per_second, ca_file } = endpoint;
        // By way of a URL: that writes a host in any script as DNS has it.
        let base: Option<Uri> = Url::parse(&base_url).ok().and_then(|url| url.as_str().parse().ok());
        let base = base.ok_or("the address cannot be read")?;
        let clients = Arc::new(Pools::new(&base, ca_file.as_deref(), limits.connect_timeout)?);
        let metrics = Arc::new(metrics::AccountMetrics::new(&account));
        let breaker = Arc::new(Breaker::new(account, breaker));
        let pace = requests_per_second.map(|turns| Arc::new(Pace::per_second(turns)));
        Ok(Self { clients, base, limits, breaker, pace, refusals, metrics })
    }

    /// The limits that this client keeps.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The numbers of its account.
    pub fn metrics(&self) -> &metrics::AccountMetrics {
        &self.metrics
    }

    /// The breaker of the account: of all its calls, those for a login and those of watchers too. A login shows as well as
    /// anything whether the vendor is there, and a watcher looks again when the breaker says.
    pub fn breaker(&self) -> &Breaker {
        &self.breaker
    }

    /// Makes a call. What comes back is the vendor's "yes" or its "no", see [`Refusals`], for it to judge.
    ///
    /// # Errors
    /// VENDOR_UNAVAILABLE, RATE_LIMITED, DEADLINE_EXCEEDED, VENDOR_REPLY_UNREADABLE, or OUTCOME_UNKNOWN for a write that may
    /// have been acted on.
    pub async fn send(&self, call: &Call, request: &Request) -> Result<Reply, Error> {
        call.check_active().map_err(|e| e.operation(request.operation()))?;
        let caller = call.deadline();
        self.turn(request, caller).await?;
        let end = Instant::now() + self.limits.call_timeout;
        // Made when it is first needed, which is seldom.
        let mut backoff = None;
        loop {
            let leave = match request.bypasses_breaker() {
                true => None,
                false => Some(self.breaker.admit(Instant::now()).map_err(|wait| breaker_open(request, wait))?),
            };
            let attempt = Instant::now();
            if request.effect() == Effect::Write {
                call.begin_write(request.operation()).await?;
            }
            let measured = self.metrics.request(request.operation());
            let result = self.attempt(call, request, end.min(attempt + self.limits.attempt_timeout)).await;
            measured.ended(outcome(&result));
            log(request, &result, attempt.elapsed());
            if let Some(leave) = leave {
                match breaker_signal(
                    &result,
                    attempt.elapsed() >= self.limits.attempt_timeout.min(self.limits.call_timeout),
                ) {
                    Some(true) => leave.succeeded(),
                    Some(false) => leave.failed(Instant::now()),
                    None => drop(leave),
                }
            }
            if request.effect() == Effect::Write && was_refused(&result) {
                call.write_rejected();
            }
            let failure = match result {
                Ok(reply) => return Ok(reply),
                Err(failure) => failure,
            };
            let backoff = backoff.get_or_insert_with(|| Box::new(waits()));
            let wait = match (&failure, request.effect()) {
                (Failure::NotSent(_), _) => backoff.next(),
                (Failure::Lost(..) | Failure::Late(_) | Failure::Down(_), Effect::Read) => backoff.next(),
                (Failure::Throttled(_, Some(after)), _) if *after <= PATIENCE => backoff.next().map(|b| b.max(*after)),
                (Failure::Throttled(_, None), Effect::Read) => backoff.next(),
                _ => None,
            };
            match wait {
                Some(wait) if Instant::now() + wait < end.min(caller) => tokio::time::sleep(wait).await,
                _ => return Err(failure.explain(request)),
            }
            self.turn(request, end.min(caller)).await?;
        }
    }

    /// Waits for the account's next turn, if its requests have turns.
    async fn turn(&self, request: &Request, deadline: Instant) -> Result<(), Error> {
        let Some(pace) = &self.pace else { return Ok(()) };
        // Who would be refused after the wait need not wait for it.
        if let Some(wait) = self.breaker.refuses(Instant::now()).filter(|_| !request.bypasses_breaker()) {
            return Err(breaker_open(request, wait));
        }
        pace.turn(deadline).await.map_err(|wait| {
            let text = "the account's limit of requests leaves none before the deadline; nothing was sent";
            let error = Error::new(Reason::RateLimited, text).outcome(Outcome::NotSent);
            error.retry_after(Some(wait)).operation(request.operation())
        })
    }

    async fn attempt(&self, call: &Call, request: &Request, end: Instant) -> Result<Reply, Failure> {
        let (sending, mut span) = self.begin(call, request)?;
        let result = self.exchange(call, request, sending, end).await;
        if let Some(span) = &mut span {
            let outcome = outcome(&result);
            span.error = (outcome != VendorOutcome::Ok).then(|| outcome.name());
            span.work = otlp::Work::Request(told(&result).1);
        }
        result
    }

    /// The request, ready to leave when it is waited for, and its span.
    fn begin(&self, call: &Call, request: &Request) -> Result<(Sending, Option<Box<otlp::Span>>), Failure> {
        let mut http = request.to_http(&self.base).ok_or(Failure::Unwritten("the request is malformed"))?;
        let begin = |trace: &Trace| trace.request(trace.write(http.headers_mut()), request.operation());
        let span = call.trace().and_then(begin);
        let span = span.map(|mut span| {
            span.account = Some(self.metrics.id().to_owned());
            span.error = Some(VendorOutcome::Abandoned.name());
            Box::new(span)
        });
        Ok((self.clients.send(http), span))
    }

    async fn exchange(&self, call: &Call, request: &Request, sending: Sending, end: Instant) -> Result<Reply, Failure> {
        let Ok(answer) = timeout_at(end, sending).await else {
            return Err(Failure::Late("no answer came in time"));
        };
        let mut response = answer.map_err(|broken| match broken {
            Broken::Unwritten => Failure::Unwritten("the request could not be built"),
            Broken::NotSent(what) => Failure::NotSent(what),
            Broken::Lost => Failure::Lost("the connection broke before the answer", None),
        })?;
        let status = response.status();
        if status.is_redirection() {
            return Err(Failure::Unreadable("the vendor redirects, which is not followed", status));
        }
        let headers = std::mem::take(response.headers_mut());
        // In a box: a call waits for its answer to begin much longer than for it to end, and should be small while it does.
        let body = match timeout_at(end, Box::pin(self.body(response.into_body()))).await {
            Ok(Ok(Some(body))) => body,
            Ok(Ok(None)) => return Err(Failure::Unreadable("the answer is too large", status)),
            Ok(Err(_)) => return Err(Failure::Lost("the connection broke within the answer", Some(status))),
            Err(_) => return Err(Failure::Late("the answer did not end in time")),
        };
        if body.len() > LARGE {
            call.mark_large_answer().await;
        }
        let body = coding::decoded(&headers, body, self.limits.max_reply_bytes);
        let body = body.map_err(|what| Failure::Unreadable(what, status))?;
        let reply = Reply::new(request, status, headers, body);
        match status {
            StatusCode::TOO_MANY_REQUESTS if !self.refusals.has(status) => {
                let after = reply.retry_after();
                Err(Failure::Throttled(reply, after))
            }
            status if status.is_server_error() || gave_up_waiting(status) => Err(Failure::Down(reply)),
            _ if self.refusals.knows(&reply) => Ok(reply),
            _ => Err(Failure::Unexpected(reply)),
        }
    }

    /// The body, or `None` when it is larger than the cap.
    async fn body(&self, mut body: Body) -> Result<Option<Bytes>, <Body as http_body::Body>::Error> {
        let limit = self.limits.max_reply_bytes;
        if body.size_hint().lower() > limit as u64 {
            return Ok(None);
        }
        let Some(first) = chunk(&mut body).await? else {
            return Ok(Some(Bytes::new()));
        };
        // Most answers are one chunk: those are not copied.
        let Some(second) = chunk(&mut body).await? else {
            return Ok((first.len() <= limit).then_some(first));
        };
        let mut whole = BytesMut::from(first);
        whole.extend_from_slice(&second);
        while whole.len() <= limit {
            let Some(chunk) = chunk(&mut body).await? else {
                return Ok(Some(whole.freeze()));
            };
            whole.extend_from_slice(&chunk);
        }
        Ok(None)
    }
}

/// The next part of a body. Trailers are of no interest.
async fn chunk(body: &mut Body) -> Result<Option<Bytes>, <Body as http_body::Body>::Error> {
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame?.into_data() {
            return Ok(Some(data));
        }
    }
    Ok(None)
}

/// How long to wait before each further attempt.
fn waits() -> ExponentialBackoff {
    let builder = ExponentialBuilder::default().with_min_delay(Duration::from_millis(100));
    builder.with_max_delay(Duration::from_secs(2)).with_max_times(ATTEMPTS - 1).with_jitter().build()
}

impl Failure {
    fn explain(self, request: &Request) -> Error {
        let operation = request.operation();
        let error = match (self, request.effect()) {
            (Self::NotSent(what) | Self::Unwritten(what), _) => {
                Error::new(Reason::VendorUnavailable, format!("the vendor cannot be reached: {what}; nothing was sent"))
                    .outcome(Outcome::NotSent)
            }
            (Self::Throttled(reply, after), _) => {
                Error::new(Reason::RateLimited, "the vendor asks to slow down; nothing was accepted")
                    .outcome(Outcome::Refused)
                    .retry_after(after)
                    .http_status(reply.status().as_u16())
                    .vendor_message(&reply.excerpt())
            }
            (Self::Lost(what, _) | Self::Late(what), Effect::Read) => {
                Error::new(Reason::VendorUnavailable, format!("the vendor does not answer: {what}"))
            }
            (Self::Lost(what, status), Effect::Write) => match status {
                Some(status) => lost(what).http_status(status.as_u16()),
                None => lost(what),
            },
            (Self::Late(what), Effect::Write) => lost(what).may_still_complete(),
            (Self::Down(reply), effect) => {
                let (gave_up, status) = (gave_up_waiting(reply.status()), reply.status().as_u16());
                match effect {
                    Effect::Read => Error::new(Reason::VendorUnavailable, format!("the vendor answers HTTP {status}")),
                    Effect::Write => {
                        let error = lost(&format!("the vendor answers HTTP {status}"));
                        if gave_up { error.may_still_complete() } else { error }
                    }
                }
                .http_status(status)
                .vendor_message(&reply.excerpt())
            }
            (Self::Unexpected(reply), _) => reply.unexpected(),
            (Self::Unreadable(what, status), effect) => unreadable(effect, what).http_status(status.as_u16()),
        };
        error.operation(operation)
    }
}

/// The error for a write whose answer was lost.
fn lost(what: &str) -> Error {
    Error::new(Reason::OutcomeUnknown, format!("{what}: whether the vendor acted is not known"))
        .outcome(Outcome::Unknown)
}

/// The error while the breaker is open.
fn breaker_open(request: &Request, wait: Duration) -> Error {
    let text = "the vendor has been failing and is left in peace for a moment; nothing was sent";
    let error = Error::new(Reason::VendorUnavailable, text).outcome(Outcome::NotSent);
    error.retry_after(Some(wait)).operation(request.operation())
}

/// Whether an attempt shows that the vendor is there, or that it is not, or nothing: that no answer came counts only where
/// it had `all_its_time`, which the last attempt of a call may not have. A caller's deadline ends no attempt of a write, and
/// drops that of a read, which never comes here.
fn breaker_signal(result: &Result<Reply, Failure>, all_its_time: bool) -> Option<bool> {
    match result {
        Ok(_) | Err(Failure::Throttled(..) | Failure::Unexpected(_) | Failure::Unreadable(..)) => Some(true),
        Err(Failure::NotSent(_) | Failure::Lost(..) | Failure::Down(_)) => Some(false),
        Err(Failure::Late(_)) => all_its_time.then_some(false),
        Err(Failure::Unwritten(_)) => None,
    }
}

/// Whether the vendor provably did nothing.
fn was_refused(result: &Result<Reply, Failure>) -> bool {
    match result {
        Ok(reply) => reply.status() == StatusCode::UNAUTHORIZED,
        Err(failure) => matches!(failure, Failure::Unwritten(_) | Failure::NotSent(_) | Failure::Throttled(..)),
    }
}

/// The error for an answer that cannot be understood.
pub(super) fn unreadable(effect: Effect, what: &str) -> Error {
    match effect {
        Effect::Read => Error::new(Reason::VendorReplyUnreadable, format!("the vendor's answer is unreadable: {what}")),
        Effect::Write => Error::new(
            Reason::OutcomeUnknown,
            format!("the vendor's answer is unreadable: {what}; whether it acted is not known"),
        )
        .outcome(Outcome::Unknown),
    }
}

/// The error for a status that means nothing at the vendor.
pub(super) fn unreadable_status(effect: Effect, status: StatusCode) -> Error {
    unreadable(effect, &format!("HTTP {} has no meaning at this vendor", status.as_u16()))
}

/// What the metrics call it.
fn outcome(result: &Result<Reply, Failure>) -> VendorOutcome {
    match result {
        Ok(reply) if reply.status().is_success() => VendorOutcome::Ok,
        Ok(_) => VendorOutcome::Refused,
        Err(Failure::Unwritten(_) | Failure::NotSent(_)) => VendorOutcome::NotSent,
        Err(Failure::Lost(..)) => VendorOutcome::Lost,
        Err(Failure::Late(_)) => VendorOutcome::Late,
        Err(Failure::Throttled(..)) => VendorOutcome::Throttled,
        Err(Failure::Down(_)) => VendorOutcome::Down,
        Err(Failure::Unexpected(_) | Failure::Unreadable(..)) => VendorOutcome::Unreadable,
    }
}

fn log(request: &Request, result: &Result<Reply, Failure>, took: Duration) {
    let (what, status) = told(result);
    let status = status.map_or(0, |status| status.as_u16());
    tracing::debug!(operation = request.operation(), status, ms = took.as_millis() as u64, "{what}");
}

/// In a few words and the HTTP status, if one came.
fn told(result: &Result<Reply, Failure>) -> (&'static str, Option<StatusCode>) {
    match result {
        Ok(reply) => ("answered", Some(reply.status())),
        Err(Failure::Down(reply) | Failure::Unexpected(reply) | Failure::Throttled(reply, _)) => {
            ("answered", Some(reply.status()))
        }
        Err(Failure::Unwritten(what) | Failure::NotSent(what) | Failure::Late(what)) => (*what, None),
        Err(Failure::Lost(what, status)) => (*what, *status),
        Err(Failure::Unreadable(what, status)) => (*what, Some(*status)),
    }
}

/// `Retry-After` in either of its forms (RFC 9110, section 10.2.3).
pub(super) fn retry_after(value: Option<&str>) -> Option<Duration> {
    let value = value?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::parse(value).ok()?.timestamp();
    Some(SystemTime::from(date).duration_since(SystemTime::now()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        assert_eq!(retry_after(Some("7")), Some(Duration::from_secs(7)));
        assert_eq!(retry_after(Some("Wed, 21 Oct 2015 07:28:00 GMT")), Some(Duration::ZERO));
        assert_eq!(retry_after(Some("soon")), None);
        assert_eq!(retry_after(None), None);
    }
}

//! The HTTP client of the vendors: connections (`pool`), timeouts, retries that never send twice, a
//! limit on the size of answers, and errors without URLs and secrets. A vendor adds paths, bodies, and the
//! interpretation of answers.
//!
//! When a request is repeated:
//!
//! | what happened | read | write |
//! |---|---|---|
//! | the breaker is open, or the turn by `requests_per_second` comes after the deadline | no: nothing was sent | no: nothing was sent |
//! | no connection, or one that ended before any byte of the request left | yes | yes: nothing was sent |
//! | HTTP/2: the stream was refused, or came after the last one of a GOAWAY | yes | yes: the vendor did not process it |
//! | 429 with a short `Retry-After` | yes | yes: the vendor did not accept it |
//! | 429 without | yes | no: RATE_LIMITED |
//! | 429 that the vendor documents, for example for a lock-out | no | no |
//! | 5xx, 408, reset, timeout | yes | no: OUTCOME_UNKNOWN |
//! | a truncated answer, a redirect, an answer over the size limit, a status without a meaning at the vendor ([`Refusals`]) | no | no: OUTCOME_UNKNOWN |

mod failure;

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use bytes::{Bytes, BytesMut};
use http::{StatusCode, Uri};
use tokio::time::{Instant, timeout_at};
use url::Url;

use self::failure::{Failure, breaker_open, breaker_signal, log, outcome, summary, was_refused};
pub(super) use self::failure::{unreadable, unreadable_status};
use super::{
    Breaker, Effect, Refusals, Reply, Request,
    breaker::Attempt,
    coding,
    pool::{Broken, Head, Lease, Pools},
    refusals::gave_up_waiting,
    request::{Base, Outgoing},
};
use crate::{
    api::{
        budget::{Budget, Budgets},
        conditions::Conditions,
        pb::account_changed::Condition,
        shared::{LEASE, Shared},
    },
    call::{Call, LARGE},
    config::{Endpoint, Limits},
    error::{Error, Outcome, Reason},
    telemetry::{
        metrics::{self, VendorOutcome},
        otlp,
        trace::Trace,
    },
};

/// The maximum number of attempts of a request.
const ATTEMPTS: usize = 3;

/// A `Retry-After` longer than this is returned to the caller.
pub(super) const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(5);

/// The HTTP client of one account.
#[derive(Debug, Clone)]
pub struct Client {
    pub(super) clients: Arc<Pools>,
    base: Base,
    limits: Limits,
    breaker: Arc<Breaker>,
    pace: Option<Arc<Budget>>,
    shared: Arc<Shared>,
    refusals: &'static Refusals,
    metrics: Arc<metrics::AccountMetrics>,
    conditions: Arc<Conditions>,
}

impl Client {
    /// Creates the client for an `endpoint`, whose account labels the metrics; `refusals` are the statuses by which the
    /// vendor rejects.
    ///
    /// # Errors
    /// A text for the operator: a CA file that cannot be read, or TLS that cannot be set up.
    pub fn new(endpoint: Endpoint, refusals: &'static Refusals) -> Result<Self, String> {
        let Endpoint { account, base_url, limits, breaker, requests_per_second, ca_file, http2 } = endpoint;
        // `Url` converts an international host name to its DNS form.
        let base: Option<Uri> = Url::parse(&base_url).ok().and_then(|url| url.as_str().parse().ok());
        let base = Base::new(base.ok_or("invalid base URL")?);
        let metrics = Arc::new(metrics::AccountMetrics::new(&account));
        let road = Arc::clone(&metrics.road);
        let clients = Arc::new(Pools::new(&base, ca_file.as_deref(), http2, limits.connect_timeout, road)?);
        let conditions = Arc::new(Conditions::default());
        let pace = requests_per_second.map(|most| {
            let budget = Budget::new(format!("{account} requests_per_second"), most, Duration::from_secs(1), false);
            Arc::new(budget)
        });
        let breaker = Arc::new(Breaker::new(account, &base_url, breaker, conditions.clone()));
        let shared = Arc::new(Shared::new(breaker.clone()));
        pace.iter().for_each(|budget| shared.budgets().add(budget));
        Ok(Self { clients, base, limits, breaker, pace, shared, refusals, metrics, conditions })
    }

    /// Returns the account's limits.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Returns the account's metrics.
    pub fn metrics(&self) -> &metrics::AccountMetrics {
        &self.metrics
    }

    /// Returns the account's breaker, which all its calls share, also logins and those of watchers: a login shows as well
    /// as any call whether the vendor is up, and a watcher polls again when the breaker permits.
    pub fn breaker(&self) -> &Breaker {
        &self.breaker
    }

    /// Returns what the account's calls show about the account.
    pub fn conditions(&self) -> &Conditions {
        &self.conditions
    }

    /// Returns how often the account's calls may be made.
    pub fn budgets(&self) -> &Arc<Budgets> {
        self.shared.budgets()
    }

    /// Returns what replicas share of the account.
    pub fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Returns the vendor's address.
    pub fn address(&self) -> &Uri {
        self.base.uri()
    }

    /// Notes what a judged answer shows about the account's own credential, and returns the answer.
    ///
    /// # Errors
    /// Those of the judgement.
    pub fn note<T>(&self, call: &Call, judged: Result<T, Error>) -> Result<T, Error> {
        match &judged {
            Ok(_) if call.credential().is_none() => self.conditions.show(Condition::CredentialRefused, false),
            Err(error) if error.reason() == Reason::AccountCredentialRefused => {
                self.conditions.show(Condition::CredentialRefused, true);
            }
            Ok(_) | Err(_) => {}
        }
        judged
    }

    /// Makes a call. Returns the vendor's acceptance or its rejection, see [`Refusals`], for the vendor's module to
    /// judge.
    ///
    /// # Errors
    /// VENDOR_UNAVAILABLE, RATE_LIMITED, DEADLINE_EXCEEDED, VENDOR_REPLY_UNREADABLE, or OUTCOME_UNKNOWN for a write that may
    /// have been acted on.
    pub async fn send(&self, call: &Call, request: &Request) -> Result<Reply, Error> {
        call.check_active().map_err(|e| e.operation(request.operation()))?;
        let caller = call.deadline();
        self.turn(request, caller).await?;
        let end = Instant::now() + self.limits.call_timeout;
        // Created on first use, as it is rarely needed.
        let (mut backoff, mut resends) = (None, 0);
        loop {
            let mut permit = match request.bypasses_breaker() {
                true => None,
                false => Some(self.breaker.admit(Instant::now()).map_err(|wait| breaker_open(request, wait))?),
            };
            if let Some(probe) = permit.take_if(|permit| permit.is_probe()) {
                permit = Some(Box::pin(self.probe(request, probe)).await?);
            }
            let mut measured = self.metrics.request(request.operation());
            let attempt = self.attempt(call, request, resends, end, &mut measured).await;
            let (result, took) = match attempt {
                Ok((result, begun)) => (result, begun.elapsed()),
                Err(error) => {
                    measured.ended(VendorOutcome::NotSent);
                    return Err(error);
                }
            };
            measured.ended(outcome(&result));
            log(request, &result, took);
            if let Some(permit) = permit {
                match breaker_signal(&result, took >= self.limits.attempt_timeout.min(self.limits.call_timeout)) {
                    Some(true) => permit.succeeded(),
                    Some(false) => permit.failed(Instant::now()),
                    None => drop(permit),
                }
            }
            if request.effect() == Effect::Write && was_refused(&result) {
                call.write_rejected();
            }
            let failure = match result {
                Ok(reply) => return Ok(reply),
                Err(failure) => failure,
            };
            let backoff = backoff.get_or_insert_with(|| Box::new(self::backoff()));
            let wait = match (&failure, request.effect()) {
                (Failure::NotSent(_), _) => backoff.next(),
                (Failure::Lost(..) | Failure::TimedOut(_) | Failure::Down(_), Effect::Read) => backoff.next(),
                (Failure::Throttled(_, Some(after)), _) if *after <= LONGEST_RETRY_AFTER => {
                    backoff.next().map(|b| b.max(*after))
                }
                (Failure::Throttled(_, None), Effect::Read) => backoff.next(),
                _ => None,
            };
            match wait {
                Some(wait) if Instant::now() + wait < end.min(caller) => tokio::time::sleep(wait).await,
                _ => return Err(failure.explain(request)),
            }
            self.turn(request, end.min(caller)).await?;
            resends += 1;
        }
    }

    /// Takes the lease for a probe of an open breaker, so that one replica makes it. Each is on its own without their store.
    async fn probe<'a>(&self, request: &Request, permit: Attempt<'a>) -> Result<Attempt<'a>, Error> {
        let Some(replicas) = self.shared.replicas() else { return Ok(permit) };
        match replicas.take(self.shared.breaker().lease(), LEASE).await {
            Ok(false) => Err(breaker_open(request, permit.leave_to_another(Instant::now()))),
            Ok(true) | Err(_) => Ok(permit),
        }
    }

    /// Waits for the account's next turn, if `requests_per_second` is configured.
    async fn turn(&self, request: &Request, deadline: Instant) -> Result<(), Error> {
        let Some(pace) = &self.pace else { return Ok(()) };
        // A request that the breaker would reject after the wait need not wait.
        if let Some(wait) = self.breaker.rejects(Instant::now()).filter(|_| !request.bypasses_breaker()) {
            return Err(breaker_open(request, wait));
        }
        pace.turn(deadline).await.map_err(|wait| {
            let text = "the account's requests_per_second permits no request before the deadline; nothing was sent";
            let error = Error::new(Reason::RateLimited, text).outcome(Outcome::NotSent);
            error.retry_after(Some(wait)).operation(request.operation())
        })
    }

    /// Makes one attempt. Its time starts when it has a connection, or a stream of one, to itself. Returns what came of
    /// it, and when it started.
    ///
    /// # Errors
    /// DEADLINE_EXCEEDED when the caller stopped waiting before a write was sent.
    async fn attempt(
        &self,
        call: &Call,
        request: &Request,
        resends: u32,
        end: Instant,
        measured: &mut metrics::VendorRequest<'_>,
    ) -> Result<(Result<Reply, Failure>, Instant), Error> {
        let begun = Instant::now();
        let Some(mut outgoing) = request.under(&self.base) else {
            return Ok((Err(Failure::Invalid("the request is malformed")), begun));
        };
        let mut span = self.span(call, request, resends, &mut outgoing);
        let (result, begun) = self.exchanges(call, request, &outgoing, end, measured).await?;
        if let Some(span) = &mut span {
            let outcome = outcome(&result);
            span.error = (outcome != VendorOutcome::Ok).then(|| outcome.name());
            span.work = otlp::Work::Request { status: summary(&result).1, resends };
        }
        Ok((result, begun))
    }

    /// Returns the span of an attempt, whose trace goes into the request.
    fn span(
        &self,
        call: &Call,
        request: &Request,
        resends: u32,
        outgoing: &mut Outgoing<'_>,
    ) -> Option<Box<otlp::Span>> {
        let begin = |trace: &Trace| {
            let id = trace.write(&mut outgoing.trace);
            trace.request(id, request.operation(), self.base.uri(), resends)
        };
        let mut span = call.trace().and_then(begin)?;
        span.account = Some(self.metrics.id().to_owned());
        span.error = Some(VendorOutcome::Abandoned.name());
        Some(Box::new(span))
    }

    /// Sends a request and reads the answer. A connection that the vendor closed without having seen the request shows
    /// nothing about the vendor: another one is used at once.
    async fn exchanges(
        &self,
        call: &Call,
        request: &Request,
        outgoing: &Outgoing<'_>,
        end: Instant,
        measured: &mut metrics::VendorRequest<'_>,
    ) -> Result<(Result<Reply, Failure>, Instant), Error> {
        let is_write = request.effect() == Effect::Write;
        let mut repeats = ATTEMPTS;
        loop {
            let waiting = Instant::now();
            let mut lease = match self.clients.lease(request.effect(), end.min(call.deadline())).await {
                Ok(lease) => lease,
                Err(what) => {
                    // That the caller could not wait shows nothing about the vendor.
                    call.check_active().map_err(|e| e.operation(request.operation()))?;
                    return Ok((Err(Failure::NotSent(what)), waiting));
                }
            };
            if is_write {
                call.begin_write(request.operation()).await?;
            }
            let begun = Instant::now();
            measured.restart();
            let end = end.min(begun + self.limits.attempt_timeout);
            let head = match lease.send(outgoing) {
                true => timeout_at(end, lease.head()).await,
                false => Ok(Err(Broken::Again("the vendor closed the connection before the request left"))),
            };
            self.metrics.road.attempt(match &head {
                Ok(Err(broken)) => !broken.was_not_sent(),
                Ok(Ok(_)) => true,
                Err(_) => lease.may_have_left(),
            });
            let broken = match head {
                Ok(Ok(Head { status, .. })) if status.is_redirection() => {
                    let text = "the vendor answered with a redirect, and redirects are not followed";
                    return Ok((Err(Failure::Unreadable(text, status)), begun));
                }
                Ok(Ok(head)) => {
                    let answer = match lease.arrived_body() {
                        // Most bodies come with their heads.
                        Some(body) if body.len() <= LARGE.min(self.limits.max_reply_bytes) => {
                            // The next request need not wait until this answer is understood.
                            drop(lease);
                            self.answer(request, head, body)
                        }
                        // Boxed: a call waits longer for the head of the answer than for its body, and its future should be
                        // small meanwhile.
                        arrived => Box::pin(self.read_answer(call, request, lease, head, arrived, end)).await,
                    };
                    return Ok((answer, begun));
                }
                Err(_) if lease.may_have_left() => {
                    return Ok((Err(Failure::TimedOut("timed out before the answer")), begun));
                }
                Err(_) => Broken::NotSent("timed out before the request left"),
                Ok(Err(broken)) => broken,
            };
            repeats -= 1;
            if repeats == 0 || !matches!(broken, Broken::Again(_)) {
                return Ok((Err(broken.into()), begun));
            }
            if is_write {
                call.write_rejected();
            }
        }
    }

    /// Reads the rest of an answer, unless all of it has arrived.
    async fn read_answer(
        &self,
        call: &Call,
        request: &Request,
        mut lease: Lease,
        head: Head,
        arrived: Option<Bytes>,
        end: Instant,
    ) -> Result<Reply, Failure> {
        let (status, limit) = (head.status, self.limits.max_reply_bytes);
        let body = match arrived {
            Some(body) => Ok(Ok((body.len() <= limit).then_some(body))),
            None => timeout_at(end, self.body(&mut lease, head.length)).await,
        };
        let body = match body {
            Ok(Ok(Some(body))) => body,
            Ok(Ok(None)) => return Err(Failure::Unreadable("the answer is too large", status)),
            Ok(Err(_)) => return Err(Failure::Lost("the connection broke within the answer", Some(status))),
            Err(_) => return Err(Failure::TimedOut("timed out within the answer")),
        };
        drop(lease);
        if body.len() > LARGE {
            call.mark_large_answer().await;
        }
        self.answer(request, head, body)
    }

    /// Understands an answer.
    fn answer(&self, request: &Request, head: Head, body: Bytes) -> Result<Reply, Failure> {
        let Head { status, headers, length: _ } = head;
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

    /// Returns the body, or `None` if it is over the size limit.
    async fn body(&self, lease: &mut Lease, length: Option<u64>) -> Result<Option<Bytes>, Broken> {
        let limit = self.limits.max_reply_bytes;
        if length.is_some_and(|length| length > limit as u64) {
            return Ok(None);
        }
        let Some(first) = lease.chunk().await? else {
            return Ok(Some(Bytes::new()));
        };
        // Most answers are one chunk: those are not copied.
        let Some(second) = lease.chunk().await? else {
            return Ok((first.len() <= limit).then_some(first));
        };
        let mut whole = BytesMut::from(first);
        whole.extend_from_slice(&second);
        while whole.len() <= limit {
            let Some(chunk) = lease.chunk().await? else {
                return Ok(Some(whole.freeze()));
            };
            whole.extend_from_slice(&chunk);
        }
        Ok(None)
    }
}

/// The waits between attempts.
fn backoff() -> ExponentialBackoff {
    let builder = ExponentialBuilder::default().with_min_delay(Duration::from_millis(100));
    builder.with_max_delay(Duration::from_secs(2)).with_max_times(ATTEMPTS - 1).with_jitter().build()
}

/// Parses `Retry-After` in either of its forms (RFC 9110, section 10.2.3).
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

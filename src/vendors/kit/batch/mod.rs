//! Sends to many recipients in several submissions, some of them concurrently, and reports the state of every
//! recipient.

mod parts;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};

use futures::{StreamExt, stream::FuturesUnordered};
use tokio::time::{Duration, Instant, sleep_until};

use self::parts::{Part, split};
use super::client::LONGEST_RETRY_AFTER;
use crate::{
    api::pb::{DeliveryState, Message, Recipient},
    call::Call,
    config::{AccountConfig, Problems},
    error::{Error, Outcome, Reason},
};

/// The wait after a 429 without `Retry-After`.
const PAUSE: Duration = Duration::from_secs(1);

/// Reads `parallel_requests` of an account: the maximum number of requests of one send that are in flight.
pub(in crate::vendors) fn parallel_requests(
    account: &mut AccountConfig,
    default: usize,
    problems: &mut Problems,
) -> usize {
    account.keys.or_above_zero("parallel_requests", default, problems)
}

/// Makes submissions to `size` recipients each, at most `parallel` of them concurrently, and returns their messages in
/// the order of the recipients. The first submission is made alone: the cause of its rejection may apply to all, and a
/// vendor may lock out a client after eight bad logins.
///
/// A 429 halves the number of concurrent submissions, and its submission, of which the vendor accepted nothing, is made
/// again after `Retry-After`. A 429 to a submission that was alone stops the send.
///
/// Which submissions may have been made is recorded before they are, if the call has a record. Of a send that was
/// interrupted, only what provably was not submitted is.
///
/// # Errors
/// If no submission was accepted, the error of the first that failed, or OUTCOME_UNKNOWN if any failed with that: a
/// caller who reads that all were rejected may send again.
pub(in crate::vendors) async fn submit<'a, F>(
    call: &'a Call,
    recipients: &'a [String],
    size: usize,
    parallel: usize,
    submission: impl Fn(&'a [String]) -> F,
) -> Result<Vec<Message>, Error>
where
    F: Future<Output = Result<Vec<Message>, Error>>,
{
    let mut limit = Limit::new(parallel);
    let mut parts = split(call, recipients, size.max(1), parallel);
    let mut again = VecDeque::new();
    let mut running = FuturesUnordered::new();
    let mut sent = Sent::default();
    parts.earlier().for_each(|(place, recipient)| sent.earlier(place, recipient));
    let mut resume = None;
    let mut slowest = None;
    // Why no further submission is made.
    let mut stopped_by: Option<Error> = None;
    loop {
        let paused = resume.filter(|&at| stopped_by.is_none() && Instant::now() < at);
        while paused.is_none()
            && running.len() < limit.now
            && let Some(part) = again.pop_front().or_else(|| parts.next())
        {
            let begin = Instant::now();
            // A submission that outlasts the call would have no caller to report its result to.
            if stopped_by.is_none() && slowest.is_some_and(|slowest| begin + slowest > call.deadline()) {
                let text = "too little time left before the deadline";
                stopped_by = Some(Error::new(Reason::DeadlineExceeded, text).outcome(Outcome::NotSent));
            }
            if let Some(error) = &stopped_by {
                sent.failed(part, error.clone(), false);
                parts.not_sent(part);
                continue;
            }
            let (recorded, submission, round) = (parts.record(part), submission(part.to), limit.round);
            running.push(async move {
                let recorded = match recorded {
                    Some(recorded) => recorded.await,
                    None => Ok(()),
                };
                let begin = Instant::now();
                let result = match recorded {
                    Ok(()) => submission.await,
                    Err(error) => Err(error),
                };
                (part, round, result, begin.elapsed())
            });
        }
        let next = match paused {
            Some(end) => tokio::select! {
                Some(next) = running.next() => Some(next),
                () = sleep_until(end) => continue,
            },
            None => running.next().await,
        };
        let Some((part, round, result, took)) = next else { break };
        slowest = slowest.max(Some(took));
        match result {
            Ok(messages) => {
                parts.ended(part, &messages, None);
                sent.taken(part.place, messages);
                limit.taken();
            }
            Err(error) => {
                let wait = throttled(&error).map(|wait| Instant::now() + wait);
                if let Some(end) = wait.filter(|&end| stopped_by.is_none() && end + took < call.deadline())
                    && limit.lower(round)
                {
                    resume = resume.max(Some(end));
                    again.push_back(part);
                    continue;
                }
                // Other errors, such as a bad credential or a vendor that is down, would repeat for the other recipients.
                if !error.is_recipient_only() {
                    stopped_by.get_or_insert_with(|| error.clone());
                }
                let was_sent = !error.was_not_sent();
                let messages = sent.failed(part, error.clone(), true);
                if was_sent { parts.ended(part, messages, Some(&error)) } else { parts.not_sent(part) }
            }
        }
        limit.open();
    }
    sent.finish()
}

/// Makes one submission for each recipient.
///
/// # Errors
/// As [`submit`].
pub(in crate::vendors) async fn submit_each<'a, F>(
    call: &'a Call,
    recipients: &'a [String],
    parallel: usize,
    submission: impl Fn(&'a str) -> F,
) -> Result<Vec<Message>, Error>
where
    F: Future<Output = Result<Vec<Message>, Error>>,
{
    submit(call, recipients, 1, parallel, |to| submission(&to[0])).await
}

/// The number of submissions that may be in flight.
struct Limit {
    now: usize,
    max: usize,
    /// How often the limit was lowered.
    round: usize,
    /// The accepted submissions since the limit changed.
    taken: usize,
}

impl Limit {
    /// Permits one submission, until [`Limit::open`].
    fn new(max: usize) -> Self {
        Self { now: 1, max, round: 0, taken: 0 }
    }

    /// Permits all, unless the limit was lowered.
    fn open(&mut self) {
        if self.round == 0 {
            self.now = self.max;
        }
    }

    /// Raises a lowered limit by one when as many submissions as it permits were accepted.
    fn taken(&mut self) {
        self.taken += 1;
        if self.round > 0 && self.taken >= self.now && self.now < self.max {
            self.now += 1;
            self.taken = 0;
        }
    }

    /// Halves the limit because of a 429 to a submission of `round`: once for all that were in flight together. Returns
    /// false if that submission was alone.
    fn lower(&mut self, round: usize) -> bool {
        if round < self.round {
            return true;
        }
        if self.now == 1 {
            return false;
        }
        (self.now, self.round, self.taken) = (self.now / 2, self.round + 1, 0);
        true
    }
}

/// Returns how long to wait after a 429 that a later submission need not meet. A lock-out lasts longer.
fn throttled(error: &Error) -> Option<Duration> {
    let wait = error.retry_delay().unwrap_or(PAUSE);
    let is_429 = error.reason() == Reason::RateLimited && error.status() == Some(429) && error.was_refused();
    (is_429 && wait <= LONGEST_RETRY_AFTER).then_some(wait)
}

/// What came of the submissions so far.
#[derive(Default)]
struct Sent {
    /// The messages of each submission, by the place of its first recipient in the send.
    messages: BTreeMap<usize, Vec<Message>>,
    /// Whether any was accepted.
    any: bool,
    /// The error of the call if none is, and its submission's place.
    worst: Option<(usize, Error)>,
}

impl Sent {
    fn taken(&mut self, place: usize, messages: Vec<Message>) {
        self.any = true;
        self.messages.insert(place, messages);
    }

    /// Records a failure, which is another submission's if this one was not made.
    fn failed(&mut self, part: Part<'_>, error: Error, submitted: bool) -> &[Message] {
        let Part { place, to } = part;
        let message = message(to, &error, submitted);
        self.worse(place, error);
        self.messages.entry(place).insert_entry(vec![message]).into_mut()
    }

    fn worse(&mut self, place: usize, error: Error) {
        let rank = |place: usize, error: &Error| (!is_unknown(error), place);
        if self.worst.as_ref().is_none_or(|(at, worst)| rank(place, &error) < rank(*at, worst)) {
            self.worst = Some((place, error));
        }
    }

    /// Records what became of a recipient in an earlier attempt.
    fn earlier(&mut self, place: usize, recipient: Recipient) {
        let text = match recipient.state() {
            DeliveryState::Unknown => Some((Reason::OutcomeUnknown, "an earlier attempt was interrupted")),
            DeliveryState::Rejected => Some((Reason::VendorRefused, "an earlier attempt was rejected")),
            _ => None,
        };
        match text {
            Some((Reason::OutcomeUnknown, text)) => {
                self.worse(place, Error::new(Reason::OutcomeUnknown, text).outcome(Outcome::Unknown));
            }
            Some((reason, text)) => self.worse(place, Error::new(reason, text).outcome(Outcome::Refused)),
            None => self.any = true,
        }
        let message = Message { recipients: vec![recipient], recipient_count: Some(1), ..Message::default() };
        self.messages.insert(place, vec![message]);
    }

    fn finish(self) -> Result<Vec<Message>, Error> {
        match self.worst {
            Some((_, error)) if !self.any => Err(error),
            _ => Ok(self.messages.into_values().flatten().collect()),
        }
    }
}

fn is_unknown(error: &Error) -> bool {
    error.reason() == Reason::OutcomeUnknown
}

/// The message of recipients whose submission failed, or was not made because another failed.
fn message(to: &[String], error: &Error, submitted: bool) -> Message {
    let (code, text) = error.explanation();
    if !submitted || error.was_not_sent() {
        // The text of an unknown outcome would be read as the outcome of these recipients.
        let text = if is_unknown(error) { "the outcome of another part of the send is unknown" } else { text };
        return failed(to, DeliveryState::Rejected, "", &format!("not sent: {text}"));
    }
    let state = if is_unknown(error) { DeliveryState::Unknown } else { DeliveryState::Rejected };
    match error.status() {
        // Not the bare number, which may also be one of the vendor's codes for messages.
        Some(status) if code.is_empty() && !is_unknown(error) => failed(to, state, &format!("HTTP {status}"), text),
        _ => failed(to, state, code, text),
    }
}

/// The message, without a name, of recipients whom no submission reached.
pub(in crate::vendors) fn failed(to: &[String], state: DeliveryState, code: &str, text: &str) -> Message {
    let recipient = |to: &String| Recipient {
        to: to.clone(),
        state: state.into(),
        vendor_code: code.to_owned(),
        vendor_text: text.to_owned(),
        ..Recipient::default()
    };
    let recipient_count = i32::try_from(to.len()).ok();
    Message { recipients: to.iter().map(recipient).collect(), recipient_count, ..Message::default() }
}

//! Sends to many recipients in several submissions, some of them concurrently, and reports the state of every
//! recipient.

use std::collections::VecDeque;

use futures::{StreamExt, stream::FuturesUnordered};
use tokio::time::{Duration, Instant, sleep_until};

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
/// # Errors
/// If no submission was accepted, the error of the first that failed, or OUTCOME_UNKNOWN if any failed with that: a
/// caller who reads that all were rejected may send again.
pub(in crate::vendors) async fn submit<'a, F>(
    call: &Call,
    recipients: &'a [String],
    size: usize,
    parallel: usize,
    submission: impl Fn(&'a [String]) -> F,
) -> Result<Vec<Message>, Error>
where
    F: Future<Output = Result<Vec<Message>, Error>>,
{
    let mut limit = Limit::new(parallel);
    let mut parts = recipients.chunks(size.max(1)).enumerate();
    let mut again = VecDeque::new();
    let mut running = FuturesUnordered::new();
    let mut sent = Sent::default();
    let mut resume = None;
    let mut slowest = None;
    // Why no further submission is made.
    let mut stopped_by: Option<Error> = None;
    loop {
        let paused = resume.filter(|&at| stopped_by.is_none() && Instant::now() < at);
        while paused.is_none()
            && running.len() < limit.now
            && let Some((place, to)) = again.pop_front().or_else(|| parts.next())
        {
            let begin = Instant::now();
            // A submission that outlasts the call would have no caller to report its result to.
            if stopped_by.is_none() && slowest.is_some_and(|slowest| begin + slowest > call.deadline()) {
                let text = "too little time left before the deadline";
                stopped_by = Some(Error::new(Reason::DeadlineExceeded, text).outcome(Outcome::NotSent));
            }
            if let Some(error) = &stopped_by {
                sent.failed(place, to, error.clone(), false);
                continue;
            }
            let (submission, round) = (submission(to), limit.round);
            running.push(async move { (place, to, round, submission.await, begin.elapsed()) });
        }
        let next = match paused {
            Some(end) => tokio::select! {
                Some(next) = running.next() => Some(next),
                () = sleep_until(end) => continue,
            },
            None => running.next().await,
        };
        let Some((place, to, round, result, took)) = next else { break };
        slowest = slowest.max(Some(took));
        match result {
            Ok(messages) => {
                sent.taken(place, messages);
                limit.taken();
            }
            Err(error) => {
                let wait = throttled(&error).map(|wait| Instant::now() + wait);
                if let Some(end) = wait.filter(|&end| stopped_by.is_none() && end + took < call.deadline())
                    && limit.lower(round)
                {
                    resume = resume.max(Some(end));
                    again.push_back((place, to));
                    continue;
                }
                // Other errors, such as a bad credential or a vendor that is down, would repeat for the other recipients.
                if !error.is_recipient_only() {
                    stopped_by.get_or_insert_with(|| error.clone());
                }
                sent.failed(place, to, error, true);
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
    call: &Call,
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
    let wait = error.retry_wait().unwrap_or(PAUSE);
    let is_429 = error.reason() == Reason::RateLimited && error.status() == Some(429) && error.was_refused();
    (is_429 && wait <= LONGEST_RETRY_AFTER).then_some(wait)
}

/// What came of the submissions so far.
#[derive(Default)]
struct Sent {
    /// The messages of each submission, by its place in the send.
    messages: Vec<Vec<Message>>,
    /// Whether any was accepted.
    any: bool,
    /// The error of the call if none is, and its submission's place.
    worst: Option<(usize, Error)>,
}

impl Sent {
    fn taken(&mut self, place: usize, messages: Vec<Message>) {
        self.any = true;
        self.put(place, messages);
    }

    /// Records a failure, which is another submission's if this one was not made.
    fn failed(&mut self, place: usize, to: &[String], error: Error, submitted: bool) {
        self.put(place, vec![message(to, &error, submitted)]);
        let rank = |place: usize, error: &Error| (!is_unknown(error), place);
        if self.worst.as_ref().is_none_or(|(at, worst)| rank(place, &error) < rank(*at, worst)) {
            self.worst = Some((place, error));
        }
    }

    fn put(&mut self, place: usize, messages: Vec<Message>) {
        if self.messages.len() <= place {
            self.messages.resize_with(place + 1, Vec::new);
        }
        self.messages[place] = messages;
    }

    fn finish(self) -> Result<Vec<Message>, Error> {
        match self.worst {
            Some((_, error)) if !self.any => Err(error),
            _ => Ok(self.messages.into_iter().flatten().collect()),
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

#[cfg(test)]
mod tests {
    use std::sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    };

    use tokio::sync::{Barrier, Notify};

    use super::*;

    type Submitted = Result<Vec<Message>, Error>;

    fn error(reason: Reason) -> Error {
        Error::new(reason, "no").vendor_code("7").vendor_message("No!")
    }

    fn numbers(count: usize) -> Vec<String> {
        (0..count).map(|i| format!("+4912{i}")).collect()
    }

    fn taken(name: &str) -> Submitted {
        Ok(vec![Message { name: name.to_owned(), ..Message::default() }])
    }

    /// The index of a recipient that [`numbers`] made.
    fn place(to: &[String]) -> usize {
        to[0]["+4912".len()..].parse().expect("a place")
    }

    /// Sends to one number for each of these results, and returns the number of submissions made.
    async fn send(results: &[Submitted], parallel: usize) -> (Submitted, usize) {
        send_for(&Call::background(), results, parallel).await
    }

    async fn send_for(call: &Call, results: &[Submitted], parallel: usize) -> (Submitted, usize) {
        let made = &AtomicUsize::new(0);
        let submission = |to: &[String]| {
            let result = results[place(to)].clone();
            async move {
                made.fetch_add(1, Ordering::Relaxed);
                result
            }
        };
        let sent = submit(call, &numbers(results.len()), 1, parallel, submission).await;
        (sent, made.load(Ordering::Relaxed))
    }

    fn outcomes(messages: &[Message]) -> Vec<(&str, DeliveryState, &str, &str)> {
        messages
            .iter()
            .map(|m| match m.recipients.first() {
                Some(r) => (m.name.as_str(), r.state(), r.vendor_code.as_str(), r.vendor_text.as_str()),
                None => (m.name.as_str(), DeliveryState::Unspecified, "", ""),
            })
            .collect()
    }

    const NOT_SENT: (&str, DeliveryState, &str, &str) = ("", DeliveryState::Rejected, "", "not sent: No!");
    const NOT_SENT_FOR_THE_UNKNOWN: (&str, DeliveryState, &str, &str) =
        ("", DeliveryState::Rejected, "", "not sent: the outcome of another part of the send is unknown");

    fn took(name: &str) -> (&str, DeliveryState, &str, &str) {
        (name, DeliveryState::Unspecified, "", "")
    }

    /// Sends to three recipients: the second fails with `error` after the third was accepted.
    async fn second_fails(error: Error) -> Vec<Message> {
        let (third, error) = (&Notify::new(), &error);
        let submission = |to: &[String]| {
            let i = place(to);
            async move {
                match i {
                    1 => third.notified().await,
                    2 => third.notify_one(),
                    _ => {}
                }
                if i == 1 { Err(error.clone()) } else { taken(&i.to_string()) }
            }
        };
        submit(&Call::background(), &numbers(3), 1, 8, submission).await.expect("two were taken")
    }

    #[tokio::test]
    async fn every_recipient_s_outcome_is_returned_in_the_order_of_the_request() {
        let no = |reason| Error::new(reason, "no").vendor_message("No!");
        for (error, state, code) in [
            (no(Reason::VendorRefused).http_status(422), DeliveryState::Rejected, "HTTP 422"),
            (no(Reason::VendorRefused).http_status(422).vendor_code("7"), DeliveryState::Rejected, "7"),
            (no(Reason::OutcomeUnknown), DeliveryState::Unknown, ""),
        ] {
            let messages = second_fails(error).await;
            assert_eq!(outcomes(&messages), [took("0"), ("", state, code, "No!"), took("2")]);
            assert_eq!((messages[1].recipients.len(), messages[1].recipients[0].to.as_str()), (1, "+49121"));
        }
    }

    #[tokio::test]
    async fn at_most_the_limit_is_in_flight_and_the_first_is_alone() {
        for parallel in [1, 8] {
            let (now, most, all) = (&AtomicUsize::new(0), &AtomicUsize::new(0), &Barrier::new(parallel));
            let submission = |to: &[String]| {
                let i = place(to);
                async move {
                    let others = now.fetch_add(1, Ordering::Relaxed);
                    most.fetch_max(others + 1, Ordering::Relaxed);
                    // The first is alone. With fewer concurrent submissions the test would wait here forever.
                    if i > 0 {
                        all.wait().await;
                    }
                    now.fetch_sub(1, Ordering::Relaxed);
                    taken(&i.to_string())
                }
            };
            assert_eq!(
                submit(&Call::background(), &numbers(17), 1, parallel, submission).await.expect("all").len(),
                17
            );
            assert_eq!(most.load(Ordering::Relaxed), parallel);
        }
    }

    #[tokio::test]
    async fn a_submission_has_at_most_size_recipients_which_share_its_failure() {
        let submission = |to: &[String]| {
            let result = if place(to) == 2 { Err(error(Reason::VendorRefused)) } else { taken(&to.join(" ")) };
            async move { result }
        };
        let messages = submit(&Call::background(), &numbers(5), 2, 1, submission).await.expect("some");
        let refused = ("", DeliveryState::Rejected, "7", "No!");
        assert_eq!(outcomes(&messages), [took("+49120 +49121"), refused, took("+49124")]);
        let refused: Vec<_> = messages[1].recipients.iter().map(|recipient| recipient.to.as_str()).collect();
        assert_eq!((refused, messages[1].recipient_count), (vec!["+49122", "+49123"], Some(2)));
    }

    #[tokio::test]
    async fn a_rejected_recipient_does_not_stop_the_others() {
        for reason in [Reason::VendorRefused, Reason::ResourceNotFound] {
            for parallel in [1, 8] {
                let (messages, made) = send(&[Err(error(reason)), taken("a"), taken("b")], parallel).await;
                let rejected = ("", DeliveryState::Rejected, "7", "No!");
                let messages = messages.expect("some");
                assert_eq!((outcomes(&messages), made), (vec![rejected, took("a"), took("b")], 3), "{reason:?}");
            }
        }
    }

    #[tokio::test]
    async fn an_error_that_concerns_all_recipients_stops_the_send() {
        for (reason, state) in [
            (Reason::NoCredit, DeliveryState::Rejected),
            (Reason::RateLimited, DeliveryState::Rejected),
            (Reason::AccountCredentialRefused, DeliveryState::Rejected),
            (Reason::VendorDenied, DeliveryState::Rejected),
            (Reason::VendorUnavailable, DeliveryState::Rejected),
            (Reason::OutcomeUnknown, DeliveryState::Unknown),
        ] {
            let (messages, made) = send(&[taken("a"), Err(error(reason)), taken("c")], 1).await;
            let messages = messages.expect("one was taken");
            let not_sent = if state == DeliveryState::Unknown { NOT_SENT_FOR_THE_UNKNOWN } else { NOT_SENT };
            let expected = (vec![took("a"), ("", state, "7", "No!"), not_sent], 2);
            assert_eq!((outcomes(&messages), made), expected, "{reason:?}");
            assert_eq!(messages[2].recipients[0].to, "+49122");

            let (result, made) = send(&vec![Err(error(reason)); 20], 8).await;
            assert_eq!((result.expect_err("none was taken").reason(), made), (reason, 1));
        }
        let mut results: Vec<_> = (0..20).map(|i| taken(&i.to_string())).collect();
        results[9..].fill(Err(error(Reason::NoCredit)));
        let messages = send(&results, 8).await.0.expect("nine were taken");
        assert_eq!(outcomes(&messages)[19], NOT_SENT);
    }

    #[tokio::test]
    async fn when_all_submissions_fail_the_call_fails_with_the_worst_error() {
        use Reason::{NoCredit, OutcomeUnknown, VendorDenied, VendorRefused};
        for (reasons, worst) in [
            ([VendorRefused, NoCredit, VendorRefused], VendorRefused),
            ([VendorRefused, VendorDenied, VendorRefused], VendorRefused),
            ([VendorRefused, OutcomeUnknown, VendorRefused], OutcomeUnknown),
        ] {
            for parallel in [1, 8] {
                let (result, _) = send(&reasons.map(|reason| Err(error(reason))), parallel).await;
                assert_eq!(result.expect_err("none").reason(), worst);
            }
        }
        let lost = [Err(error(VendorRefused)), Err(error(OutcomeUnknown)), taken("never")];
        assert_eq!(send(&lost, 1).await.0.expect_err("one was lost").reason(), OutcomeUnknown);
    }

    #[tokio::test]
    async fn no_submission_begins_that_would_outlast_the_deadline() {
        for parallel in [1, 8] {
            let results = [taken("a"), taken("b"), taken("c")];
            let (messages, made) = send_for(&Call::until(Instant::now()), &results, parallel).await;
            let text = "not sent: too little time left before the deadline";
            let late = ("", DeliveryState::Rejected, "", text);
            assert_eq!((outcomes(&messages.expect("one was taken")), made), (vec![took("a"), late, late], 1));
        }
    }

    fn too_many(retry_after: Option<Duration>) -> Error {
        let error = error(Reason::RateLimited).outcome(Outcome::Refused).http_status(429);
        error.retry_after(retry_after)
    }

    /// The eight submissions after the first all get a 429, when all are in flight. Returns the messages, the number of
    /// submissions of each recipient, and the most in flight after the 429.
    async fn throttled_once(wait: Duration) -> (Vec<Message>, Vec<usize>, usize) {
        const SENDS: usize = 17;
        let made = &Mutex::new(vec![0; SENDS]);
        let (now, most, all) = (&AtomicUsize::new(0), &AtomicUsize::new(0), &Barrier::new(8));
        let submission = |to: &[String]| {
            let i = place(to);
            async move {
                let attempt = {
                    let mut made = made.lock().expect("a lock");
                    made[i] += 1;
                    made[i]
                };
                if (1..9).contains(&i) && attempt == 1 {
                    all.wait().await;
                    return Err(too_many(Some(wait)));
                }
                let others = now.fetch_add(1, Ordering::Relaxed);
                most.fetch_max(others + 1, Ordering::Relaxed);
                // Lets the others begin.
                tokio::task::yield_now().await;
                now.fetch_sub(1, Ordering::Relaxed);
                taken(&i.to_string())
            }
        };
        let sent = submit(&Call::background(), &numbers(SENDS), 1, 8, submission).await.expect("all");
        (sent, made.lock().expect("a lock").clone(), most.load(Ordering::Relaxed))
    }

    #[tokio::test]
    async fn a_429_halves_the_concurrency_and_its_submission_is_made_again_after_the_wait() {
        let (begin, wait) = (Instant::now(), Duration::from_millis(50));
        let (sent, made, most) = throttled_once(wait).await;
        assert!(begin.elapsed() >= wait);
        assert_eq!(
            sent.iter().map(|m| m.name.clone()).collect::<Vec<_>>(),
            (0..17).map(|i| i.to_string()).collect::<Vec<_>>()
        );
        assert_eq!((made[0], &made[1..9], &made[9..]), (1, [2; 8].as_slice(), [1; 8].as_slice()));
        // Four, and one more for as many accepted.
        assert!((2..=6).contains(&most), "{most}");
    }

    #[tokio::test]
    async fn a_429_stops_a_send_whose_submission_was_alone_or_whose_wait_is_too_long() {
        let stops = [
            (1, Call::background(), None),
            (8, Call::background(), Some(LONGEST_RETRY_AFTER + Duration::from_millis(1))),
            (8, Call::until(Instant::now() + Duration::from_secs(3600)), Some(Duration::from_secs(3600))),
        ];
        for (parallel, call, wait) in stops {
            let (messages, made) = send_for(&call, &[taken("a"), Err(too_many(wait)), taken("c")], parallel).await;
            let messages = messages.expect("one was taken");
            assert_eq!(outcomes(&messages)[..2], [took("a"), ("", DeliveryState::Rejected, "7", "No!")]);
            assert_eq!(made, if parallel == 1 { 2 } else { 3 });
            let (result, made) = send_for(&call, &vec![Err(too_many(wait)); 20], parallel).await;
            assert_eq!((result.expect_err("none was taken").reason(), made), (Reason::RateLimited, 1));
        }
    }

    #[test]
    fn the_limit_halves_once_for_a_round_and_grows_by_one() {
        let mut limit = Limit::new(8);
        assert!(!limit.lower(0), "the first is alone");
        limit.open();
        assert_eq!((0..8).map(|_| limit.lower(0)).collect::<Vec<_>>(), [true; 8]);
        let mut limits = vec![limit.now];
        for _ in 0..4 + 5 {
            limit.taken();
            limit.open();
            limits.push(limit.now);
        }
        assert_eq!(limits, [4, 4, 4, 4, 5, 5, 5, 5, 5, 6]);
        assert_eq!([1, 2, 3].map(|round| (limit.lower(round), limit.now)), [(true, 3), (true, 1), (false, 1)]);
    }
}

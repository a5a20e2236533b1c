//! Sends to many recipients in several submissions, some of them concurrently, and reports the state of every
//! recipient.

use std::sync::{Mutex, PoisonError};

use futures::{StreamExt, stream::FuturesOrdered};
use tokio::time::{Duration, Instant};

use crate::{
    api::pb::{DeliveryState, Message, Recipient},
    call::Call,
    error::{Error, Outcome, Reason},
};

/// Makes submissions to `size` recipients each, at most `at_once` of them concurrently, and returns their messages in
/// the order of the recipients. The first submission is made alone: the cause of its rejection may apply to all, and a
/// vendor may lock out a client after eight bad logins.
///
/// # Errors
/// If no submission was accepted, the error of the first that failed, or OUTCOME_UNKNOWN if any failed with that: a
/// caller who reads that all were rejected may send again.
pub(in crate::vendors) async fn submit<'a, F>(
    call: &Call,
    recipients: &'a [String],
    size: usize,
    at_once: usize,
    submission: impl Fn(&'a [String]) -> F,
) -> Result<Vec<Message>, Error>
where
    F: Future<Output = Result<Vec<Message>, Error>>,
{
    let sending = Mutex::new(Sending::default());
    let mut parts = recipients.chunks(size.max(1));
    let mut running = FuturesOrdered::new();
    let mut limit = 1;
    let mut messages = Vec::with_capacity(recipients.len());
    let mut taken = false;
    let mut failed: Option<Error> = None;
    loop {
        while running.len() < limit
            && let Some(to) = parts.next()
        {
            running.push_back(one(call, &sending, to, submission(to)));
        }
        let Some(result) = running.next().await else { break };
        limit = at_once;
        match result {
            Ok(part) => {
                taken = true;
                messages.extend(part);
            }
            Err(Failure { to, error, submitted }) => {
                messages.push(message(to, &error, submitted));
                if failed.as_ref().is_none_or(|first| is_unknown(&error) && !is_unknown(first)) {
                    failed = Some(error);
                }
            }
        }
    }
    match failed {
        Some(error) if !taken => Err(error),
        _ => Ok(messages),
    }
}

/// Makes one submission for each recipient.
///
/// # Errors
/// As [`submit`].
pub(in crate::vendors) async fn submit_each<'a, F>(
    call: &Call,
    recipients: &'a [String],
    at_once: usize,
    submission: impl Fn(&'a str) -> F,
) -> Result<Vec<Message>, Error>
where
    F: Future<Output = Result<Vec<Message>, Error>>,
{
    submit(call, recipients, 1, at_once, |to| submission(&to[0])).await
}

/// The state that the submissions of one send share.
#[derive(Default)]
struct Sending {
    /// Why no further submission is made.
    stopped_by: Option<Error>,
    /// The longest duration of a submission so far.
    slowest: Option<Duration>,
}

/// Why recipients have no message at the vendor.
struct Failure<'a> {
    to: &'a [String],
    error: Error,
    /// Whether this submission was made; otherwise the error is another submission's.
    submitted: bool,
}

/// Makes one submission, unless an earlier failure applies to it too.
async fn one<'a>(
    call: &Call,
    sending: &Mutex<Sending>,
    to: &'a [String],
    submission: impl Future<Output = Result<Vec<Message>, Error>>,
) -> Result<Vec<Message>, Failure<'a>> {
    let lock = || sending.lock().unwrap_or_else(PoisonError::into_inner);
    let begin = Instant::now();
    let stopped_by = {
        let mut sending = lock();
        // A submission that outlasts the call would have no caller to report its result to.
        if sending.slowest.is_some_and(|slowest| begin + slowest > call.deadline()) {
            let text = "too little time left before the deadline";
            sending
                .stopped_by
                .get_or_insert_with(|| Error::new(Reason::DeadlineExceeded, text).outcome(Outcome::NotSent));
        }
        sending.stopped_by.clone()
    };
    if let Some(error) = stopped_by {
        return Err(Failure { to, error, submitted: false });
    }
    let result = submission.await;
    let mut sending = lock();
    sending.slowest = sending.slowest.max(Some(begin.elapsed()));
    result.map_err(|error| {
        // Other errors, such as a bad credential or a vendor that is down, would repeat for the other recipients.
        if !error.is_recipient_only() {
            sending.stopped_by.get_or_insert_with(|| error.clone());
        }
        Failure { to, error, submitted: true }
    })
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
        delivery_time: None,
    };
    let recipient_count = i32::try_from(to.len()).ok();
    Message { recipients: to.iter().map(recipient).collect(), recipient_count, ..Message::default() }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

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
    async fn send(results: &[Submitted], at_once: usize) -> (Submitted, usize) {
        send_for(&Call::background(), results, at_once).await
    }

    async fn send_for(call: &Call, results: &[Submitted], at_once: usize) -> (Submitted, usize) {
        let made = &AtomicUsize::new(0);
        let submission = |to: &[String]| {
            let result = results[place(to)].clone();
            async move {
                made.fetch_add(1, Ordering::Relaxed);
                result
            }
        };
        let sent = submit(call, &numbers(results.len()), 1, at_once, submission).await;
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
        for at_once in [1, 8] {
            let (now, most, all) = (&AtomicUsize::new(0), &AtomicUsize::new(0), &Barrier::new(at_once));
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
            assert_eq!(submit(&Call::background(), &numbers(17), 1, at_once, submission).await.expect("all").len(), 17);
            assert_eq!(most.load(Ordering::Relaxed), at_once);
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
            for at_once in [1, 8] {
                let (messages, made) = send(&[Err(error(reason)), taken("a"), taken("b")], at_once).await;
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
            for at_once in [1, 8] {
                let (result, _) = send(&reasons.map(|reason| Err(error(reason))), at_once).await;
                assert_eq!(result.expect_err("none").reason(), worst);
            }
        }
        let lost = [Err(error(VendorRefused)), Err(error(OutcomeUnknown)), taken("never")];
        assert_eq!(send(&lost, 1).await.0.expect_err("one was lost").reason(), OutcomeUnknown);
    }

    #[tokio::test]
    async fn no_submission_begins_that_would_outlast_the_deadline() {
        for at_once in [1, 8] {
            let results = [taken("a"), taken("b"), taken("c")];
            let (messages, made) = send_for(&Call::until(Instant::now()), &results, at_once).await;
            let text = "not sent: too little time left before the deadline";
            let late = ("", DeliveryState::Rejected, "", text);
            assert_eq!((outcomes(&messages.expect("one was taken")), made), (vec![took("a"), late, late], 1));
        }
    }
}

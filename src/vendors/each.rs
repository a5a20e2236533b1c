//! A send at a vendor that takes one recipient in a request: so many requests, some of them at a time, and every
//! recipient's fate is told.

use std::sync::{Mutex, PoisonError};

use futures::{StreamExt, stream};
use tokio::time::{Duration, Instant};

use crate::{
    context,
    error::{Error, Outcome, Reason},
    pb::{DeliveryState, Message, Recipient},
};

/// How many requests of one send are on their way at a time.
const AT_ONCE: usize = 8;

/// What the requests of one send know of each other.
#[derive(Default)]
struct Sending {
    /// Why no more is sent.
    end: Option<Error>,
    /// The longest that one took, if one has ended.
    slowest: Option<Duration>,
}

/// Why one recipient has no message.
struct Failure {
    error: Error,
    /// Whether the vendor was asked; else it is what another met.
    asked: bool,
}

/// Makes one submission for each of `recipients`, and gives their messages in the same order. The first goes alone: what
/// it is refused for may meet them all, and a vendor may lock out who comes eight times with a bad login.
///
/// # Errors
/// What the submissions failed with, when all did: OUTCOME_UNKNOWN when that is so of one of them, for a caller who reads
/// that all were refused may send again; else the first.
pub(super) async fn each<F>(
    recipients: &[String],
    submissions: impl IntoIterator<Item = F>,
) -> Result<Vec<Message>, Error>
where
    F: Future<Output = Result<Message, Error>>,
{
    let sending = Mutex::new(Sending::default());
    let mut submissions = submissions.into_iter().map(|submission| one(&sending, submission)).collect::<Vec<_>>();
    let rest = submissions.split_off(submissions.len().min(1));
    let mut results = Vec::with_capacity(recipients.len());
    for (submissions, at_once) in [(submissions, 1), (rest, AT_ONCE)] {
        results.extend(stream::iter(submissions).buffered(at_once).collect::<Vec<_>>().await);
    }

    if !results.iter().any(Result::is_ok) {
        let mut errors = results.into_iter().filter_map(Result::err).map(|Failure { error, .. }| error);
        let first = errors.next().unwrap_or_else(|| Error::internal("there was nobody to send to"));
        let unknown = |error: &Error| error.reason() == Reason::OutcomeUnknown;
        return Err(if unknown(&first) { first } else { errors.find(unknown).unwrap_or(first) });
    }
    let messages = recipients.iter().zip(results).map(|(to, result)| result.unwrap_or_else(|e| e.into_message(to)));
    Ok(messages.collect())
}

/// Makes one submission, unless another has shown that it is of no use.
async fn one(
    sending: &Mutex<Sending>,
    submission: impl Future<Output = Result<Message, Error>>,
) -> Result<Message, Failure> {
    let lock = || sending.lock().unwrap_or_else(PoisonError::into_inner);
    let begin = Instant::now();
    let end = {
        let mut sending = lock();
        // What is not answered before the caller has gone would be told to nobody.
        if sending.slowest.is_some_and(|slowest| begin + slowest > context::deadline()) {
            let text = "there was no time left to wait for an answer";
            sending.end.get_or_insert_with(|| Error::new(Reason::DeadlineExceeded, text).outcome(Outcome::NotSent));
        }
        sending.end.clone()
    };
    if let Some(end) = end {
        return Err(Failure { error: end, asked: false });
    }
    let result = submission.await;
    let mut sending = lock();
    sending.slowest = sending.slowest.max(Some(begin.elapsed()));
    result.map_err(|error| {
        // This alone is about one recipient. All else, a credential or a vendor that is down, would meet the others too.
        if error.reason() != Reason::VendorRefused {
            sending.end.get_or_insert_with(|| error.clone());
        }
        Failure { error, asked: true }
    })
}

impl Failure {
    /// The message of a recipient whom no submission reached for sure: it has no name.
    fn into_message(self, to: &str) -> Message {
        let Self { error, asked } = self;
        let unknown = asked && error.reason() == Reason::OutcomeUnknown;
        let state = if unknown { DeliveryState::Unknown } else { DeliveryState::Rejected };
        let (code, text) = error.explanation();
        let (vendor_code, vendor_text) = match error.status() {
            _ if !asked => (String::new(), format!("not sent: {text}")),
            // Not the bare number: a vendor's codes for messages may have the same.
            Some(status) if code.is_empty() => (format!("HTTP {status}"), text.to_owned()),
            _ => (code.to_owned(), text.to_owned()),
        };
        let (to, state) = (to.to_owned(), state.into());
        let recipient = Recipient { to, state, vendor_code, vendor_text, delivery_time: None };
        Message { recipients: vec![recipient], ..Message::default() }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::sync::{Barrier, Notify};

    use super::*;

    fn error(reason: Reason) -> Error {
        Error::new(reason, "no").vendor_message("No!")
    }

    fn numbers(count: usize) -> Vec<String> {
        (0..count).map(|i| format!("+4912{i}")).collect()
    }

    fn taken(i: usize) -> Message {
        Message { name: i.to_string(), ..Message::default() }
    }

    /// Sends to three: the second fails like this, when the third has been taken long since.
    async fn second_fails(error: Error) -> Vec<Message> {
        let third = &Notify::new();
        let submit = |i: usize, error: Option<Error>| async move {
            match i {
                1 => third.notified().await,
                2 => third.notify_one(),
                _ => {}
            }
            error.map_or(Ok(taken(i)), Err)
        };
        let submissions = [submit(0, None), submit(1, Some(error)), submit(2, None)];
        each(&numbers(3), submissions).await.expect("two were taken")
    }

    #[tokio::test]
    async fn every_recipient_s_own_fate_is_told_in_the_order_of_the_request() {
        for (error, state, code) in [
            (error(Reason::VendorRefused).http_status(422), DeliveryState::Rejected, "HTTP 422"),
            (error(Reason::VendorRefused).http_status(422).vendor_code("7"), DeliveryState::Rejected, "7"),
            (error(Reason::OutcomeUnknown), DeliveryState::Unknown, ""),
        ] {
            let messages = second_fails(error).await;
            let names: Vec<_> = messages.iter().map(|message| message.name.as_str()).collect();
            assert_eq!(names, ["0", "", "2"]);
            let [recipient] = &messages[1].recipients[..] else { panic!("{:?}", messages[1]) };
            assert_eq!((recipient.to.as_str(), recipient.state()), ("+49121", state));
            assert_eq!((recipient.vendor_code.as_str(), recipient.vendor_text.as_str()), (code, "No!"));
        }
    }

    #[tokio::test]
    async fn eight_are_on_their_way_at_a_time() {
        let (now, most, eight) = (&AtomicUsize::new(0), &AtomicUsize::new(0), &Barrier::new(8));
        let submit = |i| async move {
            most.fetch_max(now.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
            // The first is alone; fewer than eight would wait here for ever.
            if i > 0 {
                eight.wait().await;
            }
            now.fetch_sub(1, Ordering::Relaxed);
            Ok(taken(i))
        };
        assert_eq!(each(&numbers(17), (0..17).map(submit)).await.expect("all").len(), 17);
        assert_eq!(most.load(Ordering::Relaxed), 8);
    }

    #[tokio::test]
    async fn what_would_meet_the_others_too_ends_the_sending() {
        for reason in [Reason::NoCredit, Reason::AccountCredentialRefused, Reason::RateLimited, Reason::OutcomeUnknown]
        {
            let asked = AtomicUsize::new(0);
            let asked = &asked;
            let submit = |_| async move {
                asked.fetch_add(1, Ordering::Relaxed);
                Err(error(reason))
            };
            let failed = each(&numbers(20), (0..20).map(submit)).await.expect_err("none was taken");
            assert_eq!((failed.reason(), asked.load(Ordering::Relaxed)), (reason, 1));
        }
        let submit = |i: usize| async move { if i < 9 { Ok(taken(i)) } else { Err(error(Reason::NoCredit)) } };
        let messages = each(&numbers(20), (0..20).map(submit)).await.expect("nine were taken");
        let last = &messages[19].recipients[0];
        assert_eq!((last.state(), last.vendor_text.as_str()), (DeliveryState::Rejected, "not sent: No!"));
    }

    #[tokio::test]
    async fn when_all_failed_the_call_fails_and_with_the_worst() {
        let send = async |reasons: [Reason; 3]| {
            let submissions = reasons.map(|reason| async move { Err(error(reason)) });
            each(&numbers(3), submissions).await.expect_err("none").reason()
        };
        use Reason::{NoCredit, OutcomeUnknown, VendorRefused};
        assert_eq!(send([VendorRefused, NoCredit, VendorRefused]).await, VendorRefused);
        assert_eq!(send([VendorRefused, OutcomeUnknown, VendorRefused]).await, OutcomeUnknown);
    }

    #[tokio::test]
    async fn nothing_is_begun_whose_answer_nobody_would_wait_for() {
        let submit = |i| async move { Ok(taken(i)) };
        let recipients = numbers(3);
        let sent = context::Call::new(Instant::now()).run(each(&recipients, (0..3).map(submit)));
        let messages = sent.await.expect("the first was taken");
        assert_eq!(messages[0].name, "0");
        for message in &messages[1..] {
            assert_eq!(message.recipients[0].state(), DeliveryState::Rejected);
            assert!(message.recipients[0].vendor_text.starts_with("not sent: "), "{message:?}");
        }
    }
}

//! Sends to many recipients: their outcomes, their order, and how many are in flight.

mod recorded;

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
        assert_eq!(submit(&Call::background(), &numbers(17), 1, parallel, submission).await.expect("all").len(), 17);
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

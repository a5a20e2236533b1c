//! What is recorded of a send, before its parts leave and after, and how an interrupted one goes on.

use futures::{FutureExt, future::BoxFuture};

use super::*;
use crate::{
    api::pb::Attempt,
    call::{Carrier, Ended, Intent},
};

/// A record of a call, which keeps the indexes and states that the batch reports.
#[derive(Default)]
struct Notes {
    earlier: Vec<Option<Recipient>>,
    /// The recipients from this one on must not be sent to.
    forbidden: Option<usize>,
    notes: Mutex<Vec<String>>,
}

impl Notes {
    fn note(&self, text: String) {
        self.notes.lock().expect("a lock").push(text);
    }
}

impl Intent for Notes {
    fn check(&self) -> Result<(), Error> {
        Ok(())
    }

    fn earlier(&self) -> Vec<Option<Recipient>> {
        self.earlier.clone()
    }

    fn advance(&self, now: &[usize], _: &[usize]) -> BoxFuture<'static, Result<(), Error>> {
        let end = now.last().map_or(0, |last| last + 1);
        self.note(format!("to {end}"));
        let is_forbidden = self.forbidden.is_some_and(|forbidden| end > forbidden);
        let recorded = async move {
            if is_forbidden { Err(error(Reason::StoreUnavailable).outcome(Outcome::NotSent)) } else { Ok(()) }
        };
        recorded.boxed()
    }

    fn part_ended(&self, first: usize, ended: Ended<'_>) {
        self.note(match ended {
            Ended::Known(messages) | Ended::Failed(messages, _) => {
                format!("{first}: {:?}", messages[0].recipients[0].state())
            }
            Ended::NotSent(count) => format!("{first}: {count} not sent"),
        });
    }

    fn hand_over(&self, _: &[usize], _: Carrier<'_>) -> BoxFuture<'static, Result<(), Error>> {
        panic!("a vendor hands nothing over");
    }

    fn attempted(&self, _: Vec<Attempt>) {
        panic!("a vendor has no attempts");
    }
}

/// A message to one recipient that the vendor accepted.
fn accepted(to: &[String]) -> Submitted {
    Ok(vec![failed(to, DeliveryState::Queued, "", "")])
}

/// Sends with this record, one recipient at a time. Returns also the recipients that were sent to, and the notes.
async fn send_with(
    notes: Notes,
    recipients: usize,
    parallel: usize,
    result: impl Fn(usize) -> Option<Error>,
) -> (Submitted, Vec<usize>, Vec<String>) {
    let (call, notes, made) = (Call::background(), std::sync::Arc::new(notes), &Mutex::new(Vec::new()));
    call.set_intent(notes.clone());
    let submission = |to: &[String]| {
        made.lock().expect("a lock").push(place(to));
        let result = result(place(to)).map_or_else(|| accepted(to), Err);
        async move { result }
    };
    let sent = submit(&call, &numbers(recipients), 1, parallel, submission).await;
    let notes = notes.notes.lock().expect("a lock").clone();
    (sent, made.lock().expect("a lock").clone(), notes)
}

fn states(submitted: &[Message]) -> Vec<DeliveryState> {
    submitted.iter().flat_map(|message| &message.recipients).map(|recipient| recipient.state()).collect()
}

#[tokio::test]
async fn a_part_leaves_once_it_is_recorded_and_one_record_covers_those_in_flight() {
    let (sent, made, notes) = send_with(Notes::default(), 4, 2, |_| None).await;
    assert_eq!((states(&sent.expect("all")), made), (vec![DeliveryState::Queued; 4], vec![0, 1, 2, 3]));
    let expected = ["to 1", "0: Queued", "to 3", "1: Queued", "to 4", "2: Queued", "3: Queued"];
    assert_eq!(notes, expected);
}

#[tokio::test]
async fn a_part_that_cannot_be_recorded_is_not_sent_and_stops_the_send() {
    let notes = Notes { forbidden: Some(1), ..Notes::default() };
    let call = Call::background();
    call.set_intent(std::sync::Arc::new(notes));
    let made = &AtomicUsize::new(0);
    let submission = |to: &[String]| {
        let result = accepted(to);
        async move {
            made.fetch_add(1, Ordering::Relaxed);
            result
        }
    };
    let sent = submit(&call, &numbers(3), 1, 1, submission).await.expect("the first was taken");
    use DeliveryState::{Queued, Rejected};
    assert_eq!((states(&sent), made.load(Ordering::Relaxed)), (vec![Queued, Rejected, Rejected], 1));
}

#[tokio::test]
async fn what_was_not_sent_is_recorded_as_such() {
    let lost = |place| (place == 1).then(|| error(Reason::OutcomeUnknown));
    let (_, made, notes) = send_with(Notes::default(), 4, 1, lost).await;
    assert_eq!(made, [0, 1]);
    let expected = ["to 1", "0: Queued", "to 2", "1: Unknown", "2: 1 not sent", "3: 1 not sent"];
    assert_eq!(notes, expected);
}

#[tokio::test]
async fn an_interrupted_send_goes_on_with_what_it_did_not_send() {
    use DeliveryState::{Delivered, Queued, Rejected, Unknown};
    let earlier = |states: &[Option<DeliveryState>]| {
        let known = |(n, state): (usize, &Option<DeliveryState>)| {
            state.map(|state| failed(&numbers(n + 1)[n..], state, "", "").recipients.remove(0))
        };
        Notes { earlier: states.iter().enumerate().map(known).collect(), ..Notes::default() }
    };
    let notes = earlier(&[Some(Unknown), None, None, Some(Delivered), None]);
    let (sent, made, notes) = send_with(notes, 5, 8, |_| None).await;
    let sent = sent.expect("all are known");
    assert_eq!((states(&sent), made), (vec![Unknown, Queued, Queued, Delivered, Queued], vec![1, 2, 4]));
    let to: Vec<_> =
        sent.iter().flat_map(|message| &message.recipients).map(|recipient| recipient.to.clone()).collect();
    assert_eq!(to, numbers(5));
    assert_eq!(notes, ["to 2", "1: Queued", "to 5", "2: Queued", "4: Queued"]);

    // If the vendor rejects the rest, the outcome of the first one is unknown, or the call succeeds with the first one.
    let refused = |_| Some(error(Reason::VendorRefused));
    let lost = send_with(earlier(&[Some(Unknown), None]), 2, 1, refused).await.0;
    assert_eq!(lost.expect_err("nobody knows").reason(), Reason::OutcomeUnknown);
    let taken = send_with(earlier(&[Some(Queued), None]), 2, 1, refused).await.0;
    assert_eq!(states(&taken.expect("one was taken")), [Queued, Rejected]);
    let none = send_with(earlier(&[Some(Rejected), None]), 2, 1, refused).await.0;
    assert_eq!(none.expect_err("none was taken").reason(), Reason::VendorRefused);
}

#[tokio::test]
async fn one_part_is_not_recorded_apart_from_its_call() {
    let (sent, made, notes) = send_with(Notes::default(), 1, 8, |_| None).await;
    assert_eq!((states(&sent.expect("one")), made, notes), (vec![DeliveryState::Queued], vec![0], Vec::new()));
}

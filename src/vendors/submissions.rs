//! A send that takes several submissions: they are made one after another, and every recipient's fate is told.

use tokio::time::{Duration, Instant};

use crate::{
    context,
    error::{Error, Outcome, Reason},
    pb::{DeliveryState, Message, Recipient},
};

/// The submissions of one send.
#[derive(Debug, Default)]
pub(super) struct Submissions {
    messages: Vec<Message>,
    /// Whether the vendor took at least one.
    taken: bool,
    /// The failure that the call fails with, should no submission be taken.
    failed: Option<Error>,
    /// Why no more is sent.
    end: Option<Error>,
    /// The longest that one took.
    slowest: Duration,
}

impl Submissions {
    /// None yet.
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Makes a submission to these recipients, unless an earlier one showed that it is of no use.
    pub(super) async fn add(&mut self, to: &[String], submit: impl Future<Output = Result<Vec<Message>, Error>>) {
        // What is sent and not answered before the caller has gone would be told to nobody.
        let begin = Instant::now();
        if self.taken && begin + self.slowest > context::deadline() {
            let text = "there was no time left to wait for an answer";
            self.end.get_or_insert_with(|| Error::new(Reason::DeadlineExceeded, text).outcome(Outcome::NotSent));
        }
        if let Some(error) = &self.end {
            let text = format!("not sent: {}", error.explanation().1);
            self.messages.push(failed(to, DeliveryState::Rejected, "", &text));
            return;
        }
        match submit.await {
            Ok(messages) => {
                self.taken = true;
                self.messages.extend(messages);
            }
            Err(error) => self.fail(to, error),
        }
        self.slowest = self.slowest.max(begin.elapsed());
    }

    fn fail(&mut self, to: &[String], error: Error) {
        let unknown = error.reason() == Reason::OutcomeUnknown;
        let state = if unknown { DeliveryState::Unknown } else { DeliveryState::Rejected };
        let (code, text) = error.explanation();
        self.messages.push(failed(to, state, code, text));
        // These are about the recipients. All else, a credential or a vendor that is down, would meet the next ones too.
        let next = matches!(error.reason(), Reason::VendorRefused | Reason::VendorDenied | Reason::ResourceNotFound);
        if !next {
            self.end = Some(error.clone());
        }
        // A caller who reads that all was refused may send again: not when one of them may have been taken.
        if unknown || self.failed.is_none() {
            self.failed = Some(error);
        }
    }

    /// The messages, when the vendor took at least one submission.
    ///
    /// # Errors
    /// What the submissions failed with: OUTCOME_UNKNOWN when that is so of one of them.
    pub(super) fn done(self) -> Result<Vec<Message>, Error> {
        match self.failed {
            Some(error) if !self.taken => Err(error),
            _ => Ok(self.messages),
        }
    }
}

/// The message of recipients whom no submission reached: it has no name.
pub(super) fn failed(to: &[String], state: DeliveryState, code: &str, text: &str) -> Message {
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
    use super::*;

    fn taken(name: &str) -> Result<Vec<Message>, Error> {
        Ok(vec![Message { name: name.to_owned(), ..Message::default() }])
    }

    fn error(reason: Reason) -> Error {
        Error::new(reason, "no").vendor_code("7").vendor_message("No!")
    }

    /// Makes submissions to one number each, and tells which of them were made.
    async fn send(results: Vec<Result<Vec<Message>, Error>>) -> (Result<Vec<Message>, Error>, usize) {
        let (mut submissions, mut made) = (Submissions::new(), 0);
        for (i, result) in results.into_iter().enumerate() {
            let to = [format!("+4670{i}")];
            let submit = async {
                made += 1;
                result
            };
            submissions.add(&to, submit).await;
        }
        (submissions.done(), made)
    }

    fn fates(messages: &[Message]) -> Vec<(&str, DeliveryState, &str, &str)> {
        messages
            .iter()
            .map(|m| match m.recipients.first() {
                Some(r) => (m.name.as_str(), r.state(), r.vendor_code.as_str(), r.vendor_text.as_str()),
                None => (m.name.as_str(), DeliveryState::Unspecified, "", ""),
            })
            .collect()
    }

    #[tokio::test]
    async fn what_one_recipient_is_refused_for_leaves_the_next_their_turn() {
        let (messages, made) = send(vec![Err(error(Reason::VendorRefused)), taken("a"), taken("b")]).await;
        let rejected = ("", DeliveryState::Rejected, "7", "No!");
        let took = |name| (name, DeliveryState::Unspecified, "", "");
        assert_eq!((fates(&messages.expect("some")), made), (vec![rejected, took("a"), took("b")], 3));
    }

    #[tokio::test]
    async fn what_would_meet_the_next_ones_too_ends_the_sending() {
        for (reason, state) in [
            (Reason::NoCredit, DeliveryState::Rejected),
            (Reason::RateLimited, DeliveryState::Rejected),
            (Reason::AccountCredentialRefused, DeliveryState::Rejected),
            (Reason::VendorUnavailable, DeliveryState::Rejected),
            (Reason::OutcomeUnknown, DeliveryState::Unknown),
        ] {
            let (messages, made) = send(vec![taken("a"), Err(error(reason)), taken("c")]).await;
            let messages = messages.expect("one was taken");
            let expected = [("", state, "7", "No!"), ("", DeliveryState::Rejected, "", "not sent: No!")];
            assert_eq!((&fates(&messages)[1..], made), (&expected[..], 2), "{reason:?}");
            assert_eq!(messages[2].recipients[0].to, "+46702");
        }
    }

    #[tokio::test]
    async fn when_all_failed_the_call_fails_and_with_the_worst() {
        let refused = || Err(error(Reason::VendorRefused));
        let (result, _) = send(vec![refused(), Err(error(Reason::VendorDenied))]).await;
        assert_eq!(result.expect_err("none").reason(), Reason::VendorRefused);
        let (result, _) = send(vec![refused(), Err(error(Reason::OutcomeUnknown)), taken("never")]).await;
        assert_eq!(result.expect_err("one lost").reason(), Reason::OutcomeUnknown);
    }

    #[tokio::test]
    async fn nothing_is_begun_whose_answer_nobody_would_wait_for() {
        let mut submissions = Submissions::new();
        let to = ["+46700".to_owned()];
        submissions.add(&to, async { taken("a") }).await;
        context::Call::new(Instant::now()).run(submissions.add(&to, async { taken("b") })).await;
        let messages = submissions.done().expect("one was taken");
        let text = "not sent: there was no time left to wait for an answer";
        assert_eq!(fates(&messages)[1], ("", DeliveryState::Rejected, "", text));
    }
}

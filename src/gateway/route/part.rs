//! The record of what one account does: it is the call's record, for the recipients of the attempt alone. And a note of what
//! became of each, as the vendor's answer does not tell apart why recipients were not sent to.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::{FutureExt, future::BoxFuture};

use super::verdict::Verdict;
use crate::{
    api::pb::{self, Message, Recipient},
    call::{Carrier, Ended, Intent},
    error::{Error, Outcome, Reason},
};

/// What became of a recipient in a part of the attempt.
#[derive(Debug, Clone)]
pub(super) enum Note {
    /// The recipient has this state, and no other account is asked.
    Known(Box<Recipient>),
    /// Another account may be asked, because of this.
    Open(Error),
}

/// The recipients of an attempt.
pub(super) struct Part {
    whole: Option<Arc<dyn Intent>>,
    /// The places of the recipients in the whole send.
    places: Vec<usize>,
    is_first: bool,
    /// As many as the last recipient needs of whom there is a note.
    notes: Mutex<Vec<Option<Note>>>,
}

impl Part {
    /// Creates the record of an attempt for the recipients at these places of a send. `is_first`: no account was asked for
    /// them before.
    pub(super) fn new(whole: Option<Arc<dyn Intent>>, places: Vec<usize>, is_first: bool) -> Arc<Self> {
        Arc::new(Self { whole, places, is_first, notes: Mutex::default() })
    }

    /// Returns the places of all recipients of the attempt.
    pub(super) fn all(&self) -> &[usize] {
        &self.places
    }

    /// Takes the notes, in the order of the recipients; there may be none of the last ones.
    pub(super) fn take_notes(&self) -> Vec<Option<Note>> {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Option<Note>>> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes the recipients of some messages, beginning with `first`, and records those that were accepted.
    fn note_known(&self, first: usize, messages: &[Message], record: bool) {
        let recipients = messages.iter().flat_map(|message| &message.recipients);
        for (index, recipient) in (first..).zip(recipients) {
            if let (Some(whole), Some(&place), true) = (&self.whole, self.places.get(index), record) {
                let one = Message { recipients: vec![recipient.clone()], ..Message::default() };
                whole.part_ended(place, Ended::Known(&[one]));
            }
            self.note(index, Note::Known(Box::new(recipient.clone())));
        }
    }

    fn note(&self, index: usize, note: Note) {
        let mut notes = self.lock();
        if notes.len() <= index {
            notes.resize(index + 1, None);
        }
        notes[index] = Some(note);
    }

    fn places(&self, indices: &[usize]) -> Vec<usize> {
        indices.iter().filter_map(|&index| self.places.get(index).copied()).collect()
    }
}

impl Intent for Part {
    fn check(&self) -> Result<(), Error> {
        self.whole.as_ref().map_or(Ok(()), |whole| whole.check())
    }

    /// What became of recipients in an earlier attempt is the whole send's: none of them is among these.
    fn earlier(&self) -> Vec<Option<Recipient>> {
        Vec::new()
    }

    fn advance(&self, now: &[usize], later: &[usize]) -> BoxFuture<'static, Result<(), Error>> {
        match &self.whole {
            Some(whole) => whole.advance(&self.places(now), &self.places(later)),
            None => std::future::ready(Ok(())).boxed(),
        }
    }

    fn hand_over(&self, places: &[usize], to: Carrier<'_>) -> BoxFuture<'static, Result<(), Error>> {
        match &self.whole {
            Some(whole) => {
                let is_first = to.is_first && self.is_first;
                whole.hand_over(&self.places(places), Carrier { is_first, ..to })
            }
            None => std::future::ready(Ok(())).boxed(),
        }
    }

    fn part_ended(&self, first: usize, ended: Ended<'_>) {
        match ended {
            // What was not accepted is recorded at the end: another account may take it.
            Ended::Known(messages) => self.note_known(first, messages, true),
            Ended::Failed(messages, error) if !Verdict::of(error).may_go_on() => {
                self.note_known(first, messages, false);
            }
            Ended::Failed(messages, error) => {
                let count: usize = messages.iter().map(|message| message.recipients.len()).sum();
                (first..first + count).for_each(|index| self.note(index, Note::Open(error.clone())));
            }
            Ended::NotSent(count) => {
                let error = Error::new(Reason::VendorUnavailable, "another part of the send failed");
                let error = error.outcome(Outcome::NotSent);
                (first..first + count).for_each(|index| self.note(index, Note::Open(error.clone())));
            }
        }
    }

    /// The attempts of a route within a route are the inner one's affair.
    fn attempted(&self, _: Vec<pb::Attempt>) {}
}

//! The parts of a send, and the record of which of them may have left.

use std::{ops::Range, sync::Arc};

use futures::{
    FutureExt,
    future::{BoxFuture, Shared},
};

use crate::{
    api::pb::{Message, Recipient},
    call::{Call, Ended, Intent},
    error::Error,
};

/// A part of a send: the recipients of one submission.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part<'a> {
    /// The place of its first recipient in the send.
    pub(super) place: usize,
    pub(super) to: &'a [String],
}

/// The parts that are to be submitted, in order.
pub(super) struct Parts<'a, I> {
    parts: I,
    /// The record of the call, unless the send is one part.
    intent: Option<&'a Arc<dyn Intent>>,
    /// What an earlier attempt left, by recipient.
    earlier: Vec<Option<Recipient>>,
    /// How many recipients one flush of the record covers, of how many.
    window: usize,
    count: usize,
    /// The recipients before this one are recorded, once `written` is.
    end: usize,
    written: Option<Written>,
}

/// Waits until the newest record is on disk.
type Written = Shared<BoxFuture<'static, Result<(), Error>>>;

/// Splits a send into parts of `size` recipients. A record covers `parallel` parts, except for the first, which is
/// submitted alone.
pub(super) fn split<'a>(
    call: &'a Call,
    recipients: &'a [String],
    size: usize,
    parallel: usize,
) -> Parts<'a, impl Iterator<Item = Part<'a>> + use<'a>> {
    let intent = call.intent().filter(|_| recipients.len() > 1);
    let earlier = intent.map(|intent| intent.earlier()).unwrap_or_default();
    let whole = earlier.is_empty().then_some(0..recipients.len());
    let parts = whole.into_iter().chain(open_runs(&earlier)).flat_map(move |run: Range<usize>| {
        let places = run.clone().step_by(size);
        places.map(move |place| Part { place, to: &recipients[place..run.end.min(place + size)] })
    });
    let intent = intent.filter(|_| recipients.len() > size || !earlier.is_empty());
    let (window, count) = (size.saturating_mul(parallel), recipients.len());
    Parts { parts, intent, earlier, window, count, end: 0, written: None }
}

/// Returns the runs of recipients that an earlier attempt did not send to.
fn open_runs(earlier: &[Option<Recipient>]) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for (place, _) in earlier.iter().enumerate().filter(|(_, known)| known.is_none()) {
        match runs.last_mut() {
            Some(run) if run.end == place => run.end += 1,
            _ => runs.push(place..place + 1),
        }
    }
    runs
}

impl<'a, I: Iterator<Item = Part<'a>>> Parts<'a, I> {
    /// Returns the next part.
    pub(super) fn next(&mut self) -> Option<Part<'a>> {
        self.parts.next()
    }

    /// Takes what an earlier attempt left, with each recipient's place.
    pub(super) fn earlier(&mut self) -> impl Iterator<Item = (usize, Recipient)> + use<I> {
        let earlier = std::mem::take(&mut self.earlier).into_iter().enumerate();
        earlier.filter_map(|(place, known)| Some((place, known?)))
    }

    /// Records that a part may leave now. It must not before the returned future has ended.
    pub(super) fn record(&mut self, part: Part<'a>) -> Option<Written> {
        let intent = self.intent?;
        let part_end = part.place + part.to.len();
        if part_end > self.end {
            let (begin, is_first) = (self.end, self.written.is_none());
            self.end = if is_first { part_end } else { (part.place + self.window).min(self.count) };
            let now: Vec<_> = (begin..self.end).collect();
            let later: Vec<_> = if is_first { (self.end..self.count).collect() } else { Vec::new() };
            self.written = Some(intent.advance(&now, &later).shared());
        }
        self.written.clone()
    }

    /// Records what became of a part, if the messages have every recipient; `error` is why it failed.
    pub(super) fn ended(&self, part: Part<'a>, messages: &[Message], error: Option<&Error>) {
        let count: usize = messages.iter().map(|message| message.recipients.len()).sum();
        if let Some(intent) = self.intent.filter(|_| count == part.to.len()) {
            let ended = error.map_or(Ended::Known(messages), |error| Ended::Failed(messages, error));
            intent.part_ended(part.place, ended);
        }
    }

    /// Records that a part was not sent.
    pub(super) fn not_sent(&self, part: Part<'a>) {
        if let Some(intent) = self.intent {
            intent.part_ended(part.place, Ended::NotSent(part.to.len()));
        }
    }
}

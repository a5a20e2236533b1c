//! The position of a watcher, and how it finds new messages. There is no store: the cursor travels in the resume token,
//! and everything is found with the two operations that read without consuming.
//!
//! Ids increase within one number. Times are unreliable: whole seconds, and a message may be late. So the cursor has
//! the last seen id of each number. Time is used only to discover numbers: `from` moves along [`OVERLAP`] behind the
//! clock, and whatever a number without a last id has received since `from` is new. That limits the guarantee: the
//! first message of a number may be late by less than the overlap, any other by any time.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{
    api::pb::ReceivedMessage,
    error::Error,
    // Also for the hour that repeats when summer time ends, as smSend's times have no zone.
    vendors::kit::watch::{self, OVERLAP},
};

/// The id of a message. Ids are numbers: the longer one is greater.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub(super) struct Id {
    length: usize,
    text: String,
}

impl Id {
    pub(super) fn new(text: &str) -> Self {
        text.to_owned().into()
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }
}

impl From<String> for Id {
    fn from(text: String) -> Self {
        Self { length: text.len(), text }
    }
}

impl From<Id> for String {
    fn from(id: Id) -> Self {
        id.text
    }
}

/// A received message with its id.
pub(super) type Arrival = watch::Arrival<Id>;

/// One page of the history.
pub(super) struct Page {
    pub(super) arrivals: Vec<Arrival>,
    /// The number of its entries, also those that are not arrivals.
    pub(super) count: usize,
    /// The number of entries on all pages, if the vendor reports it.
    pub(super) total: Option<usize>,
}

/// The operations that read without consuming.
pub(super) trait Source {
    /// The number of entries on a page of the history.
    const HISTORY: usize;
    /// The maximum number of messages that `after` returns.
    const AFTER: usize;

    /// Returns a page, counted from 1, of what was received since `from`, in any order.
    fn history(&self, from: i64, page: usize) -> impl Future<Output = Result<Page, Error>> + Send;

    /// Returns the first messages that `number` received after `id`.
    fn after(&self, number: &str, id: &Id) -> impl Future<Output = Result<Vec<Arrival>, Error>> + Send;
}

/// After this many consecutive pages without anything new, the vendor is returning the same page again and again. A few
/// are normal: messages that arrive meanwhile push the older ones on.
const MAX_PAGES_WITHOUT_NEWS: usize = 100;

/// Messages by number and id.
type Found = BTreeMap<String, BTreeMap<Id, ReceivedMessage>>;

/// What was seen: at a number in `last` everything up to that id, at any other number nothing since `from`.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Cursor {
    from: i64,
    last: BTreeMap<String, Id>,
    /// The start of the stream, until the first poll: anything older counts as seen.
    #[serde(skip)]
    start: Option<i64>,
    /// The time of the last poll, until the next: by then everything that it found has been passed.
    #[serde(skip)]
    looked: Option<i64>,
    #[serde(skip)]
    turn: usize,
}

impl Cursor {
    /// Creates a cursor before everything that is received at or after `start`.
    pub(super) fn starting(start: i64) -> Self {
        Self { start: Some(start), ..Self::default() }
    }

    /// Marks a message as seen, and with it everything before it at its number.
    pub(super) fn pass(&mut self, arrival: &Arrival) {
        self.last.insert(arrival.message.to.clone(), arrival.id.clone());
    }

    /// Returns the messages that were not seen, in their order. All must be passed before the next poll.
    pub(super) async fn look<S: Source>(&mut self, source: &S, now: i64) -> Result<Vec<Arrival>, Error> {
        if let Some(looked) = self.looked.take() {
            self.from = self.from.max(looked - OVERLAP);
        }
        let from = self.start.map_or(self.from, |start| start.min(now - OVERLAP));
        let mut found = self.scan(source, from).await?;
        if let Some(start) = self.start.take() {
            self.from = from;
            self.count_as_seen(&found, start);
        }
        found.retain(|number, messages| {
            messages.retain(|id, _| self.is_new(number, id));
            !messages.is_empty()
        });
        for number in self.numbers_to_ask(&found) {
            self.read_on(source, number, &mut found).await?;
        }
        self.looked = Some(now);
        Ok(merged(found))
    }

    fn is_new(&self, number: &str, id: &Id) -> bool {
        self.last.get(number).is_none_or(|last| id > last)
    }

    /// Returns everything received since `from`.
    async fn scan<S: Source>(&self, source: &S, from: i64) -> Result<Found, Error> {
        let (mut found, pages) = read_history(source, from).await?;
        if pages > 1 && found.keys().any(|number| !self.last.contains_key(number)) {
            // While the pages were read, two messages may have arrived at a new number, the first on a page already
            // read and the second on a later one. The second reading finds whatever came before a message that was
            // seen.
            let (again, _) = read_history(source, from).await?;
            for (number, messages) in again {
                let Some(seen) = found.get_mut(&number) else { continue };
                let Some(newest) = seen.keys().next_back().cloned() else { continue };
                seen.extend(messages.into_iter().filter(|(id, _)| *id <= newest));
            }
        }
        Ok(found)
    }

    /// Passes what each number received before `start`.
    fn count_as_seen(&mut self, found: &Found, start: i64) {
        for (number, messages) in found {
            let is_older = |message: &ReceivedMessage| message.receive_time.is_some_and(|time| time.seconds < start);
            if let Some((id, _)) = messages.iter().take_while(|(_, message)| is_older(message)).last() {
                self.last.insert(number.clone(), id.clone());
            }
        }
    }

    /// Returns the known numbers at which something was found, for more may be late; and one other, in rotation, for
    /// messages so late that the scan misses them.
    fn numbers_to_ask(&mut self, found: &Found) -> BTreeSet<String> {
        let in_turn = self.last.keys().nth(self.turn % self.last.len().max(1));
        self.turn = self.turn.wrapping_add(1);
        found.keys().filter(|number| self.last.contains_key(*number)).chain(in_turn).cloned().collect()
    }

    /// Adds everything that a known number received after its last seen message.
    async fn read_on<S: Source>(&self, source: &S, number: String, found: &mut Found) -> Result<(), Error> {
        let Some(mut id) = self.last.get(&number).cloned() else { return Ok(()) };
        loop {
            let arrivals = match source.after(&number, &id).await {
                Ok(arrivals) => arrivals,
                // The history was just read, so the error concerns the number, which may have left the account. What it
                // received until then was seen, or is in the history.
                Err(error) if !error.is_transient() => {
                    tracing::warn!(reason = error.reason_text(), "cannot read further messages of a number");
                    return Ok(());
                }
                Err(error) => return Err(error),
            };
            let newest = arrivals.iter().map(|arrival| arrival.id.clone()).max();
            let full = arrivals.len() >= S::AFTER;
            add(found, arrivals.into_iter().filter(|arrival| self.is_new(&arrival.message.to, &arrival.id)));
            match newest {
                Some(newest) if full && newest > id => id = newest,
                _ => return Ok(()),
            }
        }
    }
}

/// Returns the whole history since `from`, and its number of pages.
async fn read_history<S: Source>(source: &S, from: i64) -> Result<(Found, usize), Error> {
    let (mut found, mut read, mut stale) = (Found::new(), 0, 0);
    for number in 1.. {
        let Page { arrivals, count, total } = source.history(from, number).await?;
        let known = found.values().map(BTreeMap::len).sum::<usize>();
        add(&mut found, arrivals);
        read += count;
        stale = if found.values().map(BTreeMap::len).sum::<usize>() > known { 0 } else { stale + 1 };
        let more =
            count > 0 && stale < MAX_PAGES_WITHOUT_NEWS && total.map_or(count >= S::HISTORY, |total| read < total);
        if !more {
            return Ok((found, number));
        }
    }
    Ok((found, 0))
}

fn add(found: &mut Found, arrivals: impl IntoIterator<Item = Arrival>) {
    for Arrival { id, message } in arrivals {
        found.entry(message.to.clone()).or_default().insert(id, message);
    }
}

/// Sorts by id within a number, and by time between numbers as far as possible.
fn merged(found: Found) -> Vec<Arrival> {
    let mut merged = Vec::new();
    for messages in found.into_values() {
        let mut time = i64::MIN;
        for (id, message) in messages {
            // A message never precedes an earlier one of its number, whatever its own time is.
            time = message.receive_time.map_or(time, |t| t.seconds).max(time);
            merged.push((time, Arrival { id, message }));
        }
    }
    // Stable: equal times keep the order of their number.
    merged.sort_by_key(|(time, _)| *time);
    merged.into_iter().map(|(_, arrival)| arrival).collect()
}

#[cfg(test)]
#[path = "cursor_tests.rs"]
mod tests;

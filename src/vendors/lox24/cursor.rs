//! What a watcher at LOX24 has seen. No store stands behind it: the cursor travels in the resume token.
//!
//! Ids are UUIDs, which have no order, and times are whole seconds of a list that shows the newest first. So each look reads
//! the list down to a time, `from`, that moves along [`OVERLAP`] behind the clock: what is older counts as seen, and of the
//! rest it is remembered, message by message, what was seen. Messages that arrive while page after page is read push the
//! others on to pages still to be read, where what was read already is known again.
//!
//! The promise's limits: a message that is later than the overlap is not seen. Nor is one if LOX24 is told to delete others
//! while it is being read and the reading was of more than one page and further back than the overlap.
//!
//! A token has at most [`LIMIT`] messages in it, and those of one second more. Who gets more than that within the overlap
//! has a shorter one: late messages are seen only if they are not older than the oldest of those in it. That is what the
//! bound costs.

use std::collections::{BTreeSet, HashSet};

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use serde::{Deserialize, Serialize};

use crate::{
    api::pb::ReceivedMessage,
    error::Error,
    request::token,
    vendors::kit::watch::{self, OVERLAP},
};

/// The most messages that are remembered: 16 characters of a token each.
const LIMIT: usize = 1000;

/// So many pages in a row without anything new come from a vendor that gives the same page again and again. A few do also
/// when messages arrive meanwhile, for they push the older ones on.
const STALE: usize = 20;

/// A received message with its UUID. Its time is known.
pub(super) type Arrival = watch::Arrival<String>;

/// One page of what was received.
pub(super) struct Page {
    pub(super) arrivals: Vec<Arrival>,
    /// How many entries it had, also those that are no arrivals.
    pub(super) count: usize,
}

/// What can be asked.
pub(super) trait Source {
    /// A page, counted from 1, of everything that was received, the newest first.
    fn page(&self, number: u64) -> impl Future<Output = Result<Page, Error>> + Send;

    /// Whether a message is to be shown.
    fn wants(&self, message: &ReceivedMessage) -> bool;
}

/// What was seen.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Held", into = "Held")]
pub(super) struct Cursor {
    /// What was received before this is seen.
    from: i64,
    /// What is seen of the rest: when it was received, and the mark of its id.
    seen: BTreeSet<(i64, u64)>,
    /// Where to begin, until the first look: what is older counts as seen.
    start: Option<i64>,
    /// When the last look was, until the next: by then all that it found has been passed.
    looked: Option<i64>,
}

impl Cursor {
    /// A cursor before everything that is received at or after `start`.
    pub(super) fn starting(start: i64) -> Self {
        Self { start: Some(start), ..Self::default() }
    }

    /// Notes that a message was seen.
    pub(super) fn pass(&mut self, arrival: &Arrival) {
        let time = seconds(arrival);
        self.seen.insert((time, mark(&arrival.id)));
        // What a look found is passed in the order of time: nothing older than this one is left of it.
        self.forget_before(self.looked.map_or(time, |looked| looked.min(time)).saturating_sub(OVERLAP));
        self.shorten(time);
    }

    /// Finds what was not seen, by time. All of it must be passed before the next look.
    pub(super) async fn look<S: Source>(&mut self, source: &S, now: i64) -> Result<Vec<Arrival>, Error> {
        if let Some(looked) = self.looked.take() {
            self.forget_before(looked - OVERLAP);
            let newest = self.seen.last().map_or(0, |(time, _)| *time);
            self.shorten(newest);
        }
        let from = self.start.map_or(self.from, |start| start.min(now - OVERLAP));
        let mut found = read(source, from).await?;
        if let Some(start) = self.start.take() {
            self.from = from;
            let older = found.iter().filter(|arrival| seconds(arrival) < start);
            self.seen = older.map(|arrival| (seconds(arrival), mark(&arrival.id))).collect();
            self.shorten(start);
        }
        let seen: HashSet<_> = self.seen.iter().map(|(_, mark)| *mark).collect();
        found.retain(|arrival| seconds(arrival) >= self.from && !seen.contains(&mark(&arrival.id)));
        self.looked = Some(now);
        Ok(found)
    }

    /// From now on what was received before `from` is seen.
    fn forget_before(&mut self, from: i64) {
        if from > self.from {
            self.from = from;
            self.seen = self.seen.split_off(&(from, 0));
        }
    }

    /// Forgets the oldest seconds until few enough messages are left, but none at `end` or later.
    fn shorten(&mut self, end: i64) {
        while self.seen.len() > LIMIT
            && let Some(oldest) = self.seen.first().map(|(time, _)| *time).filter(|oldest| *oldest < end)
        {
            self.forget_before(oldest + 1);
        }
    }
}

/// A cursor as a token has it: `from`, and what was seen since as base64 of 4 bytes of seconds after `from` and 8 bytes of
/// the mark each.
#[derive(Serialize, Deserialize)]
struct Held(i64, String);

const HELD: usize = 4 + 8;

impl From<Cursor> for Held {
    fn from(cursor: Cursor) -> Self {
        let bytes = cursor.seen.into_iter().flat_map(|(time, mark)| {
            let after = u32::try_from(time - cursor.from).unwrap_or(u32::MAX);
            after.to_be_bytes().into_iter().chain(mark.to_be_bytes())
        });
        Self(cursor.from, STANDARD_NO_PAD.encode(bytes.collect::<Vec<_>>()))
    }
}

impl From<Held> for Cursor {
    fn from(Held(from, seen): Held) -> Self {
        // Only what was sealed here is opened, so that it can be read.
        let bytes = STANDARD_NO_PAD.decode(seen).unwrap_or_default();
        let seen = bytes.chunks_exact(HELD).map(|bytes| {
            let number = bytes.iter().fold(0, |number: u128, byte| (number << 8) | u128::from(*byte));
            let after = i64::try_from(number >> 64).unwrap_or_default();
            (from.saturating_add(after), u64::try_from(number & u128::from(u64::MAX)).unwrap_or_default())
        });
        Self { from, seen: seen.collect(), ..Self::default() }
    }
}

/// What stands for an id in a token. That a new message has the mark of one of a thousand others is as likely as 1 to 10^16.
/// The first half of a UUID would not do: there are kinds of which many share it.
fn mark(id: &str) -> u64 {
    token::fingerprint(id)
}

fn seconds(arrival: &Arrival) -> i64 {
    arrival.message.receive_time.map_or(0, |time| time.seconds)
}

/// Everything wanted that was received since `from`, oldest first.
async fn read<S: Source>(source: &S, from: i64) -> Result<Vec<Arrival>, Error> {
    let (mut found, mut known, mut stale) = (Vec::new(), HashSet::new(), 0);
    for number in 1.. {
        let Page { arrivals, count } = source.page(number).await?;
        let ends = count == 0 || arrivals.iter().any(|arrival| seconds(arrival) < from);
        let before = known.len();
        for arrival in arrivals {
            let is_new = known.insert(arrival.id.clone());
            if is_new && seconds(&arrival) >= from && source.wants(&arrival.message) {
                found.push(arrival);
            }
        }
        stale = if known.len() > before { 0 } else { stale + 1 };
        if ends || stale >= STALE {
            break;
        }
    }
    // Stable, and newest first until now: of one second the last in the list comes first.
    found.reverse();
    found.sort_by_key(seconds);
    Ok(found)
}

#[cfg(test)]
#[path = "cursor_tests.rs"]
mod tests;

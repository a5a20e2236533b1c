//! The position of a watcher at LOX24. There is no store: the cursor travels in the resume token.
//!
//! Ids are UUIDs, which have no order, and times are whole seconds of a list with the newest first. So each poll reads
//! the list down to a time, `from`, that moves along [`OVERLAP`] behind the clock: anything older counts as seen, and
//! the rest is remembered message by message. Messages that arrive while the pages are read push the others on to later
//! pages, where repeated messages are recognized.
//!
//! Limits of the guarantee: a message that is later than the overlap is missed. So may be one if other messages are
//! deleted at LOX24 during a poll that reads more than one page and further back than the overlap.
//!
//! A token has at most [`LIMIT`] messages in it, and those of one second more. With more than that within the overlap,
//! late messages are found only if they are not older than the oldest in the token.

use std::collections::{BTreeSet, HashSet};

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use serde::{Deserialize, Serialize};

use crate::{
    api::pb::ReceivedMessage,
    error::Error,
    request::token,
    vendors::kit::watch::{self, OVERLAP},
};

/// The maximum number of remembered messages: 16 characters of a token each.
const LIMIT: usize = 1000;

/// After this many consecutive pages without anything new, the vendor is returning the same page again and again. A few
/// are normal: messages that arrive meanwhile push the older ones on.
const MAX_PAGES_WITHOUT_NEWS: usize = 20;

/// A received message with its UUID. It has a time.
pub(super) type Arrival = watch::Arrival<String>;

/// One page of what was received.
pub(super) struct Page {
    pub(super) arrivals: Vec<Arrival>,
    /// The number of its entries, also those that are not arrivals.
    pub(super) count: usize,
}

/// The operations that a poll needs.
pub(super) trait Source {
    /// Returns a page, counted from 1, of everything that was received, the newest first.
    fn page(&self, number: u64) -> impl Future<Output = Result<Page, Error>> + Send;

    /// Returns whether a message belongs to the stream.
    fn wants(&self, message: &ReceivedMessage) -> bool;
}

/// What was seen.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Encoded", into = "Encoded")]
pub(super) struct Cursor {
    /// Anything received before this counts as seen.
    from: i64,
    /// What is seen of the rest: the time of receipt, and the hash of the id.
    seen: BTreeSet<(i64, u64)>,
    /// The start of the stream, until the first poll: anything older counts as seen.
    start: Option<i64>,
    /// The time of the last poll, until the next: by then everything that it found has been passed.
    looked: Option<i64>,
}

impl Cursor {
    /// Creates a cursor before everything that is received at or after `start`.
    pub(super) fn starting(start: i64) -> Self {
        Self { start: Some(start), ..Self::default() }
    }

    /// Marks a message as seen.
    pub(super) fn pass(&mut self, arrival: &Arrival) {
        let time = seconds(arrival);
        self.seen.insert((time, hash(&arrival.id)));
        // The results of a poll are passed in the order of time: none older than this one is left.
        self.forget_before(self.looked.map_or(time, |looked| looked.min(time)).saturating_sub(OVERLAP));
        self.shorten(time);
    }

    /// Returns the messages that were not seen, by time. All must be passed before the next poll.
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
            self.seen = older.map(|arrival| (seconds(arrival), hash(&arrival.id))).collect();
            self.shorten(start);
        }
        let seen: HashSet<_> = self.seen.iter().map(|(_, mark)| *mark).collect();
        found.retain(|arrival| seconds(arrival) >= self.from && !seen.contains(&hash(&arrival.id)));
        self.looked = Some(now);
        Ok(found)
    }

    /// Advances `from`: anything received before it counts as seen.
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

/// A cursor as a token holds it: `from`, and the seen messages as base64 of 4 bytes of seconds after `from` and 8 bytes
/// of hash each.
#[derive(Serialize, Deserialize)]
struct Encoded(i64, String);

const HELD: usize = 4 + 8;

impl From<Cursor> for Encoded {
    fn from(cursor: Cursor) -> Self {
        let bytes = cursor.seen.into_iter().flat_map(|(time, mark)| {
            let after = u32::try_from(time - cursor.from).unwrap_or(u32::MAX);
            after.to_be_bytes().into_iter().chain(mark.to_be_bytes())
        });
        Self(cursor.from, STANDARD_NO_PAD.encode(bytes.collect::<Vec<_>>()))
    }
}

impl From<Encoded> for Cursor {
    fn from(Encoded(from, seen): Encoded) -> Self {
        // Only tokens that were sealed here are opened, so decoding cannot fail.
        let bytes = STANDARD_NO_PAD.decode(seen).unwrap_or_default();
        let seen = bytes.chunks_exact(HELD).map(|bytes| {
            let number = bytes.iter().fold(0, |number: u128, byte| (number << 8) | u128::from(*byte));
            let after = i64::try_from(number >> 64).unwrap_or_default();
            (from.saturating_add(after), u64::try_from(number & u128::from(u64::MAX)).unwrap_or_default())
        });
        Self { from, seen: seen.collect(), ..Self::default() }
    }
}

/// Returns the hash of an id for a token. The probability that a new message collides with one of a thousand others is
/// 1 to 10^16. The first half of a UUID would not do: there are kinds of which many share it.
fn hash(id: &str) -> u64 {
    token::fingerprint(id)
}

fn seconds(arrival: &Arrival) -> i64 {
    arrival.message.receive_time.map_or(0, |time| time.seconds)
}

/// Returns everything wanted that was received since `from`, oldest first.
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
        if ends || stale >= MAX_PAGES_WITHOUT_NEWS {
            break;
        }
    }
    // Stable, and newest first until now: within one second the last in the list comes first.
    found.reverse();
    found.sort_by_key(seconds);
    Ok(found)
}

#[cfg(test)]
#[path = "cursor_tests.rs"]
mod tests;

//! The newest events in memory. Those who have caught up with the log share them: a new event costs one query, however many
//! wait for it, and one that nobody asked for costs them none.

use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

use arc_swap::ArcSwap;
use tokio::sync::Mutex;

use super::{EventBounds, EventFilter, EventPage, StoredEvent};
use crate::error::Error;

/// The most events in memory, and the bytes of their bodies.
const EVENTS: usize = 512;
const BYTES: usize = 1 << 20;

/// How long an event is handed out from memory: another replica may erase it meanwhile.
const AGE: Duration = Duration::from_secs(2);

/// The newest events, of all accounts.
#[derive(Debug, Default)]
pub(super) struct Recent {
    page: ArcSwap<Page>,
    /// Held by the one that reads further events.
    reading: Mutex<()>,
}

/// All events after a sequence up to another one.
#[derive(Debug, Clone, Default)]
struct Page {
    after: i64,
    last: i64,
    events: VecDeque<(Instant, Arc<StoredEvent>)>,
    bytes: usize,
}

impl Recent {
    /// Returns the matching events after a sequence; `None` if they have to be queried, because the newest ones are too far
    /// away. `read` queries the events of all accounts after a sequence, at most so many.
    ///
    /// # Errors
    /// Those of `read`.
    pub(super) async fn events<R: Future<Output = Result<EventPage, Error>>>(
        &self,
        filter: &EventFilter,
        (after, until): (i64, i64),
        limit: u32,
        read: impl FnOnce(i64, u32) -> R,
    ) -> Result<Option<EventPage>, Error> {
        if until - after > EVENTS as i64 {
            return Ok(None);
        }
        if let Some(found) = self.page.load().find(filter, after, until, limit) {
            return Ok(Some(found));
        }
        let _reading = self.reading.lock().await;
        let page = self.page.load_full();
        if let Some(found) = page.find(filter, after, until, limit) {
            return Ok(Some(found));
        }
        let Some(begin) = page.begin(after, until) else { return Ok(None) };
        let next = page.then(begin, read(begin, EVENTS as u32).await?, Instant::now());
        let found = next.find(filter, after, until, limit);
        self.page.store(Arc::new(next));
        Ok(found)
    }

    /// Forgets the events, as some were erased.
    pub(super) fn clear(&self) {
        self.page.store(Arc::default());
    }
}

impl Page {
    /// Returns the matching events after a sequence, if the page has all of them up to `until`.
    fn find(&self, filter: &EventFilter, after: i64, until: i64, limit: u32) -> Option<EventPage> {
        if after < self.after || self.last < until {
            return None;
        }
        // Sequences have no holes.
        let rest = self.events.range(self.events.len().min((after - self.after) as usize)..);
        if rest.clone().next().is_some_and(|(read, _)| read.elapsed() > AGE) {
            return None;
        }
        let matching = rest.map(|(_, event)| event).filter(|event| filter.matches(event));
        let events: Vec<_> = matching.take(limit as usize).cloned().collect();
        let last = match events.last() {
            Some(last) if events.len() == limit as usize => last.sequence,
            _ => self.last.max(after),
        };
        let bounds = EventBounds { oldest: self.after + 1, newest: self.last, bytes: 0 };
        Some(EventPage { events, last, bounds })
    }

    /// Returns where to read further events for a reader at `after`; `None` if these events would be before the page.
    fn begin(&self, after: i64, until: i64) -> Option<i64> {
        match () {
            () if self.last < after || self.last < until - EVENTS as i64 => Some(after),
            () if self.last < until && self.after <= after => Some(self.last),
            () => None,
        }
    }

    /// Returns the page with events that were read after `begin`, without the oldest ones beyond the limits.
    fn then(&self, begin: i64, read: EventPage, now: Instant) -> Self {
        let mut next = if begin == self.last { self.clone() } else { Self { after: begin, ..Self::default() } };
        for event in read.events {
            // What is gone from the log is before this event.
            if event.sequence != next.after + next.events.len() as i64 + 1 {
                next = Self { after: event.sequence - 1, ..Self::default() };
            }
            next.bytes += event.body.len();
            next.events.push_back((now, event));
        }
        while next.events.len() > EVENTS || next.bytes > BYTES {
            let Some((_, oldest)) = next.events.pop_front() else { break };
            next.bytes -= oldest.body.len();
            next.after = oldest.sequence;
        }
        next.last = next.after + next.events.len() as i64;
        next
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use crate::store::Digest;

    fn event(sequence: i64, bytes: usize) -> Arc<StoredEvent> {
        let account = if sequence % 2 == 0 { "accounts/even" } else { "accounts/odd" };
        Arc::new(StoredEvent {
            sequence,
            id: Digest([0; 16]),
            account: account.into(),
            kind: 1,
            message_id: None,
            time: SystemTime::UNIX_EPOCH,
            body: vec![0; bytes],
        })
    }

    /// The log that is read: all of its sequences from the oldest one, each of so many bytes.
    struct Log {
        oldest: i64,
        newest: i64,
        bytes: usize,
        /// How often it was read.
        reads: std::cell::Cell<usize>,
    }

    impl Log {
        fn new(newest: i64) -> Self {
            Self { oldest: 1, newest, bytes: 1, reads: std::cell::Cell::new(0) }
        }

        async fn read(&self, after: i64, limit: u32) -> Result<EventPage, Error> {
            self.reads.set(self.reads.get() + 1);
            let events = (after + 1..=self.newest).filter(|sequence| *sequence >= self.oldest).take(limit as usize);
            let events: Vec<_> = events.map(|sequence| event(sequence, self.bytes)).collect();
            Ok(EventPage { last: self.newest, events, bounds: EventBounds::default() })
        }

        /// The sequences of one page, its last one, and how often the log was read so far.
        async fn page(
            &self,
            recent: &Recent,
            account: &str,
            after: i64,
            limit: u32,
        ) -> (Option<(Vec<i64>, i64)>, usize) {
            let filter = EventFilter { accounts: vec![account.into()], ..EventFilter::default() };
            let read = |after, limit| self.read(after, limit);
            let page = recent.events(&filter, (after, self.newest), limit, read).await.expect("read");
            let found = page.map(|page| (page.events.iter().map(|event| event.sequence).collect(), page.last));
            (found, self.reads.get())
        }
    }

    #[tokio::test]
    async fn one_that_has_caught_up_costs_no_query_and_a_new_event_costs_one() {
        let (recent, mut log) = (Recent::default(), Log::new(1000));
        assert_eq!(log.page(&recent, "accounts/odd", 996, 9).await, (Some((vec![997, 999], 1000)), 1));
        for _ in 0..3 {
            assert_eq!(log.page(&recent, "accounts/even", 998, 9).await, (Some((vec![1000], 1000)), 1));
            assert_eq!(log.page(&recent, "accounts/none", 1000, 9).await, (Some((vec![], 1000)), 1));
        }
        log.newest = 1003;
        for _ in 0..3 {
            assert_eq!(log.page(&recent, "accounts/odd", 1000, 1).await, (Some((vec![1001], 1001)), 2));
            assert_eq!(log.page(&recent, "accounts/odd", 1001, 2).await, (Some((vec![1003], 1003)), 2));
        }
        // Before what is in memory, and far behind.
        assert_eq!(log.page(&recent, "accounts/odd", 990, 9).await, (None, 2));
        assert_eq!(log.page(&recent, "accounts/odd", 1, 9).await, (None, 2));
    }

    #[tokio::test]
    async fn what_is_in_memory_is_bounded_and_not_handed_out_for_long_or_once_it_is_erased() {
        let (recent, mut log) = (Recent::default(), Log::new(1));
        for newest in 1..=EVENTS as i64 + 50 {
            log.newest = newest;
            log.page(&recent, "accounts/odd", newest - 1, 9).await;
        }
        assert_eq!((recent.page.load().events.len(), recent.page.load().after), (EVENTS, 50));
        log.newest += 1;
        log.bytes = BYTES / 2;
        for _ in 0..3 {
            log.page(&recent, "accounts/odd", log.newest - 1, 9).await;
            log.newest += 1;
        }
        assert!(recent.page.load().bytes <= BYTES && recent.page.load().events.len() == 2);
        let (last, reads) = (recent.page.load().last, log.reads.get());
        log.newest = last;
        recent.clear();
        assert_eq!(log.page(&recent, "accounts/none", last - 1, 9).await, (Some((vec![], last)), reads + 1));
        let old = Page::clone(&recent.page.load());
        let events = old.events.iter().map(|(read, event)| (*read - AGE * 2, event.clone())).collect();
        recent.page.store(Arc::new(Page { events, ..old }));
        assert_eq!(log.page(&recent, "accounts/none", last - 1, 9).await, (None, reads + 1));
        assert_eq!(log.page(&recent, "accounts/none", last, 9).await, (Some((vec![], last)), reads + 1));
    }

    #[tokio::test]
    async fn what_is_gone_from_the_log_is_not_taken_for_what_matched_nothing() {
        let (recent, mut log) = (Recent::default(), Log::new(100));
        log.oldest = 98;
        assert_eq!(log.page(&recent, "accounts/even", 90, 9).await, (None, 1));
        assert_eq!(log.page(&recent, "accounts/even", 97, 9).await, (Some((vec![98, 100], 100)), 1));
        // All of it.
        (log.oldest, log.newest) = (120, 110);
        assert_eq!(log.page(&recent, "accounts/even", 105, 9).await.0, None);
    }
}

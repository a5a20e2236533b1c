//! The events that are being delivered to one endpoint: the events of a message one after the other, different messages
//! beside each other.

use std::collections::{BTreeMap, HashMap, VecDeque};

use tokio::time::Instant;

/// The most events that are read before the oldest of them is delivered: so many may be delivered again after a crash.
pub(super) const WINDOW: usize = 1024;

/// One event in the window.
#[derive(Debug)]
struct Entry<E> {
    event: E,
    /// The message, whose events are delivered in order.
    message: Option<String>,
    state: State,
    /// The number of attempts so far.
    attempts: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Ready,
    Sending,
    WaitsUntil(Instant),
}

/// The events that were read and are not delivered, by sequence.
#[derive(Debug)]
pub(super) struct Window<E> {
    entries: BTreeMap<i64, Entry<E>>,
    /// The sequences of each message, oldest first.
    messages: HashMap<String, VecDeque<i64>>,
    /// The last sequence that was read.
    read: i64,
}

impl<E: Clone> Window<E> {
    /// Creates a window after this sequence.
    pub(super) fn new(after: i64) -> Self {
        Self { entries: BTreeMap::new(), messages: HashMap::new(), read: after }
    }

    /// Returns the last sequence that was read.
    pub(super) fn read(&self) -> i64 {
        self.read
    }

    /// Returns the oldest event that is not delivered.
    pub(super) fn oldest(&self) -> Option<&E> {
        self.entries.first_key_value().map(|(_, entry)| &entry.event)
    }

    /// Returns the number of events that may be read now.
    pub(super) fn room(&self) -> usize {
        WINDOW.saturating_sub(self.entries.len())
    }

    /// Adds an event.
    pub(super) fn add(&mut self, sequence: i64, message: Option<String>, event: E) {
        if let Some(message) = &message {
            self.messages.entry(message.clone()).or_default().push_back(sequence);
        }
        self.entries.insert(sequence, Entry { event, message, state: State::Ready, attempts: 0 });
        self.read = self.read.max(sequence);
    }

    /// Notes that all events up to this sequence were read.
    pub(super) fn read_to(&mut self, sequence: i64) {
        self.read = self.read.max(sequence);
    }

    /// Returns the sequence up to which everything is delivered.
    pub(super) fn delivered_to(&self) -> i64 {
        self.entries.first_key_value().map_or(self.read, |(oldest, _)| oldest - 1)
    }

    /// Returns the oldest event that can be sent now, with its sequence and the number of this attempt.
    pub(super) fn begin(&mut self, now: Instant) -> Option<(i64, E, usize)> {
        let Self { entries, messages, .. } = self;
        let is_first = |sequence: i64, message: &Option<String>| {
            let queue = message.as_ref().and_then(|message| messages.get(message));
            queue.is_none_or(|queue| queue.front() == Some(&sequence))
        };
        let (sequence, entry) = entries.iter_mut().find(|(sequence, entry)| {
            let is_due = match entry.state {
                State::Ready => true,
                State::Sending => false,
                State::WaitsUntil(time) => time <= now,
            };
            is_due && is_first(**sequence, &entry.message)
        })?;
        entry.state = State::Sending;
        entry.attempts += 1;
        Some((*sequence, entry.event.clone(), entry.attempts))
    }

    /// Removes an event that was delivered.
    pub(super) fn delivered(&mut self, sequence: i64) {
        let Some(Entry { message: Some(message), .. }) = self.entries.remove(&sequence) else { return };
        if let Some(queue) = self.messages.get_mut(&message) {
            queue.retain(|other| *other != sequence);
            if queue.is_empty() {
                self.messages.remove(&message);
            }
        }
    }

    /// Lets an event that was not delivered wait.
    pub(super) fn failed(&mut self, sequence: i64, until: Instant) {
        if let Some(entry) = self.entries.get_mut(&sequence) {
            entry.state = State::WaitsUntil(until);
        }
    }

    /// Returns when the next event that waits can be sent.
    pub(super) fn next_due(&self) -> Option<Instant> {
        let times = self.entries.values().filter_map(|entry| match entry.state {
            State::WaitsUntil(time) => Some(time),
            State::Ready | State::Sending => None,
        });
        times.min()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn window(events: &[(i64, &str)]) -> Window<i64> {
        let mut window = Window::new(0);
        for (sequence, message) in events {
            window.add(*sequence, (!message.is_empty()).then(|| (*message).to_owned()), *sequence);
        }
        window
    }

    fn begun(window: &mut Window<i64>, now: Instant) -> Vec<i64> {
        std::iter::from_fn(|| window.begin(now)).map(|(sequence, ..)| sequence).collect()
    }

    #[test]
    fn a_message_s_events_go_one_after_the_other_and_other_messages_beside_them() {
        let (mut window, now) = (window(&[(1, "a"), (2, "a"), (4, "b"), (5, ""), (6, ""), (7, "a")]), Instant::now());
        assert_eq!(begun(&mut window, now), [1, 4, 5, 6]);
        window.delivered(4);
        assert_eq!((begun(&mut window, now), window.delivered_to(), window.oldest()), (vec![], 0, Some(&1)));
        window.delivered(1);
        assert_eq!((begun(&mut window, now), window.delivered_to()), (vec![2], 1));
        for sequence in [5, 6, 2] {
            window.delivered(sequence);
        }
        assert_eq!((begun(&mut window, now), window.delivered_to()), (vec![7], 6));
        window.delivered(7);
        window.read_to(9);
        assert_eq!((window.delivered_to(), window.read(), window.messages.len()), (9, 9, 0));
    }

    #[test]
    fn what_failed_waits_and_so_do_the_later_events_of_its_message() {
        let (mut window, now) = (window(&[(1, "a"), (2, "a"), (3, "b")]), Instant::now());
        assert_eq!(begun(&mut window, now), [1, 3]);
        let due = now + Duration::from_secs(5);
        window.failed(1, due);
        window.delivered(3);
        assert_eq!((begun(&mut window, now), window.next_due(), window.delivered_to()), (vec![], Some(due), 0));
        assert_eq!(window.begin(due), Some((1, 1, 2)));
        assert_eq!(window.next_due(), None);
    }

    #[test]
    fn a_window_that_is_full_takes_no_more() {
        let mut window = Window::new(0);
        for sequence in 1..=WINDOW as i64 {
            assert!(window.room() > 0);
            window.add(sequence, None, sequence);
        }
        assert_eq!(window.room(), 0);
        window.delivered(500);
        assert_eq!(window.room(), 1);
    }
}

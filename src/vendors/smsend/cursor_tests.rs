//! The guarantee of the stream, for any sequence of events: no message is missed, none is seen twice, and the messages
//! of each number come in order.

use std::sync::{Mutex, PoisonError};

use futures::executor::block_on;
use proptest::prelude::*;
use prost_types::Timestamp;

use super::*;
use crate::request::token;

/// A vendor with tiny pages, at which messages arrive between any two requests.
#[derive(Default)]
struct Vendor(Mutex<State>);

#[derive(Default)]
struct State {
    /// The vendor's clock.
    clock: i64,
    arrived: Vec<Arrival>,
    /// The messages still to arrive, last first.
    coming: Vec<Coming>,
    /// The number of messages that arrive before each of the next requests.
    rhythm: Vec<usize>,
    oldest_first: bool,
    tells_total: bool,
}

/// A message still to arrive: at which number, how long after the previous one, and how late.
#[derive(Debug, Clone)]
struct Coming {
    number: u8,
    after: i64,
    late: i64,
}

impl Vendor {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a request: some messages arrive before it.
    fn asked(&self) -> std::sync::MutexGuard<'_, State> {
        let mut state = self.state();
        for _ in 0..state.rhythm.pop().unwrap_or(0) {
            state.receive();
        }
        state
    }
}

impl State {
    fn receive(&mut self) {
        let Some(Coming { number, after, late }) = self.coming.pop() else { return };
        self.clock += after;
        let to = format!("+3934{number}");
        // From 8 on, so that numeric order differs from text order.
        let id = 8 + self.arrived.iter().filter(|arrival| arrival.message.to == to).count();
        let receive_time = Some(Timestamp { seconds: self.clock - late, nanos: 0 });
        let message = ReceivedMessage { name: format!("{to}~{id}"), to, receive_time, ..ReceivedMessage::default() };
        self.arrived.push(Arrival { id: Id::new(&id.to_string()), message });
    }
}

fn seconds(arrival: &Arrival) -> i64 {
    arrival.message.receive_time.map_or(0, |time| time.seconds)
}

impl Source for Vendor {
    const HISTORY: usize = 3;
    const AFTER: usize = 2;

    async fn history(&self, from: i64, page: usize) -> Result<Page, Error> {
        let state = self.asked();
        let mut found: Vec<_> = state.arrived.iter().filter(|arrival| seconds(arrival) >= from).cloned().collect();
        found.sort_by_key(seconds);
        if !state.oldest_first {
            found.reverse();
        }
        let total = state.tells_total.then_some(found.len());
        let arrivals: Vec<_> = found.into_iter().skip((page - 1) * Self::HISTORY).take(Self::HISTORY).collect();
        Ok(Page { count: arrivals.len(), arrivals, total })
    }

    async fn after(&self, number: &str, id: &Id) -> Result<Vec<Arrival>, Error> {
        let state = self.asked();
        let later = state.arrived.iter().filter(|arrival| arrival.message.to == number && arrival.id > *id);
        Ok(later.take(Self::AFTER).cloned().collect())
    }
}

/// A caller: the messages that it processed, and the token of each.
#[derive(Default)]
struct Caller {
    seen: Vec<(String, String)>,
    cursor: Cursor,
}

impl Caller {
    /// Polls once; the caller processes at most `count` messages, and disconnects when there are more.
    fn look(&mut self, vendor: &Vendor, skew: i64, count: usize) {
        let now = vendor.state().clock + skew;
        let arrivals = block_on(self.cursor.look(vendor, now)).expect("no errors here");
        let all = arrivals.len();
        for arrival in arrivals.into_iter().take(count) {
            self.cursor.pass(&arrival);
            self.seen.push((arrival.message.name, token::seal(&self.cursor, &"test")));
        }
        if count < all {
            self.reconnect(self.seen.len());
        }
    }

    /// Reconnects with the token of the last of the first `count` messages, and forgets the later ones; does nothing
    /// without such a token.
    fn reconnect(&mut self, count: usize) {
        if let Some((_, token)) = self.seen.get(count.wrapping_sub(1)) {
            self.cursor = token::open(token, &"test").expect("a token of ours");
            self.seen.truncate(count);
        }
    }

    fn names(&self) -> Vec<&str> {
        self.seen.iter().map(|(name, _)| name.as_str()).collect()
    }
}

#[derive(Debug, Clone)]
enum Step {
    Look(usize),
    ComeBack(prop::sample::Index),
}

prop_compose! {
    fn coming()(number in 0..4u8, after in 0..3i64, late in prop_oneof![Just(0), 0..3000i64]) -> Coming {
        Coming { number, after, late }
    }
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let look = prop_oneof![3 => Just(usize::MAX), 1 => 1..6usize].prop_map(Step::Look);
    prop::collection::vec(prop_oneof![4 => look, 1 => any::<prop::sample::Index>().prop_map(Step::ComeBack)], 1..12)
}

/// Runs a caller through the steps, polls until nothing is left, and asserts that the caller has seen exactly what
/// `expected` picks, each number's in order.
fn run_caller(
    vendor: &Vendor,
    mut caller: Caller,
    steps: &[Step],
    skew: i64,
    expected: impl Fn(&Arrival) -> bool,
) -> Result<(), TestCaseError> {
    for step in steps {
        match step {
            Step::Look(count) => caller.look(vendor, skew, *count),
            Step::ComeBack(index) if !caller.seen.is_empty() => caller.reconnect(index.index(caller.seen.len()) + 1),
            Step::ComeBack(_) => {}
        }
    }
    let mut state = vendor.state();
    while !state.coming.is_empty() {
        state.receive();
    }
    drop(state);
    // One poll for what is found by time, and one for each number for what is too late for that.
    for _ in 0..6 {
        caller.look(vendor, skew, usize::MAX);
    }
    let state = vendor.state();
    for number in 0..4 {
        let prefix = format!("+3934{number}~");
        let of_number =
            |names: Vec<&str>| names.into_iter().filter(|n| n.starts_with(&prefix)).map(str::to_owned).collect();
        let seen: Vec<String> = of_number(caller.names());
        let there: Vec<String> =
            of_number(state.arrived.iter().filter(|a| expected(a)).map(|a| a.message.name.as_str()).collect());
        prop_assert_eq!(seen, there);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn everything_since_a_time_is_seen_once_and_in_order(
        coming in prop::collection::vec(coming(), 0..40),
        rhythm in prop::collection::vec(0..4usize, 0..40),
        steps in steps(), oldest_first: bool, tells_total: bool, skew in -500..500i64,
    ) {
        let vendor = Vendor(Mutex::new(State { clock: 1_000_000, coming, rhythm, oldest_first, tells_total, ..State::default() }));
        let caller = Caller { cursor: Cursor::starting(0), ..Caller::default() };
        run_caller(&vendor, caller, &steps, skew, |_| true)?;
    }

    #[test]
    fn everything_after_now_is_seen_once_and_nothing_before(
        old in prop::collection::vec(coming(), 0..20),
        coming in prop::collection::vec(coming(), 0..20),
        rhythm in prop::collection::vec(0..4usize, 0..40),
        steps in steps(), skew in 0..500i64,
    ) {
        let mut state = State { clock: 1_000_000, coming: old, ..State::default() };
        while !state.coming.is_empty() {
            state.receive();
        }
        state.clock += 1;
        let (now, old) = (state.clock, state.arrived.clone());
        state.coming = coming;
        let vendor = Vendor(Mutex::new(state));
        let mut caller = Caller { cursor: Cursor::starting(now), ..Caller::default() };
        caller.look(&vendor, skew, usize::MAX);
        vendor.state().rhythm = rhythm;
        run_caller(&vendor, caller, &steps, skew, |arrival| !old.contains(arrival))?;
    }
}

/// Returns a vendor at which these have arrived, in this order.
fn vendor(arrived: &[(u8, i64)]) -> Vendor {
    let mut state = State { clock: 1_000_000, ..State::default() };
    for (number, late) in arrived {
        state.coming.push(Coming { number: *number, after: 1, late: *late });
        state.receive();
    }
    Vendor(Mutex::new(state))
}

#[test]
fn numbers_are_merged_by_time_but_never_against_the_order_of_one() {
    let vendor = vendor(&[(0, 0), (1, 30), (0, 20), (1, 0)]);
    let mut caller = Caller { cursor: Cursor::starting(0), ..Caller::default() };
    caller.look(&vendor, 0, usize::MAX);
    assert_eq!(caller.names(), ["+39341~8", "+39340~8", "+39340~9", "+39341~9"]);
}

#[test]
fn a_known_number_s_message_may_be_late_by_a_day() {
    let vendor = vendor(&[(0, 0), (1, 0)]);
    let mut caller = Caller { cursor: Cursor::starting(0), ..Caller::default() };
    caller.look(&vendor, 0, usize::MAX);
    vendor.state().coming.push(Coming { number: 1, after: 1, late: 86_400 });
    vendor.state().receive();
    for _ in 0..2 {
        caller.look(&vendor, 0, usize::MAX);
    }
    assert_eq!(caller.names(), ["+39340~8", "+39341~8", "+39341~9"]);
}

#[test]
fn polling_costs_the_same_after_a_long_time() {
    let vendor = vendor(&[(0, 0); 50]);
    let mut caller = Caller { cursor: Cursor::starting(0), ..Caller::default() };
    caller.look(&vendor, 0, usize::MAX);
    assert_eq!(caller.seen.len(), 50);
    // Two polls without arrivals: a second page would be noticed.
    vendor.state().clock += 2 * OVERLAP;
    caller.look(&vendor, 0, usize::MAX);
    vendor.state().rhythm = vec![0; 10];
    caller.look(&vendor, 0, usize::MAX);
    assert_eq!(vendor.state().rhythm.len(), 10 - 2, "one page of the history, and one number in turn");
}

#[test]
fn ids_are_ordered_as_the_numbers_they_are() {
    let mut ids = ["10", "9", "31", "100"].map(Id::new);
    ids.sort();
    assert_eq!(ids.map(String::from), ["9", "10", "31", "100"]);
}

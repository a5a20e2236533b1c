//! The guarantee of the stream, for any sequence of events: no message is missed, and none is seen twice.

use std::sync::{Mutex, MutexGuard, PoisonError};

use futures::executor::block_on;
use proptest::prelude::*;
use prost_types::Timestamp;

use super::*;

/// A vendor with small pages, at which messages arrive between any two requests.
#[derive(Default)]
struct Vendor(Mutex<State>);

struct State {
    /// The vendor's clock.
    clock: i64,
    arrived: Vec<Arrival>,
    /// The messages still to arrive, last first: how long after the previous one, and how late.
    coming: Vec<(i64, i64)>,
    /// The number of messages that arrive before each of the next requests.
    rhythm: Vec<usize>,
    page: usize,
    /// Whether the requested page number is ignored.
    stuck: bool,
    asked: usize,
}

impl Default for State {
    fn default() -> Self {
        let (clock, page) = (1_000_000, 3);
        Self { clock, page, arrived: vec![], coming: vec![], rhythm: vec![], stuck: false, asked: 0 }
    }
}

impl Vendor {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Creates a vendor at which messages of these ages, in seconds, have arrived.
    fn with(ages: impl IntoIterator<Item = i64>) -> Self {
        let vendor = Self::default();
        for age in ages {
            vendor.state().receive(0, age);
        }
        vendor
    }
}

impl State {
    fn receive(&mut self, after: i64, late: i64) {
        self.clock += after;
        let receive_time = Some(Timestamp { seconds: self.clock - late, nanos: 0 });
        // Ids have no relation to the order of arrival.
        let id = format!("{:08x}-86ce-11ea", (self.arrived.len() as u32).wrapping_mul(0x9e37_79b9));
        // Every fifth is at another number.
        let to = if self.arrived.len() % 5 == 4 { "+2" } else { "+1" }.to_owned();
        let message = ReceivedMessage { name: id.clone(), to, receive_time, ..ReceivedMessage::default() };
        self.arrived.push(Arrival { id, message });
    }

    fn receive_next(&mut self) -> bool {
        let next = self.coming.pop();
        if let Some((after, late)) = next {
            self.receive(after, late);
        }
        next.is_some()
    }
}

impl Source for Vendor {
    async fn page(&self, number: u64) -> Result<Page, Error> {
        let mut state = self.state();
        state.asked += 1;
        for _ in 0..state.rhythm.pop().unwrap_or(0) {
            state.receive_next();
        }
        let mut all = state.arrived.clone();
        all.reverse();
        all.sort_by_key(|arrival| -seconds(arrival));
        let number = if state.stuck { 1 } else { number };
        let before = (usize::try_from(number).expect("a page") - 1) * state.page;
        let arrivals: Vec<_> = all.into_iter().skip(before).take(state.page).collect();
        Ok(Page { count: arrivals.len(), arrivals })
    }

    fn wants(&self, message: &ReceivedMessage) -> bool {
        message.to == "+1"
    }
}

/// A caller: the messages that it processed, and the token of each.
struct Caller {
    seen: Vec<(String, String)>,
    cursor: Cursor,
}

impl Caller {
    fn starting(start: i64) -> Self {
        Self { seen: vec![], cursor: Cursor::starting(start) }
    }

    /// Polls once; the caller processes at most `count` messages, and disconnects when there are more.
    fn look(&mut self, vendor: &Vendor, skew: i64, count: usize) {
        let now = vendor.state().clock + skew;
        let arrivals = block_on(self.cursor.look(vendor, now)).expect("no errors here");
        assert!(arrivals.is_sorted_by_key(seconds), "by time");
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

    /// Returns everything that the caller has seen, in no order.
    fn names(&self) -> Vec<&str> {
        let mut names: Vec<_> = self.seen.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        names
    }
}

/// Returns what a caller should have seen of the arrived messages, without the first `old`.
fn wanted(state: &State, old: usize) -> Vec<String> {
    let arrived = state.arrived.iter().skip(old).filter(|arrival| arrival.message.to == "+1");
    let mut names: Vec<_> = arrived.map(|arrival| arrival.message.name.clone()).collect();
    names.sort_unstable();
    names
}

#[derive(Debug, Clone)]
enum Step {
    Look(usize),
    ComeBack(prop::sample::Index),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let look = prop_oneof![3 => Just(usize::MAX), 1 => 1..6usize].prop_map(Step::Look);
    prop::collection::vec(prop_oneof![4 => look, 1 => any::<prop::sample::Index>().prop_map(Step::ComeBack)], 1..12)
}

/// Messages seconds or an hour apart, some of them late.
fn coming(count: usize) -> impl Strategy<Value = Vec<(i64, i64)>> {
    let after = prop_oneof![6 => 0..3i64, 1 => Just(3600)];
    prop::collection::vec((after, prop_oneof![Just(0), 0..3000i64]), 0..count)
}

/// Runs a caller through the steps, and polls until nothing is left.
fn run_caller(vendor: &Vendor, caller: &mut Caller, steps: &[Step], skew: i64) {
    for step in steps {
        match step {
            Step::Look(count) => caller.look(vendor, skew, *count),
            Step::ComeBack(index) if !caller.seen.is_empty() => caller.reconnect(index.index(caller.seen.len()) + 1),
            Step::ComeBack(_) => {}
        }
    }
    while vendor.state().receive_next() {
        // A caller that is away for longer than the overlap may miss late messages.
        caller.look(vendor, skew, usize::MAX);
    }
    caller.look(vendor, skew, usize::MAX);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn everything_since_a_time_is_seen_once(
        coming in coming(40), rhythm in prop::collection::vec(0..4usize, 0..40), steps in steps(), skew in -500..500i64,
    ) {
        let vendor = Vendor(Mutex::new(State { coming, rhythm, ..State::default() }));
        let mut caller = Caller::starting(0);
        run_caller(&vendor, &mut caller, &steps, skew);
        prop_assert_eq!(caller.names(), wanted(&vendor.state(), 0));
    }

    #[test]
    fn everything_after_now_is_seen_once_and_nothing_before(
        old in coming(20), coming in coming(20), rhythm in prop::collection::vec(0..4usize, 0..40), steps in steps(),
        skew in 0..500i64,
    ) {
        let vendor = Vendor(Mutex::new(State { coming: old, ..State::default() }));
        while vendor.state().receive_next() {}
        vendor.state().clock += 1;
        let (now, old) = { let state = vendor.state(); (state.clock, state.arrived.len()) };
        vendor.state().coming = coming;
        let mut caller = Caller::starting(now);
        caller.look(&vendor, skew, usize::MAX);
        vendor.state().rhythm = rhythm;
        run_caller(&vendor, &mut caller, &steps, skew);
        prop_assert_eq!(caller.names(), wanted(&vendor.state(), old));
    }

    #[test]
    fn a_cursor_survives_a_round_trip(
        from in 0..i64::from(u32::MAX), after in prop::collection::btree_set((0..100_000u32, any::<u64>()), 0..20),
    ) {
        let seen = after.into_iter().map(|(after, mark)| (from + i64::from(after), mark)).collect();
        let cursor = Cursor { from, seen, ..Cursor::default() };
        prop_assert_eq!(token::open(&token::seal(&cursor, &"test"), &"test"), Some(cursor));
    }
}

#[test]
fn a_message_may_be_late_by_almost_the_overlap_and_is_not_seen_when_it_is_later() {
    for (late, count) in [(OVERLAP - 10, 2), (OVERLAP + 10, 1)] {
        let vendor = Vendor::with([0]);
        let mut caller = Caller::starting(0);
        caller.look(&vendor, 0, usize::MAX);
        caller.reconnect(1);
        vendor.state().receive(5, late);
        caller.look(&vendor, 0, usize::MAX);
        assert_eq!(caller.seen.len(), count, "{late} s");
    }
}

#[test]
fn a_burst_is_seen_once_and_tokens_stay_short() {
    // Ten a second, and at the end half as many in one second as a token may have beyond its limit.
    let ages = (0..3 * LIMIT as i64).rev().map(|n| 10 + n / 10).chain(std::iter::repeat_n(0, LIMIT / 2));
    let vendor = Vendor::with(ages);
    vendor.state().page = 100;
    let mut caller = Caller::starting(0);
    for count in [LIMIT / 2, 2 * LIMIT, usize::MAX, usize::MAX] {
        caller.look(&vendor, 0, count);
    }
    // Late, but not older than the oldest in the token.
    for late in [20, 15, 10] {
        vendor.state().receive(0, late);
    }
    caller.look(&vendor, 0, 1);
    caller.look(&vendor, 0, usize::MAX);
    assert_eq!(caller.names(), wanted(&vendor.state(), 0));
    let longest = caller.seen.iter().map(|(_, token)| token.len()).max();
    assert!(longest.is_some_and(|longest| longest < 22 * LIMIT + 1000), "{longest:?}");
}

#[test]
fn polling_costs_the_same_after_a_long_time_also_without_messages() {
    let vendor = Vendor::with([0; 4]);
    let mut caller = Caller::starting(0);
    caller.look(&vendor, 0, usize::MAX);
    vendor.state().clock += 2 * OVERLAP;
    // At another number.
    vendor.state().receive(0, 0);
    for _ in 0..2 {
        vendor.state().asked = 0;
        caller.look(&vendor, 0, usize::MAX);
    }
    assert_eq!((vendor.state().asked, caller.cursor.seen.len(), caller.seen.len()), (1, 0, 4));
}

#[test]
fn a_vendor_that_repeats_a_page_does_not_cause_an_endless_loop() {
    let vendor = Vendor::with([0; 9]);
    vendor.state().stuck = true;
    let mut caller = Caller::starting(0);
    caller.look(&vendor, 0, usize::MAX);
    assert_eq!((vendor.state().asked, caller.seen.len()), (MAX_PAGES_WITHOUT_NEWS + 1, 3));
}

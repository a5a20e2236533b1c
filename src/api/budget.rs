//! How often something may be done: at most so often in any span of time, by all replicas together.
//!
//! Of a budget that replicas share, each has a share, in whole turns, until a time. No two replicas hold the same turn
//! within one span: a turn that a replica gives up stays counted as held until the span has passed. So the turns that all
//! replicas take in any span are never more than the budget.

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak},
    time::Duration,
};

use tokio::{
    sync::{Notify, Semaphore},
    time::{Instant, sleep_until, timeout_at},
};

/// How long a share is good for after the question that it answers, unless it is renewed.
pub const VALID: Duration = Duration::from_secs(5);

/// How much longer than that the others leave it alone, beside the span: clocks do not run at the same speed.
pub const MARGIN: Duration = Duration::from_secs(1);

/// How often a share is asked for.
pub const ROUND: Duration = Duration::from_secs(1);

/// The least time over which demand is measured.
const MEASURED: Duration = Duration::from_millis(500);

/// What is left of a demand after a second without any.
const KEPT: f64 = 0.8;

/// How far the even spacing may fall behind and catch up: timers are late.
const CATCH_UP: Duration = Duration::from_millis(100);

/// At most `most` turns in any `span`.
pub struct Budget {
    /// Names the budget among all replicas. It may hold a phone number.
    name: String,
    most: u32,
    span: Duration,
    /// Whether an idle replica gives its share back.
    lapses: bool,
    state: Mutex<State>,
    /// The first in the queue waits for its turn, the others wait for the queue.
    queue: Semaphore,
    /// The share has changed.
    changed: Notify,
}

struct State {
    share: u32,
    /// The end of the share; `None`: never.
    until: Option<Instant>,
    /// The turns of the last span, oldest first.
    taken: VecDeque<Instant>,
    /// When the last turn was due by even spacing.
    slot: Option<Instant>,
    /// Those that wait for a turn.
    waiting: u32,
    /// `None` if the whole budget is this process's.
    sharing: Option<Sharing>,
}

/// What is known for the next round.
struct Sharing {
    wake: Arc<Notify>,
    /// Until when the share was so large, of the last span.
    lowered: VecDeque<(Instant, u32)>,
    asked: u32,
    measured: Instant,
    wants: f64,
}

/// What a replica says of its share when it asks for the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The most that the replica has had within the last span.
    pub held: u32,
    /// The turns in a span that were asked for.
    pub wants: u32,
}

impl Budget {
    /// Creates a budget that this process has alone. `lapses`: whether an idle replica gives its share back.
    pub fn new(name: String, most: u32, span: Duration, lapses: bool) -> Self {
        let state = State { share: most, until: None, taken: VecDeque::new(), slot: None, waiting: 0, sharing: None };
        let (state, queue, changed) = (Mutex::new(state), Semaphore::new(1), Notify::new());
        Self { name, most, span, lapses, state, queue, changed }
    }

    /// Returns the name among all replicas.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns how many turns all replicas have in a span.
    pub fn most(&self) -> u32 {
        self.most
    }

    /// Returns how long other replicas are to leave a share alone.
    pub fn lease(&self) -> Duration {
        VALID + self.span + MARGIN
    }

    /// Returns how long other replicas are to leave a share alone that is not used any more.
    pub fn last_lease(&self) -> Duration {
        self.span + MARGIN
    }

    /// Waits for a turn, in order of arrival; turns are evenly spaced.
    ///
    /// # Errors
    /// How long the wait would be: the turn comes at `deadline` or later, and none is used.
    pub async fn turn(&self, deadline: Instant) -> Result<(), Duration> {
        let Some(_waiting) = self.ask(Instant::now(), deadline)? else { return Ok(()) };
        let Ok(Ok(_first)) = timeout_at(deadline, self.queue.acquire()).await else { return Err(self.wait()) };
        loop {
            let now = Instant::now();
            let due = {
                let mut state = self.lock();
                let due = state.due(self.span, now).map(|due| due.max(state.spaced(self.span, now)));
                match due {
                    Some(due) if due <= now => {
                        state.take(self.span, now, true);
                        return Ok(());
                    }
                    due => due,
                }
            };
            if due.is_some_and(|due| due >= deadline) || now >= deadline {
                return Err(self.wait());
            }
            tokio::select! {
                () = sleep_until(due.unwrap_or(deadline)) => {}
                () = self.changed.notified() => {}
            }
        }
    }

    /// Takes a turn if there is one now, evenly spaced or not.
    ///
    /// # Errors
    /// How long to wait for one.
    pub fn try_turn(&self, now: Instant) -> Result<(), Duration> {
        let mut state = self.lock();
        state.asked();
        match state.due(self.span, now) {
            Some(due) if due <= now => {
                state.take(self.span, now, false);
                Ok(())
            }
            Some(due) => Err(due - now),
            None => Err(ROUND),
        }
    }

    /// Takes a turn that is due, and otherwise a place among those that wait.
    fn ask(&self, now: Instant, deadline: Instant) -> Result<Option<Waiting<'_>>, Duration> {
        let mut state = self.lock();
        state.asked();
        let due = state.due(self.span, now).map(|due| due.max(state.spaced(self.span, now)));
        if due.is_some_and(|due| due <= now) && state.waiting == 0 && now < deadline {
            state.take(self.span, now, false);
            return Ok(None);
        }
        let turn = due.map_or(now, |due| now.max(due) + state.interval(self.span) * state.waiting);
        if turn >= deadline {
            return Err(turn - now);
        }
        state.waiting += 1;
        Ok(Some(Waiting(self)))
    }

    /// Returns about how long another one would wait.
    fn wait(&self) -> Duration {
        let (now, mut state) = (Instant::now(), self.lock());
        let due = state.due(self.span, now).map(|due| due.max(state.spaced(self.span, now)));
        due.map_or(ROUND, |due| due.saturating_duration_since(now) + state.interval(self.span) * state.waiting)
    }

    /// Shares the budget from now on, with a share of nothing. Has no effect on one that is shared already.
    fn share(&self, wake: &Arc<Notify>) {
        let mut state = self.lock();
        if state.sharing.is_none() {
            let (wake, measured) = (wake.clone(), Instant::now());
            state.sharing = Some(Sharing { wake, lowered: VecDeque::new(), asked: 0, measured, wants: 0.0 });
            state.share = 0;
        }
    }

    /// Returns how the replica stands at the start of a round; `None` if it needs no share.
    pub fn standing(&self, now: Instant) -> Option<Standing> {
        let mut state = self.lock();
        state.expire(now);
        let (share, waiting) = (state.share, state.waiting);
        let sharing = state.sharing.as_mut()?;
        let since = now.saturating_duration_since(sharing.measured);
        if since >= MEASURED {
            let spans = since.as_secs_f64() / self.span.as_secs_f64();
            let asked = f64::from(std::mem::take(&mut sharing.asked)) / spans;
            sharing.wants = asked.max(sharing.wants * KEPT.powf(since.as_secs_f64()));
            sharing.measured = now;
        }
        sharing.lowered.retain(|(until, _)| *until + self.span > now);
        let held = sharing.lowered.iter().map(|(_, was)| *was).fold(share, u32::max);
        let most = f64::from(self.most);
        // Less than a turn in ten spans is none.
        let wants = (sharing.wants - 0.1).ceil().clamp(0.0, most) as u32;
        let wants = wants.max(waiting.min(self.most)).max(u32::from(sharing.asked > 0));
        (!self.lapses || wants > 0).then_some(Standing { held, wants })
    }

    /// Sets the share that was answered to a question of `begun`.
    pub fn set_share(&self, share: u32, begun: Instant, now: Instant) {
        let mut state = self.lock();
        state.expire(now);
        state.lower(share, now);
        (state.share, state.until) = (share, Some(begun + VALID));
        drop(state);
        self.changed.notify_one();
    }

    /// Gives the share back: the budget is not used any more, or another budget has its name.
    pub fn give_up(&self) {
        let (now, mut state) = (Instant::now(), self.lock());
        state.expire(now);
        state.lower(0, now);
        state.share = 0;
    }

    /// Returns when something that is held can be given back, if anything.
    pub fn releases(&self) -> Option<Instant> {
        self.lock().sharing.as_ref()?.lowered.front().map(|(until, _)| *until + self.span)
    }

    /// Whether nothing of the budget is in use or counts any more.
    pub fn is_idle(&self, now: Instant) -> bool {
        let mut state = self.lock();
        state.expire(now);
        let holds = state.sharing.as_ref().is_some_and(|sharing| state.share > 0 || !sharing.lowered.is_empty());
        state.waiting == 0 && !holds && state.taken.back().is_none_or(|last| *last + self.span <= now)
    }

    /// Held for a few instructions, never over an await.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Omits the name: it may hold a phone number.
impl fmt::Debug for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Budget({} in {:?})", self.most, self.span)
    }
}

impl State {
    fn asked(&mut self) {
        let share = self.share;
        if let Some(sharing) = &mut self.sharing {
            sharing.asked = sharing.asked.saturating_add(1);
            if share == 0 {
                sharing.wake.notify_one();
            }
        }
    }

    fn share(&self, now: Instant) -> u32 {
        if self.until.is_some_and(|until| now >= until) { 0 } else { self.share }
    }

    /// Returns when the next turn is due by the number of turns in a span; `None` without a share.
    fn due(&mut self, span: Duration, now: Instant) -> Option<Instant> {
        let share = self.share(now) as usize;
        while self.taken.front().is_some_and(|first| *first + span <= now) {
            self.taken.pop_front();
        }
        if share == 0 {
            return None;
        }
        let before = self.taken.len().checked_sub(share).and_then(|index| self.taken.get(index));
        Some(before.map_or(now, |before| *before + span))
    }

    fn interval(&self, span: Duration) -> Duration {
        span / self.share.max(1)
    }

    /// Returns when the next turn is due by even spacing.
    fn spaced(&self, span: Duration, now: Instant) -> Instant {
        self.slot.map_or(now, |slot| slot + self.interval(span))
    }

    fn take(&mut self, span: Duration, now: Instant, has_waited: bool) {
        let behind = now.checked_sub(CATCH_UP).unwrap_or(now);
        self.slot = Some(if has_waited { self.spaced(span, now).max(behind) } else { now });
        self.taken.push_back(now);
    }

    /// Notes that a share has ended without another one.
    fn expire(&mut self, now: Instant) {
        if let Some(until) = self.until.filter(|until| now >= *until) {
            self.lower(0, until);
            (self.share, self.until) = (0, None);
        }
    }

    /// Notes that the share becomes smaller.
    fn lower(&mut self, to: u32, now: Instant) {
        let share = self.share;
        if let Some(sharing) = self.sharing.as_mut().filter(|_| to < share) {
            sharing.lowered.push_back((now, share));
        }
    }
}

/// One that waits for a turn.
struct Waiting<'a>(&'a Budget);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.lock().waiting -= 1;
    }
}

/// The budgets of an account or of callers.
#[derive(Debug, Default)]
pub struct Budgets {
    all: Mutex<Vec<Weak<Budget>>>,
    /// Wakes the task that shares, once there is one.
    wake: OnceLock<Arc<Notify>>,
}

impl Budgets {
    /// Adds a budget, as long as somebody else has it.
    pub fn add(&self, budget: &Arc<Budget>) {
        if let Some(wake) = self.wake.get() {
            budget.share(wake);
        }
        let mut all = self.lock();
        if all.len() == all.capacity() {
            // Without other replicas the list is never read, so dead entries are dropped before the list grows.
            all.retain(|budget| budget.strong_count() > 0);
        }
        all.push(Arc::downgrade(budget));
    }

    /// Shares these budgets, and those that are added, from now on. `wake` is notified when a share is needed soon.
    pub fn share(&self, wake: &Arc<Notify>) {
        let wake = self.wake.get_or_init(|| wake.clone());
        self.list().iter().for_each(|budget| budget.share(wake));
    }

    /// Returns all budgets that are still there.
    pub fn list(&self) -> Vec<Arc<Budget>> {
        let mut all = self.lock();
        all.retain(|budget| budget.strong_count() > 0);
        all.iter().filter_map(Weak::upgrade).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Weak<Budget>>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn budget(most: u32) -> Budget {
        Budget::new("a".to_owned(), most, SECOND, false)
    }

    #[test]
    fn budgets_that_nobody_has_are_forgotten_as_others_are_added() {
        let (budgets, kept) = (Budgets::default(), Arc::new(budget(1)));
        budgets.add(&kept);
        for _ in 0..10_000 {
            budgets.add(&Arc::new(budget(1)));
        }
        assert!(budgets.lock().capacity() <= 16);
        assert!(budgets.list().iter().any(|budget| Arc::ptr_eq(budget, &kept)));
    }

    #[tokio::test]
    async fn turns_come_evenly_spaced_in_order_of_arrival() {
        let (budget, start) = (budget(20), Instant::now());
        let turns = (0..5).map(|_| async { budget.turn(start + 60 * SECOND).await.map(|()| Instant::now()) });
        let turns = futures::future::join_all(turns).await;
        for (number, turn) in (0..).zip(&turns) {
            assert!(*turn.as_ref().expect("in time") >= start + SECOND / 20 * number, "{number}: {turns:?}");
        }
        assert!(turns.is_sorted_by_key(|turn| turn.expect("in time")), "{turns:?}");
    }

    #[tokio::test]
    async fn a_call_whose_turn_would_come_too_late_fails_at_once_and_uses_no_turn() {
        let (budget, now) = (Budget::new("a".to_owned(), 1, 1000 * SECOND, false), Instant::now());
        budget.turn(now + SECOND).now_or_never().expect("the first").expect("in time");
        let mut second = Box::pin(budget.turn(now + 1500 * SECOND));
        assert!((&mut second).now_or_never().is_none());
        for _ in 0..3 {
            let wait = budget.turn(now + 1500 * SECOND).now_or_never().expect("at once").expect_err("too late");
            assert!(wait > 1500 * SECOND && wait <= 2000 * SECOND, "{wait:?}");
        }
        // Who leaves frees the place.
        drop(second);
        assert!(budget.turn(now + 1500 * SECOND).now_or_never().is_none());
    }

    #[test]
    fn no_span_has_more_turns_than_the_budget_however_late_the_takers_are() {
        let (budget, start) = (budget(10), Instant::now());
        let (mut now, mut turns) = (start, Vec::new());
        while turns.len() < 2000 {
            now += Duration::from_millis(if fastrand::u8(..50) == 0 { 700 } else { fastrand::u64(..15) });
            let mut state = budget.lock();
            let due = state.due(SECOND, now).expect("a share").max(state.slot.map_or(now, |slot| slot + SECOND / 10));
            if due <= now {
                state.take(SECOND, now, true);
                turns.push(now);
            }
        }
        assert!(turns.windows(11).all(|eleven| eleven[10] - eleven[0] >= SECOND));
    }

    #[test]
    fn turns_that_need_not_be_spaced_may_come_at_once() {
        let (budget, now) = (budget(3), Instant::now());
        let takes: Vec<_> = (0..4).map(|_| budget.try_turn(now).is_ok()).collect();
        assert_eq!(takes, [true, true, true, false]);
        assert_eq!(budget.try_turn(now + SECOND / 4), Err(SECOND * 3 / 4));
        assert_eq!(budget.try_turn(now + SECOND), Ok(()));
    }

    #[test]
    fn a_share_ends_by_itself_and_what_was_lowered_counts_for_a_span() {
        let (budgets, budget) = (Budgets::default(), Arc::new(budget(10)));
        budgets.share(&Arc::default());
        budgets.add(&budget);
        let now = Instant::now();
        let held = |after: Duration| budget.standing(now + after).map(|standing| standing.held);
        assert_eq!((budget.try_turn(now), held(Duration::ZERO)), (Err(ROUND), Some(0)));
        budget.set_share(10, now, now);
        assert_eq!((budget.try_turn(now), held(SECOND)), (Ok(()), Some(10)));
        budget.set_share(4, now + SECOND, now + SECOND);
        assert_eq!((budget.releases(), held(SECOND * 3 / 2)), (Some(now + 2 * SECOND), Some(10)));
        assert_eq!(held(2 * SECOND), Some(4));
        assert_eq!(budget.try_turn(now + SECOND + VALID), Err(ROUND), "not renewed");
        assert_eq!(held(SECOND + VALID), Some(4));
        assert_eq!(held(2 * SECOND + VALID), Some(0));
    }

    #[test]
    fn demand_is_what_is_asked_for_and_fades() {
        let (wake, budget) = (Arc::default(), budget(100));
        budget.share(&wake);
        let now = Instant::now();
        let wants = |after: u32| budget.standing(now + after * SECOND).map(|standing| standing.wants);
        budget.set_share(10, now, now);
        assert!((0..30).filter(|_| budget.try_turn(now).is_ok()).count() == 10);
        assert_eq!(wants(1), Some(30));
        assert_eq!(wants(2), Some(24));
        assert_eq!(wants(60), Some(0));
        assert!(wake.notified().now_or_never().is_none());
        budget.try_turn(now + 60 * SECOND).expect_err("no share");
        assert!(wake.notified().now_or_never().is_some(), "one is needed soon");
    }

    #[test]
    fn a_budget_that_lapses_is_not_asked_for_without_demand() {
        let (wake, budget) = (Arc::default(), Budget::new("a".to_owned(), 1, 2 * SECOND, true));
        budget.share(&wake);
        let now = Instant::now();
        assert_eq!((budget.standing(now), budget.is_idle(now)), (None, true));
        budget.try_turn(now).expect_err("no share");
        assert_eq!(budget.standing(now), Some(Standing { held: 0, wants: 1 }));
        budget.set_share(1, now, now);
        budget.try_turn(now).expect("a turn");
        assert!(!budget.is_idle(now + VALID));
        assert!(budget.standing(now + 60 * SECOND).is_none() && budget.is_idle(now + 60 * SECOND));
    }
}

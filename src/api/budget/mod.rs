//! How often something may be done: at most so often in any span of time, by all replicas together.
//!
//! Of a budget that replicas share, each has a share, in whole turns, until a time.

mod list;
mod share;
#[cfg(test)]
mod tests;

use std::{
    collections::VecDeque,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{Notify, Semaphore},
    time::{Instant, sleep_until, timeout_at},
};

use self::share::Sharing;
pub use self::{
    list::Budgets,
    share::{MARGIN, Standing, VALID},
};

/// How often a share is asked for.
pub const ROUND: Duration = Duration::from_secs(1);

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
}

/// One that waits for a turn.
struct Waiting<'a>(&'a Budget);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.lock().waiting -= 1;
    }
}

//! The share that this replica has of a budget.
//!
//! Of a budget that replicas share, each has a share, in whole turns, until a time. No two replicas hold the same turn
//! within one span: a turn that a replica gives up stays counted as held until the span has passed. So the turns that all
//! replicas take in any span are never more than the budget.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use tokio::{sync::Notify, time::Instant};

use super::{Budget, State};

/// How long a share is good for after the question that it answers, unless it is renewed.
pub const VALID: Duration = Duration::from_secs(5);

/// How much longer than that the others leave it alone, beside the span: clocks do not run at the same speed.
pub const MARGIN: Duration = Duration::from_secs(1);

/// The least time over which demand is measured.
const MEASURED: Duration = Duration::from_millis(500);

/// What is left of a demand after a second without any.
const KEPT: f64 = 0.8;

/// What is known for the next round.
pub(super) struct Sharing {
    pub(super) wake: Arc<Notify>,
    /// Until when the share was so large, of the last span.
    lowered: VecDeque<(Instant, u32)>,
    pub(super) asked: u32,
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
    /// Returns how long other replicas are to leave a share alone.
    pub fn lease(&self) -> Duration {
        VALID + self.span + MARGIN
    }

    /// Returns how long other replicas are to leave a share alone that is not used any more.
    pub fn last_lease(&self) -> Duration {
        self.span + MARGIN
    }

    /// Shares the budget from now on, with a share of nothing. Has no effect on one that is shared already.
    pub(super) fn share(&self, wake: &Arc<Notify>) {
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
}

impl State {
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

//! The weights: what part of its configured share each account gets, and since when.

use std::{collections::BTreeMap, fmt, time::Duration};

use serde::{Deserialize, Serialize};

use super::{Candidate, Country, Time, reports::YOUNGEST};

/// A step down or up; and a step down if the best other account is better by more than [`FAR`].
const STEP: f64 = 0.1;
const LONG_STEP: f64 = 0.2;
const FAR: f64 = 0.5;

/// What is left to an account that fails: so it is seen when it is well again.
const FLOOR: f64 = 0.05;

/// What an account gets that was out and is back.
pub(super) const AFTER_OUT: f64 = 0.3;

/// The least time between two steps down for failures, and for slowness; and the time without a cause before a step up.
const FAILING_WAIT: Duration = Duration::from_secs(60);
const SLOW_WAIT: Duration = Duration::from_secs(5 * 60);
const UP_WAIT: Duration = Duration::from_secs(15 * 60);

/// How often the wait before a step up is doubled at most, because the account failed again soon after one.
const RELAPSES: u32 = 3;

/// How long the weight is left alone that an operator changed in the configuration.
pub(super) const PINNED: Duration = Duration::from_secs(15 * 60);

/// Why a weight is stepped, with the figures.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cause {
    /// Sends cannot be handed over: what part of how many, and what part at the best other account.
    Failing {
        /// The part that could not be handed over.
        failed: f64,
        /// Of so many sends.
        sends: f64,
        /// The part at the best other account.
        elsewhere: f64,
    },
    /// Messages are not delivered in time: what part is, of how many, and what part at the best other account.
    Slow {
        /// The part that was delivered in time.
        delivered: f64,
        /// Of so many messages.
        messages: f64,
        /// The part at the best other account.
        elsewhere: f64,
    },
    /// The circuit breaker of the account was open.
    Out,
    /// There was no cause for a while.
    Well,
    /// An operator set the weight, for this time.
    Pinned(Duration),
    /// What an operator set is over.
    Unpinned,
}

impl Cause {
    /// Returns how far the weight falls.
    fn step(&self) -> f64 {
        let behind = match self {
            Self::Failing { failed, elsewhere, .. } => failed - elsewhere,
            Self::Slow { delivered, elsewhere, .. } => elsewhere - delivered,
            Self::Out | Self::Well | Self::Pinned(_) | Self::Unpinned => 0.0,
        };
        if behind > FAR { LONG_STEP } else { STEP }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failing { failed, sends, elsewhere } => write!(
                f,
                "{:.0} % of {sends:.0} sends could not be handed over, {:.0} % at the best other account",
                failed * 100.0,
                elsewhere * 100.0
            ),
            Self::Slow { delivered, messages, elsewhere } => write!(
                f,
                "{:.0} % of {messages:.0} messages were delivered in time, {:.0} % at the best other account",
                delivered * 100.0,
                elsewhere * 100.0
            ),
            Self::Out => f.write_str("the circuit breaker was open"),
            Self::Well => f.write_str("well for 15 minutes"),
            Self::Pinned(time) => {
                write!(f, "set by an operator, and left alone for {}", humantime::format_duration(*time))
            }
            Self::Unpinned => f.write_str("the time is over for which an operator set it"),
        }
    }
}

/// What is found about an account.
pub(super) enum Finding {
    /// Something is wrong.
    Wrong(Cause),
    /// Too little is wrong for a step down, and too much for a step up.
    Doubtful,
    /// Nothing is wrong.
    Fine,
}

/// The part of its share that an account gets, in a country or in all that have no part of their own.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Step {
    pub(super) share: f64,
    /// When the share was changed.
    pub(super) moved: Time,
    /// When there was a cause to leave the account.
    cause: Time,
    /// Whether the last step was one up.
    rose: bool,
    /// How often the account failed again soon after a step up. It falls with each step up that held.
    relapses: u32,
}

impl Step {
    fn new(now: Time) -> Self {
        Self { share: 1.0, moved: now, cause: Time::ZERO, rose: false, relapses: 0 }
    }

    fn set(&mut self, share: f64, now: Time) -> f64 {
        let from = self.share;
        self.relapses = match (self.rose, share > from) {
            (true, true) => self.relapses.saturating_sub(1),
            (true, false) => (self.relapses + 1).min(RELAPSES),
            (false, _) => self.relapses,
        };
        self.rose = share > from;
        (self.share, self.moved) = ((share * 100.0).round() / 100.0, now);
        from
    }

    /// Steps down or up, or rests. Returns the share before and the cause.
    pub(super) fn step(&mut self, finding: Finding, is_strict: bool, now: Time) -> Option<(f64, Cause)> {
        let since_moved = now.saturating_sub(self.moved);
        let cause = match finding {
            Finding::Fine => return self.rise(now).map(|from| (from, Cause::Well)),
            Finding::Doubtful => {
                self.cause = now;
                return None;
            }
            Finding::Wrong(cause) => cause,
        };
        self.cause = now;
        let wait = if matches!(cause, Cause::Slow { .. }) { SLOW_WAIT } else { FAILING_WAIT };
        let floor = if is_strict { 0.0 } else { FLOOR };
        (since_moved >= wait && self.share > floor)
            .then(|| (self.set((self.share - cause.step()).max(floor), now), cause))
    }

    /// Steps up as often as it was time to, which is more than once after a restart.
    fn rise(&mut self, now: Time) -> Option<f64> {
        let from = self.share;
        while self.share < 1.0
            && let due = self.moved.max(self.cause) + UP_WAIT * (1 << self.relapses)
            && due <= now
        {
            self.set((self.share + STEP).min(1.0), due);
        }
        (self.share > from).then_some(from)
    }

    /// Lets the share rest while an operator's holds. After that it rises as it does after any cause.
    pub(super) fn rest(&mut self, now: Time) {
        self.cause = now;
    }

    /// Takes the account back by a part only, as it was out. Returns the share before if that was more.
    pub(super) fn come_back(&mut self, now: Time) -> Option<f64> {
        self.cause = now;
        (self.share > AFTER_OUT).then(|| self.set(AFTER_OUT, now))
    }
}

/// The steps of one account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Standing {
    /// In all countries that have no step of their own.
    pub(super) account: Step,
    pub(super) countries: BTreeMap<Country, Step>,
    /// When the account was last out, as far as that was judged.
    pub(super) out_at: Time,
    pinned_until: Time,
    /// Since when the account is known. It begins with good figures, which fade.
    pub(super) since: Time,
}

impl Standing {
    fn new(now: Time) -> Self {
        Self { account: Step::new(now), countries: BTreeMap::new(), out_at: now, pinned_until: Time::ZERO, since: now }
    }

    pub(super) fn is_pinned(&self, now: Time) -> bool {
        self.pinned_until > now
    }

    fn of(&self, country: Country) -> &Step {
        self.countries.get(&country).unwrap_or(&self.account)
    }
}

/// The weights of all accounts of a choice. One replica judges them, all use them, and the store keeps them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Weights {
    pub(super) accounts: Vec<(String, Standing)>,
    /// The age at which the delivery of messages is judged.
    pub(super) age: Duration,
}

impl Weights {
    pub(super) fn new(candidates: &[Candidate], now: Time) -> Self {
        let accounts = candidates.iter().map(|candidate| (candidate.account.clone(), Standing::new(now))).collect();
        Self { accounts, age: YOUNGEST }
    }

    /// Takes over what another replica or another time judged of the accounts that are still there.
    pub(super) fn adopt(&mut self, judged: Weights) {
        self.age = judged.age;
        for (account, standing) in judged.accounts {
            if let Some((_, ours)) = self.accounts.iter_mut().find(|(name, _)| *name == account) {
                *ours = standing;
            }
        }
    }

    /// Gives an account its whole share. Returns the share before.
    pub(super) fn pin(&mut self, candidate: usize, now: Time) -> Option<f64> {
        let (_, standing) = self.accounts.get_mut(candidate)?;
        standing.countries.clear();
        standing.pinned_until = now + PINNED;
        Some(standing.account.set(1.0, now))
    }

    pub(super) fn share(&self, candidate: usize, country: Country) -> f64 {
        self.accounts.get(candidate).map_or(1.0, |(_, standing)| standing.of(country).share)
    }

    /// Returns when the share was changed.
    pub(super) fn moved(&self, candidate: usize, country: Country) -> Time {
        self.accounts.get(candidate).map_or(Time::ZERO, |(_, standing)| standing.of(country).moved)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAILING: Cause = Cause::Failing { failed: 0.5, sends: 100.0, elsewhere: 0.0 };
    const SLOW: Cause = Cause::Slow { delivered: 0.7, messages: 100.0, elsewhere: 0.9 };

    fn minutes(minutes: u64) -> Time {
        Duration::from_secs(1_800_000_000 + minutes * 60)
    }

    /// The shares minute by minute while the finding is the same.
    fn shares(step: &mut Step, cause: Option<Cause>, is_strict: bool, times: std::ops::Range<u64>) -> Vec<f64> {
        let finding = || cause.map_or(Finding::Fine, Finding::Wrong);
        let mut shares = Vec::new();
        for minute in times {
            if step.step(finding(), is_strict, minutes(minute)).is_some() {
                shares.push(step.share);
            }
        }
        shares
    }

    #[test]
    fn a_failing_account_falls_each_minute_to_the_floor_and_rises_each_quarter_of_an_hour() {
        let mut step = Step::new(minutes(0));
        assert_eq!(shares(&mut step, Some(FAILING), false, 1..20), [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05]);
        assert!(shares(&mut step, None, false, 20..34).is_empty());
        assert_eq!(shares(&mut step, None, false, 34..80), [0.15, 0.25, 0.35, 0.45]);
        // A restart after ten hours: no step is missing.
        assert_eq!(shares(&mut step, None, false, 680..681), [1.0]);
    }

    #[test]
    fn a_slow_account_falls_each_five_minutes_and_a_strict_choice_has_no_floor() {
        let mut step = Step::new(minutes(0));
        assert_eq!(shares(&mut step, Some(SLOW), true, 0..50).len(), 9);
        assert_eq!(shares(&mut step, Some(SLOW), true, 50..90), [0.0]);
    }

    #[test]
    fn an_account_that_fails_almost_always_falls_faster() {
        let (mut step, mostly) = (Step::new(minutes(0)), Cause::Failing { failed: 0.9, sends: 100.0, elsewhere: 0.1 });
        assert_eq!(shares(&mut step, Some(mostly), false, 1..20), [0.8, 0.6, 0.4, 0.2, 0.05]);
    }

    #[test]
    fn an_account_that_fails_again_and_again_is_waited_for_longer() {
        let (mut step, mut ups) = (Step { share: 0.05, ..Step::new(minutes(0)) }, Vec::new());
        // It is well for 20 minutes, then fails for 10.
        for minute in 0..600 {
            let finding = if minute % 30 < 20 { Finding::Fine } else { Finding::Wrong(FAILING) };
            if step.step(finding, false, minutes(minute)).is_some_and(|(from, _)| step.share > from) {
                ups.push(minute);
            }
        }
        assert_eq!(ups, [15]);
        // Once it is well, each step up that holds halves the wait.
        assert_eq!(shares(&mut step, None, false, 600..680), [0.15, 0.25, 0.35]);
    }

    #[test]
    fn an_account_rests_while_it_is_doubtful_or_pinned() {
        let mut step = Step { share: 0.5, ..Step::new(minutes(0)) };
        assert!((0..100).all(|minute| step.step(Finding::Doubtful, false, minutes(minute)).is_none()));
        (100..200).for_each(|minute| step.rest(minutes(minute)));
        assert_eq!(step.share, 0.5);
        assert_eq!(shares(&mut step, None, false, 200..220), [0.6]);
    }

    #[test]
    fn an_account_that_was_out_comes_back_with_a_part() {
        let mut step = Step::new(minutes(0));
        assert_eq!((step.come_back(minutes(1)), step.share), (Some(1.0), 0.3));
        assert_eq!(step.come_back(minutes(2)), None);
        assert_eq!(shares(&mut step, None, false, 2..20), [0.4]);
    }
}

//! What was spent, and the budgets of accounts and callers.

use std::{cmp::Ordering, collections::HashMap, sync::Arc};

use jiff::{Timestamp, tz::Offset};
use serde::{Deserialize, Serialize};

use super::rules::{Facts, Rule};
use crate::config::Budget;

/// The part of a budget that is told of when it is spent, in percent.
const NEARLY: u64 = 80;

/// The segments that were sent in a day and in a month, by UTC.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Spent {
    day: (i32, u64),
    month: (i32, u64),
}

/// Returns the rule if the segments of one more recipient are above a budget.
pub(super) fn over_budget(
    spent: &HashMap<Arc<str>, Spent>,
    of_others: &HashMap<Arc<str>, Spent>,
    facts: &Facts<'_>,
) -> Option<Rule> {
    let is_over = |(owner, budget): &(&Arc<str>, &Budget)| {
        let of = |spent: &HashMap<Arc<str>, Spent>| spent.get(*owner).map_or((0, 0), |spent| spent.at(facts.now));
        let ((day, month), (other_day, other_month)) = (of(spent), of(of_others));
        let more = u64::from(facts.segments);
        budget.day.is_some_and(|limit| day + other_day + more > limit)
            || budget.month.is_some_and(|limit| month + other_month + more > limit)
    };
    facts.budgets.iter().flatten().any(is_over).then_some(Rule::Budget)
}

/// Whether so many segments in a day and in a month are most of a budget.
pub(super) fn is_nearly(budget: &Budget, (day, month): (u64, u64)) -> bool {
    let is_most = |limit: Option<u64>, spent: u64| limit.is_some_and(|limit| spent * 100 >= limit * NEARLY);
    is_most(budget.day, day) || is_most(budget.month, month)
}

impl Spent {
    /// Returns the segments of this day and of this month.
    pub(super) fn at(&self, now: u64) -> (u64, u64) {
        let (day, month) = calendar(now);
        let of = |(period, count): (i32, u64), current| if period == current { count } else { 0 };
        (of(self.day, day), of(self.month, month))
    }

    pub(super) fn add(&mut self, now: u64, segments: u64) {
        let ((day, month), (in_day, in_month)) = (calendar(now), self.at(now));
        *self = Self { day: (day, in_day + segments), month: (month, in_month + segments) };
    }

    /// Adds what another process has counted.
    pub(super) fn merge(&mut self, other: &Self) {
        let newer = |ours: (i32, u64), theirs: (i32, u64)| match ours.0.cmp(&theirs.0) {
            Ordering::Less => theirs,
            Ordering::Equal => (ours.0, ours.1 + theirs.1),
            Ordering::Greater => ours,
        };
        *self = Self { day: newer(self.day, other.day), month: newer(self.month, other.month) };
    }
}

/// Returns the number of the day and of the month, by UTC.
fn calendar(now: u64) -> (i32, i32) {
    let time = Timestamp::from_second(i64::try_from(now).unwrap_or_default()).unwrap_or_default();
    let date = Offset::UTC.to_datetime(time).date();
    let month = i32::from(date.year()) * 12 + i32::from(date.month());
    (month * 31 + i32::from(date.day()), month)
}

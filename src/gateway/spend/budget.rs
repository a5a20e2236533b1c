//! What was spent, and the budgets of accounts and callers: of segments and of money.

use std::{cmp::Ordering, collections::HashMap, sync::Arc};

use jiff::{Timestamp, tz::Offset};
use serde::{Deserialize, Serialize};

use super::rules::{Facts, Rule};
use crate::config::{Amount, Budget, Currency, Limit};

/// The part of a budget that is told of when it is spent, in percent.
const NEARLY: u64 = 80;

/// What was spent in a day and in a month, by UTC.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Spent {
    day: (i32, u64),
    month: (i32, u64),
}

/// What accounts and callers spent, by their names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Spending {
    pub(super) segments: HashMap<Arc<str>, Spent>,
    /// In millionths of a currency: what was spent in another one before the budget was changed does not count.
    pub(super) money: HashMap<Arc<str>, (Currency, Spent)>,
}

/// What one more recipient comes to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cost {
    pub(super) segments: u64,
    /// The price, if it is known.
    pub(super) price: Option<Amount>,
}

impl Cost {
    /// Returns the price for a recipient of a send in millionths of this currency, if it is known.
    fn money(&self, currency: Currency) -> Option<u64> {
        self.price.filter(|price| price.currency == currency).map(|price| price.millionths)
    }
}

/// Returns the rule if one more recipient is above a budget.
pub(super) fn over_budget(ours: &Spending, others: &Spending, facts: &Facts<'_>, cost: &Cost) -> Option<Rule> {
    let is_over = |(owner, budget): &(&Arc<str>, &Budget)| {
        let of = |spending: &Spending| spending.segments(owner, facts.now);
        is_above(&budget.segments, [of(ours), of(others)], cost.segments)
            || budget.money.is_some_and(|(currency, limit)| {
                let of = |spending: &Spending| spending.money(owner, currency, facts.now);
                cost.money(currency).is_some_and(|more| is_above(&limit, [of(ours), of(others)], more))
            })
    };
    facts.budgets.iter().flatten().any(is_over).then_some(Rule::Budget)
}

/// Whether `more` is above a limit of which so much is spent.
fn is_above(limit: &Limit, [(day, month), (other_day, other_month)]: [(u64, u64); 2], more: u64) -> bool {
    // A vendor may report any price.
    let is_above = |spent: u64, others, limit| spent.saturating_add(others).saturating_add(more) > limit;
    limit.day.is_some_and(|limit| is_above(day, other_day, limit))
        || limit.month.is_some_and(|limit| is_above(month, other_month, limit))
}

/// Whether so much in a day and in a month is most of a limit.
fn is_nearly(limit: &Limit, (day, month): (u64, u64)) -> bool {
    let is_most = |limit: Option<u64>, spent: u64| {
        limit.is_some_and(|limit| spent.saturating_mul(100) >= limit.saturating_mul(NEARLY))
    };
    is_most(limit.day, day) || is_most(limit.month, month)
}

impl Spending {
    /// Counts one more recipient for the budgets of a send. Returns those that are nearly spent by that, and whether one of
    /// money does not count it, as the price is not known.
    pub(super) fn count<'a>(&mut self, facts: &Facts<'a>, cost: &Cost) -> (Vec<&'a Arc<str>>, bool) {
        let (mut nearly, mut is_unpriced) = (Vec::new(), false);
        for (owner, budget) in facts.budgets.iter().flatten().copied() {
            let now = facts.now;
            let mut is_told = self.segments.entry(owner.clone()).or_default().add(now, cost.segments, &budget.segments);
            if let Some((currency, limit)) = &budget.money {
                match cost.money(*currency) {
                    Some(more) => is_told |= self.spent_money(owner, *currency).add(now, more, limit),
                    None => is_unpriced = true,
                }
            }
            nearly.extend(is_told.then_some(owner));
        }
        (nearly, is_unpriced)
    }

    /// Returns the segments of this day and of this month.
    fn segments(&self, owner: &str, now: u64) -> (u64, u64) {
        self.segments.get(owner).map_or((0, 0), |spent| spent.at(now))
    }

    /// Returns the money of this day and of this month.
    fn money(&self, owner: &str, currency: Currency, now: u64) -> (u64, u64) {
        let spent = self.money.get(owner).filter(|(of, _)| *of == currency);
        spent.map_or((0, 0), |(_, spent)| spent.at(now))
    }

    fn spent_money(&mut self, owner: &Arc<str>, currency: Currency) -> &mut Spent {
        let (of, spent) = self.money.entry(owner.clone()).or_default();
        if *of != currency {
            (*of, *spent) = (currency, Spent::default());
        }
        spent
    }

    /// Adds what another process has counted.
    pub(super) fn add_segments(&mut self, owner: &str, spent: &Spent) {
        self.segments.entry(owner.into()).or_default().merge(spent);
    }

    /// Adds what another process has counted, unless it is in another currency.
    pub(super) fn add_money(&mut self, owner: &str, (currency, spent): &(Currency, Spent)) {
        let (of, ours) = self.money.entry(owner.into()).or_insert((*currency, Spent::default()));
        if of == currency {
            ours.merge(spent);
        }
    }

    /// Copies what is known of an owner.
    pub(super) fn copy(&self, owner: &Arc<str>, copy: &mut Self) {
        copy.segments.extend(self.segments.get(owner).map(|spent| (owner.clone(), *spent)));
        copy.money.extend(self.money.get(owner).map(|spent| (owner.clone(), *spent)));
    }
}

impl Spent {
    /// Returns what was spent in this day and in this month.
    fn at(&self, now: u64) -> (u64, u64) {
        let (day, month) = calendar(now);
        let of = |(period, count): (i32, u64), current| if period == current { count } else { 0 };
        (of(self.day, day), of(self.month, month))
    }

    /// Counts `more`, and returns whether most of the limit is spent by that.
    fn add(&mut self, now: u64, more: u64, limit: &Limit) -> bool {
        let ((day, month), before) = (calendar(now), self.at(now));
        *self = Self { day: (day, before.0.saturating_add(more)), month: (month, before.1.saturating_add(more)) };
        !is_nearly(limit, before) && is_nearly(limit, self.at(now))
    }

    /// Adds what another process has counted.
    fn merge(&mut self, other: &Self) {
        let newer = |ours: (i32, u64), theirs: (i32, u64)| match ours.0.cmp(&theirs.0) {
            Ordering::Less => theirs,
            Ordering::Equal => (ours.0, ours.1.saturating_add(theirs.1)),
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

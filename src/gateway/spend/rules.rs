//! The rules of the spend guard, and what they count. Pure: the time is an argument, in seconds since 1970.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use jiff::{Timestamp, tz::Offset};
use serde::{Deserialize, Serialize};

use super::{
    recent::Recent,
    window::{DAY, TEN_MINUTES, WEEK, Window},
};
use crate::{
    api::pb::Purpose,
    config::{Budget, GuardConfig, GuardMode},
    text::{countries::country_of, unusual::is_unusual},
};

/// A rule, by which a recipient is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Rule {
    /// The country is not among those that the account may send to.
    Country,
    /// Nobody reads an SMS on such a line.
    LineType,
    /// The number got too many messages.
    Number,
    /// The number got the same text a moment ago.
    SameText,
    /// The numbers that share all but the last four digits got too many messages.
    Prefix,
    /// The country got too many messages in a day.
    CountryDay,
    /// Too few of the messages to the prefix were followed by what they were sent for.
    Conversion,
    /// The budget is spent.
    Budget,
}

impl Rule {
    /// All rules.
    pub(super) const ALL: [Self; 8] = [
        Self::Country,
        Self::LineType,
        Self::Number,
        Self::SameText,
        Self::Prefix,
        Self::CountryDay,
        Self::Conversion,
        Self::Budget,
    ];

    /// Returns the name, as it is in the metadata of an error.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Country => "country",
            Self::LineType => "line_type",
            Self::Number => "number",
            Self::SameText => "same_text",
            Self::Prefix => "prefix",
            Self::CountryDay => "country_day",
            Self::Conversion => "conversion",
            Self::Budget => "budget",
        }
    }

    /// Explains a refusal.
    pub(super) fn explanation(self) -> &'static str {
        match self {
            Self::Country => "the spend guard does not permit the country",
            Self::LineType => "the spend guard does not permit the type of line",
            Self::Number => "the number has got as many messages as the spend guard permits",
            Self::SameText => "the number has just got the same text",
            Self::Prefix => "numbers near this one have got as many messages as the spend guard permits",
            Self::CountryDay => "the country has got as many messages today as the spend guard permits",
            Self::Conversion => "messages to numbers near this one are not followed by what they are sent for",
            Self::Budget => "the budget is spent",
        }
    }
}

/// What the rules look at in a send.
pub(super) struct Facts<'a> {
    /// The name of the account.
    pub(super) account: &'a str,
    /// The countries that the account may send to; `None` for any.
    pub(super) countries: Option<&'a [String]>,
    /// The budgets of the account and of the caller, with their names.
    pub(super) budgets: [Option<(&'a Arc<str>, &'a Budget)>; 2],
    pub(super) purpose: Purpose,
    /// The fingerprint of the text; `None` if it may be that of the message before.
    pub(super) text: Option<u64>,
    /// The segments for each recipient.
    pub(super) segments: u32,
    pub(super) now: u64,
}

/// A recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct To {
    /// The digits of its number; zero for what is no number, which the vendor's checks reject.
    digits: u64,
    country: &'static str,
}

impl To {
    pub(super) fn read(recipient: &str) -> Self {
        let digits = recipient.strip_prefix('+').and_then(|digits| digits.parse().ok()).unwrap_or_default();
        Self { digits, country: country_of(recipient).unwrap_or(NOWHERE) }
    }
}

/// The country of numbers that have none.
const NOWHERE: &str = "001";

/// What was sent to a number.
#[derive(Debug, Default)]
pub(super) struct Number {
    short: Window<u16>,
    day: Window<u16>,
    /// The hash of the last text, and when it was sent.
    text: u64,
    text_time: u64,
}

/// What was sent to the numbers that share all but the last four digits.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Prefix {
    short: Window<u16>,
    week: Window<u16>,
    converted: Window<u16>,
    blocked_until: u64,
    /// How often it was blocked.
    blocks: u8,
}

/// What was sent to a country.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Country {
    day: Window<u32>,
    week: Window<u32>,
}

/// What was sent through an account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Account {
    /// The first send.
    pub(super) since: u64,
    week: Window<u32>,
    converted: Window<u32>,
    pub(super) countries: BTreeMap<String, Country>,
}

/// The segments that were sent in a day and in a month, by UTC.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Spent {
    day: (i32, u64),
    month: (i32, u64),
}

/// All that is counted.
#[derive(Debug)]
pub(super) struct Counts {
    numbers: Recent<u64, Number>,
    /// By the number of the account and the prefix.
    pub(super) prefixes: Recent<(u32, u64), Prefix>,
    /// The names of the accounts, and their numbers.
    pub(super) names: HashMap<Arc<str>, u32>,
    pub(super) accounts: Vec<Account>,
    /// By account and by caller.
    pub(super) spent: HashMap<Arc<str>, Spent>,
    /// What other replicas have counted.
    pub(super) others: Others,
    /// Whose budgets are nearly spent since a moment ago.
    pub(super) nearly: Vec<Arc<str>>,
}

/// What other replicas have counted, as they last wrote it.
#[derive(Debug, Default)]
pub(super) struct Others {
    pub(super) prefixes: HashMap<(u32, u64), Prefix>,
    pub(super) accounts: HashMap<u32, Account>,
    pub(super) spent: HashMap<Arc<str>, Spent>,
}

/// The share of the traffic of an account that makes a prefix an ordinary one, in percent, once there is enough traffic.
const ORDINARY: u64 = 30;
const ENOUGH: u64 = 100;

/// How many sends to a prefix tell its rate of conversion, and the rates in percent: a prefix below the first is blocked
/// if its account is above the second.
const JUDGED: u64 = 30;
const LOW_CONVERSION: u64 = 10;
const GOOD_CONVERSION: u64 = 40;

/// How long a prefix is blocked: the first time, the second, and each later one.
const BLOCKS: [u64; 3] = [3600, 6 * 3600, 24 * 3600];

/// How often the mean of a week a prefix may get in ten minutes, and a country in a day.
const PREFIX_MEANS: u64 = 10;
const COUNTRY_MEANS: u64 = 5;

/// The part of a budget that is told of when it is spent, in percent.
const NEARLY: u64 = 80;

/// The seconds of a week: how long an account has to be known before its means are those of a week.
pub(super) const KNOWN: u64 = 7 * 24 * 3600;

impl Counts {
    /// Counts at most `limit` numbers, and as many prefixes.
    pub(super) fn new(limit: usize) -> Self {
        Self {
            numbers: Recent::new(limit),
            prefixes: Recent::new(limit),
            names: HashMap::new(),
            accounts: Vec::new(),
            spent: HashMap::new(),
            others: Others::default(),
            nearly: Vec::new(),
        }
    }

    /// Returns the number of an account.
    pub(super) fn account(&mut self, name: &str, now: u64) -> u32 {
        if let Some(number) = self.names.get(name) {
            return *number;
        }
        let number = self.accounts.len() as u32;
        self.accounts.push(Account { since: now, ..Account::default() });
        self.names.insert(name.into(), number);
        number
    }

    /// Returns the rule that refuses one recipient of a send through the account of this number, and counts the recipient
    /// unless it is refused and the rules are enforced.
    pub(super) fn judge(&mut self, settings: &GuardConfig, facts: &Facts<'_>, at: u32, to: To) -> Option<Rule> {
        let (now, To { digits, country }) = (facts.now, to);
        if digits == 0 {
            return None;
        }
        let key = (at, digits / PREFIX);
        let number = self.numbers.of(digits);
        let prefix = self.prefixes.of(key);
        let account = &mut self.accounts[at as usize];
        let (prefix_of_others, account_of_others) = (self.others.prefixes.get(&key), self.others.accounts.get(&at));
        let refused = refused_by_place(settings, facts, country, digits)
            .or_else(|| number.refused_by(settings, facts))
            .or_else(|| prefix.refused_by(settings, prefix_of_others, (&*account, account_of_others), now))
            .or_else(|| account.refused_by(settings, country, account_of_others, now))
            .or_else(|| over_budget(&self.spent, &self.others.spent, facts));
        if refused.is_some() && settings.mode == GuardMode::Enforce {
            return refused;
        }
        number.count(facts);
        prefix.short.add(TEN_MINUTES, now, 1);
        prefix.week.add(WEEK, now, 1);
        account.count(country, now);
        for (owner, budget) in facts.budgets.iter().flatten() {
            let spent = self.spent.entry((*owner).clone()).or_default();
            let before = is_nearly(budget, spent.at(now));
            spent.add(now, u64::from(facts.segments));
            if !before && is_nearly(budget, spent.at(now)) {
                self.nearly.push((*owner).clone());
            }
        }
        refused
    }

    /// Counts that a message to a number was followed by what it was sent for.
    pub(super) fn convert(&mut self, at: u32, To { digits, .. }: To, now: u64) {
        self.prefixes.of((at, digits / PREFIX)).converted.add(WEEK, now, 1);
        self.accounts[at as usize].converted.add(WEEK, now, 1);
    }

    /// Returns the countries that an account sent to within seven days, with the number of messages.
    pub(super) fn countries(&self, account: &str, now: u64) -> BTreeMap<&str, u64> {
        let Some(at) = self.names.get(account) else { return BTreeMap::new() };
        let ours = self.accounts[*at as usize].countries.iter();
        let all = ours.chain(self.others.accounts.get(at).into_iter().flat_map(|account| &account.countries));
        let mut countries = BTreeMap::new();
        for (country, sent) in all {
            *countries.entry(country.as_str()).or_default() += sent.week.count(WEEK, now);
        }
        countries.retain(|_, sent| *sent > 0);
        countries
    }
}

/// The numbers that share all but this many are a prefix.
const PREFIX: u64 = 10_000;

fn refused_by_place(settings: &GuardConfig, facts: &Facts<'_>, country: &str, digits: u64) -> Option<Rule> {
    let permitted = |countries: &[String]| countries.iter().any(|permitted| permitted == country);
    match facts.countries {
        Some(countries) if !permitted(countries) => Some(Rule::Country),
        _ if settings.line_types && is_unusual(digits) => Some(Rule::LineType),
        _ => None,
    }
}

/// Whether one more is above a limit, of which zero is none.
fn is_above(limit: u64, count: impl FnOnce() -> u64) -> bool {
    limit > 0 && count() >= limit
}

impl Number {
    fn refused_by(&self, settings: &GuardConfig, facts: &Facts<'_>) -> Option<Rule> {
        let now = facts.now;
        let short = match facts.purpose {
            Purpose::Authentication => settings.authentication_per_10_minutes,
            _ => settings.number_per_10_minutes,
        };
        if is_above(short.into(), || self.short.count(TEN_MINUTES, now))
            || is_above(settings.number_per_day.into(), || self.day.count(DAY, now))
        {
            return Some(Rule::Number);
        }
        let is_same =
            facts.text == Some(self.text) && now.saturating_sub(self.text_time) < settings.same_text.as_secs();
        is_same.then_some(Rule::SameText)
    }

    fn count(&mut self, facts: &Facts<'_>) {
        self.short.add(TEN_MINUTES, facts.now, 1);
        self.day.add(DAY, facts.now, 1);
        if let Some(text) = facts.text {
            (self.text, self.text_time) = (text, facts.now);
        }
    }
}

impl Prefix {
    fn refused_by(
        &mut self,
        settings: &GuardConfig,
        others: Option<&Self>,
        (account, account_of_others): (&Account, Option<&Account>),
        now: u64,
    ) -> Option<Rule> {
        if now < self.blocked_until.max(others.map_or(0, |others| others.blocked_until)) {
            return Some(Rule::Conversion);
        }
        let of_both = |count: fn(&Self) -> Window<u16>, length| {
            count(self).count(length, now) + others.map_or(0, |others| count(others).count(length, now))
        };
        let of_account = |count: fn(&Account) -> Window<u32>| {
            count(account).count(WEEK, now) + account_of_others.map_or(0, |others| count(others).count(WEEK, now))
        };
        let week = of_both(|prefix| prefix.week, WEEK);
        if settings.conversion && week >= JUDGED {
            let converted = of_both(|prefix| prefix.converted, WEEK);
            let (sent, good) = (of_account(|account| account.week), of_account(|account| account.converted));
            if converted * 100 < week * LOW_CONVERSION && good * 100 > sent * GOOD_CONVERSION {
                self.block(now);
                return Some(Rule::Conversion);
            }
        }
        let limit = u64::from(settings.prefix_per_10_minutes);
        if limit == 0 || of_both(|prefix| prefix.short, TEN_MINUTES) < limit.max(PREFIX_MEANS * week / (KNOWN / 600)) {
            return None;
        }
        let sent = of_account(|account| account.week);
        let is_ordinary = sent >= ENOUGH && week * 100 > sent * ORDINARY;
        (!is_ordinary).then_some(Rule::Prefix)
    }

    /// Blocks the prefix. It is judged anew after that.
    fn block(&mut self, now: u64) {
        let length = BLOCKS[usize::from(self.blocks).min(BLOCKS.len() - 1)];
        let blocks = self.blocks.saturating_add(1);
        *self = Self { short: self.short, blocked_until: now + length, blocks, ..Self::default() };
    }

    /// Whether the prefix is worth to be written: others, and this process after a restart, need not know of all.
    pub(super) fn is_notable(&self, settings: &GuardConfig, now: u64) -> bool {
        let half = u64::from(settings.prefix_per_10_minutes).div_ceil(2);
        now < self.blocked_until + KNOWN && self.blocks > 0
            || self.week.count(WEEK, now) >= JUDGED
            || half > 0 && self.short.count(TEN_MINUTES, now) >= half
    }

    /// Adds what another process has counted.
    pub(super) fn add(&mut self, other: &Self) {
        self.short.merge(&other.short);
        self.week.merge(&other.week);
        self.converted.merge(&other.converted);
        self.blocked_until = self.blocked_until.max(other.blocked_until);
        self.blocks = self.blocks.max(other.blocks);
    }
}

impl Account {
    fn refused_by(&self, settings: &GuardConfig, country: &str, others: Option<&Self>, now: u64) -> Option<Rule> {
        let limit = u64::from(settings.country_per_day);
        let ours = self.countries.get(country)?;
        let others = others.and_then(|others| others.countries.get(country));
        let of_both = |count: fn(&Country) -> Window<u32>, length| {
            count(ours).count(length, now) + others.map_or(0, |others| count(others).count(length, now))
        };
        let today = of_both(|country| country.day, DAY);
        if now < self.since + KNOWN || !is_above(limit, || today) {
            return None;
        }
        // Of the days before.
        let mean = of_both(|country| country.week, WEEK).saturating_sub(today) / 6;
        (today >= COUNTRY_MEANS * mean).then_some(Rule::CountryDay)
    }

    fn count(&mut self, country: &str, now: u64) {
        self.week.add(WEEK, now, 1);
        let country = match self.countries.get_mut(country) {
            Some(country) => country,
            None => self.countries.entry(country.to_owned()).or_default(),
        };
        country.day.add(DAY, now, 1);
        country.week.add(WEEK, now, 1);
    }

    /// Adds what another process has counted.
    pub(super) fn add(&mut self, other: &Self) {
        self.since = self.since.min(other.since);
        self.week.merge(&other.week);
        self.converted.merge(&other.converted);
        for (name, sent) in &other.countries {
            let country = self.countries.entry(name.clone()).or_default();
            country.day.merge(&sent.day);
            country.week.merge(&sent.week);
        }
    }
}

/// Returns the rule if the segments of one more recipient are above a budget.
fn over_budget(
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
fn is_nearly(budget: &Budget, (day, month): (u64, u64)) -> bool {
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

    fn add(&mut self, now: u64, segments: u64) {
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

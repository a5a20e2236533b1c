//! What chooses a vendor for each message: smsmux, and the algorithm of GOV.UK Notify with its numbers.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use fastrand::Rng;
use smsmux::gateway::route::health::{Attempt, Candidate, Country, Health, Policy, Rule, Time};

use super::world::{Answer, COUNTRIES, DAY, Report, World};

/// The shares of the vendors while both are well, in percent.
pub(super) const RESTING: [f64; 2] = [60.0, 40.0];

/// Callers repeat what was not sent after this time.
const REPEAT: u64 = 300;

/// Passes messages to vendors.
pub(super) trait Router {
    fn send(&mut self, world: &mut World<'_>, message: usize, second: u64);
    fn reported(&mut self, report: Report, second: u64);
    fn advance(&mut self, world: &mut World<'_>, second: u64);
    /// The changes of weights so far.
    fn moves(&self) -> &[Step];
}

/// A change of a weight.
#[derive(Debug, Clone)]
pub(super) struct Step {
    /// Which one: the vendor, and the country if it has one of its own.
    pub(super) weight: String,
    pub(super) is_up: bool,
}

/// Messages that are sent again later.
#[derive(Default)]
struct Again(BTreeMap<u64, Vec<(usize, u32)>>);

impl Again {
    fn at(&mut self, second: u64, message: usize, tries: u32) {
        if second < DAY {
            self.0.entry(second).or_default().push((message, tries));
        }
    }

    fn due(&mut self, second: u64) -> Vec<(usize, u32)> {
        self.0.remove(&second).unwrap_or_default()
    }
}

/// The health of smsmux, with a circuit breaker at each vendor.
pub(super) struct Ours {
    health: Health,
    breakers: [Breaker; 2],
    again: Again,
    moves: Vec<Step>,
    pub(super) log: Vec<String>,
}

/// As `vendors/kit/breaker/mod.rs` counts and waits.
#[derive(Default)]
struct Breaker {
    failures: u32,
    until: u64,
    pause: u64,
}

impl Breaker {
    fn ended(&mut self, failed: bool, second: u64) {
        if !failed {
            *self = Self::default();
            return;
        }
        self.failures += 1;
        if self.failures >= 5 {
            self.pause = (self.pause * 2).clamp(1, 30);
            self.until = second + self.pause;
        }
    }
}

/// A time of the day.
fn time(second: u64) -> Time {
    Duration::from_secs(1_800_000_000 + second)
}

impl Ours {
    pub(super) fn new(policy: Policy) -> Self {
        let candidate = |index: usize| Candidate {
            account: ["a", "b"][index].to_owned(),
            most_per_minute: None,
            has_reports: true,
        };
        let rule = Rule { candidates: [0, 1].map(|index| (index, Some(RESTING[index]))).to_vec(), then: Vec::new() };
        Self {
            health: Health::new("main", [0, 1].map(candidate).to_vec(), vec![rule], policy, time(0)),
            breakers: Default::default(),
            again: Again::default(),
            moves: Vec::new(),
            log: Vec::new(),
        }
    }
}

impl Router for Ours {
    fn send(&mut self, world: &mut World<'_>, message: usize, second: u64) {
        let (country, now) = (Country::from(COUNTRIES[World::country(message)]), time(second));
        let order = self.health.order(0, &format!("+49151{message}"), country, now);
        for &vendor in &order.candidates {
            if !self.health.take(vendor, vendor == order.home, 1, now) {
                continue;
            }
            let breaker = &mut self.breakers[vendor];
            if breaker.until > second {
                let wait = Duration::from_secs(breaker.until - second);
                self.health.observe(vendor, country, Attempt::Out(wait), now);
                continue;
            }
            let answer = world.send(vendor, message);
            breaker.ended(answer != Answer::Accepted, second);
            let attempt = if answer == Answer::Accepted { Attempt::Accepted } else { Attempt::Failed };
            self.health.observe(vendor, country, attempt, now);
            if answer != Answer::NotSent {
                // What may have been sent goes nowhere else.
                return;
            }
        }
        self.again.at(second + REPEAT, message, 0);
    }

    fn reported(&mut self, report: Report, second: u64) {
        let country = Country::from(COUNTRIES[report.country]);
        self.health.delivered(report.vendor, country, time(report.sent), time(second));
    }

    fn advance(&mut self, world: &mut World<'_>, second: u64) {
        for (message, _) in self.again.due(second) {
            self.send(world, message, second);
        }
        if second.is_multiple_of(10) {
            for moved in self.health.judge(Vec::new(), time(second)) {
                let weight = format!("{} {:?}", moved.account, moved.country);
                self.moves.push(Step { weight, is_up: moved.to > moved.from });
                self.log.push(format!("{} {moved}", clock(second)));
            }
        }
    }

    fn moves(&self) -> &[Step] {
        &self.moves
    }
}

pub(super) fn clock(second: u64) -> String {
    format!("{:02}:{:02}", second / 3600, second / 60 % 60)
}

/// GOV.UK Notify: weights in percent, which ten points at a time move from one vendor to the other.
pub(super) struct Notify {
    rng: Rng,
    /// The percentage of the first vendor.
    first: f64,
    changed: u64,
    errors: [VecDeque<u64>; 2],
    /// By the minute in which messages were sent: how many, how many were delivered within five minutes, and later.
    sent: Vec<[[u32; 3]; 2]>,
    again: Again,
    moves: Vec<Step>,
}

impl Notify {
    pub(super) fn new() -> Self {
        Self {
            rng: Rng::with_seed(11),
            first: RESTING[0],
            changed: 0,
            errors: Default::default(),
            sent: vec![[[0; 3]; 2]; (DAY / 60) as usize],
            again: Again::default(),
            moves: Vec::new(),
        }
    }

    /// Moves points to the first vendor.
    fn shift(&mut self, points: f64, second: u64) {
        let before = self.first;
        self.first = (self.first + points).clamp(0.0, 100.0);
        if self.first != before {
            self.changed = second;
            self.moves.push(Step { weight: "a".to_owned(), is_up: self.first > before });
        }
    }

    fn attempt(&mut self, world: &mut World<'_>, message: usize, tries: u32, second: u64) {
        let vendor = usize::from(self.rng.f64() * 100.0 >= self.first);
        let answer = world.send(vendor, message);
        if answer == Answer::Accepted {
            self.sent[(second / 60) as usize][vendor][0] += 1;
            return;
        }
        let errors = &mut self.errors[vendor];
        errors.push_back(second);
        while errors.front().is_some_and(|at| at + 60 < second) {
            errors.pop_front();
        }
        if errors.len() > 50 && self.changed + 60 <= second {
            self.shift(if vendor == 0 { -10.0 } else { 10.0 }, second);
        }
        // Any error: at once, then each five minutes.
        match tries {
            0 => self.attempt(world, message, 1, second),
            tries if tries < 48 => self.again.at(second + 300, message, tries + 1),
            _ => {}
        }
    }

    /// Whether a vendor is slow: 15 % of the messages of 15 minutes took longer than five.
    fn is_slow(&self, vendor: usize, minute: usize) -> bool {
        let (mut all, mut slow) = (0, 0);
        for (age, of) in self.sent[minute.saturating_sub(14)..=minute].iter().rev().enumerate() {
            let [sent, fast, late] = of[vendor];
            all += sent;
            slow += if age >= 5 { sent.saturating_sub(fast) } else { late };
        }
        all > 0 && f64::from(slow) >= 0.15 * f64::from(all)
    }
}

impl Router for Notify {
    fn send(&mut self, world: &mut World<'_>, message: usize, second: u64) {
        self.attempt(world, message, 0, second);
    }

    fn reported(&mut self, report: Report, second: u64) {
        let of = &mut self.sent[(report.sent / 60) as usize][report.vendor];
        of[if second - report.sent <= 300 { 1 } else { 2 }] += 1;
    }

    fn advance(&mut self, world: &mut World<'_>, second: u64) {
        for (message, tries) in self.again.due(second) {
            self.attempt(world, message, tries, second);
        }
        if !second.is_multiple_of(60) {
            return;
        }
        let slow = [0, 1].map(|vendor| self.is_slow(vendor, (second / 60) as usize));
        if slow[0] != slow[1] && self.changed + 300 <= second {
            self.shift(if slow[0] { -10.0 } else { 10.0 }, second);
        } else if self.changed + 900 <= second && self.first != RESTING[0] {
            let away = RESTING[0] - self.first;
            self.shift(away.clamp(-10.0, 10.0), second);
        }
    }

    fn moves(&self) -> &[Step] {
        &self.moves
    }
}

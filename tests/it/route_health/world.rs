//! Two vendors and a day on a virtual clock, second by second.

use std::collections::BTreeMap;

use fastrand::Rng;

/// Sends a second, and the seconds of a day.
pub(super) const RATE: u64 = 4;
pub(super) const DAY: u64 = 86_400;
pub(super) const HOUR: u64 = 3600;

/// The countries, and what part of the recipients the first one has.
pub(super) const COUNTRIES: [&str; 2] = ["DE", "FR"];
const FIRST: f64 = 0.7;

/// What always fails at a vendor that is well, what is never delivered, and how long deliveries take at least and at most.
const FAILS: f64 = 0.005;
const LOST: f64 = 0.03;
const DELAYS: (u64, u64) = (3, 60);

/// What is wrong with a vendor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum State {
    Well,
    /// It refuses connections.
    Down,
    /// It answers this part of the sends with 500, and takes half of those all the same.
    Failing(f64),
    /// Deliveries take so much longer.
    Slow(u64),
    /// What it takes is not delivered.
    Silent,
}

/// How a send ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Accepted,
    NotSent,
    Unknown,
}

/// What happens on a day.
pub(super) struct Scenario {
    pub(super) name: &'static str,
    /// When it begins and when it is over.
    pub(super) trouble: (u64, u64),
    /// The state of a vendor in a country at a second of the day.
    pub(super) state: fn(vendor: usize, country: usize, second: u64) -> State,
    /// What the second vendor can take in a second, of which it takes less than half when it is given much more.
    pub(super) carries: Option<f64>,
}

/// A report that a message was delivered.
#[derive(Debug, Clone, Copy)]
pub(super) struct Report {
    pub(super) vendor: usize,
    pub(super) country: usize,
    pub(super) sent: u64,
}

/// The vendors, and what became of the messages.
pub(super) struct World<'a> {
    scenario: &'a Scenario,
    rng: Rng,
    second: u64,
    given: [u32; 2],
    /// What the second vendor was given in a second, of late.
    offered: f64,
    reports: BTreeMap<u64, Vec<Report>>,
    /// How often each message was taken.
    taken: Vec<u8>,
    delivered: Vec<bool>,
    /// The messages taken in each minute by each vendor.
    pub(super) minutes: Vec<[u32; 2]>,
}

impl<'a> World<'a> {
    pub(super) fn new(scenario: &'a Scenario) -> Self {
        Self {
            scenario,
            rng: Rng::with_seed(7),
            second: 0,
            given: [0; 2],
            offered: 0.0,
            reports: BTreeMap::new(),
            taken: vec![0; (RATE * DAY) as usize],
            delivered: vec![false; (RATE * DAY) as usize],
            minutes: vec![[0; 2]; (DAY / 60) as usize],
        }
    }

    /// Returns the country of a message: the same one in every world.
    pub(super) fn country(message: usize) -> usize {
        usize::from(Rng::with_seed(message as u64).f64() >= FIRST)
    }

    /// Begins the next second, and returns the reports that arrive in it.
    pub(super) fn advance(&mut self, second: u64) -> Vec<Report> {
        self.offered = self.offered * 0.9 + f64::from(self.given[1]) * 0.1;
        (self.second, self.given) = (second, [0; 2]);
        self.reports.remove(&second).unwrap_or_default()
    }

    pub(super) fn send(&mut self, vendor: usize, message: usize) -> Answer {
        let country = Self::country(message);
        self.given[vendor] += 1;
        let state = (self.scenario.state)(vendor, country, self.second);
        let fails = match state {
            State::Down => return Answer::NotSent,
            State::Failing(part) => part,
            _ => FAILS,
        };
        let is_overloaded = self.is_overloaded(vendor);
        if is_overloaded || self.rng.f64() < fails {
            if !is_overloaded && self.rng.bool() {
                self.take(vendor, country, message, state);
            }
            return Answer::Unknown;
        }
        self.take(vendor, country, message, state);
        Answer::Accepted
    }

    fn is_overloaded(&mut self, vendor: usize) -> bool {
        let Some(carries) = self.scenario.carries.filter(|_| vendor == 1) else { return false };
        let takes = if self.offered > carries * 1.3 { carries * 0.4 } else { carries };
        self.offered > carries && self.rng.f64() > takes / self.offered
    }

    fn take(&mut self, vendor: usize, country: usize, message: usize, state: State) {
        self.taken[message] += 1;
        self.minutes[(self.second / 60) as usize][vendor] += 1;
        let longer = if let State::Slow(longer) = state { longer } else { 0 };
        if state == State::Silent || self.rng.f64() < LOST {
            return;
        }
        let at = self.second + longer + self.rng.u64(DELAYS.0..DELAYS.1);
        self.reports.entry(at).or_default().push(Report { vendor, country, sent: self.second });
        // In time for one-time codes, say.
        self.delivered[message] |= at < message as u64 / RATE + 300;
    }

    /// How many messages were taken more than once, were never taken, and were not delivered within five minutes.
    pub(super) fn sums(&self) -> (usize, usize, usize) {
        let count = |is: fn(&u8) -> bool| self.taken.iter().filter(|taken| is(taken)).count();
        let late = self.delivered.iter().filter(|delivered| !**delivered).count();
        (count(|taken| *taken > 1), count(|taken| *taken == 0), late)
    }
}

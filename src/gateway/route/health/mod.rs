//! Health of the accounts of a route: how much of its configured share each one gets.
//!
//! A [`Health`] has no clock: the time is an argument. One process counts what it sees ([`Health::observe`],
//! [`Health::delivered`]); one replica at a time judges what all of them saw ([`Health::judge`]) and steps weights down or up;
//! all of them draw by the weights ([`Health::order`]).
//!
//! | file | what it does |
//! |---|---|
//! | `decayed`, `figures`, `reports` | count sends, failures and delivery reports, by account and country |
//! | `steps`, `judge` | step weights down and up |
//! | `pins` | what operators set instead |
//! | `capacity` | bounds what is moved onto an account |
//! | `draw` | hashes recipients onto accounts |

mod capacity;
mod decayed;
mod draw;
mod figures;
mod judge;
mod pins;
mod reports;
mod steps;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    time::Duration,
};

use serde::{Deserialize, Serialize};

pub(in crate::gateway::route) use self::decayed::Decayed;
use self::{
    capacity::Capacity,
    draw::{place, score},
    figures::{Observed, Seen},
    pins::Pins,
    reports::Delays,
    steps::PINNED,
};
pub use self::{
    judge::Move,
    pins::Pin,
    steps::{Cause, Weights},
};

/// A time, since the Unix epoch.
pub type Time = Duration;

/// A country by its code of ISO 3166-1; `ZZ` if there is none.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Country([u8; 2]);

impl Country {
    /// No country, or one that is not known.
    pub const UNKNOWN: Self = Self(*b"ZZ");
}

impl From<&str> for Country {
    fn from(code: &str) -> Self {
        let code = <[u8; 2]>::try_from(code.as_bytes()).ok().filter(|code| code.iter().all(u8::is_ascii_uppercase));
        code.map_or(Self::UNKNOWN, Self)
    }
}

impl From<String> for Country {
    fn from(code: String) -> Self {
        Self::from(code.as_str())
    }
}

impl From<Country> for String {
    fn from(country: Country) -> Self {
        country.to_string()
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{}", char::from(*byte)))
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// An account of a route.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The account's id.
    pub account: String,
    /// `requests_per_second` of the account, in a minute.
    pub most_per_minute: Option<f64>,
    /// Whether deliveries are reported. If not, they are not judged.
    pub has_reports: bool,
}

/// The candidates that a rule chooses among, by their index.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// With their weights; without these, their order decides.
    pub candidates: Vec<(usize, Option<f64>)>,
    /// Those that follow, in this order.
    pub then: Vec<usize>,
}

impl Rule {
    /// Returns all candidates.
    fn all(&self) -> impl Iterator<Item = usize> {
        self.candidates.iter().map(|(candidate, _)| *candidate).chain(self.then.iter().copied())
    }
}

/// How weights are stepped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Policy {
    /// Weights are judged, but sends are drawn by the configured ones.
    pub observes: bool,
    /// No share is left to an account that fails: it is tried again after a while.
    pub is_strict: bool,
}

/// What became of an attempt to hand over a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// The vendor accepted it.
    Accepted,
    /// The send could not be handed over, or its outcome is unknown: no connection, 5xx, no answer in time.
    Failed,
    /// The account rejects sends by itself for this time: its circuit breaker is open.
    Out(Duration),
    /// It shows nothing about the account: the vendor refused it, or asks to slow down.
    Neutral,
}

/// The accounts to try for a recipient.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Order {
    /// The candidates by their index, the best first.
    pub candidates: Vec<usize>,
    /// The candidate that the configuration chooses. All others are given what is not theirs.
    pub home: usize,
    /// How long to wait until a candidate may have room, if there is none.
    pub wait: Option<Duration>,
}

/// The health of the accounts of a route.
#[derive(Debug)]
pub struct Health {
    candidates: Vec<Candidate>,
    rules: Vec<Rule>,
    /// The other candidates of the rules that a candidate is in: what is not given to it may be given to them.
    peers: Vec<BTreeSet<usize>>,
    /// What tells the accounts of this route apart in the draw.
    salts: Vec<u64>,
    policy: Policy,
    observed: Observed,
    capacities: Vec<Capacity>,
    /// Until when an account rejects sends by itself.
    out_until: Vec<Time>,
    weights: Weights,
    pins: Pins,
}

/// What one process saw of all candidates, as it is stored and as other replicas read it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Snapshot {
    accounts: BTreeMap<String, Seen>,
    delays: Delays,
}

impl Health {
    /// Creates the health of these accounts of a route at this time: all are well.
    pub fn new(route: &str, candidates: Vec<Candidate>, rules: Vec<Rule>, policy: Policy, now: Time) -> Self {
        let salt = |candidate: &Candidate| draw::hash(format!("{route}/{}", candidate.account).as_bytes());
        let peers = |candidate| {
            let of_it = rules.iter().filter(|rule| rule.all().any(|of| of == candidate));
            of_it.flat_map(Rule::all).filter(|peer| *peer != candidate).collect()
        };
        Self {
            salts: candidates.iter().map(salt).collect(),
            peers: (0..candidates.len()).map(peers).collect(),
            policy,
            observed: Observed::new(candidates.len()),
            capacities: candidates.iter().map(|candidate| Capacity::new(candidate.most_per_minute)).collect(),
            out_until: vec![Time::ZERO; candidates.len()],
            weights: Weights::new(&candidates, now),
            pins: Pins::new(candidates.len()),
            candidates,
            rules,
        }
    }

    /// Returns the accounts to try for a recipient by a rule: without those that an operator has taken out, and those that have no
    /// room for what is not theirs.
    pub fn order(&self, rule: usize, recipient: &str, country: Country, now: Time) -> Order {
        let Some(Rule { candidates, then }) = self.rules.get(rule) else { return Order::default() };
        let recipient = draw::hash(recipient.as_bytes());
        let (mut scored, mut home) = (Vec::with_capacity(candidates.len() + then.len()), (0, f64::NEG_INFINITY));
        for (turn, (index, weight)) in candidates.iter().enumerate() {
            let place = place(recipient, self.salts[*index]);
            let share = self.share(*index, country, now);
            let (resting, effective) = match weight {
                Some(weight) => (score(*weight, place), score(weight * share, place)),
                // The order decides, but for the share that is moved on.
                None => (-(turn as f64), -(if place < share { turn } else { turn + candidates.len() } as f64)),
            };
            if resting > home.1 {
                home = (*index, resting);
            }
            scored.push((*index, effective));
        }
        scored.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        let (home, all) = (home.0, scored.into_iter().map(|(index, _)| index).chain(then.iter().copied()));
        let mut candidates: Vec<_> = all.filter(|index| !self.pins.take_out(*index, now)).collect();
        if candidates.is_empty() {
            return Order { candidates, home, wait: self.pins.until_next_end(now) };
        }
        // The account's own answer says how long it is out.
        let last = if candidates.contains(&home) { home } else { candidates[0] };
        candidates.retain(|index| self.policy.observes || self.out_until[*index] <= now);
        if candidates.is_empty() {
            return Order { candidates: vec![last], home, wait: None };
        }
        candidates.retain(|index| *index == home || self.policy.observes || self.capacities[*index].has_room(now));
        let wait = candidates.is_empty().then(|| capacity::until_room(now));
        Order { candidates, home, wait }
    }

    /// Takes room for so many messages at a candidate, which are its own or moved there. Returns whether there is any.
    pub fn take(&mut self, candidate: usize, is_own: bool, count: u32, now: Time) -> bool {
        let Some(capacity) = self.capacities.get_mut(candidate) else { return false };
        let may = is_own || self.policy.observes || capacity.has_room(now);
        if may {
            capacity.take(is_own, count, now);
        }
        may
    }

    /// Counts what became of an attempt.
    pub fn observe(&mut self, candidate: usize, country: Country, attempt: Attempt, now: Time) {
        let failed = match attempt {
            Attempt::Neutral => return,
            Attempt::Out(wait) => {
                if let (Some(until), Some(seen)) =
                    (self.out_until.get_mut(candidate), self.observed.accounts.get_mut(candidate))
                {
                    (*until, seen.out_at) = (now + wait, now);
                }
                return;
            }
            Attempt::Accepted => false,
            Attempt::Failed => true,
        };
        self.observed.tried(candidate, country, failed, now);
        if !failed && self.candidates.get(candidate).is_some_and(|candidate| candidate.has_reports) {
            self.observed.sent(candidate, country, now);
        }
        if let Some(capacity) = self.capacities.get_mut(candidate) {
            capacity.ended(failed, now);
        }
    }

    /// Counts the report that a message which was sent at this time was delivered.
    pub fn delivered(&mut self, candidate: usize, country: Country, sent: Time, now: Time) {
        self.observed.delivered(candidate, country, sent, now);
        // An account that is being left because it is slow must not make slowness the measure.
        if self.weights.share(candidate, country) >= 1.0 {
            self.observed.delays.add(now, now.saturating_sub(sent));
        }
    }

    /// Returns the part of its configured share that a candidate gets: what an operator set, or what its health leaves to it.
    pub fn share(&self, candidate: usize, country: Country, now: Time) -> f64 {
        match self.pins.of(candidate, now) {
            Some(pin) => pin.share,
            None if self.policy.observes => 1.0,
            None => self.weights.share(candidate, country),
        }
    }

    /// Replaces what operators set. The last one of a candidate counts.
    pub fn set(&mut self, pins: impl Iterator<Item = (usize, Pin)>) {
        self.pins.replace(pins);
    }

    /// Whether an operator has taken a candidate out.
    pub fn is_taken_out(&self, candidate: usize, now: Time) -> bool {
        self.pins.take_out(candidate, now)
    }

    /// Returns the first rule that chooses a candidate of which operators have taken all others out.
    pub fn is_last_of(&self, candidate: usize, now: Time) -> Option<usize> {
        let is_last = |rule: &Rule| {
            let mut others = rule.all().filter(|other| *other != candidate);
            rule.all().any(|of| of == candidate) && others.all(|other| self.is_taken_out(other, now))
        };
        self.rules.iter().position(is_last)
    }

    /// Returns until when a candidate gets what an operator set.
    pub fn set_until(&self, candidate: usize, now: Time) -> Option<Time> {
        self.pins.of(candidate, now).map(|pin| pin.until)
    }

    /// Whether a rule chooses a candidate among others.
    pub fn has_peers(&self, candidate: usize) -> bool {
        self.peers.get(candidate).is_some_and(|peers| !peers.is_empty())
    }

    /// Whether a candidate rejects sends by itself at this time.
    pub fn is_out(&self, candidate: usize, now: Time) -> bool {
        self.out_until.get(candidate).is_none_or(|until| *until > now)
    }

    /// Returns what a candidate gets of its configured share at this time, in countries that have no weight of their own.
    pub fn weight(&self, candidate: usize, now: Time) -> f64 {
        if self.is_out(candidate, now) { 0.0 } else { self.share(candidate, Country::UNKNOWN, now) }
    }

    /// Returns the candidates.
    pub fn candidates(&self) -> &[Candidate] {
        &self.candidates
    }

    /// Returns what this process saw.
    pub fn snapshot(&mut self, now: Time) -> Snapshot {
        self.observed.fade(now, self.weights.age);
        let names = self.candidates.iter().map(|candidate| candidate.account.clone());
        let accounts = names.zip(self.observed.accounts.iter().cloned()).collect();
        Snapshot { accounts, delays: self.observed.delays }
    }

    /// Judges what this process and others saw, and steps weights. Returns what was moved; a policy that observes moves nothing.
    pub fn judge(&mut self, others: Vec<Snapshot>, now: Time) -> Vec<Move> {
        self.observed.fade(now, self.weights.age);
        let mut seen = self.observed.clone();
        for Snapshot { mut accounts, mut delays } in others {
            delays.fade(now);
            seen.delays.merge(&delays);
            for (index, candidate) in self.candidates.iter().enumerate() {
                if let Some(theirs) = accounts.remove(&candidate.account) {
                    seen.merge(index, theirs, now, |country| self.weights.moved(index, country));
                }
            }
        }
        let moves = self.weights.judge(&self.candidates, &self.peers, (self.policy, &self.pins), &seen, now);
        self.restart();
        moves
    }

    /// Returns the weights, for other replicas and for later.
    pub fn weights(&self) -> &Weights {
        &self.weights
    }

    /// Takes over the weights that another replica or another time judged.
    pub fn adopt(&mut self, weights: Weights) {
        self.weights.adopt(weights);
        self.restart();
    }

    /// Gives a candidate its whole configured weight, and lets it be for a while: an operator has changed that in the configuration.
    pub fn pin(&mut self, candidate: usize, now: Time) -> Option<Move> {
        let from = self.weights.pin(candidate, now)?;
        self.restart();
        let account = self.candidates.get(candidate)?.account.clone();
        Some(Move { account, country: None, from, to: 1.0, cause: Cause::Pinned(PINNED) })
    }

    /// What was seen before a weight was changed is not held against its account again.
    fn restart(&mut self) {
        for (candidate, seen) in self.observed.accounts.iter_mut().enumerate() {
            for (country, figures) in &mut seen.countries {
                figures.restart(self.weights.moved(candidate, *country));
            }
        }
    }
}

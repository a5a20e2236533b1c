//! Judges the figures of the accounts of a choice, each against the best other one: what fails or is late everywhere is not
//! the fault of an account, and nowhere is better.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    time::Duration,
};

use super::{
    Candidate, Country, Policy, Time,
    decayed::faded,
    figures::{DELIVERY, Figures, HAND_OVER, Observed},
    pins::Pins,
    steps::{Cause, Finding, Standing, Step, Weights},
};
use crate::text::percent;

/// The sends of 15 minutes from which on a country has a step of its own, and below which it may lose that.
const OWN: f64 = 50.0;
const SHARED: f64 = 25.0;

/// The good sends, and the messages delivered in time, that an account begins with. They fade like the others.
const PRIOR: f64 = 50.0;

/// The sends, of which at least this part failed, that are a cause; and those that only show that nothing is well.
const SENDS: f64 = 20.0;
const FAILED: f64 = 0.2;
const FEW_SENDS: f64 = 5.0;
const SOME_FAILED: f64 = 0.1;

/// The messages old enough that are a cause if too few of them were delivered; and those that only show that nothing is well.
const MESSAGES: f64 = 50.0;
const FEW_MESSAGES: f64 = 20.0;

/// How much better than an account the best other one must be.
const BETTER: f64 = 0.15;

/// How long an account that was out is nowhere to go.
const OUT: Duration = Duration::from_secs(60);

/// A weight that was stepped.
#[derive(Debug, Clone, PartialEq)]
pub struct Move {
    /// The account's id.
    pub account: String,
    /// The country, if the account's weight in all others did not change.
    pub country: Option<Country>,
    /// The part of its configured share that the account had.
    pub from: f64,
    /// The part that it has.
    pub to: f64,
    /// Why.
    pub cause: Cause,
}

impl fmt::Display for Move {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { account, country, from, to, cause } = self;
        write!(f, "{account} ")?;
        if let Some(country) = country {
            write!(f, "in {country} ")?;
        }
        write!(f, "gets {} % of its share, before {} %: {cause}", percent(*to), percent(*from))
    }
}

/// The figures of an account that are judged together.
#[derive(Default)]
struct Evidence {
    sends: f64,
    failed: f64,
    messages: f64,
    delivered: f64,
}

impl Evidence {
    fn new<'a>(figures: impl Iterator<Item = &'a Figures>) -> Self {
        figures.fold(Self::default(), |sum, figures| Self {
            sends: sum.sends + figures.hand_over.count,
            failed: sum.failed + figures.hand_over.hits,
            messages: sum.messages + figures.delivery.count,
            delivered: sum.delivered + figures.delivery.hits,
        })
    }

    /// Returns the part that could not be handed over, with so many good sends more.
    fn failed(&self, prior: f64) -> f64 {
        self.failed / (self.sends + prior).max(1.0)
    }

    fn delivered(&self, prior: f64) -> f64 {
        ((self.delivered + prior) / (self.messages + prior).max(1.0)).min(1.0)
    }
}

impl Weights {
    /// Judges all accounts, and steps their weights. Returns what changed.
    pub(super) fn judge(
        &mut self,
        candidates: &[Candidate],
        peers: &[BTreeSet<usize>],
        (policy, pins): (Policy, &Pins),
        seen: &Observed,
        now: Time,
    ) -> Vec<Move> {
        self.age = seen.delays.age();
        let mut moves = Vec::new();
        for (index, (account, standing)) in self.accounts.iter_mut().enumerate() {
            let mut note = |country, from, to, cause| {
                moves.push(Move { account: account.clone(), country, from, to, cause });
            };
            let (Some(theirs), Some(peers)) = (seen.accounts.get(index), peers.get(index)) else { continue };
            let is_pinned = standing.is_pinned(now) || pins.of(index, now).is_some();
            if theirs.out_at > standing.out_at {
                standing.out_at = theirs.out_at;
                if !is_pinned {
                    for (country, step) in standing.steps() {
                        if let Some(from) = step.come_back(now) {
                            note(country, from, step.share, Cause::Out);
                        }
                    }
                }
            }
            if is_pinned {
                standing.steps().for_each(|(_, step)| step.rest(now));
                continue;
            }
            standing.split(theirs.countries.iter());
            let own: BTreeMap<Country, ()> = standing.countries.keys().map(|country| (*country, ())).collect();
            let (since, prior) = (standing.since, standing.account.moved == standing.since);
            for (country, step) in standing.steps() {
                let of = |account: usize| {
                    let all = seen.accounts.get(account).into_iter().flat_map(|seen| &seen.countries);
                    let is_meant = |of: &Country| country.map_or(!own.contains_key(of), |country| *of == country);
                    Evidence::new(all.filter(|(of, _)| is_meant(of)).map(|(_, figures)| figures))
                };
                let prior = if prior { now.saturating_sub(since) } else { Duration::MAX };
                let finding = find(candidates, index, peers, of, |other| seen.is_out(other, now), prior);
                if let Some((from, cause)) = step.step(finding, policy.is_strict, now) {
                    note(country, from, step.share, cause);
                }
            }
        }
        moves
    }
}

/// Returns what is wrong with an account, as far as there is a better one. It has been known for this time.
fn find(
    candidates: &[Candidate],
    index: usize,
    peers: &BTreeSet<usize>,
    of: impl Fn(usize) -> Evidence,
    is_out: impl Fn(usize) -> bool,
    known: Duration,
) -> Finding {
    let prior = |half_life| PRIOR * faded(known, half_life);
    let (own, others) = (of(index), || peers.iter().copied().filter(|peer| !is_out(*peer)));
    let failed = own.failed(prior(HAND_OVER));
    // Another account that was not tried may be better.
    let failed_at = |other| Some(of(other)).filter(|of| of.sends >= FEW_SENDS).map_or(0.0, |of| of.failed(0.0));
    let elsewhere = others().map(failed_at).min_by(f64::total_cmp);
    if let Some(elsewhere) = elsewhere
        && own.sends >= SENDS
        && failed >= FAILED.max(elsewhere + BETTER)
    {
        return Finding::Wrong(Cause::Failing { failed, sends: own.sends, elsewhere });
    }
    let reports = |account: usize| candidates.get(account).is_some_and(|candidate| candidate.has_reports);
    let delivered = own.delivered(prior(DELIVERY));
    let known = others().filter(|other| reports(*other)).map(&of).filter(|of| of.messages >= MESSAGES);
    let elsewhere = known.map(|of| of.delivered(0.0)).max_by(f64::total_cmp).filter(|_| reports(index));
    let behind = elsewhere.map_or(0.0, |elsewhere| elsewhere - delivered);
    match elsewhere {
        Some(elsewhere) if own.messages >= MESSAGES && behind >= BETTER => {
            Finding::Wrong(Cause::Slow { delivered, messages: own.messages, elsewhere })
        }
        _ if own.sends >= FEW_SENDS && failed >= SOME_FAILED => Finding::Doubtful,
        _ if own.messages >= FEW_MESSAGES && behind >= BETTER / 2.0 => Finding::Doubtful,
        _ => Finding::Fine,
    }
}

impl Observed {
    fn is_out(&self, account: usize, now: Time) -> bool {
        self.accounts.get(account).is_some_and(|seen| seen.out_at > Time::ZERO && seen.out_at + OUT > now)
    }
}

impl Standing {
    /// Returns the account's own step, and those of countries.
    fn steps(&mut self) -> impl Iterator<Item = (Option<Country>, &mut Step)> {
        let countries = self.countries.iter_mut().map(|(country, step)| (Some(*country), step));
        std::iter::once((None, &mut self.account)).chain(countries)
    }

    /// Gives countries with much traffic a step of their own, which begins where the account's is, and takes it back when there
    /// is little traffic and both are the same again.
    fn split<'a>(&mut self, seen: impl Iterator<Item = (&'a Country, &'a Figures)> + Clone) {
        for (country, _) in seen.clone().filter(|(_, figures)| figures.volume.count >= OWN) {
            self.countries.entry(*country).or_insert(self.account);
        }
        let account = self.account.share;
        self.countries.retain(|country, step| {
            let volume = seen.clone().find(|(of, _)| *of == country).map_or(0.0, |(_, figures)| figures.volume.count);
            volume >= SHARED || (step.share - account).abs() > 0.001
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidates(reports: bool) -> Vec<Candidate> {
        let new =
            |account: &str| Candidate { account: account.to_owned(), most_per_minute: None, has_reports: reports };
        ["a", "b"].map(new).to_vec()
    }

    const LONG: Duration = Duration::from_secs(86_400);

    fn sends(sends: f64, failed: f64) -> Evidence {
        Evidence { sends, failed, ..Evidence::default() }
    }

    fn messages(messages: f64, delivered: f64) -> Evidence {
        Evidence { messages, delivered, ..Evidence::default() }
    }

    fn finding(a: fn() -> Evidence, b: fn() -> Evidence, known: Duration) -> &'static str {
        let of = |index| if index == 0 { a() } else { b() };
        match find(&candidates(true), 0, &BTreeSet::from([1]), of, |_| false, known) {
            Finding::Wrong(Cause::Failing { .. }) => "failing",
            Finding::Wrong(_) => "slow",
            Finding::Doubtful => "doubtful",
            Finding::Fine => "fine",
        }
    }

    #[test]
    fn an_account_fails_only_if_it_fails_more_than_the_best_other_one() {
        assert_eq!(finding(|| sends(100.0, 30.0), || sends(100.0, 1.0), LONG), "failing");
        assert_eq!(finding(|| sends(100.0, 30.0), || sends(0.0, 0.0), LONG), "failing");
        assert_eq!(finding(|| sends(100.0, 30.0), || sends(100.0, 25.0), LONG), "doubtful");
        assert_eq!(finding(|| sends(100.0, 15.0), || sends(100.0, 0.0), LONG), "doubtful");
        assert_eq!(finding(|| sends(10.0, 10.0), || sends(100.0, 0.0), LONG), "doubtful");
        assert_eq!(finding(|| sends(4.0, 4.0), || sends(100.0, 0.0), LONG), "fine");
        assert_eq!(finding(|| sends(100.0, 5.0), || sends(100.0, 0.0), LONG), "fine");
    }

    #[test]
    fn a_new_account_is_not_judged_by_its_first_failures() {
        assert_eq!(finding(|| sends(20.0, 8.0), || sends(100.0, 0.0), Duration::ZERO), "doubtful");
        assert_eq!(finding(|| sends(20.0, 8.0), || sends(100.0, 0.0), LONG), "failing");
        assert_eq!(finding(|| sends(20.0, 20.0), || sends(100.0, 0.0), Duration::ZERO), "failing");
    }

    #[test]
    fn an_account_is_slow_only_beside_one_that_is_not() {
        assert_eq!(finding(|| messages(100.0, 50.0), || messages(100.0, 90.0), LONG), "slow");
        assert_eq!(finding(|| messages(100.0, 50.0), || messages(100.0, 60.0), LONG), "doubtful");
        assert_eq!(finding(|| messages(100.0, 50.0), || messages(100.0, 50.0), LONG), "fine");
        assert_eq!(finding(|| messages(100.0, 50.0), || messages(10.0, 10.0), LONG), "fine");
        assert_eq!(finding(|| messages(30.0, 10.0), || messages(100.0, 90.0), LONG), "doubtful");
        let of = |index| if index == 0 { messages(100.0, 0.0) } else { messages(100.0, 90.0) };
        assert!(
            matches!(find(&candidates(false), 0, &BTreeSet::from([1]), of, |_| false, LONG), Finding::Fine),
            "it has no reports"
        );
    }

    #[test]
    fn only_accounts_of_the_same_rules_are_better() {
        let of = |index| if index == 0 { sends(100.0, 90.0) } else { sends(100.0, 0.0) };
        let finding = find(&candidates(true), 0, &BTreeSet::new(), of, |_| false, LONG);
        assert!(matches!(finding, Finding::Doubtful));
    }

    #[test]
    fn nothing_is_left_for_an_account_that_is_out() {
        let of = |index| if index == 0 { sends(100.0, 90.0) } else { sends(100.0, 0.0) };
        assert!(matches!(find(&candidates(true), 0, &BTreeSet::from([1]), of, |_| true, LONG), Finding::Doubtful));
    }
}

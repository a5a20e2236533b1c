//! The rules of the spend guard, on a clock that is an argument.

mod budgets;
mod prefixes;
mod rules;
mod saved;

use std::time::Duration;

use super::*;
use crate::{
    api::pb::Purpose,
    config::{Budget, Limit},
};

/// A Tuesday.
const START: u64 = 1_800_000_000;
const MINUTE: u64 = 60;
const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

const NUMBER: &str = "+393471234567";
const ACME: &str = "accounts/acme";

fn settings(mode: GuardMode) -> GuardConfig {
    GuardConfig {
        mode,
        countries: None,
        line_types: true,
        number_per_10_minutes: 5,
        authentication_per_10_minutes: 3,
        number_per_day: 20,
        same_text: Duration::from_secs(60),
        prefix_per_10_minutes: 10,
        country_per_day: 50,
        conversion: true,
        max_prefixes: 1000,
    }
}

fn enforcing() -> Arc<Guard> {
    Guard::new(settings(GuardMode::Enforce), GuardLimits::default())
}

/// A guard without the rules that most of these sends would meet first.
fn enforcing_but(change: impl FnOnce(&mut GuardConfig)) -> Arc<Guard> {
    let mut settings = GuardConfig {
        number_per_10_minutes: 0,
        authentication_per_10_minutes: 0,
        number_per_day: 0,
        same_text: Duration::ZERO,
        prefix_per_10_minutes: 0,
        country_per_day: 0,
        conversion: false,
        ..settings(GuardMode::Enforce)
    };
    change(&mut settings);
    Guard::new(settings, GuardLimits::default())
}

/// A send of a text that no other message has.
fn facts<'a>(now: u64) -> Facts<'a> {
    Facts {
        account: ACME,
        countries: None,
        budgets: [None, None],
        prices: None,
        purpose: Purpose::Transactional,
        text: None,
        segments: 1,
        now,
    }
}

fn send(guard: &Guard, number: &str, now: u64) -> Option<Rule> {
    one(guard, &facts(now), number)
}

fn one(guard: &Guard, facts: &Facts<'_>, number: &str) -> Option<Rule> {
    judge(guard, facts, &[number]).first().map(|(_, rule)| *rule)
}

fn judge(guard: &Guard, facts: &Facts<'_>, numbers: &[&str]) -> Vec<(usize, Rule)> {
    let facts = Facts { countries: facts.countries.or(guard.settings.countries.as_deref()), ..*facts };
    guard.judge(&facts, numbers.iter().map(|number| To::read(number)).enumerate())
}

fn segments(day: Option<u64>, month: Option<u64>) -> Budget {
    Budget { segments: Limit { day, month }, money: None }
}

/// A number of a prefix, and of another one.
fn number(prefix: u64, end: u64) -> String {
    format!("+39347{prefix:04}{end:04}")
}

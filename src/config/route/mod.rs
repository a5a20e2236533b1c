//! The keys of a route: an account that sends through others, by rules that are tried from the top.
//!
//! What is wrong with the rules is found before a port is bound, all of it, each with the number of its rule: `read` finds
//! what is wrong with a rule by itself, `check` what is wrong with it beside others.

mod check;
mod hours;
mod read;
mod resend;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub(super) use self::check::check;
pub use self::{hours::Hours, resend::Resend};
use super::{Keys, Problems};
use crate::{api::pb::Purpose, text::countries};

/// The vendor's name of an account that is a route.
pub const ROUTE: &str = "route";

/// The most accounts that are asked for one recipient.
pub const MOST_ATTEMPTS: usize = 3;

/// A route.
#[derive(Debug)]
pub struct RouteConfig {
    /// The rules, from the top.
    pub rules: Vec<Rule>,
    /// Whether the weights of accounts are judged but not moved.
    pub observes: bool,
    /// Whether no share is left to an account that fails.
    pub strict_order: bool,
}

impl RouteConfig {
    pub(super) fn read(keys: &mut Keys, problems: &mut Problems) -> Self {
        read::route(keys, problems)
    }

    /// Returns the accounts that the rules name, each once.
    pub fn accounts(&self) -> Vec<&str> {
        let mut names: Vec<_> = self.rules.iter().flat_map(Rule::accounts).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

/// A rule. It fits a recipient if all of its conditions do.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// The place in the list, from 1.
    pub number: usize,
    /// The conditions.
    pub when: Conditions,
    /// What becomes of a recipient that the rule fits.
    pub then: Action,
    /// Whether the rule has no fault by itself.
    pub is_sound: bool,
}

impl Rule {
    /// Returns the accounts that the rule names.
    pub fn accounts(&self) -> Vec<&str> {
        let Action::Send(send) = &self.then else { return Vec::new() };
        send.choice.accounts().into_iter().chain(send.then.iter().map(String::as_str)).collect()
    }
}

/// The conditions of a rule. A list fits if one of its entries does; an empty one fits always.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Conditions {
    /// Where the recipient's number belongs.
    pub to: Vec<To>,
    /// The sender of the request.
    pub from: Vec<String>,
    /// What the message is for.
    pub purpose: Vec<Purpose>,
    /// The name of the caller.
    pub caller: Vec<String>,
    /// The tag of the request.
    pub tag: Vec<String>,
    /// The time of the send.
    pub at: Vec<Hours>,
    /// How many segments the text has: at least, and at most.
    pub segments: Option<(usize, usize)>,
}

/// A set of numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum To {
    /// Those of a country, as two letters of ISO 3166-1.
    Country(String),
    /// Those that begin like this, with a plus.
    Prefix(String),
}

impl To {
    /// Whether a number in E.164 form of this country is in the set.
    pub fn has(&self, number: &str, country: Option<&str>) -> bool {
        match self {
            Self::Country(code) => country == Some(code),
            Self::Prefix(prefix) => number.starts_with(prefix),
        }
    }

    /// Whether all numbers of another set are in this one.
    fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Country(ours), Self::Country(theirs)) => ours == theirs,
            (Self::Prefix(ours), Self::Prefix(theirs)) => theirs.starts_with(ours),
            (Self::Prefix(ours), Self::Country(theirs)) => countries::has_all_of(ours, theirs),
            (Self::Country(ours), Self::Prefix(theirs)) => countries::are_all_of(theirs, ours),
        }
    }
}

/// What becomes of a recipient.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Nothing is sent, for this reason.
    Refuse(String),
    /// The message is sent.
    Send(Send),
}

/// How a message is sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Send {
    /// The accounts, by order or by weight.
    pub choice: Choice,
    /// The accounts that follow when none of the others takes the message, in this order.
    pub then: Vec<String>,
    /// The sender instead of the request's.
    pub sender: Option<String>,
    /// What is done when it is unknown whether an account has sent the message.
    pub on_unknown: OnUnknown,
    /// What every account must offer.
    pub needs: Vec<Need>,
    /// When the message is sent again.
    pub resend: Resend,
}

impl Send {
    /// Returns the accounts of the rule that are asked: not those with a weight of 0.
    pub fn asked(&self) -> Vec<&str> {
        let mut asked = self.choice.accounts();
        asked.retain(|account| !self.choice.has_no_weight(account));
        asked.extend(self.then.iter().map(String::as_str));
        asked
    }
}

/// What a rule needs of its accounts, beside sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Messages are sent at a time that the request names.
    Schedule,
    /// Scheduled messages can be cancelled.
    Cancel,
    /// What becomes of messages is pushed, or can be looked up.
    Reports,
}

impl Need {
    /// All needs.
    pub const ALL: [Self; 3] = [Self::Schedule, Self::Cancel, Self::Reports];

    /// Returns the name in the configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Schedule => "schedule",
            Self::Cancel => "cancel",
            Self::Reports => "reports",
        }
    }
}

/// The accounts of a rule.
#[derive(Debug, Clone, PartialEq)]
pub enum Choice {
    /// In this order.
    Order(Vec<String>),
    /// By weight, each with its share of the recipients.
    Weights(BTreeMap<String, u32>),
}

impl Choice {
    /// Returns the accounts.
    pub fn accounts(&self) -> Vec<&str> {
        match self {
            Self::Order(accounts) => accounts.iter().map(String::as_str).collect(),
            Self::Weights(weights) => weights.keys().map(String::as_str).collect(),
        }
    }

    /// Whether the weight of an account is 0, so that it gets nothing.
    pub fn has_no_weight(&self, account: &str) -> bool {
        matches!(self, Self::Weights(weights) if weights.get(account) == Some(&0))
    }
}

/// What is done when it is unknown whether an account has sent a message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnUnknown {
    /// Nothing: no other account is asked.
    #[default]
    Stop,
    /// One more account is asked, so that the message may arrive twice.
    Resend,
}

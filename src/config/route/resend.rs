//! When a message that an account took is sent again through another one.

use std::time::Duration;

use toml::Value;

use crate::{
    api::pb::DeliveryState,
    config::{Keys, Problems, Span},
};

/// How long after a send it is sent again at most, unless the configuration says otherwise.
const WITHIN: Duration = Duration::from_secs(3600);

/// The states that a rule may name, by their names in the configuration.
const STATES: [(&str, DeliveryState); 3] = [
    ("undeliverable", DeliveryState::Undeliverable),
    ("rejected", DeliveryState::Rejected),
    ("expired", DeliveryState::Expired),
];

/// When a message that an account took is sent again through another one: once for each recipient. Off by default.
#[derive(Debug, Clone, PartialEq)]
pub struct Resend {
    /// The final states that an account reports, of which any is a cause.
    pub on: Vec<DeliveryState>,
    /// How long a report is awaited; without one, the message is sent again.
    pub after: Option<Duration>,
    /// How long after the first send a message is sent again at most.
    pub within: Duration,
}

impl Default for Resend {
    fn default() -> Self {
        Self { on: Vec::new(), after: None, within: WITHIN }
    }
}

impl Resend {
    /// Whether a message may be sent again.
    pub fn is_on(&self) -> bool {
        !self.on.is_empty() || self.after.is_some()
    }

    /// Reads what holds for the rules of a route that say nothing else.
    pub(super) fn read(keys: &mut Keys, problems: &mut Problems) -> Self {
        let mut faults = Vec::new();
        let on: Option<Vec<String>> = keys.optional("resend_on", problems);
        let on = on
            .into_iter()
            .flatten()
            .filter_map(|text| state(&text).map_err(|fault| faults.push(("resend_on", fault))).ok());
        let on = on.collect();
        let after = keys.optional("resend_after", problems).map(|Span(after)| after);
        let within = keys.span("resend_within", WITHIN, problems);
        let resend = Self { on, after, within };
        faults.extend(resend.fault().map(|fault| ("resend_after", fault)));
        faults.into_iter().for_each(|(key, fault)| keys.problem(key, fault, problems));
        resend
    }

    /// Returns what is wrong with the times beside each other.
    pub(super) fn fault(&self) -> Option<String> {
        let after = self.after?;
        (after >= self.within || after.is_zero()).then(|| "must be above 0s, and shorter than resend_within".to_owned())
    }
}

/// Parses the name of a state.
pub(super) fn state(text: &str) -> Result<DeliveryState, String> {
    let found = STATES.iter().find(|(name, _)| *name == text).map(|(_, state)| *state);
    found.ok_or_else(|| format!("invalid state {text:?}; expected undeliverable, rejected or expired"))
}

/// Parses a time span.
pub(super) fn span(value: Value) -> Result<Duration, String> {
    value.try_into().map(|Span(span)| span).map_err(|e| e.message().to_owned())
}

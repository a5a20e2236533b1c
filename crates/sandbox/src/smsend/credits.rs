//! Counts the remaining credits of each message type.
//!
//! # Guesses
//!
//! - The message types beyond `N`, `L` and `LL` are those of the samples of the document and of the other
//!   brands of the platform. `N`, `L` and `LL` are other names of `GP`, `TI` and `SI`.

use std::collections::BTreeMap;

use super::wire::Refusal;

/// The message types in the order of the document's status, each with its other name if it has one.
pub(super) const TYPES: &[(&str, Option<&str>)] =
    &[("SI", Some("LL")), ("GS", None), ("GP", Some("N")), ("EE", None), ("TI", Some("L")), ("AD", None)];

/// Returns the name under which the credits of a message type are counted; `None` for an unknown type.
pub(super) fn type_name(message_type: &str) -> Option<&'static str> {
    let found = TYPES.iter().find(|(name, other)| *name == message_type || *other == Some(message_type));
    found.map(|(name, _)| *name)
}

/// Credits by message type.
#[derive(Clone, Debug, Default)]
pub(super) struct Credits(BTreeMap<&'static str, u64>);

impl Credits {
    /// Creates the same number of credits of every type.
    pub(super) fn of_each(quantity: u64) -> Self {
        Self(TYPES.iter().map(|(name, _)| (*name, quantity)).collect())
    }

    /// Returns the remaining credits of a type.
    pub(super) fn left(&self, message_type: &str) -> u64 {
        type_name(message_type).and_then(|name| self.0.get(name)).copied().unwrap_or(0)
    }

    pub(super) fn set(&mut self, message_type: &str, quantity: u64) -> Result<(), Refusal> {
        let name = type_name(message_type).ok_or_else(|| Refusal::bad(format!("invalid type {message_type}")))?;
        self.0.insert(name, quantity);
        Ok(())
    }

    /// Spends credits, all or none.
    pub(super) fn spend(&mut self, message_type: &str, quantity: u64) -> Result<(), Refusal> {
        let left = self.left(message_type).checked_sub(quantity);
        self.set(message_type, left.ok_or_else(|| Refusal::bad("not enough credit"))?)
    }

    pub(super) fn add(&mut self, message_type: &str, quantity: u64) -> Result<(), Refusal> {
        self.set(message_type, self.left(message_type).saturating_add(quantity))
    }

    /// Returns every type that ever had credits.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.0.iter().map(|(name, quantity)| (*name, *quantity))
    }
}

//! Deserializes values that vendors write in more than one way: ids as numbers or strings, booleans as strings, missing
//! values as `null`.

mod decimal;
mod list;
mod mend;
mod scalar;
#[cfg(test)]
mod tests;
mod words;

use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::value::RawValue;

pub use self::{
    decimal::Decimal,
    list::{Entries, List},
    mend::decoded,
    scalar::{FromText, Id, Lenient, required_id},
    words::{Kept, Words},
};

/// Parses JSON, and repairs it first if it is invalid.
///
/// # Errors
/// The text cannot be repaired, or is not a `T`.
pub fn read<T: DeserializeOwned>(text: &str) -> serde_json::Result<T> {
    serde_json::from_str(text).or_else(|error| match mend::mended(text) {
        Some(mended) => serde_json::from_str(&mended),
        None => Err(error),
    })
}

/// An object within an answer, or `None`: PHP writes an empty object as `[]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object<T>(pub Option<T>);

impl<T> Default for Object<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        Ok(Self(if raw.get().starts_with('{') { read(raw.get()).ok() } else { None }))
    }
}

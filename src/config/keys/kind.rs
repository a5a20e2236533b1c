//! What the keys of a section take: for the schema of the configuration, and for completion in an editor.

use std::{any::TypeId, path::PathBuf};

use serde::de::DeserializeOwned;

use super::{Secret, Span};
use crate::config::{Amount, LogLevel, address::Address, choices};

/// What a key takes, as far as its type shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`.
    Boolean,
    /// A number without a fraction.
    Integer,
    /// A number.
    Number,
    /// A text, in whatever form.
    Text,
    /// A secret, see [`Secret`].
    Secret,
    /// A list of texts.
    Texts,
    /// One of these texts.
    Choice(&'static [&'static str]),
    /// One of these texts, or a text that is made of them.
    Suggested(&'static [&'static str]),
    /// What its value shows, or its documentation.
    Other,
}

impl Kind {
    pub(super) fn of<T: DeserializeOwned + 'static>() -> Self {
        let of = TypeId::of::<T>();
        let is = |types: &[TypeId]| types.contains(&of);
        match () {
            () if is(&[TypeId::of::<bool>()]) => Self::Boolean,
            () if is(&[TypeId::of::<u32>(), TypeId::of::<u64>(), TypeId::of::<usize>(), TypeId::of::<i64>()]) => {
                Self::Integer
            }
            () if is(&[TypeId::of::<f64>()]) => Self::Number,
            () if is(&[
                TypeId::of::<String>(),
                TypeId::of::<PathBuf>(),
                TypeId::of::<Span>(),
                TypeId::of::<Address>(),
                TypeId::of::<Amount>(),
            ]) =>
            {
                Self::Text
            }
            () if is(&[TypeId::of::<Secret>()]) => Self::Secret,
            () if is(&[TypeId::of::<Vec<String>>()]) => Self::Texts,
            () if is(&[TypeId::of::<LogLevel>()]) => Self::Suggested(LogLevel::NAMES),
            () => match choices::<T>() {
                [] => Self::Other,
                values => Self::Choice(values),
            },
        }
    }
}

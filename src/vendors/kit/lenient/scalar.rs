//! Details and ids: a string, a number or a boolean, quoted or not.

use std::fmt;

use prost_types::Timestamp;
use serde::{
    Deserialize, Deserializer,
    de::{self, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

/// An optional detail of an answer: a string, a number or a boolean, quoted or not. A value that does not parse as `T`
/// becomes `None`, and the rest of the answer stays readable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lenient<T>(pub Option<T>);

impl<T> Default for Lenient<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de, T: FromText> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Scalar::<true>(text) = Scalar::deserialize(deserializer)?;
        Ok(Self(text.and_then(T::from_text)))
    }
}

impl<T> Lenient<T> {
    /// Returns the first value of several spellings of one member.
    pub fn or(self, other: Self) -> Self {
        Self(self.0.or(other.0))
    }
}

/// The id of something at a vendor: `5` and `"5"` are the same id. Empty strings and booleans are not ids.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Id(pub Option<String>);

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Scalar::<false>(text) = Scalar::deserialize(deserializer)?;
        Ok(Self(text.filter(|text| !text.trim().is_empty())))
    }
}

/// Deserializes an id without which the entries of a list could not be distinguished.
///
/// # Errors
/// The id is missing.
pub fn required_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Id::deserialize(deserializer)?.0.ok_or_else(|| de::Error::custom("it has no id"))
}

/// A type that can be parsed from a string.
pub trait FromText: Sized {
    /// Parses `text`; `None` if it is not a `Self`.
    fn from_text(text: String) -> Option<Self>;
}

impl FromText for String {
    fn from_text(text: String) -> Option<Self> {
        Some(text)
    }
}

impl FromText for bool {
    fn from_text(text: String) -> Option<Self> {
        match text.trim().to_ascii_lowercase().as_str() {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        }
    }
}

impl FromText for i64 {
    fn from_text(text: String) -> Option<Self> {
        text.trim().parse().ok()
    }
}

impl FromText for i32 {
    fn from_text(text: String) -> Option<Self> {
        text.trim().parse().ok()
    }
}

impl FromText for f64 {
    fn from_text(text: String) -> Option<Self> {
        text.trim().parse().ok().filter(|number: &Self| number.is_finite())
    }
}

/// A time as Unix seconds, as digits or as a number, or as ISO 8601 with an offset. 0 becomes `None`: no vendor means
/// 1970 by it.
impl FromText for Timestamp {
    fn from_text(text: String) -> Option<Self> {
        let text = text.trim();
        let seconds =
            text.parse().ok().or_else(|| text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_second))?;
        (seconds != 0).then_some(Self { seconds, nanos: 0 })
    }
}

/// A string, a number or a boolean as a string; `None` for `null`, a list or an object. Booleans only if `BOOLEANS` is
/// true.
struct Scalar<const BOOLEANS: bool>(Option<String>);

impl<'de, const BOOLEANS: bool> Deserialize<'de> for Scalar<BOOLEANS> {
    // By hand: an untagged enum tries every variant, and writes an error for each that does not match.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor::<BOOLEANS>).map(Self)
    }
}

struct ScalarVisitor<const BOOLEANS: bool>;

impl<'de, const BOOLEANS: bool> Visitor<'de> for ScalarVisitor<BOOLEANS> {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Option<String>, E> {
        Ok(None)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Option<String>, E> {
        Ok(BOOLEANS.then(|| value.to_string()))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Option<String>, E> {
        Ok(Some(value.to_string()))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Option<String>, E> {
        Ok(Some(value.to_string()))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Option<String>, E> {
        Ok(Some(value.to_string()))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Option<String>, E> {
        Ok(Some(value.to_owned()))
    }

    fn visit_string<E: de::Error>(self, value: String) -> Result<Option<String>, E> {
        Ok(Some(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Option<String>, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Option<String>, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}

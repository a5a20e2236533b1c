//! A vendor's own texts, in whatever form.

use serde::{Deserialize, Deserializer};
use serde_json::{Value, value::RawValue};

use super::read;

/// A vendor's own text, which may be a string, a list of strings or an object of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words(pub Option<String>);

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(|value| Self(words(&value)))
    }
}

fn words(value: &Value) -> Option<String> {
    let text = match value {
        Value::Null => return None,
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Array(list) => list.iter().filter_map(words).collect::<Vec<_>>().join("; "),
        Value::Object(object) => {
            let members = object.iter().filter_map(|(key, value)| Some(format!("{key}: {}", words(value)?)));
            members.collect::<Vec<_>>().join("; ")
        }
    };
    Some(text).filter(|text| !text.trim().is_empty())
}

/// A string that must not be lost: a list or an object is kept as its JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kept(pub Option<String>);

impl<'de> Deserialize<'de> for Kept {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        Ok(Self(match raw.get() {
            "null" => None,
            text => Some(read(text).unwrap_or_else(|_| text.to_owned())),
        }))
    }
}

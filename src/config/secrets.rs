//! Several secrets.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use toml::Value;

use super::Secret;

/// A secret, or a list of them.
pub(super) struct Secrets(pub(super) Vec<Secret>);

impl<'de> Deserialize<'de> for Secrets {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // By hand, as serde's errors would quote the value. A variable of the environment has a list as text.
        let list = |text: &str| format!("v = {text}").parse::<toml::Table>().ok()?.remove("v");
        let values = match Value::deserialize(deserializer)? {
            Value::String(text) => match list(&text) {
                Some(Value::Array(values)) => values,
                _ => vec![Value::String(text)],
            },
            Value::Array(values) => values,
            other => vec![other],
        };
        let secrets = values.into_iter().map(|value| Secret::deserialize(value).map_err(D::Error::custom));
        secrets.collect::<Result<_, _>>().map(Self)
    }
}

impl Serialize for Secrets {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

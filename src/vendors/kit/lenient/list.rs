//! Lists, of which one unreadable entry does not make the others unreadable.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{self, DeserializeOwned, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Value, value::RawValue};

use super::read;

/// A list whose entries are read one by one: an entry that cannot be read becomes `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List<T>(pub Vec<Option<T>>);

impl<T> Default for List<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for List<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Entries(entries) = Entries::deserialize(deserializer)?;
        // serde would take a list for the members of an object, one after the other.
        let entry = |raw: &str| if raw.starts_with('[') { None } else { read(raw).ok() };
        Ok(Self(entries.iter().map(|raw| entry(raw.get())).collect()))
    }
}

impl<T> List<T> {
    /// Returns the number of entries that could not be read.
    pub fn unreadable(&self) -> usize {
        self.0.iter().filter(|entry| entry.is_none()).count()
    }
}

/// The entries of a list as raw JSON. PHP writes a list with gaps as an object with numbers for names, and some vendors
/// write a list of one entry as that entry.
#[derive(Debug, Default)]
pub struct Entries(pub Vec<Box<RawValue>>);

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(EntriesVisitor).map(Self)
    }
}

struct EntriesVisitor;

impl<'de> Visitor<'de> for EntriesVisitor {
    type Value = Vec<Box<RawValue>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(raw) = list.next_element()? {
            entries.push(raw);
        }
        Ok(entries)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        let mut members: Vec<(String, Box<RawValue>)> = Vec::new();
        while let Some(member) = object.next_entry()? {
            members.push(member);
        }
        if members.iter().all(|(key, _)| key.bytes().all(|b| b.is_ascii_digit())) {
            return Ok(members.into_iter().map(|(_, value)| value).collect());
        }
        let members: Vec<_> =
            members.iter().map(|(key, value)| format!("{}:{}", Value::from(&**key), value.get())).collect();
        RawValue::from_string(format!("{{{}}}", members.join(","))).map(|raw| vec![raw]).map_err(de::Error::custom)
    }
}

//! Deserializes JSON with the conversions that the vendors' servers are known for: numbers and booleans in quotes and
//! the reverse, `null` for absent, and PHP's lists where a document has objects.

use serde::de::value::{MapDeserializer, SeqDeserializer};
use serde::de::{Deserializer, Error as _, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Error, Map, Number, Value};

/// A value that deserializes as any type to which one of those conversions leads.
pub(super) struct Loose(pub(super) Value);

impl IntoDeserializer<'_, Error> for Loose {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// Returns the value as a number, if it is one or a string of one.
fn number(value: Value) -> Value {
    let read = match &value {
        Value::String(text) => text.trim().parse().ok(),
        Value::Number(number) => number.as_f64().filter(|number| number.fract() == 0.0).map(whole),
        _ => None,
    };
    read.map_or(value, Value::Number)
}

/// Drops an empty fraction: 5.0 counts as 5.
fn whole(number: f64) -> Number {
    let unchanged = || Number::from_f64(number).unwrap_or_else(|| Number::from(0));
    format!("{number:.0}").parse().unwrap_or_else(|_| unchanged())
}

/// Returns the members that are not null.
fn present(object: Map<String, Value>) -> impl Iterator<Item = (String, Loose)> {
    object.into_iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| (name, Loose(value)))
}

fn list(items: impl IntoIterator<Item = Value>) -> impl Iterator<Item = Loose> {
    items.into_iter().map(Loose)
}

macro_rules! numbers {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            number(self.0).$method(visitor)
        })*
    };
}

impl<'de> Deserializer<'de> for Loose {
    type Error = Error;

    numbers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_f32 deserialize_f64
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.0.deserialize_any(visitor)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let text = match &self.0 {
            Value::String(text) => text.to_ascii_lowercase(),
            other => other.to_string(),
        };
        match text.as_str() {
            "true" | "1" => visitor.visit_bool(true),
            "false" | "0" | "" => visitor.visit_bool(false),
            _ => Err(Error::custom(format!("expected true or false, found {text}"))),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_string(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            scalar @ (Value::Number(_) | Value::Bool(_)) => visitor.visit_string(scalar.to_string()),
            other => other.deserialize_string(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Array(items) => visitor.visit_seq(SeqDeserializer::new(list(items))),
            // The form in which `JSON_FORCE_OBJECT` writes a list.
            Value::Object(object) if (0..object.len()).all(|index| object.contains_key(&index.to_string())) => {
                let mut items: Vec<_> = object.into_iter().collect();
                items.sort_by_key(|(index, _)| index.parse::<usize>().unwrap_or(usize::MAX));
                visitor.visit_seq(SeqDeserializer::new(list(items.into_iter().map(|(_, item)| item))))
            }
            other => other.deserialize_seq(visitor),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Object(object) => visitor.visit_map(MapDeserializer::new(present(object))),
            // The form in which PHP writes an object whose keys count up.
            Value::Array(items) => {
                let members = items.into_iter().enumerate().map(|(index, item)| (index.to_string(), Loose(item)));
                visitor.visit_map(MapDeserializer::new(members))
            }
            other => other.deserialize_map(visitor),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.0 {
            Value::Object(object) => visitor.visit_map(MapDeserializer::new(present(object))),
            // The form in which PHP writes an object without members.
            Value::Array(items) if items.is_empty() => visitor.visit_map(MapDeserializer::new(present(Map::new()))),
            Value::Array(_) => Err(Error::custom(format!("expected an object ({name}), found a list"))),
            other => other.deserialize_struct(name, fields, visitor),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.0.deserialize_enum(name, variants, visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        i128 u128 char bytes byte_buf unit unit_struct tuple tuple_struct identifier
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Default, Deserialize, PartialEq)]
    #[serde(default)]
    struct All {
        text: String,
        count: u8,
        price: f64,
        yes: bool,
        maybe: Option<i64>,
        list: Vec<String>,
        map: BTreeMap<String, String>,
        inner: Option<Box<All>>,
    }

    fn read(value: Value) -> Result<All, Error> {
        All::deserialize(Loose(value))
    }

    #[test]
    fn what_means_the_same_is_read_the_same() {
        let expected = All {
            text: "5".to_owned(),
            count: 5,
            price: 1.5,
            yes: true,
            maybe: None,
            list: vec!["1".to_owned(), "b".to_owned()],
            map: BTreeMap::from([("0".to_owned(), "x".to_owned())]),
            inner: Some(Box::default()),
        };
        for value in [
            json!({"text": "5", "count": 5, "price": 1.5, "yes": true, "list": ["1", "b"], "map": {"0": "x"}, "inner": {}}),
            json!({"text": 5, "count": "5", "price": "1.5", "yes": 1, "maybe": null, "list": [1, "b"], "map": ["x"],
                "inner": []}),
            json!({"text": 5, "count": 5.0, "price": " 1.5", "yes": "TRUE", "list": {"1": "b", "0": 1}, "map": {"0": "x"},
                "inner": {"text": null, "list": null}, "unheard of": {}}),
        ] {
            assert_eq!(read(value.clone()).unwrap(), expected, "{value}");
        }
    }

    #[test]
    fn what_is_another_thing_is_refused() {
        for value in [
            json!({"text": ["5"]}),
            json!({"text": {}}),
            json!({"count": "five"}),
            json!({"count": 5.5}),
            json!({"count": 256}),
            json!({"count": true}),
            json!({"yes": "yes"}),
            json!({"yes": 2}),
            json!({"list": "a"}),
            json!({"list": {"a": "b"}}),
            json!({"map": "a"}),
            json!({"inner": ["a"]}),
            json!([All::default().count]),
            json!("text"),
        ] {
            assert!(read(value.clone()).is_err(), "{value}");
        }
    }
}

//! The values of a key that has a choice of a few, as the type has them that the key is read into.

use serde::{
    Deserializer,
    de::{DeserializeOwned, Error as _, Visitor, value::Error},
    forward_to_deserialize_any,
};

/// Returns the values that an enumeration is read from; none for another type.
pub fn choices<T: DeserializeOwned>() -> &'static [&'static str] {
    let mut asked = Asked(&[]);
    let _ = T::deserialize(&mut asked);
    asked.0
}

/// Has no value, but notes which ones are asked for.
struct Asked(&'static [&'static str]);

impl<'de> Deserializer<'de> for &mut Asked {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(Error::custom("there is no value"))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        values: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.0 = values;
        self.deserialize_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Http2, Secret};

    #[test]
    fn an_enumeration_has_its_values_and_another_type_has_none() {
        assert_eq!(choices::<Http2>(), ["negotiated", "prior-knowledge", "off"]);
        assert!(choices::<Secret>().is_empty() && choices::<Vec<Http2>>().is_empty());
    }
}

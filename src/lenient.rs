//! Reading what vendors write in more than one way: ids as numbers or texts, truth as words, nothing as `null`.

use std::fmt;

use prost_types::Timestamp;
use serde::{
    Deserialize, Deserializer,
    de::{self, Visitor},
};
use serde_json::value::RawValue;

/// A word, a number or a truth.
struct Scalar(String);

impl<'de> Deserialize<'de> for Scalar {
    // By hand: an untagged enum tries every kind, and writes an error for each that it is not.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor).map(Self)
    }
}

struct ScalarVisitor;

impl Visitor<'_> for ScalarVisitor {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text, a number or a truth")
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<String, E> {
        Ok(value.to_string())
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<String, E> {
        Ok(value.to_string())
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<String, E> {
        Ok(value.to_string())
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<String, E> {
        Ok(value.to_string())
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<String, E> {
        Ok(value.to_owned())
    }

    fn visit_string<E: de::Error>(self, value: String) -> Result<String, E> {
        Ok(value)
    }
}

/// A text that may be written as a number: `5` and `"5"` alike.
///
/// # Errors
/// It is neither.
pub fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Scalar::deserialize(deserializer).map(|Scalar(text)| text)
}

/// The same, or nothing: `null` and, with `#[serde(default)]`, a missing key.
///
/// # Errors
/// It is neither.
pub fn optional_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<Scalar>::deserialize(deserializer)?.map(|Scalar(text)| text))
}

/// A whole number that may be written as a text, or nothing; what is no whole number is nothing.
///
/// # Errors
/// It is neither number nor text.
pub fn optional_int<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Ok(optional_text(deserializer)?.and_then(|text| text.trim().parse().ok()))
}

/// A truth that may be written as a word or a digit, or nothing.
///
/// # Errors
/// It is neither truth, number nor text.
pub fn optional_bool<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    let text = optional_text(deserializer)?;
    Ok(text.and_then(|text| match text.to_ascii_lowercase().as_str() {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }))
}

/// A time as Unix seconds, in digits or as a number, or as ISO 8601 with its zone, or nothing. 0 is nothing too: no vendor
/// means 1970 by it.
///
/// # Errors
/// It is neither number nor text.
pub fn optional_time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    let text = optional_text(deserializer)?;
    let seconds = text.and_then(|text| {
        let text = text.trim();
        text.parse().ok().or_else(|| text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_second))
    });
    Ok(seconds.filter(|seconds| *seconds != 0).map(|seconds| Timestamp { seconds, nanos: 0 }))
}

/// A number in the very digits that the vendor wrote, in quotes or not, or nothing; what is no number is nothing. For money:
/// a float would round it.
///
/// # Errors
/// The answer is no JSON.
pub fn optional_digits<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let raw = Option::<Box<RawValue>>::deserialize(deserializer)?;
    let digits = raw.map(|raw| raw.get().trim_matches('"').trim().to_owned());
    Ok(digits.and_then(|digits| {
        let number = digits.parse::<f64>().ok().filter(|number| number.is_finite())?;
        // Decimal text is promised; so small a sum has no digits to lose.
        Some(if digits.contains(['e', 'E']) { number.to_string() } else { digits })
    }))
}

/// What may be written in more than one way, or not at all, as a type: for messages of many fields, which say
/// `#[serde(default)]` once. A word or a number that is no `T` is nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lenient<T>(pub Option<T>);

impl<'de> Deserialize<'de> for Lenient<String> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        optional_text(deserializer).map(Self)
    }
}

impl<'de> Deserialize<'de> for Lenient<bool> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        optional_bool(deserializer).map(Self)
    }
}

impl<'de> Deserialize<'de> for Lenient<i64> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        optional_int(deserializer).map(Self)
    }
}

impl<'de> Deserialize<'de> for Lenient<i32> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(optional_int(deserializer)?.and_then(|value| value.try_into().ok())))
    }
}

/// `null` as the default, for a list or a text that should have been there.
///
/// # Errors
/// It is neither `null` nor a `T`.
pub fn null_is_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Sample {
        #[serde(deserialize_with = "text")]
        id: String,
        #[serde(default, deserialize_with = "optional_int")]
        count: Option<i64>,
        #[serde(default, deserialize_with = "optional_bool")]
        spam: Option<bool>,
        #[serde(default, deserialize_with = "null_is_default")]
        list: Vec<u8>,
    }

    #[test]
    fn every_spelling_means_the_same() {
        let expected = Sample { id: "5".into(), count: Some(7), spam: Some(true), list: vec![] };
        for json in [
            r#"{"id": 5, "count": 7, "spam": true, "list": null}"#,
            r#"{"id": "5", "count": "7", "spam": "1"}"#,
            r#"{"id": "5", "count": " 7 ", "spam": "TRUE", "list": []}"#,
        ] {
            assert_eq!(serde_json::from_str::<Sample>(json).expect(json), expected, "{json}");
        }
        let nothing: Sample = serde_json::from_str(r#"{"id": "", "count": null, "spam": "maybe"}"#).expect("nothing");
        assert_eq!((nothing.count, nothing.spam), (None, None));
    }

    #[test]
    fn a_time_is_unix_seconds_or_iso_8601_with_a_zone() {
        let time = |json: &str| optional_time(&mut serde_json::Deserializer::from_str(json)).expect(json);
        for json in ["1582477200", r#""1582477200""#, r#""2020-02-23T18:00:00+01:00""#, r#""2020-02-23T17:00:00Z""#] {
            assert_eq!(time(json), Some(Timestamp { seconds: 1_582_477_200, nanos: 0 }), "{json}");
        }
        for json in ["null", "0", r#""""#, r#""2020-02-23 18:00""#, r#""soon""#] {
            assert_eq!(time(json), None, "{json}");
        }
    }

    #[test]
    fn money_keeps_its_digits() {
        let digits = |json: &str| optional_digits(&mut serde_json::Deserializer::from_str(json)).expect(json);
        for (json, expected) in [
            ("12.50", Some("12.50")),
            ("-0.10", Some("-0.10")),
            (r#""12345678901234567890.10""#, Some("12345678901234567890.10")),
            ("null", None),
            (r#""""#, None),
            (r#""none""#, None),
            ("{}", None),
        ] {
            assert_eq!(digits(json).as_deref(), expected, "{json}");
        }
    }

    #[test]
    fn a_field_of_many_says_it_by_its_type() {
        #[derive(Debug, Default, PartialEq, Deserialize)]
        #[serde(default)]
        struct Many {
            login: Lenient<String>,
            active: Lenient<bool>,
            left: Lenient<i32>,
            id: Lenient<i64>,
        }
        let some = Many { login: Lenient(Some("5".into())), active: Lenient(Some(true)), ..Many::default() };
        for json in [r#"{"login": 5, "active": 1, "left": null}"#, r#"{"login": "5", "active": "true", "left": 3e9}"#] {
            assert_eq!(serde_json::from_str::<Many>(json).expect(json), some, "{json}");
        }
        let numbers: Many = serde_json::from_str(r#"{"left": "-1", "id": 3000000000}"#).expect("numbers");
        assert_eq!((numbers.left.0, numbers.id.0), (Some(-1), Some(3_000_000_000)));
    }
}

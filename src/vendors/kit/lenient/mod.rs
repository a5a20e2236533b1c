//! Deserializes values that vendors write in more than one way: ids as numbers or strings, booleans as strings, missing
//! values as `null`.

mod mend;

use std::fmt;

use prost_types::Timestamp;
use serde::{
    Deserialize, Deserializer,
    de::{self, DeserializeOwned, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Value, value::RawValue};

pub use self::mend::decoded;

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

/// An amount as decimal text with a point, in exactly the vendor's digits: a float would round them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decimal(pub Option<String>);

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let quoted = read::<String>(raw.get());
        Ok(Self(decimal(quoted.as_deref().unwrap_or(raw.get()))))
    }
}

/// Parses `12.50`, `12,50`, `1.234,50`, `1 234.50` or `1.25e1`; anything else becomes `None`. A single comma or point
/// is the decimal separator.
fn decimal(text: &str) -> Option<String> {
    // A larger exponent would make a text of that length.
    const EXPONENT: i32 = 30;
    let text: String = text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '\'' | '’')).collect();
    let (sign, text) = match text.strip_prefix('-') {
        Some(text) => ("-", text),
        None => ("", text.strip_prefix('+').unwrap_or(&text)),
    };
    let (text, exponent) = match text.split_once(['e', 'E']) {
        Some((text, exponent)) => (text, exponent.parse().ok().filter(|e: &i32| e.abs() <= EXPONENT)?),
        None => (text, 0),
    };
    let separator = text.rfind([',', '.']).filter(|&at| text.matches(&text[at..=at]).count() == 1);
    let (whole, fraction) = separator.map_or((text, ""), |at| (&text[..at], &text[at + 1..]));
    let mut groups = whole.split([',', '.']);
    let first = groups.next().unwrap_or_default();
    let groups: Vec<_> = groups.collect();
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let right = groups.iter().all(|group| group.len() == 3 && digits(group)) && digits(first) && digits(fraction);
    if !right || (first.is_empty() && (fraction.is_empty() || !groups.is_empty())) {
        return None;
    }
    let mut whole = first.to_owned() + &groups.concat();
    let mut fraction = fraction.to_owned();
    for _ in 0..exponent.abs() {
        if exponent > 0 {
            whole.push(if fraction.is_empty() { '0' } else { fraction.remove(0) });
        } else {
            fraction.insert(0, whole.pop().unwrap_or('0'));
        }
    }
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    Some(if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") })
}

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

#[cfg(test)]
mod tests {
    use super::*;

    /// Every kind of JSON that is neither a string nor a number nor a boolean.
    const ODD: [&str; 6] =
        ["null", "[]", "{}", r#"["a"]"#, r#"{"date": "2026-03-02", "zone": {"a": [1]}}"#, "[[1], null]"];

    fn read<T: DeserializeOwned>(json: &str) -> T {
        super::read(json).expect(json)
    }

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct Sample {
        id: Id,
        count: Lenient<i32>,
        spam: Lenient<bool>,
        text: Lenient<String>,
        time: Lenient<Timestamp>,
        cost: Decimal,
        list: List<Id>,
        inner: Object<Box<Sample>>,
    }

    #[test]
    fn every_spelling_means_the_same() {
        let five = || Id(Some("5".into()));
        let expected = Sample {
            id: five(),
            count: Lenient(Some(7)),
            spam: Lenient(Some(true)),
            list: List(vec![Some(five())]),
            ..Sample::default()
        };
        for json in [
            r#"{"id": 5, "count": 7, "spam": true, "list": [5]}"#,
            r#"{"id": "5", "count": "7", "spam": "1", "list": {"3": "5"}}"#,
            r#"{"id": "5", "count": " 7 ", "spam": "TRUE", "list": ["5"]}"#,
        ] {
            assert_eq!(read::<Sample>(json), expected, "{json}");
        }
        let nothing =
            r#"{"id": " ", "count": 3e9, "spam": "maybe", "time": "soon", "cost": "none", "list": 5, "inner": 5}"#;
        assert_eq!(read::<Sample>(nothing), Sample::default());
    }

    #[test]
    fn optional_details_never_make_an_answer_unreadable() {
        for odd in ODD {
            for member in ["count", "spam", "text", "time", "cost"] {
                let sample: Sample = read(&format!(r#"{{"{member}": {odd}, "id": 5}}"#));
                assert_eq!(sample, Sample { id: Id(Some("5".into())), ..Sample::default() }, "{member}: {odd}");
            }
        }
        for no_id in ["null", "true", "\"\"", "[5]", "{}"] {
            assert_eq!(read::<Id>(no_id), Id(None), "{no_id}");
        }
    }

    #[test]
    fn one_unreadable_entry_leaves_the_others() {
        #[derive(Debug, PartialEq, Deserialize)]
        struct Entry {
            #[serde(deserialize_with = "required_id")]
            id: String,
        }
        let entry = |id: &str| Some(Entry { id: id.to_owned() });
        for (json, expected) in [
            (
                r#"[{"id": 1}, "x", {"id": []}, ["1"], null, {"id": "2"}]"#,
                vec![entry("1"), None, None, None, None, entry("2")],
            ),
            (r#"{"0": {"id": 1}, "2": {"id": 3}}"#, vec![entry("1"), entry("3")]),
            (r#"{"id": 1}"#, vec![entry("1")]),
            ("null", vec![]),
            ("\"\"", vec![]),
        ] {
            let list: List<Entry> = read(json);
            assert_eq!(list.unreadable(), expected.iter().filter(|entry| entry.is_none()).count(), "{json}");
            assert_eq!(list.0, expected, "{json}");
        }
    }

    #[test]
    fn a_time_is_unix_seconds_or_iso_8601_with_a_zone() {
        let time = |json: &str| read::<Lenient<Timestamp>>(json).0;
        for json in ["1582477200", r#""1582477200""#, r#""2020-02-23T18:00:00+01:00""#, r#""2020-02-23T17:00:00Z""#] {
            assert_eq!(time(json), Some(Timestamp { seconds: 1_582_477_200, nanos: 0 }), "{json}");
        }
        for json in ["null", "0", r#""""#, r#""2020-02-23 18:00""#, r#""soon""#] {
            assert_eq!(time(json), None, "{json}");
        }
    }

    #[test]
    fn money_is_decimal_text_with_all_its_digits_or_nothing() {
        for (json, expected) in [
            ("12.50", Some("12.50")),
            ("37", Some("37")),
            ("-0.10", Some("-0.10")),
            (r#""12,50""#, Some("12.50")),
            (r#""12345678901234567890.10""#, Some("12345678901234567890.10")),
            (r#""1.234,56""#, Some("1234.56")),
            (r#""1,234,567.8""#, Some("1234567.8")),
            (r#""1.234.567""#, Some("1234567")),
            (r#""1 234,5""#, Some("1234.5")),
            (r#"".5""#, Some("0.5")),
            (r#""+5.""#, Some("5")),
            ("1.25e2", Some("125")),
            ("1.25E-3", Some("0.00125")),
            ("1e400", None),
            ("1e-400", None),
            (r#""12,50 EUR""#, None),
            (r#""1,23,456.7""#, None),
            (r#""NaN""#, None),
            (r#""-""#, None),
            (r#"",""#, None),
            ("true", None),
            ("null", None),
            (r#""""#, None),
            (r#"{"amount": 1}"#, None),
            ("[1]", None),
        ] {
            assert_eq!(read::<Decimal>(json).0.as_deref(), expected, "{json}");
        }
    }

    #[test]
    fn texts_are_found_in_lists_and_objects() {
        for (json, expected) in [
            (r#""no""#, Some("no")),
            (r#"["no", "", "credit"]"#, Some("no; credit")),
            (r#"[{"elementId": "to", "message": "no"}]"#, Some("elementId: to; message: no")),
            (r#"{"sender": ["too long", null]}"#, Some("sender: too long")),
            ("7", Some("7")),
            ("null", None),
            (r#"[" "]"#, None),
            ("{}", None),
        ] {
            assert_eq!(read::<Words>(json).0.as_deref(), expected, "{json}");
        }
        for (json, expected) in
            [(r#""a\nb""#, Some("a\nb")), (r#"{"a": [1]}"#, Some(r#"{"a": [1]}"#)), ("7", Some("7")), ("null", None)]
        {
            assert_eq!(read::<Kept>(json).0.as_deref(), expected, "{json}");
        }
    }
}

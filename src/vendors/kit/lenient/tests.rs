//! The ways in which vendors write the same value.

use prost_types::Timestamp;

use super::*;

/// Every kind of JSON that is neither a string nor a number nor a boolean.
const ODD: [&str; 6] = ["null", "[]", "{}", r#"["a"]"#, r#"{"date": "2026-03-02", "zone": {"a": [1]}}"#, "[[1], null]"];

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

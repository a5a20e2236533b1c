//! Validates what every send has: recipients, text, originator, time.

use std::collections::{BTreeSet, HashMap};

use prost_types::Timestamp;

use super::{Check, MAX_LOOKED_AT, is_e164};
use crate::{
    api::pb::{Encoding, Purpose},
    epoch,
    text::{
        gsm,
        segments::{Alphabet, Segments},
    },
};

/// The most segments of a text, unless a vendor documents another limit.
pub const MAX_SEGMENTS: usize = 10;

/// How many seconds a scheduled time may lie in the past, as clocks differ and requests take time.
const CLOCKS_DIFFER: i64 = 60;

/// The bytes of a text that are searched for characters. A longer text is rejected for its length anyway.
const SEARCHED: usize = 16 << 10;

/// The most characters of a tag.
const MAX_TAG: usize = 64;

impl Check {
    /// Checks the recipients of a send: 1 to `limit` phone numbers without duplicates.
    pub fn recipients(&mut self, numbers: &[String], limit: usize) {
        self.phone_numbers(numbers.iter().map(String::as_str), limit, "recipients", "");
    }

    /// Checks 1 to `limit` phone numbers without duplicates. `member` is the number's field in an entry of `field`,
    /// such as `.to`.
    pub fn phone_numbers<'a>(
        &mut self,
        numbers: impl ExactSizeIterator<Item = &'a str> + Clone,
        limit: usize,
        field: &str,
        member: &str,
    ) {
        let (count, path) = (numbers.len(), |i| format!("{field}[{i}]{member}"));
        self.one_to(count, limit, field);
        for (i, number) in numbers.clone().take(MAX_LOOKED_AT).enumerate() {
            self.phone_number(number, || path(i));
        }
        if (2..=limit).contains(&count) {
            self.no_number_twice(numbers, path);
        }
    }

    /// Rejects duplicate phone numbers, which would be two SMS. Skips invalid numbers.
    pub fn no_number_twice<'a>(&mut self, numbers: impl Iterator<Item = &'a str>, field: impl Fn(usize) -> String) {
        let mut indices = Places::default();
        for (i, number) in numbers.enumerate().filter(|(_, number)| is_e164(number)) {
            if let Some(first) = indices.earlier(number, i) {
                self.fault(field(i), format!("is the same number as {}", field(first)));
            }
        }
    }

    /// Returns the alphabet of a text: the requested `encoding`, otherwise GSM 7-bit if that has every character. The
    /// vendor replaces the characters `replaced` of GSM 7-bit.
    pub fn alphabet<'a>(
        &mut self,
        encoding: i32,
        mut texts: impl Iterator<Item = &'a str>,
        replaced: &str,
    ) -> Alphabet {
        let arrives = |c: char| gsm::contains(c) && !replaced.contains(c);
        match Encoding::try_from(encoding) {
            Ok(Encoding::Unspecified) => {
                let all_arrive = texts.all(|text| match head(text) {
                    text if replaced.is_empty() => gsm::fits(text),
                    text => text.chars().all(arrives),
                });
                if all_arrive { Alphabet::Gsm7 } else { Alphabet::Ucs2 }
            }
            Ok(Encoding::Ucs2) => Alphabet::Ucs2,
            Ok(Encoding::Gsm7) => {
                let others =
                    texts.flat_map(|text| head(text).chars()).filter(|c| !arrives(*c)).collect::<BTreeSet<_>>();
                let list = others.iter().take(8).map(|c| code_point(*c)).collect::<Vec<_>>().join(", ");
                let description = format!("characters of the text are not in GSM 7-bit at this vendor: {list}");
                self.that(others.is_empty(), "encoding", description);
                Alphabet::Gsm7
            }
            Err(_) => {
                self.fault("encoding", "unknown value");
                Alphabet::Gsm7
            }
        }
    }

    /// Checks that a text has at most `most` segments.
    pub fn segments(&mut self, text: &str, alphabet: Alphabet, most: usize, field: &str) {
        let (room, unit) = (alphabet.room(most), alphabet.unit());
        // A byte takes at most two units, and a unit at most four bytes, so short and huge texts need no count.
        let found = match text.len() {
            0.. if text.len() <= room / 2 => return,
            0.. if text.len() > room * 4 => format!("takes more than {most} segments"),
            _ => {
                let Segments { units, count, .. } = Segments::of(alphabet, text);
                if count <= most {
                    return;
                }
                format!("takes {count} segments ({units} {unit})")
            }
        };
        self.fault(field, format!("{found}; at most {most} ({room} {unit}) are allowed, and some characters take two"));
    }

    /// Checks an originator: empty, alphanumeric of at most 11 septets, which fit into ten octets, or numeric of at
    /// most 15 digits (3GPP TS 23.040, 9.1.2.5).
    pub fn sender(&mut self, value: &str, field: &str) {
        let digits = value.strip_prefix('+').unwrap_or(value);
        let numeric = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        let right = match numeric {
            true => digits.len() <= 15 && (digits.len() == value.len() || !digits.starts_with('0')),
            false => is_name(value),
        };
        self.that(
            right,
            field,
            "must be at most 11 septets of the GSM alphabet, of which characters such as [ and € take two, without control \
             characters and without blanks at its ends; or a number of at most 15 digits",
        );
    }

    /// Checks the tag of a send, or that it is empty.
    pub fn tag(&mut self, tag: &str) {
        self.at_most(tag, MAX_TAG, "tag");
    }

    /// Checks the purpose of a send: taking an unknown one for another would send at hours that are not meant for it, or to
    /// people who opted out of it.
    pub fn purpose(&mut self, purpose: i32) {
        self.that(Purpose::try_from(purpose).is_ok(), "purpose", "unknown value");
    }

    /// Checks the id that the caller chose for a message, or that it is empty.
    pub fn message_id(&mut self, id: &str) {
        let right = id.is_empty() || is_message_id(id);
        self.that(right, "message_id", "must be 1 to 32 of A-Z a-z 0-9 _ . -, and neither . nor ..");
    }

    /// Checks an optional scheduled time, and returns whether it is valid. A past time is rejected, as a mistyped hour
    /// would send at once.
    pub fn schedule(&mut self, time: Option<&Timestamp>, field: &str) -> bool {
        let Some(time) = time else { return true };
        let right = !has_passed(time, epoch::now_in_seconds());
        self.that(right, field, "lies in the past: leave it unset to send at once");
        right
    }
}

/// The first index of each value of a list.
#[derive(Debug, Default)]
pub struct Places<'a>(HashMap<&'a str, usize>);

impl<'a> Places<'a> {
    /// Returns the earlier index of a value that is also at `index`.
    pub fn earlier(&mut self, value: &'a str, index: usize) -> Option<usize> {
        let first = *self.0.entry(value).or_insert(index);
        (first != index).then_some(first)
    }
}

/// Whether a text can be the id of a message: what all vendors that take an id accept.
pub fn is_message_id(id: &str) -> bool {
    // Dots alone would refer to another resource in a vendor's path.
    (1..=32).contains(&id.len())
        && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-".contains(&b))
        && !matches!(id, "." | "..")
}

/// Whether a time lies before `now`, in Unix seconds, by more than [`CLOCKS_DIFFER`].
fn has_passed(time: &Timestamp, now: i64) -> bool {
    time.seconds < now - CLOCKS_DIFFER
}

/// Whether a text is a valid alphanumeric originator, or empty.
fn is_name(value: &str) -> bool {
    // The longest have eleven characters of two bytes, or five of three bytes and one more.
    value.len() <= 22
        && value.trim() == value
        && !value.contains(char::is_control)
        && value.chars().try_fold(0, |sum, c| Some(sum + gsm::septets(c)?)).is_some_and(|septets| septets <= 11)
}

/// Returns the part of a text that is searched.
fn head(text: &str) -> &str {
    &text[..text.floor_char_boundary(SEARCHED)]
}

/// Formats a character for an error.
pub(super) fn code_point(c: char) -> String {
    format!("U+{:04X}", u32::from(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the violations that a check notes.
    fn faults<T>(check: impl FnOnce(&mut Check) -> T) -> Vec<String> {
        let mut checked = Check::new();
        check(&mut checked);
        checked.violations.into_iter().map(|v| format!("{}: {}", v.field, v.description)).collect()
    }

    #[test]
    fn a_sender_is_eleven_septets_or_a_number() {
        for (sender, right) in [
            ("", true),
            ("MySender", true),
            ("Twelve chars", false),
            ("Eleven char", true),
            ("[[[[[[[[[[[", false),
            ("[[[[[", true),
            ("[[[[[[", false),
            ("€€€€€a", true),
            ("€€€€€€", false),
            ("èèèèèèèèèèè", true),
            ("ΔΦΓΛΩΠΨΣΘΞß", true),
            ("+393471234567", true),
            ("123456789012345", true),
            ("1234567890123456", false),
            ("+0393471234", false),
            ("12345", true),
            ("Señor", true),
            ("Ñandú`", false),
            ("Emoji😀", false),
            ("+", true),
            (" ", false),
            ("   ", false),
            (" Shop", false),
            ("Shop ", false),
            ("My Shop", true),
            ("My\nShop", false),
            ("Shop\n", false),
            ("\r", false),
            ("a\u{c}b", false),
            ("a\tb", false),
            ("a\0b", false),
            ("a\u{a0}b", false),
            ("\u{202a}Shop", false),
        ] {
            assert_eq!(faults(|check| check.sender(sender, "sender")).is_empty(), right, "{sender:?}");
        }
    }

    #[test]
    fn a_duplicate_number_is_named_with_its_first_index() {
        let numbers = ["+393471234567", "+393471234568", "nobody", "+393471234567", "nobody", "+393471234567"];
        let found = faults(|check| check.recipients(&numbers.map(str::to_owned), 10));
        assert!(found[0].starts_with("recipients[2]: must be") && found[1].starts_with("recipients[4]"), "{found:?}");
        let twice = [3, 5].map(|i| format!("recipients[{i}]: is the same number as recipients[0]"));
        assert_eq!(found[2..], twice);
        let found = faults(|check| check.recipients(&vec!["nobody".to_owned(); 1_000_000], 10));
        assert_eq!(
            (found.len(), found[0].as_str()),
            (MAX_LOOKED_AT + 1, "recipients: has 1000000 entries; at most 10 are allowed")
        );
    }

    #[test]
    fn ten_segments_are_counted_in_septets_and_in_utf_16_units() {
        use Alphabet::{Gsm7, Ucs2};
        for (text, alphabet, right) in [
            ("a".repeat(1530), Gsm7, true),
            ("a".repeat(1531), Gsm7, false),
            ("è".repeat(1530), Gsm7, true),
            ("è".repeat(1531), Gsm7, false),
            // 76 per segment, as no character is split.
            ("€".repeat(760), Gsm7, true),
            ("€".repeat(761), Gsm7, false),
            ("€".repeat(1530), Gsm7, false),
            ("^".repeat(760), Gsm7, true),
            ("^".repeat(766), Gsm7, false),
            ("Ж".repeat(670), Ucs2, true),
            ("Ж".repeat(671), Ucs2, false),
            ("😀".repeat(330), Ucs2, true),
            ("😀".repeat(336), Ucs2, false),
            ("a".repeat(670), Ucs2, true),
            ("a".repeat(671), Ucs2, false),
            ("a".repeat(4 << 20), Gsm7, false),
            ("😀".repeat(1 << 20), Ucs2, false),
        ] {
            let found = faults(|check| check.segments(&text, alphabet, 10, "text"));
            let start = text.chars().next();
            assert_eq!(found.is_empty(), right, "{start:?} {} {alphabet:?}: {found:?}", text.chars().count());
        }
        let found = faults(|check| check.segments(&"€".repeat(1530), Gsm7, 10, "text"));
        let expected = "text: takes 21 segments (3060 septets); at most 10 (1530 septets) are allowed, and some characters \
                        take two";
        assert_eq!(found, [expected]);
        for (length, right) in [(160, true), (161, false)] {
            assert_eq!(faults(|check| check.segments(&"a".repeat(length), Gsm7, 1, "text")).is_empty(), right);
        }
    }

    #[test]
    fn the_alphabet_is_the_one_that_is_asked_for_or_that_has_every_character() {
        for (encoding, text, replaced, expected, right) in [
            (Encoding::Unspecified, "Perché [no]?", "", Alphabet::Gsm7, true),
            (Encoding::Unspecified, "Perché [no]?", "[]", Alphabet::Ucs2, true),
            (Encoding::Unspecified, "Ça", "", Alphabet::Gsm7, true),
            (Encoding::Unspecified, "ça", "", Alphabet::Ucs2, true),
            (Encoding::Ucs2, "a", "", Alphabet::Ucs2, true),
            (Encoding::Gsm7, "ça", "", Alphabet::Gsm7, false),
            (Encoding::Gsm7, "[", "[]", Alphabet::Gsm7, false),
        ] {
            let mut found = None;
            let faults = faults(|check| found = Some(check.alphabet(encoding.into(), std::iter::once(text), replaced)));
            assert_eq!((found, faults.is_empty()), (Some(expected), right), "{encoding:?} {text}: {faults:?}");
        }
        assert_eq!(faults(|check| check.alphabet(9, std::iter::once("a"), "")), ["encoding: unknown value"]);
        assert_eq!(faults(|check| check.purpose(9)), ["purpose: unknown value"]);
    }

    #[test]
    fn a_past_time_is_rejected_unless_clocks_may_differ() {
        let at = |seconds| Timestamp { seconds, nanos: 0 };
        for (seconds, passed) in [(i64::MIN, true), (-62_135_596_800, true), (939, true), (940, false), (1000, false)] {
            assert_eq!(has_passed(&at(seconds), 1000), passed, "{seconds}");
        }
        // 2001, and 2100.
        for (seconds, right) in [(1_000_000_000, false), (4_102_444_800, true), (i64::MAX, true)] {
            assert_eq!(faults(|check| check.schedule(Some(&at(seconds)), "time")).is_empty(), right, "{seconds}");
        }
        assert!(faults(|check| check.schedule(None, "time")).is_empty());
    }
}

//! Decodes the text of an answer, and repairs JSON that is slightly invalid.
//!
//! | what a vendor sends | what is read |
//! |---|---|
//! | bytes that are not UTF-8, such as Latin-1 | U+FFFD for each |
//! | a byte order mark, UTF-16 or UTF-32 with or without one | the text |
//! | half of a surrogate pair as an escape, which RFC 8259 permits | U+FFFD |
//! | a control character within a string, an escape that JSON lacks | the character, the escape as it stands |
//! | `NaN` and infinities | `null` |
//! | a number with a plus or leading zeros | a string of these digits |
//! | a duplicate member | its value, or `null` where the two differ: neither is trustworthy |
//! | white space, NUL, markup or other text after the value | nothing, unless it could be more JSON |
//!
//! Any other invalid JSON stays unreadable, above all a truncated value.

use std::collections::HashMap;

use bytes::Bytes;
use serde_json::value::RawValue;

/// The maximum depth of nesting, as in serde.
const MAX_DEPTH: usize = 128;

/// Returns an answer as UTF-8; a body that is UTF-8 already is not copied.
pub fn decoded(bytes: Bytes) -> Bytes {
    let is_wide = |text: &str| text.starts_with('\u{feff}') || text.as_bytes().iter().take(2).any(|byte| *byte == 0);
    match std::str::from_utf8(&bytes) {
        Ok(text) if !is_wide(text) => bytes,
        _ => transcoded(&bytes).into(),
    }
}

fn transcoded(bytes: &[u8]) -> String {
    let text = match bytes {
        [0xff, 0xfe, 0, 0, ..] | [1..=255, 0, 0, 0, ..] => utf_32(bytes, u32::from_le_bytes),
        [0, 0, 0xfe, 0xff, ..] | [0, 0, 0, 1..=255, ..] => utf_32(bytes, u32::from_be_bytes),
        [0xff, 0xfe, ..] | [1..=255, 0, 1..=255, 0, ..] => utf_16(bytes, u16::from_le_bytes),
        [0xfe, 0xff, ..] | [0, 1..=255, 0, 1..=255, ..] => utf_16(bytes, u16::from_be_bytes),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    };
    text.trim_start_matches('\u{feff}').to_owned()
}

fn utf_16(bytes: &[u8], read: fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks(2).map(|unit| unit.try_into().map_or(0xfffd, read));
    char::decode_utf16(units).map(|char| char.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

fn utf_32(bytes: &[u8], read: fn([u8; 4]) -> u32) -> String {
    let chars = bytes.chunks(4).map(|unit| unit.try_into().ok().and_then(|unit| char::from_u32(read(unit))));
    chars.map(|char| char.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// Returns strict JSON with the meaning of `text`; `None` when the meaning is ambiguous. Slow: only for text that serde
/// has rejected.
pub(super) fn mended(text: &str) -> Option<String> {
    let mut reader = Reader { rest: text, depth: 0 };
    let value = reader.value()?;
    reader.skip();
    (!reader.rest.starts_with(['{', '[', ','])).then_some(value)
}

struct Reader<'a> {
    rest: &'a str,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn skip(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\r', '\n', '\0', '\u{feff}']);
    }

    /// Consumes a sign and the white space before it, if it is next.
    fn takes(&mut self, sign: char) -> bool {
        self.skip();
        let rest = self.rest.strip_prefix(sign);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn value(&mut self) -> Option<String> {
        self.skip();
        match self.rest.chars().next()? {
            '{' => self.within(Self::object),
            '[' => self.within(Self::list),
            '"' => serde_json::to_string(&self.string()?).ok(),
            _ => self.bare(),
        }
    }

    fn within(&mut self, read: fn(&mut Self) -> Option<String>) -> Option<String> {
        self.depth += 1;
        let text = if self.depth > MAX_DEPTH { None } else { read(self) };
        self.depth -= 1;
        text
    }

    fn list(&mut self) -> Option<String> {
        self.takes('[');
        let mut values = Vec::new();
        if !self.takes(']') {
            loop {
                values.push(self.value()?);
                match (self.takes(','), self.takes(']')) {
                    (_, true) => break,
                    (true, false) => {}
                    (false, false) => return None,
                }
            }
        }
        Some(format!("[{}]", values.join(",")))
    }

    fn object(&mut self) -> Option<String> {
        self.takes('{');
        let mut places = HashMap::new();
        let mut members: Vec<(String, String)> = Vec::new();
        if !self.takes('}') {
            loop {
                self.skip();
                let key = serde_json::to_string(&self.string()?).ok()?;
                if !self.takes(':') {
                    return None;
                }
                let value = self.value()?;
                match places.get(&key) {
                    None => {
                        places.insert(key.clone(), members.len());
                        members.push((key, value));
                    }
                    Some(&place) if members[place].1 != value => members[place].1 = "null".to_owned(),
                    Some(_) => {}
                }
                match (self.takes(','), self.takes('}')) {
                    (_, true) => break,
                    (true, false) => {}
                    (false, false) => return None,
                }
            }
        }
        let members: Vec<_> = members.into_iter().map(|(key, value)| format!("{key}:{value}")).collect();
        Some(format!("{{{}}}", members.join(",")))
    }

    /// Reads a token that is neither string, list nor object.
    fn bare(&mut self) -> Option<String> {
        let end = self.rest.find(|c: char| c.is_whitespace() || ",:]}\"{[<\0".contains(c)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        match word.trim_start_matches(['-', '+']) {
            "NaN" | "nan" | "Infinity" | "inf" | "INF" | "NAN" => Some("null".to_owned()),
            _ if serde_json::from_str::<&RawValue>(word).is_ok() => Some(word.to_owned()),
            digits if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.') => {
                serde_json::to_string(word).ok()
            }
            _ => None,
        }
    }

    /// Reads a string, which begins at the current position.
    fn string(&mut self) -> Option<String> {
        let mut chars = self.rest.strip_prefix('"')?.chars();
        let mut text = String::new();
        loop {
            match chars.next()? {
                '"' => break,
                '\\' => match chars.next()? {
                    'u' => {
                        let unit = hex(&mut chars);
                        text.push_str(&unit.map_or_else(|| "\\u".to_owned(), |unit| escaped(unit, &mut chars).into()));
                    }
                    'n' => text.push('\n'),
                    't' => text.push('\t'),
                    'r' => text.push('\r'),
                    'b' => text.push('\u{8}'),
                    'f' => text.push('\u{c}'),
                    char @ ('"' | '\\' | '/') => text.push(char),
                    other => text.extend(['\\', other]),
                },
                char => text.push(char),
            }
        }
        self.rest = chars.as_str();
        Some(text)
    }
}

/// Returns the character of an escape, whose second half may follow.
fn escaped(unit: u16, chars: &mut std::str::Chars<'_>) -> char {
    let mut ahead = chars.clone();
    let second = match (0xd800..0xdc00).contains(&unit) && ahead.next() == Some('\\') && ahead.next() == Some('u') {
        true => hex(&mut ahead).filter(|second| (0xdc00..0xe000).contains(second)),
        false => None,
    };
    if second.is_some() {
        *chars = ahead;
    }
    let char = char::decode_utf16([unit].into_iter().chain(second)).next();
    char.and_then(Result::ok).unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// Consumes the next four hexadecimal digits; `None` if there are fewer.
fn hex(chars: &mut std::str::Chars<'_>) -> Option<u16> {
    let digits = chars.as_str().get(..4).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))?;
    *chars = chars.as_str()[4..].chars();
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_encoding_of_unicode_is_read_and_other_bytes_are_replaced() {
        let text = "{\"a\":\"città €\"}";
        let wide = |read: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(read).collect::<Vec<_>>();
        let wider = |read: fn(u32) -> [u8; 4]| text.chars().map(u32::from).flat_map(read).collect::<Vec<_>>();
        let marked = |mark: &[u8], bytes: Vec<u8>| [mark, &bytes].concat();
        for bytes in [
            text.as_bytes().to_vec(),
            marked(b"\xef\xbb\xbf", text.as_bytes().to_vec()),
            marked(b"\xef\xbb\xbf\xef\xbb\xbf", text.as_bytes().to_vec()),
            wide(u16::to_le_bytes),
            wide(u16::to_be_bytes),
            marked(b"\xff\xfe", wide(u16::to_le_bytes)),
            marked(b"\xfe\xff", wide(u16::to_be_bytes)),
            wider(u32::to_le_bytes),
            wider(u32::to_be_bytes),
            marked(b"\xff\xfe\0\0", wider(u32::to_le_bytes)),
            marked(b"\0\0\xfe\xff", wider(u32::to_be_bytes)),
        ] {
            assert_eq!(decoded(bytes.clone().into()), text, "{bytes:x?}");
        }
        assert_eq!(decoded(Bytes::from_static(b"citt\xe0")), "citt\u{fffd}");
        assert_eq!(decoded(Bytes::from_static(b"\xff\xfe{\0\"")), "{\u{fffd}");
        assert_eq!(decoded(Bytes::new()), "");
    }

    #[test]
    fn slightly_invalid_json_is_repaired() {
        for (text, expected) in [
            (r#"{"a": "cut \ud83d", "b\ude00": 1}"#, r#"{"a":"cut �","b�":1}"#),
            (r#"["\ud83d\ude00 \ud83d\u0041 \u12 \x \" \/"]"#, r#"["😀 �A \\u12 \\x \" /"]"#),
            ("[\"a\tb\0c\u{1}\"]", r#"["a\tb\u0000c\u0001"]"#),
            (r#"{"a": NaN, "b": -Infinity, "c": 007, "d": +1.50}"#, r#"{"a":null,"b":null,"c":"007","d":"+1.50"}"#),
            (r#"{"a": 1, "a": 1, "b": 2, "b": "2"}"#, r#"{"a":1,"b":null}"#),
            ("{\"price\": 12.50} <!-- served by 7 -->", r#"{"price":12.50}"#),
            ("\0 [true, null, 1e5, -0.10,] \0\0", "[true,null,1e5,-0.10]"),
            ("{}\n<br />\n<b>Warning</b>: {", "{}"),
        ] {
            assert_eq!(mended(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn truncated_or_other_text_stays_unreadable() {
        let deep = "[".repeat(MAX_DEPTH + 1) + &"]".repeat(MAX_DEPTH + 1);
        for text in [
            "",
            "{",
            r#"{"a""#,
            r#"{"a": 1"#,
            r#"{"a": "b"#,
            "[1",
            "[1 2]",
            r#"{"a" 1}"#,
            "{a: 1}",
            "OK",
            "[OK]",
            "<html>",
            r#"{"result":"OK"}{"result":"no"}"#,
            r#"{"a":1},{"b":2}"#,
            "-",
            "[+]",
            "\"\\",
            "Fatal error: {}",
            &deep,
        ] {
            assert_eq!(mended(text), None, "{text}");
        }
    }
}

//! The lines of imports and exports.

use std::{
    io::{self, BufRead},
    iter,
    time::SystemTime,
};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use prost::Message as _;
use ring::hmac;
use serde::{Deserialize, Serialize};
use smsmux::{
    api::pb::{ConsentEvidence, ConsentOrigin},
    request::check::is_e164,
    store::{Beside, ConsentAct, ConsentChange, ConsentEntry},
};

use super::super::quotes::Quotes;

/// One person.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Line {
    phone_number: String,
    scope: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    blocked: Option<bool>,
    time: String,
    origin: String,
    evidence: String,
}

impl Line {
    /// Makes the change that a line stands for. No problem quotes a number.
    pub(super) fn change(self, store: &Beside, brand: &str) -> Result<ConsentChange, String> {
        let Self { phone_number, scope, blocked, time, origin, evidence: note } = self;
        if !is_e164(&phone_number) {
            return Err("phone_number is not in E.164 form, such as +393471234567".to_owned());
        }
        let time = if time.is_empty() { SystemTime::now() } else { read_time(&time)? };
        let origin = match origin.is_empty() {
            true => ConsentOrigin::Import,
            false => ConsentOrigin::from_str_name(&format!("CONSENT_ORIGIN_{}", origin.to_ascii_uppercase()))
                .filter(|origin| *origin != ConsentOrigin::Unspecified)
                .ok_or("unknown origin; expected for example keyword or manual")?,
        };
        let origin = origin.into();
        let act = if blocked == Some(false) { ConsentAct::Allow(origin) } else { ConsentAct::Block(origin) };
        let brand = if scope.is_empty() { brand } else { &scope };
        let evidence = ConsentEvidence { note, ..ConsentEvidence::default() }.encode_to_vec();
        Ok(store.consent_change(brand, &phone_number, act, time, evidence))
    }

    pub(super) fn of(entry: &ConsentEntry) -> Self {
        let origin = ConsentOrigin::try_from(entry.origin).unwrap_or_default().as_str_name();
        Self {
            phone_number: String::from_utf8_lossy(&entry.person).into_owned(),
            scope: entry.brand.to_string(),
            blocked: Some(entry.blocked),
            time: Timestamp::try_from(entry.time).unwrap_or_default().to_string(),
            origin: origin.trim_start_matches("CONSENT_ORIGIN_").to_ascii_lowercase(),
            evidence: String::new(),
        }
    }
}

/// One person, for a partner who has the same key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct KeyedLine {
    number_hmac: String,
    scope: String,
    blocked: bool,
    time: String,
    origin: String,
}

impl KeyedLine {
    pub(super) fn of(key: &hmac::Key, entry: &ConsentEntry) -> Self {
        let Line { phone_number, scope, blocked: _, time, origin, evidence: _ } = Line::of(entry);
        let number_hmac = hex(hmac::sign(key, phone_number.trim_start_matches('+').as_bytes()).as_ref());
        Self { number_hmac, scope, blocked: entry.blocked, time, origin }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads a time, or a date in UTC.
fn read_time(text: &str) -> Result<SystemTime, String> {
    let date = |_| text.parse::<Date>().and_then(|date| date.to_zoned(TimeZone::UTC)).map(|zoned| zoned.timestamp());
    let time = text.parse::<Timestamp>().or_else(date);
    time.map(SystemTime::from).map_err(|_| "invalid time; expected one such as 2026-11-01T12:00:00Z".to_owned())
}

/// Reads lines, with their numbers.
pub(super) struct Reader(Box<dyn Iterator<Item = (u64, Result<Line, String>)>>);

impl Reader {
    /// Reads CSV with a header, or JSON Lines.
    ///
    /// # Errors
    /// The header cannot be read.
    pub(super) fn new(input: Box<dyn BufRead>, is_json: bool) -> Result<Self, String> {
        if is_json {
            let (mut lines, mut is_over) = (input.lines(), false);
            let lines = iter::from_fn(move || {
                let line = lines.next().filter(|_| !is_over)?;
                // After bytes that are no text comes the next line; what cannot be read at all has none.
                is_over = line.as_ref().is_err_and(|e| e.kind() != io::ErrorKind::InvalidData);
                Some(line)
            });
            let lines = (1..).zip(lines).filter(|(_, line)| !line.as_ref().is_ok_and(String::is_empty));
            return Ok(Self(Box::new(lines.map(|(number, line)| (number, read_json(line))))));
        }
        let input = Quotes::new(input, b',');
        let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(input);
        let headers = reader.headers().map_err(|e| format!("the header cannot be read: {e}"))?.clone();
        if !headers.iter().any(|header| header == "phone_number") {
            return Err("the first line must name the columns, of which one is phone_number".to_owned());
        }
        let lines = reader.into_records().map(move |record| {
            let record = record.map_err(|e| match e.kind() {
                csv::ErrorKind::Io(e) => (0, e.to_string()),
                _ => (e.position().map_or(0, csv::Position::line), "the line cannot be read".to_owned()),
            });
            let read = record.and_then(|record| {
                let number = record.position().map_or(0, csv::Position::line);
                let line = record.deserialize(Some(&headers));
                line.map(|line| (number, line)).map_err(|_| (number, "the columns have other values".to_owned()))
            });
            match read {
                Ok((number, line)) => (number, Ok(line)),
                Err((number, problem)) => (number, Err(problem)),
            }
        });
        Ok(Self(Box::new(lines)))
    }
}

fn read_json(line: io::Result<String>) -> Result<Line, String> {
    let line = line.map_err(|e| e.to_string())?;
    // The error of the library may quote the line.
    serde_json::from_str(&line).map_err(|_| "the line must be a JSON object of these keys".to_owned())
}

impl Iterator for Reader {
    type Item = (u64, Result<Line, String>);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next()
    }
}

/// Writes lines.
pub(super) struct Writer {
    is_json: bool,
    is_first: bool,
}

impl Writer {
    pub(super) fn new(is_json: bool) -> Self {
        Self { is_json, is_first: true }
    }

    /// Returns the text of a line; with the header before the first one.
    pub(super) fn write(&mut self, line: &impl Serialize) -> Result<String, String> {
        let is_first = std::mem::replace(&mut self.is_first, false);
        if self.is_json {
            return serde_json::to_string(line).map(|line| line + "\n").map_err(|e| e.to_string());
        }
        let mut writer = csv::WriterBuilder::new().has_headers(is_first).from_writer(Vec::new());
        writer.serialize(line).map_err(|e| e.to_string())?;
        let bytes = writer.into_inner().map_err(|e| e.to_string())?;
        String::from_utf8(bytes).map_err(|e| e.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &'static str, is_json: bool) -> Vec<(u64, Result<Line, String>)> {
        Reader::new(Box::new(text.as_bytes()), is_json).expect("a header").collect()
    }

    #[test]
    fn what_is_written_is_read_again() {
        let line = Line {
            phone_number: "+393471234567".to_owned(),
            scope: "acme".to_owned(),
            blocked: Some(false),
            time: "2026-11-01T12:00:00Z".to_owned(),
            origin: "keyword".to_owned(),
            evidence: "a \"letter\", signed".to_owned(),
        };
        for is_json in [false, true] {
            let mut writer = Writer::new(is_json);
            let text = [&line, &line].map(|line| writer.write(line).expect("written")).concat();
            let lines: Vec<_> = read(text.leak(), is_json).into_iter().map(|(_, line)| line.expect("read")).collect();
            assert_eq!(lines, [line.clone(), line.clone()]);
        }
    }

    #[test]
    fn a_number_for_a_partner_is_the_hmac_of_its_digits() {
        let entry = ConsentEntry {
            brand: "acme".into(),
            number: smsmux::store::Digest([0; 16]),
            blocked: true,
            origin: ConsentOrigin::Keyword.into(),
            time: SystemTime::UNIX_EPOCH,
            person: b"+393471234567".to_vec(),
        };
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"0123456789abcdef0123456789abcdef");
        let text = Writer::new(false).write(&KeyedLine::of(&key, &entry)).expect("written");
        // printf 393471234567 | openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef
        let expected = "b91fc872a46e9cb96c4f36e3e12ba7e62db6a0a1de2c6d2bac722eda0c9cb84e";
        assert_eq!(
            text,
            format!("number_hmac,scope,blocked,time,origin\n{expected},acme,true,1970-01-01T00:00:00Z,keyword\n")
        );
    }

    #[test]
    fn a_line_that_cannot_be_read_is_named_and_the_others_are_read() {
        let lines = read("phone_number,blocked\n+1,true\n+2,perhaps\n+3\n", false);
        let found: Vec<_> = lines.iter().map(|(number, line)| (*number, line.is_ok())).collect();
        assert_eq!(found, [(2, true), (3, false), (4, true)]);
        let lines = read("{\"phone_number\": \"+1\"}\nno JSON\n\n{\"phone\": \"+2\"}", true);
        let found: Vec<_> = lines.iter().map(|(number, line)| (*number, line.is_ok())).collect();
        assert_eq!(found, [(1, true), (2, false), (4, false)]);
        assert!(Reader::new(Box::new(&b"+393471234567\n"[..]), false).is_err());
    }

    #[test]
    fn no_line_is_lost_without_a_word() {
        let lines = read("phone_number,evidence\n+1,\"a letter\n+2,\n", false);
        let [(_, Err(problem))] = &lines[..] else { panic!("{lines:?}") };
        assert_eq!(problem, "the quote that line 2 opens is never closed");

        let input = b"{\"phone_number\": \"+1\"}\n{\"phone_number\": \"+2\", \"evidence\": \"Cl\xe9\"}\n{\"phone_number\": \"+3\"}\n";
        let lines = Reader::new(Box::new(&input[..]), true).expect("lines");
        let found: Vec<_> = lines.map(|(number, line)| (number, line.is_ok())).collect();
        assert_eq!(found, [(1, true), (2, false), (3, true)]);
    }
}

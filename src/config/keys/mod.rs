//! The keys of one section. Each is read once, so that unread keys are reported as unknown, and the effective ones can
//! be shown.

mod kind;
mod login;
mod secret;
mod span;

use std::{collections::BTreeMap, fmt, net::SocketAddr, time::Duration};

use jiff::tz::TimeZone;
use serde::{Serialize, de::DeserializeOwned};
use toml::{Table, Value};

pub use self::{kind::Kind, login::Login, secret::Secret, span::Span};
use super::{Problem, Problems, address::Address};

/// The longest time span: clocks overflow at the longest ones that can be written.
const YEAR: Duration = Duration::from_secs(366 * 24 * 3600);

/// The keys of one section.
pub struct Keys {
    path: String,
    given: Table,
    known: BTreeMap<String, Kind>,
    effective: Table,
}

impl Keys {
    /// Starts reading the section at `path`.
    pub fn new(path: impl Into<String>, given: Table) -> Self {
        Self { path: path.into(), given, known: BTreeMap::new(), effective: Table::new() }
    }

    /// Whether the section has a key that is not read yet.
    pub fn has(&self, key: &str) -> bool {
        self.given.contains_key(key)
    }

    /// Returns the keys that are not read yet.
    pub(super) fn given(&self) -> Vec<String> {
        self.given.keys().cloned().collect()
    }

    /// Reads an optional key.
    pub fn optional<T: Serialize + DeserializeOwned + 'static>(
        &mut self,
        key: &str,
        problems: &mut Problems,
    ) -> Option<T> {
        self.known.insert(key.to_owned(), Kind::of::<T>());
        let given = match self.given.remove(key)? {
            Value::String(raw) => text(&raw).map(Value::String),
            other => Ok(other),
        };
        match given.and_then(parse::<T>) {
            Ok(value) => {
                self.show(key, &value);
                Some(value)
            }
            Err(text) => {
                self.problem(key, text, problems);
                None
            }
        }
    }

    /// Reads a key that has a default.
    pub fn or<T: Serialize + DeserializeOwned + 'static>(
        &mut self,
        key: &str,
        default: T,
        problems: &mut Problems,
    ) -> T {
        self.optional(key, problems).unwrap_or_else(|| {
            self.show(key, &default);
            default
        })
    }

    /// Reads a required key; returns `None` after noting the problem.
    pub fn required<T: Serialize + DeserializeOwned + 'static>(
        &mut self,
        key: &str,
        problems: &mut Problems,
    ) -> Option<T> {
        if !self.has(key) {
            self.problem(key, "is required", problems);
        }
        self.optional(key, problems)
    }

    /// Reads an address to listen on.
    pub(super) fn address(&mut self, key: &str, problems: &mut Problems) -> Option<SocketAddr> {
        self.optional::<Address>(key, problems).map(|address| address.0)
    }

    /// Reads a time span above zero.
    pub fn span(&mut self, key: &str, default: Duration, problems: &mut Problems) -> Duration {
        let span = self.span_or_zero(key, default, problems);
        if span.is_zero() {
            self.problem(key, "must be longer than 0s", problems);
            return default;
        }
        span
    }

    /// Reads a time span that may be zero.
    pub fn span_or_zero(&mut self, key: &str, default: Duration, problems: &mut Problems) -> Duration {
        let Span(span) = self.or(key, Span(default), problems);
        if span > YEAR {
            self.problem(key, "must be shorter than a year", problems);
            return default;
        }
        span
    }

    /// Reads the time zone of a vendor whose times have none; returns `None` after noting the problem.
    pub fn time_zone(&mut self, default: &str, problems: &mut Problems) -> Option<TimeZone> {
        let zone = self.or("time_zone", default.to_owned(), problems);
        let found = TimeZone::get(&zone).ok();
        if found.is_none() {
            self.problem("time_zone", "invalid time zone; expected an IANA name such as Europe/Rome", problems);
        }
        found
    }

    /// Reads a number that must be above zero.
    pub fn or_above_zero<T>(&mut self, key: &str, default: T, problems: &mut Problems) -> T
    where
        T: Serialize + DeserializeOwned + Default + PartialEq + 'static,
    {
        let number = self.or(key, default, problems);
        if number == T::default() {
            self.problem(key, "must be above 0", problems);
        }
        number
    }

    /// Returns the path and the value of every key that was read.
    pub fn settings(&self) -> impl Iterator<Item = (String, String)> {
        self.effective.iter().map(|(key, value)| (format!("{}.{key}", self.path), value.to_string()))
    }

    /// Returns the path of the section.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns every key that the section may have, with what it takes and its effective value.
    pub fn known(&self) -> impl Iterator<Item = (&str, Kind, Option<&Value>)> {
        self.known.iter().map(|(key, kind)| (key.as_str(), *kind, self.effective.get(key)))
    }

    /// Notes a problem with a key.
    pub fn problem(&self, key: &str, text: impl Into<String>, problems: &mut Problems) {
        problems.push(Problem { path: format!("{}.{key}", self.path), text: text.into() });
    }

    /// Reports the keys that were not read as unknown.
    pub fn finish(&self, problems: &mut Problems) {
        for key in self.given.keys() {
            let known = self.known.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
            self.problem(key, format!("unknown key; expected one of {known}"), problems);
        }
    }

    fn show<T: Serialize>(&mut self, key: &str, value: &T) {
        if let Ok(value) = Value::try_from(value) {
            self.effective.insert(key.to_owned(), value);
        }
    }
}

/// Hides the values, as unread ones may be secrets.
impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let given: Vec<_> = self.given.keys().collect();
        f.debug_struct("Keys")
            .field("path", &self.path)
            .field("given", &given)
            .field("known", &self.known)
            .finish_non_exhaustive()
    }
}

/// Writes the keys that were read as TOML.
impl fmt::Display for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "[{}]", self.path)?;
        for (key, value) in &self.effective {
            match value {
                // One a line. As sections of their own they would need the path.
                Value::Array(tables) if tables.iter().any(Value::is_table) => {
                    writeln!(f, "{key} = [")?;
                    tables.iter().try_for_each(|table| writeln!(f, "  {table},"))?;
                    writeln!(f, "]")?;
                }
                value => writeln!(f, "{key} = {value}")?,
            }
        }
        Ok(())
    }
}

/// Returns the text without the byte order mark and the line ends that editors, `echo` and `base64` add.
///
/// # Errors
/// The text has a character that no key, name or credential can have. The error does not quote the text.
fn text(raw: &str) -> Result<String, String> {
    let text = raw.trim_start_matches('\u{feff}').trim_end_matches(['\r', '\n']);
    match text.chars().find(|c| c.is_control()) {
        None => Ok(text.to_owned()),
        Some('\n' | '\r') => Err("contains a line end: it must be one line".to_owned()),
        Some('\0') => Err("contains a NUL character".to_owned()),
        Some(c) => Err(format!("contains the control character U+{:04X}", u32::from(c))),
    }
}

/// Parses a value of the file, or the text of an environment variable or flag.
fn parse<T: DeserializeOwned>(value: Value) -> Result<T, String> {
    let text = value.as_str().map(str::to_owned);
    value.try_into::<T>().or_else(|e: toml::de::Error| {
        let from_text = text.and_then(|text| format!("v = {text}").parse::<Table>().ok());
        from_text
            .and_then(|mut table| table.remove("v")?.try_into::<T>().ok())
            .ok_or_else(|| e.message().trim().to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unread_key_is_unknown() {
        let mut problems = Problems::new();
        let mut keys = Keys::new("server", "a = 1\nb = 2".parse().expect("TOML"));
        assert_eq!(keys.or("a", 5, &mut problems), 1);
        assert_eq!(keys.or("c", 7, &mut problems), 7);
        keys.finish(&mut problems);
        assert_eq!(
            problems.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["server.b: unknown key; expected one of a, c"]
        );
        assert_eq!(keys.to_string(), "[server]\na = 1\nc = 7\n");
    }
}

//! The keys of one section. Each is read once, so that unread keys are reported as unknown, and the effective ones can
//! be shown.

use std::{
    any::TypeId, collections::BTreeMap, env, fmt, io::ErrorKind, net::SocketAddr, path::PathBuf, time::Duration,
};

use jiff::tz::TimeZone;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned, de::Error as _};
use toml::{Table, Value};

use super::{Amount, Problem, Problems, address::Address, choices::choices, level::LogLevel};

/// The keys of an account, to split names of environment variables such as `SMSMUX_ACCOUNTS_ACME_API_KEY` by.
pub(super) const ACCOUNT_KEYS: &[&str] = &[
    "allow_caller_credential",
    "allow_plaintext",
    "api_key",
    "attempt_timeout",
    "base_url",
    "breaker_failures",
    "breaker_pause",
    "ca_file",
    "call_timeout",
    "connect_timeout",
    "countries",
    "http2",
    "login",
    "low_balance",
    "max_in_flight",
    "max_reply_bytes",
    "max_waiting",
    "max_watches",
    "message_interval",
    "money_per_day",
    "money_per_month",
    "parallel_requests",
    "password",
    "poll",
    "poll_interval",
    "prices",
    "push_login",
    "push_secret",
    "push_signature",
    "requests_per_second",
    "segments_per_day",
    "segments_per_month",
    "time_zone",
    "token",
    "username",
    "vendor",
    "webhook_max_in_flight",
    "webhook_numbers",
    "webhook_register",
    "webhook_tokens",
];

/// The longest time span: clocks overflow at the longest ones that can be written.
const YEAR: Duration = Duration::from_secs(366 * 24 * 3600);

/// The keys of one section.
pub struct Keys {
    path: String,
    given: Table,
    known: BTreeMap<String, Kind>,
    effective: Table,
}

/// What a key takes, as far as its type shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`.
    Boolean,
    /// A number without a fraction.
    Integer,
    /// A number.
    Number,
    /// A text, in whatever form.
    Text,
    /// A secret, see [`Secret`].
    Secret,
    /// A list of texts.
    Texts,
    /// One of these texts.
    Choice(&'static [&'static str]),
    /// One of these texts, or a text that is made of them.
    Suggested(&'static [&'static str]),
    /// What its value shows, or its documentation.
    Other,
}

impl Kind {
    fn of<T: DeserializeOwned + 'static>() -> Self {
        let of = TypeId::of::<T>();
        let is = |types: &[TypeId]| types.contains(&of);
        match () {
            () if is(&[TypeId::of::<bool>()]) => Self::Boolean,
            () if is(&[TypeId::of::<u32>(), TypeId::of::<u64>(), TypeId::of::<usize>(), TypeId::of::<i64>()]) => {
                Self::Integer
            }
            () if is(&[TypeId::of::<f64>()]) => Self::Number,
            () if is(&[
                TypeId::of::<String>(),
                TypeId::of::<PathBuf>(),
                TypeId::of::<Span>(),
                TypeId::of::<Address>(),
                TypeId::of::<Amount>(),
            ]) =>
            {
                Self::Text
            }
            () if is(&[TypeId::of::<Secret>()]) => Self::Secret,
            () if is(&[TypeId::of::<Vec<String>>()]) => Self::Texts,
            () if is(&[TypeId::of::<LogLevel>()]) => Self::Suggested(LogLevel::NAMES),
            () => match choices::<T>() {
                [] => Self::Other,
                values => Self::Choice(values),
            },
        }
    }
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

    /// Reads one of two kinds of login: a name with a secret, or a token alone. Returns `None` after noting the
    /// problem.
    pub fn login(&mut self, name: &str, secret: &str, token: &str, problems: &mut Problems) -> Option<Login> {
        let given = (self.has(name), self.has(secret), self.has(token));
        let the_name = self.optional::<String>(name, problems);
        let the_secret = self.optional::<Secret>(secret, problems);
        let the_token = self.optional::<Secret>(token, problems);
        // By the keys that are set, not by those that are valid: an invalid one has its problem already.
        match given {
            (true, true, false) => {
                let the_name = the_name?;
                if the_name.is_empty() {
                    self.problem(name, "is empty", problems);
                    return None;
                }
                return Some(Login::Named(the_name, the_secret?.into_inner()));
            }
            (false, false, true) => return Some(Login::Token(the_token?.into_inner())),
            (_, _, true) => {
                self.problem(token, format!("is a second login: set either {name} and {secret}, or {token}"), problems);
            }
            (false, _, false) => self.problem(name, format!("is required, with {secret}; or set {token}"), problems),
            (true, false, false) => self.problem(secret, format!("is required, with {name}; or set {token}"), problems),
        }
        None
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

/// The login of an account, see [`Keys::login`].
#[derive(Debug)]
pub enum Login {
    /// A name and a secret.
    Named(String, SecretString),
    /// A token.
    Token(SecretString),
}

/// A time span such as `30s`, `1m 30s` or `250ms`.
#[derive(Debug, Clone, Copy)]
pub struct Span(pub Duration);

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let span = humantime::parse_duration(&text);
        span.map(Self)
            .map_err(|e| D::Error::custom(format!("invalid time span; expected for example 30s or 250ms: {e}")))
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&humantime::format_duration(self.0))
    }
}

/// A secret: plain text, `{ env = "NAME" }` or `{ file = "/path" }`. Nothing prints it.
#[derive(Debug, Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Returns the secret itself.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Returns the secret, still wrapped.
    pub fn into_inner(self) -> SecretString {
        self.0
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Parsed by hand, as serde's errors would quote the value, which may be the secret.
        let (source, secret) = match Value::deserialize(deserializer)? {
            Value::String(text) => (String::new(), Ok(text)),
            Value::Table(table) => match table.iter().next().filter(|_| table.len() == 1) {
                Some((source, Value::String(name))) if source == "env" => {
                    let secret = env::var(name).map_err(|e| match e {
                        env::VarError::NotPresent => "is not set".to_owned(),
                        env::VarError::NotUnicode(_) => "is not UTF-8 text".to_owned(),
                    });
                    (format!("the environment variable {name} "), secret)
                }
                Some((source, Value::String(path))) if source == "file" => {
                    let secret = std::fs::read_to_string(path).map_err(|e| match e.kind() {
                        ErrorKind::InvalidData => "is not UTF-8 text".to_owned(),
                        _ => format!("cannot be read: {e}"),
                    });
                    (format!("the file {path} "), secret)
                }
                _ => (String::new(), Err(FORMS.to_owned())),
            },
            _ => (String::new(), Err(FORMS.to_owned())),
        };
        match secret.and_then(|secret| text(&secret)) {
            Ok(secret) if secret.is_empty() => Err(D::Error::custom(format!("{source}is empty"))),
            Ok(secret) => Ok(Self(secret.into())),
            Err(text) => Err(D::Error::custom(source + &text)),
        }
    }
}

const FORMS: &str = r#"must be text, { env = "NAME" } or { file = "/path" }"#;

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(toml: &str) -> Result<Secret, String> {
        let mut table: Table = format!("v = {toml}").parse().expect("TOML");
        parse(table.remove("v").expect("v"))
    }

    #[test]
    fn a_secret_is_text_or_comes_from_a_file_or_the_environment() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), "from file\n").expect("written");
        assert_eq!(secret("'plain'").expect("text").expose(), "plain");
        assert_eq!(secret(&format!("{{ file = '{}' }}", file.path().display())).expect("file").expose(), "from file");
        assert_eq!(
            secret("{ env = 'CARGO_PKG_NAME' }").map(|s| s.expose().to_owned()),
            std::env::var("CARGO_PKG_NAME").map_err(|_| String::new())
        );
        for bad in [
            "{ env = 'SMSMUX_NO_SUCH_VARIABLE' }",
            "{ file = '/no/such/file' }",
            "5",
            "{}",
            "''",
            "{ env = 'A', file = 'B' }",
        ] {
            secret(bad).expect_err(bad);
        }
    }

    #[test]
    fn a_secret_is_trimmed_and_validated_whatever_its_source() {
        for (raw, expected) in [
            ("tok", Ok("tok")),
            ("tok\n", Ok("tok")),
            ("tok\r\n\n", Ok("tok")),
            ("\u{feff}tok\r\n", Ok("tok")),
            (" t\u{f6}k ", Ok(" t\u{f6}k ")),
            ("to\nk", Err("line end")),
            ("tok\0", Err("NUL")),
            ("to\tk", Err("U+0009")),
            ("tok\u{85}", Err("U+0085")),
            ("\"tok\"\nvendor = 1", Err("line end")),
            ("\u{feff}\n", Err("is empty")),
        ] {
            let file = tempfile::NamedTempFile::new().expect("a file");
            std::fs::write(file.path(), raw).expect("written");
            let path = file.path().to_str().expect("a path");
            let of_file = Value::Table(Table::from_iter([("file".to_owned(), path.into())]));
            for given in [Value::from(raw), of_file] {
                let mut problems = Problems::new();
                let mut keys = Keys::new("accounts.a", Table::from_iter([("token".to_owned(), given)]));
                let secret: Option<Secret> = keys.optional("token", &mut problems);
                let problem = problems.first().map(ToString::to_string);
                match expected {
                    Ok(expected) => assert_eq!((secret.as_ref().map(Secret::expose), problem), (Some(expected), None)),
                    Err(part) => {
                        assert_eq!((secret.is_none(), problems.len()), (true, 1), "{raw:?}");
                        let problem = problem.expect("a problem");
                        assert!(problem.starts_with("accounts.a.token: ") && problem.contains(part), "{problem}");
                        assert!(!problem.contains("tok\""), "{problem}");
                    }
                }
            }
        }
    }

    #[test]
    fn nothing_prints_a_secret() {
        let secret = secret("'hunter2'").expect("text");
        let shown = toml::Value::try_from(&secret).expect("a value").to_string();
        assert!(!format!("{secret:?} {shown}").contains("hunter2"));
        assert_eq!(shown, "\"***\"");
    }

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

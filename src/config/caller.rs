//! The configured callers: the `[callers.*]` sections.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use toml::Value;

use super::{Budget, Fingerprint, Keys, Problem, Problems};
use crate::{config::api_key::KeyHash, request::names};

/// The keys of a caller, to split the names of environment variables by.
pub(super) const CALLER_KEYS: &[&str] = &[
    "accounts",
    "calls_per_second",
    "certificate",
    "expires",
    "key",
    "money_per_day",
    "money_per_month",
    "scopes",
    "segments_per_day",
    "segments_per_month",
];

/// One `[callers.*]` section.
#[derive(Debug)]
pub struct CallerConfig {
    /// The name: `billing` in `[callers.billing]`.
    pub name: String,
    /// The hash of the caller's API key.
    pub key: Option<KeyHash>,
    /// A name in the caller's client certificate.
    pub certificate: Option<String>,
    /// The scopes, which `server` parses.
    pub scopes: Vec<String>,
    /// The ids of the accounts that the caller may use; `*` for all.
    pub accounts: Vec<String>,
    /// When the caller expires.
    pub expires: Option<Timestamp>,
    /// The most calls per second.
    pub calls_per_second: Option<u32>,
    /// The budget of the spend guard.
    pub budget: Option<Budget>,
    /// The fingerprint of the section.
    pub fingerprint: Fingerprint,
    /// The section.
    pub keys: Keys,
}

impl CallerConfig {
    pub(super) fn read(name: String, value: Value, problems: &mut Problems) -> Option<(String, Self)> {
        let path = format!("callers.{name}");
        let Value::Table(table) = value else {
            problems.push(Problem { text: format!("must be a section: [{path}]"), path });
            return None;
        };
        if !names::is_account_id(&name) {
            let text = "invalid caller name: use lowercase letters, digits and hyphens, starting with a letter, at most 63 characters";
            problems.push(Problem { path: path.clone(), text: text.to_owned() });
        }
        let fingerprint = Fingerprint::of(&table);
        let mut keys = Keys::new(path, table);
        let given = (keys.has("key"), keys.has("certificate"));
        let key = keys.optional::<Hash>("key", problems).map(|hash| hash.0);
        let certificate = keys.optional::<String>("certificate", problems);
        if given == (false, false) {
            keys.problem("key", "is required: generate one with smsmux key new, or set certificate", problems);
        }
        if certificate.as_deref() == Some("") {
            keys.problem("certificate", "must be a name in the certificate, such as billing.internal", problems);
        }
        // An invalid certificate name still counts as one, so that it causes no further problem.
        let certificate = certificate.or_else(|| given.1.then(String::new));
        let scopes = keys.required::<Vec<String>>("scopes", problems).unwrap_or_default();
        let accounts = keys.required::<Vec<String>>("accounts", problems).unwrap_or_default();
        let expires = keys.optional::<Expiry>("expires", problems).map(|expiry| expiry.0);
        let calls_per_second = keys.optional::<u32>("calls_per_second", problems);
        if calls_per_second == Some(0) {
            keys.problem("calls_per_second", "must be above 0", problems);
        }
        let budget = Budget::read(&mut keys, problems);
        let caller = Self {
            name: name.clone(),
            key,
            certificate,
            scopes,
            accounts,
            expires,
            calls_per_second,
            budget,
            fingerprint,
            keys,
        };
        Some((name, caller))
    }
}

/// A hash in the configuration. It permits nothing, but is hidden all the same.
struct Hash(KeyHash);

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Parsed by hand, as serde's errors would quote the value, which may be the key instead of its hash.
        let text = match Value::deserialize(deserializer)? {
            Value::String(text) => text,
            _ => String::new(),
        };
        KeyHash::parse(&text).map(Self).ok_or_else(|| D::Error::custom("must be a hash printed by smsmux key new"))
    }
}

impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("***")
    }
}

/// A time such as `2027-01-31T12:00:00Z`, or a day, which means its beginning in UTC.
struct Expiry(Timestamp);

impl<'de> Deserialize<'de> for Expiry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = match Value::deserialize(deserializer)? {
            Value::String(text) => text,
            Value::Datetime(time) => time.to_string(),
            _ => String::new(),
        };
        let day = || text.parse::<Date>().ok()?.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
        let time = text.parse().ok().or_else(day);
        time.map(Self).ok_or_else(|| D::Error::custom("must be a time such as 2027-01-31T12:00:00Z, or a day"))
    }
}

impl Serialize for Expiry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

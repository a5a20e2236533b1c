//! Who may call: the `[callers.*]` sections.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use toml::Value;

use super::{Fingerprint, Keys, Problem, Problems};
use crate::{config::api_key::KeyHash, request::names};

/// The keys that a caller may have, for the environment variables' sake.
pub(super) const CALLER_KEYS: &[&str] = &["accounts", "calls_per_second", "certificate", "expires", "key", "scopes"];

/// One `[callers.*]` section.
#[derive(Debug)]
pub struct CallerConfig {
    /// The name: `billing` in `[callers.billing]`.
    pub name: String,
    /// What is kept of its API key.
    pub key: Option<KeyHash>,
    /// A name in its client certificate.
    pub certificate: Option<String>,
    /// What it may call, as `server` reads it.
    pub scopes: Vec<String>,
    /// The ids of the accounts that it may use; `*` for all.
    pub accounts: Vec<String>,
    /// From when on it may do nothing any more.
    pub expires: Option<Timestamp>,
    /// The most calls that it may make in a second.
    pub calls_per_second: Option<u32>,
    /// What the section comes to.
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
            let text = "is no name of a caller: lower-case letters, digits and hyphens, from a letter on, at most 63";
            problems.push(Problem { path: path.clone(), text: text.to_owned() });
        }
        let fingerprint = Fingerprint::of(&table);
        let mut keys = Keys::new(path, table);
        let given = (keys.has("key"), keys.has("certificate"));
        let key = keys.optional::<Hash>("key", problems).map(|hash| hash.0);
        let certificate = keys.optional::<String>("certificate", problems);
        if given == (false, false) {
            keys.problem("key", "is required: smsmux key new makes one; or give certificate", problems);
        }
        if certificate.as_deref() == Some("") {
            keys.problem("certificate", "must be a name in the certificate, such as billing.internal", problems);
        }
        // One that could not be read is a certificate all the same: nothing else is wrong because of it.
        let certificate = certificate.or_else(|| given.1.then(String::new));
        let scopes = keys.required::<Vec<String>>("scopes", problems).unwrap_or_default();
        let accounts = keys.required::<Vec<String>>("accounts", problems).unwrap_or_default();
        let expires = keys.optional::<Expiry>("expires", problems).map(|expiry| expiry.0);
        let calls_per_second = keys.optional::<u32>("calls_per_second", problems);
        if calls_per_second == Some(0) {
            keys.problem("calls_per_second", "must be above 0", problems);
        }
        let caller = Self {
            name: name.clone(),
            key,
            certificate,
            scopes,
            accounts,
            expires,
            calls_per_second,
            fingerprint,
            keys,
        };
        Some((name, caller))
    }
}

/// A hash as it stands in the file. It opens nothing, and yet is not shown.
struct Hash(KeyHash);

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Read by hand: serde's own errors would quote what was given, which may be the key instead of its hash.
        let text = match Value::deserialize(deserializer)? {
            Value::String(text) => text,
            _ => String::new(),
        };
        KeyHash::parse(&text).map(Self).ok_or_else(|| D::Error::custom("must be what smsmux key new printed for here"))
    }
}

impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("***")
    }
}

/// A moment such as `2027-01-31T12:00:00Z`, or a day, whose beginning in UTC it is.
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

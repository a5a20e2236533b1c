//! The keys of `[store]`.

use std::{
    env,
    path::{Path, PathBuf},
    time::Duration,
};

use serde::{Deserialize, Serialize};

use super::{Keys, Problems, Secret, secrets::Secrets};

/// The name of the file in the state directory, or in the working directory.
const FILE: &str = "smsmux.db";

/// The path that keeps the store in memory.
const MEMORY: &str = ":memory:";

/// The fewest characters of a key: with fewer, a key cannot be random enough.
const KEY_LENGTH: usize = 32;

/// The settings of the store.
#[derive(Debug, Clone)]
pub struct StoreConfig {
    /// Whether there is a store. Without one, nothing is recorded and idempotency keys are rejected.
    pub enabled: bool,
    /// Where the store is.
    pub place: StorePlace,
    /// What an acknowledged record survives.
    pub durability: Durability,
    /// How long the reply to a call with an idempotency key is kept.
    pub idempotency_ttl: Duration,
    /// How long messages are kept.
    pub log_retention: Duration,
    /// How long events are kept, and the received messages in them.
    pub events_retention: Duration,
    /// The most bytes of events that are kept.
    pub events_retention_bytes: u64,
    /// Whether the texts of messages are kept.
    pub keep_texts: bool,
    /// The key of the hashes; without it, one is made in a file beside the store.
    pub hash_key: Option<Secret>,
    /// The keys by which phone numbers are hashed: what is recorded by the first, what is found by all of them. Without any, it is
    /// the key of the hashes.
    pub number_keys: Vec<Secret>,
    /// The key that encrypts messages and replies; without it they are stored in plain text.
    pub seal_key: Option<Secret>,
    /// How long the state of a message is followed at the vendor.
    pub follow_for: Duration,
}

/// Where a store is.
#[derive(Debug, Clone)]
pub enum StorePlace {
    /// In memory: it is lost at the end of the process.
    Memory,
    /// A file of SQLite.
    File(PathBuf),
    /// A PostgreSQL server, by its connection string.
    Postgres(Secret),
}

impl StorePlace {
    /// Returns the key of the configuration that names the place, and how the place is called in a sentence.
    pub fn described(&self) -> (&'static str, String) {
        match self {
            Self::Memory => ("store.path", "memory".to_owned()),
            Self::File(path) => ("store.path", path.display().to_string()),
            Self::Postgres(_) => ("store.postgres", "the server".to_owned()),
        }
    }
}

/// What an acknowledged record survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Durability {
    /// The loss of power: the record is flushed to disk.
    Disk,
    /// The end of the process, however sudden.
    Process,
}

impl StoreConfig {
    pub(super) fn read(keys: &mut Keys, problems: &mut Problems) -> Self {
        let hours = |hours: u64| Duration::from_secs(hours * 3600);
        let names_both = keys.has("path") && keys.has("postgres");
        let postgres = keys.optional::<Secret>("postgres", problems);
        let default = default_file(env::var_os("STATE_DIRECTORY").as_deref());
        // Not shown as effective beside `postgres`, which replaces it.
        let path = match postgres {
            Some(_) => keys.optional("path", problems).unwrap_or_default(),
            None => keys.or("path", default, problems),
        };
        let hash_key = keys.optional::<Secret>("hash_key", problems);
        let seal_key = keys.optional::<Secret>("seal_key", problems);
        let number_keys = keys.optional::<Secrets>("number_keys", problems).map_or_else(Vec::new, |keys| keys.0);
        for (name, given) in
            [("hash_key", hash_key.as_slice()), ("seal_key", seal_key.as_slice()), ("number_keys", &number_keys[..])]
        {
            if given.iter().any(|key| key.expose().len() < KEY_LENGTH) {
                let text = format!("must have at least {KEY_LENGTH} characters; openssl rand -hex 32 makes one");
                keys.problem(name, text, problems);
            }
        }
        if names_both {
            keys.problem("postgres", "is a second store: set either path or postgres", problems);
        }
        if postgres.is_some() && hash_key.is_none() && !keys.has("hash_key") {
            keys.problem("hash_key", "is required with postgres: all replicas must have the same", problems);
        }
        let idempotency_ttl = keys.span("idempotency_ttl", hours(24), problems);
        let log_retention = keys.span("log_retention", hours(30 * 24), problems);
        if log_retention < idempotency_ttl {
            keys.problem("log_retention", "must be at least idempotency_ttl: the replies are part of it", problems);
        }
        Self {
            enabled: keys.or("enabled", true, problems),
            place: match postgres {
                Some(url) => StorePlace::Postgres(url),
                None if path == Path::new(MEMORY) => StorePlace::Memory,
                None => StorePlace::File(path),
            },
            durability: keys.or("durability", Durability::Disk, problems),
            idempotency_ttl,
            log_retention,
            events_retention: keys.span("events_retention", hours(7 * 24), problems),
            events_retention_bytes: keys.or_above_zero("events_retention_bytes", 1 << 30, problems),
            keep_texts: keys.or("keep_texts", false, problems),
            hash_key,
            number_keys,
            seal_key,
            follow_for: keys.span_or_zero("follow_for", hours(72), problems),
        }
    }
}

/// Returns the file in the state directory that systemd names, of which the first is meant if there are several.
fn default_file(state_directory: Option<&std::ffi::OsStr>) -> PathBuf {
    let directory = state_directory.and_then(|directories| env::split_paths(directories).next());
    directory.unwrap_or_default().join(FILE)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(toml: &str) -> (StoreConfig, Vec<String>) {
        let (mut problems, table) = (Problems::new(), toml.parse().expect("TOML"));
        let config = StoreConfig::read(&mut Keys::new("store", table), &mut problems);
        (config, problems.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn the_default_is_a_file_in_the_state_directory() {
        assert_eq!(default_file(None), Path::new("smsmux.db"));
        assert_eq!(default_file(Some("/var/lib/smsmux:/b".as_ref())), Path::new("/var/lib/smsmux/smsmux.db"));
        assert!(matches!(read("path = '/a.db'").0.place, StorePlace::File(path) if path == Path::new("/a.db")));
        assert!(matches!(read("path = ':memory:'").0.place, StorePlace::Memory));
    }

    #[test]
    fn what_cannot_work_is_a_problem_of_its_key() {
        let key = "0123456789abcdef0123456789abcdef";
        for (toml, path) in [
            (format!("path = 'a.db'\npostgres = 'host=a'\nhash_key = '{key}'"), "store.postgres: "),
            ("postgres = 'host=a'".to_owned(), "store.hash_key: is required"),
            ("hash_key = 'short'".to_owned(), "store.hash_key: must have at least 32"),
            ("seal_key = 'short'".to_owned(), "store.seal_key: must have at least 32"),
            (format!("number_keys = ['{key}', 'short']"), "store.number_keys: must have at least 32"),
            ("idempotency_ttl = '2d'\nlog_retention = '1d'".to_owned(), "store.log_retention: "),
            ("durability = 'maybe'".to_owned(), "store.durability: "),
        ] {
            let (_, problems) = read(&toml);
            assert!(problems.len() == 1 && problems[0].starts_with(path), "{toml}: {problems:?}");
        }
        let (config, problems) = read(&format!("postgres = 'host=a'\nhash_key = '{key}'"));
        assert!(matches!(config.place, StorePlace::Postgres(_)) && problems.is_empty(), "{problems:?}");
    }
}

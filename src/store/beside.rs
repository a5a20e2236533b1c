//! A store beside the processes that have it open: what somebody does with it who looks after it.

use std::{
    collections::{BTreeSet, HashMap},
    fs,
    path::Path,
    sync::Arc,
    time::SystemTime,
};

use super::{
    Broken, ConsentAct, ConsentChange, ConsentEntry, ConsentFilter, ConsentRekey, Digest, MessageFilter, MessagePage,
    Reader, Stats, WriteId,
    consent::{FIRST_HASH, open_entry, seal_change},
    keys::{self, Keys},
    postgres, sqlite,
};
use crate::config::{Problem, StoreConfig, StorePlace};

/// What an engine does beside the processes that have the store open.
pub trait Caretaker: Reader {
    /// Returns the digest of the hash key that the store was made with.
    ///
    /// # Errors
    /// The store is away, as for all that a caretaker does.
    fn hash_key(&mut self) -> Result<Option<Digest>, Broken>;

    /// Looks for damage, and counts the rows.
    ///
    /// # Errors
    /// The store is away.
    fn check(&mut self) -> Result<Checked, Broken>;

    /// Erases the messages to a number, which has these hashes, see [`super::Store::purge`].
    ///
    /// # Errors
    /// The store is away.
    fn purge(&mut self, to: &[Digest]) -> Result<u64, Broken>;

    /// Records changes of who must not be written to in one transaction, and returns how many had an effect.
    ///
    /// # Errors
    /// The store is away.
    fn record_consents(&mut self, changes: &[ConsentChange]) -> Result<u64, Broken>;

    /// Has people be known by other hashes of their numbers, in one transaction.
    ///
    /// # Errors
    /// The store is away.
    fn rekey(&mut self, rekeys: &[ConsentRekey]) -> Result<(), Broken>;

    /// Copies the store of one moment to a new file. `progress` gets the pages that are copied, and all of them.
    ///
    /// # Errors
    /// Why there is no copy.
    fn backup(&mut self, to: &Path, progress: &mut dyn FnMut(u64, u64)) -> Result<(), String>;
}

/// What a check found.
#[derive(Debug, Clone, Default)]
pub struct Checked {
    /// The damage.
    pub problems: Vec<String>,
    /// What is no damage, but breaks a guarantee when a machine is lost.
    pub warnings: Vec<String>,
    /// The tables, and how many rows each has.
    pub rows: Vec<(&'static str, u64)>,
}

/// What became of the people in the list of consent, and what still needs older keys.
#[derive(Debug, Clone, Default)]
pub struct Rekeyed {
    /// How many people are known by the hash of the first key now, and were by that of another.
    pub rekeyed: u64,
    /// How many people stay known by that of another, as their numbers were erased.
    pub erased: u64,
    /// What needs each key after the first.
    pub needed_by: Vec<BTreeSet<&'static str>>,
}

/// The records of the ledger of consent that are read at once, and the people.
const PAGE: u32 = 10_000;

/// The tables whose rows are counted.
pub(super) const TABLES: [&str; 8] =
    ["write", "recipient", "request_key", "event", "received", "subscription", "consent", "consent_record"];

/// What must not be there: what it is called, and how it is counted.
pub(super) const ORPHANS: [(&str, &str); 4] = [
    (
        "idempotency keys without a write",
        "SELECT count(*) FROM request_key k LEFT JOIN write w ON w.id = k.write_id WHERE w.id IS NULL",
    ),
    (
        "recipients without a write",
        "SELECT count(*) FROM recipient r LEFT JOIN write w ON w.id = r.write_id WHERE w.id IS NULL",
    ),
    (
        "received messages without an event",
        "SELECT count(*) FROM received r LEFT JOIN event e ON e.sequence = r.sequence WHERE e.sequence IS NULL",
    ),
    ("holes in the log of events", "SELECT (SELECT newest - oldest + 1 FROM event_head) - count(*) FROM event"),
];

/// A store that is open beside other processes.
pub struct Beside {
    engine: Box<dyn Caretaker>,
    keys: Keys,
    /// The file of the key that was made for the store, if it is that which is used.
    key_file: Option<std::path::PathBuf>,
}

impl Beside {
    /// Opens the store that the configuration names. It is neither made nor brought up to date.
    ///
    /// # Errors
    /// The problem with the key that names the store.
    pub fn open(config: &StoreConfig) -> Result<Self, Problem> {
        let (key, place) = config.place.described();
        Self::open_place(config).map_err(|text| Problem { path: key.to_owned(), text: format!("{place} {text}") })
    }

    /// Returns what is wrong with the keys of the store, if it can be read.
    pub fn check_keys(config: &StoreConfig) -> Option<Problem> {
        let (key, place) = config.place.described();
        let mut store = Self::connect(config).ok()?;
        store.check_its_keys().err().map(|text| Problem { path: key.to_owned(), text: format!("{place} {text}") })
    }

    fn open_place(config: &StoreConfig) -> Result<Self, String> {
        let mut store = Self::connect(config)?;
        store.check_its_keys()?;
        Ok(store)
    }

    fn check_its_keys(&mut self) -> Result<(), String> {
        let made_with = self.engine.hash_key().map_err(|broken| format!("cannot be used: {broken}"))?;
        let has_hash_key = made_with.is_none_or(|digest| digest == self.keys.digest("check", &[]));
        self.keys.check(has_hash_key, &mut *self.engine)
    }

    fn connect(config: &StoreConfig) -> Result<Self, String> {
        let given = config.hash_key.as_ref().map(|key| key.expose().to_owned());
        let (engine, hash_key, key_file): (Box<dyn Caretaker>, _, _) = match &config.place {
            StorePlace::Memory => return Err("is lost with its process, and nobody else can read it".to_owned()),
            StorePlace::File(path) => {
                let engine = sqlite::open_beside(path)?;
                let file = sqlite::beside(path, ".key");
                let key_file = given.is_none().then_some(file).filter(|file| file.exists());
                let key = given.map_or_else(|| keys::read_key_file(path), |key| Ok(Some(key)))?;
                let missing = || format!("needs its key file {}", sqlite::beside(path, ".key").display());
                (Box::new(engine), key.ok_or_else(missing)?, key_file)
            }
            StorePlace::Postgres(url) => {
                let hash_key = given.ok_or("needs a hash_key, which all replicas share")?;
                (Box::new(postgres::open_beside(url.expose())?), hash_key, None)
            }
        };
        Ok(Self { engine, keys: Keys::of(config, &hash_key), key_file })
    }

    /// Looks for damage, and counts the rows.
    ///
    /// # Errors
    /// The store is away.
    pub fn check(&mut self) -> Result<Checked, Broken> {
        let mut checked = self.engine.check()?;
        let (mut sequence, mut hash) = (0, FIRST_HASH.to_vec());
        loop {
            let records = self.engine.consent_records(&ConsentFilter::default(), sequence, PAGE)?;
            for record in &records {
                if record.sequence != sequence + 1 || record.hash_after(&hash) != record.hash {
                    let text = format!(
                        "record {} of the ledger of consent does not follow the one before it",
                        record.sequence
                    );
                    checked.problems.push(text);
                }
                (sequence, hash) = (record.sequence, record.hash.clone());
            }
            if records.len() < PAGE as usize {
                return Ok(checked);
            }
        }
    }

    /// Counts.
    ///
    /// # Errors
    /// The store is away.
    pub fn stats(&mut self) -> Result<Stats, Broken> {
        self.engine.stats()
    }

    /// Erases the messages to a number and the replies that name it, and returns how many there were.
    ///
    /// # Errors
    /// The store is away.
    pub fn purge(&mut self, number: &str) -> Result<u64, Broken> {
        self.engine.purge(&self.numbers(number))
    }

    fn numbers(&self, number: &str) -> Vec<Digest> {
        self.keys.numbers.hashes(number).collect()
    }

    /// Has the people in the list of consent be known by the hashes of their numbers by the first key, as far as the numbers
    /// are there.
    ///
    /// # Errors
    /// The store is away, or a number is encrypted with another key.
    pub fn rekey(&mut self) -> Result<Rekeyed, Broken> {
        let (mut done, mut after) = (Rekeyed::default(), None);
        loop {
            let entries = self.consents(&ConsentFilter::default(), after.take(), PAGE)?;
            let mut rekeys = Vec::new();
            for ConsentEntry { brand, number: older, person, .. } in &entries {
                let number = self.keys.number(&String::from_utf8_lossy(person));
                if person.is_empty() {
                    done.erased += u64::from(!self.keys.numbers.is_by_first(older));
                } else if number != *older {
                    let person = self.keys.seal(&number.0, person)?;
                    rekeys.push(ConsentRekey { brand: brand.clone(), older: *older, number, person });
                }
            }
            done.rekeyed += rekeys.len() as u64;
            self.engine.rekey(&rekeys)?;
            match entries.last() {
                Some(last) if entries.len() == PAGE as usize => after = Some((last.brand.clone(), last.number)),
                _ => break,
            }
        }
        done.needed_by = self.keys.numbers.hanging(&mut *self.engine)?;
        Ok(done)
    }

    /// Makes a change of who must not be written to.
    pub fn consent_change(
        &self,
        brand: &str,
        phone_number: &str,
        act: ConsentAct,
        act_time: SystemTime,
        evidence: Vec<u8>,
    ) -> ConsentChange {
        let (number, digest) = (self.keys.number(phone_number), self.keys.digest("evidence", &[&evidence]));
        let older = self.keys.older_numbers(phone_number).collect();
        let person = phone_number.as_bytes().to_vec();
        ConsentChange { brand: brand.into(), number, older, act, act_time, person, evidence, digest }
    }

    /// Records changes, and returns how many had an effect.
    ///
    /// # Errors
    /// The store is away.
    pub fn record_consents(&mut self, mut changes: Vec<ConsentChange>) -> Result<u64, Broken> {
        changes.iter_mut().try_for_each(|change| seal_change(&self.keys, change))?;
        self.engine.record_consents(&changes)
    }

    /// Returns how many changes would have an effect, were they recorded.
    ///
    /// # Errors
    /// The store is away.
    pub fn count_new_consents(&mut self, changes: &[ConsentChange]) -> Result<u64, Broken> {
        let (mut known, mut count) = (HashMap::new(), 0);
        for ConsentChange { brand, number, older, act, .. } in changes {
            let before = match known.get(&(brand, number)) {
                Some(before) => Some(*before),
                None => {
                    let numbers = [&[*number], &older[..]].concat();
                    let filter = ConsentFilter { brands: Some(vec![brand.clone()]), numbers, blocked: false };
                    self.engine.consents(&filter, None, 1)?.pop().map(|entry| (entry.blocked, entry.origin))
                }
            };
            if let Some(after) = act.after(before) {
                known.insert((brand, number), after);
                count += 1;
            }
        }
        Ok(count)
    }

    /// Reads what is known of people, see [`super::Store::consents`].
    ///
    /// # Errors
    /// The store is away, or a number is encrypted with another key.
    pub fn consents(
        &mut self,
        filter: &ConsentFilter,
        after: Option<(Arc<str>, Digest)>,
        limit: u32,
    ) -> Result<Vec<ConsentEntry>, Broken> {
        let mut entries = self.engine.consents(filter, after, limit)?;
        entries.iter_mut().try_for_each(|entry| open_entry(&self.keys, entry))?;
        Ok(entries)
    }

    /// Whether a person opted out of the messages of a brand.
    ///
    /// # Errors
    /// The store is away.
    pub fn has_opted_out(&mut self, brand: &str, phone_number: &str) -> Result<bool, Broken> {
        let numbers = self.numbers(phone_number);
        let filter = ConsentFilter { brands: Some(vec![brand.into()]), numbers, blocked: true };
        Ok(!self.engine.consents(&filter, None, 1)?.is_empty())
    }

    /// Returns the cursors whose names begin with this, see [`super::Store::cursors`].
    ///
    /// # Errors
    /// The store is away, or a cursor is encrypted with another key.
    pub fn cursors(&mut self, prefix: &str) -> Result<Vec<(String, Vec<u8>)>, Broken> {
        let mut found = self.engine.cursors(prefix)?;
        for (name, value) in &mut found {
            *value = self.keys.open(name.as_bytes(), value)?;
        }
        Ok(found)
    }

    /// Lists messages, newest first, see [`super::Store::messages`].
    ///
    /// # Errors
    /// The store is away, or a message is encrypted with another key.
    pub fn messages(
        &mut self,
        filter: &MessageFilter,
        before: Option<WriteId>,
        limit: u32,
    ) -> Result<MessagePage, Broken> {
        let mut page = self.engine.messages(filter, before, limit)?;
        for message in &mut page.messages {
            message.body = self.keys.open(&message.write_id.bytes(), &message.body)?;
        }
        Ok(page)
    }

    /// Copies the store of one moment to a new file, and its key file to one beside that. Readers of events notice that
    /// a store was restored from it. `progress` gets the pages that are copied, and all of them.
    ///
    /// # Errors
    /// Why there is no copy.
    pub fn backup(&mut self, to: &Path, progress: &mut dyn FnMut(u64, u64)) -> Result<(), String> {
        let key_file = self.key_file.as_ref().map(|from| (from, sqlite::beside(to, ".key")));
        for file in [Some(to), key_file.as_ref().map(|(_, to)| &**to)].into_iter().flatten() {
            if file.exists() {
                return Err(format!("{} exists: choose another name", file.display()));
            }
        }
        self.engine.backup(to, progress)?;
        if let Some((from, to)) = key_file {
            let copied = sqlite::private_file(&to, true).and_then(|_| fs::copy(from, &to));
            copied.map_err(|e| format!("the key file was not copied to {}: {e}", to.display()))?;
        }
        Ok(())
    }
}

impl std::fmt::Debug for Beside {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Beside").finish_non_exhaustive()
    }
}

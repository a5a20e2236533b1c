//! Who must not be written to, and the ledger of what changed that.
//!
//! Each record of the ledger has a hash of itself and of the hash before it: whoever has a copy sees whether one was changed
//! or is missing. What may be erased of a record is not part of its hash, but a digest of it is.

use std::{sync::Arc, time::SystemTime};

use ring::digest::{Context, SHA256};

use super::{Broken, Digest, Store, clock::in_millis, unavailable};
use crate::error::Error;

/// A change of what is known of a person.
#[derive(Debug, Clone)]
pub struct ConsentChange {
    /// The brand.
    pub brand: Arc<str>,
    /// The hash of the person's number.
    pub number: Digest,
    /// The hashes of the number by older keys, by which the person may be known.
    pub older: Vec<Digest>,
    /// What the person, or somebody for the person, did.
    pub act: ConsentAct,
    /// When that was.
    pub act_time: SystemTime,
    /// The number itself. Empty: what is known of it stays.
    pub person: Vec<u8>,
    /// The encoded evidence.
    pub evidence: Vec<u8>,
    /// The digest of the evidence, see [`Store::digest`].
    pub digest: Digest,
}

/// What a change does. Origins are numbers, of which a lower one does not replace a higher one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConsentAct {
    /// Blocks the person, or raises the origin of the block.
    Block(i32),
    /// Permits messages to the person.
    Allow(i32),
    /// Lifts a block of this origin, and of no other.
    Lift(i32),
    /// Changes nothing: notes that the rest of what was known was erased.
    Erase,
}

impl ConsentAct {
    /// Returns whether a person is blocked after the act, and by whom; `None` if the act has no effect. `before` is what was
    /// known before.
    pub(super) fn after(self, before: Option<(bool, i32)>) -> Option<(bool, i32)> {
        match (self, before) {
            (Self::Block(origin), None | Some((false, _))) => Some((true, origin)),
            (Self::Block(origin), Some((true, old))) => (origin > old).then_some((true, origin)),
            (Self::Allow(origin), None | Some((true, _))) => Some((false, origin)),
            (Self::Lift(origin), Some((true, old))) => (origin == old).then_some((false, origin)),
            (Self::Erase, before) => before,
            (Self::Allow(_) | Self::Lift(_), _) => None,
        }
    }
}

impl ConsentChange {
    /// Returns what has the person be known by the hash of the change, if by an older one before.
    pub(super) fn rekeys(&self) -> impl Iterator<Item = ConsentRekey> {
        let rekey = |older: &Digest| ConsentRekey {
            brand: self.brand.clone(),
            older: *older,
            number: self.number,
            person: self.person.clone(),
        };
        self.older.iter().map(rekey)
    }

    /// Whether the change permits messages.
    pub fn permits(&self) -> bool {
        matches!(self.act, ConsentAct::Allow(_) | ConsentAct::Lift(_))
    }
}

/// Another hash of a number, by which a person is known from now on.
#[derive(Debug, Clone)]
pub struct ConsentRekey {
    /// The brand.
    pub brand: Arc<str>,
    /// The hash of the number so far.
    pub older: Digest,
    /// The hash of the number.
    pub number: Digest,
    /// The number itself, unless it was erased.
    pub person: Vec<u8>,
}

/// What is known of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentEntry {
    /// The brand.
    pub brand: Arc<str>,
    /// The hash of the person's number.
    pub number: Digest,
    /// Whether the person must not be written to.
    pub blocked: bool,
    /// Who said so.
    pub origin: i32,
    /// When it was recorded.
    pub time: SystemTime,
    /// The number itself; empty if it was erased.
    pub person: Vec<u8>,
}

/// A record of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentRecord {
    /// The place in the ledger, from 1 on, without holes.
    pub sequence: i64,
    /// What is known of the person after the change. Its `person` is what is known now.
    pub entry: ConsentEntry,
    /// When the person acted.
    pub act_time: SystemTime,
    /// The digest of the evidence.
    pub digest: Digest,
    /// The encoded evidence; empty if it was erased.
    pub evidence: Vec<u8>,
    /// The hash of the record, and of the hash before it.
    pub hash: Vec<u8>,
}

/// Which people, or records of them, to read.
#[derive(Debug, Clone, Default)]
pub struct ConsentFilter {
    /// The brands; `None`: all.
    pub brands: Option<Vec<Arc<str>>>,
    /// The hashes of a number; empty: any number.
    pub numbers: Vec<Digest>,
    /// Whether only those are meant who must not be written to. Not for records.
    pub blocked: bool,
}

/// The hash before the first record.
pub(super) const FIRST_HASH: [u8; 32] = [0; 32];

impl ConsentRecord {
    /// Makes the record of a change, after which this is known of the person.
    pub(super) fn new(
        sequence: i64,
        change: &ConsentChange,
        (blocked, origin): (bool, i32),
        time: SystemTime,
        before: &[u8],
    ) -> Self {
        let ConsentChange { brand, number, older: _, act: _, act_time, person, evidence, digest } = change.clone();
        let entry = ConsentEntry { brand, number, blocked, origin, time, person };
        let mut record = Self { sequence, entry, act_time, digest, evidence, hash: Vec::new() };
        record.hash = record.hash_after(before);
        record
    }

    /// Returns the hash that the record must have after the one before it.
    pub fn hash_after(&self, before: &[u8]) -> Vec<u8> {
        let Self { sequence, entry, act_time, digest, evidence: _, hash: _ } = self;
        let ConsentEntry { brand, number, blocked, origin, time, person: _ } = entry;
        let mut context = Context::new(&SHA256);
        let parts: [&[u8]; _] = [
            b"smsmux consent 1",
            before,
            &sequence.to_be_bytes(),
            brand.as_bytes(),
            &number.0,
            &[u8::from(*blocked)],
            &origin.to_be_bytes(),
            &in_millis(*act_time).to_be_bytes(),
            &in_millis(*time).to_be_bytes(),
            &digest.0,
        ];
        for part in parts {
            // The length makes the encoding unambiguous.
            context.update(&(part.len() as u64).to_be_bytes());
            context.update(part);
        }
        context.finish().as_ref().to_vec()
    }
}

impl Store {
    /// Reads what is known of people, in an order of its own. The next page is `after` the last one of this.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE.
    pub async fn consents(
        &self,
        filter: ConsentFilter,
        after: Option<(Arc<str>, Digest)>,
        limit: u32,
    ) -> Result<Vec<ConsentEntry>, Error> {
        let read = self.0.readers.query(move |reader| reader.consents(&filter, after, limit)).await;
        let mut entries = read.map_err(unavailable)?;
        entries.iter_mut().try_for_each(|entry| open_entry(&self.0.keys, entry)).map_err(unavailable)?;
        Ok(entries)
    }

    /// Reads records of the ledger after this sequence, oldest first.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE.
    pub async fn consent_records(
        &self,
        filter: ConsentFilter,
        after: i64,
        limit: u32,
    ) -> Result<Vec<ConsentRecord>, Error> {
        let read = self.0.readers.query(move |reader| reader.consent_records(&filter, after, limit)).await;
        let mut records = read.map_err(unavailable)?;
        records.iter_mut().try_for_each(|record| open_record(&self.0.keys, record)).map_err(unavailable)?;
        Ok(records)
    }

    /// Returns the sequence of the newest record of the ledger.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE.
    pub async fn newest_consent_record(&self) -> Result<i64, Error> {
        self.0.readers.query(|reader| reader.newest_consent_record()).await.map_err(unavailable)
    }

    pub(super) fn seal_consent(&self, change: &mut ConsentChange) -> Result<(), Error> {
        seal_change(&self.0.keys, change).map_err(unavailable)
    }
}

pub(super) fn seal_change(keys: &super::keys::Keys, change: &mut ConsentChange) -> Result<(), Broken> {
    if !change.person.is_empty() {
        change.person = keys.seal(&change.number.0, &change.person)?;
    }
    change.evidence = keys.seal(&change.digest.0, &change.evidence)?;
    Ok(())
}

pub(super) fn open_entry(keys: &super::keys::Keys, entry: &mut ConsentEntry) -> Result<(), Broken> {
    entry.person = keys.open(&entry.number.0, &entry.person)?;
    Ok(())
}

pub(super) fn open_record(keys: &super::keys::Keys, record: &mut ConsentRecord) -> Result<(), Broken> {
    open_entry(keys, &mut record.entry)?;
    record.evidence = keys.open(&record.digest.0, &record.evidence)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_keyword_lifts_only_what_a_keyword_set() {
        use ConsentAct::{Allow, Block, Erase, Lift};
        let (keyword, legal) = (1, 6);
        for (act, before, after) in [
            (Block(keyword), None, Some((true, keyword))),
            (Block(keyword), Some((true, keyword)), None),
            (Block(legal), Some((true, keyword)), Some((true, legal))),
            (Block(keyword), Some((true, legal)), None),
            (Block(keyword), Some((false, legal)), Some((true, keyword))),
            (Lift(keyword), Some((true, keyword)), Some((false, keyword))),
            (Lift(keyword), Some((true, legal)), None),
            (Lift(keyword), None, None),
            (Allow(legal), Some((true, legal)), Some((false, legal))),
            (Allow(keyword), Some((false, legal)), None),
            (Erase, Some((true, legal)), Some((true, legal))),
            (Erase, None, None),
        ] {
            assert_eq!(act.after(before), after, "{act:?} {before:?}");
        }
    }

    #[test]
    fn a_hash_depends_on_all_but_what_may_be_erased() {
        let time = SystemTime::UNIX_EPOCH;
        let change = ConsentChange {
            brand: "acme".into(),
            number: Digest([1; 16]),
            older: Vec::new(),
            act: ConsentAct::Block(1),
            act_time: time,
            person: b"+1".to_vec(),
            evidence: b"STOP".to_vec(),
            digest: Digest([2; 16]),
        };
        let record = ConsentRecord::new(1, &change, (true, 1), time, &FIRST_HASH);
        let hash = |edit: fn(&mut ConsentRecord)| {
            let mut record = record.clone();
            edit(&mut record);
            record.hash_after(&FIRST_HASH)
        };
        assert_eq!(hash(|r| (r.evidence, r.entry.person) = (Vec::new(), Vec::new())), record.hash);
        let edits: [fn(&mut ConsentRecord); 5] = [
            |r| r.sequence = 2,
            |r| r.entry.blocked = false,
            |r| r.entry.origin = 2,
            |r| r.entry.number = Digest([3; 16]),
            |r| r.digest = Digest([3; 16]),
        ];
        assert!(edits.into_iter().all(|edit| hash(edit) != record.hash));
        assert_ne!(record.hash_after(&record.hash), record.hash);
    }
}

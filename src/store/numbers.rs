//! The keys by which phone numbers are hashed. One can be replaced while the store is in use: what is recorded has the hash of the
//! first key, and what was recorded before is found by the others.
//!
//! A hash begins with the tag of its key, so what still hangs on a key is a range of an index. Only `store.hash_key`, by which
//! stores without keys for numbers hash them, has no tag.

use std::collections::BTreeSet;

use ring::hmac;

use super::{Broken, Digest, Reader, keys::digest};

/// The first bytes of all hashes by one key.
pub type Tag = [u8; 4];

/// What is found by the hash of a number: its name, its table, and the column.
pub(super) const FOUND_BY_NUMBER: [(&str, &str, &str); 3] = [
    // Each person in the list has a record.
    ("people in the list of consent", "consent_record", "coalesce(rekeyed, number)"),
    ("messages", "recipient", "to_hash"),
    ("events", "event", "number"),
];

/// The keys, of which the first hashes what is recorded.
pub(super) struct NumberKeys(Vec<NumberKey>);

struct NumberKey {
    key: hmac::Key,
    tag: Option<Tag>,
}

/// Hashes from the first one on, and below the second.
type Range = (Vec<u8>, Vec<u8>);

impl NumberKeys {
    /// Makes the keys of these texts; without any, the key is `hash_key`.
    pub(super) fn new<'a>(keys: impl Iterator<Item = &'a str>, hash_key: &'a str) -> Self {
        let mut keys: Vec<_> = keys.map(|key| NumberKey::new(key, key != hash_key)).collect();
        if keys.is_empty() {
            keys.push(NumberKey::new(hash_key, false));
        }
        Self(keys)
    }

    /// Returns the hash of a number by each key.
    pub(super) fn hashes(&self, number: &str) -> impl Iterator<Item = Digest> {
        self.0.iter().map(move |key| key.hash(number))
    }

    /// Whether a hash may be by the first key.
    pub(super) fn is_by_first(&self, hash: &Digest) -> bool {
        match self.0.first().and_then(|key| key.tag) {
            Some(tag) => hash.0.starts_with(&tag),
            None => !self.tags().any(|tag| hash.0.starts_with(&tag)),
        }
    }

    /// Whether there is more than one key.
    pub(super) fn are_several(&self) -> bool {
        self.0.len() > 1
    }

    /// Returns the tags of the keys that have one.
    pub(super) fn tags(&self) -> impl Iterator<Item = Tag> {
        self.0.iter().filter_map(|key| key.tag)
    }

    /// Returns what has numbers in the store that none of the keys has hashed.
    pub(super) fn missed(&self, reader: &mut dyn Reader) -> Result<BTreeSet<&'static str>, Broken> {
        let ours: BTreeSet<_> = self.tags().collect();
        let ranges = if self.0.iter().any(|key| key.tag.is_none()) {
            // Hashes without a tag begin with anything.
            reader.number_keys()?.into_iter().filter(|tag| !ours.contains(tag)).map(range).collect()
        } else {
            between(&ours)
        };
        found_in(reader, ranges)
    }

    /// Returns what hangs on each key after the first.
    pub(super) fn hanging(&self, reader: &mut dyn Reader) -> Result<Vec<BTreeSet<&'static str>>, Broken> {
        let mut known: BTreeSet<_> = self.tags().collect();
        known.extend(reader.number_keys()?);
        let ranges = |key: &NumberKey| key.tag.map_or_else(|| between(&known), |tag| vec![range(tag)]);
        self.0.iter().skip(1).map(|key| found_in(reader, ranges(key))).collect()
    }
}

impl NumberKey {
    fn new(key: &str, is_tagged: bool) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
        let tag = is_tagged.then(|| {
            let Digest([a, b, c, d, ..]) = digest(&key, "number key", &[]);
            [a, b, c, d]
        });
        Self { key, tag }
    }

    fn hash(&self, number: &str) -> Digest {
        let Digest(mut hash) = digest(&self.key, "number", &[number.as_bytes()]);
        if let Some(tag) = self.tag {
            hash[..tag.len()].copy_from_slice(&tag);
        }
        Digest(hash)
    }
}

fn found_in(reader: &mut dyn Reader, ranges: Vec<Range>) -> Result<BTreeSet<&'static str>, Broken> {
    let mut found = BTreeSet::new();
    for (from, below) in ranges {
        found.extend(reader.found_by_numbers(&from, &below)?);
    }
    Ok(found)
}

/// Returns the hashes with a tag.
fn range(tag: Tag) -> Range {
    (tag.to_vec(), after(tag))
}

/// Returns the hashes with none of these tags.
fn between(tags: &BTreeSet<Tag>) -> Vec<Range> {
    let from = std::iter::once(Vec::new()).chain(tags.iter().map(|tag| after(*tag)));
    let below = tags.iter().map(|tag| tag.to_vec()).chain([LAST.to_vec()]);
    from.zip(below).collect()
}

/// What is longer than a hash, and follows all of them.
const LAST: [u8; 17] = [0xFF; 17];

/// Returns what follows all hashes with a tag.
fn after(tag: Tag) -> Vec<u8> {
    u32::from_be_bytes(tag).checked_add(1).map_or(LAST.to_vec(), |next| next.to_be_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NUMBER: &str = "+393471234567";

    fn hashes(keys: &[&str]) -> Vec<Digest> {
        NumberKeys::new(keys.iter().copied(), "hash").hashes(NUMBER).collect()
    }

    #[test]
    fn each_key_has_hashes_of_its_own_and_the_first_ones_are_those_of_the_hash_key() {
        let before = digest(&hmac::Key::new(hmac::HMAC_SHA256, b"hash"), "number", &[NUMBER.as_bytes()]);
        assert_eq!(hashes(&[]), [before]);
        assert_eq!(hashes(&["a", "hash"]), [hashes(&["a"]), vec![before]].concat());
        let tag = |key| hashes(&[key])[0].0[..4].to_vec();
        assert!(tag("a") != tag("b") && hashes(&["a"])[0].0[4..] != hashes(&["b"])[0].0[4..]);
        let keys = NumberKeys::new(["a"].into_iter(), "hash");
        assert!(keys.hashes("+1").chain(keys.hashes("+2")).all(|hash| hash.0.starts_with(&tag("a"))));
    }

    #[test]
    fn what_is_between_tags_is_all_but_the_hashes_with_them() {
        let tags = [[0, 0, 0, 0], [1, 2, 3, 255], [255; 4]].into_iter().collect();
        let is_between = |hash: &[u8]| between(&tags).iter().any(|(from, below)| &**from <= hash && hash < &**below);
        for (start, expected) in [
            ([0, 0, 0, 0], false),
            ([0, 0, 0, 1], true),
            ([1, 2, 3, 254], true),
            ([1, 2, 3, 255], false),
            ([1, 2, 4, 0], true),
            ([255, 255, 255, 254], true),
            ([255; 4], false),
        ] {
            for rest in [0, 255] {
                let hash = [&start[..], &[rest; 12]].concat();
                let is_in = |(from, below): Range| *from <= *hash && *hash < *below;
                assert_eq!(is_between(&hash), expected, "{hash:?}");
                assert_eq!(tags.iter().any(|tag| is_in(range(*tag))), !expected, "{hash:?}");
            }
        }
        assert_eq!(between(&BTreeSet::new()), [(Vec::new(), LAST.to_vec())]);
    }
}

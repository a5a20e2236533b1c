//! A map that keeps the entries that were used last, up to a limit.

use std::{
    collections::{HashMap, hash_map::Entry},
    hash::Hash,
    mem,
};

/// Two generations of entries: one that is used moves to the new one; when that has half of the limit, the old one is
/// dropped. So it keeps at least the half of the limit that was used last, and never more than the limit.
#[derive(Debug)]
pub(super) struct Recent<K, V> {
    new: HashMap<K, V>,
    old: HashMap<K, V>,
    limit: usize,
}

impl<K: Hash + Eq, V: Default> Recent<K, V> {
    pub(super) fn new(limit: usize) -> Self {
        Self { new: HashMap::new(), old: HashMap::new(), limit }
    }

    /// Returns the entry, which is made if it is not there.
    pub(super) fn of(&mut self, key: K) -> &mut V {
        if self.new.len() >= (self.limit / 2).max(1) && !self.new.contains_key(&key) {
            self.old = mem::take(&mut self.new);
        }
        match self.new.entry(key) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => {
                let value = self.old.remove(entry.key()).unwrap_or_default();
                entry.insert(value)
            }
        }
    }

    /// Returns the entry, if it is there. That is no use of it.
    pub(super) fn get(&self, key: &K) -> Option<&V> {
        self.new.get(key).or_else(|| self.old.get(key))
    }

    /// Returns all entries.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.new.iter().chain(&self.old)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(recent: &Recent<u32, u32>, key: u32) -> Option<u32> {
        recent.iter().find(|(of, _)| **of == key).map(|(_, count)| *count)
    }

    #[test]
    fn what_was_used_last_is_kept_and_the_limit_holds() {
        let mut recent = Recent::<u32, u32>::new(1000);
        for key in 0..100_000 {
            *recent.of(key) += 1;
            // One that is used again and again is never forgotten.
            *recent.of(7) += 1;
            assert!(key % 1000 != 0 || recent.iter().count() <= 1000);
        }
        assert_eq!(find(&recent, 7), Some(100_001));
        assert_eq!([99_999, 99_501, 0].map(|key| find(&recent, key)), [Some(1), Some(1), None]);
        assert!((500..=1000).contains(&recent.iter().count()));
    }

    #[test]
    fn a_limit_of_one_keeps_one() {
        let mut recent = Recent::<u32, u32>::new(1);
        for key in [1, 2, 2] {
            *recent.of(key) += 1;
        }
        assert_eq!((find(&recent, 2), recent.new.len()), (Some(2), 1));
    }
}

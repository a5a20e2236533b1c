//! The people who opted out, in memory: eight bytes of the keyed hash of each number.

use std::{
    collections::HashSet,
    hash::{BuildHasherDefault, Hasher},
    sync::{
        PoisonError, RwLock,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

/// The people, by their keys.
#[derive(Debug, Default)]
pub(super) struct List {
    people: RwLock<HashSet<u64, BuildHasherDefault<AsIs>>>,
    /// How many there are: most sends need not ask for more.
    count: AtomicUsize,
}

impl List {
    /// Whether a person is in the list.
    pub(super) fn has(&self, key: u64) -> bool {
        self.count.load(Relaxed) > 0 && self.people.read().unwrap_or_else(PoisonError::into_inner).contains(&key)
    }

    /// Whether the list is empty.
    pub(super) fn is_empty(&self) -> bool {
        self.count.load(Relaxed) == 0
    }

    /// Puts a person into the list, or takes the person out of it.
    pub(super) fn set(&self, key: u64, is_there: bool) {
        let mut people = self.people.write().unwrap_or_else(PoisonError::into_inner);
        match is_there {
            true => people.insert(key),
            false => people.remove(&key),
        };
        self.count.store(people.len(), Relaxed);
    }
}

/// Takes a key for its hash: it is a part of one.
#[derive(Debug, Default)]
struct AsIs(u64);

impl Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = self.0.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, hash::Hash};

    use super::*;

    #[test]
    fn people_come_and_go() {
        let list = List::default();
        assert!(list.is_empty() && !list.has(7));
        list.set(7, true);
        list.set(7, true);
        assert!(list.has(7) && !list.has(8) && !list.is_empty());
        list.set(7, false);
        assert!(list.is_empty() && !list.has(7));
    }

    /// A table has a power of two of places, of which seven in eight are used, and a byte beside each.
    fn bytes(list: &List) -> usize {
        (list.people.read().expect("not poisoned").capacity() * 8 / 7).next_power_of_two() * (size_of::<u64>() + 1)
    }

    thread_local! {
        /// How often keys were compared.
        static COMPARED: Cell<usize> = const { Cell::new(0) };
    }

    /// A key that counts with how many others it is compared.
    #[derive(Eq)]
    struct Counted(u64);

    impl PartialEq for Counted {
        fn eq(&self, other: &Self) -> bool {
            COMPARED.set(COMPARED.get() + 1);
            self.0 == other.0
        }
    }

    impl Hash for Counted {
        fn hash<H: Hasher>(&self, state: &mut H) {
            self.0.hash(state);
        }
    }

    /// Returns how often keys are compared for each look-up of all of these, and the most for one.
    fn compared(list: &HashSet<Counted, BuildHasherDefault<AsIs>>, keys: &[u64], is_there: bool) -> (f64, usize) {
        let (mut all, mut most) = (0, 0);
        for key in keys {
            COMPARED.set(0);
            assert_eq!(list.contains(&Counted(*key)), is_there);
            (all, most) = (all + COMPARED.get(), most.max(COMPARED.get()));
        }
        (all as f64 / keys.len() as f64, most)
    }

    #[test]
    fn a_million_people_take_less_than_24_megabytes_and_a_look_up_compares_about_one_key() {
        let (list, mut random) = (List::default(), fastrand::Rng::with_seed(1));
        let mut keys = || (0..1_000_000).map(|_| random.u64(..)).collect::<Vec<_>>();
        let (people, others) = (keys(), keys());
        people.iter().for_each(|key| list.set(*key, true));
        assert!(bytes(&list) <= 24_000_000, "{}", bytes(&list));
        assert!(people.iter().all(|key| list.has(*key)) && !others.iter().any(|key| list.has(*key)));

        let counted = people.iter().map(|key| Counted(*key)).collect();
        let ((found, most), (absent, most_absent)) =
            (compared(&counted, &people, true), compared(&counted, &others, false));
        println!("{} bytes; {found} keys compared for who is in the list, {absent} for who is not", bytes(&list));
        assert!(found < 1.1 && absent < 0.2, "{found} {absent}");
        assert!(most <= 8 && most_absent <= 8, "{most} {most_absent}");
    }
}

//! What replicas share of a budget: whole turns, of which each is held by one replica until its lease is over.
//!
//! A replica is given more only of what no other one holds, in a transaction that no other one makes at the same time. It
//! gives back what it has too much of by itself: it uses less first, and says so later.

use std::time::Duration;

use super::{Digest, Op, Store, unavailable};
use crate::error::Error;

/// How long a replica keeps the only turn of a budget that others want too.
const SHIFT: Duration = Duration::from_secs(10);

/// The part of a share below which a difference is not worth a change.
const WORTH: f64 = 0.05;

/// What a replica asks of a budget.
#[derive(Debug, Clone)]
pub struct WantedShare {
    /// The hash of the budget's name.
    pub budget: Digest,
    /// The turns of all replicas; 0 if this replica needs none any more.
    pub most: u32,
    /// The turns that the replica may have used of late.
    pub held: u32,
    /// The turns that it could use.
    pub wants: u32,
    /// How long other replicas leave alone what it holds.
    pub lease: Duration,
}

/// How one replica stands with a budget.
#[derive(Debug, Clone, Copy)]
pub struct Holder {
    /// The turns that it holds.
    pub held: u32,
    /// The turns that it could use.
    pub wants: u32,
    /// How long it has not been given more.
    pub since: Duration,
}

/// Returns how many turns a replica holds from now on that asks for them, and how many of them it may use. `before` is how
/// it stood, if its lease is not over.
#[must_use]
pub fn take(wanted: &WantedShare, before: Option<Holder>, others: &[Holder]) -> (u32, u32) {
    let (held, since) = before.map_or((0, Duration::ZERO), |before| (before.held, before.since));
    // What it held when its lease ended may be another's by now.
    let mine = Holder { held: wanted.held.min(held), wants: wanted.wants, since };
    match share(wanted.most, mine, others) {
        // What it gives back is for the others first.
        (_, usable) if mine.held < held => (mine.held, usable.min(mine.held)),
        taken => taken,
    }
}

/// Returns how many turns a replica holds from now on, and how many of them it may use: fewer if it is to give back some.
/// `others` are all whose leases are not over.
fn share(most: u32, mine: Holder, others: &[Holder]) -> (u32, u32) {
    let held_by_others = others.iter().fold(0_u32, |sum, other| sum.saturating_add(other.held));
    let free = most.saturating_sub(held_by_others).saturating_sub(mine.held);
    let fair = fair(most, mine, others);
    let over = f64::from(mine.held) - fair;
    if over < 0.0 {
        let held = mine.held + free.min(fair.ceil() as u32 - mine.held);
        return (held, held);
    }
    let has_none = |other: &Holder| other.held == 0 && other.wants > 0;
    let is_next = mine.held > 1 || mine.wants == 0 || mine.since >= SHIFT;
    let usable = if over >= 1.0 && over >= f64::from(mine.held) * WORTH {
        fair.ceil() as u32
    } else if over > 0.0 && free == 0 && is_next && others.iter().any(has_none) {
        mine.held - 1
    } else {
        mine.held
    };
    (mine.held, usable)
}

/// Returns the fair part of a replica: a floor for each, so that it can begin at once, and the rest by what they want.
fn fair(most: u32, mine: Holder, others: &[Holder]) -> f64 {
    let replicas = u32::try_from(others.len() + 1).unwrap_or(u32::MAX);
    let floor = if most < replicas { 0 } else { (most / replicas / 10).max(1) };
    let wanted = |holder: &Holder| f64::from(holder.wants.min(most).max(floor));
    let (mine, most, floor, replicas) = (wanted(&mine), f64::from(most), f64::from(floor), f64::from(replicas));
    let all = others.iter().map(wanted).sum::<f64>() + mine;
    match all <= most {
        true => mine + (most - all) / replicas,
        false => floor + (most - floor * replicas) * (mine - floor) / (all - floor * replicas),
    }
}

impl Store {
    /// Takes shares of budgets for this replica, and returns how many turns of each it may use.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE: nothing has changed, or this replica holds what it does not use.
    pub async fn take_shares(&self, wanted: Vec<WantedShare>) -> Result<Vec<u32>, Error> {
        self.ask(wanted, Op::TakeShares).await
    }

    /// Ends the lease of a chore, if this replica has it.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE.
    pub async fn end_chore(&self, name: &str) -> Result<(), Error> {
        self.ask(name.to_owned(), Op::EndChore).await
    }

    /// Returns the chores of all replicas whose names begin with this, and how long the lease of each still lasts; zero if
    /// it is over and nobody has ended it.
    ///
    /// # Errors
    /// STORE_UNAVAILABLE.
    pub async fn chores(&self, prefix: &'static str) -> Result<Vec<(String, Duration)>, Error> {
        self.0.readers.query(move |reader| reader.chores(prefix)).await.map_err(unavailable)
    }

    /// Whether what the store keeps is encrypted.
    pub fn encrypts(&self) -> bool {
        self.0.keys.encrypts()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holder(held: u32, wants: u32) -> Holder {
        Holder { held, wants, since: Duration::ZERO }
    }

    /// Gives each of the replicas a turn to ask, until nothing changes.
    fn settled(most: u32, mut all: Vec<Holder>) -> Vec<u32> {
        for _ in 0..100 {
            for place in 0..all.len() {
                let mut others = all.clone();
                let mine = others.remove(place);
                let (held, usable) = share(most, mine, &others);
                assert!(held <= most - others.iter().map(|other| other.held).sum::<u32>(), "{all:?}");
                assert!(usable <= held);
                // What it does not use it holds no more when it asks next.
                all[place].held = usable;
            }
        }
        all.iter().map(|holder| holder.held).collect()
    }

    #[test]
    fn one_replica_has_all_and_several_share_by_what_they_want() {
        assert_eq!(settled(10, vec![holder(0, 0)]), [10]);
        assert_eq!(settled(10, vec![holder(0, 10); 2]), [5, 5]);
        // Nobody wants anything: each has a part for whatever comes.
        assert_eq!(settled(9, vec![holder(0, 0); 3]), [3, 3, 3]);
        assert_eq!(settled(100, vec![holder(0, 90), holder(0, 30)]), [75, 25]);
        // The idle keep a floor.
        assert_eq!(settled(100, vec![holder(0, 1000), holder(0, 0), holder(0, 0)]), [94, 3, 3]);
        // What is not wanted is headroom for all.
        assert_eq!(settled(100, vec![holder(0, 50), holder(0, 10), holder(0, 10)]), [60, 20, 20]);
    }

    #[test]
    fn a_replica_that_comes_later_gets_its_part() {
        assert_eq!(settled(90, vec![holder(45, 90), holder(45, 90), holder(0, 90)]), [30, 30, 30]);
        for (most, replicas) in [(4, 3), (3, 3), (2, 2), (7, 4)] {
            let mut all = vec![holder(0, most); replicas];
            all[0].held = most;
            let shares = settled(most, all);
            assert!(shares.iter().all(|share| *share > 0) && shares.iter().sum::<u32>() == most, "{shares:?}");
        }
    }

    #[test]
    fn the_only_turn_goes_round_among_those_that_want_it() {
        let long = |held, wants| Holder { since: SHIFT, ..holder(held, wants) };
        assert_eq!(share(1, holder(1, 1), &[holder(0, 1)]), (1, 1), "not yet");
        assert_eq!(share(1, long(1, 1), &[holder(0, 1)]), (1, 0));
        assert_eq!(share(1, long(1, 1), &[holder(0, 0)]), (1, 1), "nobody wants it");
        assert_eq!(share(1, holder(1, 0), &[holder(0, 1)]), (1, 0), "nobody uses it");
        assert_eq!(share(1, holder(0, 1), &[holder(1, 1)]), (0, 0));
        assert_eq!(share(1, holder(0, 1), &[holder(0, 1)]), (1, 1), "it is free");
        let (budget, lease) = (Digest([0; 16]), Duration::ZERO);
        let gives_back = WantedShare { budget, most: 1, held: 0, wants: 1, lease };
        assert_eq!(take(&gives_back, Some(long(1, 1)), &[holder(0, 1)]), (0, 0), "another one's turn");
        assert_eq!(take(&gives_back, Some(long(0, 1)), &[holder(0, 1)]), (1, 1), "nobody took it");
    }

    #[test]
    fn small_changes_of_what_is_wanted_move_nothing() {
        assert_eq!(share(1000, holder(500, 950), &[holder(500, 1000)]), (500, 500));
        assert_eq!(share(10, holder(4, 10), &[holder(3, 9), holder(3, 8)]), (4, 4));
    }
}

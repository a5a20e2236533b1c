//! Replicas on a simulated clock, with a table that does what the store's does: some start late, die, lose the store, or
//! stand still, and answers of the store are late.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, SystemTime},
};

use fastrand::Rng;
use smsmux::{
    api::budget::{Budget, Budgets, ROUND},
    store::{Digest, Holder, WantedShare, share},
};
use tokio::time::Instant;

const SECOND: Duration = Duration::from_secs(1);
const STEP: Duration = Duration::from_millis(5);

/// The rows of one budget, by replica.
#[derive(Default)]
struct Table(BTreeMap<usize, Row>);

struct Row {
    holder: Holder,
    given: Instant,
    until: Instant,
}

impl Table {
    fn take(&mut self, replica: usize, wanted: &WantedShare, now: Instant) -> u32 {
        self.0.retain(|_, row| row.until > now);
        let standing = |row: &Row| Holder { since: now - row.given, ..row.holder };
        let before = self.0.get(&replica).map(standing);
        let others: Vec<_> = self.0.iter().filter(|(of, _)| **of != replica).map(|(_, row)| standing(row)).collect();
        let (held, usable) = share::take(wanted, before, &others);
        let is_more = before.is_none_or(|before| held > before.held);
        let given = if is_more { now } else { self.0[&replica].given };
        let holder = Holder { held, wants: wanted.wants, since: Duration::ZERO };
        self.0.insert(replica, Row { holder, given, until: now + wanted.lease });
        usable
    }
}

struct Replica {
    budget: Arc<Budget>,
    next_round: Instant,
    /// The answer of the store, when it arrives, and when it was asked for.
    answer: Option<(u32, Instant, Instant)>,
    /// Until when the replica, or its way to the store, is not there.
    dead: bool,
    stands_still_until: Instant,
    without_store_until: Instant,
    /// The calls that are made of it in a second.
    calls: f64,
    due: f64,
}

impl Replica {
    fn new(most: u32, span: Duration, calls: f64, now: Instant) -> Self {
        let budget = Arc::new(Budget::new("a".to_owned(), most, span, false));
        let budgets = Budgets::default();
        budgets.add(&budget);
        budgets.share(&Arc::default());
        let (stands_still_until, without_store_until) = (now, now);
        Self {
            budget,
            next_round: now,
            answer: None,
            dead: false,
            stands_still_until,
            without_store_until,
            calls,
            due: 0.0,
        }
    }

    /// Does what a replica does in one step; returns the turns that it takes.
    fn step(&mut self, number: usize, table: &mut Table, random: &mut Rng, now: Instant) -> usize {
        if self.dead || now < self.stands_still_until {
            return 0;
        }
        if let Some((share, _, begun)) = self.answer.filter(|(_, arrives, _)| *arrives <= now) {
            self.answer = None;
            self.budget.set_share(share, begun, now);
        }
        let is_released = self.budget.releases().is_some_and(|releases| releases <= now);
        if self.answer.is_none() && (self.next_round <= now || is_released) {
            self.next_round = now + ROUND;
            if let Some(standing) = self.budget.standing(now).filter(|_| now >= self.without_store_until) {
                let wanted = WantedShare {
                    budget: Digest([0; 16]),
                    most: self.budget.most(),
                    held: standing.held,
                    wants: standing.wants,
                    lease: self.budget.lease(),
                };
                let share = table.take(number, &wanted, now);
                // Some answers are lost: the store has recorded what the replica does not hear of.
                let latest = if random.u8(..50) == 0 { 4000 } else { 30 };
                let late = Duration::from_millis(random.u64(1..latest));
                self.answer = (random.u8(..50) > 0).then_some((share, now + late, now));
            }
        }
        self.due += self.calls * STEP.as_secs_f64() * (0.5 + random.f64());
        let calls = self.due as usize;
        self.due -= calls as f64;
        (0..calls).filter(|_| self.budget.try_turn(now).is_ok()).count()
    }
}

/// A world of replicas, and when turns were taken.
struct World {
    most: u32,
    span: Duration,
    table: Table,
    replicas: Vec<Replica>,
    random: Rng,
    now: Instant,
    taken: Vec<Instant>,
}

impl World {
    fn new(most: u32, span: Duration, seed: u64) -> Self {
        let (random, now) = (Rng::with_seed(seed), Instant::now());
        Self { most, span, table: Table::default(), replicas: Vec::new(), random, now, taken: Vec::new() }
    }

    fn start(&mut self, calls: f64) {
        self.replicas.push(Replica::new(self.most, self.span, calls, self.now));
    }

    /// Lets time pass, and returns the part of the budget that was used meanwhile.
    fn pass(&mut self, time: Duration) -> f64 {
        let (begin, before) = (self.now, self.taken.len());
        while self.now < begin + time {
            let mut order: Vec<_> = (0..self.replicas.len()).collect();
            self.random.shuffle(&mut order);
            for number in order {
                let turns = self.replicas[number].step(number, &mut self.table, &mut self.random, self.now);
                self.taken.extend(std::iter::repeat_n(self.now, turns));
            }
            self.now += STEP;
        }
        let may = f64::from(self.most) * time.as_secs_f64() / self.span.as_secs_f64();
        (self.taken.len() - before) as f64 / may
    }

    /// Asserts that no span had more turns than the budget.
    #[track_caller]
    fn check(&self) {
        let most = self.most as usize;
        let over = self.taken.windows(most + 1).find(|turns| turns[most] - turns[0] < self.span);
        assert_eq!(over, None, "more than {most} turns within {:?}", self.span);
    }
}

#[test]
fn two_and_three_busy_replicas_use_nearly_all_and_never_more() {
    for (replicas, most, calls) in [(2, 10, 100.0), (3, 10, 100.0), (3, 30, 15.0), (2, 500, 400.0), (3, 100, 1000.0)] {
        let mut world = World::new(most, SECOND, u64::from(most));
        (0..replicas).for_each(|_| world.start(calls));
        world.pass(10 * SECOND);
        let used = world.pass(120 * SECOND);
        println!("{replicas} replicas, {most}/s: {:.1} % used", used * 100.0);
        assert!(used >= 0.95, "{replicas} replicas, {most}/s: {used}");
        world.check();
    }
}

#[test]
fn a_replica_that_starts_takes_its_part_and_a_dead_one_s_comes_back() {
    let mut world = World::new(60, SECOND, 1);
    world.start(200.0);
    world.pass(5 * SECOND);
    assert!(world.pass(10 * SECOND) > 0.95, "one has all");
    world.start(200.0);
    let used = world.pass(10 * SECOND);
    assert!(used > 0.8, "{used}");
    assert!(world.pass(30 * SECOND) > 0.95);
    world.replicas[0].dead = true;
    assert!(world.pass(8 * SECOND) > 0.3, "the other goes on");
    assert!(world.pass(30 * SECOND) > 0.95, "and has all");
    world.check();
}

#[test]
fn demand_moves_the_shares() {
    let mut world = World::new(100, SECOND, 2);
    world.start(90.0);
    world.start(0.0);
    world.pass(10 * SECOND);
    let used = world.pass(20 * SECOND);
    assert!(used > 0.85, "one replica alone gets what it asks for: {used}");
    (world.replicas[0].calls, world.replicas[1].calls) = (0.0, 90.0);
    world.pass(25 * SECOND);
    let used = world.pass(20 * SECOND);
    assert!(used > 0.85, "and then the other: {used}");
    world.check();
}

#[test]
fn a_replica_without_the_store_stops_and_so_does_one_that_stood_still() {
    let mut world = World::new(20, SECOND, 3);
    (0..3).for_each(|_| world.start(100.0));
    world.pass(10 * SECOND);
    world.replicas[0].without_store_until = world.now + 30 * SECOND;
    world.pass(10 * SECOND);
    assert!(world.pass(20 * SECOND) > 0.95, "the others have its share");
    world.replicas[1].stands_still_until = world.now + 20 * SECOND;
    world.pass(10 * SECOND);
    assert!(world.pass(10 * SECOND) > 0.95);
    for replica in &mut world.replicas {
        replica.without_store_until = world.now + 15 * SECOND;
    }
    world.pass(10 * SECOND);
    assert!(world.pass(5 * SECOND) < 0.01, "nobody knows what is whose");
    world.pass(10 * SECOND);
    assert!(world.pass(20 * SECOND) > 0.95);
    world.check();
}

#[test]
fn the_only_turn_of_a_span_goes_round() {
    let mut world = World::new(1, 2 * SECOND, 4);
    (0..3).for_each(|_| world.start(5.0));
    let mut of_each = [0_usize; 3];
    for _ in 0..300 {
        let before = world.taken.len();
        world.pass(SECOND);
        let holder = world.replicas.iter().position(|r| r.budget.standing(world.now).is_some_and(|s| s.held > 0));
        if let Some(holder) = holder {
            of_each[holder] += world.taken.len() - before;
        }
    }
    println!("turns of each: {of_each:?}, of 150");
    assert!(of_each.iter().all(|turns| *turns > 15), "{of_each:?}");
    world.check();
}

#[test]
fn no_chaos_makes_it_more_than_the_budget() {
    let seed = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_nanos() as u64;
    for round in 0..8 {
        let seed = seed.wrapping_add(round);
        let mut random = Rng::with_seed(seed);
        let span = Duration::from_millis([500, 1000, 2000, 7000][random.usize(..4)]);
        let mut world = World::new(random.u32(1..40), span, seed);
        println!("seed {seed}: {} in {span:?}", world.most);
        world.start(100.0);
        for _ in 0..40 {
            if world.replicas.len() < 8 && random.u8(..4) == 0 {
                world.start(random.f64() * 100.0);
            }
            let time = Duration::from_millis(random.u64(100..15_000));
            let (number, now) = (random.usize(..world.replicas.len()), world.now);
            let replica = &mut world.replicas[number];
            match random.u8(..5) {
                0 => replica.stands_still_until = now + time,
                1 => replica.without_store_until = now + time,
                2 => replica.calls = random.f64() * 200.0,
                3 if number > 0 => replica.dead = true,
                _ => {}
            }
            world.pass(Duration::from_millis(random.u64(10..4000)));
        }
        world.check();
    }
}

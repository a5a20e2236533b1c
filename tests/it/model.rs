//! The write protocol of keyed calls, explored exhaustively in a small world: two replicas on one store, one vendor, one
//! idempotency key, and calls that race or repeat each other, with a crash, a power cut, a lost commit or an expired
//! lease at every step.
//!
//! A step of the model is what the real code does atomically: a commit of the store, a check of the lease with the
//! write that follows it, or an answer. The model holds the rules; `tests/crash` holds the code to them.

mod parts;
mod world;

use stateright::{Checker, HasDiscoveries, Model, Property};

use self::world::{Call, Mistake, Outcome, Phase, Replica, Row, Step, World};

/// The protocol in a world of so many calls, crashes, power cuts and missed renewals.
#[derive(Clone)]
struct Protocol {
    calls: usize,
    crashes: u8,
    power_cuts: u8,
    misses: u8,
    /// Whether the vendor can be asked for a message by an id that we chose.
    look_up: bool,
    mistake: Option<Mistake>,
}

impl Protocol {
    fn has(&self, mistake: Mistake) -> bool {
        self.mistake == Some(mistake)
    }
}

impl Model for Protocol {
    type State = World;
    type Action = Step;

    fn init_states(&self) -> Vec<World> {
        let replica = Replica { starts: 0, stale: false, ended: false };
        let (row, disk) = (Row::Free, Row::Free);
        vec![World { row, disk, replicas: [replica; 2], calls: Vec::new(), crashes: 0, power_cuts: 0, misses: 0 }]
    }

    fn actions(&self, world: &World, steps: &mut Vec<Step>) {
        for replica in 0..world.replicas.len() {
            if world.calls.len() < self.calls {
                steps.push(Step::Begin(replica));
            }
            if world.crashes < self.crashes {
                steps.push(Step::Crash(replica));
            }
            match world.replicas[replica].stale {
                true => steps.push(Step::Renew(replica)),
                false if world.misses < self.misses => steps.push(Step::MissRenewal(replica)),
                false => {}
            }
        }
        for (i, call) in world.calls.iter().enumerate() {
            match call.phase {
                Phase::Claiming => {
                    steps.extend([Step::CommitClaim(i), Step::LoseClaimCommit(i)]);
                    if self.has(Mistake::OutcomeBeforeIntent) {
                        steps.push(Step::Send(i));
                    }
                }
                Phase::Claimed => steps.push(Step::Send(i)),
                Phase::Sent if call.accepted || call.refused => {
                    steps.extend([Step::ReadAnswer(i), Step::LoseConnection(i)])
                }
                Phase::Sent => steps.push(Step::LoseConnection(i)),
                Phase::Ended(_) => steps.push(Step::CommitOutcome(i)),
                Phase::Over(_) => {}
            }
            if call.underway {
                steps.extend([Step::VendorAccepts(i), Step::VendorRefuses(i)]);
            }
        }
        if world.row != world.disk {
            steps.push(Step::Flush);
        }
        if let Row::Claimed(owner, _) = world.row
            && (!world.lives(owner) || world.replicas[owner.0].stale)
        {
            steps.push(Step::Reap);
        }
        if self.look_up && world.row == Row::Unknown {
            steps.push(Step::LookUp);
        }
        if world.power_cuts < self.power_cuts {
            steps.push(Step::CutPower);
        }
    }

    fn next_state(&self, before: &World, step: Step) -> Option<World> {
        let mut world = before.clone();
        match step {
            Step::Begin(replica) => {
                let owner = (replica, world.replicas[replica].starts);
                let phase = Phase::Claiming;
                let (underway, accepted, refused, left_second) = (false, false, false, false);
                world.calls.push(Call { owner, phase, underway, accepted, refused, left_second });
            }
            Step::CommitClaim(i) => {
                let phase = world.claim(i, !self.has(Mistake::UnflushedIntent));
                world.calls[i].phase = phase;
            }
            // The store has the claim, and the process hears of no commit: nothing leaves.
            Step::LoseClaimCommit(i) => {
                let phase = world.claim(i, true);
                world.calls[i].phase = match phase {
                    Phase::Claimed => Phase::Over(Some(Outcome::NotSent)),
                    other => other,
                };
            }
            Step::Send(i) => {
                let owner = world.calls[i].owner;
                let leased = world.lives(owner) && !world.replicas[owner.0].stale;
                if !leased && !self.has(Mistake::SendWithoutLease) {
                    world.calls[i].phase = Phase::Ended(Outcome::NotSent);
                } else {
                    world.calls[i].left_second = world.underway() || world.accepted() > 0;
                    world.calls[i].underway = true;
                    world.calls[i].phase = Phase::Sent;
                }
            }
            Step::VendorAccepts(i) => (world.calls[i].underway, world.calls[i].accepted) = (false, true),
            Step::VendorRefuses(i) => (world.calls[i].underway, world.calls[i].refused) = (false, true),
            Step::ReadAnswer(i) => {
                let outcome = if world.calls[i].accepted { Outcome::Accepted } else { Outcome::Refused };
                world.calls[i].phase = Phase::Ended(outcome);
            }
            Step::LoseConnection(i) => world.calls[i].phase = Phase::Ended(Outcome::Unknown),
            Step::CommitOutcome(i) => {
                let Phase::Ended(outcome) = world.calls[i].phase else { return None };
                world.calls[i].phase = Phase::Over(Some(outcome));
                let own = world.row == Row::Claimed(world.calls[i].owner, i);
                world.row = match outcome {
                    Outcome::Accepted if own || world.row == Row::Unknown => Row::Done,
                    Outcome::Unknown if own => Row::Unknown,
                    Outcome::Refused | Outcome::NotSent if own || self.has(Mistake::FreeTheRowOfAnother) => Row::Free,
                    _ => world.row,
                };
            }
            Step::Flush => world.disk = world.row,
            Step::MissRenewal(replica) => {
                world.misses += 1;
                world.replicas[replica].stale = true;
            }
            Step::Renew(replica) => {
                let Replica { starts, ended, .. } = world.replicas[replica];
                world.replicas[replica] = Replica { starts: starts + u8::from(ended), stale: false, ended: false };
            }
            Step::Reap => {
                let Row::Claimed(owner, _) = world.row else { return None };
                if world.lives(owner) {
                    world.replicas[owner.0].ended = true;
                }
                world.row = if self.has(Mistake::FreeWhatIsUnknown) { Row::Free } else { Row::Unknown };
            }
            Step::LookUp => {
                world.row = match (world.accepted(), world.underway()) {
                    (0, true) if !self.has(Mistake::LookUpTooEarly) => return None,
                    (0, _) => Row::Free,
                    _ => Row::Done,
                };
            }
            Step::Crash(replica) => {
                world.crashes += 1;
                world.restart(replica);
            }
            Step::CutPower => {
                world.power_cuts += 1;
                world.row = world.disk;
                (0..world.replicas.len()).for_each(|replica| world.restart(replica));
            }
        }
        (world != *before).then_some(world)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("the vendor accepts at most once", |_, world: &World| world.accepted() <= 1),
            Property::always("nothing leaves while another request may be or was accepted", |_, world: &World| {
                world.calls.iter().all(|call| !call.left_second)
            }),
            Property::always("what was not sent or refused was not accepted", |_, world: &World| {
                world.calls.iter().all(|call| match call.phase {
                    Phase::Over(Some(Outcome::NotSent | Outcome::Refused)) => !call.accepted && !call.underway,
                    _ => true,
                })
            }),
            Property::always("a reply means that the vendor accepted", |_, world: &World| {
                world.calls.iter().all(|call| match call.phase {
                    Phase::Over(Some(Outcome::Accepted | Outcome::Replayed)) => world.accepted() == 1,
                    _ => true,
                })
            }),
            Property::sometimes("a retry gets the reply of the first", |_, world: &World| {
                world.calls.iter().any(|call| call.phase == Phase::Over(Some(Outcome::Replayed)))
            }),
            Property::sometimes("a retry is told that the outcome is unknown", |_, world: &World| {
                let told = |call: &Call| call.phase == Phase::Over(Some(Outcome::Unknown)) && !call.accepted;
                world.accepted() == 1 && world.calls.iter().any(told)
            }),
            Property::sometimes("a retry waits for the first", |_, world: &World| {
                world.calls.iter().any(|call| call.phase == Phase::Over(Some(Outcome::InProgress)))
            }),
            Property::sometimes("what was not sent is sent by a retry", |_, world: &World| {
                world.accepted() == 1
                    && world.calls.first().is_some_and(|call| call.phase == Phase::Over(Some(Outcome::NotSent)))
            }),
        ]
    }
}

const SAFE: [&str; 4] = [
    "the vendor accepts at most once",
    "nothing leaves while another request may be or was accepted",
    "what was not sent or refused was not accepted",
    "a reply means that the vendor accepted",
];

/// The smallest worlds that show every mistake. Larger ones only take longer.
const WORLDS: [Protocol; 2] = [
    Protocol { calls: 2, crashes: 1, power_cuts: 1, misses: 1, look_up: true, mistake: None },
    Protocol { calls: 3, crashes: 0, power_cuts: 0, misses: 1, look_up: true, mistake: None },
];

#[test]
fn whatever_crashes_a_keyed_write_is_sent_at_most_once_and_every_answer_is_true() {
    for world in WORLDS {
        for look_up in [false, true] {
            let checker = Protocol { look_up, ..world.clone() }.checker().spawn_bfs().join();
            println!("{} states of calls {}, look-up {look_up}", checker.unique_state_count(), world.calls);
            checker.assert_properties();
        }
    }
}

#[test]
fn the_exploration_finds_every_mistake_that_it_is_given() {
    use Mistake::{
        FreeTheRowOfAnother, FreeWhatIsUnknown, LookUpTooEarly, OutcomeBeforeIntent, SendWithoutLease, UnflushedIntent,
    };
    for mistake in
        [OutcomeBeforeIntent, UnflushedIntent, SendWithoutLease, FreeWhatIsUnknown, FreeTheRowOfAnother, LookUpTooEarly]
    {
        let breaks = |world: Protocol| {
            let exploration = Protocol { mistake: Some(mistake), ..world }.checker();
            let checker = exploration.finish_when(HasDiscoveries::AnyFailures).spawn_bfs().join();
            println!("{mistake:?}: {} states", checker.unique_state_count());
            SAFE.iter().any(|property| checker.discovery(property).is_some())
        };
        assert!(WORLDS.into_iter().any(breaks), "{mistake:?} breaks no promise");
    }
}

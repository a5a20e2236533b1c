//! The record of a send of several parts, explored exhaustively: two replicas, a send that is interrupted by a crash, a
//! power cut or a frozen process at every step, and calls with the same key that send what the earlier ones did not,
//! while somebody cancels it.
//!
//! No lease protects the parts here: that a frozen process wakes up and goes on must do no harm either.

mod world;

use stateright::{Checker, HasDiscoveries, Model, Property};

use self::world::{Attempt, Mark, Mistake, PARTS, Part, Phase, Row, Step, Store, World};

#[derive(Clone)]
struct Protocol {
    attempts: usize,
    crashes: u8,
    power_cuts: u8,
    frozen: u8,
    mistake: Option<Mistake>,
}

impl Protocol {
    fn has(&self, mistake: Mistake) -> bool {
        self.mistake == Some(mistake)
    }

    /// Whether the row is that of attempt `i`.
    fn owns(&self, world: &World, i: usize) -> bool {
        match world.store.row {
            Row::Claimed(of) => of == i || self.has(Mistake::SameId),
            _ => false,
        }
    }
}

impl Model for Protocol {
    type State = World;
    type Action = Step;

    fn init_states(&self) -> Vec<World> {
        let store = Store { row: Row::None, marks: [Mark::Maybe; PARTS] };
        let (attempts, accepted) = (Vec::new(), [0; PARTS]);
        let cancelled = [false; PARTS];
        vec![World {
            store,
            disk: store,
            attempts,
            accepted,
            copy: None,
            cancelled,
            crashes: 0,
            power_cuts: 0,
            frozen: 0,
        }]
    }

    fn actions(&self, world: &World, steps: &mut Vec<Step>) {
        for replica in 0..2 {
            if world.attempts.len() < self.attempts {
                steps.push(Step::Begin(replica));
            }
            if world.crashes < self.crashes {
                steps.push(Step::Crash(replica));
            }
        }
        for (i, attempt) in world.attempts.iter().enumerate() {
            for (part, state) in attempt.parts.iter().enumerate() {
                if attempt.underway[part] {
                    steps.push(Step::Accept(i, part));
                }
                match (attempt.phase, state) {
                    // The marks are before it in the queue.
                    (Phase::Sending, Part::Waiting) => {
                        steps.push(Step::Permit(i, part));
                        if self.has(Mistake::SendBeforePermit) {
                            steps.push(Step::Send(i, part));
                        }
                    }
                    (Phase::Marking | Phase::Sending, Part::Permitted) => steps.push(Step::Send(i, part)),
                    (Phase::Marking | Phase::Sending, Part::Left) if !attempt.underway[part] => {
                        steps.push(Step::Read(i, part));
                    }
                    (Phase::Sending, Part::Answered) => steps.push(Step::Report(i, part)),
                    _ => {}
                }
            }
            match attempt.phase {
                Phase::Claiming => steps.push(Step::CommitClaim(i)),
                Phase::Resuming(_) => steps.push(Step::CommitResume(i)),
                Phase::Marking => steps.push(Step::CommitMarks(i)),
                Phase::Sending => steps.push(Step::End(i)),
                Phase::Over => {}
            }
        }
        if world.store != world.disk {
            steps.push(Step::Flush);
        }
        if matches!(world.store.row, Row::Unknown(_)) && world.store.marks.contains(&Mark::Unsent) {
            steps.push(Step::Cancel);
        }
        if let Row::Claimed(of) = world.store.row
            && (world.attempts[of].phase == Phase::Over || world.frozen < self.frozen)
        {
            steps.push(Step::Reap);
        }
        if world.power_cuts < self.power_cuts {
            steps.push(Step::CutPower);
        }
        if self.has(Mistake::StaleMarks) {
            steps.extend([Step::ReadMarks, Step::WriteMarks]);
        }
    }

    fn next_state(&self, before: &World, step: Step) -> Option<World> {
        let mut world = before.clone();
        match step {
            Step::Begin(replica) => {
                let (parts, underway) = ([Part::Foreign; PARTS], [false; PARTS]);
                world.attempts.push(Attempt { replica, phase: Phase::Claiming, parts, underway });
            }
            Step::CommitClaim(i) => world.claim(i),
            Step::CommitResume(i) => {
                let Phase::Resuming(read) = world.attempts[i].phase else { return None };
                let is_same = world.store == read || self.has(Mistake::StaleResume) && world.store.row == read.row;
                match is_same {
                    true => world.resume(i, read, self.has(Mistake::ResumeMaybe)),
                    false => world.attempts[i].phase = Phase::Claiming,
                }
            }
            Step::Cancel => {
                for (mark, cancelled) in world.store.marks.iter_mut().zip(&mut world.cancelled) {
                    if *mark == Mark::Unsent {
                        (*mark, *cancelled) = (Mark::Cancelled, true);
                    }
                }
                if !self.has(Mistake::UnflushedCancel) {
                    world.disk = world.store;
                }
            }
            Step::CommitMarks(i) => {
                world.attempts[i].phase = Phase::Sending;
                if self.owns(&world, i) || world.store.row == Row::Unknown(i) {
                    world.store.marks[1..].fill(Mark::Unsent);
                }
            }
            Step::Permit(i, part) => {
                if self.owns(&world, i) {
                    world.store.marks[part] = Mark::Maybe;
                    if !self.has(Mistake::UnflushedPermit) {
                        world.disk = world.store;
                    }
                    world.attempts[i].parts[part] = Part::Permitted;
                } else {
                    world.attempts[i].phase = Phase::Over;
                }
            }
            Step::Send(i, part) => {
                (world.attempts[i].parts[part], world.attempts[i].underway[part]) = (Part::Left, true);
            }
            Step::Accept(i, part) => {
                world.attempts[i].underway[part] = false;
                world.accepted[part] += 1;
            }
            Step::Read(i, part) => world.attempts[i].parts[part] = Part::Answered,
            Step::Report(i, part) => {
                world.attempts[i].parts[part] = Part::Reported;
                if self.owns(&world, i) || world.store.row == Row::Unknown(i) {
                    world.store.marks[part] = Mark::Accepted;
                }
            }
            Step::End(i) => {
                let parts = &world.attempts[i].parts;
                if !parts.iter().all(|part| matches!(part, Part::Reported | Part::Foreign)) {
                    return None;
                }
                world.attempts[i].phase = Phase::Over;
                if self.owns(&world, i) || world.store.row == Row::Unknown(i) {
                    world.store.row = Row::Done;
                }
            }
            Step::Reap => {
                let Row::Claimed(of) = world.store.row else { return None };
                world.frozen += u8::from(world.attempts[of].phase != Phase::Over);
                world.store.row = Row::Unknown(of);
            }
            Step::Flush => world.disk = world.store,
            Step::Crash(replica) => {
                world.crashes += 1;
                world.stop(replica);
            }
            Step::CutPower => {
                world.power_cuts += 1;
                world.store = world.disk;
                (0..2).for_each(|replica| world.stop(replica));
            }
            Step::ReadMarks => world.copy = Some(world.store.marks),
            Step::WriteMarks => world.store.marks = world.copy.take()?,
        }
        (world != *before).then_some(world)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(SAFE[0], |_, world: &World| (0..PARTS).all(|part| world.was_sent(part) <= 1)),
            Property::always(SAFE[1], |_, world: &World| {
                let is_true = |store: &Store| {
                    let of = |part: usize, mark| match mark {
                        Mark::Unsent | Mark::Cancelled => world.was_sent(part) == 0,
                        Mark::Accepted => world.accepted[part] == 1,
                        Mark::Maybe => true,
                    };
                    store.marks.iter().enumerate().all(|(part, mark)| of(part, *mark))
                };
                is_true(&world.store) && is_true(&world.disk)
            }),
            Property::always(SAFE[2], |_, world: &World| {
                (0..PARTS).all(|part| !world.cancelled[part] || world.was_sent(part) == 0)
            }),
            Property::sometimes("what an interrupted attempt did not send is cancelled", |_, world: &World| {
                world.cancelled.contains(&true)
            }),
            Property::sometimes("a further attempt sends what an interrupted one did not", |_, world: &World| {
                let sent_rest = |attempt: &Attempt| attempt.parts == [Part::Foreign, Part::Reported];
                world.store.row == Row::Done && world.attempts.iter().any(sent_rest)
            }),
            Property::sometimes("what was accepted before a crash is known after it", |_, world: &World| {
                world.crashes > 0
                    && matches!(world.store.row, Row::Unknown(_))
                    && world.store.marks[0] == Mark::Accepted
            }),
        ]
    }
}

const SAFE: [&str; 3] =
    ["no part is sent twice", "what the store says of a part is true", "what was cancelled is not sent"];

const WORLDS: [Protocol; 2] = [
    Protocol { attempts: 3, crashes: 1, power_cuts: 1, frozen: 1, mistake: None },
    Protocol { attempts: 2, crashes: 1, power_cuts: 0, frozen: 2, mistake: None },
];

#[test]
fn whatever_interrupts_a_send_no_part_is_sent_twice_and_the_rest_can_be_sent() {
    for world in WORLDS {
        let checker = world.clone().checker().spawn_bfs().join();
        println!("{} states of {} attempts", checker.unique_state_count(), world.attempts);
        checker.assert_properties();
    }
}

#[test]
fn the_exploration_finds_every_mistake_with_parts() {
    use Mistake::{ResumeMaybe, SameId, SendBeforePermit, StaleMarks, StaleResume, UnflushedCancel, UnflushedPermit};
    let mistakes = [SendBeforePermit, UnflushedPermit, SameId, ResumeMaybe, StaleMarks, StaleResume, UnflushedCancel];
    for mistake in mistakes {
        let breaks = |world: Protocol| {
            let exploration = Protocol { mistake: Some(mistake), ..world }.checker();
            let checker = exploration.finish_when(HasDiscoveries::AnyFailures).spawn_bfs().join();
            SAFE.iter().any(|property| checker.discovery(property).is_some())
        };
        assert!(WORLDS.into_iter().any(breaks), "{mistake:?} breaks no promise");
    }
}

//! Days with trouble at a vendor, on a virtual clock and from a seed: what share of the messages goes where, how soon it
//! moves and comes back, and that nothing swings. The algorithm of GOV.UK Notify goes through the same days.
//!
//! `SMSMUX_UPDATE=1 cargo test --test it -- route_health` writes the chart and the table of docs/route-health.md.

mod plot;
mod routers;
mod world;

use std::{collections::BTreeMap, fmt::Write as _, fs, thread};

use smsmux::gateway::route::health::Policy;

use self::{
    routers::{Notify, Ours, RESTING, Router, Step},
    world::{COUNTRIES, DAY, HOUR, RATE, Scenario, State, World},
};
use crate::support::pages::{file, hold_table, read};

const SIX: u64 = 6 * HOUR;

/// What the second vendor can carry in a second: 1.3 times its share.
const CARRIES: f64 = RATE as f64 * 0.4 * 1.3;

const SCENARIOS: &[Scenario] = &[
    Scenario { name: "Nothing is wrong", trouble: (0, 0), state: |_, _, _| State::Well, carries: None },
    Scenario {
        name: "A dies for two hours",
        trouble: (SIX, SIX + 2 * HOUR),
        state: |vendor, _, second| during(vendor == 0, (SIX, SIX + 2 * HOUR), second, State::Down),
        carries: None,
    },
    Scenario {
        name: "A fails in part for two hours",
        trouble: (SIX, SIX + 2 * HOUR),
        state: |vendor, _, second| during(vendor == 0, (SIX, SIX + 2 * HOUR), second, State::Failing(0.4)),
        carries: None,
    },
    Scenario {
        name: "A is slow for three hours",
        trouble: (SIX, SIX + 3 * HOUR),
        state: |vendor, _, second| during(vendor == 0, (SIX, SIX + 3 * HOUR), second, State::Slow(1200)),
        carries: None,
    },
    Scenario {
        name: "A flaps for six hours",
        trouble: (SIX, 2 * SIX),
        state: |vendor, _, second| {
            during(vendor == 0 && second % 1800 < 600, (SIX, 2 * SIX), second, State::Failing(0.6))
        },
        carries: None,
    },
    Scenario {
        name: "A dies, and B cannot carry all",
        trouble: (SIX, SIX + 2 * HOUR),
        state: |vendor, _, second| during(vendor == 0, (SIX, SIX + 2 * HOUR), second, State::Down),
        carries: Some(CARRIES),
    },
    Scenario {
        name: "France is down at both for three hours",
        trouble: (SIX, SIX + 3 * HOUR),
        state: |_, country, second| during(COUNTRIES[country] == "FR", (SIX, SIX + 3 * HOUR), second, State::Silent),
        carries: None,
    },
    Scenario {
        name: "France is down at A for three hours",
        trouble: (SIX, SIX + 3 * HOUR),
        state: |vendor, country, second| {
            let is_meant = vendor == 0 && COUNTRIES[country] == "FR";
            during(is_meant, (SIX, SIX + 3 * HOUR), second, State::Silent)
        },
        carries: None,
    },
];

fn during(is_meant: bool, (from, to): (u64, u64), second: u64, state: State) -> State {
    if is_meant && (from..to).contains(&second) { state } else { State::Well }
}

/// What became of a day.
struct Day {
    name: &'static str,
    trouble: (u64, u64),
    minutes: Vec<[u32; 2]>,
    moves: Vec<Step>,
    twice: usize,
    never: usize,
    late: usize,
}

impl Day {
    fn run(scenario: &Scenario, router: &mut dyn Router) -> Self {
        let mut world = World::new(scenario);
        for second in 0..DAY {
            for report in world.advance(second) {
                router.reported(report, second);
            }
            router.advance(&mut world, second);
            for number in 0..RATE {
                router.send(&mut world, (second * RATE + number) as usize, second);
            }
        }
        let (twice, never, late) = world.sums();
        let moves = router.moves().to_vec();
        Self { name: scenario.name, trouble: scenario.trouble, minutes: world.minutes, moves, twice, never, late }
    }

    /// The share of the first vendor in each so many minutes.
    fn shares(&self, minutes: usize) -> Vec<f64> {
        let share = |of: &[[u32; 2]]| {
            let [a, b] = of.iter().fold([0, 0], |sum, of| [sum[0] + of[0], sum[1] + of[1]]);
            f64::from(a) / f64::from((a + b).max(1))
        };
        self.minutes.chunks(minutes).map(share).collect()
    }

    /// The least share of the first vendor in five minutes.
    fn least(&self) -> f64 {
        self.shares(5).into_iter().fold(1.0, f64::min)
    }

    /// The minutes from the trouble's beginning until the first vendor has half of its share.
    fn moved(&self) -> Option<u64> {
        let begin = self.trouble.0 / 60;
        let at = self.shares(1).iter().skip(begin as usize).position(|share| *share <= RESTING[0] / 200.0)?;
        Some(at as u64)
    }

    /// The minutes from the trouble's end until it has nine tenths of it again, for half an hour.
    fn back(&self) -> Option<u64> {
        self.moved()?;
        let (end, shares) = (self.trouble.1 / 60, self.shares(1));
        let is_back = |of: &[f64]| of.iter().sum::<f64>() / of.len() as f64 >= RESTING[0] / 100.0 * 0.9;
        Some(shares[end as usize..].windows(30).position(is_back)? as u64)
    }

    /// The most changes of one weight, and how often it turned from falling to rising or back.
    fn moves(&self) -> (usize, usize) {
        let mut weights = BTreeMap::<_, Vec<_>>::new();
        self.moves.iter().for_each(|step| weights.entry(&step.weight).or_default().push(step.is_up));
        let turns = |ups: &Vec<bool>| ups.windows(2).filter(|pair| pair[0] != pair[1]).count();
        weights.values().map(|ups| (ups.len(), turns(ups))).fold((0, 0), |a, b| (a.0.max(b.0), a.1.max(b.1)))
    }

    /// What part of what it can carry the second vendor took while the first was away.
    fn carried(&self) -> f64 {
        let (from, to) = self.trouble;
        let taken: u32 = self.minutes[(from / 60) as usize..(to / 60) as usize].iter().map(|[_, b]| b).sum();
        f64::from(taken) / (CARRIES * (to - from) as f64)
    }

    fn row(&self, by: &str) -> String {
        let minutes = |minutes: Option<u64>| minutes.map_or("–".to_owned(), |minutes| format!("{minutes} min"));
        format!(
            "| {} | {by} | {:.0} % | {} | {} | {} | {} | {} | {} | {} |\n",
            self.name,
            self.least() * 100.0,
            minutes(self.moved()),
            minutes(self.back()),
            self.moves().0,
            self.moves().1,
            self.late,
            self.never,
            self.twice
        )
    }
}

/// Runs all days with both, each in a thread.
fn days() -> Vec<[Day; 2]> {
    thread::scope(|scope| {
        let days = SCENARIOS.iter().map(|scenario| {
            let ours = scope.spawn(|| {
                let mut ours = Ours::new(Policy::default());
                let day = Day::run(scenario, &mut ours);
                // Shown if an assertion fails.
                println!("{}\n{}", scenario.name, ours.log.join("\n"));
                day
            });
            let theirs = scope.spawn(|| Day::run(scenario, &mut Notify::new()));
            (ours, theirs)
        });
        let days: Vec<_> = days.collect();
        days.into_iter().map(|(ours, theirs)| [ours.join().unwrap(), theirs.join().unwrap()]).collect()
    })
}

fn day<'a>(days: &'a [[Day; 2]], name: &str) -> &'a [Day; 2] {
    days.iter().find(|[ours, _]| ours.name.starts_with(name)).unwrap_or_else(|| panic!("{name}"))
}

#[test]
fn days_with_trouble_move_the_traffic_without_swinging() {
    let days = days();
    for [ours, _] in &days {
        assert_eq!(ours.twice, 0, "{}", ours.name);
        let (moves, turns) = ours.moves();
        assert!(moves <= 20 && turns <= 5, "{}: {moves} moves, {turns} turns", ours.name);
    }

    let [well, _] = day(&days, "Nothing");
    assert_eq!(well.moves(), (0, 0));
    let late = |name| day(&days, name)[0].late - well.late;

    let [dead, _] = day(&days, "A dies for");
    assert!(dead.moved() == Some(0) && dead.back().unwrap() <= 90 && dead.moves().1 == 1);
    assert!(late("A dies for") < 100, "nothing is late when a vendor dies: {}", late("A dies for"));

    let [partly, _] = day(&days, "A fails in part");
    assert!(partly.moved().unwrap() <= 5 && partly.back().unwrap() <= 180 && partly.least() < 0.1);

    let [slow, _] = day(&days, "A is slow");
    assert!(slow.moved().unwrap() <= 30 && slow.back().unwrap() <= 180 && slow.moves().1 == 1);

    let [flapping, theirs] = day(&days, "A flaps");
    assert!(flapping.moves().0 < theirs.moves().0 && flapping.back().unwrap() <= 240);

    // B takes as much as it can carry, and is not pressed into the ground.
    let [ours, theirs] = day(&days, "A dies, and").each_ref().map(Day::carried);
    assert!(ours > 0.85 && theirs < 0.5, "{ours} {theirs}");

    // No other account is better, so nothing is moved; and where one is, only the country moves.
    assert_eq!(day(&days, "France is down at both")[0].moves(), (0, 0));
    let [france, _] = day(&days, "France is down at A");
    assert!(france.moves.iter().all(|step| step.weight == "a Some(FR)"), "{:?}", france.moves);

    let mut table = String::from(
        "| day | by | least share of A | half moved after | back after | moves | turns | late or never delivered | never sent | \
         sent twice |\n|---|---|---|---|---|---|---|---|---|---|\n",
    );
    for [ours, theirs] in &days {
        let _ = write!(table, "{}{}", ours.row("smsmux"), theirs.row("GOV.UK Notify"));
    }
    hold_table("docs/route-health.md", "days", "it", &table);
    let (path, chart) = ("docs/route-health.svg", plot::draw(&days));
    if std::env::var_os("SMSMUX_UPDATE").is_some() {
        fs::write(file(path), chart).unwrap();
    } else {
        assert!(read(path) == chart, "{path} is out of date: SMSMUX_UPDATE=1 cargo test --test it -- route_health");
    }
}

#[test]
fn a_route_that_observes_moves_nothing_and_says_what_it_would_have_done() {
    let slow = SCENARIOS.iter().find(|scenario| scenario.name.starts_with("A is slow")).unwrap();
    let mut ours = Ours::new(Policy { observes: true, ..Policy::default() });
    let day = Day::run(slow, &mut ours);
    assert!(day.least() > 0.5, "{}", day.least());
    assert!(ours.log.iter().any(|line| line.contains("a in DE gets 5 % of its share")), "{:?}", ours.log);
}

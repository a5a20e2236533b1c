use super::*;

const DE: Country = Country(*b"DE");

fn at(seconds: u64) -> Time {
    Duration::from_secs(1_800_000_000 + seconds)
}

/// A route over a, b and c: by weight, or in order; c follows.
fn health(policy: Policy) -> Health {
    let candidate = |account: &str| Candidate { account: account.to_owned(), most_per_minute: None, has_reports: true };
    let weights = Rule { candidates: vec![(0, Some(60.0)), (1, Some(40.0))], then: Vec::new() };
    let order = Rule { candidates: vec![(0, None), (1, None)], then: vec![2] };
    Health::new("main", ["a", "b", "c"].map(candidate).to_vec(), vec![weights, order], policy, at(0))
}

/// Counts sends, this many of which fail.
fn send(health: &mut Health, candidate: usize, sends: usize, failed: usize, second: u64) {
    for number in 0..sends {
        let attempt = if number < failed { Attempt::Failed } else { Attempt::Accepted };
        health.observe(candidate, DE, attempt, at(second));
    }
}

/// Returns the share of recipients that each candidate is first for.
fn firsts(health: &Health, rule: usize, second: u64) -> Vec<f64> {
    let mut firsts = vec![0.0; health.candidates().len()];
    for number in 0..2000 {
        let order = health.order(rule, &format!("+49151{number}"), DE, at(second));
        order.candidates.first().iter().for_each(|first| firsts[**first] += 1.0 / 2000.0);
    }
    firsts
}

fn is_about(shares: &[f64], expected: &[f64]) -> bool {
    shares.iter().zip(expected).all(|(share, expected)| (share - expected).abs() < 0.04)
}

#[test]
fn recipients_are_drawn_by_weight_or_in_order() {
    assert!(is_about(&firsts(&health(Policy::default()), 0, 1), &[0.6, 0.4]));
    let mut ordered = health(Policy::default());
    assert_eq!(ordered.order(1, "+4915112345", DE, at(1)).candidates, [0, 1, 2]);
    send(&mut ordered, 1, 1200, 0, 0);
    send(&mut ordered, 0, 100, 40, 70);
    send(&mut ordered, 1, 100, 0, 70);
    assert_eq!(ordered.judge(Vec::new(), at(71)).len(), 1, "{ordered:?}");
    assert!(is_about(&firsts(&ordered, 1, 71), &[0.9, 0.1, 0.0]), "what the first loses is the second's");
    let out = Attempt::Out(Duration::from_secs(60));
    [0, 1].into_iter().for_each(|index| ordered.observe(index, DE, out, at(72)));
    assert_eq!(ordered.order(1, "+4915112345", DE, at(73)).candidates, [2], "then");
}

#[test]
fn an_account_that_is_out_is_not_asked_and_comes_back_with_a_part() {
    let mut health = health(Policy::default());
    send(&mut health, 0, 600, 0, 10);
    send(&mut health, 1, 1200, 0, 10);
    health.observe(0, DE, Attempt::Out(Duration::from_secs(5)), at(70));
    assert!(is_about(&firsts(&health, 0, 71), &[0.0, 1.0]));
    assert_eq!(health.weight(0, at(71)), 0.0);
    let moved: Vec<_> = health.judge(Vec::new(), at(72)).iter().map(ToString::to_string).collect();
    assert_eq!(moved, ["a gets 30 % of its share, before 100 %: the circuit breaker was open"]);
    assert!(is_about(&firsts(&health, 0, 75), &[18.0 / 58.0, 40.0 / 58.0]));
    // When all are out, the account itself says so.
    health.observe(0, DE, Attempt::Out(Duration::from_secs(5)), at(80));
    health.observe(1, DE, Attempt::Out(Duration::from_secs(5)), at(80));
    let order = health.order(0, "+4915112345", DE, at(81));
    assert_eq!((order.candidates.clone(), order.wait), (vec![order.home], None));
}

#[test]
fn what_has_no_room_waits_and_what_is_the_accounts_own_never_does() {
    let mut health = health(Policy::default());
    // In the minute before, the second account has shown that it carries 60.
    for second in 60..120 {
        health.take(1, true, 1, at(second));
        health.observe(1, DE, Attempt::Accepted, at(second));
    }
    health.observe(0, DE, Attempt::Out(Duration::from_secs(300)), at(121));
    health.take(1, true, 1, at(124));
    let (mut own, mut moved, mut waiting) = (0, 0, 0);
    for number in 0..1000 {
        let order = health.order(0, &format!("+49151{number}"), DE, at(124));
        match order.candidates.first() {
            Some(first) if *first == order.home => own += 1,
            Some(first) => moved += 1 + u32::from(!health.take(*first, false, 1, at(124))),
            None => waiting += u32::from(order.wait == Some(Duration::from_secs(6))),
        }
    }
    assert_eq!((moved, own + moved + waiting), (10, 1000), "60 a minute more than its own");
    assert!((350..450).contains(&own), "{own}");
}

#[test]
fn replicas_judge_together_what_each_of_them_saw() {
    let (mut sender, mut other, mut judge) =
        (health(Policy::default()), health(Policy::default()), health(Policy::default()));
    let read = |snapshot: Snapshot| -> Snapshot {
        serde_json::from_str(&serde_json::to_string(&snapshot).expect("JSON")).expect("the same")
    };
    // One replica sends, and the reports of one account arrive at another one; those of the other account at none.
    for number in 0..200 {
        send(&mut sender, number % 2, 1, 0, 60);
        if number % 2 == 0 {
            other.delivered(0, DE, at(60), at(75));
        }
    }
    let seen = [sender.snapshot(at(500)), other.snapshot(at(500))].map(read);
    let moves = judge.judge(seen.to_vec(), at(500));
    assert_eq!(moves.len(), 1, "{moves:?}");
    assert!(
        moves.iter().all(
            |moved| moved.account == "b" && matches!(moved.cause, Cause::Slow { delivered, .. } if delivered < 0.4)
        )
    );
    // What was seen before the move is not held against it again, wherever it was seen.
    assert_eq!(judge.judge(seen.to_vec(), at(900)), []);
    let weights: Weights =
        serde_json::from_str(&serde_json::to_string(judge.weights()).expect("JSON")).expect("the same");
    sender.adopt(weights);
    assert_eq!(sender.share(1, DE, at(900)), judge.share(1, DE, at(900)));
    // Long after, another process begins where this one ended.
    let mut later = health(Policy::default());
    later.adopt(judge.weights().clone());
    assert!(later.share(1, DE, at(900)) < 1.0);
    assert!(!later.judge(Vec::new(), at(500 + 7200)).is_empty());
    assert_eq!(later.share(1, DE, at(900)), 1.0);
}

#[test]
fn an_operators_weight_is_left_alone_for_a_while() {
    let mut health = health(Policy::default());
    let fail = |health: &mut Health, second| {
        send(health, 0, 100, 90, second);
        health.judge(Vec::new(), at(second + 1)).len()
    };
    assert_eq!((fail(&mut health, 70) > 0, health.share(0, DE, at(80))), (true, 0.8));
    assert_eq!(health.pin(0, at(80)).expect("a move").to, 1.0);
    assert_eq!((fail(&mut health, 200), fail(&mut health, 900), health.share(0, DE, at(80))), (0, 0, 1.0));
    assert!(fail(&mut health, 1000) > 0);
}

#[test]
fn what_an_operator_sets_holds_for_its_time_and_then_the_health_goes_on_where_it_was() {
    let mut health = health(Policy::default());
    let fail = |health: &mut Health, second| {
        send(health, 0, 100, 90, second);
        health.judge(Vec::new(), at(second + 1)).len()
    };
    assert!(fail(&mut health, 70) > 0);
    let set = |share| [(0, Pin { share, at: at(80), until: at(1000) })].into_iter();
    health.set(set(0.0));
    assert!(is_about(&firsts(&health, 0, 81), &[0.0, 1.0]) && is_about(&firsts(&health, 1, 81), &[0.0, 1.0]));
    health.set(set(1.0));
    assert!(is_about(&firsts(&health, 0, 81), &[0.6, 0.4]));
    assert_eq!((fail(&mut health, 200), fail(&mut health, 900), health.share(0, DE, at(999))), (0, 0, 1.0));
    assert_eq!((health.share(0, DE, at(1000)), health.set_until(0, at(1000))), (0.8, None));
    assert!(fail(&mut health, 1001) > 0);
    // Nothing is set any more.
    health.set(std::iter::empty());
    assert_eq!(health.set_until(0, at(81)), None);
}

#[test]
fn an_account_that_an_operator_takes_out_is_not_asked_whatever_becomes_of_the_others() {
    let mut health = health(Policy::default());
    let set = |candidates: &[usize]| {
        let pin = Pin { share: 0.0, at: at(0), until: at(1000) };
        candidates.iter().map(|candidate| (*candidate, pin)).collect::<Vec<_>>().into_iter()
    };
    let asked = |health: &Health, rule, second| -> BTreeSet<usize> {
        let orders = (0..500).map(|number| health.order(rule, &format!("+49151{number}"), DE, at(second)));
        orders.flat_map(|order| order.candidates).collect()
    };
    health.set(set(&[0]));
    assert_eq!((asked(&health, 0, 1), asked(&health, 1, 1)), ([1].into(), [1, 2].into()));
    // In the minute before, the other one has shown what it carries: it has no room for what is not its own.
    for second in 60..120 {
        health.take(1, true, 1, at(second));
        health.observe(1, DE, Attempt::Accepted, at(second));
    }
    health.take(1, true, 1, at(124));
    while health.take(1, false, 1, at(124)) {}
    assert_eq!(asked(&health, 0, 124), [1].into(), "its own recipients alone");
    let orders = (0..500).map(|number| health.order(0, &format!("+49151{number}"), DE, at(124)));
    let mut moved = orders.filter(|order| order.home == 0).peekable();
    assert!(moved.peek().is_some() && moved.all(|order| order.candidates.is_empty() && order.wait.is_some()));
    // Nor is it asked while the circuit breaker of the other one is open.
    health.observe(1, DE, Attempt::Out(Duration::from_secs(300)), at(125));
    assert_eq!(asked(&health, 0, 126), [1].into());
    // A rule keeps one account at least, and if it does not, nothing is sent until one of them is back.
    assert_eq!((health.is_last_of(1, at(126)), health.is_last_of(0, at(126))), (Some(0), None));
    health.set(set(&[0, 1]));
    let order = health.order(0, "+4915112345", DE, at(126));
    assert_eq!((order.candidates, order.wait), (Vec::new(), Some(Duration::from_secs(874))));
    assert_eq!((asked(&health, 1, 126), health.is_last_of(2, at(126))), ([2].into(), Some(1)));
    assert!(asked(&health, 0, 1000).contains(&0), "it is over");
}

#[test]
fn only_what_shows_something_counts() {
    let mut health = health(Policy::default());
    (0..100).for_each(|_| health.observe(0, DE, Attempt::Neutral, at(60)));
    assert_eq!(serde_json::to_string(&health.snapshot(at(61))).expect("JSON").matches("hand_over").count(), 0);
}

#[test]
fn memory_is_bounded_by_accounts_and_countries() {
    let mut health = health(Policy::default());
    for number in 0..200_000_u64 {
        let country = Country([b'A' + (number % 26) as u8, b'A' + (number / 26 % 10) as u8]);
        health.observe(0, country, Attempt::Accepted, at(number / 100));
    }
    let size = |health: &mut Health, second| serde_json::to_string(&health.snapshot(at(second))).expect("JSON").len();
    assert!(size(&mut health, 2000) < 260 * 500);
    assert!(size(&mut health, 90_000) < 1000, "countries without traffic are forgotten");
    assert_eq!(["DE", "de", "DEU", ""].map(|code| Country::from(code).to_string()), ["DE", "ZZ", "ZZ", "ZZ"]);
}

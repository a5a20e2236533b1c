//! Budgets, on a clock that is mostly an argument.

use std::sync::Arc;

use futures::FutureExt as _;

use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn budget(most: u32) -> Budget {
    Budget::new("a".to_owned(), most, SECOND, false)
}

#[test]
fn budgets_that_nobody_has_are_forgotten_as_others_are_added() {
    let (budgets, kept) = (Budgets::default(), Arc::new(budget(1)));
    budgets.add(&kept);
    for _ in 0..10_000 {
        budgets.add(&Arc::new(budget(1)));
    }
    assert!(budgets.lock().capacity() <= 16);
    assert!(budgets.list().iter().any(|budget| Arc::ptr_eq(budget, &kept)));
}

#[tokio::test]
async fn turns_come_evenly_spaced_in_order_of_arrival() {
    let (budget, start) = (budget(20), Instant::now());
    let turns = (0..5).map(|_| async { budget.turn(start + 60 * SECOND).await.map(|()| Instant::now()) });
    let turns = futures::future::join_all(turns).await;
    for (number, turn) in (0..).zip(&turns) {
        assert!(*turn.as_ref().expect("in time") >= start + SECOND / 20 * number, "{number}: {turns:?}");
    }
    assert!(turns.is_sorted_by_key(|turn| turn.expect("in time")), "{turns:?}");
}

#[tokio::test]
async fn a_call_whose_turn_would_come_too_late_fails_at_once_and_uses_no_turn() {
    let (budget, now) = (Budget::new("a".to_owned(), 1, 1000 * SECOND, false), Instant::now());
    budget.turn(now + SECOND).now_or_never().expect("the first").expect("in time");
    let mut second = Box::pin(budget.turn(now + 1500 * SECOND));
    assert!((&mut second).now_or_never().is_none());
    for _ in 0..3 {
        let wait = budget.turn(now + 1500 * SECOND).now_or_never().expect("at once").expect_err("too late");
        assert!(wait > 1500 * SECOND && wait <= 2000 * SECOND, "{wait:?}");
    }
    // Who leaves frees the place.
    drop(second);
    assert!(budget.turn(now + 1500 * SECOND).now_or_never().is_none());
}

#[test]
fn no_span_has_more_turns_than_the_budget_however_late_the_takers_are() {
    let (budget, start) = (budget(10), Instant::now());
    let (mut now, mut turns) = (start, Vec::new());
    while turns.len() < 2000 {
        now += Duration::from_millis(if fastrand::u8(..50) == 0 { 700 } else { fastrand::u64(..15) });
        let mut state = budget.lock();
        let due = state.due(SECOND, now).expect("a share").max(state.slot.map_or(now, |slot| slot + SECOND / 10));
        if due <= now {
            state.take(SECOND, now, true);
            turns.push(now);
        }
    }
    assert!(turns.windows(11).all(|eleven| eleven[10] - eleven[0] >= SECOND));
}

#[test]
fn turns_that_need_not_be_spaced_may_come_at_once() {
    let (budget, now) = (budget(3), Instant::now());
    let takes: Vec<_> = (0..4).map(|_| budget.try_turn(now).is_ok()).collect();
    assert_eq!(takes, [true, true, true, false]);
    assert_eq!(budget.try_turn(now + SECOND / 4), Err(SECOND * 3 / 4));
    assert_eq!(budget.try_turn(now + SECOND), Ok(()));
}

#[test]
fn a_share_ends_by_itself_and_what_was_lowered_counts_for_a_span() {
    let (budgets, budget) = (Budgets::default(), Arc::new(budget(10)));
    budgets.share(&Arc::default());
    budgets.add(&budget);
    let now = Instant::now();
    let held = |after: Duration| budget.standing(now + after).map(|standing| standing.held);
    assert_eq!((budget.try_turn(now), held(Duration::ZERO)), (Err(ROUND), Some(0)));
    budget.set_share(10, now, now);
    assert_eq!((budget.try_turn(now), held(SECOND)), (Ok(()), Some(10)));
    budget.set_share(4, now + SECOND, now + SECOND);
    assert_eq!((budget.releases(), held(SECOND * 3 / 2)), (Some(now + 2 * SECOND), Some(10)));
    assert_eq!(held(2 * SECOND), Some(4));
    assert_eq!(budget.try_turn(now + SECOND + VALID), Err(ROUND), "not renewed");
    assert_eq!(held(SECOND + VALID), Some(4));
    assert_eq!(held(2 * SECOND + VALID), Some(0));
}

#[test]
fn demand_is_what_is_asked_for_and_fades() {
    let (wake, budget) = (Arc::default(), budget(100));
    budget.share(&wake);
    let now = Instant::now();
    let wants = |after: u32| budget.standing(now + after * SECOND).map(|standing| standing.wants);
    budget.set_share(10, now, now);
    assert!((0..30).filter(|_| budget.try_turn(now).is_ok()).count() == 10);
    assert_eq!(wants(1), Some(30));
    assert_eq!(wants(2), Some(24));
    assert_eq!(wants(60), Some(0));
    assert!(wake.notified().now_or_never().is_none());
    budget.try_turn(now + 60 * SECOND).expect_err("no share");
    assert!(wake.notified().now_or_never().is_some(), "one is needed soon");
}

#[test]
fn a_budget_that_lapses_is_not_asked_for_without_demand() {
    let (wake, budget) = (Arc::default(), Budget::new("a".to_owned(), 1, 2 * SECOND, true));
    budget.share(&wake);
    let now = Instant::now();
    assert_eq!((budget.standing(now), budget.is_idle(now)), (None, true));
    budget.try_turn(now).expect_err("no share");
    assert_eq!(budget.standing(now), Some(Standing { held: 0, wants: 1 }));
    budget.set_share(1, now, now);
    budget.try_turn(now).expect("a turn");
    assert!(!budget.is_idle(now + VALID));
    assert!(budget.standing(now + 60 * SECOND).is_none() && budget.is_idle(now + 60 * SECOND));
}

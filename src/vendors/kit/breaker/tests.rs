//! The breaker, on a clock that is an argument.

use super::{BreakerState::*, attempt::PROBE_ELSEWHERE, *};
use crate::api::shared::{LEASE, News, SharedBreaker};

const PAUSE: Duration = Duration::from_secs(1);

/// A breaker, and a clock.
fn breaker(failures: u32) -> (Breaker, Instant) {
    let conditions = Arc::default();
    let limits = config::Breaker { failures, pause: PAUSE };
    (Breaker::new("accounts/acme".to_owned(), "https://vendor", limits, conditions), Instant::now())
}

fn permit(breaker: &Breaker, now: Instant) -> Attempt<'_> {
    breaker.admit(now).unwrap_or_else(|_| panic!("permit"))
}

fn fail(breaker: &Breaker, now: Instant, times: u32) {
    (0..times).for_each(|_| permit(breaker, now).failed(now));
}

#[test]
fn consecutive_failures_open_the_breaker_and_an_answer_resets_the_count() {
    let (breaker, now) = breaker(3);
    fail(&breaker, now, 2);
    permit(&breaker, now).succeeded();
    fail(&breaker, now, 2);
    assert_eq!(breaker.state(), Closed);
    fail(&breaker, now, 1);
    assert_eq!(breaker.state(), Open);
    let wait = breaker.admit(now).err().expect("refused");
    assert!(wait >= PAUSE / 2 && wait <= PAUSE, "{wait:?}");
    assert_eq!(breaker.rejects(now), Some(wait));
}

#[test]
fn one_probe_at_a_time_is_permitted_and_its_answer_closes_the_breaker() {
    let (breaker, now) = breaker(1);
    fail(&breaker, now, 1);
    let now = now + PAUSE;
    assert_eq!(breaker.rejects(now), None);
    let probe = permit(&breaker, now);
    assert_eq!(breaker.state(), HalfOpen);
    assert_eq!((breaker.admit(now).err(), breaker.rejects(now)), (Some(PAUSE), Some(PAUSE)));
    probe.succeeded();
    assert_eq!((breaker.state(), breaker.rejects(now)), (Closed, None));
}

#[test]
fn pauses_grow_up_to_a_limit_and_are_reset_when_the_vendor_answers() {
    let (breaker, mut now) = breaker(1);
    let mut longest = PAUSE;
    for _ in 0..8 {
        fail(&breaker, now, 1);
        let wait = breaker.rejects(now).expect("open");
        assert!(wait >= longest / 2 && wait <= longest, "{wait:?} of {longest:?}");
        now += longest;
        longest = BREAKER_LONGEST_PAUSE.min(longest * 2);
    }
    permit(&breaker, now).succeeded();
    fail(&breaker, now, 1);
    assert!(breaker.rejects(now).expect("open") <= PAUSE);
}

#[test]
fn an_abandoned_probe_permits_the_next() {
    let (breaker, now) = breaker(1);
    fail(&breaker, now, 1);
    drop(permit(&breaker, now + PAUSE));
    assert_eq!(breaker.state(), Open);
    permit(&breaker, now + PAUSE).succeeded();
    assert_eq!(breaker.state(), Closed);
}

#[test]
fn attempts_from_before_a_change_of_state_do_not_count() {
    let (breaker, now) = breaker(1);
    let shown = || breaker.conditions.shows(Condition::VendorUnavailable);
    assert_eq!(shown(), None);
    let (late, later, last) = (permit(&breaker, now), permit(&breaker, now), permit(&breaker, now));
    fail(&breaker, now, 1);
    late.succeeded();
    assert_eq!((breaker.state(), shown()), (Open, Some(true)));
    let probe = permit(&breaker, now + PAUSE);
    later.failed(now + PAUSE);
    assert_eq!(breaker.state(), HalfOpen);
    probe.succeeded();
    last.failed(now + PAUSE);
    assert_eq!((breaker.state(), shown()), (Closed, Some(false)));
}

fn news(breaker: &Breaker, now: Instant) -> Option<News> {
    breaker.standing(now).news
}

/// What a round does: what is told is told, and then the others are followed.
fn follow(breaker: &Breaker, lease: Option<Duration>, now: Instant) {
    let era = breaker.standing(now).era;
    breaker.told(era);
    breaker.follow(era, lease, now);
}

#[test]
fn what_a_breaker_saw_itself_is_news_until_it_is_told() {
    let (breaker, now) = breaker(1);
    assert_eq!(news(&breaker, now), None);
    fail(&breaker, now, 1);
    assert!(matches!(news(&breaker, now), Some(News::Rejects(wait)) if Some(wait) == breaker.rejects(now)));
    // A shared state that was read before the failure does not close the breaker.
    breaker.follow(breaker.standing(now).era, None, now);
    assert_eq!(breaker.state(), Open);
    let before = breaker.standing(now).era;
    let probe = permit(&breaker, now + PAUSE);
    assert_eq!(news(&breaker, now), Some(News::Rejects(LEASE)), "a probe is in flight");
    drop(probe);
    breaker.told(before);
    assert_eq!(news(&breaker, now + PAUSE), Some(News::Rejects(Duration::ZERO)), "another one may probe");
    permit(&breaker, now + PAUSE).succeeded();
    assert_eq!(news(&breaker, now), Some(News::Closed));
    breaker.follow(before, Some(PAUSE), now);
    assert_eq!(breaker.state(), Closed, "the lease may have been its own");
    breaker.told(breaker.standing(now).era);
    assert_eq!(news(&breaker, now), None);
}

#[test]
fn a_breaker_is_open_while_another_replica_holds_the_lease_and_closes_when_it_is_gone() {
    let (breaker, now) = breaker(1);
    follow(&breaker, None, now);
    follow(&breaker, Some(Duration::ZERO), now);
    assert_eq!(breaker.state(), Closed, "whoever opened has ended");
    let late = permit(&breaker, now);
    follow(&breaker, Some(4 * PAUSE), now);
    assert_eq!((breaker.rejects(now), news(&breaker, now)), (Some(4 * PAUSE), None));
    assert_eq!(breaker.conditions.shows(Condition::VendorUnavailable), None);
    late.succeeded();
    assert_eq!(breaker.state(), Open);
    follow(&breaker, Some(Duration::ZERO), now);
    // Another one was first to probe.
    assert_eq!(permit(&breaker, now).leave_to_another(now), PROBE_ELSEWHERE);
    assert_eq!((breaker.rejects(now), news(&breaker, now)), (Some(PROBE_ELSEWHERE), None));
    follow(&breaker, None, now);
    assert_eq!((breaker.state(), news(&breaker, now)), (Closed, None));
    assert_eq!(breaker.conditions.shows(Condition::VendorUnavailable), Some(false));
}

#[test]
fn a_breaker_whose_own_probe_fails_opens_again_and_a_disabled_one_follows_nobody() {
    let (open, now) = breaker(5);
    follow(&open, Some(PAUSE), now);
    let probe = permit(&open, now + PAUSE);
    assert!(probe.is_probe());
    probe.failed(now + PAUSE);
    assert!(matches!(news(&open, now + PAUSE), Some(News::Rejects(wait)) if wait > Duration::ZERO));
    let (off, now) = breaker(0);
    follow(&off, Some(PAUSE), now);
    assert_eq!(off.state(), Closed);
}

#[test]
fn a_disabled_breaker_never_opens_and_abandoned_attempts_open_none() {
    let (off, now) = breaker(0);
    fail(&off, now, 100);
    assert_eq!(off.state(), Closed);
    let (breaker, now) = breaker(1);
    drop(permit(&breaker, now));
    assert_eq!(breaker.state(), Closed);
}
